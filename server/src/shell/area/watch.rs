//! Beginnings of streams, and the updates that follow on them.

use std::sync::Arc;

use mukae_engine::model::{Booking, BookingState};
use mukae_proto::transit::area::v1 as pb;
use mukae_proto::transit::{booking::v1 as booking_pb, fleet::v1 as fleet_pb};
use mukae_units::VehicleId;
use pb::watch_area_response::Update as Content;

use super::{Area, revision};
use crate::errors::Fault;
use crate::names::{AreaName, BookingName, ManifestName};
use crate::shell::annals::Touched;
use crate::shell::committer::Entry;
use crate::shell::input::{AreaResume, Ask, Reply};
use crate::shell::outbox::{AreaFeed, Following, Hub, Shown, Update};
use crate::shell::picture;
use crate::wire::to_proto::{self, Clockface, View};

impl Area {
    pub(super) fn get_area(&mut self, name: AreaName) -> Result<pb::Area, Fault> {
        self.check_area(&name)?;
        Ok(self.draw_area())
    }

    pub(super) fn watch_area(&mut self, ask: Ask<AreaResume, AreaFeed>) {
        let Ask { question: AreaResume { area, revision: seen }, reply } = ask;
        if reply.is_closed() {
            return; // who asked has gone: no picture is drawn for nobody
        }
        let first = self.check_area(&area).map(|()| self.first_of_area(seen));
        let subscribe = |hub: &Hub, first| AreaFeed { first, updates: hub.watch_area() };
        self.subscribe_when_durable(reply, first, subscribe);
    }

    pub(super) fn watch_booking(&mut self, ask: Ask<BookingName, Following<booking_pb::Booking>>) {
        if ask.reply.is_closed() {
            return;
        }
        let id = ask.question.booking;
        let first = self.get_booking(ask.question);
        self.subscribe_when_durable(ask.reply, first, move |hub: &Hub, first| hub.watch_booking(id, first));
    }

    pub(super) fn watch_manifest(&mut self, ask: Ask<ManifestName, Following<fleet_pb::Manifest>>) {
        if ask.reply.is_closed() {
            return;
        }
        let first = self.vehicle(&ask.question.0).map(|vehicle| (vehicle, self.draw_manifest(vehicle)));
        let subscribe = |hub: &Hub, (vehicle, first)| hub.watch_manifest(vehicle, first);
        self.subscribe_when_durable(ask.reply, first, subscribe);
    }

    /// What a record changed, as it reads now.
    pub(super) fn draw(&mut self, touched: &Touched) -> Update {
        let manifests: Vec<VehicleId> = touched.vehicles.iter().copied().collect();
        let drawn_manifests = manifests.iter().map(|&vehicle| self.draw_manifest(vehicle)).collect();
        let view = self.view();
        let bookings = touched.bookings.iter().filter_map(|id| view.state.bookings.get(id));
        // one that only holds an offer may vanish without a word
        let bookings: Vec<&Booking> = bookings.filter(|booking| booking.state != BookingState::Held).collect();
        let vehicles = touched.vehicles.iter().filter_map(|id| view.state.vehicles.get(id));
        let shifts = touched.shifts.iter().filter_map(|&id| view.annals.shift_of_id(id));
        let office = view.annals.office();
        let alerts = touched.alerts.iter().filter_map(|id| office.alerts().get(id));
        let measures = touched.measures.iter().filter_map(|id| office.measures().get(id));
        Update {
            revision: revision(self.annals.area_revision()),
            delta: pb::AreaDelta {
                vehicles: vehicles.map(|vehicle| to_proto::vehicle(&view, vehicle)).collect(),
                shifts: shifts.map(|note| to_proto::shift(&view, note)).collect(),
                manifests: drawn_manifests,
                bookings: bookings.iter().map(|booking| to_proto::booking(&view, booking)).collect(),
                positions: Vec::new(),
                alerts: alerts.map(|alert| to_proto::alert(&view, alert)).collect(),
                road_measures: measures.map(|ordered| to_proto::road_measure(&view, ordered, false)).collect(),
            },
            bookings: bookings.iter().map(|booking| booking.id).collect(),
            manifests,
        }
    }

    /// Another area is answered like one that does not exist.
    pub(super) fn check_area(&self, name: &AreaName) -> Result<(), Fault> {
        if *name == self.config.area.name { Ok(()) } else { Err(Fault::not_found(name)) }
    }

    fn draw_area(&self) -> pb::Area {
        let clock = Clockface { speed: self.clock.speed() };
        to_proto::area(&self.view(), &self.config.area, clock)
    }

    /// Subscribes at the very point of the stream at which `first` was drawn: what was decided before
    /// it has been published by then, what is decided after it has not.
    pub(super) fn subscribe_when_durable<F, S>(
        &mut self,
        reply: Reply<S>,
        first: Result<F, Fault>,
        subscribe: impl FnOnce(&Hub, F) -> S + Send + 'static,
    ) where
        F: Send + 'static,
        S: Send + 'static,
    {
        let hub: Arc<Hub> = self.outbox.hub();
        let send = move || {
            let _ = reply.send(first.map(|first| subscribe(&hub, first))); // who asked may have gone meanwhile
        };
        self.entries.push(Entry::Release(Box::new(send)));
    }

    fn first_of_area(&mut self, seen: i64) -> Vec<Arc<Shown>> {
        let current = revision(self.annals.area_revision());
        if seen == 0 {
            return self.snapshot_of_area(current);
        }
        if let Some(missed) = self.outbox.since(seen, current) {
            return missed;
        }
        let resync = pb::Resync { reason: pb::resync::Reason::RevisionGone as i32 };
        let resync = pb::WatchAreaResponse { revision: current, update: Some(Content::Resync(resync)) };
        let mut first = vec![Shown::new(resync)];
        first.extend(self.snapshot_of_area(current));
        first
    }

    fn snapshot_of_area(&mut self, revision: i64) -> Vec<Arc<Shown>> {
        let area = self.draw_area();
        let now = self.now();
        let view = View {
            state: self.scribe.state(),
            annals: &self.annals,
            positions: &self.positions,
            map: &self.map,
            area: &self.config.area.name,
            now,
        };
        let message = |part| pb::WatchAreaResponse { revision, update: Some(Content::Snapshot(part)) };
        let parts = picture::draw(&view, area, &mut self.roads);
        parts.into_iter().map(|part| Shown::new(message(part))).collect()
    }
}
