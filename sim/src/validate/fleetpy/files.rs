//! FleetPy's files: a directory laid out as `docs/validation.md` says, or the excerpt that comes with the program.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use mukae_maps::NodeId;
use mukae_units::{LatLon, Metres, Time, TravelTime};
use thiserror::Error;

use crate::demand::RowProblem;
use crate::demand::csv::Strictness;
use crate::demand::fleetpy::{NodeRequest, read_nodes, read_requests};
use crate::demand::plane::{Plane, WrongZone};
use crate::demand::sheet::{ReadSheetError, Sheet};

/// Where to read from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Files {
    /// The roads that drives between the 28 stops use, the example of 100 requests and FleetPy's answers to it.
    Excerpt,
    Directory(PathBuf),
}

#[derive(Debug, Error)]
pub enum ReadError {
    #[error("can not read {file}: {problem}")]
    Io { file: String, problem: std::io::Error },
    #[error("{file} is not in the excerpt that comes with the program; a directory of all files is needed")]
    NotInExcerpt { file: String },
    #[error("{file}: {problem}")]
    Sheet { file: String, problem: ReadSheetError },
    #[error("{file}: {problem}")]
    Row { file: String, problem: RowProblem },
    #[error("{file}: {problem}")]
    Zone { file: String, problem: WrongZone },
}

const EDGES: &str = "inputs/network/edges.csv";
const NODES: &str = "inputs/network/nodes.csv";
const ZONE: &str = "inputs/network/crs.info";

impl Files {
    fn text(&self, file: &str) -> Result<Cow<'static, str>, ReadError> {
        match self {
            Files::Excerpt => Ok(Cow::Borrowed(match file {
                EDGES => include_str!("../../../data/fleetpy/network/edges.csv"),
                NODES => include_str!("../../../data/fleetpy/network/nodes.csv"),
                ZONE => include_str!("../../../data/fleetpy/network/crs.info"),
                "inputs/demand/example_100.csv" => include_str!("../../../data/fleetpy/demand/example_100.csv"),
                "results/example_pool_irsonly_sc_1.user_stats.csv" => {
                    include_str!("../../../data/fleetpy/results/example_pool_irsonly_sc_1.user_stats.csv")
                }
                _ => return Err(ReadError::NotInExcerpt { file: file.to_owned() }),
            })),
            Files::Directory(directory) => {
                let path = directory.join(file);
                let text = std::fs::read_to_string(&path);
                let text = text.map_err(|problem| ReadError::Io { file: path.display().to_string(), problem })?;
                Ok(Cow::Owned(text))
            }
        }
    }
}

/// Every request must be usable here: one that is not would be compared with nothing.
pub fn requests(files: &Files, name: &str) -> Result<Vec<NodeRequest>, ReadError> {
    let file = format!("inputs/demand/{name}");
    let text = files.text(&file)?;
    let found = read_requests(text.as_bytes(), Strictness::Strict);
    Ok(found.map_err(|problem| ReadError::Sheet { file, problem })?.requests)
}

pub(super) fn nodes(files: &Files) -> Result<BTreeMap<i64, LatLon>, ReadError> {
    let zone = Plane::parse(&files.text(ZONE)?);
    let zone = zone.map_err(|problem| ReadError::Zone { file: ZONE.to_owned(), problem })?;
    let found = read_nodes(files.text(NODES)?.as_bytes(), zone);
    let found = found.map_err(|problem| ReadError::Sheet { file: NODES.to_owned(), problem })?;
    match found.problems.into_iter().next() {
        None => Ok(found.positions),
        Some(problem) => Err(ReadError::Row { file: NODES.to_owned(), problem }),
    }
}

/// A one-way road.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Edge {
    pub tail: NodeId,
    pub head: NodeId,
    pub time: TravelTime,
    pub length: Metres,
}

pub(super) fn edges(files: &Files, node_of: &BTreeMap<i64, NodeId>) -> Result<Vec<Edge>, ReadError> {
    const METRES: &str = "metres, such as 274.1";
    const SECONDS: &str = "seconds, such as 19.7";
    let wrong = |problem| ReadError::Sheet { file: EDGES.to_owned(), problem };
    let text = files.text(EDGES)?;
    let columns = &["from_node", "to_node", "distance", "travel_time"];
    let sheet = Sheet::open(text.as_bytes(), columns, 4).map_err(wrong)?;
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    sheet
        .each(true, &mut problems, |line| {
            let mut node = |column| {
                let node: i64 = line.parse(column, "a node's number")?;
                let known = node_of.get(&node).copied();
                if known.is_none() {
                    line.complain(column, format!("there is no node {node}"), "a node of the table of nodes");
                }
                known
            };
            let (tail, head) = (node(0)?, node(1)?);
            let metres = line.number(2, (0.0, 1e6), METRES)?;
            let seconds = line.number(3, (0.0, 86_400.0), SECONDS)?;
            // every drive takes time here: half a millisecond and less is one
            let time = TravelTime::from_millis(((seconds * 1000.0).round() as u32).max(1));
            let length = Metres::from_millimetres((metres * 1000.0).round() as u64);
            found.push(Edge { tail, head, time, length });
            Some(())
        })
        .map_err(wrong)?;
    Ok(found)
}

/// What FleetPy did with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Counted from 0; `None` where it refused.
    pub vehicle: Option<u32>,
    pub pickup: Option<Time>,
}

pub fn answers(files: &Files, name: &str) -> Result<BTreeMap<String, Answer>, ReadError> {
    let file = format!("results/{name}");
    let text = files.text(&file)?;
    let mut found = BTreeMap::new();
    let mut read = || -> Result<(), ReadSheetError> {
        let sheet = Sheet::open(text.as_bytes(), &["request_id", "vehicle_id", "pickup_time"], 3)?;
        sheet.each(true, &mut Vec::new(), |line| {
            let id = line.name(0, "a request's id")?.to_owned();
            let answer = match line.text(2)? {
                "" => Answer { vehicle: None, pickup: None },
                _ => {
                    let vehicle = line.number(1, (0.0, 1e6), "a vehicle's number")? as u32;
                    let seconds = line.number(2, (0.0, 1e9), "seconds")?;
                    let pickup = Time::from_unix_millis((seconds * 1000.0).round() as i64);
                    Answer { vehicle: Some(vehicle), pickup: Some(pickup) }
                }
            };
            found.insert(id, answer);
            Some(())
        })?;
        Ok(())
    };
    read().map_err(|problem| ReadError::Sheet { file, problem })?;
    Ok(found)
}
