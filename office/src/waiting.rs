//! The waiting list: wishes that could not be met, until they can be or their time has passed.

use std::sync::Arc;

use mukae_engine::model::Request;
use mukae_record::codec;
use mukae_units::{BookingId, OfferId, Time};

numbered! {
    /// One wish that waits.
    WaitingId
}

/// Whose records are those that are written for wishes that wait.
pub const WAITING_PRINCIPAL: &str = "waiting";

/// A wish as it joins.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    pub id: WaitingId,
    pub request: Arc<Request>,
    /// What is found is booked; else it is offered.
    pub books_at_once: bool,
}

/// A wish as the office keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingNote {
    pub waiting: Waiting,
    pub joined: Time,
    /// So many offers were made.
    pub offers: u32,
    /// Until when the last one could be answered.
    pub offered_until: Option<Time>,
    pub state: WaitingState,
    pub ended: Option<Time>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitingState {
    Waiting,
    /// There is an offer whose place is held until then.
    Offered {
        offer: OfferId,
        until: Time,
    },
    Booked(BookingId),
    /// Its time has passed.
    Expired,
    /// It waits no more because its rider, or staff, said so.
    Left,
}

/// Why a wish waits no more without a ride.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitingEnd {
    Expired,
    Left,
}

impl WaitingNote {
    pub(crate) fn joined(waiting: Waiting, at: Time) -> WaitingNote {
        WaitingNote { waiting, joined: at, offers: 0, offered_until: None, state: WaitingState::Waiting, ended: None }
    }

    pub fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// Who was offered less comes first, then who joined first.
    pub fn rank(&self) -> (u32, WaitingId) {
        (self.offers, self.waiting.id)
    }

    pub(crate) fn end(&mut self, state: WaitingState, at: Time) {
        self.state = state;
        self.ended = Some(at);
    }
}

codec! {
    struct Waiting { id, request, books_at_once }
    struct WaitingNote { waiting, joined, offers, offered_until, state, ended }
}

codec! {
    enum WaitingState {
        0 Waiting,
        1 Offered { offer, until },
        2 Booked(booking),
        3 Expired,
        4 Left,
    }
}

codec! {
    enum WaitingEnd {
        0 Expired,
        1 Left,
    }
}
