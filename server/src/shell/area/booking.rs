//! Quotes, offers and bookings.

use mukae_engine::model::{Booking, BookingState, Choice, Offer, Refusal, Request, Spot, WalkLimit, Wish};
use mukae_engine::{Answer, Command};
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_units::{BookingId, Features, RiderId, Seats, ServiceId, Span, Time};
use pb::binding_constraint::Kind;

use super::Area;
use super::rejection::fault;
use crate::errors::Fault;
use crate::names::{BookingName, OfferName, ServiceName};
use crate::shell::annals::OfferFate;
use crate::shell::input::{Cancellation, Holding, List, OfRider, RideWish, Signed, When};
use crate::wire::refusal;
use crate::wire::to_proto;

/// How wide a half-given window is in a service that the configuration no longer names.
const WAIT_MAX_SHIPPED: Span = Span::HOUR;
/// Ways out of a refusal that one answer lists.
const RELAXATIONS_SHOWN: u8 = 5;

impl Area {
    pub(super) fn quote(&mut self, signed: Signed<RideWish>) -> Result<pb::QuoteResponse, Fault> {
        let Signed { origin, wish, .. } = signed;
        // a ride that was noted as missed is judged again, and noted once
        let recalled = self.recall(&origin)?.filter(|answer| !matches!(answer, Answer::NotedAs(_)));
        self.service(&wish.service)?;
        let name = wish.service.to_string();
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
                self.take(&origin, Command::Quote(request.into()))?.answer
            }
        };
        match answer {
            Answer::Offered(offers) => Ok(self.offered(&offers)),
            Answer::Refused(refusal) => Ok(refused(refusal::refusal(&refusal, wish.party))),
            Answer::Rejected(rejection) => Err(fault(&self.view(), &rejection, &name)),
            other => Err(Fault::bug(other)),
        }
    }

    /// What a wish asks of the dispatcher, or why there is no such ride whatever the fleet does.
    pub(super) fn request_of(&self, wish: &RideWish) -> Result<Result<Request, Vec<Kind>>, Fault> {
        let service = self.service(&wish.service)?;
        let needs = self.features(&wish.requirements)?;
        let (from, to) = match self.ends(wish) {
            Ok(ends) => ends,
            Err(kinds) => return Ok(Err(kinds)),
        };
        let rules = self.config.service(&wish.service);
        let walk_max = rules.map(|rules| rules.policy.walk_max);
        let reach = |limit: fn(WalkLimit) -> Span| walk_max.map_or(Span::ZERO, limit) + wish.beyond.walk;
        let offers_max = match (wish.offers_max, rules.map_or(1, |rules| rules.offers_max)) {
            (0, shown) => shown,
            (wanted, shown) => wanted.min(shown),
        };
        Ok(Ok(Request {
            service,
            rider: wish.rider,
            channel: wish.channel,
            origin: self.ways(rules, &from, reach(|limit| limit.to_pickup)),
            destination: self.ways(rules, &to, reach(|limit| limit.from_dropoff)),
            party: wish.party,
            concessions: wish.concessions,
            wish: self.window(&wish.service, wish.when),
            arrive_latest: None,
            needs,
            beyond: wish.beyond,
            choice: Choice { offers_max, relaxations_max: RELAXATIONS_SHOWN },
        }))
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
        let (page, next_page_token) = list.page.cut(of_service.map(|booking| (booking.id.0, booking)));
        let bookings = page.into_iter().map(|booking| to_proto::booking(&view, booking)).collect();
        Ok(pb::ListBookingsResponse { bookings, next_page_token })
    }

    /// Nobody's, and what is not there, are answered alike.
    pub(super) fn whose_is(&mut self, thing: OfRider) -> Result<Option<RiderId>, Fault> {
        Ok(match thing {
            OfRider::Booking(name) => self.booking(&name).ok().and_then(|booking| booking.request.rider),
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

    /// Both ends of the ride on the road, or why there is none, whatever the fleet does.
    fn ends(&self, wish: &RideWish) -> Result<(Spot, Spot), Vec<Kind>> {
        let kinds = match (&wish.origin, &wish.destination) {
            (Ok(from), Ok(to)) if from.place != to.place => {
                let in_zones = |spot: &Spot| Spot { zones: self.zones.zones_of(spot.asked), ..spot.clone() };
                return Ok((in_zones(from), in_zones(to)));
            }
            (Ok(_), Ok(_)) => vec![Kind::SamePlace],
            (Err(_), Ok(_)) => vec![Kind::OriginOffArea],
            (Ok(_), Err(_)) => vec![Kind::DestinationOffArea],
            (Err(_), Err(_)) => vec![Kind::OriginOffArea, Kind::DestinationOffArea],
        };
        Err(kinds)
    }

    /// The wished window, with its defaults filled in.
    pub(super) fn window(&self, service: &ServiceName, when: When) -> Wish {
        when.wish(self.now(), self.wait_max(service))
    }

    /// How wide a half-given window is.
    pub(super) fn wait_max(&self, service: &ServiceName) -> Span {
        self.config.service(service).map_or(WAIT_MAX_SHIPPED, |service| service.wait_max)
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

    /// The features of these names.
    pub(super) fn features(&self, names: &[String]) -> Result<Features, Fault> {
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
