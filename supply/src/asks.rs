//! Drivers who were asked, what for, and what they said; from records alone.
//!
//! What a driver was shown is not recorded. What stands here is what the plan of that record says, which a driver who
//! looks at the ride would see.

use std::collections::BTreeMap;

use mukae_engine::model::{ASK_WEEK, AskOutcome};
use mukae_engine::schedule::{Plan, Stop, Task};
use mukae_engine::{Endogenous, Exogenous};
use mukae_record::Record;
use mukae_units::{BookingId, DriverId, Seats, ShiftId, Span, Time};

/// One question to one driver: will you take this rider?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DriverAsk {
    pub driver: DriverId,
    pub booking: BookingId,
    pub at: Time,
    /// Silence until then is a no; put off by whoever asked for more time.
    pub deadline: Time,
    /// Other asks of the last seven days.
    pub asks_before: u32,
    /// `None` if the plan is not in the record that asks.
    pub errand: Option<Errand>,
    /// How it ended; `None` while it is open.
    pub end: Option<AskEnd>,
}

/// What a driver is asked for, by the plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Errand {
    pub shift: ShiftId,
    /// From the ask to the start of the promised pickup.
    pub notice: Span,
    /// Driving to the pickup with nobody on board; zero if somebody is.
    pub deadhead: Span,
    /// By how much longer the whole of a declared trip drives than before the ask. `None` for other shifts, whose drivers have
    /// no way of their own.
    pub detour: Option<Span>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AskEnd {
    pub at: Time,
    /// `None`: the rider went before the driver said anything.
    pub outcome: Option<AskOutcome>,
}

/// All asks of an area's records, in their order.
#[derive(Clone, Debug, Default)]
pub struct DriverAsks {
    asks: Vec<DriverAsk>,
    /// By the booking that waits for the answer.
    open: BTreeMap<BookingId, usize>,
    /// When each was asked, in the week before the last ask.
    recent: BTreeMap<DriverId, Vec<Time>>,
    /// Driving time of declared trips, whole, by their last plans.
    routes: BTreeMap<ShiftId, Span>,
}

impl DriverAsk {
    /// How long the driver took to answer; `None` if there was no answer.
    pub fn answered_after(&self) -> Option<Span> {
        let end = self.end?;
        matches!(end.outcome?, AskOutcome::Accepted | AskOutcome::Declined).then(|| end.at - self.at)
    }
}

impl DriverAsks {
    pub fn asks(&self) -> &[DriverAsk] {
        &self.asks
    }

    /// Follows a record that was read back.
    pub fn take(&mut self, record: &Record) {
        self.observe(&record.exogenous, record.endogenous.iter());
    }

    /// Follows a record where it is made.
    pub fn observe<'a>(&mut self, told: &Exogenous, decided: impl Iterator<Item = &'a Endogenous> + Clone) {
        let at = told.at;
        for event in decided.clone() {
            match event {
                Endogenous::DriverAsked { booking, driver, deadline, .. } => {
                    let errand = self.errand(at, *booking, decided.clone());
                    self.ask(at, (*booking, *driver), *deadline, errand);
                }
                Endogenous::AskEnded { booking, outcome, .. } => self.end(at, *booking, Some(*outcome)),
                Endogenous::BookingCancelled { booking, .. } | Endogenous::BookingFailed { booking } => {
                    self.end(at, *booking, None);
                }
                _ => {}
            }
        }
        decided.for_each(|event| self.note_route(event));
    }

    /// Said again for a driver who is being asked, it is more time for the answer.
    fn ask(&mut self, at: Time, (booking, driver): (BookingId, DriverId), deadline: Time, errand: Option<Errand>) {
        let open = self.open.get(&booking).map(|&ask| &mut self.asks[ask]);
        if let Some(ask) = open.filter(|ask| ask.driver == driver) {
            ask.deadline = deadline;
            return;
        }
        self.end(at, booking, None);
        let recent = self.recent.entry(driver).or_default();
        recent.retain(|&asked| at < asked + ASK_WEEK);
        let asks_before = recent.len() as u32;
        recent.push(at);
        self.open.insert(booking, self.asks.len());
        self.asks.push(DriverAsk { driver, booking, at, deadline, asks_before, errand, end: None });
    }

    fn end(&mut self, at: Time, booking: BookingId, outcome: Option<AskOutcome>) {
        if let Some(ask) = self.open.remove(&booking) {
            self.asks[ask].end = Some(AskEnd { at, outcome });
        }
    }

    /// By the last plan of this record that fetches the booking.
    fn errand<'a>(
        &self,
        at: Time,
        booking: BookingId,
        decided: impl Iterator<Item = &'a Endogenous>,
    ) -> Option<Errand> {
        let fetches = |stop: &Stop| stop.booking == Some(booking) && stop.is_pickup();
        let plans = decided.filter_map(|event| match event {
            Endogenous::PlanChanged { shift, plan } => Some((*shift, plan, plan.stops.iter().position(fetches)?)),
            _ => None,
        });
        let (shift, plan, pickup_idx) = plans.last()?;
        let Task::Pickup { window, .. } = plan.stops[pickup_idx].task else { return None };
        let before = self.routes.get(&shift);
        let detour = plan.route_time().zip(before).map(|(now, &before)| now - before);
        Some(Errand { shift, notice: window.earliest() - at, deadhead: deadhead(plan, pickup_idx), detour })
    }

    fn note_route(&mut self, event: &Endogenous) {
        match event {
            Endogenous::ShiftPlanned { shift, to_end, .. } if shift.declared.is_some() => {
                self.routes.insert(shift.id, to_end.span());
            }
            Endogenous::PlanChanged { shift, plan } => {
                self.routes.extend(plan.route_time().map(|time| (*shift, time)));
            }
            Endogenous::ShiftEnded { shift } => _ = self.routes.remove(shift),
            _ => {}
        }
    }
}

/// The drive to where a stop is made, if nobody is on board; it begins at the stop before, or where the vehicle is.
fn deadhead(plan: &Plan, stop_idx: usize) -> Span {
    let first = (0..=stop_idx).rev().find(|&stop_idx| !plan.stops[stop_idx].joins).unwrap_or(0);
    let is_aboard = |stop: &&Stop| matches!(stop.task, Task::Dropoff { boarded_at: Some(_), .. });
    let aboard = plan.stops.iter().filter(is_aboard).fold(Seats::NONE, |load, stop| load + stop.party);
    let load = plan.stops[..first].iter().fold(aboard, |load, stop| match stop.task {
        Task::Pickup { .. } => load + stop.party,
        Task::Dropoff { .. } => load - stop.party,
        Task::Break { .. } => load,
    });
    if load.is_empty() { plan.stops[first].leg.span() } else { Span::ZERO }
}
