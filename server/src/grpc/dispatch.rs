//! For dispatchers.

use std::sync::Arc;

use mukae_proto::transit::operations::v1 as pb;
use pb::dispatch_service_server::DispatchService;
use tonic::{Request, Response, Status};

use super::{Desk, open};
use crate::errors::Fault;
use crate::names::BookingName;
use crate::serve::PATIENCE;
use crate::shell::beside::beside;
use crate::shell::input::Input;
use crate::shell::past::Decided;
use crate::wire::fields::name_of;
use crate::wire::from_proto::{self, AsOf};

#[tonic::async_trait]
impl DispatchService for Desk {
    async fn suggest_assignments(
        &self,
        request: Request<pb::SuggestAssignmentsRequest>,
    ) -> Result<Response<pb::SuggestAssignmentsResponse>, Status> {
        let (caller, request) = open(request);
        let name: BookingName = name_of(&caller, "booking", &request.booking)?;
        Ok(Response::new(self.area.ask(Input::SuggestAssignments, name).await?))
    }

    async fn assign_bookings(
        &self,
        request: Request<pb::AssignBookingsRequest>,
    ) -> Result<Response<pb::AssignBookingsResponse>, Status> {
        let (caller, request) = open(request);
        let assignment = from_proto::assign_bookings(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::AssignBookings, assignment).await?))
    }

    async fn pin_booking(
        &self,
        request: Request<pb::PinBookingRequest>,
    ) -> Result<Response<pb::PinBookingResponse>, Status> {
        let (caller, request) = open(request);
        let pinning = from_proto::pin_booking(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::PinBooking, pinning).await?))
    }

    async fn unpin_booking(
        &self,
        request: Request<pb::UnpinBookingRequest>,
    ) -> Result<Response<pb::UnpinBookingResponse>, Status> {
        let (caller, request) = open(request);
        let pinning = from_proto::unpin_booking(&caller, request)?;
        let pb::PinBookingResponse { booking, consequences } = self.area.ask(Input::PinBooking, pinning).await?;
        Ok(Response::new(pb::UnpinBookingResponse { booking, consequences }))
    }

    async fn freeze_stops(
        &self,
        request: Request<pb::FreezeStopsRequest>,
    ) -> Result<Response<pb::FreezeStopsResponse>, Status> {
        let (caller, request) = open(request);
        let freezing = from_proto::freeze_stops(&caller, request)?;
        Ok(Response::new(self.area.ask(Input::FreezeStops, freezing).await?))
    }

    async fn unfreeze_stops(
        &self,
        request: Request<pb::UnfreezeStopsRequest>,
    ) -> Result<Response<pb::UnfreezeStopsResponse>, Status> {
        let (caller, request) = open(request);
        let freezing = from_proto::unfreeze_stops(&caller, request)?;
        let pb::FreezeStopsResponse { consequences, .. } = self.area.ask(Input::FreezeStops, freezing).await?;
        Ok(Response::new(pb::UnfreezeStopsResponse { consequences }))
    }

    async fn report_breakdown(
        &self,
        request: Request<pb::ReportBreakdownRequest>,
    ) -> Result<Response<pb::ReportBreakdownResponse>, Status> {
        let (caller, request) = open(request);
        let roads = self.snapper(&request.shift);
        let breakdown = from_proto::report_breakdown(&caller, request, roads)?;
        Ok(Response::new(self.area.ask(Input::ReportBreakdown, breakdown).await?))
    }

    async fn interrupt_shift(
        &self,
        request: Request<pb::InterruptShiftRequest>,
    ) -> Result<Response<pb::InterruptShiftResponse>, Status> {
        let (caller, request) = open(request);
        let roads = self.snapper(&request.shift);
        let interruption = from_proto::interrupt_shift(&caller, request, roads)?;
        Ok(Response::new(self.area.ask(Input::InterruptShift, interruption).await?))
    }

    async fn explain_booking(
        &self,
        request: Request<pb::ExplainBookingRequest>,
    ) -> Result<Response<pb::Explanation>, Status> {
        let (caller, request) = open(request);
        match from_proto::explain_booking(&caller, &request)? {
            AsOf::Now(name) => Ok(Response::new(self.area.ask(Input::ExplainBooking, name).await?)),
            AsOf::Decision(decided) => self.explain_past(decided).await,
        }
    }

    async fn explain_offer(
        &self,
        request: Request<pb::ExplainOfferRequest>,
    ) -> Result<Response<pb::Explanation>, Status> {
        let (caller, request) = open(request);
        match from_proto::explain_offer(&caller, &request)? {
            AsOf::Now(name) => Ok(Response::new(self.area.ask(Input::ExplainOffer, name).await?)),
            AsOf::Decision(decided) => self.explain_past(decided).await,
        }
    }

    async fn explain_quote(
        &self,
        request: Request<pb::ExplainQuoteRequest>,
    ) -> Result<Response<pb::Explanation>, Status> {
        let (caller, request) = open(request);
        let roads = self.snapper(request.quote.as_ref().map_or("", |quote| &quote.parent));
        match from_proto::explain_quote(&caller, request, roads)? {
            AsOf::Now(wish) => Ok(Response::new(self.area.ask(Input::ExplainQuote, wish).await?)),
            AsOf::Decision(decided) => self.explain_past(decided).await,
        }
    }

    async fn list_unassigned_bookings(
        &self,
        request: Request<pb::ListUnassignedBookingsRequest>,
    ) -> Result<Response<pb::ListUnassignedBookingsResponse>, Status> {
        let (caller, request) = open(request);
        let list = from_proto::list_unassigned(&caller, &request)?;
        Ok(Response::new(self.area.ask(Input::ListUnassigned, list).await?))
    }
}

impl Desk {
    /// Beside the area.
    async fn explain_past(&self, decided: Decided) -> Result<Response<pb::Explanation>, Status> {
        // what was answered by now, quotes too, is durable before the journal is read
        let area = self.area.of(&decided)?;
        self.area.ask(Input::GetArea, area.name.clone()).await?;
        let past = Arc::clone(&area.desk()?.past);
        let turn = past.turn()?;
        let explained = beside(move |is_awaited| {
            let _turn = turn;
            past.explain(&decided, is_awaited)
        });
        let explained = tokio::time::timeout(PATIENCE, explained).await.map_err(|_| Fault::deadline_passed())??;
        Ok(Response::new(explained))
    }
}
