//! Bookings that the desk moves by hand.
//!
//! All of a list or none. First every party leaves its schedule, so that two may change places; then each is put where the
//! desk said, under the rules of a booking by hand. A pin is kept against us, not against the desk.

use std::collections::{BTreeMap, BTreeSet};

use mukae_units::{BookingId, ShiftId};

use super::booking::{Kept, reassign};
use super::roads::adopt_mended;
use super::{Draft, Outcome, consent, holds};
use crate::Placement;
use crate::answer::{Answer, Rejection};
use crate::command::{MOVES_MAX, Move, MoveTo};
use crate::event::Endogenous;
use crate::insertion::{Among, Demand, Insertion, nearest_in, plan_without};
use crate::model::{AskOutcome, Asking, Binding, Booking, BookingState, Constraint, Promise};

pub(super) fn assign(draft: &mut Draft<'_, '_>, moves: &[Move]) -> Outcome {
    holds::release_overdue(draft)?;
    let mut named = BTreeSet::new();
    if moves.is_empty() || MOVES_MAX < moves.len() || !moves.iter().all(|one| named.insert(one.booking)) {
        return Err(Rejection::BadMoves);
    }
    for one in moves {
        expect_movable(draft.booking(one.booking)?, one.to)?;
    }
    let cut_off = leave(draft, named)?;
    for one in moves {
        place(draft, one)?;
    }
    cut_off.into_iter().try_for_each(|booking| reassign(draft, booking))?;
    Ok(Answer::Changed(Vec::new()))
}

/// Who is moved is not on board, the vehicle is not at the door, and nobody is left at the roadside.
fn expect_movable(found: &Booking, to: MoveTo) -> Result<(), Rejection> {
    let is_movable = matches!(
        found.state,
        BookingState::Confirmed
            | BookingState::Unassigned
            | BookingState::AwaitingDriver
            | BookingState::EnRoute
            | BookingState::Stranded
    );
    if !is_movable || (to == MoveTo::Nowhere && found.stranded_at.is_some()) {
        return Err(Rejection::WrongState { booking: found.id, state: found.state });
    }
    Ok(())
}

/// Takes parties out of the schedules that hold them. Returns whom a plan has no road for without them.
pub(super) fn leave(draft: &mut Draft<'_, '_>, bookings: BTreeSet<BookingId>) -> Result<Vec<BookingId>, Rejection> {
    let mut of_shifts: BTreeMap<ShiftId, Vec<BookingId>> = BTreeMap::new();
    for booking in bookings {
        let found = draft.booking(booking)?;
        if let Some(ask) = draft.open_ask(found) {
            draft.end_ask(booking, ask.driver, AskOutcome::Withdrawn);
        }
        if let Some(shift) = found.shift {
            of_shifts.entry(shift).or_default().push(booking);
        }
    }
    let mut cut_off = Vec::new();
    for (shift, bookings) in of_shifts {
        let mut schedule = draft.schedule(shift)?.clone();
        for booking in bookings {
            let plan = plan_without(&schedule, booking, draft.now, draft.work.roads);
            schedule.adopt(plan);
        }
        cut_off.extend(adopt_mended(draft, shift, schedule.plan)?);
    }
    Ok(cut_off)
}

fn place(draft: &mut Draft<'_, '_>, one: &Move) -> Result<(), Rejection> {
    let Move { booking, to } = *one;
    let found = draft.booking(booking)?;
    let refused = |binding| Rejection::MoveRefused { booking, binding };
    let shift = match to {
        MoveTo::Nowhere if found.state == BookingState::Unassigned => return Ok(()),
        MoveTo::Nowhere => {
            draft.push(Endogenous::BookingUnassigned { booking });
            return Ok(());
        }
        MoveTo::At { shift, .. } | MoveTo::Into(shift) => shift,
    };
    let Some((demand, promise)) = demand_of(draft, found)? else {
        return Err(refused(vec![Constraint::NoRoad.into()]));
    };
    if !may_be_bound(draft, found, shift)? {
        return Err(refused(vec![Constraint::DriverAsks.into()]));
    }
    let insertion = match to {
        MoveTo::At { before_pickup, before_dropoff, overrules, .. } => {
            let schedule = draft.schedule(shift)?;
            let position = |stop: Option<mukae_units::StopId>| match stop {
                None => Ok(schedule.stops().len() as u32),
                Some(stop) => {
                    let found = schedule.stops().iter().position(|other| other.id == stop);
                    found.map(|stop_idx| stop_idx as u32).ok_or(Rejection::UnknownStop { shift, stop })
                }
            };
            let (pickup_idx, dropoff_idx) = (position(before_pickup)?, position(before_dropoff)?);
            let placement = Placement { shift, pickup_idx, dropoff_idx, overrules };
            draft.insertion_at(&demand, placement)?.map_err(refused)?
        }
        _ => best_into(draft, &demand, shift)?.map_err(refused)?,
    };
    draft.insert(booking, &insertion, &demand, &promise)?;
    if found.stranded_at.is_none() {
        consent::bind(draft, booking, shift, &Kept::of_booking(found), &found.asked)?;
    }
    Ok(())
}

/// What a booking asks of the fleet when somebody moves it, and what its stops are bound to; `None` if no road leads there.
pub(super) fn demand_of(draft: &mut Draft<'_, '_>, found: &Booking) -> Result<Option<(Demand, Promise)>, Rejection> {
    let service = draft.service(found.request.service)?;
    let roads = &mut *draft.work.roads;
    if let Some(place) = found.stranded_at {
        return Ok(Demand::of_stranded(draft.now, found, place, service, roads));
    }
    let demand = Demand::of_late_promise(&found.request, found.access, &found.promise, service, roads);
    Ok(demand.map(|demand| (demand, found.promise)))
}

/// False where the driver would have to be asked and may not be: for somebody at the roadside, or again.
pub(super) fn may_be_bound(draft: &Draft<'_, '_>, found: &Booking, shift: ShiftId) -> Result<bool, Rejection> {
    let schedule = draft.schedule(shift)?;
    let has_answered = schedule.shift.driver.is_some_and(|driver| found.asked.contains(&driver));
    Ok(schedule.asking == Asking::Unneeded || (found.stranded_at.is_none() && !has_answered))
}

/// The cheapest allowed place in one shift, or what binds at the nearest.
fn best_into(
    draft: &mut Draft<'_, '_>,
    demand: &Demand,
    shift: ShiftId,
) -> Result<Result<Insertion, Vec<Binding>>, Rejection> {
    let (now, policy) = (draft.now, draft.policy()?);
    let schedule = draft.schedule(shift)?.clone();
    match draft.best_insertion(demand, Among { only: Some(shift), ..Among::ALL }, None)? {
        Some(insertion) => Ok(Ok(insertion)),
        None => Ok(Err(nearest_in(now, demand, policy, &schedule, draft.work).binding)),
    }
}
