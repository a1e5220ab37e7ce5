//! durable append-only bytes and snapshots
