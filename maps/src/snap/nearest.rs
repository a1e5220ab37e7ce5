//! Several roads near a point, for a person who asks why a stop was put where it is.

use std::collections::BTreeMap;

use mukae_units::{LatLon, Metres};

use super::{Candidate, SnapIndex, SnapOptions, Snapped, bring};
use crate::graph::{EdgeId, RoadGraph};

impl SnapIndex {
    /// The nearest place on each of the `count` nearest roads at most `limit` away, nearest first; the
    /// first is the one that [`SnapIndex::snap`] finds. Both directions of a stretch count as one road.
    ///
    /// `graph` is the one the index was built from.
    pub fn nearest_places(&self, graph: &RoadGraph, at: LatLon, limit: Metres, count: usize) -> Vec<Snapped> {
        self.nearest_places_by(graph, at, &SnapOptions::any_road(limit), count)
    }

    /// The same of the roads that `options` allow, up to their limit.
    pub fn nearest_places_by(
        &self,
        graph: &RoadGraph,
        at: LatLon,
        options: &SnapOptions,
        count: usize,
    ) -> Vec<Snapped> {
        let found = self.nearest_by_edge(graph, at, options, count).into_iter();
        let brought = found.map(|nearest| bring(graph, at, options, nearest));
        brought.filter(|snapped| snapped.distance <= options.limit).collect()
    }

    /// The best of each edge in order, cut at `count`; some may lie beyond the limit.
    fn nearest_by_edge(&self, graph: &RoadGraph, at: LatLon, options: &SnapOptions, count: usize) -> Vec<Candidate> {
        let mut best_of: BTreeMap<EdgeId, Candidate> = BTreeMap::new();
        self.visit(graph, at, options, |candidate| {
            let best = best_of.entry(candidate.edge).or_insert(candidate);
            if candidate.is_better_than(best) {
                *best = candidate;
            }
            let mut away: Vec<u64> = best_of.values().map(|best| best.millimetres).collect();
            let is_enough = 0 < count && count <= away.len();
            // What the last of the chosen is away, once there are enough to choose; twice the limit is beyond it by any
            // measure of distance.
            let enough = if is_enough { *away.select_nth_unstable(count - 1).1 } else { u64::MAX };
            enough.min(options.limit.as_millimetres().saturating_mul(2))
        });
        let mut chosen: Vec<Candidate> = best_of.into_values().collect();
        chosen.sort_unstable_by_key(Candidate::key);
        chosen.truncate(count);
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::LocalFrame;
    use crate::test_roads::{Lots, at, drawn, grid_town};

    const FAR: Metres = Metres::from_metres(100_000);

    #[test]
    fn the_first_is_where_one_would_snap_and_the_rest_are_in_order() {
        let graph = grid_town(9, 3, at(54.2, -4.5));
        let index = SnapIndex::build(&graph);
        let lots = &mut Lots::new(7);
        for _ in 0..200 {
            let point = at(54.2 + lots.below(120) as f64 / 1e4 - 0.006, -4.5 + lots.below(120) as f64 / 1e4 - 0.006);
            let found = index.nearest_places(&graph, point, FAR, 7);
            assert_eq!(found[0], index.snap(&graph, point, FAR).unwrap(), "{point}");
            // The slow twin: the best of every edge.
            let snappable = graph.edges().filter(|&edge| graph.is_canonical(edge) && graph.is_routable(edge));
            let mut all: Vec<(u64, EdgeId)> = snappable
                .map(|edge| {
                    let here = LocalFrame::around(point);
                    let ends: Vec<[f64; 2]> = graph.line(edge).map(|end| here.project(end)).collect();
                    let square = ends.windows(2).map(|ends| super::super::foot(ends[0], ends[1], [0.0, 0.0]).1);
                    ((square.fold(f64::MAX, f64::min).sqrt() * 1000.0).round() as u64, edge)
                })
                .collect();
            all.sort_unstable();
            let edges: Vec<EdgeId> = found.iter().map(|snapped| snapped.place.edge).collect();
            assert_eq!(edges, all.iter().take(7).map(|&(_, edge)| edge).collect::<Vec<EdgeId>>(), "{point}");
        }
    }

    #[test]
    fn a_limit_and_a_count_of_none_are_kept() {
        let graph = drawn("A-B 60, B-C 60");
        let index = SnapIndex::build(&graph);
        let near_a = at(50.001, 8.0);
        assert_eq!(index.nearest_places(&graph, near_a, FAR, 9).len(), 2, "two roads, each once");
        assert_eq!(index.nearest_places(&graph, near_a, Metres::from_metres(200), 9).len(), 1);
        assert_eq!(index.nearest_places(&graph, near_a, Metres::from_metres(50), 9), []);
        assert_eq!(index.nearest_places(&graph, near_a, FAR, 0), []);
    }
}
