//! The facts, and how they are written.

use std::sync::Arc;

use mukae_engine::Command;
use mukae_record::FORMAT_VERSION;
use mukae_record::codec;
use mukae_record::codec::{Decode, DecodeError, Encode, Reader, Writer};
use mukae_units::{BookingId, OfferId, Time, VehicleId};

use crate::alert::{AlertId, AlertKind};
use crate::check::PretripCheck;
use crate::manifest::AcknowledgedManifest;
use crate::message::Message;
use crate::missed::MissedRide;
use crate::roads::{MeasureId, RoadMeasure};
use crate::setup::{RulesSet, TripSet};
use crate::standing::{Day, Leg, Standing, StandingId};
use crate::waiting::{Waiting, WaitingEnd, WaitingId};

/// Something that happened in the office. Numbers of new things are chosen by whoever says so, as the next free ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fact {
    /// Roads are closed, slowed down or opened, for a time. They are so once the dispatcher was told that roads changed.
    MeasureOrdered(RoadMeasure),
    /// It does not hold any more.
    MeasureLifted {
        measure: MeasureId,
    },
    /// Something needs the eyes of staff.
    AlertRaised {
        alert: AlertId,
        kind: AlertKind,
    },
    /// It does not any more.
    AlertCleared {
        alert: AlertId,
    },
    /// Somebody has seen it and sees to it.
    AlertAcknowledged {
        alert: AlertId,
    },
    AlertNoted {
        alert: AlertId,
        text: String,
    },
    /// To be carried to a rider or a driver by whoever does that.
    MessageSent(Message),
    /// A rule was set aside by hand, for a reason.
    Overruled {
        bookings: Vec<BookingId>,
        reason: String,
    },
    /// Before a shift: driver and vehicle are fit, or not.
    CheckRecorded(PretripCheck),
    /// A ride was wanted that the dispatcher was never asked about.
    RideMissed(MissedRide),
    /// Said with two rides that are booked in one step: they are a pair.
    Paired {
        stands_together: bool,
    },
    /// A standing booking is set up, or its rule is another one from now on.
    StandingOrdered(Arc<Standing>),
    /// Said with rides that are booked in one step: they are these of a standing booking, on this date.
    StandingTried {
        standing: StandingId,
        day: Day,
        legs: Vec<Leg>,
    },
    /// A wish joins the waiting list.
    WaitingJoined(Waiting),
    /// There is an offer for it, and its rider is told.
    WaitingOffered {
        waiting: WaitingId,
        offer: OfferId,
        until: Time,
    },
    /// Said with a ride that is booked for it.
    WaitingTried {
        waiting: WaitingId,
    },
    /// It waits no more, and has no ride.
    WaitingEnded {
        waiting: WaitingId,
        end: WaitingEnd,
    },
    /// A service has these rules from now on.
    RulesSet(RulesSet),
    /// A trip is declared, changed or cancelled.
    TripSet(TripSet),
    /// A vehicle is out of service for good.
    VehicleRetired {
        vehicle: VehicleId,
    },
    /// A driver has a manifest. Said anew only for another one.
    ManifestAcknowledged(AcknowledgedManifest),
    /// Nothing is done ahead of demand any more, until somebody says so.
    SupplySuspended {
        reason: String,
    },
    /// It is again.
    SupplyResumed,
}

codec! {
    enum Fact {
        0 MeasureOrdered(measure),
        1 MeasureLifted { measure },
        2 AlertRaised { alert, kind },
        3 AlertCleared { alert },
        4 AlertAcknowledged { alert },
        5 AlertNoted { alert, text },
        6 MessageSent(message),
        7 Overruled { bookings, reason },
        8 CheckRecorded(check),
        9 RideMissed(ride),
        10 Paired { stands_together },
        11 StandingOrdered(standing),
        12 StandingTried { standing, day, legs },
        13 WaitingJoined(waiting),
        14 WaitingOffered { waiting, offer, until },
        15 WaitingTried { waiting },
        16 WaitingEnded { waiting, end },
        17 RulesSet(rules),
        18 TripSet(trip),
        19 VehicleRetired { vehicle },
        20 ManifestAcknowledged(acknowledged),
        21 SupplySuspended { reason },
        22 SupplyResumed,
    }
}

impl Fact {
    /// As the dispatcher carries it.
    pub fn into_command(self) -> Command {
        Command::Note { about: self.about(), content: self.into_note() }
    }

    /// A version byte and the fact.
    pub fn into_note(self) -> Arc<[u8]> {
        let mut writer = Writer::new(FORMAT_VERSION);
        writer.byte(FORMAT_VERSION);
        self.encode(&mut writer);
        writer.into_bytes().into()
    }

    /// The number of what it is about, as the answer to a repeated request tells it; 0 if that has none.
    fn about(&self) -> u64 {
        match self {
            Fact::MeasureOrdered(ordered) => ordered.id.0,
            Fact::MeasureLifted { measure } => measure.0,
            Fact::AlertRaised { alert, .. }
            | Fact::AlertCleared { alert }
            | Fact::AlertAcknowledged { alert }
            | Fact::AlertNoted { alert, .. } => alert.0,
            Fact::MessageSent(message) => message.id.0,
            Fact::CheckRecorded(check) => u64::from(check.shift.0),
            Fact::StandingOrdered(standing) => standing.id.0,
            Fact::StandingTried { standing, .. } => standing.0,
            Fact::WaitingJoined(waiting) => waiting.id.0,
            Fact::WaitingOffered { waiting, .. }
            | Fact::WaitingTried { waiting }
            | Fact::WaitingEnded { waiting, .. } => waiting.0,
            Fact::VehicleRetired { vehicle } => u64::from(vehicle.0),
            Fact::Overruled { .. }
            | Fact::RideMissed(_)
            | Fact::Paired { .. }
            | Fact::RulesSet(_)
            | Fact::TripSet(_)
            | Fact::SupplySuspended { .. }
            | Fact::SupplyResumed => 0,
            Fact::ManifestAcknowledged(acknowledged) => u64::from(acknowledged.vehicle.0),
        }
    }

    /// Reads a note back.
    pub fn from_note(bytes: &[u8]) -> Result<Fact, DecodeError> {
        let mut reader = Reader::versioned(bytes)?;
        let fact = Fact::decode(&mut reader)?;
        reader.finish()?;
        Ok(fact)
    }
}
