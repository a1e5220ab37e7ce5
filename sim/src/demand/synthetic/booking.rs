//! When somebody books, by the hours of the desk.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use mukae_units::Time;

use super::settings::Desk;
use crate::random::Draw;

impl Desk {
    pub(super) fn is_open(&self, at: Time, zone: &TimeZone) -> bool {
        self.is_always_open() || (self.opens..self.closes).contains(&hour(civil(at, zone)))
    }

    /// Some time before `earliest`. Where that falls between closing and opening, it was done at some moment while the desk
    /// was last open.
    pub(super) fn booked_at(&self, earliest: Time, lead: Draw, moment: Draw, zone: &TimeZone) -> Time {
        let lead = (self.lead_min + lead.exponential(self.lead_mean)).min(self.lead_max);
        let at = earliest - lead;
        if self.is_open(at, zone) {
            return at;
        }
        let wished = civil(at, zone);
        let date = if hour(wished) < self.opens { wished.date().yesterday() } else { Ok(wished.date()) };
        let date = date.expect("service days lie in jiff's range");
        let open_for = u64::from(self.closes.saturating_sub(self.opens).max(1)) * 3600;
        let second = i64::from(self.opens) * 3600 + moment.below(open_for) as i64;
        crate::civil::at(date, second, zone)
    }
}

fn civil(at: Time, zone: &TimeZone) -> DateTime {
    let stamp = Timestamp::from_millisecond(at.as_unix_millis()).expect("times come from civil dates");
    zone.to_datetime(stamp)
}

fn hour(at: DateTime) -> u32 {
    at.hour().unsigned_abs().into()
}
