//! The page of a comparison: the same for the same results, and drawn by a real browser in both languages.

#[path = "report/browser.rs"]
mod browser;
mod city;
mod niue;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use browser::Browser;
use mukae_sim::batch::{self, Batch, Done, Job};
use mukae_sim::report;
use mukae_sim::scenario::Scenario;

fn run(text: &str) -> (Batch, Vec<Done>) {
    let batch = Batch::prepare(Scenario::parse(text, Path::new("")).unwrap(), niue::stage()).unwrap();
    let jobs: Vec<&Job> = batch.jobs.iter().collect();
    let done = batch::run(&batch, &jobs, 2, None, &AtomicBool::new(false), &mut |_| {}).unwrap();
    (batch, done.into_iter().map(|done| done.unwrap()).collect())
}

const SWEEP: &str = r#"
name = "How many cars? </script>"
replications = 2
[demand]
requests = 90
days = "2026-11-24..2026-11-29"
[policy.as-is]
[policy.twin]
[sweep]
vehicles = [3, 1, 2]
[cost]
yen_per_km = 30
yen_per_driver_hour = 1500
[report]
kpis = ["wait_gini", "served_percent"]
"#;

#[test]
fn the_same_results_give_the_same_page() {
    let ((batch, done), (again, redone)) = (run(SWEEP), run(SWEEP));
    let page = report::comparison(&batch, &done, "Niue");
    assert!(page == report::comparison(&again, &redone, "Niue"));
    assert!(page.len() < 600_000, "{} bytes", page.len());
    assert!(
        !page.contains("https://") && page.matches("http://").count() == page.matches("http://www.w3.org/").count()
    );
}

/// As a council member would: read the decision, press a mark, look at another way, change the language.
#[test]
fn a_browser_draws_the_comparison() {
    let (batch, done) = run(SWEEP);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("comparison.html");
    std::fs::write(&file, report::comparison(&batch, &done, "ニウエ")).unwrap();
    let mut browser = Browser::open(1280, 900);
    browser.visit(&file);

    assert_eq!(browser.value("document.documentElement.lang"), "ja");
    assert!(browser.text("#title").contains("How many cars? </script>"));
    assert!(browser.text("#lead").contains("車 3 台"), "the baseline is the first point");
    assert!(browser.text("#decision").contains("ほかのどれにも負けていない"));
    assert_eq!(browser.value("document.querySelectorAll('#verdicts .card').length"), 5);
    let twin = browser.text("#verdicts [data-choice='1']");
    assert!(twin.contains("違いがあるとはいえません") && twin.contains("区別できない"), "{twin}");
    let one_car = browser.text("#verdicts [data-choice='2']");
    assert!(one_car.contains("良くなる点と悪くなる点があります") && one_car.contains("低い"), "{one_car}");
    assert_eq!(browser.value("document.querySelectorAll('#overview tbody tr').length"), 6);
    let served = done[4].total.served + done[5].total.served;
    let share = 100.0 * served as f64 / (done[4].total.requests + done[5].total.requests) as f64;
    let row = browser.text("#overview tbody tr:nth-child(3)");
    assert!(row.contains(&format!("{share:.1} %")) && row.contains('['), "{row}");
    assert_eq!(browser.value("document.querySelectorAll('#pareto g.choice').length"), 12);
    assert_eq!(browser.value("document.querySelectorAll('#closer figure').length"), 4);

    // a mark opens its way
    let shown = browser.text("#days h3");
    browser.click("#pareto g[data-choice='4']");
    let other = browser.text("#days h3");
    assert!(shown != other && other.contains("車 2 台"), "{shown} {other}");
    browser.value("document.getElementById('choice').focus()");
    for _ in 0..2 {
        browser.press("ArrowUp", "ArrowUp", "");
    }
    assert!(browser.text("#days h3").contains("車 1 台"), "the list of ways is turned by keys, too");
    assert!(browser.value("document.querySelectorAll('#part_hamlets svg rect').length").as_u64().unwrap() > 4);
    assert!(browser.value("document.querySelectorAll('#figures [data-figure=wait_gini]').length") == 6);

    browser.click("[data-language=en]");
    assert_eq!(browser.value("document.documentElement.lang"), "en");
    let japanese = "[...document.querySelector('main').innerText.matchAll(/[\\u3040-\\u30ff]+/g)].map(String).join()";
    assert_eq!(browser.value(japanese), "", "kana is left in the English page");
    let undone = "[...document.body.innerText.matchAll(/undefined|NaN|null|\\{\\d\\}/g)].map(String).join()";
    assert_eq!(browser.value(undone), "");
    assert_eq!(browser.complaints, Vec::<String>::new());
    let ours = |url: &String| url.starts_with("file://") || url.starts_with("data:");
    assert!(browser.requests.iter().all(ours), "{:?}", browser.requests);
}

/// One way, one day, nobody who asks in the night: nothing to compare, and still a page.
#[test]
fn a_page_of_one_way_stands_alone() {
    let (batch, done) = run("name = \"alone\"\n[demand]\nrequests = 3\n");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("comparison.html");
    std::fs::write(&file, report::comparison(&batch, &done, "Niue")).unwrap();
    let mut browser = Browser::open(1280, 900);
    browser.visit(&file);
    assert!(browser.text("#decision").contains("やり方は一つだけ"));
    assert!(browser.text("#hamlets").contains("人数が少なく"));
    let undone = "[...document.body.innerText.matchAll(/undefined|NaN|null|\\{\\d\\}/g)].map(String).join()";
    assert_eq!(browser.value(undone), "");
    assert_eq!(browser.complaints, Vec::<String>::new());
}
