//! The reader of tables in `maps`, and of road graphs in two of them: what it takes has travel times, and they are
//! Dijkstra's.
//!
//! Used by the fuzz target `table` and by the test `maps/tests/it/corpus.rs`.

use std::path::Path;
use std::sync::Arc;

use mukae_maps::neutral::NeutralGraph;
use mukae_maps::{
    BASE_METRIC, EdgeId, Fraction, Hierarchy, HierarchyQuery, Place, Sides, TravelTimes, dijkstra, table,
};

/// Stands between two tables in one input.
const BETWEEN: &[u8] = b"---\n";

/// Bytes given as a table of points, and as a table of vertices and one of edges.
pub fn table(bytes: &[u8]) {
    thread_local! {
        static DIRECTORY: tempfile::TempDir = tempfile::tempdir().expect("a temporary directory");
    }
    DIRECTORY.with(|directory| {
        points(directory.path(), bytes);
        if let Some(at) = bytes.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
            graph(directory.path(), &bytes[..at], &bytes[at + BETWEEN.len()..]);
        }
    });
}

fn write(directory: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(directory.join(name), bytes).expect("a temporary file");
}

fn points(directory: &Path, bytes: &[u8]) {
    write(directory, "points.csv", bytes);
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let (mut rows, mut last) = (0, 0);
    let read = table::read(&directory.join("points.csv"), ["id", "lat", "lon"], |row| {
        assert!(last < row.line(), "line {} comes after line {last}", row.line());
        (rows, last) = (rows + 1, row.line());
        assert!(!lines[row.line() as usize - 1].is_empty(), "line {last} is blank");
        row.wrong(0, "an id");
        row.position(1, 2).map(|at| assert!(at.lat().abs() <= 90.0 && at.lon().abs() <= 180.0, "{at}"))
    });
    match read {
        Ok(()) => assert!(0 < rows, "a table without rows is told"),
        Err(error) => assert!(error.to_string().contains("points.csv"), "the message names no file: {error}"),
    }
}

fn graph(directory: &Path, vertices: &[u8], edges: &[u8]) {
    write(directory, "vertices.csv", vertices);
    write(directory, "edges.csv", edges);
    match NeutralGraph::read(directory) {
        Ok(network) => ask(network),
        Err(error) => {
            let message = error.to_string();
            let is_named = ["vertices.csv", "edges.csv"].iter().any(|name| message.contains(name));
            assert!(is_named, "the message names no file: {message}");
        }
    }
}

/// From some edges to others.
fn ask(network: NeutralGraph) {
    const ASKED: usize = 6;
    let graph = Arc::new(network.graph);
    let customized = Arc::new(Hierarchy::build(&graph)).customize(graph.weights(), BASE_METRIC);
    let mut query = HierarchyQuery::new(Arc::clone(&graph), Arc::new(customized));
    let places: Vec<Place> = (0..graph.edge_count())
        .step_by(graph.edge_count().div_ceil(ASKED).max(1))
        .map(|edge| Place { edge: EdgeId(edge as u32), fraction: Fraction::from_steps(30_000), sides: Sides::Both })
        .collect();
    for &from in &places {
        for &to in &places {
            let truth = dijkstra::travel_time(&graph, graph.weights(), from, to);
            assert_eq!(query.travel_time(from, to), truth, "{from:?} -> {to:?}");
        }
    }
}
