//! One end of many drives, kept at hand while the other end changes.
//!
//! A place may be left at two ranks, each after some time of its own. Where one of the two is an
//! ancestor of the other, as the ends of a road always are, its label runs along the first part of
//! the other's, so the two become one column: the many drives then cost no more than from a node.
//!
//! The other ends lie anywhere in memory. Asked one by one, nearly all the time goes into waiting for
//! it; asked as a list, each is fetched while those before it are answered, in less than half the time.

use mukae_units::TravelTime;

use crate::hierarchy::customize::FAR;
use crate::hierarchy::labels::column::Column;
use crate::hierarchy::labels::kernel::Block;
use crate::hierarchy::labels::tree::{Spot, Tree};
use crate::hierarchy::labels::{Doors, Ends, Labels, within_reach};
use crate::hierarchy::order::Rank;
use crate::hierarchy::search::Start;
use crate::place::Sides;
use crate::travel_times::MetricId;

/// Where many drives start; filled by [`Labels::fix_start`]. Keeps its memory for the next.
#[derive(Clone, Debug, Default)]
pub struct FixedStart(Branches);

/// Where many drives end; filled by [`Labels::fix_end`]. Keeps its memory for the next.
#[derive(Clone, Debug, Default)]
pub struct FixedEnd(Branches);

impl Labels {
    /// Many drives will start at a node, or at one of several, each after a time already spent.
    pub fn fix_start(&self, starts: &[(Rank, TravelTime)], fixed: &mut FixedStart) {
        self.fix_starts(starts.iter().copied().map(Start::from), fixed);
    }

    /// Many drives will end at a node, or at one of several, each with a time still to go.
    pub fn fix_end(&self, ends: &[(Rank, TravelTime)], fixed: &mut FixedEnd) {
        self.fix_ends(ends.iter().copied().map(Start::from), fixed);
    }

    /// The travel time to a node, or `None` if no road leads there. `fixed` must have been
    /// filled by these labels.
    pub fn travel_time_from(&self, fixed: &FixedStart, to: Rank) -> Option<TravelTime> {
        within_reach(self.time_from(fixed, to.0))
    }

    /// The travel time from a node, or `None` if no road leads there. `fixed` must have
    /// been filled by these labels.
    pub fn travel_time_to(&self, from: Rank, fixed: &FixedEnd) -> Option<TravelTime> {
        within_reach(self.time_to(from.0, fixed))
    }

    /// The travel time to each of `ends`, in their order; `times` is cleared first.
    pub fn travel_times_from(&self, fixed: &FixedStart, ends: &[Rank], times: &mut Vec<Option<TravelTime>>) {
        times.clear();
        self.each_time_from(fixed, ends, |time| times.push(within_reach(time)));
    }

    /// The travel time from each of `starts`, in their order; `times` is cleared first.
    pub fn travel_times_to(&self, starts: &[Rank], fixed: &FixedEnd, times: &mut Vec<Option<TravelTime>>) {
        times.clear();
        self.each_time_to(starts, fixed, |time| times.push(within_reach(time)));
    }

    pub(in crate::hierarchy) fn fix_starts(&self, starts: impl Iterator<Item = Start>, fixed: &mut FixedStart) {
        fixed.0.fill(starts, self, &self.forward);
    }

    pub(in crate::hierarchy) fn fix_ends(&self, ends: impl Iterator<Item = Start>, fixed: &mut FixedEnd) {
        fixed.0.fill(ends, self, &self.backward);
    }

    /// In milliseconds; `FAR` if no road leads there.
    pub(in crate::hierarchy) fn time_from(&self, fixed: &FixedStart, to: u32) -> u32 {
        fixed.0.least_sum(self.tree.spot(to), self, &self.backward)
    }

    /// In milliseconds; `FAR` if no road leads there.
    pub(in crate::hierarchy) fn time_to(&self, from: u32, fixed: &FixedEnd) -> u32 {
        fixed.0.least_sum(self.tree.spot(from), self, &self.forward)
    }

    /// [`Labels::time_from`] for each of `ends`, told to `answer` in their order.
    pub(in crate::hierarchy) fn each_time_from(&self, fixed: &FixedStart, ends: &[Rank], answer: impl FnMut(u32)) {
        fixed.0.least_sums(ends, self, &self.backward, answer);
    }

    /// [`Labels::time_to`] for each of `starts`, told to `answer` in their order.
    pub(in crate::hierarchy) fn each_time_to(&self, starts: &[Rank], fixed: &FixedEnd, answer: impl FnMut(u32)) {
        fixed.0.least_sums(starts, self, &self.forward, answer);
    }

    /// The time to a place on a road, see [`Labels::time_between_roads`].
    #[inline]
    pub(in crate::hierarchy) fn time_to_road(&self, fixed: &FixedStart, doors: Doors) -> u32 {
        fixed.0.least_sum_by_doors(doors, self, &self.backward)
    }

    /// The time from a place on a road, likewise.
    #[inline]
    pub(in crate::hierarchy) fn time_from_road(&self, doors: Doors, fixed: &FixedEnd) -> u32 {
        fixed.0.least_sum_by_doors(doors, self, &self.forward)
    }

    /// Asks the memory for what [`Labels::time_to_road`] will need.
    #[inline]
    pub(in crate::hierarchy) fn prefetch_end(&self, ends: Ends, sides: Sides) {
        prefetch_label(&self.backward, ends.tail, ends.head, sides);
    }

    /// Asks the memory for what [`Labels::time_from_road`] will need.
    #[inline]
    pub(in crate::hierarchy) fn prefetch_start(&self, ends: Ends, sides: Sides) {
        prefetch_label(&self.forward, ends.head, ends.tail, sides);
    }
}

#[inline]
fn prefetch_label(column: &Column, own: Spot, other: Spot, sides: Sides) {
    column.prefetch(own);
    if sides == Sides::Both {
        column.prefetch(other);
    }
}

/// How many questions ahead memory is asked. From 4 to 12 it hardly matters.
pub(in crate::hierarchy) const AHEAD: usize = 8;

/// Labels of ranks none of which is an ancestor of another.
#[derive(Clone, Debug, Default)]
struct Branches {
    branches: Vec<Branch>,
    /// How many of `branches` are in use; the others are memory for later.
    used: usize,
    /// Of the labels that filled them.
    metric: MetricId,
}

/// The label of the lowest of some ranks on one way up, with the labels of the others merged in.
#[derive(Clone, Debug)]
struct Branch {
    lowest: Spot,
    times: Vec<Block>,
}

impl Branches {
    /// From the labels in `column`, which is one of the two in `labels`; likewise below.
    fn fill(&mut self, starts: impl Iterator<Item = Start>, labels: &Labels, column: &Column) {
        self.used = 0;
        self.metric = labels.metric;
        for start in starts {
            let spot = labels.tree.spot(start.rank);
            let branch = self.branch_for(spot, &labels.tree);
            labels.unit.take_sums(&mut branch.times, column.label(spot), start.time);
        }
    }

    /// A branch that reaches down to `spot`, lengthened if need be.
    fn branch_for(&mut self, spot: Spot, tree: &Tree) -> &mut Branch {
        let is_on_one_way = |branch: &Branch| tree.shared(branch.lowest, spot) == branch.lowest.depth.min(spot.depth);
        let found = self.branches[..self.used].iter().position(is_on_one_way);
        let index = found.unwrap_or(self.used);
        if index == self.branches.len() {
            self.branches.push(Branch { lowest: spot, times: Vec::new() });
        }
        let branch = &mut self.branches[index];
        if found.is_none() {
            self.used += 1;
            branch.lowest = spot;
            branch.times.clear();
        }
        if branch.lowest.depth < spot.depth {
            branch.lowest = spot;
        }
        branch.times.resize(branch.lowest.blocks(), Block::UNSET);
        branch
    }

    #[inline]
    fn least_sum(&self, spot: Spot, labels: &Labels, column: &Column) -> u32 {
        debug_assert_eq!(self.metric, labels.metric, "one end is of another metric");
        let label = column.label(spot);
        let by = |branch: &Branch| labels.unit.least_sum(&branch.times, label, labels.tree.shared(branch.lowest, spot));
        self.branches[..self.used].iter().map(by).fold(FAR, u32::min)
    }

    /// For each of `ranks` in turn; what later ones will need is fetched while earlier ones are answered.
    fn least_sums(&self, ranks: &[Rank], labels: &Labels, column: &Column, mut answer: impl FnMut(u32)) {
        let tree = &*labels.tree;
        for (index, rank) in ranks.iter().enumerate() {
            // First where a label is, then the label.
            if let Some(later) = ranks.get(index + 2 * AHEAD) {
                tree.prefetch(later.0);
            }
            if let Some(soon) = ranks.get(index + AHEAD) {
                column.prefetch(tree.spot(soon.0));
            }
            answer(self.least_sum(tree.spot(rank.0), labels, column));
        }
    }

    /// For a place on a road.
    #[inline]
    fn least_sum_by_doors(&self, doors: Doors, labels: &Labels, column: &Column) -> u32 {
        match doors.pair() {
            None => self.least_sum(doors.first.spot, labels, column) + doors.first.time,
            Some(pair) => {
                debug_assert_eq!(self.metric, labels.metric, "one end is of another metric");
                let by = |branch: &Branch| labels.time_by_pair(&branch.times, branch.lowest, pair, column);
                self.branches[..self.used].iter().map(by).fold(FAR, u32::min)
            }
        }
    }
}
