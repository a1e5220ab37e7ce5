//! What people do: as a scenario draws it where it says so, else as a journal has it, else as planned.

use mukae_engine::model::CancelReason;
use mukae_units::{DriverId, ShiftId, Span, Time};

use super::doings::{Act, Conduct, Crew, Doings};
use crate::behaviour::{Behaviour, Errand};

#[derive(Clone, Copy, Debug)]
pub struct Habits<'h> {
    pub drawn: &'h Behaviour,
    pub past: Option<&'h Doings>,
}

/// What a rider does about offers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Reply {
    /// It is drawn.
    Drawn,
    Known(Vec<Act>),
}

impl<'h> Habits<'h> {
    pub fn conduct(self, rider: u64) -> Option<&'h Conduct> {
        self.past?.riders.get(&rider)
    }

    pub fn crew(self, shift: ShiftId) -> Option<&'h Crew> {
        self.past?.crews.get(&shift)
    }

    /// The reply to the `seen`-th offers. Who took offers takes those that are shown in their place as well; who let the
    /// last ones go lets others go.
    pub(crate) fn reply(self, rider: u64, seen: u32) -> Reply {
        let riders = &self.drawn.riders;
        let is_drawn = riders.refuses.is_some() || Span::ZERO < riders.thinks;
        let Some(conduct) = self.conduct(rider).filter(|_| !is_drawn) else { return Reply::Drawn };
        // shown nothing then: nobody knows what the rider would have said
        let Some(last) = conduct.replies.last() else { return Reply::Drawn };
        Reply::Known(conduct.replies.get(seen as usize - 1).unwrap_or(last).clone())
    }

    /// When a ride confirmed at `now` is cancelled, if it is, and why.
    pub fn cancels(self, rider: u64, now: Time, pickup: Time) -> Option<(Time, CancelReason)> {
        match self.conduct(rider) {
            Some(conduct) if self.drawn.riders.cancels == 0 => {
                conduct.cancels.map(|(at, reason)| (at.max(now), reason))
            }
            _ => self.drawn.cancels(rider, now, pickup).map(|at| (at, CancelReason::Rider)),
        }
    }

    pub fn stays_away(self, rider: u64) -> bool {
        match self.conduct(rider) {
            Some(conduct) if self.drawn.riders.stays_away == 0 => conduct.stays_away,
            _ => self.drawn.stays_away(rider),
        }
    }

    /// How much later than planned a party has boarded; earlier if negative.
    pub fn boards_late(self, rider: u64, has_wheelchair: bool) -> Span {
        let riders = &self.drawn.riders;
        let is_drawn = 0 < riders.is_late.share || self.is_slow_drawn();
        match self.conduct(rider) {
            Some(conduct) if !is_drawn => conduct.boards.unwrap_or(Span::ZERO),
            _ => self.drawn.boards_late(rider, has_wheelchair),
        }
    }

    /// The same of alighting.
    pub fn alights_late(self, rider: u64, has_wheelchair: bool) -> Span {
        match self.conduct(rider) {
            Some(conduct) if !self.is_slow_drawn() => conduct.alights.unwrap_or(Span::ZERO),
            _ => self.drawn.alights_late(rider, has_wheelchair),
        }
    }

    fn is_slow_drawn(self) -> bool {
        self.drawn.riders.is_any_slow()
    }

    /// When a driver answers an ask, and what; `None`: never.
    pub fn answers(
        self,
        driver: DriverId,
        rider: u64,
        (asked, asked_before): (Time, Option<Time>),
        errand: &Errand,
    ) -> Option<(Time, bool)> {
        let known = self.conduct(rider).and_then(|conduct| conduct.answers.get(&driver));
        match known {
            Some(answer) if self.drawn.drivers.answers.is_none() => answer.map(|(after, says)| (asked + after, says)),
            _ => self.drawn.answers(u64::from(driver.0), rider, (asked, asked_before), errand),
        }
    }

    /// How late a driver signs on.
    pub fn starts_late(self, shift: ShiftId) -> Span {
        match self.crew(shift).and_then(|crew| crew.starts_late) {
            Some(late) if self.drawn.drivers.starts_late.share == 0 => late,
            _ => self.drawn.starts_late(u64::from(shift.0)),
        }
    }

    /// When the driver of a shift that lasts from one instant to the other signs off, if it is before its end.
    pub fn leaves_early(self, shift: ShiftId, from: Time, until: Time) -> Option<Time> {
        match self.crew(shift).and_then(|crew| crew.leaves) {
            Some(left) if self.drawn.drivers.leaves_early.share == 0 => Some(left),
            _ => self.drawn.leaves_early(u64::from(shift.0), from, until),
        }
    }

    /// When in a shift that lasts from one instant to the other the vehicle breaks down, if it does.
    pub fn breaks_down(self, shift: ShiftId, from: Time, until: Time) -> Option<Time> {
        match self.past {
            Some(_) if self.drawn.vehicles.breaks_down == 0 => self.crew(shift)?.breaks_down,
            _ => self.drawn.breaks_down(u64::from(shift.0), from, until),
        }
    }
}
