//! The area itself.

use mukae_proto::transit::area::v1 as pb;

use super::{View, lat_lng, revision, timestamp};
use crate::config::AreaConfig;

/// How fast the area's clock runs.
#[derive(Clone, Copy, Debug)]
pub struct Clockface {
    pub speed: f64,
}

pub fn area(view: &View<'_>, config: &AreaConfig, clock: Clockface) -> pb::Area {
    let bounds = view.map.meta().bounds;
    pb::Area {
        name: view.area.to_string(),
        display_name: config.display_name.clone(),
        time_zone: config.time_zone_name.clone(),
        bounds: Some(pb::Bounds {
            south_west: Some(lat_lng(bounds.south_west)),
            north_east: Some(lat_lng(bounds.north_east)),
        }),
        map_credit: view.map.credit().to_owned(),
        clock: Some(pb::Clock { current_time: Some(timestamp(view.now)), speed: clock.speed }),
        services: view.state.services.keys().map(|&service| view.service_name(service).to_owned()).collect(),
        revision: revision(view.annals.area_revision()),
    }
}
