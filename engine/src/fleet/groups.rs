//! Stops by cell, for fleets too large to look at every one. What tells most of them apart stands there itself, so
//! that a search reads on and does not jump.

use super::buckets::{Buckets, Numbered};
use super::gaps::{End, Gap, Last};

/// Who is in which cell, so that far cells are not even looked at.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    /// By the cell of the last stop.
    pub lasts: Buckets<GroupedLast>,
    /// By the cell a gap begins in; the last bucket holds those on which a vehicle is moving: it has left the cell.
    gaps: Buckets<GapOutline>,
    moving: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct GroupedLast {
    pub last: Last,
    pub slot: u32,
}

/// What tells of most gaps that they are too far off, or that nobody has time for a detour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GapOutline {
    pub from: End,
    pub to: End,
    pub turn: End,
    pub leg: u32,
    /// Of the gap.
    pub index: u32,
    /// Who boards here at once, also by joining the stop before, is served no sooner; of a vehicle on its way, when it
    /// left.
    pub free: i64,
    /// See [`Gap`].
    pub ready_latest: i64,
}

impl Numbered for GroupedLast {
    fn number(&self) -> u32 {
        self.slot
    }
}

impl Numbered for GapOutline {
    fn number(&self) -> u32 {
        self.index
    }
}

impl GapOutline {
    pub fn of(gap: &Gap, index: usize) -> GapOutline {
        let Gap { from, to, turn, leg, free, served, ready_latest, .. } = *gap;
        GapOutline { from, to, turn, leg, index: index as u32, free: free.min(served), ready_latest }
    }
}

impl Groups {
    pub fn new(cell_count: usize) -> Groups {
        Groups { lasts: Buckets::new(cell_count), gaps: Buckets::new(cell_count + 1), moving: cell_count }
    }

    /// Those on which a vehicle is under way.
    pub fn moving_gaps(&self) -> &[GapOutline] {
        self.gaps.bucket(self.moving)
    }

    /// The others that begin in a cell.
    pub fn gaps_from(&self, cell: mukae_maps::CellId) -> &[GapOutline] {
        self.gaps.bucket(usize::from(cell.0))
    }

    pub fn put_last(&mut self, slot: usize, last: &Last) {
        self.lasts.put(GroupedLast { last: *last, slot: slot as u32 }, usize::from(last.from.cell.0));
    }

    pub fn put_gap(&mut self, index: usize, gap: &Gap) {
        let bucket = match (gap.from == End::NOWHERE, gap.is_moving) {
            (true, _) => return self.gaps.take_out(index as u32),
            (false, true) => self.moving,
            (false, false) => usize::from(gap.from.cell.0),
        };
        self.gaps.put(GapOutline::of(gap, index), bucket);
    }

    pub fn take_out_gap(&mut self, index: usize) {
        self.gaps.take_out(index as u32);
    }
}
