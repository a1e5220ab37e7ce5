//! Looking at a scenario before it is accepted: the same judgement, in the same words, as at the command line.
//!
//! The server does not know what a scenario is. A child reads it, with all that it names, and lists what is wrong.

use std::time::Duration;

use mukae_proto::transit::units::v1::ErrorReason;
use serde::Deserialize;

use super::shop::Shop;
use super::{Record, child};
use crate::errors::{Fault, Violation};

/// From a child's start to its answer; large tables take a moment.
const CHECK_WITHIN: Duration = Duration::from_secs(20);

/// What `mukae sim check --json` says.
#[derive(Deserialize)]
struct Answer {
    scenario: Option<String>,
    problems: Vec<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    line: Option<usize>,
    what: String,
}

impl Shop {
    /// What the scenario of a draft calls itself, or what is wrong with it.
    pub(super) async fn check(&self, record: &Record) -> Result<String, Fault> {
        let _turn = self.checks.try_acquire().map_err(|_| Fault::overloaded("other scenarios are being looked at"))?;
        let directory = self.folder.draft(record.id);
        let mut child = child::check(&self.simulator, record, &directory).map_err(unusable)?;
        let said = tokio::time::timeout(CHECK_WITHIN, child.line()).await;
        child.kill().await;
        let said = said.map_err(|_| {
            let message =
                format!("the scenario was not looked through within {} s; is it very large?", CHECK_WITHIN.as_secs());
            Fault::invalid_field("scenario", message)
        })?;
        let answer: Option<Answer> = said.as_deref().and_then(|said| serde_json::from_str(said).ok());
        let Some(answer) = answer else { return Err(unusable(format!("it said {said:?} of a scenario"))) };
        let violations: Vec<Violation> = answer.problems.into_iter().map(violation).collect();
        if violations.is_empty() { Ok(answer.scenario.unwrap_or_default()) } else { Err(Fault::invalid(violations)) }
    }
}

fn violation(Problem { line, what }: Problem) -> Violation {
    let description = match line {
        Some(line) => format!("line {line}: {what}"),
        None => what,
    };
    Violation { field: "scenario".to_owned(), description }
}

/// The program that was to look at it does not do it.
fn unusable(why: impl std::fmt::Display) -> Fault {
    tracing::error!("the program that simulates can not be used: {why}");
    Fault::new(ErrorReason::SimulationsOff, "the program that simulates can not be used here; tell the operator")
}
