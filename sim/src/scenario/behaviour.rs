//! `[behaviour]`: how riders, drivers and vehicles differ from their plans. What the words do stands in
//! [`crate::behaviour`]; what is not said is off.

use mukae_config::{Item, Table};
use mukae_units::Span;

use crate::behaviour::{Acceptance, Aged, Answering, Behaviour, Delay, Lateness, Positions, Refusal, Willingness};

/// Longer than this nobody thinks, waits or is late.
const LENGTHS: std::ops::RangeInclusive<Span> = Span::ZERO..=Span::DAY;
/// Thousandths.
const SHARES: std::ops::RangeInclusive<i64> = 0..=1000;
/// Of the natural logarithm, in thousandths.
const SPREADS: std::ops::RangeInclusive<i64> = 0..=2000;
const HOLES: std::ops::RangeInclusive<Span> = Span::MINUTE..=Span::DAY;
const POSITIONS: std::ops::RangeInclusive<Span> = Span::from_secs(1)..=Span::HOUR;
const NOISES: std::ops::RangeInclusive<i64> = 0..=500;
const UTILITIES: std::ops::RangeInclusive<i64> = -100_000..=100_000;

pub(super) fn read(mut table: Table<'_>) -> Behaviour {
    let mut behaviour = Behaviour { desk_delay: length(&mut table, "desk_delay"), ..Behaviour::default() };
    let riders = &mut behaviour.riders;
    riders.thinks = length(&mut table, "thinks");
    riders.refuses = table.table("refuses").map(refusal);
    riders.cancels = share(&mut table, "cancels");
    riders.stays_away = share(&mut table, "stays_away");
    riders.is_late = lateness(&mut table, "late_riders");
    riders.is_slow = delay(&mut table, "slow_boarding");
    riders.is_slow_by_age = aged(&mut table);
    riders.is_slow_by_wheelchair = delay(&mut table, "slow_boarding_wheelchair");
    behaviour.drivers.answers = table.table("driver_answers").map(answering);
    behaviour.drivers.starts_late = lateness(&mut table, "late_starts");
    behaviour.drivers.leaves_early = lateness(&mut table, "early_leaves");
    let vehicles = &mut behaviour.vehicles;
    vehicles.day_noise = thousandths(table.take("day_noise"), NOISES) as u32;
    vehicles.leg_noise = thousandths(table.take("leg_noise"), NOISES) as u32;
    vehicles.breaks_down = share(&mut table, "breakdowns");
    vehicles.positions = positions(&mut table);
    table.close();
    behaviour
}

fn length(table: &mut Table<'_>, key: &'static str) -> Span {
    table.take(key).and_then(|item| item.span(LENGTHS)).unwrap_or(Span::ZERO)
}

fn thousandths(item: Option<Item<'_>>, range: std::ops::RangeInclusive<i64>) -> i64 {
    item.and_then(|item| item.thousandths(range)).unwrap_or(0)
}

fn share(table: &mut Table<'_>, key: &'static str) -> u32 {
    thousandths(table.take(key), SHARES) as u32
}

fn lateness(table: &mut Table<'_>, key: &'static str) -> Lateness {
    let Some(mut table) = table.table(key) else { return Lateness::default() };
    let lateness = Lateness { share: share(&mut table, "share"), mean: length(&mut table, "mean") };
    table.close();
    lateness
}

/// A mean, or a table of a median and a spread.
fn delay(table: &mut Table<'_>, key: &'static str) -> Delay {
    let Some(item) = table.take(key) else { return Delay::NONE };
    if !item.is_table() {
        return Delay::Exponential(item.span(LENGTHS).unwrap_or(Span::ZERO));
    }
    let Some(mut table) = item.table() else { return Delay::NONE };
    let delay = log_normal(&mut table);
    table.close();
    delay
}

fn log_normal(table: &mut Table<'_>) -> Delay {
    let (median, spread) = (table.take("median"), table.take("spread"));
    if median.is_none() || spread.is_none() {
        table.note("a median and a spread are needed: { median = \"90 s\", spread = 0.7 }".to_owned());
    }
    let median = median.and_then(|item| item.span(LENGTHS)).unwrap_or(Span::ZERO);
    Delay::LogNormal { median, spread: thousandths(spread, SPREADS) as u32 }
}

fn aged(table: &mut Table<'_>) -> Aged {
    let Some(mut table) = table.table("slow_boarding_elderly") else { return Aged::default() };
    let aged = Aged { share: share(&mut table, "share"), is_slow: log_normal(&mut table) };
    table.close();
    aged
}

fn positions(table: &mut Table<'_>) -> Option<Positions> {
    let (every, lost) = (table.take("positions"), table.take("lost_positions"));
    if let (None, Some(lost)) = (&every, &lost) {
        lost.note("none are told that could be lost: `positions = \"30 s\"` is missing".to_owned());
    }
    let is_lost = lost.and_then(Item::table).map(|mut table| {
        let share = share(&mut table, "share");
        let mean = table.take("mean");
        if mean.is_none() && 0 < share {
            table.note("`mean` is missing: how long nothing is heard of a vehicle, such as \"10 min\"".to_owned());
        }
        table.close();
        Lateness { share, mean: mean.and_then(|item| item.span(HOLES)).unwrap_or(Span::ZERO) }
    });
    let every = every?.span(POSITIONS)?;
    Some(Positions { every, is_lost: is_lost.unwrap_or_default() })
}

fn refusal(mut table: Table<'_>) -> Refusal {
    let mut utility = |key| thousandths(table.take(key), UTILITIES);
    let refusal = Refusal {
        base: utility("base"),
        per_wait_min: utility("per_wait_min"),
        per_detour_min: utility("per_detour_min"),
        per_100_yen: utility("per_100_yen"),
    };
    table.close();
    refusal
}

fn answering(mut table: Table<'_>) -> Answering {
    let answering = Answering {
        accepts: acceptance(&mut table),
        is_silent: share(&mut table, "silent"),
        delay: delay(&mut table, "delay"),
        rests: length(&mut table, "rests"),
    };
    table.close();
    answering
}

/// A share, or what moves drivers.
fn acceptance(table: &mut Table<'_>) -> Acceptance {
    let share = table.take("accepts");
    let base = table.take("base");
    let mut utility = |key| thousandths(table.take(key), UTILITIES);
    let willing = Willingness {
        base: thousandths(base.clone(), UTILITIES),
        spread: utility("spread").max(0),
        per_approach_min: utility("per_approach_min"),
        per_ride_min: utility("per_ride_min"),
        per_log_notice: utility("per_log_notice"),
        per_ask: utility("per_ask"),
    };
    match (share, base) {
        (Some(share), None) if willing == Willingness::default() => {
            Acceptance::Share(thousandths(Some(share), SHARES) as u32)
        }
        (Some(share), _) => {
            share.note(
                "`accepts` is a share of all and `base` with its terms fits it to each; leave one out".to_owned(),
            );
            Acceptance::Share(0)
        }
        (None, Some(_)) => Acceptance::Fitted(willing),
        (None, None) => {
            if willing != Willingness::default() {
                table.note("`base` is missing: the utility of any ask, such as 1.386 for four in five".to_owned());
            }
            Acceptance::Share(1000)
        }
    }
}
