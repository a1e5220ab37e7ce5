//! What was acknowledged is there once after a restart, and a repeated request still gets its answer.

use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_units::Span;

use crate::support::*;

async fn list(house: &House) -> Vec<pb::Booking> {
    let request = pb::ListBookingsRequest { parent: SERVICE.to_owned(), ..Default::default() };
    house.bookings().list_bookings(request).await.unwrap().into_inner().bookings
}

async fn shifts(house: &House) -> Vec<fleet_pb::Shift> {
    let request = fleet_pb::ListShiftsRequest { parent: BUS.to_owned(), ..Default::default() };
    house.fleet().list_shifts(request).await.unwrap().into_inner().shifts
}

#[tokio::test]
async fn a_booking_survives_a_restart_once() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let offer = house.offer(ride("q1", Span::HOUR)).await;
    let confirmation = confirm(&offer, "c1");
    let booking = house.bookings().confirm_offer(confirmation.clone()).await.unwrap().into_inner();
    // A shift that was closed early is not planned again by a restart on the same day.
    let shift = shifts(&house).await.remove(1);
    let close =
        fleet_pb::CloseShiftRequest { name: shift.name.clone(), request_id: "close".to_owned(), ..Default::default() };
    let closed = house.fleet().close_shift(close).await.unwrap().into_inner();
    let before = shifts(&house).await;
    assert_eq!(before[1], closed);
    let get_area = area_pb::GetAreaRequest { name: AREA.to_owned() };
    let revision = house.area().get_area(get_area.clone()).await.unwrap().into_inner().revision;
    house.close().await;

    for (from_snapshot, opened) in [(true, 1), (false, 2)] {
        if !from_snapshot {
            // The log alone tells the same.
            for file in std::fs::read_dir(&journal).unwrap().map(|file| file.unwrap().path()) {
                if file.file_name().unwrap().to_str().unwrap().starts_with("snapshot") {
                    std::fs::remove_file(file).unwrap();
                }
            }
        }
        // The clock of the restarted process is late: it continues where the journal ends.
        let house = House::open_in(journal.clone(), MORNING - Span::HOUR).await;
        let recovery = house.running.recovery();
        assert_eq!(
            (recovery.from_snapshot > 0, recovery.replayed == 0),
            (from_snapshot, from_snapshot),
            "{recovery:?}"
        );
        let found = list(&house).await;
        assert_eq!(found.len(), 1, "opened {opened} times");
        assert_eq!(settled(found[0].clone()), settled(booking.clone()));
        let again = house.bookings().confirm_offer(confirmation.clone()).await.unwrap().into_inner();
        assert_eq!(settled(again), settled(booking.clone()), "the same id, the same answer");
        assert_eq!(list(&house).await.len(), 1);
        let after = shifts(&house).await;
        assert_eq!(
            after.iter().map(|shift| (&shift.name, shift.state)).collect::<Vec<_>>(),
            before.iter().map(|shift| (&shift.name, shift.state)).collect::<Vec<_>>()
        );
        let now = house.area().get_area(get_area.clone()).await.unwrap().into_inner().revision;
        assert!(revision <= now, "revisions do not go back");
        house.close().await;
    }
}

#[tokio::test]
async fn a_restart_says_only_what_changed() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    house.close().await;
    let house = House::open_in(journal.clone(), MORNING).await;
    let first = house.running.recovery().from_snapshot;
    house.close().await;
    let house = House::open_in(journal.clone(), MORNING).await;
    assert_eq!(house.running.recovery().from_snapshot, first, "nothing was written for nothing");
    house.close().await;

    let mut config = config();
    config.journal.dir = Some(journal);
    config.services[0].policy.offer_ttl = Span::from_mins(3);
    config.vehicles.push(mukae_server::config::VehicleConfig {
        name: "tenants/alofi/vehicles/third".parse().unwrap(),
        display_name: "third".to_owned(),
        capacity: mukae_units::Seats::new(1, 0).into(),
        features: Default::default(),
        services: None,
        zones: Vec::new(),
        crew: mukae_engine::model::Crew::Staff,
        managed: mukae_server::config::Managed::ByFile,
    });
    let house = House::open_with(config, mukae_server::Store::Configured, MORNING).await;
    let offer = house.offer(ride("q1", Span::HOUR)).await;
    assert_eq!(time(&offer.expire_time), MORNING + Span::from_mins(3));
    let request = fleet_pb::GetVehicleRequest { name: "tenants/alofi/vehicles/third".to_owned() };
    house.fleet().get_vehicle(request).await.unwrap();
    house.close().await;
}
