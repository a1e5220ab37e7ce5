//! A plan for a checker.

use mukae_engine::improve::{Plan, Problem};
use serde_json::{Value, json};

use super::instance::Instance;
use super::problem::minutes;

/// What the routes of a plan are long, in the instance's own numbers.
pub fn cost(instance: &Instance, plan: &Plan) -> f64 {
    routes(instance, plan).map(|(_, nodes)| instance.length(&nodes)).sum()
}

/// `{"routes": [{"vehicle": 0, "stops": [1, 17]}], "unserved": [3]}`: nodes without the depot, requests by their pickups.
pub fn solution(name: &str, instance: &Instance, plan: &Plan) -> Value {
    let routes: Vec<Value> =
        routes(instance, plan).map(|(vehicle, nodes)| json!({ "vehicle": vehicle, "stops": nodes })).collect();
    let unserved: Vec<usize> = plan.unserved.iter().map(|&job| instance.requests[job].pickup).collect();
    json!({ "instance": name, "cost": cost(instance, plan), "routes": routes, "unserved": unserved })
}

/// The same with `"start_times"`, when service begins at each stop: of a day that was driven so.
pub fn timed_solution(name: &str, instance: &Instance, plan: &Plan) -> Value {
    let mut told = solution(name, instance, plan);
    let used = plan.routes.iter().filter(|route| !route.stops().is_empty());
    for (route, told) in used.zip(told["routes"].as_array_mut().expect("routes are a list")) {
        told["start_times"] = route.starts().iter().map(|&start| minutes(start)).collect();
    }
    told
}

/// Of vehicles that leave: the nodes they drive to.
fn routes<'p>(instance: &'p Instance, plan: &'p Plan) -> impl Iterator<Item = (usize, Vec<usize>)> + 'p {
    let node = |stop: usize| {
        let request = &instance.requests[Problem::job_of(stop)];
        if Problem::is_pickup(stop) { request.pickup } else { request.dropoff }
    };
    let used = plan.routes.iter().filter(|route| !route.stops().is_empty());
    used.map(move |route| (route.vehicle(), route.stops().iter().map(|&stop| node(stop)).collect()))
}
