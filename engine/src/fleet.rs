//! All schedules as columns: what a search looks at before it looks at any schedule.
//!
//! [`Changes`] says which schedules changed since one last looked; [`Columns`] follows them. Neither is
//! state: both follow from it and are forgotten with the process.

mod buckets;
mod changes;
mod columns;
mod groups;

pub(crate) use changes::Changes;
pub(crate) use columns::{Columns, End, Gap, Last};
pub(crate) use groups::GapOutline;
