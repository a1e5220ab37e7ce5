//! Better plans in spare time: taken up when nobody calls, recorded, and against nobody's pin.

use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::operations::v1 as op;
use mukae_units::Span;
use op::r#move::To;
use std::time::Duration;

use crate::support::*;

async fn at_work(spare_time: Span) -> House {
    let mut config = config();
    config.area.improve.spare_time = spare_time;
    let house = House::open_with(config, mukae_server::Store::Configured, MORNING).await;
    house.send_van().await;
    house
}

/// Two who could share a ride, the second sent off with the van by hand.
async fn parted(house: &House) -> (pb::Booking, pb::Booking) {
    let first = house.book(ride("q1", Span::HOUR * 2)).await;
    let second = house.book(ride("q2", Span::HOUR * 2)).await;
    assert_eq!(first.vehicle, second.vehicle, "they share a vehicle");
    let other = if first.vehicle == BUS { VAN_SHIFT.to_owned() } else { bus_shift(house).await };
    let moves = vec![op::Move { booking: second.name.clone(), to: Some(To::Shift(other)) }];
    let request = op::AssignBookingsRequest {
        parent: AREA.to_owned(),
        moves,
        request_id: "parted".to_owned(),
        ..Default::default()
    };
    house.dispatch().assign_bookings(request).await.unwrap();
    (first, second)
}

async fn bus_shift(house: &House) -> String {
    let manifest = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
    house.fleet().get_manifest(manifest).await.unwrap().into_inner().shift
}

async fn booking(house: &House, name: &str) -> pb::Booking {
    let request = pb::GetBookingRequest { name: name.to_owned() };
    house.bookings().get_booking(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn who_could_share_a_ride_does_once_nobody_calls() {
    let house = at_work(Span::from_millis(100)).await;
    let (first, second) = parted(&house).await;
    let sent_off = booking(&house, &second.name).await;
    let together = async {
        loop {
            let now = booking(&house, &second.name).await;
            if now.vehicle == booking(&house, &first.name).await.vehicle {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let now = tokio::time::timeout(Duration::from_secs(60), together).await.expect("a better plan is found");
    assert_eq!(now.promise, second.promise, "what was promised stays");
    assert_eq!(now.vehicle, sent_off.vehicle, "who was put somewhere by hand stays there, and the other comes along");
    house.close().await;
}

#[tokio::test]
async fn without_spare_time_the_plan_stays_as_the_desk_left_it() {
    let house = at_work(Span::ZERO).await;
    let (first, second) = parted(&house).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_ne!(booking(&house, &second.name).await.vehicle, booking(&house, &first.name).await.vehicle);
    house.close().await;
}
