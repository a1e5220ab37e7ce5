//! What is still going to happen, in the one order that every run of it has.
//!
//! Ordered by time, then class, then the number of whom it concerns, then insertion. Nothing in the
//! order depends on a thread, a hash or an address.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use mukae_units::Time;

/// What goes first when several things happen in the same millisecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Class {
    /// Maps, rules, vehicles, shifts to come.
    Setting,
    /// Riders ask and answer before anything moves: a car that leaves this instant can still be sent to them.
    Request,
    Vehicle,
}

/// Future occurrences, earliest first.
#[derive(Clone, Debug)]
pub struct Agenda<T> {
    /// What was known before the first thing happened, the latest first: a year of it, sorted once, read from its end.
    known: Vec<Entry<T>>,
    /// What has come up since: little at any one time, so it stays near.
    entries: BinaryHeap<Entry<T>>,
    has_begun: bool,
    /// Counts insertions, also those already taken out.
    inserted: u64,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    at: Time,
    class: Class,
    /// The number of the request or shift concerned.
    entity: u64,
    number: u64,
    what: T,
}

impl<T> Entry<T> {
    fn key(&self) -> (Time, Class, u64, u64) {
        (self.at, self.class, self.entity, self.number)
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<T> Eq for Entry<T> {}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Entry<T> {
    /// Reversed: the greatest entry is the next one.
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

impl<T> Agenda<T> {
    pub fn new() -> Agenda<T> {
        Agenda { known: Vec::new(), entries: BinaryHeap::new(), has_begun: false, inserted: 0 }
    }

    pub fn insert(&mut self, at: Time, class: Class, entity: u64, what: T) {
        let entry = Entry { at, class, entity, number: self.inserted, what };
        self.inserted += 1;
        match self.has_begun {
            true => self.entries.push(entry),
            false => self.known.push(entry),
        }
    }

    /// When the next thing happens.
    pub fn next_at(&mut self) -> Option<Time> {
        self.begin();
        self.known.last().max(self.entries.peek()).map(|entry| entry.at)
    }

    /// All that happens before, in order.
    pub fn take_before(&mut self, at: Time) -> Vec<(Time, T)> {
        let mut taken = Vec::new();
        while self.next_at().is_some_and(|next| next < at) {
            taken.extend(self.take_next());
        }
        taken
    }

    pub fn take_next(&mut self) -> Option<(Time, T)> {
        self.begin();
        let next = if self.entries.peek() < self.known.last() { self.known.pop() } else { self.entries.pop() };
        next.map(|entry| (entry.at, entry.what))
    }

    fn begin(&mut self) {
        if !self.has_begun {
            self.known.sort_unstable();
            self.has_begun = true;
        }
    }
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Agenda::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_then_class_then_entity_then_insertion() {
        let at = Time::from_unix_secs;
        let mut agenda = Agenda::new();
        agenda.insert(at(60), Class::Vehicle, 1, "v1 arrives");
        agenda.insert(at(60), Class::Request, 9, "r9 asks");
        agenda.insert(at(60), Class::Request, 2, "r2 asks");
        agenda.insert(at(60), Class::Request, 2, "r2 takes the offer");
        agenda.insert(at(59), Class::Vehicle, 7, "v7 departs");
        assert_eq!(agenda.next_at(), Some(at(59)));
        agenda.insert(at(60), Class::Setting, 50, "a shift is planned");
        agenda.insert(at(60), Class::Request, 2, "r2 cancels");
        let order: Vec<&str> = std::iter::from_fn(|| agenda.take_next()).map(|(_, what)| what).collect();
        assert_eq!(
            order,
            [
                "v7 departs",
                "a shift is planned",
                "r2 asks",
                "r2 takes the offer",
                "r2 cancels",
                "r9 asks",
                "v1 arrives"
            ]
        );
    }
}
