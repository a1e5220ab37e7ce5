//! What a search goes over, and whom it leaves out.

use std::collections::BTreeMap;

use mukae_units::{DriverId, ShiftId};

use crate::State;
use crate::fleet::{Changes, Columns, Drafted};
use crate::model::{Asking, Shift};
use crate::schedule::Schedule;

/// The schedules a search goes over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FleetView<'a> {
    pub state: &'a State,
    pub changes: &'a Changes,
    /// Schedules that differ from the state's.
    pub drafted: &'a Drafted,
    pub among: Among<'a>,
    /// Set if only what is cheaper is of use.
    pub cost_limit: Option<i64>,
}

/// The schedules that are looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Among<'a> {
    pub only: Option<ShiftId>,
    pub not: &'a [ShiftId],
    pub not_driven_by: &'a [DriverId],
    /// None whose driver would have to be asked.
    pub bound: bool,
}

impl Among<'_> {
    pub const ALL: Among<'static> = Among { only: None, not: &[], not_driven_by: &[], bound: false };

    pub(super) fn has(&self, schedule: &Schedule) -> bool {
        let Shift { id, driver, .. } = &*schedule.shift;
        self.only.is_none_or(|only| only == *id)
            && !self.not.contains(id)
            && driver.is_none_or(|driver| !self.not_driven_by.contains(&driver))
            && (!self.bound || schedule.asking == Asking::Unneeded)
    }
}

impl<'a> FleetView<'a> {
    /// All of them as the state has them, at any cost.
    pub fn unchanged(state: &'a State, changes: &'a Changes) -> Self {
        static NONE: Drafted = Drafted::NONE;
        FleetView::of(state, changes, &NONE)
    }

    /// All of them, at any cost.
    pub fn of(state: &'a State, changes: &'a Changes, drafted: &'a Drafted) -> Self {
        FleetView { state, changes, drafted, among: Among::ALL, cost_limit: None }
    }

    pub(super) fn schedule(&self, shift: ShiftId) -> &'a Schedule {
        self.drafted.schedule(self.state, shift).expect("columns follow the schedules there are")
    }

    /// All of them, whoever is looked for, in the order of shifts.
    pub(super) fn schedules(&self) -> Vec<&'a Schedule> {
        let drafted: BTreeMap<ShiftId, Option<&Schedule>> = self.drafted.iter().collect();
        let is_as_before = |schedule: &&Schedule| !drafted.contains_key(&schedule.shift.id);
        let before = self.state.schedules.values().map(AsRef::as_ref).filter(is_as_before);
        let mut schedules: Vec<&Schedule> = before.chain(drafted.values().copied().flatten()).collect();
        schedules.sort_by_key(|schedule| schedule.shift.id);
        schedules
    }

    /// What no column tells of, in the order of shifts.
    pub(super) fn without_columns(&self, columns: &Columns) -> Vec<&'a Schedule> {
        columns.apart.iter().map(|&shift| self.schedule(shift)).filter(|one| self.among.has(one)).collect()
    }
}
