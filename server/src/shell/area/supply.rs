//! Supply that follows demand: what the area's dispatcher is told to expect, and what people are told about it.
//!
//! The same follower that a simulation has watches the records here. It is told to nobody's vehicles but those of this area, it may
//! be stopped by one act of staff, and it stops by itself when its settings have expired.

use std::mem;
use std::sync::Arc;

use mukae_engine::model::{Policy, ShiftState};
use mukae_engine::{Command, Endogenous, Event, Exogenous, Work};
use mukae_office::Fact;
use mukae_proto::transit::operations::v1 as pb;
use mukae_supply::clock::Clock;
use mukae_supply::{Bets, Follower, Tally, Trust};
use mukae_units::Time;

use super::{Area, ours};
use crate::config::Guidance;
use crate::errors::Fault;
use crate::names::SupplyName;
use crate::shell::input::{Signed, Suspension};
use crate::wire::to_proto;

/// The model at work, and what came of it since the start.
#[derive(Debug)]
pub(super) struct Ahead {
    guidance: Arc<Guidance>,
    follower: Follower,
    /// When the dispatcher is told next.
    next: Time,
    bets: Bets,
    pub since: Time,
    pub tally: Tally,
    pub trust: Trust,
}

/// Whether vehicles go ahead of demand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Course {
    Off,
    Active,
    Suspended,
    Expired,
}

impl Ahead {
    pub fn new(guidance: Arc<Guidance>, clock: Clock, now: Time) -> Ahead {
        let follower = Follower::new(Arc::clone(&guidance.model), guidance.following, clock);
        Ahead {
            guidance,
            follower,
            next: now,
            bets: Bets::default(),
            since: now,
            tally: Tally::default(),
            trust: Trust::default(),
        }
    }

    fn observe(&mut self, told: &Exogenous, decided: &[&Endogenous]) {
        self.follower.observe(told, decided.iter().copied());
        let (tally, trust) = (&mut self.tally, &mut self.trust);
        self.bets.observe(told, decided.iter().copied(), &mut |settled| {
            tally.add(&settled);
            trust.learn(&settled);
        });
    }
}

impl Area {
    /// What is done, and why not.
    pub(super) fn course(&self) -> Course {
        match &self.ahead {
            None => Course::Off,
            Some(ahead) if ahead.guidance.following.is_off() => Course::Off,
            Some(_) if self.annals.office().suspended().is_some() => Course::Suspended,
            Some(ahead) if ahead.guidance.expires <= self.now() => Course::Expired,
            Some(_) => Course::Active,
        }
    }

    /// What the dispatcher weighs: as it is configured, and as it was tuned while that is followed.
    pub(super) fn policy(&self) -> Policy {
        let mut policy = self.config.area.policy;
        if let Some(ahead) = self.ahead.as_ref().filter(|_| self.course() == Course::Active) {
            ahead.guidance.theta.govern(&mut policy);
        }
        policy
    }

    /// When the dispatcher is to be told next, or the settings expire.
    pub(super) fn supply_due(&self) -> Option<Time> {
        let ahead = self.ahead.as_ref().filter(|_| self.course() == Course::Active)?;
        let told = self.is_any_shift_open().then_some(ahead.next);
        Some(told.map_or(ahead.guidance.expires, |next| next.min(ahead.guidance.expires)))
    }

    /// Rules that hold or do not, and what is expected now.
    pub(super) fn follow_supply(&mut self) {
        let policy = self.policy();
        if self.ahead.is_some() && self.scribe.state().policy != Some(policy) {
            self.say_ahead(Command::SetPolicy(policy));
        }
        let is_active = self.course() == Course::Active;
        let rules = self.ahead.as_ref().filter(|_| is_active).map(|ahead| ahead.follower.rules());
        let held = self.scribe.state().supply.as_ref().map(|supply| Arc::clone(&supply.rules));
        let wanted = match &rules {
            Some(Command::SetSupply(rules)) => rules.clone(),
            _ => None,
        };
        if wanted != held {
            self.say_ahead(Command::SetSupply(wanted));
        }
        let now = self.now();
        let is_any_open = self.is_any_shift_open();
        let is_due = |ahead: &&mut Ahead| is_active && is_any_open && ahead.next <= now;
        if let Some(ahead) = self.ahead.as_mut().filter(is_due) {
            ahead.next = now + ahead.follower.every();
            let command = ahead.follower.foresee(now);
            self.say_ahead(command);
        }
    }

    /// Watches what was recorded.
    pub(super) fn watch_supply(&mut self, events: &[Event]) {
        let Some(ahead) = self.ahead.as_mut().filter(|_| !self.is_rehearsing) else { return };
        let Some(Event::Exogenous(told)) = events.first() else { return };
        let decided: Vec<&Endogenous> = events[1..].iter().filter_map(Event::endogenous).collect();
        ahead.observe(told, &decided);
    }

    pub(super) fn get_supply(&mut self, name: SupplyName) -> Result<pb::Supply, Fault> {
        self.check_area(&name.0)?;
        Ok(self.draw_supply())
    }

    pub(super) fn suspend_supply(&mut self, signed: Signed<Suspension>) -> Result<pb::Supply, Fault> {
        let Signed { origin, wish: Suspension { supply, reason }, .. } = signed;
        self.check_area(&supply.0)?;
        if self.recalled_note(&origin)?.is_none() {
            let fact = reason.map_or(Fact::SupplyResumed, |reason| Fact::SupplySuspended { reason });
            self.take_fact(&origin, fact, (&supply.to_string(), "reason"))?;
            self.follow_supply();
        }
        Ok(self.draw_supply())
    }

    fn draw_supply(&mut self) -> pb::Supply {
        let now = self.now();
        let mut work = Work::with(&mut self.roads, mem::take(&mut self.memory));
        let standings = self.scribe.dispatcher().standings(now, &mut work);
        self.memory = work.into_memory();
        let course = self.course();
        let loaded = self.ahead.as_ref().map(|ahead| (&*ahead.guidance, ahead.since, ahead.tally, ahead.trust));
        to_proto::supply(&self.view(), course, loaded, &standings)
    }

    fn say_ahead(&mut self, command: Command) {
        if let Err(fault) = self.take(&ours("supply"), command) {
            tracing::error!("supply that follows demand: {fault:?}");
        }
    }

    fn is_any_shift_open(&self) -> bool {
        self.scribe.state().schedules.values().any(|schedule| schedule.state == ShiftState::Open)
    }
}
