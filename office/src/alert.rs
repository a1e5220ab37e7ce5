//! The alert register: what needs the eyes of staff, from when to when, and what they said to it.

use mukae_record::codec;
use mukae_units::{BookingId, ShiftId, StopId, Time, VehicleId};

use crate::standing::{Day, StandingId};

numbered! {
    /// One alert, from when it is raised until it clears.
    AlertId
}

/// What is wrong. Of each of these there is at most one open alert.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum AlertKind {
    /// The shift was to be open by now.
    LatePullOut { shift: ShiftId },
    /// No position has come from a vehicle at work for too long.
    SilentVehicle { vehicle: VehicleId },
    /// The vehicle stands at a stop for longer than it should.
    LongStop { vehicle: VehicleId, stop: StopId },
    /// A promise is predicted to break, or has.
    PromiseAtRisk { booking: BookingId },
    /// The booking has no vehicle.
    Unassigned { booking: BookingId },
    /// Was on board of a vehicle that broke down, and waits.
    Stranded { booking: BookingId },
    /// A date of a standing booking could not be booked.
    StandingRefused { standing: StandingId, day: Day },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alert {
    pub id: AlertId,
    pub kind: AlertKind,
    pub raised: Time,
    pub cleared: Option<Time>,
    pub acknowledged: Option<Time>,
    /// In the order they were written.
    pub notes: Vec<AlertNote>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlertNote {
    pub at: Time,
    pub text: String,
}

codec! {
    enum AlertKind {
        0 LatePullOut { shift },
        1 SilentVehicle { vehicle },
        2 LongStop { vehicle, stop },
        3 PromiseAtRisk { booking },
        4 Unassigned { booking },
        5 Stranded { booking },
        6 StandingRefused { standing, day },
    }
}

codec! {
    struct Alert { id, kind, raised, cleared, acknowledged, notes }
    struct AlertNote { at, text }
}
