//! What a job leaves behind, and the tables that are made of many.
//!
//! Figures are whole numbers, exact and ready to be added: means, shares and prices are computed from them where they
//! are shown ([`Measure`](crate::compare::Measure)). One definition each: they are the [`Kpis`] of a run or a part of it.

mod figures;
mod parquet;
mod tables;

use serde::{Deserialize, Serialize};

use crate::kpi::{Part, WORST_OF_WAITS, worst};

pub use figures::Figures;
pub use tables::{Cell, Table, days, hamlets, hours, jobs};

/// The figures of one hamlet, over all days of a job.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hamlet {
    pub name: String,
    pub figures: Figures,
}

impl Hamlet {
    pub fn of(part: &Part) -> Hamlet {
        Hamlet { name: part.name.clone(), figures: Figures::of(&part.kpis, 0) }
    }

    /// The one where the tenth of riders that waits longest waits longest.
    pub fn worst(hamlets: &[Hamlet]) -> Option<&Hamlet> {
        worst(hamlets, |hamlet| (hamlet.figures.waits >= WORST_OF_WAITS as i64).then_some(hamlet.figures.wait_p90_ms))
    }
}

/// What one hour, or one hamlet, had on one day: `(day, hour or hamlet, requests, served, waits, wait_ms)`, the first two
/// as positions in the lists they are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DayPart(pub usize, pub usize, pub i64, pub i64, pub i64, pub i64);
