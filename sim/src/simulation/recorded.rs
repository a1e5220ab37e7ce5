//! What a run of a journal has besides what the simulator thinks of by itself: settings at their times, rides asked for in
//! one step, holds, changed wishes, roads that change, drivers who leave early or never come.
//!
//! What the dispatcher does not accept here is counted: in this course of things it had no place.

use std::sync::Arc;

use mukae_engine::model::{Booking, BookingState, Offer, Refusal, Request, Shift};
use mukae_engine::{Answer, Command, Rejection, RoadsBefore, Work};
use mukae_maps::{EdgeId, Fraction, Place, Sides};
use mukae_record::{TakeError, Written};
use mukae_units::{BookingId, OfferId, SeatKind, ShiftId, Span, Time};

use super::{Occurrence, RETRY, SetupError, Simulation};
use crate::agenda::Class;
use crate::driver::Passenger;
use crate::past::{Act, Deed as Reply, How};

pub(super) const ANYWHERE: Place = Place { edge: EdgeId(0), fraction: Fraction::TAIL, sides: Sides::This };

/// A rider looks at offers so many times, at most.
const SEEN_MAX: usize = 10;

#[derive(Clone, Debug)]
pub(super) enum Deed {
    Tell(Box<Command>),
    /// Something about an offer, the `seen`-th that was shown for this ask.
    Take {
        ask: usize,
        offer: OfferId,
        seen: u32,
    },
    Hold {
        ask: usize,
        offer: OfferId,
        seen: u32,
        length: Span,
    },
    Release {
        offer: OfferId,
    },
    Amend {
        booking: BookingId,
        request: Arc<Request>,
    },
    /// The driver goes home, as soon as nobody is on board.
    Leave(ShiftId),
    /// A shift ends whose driver never came.
    Miss,
}

impl Simulation<'_> {
    pub(super) fn settle_recorded(&mut self) -> Result<(), SetupError> {
        for (number, told) in std::mem::take(&mut self.setup.told).into_iter().enumerate() {
            match &told.command {
                Command::RoadsChanged { .. } if self.works.is_none() => return Err(SetupError::NoWorks),
                Command::PlanShift(shift) => self.settle_crew(shift),
                _ => {}
            }
            let deed = Deed::Tell(Box::new(told.command));
            self.agenda.insert(told.at, Class::Setting, number as u64, Occurrence::Recorded(deed));
        }
        Ok(())
    }

    /// What will happen to a shift, whenever it is planned.
    pub(super) fn settle_crew(&mut self, shift: &Shift) {
        let (may_stay_away, from, until) = (shift.on_call.is_some(), shift.window.earliest(), shift.window.latest());
        let shift = shift.id;
        let entity = u64::from(shift.0);
        if let Some(at) = self.habits().breaks_down(shift, from, until) {
            self.agenda.insert(at, Class::Vehicle, entity, Occurrence::BreakDown(shift));
        }
        if let Some(at) = self.habits().leaves_early(shift, from, until) {
            self.agenda.insert(at, Class::Vehicle, entity, Occurrence::Recorded(Deed::Leave(shift)));
        }
        if may_stay_away || self.is_absent(shift) {
            // the clock goes on until the dispatcher gives the shift up
            self.agenda.insert(until + Span::MINUTE, Class::Vehicle, entity, Occurrence::Recorded(Deed::Miss));
        }
    }

    pub(super) fn is_absent(&self, shift: ShiftId) -> bool {
        self.habits().crew(shift).is_some_and(|crew| crew.is_absent)
    }

    pub(super) fn do_recorded(&mut self, deed: Deed) {
        match deed {
            Deed::Tell(command) => _ = self.take_if_it_can(what_is_told(&command), *command),
            Deed::Take { ask, offer, seen } => {
                if self.is_open(offer) {
                    self.rider_at_hand = Some(self.setup.asks[ask].rider());
                    let answer = self.take_if_it_can("confirmations", Command::ConfirmOffer { offer });
                    self.rider_at_hand = None;
                    self.consider(ask, answer, seen + 1);
                }
            }
            Deed::Hold { ask, offer, seen, length } => {
                if self.is_open(offer) {
                    let until = self.now + length;
                    match self.take_if_it_can("holds", Command::HoldOffer { offer, until }) {
                        Answer::Held(hold) => self.welcome(hold.booking, self.setup.asks[ask].rider()),
                        answer => self.consider(ask, answer, seen + 1),
                    }
                }
            }
            Deed::Release { offer } => {
                if self.scribe.state().holds.contains_key(&offer) {
                    self.take_if_it_can("holds", Command::ReleaseHold { offer });
                }
            }
            Deed::Amend { booking, request } => {
                let found = self.scribe.state().bookings.get(&booking);
                let is_ahead = |state| state != BookingState::Boarded && !BookingState::is_final(state);
                match found.is_some_and(|found| is_ahead(found.state)) {
                    true => _ = self.take_if_it_can("changed wishes", Command::Amend { booking, request }),
                    false => self.count_unmet("changed wishes"),
                }
            }
            Deed::Leave(shift) => {
                if self.scribe.state().schedules.contains_key(&shift) {
                    let answer = self.take(self.now, Command::CloseShift { shift });
                    if let Answer::Rejected(Rejection::RidersOnBoard(_)) = answer {
                        let again = Occurrence::Recorded(Deed::Leave(shift));
                        self.agenda.insert(self.now + RETRY, Class::Vehicle, u64::from(shift.0), again);
                    }
                }
            }
            Deed::Miss => {}
        }
    }

    /// Books for a rider of a journal who asked for no offers; false if the rider did, or is not of a journal.
    pub(super) fn asks_in_one_step(&mut self, ask: usize) -> bool {
        let rider = self.setup.asks[ask].rider();
        match self.how(rider) {
            How::Quote => return false,
            How::Book => {
                self.asked += 1;
                let request = Arc::clone(&self.setup.asks[ask].request);
                self.rider_at_hand = Some(rider);
                let answer = self.take_or_fault(Command::Book { request, by_hand: None });
                self.rider_at_hand = None;
                self.consider(ask, answer, 1);
            }
            How::Together { rides, stands_together, note } => {
                self.asked += rides.len();
                let requests = rides.iter().map(|(_, request)| Arc::clone(request)).collect();
                let answer = self.take_or_fault(Command::BookAll { requests, stands_together, note });
                let Answer::BookedEach(each) = answer else { return true };
                self.board_each(&rides, &each);
            }
        }
        true
    }

    pub(super) fn how(&self, rider: u64) -> How {
        self.habits().conduct(rider).map_or(How::Quote, |conduct| conduct.how.clone())
    }

    pub(super) fn board_each(&mut self, rides: &[(u64, Arc<Request>)], each: &[Result<Booking, Refusal>]) {
        for ((rider, _), booking) in rides.iter().zip(each) {
            if let Ok(booking) = booking {
                self.board(*rider, booking);
            }
        }
    }

    /// What a rider of a journal does about the offers that are shown here.
    pub(super) fn plan_acts(&mut self, ask: usize, seen: u32, offers: &[Offer], acts: &[Act]) {
        if SEEN_MAX < seen as usize {
            return self.count_unmet("confirmations");
        }
        for act in acts {
            let of_kind = offers.iter().find(|offer| offer.alternative == act.pick.alternative);
            let offer = match offers.get(act.pick.index) {
                Some(same) if same.alternative == act.pick.alternative => same,
                _ => of_kind.unwrap_or(&offers[0]),
            }
            .id;
            let deed = match act.deed {
                Reply::Take => Deed::Take { ask, offer, seen },
                Reply::Hold(length) => Deed::Hold { ask, offer, seen, length },
                Reply::Release => Deed::Release { offer },
            };
            self.agenda.insert(self.now + act.after, Class::Request, ask as u64, Occurrence::Recorded(deed));
        }
    }

    pub(super) fn plan_amends(&mut self, rider: u64, booking: BookingId) {
        let Some(conduct) = self.habits().conduct(rider) else { return };
        for (at, request) in conduct.amends.clone() {
            let amend = Occurrence::Recorded(Deed::Amend { booking, request });
            self.agenda.insert(at.max(self.now), Class::Request, booking.0, amend);
        }
    }

    pub(super) fn welcome(&mut self, booking: BookingId, rider: u64) {
        let found: Option<&Booking> = self.scribe.state().bookings.get(&booking);
        let has_wheelchair = found.is_some_and(|found| 0 < found.request.party.of(SeatKind::Wheelchair));
        self.passengers.insert(booking, Passenger { rider, has_wheelchair });
    }

    fn is_open(&self, offer: OfferId) -> bool {
        let state = self.scribe.state();
        let is_held = || state.holds.get(&offer).is_some_and(|hold| self.now <= hold.until);
        state.offers.get(&offer).is_some_and(|found| self.now <= found.expires || is_held())
    }

    /// What was accepted in the journal, and may not be here.
    fn take_if_it_can(&mut self, what: &'static str, command: Command) -> Answer {
        let answer = self.take(self.now, command.clone());
        match answer {
            Answer::Rejected(_) => self.count_unmet(what),
            _ => {
                if let Some(works) = &mut self.works {
                    works.note(self.now, &command);
                }
            }
        }
        answer
    }

    fn count_unmet(&mut self, what: &'static str) {
        *self.unmet.entry(what).or_default() += 1;
    }

    /// The dispatcher hears of roads that changed, on those roads.
    pub(super) fn take_roads(&mut self, at: Time, command: Command) -> Result<Written, TakeError> {
        let works = self.works.as_mut().expect("roads change by works alone: settle_recorded");
        let (changes, mut before) = works.change(at);
        // asked for nothing, the query goes along with the change: the cells it shows are those of now
        self.work.roads.one_to_many(ANYWHERE, &[], &mut Vec::new());
        let may_differ = |from: Place, to: Place| changes.may_differ(from, to);
        let before = RoadsBefore { roads: &mut before, may_differ: &may_differ };
        let mut work = Work::after_change(&mut *self.work.roads, before);
        self.scribe.take(at, &self.origin, command, &mut work)
    }
}

fn what_is_told(command: &Command) -> &'static str {
    match command {
        Command::PlanShift(_) => "shifts",
        Command::InterruptShift { .. } | Command::DelayShift { .. } => "breaks and delays of drivers",
        Command::RoadsChanged { .. } | Command::Note { .. } => "measures on roads",
        _ => "settings",
    }
}
