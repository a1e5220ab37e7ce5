//! What follows from a decision, and each vehicle's case, as lines for people and as JSON for programs.

use mukae_proto::transit::booking::v1::BindingConstraint;
use mukae_proto::transit::operations::v1 as pb;
use prost_types::Duration;
use serde_json::{Value, json};

use super::Desk;
use super::show::{clock, time_json};

pub(crate) fn text(told: &pb::Consequences, desk: &Desk) -> String {
    let mut lines = Vec::new();
    for broken in &told.broken_promises {
        let (limit, booking) = (limit(broken.limit()), &broken.booking);
        lines.push(match (broken.predicted_duration, broken.promised_duration) {
            (Some(ride), Some(most)) => {
                format!("{booking}: {limit} of {} instead of at most {}", minutes(&ride), minutes(&most))
            }
            _ => format!(
                "{booking}: {limit} at {}, promised by {}",
                clock(broken.predicted_time, desk),
                clock(broken.promised_time, desk)
            ),
        });
    }
    for moved in &told.moved_bookings {
        let from = if moved.from_shift.is_empty() { "no vehicle" } else { &moved.from_shift };
        lines.push(format!("{}: from {from} to {}", moved.booking, moved.to_shift));
    }
    let each = |names: &[String], what: &str| names.iter().map(|name| format!("{name}: {what}")).collect::<Vec<_>>();
    lines.extend(each(&told.unassigned_bookings, "no vehicle any more"));
    lines.extend(each(&told.failed_bookings, "given up"));
    lines.extend(each(&told.stranded_bookings, "waits at the roadside"));
    lines.extend(each(&told.lost_holds, "its place is not kept any more"));
    for asked in &told.asked_drivers {
        let until = clock(asked.deadline_time, desk);
        lines.push(format!("{}: the driver of {} is asked, until {until}", asked.booking, asked.shift));
    }
    for restored in &told.restored_promises {
        lines.push(format!("{}: {} kept again", restored.booking, limit(restored.limit())));
    }
    for late in &told.late_breaks {
        let (at, latest) = (clock(late.predicted_time, desk), clock(late.latest_time, desk));
        lines.push(format!("{}: break at {at}, due by {latest}", late.shift));
    }
    for late in &told.late_shifts {
        let (at, end) = (clock(late.predicted_time, desk), clock(late.end_time, desk));
        lines.push(format!("{}: back at {at}, ends at {end}", late.shift));
    }
    for trip in &told.exceeded_detours {
        lines.push(format!("{}: {} m and {} too far", trip.shift, trip.over_meters, over(&trip.over_duration)));
    }
    if lines.is_empty() {
        return "nobody is worse off\n".to_owned();
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

pub(crate) fn json(told: &pb::Consequences) -> Value {
    let broken = told.broken_promises.iter().map(|broken| {
        json!({
            "booking": broken.booking,
            "limit": broken.limit().as_str_name(),
            "promised_time": time_json(&broken.promised_time),
            "predicted_time": time_json(&broken.predicted_time),
            "promised_s": broken.promised_duration.map(|span| span.seconds),
            "predicted_s": broken.predicted_duration.map(|span| span.seconds),
        })
    });
    let moved = told.moved_bookings.iter();
    let moved = moved.map(|moved| json!({ "booking": moved.booking, "from": moved.from_shift, "to": moved.to_shift }));
    let asked = told.asked_drivers.iter().map(|asked| {
        json!({ "booking": asked.booking, "shift": asked.shift, "deadline_time": time_json(&asked.deadline_time) })
    });
    let restored = told.restored_promises.iter();
    let restored = restored.map(|kept| json!({ "booking": kept.booking, "limit": kept.limit().as_str_name() }));
    let breaks = told.late_breaks.iter().map(|late| {
        let (latest, predicted) = (time_json(&late.latest_time), time_json(&late.predicted_time));
        json!({ "shift": late.shift, "latest_time": latest, "predicted_time": predicted })
    });
    let shifts = told.late_shifts.iter().map(|late| {
        let (end, predicted) = (time_json(&late.end_time), time_json(&late.predicted_time));
        json!({ "shift": late.shift, "end_time": end, "predicted_time": predicted })
    });
    let detours = told.exceeded_detours.iter().map(|trip| {
        let over = trip.over_duration.map(|over| over.seconds);
        json!({ "shift": trip.shift, "over_s": over, "over_m": trip.over_meters })
    });
    json!({
        "broken_promises": broken.collect::<Vec<_>>(),
        "moved_bookings": moved.collect::<Vec<_>>(),
        "unassigned_bookings": told.unassigned_bookings,
        "failed_bookings": told.failed_bookings,
        "stranded_bookings": told.stranded_bookings,
        "asked_drivers": asked.collect::<Vec<_>>(),
        "restored_promises": restored.collect::<Vec<_>>(),
        "late_breaks": breaks.collect::<Vec<_>>(),
        "late_shifts": shifts.collect::<Vec<_>>(),
        "exceeded_detours": detours.collect::<Vec<_>>(),
        "lost_holds": told.lost_holds,
    })
}

pub(crate) fn explanation(told: &pb::Explanation, desk: &Desk) -> String {
    let mut text = reasons(&told.binding_constraints, "");
    for one in &told.candidates {
        let mark = if one.is_current { " (now)" } else { "" };
        let verdict = if one.is_allowed { "can take it" } else { "can not" };
        text.push_str(&format!("{}{mark}: {verdict}\n", one.shift));
        text.push_str(&reasons(&one.binding_constraints, "  "));
        let Some(fit) = &one.fit else { continue };
        let placement = fit.placement.clone().unwrap_or_default();
        let forced = if placement.overrules { ", overruling" } else { "" };
        text.push_str(&format!(
            "  pickup {}, dropoff {}, back {}; {:.1} yen{forced}\n",
            clock(fit.pickup_time, desk),
            clock(fit.dropoff_time, desk),
            clock(fit.finish_time, desk),
            fit.cost as f64 / 60_000.0,
        ));
        for delay in &fit.delays {
            let who = if delay.booking.is_empty() { "a break" } else { &delay.booking };
            text.push_str(&format!(
                "  {who}: {} later, {} left\n",
                over(&delay.delay_duration),
                over(&delay.slack_left_duration)
            ));
        }
    }
    for idle in &told.idle_vehicles {
        text.push_str(&format!("{idle}: does not work then\n"));
    }
    text
}

pub(crate) fn explanation_json(told: &pb::Explanation) -> Value {
    let candidates = told.candidates.iter().map(|one| {
        json!({
            "vehicle": one.vehicle,
            "shift": one.shift,
            "is_current": one.is_current,
            "is_allowed": one.is_allowed,
            "binding_constraints": kinds(&one.binding_constraints),
            "fit": one.fit.as_ref().map(fit_json),
        })
    });
    json!({
        "binding_constraints": kinds(&told.binding_constraints),
        "candidates": candidates.collect::<Vec<_>>(),
        "idle_vehicles": told.idle_vehicles,
        "explain_time": time_json(&told.explain_time),
    })
}

fn fit_json(fit: &pb::Fit) -> Value {
    let placement = fit.placement.clone().unwrap_or_default();
    let terms = fit.terms.iter().map(|term| {
        json!({
            "kind": term.kind().as_str_name(),
            "amount_s": term.amount_duration.map(|amount| amount.seconds),
            "yen_per_minute": term.yen_per_minute,
            "cost": term.cost,
        })
    });
    let delays = fit.delays.iter().map(|delay| {
        json!({
            "booking": delay.booking,
            "stop": delay.stop,
            "is_pickup": delay.is_pickup,
            "delay_s": delay.delay_duration.map(|delay| delay.seconds),
            "slack_left_s": delay.slack_left_duration.map(|slack| slack.seconds),
        })
    });
    json!({
        "pickup_before_stop": placement.pickup_before_stop,
        "dropoff_before_stop": placement.dropoff_before_stop,
        "overrules": placement.overrules,
        "cost": fit.cost,
        "terms": terms.collect::<Vec<_>>(),
        "added_driving_s": fit.added_driving_duration.map(|added| added.seconds),
        "pickup_time": time_json(&fit.pickup_time),
        "dropoff_time": time_json(&fit.dropoff_time),
        "finish_time": time_json(&fit.finish_time),
        "delays": delays.collect::<Vec<_>>(),
        "is_driver_asked": fit.is_driver_asked,
    })
}

fn kinds(binding: &[BindingConstraint]) -> Vec<&'static str> {
    binding.iter().map(|one| one.kind().as_str_name()).collect()
}

fn reasons(binding: &[BindingConstraint], indent: &str) -> String {
    let reason = |one: &BindingConstraint| match &one.shortfall_duration {
        Some(by) => format!("{indent}{} (by {})\n", one.text, minutes(by)),
        None => format!("{indent}{}\n", one.text),
    };
    binding.iter().map(reason).collect()
}

fn limit(limit: pb::PromiseLimit) -> &'static str {
    match limit {
        pb::PromiseLimit::Pickup => "pickup",
        pb::PromiseLimit::Dropoff => "dropoff",
        pb::PromiseLimit::Ride => "ride",
        pb::PromiseLimit::Unspecified => "promise",
    }
}

fn over(span: &Option<Duration>) -> String {
    span.as_ref().map_or_else(|| "0 min".to_owned(), minutes)
}

/// Whole minutes, away from zero.
fn minutes(span: &Duration) -> String {
    format!("{} min", (span.seconds + 59 * span.seconds.signum()) / 60)
}
