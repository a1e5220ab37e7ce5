//! What was said back. It is kept whole, so that the same question gets the same words again.

use mukae_engine::{Answer, Rejection};

use super::codec;

codec! {
    enum Answer {
        0 Offered(offer),
        1 Refused(refusal),
        2 Confirmed(booking),
        3 PlanChanged { fresh },
        4 Cancelled(booking),
        5 Noted,
        6 Rejected(rejection),
        7 AwaitingDriver(booking),
        8 Held(hold),
        11 NotedAs(about),
    }

    enum Rejection {
        0 OtherMap { current },
        1 NoPolicy,
        2 CapacityTooLarge,
        3 UnknownService(service),
        4 UnknownVehicle(vehicle),
        5 UnknownShift(shift),
        6 UnknownOffer(offer),
        7 UnknownBooking(booking),
        8 VehicleExists(vehicle),
        9 ServiceExists(service),
        10 ShiftExists(shift),
        11 ShiftOverlaps(shift),
        12 ShiftTooShort,
        13 ShiftNotOpen(shift),
        14 ShiftAlreadyOpen(shift),
        15 ShiftOver(shift),
        16 RidersOnBoard(shift),
        17 OfferExpired(offer),
        18 OfferUsed { offer, booking },
        19 EmptyParty,
        20 WrongState { booking, state },
        21 NotNext { shift, next },
        22 NotArrived { shift, stop },
        23 AlreadyUnderWay { shift },
        24 TooEarlyForNoShow { from },
        25 OffRoad,
        26 NoSuchPosition(shift),
        27 FeatureExists(feature),
        28 UnknownFeature(feature),
        29 TooManyFeatures,
        30 UnknownDriver(driver),
        31 DriverExists(driver),
        32 UnknownStop { shift, stop },
        33 NotABreak { shift, stop },
        34 BreaksDoNotFit(shift),
        35 TripWithoutEnd(shift),
        36 NotAsked { booking, driver },
        37 AskExpired { booking },
        38 BadAccess,
        39 BadChoice,
        40 NotHeld(offer),
        41 HoldOutside { from, to },
        42 DriverToBeAsked(offer),
        43 BadWeights,
    }
}
