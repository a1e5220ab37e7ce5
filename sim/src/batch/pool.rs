//! Jobs on several threads, each taking the next one that is left.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use super::{Batch, BatchError, Done, Job, Store};

/// What whoever waits is told of a job, by its place in the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// The result was there.
    Found {
        nth: usize,
    },
    Simulated {
        nth: usize,
    },
    /// It is so far, in thousandths.
    UnderWay {
        nth: usize,
        share: u32,
    },
}

/// What a thread tells.
enum Word {
    UnderWay(u32),
    /// And whether the result was there.
    Over(Box<Result<(Done, bool), BatchError>>),
}

/// Runs the chosen jobs on so many threads; the results in the order of the jobs, `None` for those that were not run
/// because of `stop`. With a store, what is there is not run again, and what was run is there as soon as it is done.
pub fn run(
    batch: &Batch,
    jobs: &[&Job],
    threads: usize,
    store: Option<&Store>,
    stop: &AtomicBool,
    told: &mut dyn FnMut(Told),
) -> Result<Vec<Option<Done>>, BatchError> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = channel();
    let mut results: Vec<Option<Done>> = vec![None; jobs.len()];
    let mut failed: Option<(usize, BatchError)> = None;
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, jobs.len().max(1)) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(n) else { return };
                    // an error says that nobody listens any more
                    let mut progress = |share| sender.send((n, Word::UnderWay(share))).unwrap_or_default();
                    let over = Word::Over(Box::new(one(batch, job, store, &mut progress)));
                    if sender.send((n, over)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (n, word) in receiver {
            let over = match word {
                Word::UnderWay(share) => {
                    told(Told::UnderWay { nth: n, share });
                    continue;
                }
                Word::Over(over) => *over,
            };
            match over {
                Ok((done, is_found)) => {
                    told(if is_found { Told::Found { nth: n } } else { Told::Simulated { nth: n } });
                    results[n] = Some(done);
                }
                Err(error) => {
                    // Later jobs would fail alike; of several failures the first job's is told, whoever was quicker.
                    next.store(jobs.len(), Ordering::Relaxed);
                    if failed.as_ref().is_none_or(|(first, _)| n < *first) {
                        failed = Some((n, error));
                    }
                }
            }
        }
    });
    match failed {
        Some((_, error)) => Err(error),
        None => Ok(results),
    }
}

fn one(
    batch: &Batch,
    job: &Job,
    store: Option<&Store>,
    progress: &mut dyn FnMut(u32),
) -> Result<(Done, bool), BatchError> {
    if let Some(done) = store.map(|store| store.find(&job.hash)).transpose()?.flatten() {
        return Ok((done, true));
    }
    let mut last = 0;
    let mut progress = |share| {
        if last < share {
            last = share;
            progress(share);
        }
    };
    let done = batch.simulate(job, &mut |_| {}, &mut progress)?;
    if let Some(store) = store {
        store.keep(&job.hash, &done)?;
    }
    Ok((done, false))
}
