//! `Watch` streams: a beginning, updates, heartbeats on a quiet line, and an end that says why.
//!
//! Each stream has one task with a short queue of its own; a reader that does not take what is queued
//! holds up nobody but itself.

use std::time::Duration;

use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::booking::v1 as booking_pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::operations::v1 as operations_pb;
use mukae_proto::transit::units::v1::Heartbeat;
use prost::Message;
use prost::bytes::Bytes;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::{Desk, StreamPermit, sight};
use crate::caller::{Caller, Scope};
use crate::errors::Fault;
use crate::names::{AreaName, BookingName, DriverName};
use crate::shell::input::{AreaResume, Input, MessageResume};
use crate::shell::outbox::{AreaFeed, AskFeed, Following, MessageFeed, Shown, TripFeed};
use crate::wire::from_proto;
use crate::wire::to_proto::{heartbeat, is_final_state};

/// Messages that wait for a slow reader on top of what the connection buffers.
const QUEUE_MAX: usize = 16;
/// Between two looks at the caller's token.
const LOOK_EVERY: Duration = Duration::from_secs(15);

pub type Updates<M> = ReceiverStream<Result<M, Status>>;

/// A message about one thing.
pub trait OfThing<T> {
    fn of_thing(thing: T) -> Self;
    fn of_heartbeat(heartbeat: Heartbeat) -> Self;
}

/// Follows one thing until it is final or the reader goes.
pub fn follow<T, M>(
    desk: &Desk,
    caller: Caller,
    permit: StreamPermit,
    following: Following<T>,
    is_final: fn(&T) -> bool,
) -> Updates<M>
where
    T: Clone + Send + Sync + 'static,
    M: OfThing<T> + Send + 'static,
{
    let (line, updates) = Line::new(desk, caller, permit);
    tokio::spawn(async move {
        let _ = line.follow(following, is_final).await; // the reader has gone: nobody is left to tell
    });
    updates
}

/// Follows an area until the reader goes.
pub fn follow_area(
    desk: &Desk,
    caller: Caller,
    permit: StreamPermit,
    area: AreaName,
    feed: AreaFeed,
) -> Updates<Bytes> {
    let (line, updates) = Line::new(desk, caller, permit);
    tokio::spawn(async move {
        let _ = line.follow_area(area, feed).await; // the reader has gone: nobody is left to tell
    });
    updates
}

/// Follows what a driver is asked until the reader goes.
pub fn follow_asks(
    desk: &Desk,
    caller: Caller,
    permit: StreamPermit,
    driver: DriverName,
    feed: AskFeed,
) -> Updates<fleet_pb::WatchAsksResponse> {
    let (line, updates) = Line::new(desk, caller, permit);
    tokio::spawn(async move {
        let _ = line.follow_asks(driver, feed).await; // the reader has gone: nobody is left to tell
    });
    updates
}

/// Follows the messages of an area until the reader goes.
pub fn follow_messages(
    desk: &Desk,
    caller: Caller,
    permit: StreamPermit,
    resume: MessageResume,
    feed: MessageFeed,
) -> Updates<operations_pb::WatchMessagesResponse> {
    let (line, updates) = Line::new(desk, caller, permit);
    tokio::spawn(async move {
        let _ = line.follow_messages(resume, feed).await; // the reader has gone: nobody is left to tell
    });
    updates
}

/// Follows a rider's trip until it has ended or the reader goes.
pub fn follow_trip(
    desk: &Desk,
    caller: Caller,
    permit: StreamPermit,
    booking: BookingName,
    feed: TripFeed,
) -> Updates<booking_pb::WatchTripResponse> {
    let (line, updates) = Line::new(desk, caller, permit);
    tokio::spawn(async move {
        let _ = line.follow_trip(booking, feed).await; // the reader has gone: nobody is left to tell
    });
    updates
}

/// Takes batches of positions until the device ends the stream.
pub fn take_positions(
    desk: &Desk,
    caller: Caller,
    permit: StreamPermit,
    batches: Streaming<fleet_pb::StreamPositionsRequest>,
) -> Updates<fleet_pb::StreamPositionsResponse> {
    let (line, updates) = Line::new(desk, caller, permit);
    tokio::spawn(async move {
        let _ = line.take_positions(batches).await; // the device has gone: nobody is left to tell
    });
    updates
}

/// One open stream.
struct Line<M> {
    desk: Desk,
    out: mpsc::Sender<Result<M, Status>>,
    heartbeat: Duration,
    caller: Caller,
    _permit: StreamPermit,
}

/// The reader has gone.
struct Gone;

impl<M: Send + 'static> Line<M> {
    fn new(desk: &Desk, caller: Caller, permit: StreamPermit) -> (Line<M>, Updates<M>) {
        let (out, updates) = mpsc::channel(QUEUE_MAX);
        let (desk, heartbeat) = (desk.clone(), desk.heartbeat);
        (Line { desk, out, heartbeat, caller, _permit: permit }, ReceiverStream::new(updates))
    }

    async fn send(&self, message: M) -> Result<(), Gone> {
        self.out.send(Ok(message)).await.map_err(|_| Gone)
    }

    /// When to look whether the caller may still see this: a stream outlives neither token nor key by more.
    fn looks(&self) -> Interval {
        let every = self.heartbeat.min(LOOK_EVERY);
        let mut looks = tokio::time::interval_at(Instant::now() + every, every);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        looks
    }

    async fn fail(&self, fault: Fault) -> Result<(), Gone> {
        self.out.send(Err(fault.into())).await.map_err(|_| Gone)
    }
}

impl<M: Send + 'static> Line<M> {
    async fn follow<T: Clone + Send + Sync>(self, following: Following<T>, is_final: fn(&T) -> bool) -> Result<(), Gone>
    where
        M: OfThing<T>,
    {
        let Following { first, mut updates } = following;
        let mut is_over = is_final(&first);
        self.send(M::of_thing(first)).await?;
        let mut looks = self.looks();
        while !is_over {
            tokio::select! {
                changed = updates.changed() => {
                    if changed.is_err() {
                        return self.fail(Fault::not_ready()).await;
                    }
                    let thing = updates.borrow_and_update().clone();
                    is_over = is_final(&thing);
                    self.send(M::of_thing(thing)).await?;
                }
                () = tokio::time::sleep(self.heartbeat) => {
                    self.send(M::of_heartbeat(heartbeat(self.desk.clock.now()))).await?;
                }
                _ = looks.tick() => {
                    if let Err(fault) = self.desk.auth.check_still(&self.caller) {
                        return self.fail(fault).await;
                    }
                }
                () = self.desk.stop.heard() => return self.fail(Fault::not_ready()).await,
                () = self.out.closed() => return Err(Gone),
            }
        }
        Ok(())
    }
}

impl Line<fleet_pb::StreamPositionsResponse> {
    /// One batch after the other: who sends faster than they are taken waits.
    async fn take_positions(self, mut batches: Streaming<fleet_pb::StreamPositionsRequest>) -> Result<(), Gone> {
        let mut looks = self.looks();
        loop {
            let batch = tokio::select! {
                batch = batches.message() => batch,
                _ = looks.tick() => match self.desk.auth.check_still(&self.caller) {
                    Ok(()) => continue,
                    Err(fault) => return self.fail(fault).await,
                },
                () = self.desk.stop.heard() => return self.fail(Fault::not_ready()).await,
                () = self.out.closed() => return Err(Gone),
            };
            let batch = match batch {
                Ok(Some(batch)) => from_proto::stream_positions(&self.caller, batch),
                Ok(None) => return Ok(()),
                Err(status) => return self.fail(Fault::of_transport(&status)).await,
            };
            let taken = match batch {
                Ok(batch) => self.desk.area.ask(Input::ReportPositions, batch).await,
                Err(fault) => return self.fail(fault).await,
            };
            let fleet_pb::ReportPositionsResponse { accepted_count, ignored_count, last_sequence } = match taken {
                Ok(taken) => taken,
                Err(fault) => return self.fail(fault).await,
            };
            self.send(fleet_pb::StreamPositionsResponse { accepted_count, ignored_count, last_sequence }).await?;
        }
    }
}

impl Line<Bytes> {
    async fn say(&self, revision: i64, update: area_pb::watch_area_response::Update) -> Result<(), Gone> {
        let message = area_pb::WatchAreaResponse { revision, update: Some(update) };
        self.send(message.encode_to_vec().into()).await
    }

    /// What of it the caller may see; encoded once for all who see all of it.
    async fn show(&self, shown: &Shown) -> Result<(), Gone> {
        if self.caller.scope == Scope::All {
            return self.send(shown.encoded()).await;
        }
        match sight::message(&self.caller, shown.message().clone()) {
            Some(message) => self.send(message.encode_to_vec().into()).await,
            None => Ok(()),
        }
    }

    async fn follow_area(self, area: AreaName, mut feed: AreaFeed) -> Result<(), Gone> {
        use area_pb::watch_area_response::Update;
        let mut revision = 0;
        let mut looks = self.looks();
        loop {
            for message in feed.first.drain(..) {
                revision = message.revision();
                self.show(&message).await?;
            }
            let update = tokio::select! {
                update = feed.updates.recv() => update,
                () = tokio::time::sleep(self.heartbeat) => {
                    self.say(revision, Update::Heartbeat(heartbeat(self.desk.clock.now()))).await?;
                    continue;
                }
                _ = looks.tick() => match self.desk.auth.check_still(&self.caller) {
                    Ok(()) => continue,
                    Err(fault) => return self.fail(fault).await,
                },
                () = self.desk.stop.heard() => return self.fail(Fault::not_ready()).await,
                () = self.out.closed() => return Err(Gone),
            };
            match update {
                Ok(message) => {
                    revision = message.revision();
                    self.show(&message).await?;
                }
                Err(RecvError::Lagged(_)) => {
                    if let Ok(desk) = self.desk.area.of(&area).and_then(|area| area.desk()) {
                        desk.meters.fell_behind.inc();
                    }
                    let resync = area_pb::Resync { reason: area_pb::resync::Reason::FellBehind as i32 };
                    self.say(revision, Update::Resync(resync)).await?;
                    let anew = AreaResume { area: area.clone(), revision: 0 };
                    feed = match self.desk.area.ask(Input::WatchArea, anew).await {
                        Ok(feed) => feed,
                        Err(fault) => return self.fail(fault).await,
                    };
                }
                Err(RecvError::Closed) => return self.fail(Fault::not_ready()).await,
            }
        }
    }
}

impl Line<operations_pb::WatchMessagesResponse> {
    /// Each message once and in order: who is told of a newer one asks for all after the last.
    async fn follow_messages(self, mut resume: MessageResume, mut feed: MessageFeed) -> Result<(), Gone> {
        use operations_pb::watch_messages_response::Update;
        let mut looks = self.looks();
        loop {
            for (id, message) in feed.first.drain(..) {
                resume.after = Some(id);
                if !self.caller.sees(&message.recipient) {
                    continue;
                }
                self.send(operations_pb::WatchMessagesResponse { update: Some(Update::Message(message)) }).await?;
            }
            tokio::select! {
                changed = feed.newest.changed() => {
                    if changed.is_err() {
                        return self.fail(Fault::not_ready()).await;
                    }
                    feed = match self.desk.area.ask(Input::WatchMessages, resume.clone()).await {
                        Ok(feed) => feed,
                        Err(fault) => return self.fail(fault).await,
                    };
                }
                () = tokio::time::sleep(self.heartbeat) => {
                    let beat = Update::Heartbeat(heartbeat(self.desk.clock.now()));
                    self.send(operations_pb::WatchMessagesResponse { update: Some(beat) }).await?;
                }
                _ = looks.tick() => {
                    if let Err(fault) = self.desk.auth.check_still(&self.caller) {
                        return self.fail(fault).await;
                    }
                }
                () = self.desk.stop.heard() => return self.fail(Fault::not_ready()).await,
                () = self.out.closed() => return Err(Gone),
            }
        }
    }
}

impl Line<fleet_pb::WatchAsksResponse> {
    /// All that is open, again whenever it has changed.
    async fn follow_asks(self, driver: DriverName, mut feed: AskFeed) -> Result<(), Gone> {
        use fleet_pb::watch_asks_response::Update;
        let mut looks = self.looks();
        let mut told = None;
        loop {
            let asks = std::mem::take(&mut feed.first);
            if told.as_ref() != Some(&asks) {
                told = Some(asks.clone());
                let update = Some(Update::Asks(fleet_pb::OpenAsks { asks }));
                self.send(fleet_pb::WatchAsksResponse { update }).await?;
            }
            loop {
                tokio::select! {
                    changed = feed.changes.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return self.fail(Fault::not_ready()).await,
                    },
                    () = tokio::time::sleep(self.heartbeat) => {
                        let beat = Update::Heartbeat(heartbeat(self.desk.clock.now()));
                        self.send(fleet_pb::WatchAsksResponse { update: Some(beat) }).await?;
                    }
                    _ = looks.tick() => {
                        if let Err(fault) = self.desk.auth.check_still(&self.caller) {
                            return self.fail(fault).await;
                        }
                    }
                    () = self.desk.stop.heard() => return self.fail(Fault::not_ready()).await,
                    () = self.out.closed() => return Err(Gone),
                }
            }
            feed = match self.desk.area.ask(Input::WatchAsks, driver.clone()).await {
                Ok(feed) => feed,
                Err(fault) => return self.fail(fault).await,
            };
        }
    }
}

impl Line<booking_pb::WatchTripResponse> {
    /// The trip as it is, again whenever it reads differently, whatever made it so.
    async fn follow_trip(self, booking: BookingName, mut feed: TripFeed) -> Result<(), Gone> {
        use booking_pb::watch_trip_response::Update;
        let mut looks = self.looks();
        let mut told = None;
        loop {
            let TripFeed { first: trip, mut updates, mut moves, redraw_at } = feed;
            let (reads, is_over) = (ageless(&trip), is_final_state(trip.state()));
            if told.as_ref() != Some(&reads) {
                told = Some(reads);
                self.send(booking_pb::WatchTripResponse { update: Some(Update::Trip(trip)) }).await?;
            }
            if is_over {
                return Ok(());
            }
            loop {
                let moved = async {
                    match &mut moves {
                        Some(moves) => moves.changed().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    changed = updates.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return self.fail(Fault::not_ready()).await,
                    },
                    changed = moved => match changed {
                        Ok(()) => break,
                        Err(_) => return self.fail(Fault::not_ready()).await,
                    },
                    () = self.desk.clock.reached(redraw_at) => break,
                    () = tokio::time::sleep(self.heartbeat) => {
                        let beat = Update::Heartbeat(heartbeat(self.desk.clock.now()));
                        self.send(booking_pb::WatchTripResponse { update: Some(beat) }).await?;
                    }
                    _ = looks.tick() => {
                        if let Err(fault) = self.desk.auth.check_still(&self.caller) {
                            return self.fail(fault).await;
                        }
                    }
                    () = self.desk.stop.heard() => return self.fail(Fault::not_ready()).await,
                    () = self.out.closed() => return Err(Gone),
                }
            }
            feed = match self.desk.area.ask(Input::WatchTrip, booking.clone()).await {
                Ok(feed) => feed,
                Err(fault) => return self.fail(fault).await,
            };
        }
    }
}

/// What a rider reads, without when it was drawn.
fn ageless(trip: &booking_pb::Trip) -> booking_pb::Trip {
    let prediction = trip.prediction.map(|told| booking_pb::Prediction { prediction_time: None, ..told });
    booking_pb::Trip { prediction, current_time: None, ..trip.clone() }
}

impl OfThing<booking_pb::Booking> for booking_pb::WatchBookingResponse {
    fn of_thing(booking: booking_pb::Booking) -> Self {
        Self { update: Some(booking_pb::watch_booking_response::Update::Booking(booking)) }
    }

    fn of_heartbeat(heartbeat: Heartbeat) -> Self {
        Self { update: Some(booking_pb::watch_booking_response::Update::Heartbeat(heartbeat)) }
    }
}

impl OfThing<fleet_pb::Manifest> for fleet_pb::WatchManifestResponse {
    fn of_thing(manifest: fleet_pb::Manifest) -> Self {
        Self { update: Some(fleet_pb::watch_manifest_response::Update::Manifest(manifest)) }
    }

    fn of_heartbeat(heartbeat: Heartbeat) -> Self {
        Self { update: Some(fleet_pb::watch_manifest_response::Update::Heartbeat(heartbeat)) }
    }
}
