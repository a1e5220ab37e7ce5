//! Wishes on the waiting list.

use mukae_office::{WaitingNote, WaitingState};
use mukae_proto::transit::booking::v1 as pb;
use pb::waiting::State;

use super::{View, place, seats, timestamp};

pub fn waiting(view: &View<'_>, note: &WaitingNote) -> pb::Waiting {
    let request = &note.waiting.request;
    let (state, booking) = match note.state {
        WaitingState::Waiting => (State::Waiting, None),
        WaitingState::Offered { .. } => (State::Offered, None),
        WaitingState::Booked(booking) => (State::Booked, Some(booking)),
        WaitingState::Expired => (State::Expired, None),
        WaitingState::Left => (State::Left, None),
    };
    let (offer, until) = match note.state {
        WaitingState::Offered { offer, until } => (view.offer_name(offer), Some(timestamp(until))),
        _ => (None, None),
    };
    pb::Waiting {
        name: view.waiting_name(note.waiting.id),
        state: state as i32,
        origin: request.origin.first().map(|access| place(&access.spot)),
        destination: request.destination.first().map(|access| place(&access.spot)),
        party: Some(seats(request.party)),
        rider: request.rider.map(|rider| format!("r-{:016x}", rider.0)).unwrap_or_default(),
        offer: offer.unwrap_or_default(),
        offer_expire_time: until,
        offer_count: i32::try_from(note.offers).unwrap_or(i32::MAX),
        booking: booking.map(|booking| view.booking_name(booking)).unwrap_or_default(),
        join_time: Some(timestamp(note.joined)),
        expire_time: Some(timestamp(request.wish.window().latest())),
        end_time: note.ended.map(timestamp),
        books_at_once: note.waiting.books_at_once,
    }
}
