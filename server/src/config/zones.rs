//! Zones: polygons under names, and in which of them a point lies.
//!
//! A point on the border lies in the zone. Zones may overlap. Degrees are compared as they are: over a town, a straight
//! line between two points and the shortest way differ by less than a hand's breadth.

use std::collections::BTreeMap;
use std::path::Path;

use geo::{Coord, Intersects, LineString, MultiPolygon, Point, Polygon, Validation};
use mukae_units::{ID_SET_MAX, LatLon, ZoneId, Zones};
use toml::{Spanned, Value};

use super::check::Check;
use super::raw::RawZone;
use crate::names::is_id;

/// A zone as it is drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct ZoneConfig {
    pub id: String,
    pub shape: MultiPolygon<f64>,
}

/// Says of points in which zones they lie.
#[derive(Clone, Debug, Default)]
pub struct ZoneMap {
    zones: Vec<(ZoneId, MultiPolygon<f64>)>,
}

impl ZoneMap {
    /// `ids` are the numbers that the dispatcher knows the zones by; what has none yet is left out.
    pub fn new(zones: &[ZoneConfig], ids: &BTreeMap<ZoneId, String>) -> ZoneMap {
        let number = |id: &String| ids.iter().find(|(_, called)| *called == id).map(|(&number, _)| number);
        let numbered = zones.iter().filter_map(|zone| Some((number(&zone.id)?, zone.shape.clone())));
        ZoneMap { zones: numbered.collect() }
    }

    /// Under the numbers that a fresh dispatcher is told.
    pub fn fresh(zones: &[ZoneConfig]) -> ZoneMap {
        let ids = (0..).map(ZoneId).zip(zones.iter().map(|zone| zone.id.clone())).collect();
        ZoneMap::new(zones, &ids)
    }

    pub fn zones_of(&self, point: LatLon) -> Zones {
        let point = Point::new(point.lon(), point.lat());
        let around = self.zones.iter().filter(|(_, shape)| shape.intersects(&point));
        around.fold(Zones::EMPTY, |zones, (id, _)| zones.and(*id).expect("the dispatcher numbers no zone beyond a set"))
    }
}

impl Check<'_> {
    pub(super) fn zones(&mut self, raw: Vec<Spanned<RawZone>>, directory: &Path) -> Vec<ZoneConfig> {
        let mut zones: Vec<ZoneConfig> = Vec::new();
        for raw in raw {
            let line = self.line(raw.span().start);
            let raw = raw.into_inner();
            let id = self.required("zone", "id", line, raw.id);
            if let Some(id) = id.as_ref().filter(|id| !is_id(id.as_ref())) {
                let what = "use 1 to 63 of a-z, 0-9 and -, starting with a letter";
                self.wrong(id, format!("`id` is {:?}; {what}", id.as_ref()));
            }
            let shape = match (raw.polygon, raw.geojson) {
                (Some(points), None) => self.polygon(points).map(|polygon| MultiPolygon(vec![polygon])),
                (None, Some(file)) => self.shape_of_file(&file, directory),
                _ => {
                    let what = "a zone has either `polygon`, a list of [latitude, longitude], or `geojson`, a file";
                    self.note(line, what.to_owned());
                    None
                }
            };
            let Some((id, shape)) = id.map(Spanned::into_inner).zip(shape) else { continue };
            if zones.iter().any(|zone| zone.id == id) {
                self.note(line, format!("there are two [[zone]] of the name {id}; give one another `id`"));
            }
            zones.push(ZoneConfig { id, shape });
            if zones.len() == ID_SET_MAX as usize + 1 {
                self.note(line, format!("this is one zone too many; at most {ID_SET_MAX} are allowed"));
            }
        }
        zones
    }

    pub(super) fn polygon(&mut self, raw: Spanned<Vec<Spanned<Vec<Value>>>>) -> Option<Polygon<f64>> {
        let line = self.line(raw.span().start);
        let points = raw.into_inner();
        let count = points.len();
        let points: Vec<LatLon> = points.into_iter().filter_map(|point| self.point("polygon", point)).collect();
        if points.len() < count {
            return None;
        }
        let ring = points.iter().map(|point| Coord { x: point.lon(), y: point.lat() });
        let polygon = Polygon::new(ring.collect(), Vec::new());
        self.is_drawn_well(line, &polygon).then_some(polygon)
    }

    /// Notes what is wrong with a polygon, once.
    fn is_drawn_well(&mut self, line: usize, polygon: &Polygon<f64>) -> bool {
        let corners = |ring: &LineString<f64>| {
            let mut corners: Vec<(u64, u64)> = ring.coords().map(|at| (at.x.to_bits(), at.y.to_bits())).collect();
            corners.sort_unstable();
            corners.dedup();
            corners.len()
        };
        let least = corners(polygon.exterior());
        if least < 3 {
            self.note(line, format!("a zone needs at least 3 different points, this has {least}"));
            return false;
        }
        if let Err(error) = polygon.check_validation() {
            let what = "its border crosses or touches itself; list the corners in their order around the zone";
            self.note(line, format!("{what} ({error})"));
            return false;
        }
        true
    }

    /// All polygons of a GeoJSON file, together.
    fn shape_of_file(&mut self, raw: &Spanned<String>, directory: &Path) -> Option<MultiPolygon<f64>> {
        let file = directory.join(raw.as_ref());
        let read = std::fs::read_to_string(&file).map_err(|error| error.to_string());
        let shapes = read.and_then(|text| {
            let json: geojson::GeoJson = text.parse().map_err(|error: geojson::Error| error.to_string())?;
            polygons_of(json)
        });
        let shape = match shapes {
            Ok(shape) if shape.0.is_empty() => Err("it holds no polygon".to_owned()),
            shape => shape,
        };
        let shape = match shape {
            Ok(shape) => shape,
            Err(why) => {
                self.wrong(raw, format!("{}: {why}", file.display()));
                return None;
            }
        };
        let line = self.line(raw.span().start);
        let in_degrees = |at: &Coord<f64>| LatLon::from_degrees(at.y, at.x).is_ok();
        if !shape.0.iter().all(|polygon| polygon.exterior().coords().all(in_degrees)) {
            self.note(line, format!("{}: points are [longitude, latitude] in degrees", file.display()));
            return None;
        }
        shape.0.iter().all(|polygon| self.is_drawn_well(line, polygon)).then_some(shape)
    }

    /// Zones that were drawn.
    pub(super) fn zones_named(&mut self, key: &str, raw: Vec<Spanned<String>>, zones: &[String]) -> Vec<String> {
        let heading = self.heading("zone");
        for name in &raw {
            if !zones.contains(name.as_ref()) {
                let known = if zones.is_empty() { "none".to_owned() } else { zones.join(", ") };
                self.wrong(name, format!("`{key}` names the {heading} {:?}; there are: {known}", name.as_ref()));
            }
        }
        raw.into_iter().map(Spanned::into_inner).collect()
    }
}

fn polygons_of(json: geojson::GeoJson) -> Result<MultiPolygon<f64>, String> {
    let geometries: Vec<geojson::Geometry> = match json {
        geojson::GeoJson::Geometry(geometry) => vec![geometry],
        geojson::GeoJson::Feature(feature) => feature.geometry.into_iter().collect(),
        geojson::GeoJson::FeatureCollection(features) => {
            features.features.into_iter().filter_map(|feature| feature.geometry).collect()
        }
    };
    let mut polygons = Vec::new();
    for geometry in geometries {
        let shape = geo::Geometry::<f64>::try_from(geometry).map_err(|error| error.to_string())?;
        match shape {
            geo::Geometry::Polygon(polygon) => polygons.push(polygon),
            geo::Geometry::MultiPolygon(more) => polygons.extend(more.0),
            _ => return Err("it holds something that is neither Polygon nor MultiPolygon".to_owned()),
        }
    }
    Ok(MultiPolygon(polygons))
}
