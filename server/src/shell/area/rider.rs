//! What a rider sees of their own trip, and who is on whose manifest.

use mukae_proto::transit::booking::v1 as pb;

use super::Area;
use crate::config::civil_date;
use crate::errors::Fault;
use crate::names::{BookingName, RiderName, VehicleName};
use crate::shell::input::Ask;
use crate::shell::outbox::{Hub, TripFeed};
use crate::wire::to_proto;

impl Area {
    pub(super) fn get_trip(&mut self, name: BookingName) -> Result<pb::Trip, Fault> {
        Ok(to_proto::trip(&self.view(), self.booking(&name)?))
    }

    /// The trip as it is, and a word when it may read differently.
    pub(super) fn watch_trip(&mut self, ask: Ask<BookingName, TripFeed>) {
        if ask.reply.is_closed() {
            return;
        }
        let (id, hub, view) = (ask.question.booking, self.outbox.hub(), self.view());
        let first = self.booking(&ask.question).map(|booking| {
            // heard from here on, which is before it is drawn: no report falls in between
            let moves = to_proto::vehicle_of(&view, booking).map(|vehicle| hub.watch_moves(vehicle));
            let trip = to_proto::trip(&view, booking);
            (trip, to_proto::booking(&view, booking), moves, to_proto::redraw_trip_at(&view, booking))
        });
        self.subscribe_when_durable(ask.reply, first, move |hub: &Hub, (first, booking, moves, redraw_at)| {
            let updates = hub.watch_booking(id, booking).updates;
            TripFeed { first, updates, moves, redraw_at }
        });
    }

    /// Whether a rider is on what the vehicle has to do today.
    pub(super) fn is_carrying(&mut self, (rider, vehicle): (RiderName, VehicleName)) -> Result<bool, Fault> {
        let (view, zone) = (self.view(), &self.config.area.time_zone);
        let today = civil_date(zone, view.now);
        let known = self.annals.vehicle(&vehicle);
        let schedule = known.and_then(|vehicle| to_proto::schedule_of(&view, vehicle)).filter(|schedule| {
            let is_open = schedule.state == mukae_engine::model::ShiftState::Open;
            is_open || civil_date(zone, schedule.shift.window.earliest()) == today
        });
        Ok(schedule.is_some_and(|schedule| {
            let mut bookings = schedule.stops().iter().filter_map(|stop| view.state.bookings.get(&stop.booking?));
            bookings.any(|booking| to_proto::rider_of(&view, booking).as_ref() == Some(&rider))
        }))
    }
}
