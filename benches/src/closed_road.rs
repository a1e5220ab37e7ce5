//! A bridge everybody drives over is closed: the roads before and after.

use std::collections::BTreeMap;

use mukae_engine::{Command, Decision, Dispatcher, RoadsBefore, Work};
use mukae_maps::hierarchy::TOO_FAR;
use mukae_maps::{EdgeId, LiveRoads, Place, RoadChanges, RoadQuery, TravelTimes};
use mukae_units::Time;

use crate::{Dice, Fleet, Roads};

/// So many legs are drawn to find the busiest road.
const LEGS_MAX: usize = 500;

#[derive(Debug)]
pub struct ClosedRoad {
    before: RoadQuery,
    after: RoadQuery,
    changes: RoadChanges,
}

impl ClosedRoad {
    /// The new travel times are in service when this returns.
    pub fn under(fleet: &Fleet, roads: &Roads) -> ClosedRoad {
        let live = LiveRoads::beginning_with(roads.graph.clone(), roads.base.clone());
        let before = live.query();
        let mut weights = roads.graph.weights().to_vec();
        let closed = busy_edge(roads, fleet);
        for edge in std::iter::once(closed).chain(roads.graph.twin(closed)) {
            weights[edge.0 as usize] = TOO_FAR;
        }
        let changes = live.publish(&weights);
        let after = live.query();
        after.cells(); // made when first asked for
        ClosedRoad { before, after, changes }
    }

    /// What the dispatcher makes of it, told which legs may differ or not.
    pub fn decide(&mut self, dispatcher: &Dispatcher, now: Time, is_told: bool) -> Decision {
        let command = Command::RoadsChanged { metric: self.after.metric() };
        let changes = &self.changes;
        let may_differ = |from: Place, to: Place| changes.may_differ(from, to);
        let before = RoadsBefore { roads: &mut self.before, may_differ: &may_differ };
        let mut work = match is_told {
            true => Work::after_change(&mut self.after, before),
            false => Work::new(&mut self.after),
        };
        dispatcher.decide(now, &command, &mut work)
    }
}

/// Of some edges the one whose closure touches most legs.
fn busy_edge(roads: &Roads, fleet: &Fleet) -> EdgeId {
    let mut query = roads.query();
    let mut dice = Dice(7);
    let legs: Vec<(Place, Place)> = fleet
        .dispatcher
        .state()
        .schedules
        .values()
        .flat_map(|schedule| schedule.stops().windows(2).map(|pair| (pair[0].place, pair[1].place)))
        .collect();
    let mut driven = BTreeMap::<EdgeId, usize>::new();
    for _ in 0..legs.len().min(LEGS_MAX) {
        let (from, to) = legs[dice.below(legs.len() as u64) as usize];
        for edge in query.path(from, to).into_iter().flat_map(|path| path.edges().to_vec()) {
            *driven.entry(edge).or_default() += 1;
        }
    }
    driven.into_iter().max_by_key(|(edge, count)| (*count, std::cmp::Reverse(*edge))).expect("somebody drives").0
}
