//! The page of a day: that it says what the records say, that it is the same for the same records, and
//! that a real browser draws and plays it.

#[path = "report/browser.rs"]
mod browser;
mod city;

use std::path::Path;
use std::sync::OnceLock;

use browser::Browser;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_engine::model::{MapId, Shift, Spot};
use mukae_maps::{BuildOptions, PreparedMap, build_map};
use mukae_record::Record;
use mukae_sim::behaviour::{Behaviour, Lateness, Refusal};
use mukae_sim::demand::synthetic::{Amount, Day, Model, Parameters, Town};
use mukae_sim::demand::to_asks;
use mukae_sim::kpi::{Calendar, Grid, Hamlets};
use mukae_sim::report::{self, Place, ReportError, Run, Story};
use mukae_sim::{Kpis, Outcome, Setup, Simulation};
use mukae_units::{Features, LatLon, Metres, Seats, ServiceId, ShiftId, Span, Time, TimeWindow, VehicleId, Zones};

const DAY: Date = date(2026, 11, 24);
const REQUESTS: usize = 120;

type Count = (&'static str, fn(&Kpis) -> u64);
/// How requests end; the last three on a day of trouble.
const ENDINGS: [Count; 5] = [
    ("served", |kpis| kpis.served),
    ("refused", |kpis| kpis.refused),
    ("cancelled", |kpis| kpis.cancelled),
    ("no_show", |kpis| kpis.no_shows),
    ("not_taken", |kpis| kpis.not_taken),
];

fn zone() -> TimeZone {
    TimeZone::get("Pacific/Niue").unwrap()
}

fn niue() -> &'static PreparedMap {
    static MAP: OnceLock<PreparedMap> = OnceLock::new();
    MAP.get_or_init(|| {
        let extract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps/data/niue.osm.pbf");
        build_map(&extract, &BuildOptions::default(), &mut |_, _| {}).unwrap().0
    })
}

/// A weekday on Niue with so many cars, on which everyone does as planned.
fn run(cars: u32) -> (Outcome, Story) {
    lived(cars, Behaviour::default())
}

/// Riders who cancel, stay away, come late and let offers go, and cars that break down.
fn lively(seed: u64) -> Behaviour {
    let mut behaviour = Behaviour { seed, ..Behaviour::default() };
    let riders = &mut behaviour.riders;
    riders.thinks = Span::from_mins(2);
    riders.refuses = Some(Refusal { base: -2500, per_wait_min: 40, per_detour_min: 60, per_100_yen: 10 });
    (riders.cancels, riders.stays_away) = (100, 60);
    riders.is_late = Lateness { share: 200, mean: Span::from_mins(3) };
    (behaviour.vehicles.leg_noise, behaviour.vehicles.breaks_down) = (150, 400);
    behaviour
}

fn lived(cars: u32, behaviour: Behaviour) -> (Outcome, Story) {
    let map = niue();
    let limit = Metres::from_metres(500);
    let asked = LatLon::from_degrees(-19.0547, -169.9189).unwrap();
    let place = map.snap(asked, limit).unwrap().place;
    let depot = Spot { asked, kana: String::new(), label: "Alofi </script>".to_owned(), place, zones: Zones::EMPTY };
    let midnight = DAY.to_zoned(zone()).unwrap().timestamp();
    let hour = |hour: i64| Time::from_unix_millis(midnight.as_millisecond()) + Span::HOUR * hour;
    let mut settings = city::rules();
    settings[0] = Command::UseMap(MapId(map.checksum()));
    settings.extend((1..=cars).map(|car| city::vehicle(car, Seats::new(6, 1))));
    settings.extend((1..=cars).map(|car| {
        let shift = Shift {
            id: ShiftId(car),
            name: format!("car {car}"),
            vehicle: VehicleId(car),
            window: TimeWindow::new(hour(7), hour(20)).unwrap(),
            start: depot.clone(),
            end: Some(depot.clone()),
            features: Features::EMPTY,
            zones: Zones::EMPTY,
            crew: None,
            breaks: Vec::new(),
            driver: None,
            declared: None,
            on_call: None,
        };
        Command::PlanShift(shift.into())
    }));
    let model = Model::new(Town::from_roads(map.graph()), Parameters::default(), map, limit);
    let day = Day { date: DAY, zone: &zone(), amount: Amount::Requests(REQUESTS), scale: 1000, seed: 7 };
    let rows = model.day(&day);
    let (asks, problems) = to_asks(&rows, map, ServiceId(1), limit, &|_| Zones::EMPTY);
    assert_eq!(problems, []);
    let (mut roads, mut lengths, mut story) = (map.query(), map.query(), Story::new());
    let keep = &mut |record: &[u8]| story.read(&Record::from_bytes(record).unwrap());
    let calendar = Calendar { zone: zone(), hamlets: Hamlets::Grid(Grid::over(&map.meta().bounds)) };
    let setup = Setup { behaviour, calendar, ..Setup::new(settings, asks) };
    let outcome = Simulation::new(setup, &mut roads, &mut lengths, keep).unwrap().run(&mut |_| {});
    (outcome, story)
}

fn named<'a>(name: &str, story: &'a Story, outcome: &'a Outcome) -> Run<'a> {
    Run {
        name: name.to_owned(),
        story,
        ledger: &outcome.ledger,
        dropped: Some(vec!["line 9, from_lat: off the map".to_owned()]),
        journal_hash: None,
    }
}

fn page(runs: &[Run<'_>]) -> String {
    report::page(runs, DAY, &Place { name: "Niue", zone: &zone(), map: niue() }).unwrap()
}

/// The page lists what the ledger counts: two readers of the same records, one of which asks how requests ended, and the
/// other how many did.
#[test]
fn the_figures_of_a_page_are_those_of_its_list() {
    for cars in [1, 3] {
        let troubled: Vec<_> = (0..8).map(|seed| lived(cars, lively(seed))).chain([run(cars)]).collect();
        for (outcome, story) in &troubled {
            let data = data(&page(&[named("a day", story, outcome)]));
            let run = &data["runs"][0];
            assert_eq!(run["kpis"], serde_json::to_value(&outcome.kpis).unwrap(), "with {cars} cars");
            let requests = run["requests"].as_array().unwrap();
            assert_eq!(requests.len() as u64, outcome.kpis.requests);
            let ended = |how: &str| {
                let ends = requests.iter().filter_map(|request| request["end"].as_str());
                ends.filter(|end| end.starts_with(how)).count() as u64
            };
            for (name, count) in ENDINGS {
                assert_eq!(ended(name), count(&outcome.kpis), "{name} with {cars} cars");
            }
            let of_hours: u64 =
                run["hours"].as_array().unwrap().iter().map(|hour| hour["served"].as_u64().unwrap()).sum();
            assert_eq!(of_hours, outcome.kpis.served);
            let metres: u64 = run["drives"].as_array().unwrap().iter().map(|drive| drive[3].as_u64().unwrap()).sum();
            let drives = run["drives"].as_array().unwrap().len() as u64;
            assert!(metres.abs_diff(outcome.kpis.driven.as_metres()) <= drives, "but for rounding each drive");
        }
        let sum = |of: fn(&Kpis) -> u64| troubled.iter().map(|(outcome, _)| of(&outcome.kpis)).sum::<u64>();
        for (name, of) in &ENDINGS[2..] {
            assert!(0 < sum(*of), "no {name} with {cars} cars");
        }
        assert!(0 < sum(|kpis| kpis.pooled) && (cars == 3 || 0 < sum(|kpis| kpis.refused)));
    }
}

/// What a page holds for its script.
fn data(page: &str) -> serde_json::Value {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn the_same_records_give_the_same_page_and_no_more_than_it_needs() {
    let ((first, told), (second, retold)) = (run(2), run(2));
    let (one, again) = (page(&[named("two cars", &told, &first)]), page(&[named("two cars", &retold, &second)]));
    assert!(one == again);
    assert!(one.len() < 400_000, "{} bytes for {REQUESTS} requests", one.len());
    assert!(!one.contains("http://") || one.matches("http://").count() == one.matches("http://www.w3.org/").count());
    assert!(!one.contains("https://"));
}

#[test]
fn a_day_without_anything_is_named_and_so_are_those_that_have_something() {
    let (outcome, story) = run(1);
    let place = Place { name: "Niue", zone: &zone(), map: niue() };
    assert_eq!(report::busiest_day(&story, &zone()), Ok(DAY));
    let error = report::page(&[named("one car", &story, &outcome)], date(2026, 1, 1), &place).unwrap_err();
    assert!(error.to_string().contains("2026-01-01") && error.to_string().contains("2026-11-24"), "{error}");
    assert_eq!(report::busiest_day(&Story::new(), &zone()), Err(ReportError::Nothing));
    assert_eq!(report::page(&[], DAY, &place), Err(ReportError::RunCount(0)));
}

/// As a council member would: open the file, press play, press a mark on the map and a row of the list.
#[test]
fn a_browser_draws_and_plays_it() {
    let ((few, first), (more, second)) = (run(1), run(3));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("report.html");
    std::fs::write(&file, page(&[named("一台", &first, &few), named("三台", &second, &more)])).unwrap();
    let mut browser = Browser::open(1280, 900);
    browser.visit(&file);

    assert_eq!(browser.value("document.documentElement.lang"), "ja");
    assert_eq!(browser.value("document.querySelectorAll('canvas').length"), 2);
    assert_eq!(browser.value("document.querySelector('canvas').dataset.vehicles"), "1", "at the busiest moment");
    assert_eq!(browser.value("document.querySelectorAll('canvas')[1].dataset.vehicles"), "3");
    let shown = browser.text("[data-figure=served] .value");
    assert_eq!(shown, few.kpis.served.to_string());
    assert_eq!(browser.value("document.querySelectorAll('#requests tbody tr').length"), REQUESTS);
    assert_eq!(browser.value("document.querySelectorAll('#charts figure').length"), 7);
    assert!(browser.text("#notes").contains("line 9, from_lat"), "rows that were dropped are listed");
    let inked = "(() => { const c = document.querySelector('canvas'); const d = c.getContext('2d')\
                 .getImageData(0, 0, c.width, c.height).data; const seen = new Set(); \
                 for (let i = 0; i < d.length; i += 4) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); return seen.size; })()";
    assert!(8 < browser.value(inked).as_u64().unwrap(), "roads and vehicles are drawn");

    // the clock runs, and stops
    let picture = "document.querySelector('canvas').toDataURL()";
    browser.click("#first");
    let (clock, before) = (browser.text("#clock"), browser.value(picture));
    browser.click("#play");
    browser.wait_for(&format!("document.getElementById('clock').innerText !== '{clock}'"));
    browser.wait_for(
        "Number(document.getElementById('slider').value) - Number(document.getElementById('slider').min) > 1200",
    );
    browser.click("#play");
    let stopped = browser.text("#clock");
    assert_ne!(browser.value(picture), before, "vehicles have moved");
    browser.press("ArrowRight", "ArrowRight", "");
    assert_ne!(browser.text("#clock"), stopped, "an arrow moves the clock by a minute");
    for is_playing in ["true", "false"] {
        browser.value("document.activeElement.blur()");
        browser.press(" ", "Space", " ");
        assert_eq!(browser.value("document.getElementById('play').getAttribute('aria-pressed')"), is_playing);
    }

    // a row tells its story, for both runs
    assert!(!browser.text("#story").contains("番の申し込み"));
    browser.click("#requests tbody tr:nth-child(3) button");
    let story = browser.text("#story");
    assert!(story.contains("番の申し込み") && story.contains("一台") && story.contains("三台"), "{story}");
    assert!(browser.value("document.querySelectorAll('#story ol li').length").as_u64().unwrap() >= 4);

    // a mark on the map does, too
    browser.value("document.querySelector('#filter').focus()");
    let at_noon = "(() => { const s = document.getElementById('slider'); s.value = 12 * 3600; s.dispatchEvent(new Event('input')); })()";
    browser.value(at_noon);
    browser.value("document.querySelectorAll('canvas')[1].scrollIntoView({ block: 'center' })");
    let mark = "(() => { const c = document.querySelectorAll('canvas')[1]; const a = c.getBoundingClientRect(); \
                const m = JSON.parse(c.dataset.marks)[0]; return m && [a.left + m[0], a.top + m[1]]; })()";
    let at = browser.value(mark);
    browser.click_at(at[0].as_f64().expect("something is going on at noon"), at[1].as_f64().unwrap());
    assert_ne!(browser.text("#story"), story);

    // the other language, and everything is in it
    browser.click("[data-language=en]");
    assert_eq!(browser.value("document.documentElement.lang"), "en");
    let japanese = "[...document.body.innerText.matchAll(/[\\u3040-\\u30ff]+/g)].map(String).join()";
    assert_eq!(browser.value(japanese), "", "kana is left in the English page");

    assert_eq!(browser.complaints, Vec::<String>::new());
    let ours = |url: &String| url.starts_with("file://") || url.starts_with("data:");
    assert!(browser.requests.iter().all(ours), "{:?}", browser.requests);
}
