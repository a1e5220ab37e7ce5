//! What the map commands have in common: how a point is typed, a road named, a length and a time told.

use std::path::Path;

use anyhow::{Context, anyhow};
use clap::ValueEnum;
use mukae_maps::{EdgeId, NoRoadNear, PreparedMap, RoadGraph, SnapOptions, Snapped};
use mukae_units::{LatLon, Metres, TravelTime};

use crate::progress::while_busy;

/// How far from a road a point may lie; the default of the service, too.
pub(super) const SNAP_LIMIT_M: u32 = 300;

pub(super) fn open(path: &Path) -> anyhow::Result<PreparedMap> {
    Ok(while_busy("opening the map", || PreparedMap::open(path))?)
}

/// `54.1509,-4.4815`: degrees of latitude and longitude.
pub(super) fn point(text: &str) -> Result<LatLon, String> {
    let wrong = || format!("`{text}` is no point; one is like 54.1509,-4.4815 (latitude,longitude in degrees)");
    let (lat, lon) = text.split_once(',').ok_or_else(wrong)?;
    let degrees = |text: &str| text.trim().parse::<f64>().map_err(|_| wrong());
    LatLon::from_degrees(degrees(lat)?, degrees(lon)?).map_err(|error| error.to_string())
}

/// What a point is wanted for, and so which roads will do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Purpose {
    /// Any road
    Vehicle,
    /// Roads on which riders may get on and off: no motorways, no links, no roundabouts
    Boarding,
}

impl Purpose {
    pub(super) fn options(self, limit: Metres) -> SnapOptions {
        match self {
            Purpose::Vehicle => SnapOptions::any_road(limit),
            Purpose::Boarding => SnapOptions::door(limit),
        }
    }
}

/// The place on a road that stands for a point; `what` names the point in the error.
pub(super) fn snap(
    map: &PreparedMap,
    what: &str,
    at: LatLon,
    purpose: Purpose,
    limit_m: u32,
) -> anyhow::Result<Snapped> {
    map.snap_by(at, &purpose.options(Metres::from_metres(u64::from(limit_m)))).map_err(|problem| {
        let advice = match problem {
            NoRoadNear::TooFar { .. } => "; --snap-limit METRES allows more",
            NoRoadNear::EmptyMap => "",
        };
        anyhow!("{what} {at}: {problem}{advice}")
    })
}

/// `way 123 "High Street"`, or `way 123 (service)` if it has no name.
pub(super) fn way(graph: &RoadGraph, edge: EdgeId) -> String {
    let (way, name) = (graph.way(edge), graph.name(edge));
    if name.is_empty() {
        format!("way {} ({})", way.osm_id, way.class.name())
    } else {
        format!("way {} \"{name}\"", way.osm_id)
    }
}

/// `4.3 m`, `850 m`, `12.3 km`.
pub(super) fn length(length: Metres) -> String {
    let millimetres = length.as_millimetres();
    if millimetres < 9_950 {
        format!("{:.1} m", length.as_km() * 1e3)
    } else if millimetres < 999_500 {
        format!("{} m", length.as_metres())
    } else {
        format!("{:.1} km", length.as_km())
    }
}

/// `40 s`, `12 min 05 s`, `1 h 02 min`; a part of a second counts as a whole one.
pub(super) fn duration(time: TravelTime) -> String {
    let secs = time.as_millis().div_ceil(1000);
    let (hours, mins) = (secs / 3600, secs / 60 % 60);
    match (hours, mins) {
        (0, 0) => format!("{secs} s"),
        (0, _) => format!("{mins} min {:02} s", secs % 60),
        _ => format!("{hours} h {mins:02} min"),
    }
}

/// Metres as a number for programs, to the millimetre.
pub(super) fn metres(length: Metres) -> f64 {
    length.as_millimetres() as f64 / 1000.0
}

/// What the file of a map weighs.
pub(super) fn bytes_of(path: &Path) -> anyhow::Result<u64> {
    Ok(std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_degrees() {
        assert_eq!(point(" 54.15, -4.48 ").unwrap().to_string(), "54.1500000,-4.4800000");
        for wrong in ["", "54.15", "54.15;-4.48", "54.15,-4.48,Peel", "north,south", "91,0", "0,181", "NaN,0"] {
            assert!(point(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn lengths_and_times_are_told_as_people_say_them() {
        let lengths = [0, 4_320, 85_400, 999_400, 999_500, 12_345_000].map(|mm| length(Metres::from_millimetres(mm)));
        assert_eq!(lengths, ["0.0 m", "4.3 m", "85 m", "999 m", "1.0 km", "12.3 km"]);
        let times = [0, 1, 59_000, 59_001, 754_000, 3_720_000].map(|ms| duration(TravelTime::from_millis(ms)));
        assert_eq!(times, ["0 s", "1 s", "59 s", "1 min 00 s", "12 min 34 s", "1 h 02 min"]);
    }
}
