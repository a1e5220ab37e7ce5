//! Jobs come to their turn, one after the other or a few at once, until the server stops.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::child::{self, Child};
use super::kind::LOG;
use super::record::Standing;
use super::shop::Shop;
use super::table::Leash;
use super::{Record, now_ms};

/// Between two looks at what a child has written,
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// and at what may be cleared away.
const CLEAR_EVERY: Duration = Duration::from_secs(3600);
/// Of what a child said last before it failed.
const LAST_WORDS_BYTES: u64 = 4 << 10;
const FAILURE_CHARS_MAX: usize = 500;

/// How a child's work came to an end.
enum End {
    Ended(std::io::Result<ExitStatus>),
    /// Somebody said so, and it is written down already.
    Cancelled,
    /// The server stops: another one goes on.
    Interrupted,
    /// It was too much.
    Refused(String),
}

pub async fn run(shop: Arc<Shop>) {
    let mut children = JoinSet::new();
    let mut clear = tokio::time::interval(CLEAR_EVERY);
    clear.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = shop.stop.heard() => break,
            _ = clear.tick() => {}
            () = shop.wake.notified() => {}
            Some(_) = children.join_next() => {}
        }
        shop.clear_away().await;
        while children.len() < shop.config.at_once {
            let Some((record, leash, gone)) = shop.begin().await else { break };
            let shop = Arc::clone(&shop);
            children.spawn(async move {
                let id = record.id;
                shop.work(record, &leash.end).await;
                shop.table().let_go(id);
                gone.send_replace(true);
            });
        }
    }
    while children.join_next().await.is_some() {}
    shop.close().await;
}

impl Shop {
    /// The next one is under way from here on.
    async fn begin(&self) -> Option<(Record, Leash, watch::Sender<bool>)> {
        let id = *self.table().queue().first()?;
        let (gone, is_gone) = watch::channel(false);
        let leash = Leash { end: Arc::new(Notify::new()), gone: is_gone };
        // before it is under way, so that whoever cancels it finds what to end
        self.table().hold(id, leash.clone());
        let begun = self.change(id, |record| {
            let is_due = record.standing == Standing::Queued;
            if is_due {
                record.standing = Standing::Running;
                record.started_ms.get_or_insert_with(now_ms);
                record.program_version = env!("CARGO_PKG_VERSION").to_owned();
            }
            is_due
        });
        if let Err(fault) = begun.await {
            tracing::error!("simulation {id} can not begin: {fault:?}");
        }
        let record = self.table().by_id(id).filter(|record| record.standing == Standing::Running).cloned();
        if record.is_none() {
            self.table().let_go(id);
            gone.send_replace(true);
        }
        record.map(|record| (record, leash, gone))
    }

    async fn work(&self, record: Record, end: &Notify) {
        let (id, name) = (record.id, record.name());
        let directory = self.folder.directory(id);
        tracing::info!(simulation = %name, "under way");
        let ended = match child::run(&self.simulator, &record, &directory, self.config.threads) {
            Ok(child) => self.follow(child, id, end).await,
            Err(error) => End::Ended(Err(error)),
        };
        let last_words = move |_: &super::folder::Folder| last_words(&directory.join(LOG));
        let last_words = self.off_thread(last_words).await.unwrap_or_default();
        let measured = self.off_thread(move |folder| folder.measure(id)).await.ok().and_then(Result::ok);
        let changed = self.change(id, |record| {
            if let Some((files, bytes)) = measured {
                (record.files, record.bytes) = (files, bytes);
            }
            conclude(record, ended, &last_words);
            true
        });
        if let Err(fault) = changed.await {
            tracing::error!(simulation = %name, "what came of it can not be written down: {fault:?}");
        }
        let standing = self.table().by_id(id).map(|record| record.standing);
        tracing::info!(simulation = %name, ?standing, "no longer under way");
    }

    async fn follow(&self, mut child: Child, id: u64, end: &Notify) -> End {
        let mut looks = tokio::time::interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let longest = tokio::time::sleep(self.config.longest);
        tokio::pin!(longest);
        loop {
            tokio::select! {
                biased;
                () = end.notified() => {
                    child.kill().await;
                    return End::Cancelled;
                }
                () = self.stop.heard() => {
                    child.kill().await;
                    return End::Interrupted;
                }
                () = &mut longest => {
                    child.kill().await;
                    let most = mukae_config::span::text(mukae_units::Span::from_secs(self.config.longest.as_secs() as i64));
                    return End::Refused(format!("it took longer than {most}, which is the most it may"));
                }
                _ = looks.tick() => {
                    let measured = self.off_thread(move |folder| folder.measure(id)).await.ok().and_then(Result::ok);
                    let most = self.config.disk_bytes;
                    if measured.is_some_and(|(_, bytes)| most < bytes) {
                        child.kill().await;
                        return End::Refused(format!("its results need more than the {} MB of disk there are", most >> 20));
                    }
                }
                line = child.line() => match line {
                    Some(line) => {
                        if let Some(progress) = child::progress(&line) {
                            self.table().advance(id, progress);
                        }
                    }
                    None => {
                        let status = child.ended().await;
                        child.kill().await; // what it may have left behind
                        return End::Ended(status);
                    }
                },
            }
        }
    }
}

/// What a job is after its child.
fn conclude(record: &mut Record, ended: End, last_words: &str) {
    if record.standing != Standing::Running {
        return; // it was cancelled, whatever became of the child
    }
    match ended {
        End::Interrupted => {
            record.standing = Standing::Queued;
            record.progress = None;
        }
        End::Ended(Ok(status)) if status.success() => record.end(Standing::Succeeded, now_ms()),
        End::Ended(Ok(status)) => {
            let why =
                if last_words.is_empty() { format!("the program ended with {status}") } else { last_words.to_owned() };
            record.fail(why, now_ms());
        }
        End::Ended(Err(error)) => record.fail(format!("the program that simulates can not be run: {error}"), now_ms()),
        End::Refused(why) => record.fail(why, now_ms()),
        End::Cancelled => record.end(Standing::Cancelled, now_ms()),
    }
}

/// Why a child failed, as it said itself at the end of its log.
fn last_words(log: &Path) -> String {
    let read = || {
        let mut file = std::fs::File::open(log).ok()?;
        let length = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LAST_WORDS_BYTES))).ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let begins = text.rfind("error: ").map_or(0, |at| at + "error: ".len());
        Some(text[begins..].trim().chars().take(FAILURE_CHARS_MAX).collect())
    };
    read().unwrap_or_default()
}
