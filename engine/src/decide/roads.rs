//! Roads that changed: every plan they may touch is timed again, and what they break is told and mended.
//!
//! First each schedule gets the legs of the new roads. Who has no road any more is moved, or left to
//! staff. Then those whom the new times make late are tried elsewhere under their promises, the cheapest
//! move first, as long as no other promise gets worse. Who stays late is told so by the events that close
//! every decision.

use std::collections::BTreeSet;
use std::sync::Arc;

use mukae_units::{BookingId, ShiftId, Span};

use super::booking::{Kept, keep_promise, reassign};
use super::{Draft, Outcome, consent, handover};
use crate::answer::{Answer, Rejection};
use crate::insertion::{Among, Demand, Insertion, mended, plan_without, retimed};
use crate::model::BookingState;
use crate::schedule::{Plan, Schedule, Task};

pub(super) fn changed(draft: &mut Draft<'_, '_>) -> Outcome {
    let (state, now) = (draft.state, draft.now);
    let (mut touched, mut cut_off) = (Vec::new(), Vec::new());
    for schedule in state.schedules.values() {
        let plan = retimed(schedule, now, draft.work);
        if plan == *schedule.plan {
            continue;
        }
        touched.push(schedule.shift.id);
        cut_off.extend(adopt_mended(draft, schedule.shift.id, plan.into())?);
    }
    // only now do all plans hold under the new roads, and later shifts begin when they can
    handover::follow(draft)?;
    cut_off.sort_unstable();
    cut_off.into_iter().try_for_each(|booking| reassign(draft, booking))?;
    if state.policy.is_some() {
        repair(draft, &touched)?;
    }
    Ok(Answer::Noted)
}

/// Gives a shift its plan. Parties the plan has no road for are taken out of it, and moved or left to staff.
pub(super) fn settle(draft: &mut Draft<'_, '_>, shift: ShiftId, plan: impl Into<Arc<Plan>>) -> Result<(), Rejection> {
    let cut_off = adopt_mended(draft, shift, plan.into())?;
    cut_off.into_iter().try_for_each(|booking| reassign(draft, booking))
}

/// Gives a shift its plan without whom it has no road for; returns them, in the order of their bookings.
pub(super) fn adopt_mended(
    draft: &mut Draft<'_, '_>,
    shift: ShiftId,
    plan: Arc<Plan>,
) -> Result<Vec<BookingId>, Rejection> {
    let (plan, cut_off) = match plan.lacks_road() {
        false => (plan, Vec::new()),
        true => mended(Schedule { plan, ..draft.schedule(shift)?.clone() }, draft.now, draft.work.roads),
    };
    draft.change_plan(shift, plan)?;
    Ok(cut_off)
}

/// Moves who is late now, and can be in time with another vehicle or in another order.
pub(super) fn repair(draft: &mut Draft<'_, '_>, touched: &[ShiftId]) -> Result<(), Rejection> {
    let mut late = Vec::new();
    for &shift in touched {
        let schedule = draft.schedule(shift)?.clone();
        for booking in late_pickups(draft, &schedule) {
            if let Some(repair) = Repair::of(draft, booking, shift)? {
                late.push(repair);
            }
        }
    }
    late.sort_unstable_by_key(|repair| (repair.insertion.cost - repair.saved, repair.booking));
    let mut moved = BTreeSet::new();
    for repair in late {
        let shifts = [repair.shift, repair.insertion.shift];
        let repair = if shifts.iter().any(|shift| moved.contains(shift)) {
            // the moves before may have cured it, or taken the place
            let schedule = draft.schedule(repair.shift)?.clone();
            let is_late = late_pickups(draft, &schedule).contains(&repair.booking);
            if is_late { Repair::of(draft, repair.booking, repair.shift)? } else { None }
        } else {
            Some(repair)
        };
        if let Some(repair) = repair {
            moved.extend([repair.shift, repair.insertion.shift]);
            repair.carry_out(draft)?;
        }
    }
    Ok(())
}

/// A way to keep the promise of somebody who is late.
struct Repair {
    booking: BookingId,
    shift: ShiftId,
    /// The plan it leaves.
    without: Arc<Plan>,
    /// Driving that the vehicle it leaves is spared, in the unit of a cost.
    saved: i64,
    demand: Demand,
    insertion: Insertion,
}

impl Repair {
    /// `None` if there is none, or taking the party out would make another one later than it is.
    fn of(draft: &mut Draft<'_, '_>, booking: BookingId, shift: ShiftId) -> Result<Option<Repair>, Rejection> {
        let (now, found) = (draft.now, draft.booking(booking)?);
        let before = draft.schedule(shift)?.clone();
        let mut after = before.clone();
        after.adopt(plan_without(&before, booking, now, draft.work.roads));
        if after.plan.lacks_road() || is_worse(&before, &after, draft) {
            return Ok(None);
        }
        let without = Arc::clone(&after.plan);
        let driving = |schedule: &Schedule| {
            schedule.stops().iter().fold(schedule.plan.to_end.span(), |sum, stop| sum + stop.leg.span())
        };
        let saved = draft.policy()?.cost.driving * (driving(&before) - driving(&after)).as_millis();
        let bound = found.state == BookingState::Held;
        let among = Among { not_driven_by: &found.asked, bound, ..Among::ALL };
        let best = draft.supposing(after, |draft| keep_promise(draft, &Kept::of_booking(found), among))?;
        Ok(best.map(|(demand, insertion)| Repair { booking, shift, without, saved, demand, insertion }))
    }

    fn carry_out(self, draft: &mut Draft<'_, '_>) -> Result<(), Rejection> {
        let found = draft.booking(self.booking)?;
        draft.change_plan(self.shift, self.without)?;
        draft.insert(self.booking, &self.insertion, &self.demand, &found.promise)?;
        let shift = self.insertion.shift;
        consent::bind(draft, self.booking, shift, &Kept::of_booking(found), &found.asked)?;
        Ok(())
    }
}

/// Who has still to board, is not stood at, and will be late at either end.
fn late_pickups(draft: &Draft<'_, '_>, schedule: &Schedule) -> Vec<BookingId> {
    let is_movable = |booking: &BookingId| {
        draft.state.bookings.get(booking).is_some_and(|booking| {
            matches!(booking.state, BookingState::Held | BookingState::Confirmed | BookingState::EnRoute)
                && booking.arrived_at.is_none()
                && booking.stranded_at.is_none()
                && !booking.is_pinned
        }) && schedule.position_of(*booking, true).is_some()
    };
    let timeline = schedule.timeline(draft.now);
    let stops = schedule.stops().iter().zip(&timeline.stops);
    let is_late = |stop: &crate::schedule::Stop, times: &crate::schedule::StopTimes| {
        let is_long = match stop.task {
            Task::Dropoff { ride_max, .. } => times.ride > Some(ride_max),
            Task::Pickup { .. } | Task::Break { .. } => false,
        };
        times.start > stop.latest() || is_long
    };
    let mut late: Vec<BookingId> = stops
        .filter(|(stop, times)| is_late(stop, times))
        .filter_map(|(stop, _)| stop.booking)
        .filter(is_movable)
        .collect();
    late.sort_unstable();
    late.dedup();
    late
}

/// True if a promise that stays in the schedule is missed by more than before.
fn is_worse(before: &Schedule, after: &Schedule, draft: &Draft<'_, '_>) -> bool {
    let (old, new) = (before.timeline(draft.now), after.timeline(draft.now));
    after.stops().iter().zip(&new.stops).any(|(stop, times)| {
        let Some(old_idx) = before.stops().iter().position(|old| old.id == stop.id) else { return false };
        let old = &old.stops[old_idx];
        let is_long = match stop.task {
            Task::Dropoff { ride_max, .. } => times.ride > old.ride.max(Some(ride_max)),
            Task::Pickup { .. } | Task::Break { .. } => false,
        };
        is_long || times.start - stop.latest().max(old.start) > Span::ZERO
    })
}
