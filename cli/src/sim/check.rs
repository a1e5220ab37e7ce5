//! `mukae sim check`: reads a scenario and all that it names, and says what is wrong, without running anything.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use mukae_sim::batch::Batch;
use mukae_sim::scenario::{Scenario, ScenarioError};
use serde_json::{Value, json};

use super::scenario::stage_of;
use super::somebody::Somebody;
use crate::told;
use crate::town::Town;

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The scenario (docs/simulator.md)
    scenario: PathBuf,
    #[command(flatten)]
    somebody: Somebody,
    /// Print what was found as JSON, in one line
    #[arg(long)]
    json: bool,
}

/// What a scenario comes to.
struct Found {
    name: String,
    jobs: usize,
    days: usize,
    /// Rows of the demand that can not be used, or lie outside the days.
    rows_left_out: usize,
}

pub(super) fn run(args: &Check) -> anyhow::Result<()> {
    let found = read(args);
    if args.json {
        // problems are an answer, as far as a program is concerned
        println!("{}", as_json(&found));
        return Ok(());
    }
    match found {
        Ok(Found { name, jobs, days, rows_left_out }) => {
            println!("{name}: {jobs} jobs of {days} days; {rows_left_out} rows of the demand can not be used");
            Ok(())
        }
        Err(error) => bail!(error),
    }
}

fn read(args: &Check) -> anyhow::Result<Found> {
    let scenario = Scenario::load(&args.scenario, &args.somebody.files(&args.scenario))?;
    let name = scenario.name.clone();
    let town = Town::of(scenario.town.as_deref())?;
    // nothing is run, so no result has to know by which program
    let batch = Batch::prepare(scenario, stage_of(town, String::new()))?;
    let rows_left_out = batch.rows_dropped + batch.rows_outside;
    Ok(Found { name, jobs: batch.jobs.len(), days: batch.dates.len(), rows_left_out })
}

/// Each problem with its line, and without one where it is of no line.
fn as_json(found: &anyhow::Result<Found>) -> Value {
    match found {
        Ok(Found { name, jobs, days, rows_left_out }) => {
            json!({ "scenario": name, "jobs": jobs, "days": days, "rows_left_out": rows_left_out, "problems": [] })
        }
        Err(error) => {
            let problems: Vec<Value> = match error.downcast_ref() {
                Some(ScenarioError::Wrong { problems, .. }) => {
                    problems.iter().map(|problem| json!({ "line": problem.line, "what": problem.what })).collect()
                }
                _ => vec![json!({ "what": told(error) })],
            };
            json!({ "problems": problems })
        }
    }
}
