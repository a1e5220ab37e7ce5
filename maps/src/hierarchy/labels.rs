//! Travel-time labels along the elimination tree: exact times between ranks by scanning two short
//! columns.
//!
//! All that an upward search can reach are the ancestors of its start. So the label of a rank is a
//! column with one time for each ancestor, in order from the root: no names of nodes, no search. Two
//! ranks meet at an ancestor of both, and the ancestors they share are the same first entries of
//! both labels; the travel time is the least sum among these. On a metropolis of 264,000 nodes a
//! label has 146 entries on average, but random pairs share only 28 ancestors.
//!
//! Ouyang, Qin, Chang, Lin, Zhang, Zhu, *When Hierarchy Meets 2-Hop-Labeling* (SIGMOD 2018), where
//! the columns hold true distances and a query reads the neighbours of the lowest common ancestor;
//! Farhan, Koehler, Ohms, Wang, *Hierarchical Cut Labelling* (SIGMOD 2024), where as here a query
//! reads all levels that are shared; Koehler, Farhan, Wang, *Stable Tree Labelling* (2025), where as
//! here distances go only through lower nodes, so that a change touches fewer labels. We differ in
//! that labels follow from the search graphs of a customizable contraction hierarchy, from the top
//! down: some shortest path goes up and then down, so the sum over its highest node is exact, and no
//! other sum is too small. Directed roads need nothing new.
//!
//! Labels know ranks, and of the roads only between which two each lies. They are large: ask [`Tree::label_bytes`] first,
//! and where that is too much, search the hierarchy instead.

mod column;
mod fixed;
pub(in crate::hierarchy) mod kernel;
mod relabel;
mod tree;

use std::sync::Arc;

use mukae_units::TravelTime;

use crate::hierarchy::customize::{Customized, FAR};
use crate::hierarchy::labels::column::Column;
use crate::hierarchy::labels::kernel::{Block, VectorUnit};
use crate::hierarchy::labels::tree::Spot;
use crate::hierarchy::order::Rank;
use crate::hierarchy::search::Start;
use crate::travel_times::MetricId;

pub(in crate::hierarchy) use fixed::AHEAD;
pub use fixed::{FixedEnd, FixedStart};
pub(crate) use kernel::prefetch_row;
pub use relabel::Changes;
pub(in crate::hierarchy) use tree::Ends;
pub use tree::Tree;

/// The labels of one metric. Parts that another metric has too are shared with it, see
/// [`Labels::relabel`]; a clone shares everything.
#[derive(Clone, Debug)]
pub struct Labels {
    tree: Arc<Tree>,
    metric: MetricId,
    unit: VectorUnit,
    /// Times from each rank up to its ancestors.
    forward: Column,
    /// Times from each rank's ancestors down to it.
    backward: Column,
}

impl Labels {
    /// Labels all ranks anew. Takes [`Tree::label_bytes`] of memory.
    ///
    /// Panics if `tree` was made from another hierarchy.
    pub fn build(customized: &Customized, tree: &Arc<Tree>) -> Labels {
        let searches = customized.searches();
        assert!(tree.is_of(&searches.parent), "the tree is of another hierarchy");
        assert!(tree.fits(), "labels of {} bytes are too many", tree.label_bytes());
        let unit = VectorUnit::detect();
        Labels {
            tree: Arc::clone(tree),
            metric: customized.metric(),
            unit,
            forward: relabel::label_all(&searches.forward, tree, unit),
            backward: relabel::label_all(&searches.backward, tree, unit),
        }
    }

    pub fn metric(&self) -> MetricId {
        self.metric
    }

    pub fn tree(&self) -> &Arc<Tree> {
        &self.tree
    }

    /// How many bytes these labels take, those included that are shared with other metrics.
    pub fn bytes(&self) -> u64 {
        self.forward.bytes() + self.backward.bytes()
    }

    /// The travel time between two nodes, or `None` if no road leads there.
    pub fn travel_time(&self, from: Rank, to: Rank) -> Option<TravelTime> {
        within_reach(self.time(from.0, to.0))
    }

    /// The travel time of the best drive from one of two nodes to one of two, each with a further time
    /// before or after it; `None` if no road leads there. A single node is given twice.
    pub fn travel_time_between(
        &self,
        starts: [(Rank, TravelTime); 2],
        ends: [(Rank, TravelTime); 2],
    ) -> Option<TravelTime> {
        within_reach(self.time_between(starts.map(Start::from), ends.map(Start::from)))
    }

    /// The time from one rank to another in milliseconds; `FAR` if no road leads there.
    pub(in crate::hierarchy) fn time(&self, from: u32, to: u32) -> u32 {
        self.time_between_spots(self.tree.spot(from), self.tree.spot(to))
    }

    /// The time of the best drive from one of two starts to one of two ends; `FAR` if no road leads there.
    /// A single start or end is given twice.
    pub(in crate::hierarchy) fn time_between(&self, starts: [Start; 2], ends: [Start; 2]) -> u32 {
        let [from, to] =
            [starts, ends].map(|both| both.map(|one| Door { spot: self.tree.spot(one.rank), time: one.time }));
        let common = |doors: [Door; 2]| self.tree.shared(doors[0].spot, doors[1].spot);
        self.time_by_doors(from, common(from), to, common(to))
    }

    /// The time of the best drive between two places, each of which has its doors at the ends of one road; at least
    /// `FAR` if no road leads there.
    #[inline]
    pub(in crate::hierarchy) fn time_between_roads(&self, from: Doors, to: Doors) -> u32 {
        // How many ancestors are shared takes a while to find out; meanwhile the labels come.
        self.forward.prefetch(from.first.spot);
        self.backward.prefetch(to.first.spot);
        let [start, end] = [from.first, to.first];
        match (from.pair(), to.pair()) {
            (None, None) => start.time + self.time_between_spots(start.spot, end.spot) + end.time,
            (Some(from), Some(to)) => self.time_by_doors(from, Door::shared(from), to, Door::shared(to)),
            (None, Some(to)) => {
                let label = self.forward.label(start.spot);
                start.time + self.time_by_pair(label, start.spot, to, &self.backward)
            }
            (Some(from), None) => {
                let label = self.backward.label(end.spot);
                end.time + self.time_by_pair(label, end.spot, from, &self.forward)
            }
        }
    }

    /// The least sum of a column of times of the ancestors of `spot` and the labels in `column` of two doors.
    #[inline]
    fn time_by_pair(&self, times: &[Block], spot: Spot, doors: [Door; 2], column: &Column) -> u32 {
        let shared = self.tree.shared(spot, doors[0].spot);
        if shared < Door::shared(doors) {
            // Then the other door shares the same ancestors.
            let topped = doors.map(|door| column.topped(door.spot, door.time));
            return self.unit.least_sum_with_pair(times, topped, shared);
        }
        let by_door = |door: Door| {
            let shared = self.tree.shared(spot, door.spot);
            self.unit.least_sum(times, column.label(door.spot), shared) + door.time
        };
        by_door(doors[0]).min(by_door(doors[1]))
    }

    /// With the number of ancestors that the doors on either side share.
    #[inline]
    fn time_by_doors(&self, from: [Door; 2], from_shared: u32, to: [Door; 2], to_shared: u32) -> u32 {
        let shared = self.tree.shared(from[0].spot, to[0].spot);
        if shared < from_shared && shared < to_shared {
            // Below the last ancestor that is shared, both starts are on one branch and both ends on
            // another. Then all pairs share the same ancestors, and one pass over four labels does.
            // So it always is with two roads, unless they are close by.
            let there = from.map(|door| self.forward.topped(door.spot, door.time));
            let back = to.map(|door| self.backward.topped(door.spot, door.time));
            return self.unit.least_sum_of_pairs(there, back, shared);
        }
        let pairs = from.into_iter().flat_map(|start| to.map(|end| (start, end)));
        pairs
            .map(|(start, end)| start.time + self.time_between_spots(start.spot, end.spot) + end.time)
            .fold(FAR, u32::min)
    }

    fn time_between_spots(&self, from: Spot, to: Spot) -> u32 {
        self.unit.least_sum(self.forward.label(from), self.backward.label(to), self.tree.shared(from, to))
    }
}

/// Where a place is left or reached, and the time between the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::hierarchy) struct Door {
    pub(in crate::hierarchy) spot: Spot,
    /// In milliseconds, at most `FAR`.
    pub(in crate::hierarchy) time: u32,
}

/// All ways to leave a place, or to reach it, on an ordinary road.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::hierarchy) struct Doors {
    pub(in crate::hierarchy) first: Door,
    /// At the other end of the road, if one may stand on the other side.
    pub(in crate::hierarchy) second: Option<Door>,
}

impl Doors {
    #[inline]
    fn pair(self) -> Option<[Door; 2]> {
        self.second.map(|second| [self.first, second])
    }
}

impl Door {
    /// How many ancestors the doors of one road share: one is an ancestor of the other, or is the other.
    #[inline]
    fn shared(doors: [Door; 2]) -> u32 {
        doors[0].spot.depth.min(doors[1].spot.depth)
    }
}

impl From<(Rank, TravelTime)> for Start {
    fn from((rank, time): (Rank, TravelTime)) -> Start {
        Start { rank: rank.0, time: time.as_millis().min(FAR) }
    }
}

fn within_reach(time: u32) -> Option<TravelTime> {
    (time < FAR).then_some(TravelTime::from_millis(time))
}

#[cfg(test)]
mod tests;
