//! A small country that does not exist: the map is of what was written, and its travel times are Dijkstra's.

use std::fs;

use mukae_benches::{proof, synthetic};

#[test]
fn the_map_is_of_what_was_written() {
    let directory = tempfile::tempdir().unwrap();
    for (seed, nodes) in [(1, 1), (2, 4_000), (3, 25_000)] {
        let path = directory.path().join("country.osm.pbf");
        let mut bytes = Vec::new();
        let written = synthetic::write(&mut bytes, nodes, seed).unwrap();
        assert_eq!(written.file_bytes, bytes.len() as u64);
        assert!((nodes..nodes + 20_000).contains(&written.road_nodes), "seed {seed}: {written:?}");
        fs::write(&path, &bytes).unwrap();
        let built = proof::build(&path).unwrap();
        let wrong = written.differences(&built.map, &built.report);
        assert_eq!(wrong, Vec::<String>::new(), "seed {seed}: {written:?}");
        proof::prove(&built.map, 12, 12, seed).unwrap_or_else(|difference| panic!("seed {seed}: {difference}"));
        if seed == 3 {
            assert!(written.connected_points < written.road_nodes, "some towns are islands: {written:?}");
            assert!(10 < written.turns && 10 < written.barriers, "{written:?}");
        }
    }
}

#[test]
fn a_seed_gives_the_same_file_and_another_seed_another() {
    let file = |seed| {
        let mut bytes = Vec::new();
        synthetic::write(&mut bytes, 3_000, seed).unwrap();
        bytes
    };
    assert!(file(7) == file(7));
    assert!(file(7) != file(8));
}
