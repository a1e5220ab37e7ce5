use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::date;
use mukae_engine::model::Channel;
use mukae_maps::dijkstra::one_to_all;
use mukae_maps::mesh::{Cell, Side};
use mukae_maps::osm::places::{PlaceKind, PlacesOptions};
use mukae_maps::{BuildOptions, PreparedMap, SnapOptions, build_map};
use mukae_units::{Metres, SeatKind, ServiceId, Zones};

use super::*;
use crate::demand::to_asks;

const LIMIT: Metres = Metres::from_metres(500);
/// A Tuesday and a Sunday.
const TUESDAY: Date = date(2026, 11, 24);
const SUNDAY: Date = date(2026, 11, 29);

fn extract() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps/data/niue.osm.pbf")
}

fn niue() -> &'static PreparedMap {
    static MAP: OnceLock<PreparedMap> = OnceLock::new();
    MAP.get_or_init(|| build_map(&extract(), &BuildOptions::default(), &mut |_, _| {}).unwrap().0)
}

fn zone() -> TimeZone {
    TimeZone::get("Pacific/Niue").unwrap()
}

fn model(parameters: Parameters) -> Model {
    Model::new(Town::from_roads(niue().graph()), parameters, niue(), LIMIT)
}

fn rows_of(model: &Model, date: Date, amount: Amount, seed: u64) -> Vec<RequestRow> {
    model.day(&Day { date, zone: &zone(), amount, scale: 1000, seed })
}

fn place(line: u64, kind: PlaceKind, at: (f64, f64)) -> Place {
    let at = LatLon::from_degrees(at.0, at.1).unwrap();
    Place { line, kind, name: format!("{} {line}", kind.name()), at, weight: 10 * line }
}

fn home(line: u64, at: (f64, f64), residents: u64) -> Home {
    let at = LatLon::from_degrees(at.0, at.1).unwrap();
    Home { line, at, cell: Cell::of(at, Side::Quarter), residents, elderly: None }
}

fn town(places: Vec<Place>, homes: Vec<Home>) -> Town {
    Town { places, homes, places_from: "places.csv".to_owned(), homes_from: "homes.csv".to_owned() }
}

#[test]
fn the_same_town_seed_and_parameters_give_the_same_day() {
    let model = model(Parameters::default());
    let rows = rows_of(&model, TUESDAY, Amount::Requests(200), 1);
    assert_eq!(rows.len(), 200);
    assert_eq!(rows, rows_of(&model, TUESDAY, Amount::Requests(200), 1));
    assert_ne!(rows, rows_of(&model, TUESDAY, Amount::Requests(200), 2));
    // A longer day begins with the same riders: draws are keyed, not in sequence.
    let longer = rows_of(&model, TUESDAY, Amount::Requests(400), 1);
    assert!(rows.iter().all(|row| longer.contains(row)));
    let (asks, problems) = to_asks(&longer, niue(), ServiceId(1), LIMIT, &|_| Zones::EMPTY);
    assert_eq!((asks.len(), problems.len()), (400, 0));
}

#[test]
fn a_smaller_volume_is_a_part_of_a_larger_one() {
    let model = model(Parameters { participation: [20, 60, 200], ..Parameters::default() });
    for seed in 0..20 {
        let [low, mid, high] = Volume::ALL.map(|volume| rows_of(&model, TUESDAY, Amount::Volume(volume), seed));
        assert!(low.iter().all(|row| mid.contains(row)) && mid.iter().all(|row| high.contains(row)), "seed {seed}");
        assert!(low.len() < high.len(), "seed {seed}");
    }
    // On average it is what is told, but for rides back that would be too late.
    for volume in Volume::ALL {
        let days = 200;
        let count: usize = (0..days).map(|seed| rows_of(&model, TUESDAY, Amount::Volume(volume), seed).len()).sum();
        let (found, expected) = (count as f64 / days as f64, model.expected(TUESDAY, volume));
        assert!((0.90..1.06).contains(&(found / expected)), "{volume}: {found} for {expected}");
    }
}

/// The shares of all places for a home, by Dijkstra and the formula as it stands in the book.
#[test]
fn gravity_is_what_the_formula_says() {
    let parameters = Parameters::default();
    let model = model(parameters.clone());
    let (homes, graph) = (&model.town().homes, niue().graph());
    let on_road = |at| niue().snap_by(at, &SnapOptions::door(LIMIT)).unwrap().place;
    let flat = flat::Flat::around(homes[0].at);
    let mut compared = 0;
    for outings in &model.flows {
        let habits = &parameters.purposes[outings.habits];
        if habits.purpose == TripPurpose::Visit {
            continue;
        }
        let places: Vec<&Place> = model.town().places.iter().filter(|place| habits.to.contains(&place.kind)).collect();
        for (index, home) in homes.iter().enumerate().step_by(37) {
            let times = one_to_all(graph, graph.weights(), on_road(home.at));
            let pull = |place: &&Place| {
                let time = times.time_to(graph, graph.weights(), on_road(place.at)).unwrap();
                let minutes = f64::from(time.as_millis()) / 60_000.0;
                place.weight as f64 * f64::exp(-0.1 * minutes)
            };
            let pulls: Vec<f64> = places.iter().map(pull).collect();
            let is_driven = |place: &&Place| parameters.walk <= flat.distance(home.at, place.at);
            let driven: Vec<bool> = places.iter().map(is_driven).collect();
            let sum: f64 = pulls.iter().zip(&driven).filter(|(_, driven)| **driven).map(|(pull, _)| pull).sum();
            let sums = outings.flow.sums(index);
            let (whole, mut before) = (*sums.last().unwrap() as f64, 0);
            for ((&pull, &driven), &upto) in pulls.iter().zip(&driven).zip(sums) {
                let (share, expected) = ((upto - before) as f64 / whole, if driven { pull / sum } else { 0.0 });
                assert!((share - expected).abs() < 1e-5, "{share} for {expected}, home {index}");
                before = upto;
                compared += 1;
            }
        }
    }
    assert!(200 < compared, "{compared}");
}

/// Counts against expected ones: the sum of squares stays within what chance does in 999 of 1000 cases.
#[track_caller]
fn check_shares(what: &str, counts: &[u64], weights: &[f64]) {
    let (all, whole) = (counts.iter().sum::<u64>() as f64, weights.iter().sum::<f64>());
    let mut sum = 0.0;
    for (&count, weight) in counts.iter().zip(weights) {
        let expected = all * weight / whole;
        assert!(count == 0 || 0.0 < *weight, "{what}: {count} where there should be none");
        if 0.0 < expected {
            sum += (count as f64 - expected).powi(2) / expected;
        }
    }
    let degrees = weights.iter().filter(|&&weight| 0.0 < weight).count() as f64 - 1.0;
    let bound = degrees + 3.1 * (2.0 * degrees).sqrt() + 6.0;
    assert!(sum < bound, "{what}: {sum} is more than {bound}, {counts:?} for {weights:?}");
}

#[test]
fn a_day_looks_as_its_parameters_say() {
    let seed = 7;
    println!("seed {seed}");
    let parameters = Parameters::default();
    let model = model(parameters.clone());
    let rows = rows_of(&model, TUESDAY, Amount::Requests(8000), seed);
    let out: Vec<&RequestRow> = rows.iter().filter(|row| !row.id.ends_with('b')).collect();
    let is_of = |row: &RequestRow, outings: &Outings| row.purpose == model.habits(outings).purpose.name();
    let count = |outings: &Outings| out.iter().filter(|row| is_of(row, outings)).count() as u64;
    let counts: Vec<u64> = model.flows.iter().map(count).collect();
    check_shares("purposes", &counts, &model.outings(TUESDAY, Volume::Mid));
    for outings in &model.flows {
        let habits = model.habits(outings);
        let of_purpose = || rows.iter().filter(|row| is_of(row, outings));
        let mut hours = [0; 24];
        for row in of_purpose().filter(|row| !row.id.ends_with('b')) {
            let wished = match row.kind {
                WishKind::ArriveBy => row.window.latest(),
                WishKind::DepartAfter => row.window.earliest(),
            };
            let stamp = Timestamp::from_millisecond(wished.as_unix_millis()).unwrap();
            hours[zone().to_datetime(stamp).hour() as usize] += 1;
        }
        check_shares(habits.purpose.name(), &hours, &habits.hours.map(f64::from));
        let outs = of_purpose().filter(|row| !row.id.ends_with('b')).count() as f64;
        let backs = of_purpose().filter(|row| row.id.ends_with('b')).count() as f64;
        let expected = outs * f64::from(habits.returns) / 1000.0;
        let noise = 3.5 * (expected.max(1.0)).sqrt();
        // Some would come back too late and are not asked for; of those who leave in the evening many.
        let least = if habits.purpose == TripPurpose::Station { 0.6 } else { 0.93 };
        assert!(backs <= expected + noise && least * expected - noise <= backs, "{habits:?}: {backs} of {outs}");
        let arriving = of_purpose().filter(|row| row.kind == WishKind::ArriveBy).count() as u64;
        let share = f64::from(habits.arrive_by) / 1000.0;
        check_shares("arrive by", &[arriving, outs as u64 - arriving], &[share, 1.0 - share]);
    }
    let channels: Vec<u64> = parameters
        .channels
        .iter()
        .map(|desk| out.iter().filter(|row| row.channel == desk.channel).count() as u64)
        .collect();
    let shares: Vec<f64> = parameters.channels.iter().map(|desk| f64::from(desk.share)).collect();
    check_shares("channels", &channels, &shares);
    let persons = |n: u8| {
        let is_it = |row: &&&RequestRow| row.party.of(SeatKind::Seat) + row.party.of(SeatKind::Wheelchair) == n;
        out.iter().filter(is_it).count() as u64
    };
    check_shares("parties", &[1, 2, 3].map(persons), &[82.0, 14.0, 4.0]);
    let wheelchairs = out.iter().filter(|row| 0 < row.party.of(SeatKind::Wheelchair)).count() as u64;
    check_shares("wheelchairs", &[wheelchairs, out.len() as u64 - wheelchairs], &[40.0, 960.0]);
}

#[test]
fn whoever_telephones_does_so_while_somebody_answers() {
    let model = model(Parameters::default());
    let rows = rows_of(&model, TUESDAY, Amount::Requests(2000), 3);
    let mut at_once = 0;
    for row in &rows {
        assert!(row.created_at <= row.window.earliest(), "{row:?}");
        let stamp = Timestamp::from_millisecond(row.created_at.as_unix_millis()).unwrap();
        let hour = zone().to_datetime(stamp).hour();
        match row.channel {
            Channel::Phone => assert!((7..18).contains(&hour), "{row:?}"),
            Channel::Staff => assert!((8..17).contains(&hour), "{row:?}"),
            _ => {}
        }
        at_once += usize::from(row.created_at == row.window.earliest());
    }
    assert!((200..1000).contains(&at_once), "{at_once} of 2000 ask when they want to leave");
}

#[test]
fn clinics_are_closed_on_sundays_and_nobody_walks_far() {
    let model = model(Parameters::default());
    let rows = rows_of(&model, SUNDAY, Amount::Requests(500), 1);
    assert!(rows.iter().all(|row| row.purpose != "medical" && row.purpose != "school"));
    assert!(rows.iter().any(|row| row.purpose == "visit"));
    assert!(model.expected(SUNDAY, Volume::Mid) < model.expected(TUESDAY, Volume::Mid));
    let flat = flat::Flat::around(rows[0].from);
    // Doors are a few hundred metres from the middle of their cell.
    let least = rows.iter().map(|row| flat.distance(row.from, row.to).as_metres()).min().unwrap();
    assert!((150..2000).contains(&least), "{least} m");
}

/// A holiday is a Sunday, with its outings and its purposes; the day after is what it was.
#[test]
fn holidays_are_sundays() {
    let ordinary = model(Parameters::default());
    let holidays = model(Parameters::parse(&format!("holidays = [\"{TUESDAY}\"]")).unwrap());
    let sunday = ordinary.expected(SUNDAY, Volume::Mid);
    assert_eq!(holidays.expected(TUESDAY, Volume::Mid), sunday);
    assert_eq!(holidays.purposes(TUESDAY), ordinary.purposes(SUNDAY));
    let next = TUESDAY.tomorrow().unwrap();
    assert_eq!(holidays.expected(next, Volume::Mid), ordinary.expected(next, Volume::Mid));
    let problems = Parameters::parse("window = \"30 min\"\nholidays = [\"2026-11-31\", 3]").unwrap_err();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(said[0], "line 2: \"2026-11-31\" is no date; write \"2026-11-23\"", "{said:?}");
}

#[test]
fn a_day_of_another_length() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    // The clock goes back at 03:00: the hours after it are an hour later than by counting.
    let autumn = Day { date: date(2026, 10, 25), zone: &berlin, amount: Amount::Requests(300), scale: 1000, seed: 1 };
    let at = |hour: i64| local(&autumn, hour * 3600);
    assert_eq!((at(4) - at(1), at(24) - at(0)), (Span::HOUR * 4, Span::HOUR * 25));
    let spring = Day { date: date(2026, 3, 29), ..autumn.clone() };
    for day in [autumn, spring] {
        let rows = model(Parameters::default()).day(&day);
        assert_eq!(rows.len(), 300);
        let latest = local(&day, 21 * 3600);
        assert!(rows.iter().all(|row| row.window.earliest() < latest), "{}", day.date);
    }
}

/// The end of the road.
fn far() -> (f64, f64) {
    let graph = niue().graph();
    let alofi = LatLon::from_degrees(-19.0547, -169.9189).unwrap();
    let nodes = graph.edges().filter(|&edge| graph.is_routable(edge)).map(|edge| graph.position(graph.tail(edge)));
    let end = nodes.max_by_key(|&node| flat::Flat::around(alofi).distance(alofi, node)).unwrap();
    (end.lat(), end.lon())
}

#[test]
fn towns_with_little_in_them() {
    let alofi = (-19.0547, -169.9189);
    let far = far();
    let mut days: Vec<(Town, usize)> = vec![
        (town(Vec::new(), Vec::new()), 0),
        (town(vec![place(2, PlaceKind::Clinic, alofi)], Vec::new()), 0),
        (town(Vec::new(), vec![home(2, alofi, 100)]), 0),
        (town(vec![place(2, PlaceKind::Clinic, alofi)], vec![home(2, alofi, 100)]), 0),
        (town(vec![place(2, PlaceKind::Clinic, alofi)], vec![home(2, far, 1)]), 40),
    ];
    for (town, expected) in days.drain(..) {
        let told = format!("{town:?}");
        let model = Model::new(town, Parameters::default(), niue(), LIMIT);
        let rows = rows_of(&model, TUESDAY, Amount::Requests(40), 1);
        assert_eq!(rows.len(), expected, "{told}");
        assert!(rows.iter().all(|row| row.purpose == "medical"));
        assert!(model.told().iter().any(|told| told.contains("nobody goes out for shopping")), "{:?}", model.told());
    }
}

#[test]
fn rows_off_the_map_are_told_with_their_line() {
    let (alofi, far, sea) = ((-19.0547, -169.9189), far(), (-19.5, -169.0));
    let places = vec![place(2, PlaceKind::Clinic, alofi), place(3, PlaceKind::Clinic, sea)];
    let model = Model::new(town(places, vec![home(2, sea, 5), home(3, far, 5)]), Parameters::default(), niue(), LIMIT);
    let off: Vec<&String> = model.told().iter().filter(|told| told.starts_with("not used")).collect();
    assert_eq!(off.len(), 2);
    assert!(off[0].starts_with("not used: homes.csv, line 2, lat/lon: -19.5"), "{off:?}");
    assert!(off[1].starts_with("not used: places.csv, line 3, lat/lon: -19.5"), "{off:?}");
    assert_eq!(rows_of(&model, TUESDAY, Amount::Requests(9), 1).len(), 9);
}

#[test]
fn tables_are_read_and_bad_rows_told() {
    let told = read_places(
        "weight,kind,name,lon,lat,note\n120,hospital,町立病院,137.5,36.9,\n0,bank,,137.5,36.9,\n40,clinik,a,x,91,\n"
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(told.rows.len(), 1, "a place of no weight is left out in silence: it was switched off");
    assert_eq!(
        (told.rows[0].kind, told.rows[0].name.as_str(), told.rows[0].weight),
        (PlaceKind::Hospital, "町立病院", 120)
    );
    let problems: Vec<String> = told.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[0].starts_with("line 4, kind: `clinik` is no kind; one of hospital, clinic,"), "{problems:?}");
    assert!(problems[1].starts_with("line 4, lat: 91 is not between -90 and 90"), "{problems:?}");

    let told = read_homes(
        "mesh,residents,elderly,lat,lon\n55376021,310,0.45,,\n5537602111,25,,36.96,137.51\n,4,,36.9,137.5\n,7,,,\n12,7,,,\n,-3,2,36,137\n"
            .as_bytes(),
    )
    .unwrap();
    let found: Vec<_> = told.rows.iter().map(|home| (home.cell.side, home.residents, home.elderly)).collect();
    assert_eq!(found, [(Side::Whole, 310, Some(450)), (Side::Quarter, 25, None), (Side::Quarter, 4, None)]);
    let problems: Vec<String> = told.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 4, "{problems:?}");
    assert!(problems[0].starts_with("line 5, mesh: it does not say where these people live"), "{problems:?}");
    assert!(problems[1].starts_with("line 6, mesh: `12` is no code of a cell"), "{problems:?}");
    assert!(problems[2].starts_with("line 7, residents: -3"), "{problems:?}");
    assert!(problems[3].starts_with("line 7, elderly: 2"), "{problems:?}");
    assert!(read_homes("lat,lon\n".as_bytes()).unwrap_err().to_string().contains("residents"));
    let many = format!("residents,lat,lon\n{}", "1000000,36,137\n".repeat(11));
    assert!(read_homes(many.as_bytes()).unwrap().problems[0].to_string().contains("11000000 residents"));
}

#[test]
fn what_an_extract_holds_is_written_and_read_back() {
    let options = PlacesOptions { strict: true, homes_from: None, residents: Some(1700) };
    let found = mukae_maps::osm::places::read_places(&extract(), &options, &mut |_| {}).unwrap();
    let (mut places, mut homes) = (Vec::new(), Vec::new());
    write_places(&found, &mut places).unwrap();
    write_homes(&found, &mut homes).unwrap();
    let (places, homes) = (read_places(places.as_slice()).unwrap(), read_homes(homes.as_slice()).unwrap());
    assert!(places.problems.is_empty() && homes.problems.is_empty());
    assert_eq!(homes.rows.iter().map(|home| home.residents).sum::<u64>(), 1700);
    assert_eq!(places.rows.len(), found.places.len());
    let kinds: BTreeSet<PlaceKind> = places.rows.iter().map(|place| place.kind).collect();
    assert!(kinds.contains(&PlaceKind::Hospital), "{kinds:?}");
    let model = Model::new(town(places.rows, homes.rows), Parameters::default(), niue(), LIMIT);
    let rows = rows_of(&model, TUESDAY, Amount::Requests(300), 1);
    let summary = Summary::of(&rows, model.town(), &zone());
    assert_eq!((summary.requests, summary.hours.iter().sum::<usize>()), (300, 300));
    let by_purpose: BTreeMap<&str, usize> =
        summary.purposes.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert!(0 < by_purpose["medical"] && 0 < by_purpose["shopping"], "{summary}");
    assert!(summary.to_string().contains("by hour"), "{summary}");
}

#[test]
fn parameters_are_judged_with_line_and_key() {
    let problems = |text: &str| -> Vec<String> {
        Parameters::parse(text)
            .map_or_else(|problems| problems.iter().map(ToString::to_string).collect(), |_| Vec::new())
    };
    assert_eq!(Parameters::parse("").unwrap(), Parameters::default());
    assert_eq!(Parameters::parse(DEFAULTS).unwrap(), Parameters::default());
    let changed = Parameters::parse("walk_m = 300\n[purpose.medical]\nreturns = 1\n").unwrap();
    assert_eq!((changed.walk.as_metres(), changed.purposes[0].returns), (300, 1000));
    assert_eq!(changed.purposes[1], Parameters::default().purposes[1]);
    let found = problems(
        "wheelchairs = 1\nparty = []\n[participation]\nlow = 0.05\n[purpose.medcal]\n[purpose.visit]\nto = [\"bank\"]\n\
         [purpose.errand]\nto = [\"clinik\"]\ndays = [1]\nhours = [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]\n\
         [channel.phone]\nopens = 20\n[channel.fax]\n",
    );
    let starts = [
        "line 1: unknown key `wheelchairs`; did you mean `wheelchair`?",
        "line 2: 0 numbers; 1 to 8 are right",
        "line 3: `low`, `mid` and `high` are not in this order",
        "line 5: unknown key `medcal`; did you mean `medical`?",
        "line 7: unknown key `to`",
        "line 9: `to` is \"clinik\"; \"hospital\"",
        "line 10: 1 numbers; 7 are right",
        "line 11: all weights are zero",
        "line 12: it opens at 20 and closes at 18",
        "line 14: unknown key `fax`",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for (found, start) in found.iter().zip(starts) {
        assert!(found.starts_with(start), "{found:?} does not start with {start:?}");
    }
}
