//! Simulations on a server of the real binary, which runs itself: their figures are those of `mukae sim run`, and no
//! process of theirs outlives a server, however it ends.

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use support::server::{Server, town_with_journal};
use support::{expect_error, expect_ok, last_json, text};

const SCENARIO: &str = r#"
name = "niue"
seed = 3
replications = 2
[demand]
requests = 40
[policy.as-is]
[policy.patient]
promise_width = "30 min"
[report]
kpis = ["served", "wait_mean_s"]
"#;

fn serve(dir: &Path) -> Server {
    Server::of(&dir.join("town.toml"))
}

fn says(server: &Server, args: &[&str]) -> String {
    server.says(&[&["simulations"], args].concat())
}

fn json(server: &Server, args: &[&str]) -> serde_json::Value {
    server.json(&[&["simulations"], args].concat())
}

fn refuses(server: &Server, args: &[&str]) -> String {
    server.refuses(&[&["simulations"], args].concat())
}

/// A town and a scenario in a directory; paths of both.
fn laid_out() -> (tempfile::TempDir, impl Fn(&str, &str) -> String) {
    let dir = town_with_journal();
    let at = dir.path().to_owned();
    let write = move |name: &str, content: &str| {
        std::fs::write(at.join(name), content).unwrap();
        text(&at.join(name)).to_owned()
    };
    (dir, write)
}

/// Processes that work in the directory.
fn at_work(dir: &Path) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let cwd = processes.filter_map(|process| std::fs::read_link(process.path().join("cwd")).ok());
    cwd.filter(|cwd| cwd.starts_with(dir)).count()
}

/// Looked at again and again until it is so.
fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_server_simulates_what_the_command_line_does() {
    let (dir, write) = laid_out();
    expect_ok(&[
        "sim",
        "synth",
        "--config",
        text(&dir.path().join("town.toml")),
        "--requests",
        "40",
        "--out",
        &write("days.csv", ""),
    ]);
    let table = "requests = 40";
    let scenario = write("scenario.toml", &SCENARIO.replace(table, "csv = \"days.csv\"\nscale = 0.9"));
    let server = serve(dir.path());
    let days = text(&dir.path().join("days.csv")).to_owned();
    let tried = json(&server, &["start", &scenario, "--attach", &days, "--dry-run"]);
    assert_eq!((tried["state"].as_str(), tried["scenario_name"].as_str()), (Some("QUEUED"), Some("niue")));
    assert_eq!(says(&server, &["list"]), "", "only tried");

    let over = json(&server, &["start", &scenario, "--attach", &days, "--with-report", "--watch"]);
    assert_eq!((over["state"].as_str(), over["done_job_count"].as_i64()), (Some("SUCCEEDED"), Some(4)), "{over}");
    let name = over["name"].as_str().unwrap();
    let out = dir.path().join("out");
    says(&server, &["fetch", name, "--out", text(&out)]);
    let read = |path: &Path| std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let figures: serde_json::Value = serde_json::from_slice(&read(&out.join("figures.json"))).unwrap();

    let own = SCENARIO.replace(table, "csv = \"days.csv\"\nscale = 0.9") + "[town]\nconfig = \"town.toml\"\n";
    let (own, results) = (write("own.toml", &own), dir.path().join("results"));
    let here = last_json(&expect_ok(&["sim", "run", &own, "--results", text(&results), "--json", "-"]));
    assert_eq!(figures["journal_hash"], here["journal_hash"]);
    assert_eq!(figures["comparison"], here["comparison"]);
    assert_eq!(figures["faults"], 0);
    for file in ["jobs.csv", "days.csv", "jobs.parquet", "days.parquet", "results.json"] {
        assert_eq!(read(&out.join(file)), read(&results.join(file)), "{file}");
    }
    assert!(String::from_utf8(read(&out.join("report.html"))).unwrap().contains("patient"));
    let listed = says(&server, &["figures", name, "--json"]);
    let listed: Vec<serde_json::Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(listed.len(), 4, "two figures of two policies");
    assert_eq!(listed[0]["value"], here["comparison"]["points"][0]["policies"][0]["measures"][0]["value"]);
    assert_eq!(listed[2]["policy"], "patient");
    assert_eq!(json(&server, &["list", "--filter", "state = SUCCEEDED"])["name"], name);
    says(&server, &["delete", name]);
    assert_eq!(says(&server, &["list"]), "");
}

/// The area goes on while its own past is decided again, and what it records in the meantime is not part of it.
#[test]
fn an_areas_own_journal_is_simulated_while_it_is_written() {
    let (dir, write) = laid_out();
    let scenario = |more: &str| format!("name = \"again\"\n[demand]\njournal = \"own\"\n{more}");
    let own = write("own.toml", &scenario("[policy.as-is]\n[policy.less]\nvehicles = 0\n"));
    let server = serve(dir.path());
    let early = refuses(&server, &["start", &own]);
    assert!(early.contains("the journal areas/niue has no demand") && !early.contains(text(dir.path())), "{early}");

    let book = |from: &str| {
        expect_ok(&["book", "--from", from, "--to", "-19.0640,-169.9150", "--at", "12:00", "--server", &server.address])
    };
    book("-19.0540,-169.9187");
    let over = json(&server, &["start", &own, "--watch"]);
    assert_eq!(over["state"].as_str(), Some("SUCCEEDED"), "{over}");
    book("-19.0520,-169.9187");
    let name = over["name"].as_str().unwrap();
    let out = dir.path().join("out");
    says(&server, &["fetch", name, "--out", text(&out)]);
    let figures: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("figures.json")).unwrap()).unwrap();
    assert_eq!((figures["requests"].as_i64(), figures["faults"].as_i64()), (Some(1), Some(0)), "{figures}");

    let outside = write("outside.toml", &scenario("from = \"2020-01-01 10:00\"\n"));
    let told = refuses(&server, &["start", &outside]);
    assert!(told.contains("the journal areas/niue goes from 20"), "{told}");
    let named = write("named.toml", &scenario("").replace("own", text(&dir.path().join("journal"))));
    assert!(refuses(&server, &["start", &named]).contains("a server reads that of the area itself, write \"own\""));
    drop(server);

    // of several tenants it is nobody's own
    let town = std::fs::read_to_string(dir.path().join("town.toml")).unwrap();
    write("town.toml", &format!("{town}\n[[service]]\ntenant = \"avatele\"\nid = \"ride\"\n"));
    let server = serve(dir.path());
    let told = refuses(&server, &["start", &own, "--tenant", "tenants/alofi"]);
    assert!(told.contains("or it is of several tenants"), "{told}");
}

#[test]
fn what_is_wrong_with_a_scenario_is_told_as_at_the_command_line() {
    let (dir, write) = laid_out();
    let server = serve(dir.path());
    let wrong = write("wrong.toml", "name = \"x\"\nsede = 1\n[demand]\nrequests = 0\n");
    let (told, here) = (refuses(&server, &["start", &wrong]), expect_error(&["sim", "check", &wrong]));
    for part in ["line 2: unknown key `sede`", "line 4: `requests` is 0"] {
        assert!(told.contains(part) && here.contains(part), "{told}\n{here}");
    }
    assert!(told.contains("INVALID_FIELD"), "{told}");
    let machine = last_json(&expect_ok(&["sim", "check", &wrong, "--json"]));
    assert_eq!((machine["problems"][0]["line"].as_i64(), machine["problems"][1]["line"].as_i64()), (Some(2), Some(4)));
    // a file of the server is none of a caller's business, whatever is in it
    for (key, value) in [("csv", "/etc/passwd"), ("csv", "../town.toml"), ("csv", "../../../town.toml"), ("csv", "")] {
        let escape = write("escape.toml", &format!("name = \"x\"\n[demand]\n{key} = {value:?}\n"));
        let told = refuses(&server, &["start", &escape]);
        assert!(told.contains("line 3") && told.contains("is not attached"), "{told}");
    }
    let escape = write("escape.toml", "name = \"x\"\n[town]\nconfig = \"/etc/passwd\"\n");
    assert!(refuses(&server, &["start", &escape]).contains("line 3: `config` names a file"));
    let escape = write("escape.toml", "name = \"x\"\n[town]\narea = \"areas/tonga\"\n");
    assert!(refuses(&server, &["start", &escape]).contains("it is to be \"areas/niue\""));
    let empty = write("empty.toml", "name = \"x\"\n[demand]\ncsv = \"rows.csv\"\n");
    let rows = write("rows.csv", "no,table\n");
    let told = refuses(&server, &["start", &empty, "--attach", &rows]);
    assert!(told.contains("rows.csv") && !told.contains(text(dir.path())), "{told}");
    assert_eq!(says(&server, &["list"]), "");
    let right = write("right.toml", "name = \"x\"\n[demand]\nrequests = 4\n");
    assert!(expect_ok(&["sim", "check", &right]).starts_with("x: 1 jobs of 1 days"));
}

#[test]
fn no_child_outlives_its_server_and_another_server_goes_on() {
    let (dir, write) = laid_out();
    let many = SCENARIO.replace("replications = 2", "replications = 60");
    let scenario = write("many.toml", &many);
    let endless = write("endless.toml", &SCENARIO.replace("replications = 2", "replications = 100000"));
    let mut server = serve(dir.path());
    let name = json(&server, &["start", &scenario])["name"].as_str().unwrap().to_owned();
    let later = json(&server, &["start", &endless])["name"].as_str().unwrap().to_owned();
    let jobs = dir.path().join("simulations").join(name.rsplit('/').next().unwrap()).join("results/jobs");
    let done = || std::fs::read_dir(&jobs).map_or(0, Iterator::count);
    wait_for("some jobs are done", || 3 < done());
    assert_eq!(at_work(&dir.path().join("simulations")), 1);
    server.child.kill().unwrap(); // which is kill -9
    server.child.wait().unwrap();
    wait_for("the child follows its server", || at_work(&dir.path().join("simulations")) == 0);
    let before = done();
    assert!(before < 120, "it was under way");

    let server = serve(dir.path());
    let over = json(&server, &["watch", &name]);
    assert_eq!((over["state"].as_str(), over["done_job_count"].as_i64()), (Some("SUCCEEDED"), Some(120)), "{over}");
    let out = dir.path().join("out");
    says(&server, &["fetch", &name, "--out", text(&out), "--file", "figures.json"]);
    let figures: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("figures.json")).unwrap()).unwrap();
    let own = write("own.toml", &(many + "[town]\nconfig = \"town.toml\"\n"));
    let here = last_json(&expect_ok(&["sim", "run", &own, "--json", "-"]));
    assert_eq!((&figures["journal_hash"], &figures["comparison"]), (&here["journal_hash"], &here["comparison"]));

    wait_for("the next has begun", || json(&server, &["show", &later])["state"] == "STATE_RUNNING");
    assert_eq!(json(&server, &["cancel", &later])["state"], "STATE_CANCELLED");
    assert_eq!(at_work(&dir.path().join("simulations")), 0);

    // told to stop, a server ends its child and writes down that it goes on
    let last = json(&server, &["start", &endless])["name"].as_str().unwrap().to_owned();
    wait_for("it has begun", || json(&server, &["show", &last])["state"] == "STATE_RUNNING");
    let mut server = server;
    let id = server.child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(server.child.wait().unwrap().success());
    assert_eq!(at_work(&dir.path().join("simulations")), 0);
    let record = dir.path().join("simulations").join(last.rsplit('/').next().unwrap()).join("record.json");
    assert!(std::fs::read_to_string(record).unwrap().contains("\"standing\": \"queued\""));
}
