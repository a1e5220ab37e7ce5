//! Vehicles that tell where they are, on the committed extract of Niue: what happens is the same, and who is late is known to be
//! late sooner, unless nobody hears it.

mod city;
mod niue;

use std::collections::BTreeMap;
use std::path::Path;

use mukae_engine::{Command, Endogenous};
use mukae_record::Record;
use mukae_sim::batch::{Batch, Done};
use mukae_sim::scenario::Scenario;
use mukae_units::{BookingId, Span, Time};
use niue::stage;

const NOISE: &str = "day_noise = 0.2\nleg_noise = 0.4\n";

/// So many riders on each of so many days.
fn run(requests: u32, days: &str, behaviour: &str) -> (Done, Vec<Record>) {
    let text = format!(
        "name = \"positions\"\nseed = 5\n[demand]\nrequests = {requests}\ndays = \"{days}\"\n[behaviour]\n{behaviour}\n\
         [policy.narrow]\npromise_width = \"2 min\"\n"
    );
    let batch = Batch::prepare(Scenario::parse(&text, Path::new("")).unwrap(), stage()).unwrap();
    let mut records = Vec::new();
    let keep = &mut |record: &[u8]| records.push(Record::from_bytes(record).unwrap());
    let done = batch.simulate(&batch.jobs[0], keep, &mut |_| {}).unwrap();
    assert_eq!(done.faults, [""; 0], "{behaviour}");
    (done, records)
}

const THREE_DAYS: &str = "2026-11-24..2026-11-26";

#[test]
fn who_is_on_time_tells_nothing_new() {
    let told = run(60, THREE_DAYS, "positions = \"10 s\"");
    assert_eq!(run(60, THREE_DAYS, "").0.journal_hash, told.0.journal_hash);
}

#[test]
fn positions_that_are_all_lost_are_none() {
    let lost = format!("{NOISE}positions = \"10 s\"\nlost_positions = {{ share = 1, mean = \"10 min\" }}");
    let none = run(60, THREE_DAYS, NOISE).0.journal_hash;
    assert_eq!(none, run(60, THREE_DAYS, &lost).0.journal_hash);
    assert_ne!(none, run(60, THREE_DAYS, &format!("{NOISE}positions = \"10 s\"")).0.journal_hash);
}

/// When the dispatcher first said so of each promise that it saw breaking.
fn warnings(records: &[Record]) -> BTreeMap<BookingId, Time> {
    let mut warnings = BTreeMap::new();
    for record in records {
        for event in &record.endogenous {
            if let Endogenous::PromiseAtRisk { booking, .. } = event {
                warnings.entry(*booking).or_insert(record.at());
            }
        }
    }
    warnings
}

/// What vehicles did, without what they told under way.
fn deeds(records: &[Record]) -> Vec<Command> {
    let is_deed = |command: &&Command| {
        matches!(
            command,
            Command::Depart { .. } | Command::Arrive { .. } | Command::Board { .. } | Command::Alight { .. }
        )
    };
    records.iter().map(Record::command).filter(is_deed).cloned().collect()
}

/// One rider a day, so that no decision depends on what is known of another's drive.
#[test]
fn a_late_vehicle_is_known_to_be_late_on_its_way() {
    const DAYS: &str = "2026-11-01..2027-01-29";
    let (by_plan, unseen) = run(1, DAYS, NOISE);
    let (by_position, seen) = run(1, DAYS, &format!("{NOISE}positions = \"30 s\""));
    let holes = format!("{NOISE}positions = \"30 s\"\nlost_positions = {{ share = 0.5, mean = \"30 min\" }}");
    let (_, half_seen) = run(1, DAYS, &holes);
    assert_eq!(deeds(&unseen), deeds(&seen), "whoever tells where they are drives as they would");
    assert_eq!(deeds(&unseen), deeds(&half_seen));
    assert_eq!(by_plan.total, by_position.total);

    let [unseen, seen, half_seen] = [&unseen, &seen, &half_seen].map(|records| warnings(records));
    assert!(10 < unseen.len(), "{} of 90 rides are late", unseen.len());
    let sooner = |told: &BTreeMap<BookingId, Time>| {
        let by = |(booking, at): (&BookingId, &Time)| *at - told[booking];
        unseen.iter().map(by).collect::<Vec<Span>>()
    };
    let (known, partly) = (sooner(&seen), sooner(&half_seen));
    for (whole, part) in known.iter().zip(&partly) {
        assert!(Span::ZERO <= *part && Span::ZERO <= *whole, "{part:?} {whole:?}");
    }
    let mean = |spans: &[Span]| spans.iter().map(|span| span.as_millis()).sum::<i64>() / spans.len() as i64;
    assert!(mean(&partly) < mean(&known), "{} {}", mean(&partly), mean(&known));
    assert!(60_000 < mean(&known), "by {} ms on average", mean(&known));
}

/// Positions among everything else that can happen: none is refused, and every request ends.
#[test]
fn positions_go_with_all_that_happens() {
    let lively = format!(
        "{NOISE}cancels = 0.1\nstays_away = 0.05\nlate_riders = {{ share = 0.3, mean = \"5 min\" }}\n\
         slow_boarding_elderly = {{ share = 0.6, median = \"100 s\", spread = 0.3 }}\n\
         late_starts = {{ share = 0.5, mean = \"10 min\" }}\nearly_leaves = {{ share = 0.5, mean = \"3 h\" }}\n\
         breakdowns = 0.3\npositions = \"5 s\"\nlost_positions = {{ share = 0.2, mean = \"5 min\" }}\n\
         [trouble]\nsnow = [{{ share = 0.5, percent = 170 }}]"
    );
    let (done, records) = run(120, "2026-11-24..2026-11-28", &lively);
    assert_eq!(done.total.requests, 600);
    let told = records.iter().filter(|record| matches!(record.command(), Command::ReportPosition { .. })).count();
    assert!(100 < told, "{told}");
    assert_eq!(done.journal_hash, run(120, "2026-11-24..2026-11-28", &lively).0.journal_hash);
}
