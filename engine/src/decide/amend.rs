//! Another wish in place of a booking's own.
//!
//! The wish is decided with the booking out of the way, under the rules of a new request: what its own stops take up
//! is free for it. Only if it can be done is the booking taken out and put in anew, in one step.

use std::sync::Arc;

use mukae_units::BookingId;

use super::booking::{Found, Kept, answer_of, offer_for, put_in, take_out};
use super::{Draft, Outcome, holds, offers, relax};
use crate::answer::{Answer, Rejection};
use crate::event::Endogenous;
use crate::model::{AskOutcome, BookingState, Refusal, Request};

pub(super) fn amend(draft: &mut Draft<'_, '_>, booking: BookingId, request: &Arc<Request>) -> Outcome {
    use BookingState::{Arrived, AwaitingDriver, Confirmed, EnRoute, Unassigned};
    let found = draft.booking(booking)?;
    if !matches!(found.state, Confirmed | Unassigned | AwaitingDriver | EnRoute | Arrived) {
        return Err(Rejection::WrongState { booking, state: found.state });
    }
    if request.service != found.request.service {
        return Err(Rejection::OtherService(booking));
    }
    holds::release_overdue(draft)?;
    // before anything is taken out
    let service = offers::check(draft, request)?;
    if let Some(binding) = offers::barred(draft, request, service) {
        return Ok(Answer::Refused(offers::turn_away(draft, binding)));
    }

    let before = draft.mark();
    // a driver who was asked was asked for another ride
    if let Some(ask) = draft.open_ask(found) {
        draft.end_ask(booking, ask.driver, AskOutcome::Withdrawn);
    }
    take_out(draft, found)?;
    let Found { offer, demand, insertion } = match offer_for(draft, request, service, None)? {
        Ok(found) => found,
        Err(binding) => {
            let relaxations = relax::relaxations(draft, request)?;
            draft.back_to(before);
            let refusal = Refusal { binding, relaxations };
            draft.push(Endogenous::RequestRefused(refusal.clone()));
            return Ok(Answer::Refused(refusal));
        }
    };
    draft.next_offer += 1;
    let mut amended = found.clone();
    amended.amend(offer.clone(), insertion.shift);
    let kept = Kept { request, access: offer.access, promise: &offer.promise };
    draft.push(Endogenous::BookingAmended { booking, offer: offer.clone() });
    put_in(draft, amended, &kept, &demand, &insertion).map(answer_of)
}
