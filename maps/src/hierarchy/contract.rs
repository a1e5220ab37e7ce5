//! Contraction without weights: between whom a shortcut may ever be needed.
//!
//! Dibbelt, Strasser, Wagner, *Customizable Contraction Hierarchies*, on constructing the hierarchy;
//! the method is the symbolic phase of a sparse Cholesky factorisation. Taking a node away joins all
//! its upper neighbours; it is enough to hand them to the lowest of these, its parent, because the
//! parent hands them on when its own turn comes. Every list is merged once, so the work is linear in
//! the result but for sorting short lists.

use crate::hierarchy::order::Order;
use crate::turn_graph::TurnGraph;

/// `first_up` and `up_head` of the hierarchy: for each rank its upper neighbours, ascending.
pub(super) fn contract(turns: &TurnGraph, order: &Order) -> (Vec<u32>, Vec<u32>) {
    let ranks = order.len();
    let (first_road, road_head) = roads_upwards(turns, order);
    let mut first_up = Vec::with_capacity(ranks + 1);
    let mut up_head: Vec<u32> = Vec::with_capacity(road_head.len() * 2);
    let mut children = Children::new(ranks);
    // The rank whose list last took in this neighbour.
    let mut taken_by = vec![u32::MAX; ranks];

    for rank in 0..ranks as u32 {
        let start = up_head.len();
        first_up.push(start as u32);
        let mut take = |head: u32, up_head: &mut Vec<u32>| {
            if taken_by[head as usize] != rank {
                taken_by[head as usize] = rank;
                up_head.push(head);
            }
        };
        for &head in &road_head[first_road[rank as usize] as usize..first_road[rank as usize + 1] as usize] {
            take(head, &mut up_head);
        }
        let mut child = children.first[rank as usize];
        while child != NO_CHILD {
            // Skips the child's first neighbour, which is this rank.
            for place in first_up[child as usize] + 1..first_up[child as usize + 1] {
                let head = up_head[place as usize];
                take(head, &mut up_head);
            }
            child = children.next[child as usize];
        }
        up_head[start..].sort_unstable();
        if let Some(&parent) = up_head.get(start) {
            children.add(parent, rank);
        }
    }
    first_up.push(u32::try_from(up_head.len()).expect("a city has fewer than four thousand million shortcuts"));
    (first_up, up_head)
}

/// The children of each rank in the elimination tree, as linked lists.
struct Children {
    first: Vec<u32>,
    next: Vec<u32>,
}

const NO_CHILD: u32 = u32::MAX;

impl Children {
    fn new(ranks: usize) -> Children {
        Children { first: vec![NO_CHILD; ranks], next: vec![NO_CHILD; ranks] }
    }

    fn add(&mut self, parent: u32, child: u32) {
        self.next[child as usize] = std::mem::replace(&mut self.first[parent as usize], child);
    }
}

/// Every road as a pair of ranks, by its lower end; parallel roads stay, loops go.
fn roads_upwards(turns: &TurnGraph, order: &Order) -> (Vec<u32>, Vec<u32>) {
    let roads = || {
        turns.arcs().map(|(tail, arc)| (tail, turns.head(arc))).filter_map(|(tail, head)| {
            let (tail, head) = (order.rank(tail).0, order.rank(head).0);
            (tail != head).then(|| (tail.min(head), tail.max(head)))
        })
    };
    let mut first = vec![0u32; order.len() + 1];
    for (lower, _) in roads() {
        first[lower as usize + 1] += 1;
    }
    for rank in 0..order.len() {
        first[rank + 1] += first[rank];
    }
    let mut next = first.clone();
    let mut heads = vec![0u32; first[order.len()] as usize];
    for (lower, upper) in roads() {
        heads[next[lower as usize] as usize] = upper;
        next[lower as usize] += 1;
    }
    (first, heads)
}
