//! Makes the bookings, looks for better plans, and asks again for whoever is left.

use mukae_engine::model::{Binding, Booking};
use mukae_engine::schedule::audit::{Fault, audit};
use mukae_engine::{Answer, Command, State, Work};
use mukae_record::{Origin, Principal, Scribe};
use mukae_units::{BookingId, ShiftId, Span, Time};

use super::{BLOCK, Bookings, DayPlan, DayPlanError, Effort, Left, Rider, Why, tour};
use crate::batch::Stage;
use crate::civil::midnight;
use crate::demand::{Ask, RequestRow};
use crate::random::{Luck, Purpose};
use crate::scenario::Rules;
use crate::simulation::{PRINCIPAL, better_orders};

/// How far a plan is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// So many bookings of all were asked for.
    Asked { done: usize, of: usize },
    /// The search for better plans took so many steps.
    Searched { steps: u64 },
}

/// Plans the day of these bookings in a town, under the rules of a policy. `tell` is told how far it is; once it says no, the
/// search for better plans ends.
pub fn plan(
    bookings: Bookings,
    stage: &Stage,
    rules: &Rules,
    effort: Effort,
    tell: &mut dyn FnMut(Progress) -> bool,
) -> Result<DayPlan, DayPlanError> {
    let Bookings { date, rows, mut left } = bookings;
    let settings = (stage.settings)(date..=date).map_err(DayPlanError::Town)?;
    let settings = rules.settings(&settings, &stage.zone);
    let asked = on_the_map(rows, stage, rules, &mut left);
    let day_ends = midnight(date.tomorrow().unwrap_or(date), &stage.zone);
    let at = planned_at(&settings, &asked, (midnight(date, &stage.zone), day_ends), stage)
        .ok_or(DayPlanError::NoShift(date))?;
    let mut roads = stage.map.query();
    let mut planner = Planner {
        scribe: Scribe::new().without_reading_back(),
        work: Work::new(&mut roads),
        origin: Origin::of(Principal::new(PRINCIPAL).expect("a short name is a principal")),
        at,
        ends: vec![End::Open; asked.len()],
        asked,
        effort,
        steps: 0,
    };
    planner.settle(settings)?;
    planner.ask_all(tell)?;
    planner.improve(tell)?;
    let Planner { scribe, asked, ends, steps, .. } = planner;
    let (tours, tour_of) = tour::tours(scribe.state(), at, &asked, &ends, &mut roads);
    let mut riders = Vec::new();
    for (number, ((row, _), end)) in asked.into_iter().zip(&ends).enumerate() {
        match end {
            End::Booked(booking) => riders.push(rider(scribe.state(), row, *booking, tour_of[&number])),
            End::Refused(binding) => {
                left.push(Left { line: row.line, row: Some(row), why: Why::Refused(binding.clone()) });
            }
            End::Open => unreachable!("everybody was asked"),
        }
    }
    left.sort_by_key(|left| left.line);
    let faults = faults(scribe.state(), at, stage);
    let (zone, seed) = (stage.zone.clone(), effort.seed);
    Ok(DayPlan { date, zone, planned_at: at, steps, seed, tours, riders, left, faults })
}

/// Where a booking stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum End {
    Open,
    Booked(BookingId),
    Refused(Vec<Binding>),
}

/// A line and what is asked for it.
pub(super) type Asked = (RequestRow, Ask);

/// Every row on its roads; those that lie off them are left.
fn on_the_map(rows: Vec<RequestRow>, stage: &Stage, rules: &Rules, left: &mut Vec<Left>) -> Vec<Asked> {
    let mut asked = Vec::with_capacity(rows.len());
    for row in rows {
        let (asks, problems) = stage.asks(&[rules.row(row.clone())]);
        match asks.into_iter().next() {
            Some(ask) => asked.push((row, ask)),
            None => left.push(Left { line: row.line, row: Some(row), why: Why::OffTheMap(problems) }),
        }
    }
    asked
}

/// When the bookings are made: as late as all of them still can be, before any vehicle sets out. `None` without a shift.
fn planned_at(settings: &[Command], asked: &[Asked], day: (Time, Time), stage: &Stage) -> Option<Time> {
    let first_shift = settings.iter().filter_map(|command| match command {
        Command::PlanShift(shift) => Some(shift.window.earliest()),
        _ => None,
    });
    let wishes = asked.iter().map(|(_, ask)| ask.request.wish.window().earliest());
    let begins = wishes.chain(std::iter::once(first_shift.min()?)).min()?;
    let mut ahead = Span::ZERO;
    let mut latest = day.0.min(begins);
    for command in settings {
        match command {
            Command::SetPolicy(policy) => ahead = ahead.max(policy.freeze_horizon),
            Command::SetService(service) if service.id == stage.service => {
                ahead = ahead.max(service.policy.notice_min);
                let of_day = service.days.iter().filter(|hours| hours.pickups.earliest() < day.1);
                let deadlines =
                    of_day.filter(|hours| day.0 <= hours.pickups.latest()).map(|hours| hours.bookable_until);
                latest = deadlines.min().map_or(latest, |deadline| latest.min(deadline));
            }
            _ => {}
        }
    }
    Some(latest.min(begins - ahead - Span::MINUTE).floor_to(Span::MINUTE))
}

struct Planner<'r> {
    scribe: Scribe,
    work: Work<'r>,
    origin: Origin,
    at: Time,
    asked: Vec<Asked>,
    ends: Vec<End>,
    effort: Effort,
    steps: u64,
}

impl Planner<'_> {
    fn take(&mut self, command: Command) -> Answer {
        let taken = self.scribe.take(self.at, &self.origin, command, &mut self.work);
        taken.expect("without request ids none is used twice").answer
    }

    fn settle(&mut self, settings: Vec<Command>) -> Result<(), DayPlanError> {
        for command in settings {
            if let Answer::Rejected(rejection) = self.take(command.clone()) {
                return Err(DayPlanError::Rejected { command: Box::new(command), rejection });
            }
        }
        Ok(())
    }

    fn ask_all(&mut self, tell: &mut dyn FnMut(Progress) -> bool) -> Result<(), DayPlanError> {
        for number in 0..self.asked.len() {
            self.ask(number)?;
            tell(Progress::Asked { done: number + 1, of: self.asked.len() });
        }
        Ok(())
    }

    fn ask(&mut self, number: usize) -> Result<(), DayPlanError> {
        let book = Command::Book { request: self.asked[number].1.request.clone(), by_hand: None };
        self.ends[number] = match self.take(book.clone()) {
            Answer::Confirmed(booking) | Answer::AwaitingDriver(booking) => End::Booked(booking.id),
            Answer::Refused(refusal) => End::Refused(refusal.binding),
            Answer::Rejected(rejection) => {
                return Err(DayPlanError::Rejected { command: Box::new(book), rejection });
            }
            other => unreachable!("{other:?} is no answer to a booking"),
        };
        Ok(())
    }

    /// Round after round, once around every vehicle; after each whoever is left is asked again, and room is made for them if
    /// that can be.
    fn improve(&mut self, tell: &mut dyn FnMut(Progress) -> bool) -> Result<(), DayPlanError> {
        let mut goes_on = true;
        // what they were refused by was no search for room
        let mut is_changed = true;
        while goes_on && self.steps < self.effort.steps {
            for anchor in self.anchors() {
                goes_on = goes_on && self.steps < self.effort.steps;
                if goes_on {
                    is_changed |= self.search(anchor);
                    goes_on = tell(Progress::Searched { steps: self.steps });
                }
            }
            if goes_on && is_changed && self.steps < self.effort.steps {
                is_changed = self.ask_again()?;
            }
        }
        if is_changed {
            self.ask_again()?;
        }
        Ok(())
    }

    /// Around which a drawing is made in turn: every shift that carries somebody, for a drawing may not hold all of them.
    fn anchors(&self) -> Vec<Option<ShiftId>> {
        let carrying = self.scribe.state().schedules.values().filter(|schedule| !schedule.stops().is_empty());
        let anchors: Vec<_> = carrying.map(|schedule| Some(schedule.shift.id)).collect();
        if anchors.is_empty() { vec![None] } else { anchors }
    }

    /// A block of the search for better plans; true if one was found and taken up.
    fn search(&mut self, anchor: Option<ShiftId>) -> bool {
        let steps = BLOCK.min(self.effort.steps - self.steps);
        let seed = Luck::new(self.effort.seed).draw(self.steps / BLOCK, Purpose::Improvement, 0).bits();
        self.steps += steps;
        let orders = better_orders(self.scribe.state(), self.at, anchor, self.work.roads, (steps as u32, seed));
        !orders.is_empty() && matches!(self.take(Command::AdoptPlan { orders }), Answer::Adopted { .. })
    }

    /// True if somebody found a place.
    fn ask_again(&mut self) -> Result<bool, DayPlanError> {
        self.work.room_steps = self.effort.room_steps;
        let refused = |end: &End| matches!(end, End::Refused(_));
        let left: Vec<usize> = (0..self.ends.len()).filter(|&number| refused(&self.ends[number])).collect();
        for &number in &left {
            self.ask(number)?;
        }
        Ok(left.iter().any(|&number| !refused(&self.ends[number])))
    }
}

fn rider(state: &State, row: RequestRow, booking: BookingId, tour: usize) -> Rider {
    let Booking { promise, ask, fare, .. } = &state.bookings[&booking];
    Rider { row, promise: *promise, tour, is_driver_asked: ask.is_some(), fare: *fare }
}

/// What the slow truth about schedules says of the plan.
fn faults(state: &State, at: Time, stage: &Stage) -> Vec<(ShiftId, Fault)> {
    let mut roads = stage.map.query();
    let policy = state.policy.as_ref().expect("a town has a policy");
    let mut faults = Vec::new();
    for schedule in state.schedules.values() {
        let found = audit(schedule, policy, at, &mut roads);
        faults.extend(found.into_iter().map(|fault| (schedule.shift.id, fault)));
    }
    faults
}
