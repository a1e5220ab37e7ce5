//! The nouns of dispatch.

use mukae_engine::model::{
    ACCESS_MAX, Access, AccessPair, Alternative, Anticipation, Ask, AskOutcome, Asking, AtRisk, Beyond, Binding,
    Booking, BookingState, Break, CancelReason, Channel, Charge, ChargeReason, Choice, Concessions, Constraint,
    CostWeights, CoverageRule, Crew, Crews, DeclaredTrip, DistanceFare, Driver, DriverKind, DwellRule, Fare, FareTable,
    Fees, Hold, Limit, Limits, MapId, NoShow, Offer, OnCall, Outlook, Payment, Policy, Promise, Rates, Refusal,
    Relaxation, Reposition, RepositionRule, Request, RideLimit, Serves, Service, ServiceDay, ServicePolicy, SharedRate,
    Shift, ShiftState, Spot, Standby, Supply, SupplyRules, Suspension, Tariff, Terms, Tier, Vehicle, WalkLimit, Wish,
    ZoneFare, ZonePair,
};

use mukae_units::{SeatKind, Yen};

use super::{Decode, DecodeError, Encode, Reader, Writer, codec};

codec! {
    struct Vehicle { id, name, capacity, terms }
    struct Terms { features, serves, zones, crew }
    struct Shift { id, name, vehicle, window, start, end, features, zones, crew, breaks, driver, declared, on_call }
    struct Spot { asked, label, kana, place, zones }
    struct Request {
        service, rider, channel, origin, destination, party, concessions, wish, arrive_latest, needs, beyond,
        choice,
    } check request_is_sound
    struct Access { spot, walk }
    struct AccessPair { origin, destination }
    struct Beyond { ride, walk }
    struct Choice { offers_max, relaxations_max }
    struct Promise { pickup, dropoff_latest, ride_max }
    struct Offer {
        id, quote, alternative, request, access, promise, shift, pickup, dropoff, direct, cost, fare,
        expires,
    } check offer_is_sound
    struct Hold { offer, booking, since, until }
    struct Binding { constraint, shortfall }
    struct Refusal { binding, relaxations } check refusal_is_sound
    struct Booking {
        id, offer, request, access, promise, direct, state, shift, confirmed_at, arrived_at, boarded_at,
        finished_at, cancel_reason, at_risk, stranded_at, ask, asked, is_pinned, by_hand, fare, is_shared, charge,
    } check booking_is_sound
    struct AtRisk { pickup, dropoff, ride }
    struct Policy {
        cost, wait_on_board_max, position_tolerance, retention, freeze_horizon, wait_first_permille, ask_timeout, tier_max,
    }
    struct CostWeights { driving, driver_time, rider_wait, excess_ride, wait_on_board, walking }
    struct Service { id, name, policy, days, zones, tariff, suspension }
    struct ServiceDay { pickups, bookable_from, bookable_until }
    struct ZonePair { from, to }
    struct ServicePolicy {
        promise_width, ride, limits, dwell, offer_ttl, notice_min, horizon, no_show_after, walk_max, hold_max,
        party_max, crews,
    }
    struct WalkLimit { to_pickup, from_dropoff }
    struct RideLimit { extra, factor_permille, max }
    struct DwellRule { per_stop, per_party, per_seat, per_wheelchair }
    struct Break { id, place, window, length }
    struct OnCall { cost, notice }
    struct SupplyRules { posts, coverage, reposition, anticipation, standby_max }
    struct CoverageRule { reach_max, lost, gap_min }
    struct RepositionRule { eagerness_permille, gain_min, empty_max, idle_min }
    struct Anticipation { coverage_permille, slack_price, slack_min }
    struct Outlook { expected, within, until }
    struct Supply { rules, outlook } check supply_is_sound
    struct DeclaredTrip { seats, detour_max, detour_length_max, tier }
    struct Driver { id, name, kind, cooldown, asks_per_week_max, tier }
    struct Ask { driver, asked_at, deadline }
    struct Tariff { table, shared, rates, payment, fees } check tariff_is_sound
    struct ZoneFare { from, to, yen }
    struct DistanceFare { up_to, yen }
    struct SharedRate { discount, within_party }
    struct Rates { child_percent, senior_percent, disabled_percent, rounding }
    struct Payment { ticket, cash, account } check payment_is_sound
    struct Fees { free_until, late_cancellation, no_show }
    struct Suspension { no_shows, within, lasts } check suspension_is_sound
    struct Concessions { children, seniors, disabled }
    struct Fare { full, shared, payment, fees }
    struct Charge { yen, reason }
    struct NoShow { service, at }
}

codec! {
    enum Crew {
        0 Staff,
        1 Volunteer,
        2 Taxi,
    }

    enum FareTable {
        0 Flat(yen),
        1 ByZones { rows, other },
        2 ByDistance { rows, beyond },
        3 ByParty(by_size),
    }

    enum ChargeReason {
        0 Ride,
        1 SharedRide,
        2 LateCancellation,
        3 NoShow,
    }

    enum Reposition {
        0 Stay,
        1 ToBase,
        2 ByDemand(rule),
    }

    enum ShiftState {
        0 Planned,
        1 Open,
    }

    enum Wish {
        0 DepartAfter(window),
        1 ArriveBy(window),
    }

    enum Serves {
        0 All,
        1 Only(services),
    }

    enum Limits {
        0 Hard,
        1 Soft { pickup_late, dropoff_late, ride_over },
    }

    enum Channel {
        0 Unknown,
        1 Phone,
        2 Line,
        3 Web,
        4 App,
        5 VoiceAgent,
        6 Staff,
        7 Partner,
    }

    enum BookingState {
        0 Confirmed,
        1 Unassigned,
        2 EnRoute,
        3 Arrived,
        4 Boarded,
        5 Alighted,
        6 Cancelled,
        7 NoShow,
        8 Failed,
        9 Stranded,
        10 AwaitingDriver,
        11 Held,
    }

    enum DriverKind {
        0 Employed,
        1 Volunteer,
    }

    enum Standby {
        0 Asked { deadline },
        1 Given,
    }

    enum Tier {
        0 T0,
        1 T1,
        2 T2,
        3 T3,
    }

    enum Asking {
        0 Unneeded,
        1 From(time),
        2 Never,
    }

    enum AskOutcome {
        0 Accepted,
        1 Declined,
        2 Expired,
        3 Withdrawn,
    }

    enum Limit {
        0 Pickup,
        1 Dropoff,
        2 Ride,
    }

    enum CancelReason {
        0 Unknown,
        1 Rider,
        2 Service,
        3 Duplicate,
        4 Rebooked,
    }

    enum Constraint {
        0 WindowPast,
        1 Notice,
        2 Horizon,
        3 PartySize,
        4 NoRoad,
        5 NoShift,
        6 PickupWindow,
        7 DropoffWindow,
        8 RideTime,
        9 Capacity,
        10 OthersPromise,
        11 WaitOnBoard,
        12 ShiftEnd,
        13 Requirements,
        14 NoVehicleForService,
        15 ServiceZones,
        16 VehicleZones,
        17 OutsideHours,
        18 BookingDeadline,
        19 BookingNotOpen,
        20 BreakWindow,
        21 BreakOnBoard,
        22 DetourTime,
        23 DetourLength,
        24 DriverAsks,
        25 Frozen,
        26 Walk,
        27 Suspended,
        28 PartyLimit,
    }

    enum Alternative {
        0 Best,
        1 Later,
        2 Earlier,
        3 OtherPlaces,
        4 OtherVehicle,
    }

    enum SeatKind {
        0 Seat,
        1 Wheelchair,
        2 ChildSeat,
        3 Luggage,
        4 Stretcher,
    }

    enum Relaxation {
        0 Later { by },
        1 Earlier { by },
        2 ArriveLater { by },
        3 LongerRide { by },
        4 LongerWalk { by },
        5 SmallerParty { kind, fewer },
        6 DaysLater { days },
    }
}

/// Eight bytes, least first: it is a hash, and a varint of a hash takes ten.
impl Encode for MapId {
    fn encode(&self, writer: &mut Writer) {
        writer.raw(&self.0.to_le_bytes());
    }
}

impl Decode for MapId {
    fn decode(reader: &mut Reader<'_>) -> Result<MapId, DecodeError> {
        reader.array().map(u64::from_le_bytes).map(MapId)
    }
}

/// A byte: bit `n` stands for the crew of tag `n`.
impl Encode for Crews {
    fn encode(&self, writer: &mut Writer) {
        writer.byte(self.bits());
    }
}

impl Decode for Crews {
    fn decode(reader: &mut Reader<'_>) -> Result<Crews, DecodeError> {
        let at = reader.at();
        Crews::from_bits(reader.byte()?).ok_or_else(|| reader.invalid(at, "Crews", "a bit stands for nobody"))
    }
}

fn tariff_is_sound(tariff: &Tariff) -> Result<(), String> {
    if tariff.is_sound() { Ok(()) } else { Err("the dispatcher accepts no such tariff".to_owned()) }
}

fn suspension_is_sound(rule: &Suspension) -> Result<(), String> {
    if rule.is_sound() { Ok(()) } else { Err("the dispatcher accepts no such rule".to_owned()) }
}

/// Tickets are divided by.
fn payment_is_sound(payment: &Payment) -> Result<(), String> {
    if payment.ticket == Some(Yen::ZERO) { Err("tickets are worth nothing".to_owned()) } else { Ok(()) }
}

/// Whoever reads a request relies on there being a way to both ends.
fn request_is_sound(request: &Request) -> Result<(), String> {
    if request.party.persons() < request.concessions.count() {
        return Err("more pay another rate than ride".to_owned());
    }
    let is_sound = |ways: &[Access]| (1..=ACCESS_MAX).contains(&ways.len());
    if is_sound(&request.origin) && is_sound(&request.destination) {
        return Ok(());
    }
    Err(format!("{} ways to the pickup, {} from the dropoff", request.origin.len(), request.destination.len()))
}

fn has(request: &Request, access: AccessPair) -> Result<(), String> {
    let is_one =
        (access.origin as usize) < request.origin.len() && (access.destination as usize) < request.destination.len();
    if is_one { Ok(()) } else { Err(format!("the request has no ways {access:?}")) }
}

fn offer_is_sound(offer: &Offer) -> Result<(), String> {
    has(&offer.request, offer.access)
}

fn booking_is_sound(booking: &Booking) -> Result<(), String> {
    has(&booking.request, booking.access)
}

fn refusal_is_sound(refusal: &Refusal) -> Result<(), String> {
    if refusal.binding.is_empty() {
        return Err("nothing binds".to_owned());
    }
    if !refusal.binding.is_sorted_by(|before, after| before.constraint < after.constraint) {
        return Err("constraints are not in their order".to_owned());
    }
    Ok(())
}

fn supply_is_sound(supply: &Supply) -> Result<(), String> {
    let posts = supply.rules.posts.len();
    match supply.outlook.as_ref().filter(|outlook| outlook.expected.len() != posts) {
        Some(outlook) => Err(format!("{} are expected at {posts} posts", outlook.expected.len())),
        None => Ok(()),
    }
}
