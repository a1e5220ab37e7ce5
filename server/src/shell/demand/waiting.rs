//! Wishes on the waiting list: asked for once, whatever is tried for them.

use mukae_engine::model::Request;
use mukae_office::{Fact, Waiting};
use mukae_units::Time;

use super::{Asked, Followed, Outcome};

impl Followed {
    pub(super) fn note_fact(&mut self, at: Time, fact: &Fact) {
        match fact {
            Fact::RideMissed(ride) => self.note_missed(at, ride),
            Fact::WaitingJoined(waiting) => self.note_waiting(at, waiting),
            Fact::WaitingOffered { waiting, offer, .. } => {
                if let Some(&asked) = self.waiting.get(waiting) {
                    self.offers.insert(*offer, asked);
                    self.asked[asked].outcome = Outcome::Offered;
                }
            }
            _ => {}
        }
    }

    /// Who joins was refused before, as a rule: then it is that request which goes on.
    fn note_waiting(&mut self, at: Time, waiting: &Waiting) {
        let request = &*waiting.request;
        let before = self.asked.iter().rposition(|asked| is_the_same(asked, request));
        let asked = match before {
            Some(asked) if !self.waiting.values().any(|&taken| taken == asked) => Some(asked),
            _ => self.note(at, request),
        };
        if let Some(asked) = asked {
            if before != Some(asked) {
                self.asked[asked].outcome = Outcome::Refused(Vec::new());
            }
            self.waiting.insert(waiting.id, asked);
        }
    }
}

fn is_the_same(asked: &Asked, request: &Request) -> bool {
    let point = |ways: &[mukae_engine::model::Access]| ways.first().map(|access| access.spot.asked);
    matches!(asked.outcome, Outcome::Refused(_))
        && asked.rider == request.rider
        && asked.wish == Some(request.wish)
        && asked.party == Some(request.party)
        && asked.origin == point(&request.origin)
        && asked.destination == point(&request.destination)
}
