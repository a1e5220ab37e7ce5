//! Roads: an OSM extract becomes a road graph, the graph a hierarchy, the hierarchy travel times.
//!
//! ```text
//! town.osm.pbf -> osm (tags, ways, restrictions) -> RoadGraph -> Hierarchy -> Customized -> Roads
//!                                                       \-> snap: LatLon -> Place on an edge
//! ```
//! Phases are types. The index is shared, a query belongs to one thread and reuses its arrays.

pub mod graph;
pub mod place;
pub mod travel_times;

pub use graph::{EdgeId, NodeId, RoadGraph};
pub use place::{Fraction, Place, Sides};
pub use travel_times::{DecisionPoint, MatrixTimes, MetricId, TravelTimes};
