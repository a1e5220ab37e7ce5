//! Rules of a service in the file: what is wrong is told with its line, and what is right means what it says.

use std::path::Path;

use jiff::civil::{Date, date};
use mukae_engine::model::{Crew, DriverKind, OnCall, Tier};
use mukae_server::Config;
use mukae_server::config::{ZoneMap, settings, shifts_on};
use mukae_units::{LatLon, Span, Time, ZoneId};

use crate::support::{CONFIG, map};

/// The shipped configuration with lines for the service, and tables at the end.
fn with(service: &str, tables: &str) -> String {
    let text = CONFIG.replace("snap_limit_m = 500", "snap_limit_m = 500\nholidays = \"japan\"");
    text.replace("display_name = \"Alofi ride\"", &format!("display_name = \"Alofi ride\"\n{service}")) + tables
}

fn parse(service: &str, tables: &str) -> Config {
    Config::parse(&with(service, tables), Path::new("")).unwrap_or_else(|problems| panic!("{problems:?}"))
}

const SQUARE: &str = "[[zone]]\nid = \"a\"\npolygon = [[0, 0], [0, 2], [2, 2], [2, 0]]\n";
const DRIVER: &str = "[[driver]]\ntenant = \"alofi\"\nid = \"ami\"\n";
const TRIP: &str = "[[declared_trip]]\ndriver = \"ami\"\nvehicle = \"van\"\nleave = \"08:00\"\narrive = \"09:00\"\n\
                    from = [-19.12, -169.85]\nto = [-19.054, -169.9187]\n";

#[test]
fn what_is_wrong_is_told() {
    let rows: &[(&str, &str, &str)] = &[
        // zones
        ("", "[[zone]]\nid = \"a\"\npolygon = [[0, 0], [0, 1]]", "at least 3 different points, this has 2"),
        ("", "[[zone]]\nid = \"a\"\npolygon = [[0, 0], [2, 2], [0, 2], [2, 0]]", "crosses or touches itself"),
        ("", "[[zone]]\nid = \"a\"\npolygon = [[0, 0], [0, 200], [1, 1]]", "[latitude, longitude] in degrees"),
        ("", "[[zone]]\nid = \"a\"", "either `polygon`"),
        ("", "[[zone]]\nid = \"a\"\ngeojson = \"nowhere.geojson\"", "nowhere.geojson: "),
        ("", &format!("{SQUARE}{SQUARE}"), "two [[zone]] of the name a"),
        ("zones = [{ from = [\"b\"] }]", SQUARE, "the [[zone]] \"b\"; there are: a"),
        // fares
        ("fare = { party_yen = [] }", "", "1 to 1000 fares"),
        ("fare = { cash = true }", "", "`yen` is missing"),
        ("fare = { yen = 600, cash = false }", "", "nothing pays the fare"),
        ("fare = { yen = 2000000 }", "", "0 to 1000000"),
        ("fare = { yen = 1, child_percent = 101 }", "", "0 to 100"),
        ("fare = { yen = 1, distance = [{ up_to_m = 9, yen = 1 }, { up_to_m = 9, yen = 2 }] }", "", "climbs"),
        ("fare = { yen = 1, party_yen = [1] }", "", "leave `yen` out"),
        ("fare = { yen = 1, distance = [], zones = [] }", "", "one of `party_yen`, `zones` and `distance`"),
        ("fare = { party_yen = [1, 2] }\nparty_max = 3", "", "`party_yen` has fares for 2"),
        ("fare = { yem = 1 }", "", "yem"),
        ("cancellation = { late_fee_yen = 100 }", "", "`cancellation` needs a `fare`"),
        ("suspension = { no_shows = 3 }", "", "all three of them"),
        ("driven_by = [\"bus\"]", "", "\"staff\" or \"volunteer\" or \"taxi\""),
        // days
        ("hours = [{ days = [\"mon\", \"holydays\"], start = \"08:00\", end = \"09:00\" }]", "", "no-holidays"),
        ("hours = [{ days = [\"holidays\", \"no-holidays\"], start = \"08:00\", end = \"09:00\" }]", "", "no-holidays"),
        ("extra = [{ dates = \"2026-02-30\", start = \"08:00\", end = \"09:00\" }]", "", "2026-12-31"),
        // work
        ("", TRIP, "there is no [[driver]] \"ami\""),
        ("", &format!("{DRIVER}tier = \"T4\"\n"), "\"T0\" or \"T1\""),
        ("", &format!("{DRIVER}{DRIVER}"), "two [[driver]] of the name"),
        ("", &format!("{DRIVER}{TRIP}seats = 3\n"), "more than its vehicle has"),
        ("", &format!("{DRIVER}{}", TRIP.replace("leave", "left")), "left"),
        ("", &format!("{DRIVER}{}", TRIP.replace("to = ", "end = ")), "end"),
        ("", &format!("{DRIVER}{TRIP}first = \"2026-05-02\"\nlast = \"2026-05-01\"\n"), "before `first`"),
        (
            "",
            &format!("{DRIVER}{TRIP}shifted = [{{ date = \"x\", leave = \"08:00\", arrive = \"09:00\" }}]\n"),
            "write a date like",
        ),
        ("managed = \"me\"", "", "\"file\" or \"api\""),
        ("", "[[meeting_point]]\nplace = [0, 0]\nservices = [\"train\"]", "there is no [[service]] \"train\""),
    ];
    for (service, tables, expected) in rows {
        let text = with(service, tables);
        let problems = Config::parse(&text, Path::new("")).expect_err(expected);
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(all.iter().any(|problem| problem.contains(expected)), "{service}{tables}: {all:?}");
        // each is told where it stands
        let (first, count) = match service.is_empty() {
            true => (CONFIG.lines().count(), tables.lines().count()),
            false => (CONFIG[..CONFIG.find("display_name = \"Alofi").unwrap()].lines().count() + 1, 3),
        };
        let is_there = |line: usize| (first..=first + count + 2).contains(&line);
        assert!(problems.iter().any(|problem| is_there(problem.line)), "{service}{tables}: {problems:?}");
    }
    let text = with("hours = [{ days = [\"sun\", \"holidays\"], start = \"08:00\", end = \"09:00\" }]", "");
    let problems = Config::parse(&text.replace("holidays = \"japan\"", ""), Path::new("")).expect_err("whose?");
    assert!(problems[0].what.contains("say whose"), "{problems:?}");
}

#[test]
fn at_most_as_many_zones_as_a_set_holds() {
    let zone = |number: usize| SQUARE.replace("\"a\"", &format!("\"z{number}\""));
    let zones = |count: usize| (0..count).map(zone).collect::<String>();
    assert_eq!(parse("", &zones(128)).zones.len(), 128);
    let problems = Config::parse(&with("", &zones(129)), Path::new("")).expect_err("too many");
    assert!(problems[0].what.contains("at most 128"), "{problems:?}");
}

#[test]
fn a_point_lies_in_all_zones_around_it() {
    let hole = "[[zone]]\nid = \"b\"\npolygon = [[1, 1], [1, 3], [3, 3], [3, 1]]\n";
    let map = ZoneMap::fresh(&parse("", &format!("{SQUARE}{hole}")).zones);
    for (lat, lon, zones) in [
        (0.5, 0.5, &[0][..]),
        (1.5, 1.5, &[0, 1]),
        (2.5, 2.5, &[1]),
        (0.0, 1.0, &[0]), // on the border
        (2.0, 2.0, &[0, 1]),
        (2.0000001, 0.5, &[]),
        (-0.0000001, 0.5, &[]),
        (9.0, 9.0, &[]),
    ] {
        let found: Vec<u32> = map.zones_of(LatLon::from_degrees(lat, lon).unwrap()).iter().map(|zone| zone.0).collect();
        assert_eq!(found, zones, "{lat}, {lon}");
    }
}

/// A ring with a hole, and an island, as a file; latitude comes second there.
#[test]
fn zones_come_from_files_too() {
    let dir = tempfile::tempdir().unwrap();
    let file = r#"{ "type": "FeatureCollection", "features": [
        { "type": "Feature", "properties": {}, "geometry": { "type": "Polygon", "coordinates": [
            [[0, 10], [4, 10], [4, 14], [0, 14], [0, 10]], [[1, 11], [1, 12], [2, 12], [2, 11], [1, 11]] ] } },
        { "type": "Feature", "properties": {}, "geometry": { "type": "MultiPolygon", "coordinates": [
            [[[8, 10], [9, 10], [9, 11], [8, 10]]] ] } } ] }"#;
    std::fs::write(dir.path().join("ring.geojson"), file).unwrap();
    let text = with("", "[[zone]]\nid = \"ring\"\ngeojson = \"ring.geojson\"\n");
    let config = Config::parse(&text, dir.path()).unwrap_or_else(|problems| panic!("{problems:?}"));
    let map = ZoneMap::fresh(&config.zones);
    let is_in = |lat, lon| map.zones_of(LatLon::from_degrees(lat, lon).unwrap()).contains(ZoneId(0));
    assert!(is_in(10.5, 0.5) && is_in(10.2, 8.9));
    assert!(!is_in(11.5, 1.5), "the hole");
    assert!(!is_in(10.5, 5.0));
    for (file, expected) in [
        ("{", "EOF"),
        (r#"{ "type": "Point", "coordinates": [0, 0] }"#, "neither Polygon nor MultiPolygon"),
        (r#"{ "type": "FeatureCollection", "features": [] }"#, "no polygon"),
        (
            r#"{ "type": "Polygon", "coordinates": [[[0, 100], [4, 100], [4, 101], [0, 100]]] }"#,
            "[longitude, latitude]",
        ),
    ] {
        std::fs::write(dir.path().join("ring.geojson"), file).unwrap();
        let problems = Config::parse(&text, dir.path()).expect_err(expected);
        assert!(problems[0].what.contains(expected), "{problems:?}");
    }
}

/// The days of a shift among these, by what its `days` and dates say.
fn works(days: &str, dates: &[Date]) -> Vec<i8> {
    let text = with("", "").replace("days = \"daily\"", days);
    let config = Config::parse(&text, Path::new("")).unwrap_or_else(|problems| panic!("{problems:?}"));
    dates.iter().filter(|date| shifts_on(&config, **date).next().is_some()).map(|date| date.day()).collect()
}

#[test]
fn holidays_and_dates_change_who_works() {
    // Friday the first of May 2026 to Sunday the tenth: the third to the sixth are holidays
    let dates: Vec<Date> = (1..=10).map(|day| date(2026, 5, day)).collect();
    for (days, working) in [
        (r#"days = ["mon", "tue", "wed", "thu", "fri"]"#, &[1, 4, 5, 6, 7, 8][..]),
        (r#"days = ["mon", "tue", "wed", "thu", "fri", "no-holidays"]"#, &[1, 7, 8]),
        (r#"days = ["sat", "sun", "holidays"]"#, &[2, 3, 4, 5, 6, 9, 10]),
        (r#"days = ["holidays"]"#, &[3, 4, 5, 6]),
        (r#"days = ["daily", "no-holidays"]"#, &[1, 2, 7, 8, 9, 10]),
        ("days = \"none\"\nalso_on = [\"2026-05-04\", \"2026-05-09 to 2026-05-20\"]", &[4, 9, 10]),
        ("not_on = [\"2026-05-02 to 2026-05-08\"]\nalso_on = [\"2026-05-05\"]", &[1, 5, 9, 10]),
    ] {
        assert_eq!(works(days, &dates), working, "{days}");
    }
}

#[test]
fn extra_hours_stand_where_a_day_is_closed() {
    let service = "hours = [{ days = [\"mon\"], start = \"08:00\", end = \"17:00\" }]\nclosed = [\"2026-05-11\"]\n\
                   extra = [{ dates = \"2026-05-10 to 2026-05-11\", start = \"20:00\", end = \"01:00\" }]";
    let config = parse(service, "");
    let days = (9..=18).map(|day| date(2026, 5, day));
    let found = mukae_server::config::service_days(&config.area, &config.services[0], days);
    let zone = &config.area.time_zone;
    let told: Vec<String> = found
        .iter()
        .map(|day| {
            let at = |time: Time| {
                let at = jiff::Timestamp::from_millisecond(time.as_unix_millis()).unwrap().to_zoned(zone.clone());
                at.strftime("%d %H:%M").to_string()
            };
            format!("{}-{}", at(day.pickups.earliest()), at(day.pickups.latest()))
        })
        .collect();
    assert_eq!(told, ["10 20:00-11 01:00", "11 20:00-12 01:00", "18 08:00-18 17:00"]);
}

#[test]
fn a_declared_trip_is_a_shift_with_a_tolerance_and_a_break_is_planned() {
    let driver = format!("{DRIVER}tier = \"T1\"\nasks_per_week = 4\ncooldown = \"2 h\"\n");
    let trip =
        format!("{TRIP}seats = 2\ndetour_max = \"12 min\"\ndetour_max_m = 4000\ntier = \"T2\"\nzones = [\"a\"]\n");
    let text = with("", &format!("{SQUARE}{driver}{trip}"));
    let text = text.replace("label = \"garage\"", "label = \"garage\"\ndriven_by = \"taxi\"\nbreaks = [{ from = \"12:00\", to = \"13:00\", length = \"45 min\" }]");
    let config = Config::parse(&text, Path::new("")).unwrap_or_else(|problems| panic!("{problems:?}"));
    let day = date(2026, 5, 12);
    let commands = settings(&config, &map(), day..=day, Time::from_unix_secs(1_775_070_000)).unwrap();
    let (mut shifts, mut drivers) = (Vec::new(), Vec::new());
    for command in &commands {
        match command {
            mukae_engine::Command::PlanShift(shift) => shifts.push(shift),
            mukae_engine::Command::RegisterDriver(driver) => drivers.push(driver),
            _ => {}
        }
    }
    let [bus, trip] = shifts[..] else { panic!("{shifts:?}") };
    let [driver] = drivers[..] else { panic!("{drivers:?}") };
    assert_eq!((driver.kind, driver.tier, driver.asks_per_week_max), (DriverKind::Volunteer, Tier::T1, 4));
    assert_eq!(driver.cooldown, Span::HOUR * 2);
    assert_eq!((bus.crew, bus.declared, bus.driver), (Some(Crew::Taxi), None, None));
    let rest = &bus.breaks[0];
    assert_eq!((rest.window.width(), rest.length), (Span::HOUR, Span::from_mins(45)));
    assert_eq!(rest.window.earliest() - bus.window.earliest(), Span::HOUR * 5);
    let declared = trip.declared.expect("a tolerance");
    assert_eq!((declared.detour_max, declared.detour_length_max.as_metres()), (Span::from_mins(12), 4000));
    assert_eq!((declared.tier, trip.driver, trip.crew), (Tier::T2, Some(driver.id), Some(Crew::Volunteer)));
    assert_eq!((trip.window.width(), trip.zones.contains(ZoneId(0))), (Span::HOUR, true));
}

#[test]
fn a_shift_on_call_says_what_calling_costs_and_when_the_driver_can_leave() {
    let on = |line: &str| with("", "").replace("label = \"garage\"", &format!("label = \"garage\"\n{line}"));
    let text = on("on_call = { cost = 1500, notice = \"30 min\" }");
    let config = Config::parse(&text, Path::new("")).unwrap_or_else(|problems| panic!("{problems:?}"));
    let day = date(2026, 5, 12);
    let commands = settings(&config, &map(), day..=day, Time::from_unix_secs(1_775_070_000)).unwrap();
    let planned = commands.iter().find_map(|command| match command {
        mukae_engine::Command::PlanShift(shift) => shift.on_call,
        _ => None,
    });
    assert_eq!(planned, Some(OnCall { cost: 1500, notice: Span::from_mins(30) }));

    let rest = "breaks = [{ from = \"12:00\", to = \"13:00\", length = \"45 min\" }]";
    let with_rest = format!("on_call = {{ cost = 0, notice = \"0 s\" }}\n{rest}");
    for (line, what) in [
        ("on_call = { cost = -1, notice = \"30 min\" }", "`cost` is -1; 0 to 1000000 is allowed"),
        ("on_call = { cost = 1500 }", "`on_call` has no `notice`; it is required"),
        ("on_call = { notice = \"30 min\" }", "`on_call` has no `cost`; it is required"),
        ("on_call = { cost = 1, notice = \"9 days\" }", "`notice` is \"9 days\""),
        (with_rest.as_str(), "a shift that is `on_call` has no `breaks`"),
    ] {
        let problems = Config::parse(&on(line), Path::new("")).expect_err(line);
        assert!(problems.iter().any(|problem| problem.what.contains(what)), "{line}: {problems:?}");
    }
}

#[test]
fn a_declared_trip_has_its_dates() {
    let dates = "first = \"2026-04-02\"\nlast = \"2026-04-04\"\nnot_on = [\"2026-04-03\"]\n\
                 shifted = [{ date = \"2026-04-04\", leave = \"10:30\", arrive = \"11:30\" }]\n";
    let config = parse("", &format!("{DRIVER}{TRIP}{dates}"));
    let names = |day: i8| {
        let planned = shifts_on(&config, date(2026, 4, day)).filter(|planned| planned.config.declared.is_some());
        planned.map(|planned| planned.name.shift).collect::<Vec<_>>()
    };
    let days: Vec<Vec<String>> = (1..6).map(names).collect();
    assert_eq!(days, [&[][..], &["s-20260402-0800".to_owned()], &[], &["s-20260404-1030".to_owned()], &[]]);
}
