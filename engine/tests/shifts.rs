//! What went wrong once with vehicles and their shifts. Each test opens with the story: what happened, to whom, and what
//! now holds.

mod support;

use mukae_engine::model::{BookingState, Break, CancelReason, Shift, Terms, Wish};
use mukae_engine::{Answer, Command, Rejection};
use mukae_units::{BreakId, Features, Seats, ShiftId, Span, TimeWindow, VehicleId, Zones};
use support::desk::{ONE, book, depart, next_ready, next_stop, state, town, town_before_sign_on};
use support::script::check;
use support::town::{Town, at, midnight};

/// A booking without a vehicle was looked after only a while after the last command of any kind, so
/// that on a busy day, with a quote every 50 seconds, nobody ever looked and the rider was never told
/// that no vehicle would come. Now the search goes on whatever else is asked.
#[test]
fn a_busy_day_does_not_starve_the_search_for_a_vehicle() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let booking = book(&mut town, "08:00", "B", "C", depart("08:30", "08:40"));
    town.expect_noted(at("08:01"), Command::CloseShift { shift: ShiftId(1) });
    assert_eq!(state(&town).bookings[&booking].state, BookingState::Unassigned);

    let hopeless = town.request(0, 2, Seats::new(50, 0), depart("11:00", "12:00"));
    let mut now = at("08:01");
    while now < at("10:00") {
        let next_quote = now + Span::from_secs(50);
        if let Some(due) = town.dispatcher.wakeup().filter(|&due| due <= next_quote) {
            now = now.max(due);
            town.expect_noted(now, Command::AdvanceClock);
        } else {
            now = next_quote;
            town.tell(now, Command::Quote(hopeless.clone().into()));
        }
    }
    assert_eq!(state(&town).bookings[&booking].state, BookingState::Failed);
}

/// A waiting vehicle reported that it stood elsewhere, and the engine went on planning from where it
/// had been; the rider beside it was refused. Now the position counts.
#[test]
fn a_waiting_vehicle_that_stands_elsewhere_is_believed() {
    check(
        "A--B--C 600s",
        "v1 at A 4
         08:00 r1 B->C from 09:00 to 09:10
         08:10 v1 seen at C
         08:10 r2 C->B from 08:10 to 08:12",
        "v1: +r2@C -r2@B +r1@B -r1@C",
    );
}

/// The same for a vehicle under way: seen off its road, it was taken to be where the road led, and
/// the rider beside it was refused. Now the position counts.
#[test]
fn a_vehicle_seen_off_its_road_is_believed() {
    check(
        "A--B--C--D--E 600s",
        "v1 at A 4
         08:00 r1 C->B from 08:00 to 08:50
         08:00 v1 departs
         08:10 v1 seen at D
         08:10 r2 D->C from 08:10 to 08:12",
        "v1: +r2@D -r2@C +r1@C -r1@B",
    );
}

/// A shift nobody signed on to kept its bookings past its end, and the riders waited for a vehicle
/// that had never been there. Now such a shift ends with its window, and its bookings are looked
/// after like any without a vehicle.
#[test]
fn a_shift_nobody_came_to_ends_and_its_bookings_fail() {
    let mut town = town_before_sign_on("A--B--C--D 60s");
    let booking = book(&mut town, "07:00", "B", "C", depart("09:00", "09:10"));
    let mut now = at("07:00");
    while let Some(due) = town.dispatcher.wakeup().filter(|&due| due < at("14:00")) {
        now = now.max(due);
        town.expect_noted(now, Command::AdvanceClock);
    }
    assert_eq!(state(&town).bookings[&booking].state, BookingState::Failed);
    assert!(state(&town).schedules.is_empty());
}

/// A vehicle was given a second shift that began at D the instant the first ended at A, half an hour
/// away; its first riders could not have been fetched. Now such a shift is not accepted.
#[test]
fn a_vehicle_does_not_begin_a_shift_where_it_can_not_be() {
    let mut town = town_before_sign_on("A--B--C--D 600s");
    let spot = town.city.spot(3);
    let window = TimeWindow::new(at("12:00"), at("16:00")).expect("in order");
    let second = Shift {
        id: ShiftId(2),
        name: "s2".into(),
        vehicle: VehicleId(1),
        window,
        start: spot.clone(),
        end: Some(spot),
        features: Features::EMPTY,
        zones: Zones::EMPTY,
        crew: None,
        breaks: Vec::new(),
        driver: None,
        declared: None,
        on_call: None,
    };
    let answer = town.tell(midnight(), Command::PlanShift(second.into()));
    assert!(matches!(answer, Answer::Rejected(_)), "{answer:?}");
}

/// A vehicle turned under way leaves from a place it reaches only minutes later. A driver who reported
/// the departure at once was believed to be there already, and the next rider was promised a vehicle
/// eight minutes too soon. Now a departure counts from when the vehicle can be at the place it leaves.
#[test]
fn no_vehicle_leaves_a_place_before_it_is_there() {
    let mut town = town("A--B--C--D 600s");
    let shift = ShiftId(1);
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let booking = book(&mut town, "08:00", "D", "C", depart("08:00", "08:40"));
    let stop = next_stop(&town, shift);
    town.expect_noted(at("08:00"), Command::Depart { shift, stop, at: at("08:00") });
    let cancel = Command::CancelBooking { booking, reason: CancelReason::Rider };
    town.tell(at("08:01"), cancel);
    book(&mut town, "08:01", "C", "D", depart("08:00", "08:40"));

    let before = next_ready(&town, shift, "08:02");
    let stop = next_stop(&town, shift);
    town.expect_noted(at("08:02"), Command::Depart { shift, stop, at: at("08:02") });
    assert_eq!(next_ready(&town, shift, "08:02"), before, "a pressed button brings nobody nearer");
}

/// A rule that a shift nobody has signed on to gets no new riders refused the whole day of a desk that
/// works without drivers' devices. Now such a shift takes riders while its window lasts.
#[test]
fn a_shift_nobody_signed_on_to_still_takes_riders() {
    let mut town = town_before_sign_on("A--B--C--D 60s");
    let request = town.request(1, 2, ONE, depart("11:00", "11:10"));
    let answer = town.tell(at("11:00"), Command::Quote(request.into()));
    assert!(matches!(answer, Answer::Offered(_)), "{answer:?}");
}

/// A vehicle that was going to end its shift late anyway was offered to riders on the way, and the
/// offer could not be confirmed: the quote and the confirmation judged the end of the shift
/// differently. Now the rider is refused at once, with the reason.
#[test]
fn a_vehicle_that_ends_late_is_not_offered() {
    check(
        "A--B--C--D 600s",
        "v1 at A 4
         20:00 r1 D->A from 21:00 to 21:10
         20:30 v1 departs
         21:00 v1 arrives
         21:50 r1 boards
         21:50 v1 departs
         21:55 r2 B->A from 21:55 to 22:30",
        "r1 at risk
         r2 refused: ShiftEnd by 0:10:00
         v1: -r1@A",
    );
}

/// Elsewhere tours that follow one another gave booking errors: they overlapped, or were driven in the
/// wrong direction (motis#1266, prima#516, #509). Here one vehicle's shifts do not overlap, with the way
/// between them, and every booking is in one of them, whole and in the order of the roads.
#[test]
fn tours_that_follow_one_another_do_not_overlap() {
    let mut town = town_before_sign_on("A--B--C--D 600s");
    let overlapping = |town: &mut Town, id: u32, from: &str, to: &str| {
        let spot = town.city.spot(0);
        let window = TimeWindow::new(at(from), at(to)).expect("in order");
        let (id, vehicle, end) = (ShiftId(id), VehicleId(1), Some(spot.clone()));
        town.tell(
            midnight(),
            Command::PlanShift(
                Shift {
                    breaks: Vec::new(),
                    driver: None,
                    declared: None,
                    on_call: None,
                    id,
                    name: String::new(),
                    vehicle,
                    window,
                    start: spot,
                    end,
                    features: Features::EMPTY,
                    crew: None,
                    zones: Zones::EMPTY,
                }
                .into(),
            ),
        )
    };
    assert!(matches!(overlapping(&mut town, 2, "11:59", "15:00"), Answer::Rejected(Rejection::ShiftOverlaps(_))));
    assert_eq!(overlapping(&mut town, 3, "12:00", "15:00"), Answer::Noted);
    let mut booked = Vec::new();
    for wish in [depart("11:00", "11:10"), depart("11:40", "12:00"), depart("12:10", "12:20"), depart("13:00", "13:10")]
    {
        let request = town.request(0, 1, ONE, wish);
        if let Answer::Confirmed(booking) =
            town.tell(at("08:00"), Command::Book { request: request.into(), by_hand: None })
        {
            booked.push(booking.id);
        }
    }
    assert_eq!(booked.len(), 4);
    for schedule in state(&town).schedules.values() {
        let timeline = schedule.timeline(at("08:00"));
        assert!(timeline.stops.iter().all(|times| schedule.shift.window.contains(times.start)), "{schedule:#?}");
        assert!(timeline.finish <= schedule.shift.window.latest(), "{schedule:#?}");
    }
}

/// A driver was half an hour late in the morning shift, and the riders of the same vehicle's afternoon shift
/// were told nothing until somebody signed on to it. Now the second shift begins when the first can end.
#[test]
fn lateness_in_a_first_shift_shows_in_the_second() {
    let mut town = town_before_sign_on("A--B--C--D 600s");
    let (first, second) = (ShiftId(1), ShiftId(2));
    town.add_shift(2, 1, 0, TimeWindow::new(at("12:00"), at("16:00")).expect("in order"));
    town.expect_noted(at("08:00"), Command::OpenShift { shift: first, at: at("08:00") });
    let morning = book(&mut town, "08:00", "B", "C", depart("11:10", "11:20"));
    let noon = book(&mut town, "08:00", "A", "B", depart("12:00", "12:10"));
    assert_eq!(state(&town).bookings[&noon].shift, Some(second));

    let stop = next_stop(&town, first);
    town.expect_noted(at("11:50"), Command::Arrive { shift: first, stop, at: at("11:50") });
    assert!(state(&town).bookings[&noon].at_risk.pickup, "the vehicle is at A again at 12:20 at the soonest");
    town.expect_noted(at("11:51"), Command::Board { booking: morning, at: at("11:51") });
    let stop = next_stop(&town, first);
    town.expect_noted(at("11:55"), Command::Arrive { shift: first, stop, at: at("11:55") });
    town.expect_noted(at("11:56"), Command::Alight { booking: morning, at: at("11:56") });
    town.expect_noted(at("11:57"), Command::CloseShift { shift: first });
    assert!(!state(&town).bookings[&noon].at_risk.pickup, "who signs off is free for the next shift");
}

/// Elsewhere shares of a small fleet were rounded down to nothing, and nothing was done (matsim-libs#3999).
/// Here one vehicle and one rider are looked after like a thousand: the rider whose vehicle went is found the
/// only other one the moment it is there.
#[test]
fn a_fleet_of_one_is_dispatched_too() {
    let mut town = town("A--B--C--D 60s");
    town.add_vehicle(1, 0, Seats::new(1, 0));
    let booking = book(&mut town, "08:00", "B", "C", depart("09:00", "09:10"));
    town.expect_noted(at("08:01"), Command::BreakDown { shift: ShiftId(1), place: None, at: at("08:01") });
    assert_eq!(state(&town).bookings[&booking].state, BookingState::Unassigned);
    town.add_vehicle_at(at("08:02"), 2, 3, Seats::new(1, 0), Terms::OPEN);
    assert_eq!(state(&town).bookings[&booking].shift, Some(ShiftId(2)));
}

/// Pain 20 (matsim-libs#3379, #3766, #4250): breaks were looked for when their time came, and by then
/// prebooked rides had filled the day; the driver had no break, or a rider no ride. Now a break is in the
/// plan from the day the shift is planned: prebookings are placed around it, and those that can
/// not be are refused, however many come and in whatever order.
#[test]
fn pain_20_prebookings_do_not_break_a_drivers_break_or_shift() {
    let mut town = town("A--B--C--D 60s");
    let window = TimeWindow::new(at("12:00"), at("13:00")).expect("in order");
    let rest = Break { id: BreakId(1), place: town.city.spot(0), window, length: Span::from_mins(45) };
    let answer = town.add_vehicle_with(1, 0, Seats::new(1, 0), |shift| {
        shift.window = TimeWindow::new(at("08:00"), at("14:30")).expect("in order");
        shift.breaks = vec![rest];
    });
    assert_eq!(answer, Answer::Noted);
    let (mut booked, mut refused) = (0, 0);
    for step in 0..120 {
        let earliest = at("11:00") + Span::from_mins(step * 71 % 210);
        let wish = Wish::DepartAfter(TimeWindow::new(earliest, earliest + Span::from_mins(5)).expect("in order"));
        let request = town.request((step % 4) as usize, ((step + 2) % 4) as usize, ONE, wish);
        match town.tell(at("07:00"), Command::Book { request: request.into(), by_hand: None }) {
            Answer::Confirmed(_) => booked += 1,
            Answer::Refused(_) => refused += 1,
            other => panic!("{other:?}"),
        }
        let schedule = &state(&town).schedules[&ShiftId(1)];
        let timeline = schedule.timeline(at("07:00"));
        let break_idx = schedule.stops().iter().position(|stop| stop.is_break()).expect("it is in the plan");
        let times = timeline.stops[break_idx];
        assert!(window.contains(times.start) && times.end - times.start == Span::from_mins(45), "{times:?}");
        assert!(times.load.is_empty() && timeline.finish <= at("14:30"), "{timeline:?}");
    }
    assert!(booked > 20 && refused > 20, "{booked} booked, {refused} refused: the day is not full");
}
