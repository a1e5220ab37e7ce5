//! Settings of small worlds: one service, one kind of vehicle, rules said in one place.

use std::time::Instant;

use mukae_engine::Command;
use mukae_engine::model::{
    Channel, CostWeights, Crews, DwellRule, Limits, MapId, Policy, RideLimit, Service, ServicePolicy, Shift, Spot,
    Terms, Tier, Vehicle, WalkLimit,
};
use mukae_maps::{EdgeId, Fraction, Place, Sides, TravelTimes};
use mukae_units::{Features, LatLon, Seats, ServiceId, ShiftId, Span, Time, TimeWindow, VehicleId, Zones};

use crate::demand::{RequestRow, WishKind};
use crate::{Ask, Outcome, RoadLengths, Setup, Simulation};

use super::watch::{Fate, Watch};

/// Longer than anything lasts here, and short enough that no sum overflows.
pub(super) const FOREVER: Span = Span::from_mins(100 * 365 * 24 * 60);

/// What differs between the worlds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub cost: CostWeights,
    pub ride: RideLimit,
    pub dwell: DwellRule,
    /// No stop is put before one that is planned to begin within this.
    pub freeze_horizon: Span,
}

/// Rides may take so many thousandths of the direct time.
pub(super) const fn ride(factor_permille: u32) -> RideLimit {
    RideLimit { extra: Span::ZERO, factor_permille, max: FOREVER }
}

/// Boarding and alighting take no time.
pub(super) const NO_DWELL: DwellRule =
    DwellRule { per_stop: Span::ZERO, per_party: Span::ZERO, per_seat: Span::ZERO, per_wheelchair: Span::ZERO };

/// Only waiting costs anything.
pub(super) const SOONEST: CostWeights =
    CostWeights { driving: 0, driver_time: 0, rider_wait: 1, excess_ride: 0, wait_on_board: 0, walking: 0 };

pub(super) fn settings(rules: Rules) -> Vec<Command> {
    let service = ServicePolicy {
        promise_width: FOREVER,
        ride: rules.ride,
        limits: Limits::Hard,
        dwell: rules.dwell,
        offer_ttl: Span::MINUTE,
        notice_min: Span::ZERO,
        horizon: FOREVER,
        no_show_after: Span::HOUR,
        walk_max: WalkLimit { to_pickup: Span::ZERO, from_dropoff: Span::ZERO },
        hold_max: Span::ZERO,
        party_max: None,
        crews: Crews::ALL,
    };
    vec![
        Command::UseMap(MapId(1)),
        Command::SetPolicy(Policy {
            cost: rules.cost,
            wait_on_board_max: Span::HOUR,
            position_tolerance: Span::MINUTE,
            retention: Span::MINUTE,
            freeze_horizon: rules.freeze_horizon,
            wait_first_permille: 0,
            ask_timeout: Span::MINUTE,
            tier_max: Tier::T3,
        }),
        Command::SetService(
            Service {
                id: SERVICE,
                name: "validation".to_owned(),
                policy: service,
                days: Vec::new(),
                zones: Vec::new(),
                tariff: None,
                suspension: None,
            }
            .into(),
        ),
    ]
}

pub(super) const SERVICE: ServiceId = ServiceId(1);

pub(super) fn vehicle(number: u32, seats: u8) -> Command {
    let (id, name, capacity) = (VehicleId(number), format!("car {number}"), Seats::new(seats, 0).into());
    Command::RegisterVehicle(Vehicle { id, name, capacity, terms: Terms::OPEN })
}

/// `end`: none stays where the last rider alights.
pub(super) fn shift(number: u32, vehicle: u32, window: TimeWindow, start: Place, end: Option<Place>) -> Command {
    Command::PlanShift(
        Shift {
            id: ShiftId(number),
            name: format!("shift {number}"),
            vehicle: VehicleId(vehicle),
            window,
            start: spot(start),
            end: end.map(spot),
            features: Features::EMPTY,
            zones: Zones::EMPTY,
            crew: None,
            breaks: Vec::new(),
            driver: None,
            declared: None,
            on_call: None,
        }
        .into(),
    )
}

/// A row of a table of travel times.
pub(super) fn row_place(row: u32) -> Place {
    Place { edge: EdgeId(row), fraction: Fraction::TAIL, sides: Sides::Both }
}

/// The one rider who asks as number `number`, and can be fetched from now until `wait_max` later.
pub(super) fn ask(number: usize, at: Time, wait_max: Span, from: Place, to: Place) -> Ask {
    let row = RequestRow {
        line: 0,
        id: format!("{number:09}"),
        created_at: at,
        window: TimeWindow::new(at, at + wait_max).expect("a wait is not negative"),
        kind: WishKind::DepartAfter,
        from: nowhere(),
        to: nowhere(),
        party: Seats::new(1, 0),
        channel: Channel::Partner,
        purpose: String::new(),
    };
    row.ask(SERVICE, spot(from), spot(to))
}

/// Nobody looks at coordinates here: places are rows of a table, or nodes of a network.
pub(super) fn nowhere() -> LatLon {
    LatLon::from_e7(0, 0).expect("the middle of the globe is on it")
}

pub(super) fn spot(place: Place) -> Spot {
    Spot { asked: nowhere(), label: String::new(), kana: String::new(), place, zones: Zones::EMPTY }
}

/// Runs, and tells what became of every ask, in their order.
pub(super) fn run(setup: Setup, roads: &mut dyn TravelTimes, lengths: &mut dyn RoadLengths) -> (Outcome, Vec<Fate>) {
    let mut watch = Watch::new(setup.asks.len());
    let keep = &mut |record: &[u8]| watch.follow(record);
    let simulation = Simulation::new(setup, roads, lengths, keep).expect("the settings are ours and sound");
    let outcome = simulation.run(&mut |_| {});
    (outcome, watch.fates())
}

/// Seconds that a run takes when nobody reads its records.
pub(super) fn time(setup: Setup, roads: &mut dyn TravelTimes, lengths: &mut dyn RoadLengths) -> f64 {
    let keep = &mut |_: &[u8]| {};
    let begun = Instant::now();
    let simulation = Simulation::new(setup, roads, lengths, keep).expect("the settings are ours and sound");
    simulation.run(&mut |_| {});
    begun.elapsed().as_secs_f64()
}
