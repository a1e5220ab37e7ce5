//! Key figures as whole numbers that add up.

use serde::{Deserialize, Serialize};

use crate::kpi::Kpis;

/// Names every figure once: its field and column, where it is read from, and what becomes of it when two stretches of
/// time are added. A quantile of two stretches is not the sum of theirs: the sum has none.
macro_rules! figures {
    (|$kpis:ident, $vehicle_days:ident| $($name:ident: $way:ident = $value:expr;)*) => {
        /// Figures of a stretch of time. Quantiles and inequalities are of that stretch alone; everything else adds up.
        ///
        /// A job has hundreds of these, so their file has the values alone, in the order of their names.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
        #[serde(into = "Vec<i64>", try_from = "Vec<i64>")]
        pub struct Figures {
            $(pub $name: i64,)*
        }

        impl Figures {
            /// Columns of the tables, in their order.
            pub const NAMES: &[&str] = &[$(stringify!($name)),*];

            /// `vehicle_days` is of the plan, which the key figures do not know.
            pub fn of($kpis: &Kpis, $vehicle_days: u64) -> Figures {
                Figures { $($name: $value.whole(),)* }
            }

            /// In the order of their names.
            pub fn values(&self) -> Vec<i64> {
                vec![$(self.$name),*]
            }

            fn of_values(values: Vec<i64>) -> Option<Figures> {
                let mut values = values.into_iter();
                let figures = Figures { $($name: values.next()?,)* };
                values.next().is_none().then_some(figures)
            }

            /// Both together.
            pub fn add(&mut self, other: &Figures) {
                $(figures!(@$way self.$name, other.$name);)*
            }
        }
    };
    (@sum $one:expr, $other:expr) => { $one += $other };
    (@most $one:expr, $other:expr) => { $one = $one.max($other) };
    (@own $one:expr, $other:expr) => { $one = 0 };
}

figures! {
    |kpis, vehicle_days|
    requests: sum = kpis.requests;
    offered: sum = kpis.offered;
    confirmed: sum = kpis.confirmed;
    served: sum = kpis.served;
    riders_served: sum = kpis.riders_served;
    refused: sum = kpis.refused;
    not_taken: sum = kpis.not_taken;
    cancelled: sum = kpis.cancelled;
    lost_to_delay: sum = kpis.lost_to_delay;
    no_shows: sum = kpis.no_shows;
    failed: sum = kpis.failed;
    latent: sum = kpis.latent;
    latent_served: sum = kpis.latent_served;
    latent_refused: sum = kpis.latent_refused;
    latent_abandoned: sum = kpis.latent_abandoned;
    latent_lost: sum = kpis.latent_lost;
    pickups: sum = kpis.pickups;
    pickups_on_time: sum = kpis.pickups_on_time;
    pickups_punctual: sum = kpis.pickups_punctual;
    pooled: sum = kpis.pooled;
    promises_at_risk: sum = kpis.promises_at_risk;
    promises_broken: sum = kpis.promises_broken;
    confirms: sum = kpis.time_to_confirm.count;
    confirm_ms: sum = kpis.time_to_confirm.sum;
    confirm_p50_ms: own = kpis.time_to_confirm.p50;
    confirm_p90_ms: own = kpis.time_to_confirm.p90;
    confirm_p95_ms: own = kpis.time_to_confirm.p95;
    waits: sum = kpis.wait_from_request.count;
    wait_ms: sum = kpis.wait_from_request.sum;
    wait_p50_ms: own = kpis.wait_from_request.p50;
    wait_p90_ms: own = kpis.wait_from_request.p90;
    wait_p95_ms: own = kpis.wait_from_request.p95;
    wait_max_ms: most = kpis.wait_from_request.max;
    wait_gini_permille: own = kpis.wait_from_request.gini;
    wait_from_promise_ms: sum = kpis.wait_from_promise.sum;
    wait_from_promise_p50_ms: own = kpis.wait_from_promise.p50;
    wait_from_promise_p90_ms: own = kpis.wait_from_promise.p90;
    wait_from_promise_p95_ms: own = kpis.wait_from_promise.p95;
    rides: sum = kpis.ride_time.count;
    ride_ms: sum = kpis.ride_time.sum;
    ride_p50_ms: own = kpis.ride_time.p50;
    ride_p90_ms: own = kpis.ride_time.p90;
    ride_p95_ms: own = kpis.ride_time.p95;
    ride_ratios: sum = kpis.ride_ratio.count;
    ride_ratio_permille: sum = kpis.ride_ratio.sum;
    ride_ratio_p50_permille: own = kpis.ride_ratio.p50;
    ride_ratio_p90_permille: own = kpis.ride_ratio.p90;
    ride_ratio_p95_permille: own = kpis.ride_ratio.p95;
    driven_mm: sum = kpis.driven.as_millimetres();
    empty_mm: sum = kpis.driven_empty.as_millimetres();
    empty_to_pickup_mm: sum = kpis.empty_to_pickup.as_millimetres();
    empty_reposition_mm: sum = kpis.empty_reposition.as_millimetres();
    empty_to_break_mm: sum = kpis.empty_to_break.as_millimetres();
    empty_home_mm: sum = kpis.empty_home.as_millimetres();
    rider_mm: sum = kpis.rider_millimetres;
    asks: sum = kpis.asks;
    asks_ended: sum = kpis.asks_ended;
    asks_accepted: sum = kpis.asks_accepted;
    asks_week_max: most = kpis.asks_week_max;
    shifts: sum = kpis.shifts_closed;
    shift_ms: sum = kpis.shift_time.as_millis();
    shifts_called: sum = kpis.shifts_called;
    vehicle_days: sum = vehicle_days;
}

impl From<Figures> for Vec<i64> {
    fn from(figures: Figures) -> Vec<i64> {
        figures.values()
    }
}

impl TryFrom<Vec<i64>> for Figures {
    type Error = String;

    fn try_from(values: Vec<i64>) -> Result<Figures, String> {
        let count = values.len();
        Figures::of_values(values).ok_or_else(|| format!("{count} figures, not {}", Figures::NAMES.len()))
    }
}

trait Whole {
    fn whole(self) -> i64;
}

impl Whole for u64 {
    fn whole(self) -> i64 {
        i64::try_from(self).expect("counts of a run are far below 2^63")
    }
}

impl Whole for i64 {
    fn whole(self) -> i64 {
        self
    }
}
