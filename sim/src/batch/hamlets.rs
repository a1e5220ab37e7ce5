//! A table of hamlets: `name,lat,lon`.

use std::fs::File;
use std::path::Path;

use mukae_units::{LatLon, Metres};

use super::BatchError;
use crate::demand::sheet::Sheet;
use crate::kpi::{ELSEWHERE, Hamlets, NOBODYS, Named};

const NAME: &str = "what the hamlet is called";
const LAT: &str = "degrees, -90 to 90";
const LON: &str = "degrees, -180 to 180";

/// A line that can not be used is an error: a hamlet left out would give its riders to its neighbours.
pub(super) fn load(path: &Path, limit: Metres) -> Result<Hamlets, BatchError> {
    let name = || path.display().to_string();
    let file = File::open(path).map_err(|source| BatchError::Read { file: name(), source })?;
    let wrong = |source| BatchError::Hamlets { file: name(), source };
    let mut places: Vec<Named> = Vec::new();
    let sheet = Sheet::open(file, &["name", "lat", "lon"], 3).map_err(wrong)?;
    let each = sheet.each(true, &mut Vec::new(), |line| {
        let name = line.name(0, NAME);
        let (lat, lon) = (line.number(1, (-90.0, 90.0), LAT), line.number(2, (-180.0, 180.0), LON));
        let (name, lat, lon) = (name?, lat?, lon?);
        if places.iter().any(|place| place.name == name) || [NOBODYS, ELSEWHERE].contains(&name) {
            line.complain(0, format!("`{name}` is the name of another"), "a name of its own for every hamlet");
            return None;
        }
        let at = LatLon::from_degrees(lat, lon).expect("both were checked");
        places.push(Named { name: name.to_owned(), at });
        Some(())
    });
    each.map_err(wrong)?;
    if places.is_empty() {
        return Err(BatchError::NoHamlets { file: name() });
    }
    Ok(Hamlets::Named { places, limit })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_text(text: &str) -> Result<Hamlets, String> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("hamlets.csv");
        std::fs::write(&file, text).unwrap();
        let loaded = load(&file, Metres::from_metres(3000));
        loaded.map_err(|error| error.to_string().split_once("hamlets.csv: ").expect("it names the file").1.to_owned())
    }

    #[test]
    fn hamlets_are_read_and_what_is_wrong_is_told() {
        let Ok(Hamlets::Named { places, .. }) =
            load_text("name,lat,lon,people\n泊,36.95,137.55,900\n笹川,36.9,137.6,80\n")
        else {
            panic!("two hamlets");
        };
        assert_eq!(places.iter().map(|place| place.name.as_str()).collect::<Vec<_>>(), ["泊", "笹川"]);
        let error = |text| load_text(text).unwrap_err();
        assert_eq!(
            error("name,lat,lon\n泊,36.95,137.55\n泊,36.9,137.6\n"),
            "line 3, name: `泊` is the name of another; a name of its own for every hamlet"
        );
        assert_eq!(
            error("name,lat,lon\n泊,96.95,137.55\n"),
            format!("line 2, lat: 96.95 is not between -90 and 90; {LAT}")
        );
        assert_eq!(error("name,lat\n泊,96.95\n"), "line 1: missing: lon; needed are name,lat,lon");
        assert_eq!(
            error("name,lat,lon\n"),
            "there is no hamlet in it; each line has a name, a latitude and a longitude"
        );
    }
}
