//! `mukae map info`: what a prepared map holds and what it was made from.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use mukae_maps::PreparedMap;
use serde_json::Value;

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
    let corners = [meta.bounds.south_west, meta.bounds.north_east];
    vec![
        ("source", meta.source.clone().into()),
        ("source_blake3", meta.source_digest.clone().into()),
        ("program", meta.program.clone().into()),
        ("as_of", as_of.map(|as_of| as_of.to_string()).into()),
        ("profile", meta.profile.clone().into()),
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
        ("up_edges", map.hierarchy().up_edge_count().into()),
        ("metrics", map.metrics().metrics().iter().map(|metric| metric.name.as_str()).collect::<Vec<_>>().into()),
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
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            number => number.to_string(),
        };
        writeln!(text, "{key:>24}  {value}").expect("writing to a string never fails");
    }
    text
}
