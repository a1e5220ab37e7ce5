//! How long does it take to find the best place for one more rider? 144 requests on 13 vehicles, the table of times in memory.
//!
//! A town drawn by the rule of Cordeau and Laporte's problems (2003), of the size of their `pr06`, and two plans that serve
//! everybody: the first, and one that has been searched for. Each rider in turn is taken out of it, and all places of all
//! vehicles are looked at for them; the answer is exact. One thread; each insertion is timed for itself, two readings of the
//! clock included.

use std::hint::black_box;
use std::time::Instant;

use mukae_benches::Dice;
use mukae_benches::darp::{Instance, Node, Request, Vehicle, Ways, Window, problem};
use mukae_engine::improve::{DONE, Load, Plan, Problem, Scratch, Search};

const REQUESTS: usize = 144;
const VEHICLES: usize = 13;
const STEPS: u32 = 20_000;
const ROUNDS: usize = 100;

/// Minutes, in thousandths.
fn between(dice: &mut Dice, from: f64, to: f64) -> f64 {
    from + dice.below(((to - from) * 1000.0) as u64 + 1) as f64 / 1000.0
}

/// Half of them ask for a time at the origin, half at the destination; the window there is 15 to 45 minutes wide.
fn town(dice: &mut Dice) -> Instance {
    let sites = 2 * REQUESTS + 1;
    let points = (0..sites).map(|_| [between(dice, -10.0, 10.0), between(dice, -10.0, 10.0)]).collect();
    let day = Window { earliest: 0.0, latest: 1440.0 };
    let mut nodes = vec![Node { window: day, service: 10.0 }; sites];
    nodes[0].service = 0.0;
    let mut requests = Vec::new();
    for pickup in 1..=REQUESTS {
        let dropoff = pickup + REQUESTS;
        let earliest = between(dice, 60.0, 480.0);
        let asked = if pickup <= REQUESTS / 2 { dropoff } else { pickup };
        nodes[asked].window = Window { earliest, latest: earliest + between(dice, 15.0, 45.0) };
        requests.push(Request { pickup, dropoff, party: [1, 0, 0, 0, 0], ride_max: 90.0, reveal: 0.0 });
    }
    let places = Load::of([6, 0, 0, 0, 0]).expect("six are few");
    let vehicles = vec![Vehicle { places: places.into(), out_max: 480.0 }; VEHICLES];
    Instance { nodes, end: 0, back: day, requests, vehicles, ways: Ways::Plane(points) }
}

fn measure(name: &str, problem: &Problem, plan: &Plan) {
    let (mut nanos, mut scratch) = (Vec::new(), Scratch::default());
    let served: Vec<(usize, Plan)> = (0..REQUESTS)
        .filter_map(|job| {
            let mut without = plan.clone();
            let number = without.route_of(job)?;
            without.remove(problem, number, &[job]).then_some((job, without))
        })
        .collect();
    for (job, without) in (0..ROUNDS).flat_map(|_| &served) {
        let begun = Instant::now();
        let place = black_box(without.best_place(problem, *job, &mut scratch));
        nanos.push(begun.elapsed().as_nanos() as f64);
        assert!(place.is_some(), "there is a place where they were");
    }
    nanos.sort_by(f64::total_cmp);
    let [half, most, all] = [500, 990, 1000].map(|permille| nanos[(nanos.len() - 1) * permille / 1000] / 1e3);
    let (who, count) = (served.len(), nanos.len());
    println!("{name}, {who} of {REQUESTS} on {VEHICLES} vehicles, {count} insertions:");
    println!("    median {half:.2} us, 99 in 100 within {most:.2} us, longest {all:.2} us");
}

fn main() {
    let instance = town(&mut Dice(6));
    let problem = problem(&instance).expect("a town that can be planned");
    let mut search = Search::new(&problem, 1).expect("vehicles can return");
    measure("first plan", &problem, search.best());
    (0..STEPS).for_each(|step| search.step((u64::from(DONE) * u64::from(step) / u64::from(STEPS)) as u32));
    measure("after a search", &problem, search.best());
}
