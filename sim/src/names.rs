//! What vehicles and places are called for people.

use mukae_maps::{EdgeId, RoadGraph};

/// Roads looked at for a name, near one that has none.
const NAMES_LOOKED_AT: usize = 60;

/// A vehicle's name as people say it: the title behind its resource name, or the last part of that.
pub(crate) fn shown_name(name: &str) -> String {
    let (resource, title) = name.split_once(' ').unwrap_or((name, ""));
    match (title, resource.contains('/')) {
        ("", true) => resource.rsplit('/').next().unwrap_or(resource).to_owned(),
        (title, true) => title.to_owned(),
        (_, false) => name.to_owned(),
    }
}

/// The name of a road, or of one near it if it has none; and whether it is another one's.
pub(crate) fn road_name(graph: &RoadGraph, edge: EdgeId) -> (&str, bool) {
    let mut found = vec![edge];
    let mut next = 0;
    while next < found.len() && next < NAMES_LOOKED_AT {
        let edge = found[next];
        if !graph.name(edge).is_empty() {
            return (graph.name(edge), 0 < next);
        }
        for near in graph.out_edges(graph.head(edge)).chain(graph.out_edges(graph.tail(edge))) {
            if !found.contains(&near) {
                found.push(near);
            }
        }
        next += 1;
    }
    ("", false)
}
