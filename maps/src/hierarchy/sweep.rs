//! Times between many groups of nodes at once: from the nearest of one group to the nearest of another.
//!
//! Delling, Goldberg, Nowatzyk, Werneck, *PHAST* (IPDPS 2011): all upward searches first, then one sweep over the
//! ranks from the top down makes every time exact. As there, many searches share a sweep, a lane each, and as in
//! RPHAST (Delling, Goldberg, Werneck, *Faster Batched Shortest Paths*, ATMOS 2011) ranks that no group
//! needs are left out. We differ in that the ways up are swept too, lane by lane, as groups start at many nodes.

use std::num::NonZero;
use std::thread;

use crate::hierarchy::Rank;
use crate::hierarchy::customize::{Customized, FAR, NO_PARENT};
use crate::hierarchy::labels::kernel::{Block, VectorUnit};
use crate::hierarchy::search::{SearchEdge, SearchGraph};
use crate::turn_graph::TurnNode;

/// Groups that share a sweep. More read the edges less often, until the times leave the cache.
const LANES: usize = 64;
const BLOCKS: usize = LANES / Block::TIMES;

/// More threads than this wait for memory rather than compute.
const THREADS_MAX: usize = 4;

/// The part of the hierarchy that lies above the nodes of some groups, by places: 0 is the highest rank.
struct Above {
    /// Rank -> its place; `NO_PLACE` where no group needs it.
    place_of: Vec<u32>,
    count: usize,
    forward: SearchGraph,
    backward: SearchGraph,
}

const NO_PLACE: u32 = u32::MAX;

/// From each group of `starts` to each of `ends`, row by row: the least time between two of their nodes in
/// milliseconds, [`TOO_FAR`](crate::hierarchy::TOO_FAR) where no road leads.
///
/// Uses some threads; their number changes no answer.
pub(crate) fn times_between_groups(
    customized: &Customized,
    starts: &[Vec<TurnNode>],
    ends: &[Vec<TurnNode>],
) -> Vec<u32> {
    let above = Above::new(customized, starts.iter().chain(ends).flatten());
    let order = customized.hierarchy().order();
    let places = |groups: &[Vec<TurnNode>]| -> Vec<Vec<u32>> {
        let place = |&node: &TurnNode| above.place_of[order.rank(node).0 as usize];
        groups.iter().map(|group| group.iter().map(place).collect()).collect()
    };
    let (starts, ends) = (places(starts), places(ends));
    let mut times = vec![FAR; starts.len() * ends.len()];
    if times.is_empty() {
        return times;
    }
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX);
    // Whole batches, so that one thread does not sweep for half a batch where another could fill it.
    let share = starts.len().div_ceil(LANES).div_ceil(threads) * LANES;
    thread::scope(|scope| {
        for (starts, times) in starts.chunks(share).zip(times.chunks_mut(share * ends.len())) {
            let (above, ends) = (&above, &ends);
            scope.spawn(move || above.sweep_all(starts, ends, times));
        }
    });
    times
}

impl Above {
    fn new<'a>(customized: &Customized, nodes: impl Iterator<Item = &'a TurnNode>) -> Above {
        let (searches, order) = (customized.searches(), customized.hierarchy().order());
        let mut is_needed = vec![false; order.len()];
        for &node in nodes {
            let Rank(mut rank) = order.rank(node);
            while rank != NO_PARENT && !is_needed[rank as usize] {
                is_needed[rank as usize] = true;
                rank = searches.parent[rank as usize];
            }
        }
        let ranks: Vec<u32> = (0..order.len() as u32).rev().filter(|&rank| is_needed[rank as usize]).collect();
        let mut place_of = vec![NO_PLACE; order.len()];
        for (place, &rank) in ranks.iter().enumerate() {
            place_of[rank as usize] = place as u32;
        }
        let by_place = |graph: &SearchGraph| {
            let edges = ranks.iter().enumerate().flat_map(|(place, &rank)| {
                let above = |edge: &SearchEdge| SearchEdge { head: place_of[edge.head as usize], time: edge.time };
                graph.edges_of(rank).iter().map(move |edge| (place as u32, above(edge)))
            });
            SearchGraph::new(ranks.len(), edges)
        };
        let (forward, backward) = (by_place(&searches.forward), by_place(&searches.backward));
        Above { place_of, count: ranks.len(), forward, backward }
    }

    fn sweep_all(&self, starts: &[Vec<u32>], ends: &[Vec<u32>], times: &mut [u32]) {
        let unit = VectorUnit::detect();
        let mut lanes = vec![Block::UNSET; self.count * BLOCKS];
        let mut is_reached = vec![false; self.count];
        for (batch, times) in starts.chunks(LANES).zip(times.chunks_mut(LANES * ends.len())) {
            lanes.fill(Block::UNSET);
            is_reached.fill(false);
            for (lane, &place) in
                batch.iter().enumerate().flat_map(|(lane, start)| start.iter().map(move |p| (lane, p)))
            {
                lanes[place as usize * BLOCKS + lane / Block::TIMES].0[lane % Block::TIMES] = 0;
                is_reached[place as usize] = true;
            }
            self.sweep_up(unit, &mut lanes, &mut is_reached);
            self.sweep_down(unit, &mut lanes);
            for (column, end) in ends.iter().enumerate() {
                let mut best = [Block::UNSET; BLOCKS];
                for &place in end {
                    unit.take_sums(&mut best, &lanes[place as usize * BLOCKS..][..BLOCKS], 0);
                }
                for lane in 0..batch.len() {
                    times[lane * ends.len() + column] = best[lane / Block::TIMES].0[lane % Block::TIMES];
                }
            }
        }
    }

    fn sweep_up(&self, unit: VectorUnit, lanes: &mut [Block], is_reached: &mut [bool]) {
        for place in (0..self.count).rev() {
            if !is_reached[place] {
                continue;
            }
            let (above, own) = lanes.split_at_mut(place * BLOCKS);
            for edge in self.forward.edges_of(place as u32) {
                is_reached[edge.head as usize] = true;
                unit.take_sums(&mut above[edge.head as usize * BLOCKS..][..BLOCKS], &own[..BLOCKS], edge.time);
            }
        }
    }

    fn sweep_down(&self, unit: VectorUnit, lanes: &mut [Block]) {
        for place in 0..self.count {
            let (above, own) = lanes.split_at_mut(place * BLOCKS);
            for edge in self.backward.edges_of(place as u32) {
                unit.take_sums(&mut own[..BLOCKS], &above[edge.head as usize * BLOCKS..][..BLOCKS], edge.time);
            }
        }
    }
}
