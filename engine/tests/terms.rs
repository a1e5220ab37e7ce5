//! Small stories of who may ride in what, where and when.

mod support;

use mukae_engine::model::{Constraint, Refusal, Serves, Terms, Vehicle, Wish};
use mukae_engine::{Answer, Command, Placement, Rejection};
use mukae_units::{
    BookingId, Capacity, FeatureId, Features, SeatKind, Seats, ServiceId, ShiftId, Span, Substitutions, TimeWindow,
    VehicleId, ZoneId, Zones,
};
use support::city::City;
use support::script::check;
use support::town::{SERVICE, Town, at, midnight, policy, service};

const LINE: &str = "A--B--C--D 60s";
const LIFT: FeatureId = FeatureId(0);

#[test]
fn a_row_is_folded_for_a_wheelchair_and_unfolded_again() {
    // With the wheelchair on board there are four seats, so r2's five ride after it has left.
    check(
        LINE,
        "v1 at A 6/4+1w
         08:00 r1 B->D 0 1w from 08:00 to 08:01
         08:00 r2 B->D 5 seats from 08:00 to 08:30
         08:00 r3 C->D 4 seats from 08:00 to 08:05",
        "v1: +r1@B +r3@C -r3@D -r1@D +r2@B -r2@D",
    );
}

#[test]
fn a_group_with_wheelchairs_needs_one_vehicle_that_holds_all_of_it() {
    check(
        LINE,
        "v1 at A 6/4+1w
         v2 at D 2/0+2w
         08:00 r1 B->C 2 1w from 08:00 to 08:30
         08:00 r2 B->C 0 2w from 08:00 to 08:30
         08:00 r3 B->C 1 2w from 08:00 to 08:30",
        "r3 refused: PartySize
         v1: +r1@B -r1@C
         v2: +r2@B -r2@C",
    );
}

#[test]
fn who_walks_takes_the_wheelchair_place_until_it_is_needed() {
    check(
        LINE,
        "v1 at A 1+1w s>w
         08:00 r1 B->D 2 seats from 08:00 to 08:02
         08:00 r2 C->D 0 1w from 08:00 to 08:03",
        "r2 refused: Capacity
         v1: +r1@B -r1@D",
    );
    check(
        LINE,
        "v1 at A 1+1w s>w
         08:00 r1 B->D 1 seats from 08:00 to 08:02
         08:00 r2 C->D 0 1w from 08:00 to 08:03",
        "v1: +r1@B +r2@C -r2@D -r1@D",
    );
}

#[test]
fn a_child_takes_a_seat_where_the_vehicle_says_so_and_luggage_rides_along() {
    check(
        LINE,
        "v1 at A 2+1l c>s
         08:00 r1 B->D 1 1c 1l from 08:00 to 08:02
         08:00 r2 C->D 1 from 08:00 to 08:02
         08:00 r3 B->D 1 2l from 08:30 to 08:40
         08:00 r4 B->D 0 1t from 08:30 to 08:40",
        "r2 refused: Capacity
         r3 refused: PartySize
         r4 refused: PartySize
         v1: +r1@B -r1@D",
    );
}

/// Others put boarding riders into a full car and let those who got off there leave it half a minute
/// later. Here who needs the place boards after who leaves it, at the same stop.
#[test]
fn a_full_vehicle_is_left_before_it_is_boarded_at_the_same_stop() {
    check(
        LINE,
        "v1 at A 1
         08:00 r1 A->B from 08:00 to 08:02
         08:00 r2 B->C from 08:00 to 08:03
         08:00 r3 C->D from 08:00 to 08:04",
        "v1: +r1@A -r1@B +r2@B -r2@C +r3@C -r3@D",
    );
}

#[test]
fn a_requirement_waits_for_the_vehicle_that_has_it() {
    check(
        LINE,
        "v1 at B 4
         v2 at D 4 has ramp
         v3 at D 1 has ramp has sign
         08:00 r1 B->C needs ramp
         08:00 r2 B->C needs ramp needs sign
         08:00 r3 B->C 2 seats needs ramp needs sign
         08:00 r4 B->C needs hoist",
        "r3 refused: Requirements
         r4 refused: Requirements
         v1:
         v2: +r1@B -r1@C
         v3: +r2@B -r2@C",
    );
}

#[test]
fn a_tenants_car_is_closed_to_riders_of_others() {
    check(
        LINE,
        "v1 at B 4 only 2
         v2 at D 4
         08:00 r1 B->C from 08:00 to 08:02
         08:00 r2 B->C with 2
         08:00 r3 B->C 4 seats from 08:00 to 08:02",
        "r3 refused: Capacity
         v1: +r2@B -r2@C
         v2: +r1@B -r1@C",
    );
    check(LINE, "v1 at B 4 only 2\n08:00 r1 B->C", "r1 refused: NoVehicleForService\nv1:");
}

#[test]
fn zones_bind_services_and_vehicles() {
    check(
        LINE,
        "zone 1 A B
         zone 2 C D
         carries 1->2
         carries 1->1
         v1 at A 4 in 1
         v2 at D 4
         08:00 r1 A->B
         08:00 r2 B->D
         08:00 r3 D->A",
        "r3 refused: ServiceZones
         v1: +r1@A -r1@B
         v2: +r2@B -r2@D",
    );
    check(LINE, "zone 1 A B\nv1 at A 4 in 1\n08:00 r1 A->D", "r1 refused: VehicleZones\nv1:");
}

#[test]
fn hours_and_deadlines_say_how_far_off_they_are() {
    check(
        LINE,
        "hours 09:00-12:00 asked 06:00-08:30
         hours 13:00-16:00 asked 06:00-12:30
         hours 17:00-18:00 asked 10:00-16:30
         v1 at A 4
         08:00 r1 A->B from 07:00 to 08:50
         08:00 r2 A->B from 12:10 to 12:40
         08:31 r3 A->B from 09:00 to 10:00
         09:00 r4 A->B from 17:00 to 18:00
         09:00 r5 A->B from 11:00 to 13:30",
        "r1 refused: OutsideHours by 0:10:00
         r2 refused: OutsideHours by 0:10:00
         r3 refused: BookingDeadline by 0:01:00
         r4 refused: BookingNotOpen by 1:00:00
         v1: +r5@A -r5@B",
    );
}

#[test]
fn nobody_is_fetched_after_the_hours_end() {
    // v1 needs three minutes to D: at 08:58 it can be there at 09:01.
    check(
        LINE,
        "hours 08:00-09:00 asked 06:00-09:00
         v1 at A 4
         08:58 r1 D->A from 08:58 to 09:30",
        "r1 refused: OutsideHours by 0:01:00
         v1:",
    );
}

#[test]
fn who_loses_a_vehicle_is_moved_only_to_one_that_will_do() {
    check(
        LINE,
        "hours 08:00-12:00 asked 06:00-08:30
         v1 at A 4 has ramp
         v2 at B 4
         v3 at D 1 has ramp
         08:00 r1 C->D from 10:00 to 10:01 needs ramp
         08:00 r2 B->D 2 seats from 11:00 to 11:01 needs ramp
         09:00 v1 closes",
        "r2 unassigned
         v2:
         v3: +r1@C -r1@D",
    );
}

fn town() -> Town {
    Town::new(City::draw(LINE), policy(), service())
}

#[test]
fn what_was_not_named_can_not_be_offered_or_required() {
    let mut town = town();
    let name = |number, name: &str| Command::NameFeature { feature: FeatureId(number), name: name.into() };
    town.expect_noted(midnight(), name(0, "ramp"));
    for (command, rejection) in [
        (name(0, "hoist"), Rejection::FeatureExists(FeatureId(0))),
        (name(1, "ramp"), Rejection::FeatureExists(FeatureId(0))),
        (name(128, "hoist"), Rejection::TooManyFeatures),
    ] {
        assert_eq!(town.tell(midnight(), command), Answer::Rejected(rejection));
    }
    let hoist = Features::of(&[FeatureId(0), FeatureId(5)]).expect("small numbers");
    let unknown = Answer::Rejected(Rejection::UnknownFeature(FeatureId(5)));
    let vehicle = |capacity: Capacity, terms| {
        Command::RegisterVehicle(Vehicle { id: VehicleId(1), name: "v1".into(), capacity, terms })
    };
    let four = Capacity::from(Seats::new(4, 0));
    assert_eq!(town.tell(midnight(), vehicle(four.clone(), Terms { features: hoist, ..Terms::OPEN })), unknown);
    let serves = Serves::Only([SERVICE, ServiceId(7)].into());
    let answer = town.tell(midnight(), vehicle(four.clone(), Terms { serves, ..Terms::OPEN }));
    assert_eq!(answer, Answer::Rejected(Rejection::UnknownService(ServiceId(7))));
    let upgrade = Substitutions::NONE.and(SeatKind::Seat, SeatKind::Stretcher);
    for (stretchers, is_fine) in [(20, true), (21, false)] {
        let places = vec![Seats::new(4, 0), Seats::new(80, 0).with(SeatKind::Stretcher, stretchers)];
        let capacity = Capacity::new(places, upgrade).expect("two of them");
        let answer = town.dispatcher.clone().decide(
            midnight(),
            &vehicle(capacity, Terms::OPEN),
            &mut mukae_engine::Work::new(&mut town.city),
        );
        let expected = if is_fine { Answer::Noted } else { Answer::Rejected(Rejection::CapacityTooLarge) };
        assert_eq!(answer.answer, expected, "{stretchers} stretchers");
    }
    town.add_vehicle(1, 0, four);
    let window = TimeWindow::new(at("22:30"), at("23:00")).expect("in order");
    let mut shift = town.shift(2, 1, 0, window);
    shift.features = hoist;
    assert_eq!(town.tell(midnight(), Command::PlanShift(shift.into())), unknown);
    let mut request = town.request(0, 1, Seats::new(1, 0), Wish::DepartAfter(window));
    request.needs = hoist;
    assert_eq!(town.tell(midnight(), Command::Quote(request.into())), unknown);
}

#[test]
fn a_place_chosen_by_hand_keeps_to_the_terms() {
    let mut town = town();
    town.city.zones[0] = Zones::of(&[ZoneId(1)]).expect("a small number");
    town.expect_noted(midnight(), Command::NameFeature { feature: FeatureId(0), name: "ramp".into() });
    let ramp = Features::of(&[FeatureId(0)]).expect("a small number");
    town.add_vehicle_on(1, 0, Seats::new(4, 0), Terms { zones: town.city.zones[0], ..Terms::OPEN });
    town.add_vehicle_on(2, 0, Seats::new(4, 0), Terms { features: ramp, ..Terms::OPEN });
    let window = TimeWindow::new(at("08:00"), at("09:00")).expect("in order");
    let mut put = |node, shift, needs| {
        let mut request = town.request(0, node, Seats::new(1, 0), Wish::DepartAfter(window));
        request.needs = needs;
        let by_hand = Some(Placement { shift: ShiftId(shift), pickup_idx: 0, dropoff_idx: 0, overrules: false });
        town.tell(at("08:00"), Command::Book { request: request.into(), by_hand })
    };
    let refused =
        |constraint: Constraint| Answer::Refused(Refusal { binding: vec![constraint.into()], relaxations: Vec::new() });
    assert_eq!(put(0, 1, ramp), refused(Constraint::Requirements));
    assert_eq!(put(3, 1, Features::EMPTY), refused(Constraint::VehicleZones));
    assert!(matches!(put(3, 2, ramp), Answer::Confirmed(booking) if booking.id == BookingId(1)));
}

/// A rider who quoted a minute before the deadline and confirmed minutes after it was booked for a day
/// whose list the office had closed. Now the offer ends with the bookings of its day.
#[test]
fn an_offer_ends_with_the_deadline_of_its_day() {
    let mut town = town();
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let window = TimeWindow::new(at("10:00"), at("11:00")).expect("in order");
    let until = at("08:02");
    town.change_service(|service| {
        service.days.push(mukae_engine::model::ServiceDay {
            pickups: window,
            bookable_from: midnight(),
            bookable_until: until,
        });
    });
    let request = town.request(0, 3, Seats::new(1, 0), Wish::DepartAfter(window));
    let Answer::Offered(offers) = town.tell(at("08:01"), Command::Quote(request.clone().into())) else {
        panic!("refused")
    };
    let offer = &offers[0];
    assert_eq!(offer.expires, until);
    let answer = town.tell(until + Span::from_millis(1), Command::ConfirmOffer { offer: offer.id });
    assert_eq!(answer, Answer::Rejected(Rejection::OfferExpired(offer.id)));
    let Answer::Refused(refusal) = town.tell(at("08:03"), Command::Quote(request.into())) else {
        panic!("it is closed")
    };
    assert_eq!(refusal.binding[0].constraint, Constraint::BookingDeadline);
}

/// A wheelchair lift broke, and nobody could tell the dispatcher: a vehicle's terms were fixed for good. Now who needed it
/// moves to the other vehicle that has one, and who did not stays.
#[test]
fn a_vehicle_that_changes_keeps_whom_it_still_can_take() {
    let mut town = town();
    town.expect_noted(midnight(), Command::NameFeature { feature: LIFT, name: "lift".into() });
    let lift = Terms { features: Features::of(&[LIFT]).expect("small"), ..Terms::OPEN };
    town.add_vehicle_on(1, 0, Seats::new(3, 0), lift.clone());
    town.add_vehicle_on(2, 2, Seats::new(3, 0), lift.clone());
    let [needy, other, family] = [(true, 1), (false, 1), (false, 2)].map(|(needs_lift, seats)| {
        let wish = Wish::DepartAfter(TimeWindow::new(at("09:00"), at("09:20")).expect("in order"));
        let mut request = town.request(0, 1, Seats::new(seats, 0), wish);
        if needs_lift {
            request.needs = lift.features;
        }
        let placement = Placement { shift: ShiftId(1), pickup_idx: 0, dropoff_idx: 0, overrules: false };
        match town.tell(at("08:00"), Command::Book { request: request.into(), by_hand: Some(placement) }) {
            Answer::Confirmed(booking) => booking.id,
            answer => panic!("{answer:?}"),
        }
    });
    let shift_of = |town: &Town, booking| town.dispatcher.state().bookings[&booking].shift;
    assert_eq!([needy, other, family].map(|booking| shift_of(&town, booking)), [Some(ShiftId(1)); 3]);

    let changed = |number: u32, seats: u8, terms: &Terms| {
        let (id, name) = (VehicleId(number), format!("v{number}"));
        Command::RegisterVehicle(Vehicle { id, name, capacity: Seats::new(seats, 0).into(), terms: terms.clone() })
    };
    town.expect_noted(at("08:01"), changed(1, 3, &Terms::OPEN));
    assert_eq!([needy, other, family].map(|booking| shift_of(&town, booking)), [2, 1, 1].map(ShiftId).map(Some));
    town.expect_noted(at("08:02"), changed(1, 1, &Terms::OPEN)); // two seats of three are taken out
    assert_eq!(shift_of(&town, other), Some(ShiftId(1)));
    assert_ne!(shift_of(&town, family), Some(ShiftId(1)));

    // with somebody on board there must be room
    let stop = town.dispatcher.state().schedules[&ShiftId(1)].next_stop().expect("the pickup").id;
    town.expect_noted(at("09:00"), Command::Arrive { shift: ShiftId(1), stop, at: at("09:00") });
    town.expect_noted(at("09:01"), Command::Board { booking: other, at: at("09:01") });
    let without_seats =
        Vehicle { id: VehicleId(1), name: "v1".into(), capacity: Seats::new(0, 1).into(), terms: Terms::OPEN };
    let answer = town.tell(at("09:01"), Command::RegisterVehicle(without_seats));
    assert_eq!(answer, Answer::Rejected(Rejection::RidersOnBoard(ShiftId(1))));
    let taken = Command::RegisterVehicle(Vehicle {
        id: VehicleId(2),
        name: "v1".into(),
        capacity: Seats::new(3, 0).into(),
        terms: Terms::OPEN,
    });
    assert_eq!(town.tell(at("09:01"), taken), Answer::Rejected(Rejection::VehicleExists(VehicleId(1))));
}
