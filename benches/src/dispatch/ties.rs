//! Where several paths are equally short, a vehicle under way may be elsewhere than the log had it.
//!
//! [`TiedRoads`] answers as the roads do, except that a vehicle on a chosen leg is where somebody else's
//! shortest path has it. So a difference in cost is explained by showing that it vanishes, not by calling it a
//! tie because a tie is possible.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use mukae_maps::{Cells, DecisionPoint, EdgeId, MetricId, Place, RoadGraph, RoadQuery, TravelTimes};
use mukae_units::{Metres, Span, TravelTime};

#[derive(Debug)]
pub struct TiedRoads {
    roads: RoadQuery,
    chosen: Chosen,
}

/// Leg -> where on it a vehicle is taken to be, for as long as it has not passed there. Shared: the dispatcher has
/// borrowed the roads by the time something is chosen.
pub(super) type Chosen = Rc<RefCell<BTreeMap<(Place, Place), DecisionPoint>>>;

impl TiedRoads {
    pub fn new(roads: RoadQuery) -> TiedRoads {
        TiedRoads { roads, chosen: Chosen::default() }
    }

    pub(super) fn chosen(&self) -> Chosen {
        Rc::clone(&self.chosen)
    }

    /// Roads of the same metric that answer for themselves.
    pub(super) fn untied(&self) -> TiedRoads {
        TiedRoads::new(self.roads.clone())
    }

    /// Every place where a vehicle can first be turned, `elapsed` after it left `from` for `to`, on any shortest path.
    pub(super) fn all_decision_points(&mut self, from: Place, to: Place, elapsed: Span) -> Vec<DecisionPoint> {
        let graph = Arc::clone(self.roads.graph());
        let Some(whole) = self.roads.travel_time(from, to) else { return Vec::new() };
        let mut found = Vec::new();
        let mut seen = vec![from.edge];
        let mut ahead = vec![(from.edge, TravelTime::ZERO)];
        while let Some((at, driven)) = ahead.pop() {
            for edge in edges_after(&graph, at) {
                let after = driven + graph.weight(edge);
                let rest = self.roads.travel_time(Place::head_of(edge), to);
                // the last edge is driven to its head, which is where a location is
                let is_on_path = rest.is_some_and(|rest| after + rest == whole);
                if !is_on_path || seen.contains(&edge) {
                    continue;
                }
                seen.push(edge);
                if after.span() < elapsed && edge != to.edge {
                    ahead.push((edge, after));
                } else {
                    found.push(DecisionPoint { place: Place::head_of(edge), after });
                }
            }
        }
        found.sort_unstable_by_key(|point| (point.after, point.place));
        found
    }
}

/// The edges that leave where `edge` leads.
fn edges_after(graph: &RoadGraph, edge: EdgeId) -> impl Iterator<Item = EdgeId> + use<'_> {
    graph.out_edges(graph.head(edge))
}

impl TravelTimes for TiedRoads {
    fn metric(&self) -> MetricId {
        self.roads.metric()
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        self.roads.travel_time(from, to)
    }

    fn one_to_many(&mut self, from: Place, to: &[Place], times: &mut Vec<Option<TravelTime>>) {
        self.roads.one_to_many(from, to, times);
    }

    fn many_to_one(&mut self, from: &[Place], to: Place, times: &mut Vec<Option<TravelTime>>) {
        self.roads.many_to_one(from, to, times);
    }

    fn decision_point(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint> {
        match self.chosen.borrow().get(&(from, to)) {
            Some(point) if elapsed <= point.after.span() => Some(*point),
            _ => self.roads.decision_point(from, to, elapsed),
        }
    }

    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        self.roads.length(from, to)
    }

    fn shortcut_max(&mut self, via: Place) -> Option<TravelTime> {
        self.roads.shortcut_max(via)
    }

    fn expect_ride(&self, from: Place, to: Place) {
        self.roads.expect_ride(from, to);
    }

    fn cells(&self) -> Option<&Arc<Cells>> {
        self.roads.cells()
    }
}
