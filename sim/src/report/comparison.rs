//! The page of a comparison: which of several ways to run a service does what, and how sure that is.
//!
//! Everything it says is computed here and by [`crate::compare`]; its script chooses words and draws.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::page;
use crate::batch::{Batch, Done};
use crate::compare::{Measure, by_date, compare_by};
use crate::kpi::WORST_OF_WAITS;

/// Raised when the page's script must be another one to read it.
const FORMAT: u32 = 1;
/// What the page tells in words and pictures, whatever the scenario lists.
const TOLD: [&str; 7] =
    ["served_percent", "refused", "wait_p50_s", "wait_p90_s", "on_time_percent", "broken_promises", "km"];
const PRICED: [&str; 3] = ["cost_yen", "subsidy_yen", "subsidy_per_trip_yen"];
/// Shown day by day.
const OF_DAYS: [&str; 3] = ["served_percent", "wait_p90_s", "km"];

/// One file of HTML about a batch of which every job was done.
pub fn comparison(batch: &Batch, done: &[Done], area: &str) -> String {
    let title = format!("{area} {}", batch.scenario.name);
    page::page(&page::COMPARISON, &data(batch, done, area), &title)
}

fn data(batch: &Batch, done: &[Done], area: &str) -> Value {
    let scenario = &batch.scenario;
    let priced = PRICED.iter().filter(|_| scenario.cost.is_some());
    let mut measures: Vec<&'static Measure> = TOLD.iter().chain(priced).map(|name| Measure::named(name)).collect();
    for &measure in &scenario.report.measures {
        if !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    let left_out: usize = done.iter().map(|done| done.left_out.len()).max().unwrap_or(0);
    let prices = scenario.cost.map(|cost| {
        json!({
            "km": cost.yen_per_km,
            "driver_hour": cost.yen_per_driver_hour,
            "vehicle_day": cost.yen_per_vehicle_day,
            "fare": cost.fare_yen,
        })
    });
    json!({
        "format": FORMAT,
        "area": area,
        "comparison": compare_by(batch, done, &measures),
        "dates": batch.dates.iter().map(Date::to_string).collect::<Vec<_>>(),
        "of_days": OF_DAYS,
        "by_date": by_date(batch, done, &OF_DAYS.map(Measure::named)),
        "prices": prices,
        "seed": scenario.seed,
        "jobs": done.len(),
        "few_waits": WORST_OF_WAITS,
        "rows_dropped": batch.rows_dropped,
        "rows_outside": batch.rows_outside,
        "rows_left_out": left_out,
        "is_synthetic": !batch.is_of_table(),
        "credit": batch.credit(),
    })
}
