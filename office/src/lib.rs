//! What an area's office knows beside the dispatcher: measures on roads, alerts, messages, checks, reasons.
//!
//! A *fact* travels in the same journal as the dispatcher's commands, as [`Command::Note`](mukae_engine::Command::Note),
//! so that one order holds for both and a restart finds both. The office is as pure as the dispatcher: it is what its
//! facts made of it, in their order, at the times of their records. It decides nothing about vehicles; whoever wants that
//! tells the dispatcher.
//!
//! Personal data is in no fact: a note is a text of staff, about a ride or a road.
#![forbid(unsafe_code)]

/// An id of the office: a number that is written like one of the dispatcher's.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u64);

        impl mukae_record::codec::Encode for $name {
            fn encode(&self, writer: &mut mukae_record::codec::Writer) {
                self.0.encode(writer);
            }
        }

        impl mukae_record::codec::Decode for $name {
            fn decode(
                reader: &mut mukae_record::codec::Reader<'_>,
            ) -> Result<$name, mukae_record::codec::DecodeError> {
                mukae_record::codec::Decode::decode(reader).map($name)
            }
        }
    };
}

mod alert;
mod check;
mod fact;
mod manifest;
mod message;
mod missed;
mod office;
mod pair;
mod road_service;
mod roads;
mod setup;
mod standing;
pub mod usage;
mod waiting;

pub use alert::{Alert, AlertId, AlertKind, AlertNote};
pub use check::PretripCheck;
pub use fact::Fact;
pub use manifest::{AcknowledgedManifest, ETAG_MAX};
pub use message::{Message, MessageId, Recipient};
pub use missed::{MissCause, MissedRide};
pub use office::{KEPT, Objection, Office, TEXT_MAX};
pub use pair::Pair;
pub use road_service::RoadService;
pub use roads::{MeasureId, RoadMeasure, ToldRoads};
pub use setup::{Rules, RulesSet, Setup, Trip, TripPart, TripSet};
pub use standing::{DateTried, Day, Exception, Leg, Standing, StandingId, StandingNote, StandingRide};
pub use waiting::{WAITING_PRINCIPAL, Waiting, WaitingEnd, WaitingId, WaitingNote, WaitingState};
