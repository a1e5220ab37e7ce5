//! The search's verdict on a route is the exact one: drawn and mutated routes on drawn instances of every format, against a
//! twin. The numbers are such that rounding has no part (see `town`), so there may be no difference at all.

use mukae_benches::Dice;
use mukae_benches::darp::{Candidate, Judge, parse, problem};

use crate::town::{Flavour, REQUESTS, VEHICLES, drawn};
use crate::twin::Twin;

const ROUTES: u64 = 100_000;
const ROUTES_AN_INSTANCE: u64 = 100;

#[derive(Clone, Debug)]
struct Route {
    vehicle: usize,
    stops: Vec<usize>,
}

/// As many as fit, put in one after the other where they first can be.
fn full(dice: &mut Dice, twin: &Twin) -> Route {
    let mut route = Route { vehicle: dice.below(VEHICLES as u64) as usize, stops: Vec::new() };
    for _ in 0..REQUESTS {
        let (pickup, dropoff) = twin.pairs[dice.below(REQUESTS as u64) as usize];
        let count = route.stops.len();
        let places = (0..=count).flat_map(|on| (on..=count).map(move |off| (on, off)));
        let longer = places.map(|(on, off)| {
            let mut stops = route.stops.clone();
            stops.insert(off, dropoff);
            stops.insert(on, pickup);
            stops
        });
        let found: Vec<Vec<usize>> = longer.filter(|stops| twin.can_drive(route.vehicle, stops)).collect();
        if !found.is_empty() {
            route.stops = found[dice.below(found.len() as u64) as usize].clone();
        }
    }
    route
}

fn mutate(dice: &mut Dice, twin: &Twin, route: &mut Route) {
    let count = route.stops.len() as u64;
    let mut at = |more: u64| dice.below((count + more).max(1)) as usize;
    let (one, other, gap) = (at(0), at(0), at(1));
    let (pickup, dropoff) = twin.pairs[dice.below(REQUESTS as u64) as usize];
    match dice.below(7) {
        0 if 0 < count => route.stops.swap(one, other),
        1 if 0 < count => {
            let stop = route.stops.remove(one);
            route.stops.insert(other, stop);
        }
        2 => route.stops[one.min(other)..(one.max(other) + 1).min(count as usize)].reverse(),
        3 => {
            route.stops.insert(gap, dropoff);
            let before = dice.below(gap as u64 + 1) as usize;
            route.stops.insert(before, pickup);
        }
        4 => route.stops.retain(|&stop| stop != pickup && stop != dropoff),
        5 if dice.below(4) == 0 => route.stops.retain(|&stop| stop != dropoff),
        _ => route.vehicle = dice.below(VEHICLES as u64 + 1) as usize,
    }
}

#[test]
fn a_route_can_be_driven_exactly_if_the_twin_says_so() {
    let mut counts = [[0_u64; 2]; 5];
    for number in 0..ROUTES / ROUTES_AN_INSTANCE {
        let flavour = number as usize % 5;
        let mut dice = Dice(number);
        let (text, twin) = drawn(&mut dice, Flavour::ALL[flavour]);
        let instance = parse(&text).unwrap_or_else(|error| panic!("seed {number}: {error:#}\n{text}"));
        // where nobody can go anywhere there is nothing to judge
        let Ok(problem) = problem(&instance) else { continue };
        let judge = Judge::new(&instance, &problem);
        let mut route = full(&mut dice, &twin);
        for turn in 0..ROUTES_AN_INSTANCE {
            if turn % 5 == 0 {
                route = full(&mut dice, &twin);
            } else {
                mutate(&mut dice, &twin, &mut route);
            }
            let expected = route.vehicle < VEHICLES && twin.can_drive(route.vehicle, &route.stops);
            let found = judge.verdict(&Candidate { vehicle: route.vehicle, stops: route.stops.clone() });
            assert_eq!(found.why.is_none(), expected, "seed {number}: {route:?}, {:?}\n{text}", found.why);
            assert_eq!(found.cost, twin.length(&route.stops), "seed {number}: {route:?}\n{text}");
            counts[flavour][usize::from(expected)] += 1;
        }
    }
    println!("not and can be driven, by format: {counts:?}");
    assert!(counts.iter().flatten().all(|&count| ROUTES / 50 < count), "{counts:?}");
}
