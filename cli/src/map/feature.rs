//! GeoJSON (RFC 7946), written feature by feature. By hand: we need two geometries and never read any, and the lines of
//! a whole country must not be in memory at once.

use std::io::{self, Write};

use mukae_units::LatLon;
use serde_json::{Value, json};

/// A collection that is written as it is made, one feature a line.
pub(super) struct FeatureWriter<W: Write> {
    out: W,
    is_first: bool,
}

impl<W: Write> FeatureWriter<W> {
    /// `credit` is the licence credit of the map; it goes along as a member of the collection.
    pub(super) fn new(mut out: W, credit: &str) -> io::Result<FeatureWriter<W>> {
        write!(out, "{{\"type\":\"FeatureCollection\",\"credit\":{},\"features\":[", Value::from(credit))?;
        Ok(FeatureWriter { out, is_first: true })
    }

    pub(super) fn add(&mut self, geometry: Value, properties: Value) -> io::Result<()> {
        let comma = if std::mem::take(&mut self.is_first) { "" } else { "," };
        let feature = json!({"type": "Feature", "geometry": geometry, "properties": properties});
        write!(self.out, "{comma}\n{feature}")
    }

    /// Ends the collection and gives back what it was written to.
    pub(super) fn finish(mut self) -> io::Result<W> {
        writeln!(self.out, "\n]}}")?;
        Ok(self.out)
    }
}

pub(super) fn point(at: LatLon) -> Value {
    json!({"type": "Point", "coordinates": [at.lon(), at.lat()]})
}

/// One line; in two or more parts if it crosses the antimeridian, as the RFC asks.
pub(super) fn line(points: impl IntoIterator<Item = LatLon>) -> Value {
    lines([points])
}

/// Several lines as one thing.
pub(super) fn lines<P: IntoIterator<Item = LatLon>>(lines: impl IntoIterator<Item = P>) -> Value {
    let mut parts: Vec<Vec<[f64; 2]>> = lines.into_iter().flat_map(cut).collect();
    if parts.len() == 1 {
        json!({"type": "LineString", "coordinates": parts.remove(0)})
    } else {
        json!({"type": "MultiLineString", "coordinates": parts})
    }
}

/// A line as pairs of longitude and latitude, cut where it crosses the antimeridian; each part has two points at least.
fn cut(points: impl IntoIterator<Item = LatLon>) -> Vec<Vec<[f64; 2]>> {
    let mut parts: Vec<Vec<[f64; 2]>> = Vec::new();
    for point in points {
        let here = [point.lon(), point.lat()];
        match parts.last_mut() {
            None => parts.push(vec![here]),
            Some(part) => {
                let last = part[part.len() - 1];
                if 180.0 < (here[0] - last[0]).abs() {
                    let side = 180f64.copysign(last[0]);
                    let (before, after) = (side - last[0], here[0] + side);
                    let share = if before + after == 0.0 { 0.0 } else { before / (before + after) };
                    let lat = last[1] + share * (here[1] - last[1]);
                    part.push([side, lat]);
                    parts.push(vec![[-side, lat], here]);
                } else {
                    part.push(here);
                }
            }
        }
    }
    for part in &mut parts {
        if part.len() == 1 {
            part.push(part[0]);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lon: f64) -> LatLon {
        LatLon::from_degrees(lat, lon).unwrap()
    }

    #[test]
    fn a_line_is_longitudes_first() {
        assert_eq!(
            line([at(54.0, -4.5), at(54.1, -4.6)]),
            json!({"type": "LineString", "coordinates": [[-4.5, 54.0], [-4.6, 54.1]]})
        );
        assert_eq!(line([at(1.0, 2.0)])["coordinates"], json!([[2.0, 1.0], [2.0, 1.0]]), "a drive to where one is");
    }

    #[test]
    fn a_line_across_the_antimeridian_is_cut_there() {
        let eastwards = line([at(-16.0, 179.0), at(-17.0, -179.0)]);
        let expected = json!([[[179.0, -16.0], [180.0, -16.5]], [[-180.0, -16.5], [-179.0, -17.0]]]);
        assert_eq!(eastwards, json!({"type": "MultiLineString", "coordinates": expected}));
        let westwards = line([at(-16.0, -179.0), at(-16.0, 178.0)]);
        assert_eq!(westwards["coordinates"][0][1], json!([-180.0, -16.0]));
    }

    #[test]
    fn a_collection_is_json_with_any_number_of_features() {
        for count in 0..3 {
            let mut writer = FeatureWriter::new(Vec::new(), "\"us\"").unwrap();
            (0..count).for_each(|number| writer.add(point(at(1.0, 2.0)), json!({"number": number})).unwrap());
            let json: Value = serde_json::from_slice(&writer.finish().unwrap()).unwrap();
            assert_eq!(json["features"].as_array().unwrap().len(), count);
            assert_eq!(json["credit"], "\"us\"");
        }
    }
}
