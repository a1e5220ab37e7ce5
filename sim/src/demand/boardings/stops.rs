//! Stops of a feed, found by id or by name.

use std::collections::BTreeMap;
use std::io::Read;

use mukae_units::LatLon;

use crate::demand::RowProblem;
use crate::demand::sheet::{Line, ReadSheetError, Sheet};

/// Poles of one name that are no further apart than this are one place.
const TOGETHER_M: f64 = 300.0;

/// Where stops are, and lines of the table that do not say.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Stops {
    by_id: BTreeMap<String, LatLon>,
    /// Ids in the order of the file.
    by_name: BTreeMap<String, Vec<String>>,
    pub problems: Vec<RowProblem>,
}

/// Reads `stops.txt`. Lines without a position, which a feed may have for entrances and the like, are told.
pub fn read_stops(source: impl Read) -> Result<Stops, ReadSheetError> {
    const LAT: &str = "degrees, -90 to 90";
    const LON: &str = "degrees, -180 to 180";
    let sheet = Sheet::open(source, &["stop_id", "stop_name", "stop_lat", "stop_lon"], 4)?;
    let mut stops = Stops::default();
    let Stops { by_id, by_name, problems } = &mut stops;
    sheet.each(false, problems, |line| {
        let (id, name) = (line.name(0, "every stop has an id"), line.text(1));
        let (lat, lon) = (line.number(2, (-90.0, 90.0), LAT), line.number(3, (-180.0, 180.0), LON));
        let (id, name, lat, lon) = (id?, name?, lat?, lon?);
        if by_id.contains_key(id) {
            line.complain(0, format!("there is a stop `{id}` before"), "each id stands once; the first is used");
            return None;
        }
        by_id.insert(id.to_owned(), LatLon::from_degrees(lat, lon).expect("both were checked"));
        by_name.entry(name.to_owned()).or_default().push(id.to_owned());
        Some(())
    })?;
    Ok(stops)
}

impl Stops {
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// An id goes before a name. Of several poles of one name, close together, it is the first of the file.
    pub(super) fn find(&self, line: &mut Line<'_>, column: usize) -> Option<LatLon> {
        const RIGHT: &str = "the stop_id or the stop_name of a stop in stops.txt";
        let asked = line.name(column, RIGHT)?;
        if let Some(place) = self.by_id.get(asked) {
            return Some(*place);
        }
        let Some(ids) = self.by_name.get(asked) else {
            line.complain(column, format!("there is no stop `{asked}`"), RIGHT);
            return None;
        };
        let first = self.by_id[&ids[0]];
        if ids.iter().all(|id| metres(first, self.by_id[id]) <= TOGETHER_M) {
            return Some(first);
        }
        line.complain(column, format!("`{asked}` is the name of stops far apart: {}", ids.join(", ")), "the id of one");
        None
    }
}

/// Near enough for a few hundred metres.
fn metres(a: LatLon, b: LatLon) -> f64 {
    const PER_E7: f64 = 0.011_12;
    let lat = f64::from(a.lat_e7()) - f64::from(b.lat_e7());
    let lon = (f64::from(a.lon_e7()) - f64::from(b.lon_e7())) * (f64::from(a.lat_e7()) / 1e7).to_radians().cos();
    lat.hypot(lon) * PER_E7
}
