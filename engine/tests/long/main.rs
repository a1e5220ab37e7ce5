//! Long days: every kind of command, about things that may not exist, in any order, while roads close
//! and vehicles break down. After each of them everything that must hold is looked at.
//!
//! | what | how |
//! |---|---|
//! | bookings and schedules agree | `support/sound.rs` |
//! | times, loads, legs | `schedule/audit.rs`; what is late is told |
//! | no promise gets worse by our choice | predictions of everybody before and after |
//! | no driver is planned to leave before the notice of the call is over | `support/calls.rs`, who notes calls by the clock |
//! | who shares, what is due | `charged.rs`, from the reports alone |
//! | what is filed by time | against the walk over everything |
//! | what is suggested is what is decided, term by term | `desk.rs` |
//! | consequences of what the desk does | `desk.rs`, predictions of everybody before and after |
//! | columns kept from decision to decision | against a decision with none |
//! | replay | the events alone give the same state |
//!
//! A new kind of command gets an arm in `Day::command` and its name in `KINDS`; a new kind of constraint gets a
//! line in `Day::service`, `Day::policy` or `Day::request`.

mod charged;
mod day;
mod desk;
mod drawn;
#[path = "../support/mod.rs"]
mod support;
mod worsened;

use std::collections::BTreeMap;

use day::Day;
use mukae_engine::model::Constraint;
use mukae_engine::{Command, Dispatcher, Event};

const SEEDS: u64 = 1_400;
const COMMANDS_PER_SEED: usize = 1_700;
const COMMANDS_MIN: usize = 100_000;
const VEHICLES: u64 = 5;
/// More wakeups than this between two steps mean a clock that never comes to rest.
const WAKEUPS_MAX: usize = 1000;
const KINDS: [&str; 43] = [
    "UseMap",
    "SetPolicy",
    "SetService",
    "RegisterVehicle",
    "PlanShift",
    "OpenShift",
    "CloseShift",
    "Quote",
    "Book",
    "ConfirmOffer",
    "CancelBooking",
    "ReportPosition",
    "Depart",
    "Arrive",
    "Board",
    "Alight",
    "ReportNoShow",
    "AdvanceClock",
    "BreakDown",
    "RoadsChanged",
    "NameFeature",
    "EndBreak",
    "RegisterDriver",
    "AnswerAsk",
    "PinBooking",
    "FreezeStops",
    "HoldOffer",
    "ReleaseHold",
    "Note",
    "NameZone",
    "Assign",
    "InterruptShift",
    "DelayShift",
    "Amend",
    "BookAll",
    "CancelAll",
    "AdoptPlan",
    "SetSupply",
    "Foresee",
    "EndRepositioning",
    "AskStandby",
    "AnswerStandby",
    "EndStandby",
];

/// The name of a command's kind; one that is missing here does not compile.
fn kind(command: &Command) -> &'static str {
    match command {
        Command::UseMap(_) => "UseMap",
        Command::SetPolicy(_) => "SetPolicy",
        Command::SetService(_) => "SetService",
        Command::RegisterVehicle(_) => "RegisterVehicle",
        Command::PlanShift(_) => "PlanShift",
        Command::OpenShift { .. } => "OpenShift",
        Command::CloseShift { .. } => "CloseShift",
        Command::Quote(_) => "Quote",
        Command::Book { .. } => "Book",
        Command::ConfirmOffer { .. } => "ConfirmOffer",
        Command::CancelBooking { .. } => "CancelBooking",
        Command::ReportPosition { .. } => "ReportPosition",
        Command::Depart { .. } => "Depart",
        Command::Arrive { .. } => "Arrive",
        Command::Board { .. } => "Board",
        Command::Alight { .. } => "Alight",
        Command::ReportNoShow { .. } => "ReportNoShow",
        Command::AdvanceClock => "AdvanceClock",
        Command::BreakDown { .. } => "BreakDown",
        Command::RoadsChanged { .. } => "RoadsChanged",
        Command::NameFeature { .. } => "NameFeature",
        Command::EndBreak { .. } => "EndBreak",
        Command::RegisterDriver(_) => "RegisterDriver",
        Command::AnswerAsk { .. } => "AnswerAsk",
        Command::PinBooking { .. } => "PinBooking",
        Command::FreezeStops { .. } => "FreezeStops",
        Command::HoldOffer { .. } => "HoldOffer",
        Command::ReleaseHold { .. } => "ReleaseHold",
        Command::Note { .. } => "Note",
        Command::NameZone { .. } => "NameZone",
        Command::Assign { .. } => "Assign",
        Command::InterruptShift { .. } => "InterruptShift",
        Command::DelayShift { .. } => "DelayShift",
        Command::Amend { .. } => "Amend",
        Command::BookAll { .. } => "BookAll",
        Command::CancelAll { .. } => "CancelAll",
        Command::AdoptPlan { .. } => "AdoptPlan",
        Command::SetSupply(_) => "SetSupply",
        Command::Foresee(_) => "Foresee",
        Command::EndRepositioning { .. } => "EndRepositioning",
        Command::AskStandby { .. } => "AskStandby",
        Command::AnswerStandby { .. } => "AnswerStandby",
        Command::EndStandby { .. } => "EndStandby",
    }
}

/// True for what looks for a vehicle in most cases.
fn is_search(command: &Command) -> bool {
    use Command::{
        AdvanceClock, Amend, AnswerAsk, Assign, Book, BookAll, BreakDown, CloseShift, ConfirmOffer, PlanShift, Quote,
    };
    matches!(
        command,
        AdvanceClock
            | Amend { .. }
            | BookAll { .. }
            | AnswerAsk { .. }
            | Assign { .. }
            | Book { .. }
            | BreakDown { .. }
            | CloseShift { .. }
            | ConfirmOffer { .. }
            | PlanShift(_)
            | Quote(_)
    )
}

/// How often each kind of command was accepted and had something to record.
type Tally = BTreeMap<&'static str, usize>;

/// Runs one day; returns how many commands it took, and what was accepted.
fn run(seed: u64) -> (usize, Tally, [usize; 7], Tally) {
    let mut day = Day::new(seed);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        while day.commands < COMMANDS_PER_SEED {
            day.step();
        }
    }));
    let Day { commands, last, .. } = &day;
    assert!(outcome.is_ok(), "seed {seed}, command {commands}: {last:?}");

    let mut again = Dispatcher::default();
    for event in &day.events {
        again.apply(event);
    }
    assert_eq!(again, day.dispatcher, "seed {seed}: the events alone give another state");
    assert_eq!(again.wakeup(), Dispatcher::from_state(day.dispatcher.state().clone()).wakeup(), "seed {seed}");
    for event in &day.events {
        if let Event::Endogenous(event) = event {
            use mukae_engine::Endogenous;
            day.stranded += usize::from(matches!(event, Endogenous::BookingStranded { .. }));
            day.at_risk += usize::from(matches!(event, Endogenous::PromiseAtRisk { .. }));
        }
    }
    let refused = day.events.iter().filter_map(|event| match event {
        Event::Endogenous(mukae_engine::Endogenous::RequestRefused(refusal)) => Some(&refusal.binding[0]),
        _ => None,
    });
    let suspended = refused.filter(|binding| binding.constraint == Constraint::Suspended).count();
    let mut charges = day.told.charges;
    charges.insert("suspended", suspended);
    let counts =
        [day.stranded, day.at_risk, day.moved, day.suggested, day.overruled, day.calls.called, day.calls.sent_back];
    (day.commands, day.tally, counts, charges)
}

/// Runs many days, and sees to it that they were worth their name.
fn check(seeds: std::ops::Range<u64>) {
    let days: Vec<_> = seeds.map(run).collect();
    let commands: usize = days.iter().map(|day| day.0).sum();
    assert!(commands >= COMMANDS_MIN, "{commands} commands");
    let mut tally = Tally::new();
    for day in &days {
        for (kind, count) in &day.1 {
            *tally.entry(kind).or_default() += count;
        }
    }
    for kind in KINDS {
        let count = tally.get(kind).copied().unwrap_or(0);
        assert!(count >= 50, "{kind} was accepted {count} times: {tally:?}");
    }
    let [stranded, at_risk, moved, suggested, overruled, called, sent_back] =
        [0, 1, 2, 3, 4, 5, 6].map(|which| days.iter().map(|day| day.2[which]).sum::<usize>());
    assert!(stranded > 50, "{stranded} riders stranded: {tally:?}");
    assert!(at_risk > 10_000, "{at_risk} promises at risk: the days are not wild");
    for of_what in ["ride", "shared", "late", "no-show", "suspended"] {
        let count: usize = days.iter().filter_map(|day| day.3.get(of_what)).sum();
        assert!(count >= 50, "{of_what}: {count}");
    }
    assert!(called > 500 && sent_back > 100, "{called} drivers called, {sent_back} of them sent back");
    assert!(moved > 100, "{moved} bookings moved because of roads");
    assert!(suggested > 10_000 && overruled > 1_000, "{suggested} places suggested, {overruled} overruled");
}

#[test]
fn long_days_of_every_command_stay_sound_and_told() {
    check(0..SEEDS / 2);
}

/// The other half, beside the first.
#[test]
fn more_long_days_of_every_command_stay_sound_and_told() {
    check(SEEDS / 2..SEEDS);
}
