//! Settings files: what is written is read, and whatever is wrong with one is said.

use mukae_engine::model::CoverageRule;
use mukae_forecast::{BIN_COUNT, Count, Day as Counted, Exposure, History, RateSettings, Rates};
use mukae_maps::{EdgeId, Place};
use mukae_supply::clock::Day;
use mukae_supply::follower::class;
use mukae_supply::settings::{Band, Here, Measure, Settings, SettingsError, digest};
use mukae_supply::theta::{Knob, Theta};
use mukae_supply::{Model, Origin, Posts};
use mukae_units::{LatLon, Metres, Span};
use proptest::prelude::*;

const EDGES: usize = 10;

fn model() -> Model {
    let origin = |number: u32| Origin {
        point: LatLon::from_degrees(54.0 + f64::from(number) / 10.0, -4.5).unwrap(),
        place: Place::head_of(EdgeId(number)),
    };
    let day = |number: i32| Counted {
        number,
        class: class(Day(i64::from(number))),
        exposure: Exposure::open(16, 40),
        counts: vec![Count { zone: 0, bin: 21, weight: 1.0, rider: None }],
    };
    let history = History::new(2, (0..30).map(day).collect()).unwrap();
    let rates = Rates::fit(&history, 29, &RateSettings::default(), None).unwrap();
    let open: [f64; BIN_COUNT] = std::array::from_fn(|bin| if (16..40).contains(&bin) { 1.0 } else { 0.0 });
    let posts = Posts::of([1, 2].map(origin), Metres::ZERO, 9).unwrap();
    Model { posts, rates, returns: None, open: [open; 7], lead_max: Span::HOUR, learned_through: Day(29) }
}

fn settings() -> Settings {
    Settings {
        town: "areas/ramsey".to_owned(),
        map: 0x0123_4567_89ab_cdef,
        program: "0.1.0".to_owned(),
        model_file: "settings.model.json".to_owned(),
        model_digest: digest(&model().to_bytes()),
        input_digest: digest(b"records"),
        seed: u64::MAX,
        learned_through: "2026-11-22".parse().unwrap(),
        expires: "2026-12-06".parse().unwrap(),
        lost_yen: 2000,
        theta: Theta::usual(),
        bands: vec![
            Band { measure: Measure::WaitMean, low: 200, high: 320 },
            Band { measure: Measure::Empty, low: 0, high: 90_000 },
        ],
    }
}

const HERE: Here<'_> = Here { town: "areas/ramsey", map: 0x0123_4567_89ab_cdef, program: "0.1.0" };

/// As if it had been written so.
fn sealed(body: &str) -> String {
    format!("digest = \"{}\"\n{body}", digest(body.as_bytes()))
}

fn body(text: &str) -> &str {
    text.split_once('\n').unwrap().1
}

/// What is said of settings that somebody wrote with one part of the text replaced.
fn refused(from: &str, to: &str) -> String {
    let text = settings().to_toml();
    assert!(body(&text).contains(from), "nothing to replace: {from} in {text}");
    Settings::read(&sealed(&body(&text).replacen(from, to, 1))).expect_err(to).to_string()
}

#[test]
fn what_is_written_is_read() {
    let text = settings().to_toml();
    let read = Settings::read(&text).unwrap();
    assert_eq!(read, settings());
    assert_eq!(read.to_toml(), text);
    read.check(HERE).unwrap();
    read.check_model(&model().to_bytes()).unwrap();
    let bare = Settings { bands: Vec::new(), theta: Theta::off(), ..settings() };
    assert_eq!(Settings::read(&bare.to_toml()).unwrap(), bare);
}

#[test]
fn a_file_that_was_changed_is_refused() {
    let text = settings().to_toml();
    let changed = [
        text.replace("eagerness_percent = 50", "eagerness_percent = 51"),
        text.replace('\n', "\r\n").replacen("\r\n", "\n", 1),
        format!("{text}\n"),
        text.trim_end().to_owned(),
    ];
    for text in changed {
        let error = Settings::read(&text).unwrap_err();
        assert!(matches!(error, SettingsError::Changed { .. }), "{error}");
        assert!(error.to_string().contains("tune again, or take the file as it was written"));
    }
    for text in ["", "digest = \"12\"\n", body(&text), &text.replacen("digest = \"", "digest = \"x", 1)] {
        let error = Settings::read(text).unwrap_err();
        assert!(matches!(error, SettingsError::NoDigest), "{error}");
    }
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_line() {
    let said = refused("version = 1", "version = 2");
    assert!(said.contains("3: `version` is 2; this program reads 1: tune again"), "{said}");
    for (from, to, wanted) in [
        ("eagerness_percent = 50", "eagerness_percent = 201", "`eagerness_percent` is 201"),
        ("horizon_min = 30\n", "", "`horizon_min` is missing"),
        ("horizon_min = 30", "horizon = 30", "`horizon`"),
        ("lost_yen = 2000", "lost_yen = -1", "`lost_yen` is -1"),
        ("town = \"areas/ramsey\"", "town = \"\"", "empty"),
        ("map = \"0123456789abcdef\"", "map = \"north\"", "`map` is \"north\"; 16 hexadecimal digits is right"),
        ("settings.model.json", "../model.json", "the name of a file beside this one"),
        ("seed = \"18446744073709551615\"", "seed = \"-1\"", "`seed` is \"-1\"; a whole number in quotes"),
        ("2026-12-06", "2026-12-32", "`expires` is \"2026-12-32\"; a date like"),
        ("[200, 320]", "[320, 200]", "`wait_mean_s` takes two numbers, the smaller one first"),
        ("[200, 320]", "[200]", "`wait_mean_s` takes two numbers"),
        ("empty_m = ", "distance = ", "`distance`"),
        ("[parameters]", "[parameters", "settings"),
    ] {
        let said = refused(from, to);
        assert!(said.contains(wanted), "{from} -> {to}: {said}");
    }
}

#[test]
fn settings_of_elsewhere_are_refused() {
    let said = |here: Here<'_>| settings().check(here).unwrap_err().to_string();
    assert_eq!(said(Here { town: "areas/peel", ..HERE }), "these settings are for areas/ramsey, this is areas/peel");
    assert!(said(Here { map: 1, ..HERE }).contains("for the map 0123456789abcdef, this area has 0000000000000001"));
    assert!(said(Here { program: "0.2.0", ..HERE }).contains("tuned by mukae 0.1.0, this is 0.2.0; tune again"));
    let said = settings().check_model(b"another").unwrap_err().to_string();
    assert!(said.contains("settings.model.json") && said.contains("keep both files of one tuning together"), "{said}");
}

#[test]
fn a_model_comes_back_and_belongs_to_its_map() {
    let bytes = model().to_bytes();
    let back = Model::from_bytes(&bytes, EDGES).unwrap();
    assert_eq!(back, model());
    assert_eq!(back.to_bytes(), bytes);
    let said = Model::from_bytes(&bytes, 2).unwrap_err().to_string();
    assert!(said.contains("post 1 of this forecast, counted from 0, is not on the map"), "{said}");
    let text = String::from_utf8(bytes).unwrap();
    let twice = text.replacen("541000000", "542000000", 1).replacen("\"edge\":1", "\"edge\":2", 1);
    assert_ne!(twice, text);
    let said = Model::from_bytes(twice.as_bytes(), EDGES).unwrap_err().to_string();
    assert!(said.contains("stand at one place"), "{said}");
    for cut in (0..text.len()).step_by(97) {
        Model::from_bytes(&text.as_bytes()[..cut], EDGES).unwrap_err();
    }
}

#[test]
fn what_a_dispatcher_is_told_is_the_point_of_the_file() {
    let following = settings().theta.following(settings().lost_yen);
    let CoverageRule { lost, .. } = following.coverage;
    assert_eq!(lost, 2000);
}

proptest! {
    #[test]
    fn every_point_is_written_and_read(values in proptest::array::uniform9(0_i64..=200), low: u32, width: u32, seed: u64) {
        let theta = Knob::ALL.into_iter().zip(values).fold(Theta::off(), |theta, (knob, value)| {
            let (start, end) = (*knob.range().start(), *knob.range().end());
            theta.with(knob, start + value % (end - start + 1)).unwrap()
        });
        let band = Band { measure: Measure::Refused, low: i64::from(low), high: i64::from(low) + i64::from(width) };
        let point = Settings { theta, bands: vec![band], seed, ..settings() };
        prop_assert_eq!(Settings::read(&point.to_toml()).unwrap(), point);
    }

    #[test]
    fn damage_never_panics(at in 0_usize..1200, byte: u8) {
        let text = settings().to_toml();
        let mut body = body(&text).as_bytes().to_vec();
        let at = at % body.len();
        body[at] = byte;
        if let Ok(body) = std::str::from_utf8(&body) {
            let _ = Settings::read(&sealed(body));
        }
    }
}
