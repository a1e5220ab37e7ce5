//! Who may ride in what, and when: from the configuration to the answer.

use std::path::Path;

use jiff::civil::date;
use mukae_proto::transit::booking::v1 as pb;
use mukae_server::config::service_days;
use mukae_server::{Config, Store};
use mukae_units::{SeatKind, Seats, Span, Time};
use pb::binding_constraint::Kind;
use tonic::Code;

use crate::support::*;

/// The shipped configuration with lines added to the service, the bus, the van and the shift.
fn with(service: &str, bus: &str, van: &str, shift: &str) -> String {
    let mut text =
        CONFIG.replace("display_name = \"Alofi ride\"\n", &format!("display_name = \"Alofi ride\"\n{service}\n"));
    text = text.replace("wheelchairs = 1\n", &format!("wheelchairs = 1\n{bus}\n"));
    text = text.replace("seats = 2\n", &format!("seats = 2\n{van}\n"));
    text.replace("label = \"garage\"\n", &format!("label = \"garage\"\n{shift}\n"))
}

fn parse(text: &str) -> Config {
    Config::parse(text, Path::new("")).unwrap_or_else(|problems| panic!("{problems:?}"))
}

const BUS_TERMS: &str = r#"luggage = 2
configurations = [{ seats = 6, wheelchairs = 0 }, { seats = 0, wheelchairs = 0, stretchers = 1 }]
may_use = { child_seats = ["seats"], seats = ["wheelchairs"] }
features = ["ramp"]
services = ["ride"]"#;

#[test]
fn a_vehicle_is_set_up_as_its_lines_say() {
    let config = parse(&with("", BUS_TERMS, "", "features = [\"sign-language\"]"));
    let bus = &config.vehicles[0];
    let places = |seats, wheelchairs| Seats::new(seats, wheelchairs).with(SeatKind::Luggage, 2);
    assert_eq!(bus.capacity.configurations(), [places(4, 1), places(6, 0), places(0, 0).with(SeatKind::Stretcher, 1)]);
    assert!(bus.capacity.fits(Seats::new(4, 0).with(SeatKind::ChildSeat, 2)));
    assert!(bus.capacity.fits(Seats::new(5, 0)) && !bus.capacity.fits(Seats::new(5, 1)));
    assert!(bus.features.contains("ramp"));
    let services: Vec<String> = bus.services.iter().flatten().map(ToString::to_string).collect();
    assert_eq!(services, [SERVICE]);
    assert_eq!(config.vehicles[1].services, None);
    assert!(config.shifts[0].features.contains("sign-language"));
}

#[test]
fn wrong_terms_say_what_would_be_right() {
    for (service, bus, van, shift, expected) in [
        ("", "configurations = [{ seat = 4 }]", "", "", "did you mean `seats`?"),
        ("", "configurations = [{ seats = 4 }]", "", "", "is there twice"),
        ("", "may_use = { seats = [\"sofas\"] }", "", "", "\"sofas\" is no kind of place"),
        ("", "", "stretchers = 99\nmay_use = { seats = [\"stretchers\"] }", "", "has 101 places for `seats`"),
        ("", "services = [\"tram\"]", "", "", "there is no [[service]] \"tram\"; there are: ride"),
        ("", "features = [\"Ramp\"]", "", "", "name a feature with 1 to 63 of a-z"),
        ("", "", "", "features = [\"a b\"]", "name a feature with 1 to 63 of a-z"),
        ("closed = [\"2026-02-30\"]", "", "", "", "write a date like"),
        ("closed = [\"2026-02-03 to 2026-02-01\"]", "", "", "", "write a date like"),
        ("book_until = \"5 pm\"", "", "", "", "\"07:30\""),
        ("book_until_days_before = 1", "", "", "", "needs a time of day in `book_until`"),
        ("hours = [{ days = \"mon\", start = \"09:00\" }]", "", "", "", "`end` is missing in `hours`"),
        ("hours = [{ days = [\"moon\"], start = \"09:00\", end = \"12:00\" }]", "", "", "", "`days` is"),
    ] {
        let problems = Config::parse(&with(service, bus, van, shift), Path::new("")).expect_err(expected);
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(all.iter().any(|problem| problem.contains(expected)), "{expected}: {all:?}");
    }
}

#[test]
fn service_days_keep_civil_time_when_clocks_change() {
    let service = r#"closed = ["2026-03-28", "2026-12-29 to 2027-01-03"]
book_until = "17:00"
book_until_days_before = 1
book_from = "09:00"
book_from_days_before = 14
hours = [{ days = "daily", start = "22:00", end = "02:00" }, { days = ["sun"], start = "08:30", end = "12:00" }]"#;
    let config = parse(&with(service, "", "", "").replace("Pacific/Niue", "Europe/Isle_of_Man"));
    let at = |text: &str| Time::from_unix_secs(text.parse::<jiff::Timestamp>().unwrap().as_second());
    let dates = [date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 24), date(2026, 12, 31)];
    let days = service_days(&config.area, &config.services[0], dates.into_iter());
    let told: Vec<[Time; 4]> = days
        .iter()
        .map(|day| [day.pickups.earliest(), day.pickups.latest(), day.bookable_from, day.bookable_until])
        .collect();
    let expected = [
        // Sunday the 29th: clocks went forward in the night; 17:00 the day before was still winter time.
        ["2026-03-29T07:30:00Z", "2026-03-29T11:00:00Z", "2026-03-15T09:00:00Z", "2026-03-28T17:00:00Z"],
        ["2026-03-29T21:00:00Z", "2026-03-30T01:00:00Z", "2026-03-15T09:00:00Z", "2026-03-28T17:00:00Z"],
        // The night in which they go back: 02:00 is after the hour that is shown twice.
        ["2026-10-24T21:00:00Z", "2026-10-25T02:00:00Z", "2026-10-10T08:00:00Z", "2026-10-23T16:00:00Z"],
    ];
    assert_eq!(told, expected.map(|row| row.map(at)));
    let plain = parse(CONFIG);
    assert_eq!(service_days(&plain.area, &plain.services[0], dates.into_iter()), [], "no rule");
}

#[tokio::test]
async fn hours_and_deadlines_bind_and_move_on_with_the_days() {
    let service = r#"book_until = "17:00"
book_until_days_before = 1
hours = [{ start = "09:00", end = "12:00" }]"#;
    let house = House::open_with(parse(&with(service, "", "", "")), Store::Configured, MORNING).await;
    let ask = async |id: &str, after: Span| house.bookings().quote(ride(id, after)).await.unwrap().into_inner();
    assert_eq!(refusal_of(ask("today", Span::HOUR * 2).await), [Kind::BookingDeadline]);
    assert_eq!(refusal_of(ask("evening", Span::HOUR * 29).await), [Kind::ServiceHours]);
    offer_of(ask("tomorrow", Span::HOUR * 26).await);
    // On every day after this one, up to the horizon, the days ahead are there.
    for day in 1..20 {
        house.clock.advance(Span::DAY);
        let after = Span::DAY * (day + 13) + Span::HOUR * 2;
        let answer = ask(&format!("ahead-{day}"), after).await;
        assert_eq!(refusal_of(answer), [Kind::NoShift], "shifts are planned for tomorrow only, hours are there");
    }
    house.close().await;
}

#[tokio::test]
async fn what_is_required_is_offered_or_refused() {
    let text = with("", "features = [\"ramp\"]", "features = [\"hoist\"]", "features = [\"sign-language\"]");
    let house = House::open_with(parse(&text), Store::Configured, MORNING).await;
    let ask = |id: &str, names: &[&str]| {
        let requirements = names.iter().map(|name| (*name).to_owned()).collect();
        pb::QuoteRequest { requirements, ..ride(id, Span::HOUR) }
    };
    let booking = house.book(ask("q1", &["ramp", "sign-language"])).await;
    assert_eq!((booking.vehicle.as_str(), booking.requirements.len()), (BUS, 2));
    let both = house.bookings().quote(ask("q2", &["ramp", "hoist"])).await.unwrap().into_inner();
    assert_eq!(refusal_of(both), [Kind::Requirements]);
    let unknown = house.bookings().quote(ask("q3", &["wings"])).await.unwrap_err();
    assert_eq!((unknown.code(), fields(&unknown)), (Code::InvalidArgument, vec!["requirements".to_owned()]));
    house.close().await;
}

#[tokio::test]
async fn a_tenants_bus_is_closed_to_riders_of_others() {
    let text = with("\n[[service]]\ntenant = \"hakupu\"\nid = \"loop\"", "services = [\"loop\"]", "", "");
    let house = House::open_with(parse(&text), Store::Configured, MORNING).await;
    let party = |id: &str, seats| {
        let mut ride = ride(id, Span::HOUR);
        ride.party.as_mut().unwrap().seats = seats;
        ride
    };
    let closed = house.bookings().quote(party("q1", 3)).await.unwrap().into_inner();
    assert_eq!(refusal_of(closed), [Kind::NoVehicleForService]);
    let open = pb::QuoteRequest { parent: "tenants/hakupu/services/loop".to_owned(), ..party("q2", 3) };
    assert_eq!(house.offer(open).await.vehicle, BUS);
    house.close().await;
}
