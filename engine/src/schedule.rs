//! A shift's schedule: where the vehicle is, the stops that remain, and what they commit it to.
//!
//! Times are not stored: [`timeline`] derives them from the whereabouts, the stops, their legs and
//! the current time, by one rule. `audit` recomputes everything from scratch, by code of its own.

pub mod audit;
pub mod route;
pub mod timeline;
pub mod times;

mod call;
mod eligible;
mod freeze;
mod patience;
mod progress;

use std::sync::Arc;

use mukae_maps::Place;
use mukae_units::{BookingId, BreakId, Capacity, Metres, Seats, Span, StopId, Time, TimeWindow, TravelTime};

use crate::model::{Asking, BookingState, Shift, ShiftState, Terms};

pub use route::Route;
pub use timeline::{StopTimes, Timeline};

/// Stands for the driving time of a leg that no road serves: whoever reckons with it sees a promise
/// broken, and it is never so long that a sum overflows. No plan keeps it while somebody can be moved.
pub const NO_ROAD: TravelTime = TravelTime::from_millis(24 * 60 * 60 * 1000);

/// A visit to board or alight one party, or to rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stop {
    pub id: StopId,
    /// `None` for a break, and for nothing else.
    pub booking: Option<BookingId>,
    pub place: Place,
    /// Driving time from the stop before, or from the whereabouts.
    pub leg: TravelTime,
    /// Service time of this party; the length of a break.
    pub dwell: Span,
    /// Service time once for all who board or alight while the vehicle stands here.
    pub stop_dwell: Span,
    /// The vehicle stands here already for the stop before: no leg, and no second `stop_dwell`.
    pub joins: bool,
    pub party: Seats,
    pub task: Task,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Task {
    Pickup {
        /// Boarding begins in it.
        window: TimeWindow,
        /// The rider asked to leave at a time, not to arrive: being fetched later is waiting.
        is_awaited: bool,
        /// Planned, not promised: boarding begins no sooner, inside the window, so that nobody stands still on board for
        /// too long further on.
        hold: Option<Time>,
    },
    Dropoff {
        /// Alighting begins at this time or before.
        latest: Time,
        ride_max: Span,
        /// End of boarding, for a party that is on board; otherwise its pickup is an earlier stop.
        boarded_at: Option<Time>,
    },
    /// Nobody is on board, and nobody boards or alights meanwhile. It joins no stop, and none joins it.
    Break {
        id: BreakId,
        /// It begins in it.
        window: TimeWindow,
        /// It is known that it will begin too late.
        is_at_risk: bool,
    },
}

impl Stop {
    pub fn is_pickup(&self) -> bool {
        matches!(self.task, Task::Pickup { .. })
    }

    pub fn is_held(&self) -> bool {
        matches!(self.task, Task::Pickup { hold: Some(_), .. })
    }

    pub fn is_dropoff(&self) -> bool {
        matches!(self.task, Task::Dropoff { .. })
    }

    pub fn is_break(&self) -> bool {
        matches!(self.task, Task::Break { .. })
    }

    /// Service does not begin before this; a dropoff may begin at once.
    pub fn earliest(&self) -> Option<Time> {
        match self.task {
            Task::Pickup { window, hold, .. } => {
                Some(hold.map_or(window.earliest(), |hold| hold.max(window.earliest())))
            }
            Task::Break { window, .. } => Some(window.earliest()),
            Task::Dropoff { .. } => None,
        }
    }

    /// When the service of a vehicle that is here since `arrived` begins.
    pub fn begin(&self, arrived: Time) -> Time {
        self.earliest().map_or(arrived, |earliest| arrived.max(earliest))
    }

    /// The promise: service begins at this time or before.
    pub fn latest(&self) -> Time {
        match self.task {
            Task::Pickup { window, .. } | Task::Break { window, .. } => window.latest(),
            Task::Dropoff { latest, .. } => latest,
        }
    }
}

/// Where a vehicle is, as far as its schedule needs to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whereabouts {
    /// Standing, free to leave from `since` on.
    Waiting { place: Place, since: Time },
    /// On the way to its first stop. `departed` may lie a little ahead: the decision point it was
    /// turned at.
    Driving { from: Place, departed: Time },
    /// Standing at its first stop.
    Serving { arrived: Time },
    /// On the way to where it is likely to be wanted, and free from there on. Whoever wants it sooner turns it.
    Repositioning { from: Place, departed: Time, to: Place, leg: TravelTime },
}

impl Whereabouts {
    /// Where the vehicle is free to leave from, and from when on; `None` while it sees to a stop.
    pub fn free(self) -> Option<(Place, Time)> {
        match self {
            Whereabouts::Waiting { place, since } => Some((place, since)),
            Whereabouts::Repositioning { departed, to, leg, .. } => Some((to, departed + leg)),
            Whereabouts::Driving { .. } | Whereabouts::Serving { .. } => None,
        }
    }
}

/// When a report counts as having happened: not after it reached us, not before the last thing known
/// of the vehicle (which lies a little ahead for one that was just turned).
pub fn report_time(at: Time, last: Time, now: Time) -> Time {
    at.min(now).max(last)
}

/// What is left to do, as an event carries it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    pub whereabouts: Whereabouts,
    /// In driving order.
    pub stops: Vec<Stop>,
    /// From the last stop, or from the whereabouts, to the end of the shift.
    pub to_end: TravelTime,
    /// Set for a declared trip.
    pub route: Option<Route>,
}

impl Plan {
    /// True if a leg, or the way home, has no road.
    pub fn lacks_road(&self) -> bool {
        self.to_end == NO_ROAD || self.stops.iter().any(|stop| stop.leg == NO_ROAD)
    }

    /// True for a vehicle on the way to where it is likely to be wanted.
    pub fn is_repositioning(&self) -> bool {
        matches!(self.whereabouts, Whereabouts::Repositioning { .. })
    }

    /// True if a boarding is held.
    pub fn has_holds(&self) -> bool {
        self.stops.iter().any(Stop::is_held)
    }
}

impl Plan {
    /// How many stops, from the first, are made where the vehicle next stands: one, and those that join it.
    pub fn next_group(&self) -> usize {
        let joined = self.stops.iter().skip(1).take_while(|stop| stop.joins).count();
        (1 + joined).min(self.stops.len())
    }
}

/// A shift and its remaining plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// Shared by all versions of the schedule.
    pub shift: Arc<Shift>,
    pub state: ShiftState,
    pub capacity: Capacity,
    /// Those of the vehicle on this shift.
    pub terms: Terms,
    /// Shared by the event that set it.
    pub plan: Arc<Plan>,
    /// Counts the changes of this schedule.
    pub revision: u64,
    /// The last of the stops that staff have frozen.
    pub frozen: Option<StopId>,
    /// Kept as the driver's asks and rules change.
    pub asking: Asking,
    /// From the end of this shift to the start of the next one of its vehicle, if there is one.
    pub way_on: TravelTime,
    /// How far it was sent on this shift without a rider asking for it.
    pub repositioned: Metres,
}

impl Schedule {
    /// A schedule without stops, waiting at the start of its shift.
    pub fn new(shift: Arc<Shift>, capacity: Capacity, terms: Terms, to_end: TravelTime) -> Schedule {
        let whereabouts = Whereabouts::Waiting { place: shift.start.place, since: shift.window.earliest() };
        let plan = Arc::new(Plan { whereabouts, stops: Vec::new(), to_end, route: None });
        let (state, asking, way_on) = (ShiftState::Planned, Asking::Unneeded, TravelTime::ZERO);
        let repositioned = Metres::ZERO;
        Schedule { shift, state, capacity, terms, plan, revision: 0, frozen: None, asking, way_on, repositioned }
    }

    pub fn stops(&self) -> &[Stop] {
        &self.plan.stops
    }

    pub fn next_stop(&self) -> Option<&Stop> {
        self.plan.stops.first()
    }

    /// The parties on board now, summed.
    pub fn load(&self) -> Seats {
        let on_board = |stop: &&Stop| matches!(stop.task, Task::Dropoff { boarded_at: Some(_), .. });
        self.plan.stops.iter().filter(on_board).fold(Seats::NONE, |load, stop| load + stop.party)
    }

    /// The place the vehicle stands at, or last set out from for a stop; of one that is repositioned, where to.
    pub fn place(&self) -> Place {
        match self.plan.whereabouts {
            Whereabouts::Waiting { place, .. } | Whereabouts::Repositioning { to: place, .. } => place,
            Whereabouts::Driving { from, .. } => from,
            Whereabouts::Serving { .. } => self.next_stop().expect("serving means at the first stop").place,
        }
    }

    /// True for the stops that are made where the vehicle next stands.
    pub(crate) fn is_in_next_group(&self, stop: StopId) -> bool {
        self.plan.stops[..self.plan.next_group()].iter().any(|next| next.id == stop)
    }

    /// What a booking whose pickup is ahead is, by what its vehicle does.
    pub(crate) fn pickup_state(&self, booking: BookingId) -> BookingState {
        let pickup_idx = self.position_of(booking, true).expect("its pickup is ahead");
        match self.plan.whereabouts {
            Whereabouts::Driving { .. } if pickup_idx == 0 => BookingState::EnRoute,
            Whereabouts::Serving { .. } if pickup_idx < self.plan.next_group() => BookingState::Arrived,
            _ => BookingState::Confirmed,
        }
    }

    pub fn position_of(&self, booking: BookingId, is_pickup: bool) -> Option<usize> {
        self.plan.stops.iter().position(|stop| stop.booking == Some(booking) && stop.is_pickup() == is_pickup)
    }
}
