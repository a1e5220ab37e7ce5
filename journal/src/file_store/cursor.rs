//! Walks the frames of one segment and believes nothing that it has not checked.

use std::io;

use crate::disk::{DiskFile, read_full_at};
use crate::format::frame::{BadFrameHeader, FRAME_HEADER_BYTES, FRAME_TRAILER, FrameHeader, FrameKind, split_records};
use crate::format::segment::SegmentHeader;
use crate::format::{BadHeader, FILE_HEADER_BYTES};
use crate::{BATCH_BYTES_MAX, Epoch, Sequence};

/// Bytes read at once; a larger frame is read whole.
const WINDOW_BYTES: usize = 256 << 10;

/// The end of a log, as far as it was walked or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tip {
    pub(super) next: Sequence,
    pub(super) epoch: Epoch,
    /// What the next frame names as the one before it.
    pub(super) chain: u32,
}

#[derive(Debug)]
pub(super) struct Cursor<F> {
    file: F,
    pub(super) header: SegmentHeader,
    /// After the frames walked so far.
    pub(super) tip: Tip,
    /// Where the next frame begins.
    pub(super) offset: u64,
    window: Vec<u8>,
    window_at: u64,
}

pub(super) enum Step<'a> {
    Frame(Frame<'a>),
    /// The file ends behind the last frame.
    End,
    Bad(BadFrame),
}

pub(super) struct Frame<'a> {
    pub(super) offset: u64,
    pub(super) header: FrameHeader,
    pub(super) records: Vec<&'a [u8]>,
}

#[derive(Debug)]
pub(super) struct BadFrame {
    pub(super) reason: String,
    /// If that much of it can be believed.
    pub(super) header: Option<FrameHeader>,
    /// Its checksums are right and its contents are not: no write that was cut short looks like this.
    pub(super) is_out_of_place: bool,
}

impl Tip {
    pub(super) fn at_start_of(header: &SegmentHeader) -> Tip {
        Tip { next: header.first, epoch: header.epoch, chain: header.chain() }
    }
}

impl<F: DiskFile> Cursor<F> {
    pub(super) fn open(file: F) -> io::Result<Result<Cursor<F>, BadHeader>> {
        let mut bytes = [0; FILE_HEADER_BYTES];
        if read_full_at(&file, &mut bytes, 0)? < FILE_HEADER_BYTES {
            return Ok(Err(BadHeader::Broken("the file ends inside its header")));
        }
        Ok(SegmentHeader::decode(&bytes).map(|header| Cursor {
            file,
            tip: Tip::at_start_of(&header),
            header,
            offset: FILE_HEADER_BYTES as u64,
            window: Vec::new(),
            window_at: 0,
        }))
    }

    /// The next frame. After `Bad` the cursor stays where it is.
    pub(super) fn step(&mut self) -> io::Result<Step<'_>> {
        let readable = self.fill(FRAME_HEADER_BYTES)?;
        if readable == 0 {
            return Ok(Step::End);
        }
        if readable < FRAME_HEADER_BYTES {
            return Ok(Step::Bad(bad("the file ends inside a frame header", None)));
        }
        let at = self.window_offset();
        let header = match FrameHeader::decode(&self.window[at..], self.header.salt) {
            Ok(header) => header,
            Err(BadFrameHeader::Magic) => return Ok(Step::Bad(bad("no frame begins here", None))),
            Err(BadFrameHeader::Checksum) => {
                return Ok(Step::Bad(bad("the checksum of a frame header does not match", None)));
            }
            Err(BadFrameHeader::Kind(kind)) => {
                return Ok(Step::Bad(out_of_place(format!("frame kind {kind} is of a later version"))));
            }
        };
        if let Some(reason) = self.misplacement(&header) {
            return Ok(Step::Bad(out_of_place(reason)));
        }
        let frame_bytes = header.frame_bytes() as usize;
        if self.fill(frame_bytes)? < frame_bytes {
            return Ok(Step::Bad(bad("the file ends inside a frame", Some(header))));
        }
        let at = self.window_offset();
        let frame = &self.window[at..at + frame_bytes];
        let (body, trailer) = frame[FRAME_HEADER_BYTES..].split_at(header.body_bytes as usize);
        if trailer != FRAME_TRAILER {
            return Ok(Step::Bad(bad("the end of a frame is not where it should be", Some(header))));
        }
        if crc32fast::hash(body) != header.body_checksum {
            return Ok(Step::Bad(bad("the checksum of a frame does not match", Some(header))));
        }
        let Some(records) = split_records(body, header.count) else {
            return Ok(Step::Bad(out_of_place("the records of a frame do not add up".to_owned())));
        };
        let offset = self.offset;
        self.offset += frame_bytes as u64;
        self.tip = Tip { next: header.next(), epoch: header.epoch, chain: header.chain };
        Ok(Step::Frame(Frame { offset, header, records }))
    }

    pub(super) fn file_bytes(&self) -> io::Result<u64> {
        self.file.bytes()
    }

    /// At most `bytes_max` of what lies behind the last good frame.
    pub(super) fn rest(&self, bytes_max: u64) -> io::Result<Vec<u8>> {
        let bytes = self.file.bytes()?.saturating_sub(self.offset).min(bytes_max);
        let mut rest = vec![0; bytes as usize];
        let read = read_full_at(&self.file, &mut rest, self.offset)?;
        rest.truncate(read);
        Ok(rest)
    }

    /// Why a frame with a sound header cannot follow the one before it.
    fn misplacement(&self, header: &FrameHeader) -> Option<String> {
        let tip = self.tip;
        if header.first != tip.next {
            return Some(format!("a frame of record {} lies where {} should follow", header.first, tip.next));
        }
        if header.previous_chain != tip.chain {
            return Some("a frame does not name the one before it".to_owned());
        }
        let is_turn_right =
            if header.kind == FrameKind::Claim { tip.epoch < header.epoch } else { header.epoch == tip.epoch };
        if !is_turn_right {
            return Some(format!("a frame of epoch {} lies in epoch {}", header.epoch, tip.epoch));
        }
        let is_shape_right = match header.kind {
            FrameKind::Batch => 0 < header.count && header.body_bytes as usize <= BATCH_BYTES_MAX,
            FrameKind::Claim | FrameKind::Settled | FrameKind::Closed => header.count == 0 && header.body_bytes == 0,
        };
        (!is_shape_right).then(|| format!("a frame has {} records in {} bytes", header.count, header.body_bytes))
    }

    /// Sees to it that `bytes` from the offset on are in the window; returns how many of them there are.
    fn fill(&mut self, bytes: usize) -> io::Result<usize> {
        let behind = (self.window_at + self.window.len() as u64).saturating_sub(self.offset) as usize;
        if behind < bytes {
            // The file's own length bounds the room: a header may promise more than there is.
            let left = self.file.bytes()?.saturating_sub(self.offset);
            let window_bytes = (bytes.max(WINDOW_BYTES) as u64).min(left) as usize;
            if self.window.len() < window_bytes {
                self.window = vec![0; window_bytes];
            }
            self.window.truncate(window_bytes);
            self.window_at = self.offset;
            let read = read_full_at(&self.file, &mut self.window, self.offset)?;
            self.window.truncate(read);
            return Ok(read.min(bytes));
        }
        Ok(bytes)
    }

    fn window_offset(&self) -> usize {
        (self.offset - self.window_at) as usize
    }
}

fn bad(reason: &str, header: Option<FrameHeader>) -> BadFrame {
    BadFrame { reason: reason.to_owned(), header, is_out_of_place: false }
}

fn out_of_place(reason: String) -> BadFrame {
    BadFrame { reason, header: None, is_out_of_place: true }
}
