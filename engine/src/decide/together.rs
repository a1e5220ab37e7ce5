//! Rides that are booked, and called off, in one step.

use std::sync::Arc;

use mukae_units::BookingId;

use super::booking::{self, is_cancellable};
use super::{Draft, Outcome, holds};
use crate::answer::{Answer, Rejection};
use crate::command::TOGETHER_MAX;
use crate::event::Endogenous;
use crate::model::{CancelReason, Request};

/// One after the other, so that a later one is decided with those before it in the plan. If they stand together and one
/// can not be done, those that could are taken back.
pub(super) fn book(draft: &mut Draft<'_, '_>, requests: &[Arc<Request>], stands_together: bool) -> Outcome {
    if !(1..=TOGETHER_MAX).contains(&requests.len()) {
        return Err(Rejection::BadCount);
    }
    holds::release_overdue(draft)?;
    let before = draft.mark();
    let mut each = Vec::with_capacity(requests.len());
    for request in requests {
        each.push(booking::book_or_refuse(draft, request, None)?);
    }
    if !stands_together || each.iter().all(Result::is_ok) {
        return Ok(Answer::BookedEach(each));
    }
    draft.back_to(before);
    let refusals: Vec<_> = each.into_iter().map(Result::err).collect();
    for refusal in refusals.iter().flatten() {
        draft.push(Endogenous::RequestRefused(refusal.clone()));
    }
    Ok(Answer::BookedNone(refusals))
}

/// Those that go along and are over already, or on board, stay what they are.
pub(super) fn cancel(
    draft: &mut Draft<'_, '_>,
    booking: BookingId,
    along: &[BookingId],
    reason: CancelReason,
) -> Outcome {
    let answer = booking::cancel(draft, booking, reason)?;
    for (number, &other) in along.iter().enumerate() {
        let is_new = other != booking && !along[..number].contains(&other);
        if is_new && is_cancellable(draft.booking(other)?) {
            booking::cancel(draft, other, reason)?;
        }
    }
    Ok(answer)
}
