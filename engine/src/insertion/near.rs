//! How long a drive takes at least, from one place to any cell or the other way.

use mukae_maps::{CellId, Cells, Place};

use crate::fleet::End;

/// Bounds on drives to one place, or from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near<'a> {
    /// Without cells nothing is known.
    row: Option<&'a [u16]>,
    /// The cells by their time in `row`, where they are asked for.
    pub nearest: &'a [CellId],
    own: End,
    pub unit_bits: u32,
}

impl<'a> Near<'a> {
    pub fn to(cells: Option<&'a Cells>, place: Place) -> Near<'a> {
        let own = End::reaching(cells, place);
        let nearest = cells.map_or(&[][..], |cells| cells.nearest_to(own.cell));
        let unit_bits = cells.map_or(0, Cells::unit_bits);
        Near { row: cells.map(|cells| cells.times_to(own.cell)), nearest, own, unit_bits }
    }

    pub fn from(cells: Option<&'a Cells>, place: Place) -> Near<'a> {
        let own = End::leaving(cells, place);
        let unit_bits = cells.map_or(0, Cells::unit_bits);
        Near { row: cells.map(|cells| cells.times_from(own.cell)), nearest: &[], own, unit_bits }
    }

    /// From rim to rim, in the unit of the cells; `NO_ROAD` if no road leads there.
    #[inline]
    pub fn between(&self, cell: CellId) -> u16 {
        self.row.map_or(0, |row| row[cell.0 as usize])
    }

    pub fn millis(&self, units: u32) -> i64 {
        i64::from(units) << self.unit_bits
    }

    /// The first time, in the unit of the cells, that is longer for sure.
    pub fn units(&self, millis: i64) -> u16 {
        u16::try_from((millis >> self.unit_bits) + 1).unwrap_or(if millis < 0 { 0 } else { u16::MAX })
    }

    /// What [`Near::bound`] says, in the unit of the cells and without a question on the way: where no road leads, a large
    /// number.
    #[inline]
    pub fn around(&self, end: End) -> u32 {
        let Some(row) = self.row else { return 0 };
        let around = u32::from(row[end.cell.0 as usize]) + u32::from(end.time) + u32::from(self.own.time);
        if end.cell == self.own.cell && end.time != End::NOWHERE.time { 0 } else { around }
    }

    /// In milliseconds; `None` if no road leads there.
    #[inline]
    pub fn bound(&self, end: End) -> Option<i64> {
        if end.time == End::NOWHERE.time {
            return None;
        }
        let Some(row) = self.row else { return Some(0) };
        if end.cell == self.own.cell {
            return Some(0);
        }
        let between = row[end.cell.0 as usize];
        if between == Cells::NO_ROAD || self.own.time == Cells::NO_ROAD {
            return None;
        }
        Some((i64::from(between) + i64::from(end.time) + i64::from(self.own.time)) << self.unit_bits)
    }
}
