//! Snapshots as files: written beside, synced, then named; the two newest stay.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::Shared;
use crate::disk::{Access, Disk, DiskFile, read_full_at, write_all_at};
use crate::format::snapshot::SnapshotHeader;
use crate::format::{BadHeader, FILE_HEADER_BYTES, FORMAT_VERSION, snapshot_name, snapshot_of_name, unfinished_name};
use crate::store::SNAPSHOTS_KEPT;
use crate::{LatestSnapshot, Sequence, ShardName, SkippedSnapshot, Snapshot, SnapshotError, Snapshots};

#[derive(Debug)]
pub(super) struct FileSnapshots<D: Disk> {
    shared: Arc<Shared<D>>,
    /// One is written at a time.
    writing: Mutex<()>,
}

impl<D: Disk> FileSnapshots<D> {
    pub(super) fn new(shared: Arc<Shared<D>>) -> FileSnapshots<D> {
        FileSnapshots { shared, writing: Mutex::new(()) }
    }
}

impl<D: Disk> Snapshots for FileSnapshots<D> {
    fn write(&self, at: Sequence, bytes: &[u8]) -> Result<(), SnapshotError> {
        let next = self.shared.next();
        if next < at {
            return Err(SnapshotError::AheadOfLog { at, next });
        }
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let disk = &self.shared.disk;
        let name = snapshot_name(at);
        let unfinished = unfinished_name(&name);
        if let Err((doing, source)) = write_file(disk, &self.shared.shard, at, bytes) {
            // Gives the space back; the next start would do it as well.
            let _ = disk.remove(&unfinished);
            return Err(SnapshotError::Io { doing: format!("{doing} {name}"), source });
        }
        let failed = |doing: &str, source| SnapshotError::Io { doing: format!("{doing} {name}"), source };
        disk.rename(&unfinished, &name).map_err(|source| failed("name", source))?;
        // The older ones go only when this one is certain to be found.
        disk.sync_names().map_err(|source| failed("sync the name of", source))?;
        remove_older(disk).map_err(|source| failed("remove what is older than", source))
    }

    fn latest(&self) -> Result<LatestSnapshot, SnapshotError> {
        latest_snapshot(&self.shared.disk, &self.shared.shard, self.shared.next())
    }
}

/// The newest whole snapshot that is not ahead of the log.
pub(super) fn latest_snapshot<D: Disk>(
    disk: &D,
    shard: &ShardName,
    next: Sequence,
) -> Result<LatestSnapshot, SnapshotError> {
    let mut latest = LatestSnapshot::default();
    for at in newest_first(disk).map_err(|source| io_error("list the directory", source))? {
        let name = snapshot_name(at);
        let read = if next < at {
            Err(Unusable::Broken(format!("it is ahead of the log, which ends before {next}")))
        } else {
            read_snapshot(disk, at, shard)
        };
        match read {
            Ok(bytes) => {
                latest.snapshot = Some(Snapshot { at, bytes });
                break;
            }
            Err(Unusable::Broken(reason)) => latest.skipped.push(SkippedSnapshot { file: name, reason }),
            Err(Unusable::Io(source)) => {
                latest.skipped.push(SkippedSnapshot { file: name, reason: format!("it cannot be read: {source}") });
            }
        }
    }
    Ok(latest)
}

/// Why a snapshot cannot be used; the log can do without it.
#[derive(Debug)]
pub(super) enum Unusable {
    Broken(String),
    Io(io::Error),
}

pub(super) fn read_snapshot_header<D: Disk>(
    disk: &D,
    at: Sequence,
    shard: &ShardName,
) -> Result<(D::File, SnapshotHeader), Unusable> {
    let file = disk.open(&snapshot_name(at), Access::Read).map_err(Unusable::Io)?;
    let mut bytes = [0; FILE_HEADER_BYTES];
    if read_full_at(&file, &mut bytes, 0).map_err(Unusable::Io)? < FILE_HEADER_BYTES {
        return Err(Unusable::Broken("the file ends inside its header".to_owned()));
    }
    let header = SnapshotHeader::decode(&bytes).map_err(|bad| {
        Unusable::Broken(match bad {
            BadHeader::Version(found) => {
                format!("it has format version {found}, this program reads version {FORMAT_VERSION}")
            }
            BadHeader::Broken(reason) => reason.to_owned(),
        })
    })?;
    if header.shard != *shard {
        return Err(Unusable::Broken(format!("it belongs to {}, not to {shard}", header.shard)));
    }
    if header.at != at {
        return Err(Unusable::Broken(format!("its header says that it was taken at {}", header.at)));
    }
    Ok((file, header))
}

fn read_snapshot<D: Disk>(disk: &D, at: Sequence, shard: &ShardName) -> Result<Vec<u8>, Unusable> {
    let (file, header) = read_snapshot_header(disk, at, shard)?;
    let body_bytes = file.bytes().map_err(Unusable::Io)?.saturating_sub(FILE_HEADER_BYTES as u64);
    if body_bytes != header.body_bytes {
        return Err(Unusable::Broken(format!("it has {body_bytes} bytes instead of {}", header.body_bytes)));
    }
    let mut bytes = vec![0; body_bytes as usize];
    let read = read_full_at(&file, &mut bytes, FILE_HEADER_BYTES as u64).map_err(Unusable::Io)?;
    if read != bytes.len() || crc32fast::hash(&bytes) != header.body_checksum {
        return Err(Unusable::Broken("its checksum does not match".to_owned()));
    }
    Ok(bytes)
}

fn write_file<D: Disk>(
    disk: &D,
    shard: &ShardName,
    at: Sequence,
    bytes: &[u8],
) -> Result<(), (&'static str, io::Error)> {
    let body_checksum = crc32fast::hash(bytes);
    let header = SnapshotHeader { at, body_bytes: bytes.len() as u64, body_checksum, shard: shard.clone() };
    let file = disk.create(&unfinished_name(&snapshot_name(at))).map_err(|error| ("create", error))?;
    write_all_at(&file, &header.encode(), 0).map_err(|error| ("write", error))?;
    write_all_at(&file, bytes, FILE_HEADER_BYTES as u64).map_err(|error| ("write", error))?;
    file.sync_all().map_err(|error| ("sync", error))
}

fn remove_older<D: Disk>(disk: &D) -> io::Result<()> {
    newest_first(disk)?.iter().skip(SNAPSHOTS_KEPT).try_for_each(|&at| disk.remove(&snapshot_name(at)))
}

fn newest_first<D: Disk>(disk: &D) -> io::Result<Vec<Sequence>> {
    let mut found: Vec<Sequence> = disk.names()?.iter().filter_map(|name| snapshot_of_name(name)).collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    Ok(found)
}

fn io_error(doing: &str, source: io::Error) -> SnapshotError {
    SnapshotError::Io { doing: doing.to_owned(), source }
}
