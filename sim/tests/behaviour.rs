//! Days on which riders and drivers do as people do: whatever happens, each request ends in one outcome, nothing is
//! told to the dispatcher that it has to refuse, and the same seed gives the same bytes.

mod city;
mod drawn;

use drawn::{drawn_day, rested_day, run};
use mukae_engine::Command;
use mukae_engine::model::Channel;
use mukae_record::Record;
use mukae_sim::Outcome;
use mukae_sim::behaviour::{Acceptance, Aged, Answering, Behaviour, Delay, Lateness, Refusal};
use mukae_units::{Span, Time};

const RIDERS: u64 = 200;

/// Every habit at once.
fn lively(seed: u64) -> Behaviour {
    let mut behaviour = Behaviour { seed, ..Behaviour::default() };
    let riders = &mut behaviour.riders;
    riders.thinks = Span::from_mins(2);
    riders.refuses = Some(Refusal { base: -3000, per_wait_min: 40, per_detour_min: 60, per_100_yen: 10 });
    (riders.cancels, riders.stays_away) = (80, 40);
    riders.is_late = Lateness { share: 200, mean: Span::from_mins(3) };
    riders.is_slow = Delay::Exponential(Span::from_secs(20));
    riders.is_slow_by_wheelchair = Delay::LogNormal { median: Span::from_secs(255), spread: 180 };
    riders.is_slow_by_age =
        Aged { share: 300, is_slow: Delay::LogNormal { median: Span::from_secs(100), spread: 300 } };
    behaviour.drivers.answers = Some(Answering {
        accepts: Acceptance::Share(600),
        is_silent: 200,
        delay: Delay::Exponential(Span::from_mins(2)),
        rests: Span::from_mins(30),
    });
    behaviour.drivers.starts_late = Lateness { share: 500, mean: Span::from_mins(10) };
    (behaviour.vehicles.day_noise, behaviour.vehicles.leg_noise, behaviour.vehicles.breaks_down) = (50, 150, 200);
    behaviour.drivers.leaves_early = Lateness { share: 200, mean: Span::from_mins(30) };
    behaviour.desk_delay = Span::MINUTE;
    behaviour
}

fn lived(seed: u64, change: impl Fn(&mut Behaviour)) -> (Outcome, Vec<Vec<u8>>) {
    let (city, mut setup) = rested_day(seed, RIDERS);
    change(&mut setup.behaviour);
    run((city, setup))
}

fn commands(records: &[Vec<u8>], is_meant: impl Fn(&Command) -> bool) -> usize {
    records.iter().filter(|record| is_meant(Record::from_bytes(record).unwrap().command())).count()
}

#[test]
fn whatever_people_do_nothing_is_lost_and_nothing_is_refused() {
    for seed in 0..12 {
        let (outcome, _) = lived(seed, |behaviour| *behaviour = lively(seed));
        let found = &outcome.faults[..outcome.faults.len().min(5)];
        assert!(found.is_empty(), "seed {seed}, {} faults: {found:#?}", outcome.faults.len());
        assert_eq!((outcome.kpis.requests, outcome.kpis.unaccounted()), (RIDERS, 0), "seed {seed}");
    }
}

#[test]
fn the_same_whims_give_the_same_bytes_and_others_do_not() {
    let hash = |seed| lived(3, |behaviour| *behaviour = lively(seed)).0.journal_hash;
    assert_eq!(hash(1), hash(1));
    assert_ne!(hash(1), hash(2));
    assert_eq!(
        lived(3, |_| {}).0.journal_hash,
        lived(3, |behaviour| behaviour.seed = 9).0.journal_hash,
        "whims that are off need no seed"
    );
}

/// Each habit alone leaves its trace, and only its own.
#[test]
fn each_habit_shows() {
    let quiet = lived(1, |_| {});
    let kpis = &quiet.0.kpis;
    assert_eq!((kpis.cancelled, kpis.no_shows, kpis.not_taken, kpis.failed), (0, 0, 0, 0));

    let (outcome, records) = lived(1, |behaviour| behaviour.riders.cancels = 150);
    assert!((15..60).contains(&outcome.kpis.cancelled), "{}", outcome.kpis);
    assert_eq!(
        commands(&records, |command| matches!(command, Command::CancelBooking { .. })) as u64,
        outcome.kpis.cancelled
    );

    let (outcome, _) = lived(1, |behaviour| behaviour.riders.stays_away = 100);
    assert!((8..40).contains(&outcome.kpis.no_shows), "{}", outcome.kpis);

    let choosy = Refusal { base: 0, per_wait_min: 0, per_detour_min: 0, per_100_yen: 0 };
    let (outcome, _) = lived(1, |behaviour| behaviour.riders.refuses = Some(choosy));
    let offered = outcome.kpis.requests - outcome.kpis.refused;
    assert!((offered / 3..offered * 2 / 3).contains(&outcome.kpis.not_taken), "every second: {}", outcome.kpis);

    let (outcome, _) = lived(1, |behaviour| behaviour.riders.thinks = Span::from_mins(60));
    assert!(0 < outcome.kpis.not_taken, "offers do not hold for ever: {}", outcome.kpis);

    let (outcome, _) = lived(1, |behaviour| behaviour.riders.is_slow = Delay::Exponential(Span::from_mins(4)));
    assert!(outcome.kpis.pickups_on_time < outcome.kpis.pickups, "{}", outcome.kpis);

    let (outcome, records) = lived(1, |behaviour| behaviour.vehicles.breaks_down = 1000);
    let broken = commands(&records, |command| matches!(command, Command::BreakDown { .. }));
    assert!(4 <= broken, "{broken} of seven shifts");
    assert!(outcome.kpis.served < kpis.served, "{}", outcome.kpis);

    let late = Lateness { share: 1000, mean: Span::from_mins(20) };
    let (_, records) = lived(1, |behaviour| behaviour.drivers.starts_late = late);
    let (_, planned) = &quiet;
    let opened = |records: &[Vec<u8>]| {
        let at = |record: &Vec<u8>| {
            let record = Record::from_bytes(record).unwrap();
            matches!(record.command(), Command::OpenShift { .. }).then(|| record.at())
        };
        records.iter().filter_map(at).collect::<Vec<_>>()
    };
    assert!(opened(planned).iter().zip(opened(&records)).all(|(planned, real)| *planned < real));

    let early = Lateness { share: 1000, mean: Span::from_mins(60) };
    let (outcome, records) = lived(1, |behaviour| behaviour.drivers.leaves_early = early);
    assert_eq!(outcome.faults, []);
    let closed = |records: &[Vec<u8>]| -> Span {
        let records = records.iter().map(|record| Record::from_bytes(record).unwrap());
        let closes = records.filter(|record| matches!(record.command(), Command::CloseShift { .. }));
        closes.fold(Span::ZERO, |sum, record| sum + (record.at() - Time::EPOCH))
    };
    assert!(closed(&records) + Span::from_mins(60) < closed(planned), "seven shifts, an hour each");

    let silent = Answering { accepts: Acceptance::Share(1000), is_silent: 1000, delay: Delay::NONE, rests: Span::ZERO };
    let (_, records) = lived(1, |behaviour| behaviour.drivers.answers = Some(silent));
    assert_eq!(commands(&records, |command| matches!(command, Command::AnswerAsk { .. })), 0);
}

/// A phone call waits for the clerk; a ride booked by an app does not.
#[test]
fn the_desk_takes_its_time() {
    let asked = |channel| {
        let (city, mut setup) = drawn_day(2, 50);
        setup.behaviour.desk_delay = Span::from_mins(3);
        setup.asks.iter_mut().for_each(|ask| ask.request_mut().channel = channel);
        let wished: Span = setup.asks.iter().fold(Span::ZERO, |sum, ask| sum + (ask.at - setup.start));
        let start = setup.start;
        let (_, records) = run((city, setup));
        let at = |record: &Vec<u8>| {
            let record = Record::from_bytes(record).unwrap();
            matches!(record.command(), Command::Quote(_)).then(|| record.at() - start)
        };
        records.iter().filter_map(at).fold(Span::ZERO, |sum, at| sum + at) - wished
    };
    assert_eq!(asked(Channel::Web), Span::ZERO);
    let mean = asked(Channel::Phone).as_millis() / 50;
    assert!((100_000..300_000).contains(&mean), "{mean} ms");
}
