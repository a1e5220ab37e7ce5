//! The elimination tree without times: how deep each rank lies, where its label is kept, and how
//! many ancestors two ranks share.
//!
//! Schieber, Vishkin, *On Finding Lowest Common Ancestors: Simplification and Parallelization* (SIAM
//! J. Computing 1988): the tree is cut into paths whose names, the inlabels, are places in a complete
//! binary tree, where the common ancestor is a matter of bits. We only ask how many ancestors are
//! shared, not which is the lowest, and stand a root over all roots, so that ranks in separate parts
//! share none.
//!
//! For places on roads the spots of both ends of a road are kept once more, side by side: found by way of
//! junctions and ranks, each would cost three more visits to memory.
//!
//! Ranks lie in memory in preorder: neighbours on the map are neighbours here, and a closed road
//! changes labels that lie together.

use crate::graph::EdgeId;
use crate::hierarchy::customize::NO_PARENT;
use crate::hierarchy::labels::kernel::{Block, prefetch};
use crate::hierarchy::{Hierarchy, Rank};

/// Built once for a hierarchy; serves the labels of all metrics.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Rank -> all that a query needs to know of it.
    spots: Vec<Spot>,
    /// Inlabel -> how many ancestors the top of that path has, itself not counted.
    above: Vec<u32>,
    /// All ranks, each after its ancestors: the order of labels in memory.
    preorder: Vec<u32>,
    /// Chunk -> its length in blocks.
    chunks: Vec<u32>,
    /// In all chunks together.
    blocks: u64,
    /// Road edge -> its ends; `Ends::SPLIT` where either is a split junction.
    ends: Vec<Ends>,
}

/// What is known of a rank; four of these fill a cache line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C, align(16))]
pub(in crate::hierarchy) struct Spot {
    /// The number of its path: all ranks of a path share it.
    inlabel: u32,
    /// One bit for each path between here and the root, by its inlabel's lowest bit.
    ascendant: u32,
    /// How many ancestors it has, itself counted: the length of its label.
    pub(super) depth: u32,
    /// The chunk that holds its label, and the label's first block there.
    place: u32,
}

/// The two ends of a road, in half a cache line: a place is left and reached by them, whichever side of
/// the road it is on. They are neighbours, so one is an ancestor of the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C, align(32))]
pub(in crate::hierarchy) struct Ends {
    pub(in crate::hierarchy) tail: Spot,
    pub(in crate::hierarchy) head: Spot,
}

/// A chunk is as many whole labels as fit into this many blocks (64 Ki times), but at least one.
/// Small enough to be copied for a local change in microseconds, large enough that their list stays
/// in the cache.
const CHUNK_BLOCKS: u32 = 1 << CHUNK_BITS;
const CHUNK_BITS: u32 = 13;

impl Ends {
    /// True for both directions of a road; also for other roads between its ends.
    #[inline]
    pub(in crate::hierarchy) fn are_of_one_road(self, other: Ends) -> bool {
        let places = |ends: Ends| [ends.tail.place, ends.head.place];
        let [tail, head] = places(other);
        places(self) == [tail, head] || places(self) == [head, tail]
    }

    /// No rank has a depth of nothing.
    const SPLIT: Ends = Ends { tail: Spot::NOWHERE, head: Spot::NOWHERE };
}

impl Spot {
    pub(super) const NOWHERE: Spot = Spot { inlabel: 0, ascendant: 0, depth: 0, place: 0 };

    pub(super) fn chunk(self) -> usize {
        (self.place >> CHUNK_BITS) as usize
    }

    /// The label's first block in its chunk.
    pub(super) fn first(self) -> usize {
        (self.place & (CHUNK_BLOCKS - 1)) as usize
    }

    /// How many blocks the label fills.
    pub(super) fn blocks(self) -> usize {
        Block::count_for(self.depth)
    }
}

impl Tree {
    pub fn new(hierarchy: &Hierarchy) -> Tree {
        let ranks = hierarchy.order().len();
        let parent: Vec<u32> =
            (0..ranks as u32).map(|rank| hierarchy.parent(Rank(rank)).map_or(NO_PARENT, |parent| parent.0)).collect();
        let mut tree = Tree::from_parents(&parent);
        let (turns, order) = (hierarchy.turns(), hierarchy.order());
        tree.ends = vec![Ends::SPLIT; turns.edge_count()];
        for (tail, arc) in turns.arcs().take(turns.edge_count()) {
            let head = turns.head(arc);
            if !turns.is_split(tail) && !turns.is_split(head) {
                let [tail, head] = [tail, head].map(|node| tree.spot(order.rank(node).0));
                tree.ends[arc.0 as usize] = Ends { tail, head };
            }
        }
        tree
    }

    /// From each rank's parent, which is above it, or `NO_PARENT`.
    fn from_parents(parent: &[u32]) -> Tree {
        assert!(parent.len() < NO_PARENT as usize / 2, "{} ranks are too many", parent.len());
        let (number, size) = number(parent);
        let mut tree = Tree {
            spots: vec![Spot::NOWHERE; parent.len()],
            above: vec![0; parent.len() + 2],
            preorder: vec![0; parent.len()],
            chunks: Vec::new(),
            blocks: 0,
            ends: Vec::new(),
        };
        // The root over all roots has number 1, and all numbers in its subtree.
        let root = Spot { inlabel: inlabel(1, parent.len() as u32 + 1), ascendant: 0, depth: 0, place: 0 };
        let root = Spot { ascendant: lowest_bit(root.inlabel), ..root };
        for rank in (0..parent.len()).rev() {
            let upper = if parent[rank] == NO_PARENT { root } else { tree.spots[parent[rank] as usize] };
            let inlabel = inlabel(number[rank], size[rank]);
            let ascendant = upper.ascendant | lowest_bit(inlabel);
            tree.spots[rank] = Spot { inlabel, ascendant, depth: upper.depth + 1, place: 0 };
            if inlabel != upper.inlabel {
                tree.above[inlabel as usize] = upper.depth;
            }
            tree.preorder[number[rank] as usize - 2] = rank as u32;
        }
        tree.lay_out();
        tree
    }

    /// Gives every label its place, in preorder, whole within a chunk.
    fn lay_out(&mut self) {
        for &rank in &self.preorder {
            let spot = &mut self.spots[rank as usize];
            let blocks = u32::try_from(spot.blocks()).expect("a depth fits 32 bits");
            match self.chunks.last_mut() {
                Some(chunk) if *chunk + blocks <= CHUNK_BLOCKS => *chunk += blocks,
                _ => self.chunks.push(blocks),
            }
            let chunk = self.chunks.len() as u32 - 1;
            let first = self.chunks[chunk as usize] - blocks;
            // A tree with more chunks than this can number is refused by who builds labels.
            spot.place = chunk << CHUNK_BITS | first;
            self.blocks += u64::from(blocks);
        }
    }

    /// How many bytes the labels of one metric take if none are shared with another's. For a caller
    /// with a cap, before it builds them.
    pub fn label_bytes(&self) -> u64 {
        2 * (self.blocks * size_of::<Block>() as u64 + self.chunks.len() as u64 * CHUNK_OVERHEAD)
    }

    /// How many bytes the tree itself takes, for all metrics together.
    pub fn bytes(&self) -> u64 {
        let numbers = self.above.len() + self.preorder.len() + self.chunks.len();
        (size_of_val(&self.spots[..]) + size_of_val(&self.ends[..]) + numbers * size_of::<u32>()) as u64
    }

    /// True if the chunks can be numbered: labels of up to 128 GiB a direction.
    pub(super) fn fits(&self) -> bool {
        self.chunks.len() <= 1 << (u32::BITS - CHUNK_BITS)
    }

    /// True if this is the tree of a hierarchy with these parents, as far as depths tell.
    pub(super) fn is_of(&self, parent: &[u32]) -> bool {
        let depth_above = |&parent: &u32| if parent == NO_PARENT { 0 } else { self.spot(parent).depth };
        parent.len() == self.spots.len()
            && parent.iter().zip(&self.spots).all(|(parent, spot)| depth_above(parent) + 1 == spot.depth)
    }

    pub fn rank_count(&self) -> usize {
        self.spots.len()
    }

    /// The mean number of ancestors, and the greatest.
    pub fn depths(&self) -> (f64, u32) {
        let sum: u64 = self.spots.iter().map(|spot| u64::from(spot.depth)).sum();
        let deepest = self.spots.iter().map(|spot| spot.depth).max().unwrap_or(0);
        (sum as f64 / self.spots.len().max(1) as f64, deepest)
    }

    /// The ends of a road, if neither is a split junction: then all drives along it, either way, begin and
    /// end at these two.
    #[inline]
    pub(in crate::hierarchy) fn ends(&self, edge: EdgeId) -> Option<Ends> {
        Some(self.ends[edge.0 as usize]).filter(|ends| 0 < ends.tail.depth)
    }

    #[inline]
    pub(in crate::hierarchy) fn prefetch_ends(&self, edge: EdgeId) {
        prefetch(&self.ends[edge.0 as usize]);
    }

    #[inline]
    pub(super) fn spot(&self, rank: u32) -> Spot {
        self.spots[rank as usize]
    }

    #[inline]
    pub(super) fn prefetch(&self, rank: u32) {
        prefetch(&self.spots[rank as usize]);
    }

    pub(super) fn preorder(&self) -> &[u32] {
        &self.preorder
    }

    pub(super) fn chunks(&self) -> &[u32] {
        &self.chunks
    }

    /// How many ancestors two ranks share; each counts as an ancestor of itself. These are the first
    /// so many of both.
    #[inline]
    pub(super) fn shared(&self, one: Spot, other: Spot) -> u32 {
        let differing = one.inlabel ^ other.inlabel;
        if differing == 0 {
            return one.depth.min(other.depth);
        }
        let at_or_above = u32::MAX << differing.ilog2();
        // The lowest bit of the path on which the two meet.
        let meeting = lowest_bit(one.ascendant & other.ascendant & at_or_above);
        self.depth_on(meeting, one).min(self.depth_on(meeting, other))
    }

    /// The depth of the lowest ancestor on the path, passed on the way up, with this lowest bit.
    #[inline]
    fn depth_on(&self, path: u32, spot: Spot) -> u32 {
        let below = spot.ascendant & (path - 1);
        if below == 0 {
            return spot.depth;
        }
        // The path below it on the way up ends at a child of the ancestor looked for.
        let last = 1 << below.ilog2();
        self.above[(spot.inlabel & (!last + 1) | last) as usize]
    }
}

/// What a chunk takes beside its blocks: where it is and how long, and two counters of owners, which
/// the blocks' alignment makes 32 bytes.
pub(super) const CHUNK_OVERHEAD: u64 = 16 + 32;

fn lowest_bit(number: u32) -> u32 {
    number & number.wrapping_neg()
}

/// The number in `first..first + count` that most powers of two divide.
fn inlabel(first: u32, count: u32) -> u32 {
    let last = first + count - 1;
    // The highest bit in which the number before the range differs from its end.
    let bit = ((first - 1) ^ last).ilog2();
    last >> bit << bit
}

/// Preorder numbers, from 2 as 1 is the root over all roots, and how many lie in each subtree.
fn number(parent: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut size = vec![1u32; parent.len()];
    for rank in 0..parent.len() {
        if parent[rank] != NO_PARENT {
            assert!(rank < parent[rank] as usize, "the parent of rank {rank} is {}", parent[rank]);
            size[parent[rank] as usize] += size[rank];
        }
    }
    // From the top down: each takes the next numbers within its parent's.
    let mut number = vec![0u32; parent.len()];
    let mut next_below = vec![0u32; parent.len()];
    let mut next_root = 2;
    for rank in (0..parent.len()).rev() {
        let next = if parent[rank] == NO_PARENT { &mut next_root } else { &mut next_below[parent[rank] as usize] };
        number[rank] = *next;
        *next += size[rank];
        next_below[rank] = number[rank] + 1;
    }
    (number, size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_roads::Lots;

    fn ancestors(parent: &[u32], rank: u32) -> Vec<u32> {
        let above = |&rank: &u32| Some(parent[rank as usize]).filter(|&parent| parent != NO_PARENT);
        let mut ancestors: Vec<u32> = std::iter::successors(Some(rank), above).collect();
        ancestors.reverse();
        ancestors
    }

    #[track_caller]
    fn agrees_with_a_walk(parent: &[u32], context: &str) {
        let tree = Tree::from_parents(parent);
        for one in 0..parent.len() as u32 {
            let above_one = ancestors(parent, one);
            assert_eq!(tree.spot(one).depth as usize, above_one.len(), "{context}: {one} in {parent:?}");
            for other in 0..parent.len() as u32 {
                let above_other = ancestors(parent, other);
                let walked = above_one.iter().zip(&above_other).take_while(|(one, other)| one == other).count();
                let shared = tree.shared(tree.spot(one), tree.spot(other));
                assert_eq!(shared as usize, walked, "{context}: {one} and {other} in {parent:?}");
            }
        }
    }

    #[test]
    fn shared_ancestors_in_random_forests() {
        for seed in 0..600 {
            let lots = &mut Lots::new(seed);
            let ranks = 1 + lots.below(60);
            // From long lanes to bushes, whole or in parts.
            let (reach, roots) = (1 + lots.below(ranks), [0, 3, 30][lots.below(3)]);
            let parent: Vec<u32> = (0..ranks)
                .map(|rank| {
                    let above = rank + 1 + lots.below(reach);
                    if ranks <= above || lots.chance(roots) { NO_PARENT } else { above as u32 }
                })
                .collect();
            agrees_with_a_walk(&parent, &format!("seed {seed}"));
        }
    }

    #[test]
    fn shared_ancestors_in_plain_trees() {
        agrees_with_a_walk(&[], "nothing");
        agrees_with_a_walk(&[NO_PARENT], "one");
        agrees_with_a_walk(&[NO_PARENT; 7], "separate");
        for ranks in 2..70 {
            let lane: Vec<u32> = (1..ranks).chain([NO_PARENT]).collect();
            agrees_with_a_walk(&lane, "lane");
            let star: Vec<u32> = (1..ranks).map(|_| ranks - 1).chain([NO_PARENT]).collect();
            agrees_with_a_walk(&star, "star");
            let binary: Vec<u32> = (0..ranks - 1).map(|rank| ranks - 1 - (ranks - 2 - rank) / 2).collect();
            agrees_with_a_walk(&[&binary[..], &[NO_PARENT]].concat(), "binary");
        }
    }

    #[test]
    fn labels_lie_whole_one_after_another() {
        // A lane makes labels longer and longer, in the end longer than a chunk.
        let ranks = 70_000;
        let lane: Vec<u32> = (1..ranks).chain([NO_PARENT]).collect();
        let tree = Tree::from_parents(&lane);
        assert!(tree.fits());
        let mut expected = (0, 0);
        for &rank in tree.preorder() {
            let spot = tree.spot(rank);
            if spot.chunk() == expected.0 + 1 {
                assert_eq!(tree.chunks()[expected.0] as usize, expected.1);
                expected = (expected.0 + 1, 0);
            }
            assert_eq!((spot.chunk(), spot.first()), expected, "rank {rank}");
            expected.1 += spot.blocks();
        }
        assert_eq!(expected.0 + 1, tree.chunks().len());
    }
}
