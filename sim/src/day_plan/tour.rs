//! What each vehicle does, stop by stop, read out of the dispatcher's state.

use std::collections::BTreeMap;

use mukae_engine::State;
use mukae_engine::model::Spot;
use mukae_engine::schedule::{Schedule, Stop, StopTimes, Task};
use mukae_maps::{Place, RoadQuery};
use mukae_units::{BookingId, Capacity, Metres, Seats, ShiftId, Span, Time, TimeWindow};

use super::planner::{Asked, End};
use crate::kpi::RoadLengths;
use crate::names::shown_name;

/// One shift of a vehicle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tour {
    pub shift: ShiftId,
    /// As people say it.
    pub vehicle: String,
    pub capacity: Capacity,
    pub window: TimeWindow,
    pub start: Spot,
    /// `None`: wherever the last rider alights.
    pub end: Option<Spot>,
    pub visits: Vec<Visit>,
    /// From the last stop to the end of the shift.
    pub way_home: Metres,
    /// At the end place.
    pub finish: Time,
}

/// A party that boards or alights, or a rest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visit {
    pub what: Visiting,
    pub spot: Spot,
    /// The vehicle sets out for it; when the one before is over, if it stands here already.
    pub departure: Time,
    /// How far it drives.
    pub drive: Metres,
    /// Boarding, alighting or the rest begins, and ends.
    pub begin: Time,
    pub end: Time,
    /// On board from then on.
    pub load: Seats,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Visiting {
    /// Of the rider with this position in [`DayPlan::riders`](super::DayPlan::riders).
    Pickup {
        rider: usize,
    },
    Dropoff {
        rider: usize,
    },
    Break {
        length: Span,
    },
}

impl Tour {
    pub fn driven(&self) -> Metres {
        self.visits.iter().map(|visit| visit.drive).sum::<Metres>() + self.way_home
    }

    /// From when it sets out until it is back; `None` if it stays where it is.
    pub fn out(&self) -> Option<Span> {
        Some(self.finish - self.visits.first()?.departure)
    }
}

/// All shifts of a state, and for each booking that is carried the position of its tour.
pub(super) fn tours(
    state: &State,
    at: Time,
    asked: &[Asked],
    ends: &[End],
    roads: &mut RoadQuery,
) -> (Vec<Tour>, BTreeMap<usize, usize>) {
    let mut rider_of: BTreeMap<BookingId, (usize, usize)> = BTreeMap::new();
    for (number, end) in ends.iter().enumerate().take(asked.len()) {
        if let End::Booked(booking) = end {
            rider_of.insert(*booking, (number, rider_of.len()));
        }
    }
    let mut tour_of = BTreeMap::new();
    let mut tours = Vec::with_capacity(state.schedules.len());
    for schedule in state.schedules.values() {
        for (number, _) in schedule.stops().iter().filter_map(|stop| rider_of.get(&stop.booking?)) {
            tour_of.insert(*number, tours.len());
        }
        let rider = |stop: &Stop| stop.booking.map(|booking| rider_of[&booking].1);
        tours.push(tour(state, schedule, at, &rider, roads));
    }
    (tours, tour_of)
}

fn tour(
    state: &State,
    schedule: &Schedule,
    at: Time,
    rider: &dyn Fn(&Stop) -> Option<usize>,
    roads: &mut RoadQuery,
) -> Tour {
    let shift = &schedule.shift;
    let timeline = state.forecast(schedule, at);
    let mut here = schedule.place();
    let mut drive = |to: Place| {
        let length =
            if here == to { Metres::ZERO } else { RoadLengths::length(roads, here, to).unwrap_or(Metres::ZERO) };
        here = to;
        length
    };
    let visit = |(stop, times): (&Stop, &StopTimes)| {
        let what = match (stop.task, rider(stop)) {
            (Task::Pickup { .. }, Some(rider)) => Visiting::Pickup { rider },
            (Task::Dropoff { .. }, Some(rider)) => Visiting::Dropoff { rider },
            _ => Visiting::Break { length: stop.dwell },
        };
        Visit {
            what,
            spot: spot(state, schedule, stop),
            departure: times.departure,
            drive: drive(stop.place),
            begin: times.start,
            end: times.served,
            load: times.load,
        }
    };
    let visits = schedule.stops().iter().zip(&timeline.stops).map(visit).collect();
    Tour {
        shift: shift.id,
        vehicle: state.vehicles.get(&shift.vehicle).map_or_else(String::new, |vehicle| shown_name(&vehicle.name)),
        capacity: schedule.capacity.clone(),
        window: shift.window,
        start: shift.start.clone(),
        end: shift.end.clone(),
        visits,
        way_home: shift.end.as_ref().map_or(Metres::ZERO, |end| drive(end.place)),
        finish: timeline.finish,
    }
}

/// Where a stop is, as whoever asked named it.
fn spot(state: &State, schedule: &Schedule, stop: &Stop) -> Spot {
    let found = match (stop.task, stop.booking) {
        (Task::Break { id, .. }, _) => {
            schedule.shift.breaks.iter().find(|rest| rest.id == id).map(|rest| rest.place.clone())
        }
        (task, Some(booking)) => state.bookings.get(&booking).map(|found| match task {
            Task::Pickup { .. } => found.pickup_spot().clone(),
            _ => found.dropoff_spot().clone(),
        }),
        (_, None) => None,
    };
    found.expect("a stop is of a booking or a break of its shift")
}
