//! Homes and places as tables that a planner can correct (`docs/synthetic-demand.md`).

use std::io::{Read, Write};

use ::csv::WriterBuilder;
use mukae_maps::mesh::{Cell, Side};
use mukae_maps::osm::places::{PlaceKind, TownPlaces};
use mukae_units::LatLon;

use super::town::{Home, Place};
use crate::demand::RowProblem;
use crate::demand::csv::degrees;
use crate::demand::sheet::{Line, ReadSheetError, Sheet};

/// The first five must be there; `osm` says where a row comes from and is not read, nor is `weight_from`.
const PLACES: [&str; 7] = ["kind", "name", "lat", "lon", "weight", "weight_from", "osm"];
const PLACES_NEEDED: usize = 5;
/// `residents` must be there, and where they are: the code of a cell, or a point.
const HOMES: [&str; 5] = ["residents", "elderly", "mesh", "lat", "lon"];
const HOMES_NEEDED: usize = 1;
const RESIDENTS_MAX: f64 = 1e6;
/// Of a whole table.
const TOWN_MAX: u64 = 10_000_000;
const WEIGHT_MAX: f64 = 1e6;

/// Rows of a table, and those that can not be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told<T> {
    pub rows: Vec<T>,
    pub problems: Vec<RowProblem>,
}

pub fn read_places(source: impl Read) -> Result<Told<Place>, ReadSheetError> {
    let sheet = Sheet::open(source, &PLACES, PLACES_NEEDED)?;
    let mut told = Told { rows: Vec::new(), problems: Vec::new() };
    sheet.each(false, &mut told.problems, |line| {
        let (kind, name, at, weight) = (kind(line), line.text(1), point(line, 2, 3), count(line, 4, WEIGHT_MAX));
        let (kind, name, at, weight) = (kind?, name?.to_owned(), at?, weight?);
        if 0 < weight {
            told.rows.push(Place { line: line.number, kind, name, at, weight });
        }
        Some(())
    })?;
    Ok(told)
}

pub fn read_homes(source: impl Read) -> Result<Told<Home>, ReadSheetError> {
    let sheet = Sheet::open(source, &HOMES, HOMES_NEEDED)?;
    let mut told = Told { rows: Vec::new(), problems: Vec::new() };
    let mut in_all = 0;
    sheet.each(false, &mut told.problems, |line| {
        let (residents, elderly, at) = (count(line, 0, RESIDENTS_MAX), elderly(line), home_at(line));
        let (residents, elderly, (at, cell)) = (residents?, elderly?, at?);
        in_all += residents;
        if TOWN_MAX < in_all {
            let wrong = format!("with this row the table has {in_all} residents");
            line.complain(0, wrong, format!("a town of at most {TOWN_MAX}"));
            return None;
        }
        if 0 < residents {
            told.rows.push(Home { line: line.number, at, cell, residents, elderly });
        }
        Some(())
    })?;
    Ok(told)
}

fn kind(line: &mut Line<'_>) -> Option<PlaceKind> {
    let text = line.name(0, "the kind of place")?;
    let kind = PlaceKind::parse(text);
    if kind.is_none() {
        let known: Vec<&str> = PlaceKind::ALL.iter().map(|kind| kind.name()).collect();
        line.complain(0, format!("`{text}` is no kind"), format!("one of {}", known.join(", ")));
    }
    kind
}

fn point(line: &mut Line<'_>, lat: usize, lon: usize) -> Option<LatLon> {
    let degrees = |line: &mut Line<'_>, column, most: f64| {
        line.number(column, (-most, most), &format!("decimal degrees, -{most} to {most}"))
    };
    let (lat, lon) = (degrees(line, lat, 90.0), degrees(line, lon, 180.0));
    Some(LatLon::from_degrees(lat?, lon?).expect("both were checked"))
}

/// Tables of statistics have decimals; they are rounded.
fn count(line: &mut Line<'_>, column: usize, most: f64) -> Option<u64> {
    Some(line.number(column, (0.0, most), "a number of people such as 120")?.round() as u64)
}

/// Thousandths of a share; empty is not known.
fn elderly(line: &mut Line<'_>) -> Option<Option<u32>> {
    if line.text(1)?.is_empty() {
        return Some(None);
    }
    let share = line.number(1, (0.0, 1.0), "the share of those aged 65 and over, such as 0.42")?;
    Some(Some((share * 1000.0).round() as u32))
}

/// A point, or the middle of a cell; and the cell in which these people live.
fn home_at(line: &mut Line<'_>) -> Option<(LatLon, Cell)> {
    let (code, is_point) = (line.text(2)?, !line.text(3)?.is_empty() || !line.text(4)?.is_empty());
    let cell = if code.is_empty() { None } else { Some(mesh(line, code)?) };
    match (is_point, cell) {
        (true, cell) => {
            let at = point(line, 3, 4)?;
            Some((at, cell.unwrap_or_else(|| Cell::of(at, Side::Quarter))))
        }
        (false, Some(cell)) => Some((cell.centre(), cell)),
        (false, None) => {
            let right = "the code of a cell in `mesh`, or a point in `lat` and `lon`";
            line.complain(2, "it does not say where these people live".to_owned(), right);
            None
        }
    }
}

fn mesh(line: &mut Line<'_>, code: &str) -> Option<Cell> {
    let cell = Cell::parse(code);
    if cell.is_none() {
        let right = "8, 9 or 10 digits of the mesh of Japan's statistics (JIS X 0410), such as 5339461132";
        line.complain(2, format!("`{code}` is no code of a cell"), right);
    }
    cell
}

/// What was read out of an extract, as a table.
pub fn write_places(town: &TownPlaces, sink: impl Write) -> Result<(), ::csv::Error> {
    let mut writer = WriterBuilder::new().from_writer(sink);
    writer.write_record(PLACES)?;
    for place in &town.places {
        writer.write_record([
            place.kind.name(),
            &place.name,
            &degrees(place.at.lat_e7()),
            &degrees(place.at.lon_e7()),
            &place.weight.visitors.to_string(),
            place.weight.from.name(),
            &place.osm.to_string(),
        ])?;
    }
    writer.flush()?;
    Ok(())
}

pub fn write_homes(town: &TownPlaces, sink: impl Write) -> Result<(), ::csv::Error> {
    let mut writer = WriterBuilder::new().from_writer(sink);
    writer.write_record(HOMES)?;
    for home in &town.homes {
        let (residents, code) = (home.residents.to_string(), home.cell.code().unwrap_or_default());
        let (lat, lon) = (degrees(home.at.lat_e7()), degrees(home.at.lon_e7()));
        writer.write_record([residents.as_str(), "", &code, &lat, &lon])?;
    }
    writer.flush()?;
    Ok(())
}
