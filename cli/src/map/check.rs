//! `mukae map check`: which roads are not connected to the rest, in words a mapper can act on.

mod show;

use std::path::PathBuf;

use mukae_maps::connectivity::{Connectivity, Flaw, Piece, connectivity};
use mukae_maps::osm::RoadClass;
use mukae_maps::{EdgeId, NodeId, PreparedMap, RoadGraph};
use mukae_units::Metres;

use super::words;
use crate::output::{Output, say};
use crate::progress::while_busy;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A prepared map
    map: PathBuf,
    /// How many pieces to tell, the longest first, but last what most likely is where the extract ends; 0 for all
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Also tell pieces of nothing but driveways, car parks, yards and tracks
    #[arg(long)]
    minor: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Also write all pieces, minor ones too, to this file as GeoJSON
    #[arg(long, value_name = "FILE")]
    geojson: Option<PathBuf>,
}

/// What was found, and which of it is told.
struct Findings<'a> {
    map: &'a PreparedMap,
    all: &'a Connectivity,
    /// Longest first; those of the extract's edge last.
    told: Vec<&'a Piece>,
    /// Left out by the limit.
    beyond_limit: Sum,
    /// Left out for being minor.
    minor: Sum,
}

/// Some pieces and how long they are together.
#[derive(Clone, Copy, Default)]
struct Sum {
    pieces: usize,
    length: Metres,
}

impl Sum {
    fn of<'a>(pieces: impl IntoIterator<Item = &'a Piece>) -> Sum {
        pieces
            .into_iter()
            .fold(Sum::default(), |sum, piece| Sum { pieces: sum.pieces + 1, length: sum.length + piece.length })
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let map = words::open(&args.map)?;
    let graph = map.graph();
    let all = while_busy("looking for gaps", || connectivity(graph));
    if let Some(file) = &args.geojson {
        show::write_geojson(&map, &all, Output::file(file)?)?.finish()?;
    }
    let (minor, mut told): (Vec<&Piece>, Vec<&Piece>) =
        all.pieces.iter().partition(|piece| !args.minor && piece.is_minor(graph));
    told.sort_by_key(|piece| is_of_extract(graph, piece));
    let limit = if args.limit == 0 { told.len() } else { args.limit };
    let beyond_limit = Sum::of(told.iter().skip(limit).copied());
    told.truncate(limit);
    let findings = Findings { map: &map, all: &all, told, beyond_limit, minor: Sum::of(minor) };
    say(&if args.json { format!("{}\n", show::as_json(&findings)) } else { show::as_text(&args.map, &findings) })
}

/// The OSM ways of a piece with the length of each in the piece, longest first, and one edge of each.
fn ways(graph: &RoadGraph, piece: &Piece) -> Vec<(EdgeId, Metres)> {
    let mut ways: Vec<(i64, EdgeId, Metres)> = Vec::new();
    let mut edges: Vec<_> = piece.edges.iter().map(|&edge| (graph.way(edge).osm_id, edge)).collect();
    edges.sort_unstable();
    for (way, edge) in edges {
        match ways.last_mut() {
            Some(last) if last.0 == way => last.2 += graph.length(edge),
            _ => ways.push((way, edge, graph.length(edge))),
        }
    }
    ways.sort_by_key(|&(way, _, length)| (std::cmp::Reverse(length), way));
    ways.into_iter().map(|(_, edge, length)| (edge, length)).collect()
}

/// An island farther away than this was forgotten by no mapper.
const DISTANT: Metres = Metres::from_metres(1000);

/// True if the piece most likely comes from where the extract was cut, or from a ferry: nothing that a mapper could
/// put right.
fn is_of_extract(graph: &RoadGraph, piece: &Piece) -> bool {
    let is_far = piece.gap.is_some_and(|gap| DISTANT < gap.distance);
    is_far || piece.ends.iter().any(|&end| ends_great_road(graph, piece, end))
}

/// True if a motorway or trunk road of the piece ends at this node, as none does.
fn ends_great_road(graph: &RoadGraph, piece: &Piece, end: NodeId) -> bool {
    let ends_there = |edge: EdgeId| graph.tail(edge) == end || graph.head(edge) == end;
    piece.edges.iter().any(|&edge| ends_there(edge) && graph.way(edge).class <= RoadClass::TrunkLink)
}

/// In the words of the report.
fn flaw(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Island => "island",
        Flaw::NoWayOut => "can be entered but not left",
        Flaw::NoWayIn => "can be left but not entered",
        Flaw::NoWayThrough => "can be neither entered nor left",
        Flaw::Turns => "closed by turn restrictions",
    }
}
