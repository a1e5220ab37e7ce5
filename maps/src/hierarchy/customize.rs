//! Filling in weights: a metric turns a hierarchy into one that can be asked.
//!
//! Dibbelt, Strasser, Wagner, *Customizable Contraction Hierarchies*, on basic and on perfect
//! customisation. An up-edge first gets the cheapest road it carries in
//! each direction. Going upwards, it then takes on the best detour over a node below both its ends.
//! Going downwards, detours over higher nodes tell which up-edges no shortest path needs; these
//! are left out of the search graphs, a seventh of all on an island, more than a quarter in a metropolis.
//!
//! We also leave out an edge whose detour is only *as* short. This is safe because weights are
//! positive: from any node, take the nearest higher node on any shortest path to the highest point;
//! all between the two is lower, so that edge has no detour above its tail and is kept.

use std::sync::Arc;

use mukae_units::TravelTime;

use crate::graph::EdgeId;
use crate::hierarchy::search::{SearchEdge, SearchGraph};
use crate::hierarchy::{Hierarchy, NO_CARRIER, Rank};
use crate::travel_times::MetricId;
use crate::turn_graph::TurnArc;

/// No drive takes this long (12.4 days); one that would counts as unreachable. As the weight of a
/// road it means that the road is closed.
pub const TOO_FAR: TravelTime = TravelTime::from_millis(FAR);

/// The private "unreachable". Arrays start at it and only ever take minima, so every entry stays at
/// or below it, and a sum of two entries and two parts of roads still fits 32 bits.
pub(super) const FAR: u32 = (1 << 30) - 1;

const _: () = assert!(FAR as u64 * 4 <= u32::MAX as u64);

/// A hierarchy with the weights of one metric.
#[derive(Clone, Debug)]
pub struct Customized {
    hierarchy: Arc<Hierarchy>,
    metric: MetricId,
    /// Road edge -> driving time; each positive, and at most [`TOO_FAR`], which is a closed road.
    weights: Vec<TravelTime>,
    /// Up-edge -> the shortest way from its lower to its upper end by way of nodes below both.
    upward: Vec<Shortcut>,
    /// Up-edge -> the same from its upper to its lower end.
    downward: Vec<Shortcut>,
    search: Searches,
}

/// How long an up-edge takes in one direction, and what makes it so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Shortcut {
    pub(super) time: u32,
    made: Made,
}

impl Shortcut {
    pub(super) fn part(self) -> Part {
        self.made.part()
    }
}

/// What an up-edge stands for in one direction: an arc, or a detour over a node below both ends; where nothing leads
/// along it, anything. Equal times are settled the same way every time: an arc before a detour, the arc with the
/// smaller number, the detour over the lower node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Made {
    /// The up-edge from the node in the middle to the lower end; of a road, its arc.
    by: u32,
    /// The up-edge from the node in the middle to the upper end; of a road, `NO_DETOUR`.
    to_upper: u32,
}

/// [`Made`], told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Road(TurnArc),
    Detour { to_lower: u32, to_upper: u32 },
}

const NO_DETOUR: u32 = u32::MAX;

impl Made {
    const OF_NOTHING: Made = Made { by: 0, to_upper: NO_DETOUR };

    fn of_road(arc: TurnArc) -> Made {
        Made { by: arc.0, to_upper: NO_DETOUR }
    }

    fn of_detour(to_lower: usize, to_upper: usize) -> Made {
        Made { by: to_lower as u32, to_upper: to_upper as u32 }
    }

    fn part(self) -> Part {
        match self.to_upper {
            NO_DETOUR => Part::Road(TurnArc(self.by)),
            to_upper => Part::Detour { to_lower: self.by, to_upper },
        }
    }
}

/// The edges that shortest paths need, for searching upwards from either end.
#[derive(Clone, Debug)]
pub(super) struct Searches {
    /// Rank -> the lowest upper neighbour in the whole hierarchy; `NO_PARENT` at a top.
    pub(super) parent: Vec<u32>,
    /// Driven as stored, from lower to upper.
    pub(super) forward: SearchGraph,
    /// Driven against the arrow, from upper to lower.
    pub(super) backward: SearchGraph,
}

pub(super) const NO_PARENT: u32 = u32::MAX;

impl Hierarchy {
    /// Takes in a weight for each road edge; one of exactly [`TOO_FAR`] closes it: no drive ends
    /// within it or passes; who is there may leave by its head.
    ///
    /// Panics unless there is one for each, positive and at most [`TOO_FAR`]: readers of maps and
    /// overlays check where weights enter.
    pub fn customize(self: &Arc<Hierarchy>, weights: &[TravelTime], metric: MetricId) -> Customized {
        assert_eq!(weights.len(), self.turns.edge_count(), "one weight for each road edge");
        for (edge, &weight) in weights.iter().enumerate() {
            assert!(TravelTime::ZERO < weight && weight <= TOO_FAR, "{:?} takes {weight:?}", EdgeId(edge as u32));
        }
        let [mut up, mut down] = carry_roads(self, weights);
        relax_lower_triangles(self, &mut up, &mut down);
        let (upward, downward) = (up.shortcuts(), down.shortcuts());
        let search = searches(self, up.times, down.times);
        Customized { hierarchy: Arc::clone(self), metric, weights: weights.to_vec(), upward, downward, search }
    }
}

impl Customized {
    pub fn hierarchy(&self) -> &Arc<Hierarchy> {
        &self.hierarchy
    }

    pub fn metric(&self) -> MetricId {
        self.metric
    }

    /// What driving an arc takes, the price of passing through included.
    pub(crate) fn arc_time(&self, arc: TurnArc) -> u32 {
        arc_time(&self.hierarchy, &self.weights, arc)
    }

    pub fn weight(&self, edge: EdgeId) -> TravelTime {
        self.weights[edge.0 as usize]
    }

    /// The weights this was customised with, one for each road edge.
    pub fn weights(&self) -> &[TravelTime] {
        &self.weights
    }

    /// How many directed edges the two search graphs keep, of twice [`Hierarchy::up_edge_count`].
    pub fn search_edge_count(&self) -> usize {
        self.search.forward.edge_count() + self.search.backward.edge_count()
    }

    pub(super) fn searches(&self) -> &Searches {
        &self.search
    }

    /// An up-edge from its lower to its upper end, or back.
    #[inline]
    pub(super) fn shortcut(&self, up_edge: u32, upwards: bool) -> Shortcut {
        if upwards { self.upward[up_edge as usize] } else { self.downward[up_edge as usize] }
    }
}

/// The up-edges in one direction, while they are filled in.
struct Direction {
    times: Vec<u32>,
    made: Vec<Made>,
}

impl Direction {
    fn unset(len: usize) -> Direction {
        Direction { times: vec![FAR; len], made: vec![Made::OF_NOTHING; len] }
    }

    fn shortcuts(&self) -> Vec<Shortcut> {
        self.times.iter().zip(&self.made).map(|(&time, &made)| Shortcut { time, made }).collect()
    }

    #[inline]
    fn take(&mut self, index: usize, time: u32, made: Made) {
        if time < self.times[index] {
            self.times[index] = time;
            self.made[index] = made;
        }
    }
}

fn arc_time(hierarchy: &Hierarchy, weights: &[TravelTime], arc: TurnArc) -> u32 {
    let weight = weights[hierarchy.turns.edge(arc).0 as usize].as_millis();
    (weight + hierarchy.turns.price(arc)).min(FAR)
}

/// The cheapest road each up-edge carries, upwards and downwards. A closed road weighs as much as
/// no road, so nothing after this knows the difference.
fn carry_roads(hierarchy: &Hierarchy, weights: &[TravelTime]) -> [Direction; 2] {
    let mut directions = [(); 2].map(|()| Direction::unset(hierarchy.up_edge_count()));
    for (index, &carrier) in hierarchy.carrier.iter().enumerate() {
        if carrier != NO_CARRIER {
            let arc = TurnArc(index as u32);
            let time = arc_time(hierarchy, weights, arc);
            directions[(carrier & 1) as usize].take((carrier >> 1) as usize, time, Made::of_road(arc));
        }
    }
    directions
}

/// For each node upwards: all edges out of it take on the detours over nodes below, the lowest first.
fn relax_lower_triangles(hierarchy: &Hierarchy, up: &mut Direction, down: &mut Direction) {
    // The edges out of the node at work, spread out by their heads.
    let mut up_to = Direction::unset(hierarchy.order.len());
    let mut down_from = Direction::unset(hierarchy.order.len());
    for rank in 0..hierarchy.order.len() {
        let own = hierarchy.first_up[rank] as usize..hierarchy.first_up[rank + 1] as usize;
        for up_edge in own.clone() {
            let head = hierarchy.up_head[up_edge] as usize;
            (up_to.times[head], up_to.made[head]) = (up.times[up_edge], up.made[up_edge]);
            (down_from.times[head], down_from.made[head]) = (down.times[up_edge], down.made[up_edge]);
        }
        for (below, others) in lower_neighbours(hierarchy, rank) {
            let (to_below, from_below) = (down.times[below], up.times[below]);
            for other in others {
                let (head, by) = (hierarchy.up_head[other] as usize, Made::of_detour(below, other));
                up_to.take(head, to_below + up.times[other], by);
                down_from.take(head, down.times[other] + from_below, by);
            }
        }
        for up_edge in own {
            let head = hierarchy.up_head[up_edge] as usize;
            (up.times[up_edge], up.made[up_edge]) = (up_to.times[head], up_to.made[head]);
            (down.times[up_edge], down.made[up_edge]) = (down_from.times[head], down_from.made[head]);
        }
    }
}

/// The up-edges into `rank`, each with the further up-edges of its lower end. The other heads of
/// these are neighbours of `rank`: together they make all triangles of which `rank` is the middle.
fn lower_neighbours(hierarchy: &Hierarchy, rank: usize) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> {
    let down = hierarchy.first_down[rank] as usize..hierarchy.first_down[rank + 1] as usize;
    hierarchy.down[down].iter().map(|&below| {
        let end = hierarchy.first_up[hierarchy.up_tail[below as usize] as usize + 1];
        (below as usize, below as usize + 1..end as usize)
    })
}

/// Perfect customisation. Takes times that hold by way of lower nodes, brings them down to the true
/// shortest ones from the top, and keeps the edges that no detour over a higher node matches.
fn searches(hierarchy: &Hierarchy, mut upward: Vec<u32>, mut downward: Vec<u32>) -> Searches {
    let mut keep_up: Vec<bool> = upward.iter().map(|&time| time < FAR).collect();
    let mut keep_down: Vec<bool> = downward.iter().map(|&time| time < FAR).collect();
    let mut up_to = vec![FAR; hierarchy.order.len()];
    let mut down_from = vec![FAR; hierarchy.order.len()];
    for rank in (0..hierarchy.order.len()).rev() {
        // All edges out of this rank are final: what could better them has its middle further up.
        for up_edge in hierarchy.first_up[rank] as usize..hierarchy.first_up[rank + 1] as usize {
            up_to[hierarchy.up_head[up_edge] as usize] = upward[up_edge];
            down_from[hierarchy.up_head[up_edge] as usize] = downward[up_edge];
        }
        for (one, others) in lower_neighbours(hierarchy, rank) {
            let (mut one_up, mut one_down) = (upward[one], downward[one]);
            let (mut one_keep_up, mut one_keep_down) = (keep_up[one], keep_down[one]);
            for other in others {
                // Between `rank` and the other head, there and back.
                let there = up_to[hierarchy.up_head[other] as usize];
                let back = down_from[hierarchy.up_head[other] as usize];
                take(&mut one_up, &mut one_keep_up, upward[other] + back);
                take(&mut one_down, &mut one_keep_down, there + downward[other]);
                take(&mut upward[other], &mut keep_up[other], one_up + there);
                take(&mut downward[other], &mut keep_down[other], back + one_down);
            }
            (upward[one], downward[one]) = (one_up, one_down);
            (keep_up[one], keep_down[one]) = (one_keep_up, one_keep_down);
        }
    }
    let parent = (0..hierarchy.order.len() as u32)
        .map(|rank| hierarchy.parent(Rank(rank)).map_or(NO_PARENT, |parent| parent.0))
        .collect();
    let trimmed = |times: &[u32], keep: &[bool]| {
        SearchGraph::new(
            hierarchy.order.len(),
            (0..times.len()).filter(|&up_edge| keep[up_edge]).map(|up_edge| {
                let edge = SearchEdge { head: hierarchy.up_head[up_edge], time: times[up_edge] };
                (hierarchy.up_tail[up_edge], edge)
            }),
        )
    };
    Searches { parent, forward: trimmed(&upward, &keep_up), backward: trimmed(&downward, &keep_down) }
}

/// A detour at least as short as the edge makes the edge superfluous.
fn take(time: &mut u32, keep: &mut bool, detour: u32) {
    *keep &= *time < detour;
    *time = (*time).min(detour);
}
