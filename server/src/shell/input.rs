//! Everything that enters the area's task, and the way its answer goes.

mod desk;
mod fleet;
mod riding;
mod setup;

use mukae_proto::transit::{
    area::v1 as area_pb, booking::v1 as booking_pb, fleet::v1 as fleet_pb, operations::v1 as operations_pb,
};
use mukae_record::Origin;
use mukae_units::{RiderId, ServiceId};
use tokio::sync::oneshot;

use crate::errors::Fault;
use crate::metrics::Stock;
use crate::names::{
    AlertName, AreaName, BookingName, CheckName, DriverName, ManifestName, MeetingPointName, OfferName, RiderName,
    RoadMeasureName, ServiceName, ShiftName, StandingName, SupplyName, TenantName, TripName, VehicleName, WaitingName,
};
use crate::shell::outbox::{AreaFeed, AskFeed, Following, MessageFeed, TripFeed};
use crate::shell::probing::Lent;
use crate::wire::filter::Sieve;
use crate::wire::page::Page;

pub use desk::{
    AlertList, AlertNoting, Assignment, Breakdown, Destination, Freezing, HandMove, Interruption, MessageResume,
    NewMeasure, NewMessage, Pinning, RecipientName, Suspension,
};
pub use fleet::{
    AskAnswer, CancelledTrip, ChangedTrip, ChangedVehicle, Deed, DriverRules, ManifestHad, NewBreak, NewCheck,
    NewDriver, NewShift, NewTrip, NewVehicle, PositionBatch, PositionReport, ShiftOpening, TripReport, TripScope,
    UpdatedDriver, VehicleRules,
};
pub use riding::{
    Amendment, Cancellation, Holding, MissedWish, NewStanding, NewWaiting, OfRider, PairWish, RideWish, StandingDate,
    StandingEnd, StandingPatch, StandingUpdate, When,
};
pub use setup::{ChangedService, NearPoint, NewService, PointList};

/// One call. The loop matches on this and on nothing else.
#[derive(Debug)]
pub enum Input {
    Quote(Ask<Signed<RideWish>, booking_pb::QuoteResponse>),
    GetOffer(Ask<OfferName, booking_pb::Offer>),
    ConfirmOffer(Ask<Signed<OfferName>, booking_pb::Booking>),
    HoldOffer(Ask<Signed<Holding>, booking_pb::Offer>),
    ReleaseHold(Ask<Signed<OfferName>, booking_pb::Offer>),
    CancelBooking(Ask<Signed<Cancellation>, booking_pb::Booking>),
    GetBooking(Ask<BookingName, booking_pb::Booking>),
    /// Whom something was quoted or booked for; asked before it is shown to who may see their own.
    WhoseIs(Ask<OfRider, Option<RiderId>>),
    ListOwnBookings(Ask<(List<ServiceName>, RiderId), booking_pb::ListBookingsResponse>),
    ListBookings(Ask<List<ServiceName>, booking_pb::ListBookingsResponse>),
    WatchBooking(Ask<BookingName, Following<booking_pb::Booking>>),
    GetTrip(Ask<BookingName, booking_pb::Trip>),
    WatchTrip(Ask<BookingName, TripFeed>),
    /// Whether a rider is on what one of these vehicles has to do today.
    IsCarrying(Ask<(RiderName, VehicleName), bool>),

    BookRide(Ask<Signed<RideWish>, booking_pb::BookRideResponse>),
    AmendBooking(Ask<Signed<Amendment>, booking_pb::AmendBookingResponse>),
    BookPair(Ask<Signed<PairWish>, booking_pb::BookPairResponse>),
    ReportMissedRide(Ask<Signed<MissedWish>, booking_pb::ReportMissedRideResponse>),

    JoinWaitingList(Ask<Signed<NewWaiting>, booking_pb::JoinWaitingListResponse>),
    GetWaiting(Ask<WaitingName, booking_pb::Waiting>),
    ListWaitings(Ask<List<ServiceName>, booking_pb::ListWaitingsResponse>),
    LeaveWaitingList(Ask<Signed<WaitingName>, booking_pb::Waiting>),

    CreateStanding(Ask<Signed<NewStanding>, booking_pb::StandingBooking>),
    GetStanding(Ask<StandingName, booking_pb::StandingBooking>),
    ListStandings(Ask<List<ServiceName>, booking_pb::ListStandingBookingsResponse>),
    UpdateStanding(Ask<Signed<StandingUpdate>, booking_pb::StandingBooking>),
    SkipStandingDate(Ask<Signed<StandingDate>, booking_pb::StandingBooking>),
    EndStanding(Ask<Signed<StandingEnd>, booking_pb::StandingBooking>),

    CreateVehicle(Ask<Signed<NewVehicle>, fleet_pb::Vehicle>),
    GetVehicle(Ask<VehicleName, fleet_pb::Vehicle>),
    ListVehicles(Ask<List<TenantName>, fleet_pb::ListVehiclesResponse>),
    CreateShift(Ask<Signed<NewShift>, fleet_pb::Shift>),
    GetShift(Ask<ShiftName, fleet_pb::Shift>),
    ListShifts(Ask<List<VehicleName>, fleet_pb::ListShiftsResponse>),
    OpenShift(Ask<Signed<ShiftOpening>, fleet_pb::Shift>),
    CloseShift(Ask<Signed<ShiftName>, fleet_pb::Shift>),
    ReportPositions(Ask<PositionBatch, fleet_pb::ReportPositionsResponse>),
    ReportTrip(Ask<Signed<TripReport>, fleet_pb::Manifest>),
    /// Of a shift, or of the one that is on or comes next.
    GetManifest(Ask<(ManifestName, Option<ShiftName>), fleet_pb::Manifest>),
    AcknowledgeManifest(Ask<Signed<ManifestHad>, fleet_pb::Manifest>),
    WatchManifest(Ask<ManifestName, Following<fleet_pb::Manifest>>),

    CreateDriver(Ask<Signed<NewDriver>, fleet_pb::Driver>),
    UpdateDriver(Ask<Signed<UpdatedDriver>, fleet_pb::Driver>),
    GetDriver(Ask<DriverName, fleet_pb::Driver>),
    ListDrivers(Ask<List<TenantName>, fleet_pb::ListDriversResponse>),
    ListAsks(Ask<List<DriverName>, fleet_pb::ListAsksResponse>),
    WatchAsks(Ask<DriverName, AskFeed>),
    AnswerAsk(Ask<Signed<AskAnswer>, fleet_pb::AnswerAskResponse>),
    RecordPretripCheck(Ask<Signed<NewCheck>, fleet_pb::PretripCheck>),
    GetPretripCheck(Ask<CheckName, fleet_pb::PretripCheck>),

    CreateRoadMeasure(Ask<Signed<NewMeasure>, operations_pb::RoadMeasure>),
    GetRoadMeasure(Ask<RoadMeasureName, operations_pb::RoadMeasure>),
    ListRoadMeasures(Ask<List<AreaName>, operations_pb::ListRoadMeasuresResponse>),
    EndRoadMeasure(Ask<Signed<RoadMeasureName>, operations_pb::RoadMeasure>),
    ListAlerts(Ask<AlertList, operations_pb::ListAlertsResponse>),
    /// The name of what it is about, if it is there.
    GetSupply(Ask<SupplyName, operations_pb::Supply>),
    SuspendSupply(Ask<Signed<Suspension>, operations_pb::Supply>),
    SubjectOfAlert(Ask<AlertName, Option<String>>),
    AcknowledgeAlert(Ask<Signed<AlertName>, operations_pb::Alert>),
    AddAlertNote(Ask<Signed<AlertNoting>, operations_pb::Alert>),
    SendMessage(Ask<Signed<NewMessage>, operations_pb::Message>),
    ListMessages(Ask<List<AreaName>, operations_pb::ListMessagesResponse>),
    WatchMessages(Ask<MessageResume, MessageFeed>),
    SuggestAssignments(Ask<BookingName, operations_pb::SuggestAssignmentsResponse>),
    AssignBookings(Ask<Signed<Assignment>, operations_pb::AssignBookingsResponse>),
    PinBooking(Ask<Signed<Pinning>, operations_pb::PinBookingResponse>),
    FreezeStops(Ask<Signed<Freezing>, operations_pb::FreezeStopsResponse>),
    ReportBreakdown(Ask<Signed<Breakdown>, operations_pb::ReportBreakdownResponse>),
    InterruptShift(Ask<Signed<(ShiftName, Interruption)>, operations_pb::InterruptShiftResponse>),
    ExplainBooking(Ask<BookingName, operations_pb::Explanation>),
    ExplainOffer(Ask<OfferName, operations_pb::Explanation>),
    ExplainQuote(Ask<RideWish, operations_pb::Explanation>),
    ListUnassigned(Ask<List<AreaName>, operations_pb::ListUnassignedBookingsResponse>),

    GetArea(Ask<AreaName, area_pb::Area>),
    TakeStock(Ask<AreaName, Stock>),
    WatchArea(Ask<AreaResume, AreaFeed>),

    BatchGetBookings(Ask<Vec<BookingName>, booking_pb::BatchGetBookingsResponse>),
    BatchGetVehicles(Ask<Vec<VehicleName>, fleet_pb::BatchGetVehiclesResponse>),
    UpdateVehicle(Ask<Signed<ChangedVehicle>, fleet_pb::Vehicle>),
    RetireVehicle(Ask<Signed<VehicleName>, fleet_pb::Vehicle>),
    GetService(Ask<ServiceName, area_pb::Service>),
    ListServices(Ask<List<TenantName>, area_pb::ListServicesResponse>),
    CreateService(Ask<Signed<NewService>, area_pb::Service>),
    UpdateService(Ask<Signed<ChangedService>, area_pb::Service>),
    ListServiceRevisions(Ask<List<ServiceName>, area_pb::ListServiceRevisionsResponse>),
    GetMeetingPoint(Ask<MeetingPointName, area_pb::MeetingPoint>),
    ListMeetingPoints(Ask<PointList, area_pb::ListMeetingPointsResponse>),
    CreateDeclaration(Ask<Signed<NewTrip>, fleet_pb::TripDeclaration>),
    GetDeclaration(Ask<TripName, fleet_pb::TripDeclaration>),
    ListDeclarations(Ask<List<TenantName>, fleet_pb::ListTripDeclarationsResponse>),
    UpdateDeclaration(Ask<Signed<ChangedTrip>, fleet_pb::TripDeclaration>),
    CancelDeclaration(Ask<Signed<CancelledTrip>, fleet_pb::TripDeclaration>),

    ProbeRides(Ask<ProbeTerms, Lent>),
    FindService(Ask<ServiceName, ServiceId>),
}

/// A question and the way its answer goes. Who asked may have gone meanwhile.
#[derive(Debug)]
pub struct Ask<Q, A> {
    pub question: Q,
    pub reply: Reply<A>,
}

pub type Reply<A> = oneshot::Sender<Result<A, Fault>>;

/// A question that changes something, with who asked and the id under which it may be asked again.
#[derive(Debug)]
pub struct Signed<Q> {
    pub origin: Origin,
    /// The caller only wants to know what would happen: `validate_only`.
    pub is_rehearsal: bool,
    pub wish: Q,
}

#[derive(Debug)]
pub struct List<P> {
    pub parent: P,
    pub page: Page,
    /// Which entries, in which order.
    pub sieve: Sieve,
}

/// From where an area is followed.
#[derive(Debug)]
pub struct AreaResume {
    pub area: AreaName,
    /// The last revision that the watcher has, or 0.
    pub revision: i64,
}

/// Under which rules rides are to be probed. The rides themselves are not the area's matter.
#[derive(Debug)]
pub struct ProbeTerms {
    pub service: ServiceName,
    /// By what the configuration calls them.
    pub requirements: Vec<String>,
}
