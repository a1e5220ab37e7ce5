//! Cutting the roads into compact cells of about as many roads each.
//!
//! The roads' midpoints are halved again and again across the longer side of their box (a k-d tree). Rivers and
//! railways are not looked at: where one runs through a cell, its times are as loose as the road over it is short.

use crate::cells::CellId;
use crate::geometry::LocalFrame;
use crate::graph::{EdgeId, RoadGraph};

/// A road by one of its edges, and its midpoint in decimetres.
#[derive(Clone, Copy)]
struct Road {
    at: [i64; 2],
    edge: EdgeId,
}

/// Edge -> its cell; both directions of a road have the same. Every one of the `count` cells has a road.
///
/// Panics if there are more cells than roads.
pub(super) fn partition(graph: &RoadGraph, count: usize) -> Vec<CellId> {
    let mut cell_of = vec![CellId(0); graph.edge_count()];
    let mut roads = roads(graph);
    assert!(count <= roads.len(), "{count} cells of {} roads", roads.len());
    let mut parts = if count == 0 { Vec::new() } else { vec![(&mut roads[..], 0..count)] };
    while let Some((roads, cells)) = parts.pop() {
        if cells.len() == 1 {
            for road in roads {
                let cell = CellId(cells.start as u16);
                cell_of[road.edge.0 as usize] = cell;
                if let Some(twin) = graph.twin(road.edge) {
                    cell_of[twin.0 as usize] = cell;
                }
            }
            continue;
        }
        let left = cells.len() / 2;
        let at = roads.len() * left / cells.len();
        let axis = longer_axis(roads);
        // By number where midpoints are the same, so that the cut is always the same.
        roads.select_nth_unstable_by_key(at, |road| (road.at[axis], road.at[1 - axis], road.edge));
        let (before, behind) = roads.split_at_mut(at);
        let middle = cells.start + left;
        parts.extend([(behind, middle..cells.end), (before, cells.start..middle)]);
    }
    cell_of
}

fn roads(graph: &RoadGraph) -> Vec<Road> {
    let Some(first) = graph.edges().next() else { return Vec::new() };
    let frame = LocalFrame::around(graph.position(graph.tail(first)));
    let end = |node| frame.project(graph.position(node)).map(|metres| (metres * 5.0).round() as i64);
    let road = |edge| {
        let (tail, head) = (end(graph.tail(edge)), end(graph.head(edge)));
        Road { at: [tail[0] + head[0], tail[1] + head[1]], edge }
    };
    graph.edges().filter(|&edge| graph.is_canonical(edge)).map(road).collect()
}

/// 0 if the roads reach further from west to east, 1 if from south to north.
fn longer_axis(roads: &[Road]) -> usize {
    let extent = |axis: usize| {
        let along = || roads.iter().map(|road| road.at[axis]);
        along().max().zip(along().min()).map_or(0, |(max, min)| max - min)
    };
    usize::from(extent(0) < extent(1))
}
