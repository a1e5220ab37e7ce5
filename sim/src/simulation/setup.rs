//! What a run is given.

use std::sync::Arc;

use mukae_engine::model::Shift;
use mukae_engine::{Command, Rejection};
use mukae_record::ReplayError;
use mukae_supply::clock::Clock;
use mukae_supply::{Follower, Following, Model};
use mukae_units::{ShiftId, Span, Time};
use thiserror::Error;

use crate::behaviour::Behaviour;
use crate::demand::Ask;
use crate::kpi::Calendar;
use crate::past::{Begun, Doings, Told};

/// Everything that decides how a run goes, besides the roads.
#[derive(Clone, PartialEq, Debug)]
pub struct Setup {
    /// Map, policy, services, vehicles and shifts, in the order they are told. Shifts in the order
    /// of their ids, each planned when it is announced; everything else at the start.
    pub settings: Vec<Command>,
    /// In any order.
    pub asks: Vec<Ask>,
    /// The clock begins here.
    pub start: Time,
    /// No ask is made after it; what was booked is still carried out.
    pub end: Time,
    /// How long before it begins a shift is announced; rides can not be booked into it earlier. A
    /// long run is faster if this is short: every request looks at all announced shifts.
    pub announce_ahead: Span,
    /// By which figures have a day, an hour and a hamlet.
    pub calendar: Calendar,
    /// How riders, drivers and vehicles differ from their plans.
    pub behaviour: Behaviour,
    /// Settings that are told at their times, in order, and what else a journal has that is told again.
    pub told: Vec<Told>,
    /// What riders and drivers of a journal did, where `behaviour` says nothing.
    pub past: Option<Arc<Doings>>,
    /// What of the journal is taken as it was, up to `start`.
    pub begun: Option<Arc<Begun>>,
    /// Shifts of it that are too many under the rules of the run: they end at `start`, or when nobody is on board.
    pub leaves: Vec<ShiftId>,
    pub effort: Effort,
    /// What vehicles do before anybody asks.
    pub ahead: Ahead,
    /// Check every schedule and promise as the run goes. Costs about as much as the run itself.
    pub is_audited: bool,
}

/// What vehicles do that nobody wants.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Ahead {
    /// They stay where they are.
    #[default]
    Stay,
    /// They go back to where their shift began.
    ToBase,
    /// What the supply model has learned, and how the dispatcher is told of it.
    Model(Arc<Model>, Following),
}

/// How much is searched, in steps: a run is the same on every machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Effort {
    /// For a better plan, after every command that changed one.
    pub improve_steps: u32,
    /// For room, before a request is refused or a booking left without a vehicle.
    pub room_steps: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum SetupError {
    #[error("the run ends before it starts")]
    EndsBeforeStart,
    #[error("a setting is not a map, a policy, a service, a name, a vehicle, a driver or a shift: {0:?}")]
    NotASetting(Box<Command>),
    #[error("roads are closed or slowed down on the way, and the run was given none that change")]
    NoWorks,
    #[error("what was recorded before the run begins can not be taken up: {0}")]
    Begun(Box<ReplayError>),
    #[error("the dispatcher does not accept {command:?}: {rejection:?}")]
    Rejected { command: Box<Command>, rejection: Rejection },
}

impl Setup {
    /// By UTC and without hamlets, audited, shifts announced two weeks ahead, from a while before the first ask or shift to the last ask.
    pub fn new(settings: Vec<Command>, asks: Vec<Ask>) -> Setup {
        let shifts = settings.iter().filter_map(|command| match command {
            Command::PlanShift(shift) => Some(shift.window.earliest()),
            _ => None,
        });
        let first = asks.iter().map(|ask| ask.at).chain(shifts).min().unwrap_or(Time::EPOCH);
        let start = (first - Span::MINUTE).floor_to(Span::MINUTE);
        let end = asks.iter().map(|ask| ask.at).max().unwrap_or(start).max(start);
        Setup {
            settings,
            asks,
            start,
            end,
            announce_ahead: Span::DAY * 14,
            calendar: Calendar::default(),
            behaviour: Behaviour::default(),
            told: Vec::new(),
            past: None,
            begun: None,
            leaves: Vec::new(),
            effort: Effort::default(),
            ahead: Ahead::Stay,
            is_audited: true,
        }
    }

    /// The shifts that are worked in the run: planned in it, or taken up and not too many.
    pub fn shifts(&self) -> impl Iterator<Item = &Arc<Shift>> {
        let planned = self.settings.iter().chain(self.told.iter().map(|told| &told.command));
        let planned = planned.filter_map(|command| match command {
            Command::PlanShift(shift) => Some(shift),
            _ => None,
        });
        let taken_up = self.begun.iter().flat_map(|begun| &begun.shifts);
        planned.chain(taken_up.filter(|shift| !self.leaves.contains(&shift.id)))
    }

    /// The supply model at work; none whose rules would never do anything.
    pub(super) fn follower(&self) -> Option<Follower> {
        match &self.ahead {
            Ahead::Model(model, following) if !following.is_off() => {
                Some(Follower::new(Arc::clone(model), *following, Clock::new(self.calendar.zone.clone())))
            }
            _ => None,
        }
    }

    /// True if it needs roads that change.
    pub fn has_changing_roads(&self) -> bool {
        let is_change = |command: &Command| matches!(command, Command::RoadsChanged { .. });
        let before = self.begun.as_ref().is_some_and(|begun| begun.has_changing_roads);
        before || self.told.iter().any(|told| is_change(&told.command))
    }

    /// True if vehicles may come late for a reason outside the plan.
    pub(super) fn is_any_delay(&self) -> bool {
        let of_past = self.past.as_ref().is_some_and(|past| past.is_any_delay());
        let is_trouble = |told: &Told| {
            matches!(
                told.command,
                Command::RoadsChanged { .. } | Command::DelayShift { .. } | Command::InterruptShift { .. }
            )
        };
        self.behaviour.is_any_delay() || of_past || self.told.iter().any(is_trouble)
    }

    /// Asks in order, those outside the run left out; and how many those were.
    pub(super) fn checked(mut self) -> Result<(Setup, usize), SetupError> {
        if self.end < self.start {
            return Err(SetupError::EndsBeforeStart);
        }
        let is_setting = |command: &Command| {
            matches!(
                command,
                Command::UseMap(_)
                    | Command::SetPolicy(_)
                    | Command::SetService(_)
                    | Command::RegisterVehicle(_)
                    | Command::RegisterDriver(_)
                    | Command::PlanShift(_)
                    | Command::NameFeature { .. }
                    | Command::NameZone { .. }
            )
        };
        if let Some(other) = self.settings.iter().find(|command| !is_setting(command)) {
            return Err(SetupError::NotASetting(Box::new(other.clone())));
        }
        let asked = self.asks.len();
        let (start, end) = (self.start, self.end);
        self.asks.retain(|ask| start <= ask.at && ask.at <= end);
        let outside = asked - self.asks.len();
        if self.past.is_none() {
            self.asks.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id))); // those of a journal are in its order
        }
        if let Some(begun) = &self.begun {
            self.asks.splice(..0, begun.asks.iter().cloned());
        }
        Ok((self, outside))
    }
}
