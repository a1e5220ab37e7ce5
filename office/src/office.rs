//! The state that facts make.

use std::collections::{BTreeMap, BTreeSet};

use mukae_engine::model::Refusal;
use mukae_record::codec;
use mukae_units::{BookingId, OfferId, ShiftId, Span, Time, VehicleId};

use crate::alert::{Alert, AlertId, AlertKind, AlertNote};
use crate::check::PretripCheck;
use crate::fact::Fact;
use crate::manifest::{AcknowledgedManifest, ETAG_MAX};
use crate::message::{Message, MessageId};
use crate::pair::Pair;
use crate::roads::{MeasureId, RoadMeasure};
use crate::setup::Setup;
use crate::standing::{Day, Standing, StandingId, StandingNote};
use crate::waiting::{WaitingEnd, WaitingId, WaitingNote, WaitingState};

/// Cleared alerts, measures that are over, checks, messages and acknowledgements are kept for so long.
pub const KEPT: Span = Span::from_mins(7 * 24 * 60);
/// Characters of a text that staff write.
pub const TEXT_MAX: usize = 1000;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Office {
    measures: BTreeMap<MeasureId, RoadMeasure>,
    /// Those that held when the dispatcher was last told that roads changed.
    in_force: BTreeSet<MeasureId>,
    alerts: BTreeMap<AlertId, Alert>,
    /// Open alerts by what is wrong.
    open: BTreeMap<AlertKind, AlertId>,
    /// The newest check of each shift.
    checks: BTreeMap<ShiftId, PretripCheck>,
    /// With the times they were sent, in order.
    messages: Vec<SentMessage>,
    /// Both ways round.
    pairs: BTreeMap<BookingId, Pair>,
    standings: BTreeMap<StandingId, StandingNote>,
    /// What was booked for them.
    standing_of: BTreeMap<BookingId, StandingId>,
    waitings: BTreeMap<WaitingId, WaitingNote>,
    /// Those that are not over by what was offered to them last.
    offered_to: BTreeMap<OfferId, WaitingId>,
    next_waiting: u64,
    next_standing: u64,
    next_measure: u64,
    next_alert: u64,
    next_message: u64,
    setup: Setup,
    /// The newest one of each vehicle.
    acknowledged: BTreeMap<VehicleId, AcknowledgedManifest>,
    /// Nothing is done ahead of demand: since when, and why.
    suspended: Option<Suspended>,
}

/// Staff have stopped vehicles from going ahead of demand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suspended {
    pub since: Time,
    pub reason: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct SentMessage {
    sent: Time,
    message: Message,
}

codec! {
    struct Office {
        measures, in_force, alerts, open, checks, messages, pairs, standings, standing_of, waitings, offered_to,
        next_waiting, next_standing, next_measure, next_alert, next_message, setup, acknowledged, suspended,
    }
    struct Suspended { since, reason }
    struct SentMessage { sent, message }
}

/// Why a fact can not be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Objection {
    /// There is nothing of that number, or not any more.
    Unknown,
    /// The number is not the next one.
    NumberTaken,
    /// It is so already.
    AlreadySo,
    /// Longer than [`TEXT_MAX`] characters.
    TextTooLong,
    /// Without a reason.
    TextMissing,
}

impl Office {
    /// Whether a fact fits what is known. What does not is never applied.
    pub fn check(&self, fact: &Fact) -> Result<(), Objection> {
        let number = |is_next: bool| if is_next { Ok(()) } else { Err(Objection::NumberTaken) };
        match fact {
            Fact::MeasureOrdered(ordered) => {
                text(&ordered.measure.note)?;
                number(ordered.id == self.next_measure())
            }
            Fact::MeasureLifted { measure } => self.measures.get(measure).map(|_| ()).ok_or(Objection::Unknown),
            Fact::AlertRaised { alert, kind } => match self.open.contains_key(kind) {
                true => Err(Objection::AlreadySo),
                false => number(*alert == self.next_alert()),
            },
            Fact::AlertCleared { alert } => match self.alerts.get(alert).ok_or(Objection::Unknown)?.cleared {
                Some(_) => Err(Objection::AlreadySo),
                None => Ok(()),
            },
            Fact::AlertAcknowledged { alert } => match self.alerts.get(alert).ok_or(Objection::Unknown)?.acknowledged {
                Some(_) => Err(Objection::AlreadySo),
                None => Ok(()),
            },
            Fact::AlertNoted { alert, text: note } => {
                given(note)?;
                self.alerts.get(alert).map(|_| ()).ok_or(Objection::Unknown)
            }
            Fact::MessageSent(message) => {
                given(&message.text)?;
                number(message.id == self.next_message())
            }
            Fact::Overruled { reason, .. } => given(reason),
            Fact::CheckRecorded(check) => text(&check.note),
            Fact::StandingOrdered(rule) => {
                number(self.standings.contains_key(&rule.id) || rule.id == self.next_standing())
            }
            Fact::StandingTried { standing, .. } => self.standings.get(standing).map(|_| ()).ok_or(Objection::Unknown),
            Fact::WaitingJoined(waiting) => number(waiting.id == self.next_waiting()),
            Fact::WaitingOffered { waiting, .. }
            | Fact::WaitingTried { waiting }
            | Fact::WaitingEnded { waiting, .. } => {
                match self.waitings.get(waiting).ok_or(Objection::Unknown)?.is_over() {
                    true => Err(Objection::AlreadySo),
                    false => Ok(()),
                }
            }
            Fact::SupplySuspended { reason } => text(reason),
            Fact::SupplyResumed => match self.suspended {
                Some(_) => Ok(()),
                None => Err(Objection::AlreadySo),
            },
            Fact::RideMissed(_) | Fact::Paired { .. } | Fact::RulesSet(_) | Fact::TripSet(_) => Ok(()),
            Fact::VehicleRetired { vehicle } => match self.setup.is_retired(*vehicle) {
                true => Err(Objection::AlreadySo),
                false => Ok(()),
            },
            Fact::ManifestAcknowledged(AcknowledgedManifest { vehicle, etag, .. }) => {
                if etag.is_empty() {
                    return Err(Objection::TextMissing);
                }
                if ETAG_MAX < etag.chars().count() {
                    return Err(Objection::TextTooLong);
                }
                let is_new = self.acknowledged.get(vehicle).is_none_or(|had| had.etag != *etag);
                if is_new { Ok(()) } else { Err(Objection::AlreadySo) }
            }
        }
    }

    /// Records a fact that was checked. Cannot fail.
    pub fn apply(&mut self, at: Time, fact: &Fact) {
        match fact {
            Fact::MeasureOrdered(ordered) => {
                self.next_measure = ordered.id.0;
                self.measures.insert(ordered.id, ordered.clone());
            }
            Fact::MeasureLifted { measure } => {
                if let Some(ordered) = self.measures.get_mut(measure) {
                    // one that never held keeps its beginning before its end
                    ordered.measure.until = Some(at);
                    ordered.measure.from = ordered.measure.from.filter(|&from| from < at);
                }
            }
            Fact::AlertRaised { alert, kind } => {
                self.next_alert = alert.0;
                self.open.insert(*kind, *alert);
                let raised =
                    Alert { id: *alert, kind: *kind, raised: at, cleared: None, acknowledged: None, notes: Vec::new() };
                self.alerts.insert(*alert, raised);
            }
            Fact::AlertCleared { alert } => {
                if let Some(alert) = self.alerts.get_mut(alert) {
                    alert.cleared = Some(at);
                    self.open.remove(&alert.kind);
                }
            }
            Fact::AlertAcknowledged { alert } => {
                if let Some(alert) = self.alerts.get_mut(alert) {
                    alert.acknowledged = Some(at);
                }
            }
            Fact::AlertNoted { alert, text } => {
                if let Some(alert) = self.alerts.get_mut(alert) {
                    alert.notes.push(AlertNote { at, text: text.clone() });
                }
            }
            Fact::MessageSent(message) => {
                self.next_message = message.id.0;
                self.messages.push(SentMessage { sent: at, message: message.clone() });
            }
            Fact::CheckRecorded(check) => {
                self.checks.insert(check.shift, check.clone());
            }
            Fact::StandingOrdered(rule) => {
                self.next_standing = self.next_standing.max(rule.id.0);
                let note = StandingNote { rule: Standing::clone(rule), created: at, dates: BTreeMap::new() };
                let note = self.standings.entry(rule.id).or_insert(note);
                note.rule = Standing::clone(rule);
                note.dates.values_mut().for_each(|date| date.is_of_rule = false);
            }
            Fact::WaitingJoined(waiting) => {
                self.next_waiting = waiting.id.0;
                self.waitings.insert(waiting.id, WaitingNote::joined(waiting.clone(), at));
            }
            Fact::WaitingOffered { waiting, offer, until } => {
                if let Some(note) = self.waitings.get_mut(waiting) {
                    note.offers += 1;
                    note.offered_until = Some(*until);
                    note.state = WaitingState::Offered { offer: *offer, until: *until };
                    self.offered_to.insert(*offer, *waiting);
                }
            }
            Fact::WaitingEnded { waiting, end } => {
                let state = match end {
                    WaitingEnd::Expired => WaitingState::Expired,
                    WaitingEnd::Left => WaitingState::Left,
                };
                self.end_waiting(*waiting, state, at);
            }
            Fact::Overruled { .. }
            | Fact::RideMissed(_)
            | Fact::Paired { .. }
            | Fact::StandingTried { .. }
            | Fact::WaitingTried { .. } => {}
            Fact::RulesSet(told) => self.setup.set_rules(at, told),
            Fact::TripSet(told) => self.setup.set_trip(at, told),
            Fact::VehicleRetired { vehicle } => self.setup.retire(*vehicle),
            Fact::ManifestAcknowledged(acknowledged) => {
                self.acknowledged.insert(acknowledged.vehicle, acknowledged.clone());
            }
            Fact::SupplySuspended { reason } => {
                self.suspended = Some(Suspended { since: at, reason: reason.clone() });
            }
            Fact::SupplyResumed => self.suspended = None,
        }
        self.forget(at);
    }

    /// The same for a fact that came with rides which were booked in the same step: what became of each, in their order;
    /// refusals alone where none was booked because of them.
    pub fn apply_booked(&mut self, at: Time, fact: &Fact, rides: &[Result<BookingId, Refusal>]) {
        self.apply(at, fact);
        let stands_together = match fact {
            Fact::Paired { stands_together } => *stands_together,
            Fact::StandingTried { standing, day, legs } => {
                let Some(note) = self.standings.get_mut(standing) else { return };
                note.note_try(at, *day, legs, rides);
                self.standing_of.extend(rides.iter().flatten().map(|&booking| (booking, *standing)));
                note.rule.stands_together
            }
            Fact::WaitingTried { waiting } => {
                if let [Ok(booking)] = *rides {
                    self.end_waiting(*waiting, WaitingState::Booked(booking), at);
                }
                return;
            }
            _ => return,
        };
        if let [Ok(first), Ok(second)] = *rides {
            self.pairs.insert(first, Pair { other: second, stands_together });
            self.pairs.insert(second, Pair { other: first, stands_together });
        }
    }

    /// An offer was confirmed: who waited for it waits no more.
    pub fn note_confirmed(&mut self, at: Time, offer: OfferId, booking: BookingId) {
        if let Some(&waiting) = self.offered_to.get(&offer) {
            self.end_waiting(waiting, WaitingState::Booked(booking), at);
        }
    }

    /// The place of an offer is held no more, or the offer is gone: who let it pass waits on. As long as it can still be
    /// confirmed, it is known whose it was.
    pub fn note_let_pass(&mut self, offer: OfferId, is_gone: bool) {
        if let Some(note) = self.offered_to.get(&offer).and_then(|waiting| self.waitings.get_mut(waiting))
            && matches!(note.state, WaitingState::Offered { offer: last, .. } if last == offer)
        {
            note.state = WaitingState::Waiting;
        }
        if is_gone {
            self.offered_to.remove(&offer);
        }
    }

    fn end_waiting(&mut self, waiting: WaitingId, state: WaitingState, at: Time) {
        if let Some(note) = self.waitings.get_mut(&waiting) {
            note.end(state, at);
            self.offered_to.retain(|_, offered| *offered != waiting);
        }
    }

    pub fn waitings(&self) -> &BTreeMap<WaitingId, WaitingNote> {
        &self.waitings
    }

    pub fn next_waiting(&self) -> WaitingId {
        WaitingId(self.next_waiting + 1)
    }

    /// The dispatcher has forgotten a booking.
    pub fn forget_booking(&mut self, booking: BookingId) {
        self.pairs.remove(&booking);
        self.standing_of.remove(&booking);
    }

    pub fn standings(&self) -> &BTreeMap<StandingId, StandingNote> {
        &self.standings
    }

    /// The standing booking that a booking was made for.
    pub fn standing_of(&self, booking: BookingId) -> Option<StandingId> {
        self.standing_of.get(&booking).copied()
    }

    pub fn next_standing(&self) -> StandingId {
        StandingId(self.next_standing + 1)
    }

    /// The booking that belongs to this one.
    pub fn pair_of(&self, booking: BookingId) -> Option<Pair> {
        self.pairs.get(&booking).copied()
    }

    /// The dispatcher was told at this moment that roads changed: what holds then is in force.
    pub fn note_roads_changed(&mut self, at: Time) {
        self.in_force = self.measures_at(at);
    }

    fn forget(&mut self, at: Time) {
        let limit = at - KEPT;
        let is_over = |end: Option<Time>| end.is_some_and(|end| end < limit);
        let in_force = &self.in_force;
        self.measures.retain(|id, ordered| in_force.contains(id) || !is_over(ordered.measure.until));
        self.alerts.retain(|_, alert| !is_over(alert.cleared));
        self.checks.retain(|_, check| !is_over(Some(check.checked)));
        self.waitings.retain(|_, note| !is_over(note.ended));
        let oldest = Day::about(limit);
        self.standings.retain(|_, note| !note.is_over(oldest));
        self.standings.values_mut().for_each(|note| note.dates = note.dates.split_off(&oldest));
        self.acknowledged.retain(|_, acknowledged| !is_over(Some(acknowledged.since)));
        let kept_from = self.messages.partition_point(|message| message.sent < limit);
        self.messages.drain(..kept_from);
    }

    pub fn measures(&self) -> &BTreeMap<MeasureId, RoadMeasure> {
        &self.measures
    }

    pub fn in_force(&self) -> &BTreeSet<MeasureId> {
        &self.in_force
    }

    pub fn alerts(&self) -> &BTreeMap<AlertId, Alert> {
        &self.alerts
    }

    /// The open alerts by what is wrong.
    pub fn open_alerts(&self) -> &BTreeMap<AlertKind, AlertId> {
        &self.open
    }

    /// What was set up over the interface.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    pub fn pretrip_check(&self, shift: ShiftId) -> Option<&PretripCheck> {
        self.checks.get(&shift)
    }

    /// The manifest that the vehicle's driver last said to have.
    pub fn acknowledged_manifest(&self, vehicle: VehicleId) -> Option<&AcknowledgedManifest> {
        self.acknowledged.get(&vehicle)
    }

    /// With the times they were sent, the oldest first.
    pub fn messages(&self) -> impl Iterator<Item = (Time, &Message)> {
        self.messages.iter().map(|sent| (sent.sent, &sent.message))
    }

    pub fn next_measure(&self) -> MeasureId {
        MeasureId(self.next_measure + 1)
    }

    pub fn next_alert(&self) -> AlertId {
        AlertId(self.next_alert + 1)
    }

    /// Set while staff keep vehicles from going ahead of demand.
    pub fn suspended(&self) -> Option<&Suspended> {
        self.suspended.as_ref()
    }

    pub fn next_message(&self) -> MessageId {
        MessageId(self.next_message + 1)
    }
}

fn text(text: &str) -> Result<(), Objection> {
    if text.chars().count() <= TEXT_MAX { Ok(()) } else { Err(Objection::TextTooLong) }
}

fn given(given: &str) -> Result<(), Objection> {
    if given.trim().is_empty() { Err(Objection::TextMissing) } else { text(given) }
}

#[cfg(test)]
mod tests;
