//! An instance for the engine's search.
//!
//! Distances and times are minutes in doubles there, whole milliseconds here: legs are rounded up, limits down, so that
//! whatever has a schedule here has one there.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use mukae_engine::improve::{self, Job, Legs, Load, Problem, Stop, Weights};
use mukae_units::{Span, Time, TravelTime};

use super::instance::{Instance, Ways};

const MILLIS: f64 = 60_000.0;
/// What a decimal text may be off by in a double.
const ROUNDING: f64 = 1e-6;

fn up(minutes: f64) -> i64 {
    (minutes * MILLIS - ROUNDING).ceil() as i64
}

pub(super) fn minutes(time: Time) -> f64 {
    time.as_unix_millis() as f64 / MILLIS
}

fn down(minutes: f64) -> i64 {
    (minutes * MILLIS + ROUNDING).floor() as i64
}

pub fn problem(instance: &Instance) -> Result<Problem> {
    let stop = |site: usize| Stop {
        site,
        earliest: Time::from_unix_millis(up(instance.nodes[site].window.earliest)),
        latest: Time::from_unix_millis(down(instance.nodes[site].window.latest)),
        dwell: Span::from_millis(up(instance.nodes[site].service)),
        standing: Span::ZERO,
    };
    // nobody rides for longer than vehicles are out
    let longest = (instance.back.latest - instance.nodes[0].window.earliest).max(0.0);
    let mut jobs = Vec::new();
    for request in &instance.requests {
        let party = Load::of(request.party)
            .with_context(|| format!("request {}: more than {} of a kind", request.pickup, Load::MOST))?;
        jobs.push(Job { party, ride_max: Span::from_millis(down(request.ride_max.min(longest))), is_awaited: false });
    }
    let vehicles: Result<Vec<improve::Vehicle>> =
        (0..instance.vehicles.len()).map(|number| vehicle(instance, number)).collect();
    let mut problem = Problem {
        stops: instance.requests.iter().flat_map(|request| [stop(request.pickup), stop(request.dropoff)]).collect(),
        jobs,
        vehicles: vehicles?,
        legs: Arc::new(legs(instance)?),
        eligible: None,
        weights: Weights::DRIVING,
    };
    if is_shortest(instance, &problem.legs) {
        problem.tighten();
    }
    Ok(problem)
}

/// When each request becomes known.
pub fn reveals(instance: &Instance) -> Vec<Time> {
    instance.requests.iter().map(|request| Time::from_unix_millis(up(request.reveal))).collect()
}

/// Setting out late or early and waiting at the depot's door are not planned; what they may be bounds the rest.
fn vehicle(instance: &Instance, number: usize) -> Result<improve::Vehicle> {
    let told = &instance.vehicles[number];
    let (depot, back, out_max) = (instance.nodes[0], instance.back, told.out_max);
    let set_out = depot.window.earliest.max(back.earliest - out_max);
    let end_latest = back.latest.min(depot.window.latest + out_max);
    let (free_from, end_latest) = (up(set_out) + up(depot.service), down(end_latest));
    ensure!(
        set_out <= depot.window.latest && free_from <= end_latest && depot.service <= out_max,
        "the depot: vehicle {number} sets out at {set_out} at the earliest and is not back in time; wider windows or a longer \
         route duration are right"
    );
    let out_max = out_max.is_finite().then(|| Span::from_millis(down(out_max) - up(depot.service)));
    Ok(improve::Vehicle {
        start: 0,
        free_from: Time::from_unix_millis(free_from),
        end: instance.end,
        end_latest: Time::from_unix_millis(end_latest),
        out_max,
        places: told.places.clone(),
        fixed: Vec::new(),
        leaves_from: Time::from_unix_millis(free_from),
        opening: 0,
        wait_max: None,
    })
}

/// A vehicle without stops stays at the depot, wherever its route ends.
fn legs(instance: &Instance) -> Result<Legs> {
    let sites = instance.nodes.len().max(instance.end + 1);
    let mut times = Vec::with_capacity(sites * sites);
    for (from, to) in (0..sites).flat_map(|from| (0..sites).map(move |to| (from, to))) {
        let is_none = from == to || (from, to) == (0, instance.end);
        let minutes = if is_none { 0.0 } else { instance.ways.between(from, to) };
        let millis = u32::try_from(up(minutes)).with_context(|| {
            format!("from node {from} to node {to} it is {minutes} minutes; 71582 at most are right")
        })?;
        times.push(TravelTime::from_millis(millis));
    }
    Ok(Legs::new(sites, times).expect("a time for each pair"))
}

/// True if no way is shorter by way of a third node.
fn is_shortest(instance: &Instance, legs: &Legs) -> bool {
    if matches!(instance.ways, Ways::Plane(_)) {
        return true;
    }
    let sites = 0..legs.sites();
    sites.clone().all(|from| {
        sites.clone().all(|by| {
            let there = legs.between(from, by).span();
            legs.from(from).iter().zip(legs.from(by)).all(|(direct, on)| direct.span() <= there + on.span())
        })
    })
}
