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
use mukae_maps::{DecisionPoint, Place, TravelTimes};
use mukae_units::{ShiftId, Span, Time};

use super::day::shift_of;
use super::rules::spot;
use super::{Assignment, Day, NeutralRequest, Outcome, TiedRoads};

/// One line of a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Logged {
    pub request: u32,
    pub vehicle: u32,
    pub pickup_idx: usize,
    pub dropoff_idx: usize,
    /// From the stop before, or on a moving vehicle's way, to the pickup.
    pub to_pickup_ds: i64,
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
    let (to_pickup, cost) = (column("dist_to_pickup")?, column("cost")?);
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
            to_pickup_ds: number(to_pickup)?,
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
    /// The log's choice makes somebody later than promised: nothing to compare with.
    pub broken_promises: usize,
}

/// Follows a log.
#[derive(Debug)]
pub struct Replay {
    pub tally: Tally,
    roads: TiedRoads,
    /// Vehicles that were turned at this very time: the log counts one stop more for them.
    turned: BTreeMap<ShiftId, Time>,
}

/// So many vehicles under way are looked at to explain one difference.
const TIES_MAX: usize = 16;

impl Replay {
    pub fn new(roads: &TiedRoads) -> Replay {
        Replay { tally: Tally::default(), roads: roads.untied(), turned: BTreeMap::new() }
    }

    /// Compares what was found with the log, and decides as the log says; returns the decision to record.
    pub fn force(
        &mut self,
        day: &mut Day<'_>,
        asked: &NeutralRequest,
        logged: &Logged,
        found: Outcome,
    ) -> Result<Outcome> {
        let now = Time::from_unix_secs(asked.time_s);
        let shift = shift_of(logged.vehicle);
        let schedule = day.schedule(shift).with_context(|| format!("no vehicle {}", logged.vehicle))?;
        let was_turned = self.turned.get(&shift) == Some(&now);
        let placement = placement(schedule, asked, logged, was_turned)
            .with_context(|| format!("{logged:?} does not fit {:?}", schedule.plan))?;

        let mut is_tied = false;
        if placement.pickup_idx == 0
            && let Some(leg) = Leg::of(schedule, now)
        {
            self.turned.insert(shift, now);
            is_tied = self.put_where_the_log_has_it(day, leg, asked, logged);
        }
        let mut best = found.assignment;
        if is_tied {
            best = day.find(asked, None).assignment;
        }
        for _ in 0..TIES_MAX {
            let Some(cheaper) = best.filter(|best| best.cost_ds < logged.cost_ds) else { break };
            let Some(other) = self.elsewhere(day, asked, cheaper) else { break };
            (best, is_tied) = (other, true);
        }
        let mut forced = day.find(asked, Some(placement));
        if forced.assignment.is_none() {
            // The log breaks a promise it made; it is followed all the same.
            self.tally.broken_promises += 1;
            eprintln!("request {}: the log's choice is not allowed: {:?}", logged.request, forced.decision.answer);
            forced = day.find(asked, Some(Placement { overrules: true, ..placement }));
        } else {
            self.compare(logged, found.assignment, best, is_tied);
        }
        day.forget_choices();
        if forced.assignment.is_none() {
            bail!("request {}: what the log chose is not allowed: {:?}", logged.request, forced.decision.answer);
        }
        Ok(forced)
    }

    fn compare(&mut self, logged: &Logged, found: Option<Assignment>, best: Option<Assignment>, is_tied: bool) {
        match best.map(|best| best.cost_ds) == Some(logged.cost_ds) {
            true if is_tied => self.tally.path_ties += 1,
            true => self.tally.equal += 1,
            false => {
                self.tally.mismatches += 1;
                eprintln!("request {}: our best {:?}, then {best:?}; {logged:?}", logged.request, found);
            }
        }
    }

    /// The log tells how long it is from the stop before, by where the vehicle is turned, to the pickup. True if another
    /// shortest path than ours had to be taken for that.
    fn put_where_the_log_has_it(
        &mut self,
        day: &mut Day<'_>,
        leg: Leg,
        asked: &NeutralRequest,
        logged: &Logged,
    ) -> bool {
        let origin = spot(asked.origin_edge).place;
        let fits = |roads: &mut TiedRoads, point: DecisionPoint| {
            let to_pickup = roads.travel_time(point.place, origin).map(|time| (time + point.after).span().as_millis());
            to_pickup == Some(logged.to_pickup_ds * 100)
        };
        let (from, to) = leg.ends;
        let ours = self.roads.decision_point(from, to, leg.elapsed);
        if ours.is_some_and(|ours| fits(&mut self.roads, ours)) {
            return false;
        }
        let all = self.roads.all_decision_points(from, to, leg.elapsed);
        let found = all.into_iter().find(|&point| fits(&mut self.roads, point));
        if let Some(point) = found {
            day.choose(leg.ends, point);
        }
        found.is_some()
    }

    /// The best assignment when the vehicle of `cheaper` is where it would cost more, if it can be elsewhere at all.
    fn elsewhere(
        &mut self,
        day: &mut Day<'_>,
        asked: &NeutralRequest,
        cheaper: Assignment,
    ) -> Option<Option<Assignment>> {
        let leg = Leg::of(day.schedule(shift_of(cheaper.vehicle))?, Time::from_unix_secs(asked.time_s))?;
        let origin = spot(asked.origin_edge).place;
        let all = self.roads.all_decision_points(leg.ends.0, leg.ends.1, leg.elapsed);
        let far = |point: &DecisionPoint| self.roads.travel_time(point.place, origin).map(|time| time + point.after);
        let farthest = all.into_iter().max_by_key(far)?;
        day.choose(leg.ends, farthest);
        let best = day.find(asked, None).assignment;
        (best != Some(cheaper)).then_some(best)
    }
}

/// What a vehicle under way drives.
#[derive(Clone, Copy, Debug)]
struct Leg {
    ends: (Place, Place),
    elapsed: Span,
}

impl Leg {
    fn of(schedule: &Schedule, now: Time) -> Option<Leg> {
        let Whereabouts::Driving { from, departed } = schedule.plan.whereabouts else { return None };
        Some(Leg { ends: (from, schedule.next_stop()?.place), elapsed: now - departed })
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
    let dropoff = spot(asked.dest_edge).place;
    let pickup_idx = *ends.get(logged.pickup_idx)?;
    let end = *ends.get(logged.dropoff_idx)?;
    let begin = logged.dropoff_idx.checked_sub(1).map_or(0, |before| ends[before]);
    let joins = logged.dropoff_idx > logged.pickup_idx && stops[begin..end].iter().any(|stop| stop.place == dropoff);
    let dropoff_idx = if joins { begin } else { end };
    Some(Placement {
        shift: schedule.shift.id,
        pickup_idx: pickup_idx as u32,
        dropoff_idx: dropoff_idx.max(pickup_idx) as u32,
        overrules: false,
    })
}
