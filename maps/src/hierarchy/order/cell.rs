//! The order inside a cell too small to be worth cutting: fewest neighbours first.

use crate::hierarchy::order::flow::CellGraph;

/// One bit to a node.
pub(super) const CELL_NODES_MAX: usize = 8;

/// Takes away the node with the fewest neighbours, joins these to one another, and so on; of equals
/// the one with the smaller number.
pub(super) fn by_degree(graph: &CellGraph) -> Vec<u32> {
    let nodes = graph.node_count() as u32;
    assert!(nodes as usize <= CELL_NODES_MAX, "{nodes} nodes are no small cell");
    let mut joined: Vec<u64> =
        (0..nodes).map(|node| graph.neighbours(node).iter().fold(0, |bits, &to| bits | 1 << to)).collect();
    let mut left: Vec<u32> = (0..nodes).collect();
    let mut order = Vec::with_capacity(nodes as usize);
    while let Some(place) = (0..left.len()).min_by_key(|&place| joined[left[place] as usize].count_ones()) {
        let node = left.remove(place);
        order.push(node);
        for &other in &left {
            if joined[other as usize] >> node & 1 == 1 {
                joined[other as usize] |= joined[node as usize];
                joined[other as usize] &= !(1 << node | 1 << other);
            }
        }
    }
    order
}
