//! Quotes, offers and bookings.

use mukae_engine::model::{Booking, BookingState, CancelReason, Offer, Refusal};
use mukae_engine::{Answer, Command};
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_units::{BookingId, RiderId, Seats, ServiceId, Span, Time};

use super::Area;
use super::rejection::fault;
use crate::errors::Fault;
use crate::names::{BookingName, OfferName, ServiceName};
use crate::shell::annals::OfferFate;
use crate::shell::input::{Cancellation, Holding, List, OfRider, RideWish, Signed};
use crate::wire::listed;
use crate::wire::refusal;
use crate::wire::to_proto;

impl Area {
    pub(super) fn quote(&mut self, signed: Signed<RideWish>) -> Result<pb::QuoteResponse, Fault> {
        let Signed { origin, wish, .. } = signed;
        // a ride that was noted as missed is judged again, and noted once
        let recalled = self.recall(&origin)?.filter(|answer| !matches!(answer, Answer::NotedAs(_)));
        self.service(&wish.service)?;
        let answer = match recalled {
            Some(answer) => answer,
            None => {
                let request = match self.request_of(&wish)? {
                    Ok(request) => request,
                    Err(kinds) => {
                        self.note_missed_ride(&origin, &wish, &kinds)?;
                        return Ok(refused(refusal::refusal_of(&kinds)));
                    }
                };
                self.take_and_write_later(&origin, Command::Quote(request.into()))?
            }
        };
        match answer {
            Answer::Offered(offers) => Ok(self.offered(&offers)),
            Answer::Refused(refusal) => Ok(refused(refusal::refusal(&refusal, wish.party))),
            Answer::Rejected(rejection) => Err(fault(&self.view(), &rejection, &wish.service.to_string())),
            other => Err(Fault::bug(other)),
        }
    }

    pub(super) fn get_offer(&mut self, name: OfferName) -> Result<pb::Offer, Fault> {
        let (offer, _) = self.find_offer(&name).ok_or_else(|| Fault::not_found(&name))?;
        Ok(to_proto::offer(&self.view(), &offer))
    }

    pub(super) fn confirm_offer(&mut self, signed: Signed<OfferName>) -> Result<pb::Booking, Fault> {
        let Signed { origin, wish: name, .. } = signed;
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                self.may_be_confirmed(&name)?;
                self.take(&origin, Command::ConfirmOffer { offer: name.offer })?.answer
            }
        };
        match answer {
            Answer::Confirmed(booking) | Answer::AwaitingDriver(booking) => {
                Ok(to_proto::booking(&self.view(), &booking))
            }
            Answer::PlanChanged { fresh } => Err(self.plan_changed(&fresh, &name)),
            Answer::Rejected(rejection) => Err(fault(&self.view(), &rejection, &name.to_string())),
            other => Err(Fault::bug(other)),
        }
    }

    /// Keeps the place of an offer for as long as is wanted and the service allows.
    pub(super) fn hold_offer(&mut self, signed: Signed<Holding>) -> Result<pb::Offer, Fault> {
        let Signed { origin, wish: Holding { offer: name, wanted }, .. } = signed;
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                self.may_be_confirmed(&name)?;
                let until = self.hold_until(&name, wanted);
                self.take(&origin, Command::HoldOffer { offer: name.offer, until })?.answer
            }
        };
        match answer {
            Answer::Held(_) => self.get_offer(name),
            Answer::PlanChanged { fresh } => Err(self.plan_changed(&fresh, &name)),
            Answer::Rejected(rejection) => Err(fault(&self.view(), &rejection, &name.to_string())),
            other => Err(Fault::bug(other)),
        }
    }

    pub(super) fn release_hold(&mut self, signed: Signed<OfferName>) -> Result<pb::Offer, Fault> {
        let Signed { origin, wish: name, .. } = signed;
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                self.may_be_confirmed(&name)?;
                self.take(&origin, Command::ReleaseHold { offer: name.offer })?.answer
            }
        };
        match answer {
            Answer::Noted => self.get_offer(name),
            Answer::Rejected(rejection) => Err(fault(&self.view(), &rejection, &name.to_string())),
            other => Err(Fault::bug(other)),
        }
    }

    /// As long as is wanted, and no longer than the service allows since the offer was first held.
    fn hold_until(&self, name: &OfferName, wanted: Option<Span>) -> Time {
        let (state, now) = (self.scribe.state(), self.now());
        let service = self.annals.service(&name.service).and_then(|service| state.services.get(&service));
        let hold_max = service.map_or(Span::ZERO, |service| service.policy.hold_max);
        let since = state.holds.get(&name.offer).filter(|hold| now <= hold.until).map_or(now, |hold| hold.since);
        wanted.map_or(since + hold_max, |wanted| (now + wanted).min(since + hold_max))
    }

    pub(super) fn cancel_booking(&mut self, signed: Signed<Cancellation>) -> Result<pb::Booking, Fault> {
        let Signed { origin, wish, .. } = signed;
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                let found = self.booking(&wish.booking)?;
                self.expect_etag(found, &wish.booking, &wish.etag)?;
                let (booking, reason) = (found.id, wish.reason);
                // what the service can not do is no reason to take the other ride of a pair from the rider
                let pair = self.annals.office().pair_of(booking);
                let along = pair.filter(|pair| pair.stands_together && reason != CancelReason::Service);
                let along = along.filter(|pair| self.scribe.state().bookings.contains_key(&pair.other));
                let command = match along {
                    None => Command::CancelBooking { booking, reason },
                    Some(pair) => Command::CancelAll { booking, along: vec![pair.other], reason },
                };
                self.take(&origin, command)?.answer
            }
        };
        match answer {
            Answer::Cancelled(booking) => Ok(to_proto::booking(&self.view(), &booking)),
            Answer::Rejected(rejection) => Err(fault(&self.view(), &rejection, &wish.booking.to_string())),
            other => Err(Fault::bug(other)),
        }
    }

    /// Turns down what was decided on an older picture of the booking.
    pub(super) fn expect_etag(&self, found: &Booking, name: &BookingName, etag: &str) -> Result<(), Fault> {
        let current = to_proto::booking(&self.view(), found).etag;
        if etag.is_empty() || etag == current {
            return Ok(());
        }
        let message = format!("{name} has changed since etag {etag}; read it again");
        Err(Fault::new(ErrorReason::EtagMismatch, message).with("etag", current))
    }

    pub(super) fn get_booking(&mut self, name: BookingName) -> Result<pb::Booking, Fault> {
        let booking = self.booking(&name)?;
        Ok(to_proto::booking(&self.view(), booking))
    }

    pub(super) fn list_bookings(&mut self, list: List<ServiceName>) -> Result<pb::ListBookingsResponse, Fault> {
        self.list_bookings_that(list, |_| true)
    }

    pub(super) fn list_own_bookings(
        &mut self,
        (list, rider): (List<ServiceName>, RiderId),
    ) -> Result<pb::ListBookingsResponse, Fault> {
        self.list_bookings_that(list, |booking| booking.request.rider == Some(rider))
    }

    fn list_bookings_that(
        &mut self,
        list: List<ServiceName>,
        is_wanted: impl Fn(&Booking) -> bool,
    ) -> Result<pb::ListBookingsResponse, Fault> {
        let service = self.service(&list.parent)?;
        let view = self.view();
        let found = view.state.bookings.range(BookingId(list.page.range_start())..);
        let is_listed = |booking: &&Booking| {
            booking.request.service == service && booking.state != BookingState::Held && is_wanted(booking)
        };
        let of_service = found.map(|(_, booking)| booking).filter(is_listed);
        let drawn = of_service.map(|booking| (booking.id.0, to_proto::booking(&view, booking)));
        let (bookings, next_page_token) = list.sieve.cut(&list.page, listed::BOOKINGS, drawn);
        Ok(pb::ListBookingsResponse { bookings, next_page_token })
    }

    /// Nobody's, and what is not there, are answered alike.
    pub(super) fn whose_is(&mut self, thing: OfRider) -> Result<Option<RiderId>, Fault> {
        Ok(match thing {
            OfRider::Booking(name) => self.booking(&name).ok().and_then(|booking| booking.request.rider),
            OfRider::Waiting(name) => self.rider_of_waiting(&name),
            OfRider::Offer(name) => match self.find_offer(&name) {
                Some((offer, _)) => offer.request.rider,
                // long confirmed, and the offer forgotten
                None => {
                    let service = self.annals.service(&name.service);
                    let mut bookings = self.scribe.state().bookings.values();
                    let of_offer = bookings
                        .find(|booking| booking.offer == name.offer && Some(booking.request.service) == service);
                    of_offer.and_then(|booking| booking.request.rider)
                }
            },
        })
    }

    pub(super) fn service(&self, name: &ServiceName) -> Result<ServiceId, Fault> {
        self.annals.service(name).ok_or_else(|| Fault::not_found(name))
    }

    /// A booking of another service is none.
    pub(super) fn booking(&self, name: &BookingName) -> Result<&Booking, Fault> {
        let service = self.annals.service(&name.service);
        let found = self.scribe.state().bookings.get(&name.booking);
        found.filter(|booking| Some(booking.request.service) == service).ok_or_else(|| Fault::not_found(name))
    }

    /// An offer that is open or was, by its full name; with what became of it as far as that is known.
    pub(super) fn find_offer(&self, name: &OfferName) -> Option<(Offer, OfferFate)> {
        let service = self.annals.service(&name.service)?;
        let noted = self.annals.offer(name.offer).map(|note| (note.offer.clone(), note.fate));
        let held = || Some((self.scribe.state().offers.get(&name.offer)?.clone(), OfferFate::Open));
        let (offer, fate) = noted.or_else(held)?;
        let is_it = offer.request.service == service
            && to_proto::offer_tag(offer.id, &offer.request, &offer.promise) == name.tag;
        is_it.then_some((offer, fate))
    }

    /// Turns down what the dispatcher can not: it has forgotten which offers there were, and to whom.
    fn may_be_confirmed(&self, name: &OfferName) -> Result<(), Fault> {
        match self.find_offer(name) {
            Some((_, OfferFate::Open | OfferFate::Confirmed(_))) => Ok(()),
            Some((offer, OfferFate::Expired)) => {
                let rejection = mukae_engine::Rejection::OfferExpired(offer.id);
                Err(fault(&self.view(), &rejection, &name.to_string()))
            }
            None => {
                let service = self.annals.service(&name.service);
                let is_it = |booking: &&Booking| {
                    booking.offer == name.offer
                        && Some(booking.request.service) == service
                        && to_proto::offer_tag(booking.offer, &booking.request, &booking.promise) == name.tag
                };
                let booking = self.scribe.state().bookings.values().find(is_it);
                booking.map(|_| ()).ok_or_else(|| Fault::not_found(name))
            }
        }
    }

    fn offered(&self, offers: &[Offer]) -> pb::QuoteResponse {
        pb::QuoteResponse { result: Some(pb::quote_response::Result::Offers(self.offer_list(offers))) }
    }

    fn offer_list(&self, offers: &[Offer]) -> pb::OfferList {
        let view = self.view();
        pb::OfferList { offers: offers.iter().map(|offer| to_proto::offer(&view, offer)).collect() }
    }

    fn plan_changed(&self, fresh: &Result<Vec<Offer>, Refusal>, lost: &OfferName) -> Fault {
        let result = match fresh {
            Ok(offers) => pb::plan_changed::Result::Offers(self.offer_list(offers)),
            Err(refused) => {
                let party = self.find_offer(lost).map_or(Seats::NONE, |(offer, _)| offer.request.party);
                pb::plan_changed::Result::Refusal(refusal::refusal(refused, party))
            }
        };
        let message = "others were faster: the promise of this offer can no longer be given; the details say what can";
        Fault::new(ErrorReason::PlanChanged, message).with_detail(&pb::PlanChanged { result: Some(result) })
    }
}

fn refused(refusal: pb::Refusal) -> pb::QuoteResponse {
    pb::QuoteResponse { result: Some(pb::quote_response::Result::Refusal(refusal)) }
}
