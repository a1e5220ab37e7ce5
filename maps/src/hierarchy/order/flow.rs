//! The smallest cut between two ends of a cell: a maximum flow, one unit to a road.
//!
//! Dinic's algorithm (1970): rounds of a breadth-first search for levels and a depth-first search
//! that fills every shortest way.

/// One connected part of the map while it is being cut in two.
pub(super) struct CellGraph {
    /// Node -> its first half-edge; one more entry than nodes.
    first: Vec<u32>,
    /// Half-edge -> the node it leads to; ascending within a node.
    to: Vec<u32>,
    /// Half-edge -> the same road seen from the other end.
    reverse: Vec<u32>,
    /// Half-edge -> units that flow along it: -1, 0 or 1, and its reverse the opposite.
    flow: Vec<i8>,
    level: Vec<u32>,
    /// Node -> the next half-edge the depth-first search tries.
    next: Vec<u32>,
    queue: Vec<u32>,
    way: Vec<u32>,
}

/// To which end of the cell a node belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Source,
    Free,
    Sink,
}

const UNREACHED: u32 = u32::MAX;

impl CellGraph {
    /// From the neighbours of each node, which are ascending and mutual.
    pub(super) fn new(nodes: impl ExactSizeIterator<Item = impl Iterator<Item = u32>>) -> CellGraph {
        let count = nodes.len();
        let (mut first, mut to) = (vec![0], Vec::with_capacity(count * 4));
        for neighbours in nodes {
            to.extend(neighbours);
            first.push(to.len() as u32);
        }
        // Nodes come in ascending order, and so they stand in every list.
        let mut next: Vec<u32> = first[..count].to_vec();
        let mut reverse = vec![0; to.len()];
        for (half, &head) in to.iter().enumerate() {
            reverse[half] = next[head as usize];
            next[head as usize] += 1;
        }
        let flow = vec![0; to.len()];
        CellGraph { first, to, reverse, flow, level: vec![0; count], next, queue: Vec::new(), way: Vec::new() }
    }

    pub(super) fn node_count(&self) -> usize {
        self.level.len()
    }

    pub(super) fn neighbours(&self, node: u32) -> &[u32] {
        &self.to[self.half_edges(node)]
    }

    /// Finds a smallest cut of fewer than `bound` edges between sources and sinks, says how many it
    /// has and puts the free nodes on its sides; `None` if there is none so small.
    pub(super) fn cut(&mut self, sides: &mut [Side], bound: usize) -> Option<usize> {
        self.flow.fill(0);
        let rim: Vec<u32> = (0..self.node_count() as u32)
            .filter(|&node| sides[node as usize] == Side::Source)
            .filter(|&node| self.neighbours(node).iter().any(|&to| sides[to as usize] != Side::Source))
            .collect();
        let mut edges = 0;
        while self.find_levels(sides, &rim) {
            self.next.copy_from_slice(&self.first[..self.level.len()]);
            for &node in &rim {
                while self.fill_way(sides, node) {
                    edges += 1;
                    if bound <= edges {
                        return None;
                    }
                }
            }
        }
        self.settle_free_nodes(sides);
        Some(edges)
    }

    /// The ends of cut edges on the side that has fewer of them; on a draw, on the larger side.
    pub(super) fn ends_of_cut(&self, sides: &[Side]) -> Vec<u32> {
        let ends = |side: Side| -> Vec<u32> {
            let crosses = |&node: &u32| {
                sides[node as usize] == side && self.neighbours(node).iter().any(|&to| sides[to as usize] != side)
            };
            (0..self.node_count() as u32).filter(crosses).collect()
        };
        let size = |side: Side| sides.iter().filter(|&&other| other == side).count();
        let (near, far) = (ends(Side::Source), ends(Side::Sink));
        let prefers_near = (near.len(), size(Side::Sink)) <= (far.len(), size(Side::Source));
        if prefers_near { near } else { far }
    }

    fn half_edges(&self, node: u32) -> std::ops::Range<usize> {
        self.first[node as usize] as usize..self.first[node as usize + 1] as usize
    }

    /// Levels by distance from the sources over edges with room; true if a sink was reached.
    fn find_levels(&mut self, sides: &[Side], rim: &[u32]) -> bool {
        self.level.fill(UNREACHED);
        self.queue.clear();
        for &node in rim {
            self.level[node as usize] = 0;
            self.queue.push(node);
        }
        let mut nearest_sink = UNREACHED;
        let mut done = 0;
        while let Some(&node) = self.queue.get(done) {
            done += 1;
            let level = self.level[node as usize] + 1;
            if nearest_sink < level {
                break;
            }
            for half in self.half_edges(node) {
                let head = self.to[half] as usize;
                if self.flow[half] < 1 && self.level[head] == UNREACHED && sides[head] != Side::Source {
                    self.level[head] = level;
                    match sides[head] {
                        Side::Sink => nearest_sink = level,
                        _ => self.queue.push(head as u32),
                    }
                }
            }
        }
        nearest_sink != UNREACHED
    }

    /// Sends one unit from a source to some sink, level by level; false if there is no way left.
    fn fill_way(&mut self, sides: &[Side], source: u32) -> bool {
        self.way.clear();
        let mut node = source;
        loop {
            let level = self.level[node as usize] + 1;
            let end = self.first[node as usize + 1];
            let found = (self.next[node as usize]..end).find(|&half| {
                let head = self.to[half as usize] as usize;
                self.flow[half as usize] < 1 && self.level[head] == level
            });
            self.next[node as usize] = found.unwrap_or(end);
            if let Some(half) = found {
                self.way.push(half);
                node = self.to[half as usize];
                if sides[node as usize] == Side::Sink {
                    break;
                }
            } else {
                let Some(half) = self.way.pop() else { return false };
                node = self.to[self.reverse[half as usize] as usize];
                self.next[node as usize] += 1;
            }
        }
        for &half in &self.way {
            self.flow[half as usize] += 1;
            self.flow[self.reverse[half as usize] as usize] -= 1;
        }
        true
    }

    /// Of all smallest cuts, the one next to the sources or the one next to the sinks, whichever
    /// divides the cell more evenly. To be called when no way is left.
    fn settle_free_nodes(&mut self, sides: &mut [Side]) {
        // The last search left out the sources behind the rim, and reached no sink.
        let is_near = |node: &usize| sides[*node] == Side::Source || self.level[*node] != UNREACHED;
        let near = (0..sides.len()).filter(is_near).count();
        let before = self.level.clone();
        self.find_what_reaches_sinks(sides);
        let far = self.level.iter().filter(|&&level| level != UNREACHED).count();
        let half = sides.len() / 2;
        let cut_near = half.abs_diff(near) <= half.abs_diff(far);
        for (node, side) in sides.iter_mut().enumerate().filter(|(_, side)| **side == Side::Free) {
            let is_near = if cut_near { before[node] != UNREACHED } else { self.level[node] == UNREACHED };
            *side = if is_near { Side::Source } else { Side::Sink };
        }
    }

    /// Marks in `level` the nodes from which a sink can be reached over edges with room.
    fn find_what_reaches_sinks(&mut self, sides: &[Side]) {
        self.level.fill(UNREACHED);
        self.queue.clear();
        for node in (0..sides.len()).filter(|&node| sides[node] == Side::Sink) {
            self.level[node] = 0;
            self.queue.push(node as u32);
        }
        while let Some(node) = self.queue.pop() {
            for half in self.half_edges(node) {
                let tail = self.to[half] as usize;
                if self.flow[self.reverse[half] as usize] < 1 && self.level[tail] == UNREACHED {
                    self.level[tail] = 0;
                    self.queue.push(tail as u32);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `width` crossings to a row, neighbours joined; nodes are numbered row by row.
    fn grid(width: u32, height: u32, is_open: impl Fn(u32, u32) -> bool) -> CellGraph {
        let joined = |a: u32, b: u32| is_open(a.min(b), a.max(b));
        CellGraph::new((0..width * height).map(|node| {
            let (row, column) = (node / width, node % width);
            let mut near = Vec::new();
            near.extend((0 < row).then(|| node - width));
            near.extend((0 < column).then(|| node - 1));
            near.extend((column + 1 < width).then_some(node + 1));
            near.extend((row + 1 < height).then_some(node + width));
            near.into_iter().filter(move |&to| joined(node, to)).collect::<Vec<_>>().into_iter()
        }))
    }

    fn left_to_right(width: u32, height: u32) -> Vec<Side> {
        let side = |node| match node % width {
            0 => Side::Source,
            column if column + 1 == width => Side::Sink,
            _ => Side::Free,
        };
        (0..width * height).map(side).collect()
    }

    #[test]
    fn a_grid_is_cut_along_a_column() {
        let mut graph = grid(9, 5, |_, _| true);
        let mut sides = left_to_right(9, 5);
        assert_eq!(graph.cut(&mut sides, usize::MAX), Some(5));
        assert_eq!(graph.ends_of_cut(&sides).len(), 5);
        assert_eq!(graph.cut(&mut left_to_right(9, 5), 6), Some(5));
        assert_eq!(graph.cut(&mut left_to_right(9, 5), 5), None);
    }

    #[test]
    fn a_river_is_crossed_at_its_bridges() {
        // Between columns 3 and 4 only rows 1 and 3 have a bridge.
        let is_bridge = |a: u32, b: u32| a % 9 != 3 || b % 9 != 4 || a / 9 == 1 || a / 9 == 3;
        let mut graph = grid(9, 5, is_bridge);
        let mut sides = left_to_right(9, 5);
        assert_eq!(graph.cut(&mut sides, usize::MAX), Some(2));
        // Both banks have two ends; the larger side gives its own.
        assert_eq!(graph.ends_of_cut(&sides), [9 + 4, 27 + 4]);
    }
}
