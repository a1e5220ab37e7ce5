//! Taking away nodes with at most two neighbours: dead ends and bends.
//!
//! Their removal adds at most one shortcut, which takes the place of a road, so they may go first
//! without making anything worse; Bodlaender, Koster, *Safe separators for treewidth* (2006), call
//! these the islet, twig and series rules. Half of a city's nodes go this way and four fifths of an
//! island's. They go in rounds, of neighbours only one in a round, so that a long lane ends up as a low tree, not as a
//! chain.

use crate::hierarchy::order::neighbours::Neighbours;

/// Returns the nodes taken away, in the order of contraction, and leaves the rest in `neighbours`
/// as if they had been contracted.
pub(super) fn reduce(neighbours: &mut Neighbours) -> Vec<u32> {
    let nodes = neighbours.node_count() as u32;
    let mut taken = Vec::new();
    let mut is_taken = vec![false; nodes as usize];
    // The round in which a node last lost a neighbour; it then waits for the next.
    let mut disturbed = vec![0u32; nodes as usize];
    let mut candidates: Vec<u32> = (0..nodes).collect();
    let mut round = 0;
    while !candidates.is_empty() {
        round += 1;
        let mut next = Vec::new();
        for node in candidates {
            if is_taken[node as usize] || 2 < neighbours.degree(node) {
                continue;
            }
            if disturbed[node as usize] == round {
                next.push(node);
                continue;
            }
            for &neighbour in neighbours.of(node) {
                disturbed[neighbour as usize] = round;
                next.push(neighbour);
            }
            contract(neighbours, node);
            is_taken[node as usize] = true;
            taken.push(node);
        }
        next.sort_unstable();
        next.dedup();
        candidates = next;
    }
    taken
}

/// `node` has at most two neighbours.
fn contract(neighbours: &mut Neighbours, node: u32) {
    match *neighbours.of(node) {
        [] => {}
        [one] => neighbours.remove(one, node),
        [one, other] => {
            neighbours.replace(one, node, other);
            neighbours.replace(other, node, one);
        }
        ref more => panic!("node {node} has {} neighbours left", more.len()),
    }
}
