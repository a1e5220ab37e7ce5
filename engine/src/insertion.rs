//! Exact best insertion: over all schedules and all pairs of positions, under every promise made.
//!
//! A [`Demand`] is what has to be inserted, an [`Insertion`] a proposal where; nothing changes
//! until it becomes a plan, and the plan an event.

mod anticipate;
mod bound;
pub mod demand;
mod evaluate;
mod exhaustive;
mod hold;
mod joins;
mod near;
mod plan;
mod rest;
mod retime;
mod search;
mod tolerance;
mod view;
mod ways;

use mukae_maps::{DecisionPoint, Place};
use mukae_units::{ShiftId, Time, TravelTime};

pub use demand::{Ask, Demand, SoftLimits};
pub(crate) use exhaustive::{Nearest, insertion_at, nearest_in, nearest_miss};
pub(crate) use hold::held_within;
pub(crate) use joins::Joins;
pub(crate) use plan::{measure, plan_with, plan_without};
pub(crate) use rest::{Rest, best_rest};
pub(crate) use retime::{leg, mended, relink, retimed};
pub(crate) use search::{Scratch, best_insertion};
pub(crate) use tolerance::LegLengths;
pub(crate) use view::{Among, FleetView};
pub(crate) use ways::{Found, best_of_ways, parts};
pub use ways::{Part, Way, ways};

/// A proposal: this schedule, the pickup before its stop `pickup_idx`, the dropoff before its stop
/// `dropoff_idx` (both counted in the schedule as it is; its stop count means "at the end").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Insertion {
    pub shift: ShiftId,
    pub pickup_idx: usize,
    pub dropoff_idx: usize,
    /// Yen per minute times milliseconds.
    pub cost: i64,
    /// What it costs besides those who may ask later and those who were promised something; 0 where nobody counts that.
    pub ahead: i64,
    /// Start of boarding.
    pub pickup: Time,
    /// End of boarding.
    pub boarded: Time,
    /// Start of alighting.
    pub dropoff: Time,
    pub(crate) legs: Legs,
    pub(crate) joins: Joins,
    /// It is allowed only because boardings are held back for it.
    pub is_held: bool,
    /// Set for a declared trip.
    pub(crate) lengths: Option<LegLengths>,
    /// Set if the vehicle is under way and is turned before its next stop: where, and when it is there.
    pub(crate) turned_at: Option<(Place, Time)>,
}

impl Insertion {
    /// All that it costs.
    pub(crate) fn price(&self) -> i64 {
        self.cost + self.ahead
    }

    /// The least is taken.
    pub(crate) fn rank(&self) -> (i64, ShiftId, usize, usize) {
        (self.price(), self.shift, self.pickup_idx, self.dropoff_idx)
    }
}

/// The new legs of an insertion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Legs {
    pub to_pickup: TravelTime,
    /// To the dropoff if that comes next, else to the stop after.
    pub from_pickup: TravelTime,
    /// From the stop before the dropoff; `from_pickup` again if that is the pickup.
    pub to_dropoff: TravelTime,
    /// To the stop after, or to the end of the shift.
    pub from_dropoff: TravelTime,
}

/// Where a driving vehicle can be turned and when it is there; never earlier than now.
pub(crate) fn turning_point(point: DecisionPoint, departed: Time, now: Time) -> (Place, Time) {
    (point.place, (departed + point.after).max(now))
}
