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
    let whole: BTreeSet<VehicleId> = match draft.command {
        Command::AdvanceClock => draft.agenda.due_handovers(draft.now).into_iter().collect(),
        Command::RoadsChanged { .. } => draft.agenda.vehicles_with_several_shifts().collect(),
        _ => BTreeSet::new(),
    };
    let touched = draft.touched_of_several_shifts();
    let vehicles: BTreeSet<VehicleId> = touched.keys().copied().chain(whole.iter().copied()).collect();
    vehicles.into_iter().try_for_each(|vehicle| match touched.get(&vehicle) {
        Some(touched) if !whole.contains(&vehicle) => follow_shifts(draft, vehicle, Some(touched)),
        _ => follow_shifts(draft, vehicle, None),
    })
}

/// Brings the starts of one vehicle's later shifts up to date.
pub(super) fn follow_vehicle(draft: &mut Draft<'_, '_>, vehicle: VehicleId) -> Result<(), Rejection> {
    follow_shifts(draft, vehicle, None)
}

/// What is new about a shift, for the one after it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum News {
    Nothing,
    /// When it ends, perhaps.
    Times,
    /// Where, too, or whether.
    Terms,
}

/// The same, of those shifts that follow from a touched one (`None`: from any): between others nothing is new but
/// the time, and for that the clock wakes.
fn follow_shifts(
    draft: &mut Draft<'_, '_>,
    vehicle: VehicleId,
    touched: Option<&BTreeSet<ShiftId>>,
) -> Result<(), Rejection> {
    let mut shifts = draft.shifts_of(vehicle);
    shifts.sort_unstable();
    let mut before: Option<ShiftId> = None; // the last one that has not ended
    let mut news = News::Nothing; // about it, or about one that ended after it
    for (shift_idx, &(_, shift)) in shifts.iter().enumerate() {
        let own = match touched {
            None => News::Terms,
            Some(touched) if !touched.contains(&shift) => News::Nothing,
            Some(_) if draft.has_known_terms(shift) => News::Times,
            Some(_) => News::Terms,
        };
        let Ok(next) = draft.schedule(shift) else {
            news = news.max(own);
            continue;
        };
        let mut has_moved = false;
        if news.max(own) != News::Nothing {
            let next = next.clone();
            if news.max(own) == News::Terms {
                measure_way_on(draft, before, Some(&next))?;
            }
            if shift_idx > 0 {
                let free = free_after(draft, before, &next).max(next.shift.window.earliest());
                has_moved = move_start(draft, next, free)?;
            }
        }
        before = Some(shift);
        news = if has_moved { own.max(News::Times) } else { own };
    }
    if news == News::Terms { measure_way_on(draft, before, None) } else { Ok(()) }
}

/// True if it is worth it.
fn move_start(draft: &mut Draft<'_, '_>, next: Schedule, free: Time) -> Result<bool, Rejection> {
    let Some(since) = predicted_start(&next) else { return Ok(false) };
    let is_back = free == next.shift.window.earliest() && since != free;
    if !is_back && (free - since).max(since - free) <= STEP {
        return Ok(false);
    }
    let Whereabouts::Waiting { place, .. } = next.plan.whereabouts else { return Ok(false) };
    let plan = Plan { whereabouts: Whereabouts::Waiting { place, since: free }, ..Plan::clone(&next.plan) };
    draft.change_plan(next.shift.id, plan)?;
    Ok(true)
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
