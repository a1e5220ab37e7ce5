//! The desk's side of a day: roads that close, alerts, messages.

use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::operations::v1 as ops;
use mukae_units::{Span, Time};
use ops::alert::Kind;
use ops::road_measure::{Effect, State};
use tokio_stream::StreamExt;
use tonic::Code;

use crate::support::*;

/// A square of about a kilometre around Hakupu: who rides there can not get in.
fn around_hakupu() -> ops::RoadSelection {
    let (lat, lon) = HAKUPU;
    let corner = |north: f64, east: f64| mukae_proto::google::r#type::LatLng {
        latitude: lat + north * 0.005,
        longitude: lon + east * 0.005,
    };
    let area = vec![corner(-1.0, -1.0), corner(-1.0, 1.0), corner(1.0, 1.0), corner(1.0, -1.0)];
    ops::RoadSelection { area, ..Default::default() }
}

fn closure(request_id: &str, from: Option<Time>, until: Option<Time>) -> ops::CreateRoadMeasureRequest {
    let road_measure = ops::RoadMeasure {
        note: "倒木のため通行止め".to_owned(),
        roads: Some(around_hakupu()),
        effect: Some(Effect::IsClosed(true)),
        start_time: from.map(timestamp),
        end_time: until.map(timestamp),
        ..Default::default()
    };
    ops::CreateRoadMeasureRequest {
        parent: AREA.to_owned(),
        road_measure: Some(road_measure),
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

async fn alerts(house: &House) -> Vec<ops::Alert> {
    let request = ops::ListAlertsRequest { parent: AREA.to_owned(), ..Default::default() };
    house.operations().list_alerts(request).await.unwrap().into_inner().alerts
}

async fn is_possible(house: &House, request_id: &str, after: Span) -> bool {
    let answer = house.bookings().quote(ride(request_id, after)).await.unwrap().into_inner();
    matches!(answer.result, Some(pb::quote_response::Result::Offers(_)))
}

async fn booking(house: &House, name: &str) -> pb::Booking {
    house.bookings().get_booking(pb::GetBookingRequest { name: name.to_owned() }).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_closed_road_takes_rides_away_and_an_opened_one_gives_them_back() {
    let house = House::open().await;
    let booked = house.book(ride("q1", Span::HOUR * 3)).await;

    let mut rehearsal = closure("m0", None, None);
    rehearsal.validate_only = true;
    let would_be = house.operations().create_road_measure(rehearsal).await.unwrap().into_inner();
    assert!(0 < would_be.edge_count && !would_be.lines.is_empty());
    assert_eq!(would_be.state(), State::InForce);
    assert!(is_possible(&house, "q2", Span::HOUR * 2).await, "only rehearsed");
    assert_eq!(booking(&house, &booked.name).await.state(), pb::booking::State::Confirmed);

    let measure = house.operations().create_road_measure(closure("m1", None, None)).await.unwrap().into_inner();
    assert_eq!(measure, would_be);
    let again = house.operations().create_road_measure(closure("m1", None, None)).await.unwrap().into_inner();
    assert_eq!(again, measure, "the same id, the same measure");
    assert!(!is_possible(&house, "q3", Span::HOUR * 2).await);
    assert_eq!(booking(&house, &booked.name).await.state(), pb::booking::State::Unassigned);

    let end =
        ops::EndRoadMeasureRequest { name: measure.name.clone(), request_id: "e1".to_owned(), ..Default::default() };
    let ended = house.operations().end_road_measure(end.clone()).await.unwrap().into_inner();
    assert_eq!(ended.state(), State::Over);
    assert_eq!(house.operations().end_road_measure(end).await.unwrap().into_inner(), ended);
    assert!(is_possible(&house, "q4", Span::HOUR * 2).await);
    house.close().await;
}

#[tokio::test]
async fn a_measure_holds_for_its_time_and_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let (from, until) = (MORNING + Span::HOUR, MORNING + Span::HOUR * 2);
    let planned = house.operations().create_road_measure(closure("m1", Some(from), Some(until))).await.unwrap();
    let name = planned.into_inner().name;
    let state = async |house: &House| {
        let request = ops::GetRoadMeasureRequest { name: name.clone() };
        house.operations().get_road_measure(request).await.unwrap().into_inner().state()
    };
    assert_eq!(state(&house).await, State::Planned);
    assert!(is_possible(&house, "q1", Span::HOUR).await, "not yet; what it will be is not planned for");
    house.clock.advance(Span::HOUR);
    assert_eq!(state(&house).await, State::InForce);
    assert!(!is_possible(&house, "q2", Span::from_mins(61)).await);
    house.close().await;

    // with the snapshot, and then from the log alone
    for (index, with_snapshot) in [true, false].into_iter().enumerate() {
        if !with_snapshot {
            for file in std::fs::read_dir(&journal).unwrap().map(|file| file.unwrap().path()) {
                if file.file_name().unwrap().to_str().unwrap().starts_with("snapshot") {
                    std::fs::remove_file(file).unwrap();
                }
            }
        }
        let house = House::open_in(journal.clone(), from).await;
        assert_eq!(state(&house).await, State::InForce);
        assert!(!is_possible(&house, &format!("q3-{index}"), Span::from_mins(62)).await);
        house.close().await;
    }
    let house = House::open_in(journal, until + Span::MINUTE).await;
    assert_eq!(state(&house).await, State::Over, "it ended while nobody was there");
    assert!(is_possible(&house, "q4", Span::HOUR * 3).await);
    house.close().await;
}

#[tokio::test]
async fn wrong_measures_are_told_field_by_field() {
    let house = House::open().await;
    let bad = |status: tonic::Status| fields(&status);
    let mut client = house.operations();
    let status = client.create_road_measure(ops::CreateRoadMeasureRequest::default()).await.unwrap_err();
    let missing =
        ["request_id", "parent", "road_measure", "road_measure.note", "road_measure.roads", "road_measure.effect"];
    assert_eq!(bad(status), missing);
    let wrong = |change: &dyn Fn(&mut ops::RoadMeasure)| {
        let mut request = closure("m1", None, None);
        change(request.road_measure.as_mut().unwrap());
        request
    };
    let corner = |latitude: f64| mukae_proto::google::r#type::LatLng { latitude, longitude: 0.0 };
    type Change<'c> = (&'c str, &'c dyn Fn(&mut ops::RoadMeasure));
    let cases: &[Change<'_>] = &[
        ("road_measure.percent", &|measure| measure.effect = Some(Effect::Percent(0))),
        ("road_measure.percent", &|measure| measure.effect = Some(Effect::Percent(10_001))),
        ("road_measure.max_kmh", &|measure| measure.effect = Some(Effect::MaxKmh(-5))),
        ("road_measure.effect", &|measure| measure.effect = Some(Effect::IsClosed(false))),
        ("road_measure.roads.area", &|measure| measure.roads.as_mut().unwrap().area.truncate(2)),
        ("road_measure.roads.area[1]", &|measure| measure.roads.as_mut().unwrap().area[1] = corner(f64::NAN)),
        ("road_measure.note", &|measure| measure.note = " ".to_owned()),
        ("road_measure.note", &|measure| measure.note = "x".repeat(1001)),
        ("road_measure.end_time", &|measure| measure.end_time = Some(timestamp(MORNING - Span::MINUTE))),
        ("road_measure.end_time", &|measure| {
            measure.start_time = Some(timestamp(MORNING + Span::HOUR));
            measure.end_time = Some(timestamp(MORNING + Span::HOUR));
        }),
        ("road_measure.roads", &|measure| measure.roads.as_mut().unwrap().road = "Abbey Road".to_owned()),
        ("road_measure.roads", &|measure| measure.roads.as_mut().unwrap().osm_ways = vec![1]),
    ];
    for (field, change) in cases {
        assert_eq!(bad(client.create_road_measure(wrong(change)).await.unwrap_err()), [*field]);
    }
    let request = ops::GetRoadMeasureRequest { name: format!("{AREA}/roadMeasures/m1") };
    assert_eq!(client.get_road_measure(request).await.unwrap_err().code(), Code::NotFound, "nothing was ordered");
    house.close().await;
}

#[tokio::test]
async fn alerts_are_raised_acknowledged_noted_and_cleared() {
    let house = House::open().await;
    let mut watch = house
        .area()
        .watch_area(area_pb::WatchAreaRequest { name: AREA.to_owned(), resume_from_revision: 0 })
        .await
        .unwrap()
        .into_inner();
    // The bus was to be out at seven, and it is eight.
    let first = alerts(&house).await;
    let [late] = first.as_slice() else { panic!("{first:?}") };
    assert_eq!(late.kind(), Kind::LatePullOut);
    assert!(late.subject.starts_with(&format!("{BUS}/shifts/")) && late.japanese_text.contains("出庫"));

    let acknowledge =
        ops::AcknowledgeAlertRequest { name: late.name.clone(), request_id: "a1".to_owned(), ..Default::default() };
    let seen = house.operations().acknowledge_alert(acknowledge.clone()).await.unwrap().into_inner();
    assert!(seen.acknowledge_time.is_some());
    assert_eq!(house.operations().acknowledge_alert(acknowledge.clone()).await.unwrap().into_inner(), seen);
    let twice = ops::AcknowledgeAlertRequest { request_id: "a2".to_owned(), ..acknowledge };
    assert_eq!(reason(&house.operations().acknowledge_alert(twice).await.unwrap_err()), "ALREADY_SO");
    let note = ops::AddAlertNoteRequest {
        name: late.name.clone(),
        text: "運転手に電話済み".to_owned(),
        request_id: "n1".to_owned(),
        ..Default::default()
    };
    let noted = house.operations().add_alert_note(note.clone()).await.unwrap().into_inner();
    assert_eq!(noted.notes.len(), 1);
    assert_eq!(house.operations().add_alert_note(note).await.unwrap().into_inner().notes.len(), 1, "written once");

    let open =
        fleet_pb::OpenShiftRequest { name: late.subject.clone(), request_id: "o1".to_owned(), ..Default::default() };
    house.fleet().open_shift(open).await.unwrap();
    house.clock.advance(Span::from_secs(2));
    assert!(alerts(&house).await.is_empty());
    let request = ops::ListAlertsRequest { parent: AREA.to_owned(), show_cleared: true, ..Default::default() };
    let all = house.operations().list_alerts(request).await.unwrap().into_inner().alerts;
    assert!(all[0].clear_time.is_some() && all[0].notes.len() == 1);

    // and who watches the area saw it all
    let mut states = Vec::new();
    while states.last() != Some(&(true, true, 1)) {
        use area_pb::watch_area_response::Update;
        let update = watch.next().await.unwrap().unwrap().update;
        let alerts = match update.unwrap() {
            Update::Snapshot(snapshot) => snapshot.alerts,
            Update::Delta(delta) => delta.alerts,
            _ => Vec::new(),
        };
        let state =
            |alert: ops::Alert| (alert.acknowledge_time.is_some(), alert.clear_time.is_some(), alert.notes.len());
        states.extend(alerts.into_iter().map(state));
    }
    assert_eq!(states[states.len() - 3..], [(true, false, 0), (true, false, 1), (true, true, 1)]);
    house.close().await;
}

#[tokio::test]
async fn a_vehicle_that_falls_silent_is_told_and_one_that_never_spoke_is_not() {
    let house = House::open().await;
    let shift = alerts(&house).await.remove(0).subject;
    let open = fleet_pb::OpenShiftRequest { name: shift, request_id: "o1".to_owned(), ..Default::default() };
    house.fleet().open_shift(open).await.unwrap();
    house.clock.advance(Span::from_mins(10));
    assert!(alerts(&house).await.is_empty(), "nothing to say of a device that is not there");
    let position = |sequence: i64, at: Time| fleet_pb::ReportPositionsRequest {
        vehicle: BUS.to_owned(),
        positions: vec![fleet_pb::Position {
            point: place(ALOFI, "").unwrap().position,
            device_time: Some(timestamp(at)),
            sequence,
            ..Default::default()
        }],
    };
    house.fleet().report_positions(position(1, MORNING + Span::from_mins(10))).await.unwrap();
    house.clock.advance(Span::from_mins(3));
    let silent = alerts(&house).await;
    assert_eq!(silent.iter().map(ops::Alert::kind).collect::<Vec<_>>(), [Kind::SilentVehicle]);
    assert_eq!(silent[0].subject, BUS);
    house.fleet().report_positions(position(2, MORNING + Span::from_mins(13))).await.unwrap();
    house.clock.advance(Span::from_secs(16));
    assert!(alerts(&house).await.is_empty());
    house.close().await;
}

#[tokio::test]
async fn messages_reach_a_notifier_each_once_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let booked = house.book(ride("q1", Span::HOUR)).await;
    let send = async |house: &House, id: &str, recipient: &str| {
        let message =
            ops::Message {
                recipient: recipient.to_owned(), text: format!("五分遅れます {id}"), ..Default::default()
            };
        let request = ops::SendMessageRequest {
            parent: AREA.to_owned(),
            message: Some(message),
            request_id: id.to_owned(),
            validate_only: false,
        };
        house.operations().send_message(request).await
    };
    let first = send(&house, "s1", &booked.name).await.unwrap().into_inner();
    assert_eq!(first, send(&house, "s1", &booked.name).await.unwrap().into_inner(), "the same id, one message");
    let watch = ops::WatchMessagesRequest { parent: AREA.to_owned(), after_message: String::new() };
    let mut stream = house.operations().watch_messages(watch).await.unwrap().into_inner();
    let mut next = async || match stream.next().await.unwrap().unwrap().update.unwrap() {
        ops::watch_messages_response::Update::Message(message) => message,
        other => panic!("{other:?}"),
    };
    assert_eq!(next().await, first);
    let second = send(&house, "s2", BUS).await.unwrap().into_inner();
    let third = send(&house, "s3", BUS).await.unwrap().into_inner();
    assert_eq!((next().await, next().await), (second.clone(), third.clone()));
    let nobody = send(&house, "s4", "tenants/alofi/vehicles/nobody").await.unwrap_err();
    assert_eq!(nobody.code(), Code::NotFound);
    house.close().await;

    let house = House::open_in(journal, MORNING + Span::MINUTE).await;
    let watch = ops::WatchMessagesRequest { parent: AREA.to_owned(), after_message: second.name.clone() };
    let mut stream = house.operations().watch_messages(watch).await.unwrap().into_inner();
    let update = stream.next().await.unwrap().unwrap().update.unwrap();
    assert_eq!(update, ops::watch_messages_response::Update::Message(third), "where it was left, over a restart");
    house.close().await;
}
