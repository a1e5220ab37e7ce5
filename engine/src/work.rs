//! What a decision borrows: the roads, and what earlier decisions left that spares it work.

use std::fmt;

use mukae_maps::{DecisionPoint, Place, TravelTimes};
use mukae_units::{Span, TravelTime};

use crate::schedule::NO_ROAD;

use crate::coverage::PostTimes;
use crate::fleet::{Columns, Drafted};
use crate::insertion::Scratch;

/// What a decision borrows: the roads, and memory.
pub struct Work<'r> {
    pub roads: &'r mut dyn TravelTimes,
    before: Option<RoadsBefore<'r>>,
    pub(crate) memory: Memory,
    /// Before a request is refused, or a booking left without a vehicle, other orders are looked for in so many steps of a
    /// search that would leave it a place; 0: none are. What is found is decided and recorded: no replay searches again.
    pub room_steps: u32,
}

/// What spares the next decision work and changes none: the schedules as columns (they follow whatever dispatcher
/// asks, on whatever roads), and arrays to be used again.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub(crate) columns: Columns,
    /// Drafts so far.
    drafts: u64,
    pub(crate) scratch: Scratch,
    pub(crate) post_times: PostTimes,
}

/// The roads as they were when the plans were last timed, lent with
/// [`Command::RoadsChanged`](crate::Command::RoadsChanged). Without them every leg is asked for again, and
/// a vehicle under way is taken to have followed the way the new roads would show.
pub struct RoadsBefore<'r> {
    /// Says where vehicles under way are.
    pub roads: &'r mut dyn TravelTimes,
    /// False only if the driving time is proven to be the same on both, as `RoadChanges::may_differ` of the
    /// maps says. Every change since the plans were made has been told, so the last one is enough.
    pub may_differ: &'r dyn Fn(Place, Place) -> bool,
}

impl Memory {
    /// From so many schedules on, stops are found by cell, instead of from 256 on. No answer depends on it.
    pub fn grouped_from(schedules: usize) -> Memory {
        let mut memory = Memory::default();
        memory.columns.grouped_min = Some(schedules);
        memory
    }
}

impl<'r> Work<'r> {
    pub fn new(roads: &'r mut dyn TravelTimes) -> Work<'r> {
        Work::with(roads, Memory::default())
    }

    /// With the memory of earlier decisions.
    pub fn with(roads: &'r mut dyn TravelTimes, memory: Memory) -> Work<'r> {
        Work { roads, before: None, memory, room_steps: 0 }
    }

    /// What is left for later decisions, on these roads or others.
    pub fn into_memory(self) -> Memory {
        self.memory
    }

    /// For the decision on roads that changed.
    pub fn after_change(roads: &'r mut dyn TravelTimes, before: RoadsBefore<'r>) -> Work<'r> {
        Work { before: Some(before), ..Work::new(roads) }
    }

    /// For a decision that begins.
    pub(crate) fn new_draft(&mut self) -> Drafted {
        self.memory.drafts += 1;
        Drafted::new(self.memory.drafts)
    }

    /// A leg that had no road is always asked for again.
    pub(crate) fn may_differ(&self, from: Place, to: Place, leg: TravelTime) -> bool {
        leg == NO_ROAD || self.before.as_ref().is_none_or(|before| (before.may_differ)(from, to))
    }

    pub(crate) fn decision_point_before(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint> {
        match &mut self.before {
            Some(before) => before.roads.decision_point(from, to, elapsed),
            None => self.roads.decision_point(from, to, elapsed),
        }
    }
}

impl fmt::Debug for Work<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("metric", &self.roads.metric()).finish_non_exhaustive()
    }
}

impl fmt::Debug for RoadsBefore<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoadsBefore").field("metric", &self.roads.metric()).finish_non_exhaustive()
    }
}
