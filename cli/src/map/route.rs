//! `mukae map route`: the drive from one point to another.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Context;
use mukae_maps::{Bearing, Manoeuvre, ManoeuvreKind, Path, PreparedMap, RoadGraph, Snapped};
use mukae_units::{LatLon, Metres, TravelTime};
use serde_json::{Value, json};

use super::conditions::{self, Conditions};
use super::feature::{self, FeatureWriter};
use super::phrases::{self, Lang};
use super::words::{self, Purpose};
use crate::output::{Output, say};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A prepared map
    map: PathBuf,
    /// Where to start, as latitude,longitude in degrees: 54.1509,-4.4815
    #[arg(value_parser = words::point, allow_hyphen_values = true)]
    from: LatLon,
    /// Where to go
    #[arg(value_parser = words::point, allow_hyphen_values = true)]
    to: LatLon,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// In which language people are told what to do; without it, the environment tells (LC_ALL, LANG)
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// Also write the drive to this file as GeoJSON: a line, its two ends and what to do on the way
    #[arg(long, value_name = "FILE")]
    geojson: Option<PathBuf>,
    /// How far from a road the points may lie
    #[arg(long, value_name = "METRES", default_value_t = words::SNAP_LIMIT_M)]
    snap_limit: u32,
    /// What the points are wanted for
    #[arg(long = "for", value_enum, default_value = "vehicle")]
    purpose: Purpose,
    #[command(flatten)]
    conditions: conditions::Args,
}

/// Edges one after another that a driver would call one road.
struct Road {
    name: String,
    class: &'static str,
    /// OSM ids, each once, in driving order.
    ways: Vec<i64>,
    time: TravelTime,
    length: Metres,
}

/// A drive and the points it was asked for.
struct Drive {
    ends: [(LatLon, Snapped); 2],
    conditions: Conditions,
    path: Path,
    manoeuvres: Vec<Manoeuvre>,
    roads: Vec<Road>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let map = words::open(&args.map)?;
    let conditions = args.conditions.conditions(&map)?;
    let from = words::snap(&map, "FROM", args.from, args.purpose, args.snap_limit)?;
    let to = words::snap(&map, "TO", args.to, args.purpose, args.snap_limit)?;
    let path = conditions.search(&map).path(from.place, to.place);
    let path = path.with_context(|| {
        let is_closed = |(_, snapped): &(&str, Snapped)| conditions.is_closed(snapped.place.edge);
        let closed = [("FROM", from), ("TO", to)].into_iter().filter(is_closed);
        let closed = closed.map(|(what, snapped)| {
            format!("; {what} lies on a closed road, {}", words::way(map.graph(), snapped.place.edge))
        });
        let (conditions, closed) = (conditions.text(), closed.collect::<String>());
        format!("no road leads from {} to {} with {conditions}{closed}", args.from, args.to)
    })?;
    let graph = map.graph();
    let (manoeuvres, roads) = (path.manoeuvres(graph, Some(args.to)), roads(graph, &path));
    let drive = Drive { ends: [(args.from, from), (args.to, to)], conditions, path, manoeuvres, roads };
    if let Some(file) = &args.geojson {
        write_geojson(&map, &drive, Output::file(file)?)?;
    }
    let lang = args.lang.unwrap_or_else(|| Lang::of(|name| std::env::var(name).ok()));
    say(&if args.json { format!("{}\n", as_json(&map, &drive)) } else { as_text(&map, &drive, lang) })
}

fn roads(graph: &RoadGraph, path: &Path) -> Vec<Road> {
    let mut roads: Vec<Road> = Vec::new();
    for (index, &edge) in path.edges().iter().enumerate() {
        let (time, length) = (path.time_on(index), path.length_on(graph, index));
        // At its ends a path may touch an edge and use nothing of it.
        if time == TravelTime::ZERO && length == Metres::ZERO {
            continue;
        }
        let (name, class) = (graph.name(edge).to_owned(), graph.way(edge).class.name());
        // A named road stays the same where its class changes; one without a name does not.
        let is_same = |last: &&mut Road| last.name == name && (!name.is_empty() || last.class == class);
        let way = graph.way(edge).osm_id;
        if let Some(road) = roads.last_mut().filter(is_same) {
            road.time = road.time + time;
            road.length += length;
            if road.ways.last() != Some(&way) {
                road.ways.push(way);
            }
        } else {
            roads.push(Road { name, class, ways: vec![way], time, length });
        }
    }
    roads
}

fn as_text(map: &PreparedMap, drive: &Drive, lang: Lang) -> String {
    let graph = map.graph();
    let mut text = String::new();
    let [from, to, with] = lang.frame();
    for (what, (asked, snapped)) in [from, to].into_iter().zip(&drive.ends) {
        let (away, way) = (words::length(snapped.distance), words::way(graph, snapped.place.edge));
        line(&mut text, format_args!("{}  {asked}, {}", phrases::right(what, 6), lang.away_from(&away, &way)));
    }
    line(&mut text, format_args!("{}  {}", phrases::right(with, 6), drive.conditions.text()));
    let (time, length) = (lang.duration(drive.path.travel_time()), words::length(drive.path.length()));
    line(&mut text, format_args!("{time}, {length}"));
    for manoeuvre in &drive.manoeuvres {
        let told = lang.manoeuvre(manoeuvre.kind, graph.name(manoeuvre.road));
        let (time, length) = match manoeuvre.kind {
            ManoeuvreKind::Arrive(_) => (String::new(), String::new()),
            _ => (lang.duration(manoeuvre.travel_time), words::length(manoeuvre.length)),
        };
        line(&mut text, format_args!("{}  {length:>8}  {told}", phrases::right(&time, 14)));
    }
    line(&mut text, format_args!("map data {}", map.credit()));
    text
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    writeln!(text, "{arguments}").expect("writing to a string never fails");
}

fn as_json(map: &PreparedMap, drive: &Drive) -> Value {
    let end = |(asked, snapped): &(LatLon, Snapped)| {
        let edge = snapped.place.edge;
        json!({
            "asked": [asked.lat(), asked.lon()],
            "snapped": [snapped.position.lat(), snapped.position.lon()],
            "distance_m": words::metres(snapped.distance),
            "edge": edge.0,
            "way": map.graph().way(edge).osm_id,
            "name": map.graph().name(edge),
        })
    };
    let roads: Vec<Value> = drive.roads.iter().map(road_json).collect();
    json!({
        "from": end(&drive.ends[0]),
        "to": end(&drive.ends[1]),
        "travel_time_ms": drive.path.travel_time().as_millis(),
        "length_m": words::metres(drive.path.length()),
        "conditions": drive.conditions.json(),
        "manoeuvres": drive.manoeuvres.iter().map(|each| manoeuvre_json(map.graph(), each)).collect::<Vec<Value>>(),
        "roads": roads,
        "credit": map.credit(),
    })
}

/// From here to the next one; identifiers stay what they are, the text may not.
fn manoeuvre_json(graph: &RoadGraph, manoeuvre: &Manoeuvre) -> Value {
    let Manoeuvre { kind, position, bearing_before, bearing_after, road, length, travel_time } = *manoeuvre;
    let exit = if let ManoeuvreKind::Roundabout { exit } = kind { exit } else { None };
    json!({
        "kind": phrases::kind(kind),
        "direction": phrases::direction(kind),
        "exit": exit,
        "text": Lang::En.manoeuvre(kind, graph.name(road)),
        "road": graph.name(road),
        "class": graph.way(road).class.name(),
        "position": [position.lat(), position.lon()],
        "bearing_before": Bearing::degrees(bearing_before),
        "bearing_after": Bearing::degrees(bearing_after),
        "travel_time_ms": travel_time.as_millis(),
        "length_m": words::metres(length),
    })
}

fn road_json(road: &Road) -> Value {
    json!({
        "name": road.name,
        "class": road.class,
        "ways": road.ways,
        "travel_time_ms": road.time.as_millis(),
        "length_m": words::metres(road.length),
    })
}

fn write_geojson(map: &PreparedMap, drive: &Drive, output: Output) -> anyhow::Result<()> {
    let mut features = FeatureWriter::new(output, map.credit())?;
    let properties = json!({
        "role": "path",
        "conditions": drive.conditions.json(),
        "travel_time_ms": drive.path.travel_time().as_millis(),
        "length_m": words::metres(drive.path.length()),
        "roads": drive.roads.iter().map(road_json).collect::<Vec<Value>>(),
    });
    features.add(feature::line(drive.path.line(map.graph())), properties)?;
    for (role, (asked, snapped)) in ["from", "to"].into_iter().zip(&drive.ends) {
        let properties = json!({
            "role": role,
            "asked": [asked.lon(), asked.lat()],
            "distance_m": words::metres(snapped.distance),
        });
        features.add(feature::point(snapped.position), properties)?;
    }
    for (manoeuvre, number) in drive.manoeuvres.iter().zip(1..) {
        let mut properties = manoeuvre_json(map.graph(), manoeuvre);
        properties["role"] = "manoeuvre".into();
        properties["number"] = Value::from(number);
        properties["position"] = json!([manoeuvre.position.lon(), manoeuvre.position.lat()]);
        features.add(feature::point(manoeuvre.position), properties)?;
    }
    features.finish()?.finish()
}
