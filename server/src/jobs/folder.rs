//! Where jobs lie: a directory for each, and in it all that it was given and all that came of it.
//!
//! ```text
//! simulations/lock                        one server at a time
//! simulations/new-1775070000123/          being looked at; gone after a start
//! simulations/s1775070000123/record.json  how it stands
//!                            scenario.toml, attached/, results/, figures.json, report.html, log.txt
//! ```
//! A directory becomes a job's by one renaming, and a record is replaced by another, so that whatever interrupts the
//! server leaves whole jobs or none.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::kind::{self, ATTACHED, Kind, RESULTS, SCENARIO};
use super::now_ms;
use super::record::{Asked, Known, Record};

const LOCK: &str = "lock";
const RECORD: &str = "record.json";
/// What was attached may be about people: for the server's own user only.
const DIR_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    /// Held as long as anybody uses the directory.
    lock: Arc<File>,
}

/// What an earlier server left.
pub struct Found {
    pub records: Vec<Record>,
    pub unreadable: Vec<String>,
}

/// A job that is laid out and not yet one.
#[derive(Debug)]
pub struct Draft {
    pub record: Record,
    directory: PathBuf,
}

impl Folder {
    pub fn open(root: &Path) -> Result<(Folder, Found), String> {
        let root = std::path::absolute(root).map_err(|error| error.to_string())?;
        let lock = lock(&root)?;
        let folder = Folder { root, lock: Arc::new(lock) };
        let found = folder.find().map_err(|error| error.to_string())?;
        Ok((folder, found))
    }

    pub fn unlock(&self) {
        if let Err(error) = self.lock.unlock() {
            tracing::warn!("{} stays locked until this process ends: {error}", self.root.display());
        }
    }

    /// Reads all records; what was under way or being looked at is put in order.
    fn find(&self) -> io::Result<Found> {
        let mut found = Found { records: Vec::new(), unreadable: Vec::new() };
        for entry in fs::read_dir(&self.root)? {
            let directory = entry?.path();
            let name = directory.file_name().and_then(OsStr::to_str).unwrap_or_default();
            if name.starts_with("new-") {
                fs::remove_dir_all(&directory)?;
            } else if directory.is_dir() && name.starts_with('s') {
                let wrong = |error: String| format!("{}: {error}", directory.join(RECORD).display());
                match self.read(&directory) {
                    Ok(record) => found.records.push(record),
                    Err(error) => found.unreadable.push(wrong(error)),
                }
            }
        }
        Ok(found)
    }

    fn read(&self, directory: &Path) -> Result<Record, String> {
        let bytes = fs::read(directory.join(RECORD)).map_err(|error| error.to_string())?;
        let record: Record = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        if self.directory(record.id) != directory {
            return Err("it is of another directory".to_owned());
        }
        if Kind::of_word(&record.kind).is_none() {
            return Err(format!("this program knows nothing of a {}", record.kind));
        }
        let taken_up = record.clone().taken_up(now_ms());
        if taken_up != record {
            self.write(&taken_up).map_err(|error| error.to_string())?;
        }
        Ok(taken_up)
    }

    pub fn directory(&self, id: u64) -> PathBuf {
        self.root.join(format!("s{id}"))
    }

    /// Where a file lies that the record knows.
    pub fn file(&self, record: &Record, file: &str) -> PathBuf {
        let directory = self.directory(record.id);
        let of_results = directory.join(RESULTS).join(file);
        if of_results.is_file() { of_results } else { directory.join(file) }
    }

    /// Puts what somebody sent where a child can look at it.
    pub fn lay_out(&self, record: Record, scenario: &str, attachments: &[(String, Vec<u8>)]) -> io::Result<Draft> {
        let draft = Draft { directory: self.root.join(format!("new-{}", record.id)), record };
        let laid_out = || {
            make(&draft.directory)?;
            make(&draft.directory.join(ATTACHED))?;
            put(&draft.directory.join(SCENARIO), scenario.as_bytes())?;
            attachments.iter().try_for_each(|(name, bytes)| put(&draft.directory.join(ATTACHED).join(name), bytes))?;
            File::open(draft.directory.join(ATTACHED))?.sync_all()
        };
        match laid_out() {
            Ok(()) => Ok(draft),
            Err(error) => {
                draft.discard();
                Err(error)
            }
        }
    }

    /// Where a draft of this id lies.
    pub fn draft(&self, id: u64) -> PathBuf {
        self.root.join(format!("new-{id}"))
    }

    /// Whole, or as it was.
    pub fn write(&self, record: &Record) -> io::Result<()> {
        write_in(&self.directory(record.id), record)
    }

    /// Takes all but the record away.
    pub fn clear(&self, id: u64) -> io::Result<()> {
        for entry in fs::read_dir(self.directory(id))? {
            let path = entry?.path();
            match path.file_name() {
                Some(name) if name == RECORD => {}
                _ if path.is_dir() => fs::remove_dir_all(&path)?,
                _ => fs::remove_file(&path)?,
            }
        }
        Ok(())
    }

    pub fn remove(&self, id: u64) -> io::Result<()> {
        fs::remove_dir_all(self.directory(id))
    }

    /// What can be fetched of a job, by name, and what all of it holds.
    pub fn measure(&self, id: u64) -> io::Result<(Vec<Known>, u64)> {
        measure(&self.directory(id))
    }
}

impl Draft {
    pub fn called(mut self, scenario_name: String) -> Draft {
        self.record.scenario_name = scenario_name;
        self
    }

    pub fn discard(&self) {
        if let Err(error) = fs::remove_dir_all(&self.directory)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("{} can not be removed: {error}", self.directory.display());
        }
    }

    /// From here on it is a job.
    pub fn keep(self, folder: &Folder, asked: Option<Asked>) -> io::Result<Record> {
        let Draft { mut record, directory } = self;
        record.requests.extend(asked);
        (record.files, record.bytes) = measure(&directory)?;
        write_in(&directory, &record)?;
        fs::rename(&directory, folder.directory(record.id))?;
        File::open(&folder.root)?.sync_all()?;
        Ok(record)
    }
}

fn lock(root: &Path) -> Result<File, String> {
    let made = match root.is_dir() {
        true => Ok(()),
        false => make(root),
    };
    let file = made.and_then(|()| {
        OpenOptions::new().create(true).write(true).truncate(false).mode(FILE_MODE).open(root.join(LOCK))
    });
    let file = file.map_err(|error| error.to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err("another server keeps its simulations there".to_owned()),
        Err(TryLockError::Error(error)) => Err(error.to_string()),
    }
}

fn make(directory: &Path) -> io::Result<()> {
    DirBuilder::new().mode(DIR_MODE).create(directory)
}

fn put(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create_new(true).write(true).mode(FILE_MODE).open(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn write_in(directory: &Path, record: &Record) -> io::Result<()> {
    let bytes = serde_json::to_vec_pretty(record).expect("a record is names and numbers");
    let beside = directory.join("record.new");
    if beside.exists() {
        fs::remove_file(&beside)?;
    }
    put(&beside, &bytes)?;
    fs::rename(&beside, directory.join(RECORD))?;
    File::open(directory)?.sync_all()
}

fn measure(directory: &Path) -> io::Result<(Vec<Known>, u64)> {
    let (mut known, mut all) = (Vec::new(), 0);
    let mut rest = vec![directory.to_owned()];
    while let Some(next) = rest.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            let found = path.symlink_metadata()?;
            if found.is_dir() {
                rest.push(path);
                continue;
            }
            all += found.len();
            let inner = path.strip_prefix(directory).expect("it was found there");
            if found.is_file()
                && kind::is_told(inner)
                && let Some(inner) = inner.to_str()
            {
                known.push(Known { file: kind::told_as(inner).to_owned(), bytes: found.len() });
            }
        }
    }
    known.sort_by(|one, other| one.file.cmp(&other.file));
    Ok((known, all))
}
