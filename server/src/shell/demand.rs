//! The demand of a period, from the journal, for planners, who are told nothing of it but what `demand/anonymous.rs` lets
//! through. What a request is and what became of it, `mukae_supply::log` reads.
//!
//! The journal's reader is made for other threads: it sees durable records only and holds up nobody. A record has a request
//! and its first answer; what came of it later is in later records, so the journal is read from the beginning to its end.

pub mod anonymous;

use std::sync::Arc;

use jiff::tz::TimeZone;
use mukae_journal::{LogReader, Sequence};
use mukae_record::Record;
use mukae_supply::{Asked, DemandLog, Scope};
use mukae_units::{LatLon, ServiceId, Time};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::errors::Fault;

/// Requests of one export; more would take too much memory.
const REQUESTS_MAX: usize = 1_000_000;
/// Records between two looks whether anybody waits.
const RECORDS_AT_ONCE: u64 = 4096;

/// Where demand is read from.
pub struct Demand {
    pub journal: Arc<dyn LogReader>,
    pub time_zone: TimeZone,
    /// Where the grid's cells are square.
    pub centre: LatLon,
    turn: Arc<Semaphore>,
}

/// Of which service, and asked for from when on and before when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    pub service: ServiceId,
    pub from: Time,
    pub until: Time,
}

impl Demand {
    pub fn new(journal: Arc<dyn LogReader>, time_zone: TimeZone, centre: LatLon) -> Demand {
        Demand { journal, time_zone, centre, turn: Arc::new(Semaphore::new(1)) }
    }

    pub fn turn(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let permit = Arc::clone(&self.turn).try_acquire_owned();
        permit.map_err(|_| Fault::overloaded("somebody else exports demand"))
    }

    /// The requests of a period in the order in which they came, as things stand at the end of the journal. Blocks; `None`
    /// if nobody waits any more.
    pub fn read(&self, period: Period, is_awaited: impl Fn() -> bool) -> Option<Result<Vec<Asked>, Fault>> {
        let records = match self.journal.read(Sequence::START) {
            Ok(records) => records,
            Err(error) => return Some(Err(Fault::bug(error))),
        };
        let Period { service, from, until } = period;
        let mut log = DemandLog::within(Scope { service: Some(service), from, until });
        for (number, record) in (0..).zip(records) {
            if number % RECORDS_AT_ONCE == 0 && !is_awaited() {
                return None;
            }
            let record = match record {
                Ok(record) => Record::from_bytes(&record.bytes),
                Err(error) => return Some(Err(Fault::bug(error))),
            };
            match record {
                Ok(record) => log.take(&record),
                Err(error) => return Some(Err(Fault::bug(error))),
            }
            if REQUESTS_MAX < log.asked().len() {
                let description = format!("more than {REQUESTS_MAX} requests in this period; choose a shorter one");
                return Some(Err(Fault::invalid_field("end_time", description)));
            }
        }
        Some(Ok(log.into_asked()))
    }
}

impl std::fmt::Debug for Demand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demand").field("centre", &self.centre).finish_non_exhaustive()
    }
}
