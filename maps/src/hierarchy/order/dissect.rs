//! Nested dissection: a small set of nodes that cuts the map in two goes on top, then each part is
//! cut likewise.
//!
//! Schild, Sommer, *On Balanced Separators in Road Networks* (SEA 2015): along some direction, the
//! first part of the nodes is tied together as a source and the last part as a sink; the smallest
//! cut between the two is a good place to divide. We try several directions and keep the smallest
//! cut. Work waits on a stack of our own, so that a large map needs no deep call stack.

use std::ops::Range;

use crate::hierarchy::order::cell::{self, CELL_NODES_MAX};
use crate::hierarchy::order::flow::{CellGraph, Side};
use crate::hierarchy::order::neighbours::Neighbours;

/// Lines along which nodes are sorted, as (east, north).
const DIRECTIONS: [(i64, i64); 4] = [(1, 0), (0, 1), (1, 1), (1, -1)];

/// The share of a cell's nodes that is tied together at either end, in percent.
const BALANCE_PERCENT: usize = 25;

/// The nodes in the order of contraction, those of the first cut last. `positions` are on a plane.
pub(super) fn dissect(neighbours: &Neighbours, positions: &[(i64, i64)]) -> Vec<u32> {
    let nodes = neighbours.node_count();
    let mut dissection = Dissection {
        neighbours,
        positions,
        sequence: (0..nodes as u32).collect(),
        cell_of: vec![WHOLE; nodes],
        cells: WHOLE,
        number: vec![0; nodes],
        waiting: Vec::new(),
    };
    dissection.divide(0..nodes, WHOLE);
    while let Some((range, cell)) = dissection.waiting.pop() {
        dissection.dissect_cell(range, cell);
    }
    dissection.sequence
}

const WHOLE: u32 = 0;
/// Of nodes whose rank is settled.
const ABOVE: u32 = u32::MAX;

struct Dissection<'a> {
    neighbours: &'a Neighbours,
    positions: &'a [(i64, i64)],
    /// The order, by and by: a cell is a range of it, ascending until it is dissected.
    sequence: Vec<u32>,
    /// Node -> the cell it is in.
    cell_of: Vec<u32>,
    /// The last number given to a cell.
    cells: u32,
    /// Node -> its number in the cell at work.
    number: Vec<u32>,
    /// Connected cells still to be dissected.
    waiting: Vec<(Range<usize>, u32)>,
}

impl Dissection<'_> {
    /// Puts a cut on top of a connected cell's range and what it leaves below.
    fn dissect_cell(&mut self, range: Range<usize>, cell: u32) {
        let mut graph = self.cell_graph(range.clone(), cell);
        if graph.node_count() <= CELL_NODES_MAX {
            let order = cell::by_degree(&graph);
            let nodes: Vec<u32> =
                order.into_iter().map(|number| self.sequence[range.start + number as usize]).collect();
            self.sequence[range.clone()].copy_from_slice(&nodes);
            for node in nodes {
                self.cell_of[node as usize] = ABOVE;
            }
            return;
        }
        let separator = self.separator(&mut graph, range.clone());
        for &number in &separator {
            self.cell_of[self.sequence[range.start + number as usize] as usize] = ABOVE;
        }
        let (rest, top): (Vec<u32>, Vec<u32>) =
            self.sequence[range.clone()].iter().partition(|&&node| self.cell_of[node as usize] == cell);
        let border = range.start + rest.len();
        self.sequence[range.start..border].copy_from_slice(&rest);
        self.sequence[border..range.end].copy_from_slice(&top);
        self.divide(range.start..border, cell);
    }

    /// Splits a range into its connected parts, each a cell of its own.
    fn divide(&mut self, range: Range<usize>, cell: u32) {
        for place in range.clone() {
            let start = self.sequence[place];
            if self.cell_of[start as usize] == cell {
                self.cells += 1;
                self.flood(start, cell, self.cells);
            }
        }
        let mut nodes = self.sequence[range.clone()].to_vec();
        nodes.sort_unstable_by_key(|&node| (self.cell_of[node as usize], node));
        let mut start = range.start;
        for part in nodes.chunk_by(|&a, &b| self.cell_of[a as usize] == self.cell_of[b as usize]) {
            let end = start + part.len();
            self.sequence[start..end].copy_from_slice(part);
            self.waiting.push((start..end, self.cell_of[part[0] as usize]));
            start = end;
        }
    }

    /// Moves what is connected to `start` from one cell to another.
    fn flood(&mut self, start: u32, from: u32, to: u32) {
        self.cell_of[start as usize] = to;
        let mut reached = vec![start];
        while let Some(node) = reached.pop() {
            for &neighbour in self.neighbours.of(node) {
                if self.cell_of[neighbour as usize] == from {
                    self.cell_of[neighbour as usize] = to;
                    reached.push(neighbour);
                }
            }
        }
    }

    /// A cell with its nodes numbered by their place in the range.
    fn cell_graph(&mut self, range: Range<usize>, cell: u32) -> CellGraph {
        let nodes = &self.sequence[range];
        for (number, &node) in nodes.iter().enumerate() {
            self.number[node as usize] = number as u32;
        }
        CellGraph::new(nodes.iter().map(|&node| {
            let inside = self.neighbours.of(node).iter().filter(|&&to| self.cell_of[to as usize] == cell);
            inside.map(|&to| self.number[to as usize])
        }))
    }

    /// The nodes, by number, at the smallest cut found in any direction. At least one.
    fn separator(&self, graph: &mut CellGraph, range: Range<usize>) -> Vec<u32> {
        let nodes = &self.sequence[range];
        let tied = (nodes.len() * BALANCE_PERCENT / 100).max(1);
        let mut best: Option<(usize, Vec<Side>)> = None;
        for (east, north) in DIRECTIONS {
            let mut along: Vec<(i64, u32)> = (0..nodes.len() as u32)
                .map(|number| {
                    let (x, y) = self.positions[nodes[number as usize] as usize];
                    (x * east + y * north, number)
                })
                .collect();
            let mut sides = vec![Side::Free; nodes.len()];
            along.select_nth_unstable(tied - 1);
            for &(_, number) in &along[..tied] {
                sides[number as usize] = Side::Source;
            }
            let last = along.len() - tied;
            along[tied..].select_nth_unstable(last - tied);
            for &(_, number) in &along[last..] {
                sides[number as usize] = Side::Sink;
            }
            let bound = best.as_ref().map_or(usize::MAX, |(edges, _)| *edges);
            if let Some(edges) = graph.cut(&mut sides, bound) {
                best = Some((edges, sides));
            }
        }
        let (_, sides) = best.expect("the first direction has no bound to miss");
        graph.ends_of_cut(&sides)
    }
}
