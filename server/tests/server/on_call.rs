//! Shifts on call, as the desk sees them.

use mukae_proto::transit::booking::v1::CancelBookingRequest;
use mukae_proto::transit::fleet::v1 as pb;
use mukae_proto::transit::fleet::v1::on_call::State;
use mukae_proto::transit::operations::v1 as ops;
use mukae_proto::transit::units::v1::TimeWindow;
use mukae_units::{Span, Time};

use crate::support::{AIRPORT, AREA, House, MORNING, VAN, fields, place, ride, timestamp};

fn spans(mins: i64) -> Option<prost_types::Duration> {
    Some(prost_types::Duration { seconds: mins * 60, nanos: 0 })
}

/// The van comes if somebody calls.
fn on_call(begins: Time) -> pb::CreateShiftRequest {
    let on_call = pb::OnCall { cost_yen: 1500, notice_duration: spans(15), ..Default::default() };
    let shift = pb::Shift {
        start_place: place(AIRPORT, "Airport"),
        start_time: Some(timestamp(begins)),
        end_time: Some(timestamp(MORNING + Span::HOUR * 10)),
        on_call: Some(on_call),
        ..Default::default()
    };
    pb::CreateShiftRequest {
        parent: VAN.to_owned(),
        shift_id: "called".to_owned(),
        shift: Some(shift),
        request_id: "van-shift".to_owned(),
        ..Default::default()
    }
}

async fn shift(house: &House) -> pb::Shift {
    let request = pb::GetShiftRequest { name: format!("{VAN}/shifts/called") };
    house.fleet().get_shift(request).await.unwrap().into_inner()
}

fn call(shift: &pb::Shift) -> (State, &str) {
    let on_call = shift.on_call.as_ref().unwrap();
    (on_call.state(), &on_call.japanese_text)
}

async fn late_shifts(house: &House) -> Vec<String> {
    let request = ops::ListAlertsRequest {
        parent: AREA.to_owned(),
        filter: "kind = LATE_PULL_OUT".to_owned(),
        ..Default::default()
    };
    let alerts = house.operations().list_alerts(request).await.unwrap().into_inner().alerts;
    alerts.into_iter().map(|alert| alert.subject).collect()
}

#[tokio::test]
async fn the_first_rider_calls_the_driver_and_the_last_one_sends_them_back() {
    let house = House::open().await;
    let bus = late_shifts(&house).await.remove(0);
    house.fleet().create_shift(on_call(MORNING - Span::HOUR)).await.unwrap();
    let close = pb::CloseShiftRequest { name: bus, request_id: "close".to_owned(), ..Default::default() };
    house.fleet().close_shift(close).await.unwrap();
    let uncalled = shift(&house).await;
    assert_eq!(call(&uncalled), (State::Uncalled, "待機中です。まだ呼び出していません。"));
    house.clock.advance(Span::MINUTE);
    assert_eq!(late_shifts(&house).await, [""; 0], "nobody has to come");

    let booking = house.book(ride("first", Span::HOUR)).await;
    let called = shift(&house).await;
    assert_eq!(call(&called), (State::Called, "呼出済みです。"));
    assert_ne!(called.etag, uncalled.etag);
    let manifest = pb::GetManifestRequest { name: format!("{VAN}/manifest"), ..Default::default() };
    let manifest = house.fleet().get_manifest(manifest).await.unwrap().into_inner();
    assert_eq!(
        (manifest.shift, manifest.stops.len()),
        (called.name.clone(), 3),
        "two stops and the way home, as of any planned shift"
    );

    let cancel = CancelBookingRequest { name: booking.name, request_id: "cancel".to_owned(), ..Default::default() };
    house.bookings().cancel_booking(cancel).await.unwrap();
    assert_eq!(call(&shift(&house).await).0, State::Uncalled);

    house.book(ride("second", Span::HOUR)).await;
    assert_eq!(late_shifts(&house).await, [""; 0], "there is time");
    house.clock.advance(Span::HOUR * 2);
    assert_eq!(late_shifts(&house).await, [called.name], "who was called does not come");
    house.close().await;
}

#[tokio::test]
async fn wrong_calls_say_what_would_be_right() {
    let house = House::open().await;
    type Change<'c> = (&'c str, &'c dyn Fn(&mut pb::Shift));
    let cases: &[Change<'_>] = &[
        ("shift.on_call.cost_yen", &|shift| shift.on_call.as_mut().unwrap().cost_yen = -1),
        ("shift.on_call.cost_yen", &|shift| shift.on_call.as_mut().unwrap().cost_yen = 1_000_001),
        ("shift.on_call.notice_duration", &|shift| shift.on_call.as_mut().unwrap().notice_duration = None),
        ("shift.on_call.notice_duration", &|shift| {
            shift.on_call.as_mut().unwrap().notice_duration = spans(8 * 24 * 60);
        }),
        ("shift.breaks", &|shift| {
            let window = TimeWindow {
                earliest_time: Some(timestamp(MORNING + Span::HOUR)),
                latest_time: Some(timestamp(MORNING + Span::HOUR * 2)),
            };
            shift.breaks = vec![pb::Break { window: Some(window), length_duration: spans(30), place: None }];
        }),
    ];
    for (field, change) in cases {
        let mut request = on_call(MORNING);
        change(request.shift.as_mut().unwrap());
        let status = house.fleet().create_shift(request).await.unwrap_err();
        assert_eq!(fields(&status), [*field], "{status:?}");
    }
    house.close().await;
}
