//! The overlay a planner writes: a TOML file of measures.
//!
//! ```toml
//! [[measure]]
//! note = "landslide"
//! road = "Snaefell Mountain Road"      # by name, by `ways = [OSM ids]`, by `area`, or by several of them
//! area = [[54.26, -4.47], [54.27, -4.46], [54.25, -4.44]]   # latitude, longitude
//! close = true                         # or percent = 150, or kmh_max = 20, or reopen = true
//! from = "2026-11-22T18:00:00+09:00"   # both may be left out
//! until = "2026-11-23T06:00:00+09:00"
//! ```

use jiff::Timestamp;
use mukae_units::{LatLon, Time};
use serde::Deserialize;
use thiserror::Error;

use super::{Area, Effect, Measure, NoSuchRoad, Overlay, Roads};
use crate::graph::RoadGraph;

/// Why an overlay file is not taken; nothing of it then holds.
#[derive(Debug, Error)]
pub enum BrokenOverlay {
    #[error("{file}: {source}")]
    Toml { file: String, source: Box<toml::de::Error> },
    #[error("{file}: measure {number} ({note}): {what}")]
    Measure { file: String, number: usize, note: String, what: String },
    #[error("{file}: measure {number} ({note}): {source}")]
    Road { file: String, number: usize, note: String, source: NoSuchRoad },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    measure: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    note: String,
    #[serde(default)]
    ways: Vec<i64>,
    road: Option<String>,
    area: Option<Vec<[f64; 2]>>,
    #[serde(default)]
    close: bool,
    percent: Option<u32>,
    kmh_max: Option<u32>,
    #[serde(default)]
    reopen: bool,
    from: Option<String>,
    until: Option<String>,
}

/// Reads measures and finds their roads; `file` is the name that errors tell.
pub fn read_overlay(text: &str, file: &str, graph: &RoadGraph) -> Result<Overlay, BrokenOverlay> {
    let entries: File = toml::from_str(text)
        .map_err(|source| BrokenOverlay::Toml { file: file.to_owned(), source: Box::new(source) })?;
    let measures = entries.measure.into_iter().enumerate().map(|(index, entry)| {
        let (number, note) = (index + 1, entry.note.clone());
        let broken = |what| BrokenOverlay::Measure { file: file.to_owned(), number, note: note.clone(), what };
        let effect = entry.effect().map_err(broken)?;
        let (from, until) = entry.period().map_err(broken)?;
        let roads = entry.roads().map_err(broken)?;
        let edges = roads.edges(graph).map_err(|source| BrokenOverlay::Road {
            file: file.to_owned(),
            number,
            note: note.clone(),
            source,
        })?;
        Ok(Measure { note, effect, edges, from, until })
    });
    Ok(Overlay { measures: measures.collect::<Result<_, BrokenOverlay>>()? })
}

impl Entry {
    fn effect(&self) -> Result<Effect, String> {
        let told = [
            self.close.then_some(Effect::Close),
            self.percent.map(Effect::Percent),
            self.kmh_max.map(Effect::KmhMax),
            self.reopen.then_some(Effect::Reopen),
        ];
        let mut told = told.into_iter().flatten();
        match (told.next(), told.next()) {
            (Some(Effect::Percent(percent)), None) if !(1..=10_000).contains(&percent) => {
                Err(format!("percent = {percent} is not within 1 to 10000"))
            }
            (Some(Effect::KmhMax(kmh)), None) if !(1..=200).contains(&kmh) => {
                Err(format!("kmh_max = {kmh} is not within 1 to 200"))
            }
            (Some(effect), None) => Ok(effect),
            _ => Err("it needs exactly one of close = true, percent, kmh_max, reopen = true".to_owned()),
        }
    }

    fn period(&self) -> Result<(Option<Time>, Option<Time>), String> {
        let moment = |key: &str, text: &Option<String>| -> Result<Option<Time>, String> {
            let Some(text) = text else { return Ok(None) };
            let timestamp: Timestamp = text.parse().map_err(|error: jiff::Error| {
                format!("{key} = {text:?} is no time with an offset such as \"2026-11-22T18:00:00+09:00\": {error}")
            })?;
            Ok(Some(Time::from_unix_millis(timestamp.as_millisecond())))
        };
        let (from, until) = (moment("from", &self.from)?, moment("until", &self.until)?);
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            return Err("until is not after from".to_owned());
        }
        Ok((from, until))
    }

    fn roads(&self) -> Result<Roads, String> {
        if self.ways.is_empty() && self.road.is_none() && self.area.is_none() {
            return Err("it needs at least one of ways, road, area".to_owned());
        }
        let area = self.area.as_ref().map(|corners| -> Result<Area, String> {
            let corners = corners.iter().map(|&[lat, lon]| {
                LatLon::from_degrees(lat, lon).map_err(|_| format!("area: [{lat}, {lon}] is no latitude and longitude"))
            });
            let corners = corners.collect::<Result<Vec<LatLon>, String>>()?;
            Area::new(&corners).ok_or_else(|| format!("area has {} corners, not at least 3", corners.len()))
        });
        Ok(Roads { ways: self.ways.clone(), name: self.road.clone(), area: area.transpose()? })
    }
}
