//! Roads behind destination-only roads.
//!
//! An estate is often drawn so: `access=destination` on the street that leads in, nothing on those inside. By
//! their tags the streets inside are open, and whoever drives there has come out of destination-only roads
//! again: the price of passing through would be due to everybody who lives there. But nobody can be on their way
//! through such streets who has not paid, or will not pay, for the road that leads to them; so they are for
//! destinations only as well, and the price is due once, to those who come out at another side.

use crate::graph::{EdgeId, RoadGraph};
use crate::turn_graph::TurnGraph;

use super::routable_by;

/// The open roads of the network that one cannot both come to and leave again over open roads alone, from the
/// largest part of it of which this can be said; ascending.
pub(crate) fn enclosed(graph: &RoadGraph) -> Vec<EdgeId> {
    if graph.edges().all(|edge| !graph.is_destination_only(edge)) {
        return Vec::new();
    }
    let is_open = |edge: EdgeId| graph.is_routable(edge) && !graph.is_destination_only(edge);
    let is_free = routable_by(graph, &TurnGraph::new(graph), is_open);
    graph.edges().filter(|&edge| is_open(edge) && !is_free[edge.0 as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dijkstra;
    use crate::test_roads::{Lots, drawn, place, restricted, scattered_rules};

    /// The roads drawn that are enclosed, then rows of `from to seconds`.
    #[track_caller]
    fn check(roads: &str, rules: &str, expected: &str, rows: &str) {
        let graph = restricted(drawn(roads), rules);
        let found = enclosed(&graph);
        let letter = |node: crate::NodeId| (b'A' + node.0 as u8) as char;
        let shown = found.iter().map(|&edge| format!("{}>{}", letter(graph.tail(edge)), letter(graph.head(edge))));
        assert_eq!(shown.collect::<Vec<_>>().join(" "), expected, "{roads}");
        let graph = graph.with_destination_only(&found);
        assert_eq!(enclosed(&graph), [], "{roads}");
        for row in rows.split(", ").filter(|row| !row.is_empty()) {
            let [from, to, seconds] = row.split(' ').collect::<Vec<_>>().try_into().expect("three words");
            let (from, to) = (place(&graph, from), place(&graph, to));
            let time = dijkstra::travel_time(&graph, graph.weights(), from, to);
            let told = time.map_or("-".to_owned(), |time| ((time.as_millis() + 500) / 1000).to_string());
            assert_eq!(told, seconds, "{row} on {roads}");
        }
    }

    /// Four open roads round a block.
    const TOWN: &str = "A-B 10, B-C 10, C-D 10, D-A 10";

    #[test]
    fn a_village_behind_a_lane_is_as_far_as_it_is() {
        let village = format!("{TOWN}, C=E 10, E-F 10, F-G 10");
        let rows = "A>B@0 F>G@50 45, G>F@0 B>A@100 50, E>F@0 F>G@100 20";
        check(&village, "", "E>F F>E F>G G>F", rows);
        // The lane itself is as it was.
        check(&village, "", "E>F F>E F>G G>F", "A>B@0 C>E@50 25, E>C@50 C>B@100 15");
    }

    #[test]
    fn who_passes_a_village_pays_once() {
        let village = "A-B 10, B-C 900, C-H 10, H-C 20, B=E 10, E-F 10, F=C 10, A-D 5";
        check(village, "", "E>F F>E", "A>B@0 C>H@100 350, A>B@0 E>F@100 30, F>E@0 B>A@100 30");
    }

    #[test]
    fn one_open_road_in_is_not_enough_without_one_out() {
        check(&format!("{TOWN}, C>E 10, E-F 10, F=D 10"), "", "C>E E>F F>E", "E>F@0 D>A@100 30");
        check(&format!("{TOWN}, C>E 10, E-F 10, F=D 10, E>C 900"), "", "", "E>F@0 D>A@100 330");
    }

    #[test]
    fn turns_can_enclose_a_road() {
        let roads = format!("{TOWN}, C-E 10, E-F 10, F=D 10");
        check(&roads, "", "", "");
        // The way out is closed, then the way in.
        check(&roads, "no FEC, no CEC", "C>E E>F F>E", "");
        check(&roads, "no BCE, no DCE, no ECE", "E>C E>F F>E", "E>F@0 C>B@100 40, B>C@0 E>F@50 45");
    }

    #[test]
    fn nothing_is_enclosed_where_nothing_is_for_destinations_only() {
        check(&format!("{TOWN}, C-E 10, G>A 5, H-I 7"), "", "", "");
        check("A=B 10, B=C 10", "", "", "A>B@0 B>C@100 20");
        check("", "", "", "");
    }

    /// Nor does any become possible or impossible.
    #[test]
    fn no_drive_takes_longer() {
        let mut shorter = 0;
        for seed in 0..300 {
            let graph = scattered_rules(seed);
            let found = enclosed(&graph);
            let mut places = Lots::new(seed).places(&graph, 12);
            places.retain(|place| place.edges(&graph).all(|edge| graph.is_routable(edge)));
            let after = graph.clone().with_destination_only(&found);
            for &from in &places {
                let entered = dijkstra::one_to_all(&graph, graph.weights(), from);
                let again = dijkstra::one_to_all(&after, graph.weights(), from);
                for &to in &places {
                    let before = entered.time_to(&graph, graph.weights(), to);
                    let now = again.time_to(&after, graph.weights(), to);
                    assert_eq!(before.is_some(), now.is_some(), "seed {seed}: {from:?} to {to:?}");
                    assert!(now <= before, "seed {seed}: {from:?} to {to:?}: {before:?}, {now:?}");
                    shorter += usize::from(now < before);
                }
            }
        }
        assert!(50 < shorter, "only {shorter} drives became shorter");
    }
}
