//! Writes a country that does not exist as an OSM extract.
#![forbid(unsafe_code)]

use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use mukae_benches::{memory, synthetic};

/// Write a country that does not exist as an OSM extract (.osm.pbf)
///
/// The same seed and number of nodes give the same file.
#[derive(Debug, Parser)]
struct Arguments {
    /// Nodes on roads, at least; a few thousand more are written
    #[arg(long, default_value_t = 3_000_000, value_parser = clap::value_parser!(u64).range(1..=synthetic::NODES_MAX))]
    nodes: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write it
    out: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let Arguments { nodes, seed, out } = Arguments::parse();
    let file = File::create(&out).with_context(|| format!("{} cannot be written", out.display()))?;
    let written = synthetic::write(BufWriter::new(file), nodes, seed)?;
    println!("{}: {written:#?}", out.display());
    println!("{:.1} % is connected", written.connected_share() * 100.0);
    if let Some(peak) = memory::peak() {
        println!("peak memory of writing it: {} MB", peak / 1_000_000);
    }
    Ok(())
}
