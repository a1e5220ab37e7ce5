//! Request by request: who served it, and how much longer one let it wait than the other.

use std::collections::BTreeMap;

use mukae_units::{Span, Time};
use serde::Serialize;

use super::{Answer, Fate, came};
use crate::demand::fleetpy::NodeRequest;

/// Two answers to one request.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Gap {
    pub request: String,
    /// When it was taken, in seconds of the run.
    pub came_s: i64,
    /// Seconds from then to boarding; `None`: refused.
    pub ours_s: Option<f64>,
    pub theirs_s: Option<f64>,
    /// Counted from 0, in the order of the start nodes.
    pub our_vehicle: Option<u32>,
    pub their_vehicle: Option<u32>,
}

/// Mean waits of the requests of one kind, each of those that were served, in seconds.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Waits {
    pub requests: usize,
    pub ours_s: f64,
    pub theirs_s: f64,
}

/// All answers of a case.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Comparison {
    pub served_by_both: usize,
    pub only_ours: usize,
    pub only_theirs: usize,
    pub by_none: usize,
    /// Of those served by both: by the same vehicle, and at the same second.
    pub same_vehicle: usize,
    pub same_pickup: usize,
    /// Ours less theirs, of those served by both, in seconds.
    pub wait_difference_mean_s: f64,
    pub wait_difference_p10_s: f64,
    pub wait_difference_p50_s: f64,
    pub wait_difference_p90_s: f64,
    /// Requests that came into a step as its first.
    pub first_of_step: Waits,
    /// And those that came into one after another: FleetPy gives them, where it can, the vehicle that got the one before.
    pub later_of_step: Waits,
    /// Of those, given the vehicle of one before them in the step.
    pub later_same_vehicle_ours: usize,
    pub later_same_vehicle_theirs: usize,
    /// In the order of the requests; those that are the same to the second are left out.
    pub gaps: Vec<Gap>,
}

impl Comparison {
    pub(super) fn new(asked: &[NodeRequest], fates: &[Fate], theirs: &BTreeMap<String, Answer>) -> Comparison {
        let mut found = Comparison {
            served_by_both: 0,
            only_ours: 0,
            only_theirs: 0,
            by_none: 0,
            same_vehicle: 0,
            same_pickup: 0,
            wait_difference_mean_s: 0.0,
            wait_difference_p10_s: 0.0,
            wait_difference_p50_s: 0.0,
            wait_difference_p90_s: 0.0,
            first_of_step: Waits::default(),
            later_of_step: Waits::default(),
            later_same_vehicle_ours: 0,
            later_same_vehicle_theirs: 0,
            gaps: Vec::new(),
        };
        let mut differences = Vec::new();
        // vehicles given in the step so far, ours and theirs
        let (mut step, mut given) = (None, (Vec::new(), Vec::new()));
        let mut waits = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
        let mut requests = [0, 0];
        for (request, fate) in asked.iter().zip(fates) {
            let came = came(request);
            let (ours, theirs) = (fate.ride(), theirs.get(&request.id));
            let their_pickup = theirs.and_then(|answer| answer.pickup);
            let seconds = |pickup: Time| (pickup - came).as_millis() as f64 / 1000.0;
            let gap = Gap {
                request: request.id.clone(),
                came_s: (came - Time::EPOCH).as_secs(),
                ours_s: ours.map(|ride| seconds(ride.pickup)),
                theirs_s: their_pickup.map(seconds),
                our_vehicle: ours.map(|ride| ride.shift.0 - 1),
                their_vehicle: theirs.and_then(|answer| answer.vehicle),
            };
            let is_first = step != Some(came);
            if is_first {
                (step, given) = (Some(came), (Vec::new(), Vec::new()));
            } else {
                let again =
                    |vehicle: Option<u32>, given: &[u32]| vehicle.is_some_and(|vehicle| given.contains(&vehicle));
                found.later_same_vehicle_ours += usize::from(again(gap.our_vehicle, &given.0));
                found.later_same_vehicle_theirs += usize::from(again(gap.their_vehicle, &given.1));
            }
            given.0.extend(gap.our_vehicle);
            given.1.extend(gap.their_vehicle);
            let of_kind = usize::from(!is_first);
            requests[of_kind] += 1;
            waits[of_kind].0.extend(gap.ours_s);
            waits[of_kind].1.extend(gap.theirs_s);
            let mut is_same = false;
            match (ours, their_pickup) {
                (Some(ride), Some(pickup)) => {
                    found.served_by_both += 1;
                    found.same_vehicle += usize::from(gap.our_vehicle == gap.their_vehicle);
                    let difference = ride.pickup - pickup;
                    is_same = -Span::from_secs(1) < difference && difference < Span::from_secs(1);
                    found.same_pickup += usize::from(is_same);
                    differences.push(difference.as_millis());
                }
                (Some(_), None) => found.only_ours += 1,
                (None, Some(_)) => found.only_theirs += 1,
                (None, None) => found.by_none += 1,
            }
            if !is_same && gap.ours_s != gap.theirs_s {
                found.gaps.push(gap);
            }
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let [first, later] = std::array::from_fn(|kind| {
            let (ours, theirs) = &waits[kind];
            Waits { requests: requests[kind], ours_s: mean(ours), theirs_s: mean(theirs) }
        });
        (found.first_of_step, found.later_of_step) = (first, later);
        differences.sort_unstable();
        if let Some(last) = differences.len().checked_sub(1) {
            let at = |percent: usize| differences[last * percent / 100] as f64 / 1000.0;
            (found.wait_difference_p10_s, found.wait_difference_p50_s) = (at(10), at(50));
            found.wait_difference_p90_s = at(90);
            found.wait_difference_mean_s = differences.iter().sum::<i64>() as f64 / 1000.0 / differences.len() as f64;
        }
        found
    }
}
