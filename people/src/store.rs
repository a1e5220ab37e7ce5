//! The file: a redb database, of which no byte outlives what it says.
//!
//! redb writes changed pages elsewhere and leaves the old ones as they are until they are needed again. So whenever
//! something was replaced or erased, what is left is copied into a new file that takes the old one's place. A mark in
//! the file says that this is still to be done, for the case that we end in between.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use redb::{
    Builder, Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction,
    backends::{FileBackend, InMemoryBackend},
};

use crate::person::Key;

/// The version of what we write into the file.
const SCHEMA: u64 = 1;
/// Of the database's pages in memory; everything is in our own memory, too.
const CACHE_BYTES: usize = 4 << 20;

const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
const RIDERS: TableDefinition<(&str, u64), &[u8]> = TableDefinition::new("riders");
const REQUESTS: TableDefinition<[u8; 32], &[u8]> = TableDefinition::new("requests");

const SCHEMA_KEY: &str = "schema";
/// Not zero: the file holds traces of what is not there any more.
const TRACES_KEY: &str = "traces";

/// Why the store can not be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "{}: written by a newer program (version {found}, this one knows {SCHEMA}); start the newer one",
        file.display()
    )]
    Newer { file: PathBuf, found: u64 },
    #[error("{}: another process has it open; each server needs a `[people] file` of its own", file.display())]
    InUse { file: PathBuf },
    #[error(
        "{}: damaged or no store of riders' data ({reason}); put a backup in its place, or move it away to begin with \
         an empty one (docs/personal-data.md)",
        file.display()
    )]
    Damaged { file: PathBuf, reason: String },
    #[error("{}: cannot be opened: {source}", file.display())]
    Io { file: PathBuf, source: io::Error },
}

/// A change that is not known to be durable, or of which traces may be left. The same request may be sent again.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the store of riders' data cannot be written: {0}")]
pub struct WriteError(pub String);

/// What one change writes, all of it or nothing.
#[derive(Debug, Default)]
pub struct Batch<'a> {
    /// `None`: taken out.
    pub rider: Option<(&'a Key, Option<Vec<u8>>)>,
    pub requests: Vec<([u8; 32], Option<Vec<u8>>)>,
    /// Something that was there is there no more.
    pub leaves_traces: bool,
}

#[derive(Debug)]
pub struct Store {
    database: Database,
    /// `None`: in memory.
    file: Option<PathBuf>,
    /// Something that is not there any more may still be read in the file.
    has_traces: bool,
}

/// All that a file holds.
#[derive(Default)]
pub struct Content {
    pub riders: Vec<(Key, Vec<u8>)>,
    pub requests: Vec<([u8; 32], Vec<u8>)>,
}

impl Store {
    pub fn in_memory() -> Store {
        let database = fresh_in_memory().expect("memory does not fail");
        Store { database, file: None, has_traces: false }
    }

    /// Opens the file, or begins one. Traces that were left by an interrupted change are gone afterwards.
    pub fn open(file: &Path) -> Result<(Store, Content), OpenError> {
        let io = |source| OpenError::Io { file: file.to_owned(), source };
        let damaged = |reason: String| OpenError::Damaged { file: file.to_owned(), reason };
        // a new file that never took the place of the old one
        match fs::remove_file(next_to(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        if !fs::exists(file).map_err(io)? {
            if let Some(directory) = file.parent().filter(|directory| *directory != Path::new("")) {
                fs::create_dir_all(directory).map_err(io)?;
            }
            // built elsewhere: a file of this name is whole, or is not there
            let database = fresh_file(&next_to(file)).map_err(|error| damaged(error.to_string()))?;
            drop(database);
            fs::rename(next_to(file), file).map_err(io)?;
            sync_directory(file).map_err(io)?;
        }
        let opened = builder().set_check_integrity_on_open(true).open(file);
        let database = opened.map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => OpenError::InUse { file: file.to_owned() },
            DatabaseError::Storage(redb::StorageError::Io(source)) if is_about_access(&source) => io(source),
            error => damaged(error.to_string()),
        })?;
        let (found, has_traces, content) = read(&database).map_err(|error| damaged(error.to_string()))?;
        if found != SCHEMA {
            return Err(OpenError::Newer { file: file.to_owned(), found });
        }
        let mut store = Store { database, file: Some(file.to_owned()), has_traces };
        store.sweep().map_err(|error| io(io::Error::other(error.0)))?;
        Ok((store, content))
    }

    /// Written and synced when this returns; traces are swept away separately.
    pub fn write(&mut self, batch: &Batch<'_>) -> Result<(), WriteError> {
        let has_traces = self.has_traces || batch.leaves_traces;
        self.commit(batch, has_traces).map_err(failed)?;
        self.has_traces = has_traces;
        Ok(())
    }

    fn commit(&self, batch: &Batch<'_>, has_traces: bool) -> Result<(), redb::Error> {
        let transaction = begin(&self.database)?;
        {
            if let Some((key, value)) = &batch.rider {
                let mut riders = transaction.open_table(RIDERS)?;
                let key = (key.tenant.as_str(), key.rider);
                match value {
                    Some(value) => riders.insert(key, value.as_slice())?,
                    None => riders.remove(key)?,
                };
            }
            let mut requests = transaction.open_table(REQUESTS)?;
            for (id, value) in &batch.requests {
                match value {
                    Some(value) => requests.insert(id, value.as_slice())?,
                    None => requests.remove(id)?,
                };
            }
            transaction.open_table(META)?.insert(TRACES_KEY, u64::from(has_traces))?;
        }
        Ok(transaction.commit()?)
    }

    /// Copies what is left into a new file that takes the place of this one. Nothing of what was replaced or erased is
    /// in it.
    pub fn sweep(&mut self) -> Result<(), WriteError> {
        if !self.has_traces {
            return Ok(());
        }
        let copied = match &self.file {
            None => fresh_in_memory().and_then(|fresh| copy(&self.database, fresh)).map_err(failed)?,
            Some(file) => {
                let next = next_to(file);
                let fresh = fresh_file(&next).map_err(failed)?;
                let copied = copy(&self.database, fresh).map_err(failed)?;
                let replaced = fs::rename(&next, file).and_then(|()| sync_directory(file));
                replaced.map_err(|error| WriteError(error.to_string()))?;
                copied
            }
        };
        self.database = copied;
        self.has_traces = false;
        Ok(())
    }
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// An empty store in a new file that only its owner can read.
fn fresh_file(path: &Path) -> Result<Database, redb::Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    laid_out(builder().create_with_backend(FileBackend::new(options.open(path)?)?)?)
}

fn fresh_in_memory() -> Result<Database, redb::Error> {
    laid_out(builder().create_with_backend(InMemoryBackend::new())?)
}

/// With all its tables.
fn laid_out(database: Database) -> Result<Database, redb::Error> {
    let transaction = begin(&database)?;
    {
        let mut meta = transaction.open_table(META)?;
        meta.insert(SCHEMA_KEY, SCHEMA)?;
        meta.insert(TRACES_KEY, 0)?;
        transaction.open_table(RIDERS)?;
        transaction.open_table(REQUESTS)?;
    }
    transaction.commit()?;
    Ok(database)
}

/// Synced when it commits, and so that a bit that falls over is noticed rather than taken for an unfinished write.
fn begin(database: &Database) -> Result<WriteTransaction, redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate).map_err(redb::Error::from)?;
    transaction.set_two_phase_commit(true);
    Ok(transaction)
}

fn copy(from: &Database, to: Database) -> Result<Database, redb::Error> {
    let (reading, writing) = (from.begin_read()?, begin(&to)?);
    {
        let mut riders = writing.open_table(RIDERS)?;
        for row in reading.open_table(RIDERS)?.iter()? {
            let (key, value) = row?;
            riders.insert(key.value(), value.value())?;
        }
        let mut requests = writing.open_table(REQUESTS)?;
        for row in reading.open_table(REQUESTS)?.iter()? {
            let (key, value) = row?;
            requests.insert(key.value(), value.value())?;
        }
    }
    writing.commit()?;
    Ok(to)
}

/// The version, whether traces are left, and everything.
fn read(database: &Database) -> Result<(u64, bool, Content), redb::Error> {
    let reading = database.begin_read()?;
    let meta = reading.open_table(META)?;
    let number = |key: &str| -> Result<u64, redb::Error> {
        let found = meta.get(key)?;
        found.map(|found| found.value()).ok_or_else(|| redb::Error::Corrupted(format!("`{key}` is missing")))
    };
    let (schema, traces) = (number(SCHEMA_KEY)?, number(TRACES_KEY)?);
    let mut content = Content::default();
    if schema == SCHEMA {
        for row in reading.open_table(RIDERS)?.iter()? {
            let (key, value) = row?;
            let (tenant, rider) = key.value();
            content.riders.push((Key { tenant: tenant.to_owned(), rider }, value.value().to_owned()));
        }
        for row in reading.open_table(REQUESTS)?.iter()? {
            let (key, value) = row?;
            content.requests.push((key.value(), value.value().to_owned()));
        }
    }
    Ok((schema, traces != 0, content))
}

fn next_to(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".next");
    file.with_file_name(name)
}

/// A name is durable when its directory is.
fn sync_directory(file: &Path) -> io::Result<()> {
    let directory = file.parent().filter(|directory| *directory != Path::new("")).unwrap_or(Path::new("."));
    File::open(directory)?.sync_all()
}

/// Not a matter of what is in the file.
fn is_about_access(error: &io::Error) -> bool {
    !matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

fn failed(error: redb::Error) -> WriteError {
    WriteError(error.to_string())
}
