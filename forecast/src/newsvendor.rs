//! How many drivers to have ready, how many to ask for that, and how sure one must be to act at all.
//!
//! The newsvendor's rule: have as many ready as the forecast will not exceed with the chance Cu / (Cu + Co), where Cu is
//! what a covered request saves and Co what an unused driver costs.

use crate::predictive::Predictive;

/// The smallest K with `F(K) >= Cu / (Cu + Co)`. Nothing to gain is nobody ready; an unused driver who costs nothing is
/// as many as the forecast can tell from none. Both in yen, 0 or more.
pub fn standby_count(forecast: &Predictive, cu_yen: f64, co_yen: f64) -> u32 {
    if cu_yen <= 0.0 { 0 } else { forecast.quantile(cu_yen / (cu_yen + co_yen.max(0.0))) }
}

/// How many of these drivers to ask, in this order, so that at least `wanted` say yes with chance `gamma`; none if all of
/// them are too few. Each has a chance of 0..=1 of a yes.
pub fn asks_needed(chances: &[f64], wanted: usize, gamma: f64) -> Option<usize> {
    if wanted == 0 {
        return Some(0);
    }
    // The chance of exactly `yes` yeses so far, below what is wanted; what reaches it stays there.
    let mut below = vec![0.0; wanted];
    below[0] = 1.0;
    let mut enough = 0.0;
    for (asked, chance) in chances.iter().enumerate() {
        enough += below[wanted - 1] * chance;
        for yes in (1..wanted).rev() {
            below[yes] = below[yes] * (1.0 - chance) + below[yes - 1] * chance;
        }
        below[0] *= 1.0 - chance;
        if gamma <= enough {
            return Some(asked + 1);
        }
    }
    None
}

/// The chance of success from which on an act pays that loses `loss_yen` if it was for nothing and gains `gain_yen` if
/// not: `loss / (loss + gain)`. What costs nothing pays always; what gains nothing, never.
pub fn break_even(loss_yen: f64, gain_yen: f64) -> f64 {
    if loss_yen <= 0.0 { 0.0 } else { loss_yen / (loss_yen + gain_yen.max(0.0)) }
}
