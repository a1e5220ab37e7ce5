//! What was set up over the interface, where the dispatcher's own state does not say it all: rules of services, trips that
//! were declared for many days, vehicles out of service.
//!
//! Rules and trips are kept as the interface told them, in its encoding, which is not read here. What follows from them
//! for the dispatcher is told to it in its own commands, at once and again at each start.

use std::collections::{BTreeMap, BTreeSet};

use mukae_record::codec;
use mukae_units::{Time, VehicleId};

/// Rules of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RulesSet {
    /// `tenants/{tenant}/services/{service}`.
    pub service: String,
    pub content: Vec<u8>,
}

/// A declared trip as it is from now on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TripSet {
    /// `tenants/{tenant}/declaredTrips/{trip}`.
    pub trip: String,
    /// All of it, in place of what was told before.
    pub parts: Vec<TripPart>,
    /// Days that were planned otherwise: what was planned is closed, and planned anew if it still happens.
    pub replanned: Vec<u32>,
}

/// The rules of a service, and when they were set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    pub set: Time,
    pub content: Vec<u8>,
}

/// A declared trip.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trip {
    /// In the order in which they were declared, from 1.
    pub number: u64,
    pub declared: Time,
    pub changed: Time,
    /// How often it was told.
    pub version: u64,
    /// By the day from which they hold; each up to the next one. Those that are long over are forgotten.
    pub parts: Vec<TripPart>,
    /// How often a day was planned otherwise before.
    pub replanned: BTreeMap<u32, u32>,
}

/// A declared trip from a day on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TripPart {
    /// Days since the beginning of 1970.
    pub from: u32,
    /// Empty: from then on it does not happen.
    pub content: Vec<u8>,
}

/// All that was set up.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Setup {
    /// All the rules that each has had, the oldest first; never empty.
    services: BTreeMap<String, Vec<Rules>>,
    trips: BTreeMap<String, Trip>,
    retired: BTreeSet<VehicleId>,
}

codec! {
    struct RulesSet { service, content }
    struct TripSet { trip, parts, replanned }
    struct Rules { set, content }
    struct Trip { number, declared, changed, version, parts, replanned }
    struct TripPart { from, content }
    struct Setup { services, trips, retired }
}

/// Days that are over for so long matter to nothing that is planned.
const DAYS_KEPT: u32 = 8;

impl Setup {
    pub(crate) fn set_rules(&mut self, at: Time, told: &RulesSet) {
        let rules = Rules { set: at, content: told.content.clone() };
        self.services.entry(told.service.clone()).or_default().push(rules);
    }

    pub(crate) fn set_trip(&mut self, at: Time, told: &TripSet) {
        let number = self.trips.len() as u64 + 1;
        let trip = self.trips.entry(told.trip.clone()).or_insert_with(|| Trip {
            number,
            declared: at,
            changed: at,
            version: 0,
            parts: Vec::new(),
            replanned: BTreeMap::new(),
        });
        trip.changed = at;
        trip.version += 1;
        trip.parts.clone_from(&told.parts);
        for day in &told.replanned {
            *trip.replanned.entry(*day).or_default() += 1;
        }
        let today = u32::try_from(at.as_unix_millis() / 86_400_000).unwrap_or(0);
        let oldest = today.saturating_sub(DAYS_KEPT);
        trip.replanned.retain(|day, _| oldest <= *day);
        let over = trip.parts.iter().skip(1).take_while(|next| next.from < oldest).count();
        trip.parts.drain(..over);
    }

    pub(crate) fn retire(&mut self, vehicle: VehicleId) {
        self.retired.insert(vehicle);
    }

    pub fn services(&self) -> &BTreeMap<String, Vec<Rules>> {
        &self.services
    }

    pub fn trips(&self) -> &BTreeMap<String, Trip> {
        &self.trips
    }

    pub fn is_retired(&self, vehicle: VehicleId) -> bool {
        self.retired.contains(&vehicle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(parts: &[(u32, &str)], replanned: &[u32]) -> TripSet {
        let part = |&(from, content): &(u32, &str)| TripPart { from, content: content.as_bytes().to_vec() };
        TripSet { trip: "t".to_owned(), parts: parts.iter().map(part).collect(), replanned: replanned.to_vec() }
    }

    #[test]
    fn what_is_over_for_long_is_forgotten() {
        let at = |day: i64| Time::from_unix_secs(day * 86_400);
        let mut setup = Setup::default();
        setup.set_trip(at(100), &told(&[(100, "a")], &[]));
        setup.set_trip(at(101), &told(&[(100, "a"), (105, "b")], &[111, 112]));
        setup.set_trip(at(102), &told(&[(100, "a"), (105, "b"), (130, "")], &[111]));
        assert_eq!(setup.trips["t"].parts.len(), 3);
        assert_eq!(setup.trips["t"].replanned, BTreeMap::from([(111, 2), (112, 1)]));
        assert_eq!((setup.trips["t"].version, setup.trips["t"].number), (3, 1));
        setup.set_trip(at(120), &told(&[(100, "a"), (105, "b"), (130, "")], &[]));
        let from: Vec<u32> = setup.trips["t"].parts.iter().map(|part| part.from).collect();
        assert_eq!(from, [105, 130], "up to the 105th day it was otherwise, and that is over");
        assert_eq!(setup.trips["t"].replanned, BTreeMap::from([(112, 1)]));
    }
}
