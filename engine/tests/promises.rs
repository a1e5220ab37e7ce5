//! What went wrong once with promises and those who were late. Each test opens with the story: what happened, to whom,
//! and what now holds.

mod support;

use mukae_engine::event::Breach;
use mukae_engine::model::{BookingState, Constraint, DwellRule, RideLimit, Wish};
use mukae_engine::schedule::{Task, Whereabouts};
use mukae_engine::{Answer, Command, Endogenous, Event};
use mukae_maps::TravelTimes;
use mukae_units::{BookingId, Seats, ShiftId, Span, TimeWindow, VehicleId};
use support::city::City;
use support::desk::{ONE, book, breaches, depart, next_stop, state, town};
use support::script::check;
use support::town::{Town, at, policy, service};

/// One rider cancelled, and the vehicle no longer stood at her stop until her window opened: it drove
/// on, was early for the next rider, and waited there with a third on board until he was late. Now a
/// cancellation breaks no promise made to others.
#[test]
fn a_cancellation_breaks_no_other_promise() {
    check(
        "A--B--C--D--E 240s",
        "v1 at A 4
         08:00 r1 B->E from 08:30 to 08:40
         08:00 r2 B->E from 08:40 to 08:50
         08:00 r3 C->D from 08:46 to 08:50
         08:00 r2 cancels",
        "v1: +r1@B +r3@C -r3@D -r1@E",
    );
}

/// A rider whose first vehicle was late was moved to a second one, which was then late as well.
/// The booking still counted as at risk from the first, so nobody told the rider about the second.
/// Now a lateness after a move is told like any other.
#[test]
fn lateness_after_a_move_to_another_vehicle_is_told() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, Seats::new(4, 0));
    town.add_vehicle(2, 3, Seats::new(4, 0));
    let booking = book(&mut town, "08:00", "B", "C", depart("08:00", "08:10"));
    assert_eq!(state(&town).bookings[&booking].shift, Some(ShiftId(1)));
    town.expect_noted(at("08:09:30"), Command::AdvanceClock);
    assert!(state(&town).bookings[&booking].at_risk.any(), "v1 has not set out");

    let now = at("08:09:31");
    let place = town.city.place(1);
    town.expect_noted(now, Command::ReportPosition { vehicle: VehicleId(2), place, observed_at: now });
    town.expect_noted(now, Command::CloseShift { shift: ShiftId(1) });
    assert_eq!(state(&town).bookings[&booking].shift, Some(ShiftId(2)));

    let mut is_told = false;
    while let Some(due) = town.dispatcher.wakeup().filter(|&due| due < at("09:00")) {
        let decision = town.take(due.max(now), &Command::AdvanceClock);
        is_told |= breaches(&decision.events).next().is_some();
    }
    assert!(is_told, "v2 never came either");
}

/// A rider boarded after the promised window, and the moment the pickup left the schedule the promise
/// was called restored, to a rider who had waited too long. Now what is broken stays broken.
#[test]
fn a_promise_broken_by_a_late_boarding_is_not_restored() {
    check(
        "A--B--C--D 60s",
        "v1 at A 4
         08:00 r1 B->D from 08:00 to 08:05
         08:06 clock
         08:06:30 v1 arrives
         08:06:30 r1 boards",
        "r1 at risk
         v1: -r1@D",
    );
}

/// A promise at risk was restored only once every limit had some room to spare. Where a service
/// allows no detour at all the ride never has any, and its riders stayed at risk with the vehicle at
/// their door. Now only a pickup has to be inside its window by a margin.
#[test]
fn a_risk_goes_where_a_service_leaves_the_ride_no_room() {
    let mut service = service();
    service.ride = RideLimit { extra: Span::ZERO, factor_permille: 1000, max: Span::HOUR };
    let mut town = Town::new(City::draw("A--B--C--D 60s"), policy(), service);
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let booking = book(&mut town, "08:00", "D", "C", depart("08:00", "08:10"));
    town.expect_noted(at("08:08"), Command::AdvanceClock);
    assert!(state(&town).bookings[&booking].at_risk.any());

    let (now, place) = (at("08:08:10"), town.city.place(3));
    town.expect_noted(now, Command::ReportPosition { vehicle: VehicleId(1), place, observed_at: now });
    assert!(!state(&town).bookings[&booking].at_risk.any(), "the vehicle stands at the rider");
}

/// Once a pickup was known to be late, a dropoff lost after that went untold: the booking was at risk
/// already, of something else. Now each limit of a promise is told by itself.
#[test]
fn a_late_dropoff_is_told_after_a_late_pickup() {
    let mut town = town("A--B--C--D 60s");
    let shift = ShiftId(1);
    town.add_vehicle(1, 0, Seats::new(4, 0));
    book(&mut town, "08:00", "B", "D", depart("08:00", "08:05"));
    let stop = next_stop(&town, shift);
    let told_at = |town: &mut Town, now: &str, command: Command| -> Vec<Breach> {
        breaches(&town.take(at(now), &command).events).collect()
    };
    let told = told_at(&mut town, "08:06", Command::AdvanceClock);
    assert!(matches!(told[..], [Breach::PickupLate { .. }]), "{told:?}");
    told_at(&mut town, "08:06", Command::Arrive { shift, stop, at: at("08:06") });
    let told = told_at(&mut town, "08:40", Command::AdvanceClock);
    assert!(matches!(told[..], [Breach::DropoffLate { .. }]), "still boarding: {told:?}");
}

/// A rider was moved to another vehicle after the first had arrived and given up, and kept its time
/// of arrival: the second driver could have reported a no-show the moment of stopping. Now the time
/// is that of the vehicle that came.
#[test]
fn a_moved_rider_forgets_the_arrival_of_the_vehicle_before() {
    let mut town = town("A--B--C--D 60s");
    let shift = ShiftId(1);
    town.add_vehicle(1, 0, Seats::new(4, 0));
    town.add_vehicle(2, 3, Seats::new(4, 0));
    let booking = book(&mut town, "08:00", "B", "C", depart("08:10", "08:20"));
    let stop = next_stop(&town, shift);
    town.expect_noted(at("08:02"), Command::Arrive { shift, stop, at: at("08:02") });
    town.expect_noted(at("08:03"), Command::CloseShift { shift });
    assert_eq!(state(&town).bookings[&booking].shift, Some(ShiftId(2)));
    assert_eq!(state(&town).bookings[&booking].arrived_at, None);
}

/// Drives a town's vehicles exactly as planned until nothing is left to do; returns the bookings ever at risk.
fn drive_punctually(town: &mut Town, from: &str) -> Vec<BookingId> {
    let (mut now, mut at_risk) = (at(from), Vec::new());
    loop {
        let next = state(town).schedules.values().filter_map(|schedule| {
            let (stop, times) = (schedule.next_stop()?, *schedule.timeline(now).stops.first()?);
            Some(match schedule.plan.whereabouts {
                Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } => {
                    (times.departure, schedule.shift.id, stop.id, None)
                }
                Whereabouts::Driving { .. } => (times.ready, schedule.shift.id, stop.id, None),
                Whereabouts::Serving { .. } => {
                    (times.end, schedule.shift.id, stop.id, Some((stop.booking, stop.is_pickup())))
                }
            })
        });
        let Some((due, shift, stop, party)) = next.min() else { return at_risk };
        let is_waiting = matches!(state(town).schedules[&shift].plan.whereabouts, Whereabouts::Waiting { .. });
        now = now.max(due);
        let command = match party {
            Some((Some(booking), true)) => Command::Board { booking, at: now },
            Some((Some(booking), false)) => Command::Alight { booking, at: now },
            Some((None, _)) => Command::EndBreak { shift, stop, at: now },
            None if is_waiting => Command::Depart { shift, stop, at: now },
            None => Command::Arrive { shift, stop, at: now },
        };
        let decision = town.take(now, &command);
        at_risk.extend(decision.events.iter().filter_map(|event| match event {
            Event::Endogenous(Endogenous::PromiseAtRisk { booking, .. }) => Some(*booking),
            _ => None,
        }));
    }
}

/// Elsewhere a travel time was promised at booking and exceeded in a run in which nothing unforeseen
/// happened (matsim-libs#2028): later insertions reckoned with other times than the drive. Here what is
/// promised, planned and driven is one reckoning: a day that goes as planned breaks nothing, however many
/// share a vehicle.
#[test]
fn a_day_that_goes_as_planned_keeps_every_promise() {
    let mut service = service();
    service.dwell = DwellRule {
        per_stop: Span::from_secs(20),
        per_party: Span::from_secs(15),
        per_seat: Span::from_secs(7),
        per_wheelchair: Span::ZERO,
    };
    let mut town = Town::new(City::draw("A--B--C--D--E--F 97s"), policy(), service);
    town.add_vehicle(1, 0, Seats::new(6, 0));
    let rides = [("A", "F"), ("B", "E"), ("C", "F"), ("B", "C"), ("D", "A"), ("E", "B"), ("C", "A")];
    let (mut booked, mut now) = (Vec::new(), at("08:00"));
    for (index, (from, to)) in rides.iter().enumerate() {
        let window = TimeWindow::new(now, now + Span::from_mins(40)).expect("in order");
        let wish = Wish::DepartAfter(window);
        let request = town.request(town.city.node(from), town.city.node(to), ONE, wish);
        if let Answer::Confirmed(booking) = town.tell(now, Command::Book { request: request.into(), by_hand: None }) {
            booked.push(booking.id);
        }
        now += Span::from_secs(10 + index as i64);
    }
    assert!(booked.len() >= 5, "{} rides share the vehicle", booked.len());
    assert_eq!(drive_punctually(&mut town, "08:02"), []);
    for booking in booked.iter().map(|booking| &state(&town).bookings[booking]) {
        assert_eq!(booking.state, BookingState::Alighted, "{booking:?}");
        let alighting = booking.finished_at.expect("it has alighted");
        let party = Span::from_secs(20 + 15 + 7);
        assert!(alighting - party <= booking.promise.dropoff_latest, "{booking:?}");
        assert!(alighting - booking.boarded_at.expect("it rode") <= booking.promise.ride_max + party, "{booking:?}");
    }
}

/// Elsewhere a rider sat in a standing vehicle for 73 minutes until the next one's window opened, because
/// waiting cost the solver nothing (vroom#1253). Here nobody waits on board longer than the area allows.
#[test]
fn nobody_sits_in_a_standing_vehicle_until_the_next_window_opens() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, Seats::new(4, 0));
    book(&mut town, "08:00", "C", "D", depart("09:15", "09:25"));
    book(&mut town, "08:00", "A", "D", depart("08:00", "08:30"));
    let timeline = state(&town).schedules[&ShiftId(1)].timeline(at("08:00"));
    for times in &timeline.stops {
        assert!(times.wait_on_board <= policy().wait_on_board_max, "{timeline:?}");
        assert!(times.ride.is_none_or(|ride| ride <= Span::from_mins(13)), "{timeline:?}");
    }
}

/// Elsewhere passengers can not be given a longest ride, and are driven round while others are served
/// (vroom#1241, PyVRP#1097). Here the ride is a limit of the promise, and who would stretch it is refused.
#[test]
fn nobody_is_driven_round_longer_than_promised() {
    let mut service = service();
    service.ride = RideLimit { extra: Span::from_mins(2), factor_permille: 1000, max: Span::HOUR };
    let mut town = Town::new(City::draw("A--B--C--D--E 120s"), policy(), service);
    let shift = ShiftId(1);
    town.add_vehicle(1, 1, Seats::new(4, 0));
    let booking = book(&mut town, "08:00", "B", "E", depart("08:00", "08:10"));
    let stop = next_stop(&town, shift);
    town.expect_noted(at("08:00"), Command::Arrive { shift, stop, at: at("08:00") });
    town.expect_noted(at("08:00"), Command::Board { booking, at: at("08:00") });
    // back to A for the newcomer would be four minutes more, two too many
    let request = town.request(0, 4, ONE, depart("08:00", "08:03"));
    let Answer::Refused(refusal) = town.tell(at("08:00"), Command::Quote(request.into())) else { panic!("accepted") };
    assert!(refusal.binding.iter().any(|binding| binding.constraint == Constraint::OthersPromise), "{refusal:?}");
    assert_eq!(drive_punctually(&mut town, "08:00"), []);
    let booking = &state(&town).bookings[&booking];
    let ride = booking.finished_at.expect("it alighted") - booking.boarded_at.expect("it boarded");
    assert!(ride <= booking.promise.ride_max, "{ride:?}");
}

/// Elsewhere a vehicle waited for ever for somebody who had booked ahead and never came (matsim-libs#2930,
/// #2826), or the program crashed (sumo#15385). Here the others are told they are at risk while it waits, the
/// driver may go on after the time that was promised, and does.
#[test]
fn nobody_waits_for_ever_for_a_rider_who_never_comes() {
    let mut town = town("A--B--C--D 60s");
    let shift = ShiftId(1);
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let absent = book(&mut town, "08:00", "B", "C", depart("08:10", "08:20"));
    let next = book(&mut town, "08:00", "C", "D", depart("08:15", "08:20"));
    let stop = next_stop(&town, shift);
    town.expect_noted(at("08:10"), Command::Arrive { shift, stop, at: at("08:10") });
    town.expect_noted(at("08:20"), Command::AdvanceClock);
    assert!(state(&town).bookings[&next].at_risk.pickup, "the vehicle still stands at B");
    town.expect_noted(at("08:20"), Command::ReportNoShow { booking: absent, at: at("08:20") });
    assert_eq!(state(&town).bookings[&absent].state, BookingState::NoShow);
    let stop = next_stop(&town, shift);
    town.expect_noted(at("08:21"), Command::Arrive { shift, stop, at: at("08:21") });
    town.expect_noted(at("08:21"), Command::Board { booking: next, at: at("08:21") });
}

/// A rider with the same origin and destination was given up where others waited at the same stop. The
/// vehicle's stop counted as ended, and who came next was later for it. Now the next turn begins at once.
#[test]
fn a_party_with_both_ends_at_a_stop_ends_nobody_s_turn() {
    let mut service = service();
    service.dwell.per_stop = Span::from_mins(1);
    let mut town = Town::new(City::draw("A--B--C--D 60s"), policy(), service);
    let shift = ShiftId(1);
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let round = book(&mut town, "08:00", "B", "B", depart("08:10", "08:20"));
    let other = book(&mut town, "08:00", "B", "D", depart("08:10", "08:40"));
    let stop = next_stop(&town, shift);
    town.expect_noted(at("08:10"), Command::Arrive { shift, stop, at: at("08:10") });
    town.expect_noted(at("08:20"), Command::ReportNoShow { booking: round, at: at("08:20") });
    assert!(matches!(state(&town).schedules[&shift].plan.whereabouts, Whereabouts::Serving { .. }));
    assert_eq!(state(&town).bookings[&other].state, BookingState::Arrived);
}

/// Roads closed, and a rider whom one vehicle could not reach any more was moved to a second one, whose plan
/// was then timed again as it had been before: the rider was booked and in no plan. Now who is moved is
/// moved once all plans hold under the new roads.
#[test]
fn who_is_moved_because_of_a_closure_stays_in_the_plan() {
    let mut town = town("A--B--C--D--E 60s");
    town.add_vehicle(1, 0, Seats::new(4, 0));
    town.add_vehicle(2, 4, Seats::new(4, 0));
    let moved = book(&mut town, "08:00", "B", "C", depart("08:30", "08:40"));
    let other = book(&mut town, "08:00", "E", "A", depart("09:00", "09:10"));
    assert_eq!(state(&town).bookings[&moved].shift, Some(ShiftId(1)));
    town.city = town.city.without("A", "B");
    town.expect_noted(at("08:01"), Command::RoadsChanged { metric: town.city.metric() });
    assert_eq!(state(&town).bookings[&moved].shift, Some(ShiftId(2)));
    assert_eq!(state(&town).bookings[&other].state, BookingState::Unassigned);
    let stops = state(&town).schedules[&ShiftId(2)].stops();
    assert_eq!(stops.iter().filter(|stop| stop.booking == Some(moved)).count(), 2);
}

/// Who had been put down by a broken vehicle boarded a second one whose device reported late: the second
/// boarding lay before the first, and the ride had a time of its own in plan and booking. Now nobody boards
/// again before having boarded.
#[test]
fn a_second_boarding_is_not_before_the_first() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, Seats::new(4, 0));
    town.add_vehicle(2, 0, Seats::new(4, 0));
    let booking = book(&mut town, "08:00", "A", "D", depart("08:00", "08:10"));
    let shift = state(&town).bookings[&booking].shift.expect("it has one");
    let stop = next_stop(&town, shift);
    town.expect_noted(at("08:00"), Command::Arrive { shift, stop, at: at("08:00") });
    town.expect_noted(at("08:02"), Command::Board { booking, at: at("08:02") });
    town.expect_noted(at("08:02"), Command::BreakDown { shift, place: None, at: at("08:02") });
    let second = state(&town).bookings[&booking].shift.expect("it has another");
    assert_ne!(second, shift);
    let stop = next_stop(&town, second);
    let long_ago = at("08:01");
    town.expect_noted(at("08:05"), Command::Arrive { shift: second, stop, at: long_ago });
    town.expect_noted(at("08:05"), Command::Board { booking, at: long_ago });
    let boarded = state(&town).bookings[&booking].boarded_at;
    assert_eq!(boarded, Some(at("08:02")), "the ride counts from the first boarding");
    let Task::Dropoff { boarded_at, .. } = state(&town).schedules[&second].stops()[0].task else { panic!("a dropoff") };
    assert!(boarded_at >= boarded);
}
