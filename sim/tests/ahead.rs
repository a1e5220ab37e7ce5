//! Vehicles that go ahead of demand, by what a model has learned on days before.

mod city;
mod drawn;

use std::sync::Arc;

use city::City;
use drawn::{drawn_day, run};
use mukae_engine::model::{Anticipation, CoverageRule, Reposition, RepositionRule};
use mukae_engine::{Command, Endogenous};
use mukae_record::{Record, Scribe};
use mukae_sim::learned::{LearnError, Learning, learn, opening};
use mukae_sim::simulation::Ahead;
use mukae_sim::{Ask, Outcome, Setup};
use mukae_supply::{Following, Model};
use mukae_units::{LatLon, Metres, Span};

const LEARNING: Learning =
    Learning { apart: Metres::from_metres(900), posts_max: 40, lead_max: Span::HOUR, with_returns: true };

fn following(eagerness_permille: u32) -> Following {
    Following {
        coverage: CoverageRule { reach_max: Span::HOUR, lost: 2000, gap_min: Span::from_mins(15) },
        reposition: by_demand(eagerness_permille, 100_000),
        anticipation: Anticipation::NONE,
        horizon: Span::HOUR,
        every: Span::from_mins(5),
    }
}

fn by_demand(eagerness_permille: u32, metres: u64) -> Reposition {
    let (gain_min, idle_min) = (0, Span::from_mins(2));
    Reposition::ByDemand(RepositionRule {
        eagerness_permille,
        gain_min,
        empty_max: Metres::from_metres(metres),
        idle_min,
    })
}

/// Insertions spare coverage and promises, too.
fn anticipating(eagerness_permille: u32) -> Following {
    let anticipation = Anticipation { coverage_permille: 1000, slack_price: 10, slack_min: Span::from_mins(5) };
    Following { anticipation, ..following(eagerness_permille) }
}

/// The crossings of a drawn city, a kilometre apart.
fn spread(asks: &mut [Ask]) {
    for ask in asks {
        let request = ask.request_mut();
        for access in request.origin.iter_mut().chain(&mut request.destination) {
            let node: i32 = access.spot.label.parse().expect("crossings are numbered");
            access.spot.asked = LatLon::from_e7(node * 90_000, 0).expect("on the globe");
        }
    }
}

/// A drawn day whose model has learned from another one.
fn day(seed: u64, following: Option<Following>) -> (City, Setup) {
    let (city, mut setup) = drawn_day(seed, 250);
    let (_, mut before) = drawn_day(seed + 1_000_000, 250);
    spread(&mut setup.asks);
    spread(&mut before.asks);
    let open = opening(setup.shifts(), &setup.calendar.zone);
    let model = learn(&before.asks, open, &setup.calendar.zone, LEARNING, &mut city.roads()).expect("a day is enough");
    setup.ahead = following.map_or(Ahead::Stay, |following| Ahead::Model(Arc::new(model), following));
    (city, setup)
}

fn records(of: (City, Setup)) -> (Outcome, Vec<Record>) {
    let (outcome, bytes) = run(of);
    (outcome, bytes.iter().map(|bytes| Record::from_bytes(bytes).expect("it was just written")).collect())
}

fn ordered(records: &[Record]) -> usize {
    let events = records.iter().flat_map(|record| &record.endogenous);
    events.filter(|event| matches!(event, Endogenous::RepositioningOrdered { .. })).count()
}

#[test]
fn settings_that_are_off_leave_every_byte_as_it_was() {
    for seed in 0..20 {
        let without = run(day(seed, None)).1;
        let nowhere = Following { reposition: by_demand(2000, 0), ..following(2000) };
        let stay = Following { reposition: Reposition::Stay, ..following(2000) };
        for following in [following(0), nowhere, stay] {
            assert!(run(day(seed, Some(following))).1 == without, "seed {seed}: another journal");
        }
    }
}

#[test]
fn vehicles_go_ahead_and_no_promise_breaks() {
    let (mut orders, mut driven) = (0, Metres::ZERO);
    for seed in 0..20 {
        let following = || if seed % 2 == 0 { following(2000) } else { anticipating(2000) };
        let (outcome, records) = records(day(seed, Some(following())));
        assert!(outcome.faults.is_empty(), "seed {seed}: {:#?}", &outcome.faults[..outcome.faults.len().min(3)]);
        let told = records.iter().filter(|record| matches!(record.command(), Command::Foresee(_))).count();
        assert!(100 < told, "seed {seed}: told {told} times");
        orders += ordered(&records);
        driven += outcome.kpis.empty_reposition;
        let again = self::records(day(seed, Some(following()))).0;
        assert_eq!(again.journal_hash, outcome.journal_hash, "seed {seed}: chance");
    }
    assert!(30 < orders && Metres::from_metres(10_000) < driven, "{orders} moves, {} km", driven.as_km());
}

/// The other policy that moves idle vehicles: after every ride back to where the shift began.
#[test]
fn vehicles_return_to_base() {
    let mut driven = Metres::ZERO;
    for seed in 0..10 {
        let mut day = day(seed, None);
        day.1.ahead = Ahead::ToBase;
        let (outcome, records) = records(day);
        assert!(outcome.faults.is_empty(), "seed {seed}: {:#?}", &outcome.faults[..outcome.faults.len().min(3)]);
        assert!(records.iter().all(|record| !matches!(record.command(), Command::Foresee(_))));
        driven += outcome.kpis.empty_reposition;
    }
    assert!(Metres::from_metres(10_000) < driven, "{} km", driven.as_km());
}

/// What was recorded says it all: no replay asks the model again.
#[test]
fn a_replay_needs_no_model() {
    let (outcome, bytes) = run(day(3, Some(following(2000))));
    let mut scribe = Scribe::new();
    for bytes in &bytes {
        scribe.replay(bytes).expect("a sound record");
    }
    assert_eq!(scribe.state_hash(), outcome.state_hash);
}

#[test]
fn from_nothing_nothing_is_learned() {
    let (city, setup) = day(1, None);
    let open = opening(setup.shifts(), &setup.calendar.zone);
    let learned: Result<Model, LearnError> = learn(&[], open, &setup.calendar.zone, LEARNING, &mut city.roads());
    assert!(matches!(learned, Err(LearnError::NobodyAsked)));
}
