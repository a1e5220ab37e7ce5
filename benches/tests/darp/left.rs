//! Who can only stay behind is no error of a file: it is told who, and why.

use mukae_benches::darp::{cost, parse, problem, solution, why_left};
use mukae_engine::improve::{DONE, Search};

/// Two requests on a line, `pickup` and `dropoff` those of the second: load, earliest and latest.
fn town(pickup: &str, dropoff: &str) -> String {
    let head = "1 2 100 3 30\n0 0 0 0 0 0 200\n";
    format!("{head}1 10 0 1 1 0 200\n2 20 0 1 {pickup}\n3 30 0 1 -1 0 200\n4 60 0 1 {dropoff}\n")
}

fn why(pickup: &str, dropoff: &str) -> Option<String> {
    let instance = parse(&town(pickup, dropoff)).unwrap();
    let problem = problem(&instance).unwrap();
    let mut search = Search::new(&problem, 1).unwrap();
    (0..200).for_each(|step| search.step(DONE / 200 * step));
    let plan = search.best();
    let written = solution("town", &instance, plan);
    assert_eq!(written["unserved"].as_array().unwrap().len(), plan.unserved.len());
    assert_eq!(written["cost"].as_f64(), Some(cost(&instance, plan)));
    plan.unserved.first().map(|&job| {
        assert_eq!((plan.unserved.len(), instance.requests[job].pickup), (1, 2), "the first is served");
        assert_eq!(written["unserved"][0], 2, "told by its pickup");
        why_left(&instance, &problem, job)
    })
}

#[test]
fn who_stays_behind_is_told_why() {
    let rows = [
        ("4 0 200", "-4 0 200", "its party of 4 fits into no vehicle"),
        ("1 0 200", "-1 0 200", "a direct ride takes 40.000, its ride limit is 30"),
    ];
    for (pickup, dropoff, expected) in rows {
        assert_eq!(why(pickup, dropoff).as_deref(), Some(expected));
    }
    // nearer, so that it is not the ride
    let near = |pickup: &str, dropoff: &str| {
        let text = town(pickup, dropoff).replace("4 60 0", "4 45 0");
        let instance = parse(&text).unwrap();
        let problem = problem(&instance).unwrap();
        why_left(&instance, &problem, 1)
    };
    let rows = [
        ("1 0 15", "-1 0 200", "a vehicle is at node 2 at 20.000 at the earliest, its window ends at 15"),
        ("1 50 60", "-1 0 70", "a direct ride is at node 4 at 76.000 at the earliest, its window ends at 70"),
        ("1 0 60", "-1 100 110", "its windows are 39.000 apart, its ride limit is 30"),
        (
            "1 140 160",
            "-1 0 200",
            "a vehicle that served it is back at 212.000 at the earliest, the depot's window ends at 200",
        ),
        ("1 0 200", "-1 0 200", "alone it could be served; no plan was found that serves it beside the others"),
    ];
    for (pickup, dropoff, expected) in rows {
        assert_eq!(near(pickup, dropoff), expected);
    }
    let text = town("1 0 200", "-1 0 200").replace("4 60 0", "4 45 0").replace("1 2 100", "1 2 80");
    let instance = parse(&text).unwrap();
    let told = why_left(&instance, &problem(&instance).unwrap(), 1);
    assert!(told.starts_with("even alone in a vehicle no schedule keeps its windows"), "{told}");
}
