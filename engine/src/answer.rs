//! What the dispatcher says back.

use mukae_units::{BookingId, DriverId, FeatureId, OfferId, ServiceId, ShiftId, StopId, VehicleId, ZoneId};

use crate::Consequence;
use crate::model::{Binding, Booking, BookingState, Hold, MapId, Offer, Refusal};

/// Places in one vehicle that one kind can use, in any of its configurations.
pub const CAPACITY_MAX: u8 = 100;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// At least one, the best first.
    Offered(Vec<Offer>),
    Refused(Refusal),
    Confirmed(Booking),
    /// The booking is made and keeps its place, but is confirmed only when its driver says yes.
    AwaitingDriver(Booking),
    /// The offer's promise can no longer be kept; the same request was asked again.
    PlanChanged {
        fresh: Result<Vec<Offer>, Refusal>,
    },
    Cancelled(Booking),
    /// Accepted, nothing more to say.
    Noted,
    /// A note was accepted, about what has this number.
    NotedAs(u64),
    /// Not accepted: nothing changed.
    Rejected(Rejection),
    Held(Hold),
    /// Done, and this is what it does to riders and drivers; the first thing one wants to know of it.
    Changed(Vec<Consequence>),
    /// What became of each of several requests, in their order: a booking, confirmed or awaiting its driver, or why not.
    BookedEach(Vec<Result<Booking, Refusal>>),
    /// Requests that stand together: none is booked. Why not, for those of them that could not be done.
    BookedNone(Vec<Option<Refusal>>),
    /// The new orders are the plan, and cost so much less by the area's weights, in yen/60,000.
    Adopted {
        saved: i64,
    },
}

/// Why a command does not apply to the state it met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rejection {
    /// The state began with another map.
    OtherMap {
        current: MapId,
    },
    /// Nothing can be asked before a policy is set.
    NoPolicy,
    /// A vehicle has at most [`CAPACITY_MAX`] places for each kind, those it may stand in for included.
    CapacityTooLarge,
    UnknownService(ServiceId),
    UnknownVehicle(VehicleId),
    UnknownShift(ShiftId),
    UnknownOffer(OfferId),
    UnknownBooking(BookingId),
    /// The id is taken by something else.
    VehicleExists(VehicleId),
    ServiceExists(ServiceId),
    ShiftExists(ShiftId),
    /// The vehicle already works in part of that window, or cannot get from one shift to the other.
    ShiftOverlaps(ShiftId),
    /// No road leads from the start of the shift to its end in the time between.
    ShiftTooShort,
    ShiftNotOpen(ShiftId),
    ShiftAlreadyOpen(ShiftId),
    ShiftOver(ShiftId),
    /// A shift can not be closed with riders on board.
    RidersOnBoard(ShiftId),
    OfferExpired(OfferId),
    /// The offer became this booking before.
    OfferUsed {
        offer: OfferId,
        booking: BookingId,
    },
    EmptyParty,
    /// The booking's state does not allow this.
    WrongState {
        booking: BookingId,
        state: BookingState,
    },
    /// The vehicle's next stop is another one, or none.
    NotNext {
        shift: ShiftId,
        next: Option<StopId>,
    },
    /// The vehicle has not reported its arrival at the stop.
    NotArrived {
        shift: ShiftId,
        stop: StopId,
    },
    /// The vehicle is already driving, or already at the stop.
    AlreadyUnderWay {
        shift: ShiftId,
    },
    /// A no-show can be reported only from this time on.
    TooEarlyForNoShow {
        from: mukae_units::Time,
    },
    /// The schedule has no such positions, or its vehicle stands at the first stop already.
    NoSuchPosition(ShiftId),
    /// The vehicle can not be reached from that position.
    OffRoad,
    /// The number or the name is taken.
    FeatureExists(FeatureId),
    /// Nothing has that number yet.
    UnknownFeature(FeatureId),
    /// Features are numbered below [`ID_SET_MAX`](mukae_units::ID_SET_MAX).
    TooManyFeatures,
    UnknownDriver(DriverId),
    /// The name is taken by another driver.
    DriverExists(DriverId),
    /// The schedule has no such stop.
    UnknownStop {
        shift: ShiftId,
        stop: StopId,
    },
    /// The stop is not a break.
    NotABreak {
        shift: ShiftId,
        stop: StopId,
    },
    /// The shift's breaks can not be taken, in their order, inside their windows; or the detour they
    /// make is more than a declared trip allows.
    BreaksDoNotFit(ShiftId),
    /// A private drive that takes riders along goes somewhere.
    TripWithoutEnd(ShiftId),
    /// Calling a driver costs something between nothing and [`WEIGHT_MAX`](crate::model::WEIGHT_MAX), takes no longer than
    /// [`NOTICE_MAX`](crate::model::NOTICE_MAX), and is for a shift that is no declared trip and has no breaks planned.
    BadOnCall(ShiftId),
    /// No question about this booking is open for this driver.
    NotAsked {
        booking: BookingId,
        driver: DriverId,
    },
    /// The time to answer is over.
    AskExpired {
        booking: BookingId,
    },
    /// An end of the request has no way, or more than [`ACCESS_MAX`](crate::model::ACCESS_MAX), or one with a
    /// negative walk.
    BadAccess,
    /// More, or fewer, offers or relaxations than there can be, or less than nothing beyond a limit.
    BadChoice,
    /// Nobody holds this offer.
    NotHeld(OfferId),
    /// Only a driver who must be asked first keeps the offer's promise: it can be confirmed, not held.
    DriverToBeAsked(OfferId),
    /// An offer is held no longer than its service says, and not into the past.
    HoldOutside {
        from: mukae_units::Time,
        to: mukae_units::Time,
    },
    /// A booking stays with its service.
    OtherService(BookingId),
    /// No request, or more than [`TOGETHER_MAX`](crate::command::TOGETHER_MAX).
    BadCount,
    /// A minute is worth less than nothing, or more than [`WEIGHT_MAX`](crate::model::WEIGHT_MAX); or a vehicle is to wait for
    /// more than all its plan can spare.
    BadWeights,
    /// More pay another rate than ride.
    BadConcessions,
    /// An amount beyond [`YEN_MAX`](crate::model::YEN_MAX), a share beyond the whole, an empty or unordered table, or a rule
    /// that counts no-shows further back than they are remembered.
    BadTariff,
    /// The number or the name is taken, or numbers are used up.
    ZoneExists(ZoneId),
    /// The party can not be put there by hand, because of this; the list was not begun.
    MoveRefused {
        booking: BookingId,
        binding: Vec<Binding>,
    },
    /// No move, more than [`MOVES_MAX`](crate::command::MOVES_MAX), or a booking twice.
    BadMoves,
    /// A schedule has changed since the orders were made.
    StaleOrders,
    /// They name no shift, one twice, one that has no part in reordering, or not the stops that are there, each once.
    BadOrders,
    /// A promise, a rule, or a stop that stays.
    OrdersBreakPromises,
    /// The plans as they are cost no more.
    NotBetter,
    /// A post twice, too many of them, or a number outside its range.
    BadSupplyRules,
    /// What is expected is told for each of the posts, in their order, of which there are so many; and no more than can be.
    BadOutlook {
        posts: u32,
    },
    /// The vehicle was sent nowhere but for a rider.
    NotRepositioning(ShiftId),
    /// Its driver need not be asked, may not be now, has not agreed so far, or the area allows no more standing by.
    MayNotStandBy(ShiftId),
    /// Nobody asks its driver to stand by, or not any more.
    NotAskedToStandBy(ShiftId),
    /// A shift can begin no sooner than now, and before it ends.
    StartOutside {
        from: mukae_units::Time,
        to: mukae_units::Time,
    },
}
