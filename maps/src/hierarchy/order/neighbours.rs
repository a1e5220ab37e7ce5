//! Who is joined to whom by a road, without directions, loops and doubles.

use crate::turn_graph::TurnGraph;

/// Lists of neighbours, each in a stretch of one column. Lists may shrink but not grow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Neighbours {
    /// Node -> where its list starts; one more entry than nodes.
    first: Vec<u32>,
    /// Node -> how many neighbours it has left.
    degree: Vec<u32>,
    to: Vec<u32>,
}

/// The nodes that are left of a graph, numbered anew.
pub(super) struct Kernel {
    /// New number -> old number, ascending.
    pub(super) nodes: Vec<u32>,
    pub(super) neighbours: Neighbours,
}

impl Neighbours {
    pub(super) fn of_roads(turns: &TurnGraph) -> Neighbours {
        let mut pairs: Vec<(u32, u32)> = turns
            .nodes()
            .flat_map(|node| turns.out_arcs(node).map(move |arc| (node.0, turns.head(arc).0)))
            .filter(|(tail, head)| tail != head)
            .flat_map(|(tail, head)| [(tail, head), (head, tail)])
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        Neighbours::of_pairs(turns.node_count(), pairs.into_iter())
    }

    /// Pairs in ascending order, each in both directions.
    fn of_pairs(nodes: usize, pairs: impl Iterator<Item = (u32, u32)>) -> Neighbours {
        let mut neighbours = Neighbours { first: vec![0], degree: vec![0; nodes], to: Vec::new() };
        for (from, to) in pairs {
            neighbours.first.resize(from as usize + 1, neighbours.to.len() as u32);
            neighbours.degree[from as usize] += 1;
            neighbours.to.push(to);
        }
        neighbours.first.resize(nodes + 1, neighbours.to.len() as u32);
        neighbours
    }

    pub(super) fn node_count(&self) -> usize {
        self.degree.len()
    }

    pub(super) fn of(&self, node: u32) -> &[u32] {
        let first = self.first[node as usize] as usize;
        &self.to[first..first + self.degree[node as usize] as usize]
    }

    pub(super) fn degree(&self, node: u32) -> u32 {
        self.degree[node as usize]
    }

    pub(super) fn remove(&mut self, node: u32, neighbour: u32) {
        let place = self.place(node, neighbour);
        self.degree[node as usize] -= 1;
        let last = self.first[node as usize] + self.degree[node as usize];
        self.to.swap(place, last as usize);
    }

    /// Puts `new` in the place of `old`, or only takes `old` away if `new` is there already.
    pub(super) fn replace(&mut self, node: u32, old: u32, new: u32) {
        if self.of(node).contains(&new) {
            self.remove(node, old);
        } else {
            let place = self.place(node, old);
            self.to[place] = new;
        }
    }

    fn place(&self, node: u32, neighbour: u32) -> usize {
        let offset = self.of(node).iter().position(|&to| to == neighbour).expect("neighbours know each other");
        self.first[node as usize] as usize + offset
    }

    /// All nodes but `gone`, whose lists nobody is in any more.
    pub(super) fn remaining(&self, gone: &[u32]) -> Kernel {
        let mut is_gone = vec![false; self.node_count()];
        for &node in gone {
            is_gone[node as usize] = true;
        }
        let nodes: Vec<u32> = (0..self.node_count() as u32).filter(|&node| !is_gone[node as usize]).collect();
        let mut number = vec![u32::MAX; self.node_count()];
        for (new, &old) in nodes.iter().enumerate() {
            number[old as usize] = new as u32;
        }
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for (new, &old) in nodes.iter().enumerate() {
            let start = pairs.len();
            pairs.extend(self.of(old).iter().map(|&to| (new as u32, number[to as usize])));
            pairs[start..].sort_unstable();
        }
        let neighbours = Neighbours::of_pairs(nodes.len(), pairs.into_iter());
        Kernel { nodes, neighbours }
    }
}
