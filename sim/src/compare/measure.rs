//! What is compared: each measure a sum over days divided by another, so that it has one value for any set of days.

use super::Moment;
use crate::batch::Done;
use crate::results::{Figures, Hamlet};
use crate::scenario::Cost;

#[derive(Debug)]
pub struct Measure {
    /// As scenarios and results call it; it ends with the unit.
    pub name: &'static str,
    /// Of whom only prices can tell.
    pub needs_cost: bool,
    /// Shown unless the scenario chooses.
    pub is_shipped: bool,
    parts: Source,
    /// Numerators per shown unit.
    per: f64,
}

/// They are the same if they are called the same.
impl PartialEq for Measure {
    fn eq(&self, other: &Measure) -> bool {
        self.name == other.name
    }
}

/// A numerator and a denominator.
pub(super) type Parts = (i64, i64);

#[derive(Debug)]
enum Source {
    /// What a day adds to both.
    Day(fn(&Figures, &Cost) -> Parts),
    /// What a run has as a whole; of several runs, their mean.
    Run(fn(&Done) -> Option<i64>),
}

const fn measure(name: &'static str, per: f64, parts: fn(&Figures, &Cost) -> Parts) -> Measure {
    Measure { name, needs_cost: false, is_shipped: false, parts: Source::Day(parts), per }
}

const fn of_run(name: &'static str, per: f64, value: fn(&Done) -> Option<i64>) -> Measure {
    Measure { name, needs_cost: false, is_shipped: false, parts: Source::Run(value), per }
}

const fn shipped(measure: Measure) -> Measure {
    Measure { is_shipped: true, ..measure }
}

const fn priced(measure: Measure) -> Measure {
    Measure { needs_cost: true, is_shipped: true, ..measure }
}

fn over(part: i64, whole: i64) -> Parts {
    (part, whole)
}

/// A quantile of a day counts once, if the day had a value at all.
fn of_day(value: i64, count: i64) -> Parts {
    if count == 0 { (0, 0) } else { (value, 1) }
}

const SECOND: f64 = 1000.0;
const KM: f64 = 1_000_000.0;
const HOUR: f64 = 3_600_000.0;
const PERCENT: f64 = 0.01;
const COUNT: f64 = 1.0;
const PERMILLE: f64 = 1000.0;

impl Measure {
    /// Counts and lengths are those of an average day.
    pub const ALL: [Measure; 58] = [
        shipped(measure("requests", COUNT, |day, _| over(day.requests, 1))),
        shipped(measure("served", COUNT, |day, _| over(day.served, 1))),
        shipped(measure("served_percent", PERCENT, |day, _| over(day.served, day.requests))),
        measure("refused", COUNT, |day, _| over(day.refused, 1)),
        measure("refused_percent", PERCENT, |day, _| over(day.refused, day.requests)),
        measure("not_taken", COUNT, |day, _| over(day.not_taken, 1)),
        measure("cancelled", COUNT, |day, _| over(day.cancelled, 1)),
        measure("lost_to_delay", COUNT, |day, _| over(day.lost_to_delay, 1)),
        measure("no_shows", COUNT, |day, _| over(day.no_shows, 1)),
        measure("latent", COUNT, |day, _| over(day.latent, 1)),
        measure("latent_served_percent", PERCENT, |day, _| over(day.latent_served, day.latent)),
        measure("latent_refused_percent", PERCENT, |day, _| over(day.latent_refused, day.latent)),
        measure("latent_abandoned_percent", PERCENT, |day, _| over(day.latent_abandoned, day.latent)),
        measure("latent_lost_percent", PERCENT, |day, _| over(day.latent_lost, day.latent)),
        measure("confirm_mean_s", SECOND, |day, _| over(day.confirm_ms, day.confirms)),
        measure("confirm_p50_s", SECOND, |day, _| of_day(day.confirm_p50_ms, day.confirms)),
        measure("confirm_p90_s", SECOND, |day, _| of_day(day.confirm_p90_ms, day.confirms)),
        measure("confirm_p95_s", SECOND, |day, _| of_day(day.confirm_p95_ms, day.confirms)),
        shipped(measure("wait_mean_s", SECOND, |day, _| over(day.wait_ms, day.waits))),
        measure("wait_p50_s", SECOND, |day, _| of_day(day.wait_p50_ms, day.waits)),
        shipped(measure("wait_p90_s", SECOND, |day, _| of_day(day.wait_p90_ms, day.waits))),
        measure("wait_p95_s", SECOND, |day, _| of_day(day.wait_p95_ms, day.waits)),
        of_run("wait_gini", PERMILLE, |run| (0 < run.total.waits).then_some(run.total.wait_gini_permille)),
        of_run("worst_hamlet_p90_s", SECOND, |run| Some(Hamlet::worst(&run.hamlets)?.figures.wait_p90_ms)),
        measure("wait_from_promise_s", SECOND, |day, _| over(day.wait_from_promise_ms, day.pickups)),
        measure("wait_from_promise_p50_s", SECOND, |day, _| of_day(day.wait_from_promise_p50_ms, day.pickups)),
        measure("wait_from_promise_p90_s", SECOND, |day, _| of_day(day.wait_from_promise_p90_ms, day.pickups)),
        measure("wait_from_promise_p95_s", SECOND, |day, _| of_day(day.wait_from_promise_p95_ms, day.pickups)),
        measure("ride_mean_s", SECOND, |day, _| over(day.ride_ms, day.rides)),
        measure("ride_p50_s", SECOND, |day, _| of_day(day.ride_p50_ms, day.rides)),
        measure("ride_p90_s", SECOND, |day, _| of_day(day.ride_p90_ms, day.rides)),
        measure("ride_p95_s", SECOND, |day, _| of_day(day.ride_p95_ms, day.rides)),
        shipped(measure("ride_ratio", PERMILLE, |day, _| over(day.ride_ratio_permille, day.ride_ratios))),
        measure("ride_ratio_p50", PERMILLE, |day, _| of_day(day.ride_ratio_p50_permille, day.ride_ratios)),
        measure("ride_ratio_p90", PERMILLE, |day, _| of_day(day.ride_ratio_p90_permille, day.ride_ratios)),
        measure("ride_ratio_p95", PERMILLE, |day, _| of_day(day.ride_ratio_p95_permille, day.ride_ratios)),
        shipped(measure("on_time_percent", PERCENT, |day, _| over(day.pickups_on_time, day.pickups))),
        measure("punctual_percent", PERCENT, |day, _| over(day.pickups_punctual, day.pickups)),
        measure("broken_promises", COUNT, |day, _| over(day.promises_broken, 1)),
        measure("broken_percent", PERCENT, |day, _| over(day.promises_broken, day.confirmed)),
        measure("pooled_percent", PERCENT, |day, _| over(day.pooled, day.served)),
        shipped(measure("km", KM, |day, _| over(day.driven_mm, 1))),
        shipped(measure("empty_percent", PERCENT, |day, _| over(day.empty_mm, day.driven_mm))),
        measure("empty_to_pickup_percent", PERCENT, |day, _| over(day.empty_to_pickup_mm, day.driven_mm)),
        measure("empty_reposition_percent", PERCENT, |day, _| over(day.empty_reposition_mm, day.driven_mm)),
        measure("empty_to_break_percent", PERCENT, |day, _| over(day.empty_to_break_mm, day.driven_mm)),
        measure("empty_home_percent", PERCENT, |day, _| over(day.empty_home_mm, day.driven_mm)),
        measure("occupancy", COUNT, |day, _| over(day.rider_mm, day.driven_mm)),
        measure("shift_hours", HOUR, |day, _| over(day.shift_ms, 1)),
        measure("trips_per_driver_hour", 1.0 / HOUR, |day, _| over(day.served, day.shift_ms)),
        measure("shifts_called", COUNT, |day, _| over(day.shifts_called, 1)),
        measure("asks_per_trip", COUNT, |day, _| over(day.asks, day.served)),
        measure("accept_percent", PERCENT, |day, _| over(day.asks_accepted, day.asks_ended)),
        of_run("asks_week_max", COUNT, |run| Some(run.total.asks_week_max)),
        priced(measure("cost_yen", COUNT, |day, cost| over(cost.cost_yen(day), 1))),
        priced(measure("cost_per_trip_yen", COUNT, |day, cost| over(cost.cost_yen(day), day.served))),
        priced(measure("subsidy_per_trip_yen", COUNT, |day, cost| {
            over(cost.cost_yen(day) - cost.fares_yen(day), day.served)
        })),
        Measure {
            is_shipped: false,
            ..priced(measure("subsidy_yen", COUNT, |day, cost| over(cost.cost_yen(day) - cost.fares_yen(day), 1)))
        },
    ];

    /// By its name, which must be one.
    pub(crate) fn named(name: &str) -> &'static Measure {
        static ALL: [Measure; 58] = Measure::ALL;
        ALL.iter().find(|measure| measure.name == name).expect("the name is written in this room")
    }

    pub(super) fn parts(&self, moment: &Moment<'_>, cost: Option<Cost>) -> Parts {
        match self.parts {
            Source::Day(parts) => parts(moment.day, &cost.unwrap_or_default()),
            Source::Run(value) => moment.run.and_then(value).map_or((0, 0), |value| (value, 1)),
        }
    }

    /// From sums of parts; yen are whole.
    pub(super) fn quotient(&self, (part, whole): Parts) -> Option<f64> {
        if whole == 0 {
            return None;
        }
        let value = part as f64 / whole as f64 / self.per;
        Some(if self.needs_cost { value.round() } else { value })
    }

    /// Over these days together.
    pub(super) fn of<'d>(&self, days: impl IntoIterator<Item = &'d Moment<'d>>, cost: Option<Cost>) -> Option<f64> {
        let sum = |sum: Parts, day: Parts| (sum.0 + day.0, sum.1 + day.1);
        self.quotient(days.into_iter().map(|day| self.parts(day, cost)).fold((0, 0), sum))
    }

    /// Of each replication that has one.
    pub(super) fn by_replication<'d>(
        &'d self,
        days: &'d [Moment<'d>],
        replications: usize,
        cost: Option<Cost>,
    ) -> impl Iterator<Item = f64> + 'd {
        let each = (days.len() / replications).max(1);
        days.chunks(each).filter_map(move |days| self.of(days, cost))
    }
}
