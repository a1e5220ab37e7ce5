//! The key figures of a day, one definition each, computed from records and the roads.
//!
//! | figure | definition |
//! |---|---|
//! | requests | quotes asked; each ends in exactly one of: refused, not taken, served, cancelled, no-show, failed, or is still open |
//! | offered | requests whose quote was answered with an offer |
//! | refused by | refusals that name this rule as binding; a refusal may name several |
//! | lost to delay | of those cancelled, by riders who were waiting: for a driver's answer, for a vehicle, or for one that was predicted to be late |
//! | latent requests | requests, but asks of one rider for the same way with wished windows that begin within 30 min are one; of their outcomes counts the one in which the rider was committed the most: served, no-show, cancelled, failed, lost to delay, abandoned (not taken), refused |
//! | time to confirm | from the ask to the record that gave the booking a vehicle, and the driver's yes where one is asked |
//! | wait from request | start of boarding − start of the wished window, departures only |
//! | wait from promise | start of boarding − start of the promised window |
//! | on time | pickups begun inside the promised window, of all pickups begun |
//! | punctual | pickups begun from 5 min before to 10 min after the start of the promised window: what dial-a-ride commonly counts, an assumption |
//! | promises broken | bookings boarded after the promised window, brought after the promised time, on board for longer than promised, failed, or cancelled by the service |
//! | ride time | end of boarding → start of alighting |
//! | ride ratio | ride time / direct time as it was when offered; rides with a direct time of zero are left out |
//! | pooled | served rides that shared at least one drive of some length with another booking |
//! | km | all that open shifts drove: to stops, to where they were turned, and home |
//! | empty km | km with nobody on board: to pickups, to breaks, home, and moved elsewhere |
//! | occupancy | rider-km / km; a rider is a person, in a seat or a wheelchair |
//! | rides per shift hour | served rides / hours between the opening and the closing of shifts |
//! | asks | times a driver was asked; of those that ended by an answer or without one, how many were accepted |
//! | most asks in a week | of one driver from a Monday to the Sunday after it |
//! | Gini | of waits from request: 0 if all wait alike, 1 if one does it all |
//!
//! Boarding starts when the vehicle is there and the promised window has begun. Quantiles are by
//! nearest rank. Sums are whole milliseconds and millimetres; floats appear only where a figure is shown.
//!
//! A request and all that becomes of it count on the day and in the hour in which its wished window begins, and in the
//! hamlet where it wants to be fetched. A drive counts on its shift's day, in the hour in which it ended, and in the hamlet
//! of the rider whose stop it led to; other drives and shifts are nobody's. Days, hours and hamlets add up to the whole.

mod calendar;
mod constraint;
mod hamlets;
mod ledger;
mod lengths;
mod render;
mod spread;

use std::collections::BTreeMap;

use jiff::civil::Date;
use mukae_engine::model::{Channel, Constraint};
use mukae_units::{Metres, Span};

pub use calendar::Calendar;
pub(crate) use constraint::{constraint_name, constraint_words};
pub use hamlets::{ELSEWHERE, Grid, Hamlets, NOBODYS, Named};
pub use ledger::Ledger;
pub use lengths::RoadLengths;
pub use spread::Spread;

/// Raised when a definition above changes: figures of different versions are not compared.
pub const FORMULA_VERSION: u32 = 2;

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
    /// Of the cancelled ones.
    pub lost_to_delay: u64,
    pub no_shows: u64,
    /// Confirmed, but no vehicle was found before the window ended.
    pub failed: u64,
    pub served: u64,
    /// Persons in served parties.
    pub riders_served: u64,
    pub latent: u64,
    pub latent_served: u64,
    pub latent_refused: u64,
    pub latent_abandoned: u64,
    pub latent_lost: u64,
    /// Offers that can still be confirmed, and bookings that are still to be carried out.
    pub offers_open: u64,
    pub bookings_open: u64,
    /// Open bookings without a vehicle.
    pub unassigned: u64,
    /// Times a breach of a promise was predicted.
    pub promises_at_risk: u64,
    pub promises_broken: u64,
    /// In milliseconds.
    pub time_to_confirm: Spread,
    pub wait_from_request: Spread,
    pub wait_from_promise: Spread,
    pub ride_time: Spread,
    /// In thousandths.
    pub ride_ratio: Spread,
    pub pickups: u64,
    pub pickups_on_time: u64,
    pub pickups_punctual: u64,
    pub pooled: u64,
    /// Of drivers.
    pub asks: u64,
    pub asks_ended: u64,
    pub asks_accepted: u64,
    pub asks_week_max: u64,
    pub driven: Metres,
    pub driven_empty: Metres,
    pub empty_to_pickup: Metres,
    pub empty_reposition: Metres,
    pub empty_to_break: Metres,
    pub empty_home: Metres,
    /// Millimetres times persons.
    pub rider_millimetres: u64,
    /// Drives the roads know no length for; their kilometres are missing.
    pub unmeasured_drives: u64,
    pub shifts_open: u64,
    pub shifts_closed: u64,
    /// Of closed shifts.
    pub shift_time: Span,
    /// On-call shifts whose driver came.
    pub shifts_called: u64,
}

impl Kpis {
    /// Requests that ended in no outcome, or in two: zero unless somebody made a mistake.
    pub fn unaccounted(&self) -> i64 {
        let ended = self.refused + self.not_taken + self.cancelled + self.no_shows + self.failed + self.served;
        self.requests as i64 - (ended + self.offers_open + self.bookings_open) as i64
    }
}

/// The figures of one hamlet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    pub name: String,
    pub kpis: Kpis,
}

/// Of one hour, or one hamlet, on one day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DayPart {
    pub date: Date,
    pub name: String,
    pub requests: u64,
    pub served: u64,
    pub waits: u64,
    pub wait_ms: i64,
}

/// With fewer waits a quantile says more of chance than of a hamlet.
pub const WORST_OF_WAITS: u64 = 10;
