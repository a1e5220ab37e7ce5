//! `mukae map info`: what a prepared map holds and what it was made from.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use mukae_maps::{LABEL_BYTES_MAX, Metric, PreparedMap, Tree};
use serde_json::{Value, json};

use super::{rounded, words};
use crate::output::say;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A prepared map
    map: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let map = words::open(&args.map)?;
    map.verify().with_context(|| args.map.display().to_string())?;
    let facts = facts(&map, words::bytes_of(&args.map)?);
    if args.json {
        return say(&format!("{}\n", Value::from_iter(facts)));
    }
    say(&text(&args.map, facts))
}

/// What a person or a program may want to know of a map, in the order to read it.
fn facts(map: &PreparedMap, bytes: u64) -> Vec<(&'static str, Value)> {
    let (graph, meta) = (map.graph(), map.meta());
    let as_of = meta.as_of.and_then(|secs| jiff::Timestamp::from_second(secs).ok());
    let (hierarchy, label_bytes) = (map.hierarchy(), Tree::new(map.hierarchy()).label_bytes());
    let corners = [meta.bounds.south_west, meta.bounds.north_east];
    vec![
        ("source", meta.source.clone().into()),
        ("source_blake3", meta.source_digest.clone().into()),
        ("program", meta.program.clone().into()),
        ("as_of", as_of.map(|as_of| as_of.to_string()).into()),
        ("profile", meta.profile.clone().into()),
        ("profile_guessed", meta.is_profile_guessed.into()),
        ("profile_blake3", meta.profile_digest.clone().into()),
        ("through_destination_only_s", (graph.through_price().as_millis() / 1000).into()),
        ("driving_side", meta.driving_side.to_string().into()),
        ("south_west", corners[0].to_string().into()),
        ("north_east", corners[1].to_string().into()),
        ("nodes", graph.node_count().into()),
        ("edges", graph.edge_count().into()),
        ("km", rounded(graph.road_length().as_km(), 3).into()),
        ("largest_component_share", rounded(graph.largest_component_share(), 4).into()),
        ("turn_restrictions", meta.turn_restrictions.into()),
        ("turn_restrictions_kept", meta.turn_restrictions_kept.into()),
        ("split_junctions", hierarchy.turns().split_count().into()),
        ("copied_edges", hierarchy.turns().copy_count().into()),
        ("up_edges", hierarchy.up_edge_count().into()),
        ("label_bytes", label_bytes.into()),
        ("labels_used", (label_bytes <= LABEL_BYTES_MAX).into()),
        ("metrics", map.metrics().metrics().iter().map(metric_json).collect::<Vec<Value>>().into()),
        ("bytes", bytes.into()),
        ("checksum", format!("{:016x}", map.checksum()).into()),
        ("credit", map.credit().into()),
    ]
}

fn text(path: &Path, facts: Vec<(&'static str, Value)>) -> String {
    let mut text = format!("{}\n", path.display());
    for (key, value) in facts {
        let value = match value {
            Value::Null => "not known".to_owned(),
            Value::Bool(is_so) => if is_so { "yes" } else { "no" }.to_owned(),
            Value::String(value) => value,
            Value::Array(metrics) => {
                let lines: Vec<String> = metrics.iter().enumerate().map(metric_text).collect();
                lines.join(&format!("\n{:>24}  ", ""))
            }
            number => number.to_string(),
        };
        writeln!(text, "{key:>24}  {value}").expect("writing to a string never fails");
    }
    text
}

fn metric_json(metric: &Metric) -> Value {
    let condition = metric.condition;
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let (from, until) = condition.minutes();
    json!({
        "name": metric.name,
        "days": condition.days().collect::<Vec<_>>(),
        "from": clock(from),
        "until": clock(until),
        "snow": condition.snow(),
        "spread_permille": metric.spread_permille,
    })
}

/// From the facts of a metric; the first is the base.
fn metric_text((index, metric): (usize, &Value)) -> String {
    let text = |key: &str| metric[key].as_str().unwrap_or_default();
    let days: Vec<&str> = metric["days"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let (from, until) = (text("from"), text("until"));
    let mut when = Vec::new();
    if days.len() < 7 {
        when.push(days.join(" "));
    }
    if (from, until) != ("00:00", "24:00") {
        when.push(format!("{from} to {until}"));
    }
    if metric["snow"] != 0 {
        when.push(format!("from snow class {} on", metric["snow"]));
    }
    let when = match (index, when.is_empty()) {
        (0, _) => "when no other holds".to_owned(),
        (_, true) => "always".to_owned(),
        (_, false) => when.join(", "),
    };
    format!("{}: {when}; times scatter by {} permille", text("name"), metric["spread_permille"])
}
