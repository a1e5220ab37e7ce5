//! `mukae map geojson`: the roads of a map as lines, for any map viewer.

use std::path::PathBuf;

use mukae_maps::{Bounds, EdgeId, RoadGraph};
use mukae_units::LatLon;
use serde_json::{Value, json};

use super::feature::{self, FeatureWriter};
use super::words;
use crate::output::Output;
use crate::progress::LateBar;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A prepared map
    map: PathBuf,
    /// The file to write; without it, standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only roads that come into this box, in degrees, in the order of GeoJSON: west,south,east,north
    #[arg(long, value_name = "W,S,E,N", value_parser = bbox, allow_hyphen_values = true)]
    bbox: Option<Bounds>,
}

fn bbox(text: &str) -> Result<Bounds, String> {
    let wrong = || format!("`{text}` is no box; one is like -4.6,54.1,-4.4,54.2 (west,south,east,north in degrees)");
    let degrees: Vec<f64> =
        text.split(',').map(|part| part.trim().parse().map_err(|_| wrong())).collect::<Result<_, _>>()?;
    let &[west, south, east, north] = degrees.as_slice() else { return Err(wrong()) };
    let corner = |lat, lon| LatLon::from_degrees(lat, lon).map_err(|error| error.to_string());
    let bounds = Bounds { south_west: corner(south, west)?, north_east: corner(north, east)? };
    if north < south { Err(format!("`{text}`: the south is north of the north")) } else { Ok(bounds) }
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let map = words::open(&args.map)?;
    let graph = map.graph();
    let mut features = FeatureWriter::new(Output::to(args.out.as_deref())?, map.credit())?;
    let mut bar = LateBar::new(graph.edge_count(), "writing roads");
    for edge in graph.edges() {
        bar.step(1);
        if graph.is_canonical(edge) && args.bbox.is_none_or(|bbox| comes_into(graph, edge, &bbox)) {
            features.add(feature::line(graph.line(edge)), properties(graph, edge))?;
        }
    }
    bar.finish();
    features.finish()?.finish()
}

/// True if the box around the road's line meets `bbox`.
fn comes_into(graph: &RoadGraph, edge: EdgeId, bbox: &Bounds) -> bool {
    let around = Bounds::around(graph.line(edge)).expect("a road has two points");
    let lats = |bounds: &Bounds| (bounds.south_west.lat(), bounds.north_east.lat());
    // From its western side eastwards, so that a box across the antimeridian is in one piece.
    let lons = |bounds: &Bounds| {
        let width = (bounds.north_east.lon() - bounds.south_west.lon()).rem_euclid(360.0);
        (bounds.south_west.lon(), width)
    };
    let ((south, north), (west, width)) = (lats(&around), lons(&around));
    let ((box_south, box_north), (box_west, box_width)) = (lats(bbox), lons(bbox));
    let is_whole_turn = bbox.south_west.lon() == -180.0 && bbox.north_east.lon() == 180.0;
    let meets_lon = is_whole_turn
        || (west - box_west).rem_euclid(360.0) <= box_width
        || (box_west - west).rem_euclid(360.0) <= width;
    meets_lon && south <= box_north && box_south <= north
}

fn properties(graph: &RoadGraph, edge: EdgeId) -> Value {
    let (way, twin) = (graph.way(edge), graph.twin(edge));
    let is_destination_only =
        graph.is_destination_only(edge) || twin.is_some_and(|twin| graph.is_destination_only(twin));
    json!({
        "edge": edge.0,
        "way": way.osm_id,
        "name": graph.name(edge),
        "class": way.class.name(),
        "length_m": words::metres(graph.length(edge)),
        "travel_time_ms": graph.weight(edge).as_millis(),
        "travel_time_back_ms": twin.map(|twin| graph.weight(twin).as_millis()),
        "oneway": twin.is_none(),
        "roundabout": way.is_roundabout,
        "routable": graph.is_routable(edge),
        "destination_only": is_destination_only,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_west_south_east_north() {
        let bounds = bbox("-4.6, 54.1, -4.4, 54.2").unwrap();
        assert_eq!((bounds.south_west.lat(), bounds.north_east.lon()), (54.1, -4.4));
        assert!(bbox("179,-17,-179,-16").is_ok(), "across the antimeridian");
        for wrong in ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "-4.6,54.2,-4.4,54.1", "0,0,0,91"] {
            assert!(bbox(wrong).is_err(), "{wrong}");
        }
    }
}
