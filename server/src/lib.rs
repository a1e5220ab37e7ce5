//! The gRPC service: translate, persist, answer, stream.
//!
//! ```text
//! grpc (thin handlers) -> wire (messages to our types) -> Input -> shell: the area's one task
//!                                                                    | record, in order
//!                                      replies and streams <- committer: one batch, one sync
//! ```
//! One task owns the dispatcher of the area; a reply or a stream update that stems from a record
//! leaves only once that record, and all before it, is durable. Everything that a server needs to
//! start is a [`Config`], a prepared map and [`Options`]; [`serve()`] returns a handle.
#![forbid(unsafe_code)]

pub mod clock;
pub mod config;
pub mod metrics;
pub mod names;
pub mod paper;
pub mod serve;

mod areas;
mod auth;
mod caller;
mod civil;
mod errors;
mod grpc;
mod jobs;
mod shell;
mod shutdown;
mod wire;

pub use auth::{Role, TokenTime, table};
pub use clock::{Clock, ManualClock, ScaledClock, SystemClock};
pub use config::{Config, ConfigError};
pub use jobs::Simulator;
pub use serve::{AreaStart, Options, Running, ServeError, Stopped, Store, serve, serve_areas};
pub use shell::recover::{RecoverError, RecoveryReport};
