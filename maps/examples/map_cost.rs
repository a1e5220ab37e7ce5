//! What a map costs: time and peak memory to build one, or to open one and to make it warm.
//!
//! ```text
//! cargo run --release -p mukae-maps --example map_cost -- build town.osm.pbf town.map
//! cargo run --release -p mukae-maps --example map_cost -- open town.map
//! ```

use std::path::Path;
use std::time::{Duration, Instant};

use mukae_maps::{BuildOptions, PreparedMap, build_map};

/// Times are the least of so many.
const ROUNDS: usize = 30;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["build", extract, file] => build(Path::new(extract), Path::new(file)),
        ["open", file] => open(Path::new(file)),
        _ => panic!("say `build town.osm.pbf town.map` or `open town.map`"),
    }
}

fn build(extract: &Path, file: &Path) {
    let start = Instant::now();
    let (map, report) = build_map(extract, &BuildOptions::default(), &mut |_, _| {}).expect("the extract makes a map");
    println!("built in {:?}: {} nodes, {} edges; peak {}", start.elapsed(), report.nodes, report.edges, peak());
    let start = Instant::now();
    let bytes = map.save(file).expect("the map can be written");
    println!("saved in {:?}: {bytes} bytes; peak {}", start.elapsed(), peak());
}

fn open(file: &Path) {
    let map = || PreparedMap::open(file).expect("it is a map");
    let mut opened = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let map = map();
        opened = opened.min(start.elapsed());
        drop(map);
    }
    println!("opened in {opened:?}; peak {}", peak());
    let map = map();
    for (what, work) in [
        ("base metric", &(|| _ = map.base_metric()) as &dyn Fn()),
        ("all that is made on demand", &|| map.prepare()),
        ("digest", &|| map.verify().expect("it is the map it says it is")),
    ] {
        let start = Instant::now();
        work();
        println!("{what} in {:?}; peak {}", start.elapsed(), peak());
    }
}

/// The most memory this process ever had, where the system tells (Linux).
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .map_or("unknown".to_owned(), |peak| peak.trim().to_owned())
}
