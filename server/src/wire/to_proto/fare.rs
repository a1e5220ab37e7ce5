//! Fares and what is due.

use mukae_engine::model::{Charge, ChargeReason, Fare, Promise, Request};
use mukae_proto::transit::booking::v1 as pb;
use mukae_units::Yen;

use super::timestamp;

/// The promise says when cancelling ceases to be free.
pub(super) fn drawn_fare(fare: &Fare, promise: &Promise) -> pb::Fare {
    let means = [
        (fare.payment.ticket.is_some(), pb::PaymentMeans::Ticket),
        (fare.payment.cash, pb::PaymentMeans::Cash),
        (fare.payment.account, pb::PaymentMeans::Account),
    ];
    pb::Fare {
        full_yen: yen(fare.full),
        shared_yen: yen(fare.shared),
        payment_means: means.into_iter().filter(|(is_taken, _)| *is_taken).map(|(_, means)| means as i32).collect(),
        ticket_yen: fare.payment.ticket.map_or(0, yen),
        full_tickets: tickets(fare, fare.full),
        shared_tickets: tickets(fare, fare.shared),
        free_cancellation_time: Some(timestamp(promise.pickup.earliest() - fare.fees.free_until)),
        late_cancellation_yen: yen(fare.fees.late_cancellation),
        no_show_yen: yen(fare.fees.no_show),
    }
}

pub(super) fn drawn_charge(charge: &Charge, fare: Option<&Fare>) -> pb::Charge {
    use pb::charge::Reason;
    let reason = match charge.reason {
        ChargeReason::Ride => Reason::Ride,
        ChargeReason::SharedRide => Reason::SharedRide,
        ChargeReason::LateCancellation => Reason::LateCancellation,
        ChargeReason::NoShow => Reason::NoShow,
    };
    let tickets = fare.map_or(0, |fare| tickets(fare, charge.yen));
    pb::Charge { yen: yen(charge.yen), reason: reason as i32, tickets }
}

pub(super) fn passengers(request: &Request) -> pb::Passengers {
    let concessions = request.concessions;
    let adults = request.party.persons().saturating_sub(concessions.count());
    pb::Passengers {
        adults: adults as i32,
        children: concessions.children.into(),
        seniors: concessions.seniors.into(),
        disabled: concessions.disabled.into(),
    }
}

/// Of a party of a thousand at the highest fare there is, still less than what the wire's number holds.
fn yen(yen: Yen) -> i32 {
    i32::try_from(yen.0).unwrap_or(i32::MAX)
}

fn tickets(fare: &Fare, yen: Yen) -> i32 {
    fare.tickets(yen).map_or(0, |tickets| i32::try_from(tickets).unwrap_or(i32::MAX))
}
