//! Builds maps and holds their travel times against Dijkstra's; one line for each extract.
#![forbid(unsafe_code)]

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Parser;
use mukae_benches::proof::StageCost;
use mukae_benches::{proof, synthetic};
use mukae_maps::hierarchy::{LABEL_BYTES_MAX, Tree};

/// Build a map of an extract, and hold its travel times against Dijkstra's
///
/// Fails at the first answer that differs.
#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long, default_value_t = 100)]
    sources: usize,
    #[arg(long, default_value_t = 100)]
    targets: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Say, too, how long each stage of the build took and what memory was held
    #[arg(long)]
    stages: bool,
    /// First write a country with this many road nodes to the path, and hold the map against that, too
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=synthetic::NODES_MAX))]
    synthetic: Option<u64>,
    /// An OpenStreetMap extract (.osm.pbf)
    extract: PathBuf,
}

/// The most that building a map may hold, by the decoded size of what is kept.
const PEAK_FACTOR_MAX: u64 = 6;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let path = &arguments.extract;
    let written = arguments.synthetic.map(|nodes| write(path, nodes, arguments.seed)).transpose()?;
    let built = proof::build(path)?;
    let peak = built.stages.iter().filter_map(|cost| cost.peak).max();
    if arguments.stages {
        show(&built.stages);
        show(&proof::prepare(&built.map));
        let bytes = Tree::new(built.map.hierarchy()).label_bytes();
        let metric = built.map.base_metric();
        let made = if metric.labels().is_some() { "made" } else { "not made, searches answer" };
        println!("labels of {:.0} MB, {:.0} MB allowed: {made}", megabytes(bytes), megabytes(LABEL_BYTES_MAX));
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).display();
    let mut is_too_large = false;
    let report = &built.report;
    let seconds: f64 = built.stages.iter().map(|cost| cost.took.as_secs_f64()).sum();
    if let Some(written) = &written {
        check(written, &built)?;
        let million = written.road_nodes as f64 / 1e6;
        println!(
            "{name}: {} road nodes in {} towns, {:.1} s a million; {:.1} MB decoded",
            written.road_nodes,
            written.towns,
            seconds / million,
            megabytes(written.decoded_bytes)
        );
        if let Some(peak) = peak {
            let factor = peak as f64 / written.decoded_bytes as f64;
            is_too_large = written.decoded_bytes * PEAK_FACTOR_MAX < peak;
            println!("{name}: peak {:.1} MB a million, {factor:.1} times the decoded size", megabytes(peak) / million);
        }
    }
    let proof = proof::prove(&built.map, arguments.sources, arguments.targets, arguments.seed)
        .map_err(|difference| anyhow::anyhow!("{name}: {difference}"))?;
    ensure!(0 < proof.connected, "{name}: no pair is connected");
    let peak = peak.map_or(String::new(), |peak| format!(", {:.0} MB", megabytes(peak)));
    println!(
        "{name}: {} junctions, {} edges, built in {seconds:.1} s{peak}; {} pairs as Dijkstra has them, {} connected",
        report.nodes, report.edges, proof.pairs, proof.connected
    );
    ensure!(!is_too_large, "{name}: building held more than {PEAK_FACTOR_MAX} times the decoded size");
    Ok(())
}

fn show(stages: &[StageCost]) {
    let mb = |bytes: Option<u64>| bytes.map_or("?".to_owned(), |bytes| format!("{:.0}", megabytes(bytes)));
    for StageCost { what, took, peak, held } in stages {
        println!("{what:>12} {:8.2} s {:>6} MB at most {:>6} MB after", took.as_secs_f64(), mb(*peak), mb(*held));
    }
}

/// In this process, too: writing holds a block, far less than building.
fn write(path: &Path, nodes: u64, seed: u64) -> anyhow::Result<synthetic::Written> {
    let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(synthetic::write(BufWriter::new(file), nodes, seed)?)
}

fn check(written: &synthetic::Written, built: &proof::Built) -> anyhow::Result<()> {
    let wrong = written.differences(&built.map, &built.report);
    ensure!(wrong.is_empty(), "the map is not of what was written:\n{}", wrong.join("\n"));
    Ok(())
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
