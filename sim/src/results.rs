//! What a job leaves behind, and the tables that are made of many.
//!
//! Figures are whole numbers, exact and ready to be added: means, shares and prices are computed from them where they
//! are shown ([`Measure`](crate::compare::Measure)). One definition each: they are the [`Kpis`] of a run or a day.

mod parquet;
mod tables;

use serde::{Deserialize, Serialize};

use crate::kpi::Kpis;

pub use tables::{Cell, Table, days, jobs};

/// Figures of a stretch of time. Quantiles are of that stretch alone; everything else adds up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    pub requests: i64,
    pub offered: i64,
    pub confirmed: i64,
    pub served: i64,
    pub riders_served: i64,
    pub refused: i64,
    pub not_taken: i64,
    pub cancelled: i64,
    pub no_shows: i64,
    pub failed: i64,
    pub pickups: i64,
    pub pickups_on_time: i64,
    pub pooled: i64,
    pub promises_at_risk: i64,
    /// From the wished window, departures only.
    pub waits: i64,
    pub wait_ms: i64,
    pub wait_p50_ms: i64,
    pub wait_p90_ms: i64,
    pub wait_p95_ms: i64,
    pub wait_max_ms: i64,
    /// Over all pickups.
    pub wait_from_promise_ms: i64,
    pub rides: i64,
    pub ride_ms: i64,
    pub ride_ratios: i64,
    pub ride_ratio_permille: i64,
    pub driven_mm: i64,
    pub empty_mm: i64,
    pub empty_to_pickup_mm: i64,
    pub empty_home_mm: i64,
    pub rider_mm: i64,
    pub shifts: i64,
    pub shift_ms: i64,
    pub vehicle_days: i64,
}

impl Figures {
    /// `vehicle_days` is of the plan, which the key figures do not know.
    pub fn of(kpis: &Kpis, vehicle_days: u64) -> Figures {
        let whole = |count: u64| i64::try_from(count).expect("counts of a run are far below 2^63");
        Figures {
            requests: whole(kpis.requests),
            offered: whole(kpis.offered),
            confirmed: whole(kpis.confirmed),
            served: whole(kpis.served),
            riders_served: whole(kpis.riders_served),
            refused: whole(kpis.refused),
            not_taken: whole(kpis.not_taken),
            cancelled: whole(kpis.cancelled),
            no_shows: whole(kpis.no_shows),
            failed: whole(kpis.failed),
            pickups: whole(kpis.pickups),
            pickups_on_time: whole(kpis.pickups_on_time),
            pooled: whole(kpis.pooled),
            promises_at_risk: whole(kpis.promises_at_risk),
            waits: whole(kpis.wait_from_request.count),
            wait_ms: kpis.wait_from_request.sum,
            wait_p50_ms: kpis.wait_from_request.p50,
            wait_p90_ms: kpis.wait_from_request.p90,
            wait_p95_ms: kpis.wait_from_request.p95,
            wait_max_ms: kpis.wait_from_request.max,
            wait_from_promise_ms: kpis.wait_from_promise.sum,
            rides: whole(kpis.ride_time.count),
            ride_ms: kpis.ride_time.sum,
            ride_ratios: whole(kpis.ride_ratio.count),
            ride_ratio_permille: kpis.ride_ratio.sum,
            driven_mm: whole(kpis.driven.as_millimetres()),
            empty_mm: whole(kpis.driven_empty.as_millimetres()),
            empty_to_pickup_mm: whole(kpis.empty_to_pickup.as_millimetres()),
            empty_home_mm: whole(kpis.empty_home.as_millimetres()),
            rider_mm: whole(kpis.rider_millimetres),
            shifts: whole(kpis.shifts_closed),
            shift_ms: kpis.shift_time.as_millis(),
            vehicle_days: whole(vehicle_days),
        }
    }

    /// Every figure by its name, in the order of the tables.
    pub fn columns(&self) -> [(&'static str, i64); 33] {
        [
            ("requests", self.requests),
            ("offered", self.offered),
            ("confirmed", self.confirmed),
            ("served", self.served),
            ("riders_served", self.riders_served),
            ("refused", self.refused),
            ("not_taken", self.not_taken),
            ("cancelled", self.cancelled),
            ("no_shows", self.no_shows),
            ("failed", self.failed),
            ("pickups", self.pickups),
            ("pickups_on_time", self.pickups_on_time),
            ("pooled", self.pooled),
            ("promises_at_risk", self.promises_at_risk),
            ("waits", self.waits),
            ("wait_ms", self.wait_ms),
            ("wait_p50_ms", self.wait_p50_ms),
            ("wait_p90_ms", self.wait_p90_ms),
            ("wait_p95_ms", self.wait_p95_ms),
            ("wait_max_ms", self.wait_max_ms),
            ("wait_from_promise_ms", self.wait_from_promise_ms),
            ("rides", self.rides),
            ("ride_ms", self.ride_ms),
            ("ride_ratios", self.ride_ratios),
            ("ride_ratio_permille", self.ride_ratio_permille),
            ("driven_mm", self.driven_mm),
            ("empty_mm", self.empty_mm),
            ("empty_to_pickup_mm", self.empty_to_pickup_mm),
            ("empty_home_mm", self.empty_home_mm),
            ("rider_mm", self.rider_mm),
            ("shifts", self.shifts),
            ("shift_ms", self.shift_ms),
            ("vehicle_days", self.vehicle_days),
        ]
    }

    /// Both together. Quantiles of two stretches do not add: the sum has none, and its maximum is the larger one.
    pub fn add(&mut self, other: &Figures) {
        let wait_max_ms = self.wait_max_ms.max(other.wait_max_ms);
        let Figures {
            requests,
            offered,
            confirmed,
            served,
            riders_served,
            refused,
            not_taken,
            cancelled,
            no_shows,
            failed,
            pickups,
            pickups_on_time,
            pooled,
            promises_at_risk,
            waits,
            wait_ms,
            wait_p50_ms: _,
            wait_p90_ms: _,
            wait_p95_ms: _,
            wait_max_ms: _,
            wait_from_promise_ms,
            rides,
            ride_ms,
            ride_ratios,
            ride_ratio_permille,
            driven_mm,
            empty_mm,
            empty_to_pickup_mm,
            empty_home_mm,
            rider_mm,
            shifts,
            shift_ms,
            vehicle_days,
        } = other;
        *self = Figures {
            requests: self.requests + requests,
            offered: self.offered + offered,
            confirmed: self.confirmed + confirmed,
            served: self.served + served,
            riders_served: self.riders_served + riders_served,
            refused: self.refused + refused,
            not_taken: self.not_taken + not_taken,
            cancelled: self.cancelled + cancelled,
            no_shows: self.no_shows + no_shows,
            failed: self.failed + failed,
            pickups: self.pickups + pickups,
            pickups_on_time: self.pickups_on_time + pickups_on_time,
            pooled: self.pooled + pooled,
            promises_at_risk: self.promises_at_risk + promises_at_risk,
            waits: self.waits + waits,
            wait_ms: self.wait_ms + wait_ms,
            wait_p50_ms: 0,
            wait_p90_ms: 0,
            wait_p95_ms: 0,
            wait_max_ms,
            wait_from_promise_ms: self.wait_from_promise_ms + wait_from_promise_ms,
            rides: self.rides + rides,
            ride_ms: self.ride_ms + ride_ms,
            ride_ratios: self.ride_ratios + ride_ratios,
            ride_ratio_permille: self.ride_ratio_permille + ride_ratio_permille,
            driven_mm: self.driven_mm + driven_mm,
            empty_mm: self.empty_mm + empty_mm,
            empty_to_pickup_mm: self.empty_to_pickup_mm + empty_to_pickup_mm,
            empty_home_mm: self.empty_home_mm + empty_home_mm,
            rider_mm: self.rider_mm + rider_mm,
            shifts: self.shifts + shifts,
            shift_ms: self.shift_ms + shift_ms,
            vehicle_days: self.vehicle_days + vehicle_days,
        };
    }
}
