//! What the dispatcher can be asked or told. A command that is accepted is itself a fact, kept whole.

use std::sync::Arc;

use mukae_maps::{MetricId, Place};
use mukae_units::{
    BookingId, DriverId, FeatureId, OfferId, ShiftId, Span, StopId, Time, TimeWindow, VehicleId, ZoneId,
};

use crate::model::{CancelReason, Driver, MapId, Outlook, Policy, Request, Service, Shift, Spot, SupplyRules, Vehicle};
use crate::reorder::Order;

/// Where in a schedule a party is put by hand: before these of its stops, counted as they are now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Placement {
    pub shift: ShiftId,
    pub pickup_idx: u32,
    /// At least `pickup_idx`; the stop count means "at the end".
    pub dropoff_idx: u32,
    /// The dispatcher has seen what it breaks and wants it all the same: promised times, rides, waits and the end of the
    /// shift may break, each told as a promise at risk. Places on board and roads may not.
    pub overrules: bool,
}

/// Moves of one [`Command::Assign`], at most.
pub const MOVES_MAX: usize = 64;

/// A booking, and where the desk puts it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    pub booking: BookingId,
    pub to: MoveTo,
}

/// Where a booking goes that is moved by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MoveTo {
    /// Before these stops of the shift, none of them of a party that the same list moves; `None`: at the end. Stops keep their
    /// names while others come and go, so that what the desk saw is what it gets. `overrules` as in a [`Placement`].
    At { shift: ShiftId, before_pickup: Option<StopId>, before_dropoff: Option<StopId>, overrules: bool },
    /// Where it costs least in this shift.
    Into(ShiftId),
    /// To no vehicle: left to staff and pinned, so that no automatic step takes it up before it is let go or moved again.
    Nowhere,
}
/// So many requests are booked in one step at most.
pub const TOGETHER_MAX: usize = 8;

/// An imperative; what becomes of it are events.
///
/// What a driver reports carries the time it happened; a device without coverage reports late. It
/// counts as no later than now, and no earlier than what the vehicle reported before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// The map every place from now on refers to. A state keeps the map it began with.
    UseMap(MapId),
    SetPolicy(Policy),
    /// Sets up a service, or changes its rules; promises already made stay.
    SetService(Arc<Service>),
    /// Sets up a vehicle, or changes what it holds and offers, on shifts that are planned too. Whom it can not take any
    /// more moves elsewhere; not accepted while such a party is on board.
    RegisterVehicle(Vehicle),
    /// Announces a shift; bookings can be made into it from now on.
    PlanShift(Arc<Shift>),
    /// The driver signs on.
    OpenShift {
        shift: ShiftId,
        at: Time,
    },
    /// The driver signs off, on time or early. Bookings still in the schedule move elsewhere.
    CloseShift {
        shift: ShiftId,
    },
    Quote(Arc<Request>),
    /// Quotes and confirms in one step, for who need not choose: the desk, recurring bookings, systems.
    Book {
        request: Arc<Request>,
        /// Set if a dispatcher says where; else the best place is taken.
        by_hand: Option<Placement>,
    },
    ConfirmOffer {
        offer: OfferId,
    },
    CancelBooking {
        booking: BookingId,
        reason: CancelReason,
    },
    ReportPosition {
        vehicle: VehicleId,
        place: Place,
        observed_at: Time,
    },
    /// The vehicle left for this stop, the next of its schedule.
    Depart {
        shift: ShiftId,
        stop: StopId,
        at: Time,
    },
    /// The vehicle stands at this stop, the next of its schedule.
    Arrive {
        shift: ShiftId,
        stop: StopId,
        at: Time,
    },
    /// The party is on board: the end of its pickup's service.
    Board {
        booking: BookingId,
        at: Time,
    },
    /// The party has left: the end of its dropoff's service.
    Alight {
        booking: BookingId,
        at: Time,
    },
    /// The rider did not come.
    ReportNoShow {
        booking: BookingId,
        at: Time,
    },
    /// Nothing happened, but time went on.
    AdvanceClock,
    /// Gives something that vehicles and drivers can offer its number, once and for all.
    NameFeature {
        feature: FeatureId,
        name: String,
    },
    /// The vehicle can not go on, and its shift ends; riders on board are fetched by others.
    BreakDown {
        shift: ShiftId,
        /// Where it stands; where it is predicted to be if nobody says.
        place: Option<Place>,
        at: Time,
    },
    /// Travel times are those of this metric from now on; the caller lends them, and
    /// [`RoadsBefore`](crate::RoadsBefore) if it can.
    RoadsChanged {
        metric: MetricId,
    },
    /// The break at this stop is over, on time or not; it began when the vehicle arrived, or when its
    /// window did.
    EndBreak {
        shift: ShiftId,
        stop: StopId,
        at: Time,
    },
    /// Sets up a driver, or changes the rules about one; asks already made stay.
    RegisterDriver(Driver),
    /// A driver who was asked says yes or no.
    AnswerAsk {
        booking: BookingId,
        driver: DriverId,
        accepted: bool,
    },
    /// Keeps a booking on its vehicle in every automatic step, or no longer.
    PinBooking {
        booking: BookingId,
        pinned: bool,
    },
    /// Nothing is inserted before or among the stops up to this one; `None` ends that.
    FreezeStops {
        shift: ShiftId,
        through: Option<StopId>,
    },
    /// Keeps the offer's place in the plan until then, or prolongs that; see [`Hold`](crate::model::Hold).
    HoldOffer {
        offer: OfferId,
        until: Time,
    },
    /// Gives the place back; the offer is again what it was.
    ReleaseHold {
        offer: OfferId,
    },
    /// Another wish in place of a booking's own, of a party that has not boarded: decided with the booking out of the
    /// way. If it can be done the booking goes on under its number with a new promise; if not it stays as it is.
    Amend {
        booking: BookingId,
        request: Arc<Request>,
    },
    /// Books several requests in one step, one after the other: a ride and the ride back.
    BookAll {
        /// At least one, at most [`TOGETHER_MAX`].
        requests: Vec<Arc<Request>>,
        /// If one of them can not be done, none is.
        stands_together: bool,
        /// What they are beside the dispatcher; carried, and not read here.
        note: Arc<[u8]>,
    },
    /// Cancels a booking, and those that go with it as far as they can still be cancelled.
    CancelAll {
        booking: BookingId,
        along: Vec<BookingId>,
        reason: CancelReason,
    },
    /// Something that happened beside the dispatcher and belongs in the same journal, in its own encoding. Carried, and
    /// not read here. The number of what it is about is given back, also to a repeated request.
    Note {
        about: u64,
        content: Arc<[u8]>,
    },
    /// Gives a zone its number, once and for all. What lies in it is said with each place.
    NameZone {
        zone: ZoneId,
        name: String,
    },
    /// Moves bookings by hand, all of them or none: first every party leaves its schedule, then they are put in one after
    /// the other. Nobody is moved who is on board, or at whose door the vehicle stands.
    Assign {
        moves: Vec<Move>,
    },
    /// The shift's driver rests, though no break was planned: for this long, beginning in this window as far as those on board
    /// and frozen stops allow. Who would be late for it moves elsewhere where a promise can be kept.
    InterruptShift {
        shift: ShiftId,
        place: Spot,
        window: TimeWindow,
        length: Span,
    },
    /// A shift nobody has opened begins at another time: its driver comes later, or sooner than was feared.
    DelayShift {
        shift: ShiftId,
        start: Time,
    },
    /// Other orders for the stops of some shifts, found in spare time. They are taken up whole or not at all: if the schedules
    /// are still those they were made for, no promise is worse kept, and it costs less.
    AdoptPlan {
        orders: Vec<Order>,
    },
    /// What may be done before anybody asks; `None`: nothing, from now on.
    SetSupply(Option<Arc<SupplyRules>>),
    /// What a model expects, under the rules that hold.
    Foresee(Arc<Outlook>),
    /// The vehicle is where it was sent without a rider asking for it.
    EndRepositioning {
        shift: ShiftId,
        at: Time,
    },
    /// A driver who would be asked for every rider of a shift is asked to stand by for all of them.
    AskStandby {
        shift: ShiftId,
    },
    /// A driver who was asked to stand by says yes or no.
    AnswerStandby {
        shift: ShiftId,
        driver: DriverId,
        accepted: bool,
    },
    /// Nobody stands by on this shift any more; who is bound to its driver stays so.
    EndStandby {
        shift: ShiftId,
    },
}
