//! One vehicle and hardly any riders: whoever asks waits for exactly one drive, and the table of travel times says what
//! the mean of it is.
//!
//! Two ways to wait for the next rider. Where the last one alighted: the mean wait is `sum d_i o_j t_ij`, for shares `d`
//! of destinations and `o` of origins. At a base: `sum o_j t_bj`. Nothing sends an idle vehicle back to a base inside a
//! shift today, so the base is told to the dispatcher as the start and the end of a shift, with one rider a shift.

use mukae_maps::{MatrixTimes, Place, TravelTimes};
use mukae_units::{Metres, Span, Time, TimeWindow, TravelTime};

use super::Finding;
use super::estimate::{Interval, RUNS};
use super::fleetpy::{Files, Network, STOPS};
use super::world::{self, NO_DWELL, Rules, SOONEST, row_place};
use crate::random::Purpose;
use crate::{Ask, Luck, RoadLengths, Setup};

/// From one rider to the next; no drive there and ride on takes nearly as long.
const BETWEEN: Span = Span::from_mins(120);

/// Real travel times between the stops of a small network, and rides between them as somebody else drew them.
#[derive(Clone, Debug)]
pub struct Light {
    times: Vec<Option<TravelTime>>,
    side: usize,
    /// Rows of origin and destination; a rider's is one of them.
    rides: Vec<(u32, u32)>,
}

struct NoLengths;

impl RoadLengths for NoLengths {
    fn length(&mut self, _from: Place, _to: Place) -> Option<Metres> {
        Some(Metres::ZERO)
    }
}

impl Light {
    /// From the files that come with the program.
    pub fn excerpt() -> Light {
        let network = Network::read(&Files::Excerpt).expect("it is tested");
        let requests = super::fleetpy::requests(&Files::Excerpt, "example_100.csv").expect("it is tested");
        let stops: Vec<i64> = STOPS.collect();
        let mut roads = network.roads();
        let places: Vec<Place> = stops.iter().map(|stop| network.place(*stop)).collect();
        let mut times = Vec::new();
        for &from in &places {
            times.extend(places.iter().map(|&to| roads.travel_time(from, to)));
        }
        let row = |stop: i64| (stop - stops[0]) as u32;
        let rides = requests.iter().map(|request| (row(request.start), row(request.end))).collect();
        Light { times, side: stops.len(), rides }
    }

    fn millis(&self, from: u32, to: u32) -> f64 {
        let time = self.times[from as usize * self.side + to as usize].expect("every stop leads to every stop");
        f64::from(time.as_millis())
    }

    /// What the table says, in seconds, of a vehicle that stays.
    pub fn expected_staying(&self) -> f64 {
        let pairs = || self.rides.iter().flat_map(|(_, to)| self.rides.iter().map(move |(from, _)| (*to, *from)));
        pairs().map(|(to, from)| self.millis(to, from)).sum::<f64>() / pairs().count() as f64 / 1000.0
    }

    /// And of one that waits at this row.
    pub fn expected_at(&self, base: u32) -> f64 {
        let sum: f64 = self.rides.iter().map(|(from, _)| self.millis(base, *from)).sum();
        sum / self.rides.len() as f64 / 1000.0
    }

    /// The row from which riders are reached soonest in the mean.
    pub fn median(&self) -> u32 {
        let rows = 0..self.side as u32;
        rows.min_by(|a, b| self.expected_at(*a).total_cmp(&self.expected_at(*b))).expect("there are stops")
    }

    /// `riders` in all, over [`RUNS`] runs. A wait that is not the table's entry to the millisecond is a bug and panics.
    pub fn check(&self, riders: usize, seed: u64) -> [Finding; 2] {
        let per_run = (riders / RUNS).max(10);
        let median = self.median();
        let staying = Interval::of_runs(&std::array::from_fn(|run| self.run(per_run, seed, run as u64, None)));
        let at_base = Interval::of_runs(&std::array::from_fn(|run| self.run(per_run, seed, run as u64, Some(median))));
        let finding = |case: &str, expected, found| {
            Finding::value(case.to_owned(), "mean wait, s", "the table of travel times", expected, found)
        };
        [
            finding("light, stays", self.expected_staying(), staying),
            finding("light, base at 1-median", self.expected_at(median), at_base),
        ]
    }

    /// Seconds.
    fn run(&self, riders: usize, seed: u64, run: u64, base: Option<u32>) -> f64 {
        let luck = Luck::new(seed);
        let ride = |rider: usize| {
            let draw = luck.draw((run << 32) | rider as u64, Purpose::Origin, 0);
            self.rides[draw.below(self.rides.len() as u64) as usize]
        };
        let asks: Vec<Ask> = (0..riders)
            .map(|rider| {
                let (from, to) = ride(rider);
                world::ask(rider, came(rider), Span::HOUR, row_place(from), row_place(to))
            })
            .collect();
        let rules = Rules { cost: SOONEST, ride: world::ride(1000), dwell: NO_DWELL, freeze_horizon: Span::ZERO };
        let mut settings = world::settings(rules);
        settings.push(world::vehicle(1, 1));
        match base {
            None => {
                let window = TimeWindow::new(Time::EPOCH, came(riders)).expect("in order");
                settings.push(world::shift(1, 1, window, row_place(ride(0).0), None));
            }
            Some(base) => settings.extend((0..riders).map(|rider| {
                let begin = came(rider) - Span::MINUTE;
                let window = TimeWindow::new(begin, begin + BETWEEN - Span::MINUTE).expect("in order");
                world::shift(rider as u32 + 1, 1, window, row_place(base), Some(row_place(base)))
            })),
        }
        let setup = Setup { announce_ahead: Span::MINUTE, ..Setup::new(settings, asks) };
        let mut times = MatrixTimes::new(self.side, self.times.clone());
        let (outcome, fates) = world::run(setup, &mut times, &mut NoLengths);
        assert_eq!(outcome.faults, []);
        let mut sum = 0.0;
        for (rider, fate) in fates.iter().enumerate() {
            let stands = base.unwrap_or_else(|| if rider == 0 { ride(0).0 } else { ride(rider - 1).1 });
            let waited = (fate.ride().expect("one vehicle is enough").pickup - came(rider)).as_millis() as f64;
            assert!(waited == self.millis(stands, ride(rider).0), "rider {rider} of run {run} waited {waited} ms");
            sum += waited;
        }
        sum / riders as f64 / 1000.0
    }
}

fn came(rider: usize) -> Time {
    Time::EPOCH + Span::DAY + BETWEEN * rider as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_no_worse_than_any_base() {
        let light = Light::excerpt();
        let best = light.expected_at(light.median());
        assert!((0..light.side as u32).all(|row| best <= light.expected_at(row)));
        assert!(best < light.expected_staying());
    }
}
