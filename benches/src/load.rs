//! A server under load, over real gRPC on loopback: what calls take and watchers get, and what that costs the server,
//! which runs as a process of its own.
//!
//! The load is an open loop: calls leave at instants drawn beforehand (Poisson, from a seed), whatever becomes of
//! those before them, and their time counts from the instant at which they were to leave. So a server that stalls
//! is charged for all who came meanwhile. Client and server share the machine: on two cores, the one's work delays
//! the other's.

pub mod calls;
pub mod pace;
pub mod server;
pub mod times;
pub mod watchers;
