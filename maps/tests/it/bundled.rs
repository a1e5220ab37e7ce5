//! The two islands that the project carries.

use mukae_maps::{
    BuildOptions, DrivingSide, ManoeuvreKind, NoRoadNear, Place, PreparedMap, Sides, SnapOptions, TravelTimes,
};
use mukae_units::{LatLon, Metres, TravelTime};

use super::support::{build, bundled};

fn island(name: &str) -> (PreparedMap, mukae_maps::BuildReport) {
    build(&bundled(name), &BuildOptions::default()).expect("the project's own extracts are good")
}

fn point(lat: f64, lon: f64) -> LatLon {
    LatLon::from_degrees(lat, lon).unwrap()
}

#[test]
fn niue() {
    let (map, report) = island("niue.osm.pbf");
    assert_eq!((report.nodes, report.edges), (277, 637));
    assert_eq!(report.road_length.as_km().round(), 142.0);
    assert_eq!(report.turn_restrictions, 0);
    assert_eq!(map.meta().profile, "default");
    assert!((0.996..0.998).contains(&report.largest_component_share), "{}", report.largest_component_share);
    assert_eq!(report.driving_side, DrivingSide::Left);
    assert_eq!(map.credit(), "© OpenStreetMap contributors, ODbL 1.0");
    assert_eq!(map.meta().source, "niue.osm.pbf");
    // Alofi's wharf road.
    let snapped = map.snap(point(-19.0540, -169.9190), Metres::from_metres(300)).unwrap();
    assert!(snapped.distance < Metres::from_metres(200), "{snapped:?}");
    assert_eq!(map.position(snapped.place), snapped.position);
}

#[test]
fn the_isle_of_man() {
    let (map, report) = island("isle-of-man.osm.pbf");
    assert_eq!((report.nodes, report.edges), (9265, 20_454));
    assert_eq!(map.meta().profile, "british-isles");
    assert!((1190.0..1230.0).contains(&report.road_length.as_km()), "{}", report.road_length.as_km());
    // Of 24 relations one is about a road too weak for a minibus, and one names two ways, of which one
    // does not come near the junction.
    assert_eq!((report.turn_restrictions, report.turn_restrictions_kept), (24, 23));
    assert_eq!(report.restrictions_skipped.len(), 2);
    assert!((0.986..0.988).contains(&report.largest_component_share), "{}", report.largest_component_share);
    assert_eq!(report.driving_side, DrivingSide::Left);
    assert_eq!(map.graph().restrictions().len(), 29);

    // Douglas's promenade to Peel: 17 km as the crow flies a little less, a good quarter of an hour.
    let near = Metres::from_metres(250);
    let douglas = map.snap(point(54.1510, -4.4770), near).unwrap();
    let peel = map.snap(point(54.2220, -4.6920), near).unwrap();
    let time = map.query().travel_time(douglas.place, peel.place).expect("one island");
    assert!(TravelTime::from_secs(14 * 60) < time && time < TravelTime::from_secs(35 * 60), "{time:?}");
}

#[test]
fn beyond_the_limit_the_nearest_distance_is_told() {
    let (map, _) = island("niue.osm.pbf");
    let at_sea = point(-19.0, -170.0);
    let Err(NoRoadNear::TooFar { nearest, limit }) = map.snap(at_sea, Metres::from_metres(500)) else {
        panic!("there are no roads in the sea")
    };
    assert_eq!(limit, Metres::from_metres(500));
    assert!((5.0..12.0).contains(&nearest.as_km()), "{nearest:?}");
    let found = map.snap(at_sea, Metres::from_metres(50_000)).unwrap();
    assert!(found.distance <= nearest, "{found:?} against {nearest:?}");
    // The other side of the world, the pole, and across the antimeridian.
    for (lat, lon) in [(19.0, 10.0), (90.0, 0.0), (-90.0, 0.0), (-19.05, 179.99), (0.0, 180.0), (0.0, -180.0)] {
        assert!(map.snap(point(lat, lon), Metres::from_metres(1000)).is_err());
        assert!(map.snap(point(lat, lon), Metres::from_metres(30_000_000)).is_ok());
    }
}

#[test]
fn places_are_on_routable_canonical_edges() {
    let (map, _) = island("isle-of-man.osm.pbf");
    let graph = map.graph();
    let mut one_ways = 0;
    for edge in graph.edges().filter(|&edge| graph.is_routable(edge)).step_by(37) {
        let middle = graph.line(edge).nth(1).unwrap();
        let snapped = map.snap(middle, Metres::from_metres(1)).unwrap();
        assert!(graph.is_routable(snapped.place.edge) && graph.is_canonical(snapped.place.edge));
        assert_eq!(snapped.place.sides == Sides::Both, graph.twin(snapped.place.edge).is_some());
        one_ways += u32::from(snapped.place.sides == Sides::This);
    }
    assert!(0 < one_ways);
}

#[test]
fn a_door_between_roads_has_several_places() {
    let (map, _) = island("isle-of-man.osm.pbf");
    let graph = map.graph();
    let near = Metres::from_metres(300);
    let (mut ambiguous, mut kerbs) = (0, 0);
    for edge in graph.edges().filter(|&edge| graph.is_routable(edge)).step_by(41) {
        // 30 m north of a junction.
        let at = graph.position(graph.tail(edge));
        let at = LatLon::from_e7(at.lat_e7() + 2_700, at.lon_e7()).unwrap();
        let doors = map.candidates(at, &SnapOptions::door(near)).unwrap();
        assert_eq!(map.snap_by(at, &SnapOptions::door(near)), Ok(doors[0]));
        assert!(doors.iter().all(|door| graph.is_routable(door.place.edge) && door.distance <= near), "{doors:?}");
        assert!(doors.iter().all(|door| !graph.way(door.place.edge).is_roundabout), "{doors:?}");
        ambiguous += u32::from(1 < doors.len());
        let meeting_point = map.snap_by(at, &SnapOptions::meeting_point(near, DrivingSide::Left)).unwrap();
        assert!(meeting_point.distance.as_millimetres().abs_diff(doors[0].distance.as_millimetres()) < 200);
        kerbs += u32::from(meeting_point.place.sides != doors[0].place.sides);
    }
    assert!(100 < ambiguous && 20 < kerbs, "{ambiguous} {kerbs}");
}

#[test]
fn drives_across_the_island_are_told() {
    let (map, _) = island("isle-of-man.osm.pbf");
    let graph = map.graph();
    let mut query = map.query();
    let places: Vec<Place> =
        graph.edges().filter(|&edge| graph.is_routable(edge)).step_by(97).map(Place::head_of).collect();
    let mut exits = 0;
    for (&from, &to) in places.iter().zip(places.iter().rev()) {
        let path = query.path(from, to).expect("both are routable");
        let told = path.manoeuvres(graph, None);
        assert_eq!(told.iter().map(|one| one.length).sum::<Metres>(), path.length());
        assert!(told.len() <= path.edges().len() + 1, "{told:?}");
        for one in &told {
            if let ManoeuvreKind::Roundabout { exit: Some(exit) } = one.kind {
                assert!((1..=6).contains(&exit), "{one:?}");
                assert!(!graph.way(one.road).is_roundabout, "{one:?}");
                exits += 1;
            }
        }
    }
    assert!(50 < exits, "{exits}");
}
