//! The roads as the office's measures leave them: what the live server drives by, and whoever reads its journal again.

use std::collections::BTreeSet;
use std::sync::Arc;

use mukae_maps::{LiveRoads, PreparedMap, RoadChanges, RoadQuery};

use crate::office::Office;
use crate::roads::MeasureId;

/// Puts measures into service, on the own driving times of a map.
#[derive(Clone, Debug)]
pub struct RoadService {
    map: Arc<PreparedMap>,
    live: Arc<LiveRoads>,
}

impl RoadService {
    /// As an office left them that may come from a snapshot: with the measures that are in force.
    pub fn take_up(map: &Arc<PreparedMap>, office: &Office) -> RoadService {
        let service = RoadService { map: Arc::clone(map), live: Arc::new(LiveRoads::new(map)) };
        if !office.in_force().is_empty() {
            service.publish(office, office.in_force());
        }
        service
    }

    /// Another one that goes its own way from what is in service now.
    #[must_use]
    pub fn fork(&self) -> RoadService {
        let live = LiveRoads::beginning_with(Arc::clone(self.map.graph()), self.live.current());
        RoadService { map: Arc::clone(&self.map), live: Arc::new(live) }
    }

    pub fn live(&self) -> &Arc<LiveRoads> {
        &self.live
    }

    /// A query on what is in service now.
    pub fn query(&self) -> RoadQuery {
        self.live.query()
    }

    /// Puts the driving times under these measures into service, brings a query to them, and returns what changed and a
    /// query on the roads before. Takes a millisecond on a town, tenths of a second on a metropolis.
    pub fn change(
        &self,
        office: &Office,
        measures: &BTreeSet<MeasureId>,
        query: &mut RoadQuery,
    ) -> (RoadChanges, RoadQuery) {
        let changes = self.publish(office, measures);
        self.live.follow(query);
        let before = RoadQuery::new(Arc::clone(self.map.graph()), Arc::clone(changes.before()));
        (changes, before)
    }

    fn publish(&self, office: &Office, measures: &BTreeSet<MeasureId>) -> RoadChanges {
        let graph = self.map.graph();
        let weights = office.overlay_of(measures).weights_in_force(graph, graph.weights());
        self.live.publish(&weights)
    }
}
