//! `mukae map overlay`: what a file of closures and slow roads does to a map, and what it costs to put it into service.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use mukae_maps::overlay::{Effect, Measure, Overlay};
use mukae_maps::{EdgeId, LiveRoads, PreparedMap, RoadGraph};
use mukae_units::{Metres, Time};
use serde_json::{Value, json};

use super::conditions::{self, Moment};
use super::feature::{self, FeatureWriter};
use super::{rounded, words};
use crate::output::{Output, say};
use crate::progress::while_busy;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A prepared map
    map: PathBuf,
    /// The overlay: see docs/overlay.md
    overlay: PathBuf,
    /// At what moment, such as 2026-11-22T08:00+09:00; without it, now
    #[arg(long, value_name = "TIME", value_parser = conditions::moment)]
    at: Option<Moment>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Also write the roads of all measures to this file as GeoJSON
    #[arg(long, value_name = "FILE")]
    geojson: Option<PathBuf>,
}

/// What was read, and what came of it.
struct Findings<'a> {
    map: &'a PreparedMap,
    overlay: &'a Overlay,
    at: Timestamp,
    /// In which to tell times.
    zone: TimeZone,
    service: Service,
}

/// The weights of the moment put into service.
struct Service {
    took: Duration,
    /// How many labels changed, of how many; `None` if the map has none.
    labels: Option<(usize, usize)>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let map = words::open(&args.map)?;
    let (at, zone) = conditions::moment_or_now(args.at.as_ref())?;
    let overlay = while_busy("looking for roads", || conditions::open_overlay(&map, &args.overlay))?;
    let service = while_busy("preparing travel times", || publish(&map, &overlay, conditions::time(at)));
    let findings = Findings { map: &map, overlay: &overlay, at, zone, service };
    if let Some(file) = &args.geojson {
        write_geojson(&findings, Output::file(file)?)?;
    }
    say(&if args.json { format!("{}\n", as_json(&findings)) } else { as_text(args, &findings) })
}

/// As a service would that runs on the map's own weights.
fn publish(map: &PreparedMap, overlay: &Overlay, now: Time) -> Service {
    let roads = LiveRoads::new(map);
    let since = Instant::now();
    let changes = roads.publish(&overlay.weights_at(map.graph(), map.graph().weights(), now));
    let took = since.elapsed();
    let all = changes.after().labels().map(|labels| 2 * labels.tree().rank_count());
    Service { took, labels: changes.label_count().zip(all) }
}

/// The edges of a measure, one for each stretch of road.
fn stretches(graph: &RoadGraph, measure: &Measure) -> Vec<EdgeId> {
    let is_first = |&edge: &EdgeId| {
        let twin = graph.twin(edge).filter(|&twin| twin < edge);
        twin.is_none_or(|twin| measure.edges.binary_search(&twin).is_err())
    };
    measure.edges.iter().copied().filter(is_first).collect()
}

/// The roads of a measure by name, or by class in brackets, the longest first.
fn roads(graph: &RoadGraph, stretches: &[EdgeId]) -> Vec<(String, Metres)> {
    let mut roads: BTreeMap<String, Metres> = BTreeMap::new();
    for &edge in stretches {
        let name = match graph.name(edge) {
            "" => format!("({})", graph.way(edge).class.name()),
            name => name.to_owned(),
        };
        *roads.entry(name).or_insert(Metres::ZERO) += graph.length(edge);
    }
    let mut roads: Vec<(String, Metres)> = roads.into_iter().collect();
    roads.sort_by_key(|&(_, length)| std::cmp::Reverse(length));
    roads
}

fn length(graph: &RoadGraph, stretches: &[EdgeId]) -> Metres {
    stretches.iter().map(|&edge| graph.length(edge)).sum()
}

fn effect(effect: Effect) -> String {
    match effect {
        Effect::Close => "closed".to_owned(),
        Effect::Percent(percent) => format!("{percent} % of the driving time"),
        Effect::KmhMax(kmh) => format!("at most {kmh} km/h"),
        Effect::Reopen => "open again".to_owned(),
    }
}

fn as_text(args: &Args, findings: &Findings<'_>) -> String {
    let Findings { map, overlay, at, zone, service } = findings;
    let graph = map.graph();
    let clock = |at: Timestamp| conditions::clock(at, zone);
    let (file, map_file) = (args.overlay.display(), args.map.display());
    let mut text = format!("{file} on {map_file} at {}\n", clock(*at));
    let now = conditions::time(*at);
    for (measure, number) in overlay.measures.iter().zip(1..) {
        let stretches = stretches(graph, measure);
        let note = if measure.note.is_empty() { String::new() } else { format!("{}: ", measure.note) };
        let holds = if measure.holds_at(now) { "holds" } else { "does not hold" };
        line(&mut text, format_args!("{number:>3}. {note}{}; {holds}", effect(measure.effect)));
        let told = roads(graph, &stretches);
        let more =
            if told.len() <= ROADS_TOLD { String::new() } else { format!(" and {} more", told.len() - ROADS_TOLD) };
        let told = told.iter().take(ROADS_TOLD).map(|(name, length)| format!("{name} {}", words::length(*length)));
        let told = told.collect::<Vec<_>>().join(", ");
        let whole = words::length(length(graph, &stretches));
        line(&mut text, format_args!("     {} edges, {whole}: {told}{more}", measure.edges.len()));
        let ends = [("from", measure.from), ("until", measure.until)];
        let told = ends.into_iter().filter_map(|(word, end)| Some(format!("{word} {}", clock(timestamp(end?)))));
        let told = told.collect::<Vec<_>>().join(" ");
        if !told.is_empty() {
            line(&mut text, format_args!("     {told}"));
        }
    }
    let labels = service.labels.map_or("the map has no labels".to_owned(), |(changed, all)| {
        format!("{changed} of {all} travel-time labels changed")
    });
    line(&mut text, format_args!("in service within {:.1} ms; {labels}", service.took.as_secs_f64() * 1e3));
    if let Some(next) = overlay.next_change(now) {
        line(&mut text, format_args!("next change {}", clock(timestamp(next))));
    }
    line(&mut text, format_args!("map data {}", map.credit()));
    text
}

/// Roads told of one measure.
const ROADS_TOLD: usize = 5;

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    writeln!(text, "{arguments}").expect("writing to a string never fails");
}

fn timestamp(time: Time) -> Timestamp {
    Timestamp::from_millisecond(time.as_unix_millis()).expect("the overlay was read from timestamps")
}

fn as_json(findings: &Findings<'_>) -> Value {
    let Findings { map, overlay, at, service, .. } = findings;
    let measures: Vec<Value> = (0..overlay.measures.len()).map(|index| measure_json(findings, index)).collect();
    let next = overlay.next_change(conditions::time(*at));
    json!({
        "at": at.to_string(),
        "measures": measures,
        "next_change": next.map(|next| timestamp(next).to_string()),
        "publish_ms": rounded(service.took.as_secs_f64() * 1e3, 3),
        "labels_changed": service.labels.map(|(changed, _)| changed),
        "labels": service.labels.map(|(_, all)| all),
        "credit": map.credit(),
    })
}

fn measure_json(findings: &Findings<'_>, index: usize) -> Value {
    let (graph, measure) = (findings.map.graph(), &findings.overlay.measures[index]);
    let stretches = stretches(graph, measure);
    let (kind, value) = match measure.effect {
        Effect::Close => ("close", None),
        Effect::Percent(percent) => ("percent", Some(percent)),
        Effect::KmhMax(kmh) => ("kmh_max", Some(kmh)),
        Effect::Reopen => ("reopen", None),
    };
    let roads: Vec<Value> = roads(graph, &stretches)
        .into_iter()
        .map(|(name, length)| json!({"name": name, "length_m": words::metres(length)}))
        .collect();
    let moment = |time: Option<Time>| time.map(|time| timestamp(time).to_string());
    json!({
        "number": index + 1,
        "note": measure.note,
        "effect": kind,
        "value": value,
        "edges": measure.edges.len(),
        "km": rounded(length(graph, &stretches).as_km(), 3),
        "roads": roads,
        "from": moment(measure.from),
        "until": moment(measure.until),
        "holds": measure.holds_at(conditions::time(findings.at)),
    })
}

/// One feature for each measure, whether it holds or not.
fn write_geojson(findings: &Findings<'_>, output: Output) -> anyhow::Result<()> {
    let graph = findings.map.graph();
    let mut features = FeatureWriter::new(output, findings.map.credit())?;
    for (index, measure) in findings.overlay.measures.iter().enumerate() {
        let lines = stretches(graph, measure).into_iter().map(|edge| graph.line(edge));
        features.add(feature::lines(lines), measure_json(findings, index))?;
    }
    features.finish()?.finish()
}
