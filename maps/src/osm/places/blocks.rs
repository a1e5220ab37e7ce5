//! The blocks of an extract, walked several times; each damage is told once.

use std::path::Path;

use osmpbfreader::osmformat::PrimitiveBlock;

use crate::osm::ReadExtractError;
use crate::osm::blob::Blobs;
use crate::osm::block::{Fault, has_nodes};
use crate::osm::extract::next_data;

pub(super) struct Blocks<'p> {
    path: &'p Path,
    is_strict: bool,
    is_cut_short: bool,
    /// Of each block; made by the first pass.
    holds: Vec<Holds>,
    passes_done: u32,
    pub(super) damage: Vec<String>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Holds {
    pub(super) nodes: bool,
    pub(super) others: bool,
}

/// How often a file is walked at most.
const PASSES: f32 = 4.0;

impl<'p> Blocks<'p> {
    pub(super) fn new(path: &'p Path, is_strict: bool) -> Blocks<'p> {
        Blocks { path, is_strict, is_cut_short: false, holds: Vec::new(), passes_done: 0, damage: Vec::new() }
    }

    /// Shows each block that holds what is wanted to `visit`, which takes all of it or, if anything in it is wrong, nothing.
    pub(super) fn walk(
        &mut self,
        wanted: fn(Holds) -> bool,
        progress: &mut dyn FnMut(f32),
        visit: &mut dyn FnMut(&PrimitiveBlock) -> Result<(), Fault>,
    ) -> Result<(), ReadExtractError> {
        let (mut blobs, _) = Blobs::open(self.path)?;
        let is_first = self.passes_done == 0;
        let mut index = 0;
        loop {
            let blob = match next_data(&mut blobs, self.is_cut_short) {
                Ok(Some(blob)) => blob,
                Ok(None) => break,
                Err(damage) => {
                    self.is_cut_short = true;
                    self.skip(damage)?;
                    break;
                }
            };
            if !blob.is_data {
                continue;
            }
            if is_first {
                self.holds.push(Holds { nodes: true, others: true });
            }
            // A file that grew between two passes is read as far as it was known.
            let Some(&known) = self.holds.get(index) else { break };
            index += 1;
            if !wanted(known) {
                continue;
            }
            let read = blobs.data(&blob).and_then(|block| {
                visit(&block).map_err(|fault| blobs.damaged(blob.at, fault))?;
                let others =
                    block.primitivegroup.iter().any(|group| !group.ways.is_empty() || !group.relations.is_empty());
                Ok(Holds { nodes: has_nodes(&block), others })
            });
            match read {
                Ok(holds) => self.holds[index - 1] = holds,
                Err(damage) => {
                    self.skip(damage)?;
                    self.holds[index - 1] = Holds::default();
                }
            }
            progress((self.passes_done as f32 + blobs.progress()) / PASSES);
        }
        self.passes_done += 1;
        Ok(())
    }

    fn skip(&mut self, damage: ReadExtractError) -> Result<(), ReadExtractError> {
        if self.is_strict || !damage.is_damage() {
            return Err(damage);
        }
        self.damage.push(damage.to_string());
        Ok(())
    }
}
