//! What the supply model learns from, read out of simulated days: nothing is lost, nothing is counted twice, and the
//! key figures say the same.

mod city;
mod demand;
mod drawn;

use demand::{expect_agreement, read};
use drawn::{rested_day, run};
use mukae_engine::model::{Channel, DriverKind};
use mukae_engine::{Command, Endogenous};
use mukae_record::Record;
use mukae_sim::behaviour::{Acceptance, Answering, Delay, Refusal};
use mukae_sim::random::Purpose;
use mukae_sim::{Luck, Outcome as Run};
use mukae_supply::exposure::HALF_HOUR;
use mukae_supply::{Asked, DemandLog, DriverAsks, Exposure, Outcome, PickupPoint};
use mukae_units::{LatLon, RiderId, ShiftId, Span, Time, TimeWindow, Zones};

const RIDERS: u64 = 200;

/// Riders who let offers go, cancel, stay away and ask again, some of whom nobody knows; drivers who are asked and need not
/// answer.
fn lived(seed: u64) -> (Run, Vec<Vec<u8>>) {
    let (city, mut setup) = rested_day(seed, RIDERS);
    let luck = Luck::new(seed);
    for (number, ask) in (0..).zip(&mut setup.asks) {
        let draw = |n, bound| luck.draw(number, Purpose::Party, n).below(bound);
        let (rider, channel) = (draw(1, 12), draw(2, 3));
        let request = ask.request_mut();
        request.rider = (rider != 0).then_some(RiderId(rider));
        request.channel = [Channel::Partner, Channel::Phone, Channel::Line][channel as usize];
    }
    // some of them ask for the same once more
    let mut again = setup.asks.iter().step_by(4).cloned().collect::<Vec<_>>();
    for ask in &mut again {
        ask.id.push_str(" again");
        ask.at += Span::from_mins(3);
    }
    setup.asks.extend(again);
    setup.asks.sort_by_key(|ask| ask.at);
    let behaviour = &mut setup.behaviour;
    behaviour.seed = seed;
    behaviour.riders.thinks = Span::from_mins(2);
    behaviour.riders.refuses = Some(Refusal { base: -1500, per_wait_min: 40, per_detour_min: 60, per_100_yen: 0 });
    (behaviour.riders.cancels, behaviour.riders.stays_away) = (120, 60);
    behaviour.drivers.answers = Some(Answering {
        accepts: Acceptance::Share(600),
        is_silent: 200,
        delay: Delay::Exponential(Span::from_mins(2)),
        rests: Span::from_mins(5),
    });
    (behaviour.vehicles.day_noise, behaviour.vehicles.leg_noise, behaviour.vehicles.breaks_down) = (50, 150, 200);
    run((city, setup))
}

#[test]
fn every_request_is_in_the_log_once_and_ends_as_it_is_counted() {
    let (mut searches, mut lost, mut merged, mut asked, mut detours) = (0, 0, 0, 0, 0);
    for seed in 0..10 {
        let (outcome, records) = lived(seed);
        assert_eq!(outcome.faults, [], "seed {seed}");
        let (log, asks) = expect_agreement(&records, &outcome.kpis, &format!("seed {seed}"));
        let count = |is_so: fn(&Asked) -> bool| log.asked().iter().filter(|asked| is_so(asked)).count();
        searches += count(|asked| asked.outcome == Outcome::SearchOnly);
        lost += count(|asked| asked.outcome == Outcome::LostToDelay);
        merged += log.asked().len() - log.latents().len();
        assert_eq!(count(|asked| 0 < asked.offers && asked.quality.is_none()), 0, "seed {seed}");
        for ask in asks.asks() {
            let errand = ask.errand.unwrap_or_else(|| panic!("seed {seed}: {ask:?}"));
            assert!(Span::ZERO <= errand.notice && Span::ZERO <= errand.deadhead, "seed {seed}: {ask:?}");
            detours += usize::from(errand.detour.is_some_and(|detour| Span::ZERO < detour));
        }
        asked += asks.asks().len();
    }
    let seen = [searches, lost, merged, asked, detours];
    assert!(seen.iter().all(|&count| 5 < count), "hardly any of something: {seen:?}");
}

/// A log that is cut anywhere, and looked at after every record, goes on as if it had not been.
#[test]
fn record_by_record_is_all_at_once() {
    for seed in 0..3 {
        let (_, records) = lived(seed);
        let (all, all_asks) = read(&records);
        let (mut log, mut asks) = (DemandLog::default(), DriverAsks::default());
        let mut known = 0;
        for record in &records {
            let record = Record::from_bytes(record).unwrap();
            let Record { origin, exogenous, endogenous, answer, .. } = &record;
            log.observe(&origin.principal, exogenous, endogenous.iter(), answer);
            asks.observe(exogenous, endogenous.iter());
            assert!(known <= log.asked().len() && log.latents().len() <= log.asked().len());
            known = log.asked().len();
        }
        assert_eq!((log.asked(), asks.asks()), (all.asked(), all_asks.asks()), "seed {seed}");
        assert!(log.latents().eq(all.latents()), "seed {seed}");
    }
}

/// Against a walk over minutes: the town's service knows no hours, so a minute is exposed while a shift stands and works.
#[test]
fn a_day_is_exposed_while_a_shift_works() {
    for seed in 0..5 {
        let (_, records) = lived(seed);
        let mut exposure = Exposure::default();
        let mut shifts: Vec<(ShiftId, TimeWindow, Time, Time)> = Vec::new();
        for record in &records {
            let record = Record::from_bytes(record).unwrap();
            exposure.take(&record);
            for event in &record.endogenous {
                match event {
                    Endogenous::ShiftPlanned { shift, .. } => {
                        shifts.push((shift.id, shift.window, record.at(), shift.window.latest()));
                    }
                    Endogenous::ShiftEnded { shift } => {
                        let (.., until) = shifts.iter_mut().find(|(id, ..)| id == shift).unwrap();
                        *until = record.at().min(*until);
                    }
                    _ => {}
                }
            }
        }
        let place = PickupPoint { point: LatLon::from_e7(0, 0).unwrap(), zones: Zones::EMPTY };
        let step = Span::from_secs(1);
        let bins = exposure.bins(&place, Time::EPOCH, HALF_HOUR, 48);
        for (number, bin) in (0..).zip(bins) {
            let from = Time::EPOCH + HALF_HOUR * number;
            let works = |at: &Time| {
                shifts.iter().any(|(_, window, planned, until)| window.contains(*at) && planned <= at && at < until)
            };
            let seconds = (0..HALF_HOUR.as_secs()).map(|second| from + step * second).filter(works).count() as i64;
            let apart = (bin - step * seconds).max(step * seconds - bin);
            assert!(apart <= step * 2, "seed {seed}, half hour {number}: {bin:?} and {seconds} s");
        }
    }
}

/// Who is employed is never asked.
#[test]
fn only_volunteers_are_asked() {
    let (_, records) = lived(1);
    let (_, asks) = read(&records);
    let mut volunteers = Vec::new();
    for record in &records {
        if let Command::RegisterDriver(driver) = Record::from_bytes(record).unwrap().command()
            && driver.kind == DriverKind::Volunteer
        {
            volunteers.push(driver.id);
        }
    }
    assert!(asks.asks().iter().all(|ask| volunteers.contains(&ask.driver)));
}
