//! Services and meeting points as a planner sets them up.

use mukae_proto::transit::area::v1 as area_pb;
use mukae_units::{LatLon, Metres};

use crate::names::{AreaName, ServiceName};
use crate::wire::page::Page;

#[derive(Debug)]
pub struct NewService {
    pub name: ServiceName,
    pub area: AreaName,
    /// Judged where it is set up.
    pub told: area_pb::Service,
}

#[derive(Debug)]
pub struct ChangedService {
    pub name: ServiceName,
    /// Empty: whatever it is by now.
    pub etag: String,
    /// The fields to take over.
    pub mask: Vec<&'static str>,
    pub told: area_pb::Service,
}

/// Which meeting points of a service.
#[derive(Debug)]
pub struct PointList {
    pub service: ServiceName,
    pub page: Page,
    /// How their label or kana begins.
    pub prefix: String,
    pub near: Option<NearPoint>,
}

#[derive(Clone, Copy, Debug)]
pub struct NearPoint {
    pub position: LatLon,
    pub max: Option<Metres>,
}
