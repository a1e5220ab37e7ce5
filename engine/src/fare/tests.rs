//! Fares of tables one can check by hand, and that a shared ride never costs more.

use mukae_units::{SeatKind, ZoneId};

use super::*;
use crate::model::{DistanceFare, Fees, Payment, Rates, SharedRate, ZoneFare};

const CASH: Payment = Payment { ticket: None, cash: true, account: false };

fn tariff(table: FareTable) -> Tariff {
    Tariff { table, shared: SharedRate::NONE, rates: Rates::FULL, payment: CASH, fees: Fees::NONE }
}

fn ride(riders: u8) -> Fared {
    Fared { party: Seats::new(riders, 0), concessions: Concessions::NONE, zones: (Zones::EMPTY, Zones::EMPTY) }
}

fn fare(tariff: &Tariff, ride: &Fared) -> (u32, u32) {
    let fare = quote(tariff, ride, || unreachable!("this tariff asks for no length"));
    (fare.full.0, fare.shared.0)
}

fn zones(numbers: &[u32]) -> Zones {
    numbers.iter().fold(Zones::EMPTY, |zones, &number| zones.and(ZoneId(number)).unwrap())
}

/// Declared trips by day: 600 yen, three tickets of 200; 400 yen each if the ride is shared.
fn by_day() -> Tariff {
    Tariff {
        shared: SharedRate { discount: Yen(200), within_party: false },
        payment: Payment { ticket: Some(Yen(200)), cash: false, account: false },
        ..tariff(FareTable::Flat(Yen(600)))
    }
}

#[test]
fn declared_trips_by_day_cost_three_tickets_and_two_if_shared() {
    let tariff = by_day();
    for (riders, full, shared, tickets, tickets_if_shared) in
        [(1, 600, 400, 3, 2), (2, 1200, 800, 6, 4), (3, 1800, 1200, 9, 6)]
    {
        let fare = quote(&tariff, &ride(riders), || None);
        assert_eq!((fare.full, fare.shared), (Yen(full), Yen(shared)), "{riders} riders");
        assert_eq!(fare.tickets(fare.full), Some(tickets), "{riders} riders");
        assert_eq!(fare.tickets(fare.shared), Some(tickets_if_shared), "{riders} riders");
    }
}

#[test]
fn who_travels_together_shares_where_the_tariff_says_so() {
    let tariff = Tariff { shared: SharedRate { discount: Yen(200), within_party: true }, ..by_day() };
    assert_eq!(fare(&tariff, &ride(1)), (600, 400));
    assert_eq!(fare(&tariff, &ride(2)), (800, 800));
}

#[test]
fn the_evening_costs_a_thousand_for_two_and_fifteen_hundred_for_three() {
    let tariff = tariff(FareTable::ByParty(vec![Yen(1000), Yen(1000), Yen(1500)]));
    for (riders, yen) in [(1, 1000), (2, 1000), (3, 1500), (4, 1500)] {
        assert_eq!(fare(&tariff, &ride(riders)), (yen, yen), "{riders} riders");
    }
    let luggage = Fared { party: Seats::NONE.with(SeatKind::Luggage, 1), ..ride(1) };
    assert_eq!(fare(&tariff, &luggage), (0, 0));
}

#[test]
fn children_the_old_and_the_disabled_pay_their_rates() {
    let rates = Rates { child_percent: 50, senior_percent: 80, disabled_percent: 50, rounding: Yen(10) };
    let flat = Tariff { rates, ..tariff(FareTable::Flat(Yen(350))) };
    let of = |children, seniors, disabled| Concessions { children, seniors, disabled };
    // half of 350 is 175, which is 170 in tens
    for (riders, concessions, yen) in [
        (1, of(0, 0, 0), 350),
        (1, of(1, 0, 0), 170),
        (1, of(0, 1, 0), 280),
        (1, of(0, 0, 1), 170),
        (4, of(1, 1, 1), 350 + 170 + 280 + 170),
        (2, of(2, 0, 0), 340),
    ] {
        assert_eq!(fare(&flat, &Fared { concessions, ..ride(riders) }).0, yen, "{riders} with {concessions:?}");
    }
    // a child's part of a price for three, 500 yen, is 250
    let by_party = Tariff { rates, ..tariff(FareTable::ByParty(vec![Yen(1000), Yen(1000), Yen(1500)])) };
    assert_eq!(fare(&by_party, &Fared { concessions: of(1, 0, 0), ..ride(3) }).0, 1250);
    let wheelchair = Fared { party: Seats::new(0, 1), concessions: of(0, 0, 1), ..ride(1) };
    assert_eq!(fare(&flat, &wheelchair).0, 170);
}

#[test]
fn the_first_row_of_zones_that_fits_is_the_fare() {
    let row = |from: &[u32], to: &[u32], yen| ZoneFare { from: zones(from), to: zones(to), yen: Yen(yen) };
    let rows = vec![row(&[1], &[1], 200), row(&[1], &[2], 400), row(&[2], &[], 500)];
    let tariff = tariff(FareTable::ByZones { rows, other: Yen(900) });
    for (from, to, yen) in [
        (&[1][..], &[1][..], 200),
        (&[1], &[2], 400),
        (&[2], &[1], 500),
        (&[1], &[], 900),
        (&[], &[], 900),
        (&[1, 2], &[2], 400), // where zones overlap the first row wins
    ] {
        assert_eq!(fare(&tariff, &Fared { zones: (zones(from), zones(to)), ..ride(1) }).0, yen, "{from:?} to {to:?}");
    }
}

#[test]
fn fares_climb_with_the_direct_way() {
    let step = |metres, yen| DistanceFare { up_to: Metres::from_metres(metres), yen: Yen(yen) };
    let tariff = tariff(FareTable::ByDistance { rows: vec![step(2_000, 300), step(5_000, 500)], beyond: Yen(800) });
    for (millimetres, yen) in
        [(0, 300), (2_000_000, 300), (2_000_001, 500), (5_000_000, 500), (5_000_001, 800), (u64::MAX, 800)]
    {
        let fare = quote(&tariff, &ride(2), || Some(Metres::from_millimetres(millimetres)));
        assert_eq!(fare.full, Yen(2 * yen), "{millimetres} mm");
    }
    assert_eq!(quote(&tariff, &ride(1), || None).full, Yen(800));
}

/// Whatever the tariff, a shared ride costs no more than another, a concession no more than an adult, and nothing overflows.
#[test]
fn sharing_and_concessions_never_cost_more() {
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = |n: u32| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 33) % u64::from(n)) as u32
    };
    for _ in 0..20_000 {
        let mut amount = || Yen([below(2_000), below(1_000_001)][below(2) as usize]);
        let table = match amount().0 % 2 {
            0 => FareTable::Flat(amount()),
            _ => FareTable::ByParty((0..4).map(|_| amount()).collect()),
        };
        let (discount, rounding) = (amount(), Yen(1 + amount().0 % 1_000));
        let mut percent = || below(101) as u8;
        let rates =
            Rates { child_percent: percent(), senior_percent: percent(), disabled_percent: percent(), rounding };
        let shared = SharedRate { discount, within_party: percent() < 50 };
        let tariff = Tariff { table, shared, rates, ..tariff(FareTable::Flat(Yen::ZERO)) };
        assert!(tariff.is_sound(), "{tariff:?}");
        let party = Seats::new(below(256) as u8, below(256) as u8);
        let wanted = Concessions { children: below(256) as u8, seniors: below(256) as u8, disabled: below(256) as u8 };
        let ride = Fared { party, concessions: wanted.within(party), ..ride(1) };
        let (full, shared) = fare(&tariff, &ride);
        assert!(shared <= full, "{ride:?} by {tariff:?}");
        let adults = fare(&tariff, &Fared { concessions: Concessions::NONE, ..ride });
        assert!(full <= adults.0 && shared <= adults.1, "{ride:?} by {tariff:?}");
    }
}
