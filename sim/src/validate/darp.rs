//! Dial-a-ride problems through the dispatcher: all requests are made at the start, one after the other, and each gets
//! the cheapest insertion into what is planned by then. Beside it the answer of whoever knows all of them when the planning
//! begins, under the same rules: it must never be worse.
//!
//! ```text
//! offline     the same settings and requests as one problem for the engine's search
//! answer      routes, and what two of them are compared by
//! drawn       days that come with us
//! ```
//!
//! What the benchmark allows and we do not: a rider with a window at the destination boards no earlier than a direct ride
//! needs, as nobody is let wait at a door; and who is refused stays refused. What we allow and it does not: a vehicle out
//! longer than the route duration, where the depot's window is longer still. So a route length here can be compared with a
//! proven optimum only where everybody is served and the depot's window is the limit; elsewhere it is only told.

mod answer;
mod drawn;
mod offline;

use mukae_engine::improve::{Problem, Route, StopIdx};
use mukae_engine::model::{Channel, CostWeights, DwellRule, RideLimit};
use mukae_maps::{DecisionPoint, MetricId, Place, TravelTimes};
use mukae_units::{Metres, Seats, Span, Time, TimeWindow, TravelTime};
use thiserror::Error;

use super::Finding;
use super::world::{self, NO_DWELL, Rules, SERVICE, nowhere, row_place, spot};
use crate::demand::darp::Instance;
use crate::demand::{RequestRow, WishKind};
use crate::{Ask, Outcome, RoadLengths, Setup};

pub use answer::{Answer, Tally, Visit, compared};
pub use drawn::{DAYS, Drawn};
use offline::Offline;

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Unfit {
    #[error("service takes {0}; the same for everybody, or a minute a person, is what a service can say")]
    Service(String),
    #[error("{load} persons board at node {node}, and 1 to 255 can")]
    Party { node: usize, load: i32 },
}

/// Minutes, from the day after the epoch on.
fn at(minutes: f64) -> Time {
    Time::EPOCH + Span::DAY + span(minutes)
}

fn span(minutes: f64) -> Span {
    Span::from_millis((minutes * 60_000.0).round() as i64)
}

/// From a node to another; rounded up, so that no sum of ways is shorter than a way.
fn way(instance: &Instance, from: usize, to: usize) -> TravelTime {
    TravelTime::from_millis((instance.distance(from, to) * 60_000.0).ceil() as u32)
}

/// Ways of the plane.
#[derive(Clone, Debug)]
struct Ways<'a>(&'a Instance);

impl TravelTimes for Ways<'_> {
    fn metric(&self) -> MetricId {
        MetricId(0)
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        Some(way(self.0, from.edge.0 as usize, to.edge.0 as usize))
    }

    fn decision_point(&mut self, from: Place, to: Place, _elapsed: Span) -> Option<DecisionPoint> {
        Some(DecisionPoint { place: to, after: self.travel_time(from, to)? })
    }

    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        RoadLengths::length(self, from, to)
    }
}

/// A unit of the plane is a kilometre.
impl RoadLengths for Ways<'_> {
    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        let units = self.0.distance(from.edge.0 as usize, to.edge.0 as usize);
        Some(Metres::from_millimetres((units * 1e6).round() as u64))
    }
}

/// Steps of the search that knows all requests.
pub const STEPS: u32 = 20_000;

/// Requests served and the length of all routes, as they come one by one; and whether a search that knows all of them from
/// the beginning is never worse. It begins from nothing, and knows nothing of the first answer.
pub fn check(name: &str, instance: &Instance, seed: u64) -> Result<Vec<Finding>, Unfit> {
    let (online, outcome) = online(instance)?;
    let offline = offline(instance, seed, STEPS)?;
    let length = outcome.kpis.driven.as_millimetres() as f64 / 1e6;
    let case = format!("darp {name}");
    let finding = |figure, found| Finding::told(case.clone(), figure, found);
    Ok(vec![
        finding("requests", instance.requests() as f64),
        finding("served", online.served() as f64),
        finding("length of routes", length),
        finding("faults of the audit", outcome.faults.len() as f64),
        compared(case, online.tally(instance), offline.tally(instance)),
    ])
}

/// Everybody asks one after the other, and gets the cheapest insertion.
pub fn online(instance: &Instance) -> Result<(Answer, Outcome), Unfit> {
    let (outcome, fates) = world::run(setup(instance)?, &mut Ways(instance), &mut Ways(instance));
    let mut routes = vec![Vec::new(); instance.vehicles as usize];
    for (request, fate) in fates.iter().enumerate() {
        let Some(ride) = fate.ride() else { continue };
        let (from, to) = instance.ends(request);
        routes[ride.shift.0 as usize - 1].extend([(ride.pickup, from), (ride.dropoff, to)]);
    }
    // whoever boards alights later
    routes.iter_mut().for_each(|route| route.sort_unstable());
    let visits = |route: Vec<(Time, usize)>| route.into_iter().map(|(start, node)| Visit { node, start }).collect();
    Ok((Answer { routes: routes.into_iter().map(visits).collect() }, outcome))
}

/// All requests are known when the planning begins: so many steps of the search, from the same settings and requests.
pub fn offline(instance: &Instance, seed: u64, steps: u32) -> Result<Answer, Unfit> {
    let offline = Offline::of(&setup(instance)?, &mut Ways(instance));
    let plan = offline.search(seed, steps);
    let visit = |(&stop, &start): (&StopIdx, &Time)| {
        let (from, to) = instance.ends(offline.asks[Problem::job_of(stop)]);
        Visit { node: if Problem::is_pickup(stop) { from } else { to }, start }
    };
    let visits = |route: &Route| route.stops().iter().zip(route.starts()).map(visit).collect();
    Ok(Answer { routes: plan.routes.iter().map(visits).collect() })
}

fn setup(instance: &Instance) -> Result<Setup, Unfit> {
    let rules = Rules {
        cost: CostWeights { driving: 1, driver_time: 0, rider_wait: 0, excess_ride: 0, wait_on_board: 0, walking: 0 },
        ride: RideLimit { extra: span(instance.ride_max), factor_permille: 1000, max: span(instance.ride_max) },
        dwell: dwell(instance)?,
        freeze_horizon: Span::ZERO,
    };
    let mut settings = world::settings(rules);
    let depot = instance.nodes[0];
    let window = TimeWindow::new(at(depot.earliest), at(depot.latest)).expect("the reader saw to it");
    let count = instance.vehicles;
    settings.extend((1..=count).map(|number| world::vehicle(number, instance.capacity)));
    let base = row_place(0);
    settings.extend((1..=count).map(|number| world::shift(number, number, window, base, Some(base))));
    let asks = (0..instance.requests()).map(|request| ask(instance, request)).collect::<Result<Vec<_>, _>>()?;
    Ok(Setup::new(settings, asks))
}

/// The end with the narrower window is the one the rider means; the other one bounds the ride.
fn ask(instance: &Instance, request: usize) -> Result<Ask, Unfit> {
    let (from, to) = instance.ends(request);
    let (pickup, dropoff) = (instance.nodes[from], instance.nodes[to]);
    let is_arrival = dropoff.latest - dropoff.earliest < pickup.latest - pickup.earliest;
    let (kind, meant) = if is_arrival { (WishKind::ArriveBy, dropoff) } else { (WishKind::DepartAfter, pickup) };
    let load = u8::try_from(pickup.load).map_err(|_| Unfit::Party { node: from, load: pickup.load })?;
    let row = RequestRow {
        line: 0,
        id: format!("{request:06}"),
        created_at: at(0.0) - Span::HOUR,
        window: TimeWindow::new(at(meant.earliest), at(meant.latest)).expect("the reader saw to it"),
        kind,
        from: nowhere(),
        to: nowhere(),
        party: Seats::new(load, 0),
        channel: Channel::Partner,
        purpose: String::new(),
    };
    let mut ask = row.ask(SERVICE, spot(row_place(from as u32)), spot(row_place(to as u32)));
    ask.request_mut().arrive_latest = Some(at(dropoff.latest));
    Ok(ask)
}

fn dwell(instance: &Instance) -> Result<DwellRule, Unfit> {
    let first = instance.nodes[1].service;
    let mut served = instance.nodes[1..].iter();
    if served.clone().all(|node| node.service == first) {
        return Ok(DwellRule { per_party: span(first), ..NO_DWELL });
    }
    if served.clone().all(|node| node.service == f64::from(node.load.abs())) {
        return Ok(DwellRule { per_seat: Span::MINUTE, ..NO_DWELL });
    }
    let other = served.find(|node| node.service != first).map_or(first, |node| node.service);
    Err(Unfit::Service(format!("{first} and {other} minutes")))
}

#[cfg(test)]
mod tests {
    use mukae_engine::improve::Plan;

    use super::*;
    use crate::demand::darp::read;

    /// Depot at 0, everything on a line. The first wants to leave 10 for 20 from 60 on, the second to be at 30 by 100;
    /// boarding takes a minute. One vehicle drives 0-10-20-30-0 if both are carried one after the other: 60 units.
    #[test]
    fn two_riders_on_a_line() {
        let text = "1 2 480 3 30\n0 0 0 0 0 0 480\n1 10 0 1 1 60 75\n2 20 0 1 1 0 1440\n3 20 0 1 -1 0 1440\n4 30 0 1 -1 90 100\n";
        let instance = read(text).unwrap();
        let found = check("line", &instance, 1).unwrap();
        let figures: Vec<f64> = found.iter().map(|finding| finding.found).collect();
        assert_eq!(figures[..4], [2.0, 2.0, 60.0, 0.0]);
        let tally = Tally { served: 2, driven_ms: 3_600_000 };
        assert_eq!((found[4].found_tally, found[4].is_met), (Some(tally), Some(true)));
    }

    /// Whatever the dispatcher plans is a plan of the problem of whoever knows all, at the same cost: no rule is narrower there.
    #[test]
    fn answers_one_by_one_are_answers_to_the_whole() {
        for day in &DAYS {
            let instance = day.instance();
            let offline = Offline::of(&setup(&instance).unwrap(), &mut Ways(&instance));
            let (online, _) = online(&instance).unwrap();
            let stop = |visit: &Visit| {
                let request = (visit.node - 1) % instance.requests();
                let job = offline.asks.iter().position(|&ask| ask == request).unwrap();
                if visit.node <= instance.requests() { Problem::pickup(job) } else { Problem::dropoff(job) }
            };
            let orders = online.routes.iter().map(|route| route.iter().map(stop).collect()).collect();
            let plan = Plan::of(&offline.problem, orders).unwrap_or_else(|| panic!("{}", day.name));
            assert_eq!(plan.cost, online.tally(&instance).driven_ms);
            assert_eq!(instance.requests() - plan.unserved.len(), online.served());
        }
    }

    #[test]
    fn what_a_service_can_not_say_is_an_error() {
        let text = "1 1 480 3 30\n0 0 0 0 0 0 480\n1 10 0 3 1 60 75\n2 20 0 4 -1 0 1440\n";
        let error = check("x", &read(text).unwrap(), 1).unwrap_err().to_string();
        assert!(error.starts_with("service takes 3 and 4 minutes"), "{error}");
    }
}
