//! A journal told again, record by record, each decided again on the state and the roads that it was decided on.

use std::mem;
use std::sync::Arc;

use mukae_engine::model::MapId;
use mukae_engine::{Command, Memory, RoadsBefore, State, Work};
use mukae_maps::{Place, PreparedMap, RoadQuery};
use mukae_office::{Fact, Objection, Office, RoadService};
use mukae_record::{DecodeError, Divergence, Record, ReplayError, Scribe};
use thiserror::Error;

/// The state as the records so far leave it, and the roads as the office's measures do.
#[derive(Debug)]
pub struct Verifier {
    map: MapId,
    scribe: Scribe,
    office: Office,
    service: RoadService,
    query: RoadQuery,
    memory: Memory,
}

/// Why a journal does not say today what it said when it was written.
#[derive(Debug, Error)]
pub enum Different {
    #[error(
        "this journal was written on the map {written:016x}, this one is {given:016x}; give the --config that names the right map"
    )]
    Map { written: u64, given: u64 },
    #[error("record {sequence} can not be read: {source}")]
    Unreadable { sequence: u64, source: DecodeError },
    #[error("record {sequence} is decided differently now: {source}")]
    Decision { sequence: u64, source: Divergence },
    #[error("record {sequence}: the note can not be: {objection:?}")]
    Note { sequence: u64, objection: Objection },
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

impl Verifier {
    /// Before the first record.
    pub fn new(map: &Arc<PreparedMap>) -> Verifier {
        let office = Office::default();
        let service = RoadService::take_up(map, &office);
        let (scribe, memory) = (Scribe::new(), Memory::default());
        Verifier { map: MapId(map.checksum()), scribe, query: service.query(), office, service, memory }
    }

    /// The record that comes next; it is not taken yet.
    pub fn read(&self, bytes: &[u8]) -> Result<Record, Different> {
        let sequence = self.scribe.next_sequence();
        Record::from_bytes(bytes).map_err(|source| Different::Unreadable { sequence, source })
    }

    /// Decides the next record again, compares, and goes on to the state after it.
    pub fn take(&mut self, record: &Record, bytes: &[u8]) -> Result<(), Different> {
        if let Command::UseMap(written) = record.command()
            && *written != self.map
        {
            return Err(Different::Map { written: written.0, given: self.map.0 });
        }
        self.redecide(record, bytes)?;
        self.scribe.replay(bytes)?;
        Ok(())
    }

    pub fn scribe(&self) -> &Scribe {
        &self.scribe
    }

    pub fn state(&self) -> &State {
        self.scribe.state()
    }

    fn redecide(&mut self, record: &Record, bytes: &[u8]) -> Result<(), Different> {
        let (sequence, at) = (self.scribe.next_sequence(), record.at());
        match record.command() {
            Command::Note { content, .. } => {
                let fact = Fact::from_note(content).map_err(|source| Different::Unreadable { sequence, source })?;
                self.office.check(&fact).map_err(|objection| Different::Note { sequence, objection })?;
                self.redecide_here(bytes)?;
                self.office.apply(at, &fact);
            }
            Command::RoadsChanged { .. } => {
                let holding = self.office.measures_at(at);
                let (changes, mut before) = self.service.change(&self.office, &holding, &mut self.query);
                let may_differ = |from: Place, to: Place| changes.may_differ(from, to);
                let before = RoadsBefore { roads: &mut before, may_differ: &may_differ };
                let mut work = Work::after_change(&mut self.query, before);
                let again = self.scribe.redecide(bytes, &mut work);
                self.memory = work.into_memory();
                again.map_err(|source| Different::Decision { sequence, source })?;
                self.office.note_roads_changed(at);
            }
            _ => self.redecide_here(bytes)?,
        }
        Ok(())
    }

    fn redecide_here(&mut self, bytes: &[u8]) -> Result<(), Different> {
        let sequence = self.scribe.next_sequence();
        let mut work = Work::with(&mut self.query, mem::take(&mut self.memory));
        let again = self.scribe.redecide(bytes, &mut work);
        self.memory = work.into_memory();
        again.map(drop).map_err(|source| Different::Decision { sequence, source })
    }
}
