//! The table of times between cells, both ways round, and each cell's list of all cells by nearness.

use mukae_units::TravelTime;

use crate::cells::{CellId, Cells};
use crate::hierarchy::TOO_FAR;

/// A power of two of milliseconds, so large that the longest time still fits 16 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unit {
    bits: u32,
}

/// The longest time that can be told; longer ones are told as this, which is less and so still a bound.
const LONGEST: u16 = Cells::NO_ROAD - 1;

impl Unit {
    /// For times in milliseconds, of which [`TOO_FAR`] is none.
    pub(super) fn for_times<'a>(times: impl Iterator<Item = &'a u32>) -> Unit {
        let longest = times.copied().filter(|&millis| millis < TOO_FAR.as_millis()).max().unwrap_or(0);
        let fits = |bits: &u32| longest >> bits <= u32::from(LONGEST);
        Unit { bits: (0..u32::BITS).find(fits).expect("a shift by 31 leaves one bit") }
    }

    pub(super) fn bits(self) -> u32 {
        self.bits
    }

    /// Rounded down.
    pub(super) fn of_millis(self, millis: u32) -> u16 {
        if TOO_FAR.as_millis() <= millis {
            Cells::NO_ROAD
        } else {
            (millis >> self.bits).min(u32::from(LONGEST)) as u16
        }
    }

    /// A time in this unit and one in milliseconds, rounded down.
    #[inline]
    pub(super) fn sum(self, time: u16, millis: u32) -> u16 {
        if time == Cells::NO_ROAD {
            return Cells::NO_ROAD;
        }
        (u32::from(time) + (millis >> self.bits)).min(u32::from(LONGEST)) as u16
    }

    /// Of several times added up. More than [`TOO_FAR`] is that: no drive takes longer.
    #[inline]
    pub(super) fn travel_time(self, units: u32) -> TravelTime {
        let millis = u64::from(units) << self.bits;
        TravelTime::from_millis(millis.min(u64::from(TOO_FAR.as_millis())) as u32)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Table {
    count: usize,
    unit: Unit,
    /// From cell by cell to each.
    from: Vec<u16>,
    /// To cell by cell from each.
    to: Vec<u16>,
    nearest_from: Vec<CellId>,
    nearest_to: Vec<CellId>,
}

impl Table {
    /// From times in milliseconds, row by row.
    pub(super) fn new(count: usize, unit: Unit, times: &[u32]) -> Table {
        assert_eq!(times.len(), count * count, "a row of {count} times for each cell");
        let from: Vec<u16> = times.iter().map(|&millis| unit.of_millis(millis)).collect();
        let to: Vec<u16> =
            (0..count).flat_map(|to| (0..count).map(move |from| from * count + to)).map(|at| from[at]).collect();
        let nearest_from = by_nearness(count, &from);
        let nearest_to = by_nearness(count, &to);
        Table { count, unit, from, to, nearest_from, nearest_to }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn unit(&self) -> Unit {
        self.unit
    }

    #[inline]
    pub(super) fn times_from(&self, cell: CellId) -> &[u16] {
        row(&self.from, cell, self.count)
    }

    #[inline]
    pub(super) fn times_to(&self, cell: CellId) -> &[u16] {
        row(&self.to, cell, self.count)
    }

    pub(super) fn nearest_from(&self, cell: CellId) -> &[CellId] {
        row(&self.nearest_from, cell, self.count)
    }

    pub(super) fn nearest_to(&self, cell: CellId) -> &[CellId] {
        row(&self.nearest_to, cell, self.count)
    }

    pub(super) fn bytes(&self) -> u64 {
        4 * size_of_val(&self.from[..]) as u64
    }
}

#[inline]
fn row<T>(table: &[T], cell: CellId, count: usize) -> &[T] {
    &table[cell.0 as usize * count..][..count]
}

/// For each row all cells by their times there; the row's own first, then smaller numbers first where times are the
/// same.
fn by_nearness(count: usize, times: &[u16]) -> Vec<CellId> {
    let mut nearest = Vec::with_capacity(times.len());
    let mut keys: Vec<u32> = Vec::with_capacity(count);
    for own in 0..count {
        keys.clear();
        let row = times[own * count..][..count].iter().enumerate();
        keys.extend(row.filter(|&(cell, _)| cell != own).map(|(cell, &time)| u32::from(time) << 16 | cell as u32));
        keys.sort_unstable();
        nearest.push(CellId(own as u16));
        nearest.extend(keys.iter().map(|&key| CellId(key as u16)));
    }
    nearest
}
