//! The nouns of dispatch.

use mukae_engine::model::{
    Ask, AskOutcome, Asking, AtRisk, Binding, Booking, BookingState, Break, CancelReason, Channel, Constraint,
    CostWeights, DeclaredTrip, Driver, DriverKind, DwellRule, Limit, Limits, MapId, Offer, Policy, Promise, Refusal,
    Request, RideLimit, Serves, Service, ServiceDay, ServicePolicy, Shift, ShiftState, Spot, Terms, Tier, Vehicle,
    Wish, ZonePair,
};

use super::{Decode, DecodeError, Encode, Reader, Writer, codec};

codec! {
    struct Vehicle { id, name, capacity, terms }
    struct Terms { features, serves, zones }
    struct Shift { id, name, vehicle, window, start, end, features, zones, breaks, driver, declared }
    struct Spot { asked, label, place, zones }
    struct Request { service, rider, channel, origin, destination, party, wish, arrive_latest, needs }
    struct Promise { pickup, dropoff_latest, ride_max }
    struct Offer { id, request, promise, shift, pickup, dropoff, direct, cost, expires }
    struct Binding { constraint, shortfall }
    struct Refusal { binding } check refusal_is_sound
    struct Booking {
        id, offer, request, promise, direct, state, shift, confirmed_at, arrived_at, boarded_at,
        finished_at, cancel_reason, at_risk, stranded_at, ask, asked, is_pinned,
    }
    struct AtRisk { pickup, dropoff, ride }
    struct Policy { cost, wait_on_board_max, position_tolerance, retention, freeze_horizon, ask_timeout, tier_max }
    struct CostWeights { driving, driver_time, rider_wait, excess_ride, wait_on_board }
    struct Service { id, name, policy, days, zones }
    struct ServiceDay { pickups, bookable_from, bookable_until }
    struct ZonePair { from, to }
    struct ServicePolicy { promise_width, ride, limits, dwell, offer_ttl, notice_min, horizon, no_show_after }
    struct RideLimit { extra, factor_permille, max }
    struct DwellRule { per_stop, per_party, per_seat, per_wheelchair }
    struct Break { id, place, window, length }
    struct DeclaredTrip { seats, detour_max, detour_length_max, tier }
    struct Driver { id, name, kind, cooldown, asks_per_week_max, tier }
    struct Ask { driver, asked_at, deadline }
}

codec! {
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
    }

    enum DriverKind {
        0 Employed,
        1 Volunteer,
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

fn refusal_is_sound(refusal: &Refusal) -> Result<(), String> {
    if refusal.binding.is_empty() {
        return Err("nothing binds".to_owned());
    }
    if !refusal.binding.is_sorted_by(|before, after| before.constraint < after.constraint) {
        return Err("constraints are not in their order".to_owned());
    }
    Ok(())
}
