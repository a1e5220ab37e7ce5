//! Vehicles, shifts and manifests.

use mukae_engine::model::{Break, OnCall, Serves, ShiftState, Vehicle};
use mukae_engine::schedule::{Schedule, StopTimes, Task, Timeline, Whereabouts};
use mukae_maps::RoadQuery;
use mukae_proto::transit::fleet::v1 as pb;
use mukae_proto::transit::units::v1 as units_pb;
use mukae_units::{SeatKind, Seats, ShiftId, Substitutions, VehicleId};

use super::booking::rider_of;
use super::driver::declared_trip;
use super::setup::driven_by;
use super::{View, duration, etag, lat_lng, place, revision, seats, timestamp, window};
use crate::names::unlabel;
use crate::shell::annals::ShiftNote;

pub fn vehicle(view: &View<'_>, vehicle: &Vehicle) -> pb::Vehicle {
    let (name, display_name) = unlabel(&vehicle.name);
    let open = view.state.open_shift_of(vehicle.id);
    let terms = &vehicle.terms;
    let state = match open.map(|schedule| schedule.plan.whereabouts) {
        None if view.annals.office().setup().is_retired(vehicle.id) => pb::vehicle::State::Retired,
        None => pb::vehicle::State::OffShift,
        Some(Whereabouts::Waiting { .. }) => pb::vehicle::State::Idle,
        Some(Whereabouts::Driving { .. } | Whereabouts::Repositioning { .. }) => pb::vehicle::State::Driving,
        Some(Whereabouts::Serving { .. }) => pb::vehicle::State::AtStop,
    };
    let mut drawn = pb::Vehicle {
        name: name.to_owned(),
        area: view.area.to_string(),
        display_name: display_name.to_owned(),
        capacity: Some(seats(vehicle.capacity.configurations()[0])),
        state: state as i32,
        open_shift: open.map(|schedule| schedule.shift.name.clone()).unwrap_or_default(),
        position: None,
        load: Some(seats(open.map_or(Seats::NONE, |schedule| schedule.load()))),
        create_time: view.annals.created(vehicle.id).map(timestamp),
        revision: 0,
        etag: String::new(),
        other_configurations: vehicle.capacity.configurations()[1..].iter().copied().map(seats).collect(),
        substitutions: substitutions(vehicle.capacity.substitutions()),
        features: terms.features.iter().filter_map(|id| view.state.features.get(&id).cloned()).collect(),
        services: match &terms.serves {
            Serves::All => Vec::new(),
            Serves::Only(services) => services.iter().map(|&service| view.service_name(service).to_owned()).collect(),
        },
        zones: terms.zones.iter().filter_map(|id| view.state.zones.get(&id).cloned()).collect(),
        driven_by: driven_by(terms.crew) as i32,
    };
    drawn.etag = etag(&drawn);
    drawn.position = view.positions.of(vehicle.id).cloned();
    drawn.revision = revision(view.annals.vehicle_revision(vehicle.id));
    drawn
}

fn substitutions(rules: Substitutions) -> Vec<pb::Substitution> {
    let kind = |kind: SeatKind| match kind {
        SeatKind::Seat => units_pb::SeatKind::Seat,
        SeatKind::Wheelchair => units_pb::SeatKind::Wheelchair,
        SeatKind::ChildSeat => units_pb::SeatKind::ChildSeat,
        SeatKind::Luggage => units_pb::SeatKind::Luggage,
        SeatKind::Stretcher => units_pb::SeatKind::Stretcher,
    };
    let pairs = SeatKind::ALL.into_iter().flat_map(|who| SeatKind::ALL.into_iter().map(move |whose| (who, whose)));
    let others = pairs.filter(|&(who, whose)| who != whose && rules.allows(who, whose));
    others.map(|(who, whose)| pb::Substitution { kind: kind(who) as i32, may_use: kind(whose) as i32 }).collect()
}

pub fn shift(view: &View<'_>, note: &ShiftNote) -> pb::Shift {
    let shift = &note.shift;
    let state = match view.state.schedules.get(&shift.id).map(|schedule| schedule.state) {
        Some(ShiftState::Planned) => pb::shift::State::Planned,
        Some(ShiftState::Open) => pb::shift::State::Open,
        None => pb::shift::State::Closed,
    };
    let mut drawn = pb::Shift {
        name: shift.name.clone(),
        start_place: Some(place(&shift.start)),
        end_place: shift.end.as_ref().map(place),
        start_time: Some(timestamp(shift.window.earliest())),
        end_time: Some(timestamp(shift.window.latest())),
        state: state as i32,
        open_time: note.opened.map(timestamp),
        close_time: note.closed.map(timestamp),
        create_time: Some(timestamp(note.created)),
        revision: 0,
        etag: String::new(),
        driver: shift.driver.map(|driver| view.driver_name(driver).to_owned()).unwrap_or_default(),
        breaks: shift.breaks.iter().map(planned_break).collect(),
        declared_trip: shift.declared.as_ref().map(declared_trip),
        on_call: shift.on_call.map(|terms| on_call(view, note, terms)),
    };
    drawn.etag = etag(&drawn);
    drawn.revision = revision(view.annals.shift_revision(shift.id));
    drawn
}

fn on_call(view: &View<'_>, note: &ShiftNote, OnCall { cost, notice }: OnCall) -> pb::OnCall {
    let schedule = view.state.schedules.get(&note.shift.id);
    let (state, japanese) = match schedule.map_or(note.opened.is_some(), |schedule| schedule.is_called()) {
        true => (pb::on_call::State::Called, "呼出済みです。"),
        false => (pb::on_call::State::Uncalled, "待機中です。まだ呼び出していません。"),
    };
    pb::OnCall {
        cost_yen: i32::try_from(cost).unwrap_or(i32::MAX),
        notice_duration: Some(duration(notice)),
        state: state as i32,
        japanese_text: japanese.to_owned(),
    }
}

fn planned_break(rest: &Break) -> pb::Break {
    pb::Break {
        window: Some(window(rest.window)),
        length_duration: Some(duration(rest.length)),
        place: Some(place(&rest.place)),
    }
}

/// What a vehicle has to do: in this shift, or in its open one, else the next one planned.
pub fn manifest(view: &View<'_>, vehicle: VehicleId, shift: Option<ShiftId>, roads: &mut RoadQuery) -> pb::Manifest {
    let vehicle_name = view.vehicle_name(vehicle);
    let mut drawn = pb::Manifest { name: format!("{vehicle_name}/manifest"), ..pb::Manifest::default() };
    let schedule = match shift {
        Some(shift) => view.state.schedules.get(&shift).map(AsRef::as_ref),
        None => schedule_of(view, vehicle),
    };
    if let Some(schedule) = schedule {
        let timeline = view.state.forecast(schedule, view.now);
        drawn.shift = schedule.shift.name.clone();
        drawn.stops = stops(view, vehicle_name, schedule, &timeline);
        drawn.load = Some(seats(schedule.load()));
        let leaves = matches!(schedule.plan.whereabouts, Whereabouts::Waiting { .. });
        drawn.leave_time = timeline.stops.first().filter(|_| leaves).map(|stop| timestamp(stop.departure));
        drawn.current_leg = current_leg(view, schedule, &drawn.stops, roads);
        drawn.repositioning = repositioning(view, schedule, roads);
    }
    let mut settled = drawn.clone();
    forget_times(&mut settled);
    drawn.etag = etag(&settled);
    drawn.prediction_time = Some(timestamp(view.now));
    drawn.revision = revision(view.annals.vehicle_revision(vehicle));
    let acknowledged = view.annals.office().acknowledged_manifest(vehicle);
    drawn.acknowledgement = acknowledged.map(|acknowledged| pb::ManifestAcknowledgement {
        etag: acknowledged.etag.clone(),
        revision: revision(acknowledged.revision),
        acknowledge_time: Some(timestamp(acknowledged.since)),
        is_current: acknowledged.etag == drawn.etag,
    });
    drawn
}

/// Predictions move by themselves; an etag does not.
fn forget_times(manifest: &mut pb::Manifest) {
    manifest.leave_time = None;
    manifest.current_leg = None;
    if let Some(drive) = &mut manifest.repositioning {
        (drive.depart_time, drive.arrive_time) = (None, None);
        drive.path.clear();
    }
    for stop in &mut manifest.stops {
        stop.depart_time = None;
        stop.service_end_time = None;
        if !stop.is_arrived {
            stop.arrive_time = None;
        }
    }
}

/// Of its open shift, else of the next one.
pub fn schedule_of<'a>(view: &View<'a>, vehicle: VehicleId) -> Option<&'a Schedule> {
    let planned = || {
        let of_vehicle = view.state.schedules.values().filter(|schedule| schedule.shift.vehicle == vehicle);
        of_vehicle.min_by_key(|schedule| schedule.shift.window.earliest())
    };
    view.state.open_shift_of(vehicle).or_else(planned).map(AsRef::as_ref)
}

fn stops(view: &View<'_>, vehicle_name: &str, schedule: &Schedule, timeline: &Timeline) -> Vec<pb::Stop> {
    let is_serving = matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. });
    let frozen = schedule.stops().iter().position(|stop| Some(stop.id) == schedule.frozen);
    let mut drawn = Vec::with_capacity(schedule.stops().len() + 1);
    for (stop_idx, (stop, times)) in schedule.stops().iter().zip(&timeline.stops).enumerate() {
        let booking = stop.booking.and_then(|booking| view.state.bookings.get(&booking));
        let (mut pickups, mut dropoffs) = (Vec::new(), Vec::new());
        if let Some(booking) = booking {
            if stop.is_pickup() { &mut pickups } else { &mut dropoffs }.push(call(view, stop, booking));
        }
        // It leaves when it must for the next stop, and stays free to be sent elsewhere until then.
        let departs = timeline.stops.get(stop_idx + 1).map_or(times.end, |next| next.departure);
        let rest = match stop.task {
            Task::Break { id, .. } => schedule.shift.breaks.iter().find(|rest| rest.id == id),
            _ => None,
        };
        let spot = booking.map(|booking| if stop.is_pickup() { booking.pickup_spot() } else { booking.dropoff_spot() });
        let spot = spot.or(rest.map(|rest| &rest.place));
        drawn.push(pb::Stop {
            name: format!("{vehicle_name}/stops/{}", stop.id),
            kind: if stop.is_break() { pb::stop::Kind::Break } else { pb::stop::Kind::Riders } as i32,
            place: spot.map(|spot| view.snapped(spot)),
            arrive_time: Some(timestamp(arrival(schedule, stop_idx, times))),
            depart_time: Some(timestamp(departs)),
            service_end_time: Some(timestamp(times.end)),
            is_arrived: is_serving && stop_idx == 0,
            pickups,
            dropoffs,
            load_after: Some(seats(times.load)),
            is_frozen: frozen.is_some_and(|last| stop_idx <= last),
        });
    }
    let end = schedule.shift.end.as_ref();
    drawn.push(pb::Stop {
        name: format!("{vehicle_name}/stops/end"),
        kind: pb::stop::Kind::ShiftEnd as i32,
        place: end.map(|end| view.snapped(end)),
        arrive_time: Some(timestamp(timeline.finish)),
        load_after: Some(seats(Seats::NONE)),
        ..pb::Stop::default()
    });
    drawn
}

/// A vehicle on its way may be there before service can begin; one that stands leaves later instead.
fn arrival(schedule: &Schedule, stop_idx: usize, times: &StopTimes) -> mukae_units::Time {
    match (stop_idx, schedule.plan.whereabouts) {
        (0, Whereabouts::Driving { .. } | Whereabouts::Serving { .. }) => times.ready,
        _ => times.start,
    }
}

fn call(view: &View<'_>, stop: &mukae_engine::schedule::Stop, booking: &mukae_engine::model::Booking) -> pb::StopCall {
    use mukae_proto::transit::units::v1::TimeWindow;
    let service = view.service_name(booking.request.service);
    pb::StopCall {
        booking: format!("{service}/bookings/{}", booking.id),
        party: Some(seats(stop.party)),
        window: Some(match stop.task {
            Task::Pickup { window: promised, .. } | Task::Break { window: promised, .. } => window(promised),
            Task::Dropoff { latest, .. } => TimeWindow { earliest_time: None, latest_time: Some(timestamp(latest)) },
        }),
        is_done: false, // a stop that is done is in no schedule any more
        rider: rider_of(view, booking).map(|rider| rider.to_string()).unwrap_or_default(),
    }
}

fn repositioning(view: &View<'_>, schedule: &Schedule, roads: &mut RoadQuery) -> Option<pb::Repositioning> {
    let Whereabouts::Repositioning { from, departed, to, leg } = schedule.plan.whereabouts else { return None };
    let path = roads.path(from, to).map(|path| path.line(view.map.graph())).unwrap_or_default();
    Some(pb::Repositioning {
        point: Some(lat_lng(view.map.position(to))),
        depart_time: Some(timestamp(departed)),
        arrive_time: Some(timestamp(departed + leg)),
        path: path.into_iter().map(lat_lng).collect(),
        japanese_text: "次の依頼に備えて、この場所へ移動して待機してください。".to_owned(),
    })
}

fn current_leg(view: &View<'_>, schedule: &Schedule, stops: &[pb::Stop], roads: &mut RoadQuery) -> Option<pb::Leg> {
    let Whereabouts::Driving { from, departed } = schedule.plan.whereabouts else { return None };
    let home = schedule.shift.end.as_ref().map(|end| end.place);
    let to = schedule.next_stop().map(|stop| stop.place).or(home)?;
    let next = stops.first()?;
    let path = roads.path(from, to).map(|path| path.line(view.map.graph())).unwrap_or_default();
    Some(pb::Leg {
        stop: next.name.clone(),
        depart_time: Some(timestamp(departed)),
        arrive_time: next.arrive_time,
        path: path.into_iter().map(lat_lng).collect(),
    })
}
