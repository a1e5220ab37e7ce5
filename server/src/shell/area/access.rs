//! The ways a rider has to a vehicle: the door, and meeting points within a walk.
//!
//! The dispatcher knows no footpaths. Until there is a map of them, a walk is the straight line, longer
//! by a factor, at the pace of somebody with a bag.

use mukae_engine::model::{ACCESS_MAX, Access, Spot};
use mukae_maps::{PreparedMap, SnapOptions, geometry};
use mukae_units::{LatLon, Metres, Span};

use super::Area;
use crate::config::{Config, ServiceConfig, ZoneMap};

/// Streets are so much longer than the straight line, in thousandths; usual figures lie around 1.3.
const DETOUR_PERMILLE: u64 = 1300;
/// 4 km/h.
const MILLIMETRES_PER_SECOND: u64 = 1111;
/// Meeting points that lie so much beyond what riders walk are told to the dispatcher, too: it may
/// say that one of them would do.
const BEYOND: Span = Span::from_mins(15);

/// How long one walks from one point to another.
pub(super) fn walk_time(from: LatLon, to: LatLon) -> Span {
    walk_of(geometry::distance(from, to))
}

fn walk_of(line: Metres) -> Span {
    let millimetres = line.as_millimetres() * DETOUR_PERMILLE / 1000;
    Span::from_secs(millimetres.div_ceil(MILLIMETRES_PER_SECOND) as i64)
}

impl Area {
    /// The door where the service comes to it, then the nearest meeting points; never empty.
    pub(super) fn ways(&self, service: Option<&ServiceConfig>, door: &Spot, walk_max: Span) -> Vec<Access> {
        ways((&self.config, &self.zones), &self.map, service, door, walk_max)
    }
}

/// The same, of an area that is as its configuration says.
pub fn ways(
    (config, zones): (&Config, &ZoneMap),
    map: &PreparedMap,
    service: Option<&ServiceConfig>,
    door: &Spot,
    walk_max: Span,
) -> Vec<Access> {
    let at_door = Access::at_door(door.clone());
    let Some(service) = service else { return at_door };
    let mut ways = if service.is_door_to_door { at_door.clone() } else { Vec::new() };
    let mut near: Vec<_> = config
        .meeting_points
        .iter()
        .filter(|point| point.services.as_ref().is_none_or(|services| services.contains(&service.name)))
        .map(|point| (walk_time(door.asked, point.point.position), point))
        .filter(|&(walk, _)| walk <= walk_max + BEYOND)
        .collect();
    near.sort_by_key(|&(walk, _)| walk);
    let options = SnapOptions::door(config.area.snap_limit);
    for (walk, point) in near {
        if ways.len() == ACCESS_MAX {
            break;
        }
        let (asked, label) = (point.point.position, point.point.label.clone());
        if let Ok(snapped) = map.snap_by(asked, &options) {
            let (zones, kana) = (zones.zones_of(asked), point.kana.clone());
            let spot = Spot { asked, label, kana, place: snapped.place, zones };
            ways.push(Access { spot, walk });
        }
    }
    // nobody is sent away for a want of meeting points: then the door is one
    if ways.is_empty() { at_door } else { ways }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kilometre_is_a_walk_of_twenty_minutes() {
        assert_eq!(walk_of(Metres::ZERO), Span::ZERO);
        assert_eq!(walk_of(Metres::from_metres(1000)), Span::from_secs(1171));
    }
}
