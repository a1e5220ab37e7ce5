//! Schedules as a decision in the making leaves them, over those of the state.

use std::collections::BTreeMap;

use mukae_units::ShiftId;

use crate::State;
use crate::schedule::Schedule;

/// What a draft changes, and in which order: columns follow it as they follow the state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drafted {
    /// Tells the drafts of one [`Work`](crate::Work) apart; 0 for those in which nothing is ever drafted.
    number: u64,
    /// `None` for a schedule that ends.
    schedules: BTreeMap<ShiftId, Option<Box<Schedule>>>,
    /// The shifts whose schedules came, changed or went back to the state's, in order.
    touched: Vec<ShiftId>,
}

/// How much somebody has seen of which draft.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct DraftSeen {
    number: u64,
    count: usize,
}

impl Drafted {
    /// The draft that changes nothing.
    pub const NONE: Drafted = Drafted { number: 0, schedules: BTreeMap::new(), touched: Vec::new() };

    pub fn new(number: u64) -> Drafted {
        Drafted { number, ..Drafted::default() }
    }

    /// `None` where the state's schedule stands.
    pub fn get(&self, shift: ShiftId) -> Option<Option<&Schedule>> {
        self.schedules.get(&shift).map(Option::as_deref)
    }

    pub fn put(&mut self, shift: ShiftId, schedule: Option<Schedule>) -> Option<Option<Box<Schedule>>> {
        self.touched.push(shift);
        self.schedules.insert(shift, schedule.map(Box::new))
    }

    /// Back to what [`Drafted::put`] returned.
    pub fn put_back(&mut self, shift: ShiftId, before: Option<Option<Box<Schedule>>>) {
        self.touched.push(shift);
        match before {
            Some(schedule) => self.schedules.insert(shift, schedule),
            None => self.schedules.remove(&shift),
        };
    }

    pub fn is_empty(&self) -> bool {
        self.schedules.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (ShiftId, Option<&Schedule>)> {
        self.schedules.iter().map(|(&shift, schedule)| (shift, schedule.as_deref()))
    }

    /// The schedule as this draft leaves it, if there is one.
    pub fn schedule<'a>(&'a self, state: &'a State, shift: ShiftId) -> Option<&'a Schedule> {
        match self.get(shift) {
            Some(drafted) => drafted,
            None => state.schedules.get(&shift).map(AsRef::as_ref),
        }
    }

    /// What was touched since, if `seen` is of this draft.
    pub fn since(&self, seen: DraftSeen) -> Option<&[ShiftId]> {
        (seen.number == self.number).then(|| &self.touched[seen.count..])
    }

    /// Everything that was ever touched.
    pub fn touched(&self) -> &[ShiftId] {
        &self.touched
    }

    pub fn seen(&self) -> DraftSeen {
        DraftSeen { number: self.number, count: self.touched.len() }
    }
}
