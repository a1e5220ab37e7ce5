//! Quotes, offers and bookings.

use mukae_engine::model::{Booking, Offer, Refusal, Request, Spot, Wish};
use mukae_engine::{Answer, Command};
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_units::{BookingId, Features, ServiceId, Span, Time, TimeWindow};
use pb::binding_constraint::Kind;

use super::Area;
use super::rejection::fault;
use crate::errors::Fault;
use crate::names::{BookingName, OfferName, ServiceName};
use crate::shell::annals::OfferFate;
use crate::shell::input::{Cancellation, List, RideWish, Signed, When};
use crate::wire::refusal;
use crate::wire::to_proto;

/// How wide a half-given window is in a service that the configuration no longer names.
const WAIT_MAX_SHIPPED: Span = Span::HOUR;

impl Area {
    pub(super) fn quote(&mut self, signed: Signed<RideWish>) -> Result<pb::QuoteResponse, Fault> {
        let Signed { origin, wish } = signed;
        let recalled = self.recall(&origin)?;
        let (service, name) = (self.service(&wish.service)?, wish.service.to_string());
        let answer = match recalled {
            Some(answer) => answer,
            None => {
                let needs = self.features(&wish.requirements)?;
                let (from, to) = match self.ends(&wish) {
                    Ok(ends) => ends,
                    Err(kinds) => return Ok(refused(refusal::refusal_of(&kinds))),
                };
                let request = Request {
                    service,
                    rider: wish.rider,
                    channel: wish.channel,
                    origin: from,
                    destination: to,
                    party: wish.party,
                    wish: self.window(&wish.service, wish.when),
                    arrive_latest: None,
                    needs,
                };
                self.take(&origin, Command::Quote(request))?.answer
            }
        };
        match answer {
            Answer::Offered(offer) => Ok(self.offered(&[offer])),
            Answer::Refused(refusal) => Ok(refused(refusal::refusal(&refusal))),
            Answer::Rejected(rejection) => Err(fault(&self.view(), &rejection, &name)),
            other => Err(Fault::bug(other)),
        }
    }

    pub(super) fn get_offer(&mut self, name: OfferName) -> Result<pb::Offer, Fault> {
        let (offer, _) = self.find_offer(&name).ok_or_else(|| Fault::not_found(&name))?;
        Ok(to_proto::offer(&self.view(), &offer))
    }

    pub(super) fn confirm_offer(&mut self, signed: Signed<OfferName>) -> Result<pb::Booking, Fault> {
        let Signed { origin, wish: name } = signed;
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
            Answer::PlanChanged { fresh } => Err(self.plan_changed(&fresh)),
            Answer::Rejected(rejection) => Err(fault(&self.view(), &rejection, &name.to_string())),
            other => Err(Fault::bug(other)),
        }
    }

    pub(super) fn cancel_booking(&mut self, signed: Signed<Cancellation>) -> Result<pb::Booking, Fault> {
        let Signed { origin, wish } = signed;
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                let found = self.booking(&wish.booking)?;
                let etag = to_proto::booking(&self.view(), found).etag;
                if !wish.etag.is_empty() && wish.etag != etag {
                    let message = format!("{} has changed since etag {}; read it again", wish.booking, wish.etag);
                    return Err(Fault::new(ErrorReason::EtagMismatch, message).with("etag", etag));
                }
                let command = Command::CancelBooking { booking: wish.booking.booking, reason: wish.reason };
                self.take(&origin, command)?.answer
            }
        };
        match answer {
            Answer::Cancelled(booking) => Ok(to_proto::booking(&self.view(), &booking)),
            Answer::Rejected(rejection) => Err(fault(&self.view(), &rejection, &wish.booking.to_string())),
            other => Err(Fault::bug(other)),
        }
    }

    pub(super) fn get_booking(&mut self, name: BookingName) -> Result<pb::Booking, Fault> {
        let booking = self.booking(&name)?;
        Ok(to_proto::booking(&self.view(), booking))
    }

    pub(super) fn list_bookings(&mut self, list: List<ServiceName>) -> Result<pb::ListBookingsResponse, Fault> {
        let service = self.service(&list.parent)?;
        let view = self.view();
        let found = view.state.bookings.range(BookingId(list.page.range_start())..);
        let of_service = found.map(|(_, booking)| booking).filter(|booking| booking.request.service == service);
        let (page, next_page_token) = list.page.cut(of_service.map(|booking| (booking.id.0, booking)));
        let bookings = page.into_iter().map(|booking| to_proto::booking(&view, booking)).collect();
        Ok(pb::ListBookingsResponse { bookings, next_page_token })
    }

    fn service(&self, name: &ServiceName) -> Result<ServiceId, Fault> {
        self.annals.service(name).ok_or_else(|| Fault::not_found(name))
    }

    /// A booking of another service is none.
    pub(super) fn booking(&self, name: &BookingName) -> Result<&Booking, Fault> {
        let service = self.annals.service(&name.service);
        let found = self.scribe.state().bookings.get(&name.booking);
        found.filter(|booking| Some(booking.request.service) == service).ok_or_else(|| Fault::not_found(name))
    }

    /// Both ends of the ride on the road, or why there is none, whatever the fleet does.
    fn ends(&mut self, wish: &RideWish) -> Result<(Spot, Spot), Vec<Kind>> {
        let kinds = match (&wish.origin, &wish.destination) {
            (Ok(from), Ok(to)) if from.place != to.place => return Ok((from.clone(), to.clone())),
            (Ok(_), Ok(_)) => vec![Kind::SamePlace],
            (Err(_), Ok(_)) => vec![Kind::OriginOffArea],
            (Ok(_), Err(_)) => vec![Kind::DestinationOffArea],
            (Err(_), Err(_)) => vec![Kind::OriginOffArea, Kind::DestinationOffArea],
        };
        self.off_area_count += 1;
        let (service, count) = (wish.service.to_string(), self.off_area_count);
        tracing::info!(
            service,
            ?kinds,
            count,
            "a ride was refused before the dispatcher was asked; it is in no record"
        );
        Err(kinds)
    }

    /// The wished window, with its defaults filled in.
    fn window(&self, service: &ServiceName, when: When) -> Wish {
        let wait_max = self.config.service(service).map_or(WAIT_MAX_SHIPPED, |service| service.wait_max);
        let between = |earliest: Time, latest: Time| {
            TimeWindow::new(earliest, latest).expect("a window that ends before it starts was turned down before")
        };
        match when {
            When::DepartAfter { earliest, latest } => {
                // Without an earliest time it is now; a latest one before that is past, and refused as such.
                let earliest = earliest.unwrap_or_else(|| latest.map_or(self.now(), |latest| self.now().min(latest)));
                Wish::DepartAfter(between(earliest, latest.unwrap_or(earliest + wait_max)))
            }
            When::ArriveBy { earliest, latest } => {
                Wish::ArriveBy(between(earliest.unwrap_or(latest - wait_max), latest))
            }
        }
    }

    /// An offer that is open or was, by its full name; with what became of it as far as that is known.
    fn find_offer(&self, name: &OfferName) -> Option<(Offer, OfferFate)> {
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

    /// The features of these names.
    fn features(&self, names: &[String]) -> Result<Features, Fault> {
        let known = &self.scribe.state().features;
        let number = |name: &String| {
            let found = known.iter().find(|(_, called)| *called == name).map(|(&feature, _)| feature);
            found.ok_or_else(|| Fault::invalid_field("requirements", format!("{name:?} is not known in this area")))
        };
        names.iter().try_fold(Features::EMPTY, |features, name| features.and(number(name)?).map_err(Fault::bug))
    }

    fn offered(&self, offers: &[Offer]) -> pb::QuoteResponse {
        pb::QuoteResponse { result: Some(pb::quote_response::Result::Offers(self.offer_list(offers))) }
    }

    fn offer_list(&self, offers: &[Offer]) -> pb::OfferList {
        let view = self.view();
        pb::OfferList { offers: offers.iter().map(|offer| to_proto::offer(&view, offer)).collect() }
    }

    fn plan_changed(&self, fresh: &Result<Offer, Refusal>) -> Fault {
        let result = match fresh {
            Ok(offer) => pb::plan_changed::Result::Offers(self.offer_list(std::slice::from_ref(offer))),
            Err(refused) => pb::plan_changed::Result::Refusal(refusal::refusal(refused)),
        };
        let message = "others were faster: the promise of this offer can no longer be given; the details say what can";
        Fault::new(ErrorReason::PlanChanged, message).with_detail(&pb::PlanChanged { result: Some(result) })
    }
}

fn refused(refusal: pb::Refusal) -> pb::QuoteResponse {
    pb::QuoteResponse { result: Some(pb::quote_response::Result::Refusal(refusal)) }
}
