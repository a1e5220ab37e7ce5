//! Who used how much: two tenants on one bus, counted, and counted again the slow way from the journal.

use std::collections::BTreeMap;
use std::path::Path;

use mukae_engine::Command;
use mukae_engine::model::BookingState;
use mukae_journal::{LogReader, LogStore, MemoryStore, Sequence, ShardName};
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::planning::v1 as planning_pb;
use mukae_record::{Record, Scribe};
use mukae_server::{Clock, Config, Store};
use mukae_units::{BookingId, ShiftId, Span};
use planning_pb::UsageFigures;
use tonic::Code;

use crate::support::*;

const OTHER_SERVICE: &str = "tenants/avatele/services/ride";

fn shared_bus() -> Config {
    let fare = |yen: u32| format!("offers_max = 1\nhold_max = \"0 s\"\nfare = {{ yen = {yen} }}\n");
    let mine = CONFIG.replace("display_name = \"Alofi ride\"\n", &fare(300));
    let both = format!("{mine}\n[[service]]\ntenant = \"avatele\"\nid = \"ride\"\n{}", fare(500));
    let both = both.replace("[[vehicle]]\ntenant = \"alofi\"\nid = \"van\"\nseats = 2\n", "");
    Config::parse(&both, Path::new("")).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// A driver who does what the manifest says, and waits for nobody longer than they must.
async fn drive_to_the_end(house: &House, absent: &str) {
    let mut calls = 0;
    let mut id = || {
        calls += 1;
        format!("drive-{calls}")
    };
    let mut fleet = house.fleet();
    let name = format!("{BUS}/manifest");
    loop {
        let manifest = fleet
            .get_manifest(fleet_pb::GetManifestRequest { name: name.clone(), ..Default::default() })
            .await
            .unwrap()
            .into_inner();
        let stop = manifest.stops[0].clone();
        if stop.kind() == fleet_pb::stop::Kind::ShiftEnd {
            house.clock.advance(Span::from_mins(20));
            let close = fleet_pb::CloseShiftRequest { name: manifest.shift, request_id: id(), ..Default::default() };
            fleet.close_shift(close).await.unwrap();
            return;
        }
        if !stop.is_arrived {
            house.clock.raise_to(time(&manifest.leave_time));
            let depart =
                fleet_pb::DepartStopRequest { stop: stop.name.clone(), request_id: id(), ..Default::default() };
            let manifest = fleet.depart_stop(depart).await.unwrap().into_inner();
            house.clock.raise_to(time(&manifest.stops[0].arrive_time));
            let arrive = fleet_pb::ArriveStopRequest { stop: stop.name, request_id: id(), ..Default::default() };
            fleet.arrive_stop(arrive).await.unwrap();
        }
        house.clock.advance(Span::MINUTE);
        for boarding in &stop.pickups {
            let booking = boarding.booking.clone();
            if booking != absent {
                let request_id = id();
                let board = fleet_pb::BoardBookingRequest {
                    booking,
                    vehicle: BUS.to_owned(),
                    request_id,
                    ..Default::default()
                };
                fleet.board_booking(board).await.unwrap();
                continue;
            }
            house.clock.raise_to(MORNING + Span::HOUR * 6);
            let request_id = id();
            let no_show =
                fleet_pb::ReportNoShowRequest { booking, vehicle: BUS.to_owned(), request_id, ..Default::default() };
            fleet.report_no_show(no_show).await.unwrap();
        }
        for alighting in &stop.dropoffs {
            let (booking, request_id) = (alighting.booking.clone(), id());
            let alight =
                fleet_pb::AlightBookingRequest { booking, vehicle: BUS.to_owned(), request_id, ..Default::default() };
            fleet.alight_booking(alight).await.unwrap();
        }
    }
}

async fn usage(house: &House, first: &str, last: &str) -> planning_pb::Usage {
    let request = planning_pb::GetUsageRequest {
        name: format!("{AREA}/usage"),
        start_date: first.to_owned(),
        end_date: last.to_owned(),
    };
    house.planning().get_usage(request).await.unwrap().into_inner()
}

fn millis(duration: &Option<prost_types::Duration>) -> i64 {
    let duration = duration.unwrap();
    duration.seconds * 1000 + i64::from(duration.nanos) / 1_000_000
}

/// As numbers, to be added up.
fn numbers(figures: &UsageFigures) -> [i64; 8] {
    let UsageFigures { trips, passengers, rider_metres, vehicle_metres, empty_metres, fares_yen, .. } = *figures;
    let (driving, standing) = (millis(&figures.driving_duration), millis(&figures.standing_duration));
    [trips, passengers, rider_metres, vehicle_metres, empty_metres, driving, standing, fares_yen]
}

fn adds_up(usage: &planning_pb::Usage) -> bool {
    let rows = usage.tenants.iter().map(|row| numbers(row.figures.as_ref().unwrap()));
    let sum = rows.fold(numbers(usage.open.as_ref().unwrap()), |mut sum, row| {
        sum.iter_mut().zip(row).for_each(|(sum, part)| *sum += part);
        sum
    });
    sum == numbers(usage.total.as_ref().unwrap())
}

#[tokio::test]
async fn two_tenants_on_one_bus_are_told_apart_to_the_metre() {
    let store = MemoryStore::new(ShardName::new("niue").unwrap());
    let journal = store.reader();
    let house = House::open_with(shared_bus(), Store::Given(Box::new(store)), MORNING).await;
    let mut of_other = ride("b1", Span::HOUR);
    of_other.parent = OTHER_SERVICE.to_owned();
    of_other.origin = place(AIRPORT, "");
    let mut pair = ride("a1", Span::HOUR);
    pair.party.as_mut().unwrap().seats = 2;
    house.book(pair).await;
    house.book(of_other.clone()).await;
    let mut back = ride("a2", Span::HOUR * 3);
    (back.origin, back.destination) = (place(HAKUPU, ""), place(ALOFI, ""));
    house.book(back).await;
    of_other.request_id = "b2".to_owned();
    of_other.wish = ride("", Span::HOUR * 5).wish;
    let absent = house.book(of_other).await.name;

    let manifest = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
    let shift = house.fleet().get_manifest(manifest).await.unwrap().into_inner().shift;
    let open = fleet_pb::OpenShiftRequest { name: shift, request_id: "open".to_owned(), ..Default::default() };
    house.fleet().open_shift(open).await.unwrap();
    let opened = house.clock.now();
    drive_to_the_end(&house, &absent).await;
    let closed = house.clock.now();

    let today = usage(&house, "2026-04-01", "2026-04-01").await;
    let names: Vec<&str> = today.tenants.iter().map(|row| row.tenant.as_str()).collect();
    assert_eq!(names, ["tenants/alofi", "tenants/avatele"]);
    let [alofi, avatele] = [0, 1].map(|row| today.tenants[row].figures.unwrap());
    let total = today.total.unwrap();
    assert!(adds_up(&today), "{today:?}");
    assert_eq!([alofi.trips, avatele.trips, total.trips], [2, 1, 3]);
    assert_eq!([alofi.passengers, avatele.passengers], [3, 1]);
    assert_eq!(numbers(&today.open.unwrap()), [0; 8], "the shift has ended");
    // a party of two pays for each; who did not come pays no fare here
    assert_eq!([alofi.fares_yen, avatele.fares_yen], [3 * 300, 500]);
    // the bus is Alofi's, so is the time for which it stands
    assert_eq!(millis(&avatele.standing_duration), 0);
    assert_eq!(millis(&total.driving_duration) + millis(&total.standing_duration), (closed - opened).as_millis());
    assert!(0 < avatele.vehicle_metres && 0 < avatele.empty_metres, "to the airport for nobody: {avatele:?}");
    assert!(total.empty_metres < total.vehicle_metres && 0 < alofi.rider_metres);
    assert_eq!(today.unmeasured_drives, 0);

    // the slow way
    let twin = Twin::of(journal.as_ref());
    for row in &today.tenants {
        let (told, exact) = (row.figures.unwrap(), twin.metres[row.tenant.strip_prefix("tenants/").unwrap()]);
        let off = (told.vehicle_metres as f64 - exact).abs();
        assert!(off < twin.drives as f64, "{}: {told:?}, but {exact} m in {} drives", row.tenant, twin.drives);
    }
    assert_eq!(total.vehicle_metres, twin.total, "what the fleet drove");

    // other days have nothing of it, and all days together have all of it
    let before = usage(&house, "2026-03-01", "2026-03-31").await;
    assert!(before.tenants.is_empty() && numbers(&before.total.unwrap()) == [0; 8], "{before:?}");
    let whole = usage(&house, "2026-03-31", "2026-04-02").await;
    assert_eq!((whole.tenants, whole.total), (today.tenants, today.total));
    house.close().await;
}

#[tokio::test]
async fn what_is_under_way_is_open_and_days_that_are_none_are_named() {
    let house = House::open_with(shared_bus(), Store::Configured, MORNING).await;
    let mut wish = ride("q1", Span::HOUR);
    wish.origin = place(AIRPORT, "");
    house.book(wish).await;
    let manifest = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
    let manifest = house.fleet().get_manifest(manifest).await.unwrap().into_inner();
    let name = manifest.shift.clone();
    let open = fleet_pb::OpenShiftRequest { name, request_id: "open".to_owned(), ..Default::default() };
    house.fleet().open_shift(open).await.unwrap();
    house.clock.raise_to(time(&manifest.leave_time));
    let stop = manifest.stops[0].name.clone();
    let depart = fleet_pb::DepartStopRequest { stop: stop.clone(), request_id: "d".to_owned(), ..Default::default() };
    let manifest = house.fleet().depart_stop(depart).await.unwrap().into_inner();
    house.clock.raise_to(time(&manifest.stops[0].arrive_time));
    let arrive = fleet_pb::ArriveStopRequest { stop, request_id: "a".to_owned(), ..Default::default() };
    house.fleet().arrive_stop(arrive).await.unwrap();
    let today = usage(&house, "2026-04-01", "2026-04-01").await;
    let open = today.open.unwrap();
    assert!(0 < open.vehicle_metres && open.vehicle_metres == today.total.unwrap().vehicle_metres, "{today:?}");
    assert!(adds_up(&today));

    for (first, last, field) in [
        ("2026-04-31", "2026-05-01", "start_date"),
        ("2026-04-01", "", "end_date"),
        ("2026-04-02", "2026-04-01", "end_date"),
        ("2024-04-01", "2026-04-01", "end_date"),
    ] {
        let request = planning_pb::GetUsageRequest {
            name: format!("{AREA}/usage"),
            start_date: first.to_owned(),
            end_date: last.to_owned(),
        };
        let status = house.planning().get_usage(request).await.unwrap_err();
        assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec![field.to_owned()]), "{first} {last}");
    }
    let request = planning_pb::GetUsageRequest {
        name: "areas/tonga/usage".to_owned(),
        start_date: "2026-04-01".to_owned(),
        end_date: "2026-04-01".to_owned(),
    };
    assert_eq!(reason(&house.planning().get_usage(request).await.unwrap_err()), "RESOURCE_NOT_FOUND");
    house.close().await;
}

/// What vehicles drove and for whom, from where they are after each record; whole journals at once, in no hurry.
#[derive(Default)]
struct Twin {
    metres: BTreeMap<String, f64>,
    drives: usize,
    total: i64,
}

impl Twin {
    fn of(journal: &dyn LogReader) -> Twin {
        let mut records = Vec::new();
        for record in journal.read(Sequence::START).unwrap() {
            records.push(record.unwrap().bytes);
        }
        let (mut scribe, mut twin, mut roads) = (Scribe::new(), Twin::default(), map().query());
        let mut drives: Vec<(usize, ShiftId, i64, Vec<BookingId>)> = Vec::new();
        let mut boardings: Vec<(usize, ShiftId, BookingId)> = Vec::new();
        let mut tenants: BTreeMap<BookingId, (String, u32)> = BTreeMap::new();
        for (number, bytes) in records.iter().enumerate() {
            let at_before: BTreeMap<ShiftId, _> = scribe
                .state()
                .schedules
                .iter()
                .map(|(id, schedule)| (*id, (schedule.place(), schedule.shift.end.clone())))
                .collect();
            let aboard = |shift: ShiftId, scribe: &Scribe| -> Vec<BookingId> {
                let on = scribe
                    .state()
                    .bookings
                    .values()
                    .filter(|it| it.state == BookingState::Boarded && it.shift == Some(shift));
                on.map(|booking| booking.id).collect()
            };
            let aboard_before: BTreeMap<ShiftId, Vec<BookingId>> =
                at_before.keys().map(|shift| (*shift, aboard(*shift, &scribe))).collect();
            let record: Record = scribe.replay(bytes).unwrap();
            let state = scribe.state();
            for booking in state.bookings.values() {
                let service = &state.services[&booking.request.service].name;
                let tenant = service.split('/').nth(1).unwrap().to_owned();
                tenants.insert(booking.id, (tenant, booking.request.party.persons()));
            }
            for (shift, (before, end)) in &at_before {
                let after = match state.schedules.get(shift) {
                    Some(schedule) => schedule.place(),
                    None => end.as_ref().map_or(*before, |end| end.place),
                };
                let is_open = aboard_before.contains_key(shift);
                if after != *before && is_open {
                    let length = roads.path(*before, after).unwrap().length().as_metres() as i64;
                    drives.push((number, *shift, length, aboard_before[shift].clone()));
                }
            }
            match record.command() {
                Command::Board { booking, .. } => {
                    boardings.push((number, state.bookings[booking].shift.unwrap(), *booking));
                }
                Command::ReportNoShow { booking, .. } => {
                    let shift = at_before.keys().next().copied().unwrap();
                    boardings.push((number, state.bookings[booking].shift.unwrap_or(shift), *booking));
                }
                _ => {}
            }
        }
        for (number, shift, length, aboard) in drives {
            twin.drives += 1;
            twin.total += length;
            let persons: u32 = aboard.iter().map(|booking| tenants[booking].1).sum();
            let next = boardings.iter().find(|(later, of, _)| number < *later && *of == shift);
            for booking in &aboard {
                let (tenant, count) = &tenants[booking];
                *twin.metres.entry(tenant.clone()).or_default() +=
                    length as f64 * f64::from(*count) / f64::from(persons);
            }
            if aboard.is_empty() {
                let tenant = next.map_or("alofi", |(_, _, booking)| &tenants[booking].0);
                *twin.metres.entry(tenant.to_owned()).or_default() += length as f64;
            }
        }
        twin
    }
}
