//! Arbitrary values of every type that is recorded. What has rules is made to keep them.

use std::sync::Arc;

use mukae_engine::event::{Aim, Breach};
use mukae_engine::model::{
    Access, AccessPair, Alternative, Anticipation, Ask, AskOutcome, Asking, AtRisk, Beyond, Binding, Booking,
    BookingState, Break, CancelReason, Channel, Charge, ChargeReason, Choice, Concessions, Constraint, CostWeights,
    CoverageRule, Crew, Crews, DeclaredTrip, DistanceFare, Driver, DriverKind, DwellRule, Fare, FareTable, Fees, Hold,
    Limit, Limits, MapId, NoShow, Offer, OnCall, Outlook, Payment, Policy, Promise, Rates, Refusal, Relaxation,
    Reposition, RepositionRule, Request, RideLimit, Serves, Service, ServiceDay, ServicePolicy, SharedRate, Shift,
    ShiftState, Spot, Standby, SupplyRules, Suspension, Tariff, Terms, Tier, Vehicle, WalkLimit, Wish, ZoneFare,
    ZonePair,
};
use mukae_engine::schedule::{Plan, Route, Schedule, Stop, Task, Whereabouts};
use mukae_engine::{
    Answer, Command, Consequence, Endogenous, Event, Exogenous, Move, MoveTo, Order, Placement, Rejection,
};
use mukae_maps::{EdgeId, Fraction, MetricId, Place, Sides};
use mukae_record::{Call, Fingerprint, Origin, Principal, Record, RequestId, StateHash};
use mukae_units::{
    BookingId, BreakId, Capacity, DriverId, FeatureId, IdSet, LatLon, Metres, OfferId, RiderId, SeatKind, Seats,
    ServiceId, ShiftId, SmallId, Span, StopId, Substitutions, Time, TimeWindow, TravelTime, VehicleId, Yen, ZoneId,
};

use crate::dice::{Any, Dice};

macro_rules! any_new {
    ($($name:ty: $from:expr;)+) => {$(
        impl Any for $name {
            fn any(dice: &mut Dice) -> $name {
                ($from)(dice.any())
            }
        }
    )+};
}

macro_rules! any_struct {
    ($($name:ident { $($field:ident),* $(,)? })+) => {$(
        impl Any for $name {
            fn any(dice: &mut Dice) -> $name {
                $name { $($field: dice.any()),* }
            }
        }
    )+};
}

macro_rules! any_variants {
    ($($name:ident { $($variant:ident $(($item:ident))? $({ $($field:ident),* })?),* $(,)? })+) => {$(
        impl Any for $name {
            fn any(dice: &mut Dice) -> $name {
                let mut all = $name::each(dice);
                all.swap_remove(dice.below(all.len()))
            }

            fn each(_dice: &mut Dice) -> Vec<$name> {
                vec![$(
                    $name::$variant $(({ let $item = _dice.any(); $item }))? $({ $($field: _dice.any()),* })?
                ),*]
            }
        }
    )+};
}

any_new! {
    Time: Time::from_unix_millis;
    Span: Span::from_millis;
    TravelTime: TravelTime::from_millis;
    ServiceId: ServiceId;
    RiderId: RiderId;
    OfferId: OfferId;
    BookingId: BookingId;
    VehicleId: VehicleId;
    ShiftId: ShiftId;
    StopId: StopId;
    FeatureId: FeatureId;
    ZoneId: ZoneId;
    Yen: Yen;
    BreakId: BreakId;
    DriverId: DriverId;
    EdgeId: EdgeId;
    MetricId: MetricId;
    MapId: MapId;
    Fraction: Fraction::from_steps;
    Fingerprint: Fingerprint;
}

any_struct! {
    Binding { constraint, shortfall }
    Place { edge, fraction, sides }
    Spot { asked, label, kana, place, zones }
    Vehicle { id, name, capacity, terms }
    Terms { features, serves, zones, crew }
    Shift { id, name, vehicle, window, start, end, features, zones, crew, breaks, driver, declared, on_call }
    Break { id, place, window, length }
    OnCall { cost, notice }
    DeclaredTrip { seats, detour_max, detour_length_max, tier }
    Driver { id, name, kind, cooldown, asks_per_week_max, tier }
    Ask { driver, asked_at, deadline }
    Access { spot, walk }
    AccessPair { origin, destination }
    Beyond { ride, walk }
    Choice { offers_max, relaxations_max }
    Hold { offer, booking, since, until }
    WalkLimit { to_pickup, from_dropoff }
    Promise { pickup, dropoff_latest, ride_max }
    AtRisk { pickup, dropoff, ride }
    Policy {
        cost, wait_on_board_max, position_tolerance, retention, freeze_horizon, wait_first_permille, ask_timeout, tier_max,
    }
    CostWeights { driving, driver_time, rider_wait, excess_ride, wait_on_board, walking }
    Service { id, name, policy, days, zones, tariff, suspension }
    SharedRate { discount, within_party }
    Fare { full, shared, payment, fees }
    Charge { yen, reason }
    NoShow { service, at }
    Concessions { children, seniors, disabled }
    ServiceDay { pickups, bookable_from, bookable_until }
    ZonePair { from, to }
    ServicePolicy {
        promise_width, ride, limits, dwell, offer_ttl, notice_min, horizon, no_show_after, walk_max, hold_max,
        party_max, crews,
    }
    RideLimit { extra, factor_permille, max }
    DwellRule { per_stop, per_party, per_seat, per_wheelchair }
    Schedule { shift, state, capacity, terms, plan, revision, frozen, asking, way_on, repositioned }
    SupplyRules { posts, coverage, reposition, anticipation, standby_max }
    CoverageRule { reach_max, lost, gap_min }
    RepositionRule { eagerness_permille, gain_min, empty_max, idle_min }
    Anticipation { coverage_permille, slack_price, slack_min }
    Outlook { expected, within, until }
    Exogenous { at, command }
    Placement { shift, pickup_idx, dropoff_idx, overrules }
    Move { booking, to }
    Order { shift, revision, stops }
    Origin { principal, call }
    Call { request_id, fingerprint }
}

any_variants! {
    Sides { This, Both }
    Crew { Staff, Volunteer, Taxi }
    ChargeReason { Ride, SharedRide, LateCancellation, NoShow }
    ShiftState { Planned, Open }
    Standby { Asked { deadline }, Given }
    Reposition { Stay, ToBase, ByDemand(rule) }
    Wish { DepartAfter(window), ArriveBy(window) }
    Serves { All, Only(services) }
    Limits { Hard, Soft { pickup_late, dropoff_late, ride_over } }
    Channel { Unknown, Phone, Line, Web, App, VoiceAgent, Staff, Partner }
    BookingState { Confirmed, Unassigned, EnRoute, Arrived, Boarded, Alighted, Cancelled, NoShow, Failed, Stranded, AwaitingDriver, Held }
    DriverKind { Employed, Volunteer }
    Tier { T0, T1, T2, T3 }
    Asking { Unneeded, From(time), Never }
    AskOutcome { Accepted, Declined, Expired, Withdrawn }
    SeatKind { Seat, Wheelchair, ChildSeat, Luggage, Stretcher }
    Alternative { Best, Later, Earlier, OtherPlaces, OtherVehicle }
    Relaxation {
        Later { by }, Earlier { by }, ArriveLater { by }, LongerRide { by }, LongerWalk { by },
        SmallerParty { kind, fewer }, DaysLater { days },
    }
    Limit { Pickup, Dropoff, Ride }
    CancelReason { Unknown, Rider, Service, Duplicate, Rebooked }
    Constraint {
        WindowPast, Notice, Horizon, PartySize, NoRoad, NoShift, PickupWindow, DropoffWindow, RideTime, Capacity,
        OthersPromise, WaitOnBoard, ShiftEnd, Requirements, NoVehicleForService, ServiceZones, VehicleZones,
        OutsideHours, BookingDeadline, BookingNotOpen,
        BreakWindow, BreakOnBoard, DetourTime, DetourLength, DriverAsks, Frozen, Walk,
        Suspended, PartyLimit,
    }
    Command {
        UseMap(map), SetPolicy(policy), SetService(service), RegisterVehicle(vehicle), PlanShift(shift),
        OpenShift { shift, at }, CloseShift { shift }, Quote(request), ConfirmOffer { offer },
        CancelBooking { booking, reason }, ReportPosition { vehicle, place, observed_at },
        Depart { shift, stop, at }, Arrive { shift, stop, at }, Board { booking, at }, Alight { booking, at },
        ReportNoShow { booking, at }, AdvanceClock, Book { request, by_hand },
        NameFeature { feature, name }, BreakDown { shift, place, at }, RoadsChanged { metric },
        EndBreak { shift, stop, at }, RegisterDriver(driver), AnswerAsk { booking, driver, accepted },
        PinBooking { booking, pinned }, FreezeStops { shift, through },
        HoldOffer { offer, until }, ReleaseHold { offer }, Note { about, content }, NameZone { zone, name }, Assign { moves },
        InterruptShift { shift, place, window, length }, DelayShift { shift, start },
        Amend { booking, request }, BookAll { requests, stands_together, note }, CancelAll { booking, along, reason },
        AdoptPlan { orders }, SetSupply(rules), Foresee(outlook), EndRepositioning { shift, at },
        AskStandby { shift }, AnswerStandby { shift, driver, accepted }, EndStandby { shift },
    }
    MoveTo { At { shift, before_pickup, before_dropoff, overrules }, Into(shift), Nowhere }
    Consequence {
        Moved { booking, from, to }, Unassigned { booking }, Failed { booking }, Stranded { booking },
        Asked { booking, shift, deadline }, Breaks { booking, breach }, Kept { booking, limit }, HoldLost { offer },
        BreakLate { shift, id, predicted, latest }, EndsLate { shift, predicted, latest },
        DetourExceeded { shift, time, length },
    }
    Endogenous {
        ShiftPlanned { shift, capacity, to_end, terms }, ShiftEnded { shift }, OfferMade(offer), RequestRefused(refusal),
        OfferExpired { offer }, BookingConfirmed { booking, offer, shift }, PlanChanged { shift, plan },
        BookingCancelled { booking, reason }, BookingUnassigned { booking }, BookingFailed { booking },
        PromiseAtRisk { booking, breach }, PromiseRestored { booking, limit }, BookingForgotten { booking }, Booked { booking, offer, by_hand },
        BookingStranded { booking, place },
        DriverAsked { booking, driver, deadline, fallback }, AskEnded { booking, driver, outcome },
        BreakAtRisk { shift, id, predicted, latest }, BreakRestored { shift, id },
        DetourExceeded { shift, time, length }, DetourRestored { shift },
        OfferHeld { offer, booking, shift, until }, HoldReleased { offer, booking },
        WayOnChanged { shift, way }, ShiftChanged { shift },
        BookingAmended { booking, offer }, RepositioningOrdered { shift, aim, length },
        StandbyAsked { shift, driver, deadline }, StandbyLapsed { shift },
    }
    Aim { Base, Post { post, gain, expected } }
    Breach {
        PickupLate { predicted, promised }, DropoffLate { predicted, promised }, RideTooLong { predicted, promised },
    }
    Event { Exogenous(event), Endogenous(event) }
    Answer {
        Offered(offer), Refused(refusal), Confirmed(booking), PlanChanged { fresh }, Cancelled(booking), Noted,
        Rejected(rejection), AwaitingDriver(booking), Held(hold), NotedAs(id), Changed(consequences),
        BookedEach(each), BookedNone(refusals), Adopted { saved },
    }
    Rejection {
        OtherMap { current }, NoPolicy, CapacityTooLarge, UnknownService(id), UnknownVehicle(id), UnknownShift(id),
        UnknownOffer(id), UnknownBooking(id), VehicleExists(id), ServiceExists(id), ShiftExists(id),
        ShiftOverlaps(id), ShiftTooShort, ShiftNotOpen(id), ShiftAlreadyOpen(id), ShiftOver(id), RidersOnBoard(id),
        OfferExpired(id), OfferUsed { offer, booking }, EmptyParty, WrongState { booking, state },
        NotNext { shift, next }, NotArrived { shift, stop }, AlreadyUnderWay { shift }, TooEarlyForNoShow { from },
        OffRoad, NoSuchPosition(id), FeatureExists(id), UnknownFeature(id), TooManyFeatures, UnknownDriver(id),
        DriverExists(id), UnknownStop { shift, stop }, NotABreak { shift, stop }, BreaksDoNotFit(id),
        TripWithoutEnd(id), NotAsked { booking, driver }, AskExpired { booking },
        BadAccess, BadChoice, NotHeld(id), HoldOutside { from, to }, DriverToBeAsked(id), BadWeights,
        BadConcessions, BadTariff, ZoneExists(id),
        MoveRefused { booking, binding }, BadMoves, StartOutside { from, to },
        OtherService(booking), BadCount, StaleOrders, BadOrders, OrdersBreakPromises, NotBetter, BadOnCall(id),
        BadSupplyRules, BadOutlook { posts }, NotRepositioning(id), MayNotStandBy(id), NotAskedToStandBy(id),
    }
    Whereabouts { Waiting { place, since }, Driving { from, departed }, Serving { arrived }, Repositioning { from, departed, to, leg } }
}

impl Any for TimeWindow {
    fn any(dice: &mut Dice) -> TimeWindow {
        let (a, b): (Time, Time) = (dice.any(), dice.any());
        TimeWindow::new(a.min(b), a.max(b)).expect("in order")
    }
}

impl Any for Metres {
    fn any(dice: &mut Dice) -> Metres {
        Metres::from_millimetres(dice.any())
    }
}

impl Any for LatLon {
    fn any(dice: &mut Dice) -> LatLon {
        let mut within = |limit: i64| ((dice.next() % (2 * limit as u64 + 1)) as i64 - limit) as i32;
        LatLon::from_e7(within(900_000_000), within(1_800_000_000)).expect("on the globe")
    }
}

impl Any for Seats {
    fn any(dice: &mut Dice) -> Seats {
        SeatKind::ALL.into_iter().fold(Seats::NONE, |seats, kind| seats.with(kind, dice.any()))
    }
}

impl Any for Capacity {
    fn any(dice: &mut Dice) -> Capacity {
        let mut substitutions = Substitutions::NONE;
        for (kind, place) in SeatKind::ALL.into_iter().flat_map(|kind| SeatKind::ALL.map(|place| (kind, place))) {
            if dice.below(5) == 0 {
                substitutions = substitutions.and(kind, place);
            }
        }
        let configurations = (0..1 + dice.below(3)).map(|_| dice.any()).collect();
        Capacity::new(configurations, substitutions).expect("there is one")
    }
}

impl<I: SmallId> Any for IdSet<I> {
    fn any(dice: &mut Dice) -> IdSet<I> {
        let (low, high) = (dice.next(), dice.next());
        let bits = u128::from(low) | u128::from(high) << 64;
        IdSet::from_bits(if dice.coin() { bits & 0xFF } else { bits })
    }
}

impl Any for Crews {
    fn any(dice: &mut Dice) -> Crews {
        Crew::ALL.into_iter().filter(|_| dice.coin()).fold(Crews::NONE, Crews::and)
    }
}

/// What the dispatcher accepts.
impl Any for Tariff {
    fn any(dice: &mut Dice) -> Tariff {
        let mut yen = || Yen(dice.below(1_000_001) as u32);
        let table = match yen().0 % 4 {
            0 => FareTable::Flat(yen()),
            1 => FareTable::ByParty(vec![yen(), yen()]),
            2 => {
                let row = |metres, yen| DistanceFare { up_to: Metres::from_metres(metres), yen };
                FareTable::ByDistance { rows: vec![row(1, yen()), row(9_000, yen())], beyond: yen() }
            }
            _ => FareTable::ByZones { other: yen(), rows: Vec::new() },
        };
        let table = match table {
            FareTable::ByZones { other, .. } => FareTable::ByZones { rows: dice.any(), other },
            table => table,
        };
        let mut percent = || dice.below(101) as u8;
        let (child_percent, senior_percent, disabled_percent) = (percent(), percent(), percent());
        let rounding = Yen(1 + dice.below(1_000) as u32);
        let mut yen = || Yen(dice.below(1_000_001) as u32);
        let (discount, late_cancellation, no_show) = (yen(), yen(), yen());
        Tariff {
            table,
            shared: SharedRate { discount, within_party: dice.any() },
            rates: Rates { child_percent, senior_percent, disabled_percent, rounding },
            payment: dice.any(),
            fees: Fees { free_until: Span::from_millis(dice.below(1 << 40) as i64), late_cancellation, no_show },
        }
    }
}

impl Any for ZoneFare {
    fn any(dice: &mut Dice) -> ZoneFare {
        let yen = Yen(dice.below(1_000_001) as u32);
        ZoneFare { from: dice.any(), to: dice.any(), yen }
    }
}

impl Any for Payment {
    fn any(dice: &mut Dice) -> Payment {
        let ticket = dice.coin().then(|| Yen(1 + dice.below(1_000_000) as u32));
        Payment { ticket, cash: dice.any(), account: dice.any() }
    }
}

impl Any for Fees {
    fn any(dice: &mut Dice) -> Fees {
        Fees { free_until: dice.any(), late_cancellation: dice.any(), no_show: dice.any() }
    }
}

impl Any for Suspension {
    fn any(dice: &mut Dice) -> Suspension {
        let mut span = || Span::from_millis(1 + dice.below(1 << 30) as i64);
        let (within, lasts) = (span(), span());
        Suspension { no_shows: 1 + dice.below(100) as u32, within, lasts }
    }
}

/// At least one way to each end.
impl Any for Request {
    fn any(dice: &mut Dice) -> Request {
        let mut ways = || (0..=dice.below(3)).map(|_| dice.any()).collect();
        let (origin, destination) = (ways(), ways());
        let (service, rider, channel, party): (_, _, _, Seats) = (dice.any(), dice.any(), dice.any(), dice.any());
        let concessions = dice.any::<Concessions>().within(party);
        let (wish, arrive_latest, needs, beyond, choice) = (dice.any(), dice.any(), dice.any(), dice.any(), dice.any());
        Request {
            service,
            rider,
            channel,
            origin,
            destination,
            party,
            concessions,
            wish,
            arrive_latest,
            needs,
            beyond,
            choice,
        }
    }
}

fn access_of(dice: &mut Dice, request: &Request) -> AccessPair {
    let mut one_of = |ways: &[Access]| dice.below(ways.len()) as u32;
    AccessPair { origin: one_of(&request.origin), destination: one_of(&request.destination) }
}

impl Any for Offer {
    fn any(dice: &mut Dice) -> Offer {
        let request: Arc<Request> = dice.any();
        Offer {
            id: dice.any(),
            quote: dice.any(),
            alternative: dice.any(),
            access: access_of(dice, &request),
            request,
            promise: dice.any(),
            shift: dice.any(),
            pickup: dice.any(),
            dropoff: dice.any(),
            direct: dice.any(),
            cost: dice.any(),
            fare: dice.any(),
            expires: dice.any(),
        }
    }
}

impl Any for Booking {
    fn any(dice: &mut Dice) -> Booking {
        let request: Arc<Request> = dice.any();
        Booking {
            id: dice.any(),
            offer: dice.any(),
            access: access_of(dice, &request),
            request,
            promise: dice.any(),
            direct: dice.any(),
            state: dice.any(),
            shift: dice.any(),
            confirmed_at: dice.any(),
            arrived_at: dice.any(),
            boarded_at: dice.any(),
            finished_at: dice.any(),
            cancel_reason: dice.any(),
            at_risk: dice.any(),
            stranded_at: dice.any(),
            ask: dice.any(),
            asked: dice.any(),
            is_pinned: dice.any(),
            by_hand: dice.any(),
            fare: dice.any(),
            is_shared: dice.any(),
            charge: dice.any(),
        }
    }
}

impl Any for Refusal {
    fn any(dice: &mut Dice) -> Refusal {
        let broken: Vec<Constraint> = Constraint::ALL.into_iter().filter(|_| dice.coin()).collect();
        let bind = |constraint| Binding { constraint, shortfall: dice.any() };
        let mut binding: Vec<Binding> = broken.into_iter().map(bind).collect();
        if binding.is_empty() {
            binding.push(dice.any());
        }
        Refusal { binding, relaxations: dice.any() }
    }
}

impl Any for Principal {
    fn any(dice: &mut Dice) -> Principal {
        Principal::new(format!("p{}", dice.any::<String>())).expect("short enough")
    }
}

impl Any for RequestId {
    fn any(dice: &mut Dice) -> RequestId {
        RequestId::new(dice.next().to_string()).expect("short enough")
    }
}

/// Parties board and alight in any order that can be driven, with small loads.
impl Any for Plan {
    fn any(dice: &mut Dice) -> Plan {
        let mut plan = Plan { whereabouts: dice.any(), stops: Vec::new(), to_end: dice.any(), route: None };
        let mut ahead: Vec<u64> = (0..dice.below(5) as u64).collect();
        let mut on_board: Vec<(u64, Option<Time>)> =
            (0..dice.below(4) as u64).map(|n| (100 + n, Some(dice.any()))).collect();
        let parties: Vec<Seats> = (0..200).map(|n| Seats::new(n % 7, n % 3)).collect();
        while !(ahead.is_empty() && on_board.is_empty()) {
            let boards = !ahead.is_empty() && (on_board.is_empty() || dice.coin());
            let (booking, task) = if boards {
                let booking = ahead.swap_remove(dice.below(ahead.len()));
                on_board.push((booking, None));
                (booking, Task::Pickup { window: dice.any(), is_awaited: dice.any(), hold: dice.any() })
            } else {
                let (booking, boarded_at) = on_board.swap_remove(dice.below(on_board.len()));
                (booking, Task::Dropoff { latest: dice.any(), ride_max: dice.any(), boarded_at })
            };
            let party = parties[booking as usize];
            let (id, place, leg, dwell) = (dice.any(), dice.any(), dice.any(), dice.any());
            let (stop_dwell, joins) = (dice.any(), dice.any());
            plan.stops.push(Stop {
                id,
                booking: Some(BookingId(booking)),
                place,
                leg,
                dwell,
                stop_dwell,
                joins,
                party,
                task,
            });
        }
        for _ in 0..dice.below(3) {
            plan.stops.push(rest(dice)); // everybody has alighted by now
        }
        plan.route = dice.coin().then(|| route(dice, plan.stops.len() + 1));
        if plan.stops.is_empty() {
            plan.whereabouts = Whereabouts::Waiting { place: dice.any(), since: dice.any() };
        }
        plan
    }
}

fn rest(dice: &mut Dice) -> Stop {
    let task = Task::Break { id: dice.any(), window: dice.any(), is_at_risk: dice.any() };
    let (id, place, leg, dwell, stop_dwell) = (dice.any(), dice.any(), dice.any(), dice.any(), dice.any());
    Stop { id, booking: None, place, leg, dwell, stop_dwell, joins: false, party: Seats::NONE, task }
}

fn route(dice: &mut Dice, leg_count: usize) -> Route {
    Route {
        time_max: dice.any(),
        length_max: dice.any(),
        driven: dice.any(),
        driven_length: dice.any(),
        lengths: (0..leg_count).map(|_| dice.any()).collect(),
        is_exceeded: dice.any(),
    }
}

/// A boarding that is held has a tag of its own.
impl Any for Task {
    fn any(dice: &mut Dice) -> Task {
        let mut all = Task::each(dice);
        all.swap_remove(dice.below(all.len()))
    }

    fn each(dice: &mut Dice) -> Vec<Task> {
        let mut pickup = |hold| Task::Pickup { window: dice.any(), is_awaited: dice.any(), hold };
        let (free, held) = (pickup(None), pickup(Some(Time::from_unix_millis(1))));
        vec![
            free,
            Task::Dropoff { latest: dice.any(), ride_max: dice.any(), boarded_at: dice.any() },
            Task::Break { id: dice.any(), window: dice.any(), is_at_risk: dice.any() },
            held,
        ]
    }
}

/// A record's shape; what it says may be nonsense.
impl Any for Record {
    fn any(dice: &mut Dice) -> Record {
        let state_hash = dice.coin().then(|| StateHash::of(&mukae_engine::State::new()));
        Record { origin: dice.any(), exogenous: dice.any(), endogenous: dice.any(), answer: dice.any(), state_hash }
    }
}
