//! Whether a route from elsewhere can be driven: the search's own verdict.

use std::collections::BTreeMap;

use mukae_engine::improve::{Problem, Route, StopIdx};

use super::instance::Instance;
use super::member::{Member, WrongMember};

/// Somebody's route: nodes without the depot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    pub vehicle: usize,
    pub stops: Vec<usize>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Verdict {
    /// In the instance's numbers; nothing if a node is unknown.
    pub cost: f64,
    /// What is wrong, or nothing.
    pub why: Option<String>,
}

#[derive(Debug)]
pub struct Judge<'p> {
    instance: &'p Instance,
    problem: &'p Problem,
    stop_of: BTreeMap<usize, StopIdx>,
}

impl Candidate {
    /// Those of `{"routes": [[1, 17], {"vehicle": 1, "stops": [2, 18]}]}`; a route without a vehicle is driven by that of its
    /// own number.
    pub fn all(solution: &serde_json::Value) -> Result<Vec<Candidate>, WrongMember> {
        let told = Member::root(solution).get("routes")?.list()?;
        told.iter().enumerate().map(|(number, route)| Candidate::of(number, route)).collect()
    }

    fn of(number: usize, route: &Member<'_>) -> Result<Candidate, WrongMember> {
        let (vehicle, stops) = match route.list() {
            Ok(stops) => (number, stops),
            Err(_) => {
                let vehicle = route.find("vehicle")?;
                let vehicle =
                    vehicle.map_or(Ok(number), |told| told.whole((0, 1_000_000)).map(|told| told as usize))?;
                (vehicle, route.get("stops")?.list()?)
            }
        };
        let stops = stops.iter().map(|node| node.whole((0, 1_000_000)).map(|node| node as usize));
        Ok(Candidate { vehicle, stops: stops.collect::<Result<_, _>>()? })
    }
}

impl<'p> Judge<'p> {
    pub fn new(instance: &'p Instance, problem: &'p Problem) -> Judge<'p> {
        let ends = |(job, request): (usize, &super::Request)| {
            [(request.pickup, Problem::pickup(job)), (request.dropoff, Problem::dropoff(job))]
        };
        let stop_of = instance.requests.iter().enumerate().flat_map(ends).collect();
        Judge { instance, problem, stop_of }
    }

    /// Of a route for itself; who else drives where does not matter.
    pub fn verdict(&self, candidate: &Candidate) -> Verdict {
        let why = self.fault(candidate);
        let is_known = candidate.stops.iter().all(|node| self.stop_of.contains_key(node));
        Verdict { cost: if is_known { self.instance.length(&candidate.stops) } else { 0.0 }, why }
    }

    fn fault(&self, candidate: &Candidate) -> Option<String> {
        let Some(vehicle) = self.problem.vehicles.get(candidate.vehicle) else {
            return Some(format!("there is no vehicle {}", candidate.vehicle));
        };
        let mut stops: Vec<StopIdx> = Vec::new();
        let mut load = mukae_engine::improve::Load::NONE;
        for node in &candidate.stops {
            let Some(&stop) = self.stop_of.get(node) else { return Some(format!("there is no stop {node}")) };
            if stops.contains(&stop) {
                return Some(format!("node {node} is there twice"));
            }
            let party = self.problem.jobs[Problem::job_of(stop)].party;
            if Problem::is_pickup(stop) {
                load = load.plus(party);
                if !vehicle.places.hold(load) {
                    return Some(format!("the vehicle does not hold who is on board after node {node}"));
                }
            } else if stops.contains(&Problem::pickup(Problem::job_of(stop))) {
                load = load.minus(party);
            } else {
                return Some(format!("node {node} is a dropoff without its pickup before"));
            }
            stops.push(stop);
        }
        let stays =
            |&stop: &StopIdx| Problem::is_pickup(stop) && !stops.contains(&Problem::dropoff(Problem::job_of(stop)));
        if let Some(at) = stops.iter().position(stays) {
            return Some(format!("who boards at node {} does not alight", candidate.stops[at]));
        }
        match Route::of(self.problem, candidate.vehicle, stops) {
            Some(_) => None,
            None => {
                Some("no schedule keeps all windows, ride limits, the depot's hours and the route duration".to_owned())
            }
        }
    }

    /// What is wrong with routes that may each be right: who is on two, which vehicle drives twice; and who is on none.
    pub fn together(&self, candidates: &[Candidate]) -> (Vec<String>, Vec<usize>) {
        let driven = candidates.iter().filter(|candidate| !candidate.stops.is_empty());
        let mut vehicles: BTreeMap<usize, usize> = BTreeMap::new();
        let mut nodes: BTreeMap<usize, usize> = BTreeMap::new();
        for candidate in driven {
            *vehicles.entry(candidate.vehicle).or_default() += 1;
            candidate.stops.iter().for_each(|&node| *nodes.entry(node).or_default() += 1);
        }
        let twice = |(&number, &count): (&usize, &usize)| (1 < count).then_some(number);
        let drive = vehicles.iter().filter_map(twice).map(|vehicle| format!("vehicle {vehicle} drives twice"));
        let serve = nodes.iter().filter_map(twice).map(|node| format!("node {node} is served twice"));
        let pickups = self.instance.requests.iter().map(|request| request.pickup);
        (drive.chain(serve).collect(), pickups.filter(|pickup| !nodes.contains_key(pickup)).collect())
    }
}
