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

/// A map of one of the bundled extracts, in a directory of its own.
fn built(name: &str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let map = text(&dir.path().join("town.map")).to_owned();
    expect_ok(&["map", "build", &extract(name), "--out", &map]);
    (dir, map)
}

/// Alofi and Liku, on opposite coasts of Niue: degrees south and west, so that both begin with a minus.
const ALOFI: &str = "-19.0553,-169.9180";
const LIKU: &str = "-19.0530,-169.7885";

fn written(dir: &tempfile::TempDir, name: &str, content: &str) -> String {
    let path = dir.path().join(name);
    std::fs::write(&path, content).unwrap();
    text(&path).to_owned()
}

fn read_json(file: &str) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn features(collection: &serde_json::Value) -> &[serde_json::Value] {
    assert_eq!(collection["type"], "FeatureCollection");
    assert!(collection["credit"].as_str().unwrap().contains("OpenStreetMap"));
    collection["features"].as_array().unwrap()
}

#[test]
fn info_tells_people_and_programs_the_same() {
    let (_dir, map) = built("niue");
    let (shown, json) = (expect_ok(&["map", "info", &map]), last_json(&expect_ok(&["map", "info", &map, "--json"])));
    for (key, value) in json.as_object().unwrap() {
        assert!(shown.contains(key), "{key} in {shown}");
        if let Some(value) = value.as_str() {
            assert!(shown.contains(value), "{value} in {shown}");
        }
    }
    assert_eq!(json["source"], "niue.osm.pbf");
    let base = serde_json::json!({
        "name": "base", "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "from": "00:00", "until": "24:00", "snow": 0, "spread_permille": 100,
    });
    assert_eq!(json["metrics"], serde_json::json!([base]));
    assert_eq!((&json["profile_guessed"], &json["labels_used"]), (&true.into(), &true.into()));
    for key in ["label_bytes", "split_junctions", "copied_edges"] {
        assert!(json[key].is_u64(), "{key} in {json}");
    }
    assert_eq!(json["profile"], "default");
    assert!(json["as_of"].is_null() && shown.contains("as_of  not known"), "this extract does not say: {shown}");
}

#[test]
fn a_route_is_the_sum_of_its_roads() {
    let (dir, map) = built("niue");
    let drawn = text(&dir.path().join("route.geojson")).to_owned();
    let json = last_json(&expect_ok(&["map", "route", &map, ALOFI, LIKU, "--json", "--geojson", &drawn]));
    let sum = |key: &str| json["roads"].as_array().unwrap().iter().map(|road| road[key].as_f64().unwrap()).sum::<f64>();
    assert_eq!(sum("travel_time_ms"), json["travel_time_ms"].as_f64().unwrap());
    assert!((sum("length_m") - json["length_m"].as_f64().unwrap()).abs() < 0.01, "{json}");
    assert!((13_000.0..25_000.0).contains(&json["length_m"].as_f64().unwrap()), "{json}");
    assert!(json["from"]["distance_m"].as_f64().unwrap() < 300.0, "{json}");

    let collection = read_json(&drawn);
    let [path, from, to, manoeuvres @ ..] = features(&collection) else { panic!("{collection}") };
    let line = path["geometry"]["coordinates"].as_array().unwrap();
    assert_eq!((&line[0], &line[line.len() - 1]), (&from["geometry"]["coordinates"], &to["geometry"]["coordinates"]));
    assert!(line[0][0].as_f64().unwrap() < -169.0, "longitude first: {}", line[0]);
    assert_eq!(path["properties"]["travel_time_ms"], json["travel_time_ms"]);
    assert_eq!(manoeuvres.len(), json["manoeuvres"].as_array().unwrap().len());
    assert_eq!(manoeuvres[0]["geometry"]["coordinates"], line[0], "the drive begins there");
    assert_eq!(
        (&manoeuvres[1]["properties"]["role"], &manoeuvres[1]["properties"]["number"]),
        (&"manoeuvre".into(), &2.into())
    );

    let shown = expect_ok(&["map", "route", &map, ALOFI, LIKU]);
    assert!(shown.contains(" min ") && shown.contains(" km\n") && shown.contains("OpenStreetMap"), "{shown}");
    let nowhere = expect_ok(&["map", "route", &map, ALOFI, ALOFI, "--geojson", &drawn]);
    assert!(nowhere.contains("\n0 s, 0.0 m\n") && nowhere.contains(" Arrive"), "{nowhere}");
    assert_eq!(features(&read_json(&drawn)).len(), 5);
}

#[test]
fn points_off_the_map_and_points_that_are_none_are_told() {
    let (_dir, map) = built("niue");
    let off = expect_error(&["map", "route", &map, ALOFI, "54.15,-4.48"]);
    assert!(off.contains("TO 54.15") && off.contains("--snap-limit"), "{off}");
    for wrong in ["54.15", "91,0", "here,there", "-19.05;-169.9"] {
        let said = expect_error(&["map", "route", &map, wrong, LIKU]);
        assert!(said.contains(wrong.split(',').next().unwrap()), "{said}");
    }
    assert!(expect_error(&["map", "nearest", &map, "0,0"]).contains("--within"));
    for verb in ["info", "check", "geojson"] {
        assert!(expect_error(&["map", verb, "nowhere.map"]).contains("nowhere.map"));
    }
    let unwritable = expect_error(&["map", "geojson", &map, "--out", "/no/such/place.geojson"]);
    assert!(unwritable.contains("place.geojson"), "{unwritable}");
}

#[test]
fn the_nearest_places_come_in_order() {
    let (_dir, map) = built("niue");
    let json = last_json(&expect_ok(&["map", "nearest", &map, ALOFI, "--count", "4", "--json"]));
    let places = json["places"].as_array().unwrap();
    let distances: Vec<f64> = places.iter().map(|place| place["distance_m"].as_f64().unwrap()).collect();
    assert_eq!(places.len(), 4);
    assert!(distances.is_sorted(), "{distances:?}");
    let route = last_json(&expect_ok(&["map", "route", &map, ALOFI, LIKU, "--json"]));
    assert_eq!((&route["from"]["edge"], &route["from"]["snapped"]), (&places[0]["edge"], &places[0]["position"]));
    let shown = expect_ok(&["map", "nearest", &map, ALOFI, "--count", "4"]);
    assert_eq!(shown.lines().filter(|line| line.contains("way ")).count(), 4, "{shown}");
}

#[test]
fn a_matrix_holds_what_routes_say() {
    let (dir, map) = built("niue");
    let (alofi, liku) = (ALOFI.replace('-', " -"), LIKU.replace('-', " -"));
    let from = written(&dir, "from.csv", &format!("id,lat,lon\nalofi,{alofi}\n\"Liku, east\",{liku}\n"));
    let to = written(&dir, "to.csv", &format!("name,id,lat,lon\nThe other coast,L,{liku}\n"));
    let out = text(&dir.path().join("out.csv")).to_owned();
    let route = last_json(&expect_ok(&["map", "route", &map, ALOFI, LIKU, "--json"]));
    let json = last_json(&expect_ok(&["map", "matrix", &map, "--from", &from, "--to", &to, "--length", "--out", &out]));
    assert_eq!((&json["pairs"], &json["unreachable"]), (&2.into(), &0.into()));
    let expected = format!(
        "from,to,travel_time_ms,length_m\nalofi,L,{},{}\n\"Liku, east\",L,0,0\n",
        route["travel_time_ms"], route["length_m"]
    );
    assert_eq!(std::fs::read_to_string(&out).unwrap(), expected);
    let printed = expect_ok(&["map", "matrix", &map, "--from", &from, "--to", &to]);
    assert!(printed.starts_with("from,to,travel_time_ms\nalofi,L,"), "{printed}");
}

#[test]
fn tables_of_points_are_told_by_file_and_line() {
    let (dir, map) = built("niue");
    let good = written(&dir, "good.csv", "id,lat,lon\n1,-19.0553,-169.918\n");
    let rows = [
        ("id,latitude,longitude\n1,2,3\n", "line 1: the column lat is missing; the header is id,lat,lon"),
        ("id,lat,lon\n", "has no rows"),
        ("id,lat,lon\n1,-19,-169.9\n2,x,-169\n", "line 3, lat `x`: degrees of latitude"),
        ("id,lat,lon\n1,-19.0553,-169.918\n1,-19.0553,-169.918\n", "line 3, id `1`: line 2 has this id already"),
        ("id,lat,lon\n,-19.0553,-169.918\n", "line 2, id ``: every point needs an id"),
        ("id,lat,lon\n7,-19.0553,-169.918\n8,54.15,-4.48\n", "line 3, 8 at 54.1500000,-4.4800000: the nearest road"),
    ];
    for (content, expected) in rows {
        let bad = written(&dir, "bad.csv", content);
        let said = expect_error(&["map", "matrix", &map, "--from", &good, "--to", &bad]);
        assert!(said.contains("bad.csv") && said.contains(expected), "{said}\nnot: {expected}");
    }
    assert!(expect_error(&["map", "matrix", &map, "--from", &good]).contains("--to"));
    assert!(expect_error(&["map", "matrix", "--from", &good, "--to", &good]).contains("MAP"));
}

#[test]
fn times_between_vertices_of_a_graph_in_two_tables() {
    let dir = tempfile::tempdir().unwrap();
    let graph = text(dir.path()).to_owned();
    // 1 -> 2 -> 3 -> 2, a slower road 1 -> 3, and 4 off by itself. Nothing leads to 1.
    written(&dir, "vertices.csv", "id,lat,lon\n1,54,-4\n2,54,-4.1\n3,54,-4.2\n4,55,-4\n");
    let edges = "id,from,to,travel_time_ds,length_m\n10,1,2,70,9\n11,2,3,50,9\n12,3,2,30,9\n13,1,3,130,9\n";
    written(&dir, "edges.csv", edges);
    let pairs = written(&dir, "pairs.csv", "from,to\n1,3\n3,2\n2,1\n1,1\n4,4\n1,4\n4,1\n");
    let out = text(&dir.path().join("out.csv")).to_owned();
    let command = ["map", "matrix", "--graph", &graph, "--pairs", &pairs, "--out", &out];
    let json = last_json(&expect_ok(&command));
    assert_eq!((&json["pairs"], json["label_bytes"].is_u64()), (&7.into(), true));
    assert!(json["prepare_ms"].is_u64() && json["query_us_mean"].is_f64(), "{json}");
    let expected = "from,to,travel_time_ds\n1,3,120\n3,2,30\n2,1,\n1,1,0\n4,4,0\n1,4,\n4,1,\n";
    assert_eq!(std::fs::read_to_string(&out).unwrap(), expected);

    written(&dir, "pairs.csv", "from,to\n1,3\n3,5\n");
    let said = expect_error(&command);
    assert!(said.contains("pairs.csv, line 3, to `5`: vertices.csv has no vertex of this id"), "{said}");
    written(&dir, "edges.csv", "id,from,to,travel_time_ds,length_m\n10,1,2,0,9\n");
    let said = expect_error(&command);
    assert!(said.contains("edges.csv, line 2, travel_time_ds `0`: a travel time is"), "{said}");
}

#[test]
fn a_check_tells_mappers_where_to_look() {
    let (dir, map) = built("isle-of-man");
    let drawn = text(&dir.path().join("check.geojson")).to_owned();
    let shown = expect_ok(&["map", "check", &map, "--limit", "2", "--geojson", &drawn]);
    assert!(shown.contains("\n1. ") && shown.contains("\n2. ") && !shown.contains("\n3. "), "{shown}");
    assert!(shown.contains("https://www.openstreetmap.org/way/") && shown.contains("--limit 0"), "{shown}");
    assert!(shown.contains("--minor tells them"), "{shown}");

    let json = last_json(&expect_ok(&["map", "check", &map, "--limit", "0", "--minor", "--json"]));
    let pieces = json["pieces"].as_array().unwrap();
    let lengths: Vec<f64> = pieces.iter().map(|piece| piece["length_m"].as_f64().unwrap()).collect();
    assert!(lengths.iter().rev().is_sorted(), "longest first: {lengths:?}");
    let (road_km, connected_km) = (json["road_km"].as_f64().unwrap(), json["connected_km"].as_f64().unwrap());
    assert!((road_km - connected_km - lengths.iter().sum::<f64>() / 1e3).abs() < 0.01, "{json}");
    for piece in pieces {
        assert!(!piece["ways"].as_array().unwrap().is_empty(), "{piece}");
        let is_island = piece["flaw"] == "island";
        assert_eq!(piece["gap"].is_object(), is_island, "{piece}");
        let has_oneways = !piece["oneways"].as_array().unwrap().is_empty();
        assert_eq!(has_oneways, !is_island && piece["flaw"] != "turns", "{piece}");
    }
    let collection = read_json(&drawn);
    let roles = |role: &str| features(&collection).iter().filter(|each| each["properties"]["role"] == role).count();
    assert_eq!(roles("piece"), pieces.len(), "GeoJSON has all of them");
    assert!(0 < roles("gap") && 0 < roles("oneway") && 0 < roles("end"));
}

#[test]
fn all_roads_or_those_in_a_box_as_geojson() {
    let (dir, map) = built("niue");
    let out = text(&dir.path().join("roads.geojson")).to_owned();
    assert_eq!(expect_ok(&["map", "geojson", &map, "--out", &out]), "");
    let all = read_json(&out);
    let km = features(&all).iter().map(|road| road["properties"]["length_m"].as_f64().unwrap()).sum::<f64>() / 1e3;
    let info = last_json(&expect_ok(&["map", "info", &map, "--json"]));
    assert!((km - info["km"].as_f64().unwrap()).abs() < 0.01, "{km} {info}");
    for key in ["way", "name", "class", "travel_time_ms", "oneway", "routable", "destination_only"] {
        assert!(!features(&all)[0]["properties"][key].is_null(), "{key}");
    }
    let printed = expect_ok(&["map", "geojson", &map, "--bbox", "-169.93,-19.07,-169.91,-19.04"]);
    let boxed: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert!((1..features(&all).len()).contains(&features(&boxed).len()));
    assert!(expect_error(&["map", "geojson", &map, "--bbox", "1,2,3"]).contains("west,south,east,north"));
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let (_dir, map) = built("isle-of-man");
    let mut command = support::mukae(&["map", "geojson", &map]);
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_to_do_on_the_way_is_told_in_two_languages() {
    let (_dir, map) = built("niue");
    let route = ["map", "route", &map, ALOFI, LIKU];
    let json = last_json(&expect_ok(&[&route[..], &["--json"]].concat()));
    let manoeuvres = json["manoeuvres"].as_array().unwrap();
    let sum = |key: &str| manoeuvres.iter().map(|each| each[key].as_f64().unwrap()).sum::<f64>();
    assert_eq!(sum("travel_time_ms"), json["travel_time_ms"].as_f64().unwrap());
    assert!((sum("length_m") - json["length_m"].as_f64().unwrap()).abs() < 0.01, "{json}");
    assert_eq!(
        (&manoeuvres[0]["kind"], &manoeuvres[manoeuvres.len() - 1]["kind"]),
        (&"depart".into(), &"arrive".into())
    );
    let english = expect_ok(&route);
    for each in manoeuvres {
        assert!(english.contains(each["text"].as_str().unwrap()), "{each} in {english}");
        assert!(each["bearing_before"].as_u64().unwrap() < 360 && each["position"][0].is_f64(), "{each}");
    }
    let japanese = expect_ok(&[&route[..], &["--lang", "ja"]].concat());
    assert!(japanese.contains("へ出発\n") && japanese.contains("到着") && japanese.contains('分'), "{japanese}");
    assert_eq!(japanese.lines().count(), english.lines().count());
    let by_environment = support::mukae(&route).env("LC_ALL", "ja_JP.UTF-8").output().unwrap();
    assert_eq!(String::from_utf8(by_environment.stdout).unwrap(), japanese);
    assert!(expect_error(&[&route[..], &["--lang", "fr"]].concat()).contains("en, ja"));
}

/// Niue as Japan's profile reads it: with driving times for snow.
fn snowy() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let map = text(&dir.path().join("snowy.map")).to_owned();
    let profile = written(
        &dir,
        "own.toml",
        "based_on = \"japan\"\n[[metric]]\nname = \"snow\"\nsnow = 1\ntime_permille = 2000\n\
         [[metric]]\nname = \"school run\"\ndays = [\"mon\", \"tue\"]\nfrom = \"07:00\"\nuntil = \"09:00\"\ntime_permille = 3000\n",
    );
    expect_ok(&["map", "build", &extract("niue"), "--out", &map, "--profile", &profile]);
    (dir, map)
}

#[test]
fn a_metric_is_asked_by_name_or_by_hour_and_snow() {
    let (dir, map) = snowy();
    let route = |flags: &[&str]| {
        let json = last_json(&expect_ok(&[&["map", "route", &map, ALOFI, LIKU, "--json"], flags].concat()));
        (json["conditions"]["metric"].as_str().unwrap().to_owned(), json["travel_time_ms"].as_u64().unwrap())
    };
    let (base, time) = route(&[]);
    assert_eq!(base, "base");
    let near = |(name, other): (String, u64), times: u64| {
        assert!((other as f64 / (times * time) as f64 - 1.0).abs() < 0.001, "{name}: {other} {time}");
        name
    };
    assert_eq!(near(route(&["--metric", "snow"]), 2), "snow");
    // A Monday.
    assert_eq!(near(route(&["--at", "2026-11-23T07:00"]), 3), "school run");
    assert_eq!(near(route(&["--at", "2026-11-23T08:59:59+09:00"]), 3), "school run");
    assert_eq!(near(route(&["--at", "2026-11-23T09:00"]), 1), "base");
    assert_eq!(near(route(&["--at", "2026-11-22T08:00", "--snow", "3"]), 2), "snow");
    assert!(expect_ok(&["map", "route", &map, ALOFI, LIKU, "--metric", "snow"]).contains("with  metric snow\n"));

    let points = written(&dir, "points.csv", &format!("id,lat,lon\n1,{ALOFI}\n2,{LIKU}\n").replace(",-", ", -"));
    let out = text(&dir.path().join("out.csv")).to_owned();
    let matrix = ["map", "matrix", &map, "--from", &points, "--to", &points, "--out", &out, "--metric", "snow"];
    assert_eq!(last_json(&expect_ok(&matrix))["conditions"]["metric"], "snow");
    let table = std::fs::read_to_string(&out).unwrap();
    assert!(table.contains(&format!("\n1,2,{}\n", route(&["--metric", "snow"]).1)), "{table}");

    let info = expect_ok(&["map", "info", &map]);
    assert!(
        info.contains("school run: mon tue, 07:00 to 09:00;") && info.contains("snow: from snow class 1 on"),
        "{info}"
    );
    let wrong = |flags: &[&str]| expect_error(&[&["map", "route", &map, ALOFI, LIKU], flags].concat());
    assert!(wrong(&["--metric", "rain"]).contains("it has: base, snow, school run"));
    assert!(wrong(&["--snow", "1"]).contains("--at"));
    assert!(wrong(&["--at", "8 o'clock"]).contains("2026-11-22T08:00"));
    let graph = ["map", "matrix", "--graph", "x", "--pairs", "y", "--out", "z", "--metric", "snow"];
    assert!(expect_error(&graph).contains("--metric"));
}

/// A road of the drive from Alofi to Liku by name, and its length in kilometres.
fn road_on_the_way(map: &str) -> (String, f64) {
    let json = last_json(&expect_ok(&["map", "route", map, ALOFI, LIKU, "--json"]));
    let named = json["roads"].as_array().unwrap().iter().filter(|road| road["name"] != "");
    let longest = named.max_by(|a, b| a["length_m"].as_f64().unwrap().total_cmp(&b["length_m"].as_f64().unwrap()));
    let longest = longest.unwrap_or_else(|| panic!("a road with a name: {json}"));
    (longest["name"].as_str().unwrap().to_owned(), longest["length_m"].as_f64().unwrap() / 1e3)
}

#[test]
fn closures_hold_at_their_time() {
    let (dir, map) = built("niue");
    let (name, km) = road_on_the_way(&map);
    let overlay = written(
        &dir,
        "today.toml",
        &format!(
            "[[measure]]\nnote = \"landslide\"\nroad = \"{name}\"\npercent = 300\nfrom = 2026-11-22T18:00:00+09:00\n\
             until = \"2026-11-23T06:00:00+09:00\"\n[[measure]]\nroad = \"{name}\"\nclose = true\nfrom = 2030-01-01T00:00:00Z\n"
        ),
    );
    let route = ["map", "route", &map, ALOFI, LIKU, "--json", "--overlay", &overlay, "--at"];
    let at = |at: &str| last_json(&expect_ok(&[&route[..], &[at]].concat()));
    let (before, during) = (at("2026-11-22T17:59+09:00"), at("2026-11-22T18:00+09:00"));
    assert_eq!(before["conditions"]["overlay"]["holding"], serde_json::json!([]));
    assert_eq!(during["conditions"]["overlay"]["holding"], serde_json::json!([1]));
    assert!(before["travel_time_ms"].as_u64().unwrap() < during["travel_time_ms"].as_u64().unwrap());
    let said = expect_error(&[&route[..], &["2026-11-22T18:00"]].concat());
    assert!(said.contains("needs its offset, such as 2026-11-22T18:00+09:00"), "{said}");

    let points = written(&dir, "points.csv", &format!("id,lat,lon\n1,{ALOFI}\n2,{LIKU}\n").replace(",-", ", -"));
    let matrix = ["map", "matrix", &map, "--from", &points, "--to", &points, "--overlay", &overlay, "--at"];
    let table = expect_ok(&[&matrix[..], &["2026-11-22T18:00+09:00"]].concat());
    assert!(table.contains(&format!("\n1,2,{}\n", during["travel_time_ms"])), "{table}");

    let drawn = text(&dir.path().join("today.geojson")).to_owned();
    let command = ["map", "overlay", &map, &overlay, "--at", "2026-11-22T18:00+09:00"];
    let json = last_json(&expect_ok(&[&command[..], &["--json", "--geojson", &drawn]].concat()));
    let [slow, closed] = json["measures"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!((&slow["effect"], &slow["value"], &slow["holds"]), (&"percent".into(), &300.into(), &true.into()));
    assert_eq!((&closed["effect"], &closed["holds"]), (&"close".into(), &false.into()));
    assert_eq!(slow["roads"][0]["name"], name.as_str());
    assert!(km - 0.01 < slow["km"].as_f64().unwrap(), "{slow} {km}");
    assert_eq!(json["next_change"], "2026-11-22T21:00:00Z");
    let (changed, all) = (json["labels_changed"].as_u64().unwrap(), json["labels"].as_u64().unwrap());
    assert!(0 < changed && changed < all && json["publish_ms"].is_f64(), "{json}");
    assert_eq!(features(&read_json(&drawn)).len(), 2);
    let shown = expect_ok(&command);
    assert!(shown.contains("1. landslide: 300 % of the driving time; holds\n"), "{shown}");
    assert!(
        shown.contains("2. closed; does not hold\n") && shown.contains("next change 2026-11-23 06:00:00 +09:00"),
        "{shown}"
    );

    let broken = written(&dir, "broken.toml", "[[measure]]\nnote = \"snow\"\nways = [1]\nclosed = true\n");
    let said = expect_error(&["map", "overlay", &map, &broken]);
    assert!(said.contains("broken.toml: measure 1 (snow): unknown key `closed`; did you mean `close`?"), "{said}");
    assert!(expect_error(&["map", "overlay", &map, "nowhere.toml"]).contains("cannot read nowhere.toml"));
}

#[test]
fn a_closed_end_of_a_drive_is_told() {
    let (dir, map) = built("niue");
    let around = "[[-19.06, -169.79], [-19.06, -169.78], [-19.04, -169.78], [-19.04, -169.79]]";
    let overlay = written(&dir, "today.toml", &format!("[[measure]]\nclose = true\narea = {around}\n"));
    let said = expect_error(&["map", "route", &map, ALOFI, LIKU, "--overlay", &overlay]);
    assert!(said.contains("no road leads") && said.contains("TO lies on a closed road, way "), "{said}");
}

#[test]
fn riders_board_at_the_kerb() {
    let (_dir, map) = built("isle-of-man");
    let nearest = |flags: &[&str]| {
        let args = ["map", "nearest", &map, "54.1700,-4.5300", "--count", "40", "--within", "5000", "--json"];
        last_json(&expect_ok(&[&args[..], flags].concat()))["places"].as_array().unwrap().clone()
    };
    let is_link = |place: &serde_json::Value| place["class"].as_str().unwrap().ends_with("_link");
    let (any, boarding, kerb) =
        (nearest(&[]), nearest(&["--for", "boarding"]), nearest(&["--for", "boarding", "--kerb"]));
    assert!(boarding.iter().all(|place| !is_link(place)) && any.len() == boarding.len());
    let one_sided = |places: &[serde_json::Value]| {
        places.iter().filter(|place| place["oneway"] == false && place["heading"].is_u64()).count()
    };
    assert_eq!(one_sided(&boarding), 0, "both sides will do");
    assert!(0 < one_sided(&kerb), "on busy roads one will");
    for (place, other) in kerb.iter().zip(&boarding) {
        assert_eq!(place["distance_m"], other["distance_m"], "the place is the same");
    }
    assert!(
        expect_ok(&["map", "nearest", &map, "54.1700,-4.5300", "--kerb", "--within", "5000"]).contains("bound only")
    );
}
