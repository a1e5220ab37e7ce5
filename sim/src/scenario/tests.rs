//! Scenario files as people write them, right and wrong.

use std::path::Path;

use super::*;
use crate::behaviour::{Acceptance, Aged, Delay, Lateness, Positions, Willingness};
use crate::demand::synthetic::Volume;
use crate::trouble::{Snow, When};

const WHOLE: &str = r#"
name = "eight"
seed = 20261122
replications = 3
[town]
config = "town.toml"
[demand]
requests = 100
days = "2026-04-01..2026-04-03"
scale = 1.25
[supply]
vehicles = 8
[behaviour]
cancels = 0.05
late_riders = { share = 0.2, mean = "3 min" }
driver_answers = { accepts = 0.7, silent = 0.1, delay = "2 min" }
refuses = { base = -2.197 }
[policy.base]
preset = "reactive"
[policy.patient]
promise_width = "20 min"
vehicles = 6
[sweep]
vehicles = [4, 6]
notice_min = ["0 s", "1 h"]
[cost]
yen_per_km = 30
[report]
baseline = "patient"
kpis = ["wait_mean_s", "cost_per_trip_yen"]
ci = 0.9
block_days = 7
baseline_point = { notice_min = "1 h" }
hamlets = "hamlets.csv"
hamlet_limit_m = 800
"#;

fn synthetic(requests: usize) -> Source {
    Source::Synthetic { amount: Amount::Requests(requests), parameters: Box::default() }
}

fn problems(text: &str) -> Vec<String> {
    match Scenario::parse(text, Path::new("")) {
        Ok(scenario) => panic!("{text} is read as {scenario:?}"),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn habits_of_time_are_means_or_medians() {
    let read = |behaviour: &str| {
        let text = format!("name = \"a\"\n[behaviour]\n{behaviour}\n");
        Scenario::parse(&text, Path::new("")).unwrap().behaviour
    };
    let mean = read("slow_boarding = \"30 s\"\ndriver_answers = { accepts = 1, delay = \"2 min\" }");
    assert_eq!(mean.riders.is_slow, Delay::Exponential(Span::from_secs(30)));
    assert_eq!(mean.drivers.answers.unwrap().delay, Delay::Exponential(Span::from_mins(2)));
    let median = read(
        "driver_answers = { accepts = 1, delay = { median = \"90 s\", spread = 0.8 } }\n\
         slow_boarding_elderly = { share = 0.6, median = \"100 s\", spread = 0.3 }\n\
         early_leaves = { share = 0.1, mean = \"1 h\" }\n\
         positions = \"30 s\"\nlost_positions = { share = 0.1, mean = \"10 min\" }",
    );
    let log_normal = |secs, spread| Delay::LogNormal { median: Span::from_secs(secs), spread };
    assert_eq!(median.drivers.answers.unwrap().delay, log_normal(90, 800));
    assert_eq!(median.riders.is_slow_by_age, Aged { share: 600, is_slow: log_normal(100, 300) });
    assert_eq!(median.drivers.leaves_early, Lateness { share: 100, mean: Span::HOUR });
    let is_lost = Lateness { share: 100, mean: Span::from_mins(10) };
    assert_eq!(median.vehicles.positions, Some(Positions { every: Span::from_secs(30), is_lost }));
    assert_eq!(
        problems(
            "name = \"a\"\n[behaviour]\nslow_boarding = { median = \"1 min\" }\n\
             lost_positions = { share = 0.1, mean = \"1 s\" }\nslow_boarding_wheelchair = 3\n"
        ),
        [
            "line 3: a median and a spread are needed: { median = \"90 s\", spread = 0.7 }",
            "line 4: none are told that could be lost: `positions = \"30 s\"` is missing",
            "line 4: `mean` is \"1 s\"; 1 min to 1 days is allowed",
            "line 5: `slow_boarding_wheelchair` is integer here; text in quotes is right",
        ]
    );
}

#[test]
fn every_key_is_read() {
    let scenario = Scenario::parse(WHOLE, Path::new("towns")).unwrap();
    assert_eq!((scenario.name.as_str(), scenario.seed, scenario.replications), ("eight", 20_261_122, 3));
    assert_eq!(scenario.town.as_deref(), Some(Path::new("towns/town.toml")));
    assert_eq!((&scenario.demand.source, scenario.demand.scale), (&synthetic(100), 1250));
    let Behaviour { riders, drivers, vehicles, .. } = &scenario.behaviour;
    assert_eq!((riders.cancels, riders.is_late.share, riders.is_late.mean), (50, 200, Span::from_mins(3)));
    assert_eq!((riders.refuses.unwrap().base, drivers.answers.unwrap().accepts), (-2197, Acceptance::Share(700)));
    assert_eq!((riders.stays_away, vehicles.breaks_down), (0, 0));
    let policies: Vec<(&str, String)> =
        scenario.policies.iter().map(|policy| (policy.name.as_str(), policy.rules.text())).collect();
    let patient = "vehicles = 6, promise_width = 20 min".to_owned();
    assert_eq!(policies, [("base", "vehicles = 8".to_owned()), ("patient", patient)]);
    let points: Vec<String> = scenario.points().iter().map(Rules::text).collect();
    let expected = ["4, notice_min = 0 s", "4, notice_min = 1 h", "6, notice_min = 0 s", "6, notice_min = 1 h"];
    assert_eq!(points, expected.map(|point| format!("vehicles = {point}")));
    assert_eq!((scenario.report.baseline, scenario.report.confidence, scenario.report.block_days), (1, 900, 7));
    assert_eq!(scenario.report.baseline_point, 1, "the first number of vehicles, and an hour's notice");
    let (file, limit) = (Path::new("towns/hamlets.csv").to_owned(), Metres::from_metres(800));
    assert_eq!(scenario.report.hamlets, Some(NamedHamlets { file, limit }));
    let names: Vec<&str> = scenario.report.measures.iter().map(|measure| measure.name).collect();
    assert_eq!(names, ["wait_mean_s", "cost_per_trip_yen"]);
}

#[test]
fn a_name_is_enough() {
    let scenario = Scenario::parse("name = \"x\"", Path::new("")).unwrap();
    assert_eq!((scenario.policies.len(), scenario.policies[0].name.as_str()), (1, "reactive"));
    assert_eq!((scenario.points(), scenario.town), (vec![Rules::default()], None));
    assert!(scenario.report.measures.iter().all(|measure| !measure.needs_cost));
}

#[test]
fn everything_wrong_is_told_at_once() {
    let found = problems(
        "sead = 3\nreplications = 0\n[demand]\nrequests = 10\ncsv = \"a.csv\"\ndays = \"2026-04-02..2026-04-01\"\n\
         [policy.a]\npreset = \"reactiv\"\npromise_width = \"0 s\"\nvehicels = 3\n[sweep]\nvehicles = [4, 4]\n\
         [report]\nbaseline = \"b\"\nkpis = [\"wait\", \"cost_yen\"]\nbaseline_point = { vehicles = 5 }\n[behaviour]\n\
         no_show = true\n",
    );
    let starts = [
        "line 1: `name` is missing",
        "line 1: unknown key `sead`; did you mean `seed`?",
        "line 2: `replications` is 0; 1 to 100000 is allowed",
        "line 4: demand comes from `csv` and from `requests`; leave one of them out",
        "line 6: `days` is \"2026-04-02..2026-04-01\" and ends before it begins",
        "line 8: `preset` is \"reactiv\"; \"reactive\" is known",
        "line 9: `promise_width` is \"0 s\"; 1 min to 1 days is allowed",
        "line 10: unknown key `vehicels`; did you mean `vehicles`?",
        "line 12: `vehicles` has a value twice",
        "line 14: there is no [policy.b]; there are: a",
        "line 15: `kpis` is \"wait\"; \"requests\"",
        "line 15: `cost_yen` needs prices",
        "line 16: `vehicles` is 5, which is not swept; it is one of: 4, 4",
        "line 18: unknown key `no_show`",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for (found, start) in found.iter().zip(starts) {
        assert!(found.starts_with(start), "{found:?} does not start with {start:?}");
    }
}

#[test]
fn the_volume_of_synthetic_demand_is_said_once_and_may_be_swept() {
    let text = "name = \"x\"\n[town]\nplaces = \"p.csv\"\n[demand]\nscale = 2\n[demand.synthetic]\nwalk_m = 500\n\
                [sweep]\nvolume = [\"low\", \"high\"]\nvehicles = [1, 2]\n";
    let scenario = Scenario::parse(text, Path::new("towns")).unwrap();
    assert_eq!((scenario.places.as_deref(), scenario.homes.as_deref()), (Some(Path::new("towns/p.csv")), None));
    let points: Vec<String> = scenario.points().iter().map(Rules::text).collect();
    assert_eq!(points[0], "vehicles = 1, volume = low");
    assert_eq!(points[3], "vehicles = 2, volume = high");
    let Source::Synthetic { amount, parameters } = scenario.demand.source else { panic!("no table is named") };
    assert_eq!((amount, parameters.walk.as_metres()), (Amount::Volume(Volume::Mid), 500));

    let found = problems(
        "name = \"x\"\n[town]\nhomes = \"h.csv\"\n[demand]\ncsv = \"a.csv\"\nvolume = \"much\"\n[demand.synthetic]\nwalk = 3\n\
         [policy.a]\nvolume = \"low\"\n[sweep]\nvolume = [\"low\"]\n",
    );
    let starts = [
        "line 1: `places` and `homes` of [town] are for synthetic demand",
        "line 6: `volume` is \"much\"; \"low\", \"mid\", \"high\" is known",
        "line 6: demand comes from `csv` and from `volume`",
        "line 7: demand comes from `csv` and from `synthetic`",
        "line 8: unknown key `walk`; did you mean `walk_m`?",
        "line 10: unknown key `volume`",
        "line 12: `volume` is of synthetic demand; a table has `scale`",
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for start in starts {
        assert!(found.iter().any(|found| found.starts_with(start)), "{start:?} is not in {found:#?}");
    }
    let found = problems("name = \"x\"\n[demand]\nrequests = 9\nvolume = \"low\"\n[sweep]\nvolume = [\"low\"]\n");
    assert!(found[0].starts_with("line 3: `requests` and `volume` both say"), "{found:?}");
    assert!(found[1].starts_with("line 6: `volume` is swept, and fixed on line 3"), "{found:?}");
}

#[test]
fn replications_that_would_be_all_alike_are_refused() {
    let text = "name = \"x\"\nreplications = 2\n[demand]\ncsv = \"a.csv\"\n";
    assert!(problems(text)[0].starts_with("line 2: replications of a table or a journal"));
    assert!(Scenario::parse(&format!("{text}scale = 0.5\n"), Path::new("")).is_ok());
}

#[test]
fn a_journal_is_a_source_with_rules_of_its_own() {
    let scenario = |more: &str| format!("name = \"x\"\n[demand]\n{more}");
    let recorded = |directory: &str| Recorded { directory: directory.into(), called: None, until: None };
    let read = Scenario::parse(&scenario("journal = \"day\"\nrepeats = \"keep\"\n"), Path::new("at")).unwrap();
    let expected = Source::Journal { journal: recorded("at/day"), repeats: Repeats::Kept, from: None };
    assert_eq!(read.demand.source, expected);
    let read = Scenario::parse(&scenario("journal = \"day\"\nfrom = \"2026-12-03 10:00\"\n"), Path::new("")).unwrap();
    let from = Some(Start::parse("2026-12-03 10:00").unwrap());
    assert_eq!(read.demand.source, Source::Journal { journal: recorded("day"), repeats: Repeats::Merged, from });
    let found = problems(&scenario("journal = \"day\"\nfrom = \"noon\"\n"));
    assert!(found[0].starts_with("line 4: `from` is \"noon\"; write \"2026-12-03 10:00\" by"), "{found:?}");
    let found = problems(&scenario("csv = \"day\"\nfrom = \"2026-12-03 10:00\"\n"));
    assert!(found[0].starts_with("line 4: `from` is a moment of a journal"), "{found:?}");
    let hours = "journal = \"day\"\nfrom = \"2026-12-03 10:00\"\n[policy.a]\nshifts = [\"07:00-13:00\"]\n";
    assert!(problems(&scenario(hours))[0].contains("`shifts` changes hours of work"), "{:?}", problems(hours));
    let read = Scenario::parse(&scenario("parquet = \"a.parquet\"\n"), Path::new("")).unwrap();
    assert_eq!(read.demand.source, Source::Table { file: "a.parquet".into(), carrier: Carrier::Parquet });
    let found = problems(&scenario("journal = \"day\"\ncsv = \"a.csv\"\nscale = 2\nrepeats = \"no\"\n"));
    let expected = [
        "line 3: demand comes from `csv` and from `journal`; leave one of them out",
        "line 6: `repeats` is \"no\"; \"merge\", \"keep\" is known",
        "line 6: `repeats` is about quotes of a journal",
    ];
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found:?} does not start with {expected:?}");
    }
    let found = problems(&scenario("journal = \"day\"\nscale = 2\n"));
    assert!(found[0].starts_with("line 4: `scale` is for tables and synthetic demand"), "{found:?}");
}

#[test]
fn trouble_is_read_and_what_is_wrong_with_it_told() {
    let text = "name = \"x\"\n[trouble]\nroads = \"works.toml\"\n\
                snow = [{ share = 0.05, percent = 130 }, { days = \"2027-01-10..2027-01-12\", percent = 160 }]\n";
    let trouble = Scenario::parse(text, Path::new("at")).unwrap().trouble;
    assert_eq!(trouble.roads.as_deref(), Some(Path::new("at/works.toml")));
    assert_eq!(trouble.snow[0], Snow { percent: 130, when: When::Share(50) });
    assert!(trouble.is_drawn() && matches!(&trouble.snow[1], Snow { percent: 160, when: When::Days(_) }));
    let text = "name = \"x\"\n[trouble]\nsnow = [{ share = 0.1 }, { percent = 90, share = 2, days = \"x\" }]\n\
                [behaviour]\ndriver_answers = { accepts = 0.5, per_ride_min = -0.1 }\n";
    let found = problems(text);
    for expected in
        ["`percent` is missing", "`percent` is 90; 101 to 1000 is allowed", "leave one of them out", "leave one out"]
    {
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected}: {found:?}");
    }
    let found = problems("name = \"x\"\n[demand]\njournal = \"day\"\n[trouble]\nroads = \"a.toml\"\n");
    assert!(found[0].contains("a journal has its own roads"), "{found:?}");
    let fitted = "name = \"x\"\n[behaviour]\ndriver_answers = { base = 1.386, spread = 0.5, per_ask = -0.1 }\n";
    let behaviour = Scenario::parse(fitted, Path::new("")).unwrap().behaviour;
    let expected = Willingness { base: 1386, spread: 500, per_ask: -100, ..Willingness::default() };
    assert_eq!(behaviour.drivers.answers.unwrap().accepts, Acceptance::Fitted(expected));
}

/// Of somebody else's scenario: what it may name, and what is said of everything else.
#[test]
fn a_scenario_of_somebody_else_reads_what_came_along_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("days.csv"), "").unwrap();
    std::fs::write(directory.path().join("..hidden"), "").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", directory.path().join("link.csv")).unwrap();
    let areas = |names: &[&str]| {
        names
            .iter()
            .map(|name| {
                let journal = Recorded { directory: "/data/day".into(), called: Some((*name).to_owned()), until: None };
                let journal = (*name != "areas/shared").then_some(journal);
                AttachedArea { name: (*name).to_owned(), config: Some(Path::new(name).join("town")), journal }
            })
            .collect()
    };
    let attached =
        |names: &[&str]| Files::Attached(Attached { directory: directory.path().to_owned(), areas: areas(names) });
    let read = |text: &str, names: &[&str]| Scenario::read(&format!("name = \"x\"\n{text}"), &attached(names));
    let scenario = read("[demand]\ncsv = \"days.csv\"\n", &["areas/niue"]).unwrap();
    assert_eq!(scenario.town.as_deref(), Some(Path::new("areas/niue/town")), "the one there is");
    assert_eq!(
        scenario.demand.source,
        Source::Table { file: directory.path().join("days.csv"), carrier: Carrier::Csv }
    );
    let scenario = read("[town]\narea = \"areas/b\"\n", &["areas/a", "areas/b"]).unwrap();
    assert_eq!(scenario.town.as_deref(), Some(Path::new("areas/b/town")));

    let said = |text: &str, names: &[&str]| read(text, names).unwrap_err()[0].to_string();
    for name in [
        "/etc/passwd",
        "../days.csv",
        "./days.csv",
        "a/../days.csv",
        "",
        ".",
        "..",
        "link.csv",
        "none.csv",
        "days.csv/",
    ] {
        let told = said(&format!("[demand]\ncsv = {name:?}\n"), &["areas/niue"]);
        assert_eq!(told, format!("line 3: {name:?} is not attached; there are: ..hidden, days.csv, link.csv"));
    }
    let scenario = read("[demand]\njournal = \"own\"\n", &["areas/niue"]).unwrap();
    let Source::Journal { journal, .. } = scenario.demand.source else { panic!("a journal is named") };
    assert_eq!((journal.directory.as_path(), journal.called.as_deref()), (Path::new("/data/day"), Some("areas/niue")));
    for name in ["/data/day", "days.csv", "../own", ""] {
        let told = said(&format!("[demand]\njournal = {name:?}\n"), &["areas/niue"]);
        assert!(told.starts_with(&format!("line 3: `journal` is {name:?}; a server reads that of the area")), "{told}");
    }
    let told = said("[demand]\njournal = \"own\"\n", &["areas/shared"]);
    assert!(told.starts_with("line 3: `journal` is \"own\", and the area keeps none, or"), "{told}");
    let told = said("[town]\nconfig = \"/etc/mukae/town.toml\"\n", &["areas/niue"]);
    assert!(told.starts_with("line 3: `config` names a file") && told.contains("areas/niue"), "{told}");
    assert_eq!(
        said("[town]\narea = \"areas/b\"\n", &["areas/niue"]),
        "line 3: `area` is \"areas/b\"; it is to be \"areas/niue\""
    );
    let told = said("", &["areas/a", "areas/b"]);
    assert_eq!(told, "line 1: `area` in `[town]` is missing; it is to be \"areas/a\" or \"areas/b\"");
    assert!(said("", &[]).contains("there is none"));
    let own = problems("name = \"x\"\n[town]\narea = \"areas/niue\"\n");
    assert_eq!(own, ["line 3: `area` is for simulations that a server runs; here write `config`"]);
}

#[test]
fn more_runs_than_anybody_waits_for_are_refused() {
    let many: Vec<String> = (1..=101).map(|count| count.to_string()).collect();
    let text = format!("name = \"x\"\nreplications = 10000\n[sweep]\nvehicles = [{}]\n", many.join(", "));
    assert!(problems(&text)[0].contains("more than 1000000 runs"), "{:?}", problems(&text));
}
