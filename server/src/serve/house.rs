//! One area's house: its task, its committer and its journal, from the start to the end of them.
//!
//! A house falls alone. What it had not made durable was told to nobody; its callers are told that it is gone.

use std::sync::Arc;

use jiff::civil;
use mukae_engine::model::MapId;
use mukae_journal::{LogStore, MemoryStore, Sequence, ShardName, Snapshots};
use mukae_maps::PreparedMap;
use mukae_units::Time;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::{ServeError, Stopped, limits};
use crate::areas::{AreaDesk, Directory};
use crate::clock::Clock;
use crate::config::{Config, civil_datetime};
use crate::metrics::Metrics;
use crate::names::AreaName;
use crate::shell::accounts::Accounts;
use crate::shell::area::{Area, Parts};
use crate::shell::area_loop::{self, AreaHandle, Surroundings};
use crate::shell::committer::Committer;
use crate::shell::demand::Demand;
use crate::shell::past::{Past, PastParts};
use crate::shell::probing::Probing;
use crate::shell::recover::{self, RecoverError, RecoveryReport};
use crate::shell::snapshot::Picture;
use crate::shutdown::{Shutdown, ShutdownSignal, shutdown};

/// An area as its journal left it, before anybody may ask it.
pub struct TakenUp {
    config: Arc<Config>,
    map: Arc<PreparedMap>,
    recovered: recover::Recovered,
    store: Box<dyn LogStore>,
}

/// Everything of an area that runs, and the order in which it ends.
pub struct House {
    pub name: AreaName,
    area: JoinHandle<Option<Picture>>,
    area_stop: Shutdown,
    committer: std::thread::JoinHandle<()>,
    snapshots: Arc<dyn Snapshots>,
    failure: watch::Receiver<Option<String>>,
}

/// Opens the journal and replays it, off the threads that answer.
pub async fn take_up(
    mut config: Config,
    map: Arc<PreparedMap>,
    given: Option<Box<dyn LogStore>>,
) -> Result<TakenUp, ServeError> {
    let replay = {
        let map = Arc::clone(&map);
        move || -> Result<_, ServeError> {
            config.guide(&map)?;
            map.prepare(); // here, so that no rider waits for it
            let (recovered, store) = open(given, &config, MapId(map.checksum()))?;
            Ok((Arc::new(config), recovered, store))
        }
    };
    let (config, recovered, store) = tokio::task::spawn_blocking(replay).await.map_err(ServeError::Replay)??;
    let report = &recovered.report;
    tracing::info!(
        area = %config.area.name,
        from_snapshot = report.from_snapshot,
        replayed = report.replayed,
        ms = report.took.as_millis() as u64,
        "journal replayed"
    );
    Ok(TakenUp { config, map, recovered, store })
}

/// Blocks.
fn open(
    given: Option<Box<dyn LogStore>>,
    config: &Config,
    map: MapId,
) -> Result<(recover::Recovered, Box<dyn LogStore>), RecoverError> {
    let shard = shard_of(&config.area.name);
    let (mut store, notes) = match (given, &config.journal.dir) {
        (Some(store), _) => (store, Vec::new()),
        (None, Some(dir)) => {
            let (store, report) = recover::open(dir, shard)?;
            let cut =
                report.tail_cut.map(|cut| format!("the end of the journal was an unfinished write, cut off: {cut:?}"));
            (store, cut.into_iter().collect())
        }
        (None, None) => (Box::new(MemoryStore::new(shard)) as Box<dyn LogStore>, Vec::new()),
    };
    let mut recovered = recover::recover(store.as_mut(), map)?;
    recovered.report.notes.extend(notes);
    Ok((recovered, store))
}

/// The name of an area's journal.
pub fn shard_of(area: &AreaName) -> ShardName {
    ShardName::new(area.0.clone()).expect("an area's id is 1 to 63 plain characters")
}

impl TakenUp {
    pub fn report(&self) -> &RecoveryReport {
        &self.recovered.report
    }

    /// When settings for going ahead of demand ended to hold, if they did.
    pub fn expired(&self, now: Time) -> Option<civil::DateTime> {
        let expires = self.config.guidance.as_ref()?.expires;
        (expires <= now).then(|| civil_datetime(&self.config.area.time_zone, expires))
    }

    /// Adds what the journal knows to the directory; says which names are another area's.
    pub fn register(&self, directory: &Directory, number: usize) -> Vec<String> {
        directory.add_known(number, self.recovered.scribe.state())
    }

    /// From here on the area can be asked.
    pub fn open(self, clock: Arc<dyn Clock>, queue: usize, metrics: &Metrics) -> Result<(House, AreaDesk), ServeError> {
        let TakenUp { config, map, recovered, store } = self;
        let (failed, failure) = watch::channel(None);
        let (snapshots, journal) = (store.snapshots(), store.reader());
        let expected = Sequence::new(recovered.scribe.next_sequence());
        let mut area = Area::new(Parts {
            config: Arc::clone(&config),
            map: Arc::clone(&map),
            clock: Arc::clone(&clock),
            scribe: recovered.scribe,
            annals: recovered.annals,
        });
        area.configure()?;
        let meters = metrics.area(&config.area.name, expected.as_u64());
        let committer = Committer::spawn(store, recovered.epoch, expected, failed, meters.journal.clone());
        let committer = committer.map_err(ServeError::Thread)?;
        let (inputs, queue) = mpsc::channel(queue);
        let entries = committer.entries.downgrade();
        let (area_stop, stop) = shutdown();
        let past = Past::new(PastParts {
            journal: Arc::clone(&journal),
            snapshots: Arc::clone(&snapshots),
            map: Arc::clone(&map),
            config: Arc::clone(&config),
            clock_speed: clock.speed(),
        });
        let around =
            Surroundings { inputs: queue, entries: committer.entries, clock, snapshots: Arc::clone(&snapshots), stop };
        let accounts = Accounts::new(Arc::clone(&journal), config.area.time_zone.clone(), Arc::clone(&map));
        let demand = Demand::new(journal, config.area.time_zone.clone(), map.meta().bounds.centre());
        let desk = AreaDesk {
            handle: AreaHandle::new(inputs, limits::PATIENCE),
            probing: Arc::new(Probing::new(map)),
            demand: Arc::new(demand),
            past: Arc::new(past),
            accounts: Arc::new(accounts),
            meters,
            entries,
        };
        let house = House {
            name: config.area.name.clone(),
            area: tokio::spawn(area_loop::run(area, around)),
            area_stop,
            committer: committer.thread,
            snapshots,
            failure,
        };
        Ok((house, desk))
    }
}

impl House {
    /// Until it is told to close, or falls.
    pub async fn run(mut self, closing: ShutdownSignal) -> Result<(), Stopped> {
        let failure = failed(self.failure.clone());
        tokio::select! {
            biased;
            reason = failure => return Err(reason),
            // Told to close, the area may have ended before this is looked at: the word counts.
            () = closing.heard() => {}
            ended = &mut self.area => {
                let reason = ended.err().map_or("the area ended before its time".to_owned(), |error| error.to_string());
                let journal = self.failure.borrow().clone().map(|reason| Stopped::Journal { reason });
                return Err(journal.unwrap_or(Stopped::Bug { reason }));
            }
        }
        self.close().await
    }

    /// Nobody asks any more: the rest is made durable, the log settled, a snapshot written.
    async fn close(self) -> Result<(), Stopped> {
        self.area_stop.say();
        let last = self.area.await.map_err(|error| Stopped::Bug { reason: error.to_string() })?;
        let (committer, snapshots, failure) = (self.committer, self.snapshots, self.failure.clone());
        let closed = tokio::task::spawn_blocking(move || {
            let joined = committer.join().is_ok();
            let is_whole = joined && failure.borrow().is_none();
            if let (true, Some(picture)) = (is_whole, last) {
                let written = snapshots.write(picture.sequence(), &picture.to_bytes());
                written
                    .unwrap_or_else(|error| tracing::warn!("no last snapshot, the log is whole without it: {error}"));
            }
            joined
        });
        let joined = closed.await.unwrap_or(false);
        if let Some(reason) = self.failure.borrow().clone() {
            return Err(Stopped::Journal { reason });
        }
        if !joined {
            return Err(Stopped::Bug { reason: "the committer panicked".to_owned() });
        }
        tracing::info!(area = %self.name, "stopped: the journal is settled");
        Ok(())
    }
}

/// Ends when the journal fails, and only then: a committer that ends without a word was let go by the
/// area, which tells its own end (asked to stop, transport, area and committer may all have ended
/// before the house is polled again).
async fn failed(mut failure: watch::Receiver<Option<String>>) -> Stopped {
    let reason = failure.wait_for(Option::is_some).await.map(|reason| reason.clone()).ok().flatten();
    let Some(reason) = reason else { std::future::pending().await };
    Stopped::Journal { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A demo's clean stop was told as "a bug: the committer ended before its time": on a busy machine
    /// everything had ended before the house looked. The end of a committer is no failure by itself.
    #[tokio::test]
    async fn a_committer_that_ends_in_order_is_no_failure() {
        let (failed_sender, failure) = watch::channel(None);
        drop(failed_sender);
        tokio::select! {
            biased;
            reason = failed(failure) => panic!("{reason}"),
            () = std::future::ready(()) => {}
        }

        let (failed_sender, failure) = watch::channel(None);
        failed_sender.send_replace(Some("disk full".to_owned()));
        drop(failed_sender);
        assert_eq!(failed(failure).await, Stopped::Journal { reason: "disk full".to_owned() });
    }
}
