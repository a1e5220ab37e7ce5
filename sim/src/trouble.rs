//! Roads that are closed or slow and days of snow, as a live area has them: measures that the office orders, and of which the
//! dispatcher is told when they begin and when they end.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_maps::overlay::{Effect, Measure};
use mukae_maps::{EdgeId, MetricId, PreparedMap};
use mukae_office::{Fact, MeasureId, RoadMeasure, ToldRoads};
use mukae_units::Time;

use crate::civil::{day_number, midnight};
use crate::past::Told;
use crate::random::{Luck, Purpose};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trouble {
    /// A file of measures (`docs/overlay.md`).
    pub roads: Option<PathBuf>,
    /// Of several that come to a day, the first holds.
    pub snow: Vec<Snow>,
}

/// Days on which every drive takes longer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snow {
    /// So many percent of what it takes otherwise.
    pub percent: u32,
    pub when: When,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum When {
    /// So many thousandths of all days, each by a draw of its own.
    Share(u32),
    Days(RangeInclusive<Date>),
}

impl Trouble {
    /// True if replications meet different days.
    pub fn is_drawn(&self) -> bool {
        self.snow.iter().any(|snow| matches!(snow.when, When::Share(share) if 0 < share && share < 1000))
    }

    /// The measures of these dates, `closures` before those of snow.
    pub fn measures(
        &self,
        closures: &[Measure],
        map: &PreparedMap,
        dates: &[Date],
        zone: &TimeZone,
        luck: Luck,
    ) -> Vec<Measure> {
        let mut measures = closures.to_vec();
        let percents: Vec<Option<u32>> = dates.iter().map(|&date| self.percent_on(date, luck)).collect();
        let mut first = 0;
        while first < dates.len() {
            let length = percents[first..].iter().take_while(|&&percent| percent == percents[first]).count();
            if let Some(percent) = percents[first] {
                let until = dates[first + length - 1].tomorrow().expect("dates of a run have one after them");
                measures.push(Measure {
                    note: "snow".to_owned(),
                    effect: Effect::Percent(percent),
                    edges: (0..map.graph().edge_count() as u32).map(EdgeId).collect(),
                    from: Some(midnight(dates[first], zone)),
                    until: Some(midnight(until, zone)),
                });
            }
            first += length;
        }
        measures
    }

    fn percent_on(&self, date: Date, luck: Luck) -> Option<u32> {
        let day = day_number(date);
        let snows = |(class, snow): &(usize, &Snow)| match &snow.when {
            When::Days(days) => days.contains(&date),
            When::Share(share) => luck.draw(day, Purpose::Snow, *class as u32).happens(*share),
        };
        self.snow.iter().enumerate().find(snows).map(|(_, snow)| snow.percent)
    }
}

/// What is told of measures in a run from one moment to another: all that may hold in it at its start, and at each change
/// that the roads have changed.
pub(crate) fn told(measures: &[Measure], map: &PreparedMap, (start, end): (Time, Time)) -> Vec<Told> {
    let matters = |measure: &&Measure| {
        measure.until.is_none_or(|until| start < until) && measure.from.is_none_or(|from| from < end)
    };
    let mut told = Vec::new();
    let mut changes = BTreeSet::new();
    for (number, measure) in measures.iter().filter(matters).enumerate() {
        let id = MeasureId(number as u64 + 1);
        changes.insert(measure.from.unwrap_or(start).max(start));
        changes.extend(measure.until.filter(|&until| until < end));
        let ordered = RoadMeasure { id, measure: measure.clone(), told: ToldRoads::default() };
        told.push(Told { at: start, command: Fact::MeasureOrdered(ordered).into_command() });
    }
    let base = map.base_metric().metric().0;
    for (at, number) in changes.into_iter().zip(1..) {
        told.push(Told { at, command: Command::RoadsChanged { metric: MetricId(base + number) } });
    }
    told
}
