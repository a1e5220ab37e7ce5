//! `mukae plan`, as a planner calls it.

mod support;

use std::fs;
use std::path::Path;

use support::{expect_error, expect_ok, mukae, text};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/day.csv");

fn plan(day: &str, out: &Path, more: &[&str]) -> String {
    let mut args = vec!["plan", day, "--out", text(out)];
    args.extend(more);
    expect_ok(&args)
}

/// The files of a plan, but for the page.
fn tables(out: &Path) -> [String; 2] {
    ["manifest.csv", "left.csv"].map(|file| fs::read_to_string(out.join(file)).unwrap())
}

#[test]
fn the_example_becomes_a_page_and_tables_and_every_line_is_in_one_of_them() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("plan");
    let said = plan(EXAMPLE, &out, &["--steps", "4000"]);
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("Isle of Man"));
    let [manifest, left] = tables(&out);
    let bookings = fs::read_to_string(EXAMPLE).unwrap().lines().count() - 1;
    let carried = manifest.lines().filter(|line| line.contains(",pickup,")).count();
    assert_eq!(carried, manifest.lines().filter(|line| line.contains(",dropoff,")).count());
    let of_left = left.lines().count() - 1;
    assert_eq!(carried + of_left, bookings);
    assert!(said.contains(&format!("{carried} of {bookings} bookings carried, {of_left} left")), "{said}");
    assert!(said.contains("4000 steps of search with seed 1"), "{said}");
}

#[test]
fn the_printed_steps_repeat_a_plan_that_the_time_ended() {
    let dir = tempfile::tempdir().unwrap();
    let [timed, counted] = ["timed", "counted"].map(|name| dir.path().join(name));
    let said = plan(EXAMPLE, &timed, &["--seconds", "0", "--seed", "5"]);
    let line = said.lines().find(|line| line.contains("steps of search")).unwrap();
    let steps = line.split(' ').next().unwrap();
    plan(EXAMPLE, &counted, &["--steps", steps, "--seed", "5"]);
    assert_eq!(tables(&timed), tables(&counted));
}

#[test]
fn nothing_of_anybodys_is_written_over_unless_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    let said = expect_error(&["plan", EXAMPLE, "--out", text(dir.path())]);
    assert!(said.contains("is not empty") && said.contains("--force"), "{said}");
    plan(EXAMPLE, dir.path(), &["--steps", "0", "--force"]);
    assert_eq!(fs::read_to_string(dir.path().join("notes.txt")).unwrap(), "mine");
    let said = expect_error(&["plan", EXAMPLE, "--out", text(&dir.path().join("notes.txt"))]);
    assert!(said.contains("is no directory"), "{said}");
}

#[test]
fn what_is_wrong_with_a_table_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let (file, out) = (dir.path().join("day.csv"), dir.path().join("plan"));
    let wrong = |rows: &str, more: &[&str]| {
        fs::write(&file, rows).unwrap();
        let mut args = vec!["plan", text(&file), "--out", text(&out)];
        args.extend(more);
        let said = expect_error(&args);
        assert!(said.contains("day.csv") && !out.exists(), "{said}");
        said
    };
    let example = fs::read_to_string(EXAMPLE).unwrap();
    let (head, first) = (example.lines().next().unwrap(), example.lines().nth(1).unwrap());
    assert!(wrong("", &[]).contains("the table is empty"));
    assert!(wrong(&format!("{head}\n"), &[]).contains("there is no booking in it"));
    let said = wrong(&format!("{head}\n{}\n", first.replace("54.", "north")), &[]);
    assert!(said.contains("line 2, from_lat") && said.contains("1 lines can not be used"), "{said}");
    let later = first.replace("2026-12-01", "2026-12-02").replacen('s', "t", 1);
    let said = wrong(&format!("{head}\n{first}\n{later}\n"), &[]);
    assert!(said.contains("bookings on 2 days: 2026-12-01 (1), 2026-12-02 (1)") && said.contains("--day"), "{said}");
    let said = wrong(&format!("{head}\n{first}\n"), &["--day", "2027-01-01"]);
    assert!(said.contains("no booking on 2027-01-01"), "{said}");
    let said = expect_error(&["plan", "nowhere.csv", "--out", text(&out)]);
    assert!(said.contains("cannot read nowhere.csv"), "{said}");
    // a line that can not be read is left, and the others are carried
    fs::write(&file, format!("{head}\n{first}\nbroken\n")).unwrap();
    let output = mukae(&["plan", text(&file), "--out", text(&out)]).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 3, row"));
    assert!(tables(&out)[1].lines().nth(1).unwrap().starts_with("3,unreadable,"));
}

#[test]
fn a_scenario_brings_its_fleet_and_one_of_its_policies() {
    let dir = tempfile::tempdir().unwrap();
    let scenario = dir.path().join("scenario.toml");
    fs::write(&scenario, "name = \"two\"\n[policy.few]\nvehicles = 2\n[policy.all]\n").unwrap();
    let out = |name: &str| dir.path().join(name);
    let args = ["plan", EXAMPLE, "--scenario", text(&scenario), "--out"];
    let with = |name: &str, more: &[&str]| {
        let out = out(name);
        let args: Vec<&str> = args.into_iter().chain([text(&out)]).chain(more.iter().copied()).collect();
        (expect_ok(&args), tables(&out))
    };
    let out = out("none");
    let said = expect_error(&[args.as_slice(), &[text(&out)]].concat());
    assert!(said.contains("several policies") && said.contains("few, all"), "{said}");
    let (_, few) = with("few", &["--policy", "few", "--steps", "0"]);
    let (_, all) = with("all", &["--policy", "all", "--steps", "0"]);
    assert!(all[1].lines().count() < few[1].lines().count(), "two vehicles carry as many as eight");
    let said = expect_error(&[args.as_slice(), &[text(&out), "--policy", "most"]].concat());
    assert!(said.contains("no policy most"), "{said}");
}
