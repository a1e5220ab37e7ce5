//! Everything that enters the area's task, and the way its answer goes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use mukae_engine::model::{
    Beyond, CancelReason, Channel, Concessions, Crew, DeclaredTrip, DriverKind, Spot, Tier, Wish,
};
use mukae_maps::NoRoadNear;
use mukae_maps::overlay::Effect;
use mukae_office::{Day, Exception, MessageId, MissCause, StandingRide, ToldRoads};
use mukae_proto::transit::{
    area::v1 as area_pb, booking::v1 as booking_pb, fleet::v1 as fleet_pb, operations::v1 as operations_pb,
};
use mukae_record::{Origin, Principal};
use mukae_units::{LatLon, Metres, RiderId, Seats, ServiceId, Span, StopId, Substitutions, Time, TimeWindow};
use tokio::sync::oneshot;

use crate::errors::Fault;
use crate::metrics::Stock;
use crate::names::{
    AlertName, AreaName, BookingName, CheckName, DriverName, ManifestName, MeetingPointName, OfferName, RiderName,
    RoadMeasureName, ServiceName, ShiftName, StandingName, StopName, TenantName, TripName, VehicleName, WaitingName,
};
use crate::shell::outbox::{AreaFeed, AskFeed, Following, MessageFeed, TripFeed};
use crate::shell::probing::Standing;
use crate::wire::filter::Sieve;
use crate::wire::page::Page;

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

    ProbeRides(Ask<ProbeTerms, Standing>),
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
pub struct RideWish {
    pub service: ServiceName,
    pub rider: Option<RiderId>,
    pub channel: Channel,
    /// Off the area is an answer, and not one of ours: the service comes first.
    pub origin: Result<Spot, NoRoadNear>,
    pub destination: Result<Spot, NoRoadNear>,
    /// Both as they were told, on a road or not.
    pub asked: (LatLon, LatLon),
    pub party: Seats,
    /// Who of them pays another rate.
    pub concessions: Concessions,
    pub when: When,
    /// Zero: as many as the service shows.
    pub offers_max: u8,
    pub beyond: Beyond,
    /// By what the configuration calls them.
    pub requirements: Vec<String>,
}

/// When a rider wants to travel, as far as they said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    DepartAfter { earliest: Option<Time>, latest: Option<Time> },
    ArriveBy { earliest: Option<Time>, latest: Time },
}

impl When {
    /// The wished window, with its defaults filled in: `wait_max` wide where one end of it was given.
    pub fn wish(self, now: Time, wait_max: Span) -> Wish {
        let between = |earliest: Time, latest: Time| {
            TimeWindow::new(earliest, latest).expect("a window that ends before it starts was turned down before")
        };
        match self {
            When::DepartAfter { earliest, latest } => {
                // Without an earliest time it is now; a latest one before that is past, and refused as such.
                let earliest = earliest.unwrap_or_else(|| latest.map_or(now, |latest| now.min(latest)));
                Wish::DepartAfter(between(earliest, latest.unwrap_or(earliest + wait_max)))
            }
            When::ArriveBy { earliest, latest } => {
                Wish::ArriveBy(between(earliest.unwrap_or(latest - wait_max), latest))
            }
        }
    }
}

#[derive(Debug)]
pub struct Holding {
    pub offer: OfferName,
    /// Without it, as long as the service allows.
    pub wanted: Option<Span>,
}

#[derive(Debug)]
pub struct Cancellation {
    pub booking: BookingName,
    pub reason: CancelReason,
    /// Empty: whatever it is by now.
    pub etag: String,
}

/// What a rider may call theirs.
#[derive(Debug)]
pub enum OfRider {
    Offer(OfferName),
    Booking(BookingName),
    Waiting(WaitingName),
}

/// Another ride in place of the booked one.
#[derive(Debug)]
pub struct Amendment {
    pub booking: BookingName,
    pub wish: RideWish,
    /// Empty: whatever it is by now.
    pub etag: String,
}

/// A ride and the ride back.
#[derive(Debug)]
pub struct PairWish {
    pub rides: [RideWish; 2],
    pub stands_together: bool,
}

/// A ride that joins the waiting list.
#[derive(Debug)]
pub struct NewWaiting {
    pub ride: RideWish,
    pub books_at_once: bool,
}

/// A ride that nobody could ask for.
#[derive(Debug)]
pub struct MissedWish {
    pub service: ServiceName,
    pub cause: MissCause,
    /// Without it, now.
    pub missed: Option<Time>,
    pub origin: Option<LatLon>,
    pub destination: Option<LatLon>,
    pub party: Option<Seats>,
    pub rider: Option<RiderId>,
    pub channel: Channel,
}

/// The parts of a standing booking that a caller has told.
#[derive(Clone, Debug, Default)]
pub struct StandingPatch {
    pub outbound: Option<StandingRide>,
    pub inbound: Option<Option<StandingRide>>,
    pub stands_together: Option<bool>,
    pub party: Option<Seats>,
    /// By what the configuration calls them.
    pub requirements: Option<Vec<String>>,
    /// Bits from Monday on.
    pub weekdays: Option<u8>,
    pub from: Option<Day>,
    pub until: Option<Option<Day>>,
    pub exceptions: Option<BTreeMap<Day, Exception>>,
}

#[derive(Debug)]
pub struct NewStanding {
    pub service: ServiceName,
    pub rider: Option<RiderId>,
    pub channel: Channel,
    pub patch: StandingPatch,
}

#[derive(Debug)]
pub struct StandingUpdate {
    pub standing: StandingName,
    pub patch: StandingPatch,
    /// Empty: whatever it is by now.
    pub etag: String,
}

#[derive(Debug)]
pub struct StandingDate {
    pub standing: StandingName,
    pub day: Day,
}

#[derive(Debug)]
pub struct StandingEnd {
    pub standing: StandingName,
    /// Without it, yesterday.
    pub last: Option<Day>,
}

#[derive(Debug)]
pub struct List<P> {
    pub parent: P,
    pub page: Page,
    /// Which entries, in which order.
    pub sieve: Sieve,
}

#[derive(Debug)]
pub struct NewVehicle {
    pub name: VehicleName,
    pub area: AreaName,
    /// All of them said.
    pub rules: VehicleRules,
}

#[derive(Debug)]
pub struct ChangedVehicle {
    pub name: VehicleName,
    /// Empty: whatever it is by now.
    pub etag: String,
    pub rules: VehicleRules,
}

/// What may change about a vehicle; `None` stays as it is.
#[derive(Debug, Default)]
pub struct VehicleRules {
    pub display_name: Option<String>,
    /// As it is set up first.
    pub capacity: Option<Seats>,
    pub other_configurations: Option<Vec<Seats>>,
    pub substitutions: Option<Substitutions>,
    /// By what the configuration calls them; new ones may be among them.
    pub features: Option<BTreeSet<String>>,
    /// None: those of all.
    pub services: Option<Vec<ServiceName>>,
    pub zones: Option<BTreeSet<String>>,
    pub crew: Option<Crew>,
}

#[derive(Debug)]
pub struct NewService {
    pub name: ServiceName,
    pub area: AreaName,
    /// Judged where it is set up.
    pub told: area_pb::Service,
}

#[derive(Debug)]
pub struct ChangedService {
    pub name: ServiceName,
    /// Empty: whatever it is by now.
    pub etag: String,
    /// The fields to take over.
    pub mask: Vec<&'static str>,
    pub told: area_pb::Service,
}

/// Which meeting points of a service.
#[derive(Debug)]
pub struct PointList {
    pub service: ServiceName,
    pub page: Page,
    /// How their label or kana begins.
    pub prefix: String,
    pub near: Option<NearPoint>,
}

#[derive(Clone, Copy, Debug)]
pub struct NearPoint {
    pub position: LatLon,
    pub max: Option<Metres>,
}

#[derive(Debug)]
pub struct NewTrip {
    pub name: TripName,
    /// Judged where it is declared.
    pub told: fleet_pb::TripDeclaration,
}

#[derive(Debug)]
pub struct ChangedTrip {
    pub name: TripName,
    /// Empty: whatever it is by now.
    pub etag: String,
    /// The fields to take over.
    pub mask: Vec<&'static str>,
    /// Without it, from today on.
    pub from: Option<Date>,
    pub told: fleet_pb::TripDeclaration,
}

#[derive(Debug)]
pub struct CancelledTrip {
    pub name: TripName,
    /// Empty: whatever it is by now.
    pub etag: String,
    pub scope: TripScope,
}

#[derive(Clone, Copy, Debug)]
pub enum TripScope {
    Day(Date),
    /// All from then on; without it, from today on.
    From(Option<Date>),
}

#[derive(Debug)]
pub struct NewShift {
    pub name: ShiftName,
    pub window: TimeWindow,
    pub start: Spot,
    pub end: Spot,
    pub driver: Option<DriverName>,
    /// In the order they are taken.
    pub breaks: Vec<NewBreak>,
    pub declared: Option<DeclaredTrip>,
}

#[derive(Debug)]
pub struct NewBreak {
    pub place: Spot,
    pub window: TimeWindow,
    pub length: Span,
}

#[derive(Debug)]
pub struct NewDriver {
    pub name: DriverName,
    pub display_name: String,
    pub kind: DriverKind,
    pub tier: Tier,
    pub cooldown: Span,
    pub asks_per_week_max: u32,
}

#[derive(Debug)]
pub struct UpdatedDriver {
    pub name: DriverName,
    /// Empty: whatever it is by now.
    pub etag: String,
    pub rules: DriverRules,
}

/// What may change about a driver; `None` stays as it is.
#[derive(Debug, Default)]
pub struct DriverRules {
    pub display_name: Option<String>,
    pub kind: Option<DriverKind>,
    pub tier: Option<Tier>,
    pub cooldown: Option<Span>,
    pub asks_per_week_max: Option<u32>,
}

#[derive(Debug)]
pub struct AskAnswer {
    pub driver: DriverName,
    pub booking: BookingName,
    pub accepted: bool,
}

#[derive(Debug)]
pub struct ShiftOpening {
    pub shift: ShiftName,
    /// Without it, now.
    pub at: Option<Time>,
}

#[derive(Debug)]
pub struct PositionBatch {
    /// Who reports.
    pub principal: Principal,
    pub vehicle: VehicleName,
    pub reports: Vec<PositionReport>,
}

#[derive(Clone, Debug)]
pub struct PositionReport {
    pub point: LatLon,
    pub device_time: Time,
    pub sequence: i64,
    /// As it is shown to watchers.
    pub shown: fleet_pb::Position,
}

/// What a driver says has happened.
#[derive(Debug)]
pub struct TripReport {
    pub deed: Deed,
    /// Without it, now.
    pub at: Option<Time>,
    /// Else the booking may only be named if it is on the vehicle.
    pub sees_booking: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deed {
    Depart(StopName),
    Arrive(StopName),
    EndBreak(StopName),
    Board { booking: BookingName, vehicle: VehicleName },
    Alight { booking: BookingName, vehicle: VehicleName },
    NoShow { booking: BookingName, vehicle: VehicleName },
}

/// A manifest that a driver has.
#[derive(Debug)]
pub struct ManifestHad {
    pub manifest: ManifestName,
    pub etag: String,
    pub revision: u64,
    /// Since when; without it, now.
    pub at: Option<Time>,
}

#[derive(Debug)]
pub struct AreaResume {
    pub area: AreaName,
    /// The last revision that the watcher has, or 0.
    pub revision: i64,
}

#[derive(Debug)]
pub struct NewCheck {
    pub shift: ShiftName,
    /// Without it, now.
    pub checked: Option<Time>,
    pub alcohol_ug_per_litre: Option<u32>,
    pub is_sober: bool,
    pub is_well: bool,
    pub is_vehicle_fit: bool,
    pub note: String,
}

#[derive(Debug)]
pub struct NewMeasure {
    pub area: AreaName,
    pub note: String,
    pub roads: ToldRoads,
    pub effect: Effect,
    pub from: Option<Time>,
    pub until: Option<Time>,
}

#[derive(Debug)]
pub struct AlertList {
    pub list: List<AreaName>,
    pub with_cleared: bool,
}

#[derive(Debug)]
pub struct AlertNoting {
    pub alert: AlertName,
    pub text: String,
}

#[derive(Debug)]
pub struct NewMessage {
    pub area: AreaName,
    pub recipient: RecipientName,
    pub text: String,
}

#[derive(Debug)]
pub enum RecipientName {
    Rider(BookingName),
    Driver(VehicleName),
}

/// From where messages are followed.
#[derive(Clone, Debug)]
pub struct MessageResume {
    pub area: AreaName,
    /// The last one that is known.
    pub after: Option<MessageId>,
}

/// Under which rules rides are to be probed. The rides themselves are not the area's matter.
#[derive(Debug)]
pub struct ProbeTerms {
    pub service: ServiceName,
    /// By what the configuration calls them.
    pub requirements: Vec<String>,
}

/// Moves by hand, and why.
#[derive(Debug)]
pub struct Assignment {
    pub area: AreaName,
    pub moves: Vec<HandMove>,
    /// Empty if nobody said.
    pub reason: String,
}

#[derive(Debug)]
pub struct HandMove {
    pub booking: BookingName,
    pub to: Destination,
}

#[derive(Debug)]
pub enum Destination {
    /// Before these stops of the shift's vehicle; `None`: after all others.
    At {
        shift: ShiftName,
        before: (Option<StopId>, Option<StopId>),
        overrules: bool,
    },
    Into(ShiftName),
    Nowhere,
}

#[derive(Debug)]
pub struct Pinning {
    pub booking: BookingName,
    pub is_pinned: bool,
}

#[derive(Debug)]
pub enum Freezing {
    Through { vehicle: VehicleName, stop: StopId },
    Nothing(ShiftName),
}

#[derive(Debug)]
pub struct Breakdown {
    pub shift: ShiftName,
    /// Without it, now.
    pub at: Option<Time>,
    /// Without it, where the vehicle is predicted to be.
    pub place: Option<Spot>,
}

#[derive(Debug)]
pub enum Interruption {
    /// From when and until when the driver's rest begins; from now on, and at that instant, where it is not said.
    Rest {
        window: (Option<Time>, Option<Time>),
        length: Span,
        place: Option<Spot>,
    },
    StartAt(Time),
}
