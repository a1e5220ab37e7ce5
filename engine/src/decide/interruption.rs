//! A shift that does not go as planned: its driver rests, or comes at another time. Who would be late for it moves to
//! other vehicles where a promise can be kept; who can not is told.

use std::sync::Arc;

use mukae_units::{BreakId, ShiftId, Span, Time, TimeWindow};

use super::roads::repair;
use super::settings::expect_apart;
use super::{Draft, Outcome, handover};
use crate::answer::{Answer, Rejection};
use crate::insertion::{Rest, best_rest};
use crate::model::{Break, Shift, ShiftState, Spot};
use crate::schedule::{Plan, Whereabouts};

pub(super) fn interrupt(
    draft: &mut Draft<'_, '_>,
    shift: ShiftId,
    (place, window, length): (&Spot, TimeWindow, Span),
) -> Outcome {
    let (now, policy) = (draft.now, draft.policy()?);
    let schedule = draft.schedule(shift)?.clone();
    let do_not_fit = Rejection::BreaksDoNotFit(shift);
    if schedule.is_uncalled() {
        return Err(do_not_fit); // nobody works who could rest
    }
    if length <= Span::ZERO
        || schedule.shift.window.width() < length
        || window.latest() < now
        || schedule.shift.window.latest() < window.earliest()
    {
        return Err(do_not_fit);
    }
    let id = BreakId(schedule.shift.breaks.iter().map(|rest| rest.id.0 + 1).max().unwrap_or(0));
    let rest = Break { id, place: place.clone(), window, length };
    let stop = draft.new_stops(1);
    let found = best_rest(now, &schedule, &rest, policy, stop, draft.work);
    let Rest { plan, before } = found.ok_or(do_not_fit)?;
    let mut changed = Shift::clone(&schedule.shift);
    let breaks = &mut changed.breaks;
    let next = before.and_then(|before| breaks.iter().position(|rest| rest.id == before));
    breaks.insert(next.unwrap_or(breaks.len()), rest);
    draft.change_shift(changed)?;
    draft.change_plan(shift, plan)?;
    handover::follow_vehicle(draft, schedule.shift.vehicle)?;
    repair(draft, &[shift])?;
    Ok(Answer::Changed(Vec::new()))
}

pub(super) fn delay(draft: &mut Draft<'_, '_>, shift: ShiftId, start: Time) -> Outcome {
    let schedule = draft.schedule(shift)?.clone();
    if schedule.state == ShiftState::Open {
        return Err(Rejection::ShiftAlreadyOpen(shift));
    }
    let (from, to) = (draft.now, schedule.shift.window.latest() - schedule.plan.to_end.span());
    let window = TimeWindow::new(start, schedule.shift.window.latest());
    let window = window.ok().filter(|_| (from..=to).contains(&start));
    let window = window.ok_or(Rejection::StartOutside { from, to: to.max(from) })?;
    let changed = Shift { window, ..Shift::clone(&schedule.shift) };
    expect_apart(draft, &changed)?;
    draft.change_shift(changed)?;
    if let Whereabouts::Waiting { place, since } = schedule.plan.whereabouts {
        // who was called does not come any sooner for it
        let since = if schedule.is_called() { start.max(since) } else { start };
        let whereabouts = Whereabouts::Waiting { place, since };
        draft.change_plan(shift, Arc::new(Plan { whereabouts, ..Plan::clone(&schedule.plan) }))?;
    }
    handover::follow_vehicle(draft, schedule.shift.vehicle)?;
    repair(draft, &[shift])?;
    Ok(Answer::Changed(Vec::new()))
}
