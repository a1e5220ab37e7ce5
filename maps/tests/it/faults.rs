//! Extracts that are partly wrong: what can be used is used, what is lost is told, or refused if asked.

use mukae_maps::{BuildOptions, BuildReport, PreparedMap};
use mukae_units::{LatLon, Metres};

use super::support::build_bytes;
use super::support::drawing::Drawing;
use super::support::pbf::{Layout, OsmNode, OsmWay, blob, write};

const TOWN: &str = "ABC\nway ABC highway=residential\nturn restriction=no_u_turn from=ABC via=B to=ABC";

fn strict() -> BuildOptions {
    BuildOptions { strict: true, ..BuildOptions::default() }
}

/// Builds from bytes of which a part is damaged, and checks that `--strict` refuses them with `words`.
#[track_caller]
fn check_damaged(bytes: &[u8], words: &str) -> (PreparedMap, BuildReport) {
    let refused = build_bytes(bytes, &strict()).map(|_| ()).expect_err(words).to_string();
    assert!(refused.contains(words), "{refused}\nshould say: {words}");
    let (map, report) = build_bytes(bytes, &BuildOptions::default()).expect("the rest is good");
    let first = report.notes().swap_remove(0);
    assert!(first.contains("THE EXTRACT IS DAMAGED") && first.contains(words), "{first}\nshould say: {words}");
    (map, report)
}

#[test]
fn a_damaged_block_is_skipped_and_told() {
    let good = write(&Drawing::new(TOWN).extract, Layout::default());
    let whole = build_bytes(&good, &strict()).expect("nothing is wrong").1;
    assert!(whole.read_faults.damage.is_empty());

    // A zlib stream that is none, in a frame that is good.
    let mut broken = blob("OSMData", b"some bytes of a block", true);
    let end = broken.len();
    broken[end - 12..].fill(0xee);
    let (map, report) = check_damaged(&[good.clone(), broken.clone(), broken].concat(), "is damaged");
    assert_eq!((map.graph().edge_count(), report.turn_restrictions_kept), (4, 1));
    assert_eq!(report.read_faults.damage.len(), 2);
    assert!(report.read_faults.damage[0].contains(&format!("the block at byte {}", good.len())));
    assert!(!report.read_faults.is_cut_short);

    // Bytes that unpack to no block.
    check_damaged(&[good.clone(), blob("OSMData", &[0xff; 40], true)].concat(), "is damaged");
}

#[test]
fn a_block_with_a_string_out_of_range_is_skipped_whole() {
    use osmpbfreader::osmformat::{PrimitiveBlock, PrimitiveGroup, Way};
    let good = write(&Drawing::new(TOWN).extract, Layout::default());
    let mut block = PrimitiveBlock::new();
    block.stringtable.mut_or_insert_default().s = vec![Vec::new(), b"highway".to_vec(), b"residential".to_vec()];
    let mut group = PrimitiveGroup::new();
    for value in [2, 9] {
        let mut way = Way::new();
        way.set_id(500 + i64::from(value));
        (way.keys, way.vals, way.refs) = (vec![1], vec![value], vec![1, 1]);
        group.ways.push(way);
    }
    block.primitivegroup.push(group);
    let block = protobuf::Message::write_to_bytes(&block).unwrap();
    let (map, _) = check_damaged(&[good, blob("OSMData", &block, true)].concat(), "names a string that is not");
    assert!(map.graph().edges().all(|edge| map.graph().way(edge).osm_id == 101), "no half of a block is kept");
}

#[test]
fn a_truncated_file_is_used_up_to_its_end() {
    // Relations are last: they are lost, the roads are there.
    let good = write(&Drawing::new(TOWN).extract, Layout::default());
    let (map, report) = check_damaged(&good[..good.len() - 5], "ends at byte");
    assert_eq!((map.graph().edge_count(), report.turn_restrictions), (2, 0));
    assert!(report.read_faults.is_cut_short);
    assert!(report.notes()[0].contains("AND ALL AFTER"), "{:?}", report.notes());
    // What comes after a frame that cannot be read has no place to begin.
    let (_, report) = check_damaged(&[&good[..], &[0xff; 8], &good[..]].concat(), "its header would be");
    assert!(report.read_faults.is_cut_short);
}

#[test]
fn absurd_limits_are_listed_and_ignored() {
    let town = |limit: &str| Drawing::new(&format!("AB\nway AB highway=residential maxspeed={limit}"));
    let plain = Drawing::new("AB\nway AB highway=residential").build(&BuildOptions::default()).0;
    for limit in ["5000", "fast", "-50", "1"] {
        let (map, report) = town(limit).build(&BuildOptions::default());
        assert_eq!(report.read_faults.absurd_limits, [101], "{limit}");
        assert_eq!(map.graph().weights(), plain.graph().weights(), "{limit}");
        assert!(report.notes().iter().any(|note| note.contains("makes no sense and was ignored: 1 (w101)")));
    }
    assert!(town("50").build(&BuildOptions::default()).1.read_faults.absurd_limits.is_empty());
}

#[test]
fn what_stands_there_twice_is_counted_and_the_last_holds() {
    let mut drawing = Drawing::new(
        "ABC\nway AB highway=residential\nway BC highway=primary\nturn restriction=no_u_turn from=AB via=B to=AB",
    );
    let moved = OsmNode { lon_e7: drawing.extract.nodes[2].lon_e7 + 50_000, ..drawing.extract.nodes[2].clone() };
    drawing.extract.nodes.push(moved.clone());
    drawing.extract.nodes.push(moved);
    let again = OsmWay { refs: vec![1, 3], ..drawing.extract.ways[1].clone() };
    drawing.extract.ways.push(again);
    let relation = drawing.extract.relations[0].clone();
    drawing.extract.relations.push(relation);
    let (map, report) = build_bytes(&write(&drawing.extract, Layout::default()), &BuildOptions::default()).unwrap();
    assert_eq!(report.read_faults.repeated_nodes, 1);
    assert_eq!(report.read_faults.repeated_ways, [102]);
    assert_eq!((report.turn_restrictions, report.turn_restrictions_kept), (2, 1));
    assert_eq!(map.graph().edge_count(), 4);
    let length = report.road_length.as_metres();
    assert!((870..900).contains(&length), "A to B, and A to where C is at last: {length}");
}

#[test]
fn stretches_without_length_and_without_end_are_counted() {
    let mut drawing = Drawing::new("ABC\nway AB highway=residential\nway BC highway=residential");
    drawing.extract.nodes[1].lat_e7 = drawing.extract.nodes[0].lat_e7;
    drawing.extract.nodes[1].lon_e7 = drawing.extract.nodes[0].lon_e7;
    let (_, report) = build_bytes(&write(&drawing.extract, Layout::default()), &BuildOptions::default()).unwrap();
    assert_eq!(report.faults.zero_length_pieces, 1);
    // At 8 km/h the other side of the globe is 104 days away.
    let mut drawing = Drawing::new(
        "ABC\nway AB highway=residential\nway BC highway=track smoothness=very_horrible motor_vehicle=yes",
    );
    (drawing.extract.nodes[2].lat_e7, drawing.extract.nodes[2].lon_e7) = (-100_000_000, -1_500_000_000);
    let options = super::support::options("vehicle.tracks = true");
    let (map, report) = build_bytes(&write(&drawing.extract, Layout::default()), &options).unwrap();
    assert_eq!((report.faults.endless_pieces, map.graph().edge_count()), (1, 2));
    assert!(report.notes().iter().any(|note| note.contains("longer than 12 days: 1")), "{:?}", report.notes());
}

#[test]
fn roads_across_the_antimeridian_are_as_long_as_others() {
    // Taveuni in Fiji; E is the first letter of the western hemisphere.
    let text = "ABCDEFGH\nway ABCDEFGH highway=residential";
    let here = Drawing::at((-168_000_000, 1_799_965_000), text);
    let elsewhere = Drawing::at((-168_000_000, 1_700_000_000), text);
    let lengths = [&here, &elsewhere].map(|drawing| drawing.build(&BuildOptions::default()).1.road_length);
    assert_eq!(lengths[0], lengths[1]);
    let (map, _) = here.build(&BuildOptions::default());
    assert_eq!(map.graph().edge_count(), 2);
    let bounds = map.meta().bounds;
    assert!(bounds.north_east.lon() < bounds.south_west.lon(), "{bounds:?}");
    for lon_e7 in [1_799_995_000, -1_799_995_000, 1_800_000_000, -1_800_000_000] {
        // Some 110 m north of the road, on either side of the line and on it.
        let at = LatLon::from_e7(-167_990_000, lon_e7).unwrap();
        let snapped = map.snap(at, Metres::from_metres(200)).unwrap();
        assert!((105..116).contains(&snapped.distance.as_metres()), "{snapped:?}");
        assert!(snapped.position.lon_e7().abs_diff(lon_e7) < 20 || lon_e7.abs() == 1_800_000_000, "{snapped:?}");
    }
}
