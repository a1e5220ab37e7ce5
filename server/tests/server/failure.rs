//! A journal that fails: nothing is acknowledged, and the server stops.

use mukae_journal::{LogStore, MemoryStore, ShardName};
use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::area::v1::watch_area_response::Update;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_server::{Stopped, Store};
use mukae_units::Span;
use tonic::Code;

use crate::support::*;

#[tokio::test]
async fn an_unknown_outcome_stops_the_server_unacknowledged() {
    for kept in [true, false] {
        let shard = ShardName::new("niue").unwrap();
        let store = Faulty::new(MemoryStore::new(shard), kept);
        let log = store.log.open_again();
        let fail = store.fail.clone();
        let house = House::open_with(config(), Store::Given(Box::new(store)), MORNING).await;
        let offer = house.offer(ride("q1", Span::HOUR)).await;
        // Read through the queue: the quote's record is durable by now.
        house.bookings().get_offer(pb::GetOfferRequest { name: offer.name.clone() }).await.unwrap();
        let durable = log.next();
        fail.store(true, std::sync::atomic::Ordering::SeqCst);
        let status = house.bookings().confirm_offer(confirm(&offer, "c1")).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        let stopped = house.running.join().await.unwrap_err();
        assert!(matches!(&stopped, Stopped::Journal { reason } if reason.contains("unknown")), "{stopped}");
        assert_eq!(log.next() > durable, kept);

        // The ordinary start tells what became of it, and the same request gets one booking either way.
        let house = House::open_with(config(), Store::Given(Box::new(log)), MORNING).await;
        let request = pb::ListBookingsRequest { parent: SERVICE.to_owned(), ..Default::default() };
        let found = house.bookings().list_bookings(request.clone()).await.unwrap().into_inner().bookings;
        assert_eq!(found.len(), usize::from(kept));
        let booking = house.bookings().confirm_offer(confirm(&offer, "c1")).await.unwrap().into_inner();
        let found = house.bookings().list_bookings(request).await.unwrap().into_inner().bookings;
        assert_eq!(found.iter().map(|found| &found.name).collect::<Vec<_>>(), [&booking.name]);
        house.close().await;
    }
}

#[tokio::test]
async fn nobody_sees_what_is_not_durable() {
    let shard = ShardName::new("niue").unwrap();
    let mut store = Faulty::new(MemoryStore::new(shard), true);
    let (open_gate, gate) = std::sync::mpsc::channel();
    let closed = store.closed.clone();
    store.gate = Some(gate);
    let house = House::open_with(config(), Store::Given(Box::new(store)), MORNING).await;
    let offer = house.offer(ride("q1", Span::HOUR)).await;
    // Read through the queue: the quote's record is durable by now.
    house.bookings().get_offer(pb::GetOfferRequest { name: offer.name.clone() }).await.unwrap();
    let watch = area_pb::WatchAreaRequest { name: AREA.to_owned(), resume_from_revision: 0 };
    let mut seen = house.area().watch_area(watch).await.unwrap().into_inner();
    while !matches!(seen.message().await.unwrap().unwrap().update, Some(Update::Snapshot(part)) if part.is_last) {}
    closed.store(true, std::sync::atomic::Ordering::SeqCst);

    let mut client = house.bookings();
    let confirmation = confirm(&offer, "c1");
    let confirming = tokio::spawn(async move { client.confirm_offer(confirmation).await });
    // A quote sees the plan as it will be and is answered at once; nobody may rely on it yet.
    let mut number = 0;
    let taken = loop {
        number += 1;
        let mut wish = ride(&format!("again-{number}"), Span::HOUR);
        wish.party.as_mut().unwrap().seats = 4;
        let response = house.bookings().quote(wish).await.unwrap().into_inner();
        let window = |offer: &pb::Offer| offer.promise.unwrap().pickup_window;
        if window(&offer_of(response)) != window(&offer) {
            break true;
        }
        assert!(number < 10_000, "the confirmation never came to its turn");
    };
    assert!(taken && !confirming.is_finished(), "the booking is decided and not durable");
    let mut client = house.bookings();
    let request = pb::ListBookingsRequest { parent: SERVICE.to_owned(), ..Default::default() };
    let listing = tokio::spawn(async move { client.list_bookings(request).await });
    house.offer(ride("after", Span::HOUR * 3)).await;
    // A position needs no record, but its message names the revision: it waits for its turn, too.
    let position = fleet_pb::Position {
        point: Some(mukae_proto::google::r#type::LatLng { latitude: ALOFI.0, longitude: ALOFI.1 }),
        device_time: Some(timestamp(MORNING)),
        sequence: 1,
        ..Default::default()
    };
    let report = fleet_pb::ReportPositionsRequest { vehicle: VAN.to_owned(), positions: vec![position] };
    house.fleet().report_positions(report).await.unwrap();
    assert!(!confirming.is_finished() && !listing.is_finished(), "an answer left before its record was safe");

    closed.store(false, std::sync::atomic::Ordering::SeqCst);
    open_gate.send(()).unwrap();
    let booking = confirming.await.unwrap().unwrap().into_inner();
    let list = listing.await.unwrap().unwrap().into_inner();
    assert_eq!(list.bookings.iter().map(|found| &found.name).collect::<Vec<_>>(), [&booking.name]);
    let Some(Update::Delta(first)) = seen.message().await.unwrap().unwrap().update else { panic!("no delta") };
    assert_eq!(first.bookings.iter().map(|found| &found.name).collect::<Vec<_>>(), [&booking.name]);
    assert!(first.positions.is_empty(), "the position came before the booking it was stamped with");
    house.close().await;
}

/// Works until it is told to fail; then one append has an unknown outcome.
#[derive(Debug)]
pub struct Faulty {
    log: MemoryStore,
    kept: bool,
    pub fail: std::sync::Arc<std::sync::atomic::AtomicBool>,
    /// While this holds, an append waits for a word at the gate.
    pub closed: std::sync::Arc<std::sync::atomic::AtomicBool>,
    pub gate: Option<std::sync::mpsc::Receiver<()>>,
}

impl Faulty {
    pub fn new(log: MemoryStore, kept: bool) -> Faulty {
        Faulty { log, kept, fail: Default::default(), closed: Default::default(), gate: None }
    }
}

impl LogStore for Faulty {
    fn shard(&self) -> &ShardName {
        self.log.shard()
    }

    fn epoch(&self) -> mukae_journal::Epoch {
        self.log.epoch()
    }

    fn next(&self) -> mukae_journal::Sequence {
        self.log.next()
    }

    fn claim(&mut self) -> Result<mukae_journal::Epoch, mukae_journal::ClaimError> {
        self.log.claim()
    }

    fn append(
        &mut self,
        epoch: mukae_journal::Epoch,
        expected: mukae_journal::Sequence,
        batch: &[&[u8]],
    ) -> Result<mukae_journal::Append, mukae_journal::AppendError> {
        if let Some(gate) = self.gate.as_ref().filter(|_| self.closed.load(std::sync::atomic::Ordering::SeqCst)) {
            gate.recv().unwrap();
        }
        if self.fail.load(std::sync::atomic::Ordering::SeqCst) {
            self.log.make_next_append_unknown(self.kept);
        }
        self.log.append(epoch, expected, batch)
    }

    fn settle(&mut self) -> Result<(), mukae_journal::SettleError> {
        self.log.settle()
    }

    fn reader(&self) -> std::sync::Arc<dyn mukae_journal::LogReader> {
        self.log.reader()
    }

    fn snapshots(&self) -> std::sync::Arc<dyn mukae_journal::Snapshots> {
        self.log.snapshots()
    }
}
