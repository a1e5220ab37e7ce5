//! The findings as text, as JSON and as GeoJSON.

use std::fmt::Write;
use std::path::Path;

use mukae_maps::connectivity::{Connectivity, Flaw, Gap, Piece};
use mukae_maps::{EdgeId, PreparedMap, RoadGraph};
use mukae_units::{LatLon, Metres};
use serde_json::{Value, json};

use super::{DISTANT, Findings, Sum, ends_great_road, flaw, is_of_extract, ways};
use crate::map::feature::{self, FeatureWriter};
use crate::map::{rounded, words};
use crate::output::Output;

/// Up to here two roads were most likely meant to touch.
const TOUCHING: Metres = Metres::from_metres(3);
/// How many ways of a piece are told by name.
const WAYS_TOLD: usize = 3;

pub(super) fn as_text(path: &Path, findings: &Findings<'_>) -> String {
    let (graph, all) = (findings.map.graph(), findings.all);
    let (network, whole) = (all.network_length.as_km(), all.road_length.as_km());
    let share = if whole == 0.0 { 0.0 } else { network / whole * 100.0 };
    let mut text =
        format!("{}: {network:.1} km of {whole:.1} km of road are connected, {share:.1} %\n", path.display());
    for kind in Flaw::ALL {
        let of_kind = || all.pieces.iter().filter(|piece| piece.flaw == kind);
        let (sum, minor) = (Sum::of(of_kind()), Sum::of(of_kind().filter(|piece| piece.is_minor(graph))));
        if 0 < sum.pieces {
            let (pieces, length) = (sum.pieces, words::length(sum.length));
            let minor = format!("{} minor, {}", minor.pieces, words::length(minor.length));
            line(&mut text, format_args!("{:>34} {pieces:>5}  {length:>8}  ({minor})", plural(kind)));
        }
    }
    for (index, piece) in findings.told.iter().enumerate() {
        text.push_str(&format!("\n{}. {}", index + 1, piece_text(graph, piece)));
    }
    let (beyond, minor) = (findings.beyond_limit, findings.minor);
    if 0 < beyond.pieces + minor.pieces {
        text.push('\n');
    }
    if 0 < beyond.pieces {
        line(&mut text, format_args!("{} more, {}: --limit 0 tells all", beyond.pieces, words::length(beyond.length)));
    }
    if 0 < minor.pieces {
        let length = words::length(minor.length);
        line(
            &mut text,
            format_args!("{} minor ones (driveways, car parks, yards), {length}: --minor tells them", minor.pieces),
        );
    }
    line(&mut text, format_args!("map data {}", findings.map.credit()));
    text
}

fn plural(kind: Flaw) -> &'static str {
    match kind {
        Flaw::Island => "islands, joined to nothing",
        other => flaw(other),
    }
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    writeln!(text, "{arguments}").expect("writing to a string never fails");
}

fn piece_text(graph: &RoadGraph, piece: &Piece) -> String {
    let ways = ways(graph, piece);
    let named: Vec<String> = ways.iter().take(WAYS_TOLD).map(|&(edge, _)| words::way(graph, edge)).collect();
    let more = match ways.len().saturating_sub(WAYS_TOLD) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let mut text = format!("{}, {}: {}{more}\n", flaw(piece.flaw), words::length(piece.length), named.join(", "));
    if let Some(gap) = &piece.gap {
        line(&mut text, format_args!("   {}", gap_text(graph, gap)));
    }
    let doors = doors(graph, piece);
    if !doors.is_empty() {
        let verb = match piece.flaw {
            Flaw::NoWayOut => "one-way into it",
            Flaw::NoWayIn => "one-way out of it",
            Flaw::NoWayThrough | Flaw::Island | Flaw::Turns => "one-way at its ends",
        };
        let more =
            if WAYS_TOLD < doors.len() { format!(" and {} more", doors.len() - WAYS_TOLD) } else { String::new() };
        let told: Vec<String> = doors.iter().take(WAYS_TOLD).map(|&edge| words::way(graph, edge)).collect();
        line(&mut text, format_args!("   {verb}: {}{more}", told.join(", ")));
    }
    if !piece.restrictions.is_empty() {
        let more = piece.restrictions.len().saturating_sub(WAYS_TOLD);
        let more = if 0 < more { format!(" and {more} more") } else { String::new() };
        let told: Vec<String> = piece.restrictions.iter().take(WAYS_TOLD).map(|id| format!("relation {id}")).collect();
        line(&mut text, format_args!("   turn restrictions there: {}{more}", told.join(", ")));
    }
    if let Some(&end) = piece.ends.first() {
        let verb = if piece.flaw == Flaw::NoWayOut { "nothing leads on from" } else { "nothing leads to" };
        let more = if 1 < piece.ends.len() { format!(" and {} more", piece.ends.len() - 1) } else { String::new() };
        let cut = if ends_great_road(graph, piece, end) { ": most likely the extract ends there" } else { "" };
        line(&mut text, format_args!("   {verb} {}{more}{cut}", short(graph.position(end))));
    }
    line(&mut text, format_args!("   {}", link(graph.way(look_at(piece, &ways, &doors)).osm_id)));
    text
}

fn gap_text(graph: &RoadGraph, gap: &Gap) -> String {
    let (own, other) = (words::way(graph, gap.island), words::way(graph, gap.network));
    let (at, away) = (short(gap.island_at), words::length(gap.distance));
    let is_end = |edge, at| [graph.tail(edge), graph.head(edge)].into_iter().any(|node| graph.position(node) == at);
    let is_same_way = graph.way(gap.island).osm_id == graph.way(gap.network).osm_id;
    match gap.distance {
        Metres::ZERO if is_same_way => format!("{own} is parted at {at}: a barrier stands there"),
        Metres::ZERO if is_end(gap.island, gap.island_at) && is_end(gap.network, gap.network_at) => {
            format!("{own} meets {other} at {at}, but not in one node: a barrier, or two nodes that should be one")
        }
        Metres::ZERO => {
            format!("{own} meets {other} at {at} without a junction: a bridge or tunnel, or a node they should share")
        }
        away_m if away_m <= TOUCHING => {
            format!("{own} is {away} from {other} at {at}: most likely a node they should share")
        }
        away_m if away_m <= DISTANT => format!("nearest to the network at {at}: {away} from {own} to {other}"),
        _ => format!("{away} from the network: reached by a ferry, or by roads that the extract lacks"),
    }
}

/// The ways that are one-way between the piece and other roads, each once, by one of their edges.
fn doors(graph: &RoadGraph, piece: &Piece) -> Vec<EdgeId> {
    let mut doors = piece.doors.clone();
    doors.sort_by_key(|&edge| (graph.way(edge).osm_id, edge));
    doors.dedup_by_key(|edge| graph.way(*edge).osm_id);
    doors
}

/// The way a mapper should open first.
fn look_at(piece: &Piece, ways: &[(EdgeId, Metres)], doors: &[EdgeId]) -> EdgeId {
    match (&piece.gap, doors) {
        (_, [door, ..]) => *door,
        (Some(gap), _) => gap.island,
        (None, _) => ways[0].0,
    }
}

fn link(way: i64) -> String {
    format!("https://www.openstreetmap.org/way/{way}")
}

/// To five digits: a metre, as mappers write it.
fn short(at: LatLon) -> String {
    format!("{:.5},{:.5}", at.lat(), at.lon())
}

pub(super) fn as_json(findings: &Findings<'_>) -> Value {
    let (graph, all) = (findings.map.graph(), findings.all);
    let kinds: Vec<Value> = Flaw::ALL
        .into_iter()
        .map(|kind| {
            let of_kind = || all.pieces.iter().filter(|piece| piece.flaw == kind);
            let (sum, minor) = (Sum::of(of_kind()), Sum::of(of_kind().filter(|piece| piece.is_minor(graph))));
            json!({
                "flaw": flaw_key(kind),
                "pieces": sum.pieces,
                "length_m": words::metres(sum.length),
                "minor_pieces": minor.pieces,
                "minor_length_m": words::metres(minor.length),
            })
        })
        .collect();
    let sum = |sum: Sum| json!({"pieces": sum.pieces, "length_m": words::metres(sum.length)});
    json!({
        "road_km": rounded(all.road_length.as_km(), 3),
        "connected_km": rounded(all.network_length.as_km(), 3),
        "flaws": kinds,
        "pieces": findings.told.iter().map(|piece| piece_json(graph, piece)).collect::<Vec<Value>>(),
        "beyond_limit": sum(findings.beyond_limit),
        "minor_left_out": sum(findings.minor),
        "credit": findings.map.credit(),
    })
}

fn flaw_key(kind: Flaw) -> &'static str {
    match kind {
        Flaw::Island => "island",
        Flaw::NoWayOut => "no_way_out",
        Flaw::NoWayIn => "no_way_in",
        Flaw::NoWayThrough => "no_way_through",
        Flaw::Turns => "turns",
    }
}

fn piece_json(graph: &RoadGraph, piece: &Piece) -> Value {
    let way = |edge: EdgeId| json!({"way": graph.way(edge).osm_id, "name": graph.name(edge)});
    let point = |at: LatLon| json!([at.lat(), at.lon()]);
    let ways: Vec<Value> = ways(graph, piece)
        .into_iter()
        .map(|(edge, length)| {
            let (class, length) = (graph.way(edge).class.name(), words::metres(length));
            json!({"way": graph.way(edge).osm_id, "name": graph.name(edge), "class": class, "length_m": length})
        })
        .collect();
    let gap = piece.gap.map(|gap| {
        json!({
            "distance_m": words::metres(gap.distance),
            "island": way(gap.island),
            "island_at": point(gap.island_at),
            "network": way(gap.network),
            "network_at": point(gap.network_at),
        })
    });
    json!({
        "flaw": flaw_key(piece.flaw),
        "length_m": words::metres(piece.length),
        "minor": piece.is_minor(graph),
        "edge_of_extract": is_of_extract(graph, piece),
        "ways": ways,
        "gap": gap,
        "oneways": doors(graph, piece).into_iter().map(way).collect::<Vec<Value>>(),
        "turn_restrictions": piece.restrictions,
        "ends": piece.ends.iter().map(|&end| point(graph.position(end))).collect::<Vec<Value>>(),
    })
}

/// All pieces as lines, their gaps and one-way streets as lines, their ends as points; `piece` numbers them.
pub(super) fn write_geojson(map: &PreparedMap, all: &Connectivity, output: Output) -> anyhow::Result<Output> {
    let graph = map.graph();
    let mut features = FeatureWriter::new(output, map.credit())?;
    for (index, piece) in all.pieces.iter().enumerate() {
        let number = index + 1;
        let mut properties = piece_json(graph, piece);
        properties["role"] = "piece".into();
        properties["piece"] = number.into();
        features.add(feature::lines(piece.edges.iter().map(|&edge| graph.line(edge))), properties)?;
        if let Some(gap) = &piece.gap {
            let properties = json!({"role": "gap", "piece": number, "distance_m": words::metres(gap.distance)});
            features.add(feature::line([gap.island_at, gap.network_at]), properties)?;
        }
        for door in doors(graph, piece) {
            let properties = json!({"role": "oneway", "piece": number, "way": graph.way(door).osm_id});
            features.add(feature::line(graph.line(door)), properties)?;
        }
        for &end in &piece.ends {
            features.add(feature::point(graph.position(end)), json!({"role": "end", "piece": number}))?;
        }
    }
    Ok(features.finish()?)
}
