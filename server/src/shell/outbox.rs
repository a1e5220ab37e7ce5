//! What leaves the house by itself: updates for those who watch.
//!
//! The area's task draws an update with each record that shows; the committer publishes it once that
//! record is durable. Everybody who watches the area reads from one bounded ring: who falls behind by
//! more than it holds is told so and begins anew, and nobody slows down anybody else. A watcher of one
//! booking or manifest sees the newest state, and changes drawn together if it is slow.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use mukae_office::MessageId;
use mukae_proto::transit::area::v1 as pb;
use mukae_proto::transit::booking::v1::{Booking, Trip};
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::{fleet::v1::Manifest, operations::v1 as operations_pb};
use mukae_units::{BookingId, Time, VehicleId};
use prost::Message;
use prost::bytes::Bytes;
use tokio::sync::{broadcast, watch};

/// Updates a watcher may be behind.
const BEHIND_MAX: usize = 256;
/// Updates kept for watchers that come back.
const RECENT_KEPT: usize = 1024;

/// The area task's side: recent updates, to resume from.
#[derive(Debug)]
pub struct Outbox {
    hub: Arc<Hub>,
    /// In the order of their revisions, without a gap.
    recent: VecDeque<Arc<Shown>>,
    /// The revision before the oldest of `recent`.
    base: i64,
}

/// The watchers' side.
#[derive(Debug)]
pub struct Hub {
    area: broadcast::Sender<Arc<Shown>>,
    /// One entry for each booking that somebody watches, and a few nobody does any more.
    bookings: Mutex<BTreeMap<BookingId, watch::Sender<Booking>>>,
    manifests: Mutex<BTreeMap<VehicleId, watch::Sender<Manifest>>>,
    /// Of the vehicles that riders look out for: counts their reports of positions.
    moves: Mutex<BTreeMap<VehicleId, watch::Sender<u64>>>,
    /// The number of the newest message.
    message: watch::Sender<u64>,
    /// Counts changes of what drivers are asked.
    asks: watch::Sender<u64>,
}

/// What a record changed, drawn.
#[derive(Debug, Default)]
pub struct Update {
    pub revision: i64,
    pub delta: pb::AreaDelta,
    /// Whose pictures in `delta` these are, in its order.
    pub bookings: Vec<BookingId>,
    pub manifests: Vec<VehicleId>,
}

/// A message to all who watch, encoded once: by whoever sends it first, so not on the area's task.
#[derive(Debug)]
pub struct Shown {
    message: pb::WatchAreaResponse,
    encoded: OnceLock<Bytes>,
}

impl Shown {
    pub fn new(message: pb::WatchAreaResponse) -> Arc<Shown> {
        Arc::new(Shown { message, encoded: OnceLock::new() })
    }

    pub fn revision(&self) -> i64 {
        self.message.revision
    }

    pub fn message(&self) -> &pb::WatchAreaResponse {
        &self.message
    }

    pub fn encoded(&self) -> Bytes {
        self.encoded.get_or_init(|| self.message.encode_to_vec().into()).clone()
    }
}

/// A watcher's beginning, and what follows on it without a gap.
#[derive(Debug)]
pub struct AreaFeed {
    pub first: Vec<Arc<Shown>>,
    pub updates: broadcast::Receiver<Arc<Shown>>,
}

/// Messages so far, and the number of the newest one as it changes.
#[derive(Debug)]
pub struct MessageFeed {
    pub first: Vec<(MessageId, operations_pb::Message)>,
    pub newest: watch::Receiver<u64>,
}

/// What a driver is asked, and a count that grows when anybody's asks change.
#[derive(Debug)]
pub struct AskFeed {
    pub first: Vec<fleet_pb::Ask>,
    pub changes: watch::Receiver<u64>,
}

/// A rider's trip, and when to ask for it again: when its booking changes, its car reports, or time has passed.
#[derive(Debug)]
pub struct TripFeed {
    pub first: Trip,
    pub updates: watch::Receiver<Booking>,
    /// `None` without a car.
    pub moves: Option<watch::Receiver<u64>>,
    pub redraw_at: Time,
}

/// The same for one thing.
#[derive(Debug)]
pub struct Following<T> {
    pub first: T,
    /// Seen up to `first`.
    pub updates: watch::Receiver<T>,
}

impl Outbox {
    /// `revision` is the area's, all of which is durable.
    pub fn new(revision: i64) -> Outbox {
        let hub = Hub {
            area: broadcast::Sender::new(BEHIND_MAX),
            bookings: Mutex::default(),
            manifests: Mutex::default(),
            moves: Mutex::default(),
            message: watch::Sender::new(0),
            asks: watch::Sender::new(0),
        };
        Outbox { hub: Arc::new(hub), recent: VecDeque::new(), base: revision }
    }

    pub fn hub(&self) -> Arc<Hub> {
        Arc::clone(&self.hub)
    }

    /// Keeps an update for those who come back, and says how to publish it when it is durable.
    pub fn prepare(&mut self, update: Update) -> impl FnOnce() + Send + use<> {
        let Update { revision, delta, bookings, manifests } = update;
        let drawn = (delta.bookings.clone(), delta.manifests.clone());
        let response =
            Shown::new(pb::WatchAreaResponse { revision, update: Some(pb::watch_area_response::Update::Delta(delta)) });
        self.recent.push_back(Arc::clone(&response));
        if RECENT_KEPT < self.recent.len() {
            self.base = self.recent.pop_front().expect("longer than the limit").revision();
        }
        let hub = self.hub();
        move || {
            let _ = hub.area.send(response); // an error says that nobody watches
            publish(&hub.bookings, bookings.into_iter().zip(drawn.0));
            publish(&hub.manifests, manifests.into_iter().zip(drawn.1));
        }
    }

    /// The updates after `revision`, if all of them are kept.
    pub fn since(&self, revision: i64, current: i64) -> Option<Vec<Arc<Shown>>> {
        if revision < self.base || current < revision {
            return None;
        }
        let missed = self.recent.iter().filter(|update| revision < update.revision());
        Some(missed.map(Arc::clone).collect())
    }
}

impl Hub {
    /// Tells of something that no record is needed for.
    pub fn tell(&self, response: pb::WatchAreaResponse) {
        let _ = self.area.send(Shown::new(response)); // an error says that nobody watches
    }

    pub fn watch_area(&self) -> broadcast::Receiver<Arc<Shown>> {
        self.area.subscribe()
    }

    pub fn tell_of_message(&self, message: u64) {
        self.message.send_replace(message);
    }

    pub fn watch_messages(&self, first: Vec<(MessageId, operations_pb::Message)>) -> MessageFeed {
        MessageFeed { first, newest: self.message.subscribe() }
    }

    pub fn tell_of_asks(&self) {
        self.asks.send_modify(|count| *count += 1);
    }

    pub fn watch_asks(&self, first: Vec<fleet_pb::Ask>) -> AskFeed {
        AskFeed { first, changes: self.asks.subscribe() }
    }

    pub fn tell_of_move(&self, vehicle: VehicleId) {
        if let Some(sender) = lock(&self.moves).get(&vehicle) {
            sender.send_modify(|count| *count += 1);
        }
    }

    pub fn watch_moves(&self, vehicle: VehicleId) -> watch::Receiver<u64> {
        follow(&self.moves, vehicle, 0).updates
    }

    pub fn watch_booking(&self, id: BookingId, first: Booking) -> Following<Booking> {
        follow(&self.bookings, id, first)
    }

    pub fn watch_manifest(&self, id: VehicleId, first: Manifest) -> Following<Manifest> {
        follow(&self.manifests, id, first)
    }
}

fn follow<I: Ord, T: Clone>(watched: &Mutex<BTreeMap<I, watch::Sender<T>>>, id: I, first: T) -> Following<T> {
    let mut watched = lock(watched);
    watched.retain(|_, sender| sender.receiver_count() > 0);
    let updates = watched.entry(id).or_insert_with(|| watch::Sender::new(first.clone())).subscribe();
    Following { first, updates }
}

fn publish<I: Ord, T>(watched: &Mutex<BTreeMap<I, watch::Sender<T>>>, drawn: impl Iterator<Item = (I, T)>) {
    let watched = lock(watched);
    if !watched.is_empty() {
        for (id, picture) in drawn {
            if let Some(sender) = watched.get(&id) {
                sender.send_replace(picture);
            }
        }
    }
}

/// What is behind these locks is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox_with(revisions: std::ops::RangeInclusive<i64>) -> Outbox {
        let mut outbox = Outbox::new(*revisions.start() - 1);
        for revision in revisions {
            outbox.prepare(Update { revision, ..Update::default() })();
        }
        outbox
    }

    #[test]
    fn a_watcher_resumes_where_it_was_or_begins_anew() {
        let outbox = outbox_with(11..=2000);
        let revisions =
            |from| Some(outbox.since(from, 2000)?.iter().map(|update| update.revision()).collect::<Vec<_>>());
        assert_eq!(revisions(2000), Some(vec![]));
        assert_eq!(revisions(1997), Some(vec![1998, 1999, 2000]));
        assert_eq!(revisions(2000 - RECENT_KEPT as i64).unwrap().len(), RECENT_KEPT);
        assert_eq!(revisions(1999 - RECENT_KEPT as i64), None, "no longer kept");
        assert_eq!(revisions(2001), None, "from another life");
    }

    #[test]
    fn who_falls_behind_is_told() {
        let mut outbox = outbox_with(1..=1);
        let mut updates = outbox.hub().watch_area();
        for revision in 2..=2 + BEHIND_MAX as i64 {
            outbox.prepare(Update { revision, ..Update::default() })();
        }
        assert!(matches!(updates.try_recv(), Err(broadcast::error::TryRecvError::Lagged(_))));
    }
}
