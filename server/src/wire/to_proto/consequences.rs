//! What a decision does, as the desk reads it: the one place where it is put into words.

use mukae_engine::Consequence;
use mukae_engine::event::Breach;
use mukae_engine::model::Limit;
use mukae_proto::transit::operations::v1 as pb;

use super::{View, duration, timestamp};

/// Of a decision that was applied: a booking it forgot would have no name.
pub fn consequences(view: &View<'_>, all: &[Consequence]) -> pb::Consequences {
    let mut told = pb::Consequences::default();
    let shift = |shift| view.shift_name(shift).to_owned();
    for one in all {
        match *one {
            Consequence::Moved { booking, from, to } => told.moved_bookings.push(pb::BookingMoved {
                booking: view.booking_name(booking),
                from_shift: from.map(shift).unwrap_or_default(),
                to_shift: shift(to),
            }),
            Consequence::Unassigned { booking } => told.unassigned_bookings.push(view.booking_name(booking)),
            Consequence::Failed { booking } => told.failed_bookings.push(view.booking_name(booking)),
            Consequence::Stranded { booking } => told.stranded_bookings.push(view.booking_name(booking)),
            Consequence::Asked { booking, shift: of, deadline } => told.asked_drivers.push(pb::DriverAsked {
                booking: view.booking_name(booking),
                shift: shift(of),
                deadline_time: Some(timestamp(deadline)),
            }),
            Consequence::Breaks { booking, breach } => told.broken_promises.push(pb::PromiseBroken {
                booking: view.booking_name(booking),
                limit: limit(breach.limit()) as i32,
                ..broken(breach)
            }),
            Consequence::Kept { booking, limit: kept } => told
                .restored_promises
                .push(pb::PromiseRestored { booking: view.booking_name(booking), limit: limit(kept) as i32 }),
            Consequence::HoldLost { offer } => told.lost_holds.extend(view.offer_name(offer)),
            Consequence::BreakLate { shift: of, predicted, latest, .. } => told.late_breaks.push(pb::LateBreak {
                shift: shift(of),
                latest_time: Some(timestamp(latest)),
                predicted_time: Some(timestamp(predicted)),
            }),
            Consequence::EndsLate { shift: of, predicted, latest } => told.late_shifts.push(pb::LateShift {
                shift: shift(of),
                end_time: Some(timestamp(latest)),
                predicted_time: Some(timestamp(predicted)),
            }),
            Consequence::DetourExceeded { shift: of, time, length } => {
                told.exceeded_detours.push(pb::DetourExceeded {
                    shift: shift(of),
                    over_duration: Some(duration(time)),
                    over_meters: i32::try_from(length.as_metres()).unwrap_or(i32::MAX),
                });
            }
        }
    }
    told
}

fn limit(limit: Limit) -> pb::PromiseLimit {
    match limit {
        Limit::Pickup => pb::PromiseLimit::Pickup,
        Limit::Dropoff => pb::PromiseLimit::Dropoff,
        Limit::Ride => pb::PromiseLimit::Ride,
    }
}

fn broken(breach: Breach) -> pb::PromiseBroken {
    match breach {
        Breach::PickupLate { predicted, promised } | Breach::DropoffLate { predicted, promised } => pb::PromiseBroken {
            promised_time: Some(timestamp(promised)),
            predicted_time: Some(timestamp(predicted)),
            ..pb::PromiseBroken::default()
        },
        Breach::RideTooLong { predicted, promised } => pb::PromiseBroken {
            promised_duration: Some(duration(promised)),
            predicted_duration: Some(duration(predicted)),
            ..pb::PromiseBroken::default()
        },
    }
}
