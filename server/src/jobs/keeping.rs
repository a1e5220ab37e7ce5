//! How long simulations are kept, and how much of the disk they have.

use super::now_ms;
use super::record::{Record, Standing};
use super::shop::Shop;
use super::table::Table;

impl Shop {
    /// Deletes what is over for long enough, and the oldest if all together hold too much.
    pub(super) async fn clear_away(&self) {
        let expired = self.table().expired(now_ms() - self.config.keep_ms());
        for id in expired {
            match self.off_thread(move |folder| folder.remove(id)).await {
                Ok(Ok(())) => self.table().forget(id),
                other => tracing::warn!("simulation s{id} can not be removed: {other:?}"),
            }
        }
        loop {
            let oldest = self.table().to_make_room(self.config.disk_bytes).map(Record::name);
            let Some(name) = oldest else { return };
            tracing::info!(simulation = %name, "deleted to make room for others");
            if let Err(fault) = self.erase(&name, None).await {
                tracing::warn!(simulation = %name, "can not be removed: {fault:?}");
                return;
            }
        }
    }
}

impl Table {
    /// Those that were over before this time, and what is left of deleted ones.
    fn expired(&self, before_ms: i64) -> Vec<u64> {
        let is_expired = |record: &&Record| record.ended_ms.is_some_and(|ended| ended < before_ms);
        self.records_from(0)
            .filter(|record| record.standing.is_over())
            .filter(is_expired)
            .map(|record| record.id)
            .collect()
    }

    /// If all hold more than that together: the oldest that is over, of the tenant whose hold most.
    fn to_make_room(&self, bytes_max: u64) -> Option<&Record> {
        if self.records_from(0).map(|record| record.bytes).sum::<u64>() <= bytes_max {
            return None;
        }
        let over =
            || self.records_from(0).filter(|record| record.standing.is_over() && record.standing != Standing::Deleted);
        let held_by =
            |tenant: &str| over().filter(|record| record.tenant == tenant).map(|record| record.bytes).sum::<u64>();
        over().max_by_key(|record| (held_by(&record.tenant), std::cmp::Reverse(record.id)))
    }
}
