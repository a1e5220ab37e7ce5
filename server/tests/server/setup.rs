//! Services that are set up over the interface: judged as the file is, versioned, previewed, there after a restart.

use std::path::Path;

use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::area::v1 as pb;
use mukae_proto::transit::booking::v1 as booking_pb;
use mukae_proto::transit::units::v1::DrivenBy;
use mukae_server::{Config, Store};
use mukae_units::Span;
use prost_types::{Duration, FieldMask};
use serde_json::json;
use tonic::{Code, Status};

use crate::guarded::{Guarded, at_alofi, bearing};
use crate::support::*;

const NIGHT: &str = "tenants/alofi/services/night";

/// With everything that a service can say.
fn night() -> pb::Service {
    let hours = pb::ServiceHours {
        days: vec!["mon".to_owned(), "wed".to_owned()],
        start: "07:00".to_owned(),
        end: "12:00".to_owned(),
    };
    let corner = |latitude, longitude| LatLng { latitude, longitude };
    let around = |south: f64, north: f64| {
        vec![corner(south, -170.0), corner(south, -169.0), corner(north, -169.0), corner(north, -170.0)]
    };
    pb::Service {
        area: AREA.to_owned(),
        display_name: "夜の便".to_owned(),
        wait_max_duration: Some(seconds(5400)),
        promise_width_duration: Some(seconds(1200)),
        ride_extra_duration: Some(seconds(900)),
        ride_factor_percent: Some(200),
        ride_max_duration: Some(seconds(7200)),
        dwell_per_stop_duration: Some(seconds(5)),
        dwell_per_party_duration: Some(seconds(40)),
        dwell_per_seat_duration: Some(seconds(6)),
        dwell_per_wheelchair_duration: Some(seconds(120)),
        offer_ttl_duration: Some(seconds(300)),
        notice_min_duration: Some(seconds(600)),
        horizon_duration: Some(seconds(86_400 * 3)),
        no_show_after_duration: Some(seconds(180)),
        door_to_door: Some(true),
        walk_max_to_pickup_duration: Some(seconds(600)),
        walk_max_from_dropoff_duration: Some(seconds(700)),
        hold_max_duration: Some(seconds(60)),
        offers_max: Some(2),
        hours: vec![hours],
        closed: vec!["2026-08-15".to_owned(), "2026-12-29 to 2027-01-03".to_owned()],
        extra: vec![pb::ExtraHours {
            dates: "2026-08-15".to_owned(),
            start: "22:00".to_owned(),
            end: "02:00".to_owned(),
        }],
        book_until: "17:00".to_owned(),
        book_until_days_before: Some(0),
        book_from: "09:00".to_owned(),
        book_from_days_before: Some(14),
        zones: vec![pb::ZonePair {
            from: vec!["island".to_owned()],
            to: vec!["island".to_owned(), "south".to_owned()],
        }],
        driven_by: vec![DrivenBy::Staff as i32, DrivenBy::Taxi as i32],
        party_max: Some(4),
        fare: Some(pb::ServiceFare {
            yen: Some(700),
            zones: vec![pb::ZoneFare { from: vec!["south".to_owned()], to: Vec::new(), yen: 300 }],
            shared_discount_yen: Some(100),
            party_shares: true,
            child_percent: Some(50),
            senior_percent: Some(80),
            disabled_percent: Some(50),
            rounding_yen: Some(50),
            ticket_yen: Some(100),
            cash: Some(true),
            account: true,
            ..Default::default()
        }),
        cancellation: Some(pb::CancellationTerms {
            free_until_duration: Some(seconds(3600)),
            late_fee_yen: 200,
            no_show_fee_yen: 400,
        }),
        suspension: Some(pb::SuspensionTerms {
            no_shows: 3,
            within_duration: Some(seconds(86_400 * 30)),
            lasts_duration: Some(seconds(86_400 * 7)),
        }),
        own_zones: vec![
            pb::Zone { id: "island".to_owned(), corners: around(-20.0, -18.0) },
            pb::Zone { id: "south".to_owned(), corners: around(-20.0, -19.1) },
        ],
        own_meeting_points: vec![pb::MeetingPoint {
            name: format!("{NIGHT}/meetingPoints/town-hall"),
            position: Some(corner(ALOFI.0, ALOFI.1)),
            label: "役場".to_owned(),
            kana: "やくば".to_owned(),
            distance_meters: 0,
        }],
        ..Default::default()
    }
}

fn seconds(seconds: i64) -> Duration {
    Duration { seconds, nanos: 0 }
}

fn create(service: pb::Service, request_id: &str) -> pb::CreateServiceRequest {
    pb::CreateServiceRequest {
        parent: "tenants/alofi".to_owned(),
        service_id: "night".to_owned(),
        service: Some(service),
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

fn update(service: pb::Service, paths: &[&str], request_id: &str) -> pb::UpdateServiceRequest {
    pb::UpdateServiceRequest {
        service: Some(pb::Service { name: NIGHT.to_owned(), ..service }),
        update_mask: Some(FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() }),
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

fn get(name: &str) -> pb::GetServiceRequest {
    pb::GetServiceRequest { name: name.to_owned() }
}

fn described(status: &Status) -> String {
    use tonic_types::StatusExt;
    let details = status.get_error_details();
    let of = |violation: &tonic_types::FieldViolation| format!("{}: {}", violation.field, violation.description);
    details
        .bad_request()
        .map(|bad| bad.field_violations.iter().map(of).collect::<Vec<_>>().join("; "))
        .unwrap_or_default()
}

#[tokio::test]
async fn a_service_says_all_that_the_file_can_and_outlives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let mut client = house.setup();
    let made = client.create_service(create(night(), "s1")).await.unwrap().into_inner();
    assert_eq!((made.name.as_str(), made.version, made.managed_by()), (NIGHT, 1, pb::ManagedBy::Interface));
    assert_eq!(made.review, Some(pb::RulesReview::default()));
    let again = client.create_service(create(night(), "s1")).await.unwrap().into_inner();
    assert_eq!(again, made);
    let twice = client.create_service(create(night(), "s2")).await.unwrap_err();
    assert_eq!(reason(&twice), "RESOURCE_EXISTS");
    let read = client.get_service(get(NIGHT)).await.unwrap().into_inner();
    assert_eq!(pb::Service { review: made.review.clone(), ..read.clone() }, made);
    // what was told is what is said
    let told = pb::Service {
        name: read.name.clone(),
        managed_by: read.managed_by,
        version: read.version,
        update_time: read.update_time,
        etag: read.etag.clone(),
        ..night()
    };
    assert_eq!(read, told);

    // it works: inside its hours one books by it, and is told its fare
    let mut wish = ride("q1", Span::HOUR);
    wish.parent = NIGHT.to_owned();
    let booked = house.book(wish.clone()).await;
    assert!(booked.name.starts_with(NIGHT));
    assert_eq!(booked.fare.as_ref().map(|fare| (fare.full_yen, fare.late_cancellation_yen)), Some((700, 200)));
    wish.request_id = "q2".to_owned();
    wish.wish = ride("q2", Span::HOUR * 6).wish;
    let refused = house.bookings().quote(wish.clone()).await.unwrap().into_inner();
    assert!(refusal_of(refused).contains(&booking_pb::binding_constraint::Kind::ServiceHours));

    // changed, and both versions are kept
    let changed = pb::Service { hours: Vec::new(), ..Default::default() };
    let open = client.update_service(update(changed, &["hours", "closed", "extra"], "u1")).await.unwrap().into_inner();
    assert_eq!((open.version, open.hours.len(), open.display_name.as_str()), (2, 0, "夜の便"));
    wish.request_id = "q3".to_owned();
    house.offer(wish).await;
    house.close().await;

    let house = House::open_in(journal, MORNING + Span::MINUTE).await;
    let mut client = house.setup();
    let read = client.get_service(get(NIGHT)).await.unwrap().into_inner();
    assert_eq!(pb::Service { review: open.review.clone(), ..read }, open);
    let list = pb::ListServiceRevisionsRequest { parent: NIGHT.to_owned(), page_size: 1, ..Default::default() };
    let first = client.list_service_revisions(list.clone()).await.unwrap().into_inner();
    let next = pb::ListServiceRevisionsRequest { page_token: first.next_page_token.clone(), ..list };
    let second = client.list_service_revisions(next).await.unwrap().into_inner();
    let names = [&first, &second].map(|page| page.service_revisions[0].name.clone());
    assert_eq!(names, [format!("{NIGHT}/revisions/1"), format!("{NIGHT}/revisions/2")]);
    assert_eq!(first.service_revisions[0].service.as_ref().unwrap().hours, night().hours);
    assert!(second.service_revisions[0].service.as_ref().unwrap().hours.is_empty());
    assert!(second.next_page_token.is_empty());
    house.close().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field_as_the_file_is_by_line() {
    let house = House::open().await;
    let mut client = house.setup();
    type Change<'c> = (&'c str, &'c dyn Fn(&mut pb::Service));
    let cases: &[Change<'_>] = &[
        ("service.promise_width_duration: `promise_width` is \"1 s\"; 1 min to 4 h is allowed", &|s| {
            s.promise_width_duration = Some(seconds(1));
        }),
        ("service.horizon_duration: 0 to 34560000 seconds", &|s| s.horizon_duration = Some(seconds(-1))),
        ("service.offers_max: `offers_max` is 11; 1 to 10 is allowed", &|s| s.offers_max = Some(11)),
        ("service.hours[0].start: `start` is \"7\"; write a time of day", &|s| s.hours[0].start = "7".to_owned()),
        ("service.hours[0]: `end` is missing in `hours`", &|s| s.hours[0].end = String::new()),
        ("service.hours[0].days: `days` is", &|s| s.hours[0].days = vec!["payday".to_owned()]),
        ("`days` speaks of holidays, and the area keeps none", &|s| s.hours[0].days = vec!["holidays".to_owned()]),
        ("service.closed[1]: `closed` has \"x\"; write a date", &|s| s.closed[1] = "x".to_owned()),
        ("service.zones[0].to[1]: `to` names the zone \"north\"; there are: island, south", &|s| {
            s.zones[0].to[1] = "north".to_owned();
        }),
        ("service.own_zones[1].corners: a zone needs at least 3 different points", &|s| {
            s.own_zones[1].corners.truncate(2);
        }),
        ("service.own_zones[1].corners: its border crosses", &|s| s.own_zones[1].corners.swap(0, 1)),
        ("service.own_zones[0].corners[2]: `polygon` is [latitude, longitude]", &|s| {
            s.own_zones[0].corners[2].latitude = f64::NAN;
        }),
        ("service.own_zones[1].id: there is a zone island already", &|s| s.own_zones[1].id = "island".to_owned()),
        ("service.fare.child_percent: `child_percent` is 101; 0 to 100", &|s| {
            s.fare.as_mut().unwrap().child_percent = Some(101);
        }),
        ("service.fare.zones[0].yen: `yen` is -1", &|s| s.fare.as_mut().unwrap().zones[0].yen = -1),
        ("service.fare: `yen` is missing", &|s| s.fare.as_mut().unwrap().yen = None),
        ("service.cancellation: `cancellation` needs a `fare`", &|s| s.fare = None),
        ("service.suspension: `suspension` is", &|s| s.suspension.as_mut().unwrap().within_duration = None),
        ("service.driven_by[0]: 9; `DRIVEN_BY_STAFF`", &|s| s.driven_by[0] = 9),
        ("service.own_meeting_points[0]: a meeting point needs `place`", &|s| s.own_meeting_points[0].position = None),
        ("service.own_meeting_points[0].label: `label` has at most 200", &|s| {
            s.own_meeting_points[0].label = "長".repeat(201);
        }),
        ("service.display_name: `display_name` has at most 100", &|s| s.display_name = "長".repeat(101)),
    ];
    for (expected, change) in cases {
        let mut service = night();
        change(&mut service);
        let status = client.create_service(create(service, "s1")).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{expected}: {status:?}");
        assert!(described(&status).contains(expected), "{expected} is not in {}", described(&status));
    }
    // several at once, each by itself
    let mut service = night();
    (service.offers_max, service.party_max, service.book_from) = (Some(0), Some(0), "noon".to_owned());
    let status = client.create_service(create(service, "s1")).await.unwrap_err();
    let mut wrong = fields(&status);
    wrong.sort();
    assert_eq!(wrong, ["service.book_from", "service.offers_max", "service.party_max"]);
    let elsewhere = pb::Service { area: "areas/tonga".to_owned(), ..night() };
    assert_eq!(client.create_service(create(elsewhere, "s1")).await.unwrap_err().code(), Code::NotFound);
    let unknown = client.update_service(update(night(), &["name"], "u1")).await.unwrap_err();
    assert_eq!(fields(&unknown), ["update_mask"]);
    let none = client.get_service(get(NIGHT)).await.unwrap_err();
    assert_eq!(none.code(), Code::NotFound, "nothing was set up");
    house.close().await;
}

#[tokio::test]
async fn new_rules_are_previewed_and_bookings_kept() {
    let house = House::open().await;
    let mut client = house.setup();
    let made = client.create_service(create(night(), "s1")).await.unwrap().into_inner();
    let mut wish = ride("q1", Span::HOUR);
    wish.parent = NIGHT.to_owned();
    let booked = house.book(wish.clone()).await;
    let mut rules = pb::Service {
        hours: vec![pb::ServiceHours { days: Vec::new(), start: "18:00".to_owned(), end: "20:00".to_owned() }],
        driven_by: vec![DrivenBy::Volunteer as i32],
        etag: made.etag.clone(),
        ..Default::default()
    };
    let mut preview = update(rules.clone(), &["hours", "driven_by"], "u1");
    preview.validate_only = true;
    let review = client.update_service(preview).await.unwrap().into_inner().review.unwrap();
    assert_eq!((review.booking_count, review.conflict_count), (1, 1));
    assert_eq!(review.conflicts[0].booking, booked.name);
    assert_eq!(review.conflicts[0].fields, ["hours", "driven_by"]);
    let read = client.get_service(get(NIGHT)).await.unwrap().into_inner();
    assert_eq!((read.version, &read.hours), (1, &night().hours), "nothing was done");

    let changed =
        client.update_service(update(rules.clone(), &["hours", "driven_by"], "u1")).await.unwrap().into_inner();
    assert_eq!((changed.version, changed.review), (2, Some(review)));
    let kept = booking_pb::GetBookingRequest { name: booked.name.clone() };
    let kept = house.bookings().get_booking(kept).await.unwrap().into_inner();
    assert_eq!((kept.state(), &kept.promise), (booking_pb::booking::State::Confirmed, &booked.promise));
    wish.request_id = "q2".to_owned();
    let refused = house.bookings().quote(wish).await.unwrap().into_inner();
    assert!(refusal_of(refused).contains(&booking_pb::binding_constraint::Kind::ServiceHours));
    let stale = client.update_service(update(rules.clone(), &["hours"], "u2")).await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    rules.etag = changed.etag;
    rules.offers_max = Some(99);
    let wrong = client.update_service(update(rules, &["offers_max"], "u3")).await.unwrap_err();
    assert_eq!(fields(&wrong), ["service.offers_max"]);
    house.close().await;
}

#[tokio::test]
async fn the_file_keeps_what_it_names_unless_it_lets_go() {
    let file = |text: &str, dir: &Path| {
        let mut config = Config::parse(text, Path::new("")).unwrap_or_else(|problems| panic!("{problems:?}"));
        config.journal.dir = Some(dir.to_owned());
        config
    };
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_with(file(CONFIG, &journal), Store::Configured, MORNING).await;
    let of_file = house.setup().get_service(get(SERVICE)).await.unwrap().into_inner();
    assert_eq!((of_file.managed_by(), of_file.version, of_file.offers_max), (pb::ManagedBy::File, 0, Some(3)));
    let rename = |id: &str, name: &str| pb::UpdateServiceRequest {
        service: Some(pb::Service { name: SERVICE.to_owned(), display_name: name.to_owned(), ..Default::default() }),
        update_mask: Some(FieldMask { paths: vec!["display_name".to_owned()] }),
        request_id: id.to_owned(),
        validate_only: false,
    };
    let kept = house.setup().update_service(rename("u1", "Day ride")).await.unwrap_err();
    assert_eq!((kept.code(), reason(&kept).as_str()), (Code::FailedPrecondition, "MANAGED_BY_FILE"));
    assert_eq!(metadata(&kept, "name"), SERVICE);
    house.close().await;

    let lets_go = CONFIG.replace("id = \"ride\"", "id = \"ride\"\nmanaged = \"api\"");
    let house = House::open_with(file(&lets_go, &journal), Store::Configured, MORNING).await;
    let first = house.setup().get_service(get(SERVICE)).await.unwrap().into_inner();
    assert_eq!(
        (first.managed_by(), first.version, first.display_name.as_str()),
        (pb::ManagedBy::Interface, 0, "Alofi ride")
    );
    let renamed = house.setup().update_service(rename("u1", "Day ride")).await.unwrap().into_inner();
    assert_eq!((renamed.display_name.as_str(), renamed.version), ("Day ride", 1));
    house.close().await;
    // the interface's word holds, whatever the file says beside it
    let other = lets_go.replace("Alofi ride", "Something else");
    let house = House::open_with(file(&other, &journal), Store::Configured, MORNING).await;
    let read = house.setup().get_service(get(SERVICE)).await.unwrap().into_inner();
    assert_eq!(read.display_name, "Day ride");
    house.close().await;
    // until the file takes it back
    let house = House::open_with(file(CONFIG, &journal), Store::Configured, MORNING).await;
    let read = house.setup().get_service(get(SERVICE)).await.unwrap().into_inner();
    assert_eq!((read.display_name.as_str(), read.managed_by(), read.version), ("Alofi ride", pb::ManagedBy::File, 0));
    house.close().await;
}

const POINTS: &str = r#"
[[meeting_point]]
id = "wharf"
place = [-19.0560, -169.9220]
label = "Wharf"
kana = "はとば"

[[meeting_point]]
place = [-19.0790, -169.9256]
label = "Airport"
kana = "クウコウ"
services = ["ride"]
"#;

#[tokio::test]
async fn meeting_points_are_found_by_kana_and_by_where_one_is() {
    let config = Config::parse(&format!("{CONFIG}{POINTS}"), Path::new("")).unwrap();
    let house = House::open_with(config, Store::Configured, MORNING).await;
    let mut client = house.setup();
    client.create_service(create(night(), "s1")).await.unwrap();
    let list = |parent: &str| pb::ListMeetingPointsRequest { parent: parent.to_owned(), ..Default::default() };
    let mut labels = async |request: pb::ListMeetingPointsRequest| {
        let page = client.list_meeting_points(request).await.unwrap().into_inner();
        page.meeting_points.into_iter().map(|point| point.label).collect::<Vec<_>>()
    };
    assert_eq!(labels(list(SERVICE)).await, ["Airport", "Wharf"], "くうこう, はとば");
    assert_eq!(labels(list(NIGHT)).await, ["Wharf", "役場"], "its own and those of all");
    for (prefix, expected) in [("ハト", &["Wharf"][..]), ("くう", &["Airport"]), ("wha", &["Wharf"]), ("x", &[])] {
        assert_eq!(labels(pb::ListMeetingPointsRequest { prefix: prefix.to_owned(), ..list(SERVICE) }).await, expected);
    }
    let here = Some(LatLng { latitude: ALOFI.0, longitude: ALOFI.1 });
    let near = pb::ListMeetingPointsRequest { near_position: here, ..list(NIGHT) };
    assert_eq!(labels(near.clone()).await, ["役場", "Wharf"]);
    assert_eq!(labels(pb::ListMeetingPointsRequest { max_distance_meters: Some(100), ..near.clone() }).await, ["役場"]);
    let page = pb::ListMeetingPointsRequest { page_size: 1, ..near.clone() };
    let first = client.list_meeting_points(page.clone()).await.unwrap().into_inner();
    let point = first.meeting_points[0].clone();
    assert_eq!(
        (point.name, point.distance_meters, point.kana.as_str()),
        (format!("{NIGHT}/meetingPoints/town-hall"), 0, "やくば")
    );
    let token = first.next_page_token;
    let second = pb::ListMeetingPointsRequest { page_token: token.clone(), ..page };
    let second = client.list_meeting_points(second).await.unwrap().into_inner();
    assert_eq!((second.meeting_points[0].label.as_str(), second.next_page_token.as_str()), ("Wharf", ""));
    let foreign = pb::ListMeetingPointsRequest { page_token: token, prefix: "w".to_owned(), ..near };
    assert_eq!(reason(&client.list_meeting_points(foreign).await.unwrap_err()), "PAGE_TOKEN_INVALID");
    let alone = pb::ListMeetingPointsRequest { max_distance_meters: Some(100), ..list(NIGHT) };
    assert_eq!(fields(&client.list_meeting_points(alone).await.unwrap_err()), ["max_distance_meters"]);

    let read = |name: String| pb::GetMeetingPointRequest { name };
    let wharf = client.get_meeting_point(read(format!("{SERVICE}/meetingPoints/wharf"))).await.unwrap().into_inner();
    assert_eq!(wharf.label, "Wharf");
    let airport = second_of(&mut client, list(SERVICE)).await;
    let name = airport.rsplit('/').next().unwrap().to_owned();
    assert!(name.starts_with("p-") && name.len() == 14, "{name} is made up, and stays");
    let other = client.get_meeting_point(read(format!("{NIGHT}/meetingPoints/{name}"))).await.unwrap_err();
    assert_eq!(other.code(), Code::NotFound);
    house.close().await;
}

async fn second_of(
    client: &mut pb::setup_service_client::SetupServiceClient<tonic::transport::Channel>,
    request: pb::ListMeetingPointsRequest,
) -> String {
    client.list_meeting_points(request).await.unwrap().into_inner().meeting_points.remove(0).name
}

#[tokio::test]
async fn only_who_keeps_a_tenant_sets_up_its_services() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let client = |roles| {
        let token = house.token("somebody", roles);
        pb::setup_service_client::SetupServiceClient::new(bearing(channel.clone(), &token))
    };
    for role in ["operator", "planner", "service", "rider"] {
        let denied = client(at_alofi(role)).create_service(create(night(), "s1")).await.unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied, "{role}");
    }
    let avatele = json!({ "tenants": { "avatele": ["tenant-admin"] } });
    let denied = client(avatele.clone()).create_service(create(night(), "s1")).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    client(at_alofi("tenant-admin")).create_service(create(night(), "s1")).await.unwrap();
    let fares = client(at_alofi("rider")).get_service(get(NIGHT)).await.unwrap().into_inner();
    assert_eq!(fares.fare.unwrap().yen, Some(700), "what riders pay is for riders to see");
    let hidden = client(avatele.clone()).get_service(get(NIGHT)).await.unwrap_err();
    assert_eq!(hidden.code(), Code::PermissionDenied);
    let list = pb::ListServicesRequest { parent: "tenants/alofi".to_owned(), ..Default::default() };
    let listed = client(at_alofi("rider")).list_services(list.clone()).await.unwrap().into_inner();
    let names: Vec<&str> = listed.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, [SERVICE, NIGHT], "in the order they were set up");
    let filtered = pb::ListServicesRequest { filter: "managed_by = INTERFACE".to_owned(), ..list };
    let filtered = client(at_alofi("rider")).list_services(filtered).await.unwrap().into_inner();
    assert_eq!(filtered.services.len(), 1);
    house.close().await;
}
