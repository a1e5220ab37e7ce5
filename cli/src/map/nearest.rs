//! `mukae map nearest`: the roads near a point, and where on them a vehicle would stop.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::bail;
use mukae_maps::{Bearing, CompassPoint, Fraction, Kerb, Path, PreparedMap, Sides, SnapOptions, Snapped};
use mukae_units::{LatLon, Metres};
use serde_json::{Value, json};

use super::words::Purpose;
use super::{rounded, words};
use crate::output::say;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A prepared map
    map: PathBuf,
    /// The point, as latitude,longitude in degrees: 54.1509,-4.4815
    #[arg(value_parser = words::point, allow_hyphen_values = true)]
    at: LatLon,
    /// How many roads
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    count: u16,
    /// How far away they may be
    #[arg(long, value_name = "METRES", default_value_t = 1000)]
    within: u32,
    /// What the point is wanted for
    #[arg(long = "for", value_enum, default_value = "vehicle")]
    purpose: Purpose,
    /// On busy roads, only in the direction in which the point lies at the kerb
    #[arg(long)]
    kerb: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let map = words::open(&args.map)?;
    let limit = Metres::from_metres(u64::from(args.within));
    let kerb = if args.kerb { Kerb::Near(map.meta().driving_side) } else { Kerb::Either };
    let options = SnapOptions { kerb, ..args.purpose.options(limit) };
    let found = map.nearest_places_by(args.at, &options, usize::from(args.count));
    if found.is_empty() {
        match map.snap_by(args.at, &options) {
            Err(problem) => bail!("{}: {problem}; --within METRES looks farther", args.at),
            Ok(_) => bail!("{}: no road", args.at),
        }
    }
    if args.json {
        let places: Vec<Value> = found.iter().map(|snapped| as_json(&map, snapped)).collect();
        let asked = [args.at.lat(), args.at.lon()];
        return say(&format!("{}\n", json!({"asked": asked, "places": places, "credit": map.credit()})));
    }
    let mut text = String::from("  distance     edge  fraction  position                 road\n");
    for snapped in &found {
        let (away, edge) = (words::length(snapped.distance), snapped.place.edge);
        let (part, at, way) = (share(snapped.place.fraction), snapped.position, words::way(map.graph(), edge));
        let side = match (args.kerb, heading(&map, snapped)) {
            (false, _) => String::new(),
            (true, None) => ", either side".to_owned(),
            (true, Some(bearing)) => format!(", {} only", compass(bearing)),
        };
        writeln!(text, "{away:>10} {:>8}  {part:>8.4}  {:<23}  {way}{side}", edge.0, at.to_string())
            .expect("writing to a string never fails");
    }
    text.push_str(&format!("map data {}\n", map.credit()));
    say(&text)
}

fn as_json(map: &PreparedMap, snapped: &Snapped) -> Value {
    let (graph, edge) = (map.graph(), snapped.place.edge);
    json!({
        "distance_m": words::metres(snapped.distance),
        "edge": edge.0,
        "fraction": rounded(share(snapped.place.fraction), 6),
        "position": [snapped.position.lat(), snapped.position.lon()],
        "way": graph.way(edge).osm_id,
        "name": graph.name(edge),
        "class": graph.way(edge).class.name(),
        "oneway": graph.twin(edge).is_none(),
        "heading": heading(map, snapped).map(Bearing::degrees),
    })
}

/// The only course in which a vehicle may call there; `None` if it may in both directions.
fn heading(map: &PreparedMap, snapped: &Snapped) -> Option<Bearing> {
    let (graph, place) = (map.graph(), snapped.place);
    if place.sides == Sides::Both {
        return None;
    }
    let onwards = Path::new(graph, graph.weights(), vec![place.edge], place.fraction, Fraction::HEAD);
    onwards.manoeuvres(graph, None).first().map(|departure| departure.bearing_before)
}

fn compass(bearing: Bearing) -> &'static str {
    match CompassPoint::of(bearing) {
        CompassPoint::North => "northbound",
        CompassPoint::NorthEast => "north-eastbound",
        CompassPoint::East => "eastbound",
        CompassPoint::SouthEast => "south-eastbound",
        CompassPoint::South => "southbound",
        CompassPoint::SouthWest => "south-westbound",
        CompassPoint::West => "westbound",
        CompassPoint::NorthWest => "north-westbound",
    }
}

/// 0 at the tail of the edge, 1 at its head.
fn share(fraction: Fraction) -> f64 {
    f64::from(fraction.steps()) / f64::from(Fraction::HEAD.steps())
}
