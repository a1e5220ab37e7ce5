//! Searching up the elimination tree.
//!
//! Dibbelt, Strasser, Wagner, *Customizable Contraction Hierarchies*, on the elimination tree: all an
//! upward search can reach are the ancestors of its start, so it needs no queue; it walks from
//! parent to parent in ascending rank. For many ends: Strasser, Zeitz, *A Fast and Tight Heuristic
//! for A\* in Road Networks* (SEA 2021), on Lazy RPHAST, which along an elimination tree is a walk up
//! to the first node whose time is known, and back down.
//!
//! Every array of times is `FAR` throughout between searches; each function says who puts it back.

use crate::hierarchy::customize::{FAR, NO_PARENT, Searches};

/// An edge towards a higher rank.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SearchEdge {
    pub(super) head: u32,
    pub(super) time: u32,
}

/// Upward edges by tail, in one direction of driving.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct SearchGraph {
    /// Rank -> its first edge; one more entry than ranks.
    first: Vec<u32>,
    edges: Vec<SearchEdge>,
}

impl SearchGraph {
    /// From edges in ascending order of their tails.
    pub(super) fn new(ranks: usize, edges: impl Iterator<Item = (u32, SearchEdge)>) -> SearchGraph {
        let mut graph = SearchGraph { first: vec![0], edges: Vec::new() };
        for (tail, edge) in edges {
            graph.first.resize(tail as usize + 1, graph.edges.len() as u32);
            graph.edges.push(edge);
        }
        graph.first.resize(ranks + 1, graph.edges.len() as u32);
        graph
    }

    pub(super) fn edge_count(&self) -> usize {
        self.edges.len()
    }

    pub(super) fn edges_of(&self, rank: u32) -> &[SearchEdge] {
        &self.edges[self.first[rank as usize] as usize..self.first[rank as usize + 1] as usize]
    }
}

/// Where a search starts: a rank, and the time already spent when it is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Start {
    pub(super) rank: u32,
    pub(super) time: u32,
}

/// Where the two upward searches of a shortest path meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Meeting {
    pub(super) rank: u32,
    pub(super) time: u32,
}

/// What one upward search knows of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Label {
    time: u32,
    /// The rank it was reached from; its own if the search starts there. Stale where `time` is not set.
    from: u32,
}

impl Label {
    pub(super) const UNSET: Label = Label { time: FAR, from: u32::MAX };
}

/// The best meeting below `bound`, by two searches that walk up together.
/// Times in `forward` and `backward` are unset again afterwards; who was reached from whom stays
/// readable along the path found, see [`came_by`].
///
/// One walk over the ancestors of all starts in ascending rank. A node is passed over unless it
/// lies nearer than the best meeting so far, which for near places is most of the common part.
pub(super) fn meet(
    graphs: &Searches,
    starts: &[Start],
    ends: &[Start],
    bound: u32,
    walk: &mut Walk,
    forward: &mut [Label],
    backward: &mut [Label],
) -> Option<Meeting> {
    for (side, labels) in [(starts, &mut *forward), (ends, &mut *backward)] {
        for start in side {
            set(labels, start);
        }
    }
    walk.restart(starts.iter().chain(ends).map(|start| start.rank));
    let mut best = Meeting { rank: NO_PARENT, time: bound };
    while let Some(rank) = walk.next(&graphs.parent) {
        let there = std::mem::replace(&mut forward[rank as usize].time, FAR);
        let back = std::mem::replace(&mut backward[rank as usize].time, FAR);
        if there + back < best.time {
            best = Meeting { rank, time: there + back };
        }
        if there < best.time {
            relax(graphs.forward.edges_of(rank), rank, there, forward);
        }
        if back < best.time {
            relax(graphs.backward.edges_of(rank), rank, back, backward);
        }
    }
    (best.rank != NO_PARENT).then_some(best)
}

fn set(labels: &mut [Label], start: &Start) {
    let label = &mut labels[start.rank as usize];
    if start.time < label.time {
        *label = Label { time: start.time, from: start.rank };
    }
}

fn relax(edges: &[SearchEdge], rank: u32, time: u32, labels: &mut [Label]) {
    for edge in edges {
        let label = &mut labels[edge.head as usize];
        if time + edge.time < label.time {
            *label = Label { time: time + edge.time, from: rank };
        }
    }
}

/// The ranks by which a search reached `rank`, from there back to its start, both included. For
/// the meeting that [`meet`] has just found.
pub(super) fn came_by(labels: &[Label], rank: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(rank), |&rank| Some(labels[rank as usize].from).filter(|&from| from != rank))
}

/// Walks from parent to parent, merged in ascending rank; where two meet, one goes on. Soon all have met,
/// and the rest of the way is one comparison a step.
#[derive(Clone, Debug, Default)]
pub(super) struct Walk {
    /// Where the lowest walk is; `NO_PARENT` once all have passed the top.
    lowest: u32,
    /// Where the others are, in descending order; no two walks at the same rank.
    others: Vec<u32>,
}

impl Walk {
    fn restart(&mut self, starts: impl Iterator<Item = u32>) {
        self.others.clear();
        self.lowest = NO_PARENT;
        for rank in starts {
            self.add(rank);
        }
        self.lowest = self.others.pop().unwrap_or(NO_PARENT);
    }

    #[inline]
    fn next(&mut self, parent: &[u32]) -> Option<u32> {
        let rank = self.lowest;
        if rank == NO_PARENT {
            return None;
        }
        let above = parent[rank as usize];
        match self.others.last() {
            Some(&other) if other <= above => {
                self.others.pop();
                self.lowest = other;
                if other < above && above != NO_PARENT {
                    self.add(above);
                }
            }
            _ => self.lowest = above,
        }
        Some(rank)
    }

    /// To the others, unless one is there already.
    #[inline]
    fn add(&mut self, rank: u32) {
        let position = self.others.iter().take_while(|&&other| rank < other).count();
        if self.others.get(position) != Some(&rank) {
            self.others.insert(position, rank);
        }
    }
}

/// Upward search from `starts`, without a target. Nodes it set are added to `touched`;
/// the caller unsets them.
pub(super) fn climb(
    graph: &SearchGraph,
    parent: &[u32],
    starts: &[Start],
    walk: &mut Walk,
    times: &mut [u32],
    touched: &mut Vec<u32>,
) {
    walk.restart(starts.iter().map(|start| start.rank));
    for start in starts {
        let time = &mut times[start.rank as usize];
        *time = start.time.min(*time);
    }
    while let Some(rank) = walk.next(parent) {
        touched.push(rank);
        let time = times[rank as usize];
        if time < FAR {
            for edge in graph.edges_of(rank) {
                let at_head = &mut times[edge.head as usize];
                *at_head = (time + edge.time).min(*at_head);
            }
        }
    }
}

/// Makes the times at `rank` and all its ancestors exact, after [`climb`] on the opposite graph.
/// A node is done once: it takes the minimum over its edges to higher nodes, which are done before.
pub(super) fn descend(
    graph: &SearchGraph,
    parent: &[u32],
    rank: u32,
    times: &mut [u32],
    done: &mut [bool],
    touched: &mut Vec<u32>,
) -> u32 {
    let first_new = touched.len();
    let mut at = rank;
    while at != NO_PARENT && !done[at as usize] {
        touched.push(at);
        done[at as usize] = true;
        at = parent[at as usize];
    }
    for &at in touched[first_new..].iter().rev() {
        let mut time = times[at as usize];
        for edge in graph.edges_of(at) {
            time = time.min(times[edge.head as usize] + edge.time);
        }
        times[at as usize] = time;
    }
    times[rank as usize]
}
