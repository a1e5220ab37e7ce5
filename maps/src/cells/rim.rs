//! The rim of each cell: the nodes by which drives come out of it and into it, and how far its roads are from there.
//!
//! A drive from a road of one cell to a road of another has a first arc that is not the first cell's, and a last run
//! of arcs that are the other's. Where these begin, it is at an exit of the one and at an entry of the other. So its
//! time is at least that from the road to the nearest exit within the cell, from the nearest exit to the
//! nearest entry by any roads, and from the nearest entry to the road within the cell.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::cells::CellId;
use crate::graph::{EdgeId, RoadGraph};
use crate::hierarchy::{Customized, TOO_FAR};
use crate::turn_graph::TurnNode;

const FAR: u32 = TOO_FAR.as_millis();

/// What lies between the roads of each cell and the other cells, in milliseconds.
pub(super) struct Rims {
    /// Cell -> where drives are that have driven in it and may go on elsewhere; ascending.
    pub(super) exits: Vec<Vec<TurnNode>>,
    /// Cell -> where drives are that have driven elsewhere and may go on in it; ascending.
    pub(super) entries: Vec<Vec<TurnNode>>,
    /// Edge -> the least time from its head to an exit, by roads of the cell; `TOO_FAR` if there is none.
    pub(super) out: Vec<u32>,
    /// Edge -> the least time from an entry to its tail, by roads of the cell, with the price of going on along the
    /// edge; likewise.
    pub(super) into: Vec<u32>,
}

/// An arc of a cell.
#[derive(Clone, Copy)]
struct Hop {
    tail: TurnNode,
    head: TurnNode,
    time: u32,
}

/// Finds the rims of `count` cells.
pub(super) fn rims(graph: &RoadGraph, customized: &Customized, cell_of: &[CellId], count: usize) -> Rims {
    let turns = customized.hierarchy().turns();
    let cell = |edge: EdgeId| cell_of[edge.0 as usize];
    let (mut came_from, mut goes_to) =
        (vec![Touched::Nothing; turns.node_count()], vec![Touched::Nothing; turns.node_count()]);
    let mut edges = vec![Vec::new(); count];
    let mut hops = vec![Vec::new(); count];
    for edge in graph.edges() {
        came_from[turns.start(edge).0 as usize].take(cell(edge));
        edges[cell(edge).0 as usize].push(edge);
    }
    for (tail, arc) in turns.arcs() {
        let (cell, head) = (cell(turns.edge(arc)), turns.head(arc));
        came_from[head.0 as usize].take(cell);
        goes_to[tail.0 as usize].take(cell);
        hops[cell.0 as usize].push(Hop { tail, head, time: customized.arc_time(arc) });
    }
    let unset = || vec![FAR; graph.edge_count()];
    let mut rims = Rims { exits: Vec::new(), entries: Vec::new(), out: unset(), into: unset() };
    let (mut within, mut backwards) = (Within::new(turns.node_count()), Vec::new());
    for (number, (edges, hops)) in edges.iter().zip(&hops).enumerate() {
        let cell = CellId(number as u16);
        let leaves = |node: &TurnNode| goes_to[node.0 as usize].is_touched_by_another(cell);
        let enters = |node: &TurnNode| came_from[node.0 as usize].is_touched_by_another(cell);
        let begun = edges.iter().map(|&edge| turns.start(edge));
        let exits = each_once(hops.iter().map(|hop| hop.head).chain(begun).filter(leaves));
        let entries = each_once(hops.iter().map(|hop| hop.tail).filter(enters));

        backwards.clear();
        backwards.extend(hops.iter().map(|hop| Hop { tail: hop.head, head: hop.tail, time: hop.time }));
        within.search(&exits, &backwards);
        for &edge in edges {
            rims.out[edge.0 as usize] = within.time(turns.start(edge));
        }
        within.search(&entries, hops);
        for &edge in edges {
            let by = turns.entries(graph.tail(edge), edge).map(|entry| within.time(entry.node) + entry.price);
            rims.into[edge.0 as usize] = by.fold(FAR, u32::min);
        }
        rims.exits.push(exits);
        rims.entries.push(entries);
    }
    rims
}

fn each_once(nodes: impl Iterator<Item = TurnNode>) -> Vec<TurnNode> {
    let mut nodes: Vec<TurnNode> = nodes.collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// Of which cells the roads on one side of a node are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Touched {
    Nothing,
    One(CellId),
    Several,
}

impl Touched {
    fn take(&mut self, cell: CellId) {
        *self = match *self {
            Touched::Nothing => Touched::One(cell),
            Touched::One(other) if other == cell => Touched::One(cell),
            _ => Touched::Several,
        }
    }

    fn is_touched_by_another(self, than: CellId) -> bool {
        match self {
            Touched::Nothing => false,
            Touched::One(cell) => cell != than,
            Touched::Several => true,
        }
    }
}

/// Dijkstra within one cell after another. Its arrays are over the nodes of all cells, and are kept.
struct Within {
    /// Node -> its time in the last search; `FAR` where that did not come.
    times: Vec<u32>,
    /// Node -> its first hop in `hops`, for those that have one; stale for others.
    first: Vec<u32>,
    hops: Vec<Hop>,
    reached: Vec<TurnNode>,
    queue: BinaryHeap<Reverse<(u32, TurnNode)>>,
}

impl Within {
    fn new(nodes: usize) -> Within {
        Within {
            times: vec![FAR; nodes],
            first: vec![0; nodes],
            hops: Vec::new(),
            reached: Vec::new(),
            queue: BinaryHeap::new(),
        }
    }

    fn time(&self, node: TurnNode) -> u32 {
        self.times[node.0 as usize]
    }

    /// From the nearest of `starts`, by `hops` alone.
    fn search(&mut self, starts: &[TurnNode], hops: &[Hop]) {
        for node in self.reached.drain(..) {
            self.times[node.0 as usize] = FAR;
        }
        self.hops.clear();
        self.hops.extend(hops.iter().filter(|hop| hop.time < FAR));
        self.hops.sort_unstable_by_key(|hop| hop.tail);
        for (index, hop) in self.hops.iter().enumerate().rev() {
            self.first[hop.tail.0 as usize] = index as u32;
        }
        for &start in starts {
            self.reach(start, 0);
        }
        while let Some(Reverse((time, node))) = self.queue.pop() {
            if self.times[node.0 as usize] < time {
                continue;
            }
            let mut index = self.first[node.0 as usize] as usize;
            // A stale index points at hops of another node, or at none.
            while let Some(&hop) = self.hops.get(index).filter(|hop| hop.tail == node) {
                self.reach(hop.head, time + hop.time);
                index += 1;
            }
        }
    }

    fn reach(&mut self, node: TurnNode, time: u32) {
        let known = &mut self.times[node.0 as usize];
        if time < *known {
            if *known == FAR {
                self.reached.push(node);
            }
            *known = time;
            self.queue.push(Reverse((time, node)));
        }
    }
}
