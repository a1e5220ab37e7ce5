//! Simulations as those see them who plan the service.

use mukae_proto::transit::planning::v1 as pb;
use mukae_units::{Span, Time};
use pb::simulation::State;

use super::{duration, timestamp};
use crate::jobs::{Figures, Progress, Record, Standing, media_type};

/// `place` is the count of those before it, if it waits; one that is over is kept for so long.
pub fn simulation(record: &Record, place: usize, keep_ms: i64) -> pb::Simulation {
    let at = |ms: Option<i64>| ms.map(|ms| timestamp(Time::from_unix_millis(ms)));
    let file = |known: &crate::jobs::Known| pb::SimulationFile {
        file: known.file.clone(),
        media_type: media_type(&known.file).to_owned(),
        size_bytes: known.bytes as i64,
    };
    pb::Simulation {
        name: record.name().to_string(),
        scenario_name: record.scenario_name.clone(),
        state: simulation_state(record.standing) as i32,
        creator: record.creator.clone(),
        create_time: at(Some(record.created_ms)),
        start_time: at(record.started_ms),
        end_time: at(record.ended_ms),
        expire_time: at(record.ended_ms.map(|ended| ended.saturating_add(keep_ms))),
        queue_position: place as i32,
        progress: record.progress.map(progress),
        failure: record.failure.clone().unwrap_or_default(),
        program_version: record.program_version.clone(),
        files: record.files.iter().map(file).collect(),
        size_bytes: record.bytes as i64,
    }
}

pub fn simulation_state(standing: Standing) -> State {
    match standing {
        Standing::Queued => State::Queued,
        Standing::Running => State::Running,
        Standing::Succeeded => State::Succeeded,
        Standing::Failed => State::Failed,
        // nobody is shown what was deleted, but those who watched its end
        Standing::Cancelled | Standing::Deleted => State::Cancelled,
    }
}

fn progress(progress: Progress) -> pb::SimulationProgress {
    let left = |secs: u64| duration(Span::from_secs(i64::try_from(secs).unwrap_or(i64::MAX / 1000)));
    pb::SimulationProgress {
        job_count: count(progress.jobs),
        done_job_count: count(progress.jobs_done),
        share_permille: count(progress.share),
        remaining_duration: progress.left_s.map(left),
    }
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// All rows, each with its place.
pub fn figures(figures: Figures) -> Vec<(u64, pb::SimulationFigure)> {
    let row = |row: crate::jobs::Row| {
        let difference = row.measured.difference.map(|difference| pb::SimulationDifference {
            mean: difference.mean,
            low: difference.interval.map(|interval| interval.low),
            high: difference.interval.map(|interval| interval.high),
            is_distinguishable: difference.is_distinguishable,
        });
        pb::SimulationFigure {
            point: row.point,
            policy: row.policy,
            figure: row.measured.name,
            value: row.measured.value,
            least_value: row.measured.least,
            greatest_value: row.measured.most,
            difference,
        }
    };
    (0..).zip(figures.rows.into_iter().map(row)).collect()
}
