//! Which manifest a driver has: on a screen, or on paper.

use mukae_record::codec;
use mukae_units::{Time, VehicleId};

/// Characters of an etag.
pub const ETAG_MAX: usize = 64;

/// A vehicle's driver has its manifest as it was then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AcknowledgedManifest {
    pub vehicle: VehicleId,
    /// What it said, as a hash that the shell makes.
    pub etag: String,
    /// Which of the shell's revisions of it.
    pub revision: u64,
    /// Since when the driver has it.
    pub since: Time,
}

codec! {
    struct AcknowledgedManifest { vehicle, etag, revision, since }
}
