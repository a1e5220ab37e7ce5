//! Settings for going ahead of demand: loaded, followed, ended, and refused where they are not the area's own.

use std::path::Path;
use std::sync::Arc;

use mukae_forecast::{BIN_COUNT, Count, Day as Counted, Exposure, History, RateSettings, Rates};
use mukae_maps::PreparedMap;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::operations::v1 as pb;
use mukae_server::{Config, ManualClock, Store, serve};
use mukae_supply::clock::Day;
use mukae_supply::follower::class;
use mukae_supply::settings::{Settings, digest};
use mukae_supply::theta::{Knob, Theta};
use mukae_supply::{Model, Origin, Posts};
use mukae_units::{LatLon, Metres, Span};
use pb::supply::State;
use pb::supply_service_client::SupplyServiceClient;
use tonic::transport::Channel;

use crate::support::*;

const NAME: &str = "areas/niue/supply";
const MODEL: &str = "settings.model.json";
/// The thirtieth of March 2026.
const THROUGH: i64 = 20_542;

/// Somebody asks at the airport in most half hours of a day, somebody in Alofi in one of them.
fn model(map: &PreparedMap) -> Model {
    let origin = |(lat, lon): (f64, f64)| {
        let point = LatLon::from_degrees(lat, lon).unwrap();
        let place = map.snap(point, Metres::from_metres(500)).unwrap().place;
        Origin { point, place }
    };
    let posts = Posts::of([ALOFI, AIRPORT].map(origin), Metres::ZERO, 9).unwrap();
    let airport = posts.nearest(LatLon::from_degrees(AIRPORT.0, AIRPORT.1).unwrap());
    let count = |zone: u16, bin: u8| Count { zone, bin, weight: 1.0, rider: None };
    let mut counts: Vec<Count> = (14..38).map(|bin| count(airport, bin)).collect();
    counts.push(count(1 - airport, 20));
    let day = |number: i32| Counted {
        number,
        class: class(Day(i64::from(number))),
        exposure: Exposure::open(14, 38),
        counts: counts.clone(),
    };
    let last = i32::try_from(THROUGH).unwrap();
    let history = History::new(2, (last - 60..=last).map(day).collect()).unwrap();
    let rates = Rates::fit(&history, last, &RateSettings::default(), None).unwrap();
    let open: [f64; BIN_COUNT] = std::array::from_fn(|bin| if (14..38).contains(&bin) { 1.0 } else { 0.0 });
    Model { posts, rates, returns: None, open: [open; 7], lead_max: Span::HOUR, learned_through: Day(THROUGH) }
}

fn settings(model: &[u8]) -> Settings {
    Settings {
        town: AREA.to_owned(),
        map: map().checksum(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        model_file: MODEL.to_owned(),
        model_digest: digest(model),
        input_digest: digest(b""),
        seed: 1,
        learned_through: "2026-03-30".parse().unwrap(),
        expires: "2026-04-02".parse().unwrap(),
        lost_yen: 2000,
        theta: Theta::usual()
            .with(Knob::Eagerness, 200)
            .and_then(|theta| theta.with(Knob::GainMin, 0))
            .and_then(|theta| theta.with(Knob::Horizon, 120))
            .unwrap(),
        bands: Vec::new(),
    }
}

/// A configuration that names settings in a directory of its own.
fn config_in(directory: &Path) -> Config {
    let text = CONFIG.replace("[[service]]", "[area.supply]\nsettings = \"tuned/settings.toml\"\n\n[[service]]");
    Config::parse(&text, directory).unwrap()
}

fn write(directory: &Path, settings: &str, model: &[u8]) {
    let tuned = directory.join("tuned");
    std::fs::create_dir_all(&tuned).unwrap();
    std::fs::write(tuned.join("settings.toml"), settings).unwrap();
    std::fs::write(tuned.join(MODEL), model).unwrap();
}

fn supply(house: &House) -> SupplyServiceClient<Channel> {
    SupplyServiceClient::new(house.channel.clone())
}

async fn get(house: &House) -> pb::Supply {
    supply(house).get_supply(pb::GetSupplyRequest { name: NAME.to_owned() }).await.unwrap().into_inner()
}

/// The clock of the server goes on, and something is asked so that it looks.
async fn pass(house: &House, by: Span) -> pb::Supply {
    house.clock.advance(by);
    get(house).await;
    get(house).await
}

#[tokio::test]
async fn an_idle_vehicle_goes_where_it_is_likely_to_be_wanted() {
    let dir = tempfile::tempdir().unwrap();
    let model = model(&map()).to_bytes();
    let settings = settings(&model);
    write(dir.path(), &settings.to_toml(), &model);
    let house = House::open_with(config_in(dir.path()), Store::Configured, MORNING).await;
    let loaded = get(&house).await;
    assert_eq!((loaded.state(), loaded.settings_digest.as_str()), (State::Active, settings.digest().as_str()));
    // midnight of the second of April in Niue, eleven hours behind
    assert_eq!(time(&loaded.settings_expire_time).as_unix_millis() / 1000, 1_775_127_600);
    assert_eq!(loaded.posts.len(), 2);
    assert!(loaded.posts.iter().all(|post| post.expected_permille == 0), "no shift is open: {loaded:?}");

    let list = fleet_pb::ListShiftsRequest { parent: BUS.to_owned(), ..Default::default() };
    let shifts = house.fleet().list_shifts(list).await.unwrap().into_inner().shifts;
    let name = shifts[0].name.clone();
    let open = fleet_pb::OpenShiftRequest { name: name.clone(), request_id: "o1".to_owned(), ..Default::default() };
    house.fleet().open_shift(open).await.unwrap();
    let mut seen = pass(&house, Span::MINUTE).await;
    let mut drive = None;
    for _ in 0..15 {
        let manifest = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
        drive = house.fleet().get_manifest(manifest).await.unwrap().into_inner().repositioning;
        if drive.is_some() {
            break;
        }
        seen = pass(&house, Span::MINUTE).await;
    }
    let airport = seen.posts.iter().map(|post| post.expected_permille).max().unwrap();
    assert!((3000..=5000).contains(&airport), "one in each half hour of the next two hours: {seen:?}");
    let drive = drive.unwrap_or_else(|| panic!("it stays: {seen:?}"));
    let to = drive.point.expect("a point");
    assert!((to.latitude - AIRPORT.0).abs() < 0.01 && (to.longitude - AIRPORT.1).abs() < 0.01, "{to:?}");

    let ended = pass(&house, Span::HOUR * 16).await;
    assert_eq!(ended.state(), State::FallenBack);
    assert!(ended.posts.is_empty() && ended.japanese_text.contains("有効期限"), "{ended:?}");
    house.close().await;
}

#[tokio::test]
async fn settings_that_have_expired_do_nothing_and_keep_nobody_from_starting() {
    let dir = tempfile::tempdir().unwrap();
    let model = model(&map()).to_bytes();
    write(dir.path(), &settings(&model).to_toml(), &model);
    let house = House::open_with(config_in(dir.path()), Store::Configured, MORNING + Span::DAY * 9).await;
    assert_eq!(get(&house).await.state(), State::FallenBack);
    let warnings = house.running.warnings().join("\n");
    assert!(warnings.contains("EXPIRED") && warnings.contains("mukae tune"), "{warnings}");
    house.close().await;
}

#[tokio::test]
async fn settings_of_elsewhere_are_refused_with_what_to_do() {
    let refused = async |settings: &str, model: Option<&[u8]>| {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), settings, model.unwrap_or_default());
        if model.is_none() {
            std::fs::remove_file(dir.path().join("tuned").join(MODEL)).unwrap();
        }
        let clock = Arc::new(ManualClock::new(MORNING));
        match serve(config_in(dir.path()), map(), options(&clock, Store::Configured)).await {
            Ok(_) => panic!("it started with {settings}"),
            Err(error) => error.to_string(),
        }
    };
    let bytes = model(&map()).to_bytes();
    let sound = settings(&bytes);
    for (wrong, wanted) in [
        (Settings { town: "areas/tonga".to_owned(), ..sound.clone() }, "for areas/tonga, this is areas/niue"),
        (Settings { map: 7, ..sound.clone() }, "for the map 0000000000000007"),
        (Settings { program: "9.9.9".to_owned(), ..sound.clone() }, "tuned by mukae 9.9.9"),
        (Settings { model_digest: digest(b"x"), ..sound.clone() }, "keep both files of one tuning together"),
    ] {
        let said = refused(&wrong.to_toml(), Some(&bytes)).await;
        assert!(said.contains("`[area.supply] settings`") && said.contains("settings.toml"), "{said}");
        assert!(said.contains(wanted), "{said}");
    }
    let said = refused(&sound.to_toml().replace("lost_yen = 2000", "lost_yen = 9000"), Some(&bytes)).await;
    assert!(said.contains("was changed after it was written"), "{said}");
    let said = refused(&sound.to_toml(), None).await;
    assert!(said.contains(MODEL) && said.contains("cannot be read"), "{said}");
    let damaged = Settings { model_digest: digest(b"{}"), ..sound.clone() };
    let said = refused(&damaged.to_toml(), Some(b"{}")).await;
    assert!(said.contains(MODEL) && said.contains("forecast"), "{said}");
}
