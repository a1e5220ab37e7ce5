//! Plans are what they say, on drawn towns; and the cheapest place is the cheapest of all.

use mukae_units::{Span, Time, TravelTime};

use super::*;
use crate::improve::{Job, Legs, Load, Stop, Vehicle};

/// Points of a plane, so that driving past a place never takes longer.
fn drawn(seed: u64, jobs: usize) -> Problem {
    let mut dice = Dice::new(seed);
    let sites = 2 * jobs + 1;
    let at: Vec<[i64; 2]> = (0..sites).map(|_| [dice.below(1000) as i64, dice.below(1000) as i64]).collect();
    let times = (0..sites).flat_map(|from| (0..sites).map(move |to| (from, to))).map(|(from, to)| {
        let apart: i64 = (0..2).map(|axis| (at[from][axis] - at[to][axis]).abs()).sum();
        TravelTime::from_millis(apart as u32)
    });
    let legs = Legs::new(sites, times.collect()).unwrap();
    let millis = |millis: u64| Span::from_millis(millis as i64);
    let mut stop = |site: usize| {
        let earliest = Time::from_unix_millis(dice.below(8000) as i64);
        Stop { site, earliest, latest: earliest + millis(200 + dice.below(3000)), dwell: millis(dice.below(50)) }
    };
    let stops = (0..2 * jobs).map(|number| stop(number + 1)).collect();
    let mut dice = Dice::new(seed ^ 1);
    let party = |count: u64| Load::of([count as u32, 0, 0, 0, 0]).unwrap();
    let jobs = (0..jobs).map(|_| Job { party: party(1 + dice.below(2)), ride_max: millis(500 + dice.below(3000)) });
    let jobs = jobs.collect();
    let vehicle = Vehicle {
        start: 0,
        free_from: Time::from_unix_millis(0),
        end: 0,
        end_latest: Time::from_unix_millis(14_000),
        out_max: Some(millis(9_000)),
        places: party(3).into(),
    };
    let mut problem = Problem { stops, jobs, vehicles: vec![vehicle; 3], legs, wait_max: Some(millis(800)) };
    problem.tighten();
    problem
}

/// All that follows from the stops is worked out again, and everybody is somewhere once.
fn audit(problem: &Problem, plan: &Plan) {
    let mut seen: Vec<JobIdx> = plan.unserved.clone();
    let mut all = 0;
    for (number, route) in plan.routes.iter().enumerate() {
        let again = Route::of(problem, route.vehicle(), route.stops().to_vec()).expect("it has a schedule");
        assert_eq!(&again, route);
        route.jobs().for_each(|job| assert_eq!(plan.route_of(job), Some(number)));
        seen.extend(route.jobs());
        all += route.driven();
    }
    assert_eq!(plan.driven, all);
    seen.sort_unstable();
    assert_eq!(seen, (0..problem.jobs.len()).collect::<Vec<_>>());
    plan.unserved.iter().for_each(|&job| assert_eq!(plan.route_of(job), None));
}

#[test]
fn plans_stay_whole_and_the_best_only_gets_better() {
    let mut improved = 0;
    for seed in 0..40 {
        let problem = drawn(seed, 14);
        let mut search = Search::new(&problem, seed).unwrap();
        let mut best = search.best().rank();
        let first = best;
        for step in 0..400 {
            search.step(DONE / 400 * step);
            audit(&problem, &search.current);
            let now = search.best().rank();
            assert!(now <= best, "seed {seed}, step {step}");
            best = now;
        }
        audit(&problem, search.best());
        improved += u32::from(best < first);
        let mut again = Search::new(&problem, seed).unwrap();
        (0..400).for_each(|step| again.step(DONE / 400 * step));
        assert_eq!(again.best(), search.best(), "seed {seed}: the same steps, the same plan");
    }
    assert!(20 < improved, "only {improved} of 40 became better");
}

#[test]
fn the_cheapest_place_is_the_cheapest_of_all() {
    let (mut found, mut none) = (0, 0);
    for seed in 0..300 {
        let problem = drawn(seed, 8);
        let mut plan = Plan::new(&problem).unwrap();
        let mut scratch = Scratch::default();
        for job in 0..problem.jobs.len() {
            let place = plan.best_place(&problem, job, &mut scratch, |_| true);
            let all = plan.routes.iter().flat_map(|route| {
                let count = route.stops().len();
                let places = (0..=count).flat_map(move |i| (i..=count).map(move |j| (i, j)));
                let problem = &problem;
                places.filter_map(move |(i, j)| {
                    let mut stops = route.stops().to_vec();
                    stops.insert(j, Problem::dropoff(job));
                    stops.insert(i, Problem::pickup(job));
                    Some(Route::of(problem, route.vehicle(), stops)?.driven() - route.driven())
                })
            });
            assert_eq!(place.map(|(_, place)| place.detour), all.min(), "seed {seed}, job {job}");
            match place {
                Some(place) => {
                    plan.insert(&problem, job, place);
                    plan.unserved.retain(|&other| other != job);
                    found += 1;
                }
                None => none += 1,
            }
        }
    }
    assert!(500 < found && 100 < none, "{found} found, {none} not");
}
