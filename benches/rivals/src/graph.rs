//! The neutral format, `vertices.csv` and `edges.csv`, read for all engines.

use std::path::Path;

use anyhow::{Context, Result, ensure};

pub struct Edge {
    pub from: u32,
    pub to: u32,
    pub millis: u32,
    pub millimetres: u64,
}

pub struct Graph {
    /// Latitude and longitude in degrees.
    pub positions: Vec<(f64, f64)>,
    /// Sorted by `from`, then `to`.
    pub edges: Vec<Edge>,
}

impl Graph {
    /// `id,lat,lon` and `id,from,to,travel_time_ds,length_m`; ids are line numbers from 0 on.
    pub fn read(directory: &Path) -> Result<Graph> {
        let mut positions = Vec::new();
        for row in reader(directory, "vertices.csv")?.records() {
            let row = row?;
            ensure!(row[0].parse() == Ok(positions.len()), "vertex ids are line numbers: {row:?}");
            positions.push((row[1].parse()?, row[2].parse()?));
        }
        let mut edges = Vec::new();
        for row in reader(directory, "edges.csv")?.records() {
            let row = row?;
            let tenths: u32 = row[3].parse()?;
            let metres: f64 = row[4].parse()?;
            let edge = Edge {
                from: row[1].parse()?,
                to: row[2].parse()?,
                millis: tenths.max(1) * 100,
                millimetres: (metres * 1000.0).round() as u64,
            };
            ensure!(
                (edge.from as usize) < positions.len() && (edge.to as usize) < positions.len(),
                "no such vertex: {row:?}"
            );
            edges.push(edge);
        }
        Ok(Graph { positions, edges })
    }

    /// Random pairs of vertices (SplitMix64).
    pub fn pairs(&self, count: usize, seed: u64) -> Vec<(u32, u32)> {
        let mut state = seed.wrapping_mul(0x2545_F491_4F6C_DD1D);
        let mut draw = || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) % self.positions.len() as u64) as u32
        };
        (0..count).map(|_| (draw(), draw())).collect()
    }
}

fn reader(directory: &Path, name: &str) -> Result<csv::Reader<std::fs::File>> {
    let path = directory.join(name);
    csv::Reader::from_path(&path).with_context(|| format!("{} cannot be read", path.display()))
}
