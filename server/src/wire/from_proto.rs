//! Messages become questions: every field is judged here, once; what needs the area's state is not.

mod booking;
mod direct;
mod dispatch;
mod driver;
mod fleet;
mod operations;
mod planning;
mod rider;
mod setup;
mod simulation;
mod standing;
mod waiting;

use mukae_engine::model::Spot;
use mukae_maps::{NoRoadNear, PreparedMap, SnapOptions};
use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::units::v1 as pb;
use mukae_units::{LatLon, Metres, SeatKind, Seats, Time, Zones};

use crate::config::LABEL_MAX;
use crate::names::{Name, is_id};
use crate::shell::input::When;
use crate::wire::fields::Fields;

pub use booking::{batch_get_bookings, cancel_booking, confirm_offer, hold_offer, list_bookings, quote, release_hold};
pub use direct::{amend_booking, book_pair, book_ride};
pub use dispatch::{
    AsOf, assign_bookings, explain_booking, explain_offer, explain_quote, freeze_stops, interrupt_shift,
    list_unassigned, pin_booking, report_breakdown, unfreeze_stops, unpin_booking,
};
pub use driver::{answer_ask, create_driver, list_asks, list_drivers, record_pretrip_check, update_driver};
pub use fleet::{
    acknowledge_manifest, alight_booking, arrive_stop, batch_get_vehicles, board_booking, close_shift, create_shift,
    create_vehicle, depart_stop, end_break, end_repositioning, export_driving_records, get_manifest, list_shifts,
    list_vehicles, open_shift, report_no_show, report_positions, retire_vehicle, stream_positions, update_vehicle,
};
pub use rider::{NewRider, RiderList, create_rider, delete_rider, list_riders, update_rider};

pub use planning::{DemandOf, UsageOf, export_demand, get_usage, probe_rides};
pub use simulation::{
    ATTACHED_BYTES_MAX, cancel_simulation, create_simulation, delete_simulation, export_file, list_figures,
    list_simulations,
};
pub use standing::{
    create_standing_booking, end_standing_booking, list_standing_bookings, skip_standing_date, update_standing_booking,
};

pub use setup::{
    TripGround, cancel_trip, create_service, create_trip, list_meeting_points, list_service_revisions, list_services,
    list_trips, merge_service, merge_trip, service_config, trip_config, update_service, update_trip,
};
pub use waiting::{join_waiting_list, leave_waiting_list, list_waitings, report_missed_ride};

pub use operations::{
    acknowledge_alert, add_alert_note, create_road_measure, end_road_measure, list_alerts, list_messages,
    list_road_measures, resume_supply, send_message, suspend_supply, watch_messages,
};

/// What turns coordinates into places.
#[derive(Clone, Copy, Debug)]
pub struct Snapper<'m> {
    pub map: &'m PreparedMap,
    pub limit: Metres,
}

fn lat_lng(fields: &mut Fields<'_>, field: &str, point: Option<LatLng>) -> Option<LatLon> {
    let Some(point) = point else {
        fields.wrong(field, "required");
        return None;
    };
    let checked = LatLon::from_degrees(point.latitude, point.longitude).ok();
    if checked.is_none() {
        let found = format!("was {}, {}", point.latitude, point.longitude);
        fields.wrong(field, format!("latitude -90 to 90 and longitude -180 to 180, {found}"));
    }
    checked
}

impl Snapper<'_> {
    /// Where riders get on and off.
    fn doors(self) -> SnapOptions {
        SnapOptions::door(self.limit)
    }

    /// Where vehicles begin and end their day.
    fn depots(self) -> SnapOptions {
        SnapOptions::any_road(self.limit)
    }
}

/// Where a place is, if that can be.
fn point_of(place: Option<&pb::Place>) -> Option<LatLon> {
    let point = place?.position?;
    LatLon::from_degrees(point.latitude, point.longitude).ok()
}

/// A place that was named, and the road it lies at.
fn place(
    fields: &mut Fields<'_>,
    field: &str,
    place: Option<pb::Place>,
    map: &PreparedMap,
    options: SnapOptions,
) -> Option<Result<Spot, NoRoadNear>> {
    let Some(place) = place else {
        fields.wrong(field, "required");
        return None;
    };
    let asked = lat_lng(fields, &format!("{field}.position"), place.position);
    let label = fields.text(&format!("{field}.label"), place.label, LABEL_MAX);
    let (asked, label) = (asked?, label?);
    Some(map.snap_by(asked, &options).map(|snapped| Spot {
        asked,
        label,
        kana: String::new(),
        place: snapped.place,
        zones: Zones::EMPTY,
    }))
}

/// At least one place, of any kind.
fn seats(fields: &mut Fields<'_>, field: &str, seats: Option<pb::Seats>, most: u8) -> Option<Seats> {
    let Some(pb::Seats { seats, wheelchairs, child_seats, luggage, stretchers }) = seats else {
        fields.wrong(field, "required");
        return None;
    };
    let counts = [
        (SeatKind::Seat, "seats", seats),
        (SeatKind::Wheelchair, "wheelchairs", wheelchairs),
        (SeatKind::ChildSeat, "child_seats", child_seats),
        (SeatKind::Luggage, "luggage", luggage),
        (SeatKind::Stretcher, "stretchers", stretchers),
    ];
    let counts = counts.map(|(kind, name, count)| {
        let count = fields.integer(format!("{field}.{name}"), count, 0, i32::from(most))?;
        Some((kind, u8::try_from(count).ok()?))
    });
    let checked = counts.into_iter().try_fold(Seats::NONE, |seats, count| {
        let (kind, count) = count?;
        Some(seats.with(kind, count))
    })?;
    if checked.is_empty() {
        fields.wrong(field, "at least one place of some kind");
    }
    Some(checked)
}

/// The id that was chosen, or one made from the request id: sent again, it is the same.
fn id(fields: &mut Fields<'_>, field: &str, chosen: &str, prefix: &str, request_id: &str) -> Option<String> {
    if chosen.is_empty() {
        let hash = blake3::hash(request_id.as_bytes()).to_hex();
        return Some(format!("{prefix}-{}", &hash[..12]));
    }
    if !is_id(chosen) {
        fields.wrong(field, "1 to 63 of a-z, 0-9 and -, starting with a letter; or empty");
        return None;
    }
    Some(chosen.to_owned())
}

/// Names in one batch.
const BATCH_MAX: usize = 100;

/// The names of a batch: not too many, each once, all of the parent.
fn batch<N: Name + PartialEq>(
    fields: &mut Fields<'_>,
    names: &[String],
    is_of_parent: impl Fn(&N) -> bool,
) -> Option<Vec<N>> {
    if names.is_empty() || BATCH_MAX < names.len() {
        fields.wrong("names", format!("1 to {BATCH_MAX} names, were {}", names.len()));
        return None;
    }
    let mut checked: Vec<N> = Vec::with_capacity(names.len());
    let mut are_right = true;
    for (index, text) in names.iter().enumerate() {
        let field = format!("names[{index}]");
        match fields.name::<N>(&field, text) {
            Some(name) if checked.contains(&name) => {
                fields.wrong(field, format!("{text} is there twice"));
                are_right = false;
            }
            Some(name) if !is_of_parent(&name) => {
                fields.wrong(field, format!("{text} is not of the parent"));
                are_right = false;
            }
            Some(name) => checked.push(name),
            None => are_right = false,
        }
    }
    are_right.then_some(checked)
}

/// When a rider wants to travel: the `depart_after` and the `arrive_by` of the `wish` at `path`, of which a message
/// has one.
fn when_of(
    fields: &mut Fields<'_>,
    path: &str,
    (depart_after, arrive_by): (Option<pb::TimeWindow>, Option<pb::TimeWindow>),
) -> Option<When> {
    if let Some(window) = depart_after {
        let (earliest, latest) = window_ends(fields, &format!("{path}depart_after"), window)?;
        return Some(When::DepartAfter { earliest, latest });
    }
    let Some(window) = arrive_by else {
        fields.wrong(format!("{path}wish"), "one of `depart_after` and `arrive_by` is required");
        return None;
    };
    let field = format!("{path}arrive_by");
    let (earliest, latest) = window_ends(fields, &field, window)?;
    if latest.is_none() {
        fields.wrong(format!("{field}.latest_time"), "required");
    }
    Some(When::ArriveBy { earliest, latest: latest? })
}

fn window_ends(fields: &mut Fields<'_>, field: &str, window: pb::TimeWindow) -> Option<(Option<Time>, Option<Time>)> {
    let wants = (window.earliest_time.is_some(), window.latest_time.is_some());
    let earliest = fields.optional_time(&format!("{field}.earliest_time"), window.earliest_time);
    let latest = fields.optional_time(&format!("{field}.latest_time"), window.latest_time);
    if wants != (earliest.is_some(), latest.is_some()) {
        return None;
    }
    if earliest.zip(latest).is_some_and(|(earliest, latest)| latest < earliest) {
        fields.wrong(field, "the window ends before it starts: `latest_time` lies before `earliest_time`");
        return None;
    }
    Some((earliest, latest))
}
