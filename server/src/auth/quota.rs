//! How much a tenant may ask at a time, so that one that asks too much costs the others nothing.
//!
//! Calls and streams are counted on the account of the tenant; of those who work for several tenants, on an account of
//! that set of tenants. A bucket of tokens bounds the rate, permits bound what is under way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mukae_proto::transit::units::v1::ErrorReason;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::{Quota, QuotaConfig};
use crate::errors::Fault;

/// Accounts that are kept at a time; those with nothing under way make room.
const ACCOUNTS_MAX: usize = 4096;
/// When to come back while calls or streams of one's own have to end first.
const BUSY_RETRY: Duration = Duration::from_millis(500);

/// While it is held, a call is under way.
pub type CallPermit = OwnedSemaphorePermit;

#[derive(Debug)]
pub struct Accounts {
    quotas: QuotaConfig,
    accounts: Mutex<BTreeMap<String, Arc<Account>>>,
}

/// What one tenant has under way.
#[derive(Debug)]
pub struct Account {
    quota: Quota,
    calls: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    bucket: Mutex<Bucket>,
}

/// In thousandths of a call, so that no fraction gets lost.
#[derive(Debug)]
struct Bucket {
    left: u64,
    filled: Instant,
}

impl Accounts {
    pub fn new(quotas: QuotaConfig) -> Accounts {
        Accounts { quotas, accounts: Mutex::default() }
    }

    pub fn of(&self, name: &str) -> Arc<Account> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.get(name) {
            return Arc::clone(account);
        }
        if ACCOUNTS_MAX <= accounts.len() {
            accounts.retain(|_, account| Arc::strong_count(account) > 1 || !account.is_idle());
        }
        let account = Arc::new(Account::new(self.quotas.of(name), Instant::now()));
        accounts.insert(name.to_owned(), Arc::clone(&account));
        account
    }
}

impl Account {
    fn new(quota: Quota, now: Instant) -> Account {
        let semaphore = |permits: u32| Arc::new(Semaphore::new(permits as usize));
        Account {
            quota,
            calls: semaphore(quota.calls_in_flight),
            streams: semaphore(quota.streams),
            bucket: Mutex::new(Bucket { left: u64::from(quota.burst) * 1000, filled: now }),
        }
    }

    pub fn admit_call(&self) -> Result<CallPermit, Fault> {
        let permit = Arc::clone(&self.calls).try_acquire_owned();
        let permit = permit.map_err(|_| exceeded("calls that are not answered yet", BUSY_RETRY))?;
        self.draw(Instant::now())?;
        Ok(permit)
    }

    pub fn admit_stream(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let permit = Arc::clone(&self.streams).try_acquire_owned();
        permit.map_err(|_| exceeded("open streams", BUSY_RETRY))
    }

    fn draw(&self, now: Instant) -> Result<(), Fault> {
        let rate = u64::from(self.quota.calls_per_second);
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = u64::try_from(now.saturating_duration_since(bucket.filled).as_millis()).unwrap_or(u64::MAX);
        if 0 < elapsed {
            let most = u64::from(self.quota.burst) * 1000;
            bucket.left = elapsed.saturating_mul(rate).saturating_add(bucket.left).min(most);
            bucket.filled = now;
        }
        if bucket.left < 1000 {
            let wait = (1000 - bucket.left).div_ceil(rate).max(1);
            return Err(exceeded("calls in a second", Duration::from_millis(wait)));
        }
        bucket.left -= 1000;
        Ok(())
    }

    fn is_idle(&self) -> bool {
        let is_free = |permits: &Semaphore, all: u32| permits.available_permits() == all as usize;
        is_free(&self.calls, self.quota.calls_in_flight) && is_free(&self.streams, self.quota.streams)
    }
}

fn exceeded(what: &str, retry: Duration) -> Fault {
    let message = format!("more {what} than the quota of these tenants allows; try again in a moment");
    Fault::new(ErrorReason::QuotaExceeded, message).retry_after(retry)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota { calls_in_flight: 2, calls_per_second: 10, burst: 3, streams: 1 };

    #[test]
    fn a_bucket_bounds_the_rate_and_fills_again() {
        let begin = Instant::now();
        let account = Account::new(QUOTA, begin);
        let at = |millis| begin + Duration::from_millis(millis);
        let drawn = |millis, count: usize| (0..count).filter(|_| account.draw(at(millis)).is_ok()).count();
        assert_eq!(drawn(0, 10), 3, "the burst");
        assert_eq!(drawn(99, 10), 0);
        assert_eq!(drawn(100, 10), 1, "ten a second");
        assert_eq!(drawn(10_000, 10), 3, "never more than the burst");
        let fault = account.draw(at(10_000)).unwrap_err();
        assert_eq!(fault.reason(), ErrorReason::QuotaExceeded);
    }

    #[test]
    fn what_one_tenant_has_under_way_is_not_anothers() {
        let quotas = QuotaConfig { shipped: QUOTA, tenants: BTreeMap::new() };
        let accounts = Accounts::new(quotas);
        let held = [accounts.of("asahi").admit_call().unwrap(), accounts.of("asahi").admit_call().unwrap()];
        assert_eq!(accounts.of("asahi").admit_call().unwrap_err().reason(), ErrorReason::QuotaExceeded);
        assert!(accounts.of("nyuzen").admit_call().is_ok());
        drop(held);
        assert!(accounts.of("asahi").admit_call().is_ok());
        let stream = accounts.of("asahi").admit_stream().unwrap();
        assert!(accounts.of("asahi").admit_stream().is_err());
        drop(stream);
        assert!(accounts.of("asahi").admit_stream().is_ok());
    }
}
