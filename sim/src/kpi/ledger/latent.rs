//! Counts latent requests: people who want to go somewhere, however often they ask (`mukae_supply::latent`).

use std::collections::BTreeMap;

use mukae_engine::model::Request;
use mukae_supply::{Commitment, Latents, Wanted};

use super::cells::{Belongs, Cells};
use super::tally::Tally;

#[derive(Clone, Debug, Default)]
pub(super) struct LatentCounts {
    latents: Latents,
    /// Of each of them.
    belongs: Vec<Belongs>,
}

impl LatentCounts {
    /// The latent request that this ask is of: an earlier one, or its own.
    pub fn of(&mut self, request: &Request, belongs: Belongs, cells: &mut Cells) -> usize {
        let found = self.latents.find(&Wanted::of(request));
        if found.is_new {
            self.count(belongs, cells);
        }
        found.latent
    }

    /// One that is known already.
    pub fn open(&mut self, belongs: Belongs, cells: &mut Cells) -> usize {
        self.count(belongs, cells);
        self.latents.open()
    }

    fn count(&mut self, belongs: Belongs, cells: &mut Cells) {
        self.belongs.push(belongs);
        cells.count(belongs, |tally| tally.latent += 1);
    }

    /// Ways that are asked for once more are known from before, as far as the demand is still open under a new number.
    pub fn keep(&mut self, before: LatentCounts, number: &BTreeMap<usize, usize>) {
        self.latents.keep(before.latents, number);
    }

    pub fn end(&mut self, latent: usize, commitment: Commitment, cells: &mut Cells) {
        let Some(before) = self.latents.end(latent, commitment) else { return };
        cells.count(self.belongs[latent], |tally| {
            if let Some(count) = count_of(tally, before) {
                *count -= 1;
            }
            if let Some(count) = count_of(tally, commitment) {
                *count += 1;
            }
        });
    }
}

fn count_of(tally: &mut Tally, commitment: Commitment) -> Option<&mut u64> {
    match commitment {
        Commitment::Served => Some(&mut tally.latent_served),
        Commitment::Refused => Some(&mut tally.latent_refused),
        Commitment::Abandoned | Commitment::SearchOnly => Some(&mut tally.latent_abandoned),
        Commitment::LostToDelay => Some(&mut tally.latent_lost),
        Commitment::Open
        | Commitment::UnmetCall
        | Commitment::DeadlineMissed
        | Commitment::Booked
        | Commitment::Failed
        | Commitment::Cancelled
        | Commitment::NoShow => None,
    }
}
