//! The readers of `maps`: whatever the bytes are, an error in words or a map whose travel times are Dijkstra's.
//!
//! Used by the fuzz targets `extract` and `map_file` and by the test `maps/tests/it/corpus.rs`.

use mukae_maps::{
    BuildOptions, EdgeId, Fraction, OpenMapError, Place, PreparedMap, Sides, TravelTimes, build_map, dijkstra,
};

/// Bytes given as an OSM extract. The reader goes over a file twice, so there is one.
pub fn extract(bytes: &[u8]) {
    thread_local! {
        static DIRECTORY: tempfile::TempDir = tempfile::tempdir().expect("a temporary directory");
    }
    let path = DIRECTORY.with(|directory| directory.path().join("town.osm.pbf"));
    std::fs::write(&path, bytes).expect("a temporary file");
    match build_map(&path, &BuildOptions::default(), &mut |_, part| assert!((0.0..=1.0).contains(&part), "{part}")) {
        Ok((map, report)) => {
            assert_eq!(report.nodes, map.graph().node_count());
            report.notes();
            let reopened = PreparedMap::from_bytes(map.to_bytes(), "town.map").expect("what was written can be read");
            assert_eq!(reopened.checksum(), map.checksum());
            ask(&map);
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.contains("town.osm.pbf"), "the message names no file: {message}");
        }
    }
}

/// Bytes given as a prepared map: as they are, and with every checksum made right, so that what lies beneath is
/// reached.
pub fn map_file(bytes: &[u8]) {
    open(bytes.to_vec());
    let mut forged = bytes.to_vec();
    if reseal(&mut forged).is_some() {
        open(forged);
    }
}

fn open(bytes: Vec<u8>) {
    match PreparedMap::from_bytes(bytes, "town.map") {
        Ok(map) => ask(&map),
        Err(error) => tell(&error),
    }
}

fn tell(error: &OpenMapError) {
    let message = error.to_string();
    assert!(message.starts_with("town.map: "), "the message names no file: {message}");
    assert!(message.contains("mukae map build"), "the message says not what to do: {message}");
}

/// Places all over the map: where they are, and how far from one another.
fn ask(map: &PreparedMap) {
    const ASKED: usize = 8;
    let (graph, mut query) = (map.graph(), map.query());
    let step = graph.edge_count().div_ceil(ASKED).max(1);
    let places: Vec<Place> = (0..graph.edge_count())
        .step_by(step)
        .enumerate()
        .map(|(index, edge)| Place {
            edge: EdgeId(edge as u32),
            fraction: Fraction::from_steps([0, 20_000, u16::MAX][index % 3]),
            sides: if index % 2 == 0 { Sides::Both } else { Sides::This },
        })
        .collect();
    let mut row = Vec::new();
    for &from in &places {
        map.position(from);
        query.one_to_many(from, &places, &mut row);
        for (&to, &in_row) in places.iter().zip(&row) {
            let truth = dijkstra::travel_time(graph, graph.weights(), from, to);
            assert_eq!(query.travel_time(from, to), truth, "{from:?} -> {to:?}");
            assert_eq!(in_row, truth, "{from:?} -> {to:?}, among others");
            assert_eq!(query.path(from, to).map(|path| path.travel_time()), truth, "{from:?} -> {to:?}, by the path");
        }
    }
}

/// Makes length and every checksum right again; `None` if the file is too short to have any.
pub fn reseal(file: &mut [u8]) -> Option<()> {
    const HEADER: usize = 64;
    const ENTRY: usize = 48;
    let long = |file: &[u8], at: usize| Some(u64::from_le_bytes(*file.get(at..)?.first_chunk()?));
    let count = long(file, 24)? as u32 as usize;
    let table_end = HEADER.checked_add(ENTRY.checked_mul(count)?).filter(|&table_end| table_end <= file.len())?;
    let length = (file.len() as u64).to_le_bytes();
    file[16..24].copy_from_slice(&length);
    for entry in (0..count).map(|index| HEADER + ENTRY * index) {
        let (offset, length) = (long(file, entry + 24)? as usize, long(file, entry + 32)? as usize);
        let section = offset.checked_add(length).and_then(|section_end| file.get(offset..section_end));
        if let Some(section) = section {
            let crc = crc32fast::hash(section).to_le_bytes();
            file[entry + 40..entry + 44].copy_from_slice(&crc);
        }
    }
    let digest = blake3::hash(&file[HEADER..]);
    file[32..64].copy_from_slice(digest.as_bytes());
    let covered = [&file[..28], &file[32..table_end]].concat();
    file[28..32].copy_from_slice(&crc32fast::hash(&covered).to_le_bytes());
    Some(())
}
