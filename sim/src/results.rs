//! What a job leaves behind, and the tables that are made of many.
//!
//! Figures are whole numbers, exact and ready to be added: means, shares and prices are computed from them where they
//! are shown ([`Measure`](crate::compare::Measure)). One definition each: they are the [`Kpis`] of a run or a part of it.

mod figures;
mod parquet;
mod tables;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kpi::{Ledger, Part, WORST_OF_WAITS};

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

    /// Of those with enough waits, the one where the tenth of riders that waits longest waits longest; of several alike,
    /// the first.
    pub fn worst(hamlets: &[Hamlet]) -> Option<&Hamlet> {
        let has_enough = |hamlet: &&Hamlet| WORST_OF_WAITS as i64 <= hamlet.figures.waits;
        hamlets.iter().rev().filter(has_enough).max_by_key(|hamlet| hamlet.figures.wait_p90_ms)
    }
}

/// The key figures of a run with those of its hours and hamlets, for programs.
pub fn json(ledger: &Ledger) -> Value {
    let kpis = serde_json::to_value(ledger.kpis()).expect("key figures are names and numbers");
    let hours: Vec<Figures> = ledger.hours(None).iter().map(|kpis| Figures::of(kpis, 0)).collect();
    let hamlets: Vec<Hamlet> = ledger.hamlets(None).iter().map(Hamlet::of).collect();
    with_parts(kpis, &hours, &hamlets)
}

/// Adds the figures of hours and hamlets, by the names of the tables' columns.
pub fn with_parts(mut kpis: Value, hours: &[Figures], hamlets: &[Hamlet]) -> Value {
    let part = |by: &str, name: Value, figures: &Figures| {
        let values = figures.values().into_iter().map(Value::from);
        let columns = Figures::NAMES.iter().map(|&name| name.to_owned()).zip(values);
        std::iter::once((by.to_owned(), name)).chain(columns).collect::<Value>()
    };
    let worst = Hamlet::worst(hamlets);
    kpis["worst_hamlet"] = worst.map(|hamlet| hamlet.name.clone()).into();
    kpis["worst_hamlet_p90_s"] = worst.map(|hamlet| hamlet.figures.wait_p90_ms as f64 / 1000.0).into();
    kpis["hours"] = (0..24).zip(hours).map(|(hour, figures)| part("hour", hour.into(), figures)).collect();
    let hamlet = |hamlet: &Hamlet| part("hamlet", hamlet.name.as_str().into(), &hamlet.figures);
    kpis["hamlets"] = hamlets.iter().map(hamlet).collect();
    kpis
}

/// What one hour, or one hamlet, had on one day: `(day, hour or hamlet, requests, served, waits, wait_ms)`, the first two
/// as positions in the lists they are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DayPart(pub usize, pub usize, pub i64, pub i64, pub i64, pub i64);
