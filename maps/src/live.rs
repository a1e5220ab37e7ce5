//! Roads that change under those who ask: one metric after another, each whole.
//!
//! Whoever publishes weights waits until their travel times are in service: customisation, then only
//! the labels that changed; on a town a millisecond, on a metropolis tenths of a second. Meanwhile everybody
//! else asks the metric before it. A query belongs to one metric until it is told to follow, so it
//! never mixes two, and the old metric goes when the last query has left it.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use mukae_units::TravelTime;

use crate::cells::LazyCells;
use crate::graph::RoadGraph;
use crate::hierarchy::{Changes, Hierarchy, RoadMetric, RoadQuery};
use crate::place::Place;
use crate::prepared::PreparedMap;
use crate::travel_times::MetricId;

/// The roads of one map as they are now. Shared between threads.
#[derive(Debug)]
pub struct LiveRoads {
    graph: Arc<RoadGraph>,
    hierarchy: Arc<Hierarchy>,
    /// Held for as long as it takes to copy or replace a pointer.
    current: RwLock<Arc<RoadMetric>>,
    /// Of the metric that service began with, or given to it. They serve every later one that they hold for.
    cells: Option<Arc<LazyCells>>,
    /// The number of the last metric; who publishes holds it all the time.
    last: Mutex<MetricId>,
}

/// What a new metric means for legs that were planned under the one before it.
#[derive(Clone, Debug)]
pub struct RoadChanges {
    graph: Arc<RoadGraph>,
    before: Arc<RoadMetric>,
    after: Arc<RoadMetric>,
    /// `None` where there are no labels to compare.
    labels: Option<Changes>,
}

impl LiveRoads {
    /// Begins with the map's own weights.
    pub fn new(map: &PreparedMap) -> LiveRoads {
        LiveRoads::beginning_with(Arc::clone(map.graph()), Arc::clone(map.base_metric()))
    }

    /// Begins with any metric of the graph.
    pub fn beginning_with(graph: Arc<RoadGraph>, metric: Arc<RoadMetric>) -> LiveRoads {
        LiveRoads {
            graph,
            hierarchy: Arc::clone(metric.customized().hierarchy()),
            last: Mutex::new(metric.metric()),
            cells: metric.lazy_cells().cloned(),
            current: RwLock::new(metric),
        }
    }

    /// The metric in service.
    pub fn current(&self) -> Arc<RoadMetric> {
        // Nobody panics while holding the lock; were it so, the pointer would still be whole.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A query on the metric in service.
    pub fn query(&self) -> RoadQuery {
        RoadQuery::new(Arc::clone(&self.graph), self.current())
    }

    /// Brings a query to the metric in service; true if it was on another.
    ///
    /// Panics if the query is of another map.
    pub fn follow(&self, query: &mut RoadQuery) -> bool {
        let current = self.current();
        let is_other = current.metric() != query.road_metric().metric();
        if is_other {
            query.set_metric(current);
        }
        is_other
    }

    /// Puts weights into service under the next metric id: one for each road edge, [`TOO_FAR`] for a
    /// closed one. Returns when they are. Who publishes at the same time waits.
    ///
    /// [`RoadMetric::cells`] stay those of the metric that service began with while they hold: while no road is faster
    /// than in what they were built from. Else there are none.
    ///
    /// Panics on what [`Hierarchy::customize`] refuses.
    ///
    /// [`TOO_FAR`]: crate::hierarchy::TOO_FAR
    pub fn publish(&self, weights: &[TravelTime]) -> RoadChanges {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let next = MetricId(last.0 + 1);
        let before = self.current();
        let customized = Arc::new(self.hierarchy.customize(weights, next));
        let relabelled = before.labels().map(|labels| labels.relabel(before.customized(), &customized));
        let (labels, changes) = relabelled.unzip();
        let after = Arc::new(RoadMetric::from_parts(customized, labels, self.cells.as_ref()));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&after);
        *last = next;
        RoadChanges { graph: Arc::clone(&self.graph), before, after, labels: changes }
    }
}

impl RoadChanges {
    pub fn before(&self) -> &Arc<RoadMetric> {
        &self.before
    }

    pub fn after(&self) -> &Arc<RoadMetric> {
        &self.after
    }

    /// How many labels changed, of two for each rank of the hierarchy; `None` where there are none.
    pub fn label_count(&self) -> Option<usize> {
        self.labels.as_ref().map(Changes::count)
    }

    /// False only if it is proven that the travel time of a leg is the same before and after. A leg that
    /// was planned under an older metric still needs the answer of each change since.
    pub fn may_differ(&self, from: Place, to: Place) -> bool {
        let Some(labels) = &self.labels else { return self.before.metric() != self.after.metric() };
        let order = self.after.customized().hierarchy().order();
        let turns = self.after.customized().hierarchy().turns();
        let both = |place: Place| place.edges(&self.graph);
        let is_reweighted = |edge| self.before.customized().weight(edge) != self.after.customized().weight(edge);
        both(from).chain(both(to)).any(is_reweighted)
            || both(from).any(|edge| labels.is_forward_changed(order.rank(turns.start(edge))))
            || both(to).any(|edge| {
                let mut entries = turns.entries(self.graph.tail(edge), edge);
                entries.any(|entry| labels.is_backward_changed(order.rank(entry.node)))
            })
    }
}

#[cfg(test)]
mod tests;
