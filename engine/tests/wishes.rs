//! What went wrong once with what riders ask for and are offered. Each test opens with the story: what happened, to whom,
//! and what now holds.

mod support;

use mukae_engine::insertion::Demand;
use mukae_engine::model::{
    AccessPair, BookingState, Constraint, CostWeights, DwellRule, Policy, Request, RideLimit, Wish,
};
use mukae_engine::{Answer, Command, Placement, Work};
use mukae_units::{Seats, ShiftId, Span, StopId, Time, TimeWindow};
use support::city::City;
use support::desk::{ONE, arrive, book, depart, next_stop, register, state, town};
use support::script::check;
use support::town::{SERVICE, Town, at, policy, service};

/// A rider who wanted to arrive sooner than the road allows was told that the window was past, which
/// it was not. Now the refusal names the dropoff window and by how much it is missed.
#[test]
fn arrive_by_too_soon_is_not_a_past_window() {
    check(
        "A--B--C--D 600s",
        "v1 at A 4
         08:00 r1 A->D from 08:00 by 08:25",
        "r1 refused: DropoffWindow by 0:05:00
         v1:",
    );
}

/// Riders who asked for an arrival were counted as waiting from the opening of their pickup window,
/// which the house had chosen, and vehicles were chosen to shorten a wait nobody had. Now the weight
/// of waiting changes nothing between two riders who both asked to arrive.
#[test]
fn who_asked_for_an_arrival_does_not_wait() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, Seats::new(4, 0));
    book(&mut town, "08:00", "C", "D", arrive("08:10", "08:30"));
    let request = town.request(0, 1, ONE, arrive("08:21", "08:21"));
    let mut indifferent = policy();
    indifferent.cost.rider_wait = 0;
    assert_eq!(cost_of(&mut town, &request, &policy()), cost_of(&mut town, &request, &indifferent));
}

/// What the best insertion costs at 08:00.
fn cost_of(town: &mut Town, request: &Request, policy: &Policy) -> i64 {
    let (now, state) = (at("08:00"), state(town).clone());
    let rules = &state.services[&SERVICE].policy;
    let demand = Demand::of_request(now, request, AccessPair::FIRST, rules, &mut town.city).expect("it can be asked");
    town.expect_noted(now, Command::SetPolicy(*policy));
    town.dispatcher.best_insertion(now, &demand, &mut Work::new(&mut town.city)).expect("it fits").cost
}

/// A confirmation turned a vehicle under way towards the new rider at once; the answer said
/// `Confirmed` while the state, and the next reader, said `EnRoute`. Now the answer is the state.
#[test]
fn the_answer_to_a_confirmation_is_the_booking_in_the_state() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, Seats::new(4, 0));
    book(&mut town, "08:00", "D", "C", depart("08:00", "08:30"));
    let stop = next_stop(&town, ShiftId(1));
    town.expect_noted(at("08:00"), Command::Depart { shift: ShiftId(1), stop, at: at("08:00") });

    let request = town.request(1, 2, ONE, depart("08:00", "08:03"));
    let now = at("08:00:30");
    let Answer::Offered(offers) = town.tell(now, Command::Quote(request.into())) else { panic!("refused") };
    let answer = town.tell(now, Command::ConfirmOffer { offer: offers[0].id });
    let Answer::Confirmed(booking) = answer else { panic!("{answer:?}") };
    assert_eq!(booking, state(&town).bookings[&booking.id]);
}

/// A client that confirmed too late was told either that the offer had expired or that there had
/// never been one, depending on whether the clock had been told in between. Now it hears the same.
#[test]
fn an_expired_offer_says_so_whenever_the_clock_was_told() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let request = town.request(1, 2, ONE, depart("11:00", "11:10"));
    let Answer::Offered(offers) = town.tell(at("08:00"), Command::Quote(request.into())) else { panic!("refused") };
    let confirm = Command::ConfirmOffer { offer: offers[0].id };
    let before = town.tell(at("08:10"), confirm.clone());
    town.expect_noted(at("08:10"), Command::AdvanceClock);
    assert_eq!(town.tell(at("08:10"), confirm), before);
}

/// A service that looks seven days ahead offered a ride in ten, because only the opening of the wished
/// window was held against the horizon. Now no pickup is offered beyond it.
#[test]
fn no_pickup_is_offered_beyond_the_horizon() {
    let mut town = town("A--B--C--D 60s");
    register(&mut town, Seats::new(4, 0));
    let (morning, noon) = (at("08:00") + Span::DAY * 10, at("12:00") + Span::DAY * 10);
    town.add_shift(1, 1, 0, TimeWindow::new(morning, noon).expect("in order"));
    let window = TimeWindow::new(at("08:00"), at("08:00") + Span::DAY * 30).expect("in order");
    let request = town.request(1, 2, ONE, Wish::DepartAfter(window));
    let answer = town.tell(at("08:00"), Command::Quote(request.into()));
    assert!(matches!(answer, Answer::Refused(_)), "{answer:?}");
}

/// Settings and wishes at the edge of what the wire lets through overflowed a sum, and with it the
/// whole dispatcher stopped. Now the largest of everything is merely answered.
#[test]
fn the_largest_settings_and_wishes_do_not_overflow() {
    let mut service = service();
    service.promise_width = Span::HOUR * 4;
    service.ride = RideLimit { extra: Span::HOUR * 4, factor_permille: 10_000, max: Span::HOUR * 12 };
    service.dwell =
        DwellRule { per_stop: Span::HOUR, per_party: Span::HOUR, per_seat: Span::HOUR, per_wheelchair: Span::HOUR };
    service.offer_ttl = Span::DAY;
    service.horizon = Span::DAY * 400;
    let mut policy = policy();
    policy.cost = CostWeights {
        driving: 10_000,
        driver_time: 10_000,
        rider_wait: 10_000,
        excess_ride: 10_000,
        wait_on_board: 10_000,
        walking: 10_000,
    };
    policy.retention = Span::DAY * 400;
    let mut town = Town::new(City::draw("A--B--C--D 400000s"), policy, service);
    register(&mut town, Seats::new(100, 100));
    let (year_2000, year_2200) = (Time::from_unix_secs(946_684_800), Time::from_unix_secs(7_258_118_399));
    let centuries = TimeWindow::new(year_2000, year_2200).expect("in order");
    town.add_shift(1, 1, 0, centuries);
    for (seats, wheelchairs) in [(1, 0), (100, 100), (100, 0), (0, 100), (255, 255)] {
        for wish in [Wish::DepartAfter(centuries), Wish::ArriveBy(centuries)] {
            let request = town.request(1, 1, Seats::new(seats, wheelchairs), wish);
            if let Answer::Offered(offers) = town.tell(at("08:00"), Command::Quote(request.into())) {
                town.tell(at("08:00"), Command::ConfirmOffer { offer: offers[0].id });
            }
        }
    }
    assert!(town.dispatcher.wakeup().is_some(), "something was booked");
}

/// Elsewhere the vehicle nearest as the crow flies was chosen first, could not come because a river lay
/// between, and the rider was refused although another one could (matsim-libs#1012). Here every vehicle is
/// tried by road.
#[test]
fn the_nearest_vehicle_across_a_river_does_not_cost_a_rider_the_ride() {
    let city = City::draw("A--B--C--D--E--F 60s").without("A", "B");
    let mut town = Town::new(city, policy(), service());
    town.add_vehicle(1, 0, Seats::new(4, 0));
    town.add_vehicle(2, 5, Seats::new(4, 0));
    let booking = book(&mut town, "08:00", "B", "C", depart("08:00", "08:10"));
    assert_eq!(state(&town).bookings[&booking].shift, Some(ShiftId(2)));
}

/// Elsewhere the time between asking and riding got lost, and who booked ahead was promised a narrower
/// window than who asked at once (matsim-libs#4327). Here a promise is as wide as the service says however
/// early one asks.
#[test]
fn who_books_ahead_is_promised_as_wide_a_window_as_who_asks_at_once() {
    let promised = |asked: &str| {
        let mut town = town("A--B--C--D 60s");
        town.add_vehicle(1, 0, Seats::new(4, 0));
        let booking = book(&mut town, asked, "B", "D", depart("12:00", "12:30"));
        state(&town).bookings[&booking].promise
    };
    let at_once = promised("11:59");
    assert_eq!(at_once.pickup.width(), service().promise_width);
    for asked in ["06:00", "09:17", "11:30"] {
        assert_eq!(promised(asked), at_once, "asked at {asked}");
    }
}

/// Elsewhere, where riders take time to board and alight, a vehicle was over capacity for half a minute in
/// the middle of a stop: who came boarded while who left was still seated (matsim-libs#3205, groups #3290).
/// Here a group alights before another boards at the same stop, whatever order the driver reports in.
#[test]
fn a_vehicle_is_not_over_capacity_in_the_middle_of_a_stop() {
    let mut service = service();
    service.dwell.per_stop = Span::from_secs(30);
    service.dwell.per_seat = Span::from_secs(20);
    let mut town = Town::new(City::draw("A--B--C--D 60s"), policy(), service);
    let (shift, capacity) = (ShiftId(1), Seats::new(3, 0));
    town.add_vehicle(1, 0, capacity);
    let mut groups = [(0, 2), (2, 3)].map(|(from, to)| {
        let request = town.request(from, to, Seats::new(3, 0), depart("08:00", "08:30"));
        match town.tell(at("08:00"), Command::Book { request: request.into(), by_hand: None }) {
            Answer::Confirmed(booking) => booking.id,
            other => panic!("{other:?}"),
        }
    });
    groups.sort_unstable();
    let [leaving, coming] = groups;
    let mut now = at("08:00");
    let mut report = |town: &mut Town, command: &dyn Fn(Time, StopId) -> Command| {
        now += Span::from_secs(45);
        let stop = state(town).schedules[&shift].next_stop().map_or(StopId(0), |stop| stop.id);
        let answer = town.tell(now, command(now, stop));
        let schedule = &state(town).schedules[&shift];
        assert!(schedule.load().fits(&capacity), "{:?} on board", schedule.load());
        let timeline = schedule.timeline(now);
        assert!(timeline.stops.iter().all(|times| times.load.fits(&capacity)), "{timeline:?}");
        answer
    };
    report(&mut town, &|at, stop| Command::Arrive { shift, stop, at });
    report(&mut town, &|at, _| Command::Board { booking: leaving, at });
    report(&mut town, &|at, stop| Command::Arrive { shift, stop, at });
    let too_soon = report(&mut town, &|at, _| Command::Board { booking: coming, at });
    assert!(matches!(too_soon, Answer::Rejected(_)), "six do not fit where three do");
    assert_eq!(report(&mut town, &|at, _| Command::Alight { booking: leaving, at }), Answer::Noted);
    assert_eq!(report(&mut town, &|at, _| Command::Board { booking: coming, at }), Answer::Noted);
}

/// Elsewhere a newcomer put right before a pickup that was booked ahead moved the start of that pickup into
/// the past (matsim-libs#3111). Here no stop begins before now, before its window, or before the one ahead
/// of it.
#[test]
fn an_insertion_before_a_booked_pickup_moves_nothing_into_the_past() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, Seats::new(4, 0));
    book(&mut town, "07:00", "B", "D", depart("09:00", "09:10"));
    for (asked, from, to) in [("08:57", "A", "B"), ("08:59", "A", "C"), ("08:59", "B", "C")] {
        book(&mut town, asked, from, to, depart(asked, "09:10"));
        let schedule = &state(&town).schedules[&ShiftId(1)];
        let timeline = schedule.timeline(at(asked));
        let mut last = at(asked);
        for (stop, times) in schedule.stops().iter().zip(&timeline.stops) {
            assert!(last <= times.start && times.start <= times.end, "{schedule:#?}");
            assert!(stop.earliest().is_none_or(|earliest| earliest <= times.start), "{stop:?}");
            last = times.start;
        }
    }
}

/// Pain 19 (vroom#800, #615, #305; or-tools#224): a dispatcher who had told a driver what comes next could not
/// make the engine keep it. The next optimisation put a stop before the one the driver had been told, and the
/// driver was called again. Now the stops that staff freeze, and those the vehicle soon leaves for, keep
/// their order and their times while riders are added after them; and a pinned booking keeps its vehicle.
#[test]
fn pain_19_fixed_steps_are_held_while_trips_are_added() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, Seats::new(4, 0));
    town.add_vehicle(2, 3, Seats::new(4, 0));
    let told = book(&mut town, "08:00", "B", "C", depart("09:00", "09:10"));
    let shift = state(&town).bookings[&told].shift.expect("a vehicle");
    let stops = |town: &Town| state(town).schedules[&shift].stops().iter().map(|stop| stop.id).collect::<Vec<_>>();
    let times = |town: &Town| state(town).schedules[&shift].timeline(at("08:01")).stops[..2].to_vec();
    let fixed = (stops(&town), times(&town));
    town.expect_noted(at("08:01"), Command::FreezeStops { shift, through: fixed.0.last().copied() });
    town.expect_noted(at("08:01"), Command::PinBooking { booking: told, pinned: true });

    for minute in 0..50 {
        let earliest = at("08:10") + Span::from_mins(minute * 2);
        let wish = Wish::DepartAfter(TimeWindow::new(earliest, earliest + Span::from_mins(15)).expect("in order"));
        let request = town.request((minute % 4) as usize, ((minute + 1) % 4) as usize, ONE, wish);
        town.tell(at("08:01"), Command::Book { request: request.clone().into(), by_hand: None });
        let by_hand = Some(Placement { shift, pickup_idx: 1, dropoff_idx: 1, overrules: false });
        let Answer::Refused(refusal) = town.tell(at("08:01"), Command::Book { request: request.into(), by_hand })
        else {
            panic!("among frozen stops");
        };
        assert!(refusal.binding.contains(&Constraint::Frozen.into()), "{refusal:?}");
        assert_eq!((&stops(&town)[..2], times(&town)), (&fixed.0[..], fixed.1.clone()));
    }
    assert!(stops(&town).len() > 10, "riders came after them: {:?}", stops(&town));

    // its vehicle goes: it is not put on another behind anybody's back
    town.expect_noted(at("08:02"), Command::CloseShift { shift });
    assert_eq!(state(&town).bookings[&told].state, BookingState::Unassigned);
}

/// Somebody who joined a stop that was just being made was promised a boarding in the past, and with a
/// narrow promise all of the window lay there: the offer could not be confirmed at all. Now a promise
/// reaches to the present.
#[test]
fn who_joins_a_stop_that_is_being_made_can_confirm() {
    let mut service = service();
    service.dwell.per_stop = Span::from_mins(5);
    service.promise_width = Span::MINUTE;
    let mut town = Town::new(City::draw("A--B--C--D 60s"), policy(), service);
    town.add_vehicle(1, 0, Seats::new(4, 0));
    book(&mut town, "08:00", "B", "D", depart("08:10", "08:20"));
    let stop = next_stop(&town, ShiftId(1));
    town.expect_noted(at("08:10"), Command::Arrive { shift: ShiftId(1), stop, at: at("08:10") });
    // its stop goes on until 08:15, and the rider's own turn began at 08:10
    book(&mut town, "08:13", "B", "D", depart("08:00", "08:30"));
}

/// A width of the promise below nothing, which no configuration lets through, brought the dispatcher down at the first
/// arrival somebody asked for. It is no narrower then than what was asked.
#[test]
fn a_promise_without_a_width_brings_nothing_down() {
    for width in [Span::ZERO, -Span::MINUTE] {
        let mut town = town("A--B--C 60s");
        town.change_service(|service| service.policy.promise_width = width);
        town.add_vehicle(1, 0, Seats::new(4, 0));
        book(&mut town, "08:00", "B", "C", arrive("09:00", "09:30"));
    }
}
