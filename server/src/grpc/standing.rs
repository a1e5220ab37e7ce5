//! For desks: rides that come back every week.

use mukae_proto::transit::booking::v1 as pb;
use pb::standing_booking_service_server::StandingBookingService;
use tonic::{Request, Response, Status};

use super::{Desk, open};
use crate::names::StandingName;
use crate::shell::input::Input;
use crate::wire::fields::name_of;
use crate::wire::from_proto;

type Answered<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl StandingBookingService for Desk {
    async fn create_standing_booking(
        &self,
        request: Request<pb::CreateStandingBookingRequest>,
    ) -> Answered<pb::StandingBooking> {
        let (caller, request) = open(request);
        let roads = self.snapper(&request.parent);
        let new = from_proto::create_standing_booking(&caller, request, roads)?;
        Ok(Response::new(self.area.ask(Input::CreateStanding, new).await?))
    }

    async fn get_standing_booking(
        &self,
        request: Request<pb::GetStandingBookingRequest>,
    ) -> Answered<pb::StandingBooking> {
        let (caller, request) = open(request);
        let name: StandingName = name_of(&caller, "name", &request.name)?;
        Ok(Response::new(self.area.ask(Input::GetStanding, name).await?))
    }

    async fn list_standing_bookings(
        &self,
        request: Request<pb::ListStandingBookingsRequest>,
    ) -> Answered<pb::ListStandingBookingsResponse> {
        let (caller, request) = open(request);
        let list = from_proto::list_standing_bookings(&caller, &request)?;
        Ok(Response::new(self.area.ask(Input::ListStandings, list).await?))
    }

    async fn update_standing_booking(
        &self,
        request: Request<pb::UpdateStandingBookingRequest>,
    ) -> Answered<pb::StandingBooking> {
        let (caller, request) = open(request);
        let roads = self.snapper(request.standing_booking.as_ref().map_or("", |standing| &standing.name));
        let update = from_proto::update_standing_booking(&caller, request, roads)?;
        Ok(Response::new(self.area.ask(Input::UpdateStanding, update).await?))
    }

    async fn skip_standing_date(&self, request: Request<pb::SkipStandingDateRequest>) -> Answered<pb::StandingBooking> {
        let (caller, request) = open(request);
        let skipped = from_proto::skip_standing_date(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::SkipStandingDate, skipped).await?))
    }

    async fn end_standing_booking(
        &self,
        request: Request<pb::EndStandingBookingRequest>,
    ) -> Answered<pb::StandingBooking> {
        let (caller, request) = open(request);
        let end = from_proto::end_standing_booking(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::EndStanding, end).await?))
    }
}
