//! `validate_only`: the answer is what the deed would say, and nothing has happened.

use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::units::v1::Seats;
use mukae_units::Span;
use pb::booking::State;
use tonic::Code;

use crate::support::*;

async fn revision(house: &House) -> i64 {
    let request = area_pb::GetAreaRequest { name: AREA.to_owned() };
    house.area().get_area(request).await.unwrap().into_inner().revision
}

#[tokio::test]
async fn what_is_rehearsed_has_not_happened_and_happens_just_so() {
    let house = House::open().await;
    let offer = house.offer(ride("q1", Span::HOUR)).await;
    let before = revision(&house).await;

    let mut rehearsal = confirm(&offer, "c1");
    rehearsal.validate_only = true;
    let would_be = house.bookings().confirm_offer(rehearsal.clone()).await.unwrap().into_inner();
    assert_eq!((would_be.state(), would_be.vehicle.as_str()), (State::Confirmed, BUS));
    assert_eq!(revision(&house).await, before);
    let read = pb::GetBookingRequest { name: would_be.name.clone() };
    assert_eq!(house.bookings().get_booking(read).await.unwrap_err().code(), Code::NotFound);

    // the same id may do it: a rehearsal is not remembered
    let booking = house.bookings().confirm_offer(confirm(&offer, "c1")).await.unwrap().into_inner();
    assert_eq!(booking, would_be);
    let again = house.bookings().confirm_offer(rehearsal).await.unwrap_err();
    assert_eq!(reason(&again), "OFFER_USED", "a rehearsal is judged by what is, not by what was answered");

    let cancel = pb::CancelBookingRequest {
        name: booking.name.clone(),
        request_id: "x1".to_owned(),
        validate_only: true,
        ..Default::default()
    };
    let would_be = house.bookings().cancel_booking(cancel.clone()).await.unwrap().into_inner();
    assert_eq!(would_be.state(), State::Cancelled);
    let cancel = pb::CancelBookingRequest { validate_only: false, ..cancel };
    assert_eq!(house.bookings().cancel_booking(cancel).await.unwrap().into_inner(), would_be);
    house.close().await;
}

#[tokio::test]
async fn a_rehearsal_leaves_no_trace_for_those_who_watch_or_come_later() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let before = revision(&house).await;
    let create = fleet_pb::CreateVehicleRequest {
        parent: "tenants/alofi".to_owned(),
        vehicle_id: "taxi".to_owned(),
        vehicle: Some(fleet_pb::Vehicle {
            area: AREA.to_owned(),
            capacity: Some(Seats { seats: 3, ..Default::default() }),
            ..Default::default()
        }),
        request_id: "v1".to_owned(),
        validate_only: true,
    };
    let taxi = house.fleet().create_vehicle(create.clone()).await.unwrap().into_inner();
    assert_eq!(taxi.name, "tenants/alofi/vehicles/taxi");
    // what is wrong is told by a rehearsal, too
    let mut taken = create.clone();
    taken.vehicle_id = "bus".to_owned();
    assert_eq!(reason(&house.fleet().create_vehicle(taken).await.unwrap_err()), "RESOURCE_EXISTS");
    // searches go on as if nothing had been, with what they remember of the plan
    for (index, after) in [Span::HOUR, Span::HOUR * 2, Span::HOUR * 3].into_iter().enumerate() {
        let wish = ride(&format!("q{index}"), after);
        let offer = house.offer(wish).await;
        let mut rehearsal = confirm(&offer, &format!("c{index}"));
        rehearsal.validate_only = true;
        let would_be = house.bookings().confirm_offer(rehearsal).await.unwrap().into_inner();
        let booking = house.bookings().confirm_offer(confirm(&offer, &format!("c{index}"))).await.unwrap().into_inner();
        assert_eq!(booking, would_be);
    }
    assert!(before < revision(&house).await);
    house.close().await;

    let house = House::open_in(journal, MORNING).await;
    let get = fleet_pb::GetVehicleRequest { name: taxi.name };
    assert_eq!(house.fleet().get_vehicle(get).await.unwrap_err().code(), Code::NotFound);
    house.close().await;
}

/// A ride that begins in the sea was refused and stood in no record; a planner never learned of it.
#[tokio::test]
async fn a_ride_off_the_area_is_in_the_journal_once() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let mut wish = ride("q1", Span::HOUR);
    wish.origin = place(SEA, "");
    let refused = house.bookings().quote(wish.clone()).await.unwrap().into_inner();
    assert!(matches!(refused.result, Some(pb::quote_response::Result::Refusal(_))));
    let again = house.bookings().quote(wish).await.unwrap().into_inner();
    assert_eq!(refused, again);
    house.close().await;

    let disk = mukae_journal::OsDisk::open(&journal).unwrap();
    let (log, _) = mukae_journal::ReadOnlyLog::open(disk, None).unwrap();
    let notes: Vec<mukae_office::Fact> = log
        .read(mukae_journal::Sequence::START)
        .unwrap()
        .filter_map(|record| {
            let record = mukae_record::Record::from_bytes(&record.unwrap().bytes).unwrap();
            match record.command() {
                mukae_engine::Command::Note { content, .. } => Some(mukae_office::Fact::from_note(content).unwrap()),
                _ => None,
            }
        })
        .collect();
    let missed = |fact: &&mukae_office::Fact| matches!(fact, mukae_office::Fact::RideMissed(_));
    let missed: Vec<_> = notes.iter().filter(missed).collect();
    let [mukae_office::Fact::RideMissed(ride)] = missed.as_slice() else { panic!("{notes:?}") };
    assert_eq!(ride.cause, mukae_office::MissCause::OriginOffArea);
    assert!(ride.rider.is_some() && ride.wish.is_some());
}
