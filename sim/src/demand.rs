//! Who wants to go where, and when: read from a table, or drawn for a town without data.
//!
//! ```text
//! csv::read, parquet::read, synthetic::Model -> RequestRow (coordinates) -> to_asks, on a map -> Ask
//! ```
//! A row that can not be used is a [`RowProblem`] and never silently lost.

pub mod columns;
mod row;

pub mod csv;
pub mod parquet;
pub mod synthetic;

pub mod boardings;
pub mod darp;
pub mod fleetpy;
pub mod matsim;
pub mod numbers;
pub mod plane;
pub mod sheet;

use std::fmt;
use std::sync::Arc;

use mukae_engine::model::{Access, Beyond, Channel, Choice, Request, Spot, Wish};
use mukae_maps::{NoRoadNear, PreparedMap, SnapOptions};
use mukae_units::{Features, LatLon, Metres, Seats, ServiceId, Time, TimeWindow, Zones};

/// Which end of the ride the window constrains.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WishKind {
    DepartAfter,
    ArriveBy,
}

/// One request as the table has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestRow {
    /// The line of the file it was read from, counted from 1; 0 if it was not read.
    pub line: u64,
    /// Unique in its table.
    pub id: String,
    /// When the rider asks.
    pub created_at: Time,
    pub window: TimeWindow,
    pub kind: WishKind,
    pub from: LatLon,
    pub to: LatLon,
    /// Not empty.
    pub party: Seats,
    /// How the rider asks.
    pub channel: Channel,
    /// What the ride is for, in the words of whoever made the table; empty if it is not known.
    pub purpose: String,
}

/// A request brought to the map, and when it is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    pub id: String,
    pub at: Time,
    pub request: Arc<Request>,
}

impl Ask {
    /// The request, to be changed; what others share stays as it is.
    pub fn request_mut(&mut self) -> &mut Request {
        Arc::make_mut(&mut self.request)
    }

    /// A number for the draws about who asks: of the id alone, so that other asks change nothing for this one.
    pub fn rider(&self) -> u64 {
        // FNV-1a of 64 bits; the key of a draw mixes it well
        self.id
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    }
}

/// A row that can not be used: where, what is wrong, and what would be right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowProblem {
    pub line: u64,
    /// Of the header; `row` if it is the row as a whole.
    pub column: &'static str,
    pub wrong: String,
    pub right: String,
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RowProblem { line, column, wrong, right } = self;
        write!(f, "line {line}, {column}: {wrong}; {right}")
    }
}

/// Brings rows to the roads of a map, each end to the nearest road to board on at most `limit` away, and to the zones it
/// lies in; rows off
/// the map become problems.
pub fn to_asks(
    rows: &[RequestRow],
    map: &PreparedMap,
    service: ServiceId,
    limit: Metres,
    zones_of: &dyn Fn(LatLon) -> Zones,
) -> (Vec<Ask>, Vec<RowProblem>) {
    let mut asks = Vec::with_capacity(rows.len());
    let mut problems = Vec::new();
    for row in rows {
        let mut spot = |asked: LatLon, column| match map.snap_by(asked, &SnapOptions::door(limit)) {
            Ok(snapped) => Some(Spot {
                asked,
                label: String::new(),
                kana: String::new(),
                place: snapped.place,
                zones: zones_of(asked),
            }),
            Err(error) => {
                problems.push(off_the_map(row.line, column, asked, error));
                None
            }
        };
        let (origin, destination) = (spot(row.from, "from_lat/from_lon"), spot(row.to, "to_lat/to_lon"));
        if let (Some(origin), Some(destination)) = (origin, destination) {
            asks.push(row.ask(service, origin, destination));
        }
    }
    (asks, problems)
}

pub(crate) fn off_the_map(line: u64, column: &'static str, asked: LatLon, error: NoRoadNear) -> RowProblem {
    let right = match error {
        NoRoadNear::TooFar { limit, .. } => format!("a place at most {} m from a road of the map", limit.as_metres()),
        NoRoadNear::EmptyMap => "a map with roads".to_owned(),
    };
    RowProblem { line, column, wrong: format!("{asked} is off the map, {error}"), right }
}

impl RequestRow {
    /// The request this row makes, between two spots on the roads.
    pub fn ask(&self, service: ServiceId, origin: Spot, destination: Spot) -> Ask {
        let wish = match self.kind {
            WishKind::DepartAfter => Wish::DepartAfter(self.window),
            WishKind::ArriveBy => Wish::ArriveBy(self.window),
        };
        let request = Request {
            service,
            rider: None,
            channel: self.channel,
            origin: Access::at_door(origin),
            destination: Access::at_door(destination),
            party: self.party,
            wish,
            arrive_latest: None,
            needs: Features::EMPTY,
            beyond: Beyond::NOTHING,
            concessions: mukae_engine::model::Concessions::NONE,
            choice: Choice::ONE,
        };
        Ask { id: self.id.clone(), at: self.created_at, request: request.into() }
    }
}
