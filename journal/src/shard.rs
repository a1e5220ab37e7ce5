//! The name of a shard, stamped into every file so that a directory is not opened for another area.

use std::fmt;

use thiserror::Error;

/// Whose journal this is, for example `production/tsukuba`: 1 to 64 bytes of UTF-8 without control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardName(String);

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadShardName {
    #[error("a shard name of {bytes} bytes does not fit: use 1 to {} bytes", ShardName::BYTES_MAX)]
    Length { bytes: usize },
    #[error("a shard name has no control characters: {name:?}")]
    Control { name: String },
}

impl ShardName {
    /// Bytes of UTF-8; the room for it in a file header.
    pub const BYTES_MAX: usize = 64;

    pub fn new(name: impl Into<String>) -> Result<ShardName, BadShardName> {
        let name = name.into();
        if name.is_empty() || ShardName::BYTES_MAX < name.len() {
            return Err(BadShardName::Length { bytes: name.len() });
        }
        if name.chars().any(char::is_control) {
            return Err(BadShardName::Control { name });
        }
        Ok(ShardName(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ShardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

impl fmt::Display for ShardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}
