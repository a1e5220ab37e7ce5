//! Who goes where: homes send people out, places pull them, the less the longer the drive.
//!
//! `T_ij = O_i · A_j e^(-b τ_ij) / Σ_j A_j e^(-b τ_ij)`: the gravity model with the sums of the origins given, where `τ` is the driving time
//! over the map's roads. Places near enough to walk to pull like the others; who goes there needs no ride.

use mukae_maps::{Place as RoadPlace, TravelTimes};
use mukae_units::{LatLon, Metres, TravelTime};

use super::flat::Flat;
use crate::random::exp;

/// A home or a place on the roads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    pub(super) at: LatLon,
    pub(super) road: RoadPlace,
}

/// One destination of a purpose: an index into the stops, and how strongly it pulls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Target {
    pub(super) stop: usize,
    pub(super) weight: u64,
}

/// From every home to every target of a purpose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Flow {
    pub(super) targets: Vec<Target>,
    /// Running sums of the pull of targets that are driven to; home by home.
    sums: Vec<u64>,
    /// Of each home, the part of its outings that are driven, in 1/65,536.
    driven: Vec<u64>,
}

pub(super) const WHOLE: u64 = 1 << 16;
/// What a target of weight one pulls with no drive at all.
const UNIT: f64 = (1u64 << 24) as f64;

/// What is the same for all purposes.
pub(super) struct Pull {
    pub(super) flat: Flat,
    pub(super) walk: Metres,
    /// Thousandths a minute.
    pub(super) decay: u32,
}

impl Flow {
    pub(super) fn new(targets: Vec<Target>, homes: usize) -> Flow {
        Flow { sums: Vec::with_capacity(targets.len() * homes), driven: Vec::with_capacity(homes), targets }
    }

    /// The next home: its driving times to all stops.
    pub(super) fn add(&mut self, home: &Stop, stops: &[Stop], times: &[Option<TravelTime>], pull: &Pull) {
        let reached = self.targets.iter().filter_map(|target| times[target.stop]);
        let least = reached.min();
        let (mut sum, mut walked) = (0u64, 0u64);
        for target in &self.targets {
            if let (Some(time), Some(least)) = (times[target.stop], least) {
                let weight = pull.of(target.weight, time.as_millis() - least.as_millis());
                if pull.flat.distance(home.at, stops[target.stop].at) < pull.walk {
                    walked += weight;
                } else {
                    sum += weight;
                }
            }
            self.sums.push(sum);
        }
        let whole = u128::from(sum) + u128::from(walked);
        self.driven.push((u128::from(sum) * u128::from(WHOLE)).checked_div(whole).unwrap_or(0) as u64);
    }

    pub(super) fn driven(&self, home: usize) -> u64 {
        self.driven[home]
    }

    /// Running sums of the pulls on one home; the last is zero if it drives nowhere.
    pub(super) fn sums(&self, home: usize) -> &[u64] {
        &self.sums[home * self.targets.len()..(home + 1) * self.targets.len()]
    }
}

impl Pull {
    /// Measured from the nearest target of the purpose, which changes no share and keeps the farthest home's pulls from
    /// vanishing.
    fn of(&self, weight: u64, longer_ms: u32) -> u64 {
        let minutes = f64::from(longer_ms) / 60_000.0;
        (weight as f64 * UNIT * exp(-minutes * f64::from(self.decay) / 1000.0)) as u64
    }
}

/// Driving times from each home to all stops, told to each flow in turn.
pub(super) fn fill(flows: &mut [&mut Flow], homes: &[Stop], stops: &[Stop], pull: &Pull, roads: &mut impl TravelTimes) {
    let to: Vec<RoadPlace> = stops.iter().map(|stop| stop.road).collect();
    let mut times = Vec::with_capacity(to.len());
    for home in homes {
        roads.one_to_many(home.road, &to, &mut times);
        flows.iter_mut().for_each(|flow| flow.add(home, stops, &times, pull));
    }
}
