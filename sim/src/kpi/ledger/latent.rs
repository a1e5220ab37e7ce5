//! Latent requests: people who want to go somewhere, however often they ask.
//!
//! Who asks again for the same way at about the same time is the same demand, of which the outcome counts in which they
//! committed themselves the most. It counts where the first ask does.

use std::collections::BTreeMap;

use mukae_engine::model::Request;
use mukae_maps::Place;
use mukae_units::{RiderId, Span, Time};

use super::cells::{Belongs, Cells};
use super::tally::Tally;

/// Wished windows that begin no farther apart than this are one demand.
const SAME_WITHIN: Span = Span::from_mins(30);

/// How a request ended; the later in this list, the more its rider had committed themselves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Outcome {
    Open,
    Refused,
    Abandoned,
    LostToDelay,
    Failed,
    Cancelled,
    NoShow,
    Served,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Latents {
    all: Vec<(Belongs, Outcome)>,
    /// Of who is known: the last demand for a way, and when it was wished for.
    last: BTreeMap<(RiderId, Place, Place), (Time, usize)>,
}

impl Latents {
    /// The latent request that this ask is of: an earlier one, or its own.
    pub fn of(&mut self, request: &Request, belongs: Belongs, cells: &mut Cells) -> usize {
        let from = request.wish.window().earliest();
        let ends = request.origin.first().zip(request.destination.first());
        let key = request
            .rider
            .zip(ends)
            .map(|(rider, (origin, destination))| (rider, origin.spot.place, destination.spot.place));
        let apart = |before: Time| (before - from).max(from - before);
        if let Some(&(before, latent)) = key.and_then(|key| self.last.get(&key))
            && apart(before) <= SAME_WITHIN
        {
            return latent;
        }
        let latent = self.open(belongs, cells);
        key.into_iter().for_each(|key| _ = self.last.insert(key, (from, latent)));
        latent
    }

    /// One that is known already.
    pub fn open(&mut self, belongs: Belongs, cells: &mut Cells) -> usize {
        self.all.push((belongs, Outcome::Open));
        cells.count(belongs, |tally| tally.latent += 1);
        self.all.len() - 1
    }

    /// Ways that are asked for once more are known from before, as far as the demand is still open under a new number.
    pub fn keep(&mut self, before: Latents, number: &BTreeMap<usize, usize>) {
        let ways = before.last.into_iter();
        self.last = ways.filter_map(|(way, (wished, latent))| Some((way, (wished, *number.get(&latent)?)))).collect();
    }

    pub fn end(&mut self, latent: usize, outcome: Outcome, cells: &mut Cells) {
        let (belongs, best) = &mut self.all[latent];
        if *best < outcome {
            let before = std::mem::replace(best, outcome);
            cells.count(*belongs, |tally| {
                if let Some(count) = count_of(tally, before) {
                    *count -= 1;
                }
                if let Some(count) = count_of(tally, outcome) {
                    *count += 1;
                }
            });
        }
    }
}

fn count_of(tally: &mut Tally, outcome: Outcome) -> Option<&mut u64> {
    match outcome {
        Outcome::Served => Some(&mut tally.latent_served),
        Outcome::Refused => Some(&mut tally.latent_refused),
        Outcome::Abandoned => Some(&mut tally.latent_abandoned),
        Outcome::LostToDelay => Some(&mut tally.latent_lost),
        Outcome::Open | Outcome::Failed | Outcome::Cancelled | Outcome::NoShow => None,
    }
}
