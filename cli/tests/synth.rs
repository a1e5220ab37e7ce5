//! From an extract to days of synthetic demand, as a planner calls it.

mod support;

use std::fs;
use std::path::Path;

use support::{expect_error, expect_ok, mukae, text};

#[test]
fn an_extract_becomes_tables_and_tables_become_days() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let extract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps/data/isle-of-man.osm.pbf");
    let [places, homes, days] = ["places.csv", "homes.csv", "days.csv"].map(path);
    let said = expect_ok(&[
        "map",
        "places",
        text(&extract),
        "--out",
        text(&places),
        "--homes",
        text(&homes),
        "--residents",
        "5000",
    ]);
    assert!(said.contains("Noble's Hospital") && said.contains("5000 residents (as told)"), "{said}");
    assert!(said.contains("OpenStreetMap"), "{said}");

    let synth = |volume: &str, out: &Path| {
        let said = mukae(&[
            "sim",
            "synth",
            "--places",
            text(&places),
            "--homes",
            text(&homes),
            "--days",
            "2026-12-01..2026-12-14",
            "--volume",
            volume,
            "--out",
            text(out),
        ])
        .output()
        .unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        (String::from_utf8(said.stdout).unwrap(), String::from_utf8(said.stderr).unwrap())
    };
    let (said, told) = synth("high", &days);
    for words in ["of 14 days (high volume)", "(low)", "by purpose", "medical", "by hour", "supermarket"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    assert!(
        told.contains("5000 residents") && told.contains("places.csv, line"),
        "where it is from, and what is off: {told}"
    );
    let rows = |file: &Path| -> Vec<String> { fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect() };
    let (high, low_file) = (rows(&days), path("low.csv"));
    synth("low", &low_file);
    let low = rows(&low_file);
    assert!(1 < low.len() && low.len() < high.len());
    assert!(low.iter().all(|row| high.contains(row)), "a low volume is a part of a high one");
    expect_ok(&["sim", "run", "--demand", text(&days), "--json", "-"]);
}

#[test]
fn habits_are_printed_and_judged() {
    let dir = tempfile::tempdir().unwrap();
    let (file, out) = (dir.path().join("habits.toml"), dir.path().join("day.csv"));
    fs::write(&file, expect_ok(&["sim", "synth", "--parameters"])).unwrap();
    let rows = |more: &[&str]| {
        let mut args = vec!["sim", "synth", "--requests", "30", "--out", text(&out)];
        args.extend(more);
        expect_ok(&args);
        fs::read(&out).unwrap()
    };
    assert_eq!(rows(&[]), rows(&["--habits", text(&file)]), "what is printed is what holds");
    fs::write(&file, "[purpose.medical]\nreturn = 1\n").unwrap();
    let said = expect_error(&["sim", "synth", "--habits", text(&file), "--out", text(&out)]);
    assert!(said.contains("habits.toml, line 2") && said.contains("did you mean `returns`"), "{said}");
    assert!(expect_error(&["sim", "synth"]).contains("--out"));
    let said = expect_error(&["sim", "synth", "--days", "2026-12-02..2026-12-01", "--out", text(&out)]);
    assert!(said.contains("ends before it begins"), "{said}");
}
