//! A small town as the desk sees it: one vehicle, riders who ask, drivers who report.

use super::city::City;
use super::town::{Town, at, midnight, policy, service};
use mukae_engine::event::Breach;
use mukae_engine::model::{Terms, Vehicle, Wish};
use mukae_engine::{Answer, Command, Endogenous, Event, State};
use mukae_units::{BookingId, Seats, ShiftId, StopId, Time, TimeWindow, VehicleId};

pub const ONE: Seats = Seats::new(1, 0);

pub fn town(picture: &str) -> Town {
    Town::new(City::draw(picture), policy(), service())
}

/// A town whose one vehicle has a shift at A from 08:00 to 12:00 that nobody has opened.
pub fn town_before_sign_on(picture: &str) -> Town {
    let mut town = town(picture);
    register(&mut town, Seats::new(4, 0));
    town.add_shift(1, 1, 0, TimeWindow::new(at("08:00"), at("12:00")).expect("in order"));
    town
}

pub fn register(town: &mut Town, capacity: Seats) {
    let vehicle = Vehicle { id: VehicleId(1), name: "v1".into(), capacity: capacity.into(), terms: Terms::OPEN };
    town.expect_noted(midnight(), Command::RegisterVehicle(vehicle));
}

pub fn depart(from: &str, to: &str) -> Wish {
    Wish::DepartAfter(TimeWindow::new(at(from), at(to)).expect("in order"))
}

pub fn arrive(from: &str, to: &str) -> Wish {
    Wish::ArriveBy(TimeWindow::new(at(from), at(to)).expect("in order"))
}

pub fn book(town: &mut Town, now: &str, from: &str, to: &str, wish: Wish) -> BookingId {
    let (from, to) = (town.city.node(from), town.city.node(to));
    let request = town.request(from, to, ONE, wish);
    let Answer::Offered(offers) = town.tell(at(now), Command::Quote(request.into())) else { panic!("refused") };
    match town.tell(at(now), Command::ConfirmOffer { offer: offers[0].id }) {
        Answer::Confirmed(booking) => booking.id,
        other => panic!("{other:?}"),
    }
}

pub fn state(town: &Town) -> &State {
    town.dispatcher.state()
}

/// The next stop of the shift.
pub fn next_stop(town: &Town, shift: ShiftId) -> StopId {
    state(town).schedules[&shift].next_stop().expect("it has something to do").id
}

/// When the vehicle is predicted to be at its next stop.
pub fn next_ready(town: &Town, shift: ShiftId, now: &str) -> Time {
    state(town).schedules[&shift].timeline(at(now)).stops[0].ready
}

pub fn breaches(events: &[Event]) -> impl Iterator<Item = Breach> {
    events.iter().filter_map(|event| match event {
        Event::Endogenous(Endogenous::PromiseAtRisk { breach, .. }) => Some(*breach),
        _ => None,
    })
}
