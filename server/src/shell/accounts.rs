//! Who used how much of an area's fleet, counted from its journal beside the area's task.
//!
//! What a ride costs follows from the state at its end, so the journal is replayed from its beginning, as at a restart
//! without a snapshot; durable records only, and nobody is held up by it.

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_journal::{LogReader, Sequence};
use mukae_maps::{Place, PreparedMap};
use mukae_office::usage::{Account, UsageLedger, Way};
use mukae_record::Scribe;
use mukae_units::Time;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::errors::Fault;

/// Records between two looks whether anybody waits.
const RECORDS_AT_ONCE: u64 = 4096;

/// Where usage is counted.
pub struct Accounts {
    journal: Arc<dyn LogReader>,
    time_zone: TimeZone,
    map: Arc<PreparedMap>,
    turn: Arc<Semaphore>,
}

impl Accounts {
    pub fn new(journal: Arc<dyn LogReader>, time_zone: TimeZone, map: Arc<PreparedMap>) -> Accounts {
        Accounts { journal, time_zone, map, turn: Arc::new(Semaphore::new(1)) }
    }

    pub fn turn(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let permit = Arc::clone(&self.turn).try_acquire_owned();
        permit.map_err(|_| Fault::overloaded("somebody else counts usage"))
    }

    /// Of these civil days. Blocks; `None` if nobody waits any more.
    pub fn read(&self, days: RangeInclusive<Date>, is_awaited: impl Fn() -> bool) -> Option<Result<Account, Fault>> {
        let (first, last) = days.into_inner();
        let from = start_of(&self.time_zone, first);
        let until = last.tomorrow().map_or(Time::from_unix_millis(i64::MAX), |next| start_of(&self.time_zone, next));
        let mut ledger = UsageLedger::new(from, until, tenant_of);
        let mut roads = self.map.query();
        let mut ways = |from: Place, to: Place| {
            let path = roads.path(from, to)?;
            Some(Way { length: path.length(), time: path.travel_time() })
        };
        let records = match self.journal.read(Sequence::START) {
            Ok(records) => records,
            Err(error) => return Some(Err(Fault::bug(error))),
        };
        let mut scribe = Scribe::new();
        for (number, record) in (0..).zip(records) {
            if number % RECORDS_AT_ONCE == 0 && !is_awaited() {
                return None;
            }
            let record = match record {
                Ok(record) => scribe.replay(&record.bytes),
                Err(error) => return Some(Err(Fault::bug(error))),
            };
            match record {
                Ok(record) => ledger.observe(&record.exogenous, &record.endogenous, scribe.state(), &mut ways),
                Err(error) => return Some(Err(Fault::bug(error))),
            }
        }
        let account = ledger.account();
        Some(if account.adds_up() { Ok(account) } else { Err(Fault::bug(account)) })
    }
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts").finish_non_exhaustive()
    }
}

/// The first instant of a civil day.
fn start_of(zone: &TimeZone, date: Date) -> Time {
    let start = date.to_zoned(zone.clone()).map(|start| start.timestamp().as_millisecond());
    Time::from_unix_millis(start.unwrap_or(i64::MAX))
}

/// Of a label, which begins with a resource name.
fn tenant_of(label: &str) -> &str {
    label.strip_prefix("tenants/").and_then(|rest| rest.split('/').next()).unwrap_or_default()
}
