//! From one shift of a vehicle to its next: whoever ends late begins late.
//!
//! A shift nobody has opened waits at its start from its opening on, or from when its vehicle can be there:
//! after the shift before, as predicted. So riders of the afternoon know what happens in the morning.

use std::collections::BTreeSet;

use mukae_units::{ShiftId, Span, Time, TravelTime, VehicleId};

use super::{Draft, risk};
use crate::Command;
use crate::answer::Rejection;
use crate::event::Endogenous;
use crate::insertion::leg;
use crate::model::ShiftState;
use crate::schedule::{Plan, Schedule, Whereabouts};

/// A start that moves by no more than this is not worth an event.
const STEP: Span = Span::MINUTE;

/// Brings the starts of later shifts up to date, of the vehicles the decision touches.
pub(super) fn follow(draft: &mut Draft<'_, '_>) -> Result<(), Rejection> {
    let mut vehicles: BTreeSet<VehicleId> = draft.touched_with_several_shifts();
    match draft.command {
        Command::AdvanceClock => vehicles.extend(draft.agenda.due_handovers(draft.now)),
        Command::RoadsChanged { .. } => vehicles.extend(draft.agenda.vehicles_with_several_shifts()),
        _ => {}
    }
    vehicles.into_iter().try_for_each(|vehicle| follow_vehicle(draft, vehicle))
}

/// Brings the starts of one vehicle's later shifts up to date.
pub(super) fn follow_vehicle(draft: &mut Draft<'_, '_>, vehicle: VehicleId) -> Result<(), Rejection> {
    let mut shifts = draft.shifts_of(vehicle);
    shifts.sort_unstable();
    let mut before: Option<ShiftId> = None; // the last one that has not ended
    for (shift_idx, &(_, shift)) in shifts.iter().enumerate() {
        let Ok(next) = draft.schedule(shift).cloned() else { continue };
        measure_way_on(draft, before, Some(&next))?;
        if shift_idx > 0 {
            let free = free_after(draft, before, &next).max(next.shift.window.earliest());
            move_start(draft, next, free)?;
        }
        before = Some(shift);
    }
    measure_way_on(draft, before, None)
}

fn move_start(draft: &mut Draft<'_, '_>, next: Schedule, free: Time) -> Result<(), Rejection> {
    let Some(since) = predicted_start(&next) else { return Ok(()) };
    let is_back = free == next.shift.window.earliest() && since != free;
    if !is_back && (free - since).max(since - free) <= STEP {
        return Ok(());
    }
    let Whereabouts::Waiting { place, .. } = next.plan.whereabouts else { return Ok(()) };
    let plan = Plan { whereabouts: Whereabouts::Waiting { place, since: free }, ..Plan::clone(&next.plan) };
    draft.change_plan(next.shift.id, plan)
}

/// Notes how long the way is from the end of a shift to the start of the next one, so that the clock knows it too.
fn measure_way_on(
    draft: &mut Draft<'_, '_>,
    before: Option<ShiftId>,
    next: Option<&Schedule>,
) -> Result<(), Rejection> {
    let Some(before) = before else { return Ok(()) };
    let schedule = draft.schedule(before)?;
    let (end, known) = (schedule.shift.end.as_ref().map(|end| end.place), schedule.way_on);
    let way = match (end, next) {
        (Some(end), Some(next)) => leg(draft.work.roads, end, next.shift.start.place),
        _ => TravelTime::ZERO, // who ends anywhere sees to being there
    };
    if way != known {
        draft.foresee(before, |schedule| schedule.way_on = way)?;
        draft.push(Endogenous::WayOnChanged { shift: before, way });
    }
    Ok(())
}

/// When the vehicle can be at the start of `next`, coming from the shift before, if that has not ended.
fn free_after(draft: &mut Draft<'_, '_>, before: Option<ShiftId>, next: &Schedule) -> Time {
    let now = draft.now;
    let Some(schedule) = before.and_then(|before| draft.schedule(before).ok()) else {
        return now; // whoever signs off sees to being there for the next shift
    };
    if !schedule.stops().is_empty() {
        return schedule.timeline(now).finish + schedule.way_on;
    }
    // whoever has nothing to do does so too, once the vehicle is there
    match predicted_start(schedule).filter(|&since| schedule.shift.window.earliest() < since) {
        Some(since) => {
            let start = schedule.shift.start.place;
            now.max(since + leg(draft.work.roads, start, next.shift.start.place))
        }
        None => now,
    }
}

/// From when a shift that nobody has opened is predicted to begin.
fn predicted_start(schedule: &Schedule) -> Option<Time> {
    match (schedule.state, schedule.plan.whereabouts) {
        (ShiftState::Planned, Whereabouts::Waiting { since, .. }) => Some(since),
        _ => None,
    }
}

/// When a shift that ends later and later, as nothing is reported, next moves the start of the one after.
pub(crate) fn next_handover(before: &Schedule, after: &Schedule) -> Option<Time> {
    let since = predicted_start(after).filter(|_| !before.stops().is_empty())?;
    risk::finish_passes(before, since + STEP - before.way_on.span())
}
