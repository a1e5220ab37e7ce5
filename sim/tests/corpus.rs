//! The corpus of the fuzz target `demand_csv`, replayed: valid tables, every known damage, and what fuzzing found.

#[path = "../../fuzz/src/demand.rs"]
mod demand;

use std::path::Path;

#[test]
fn demand_tables() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/demand_csv");
    let mut paths: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(5 < paths.len(), "the corpus is gone");
    for path in paths {
        println!("{}", path.display());
        demand::demand_csv(&std::fs::read(&path).unwrap());
    }
}
