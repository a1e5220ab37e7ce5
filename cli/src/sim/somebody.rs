//! A scenario of somebody else, run for them by a program: what it may read, and how long it lives.

use std::io::Read;
use std::path::PathBuf;
use std::str::FromStr;
use std::thread;

use clap::Args;
use mukae_sim::scenario::{Attached, AttachedArea, Files, Recorded};
use mukae_units::Time;

/// What the program that runs this one says of the scenario.
#[derive(Debug, Args)]
pub(crate) struct Somebody {
    /// The scenario is somebody else's: it names files of this directory by their bare names, and no others
    #[arg(long, value_name = "DIR")]
    attached: Option<PathBuf>,
    /// An area that such a scenario may name, and its configuration; without one, the built-in town
    #[arg(long, value_name = "AREA[=CONFIG]", requires = "attached")]
    area: Vec<NamedArea>,
    /// Where the journal of such an area lies, which its scenario may name as its own
    #[arg(long, value_name = "AREA=DIR", requires = "attached")]
    journal_of: Vec<JournalOf>,
    /// Leave out what such a journal has from this instant on, in milliseconds since 1970
    #[arg(long, value_name = "MILLISECONDS", requires = "attached")]
    recorded_before: Option<i64>,
    /// End as soon as the standard input is closed, so as not to outlive the program that runs this one
    #[arg(long)]
    leashed: bool,
}

#[derive(Clone, Debug)]
struct NamedArea {
    name: String,
    config: Option<PathBuf>,
}

#[derive(Clone, Debug)]
struct JournalOf {
    area: String,
    directory: PathBuf,
}

impl FromStr for JournalOf {
    type Err = String;

    fn from_str(text: &str) -> Result<JournalOf, String> {
        match text.split_once('=') {
            Some((area, directory)) if !area.is_empty() && !directory.is_empty() => {
                Ok(JournalOf { area: area.to_owned(), directory: PathBuf::from(directory) })
            }
            _ => Err(format!("`{text}` is no journal of an area; one is like areas/asahi=journals/asahi")),
        }
    }
}

impl FromStr for NamedArea {
    type Err = String;

    fn from_str(text: &str) -> Result<NamedArea, String> {
        let (name, config) = match text.split_once('=') {
            Some((name, config)) => (name, Some(PathBuf::from(config))),
            None => (text, None),
        };
        if name.is_empty() || config.as_ref().is_some_and(|config| config.as_os_str().is_empty()) {
            return Err(format!("`{text}` is no area; one is like areas/asahi=asahi.toml"));
        }
        Ok(NamedArea { name: name.to_owned(), config })
    }
}

impl Somebody {
    /// What the scenario of this file may read. From here on the leash holds, if there is one.
    pub(super) fn files(&self, scenario: &std::path::Path) -> Files {
        if self.leashed {
            thread::spawn(end_with_stdin);
        }
        match &self.attached {
            None => Files::beside(scenario),
            Some(directory) => {
                let areas = self.area.iter().map(|area| self.attached_area(area)).collect();
                Files::Attached(Attached { directory: directory.clone(), areas })
            }
        }
    }
}

impl Somebody {
    fn attached_area(&self, NamedArea { name, config }: &NamedArea) -> AttachedArea {
        let journal = self.journal_of.iter().find(|journal| journal.area == *name).map(|journal| Recorded {
            directory: journal.directory.clone(),
            // where it lies is nobody's business
            called: Some(name.clone()),
            until: self.recorded_before.map(Time::from_unix_millis),
        });
        AttachedArea { name: name.clone(), config: config.clone(), journal }
    }
}

/// What is half written is beside its name, and harms nobody.
fn end_with_stdin() {
    let mut stdin = std::io::stdin();
    let mut bytes = [0; 256];
    while stdin.read(&mut bytes).is_ok_and(|read| 0 < read) {}
    std::process::exit(1);
}
