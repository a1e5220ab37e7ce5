//! Results as tables: a row a job, and a row for each of its days, hours of the day and hamlets. The same rows go to CSV and to Parquet.

use std::io::Write;

use super::{Figures, Hamlet};
use crate::batch::{Done, Plan};

/// A table in memory: every row has a cell for every column, and a column one kind of cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cell {
    Text(String),
    Whole(i64),
}

impl Cell {
    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cell::Text(text) => f.write_str(text),
            Cell::Whole(whole) => whole.fmt(f),
        }
    }
}

impl Table {
    pub fn write_csv(&self, out: impl Write) -> csv::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(&self.columns)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::to_string))?;
        }
        Ok(writer.flush()?)
    }
}

const JOB: [&str; 6] = ["job", "scenario", "point", "policy", "replication", "job_hash"];

fn identity(plan: &Plan, index: usize) -> Vec<Cell> {
    let job = &plan.jobs[index];
    vec![
        Cell::Whole(index as i64),
        Cell::text(&plan.scenario),
        Cell::text(&job.point),
        Cell::text(&job.policy),
        Cell::Whole(i64::from(job.replication)),
        Cell::text(&job.hash),
    ]
}

fn columns(more: &[&str]) -> Vec<String> {
    JOB.iter().chain(more).chain(Figures::NAMES).map(|&name| name.to_owned()).collect()
}

fn whole(figures: &Figures) -> impl Iterator<Item = Cell> {
    figures.values().into_iter().map(Cell::Whole)
}

/// A row for each job, with its figures as a whole.
pub fn jobs(plan: &Plan, done: &[Done]) -> Table {
    let row = |(index, done): (usize, &Done)| {
        let mut row = identity(plan, index);
        row.extend([Cell::text(&done.journal_hash), Cell::text(&done.state_hash)]);
        row.extend([done.records, done.rows, done.rows_used, done.faults.len() as i64].map(Cell::Whole));
        let worst = Hamlet::worst(&done.hamlets);
        row.push(Cell::text(worst.map_or("", |worst| &worst.name)));
        row.push(Cell::Whole(worst.map_or(0, |worst| worst.figures.wait_p90_ms)));
        row.extend(whole(&done.total));
        row
    };
    let more =
        ["journal_hash", "state_hash", "records", "rows", "rows_used", "faults", "worst_hamlet", "worst_hamlet_p90_ms"];
    Table { columns: columns(&more), rows: done.iter().enumerate().map(row).collect() }
}

/// A row for each day of each job.
pub fn days(plan: &Plan, done: &[Done]) -> Table {
    let of_job = |done: &Done| -> Vec<(Cell, Figures)> {
        plan.dates.iter().map(|date| Cell::text(date)).zip(done.days.iter().copied()).collect()
    };
    parts("date", plan, done, of_job)
}

/// A row for each hour of the day of each job, over all its days.
pub fn hours(plan: &Plan, done: &[Done]) -> Table {
    parts("hour", plan, done, |done| (0..).map(Cell::Whole).zip(done.hours.iter().copied()).collect())
}

/// A row for each hamlet of each job, over all its days.
pub fn hamlets(plan: &Plan, done: &[Done]) -> Table {
    let of_job = |done: &Done| done.hamlets.iter().map(|hamlet| (Cell::text(&hamlet.name), hamlet.figures)).collect();
    parts("hamlet", plan, done, of_job)
}

fn parts(by: &str, plan: &Plan, done: &[Done], of_job: impl Fn(&Done) -> Vec<(Cell, Figures)>) -> Table {
    let mut rows = Vec::new();
    for (index, done) in done.iter().enumerate() {
        for (part, figures) in of_job(done) {
            let mut row = identity(plan, index);
            row.push(part);
            row.extend(whole(&figures));
            rows.push(row);
        }
    }
    Table { columns: columns(&[by]), rows }
}
