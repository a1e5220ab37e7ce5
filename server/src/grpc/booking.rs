//! For booking frontends.

use std::time::Instant;

use mukae_proto::transit::booking::v1 as pb;
use pb::booking_service_server::BookingService;
use tonic::{Request, Response, Status};

use super::stream::{Updates, follow, follow_trip};
use super::{Desk, open};
use crate::names::{BookingName, OfferName, rider_id};
use crate::shell::input::Input;
use crate::wire::fields::name_of;
use crate::wire::from_proto;
use crate::wire::to_proto::is_final;

#[tonic::async_trait]
impl BookingService for Desk {
    async fn quote(&self, request: Request<pb::QuoteRequest>) -> Result<Response<pb::QuoteResponse>, Status> {
        let (caller, request) = open(request);
        let roads = self.snapper(&request.parent);
        let wish = from_proto::quote(&caller, request, roads)?;
        let meters = self.area.of(&wish)?.desk()?.meters.clone();
        let begun = Instant::now();
        let answer = self.area.ask(Input::Quote, wish).await?;
        meters.quoted(begun.elapsed(), &answer);
        Ok(Response::new(answer))
    }

    async fn get_offer(&self, request: Request<pb::GetOfferRequest>) -> Result<Response<pb::Offer>, Status> {
        let (caller, request) = open(request);
        let name: OfferName = name_of(&caller, "name", &request.name)?;
        self.check_own_offer(&caller, &name).await?;
        Ok(Response::new(self.area.ask(Input::GetOffer, name).await?))
    }

    async fn confirm_offer(&self, request: Request<pb::ConfirmOfferRequest>) -> Result<Response<pb::Booking>, Status> {
        let (caller, request) = open(request);
        let offer = from_proto::confirm_offer(&caller, request)?;
        self.check_own_offer(&caller, &offer.wish).await?;
        Ok(Response::new(self.area.ask(Input::ConfirmOffer, offer).await?))
    }

    async fn hold_offer(&self, request: Request<pb::HoldOfferRequest>) -> Result<Response<pb::Offer>, Status> {
        let (caller, request) = open(request);
        let holding = from_proto::hold_offer(&caller, request)?;
        self.check_own_offer(&caller, &holding.wish.offer).await?;
        Ok(Response::new(self.area.ask(Input::HoldOffer, holding).await?))
    }

    async fn release_hold(&self, request: Request<pb::ReleaseHoldRequest>) -> Result<Response<pb::Offer>, Status> {
        let (caller, request) = open(request);
        let offer = from_proto::release_hold(&caller, request)?;
        self.check_own_offer(&caller, &offer.wish).await?;
        Ok(Response::new(self.area.ask(Input::ReleaseHold, offer).await?))
    }

    async fn book_ride(&self, request: Request<pb::BookRideRequest>) -> Result<Response<pb::BookRideResponse>, Status> {
        let (caller, request) = open(request);
        let roads = self.snapper(&request.parent);
        let wish = from_proto::book_ride(&caller, request, roads)?;
        Ok(Response::new(self.area.ask(Input::BookRide, wish).await?))
    }

    async fn amend_booking(
        &self,
        request: Request<pb::AmendBookingRequest>,
    ) -> Result<Response<pb::AmendBookingResponse>, Status> {
        let (caller, request) = open(request);
        // whose it is comes before what is wrong with the wish
        if let Ok(name) = name_of::<BookingName>(&caller, "name", &request.name) {
            self.check_own_booking(&caller, &name).await?;
        }
        let roads = self.snapper(&request.name);
        let amendment = from_proto::amend_booking(&caller, request, roads)?;
        Ok(Response::new(self.area.ask(Input::AmendBooking, amendment).await?))
    }

    async fn book_pair(&self, request: Request<pb::BookPairRequest>) -> Result<Response<pb::BookPairResponse>, Status> {
        let (caller, request) = open(request);
        let roads = self.snapper(&request.parent);
        let pair = from_proto::book_pair(&caller, request, roads)?;
        Ok(Response::new(self.area.ask(Input::BookPair, pair).await?))
    }

    async fn report_missed_ride(
        &self,
        request: Request<pb::ReportMissedRideRequest>,
    ) -> Result<Response<pb::ReportMissedRideResponse>, Status> {
        let (caller, request) = open(request);
        let missed = from_proto::report_missed_ride(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::ReportMissedRide, missed).await?))
    }

    async fn cancel_booking(
        &self,
        request: Request<pb::CancelBookingRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        let (caller, request) = open(request);
        let cancellation = from_proto::cancel_booking(&caller, request)?;
        self.check_own_booking(&caller, &cancellation.wish.booking).await?;
        Ok(Response::new(self.area.ask(Input::CancelBooking, cancellation).await?))
    }

    async fn get_booking(&self, request: Request<pb::GetBookingRequest>) -> Result<Response<pb::Booking>, Status> {
        let (caller, request) = open(request);
        let name: BookingName = name_of(&caller, "name", &request.name)?;
        self.check_own_booking(&caller, &name).await?;
        Ok(Response::new(self.area.ask(Input::GetBooking, name).await?))
    }

    async fn list_bookings(
        &self,
        request: Request<pb::ListBookingsRequest>,
    ) -> Result<Response<pb::ListBookingsResponse>, Status> {
        let (caller, request) = open(request);
        let list = from_proto::list_bookings(&caller, &request)?;
        let own = caller.rider_at(&list.parent.tenant).map(|rider| rider_id(&list.parent.tenant, rider));
        Ok(Response::new(match own {
            Some(rider) => self.area.ask(Input::ListOwnBookings, (list, rider)).await?,
            None => self.area.ask(Input::ListBookings, list).await?,
        }))
    }

    async fn batch_get_bookings(
        &self,
        request: Request<pb::BatchGetBookingsRequest>,
    ) -> Result<Response<pb::BatchGetBookingsResponse>, Status> {
        let (caller, request) = open(request);
        let names = from_proto::batch_get_bookings(&caller, &request)?;
        for name in &names {
            self.check_own_booking(&caller, name).await?;
        }
        let mut bookings = Vec::new();
        for names in self.area.parted(names) {
            bookings.extend(self.area.ask(Input::BatchGetBookings, names).await?.bookings);
        }
        Ok(Response::new(pb::BatchGetBookingsResponse { bookings }))
    }

    type WatchBookingStream = Updates<pb::WatchBookingResponse>;

    async fn watch_booking(
        &self,
        request: Request<pb::WatchBookingRequest>,
    ) -> Result<Response<Self::WatchBookingStream>, Status> {
        let (caller, request) = open(request);
        let name: BookingName = name_of(&caller, "name", &request.name)?;
        self.check_own_booking(&caller, &name).await?;
        let permit = self.permit_watcher(&caller)?;
        let following = self.area.ask(Input::WatchBooking, name).await?;
        Ok(Response::new(follow(self, caller, permit, following, is_final)))
    }

    async fn get_trip(&self, request: Request<pb::GetTripRequest>) -> Result<Response<pb::Trip>, Status> {
        let (caller, request) = open(request);
        let name: BookingName = name_of(&caller, "name", &request.name)?;
        self.check_own_booking(&caller, &name).await?;
        Ok(Response::new(self.area.ask(Input::GetTrip, name).await?))
    }

    type WatchTripStream = Updates<pb::WatchTripResponse>;

    async fn watch_trip(
        &self,
        request: Request<pb::WatchTripRequest>,
    ) -> Result<Response<Self::WatchTripStream>, Status> {
        let (caller, request) = open(request);
        let name: BookingName = name_of(&caller, "name", &request.name)?;
        self.check_own_booking(&caller, &name).await?;
        let permit = self.permit_watcher(&caller)?;
        let feed = self.area.ask(Input::WatchTrip, name.clone()).await?;
        Ok(Response::new(follow_trip(self, caller, permit, name, feed)))
    }
}
