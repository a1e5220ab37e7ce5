//! From one shift of a vehicle to its next: whoever ends late begins late.
//!
//! A shift nobody has opened waits at its start from its opening on, or from when its vehicle can be there:
//! after the shift before, as predicted. So riders of the afternoon know what happens in the morning.

use std::collections::BTreeSet;

use mukae_units::{ShiftId, Span, Time, VehicleId};

use super::{Draft, risk};
use crate::answer::Rejection;
use crate::insertion::leg;
use crate::model::ShiftState;
use crate::schedule::{Plan, Schedule, Whereabouts};
use crate::{Command, State};

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
    for pair in shifts.windows(2) {
        let [(_, before), (_, after)] = pair else { unreachable!("windows of two") };
        let Ok(next) = draft.schedule(*after).cloned() else { continue };
        let Some(since) = predicted_start(&next) else { continue };
        let free = free_after(draft, *before, &next).max(next.shift.window.earliest());
        let is_back = free == next.shift.window.earliest() && since != free;
        if is_back || (free - since).max(since - free) > STEP {
            let Whereabouts::Waiting { place, .. } = next.plan.whereabouts else { continue };
            let plan = Plan { whereabouts: Whereabouts::Waiting { place, since: free }, ..next.plan };
            draft.change_plan(*after, plan)?;
        }
    }
    Ok(())
}

/// When the vehicle can be at the start of `next`, coming from the shift before.
fn free_after(draft: &mut Draft<'_, '_>, before: ShiftId, next: &Schedule) -> Time {
    let (now, start) = (draft.now, next.shift.start.place);
    // whoever signs off, or has nothing left to do, sees to being there for the next shift
    let Some(schedule) = draft.schedule(before).ok().filter(|schedule| !schedule.stops().is_empty()) else {
        return now;
    };
    let finish = schedule.timeline(now).finish;
    match schedule.shift.end.as_ref().map(|end| end.place) {
        Some(end) => finish + leg(draft.work.roads, end, start),
        None => finish, // who ends anywhere does so too
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
pub(crate) fn next_handover(state: &State, before: &Schedule, after: &Schedule) -> Option<Time> {
    let since = predicted_start(after).filter(|_| !before.stops().is_empty())?;
    risk::finish_passes(state, before, since + STEP)
}
