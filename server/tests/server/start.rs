//! What keeps a server from starting, each with words that help.

use std::path::Path;
use std::sync::Arc;

use mukae_server::{Config, ManualClock, Store, serve};
use mukae_units::Span;

use crate::support::*;

async fn refused(config: Config, map: Arc<mukae_maps::PreparedMap>) -> String {
    let clock = Arc::new(ManualClock::new(MORNING));
    match serve(config, map, options(&clock, Store::Configured)).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let house = House::open().await;
    let mut config = config();
    config.server.listen = house.running.local_addr();
    let port = config.server.listen.port().to_string();
    let message = refused(config, map()).await;
    assert!(message.contains(&port) && message.contains("in use") && message.contains("listen"), "{message}");
    house.close().await;
}

#[tokio::test]
async fn an_open_server_stays_on_loopback() {
    let mut config = config();
    config.server.listen = "0.0.0.0:0".parse().unwrap();
    let message = refused(config, map()).await;
    assert!(message.contains("no authentication") && message.contains("127.0.0.1"), "{message}");
    let house = House::open().await;
    let warnings = house.running.warnings().join("\n");
    assert!(warnings.contains("OPEN") && warnings.contains("IN MEMORY"), "{warnings}");
    house.close().await;
}

#[tokio::test]
async fn a_journal_belongs_to_its_area_and_its_map() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    house.book(ride("q1", Span::HOUR)).await;
    house.close().await;

    let mut other_area = config();
    other_area.journal.dir = Some(journal.clone());
    other_area.area.name = "areas/tonga".parse().unwrap();
    let message = refused(other_area, map()).await;
    assert!(message.contains("`niue`") && message.contains("`tonga`"), "{message}");

    let pbf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps/data/niue.osm.pbf");
    let side = Some(mukae_maps::DrivingSide::Left);
    let profile = mukae_maps::Profile::parse("vehicle.tracks = true", "other.toml").unwrap();
    let options = mukae_maps::BuildOptions { profile: Some(profile), driving_side: side, ..Default::default() };
    let (other_map, _) = mukae_maps::build_map(&pbf, &options, &mut |_, _| {}).unwrap();
    let mut other = config();
    other.journal.dir = Some(journal.clone());
    let message = refused(other, Arc::new(other_map)).await;
    assert!(
        message.contains("was written with map") && message.contains(&format!("{:016x}", map().checksum())),
        "{message}"
    );

    // And a second process does not get in beside the first.
    let house = House::open_in(journal.clone(), MORNING).await;
    let mut second = config();
    second.journal.dir = Some(journal);
    let message = refused(second, map()).await;
    assert!(message.contains("cannot be opened"), "{message}");
    house.close().await;
}

#[tokio::test]
async fn a_shift_that_starts_in_the_sea_is_named() {
    let mut config = config();
    config.shifts[0].start_place.position = mukae_units::LatLon::from_degrees(SEA.0, SEA.1).unwrap();
    let message = refused(config, map()).await;
    assert!(message.contains("the start place") && message.contains(BUS), "{message}");
}

#[test]
fn a_wrong_configuration_says_what_would_be_right() {
    let rows: &[(&str, &str, &str)] = &[
        ("id = \"niue\"", "idd = \"niue\"", "unknown key `idd`; did you mean `id`?"),
        ("listen = \"127.0.0.1:0\"", "lisen = \"127.0.0.1:0\"", "unknown key `lisen`; did you mean `listen`?"),
        ("[[service]]", "[[services]]", "unknown key `services`; did you mean `service`?"),
        ("listen = \"127.0.0.1:0\"", "listen = \"localhost\"", "an address and a port"),
        ("snap_limit_m = 500", "snap_limit_m = 0", "1 to 10000"),
        ("snap_limit_m = 500", "snap_limit_m = \"far\"", "invalid type"),
        ("time_zone = \"Pacific/Niue\"", "time_zone = \"Niue/Alofi\"", "IANA"),
        ("time_zone = \"Pacific/Niue\"", "", "`time_zone` is missing"),
        ("map = \"niue.map\"", "", "`map` is missing"),
        ("seats = 4", "seats = 101", "0 to 100"),
        ("seats = 2", "", "has no places"),
        ("id = \"van\"", "id = \"Van\"", "a-z, 0-9"),
        ("id = \"van\"", "id = \"bus\"", "two [[vehicle]] of the name"),
        ("vehicle = \"bus\"", "vehicle = \"tram\"", "there is no [[vehicle]] \"tram\"; there are: bus, van"),
        ("days = \"daily\"", "days = [\"mon\", \"someday\"]", "`days` is"),
        ("start = \"07:00\"", "start = \"7 am\"", "\"07:30\""),
        ("start_place = [-19.0540, -169.9187]", "start_place = [-190, 0]", "latitude"),
        ("display_name = \"Alofi ride\"", "offer_ttl = \"10\"", "\"10 min\""),
        ("display_name = \"Alofi ride\"", "promise_width = \"9 h\"", "1 min to 4 h"),
        ("[area]", "[area", "unclosed table"),
    ];
    for (right, wrong, expected) in rows {
        assert!(CONFIG.contains(right), "{right}");
        let text = CONFIG.replacen(right, wrong, 1);
        let problems = Config::parse(&text, Path::new("")).expect_err(wrong);
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(all.iter().any(|problem| problem.contains(expected)), "{wrong}: {all:?}");
        let line = CONFIG[..CONFIG.find(right).unwrap()].lines().count() + 1;
        if !wrong.is_empty() && !right.starts_with("seats = 2") && !wrong.contains("\"bus\"") {
            assert!(problems.iter().any(|problem| problem.line == line), "{wrong}: line {line}, {all:?}");
        }
    }
}

#[test]
fn the_documented_configuration_is_one() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```toml").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let config = Config::parse(example, Path::new("")).unwrap_or_else(|problems| panic!("{problems:?}"));
    // What it shows as shipped is what a file without those keys gets.
    let shown = [config.area.policy, self::config().area.policy];
    assert_eq!(shown[0], shown[1]);
    assert_eq!(config.services[0].policy, self::config().services[0].policy);
    assert_eq!(config.services[0].wait_max, self::config().services[0].wait_max);
}

#[test]
fn paths_are_relative_to_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("town.toml");
    std::fs::write(&file, CONFIG.replace("[area]", "[journal]\ndir = \"log\"\n[area]")).unwrap();
    let config = Config::load(&file).unwrap();
    assert_eq!(config.area.map, dir.path().join("niue.map"));
    assert_eq!(config.journal.dir, Some(dir.path().join("log")));
    let missing = Config::load(&dir.path().join("city.toml")).unwrap_err().to_string();
    assert!(missing.contains("city.toml") && missing.contains("cannot be read"), "{missing}");
}

#[test]
fn shifts_keep_civil_time_when_clocks_change() {
    use jiff::civil::date;
    use mukae_server::config::shifts_on;
    let text = CONFIG.replace("Pacific/Niue", "Europe/Isle_of_Man").replace("07:00", "01:30").replace("19:00", "09:00");
    let config = Config::parse(&text, Path::new("")).unwrap();
    let hours = |day| {
        let shift = shifts_on(&config, day).next().unwrap();
        (shift.name.shift.clone(), shift.window.width())
    };
    assert_eq!(hours(date(2026, 3, 28)), ("s-20260328-0130".to_owned(), Span::from_mins(450)));
    // 01:30 does not exist: the shift begins at 02:30, an hour less of waiting for the end.
    assert_eq!(hours(date(2026, 3, 29)), ("s-20260329-0130".to_owned(), Span::from_mins(390)));
    // 01:30 is shown twice: the first of them.
    assert_eq!(hours(date(2026, 10, 25)), ("s-20261025-0130".to_owned(), Span::from_mins(510)));
}

#[test]
fn settings_are_the_same_for_the_same_configuration() {
    use jiff::civil::date;
    use mukae_engine::Command;
    use mukae_server::config::settings;
    let config = config();
    let days = date(2026, 4, 1)..=date(2026, 4, 3);
    let commands = settings(&config, &map(), days.clone(), MORNING).unwrap();
    assert_eq!(settings(&config, &map(), days, MORNING).unwrap(), commands);
    let count = |is: fn(&Command) -> bool| commands.iter().filter(|command| is(command)).count();
    assert_eq!(count(|command| matches!(command, Command::UseMap(_))), 1);
    assert_eq!(count(|command| matches!(command, Command::SetPolicy(_))), 1);
    assert_eq!(count(|command| matches!(command, Command::SetService(_))), 1);
    assert_eq!(count(|command| matches!(command, Command::RegisterVehicle(_))), 2);
    assert_eq!(count(|command| matches!(command, Command::PlanShift(_))), 3);
}
