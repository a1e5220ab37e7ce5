//! What is printed for drivers, in case the server is not there when it is needed: everything about the shifts of a day.
//!
//! A server's client gathers it over the interface; here it is gathered without a server, from the journal's files alone. Those
//! are only read, so that a server may run beside it.

use std::path::Path;
use std::sync::Arc;

use mukae_engine::model::MapId;
use mukae_journal::{
    LatestSnapshot, LogReader, OpenError, OsDisk, ReadError, ReadOnlyLog, Records, Sequence, ShardName, SnapshotError,
    Snapshots,
};
use mukae_maps::PreparedMap;
use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::booking::v1 as booking_pb;
use mukae_proto::transit::fleet::v1 as pb;
use mukae_units::Time;

use crate::config::Config;
use crate::shell::past::{Past, PastParts};

/// Everything about the shifts of a day, as it stood at one instant.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Papers {
    pub area: area_pb::Area,
    pub vehicles: Vec<pb::Vehicle>,
    /// Those that are open, or planned for that day.
    pub shifts: Vec<pb::Shift>,
    /// One of each of them, in their order.
    pub manifests: Vec<pb::Manifest>,
    /// Those that are on any of them or on none, final ones left out.
    pub bookings: Vec<booking_pb::Booking>,
    /// What whoever reads it should know of.
    pub notes: Vec<String>,
}

/// Of which day, and as things stood when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PaperDay {
    pub from: Time,
    pub until: Time,
    /// Without it, as the journal's last record leaves it, looked at now or at that record, whichever is later.
    pub as_of: Option<Time>,
    /// The wall's clock.
    pub now: Time,
}

#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    #[error("the journal directory {dir} cannot be read: {source}")]
    Directory { dir: String, source: std::io::Error },
    #[error("the journal in {dir} cannot be read: {source}")]
    Open { dir: String, source: OpenError },
    #[error(
        "this journal was written with map {written:016x}, and the configuration names map {configured:016x}; give the \
         configuration that the server has"
    )]
    OtherMap { written: u64, configured: u64 },
    #[error("the journal cannot be replayed: {0}")]
    Replay(String),
}

/// Reads the journal of a directory, as far as it can be read.
pub fn papers(dir: &Path, config: Config, map: Arc<PreparedMap>, day: PaperDay) -> Result<Papers, PaperError> {
    let name = || dir.display().to_string();
    let disk = OsDisk::open(dir).map_err(|source| PaperError::Directory { dir: name(), source })?;
    let shard = ShardName::new(config.area.name.0.clone()).expect("an area's id is 1 to 63 plain characters");
    let opened = ReadOnlyLog::open(disk, Some(&shard));
    let (log, report) = opened.map_err(|source| PaperError::Open { dir: name(), source })?;
    let log = Arc::new(Looked(log));
    let configured = MapId(map.checksum());
    let past = Past::new(PastParts {
        journal: Arc::clone(&log) as Arc<dyn LogReader>,
        snapshots: log,
        map,
        config: Arc::new(config),
        clock_speed: 1.0,
    });
    let (mut papers, written) =
        past.papers(&day).map_err(|fault| PaperError::Replay(tonic::Status::from(fault).message().to_owned()))?;
    if let Some(written) = written.filter(|written| *written != configured) {
        return Err(PaperError::OtherMap { written: written.0, configured: configured.0 });
    }
    papers.notes.extend(report.damage.map(|damage| format!("the journal can only be read up to a damage: {damage}")));
    Ok(papers)
}

/// A log that is only looked at.
struct Looked(ReadOnlyLog<OsDisk>);

impl LogReader for Looked {
    fn next(&self) -> Sequence {
        self.0.next()
    }

    fn read(&self, from: Sequence) -> Result<Records, ReadError> {
        self.0.read(from)
    }
}

impl Snapshots for Looked {
    fn write(&self, _: Sequence, _: &[u8]) -> Result<(), SnapshotError> {
        let source = std::io::Error::from(std::io::ErrorKind::Unsupported);
        Err(SnapshotError::Io { doing: "write beside a log that is only looked at".to_owned(), source })
    }

    fn latest(&self) -> Result<LatestSnapshot, SnapshotError> {
        self.0.latest_snapshot()
    }
}
