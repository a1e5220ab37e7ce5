//! What a profile file may say, and in what words it is refused.

use super::*;

fn message(text: &str) -> String {
    Profile::parse(text, "town.toml").expect_err(text).to_string()
}

#[track_caller]
fn check(text: &str, words: &[&str]) {
    let message = message(text);
    assert!(message.starts_with("town.toml: "), "{message}");
    for words in words {
        assert!(message.contains(words), "{message}\nshould say: {words}");
    }
}

#[test]
fn every_built_in_profile_reads_and_survives_its_own_text() {
    for name in Profile::built_in() {
        let profile = Profile::named(name).expect(name);
        assert_eq!(profile.name(), name);
        let again = Profile { name: name.to_owned(), ..Profile::parse(&profile.to_toml(), name).expect(name) };
        assert_eq!(again, profile);
        assert_eq!(again.digest(), profile.digest());
    }
    assert_eq!(Profile::named("atlantis"), None);
    assert_eq!(Profile::default().name(), "default");
    assert_ne!(Profile::default().digest(), Profile::named("europe").unwrap().digest());
}

#[test]
fn a_file_says_what_differs() {
    let own = Profile::parse("based_on = 'japan'\nspeed.cap_kmh = 60\n[vehicle]\nferries = true", "town.toml").unwrap();
    let japan = Profile::named("japan").unwrap();
    assert_eq!((own.speed.cap_kmh, own.vehicle.ferries), (60, true));
    assert_eq!((own.vehicle.width_cm, &own.law), (japan.vehicle.width_cm, &japan.law));
    assert_eq!(own.metric, japan.metric);
    assert_eq!(Profile::parse("", "town.toml").unwrap().to_toml(), Profile::default().to_toml());
    // Lists are replaced, tables are merged.
    let own = Profile::parse("access.closed_services = []\ncap_kmh.surface.dirt = 20", "town.toml").unwrap();
    assert!(own.access.closed_services.is_empty() && own.cap_kmh.surface.len() > 10);
}

#[test]
fn mistakes_are_named_with_what_would_be_right() {
    check("[vehicel]\npsv = true", &["unknown key `vehicel`; did you mean `vehicle`?"]);
    check("[vehicle]\npvs = true", &["unknown key `pvs` in `vehicle`; did you mean `psv`?"]);
    check("vehicle.psv = 'yes'", &["`vehicle.psv` is \"yes\"; true or false is right"]);
    check("vehicle.height_cm = 2.8", &["`vehicle.height_cm` is 2.8; a whole number is right"]);
    check("vehicle.height_cm = -3", &["`vehicle.height_cm` is -3; a whole number from 0"]);
    check("vehicle.height_cm = 9000", &["`vehicle.height_cm` is 9000; 50 to 500 is right"]);
    check("speed.free_kmh.primry = 50", &["unknown key `primry` in `speed.free_kmh`; did you mean `primary`?"]);
    check("speed.free_kmh.primary = 0", &["`speed.free_kmh.primary` is 0; 1 to 200 is right"]);
    check("speed = 5", &["`speed` is 5; a table is right"]);
    check("cap_kmh.surface.gravel = 'slow'", &["`cap_kmh.surface.gravel` is \"slow\"; a whole number is right"]);
    check("access.yes = [1]", &["`access.yes` lists something else than text"]);
    check("access.destination_only = ['private']", &["`private` is in `access.destination_only` and in `access.no`"]);
    check("law.limit.JP.urban = 'fast'", &["`law.limit.JP.urban` is `fast`; a limit as `maxspeed` writes it"]);
    check("law.limit.JP = 'fast'", &["`law.limit.JP` is \"fast\"; a table is right"]);
    check("law.untagged.resident = '30'", &["unknown key `resident` in `law.untagged`; did you mean `residential`?"]);
    check("turn.conditional = 'sometimes'", &["`turn.conditional` is `sometimes`; `always` or `never` is right"]);
    check("based_on = 'mars'", &["`based_on` is \"mars\"; the name of a built-in profile is right: default, japan"]);
    check("[[metric]]\nname = 'rush'\nfrom = '7'", &["`metric[1].from` is `7`; a time from 00:00 to 24:00 is right"]);
    check("[[metric]]\ndays = ['mon']", &["`metric[1].name` is missing"]);
    check("[[metric]]\nname = 'a'\ndays = ['Monday']", &["`metric[1].days` has `Monday`; mon, tue"]);
    check("[[metric]]\nname = 'a'\nsnw = 1", &["unknown key `snw` in `metric[1]`; did you mean `snow`?"]);
    check("[[metric]]\nname = 'a'\nclass_cap_kmh = { prime = 40 }", &["did you mean `primary`"]);
    check("[[metric]]\nname = 'a'\n[[metric]]\nname = 'a'", &["`metric[2].name` is `a` a second time"]);
    check("metric = 3", &["`metric` is no list of tables; write `[[metric]]`"]);
    check("[[narrow.width]]\nbelow_cm = 300", &["`narrow.width[1].cap_kmh` is missing"]);
    // All at once, and the place of what is no TOML.
    check("vehicle.psv = 1\nvehicle.pvs = 1", &["`vehicle.psv` is 1", "unknown key `pvs`"]);
    check("[vehicle]\npsv = = 1", &["line 2 is no TOML"]);
    let missing = Profile::load("no-such-profile").unwrap_err().to_string();
    assert!(missing.contains("no-such-profile: cannot be read") && missing.contains("british-isles"), "{missing}");
}

#[test]
fn where_a_map_lies_chooses_its_profile() {
    let rows = [
        (33.96, 131.27, "japan"),
        (35.63, 139.72, "japan"),
        (54.2, -4.5, "british-isles"),
        (53.35, -6.26, "british-isles"),
        (49.4, 8.67, "europe"),
        (35.9, 14.4, "europe"),
        (59.9, 10.7, "europe"),
        (42.5, 1.5, "europe"),
        (64.1, -21.9, "europe"),
        (35.18, 129.08, "default"),
        (36.75, 3.06, "default"),
        (36.8, 10.2, "default"),
        (35.77, -5.8, "default"),
        (-19.05, -169.87, "default"),
        (40.7, -74.0, "default"),
    ];
    for (lat, lon, expected) in rows {
        assert_eq!(lies_in(mukae_units::LatLon::from_degrees(lat, lon).unwrap()), expected, "{lat}, {lon}");
    }
}

#[test]
fn no_text_makes_the_reader_panic() {
    let texts = Profile::built_in().map(|name| Profile::built_in_text(name).expect("built in"));
    for (number, text) in texts.enumerate() {
        for at in (number..text.len()).step_by(41).filter(|&at| text.is_char_boundary(at)) {
            for piece in ["[", "=", "-1", "'", "{}", "[[x]]", "\n"] {
                let _ = Profile::parse(&format!("{}{piece}{}", &text[..at], &text[at..]), "town.toml");
            }
            let _ = Profile::parse(&text[..at], "town.toml");
        }
    }
    for odd in
        ["metric = [[]]", "metric = [1]", "narrow.width = {}", "law.limit = 1", "based_on = []", "law.limit.X.y.z = 1"]
    {
        assert!(Profile::parse(odd, "town.toml").is_err(), "{odd}");
    }
}
