//! A journal as demand: under its own rules it gives the same decisions again, under others a sound day.

mod city;
mod drawn;
mod niue;

#[path = "past/begun.rs"]
mod begun;
#[path = "past/journals.rs"]
mod journals;

use std::collections::BTreeMap;
use std::sync::Arc;

use city::{City, at};
use drawn::{rested_day, run};
use jiff::tz::TimeZone;
use mukae_engine::model::{Alternative, CancelReason, Choice, Request};
use mukae_engine::{Command, Work};
use mukae_record::{Record, Scribe};
use mukae_sim::behaviour::{Acceptance, Answering, Behaviour, Delay, Lateness, Refusal};
use mukae_sim::past::{Act, Conduct, Crew, Deed, Doings, How, Past, Pick, Reader, Repeats};
use mukae_sim::random::Purpose;
use mukae_sim::scenario::{Knob, Rules};
use mukae_sim::{Ask, Luck, Outcome, Setup};
use mukae_units::{RiderId, ShiftId, Span};

const RIDERS: u64 = 150;

/// Every habit at once but noise on the roads: travel times of the past are those of the model.
fn lively(seed: u64) -> Behaviour {
    let mut behaviour = Behaviour { seed, ..Behaviour::default() };
    let riders = &mut behaviour.riders;
    riders.thinks = Span::from_mins(2);
    riders.refuses = Some(Refusal { base: -3000, per_wait_min: 40, per_detour_min: 60, per_100_yen: 10 });
    (riders.cancels, riders.stays_away) = (80, 40);
    riders.is_late = Lateness { share: 200, mean: Span::from_mins(3) };
    let slow = |secs| Delay::Exponential(Span::from_secs(secs));
    (riders.is_slow, riders.is_slow_by_wheelchair) = (slow(20), slow(120));
    behaviour.drivers.answers = Some(Answering {
        accepts: Acceptance::Share(600),
        is_silent: 200,
        delay: Delay::Exponential(Span::from_mins(2)),
        rests: Span::from_mins(30),
    });
    behaviour.drivers.starts_late = Lateness { share: 500, mean: Span::from_mins(10) };
    behaviour.vehicles.breaks_down = 200;
    behaviour
}

/// Riders and drivers who do all that a live area knows and the simulator does not think of.
fn desk_day(seed: u64) -> (City, Setup) {
    let (city, mut setup) = rested_day(seed, RIDERS);
    let luck = Luck::new(seed ^ 0xd35c);
    let mut doings = Doings::default();
    for (number, ask) in (0..).zip(&mut setup.asks) {
        let draw = |purpose, bound| luck.draw(number, purpose, 1).below(bound);
        ask.request_mut().rider =
            (draw(Purpose::PartySize, 2) == 0).then(|| RiderId(1 + draw(Purpose::BookingChannel, 60)));
        ask.request_mut().choice = Choice { offers_max: 3, relaxations_max: 0 };
        let later = |minutes| Span::MINUTE * (1 + draw(Purpose::Lead, minutes) as i64);
        let act = |after, deed| Act { after, pick: Pick { index: 1, alternative: Alternative::Later }, deed };
        let mut conduct = Conduct::default();
        match draw(Purpose::WishKind, 8) {
            0 => conduct.how = How::Book,
            1 => {
                let mut back = Request::clone(&ask.request);
                std::mem::swap(&mut back.origin, &mut back.destination);
                let rides = [Arc::clone(&ask.request), Arc::new(back)].into_iter().enumerate();
                let rides = rides.map(|(ride, request)| (1_000 * number + ride as u64, request));
                let stands_together = draw(Purpose::ComesBack, 2) == 0;
                conduct.how = How::Together { rides: rides.collect(), stands_together, note: Arc::new([]) };
            }
            2 => conduct.replies = vec![vec![act(later(2), Deed::Hold(Span::MINUTE * 3)), act(later(4), Deed::Take)]],
            3 => {
                let hold = act(Span::MINUTE, Deed::Hold(Span::MINUTE * 4));
                conduct.replies = vec![vec![hold, act(Span::MINUTE * 2, Deed::Release)]];
            }
            4 => conduct.replies = vec![Vec::new()],
            _ => conduct.replies = vec![vec![act(later(4), Deed::Take)]],
        }
        if draw(Purpose::ComesBack, 6) == 0 {
            let mut other = Request::clone(&ask.request);
            std::mem::swap(&mut other.origin, &mut other.destination);
            conduct.amends = vec![(ask.at + later(20), Arc::new(other))];
        }
        let reasons = [CancelReason::Rider, CancelReason::Duplicate, CancelReason::Rebooked];
        conduct.cancels = (draw(Purpose::Cancellation, 9) == 0)
            .then(|| (ask.at + later(40), reasons[draw(Purpose::CancellationTime, 3) as usize]));
        conduct.stays_away = draw(Purpose::NoShow, 20) == 0;
        conduct.boards = Some(Span::from_secs(draw(Purpose::Dwell, 100) as i64 - 40));
        doings.riders.insert(ask.rider(), conduct);
    }
    doings.crews = BTreeMap::from([
        (ShiftId(1), Crew { starts_late: Some(Span::MINUTE * -5), ..Crew::default() }),
        (ShiftId(2), Crew { leaves: Some(at("15:07")), ..Crew::default() }),
        (ShiftId(4), Crew { is_absent: true, ..Crew::default() }),
    ]);
    setup.past = Some(Arc::new(doings));
    setup.asks.sort_by_key(|ask| ask.at);
    (city, setup)
}

/// What the records of a day say of those who lived it; each is decided again on the way.
fn past_of(city: &City, records: &[Vec<u8>], repeats: Repeats) -> Past {
    read_by(Reader::default(), city, records, repeats)
}

fn read_by(mut reader: Reader, city: &City, records: &[Vec<u8>], repeats: Repeats) -> Past {
    let (mut scribe, mut roads) = (Scribe::new(), city.roads());
    for bytes in records {
        let record = Record::from_bytes(bytes).unwrap();
        reader.read(&record, bytes, scribe.state());
        scribe.redecide(bytes, &mut Work::new(&mut roads)).unwrap();
        scribe.replay(bytes).unwrap();
    }
    reader.finish(&scribe, repeats).unwrap()
}

fn again(city: &City, past: &Past, rules: &Rules) -> (Outcome, Vec<Vec<u8>>) {
    let days = past.days(&TimeZone::UTC).unwrap();
    run((city.clone(), past.setup(rules, &days, &TimeZone::UTC)))
}

/// The same records, but that the clock may be told for longer in one of the two: nothing waits for it any more.
fn expect_same(records: &[Vec<u8>], again: &[Vec<u8>], what: &str) {
    let show = |bytes: &Vec<u8>| format!("{:?}", Record::from_bytes(bytes).unwrap());
    for (number, (one, other)) in records.iter().zip(again).enumerate() {
        assert!(one == other, "{what}, record {number}:\n{}\nis now\n{}", show(one), show(other));
    }
    let common = records.len().min(again.len());
    for rest in records[common..].iter().chain(&again[common..]) {
        assert_eq!(Record::from_bytes(rest).unwrap().command(), &Command::AdvanceClock, "{what}");
    }
}

fn expect_sound(past: &Past, (outcome, _): &(Outcome, Vec<Vec<u8>>), what: &str) {
    let found = &outcome.faults[..outcome.faults.len().min(5)];
    assert!(found.is_empty(), "{what}, {} faults: {found:#?}", outcome.faults.len());
    let wishes = past.counts.wishes - past.counts.repeats;
    assert_eq!((outcome.kpis.requests, outcome.kpis.unaccounted()), (wishes as u64, 0), "{what}");
}

#[test]
fn under_its_own_rules_a_day_is_decided_as_it_was() {
    // 25: a vehicle breaks down while it waits for a rider; 198: a ride is cancelled before its driver has answered
    for seed in (0..12).chain([25, 198]) {
        let (city, mut setup) = rested_day(seed, RIDERS);
        setup.behaviour = lively(seed);
        setup.announce_ahead = Span::HOUR;
        let (recorded, records) = run((city.clone(), setup));
        let past = past_of(&city, &records, Repeats::Merged);
        let what = format!("seed {seed}");
        let redone = again(&city, &past, &Rules::default());
        expect_same(&records, &redone.1, &what);
        expect_sound(&past, &redone, &what);
        assert_eq!((recorded.kpis, &redone.0.unmet), (redone.0.kpis.clone(), &BTreeMap::new()), "{what}");
        assert!(past.counts.left_out.is_empty(), "{what}: {:?}", past.counts.left_out);
    }
}

#[test]
fn what_only_live_areas_know_is_decided_as_it_was() {
    // 32: a ride is cancelled while its vehicle waits for the rider
    for seed in (0..12).chain([32]) {
        let (city, setup) = desk_day(seed);
        let (_, records) = run((city.clone(), setup));
        let past = past_of(&city, &records, Repeats::Kept);
        let what = format!("seed {seed}");
        let redone = again(&city, &past, &Rules::default());
        expect_same(&records, &redone.1, &what);
        expect_sound(&past, &redone, &what);
    }
}

#[test]
fn under_other_rules_every_wish_has_one_end_and_nothing_breaks() {
    let minutes = |minutes: i64| Span::from_mins(minutes).as_millis();
    let changes = [
        Rules::default().with(Knob::Vehicles, 2),
        Rules::default().with(Knob::Vehicles, 7).with(Knob::PromiseWidth, minutes(25)),
        Rules::default().with(Knob::NoticeMin, minutes(60)),
        Rules::default().with(Knob::Window, minutes(5)).with(Knob::RideExtra, 0),
        Rules::default().with(Knob::Vehicles, 0),
    ];
    for seed in 0..6 {
        for is_desk in [false, true] {
            let (city, mut setup) = if is_desk { desk_day(seed) } else { rested_day(seed, RIDERS) };
            if !is_desk {
                setup.behaviour = lively(seed);
            }
            let (recorded, records) = run((city.clone(), setup));
            let past = past_of(&city, &records, Repeats::Merged);
            for rules in &changes {
                let what = format!("seed {seed}, desk {is_desk}, {}", rules.text());
                let redone = again(&city, &past, rules);
                expect_sound(&past, &redone, &what);
                let is_fewer = rules.value(Knob::Vehicles).is_some_and(|vehicles| vehicles <= 2);
                assert!(!is_fewer || redone.0.kpis.served < recorded.kpis.served, "{what}: {}", redone.0.kpis);
            }
            // whoever would have been asked by a scenario is asked by it
            let mut setup = past.setup(&changes[0], &past.days(&TimeZone::UTC).unwrap(), &TimeZone::UTC);
            setup.behaviour = lively(seed + 100);
            expect_sound(&past, &run((city, setup)), &format!("seed {seed}, drawn again"));
        }
    }
}

/// What is asked again an hour later is another wish; what is asked at once is the same.
#[test]
fn repeated_quotes_of_one_rider_are_one_wish() {
    let (city, mut setup) = rested_day(1, 4);
    let first = setup.asks[0].clone();
    let quote = |id: &str, minutes: i64, rider: Option<u64>| {
        let mut ask = Ask { id: id.to_owned(), at: first.at + Span::MINUTE * minutes, ..first.clone() };
        ask.request_mut().rider = rider.map(RiderId);
        ask
    };
    setup.asks = vec![
        quote("a", 0, Some(1)),
        quote("b", 1, Some(1)),
        quote("c", 2, Some(2)),
        quote("d", 3, None),
        quote("e", 4, None),
        quote("f", 5, Some(1)),
        quote("g", 6, Some(1)),
        quote("h", 90, Some(1)),
    ];
    let takes = |after| {
        let pick = Pick { index: 0, alternative: Alternative::Best };
        vec![Act { after: Span::from_secs(after), pick, deed: Deed::Take }]
    };
    let mut riders: BTreeMap<u64, Conduct> = BTreeMap::new();
    for ask in &setup.asks {
        // `b` is booked after `f` was asked, which goes with it, and before `g`, which is another ride
        let reply = if ask.id == "b" { takes(290) } else { Vec::new() };
        riders.insert(ask.rider(), Conduct { replies: vec![reply], ..Conduct::default() });
    }
    setup.past = Some(Arc::new(Doings { riders, ..Doings::default() }));
    let (_, records) = run((city.clone(), setup));
    let merged = past_of(&city, &records, Repeats::Merged);
    assert_eq!((merged.counts.wishes, merged.counts.repeats), (8, 2));
    let ids: Vec<&str> = merged.asks.iter().map(|ask| ask.id.as_str()).collect();
    assert_eq!((ids[0], ids[1], &ids[4..]), ("r1/2", "r2/1", ["r1/4", "r1/5"].as_slice()), "{ids:?}");
    assert_eq!(past_of(&city, &records, Repeats::Kept).asks.len(), 8);
}
