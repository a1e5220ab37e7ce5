//! Stops by cell, for fleets too large to look at every one.

use super::buckets::Buckets;
use super::columns::{End, Gap};

/// Who is in which cell, so that far cells are not even looked at.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    /// Slots by the cell of their last stop.
    pub lasts: Buckets,
    /// Gaps by the cell they begin in; the last bucket holds those on which a vehicle is moving: it has left the cell.
    pub gaps: Buckets,
    moving: usize,
}

impl Groups {
    pub fn new(cell_count: usize) -> Groups {
        Groups { lasts: Buckets::new(cell_count), gaps: Buckets::new(cell_count + 1), moving: cell_count }
    }

    pub fn moving(&self) -> &[u32] {
        self.gaps.bucket(self.moving)
    }

    pub fn put_gap(&mut self, index: usize, gap: &Gap) {
        match (gap.from == End::NOWHERE, gap.is_moving) {
            (true, _) => self.gaps.take_out(index as u32),
            (false, true) => self.gaps.put(index as u32, self.moving),
            (false, false) => self.gaps.put(index as u32, usize::from(gap.from.cell.0)),
        }
    }
}
