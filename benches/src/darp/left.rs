//! Why somebody is on no route.

use mukae_engine::improve::{JobIdx, Problem, Route};

use super::instance::{Instance, Request};

/// What hinders a request even if it is alone, told in the instance's numbers; or that nothing does.
pub fn why_left(instance: &Instance, problem: &Problem, job: JobIdx) -> String {
    let request = &instance.requests[job];
    let mut fitting =
        (0..problem.vehicles.len()).filter(|&vehicle| problem.vehicles[vehicle].places.hold(problem.jobs[job].party));
    if fitting.clone().next().is_none() {
        let party = request.party.iter().sum::<u32>();
        return format!("its party of {party} fits into no vehicle");
    }
    let alone = vec![Problem::pickup(job), Problem::dropoff(job)];
    if fitting.any(|vehicle| Route::of(problem, vehicle, alone.clone()).is_some()) {
        return "alone it could be served; no plan was found that serves it beside the others".to_owned();
    }
    hindrance(instance, request).unwrap_or_else(|| {
        "even alone in a vehicle no schedule keeps its windows, its ride limit, the depot's hours and the route duration"
            .to_owned()
    })
}

/// Of a direct ride.
fn hindrance(instance: &Instance, request: &Request) -> Option<String> {
    let Request { pickup, dropoff, ride_max, .. } = *request;
    let (depot, on, off) = (instance.nodes[0], instance.nodes[pickup], instance.nodes[dropoff]);
    let direct = instance.ways.between(pickup, dropoff);
    if ride_max < direct {
        return Some(format!("a direct ride takes {direct:.3}, its ride limit is {ride_max}"));
    }
    let at_pickup = depot.window.earliest + depot.service + instance.ways.between(0, pickup);
    if on.window.latest < at_pickup {
        let latest = on.window.latest;
        return Some(format!(
            "a vehicle is at node {pickup} at {at_pickup:.3} at the earliest, its window ends at {latest}"
        ));
    }
    let at_dropoff = at_pickup.max(on.window.earliest) + on.service + direct;
    if off.window.latest < at_dropoff {
        let latest = off.window.latest;
        return Some(format!(
            "a direct ride is at node {dropoff} at {at_dropoff:.3} at the earliest, its window ends at {latest}"
        ));
    }
    let ride_min = off.window.earliest - (on.window.latest + on.service);
    if ride_max < ride_min {
        return Some(format!("its windows are {ride_min:.3} apart, its ride limit is {ride_max}"));
    }
    let back = at_dropoff.max(off.window.earliest) + off.service + instance.ways.between(dropoff, instance.end);
    if instance.back.latest < back {
        let latest = instance.back.latest;
        return Some(format!(
            "a vehicle that served it is back at {back:.3} at the earliest, the depot's window ends at {latest}"
        ));
    }
    None
}
