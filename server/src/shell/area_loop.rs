//! The one task that owns an area: calls in, time, entries out; one after the other.
//!
//! ```text
//! until stopped:  a call  |  the dispatcher's wakeup by the area's clock  |  idle: settle the log
//!                 then hand what was decided to the committer, waiting if its queue is full
//!                 with no call waiting, get ready for the next; with none for a while, look for a better plan beside
//! stopped:        the calls already queued, a last snapshot
//! ```
//! A full committer queue holds up the loop, the loop lets its own bounded queue fill, and that turns
//! callers away: nothing grows without bound.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mukae_engine::Order;
use mukae_journal::Snapshots;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::area::Area;
use super::beside::beside;
use super::committer::Entry;
use super::improving::PAUSE;
use super::input::{Ask, Input};
use super::snapshot::Picture;
use crate::clock::Clock;
use crate::errors::Fault;
use crate::shutdown::ShutdownSignal;

/// A search for better orders, dropped once nobody needs them.
type Looking = Pin<Box<dyn Future<Output = Result<Vec<Order>, Fault>> + Send>>;

/// Without a record for so long, the log is settled.
const IDLE: Duration = Duration::from_secs(5);

/// The way in. Cheap to clone; every call waits for its answer at most as long as `patience`.
#[derive(Clone, Debug)]
pub struct AreaHandle {
    inputs: mpsc::Sender<Input>,
    patience: Duration,
}

impl AreaHandle {
    pub fn new(inputs: mpsc::Sender<Input>, patience: Duration) -> AreaHandle {
        AreaHandle { inputs, patience }
    }

    /// Calls that wait.
    pub fn waiting(&self) -> usize {
        self.inputs.max_capacity() - self.inputs.capacity()
    }

    /// Asks, and waits for the answer. A caller that goes away before its turn costs nothing more.
    pub async fn ask<Q, A>(&self, wrap: fn(Ask<Q, A>) -> Input, question: Q) -> Result<A, Fault> {
        let (reply, answer) = oneshot::channel();
        self.inputs.try_send(wrap(Ask { question, reply })).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Fault::overloaded("too many calls are waiting"),
            mpsc::error::TrySendError::Closed(_) => Fault::not_ready(),
        })?;
        match tokio::time::timeout(self.patience, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Fault::not_ready()),
            Err(_) => Err(Fault::deadline_passed()),
        }
    }
}

/// What the loop works with besides its area.
pub struct Surroundings {
    pub inputs: mpsc::Receiver<Input>,
    pub entries: mpsc::Sender<Entry>,
    pub clock: Arc<dyn Clock>,
    pub snapshots: Arc<dyn Snapshots>,
    pub stop: ShutdownSignal,
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings").field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// Runs until stopped, or until the committer is gone. Returns what the last snapshot is to be of, if there
/// is something new in it.
pub async fn run(mut area: Area, around: Surroundings) -> Option<Picture> {
    let Surroundings { mut inputs, entries, clock, snapshots, stop } = around;
    let is_writing = Arc::new(AtomicBool::new(false));
    let mut is_settled = true;
    // a search for a better plan, beside all this
    let mut search: Option<Looking> = None;
    flush(&mut area, &entries, &mut is_settled).await?;
    loop {
        let due = area.due();
        tokio::select! {
            biased;
            () = entries.closed() => return None, // the journal failed: not even a quote leaves any more
            // A stop is heard at once; the calls queued by then are still answered.
            () = stop.heard(), if !inputs.is_closed() => inputs.close(),
            input = inputs.recv() => match input {
                Some(input) => area.handle(input),
                None => break,
            },
            () = clock.reached(due) => area.advance(),
            // after the answers have gone on their way, and when nothing else has come
            () = tokio::task::yield_now(), if area.is_behind() => area.catch_up(),
            found = async { search.as_mut().expect("it is looked at if there is one").await }, if search.is_some() => {
                search = None;
                match found {
                    Ok(orders) if !orders.is_empty() => area.adopt(orders),
                    Ok(_) => {}
                    Err(fault) => tracing::warn!("the search for a better plan: {fault:?}"),
                }
            }
            () = tokio::time::sleep(PAUSE), if search.is_none() && area.may_improve() => {
                let question = area.question();
                search = question.map(|question| -> Looking {
                    Box::pin(beside(move |is_awaited| question.answer(is_awaited).map(Ok)))
                });
            }
            () = tokio::time::sleep(IDLE), if !is_settled => {
                entries.send(Entry::Settle).await.ok()?;
                is_settled = true;
            }
        }
        if area.has_new_plan() {
            search = None; // whatever it finds, the plan is another by now
        }
        if area.is_unwritten() {
            tokio::task::yield_now().await; // the answer leaves first
            area.write_down();
        }
        if !is_writing.load(Ordering::Acquire)
            && let Some(picture) = area.due_snapshot()
        {
            is_writing.store(true, Ordering::Release);
            let write = write_snapshot(Arc::clone(&snapshots), picture, Arc::clone(&is_writing));
            flush(&mut area, &entries, &mut is_settled).await?;
            entries.send(Entry::Release(Box::new(write))).await.ok()?;
        }
        flush(&mut area, &entries, &mut is_settled).await?;
    }
    flush(&mut area, &entries, &mut is_settled).await?;
    area.is_newer_than_snapshot().then(|| area.picture())
}

/// `None` if the committer is gone.
async fn flush(area: &mut Area, entries: &mpsc::Sender<Entry>, is_settled: &mut bool) -> Option<()> {
    for entry in area.take_entries() {
        *is_settled &= !matches!(entry, Entry::Record(_));
        entries.send(entry).await.ok()?;
    }
    Some(())
}

/// To be released once the records it stands for are durable; writes off the area's task and the committer's thread.
fn write_snapshot(
    snapshots: Arc<dyn Snapshots>,
    picture: Picture,
    is_writing: Arc<AtomicBool>,
) -> impl FnOnce() + Send {
    let runtime = Handle::current();
    move || {
        runtime.spawn_blocking(move || {
            let (at, bytes) = (picture.sequence(), picture.to_bytes());
            match snapshots.write(at, &bytes) {
                Ok(()) => tracing::info!(%at, bytes = bytes.len(), "snapshot written"),
                Err(error) => tracing::warn!(%at, "the snapshot was not written, the log is whole without it: {error}"),
            }
            is_writing.store(false, Ordering::Release);
        });
    }
}

#[cfg(test)]
mod tests {
    use mukae_proto::transit::units::v1::ErrorReason;

    use super::*;
    use crate::names::AreaName;

    #[tokio::test]
    async fn who_comes_to_a_full_queue_is_turned_away_at_once() {
        let (inputs, mut queue) = mpsc::channel(1);
        let handle = AreaHandle::new(inputs, Duration::from_millis(1));
        let area = || AreaName("niue".to_owned());
        let fault = handle.ask(Input::GetArea, area()).await.unwrap_err();
        assert_eq!(fault.reason(), ErrorReason::DeadlinePassed, "nobody answers");
        let fault = handle.ask(Input::GetArea, area()).await.unwrap_err();
        assert_eq!(fault.reason(), ErrorReason::Overloaded);
        let Some(Input::GetArea(ask)) = queue.recv().await else { panic!("the first is still queued") };
        assert!(ask.reply.is_closed(), "and nobody waits for it any more");
        drop(queue);
        let fault = handle.ask(Input::GetArea, area()).await.unwrap_err();
        assert_eq!(fault.reason(), ErrorReason::NotReady);
    }
}
