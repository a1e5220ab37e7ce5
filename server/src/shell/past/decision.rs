//! The record that decided something, looked up in the log.

use std::sync::Arc;

use mukae_engine::model::{Alternative, Offer, Request};
use mukae_engine::{Command, Endogenous, State};
use mukae_journal::{LogReader, Sequence};
use mukae_office::{Fact, MissCause};
use mukae_record::{Record, RequestId};
use mukae_units::{OfferId, ServiceId, ShiftId, Time};

use super::{Awaited, RECORDS_AT_ONCE};
use crate::errors::Fault;
use crate::names::{BookingName, OfferName, ServiceName};
use crate::wire::to_proto;

/// What was decided, by its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decided {
    Booking(BookingName),
    Offer(OfferName),
    Quote { service: ServiceName, request_id: RequestId },
}

/// The record that did it.
pub(super) struct Found {
    pub sequence: Sequence,
    pub at: Time,
    what: What,
}

enum What {
    Made(Offer),
    /// Of an offer that is in the state before.
    Given {
        offer: OfferId,
        shift: ShiftId,
    },
    Asked {
        request: Arc<Request>,
        chosen: Option<ShiftId>,
    },
    Missed(MissCause, ServiceId),
}

/// What is judged again.
pub(super) enum Judged {
    Request {
        request: Arc<Request>,
        chosen: Option<ShiftId>,
    },
    Offer {
        offer: Box<Offer>,
        chosen: ShiftId,
    },
    /// It never came before the dispatcher.
    Missed(MissCause, ServiceId),
}

impl Decided {
    pub fn service(&self) -> String {
        match self {
            Decided::Booking(name) => name.service.to_string(),
            Decided::Offer(name) => name.service.to_string(),
            Decided::Quote { service, .. } => service.to_string(),
        }
    }

    pub(super) fn not_found(&self) -> Fault {
        match self {
            Decided::Booking(name) => Fault::not_found(name),
            Decided::Offer(name) => Fault::not_found(name),
            Decided::Quote { service, request_id } => {
                Fault::not_found(format!("quote of {service} with the request_id {request_id}"))
            }
        }
    }

    fn decided_by(&self, record: &Record) -> Option<What> {
        match self {
            Decided::Booking(name) => record.endogenous.iter().find_map(|event| match event {
                Endogenous::OfferHeld { offer, booking, shift, .. }
                | Endogenous::BookingConfirmed { booking, offer, shift }
                    if *booking == name.booking =>
                {
                    Some(What::Given { offer: *offer, shift: *shift })
                }
                Endogenous::Booked { booking, offer, .. } if *booking == name.booking => {
                    Some(What::Asked { request: Arc::clone(&offer.request), chosen: Some(offer.shift) })
                }
                _ => None,
            }),
            Decided::Offer(name) => offers_of(record).find_map(|offer| {
                let is_it =
                    offer.id == name.offer && to_proto::offer_tag(offer.id, &offer.request, &offer.promise) == name.tag;
                is_it.then(|| What::Made(offer.clone()))
            }),
            Decided::Quote { request_id, .. } => {
                let call = record.origin.call.as_ref();
                if call.is_none_or(|call| call.request_id != *request_id) {
                    return None;
                }
                match record.command() {
                    Command::Quote(request) | Command::Book { request, .. } => {
                        let chosen = offers_of(record).next().map(|offer| offer.shift);
                        Some(What::Asked { request: Arc::clone(request), chosen })
                    }
                    Command::Note { content, .. } => match Fact::from_note(content) {
                        Ok(Fact::RideMissed(ride)) => Some(What::Missed(ride.cause, ride.service)),
                        _ => None,
                    },
                    _ => None,
                }
            }
        }
    }

    /// A booking keeps the reasons of its first vehicle; the id of a call may be used again after a week.
    fn is_of_the_first(&self) -> bool {
        matches!(self, Decided::Booking(_))
    }
}

impl Found {
    pub(super) fn judged(&self, before: &State) -> Option<Judged> {
        match &self.what {
            // the best of all is a matter of the request; another offer is the best of its kind
            What::Made(offer) if offer.alternative == Alternative::Best => {
                Some(Judged::Request { request: Arc::clone(&offer.request), chosen: Some(offer.shift) })
            }
            What::Made(offer) => Some(Judged::Offer { chosen: offer.shift, offer: Box::new(offer.clone()) }),
            What::Given { offer, shift } => {
                let offer = before.offers.get(offer)?;
                Some(Judged::Offer { offer: Box::new(offer.clone()), chosen: *shift })
            }
            What::Asked { request, chosen } => Some(Judged::Request { request: Arc::clone(request), chosen: *chosen }),
            What::Missed(cause, service) => Some(Judged::Missed(*cause, *service)),
        }
    }
}

impl Judged {
    pub(super) fn service(&self) -> ServiceId {
        match self {
            Judged::Request { request, .. } => request.service,
            Judged::Offer { offer, .. } => offer.request.service,
            Judged::Missed(_, service) => *service,
        }
    }
}

/// Reads the log from its beginning; `Ok(None)` if no record did it.
pub(super) fn find(
    journal: &dyn LogReader,
    decided: &Decided,
    is_awaited: &dyn Fn() -> bool,
) -> Awaited<Option<Found>> {
    let records = match journal.read(Sequence::START) {
        Ok(records) => records,
        Err(error) => return Some(Err(Fault::bug(error))),
    };
    let mut found = None;
    for (number, record) in (0..).zip(records) {
        if number % RECORDS_AT_ONCE == 0 && !is_awaited() {
            return None;
        }
        let read = record
            .map_err(Fault::bug)
            .and_then(|record| Ok((record.sequence, Record::from_bytes(&record.bytes).map_err(Fault::bug)?)));
        let (sequence, record) = match read {
            Ok(read) => read,
            Err(fault) => return Some(Err(fault)),
        };
        if let Some(what) = decided.decided_by(&record) {
            found = Some(Found { sequence, at: record.at(), what });
            if decided.is_of_the_first() {
                break;
            }
        }
    }
    Some(Ok(found))
}

fn offers_of(record: &Record) -> impl Iterator<Item = &Offer> {
    record.endogenous.iter().filter_map(|event| match event {
        Endogenous::OfferMade(offer) | Endogenous::Booked { offer, .. } => Some(offer),
        _ => None,
    })
}
