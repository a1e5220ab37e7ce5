//! Roads: an OSM extract becomes a road graph, the graph a hierarchy, the hierarchy travel times.
//!
//! ```text
//! town.osm.pbf -> osm (tags, ways, restrictions) -> RoadGraph -> Hierarchy -> Customized -> Roads
//!                                                       \-> snap: LatLon -> Place on an edge
//! ```
//! Phases are types. The index is shared, a query belongs to one thread and reuses its arrays.

pub mod build;
mod components;
pub mod dijkstra;
pub mod geometry;
pub mod graph;
pub mod hierarchy;
pub mod meta;
pub mod metric;
pub mod osm;
pub mod path;
pub mod place;
pub mod prepared;
pub mod profile;
pub mod snap;
pub mod store;
#[cfg(test)]
mod test_roads;
pub mod travel_times;

pub use build::{BuildError, BuildOptions, BuildReport, BuildStage, build_map};
pub use geometry::Bounds;
pub use graph::{EdgeId, NodeId, RoadGraph};
pub use hierarchy::{BrokenHierarchy, Customized, Hierarchy, HierarchyQuery};
pub use meta::MapMeta;
pub use metric::{CivilMinute, Metric, MetricSet};
pub use osm::{DrivingSide, ReadExtractError};
pub use path::Path;
pub use place::{Fraction, Place, Sides};
pub use prepared::{BASE_METRIC, PreparedMap};
pub use profile::{Profile, ProfileError};
pub use snap::{NoRoadNear, SnapIndex, Snapped, place_position};
pub use store::{OpenMapError, SaveMapError};
pub use travel_times::{DecisionPoint, MatrixTimes, MetricId, TravelTimes};
