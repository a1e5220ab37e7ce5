//! Riders as people: found on the telephone, kept apart from the journal, forgotten when they want.

use std::path::Path;
use std::sync::Arc;

use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::booking::v1::booking_service_client::BookingServiceClient;
use mukae_proto::transit::booking::v1::rider_service_client::RiderServiceClient;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::fleet::v1::fleet_service_client::FleetServiceClient;
use mukae_proto::transit::units::v1::Seats;
use mukae_server::{Config, ManualClock, Store, serve};
use mukae_units::Span;
use prost_types::FieldMask;
use serde_json::json;
use tonic::{Code, Status};

use crate::guarded::*;
use crate::support::*;

const TENANT: &str = "tenants/alofi";

/// What would tell of Hanako.
const TELLTALES: [&str; 8] =
    ["朝日花子", "あさひ", "0765-00-1234", "090-1111-2222", "耳が遠い", "玄関まで", "妹の家", "泊駅前の角"];

fn hanako() -> pb::Rider {
    pb::Rider {
        pseudonym: "line+rider-1".to_owned(),
        display_name: "朝日花子".to_owned(),
        kana: "あさひ ハナコ".to_owned(),
        phone_numbers: vec!["0765-00-1234".to_owned(), "+81 090-1111-2222".to_owned()],
        desk_note: "耳が遠い".to_owned(),
        defaults: Some(pb::RiderDefaults {
            party: Some(Seats { seats: 1, wheelchairs: 1, ..Default::default() }),
            requirements: vec!["ramp".to_owned()],
            extra_walk_duration: Some(prost_types::Duration { seconds: 120, nanos: 0 }),
            channel: pb::Channel::Phone as i32,
            driver_note: "玄関まで".to_owned(),
        }),
        favorite_places: vec![pb::FavoritePlace {
            label: "妹の家".to_owned(), place: place(ALOFI, "泊駅前の角")
        }],
        ..Default::default()
    }
}

fn somebody(display_name: &str, kana: &str, phone: &str) -> pb::Rider {
    pb::Rider {
        display_name: display_name.to_owned(),
        kana: kana.to_owned(),
        phone_numbers: vec![phone.to_owned()],
        ..Default::default()
    }
}

fn create(rider: pb::Rider, request_id: &str) -> pb::CreateRiderRequest {
    pb::CreateRiderRequest {
        parent: TENANT.to_owned(),
        rider: Some(rider),
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

fn update(rider: pb::Rider, paths: &[&str], request_id: &str) -> pb::UpdateRiderRequest {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    pb::UpdateRiderRequest {
        rider: Some(rider),
        update_mask: Some(FieldMask { paths }),
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

fn erase(name: &str, request_id: &str) -> pb::DeleteRiderRequest {
    pb::DeleteRiderRequest { name: name.to_owned(), request_id: request_id.to_owned(), ..Default::default() }
}

fn get(name: &str) -> pb::GetRiderRequest {
    pb::GetRiderRequest { name: name.to_owned() }
}

fn list(query: &str) -> pb::ListRidersRequest {
    pb::ListRidersRequest { parent: TENANT.to_owned(), query: query.to_owned(), ..Default::default() }
}

/// Both the journal and riders' records in files below `dir`.
async fn open_in(dir: &Path) -> House {
    let text = format!("{CONFIG}[journal]\ndir = \"journal\"\n");
    House::open_with(Config::parse(&text, dir).unwrap(), Store::Configured, MORNING).await
}

/// Which telltales stand in any file below.
fn traces(directory: &Path) -> Vec<&'static str> {
    let (mut written, mut folders) = (Vec::new(), vec![directory.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { written.extend(std::fs::read(path).unwrap()) }
        }
    }
    telling(&written)
}

fn telling(bytes: &[u8]) -> Vec<&'static str> {
    let holds = |text: &&str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    TELLTALES.into_iter().filter(holds).collect()
}

#[tokio::test]
async fn a_clerk_finds_who_calls_books_and_keeps_what_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let house = open_in(dir.path()).await;
    let mut riders = house.riders();
    let made = riders.create_rider(create(hanako(), "r1")).await.unwrap().into_inner();
    assert_eq!((&made.pseudonym, &made.display_name), (&hanako().pseudonym, &hanako().display_name));
    assert_eq!((time(&made.create_time), &made.favorite_places), (MORNING, &hanako().favorite_places));
    assert_eq!(made.defaults, hanako().defaults);
    let called =
        riders.create_rider(create(somebody("佐藤", "さとう", "0765-99-0000"), "r2")).await.unwrap().into_inner();
    assert!(called.pseudonym.starts_with("desk+"), "{}", called.pseudonym);

    for query in ["あさひ", "ｱｻﾋ ﾊﾅｺ", "アサヒハ", "花子", "0765001234", "+81765001234", "1111", "０９０"]
    {
        let found = riders.list_riders(list(query)).await.unwrap().into_inner();
        assert_eq!(found.riders, std::slice::from_ref(&made), "looking for {query}");
    }
    assert_eq!(riders.list_riders(list("0765")).await.unwrap().into_inner().riders.len(), 2);
    assert!(riders.list_riders(list("すずき")).await.unwrap().into_inner().riders.is_empty());

    // the record is named by what stands in the bookings
    let mut wish = ride("q1", Span::HOUR);
    wish.rider = made.pseudonym.clone();
    let booking = house.book(wish).await;
    assert_eq!(made.name, format!("{TENANT}/riders/{}", booking.rider));
    let manifest = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
    let manifest = house.fleet().get_manifest(manifest).await.unwrap().into_inner();
    assert_eq!(manifest.stops[0].pickups[0].rider, made.name);

    let moved = pb::Rider { name: made.name.clone(), etag: made.etag.clone(), ..hanako() };
    let moved =
        pb::Rider { phone_numbers: vec!["090-9".to_owned() + "999-9999"], display_name: String::new(), ..moved };
    house.clock.advance(Span::MINUTE);
    let changed = riders.update_rider(update(moved.clone(), &["phone_numbers"], "u1")).await.unwrap().into_inner();
    assert_eq!(
        (changed.phone_numbers.as_slice(), &changed.display_name),
        (["090-9999-9999".to_owned()].as_slice(), &made.display_name)
    );
    assert_eq!((time(&changed.create_time), time(&changed.update_time)), (MORNING, MORNING + Span::MINUTE));
    let stale = riders.update_rider(update(moved.clone(), &["phone_numbers"], "u2")).await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    assert_eq!(metadata(&stale, "etag"), changed.etag);
    let again = riders.update_rider(update(moved, &["phone_numbers"], "u1")).await.unwrap().into_inner();
    assert_eq!(again, changed, "sent twice, done once");

    // a restart forgets nothing, and no request either
    house.close().await;
    let house = open_in(dir.path()).await;
    let mut riders = house.riders();
    assert_eq!(riders.get_rider(get(&made.name)).await.unwrap().into_inner(), changed);
    assert_eq!(riders.create_rider(create(hanako(), "r1")).await.unwrap().into_inner(), changed);
    let reused = riders.create_rider(create(somebody("別人", "", "110"), "r1")).await.unwrap_err();
    assert_eq!((reused.code(), reason(&reused).as_str()), (Code::AlreadyExists, "REQUEST_ID_REUSED"));
    let twice = riders.create_rider(create(hanako(), "r3")).await.unwrap_err();
    assert_eq!((twice.code(), reason(&twice).as_str()), (Code::AlreadyExists, "RESOURCE_EXISTS"));

    let stale = pb::DeleteRiderRequest { etag: made.etag.clone(), ..erase(&made.name, "d0") };
    assert_eq!(reason(&riders.delete_rider(stale).await.unwrap_err()), "ETAG_MISMATCH");
    riders.delete_rider(erase(&made.name, "d1")).await.unwrap();
    riders.delete_rider(erase(&made.name, "d1")).await.unwrap();
    assert_eq!(reason(&riders.delete_rider(erase(&made.name, "d2")).await.unwrap_err()), "RESOURCE_NOT_FOUND");
    for status in [
        riders.get_rider(get(&made.name)).await.unwrap_err(),
        riders.create_rider(create(hanako(), "r1")).await.unwrap_err(),
    ] {
        assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "RESOURCE_NOT_FOUND"));
    }
    assert!(riders.list_riders(list("あさひ")).await.unwrap().into_inner().riders.is_empty());
    let kept = house.bookings().get_booking(pb::GetBookingRequest { name: booking.name.clone() }).await.unwrap();
    assert_eq!(kept.into_inner().rider, booking.rider, "the ride goes on");
    assert!(traces(dir.path()).iter().all(|text| *text == "泊駅前の角"), "{:?}", traces(dir.path()));
    house.close().await;
}

/// Names, numbers and notes stand in the riders' file and nowhere else: not in the journal, not in a snapshot, not in
/// errors. That the log has none either, `cli/tests/riders.rs` shows.
#[tokio::test]
async fn nothing_personal_leaves_the_riders_file() {
    let dir = tempfile::tempdir().unwrap();
    let house = open_in(dir.path()).await;
    let mut riders = house.riders();
    let made = riders.create_rider(create(hanako(), "r1")).await.unwrap().into_inner();
    riders.list_riders(list("朝日花子")).await.unwrap();
    riders.list_riders(list("0765-00-1234")).await.unwrap();
    let mut wish = ride("q1", Span::HOUR);
    wish.rider = made.pseudonym.clone();
    let booking = house.book(wish).await;
    let cancel = pb::CancelBookingRequest { name: booking.name, request_id: "c".to_owned(), ..Default::default() };
    house.bookings().cancel_booking(cancel).await.unwrap();
    let mut faults = Vec::new();
    let named = pb::Rider { name: made.name.clone(), etag: "stale".to_owned(), ..hanako() };
    faults.push(riders.create_rider(create(hanako(), "r2")).await.unwrap_err());
    faults.push(riders.update_rider(update(named, &[], "u1")).await.unwrap_err());
    let mut wrong = hanako();
    wrong.phone_numbers = vec!["0765-00-1234 内線 1".to_owned()];
    wrong.display_name = format!("朝日花子\n{}", "x".repeat(200));
    wrong.desk_note = "耳が遠い".repeat(200);
    wrong.favorite_places[0].place = None;
    faults.push(riders.create_rider(create(wrong, "r3")).await.unwrap_err());
    faults.push(
        riders.list_riders(pb::ListRidersRequest { page_token: "x".to_owned(), ..list("朝日花子") }).await.unwrap_err(),
    );
    riders.delete_rider(erase(&made.name, "d1")).await.unwrap();
    house.close().await;

    let told: Vec<u8> = faults.iter().flat_map(|status| format!("{status:?}").into_bytes()).collect();
    let details: Vec<u8> = faults.iter().flat_map(|status| status.details().to_vec()).collect();
    assert!(telling(&[told, details].concat()).is_empty(), "{faults:?}");
    assert!(traces(dir.path()).is_empty(), "{:?}", traces(dir.path()));
}

#[tokio::test]
async fn a_rehearsal_keeps_nothing_and_says_what_would_be() {
    let house = House::open().await;
    let mut riders = house.riders();
    let rehearsal = pb::CreateRiderRequest { validate_only: true, ..create(hanako(), "r1") };
    let shown = riders.create_rider(rehearsal).await.unwrap().into_inner();
    assert_eq!(reason(&riders.get_rider(get(&shown.name)).await.unwrap_err()), "RESOURCE_NOT_FOUND");
    let made = riders.create_rider(create(hanako(), "r1")).await.unwrap().into_inner();
    assert_eq!(made, shown, "the id was not used up");
    let renamed = pb::Rider { name: made.name.clone(), ..somebody("別人", "", "110") };
    let rehearsal = pb::UpdateRiderRequest { validate_only: true, ..update(renamed, &[], "u1") };
    let shown = riders.update_rider(rehearsal).await.unwrap().into_inner();
    assert_eq!((shown.display_name.as_str(), shown.favorite_places.len()), ("別人", 0), "without a mask, all of it");
    riders.delete_rider(pb::DeleteRiderRequest { validate_only: true, ..erase(&made.name, "d1") }).await.unwrap();
    assert_eq!(riders.get_rider(get(&made.name)).await.unwrap().into_inner(), made);
    house.close().await;
}

/// The fields at fault.
async fn check_wrong(house: &House, change: impl FnOnce(&mut pb::Rider), expected: &[&str]) {
    let mut rider = hanako();
    change(&mut rider);
    let status = house.riders().create_rider(create(rider, "wrong")).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(fields(&status), expected);
}

#[tokio::test]
async fn each_field_that_is_wrong_is_named() {
    let house = House::open().await;
    check_wrong(&house, |rider| rider.display_name = " ".to_owned(), &["rider.display_name"]).await;
    check_wrong(&house, |rider| rider.display_name = "あ".repeat(101), &["rider.display_name"]).await;
    check_wrong(&house, |rider| rider.kana = "あ\n".to_owned(), &["rider.kana"]).await;
    check_wrong(&house, |rider| rider.phone_numbers = vec!["110".to_owned(); 6], &["rider.phone_numbers"]).await;
    for phone in ["", "12", "1234567890123456", "090-abc", "090 (内線)"] {
        let phones = vec!["110".to_owned(), phone.to_owned()];
        check_wrong(&house, |rider| rider.phone_numbers = phones, &["rider.phone_numbers[1]"]).await;
    }
    check_wrong(&house, |rider| rider.desk_note = "あ".repeat(501), &["rider.desk_note"]).await;
    check_wrong(&house, |rider| rider.pseudonym = "佐藤".to_owned(), &["rider.pseudonym"]).await;
    let defaults =
        |change: fn(&mut pb::RiderDefaults)| move |rider: &mut pb::Rider| change(rider.defaults.as_mut().unwrap());
    let of = |field: &str| format!("rider.defaults.{field}");
    check_wrong(&house, defaults(|usual| usual.channel = 99), &[&of("channel")]).await;
    check_wrong(&house, defaults(|usual| usual.driver_note = "あ".repeat(201)), &[&of("driver_note")]).await;
    check_wrong(&house, defaults(|usual| usual.requirements = vec![String::new()]), &[&of("requirements")]).await;
    check_wrong(&house, defaults(|usual| usual.requirements = vec!["a".to_owned(); 129]), &[&of("requirements")]).await;
    check_wrong(&house, defaults(|usual| usual.party.as_mut().unwrap().seats = -1), &[&of("party.seats")]).await;
    let long = defaults(|usual| usual.extra_walk_duration.as_mut().unwrap().seconds = 86_401);
    check_wrong(&house, long, &[&of("extra_walk_duration")]).await;
    let nowhere = |rider: &mut pb::Rider| {
        rider.favorite_places[0].label = String::new();
        rider.favorite_places[0].place = place((f64::NAN, 0.0), "");
    };
    let wrong = ["rider.favorite_places[0].label", "rider.favorite_places[0].place.position"];
    check_wrong(&house, nowhere, &wrong).await;
    let many = |rider: &mut pb::Rider| rider.favorite_places = vec![rider.favorite_places[0].clone(); 21];
    check_wrong(&house, many, &["rider.favorite_places"]).await;
    let all = |rider: &mut pb::Rider| *rider = pb::Rider { phone_numbers: vec!["x".to_owned()], ..Default::default() };
    check_wrong(&house, all, &["rider.display_name", "rider.phone_numbers[0]"]).await;

    let mut riders = house.riders();
    let without = pb::CreateRiderRequest { rider: None, ..create(hanako(), "") };
    assert!(
        fields(&riders.create_rider(without).await.unwrap_err())
            .starts_with(&["request_id".to_owned(), "rider".to_owned()])
    );
    let unknown = riders.update_rider(update(hanako(), &["pseudonym"], "u")).await.unwrap_err();
    assert_eq!(fields(&unknown), ["rider.name", "update_mask"]);
    let long = riders.list_riders(list(&"あ".repeat(101))).await.unwrap_err();
    assert_eq!(fields(&long), ["query"]);
    let negative = riders.list_riders(pb::ListRidersRequest { page_size: -1, ..list("") }).await.unwrap_err();
    assert_eq!(fields(&negative), ["page_size"]);
    let bad = riders.get_rider(get("tenants/alofi/riders/line+rider-1")).await.unwrap_err();
    assert_eq!(fields(&bad), ["name"]);
    assert!(riders.list_riders(list("")).await.unwrap().into_inner().riders.is_empty(), "no error leaves a trace");
    house.close().await;
}

#[tokio::test]
async fn pages_are_of_their_query() {
    let house = House::open().await;
    let mut riders = house.riders();
    let mut names = Vec::new();
    for number in 0..7 {
        let rider = somebody(&format!("佐藤{number}"), &format!("さとう {number}"), "0765-12-3456");
        names.push(riders.create_rider(create(rider, &format!("r{number}"))).await.unwrap().into_inner().name);
    }
    let page = |query: &str, token: &str| {
        let request = pb::ListRidersRequest { page_size: 3, page_token: token.to_owned(), ..list(query) };
        let mut riders = house.riders();
        async move { riders.list_riders(request).await.map(tonic::Response::into_inner) }
    };
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let found = page("さとう", &token).await.unwrap();
        seen.extend(found.riders.into_iter().map(|rider| rider.name));
        token = found.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, names);
    let token = page("さとう", "").await.unwrap().next_page_token;
    assert_eq!(reason(&page("サトウ", &token).await.unwrap_err()), "PAGE_TOKEN_INVALID", "as it was written");
    riders.delete_rider(erase(&names[2], "d")).await.unwrap();
    assert_eq!(reason(&page("さとう", &token).await.unwrap_err()), "PAGE_TOKEN_INVALID", "whom it follows is gone");
    house.close().await;
}

/// The desk sees its tenant's riders, a rider themselves, a driver whom they fetch, and nobody anybody else.
#[tokio::test]
async fn each_sees_whom_they_may_and_no_more_of_them() {
    let house = Guarded::open().await;
    let channel = house.channel().await;
    let as_ = |subject: &str, roles| RiderServiceClient::new(bearing(channel.clone(), &house.token(subject, roles)));
    let denied =
        |status: Status| assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "NOT_ALLOWED"));
    let mut desk = as_("desk", at_alofi("operator"));
    let mut own = as_("rider-1", at_alofi("rider"));
    let mut other = as_("rider-2", at_alofi("rider"));
    let mut elsewhere = as_("desk", json!({ "tenants": { "avatele": ["operator"] } }));
    let mut driver = as_("driver", at_alofi("driver"));

    // a rider makes their own record and nobody else's
    let mine = pb::Rider { pseudonym: String::new(), desk_note: String::new(), ..hanako() };
    denied(
        own.create_rider(create(pb::Rider { pseudonym: "line+rider-2".to_owned(), ..mine.clone() }, "x"))
            .await
            .unwrap_err(),
    );
    denied(own.create_rider(create(pb::Rider { desk_note: "x".to_owned(), ..mine.clone() }, "x")).await.unwrap_err());
    let made = own.create_rider(create(mine, "r1")).await.unwrap().into_inner();
    assert_eq!(made.pseudonym, "line+rider-1");
    assert_eq!(desk.get_rider(get(&made.name)).await.unwrap().into_inner(), made);
    denied(own.list_riders(list("")).await.unwrap_err());

    // the desk's note is the desk's, whatever the rider changes
    let noted = pb::Rider { desk_note: "耳が遠い".to_owned(), ..made.clone() };
    let noted = desk.update_rider(update(noted, &["desk_note"], "u1")).await.unwrap().into_inner();
    let seen = own.get_rider(get(&made.name)).await.unwrap().into_inner();
    assert_eq!((seen.desk_note.as_str(), &seen.etag), ("", &noted.etag));
    denied(own.update_rider(update(seen.clone(), &["desk_note"], "u2")).await.unwrap_err());
    let renamed = pb::Rider { display_name: "朝日 花子".to_owned(), ..seen };
    own.update_rider(update(renamed, &[], "u3")).await.unwrap();
    let now = desk.get_rider(get(&made.name)).await.unwrap().into_inner();
    assert_eq!((now.desk_note.as_str(), now.display_name.as_str()), ("耳が遠い", "朝日 花子"));

    // somebody else's and nobody's look alike
    let nobodys = format!("{TENANT}/riders/r-0000000000000000");
    for name in [&made.name, &nobodys] {
        denied(other.get_rider(get(name)).await.unwrap_err());
        denied(other.delete_rider(erase(name, "d")).await.unwrap_err());
        denied(elsewhere.get_rider(get(name)).await.unwrap_err());
        denied(driver.get_rider(get(name)).await.unwrap_err());
    }
    denied(elsewhere.list_riders(list("")).await.unwrap_err());
    let theirs = pb::ListRidersRequest { parent: "tenants/avatele".to_owned(), ..list("") };
    assert!(elsewhere.list_riders(theirs.clone()).await.unwrap().into_inner().riders.is_empty());
    let same = pb::CreateRiderRequest { parent: "tenants/avatele".to_owned(), ..create(hanako(), "r1") };
    let same = elsewhere.create_rider(same).await.unwrap().into_inner();
    assert_ne!(same.name.rsplit('/').next(), made.name.rsplit('/').next(), "of another tenant, another number");
    denied(desk.list_riders(theirs).await.unwrap_err());

    // a driver: while the ride is theirs, and what they need
    let mut bookings = BookingServiceClient::new(bearing(channel.clone(), &house.token("rider-1", at_alofi("rider"))));
    let wish = pb::QuoteRequest { rider: String::new(), ..ride("q1", Span::HOUR) };
    let offer = offer_of(bookings.quote(wish).await.unwrap().into_inner());
    let booking = bookings.confirm_offer(confirm(&offer, "c1")).await.unwrap().into_inner();
    let mut fleet = FleetServiceClient::new(bearing(channel.clone(), &house.token("driver", at_alofi("driver"))));
    let manifest = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
    let stop = fleet.get_manifest(manifest).await.unwrap().into_inner().stops.remove(0);
    let fetched = driver.get_rider(get(&stop.pickups[0].rider)).await.unwrap().into_inner();
    let expected = pb::Rider {
        name: made.name.clone(),
        display_name: "朝日 花子".to_owned(),
        kana: hanako().kana,
        phone_numbers: vec!["****-**-1234".to_owned(), "+** ***-****-2222".to_owned()],
        defaults: Some(pb::RiderDefaults {
            requirements: vec!["ramp".to_owned()],
            driver_note: "玄関まで".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    assert_eq!(fetched, expected);
    let van = json!({ "tenants": { "alofi": ["driver"] }, "vehicles": ["tenants/alofi/vehicles/van"] });
    denied(as_("other-driver", van).get_rider(get(&made.name)).await.unwrap_err());
    denied(driver.update_rider(update(fetched, &["kana"], "u4")).await.unwrap_err());
    let cancel = pb::CancelBookingRequest { name: booking.name, request_id: "x1".to_owned(), ..Default::default() };
    bookings.cancel_booking(cancel).await.unwrap();
    denied(driver.get_rider(get(&made.name)).await.unwrap_err());

    own.delete_rider(erase(&made.name, "d1")).await.unwrap();
    assert_eq!(reason(&desk.get_rider(get(&made.name)).await.unwrap_err()), "RESOURCE_NOT_FOUND");
    house.close().await;
}

/// A file that is damaged, or newer than the program, keeps the server from starting, and says which.
#[tokio::test]
async fn a_server_does_not_start_with_a_file_it_can_not_read() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("people.redb"), "not a store").unwrap();
    let text = format!("{CONFIG}[journal]\ndir = \"journal\"\n");
    let config = Config::parse(&text, dir.path()).unwrap();
    assert_eq!(
        config.server.people.file.as_deref(),
        Some(dir.path().join("people.redb").as_path()),
        "beside the journal"
    );
    let clock = Arc::new(ManualClock::new(MORNING));
    let error = serve(config, map(), crate::support::options(&clock, Store::Configured)).await.unwrap_err().to_string();
    assert!(error.contains("people.redb") && error.contains("put a backup in its place"), "{error}");

    let elsewhere = Config::parse(&format!("{text}[people]\nfile = \"riders/of-all.redb\"\n"), dir.path()).unwrap();
    assert_eq!(elsewhere.server.people.file, Some(dir.path().join("riders/of-all.redb")));
    let inside = Config::parse(&format!("{text}[people]\nfile = \"journal/people.redb\"\n"), dir.path()).unwrap_err();
    assert!(inside[0].what.contains("outside of the journal's directory"), "{inside:?}");
    assert_eq!(config_in_memory().server.people.file, None);
}

fn config_in_memory() -> Config {
    config()
}
