//! Plans are what they say, on drawn towns; and the cheapest place is the cheapest of all.

use mukae_units::{Span, Time, TravelTime};

use super::*;
use crate::improve::{Eligible, Job, Legs, Load, Place, Stop, StopIdx, Vehicle, Weights};

/// Points of a plane, so that driving past a place never takes longer.
fn drawn(seed: u64, jobs: usize) -> Problem {
    let mut dice = Dice::new(seed);
    let sites = 2 * jobs + 1;
    let at: Vec<[i64; 2]> = (0..sites).map(|_| [dice.below(1000) as i64, dice.below(1000) as i64]).collect();
    let times = (0..sites).flat_map(|from| (0..sites).map(move |to| (from, to))).map(|(from, to)| {
        let apart: i64 = (0..2).map(|axis| (at[from][axis] - at[to][axis]).abs()).sum();
        TravelTime::from_millis(apart as u32)
    });
    let legs = Legs::new(sites, times.collect()).unwrap().into();
    let millis = |millis: u64| Span::from_millis(millis as i64);
    let mut stop = |site: usize| {
        let earliest = Time::from_unix_millis(dice.below(8000) as i64);
        let latest = earliest + millis(200 + dice.below(3000));
        // some stop where others do
        let (site, standing) = if seed % 4 == 1 { (site / 3 + 1, millis(30)) } else { (site, Span::ZERO) };
        Stop { site, earliest, latest, dwell: millis(dice.below(50)), standing }
    };
    let stops = (0..2 * jobs).map(|number| stop(number + 1)).collect();
    let mut dice = Dice::new(seed ^ 1);
    let party = |count: u64| Load::of([count as u32, 0, 0, 0, 0]).unwrap();
    let jobs = (0..jobs).map(|_| Job {
        party: party(1 + dice.below(2)),
        ride_max: millis(500 + dice.below(3000)),
        is_awaited: dice.happens(500),
    });
    let jobs: Vec<Job> = jobs.collect();
    let vehicle = Vehicle {
        start: 0,
        free_from: Time::from_unix_millis(0),
        end: 0,
        end_latest: Time::from_unix_millis(14_000),
        out_max: Some(millis(9_000)),
        places: party(3).into(),
        fixed: Vec::new(),
        leaves_from: Time::from_unix_millis(0),
        opening: 0,
        wait_max: (!seed.is_multiple_of(5)).then(|| Span::from_millis(800)),
    };
    let eligible =
        seed.is_multiple_of(3).then(|| Eligible::new(jobs.len(), 3, |job, vehicle| (job + vehicle) % 4 != 0));
    let weights =
        if seed.is_multiple_of(2) { Weights::DRIVING } else { Weights { driving: 3, out: 2, wait: 1, ride: 1 } };
    let mut problem = Problem { stops, jobs, vehicles: vec![vehicle; 3], legs, eligible, weights };
    if seed % 5 == 2 {
        // some vehicles cost something as soon as they are used
        (1..3).for_each(|number| problem.vehicles[number].opening = 700 * (weights.driving + weights.out));
    }
    problem.tighten();
    problem
}

/// The same some time into the day: what vehicles have done by then, or are about to, is fixed.
fn under_way(seed: u64, jobs: usize) -> (Problem, Plan) {
    let mut problem = drawn(seed, jobs);
    let plan = Search::new(&problem, seed).unwrap().best().clone();
    let mut dice = Dice::new(seed ^ 2);
    for route in &plan.routes {
        let count = dice.index(route.stops().len() + 1);
        let fixed = route.stops()[..count].to_vec();
        for (&stop, &start) in fixed.iter().zip(route.starts()) {
            (problem.stops[stop].earliest, problem.stops[stop].latest) = (start, start);
        }
        let vehicle = &mut problem.vehicles[route.vehicle()];
        if let Some(last) = count.checked_sub(1) {
            // it may not leave at once, but before it has to
            let free = route.starts()[last] + problem.stops[fixed[last]].dwell + problem.stops[fixed[last]].standing;
            vehicle.leaves_from = free + Span::from_millis(dice.below(2) as i64);
        }
        vehicle.fixed = fixed;
    }
    let routes = plan.routes.iter().map(|route| route.stops().to_vec()).collect();
    match Plan::of(&problem, routes) {
        Some(plan) => (problem, plan),
        None => {
            for vehicle in problem.vehicles.iter_mut() {
                let end = |&stop: &usize| {
                    let stop: Stop = problem.stops[stop];
                    stop.earliest + stop.dwell + stop.standing
                };
                vehicle.leaves_from = vehicle.fixed.last().map_or(vehicle.free_from, end);
            }
            let routes = plan.routes.iter().map(|route| route.stops().to_vec()).collect();
            let plan = Plan::of(&problem, routes).expect("nothing has changed but what is fixed");
            (problem, plan)
        }
    }
}

/// All that follows from the stops is worked out again, and everybody is somewhere once.
fn audit(problem: &Problem, plan: &Plan) {
    let mut seen: Vec<JobIdx> = plan.unserved.clone();
    let mut all = 0;
    for (number, route) in plan.routes.iter().enumerate() {
        let again = Route::of(problem, route.vehicle(), route.stops().to_vec()).expect("it has a schedule");
        assert_eq!(&again, route);
        route.jobs(problem).for_each(|job| assert_eq!(plan.route_of(job), Some(number)));
        seen.extend(route.stops().iter().filter(|&&stop| Problem::is_pickup(stop)).map(|&stop| Problem::job_of(stop)));
        all += route.cost();
    }
    assert_eq!(plan.cost, all);
    seen.sort_unstable();
    assert_eq!(seen, (0..problem.jobs.len()).collect::<Vec<_>>());
    plan.unserved.iter().for_each(|&job| assert_eq!(plan.route_of(job), None));
}

/// Without a job its vehicle drives so much less.
#[test]
fn detours_are_what_is_saved() {
    let mut compared = 0;
    for seed in 0..60 {
        for (problem, plan) in
            [under_way(seed, 14), (drawn(seed, 14), Search::new(&drawn(seed, 14), seed).unwrap().best)]
        {
            for route in &plan.routes {
                let fixed = problem.vehicles[route.vehicle()].fixed.len();
                route.detours(&problem, |job, detour| {
                    let is_left = |(at, stop): &(usize, &StopIdx)| *at < fixed || Problem::job_of(**stop) != job;
                    let left = route.stops().iter().enumerate().filter(is_left).map(|(_, &stop)| stop);
                    let sites: Vec<usize> = [problem.vehicles[route.vehicle()].start]
                        .into_iter()
                        .chain(left.map(|stop| problem.stops[stop].site))
                        .chain([problem.vehicles[route.vehicle()].end])
                        .collect();
                    let leg = |pair: &[usize]| i64::from(problem.leg(pair[0], pair[1]).as_millis());
                    let driven: i64 = sites.windows(2).map(leg).sum();
                    assert_eq!(route.driven() - driven, detour, "seed {seed}: job {job}");
                    compared += 1;
                });
            }
        }
    }
    assert!(300 < compared, "{compared}");
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
fn what_is_fixed_stays_and_who_is_on_board_is_brought() {
    let (mut improved, mut aboard) = (0, 0);
    for seed in 0..60 {
        let (problem, plan) = under_way(seed, 14);
        let before = plan.rank();
        for route in &plan.routes {
            let fixed = &problem.vehicles[route.vehicle()].fixed;
            let boards = fixed.iter().filter(|&&stop| Problem::is_pickup(stop));
            aboard += boards.filter(|&&stop| !fixed.contains(&(stop + 1))).count();
        }
        let mut search = Search::from(&problem, plan, seed);
        for step in 0..300 {
            search.step(DONE / 300 * step);
            audit(&problem, search.best());
            search.best().routes.iter().for_each(|route| {
                assert!(route.stops().starts_with(&problem.vehicles[route.vehicle()].fixed), "seed {seed}");
            });
        }
        assert!(search.best().rank() <= before, "seed {seed}");
        improved += u32::from(search.best().rank() < before);
    }
    assert!(10 < improved && 30 < aboard, "{improved} of 60 became better, {aboard} were on board");
}

/// The least more that is driven with the job on a route, by trying all; a first stop counts as driving.
fn least(problem: &Problem, route: &Route, job: JobIdx) -> Option<i64> {
    let is_aboard = route.stops().contains(&Problem::pickup(job));
    let count = route.stops().len();
    let places = (0..=count).flat_map(|i| (i..=count).map(move |j| (i, j))).filter(|&(i, _)| i == 0 || !is_aboard);
    let found = places.filter_map(|(i, j)| {
        let mut stops = route.stops().to_vec();
        stops.insert(j, Problem::dropoff(job));
        if !is_aboard {
            stops.insert(i, Problem::pickup(job));
        }
        Some(Route::of(problem, route.vehicle(), stops)?.driven() - route.driven())
    });
    let weights = problem.weights;
    let opening = problem.vehicles[route.vehicle()].opening / (weights.driving + weights.out);
    found.min().map(|least| if route.stops().is_empty() { least + opening } else { least })
}

#[test]
fn the_cheapest_place_is_the_cheapest_of_all() {
    let (mut found, mut none, mut aboard) = (0, 0, 0);
    for seed in 0..300_u64 {
        let (problem, mut plan, jobs) = if seed.is_multiple_of(3) {
            let (problem, plan) = under_way(seed, 8);
            let jobs: Vec<JobIdx> = (0..8).filter(|&job| plan.route_of(job).is_some()).collect();
            (problem, plan, jobs)
        } else {
            let problem = drawn(seed, 8);
            let plan = Plan::new(&problem).unwrap();
            (problem, plan, (0..8).collect())
        };
        let mut scratch = Scratch::default();
        for job in jobs {
            if let Some(number) = plan.route_of(job) {
                let before = plan.clone();
                if !plan.remove(&problem, number, &[job]) {
                    plan = before;
                    continue;
                }
                aboard += u32::from(plan.routes[number].stops().contains(&Problem::pickup(job)));
            }
            let place = plan.best_place(&problem, job, &mut scratch);
            let whose = plan.routes.iter().find(|route| route.stops().contains(&Problem::pickup(job)));
            let all = plan.routes.iter().filter(|route| whose.is_none_or(|whose| whose == *route));
            let least = all.filter_map(|route| least(&problem, route, job)).min();
            assert_eq!(place.map(|(_, place)| place.detour), least, "seed {seed}, job {job}");
            match place {
                Some(place) => {
                    assert!(plan.insert(&problem, job, place, &mut scratch));
                    plan.unserved.retain(|&other| other != job);
                    found += 1;
                }
                None => none += 1,
            }
        }
    }
    assert!(500 < found && 80 < none && 30 < aboard, "{found} found, {none} not, {aboard} on board");
}

#[test]
fn what_is_remembered_is_what_would_be_found() {
    for seed in 0..30 {
        let problem = drawn(seed, 14);
        let mut search = Search::new(&problem, seed).unwrap();
        for step in 0..200 {
            search.step(DONE / 200 * step);
            for number in 0..search.current.routes.len() {
                let job = (step as usize + number) % problem.jobs.len();
                if search.current.route_of(job) == Some(number) {
                    continue;
                }
                let known = search.place_on(number, job);
                let anew = search.current.routes[number].best_place(&problem, job, i64::MAX, &mut Scratch::default());
                assert_eq!(known, anew, "seed {seed}, step {step}");
            }
        }
    }
}

/// One rider is on board, and the other can board in ten seconds.
#[test]
fn nobody_sits_in_a_standing_vehicle_before_its_first_free_stop() {
    let time = Time::from_unix_millis;
    let legs = Legs::new(5, vec![TravelTime::from_millis(100); 25]).unwrap().into();
    let stop = |site, earliest| Stop {
        site,
        earliest: time(earliest),
        latest: time(60_000),
        dwell: Span::ZERO,
        standing: Span::ZERO,
    };
    let mut boarded = stop(1, 0);
    boarded.latest = time(0);
    let party = Load::of([1, 0, 0, 0, 0]).unwrap();
    let vehicle = Vehicle {
        start: 0,
        free_from: time(-100),
        end: 0,
        end_latest: time(90_000),
        out_max: None,
        places: party.plus(party).into(),
        fixed: vec![0],
        leaves_from: time(0),
        opening: 0,
        wait_max: Some(Span::from_millis(800)),
    };
    let mut problem = Problem {
        stops: vec![boarded, stop(2, 0), stop(3, 10_000), stop(4, 0)],
        jobs: vec![Job { party, ride_max: Span::from_millis(60_000), is_awaited: false }; 2],
        vehicles: vec![vehicle],
        legs,
        eligible: None,
        weights: Weights::DRIVING,
    };
    // somebody who rides along before the first free stop leaves the same columns as if all were worked out anew
    problem.stops[1].earliest = time(600);
    let mut plan = Plan::of(&problem, vec![vec![0, 1]]).unwrap();
    problem.stops[2].earliest = time(0);
    let mut scratch = Scratch::default();
    let place = Place { detour: 0, pickup: 1, dropoff: 1 };
    assert!(plan.insert(&problem, 1, (0, place), &mut scratch));
    assert_eq!(plan.routes[0], Route::of(&problem, 0, vec![0, 2, 3, 1]).unwrap());
    problem.stops[1].earliest = time(5_000);
    assert!(Route::of(&problem, 0, vec![0, 2, 3, 1]).is_none(), "it would stand still for 4.6 s on the way");
    (problem.stops[1].earliest, problem.stops[2].earliest) = (time(0), time(10_000));
    let together = vec![0, 2, 1, 3];
    assert!(Route::of(&problem, 0, together.clone()).is_none(), "ten seconds are more than 0.8");
    assert!(Route::of(&problem, 0, vec![0, 1, 2, 3]).is_some(), "who alights first does not wait");
    problem.vehicles[0].leaves_from = time(9_100);
    assert!(Route::of(&problem, 0, together.clone()).is_some(), "the wait counts from when it may leave");
    problem.vehicles[0].leaves_from = time(9_099);
    assert!(Route::of(&problem, 0, together).is_none());
}

/// Two riders who can ride together or alone, on two vehicles of which one costs something when it is used.
fn two_riders(opening: i64) -> Problem {
    let time = Time::from_unix_millis;
    let legs = Legs::new(5, (0..25).map(|at| TravelTime::from_millis(if at % 6 == 0 { 0 } else { 100 })).collect());
    let stop =
        |site, latest| Stop { site, earliest: time(0), latest: time(latest), dwell: Span::ZERO, standing: Span::ZERO };
    let party = Load::of([1, 0, 0, 0, 0]).unwrap();
    let vehicle = |opening| Vehicle {
        start: 0,
        free_from: time(0),
        end: 0,
        end_latest: time(90_000),
        out_max: None,
        places: party.plus(party).into(),
        fixed: Vec::new(),
        leaves_from: time(0),
        wait_max: None,
        opening,
    };
    Problem {
        stops: vec![stop(1, 10_000), stop(2, 20_000), stop(3, 10_000), stop(4, 20_000)],
        jobs: vec![Job { party, ride_max: Span::from_millis(60_000), is_awaited: false }; 2],
        vehicles: vec![vehicle(0), vehicle(opening)],
        legs: legs.unwrap().into(),
        eligible: None,
        weights: Weights { driving: 2, out: 0, wait: 0, ride: 0 },
    }
}

#[test]
fn a_vehicle_that_costs_something_is_left_at_home_once_that_is_cheaper() {
    let problem = two_riders(50);
    let apart = Plan::of(&problem, vec![vec![0, 1], vec![2, 3]]).unwrap();
    assert_eq!(apart.cost, 2 * 600 + 50, "three legs each");
    let mut search = Search::from(&problem, apart, 1);
    (0..50).for_each(|step| search.step(DONE / 50 * step));
    assert_eq!(search.best().cost, 2 * 500, "five legs");
    assert!(search.best().routes[1].stops().is_empty());
}

#[test]
fn a_vehicle_is_used_whatever_it_costs_if_somebody_is_left_otherwise() {
    let mut problem = two_riders(1_000_000);
    [1, 3].iter().for_each(|&dropoff| problem.stops[dropoff].latest = Time::from_unix_millis(200));
    [0, 2].iter().for_each(|&pickup| problem.stops[pickup].latest = Time::from_unix_millis(100));
    let mut search = Search::new(&problem, 1).unwrap();
    (0..50).for_each(|step| search.step(DONE / 50 * step));
    assert_eq!((search.best().unserved.len(), search.best().cost), (0, 2 * 600 + 1_000_000));
}

#[test]
fn empty_vehicles_that_cost_different_sums_are_all_looked_at() {
    let mut problem = two_riders(50);
    problem.vehicles.swap(0, 1);
    let plan = Plan::new(&problem).unwrap();
    assert_eq!(plan.different_routes(0).collect::<Vec<_>>(), [0, 1]);
    let (number, place) = plan.best_place(&problem, 0, &mut Scratch::default()).unwrap();
    assert_eq!((number, place.detour), (1, 300));
    problem.vehicles[0].opening = 0;
    assert_eq!(Plan::new(&problem).unwrap().different_routes(0).collect::<Vec<_>>(), [0]);
}
