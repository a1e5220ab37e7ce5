//! How much demand there is: three levels, of which nobody knows which is right.

use std::fmt;
use std::str::FromStr;

/// A level, by the share of residents who use the service.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Volume {
    Low = 0,
    Mid = 1,
    High = 2,
}

/// How many requests a day has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Amount {
    /// As chance has it, on average what the volume says.
    Volume(Volume),
    /// Exactly so many.
    Requests(usize),
}

impl Volume {
    pub const ALL: [Volume; 3] = [Volume::Low, Volume::Mid, Volume::High];
    /// As files have them.
    pub const WORDS: [(&'static str, Volume); 3] = [("low", Volume::Low), ("mid", Volume::Mid), ("high", Volume::High)];

    pub const fn name(self) -> &'static str {
        Volume::WORDS[self as usize].0
    }

    pub fn from_index(index: i64) -> Option<Volume> {
        Volume::ALL.into_iter().find(|volume| *volume as i64 == index)
    }
}

impl fmt::Display for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Volume {
    type Err = String;

    fn from_str(text: &str) -> Result<Volume, String> {
        let found = Volume::WORDS.into_iter().find(|(word, _)| *word == text);
        found.map(|(_, volume)| volume).ok_or_else(|| format!("`{text}` is no volume; low, mid and high are"))
    }
}
