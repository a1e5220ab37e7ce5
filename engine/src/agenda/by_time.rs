//! Things filed by time, each under one time or under none.
//!
//! What is filed moves often and is looked for seldom: so a move leaves the entry before it behind, void, for a heap to
//! come across, which costs less than to find it in a tree.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use mukae_units::Time;

#[derive(Clone, Debug)]
pub(super) struct ByTime<Id> {
    time_of: BTreeMap<Id, Time>,
    /// Has an entry for each of `time_of`, and void ones besides; never a void one on top.
    heap: BinaryHeap<Reverse<(Time, Id)>>,
}

/// So many void entries may pile up before they are swept.
const VOID_MAX: usize = 64;

impl<Id: Copy + Ord> ByTime<Id> {
    /// Files `id` under another time, or takes it out.
    pub fn file(&mut self, id: Id, at: Option<Time>) {
        let before = match at {
            Some(at) => self.time_of.insert(id, at),
            None => self.time_of.remove(&id),
        };
        if before == at {
            return;
        }
        if let Some(at) = at {
            self.heap.push(Reverse((at, id)));
        }
        while let Some(&Reverse(top)) = self.heap.peek()
            && !self.is_live(top)
        {
            self.heap.pop();
        }
        if 2 * self.time_of.len() + VOID_MAX < self.heap.len() {
            self.heap = self.time_of.iter().map(|(&id, &at)| Reverse((at, id))).collect();
        }
    }

    pub fn first(&self) -> Option<Time> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// All that are filed under `now` or before, by id.
    pub fn due(&self, now: Time) -> Vec<Id> {
        let entries = self.heap.as_slice();
        // no entry of a heap comes before the one above it
        let (mut due, mut ahead) = (Vec::new(), vec![0]);
        while let Some(index) = ahead.pop() {
            if let Some(&Reverse(entry)) = entries.get(index).filter(|Reverse((at, _))| *at <= now) {
                due.extend(Some(entry.1).filter(|_| self.is_live(entry)));
                ahead.extend([2 * index + 1, 2 * index + 2]);
            }
        }
        due.sort_unstable();
        due.dedup(); // who came back to a time has two entries there
        due
    }

    fn is_live(&self, (at, id): (Time, Id)) -> bool {
        self.time_of.get(&id) == Some(&at)
    }

    /// The heap's entries that are not void.
    fn live(&self) -> Vec<(Time, Id)> {
        let mut live: Vec<_> =
            self.heap.iter().map(|Reverse(entry)| *entry).filter(|&entry| self.is_live(entry)).collect();
        live.sort_unstable();
        live.dedup();
        live
    }
}

impl<Id> Default for ByTime<Id>
where
    Id: Ord,
{
    fn default() -> ByTime<Id> {
        ByTime { time_of: BTreeMap::new(), heap: BinaryHeap::new() }
    }
}

/// Void entries tell how it came to be so, not what is filed.
impl<Id: Copy + Ord> PartialEq for ByTime<Id> {
    fn eq(&self, other: &ByTime<Id>) -> bool {
        self.time_of == other.time_of && self.live() == other.live()
    }
}

impl<Id: Copy + Ord> Eq for ByTime<Id> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_is_what_was_filed_last() {
        for seed in 1..200_u64 {
            let mut lot = seed;
            let mut below = |count: u64| {
                lot = lot.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (lot >> 33) % count
            };
            let (mut filed, mut known) = (ByTime::default(), BTreeMap::new());
            for step in 0..600 {
                let (id, at) = (below(12), Time::from_unix_secs(below(40) as i64));
                match below(4) {
                    0 => _ = (filed.file(id, None), known.remove(&id)),
                    _ => _ = (filed.file(id, Some(at)), known.insert(id, at)),
                }
                assert_eq!(filed.first(), known.values().min().copied(), "seed {seed}, step {step}");
                let now = Time::from_unix_secs(below(40) as i64);
                let due: Vec<u64> = known.iter().filter(|(_, at)| **at <= now).map(|(id, _)| *id).collect();
                assert_eq!(filed.due(now), due, "seed {seed}, step {step}");
                assert!(filed.heap.len() <= 2 * 12 + VOID_MAX, "seed {seed}, step {step}");
            }
            let mut anew = ByTime::default();
            known.iter().for_each(|(&id, &at)| anew.file(id, Some(at)));
            assert_eq!(filed, anew, "seed {seed}");
            anew.file(99, Some(Time::from_unix_secs(50)));
            assert_ne!(filed, anew, "seed {seed}");
        }
    }
}
