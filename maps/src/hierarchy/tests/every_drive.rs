//! The plainest truth: every drive of a few edges on a tiny graph, each held against the list of restrictions
//! as it is written. Both the hierarchy and Dijkstra are held against it.

use super::*;
use crate::graph::{EdgeId, TurnRule};

/// Longer drives are not tried.
const EDGES_MAX: usize = 6;

struct Town<'a> {
    graph: &'a RoadGraph,
    weights: &'a [TravelTime],
}

impl Town<'_> {
    fn millis(&self, edge: EdgeId) -> u64 {
        u64::from(self.weights[edge.0 as usize].as_millis())
    }

    fn is_closed(&self, edge: EdgeId) -> bool {
        self.weights[edge.0 as usize] == TOO_FAR
    }

    fn stands(&self, place: Place) -> Vec<(EdgeId, Fraction)> {
        let fraction = |edge| if edge == place.edge { place.fraction } else { place.fraction.reversed() };
        place.edges(self.graph).map(|edge| (edge, fraction(edge))).collect()
    }

    /// True if no restriction forbids to go on to the last of `edges` after all those before it.
    fn may_end_so(&self, edges: &[EdgeId]) -> bool {
        let Some((last, driven)) = edges.split_last() else { return true };
        let restrictions = self.graph.restrictions();
        let is_forbidden = restrictions.iter().any(|it| it.rule == TurnRule::No && edges.ends_with(&it.chain));
        let prescribed: Vec<EdgeId> = restrictions
            .iter()
            .filter(|it| it.rule == TurnRule::Only)
            .flat_map(|it| {
                (1..it.chain.len()).filter(|&begun| driven.ends_with(&it.chain[..begun])).map(|at| it.chain[at])
            })
            .collect();
        !is_forbidden && (prescribed.is_empty() || prescribed.contains(last))
    }

    /// How often a drive comes out of destination-only roads into which it came from others.
    fn passages(&self, edges: &[EdgeId]) -> u64 {
        let runs: Vec<&[EdgeId]> =
            edges.chunk_by(|a, b| self.graph.is_guarded(*a) == self.graph.is_guarded(*b)).collect();
        let inner = runs.get(1..runs.len() - 1).unwrap_or_default();
        inner.iter().filter(|run| self.graph.is_guarded(run[0])).count() as u64
    }

    /// The shortest of all drives of at most `EDGES_MAX` edges.
    fn shortest(&self, from: Place, to: Place) -> Option<u64> {
        let mut best = None;
        for (edge, behind) in self.stands(from) {
            for (end, ahead) in self.stands(to) {
                let is_open = !self.is_closed(edge) || behind == ahead || ahead == Fraction::HEAD;
                if edge == end && behind <= ahead && is_open {
                    let time = self.out_of(edge, behind) - self.out_of(edge, ahead);
                    best = Some(best.map_or(time, |best: u64| best.min(time)));
                }
            }
            self.go_on(&mut vec![edge], self.out_of(edge, behind), to, &mut best);
        }
        best.filter(|&time| time < u64::from(TOO_FAR.as_millis()))
    }

    /// From a point to the end of its edge; who is on a closed road drives out of it as if it were open.
    fn out_of(&self, edge: EdgeId, fraction: Fraction) -> u64 {
        let whole = if self.is_closed(edge) { self.graph.weight(edge) } else { self.weights[edge.0 as usize] };
        let whole = u64::from(whole.as_millis());
        whole - whole * u64::from(fraction.steps()) / u64::from(u16::MAX)
    }

    fn part(&self, edge: EdgeId, fraction: Fraction) -> u64 {
        self.millis(edge) * u64::from(fraction.steps()) / u64::from(u16::MAX)
    }

    /// `edges` are driven to the end, in `time` without what passing through costs.
    fn go_on(&self, edges: &mut Vec<EdgeId>, time: u64, to: Place, best: &mut Option<u64>) {
        if edges.len() == EDGES_MAX {
            return;
        }
        for next in self.graph.out_edges(self.graph.head(edges[edges.len() - 1])) {
            edges.push(next);
            if self.may_end_so(edges) {
                let price = self.passages(edges) * u64::from(self.graph.through_price().as_millis());
                for (end, ahead) in self.stands(to) {
                    if end == next && (!self.is_closed(end) || ahead == Fraction::TAIL) {
                        let time = time + price + self.part(end, ahead);
                        *best = Some(best.map_or(time, |best| best.min(time)));
                    }
                }
                if !self.is_closed(next) {
                    self.go_on(edges, time + self.millis(next), to, best);
                }
            }
            edges.pop();
        }
    }
}

/// A handful of junctions, with rules and lanes; some roads are closed.
fn hamlet(lots: &mut Lots) -> (RoadGraph, Vec<TravelTime>) {
    let nodes = 2 + lots.below(4);
    let mut roads = Roads::new((0..nodes).map(|node| at(50.0, 8.0 + node as f64 / 100.0)).collect());
    let slowest = [2, 1000][lots.below(2)];
    for _ in 0..2 + lots.below(5) {
        let (tail, head, millis) = (lots.below(nodes), lots.below(nodes), 1 + lots.below(slowest) as u32);
        if lots.chance(30) {
            roads.one_way(tail, head, millis);
        } else {
            roads.two_way(tail, head, millis, 1 + lots.below(slowest) as u32);
        }
    }
    roads.close_to_traffic([0, 30][lots.below(2)], lots);
    let price = TravelTime::from_millis([1, 700][lots.below(2)]);
    let count = lots.below(6);
    let graph = ruled(roads.graph().with_through_price(price), count, lots);
    let percent = [0, 0, 20][lots.below(3)];
    let weights = with_closures(&graph, percent, lots);
    (graph, weights)
}

#[test]
fn no_drive_was_forgotten_and_none_is_forbidden() {
    let mut compared = 0;
    for seed in 0..300 {
        let lots = &mut Lots::new(seed);
        let (graph, weights) = hamlet(lots);
        let places = lots.places(&graph, 4);
        let customized = Arc::new(Hierarchy::build(&graph)).customize(&weights, MetricId(1));
        let graph = Arc::new(graph);
        let mut query = HierarchyQuery::new(Arc::clone(&graph), Arc::new(customized));
        let town = Town { graph: &graph, weights: &weights };
        for (&from, &to) in places.iter().flat_map(|from| places.iter().map(move |to| (from, to))) {
            let shortest = town.shortest(from, to);
            let context = || format!("seed {seed}: {from:?} to {to:?}, {weights:?}\n{}", described(&graph));
            let slow = dijkstra::travel_time(&graph, &weights, from, to);
            assert_eq!(query.travel_time(from, to), slow, "{}", context());
            match query.path(from, to) {
                // It may be shorter in time and yet have more edges than were tried.
                Some(path) if EDGES_MAX < path.edges().len() => {
                    let edges = path.edges();
                    let is_allowed = (1..=edges.len()).all(|count| town.may_end_so(&edges[..count]));
                    assert!(is_allowed, "{path:?}: {}", context());
                    assert!(
                        shortest.is_none_or(|time| u64::from(path.travel_time().as_millis()) <= time),
                        "{}",
                        context()
                    );
                }
                path => {
                    let time = path.map(|path| u64::from(path.travel_time().as_millis()));
                    assert_eq!(time, shortest, "{}", context());
                    compared += usize::from(time.is_some());
                }
            }
        }
    }
    assert!(3_000 < compared, "{compared} drives were compared");
}
