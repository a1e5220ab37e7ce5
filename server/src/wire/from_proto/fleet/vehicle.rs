//! What a vehicle holds, offers and is for, as it is told: field by field, so that an update can name some of them.

use std::collections::BTreeSet;

use mukae_engine::answer::CAPACITY_MAX;
use mukae_engine::model::Crew;
use mukae_proto::transit::fleet::v1 as pb;
use mukae_proto::transit::units::v1::{self as units_pb, DrivenBy};
use mukae_units::{SeatKind, Seats, Substitutions};

use crate::config::DISPLAY_NAME_MAX;
use crate::names::{ServiceName, is_id};
use crate::shell::input::VehicleRules;
use crate::wire::fields::Fields;
use crate::wire::from_proto::seats;

/// The fields that an update may name.
pub const MASK: [&str; 8] =
    ["display_name", "capacity", "other_configurations", "substitutions", "features", "services", "zones", "driven_by"];
const CONFIGURATIONS_MAX: usize = 10;
const FEATURES_MAX: usize = 50;
const SERVICES_MAX: usize = 100;
const ZONES_MAX: usize = 128;

/// The rules that `mask` names, each judged; the others stay as they are.
pub fn rules(fields: &mut Fields<'_>, vehicle: pb::Vehicle, mask: &[&str]) -> Option<VehicleRules> {
    let names = |field: &str| mask.contains(&field);
    let mut rules = VehicleRules::default();
    let mut are_right = true;
    if names("display_name") {
        rules.display_name = fields.text("vehicle.display_name", vehicle.display_name, DISPLAY_NAME_MAX);
        are_right &= rules.display_name.is_some();
    }
    if names("capacity") {
        rules.capacity = seats(fields, "vehicle.capacity", vehicle.capacity, CAPACITY_MAX);
        are_right &= rules.capacity.is_some();
    }
    if names("other_configurations") {
        rules.other_configurations = configurations(fields, vehicle.other_configurations);
        are_right &= rules.other_configurations.is_some();
    }
    if names("substitutions") {
        rules.substitutions = substitutions(fields, &vehicle.substitutions);
        are_right &= rules.substitutions.is_some();
    }
    if names("features") {
        rules.features = ids(fields, "vehicle.features", vehicle.features, FEATURES_MAX);
        are_right &= rules.features.is_some();
    }
    if names("services") {
        rules.services = services(fields, &vehicle.services);
        are_right &= rules.services.is_some();
    }
    if names("zones") {
        rules.zones = ids(fields, "vehicle.zones", vehicle.zones, ZONES_MAX);
        are_right &= rules.zones.is_some();
    }
    if names("driven_by") {
        rules.crew = match fields.known::<DrivenBy>("vehicle.driven_by", vehicle.driven_by, "way to be driven") {
            Some(DrivenBy::Unspecified | DrivenBy::Staff) => Some(Crew::Staff),
            Some(DrivenBy::Volunteer) => Some(Crew::Volunteer),
            Some(DrivenBy::Taxi) => Some(Crew::Taxi),
            None => None,
        };
        are_right &= rules.crew.is_some();
    }
    are_right.then_some(rules)
}

fn configurations(fields: &mut Fields<'_>, told: Vec<units_pb::Seats>) -> Option<Vec<Seats>> {
    if CONFIGURATIONS_MAX < told.len() {
        fields.wrong("vehicle.other_configurations", format!("at most {CONFIGURATIONS_MAX}, were {}", told.len()));
        return None;
    }
    let numbered = told.into_iter().enumerate();
    let judged: Vec<Option<Seats>> = numbered
        .map(|(index, places)| {
            seats(fields, &format!("vehicle.other_configurations[{index}]"), Some(places), CAPACITY_MAX)
        })
        .collect();
    judged.into_iter().collect()
}

fn substitutions(fields: &mut Fields<'_>, told: &[pb::Substitution]) -> Option<Substitutions> {
    let mut rules = Substitutions::NONE;
    let mut are_right = true;
    // more than every kind for every kind says nothing new
    if SeatKind::COUNT * SeatKind::COUNT < told.len() {
        let most = SeatKind::COUNT * SeatKind::COUNT;
        fields.wrong("vehicle.substitutions", format!("at most {most}, were {}", told.len()));
        return None;
    }
    for (index, one) in told.iter().enumerate() {
        let at = |field: &str| format!("vehicle.substitutions[{index}].{field}");
        match (kind(fields, &at("kind"), one.kind), kind(fields, &at("may_use"), one.may_use)) {
            (Some(kind), Some(place)) => rules = rules.and(kind, place),
            _ => are_right = false,
        }
    }
    are_right.then_some(rules)
}

fn kind(fields: &mut Fields<'_>, field: &str, kind: i32) -> Option<SeatKind> {
    match units_pb::SeatKind::try_from(kind) {
        Ok(units_pb::SeatKind::Seat) => Some(SeatKind::Seat),
        Ok(units_pb::SeatKind::Wheelchair) => Some(SeatKind::Wheelchair),
        Ok(units_pb::SeatKind::ChildSeat) => Some(SeatKind::ChildSeat),
        Ok(units_pb::SeatKind::Luggage) => Some(SeatKind::Luggage),
        Ok(units_pb::SeatKind::Stretcher) => Some(SeatKind::Stretcher),
        Ok(units_pb::SeatKind::Unspecified) | Err(_) => {
            fields.wrong(field, format!("a kind of place, `SEAT_KIND_SEAT` to `SEAT_KIND_STRETCHER`; was {kind}"));
            None
        }
    }
}

fn ids(fields: &mut Fields<'_>, field: &str, told: Vec<String>, most: usize) -> Option<BTreeSet<String>> {
    if most < told.len() {
        fields.wrong(field, format!("at most {most}, were {}", told.len()));
        return None;
    }
    let mut are_right = true;
    for (index, id) in told.iter().enumerate().filter(|(_, id)| !is_id(id)) {
        fields.wrong(
            format!("{field}[{index}]"),
            format!("1 to 63 of a-z, 0-9 and -, starting with a letter; was {id:?}"),
        );
        are_right = false;
    }
    are_right.then(|| told.into_iter().collect())
}

/// Services of any tenant of the area: it is one pool.
fn services(fields: &mut Fields<'_>, told: &[String]) -> Option<Vec<ServiceName>> {
    if SERVICES_MAX < told.len() {
        fields.wrong("vehicle.services", format!("at most {SERVICES_MAX}, were {}", told.len()));
        return None;
    }
    let numbered = told.iter().enumerate();
    let judged: Vec<Option<ServiceName>> =
        numbered.map(|(index, name)| fields.name_of_anyone(&format!("vehicle.services[{index}]"), name)).collect();
    judged.into_iter().collect()
}
