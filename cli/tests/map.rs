//! `mukae map`, as a planner calls it.

mod support;

use support::{expect_error, expect_ok, extract, last_json, text};

#[test]
fn a_build_ends_in_one_line_of_json() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("niue.map");
    let printed = expect_ok(&["map", "build", &extract("niue"), "--out", text(&out)]);
    assert!(printed.contains("OpenStreetMap"), "the credit is shown: {printed}");
    let json = last_json(&printed);
    assert_eq!(json["bytes"].as_u64(), Some(std::fs::metadata(&out).unwrap().len()));
    assert!((138.0..146.0).contains(&json["km"].as_f64().unwrap()), "{json}");
    assert!(json["largest_component_share"].as_f64().unwrap() > 0.98, "{json}");
    for key in ["nodes", "edges", "turn_restrictions", "build_ms"] {
        assert!(json[key].is_u64(), "{key} in {json}");
    }
    let info = expect_ok(&["map", "info", text(&out), "--json"]);
    assert_eq!(last_json(&info)["nodes"], json["nodes"]);
    assert_eq!(last_json(&info)["driving_side"], "left");
}

#[test]
fn the_isle_of_man_says_that_turn_restrictions_are_not_obeyed_yet() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("man.map");
    let printed = expect_ok(&["map", "build", &extract("isle-of-man"), "--out", text(&out)]);
    assert!(printed.contains("DO NOT OBEY"), "{printed}");
    assert_eq!(last_json(&printed)["turn_restrictions"], 24);
}

#[test]
fn a_profile_is_printed_edited_and_used() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("niue.map");
    assert_eq!(expect_ok(&["map", "profile"]), "default\njapan\nbritish-isles\neurope\n");
    let whole = expect_ok(&["map", "profile", "japan", "--whole"]);
    assert!(whole.contains("yh:WIDTH") && whole.contains("planter"), "{whole}");
    let printed = expect_ok(&["map", "profile", "default"]);
    let own = dir.path().join("own.toml");
    std::fs::write(&own, printed.replace("psv = false", "psv = true")).unwrap();
    let build = ["map", "build", &extract("niue"), "--out", text(&out), "--profile"];
    let printed = expect_ok(&[&build[..], &[text(&own)]].concat());
    assert_eq!(last_json(&printed)["profile"], "own.toml");
    assert_eq!(last_json(&expect_ok(&["map", "info", text(&out), "--json"]))["profile"], "own.toml");
    let printed = expect_ok(&[&build[..], &["japan", "--strict"]].concat());
    assert!(printed.contains("profile japan\n"), "{printed}");

    std::fs::write(&own, "[vehicle]\nwidht_cm = 190").unwrap();
    let said = expect_error(&[&build[..], &[text(&own)]].concat());
    assert!(said.contains("own.toml") && said.contains("did you mean `width_cm`?"), "{said}");
    assert!(expect_error(&[&build[..], &["nowhere"]].concat()).contains("british-isles"));
    assert!(expect_error(&["map", "profile", "nowhere"]).contains("there are: default, japan"));
}

#[test]
fn a_damaged_extract_is_used_as_far_as_it_goes_or_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (out, cut) = (dir.path().join("out.map"), dir.path().join("cut.osm.pbf"));
    let niue = std::fs::read(extract("niue")).unwrap();
    std::fs::write(&cut, &niue[..niue.len() - 100]).unwrap();
    let said = expect_error(&["map", "build", text(&cut), "--out", text(&out), "--strict"]);
    assert!(said.contains("cut.osm.pbf") && said.contains("ends at byte"), "{said}");
    assert!(!out.exists());
    let printed = expect_ok(&["map", "build", text(&cut), "--out", text(&out)]);
    assert!(printed.contains("THE EXTRACT IS DAMAGED"), "{printed}");
    assert_eq!(last_json(&printed)["damaged_blocks"], 1);
}

#[test]
fn bad_extracts_and_maps_are_told_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.map");
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        text(&path).to_owned()
    };
    let build = |extract: &str| expect_error(&["map", "build", extract, "--out", text(&out)]);

    let niue = std::fs::read(extract("niue")).unwrap();
    let cut = file("cut.osm.pbf", &niue[..niue.len() / 2 + 3]);
    assert!(build(&cut).contains("cut.osm.pbf"), "{}", build(&cut));
    let foreign = file("foreign.osm.pbf", b"<?xml version=\"1.0\"?><osm/>");
    assert!(build(&foreign).contains("foreign.osm.pbf"), "{}", build(&foreign));
    assert!(build("nowhere.osm.pbf").contains("nowhere.osm.pbf"));
    assert!(!out.exists(), "nothing is written when nothing was built");

    expect_ok(&["map", "build", &extract("niue"), "--out", text(&out)]);
    let mut map = std::fs::read(&out).unwrap();
    let middle = map.len() / 2;
    map[middle] ^= 1;
    let flipped = file("flipped.map", &map);
    let said = expect_error(&["map", "info", &flipped]);
    assert!(said.contains("flipped.map") && said.contains("map build"), "{said}");
}
