//! A whole area at one instant, drawn for those who begin to watch it, and for those who look at its past.

use mukae_engine::model::{Booking, BookingState, ShiftState};
use mukae_maps::RoadQuery;
use mukae_office::RoadMeasure;
use mukae_proto::transit::area::v1 as pb;
use mukae_units::{ShiftId, Span};
use prost::Message;

use crate::wire::to_proto::{self, View};

/// Bytes of one part of a snapshot, a little exceeded by its last thing; far below what clients take.
const PART_BYTES_MAX: usize = 512 << 10;
/// Planned shifts that a snapshot shows begin within this.
const SHIFTS_AHEAD: Span = Span::DAY;
/// Final bookings that a snapshot shows became so within this.
const BOOKINGS_BACK: Span = Span::from_mins(12 * 60);

/// Everything in view, in parts; the last one says that it is.
pub fn draw(view: &View<'_>, area: pb::Area, roads: &mut RoadQuery) -> Vec<pb::AreaSnapshot> {
    let is_near = |&shift: &ShiftId| {
        view.state.schedules.get(&shift).is_some_and(|schedule| {
            schedule.state == ShiftState::Open || schedule.shift.window.earliest() <= view.now + SHIFTS_AHEAD
        })
    };
    let shifts = view.state.schedules.keys().filter(|shift| is_near(shift));
    let shifts = shifts.filter_map(|&shift| view.annals.shift_of_id(shift));
    let is_recent = |booking: &&Booking| {
        booking.state != BookingState::Held && booking.finished_at.is_none_or(|at| view.now <= at + BOOKINGS_BACK)
    };
    let bookings = view.state.bookings.values().filter(is_recent);

    let mut parts = Parts::new(area);
    parts.add(view.state.vehicles.values().map(|vehicle| to_proto::vehicle(view, vehicle)), |part| &mut part.vehicles);
    parts.add(shifts.map(|note| to_proto::shift(view, note)), |part| &mut part.shifts);
    let manifests = view.state.vehicles.keys().map(|&vehicle| to_proto::manifest(view, vehicle, None, roads));
    parts.add(manifests, |part| &mut part.manifests);
    parts.add(bookings.map(|booking| to_proto::booking(view, booking)), |part| &mut part.bookings);
    let office = view.annals.office();
    let alerts = office.alerts().values().filter(|alert| alert.cleared.is_none());
    parts.add(alerts.map(|alert| to_proto::alert(view, alert)), |part| &mut part.alerts);
    let is_over = |ordered: &&RoadMeasure| ordered.measure.until.is_some_and(|until| until <= view.now);
    let measures = office.measures().values().filter(|ordered| !is_over(ordered));
    parts.add(measures.map(|ordered| to_proto::road_measure(view, ordered, false)), |part| &mut part.road_measures);
    parts.finish()
}

/// A snapshot in parts of bounded size.
struct Parts {
    parts: Vec<pb::AreaSnapshot>,
    /// Of the last part, about.
    bytes: usize,
}

impl Parts {
    fn new(area: pb::Area) -> Parts {
        Parts { parts: vec![pb::AreaSnapshot { area: Some(area), ..Default::default() }], bytes: 0 }
    }

    fn add<T: Message>(&mut self, things: impl Iterator<Item = T>, list: fn(&mut pb::AreaSnapshot) -> &mut Vec<T>) {
        for thing in things {
            if PART_BYTES_MAX <= self.bytes {
                self.parts.push(pb::AreaSnapshot::default());
                self.bytes = 0;
            }
            self.bytes += thing.encoded_len();
            list(self.parts.last_mut().expect("there is a first part")).push(thing);
        }
    }

    fn finish(mut self) -> Vec<pb::AreaSnapshot> {
        self.parts.last_mut().expect("there is a first part").is_last = true;
        self.parts
    }
}
