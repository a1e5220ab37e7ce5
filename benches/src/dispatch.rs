//! The neutral dispatch workloads: one request after the other, each given to the vehicle where it costs least.
//!
//! ```text
//! GRAPH     vertices.csv, edges.csv                      see `mukae_maps::neutral`
//! WORKLOAD  vehicles.csv  id,edge,capacity,start_s,end_s
//!           requests.csv  id,req_time_s,origin_edge,dest_edge,num_riders      sorted by time
//! LOG       request_id,vehicle_id,pickup_idx,dropoff_idx,cost                 what another dispatcher chose
//! ```
//! A location is a directed edge; being there means standing at its head. All times of the files are
//! tenths of a second, ours are milliseconds. The cost model is a policy of the ordinary engine
//! ([`rules`]); vehicles report what their schedules say, at the time they say ([`Day`]).

mod constraints;
mod day;
mod replay;
mod rules;
mod ties;
mod workload;

pub use constraints::{Constraint, Constraints};
pub use day::{Assignment, Day, Outcome};
pub use replay::{Logged, Replay, Tally, read_log};
pub use rules::{Rules, ds};
pub use ties::TiedRoads;
pub use workload::{NeutralRequest, NeutralVehicle, Workload};
