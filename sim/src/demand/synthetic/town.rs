//! Who lives where and where people go: what synthetic demand knows of a town.

use std::fs::File;
use std::path::Path;

use mukae_maps::RoadGraph;
use mukae_maps::mesh::Cell;
use mukae_maps::osm::places::PlaceKind;
use mukae_units::LatLon;
use thiserror::Error;

use super::tables::{Told, read_homes, read_places};
use super::{from_roads, tables};
use crate::demand::RowProblem;
use crate::demand::sheet::ReadSheetError;

/// Residents of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Home {
    /// The line of the table, counted from 1; 0 if it was not read.
    pub line: u64,
    /// Where they live on average.
    pub at: LatLon,
    pub cell: Cell,
    /// Not zero.
    pub residents: u64,
    /// Thousandths of them aged 65 and over, if it is known.
    pub elderly: Option<u32>,
}

/// A place people go to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// As of a home.
    pub line: u64,
    pub kind: PlaceKind,
    pub name: String,
    pub at: LatLon,
    /// Visitors a day, by which it is compared with others; not zero.
    pub weight: u64,
}

/// A town, and where its tables come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Town {
    pub places: Vec<Place>,
    pub homes: Vec<Home>,
    pub places_from: String,
    pub homes_from: String,
}

#[derive(Debug, Error)]
pub enum ReadTownError {
    #[error("{file}: cannot be read: {source}")]
    Open { file: String, source: std::io::Error },
    #[error("{file}: {source}")]
    Table { file: String, source: ReadSheetError },
}

/// What is said of tables that were made of the roads.
const FROM_ROADS: &str = "the roads alone";

impl Town {
    /// Homes along slow roads, places where junctions are dense: for a town of which nothing is known but its roads.
    pub fn from_roads(graph: &RoadGraph) -> Town {
        let (homes, places) = from_roads::tables(graph);
        Town { places, homes, places_from: FROM_ROADS.to_owned(), homes_from: FROM_ROADS.to_owned() }
    }

    /// From the texts of two tables that travel with the program.
    ///
    /// # Panics
    /// If a row of them can not be used.
    pub fn shipped(name: &str, places: &str, homes: &str) -> Town {
        let (places, homes) = (read_places(places.as_bytes()), read_homes(homes.as_bytes()));
        let (places, homes) = (places.expect("a shipped table"), homes.expect("a shipped table"));
        assert!(places.problems.is_empty() && homes.problems.is_empty(), "{:?} {:?}", places.problems, homes.problems);
        Town { places: places.rows, homes: homes.rows, places_from: name.to_owned(), homes_from: name.to_owned() }
    }

    /// With the tables of these files instead of its own; and each row of them that can not be used, after the file's name.
    pub fn with_files(
        mut self,
        places: Option<&Path>,
        homes: Option<&Path>,
    ) -> Result<(Town, Vec<String>), ReadTownError> {
        let mut problems = Vec::new();
        if let Some(file) = places {
            (self.places, self.places_from) = read(file, tables::read_places, &mut problems)?;
        }
        if let Some(file) = homes {
            (self.homes, self.homes_from) = read(file, tables::read_homes, &mut problems)?;
        }
        Ok((self, problems))
    }

    /// In a line, for people.
    pub fn told(&self) -> String {
        let residents: u64 = self.homes.iter().map(|home| home.residents).sum();
        format!(
            "{} places of {}, {residents} residents in {} cells of {}",
            self.places.len(),
            self.places_from,
            self.homes.len(),
            self.homes_from
        )
    }
}

fn read<T>(
    file: &Path,
    reader: fn(File) -> Result<Told<T>, ReadSheetError>,
    problems: &mut Vec<String>,
) -> Result<(Vec<T>, String), ReadTownError> {
    let name = file.display().to_string();
    let source = File::open(file).map_err(|source| ReadTownError::Open { file: name.clone(), source })?;
    let told = reader(source).map_err(|source| ReadTownError::Table { file: name.clone(), source })?;
    problems.extend(told.problems.iter().map(|problem: &RowProblem| format!("{name}, {problem}")));
    Ok((told.rows, name))
}
