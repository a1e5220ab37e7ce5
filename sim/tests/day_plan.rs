//! A planned day: nobody of the table is lost, and every promise is kept, reckoned again from the manifest alone.

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "report/browser.rs"]
mod browser;
mod city;
mod niue;

use std::collections::{BTreeMap, BTreeSet};

use browser::Browser;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use mukae_maps::{Place, PreparedMap, SnapOptions, TravelTimes};
use mukae_sim::day_plan::{self, BLOCK, Bookings, DayPlan, DayPlanError, Effort, Progress, Why};
use mukae_sim::demand::csv::{self, Strictness, Table};
use mukae_sim::demand::synthetic::{Amount, Day, Model, Parameters, Town};
use mukae_sim::report;
use mukae_sim::scenario::Rules;
use mukae_sim::{RequestRow, WishKind};
use mukae_units::{LatLon, Seats, Span, Time};

const DAY: Date = date(2026, 11, 24);
const EFFORT: Effort = Effort { steps: 6 * BLOCK, room_steps: 200, seed: 1 };
const PLACES: Seats = Seats::new(6, 1);

/// A day of so many bookings as a file has it, with lines in it that are of no use.
fn table(seed: u64, count: usize) -> String {
    let stage = niue::stage();
    let model = Model::new(Town::from_roads(stage.map.graph()), Parameters::default(), &stage.map, niue::SNAP_LIMIT);
    let day = Day { date: DAY, zone: &stage.zone, amount: Amount::Requests(count), scale: 1000, seed };
    let mut text = Vec::new();
    csv::write(&model.day(&day), &stage.zone, &mut text).unwrap();
    let mut text = String::from_utf8(text).unwrap();
    text.push_str("sea,2026-11-20T09:00:00-11:00,2026-11-24T10:00:00-11:00,2026-11-24T10:30:00-11:00,-19.5,-169.9,-19.05,-169.92,1,0,depart_after\n");
    text.push_str("night,2026-11-20T09:00:00-11:00,2026-11-24T23:00:00-11:00,2026-11-24T23:30:00-11:00,-19.0547,-169.9189,-19.06,-169.92,1,0,depart_after\n");
    text.push_str("many,2026-11-20T09:00:00-11:00,2026-11-24T10:00:00-11:00,2026-11-24T10:30:00-11:00,-19.0547,-169.9189,-19.06,-169.92,9,0,depart_after\n");
    text.push_str("broken,2026-11-20T09:00:00-11:00,soon,2026-11-24T10:30:00-11:00,north,-169.9189,-19.06,-169.92,1,0,depart_after\n");
    text
}

fn read(text: &str) -> Table {
    csv::read(text.as_bytes(), Strictness::Lenient).unwrap()
}

fn plan_of(table: Table, effort: Effort, tell: &mut dyn FnMut(Progress) -> bool) -> DayPlan {
    let stage = niue::stage();
    let bookings = Bookings::of(table, None, &stage.zone).unwrap();
    day_plan::plan(bookings, &stage, &Rules::default(), effort, tell).unwrap()
}

/// A row of a table by the names of its columns.
type Row = BTreeMap<String, String>;

fn rows(write: impl FnOnce(&mut Vec<u8>)) -> Vec<Row> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
    reader.deserialize().map(Result::unwrap).collect()
}

fn manifest(plan: &DayPlan) -> Vec<Row> {
    rows(|bytes| day_plan::write_manifest(plan, &niue::niue(), bytes).unwrap())
}

fn time(row: &Row, column: &str) -> Time {
    let stamp: Timestamp = row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"));
    Time::from_unix_millis(stamp.as_millisecond())
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

fn place(map: &PreparedMap, row: &Row) -> Place {
    let point = LatLon::from_degrees(number(row, "lat"), number(row, "lon")).unwrap();
    match row["task"].as_str() {
        "start" | "end" => map.snap(point, niue::SNAP_LIMIT).unwrap().place,
        _ => map.snap_by(point, &SnapOptions::door(niue::SNAP_LIMIT)).unwrap().place,
    }
}

fn party(row: &Row) -> Seats {
    Seats::new(number(row, "seats") as u8, number(row, "wheelchairs") as u8)
}

/// The slow twin: follows every vehicle through the manifest by the travel times of the map, and holds each stop against what
/// the table wished, what was promised, the places on board and the shift. It shares no code with the dispatcher.
fn check(plan: &DayPlan, text: &str) {
    let map = niue::niue();
    let wishes: BTreeMap<u64, RequestRow> = read(text).rows.into_iter().map(|row| (row.line, row)).collect();
    let mut roads = map.query();
    let mut carried: BTreeSet<u64> = BTreeSet::new();
    let mut on_board: BTreeMap<u64, Row> = BTreeMap::new();
    let (mut here, mut free, mut load) = (None, Time::EPOCH, Seats::NONE);
    for row in manifest(plan) {
        let (there, begin) = (place(&map, &row), time(&row, "begin"));
        if row["task"] == "start" {
            assert!(on_board.is_empty(), "{row:?}");
            (here, free, load) = (Some(there), begin, Seats::NONE);
            continue;
        }
        let from = here.expect("a shift starts somewhere");
        let drive = if from == there { Span::ZERO } else { roads.travel_time(from, there).unwrap().span() };
        assert!(free + drive <= begin, "it can not be there: {row:?}");
        if row["task"] == "end" {
            assert!(load.is_empty() && on_board.is_empty(), "{row:?}");
            let midnight = DAY.to_zoned(plan.zone.clone()).unwrap().timestamp().as_millisecond();
            assert!(begin <= Time::from_unix_millis(midnight) + Span::HOUR * 20, "after its shift: {row:?}");
            continue;
        }
        assert!(free <= time(&row, "set_out") && time(&row, "set_out") + drive <= begin, "{row:?}");
        assert!(begin <= time(&row, "promised_latest"), "late: {row:?}");
        let (line, end) = (row["line"].parse::<u64>().unwrap(), time(&row, "end"));
        let wish = &wishes[&line];
        assert_eq!((&row["request_id"], party(&row)), (&wish.id, wish.party));
        // a minute for a party and two for a wheelchair, as the rules of the city say
        assert_eq!(end - begin, Span::MINUTE + Span::MINUTE * 2 * row["wheelchairs"].parse::<i64>().unwrap());
        if row["task"] == "pickup" {
            assert!(carried.insert(line), "line {line} boards twice");
            assert!(time(&row, "promised_earliest") <= begin, "early: {row:?}");
            if wish.kind == WishKind::DepartAfter {
                assert!(wish.window.contains(begin), "not as wished: {row:?}");
            }
            load = load + wish.party;
            on_board.insert(line, row.clone());
        } else {
            let boarded = on_board.remove(&line).unwrap_or_else(|| panic!("line {line} is not on board"));
            let ride = (begin - time(&boarded, "end")).as_millis() as f64 / 1000.0;
            assert!(ride <= number(&row, "ride_max_s"), "{ride} s on board: {row:?}");
            if wish.kind == WishKind::ArriveBy {
                assert!(begin <= wish.window.latest(), "not as wished: {row:?}");
            }
            load = load - wish.party;
        }
        assert!(load.fits(&PLACES), "{load:?} on board: {row:?}");
        assert_eq!(row["on_board"], load.persons().to_string(), "{row:?}");
        (here, free) = (Some(there), end);
    }
    let left = rows(|bytes| day_plan::write_left(plan, bytes).unwrap());
    let left: Vec<u64> = left.iter().map(|row| row["line"].parse().unwrap()).collect();
    assert!(left.is_sorted() && left.iter().all(|line| !carried.contains(line)), "{left:?}");
    let lines: BTreeSet<u64> = (2..=text.lines().count() as u64).collect();
    assert_eq!(left.into_iter().chain(carried).collect::<BTreeSet<_>>(), lines, "a line is lost");
    assert_eq!(plan.faults, []);
}

#[test]
fn nobody_is_lost_and_every_promise_is_kept() {
    for (seed, count) in [(1, 12), (2, 40), (3, 70), (4, 110), (5, 25), (6, 160)] {
        println!("seed {seed}, {count} bookings");
        let text = table(seed, count);
        let first = plan_of(read(&text), Effort { steps: 0, room_steps: 0, ..EFFORT }, &mut |_| true);
        check(&first, &text);
        let plan = plan_of(read(&text), EFFORT, &mut |_| true);
        check(&plan, &text);
        // whoever had a place before the search has one after it
        assert!(first.riders.len() <= plan.riders.len(), "{} and then {}", first.riders.len(), plan.riders.len());
    }
}

#[test]
fn whoever_is_left_is_told_why() {
    let text = table(7, 20);
    let plan = plan_of(read(&text), EFFORT, &mut |_| true);
    let why = |id: &str| {
        let found = plan.left.iter().find(|left| left.row.as_ref().is_some_and(|row| row.id == id));
        found.unwrap_or_else(|| panic!("{id} is not left")).why.clone()
    };
    assert!(matches!(why("sea"), Why::OffTheMap(problems) if problems[0].column == "from_lat/from_lon"));
    assert_eq!(why("night").to_string(), "no vehicle works at that time");
    assert_eq!(why("many").to_string(), "no vehicle holds the party");
    let broken = plan.left.last().unwrap();
    assert_eq!((broken.line, broken.why.name()), (text.lines().count() as u64, "unreadable"));
    let told = broken.why.to_string();
    assert!(told.contains("earliest: `soon` is not a time") && told.contains("from_lat: `north`"), "{told}");
}

#[test]
fn a_number_of_steps_gives_the_same_plan_wherever_it_comes_from() {
    let text = table(8, 90);
    let mut blocks = 0;
    let endless = Effort { steps: u64::MAX, ..EFFORT };
    let stopped = plan_of(read(&text), endless, &mut |progress| {
        blocks += u64::from(matches!(progress, Progress::Searched { .. }));
        blocks < 5
    });
    assert_eq!(stopped.steps, 5 * BLOCK);
    let counted = plan_of(read(&text), Effort { steps: stopped.steps, ..EFFORT }, &mut |_| true);
    assert_eq!(counted, stopped);
    // many of them come to the same plan in the end
    let is_other = |seed| {
        let other = plan_of(read(&text), Effort { steps: BLOCK, seed, ..EFFORT }, &mut |_| true);
        other.tours != plan_of(read(&text), Effort { steps: BLOCK, ..EFFORT }, &mut |_| true).tours
    };
    assert!((2..10).any(is_other), "another seed is another search");
}

#[test]
fn one_day_is_planned_and_the_others_are_left() {
    let (stage, mut text) = (niue::stage(), table(9, 5));
    text.push_str("later,2026-11-20T09:00:00-11:00,2026-11-25T10:00:00-11:00,2026-11-25T10:30:00-11:00,-19.0547,-169.9189,-19.06,-169.92,1,0,depart_after\n");
    let of = |day| Bookings::of(read(&text), day, &stage.zone);
    let there = vec![(DAY, 8), (date(2026, 11, 25), 1)];
    assert_eq!(of(None).unwrap_err(), DayPlanError::SeveralDays(there.clone()));
    let wanted = date(2026, 12, 1);
    assert_eq!(of(Some(wanted)).unwrap_err(), DayPlanError::NothingOnDay { wanted, there });
    let plan = day_plan::plan(of(Some(DAY)).unwrap(), &stage, &Rules::default(), EFFORT, &mut |_| true).unwrap();
    check(&plan, &text);
    assert_eq!(plan.left.last().unwrap().why, Why::OtherDay(date(2026, 11, 25)));
    let empty = text.lines().next().unwrap();
    assert_eq!(Bookings::of(read(empty), None, &stage.zone).unwrap_err(), DayPlanError::NoBookings(0));
}

#[test]
fn a_day_without_vehicles_has_no_plan() {
    let mut stage = niue::stage();
    let (map, zone) = (stage.map.clone(), stage.zone.clone());
    stage.settings = Box::new(move |days| {
        let mut settings = niue::settings(&map, &zone, days);
        settings.retain(|command| !matches!(command, mukae_engine::Command::PlanShift(_)));
        Ok(settings)
    });
    let bookings = Bookings::of(read(&table(1, 5)), None, &stage.zone).unwrap();
    let planned = day_plan::plan(bookings, &stage, &Rules::default(), EFFORT, &mut |_| true);
    assert_eq!(planned.unwrap_err(), DayPlanError::NoShift(DAY));
}

#[test]
fn a_browser_shows_the_plan_in_both_languages() {
    let stage = niue::stage();
    let plan = plan_of(read(&table(10, 60)), EFFORT, &mut |_| true);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("index.html");
    let place = report::Place { name: "Niue </script>", zone: &stage.zone, map: &stage.map };
    std::fs::write(&file, report::plan(&plan, &place)).unwrap();
    let mut browser = Browser::open(1200, 900);
    browser.visit(&file);
    assert!(browser.text("#title").contains("Niue </script>"));
    let carrying = plan.tours.iter().filter(|tour| !tour.visits.is_empty()).count();
    assert_eq!(browser.value("document.querySelectorAll('#sheets section').length"), carrying);
    let stops: usize = plan.tours.iter().map(|tour| tour.visits.len()).sum();
    let shown = "document.querySelectorAll('#sheets tr.up, #sheets tr.down').length";
    assert_eq!(browser.value(shown), stops);
    assert_eq!(browser.value("document.querySelectorAll('#left tbody tr').length"), plan.left.len());
    assert!(browser.text("#left").contains("その時間に動いている車がない"));
    browser.click("[data-language=en]");
    assert!(browser.text("#left").contains("no vehicle works at that time"));
    // pressed once, a vehicle is alone on the map; pressed again, all are there
    let marked = "new Set(JSON.parse(document.querySelector('canvas').dataset.marks).map((mark) => mark[2])).size";
    assert_eq!(browser.value(marked), 2);
    browser.click(".of-vehicle");
    assert_eq!(browser.value(marked), 1);
    browser.click(".of-vehicle");
    assert_eq!(browser.value(marked), 2);
    assert_eq!(browser.complaints, Vec::<String>::new());
    assert!(browser.requests.iter().all(|request| request.starts_with("file://") || request.starts_with("data:")));
}
