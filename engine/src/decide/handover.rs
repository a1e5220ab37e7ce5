//! From one shift of a vehicle to its next: whoever ends late begins late.
//!
//! A shift nobody has opened waits at its start from its opening on, or from when its vehicle can be there:
//! after the shift before, as predicted. So riders of the afternoon know what happens in the morning.

use std::collections::BTreeSet;

use mukae_maps::Place;
use mukae_units::{ShiftId, Span, Time, TravelTime, VehicleId};

use super::Draft;
use super::risk::Finish;
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
        Command::AdvanceClock => {
            let due = draft.agenda.due_handovers(draft.now).into_iter();
            due.map(|shift| draft.state.schedules[&shift].shift.vehicle).collect()
        }
        Command::RoadsChanged { .. } => draft.agenda.vehicles_with_several_shifts().collect(),
        _ => BTreeSet::new(),
    };
    let touched = draft.touched_of_several_shifts();
    let of_vehicle = |touched: &[(VehicleId, ShiftId)], vehicle| touched.partition_point(|&(of, _)| of <= vehicle);
    let (mut touched, mut whole) = (touched.as_slice(), whole.into_iter().peekable());
    while let Some(vehicle) = touched.first().map(|&(of, _)| of).into_iter().chain(whole.peek().copied()).min() {
        let own;
        (own, touched) = touched.split_at(of_vehicle(touched, vehicle));
        let is_whole = whole.next_if_eq(&vehicle).is_some();
        follow_shifts(draft, vehicle, (!is_whole).then_some(own))?;
    }
    Ok(())
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
    touched: Option<&[(VehicleId, ShiftId)]>,
) -> Result<(), Rejection> {
    let mut before: Option<ShiftId> = None; // the last one that has not ended
    let mut news = News::Nothing; // about it, or about one that ended after it
    let mut ahead = touched.map_or(usize::MAX, <[_]>::len);
    for (shift_idx, next) in draft.shifts_of(vehicle, touched).into_iter().enumerate() {
        if news == News::Nothing && ahead == 0 {
            break;
        }
        let own = match touched {
            None => News::Terms,
            Some(touched) if !touched.contains(&(vehicle, next)) => News::Nothing,
            Some(_) if draft.has_known_terms(next) => News::Times,
            Some(_) => News::Terms,
        };
        ahead -= usize::from(own != News::Nothing);
        if draft.has_ended(next) {
            news = news.max(own);
            continue;
        }
        let mut has_moved = false;
        if news.max(own) == News::Terms {
            measure_way_on(draft, before, Some(next))?;
        }
        if news.max(own) != News::Nothing && shift_idx > 0 {
            has_moved = move_start(draft, before, next)?;
        }
        before = Some(next);
        news = if has_moved { own.max(News::Times) } else { own };
    }
    if news == News::Terms { measure_way_on(draft, before, None) } else { Ok(()) }
}

/// True if it is worth it.
fn move_start(draft: &mut Draft<'_, '_>, before: Option<ShiftId>, next: ShiftId) -> Result<bool, Rejection> {
    let schedule = draft.schedule(next)?;
    let Some(since) = predicted_start(schedule) else { return Ok(false) };
    let (place, opens) = (schedule.shift.start.place, schedule.shift.window.earliest());
    // who was called does not come any sooner for it
    let called_for = if schedule.is_called() { since } else { opens };
    let free = free_after(draft, before, place).max(opens).max(called_for);
    let is_back = free == opens && since != free;
    if !is_back && (free - since).max(since - free) <= STEP {
        return Ok(false);
    }
    let schedule = draft.schedule(next)?;
    let Whereabouts::Waiting { place, .. } = schedule.plan.whereabouts else { return Ok(false) };
    let plan = Plan { whereabouts: Whereabouts::Waiting { place, since: free }, ..Plan::clone(&schedule.plan) };
    draft.change_plan(next, plan)?;
    Ok(true)
}

/// Notes how long the way is from the end of a shift to the start of the next one, so that the clock knows it too.
fn measure_way_on(draft: &mut Draft<'_, '_>, before: Option<ShiftId>, next: Option<ShiftId>) -> Result<(), Rejection> {
    let Some(before) = before else { return Ok(()) };
    let next = next.map(|next| draft.schedule(next).map(|next| next.shift.start.place)).transpose()?;
    let schedule = draft.schedule(before)?;
    let (end, known) = (schedule.shift.end.as_ref().map(|end| end.place), schedule.way_on);
    let way = match (end, next) {
        (Some(end), Some(next)) => leg(draft.work.roads, end, next),
        _ => TravelTime::ZERO, // who ends anywhere sees to being there
    };
    if way != known {
        draft.foresee(before, |schedule| schedule.way_on = way)?;
        draft.push(Endogenous::WayOnChanged { shift: before, way });
    }
    Ok(())
}

/// When the vehicle can be at the start of the next shift, coming from the one before, if that has not ended.
fn free_after(draft: &mut Draft<'_, '_>, before: Option<ShiftId>, next: Place) -> Time {
    let now = draft.now;
    let Some((before, schedule)) = before.and_then(|before| Some((before, draft.schedule(before).ok()?))) else {
        return now; // whoever signs off sees to being there for the next shift
    };
    if !schedule.stops().is_empty() {
        let way_on = schedule.way_on;
        return draft.finish_of(before) + way_on;
    }
    // whoever has nothing to do does so too, once the vehicle is there
    match predicted_start(schedule).filter(|&since| schedule.shift.window.earliest() < since) {
        Some(since) => {
            let start = schedule.shift.start.place;
            now.max(since + leg(draft.work.roads, start, next))
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
    next_handover_of((before, || Finish::of(before)), after)
}

/// The same, if it is known when the first one is over.
pub(crate) fn next_handover_of(
    (before, finish): (&Schedule, impl FnOnce() -> Finish),
    after: &Schedule,
) -> Option<Time> {
    let since = predicted_start(after).filter(|_| !before.stops().is_empty())?;
    finish().passes(since + STEP - before.way_on.span())
}
