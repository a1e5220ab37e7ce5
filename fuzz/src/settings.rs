//! The TOML files that planners write for `maps`: overlays and profiles.
//!
//! Used by the fuzz targets `overlay` and `profile` and by the test `maps/tests/it/corpus.rs`.

use std::sync::{Arc, OnceLock};

use mukae_maps::graph::{NewEdge, NewRoad, NewRoads, Way};
use mukae_maps::hierarchy::TOO_FAR;
use mukae_maps::osm::RoadClass;
use mukae_maps::overlay::read_overlay;
use mukae_maps::{Hierarchy, MetricId, NodeId, Profile, RoadGraph};
use mukae_units::{LatLon, Metres, Time, TravelTime};

/// Bytes given as an overlay of a small town; what it takes can be driven under at any time.
pub fn overlay(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    static TOWN: OnceLock<(RoadGraph, Arc<Hierarchy>)> = OnceLock::new();
    let (graph, hierarchy) = TOWN.get_or_init(|| {
        let graph = town();
        let hierarchy = Arc::new(Hierarchy::build(&graph));
        (graph, hierarchy)
    });
    let overlay = match read_overlay(text, "today.toml", graph) {
        Ok(overlay) => overlay,
        Err(error) => {
            let message = error.to_string();
            assert!(message.starts_with("today.toml: "), "the message names no file: {message}");
            return;
        }
    };
    for measure in &overlay.measures {
        assert!(!measure.edges.is_empty(), "{measure:?}");
        assert!(measure.edges.windows(2).all(|pair| pair[0] < pair[1]), "{measure:?}");
    }
    const CHANGES: usize = 8;
    let mut now = Time::from_unix_millis(i64::MIN / 2);
    for _ in 0..CHANGES {
        let weights = overlay.weights_at(graph, graph.weights(), now);
        assert!(weights.iter().all(|&weight| TravelTime::ZERO < weight && weight <= TOO_FAR), "{weights:?}");
        hierarchy.customize(&weights, MetricId(1));
        let Some(next) = overlay.next_change(now) else { break };
        assert!(now < next);
        now = next;
    }
}

/// Three roads around a square and one across, the last one-way.
fn town() -> RoadGraph {
    let corners = [(54.0, -4.5), (54.01, -4.5), (54.01, -4.49), (54.0, -4.49)];
    let positions = corners.map(|(lat, lon)| LatLon::from_degrees(lat, lon).expect("on the globe")).to_vec();
    let names = ["", "High Street", "Mill Lane"].map(str::to_owned);
    let way = |osm_id, name| Way { osm_id, name, class: RoadClass::Residential, is_roundabout: false };
    let edge = Some(NewEdge { weight: TravelTime::from_secs(100), is_destination_only: false });
    let mut roads = NewRoads::new(positions);
    for (tail, head, way, backward) in [(2, 0, 2, None), (0, 1, 0, edge), (1, 2, 1, edge), (2, 3, 1, edge)] {
        let (tail, head, length) = (NodeId(tail), NodeId(head), Metres::from_metres(1000));
        roads.add(NewRoad { tail, head, length, way, forward: edge, backward }, []);
    }
    RoadGraph::new(&roads, &[way(1, 1), way(2, 2), way(3, 0)], &names)
}

/// Bytes given as a profile; what it takes, written out whole, is the same profile.
pub fn profile(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Profile::parse(text, "town.toml") {
        Ok(profile) => {
            let whole = Profile::parse(&profile.to_toml(), "town.toml").expect("what was written can be read");
            assert_eq!(whole, profile);
            assert_eq!(whole.digest(), profile.digest());
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.starts_with("town.toml: "), "the message names no file: {message}");
            assert!("town.toml: ".len() < message.len(), "the message says nothing");
        }
    }
}
