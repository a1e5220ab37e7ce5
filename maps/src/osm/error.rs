//! What can be wrong with an extract, in words for the person who has to find a better file.

use std::io;

/// Why an OSM extract could not be read. Every message names the file, what is wrong with it and
/// what would be right.
#[derive(Debug, thiserror::Error)]
pub enum ReadExtractError {
    #[error("{file}: cannot be opened: {source}; give the path of an OSM extract, such as town.osm.pbf")]
    Open { file: String, source: io::Error },
    #[error("{file}: reading stopped at byte {at}: {source}")]
    Io { file: String, at: u64, source: io::Error },
    #[error(
        "{file}: not an OSM PBF file, {found}; what is needed is an extract in the PBF format, such as town.osm.pbf"
    )]
    NotPbf { file: String, found: String },
    #[error("{file}: ends at byte {length} in the middle of a block that began at byte {at}; fetch or copy it again")]
    Truncated { file: String, at: u64, length: u64 },
    #[error("{file}: the block at byte {at} is damaged: {what}; fetch or copy it again")]
    Damaged { file: String, at: u64, what: String },
    #[error(
        "{file}: needs {feature}, which cannot be read here; write it anew with `osmium cat {file} -o plain.osm.pbf`"
    )]
    Unsupported { file: String, feature: String },
    #[error(
        "{file}: holds no road a minibus may drive, among {ways} ways in all; \
         what is needed is an extract with `highway` ways and the nodes they pass"
    )]
    NoRoads { file: String, ways: u64 },
    #[error("{file}: holds more {what} than one map can number ({limit}); cut a smaller extract")]
    TooLarge { file: String, what: &'static str, limit: u64 },
}

impl ReadExtractError {
    /// True for what a broken copy of a good file shows; the rest of it can still be used.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, ReadExtractError::Truncated { .. } | ReadExtractError::Damaged { .. })
    }
}
