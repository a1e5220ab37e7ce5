//! What is kept: commands and events as versioned records, their hashes, and the scribe who writes them down.
//!
//! ```text
//! live       Command ──> Scribe::take ──> decide, apply ──> Written { answer, events, record bytes }
//! recovery   record bytes ──> Scribe::replay ──> apply, hash checked
//! audit      record bytes ──> Scribe::redecide ──> decide again, compared
//! restart    Scribe::from_snapshot, then replay what came after
//! ```
//! One record per accepted command, whole or not at all. The bytes are drawn in
//! `docs/record-format.md`; why the encoding is our own is told in decision 0004. Files, syncing and
//! checksums of frames are the journal's; this room knows values and bytes, and neither disk nor clock.
#![forbid(unsafe_code)]

pub mod codec;
pub mod hash;
pub mod origin;
pub mod record;
pub mod scribe;
pub mod tour;

pub use codec::{DecodeError, FORMAT_VERSION};
pub use hash::{JournalHash, StateHash};
pub use origin::{BadName, Call, Fingerprint, Origin, Principal, RequestId};
pub use record::Record;
pub use scribe::{
    ANSWERS_KEPT, Decided, Divergence, ReplayError, STATE_HASH_EVERY, Scribe, TakeError, Unwritten, Written,
};
