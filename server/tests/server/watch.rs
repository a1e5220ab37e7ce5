//! Streams: a snapshot, deltas without a gap, resuming, falling behind, heartbeats, an end.

use std::time::Duration;

use area_pb::area_service_client::AreaServiceClient;
use area_pb::watch_area_response::Update;
use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_server::{Options, serve};
use mukae_units::Span;
use tokio_stream::StreamExt;
use tonic::{Code, Streaming};

use crate::support::*;

async fn watch_area(house: &House, from: i64) -> Streaming<area_pb::WatchAreaResponse> {
    let request = area_pb::WatchAreaRequest { name: AREA.to_owned(), resume_from_revision: from };
    house.area().watch_area(request).await.unwrap().into_inner()
}

async fn next<M>(stream: &mut Streaming<M>) -> M {
    let message = tokio::time::timeout(Duration::from_secs(20), stream.next()).await;
    message.expect("a message within 20 s").expect("the stream goes on").expect("no error")
}

fn snapshot(message: area_pb::WatchAreaResponse) -> area_pb::AreaSnapshot {
    match message.update {
        Some(Update::Snapshot(snapshot)) => snapshot,
        other => panic!("no snapshot but {other:?}"),
    }
}

fn delta(message: area_pb::WatchAreaResponse) -> area_pb::AreaDelta {
    match message.update {
        Some(Update::Delta(delta)) => delta,
        other => panic!("no delta but {other:?}"),
    }
}

#[tokio::test]
async fn a_console_sees_the_area_and_then_every_change() {
    let house = House::open().await;
    let mut stream = watch_area(&house, 0).await;
    let first = next(&mut stream).await;
    let start = first.revision;
    let seen = snapshot(first);
    assert!(seen.is_last);
    assert_eq!(seen.area.unwrap().services, [SERVICE]);
    assert_eq!((seen.vehicles.len(), seen.manifests.len(), seen.bookings.len()), (2, 2, 0));
    assert_eq!(seen.shifts.len(), 2, "today's and tomorrow morning's");

    let booking = house.book(ride("q1", Span::HOUR)).await;
    let message = next(&mut stream).await;
    let after_booking = message.revision;
    assert!(start < after_booking);
    let change = delta(message);
    assert_eq!(change.bookings, std::slice::from_ref(&booking));
    assert_eq!((change.vehicles.len(), change.manifests[0].stops.len()), (1, 3));

    let cancel = pb::CancelBookingRequest { name: booking.name, request_id: "x".to_owned(), ..Default::default() };
    let cancelled = house.bookings().cancel_booking(cancel).await.unwrap().into_inner();
    let message = next(&mut stream).await;
    assert!(after_booking < message.revision);
    assert_eq!(delta(message).bookings, std::slice::from_ref(&cancelled));

    // A position alone is shown, and does not raise the revision.
    let position = fleet_pb::Position {
        point: Some(mukae_proto::google::r#type::LatLng { latitude: ALOFI.0, longitude: ALOFI.1 }),
        device_time: Some(timestamp(MORNING)),
        sequence: 1,
        ..Default::default()
    };
    let report = fleet_pb::ReportPositionsRequest { vehicle: VAN.to_owned(), positions: vec![position] };
    house.fleet().report_positions(report).await.unwrap();
    let message = next(&mut stream).await;
    let end = message.revision;
    assert_eq!(delta(message).positions[0].vehicle, VAN);

    // Whoever comes back gets what was missed, and nothing else.
    let mut resumed = watch_area(&house, start).await;
    let message = next(&mut resumed).await;
    assert_eq!((message.revision, delta(message).bookings.len()), (after_booking, 1));
    let message = next(&mut resumed).await;
    assert_eq!((message.revision, delta(message).bookings), (end, vec![cancelled]));

    // A revision of another life is answered with a new beginning.
    let mut lost = watch_area(&house, 1_000_000).await;
    let message = next(&mut lost).await;
    let Some(Update::Resync(resync)) = message.update else { panic!("no resync but {message:?}") };
    assert_eq!(resync.reason(), area_pb::resync::Reason::RevisionGone);
    assert_eq!(snapshot(next(&mut lost).await).bookings.len(), 1);
    house.close().await;
}

#[tokio::test]
async fn who_falls_behind_begins_anew() {
    let house = House::open().await;
    // A line that takes a kilobyte at a time, and a reader that takes none for a while.
    let address = format!("http://{}", house.running.local_addr());
    let line = tonic::transport::Channel::from_shared(address).unwrap().initial_stream_window_size(1024);
    let mut client = AreaServiceClient::new(line.connect().await.unwrap());
    let request = area_pb::WatchAreaRequest { name: AREA.to_owned(), resume_from_revision: 0 };
    let mut stream = client.watch_area(request).await.unwrap().into_inner();
    snapshot(next(&mut stream).await);
    for number in 0..1000_i64 {
        let position = fleet_pb::Position {
            point: Some(mukae_proto::google::r#type::LatLng { latitude: ALOFI.0, longitude: ALOFI.1 }),
            device_time: Some(timestamp(MORNING)),
            sequence: number + 1,
            ..Default::default()
        };
        let report = fleet_pb::ReportPositionsRequest { vehicle: VAN.to_owned(), positions: vec![position] };
        house.fleet().report_positions(report).await.unwrap();
    }
    let mut deltas = 0;
    loop {
        match next(&mut stream).await.update {
            Some(Update::Delta(_)) => deltas += 1,
            Some(Update::Resync(resync)) => {
                assert_eq!(resync.reason(), area_pb::resync::Reason::FellBehind);
                break;
            }
            other => panic!("{other:?}"),
        }
        assert!(deltas < 1000, "nothing was left out, and the reader was slow");
    }
    assert_eq!(snapshot(next(&mut stream).await).vehicles[1].position.as_ref().unwrap().sequence, 1000);
    house.close().await;
}

#[tokio::test]
async fn a_rider_follows_a_booking_to_its_end() {
    let house = House::open().await;
    let booking = house.book(ride("q1", Span::HOUR)).await;
    let request = pb::WatchBookingRequest { name: booking.name.clone() };
    let mut stream = house.bookings().watch_booking(request).await.unwrap().into_inner();
    let first = next(&mut stream).await;
    assert_eq!(first.update, Some(pb::watch_booking_response::Update::Booking(booking.clone())));
    let cancel = pb::CancelBookingRequest { name: booking.name, request_id: "x".to_owned(), ..Default::default() };
    let cancelled = house.bookings().cancel_booking(cancel).await.unwrap().into_inner();
    let last = next(&mut stream).await;
    assert_eq!(last.update, Some(pb::watch_booking_response::Update::Booking(cancelled)));
    assert!(stream.next().await.is_none(), "ends with OK after a final state");
    house.close().await;
}

#[tokio::test]
async fn a_driver_follows_the_manifest() {
    let house = House::open().await;
    let request = fleet_pb::WatchManifestRequest { name: format!("{BUS}/manifest") };
    let mut stream = house.fleet().watch_manifest(request).await.unwrap().into_inner();
    let stops = |message: fleet_pb::WatchManifestResponse| match message.update {
        Some(fleet_pb::watch_manifest_response::Update::Manifest(manifest)) => manifest.stops.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(stops(next(&mut stream).await), 1);
    house.book(ride("q1", Span::HOUR)).await;
    assert_eq!(stops(next(&mut stream).await), 3);
    house.close().await;
}

#[tokio::test]
async fn a_quiet_stream_beats_and_a_stopping_server_says_so() {
    let clock = std::sync::Arc::new(mukae_server::ManualClock::new(MORNING));
    let options = Options { heartbeat: Duration::from_millis(20), ..options(&clock, mukae_server::Store::Configured) };
    let running = serve(config(), map(), options).await.unwrap();
    let channel = connect(&running).await;
    let house = House { running, clock, channel };
    let mut stream = watch_area(&house, 0).await;
    let revision = next(&mut stream).await.revision;
    let beat = next(&mut stream).await;
    let Some(Update::Heartbeat(heartbeat)) = &beat.update else { panic!("no heartbeat but {beat:?}") };
    assert_eq!((time(&heartbeat.current_time), beat.revision), (MORNING, revision));
    house.running.shutdown();
    let status = loop {
        match stream.next().await.expect("the end says why") {
            Ok(_) => {}
            Err(status) => break status,
        }
    };
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "NOT_READY"));
    house.running.join().await.unwrap();
}

#[tokio::test]
async fn streams_are_counted() {
    let mut config = config();
    config.server.watchers = 2;
    let house = House::open_with(config, mukae_server::Store::Configured, MORNING).await;
    let first = watch_area(&house, 0).await;
    let _second = watch_area(&house, 0).await;
    let request = area_pb::WatchAreaRequest { name: AREA.to_owned(), resume_from_revision: 0 };
    let status = house.area().watch_area(request).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "OVERLOADED"));
    drop(first);
    house.close().await;
}
