//! What every page with a map of a day begins with: the date, its clocks, the roads, and how times and places are written.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_engine::model::{Constraint, Spot};
use mukae_maps::{Bounds, PreparedMap};
use mukae_units::{LatLon, Time, TimeWindow};
use serde_json::{Map, Value, json};

use super::Place;
use super::line::Grid;
use super::roads::{Breadth, background};
use crate::civil::midnight;
use crate::kpi::{constraint_name, constraint_words};
use crate::names::road_name;

/// Around everything that is shown.
const MARGIN_E7: i32 = 50_000;

/// What all parts of the data are written with.
pub(super) struct Writing<'a> {
    midnight: Time,
    pub grid: Grid,
    pub map: &'a PreparedMap,
}

/// For a day on which something happens at these `points`, from one time to another.
pub(super) fn ground<'a>(
    place: &Place<'a>,
    date: Date,
    points: Vec<LatLon>,
    (from, until): (Time, Time),
) -> (Writing<'a>, Map<String, Value>) {
    let midnight = midnight(date, place.zone);
    let bounds = bounds(points, place.map);
    let writing = Writing { midnight, grid: Grid::over(&bounds), map: place.map };
    let (width, height) = writing.grid.steps(bounds.north_east);
    let roads = background(place.map.graph(), &bounds);
    let lines = |breadth| roads.lines.get(&breadth).cloned().unwrap_or_default();
    let told = json!({
        "area": place.name,
        "date": date.to_string(),
        "weekday": date.weekday().to_sunday_zero_offset(),
        "zone": place.zone.iana_name(),
        "zone_changes": zone_changes(place.zone, midnight, from, until),
        "credit": place.map.credit(),
        "causes": causes(),
        "grid": { "width": width, "height": height, "squeeze": squeeze(&bounds) },
        "roads": { "broad": lines(Breadth::Broad), "middling": lines(Breadth::Middling), "thin": lines(Breadth::Thin) },
        "roads_lack_thin": roads.lacks_thin,
    });
    let Value::Object(told) = told else { unreachable!("an object was written") };
    (writing, told)
}

/// Why a ride was not possible, in each language.
fn causes() -> BTreeMap<&'static str, [&'static str; 2]> {
    Constraint::ALL.map(|constraint| (constraint_name(constraint), constraint_words(constraint))).into()
}

/// A degree of longitude in degrees of latitude, in the middle of the area.
fn squeeze(bounds: &Bounds) -> f64 {
    let squeeze = bounds.centre().lat().to_radians().cos();
    (squeeze * 100_000.0).round() / 100_000.0
}

/// Around all that is drawn, with a margin; around all roads if nothing is.
fn bounds(points: Vec<LatLon>, map: &PreparedMap) -> Bounds {
    let graph = map.graph();
    let all_roads = || graph.edges().filter_map(|edge| graph.line(edge).next());
    let tight = Bounds::around(points).or_else(|| Bounds::around(all_roads())).expect("a map has roads");
    let moved = |corner: LatLon, by: i32| {
        let lat = corner.lat_e7().saturating_add(by).clamp(-900_000_000, 900_000_000);
        let lon = corner.lon_e7().saturating_add(by).clamp(-1_800_000_000, 1_800_000_000);
        LatLon::from_e7(lat, lon).expect("clamped to the globe")
    };
    Bounds { south_west: moved(tight.south_west, -MARGIN_E7), north_east: moved(tight.north_east, MARGIN_E7) }
}

/// From which second after midnight on clocks show how many seconds more than that; the first holds before, too.
fn zone_changes(zone: &TimeZone, midnight: Time, from: Time, until: Time) -> Vec<(i64, i64)> {
    let timestamp = |at: Time| jiff::Timestamp::from_millisecond(at.as_unix_millis()).unwrap_or_default();
    let offset = |at: jiff::Timestamp| i64::from(zone.to_offset(at).seconds());
    let at_midnight = offset(timestamp(midnight));
    let after = |at: jiff::Timestamp| at.as_second() - timestamp(midnight).as_second();
    let mut changes = vec![(after(timestamp(from)), offset(timestamp(from)) - at_midnight)];
    for change in zone.following(timestamp(from)).take_while(|change| change.timestamp() <= timestamp(until)) {
        changes.push((after(change.timestamp()), i64::from(change.offset().seconds()) - at_midnight));
    }
    changes
}

impl Writing<'_> {
    /// After midnight, rounded down.
    pub fn seconds(&self, at: Time) -> i64 {
        (at - self.midnight).as_millis().div_euclid(1000)
    }

    pub fn window(&self, window: TimeWindow) -> [i64; 2] {
        [self.seconds(window.earliest()), self.seconds(window.latest())]
    }

    pub fn spot(&self, spot: &Spot) -> Value {
        let (x, y) = self.grid.steps(mukae_maps::place_position(self.map.graph(), spot.place));
        if !spot.label.is_empty() {
            return json!([x, y, spot.label]);
        }
        let (name, is_near) = road_name(self.map.graph(), spot.place.edge);
        json!([x, y, name, u8::from(is_near)])
    }
}
