//! What is compared: each measure a sum over days divided by another, so that it has one value for any set of days.

use crate::results::Figures;
use crate::scenario::Cost;

#[derive(Debug)]
pub struct Measure {
    /// As scenarios and results call it; it ends with the unit.
    pub name: &'static str,
    /// Of whom only prices can tell.
    pub needs_cost: bool,
    /// Shown unless the scenario chooses.
    pub is_shipped: bool,
    /// What a day adds to the numerator and to the denominator.
    parts: fn(&Figures, &Cost) -> (i128, i128),
    /// Numerators per shown unit.
    per: f64,
}

/// They are the same if they are called the same.
impl PartialEq for Measure {
    fn eq(&self, other: &Measure) -> bool {
        self.name == other.name
    }
}

const fn measure(name: &'static str, per: f64, parts: fn(&Figures, &Cost) -> (i128, i128)) -> Measure {
    Measure { name, needs_cost: false, is_shipped: false, parts, per }
}

const fn shipped(measure: Measure) -> Measure {
    Measure { is_shipped: true, ..measure }
}

const fn priced(measure: Measure) -> Measure {
    Measure { needs_cost: true, is_shipped: true, ..measure }
}

fn over(part: i64, whole: i64) -> (i128, i128) {
    (part.into(), whole.into())
}

/// A quantile of a day counts once, if the day had a wait at all.
fn of_day(value: i64, count: i64) -> (i128, i128) {
    if count == 0 { (0, 0) } else { (value.into(), 1) }
}

const SECOND: f64 = 1000.0;
const KM: f64 = 1_000_000.0;
const HOUR: f64 = 3_600_000.0;

impl Measure {
    /// Counts and lengths are those of an average day.
    pub const ALL: [Measure; 24] = [
        shipped(measure("requests", 1.0, |day, _| over(day.requests, 1))),
        shipped(measure("served", 1.0, |day, _| over(day.served, 1))),
        shipped(measure("served_percent", 0.01, |day, _| over(day.served, day.requests))),
        measure("refused", 1.0, |day, _| over(day.refused, 1)),
        measure("refused_percent", 0.01, |day, _| over(day.refused, day.requests)),
        measure("not_taken", 1.0, |day, _| over(day.not_taken, 1)),
        measure("cancelled", 1.0, |day, _| over(day.cancelled, 1)),
        measure("no_shows", 1.0, |day, _| over(day.no_shows, 1)),
        shipped(measure("wait_mean_s", SECOND, |day, _| over(day.wait_ms, day.waits))),
        measure("wait_p50_s", SECOND, |day, _| of_day(day.wait_p50_ms, day.waits)),
        shipped(measure("wait_p90_s", SECOND, |day, _| of_day(day.wait_p90_ms, day.waits))),
        measure("wait_p95_s", SECOND, |day, _| of_day(day.wait_p95_ms, day.waits)),
        measure("wait_from_promise_s", SECOND, |day, _| over(day.wait_from_promise_ms, day.pickups)),
        measure("ride_mean_s", SECOND, |day, _| over(day.ride_ms, day.rides)),
        shipped(measure("ride_ratio", 1000.0, |day, _| over(day.ride_ratio_permille, day.ride_ratios))),
        shipped(measure("on_time_percent", 0.01, |day, _| over(day.pickups_on_time, day.pickups))),
        measure("pooled_percent", 0.01, |day, _| over(day.pooled, day.served)),
        shipped(measure("km", KM, |day, _| over(day.driven_mm, 1))),
        shipped(measure("empty_percent", 0.01, |day, _| over(day.empty_mm, day.driven_mm))),
        measure("occupancy", 1.0, |day, _| over(day.rider_mm, day.driven_mm)),
        measure("shift_hours", HOUR, |day, _| over(day.shift_ms, 1)),
        priced(measure("cost_yen", 1.0, |day, cost| over(cost.cost_yen(day), 1))),
        priced(measure("cost_per_trip_yen", 1.0, |day, cost| over(cost.cost_yen(day), day.served))),
        priced(measure("subsidy_per_trip_yen", 1.0, |day, cost| {
            over(cost.cost_yen(day) - cost.fares_yen(day), day.served)
        })),
    ];

    /// By its name, which must be one.
    pub(super) fn named(name: &str) -> &'static Measure {
        static ALL: [Measure; 24] = Measure::ALL;
        ALL.iter().find(|measure| measure.name == name).expect("the name is written in this room")
    }

    pub(super) fn parts(&self, day: &Figures, cost: Option<Cost>) -> (i128, i128) {
        (self.parts)(day, &cost.unwrap_or_default())
    }

    /// From sums of parts; yen are whole.
    pub(super) fn quotient(&self, (part, whole): (i128, i128)) -> Option<f64> {
        if whole == 0 {
            return None;
        }
        let value = part as f64 / whole as f64 / self.per;
        Some(if self.needs_cost { value.round() } else { value })
    }

    /// Over these days together.
    pub fn of<'d>(&self, days: impl Iterator<Item = &'d Figures>, cost: Option<Cost>) -> Option<f64> {
        let sums = days.map(|day| self.parts(day, cost)).fold((0, 0), |sum, day| (sum.0 + day.0, sum.1 + day.1));
        self.quotient(sums)
    }

    /// Of each replication that has one.
    pub(super) fn by_replication<'d>(
        &'d self,
        days: &'d [&'d Figures],
        replications: usize,
        cost: Option<Cost>,
    ) -> impl Iterator<Item = f64> + 'd {
        let each = (days.len() / replications).max(1);
        days.chunks(each).filter_map(move |days| self.of(days.iter().copied(), cost))
    }
}
