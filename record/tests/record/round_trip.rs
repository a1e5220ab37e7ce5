//! Every value comes back as it went, and no two values look alike.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use mukae_engine::State;
use mukae_engine::event::Breach;
use mukae_engine::model::*;
use mukae_engine::schedule::{Plan, Schedule, Task, Whereabouts};
use mukae_engine::{Answer, Command, Endogenous, Event, Exogenous, Rejection};
use mukae_maps::{Place, Sides};
use mukae_record::codec::{Decode, Encode, Fault, decode_as, encode_as};
use mukae_record::{Origin, Record, Scribe};
use mukae_units::{LatLon, Seats, Span, Time, TimeWindow};

use crate::dice::{Any, Dice};
use crate::town::{morning, random_day};

const SEEDS: u64 = 200;

fn check<T: Any + Encode + Decode + PartialEq + Debug>() {
    for seed in 0..SEEDS {
        let dice = &mut Dice::new(seed);
        for value in T::each(dice).into_iter().chain([T::any(dice)]) {
            let bytes = encode_as(1, &value);
            assert_eq!(decode_as(1, &bytes).as_ref(), Ok(&value), "seed {seed}");
        }
    }
}

/// The variants listed in the tests are all there are, each under a tag of its own; other tags are unknown.
fn check_tags<T: Any + Encode + Decode + PartialEq + Debug>() {
    check::<T>();
    let all = T::each(&mut Dice::new(0));
    let tags: BTreeSet<u8> = all.iter().map(|value| encode_as(1, value)[0]).collect();
    assert_eq!(tags.len(), all.len(), "{tags:?}");
    for tag in (0..=u8::MAX).filter(|tag| !tags.contains(tag)) {
        let fault = decode_as::<T>(1, &[tag]).expect_err("no tag").fault;
        assert!(matches!(fault, Fault::UnknownTag { .. }), "{fault}");
    }
}

#[test]
fn every_type_round_trips() {
    check::<Time>();
    check::<Span>();
    check::<TimeWindow>();
    check::<LatLon>();
    check::<Seats>();
    check::<Place>();
    check::<Request>();
    check::<Offer>();
    check::<Booking>();
    check::<Refusal>();
    check::<Policy>();
    check::<Service>();
    check::<Shift>();
    check::<Vehicle>();
    check::<MapId>();
    check::<Plan>();
    check::<Schedule>();
    check::<Exogenous>();
    check::<Origin>();
    check::<Record>();
}

#[test]
fn every_variant_round_trips_under_its_tag() {
    check_tags::<Sides>();
    check_tags::<ShiftState>();
    check_tags::<Wish>();
    check_tags::<Channel>();
    check_tags::<BookingState>();
    check_tags::<CancelReason>();
    check_tags::<Constraint>();
    check_tags::<Task>();
    check_tags::<Whereabouts>();
    check_tags::<Breach>();
    check_tags::<Command>();
    check_tags::<Endogenous>();
    check_tags::<Event>();
    check_tags::<Answer>();
    check_tags::<Rejection>();
}

#[test]
fn states_round_trip_at_every_step_of_a_day() {
    for log in [morning().log, random_day(1, 300).log, random_day(2, 300).log] {
        let mut scribe = Scribe::new();
        for record in log {
            scribe.replay(&record).expect("it was written by us");
            let bytes = encode_as(1, scribe.state());
            assert_eq!(decode_as::<State>(1, &bytes).as_ref(), Ok(scribe.state()));
        }
    }
}

#[test]
fn records_round_trip_with_their_version() {
    for seed in 0..SEEDS {
        let record: Record = Dice::new(seed).any();
        let bytes = record.to_bytes();
        assert_eq!(bytes[0], 1);
        assert_eq!(Record::from_bytes(&bytes).as_ref(), Ok(&record), "seed {seed}");
        let mut newer = bytes.clone();
        newer[0] = 2;
        let error = Record::from_bytes(&newer).expect_err("from the future");
        assert_eq!((error.at, error.fault), (0, Fault::UnknownVersion { found: 2, newest: 1 }));
        let mut longer = bytes.clone();
        longer.push(0);
        let error = Record::from_bytes(&longer).expect_err("a byte too many");
        assert_eq!((error.at, error.fault), (bytes.len(), Fault::TrailingBytes { count: 1 }));
    }
}

/// What the engine takes for granted of a plan is checked where a plan comes in.
#[test]
fn plans_that_can_not_be_driven_are_not_read() {
    let is_plain = |plan: &Plan| plan.route.is_none() && plan.stops.iter().all(|stop| stop.booking.is_some());
    let mut plans = (0..).map(|seed| Dice::new(seed).any::<Plan>()).filter(|plan| plan.stops.len() > 4);
    let plan = plans.by_ref().find(is_plain).expect("one of many");
    refuse(&plan, "under way to no stop", |plan| {
        plan.whereabouts = Whereabouts::Serving { arrived: Time::EPOCH };
        plan.stops.clear();
    });
    refuse(&plan, "out of order", |plan| plan.stops.reverse());
    refuse(&plan, "never alights", |plan| {
        plan.stops.pop();
        let last = plan.stops.iter().rposition(|stop| stop.is_pickup()).expect("someone boards");
        let booking = plan.stops[last].booking;
        plan.stops.retain(|stop| stop.booking != booking || stop.is_pickup());
    });
    refuse(&plan, "out of order", |plan| {
        let twice = plan.stops[0];
        plan.stops.push(twice);
    });
    refuse(&plan, "neither for a rider nor a break", |plan| plan.stops[0].booking = None);
    let rests_after_riders = |plan: &Plan| {
        let last_ride = plan.stops.iter().rfind(|stop| stop.booking.is_some());
        plan.stops.iter().any(|stop| stop.is_break()) && last_ride.is_some_and(|stop| !stop.party.is_empty())
    };
    let mut resting = plans.by_ref().find(rests_after_riders).expect("one of many");
    resting.route = None;
    refuse(&resting, "neither for a rider nor a break", |plan| {
        let (rest, last_ride) = (plan.stops.len() - 1, plan.stops.iter().rposition(|stop| stop.booking.is_some()));
        plan.stops.swap(last_ride.expect("somebody rides"), rest); // somebody is on board
    });
    let measured = plans.find(|plan| plan.route.is_some()).expect("one of many");
    refuse(&measured, "not as many", |plan| {
        plan.route.as_mut().expect("just seen").lengths.pop();
    });
}

fn refuse(plan: &Plan, why: &str, spoil: impl FnOnce(&mut Plan)) {
    let mut spoiled = plan.clone();
    spoil(&mut spoiled);
    let error = decode_as::<Plan>(1, &encode_as(1, &spoiled)).expect_err(why).to_string();
    assert!(error.contains(why), "{error}");
}

#[test]
fn states_that_contradict_themselves_are_not_read() {
    let rides = |state: &State| {
        let is_driverless = |shift| {
            let schedule = state.schedules.get(&shift);
            schedule.is_some_and(|schedule| schedule.shift.driver.is_none() && schedule.plan.route.is_none())
        };
        let bound = |booking: &&Booking| {
            booking.ask.is_none() && !booking.state.is_final() && booking.shift.is_some_and(is_driverless)
        };
        state.bookings.values().filter(bound).find_map(|booking| Some((booking.shift?, booking.id)))
    };
    let town = (3..).map(|seed| crate::town::random_day(seed, 200)).find(|town| rides(town.scribe.state()).is_some());
    let town = town.expect("somebody rides some day");
    let state = town.scribe.state();
    let (shift, booking) = rides(state).expect("just seen");
    let spoil = |why: &str, change: &dyn Fn(&mut State)| {
        let mut spoiled = state.clone();
        change(&mut spoiled);
        let error = decode_as::<State>(1, &encode_as(1, &spoiled)).expect_err(why).to_string();
        assert!(error.contains(why), "{error}");
    };
    spoil("not its own", &|state| drop(state.bookings.remove(&booking)));
    spoil("has no stops", &|state| {
        let schedule = Arc::make_mut(state.schedules.get_mut(&shift).expect("there"));
        let plan = Arc::make_mut(&mut schedule.plan);
        plan.stops.clear();
        plan.whereabouts = Whereabouts::Waiting { place: schedule.shift.start.place, since: Time::EPOCH };
    });
    spoil("nobody to ask", &|state| {
        Arc::make_mut(state.schedules.get_mut(&shift).expect("there")).asking = Asking::Never;
    });
    spoil("asked of", &|state| {
        state.bookings.get_mut(&booking).expect("there").state = BookingState::AwaitingDriver;
    });
    spoil("comes next", &|state| state.next_booking = 1);
    spoil("comes next", &|state| state.next_stop = 1);
    spoil("another id", &|state| state.vehicles.values_mut().for_each(|vehicle| vehicle.id.0 += 1));
}
