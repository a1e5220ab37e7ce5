//! Wishes on the waiting list: asked for once, whatever is tried for them.

use mukae_engine::model::Request;
use mukae_office::{Fact, Waiting};
use mukae_units::Time;

use super::{Asked, DemandLog, Manner, Outcome};
use crate::latent::End;

impl DemandLog {
    pub(super) fn note_fact(&mut self, at: Time, fact: &Fact) {
        match fact {
            Fact::RideMissed(ride) => self.note_missed(at, ride),
            Fact::WaitingJoined(waiting) => self.note_waiting(at, waiting),
            Fact::WaitingOffered { waiting, offer, .. } => {
                if let Some(&asked) = self.waiting.get(waiting) {
                    self.offers.insert(*offer, asked);
                    self.asked[asked].offers += 1;
                    self.stand(asked, Outcome::Offered, None);
                }
            }
            Fact::WaitingEnded { waiting, .. } => {
                if let Some(asked) = self.waiting.remove(waiting)
                    && let Outcome::Refused(_) = self.asked[asked].outcome
                {
                    self.asked[asked].ended.get_or_insert(at);
                }
            }
            _ => {}
        }
    }

    /// Who joins was refused before, as a rule: then it is that request which goes on.
    fn note_waiting(&mut self, at: Time, waiting: &Waiting) {
        let request = &*waiting.request;
        let before = self.asked.iter().rposition(|asked| is_the_same(asked, request));
        let before = before.filter(|&asked| self.asked[asked].waiting.is_none());
        let asked = before.or_else(|| {
            let asked = self.ask(at, request, Manner::Quoted)?;
            self.stand(asked, Outcome::Refused(Vec::new()), None);
            Some(asked)
        });
        if let Some(asked) = asked {
            self.asked[asked].waiting = Some(waiting.id);
            self.waiting.insert(waiting.id, asked);
        }
    }
}

fn is_the_same(asked: &Asked, request: &Request) -> bool {
    matches!(asked.outcome, Outcome::Refused(_))
        && asked.rider == request.rider
        && asked.wish == Some(request.wish)
        && asked.party == Some(request.party)
        && asked.origin == End::of(&request.origin)
        && asked.destination == End::of(&request.destination)
}
