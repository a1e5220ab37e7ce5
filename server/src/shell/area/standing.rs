//! Standing bookings: their dates are booked as soon as they can be, and again every day where they could not.
//!
//! A try and what became of it are one record (`BookAll` with its note), so that no crash comes between, and what was
//! booked for a ride of a date is never booked again.

use std::collections::{BTreeMap, BTreeSet};

use mukae_engine::model::{Access, Beyond, Choice, Request, ServiceDay};
use mukae_engine::{Answer, Command};
use mukae_office::{Day, Fact, Leg, Standing, StandingId, StandingNote};
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_units::{Span, Time};

use super::wish::RELAXATIONS_SHOWN;
use super::{Area, ours};
use crate::civil::{date_of, day_of, time_at, written_day};
use crate::config::{civil_date, civil_instant};
use crate::errors::Fault;
use crate::names::{ServiceName, StandingName};
use crate::shell::input::{List, NewStanding, Signed, StandingDate, StandingEnd, StandingPatch, StandingUpdate, When};
use crate::wire::to_proto;

impl Area {
    pub(super) fn create_standing(&mut self, signed: Signed<NewStanding>) -> Result<pb::StandingBooking, Fault> {
        let Signed { origin, wish: NewStanding { service: name, rider, channel, patch }, .. } = signed;
        let service = self.service(&name)?;
        let id = match self.recalled_note(&origin)? {
            Some(about) => StandingId(about),
            None => {
                let id = self.annals.office().next_standing();
                let StandingPatch { outbound, inbound, stands_together, party, weekdays, from, until, .. } =
                    patch.clone();
                let whole = || {
                    Some(Standing {
                        id,
                        service,
                        rider,
                        channel,
                        party: party?,
                        needs: mukae_units::Features::EMPTY,
                        outbound: outbound?,
                        inbound: inbound?,
                        stands_together: stands_together?,
                        weekdays: weekdays?,
                        from: from?,
                        until: until?,
                        exceptions: BTreeMap::new(),
                    })
                };
                let rule = whole().ok_or_else(|| Fault::bug("a new standing booking lacks a part"))?;
                self.order_standing(&origin, rule, patch)?;
                id
            }
        };
        self.draw_standing(&StandingName { service: name, standing: id })
    }

    pub(super) fn update_standing(&mut self, signed: Signed<StandingUpdate>) -> Result<pb::StandingBooking, Fault> {
        let Signed { origin, wish: StandingUpdate { standing: name, patch, etag }, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            let rule = self.standing_note(&name)?.rule.clone();
            let current = self.draw_standing(&name)?.etag;
            if !etag.is_empty() && etag != current {
                let message = format!("{name} has changed since etag {etag}; read it again");
                return Err(Fault::new(ErrorReason::EtagMismatch, message).with("etag", current));
            }
            self.order_standing(&origin, rule, patch)?;
        }
        self.draw_standing(&name)
    }

    pub(super) fn skip_standing_date(&mut self, signed: Signed<StandingDate>) -> Result<pb::StandingBooking, Fault> {
        let Signed { origin, wish: StandingDate { standing: name, day }, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            let rule = self.standing_note(&name)?.rule.clone();
            if !rule.has(day) || day < self.today() {
                let date = written_day(day);
                let message = format!("{name} has no ride on {date}, or that has passed");
                return Err(Fault::new(ErrorReason::NoStandingDate, message).with("date", date));
            }
            let mut exceptions = rule.exceptions.clone();
            exceptions.entry(day).or_default().is_skipped = true;
            let patch = StandingPatch { exceptions: Some(exceptions), ..StandingPatch::default() };
            self.order_standing(&origin, rule, patch)?;
        }
        self.draw_standing(&name)
    }

    pub(super) fn end_standing(&mut self, signed: Signed<StandingEnd>) -> Result<pb::StandingBooking, Fault> {
        let Signed { origin, wish: StandingEnd { standing: name, last }, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            let rule = self.standing_note(&name)?.rule.clone();
            let last = last.unwrap_or(Day(self.today().0.saturating_sub(1)));
            let patch = StandingPatch { until: Some(Some(last)), ..StandingPatch::default() };
            self.order_standing(&origin, rule, patch)?;
        }
        self.draw_standing(&name)
    }

    pub(super) fn get_standing(&mut self, name: StandingName) -> Result<pb::StandingBooking, Fault> {
        self.draw_standing(&name)
    }

    pub(super) fn list_standings(
        &mut self,
        list: List<ServiceName>,
    ) -> Result<pb::ListStandingBookingsResponse, Fault> {
        let service = self.service(&list.parent)?;
        let found = self.annals.office().standings().range(StandingId(list.page.range_start())..);
        let of_service = found.filter(|(_, note)| note.rule.service == service);
        let (page, next_page_token) = list.page.cut(of_service.map(|(id, note)| (id.0, note)));
        let view = self.view();
        let drawn = page.into_iter().map(|note| to_proto::standing(&view, note, &self.dates_ahead(&note.rule)));
        Ok(pb::ListStandingBookingsResponse { standing_bookings: drawn.collect(), next_page_token })
    }

    /// The rule with what the patch changes, written down and followed at once.
    fn order_standing(
        &mut self,
        origin: &mukae_record::Origin,
        rule: Standing,
        patch: StandingPatch,
    ) -> Result<(), Fault> {
        let needs = match &patch.requirements {
            Some(names) => self.features(names).map_err(|fault| fault.within("standing_booking"))?,
            None => rule.needs,
        };
        let rule = Standing {
            needs,
            party: patch.party.unwrap_or(rule.party),
            outbound: patch.outbound.unwrap_or(rule.outbound),
            inbound: patch.inbound.unwrap_or(rule.inbound),
            stands_together: patch.stands_together.unwrap_or(rule.stands_together),
            weekdays: patch.weekdays.unwrap_or(rule.weekdays),
            from: patch.from.unwrap_or(rule.from),
            until: patch.until.unwrap_or(rule.until),
            exceptions: patch.exceptions.unwrap_or(rule.exceptions),
            ..rule
        };
        let id = rule.id;
        self.take_fact(origin, Fact::StandingOrdered(rule.into()), ("a standing booking", "standing_booking"))?;
        self.follow_standing(id);
        Ok(())
    }

    /// Once a civil day, and at the start.
    pub(super) fn follow_standings(&mut self) {
        let all: Vec<StandingId> = self.annals.office().standings().keys().copied().collect();
        all.into_iter().for_each(|standing| self.follow_standing(standing));
    }

    /// Cancels what the rule has no more, and books what it has and can be booked. Changes nothing when it is done again.
    fn follow_standing(&mut self, standing: StandingId) {
        let Some(note) = self.annals.office().standings().get(&standing).cloned() else { return };
        let today = self.today();
        for (&day, date) in note.dates.range(today..) {
            let wanted: BTreeSet<Leg> = note.rule.rides_on(day).map(|(leg, ..)| leg).collect();
            for (_, &booking) in date.bookings.iter().filter(|(leg, _)| !wanted.contains(leg)) {
                let state = self.scribe.state().bookings.get(&booking).map(|booking| booking.state);
                if state.is_some_and(|state| !state.is_final()) {
                    let reason = mukae_engine::model::CancelReason::Rider;
                    // who is on board already is brought where they go
                    let cancelled = self.take(&ours("standing"), Command::CancelBooking { booking, reason });
                    log_fault(cancelled.map(|_| ()));
                }
            }
        }
        for day in self.dates_ahead(&note.rule) {
            let date = note.dates.get(&day);
            let zone = &self.config.area.time_zone;
            if date.is_some_and(|date| day_of(civil_date(zone, date.tried)) == today && date.is_of_rule) {
                continue; // tomorrow again, or when the rule is another one
            }
            let missing = |leg: &Leg| date.is_none_or(|date| !date.bookings.contains_key(leg));
            let asked = note.rule.rides_on(day).filter(|(leg, ..)| missing(leg));
            let asked = asked.filter_map(|(leg, ..)| Some((leg, self.standing_request(&note.rule, day, leg)?)));
            let (legs, requests): (Vec<Leg>, Vec<_>) = asked.map(|(leg, request)| (leg, request.into())).unzip();
            if legs.is_empty() {
                continue;
            }
            let stands_together = note.rule.stands_together;
            let note = Fact::StandingTried { standing, day, legs }.into_note();
            let tried = self.take(&ours("standing"), Command::BookAll { requests, stands_together, note });
            log_fault(tried.and_then(|written| match written.answer {
                Answer::BookedEach(_) | Answer::BookedNone(_) => Ok(()),
                other => Err(Fault::bug(other)),
            }));
        }
    }

    /// The dates of a rule whose rides the service takes bookings for, and for which shifts are planned or should be.
    fn dates_ahead(&self, rule: &Standing) -> BTreeSet<Day> {
        let state = self.scribe.state();
        let Some(service) = state.services.get(&rule.service) else { return BTreeSet::new() };
        let now = self.now();
        let first = rule.from.max(self.today());
        let last = day_of(civil_date(&self.config.area.time_zone, now + service.policy.horizon));
        let last = rule.until.map_or(last, |until| until.min(last));
        let is_open = |request: &Request| {
            let wished = request.wish.window();
            let is_bookable = |day: &ServiceDay| {
                let overlaps = wished.earliest() <= day.pickups.latest() && day.pickups.earliest() <= wished.latest();
                !overlaps || day.bookable_from <= now
            };
            now <= wished.latest()
                && wished.earliest() <= now + service.policy.horizon
                && service.days.iter().all(is_bookable)
        };
        let planned_to = Day(self.today().0 + self.config.area.shift_days_ahead);
        let has_shift = |request: &Request| {
            let wished = request.wish.window();
            let mut shifts = state.schedules.values().map(|schedule| schedule.shift.window);
            shifts.any(|shift| shift.earliest() <= wished.latest() && wished.earliest() <= shift.latest())
        };
        let is_ahead = |&day: &Day| {
            let mut requests = rule.rides_on(day).filter_map(|(leg, ..)| self.standing_request(rule, day, leg));
            let mut is_any = false;
            requests.all(|request| {
                is_any = true;
                is_open(&request) && (day <= planned_to || has_shift(&request))
            }) && is_any
        };
        (first.0..=last.0).map(Day).filter(|&day| rule.has(day)).filter(is_ahead).collect()
    }

    /// One ride of a date as a request; `None` if the date has no such time.
    fn standing_request(&self, rule: &Standing, day: Day, leg: Leg) -> Option<Request> {
        let (_, ride, minute) = rule.rides_on(day).find(|(found, ..)| *found == leg)?;
        let at: Time = civil_instant(&self.config.area.time_zone, date_of(day)?, time_at(minute)?)?;
        let name: ServiceName = self.view().service_name(rule.service).parse().ok()?;
        let rules = self.config.service(&name);
        let walk_max = rules.map(|rules| rules.policy.walk_max);
        let when = match ride.is_arrival {
            true => When::ArriveBy { earliest: None, latest: at },
            false => When::DepartAfter { earliest: Some(at), latest: None },
        };
        let ways = |spot, walk: Option<Span>| -> Vec<Access> {
            self.ways(rules, &self.in_zones(spot), walk.unwrap_or(Span::ZERO))
        };
        Some(Request {
            service: rule.service,
            rider: rule.rider,
            channel: rule.channel,
            origin: ways(&ride.from, walk_max.map(|limit| limit.to_pickup)),
            destination: ways(&ride.to, walk_max.map(|limit| limit.from_dropoff)),
            party: rule.party,
            concessions: mukae_engine::model::Concessions::NONE,
            wish: self.window(&name, when),
            arrive_latest: None,
            needs: rule.needs,
            beyond: Beyond::NOTHING,
            choice: Choice { offers_max: 1, relaxations_max: RELAXATIONS_SHOWN },
        })
    }

    pub(super) fn today(&self) -> Day {
        day_of(civil_date(&self.config.area.time_zone, self.now()))
    }

    fn standing_note(&self, name: &StandingName) -> Result<&StandingNote, Fault> {
        let service = self.annals.service(&name.service);
        let found = self.annals.office().standings().get(&name.standing);
        found.filter(|note| Some(note.rule.service) == service).ok_or_else(|| Fault::not_found(name))
    }

    fn draw_standing(&self, name: &StandingName) -> Result<pb::StandingBooking, Fault> {
        let note = self.standing_note(name)?;
        Ok(to_proto::standing(&self.view(), note, &self.dates_ahead(&note.rule)))
    }
}

fn log_fault(done: Result<(), Fault>) {
    if let Err(fault) = done {
        tracing::error!("standing bookings: {fault:?}");
    }
}
