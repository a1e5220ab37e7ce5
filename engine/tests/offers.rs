//! Meeting points, alternatives, holds and probes, by hand and on random days.

mod support;

use mukae_engine::model::{
    Access, AccessPair, Alternative, BookingState, CancelReason, Choice, Constraint, Limits, Offer, Relaxation,
    Request, Terms, WEIGHT_MAX, Wish,
};
use mukae_engine::{Answer, Command, Endogenous, Event, Probe, ProbeAnswer, Rejection, Work};
use mukae_units::{OfferId, SeatKind, Seats, Span, Time, TimeWindow};
use support::Dice;
use support::city::City;
use support::fleet::{ZONES, any_days, any_needs, any_set, any_terms, any_zone_pairs, feature_names};
use support::town::{SERVICE, Town, at, midnight, policy, service};

const ONE: Seats = Seats::new(1, 0);

fn window(from: &str, to: &str) -> TimeWindow {
    TimeWindow::new(at(from), at(to)).expect("in order")
}

/// One car at A with so many seats, five minutes from place to place.
fn town(seats: u8) -> Town {
    let mut town = Town::new(City::draw("A--B--C--D--E 300s"), policy(), service());
    town.add_vehicle(1, 0, Seats::new(seats, 0));
    town
}

fn ride(town: &Town, ends: (&str, &str), wish: Wish) -> Request {
    let (from, to) = (town.city.node(ends.0), town.city.node(ends.1));
    let mut request = town.request(from, to, ONE, wish);
    request.choice = Choice { offers_max: 4, relaxations_max: 10 };
    request
}

fn walk_to(town: &Town, place: &str, mins: i64) -> Access {
    Access { spot: town.city.spot(town.city.node(place)), walk: Span::from_mins(mins) }
}

fn offers(town: &mut Town, now: Time, request: &Request) -> Vec<Offer> {
    match town.tell(now, Command::Quote(request.clone().into())) {
        Answer::Offered(offers) => offers,
        other => panic!("{other:?}"),
    }
}

/// How many hold or have the car.
fn sold(town: &Town) -> usize {
    town.dispatcher.state().bookings.values().filter(|booking| !booking.state.is_final()).count()
}

#[test]
fn a_rider_walks_where_that_is_the_better_way() {
    let mut town = town(4);
    let mut request = ride(&town, ("C", "E"), Wish::DepartAfter(window("08:00", "08:40")));
    request.origin.push(walk_to(&town, "B", 6));
    request.choice = Choice::ONE;
    // The car passes B after five minutes and the rider is there after six; at the door it is after ten.
    let (usual, mut dear) = (policy(), policy());
    dear.cost.walking = 100;
    town.tell(at("08:00"), Command::SetPolicy(dear));
    let best = offers(&mut town, at("08:00"), &request).remove(0);
    assert_eq!((best.access, best.pickup), (AccessPair::FIRST, at("08:10")), "600 yen of walking for 400 of waiting");
    town.tell(at("08:00"), Command::SetPolicy(usual));
    let best = offers(&mut town, at("08:00"), &request).remove(0);
    assert_eq!(best.access, AccessPair { origin: 1, destination: 0 });
    assert_eq!((best.pickup, best.dropoff), (at("08:06"), at("08:21")));
    assert_eq!(best.promise.pickup, window("08:06", "08:16"));
    let Answer::Confirmed(booking) = town.tell(at("08:00"), Command::ConfirmOffer { offer: best.id }) else {
        panic!("nothing came between")
    };
    assert_eq!(booking.pickup_spot(), &request.origin[1].spot);
    let stop = town.dispatcher.state().schedules.values().next().expect("one car").stops()[0];
    assert_eq!(stop.place, request.origin[1].spot.place, "the driver is sent to the meeting point");
}

#[test]
fn who_must_arrive_alights_a_walk_before() {
    let mut town = town(4);
    let mut request = ride(&town, ("B", "E"), Wish::ArriveBy(window("08:00", "09:00")));
    request.destination = vec![walk_to(&town, "D", 7)];
    let promise = offers(&mut town, at("07:30"), &request)[0].promise;
    assert_eq!(promise.dropoff_latest, at("08:53"));
    request.arrive_latest = Some(at("08:40"));
    let promise = offers(&mut town, at("07:30"), &request)[0].promise;
    assert!(promise.dropoff_latest <= at("08:33"), "{promise:?}");
}

#[test]
fn who_would_walk_too_far_is_told_how_much() {
    let mut town = town(4);
    let mut request = ride(&town, ("B", "E"), Wish::DepartAfter(window("08:00", "08:40")));
    request.origin = vec![walk_to(&town, "C", 13), walk_to(&town, "A", 15)];
    let Answer::Refused(refusal) = town.tell(at("07:00"), Command::Quote(request.clone().into())) else {
        panic!("nobody walks 13 minutes")
    };
    assert_eq!(refusal.binding.len(), 1);
    assert_eq!(refusal.binding[0].constraint, Constraint::Walk);
    assert_eq!(refusal.binding[0].shortfall, Some(Span::from_mins(3)));
    assert_eq!(refusal.relaxations, [Relaxation::LongerWalk { by: Span::from_mins(3) }]);
    let asked_again = refusal.relaxations[0].applied(&request);
    assert_eq!(offers(&mut town, at("07:00"), &asked_again)[0].access.origin, 0);
}

#[test]
fn what_can_not_be_asked_is_rejected() {
    let mut town = town(4);
    let good = ride(&town, ("B", "E"), Wish::DepartAfter(window("08:00", "08:40")));
    let mut check = |change: &dyn Fn(&mut Request), expected: Rejection| {
        let mut request = good.clone();
        change(&mut request);
        assert_eq!(town.tell(at("07:00"), Command::Quote(request.into())), Answer::Rejected(expected));
    };
    check(&|request| request.origin.clear(), Rejection::BadAccess);
    check(&|request| request.destination[0].walk = -Span::MINUTE, Rejection::BadAccess);
    check(&|request| request.origin = vec![request.origin[0].clone(); 9], Rejection::BadAccess);
    check(&|request| request.choice.offers_max = 0, Rejection::BadChoice);
    check(&|request| request.choice.offers_max = 11, Rejection::BadChoice);
    check(&|request| request.choice.relaxations_max = 11, Rejection::BadChoice);
    check(&|request| request.beyond.ride = -Span::MINUTE, Rejection::BadChoice);
}

#[test]
fn a_minute_is_worth_nothing_or_more() {
    let mut town = town(4);
    for weight in [-1, WEIGHT_MAX + 1] {
        let mut strange = policy();
        strange.cost.excess_ride = weight;
        assert_eq!(town.tell(at("07:00"), Command::SetPolicy(strange)), Answer::Rejected(Rejection::BadWeights));
        let mut service = town.dispatcher.state().services[&SERVICE].clone();
        service.policy.limits = Limits::Soft { pickup_late: 1, dropoff_late: weight, ride_over: 0 };
        let answer = town.tell(at("07:00"), Command::SetService(service.into()));
        assert_eq!(answer, Answer::Rejected(Rejection::BadWeights));
    }
    let mut dear = policy();
    dear.cost.excess_ride = WEIGHT_MAX;
    assert_eq!(town.tell(at("07:00"), Command::SetPolicy(dear)), Answer::Noted);
}

/// The best, then by turns a later one, no earlier one as the best is the earliest, other places, another
/// car; then the turns begin again.
#[test]
fn alternatives_come_by_turns() {
    let mut town = town(4);
    town.add_vehicle(2, 4, Seats::new(4, 0));
    let mut request = ride(&town, ("B", "C"), Wish::DepartAfter(window("08:00", "08:40")));
    request.destination.push(walk_to(&town, "D", 2));
    request.choice.offers_max = 10;
    let offers = offers(&mut town, at("07:30"), &request);
    let kinds: Vec<Alternative> = offers.iter().map(|offer| offer.alternative).collect();
    use Alternative::{Best, Later, OtherPlaces, OtherVehicle};
    assert_eq!(kinds, [Best, Later, OtherPlaces, OtherVehicle, Later, Later, Later]);
    let begins: Vec<Time> = offers.iter().map(|offer| offer.promise.pickup.earliest()).collect();
    let later = |index: usize| begins[index];
    assert_eq!(
        [later(0), later(1), later(4), later(5), later(6)],
        ["08:00", "08:10", "08:20", "08:30", "08:40"].map(at)
    );
}

#[test]
fn confirming_one_offer_expires_the_others() {
    let mut town = town(4);
    let request = ride(&town, ("B", "C"), Wish::DepartAfter(window("08:00", "08:40")));
    let made = offers(&mut town, at("07:30"), &request);
    assert!(made.len() > 1);
    assert!(matches!(town.tell(at("07:30"), Command::ConfirmOffer { offer: made[1].id }), Answer::Confirmed(_)));
    assert!(town.dispatcher.state().offers.is_empty());
    let answer = town.tell(at("07:30"), Command::ConfirmOffer { offer: made[0].id });
    assert_eq!(answer, Answer::Rejected(Rejection::OfferExpired(made[0].id)));
}

/// What a clerk does, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Deed {
    Quote,
    Hold,
    Confirm,
    Release,
    Cancel,
}

/// Two clerks, one seat, and every order in which what they do can come: it is never sold twice, and who
/// holds it gets it.
#[test]
fn two_clerks_never_sell_the_same_seat() {
    use Deed::{Cancel, Confirm, Hold, Quote, Release};
    let clerks: [&[Deed]; 6] = [
        &[Quote, Confirm],
        &[Quote, Hold, Confirm],
        &[Quote, Hold, Release, Confirm],
        &[Quote, Hold, Release],
        &[Quote, Hold, Confirm, Cancel],
        &[Quote, Hold],
    ];
    let (mut orders, mut lost) = (0, 0);
    for first in clerks {
        for second in clerks {
            let steps = first.len() + second.len();
            for order in (0u32..1 << steps).filter(|order| order.count_ones() as usize == first.len()) {
                for pause in [Span::from_secs(5), Span::from_secs(100)] {
                    lost += play([first, second], (0..steps).map(|step| usize::from(order >> step & 1 == 0)), pause);
                    orders += 1;
                }
            }
        }
    }
    assert!(orders > 1_000 && lost > 500, "{lost} times in {orders} one of them came too late");
}

/// Returns how many times somebody was told that another was faster.
fn play(clerks: [&[Deed]; 2], order: impl Iterator<Item = usize>, pause: Span) -> usize {
    let mut town = town(1);
    let (mut now, mut done, mut lost) = (at("07:50"), [0, 0], 0);
    let mut offer: [Option<OfferId>; 2] = [None, None];
    for clerk in order {
        let deed = clerks[clerk][done[clerk]];
        done[clerk] += 1;
        let before = town.dispatcher.state().clone();
        let is_held = |offer: OfferId| before.holds.get(&offer).is_some_and(|hold| now <= hold.until);
        let command = match (deed, offer[clerk]) {
            (Deed::Quote, _) => {
                let mut request = ride(&town, ("A", "E"), Wish::DepartAfter(window("08:00", "08:02")));
                request.choice = Choice::ONE;
                Command::Quote(request.into())
            }
            (_, None) => continue,
            (Deed::Hold, Some(offer)) => Command::HoldOffer { offer, until: now + Span::from_secs(150) },
            (Deed::Release, Some(offer)) => Command::ReleaseHold { offer },
            (Deed::Confirm, Some(offer)) => Command::ConfirmOffer { offer },
            (Deed::Cancel, Some(offer)) => {
                let Some(booking) = before.bookings.values().find(|booking| booking.offer == offer) else { continue };
                Command::CancelBooking { booking: booking.id, reason: CancelReason::Rider }
            }
        };
        let answer = town.tell(now, command.clone());
        assert!(sold(&town) <= 1, "{command:?} sold the seat again");
        match (&command, &answer) {
            (Command::Quote(_), Answer::Offered(offers)) => offer[clerk] = Some(offers[0].id),
            (Command::ConfirmOffer { offer }, answer) if is_held(*offer) => {
                assert!(matches!(answer, Answer::Confirmed(_)), "it was held, yet {answer:?}");
            }
            (_, Answer::PlanChanged { fresh }) => {
                assert!(fresh.is_err(), "there is one seat");
                lost += 1;
            }
            (Command::Quote(_), Answer::Refused(_)) => assert_eq!(before.bookings.len(), 1, "the seat was free"),
            _ => {}
        }
        now += pause;
    }
    lost
}

#[test]
fn a_hold_ends_by_time_whenever_the_clock_was_told() {
    let mut town = town(1);
    let mut request = ride(&town, ("A", "E"), Wish::DepartAfter(window("08:00", "08:02")));
    request.choice = Choice::ONE;
    let first = offers(&mut town, at("07:50"), &request)[0].id;
    let second = offers(&mut town, at("07:50"), &request)[0].id;
    let hold = Command::HoldOffer { offer: first, until: at("07:52") };
    assert!(matches!(town.tell(at("07:50"), hold), Answer::Held(_)));
    let held = town.dispatcher.state().bookings.values().next().expect("it is one").clone();
    assert_eq!(held.state, BookingState::Held);
    assert_eq!(town.dispatcher.wakeup(), Some(at("07:52") + Span::from_millis(1)));
    let refused = town.tell(at("07:52"), Command::Quote(request.clone().into()));
    assert!(matches!(refused, Answer::Refused(_)), "it is held to the last instant: {refused:?}");
    // A millisecond later it is free, and nobody had to say that time went on.
    let confirmed = town.tell(at("07:52") + Span::from_millis(1), Command::ConfirmOffer { offer: second });
    assert!(matches!(confirmed, Answer::Confirmed(_)), "{confirmed:?}");
    assert!(!town.dispatcher.state().bookings.contains_key(&held.id), "a hold leaves no trace");
    assert_eq!(sold(&town), 1);
}

/// A rider who holds the only seat for one offer can still change to another one of the same quote.
#[test]
fn a_rider_holds_one_offer_at_a_time() {
    let mut town = town(1);
    let mut request = ride(&town, ("A", "E"), Wish::DepartAfter(window("08:00", "08:20")));
    request.choice.offers_max = 3;
    let made = offers(&mut town, at("07:50"), &request);
    assert_eq!(made[1].alternative, Alternative::Later);
    let hold = |offer: &Offer| Command::HoldOffer { offer: offer.id, until: at("07:52") };
    assert!(matches!(town.tell(at("07:50"), hold(&made[0])), Answer::Held(_)));
    assert!(matches!(town.tell(at("07:50"), hold(&made[1])), Answer::Held(_)));
    assert_eq!(town.dispatcher.state().holds.len(), 1);
    assert_eq!(sold(&town), 1);
    let confirmed = town.tell(at("07:51"), Command::ConfirmOffer { offer: made[0].id });
    assert!(matches!(confirmed, Answer::Confirmed(_)), "what they held makes room: {confirmed:?}");
    assert_eq!((sold(&town), town.dispatcher.state().holds.len(), town.dispatcher.state().offers.len()), (1, 0, 0));
}

#[test]
fn holds_are_short_and_nobody_boards_on_one() {
    let mut town = town(1);
    let request = ride(&town, ("A", "E"), Wish::DepartAfter(window("07:50", "08:02")));
    let offer = offers(&mut town, at("07:50"), &request)[0].id;
    let mut hold = |now: &str, until: &str| town.tell(at(now), Command::HoldOffer { offer, until: at(until) });
    let outside = Answer::Rejected(Rejection::HoldOutside { from: at("07:50"), to: at("07:53") });
    assert_eq!(hold("07:50", "07:54"), outside);
    assert_eq!(hold("07:50", "07:49"), outside);
    assert!(matches!(hold("07:50", "07:51"), Answer::Held(_)));
    assert!(matches!(hold("07:51", "07:53"), Answer::Held(_)), "it can be prolonged");
    let outside = Answer::Rejected(Rejection::HoldOutside { from: at("07:51"), to: at("07:53") });
    assert_eq!(hold("07:51", "07:54"), outside, "but not for ever");
    let held = town.dispatcher.state().holds[&offer];
    let shift = town.dispatcher.state().schedules.keys().next().copied().expect("one");
    let stop = town.dispatcher.state().schedules[&shift].stops()[0].id;
    town.expect_noted(at("07:51"), Command::Arrive { shift, stop, at: at("07:51") });
    let booking = held.booking;
    let wrong = Answer::Rejected(Rejection::WrongState { booking, state: BookingState::Held });
    assert_eq!(town.tell(at("07:52"), Command::Board { booking, at: at("07:52") }), wrong);
    let cancel = Command::CancelBooking { booking, reason: CancelReason::Rider };
    assert_eq!(town.tell(at("07:52"), cancel), wrong, "it is released, not cancelled");
    let Answer::Confirmed(confirmed) = town.tell(at("07:53"), Command::ConfirmOffer { offer }) else {
        panic!("it was held")
    };
    assert_eq!(confirmed.state, BookingState::Arrived, "the car is there already");
    town.expect_noted(at("07:54"), Command::Board { booking, at: at("07:54") });
    let none = Answer::Rejected(Rejection::NotHeld(offer));
    assert_eq!(town.tell(at("07:54"), Command::ReleaseHold { offer }), none);
}

#[test]
fn a_hold_moves_with_the_shift_that_closes_or_says_that_it_is_lost() {
    for has_other in [true, false] {
        let mut town = town(1);
        let request = ride(&town, ("A", "E"), Wish::DepartAfter(window("08:00", "08:02")));
        let offer = offers(&mut town, at("07:50"), &request)[0].id;
        if has_other {
            town.add_vehicle_at(at("07:50"), 2, 0, ONE, Terms::OPEN);
        }
        town.tell(at("07:50"), Command::HoldOffer { offer, until: at("07:52") });
        let held_by = town.dispatcher.state().bookings.values().next().and_then(|held| held.shift).expect("a shift");
        let booking = town.dispatcher.state().holds[&offer].booking;
        let closed = town.take(at("07:51"), &Command::CloseShift { shift: held_by });
        let is_lost = closed.events.contains(&Event::Endogenous(Endogenous::HoldReleased { offer, booking }));
        assert_eq!(is_lost, !has_other);
        let answer = town.tell(at("07:51"), Command::ConfirmOffer { offer });
        match has_other {
            true => assert!(matches!(answer, Answer::Confirmed(_)), "{answer:?}"),
            false => assert!(matches!(answer, Answer::PlanChanged { fresh: Err(_) }), "{answer:?}"),
        }
    }
}

/// A probe is a quote of which nothing remains.
#[test]
fn probes_say_what_quotes_would() {
    let (mut possible, mut impossible) = (0, 0);
    for seed in 0..40 {
        let mut dice = Dice::new(seed);
        let node_count = 5 + dice.below(10) as usize;
        let mut town = Town::new(City::random(&mut dice, node_count), policy(), service());
        let has_terms = dice.chance(50);
        if has_terms {
            settle(&mut dice, &mut town);
        }
        for vehicle in 1..=2 {
            let terms = if has_terms { any_terms(&mut dice, 1) } else { Terms::OPEN };
            town.add_vehicle_on(vehicle, dice.below(node_count as u64) as usize, Seats::new(2, 0), terms);
        }
        let now = at("07:00");
        for _ in 0..12 {
            let probes: Vec<Probe> = (0..20).map(|_| any_probe(&mut dice, &town, now)).collect();
            let answers = town.dispatcher.probe(now, &probes, &mut Work::new(&mut town.city));
            assert_eq!(by_two_threads(&town, now, &probes), answers, "seed {seed}");
            let prober = town.dispatcher.prober(now);
            assert_eq!(prober.probe(&probes, &mut Work::new(&mut town.city)), answers, "seed {seed}: by a copy");
            for (probe, answer) in probes.iter().zip(&answers) {
                let (from, to) = (probe.origin.edge.0 as usize, probe.destination.edge.0 as usize);
                let by_phone = town.request(from, to, probe.party, probe.wish);
                let request = Request { needs: probe.needs, ..by_phone };
                let quoted = town.clone().tell(now, Command::Quote(request.into()));
                match (answer, quoted) {
                    (
                        &ProbeAnswer::Possible { shift, pickup, dropoff, cost, access: AccessPair::FIRST },
                        Answer::Offered(offers),
                    ) => {
                        let offer = &offers[0];
                        let found = (offer.shift, offer.pickup, offer.dropoff, offer.cost);
                        assert_eq!((shift, pickup, dropoff, cost), found, "seed {seed}");
                        possible += 1;
                    }
                    (ProbeAnswer::Impossible, Answer::Refused(_)) => impossible += 1,
                    (ProbeAnswer::Rejected(rejection), Answer::Rejected(other)) => assert_eq!(rejection, &other),
                    (answer, quoted) => panic!("seed {seed}: {probe:?}: {answer:?} but {quoted:?}"),
                }
            }
            let Answer::Offered(offers) = town.tell(now, Command::Quote(any_request(&mut dice, &town, now).into()))
            else {
                continue;
            };
            town.tell(now, Command::ConfirmOffer { offer: offers[0].id });
        }
    }
    assert!(possible > 500 && impossible > 500, "{possible} possible, {impossible} not");
}

/// The same where a rider may walk to one of several meeting points, asked of a copy that others meanwhile overtake.
#[test]
fn probes_by_meeting_points_say_what_quotes_would() {
    let (mut possible, mut impossible, mut walked) = (0, 0, 0);
    for seed in 0..40 {
        let mut dice = Dice::new(seed);
        let node_count = 5 + dice.below(10) as usize;
        let mut town = Town::new(City::random(&mut dice, node_count), policy(), service());
        if dice.chance(50) {
            settle(&mut dice, &mut town);
        }
        town.add_vehicle(1, dice.below(node_count as u64) as usize, Seats::new(2, 0));
        let now = at("07:00");
        for _ in 0..6 {
            let prober = town.dispatcher.prober(now);
            let before = town.clone();
            if let Answer::Offered(offers) = town.tell(now, Command::Quote(any_request(&mut dice, &town, now).into())) {
                town.tell(now, Command::ConfirmOffer { offer: offers[0].id });
            }
            for _ in 0..10 {
                let (asked, other) = (any_request(&mut dice, &town, now), any_request(&mut dice, &town, now));
                let further = |ways: &[Access], walk| Access { walk: Span::from_mins(walk), ..ways[0].clone() };
                let origin = vec![asked.origin[0].clone(), further(&other.origin, 3)];
                let destination = vec![asked.destination[0].clone(), further(&other.destination, 40)];
                let request = Request { origin, destination, ..asked };
                let answer = prober.probe_request(&request, &mut Work::new(&mut town.city));
                match (answer, before.clone().tell(now, Command::Quote(request.clone().into()))) {
                    (ProbeAnswer::Possible { shift, pickup, dropoff, cost, access }, Answer::Offered(offers)) => {
                        let offer = &offers[0];
                        let found = (offer.shift, offer.pickup, offer.dropoff, offer.cost, offer.access);
                        assert_eq!((shift, pickup, dropoff, cost, access), found, "seed {seed}");
                        possible += 1;
                        walked += usize::from(access != AccessPair::FIRST);
                    }
                    (ProbeAnswer::Impossible, Answer::Refused(_)) => impossible += 1,
                    (answer, quoted) => panic!("seed {seed}: {request:?}: {answer:?} but {quoted:?}"),
                }
            }
        }
    }
    assert!(possible > 300 && impossible > 300 && walked > 50, "{possible} possible, {walked} walk, {impossible} not");
}

/// Asking changes nothing, so that threads share a dispatcher; each has roads of its own.
#[allow(clippy::disallowed_methods)] // threads are those of who asks
fn by_two_threads(town: &Town, now: Time, probes: &[Probe]) -> Vec<ProbeAnswer> {
    let ask = |some: &[Probe]| town.dispatcher.probe(now, some, &mut Work::new(&mut town.city.clone()));
    let (one, other) = probes.split_at(probes.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| ask(other));
        let mut answers = ask(one);
        answers.extend(other.join().expect("it answers"));
        answers
    })
}

/// Hours, zones and features for the one service.
fn settle(dice: &mut Dice, town: &mut Town) {
    for node in 0..town.city.node_count() {
        town.city.zones[node] = any_set(dice, ZONES, 50);
    }
    for (feature, name) in feature_names() {
        town.expect_noted(midnight(), Command::NameFeature { feature, name });
    }
    let mut service = town.dispatcher.state().services[&SERVICE].clone();
    service.days = any_days(dice, midnight());
    if dice.chance(30) {
        service.zones = any_zone_pairs(dice);
    }
    town.expect_noted(midnight(), Command::SetService(service.into()));
}

fn any_probe(dice: &mut Dice, town: &Town, now: Time) -> Probe {
    let request = any_request(dice, town, now);
    let party = if dice.chance(5) { Seats::NONE } else { request.party };
    let (from, to) = (&request.origin[0].spot, &request.destination[0].spot);
    let (origin, destination, zones) = (from.place, to.place, (from.zones, to.zones));
    Probe { service: SERVICE, origin, destination, wish: request.wish, party, needs: any_needs(dice), zones }
}

fn any_request(dice: &mut Dice, town: &Town, now: Time) -> Request {
    let node = |dice: &mut Dice| dice.below(town.city.node_count() as u64) as usize;
    let earliest = now + Span::from_secs(dice.below(3600) as i64 - 60);
    let window = TimeWindow::new(earliest, earliest + Span::from_secs(dice.below(1200) as i64)).expect("in order");
    let wish = if dice.chance(40) { Wish::ArriveBy(window) } else { Wish::DepartAfter(window) };
    town.request(node(dice), node(dice), Seats::new(1 + dice.below(2) as u8, 0), wish)
}

#[test]
fn relaxations_ask_least_first() {
    let mut town = town(1);
    let tomorrow = TimeWindow::new(at("06:00") + Span::DAY, at("22:00") + Span::DAY).expect("in order");
    town.add_shift(2, 1, 0, tomorrow);
    let mut request = ride(&town, ("A", "E"), Wish::DepartAfter(window("08:00", "08:02")));
    request.choice = Choice::ONE;
    let offer = offers(&mut town, at("07:00"), &request)[0].id;
    town.tell(at("07:00"), Command::ConfirmOffer { offer });
    request.choice.relaxations_max = 10;
    let Answer::Refused(refusal) = town.tell(at("07:00"), Command::Quote(request.clone().into())) else {
        panic!("the seat is taken")
    };
    // The car is back at A at 08:40, or leaves at 07:22 to be back by 08:02; a change of the day is more.
    let by = Span::from_mins(38);
    let expected = [Relaxation::Later { by }, Relaxation::Earlier { by }, Relaxation::DaysLater { days: 1 }];
    assert_eq!(refusal.relaxations, expected);

    request.party = Seats::new(3, 0);
    let Answer::Refused(refusal) = town.tell(
        at("12:00"),
        Command::Quote(Request { wish: Wish::DepartAfter(window("13:00", "13:30")), ..request }.into()),
    ) else {
        panic!("three do not fit")
    };
    assert_eq!(refusal.relaxations, [Relaxation::SmallerParty { kind: SeatKind::Seat, fewer: 2 }]);
}
