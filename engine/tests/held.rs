//! Boardings that are held back inside their windows.

mod support;

use mukae_engine::model::{CancelReason, Policy, Wish};
use mukae_engine::schedule::audit::audit;
use mukae_engine::schedule::{Stop, Task};
use mukae_engine::{Answer, Command, Placement};
use mukae_units::{Seats, ShiftId, Span, Time, TimeWindow};
use support::city::City;
use support::town::{Town, at, policy, service};

/// Who had the first minute of a wide window was refused company: the vehicle would have stood still with them on board until
/// the other's window opened, though they could as well board later inside their own.
#[test]
fn who_boards_first_is_held_back_so_that_nobody_stands_still_and_no_longer_than_needed() {
    let mut town =
        Town::new(City::draw("A--B--C--D 60s"), Policy { wait_on_board_max: Span::ZERO, ..policy() }, service());
    town.change_service(|service| service.policy.promise_width = Span::from_mins(30));
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let book = |town: &mut Town, from: usize, [earliest, latest]: [&str; 2], by_hand: Option<(u32, u32)>| {
        let window = TimeWindow::new(at(earliest), at(latest)).expect("in order");
        let request = town.request(from, 3, Seats::new(1, 0), Wish::DepartAfter(window)).into();
        let place =
            |(pickup_idx, dropoff_idx)| Placement { shift: ShiftId(1), pickup_idx, dropoff_idx, overrules: false };
        match town.tell(at("07:00"), Command::Book { request, by_hand: by_hand.map(place) }) {
            Answer::Confirmed(booking) => booking,
            other => panic!("{other:?}"),
        }
    };
    let first = book(&mut town, 1, ["08:00", "08:40"], None);
    assert_eq!(first.promise.pickup, TimeWindow::new(at("08:00"), at("08:30")).expect("in order"));
    let second = book(&mut town, 2, ["08:20", "08:40"], Some((1, 1)));

    let holds = |town: &Town| -> Vec<Option<Time>> {
        let schedule = &town.dispatcher.state().schedules[&ShiftId(1)];
        let faults =
            audit(schedule, &town.dispatcher.state().policy.expect("set"), at("07:00"), &mut town.city.clone());
        assert!(faults.is_empty(), "{faults:?}");
        let hold = |stop: &Stop| match stop.task {
            Task::Pickup { hold, .. } => hold,
            _ => None,
        };
        schedule.stops().iter().map(hold).collect()
    };
    assert_eq!(holds(&town), [Some(at("08:19")), None, None, None]);
    let state = town.dispatcher.state();
    assert_eq!(state.bookings[&first.id].promise, first.promise, "a hold is a plan, not a promise");
    assert_eq!(state.schedules[&ShiftId(1)].timeline(at("07:00")).stops[1].wait_on_board, Span::ZERO);

    let cancel = Command::CancelBooking { booking: second.id, reason: CancelReason::Rider };
    assert!(!matches!(town.tell(at("07:00"), cancel), Answer::Rejected(_)));
    assert_eq!(holds(&town), [None, None], "nobody needs it any more");
}
