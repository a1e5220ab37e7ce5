//! Who could take a ride, and what stands in the way of the others.

use mukae_engine::suggestion::{CostKind, CostTerm, Delay};
use mukae_engine::{Fit, Suggestion, Suggestions, Verdict};
use mukae_proto::transit::operations::v1 as pb;
use mukae_units::{ShiftId, StopId};

use super::{View, duration, timestamp};
use crate::wire::refusal::binding;

/// `current` is the shift that has it now, or is named for it.
pub fn explanation(view: &View<'_>, suggested: &Suggestions, current: Option<ShiftId>) -> pb::Explanation {
    pb::Explanation {
        binding_constraints: suggested.rule.iter().map(binding).collect(),
        candidates: suggested.candidates.iter().map(|one| candidate(view, one, current)).collect(),
        idle_vehicles: suggested.idle.iter().map(|&vehicle| view.vehicle_name(vehicle).to_owned()).collect(),
        explain_time: Some(timestamp(view.now)),
    }
}

fn candidate(view: &View<'_>, one: &Suggestion, current: Option<ShiftId>) -> pb::Candidate {
    let drawn = |found: &Fit| fit(view, one, found);
    let (is_allowed, binding_constraints, fit) = match &one.verdict {
        Verdict::Fits(fit) => (true, Vec::new(), Some(drawn(fit))),
        Verdict::Misses { binding: binds, by_hand } => {
            (false, binds.iter().map(binding).collect(), by_hand.as_ref().map(drawn))
        }
    };
    pb::Candidate {
        vehicle: view.vehicle_name(one.vehicle).to_owned(),
        shift: view.shift_name(one.shift).to_owned(),
        is_current: current == Some(one.shift),
        is_allowed,
        binding_constraints,
        fit,
    }
}

fn fit(view: &View<'_>, one: &Suggestion, fit: &Fit) -> pb::Fit {
    let vehicle = view.vehicle_name(one.vehicle);
    let stop = |stop: StopId| format!("{vehicle}/stops/{stop}");
    pb::Fit {
        placement: Some(pb::Placement {
            shift: view.shift_name(one.shift).to_owned(),
            pickup_before_stop: fit.before.0.map(stop).unwrap_or_default(),
            dropoff_before_stop: fit.before.1.map(stop).unwrap_or_default(),
            overrules: fit.placement.overrules,
        }),
        cost: fit.cost,
        terms: fit.terms.iter().map(term).collect(),
        added_driving_duration: Some(duration(fit.driving)),
        pickup_time: Some(timestamp(fit.pickup)),
        dropoff_time: Some(timestamp(fit.dropoff)),
        finish_time: Some(timestamp(fit.finish)),
        delays: fit.delays.iter().map(|delay| delayed(view, delay, stop(delay.stop))).collect(),
        is_driver_asked: fit.is_asked,
    }
}

fn term(term: &CostTerm) -> pb::CostTerm {
    use pb::cost_term::Kind;
    let kind = match term.kind {
        CostKind::Driving => Kind::Driving,
        CostKind::DriverTime => Kind::DriverTime,
        CostKind::RiderWait => Kind::RiderWait,
        CostKind::ExcessRide => Kind::ExcessRide,
        CostKind::WaitOnBoard => Kind::WaitOnBoard,
        CostKind::Walking => Kind::Walking,
        CostKind::PickupLate => Kind::PickupLate,
        CostKind::DropoffLate => Kind::DropoffLate,
        CostKind::RideOver => Kind::RideOver,
        CostKind::CallOut => Kind::CallOut,
    };
    pb::CostTerm {
        kind: kind as i32,
        amount_duration: Some(duration(term.amount)),
        yen_per_minute: term.weight,
        cost: term.cost(),
    }
}

fn delayed(view: &View<'_>, delay: &Delay, stop: String) -> pb::Delay {
    pb::Delay {
        booking: delay.booking.map(|booking| view.booking_name(booking)).unwrap_or_default(),
        stop,
        is_pickup: delay.is_pickup,
        delay_duration: Some(duration(delay.by)),
        slack_left_duration: Some(duration(delay.slack)),
    }
}
