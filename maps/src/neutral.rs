//! A road graph from two tables, without an extract: for benchmarks, and for networks that come from elsewhere.
//!
//! ```text
//! vertices.csv   id,lat,lon                             ids are whole numbers, in any order, each once
//! edges.csv      id,from,to,travel_time_ds,length_m     one direction each; times in tenths of a second
//! ```
//! Every edge is a one-way street of its own without a name. Parallel edges and loops may be there. A time of zero is
//! refused rather than rounded up: the hierarchy needs every drive to take time, and whoever made the file knows
//! better than we do whether two vertices are one, or the edge takes a tenth of a second.

use std::collections::HashMap;
use std::path::Path;

use mukae_units::{Metres, TravelTime};

use crate::graph::{EdgeId, NewEdge, NewEdgeId, NewRoad, NewRoads, NodeId, RoadGraph, Way};
use crate::hierarchy::TOO_FAR;
use crate::osm::RoadClass;
use crate::table::{ReadTableError, Row, read};

const MILLIS_PER_DS: u32 = 100;

/// A road graph whose nodes and edges have names of their own.
#[derive(Clone, Debug)]
pub struct NeutralGraph {
    pub graph: RoadGraph,
    /// Id in the file -> node. Only looked up, never walked: its order decides nothing.
    node_of: HashMap<i64, NodeId>,
    /// Likewise.
    edge_of: HashMap<i64, EdgeId>,
}

impl NeutralGraph {
    /// Reads `vertices.csv` and `edges.csv` of a directory.
    pub fn read(directory: &Path) -> Result<NeutralGraph, ReadTableError> {
        let (mut positions, mut node_of) = (Vec::new(), HashMap::new());
        read(&directory.join("vertices.csv"), ["id", "lat", "lon"], |row| {
            let node = NodeId(positions.len() as u32);
            if node_of.insert(row.parse(0, WHOLE)?, node).is_some() {
                return Err(row.wrong(0, "the vertex is there already; each id stands once"));
            }
            positions.push(row.position(1, 2)?);
            Ok(())
        })?;

        let (mut roads, mut line_of, mut ids) = (NewRoads::new(positions), HashMap::new(), Vec::new());
        read(&directory.join("edges.csv"), ["id", "from", "to", "travel_time_ds", "length_m"], |row| {
            let id = row.parse::<i64>(0, WHOLE)?;
            if let Some(line) = line_of.insert(id, row.line()) {
                return Err(row.wrong(0, &format!("line {line} has this id already; each id stands once")));
            }
            ids.push(id);
            roads.add(road(row, &node_of)?, []);
            Ok(())
        })?;
        let way = Way { osm_id: 0, name: 0, class: RoadClass::Road, is_roundabout: false };
        let (graph, laid) = RoadGraph::lay(&roads, &[way], &[String::new()]);
        let edge = |road| laid.edge(NewEdgeId::forward(road)).expect("every road is open forwards: road");
        let edge_of = (0..).zip(ids).map(|(road, id)| (id, edge(road))).collect();
        Ok(NeutralGraph { graph: graph.with_restrictions(Vec::new()), node_of, edge_of })
    }

    /// The node of a vertex by its id in the file.
    pub fn node(&self, vertex: i64) -> Option<NodeId> {
        self.node_of.get(&vertex).copied()
    }

    /// The edge of a row by its id in the file.
    pub fn edge(&self, id: i64) -> Option<EdgeId> {
        self.edge_of.get(&id).copied()
    }

    /// What is read where a vertex should stand.
    pub fn node_in<const N: usize>(&self, row: &Row<'_, N>, column: usize) -> Result<NodeId, ReadTableError> {
        vertex(row, column, &self.node_of)
    }
}

const WHOLE: &str = "an id is a whole number, such as 17";

fn vertex<const N: usize>(
    row: &Row<'_, N>,
    column: usize,
    node_of: &HashMap<i64, NodeId>,
) -> Result<NodeId, ReadTableError> {
    let node = node_of.get(&row.parse(column, WHOLE)?).copied();
    node.ok_or_else(|| row.wrong(column, "vertices.csv has no vertex of this id"))
}

fn road(row: &Row<'_, 5>, node_of: &HashMap<i64, NodeId>) -> Result<NewRoad, ReadTableError> {
    const TIME: &str = "a travel time is a whole number of tenths of a second, at least 1 and less than 12 days; \
                        vertices that take no time between them are one vertex";
    const LENGTH: &str = "a length is metres, not negative, such as 120 or 85.5";
    let millis = row.parse::<u32>(3, TIME)?.checked_mul(MILLIS_PER_DS);
    let is_time = |millis: &u32| 0 < *millis && *millis < TOO_FAR.as_millis();
    let weight = millis.filter(is_time).map(TravelTime::from_millis).ok_or_else(|| row.wrong(3, TIME))?;
    let metres: f64 = row.parse(4, LENGTH)?;
    if !(0.0..1e9).contains(&metres) {
        return Err(row.wrong(4, LENGTH));
    }
    Ok(NewRoad {
        tail: vertex(row, 1, node_of)?,
        head: vertex(row, 2, node_of)?,
        length: Metres::from_millimetres((metres * 1000.0).round() as u64),
        way: 0,
        forward: Some(NewEdge { weight, is_destination_only: false }),
        backward: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERTICES: &str = "id,lat,lon\n7,54.0,-4.5\n-3,54.1,-4.5\n0,54.2,-4.5\n";
    const EDGES: &str = "id,from,to,travel_time_ds,length_m\n1,7,-3,10,120\n2,-3,0,25,85.5\n";

    fn read(vertices: &str, edges: &str) -> Result<NeutralGraph, String> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("vertices.csv"), vertices).unwrap();
        std::fs::write(directory.path().join("edges.csv"), edges).unwrap();
        NeutralGraph::read(directory.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn two_tables_make_a_graph() {
        let read = read(VERTICES, EDGES).unwrap();
        let [from, over, to] = [7, -3, 0].map(|vertex| read.node(vertex).unwrap());
        let edges: Vec<_> = read.graph.edges().map(|edge| (read.graph.tail(edge), read.graph.head(edge))).collect();
        assert_eq!(edges, [(from, over), (over, to)]);
        assert_eq!(read.graph.weights().iter().map(|weight| weight.as_millis()).collect::<Vec<_>>(), [1000, 2500]);
        assert_eq!(read.graph.road_length().as_millimetres(), 205_500);
        assert_eq!(read.node(1), None);
    }

    /// The graph has its edges in an order of its own.
    #[test]
    fn edges_are_found_by_their_ids() {
        let read =
            read(VERTICES, "id,from,to,travel_time_ds,length_m\n5,0,7,10,1\n-2,7,0,30,2\n9,7,-3,20,3\n").unwrap();
        for (id, ends, seconds) in [(5, [0, 7], 1), (-2, [7, 0], 3), (9, [7, -3], 2)] {
            let edge = read.edge(id).unwrap();
            let [tail, head] = ends.map(|vertex| read.node(vertex).unwrap());
            assert_eq!((read.graph.tail(edge), read.graph.head(edge)), (tail, head), "edge {id}");
            assert_eq!(read.graph.weight(edge), TravelTime::from_secs(seconds), "edge {id}");
        }
        assert_eq!(read.edge(0), None);
    }

    #[test]
    fn columns_may_stand_in_any_order_and_others_beside_them() {
        let read = read(
            "\u{feff}lon, name, lat, id\r\n-4.5, Peel, 54, 1\r\n",
            "id,to,from,length_m,travel_time_ds\n1,1,1,0,1\n",
        );
        let read = read.unwrap();
        assert_eq!(read.graph.position(read.node(1).unwrap()).to_string(), "54.0000000,-4.5000000");
        assert_eq!(read.graph.edge_count(), 1, "a loop is an edge");
    }

    #[test]
    fn what_is_wrong_is_told_by_file_line_and_field() {
        let rows = [
            ("id,lat\n1,2\n", EDGES, "vertices.csv, line 1: the column lon is missing; the header is id,lat,lon"),
            ("", EDGES, "vertices.csv, line 1: the column id is missing"),
            ("id,lat,lon\n", EDGES, "vertices.csv has no rows"),
            ("id,lat,lon\n1,2,3\n1,2,3\n", EDGES, "vertices.csv, line 3, id `1`: the vertex is there already"),
            ("id,lat,lon\n1,91,3\n", EDGES, "vertices.csv, line 2, lat `91`: degrees of latitude"),
            ("id,lat,lon\n1,9,NaN\n", EDGES, "vertices.csv, line 2, lon `NaN`: degrees of longitude"),
            ("id,lat,lon\nA,9,9\n", EDGES, "vertices.csv, line 2, id `A`: an id is a whole number"),
            (VERTICES, "id,from,to\n", "edges.csv, line 1: the column travel_time_ds is missing"),
            (VERTICES, &format!("{EDGES}2,7,0,1,1\n"), "edges.csv, line 4, id `2`: line 3 has this id already"),
            (VERTICES, &format!("{EDGES}3,8,0,1,1\n"), "edges.csv, line 4, from `8`: vertices.csv has no vertex"),
            (VERTICES, &format!("{EDGES}3,7,9,1,1\n"), "edges.csv, line 4, to `9`: vertices.csv has no vertex"),
            (VERTICES, &format!("{EDGES}3,7,0,0,1\n"), "edges.csv, line 4, travel_time_ds `0`: a travel time is"),
            (VERTICES, &format!("{EDGES}3,7,0,-1,1\n"), "travel_time_ds `-1`: a travel time is"),
            (VERTICES, &format!("{EDGES}3,7,0,2.5,1\n"), "travel_time_ds `2.5`: a travel time is"),
            (VERTICES, &format!("{EDGES}3,7,0,10737419,1\n"), "travel_time_ds `10737419`: a travel time is"),
            (VERTICES, &format!("{EDGES}3,7,0,4294967295,1\n"), "travel_time_ds `4294967295`: a travel time is"),
            (VERTICES, &format!("{EDGES}3,7,0,1,-1\n"), "edges.csv, line 4, length_m `-1`: a length is metres"),
            (VERTICES, &format!("{EDGES}3,7,0,1\n"), "edges.csv, line 4, length_m ``: a length is metres"),
        ];
        for (vertices, edges, expected) in rows {
            let said = read(vertices, edges).unwrap_err();
            assert!(said.contains(expected), "{said}\nnot: {expected}");
        }
    }
}
