//! From an OSM extract to a road graph.
//!
//! ```text
//! town.osm.pbf -> blob (bytes to blocks) -> extract (roads, positions, restrictions; two passes)
//!              -> split (ways to edges) -> restriction (relations to chains of edges) -> RoadGraph
//! ```
//! What a tag means is decided in `access`, `oneway`, `speed`, `dimension`, `barrier`, `ferry` and
//! `road`, under the profile's rules. `places` reads where people live and where they go. Memory is bounded
//! by the drivable part of the extract: objects that are not roads are never kept.

pub mod access;
mod barrier;
mod blob;
mod block;
mod dimension;
pub mod error;
mod extract;
mod faults;
mod ferry;
mod locate;
mod oneway;
pub mod places;
mod quantity;
mod restriction;
pub mod road;
pub mod side;
mod speed;
mod split;
pub mod tags;

pub use access::Access;
pub use error::ReadExtractError;
pub use faults::ReadFaults;
pub use restriction::{NotKept, SkippedRestriction};
pub use road::{NotDrivable, RoadClass};
pub use side::DrivingSide;
pub use split::SplitFaults;

pub(crate) use extract::{Pass as ReadPass, Reading, read_extract};
pub(crate) use faults::counted;
pub(crate) use locate::locate;
pub(crate) use restriction::resolve;
pub(crate) use side::guess_side;
pub(crate) use speed::{Speed, is_limit};
pub(crate) use split::split;
