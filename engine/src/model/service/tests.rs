//! Hours and deadlines, against looking at every minute.

use super::*;

fn at(minute: i64) -> Time {
    Time::from_unix_secs(minute * 60)
}

fn window(from: i64, to: i64) -> TimeWindow {
    TimeWindow::new(at(from), at(to)).expect("in order")
}

fn service(days: Vec<ServiceDay>) -> Service {
    use crate::model::{DwellRule, Limits, RideLimit, WalkLimit};
    let (zero, minute) = (Span::ZERO, Span::MINUTE);
    let policy = ServicePolicy {
        promise_width: minute,
        ride: RideLimit { extra: zero, factor_permille: 1000, max: zero },
        limits: Limits::Hard,
        dwell: DwellRule { per_stop: zero, per_party: zero, per_seat: zero, per_wheelchair: zero },
        offer_ttl: minute,
        notice_min: zero,
        horizon: minute,
        no_show_after: zero,
        walk_max: WalkLimit { to_pickup: zero, from_dropoff: zero },
        hold_max: zero,
        party_max: None,
        crews: crate::model::Crews::ALL,
    };
    Service { id: ServiceId(1), name: String::new(), policy, days, zones: Vec::new(), tariff: None, suspension: None }
}

fn day(pickups: (i64, i64), bookable: (i64, i64)) -> ServiceDay {
    ServiceDay { pickups: window(pickups.0, pickups.1), bookable_from: at(bookable.0), bookable_until: at(bookable.1) }
}

#[test]
fn a_minute_is_open_if_a_day_says_so() {
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = |n: i64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 33) % n as u64) as i64
    };
    let (mut open, mut closed) = (0, 0);
    for round in 0..3_000 {
        let days: Vec<ServiceDay> = (0..1 + below(4))
            .map(|_| {
                let (start, from) = (below(100), below(60));
                day((start, start + below(30)), (from, from + below(60)))
            })
            .collect();
        let (now, earliest) = (below(110), below(120));
        let wanted = (earliest, earliest + below(40));
        let service = service(days.clone());
        let found = service.open_hours(at(now), window(wanted.0, wanted.1));
        let is_bookable = |day: &ServiceDay| day.bookable_from <= at(now) && at(now) <= day.bookable_until;
        let is_open = |minute: &i64| days.iter().any(|day| is_bookable(day) && day.pickups.contains(at(*minute)));
        let slow: Vec<i64> = (wanted.0..=wanted.1).filter(is_open).collect();
        let fast: Vec<i64> = (wanted.0..=wanted.1)
            .filter(|&minute| found.iter().flatten().any(|hours| hours.pickup.contains(at(minute))))
            .collect();
        assert_eq!(fast, slow, "round {round}: {wanted:?} at {now} in {days:?}");
        match &found {
            Ok(hours) => {
                open += 1;
                assert!(hours.is_sorted_by_key(|hours| hours.pickup.earliest()));
            }
            Err(binding) => {
                closed += 1;
                let by = binding.shortfall.expect("it is a matter of time");
                assert!(Span::ZERO < by, "round {round}: {binding:?}");
                let moved = match binding.constraint {
                    Constraint::BookingDeadline => service.open_hours(at(now) - by, window(wanted.0, wanted.1)),
                    Constraint::BookingNotOpen => service.open_hours(at(now) + by, window(wanted.0, wanted.1)),
                    _ => {
                        // later or earlier by so much, and a day's hours are met
                        let meets = |shift: Span| {
                            let wanted = window(wanted.0, wanted.1).shifted(shift);
                            days.iter().any(|day| {
                                day.pickups.earliest() <= wanted.latest() && wanted.earliest() <= day.pickups.latest()
                            })
                        };
                        assert!(meets(by) || meets(-by), "round {round}: {binding:?}");
                        continue;
                    }
                };
                assert!(moved.is_ok(), "round {round}: {binding:?} at {now} for {wanted:?} in {days:?}");
            }
        }
    }
    assert!(open > 300 && closed > 300, "{open} open, {closed} closed");
}

#[test]
fn no_days_are_no_rule() {
    let hours = service(Vec::new()).open_hours(at(0), window(5, 6)).expect("always open");
    assert_eq!(hours[..], [OpenHours { pickup: window(5, 6), pickup_max: None, bookable_until: None }]);
}

#[test]
fn a_service_carries_between_the_zones_it_names() {
    use mukae_units::ZoneId;
    let zones = |numbers: &[u32]| {
        let ids: Vec<ZoneId> = numbers.iter().copied().map(ZoneId).collect();
        Zones::of(&ids).expect("small numbers")
    };
    let mut service = service(Vec::new());
    assert!(service.carries(zones(&[]), zones(&[])), "no zones are no rule");
    let pair = |from: &[u32], to: &[u32]| ZonePair { from: zones(from), to: zones(to) };
    service.zones = vec![pair(&[1, 2], &[3]), pair(&[], &[4])];
    for (from, to, carries) in [
        (&[1][..], &[3][..], true),
        (&[2, 9], &[9, 3], true),
        (&[3], &[1], false),
        (&[1], &[2], false),
        (&[], &[4], true),
        (&[4], &[], false),
    ] {
        assert_eq!(service.carries(zones(from), zones(to)), carries, "{from:?} to {to:?}");
    }
}
