//! What there is to plan.

use std::sync::Arc;

use mukae_units::{Span, Time, TravelTime};

use super::load::{Load, Places};

pub type StopIdx = usize;
pub type JobIdx = usize;

/// Somebody boards or alights.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stop {
    /// A row of [`Legs`].
    pub site: usize,
    /// Service begins in it.
    pub earliest: Time,
    pub latest: Time,
    /// Of the party.
    pub dwell: Span,
    /// Once more for all parties who are served while the vehicle stands at a site.
    pub standing: Span,
}

/// A party to be brought from a stop to another by one vehicle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Job {
    pub party: Load,
    /// From the end of boarding to the start of alighting.
    pub ride_max: Span,
    /// Boarding late is waiting.
    pub is_awaited: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vehicle {
    pub start: usize,
    pub free_from: Time,
    pub end: usize,
    pub end_latest: Time,
    /// From setting out to the end.
    pub out_max: Option<Span>,
    pub places: Places,
    /// Its first stops, in this order: made, under way, or promised so. What is known of their times is in their windows.
    pub fixed: Vec<StopIdx>,
    /// It does not leave the last of these before; a limited wait with somebody on board counts from then.
    pub leaves_from: Time,
    /// It stands still with somebody on board for no longer, before any stop that is not fixed.
    pub wait_max: Option<Span>,
    /// What a route that is not empty costs by itself, in the unit of all costs.
    pub opening: i64,
}

/// Which vehicles may serve which jobs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Eligible {
    words: usize,
    bits: Vec<u64>,
}

impl Eligible {
    pub fn new(jobs: usize, vehicles: usize, may: impl Fn(JobIdx, usize) -> bool) -> Eligible {
        let words = vehicles.div_ceil(64);
        let mut bits = vec![0; jobs * words];
        for (job, row) in bits.chunks_exact_mut(words.max(1)).enumerate() {
            (0..vehicles)
                .filter(|&vehicle| may(job, vehicle))
                .for_each(|vehicle| row[vehicle / 64] |= 1 << (vehicle % 64));
        }
        Eligible { words, bits }
    }

    #[inline]
    fn may(&self, job: JobIdx, vehicle: usize) -> bool {
        self.bits[job * self.words + vehicle / 64] & 1 << (vehicle % 64) != 0
    }
}

/// What a millisecond is worth: what the search makes small.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weights {
    pub driving: i64,
    /// From when a vehicle is free to its end.
    pub out: i64,
    /// Of boarding after the earliest time, where [`Job::is_awaited`].
    pub wait: i64,
    /// From the end of boarding to the start of alighting.
    pub ride: i64,
}

impl Weights {
    /// What is driven counts and nothing else.
    pub const DRIVING: Weights = Weights { driving: 1, out: 0, wait: 0, ride: 0 };
}

/// The time between any two sites, row by row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Legs {
    count: usize,
    /// By origin, and by destination.
    times: Vec<TravelTime>,
    turned: Vec<TravelTime>,
}

impl Legs {
    /// `None` unless there is one time for each pair of sites.
    pub fn new(count: usize, times: Vec<TravelTime>) -> Option<Legs> {
        if times.len() != count * count {
            return None;
        }
        let turned = (0..count * count).map(|at| times[at % count * count + at / count]).collect();
        Some(Legs { count, times, turned })
    }

    #[inline]
    pub fn between(&self, from: usize, to: usize) -> TravelTime {
        self.times[from * self.count + to]
    }

    /// To all sites.
    #[inline]
    pub fn from(&self, site: usize) -> &[TravelTime] {
        &self.times[site * self.count..(site + 1) * self.count]
    }

    /// From all sites.
    #[inline]
    pub fn to(&self, site: usize) -> &[TravelTime] {
        &self.turned[site * self.count..(site + 1) * self.count]
    }

    pub fn sites(&self) -> usize {
        self.count
    }
}

/// Job `j` boards at stop `2 j` and alights at stop `2 j + 1`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    pub stops: Vec<Stop>,
    pub jobs: Vec<Job>,
    pub vehicles: Vec<Vehicle>,
    pub legs: Arc<Legs>,
    /// `None`: any vehicle any job.
    pub eligible: Option<Eligible>,
    pub weights: Weights,
}

impl Problem {
    #[inline]
    pub fn may_serve(&self, job: JobIdx, vehicle: usize) -> bool {
        self.eligible.as_ref().is_none_or(|eligible| eligible.may(job, vehicle))
    }

    /// Cuts from all windows what no ride that keeps the job's own limits can use. No schedule is lost.
    pub fn tighten(&mut self) {
        for job in 0..self.jobs.len() {
            let ride_max = self.jobs[job].ride_max;
            let [mut pickup, mut dropoff] = [Problem::pickup(job), Problem::dropoff(job)].map(|stop| self.stops[stop]);
            let direct = self.leg(pickup.site, dropoff.site);
            dropoff.earliest = dropoff.earliest.max(pickup.earliest + pickup.dwell + direct);
            dropoff.latest = dropoff.latest.min(pickup.latest + pickup.dwell + pickup.standing + ride_max);
            pickup.earliest = pickup.earliest.max(dropoff.earliest - ride_max - pickup.dwell - pickup.standing);
            pickup.latest = pickup.latest.min(dropoff.latest - direct.span() - pickup.dwell);
            (self.stops[Problem::pickup(job)], self.stops[Problem::dropoff(job)]) = (pickup, dropoff);
        }
    }

    /// What a first stop on a vehicle costs, as driving.
    pub(super) fn opening_as_detour(&self, vehicle: usize) -> i64 {
        self.vehicles[vehicle].opening / (self.weights.driving + self.weights.out).max(1)
    }

    pub const fn pickup(job: JobIdx) -> StopIdx {
        2 * job
    }

    pub const fn dropoff(job: JobIdx) -> StopIdx {
        2 * job + 1
    }

    pub const fn job_of(stop: StopIdx) -> JobIdx {
        stop / 2
    }

    pub const fn is_pickup(stop: StopIdx) -> bool {
        stop.is_multiple_of(2)
    }

    #[inline]
    pub fn leg(&self, from: usize, to: usize) -> TravelTime {
        self.legs.between(from, to)
    }
}
