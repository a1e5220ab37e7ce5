//! `[simulations]`: where they are kept, and how much of the machine they may have.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mukae_units::Span;
use toml::Spanned;

use super::check::Check;
use super::raw::RawSimulations;

/// Beside the journal's directory.
const DIRECTORY_SHIPPED: &str = "simulations";
const LONGEST_SHIPPED: Span = Span::DAY;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SimulationsConfig {
    /// Without one there are no simulations.
    pub directory: Option<PathBuf>,
    /// Of each.
    pub threads: usize,
    pub at_once: usize,
    /// After their end.
    pub keep_days: u32,
    /// Of all together.
    pub disk_bytes: u64,
    /// From a start to the end.
    pub longest: Duration,
}

impl SimulationsConfig {
    /// Where they are if nobody says where.
    pub fn beside(journal: &Path) -> PathBuf {
        journal.with_file_name(DIRECTORY_SHIPPED)
    }

    pub fn keep_ms(&self) -> i64 {
        i64::from(self.keep_days) * DAY_MS
    }
}

impl Check<'_> {
    pub(super) fn simulations(
        &mut self,
        raw: RawSimulations,
        journal: Option<&Spanned<String>>,
        directory: &Path,
    ) -> SimulationsConfig {
        let journal = journal.map(|journal| directory.join(journal.as_ref()));
        let kept = match raw.directory {
            None => journal.map(|journal| SimulationsConfig::beside(&journal)),
            Some(named) => {
                let path = directory.join(named.as_ref());
                let is_inside = journal.is_some_and(|journal| path.starts_with(journal));
                if named.as_ref().is_empty() || is_inside {
                    let what = "name a directory of its own, outside of the journal's";
                    self.wrong(&named, format!("`directory` is {:?}; {what}", named.as_ref()));
                }
                Some(path)
            }
        };
        let longest = self.span("longest", raw.longest, Span::MINUTE, Span::DAY * 30, LONGEST_SHIPPED);
        SimulationsConfig {
            directory: kept,
            threads: self.number("threads", raw.threads, 1, 256, 1) as usize,
            at_once: self.number("at_once", raw.at_once, 1, 64, 1) as usize,
            keep_days: self.number("keep_days", raw.keep_days, 1, 3650, 30) as u32,
            disk_bytes: (self.number("disk_mb", raw.disk_mb, 1, 10_000_000, 4096) as u64) << 20,
            longest: Duration::from_secs(longest.as_secs().unsigned_abs()),
        }
    }
}
