//! The waiting list: who waits is tried again, in their order, after what may have freed a place.
//!
//! A try is decided on the plan as it is and thrown away unless it finds something, so that the journal is not full of
//! refusals nobody asked for. What is found is written down for good: booked in one record with the wish it is for, or
//! quoted, held and told. A crash between these loses a hold, which ends by itself, and the wish is tried again.

use mukae_engine::model::{Choice, Constraint, Offer, Refusal, Request};
use mukae_engine::{Answer, Command, Work};
use mukae_office::{Fact, Recipient, WAITING_PRINCIPAL, Waiting, WaitingEnd, WaitingId, WaitingNote, WaitingState};
use mukae_proto::transit::booking::v1 as pb;
use mukae_units::{Span, Time};
use pb::join_waiting_list_response::Result as Joined;

use super::rejection::fault;
use super::{Area, ours};
use crate::config::civil_datetime;
use crate::errors::Fault;
use crate::names::{ServiceName, WaitingName};
use crate::shell::input::{List, NewWaiting, Signed};
use crate::wire::{refusal, to_proto};

/// Time alone opens bookings and brings vehicles nearer. Who let an offer pass is left in peace for as long.
const TRY_EVERY: Span = Span::from_mins(5);
/// However much happens, a round does not begin sooner after the last one.
const ROUNDS_APART: Span = Span::from_secs(5);
/// So many are tried before anybody looks whether a call has come.
const TRIES_AT_ONCE: usize = 4;
/// Who lets so many offers pass waits no more.
const OFFERS_MAX: u32 = 3;

/// When who is tried next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rounds {
    begun: Time,
    due: Time,
    /// Inside a round: who was tried last.
    after: Option<(u32, WaitingId)>,
}

impl Rounds {
    pub fn new(now: Time) -> Rounds {
        Rounds { begun: now - ROUNDS_APART, due: now, after: None }
    }

    /// A place may be free.
    pub fn hasten(&mut self) {
        self.due = self.due.min(self.begun + ROUNDS_APART);
    }
}

impl Area {
    pub(super) fn join_waiting_list(
        &mut self,
        signed: Signed<NewWaiting>,
    ) -> Result<pb::JoinWaitingListResponse, Fault> {
        let Signed { origin, wish: NewWaiting { ride, books_at_once }, .. } = signed;
        let recalled = self.recall(&origin)?;
        let id = match recalled {
            Some(Answer::NotedAs(about)) if self.annals.office().waitings().contains_key(&WaitingId(about)) => {
                WaitingId(about)
            }
            // a hopeless one was asked for and refused
            Some(Answer::Refused(refused)) => return Ok(turned_away(refusal::refusal(&refused, ride.party))),
            _ => {
                let request = match self.request_of(&ride).map_err(|fault| fault.within("ride"))? {
                    // one offer is all that a place is held for
                    Ok(request) => Request { choice: Choice::ONE, ..request },
                    Err(kinds) => {
                        self.note_missed_ride(&origin, &ride, &kinds)?;
                        return Ok(turned_away(refusal::refusal_of(&kinds)));
                    }
                };
                let request = std::sync::Arc::new(request);
                match self.foresee(&Command::Quote(request.clone())) {
                    Answer::Refused(refused) if is_hopeless(&refused) => {
                        self.take(&origin, Command::Quote(request))?;
                        return Ok(turned_away(refusal::refusal(&refused, ride.party)));
                    }
                    Answer::Rejected(rejection) => {
                        return Err(fault(&self.view(), &rejection, &ride.service.to_string()));
                    }
                    _ => {}
                }
                let id = self.annals.office().next_waiting();
                let fact = Fact::WaitingJoined(Waiting { id, request, books_at_once });
                self.take_fact(&origin, fact, ("a waiting wish", ""))?;
                self.try_waiting(id)?;
                id
            }
        };
        let drawn = self.draw_waiting(&WaitingName { service: ride.service, waiting: id })?;
        Ok(pb::JoinWaitingListResponse { result: Some(Joined::Waiting(drawn)) })
    }

    pub(super) fn get_waiting(&mut self, name: WaitingName) -> Result<pb::Waiting, Fault> {
        self.draw_waiting(&name)
    }

    pub(super) fn list_waitings(&mut self, list: List<ServiceName>) -> Result<pb::ListWaitingsResponse, Fault> {
        let service = self.service(&list.parent)?;
        let found = self.annals.office().waitings().range(WaitingId(list.page.range_start())..);
        let of_service = found.filter(|(_, note)| note.waiting.request.service == service);
        let (page, next_page_token) = list.page.cut(of_service.map(|(id, note)| (id.0, note)));
        let view = self.view();
        let waitings = page.into_iter().map(|note| to_proto::waiting(&view, note)).collect();
        Ok(pb::ListWaitingsResponse { waitings, next_page_token })
    }

    pub(super) fn leave_waiting_list(&mut self, signed: Signed<WaitingName>) -> Result<pb::Waiting, Fault> {
        let Signed { origin, wish: name, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            let note = self.waiting(&name)?;
            let held = match note.state {
                WaitingState::Offered { offer, .. } => Some(offer),
                _ => None,
            };
            let ended = Fact::WaitingEnded { waiting: name.waiting, end: WaitingEnd::Left };
            self.take_fact(&origin, ended, (&name.to_string(), "name"))?;
            if let Some(offer) = held.filter(|offer| self.scribe.state().holds.contains_key(offer)) {
                self.take(&ours(WAITING_PRINCIPAL), Command::ReleaseHold { offer })?;
            }
        }
        self.draw_waiting(&name)
    }

    /// When [`Area::follow_waitings`] next has something to do.
    pub(super) fn waitings_due(&self) -> Option<Time> {
        let mut open = self.annals.office().waitings().values().filter(|note| !note.is_over()).peekable();
        open.peek()?;
        let next_end = open.map(|note| gives_up(note) + Span::from_millis(1)).min();
        match self.rounds.after {
            Some(_) => Some(self.rounds.begun),
            None => next_end.into_iter().chain([self.rounds.due]).min(),
        }
    }

    /// Ends what is over, and goes on with the round, or begins one.
    pub(super) fn follow_waitings(&mut self) -> Result<(), Fault> {
        let now = self.now();
        let over = |note: &WaitingNote| match note.state {
            _ if note.is_over() => None,
            _ if gives_up(note) < now => Some((note.waiting.id, EXPIRED)),
            WaitingState::Waiting if OFFERS_MAX <= note.offers => Some((note.waiting.id, UNANSWERED)),
            _ => None,
        };
        let over: Vec<(WaitingId, &str)> = self.annals.office().waitings().values().filter_map(over).collect();
        for (waiting, text) in over {
            let ended = Fact::WaitingEnded { waiting, end: WaitingEnd::Expired };
            self.take_fact(&ours(WAITING_PRINCIPAL), ended, ("a waiting wish", ""))?;
            self.tell(Recipient::Waiting(waiting), text.to_owned())?;
        }
        if self.rounds.after.is_none() {
            if now < self.rounds.due {
                return Ok(());
            }
            self.rounds = Rounds { begun: now, due: now + TRY_EVERY, after: None };
        }
        let is_rested = |note: &WaitingNote| note.offered_until.is_none_or(|until| until + TRY_EVERY <= now);
        let waits = |note: &&WaitingNote| matches!(note.state, WaitingState::Waiting) && is_rested(note);
        let ranks = self.annals.office().waitings().values().filter(waits).map(WaitingNote::rank);
        let mut left: Vec<_> = ranks.filter(|&rank| self.rounds.after.is_none_or(|after| after < rank)).collect();
        left.sort_unstable();
        self.rounds.after = if TRIES_AT_ONCE < left.len() { Some(left[TRIES_AT_ONCE - 1]) } else { None };
        for (_, waiting) in left.into_iter().take(TRIES_AT_ONCE) {
            self.try_waiting(waiting)?;
        }
        Ok(())
    }

    fn try_waiting(&mut self, waiting: WaitingId) -> Result<(), Fault> {
        let Some(note) = self.annals.office().waitings().get(&waiting).cloned() else { return Ok(()) };
        let request = note.waiting.request;
        let (from, to) = (request.origin[0].spot.label.clone(), request.destination[0].spot.label.clone());
        let us = ours(WAITING_PRINCIPAL);
        if note.waiting.books_at_once {
            let found = self.foresee(&Command::Book { request: request.clone(), by_hand: None });
            if !matches!(found, Answer::Confirmed(_) | Answer::AwaitingDriver(_)) {
                return Ok(());
            }
            let note = Fact::WaitingTried { waiting }.into_note();
            let booked = Command::BookAll { requests: vec![request], stands_together: false, note };
            let Answer::BookedEach(each) = self.take(&us, booked)?.answer else { return Ok(()) };
            let Some(Ok(booking)) = each.first() else { return Ok(()) };
            let pickup = self.written_time(booking.promise.pickup.earliest());
            let text = match booking.ask {
                None => format!("お待ちの便（{from}→{to}）をご予約しました。お迎えは{pickup}ごろです。"),
                Some(_) => {
                    format!("お待ちの便（{from}→{to}）を運転手に依頼しています。お迎えは{pickup}ごろの予定です。")
                }
            };
            return self.tell(Recipient::Waiting(waiting), text);
        }
        if !matches!(self.foresee(&Command::Quote(request.clone())), Answer::Offered(_)) {
            return Ok(());
        }
        let Answer::Offered(offers) = self.take(&us, Command::Quote(request))?.answer else { return Ok(()) };
        let Some(offer) = offers.first() else { return Ok(()) };
        let until = self.hold_for_waiting(offer)?;
        self.take_fact(&us, Fact::WaitingOffered { waiting, offer: offer.id, until }, ("a waiting wish", ""))?;
        let pickup = self.written_time(offer.promise.pickup.earliest());
        let until = self.written_time(until);
        let text = format!(
            "お待ちの便（{from}→{to}）に空きが出ました。お迎えは{pickup}ごろです。{until}までにご予約をお願いします。"
        );
        self.tell(Recipient::Waiting(waiting), text)
    }

    /// Holds the place for as long as the service does; until when it is, or can be confirmed where it is not held.
    fn hold_for_waiting(&mut self, offer: &Offer) -> Result<Time, Fault> {
        let state = self.scribe.state();
        let hold_max = state.services.get(&offer.request.service).map_or(Span::ZERO, |found| found.policy.hold_max);
        if hold_max == Span::ZERO {
            return Ok(offer.expires);
        }
        let until = self.now() + hold_max;
        // a place that hangs on a driver's yes is not held
        Ok(match self.take(&ours(WAITING_PRINCIPAL), Command::HoldOffer { offer: offer.id, until })?.answer {
            Answer::Held(hold) => hold.until,
            _ => offer.expires,
        })
    }

    /// What a command would be answered now.
    fn foresee(&mut self, command: &Command) -> Answer {
        let now = self.now();
        let mut work = Work::with(&mut self.roads, std::mem::take(&mut self.memory));
        let answer = self.scribe.dispatcher().decide(now, command, &mut work).answer;
        self.memory = work.into_memory();
        answer
    }

    /// As riders read it, by the clocks of the area.
    fn written_time(&self, at: Time) -> String {
        let civil = civil_datetime(&self.config.area.time_zone, at);
        format!("{}月{}日{}時{:02}分", civil.month(), civil.day(), civil.hour(), civil.minute())
    }

    fn waiting(&self, name: &WaitingName) -> Result<&WaitingNote, Fault> {
        let service = self.annals.service(&name.service);
        let found = self.annals.office().waitings().get(&name.waiting);
        found.filter(|note| Some(note.waiting.request.service) == service).ok_or_else(|| Fault::not_found(name))
    }

    fn draw_waiting(&self, name: &WaitingName) -> Result<pb::Waiting, Fault> {
        Ok(to_proto::waiting(&self.view(), self.waiting(name)?))
    }

    pub(super) fn rider_of_waiting(&self, name: &WaitingName) -> Option<mukae_units::RiderId> {
        self.waiting(name).ok().and_then(|note| note.waiting.request.rider)
    }
}

const EXPIRED: &str =
    "お待ちの便は、ご希望の時間までに空きが出ませんでした。別の時間をお探しの際は、窓口へお電話ください。";

const UNANSWERED: &str = "空きを3回ご案内しましたが、ご予約がなかったため、お待ちを終わりにしました。まだお探しの際は、窓口へお電話ください。";

/// A wish waits until its window has passed.
fn gives_up(note: &WaitingNote) -> Time {
    note.waiting.request.wish.window().latest()
}

fn turned_away(refusal: pb::Refusal) -> pb::JoinWaitingListResponse {
    pb::JoinWaitingListResponse { result: Some(Joined::Refusal(refusal)) }
}

/// Nothing that could happen while one waits would help.
fn is_hopeless(refusal: &Refusal) -> bool {
    !refusal.binding.is_empty() && refusal.binding.iter().all(|binding| stays(binding.constraint))
}

fn stays(constraint: Constraint) -> bool {
    use Constraint as C;
    match constraint {
        C::WindowPast
        | C::Notice
        | C::BookingDeadline
        | C::PartySize
        | C::PartyLimit
        | C::NoRoad
        | C::Requirements
        | C::NoVehicleForService
        | C::ServiceZones
        | C::VehicleZones
        | C::OutsideHours
        | C::Walk
        | C::Suspended => true,
        // a shift may be added, a booking cancelled, a driver free again, a road opened, a day booked from tomorrow on
        C::Horizon
        | C::BookingNotOpen
        | C::NoShift
        | C::PickupWindow
        | C::DropoffWindow
        | C::RideTime
        | C::Capacity
        | C::OthersPromise
        | C::WaitOnBoard
        | C::ShiftEnd
        | C::BreakWindow
        | C::BreakOnBoard
        | C::DetourTime
        | C::DetourLength
        | C::DriverAsks
        | C::Frozen => false,
    }
}
