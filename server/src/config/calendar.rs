//! Regular work on real days: civil times of the area become instants, also where clocks change.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use mukae_units::{Time, TimeWindow};

use super::{Config, ShiftConfig};
use crate::names::ShiftName;

/// Days of the week, as bits from Monday on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Days(u8);

/// A shift on its day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedShift<'c> {
    /// Made of the day and the time it starts, so that a day is planned once however often it is tried.
    pub name: ShiftName,
    pub window: TimeWindow,
    pub config: &'c ShiftConfig,
}

impl Days {
    pub const DAILY: Days = Days(0b111_1111);

    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    pub(super) fn parse(words: &[&str]) -> Option<Days> {
        let mut days = Days(0);
        for word in words {
            match *word {
                "daily" => days = Days::DAILY,
                word => days.0 |= 1 << Days::NAMES.iter().position(|name| *name == word)?,
            }
        }
        (days.0 != 0).then_some(days)
    }

    pub fn contains(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }
}

/// The shifts that begin on `date`, in the order of the configuration.
///
/// A time that the clocks skip is as much later, one that they show twice is the first of the two.
/// A shift whose end would not come after its start on such a day is left out.
pub fn shifts_on(config: &Config, date: Date) -> impl Iterator<Item = PlannedShift<'_>> {
    let zone = &config.area.time_zone;
    config.shifts.iter().filter(move |shift| shift.days.contains(date.weekday())).filter_map(move |shift| {
        let end_date = if shift.start < shift.end { date } else { date.tomorrow().ok()? };
        let start = instant(date.to_datetime(shift.start).to_zoned(zone.clone()).ok()?.timestamp());
        let end = instant(end_date.to_datetime(shift.end).to_zoned(zone.clone()).ok()?.timestamp());
        let window = TimeWindow::new(start, end).ok().filter(|window| window.earliest() < window.latest())?;
        let day = format!("s-{:04}{:02}{:02}", date.year(), date.month(), date.day());
        let name = format!("{day}-{:02}{:02}", shift.start.hour(), shift.start.minute());
        let name = ShiftName { vehicle: shift.vehicle.clone(), shift: name };
        Some(PlannedShift { name, window, config: shift })
    })
}

/// The date in the zone at that instant.
pub fn civil_date(zone: &TimeZone, at: Time) -> Date {
    timestamp(at).to_zoned(zone.clone()).date()
}

/// When the next civil day begins in the zone.
pub fn next_midnight(zone: &TimeZone, after: Time) -> Time {
    let zoned = timestamp(after).to_zoned(zone.clone());
    let tomorrow = zoned.checked_add(1.day()).and_then(|tomorrow| tomorrow.start_of_day());
    tomorrow.map_or(after + mukae_units::Span::DAY, |tomorrow| instant(tomorrow.timestamp()))
}

/// Times of the engine lie well inside the years that `jiff` knows; what does not is the year 1970.
fn timestamp(time: Time) -> Timestamp {
    Timestamp::from_millisecond(time.as_unix_millis()).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn instant(timestamp: Timestamp) -> Time {
    Time::from_unix_millis(timestamp.as_millisecond())
}
