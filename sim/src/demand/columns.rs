//! The columns of our own table of requests, whatever carries it: `docs/demand-csv.md`.
//!
//! One definition for all carriers. A column more is a line here, a cell in [`cells`], and whatever reads it in
//! [`parse`](super::row::parse).

use mukae_engine::model::Channel;
use mukae_units::{SeatKind, Time};

use super::{RequestRow, WishKind};

/// What stands in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Text,
    /// An instant.
    Time,
    /// Decimal degrees, WGS84.
    Degrees,
    /// 0 to 255.
    Count,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    /// A file may do without it.
    pub is_optional: bool,
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_optional: false }
}

const fn optional(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_optional: true }
}

/// In the order written; a file may have its columns in another order.
pub const COLUMNS: [Column; 13] = [
    column("request_id", Kind::Text),
    column("created_at", Kind::Time),
    column("earliest", Kind::Time),
    column("latest", Kind::Time),
    column("from_lat", Kind::Degrees),
    column("from_lon", Kind::Degrees),
    column("to_lat", Kind::Degrees),
    column("to_lon", Kind::Degrees),
    column("seats", Kind::Count),
    column("wheelchairs", Kind::Count),
    column("kind", Kind::Text),
    optional("channel", Kind::Text),
    optional("purpose", Kind::Text),
];

/// Positions in [`COLUMNS`].
pub(super) mod at {
    pub const ID: usize = 0;
    pub const CREATED: usize = 1;
    pub const EARLIEST: usize = 2;
    pub const LATEST: usize = 3;
    pub const FROM: (usize, usize) = (4, 5);
    pub const TO: (usize, usize) = (6, 7);
    pub const SEATS: usize = 8;
    pub const WHEELCHAIRS: usize = 9;
    pub const KIND: usize = 10;
    pub const CHANNEL: usize = 11;
    pub const PURPOSE: usize = 12;
}

pub(super) const DEPART_AFTER: &str = "depart_after";
pub(super) const ARRIVE_BY: &str = "arrive_by";

pub(super) const CHANNELS: [(&str, Channel); 8] = [
    ("unknown", Channel::Unknown),
    ("phone", Channel::Phone),
    ("line", Channel::Line),
    ("web", Channel::Web),
    ("app", Channel::App),
    ("voice_agent", Channel::VoiceAgent),
    ("staff", Channel::Staff),
    ("partner", Channel::Partner),
];

fn channel_name(channel: Channel) -> &'static str {
    CHANNELS.iter().find(|(_, known)| *known == channel).expect("all channels have names").0
}

/// What a row has in a column.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Cell<'a> {
    Text(&'a str),
    Time(Time),
    /// Ten millionths of a degree.
    Degrees(i32),
    Count(u8),
}

impl<'a> Cell<'a> {
    pub(super) fn text(self) -> Option<&'a str> {
        if let Cell::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn time(self) -> Option<Time> {
        if let Cell::Time(time) = self { Some(time) } else { None }
    }

    pub(super) fn degrees_e7(self) -> Option<i32> {
        if let Cell::Degrees(e7) = self { Some(e7) } else { None }
    }

    pub(super) fn count(self) -> Option<u8> {
        if let Cell::Count(count) = self { Some(count) } else { None }
    }
}

/// A row's cells in the order of [`COLUMNS`], as any carrier writes them.
pub fn cells(row: &RequestRow) -> [Cell<'_>; COLUMNS.len()] {
    [
        Cell::Text(&row.id),
        Cell::Time(row.created_at),
        Cell::Time(row.window.earliest()),
        Cell::Time(row.window.latest()),
        Cell::Degrees(row.from.lat_e7()),
        Cell::Degrees(row.from.lon_e7()),
        Cell::Degrees(row.to.lat_e7()),
        Cell::Degrees(row.to.lon_e7()),
        Cell::Count(row.party.of(SeatKind::Seat)),
        Cell::Count(row.party.of(SeatKind::Wheelchair)),
        Cell::Text(match row.kind {
            WishKind::DepartAfter => DEPART_AFTER,
            WishKind::ArriveBy => ARRIVE_BY,
        }),
        Cell::Text(channel_name(row.channel)),
        Cell::Text(&row.purpose),
    ]
}

fn names(is_optional: bool) -> String {
    let names: Vec<&str> =
        COLUMNS.iter().filter(|column| column.is_optional == is_optional).map(|column| column.name).collect();
    names.join(",")
}

/// The names that every file has.
pub(super) fn needed() -> String {
    names(false)
}

/// All names, as an error lists them.
pub(super) fn list() -> String {
    format!("{}, and {} if you like", names(false), names(true))
}

/// For each of [`COLUMNS`] its position among the names that a file has; or what is wrong with them.
pub(super) fn positions(names: &[&str]) -> Result<[Option<usize>; COLUMNS.len()], String> {
    let known = COLUMNS.map(|column| column.name);
    let count = |column: &str| names.iter().filter(|name| **name == column).count();
    let needed = COLUMNS.iter().filter(|column| !column.is_optional).map(|column| column.name);
    let missing: Vec<&str> = needed.filter(|column| count(column) == 0).collect();
    let unknown: Vec<&str> = names.iter().copied().filter(|name| !known.contains(name)).collect();
    let twice: Vec<&str> = known.into_iter().filter(|column| 1 < count(column)).collect();
    let mut said = Vec::new();
    for (what, names) in [("missing", missing), ("not known", unknown), ("there twice", twice)] {
        if !names.is_empty() {
            said.push(format!("{what}: {}", names.join(", ")));
        }
    }
    if !said.is_empty() {
        return Err(said.join("; "));
    }
    Ok(known.map(|column| names.iter().position(|name| *name == column)))
}
