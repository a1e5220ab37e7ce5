//! Dial-a-ride problems through the dispatcher: all requests are made at the start, one after the other, and each gets
//! the cheapest insertion into what is planned by then.
//!
//! What the benchmark allows and we do not: a rider with a window at the destination boards no earlier than a direct ride
//! needs, as nobody is let wait at a door; and who is refused stays refused. What we allow and it does not: a vehicle out
//! longer than the route duration, where the depot's window is longer still. So a route length here can be compared with a
//! proven optimum only where everybody is served and the depot's window is the limit; elsewhere it is only told.

use mukae_engine::model::{Channel, CostWeights, DwellRule, RideLimit};
use mukae_maps::{DecisionPoint, MetricId, Place, TravelTimes};
use mukae_units::{Metres, Seats, Span, Time, TimeWindow, TravelTime};
use thiserror::Error;

use super::Finding;
use super::watch::Fate;
use super::world::{self, NO_DWELL, Rules, SERVICE, nowhere, row_place, spot};
use crate::demand::darp::Instance;
use crate::demand::{RequestRow, WishKind};
use crate::{Ask, RoadLengths, Setup};

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

/// Ways of the plane; rounded up, so that no sum of them is shorter than a way.
#[derive(Clone, Debug)]
struct Ways<'a>(&'a Instance);

impl TravelTimes for Ways<'_> {
    fn metric(&self) -> MetricId {
        MetricId(0)
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        let minutes = self.0.distance(from.edge.0 as usize, to.edge.0 as usize);
        Some(TravelTime::from_millis((minutes * 60_000.0).ceil() as u32))
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

/// Requests served, and the length of all routes.
pub fn check(name: &str, instance: &Instance) -> Result<Vec<Finding>, Unfit> {
    let (outcome, fates) = run(instance)?;
    let served = fates.iter().filter_map(Fate::ride).count() as f64;
    let length = outcome.kpis.driven.as_millimetres() as f64 / 1e6;
    let finding = |figure, found| Finding::told(format!("darp {name}"), figure, found);
    Ok(vec![
        finding("requests", instance.requests() as f64),
        finding("served", served),
        finding("length of routes", length),
        finding("faults of the audit", outcome.faults.len() as f64),
    ])
}

fn run(instance: &Instance) -> Result<(crate::Outcome, Vec<Fate>), Unfit> {
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
    let setup = Setup::new(settings, asks);
    Ok(world::run(setup, &mut Ways(instance), &mut Ways(instance)))
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
    use super::*;
    use crate::demand::darp::read;

    /// Depot at 0, everything on a line. The first wants to leave 10 for 20 from 60 on, the second to be at 30 by 100;
    /// boarding takes a minute. One vehicle drives 0-10-20-30-0 if both are carried one after the other: 60 units.
    #[test]
    fn two_riders_on_a_line() {
        let text = "1 2 480 3 30\n0 0 0 0 0 0 480\n1 10 0 1 1 60 75\n2 20 0 1 1 0 1440\n3 20 0 1 -1 0 1440\n4 30 0 1 -1 90 100\n";
        let instance = read(text).unwrap();
        let found = check("line", &instance).unwrap();
        let figures: Vec<f64> = found.iter().map(|finding| finding.found).collect();
        assert_eq!(figures, [2.0, 2.0, 60.0, 0.0]);
    }

    #[test]
    fn what_a_service_can_not_say_is_an_error() {
        let text = "1 1 480 3 30\n0 0 0 0 0 0 480\n1 10 0 3 1 60 75\n2 20 0 4 -1 0 1440\n";
        let error = check("x", &read(text).unwrap()).unwrap_err().to_string();
        assert!(error.starts_with("service takes 3 and 4 minutes"), "{error}");
    }
}
