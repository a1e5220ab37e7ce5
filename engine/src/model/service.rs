//! A service: booking rules under a name, its days, and between which zones it carries.
//!
//! Hours, holidays and deadlines are civil ("17:00 on the day before"), and civil time ends at the
//! edge: what comes here is a list of days in instants.

use mukae_units::{ServiceId, Span, Time, TimeWindow, Zones};
use smallvec::{SmallVec, smallvec};

use crate::model::{Binding, Constraint, ServicePolicy, Suspension, Tariff};

/// A set of booking rules under a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Service {
    pub id: ServiceId,
    /// What the world calls it; carried, and compared only to keep names apart.
    pub name: String,
    pub policy: ServicePolicy,
    /// When it picks up, in any order; empty: at any time.
    pub days: Vec<ServiceDay>,
    /// From where to where it carries, one of them; empty: from anywhere to anywhere.
    pub zones: Vec<ZonePair>,
    /// `None`: nobody is told a fare.
    pub tariff: Option<Tariff>,
    /// `None`: who does not come may come again.
    pub suspension: Option<Suspension>,
}

/// Hours of one day, or a part of it, and when one can ask for them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ServiceDay {
    /// Boarding begins inside it.
    pub pickups: TimeWindow,
    /// Asked for no earlier,
    pub bookable_from: Time,
    /// and no later, both included.
    pub bookable_until: Time,
}

/// Rides from one of these zones to one of those; an empty side is anywhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ZonePair {
    pub from: Zones,
    pub to: Zones,
}

/// A part of what a rider asks for that lies inside the hours and can be asked for now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenHours {
    /// Where the wish and the hours overlap.
    pub pickup: TimeWindow,
    /// The end of the hours.
    pub pickup_max: Option<Time>,
    /// Until when it can be asked for.
    pub bookable_until: Option<Time>,
}

impl ZonePair {
    fn carries(&self, from: Zones, to: Zones) -> bool {
        let is_in = |zones: Zones, place: Zones| zones.is_empty() || zones.meets(place);
        is_in(self.from, from) && is_in(self.to, to)
    }
}

impl Service {
    /// Whether it carries between places that lie in these zones.
    pub fn carries(&self, from: Zones, to: Zones) -> bool {
        self.zones.is_empty() || self.zones.iter().any(|pair| pair.carries(from, to))
    }

    /// The parts of `wanted` that can be asked for at `now`, the earliest first; or what forbids it,
    /// and by how much. Never an empty list.
    pub fn open_hours(&self, now: Time, wanted: TimeWindow) -> Result<SmallVec<[OpenHours; 1]>, Binding> {
        if self.days.is_empty() {
            return Ok(smallvec![OpenHours { pickup: wanted, pickup_max: None, bookable_until: None }]);
        }
        let mut open: SmallVec<[OpenHours; 1]> = SmallVec::new();
        // the rules that forbid, each with the least by which a day missed it
        let (mut outside, mut late, mut early) = (None, None, None);
        let least = |known: &mut Option<Span>, by: Span| *known = Some(known.map_or(by, |known| known.min(by)));
        for day in &self.days {
            let earliest = wanted.earliest().max(day.pickups.earliest());
            let latest = wanted.latest().min(day.pickups.latest());
            match TimeWindow::new(earliest, latest) {
                Err(apart) => least(&mut outside, apart.earliest - apart.latest),
                Ok(_) if day.bookable_until < now => least(&mut late, now - day.bookable_until),
                Ok(_) if now < day.bookable_from => least(&mut early, day.bookable_from - now),
                Ok(pickup) => open.push(OpenHours {
                    pickup,
                    pickup_max: Some(day.pickups.latest()),
                    bookable_until: Some(day.bookable_until),
                }),
            }
        }
        if open.is_empty() {
            let rules = [
                (Constraint::BookingDeadline, late),
                (Constraint::BookingNotOpen, early),
                (Constraint::OutsideHours, outside),
            ];
            let (constraint, shortfall) =
                rules.into_iter().find(|(_, by)| by.is_some()).expect("a day that is not open misses by something");
            return Err(Binding { constraint, shortfall });
        }
        open.sort_by_key(|hours| (hours.pickup.earliest(), hours.pickup.latest()));
        Ok(open)
    }
}

#[cfg(test)]
mod tests;
