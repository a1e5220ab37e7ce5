//! Which schedules changed, for those who keep columns of them.

use std::sync::Arc;

use mukae_units::ShiftId;

/// So many changes are remembered; who is further behind looks at everything again.
const REMEMBERED: usize = 1 << 14;

/// The shifts that changed, in order, since this dispatcher was made. A copy of a dispatcher goes its own
/// way: it has changes of its own.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    lineage: Arc<()>,
    /// How many came before the first of `touched`.
    forgotten: u64,
    touched: Vec<ShiftId>,
}

/// What somebody has seen of which dispatcher.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    lineage: Arc<()>,
    count: u64,
}

impl Changes {
    pub fn note(&mut self, shift: ShiftId) {
        if self.touched.last() == Some(&shift) {
            // Who has seen it already must see it again.
            self.forgotten += 1;
            return;
        }
        if REMEMBERED <= self.touched.len() {
            self.forgotten += self.touched.len() as u64;
            self.touched.clear();
        }
        self.touched.push(shift);
    }

    /// What changed since `seen`, or `None` if that is no longer known.
    pub fn since(&self, seen: Option<&Seen>) -> Option<&[ShiftId]> {
        let seen = seen.filter(|seen| Arc::ptr_eq(&seen.lineage, &self.lineage))?;
        let behind = self.count().checked_sub(seen.count)? as usize;
        self.touched.len().checked_sub(behind).map(|from| &self.touched[from..])
    }

    pub fn seen(&self) -> Seen {
        Seen { lineage: Arc::clone(&self.lineage), count: self.count() }
    }

    fn count(&self) -> u64 {
        self.forgotten + self.touched.len() as u64
    }
}

impl Clone for Changes {
    fn clone(&self) -> Changes {
        Changes::default()
    }
}
