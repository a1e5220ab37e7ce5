//! Destination-only roads that lead nowhere else: driveways, car parks, estates with one entrance.
//!
//! Who passes through must come out at another place than where they went in. Where destination-only roads meet
//! open ones at one junction alone nobody can, so there is nothing to keep through traffic from: such roads
//! are as good as open, and need no second node at each of their junctions: on the Isle of Man, this spares
//! two thirds of the nodes that destination-only roads would add.

use petgraph::unionfind::UnionFind;

use crate::graph::{EdgeId, RoadGraph};

/// The destination-only roads that hang together, whatever their direction, and touch open roads at no more than
/// one junction; ascending.
pub(crate) fn dead_ends(graph: &RoadGraph) -> Vec<EdgeId> {
    let is_lane = |edge: &EdgeId| graph.is_destination_only(*edge);
    let mut joined = UnionFind::new(graph.node_count());
    let mut is_open = vec![false; graph.node_count()];
    for edge in graph.edges() {
        let (tail, head) = (graph.tail(edge).0 as usize, graph.head(edge).0 as usize);
        if is_lane(&edge) {
            joined.union(tail, head);
        } else {
            (is_open[tail], is_open[head]) = (true, true);
        }
    }
    let mut entrances = vec![0u32; graph.node_count()];
    for node in (0..graph.node_count()).filter(|&node| is_open[node]) {
        entrances[joined.find_mut(node)] += 1;
    }
    let is_dead_end = |edge: &EdgeId| entrances[joined.find(graph.tail(*edge).0 as usize)] <= 1;
    graph.edges().filter(is_lane).filter(is_dead_end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dijkstra;
    use crate::test_roads::{Lots, drawn, scattered_rules};

    #[track_caller]
    fn check(roads: &str, expected: &str) {
        let graph = drawn(roads);
        let letter = |node: crate::NodeId| (b'A' + node.0 as u8) as char;
        let shown = dead_ends(&graph)
            .into_iter()
            .map(|edge| format!("{}>{}", letter(graph.tail(edge)), letter(graph.head(edge))));
        assert_eq!(shown.collect::<Vec<_>>().join(" "), expected, "{roads}");
    }

    #[test]
    fn a_driveway_is_one_and_a_short_cut_is_none() {
        check("A-B 10, B-C 10, B=D 5", "B>D D>B");
        check("A-B 10, B-C 10, A=C 5", "");
        // A yard with a road round it, and one with a second gate.
        check("A-B 10, B=C 5, C=D 5, D=C 5", "B>C C>B C>D C>D D>C D>C");
        check("A-B 10, B=C 5, C=D 5, D-E 5, E-A 5", "");
        check("A=B 10", "A>B B>A");
    }

    #[test]
    fn two_driveways_at_one_junction_are_two_dead_ends() {
        check("A-B 10, B=C 5, B=D 5", "B>C B>D C>B D>B");
    }

    /// No drive takes longer; and without turn restrictions none takes less.
    #[test]
    fn it_is_all_the_same_to_every_drive() {
        let mut found = 0;
        for seed in 0..300 {
            let graph = scattered_rules(seed).with_restrictions(Vec::new());
            let ends = dead_ends(&graph);
            found += ends.len();
            let opened = graph.clone().without_guard(&ends);
            let places = Lots::new(seed).places(&graph, 8);
            for &from in &places {
                let before = dijkstra::one_to_all(&graph, graph.weights(), from);
                let after = dijkstra::one_to_all(&opened, opened.weights(), from);
                for &to in &places {
                    let [before, after] = [&before, &after].map(|times| times.time_to(&graph, graph.weights(), to));
                    assert_eq!(before, after, "seed {seed}: {from:?} to {to:?}");
                }
            }
        }
        assert!(60 < found, "{found} edges");
    }
}
