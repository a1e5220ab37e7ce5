//! `mukae map route`: the drive from one point to another.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::Context;
use mukae_maps::{Path, PreparedMap, RoadGraph, Snapped};
use mukae_units::{LatLon, Metres, TravelTime};
use serde_json::{Value, json};

use super::feature::{self, FeatureWriter};
use super::words;
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
    /// Also write the drive to this file as GeoJSON: a line and its two ends
    #[arg(long, value_name = "FILE")]
    geojson: Option<PathBuf>,
    /// How far from a road the points may lie
    #[arg(long, value_name = "METRES", default_value_t = words::SNAP_LIMIT_M)]
    snap_limit: u32,
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
    path: Path,
    roads: Vec<Road>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let map = words::open(&args.map)?;
    let from = words::snap(&map, "FROM", args.from, args.snap_limit)?;
    let to = words::snap(&map, "TO", args.to, args.snap_limit)?;
    let path = map.search().path(from.place, to.place);
    let path = path.with_context(|| format!("no road leads from {} to {}", args.from, args.to))?;
    let roads = roads(map.graph(), &path);
    let drive = Drive { ends: [(args.from, from), (args.to, to)], path, roads };
    if let Some(file) = &args.geojson {
        write_geojson(&map, &drive, Output::file(file)?)?;
    }
    say(&if args.json { format!("{}\n", as_json(&map, &drive)) } else { as_text(&map, &drive) })
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

fn as_text(map: &PreparedMap, drive: &Drive) -> String {
    let graph = map.graph();
    let mut text = String::new();
    for (what, (asked, snapped)) in ["from", "to"].into_iter().zip(&drive.ends) {
        let (away, way) = (words::length(snapped.distance), words::way(graph, snapped.place.edge));
        text.push_str(&format!("{what:>6}  {asked}, {away} from {way}\n"));
    }
    let (time, length) = (words::duration(drive.path.travel_time()), words::length(drive.path.length()));
    text.push_str(&format!("{time}, {length}\n"));
    for road in &drive.roads {
        let name = if road.name.is_empty() { format!("({})", road.class) } else { road.name.clone() };
        let (time, length) = (words::duration(road.time), words::length(road.length));
        writeln!(text, "{time:>14}  {length:>8}  {name}").expect("writing to a string never fails");
    }
    text.push_str(&format!("map data {}\n", map.credit()));
    text
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
        "roads": roads,
        "credit": map.credit(),
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
    features.finish()?.finish()
}
