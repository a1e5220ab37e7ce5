//! What a scenario may read.
//!
//! One's own scenario names any file, relative to itself. One that came from somebody else, over the network say, names
//! what came along with it, by bare names, and areas instead of towns' configurations. Every key that names a file goes
//! through here, so that none is forgotten.

use std::path::{Component, Path, PathBuf};

use mukae_config::{Item, Table};

use super::Recorded;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Files {
    /// Any that are there, relative paths from this directory.
    Beside(PathBuf),
    /// The same, and nobody looks whether they are there.
    Unseen(PathBuf),
    /// Those that came along.
    Attached(Attached),
}

/// What a scenario's table `[town]` names.
pub(super) struct TownFiles {
    /// `None`: the built-in town, or a problem was noted.
    pub config: Option<PathBuf>,
    pub places: Option<PathBuf>,
    pub homes: Option<PathBuf>,
    /// Of the area, if it may be read.
    pub journal: Option<Recorded>,
}

/// What came along with a scenario of somebody else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attached {
    /// Where it lies.
    pub directory: PathBuf,
    /// Those that may be named.
    pub areas: Vec<AttachedArea>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttachedArea {
    pub name: String,
    /// `None`: the built-in town.
    pub config: Option<PathBuf>,
    /// What it has recorded, if that may be named.
    pub journal: Option<Recorded>,
}

/// By which a scenario of somebody else names the journal of its area.
const OWN: &str = "own";

impl Files {
    /// Of a scenario's own file.
    pub fn beside(scenario: &Path) -> Files {
        Files::Beside(scenario.parent().unwrap_or(Path::new("")).to_owned())
    }

    /// The file that a key names, if it may.
    pub(super) fn named(&self, item: &Item<'_>) -> Option<PathBuf> {
        let name = item.text()?;
        match self {
            Files::Unseen(directory) => Some(directory.join(name)),
            Files::Beside(directory) => {
                let path = directory.join(name);
                if !path.exists() {
                    item.note(format!("`{}` is not there; paths are relative to this file", path.display()));
                }
                Some(path)
            }
            Files::Attached(attached) => attached.named(item, &name),
        }
    }

    /// What the table `[town]` names.
    pub(super) fn town(&self, file: &mut Table<'_>) -> TownFiles {
        let mut table = file.table("town");
        let mut take = |key| table.as_mut().and_then(|table| table.take(key));
        let (config, area) = (take("config"), take("area"));
        let [places, homes] = ["places", "homes"].map(|key| take(key).and_then(|item| self.named(&item)));
        let (config, journal) = match self {
            Files::Beside(_) | Files::Unseen(_) => {
                if let Some(area) = area {
                    area.note("`area` is for simulations that a server runs; here write `config`".to_owned());
                }
                (config.and_then(|config| self.named(&config)), None)
            }
            Files::Attached(attached) => {
                if let Some(config) = config {
                    let which = attached.names();
                    config.note(format!(
                        "`config` names a file, which a server does not open for you; write `area`, {which}"
                    ));
                }
                let area = match area {
                    Some(area) => attached.area(&area),
                    None => attached.only(file),
                };
                area.map_or((None, None), |area| (area.config.clone(), area.journal.clone()))
            }
        };
        if let Some(table) = table {
            table.close();
        }
        TownFiles { config, places, homes, journal }
    }

    /// The journal that a key names, if it may.
    pub(super) fn journal(&self, item: &Item<'_>, town: &TownFiles) -> Option<Recorded> {
        let Files::Attached(_) = self else {
            return self.named(item).map(|directory| Recorded { directory, called: None, until: None });
        };
        let name = item.text()?;
        if name != OWN {
            item.note(format!("`journal` is {name:?}; a server reads that of the area itself, write \"{OWN}\""));
            return None;
        }
        if town.journal.is_none() {
            let what = "and the area keeps none, or it is of several tenants, whose riders are nobody else's business";
            item.note(format!("`journal` is \"{OWN}\", {what}; attach a table and name it with `csv`"));
        }
        town.journal.clone()
    }
}

impl Attached {
    fn named(&self, item: &Item<'_>, name: &str) -> Option<PathBuf> {
        let mut parts = Path::new(name).components();
        let is_bare = matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name);
        let file = self.directory.join(name);
        // what a link leads to did not come along
        let is_here = is_bare && file.symlink_metadata().is_ok_and(|found| found.is_file());
        if !is_here {
            let known = self.files();
            let known =
                if known.is_empty() { "nothing is".to_owned() } else { format!("there are: {}", known.join(", ")) };
            item.note(format!("{name:?} is not attached; {known}"));
        }
        is_here.then_some(file)
    }

    fn files(&self) -> Vec<String> {
        let entries = self.directory.read_dir().into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn area(&self, item: &Item<'_>) -> Option<&AttachedArea> {
        let name = item.text()?;
        let found = self.areas.iter().find(|known| known.name == name);
        if found.is_none() {
            item.note(format!("`area` is {name:?}; it is to be {}", self.names()));
        }
        found
    }

    /// Where there is one area, it need not be said.
    fn only(&self, file: &Table<'_>) -> Option<&AttachedArea> {
        match self.areas.as_slice() {
            [area] => Some(area),
            _ => {
                file.note(format!("`area` in `[town]` is missing; it is to be {}", self.names()));
                None
            }
        }
    }

    fn names(&self) -> String {
        match self.areas.as_slice() {
            [] => "of an area with a map here, and there is none".to_owned(),
            areas => areas.iter().map(|area| format!("{:?}", area.name)).collect::<Vec<_>>().join(" or "),
        }
    }
}
