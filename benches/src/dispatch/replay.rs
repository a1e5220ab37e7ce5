//! Forcing the assignments of a log, and comparing its costs with our best at every request.
//!
//! The log counts stops: 0 is where the vehicle is or was last, several parties at one place are one
//! stop, and a vehicle sent elsewhere on its way has one more where it was turned, until time goes on.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use mukae_engine::Placement;
use mukae_engine::schedule::{Schedule, Whereabouts};
use mukae_maps::Place;
use mukae_units::{ShiftId, Time};

use super::day::shift_of;
use super::rules::spot;
use super::ties::is_path_tie;
use super::{Day, NeutralRequest, Outcome};

/// One line of a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Logged {
    pub request: u32,
    pub vehicle: u32,
    pub pickup_idx: usize,
    pub dropoff_idx: usize,
    pub cost_ds: i64,
}

/// Reads a log, plain or gzipped.
pub fn read_log(path: &Path) -> Result<Vec<Logged>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut text = Vec::new();
    match path.extension().is_some_and(|extension| extension == "gz") {
        true => _ = flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text)?,
        false => text = bytes,
    }
    let mut reader = csv::Reader::from_reader(&text[..]);
    let header = reader.headers()?.clone();
    let column = |name: &str| {
        header.iter().position(|column| column == name).with_context(|| format!("{}: no column {name}", path.display()))
    };
    let columns = [column("request_id")?, column("vehicle_id")?, column("pickup_idx")?, column("dropoff_idx")?];
    let cost = column("cost")?;
    let mut log = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let record = record?;
        let number = |column: usize| -> Result<i64> {
            let field = record.get(column).unwrap_or_default();
            field.parse().with_context(|| format!("{}, line {}: `{field}` is no number", path.display(), row + 2))
        };
        let [request, vehicle, pickup_idx, dropoff_idx] = columns.map(number);
        log.push(Logged {
            request: request? as u32,
            vehicle: vehicle? as u32,
            pickup_idx: pickup_idx? as usize,
            dropoff_idx: dropoff_idx? as usize,
            cost_ds: number(cost)?,
        });
    }
    Ok(log)
}

/// How our best compares with the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub equal: usize,
    /// The costs differ because one of several equally short paths was taken.
    pub path_ties: usize,
    pub mismatches: usize,
}

/// Follows a log.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    pub tally: Tally,
    /// Vehicles that were turned at this very time: the log counts one stop more for them.
    turned: BTreeMap<ShiftId, Time>,
}

impl Replay {
    /// Compares what was found with the log, and decides as the log says; returns the decision to record.
    pub fn force(&mut self, day: &mut Day<'_>, asked: &NeutralRequest, logged: &Logged, found: Outcome) -> Result<Outcome> {
        let now = Time::from_unix_secs(asked.time_s);
        let shift = shift_of(logged.vehicle);
        let schedule = day.schedule(shift).with_context(|| format!("no vehicle {}", logged.vehicle))?;
        let was_turned = self.turned.get(&shift) == Some(&now);
        let placement = placement(schedule, asked, logged, was_turned)
            .with_context(|| format!("{logged:?} does not fit {:?}", schedule.plan))?;
        let is_turned = matches!(schedule.plan.whereabouts, Whereabouts::Driving { .. }) && placement.pickup_idx == 0;
        let best = found.assignment.map(|best| best.cost_ds);
        let forced = day.find(asked, Some(placement));
        let Some(taken) = forced.assignment else {
            bail!("request {}: what the log chose is not allowed: {:?}", logged.request, forced.decision.answer);
        };
        if best == Some(logged.cost_ds) {
            self.tally.equal += 1;
        } else if is_path_tie(day, asked, logged, best, taken.cost_ds) {
            self.tally.path_ties += 1;
            eprintln!("request {}: our best {best:?}, logged {} (ours of it {}): paths of one length", logged.request, logged.cost_ds, taken.cost_ds);
        } else {
            self.tally.mismatches += 1;
            eprintln!("{:?}", day.schedule(shift).map(|schedule| (schedule.plan.whereabouts, schedule.stops().len())));
            eprintln!("request {}: our best {best:?} with {:?}, logged {logged:?}, ours of it {}", logged.request, found.assignment, taken.cost_ds);
        }
        if is_turned {
            self.turned.insert(shift, now);
        }
        Ok(forced)
    }
}

/// Positions of the log, as positions of the schedule.
fn placement(schedule: &Schedule, asked: &NeutralRequest, logged: &Logged, was_turned: bool) -> Option<Placement> {
    // Where each stop of the log ends in our schedule, which has one stop for each party.
    let mut ends = Vec::new();
    if !matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. }) {
        ends.push(0);
        if was_turned {
            ends.push(0);
        }
    }
    let stops = schedule.stops();
    for (stop_idx, stop) in stops.iter().enumerate() {
        if stop_idx > 0 && stop.joins {
            *ends.last_mut()? += 1;
        } else {
            ends.push(stop_idx + 1);
        }
    }
    let (pickup, dropoff): (Place, Place) = (spot(asked.origin_edge).place, spot(asked.dest_edge).place);
    let _ = pickup; // a party that boards at a stop comes after all others there, as anywhere
    let pickup_idx = *ends.get(logged.pickup_idx)?;
    let end = *ends.get(logged.dropoff_idx)?;
    let begin = logged.dropoff_idx.checked_sub(1).map_or(0, |before| ends[before]);
    let joins = logged.dropoff_idx > logged.pickup_idx && stops[begin..end].iter().any(|stop| stop.place == dropoff);
    let dropoff_idx = if joins { begin } else { end };
    Some(Placement {
        shift: schedule.shift.id,
        pickup_idx: pickup_idx as u32,
        dropoff_idx: dropoff_idx.max(pickup_idx) as u32,
    })
}
