use super::*;
use jiff::civil::date;
use mukae_maps::graph::{NewEdge, NewRoad, NewRoads, Way};
use mukae_maps::osm::RoadClass;
use mukae_maps::{NodeId, RoadGraph};
use mukae_units::TravelTime;

/// A dense 6 x 6 block of slow streets 100 m apart, and a fast road of 10 km to a village.
fn town() -> RoadGraph {
    let mut position = Vec::new();
    for north in 0..6 {
        for east in 0..6 {
            position.push(LatLon::from_e7(540_000_000 + north * 9000, -45_000_000 + east * 15_300).unwrap());
        }
    }
    for far in 1..=10 {
        position.push(LatLon::from_e7(540_000_000 + far * 90_000, -45_000_000).unwrap());
    }
    let mut roads: Vec<(u32, u32, u64, u32)> = Vec::new();
    for node in 0..36u32 {
        if node % 6 != 5 {
            roads.push((node, node + 1, 100, 12_000));
        }
        if node < 30 {
            roads.push((node, node + 6, 100, 12_000));
        }
    }
    roads.push((30, 36, 1000, 45_000));
    roads.extend((36..45).map(|node| (node, node + 1, 1000, 45_000)));
    let mut laid = NewRoads::new(position);
    for (tail, head, metres, millis) in roads {
        let edge = NewEdge { weight: TravelTime::from_millis(millis), is_destination_only: false };
        let road = NewRoad {
            tail: NodeId(tail),
            head: NodeId(head),
            length: Metres::from_metres(metres),
            way: 0,
            forward: Some(edge),
            backward: Some(edge),
        };
        laid.add(road, []);
    }
    let way = Way { osm_id: 1, name: 0, class: RoadClass::Residential, is_roundabout: false };
    RoadGraph::new(&laid, &[way], &[String::new()])
}

fn weekday(requests: usize, seed: u64) -> SyntheticDay {
    SyntheticDay::weekday(date(2026, 11, 24), TimeZone::get("Europe/Isle_of_Man").unwrap(), requests, seed)
}

#[test]
fn the_same_map_seed_and_parameters_give_the_same_day() {
    let graph = town();
    let rows = day(&graph, &weekday(200, 1));
    assert_eq!(rows, day(&graph, &weekday(200, 1)));
    assert_ne!(rows, day(&graph, &weekday(200, 2)));
    // A longer day begins with the same riders: draws are keyed, not in sequence.
    let longer = day(&graph, &weekday(400, 1));
    assert!(rows.iter().all(|row| longer.contains(row)));
}

#[test]
fn a_day_looks_as_its_parameters_say() {
    let graph = town();
    let parameters = weekday(2000, 7);
    let rows = day(&graph, &parameters);
    assert_eq!(rows.len(), 2000);
    assert!(rows.is_sorted_by_key(|row| row.created_at));
    let (from, to) = (local(&parameters, 7 * 3600), local(&parameters, 19 * 3600 + 1800));
    for row in &rows {
        assert!(row.created_at <= row.window.earliest(), "{row:?}");
        assert!(from - Span::HOUR <= row.window.earliest() && row.window.latest() <= to, "{row:?}");
        assert_eq!(row.window.width(), parameters.window);
    }
    let share = |count: usize| count * 1000 / rows.len();
    let out: Vec<&RequestRow> = rows.iter().filter(|row| !row.id.ends_with('b')).collect();
    let arriving = out.iter().filter(|row| row.kind == WishKind::ArriveBy).count() * 1000 / out.len();
    assert!((320..380).contains(&arriving), "{arriving}");
    assert!((250..420).contains(&share(rows.len() - out.len())), "{}", share(rows.len() - out.len()));
    let wheelchairs = rows.iter().filter(|row| row.party.of(mukae_units::SeatKind::Wheelchair) > 0).count();
    assert!((25..60).contains(&share(wheelchairs)), "{wheelchairs}");
    // The block of streets is the centre: most trips end there, homes are mostly there too.
    let in_block = |place: LatLon| place.lat_e7() <= 540_045_000;
    assert!(800 < share(rows.iter().filter(|row| in_block(row.to) || in_block(row.from)).count()));
    assert!(rows.iter().any(|row| !in_block(row.from)));
}

#[test]
fn a_day_of_another_length_and_a_map_without_roads() {
    let graph = town();
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    // The clock goes back at 03:00: the hours after it are an hour later than by counting.
    let mut parameters = SyntheticDay::weekday(date(2026, 10, 25), zone, 50, 1);
    let at = |hour: i64| local(&parameters, hour * 3600);
    assert_eq!((at(4) - at(1), at(24) - at(0)), (Span::HOUR * 4, Span::HOUR * 25));
    parameters.hours = [0; 24];
    assert!(day(&graph, &parameters).is_empty());
    let empty = RoadGraph::new(&NewRoads::default(), &[], &[String::new()]);
    assert!(day(&empty, &weekday(50, 1)).is_empty());
}
