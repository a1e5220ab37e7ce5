//! Standing bookings: rides on certain days of every week, and what became of their dates.
//!
//! The office knows the rule and what was tried; which instants a date has, the shell knows, which has the zone.

use std::collections::BTreeMap;

use mukae_engine::model::{Channel, Refusal, Spot};
use mukae_record::codec;
use mukae_record::codec::{Decode, DecodeError, Encode, Reader, Writer};
use mukae_units::{BookingId, Features, RiderId, Seats, ServiceId, Span, Time};

numbered! {
    /// One standing booking.
    StandingId
}

/// A civil date of the area, counted in days from the first of January 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(pub u32);

impl Day {
    /// The date in UTC at that instant, which is at most a day off anywhere.
    pub fn about(at: Time) -> Day {
        Day(u32::try_from(at.as_unix_millis() / Span::DAY.as_millis()).unwrap_or(0))
    }
}

impl Encode for Day {
    fn encode(&self, writer: &mut Writer) {
        self.0.encode(writer);
    }
}

impl Decode for Day {
    fn decode(reader: &mut Reader<'_>) -> Result<Day, DecodeError> {
        Decode::decode(reader).map(Day)
    }
}

/// One of the two rides of a date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Leg {
    Outbound,
    Inbound,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    pub id: StandingId,
    pub service: ServiceId,
    pub rider: Option<RiderId>,
    pub channel: Channel,
    pub party: Seats,
    pub needs: Features,
    pub outbound: StandingRide,
    pub inbound: Option<StandingRide>,
    /// Both rides of a date or neither.
    pub stands_together: bool,
    /// Bits from Monday on.
    pub weekdays: u8,
    pub from: Day,
    /// The last date; `None` without an end.
    pub until: Option<Day>,
    pub exceptions: BTreeMap<Day, Exception>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StandingRide {
    pub from: Spot,
    pub to: Spot,
    /// The time is that of the dropoff, else of the pickup.
    pub is_arrival: bool,
    /// Minutes after midnight, by the clocks of the area.
    pub minute: u16,
}

/// A date on which it is otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Exception {
    pub is_skipped: bool,
    pub outbound: Option<u16>,
    pub inbound: Option<u16>,
}

/// What became of a date so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DateTried {
    /// What was booked for it, whatever became of that.
    pub bookings: BTreeMap<Leg, BookingId>,
    /// Why what is missing could not be booked the last time.
    pub refusals: Vec<Refusal>,
    pub tries: u32,
    pub tried: Time,
    /// It was tried under the rule that holds now.
    pub is_of_rule: bool,
}

/// A standing booking as the office keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StandingNote {
    pub rule: Standing,
    pub created: Time,
    pub dates: BTreeMap<Day, DateTried>,
}

impl Standing {
    /// True if the rule has a ride on that date. 1970 began on a Thursday.
    pub fn has(&self, day: Day) -> bool {
        let weekday = (day.0 + 3) % 7;
        let is_skipped = self.exceptions.get(&day).is_some_and(|exception| exception.is_skipped);
        let is_inside = self.from <= day && self.until.is_none_or(|until| day <= until);
        is_inside && !is_skipped && self.weekdays & (1 << weekday) != 0
    }

    /// The rides of a date that the rule has, each with its minute on that date.
    pub fn rides_on(&self, day: Day) -> impl Iterator<Item = (Leg, &StandingRide, u16)> {
        let exception = self.exceptions.get(&day).copied().unwrap_or_default();
        let outbound = (Leg::Outbound, &self.outbound, exception.outbound.unwrap_or(self.outbound.minute));
        let inbound =
            self.inbound.iter().map(move |ride| (Leg::Inbound, ride, exception.inbound.unwrap_or(ride.minute)));
        std::iter::once(outbound).chain(inbound).filter(move |_| self.has(day))
    }
}

impl DateTried {
    fn never() -> DateTried {
        let tried = Time::from_unix_millis(0);
        DateTried { bookings: BTreeMap::new(), refusals: Vec::new(), tries: 0, tried, is_of_rule: true }
    }
}

impl StandingNote {
    /// Notes a try for these rides of a date: what became of each, or refusals alone where none was booked.
    pub(crate) fn note_try(&mut self, at: Time, day: Day, legs: &[Leg], rides: &[Result<BookingId, Refusal>]) {
        let date = self.dates.entry(day).or_insert_with(DateTried::never);
        date.tries += 1;
        date.tried = at;
        date.is_of_rule = true;
        date.refusals = rides.iter().filter_map(|ride| ride.clone().err()).collect();
        if rides.len() == legs.len() {
            for (&leg, ride) in legs.iter().zip(rides) {
                if let Ok(booking) = ride {
                    date.bookings.insert(leg, *booking);
                }
            }
        }
    }

    /// Nothing is left of it that anybody would ask for.
    pub(crate) fn is_over(&self, limit: Day) -> bool {
        self.rule.until.is_some_and(|until| until < limit)
            && self.dates.last_key_value().is_none_or(|(&last, _)| last < limit)
            && Day::about(self.created) < limit
    }
}

codec! {
    struct Standing {
        id, service, rider, channel, party, needs, outbound, inbound, stands_together, weekdays, from, until, exceptions,
    }
    struct StandingRide { from, to, is_arrival, minute }
    struct Exception { is_skipped, outbound, inbound }
    struct DateTried { bookings, refusals, tries, tried, is_of_rule }
    struct StandingNote { rule, created, dates }
}

codec! {
    enum Leg {
        0 Outbound,
        1 Inbound,
    }
}
