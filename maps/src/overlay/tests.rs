use super::*;
use crate::test_roads::drawn;

/// A, B, C, D from west to east at 50° N, a hundredth of a degree apart, a hundred seconds between them.
fn street() -> RoadGraph {
    drawn("A-B 100, B-C 100, C-D 100")
}

fn at(secs: i64) -> Time {
    Time::from_unix_secs(secs)
}

/// Seconds of A>B, B>C, C>D at a moment; `x` closed.
#[track_caller]
fn check(file: &str, now: i64, expected: &str) {
    let graph = street();
    let overlay = read_overlay(file, "today.toml", &graph).unwrap();
    let weights = overlay.weights_at(&graph, graph.weights(), at(now));
    let row: Vec<String> = graph
        .edges()
        .filter(|&edge| graph.tail(edge) < graph.head(edge))
        .map(|edge| match weights[edge.0 as usize] {
            TOO_FAR => "x".to_owned(),
            weight => (weight.as_millis() / 1000).to_string(),
        })
        .collect();
    assert_eq!(row.join(" "), expected, "{file}");
}

const AROUND_C: &str = "area = [[49.999, 8.018], [49.999, 8.022], [50.001, 8.02]]";

#[test]
fn an_area_means_the_roads_that_touch_it() {
    check(&format!("[[measure]]\nclose = true\n{AROUND_C}"), 0, "100 x x");
    // Across the middle of B-C: no end of a road lies inside.
    check(
        "[[measure]]\npercent = 150\narea = [[49.9, 8.014], [50.1, 8.014], [50.1, 8.016], [49.9, 8.016]]",
        0,
        "100 150 100",
    );
}

#[test]
fn a_measure_holds_from_and_until() {
    let night = "from = \"1970-01-01T01:00:10+01:00\"\nuntil = \"1970-01-01T00:00:20Z\"";
    let file = format!("[[measure]]\nclose = true\n{AROUND_C}\n{night}");
    check(&file, 9, "100 100 100");
    check(&file, 10, "100 x x");
    check(&file, 19, "100 x x");
    check(&file, 20, "100 100 100");
    let overlay = read_overlay(&file, "today.toml", &street()).unwrap();
    assert_eq!(overlay.next_change(at(0)), Some(at(10)));
    assert_eq!(overlay.next_change(at(10)), Some(at(20)));
    assert_eq!(overlay.next_change(at(20)), None);
}

#[test]
fn a_later_measure_overrides_an_earlier_one() {
    let all = "ways = [1]";
    check(&format!("[[measure]]\nclose = true\n{all}\n[[measure]]\nreopen = true\n{AROUND_C}"), 0, "x 100 100");
    check(&format!("[[measure]]\nclose = true\n{AROUND_C}\n[[measure]]\npercent = 200\n{all}"), 0, "200 x x");
    check(&format!("[[measure]]\npercent = 150\n{all}\n[[measure]]\npercent = 200\n{AROUND_C}"), 0, "150 300 300");
}

/// Half the time of a closed road was less than that of a closed road, so that a measure which made a road faster
/// opened it. Only `reopen` does.
#[test]
fn a_closed_road_stays_closed_at_any_speed() {
    for then in ["percent = 1", "percent = 50", "percent = 100", "percent = 10000", "kmh_max = 200"] {
        check(&format!("[[measure]]\nclose = true\n{AROUND_C}\n[[measure]]\n{then}\n{AROUND_C}"), 0, "100 x x");
    }
}

#[test]
fn nobody_is_faster_than_the_measure_and_the_slow_stay_slow() {
    // 1,000 m in 100 s are 36 km/h.
    check("[[measure]]\nkmh_max = 18\nways = [1]", 0, "200 200 200");
    check("[[measure]]\nkmh_max = 72\nways = [1]", 0, "100 100 100");
}

#[test]
fn a_slow_road_is_never_a_closed_one() {
    let graph = drawn("A-B 1000000");
    let overlay = read_overlay("[[measure]]\npercent = 10000\nways = [1]", "t", &graph).unwrap();
    let weights = overlay.weights_at(&graph, graph.weights(), at(0));
    assert!(weights.iter().all(|&weight| weight.as_millis() + 1 == TOO_FAR.as_millis()), "{weights:?}");
}

#[test]
fn an_area_across_the_antimeridian() {
    let corner = |lat, lon| mukae_units::LatLon::from_degrees(lat, lon).unwrap();
    let area = Area::new(&[corner(-17.0, 179.9), corner(-17.0, -179.9), corner(-16.0, 180.0)]).unwrap();
    assert!(area.contains(corner(-16.9, -179.95)) && area.contains(corner(-16.9, 179.95)));
    assert!(!area.contains(corner(-16.9, 179.8)) && !area.contains(corner(-16.9, 0.0)));
}

#[test]
fn a_moment_is_text_or_a_time_of_toml() {
    let file =
        "[[measure]]\nclose = true\nways = [1]\nfrom = 1970-01-01 01:00:10+01:00\nuntil = \"1970-01-01T00:00:20Z\"";
    check(file, 9, "100 100 100");
    check(file, 10, "x x x");
    check(file, 20, "100 100 100");
    check("", 0, "100 100 100");
}

#[test]
fn what_is_wrong_is_named() {
    let rows = [
        ("[[measure]]\nclose = true", "today.toml: measure 1 (): it needs at least one of ways, road, area"),
        ("[[measure]]\nnote = \"snow\"\nways = [1]", "measure 1 (snow): it needs exactly one of close"),
        ("[[measure]]\nclose = true\npercent = 150\nways = [1]", "exactly one of close"),
        ("[[measure]]\npercent = 0\nways = [1]", "percent = 0: a whole number from 1 to 10000 is right"),
        ("[[measure]]\nkmh_max = 0\nways = [1]", "kmh_max = 0: a whole number from 1 to 200 is right"),
        ("[[measure]]\nclose = true\nways = [1, 77]", "the map has no road of OSM way 77"),
        ("[[measure]]\nclose = true\nroad = \"Main Street\"", "the map has no road named \"Main Street\""),
        ("[[measure]]\nclose = true\narea = [[1, 2], [3, 4]]", "area has 2 corners, not at least 3"),
        ("[[measure]]\nclose = true\narea = [[91, 2], [3, 4], [5, 6]]", "[91, 2] is no latitude and longitude"),
        ("[[measure]]\nclose = true\narea = [[1, 2], [3, 4], [5, 7]]", "no road lies there"),
        (
            "[[measure]]\nclose = true\nways = [1]\nfrom = \"tomorrow\"",
            "from = \"tomorrow\": a time with an offset, such as",
        ),
        (
            "[[measure]]\nclose = true\nways = [1]\nfrom = \"2026-11-22T18:00:00\"",
            "00\": a time with an offset, such as",
        ),
        (
            "[[measure]]\nclose = true\nways = [1]\nfrom = 2026-11-22T18:00:00",
            "from = 2026-11-22T18:00:00: a time with an offset",
        ),
        ("[[measure]]\nclose = true\nways = [1]\nuntil = 2026-11-22", "until = 2026-11-22: a time with an offset"),
        ("[[measure]]\nclose = true\nways = [1]\nuntil = 7", "until = 7: a time with an offset"),
        (
            "[[measure]]\nclose = true\nways = [1]\nfrom = \"2026-11-22T18:00:00Z\"\nuntil = \"2026-11-22T18:00:00Z\"",
            "until is not after from",
        ),
        (
            "[[measure]]\nclosed = true\nways = [1]",
            "unknown key `closed`; did you mean `close`? (known here: note, ways,",
        ),
        ("[[measure]]\nclose = \"yes\"\nways = [1]", "close = \"yes\": true or false is right"),
        ("[[measure]]\nclose = true\nways = 1", "ways = 1: a list of OSM way ids"),
        ("[[measure]]\nclose = true\nways = []", "ways is empty"),
        ("[[measure]]\nclose = true\nroad = \"\"", "road is empty"),
        ("[[measure]]\nclose = true\narea = [[1, 2], [3], [4, 5]]", "area = [[1, 2], [3], [4, 5]]: a list of corners"),
        ("[[measure]]\nclose = true\narea = [[nan, 2], [3, 4], [4, 5]]", "area: [NaN, 2] is no latitude"),
        ("[[measure]]\npercent = 4294967297\nways = [1]", "percent = 4294967297: a whole number"),
        ("[measure]\nclose = true", "today.toml: `measure` is no list of tables; write `[[measure]]` above each"),
        ("measure = [1]", "write `[[measure]]` above each"),
        ("[[measures]]\nclose = true", "today.toml: unknown key `measures`; a file has `[[measure]]`"),
        ("\n[[measure]", "today.toml: line 2 is no TOML: "),
    ];
    for (file, expected) in rows {
        let error = read_overlay(file, "today.toml", &street()).unwrap_err().to_string();
        assert!(error.contains(expected), "{file}\n{error}");
    }
}
