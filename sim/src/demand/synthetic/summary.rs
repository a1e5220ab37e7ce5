//! What days of demand look like, in a few lines.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use mukae_units::LatLon;

use super::town::Town;
use crate::demand::RequestRow;

/// Counts over all rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    pub requests: usize,
    /// By purpose, the most frequent first.
    pub purposes: Vec<(String, usize)>,
    /// By the hour in which the wished window begins.
    pub hours: [usize; 24],
    /// Rides to and from each place, the most frequent first.
    pub places: Vec<(String, usize)>,
}

/// So many places are shown.
const PLACES_SHOWN: usize = 10;

impl Summary {
    pub fn of(rows: &[RequestRow], town: &Town, zone: &TimeZone) -> Summary {
        let names: BTreeMap<LatLon, String> = town
            .places
            .iter()
            .map(|place| {
                let name = if place.name.is_empty() { "(no name)" } else { &place.name };
                (place.at, format!("{name}, {}, {}", place.kind.name(), place.at))
            })
            .collect();
        let (mut purposes, mut places) = (BTreeMap::new(), BTreeMap::new());
        let mut hours = [0; 24];
        for row in rows {
            *purposes.entry(row.purpose.clone()).or_insert(0) += 1;
            let stamp = Timestamp::from_millisecond(row.window.earliest().as_unix_millis());
            let hour = zone.to_datetime(stamp.expect("times come from civil dates")).hour();
            hours[usize::from(hour.unsigned_abs())] += 1;
            for name in [row.from, row.to].iter().filter_map(|end| names.get(end)) {
                *places.entry(name.clone()).or_insert(0) += 1;
            }
        }
        Summary { requests: rows.len(), purposes: most_first(purposes), hours, places: most_first(places) }
    }
}

fn most_first(counts: BTreeMap<String, usize>) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |count: usize| 100 * count / self.requests.max(1);
        writeln!(f, "by purpose")?;
        for (purpose, count) in &self.purposes {
            writeln!(f, "  {count:>6} {:>3} %  {purpose}", percent(*count))?;
        }
        writeln!(f, "by hour in which the wished window begins")?;
        for (hour, count) in self.hours.iter().enumerate().filter(|(_, count)| 0 < **count) {
            writeln!(f, "  {count:>6} {:>3} %  {hour:02}:00", percent(*count))?;
        }
        writeln!(f, "to and from places, the most frequent of {}", self.places.len())?;
        for (place, count) in self.places.iter().take(PLACES_SHOWN) {
            writeln!(f, "  {count:>6} {:>3} %  {place}", percent(*count))?;
        }
        Ok(())
    }
}
