//! What the ledger's cells add up to: all of it, days, hours of the day, hamlets.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::cells::{Belongs, HOURS};
use super::tally::{Open, Tally};
use super::{Books, Ledger};
use crate::kpi::{DayPart, Kpis, Part};
use mukae_supply::clock::Day;

impl Ledger {
    /// The figures so far.
    pub fn kpis(&self) -> Kpis {
        let cells = self.books.cells.hours().map(|(_, _, tally)| tally);
        sum(cells).kpis(self.books.open(|_| true))
    }

    /// Of each day on which something counts, in order.
    pub fn days(&self) -> BTreeMap<Date, Kpis> {
        let mut tallies: BTreeMap<Day, Tally> = BTreeMap::new();
        for (day, _, tally) in self.books.cells.hours() {
            tallies.entry(day).or_default().add(tally);
        }
        let of_day = |(day, tally): (Day, Tally)| (day.date(), tally.kpis(self.books.open(|of| of.day == day)));
        tallies.into_iter().map(of_day).collect()
    }

    /// The same, with what counts before or after these dates on the first or the last of them.
    pub fn days_within(&self, dates: &RangeInclusive<Date>) -> BTreeMap<Date, Kpis> {
        let (first, last) = (Day::of(*dates.start()), Day::of(*dates.end()));
        let within = |day: Day| day.clamp(first, last);
        let mut tallies: BTreeMap<Day, Tally> = BTreeMap::new();
        for (day, _, tally) in self.books.cells.hours() {
            tallies.entry(within(day)).or_default().add(tally);
        }
        let of_day = |(day, tally): (Day, Tally)| (day.date(), tally.kpis(self.books.open(|of| within(of.day) == day)));
        tallies.into_iter().map(of_day).collect()
    }

    pub fn day(&self, date: Date) -> Kpis {
        let day = Day::of(date);
        let cells = self.books.cells.hours().filter(|(of, ..)| *of == day).map(|(_, _, tally)| tally);
        sum(cells).kpis(self.books.open(|belongs| belongs.day == day))
    }

    /// Of the 24 hours of the day, of one date or of all dates together.
    pub fn hours(&self, date: Option<Date>) -> Vec<Kpis> {
        let day = date.map(Day::of);
        let is_of_day = |of: Day| day.is_none_or(|day| day == of);
        let mut tallies = vec![Tally::default(); usize::from(HOURS)];
        for (_, hour, tally) in self.books.cells.hours().filter(|(of, ..)| is_of_day(*of)) {
            tallies[usize::from(hour)].add(tally);
        }
        let open = |hour| self.books.open(move |belongs| is_of_day(belongs.day) && belongs.hour == hour);
        (0..HOURS).zip(tallies).map(|(hour, tally)| tally.kpis(open(hour))).collect()
    }

    /// Of hamlets in which something counts, by name; those of no rider last.
    pub fn hamlets(&self, date: Option<Date>) -> Vec<Part> {
        let day = date.map(Day::of);
        let is_of_day = |of: Day| day.is_none_or(|day| day == of);
        let mut tallies: BTreeMap<_, Tally> = BTreeMap::new();
        for (_, hamlet, tally) in self.books.cells.hamlets().filter(|(of, ..)| is_of_day(*of)) {
            tallies.entry(hamlet).or_default().add(tally);
        }
        let part = |(hamlet, tally): (_, Tally)| {
            let open = self.books.open(|belongs| is_of_day(belongs.day) && belongs.hamlet == hamlet);
            Part { name: self.books.hamlets.name(hamlet), kpis: tally.kpis(open) }
        };
        tallies.into_iter().map(part).collect()
    }

    /// What intervals of hours and hamlets are made of.
    pub fn day_parts(&self) -> (Vec<DayPart>, Vec<DayPart>) {
        let Books { cells, hamlets, .. } = &self.books;
        let part = |day: Day, name: String, tally: &Tally| DayPart {
            date: day.date(),
            name,
            requests: tally.requests,
            served: tally.served,
            waits: tally.wait_from_request.count(),
            wait_ms: tally.wait_from_request.sum(),
        };
        let has_requests = |tally: &Tally| 0 < tally.requests + tally.served;
        let of_hours = cells.hours().filter(|(.., tally)| has_requests(tally));
        let of_hamlets = cells.hamlets().filter(|(.., tally)| has_requests(tally));
        (
            of_hours.map(|(day, hour, tally)| part(day, hour.to_string(), tally)).collect(),
            of_hamlets.map(|(day, hamlet, tally)| part(day, hamlets.name(hamlet), tally)).collect(),
        )
    }
}

fn sum<'t>(tallies: impl Iterator<Item = &'t Tally>) -> Tally {
    tallies.fold(Tally::default(), |mut sum, tally| {
        sum.add(tally);
        sum
    })
}

impl Books {
    fn open(&self, is_of: impl Fn(&Belongs) -> bool) -> Open {
        let offers = self.offers.values().filter(|(_, ride)| is_of(&ride.asked.belongs));
        let bookings = self.bookings.iter().filter(|(_, ride)| is_of(&ride.asked.belongs));
        let unassigned = bookings.clone().filter(|(booking, _)| self.kept_waiting.is_unassigned(**booking));
        Open {
            offers_open: offers.map(|(quote, _)| quote).collect::<BTreeSet<_>>().len() as u64,
            bookings_open: bookings.count() as u64,
            unassigned: unassigned.count() as u64,
            shifts_open: self.shifts_open.values().filter(|(_, belongs)| is_of(belongs)).count() as u64,
        }
    }
}
