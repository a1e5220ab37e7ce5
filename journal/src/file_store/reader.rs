//! Reads durable records from the files while the owner goes on appending.
//!
//! A reader stops at the end that was durable when it began, so it never meets a frame that is
//! being written. It checks every frame again: a disk may have changed its mind since opening.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::Shared;
use super::cursor::{Cursor, Step};
use crate::disk::{Access, Disk};
use crate::format::frame::FrameKind;
use crate::format::{BadHeader, segment_name, segment_of_name};
use crate::{Damage, LogReader, ReadError, Record, Records, Sequence};

pub(super) struct FileReader<D: Disk> {
    shared: Arc<Shared<D>>,
}

struct Replay<D: Disk> {
    shared: Arc<Shared<D>>,
    /// `None` once it is over.
    cursor: Option<Cursor<D::File>>,
    /// The next record that is asked for.
    wanted: Sequence,
    end: Sequence,
    /// Of the frame that was read last.
    pending: std::vec::IntoIter<Record>,
}

impl<D: Disk> FileReader<D> {
    pub(super) fn new(shared: Arc<Shared<D>>) -> FileReader<D> {
        FileReader { shared }
    }
}

impl<D: Disk> LogReader for FileReader<D> {
    fn next(&self) -> Sequence {
        self.shared.next()
    }

    fn read(&self, from: Sequence) -> Result<Records, ReadError> {
        let end = self.shared.next();
        if end < from {
            return Err(ReadError::BeyondEnd { from, next: end });
        }
        if from == end {
            return Ok(Box::new(std::iter::empty()));
        }
        let names = self.shared.disk.names().map_err(|source| failed("the directory", source))?;
        let first = names.iter().filter_map(|name| segment_of_name(name)).filter(|&first| first <= from).max();
        let first = first.ok_or_else(|| Damage {
            file: segment_name(Sequence::START),
            offset: 0,
            reason: "the file is not there".to_owned(),
            missing_from: from,
            readable_from: None,
        })?;
        let cursor = Some(enter(&self.shared, first)?);
        let shared = Arc::clone(&self.shared);
        Ok(Box::new(Replay { shared, cursor, wanted: from, end, pending: Vec::new().into_iter() }))
    }
}

impl<D: Disk> Iterator for Replay<D> {
    type Item = Result<Record, ReadError>;

    fn next(&mut self) -> Option<Result<Record, ReadError>> {
        loop {
            if let Some(record) = self.pending.next() {
                self.wanted = record.sequence.plus(1);
                return Some(Ok(record));
            }
            if self.end <= self.wanted {
                self.cursor = None;
            }
            self.cursor.as_ref()?;
            if let Err(error) = self.advance() {
                self.cursor = None;
                return Some(Err(error));
            }
        }
    }
}

impl<D: Disk> Replay<D> {
    /// Takes in the next frame, or goes on to the next segment.
    fn advance(&mut self) -> Result<(), ReadError> {
        let cursor = self.cursor.as_mut().expect("the caller looked");
        let file = || segment_name(cursor.header.first);
        let (name, offset, missing_from) = (file(), cursor.offset, cursor.tip.next);
        let reason = match cursor.step().map_err(|source| failed(&name, source))? {
            Step::Frame(frame) if frame.header.kind == FrameKind::Closed => {
                let next = frame.header.next();
                self.cursor = Some(enter(&self.shared, next)?);
                return Ok(());
            }
            Step::Frame(frame) => {
                let (wanted, epoch, first) = (self.wanted, frame.header.epoch, frame.header.first);
                let numbered = (first.as_u64()..).map(Sequence::new).zip(frame.records);
                let records: Vec<Record> = numbered
                    .filter(|(sequence, _)| wanted <= *sequence)
                    .map(|(sequence, bytes)| Record { sequence, epoch, bytes: bytes.to_vec() })
                    .collect();
                self.pending = records.into_iter();
                return Ok(());
            }
            Step::End => "the file ends too early".to_owned(),
            Step::Bad(bad) => bad.reason,
        };
        Err(Damage { file: name, offset, reason, missing_from, readable_from: None }.into())
    }
}

fn enter<D: Disk>(shared: &Shared<D>, first: Sequence) -> Result<Cursor<D::File>, ReadError> {
    let name = segment_name(first);
    let cursor = shared.disk.open(&name, Access::Read).and_then(Cursor::open);
    let reason = match cursor.map_err(|source| failed(&name, source))? {
        Ok(cursor) if cursor.header.first == first && cursor.header.shard == shared.shard => return Ok(cursor),
        Ok(_) => "its header is that of another file".to_owned(),
        Err(BadHeader::Broken(reason)) => reason.to_owned(),
        Err(BadHeader::Version(found)) => format!("it has format version {found}"),
    };
    Err(Damage { file: name, offset: 0, reason, missing_from: first, readable_from: None }.into())
}

fn failed(what: &str, source: io::Error) -> ReadError {
    ReadError::Io { what: what.to_owned(), source }
}

impl<D: Disk> fmt::Debug for FileReader<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileReader").field(&self.shared.shard).finish()
    }
}
