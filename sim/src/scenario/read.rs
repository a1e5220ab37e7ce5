//! A scenario from its text: every key, its range, and what goes together.

use jiff::civil::Date;
use mukae_config::{Item, Page, Problem, Table};
use mukae_units::Span;

use super::{Cost, Demand, Files, Knob, Policy, Report, Rules, Scenario, Source, behaviour};
use crate::behaviour::Behaviour;
use crate::compare::Measure;

const REPLICATIONS_MAX: i64 = 100_000;
const REQUESTS_MAX: i64 = 1_000_000;
/// Requests of a synthetic day unless it is said, as of `mukae sim run` alone.
const REQUESTS: usize = 220;
/// Thousandths.
const SCALES: std::ops::RangeInclusive<i64> = 1..=100_000;
const CONFIDENCES: std::ops::RangeInclusive<i64> = 500..=999;
const CONFIDENCE: i64 = 950;
const DAYS_MAX: i32 = 3_700;
/// Runs of one scenario: every policy at every point, as often as it says.
const JOBS_MAX: usize = 1_000_000;

pub(super) fn read(text: &str, files: &Files) -> Result<Scenario, Vec<Problem>> {
    let page = Page::new(text);
    let scenario = scenario(page.table(), files);
    let problems = page.into_problems();
    if problems.is_empty() { Ok(scenario) } else { Err(problems) }
}

fn scenario(mut file: Table<'_>, files: &Files) -> Scenario {
    let name = match file.take("name") {
        Some(item) => item.text().unwrap_or_default(),
        None => {
            file.note("`name` is missing; it says what the results are of".to_owned());
            String::new()
        }
    };
    let seed = file.take("seed").and_then(|item| item.whole(0..=i64::MAX)).map_or(1, |seed| seed as u64);
    let replicated = file.take("replications");
    let replications = replicated.as_ref().and_then(|item| item.whole(1..=REPLICATIONS_MAX)).unwrap_or(1) as u32;
    let is_audited = file.take("audit").and_then(|item| item.flag()).unwrap_or(true);
    let town = files.town(&mut file);
    let demand = demand(file.table("demand"), files);
    let mut supplied = Rules::default();
    let mut announce_ahead = Span::DAY * 14;
    if let Some(mut supply) = file.table("supply") {
        supplied = rules(&mut supply, &[Knob::Vehicles]);
        let ahead = supply.take("announce_ahead").and_then(|item| item.span(Span::ZERO..=Span::DAY * 400));
        announce_ahead = ahead.unwrap_or(announce_ahead);
        supply.close();
    }
    let behaviour = file.table("behaviour").map(behaviour::read).unwrap_or_default();
    let policies = policies(file.table("policy"), &supplied);
    let sweep = file.table("sweep").map(sweep).unwrap_or_default();
    let jobs = sweep.iter().map(|(_, values)| values.len()).chain([policies.len(), replications as usize]);
    if jobs.fold(1, usize::saturating_mul) > JOBS_MAX {
        file.note(format!("these are more than {JOBS_MAX} runs: policies times replications times all that is swept"));
    }
    let cost = file.table("cost").map(Cost::read);
    let report = report(file.table("report"), &policies, cost.is_some());
    let is_alike =
        matches!(demand.source, Source::Table { .. }) && demand.scale == 1000 && behaviour == Behaviour::default();
    if let (true, true, Some(item)) = (is_alike, 1 < replications, replicated) {
        let what = "replications of a table without `scale` and with all `[behaviour]` off are all the same; \
                    leave `replications` out";
        item.note(what.to_owned());
    }
    file.close();
    Scenario {
        name,
        seed,
        replications,
        town,
        demand,
        announce_ahead,
        is_audited,
        behaviour,
        policies,
        sweep,
        cost,
        report,
    }
}

fn demand(table: Option<Table<'_>>, files: &Files) -> Demand {
    let mut demand = Demand { source: Source::Synthetic { requests: REQUESTS }, days: None, scale: 1000 };
    let Some(mut table) = table else { return demand };
    let csv = table.take("csv");
    let requests = table.take("requests");
    match (csv, &requests) {
        (Some(_), Some(requests)) => {
            requests
                .note("`requests` is for synthetic demand and `csv` names a table; leave one of them out".to_owned());
        }
        (Some(csv), None) => {
            if let Some(file) = files.named(&csv) {
                demand.source = Source::Table { file };
            }
        }
        (None, Some(requests)) => {
            if let Some(requests) = requests.whole(1..=REQUESTS_MAX) {
                demand.source = Source::Synthetic { requests: requests as usize };
            }
        }
        (None, None) => {}
    }
    demand.scale = table.take("scale").and_then(|item| item.thousandths(SCALES)).unwrap_or(1000);
    demand.days = table.take("days").and_then(|item| days(&item));
    table.close();
    demand
}

/// `2026-04-01..2027-03-31`, or one date.
fn days(item: &Item<'_>) -> Option<std::ops::RangeInclusive<Date>> {
    let text = item.text()?;
    let (first, last) = text.split_once("..").unwrap_or((&text, &text));
    let dates: Result<(Date, Date), _> = first.trim().parse().and_then(|first| Ok((first, last.trim().parse()?)));
    match dates {
        Ok((first, last)) if first <= last => {
            let length = (last - first).get_days();
            if DAYS_MAX < length {
                item.note(format!("`days` is {text:?}, {length} days; at most {DAYS_MAX} are allowed"));
                return None;
            }
            Some(first..=last)
        }
        Ok(_) => {
            item.note(format!("`days` is {text:?} and ends before it begins"));
            None
        }
        Err(_) => {
            item.note(format!("`days` is {text:?}; write \"2026-04-01..2027-03-31\", or one date"));
            None
        }
    }
}

fn rules(table: &mut Table<'_>, knobs: &[Knob]) -> Rules {
    let mut rules = Rules::default();
    for &knob in knobs {
        if let Some(value) = table.take(knob.key()).and_then(|item| knob.read(&item)) {
            rules = rules.with(knob, value);
        }
    }
    rules
}

fn policies(table: Option<Table<'_>>, supplied: &Rules) -> Vec<Policy> {
    let mut policies = Vec::new();
    for (name, item) in table.map(Table::named).unwrap_or_default() {
        let Some(mut table) = item.table() else { continue };
        if let Some(preset) = table.take("preset") {
            preset.word(&[("reactive", ())]);
        }
        policies.push(Policy { rules: supplied.and(&rules(&mut table, &Knob::ALL)), name });
        table.close();
    }
    if policies.is_empty() {
        policies.push(Policy { name: "reactive".to_owned(), rules: supplied.clone() });
    }
    policies
}

fn sweep(mut table: Table<'_>) -> Vec<(Knob, Vec<i64>)> {
    let mut sweep = Vec::new();
    for knob in Knob::ALL {
        let Some(item) = table.take(knob.key()) else { continue };
        let Some(list) = item.list() else { continue };
        let values: Vec<i64> = list.iter().filter_map(|item| knob.read(item)).collect();
        if list.is_empty() {
            item.note(format!("`{}` has no values to go through", knob.key()));
        }
        if values.iter().enumerate().any(|(n, value)| values[..n].contains(value)) {
            item.note(format!("`{}` has a value twice", knob.key()));
        }
        sweep.push((knob, values));
    }
    table.close();
    sweep
}

fn report(table: Option<Table<'_>>, policies: &[Policy], has_cost: bool) -> Report {
    let shipped = Measure::ALL.iter().filter(|measure| measure.is_shipped && (has_cost || !measure.needs_cost));
    let mut report = Report { baseline: 0, measures: shipped.collect(), confidence: CONFIDENCE, block_days: 1 };
    let Some(mut table) = table else { return report };
    if let Some(item) = table.take("baseline") {
        let names: Vec<(&str, usize)> =
            policies.iter().enumerate().map(|(n, policy)| (policy.name.as_str(), n)).collect();
        if let Some(name) = item.text() {
            match names.iter().find(|(known, _)| *known == name) {
                Some((_, index)) => report.baseline = *index,
                None => {
                    let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
                    item.note(format!("there is no [policy.{name}]; there are: {}", known.join(", ")));
                }
            }
        }
    }
    if let Some(list) = table.take("kpis").and_then(|item| item.list()) {
        let words: Vec<(&'static str, &'static Measure)> =
            Measure::ALL.iter().map(|measure| (measure.name, measure)).collect();
        report.measures.clear();
        for item in list {
            let Some(measure) = item.word(&words) else { continue };
            if measure.needs_cost && !has_cost {
                item.note(format!("`{}` needs prices; write a table `[cost]`", measure.name));
            }
            report.measures.push(measure);
        }
    }
    let confidence = table.take("ci").and_then(|item| item.thousandths(CONFIDENCES));
    report.confidence = confidence.unwrap_or(CONFIDENCE);
    report.block_days = table.take("block_days").and_then(|item| item.whole(1..=366)).unwrap_or(1) as usize;
    table.close();
    report
}
