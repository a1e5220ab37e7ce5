//! The nouns of dispatch: requests, offers, bookings, vehicles, shifts, policies.

pub mod access;
pub mod booking;
pub mod crew;
pub mod driver;
pub mod fare;
pub mod offer;
pub mod policy;
pub mod refusal;
pub mod relaxation;
pub mod request;
pub mod service;
pub mod shift;
pub mod supply;
pub mod terms;
pub mod vehicle;

pub use access::{ACCESS_MAX, Access, AccessPair, WalkLimit};
pub use booking::{AtRisk, Booking, BookingState, CancelReason, Limit, NoShow};
pub use crew::{Crew, Crews};
pub use driver::{ASK_WEEK, Ask, AskOutcome, Asking, Driver, DriverKind, Standby, Tier};
pub use fare::{
    Charge, ChargeReason, Concessions, DistanceFare, FARE_ROWS_MAX, Fare, FareTable, Fees, NO_SHOW_MEMORY,
    NO_SHOWS_MAX, Payment, Rates, SharedRate, Suspension, Tariff, YEN_MAX, ZoneFare,
};
pub use offer::{Alternative, Hold, Offer, Promise};
pub use policy::{CostWeights, DwellRule, Limits, Policy, RideLimit, ServicePolicy, WAIT_FIRST_MAX, WEIGHT_MAX};
pub use refusal::{Binding, Constraint, Refusal};
pub use relaxation::Relaxation;
pub use request::{Beyond, Channel, Choice, OFFERS_MAX, RELAXATIONS_MAX, Request, Spot, Wish};
pub use service::{OpenHours, Service, ServiceDay, ZonePair};
pub use shift::{Break, DeclaredTrip, NOTICE_MAX, OnCall, Shift, ShiftState};
pub use supply::{
    Anticipation, COVERAGE_MAX, CoverageRule, EAGERNESS_MAX, EXPECTED_MAX, Outlook, POSTS_MAX, Reposition,
    RepositionRule, SLACK_PRICE_MAX, Supply, SupplyRules,
};
pub use terms::{Serves, Terms};
pub use vehicle::{MapId, Vehicle};
