//! The corpora of the fuzz targets, replayed: valid files, every known damage, and what fuzzing found.

#[path = "../../../fuzz/src/roads.rs"]
pub(crate) mod roads;

use std::path::Path;

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
