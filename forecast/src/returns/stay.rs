//! One place's return share and log-normal stay, fitted to visits of which most were not watched to their end.

use serde::{Deserialize, Serialize};

use crate::special::{mean_above, normal_tail};

use super::Visit;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Belief {
    /// Chance that a visit ends in a return.
    pub(super) share: f64,
    /// Mean and standard deviation of the logarithm of the stay in minutes.
    pub(super) ln_stay: f64,
    pub(super) spread: f64,
}

/// What a fit leans on, and for how many visits and returns that counts.
pub(super) struct Pull {
    pub(super) towards: Belief,
    pub(super) visits: f64,
    pub(super) returns: f64,
}

/// Who asks at once asks after a minute, as far as logarithms go.
const STAY_MIN: f64 = 1.0;
/// A place where everybody stays equally long still spreads by some minutes.
const SPREAD_MIN: f64 = 0.05;
const ROUNDS_MAX: usize = 1000;
const AT_REST: f64 = 1e-9;

/// Sums over returns, those of a chance counted by it.
#[derive(Default)]
struct Moments {
    returns: f64,
    sum: f64,
    squares: f64,
}

pub(super) fn fit(visits: &[&Visit], pull: &Pull) -> Belief {
    let mut belief = pull.towards;
    for _ in 0..ROUNDS_MAX {
        let next = maximised(&expected(visits, &belief), visits.len() as f64, pull);
        let moved = (next.share - belief.share).abs()
            + (next.ln_stay - belief.ln_stay).abs()
            + (next.spread - belief.spread).abs();
        belief = next;
        if moved < AT_REST {
            break;
        }
    }
    belief
}

/// The returns there were, and those that may still come: for each visit without one the chance that it will end in one,
/// and where a stay lies that is longer than it was watched.
fn expected(visits: &[&Visit], belief: &Belief) -> Moments {
    let mut moments = Moments::default();
    for visit in visits {
        match visit.returned_after_min {
            Some(minutes) => moments.add(1.0, libm::log(minutes.max(STAY_MIN)), 0.0),
            None => {
                let z = belief.z(visit.watched_min);
                let mean = mean_above(z);
                // Of a normal above z: mean h, variance 1 + z h - h².
                let variance = (1.0 + z * mean - mean * mean).max(0.0);
                let ln_stay = belief.ln_stay + belief.spread * mean;
                moments.add(belief.unasked(visit.watched_min), ln_stay, belief.spread * belief.spread * variance);
            }
        }
    }
    moments
}

fn maximised(moments: &Moments, visits: f64, pull: &Pull) -> Belief {
    let Pull { towards, visits: pull_visits, returns: pull_returns } = pull;
    let share = (pull_visits * towards.share + moments.returns) / (pull_visits + visits);
    let weight = pull_returns + moments.returns;
    let ln_stay = (pull_returns * towards.ln_stay + moments.sum) / weight;
    let off = ln_stay - towards.ln_stay;
    let around = moments.squares - 2.0 * ln_stay * moments.sum + ln_stay * ln_stay * moments.returns;
    let variance = (pull_returns * (towards.spread * towards.spread + off * off) + around.max(0.0)) / weight;
    Belief { share: share.clamp(0.0, 1.0), ln_stay, spread: variance.sqrt().max(SPREAD_MIN) }
}

impl Moments {
    fn add(&mut self, weight: f64, mean: f64, variance: f64) {
        self.returns += weight;
        self.sum += weight * mean;
        self.squares += weight * (mean * mean + variance);
    }
}

impl Belief {
    pub(super) fn chance(&self, since_min: f64, within_min: f64) -> f64 {
        let (now, then) = (self.longer_than(since_min), self.longer_than(since_min.max(0.0) + within_min.max(0.0)));
        let left = self.share * now + 1.0 - self.share;
        if left <= 0.0 { 0.0 } else { (self.share * (now - then) / left).clamp(0.0, 1.0) }
    }

    /// The chance that a return is still to come, if none came in these minutes.
    fn unasked(&self, minutes: f64) -> f64 {
        let longer = self.share * self.longer_than(minutes);
        let left = longer + 1.0 - self.share;
        if left <= 0.0 { 0.0 } else { longer / left }
    }

    /// The chance that a stay that ends in a return is longer.
    fn longer_than(&self, minutes: f64) -> f64 {
        if minutes <= 0.0 { 1.0 } else { normal_tail(self.z(minutes)) }
    }

    fn z(&self, minutes: f64) -> f64 {
        (libm::log(minutes.max(STAY_MIN)) - self.ln_stay) / self.spread
    }

    pub(super) fn is_sound(&self) -> bool {
        (0.0..=1.0).contains(&self.share) && self.ln_stay.is_finite() && 0.0 < self.spread
    }
}
