//! The alert register: what needs the eyes of staff, found by looking at the area as it is.
//!
//! What is wrong is a function of the state, the positions and the time; what was raised and when it cleared are facts in
//! the journal. Positions are not, so that after a restart no vehicle is silent before it has reported once.

use std::collections::BTreeSet;

use mukae_engine::model::{BookingState, ShiftState};
use mukae_engine::schedule::Whereabouts;
use mukae_office::{Alert, AlertId, AlertKind, Fact};
use mukae_proto::transit::operations::v1 as pb;
use mukae_units::{Span, Time};

use super::{Area, ours};
use crate::errors::Fault;
use crate::names::AlertName;
use crate::shell::input::{AlertList, AlertNoting, Signed};
use crate::wire::listed;
use crate::wire::to_proto;

/// Without anything happening the area is looked at this often, by its clock.
pub(super) const LOOK_EVERY: Span = Span::from_secs(15);
/// However much happens, it is not looked at more often than this.
pub(super) const LOOK_APART: Span = Span::from_secs(1);

impl Area {
    /// Raises and clears what has changed. Costs a walk over bookings and schedules.
    pub(super) fn review_alerts(&mut self) {
        let now = self.now();
        self.alerts_seen = now;
        self.alerts_due = now + LOOK_EVERY;
        let wanted = self.alerts_at(now);
        let open = self.annals.office().open_alerts();
        let cleared: Vec<AlertId> =
            open.iter().filter(|(kind, _)| !wanted.contains(kind)).map(|(_, &alert)| alert).collect();
        let raised: Vec<AlertKind> = wanted.into_iter().filter(|kind| !open.contains_key(kind)).collect();
        for alert in cleared {
            self.tell_alert(Fact::AlertCleared { alert });
        }
        for kind in raised {
            let alert = self.annals.office().next_alert();
            self.tell_alert(Fact::AlertRaised { alert, kind });
        }
    }

    fn tell_alert(&mut self, fact: Fact) {
        if let Err(fault) = self.take_fact(&ours("alerts"), fact, ("an alert", "")) {
            tracing::error!("alerts: {fault:?}");
        }
    }

    fn alerts_at(&self, now: Time) -> BTreeSet<AlertKind> {
        let (state, limits) = (self.scribe.state(), self.config.area.alerts);
        let mut wanted = BTreeSet::new();
        for schedule in state.schedules.values() {
            let shift = &schedule.shift;
            if schedule.state == ShiftState::Planned {
                let needed_from = schedule.needed_from();
                if needed_from.is_some_and(|needed_from| needed_from + limits.late_pull_out_after < now) {
                    wanted.insert(AlertKind::LatePullOut { shift: shift.id });
                }
                continue;
            }
            let silent = AlertKind::SilentVehicle { vehicle: shift.vehicle };
            // positions are not remembered over a restart: who was silent before is, until something is heard
            let is_silent = match self.positions.newest_time(shift.vehicle) {
                Some(heard) => heard + limits.silent_after < now,
                None => self.annals.office().open_alerts().contains_key(&silent),
            };
            if is_silent {
                wanted.insert(silent);
            }
            if let (Whereabouts::Serving { arrived }, Some(stop)) = (schedule.plan.whereabouts, schedule.next_stop()) {
                let expected = stop.begin(arrived) + stop.stop_dwell + stop.dwell;
                if expected + limits.long_stop_after < now {
                    wanted.insert(AlertKind::LongStop { vehicle: shift.vehicle, stop: stop.id });
                }
            }
        }
        for booking in state.bookings.values().filter(|booking| !booking.state.is_final()) {
            let id = booking.id;
            match booking.state {
                BookingState::Held => continue,
                BookingState::Unassigned => wanted.insert(AlertKind::Unassigned { booking: id }),
                BookingState::Stranded => wanted.insert(AlertKind::Stranded { booking: id }),
                _ => false,
            };
            if booking.at_risk.any() {
                wanted.insert(AlertKind::PromiseAtRisk { booking: id });
            }
        }
        let today = self.today();
        for (&standing, note) in self.annals.office().standings() {
            let refused = note.dates.range(today..).filter(|(_, date)| !date.refusals.is_empty());
            let wished = refused.filter(|(day, _)| note.rule.has(**day));
            wanted.extend(wished.map(|(&day, _)| AlertKind::StandingRefused { standing, day }));
        }
        wanted
    }

    pub(super) fn list_alerts(&mut self, list: AlertList) -> Result<pb::ListAlertsResponse, Fault> {
        let AlertList { list, with_cleared } = list;
        self.check_area(&list.parent)?;
        let view = self.view();
        let found = self.annals.office().alerts().range(AlertId(list.page.range_start())..);
        let shown = found.filter(|(_, alert)| with_cleared || alert.cleared.is_none());
        let drawn = shown.map(|(id, alert)| (id.0, to_proto::alert(&view, alert)));
        let seen = drawn.filter(|(_, alert)| list.sieve.sees(&alert.subject));
        let (alerts, next_page_token) = list.sieve.cut(&list.page, listed::ALERTS, seen);
        Ok(pb::ListAlertsResponse { alerts, next_page_token })
    }

    pub(super) fn acknowledge_alert(&mut self, signed: Signed<AlertName>) -> Result<pb::Alert, Fault> {
        let Signed { origin, wish: name, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            self.alert(&name)?;
            let fact = Fact::AlertAcknowledged { alert: name.alert };
            self.take_fact(&origin, fact, (&name.to_string(), "name"))?;
        }
        self.draw_alert(&name)
    }

    pub(super) fn add_alert_note(&mut self, signed: Signed<AlertNoting>) -> Result<pb::Alert, Fault> {
        let Signed { origin, wish: AlertNoting { alert: name, text }, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            self.alert(&name)?;
            self.take_fact(&origin, Fact::AlertNoted { alert: name.alert, text }, (&name.to_string(), "text"))?;
        }
        self.draw_alert(&name)
    }

    pub(super) fn subject_of_alert(&mut self, name: AlertName) -> Result<Option<String>, Fault> {
        Ok(self.alert(&name).ok().map(|alert| to_proto::alert(&self.view(), alert).subject))
    }

    fn draw_alert(&self, name: &AlertName) -> Result<pb::Alert, Fault> {
        Ok(to_proto::alert(&self.view(), self.alert(name)?))
    }

    fn alert(&self, name: &AlertName) -> Result<&Alert, Fault> {
        self.check_area(&name.area)?;
        self.annals.office().alerts().get(&name.alert).ok_or_else(|| Fault::not_found(name))
    }
}
