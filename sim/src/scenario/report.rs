//! `[report]`: what is compared with what, by which figures, and for which parts of the town.

use mukae_config::Table;
use mukae_units::Metres;

use super::{Files, Knob, NamedHamlets, Policy, Report, Rules, points};
use crate::compare::Measure;

/// Thousandths.
const CONFIDENCES: std::ops::RangeInclusive<i64> = 500..=999;
const CONFIDENCE: i64 = 950;
/// Metres: who lives farther from a hamlet belongs to none.
const HAMLET_LIMIT: i64 = 3000;
const HAMLET_LIMITS: std::ops::RangeInclusive<i64> = 1..=100_000;

pub(super) fn read(
    table: Option<Table<'_>>,
    files: &Files,
    policies: &[Policy],
    sweep: &[(Knob, Vec<i64>)],
    has_cost: bool,
) -> Report {
    let shipped = Measure::ALL.iter().filter(|measure| measure.is_shipped && (has_cost || !measure.needs_cost));
    let mut report = Report {
        baseline: 0,
        baseline_point: 0,
        measures: shipped.collect(),
        confidence: CONFIDENCE,
        block_days: 1,
        hamlets: None,
    };
    let Some(mut table) = table else { return report };
    if let Some(item) = table.take("baseline")
        && let Some(name) = item.text()
    {
        match policies.iter().position(|policy| policy.name == name) {
            Some(index) => report.baseline = index,
            None => {
                let known: Vec<&str> = policies.iter().map(|policy| policy.name.as_str()).collect();
                item.note(format!("there is no [policy.{name}]; there are: {}", known.join(", ")));
            }
        }
    }
    if let Some(chosen) = table.table("baseline_point") {
        report.baseline_point = baseline_point(chosen, sweep);
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
    let limit = table.take("hamlet_limit_m").and_then(|item| item.whole(HAMLET_LIMITS)).unwrap_or(HAMLET_LIMIT);
    report.hamlets = table
        .take("hamlets")
        .and_then(|item| files.named(&item))
        .map(|file| NamedHamlets { file, limit: Metres::from_metres(limit as u64) });
    table.close();
    report
}

/// The point of these values; of what is not said, the first value that is swept.
fn baseline_point(mut table: Table<'_>, sweep: &[(Knob, Vec<i64>)]) -> usize {
    let mut chosen = Rules::default();
    for (knob, values) in sweep {
        let first = values.first().copied().unwrap_or_default();
        let value = match table.take(knob.key()) {
            None => first,
            Some(item) => match knob.read(&item) {
                Some(value) if values.contains(&value) => value,
                Some(value) => {
                    let swept: Vec<String> = values.iter().map(|&value| knob.text(value)).collect();
                    let (key, value) = (knob.key(), knob.text(value));
                    item.note(format!("`{key}` is {value}, which is not swept; it is one of: {}", swept.join(", ")));
                    first
                }
                None => first,
            },
        };
        chosen = chosen.with(*knob, value);
    }
    table.close();
    points(sweep).iter().position(|point| *point == chosen).unwrap_or(0)
}
