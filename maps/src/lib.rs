//! Roads: an OSM extract becomes a road graph, the graph a hierarchy, the hierarchy travel times.
//!
//! ```text
//! town.osm.pbf -> osm (tags, ways, restrictions) -> RoadGraph -> Hierarchy -> Customized -> Roads
//!                                                       \-> snap: LatLon -> Place on an edge
//! ```
//! Phases are types. The index is shared, a query belongs to one thread and reuses its arrays.

pub mod build;
pub mod cells;
mod column;
mod components;
pub mod connectivity;
pub mod dijkstra;
pub mod geometry;
pub mod graph;
pub mod hierarchy;
pub mod live;
pub mod mesh;
pub mod meta;
pub mod metric;
mod nearest_word;
pub mod neutral;
pub mod osm;
pub mod overlay;
pub mod path;
pub mod place;
pub mod prepared;
pub mod profile;
mod remembered;
pub mod snap;
pub mod store;
pub mod table;
#[cfg(test)]
mod test_roads;
#[cfg(test)]
mod test_sketch;
pub mod travel_times;
pub mod turn_graph;

pub use build::{BuildError, BuildOptions, BuildReport, BuildStage, Enclosed, build_map};
pub use cells::{CellEnd, CellId, Cells};
pub use geometry::{Bearing, Bounds};
pub use graph::{EdgeId, NodeId, RoadGraph};
pub use hierarchy::{
    BrokenHierarchy, Changes, Customized, Hierarchy, HierarchyQuery, LABEL_BYTES_MAX, Labels, RoadMetric, RoadQuery,
    Tree,
};
pub use live::{LiveRoads, RoadChanges};
pub use meta::MapMeta;
pub use metric::{CivilMinute, Metric, MetricSet};
pub use nearest_word::nearest_word;
pub use osm::{DrivingSide, ReadExtractError};
pub use path::Path;
pub use path::manoeuvre::{CompassPoint, Hand, Manoeuvre, ManoeuvreKind, Turn};
pub use place::{Fraction, Place, Sides};
pub use prepared::{BASE_METRIC, PreparedMap, WrongChecksum};
pub use profile::{Profile, ProfileError};
pub use remembered::Remembered;
pub use snap::{Heading, Kerb, NoRoadNear, SnapIndex, SnapOptions, Snapped, place_position};
pub use store::{OpenMapError, SaveMapError};
pub use travel_times::{DecisionPoint, MatrixTimes, MetricId, TravelTimes};
pub use turn_graph::{TurnGraph, TurnNode};
