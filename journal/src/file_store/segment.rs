//! A segment that is being written, and how a new one comes into being.

use std::io;

use super::Trouble;
use crate::disk::{Disk, DiskFile, is_no_space, write_all_at};
use crate::format::segment::SegmentHeader;
use crate::format::{FILE_HEADER_BYTES, segment_name, unfinished_name};

#[derive(Debug)]
pub(super) struct OpenSegment<F> {
    pub(super) file: F,
    pub(super) header: SegmentHeader,
    /// Where the next frame goes: the end of the whole frames, and of the file.
    pub(super) bytes: u64,
}

impl<F> OpenSegment<F> {
    pub(super) fn name(&self) -> String {
        segment_name(self.header.first)
    }
}

/// Makes an empty segment, durable under its name. It gets that name only once its header is safe,
/// so that a segment with a broken header is always damage and never an accident of timing.
pub(super) fn make_segment<D: Disk>(disk: &D, header: SegmentHeader) -> Result<OpenSegment<D::File>, Trouble> {
    let name = segment_name(header.first);
    let unfinished = unfinished_name(&name);
    let trouble = |doing: &str, error: io::Error| {
        if is_no_space(&error) {
            // Only tidiness: the next attempt, or the next start, begins this file anew.
            let _ = disk.remove(&unfinished);
            return Trouble::NoSpace;
        }
        Trouble::Stopped(format!("cannot {doing} {name}: {error}"))
    };
    let failed = |doing: &str, error: io::Error| Trouble::Stopped(format!("cannot {doing} {name}: {error}"));

    let file = disk.create(&unfinished).map_err(|error| trouble("create", error))?;
    write_all_at(&file, &header.encode(), 0).map_err(|error| trouble("write", error))?;
    file.sync_all().map_err(|error| failed("sync", error))?;
    disk.rename(&unfinished, &name).map_err(|error| trouble("name", error))?;
    disk.sync_names().map_err(|error| failed("sync the name of", error))?;
    Ok(OpenSegment { file, header, bytes: FILE_HEADER_BYTES as u64 })
}
