//! A scenario from its text: every key, its range, and what goes together.

use std::ops::RangeInclusive;

use jiff::civil::Date;
use mukae_config::{Item, Page, Problem, Table};
use mukae_units::Span;

use super::files::TownFiles;
use super::hours::Hours;
use super::{Carrier, Cost, Demand, Files, Knob, Policy, Rules, Scenario, Source, behaviour, report, trouble};
use crate::demand::synthetic::{Amount, Parameters, Volume};
use crate::past::{Repeats, Start};
use crate::trouble::Trouble;

const REPLICATIONS_MAX: i64 = 100_000;
const REQUESTS_MAX: i64 = 1_000_000;
/// Thousandths.
const SCALES: std::ops::RangeInclusive<i64> = 1..=100_000;
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
    let town_files = files.town(&mut file);
    let (demand, amount_line) = demand(file.table("demand"), files, &town_files);
    let TownFiles { config: town, places, homes, .. } = town_files;
    if !matches!(demand.source, Source::Synthetic { .. }) && (places.is_some() || homes.is_some()) {
        let what = "`places` and `homes` of [town] are for synthetic demand, and [demand] names a table or a journal; \
                    leave one of them out";
        file.note(what.to_owned());
    }
    let mut supplied = Rules::default();
    let mut announce_ahead = Span::DAY * 14;
    if let Some(mut supply) = file.table("supply") {
        supplied = rules(&mut supply, &[Knob::Vehicles, Knob::Volunteers]);
        let ahead = supply.take("announce_ahead").and_then(|item| item.span(Span::ZERO..=Span::DAY * 400));
        announce_ahead = ahead.unwrap_or(announce_ahead);
        supply.close();
    }
    let behaviour = file.table("behaviour").map(behaviour::read).unwrap_or_default();
    let trouble = file.table("trouble").map(|table| trouble::read(table, files)).unwrap_or_default();
    let policies = policies(file.table("policy"), &supplied);
    let sweep = file.table("sweep").map(|table| sweep(table, &demand.source, amount_line)).unwrap_or_default();
    let jobs = sweep.iter().map(|(_, values)| values.len()).chain([policies.len(), replications as usize]);
    if jobs.fold(1, usize::saturating_mul) > JOBS_MAX {
        file.note(format!("these are more than {JOBS_MAX} runs: policies times replications times all that is swept"));
    }
    let cost = file.table("cost").map(Cost::read);
    let report = report::read(file.table("report"), files, &policies, &sweep, cost.is_some());
    let is_drawn = matches!(demand.source, Source::Synthetic { .. });
    let is_alike = !is_drawn && demand.scale == 1000 && behaviour.is_off() && !trouble.is_drawn();
    if let (true, true, Some(item)) = (is_alike, 1 < replications, replicated) {
        let what = "replications of a table or a journal without `scale` and with all `[behaviour]` off are all the \
                    same; leave `replications` out";
        item.note(what.to_owned());
    }
    if let (Source::Journal { .. }, false) = (&demand.source, trouble == Trouble::default()) {
        file.note("`[trouble]` is for tables and synthetic demand; a journal has its own roads".to_owned());
    }
    let begins_on_the_way = matches!(demand.source, Source::Journal { from: Some(_), .. });
    if begins_on_the_way && policies.iter().any(|policy| policy.rules.has_hours()) {
        let what = "`shifts` changes hours of work, and with `from` the run begins when vehicles are at work already; \
                    leave one of them out";
        file.note(what.to_owned());
    }
    file.close();
    Scenario {
        name,
        seed,
        replications,
        town,
        places,
        homes,
        demand,
        announce_ahead,
        is_audited,
        behaviour,
        trouble,
        policies,
        sweep,
        cost,
        report,
    }
}

/// And the line on which the volume is fixed, if it is.
fn demand(table: Option<Table<'_>>, files: &Files, town: &TownFiles) -> (Demand, Option<usize>) {
    let (mut amount, mut parameters) = (Amount::Volume(Volume::Mid), Parameters::default());
    let mut demand =
        Demand { source: Source::Synthetic { amount, parameters: Box::default() }, days: None, scale: 1000 };
    let Some(mut table) = table else { return (demand, None) };
    let path = |item: &Item<'_>| files.named(item);
    let (csv, parquet, journal) = (table.take("csv"), table.take("parquet"), table.take("journal"));
    let (requests, volume, synthetic) = (table.take("requests"), table.take("volume"), table.take("synthetic"));
    let (repeats, scale, from) = (table.take("repeats"), table.take("scale"), table.take("from"));
    if let (Some(requests), Some(_)) = (&requests, &volume) {
        requests.note("`requests` and `volume` both say how much demand there is; leave one of them out".to_owned());
    }
    let drawn = [(&requests, "requests"), (&volume, "volume"), (&synthetic, "synthetic")];
    let read = [(&csv, "csv"), (&parquet, "parquet"), (&journal, "journal")];
    let first = read.iter().find(|(item, _)| item.is_some()).map(|(_, key)| *key);
    for (item, key) in read.into_iter().chain(drawn).filter_map(|(item, key)| Some((item.as_ref()?, key))) {
        if let Some(first) = first.filter(|first| *first != key) {
            item.note(format!("demand comes from `{first}` and from `{key}`; leave one of them out"));
        }
    }
    let amount_line = requests.as_ref().or(volume.as_ref()).map(Item::line);
    if let Some(requests) = requests.as_ref().and_then(|item| item.whole(1..=REQUESTS_MAX)) {
        amount = Amount::Requests(requests as usize);
    }
    if let Some(volume) = volume.as_ref().and_then(|item| item.word(&Volume::WORDS)) {
        amount = Amount::Volume(volume);
    }
    if let Some(table) = synthetic.and_then(Item::table) {
        parameters = parameters.read(table);
    }
    let repeated = repeats.as_ref().and_then(|item| {
        let words = [("merge", Repeats::Merged), ("keep", Repeats::Kept)];
        item.word(&words)
    });
    let start = from.as_ref().and_then(|item| {
        let wrong = |wrong| item.note(format!("`from` is {wrong}"));
        Start::parse(&item.text()?).map_err(wrong).ok()
    });
    demand.source = if let Some(file) = csv.as_ref().and_then(path) {
        Source::Table { file, carrier: Carrier::Csv }
    } else if let Some(file) = parquet.as_ref().and_then(path) {
        Source::Table { file, carrier: Carrier::Parquet }
    } else if let Some(journal) = journal.as_ref().and_then(|item| files.journal(item, town)) {
        Source::Journal { journal, repeats: repeated.unwrap_or_default(), from: start }
    } else {
        Source::Synthetic { amount, parameters: Box::new(parameters) }
    };
    let is_journal = matches!(demand.source, Source::Journal { .. });
    if let (Some(item), false) = (&repeats, is_journal) {
        item.note("`repeats` is about quotes of a journal; say which one with `journal`".to_owned());
    }
    if let (Some(item), false) = (&from, is_journal) {
        item.note("`from` is a moment of a journal; say which one with `journal`".to_owned());
    }
    demand.scale = scale.as_ref().and_then(|item| item.thousandths(SCALES)).unwrap_or(1000);
    if let (Some(item), true, true) = (&scale, is_journal, demand.scale != 1000) {
        item.note("`scale` is for tables and synthetic demand; who asked in a journal did so once".to_owned());
    }
    demand.days = table.take("days").and_then(|item| days(&item));
    table.close();
    (demand, amount_line)
}

fn days(item: &Item<'_>) -> Option<RangeInclusive<Date>> {
    days_of(&item.text()?).map_err(|wrong| item.note(format!("`days` is {wrong}"))).ok()
}

/// `2026-04-01..2027-03-31`, or one date; or what is wrong with it.
pub fn days_of(text: &str) -> Result<RangeInclusive<Date>, String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let dates: Result<(Date, Date), _> = first.trim().parse().and_then(|first| Ok((first, last.trim().parse()?)));
    match dates {
        Ok((first, last)) if first <= last => match (last - first).get_days() {
            length if DAYS_MAX < length => Err(format!("{text:?}, {length} days; at most {DAYS_MAX} are allowed")),
            _ => Ok(first..=last),
        },
        Ok(_) => Err(format!("{text:?} and ends before it begins")),
        Err(_) => Err(format!("{text:?}; write \"2026-04-01..2027-03-31\", or one date")),
    }
}

fn rules(table: &mut Table<'_>, knobs: &[Knob]) -> Rules {
    let mut rules = Rules::default();
    for &knob in knobs {
        if let Some(value) = table.take(knob.key()).and_then(|item| knob.read(&item)) {
            rules = rules.with(knob, value);
        }
    }
    let hours = table.take("shifts").and_then(|item| Hours::read(&item));
    rules.at_hours(hours)
}

fn policies(table: Option<Table<'_>>, supplied: &Rules) -> Vec<Policy> {
    let mut policies = Vec::new();
    for (name, item) in table.map(Table::named).unwrap_or_default() {
        let Some(mut table) = item.table() else { continue };
        if let Some(preset) = table.take("preset") {
            preset.word(&[("reactive", ())]);
        }
        policies.push(Policy { rules: supplied.and(&rules(&mut table, &Knob::OF_POLICIES)), name });
        table.close();
    }
    if policies.is_empty() {
        policies.push(Policy { name: "reactive".to_owned(), rules: supplied.clone() });
    }
    policies
}

fn sweep(mut table: Table<'_>, source: &Source, amount_line: Option<usize>) -> Vec<(Knob, Vec<i64>)> {
    let mut sweep = Vec::new();
    for knob in Knob::all() {
        let Some(item) = table.take(knob.key()) else { continue };
        let Some(list) = item.list() else { continue };
        let values: Vec<i64> = list.iter().filter_map(|item| knob.read(item)).collect();
        if knob == Knob::Volume {
            match (source, amount_line) {
                (Source::Table { .. }, _) => {
                    item.note("`volume` is of synthetic demand; a table has `scale`".to_owned())
                }
                (_, Some(line)) => item.note(format!("`volume` is swept, and fixed on line {line}; leave that out")),
                (_, None) => {}
            }
        }
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
