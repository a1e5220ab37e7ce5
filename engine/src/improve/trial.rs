//! Whether a route still has a schedule with one job more, and which.

use std::ops::Range;

use mukae_units::{Time, TravelTime};

use super::load::Load;
use super::place::{Newcomer, Place};
use super::problem::{JobIdx, Problem, Stop};
use super::route::{Route, ends, point};
use super::times::{self, Point};

/// Columns of a route with a job more, kept to be used again.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    pub(super) points: Vec<Point>,
    pub(super) starts: Vec<Time>,
}

impl Route {
    /// The exact answer. Loads have been looked at.
    pub(super) fn can_take(
        &self,
        problem: &Problem,
        newcomer: &Newcomer<'_>,
        place: Place,
        scratch: &mut Scratch,
    ) -> bool {
        !self.is_aboard(problem, newcomer.job) && self.is_just_delayed(problem, newcomer, place, scratch)
            || self.with(problem, newcomer.job, place, |at| self.late[at], scratch).is_some()
    }

    /// True if it is enough to be later than in the earliest schedule with the stops that follow: nearly always, where a job
    /// fits at all. That others must board later, so that their rides do not become too long, is not looked at here.
    fn is_just_delayed(&self, problem: &Problem, newcomer: &Newcomer<'_>, place: Place, scratch: &mut Scratch) -> bool {
        let Newcomer { pickup, dropoff, to_pickup, from_pickup, to_dropoff, from_dropoff, .. } = *newcomer;
        let vehicle = &problem.vehicles[self.vehicle];
        if vehicle.wait_max.is_some() {
            return false;
        }
        let (Place { pickup: i, dropoff: j, .. }, count) = (place, self.stops.len());
        let starts = &mut scratch.starts;
        starts.clear();
        starts.extend_from_slice(&self.early);
        let way_there = to_pickup[self.sites[i]];
        let boards = (self.left_before(problem, i) + way_there).max(pickup.earliest);
        let boarded = over(boards, &pickup);
        let Some(free) = self.delayed(problem, i..j, (boarded, from_pickup), starts) else { return false };
        let leg = if i == j { from_pickup[dropoff.site] } else { to_dropoff[self.sites[j]] };
        let alights = (free + leg).max(dropoff.earliest);
        if pickup.latest < boards || dropoff.latest < alights || boarded + newcomer.ride_max < alights {
            return false;
        }
        let next = (over(alights, &dropoff), from_dropoff);
        let Some(free) = self.delayed(problem, j..count, next, starts) else { return false };
        let last = if j == count { dropoff.site } else { self.sites[count] };
        let finish = free + problem.leg(last, vehicle.end);
        let leaves = if i == 0 { boards - way_there } else { self.early[0] - self.points[0].leg };
        finish <= vehicle.end_latest && vehicle.out_max.is_none_or(|out_max| finish - leaves <= out_max)
    }

    /// Makes these stops later, as far as they must be if the vehicle comes to the first of them from a site that it is `free`
    /// to leave then. When it may leave the last of them; `None` if that is too late for a stop or a ride.
    fn delayed(
        &self,
        problem: &Problem,
        stops: Range<usize>,
        (mut free, from): (Time, &[TravelTime]),
        starts: &mut [Time],
    ) -> Option<Time> {
        for at in stops.clone() {
            let point = &self.points[at];
            let leg = if at == stops.start { from[self.sites[at + 1]] } else { point.leg };
            let start = free + leg;
            if start <= starts[at] {
                return Some(self.left_before(problem, stops.end));
            }
            let boarded = |pickup: usize| starts[pickup] + self.points[pickup].dwell + self.points[pickup].standing;
            let is_too_long = |pickup: u32| boarded(pickup as usize) + point.ride_max < start;
            if self.late[at] < start || point.boards_at.is_some_and(is_too_long) {
                return None;
            }
            starts[at] = start;
            free = start + point.dwell + point.standing;
        }
        Some(free)
    }

    /// When the vehicle may go on to what comes before stop `at`, in the earliest schedule.
    fn left_before(&self, problem: &Problem, at: usize) -> Time {
        let vehicle = &problem.vehicles[self.vehicle];
        let left = match at.checked_sub(1) {
            Some(before) => times::left(&self.points, &self.early, before, vehicle.free_from),
            None => vehicle.free_from,
        };
        if at == vehicle.fixed.len() { left.max(vehicle.leaves_from) } else { left }
    }

    /// Points and the earliest schedule with a job more, and when that is over; `latest` is not too early for any schedule of
    /// the stops that are there.
    pub(super) fn with(
        &self,
        problem: &Problem,
        job: JobIdx,
        place: Place,
        latest: impl Fn(usize) -> Time,
        scratch: &mut Scratch,
    ) -> Option<Time> {
        let Place { pickup: i, dropoff: j, .. } = place;
        let aboard = self.stops[..i].iter().position(|&stop| stop == Problem::pickup(job));
        let boards = usize::from(aboard.is_none());
        let Scratch { points, starts } = scratch;
        points.clear();
        points.extend_from_slice(&self.points[..i]);
        starts.clear();
        starts.extend_from_slice(&self.early[..i]);
        let mut from = self.sites[i];
        if aboard.is_none() {
            let pickup = Problem::pickup(job);
            let is_occupied = i != 0 && !self.loads[i - 1].is_empty();
            points.push(point(problem, self.vehicle, (i, pickup), from, None, is_occupied));
            starts.push(points[i].earliest);
            from = problem.stops[pickup].site;
        }
        let moved = |at: u32| at + if i as u32 <= at { boards as u32 } else { 0 } + u32::from(j as u32 <= at);
        // who was first after the fixed stops is not any more
        let earliest = |at: usize| problem.stops[self.stops[at]].earliest;
        let passed = |at: usize, from: usize, is_occupied: bool| Point {
            leg: problem.leg(from, self.sites[at + 1]),
            boards_at: self.points[at].boards_at.map(moved),
            earliest: earliest(at),
            latest: latest(at),
            waits_until: latest(at),
            joins: from == self.sites[at + 1],
            is_occupied,
            ..self.points[at]
        };
        starts.extend_from_slice(&self.early[i..j]);
        for at in i..j {
            points.push(passed(at, from, true));
            from = self.sites[at + 1];
        }
        let boards_at = aboard.unwrap_or(i) as u32;
        let dropoff = Problem::dropoff(job);
        points.push(point(problem, self.vehicle, (j + boards, dropoff), from, Some(boards_at), true));
        starts.push(points[j + boards].earliest);
        starts.extend_from_slice(&self.early[j..]);
        from = problem.stops[dropoff].site;
        for at in j..self.points.len() {
            // none of these is the first after the fixed stops any more; whoever had no stop to alight at has one now
            let gone = if aboard.is_some() { problem.jobs[job].party } else { Load::NONE };
            let is_occupied = at != 0 && self.loads[at - 1] != gone;
            points.push(passed(at, from, is_occupied));
            from = self.sites[at + 1];
        }
        // of the stops after the dropoff the first alone has another leg; with a limited wait others may be open
        let open = if problem.vehicles[self.vehicle].wait_max.is_none() {
            i..(j + boards + 2).min(points.len())
        } else {
            0..points.len()
        };
        times::settle(points, &ends(problem, self.vehicle, from), starts, open)
    }
}

/// When the vehicle may leave, if service begins at this time.
fn over(start: Time, stop: &Stop) -> Time {
    start + stop.dwell + stop.standing
}
