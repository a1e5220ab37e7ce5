//! The frame of a PBF file: from bytes on disk to decoded blocks, one at a time.
//!
//! A file is a row of blobs: a length, a header that names the blob's kind and size, the blob. The
//! reader that `osmpbfreader` brings trusts those sizes and panics on a truncated file, so the frame is
//! read here, with a bound on everything; its protobuf types are used as they are.
//! <https://wiki.openstreetmap.org/wiki/PBF_Format>

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use osmpbfreader::fileformat::{Blob, BlobHeader};
use osmpbfreader::osmformat::{HeaderBlock, PrimitiveBlock};
use protobuf::Message;

use super::error::ReadExtractError;

/// The format's own bounds: a header, and a blob packed or unpacked, in bytes.
const HEADER_MAX: u64 = 64 * 1024;
const BLOB_MAX: u64 = 32 * 1024 * 1024;

/// A blob as it lies in the file.
pub(super) struct RawBlob {
    /// Where it begins.
    pub(super) at: u64,
    pub(super) is_data: bool,
    bytes: Vec<u8>,
}

pub(super) struct Blobs {
    file: String,
    reader: BufReader<File>,
    at: u64,
    length: u64,
}

impl Blobs {
    /// Opens the file and reads its header, which says whether the rest can be understood.
    pub(super) fn open(path: &Path) -> Result<(Blobs, HeaderBlock), ReadExtractError> {
        let file = path.display().to_string();
        let open = |source| ReadExtractError::Open { file: file.clone(), source };
        let handle = File::open(path).map_err(open)?;
        let metadata = handle.metadata().map_err(open)?;
        if metadata.is_dir() {
            return Err(open(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
        }
        let mut blobs = Blobs { file, reader: BufReader::new(handle), at: 0, length: metadata.len() };
        blobs.refuse_other_formats()?;
        let header = match blobs.next()? {
            Some(first) if !first.is_data => blobs.decode::<HeaderBlock>(&first)?,
            _ => return Err(blobs.not_pbf("its first block is no header".to_owned())),
        };
        blobs.check_features(&header)?;
        Ok((blobs, header))
    }

    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// The part of the file read so far, 0 to 1.
    pub(super) fn progress(&self) -> f32 {
        if self.length == 0 { 1.0 } else { (self.at as f64 / self.length as f64) as f32 }
    }

    /// The next blob of a kind we know; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<RawBlob>, ReadExtractError> {
        loop {
            let at = self.at;
            let Some(length) = self.header_length(at)? else { return Ok(None) };
            let bytes = self.take(at, length)?;
            let header = match BlobHeader::parse_from_bytes(&bytes) {
                Ok(header) => header,
                Err(_) if at == 0 => return Err(self.not_pbf("its first bytes are no PBF header".to_owned())),
                Err(error) => return Err(self.damaged(at, format!("its header cannot be read ({error})"))),
            };
            if at == 0 && header.type_() != "OSMHeader" {
                return Err(self.not_pbf("its first block is no header".to_owned()));
            }
            let size = u64::try_from(header.datasize()).ok().filter(|&size| size <= BLOB_MAX);
            let Some(size) = size else {
                return Err(self.damaged(at, format!("its size is given as {} bytes", header.datasize())));
            };
            let bytes = self.take(at, size)?;
            // Other kinds are allowed and may be skipped.
            if let is_data @ ("OSMData" | "OSMHeader") = header.type_() {
                return Ok(Some(RawBlob { at, is_data: is_data == "OSMData", bytes }));
            }
        }
    }

    pub(super) fn data(&self, blob: &RawBlob) -> Result<PrimitiveBlock, ReadExtractError> {
        self.decode(blob)
    }

    pub(super) fn damaged(&self, at: u64, what: impl Into<String>) -> ReadExtractError {
        ReadExtractError::Damaged { file: self.file.clone(), at, what: what.into() }
    }

    fn decode<M: Message>(&self, raw: &RawBlob) -> Result<M, ReadExtractError> {
        let blob = Blob::parse_from_bytes(&raw.bytes).map_err(|error| self.damaged(raw.at, error.to_string()))?;
        let bytes = if blob.has_raw() {
            blob.raw().to_vec()
        } else if blob.has_zlib_data() {
            self.inflate(raw.at, &blob)?
        } else {
            return Err(self.unsupported("a compression other than zlib".to_owned()));
        };
        M::parse_from_bytes(&bytes).map_err(|error| self.damaged(raw.at, error.to_string()))
    }

    fn inflate(&self, at: u64, blob: &Blob) -> Result<Vec<u8>, ReadExtractError> {
        let mut bytes = Vec::new();
        let mut unpacked = flate2::read::ZlibDecoder::new(blob.zlib_data()).take(BLOB_MAX + 1);
        unpacked.read_to_end(&mut bytes).map_err(|error| self.damaged(at, error.to_string()))?;
        if BLOB_MAX < bytes.len() as u64 {
            return Err(self.damaged(at, format!("it unpacks to more than {BLOB_MAX} bytes")));
        }
        if blob.has_raw_size() && i64::from(blob.raw_size()) != bytes.len() as i64 {
            return Err(self.damaged(at, format!("it unpacks to {} bytes, not {}", bytes.len(), blob.raw_size())));
        }
        Ok(bytes)
    }

    /// The length of the next header; `None` at the end of the file.
    fn header_length(&mut self, at: u64) -> Result<Option<u64>, ReadExtractError> {
        if self.length <= at {
            return Ok(None);
        }
        let bytes: [u8; 4] = self.take(at, 4)?.try_into().expect("take gives as many bytes as asked for");
        let length = u64::from(u32::from_be_bytes(bytes));
        if length <= HEADER_MAX {
            Ok(Some(length))
        } else if at == 0 {
            Err(self.not_pbf("its first bytes are no PBF header".to_owned()))
        } else {
            Err(self.damaged(at, format!("its header would be {length} bytes long")))
        }
    }

    /// Exactly `count` bytes of the block that began at `block_at`.
    fn take(&mut self, block_at: u64, count: u64) -> Result<Vec<u8>, ReadExtractError> {
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take(count).read_to_end(&mut bytes);
        let read = read.map_err(|source| ReadExtractError::Io { file: self.file.clone(), at: self.at, source })?;
        self.at += read as u64;
        if read as u64 == count {
            Ok(bytes)
        } else {
            Err(ReadExtractError::Truncated { file: self.file.clone(), at: block_at, length: self.at })
        }
    }

    /// Says what the file is if it is one of the things people give by mistake.
    fn refuse_other_formats(&mut self) -> Result<(), ReadExtractError> {
        if self.length == 0 {
            return Err(self.not_pbf("it is empty".to_owned()));
        }
        let io = |source| ReadExtractError::Io { file: self.file.clone(), at: 0, source };
        let start = std::io::BufRead::fill_buf(&mut self.reader).map_err(io)?;
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        let format = if start.starts_with(b"<!DOCTYPE") || start.starts_with(b"<html") {
            "a web page"
        } else if start.starts_with(b"<") {
            "XML"
        } else if start.starts_with(b"\x1f\x8b") {
            "packed with gzip"
        } else if start.starts_with(b"BZh") {
            "packed with bzip2"
        } else if start.starts_with(b"PK\x03\x04") {
            "a zip archive"
        } else if start.starts_with(b"{") || start.starts_with(b"[") {
            "JSON"
        } else if start.starts_with(crate::store::MAGIC) {
            "a map that was built already"
        } else {
            return Ok(());
        };
        Err(self.not_pbf(format!("it is {format}")))
    }

    fn check_features(&self, header: &HeaderBlock) -> Result<(), ReadExtractError> {
        let unknown = header
            .required_features
            .iter()
            .find(|feature| !matches!(feature.as_str(), "OsmSchema-V0.6" | "DenseNodes"));
        match unknown {
            None => Ok(()),
            Some(feature) => Err(self.unsupported(format!("the feature `{}`", feature.escape_default()))),
        }
    }

    fn unsupported(&self, feature: String) -> ReadExtractError {
        ReadExtractError::Unsupported { file: self.file.clone(), feature }
    }

    fn not_pbf(&self, found: String) -> ReadExtractError {
        ReadExtractError::NotPbf { file: self.file.clone(), found }
    }
}
