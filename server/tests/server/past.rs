//! The area's past: what was shown then is shown again, also after a restart; decisions are explained as they were made.

use std::path::Path;

use mukae_journal::{OsDisk, ReadOnlyLog, Sequence};
use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::operations::v1 as op;
use mukae_proto::transit::units::v1::Seats;
use mukae_record::Record;
use mukae_server::Clock;
use mukae_units::{Span, Time};
use pb::binding_constraint::Kind;
use tokio_stream::StreamExt;
use tonic::{Code, Status};

use crate::support::*;

/// A village in the north.
const MUTALAU: (f64, f64) = (-18.9680, -169.8300);

/// The parts of a snapshot as one.
fn whole(parts: Vec<area_pb::AreaSnapshot>) -> area_pb::AreaSnapshot {
    assert!(parts.last().unwrap().is_last, "the picture is whole");
    parts.into_iter().fold(area_pb::AreaSnapshot::default(), |mut whole, part| {
        whole.area = whole.area.or(part.area);
        whole.vehicles.extend(part.vehicles);
        whole.shifts.extend(part.shifts);
        whole.manifests.extend(part.manifests);
        whole.bookings.extend(part.bookings);
        whole.alerts.extend(part.alerts);
        whole.road_measures.extend(part.road_measures);
        whole
    })
}

/// What a stream begins with now.
async fn seen(house: &House) -> area_pb::AreaSnapshot {
    let request = area_pb::WatchAreaRequest { name: AREA.to_owned(), resume_from_revision: 0 };
    let mut stream = house.area().watch_area(request).await.unwrap().into_inner();
    let mut parts = Vec::new();
    loop {
        let update = stream.next().await.unwrap().unwrap().update;
        let Some(area_pb::watch_area_response::Update::Snapshot(part)) = update else { panic!("{update:?}") };
        parts.push(part);
        if parts.last().unwrap().is_last {
            return whole(parts);
        }
    }
}

async fn past(house: &House, time: Time) -> Result<(area_pb::AreaSnapshot, Time), Status> {
    let request = area_pb::ExportPastAreaRequest { name: AREA.to_owned(), as_of_time: Some(timestamp(time)) };
    let mut stream = house.area().export_past_area(request).await?.into_inner();
    let (mut parts, mut changed) = (Vec::new(), None);
    while let Some(part) = stream.next().await {
        let part = part?;
        changed = changed.or(part.last_change_time);
        parts.push(part.snapshot.unwrap());
    }
    Ok((whole(parts), time_of(changed)))
}

fn time_of(told: Option<prost_types::Timestamp>) -> Time {
    crate::support::time(&told)
}

/// Without what the journal does not have: the device's own word where it is.
fn without_positions(mut snapshot: area_pb::AreaSnapshot) -> area_pb::AreaSnapshot {
    snapshot.vehicles.iter_mut().for_each(|vehicle| vehicle.position = None);
    snapshot
}

/// What was not touched since a snapshot has that one's revision, as after a start.
fn without_revisions(mut snapshot: area_pb::AreaSnapshot) -> area_pb::AreaSnapshot {
    snapshot.vehicles.iter_mut().for_each(|vehicle| vehicle.revision = 0);
    snapshot.shifts.iter_mut().for_each(|shift| shift.revision = 0);
    snapshot.manifests.iter_mut().for_each(|manifest| manifest.revision = 0);
    snapshot.bookings.iter_mut().for_each(|booking| booking.revision = 0);
    snapshot
}

/// A small story, a minute between any two things that happen; what was shown at the end of each minute.
struct Story {
    house: House,
    shown: Vec<(Time, area_pb::AreaSnapshot)>,
    calls: u32,
}

impl Story {
    async fn look(&mut self) {
        self.shown.push((self.house.clock.now(), seen(&self.house).await));
        self.house.clock.advance(Span::MINUTE);
    }

    fn id(&mut self) -> String {
        self.calls += 1;
        format!("story-{}", self.calls)
    }

    /// A ride to Hakupu, a closed road, a position, and the ride driven.
    async fn tell(&mut self) -> pb::Booking {
        self.look().await;
        let booked = self.house.book(ride("past-1", Span::HOUR)).await;
        self.look().await;
        let shift = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
        let shift = self.house.fleet().get_manifest(shift).await.unwrap().into_inner().shift;
        let open = fleet_pb::OpenShiftRequest { name: shift, request_id: self.id(), ..Default::default() };
        self.house.fleet().open_shift(open).await.unwrap();
        self.look().await;
        self.close_a_road().await;
        self.look().await;
        self.house.clock.raise_to(MORNING + Span::from_mins(55));
        let stop = self.next_stop().await;
        let depart = fleet_pb::DepartStopRequest { stop: stop.clone(), request_id: self.id(), ..Default::default() };
        self.house.fleet().depart_stop(depart).await.unwrap();
        self.look().await;
        self.house.clock.raise_to(MORNING + Span::from_mins(62));
        let arrive = fleet_pb::ArriveStopRequest { stop, request_id: self.id(), ..Default::default() };
        self.house.fleet().arrive_stop(arrive).await.unwrap();
        self.look().await;
        let board = fleet_pb::BoardBookingRequest {
            booking: booked.name.clone(),
            vehicle: BUS.to_owned(),
            request_id: self.id(),
            ..Default::default()
        };
        self.house.fleet().board_booking(board).await.unwrap();
        self.look().await;
        let stop = self.next_stop().await;
        let depart = fleet_pb::DepartStopRequest { stop, request_id: self.id(), ..Default::default() };
        self.house.fleet().depart_stop(depart).await.unwrap();
        self.look().await;
        self.report_position().await;
        self.look().await;
        booked
    }

    async fn next_stop(&self) -> String {
        let request = fleet_pb::GetManifestRequest { name: format!("{BUS}/manifest"), ..Default::default() };
        self.house.fleet().get_manifest(request).await.unwrap().into_inner().stops[0].name.clone()
    }

    /// In the north, where nobody of the story is.
    async fn close_a_road(&mut self) {
        let (lat, lon) = MUTALAU;
        let corner = |north: f64, east: f64| mukae_proto::google::r#type::LatLng {
            latitude: lat + north * 0.01,
            longitude: lon + east * 0.01,
        };
        let area = vec![corner(-1.0, -1.0), corner(-1.0, 1.0), corner(1.0, 1.0), corner(1.0, -1.0)];
        let road_measure = op::RoadMeasure {
            note: "倒木".to_owned(),
            roads: Some(op::RoadSelection { area, ..Default::default() }),
            effect: Some(op::road_measure::Effect::IsClosed(true)),
            ..Default::default()
        };
        let request = op::CreateRoadMeasureRequest {
            parent: AREA.to_owned(),
            road_measure: Some(road_measure),
            request_id: self.id(),
            validate_only: false,
        };
        self.house.operations().create_road_measure(request).await.unwrap();
    }

    /// Where it set out from still, so that it will be late by so much: that is worth a record.
    async fn report_position(&mut self) {
        self.house.clock.advance(Span::from_mins(3));
        let (latitude, longitude) = ALOFI;
        let position = fleet_pb::Position {
            point: Some(mukae_proto::google::r#type::LatLng { latitude, longitude }),
            device_time: Some(timestamp(self.house.clock.now())),
            sequence: 1,
            ..Default::default()
        };
        let request = fleet_pb::ReportPositionsRequest { vehicle: BUS.to_owned(), positions: vec![position] };
        let taken = self.house.fleet().report_positions(request).await.unwrap().into_inner();
        assert_eq!(taken.accepted_count, 1);
    }
}

/// Whoever looks back sees field by field what was on the console then: in the same life of the server, in whatever order
/// the minutes are asked for, after a restart, and without the snapshot that one leaves.
#[tokio::test]
async fn the_past_is_shown_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    let mut story = Story { house, shown: Vec::new(), calls: 0 };
    story.tell().await;
    let Story { house, shown, .. } = story;
    let compare = async |house: &House, back: bool, from_snapshot: bool| {
        let plain = |snapshot| {
            let snapshot = without_positions(snapshot);
            if from_snapshot { without_revisions(snapshot) } else { snapshot }
        };
        let order: Vec<_> = if back { shown.iter().rev().collect() } else { shown.iter().collect() };
        for (time, then) in order {
            let (found, changed) = past(house, *time).await.unwrap();
            assert!(changed <= *time);
            assert_eq!(plain(found), plain(then.clone()), "at {time:?}");
        }
    };
    compare(&house, false, false).await;
    compare(&house, true, false).await;
    let states: Vec<i32> = shown.iter().map(|(_, then)| then.bookings.first().map_or(0, |found| found.state)).collect();
    assert!(2 < states.iter().collect::<std::collections::BTreeSet<_>>().len(), "a story without a change: {states:?}");
    assert_eq!(shown.iter().filter(|(_, then)| then.road_measures.is_empty()).count(), 3);

    // a position is there once the journal has it, on the road
    let at = |index: usize| shown[index].0;
    let position = async |index: usize| {
        let (found, _) = past(&house, at(index)).await.unwrap();
        found.vehicles.into_iter().find(|vehicle| vehicle.name == BUS).unwrap().position
    };
    assert_eq!(position(7).await, None, "nobody had said yet");
    let live = shown[8].1.vehicles.iter().find(|vehicle| vehicle.name == BUS).unwrap().position.unwrap();
    let (told, there) = (live.point.unwrap(), position(8).await.expect("it made the ride late"));
    let found = there.point.unwrap();
    assert_eq!(there.device_time, live.device_time);
    assert!((found.latitude - told.latitude).abs() < 0.005 && (found.longitude - told.longitude).abs() < 0.005);

    // a moment between two things is like the one before
    let (found, changed) = past(&house, at(1) + Span::from_secs(30)).await.unwrap();
    assert_eq!(found.bookings[0].etag, shown[1].1.bookings[0].etag);
    assert!(changed <= at(1) + Span::from_secs(30));

    let now = seen(&house).await;
    assert_eq!(now.road_measures.len(), 1, "the live roads are as they were");
    house.close().await;

    for without_snapshot in [false, true] {
        if without_snapshot {
            remove_snapshots(&journal);
        }
        let house = House::open_in(journal.clone(), at(8) + Span::HOUR).await;
        compare(&house, true, !without_snapshot).await;
        house.close().await;
    }
}

fn remove_snapshots(journal: &Path) {
    for file in std::fs::read_dir(journal).unwrap().map(|file| file.unwrap().path()) {
        if file.file_name().unwrap().to_str().unwrap().starts_with("snapshot") {
            std::fs::remove_file(file).unwrap();
        }
    }
}

#[tokio::test]
async fn a_time_that_was_not_is_said_to_be_none() {
    let house = House::open().await;
    house.clock.advance(Span::HOUR);
    let ask = async |name: &str, time: Option<Time>| {
        let request = area_pb::ExportPastAreaRequest { name: name.to_owned(), as_of_time: time.map(timestamp) };
        house.area().export_past_area(request).await.map(|_| ()).unwrap_err()
    };
    for time in [None, Some(MORNING - Span::from_secs(1)), Some(MORNING + Span::HOUR + Span::from_secs(1))] {
        let status = ask(AREA, time).await;
        assert_eq!(
            (status.code(), fields(&status)),
            (Code::InvalidArgument, vec!["as_of_time".to_owned()]),
            "{time:?}"
        );
    }
    let early = ask(AREA, Some(MORNING - Span::from_secs(1))).await;
    assert!(early.message().contains("2026-04-01T19:00:00Z"), "what would be right: {early:?}");
    let late = ask(AREA, Some(MORNING + Span::DAY)).await;
    assert!(late.message().contains("2026-04-01T20:00:00Z"), "what would be right: {late:?}");
    assert_eq!(ask("areas/elsewhere", Some(MORNING)).await.code(), Code::NotFound);
    assert_eq!(fields(&ask("elsewhere", Some(MORNING)).await), ["name"]);
    past(&house, MORNING).await.unwrap();
    house.close().await;
}

/// Many who look back at once: none waits behind another, and each that is turned away is told when to come again.
#[tokio::test]
async fn one_looks_back_at_a_time() {
    let house = House::open().await;
    let mut turned_away = 0;
    let mut rounds = 0;
    while turned_away == 0 {
        rounds += 1;
        assert!(rounds < 500, "eight at once, and all were let in");
        let all = (0..8).map(|_| past(&house, MORNING));
        for found in futures_join(all).await {
            if let Err(status) = found {
                assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "OVERLOADED"));
                use tonic_types::StatusExt;
                assert!(status.get_details_retry_info().is_some());
                turned_away += 1;
            }
        }
    }
    // who went away, or was turned away, leaves no place taken
    past(&house, MORNING).await.unwrap();
    house.close().await;
}

async fn futures_join<T: Send + 'static>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut all: Vec<_> = all.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        all.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(found) => {
                done.push(found);
                false
            }
            std::task::Poll::Pending => true,
        });
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

/// The best offers that the journal has, by the number in their names: cost and the number of the shift.
fn offers_recorded(journal: &Path) -> Vec<mukae_engine::model::Offer> {
    let (log, _) = ReadOnlyLog::open(OsDisk::open(journal).unwrap(), None).unwrap();
    let records = log.read(Sequence::START).unwrap().map(|record| Record::from_bytes(&record.unwrap().bytes).unwrap());
    let decided = records.flat_map(|record| record.endogenous);
    decided
        .filter_map(|event| match event {
            mukae_engine::Endogenous::OfferMade(offer) => Some(offer),
            _ => None,
        })
        .collect()
}

/// What was decided is explained by the vehicles as they stood: the choice and its price are those of the record, whatever
/// has happened to them since, and also where the rider was turned down.
#[tokio::test]
async fn a_decision_is_explained_as_it_was_made() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    let house = House::open_in(journal.clone(), MORNING).await;
    house.send_van().await;
    let decision = op::ExplainAsOf::Decision as i32;
    let pair = |id: &str, after: Span| pb::QuoteRequest {
        party: Some(Seats { seats: 2, ..Default::default() }),
        ..ride(id, after)
    };
    let mut booked = Vec::new();
    for (index, after) in [Span::HOUR, Span::from_mins(70), Span::from_mins(65), Span::from_mins(61)].iter().enumerate()
    {
        house.clock.advance(Span::from_mins(2));
        booked.push(house.book(pair(&format!("q{index}"), *after)).await);
    }
    // the second is turned out, so that things stand otherwise now
    let cancel =
        pb::CancelBookingRequest { name: booked[1].name.clone(), request_id: "gone".to_owned(), ..Default::default() };
    house.bookings().cancel_booking(cancel).await.unwrap();
    let party = Some(Seats { seats: 5, ..Default::default() });
    let full = pb::QuoteRequest { party, ..ride("too-many", Span::HOUR) };
    let told: Vec<Kind> = refusal_of(house.bookings().quote(full).await.unwrap().into_inner());
    let sea = pb::QuoteRequest { origin: place(SEA, ""), ..ride("at-sea", Span::HOUR) };
    house.bookings().quote(sea.clone()).await.unwrap();
    house.close().await;

    let offers = offers_recorded(&journal);
    let house = House::open_in(journal.clone(), MORNING + Span::HOUR * 3).await;
    for found in &booked {
        let number: u64 = found.offer.rsplit('/').next().unwrap()[1..].split('-').next().unwrap().parse().unwrap();
        let offer = offers.iter().find(|offer| offer.id.0 == number).unwrap();
        let by_offer = op::ExplainOfferRequest { name: found.offer.clone(), as_of: decision };
        let by_offer = house.dispatch().explain_offer(by_offer).await.unwrap().into_inner();
        let chosen = by_offer.candidates.iter().find(|one| one.is_current).unwrap().fit.clone().unwrap();
        assert_eq!((chosen.cost, time(&chosen.pickup_time)), (offer.cost, offer.pickup), "{}", found.name);
        let by_booking = op::ExplainBookingRequest { name: found.name.clone(), as_of: decision };
        let by_booking = house.dispatch().explain_booking(by_booking).await.unwrap().into_inner();
        for explained in [by_offer, by_booking] {
            let chosen = explained.candidates.iter().find(|one| one.is_current).unwrap();
            assert_eq!(chosen.shift, explained.candidates[0].shift, "the best was taken");
            assert_eq!(chosen.vehicle, found.vehicle, "{}", found.name);
            let fit = chosen.fit.as_ref().unwrap();
            assert_eq!(fit.terms.iter().map(|term| term.cost).sum::<i64>(), fit.cost);
            assert_eq!(time(&fit.pickup_time), offer.pickup);
            assert_eq!(explained.candidates.len(), 2, "both were looked at");
        }
    }
    let quote = |request: pb::QuoteRequest| op::ExplainQuoteRequest { quote: Some(request), as_of: decision };
    let refused = house.dispatch().explain_quote(quote(ride("too-many", Span::ZERO))).await.unwrap().into_inner();
    assert!(refused.candidates.iter().all(|one| !one.is_allowed && !one.is_current), "{refused:?}");
    let binds = refused.candidates.iter().flat_map(|one| &one.binding_constraints).map(|one| one.kind());
    let binds: Vec<Kind> = binds.chain(refused.binding_constraints.iter().map(|one| one.kind())).collect();
    assert!(told.iter().all(|kind| binds.contains(kind)), "told {told:?}, explained {binds:?}");
    let offered = house.dispatch().explain_quote(quote(ride("q3", Span::ZERO))).await.unwrap().into_inner();
    let chosen = offered.candidates.iter().find(|one| one.is_current).unwrap();
    assert_eq!(chosen.vehicle, booked[3].vehicle);
    let off = house.dispatch().explain_quote(quote(sea)).await.unwrap().into_inner();
    let kinds: Vec<Kind> = off.binding_constraints.iter().map(|one| one.kind()).collect();
    assert_eq!((kinds, off.candidates.len()), (vec![Kind::OriginOffArea], 0));

    // what was never decided, and what is not known as a way to look
    let status = house.dispatch().explain_quote(quote(ride("never", Span::ZERO))).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let nobody = op::ExplainBookingRequest { name: format!("{SERVICE}/bookings/b999"), as_of: decision };
    assert_eq!(house.dispatch().explain_booking(nobody).await.unwrap_err().code(), Code::NotFound);
    let strange = op::ExplainBookingRequest { name: booked[0].name.clone(), as_of: 9 };
    assert_eq!(fields(&house.dispatch().explain_booking(strange).await.unwrap_err()), ["as_of"]);
    house.close().await;
}
