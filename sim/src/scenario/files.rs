//! What a scenario may read.
//!
//! One's own scenario names any file, relative to itself. One that came from somebody else, over the network say, names
//! what came along with it, by bare names, and areas instead of towns' configurations. Every key that names a file goes
//! through here, so that none is forgotten.

use std::path::{Component, Path, PathBuf};

use mukae_config::{Item, Table};

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
}

/// What came along with a scenario of somebody else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attached {
    /// Where it lies.
    pub directory: PathBuf,
    /// The areas that may be named, each with its configuration; `None`: the built-in town.
    pub areas: Vec<(String, Option<PathBuf>)>,
}

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
        let config = match self {
            Files::Beside(_) | Files::Unseen(_) => {
                if let Some(area) = area {
                    area.note("`area` is for simulations that a server runs; here write `config`".to_owned());
                }
                config.and_then(|config| self.named(&config))
            }
            Files::Attached(attached) => {
                if let Some(config) = config {
                    let which = attached.names();
                    config.note(format!(
                        "`config` names a file, which a server does not open for you; write `area`, {which}"
                    ));
                }
                match area {
                    Some(area) => attached.area(&area),
                    None => attached.only(file),
                }
            }
        };
        if let Some(table) = table {
            table.close();
        }
        TownFiles { config, places, homes }
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

    fn area(&self, item: &Item<'_>) -> Option<PathBuf> {
        let name = item.text()?;
        match self.areas.iter().find(|(known, _)| *known == name) {
            Some((_, config)) => config.clone(),
            None => {
                item.note(format!("`area` is {name:?}; it is to be {}", self.names()));
                None
            }
        }
    }

    /// Where there is one area, it need not be said.
    fn only(&self, file: &Table<'_>) -> Option<PathBuf> {
        match self.areas.as_slice() {
            [(_, config)] => config.clone(),
            _ => {
                file.note(format!("`area` in `[town]` is missing; it is to be {}", self.names()));
                None
            }
        }
    }

    fn names(&self) -> String {
        match self.areas.as_slice() {
            [] => "of an area with a map here, and there is none".to_owned(),
            areas => areas.iter().map(|(name, _)| format!("{name:?}")).collect::<Vec<_>>().join(" or "),
        }
    }
}
