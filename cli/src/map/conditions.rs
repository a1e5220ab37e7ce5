//! Under which conditions one drives: at what hour, in how much snow, past which closures.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, civil};
use mukae_maps::hierarchy::TOO_FAR;
use mukae_maps::metric::SNOW_MAX;
use mukae_maps::overlay::{Overlay, read_overlay};
use mukae_maps::{
    BASE_METRIC, CivilMinute, Customized, EdgeId, HierarchyQuery, LABEL_BYTES_MAX, MetricId, PreparedMap, RoadMetric,
    RoadQuery, Tree,
};
use mukae_units::{Time, TravelTime};
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
#[group(id = "conditions")]
pub(super) struct Args {
    /// Driving times of this metric of the map; `map info` lists them
    #[arg(long, value_name = "NAME", conflicts_with = "snow")]
    metric: Option<String>,
    /// When, by the clock of the town: 2026-11-22T08:00; chooses the metric. With --overlay it needs its offset:
    /// 2026-11-22T08:00+09:00
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Moment>,
    /// How much snow there is, as the profile's metrics count it; 0 is none
    #[arg(long, value_name = "CLASS", requires = "at", value_parser = clap::value_parser!(u8).range(0..=i64::from(SNOW_MAX)))]
    snow: Option<u8>,
    /// A file of closures and slow roads (docs/overlay.md); those that hold at --at, or else now
    #[arg(long, value_name = "FILE")]
    overlay: Option<PathBuf>,
}

/// A time as it was typed: by a clock, and if the offset was typed, too, a moment.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    text: String,
    civil: civil::DateTime,
    offset: Option<Offset>,
}

/// The weights that these conditions come to, and how to tell them.
pub(super) struct Conditions {
    metric: String,
    at: Option<String>,
    snow: Option<u8>,
    overlay: Option<Held>,
    /// `None` if they are the map's own.
    weights: Option<Vec<TravelTime>>,
}

/// What an overlay does at a moment.
struct Held {
    file: String,
    at: Timestamp,
    /// The same by the clock it was typed by, or else this machine's.
    clock: String,
    measures: usize,
    /// The numbers of the measures that hold, from 1.
    holding: Vec<usize>,
}

/// `2026-11-22T08:00`, with or without an offset such as `+09:00`.
pub(super) fn moment(text: &str) -> Result<Moment, String> {
    let wrong = || format!("`{text}` is no time; one is like 2026-11-22T08:00 or 2026-11-22T08:00+09:00");
    let pieces = Pieces::parse(text).map_err(|_| wrong())?;
    if pieces.time_zone_annotation().is_some() {
        return Err(wrong());
    }
    let civil = pieces.date().to_datetime(pieces.time().ok_or_else(wrong)?);
    Ok(Moment { text: text.to_owned(), civil, offset: pieces.to_numeric_offset() })
}

impl Moment {
    fn minute(&self) -> CivilMinute {
        let weekday = self.civil.weekday().to_monday_zero_offset().unsigned_abs();
        let [hour, minute] = [self.civil.hour(), self.civil.minute()].map(|part| u16::from(part.unsigned_abs()));
        CivilMinute { weekday, minute: hour * 60 + minute }
    }

    /// The moment, and the zone in which to tell moments beside it.
    pub(super) fn moment(&self) -> anyhow::Result<(Timestamp, TimeZone)> {
        let text = &self.text;
        let offset = self.offset.ok_or_else(|| {
            anyhow!(
                "--at {text}: the measures of an overlay hold at moments, so the time needs its offset, \
                 such as {text}+09:00"
            )
        })?;
        let at = offset.to_timestamp(self.civil).with_context(|| format!("--at {text}"))?;
        Ok((at, TimeZone::fixed(offset)))
    }
}

/// The moment asked for, or else this one, told by the clock of this machine.
pub(super) fn moment_or_now(at: Option<&Moment>) -> anyhow::Result<(Timestamp, TimeZone)> {
    at.map_or_else(|| Ok((Timestamp::now(), TimeZone::system())), Moment::moment)
}

/// `2026-11-22 08:00:00 +09:00`
pub(super) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// The same moment as the engine's rooms have it.
pub(super) fn time(at: Timestamp) -> Time {
    Time::from_unix_millis(at.as_millisecond())
}

pub(super) fn open_overlay(map: &PreparedMap, file: &Path) -> anyhow::Result<Overlay> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    Ok(read_overlay(&text, &name, map.graph())?)
}

impl Args {
    pub(super) fn conditions(&self, map: &PreparedMap) -> anyhow::Result<Conditions> {
        let (graph, index) = (map.graph(), self.metric(map)?);
        let metric = map.metrics().metrics()[index].name.clone();
        let own = map.metrics().weights(index, graph);
        let (overlay, weights) = match &self.overlay {
            None => (None, (0 < index).then(|| own.to_vec())),
            Some(path) => {
                let (at, zone) = moment_or_now(self.at.as_ref())?;
                let overlay = open_overlay(map, path)?;
                let now = time(at);
                let numbered = overlay.measures.iter().zip(1..);
                let holding = numbered.filter(|(measure, _)| measure.holds_at(now)).map(|(_, number)| number).collect();
                let file = path.display().to_string();
                let held = Held { file, at, clock: clock(at, &zone), measures: overlay.measures.len(), holding };
                (Some(held), Some(overlay.weights_at(graph, own, now)))
            }
        };
        let at = self.at.as_ref().map(|at| at.text.clone());
        Ok(Conditions { metric, at, snow: self.snow, overlay, weights })
    }

    /// The index of the metric asked for, or of the one that holds.
    fn metric(&self, map: &PreparedMap) -> anyhow::Result<usize> {
        let metrics = map.metrics();
        if let Some(name) = &self.metric {
            let found = metrics.metrics().iter().position(|metric| metric.name == *name);
            return found.with_context(|| {
                let known: Vec<&str> = metrics.metrics().iter().map(|metric| metric.name.as_str()).collect();
                format!("--metric {name}: the map has no metric of this name; it has: {}", known.join(", "))
            });
        }
        Ok(self.at.as_ref().map_or(0, |at| metrics.at(at.minute(), self.snow.unwrap_or(0))))
    }
}

impl Conditions {
    /// For few questions.
    pub(super) fn search(&self, map: &PreparedMap) -> HierarchyQuery {
        let Some(weights) = &self.weights else { return map.search() };
        HierarchyQuery::new(Arc::clone(map.graph()), customize(map, weights))
    }

    /// For many.
    pub(super) fn query(&self, map: &PreparedMap) -> RoadQuery {
        let Some(weights) = &self.weights else { return map.query() };
        let tree = Arc::new(Tree::new(map.hierarchy()));
        let metric = RoadMetric::new(customize(map, weights), &tree, LABEL_BYTES_MAX);
        RoadQuery::new(Arc::clone(map.graph()), Arc::new(metric))
    }

    /// True if nobody may drive in.
    pub(super) fn is_closed(&self, edge: EdgeId) -> bool {
        self.weights.as_ref().is_some_and(|weights| weights[edge.0 as usize] == TOO_FAR)
    }

    /// `metric base`, and what of an overlay holds.
    pub(super) fn text(&self) -> String {
        let overlay = self.overlay.as_ref().map_or(String::new(), |held| {
            let [file, measures, holding] =
                [held.file.clone(), held.measures.to_string(), held.holding.len().to_string()];
            format!("; {file}: {holding} of {measures} measures hold at {}", held.clock)
        });
        format!("metric {}{overlay}", self.metric)
    }

    pub(super) fn json(&self) -> Value {
        let overlay = self.overlay.as_ref().map(|held| {
            json!({
                "file": held.file,
                "at": held.at.to_string(),
                "measures": held.measures,
                "holding": held.holding,
            })
        });
        json!({"metric": self.metric, "at": self.at, "snow": self.snow, "overlay": overlay})
    }
}

fn customize(map: &PreparedMap, weights: &[TravelTime]) -> Arc<Customized> {
    Arc::new(map.hierarchy().customize(weights, MetricId(BASE_METRIC.0 + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_by_a_clock_and_with_its_offset_a_moment() {
        let civil = moment("2026-11-22T08:05").unwrap();
        assert_eq!(civil.minute(), CivilMinute { weekday: 6, minute: 485 });
        assert!(civil.moment().unwrap_err().to_string().contains("such as 2026-11-22T08:05+09:00"));
        for text in ["2026-11-22T08:05+09:00", "2026-11-22 08:05:00+09"] {
            let there = moment(text).unwrap();
            assert_eq!(there.minute(), civil.minute(), "by the clock there");
            assert_eq!(there.moment().unwrap().0.to_string(), "2026-11-21T23:05:00Z");
        }
        for wrong in ["", "08:00", "2026-11-22", "2026-02-30T08:00", "tomorrow", "2026-11-22T08:00[Asia/Tokyo]"] {
            assert!(moment(wrong).unwrap_err().contains("2026-11-22T08:00+09:00"), "{wrong}");
        }
    }
}
