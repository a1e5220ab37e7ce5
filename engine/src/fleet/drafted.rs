//! Schedules as a decision in the making leaves them, over those of the state.

use mukae_units::ShiftId;
use smallvec::SmallVec;

use crate::State;
use crate::schedule::Schedule;

/// What a draft changes, and in which order: columns follow it as they follow the state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drafted {
    /// Tells the drafts of one [`Work`](crate::Work) apart; 0 for those in which nothing is ever drafted.
    number: u64,
    /// By shift, as most drafts have one or two; `None` for a schedule that ends.
    schedules: Vec<(ShiftId, Option<Schedule>)>,
    /// The shifts whose schedules came, changed or went back to the state's, in order.
    touched: SmallVec<[ShiftId; 4]>,
}

/// How much somebody has seen of which draft.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct DraftSeen {
    number: u64,
    count: usize,
}

impl Drafted {
    /// The draft that changes nothing.
    pub const NONE: Drafted = Drafted { number: 0, schedules: Vec::new(), touched: SmallVec::new_const() };

    pub fn new(number: u64) -> Drafted {
        Drafted { number, ..Drafted::default() }
    }

    fn find(&self, shift: ShiftId) -> Result<usize, usize> {
        self.schedules.binary_search_by_key(&shift, |&(shift, _)| shift)
    }

    /// `None` where the state's schedule stands.
    pub fn get(&self, shift: ShiftId) -> Option<Option<&Schedule>> {
        self.find(shift).ok().map(|index| self.schedules[index].1.as_ref())
    }

    pub fn put(&mut self, shift: ShiftId, schedule: Option<Schedule>) -> Option<Option<Schedule>> {
        self.touched.push(shift);
        match self.find(shift) {
            Ok(index) => Some(std::mem::replace(&mut self.schedules[index].1, schedule)),
            Err(index) => {
                self.schedules.insert(index, (shift, schedule));
                None
            }
        }
    }

    /// Back to what [`Drafted::put`] returned.
    pub fn put_back(&mut self, shift: ShiftId, before: Option<Option<Schedule>>) {
        self.touched.push(shift);
        let index = self.find(shift).expect("it was put there");
        match before {
            Some(schedule) => self.schedules[index].1 = schedule,
            None => _ = self.schedules.remove(index),
        }
    }

    /// Back to exactly these, in the order of their shifts.
    pub fn reset(&mut self, schedules: Vec<(ShiftId, Option<Schedule>)>) {
        let before = std::mem::replace(&mut self.schedules, schedules);
        self.touched.extend(before.iter().chain(&self.schedules).map(|(shift, _)| *shift));
    }

    pub fn is_empty(&self) -> bool {
        self.schedules.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (ShiftId, Option<&Schedule>)> {
        self.schedules.iter().map(|(shift, schedule)| (*shift, schedule.as_ref()))
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
