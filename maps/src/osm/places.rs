//! Where people go and where they live, read out of an extract: the tables of synthetic demand
//! (`docs/synthetic-demand.md`).
//!
//! ```text
//! pass 1  ways, relations   which nodes and ways are needed
//! pass 2  ways              the sides of multipolygons
//! pass 3  nodes             their positions; places that are nodes
//! pass 4  ways, relations   places and homes that cover ground
//! ```
//! Tags are judged where they are read and never kept, so memory is bounded by the nodes of buildings and places. What a
//! tag means is decided in `kind` and `building`. A damaged block is left out and told, as where roads are read.

mod blocks;
mod building;
mod collect;
mod homes;
mod kind;
mod merge;
mod shape;

use std::path::Path;

use mukae_units::LatLon;

use crate::mesh::Cell;
use crate::osm::ReadExtractError;

pub use homes::METRES_PER_RESIDENT;
pub use kind::{PlaceKind, Weight, WeightFrom};

/// What is wanted of an extract.
#[derive(Clone, Copy, Debug)]
pub struct PlacesOptions {
    /// Refuse a damaged file instead of leaving the damaged part out.
    pub strict: bool,
    /// `None`: buildings, or streets if the extract has no building that may be a home.
    pub homes_from: Option<HomesFrom>,
    /// How many people live there in all; `None` to guess it from the homes.
    pub residents: Option<u64>,
}

/// By what homes are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HomesFrom {
    Buildings,
    /// The length of streets where people live.
    Streets,
}

/// Hundredths of a person in a home: Japan's census of 2020 counted 2.21.
const PERSONS_PER_HOME_PERCENT: u64 = 221;

/// An object of OpenStreetMap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OsmObject {
    Node(i64),
    Way(i64),
    Relation(i64),
}

impl std::fmt::Display for OsmObject {
    /// `w123`, as OpenStreetMap's own tools write it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OsmObject::Node(id) => write!(f, "n{id}"),
            OsmObject::Way(id) => write!(f, "w{id}"),
            OsmObject::Relation(id) => write!(f, "r{id}"),
        }
    }
}

/// A place of interest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    pub kind: PlaceKind,
    /// Empty if it has none.
    pub name: String,
    pub at: LatLon,
    pub weight: Weight,
    pub osm: OsmObject,
}

/// Residents of a cell of about 250 m, and where its homes are on average.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HomeCell {
    pub cell: Cell,
    pub at: LatLon,
    pub residents: u64,
}

/// What an extract holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TownPlaces {
    /// By kind, name and position.
    pub places: Vec<Place>,
    /// From south to north.
    pub homes: Vec<HomeCell>,
    /// Objects that were one place with another.
    pub merged: usize,
    pub homes_from: HomesFrom,
    /// Homes in buildings, or metres of streets.
    pub counted: u64,
    /// Objects of which the extract has no node.
    pub without_position: usize,
    /// One sentence for each damaged part of the file; what those parts held is missing.
    pub damage: Vec<String>,
}

/// Reads an extract; `progress` is told the part done, 0 to 1.
pub fn read_places(
    path: &Path,
    options: &PlacesOptions,
    progress: &mut dyn FnMut(f32),
) -> Result<TownPlaces, ReadExtractError> {
    let mut blocks = blocks::Blocks::new(path, options.strict);
    let mut collected = collect::collect(&mut blocks, options.homes_from, progress)?;
    if options.homes_from.is_none() && collected.homes.weight() == 0 && collected.homes_from == HomesFrom::Buildings {
        // What might have been homes were none: too small, or without their corners.
        blocks = blocks::Blocks::new(path, options.strict);
        collected = collect::collect(&mut blocks, Some(HomesFrom::Streets), &mut |_| {})?;
    }
    let (places, merged) = merge::merged(collected.found);
    let counted = collected.homes.weight();
    let guessed = match collected.homes_from {
        HomesFrom::Buildings => counted * PERSONS_PER_HOME_PERCENT / 100,
        HomesFrom::Streets => counted / METRES_PER_RESIDENT,
    };
    Ok(TownPlaces {
        places,
        homes: collected.homes.cells(options.residents.unwrap_or(guessed)),
        merged,
        homes_from: collected.homes_from,
        counted,
        without_position: collected.without_position,
        damage: blocks.damage,
    })
}
