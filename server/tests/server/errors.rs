//! Things that are not there look the same, whoever's they are.

use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_units::Span;
use tonic::Code;

use crate::support::*;

#[tokio::test]
async fn what_is_not_there_and_what_is_somebody_elses_look_the_same() {
    let house = House::open().await;
    let booking = house.book(ride("q1", Span::HOUR)).await;
    let id = booking.name.rsplit('/').next().unwrap();
    for name in [
        "tenants/alofi/services/ride/bookings/b999".to_owned(),
        format!("tenants/hakupu/services/ride/bookings/{id}"),
        format!("tenants/alofi/services/other/bookings/{id}"),
    ] {
        let status = house.bookings().get_booking(pb::GetBookingRequest { name: name.clone() }).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "RESOURCE_NOT_FOUND"), "{name}");
        assert_eq!(metadata(&status, "name"), name);
        assert_eq!(status.message(), format!("there is no {name}"));
    }
    // An offer's tag is part of its name.
    let (stem, _) = booking.offer.rsplit_once('-').unwrap();
    let request = pb::GetOfferRequest { name: format!("{stem}-00000000") };
    assert_eq!(house.bookings().get_offer(request).await.unwrap_err().code(), Code::NotFound);
    let request =
        pb::ConfirmOfferRequest { name: format!("{stem}-00000000"), request_id: "c9".to_owned(), ..Default::default() };
    assert_eq!(house.bookings().confirm_offer(request).await.unwrap_err().code(), Code::NotFound);

    let mut elsewhere = ride("q2", Span::HOUR);
    elsewhere.parent = "tenants/alofi/services/night".to_owned();
    assert_eq!(house.bookings().quote(elsewhere).await.unwrap_err().code(), Code::NotFound);
    let request = fleet_pb::GetVehicleRequest { name: "tenants/hakupu/vehicles/bus".to_owned() };
    assert_eq!(house.fleet().get_vehicle(request).await.unwrap_err().code(), Code::NotFound);
    let request = mukae_proto::transit::area::v1::GetAreaRequest { name: "areas/tonga".to_owned() };
    assert_eq!(house.area().get_area(request).await.unwrap_err().code(), Code::NotFound);
    house.close().await;
}

#[tokio::test]
async fn japanese_goes_along_where_a_rider_may_read_it() {
    use tonic_types::StatusExt;
    let house = House::open().await;
    let offer = house.offer(ride("q1", Span::HOUR)).await;
    house.clock.advance(Span::HOUR);
    let status = house.bookings().confirm_offer(confirm(&offer, "c1")).await.unwrap_err();
    let details = status.get_error_details();
    assert_eq!(details.localized_message().unwrap().locale, "ja");
    assert!(details.localized_message().unwrap().message.contains("有効時間"));
    house.close().await;
}
