//! What the dispatcher can be asked or told. A command that is accepted is itself a fact, kept whole.

use mukae_maps::Place;
use mukae_units::{BookingId, OfferId, ServiceId, ShiftId, StopId, Time, VehicleId};

use crate::model::{CancelReason, MapId, Policy, Request, ServicePolicy, Shift, Vehicle};

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// The map every place from now on refers to. A state keeps the map it began with.
    UseMap(MapId),
    SetPolicy(Policy),
    SetService {
        service: ServiceId,
        policy: ServicePolicy,
    },
    RegisterVehicle(Vehicle),
    /// Announces a shift; bookings can be made into it from now on.
    PlanShift(Shift),
    /// The driver signs on.
    OpenShift {
        shift: ShiftId,
    },
    /// The driver signs off, on time or early. Bookings still in the schedule move elsewhere.
    CloseShift {
        shift: ShiftId,
    },
    Quote(Request),
    ConfirmOffer {
        offer: OfferId,
    },
    CancelBooking {
        booking: BookingId,
        reason: CancelReason,
    },
    ReportPosition {
        vehicle: VehicleId,
        place: Place,
        observed_at: Time,
    },
    /// The vehicle leaves for this stop, the next of its schedule.
    Depart {
        shift: ShiftId,
        stop: StopId,
    },
    /// The vehicle stands at this stop, the next of its schedule.
    Arrive {
        shift: ShiftId,
        stop: StopId,
    },
    /// The party is on board: the end of its pickup's service.
    Board {
        booking: BookingId,
    },
    /// The party has left: the end of its dropoff's service.
    Alight {
        booking: BookingId,
    },
    /// The rider did not come.
    ReportNoShow {
        booking: BookingId,
    },
    /// Nothing happened, but time went on.
    AdvanceClock,
}
