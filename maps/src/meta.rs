//! What a prepared map says about itself: where it came from, how it was made, whom to credit.
//!
//! Stored as lines of `key=value`, sorted by nothing but this file; a backslash escapes line ends.

use std::collections::BTreeMap;
use std::fmt::Write;

use mukae_units::LatLon;

use crate::geometry::Bounds;
use crate::osm::DrivingSide;

/// The credit OpenStreetMap asks for.
pub const OSM_CREDIT: &str = "© OpenStreetMap contributors, ODbL 1.0";

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapMeta {
    /// The extract's file name, without its directory.
    pub source: String,
    /// BLAKE3 of the extract, in hexadecimal digits.
    pub source_digest: String,
    /// Seconds since the Unix epoch up to which the extract holds all edits, if it says so.
    pub as_of: Option<i64>,
    /// Around all drivable roads.
    pub bounds: Bounds,
    pub driving_side: DrivingSide,
    /// The name of the profile the roads were read by, and BLAKE3 of all that it says.
    pub profile: String,
    pub profile_digest: String,
    /// It was not asked for, but chosen by where the map lies.
    pub is_profile_guessed: bool,
    /// Turn restrictions of the extract, on whatever roads.
    pub turn_restrictions: u32,
    /// Those of them that the graph holds.
    pub turn_restrictions_kept: u32,
    /// Version of the program that built the map; no time of building, as the same extract shall give the
    /// same bytes.
    pub program: String,
    /// Must be shown wherever the map, or anything made from it, is.
    pub credit: String,
}

impl MapMeta {
    pub(crate) fn to_text(&self) -> String {
        let points = [self.bounds.south_west, self.bounds.north_east];
        let bounds: Vec<String> =
            points.iter().flat_map(|p| [p.lat_e7().to_string(), p.lon_e7().to_string()]).collect();
        let mut text = String::new();
        let mut line = |key: &str, value: &str| {
            writeln!(text, "{key}={}", escape(value)).expect("writing to a string never fails");
        };
        line("source", &self.source);
        line("source_blake3", &self.source_digest);
        line("as_of", &self.as_of.map(|secs| secs.to_string()).unwrap_or_default());
        line("bounds_e7", &bounds.join(","));
        line("driving_side", &self.driving_side.to_string());
        line("profile", &self.profile);
        line("profile_blake3", &self.profile_digest);
        line("profile_guessed", &self.is_profile_guessed.to_string());
        line("turn_restrictions", &self.turn_restrictions.to_string());
        line("turn_restrictions_kept", &self.turn_restrictions_kept.to_string());
        line("program", &self.program);
        line("credit", &self.credit);
        text
    }

    /// `None` if a key is missing or its value makes no sense.
    pub(crate) fn parse(text: &str) -> Option<MapMeta> {
        let lines: BTreeMap<&str, String> =
            text.lines().filter_map(|line| line.split_once('=')).map(|(key, value)| (key, unescape(value))).collect();
        let get = |key: &str| lines.get(key).map(String::as_str);
        let numbers: Vec<i32> =
            get("bounds_e7")?.split(',').map(|number| number.parse().ok()).collect::<Option<_>>()?;
        let &[south, west, north, east] = numbers.as_slice() else { return None };
        Some(MapMeta {
            source: get("source")?.to_owned(),
            source_digest: get("source_blake3")?.to_owned(),
            as_of: match get("as_of")? {
                "" => None,
                secs => Some(secs.parse().ok()?),
            },
            bounds: Bounds {
                south_west: LatLon::from_e7(south, west).ok()?,
                north_east: LatLon::from_e7(north, east).ok()?,
            },
            driving_side: match get("driving_side")? {
                "left" => DrivingSide::Left,
                "right" => DrivingSide::Right,
                _ => return None,
            },
            profile: get("profile")?.to_owned(),
            profile_digest: get("profile_blake3")?.to_owned(),
            is_profile_guessed: get("profile_guessed")?.parse().ok()?,
            turn_restrictions: get("turn_restrictions")?.parse().ok()?,
            turn_restrictions_kept: get("turn_restrictions_kept")?.parse().ok()?,
            program: get("program")?.to_owned(),
            credit: get("credit")?.to_owned(),
        })
    }
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

fn unescape(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(char) = chars.next() {
        plain.push(match char {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meta_survives_its_text() {
        let point = |lat, lon| LatLon::from_degrees(lat, lon).unwrap();
        let meta = MapMeta {
            source: "we=ird\\n\nname\r.osm.pbf".to_owned(),
            source_digest: "00ff".to_owned(),
            as_of: None,
            bounds: Bounds { south_west: point(-19.1, 179.9), north_east: point(-18.9, -169.7) },
            driving_side: DrivingSide::Left,
            profile: "my=own.toml".to_owned(),
            profile_digest: "ff00".to_owned(),
            is_profile_guessed: true,
            turn_restrictions: 24,
            turn_restrictions_kept: 20,
            program: "0.1.0".to_owned(),
            credit: OSM_CREDIT.to_owned(),
        };
        assert_eq!(MapMeta::parse(&meta.to_text()), Some(meta.clone()));
        let later = MapMeta { as_of: Some(-5), driving_side: DrivingSide::Right, ..meta };
        assert_eq!(MapMeta::parse(&later.to_text()), Some(later));
        assert_eq!(MapMeta::parse("source=x\n"), None);
    }
}
