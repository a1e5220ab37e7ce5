//! What real services state besides the neutral model: how much slower does the search get when all of it is switched on?
//!
//! Everything is there to be looked at and seldom binds, so that the fleet does much the same work as without.

use clap::ValueEnum;
use mukae_engine::model::{
    Break, DeclaredTrip, Driver, DriverKind, Policy, Request, Service, ServiceDay, Shift, Terms, Tier, ZonePair,
};
use mukae_units::{
    BreakId, Capacity, DriverId, FeatureId, Features, Metres, SeatKind, Seats, Span, Substitutions, Time, TimeWindow,
    ZoneId, Zones,
};

use super::rules::spot;
use super::{NeutralRequest, NeutralVehicle};

/// A kind of constraint, to be switched on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Constraint {
    /// Two breaks of half an hour for everybody, each to begin within three hours.
    Breaks,
    /// Private trips from and to the vehicle's place, with a tolerance in time and length; every second vehicle, if it also
    /// says what it seats, else all.
    Trips,
    /// Luggage, child seats and wheelchairs, a row that folds, and who may sit where.
    Seats,
    /// Every second vehicle has one, every tenth request needs it.
    Features,
    /// Places in two zones; vehicles and the service carry in and between both.
    Zones,
    /// Days of two parts, with bookings until the end.
    Hours,
    /// What a vehicle leaves for within half a minute stays.
    Freeze,
    /// Time for each party, each seat, each wheelchair.
    Dwell,
    /// Volunteers with a standing consent, a cool-down and a weekly limit.
    Tiers,
    All,
}

/// Those that are switched on.
#[derive(Clone, Debug, Default)]
pub struct Constraints(Vec<Constraint>);

const STEP: FeatureId = FeatureId(0);
const DAY: i64 = 24 * 60 * 60;

impl Constraints {
    pub const NONE: Constraints = Constraints(Vec::new());

    pub fn of(some: &[Constraint]) -> Constraints {
        Constraints(some.to_vec())
    }

    pub fn has(&self, constraint: Constraint) -> bool {
        self.0.contains(&constraint) || self.0.contains(&Constraint::All)
    }

    pub fn features(&self) -> Option<(FeatureId, String)> {
        self.has(Constraint::Features).then(|| (STEP, "step".into()))
    }

    pub fn policy(&self, policy: Policy) -> Policy {
        let freeze_horizon = if self.has(Constraint::Freeze) { Span::from_secs(30) } else { policy.freeze_horizon };
        let ask_timeout = if self.has(Constraint::Tiers) { Span::from_mins(5) } else { policy.ask_timeout };
        Policy { freeze_horizon, ask_timeout, ..policy }
    }

    pub fn service(&self, mut service: Service) -> Service {
        if self.has(Constraint::Dwell) {
            let dwell = &mut service.policy.dwell;
            (dwell.per_party, dwell.per_seat) = (Span::from_secs(5), Span::from_secs(2));
            dwell.per_wheelchair = Span::from_secs(60);
        }
        if self.has(Constraint::Zones) {
            let [near, far] = [zones(&[0]), zones(&[1])];
            service.zones = vec![ZonePair { from: near, to: zones(&[0, 1]) }, ZonePair { from: far, to: Zones::EMPTY }];
        }
        if self.has(Constraint::Hours) {
            let noon = Time::from_unix_secs(DAY / 2);
            let parts =
                [(Time::from_unix_secs(-DAY), noon), (noon + Span::from_secs(1), Time::from_unix_secs(2 * DAY))];
            service.days = parts
                .map(|(from, to)| ServiceDay {
                    pickups: TimeWindow::new(from, to).expect("in order"),
                    bookable_from: Time::from_unix_secs(-DAY),
                    bookable_until: to,
                })
                .to_vec();
        }
        service
    }

    pub fn terms(&self, vehicle: &NeutralVehicle) -> Terms {
        let features =
            if self.has(Constraint::Features) && vehicle.id.is_multiple_of(2) { step() } else { Features::EMPTY };
        let zones = if self.has(Constraint::Zones) { zones(&[0, 1]) } else { Zones::EMPTY };
        Terms { features, zones, ..Terms::OPEN }
    }

    pub fn capacity(&self, vehicle: &NeutralVehicle) -> Capacity {
        let seats = Seats::new(vehicle.capacity, 0);
        if !self.has(Constraint::Seats) {
            return seats.into();
        }
        let seats = seats.with(SeatKind::ChildSeat, 1).with(SeatKind::Luggage, 2);
        let folded = Seats::new(vehicle.capacity.saturating_sub(2), 1).with(SeatKind::Luggage, 2);
        let substitutions = Substitutions::NONE
            .and(SeatKind::ChildSeat, SeatKind::Seat)
            .and(SeatKind::Luggage, SeatKind::Seat)
            .and(SeatKind::Seat, SeatKind::Wheelchair);
        Capacity::new(vec![seats, folded], substitutions).expect("there are two")
    }

    /// Who drives the vehicle, if anybody is named.
    pub fn driver(&self, vehicle: &NeutralVehicle) -> Option<Driver> {
        self.has(Constraint::Tiers).then(|| Driver {
            id: DriverId(vehicle.id + 1),
            name: format!("d{}", vehicle.id),
            kind: DriverKind::Volunteer,
            cooldown: Span::HOUR,
            asks_per_week_max: 5,
            tier: Tier::T3,
        })
    }

    pub fn shift(&self, vehicle: &NeutralVehicle, mut shift: Shift) -> Shift {
        shift.driver = self.driver(vehicle).map(|driver| driver.id);
        if self.has(Constraint::Breaks) {
            let rest = |number: i64| {
                let earliest = shift.window.earliest() + Span::HOUR * (6 * number - 2);
                let window = TimeWindow::new(earliest, earliest + Span::HOUR * 3).expect("in order");
                let place = spot(vehicle.edge);
                Break { id: BreakId(number as u32), place, window, length: Span::from_mins(30) }
            };
            let ends_before = |rest: &Break| rest.window.latest() + Span::HOUR < shift.window.latest();
            shift.breaks = [1, 2].map(rest).into_iter().filter(ends_before).collect();
        }
        if self.has(Constraint::Trips) && (!self.has(Constraint::Seats) || vehicle.id % 2 == 1) {
            shift.end = Some(shift.start.clone());
            shift.declared = Some(DeclaredTrip {
                seats: Seats::new(vehicle.capacity, 0),
                detour_max: Span::HOUR * 24,
                detour_length_max: Metres::from_millimetres(1_500_000_000),
                tier: Tier::T3,
            });
        }
        shift
    }

    pub fn request(&self, asked: &NeutralRequest, mut request: Request) -> Request {
        if self.has(Constraint::Features) && asked.id.is_multiple_of(10) {
            request.needs = step();
        }
        if self.has(Constraint::Zones) {
            request.origin.zones = zones(&[asked.origin_edge % 2]);
            request.destination.zones = zones(&[asked.dest_edge % 2]);
        }
        if self.has(Constraint::Seats) {
            request.party = match asked.id % 20 {
                0 => request.party.with(SeatKind::Wheelchair, 1),
                1 => request.party.with(SeatKind::ChildSeat, 1),
                2 | 3 => request.party.with(SeatKind::Luggage, 1),
                _ => request.party,
            };
        }
        request
    }
}

fn step() -> Features {
    Features::of(&[STEP]).expect("a small number")
}

fn zones(numbers: &[u32]) -> Zones {
    let zones: Vec<ZoneId> = numbers.iter().map(|&number| ZoneId(number)).collect();
    Zones::of(&zones).expect("small numbers")
}
