//! Supply that follows demand, in a run: the same follower that a live area has says what to expect, as long as anybody works.

use mukae_engine::model::{ShiftState, SupplyRules};
use mukae_engine::{Command, Endogenous, Exogenous};

use super::setup::Ahead;
use super::{Occurrence, Simulation};
use crate::agenda::Class;

impl Simulation<'_> {
    /// Before anything is expected the dispatcher is told by which rules.
    pub(super) fn settle_ahead(&mut self) {
        let rules = match (&self.follower, &self.setup.ahead) {
            (Some(follower), _) => follower.rules(),
            (None, Ahead::ToBase) => Command::SetSupply(Some(SupplyRules::to_base().into())),
            (None, _) => return,
        };
        self.take(self.setup.start, rules);
    }

    pub(super) fn follow<'a>(&mut self, told: &Exogenous, decided: impl Iterator<Item = &'a Endogenous>) {
        let Some(follower) = &mut self.follower else { return };
        follower.observe(told, decided);
        if matches!(told.command, Command::OpenShift { .. }) && !self.is_foreseeing {
            self.is_foreseeing = true;
            self.agenda.insert(self.now, Class::Vehicle, u64::MAX, Occurrence::Foresee);
        }
    }

    /// Says what is expected, and when to say it again.
    pub(super) fn foresee(&mut self) {
        let Some(follower) = &mut self.follower else { return };
        let is_any_open = self.scribe.state().schedules.values().any(|schedule| schedule.state == ShiftState::Open);
        self.is_foreseeing = is_any_open;
        if is_any_open {
            let (command, every) = (follower.foresee(self.now), follower.every());
            self.take_or_fault(command);
            self.agenda.insert(self.now + every, Class::Vehicle, u64::MAX, Occurrence::Foresee);
        }
    }
}
