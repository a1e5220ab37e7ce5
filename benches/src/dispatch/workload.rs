//! Vehicles and requests of a neutral workload, as the tables say.

use std::path::Path;

use mukae_maps::table::{ReadTableError, Row, read};

/// A vehicle that stands at the head of an edge and works from `start_s` to `end_s`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NeutralVehicle {
    pub id: u32,
    pub edge: u32,
    pub capacity: u8,
    pub start_s: i64,
    pub end_s: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NeutralRequest {
    pub id: u32,
    pub time_s: i64,
    pub origin_edge: u32,
    pub dest_edge: u32,
    pub riders: u8,
}

#[derive(Clone, Debug, Default)]
pub struct Workload {
    /// By id, counted from 0.
    pub vehicles: Vec<NeutralVehicle>,
    /// By time.
    pub requests: Vec<NeutralRequest>,
}

const WHOLE: &str = "a whole number, not negative";

impl Workload {
    /// `edge_count` is that of the graph: an edge beyond it is refused.
    pub fn read(directory: &Path, edge_count: usize) -> Result<Workload, ReadTableError> {
        let mut workload = Workload::default();
        let columns = ["id", "edge", "capacity", "start_s", "end_s"];
        read(&directory.join("vehicles.csv"), columns, |row| {
            let id = row.parse(0, WHOLE)?;
            if id as usize != workload.vehicles.len() {
                return Err(row.wrong(0, "ids count up from 0"));
            }
            let (start_s, end_s) = (row.parse(3, WHOLE)?, row.parse(4, WHOLE)?);
            if end_s <= start_s {
                return Err(row.wrong(4, "the end comes after the start"));
            }
            let edge = edge(row, 1, edge_count)?;
            workload.vehicles.push(NeutralVehicle {
                id,
                edge,
                capacity: row.parse(2, "1 to 100 riders")?,
                start_s,
                end_s,
            });
            Ok(())
        })?;
        let columns = ["id", "req_time_s", "origin_edge", "dest_edge", "num_riders"];
        read(&directory.join("requests.csv"), columns, |row| {
            let time_s = row.parse(1, WHOLE)?;
            if workload.requests.last().is_some_and(|last| time_s < last.time_s) {
                return Err(row.wrong(1, "requests are sorted by time"));
            }
            workload.requests.push(NeutralRequest {
                id: row.parse(0, WHOLE)?,
                time_s,
                origin_edge: edge(row, 2, edge_count)?,
                dest_edge: edge(row, 3, edge_count)?,
                riders: row.parse(4, "1 to 100 riders")?,
            });
            Ok(())
        })?;
        Ok(workload)
    }
}

fn edge<const N: usize>(row: &Row<'_, N>, column: usize, edge_count: usize) -> Result<u32, ReadTableError> {
    let edge: u32 = row.parse(column, WHOLE)?;
    if (edge as usize) < edge_count { Ok(edge) } else { Err(row.wrong(column, "the graph has no such edge")) }
}
