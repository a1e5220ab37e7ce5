//! Places that were found before: a search comes back to the same routes again and again.

use super::place::Place;
use super::problem::JobIdx;
use super::route::{Route, mixed};

/// Rows for each job on each vehicle: more of them would seldom be asked again.
const ROWS_EACH: usize = 16;
const ROWS_MAX: usize = 1 << 16;

/// A place is forgotten when another falls on its row.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    key: u64,
    /// Below this.
    limit: i64,
    /// None: there is none.
    place: Option<Place>,
}

/// What is known of a job on a route.
pub(super) enum Known {
    Nothing,
    Best(Option<Place>),
}

/// Of a job on a route of a kind of vehicle.
pub(super) fn key(kind: u32, route: &Route, job: JobIdx) -> u64 {
    mixed(route.print() ^ mixed((u64::from(kind) << 32) | (job as u64 + 1)))
}

impl Memory {
    /// For so many jobs and vehicles.
    pub fn new(jobs: usize, vehicles: usize) -> Memory {
        let rows = (jobs * vehicles * ROWS_EACH).clamp(1, ROWS_MAX).next_power_of_two();
        Memory { rows: vec![Row { key: 0, limit: i64::MIN, place: None }; rows] }
    }

    fn row(&self, key: u64) -> usize {
        key as usize & (self.rows.len() - 1)
    }

    /// The best place below a limit, if that was found before.
    #[inline]
    pub fn look(&self, key: u64, limit: i64) -> Known {
        let row = &self.rows[self.row(key)];
        match row.place {
            _ if row.key != key => Known::Nothing,
            Some(place) => Known::Best(Some(place).filter(|place| place.detour < limit)),
            None if limit <= row.limit => Known::Best(None),
            None => Known::Nothing,
        }
    }

    pub fn note(&mut self, key: u64, limit: i64, place: Option<Place>) {
        let row = self.row(key);
        self.rows[row] = Row { key, limit, place };
    }
}
