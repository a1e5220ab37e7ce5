//! Drawn fleets: what vehicles hold, what they can do, whose riders they carry, and where; services
//! with hours.

use std::collections::BTreeSet;

use mukae_engine::model::{
    Crew, Crews, DistanceFare, FareTable, Fees, OnCall, Payment, Rates, Serves, ServiceDay, SharedRate, Shift, Tariff,
    Terms, ZoneFare, ZonePair,
};
use mukae_units::{
    Capacity, FeatureId, Features, IdSet, Metres, SeatKind, Seats, ServiceId, SmallId, Span, Substitutions, Time,
    TimeWindow, Yen, ZoneId, Zones,
};

use super::Dice;

/// Features and zones of a drawn town.
pub const FEATURES: u32 = 3;
pub const ZONES: u32 = 3;

/// Mostly a few seats; some fold a row, some seat one kind on places of another.
pub fn any_capacity(dice: &mut Dice) -> Capacity {
    let mut places = Seats::new(1 + dice.below(4) as u8, dice.below(2) as u8);
    if dice.chance(40) {
        places = places.with(SeatKind::Luggage, dice.below(3) as u8).with(SeatKind::Stretcher, dice.below(2) as u8);
    }
    let mut configurations = vec![places];
    if dice.chance(35) {
        let folded = places.of(SeatKind::Seat) / 2;
        configurations.push(places.with(SeatKind::Seat, folded).with(SeatKind::Wheelchair, 1 + dice.below(2) as u8));
    }
    let mut substitutions = Substitutions::NONE;
    for (kind, place) in [
        (SeatKind::ChildSeat, SeatKind::Seat),
        (SeatKind::Seat, SeatKind::Wheelchair),
        (SeatKind::Seat, SeatKind::Stretcher),
        (SeatKind::Luggage, SeatKind::Seat),
    ] {
        if dice.chance(40) {
            substitutions = substitutions.and(kind, place);
        }
    }
    Capacity::new(configurations, substitutions).expect("there is one")
}

/// Now and then nobody at all.
pub fn any_party(dice: &mut Dice) -> Seats {
    let mut party = Seats::new(dice.below(3) as u8, u8::from(dice.chance(15)));
    for kind in [SeatKind::ChildSeat, SeatKind::Luggage, SeatKind::Stretcher] {
        if dice.chance(10) {
            party = party.with(kind, 1);
        }
    }
    party
}

pub fn any_terms(dice: &mut Dice, services: u32) -> Terms {
    let zones = if dice.chance(20) { any_set(dice, ZONES, 60) } else { Zones::EMPTY };
    let serves = match dice.chance(30) {
        true => Serves::Only((1..=services).filter(|_| dice.chance(60)).map(ServiceId).collect::<BTreeSet<_>>()),
        false => Serves::All,
    };
    Terms { features: any_set(dice, FEATURES, 40), serves, zones, crew: any_crew(dice) }
}

/// Mostly staff.
pub fn any_crew(dice: &mut Dice) -> Crew {
    if dice.chance(80) { Crew::Staff } else { Crew::ALL[dice.below(3) as usize] }
}

/// Now and then nobody.
pub fn any_crews(dice: &mut Dice) -> Crews {
    Crew::ALL.into_iter().filter(|_| dice.chance(60)).fold(Crews::NONE, Crews::and)
}

pub fn any_tariff(dice: &mut Dice) -> Tariff {
    let mut yen = || Yen(dice.below(20) as u32 * 100);
    let table = match yen().0 % 400 {
        0 => FareTable::Flat(yen()),
        100 => FareTable::ByParty(vec![yen(), yen(), yen()]),
        200 => {
            let row = |metres, yen| DistanceFare { up_to: Metres::from_metres(metres), yen };
            FareTable::ByDistance { rows: vec![row(2_000, yen()), row(6_000, yen())], beyond: yen() }
        }
        _ => {
            let zone = |number| Zones::EMPTY.and(ZoneId(number)).expect("a small number");
            let row = |from, to, yen| ZoneFare { from: zone(from), to: zone(to), yen };
            FareTable::ByZones { rows: vec![row(0, 1, yen()), row(1, 0, yen())], other: yen() }
        }
    };
    let shared = SharedRate { discount: yen(), within_party: yen().0 < 500 };
    let fees = Fees { free_until: Span::from_mins(yen().0.into()), late_cancellation: yen(), no_show: yen() };
    let rates = Rates { child_percent: 50, senior_percent: 80, disabled_percent: 0, rounding: Yen(10) };
    Tariff { table, shared, rates, payment: Payment { ticket: Some(Yen(200)), cash: true, account: false }, fees }
}

/// A driver who waits to be called: for little or much, at short notice or long.
pub fn any_on_call(dice: &mut Dice) -> OnCall {
    OnCall { cost: dice.below(4) as i64 * 250, notice: Span::from_mins(dice.below(4) as i64 * 7) }
}

/// A driver who can do something, or a shift that stays in some zones.
pub fn any_driver(dice: &mut Dice, shift: Shift) -> Shift {
    let zones = if dice.chance(15) { any_set(dice, ZONES, 60) } else { Zones::EMPTY };
    let crew = dice.chance(10).then(|| any_crew(dice));
    Shift { features: any_set(dice, FEATURES, 20), zones, crew, ..shift }
}

pub fn any_needs(dice: &mut Dice) -> Features {
    if dice.chance(15) { any_set(dice, FEATURES, 40) } else { Features::EMPTY }
}

pub fn any_set<I: SmallId>(dice: &mut Dice, count: u32, percent: u64) -> IdSet<I> {
    let drawn: Vec<I> = (0..count).filter(|_| dice.chance(percent)).map(I::of_number).collect();
    IdSet::of(&drawn).expect("small numbers")
}

pub fn any_zone_pairs(dice: &mut Dice) -> Vec<ZonePair> {
    (0..1 + dice.below(3)).map(|_| ZonePair { from: any_set(dice, ZONES, 60), to: any_set(dice, ZONES, 60) }).collect()
}

/// Pieces of a day with pauses between them, some of them closed for bookings early or opened late.
pub fn any_days(dice: &mut Dice, midnight: Time) -> Vec<ServiceDay> {
    let mut days = Vec::new();
    let mut from = midnight + Span::from_mins(5 * 60 + dice.below(180) as i64);
    while from < midnight + Span::HOUR * 20 {
        let to = from + Span::from_mins(20 + dice.below(240) as i64);
        let until = if dice.chance(30) { from - Span::from_mins(dice.below(90) as i64) } else { to };
        let open = if dice.chance(20) { from - Span::from_mins(dice.below(90) as i64) } else { midnight };
        let pickups = TimeWindow::new(from, to).expect("in order");
        days.push(ServiceDay { pickups, bookable_from: open, bookable_until: until });
        from = to + Span::from_mins(dice.below(60) as i64);
    }
    days
}

pub fn feature_names() -> impl Iterator<Item = (FeatureId, String)> {
    (0..FEATURES).map(|number| (FeatureId(number), format!("feature {number}")))
}
