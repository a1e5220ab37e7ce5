//! Requests, offers and records as one would write them down.

#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;

use mukae_engine::model::{
    Access, AccessPair, Alternative, Beyond, Binding, Channel, Choice, Concessions, Constraint, Crews, DwellRule,
    Limits, Offer, Promise, Refusal, Request, RideLimit, Service, ServicePolicy, Shift, Spot, WalkLimit, Wish,
};
use mukae_engine::{Answer, Command, Endogenous, Exogenous};
use mukae_maps::{EdgeId, Place};
use mukae_office::Fact;
use mukae_record::{Origin, Principal, Record};
use mukae_units::{
    Features, LatLon, OfferId, RiderId, Seats, ServiceId, ShiftId, Span, Time, TimeWindow, TravelTime, VehicleId, Zones,
};

pub const TOWN: ServiceId = ServiceId(1);

pub fn mins(mins: i64) -> Time {
    Time::EPOCH + Span::from_mins(mins)
}

pub fn window(from: i64, until: i64) -> TimeWindow {
    TimeWindow::new(mins(from), mins(until)).unwrap()
}

/// One kilometre apart, on a line to the north.
pub fn point(number: i32) -> LatLon {
    LatLon::from_e7(360_000_000 + number * 89_932, 1_375_000_000).unwrap()
}

pub fn spot(number: i32) -> Spot {
    Spot {
        asked: point(number),
        label: format!("place {number}"),
        kana: String::new(),
        place: Place::head_of(EdgeId(number as u32)),
        zones: Zones::EMPTY,
    }
}

/// From place 0 to place 5.
pub fn request(rider: u64, channel: Channel, wished: i64) -> Arc<Request> {
    Arc::new(Request {
        service: TOWN,
        rider: (rider != 0).then_some(RiderId(rider)),
        channel,
        origin: Access::at_door(spot(0)),
        destination: Access::at_door(spot(5)),
        party: Seats::new(1, 0),
        concessions: Concessions::NONE,
        wish: Wish::DepartAfter(window(wished, wished + 30)),
        arrive_latest: None,
        needs: Features::EMPTY,
        beyond: Beyond::NOTHING,
        choice: Choice::ONE,
    })
}

/// Ten minutes after the wished time, and a ride of twelve minutes where ten are direct.
pub fn offer(id: u64, quote: u64, request: &Arc<Request>) -> Offer {
    let pickup = request.wish.window().earliest() + Span::from_mins(10);
    let dropoff = pickup + Span::from_mins(12);
    Offer {
        id: OfferId(id),
        quote: OfferId(quote),
        alternative: Alternative::Best,
        request: Arc::clone(request),
        access: AccessPair::FIRST,
        promise: Promise {
            pickup: TimeWindow::new(pickup, pickup + Span::from_mins(10)).unwrap(),
            dropoff_latest: dropoff + Span::from_mins(10),
            ride_max: Span::HOUR,
        },
        shift: ShiftId(1),
        pickup,
        dropoff,
        direct: TravelTime::from_secs(600),
        cost: 0,
        fare: None,
        expires: pickup,
    }
}

pub fn refusal() -> Refusal {
    Refusal::of(vec![Binding::from(Constraint::NoShift)])
}

pub fn record(at: i64, command: Command, endogenous: Vec<Endogenous>) -> Record {
    record_by("desk", at, command, endogenous, Answer::Noted)
}

pub fn record_by(who: &str, at: i64, command: Command, endogenous: Vec<Endogenous>, answer: Answer) -> Record {
    Record {
        origin: Origin::of(Principal::new(who).unwrap()),
        exogenous: Exogenous { at: mins(at), command },
        endogenous,
        answer,
        state_hash: None,
    }
}

pub fn fact(at: i64, fact: Fact) -> Record {
    record(at, fact.into_command(), Vec::new())
}

pub fn service() -> Service {
    let policy = ServicePolicy {
        promise_width: Span::from_mins(10),
        ride: RideLimit { extra: Span::from_mins(15), factor_permille: 1500, max: Span::from_mins(90) },
        limits: Limits::Hard,
        dwell: DwellRule {
            per_stop: Span::ZERO,
            per_party: Span::MINUTE,
            per_seat: Span::ZERO,
            per_wheelchair: Span::ZERO,
        },
        offer_ttl: Span::from_mins(5),
        notice_min: Span::ZERO,
        horizon: Span::DAY * 14,
        no_show_after: Span::from_mins(5),
        walk_max: WalkLimit { to_pickup: Span::ZERO, from_dropoff: Span::ZERO },
        hold_max: Span::ZERO,
        party_max: None,
        crews: Crews::ALL,
    };
    let (name, days, zones) = ("town".to_owned(), Vec::new(), Vec::new());
    Service { id: TOWN, name, policy, days, zones, tariff: None, suspension: None }
}

/// From place 0 back to it.
pub fn shift(id: u32, window: TimeWindow) -> Shift {
    Shift {
        id: ShiftId(id),
        name: String::new(),
        vehicle: VehicleId(id),
        window,
        start: spot(0),
        end: Some(spot(0)),
        features: Features::EMPTY,
        zones: Zones::EMPTY,
        crew: None,
        breaks: Vec::new(),
        driver: None,
        declared: None,
        on_call: None,
    }
}
