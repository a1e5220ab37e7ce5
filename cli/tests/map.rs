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
fn the_isle_of_man_says_how_many_turn_restrictions_hold() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("man.map");
    let printed = expect_ok(&["map", "build", &extract("isle-of-man"), "--out", text(&out)]);
    assert!(printed.contains("24 turn restrictions: "), "{printed}");
    assert_eq!(last_json(&printed)["turn_restrictions"], 24);
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
