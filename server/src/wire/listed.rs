//! What entries of lists can be filtered and ordered by. `docs/filters.md` shows the same tables, and a test compares them.

use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::booking::v1 as booking_pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::operations::v1 as operations_pb;
use mukae_proto::transit::planning::v1 as planning_pb;
use mukae_proto::transit::units::v1::Seats;
use prost_types::{Duration, Timestamp};

use super::filter::{Field, Kind, Value};

/// The words of an enum, without its prefix and what is never sent.
macro_rules! words {
    ($name:ty, $prefix:literal) => {
        Kind::Word(|| {
            let known = (1..100).filter_map(|number| <$name>::try_from(number).ok());
            known.filter_map(|value| value.as_str_name().strip_prefix($prefix)).collect()
        })
    };
}

fn word(name: &'static str, prefix: &str) -> Value {
    match name.strip_prefix(prefix) {
        Some("UNSPECIFIED") | None => Value::Nothing,
        Some(word) => Value::Word(word),
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn time(time: Option<Timestamp>) -> Value {
    let nanos = |time: Timestamp| Value::Time(i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos));
    time.map_or(Value::Nothing, nanos)
}

fn length(length: Option<Duration>) -> Value {
    let nanos = |length: Duration| Value::Length(i128::from(length.seconds) * 1_000_000_000 + i128::from(length.nanos));
    length.map_or(Value::Nothing, nanos)
}

fn number(number: impl Into<i64>) -> Value {
    Value::Number(number.into())
}

/// People of a party: luggage is none.
fn persons(party: Option<Seats>) -> Value {
    let Seats { seats, wheelchairs, child_seats, stretchers, luggage: _ } = party.unwrap_or_default();
    number(seats + wheelchairs + child_seats + stretchers)
}

macro_rules! listed {
    ($($(#[$doc:meta])* $list:ident: $message:ty { $($name:literal $kind:expr, $of:expr;)* })*) => {$(
        $(#[$doc])*
        pub const $list: &[Field<$message>] = &[$(Field { name: $name, kind: $kind, of: $of }),*];
    )*

        /// Every list with the names and kinds of its fields.
        #[cfg(test)]
        pub fn all() -> Vec<(&'static str, Vec<(&'static str, Kind)>)> {
            vec![$((stringify!($list), $list.iter().map(|field| (field.name, field.kind)).collect())),*]
        }
    };
}

listed! {
    BOOKINGS: booking_pb::Booking {
        "name" Kind::Text, |b| text(&b.name);
        "state" words!(booking_pb::booking::State, "STATE_"), |b| word(b.state().as_str_name(), "STATE_");
        "vehicle" Kind::Text, |b| text(&b.vehicle);
        "rider" Kind::Text, |b| text(&b.rider);
        "channel" words!(booking_pb::Channel, "CHANNEL_"), |b| word(b.channel().as_str_name(), "CHANNEL_");
        "create_time" Kind::Time, |b| time(b.create_time);
        "arrive_time" Kind::Time, |b| time(b.arrive_time);
        "board_time" Kind::Time, |b| time(b.board_time);
        "alight_time" Kind::Time, |b| time(b.alight_time);
        "cancel_time" Kind::Time, |b| time(b.cancel_time);
        "pickup_time" Kind::Time, |b| {
            let window = b.promise.as_ref().and_then(|promise| promise.pickup_window.as_ref());
            time(window.and_then(|window| window.earliest_time))
        };
        "cancellation_reason" words!(booking_pb::CancellationReason, "CANCELLATION_REASON_"),
            |b| word(b.cancellation_reason().as_str_name(), "CANCELLATION_REASON_");
        "is_at_risk" Kind::Flag, |b| Value::Flag(b.is_at_risk);
        "is_shared" Kind::Flag, |b| Value::Flag(b.is_shared);
        "is_pinned" Kind::Flag, |b| Value::Flag(b.is_pinned);
        "requirements" Kind::Texts, |b| Value::Texts(b.requirements.clone());
        "origin.label" Kind::Text, |b| text(b.origin.as_ref().map_or("", |place| &place.label));
        "destination.label" Kind::Text, |b| text(b.destination.as_ref().map_or("", |place| &place.label));
        "persons" Kind::Number, |b| persons(b.party);
        "party.wheelchairs" Kind::Number, |b| number(b.party.as_ref().map_or(0, |party| party.wheelchairs));
    }
    VEHICLES: fleet_pb::Vehicle {
        "name" Kind::Text, |v| text(&v.name);
        "display_name" Kind::Text, |v| text(&v.display_name);
        "state" words!(fleet_pb::vehicle::State, "STATE_"), |v| word(v.state().as_str_name(), "STATE_");
        "open_shift" Kind::Text, |v| text(&v.open_shift);
        "create_time" Kind::Time, |v| time(v.create_time);
        "features" Kind::Texts, |v| Value::Texts(v.features.clone());
        "services" Kind::Texts, |v| Value::Texts(v.services.clone());
        "zones" Kind::Texts, |v| Value::Texts(v.zones.clone());
        "driven_by" words!(mukae_proto::transit::units::v1::DrivenBy, "DRIVEN_BY_"),
            |v| word(v.driven_by().as_str_name(), "DRIVEN_BY_");
        "capacity.seats" Kind::Number, |v| number(v.capacity.as_ref().map_or(0, |capacity| capacity.seats));
        "capacity.wheelchairs" Kind::Number, |v| number(v.capacity.as_ref().map_or(0, |capacity| capacity.wheelchairs));
    }
    SHIFTS: fleet_pb::Shift {
        "name" Kind::Text, |s| text(&s.name);
        "state" words!(fleet_pb::shift::State, "STATE_"), |s| word(s.state().as_str_name(), "STATE_");
        "start_time" Kind::Time, |s| time(s.start_time);
        "end_time" Kind::Time, |s| time(s.end_time);
        "open_time" Kind::Time, |s| time(s.open_time);
        "close_time" Kind::Time, |s| time(s.close_time);
        "create_time" Kind::Time, |s| time(s.create_time);
        "driver" Kind::Text, |s| text(&s.driver);
        "is_declared_trip" Kind::Flag, |s| Value::Flag(s.declared_trip.is_some());
        "is_on_call" Kind::Flag, |s| Value::Flag(s.on_call.is_some());
    }
    DRIVERS: fleet_pb::Driver {
        "name" Kind::Text, |d| text(&d.name);
        "display_name" Kind::Text, |d| text(&d.display_name);
        "kind" words!(fleet_pb::driver::Kind, "KIND_"), |d| word(d.kind().as_str_name(), "KIND_");
        "tier" words!(fleet_pb::ConsentTier, "CONSENT_TIER_"), |d| word(d.tier().as_str_name(), "CONSENT_TIER_");
        "cooldown_duration" Kind::Length, |d| length(d.cooldown_duration);
        "max_asks_per_week" Kind::Number, |d| number(d.max_asks_per_week);
        "asks_in_week" Kind::Number, |d| number(d.asks_in_week);
    }
    TRIPS: fleet_pb::TripDeclaration {
        "name" Kind::Text, |t| text(&t.name);
        "state" words!(fleet_pb::trip_declaration::State, "STATE_"), |t| word(t.state().as_str_name(), "STATE_");
        "driver" Kind::Text, |t| text(&t.driver);
        "vehicle" Kind::Text, |t| text(&t.vehicle);
        "leave" Kind::Text, |t| text(&t.leave);
        "first" Kind::Text, |t| text(&t.first);
        "last" Kind::Text, |t| text(&t.last);
        "from_place.label" Kind::Text, |t| text(t.from_place.as_ref().map_or("", |place| &place.label));
        "to_place.label" Kind::Text, |t| text(t.to_place.as_ref().map_or("", |place| &place.label));
        "create_time" Kind::Time, |t| time(t.create_time);
        "update_time" Kind::Time, |t| time(t.update_time);
        "problems" Kind::Texts, |t| Value::Texts(t.problems.clone());
    }
    SERVICES: area_pb::Service {
        "name" Kind::Text, |s| text(&s.name);
        "display_name" Kind::Text, |s| text(&s.display_name);
        "managed_by" words!(area_pb::ManagedBy, "MANAGED_BY_"), |s| word(s.managed_by().as_str_name(), "MANAGED_BY_");
        "version" Kind::Number, |s| number(s.version);
        "update_time" Kind::Time, |s| time(s.update_time);
        "door_to_door" Kind::Flag, |s| s.door_to_door.map_or(Value::Nothing, Value::Flag);
    }
    MEASURES: operations_pb::RoadMeasure {
        "name" Kind::Text, |m| text(&m.name);
        "note" Kind::Text, |m| text(&m.note);
        "state" words!(operations_pb::road_measure::State, "STATE_"), |m| word(m.state().as_str_name(), "STATE_");
        "start_time" Kind::Time, |m| time(m.start_time);
        "end_time" Kind::Time, |m| time(m.end_time);
        "roads.road" Kind::Text, |m| text(m.roads.as_ref().map_or("", |roads| &roads.road));
        "is_closed" Kind::Flag, |m| {
            Value::Flag(matches!(m.effect, Some(operations_pb::road_measure::Effect::IsClosed(true))))
        };
    }
    ALERTS: operations_pb::Alert {
        "name" Kind::Text, |a| text(&a.name);
        "kind" words!(operations_pb::alert::Kind, "KIND_"), |a| word(a.kind().as_str_name(), "KIND_");
        "subject" Kind::Text, |a| text(&a.subject);
        "raise_time" Kind::Time, |a| time(a.raise_time);
        "clear_time" Kind::Time, |a| time(a.clear_time);
        "acknowledge_time" Kind::Time, |a| time(a.acknowledge_time);
    }
    MESSAGES: operations_pb::Message {
        "name" Kind::Text, |m| text(&m.name);
        "recipient" Kind::Text, |m| text(&m.recipient);
        "text" Kind::Text, |m| text(&m.text);
        "send_time" Kind::Time, |m| time(m.send_time);
    }
    SIMULATIONS: planning_pb::Simulation {
        "name" Kind::Text, |s| text(&s.name);
        "scenario_name" Kind::Text, |s| text(&s.scenario_name);
        "creator" Kind::Text, |s| text(&s.creator);
        "program_version" Kind::Text, |s| text(&s.program_version);
        "size_bytes" Kind::Number, |s| number(s.size_bytes);
        "create_time" Kind::Time, |s| time(s.create_time);
        "start_time" Kind::Time, |s| time(s.start_time);
        "end_time" Kind::Time, |s| time(s.end_time);
        "expire_time" Kind::Time, |s| time(s.expire_time);
        "state" words!(planning_pb::simulation::State, "STATE_"), |s| word(s.state().as_str_name(), "STATE_");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every field stands in the row of its list and the column of its kind, and nothing else does.
    #[test]
    fn the_document_shows_these_fields() {
        let document = include_str!("../../../docs/filters.md");
        let rows: Vec<Vec<&str>> = document
            .lines()
            .skip_while(|line| !line.starts_with("| list |"))
            .skip(2)
            .map_while(|line| line.strip_prefix("| "))
            .map(|line| line.trim_end_matches('|').split('|').collect())
            .collect();
        let lists = all();
        assert_eq!(rows.len(), lists.len());
        for ((list, fields), row) in lists.into_iter().zip(rows) {
            let column_of = |kind: Kind| match kind {
                Kind::Text => 1,
                Kind::Number => 2,
                Kind::Flag => 3,
                Kind::Time => 4,
                Kind::Length => 5,
                Kind::Word(words) => {
                    assert!(!words().is_empty());
                    6
                }
                Kind::Texts => 7,
            };
            for column in 1..8 {
                let of_kind = fields.iter().filter(|(_, kind)| column_of(*kind) == column);
                let wanted: Vec<String> = of_kind.map(|(name, _)| format!("`{name}`")).collect();
                let shown: Vec<&str> = row[column].split_whitespace().collect();
                assert_eq!(shown, wanted, "{list}: {row:?}");
            }
        }
    }
}
