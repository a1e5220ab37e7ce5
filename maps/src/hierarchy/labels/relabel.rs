//! Labelling from the top down, all ranks or only those that a new metric touches.
//!
//! A label is the minimum over the edges upwards of the label at the edge's head plus the edge's
//! time: the head's ancestors are the first of the rank's own, so both columns run side by side.
//! A rank whose edges stay and whose upper neighbours keep their labels keeps its own.

use std::sync::Arc;

use crate::hierarchy::Rank;
use crate::hierarchy::customize::Customized;
use crate::hierarchy::labels::Labels;
use crate::hierarchy::labels::column::Column;
use crate::hierarchy::labels::kernel::{Block, VectorUnit};
use crate::hierarchy::labels::tree::{Spot, Tree};
use crate::hierarchy::search::{SearchEdge, SearchGraph};

/// Which labels differ between two metrics, direction by direction.
///
/// The time from one rank to another is read from the forward label of the first and the backward
/// label of the second alone. So where neither changed, the time is exactly what it was; see
/// [`Changes::may_differ`]. For a leg between places this must hold for every rank at which its
/// start may be left and every rank at which its end may be reached, and the weights of the edges
/// that the places lie on must be the same too. Nothing follows from a label that did change: the
/// time may still be the same. Paths may change where times do not, among equally short ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changes {
    forward: RankSet,
    backward: RankSet,
}

impl Changes {
    /// True if anything about driving away from this rank changed.
    pub fn is_forward_changed(&self, rank: Rank) -> bool {
        self.forward.contains(rank.0)
    }

    /// True if anything about driving to this rank changed.
    pub fn is_backward_changed(&self, rank: Rank) -> bool {
        self.backward.contains(rank.0)
    }

    /// False only if the time between these ranks is proven to be the same under both metrics.
    pub fn may_differ(&self, from: Rank, to: Rank) -> bool {
        self.is_forward_changed(from) || self.is_backward_changed(to)
    }

    /// How many labels changed, of twice as many as there are ranks.
    pub fn count(&self) -> usize {
        self.forward.count() + self.backward.count()
    }
}

impl Labels {
    /// The labels for `new`, equal to those that [`Labels::build`] would make, and what changed.
    /// Looks at all edges, but computes only what a changed edge can have touched; chunks in which
    /// nothing changed stay shared with `self`.
    ///
    /// Panics unless `self` was built for `old`, and both metrics are of one hierarchy.
    pub fn relabel(&self, old: &Customized, new: &Customized) -> (Labels, Changes) {
        assert_eq!(self.metric, old.metric(), "the labels are of the old metric");
        assert!(Arc::ptr_eq(old.hierarchy(), new.hierarchy()), "both metrics are of one hierarchy");
        let (old, searches) = (old.searches(), new.searches());
        let (tree, unit) = (&self.tree, self.unit);
        let (forward, forward_changes) = label_again(&self.forward, &old.forward, &searches.forward, tree, unit);
        let (backward, backward_changes) = label_again(&self.backward, &old.backward, &searches.backward, tree, unit);
        let labels = Labels { tree: Arc::clone(tree), metric: new.metric(), unit, forward, backward };
        (labels, Changes { forward: forward_changes, backward: backward_changes })
    }

    /// How many of [`Labels::bytes`] are not shared with `other`, which has the same tree.
    pub fn own_bytes(&self, other: &Labels) -> u64 {
        assert!(Arc::ptr_eq(&self.tree, &other.tree), "only labels on one tree are shared");
        self.forward.own_bytes(&other.forward) + self.backward.own_bytes(&other.backward)
    }
}

pub(super) fn label_all(graph: &SearchGraph, tree: &Tree, unit: VectorUnit) -> Column {
    let mut column = Column::unset(tree);
    let mut label = Vec::new();
    for &rank in tree.preorder() {
        let spot = tree.spot(rank);
        compute(graph.edges_of(rank), spot, &column, tree, unit, &mut label);
        column.put(spot, &label);
    }
    column
}

fn label_again(
    column: &Column,
    old: &SearchGraph,
    new: &SearchGraph,
    tree: &Tree,
    unit: VectorUnit,
) -> (Column, RankSet) {
    let mut column = column.clone();
    let mut changed = RankSet::empty(tree.rank_count());
    let mut label = Vec::new();
    for &rank in tree.preorder() {
        let edges = new.edges_of(rank);
        if edges == old.edges_of(rank) && !edges.iter().any(|edge| changed.contains(edge.head)) {
            continue;
        }
        let spot = tree.spot(rank);
        compute(edges, spot, &column, tree, unit, &mut label);
        if column.label(spot) != label {
            column.put(spot, &label);
            changed.insert(rank);
        }
    }
    (column, changed)
}

/// The label of the rank at `spot` with these `edges` upwards, given the labels of all its ancestors.
fn compute(edges: &[SearchEdge], spot: Spot, column: &Column, tree: &Tree, unit: VectorUnit, label: &mut Vec<Block>) {
    label.clear();
    label.resize(spot.blocks(), Block::UNSET);
    for edge in edges {
        unit.take_sums(label, column.label(tree.spot(edge.head)), edge.time);
    }
    let own = spot.depth as usize - 1;
    label[own / Block::TIMES].0[own % Block::TIMES] = 0;
}

/// A set of ranks, a bit for each.
#[derive(Clone, PartialEq, Eq, Debug)]
struct RankSet {
    words: Vec<u64>,
}

impl RankSet {
    fn empty(ranks: usize) -> RankSet {
        RankSet { words: vec![0; ranks.div_ceil(64)] }
    }

    fn contains(&self, rank: u32) -> bool {
        self.words[rank as usize / 64] >> (rank % 64) & 1 == 1
    }

    fn insert(&mut self, rank: u32) {
        self.words[rank as usize / 64] |= 1 << (rank % 64);
    }

    fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }
}
