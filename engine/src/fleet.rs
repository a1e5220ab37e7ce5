//! All schedules as columns: what a search looks at before it looks at any schedule.
//!
//! [`Changes`] says which schedules changed since one last looked, [`Drafted`] what the decision in the making has
//! changed; [`Columns`] follows both. None of them is state: they follow from it and are forgotten with the process.

mod buckets;
mod changes;
mod columns;
mod drafted;
mod gaps;
mod groups;

pub(crate) use changes::Changes;
pub(crate) use columns::Columns;
pub(crate) use drafted::{DraftSeen, Drafted};
pub(crate) use gaps::{End, Gap, Last, last_called};
pub(crate) use groups::GapOutline;
