//! Results as tables: a row a job, and a row a job and day. The same rows go to CSV and to Parquet.

use std::io::Write;

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

fn columns(more: &[&str], done: &[Done]) -> Vec<String> {
    let figures = done.first().map(|done| done.total.columns().map(|(name, _)| name)).into_iter().flatten();
    JOB.iter().chain(more).copied().chain(figures).map(str::to_owned).collect()
}

/// A row for each job, with its figures as a whole.
pub fn jobs(plan: &Plan, done: &[Done]) -> Table {
    let row = |(index, done): (usize, &Done)| {
        let mut row = identity(plan, index);
        row.extend([Cell::text(&done.journal_hash), Cell::text(&done.state_hash)]);
        row.extend([done.records, done.rows, done.rows_used, done.faults.len() as i64].map(Cell::Whole));
        row.extend(done.total.columns().map(|(_, value)| Cell::Whole(value)));
        row
    };
    let more = ["journal_hash", "state_hash", "records", "rows", "rows_used", "faults"];
    Table { columns: columns(&more, done), rows: done.iter().enumerate().map(row).collect() }
}

/// A row for each day of each job.
pub fn days(plan: &Plan, done: &[Done]) -> Table {
    let mut rows = Vec::new();
    for (index, done) in done.iter().enumerate() {
        for (date, figures) in plan.dates.iter().zip(&done.days) {
            let mut row = identity(plan, index);
            row.push(Cell::text(date));
            row.extend(figures.columns().map(|(_, value)| Cell::Whole(value)));
            rows.push(row);
        }
    }
    Table { columns: columns(&["date"], done), rows }
}
