//! `mukae sim` and `mukae journal`, as a planner calls them.

mod support;

use support::{expect_error, expect_ok, last_json, text};

fn run(seed: &str, more: &[&str]) -> serde_json::Value {
    let mut args = vec!["sim", "run", "--requests", "120", "--seed", seed, "--json", "-"];
    args.extend(more);
    last_json(&expect_ok(&args))
}

#[test]
fn the_same_seed_gives_the_same_journal_and_replay_does_too() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let (first, kept, other) = (run("5", &[]), run("5", &["--journal", text(&journal)]), run("6", &[]));
    assert_eq!(first["journal_hash"], kept["journal_hash"]);
    assert_ne!(first["journal_hash"], other["journal_hash"]);
    assert_eq!(first["unaccounted"], 0);
    assert_eq!(first["requests"], 120);
    assert_eq!(first["faults"], 0);

    let verified = last_json(&expect_ok(&["journal", "verify", text(&journal), "--json"]));
    assert_eq!(verified["journal_hash"], first["journal_hash"]);
    assert_eq!(verified["state_hash"], first["state_hash"]);
    let kpis = last_json(&expect_ok(&["journal", "kpis", text(&journal), "--json"]));
    assert_eq!(kpis["served"], first["served"]);
    assert_eq!(kpis["km"], first["km"]);
}

#[test]
fn demand_comes_from_a_table_and_bad_rows_are_named_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    let table = dir.path().join("day.csv");
    expect_ok(&["sim", "synth", "--requests", "40", "--seed", "3", "--out", text(&table)]);
    let from_seed = last_json(&expect_ok(&["sim", "run", "--requests", "40", "--seed", "3", "--json", "-"]));
    let from_table = last_json(&expect_ok(&["sim", "run", "--demand", text(&table), "--json", "-"]));
    assert_eq!(from_seed["journal_hash"], from_table["journal_hash"], "a table says all that a seed does");

    let mut rows = std::fs::read_to_string(&table).unwrap();
    rows.push_str("bad1,yesterday,2026-12-01T10:00:00Z,2026-12-01T10:30:00Z,54.15,-4.48,54.2,-4.6,1,0,depart_after\n");
    rows.push_str(
        "bad2,2026-12-01T09:00:00Z,2026-12-01T10:00:00Z,2026-12-01T10:30:00Z,55.9,-3.2,54.2,-4.6,1,0,depart_after\n",
    );
    rows.push_str(
        "bad3,2026-12-01T09:00:00Z,2026-12-01T10:30:00Z,2026-12-01T10:00:00Z,54.15,-4.48,54.2,-4.6,1,0,arrive_by\n",
    );
    std::fs::write(&table, rows).unwrap();
    let output = support::mukae(&["sim", "run", "--demand", text(&table), "--json", "-"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    for (line, column) in [(42, "created_at"), (43, "from_lat"), (44, "latest")] {
        let found = said.lines().any(|said| said.contains(&format!("line {line}")) && said.contains(column));
        assert!(found, "line {line}, {column} in {said}");
    }
    let json = last_json(&String::from_utf8_lossy(&output.stdout));
    assert_eq!((json["rows"].as_u64(), json["rows_used"].as_u64()), (Some(43), Some(40)));

    let strict = expect_error(&["sim", "run", "--demand", text(&table), "--strict"]);
    assert!(strict.contains("line 42") && strict.contains("created_at"), "{strict}");
}

#[test]
fn configurations_are_judged_with_line_and_key() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("town.toml");
    std::fs::write(&file, "[area]\nid = \"a\"\ntime_zon = \"Asia/Tokyo\"\n").unwrap();
    let said = expect_error(&["sim", "run", "--config", text(&file)]);
    assert!(said.contains("line 3") && said.contains("time_zon") && said.contains("time_zone"), "{said}");
    assert!(expect_error(&["serve", "--config", "nowhere.toml"]).contains("nowhere.toml"));
}

const SCENARIO: &str = r#"
name = "man"
seed = 3
replications = 2
[demand]
requests = 60
[policy.as-is]
[policy.four]
vehicles = 4
[report]
kpis = ["served", "wait_mean_s"]
"#;

#[test]
fn policies_of_a_scenario_are_compared_and_shards_of_it_are_one_run() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    std::fs::write(path("man.toml"), SCENARIO).unwrap();
    let scenario = path("man.toml");
    let whole = path("whole");
    let compared = last_json(&expect_ok(&[
        "sim",
        "compare",
        text(&scenario),
        "--threads",
        "2",
        "--results",
        text(&whole),
        "--json",
        "-",
    ]));
    let policies = compared["points"][0]["policies"].as_array().unwrap();
    let served = &policies[1]["measures"][0];
    assert_eq!((policies[1]["policy"].as_str(), served["name"].as_str()), (Some("four"), Some("served")));
    assert!(served["difference"]["mean"].as_f64().unwrap() < 0.0, "{served}");
    for shard in ["1/3", "2/3", "3/3"] {
        let results = path(&shard.replace('/', "-"));
        let said = expect_ok(&["sim", "run", text(&scenario), "--shard", shard, "--results", text(&results)]);
        assert!(said.contains("of 4 jobs are done"), "{said}");
    }
    let merged = path("merged");
    let (first, second, third) = (path("1-3"), path("2-3"), path("3-3"));
    expect_ok(&["sim", "merge", text(&first), text(&second), text(&third), "--out", text(&merged)]);
    for table in ["jobs.csv", "days.csv", "jobs.parquet", "days.parquet", "results.json"] {
        let read = |dir: &std::path::Path| std::fs::read(dir.join(table)).unwrap();
        assert!(read(&merged) == read(&whole), "{table}");
    }
    let again = expect_ok(&["sim", "run", text(&scenario), "--results", text(&merged), "--json", "-"]);
    assert!(again.contains("4 of 4 results were there already"), "{again}");
    let json = last_json(&again);
    for key in ["requests", "served", "wait_mean_s", "km", "wall_s", "journal_hash"] {
        assert!(!json[key].is_null(), "{key} in {json}");
    }
    assert_eq!((json["requests"].as_u64(), json["jobs"].as_u64()), (Some(60), Some(4)));
    assert!(expect_error(&["sim", "merge", text(&first), "--out", text(&merged)]).contains("jobs are missing: 1, 2"));
}

#[test]
fn scenarios_are_judged_with_file_line_and_key() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("bad.toml");
    std::fs::write(&file, "name = \"x\"\nreplication = 2\n[demand]\ncsv = 3\n").unwrap();
    let said = expect_error(&["sim", "run", text(&file)]);
    let found = |words: &[&str]| said.lines().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(found(&["bad.toml, line 2", "`replication`", "did you mean `replications`"]), "{said}");
    assert!(found(&["bad.toml, line 4", "`csv`"]), "{said}");
    assert!(expect_error(&["sim", "run", "nowhere.toml"]).contains("nowhere.toml: cannot be read"));
    for key in ["csv", "parquet", "journal"] {
        std::fs::write(&file, format!("name = \"x\"\n[town]\nconfig = \"no.toml\"\n[demand]\n{key} = \"none\"\n"))
            .unwrap();
        for verb in ["run", "compare"] {
            let said = expect_error(&["sim", verb, text(&file)]);
            let found = |words: &[&str]| said.lines().any(|line| words.iter().all(|word| line.contains(word)));
            assert!(found(&["bad.toml, line 3", "no.toml` is not there"]), "{said}");
            assert!(found(&["bad.toml, line 5", "none` is not there"]), "{said}");
        }
    }
    assert!(expect_error(&["sim", "run", "--threads", "2"]).contains("SCENARIO"));
}

#[test]
fn a_run_and_its_journal_tell_the_same_day_on_a_page() {
    let dir = tempfile::tempdir().unwrap();
    let [journal, from_run, from_journal, two] =
        ["journal", "run.html", "journal.html", "two.html"].map(|name| dir.path().join(name));
    let run = run("5", &["--journal", text(&journal), "--report", text(&from_run)]);
    expect_ok(&["sim", "report", text(&journal), "--out", text(&from_journal)]);
    expect_ok(&["sim", "report", text(&journal), text(&journal), "--name", "a", "--name", "b", "--out", text(&two)]);
    let data = |file: &std::path::Path| -> serde_json::Value {
        let page = std::fs::read_to_string(file).unwrap();
        let (_, rest) = page.split_once("id=\"data\">").unwrap();
        serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
    };
    let (told, replayed, both) = (data(&from_run), data(&from_journal), data(&two));
    assert_eq!(told["runs"][0]["kpis"]["served"], run["served"]);
    assert_eq!(told["runs"][0]["journal_hash"], run["journal_hash"]);
    for key in ["kpis", "journal_hash", "drives", "requests", "shifts", "vehicles"] {
        assert_eq!(told["runs"][0][key], replayed["runs"][0][key], "{key}");
        assert_eq!(told["runs"][0][key], both["runs"][1][key], "{key}");
    }
    let size = std::fs::metadata(&two).unwrap().len();
    assert!(size < 1_000_000, "{size} bytes for twice 120 requests");

    let said = expect_error(&["sim", "report", text(&journal), "--out", text(&two), "--day", "2020-01-01"]);
    assert!(said.contains("2020-01-01") && said.contains("2026-12-01"), "{said}");
    let said = expect_error(&["sim", "report", text(&dir.path().join("nowhere")), "--out", text(&two)]);
    assert!(said.contains("nowhere"), "{said}");
}

/// Files that are wrong in one place each: what the run says, and how many rows it used of how many.
#[test]
fn wrong_demand_is_told_by_row_and_column_whatever_its_format() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let header = "request_id,created_at,earliest,latest,from_lat,from_lon,to_lat,to_lon,seats,wheelchairs,kind\n";
    let row = |id: &str, day: &str, from: &str| {
        format!("{id},{day}T07:00:00Z,{day}T08:00:00Z,{day}T08:30:00Z,{from},54.2,-4.6,1,0,depart_after\n")
    };
    let good = "54.15,-4.48";
    // out of order, a duplicate, off the map, an empty day between, across midnight of the town
    let csv = [
        header.to_owned(),
        row("late", "2026-12-03", good),
        row("early", "2026-12-01", good),
        row("early", "2026-12-01", good),
        row("far", "2026-12-01", "51.5,-0.1"),
        "night,2026-12-01T20:00:00Z,2026-12-01T23:50:00Z,2026-12-02T00:20:00Z,54.15,-4.48,54.2,-4.6,1,0,arrive_by\n"
            .to_owned(),
    ];
    std::fs::write(path("day.csv"), csv.concat()).unwrap();
    std::fs::write(path("nodes.csv"), "node_index,pos_x,pos_y\n0,-4.48,54.15\n1,-4.6,54.2\n2,0,x\n").unwrap();
    std::fs::write(
        path("fleet.csv"),
        "rq_time,start,end,request_id\n30000,0,1,a\n29000,0,1,b\n29000,0,1,b\n29000,0,9,c\nsoon,0,1,d\n",
    )
    .unwrap();
    let person = |id: &str, from: &str, mode: &str, time: &str| {
        format!(
            "<person id=\"{id}\"><plan selected=\"yes\"><activity type=\"h\" x=\"{from}\" y=\"54.15\"/>\
             <leg mode=\"{mode}\" dep_time=\"{time}\"/><activity type=\"w\" x=\"-4.6\" y=\"54.2\"/></plan></person>\n"
        )
    };
    let people = [
        person("p1", "-4.48", "drt", "08:00:00"),
        person("p2", "-4.48", "car", "08:00:00"),
        person("p3", "-4.48", "drt", "noon"),
        person("p4", "-4.48", "drt", "25:10:00"),
        person("p5", "99", "drt", "08:00:00"),
    ];
    std::fs::write(path("people.xml"), format!("<population>\n{}</population>\n", people.concat())).unwrap();
    std::fs::write(path("stops.txt"), "stop_id,stop_name,stop_lat,stop_lon\ns1,港,54.15,-4.48\ns2,駅,54.2,-4.6\n")
        .unwrap();
    // clocks skip 01:00 to 02:00 on 2026-03-29
    std::fs::write(
        path("boarded.csv"),
        "from_stop,to_stop,time,count,date\n港,駅,08:15,2,2026-03-28\n港,駅,01:30,1,2026-03-29\n港,城,9,1,2026-03-28\n港,駅,26:10,1,2026-03-28\n",
    )
    .unwrap();
    let (nodes, stops) = (path("nodes.csv"), path("stops.txt"));
    let (fleetpy, boardings) =
        (["--format", "fleetpy", "--nodes", text(&nodes)], ["--format", "boardings", "--stops", text(&stops)]);
    type Case<'a> = (&'a str, &'a [&'a str], (u64, u64), &'a [&'a [&'a str]]);
    let cases: [Case<'_>; 4] = [
        (
            "day.csv",
            &[],
            (5, 3),
            &[
                &["line 4, request_id", "`early` is the id of line 3 too"],
                &["line 5, from_lat/from_lon", "off the map"],
                &["not used, by column: from_lat/from_lon 1, request_id 1"],
                &["on 1 days in between, from 2026-12-02"],
            ],
        ),
        (
            "fleet.csv",
            &fleetpy,
            (5, 2),
            &[
                &["nodes.csv", "line 4"],
                &["line 4, request_id", "`b`"],
                &["line 5, end", "9"],
                &["line 6, rq_time", "soon"],
            ],
        ),
        ("people.xml", &[], (4, 2), &[&["line 4", "noon"], &["line 6", "99"]]),
        ("boarded.csv", &boardings, (5, 3), &[&["line 3, time", "01:30"], &["line 4, to_stop", "城"]]),
    ];
    for (name, options, counts, told) in cases {
        let table = path(name);
        let mut args = vec!["sim", "run", "--demand", text(&table), "--date", "2026-12-01", "--json", "-"];
        args.extend(options);
        let output = support::mukae(&args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}");
        for words in told {
            let found = said.lines().any(|line| words.iter().all(|word| line.contains(word)));
            assert!(found, "{name}: {words:?} in {said}");
        }
        let json = last_json(&String::from_utf8_lossy(&output.stdout));
        assert_eq!(
            (json["rows"].as_u64(), json["rows_used"].as_u64()),
            (Some(counts.0), Some(counts.1)),
            "{name}: {said}"
        );
        assert_eq!((json["unaccounted"].as_i64(), json["faults"].as_u64()), (Some(0), Some(0)), "{name}");
        args.push("--strict");
        assert!(!support::mukae(&args).output().unwrap().status.success(), "{name}: strict stops");
    }
}

#[test]
fn parquet_says_what_text_says() {
    let dir = tempfile::tempdir().unwrap();
    let [csv, parquet, none] = ["day.csv", "day.parquet", "none.parquet"].map(|name| dir.path().join(name));
    let table = |path: &std::path::Path| last_json(&expect_ok(&["sim", "run", "--demand", text(path), "--json", "-"]));
    for out in [&csv, &parquet] {
        expect_ok(&["sim", "synth", "--requests", "30", "--seed", "3", "--out", text(out)]);
    }
    assert_eq!(table(&csv)["journal_hash"], table(&parquet)["journal_hash"]);
    let scenario = dir.path().join("day.toml");
    std::fs::write(&scenario, "name = \"x\"\n[demand]\nparquet = \"day.parquet\"\n[supply]\nvehicles = 0\n").unwrap();
    let json = last_json(&expect_ok(&["sim", "run", text(&scenario), "--json", "-"]));
    let (requests, refused) = (json["requests"].as_u64(), json["refused"].as_u64());
    assert_eq!((requests, refused), (Some(30), Some(30)), "without vehicles everyone is refused");
    std::fs::write(&none, "PAR1 nothing").unwrap();
    assert!(expect_error(&["sim", "run", "--demand", text(&none)]).contains("none.parquet"));
}

/// The journal of a day is a day's demand: under its own rules nothing changes, under others the same riders ask.
#[test]
fn a_journal_is_demand() {
    let dir = tempfile::tempdir().unwrap();
    let [journal, again, scenario] = ["journal", "again", "what-if.toml"].map(|name| dir.path().join(name));
    let recorded = run("5", &["--journal", text(&journal)]);
    let args = ["sim", "run", "--demand", text(&journal), "--json", "-", "--journal", text(&again)];
    let said = expect_ok(&args);
    assert!(said.contains("records replayed and decided again, without a difference"), "{said}");
    let redone = last_json(&said);
    for key in ["journal_hash", "state_hash", "served", "km"] {
        assert_eq!(redone[key], recorded[key], "{key}");
    }
    let text_of = "name = \"x\"\n[demand]\njournal = \"journal\"\n[policy.as-is]\n[policy.two]\nvehicles = 2\n";
    std::fs::write(&scenario, text_of).unwrap();
    let compared = last_json(&expect_ok(&["sim", "compare", text(&scenario), "--json", "-"]));
    assert_eq!(compared["points"][0]["policies"].as_array().unwrap().len(), 2, "{compared}");
    let said = expect_error(&["sim", "run", "--demand", text(&journal), "--days", "2026-12-24"]);
    assert!(said.contains("nobody asks for a ride on 2026-12-24"), "{said}");
    assert!(expect_error(&["sim", "run", "--days", "2026-12-24"]).contains("--demand"));
    assert!(expect_error(&["sim", "run", "--demand", text(dir.path())]).contains("name one of them"));
}
