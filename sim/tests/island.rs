//! A synthetic weekday on a real map, the committed extract of Niue, from the extract to the key
//! figures; the figures are kept as golden text.
//!
//! The golden files are refreshed by `MUKAE_GOLDEN=write cargo test -p mukae-sim --test island` and
//! reviewed as a diff.

mod city;
mod demand;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_engine::model::{MapId, Shift, Spot};
use mukae_maps::{BuildOptions, PreparedMap, TravelTimes, build_map};
use mukae_record::tour::{Errand, Happening, Tours};
use mukae_sim::demand::synthetic::{Amount, Day, Model, Parameters, Town};
use mukae_sim::demand::{csv, to_asks};
use mukae_sim::{Effort, Ledger, Outcome, RequestRow, Setup, Simulation};
use mukae_units::{Features, LatLon, Metres, Seats, ServiceId, ShiftId, Span, Time, TimeWindow, VehicleId, Zones};

const SNAP_LIMIT: Metres = Metres::from_metres(500);

fn niue() -> &'static PreparedMap {
    static MAP: OnceLock<PreparedMap> = OnceLock::new();
    MAP.get_or_init(|| {
        let extract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps/data/niue.osm.pbf");
        build_map(&extract, &BuildOptions::default(), &mut |_, _| {}).unwrap().0
    })
}

const DATE: Date = date(2026, 11, 24);

fn zone() -> TimeZone {
    TimeZone::get("Pacific/Niue").unwrap()
}

fn weekday(seed: u64, requests: usize) -> Vec<RequestRow> {
    let model = Model::new(Town::from_roads(niue().graph()), Parameters::default(), niue(), SNAP_LIMIT);
    model.day(&Day { date: DATE, zone: &zone(), amount: Amount::Requests(requests), scale: 1000, seed })
}

/// Cars in Alofi from seven in the morning to eight in the evening.
fn fleet(cars: u32) -> Vec<Command> {
    let map = niue();
    let asked = LatLon::from_degrees(-19.0547, -169.9189).unwrap();
    let depot = Spot {
        asked,
        kana: String::new(),
        label: "Alofi".to_owned(),
        place: map.snap(asked, SNAP_LIMIT).unwrap().place,
        zones: Zones::EMPTY,
    };
    let midnight = DATE.to_zoned(zone()).unwrap().timestamp();
    let hour = |hour: i64| Time::from_unix_millis(midnight.as_millisecond()) + Span::HOUR * hour;
    let mut settings = city::rules();
    settings[0] = Command::UseMap(MapId(map.checksum()));
    settings.extend((1..=cars).map(|car| city::vehicle(car, Seats::new(6, 1))));
    settings.extend((1..=cars).map(|car| {
        Command::PlanShift(
            Shift {
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
            }
            .into(),
        )
    }));
    settings
}

fn run(seed: u64, requests: usize, cars: u32) -> (Outcome, Vec<Vec<u8>>) {
    run_searching(seed, requests, cars, Effort::default())
}

fn run_searching(seed: u64, requests: usize, cars: u32, effort: Effort) -> (Outcome, Vec<Vec<u8>>) {
    let rows = weekday(seed, requests);
    let (asks, problems) = to_asks(&rows, niue(), ServiceId(1), SNAP_LIMIT, &|_| Zones::EMPTY);
    assert_eq!(problems, [], "every synthetic row lies on the roads it was drawn over");
    let (mut roads, mut lengths) = (niue().query(), niue().query());
    let mut records = Vec::new();
    let keep = &mut |record: &[u8]| records.push(record.to_vec());
    let setup = Setup { effort, ..Setup::new(fleet(cars), asks) };
    let outcome = Simulation::new(setup, &mut roads, &mut lengths, keep).unwrap().run(&mut |_| {});
    (outcome, records)
}

fn check_golden(name: &str, found: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("MUKAE_GOLDEN").is_some_and(|value| value == "write") {
        return fs::write(&path, found).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == found, "{} differs; refresh as told at the top of this file and review\n{found}", path.display());
}

#[test]
fn a_weekday_has_these_figures() {
    let (outcome, _) = run(1, 150, 3);
    assert_eq!(outcome.faults, []);
    check_golden("niue.txt", &format!("{}\n", outcome.kpis));
    check_golden("niue.json", &format!("{}\n", serde_json::to_string_pretty(&outcome.kpis).unwrap()));
}

#[test]
fn too_few_cars_refuse_and_lose_nobody() {
    let (outcome, _) = run(2, 300, 1);
    assert_eq!(outcome.faults, []);
    let kpis = &outcome.kpis;
    assert_eq!((kpis.served + kpis.refused, kpis.unaccounted(), kpis.unmeasured_drives), (300, 0, 0));
    assert!(100 < kpis.refused && kpis.refused < 300, "{kpis}");
    assert!(0 < kpis.pooled, "a single busy car pools: {kpis}");
}

/// Every schedule and promise is audited as the runs go. A plan is replaced only by a cheaper one, which by these weights may
/// drive a little more for riders who wait less; over several days it drives less for each of them.
#[test]
fn a_search_in_spare_time_breaks_no_promise_and_saves_driving() {
    let effort = Effort { improve_steps: 60, room_steps: 60 };
    let (mut served, mut driven) = ([0, 0], [0, 0]);
    for seed in 1..=4 {
        let (plain, _) = run(seed, 200, 3);
        let (searched, records) = run_searching(seed, 200, 3, effort);
        for (which, outcome) in [&plain, &searched].into_iter().enumerate() {
            assert_eq!(outcome.faults, [], "seed {seed}");
            served[which] += outcome.kpis.served;
            driven[which] += outcome.kpis.driven.as_millimetres();
        }
        let adopts = |record: &&Vec<u8>| {
            let record = mukae_record::Record::from_bytes(record).unwrap();
            matches!(record.command(), Command::AdoptPlan { .. })
        };
        assert!(5 < records.iter().filter(adopts).count(), "seed {seed}: hardly anything was found");
        let (again, _) = run_searching(seed, 200, 3, effort);
        assert_eq!(again.journal_hash, searched.journal_hash, "seed {seed}: the same seed, the same journal");
    }
    assert!(served[0] <= served[1], "{served:?} were served");
    assert!(driven[1] * served[0] < driven[0] * served[1], "{driven:?} driven for {served:?}");
}

#[test]
fn the_same_seed_gives_the_same_hash_and_so_does_replay() {
    let (first, records) = run(3, 80, 2);
    let (second, _) = run(3, 80, 2);
    assert_eq!(first, second);
    assert_ne!(run(4, 80, 2).0.journal_hash, first.journal_hash);

    let (mut scribe, mut ledger, mut lengths) = (mukae_record::Scribe::new(), Ledger::new(), niue().query());
    for bytes in &records {
        let record = scribe.replay(bytes).unwrap();
        ledger.observe(&record.exogenous, record.endogenous.iter(), &mut lengths);
    }
    assert_eq!((scribe.journal_hash(), scribe.state_hash()), (first.journal_hash, first.state_hash));
    assert_eq!(ledger.kpis(), first.kpis);
}

#[test]
fn records_of_demand_say_what_the_key_figures_say() {
    for seed in 1..=2 {
        let (outcome, records) = run(seed, 200, 2);
        demand::expect_agreement(&records, &outcome.kpis, &format!("seed {seed}"));
    }
}

/// What is counted as driven is what was driven: the pieces between departures, turns and arrivals
/// take as long, by the roads, as the vehicles were under way by their drivers' reports.
#[test]
fn the_pieces_of_all_drives_add_up_to_the_time_under_way() {
    let (_, records) = run(1, 150, 3);
    let (mut tours, mut roads) = (Tours::default(), niue().query());
    let (mut pieces, mut under_way, mut piece_count, mut arrivals) = (Span::ZERO, Span::ZERO, 0, 0);
    for bytes in &records {
        let record = mukae_record::Record::from_bytes(bytes).unwrap();
        match record.command() {
            Command::Depart { at, .. } => under_way -= *at - Time::EPOCH,
            Command::Arrive { at, .. } => {
                under_way += *at - Time::EPOCH;
                arrivals += 1;
            }
            _ => {}
        }
        tours.follow(&record.exogenous, record.endogenous.iter(), &mut |happening| match happening {
            Happening::Drove { from, to, errand, .. } if errand != Errand::Home => {
                pieces += roads.travel_time(from, to).unwrap().span();
                piece_count += 1;
            }
            _ => {}
        });
    }
    assert_eq!(pieces, under_way);
    assert!(arrivals < piece_count, "some vehicle was turned: {piece_count} pieces, {arrivals} arrivals");
}

#[test]
fn written_demand_gives_the_same_day() {
    let rows = weekday(5, 60);
    let mut bytes = Vec::new();
    csv::write(&rows, &zone(), &mut bytes).unwrap();
    let mut table = csv::read(bytes.as_slice(), csv::Strictness::Strict).unwrap();
    table.rows.iter_mut().for_each(|row| row.line = 0);
    assert_eq!(table.rows, rows);
}

#[test]
fn rows_off_the_map_are_told() {
    let mut rows = weekday(5, 3);
    rows[0].line = 2;
    rows[1].line = 3;
    rows[0].from = LatLon::from_degrees(-19.05, -169.0).unwrap();
    rows[1].to = LatLon::from_degrees(54.2, -4.5).unwrap();
    let (asks, problems) = to_asks(&rows, niue(), ServiceId(1), SNAP_LIMIT, &|_| Zones::EMPTY);
    assert_eq!((asks.len(), problems.len()), (1, 2));
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(
        told[0]
            .starts_with("line 2, from_lat/from_lon: -19.0500000,-169.0000000 is off the map, the nearest road is 8"),
        "{told:?}"
    );
    assert!(told[0].ends_with("m away, more than 500 m; a place at most 500 m from a road of the map"), "{told:?}");
    assert!(told[1].starts_with("line 3, to_lat/to_lon: 54.2"), "{told:?}");
}
