//! Dial-a-ride problems of the plane for the engine's search, and its plans for a checker.
//!
//! Distances and times are minutes in doubles there, whole milliseconds here: legs are rounded up, limits down, so that
//! whatever has a schedule here has one there. The cost of a plan is added up from the doubles.

use mukae_engine::improve::{Job, Legs, Load, Plan, Problem, Stop, Vehicle};
use mukae_sim::demand::darp::Instance;
use mukae_units::{Span, Time, TravelTime};
use serde_json::{Value, json};

const MILLIS: f64 = 60_000.0;
/// What a decimal text may be off by in a double.
const ROUNDING: f64 = 1e-6;

fn up(minutes: f64) -> i64 {
    (minutes * MILLIS - ROUNDING).ceil() as i64
}

fn down(minutes: f64) -> i64 {
    (minutes * MILLIS + ROUNDING).floor() as i64
}

/// `None` if a leg or a load is beyond what a search counts: 49 days, or 1,023 persons.
pub fn problem(instance: &Instance) -> Option<Problem> {
    let sites = instance.nodes.len();
    let pairs = (0..sites).flat_map(|from| (0..sites).map(move |to| (from, to)));
    let times: Option<Vec<TravelTime>> = pairs
        .map(|(from, to)| u32::try_from(up(instance.distance(from, to))).ok().map(TravelTime::from_millis))
        .collect();
    let people = |count: i32| Load::of([u32::try_from(count).ok()?, 0, 0, 0, 0]);
    let (mut stops, mut jobs) = (Vec::new(), Vec::new());
    for request in 0..instance.requests() {
        let (pickup, dropoff) = instance.ends(request);
        stops.extend([pickup, dropoff].map(|node| stop(instance, node)));
        let ride_max = Span::from_millis(down(instance.ride_max));
        jobs.push(Job { party: people(instance.nodes[pickup].load)?, ride_max });
    }
    let depot = instance.nodes[0];
    let vehicle = Vehicle {
        start: 0,
        free_from: Time::from_unix_millis(up(depot.earliest)),
        end: 0,
        end_latest: Time::from_unix_millis(down(depot.latest)),
        out_max: Some(Span::from_millis(down(instance.duration_max))),
        places: people(i32::from(instance.capacity))?,
    };
    let vehicles = vec![vehicle; instance.vehicles as usize];
    let mut problem = Problem { stops, jobs, vehicles, legs: Legs::new(sites, times?)?, wait_max: None };
    problem.tighten();
    Some(problem)
}

fn stop(instance: &Instance, site: usize) -> Stop {
    let node = instance.nodes[site];
    Stop {
        site,
        earliest: Time::from_unix_millis(up(node.earliest)),
        latest: Time::from_unix_millis(down(node.latest)),
        dwell: Span::from_millis(up(node.service)),
    }
}

/// What the routes of a plan are long, in the problem's own numbers.
pub fn cost(instance: &Instance, plan: &Plan) -> f64 {
    let drive = |nodes: Vec<usize>| {
        let way: Vec<usize> = std::iter::once(0).chain(nodes).chain([0]).collect();
        way.windows(2).map(|leg| instance.distance(leg[0], leg[1])).sum::<f64>()
    };
    routes(instance, plan).map(|(_, nodes)| drive(nodes)).sum()
}

/// `{"routes": [{"vehicle": 0, "stops": [1, 17]}], "unserved": [3]}`: nodes without the depot, requests by their pickups.
pub fn solution(name: &str, instance: &Instance, plan: &Plan) -> Value {
    let routes: Vec<Value> =
        routes(instance, plan).map(|(vehicle, nodes)| json!({ "vehicle": vehicle, "stops": nodes })).collect();
    let unserved: Vec<usize> = plan.unserved.iter().map(|&job| instance.ends(job).0).collect();
    json!({ "instance": name, "routes": routes, "unserved": unserved })
}

/// Of vehicles that leave: the nodes they drive to.
fn routes<'p>(instance: &'p Instance, plan: &'p Plan) -> impl Iterator<Item = (usize, Vec<usize>)> + 'p {
    let node = |stop: usize| {
        let (pickup, dropoff) = instance.ends(Problem::job_of(stop));
        if Problem::is_pickup(stop) { pickup } else { dropoff }
    };
    let used = plan.routes.iter().filter(|route| !route.stops().is_empty());
    used.map(move |route| (route.vehicle(), route.stops().iter().map(|&stop| node(stop)).collect()))
}
