//! What vehicles hold and can do, as the file says it.

use std::collections::BTreeSet;

use mukae_engine::answer::CAPACITY_MAX;
use mukae_units::{Capacity, ID_SET_MAX, SeatKind, Seats, Substitutions};
use toml::Spanned;

use super::check::Check;
use super::raw::{RawMayUse, RawPlaces};
use super::{ShiftConfig, VehicleConfig};
use crate::names::is_id;

/// The keys of the kinds, in their order.
const KINDS: [(&str, SeatKind); SeatKind::COUNT] = [
    ("seats", SeatKind::Seat),
    ("wheelchairs", SeatKind::Wheelchair),
    ("child_seats", SeatKind::ChildSeat),
    ("luggage", SeatKind::Luggage),
    ("stretchers", SeatKind::Stretcher),
];

impl Check<'_> {
    pub(super) fn capacity(
        &mut self,
        vehicle: &str,
        line: usize,
        first: RawPlaces,
        others: Vec<Spanned<RawPlaces>>,
        may_use: RawMayUse,
    ) -> Capacity {
        let first = self.places(first, Seats::NONE);
        let mut configurations = vec![first];
        for other in others {
            let line = self.line(other.span().start);
            let places = self.places(other.into_inner(), first);
            if configurations.contains(&places) {
                self.note(line, format!("a configuration of vehicle {vehicle:?} is there twice: {places}"));
            }
            configurations.push(places);
        }
        if configurations.iter().all(Seats::is_empty) {
            self.note(line, format!("vehicle {vehicle:?} has no places; give it `seats` or `wheelchairs`"));
        }
        let capacity =
            Capacity::new(configurations, self.substitutions(may_use)).expect("the first configuration is there");
        for (key, kind) in KINDS {
            let most = capacity.most(kind);
            if u32::from(CAPACITY_MAX) < most {
                let what = format!("has {most} places for `{key}`, those of other kinds included");
                self.note(line, format!("vehicle {vehicle:?} {what}; at most {CAPACITY_MAX} are allowed"));
            }
        }
        capacity
    }

    /// What is left out is as in `usual`.
    fn places(&mut self, raw: RawPlaces, usual: Seats) -> Seats {
        let counts = [raw.seats, raw.wheelchairs, raw.child_seats, raw.luggage, raw.stretchers];
        KINDS.into_iter().zip(counts).fold(Seats::NONE, |places, ((key, kind), count)| {
            let count = self.number(key, count, 0, i64::from(CAPACITY_MAX), i64::from(usual.of(kind)));
            places.with(kind, count as u8)
        })
    }

    fn substitutions(&mut self, raw: RawMayUse) -> Substitutions {
        let rules = [raw.seats, raw.wheelchairs, raw.child_seats, raw.luggage, raw.stretchers];
        let mut substitutions = Substitutions::NONE;
        for ((_, kind), places) in KINDS.into_iter().zip(rules) {
            for place in places {
                match KINDS.iter().find(|(key, _)| key == place.as_ref()) {
                    Some(&(_, place)) => substitutions = substitutions.and(kind, place),
                    None => {
                        let known = KINDS.map(|(key, _)| key).join(", ");
                        self.wrong(&place, format!("{:?} is no kind of place; there are: {known}", place.as_ref()));
                    }
                }
            }
        }
        substitutions
    }

    pub(super) fn features(&mut self, raw: Vec<Spanned<String>>) -> BTreeSet<String> {
        for feature in &raw {
            if !is_id(feature.as_ref()) {
                let what = "name a feature with 1 to 63 of a-z, 0-9 and -, starting with a letter";
                self.wrong(feature, format!("{:?}: {what}", feature.as_ref()));
            }
        }
        raw.into_iter().map(Spanned::into_inner).collect()
    }

    pub(super) fn features_few(&mut self, vehicles: &[VehicleConfig], shifts: &[ShiftConfig]) {
        let of_vehicles = vehicles.iter().flat_map(|vehicle| &vehicle.features);
        let features: BTreeSet<&String> = of_vehicles.chain(shifts.iter().flat_map(|shift| &shift.features)).collect();
        if (ID_SET_MAX as usize) < features.len() {
            let what = format!("there are {} different `features`; at most {ID_SET_MAX} are allowed", features.len());
            self.note(1, what);
        }
    }
}
