//! Better plans: what is taken up of them, and what offers are worth meanwhile.

mod support;

use mukae_engine::improve::{DONE, Search};
use mukae_engine::model::{CostWeights, Policy, Wish};
use mukae_engine::{Answer, Command, Drawing, Move, MoveTo, Order, Placement, Rejection, Work};
use mukae_units::{Seats, ShiftId, Span, StopId, TimeWindow};
use support::Dice;
use support::city::City;
use support::town::{Town, at, policy, service};

/// A town in which two vehicles bring a rider all the way and come back for another, who could have ridden along.
fn two_detours() -> Town {
    let policy = Policy { cost: CostWeights { rider_wait: 0, excess_ride: 0, ..policy().cost }, ..policy() };
    let mut town = Town::new(City::draw("A--B--C--D 60s"), policy, service());
    town.change_service(|service| service.policy.promise_width = Span::from_mins(30));
    (1..=2).for_each(|shift| town.add_vehicle(shift, 0, Seats::new(4, 0)));
    for shift in 1..=2 {
        for (from, to, at_stop) in [(0, 3, 0), (1, 2, 2)] {
            let window = TimeWindow::new(at("08:00"), at("08:40")).expect("in order");
            let request = town.request(from, to, Seats::new(1, 0), Wish::DepartAfter(window)).into();
            let place =
                Placement { shift: ShiftId(shift), pickup_idx: at_stop, dropoff_idx: at_stop, overrules: false };
            let answer = town.tell(at("07:00"), Command::Book { request, by_hand: Some(place) });
            assert!(matches!(answer, Answer::Confirmed(_)), "{answer:?}");
        }
    }
    town
}

fn stops(town: &Town, shift: u32) -> Vec<StopId> {
    town.dispatcher.state().schedules[&ShiftId(shift)].stops().iter().map(|stop| stop.id).collect()
}

fn order(town: &Town, shift: u32, stops: Vec<StopId>) -> Order {
    let shift = ShiftId(shift);
    Order { shift, revision: town.dispatcher.state().schedules[&shift].revision, stops }
}

/// A search looks at all vehicles at once, and its drawing simplifies: one schedule that could not be kept as drawn used to
/// spoil what was found for all the others. Now only those it exchanges riders with stay as they are.
#[test]
fn one_schedule_that_can_not_be_kept_does_not_cost_what_the_others_save() {
    let mut town = two_detours();
    let [first, second] = [1, 2].map(|shift| stops(&town, shift));
    let picked = |stops: &[StopId], order: [usize; 4]| order.map(|stop| stops[stop]).to_vec();
    let good = order(&town, 1, picked(&first, [0, 2, 3, 1]));
    let bad = order(&town, 2, picked(&second, [1, 0, 2, 3]));

    let alone = town.tell(at("07:00"), Command::AdoptPlan { orders: vec![bad.clone()] });
    assert_eq!(alone, Answer::Rejected(Rejection::OrdersBreakPromises), "nobody alights before boarding");
    let mut along = good.stops.clone();
    along.extend([second[3], second[2]]);
    let exchanged = vec![order(&town, 1, along), order(&town, 2, second[..2].to_vec())];
    let exchanged = town.tell(at("07:00"), Command::AdoptPlan { orders: exchanged });
    assert_eq!(exchanged, Answer::Rejected(Rejection::OrdersBreakPromises), "one does not hold without the other");
    let twice = Order { stops: second.iter().copied().chain([second[0]]).collect(), ..bad.clone() };
    let twice = town.tell(at("07:00"), Command::AdoptPlan { orders: vec![good.clone(), twice] });
    assert_eq!(twice, Answer::Rejected(Rejection::BadOrders), "who names other stops is not believed at all");

    let both = town.tell(at("07:00"), Command::AdoptPlan { orders: vec![good.clone(), bad] });
    // A to D, back to B, C and home were eight minutes; A to D and home are six
    assert_eq!(both, Answer::Adopted { saved: 2 * 60_000 * policy().cost.driving });
    assert_eq!(stops(&town, 1), good.stops);
    assert_eq!(stops(&town, 2), second);
}

/// Whoever a vehicle is on its way to is fetched when it comes there. To the search they could board as late as they were
/// promised, and so ride for less long: it found plans that nobody could keep.
#[test]
fn a_stop_that_is_driven_to_is_drawn_as_it_is_predicted() {
    let mut town = Town::new(City::draw("A--B--C--D 60s"), policy(), service());
    town.add_vehicle(1, 0, Seats::new(4, 0));
    for from in [1, 2] {
        let window = TimeWindow::new(at("08:00"), at("08:40")).expect("in order");
        let request = town.request(from, 3, Seats::new(1, 0), Wish::DepartAfter(window)).into();
        town.tell(at("07:00"), Command::Book { request, by_hand: None });
    }
    let next = stops(&town, 1)[0];
    town.expect_noted(at("07:59"), Command::Depart { shift: ShiftId(1), stop: next, at: at("07:59") });

    let drawing = Drawing::of(town.dispatcher.state(), at("07:59:30"), None, &mut town.city).expect("the rest is free");
    let (problem, plan) = drawing.problem(None, &mut town.city).expect("it can be kept as it is");
    assert_eq!(problem.vehicles[0].fixed.len(), 1);
    let route = &plan.routes[0];
    assert_eq!((route.starts()[0], route.latest_starts()[0]), (at("08:00"), at("08:00")));
    assert!(route.starts()[1] < route.latest_starts()[1], "the next rider can still board later");
}

/// Two who would ride together, parted by the desk: one goes after the other, and whom the desk moved is the one who stays.
#[test]
fn whom_the_desk_put_somewhere_stays_there() {
    for seed in 0..10 {
        let policy = Policy { cost: CostWeights { rider_wait: 0, excess_ride: 0, ..policy().cost }, ..policy() };
        let mut town = Town::new(City::draw("A--B--C--D 60s"), policy, service());
        (1..=2).for_each(|shift| town.add_vehicle(shift, 0, Seats::new(4, 0)));
        let mut riders = Vec::new();
        for _ in 0..2 {
            let window = TimeWindow::new(at("08:00"), at("08:10")).expect("in order");
            let request = town.request(1, 3, Seats::new(1, 0), Wish::DepartAfter(window)).into();
            let answer = town.tell(at("07:00"), Command::Book { request, by_hand: None });
            let Answer::Confirmed(booked) = answer else { panic!("{answer:?}") };
            riders.push(booked.id);
        }
        let shift_of = |town: &Town, rider: usize| town.dispatcher.state().bookings[&riders[rider]].shift;
        assert_eq!(shift_of(&town, 0), shift_of(&town, 1));
        let other = if shift_of(&town, 0) == Some(ShiftId(1)) { ShiftId(2) } else { ShiftId(1) };
        let moves = vec![Move { booking: riders[1], to: MoveTo::Into(other) }];
        let moved = town.tell(at("07:00"), Command::Assign { moves });
        assert!(matches!(moved, Answer::Changed(_)), "{moved:?}");
        improve(&mut town, seed);
        assert_eq!(shift_of(&town, 1), Some(other), "seed {seed}");
        assert_eq!(shift_of(&town, 0), Some(other), "seed {seed}: the other may come along");
    }
}

/// The command, decided with so many steps of search for room.
fn tell(town: &mut Town, command: &Command, room_steps: u32) -> Answer {
    let mut work = Work::new(&mut town.city);
    work.room_steps = room_steps;
    let decision = town.dispatcher.decide(at("07:00"), command, &mut work);
    decision.events.iter().for_each(|event| town.dispatcher.apply(event));
    decision.answer
}

fn improve(town: &mut Town, seed: u64) {
    let drawing = Drawing::of(town.dispatcher.state(), at("07:00"), None, &mut town.city);
    let Some(drawing) = drawing else { return };
    let (problem, plan) = drawing.problem(None, &mut town.city).expect("schedules can be kept as they are");
    let mut search = Search::from(&problem, plan, seed);
    (0..100).for_each(|step| search.step(DONE / 100 * step));
    let orders = drawing.orders(search.best());
    if !orders.is_empty() {
        town.tell(at("07:00"), Command::AdoptPlan { orders });
    }
}

/// Somebody was offered a ride for which room had been made; a better plan for those who had booked took the room, and who
/// took the offer at once was told that plans had changed. Room is made again now, where it can be.
#[test]
fn room_that_a_better_plan_took_is_made_again_for_who_takes_the_offer() {
    let (mut lost, mut kept) = (0, 0);
    for seed in 0..40 {
        let dice = &mut Dice::new(seed);
        let mut town = Town::new(City::random(dice, 8), policy(), service());
        (1..=2).for_each(|vehicle| town.add_vehicle(vehicle, dice.below(8) as usize, Seats::new(3, 0)));
        for _ in 0..40 {
            let (from, way) = (dice.below(8) as usize, 1 + dice.below(7) as usize);
            let start = at("08:00") + Span::from_mins(dice.below(60) as i64);
            let window = TimeWindow::new(start, start + Span::from_mins(10)).expect("in order");
            let request = town.request(from, (from + way) % 8, Seats::new(1, 0), Wish::DepartAfter(window));
            let book = Command::Book { request: request.clone().into(), by_hand: None };
            if matches!(tell(&mut town, &book, 0), Answer::Confirmed(_)) {
                continue;
            }
            let Answer::Offered(offers) = tell(&mut town, &Command::Quote(request.into()), 200) else { continue };
            improve(&mut town, seed);
            let take = Command::ConfirmOffer { offer: offers[0].id };
            let without = tell(&mut town.clone(), &take, 0);
            let with = tell(&mut town, &take, 200);
            if matches!(without, Answer::PlanChanged { .. }) {
                lost += 1;
                kept += u32::from(matches!(with, Answer::Confirmed(_)));
            } else {
                assert!(matches!(with, Answer::Confirmed(_)), "seed {seed}: {with:?}");
            }
        }
    }
    assert!(20 < lost && 2 * lost < 3 * kept, "{kept} of {lost} offers were kept that had lost their room");
}
