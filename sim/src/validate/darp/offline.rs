//! A day of which everything is known beforehand: the same settings and requests as one problem for the engine's search.
//!
//! Windows, ride limits and service times are those that the dispatcher makes of each request ([`Demand`]), not those of its
//! promises: what a run answered has no part in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use mukae_engine::Command;
use mukae_engine::improve::{self, DONE, Job, Legs, Load, Plan, Problem, Search, Stop, Weights};
use mukae_engine::insertion::Demand;
use mukae_engine::model::{Policy, ServicePolicy, Shift};
use mukae_maps::{Place, TravelTimes};
use mukae_units::{Capacity, VehicleId};

use crate::{Ask, Setup};

#[derive(Debug)]
pub(super) struct Offline {
    pub problem: Problem,
    /// By job. Whom a rule forbids whatever the fleet does is no job.
    pub asks: Vec<usize>,
}

/// What is told before anybody asks; one service.
struct Settings<'s> {
    policy: Policy,
    service: ServicePolicy,
    capacities: BTreeMap<VehicleId, &'s Capacity>,
    shifts: Vec<&'s Arc<Shift>>,
}

/// Every place once.
#[derive(Default)]
struct Sites {
    places: Vec<Place>,
    numbers: BTreeMap<Place, usize>,
}

impl Offline {
    pub fn of(setup: &Setup, roads: &mut dyn TravelTimes) -> Offline {
        let settings = Settings::of(setup);
        let mut sites = Sites::default();
        let vehicles = settings.shifts.iter().map(|shift| settings.vehicle(shift, &mut sites)).collect();
        let (mut asks, mut jobs, mut stops) = (Vec::new(), Vec::new(), Vec::new());
        for (number, ask) in setup.asks.iter().enumerate() {
            let Some(demand) = settings.demand(ask, roads) else { continue };
            asks.push(number);
            jobs.push(Job { party: Load::from(demand.party), ride_max: demand.ride_max, is_awaited: false });
            let stop = |site, latest| Stop {
                site,
                earliest: demand.pickup.earliest(),
                latest,
                dwell: demand.dwell,
                standing: demand.stop_dwell,
            };
            stops.push(stop(sites.number(demand.origin), demand.pickup.latest()));
            stops.push(stop(sites.number(demand.destination), demand.dropoff_latest));
        }
        let legs = Arc::new(sites.legs(roads));
        let mut problem = Problem { stops, jobs, vehicles, legs, eligible: None, weights: Weights::DRIVING };
        problem.tighten();
        Offline { problem, asks }
    }

    /// The best plan of so many steps. The first one puts everybody where it costs least, in the order of their windows.
    pub fn search(&self, seed: u64, steps: u32) -> Plan {
        let mut search = Search::new(&self.problem, seed).expect("every shift can end where it begins");
        for step in 0..steps {
            search.step((u64::from(step) * u64::from(DONE) / u64::from(steps)) as u32);
        }
        search.best().clone()
    }
}

impl<'s> Settings<'s> {
    fn of(setup: &'s Setup) -> Settings<'s> {
        let (mut policy, mut service, mut capacities, mut shifts) = (None, None, BTreeMap::new(), Vec::new());
        for setting in &setup.settings {
            match setting {
                Command::SetPolicy(told) => policy = Some(*told),
                Command::SetService(told) => service = Some(told.policy),
                Command::RegisterVehicle(vehicle) => _ = capacities.insert(vehicle.id, &vehicle.capacity),
                Command::PlanShift(shift) => shifts.push(shift),
                _ => {}
            }
        }
        let (policy, service) = policy.zip(service).expect("a world has a policy and a service");
        Settings { policy, service, capacities, shifts }
    }

    fn vehicle(&self, shift: &Shift, sites: &mut Sites) -> improve::Vehicle {
        let end = shift.end.as_ref().expect("a vehicle of these worlds returns to its depot");
        improve::Vehicle {
            start: sites.number(shift.start.place),
            free_from: shift.window.earliest(),
            end: sites.number(end.place),
            end_latest: shift.window.latest(),
            out_max: None,
            places: self.capacities[&shift.vehicle].clone().into(),
            fixed: Vec::new(),
            leaves_from: shift.window.earliest(),
            opening: 0,
            wait_max: Some(self.policy.wait_on_board_max),
        }
    }

    fn demand(&self, ask: &Ask, roads: &mut dyn TravelTimes) -> Option<Demand> {
        let access = ask.request.access_pairs()[0];
        Demand::of_request(ask.at, &ask.request, access, &self.service, roads).ok()
    }
}

impl Sites {
    fn number(&mut self, place: Place) -> usize {
        let next = self.places.len();
        let number = *self.numbers.entry(place).or_insert(next);
        if number == next {
            self.places.push(place);
        }
        number
    }

    fn legs(&self, roads: &mut dyn TravelTimes) -> Legs {
        let pairs = self.places.iter().flat_map(|&from| self.places.iter().map(move |&to| (from, to)));
        let time = |(from, to)| roads.travel_time(from, to).expect("a plane has ways everywhere");
        Legs::new(self.places.len(), pairs.map(time).collect()).expect("a time for each pair")
    }
}
