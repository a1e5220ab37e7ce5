//! Commands and events. The tags are the numbers of history: never changed, never used twice.

use mukae_engine::event::{Aim, Breach};
use mukae_engine::{Command, Consequence, Endogenous, Event, Exogenous, Move, MoveTo, Order, Placement};

use super::codec;

codec! {
    enum Command {
        0 UseMap(map),
        1 SetPolicy(policy),
        2 SetService(service),
        3 RegisterVehicle(vehicle),
        4 PlanShift(shift),
        5 OpenShift { shift, at },
        6 CloseShift { shift },
        7 Quote(request),
        8 ConfirmOffer { offer },
        9 CancelBooking { booking, reason },
        10 ReportPosition { vehicle, place, observed_at },
        11 Depart { shift, stop, at },
        12 Arrive { shift, stop, at },
        13 Board { booking, at },
        14 Alight { booking, at },
        15 ReportNoShow { booking, at },
        16 AdvanceClock,
        17 Book { request, by_hand },
        18 NameFeature { feature, name },
        19 BreakDown { shift, place, at },
        20 RoadsChanged { metric },
        21 EndBreak { shift, stop, at },
        22 RegisterDriver(driver),
        23 AnswerAsk { booking, driver, accepted },
        24 PinBooking { booking, pinned },
        25 FreezeStops { shift, through },
        26 HoldOffer { offer, until },
        27 ReleaseHold { offer },
        28 Note { about, content },
        29 Assign { moves },
        30 InterruptShift { shift, place, window, length },
        31 DelayShift { shift, start },
        32 NameZone { zone, name },
        33 Amend { booking, request },
        34 BookAll { requests, stands_together, note },
        35 CancelAll { booking, along, reason },
        36 AdoptPlan { orders },
        37 SetSupply(rules),
        38 Foresee(outlook),
        39 EndRepositioning { shift, at },
        40 AskStandby { shift },
        41 AnswerStandby { shift, driver, accepted },
        42 EndStandby { shift },
    }

    enum Endogenous {
        0 ShiftPlanned { shift, capacity, to_end, terms },
        1 ShiftEnded { shift },
        2 OfferMade(offer),
        3 RequestRefused(refusal),
        4 OfferExpired { offer },
        5 BookingConfirmed { booking, offer, shift },
        6 PlanChanged { shift, plan },
        7 BookingCancelled { booking, reason },
        8 BookingUnassigned { booking },
        9 BookingFailed { booking },
        10 PromiseAtRisk { booking, breach },
        11 PromiseRestored { booking, limit },
        12 BookingForgotten { booking },
        13 Booked { booking, offer, by_hand },
        14 BookingStranded { booking, place },
        15 DriverAsked { booking, driver, deadline, fallback },
        16 AskEnded { booking, driver, outcome },
        17 BreakAtRisk { shift, id, predicted, latest },
        18 BreakRestored { shift, id },
        19 DetourExceeded { shift, time, length },
        20 DetourRestored { shift },
        21 OfferHeld { offer, booking, shift, until },
        22 HoldReleased { offer, booking },
        23 WayOnChanged { shift, way },
        24 ShiftChanged { shift },
        25 BookingAmended { booking, offer },
        26 RepositioningOrdered { shift, aim, length },
        27 StandbyAsked { shift, driver, deadline },
        28 StandbyLapsed { shift },
    }

    enum Aim {
        0 Base,
        1 Post { post, gain, expected },
    }

    enum Breach {
        0 PickupLate { predicted, promised },
        1 DropoffLate { predicted, promised },
        2 RideTooLong { predicted, promised },
    }

    enum MoveTo {
        0 At { shift, before_pickup, before_dropoff, overrules },
        1 Into(shift),
        2 Nowhere,
    }

    enum Consequence {
        0 Moved { booking, from, to },
        1 Unassigned { booking },
        2 Failed { booking },
        3 Stranded { booking },
        4 Asked { booking, shift, deadline },
        5 Breaks { booking, breach },
        6 Kept { booking, limit },
        7 HoldLost { offer },
        8 BreakLate { shift, id, predicted, latest },
        9 EndsLate { shift, predicted, latest },
        10 DetourExceeded { shift, time, length },
    }

    enum Event {
        0 Exogenous(event),
        1 Endogenous(event),
    }
}

codec! {
    struct Exogenous { at, command }
    struct Move { booking, to }
    struct Order { shift, revision, stops }
    struct Placement { shift, pickup_idx, dropoff_idx, overrules }
}
