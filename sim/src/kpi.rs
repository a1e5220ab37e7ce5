//! The key figures of a day, one definition each, computed from records and the roads.
//!
//! | figure | definition |
//! |---|---|
//! | requests | quotes asked; each ends in exactly one of: refused, not taken, served, cancelled, no-show, failed, or is still open |
//! | offered | requests whose quote was answered with an offer |
//! | refused by | refusals that name this rule as binding; a refusal may name several |
//! | wait from request | start of boarding − start of the wished window, departures only |
//! | wait from promise | start of boarding − start of the promised window |
//! | on time | pickups begun inside the promised window, of all pickups begun |
//! | ride time | end of boarding → start of alighting |
//! | ride ratio | ride time / direct time as it was when offered; rides with a direct time of zero are left out |
//! | pooled | served rides that shared at least one drive of some length with another booking |
//! | km | all that open shifts drove: to stops, to where they were turned, and home |
//! | empty km | km with nobody on board |
//! | occupancy | rider-km / km; a rider is a person, in a seat or a wheelchair |
//! | rides per shift hour | served rides / hours between the opening and the closing of shifts |
//!
//! Boarding starts when the vehicle is there and the promised window has begun. Quantiles are by
//! nearest rank. Sums are whole milliseconds and millimetres; floats appear only where a figure is shown.

mod ledger;
mod lengths;
mod render;
mod spread;

use std::collections::BTreeMap;

use mukae_engine::model::{Channel, Constraint};
use mukae_units::{Metres, Span};

pub use ledger::Ledger;
pub use lengths::RoadLengths;
pub(crate) use render::constraint_name;
pub use spread::Spread;
pub(crate) use spread::Values;

/// Raised when a definition above changes: figures of different versions are not compared.
pub const FORMULA_VERSION: u32 = 1;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kpis {
    pub requests: u64,
    pub requests_by_channel: BTreeMap<Channel, u64>,
    pub offered: u64,
    pub refused: u64,
    pub refused_by: BTreeMap<Constraint, u64>,
    /// The rider let the offer expire.
    pub not_taken: u64,
    pub confirmed: u64,
    pub cancelled: u64,
    pub no_shows: u64,
    /// Confirmed, but no vehicle was found before the window ended.
    pub failed: u64,
    pub served: u64,
    /// Persons in served parties.
    pub riders_served: u64,
    /// Offers that can still be confirmed, and bookings that are still to be carried out.
    pub offers_open: u64,
    pub bookings_open: u64,
    /// Open bookings without a vehicle.
    pub unassigned: u64,
    /// Times a breach of a promise was predicted.
    pub promises_at_risk: u64,
    /// In milliseconds.
    pub wait_from_request: Spread,
    pub wait_from_promise: Spread,
    pub ride_time: Spread,
    /// In thousandths.
    pub ride_ratio: Spread,
    pub pickups: u64,
    pub pickups_on_time: u64,
    pub pooled: u64,
    pub driven: Metres,
    pub driven_empty: Metres,
    pub empty_to_pickup: Metres,
    pub empty_home: Metres,
    /// Millimetres times persons.
    pub rider_millimetres: u64,
    /// Drives the roads know no length for; their kilometres are missing.
    pub unmeasured_drives: u64,
    pub shifts_open: u64,
    pub shifts_closed: u64,
    /// Of closed shifts.
    pub shift_time: Span,
}

impl Kpis {
    /// Requests that ended in no outcome, or in two: zero unless somebody made a mistake.
    pub fn unaccounted(&self) -> i64 {
        let ended = self.refused + self.not_taken + self.cancelled + self.no_shows + self.failed + self.served;
        self.requests as i64 - (ended + self.offers_open + self.bookings_open) as i64
    }
}
