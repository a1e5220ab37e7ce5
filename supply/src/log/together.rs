//! Rides that were asked for in one step: pairs, the dates of standing bookings, and who waited.

use std::sync::Arc;

use mukae_engine::Answer;
use mukae_engine::model::{Booking, Refusal, Request};
use mukae_office::Fact;
use mukae_units::Time;

use super::{DemandLog, Manner};

impl DemandLog {
    pub(super) fn ask_together(&mut self, at: Time, requests: &[Arc<Request>], note: &[u8], answer: &Answer) {
        let rides: Vec<Result<&Booking, &Refusal>> = match answer {
            Answer::BookedEach(each) => each.iter().map(Result::as_ref).collect(),
            // a ride that could have been done was turned away by what stood in the way of the other
            Answer::BookedNone(refusals) => {
                let Some(first) = refusals.iter().flatten().next() else { return };
                refusals.iter().map(|refusal| Err(refusal.as_ref().unwrap_or(first))).collect()
            }
            _ => return,
        };
        let (mut standing, mut waiting, mut manner) = (None, None, Manner::Together);
        match Fact::from_note(note) {
            Ok(Fact::StandingTried { standing: id, day, legs }) => {
                manner = Manner::Standing(id);
                standing = Some((id, day, legs));
            }
            Ok(Fact::WaitingTried { waiting: id }) => waiting = self.waiting.get(&id).copied(),
            _ => {}
        }
        for (number, (request, ride)) in requests.iter().zip(rides).enumerate() {
            let of_date =
                standing.as_ref().and_then(|(standing, day, legs)| Some((*standing, *day, *legs.get(number)?)));
            let tried_before = of_date.and_then(|ride| self.standing.get(&ride).copied()).or(waiting);
            let Some(asked) = tried_before.or_else(|| self.ask(at, request, manner)) else { continue };
            self.standing.extend(of_date.map(|ride| (ride, asked)));
            match ride {
                Ok(booking) => self.begin(booking.id, asked),
                Err(refusal) => self.refuse(at, asked, refusal),
            }
        }
    }
}
