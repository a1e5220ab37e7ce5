//! The corpora of the fuzz targets, replayed: valid files, every known damage, and what fuzzing found.
//!
//! Map files change with their format: `MUKAE_CORPUS=write cargo test -p mukae-maps --test it corpus` writes them anew.

#[path = "../../../fuzz/src/roads.rs"]
pub(crate) mod roads;
#[path = "../../../fuzz/src/settings.rs"]
mod settings;
#[path = "../../../fuzz/src/tables.rs"]
mod tables;

use std::path::Path;

use mukae_maps::{BuildOptions, PreparedMap};

use super::support::drawing::Drawing;

/// Reads every file of a corpus; says which one it was if one panics.
fn replay(corpus: &str, read: fn(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(corpus);
    let mut paths: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(5 < paths.len(), "the corpus is gone");
    for path in paths {
        println!("{}", path.display());
        read(&std::fs::read(&path).unwrap());
    }
}

#[test]
fn extracts() {
    replay("extract", roads::extract);
}

#[test]
fn map_files() {
    replay("map_file", roads::map_file);
}

#[test]
fn tables_of_points_and_of_roads() {
    replay("table", tables::table);
}

#[test]
fn overlays() {
    replay("overlay", settings::overlay);
}

#[test]
fn profiles() {
    replay("profile", settings::profile);
}

fn map_of(drawing: &str) -> Vec<u8> {
    Drawing::new(drawing).build(&BuildOptions::default()).0.to_bytes()
}

/// Three drawn towns and each known damage.
fn map_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let town = map_of(
        "A-B-C\n|   |\nD-E-F\nway ABC highway=residential name=High\nway DEF highway=tertiary\n\
         way AD highway=residential access=destination\nway CF highway=residential\n\
         turn restriction=no_left_turn from=ABC via=C to=CF",
    );
    let ring = map_of("AB\nDC\nway ABCDA highway=residential");
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = town.clone();
        change(&mut bytes);
        bytes
    };
    let mut edge_too_long = ring.clone();
    let table = edge_too_long.windows(13).position(|name| name == b"graph.length\0").expect("there are lengths");
    let offset = u64::from_le_bytes(edge_too_long[table + 24..table + 32].try_into().unwrap()) as usize;
    edge_too_long[offset..offset + 8].copy_from_slice(&u64::MAX.to_le_bytes());
    roads::reseal(&mut edge_too_long).expect("as long as before");
    vec![
        ("one-way", map_of("AB\nDC\nway ABCDA highway=residential oneway=yes")),
        ("edge-too-long", edge_too_long),
        ("big-endian", changed(&|bytes| bytes[8..12].reverse())),
        ("content", changed(&|bytes| *bytes.last_mut().expect("not empty") ^= 1)),
        ("other-version", changed(&|bytes| bytes[12] = 9)),
        ("section-count", changed(&|bytes| bytes[24] = 255)),
        ("section-outside", changed(&|bytes| bytes[64 + 24 + 6] = 1)),
        ("truncated", town[..town.len() - 1].to_vec()),
        ("ring", ring),
        ("town", town),
        ("text", b"hello".to_vec()),
        ("empty", Vec::new()),
    ]
}

#[test]
fn map_seeds_are_of_this_format() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/map_file");
    if std::env::var("MUKAE_CORPUS").is_ok_and(|mode| mode == "write") {
        for (name, bytes) in map_seeds() {
            std::fs::write(directory.join(name), bytes).unwrap();
        }
    }
    for name in ["town", "ring", "one-way"] {
        let opened = PreparedMap::open(&directory.join(name));
        assert!(opened.is_ok(), "{name}: {}; see the top of this file", opened.unwrap_err());
    }
}
