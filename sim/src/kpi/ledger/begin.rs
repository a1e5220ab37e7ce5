//! Counting that begins on the way: what has ended is not counted, what is open is counted from here on, whole.

use std::collections::BTreeMap;

use mukae_units::{OfferId, Time};

use super::ride::Asked;
use super::{Books, Cells, LatentCounts, Ledger};
use crate::kpi::hamlets::Hamlet;

impl Ledger {
    /// From here on counts requests that are still open, and those to come. Returns how many are open.
    pub fn begin(&mut self, at: Time) -> usize {
        self.books.begin(at)
    }
}

impl Books {
    fn begin(&mut self, at: Time) -> usize {
        self.cells = Cells::default();
        self.asks_of_week.clear();
        self.week = self.clock.day(at).week();
        let mut latent_of: BTreeMap<usize, usize> = BTreeMap::new();
        let before = std::mem::take(&mut self.latents);
        let mut again = |cells: &mut Cells, latents: &mut LatentCounts, asked: Asked| {
            let belongs = cells.find(asked.belongs.day, asked.belongs.hour, asked.belongs.hamlet);
            let latent = *latent_of.entry(asked.latent).or_insert_with(|| latents.open(belongs, cells));
            Asked { belongs, latent, ..asked }
        };
        let Books { cells, latents, offers, bookings, .. } = self;
        let mut quotes: BTreeMap<OfferId, Asked> = BTreeMap::new();
        for (quote, ride) in offers.values_mut() {
            ride.asked = *quotes.entry(*quote).or_insert_with(|| again(cells, latents, ride.asked));
        }
        for ride in bookings.values_mut() {
            ride.asked = again(cells, latents, ride.asked);
        }
        let open: Vec<Asked> = quotes.values().copied().chain(bookings.values().map(|ride| ride.asked)).collect();
        for asked in &open {
            cells.count(asked.belongs, |tally| {
                tally.requests += 1;
                tally.offered += 1;
                *tally.requests_by_channel.entry(asked.channel).or_default() += 1;
            });
        }
        for ride in bookings.values() {
            cells.count(ride.asked.belongs, |tally| tally.confirmed += 1);
        }
        latents.keep(before, &latent_of);
        self.begin_asks();
        self.begin_shifts(at);
        open.len()
    }

    /// Drivers who have not answered yet are asked now.
    fn begin_asks(&mut self) {
        for (&booking, ride) in &self.bookings {
            let Some(driver) = self.kept_waiting.asked(booking) else { continue };
            let asks = self.asks_of_week.entry(driver).or_default();
            *asks += 1;
            let asks_of_driver = *asks;
            self.cells.count(ride.asked.belongs, |tally| {
                tally.asks += 1;
                tally.asks_week_max = tally.asks_week_max.max(asks_of_driver);
            });
        }
    }

    /// Hours of work count from now on.
    fn begin_shifts(&mut self, at: Time) {
        let hour = self.clock.hour(at);
        for (opened, belongs) in self.shifts_open.values_mut() {
            *opened = (*opened).max(at);
            *belongs = self.cells.find(belongs.day, hour, Hamlet::NOBODYS);
        }
    }
}
