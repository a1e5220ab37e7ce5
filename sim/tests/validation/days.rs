//! Days of which all requests are known beforehand, beside the same requests one by one.

use std::fmt::Write;
use std::path::PathBuf;

use mukae_sim::demand::darp::{Instance, Node, read};
use mukae_sim::validate::darp::{Answer, DAYS, STEPS, Tally, Visit, check, compared, offline, online};

const MINUTE: f64 = 60_000.0;
const SEED: u64 = 1;

/// Refreshed by `MUKAE_GOLDEN=write`.
#[test]
fn knowing_all_requests_is_never_worse_on_the_drawn_days() {
    let mut found = String::new();
    for day in &DAYS {
        let findings = check(day.name, &day.instance(), SEED).unwrap();
        for finding in &findings {
            println!("{finding}");
            writeln!(found, "{}", finding.to_string().trim_end()).unwrap();
        }
        super::assert_met(&findings);
        assert_eq!(findings.iter().filter(|finding| finding.is_met == Some(true)).count(), 1);
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/validate-days.txt");
    if std::env::var_os("MUKAE_GOLDEN").is_some_and(|value| value == "write") {
        return std::fs::write(path, found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(path).unwrap());
}

/// Both answers keep the same rules: worked out anew, stop by stop.
#[test]
fn both_answers_keep_the_rules_of_a_rider() {
    for day in &DAYS {
        let instance = day.instance();
        let (online, outcome) = online(&instance).unwrap();
        assert_eq!(outcome.faults.len(), 0);
        let known = offline(&instance, SEED, STEPS).unwrap();
        for (who, answer) in [("online", &online), ("offline", &known)] {
            let tally = tallied(&instance, answer).unwrap_or_else(|fault| panic!("{}, {who}: {fault}", day.name));
            assert_eq!(tally, answer.tally(&instance), "{}, {who}", day.name);
        }
        // what the dispatcher measured on the way, a kilometre a minute, but that each leg was rounded up to a millisecond
        let kilometres = outcome.kpis.driven.as_millimetres() as f64 / 1e6;
        let minutes = online.tally(&instance).driven_ms as f64 / MINUTE;
        assert!((minutes - kilometres).abs() < 0.01, "{}: {minutes} min, {kilometres} km", day.name);
    }
}

/// The slow twin finds what is wrong, so that its silence says something.
#[test]
fn no_rule_can_be_broken_unnoticed() {
    let instance = DAYS[0].instance();
    let right = offline(&instance, SEED, 100).unwrap();
    tallied(&instance, &right).unwrap();
    let broken = |wreck: &dyn Fn(&mut Vec<Visit>), instance: &Instance| {
        let mut answer = right.clone();
        let longest = answer.routes.iter_mut().max_by_key(|route| route.len()).unwrap();
        wreck(longest);
        tallied(instance, &answer).unwrap_err()
    };
    assert!(broken(&|route| route.swap(0, 1), &instance).contains("is there before"));
    assert!(broken(&|route| _ = route.pop(), &instance).contains("on board at the end"));
    assert!(broken(&|route| route.extend_from_within(..2), &instance).contains("twice"));
    let late = |route: &mut Vec<Visit>| route.iter_mut().for_each(|visit| visit.start += mukae_units::Span::HOUR);
    assert!(broken(&late, &instance).contains("window"));
    assert!(broken(&|_| (), &Instance { capacity: 0, ..instance.clone() }).contains("seats"));
    assert!(broken(&|_| (), &Instance { ride_max: 1.0, ..instance.clone() }).contains("rides"));
    let mut early = instance.clone();
    early.nodes[0].latest = 100.0;
    assert!(broken(&|_| (), &early).contains("back"));
}

/// A poor answer is told as one: else the check would say nothing.
#[test]
fn a_worse_answer_is_not_met() {
    for day in &DAYS {
        let instance = day.instance();
        let known = offline(&instance, SEED, STEPS).unwrap();
        let all = known.tally(&instance);
        let met = |tally: Tally| compared(day.name.to_owned(), all, tally).is_met;
        assert_eq!(met(all), Some(true));
        let nobody = Answer { routes: Vec::new() };
        assert_eq!(met(nobody.tally(&instance)), Some(false));
        let mut fewer = known.clone();
        let route = fewer.routes.iter_mut().find(|route| !route.is_empty()).unwrap();
        let first = route[0].node;
        route.retain(|visit| visit.node != first && visit.node != first + instance.requests());
        assert!(fewer.tally(&instance).driven_ms < all.driven_ms);
        assert_eq!(met(fewer.tally(&instance)), Some(false), "who serves fewer does not win by driving less");
        assert_eq!(met(Tally { driven_ms: all.driven_ms + 1, ..all }), Some(false));
        assert_eq!(met(Tally { driven_ms: all.driven_ms * 2, served: all.served + 1 }), Some(true));
        assert!(compared(day.name.to_owned(), all, nobody.tally(&instance)).is_wrong());
    }
}

/// What a search finds that has no steps: it is worse on some day, and the check says so.
#[test]
fn a_search_that_does_nothing_may_be_worse() {
    let is_met = |day: &mukae_sim::validate::darp::Drawn| {
        let instance = day.instance();
        let (online, known) = (online(&instance).unwrap().0, offline(&instance, SEED, 0).unwrap());
        tallied(&instance, &known).unwrap();
        let finding = compared(day.name.to_owned(), online.tally(&instance), known.tally(&instance));
        println!("{finding}");
        finding.is_met.unwrap()
    };
    assert!(!DAYS.iter().all(is_met));
}

#[test]
fn the_same_seed_and_steps_give_the_same_answer() {
    let instance = DAYS[1].instance();
    assert_eq!(offline(&instance, 7, 500), offline(&instance, 7, 500));
    assert_eq!(read(&DAYS[1].text()).unwrap(), instance);
}

/// Who is served and what is driven, or the rule that is broken. Plain arithmetic, in milliseconds of the day.
fn tallied(instance: &Instance, answer: &Answer) -> Result<Tally, String> {
    let mut tally = Tally { served: 0, driven_ms: 0 };
    let mut seen = vec![false; instance.nodes.len()];
    for route in answer.routes.iter().filter(|route| !route.is_empty()) {
        let (served, driven_ms) = driven(instance, route, &mut seen)?;
        tally = Tally { served: tally.served + served, driven_ms: tally.driven_ms + driven_ms };
    }
    Ok(tally)
}

fn millis(minutes: f64) -> i64 {
    (minutes * MINUTE).round() as i64
}

fn leg(from: Node, to: Node) -> i64 {
    (((from.x - to.x).powi(2) + (from.y - to.y).powi(2)).sqrt() * MINUTE).ceil() as i64
}

fn driven(instance: &Instance, route: &[Visit], seen: &mut [bool]) -> Result<(usize, i64), String> {
    let (depot, requests) = (instance.nodes[0], instance.requests());
    let (mut place, mut leaves, mut sum) = (depot, millis(depot.earliest), 0);
    // by request: when they had boarded
    let mut aboard: Vec<(usize, i64)> = Vec::new();
    for &Visit { node, start } in route {
        let start = start.as_unix_millis() - 86_400_000;
        let here = instance.nodes[node];
        let arrives = leaves + leg(place, here);
        sum += leg(place, here);
        if std::mem::replace(&mut seen[node], true) {
            return Err(format!("node {node} is served twice"));
        }
        if start < arrives {
            return Err(format!("node {node}: service begins at {start} ms, the vehicle is there at {arrives}"));
        }
        if !aboard.is_empty() && 3_600_000 < start - arrives {
            return Err(format!("node {node}: somebody on board waits for {} ms", start - arrives));
        }
        (place, leaves) = (here, start + millis(here.service));
        if node <= requests {
            board(instance, node, start)?;
            aboard.push((node, leaves));
            let persons: i32 = aboard.iter().map(|&(pickup, _)| instance.nodes[pickup].load).sum();
            if i32::from(instance.capacity) < persons {
                return Err(format!("node {node}: {persons} persons on {} seats", instance.capacity));
            }
            continue;
        }
        let Some(seat) = aboard.iter().position(|&(pickup, _)| pickup + requests == node) else {
            return Err(format!("node {node} is there before its pickup"));
        };
        let (_, boarded) = aboard.swap_remove(seat);
        if arrives != start {
            return Err(format!("node {node}: nobody is let wait at a door, and service begins {}", start - arrives));
        }
        if millis(here.latest) < start {
            return Err(format!("node {node}: {start} ms is after its window"));
        }
        let direct = leg(instance.nodes[node - requests], here);
        if millis(instance.ride_max).max(direct) < start - boarded {
            return Err(format!("node {node}: somebody rides for {} ms", start - boarded));
        }
    }
    if let Some((pickup, _)) = aboard.first() {
        return Err(format!("who boards at node {pickup} is on board at the end"));
    }
    if millis(depot.latest) < leaves + leg(place, depot) {
        return Err(format!("the vehicle is back at {} ms", leaves + leg(place, depot)));
    }
    Ok((route.len() / 2, sum + leg(place, depot)))
}

/// A window is at the end the rider means, which is the narrower one. Whoever has to be somewhere in time boards no
/// earlier than a direct ride needs that is not before the window, on the whole minute.
fn board(instance: &Instance, node: usize, start: i64) -> Result<(), String> {
    let (here, there) = (instance.nodes[node], instance.nodes[node + instance.requests()]);
    let before = millis(here.service) + leg(here, there);
    let is_arrival = there.latest - there.earliest < here.latest - here.earliest;
    let (earliest, latest) = if is_arrival {
        let direct = millis(there.earliest) - before;
        (direct + (-direct).rem_euclid(60_000), millis(there.latest) - before)
    } else {
        (millis(here.earliest), millis(here.latest))
    };
    if start < earliest || latest < start {
        return Err(format!("node {node}: {start} ms is not in its window, {earliest} to {latest}"));
    }
    Ok(())
}
