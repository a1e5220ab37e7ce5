//! Places as a person types them: `54.1509,-4.4815`.

use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::units::v1::Place;
use mukae_units::LatLon;
use serde_json::{Value, json};

/// Parses `latitude,longitude` in degrees, with an optional label behind it: `54.15,-4.48,Town hall`.
pub(crate) fn parse(text: &str) -> Result<Place, String> {
    let wrong = || format!("`{text}` is no place; one is like 54.1509,-4.4815 (latitude,longitude in degrees)");
    let mut parts = text.splitn(3, ',').map(str::trim);
    let mut degrees = || parts.next().and_then(|part| part.parse::<f64>().ok()).ok_or_else(wrong);
    let (latitude, longitude) = (degrees()?, degrees()?);
    LatLon::from_degrees(latitude, longitude).map_err(|error| error.to_string())?;
    let label = parts.next().unwrap_or_default().to_owned();
    Ok(Place { position: Some(LatLng { latitude, longitude }), label })
}

/// As protobuf's JSON writes it.
pub(crate) fn place_json(place: &Place) -> Value {
    json!({ "position": point_json(place), "label": place.label })
}

/// The same without its label.
pub(crate) fn point_json(place: &Place) -> Value {
    let at = place.position.unwrap_or_default();
    json!({ "latitude": at.latitude, "longitude": at.longitude })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn places_are_degrees_with_a_label() {
        let place = parse("54.15, -4.48, Town hall, back door").unwrap();
        assert_eq!(place.label, "Town hall, back door");
        assert_eq!(place.position.unwrap().longitude, -4.48);
        for wrong in ["", "54.15", "54.15;-4.48", "north,south", "91,0", "NaN,0"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
