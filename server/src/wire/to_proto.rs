//! Our types become messages: the state as callers see it, at one instant.

mod area;
mod booking;
mod consequences;
mod driver;
mod explanation;
mod fare;
mod fleet;
mod operations;
mod planning;
mod rider;
mod setup;
mod simulation;
mod standing;
mod supply;
mod trip;
mod waiting;

use mukae_engine::State;
use mukae_engine::model::Spot;
use mukae_maps::PreparedMap;
use mukae_maps::geometry::distance;
use mukae_office::{StandingId, WaitingId};
use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::units::v1 as pb;
use mukae_units::{DriverId, LatLon, OfferId, SeatKind, Seats, ServiceId, ShiftId, Span, Time, TimeWindow, VehicleId};
use prost::Message;
use prost_types::Timestamp;

use crate::names::{AreaName, unlabel};
use crate::shell::annals::Annals;
use crate::shell::positions::Positions;

pub use area::{Clockface, area};
pub use booking::{booking, is_final, is_final_state, offer, offer_tag, rider_of};
pub use consequences::consequences;
pub use driver::{asks_of, driver, pretrip_check, tier};
pub use explanation::explanation;
pub use fleet::{manifest, schedule_of, shift, vehicle};
pub use operations::{alert, message, road_measure};
pub use planning::{demand_summary, demand_told, probed_rides, usage};
pub use rider::{own_rider, rider, rider_to_fetch};
pub use setup::{dates, declaration, meeting_point, rules, service};
pub use simulation::{figures, simulation, simulation_state};
pub use standing::standing;
pub use supply::supply;
pub use trip::{redraw_trip_at, trip, vehicle_of};
pub use waiting::waiting;

/// Metres a rider walks in a second, by the straight line: unhurried, and streets are not straight.
const WALK_MM_PER_SEC: u64 = 800;

/// What is drawn from: the state, what stands beside it, and the instant at which it is seen.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub state: &'a State,
    pub annals: &'a Annals,
    pub positions: &'a Positions,
    pub map: &'a PreparedMap,
    pub area: &'a AreaName,
    pub now: Time,
}

impl<'a> View<'a> {
    /// Empty if there is no such service any more, which can not be.
    pub fn service_name(&self, service: ServiceId) -> &'a str {
        self.state.services.get(&service).map_or("", |service| unlabel(&service.name).0)
    }

    pub fn vehicle_name(&self, vehicle: VehicleId) -> &'a str {
        self.state.vehicles.get(&vehicle).map_or("", |vehicle| unlabel(&vehicle.name).0)
    }

    pub fn driver_name(&self, driver: DriverId) -> &'a str {
        self.state.drivers.get(&driver).map_or("", |driver| unlabel(&driver.name).0)
    }

    /// The vehicle of a shift, also of an ended one while it is remembered.
    pub fn vehicle_of(&self, shift: ShiftId) -> Option<VehicleId> {
        let schedule = self.state.schedules.get(&shift).map(|schedule| schedule.shift.vehicle);
        schedule.or_else(|| self.annals.shift_of_id(shift).map(|note| note.shift.vehicle))
    }

    /// Empty once the shift is forgotten.
    pub fn shift_name(&self, shift: ShiftId) -> &'a str {
        let live = self.state.schedules.get(&shift).map(|schedule| schedule.shift.name.as_str());
        live.or_else(|| self.annals.shift_of_id(shift).map(|note| note.shift.name.as_str())).unwrap_or_default()
    }

    pub fn offer_name(&self, offer: OfferId) -> Option<String> {
        self.annals.offer(offer).map(|note| booking::name_of_offer(self, &note.offer))
    }

    /// Of one that is forgotten, its number alone: its service is not known any more.
    pub fn standing_name(&self, standing: StandingId) -> String {
        let note = self.annals.office().standings().get(&standing);
        let service = note.map_or("", |note| self.service_name(note.rule.service));
        format!("{service}/standingBookings/sb{}", standing.0)
    }

    /// Likewise.
    pub fn waiting_name(&self, waiting: WaitingId) -> String {
        let note = self.annals.office().waitings().get(&waiting);
        let service = note.map_or("", |note| self.service_name(note.waiting.request.service));
        format!("{service}/waitings/w{}", waiting.0)
    }

    fn snapped(&self, spot: &Spot) -> pb::SnappedPlace {
        let position = self.map.position(spot.place);
        let apart = distance(spot.asked, position);
        let walk = Span::from_millis((apart.as_millimetres() * 1000 / WALK_MM_PER_SEC) as i64);
        pb::SnappedPlace {
            position: Some(lat_lng(position)),
            label: spot.label.clone(),
            label_kana: spot.kana.clone(),
            snap_distance_meters: i32::try_from(apart.as_metres()).unwrap_or(i32::MAX),
            walk_duration: Some(duration(walk)),
        }
    }
}

pub fn timestamp(time: Time) -> Timestamp {
    let millis = time.as_unix_millis();
    Timestamp { seconds: millis.div_euclid(1000), nanos: (millis.rem_euclid(1000) * 1_000_000) as i32 }
}

pub fn duration(span: Span) -> prost_types::Duration {
    let millis = span.as_millis();
    // Both parts have the sign of the whole, as the type wants it.
    prost_types::Duration { seconds: millis / 1000, nanos: (millis % 1000 * 1_000_000) as i32 }
}

pub fn lat_lng(position: LatLon) -> LatLng {
    LatLng { latitude: position.lat(), longitude: position.lon() }
}

pub fn seats(seats: Seats) -> pb::Seats {
    let count = |kind| seats.of(kind).into();
    pb::Seats {
        seats: count(SeatKind::Seat),
        wheelchairs: count(SeatKind::Wheelchair),
        child_seats: count(SeatKind::ChildSeat),
        luggage: count(SeatKind::Luggage),
        stretchers: count(SeatKind::Stretcher),
    }
}

pub fn window(window: TimeWindow) -> pb::TimeWindow {
    pb::TimeWindow { earliest_time: Some(timestamp(window.earliest())), latest_time: Some(timestamp(window.latest())) }
}

pub fn place(spot: &Spot) -> pb::Place {
    pb::Place { position: Some(lat_lng(spot.asked)), label: spot.label.clone() }
}

pub fn heartbeat(now: Time) -> pb::Heartbeat {
    pb::Heartbeat { current_time: Some(timestamp(now)) }
}

/// A hash of what a resource says, for preconditions; the caller takes out first what changes by itself.
fn etag(resource: &impl Message) -> String {
    blake3::hash(&resource.encode_to_vec()).to_hex()[..16].to_owned()
}

/// Revisions are counts of records, far below the limit.
fn revision(records: u64) -> i64 {
    i64::try_from(records).unwrap_or(i64::MAX)
}
