//! The desk's hand in the plan: what it is shown first, what it may do, and that the two are the same.

use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::operations::v1 as op;
use mukae_proto::transit::units::v1::{Seats, TimeWindow};
use mukae_server::Clock;
use mukae_units::Span;
use op::interrupt_shift_request::Interruption;
use op::r#move::To;
use pb::binding_constraint::Kind;
use pb::booking::State;
use prost::Message;
use tonic::{Code, Status};

use crate::support::*;

/// Both vehicles at work until the evening, the van from the airport; returns the shift of the bus.
async fn with_van(house: &House) -> String {
    house.send_van().await;
    let manifest = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
    house.fleet().get_manifest(manifest).await.unwrap().into_inner().shift
}

async fn open(house: &House, shift: &str) {
    let request = fleet_pb::OpenShiftRequest {
        name: shift.to_owned(),
        request_id: format!("open-{}", shift.len()),
        ..Default::default()
    };
    house.fleet().open_shift(request).await.unwrap();
}

async fn manifest(house: &House, vehicle: &str) -> fleet_pb::Manifest {
    let request = fleet_pb::GetManifestRequest { name: format!("{vehicle}/manifest"), ..Default::default() };
    house.fleet().get_manifest(request).await.unwrap().into_inner()
}

async fn booking(house: &House, name: &str) -> pb::Booking {
    let request = pb::GetBookingRequest { name: name.to_owned() };
    house.bookings().get_booking(request).await.unwrap().into_inner()
}

async fn suggest(house: &House, name: &str) -> Result<op::Explanation, Status> {
    let request = op::SuggestAssignmentsRequest { booking: name.to_owned() };
    Ok(house.dispatch().suggest_assignments(request).await?.into_inner().explanation.unwrap())
}

fn moving(booking: &pb::Booking, to: To) -> op::Move {
    op::Move { booking: booking.name.clone(), to: Some(to) }
}

fn assignment(request_id: &str, moves: Vec<op::Move>) -> op::AssignBookingsRequest {
    op::AssignBookingsRequest {
        parent: AREA.to_owned(),
        moves,
        reason: String::new(),
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

async fn assign(house: &House, request: op::AssignBookingsRequest) -> Result<op::AssignBookingsResponse, Status> {
    Ok(house.dispatch().assign_bookings(request).await?.into_inner())
}

/// Of the vehicle that has the booking, its shift and that of the other one.
fn shifts_of(found: &pb::Booking, bus_shift: &str) -> (String, String) {
    let (bus, van) = (bus_shift.to_owned(), VAN_SHIFT.to_owned());
    if found.vehicle == BUS { (bus, van) } else { (van, bus) }
}

/// A car that had not left when it should have: its rider is put on the other one by hand, late as it is. The list of what
/// breaks is the same before and after, and the rules are set aside only knowingly and with a reason.
#[tokio::test]
async fn a_late_cars_rider_is_given_to_another_one() {
    let house = House::open().await;
    let bus_shift = with_van(&house).await;
    let booked = house.book(ride("q1", Span::from_mins(40))).await;
    let (own, other) = shifts_of(&booked, &bus_shift);
    let promised = time(&booked.promise.unwrap().pickup_window.unwrap().latest_time);
    house.clock.raise_to(promised + Span::from_mins(4));
    assert!(booking(&house, &booked.name).await.is_at_risk, "nobody has left for it");

    let explained = suggest(&house, &booked.name).await.unwrap();
    let (at_own, at_other): (Vec<_>, Vec<_>) = explained.candidates.iter().partition(|one| one.shift == own);
    let (at_own, at_other) = (at_own[0], at_other[0]);
    assert!(at_own.is_current && !at_other.is_current && at_other.shift == other);
    assert!(explained.candidates.iter().all(|one| !one.is_allowed), "the window is over: {explained:?}");
    assert!(at_other.binding_constraints.iter().any(|one| one.kind() == Kind::PickupTooLate), "{at_other:?}");
    let fit = at_other.fit.clone().unwrap();
    assert_eq!(fit.terms.iter().map(|term| term.cost).sum::<i64>(), fit.cost);
    let placement = fit.placement.unwrap();
    assert!(placement.overrules);

    // as the rules are: not done, and said why
    let strict = op::Placement { overrules: false, ..placement.clone() };
    let status = assign(&house, assignment("a1", vec![moving(&booked, To::Placement(strict))])).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "MOVE_REFUSED"));
    let details = tonic_types::Status::decode(status.details()).unwrap().details;
    let refused = details.iter().find(|any| any.type_url.ends_with("/transit.operations.v1.MoveRefused")).unwrap();
    let refused = op::MoveRefused::decode(refused.value.as_slice()).unwrap();
    assert_eq!((refused.booking, refused.binding_constraints.is_empty()), (booked.name.clone(), false));

    // knowingly, but without a word why
    let wanted = assignment("a2", vec![moving(&booked, To::Placement(placement))]);
    let status = assign(&house, wanted.clone()).await.unwrap_err();
    assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec!["reason".to_owned()]));

    let rehearsed = assign(&house, op::AssignBookingsRequest { validate_only: true, ..wanted.clone() }).await.unwrap();
    assert_eq!(booking(&house, &booked.name).await.vehicle, booked.vehicle, "only a rehearsal");
    let wanted = op::AssignBookingsRequest { reason: "運転手が体調不良のため".to_owned(), ..wanted };
    let done = assign(&house, wanted.clone()).await.unwrap();
    assert_eq!(done.consequences, rehearsed.consequences);
    let told = done.consequences.clone().unwrap();
    let late = told.broken_promises.iter().find(|broken| broken.limit() == op::PromiseLimit::Pickup).unwrap();
    assert_eq!((late.booking.as_str(), time(&late.promised_time)), (booked.name.as_str(), promised));
    assert_eq!(late.predicted_time, fit.pickup_time, "as it was suggested");
    let moved = op::BookingMoved { booking: booked.name.clone(), from_shift: own, to_shift: other };
    assert_eq!(told.moved_bookings, [moved]);
    let now = booking(&house, &booked.name).await;
    assert!(now.vehicle != booked.vehicle && now.is_at_risk);
    assert_eq!(assign(&house, wanted).await.unwrap().consequences, done.consequences, "sent again, answered again");
    house.close().await;
}

/// Two riders change cars in one call.
#[tokio::test]
async fn two_riders_change_places() {
    let house = House::open().await;
    let bus_shift = with_van(&house).await;
    let full = |id: &str| pb::QuoteRequest {
        party: Some(Seats { seats: 2, ..Default::default() }),
        ..ride(id, Span::HOUR * 2)
    };
    let (one, two) = (house.book(full("q1")).await, house.book(full("q2")).await);
    let to = |shift: &str| To::Shift(shift.to_owned());
    assign(&house, assignment("a1", vec![moving(&one, to(&bus_shift)), moving(&two, to(VAN_SHIFT))])).await.unwrap();
    let swap = assignment("a4", vec![moving(&one, to(VAN_SHIFT)), moving(&two, to(&bus_shift))]);
    let done = assign(&house, swap).await.unwrap();
    let vehicles: Vec<&str> = done.bookings.iter().map(|booking| booking.vehicle.as_str()).collect();
    assert_eq!(vehicles, [VAN, BUS]);
    let told = done.consequences.unwrap();
    assert_eq!((told.moved_bookings.len(), told.broken_promises.len()), (2, 0));

    // all of a list or none, and each once
    let bad = assignment("a5", vec![moving(&one, to(&bus_shift)), moving(&one, to(VAN_SHIFT))]);
    assert_eq!(fields(&assign(&house, bad).await.unwrap_err()), ["moves[1].booking"]);
    let none = assignment("a6", Vec::new());
    assert_eq!(fields(&assign(&house, none).await.unwrap_err()), ["moves"]);
    let nowhere = op::Move { booking: one.name.clone(), to: None };
    assert_eq!(fields(&assign(&house, assignment("a7", vec![nowhere])).await.unwrap_err()), ["moves[0].to"]);
    let elsewhere = op::AssignBookingsRequest {
        parent: "areas/elsewhere".to_owned(),
        ..assignment("a8", vec![moving(&one, to(&bus_shift))])
    };
    assert_eq!(assign(&house, elsewhere).await.unwrap_err().code(), Code::NotFound);
    let foreign = op::Placement {
        shift: bus_shift.clone(),
        pickup_before_stop: format!("{VAN}/stops/st1"),
        ..Default::default()
    };
    let status = assign(&house, assignment("a9", vec![moving(&one, To::Placement(foreign))])).await.unwrap_err();
    assert_eq!(fields(&status), ["moves[0].placement.pickup_before_stop"]);
    let gone = op::Placement {
        shift: bus_shift.clone(),
        pickup_before_stop: format!("{BUS}/stops/st999"),
        ..Default::default()
    };
    let status = assign(&house, assignment("a10", vec![moving(&one, To::Placement(gone))])).await.unwrap_err();
    assert_eq!(reason(&status), "PLAN_CHANGED");
    assert_eq!(booking(&house, &one.name).await.vehicle, VAN, "nothing was begun");
    house.close().await;
}

/// A pin outlives what would move the rider by itself, and shows; so do frozen stops. What staff take upon themselves is left
/// alone until they let it go.
#[tokio::test]
async fn what_staff_fix_stays() {
    let house = House::open().await;
    let bus_shift = with_van(&house).await;
    let booked = house.book(ride("q1", Span::HOUR)).await;
    let (own, _) = shifts_of(&booked, &bus_shift);
    let pin = op::PinBookingRequest { name: booked.name.clone(), request_id: "pin".to_owned(), validate_only: false };
    let pinned = house.dispatch().pin_booking(pin).await.unwrap().into_inner();
    assert!(pinned.booking.unwrap().is_pinned);

    let stops = manifest(&house, &booked.vehicle).await.stops;
    assert!(stops.iter().all(|stop| !stop.is_frozen));
    let freeze = op::FreezeStopsRequest {
        through_stop: stops[0].name.clone(),
        request_id: "freeze".to_owned(),
        validate_only: false,
    };
    house.dispatch().freeze_stops(freeze).await.unwrap();
    let stops = manifest(&house, &booked.vehicle).await.stops;
    assert_eq!(stops.iter().map(|stop| stop.is_frozen).collect::<Vec<_>>(), [true, false, false]);
    let unfreeze = op::UnfreezeStopsRequest { shift: own.clone(), request_id: "thaw".to_owned(), validate_only: false };
    house.dispatch().unfreeze_stops(unfreeze).await.unwrap();
    assert!(manifest(&house, &booked.vehicle).await.stops.iter().all(|stop| !stop.is_frozen));

    // its vehicle goes: it is left to staff, though the other could come
    let close = fleet_pb::CloseShiftRequest { name: own, request_id: "close".to_owned(), ..Default::default() };
    house.fleet().close_shift(close).await.unwrap();
    house.clock.advance(Span::from_mins(3));
    let left = unassigned(&house).await;
    assert_eq!(
        left.iter().map(|one| (one.name.as_str(), one.is_pinned)).collect::<Vec<_>>(),
        [(booked.name.as_str(), true)]
    );
    let unpin = op::UnpinBookingRequest {
        name: booked.name.clone(),
        request_id: "let go".replace(' ', "-"),
        validate_only: false,
    };
    house.dispatch().unpin_booking(unpin).await.unwrap();
    house.clock.advance(Span::from_mins(2));
    let found = booking(&house, &booked.name).await;
    assert!(found.state() == State::Confirmed && found.vehicle != booked.vehicle, "{found:?}");
    assert_eq!(unassigned(&house).await, []);

    // taken out by hand, it is left alone
    let done = assign(&house, assignment("out", vec![moving(&found, To::Unassign(true))])).await.unwrap();
    assert_eq!(done.consequences.unwrap().unassigned_bookings, [booked.name.as_str()]);
    house.clock.advance(Span::from_mins(3));
    let left = unassigned(&house).await;
    assert_eq!(left.iter().map(|one| (one.state(), one.is_pinned)).collect::<Vec<_>>(), [(State::Unassigned, true)]);
    house.close().await;
}

async fn unassigned(house: &House) -> Vec<pb::Booking> {
    let request = op::ListUnassignedBookingsRequest { parent: AREA.to_owned(), ..Default::default() };
    house.dispatch().list_unassigned_bookings(request).await.unwrap().into_inner().bookings
}

/// A vehicle that broke down with a rider on board: the desk sees who waits and who comes, then says so for real; the other
/// vehicle fetches them.
#[tokio::test]
async fn riders_of_a_broken_vehicle_are_fetched_by_another() {
    let house = House::open().await;
    let bus_shift = with_van(&house).await;
    let booked = house.book(ride("q1", Span::from_mins(40))).await;
    let later = house.book(ride("q2", Span::HOUR * 5)).await;
    let to_bus = |booking: &pb::Booking| moving(booking, To::Shift(bus_shift.clone()));
    assign(&house, assignment("a1", vec![to_bus(&booked), to_bus(&later)])).await.unwrap();
    open(&house, &bus_shift).await;
    open(&house, VAN_SHIFT).await;
    let plan = manifest(&house, BUS).await;
    house.clock.raise_to(time(&plan.stops[0].arrive_time));
    let arrive = fleet_pb::ArriveStopRequest {
        stop: plan.stops[0].name.clone(),
        request_id: "arrive".to_owned(),
        ..Default::default()
    };
    house.fleet().arrive_stop(arrive).await.unwrap();
    // who stands at the door is not moved any more
    let status = assign(&house, assignment("a2", vec![moving(&booked, To::Shift(VAN_SHIFT.to_owned()))])).await;
    assert_eq!(reason(&status.unwrap_err()), "WRONG_BOOKING_STATE");
    assert_eq!(reason(&suggest(&house, &booked.name).await.unwrap_err()), "WRONG_BOOKING_STATE");
    house.clock.advance(Span::MINUTE);
    let board = fleet_pb::BoardBookingRequest {
        booking: booked.name.clone(),
        vehicle: BUS.to_owned(),
        request_id: "board".to_owned(),
        ..Default::default()
    };
    house.fleet().board_booking(board).await.unwrap();

    let broken = op::ReportBreakdownRequest {
        shift: bus_shift.clone(),
        place: place(AIRPORT, "roadside"),
        request_id: "broken".to_owned(),
        validate_only: true,
        ..Default::default()
    };
    let rehearsed = house.dispatch().report_breakdown(broken.clone()).await.unwrap().into_inner();
    assert_eq!(booking(&house, &booked.name).await.state(), State::Boarded, "only a rehearsal");
    let for_real = op::ReportBreakdownRequest { validate_only: false, ..broken };
    let done = house.dispatch().report_breakdown(for_real.clone()).await.unwrap().into_inner();
    assert_eq!(done, rehearsed);
    let told = done.consequences.clone().unwrap();
    assert_eq!(told.stranded_bookings, [booked.name.as_str()]);
    let to_van = |booking: &pb::Booking| op::BookingMoved {
        booking: booking.name.clone(),
        from_shift: bus_shift.clone(),
        to_shift: VAN_SHIFT.to_owned(),
    };
    assert!(
        told.moved_bookings.contains(&to_van(&booked)) && told.moved_bookings.contains(&to_van(&later)),
        "{told:?}"
    );
    let fetched = booking(&house, &booked.name).await;
    assert_eq!(fetched.vehicle, VAN);
    let stops = manifest(&house, VAN).await.stops;
    assert_eq!(stops[0].pickups[0].booking, booked.name, "it goes there first");
    assert_eq!(house.dispatch().report_breakdown(for_real).await.unwrap().into_inner(), done, "sent twice, done once");
    house.close().await;
}

/// A driver has to rest, and another comes late: consequences first, then for real.
#[tokio::test]
async fn breaks_nobody_planned_and_late_starts() {
    let house = House::open().await;
    let bus_shift = with_van(&house).await;
    let booked = house.book(ride("q1", Span::HOUR)).await;
    let (own, other) = shifts_of(&booked, &bus_shift);
    let rest = |from: Span, request_id: &str| op::InterruptShiftRequest {
        shift: own.clone(),
        interruption: Some(Interruption::UnplannedBreak(op::UnplannedBreak {
            window: Some(TimeWindow { earliest_time: Some(timestamp(MORNING + from)), latest_time: None }),
            break_duration: Some(prost_types::Duration { seconds: 1800, nanos: 0 }),
            place: None,
        })),
        request_id: request_id.to_owned(),
        validate_only: true,
    };
    let asked = rest(Span::from_mins(10), "rest");
    let rehearsed = house.dispatch().interrupt_shift(asked.clone()).await.unwrap().into_inner();
    let is_rest = |stop: &fleet_pb::Stop| stop.kind() == fleet_pb::stop::Kind::Break;
    assert!(!manifest(&house, &booked.vehicle).await.stops.iter().any(is_rest));
    let for_real = op::InterruptShiftRequest { validate_only: false, ..asked };
    let done = house.dispatch().interrupt_shift(for_real).await.unwrap().into_inner();
    assert_eq!(done, rehearsed);
    assert_eq!(done.consequences, Some(op::Consequences::default()), "there is time for it");
    let stops = manifest(&house, &booked.vehicle).await.stops;
    assert!(is_rest(&stops[0]), "{stops:?}");
    assert_eq!(time(&stops[0].arrive_time), MORNING + Span::from_mins(10));

    // two hours later than planned: the other vehicle takes the rider over
    let late = |start: Span, request_id: &str| op::InterruptShiftRequest {
        shift: own.clone(),
        interruption: Some(Interruption::StartTime(timestamp(MORNING + start))),
        request_id: request_id.to_owned(),
        validate_only: false,
    };
    let done = house.dispatch().interrupt_shift(late(Span::HOUR * 3, "late")).await.unwrap().into_inner();
    let told = done.consequences.unwrap();
    let moved = op::BookingMoved { booking: booked.name.clone(), from_shift: own.clone(), to_shift: other };
    assert_eq!(told.moved_bookings, [moved]);
    assert_eq!((told.late_breaks.len(), told.broken_promises.len()), (1, 0), "{told:?}");
    let read = fleet_pb::GetShiftRequest { name: own.clone() };
    let shift = house.fleet().get_shift(read).await.unwrap().into_inner();
    assert_eq!(time(&shift.start_time), MORNING + Span::HOUR * 3);

    // what can not be
    let status = house.dispatch().interrupt_shift(late(-Span::HOUR, "past")).await.unwrap_err();
    assert_eq!(fields(&status), ["start_time"]);
    let mut short = rest(Span::HOUR, "short");
    let Some(Interruption::UnplannedBreak(rest)) = &mut short.interruption else { unreachable!("it is a break") };
    rest.break_duration = None;
    rest.window = None;
    let status = house.dispatch().interrupt_shift(short).await.unwrap_err();
    assert_eq!(fields(&status), ["unplanned_break.break_duration", "unplanned_break.window"]);
    let nothing = op::InterruptShiftRequest { interruption: None, ..late(Span::HOUR, "nothing") };
    assert_eq!(fields(&house.dispatch().interrupt_shift(nothing).await.unwrap_err()), ["interruption"]);
    open(&house, &own).await;
    let status = house.dispatch().interrupt_shift(late(Span::HOUR * 4, "open")).await.unwrap_err();
    assert_eq!(reason(&status), "WRONG_SHIFT_STATE");
    house.close().await;
}

/// Why nobody comes is told vehicle by vehicle; and why somebody does, term by term.
#[tokio::test]
async fn a_refusal_names_each_vehicles_reason() {
    let house = House::open().await;
    let bus_shift = with_van(&house).await;
    let explain = async |quote: pb::QuoteRequest| {
        let request = op::ExplainQuoteRequest { quote: Some(quote), ..Default::default() };
        house.dispatch().explain_quote(request).await.unwrap().into_inner()
    };
    // three riders far from both vehicles who must leave at once
    let now =
        TimeWindow { earliest_time: Some(timestamp(MORNING)), latest_time: Some(timestamp(MORNING + Span::MINUTE)) };
    let far = pb::QuoteRequest {
        origin: place(HAKUPU, "Hakupu"),
        destination: place(ALOFI, "Town hall"),
        party: Some(Seats { seats: 3, ..Default::default() }),
        wish: Some(pb::quote_request::Wish::DepartAfter(now)),
        ..ride("q1", Span::ZERO)
    };
    let answer = house.bookings().quote(far.clone()).await.unwrap().into_inner();
    let refused = refusal_of(answer);
    let explained = explain(far).await;
    let kinds = |shift: &str| {
        let found = explained.candidates.iter().find(|one| one.shift == shift).unwrap();
        assert!(!found.is_allowed);
        (found.binding_constraints.iter().map(|one| one.kind()).collect::<Vec<_>>(), found.fit.is_some())
    };
    assert!(refused.contains(&Kind::PickupTooLate), "{refused:?}");
    assert_eq!(kinds(&bus_shift), (refused, true), "late, which could be overruled");
    assert_eq!(kinds(VAN_SHIFT), (vec![Kind::PartyTooLarge], false), "too small, which could not");

    let wanted = ride("q2", Span::HOUR);
    let explained = explain(wanted.clone()).await;
    let offer = house.offer(wanted).await;
    let best = &explained.candidates[0];
    assert!(best.is_allowed && best.vehicle == offer.vehicle, "{explained:?} but {offer:?}");
    let fit = best.fit.clone().unwrap();
    assert_eq!(fit.pickup_time, offer.prediction.unwrap().pickup_time);
    assert_eq!(fit.terms.iter().map(|term| term.cost).sum::<i64>(), fit.cost);
    let request = op::ExplainOfferRequest { name: offer.name.clone(), ..Default::default() };
    let of_offer = house.dispatch().explain_offer(request).await.unwrap().into_inner();
    assert!(of_offer.candidates[0].is_current && of_offer.candidates[0].is_allowed);
    let booked = house.bookings().confirm_offer(confirm(&offer, "c2")).await.unwrap().into_inner();
    let request = op::ExplainBookingRequest { name: booked.name.clone(), ..Default::default() };
    let of_booking = house.dispatch().explain_booking(request).await.unwrap().into_inner();
    assert_eq!(of_booking.candidates.iter().filter(|one| one.is_current).count(), 1);

    // a shift that is over by then is none
    let evening = ride("q3", Span::HOUR * 10 + Span::from_mins(30));
    let idle = explain(evening).await;
    assert!(idle.idle_vehicles.contains(&VAN.to_owned()), "{idle:?}");
    // off the area: the rule is named and no vehicle is
    let at_sea = pb::QuoteRequest { destination: place(SEA, "sea"), ..ride("q4", Span::HOUR) };
    let explained = explain(at_sea).await;
    assert_eq!(explained.binding_constraints[0].kind(), Kind::DestinationOffArea);
    assert!(explained.candidates.is_empty());
    house.close().await;
}
