//! Roads that the office closed, slowed down or opened, in a run as in a live area.

use std::sync::Arc;

use mukae_engine::Command;
use mukae_maps::{Cells, DecisionPoint, LiveRoads, MetricId, Place, PreparedMap, RoadChanges, RoadQuery, TravelTimes};
use mukae_office::{Fact, Office, RoadService};
use mukae_units::{Metres, Span, Time, TravelTime};

/// The office's measures and the roads as they leave them.
#[derive(Debug)]
pub struct Works {
    office: Office,
    service: RoadService,
    query: RoadQuery,
}

/// Travel times on whatever roads are in service.
#[derive(Debug)]
pub struct FollowingRoads {
    live: Arc<LiveRoads>,
    query: RoadQuery,
}

impl Works {
    pub fn new(map: &Arc<PreparedMap>) -> Works {
        let office = Office::default();
        let service = RoadService::take_up(map, &office);
        Works { query: service.query(), office, service }
    }

    /// A query that goes along with every change.
    pub fn roads(&self) -> FollowingRoads {
        FollowingRoads { live: Arc::clone(self.service.live()), query: self.service.query() }
    }

    /// Notes what an accepted command tells of measures.
    pub(crate) fn note(&mut self, at: Time, command: &Command) {
        match command {
            Command::Note { content, .. } => {
                if let Ok(fact) = Fact::from_note(content)
                    && self.office.check(&fact).is_ok()
                {
                    self.office.apply(at, &fact);
                }
            }
            Command::RoadsChanged { .. } => self.office.note_roads_changed(at),
            _ => {}
        }
    }

    /// Puts into service what holds now; what changed, and the roads before.
    pub(crate) fn change(&mut self, at: Time) -> (RoadChanges, RoadQuery) {
        let holding = self.office.measures_at(at);
        self.service.change(&self.office, &holding, &mut self.query)
    }
}

impl FollowingRoads {
    fn now(&mut self) -> &mut RoadQuery {
        self.live.follow(&mut self.query);
        &mut self.query
    }
}

impl TravelTimes for FollowingRoads {
    fn metric(&self) -> MetricId {
        self.query.metric()
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        self.now().travel_time(from, to)
    }

    fn one_to_many(&mut self, from: Place, to: &[Place], times: &mut Vec<Option<TravelTime>>) {
        let query = self.now();
        // who asks for nothing may name a place that is on no road
        if to.is_empty() { times.clear() } else { query.one_to_many(from, to, times) }
    }

    fn many_to_one(&mut self, from: &[Place], to: Place, times: &mut Vec<Option<TravelTime>>) {
        self.now().many_to_one(from, to, times);
    }

    fn decision_point(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint> {
        self.now().decision_point(from, to, elapsed)
    }

    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        TravelTimes::length(self.now(), from, to)
    }

    fn shortcut_max(&mut self, via: Place) -> Option<TravelTime> {
        self.now().shortcut_max(via)
    }

    fn expect_ride(&self, from: Place, to: Place) {
        self.query.expect_ride(from, to);
    }

    fn cells(&self) -> Option<&Arc<Cells>> {
        self.query.cells()
    }
}
