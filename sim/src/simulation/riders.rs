//! What riders do with an answer, and what becomes of who has booked.

use mukae_engine::Answer;
use mukae_engine::model::{Booking, Offer};
use mukae_units::SeatKind;

use super::{Occurrence, Simulation};
use crate::agenda::Class;
use crate::driver::Passenger;
use crate::past::Reply;

/// Offers one rider looks at before giving up.
const OFFERS_MAX: u32 = 3;

impl Simulation<'_> {
    /// The rider looks at an answer, the `seen`-th.
    pub(super) fn consider(&mut self, ask: usize, answer: Answer, seen: u32) {
        let rider = self.setup.asks[ask].rider();
        let offers = match answer {
            Answer::Offered(offers) | Answer::PlanChanged { fresh: Ok(offers) } => offers,
            Answer::Confirmed(booking) | Answer::AwaitingDriver(booking) => return self.board(rider, &booking),
            _ => return,
        };
        match self.habits().reply(rider, seen) {
            Reply::Known(acts) => self.plan_acts(ask, seen, &offers, &acts),
            Reply::Drawn => self.draw_reply(ask, seen, &offers),
        }
    }

    fn draw_reply(&mut self, ask: usize, seen: u32, offers: &[Offer]) {
        let rider = self.setup.asks[ask].rider();
        let offer = &offers[0]; // these riders want the best one, and asked for no other
        let Some(after) = self.setup.behaviour.takes(rider, offer, seen).filter(|_| seen <= OFFERS_MAX) else { return };
        let at = self.now + after;
        if at <= offer.expires {
            let take = Occurrence::Take { ask, offer: offer.id, seen };
            self.agenda.insert(at, Class::Request, ask as u64, take);
        }
    }

    /// Notes who has booked, and when they will change their mind.
    pub(super) fn board(&mut self, rider: u64, booking: &Booking) {
        let has_wheelchair = 0 < booking.request.party.of(SeatKind::Wheelchair);
        self.passengers.insert(booking.id, Passenger { rider, has_wheelchair });
        let (booking, pickup) = (booking.id, booking.promise.pickup.earliest());
        if let Some((at, reason)) = self.habits().cancels(rider, self.now, pickup) {
            self.agenda.insert(at, Class::Request, booking.0, Occurrence::Cancel { booking, reason });
        }
        self.plan_amends(rider, booking);
    }
}
