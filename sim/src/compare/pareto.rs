//! Which choices nobody need regret: those that no other beats in price and in service at once.

use super::{Days, Measure};
use crate::scenario::Cost;

/// All of these are better when smaller.
const PRICES: [&str; 2] = ["cost_yen", "wait_p90_s"];
/// And this when larger.
const SERVICE: &str = "served_percent";

/// For each choice whether it is efficient: no other costs no more, serves no fewer and lets none wait longer, and does
/// better in one of these. What serves nobody waits for nobody: it counts as an endless wait.
pub(super) fn efficient(choices: &[Days<'_>], cost: Cost) -> Vec<bool> {
    let value = |name: &str, days: &Days<'_>| Measure::named(name).of(days, Some(cost));
    let points: Vec<[f64; 3]> = choices
        .iter()
        .map(|days| {
            let [yen, wait] = PRICES.map(|name| value(name, days).unwrap_or(f64::INFINITY));
            [yen, wait, -value(SERVICE, days).unwrap_or(0.0)]
        })
        .collect();
    points.iter().map(|point| !points.iter().any(|other| beats(other, point))).collect()
}

fn beats(a: &[f64; 3], b: &[f64; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| a <= b) && a.iter().zip(b).any(|(a, b)| a < b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Moment;
    use crate::results::Figures;

    #[test]
    fn what_is_beaten_is_not_efficient() {
        let cost = Cost { yen_per_vehicle_day: 100, ..Cost::default() };
        let day = |vehicle_days, served, wait_p90_ms| Figures {
            vehicle_days,
            served,
            requests: 10,
            waits: served,
            wait_p90_ms,
            ..Figures::default()
        };
        let days = [day(1, 5, 9000), day(2, 8, 9000), day(3, 8, 9000), day(3, 8, 4000), day(1, 0, 0)];
        let choices: Vec<Days<'_>> = days.iter().map(|day| vec![Moment { day, run: None }]).collect();
        assert_eq!(efficient(&choices, cost), [true, true, false, true, false]);
    }
}
