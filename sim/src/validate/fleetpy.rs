//! Side by side with FleetPy (github.com/TUM-VT/FleetPy): its roads, requests, vehicles and rules, our dispatcher.
//!
//! What is the same: driving times and lengths of its edges, requests at the start of the 60 s step they fall into (it
//! takes them there), pickup within the wait limit, a ride of at most 1.4 times the direct one, 30 s at every stop, four
//! seats, vehicles that start where its started, stay where they end and can be turned at the next node. What is not:
//! its objective counts the metres driven at 25 cents a kilometre and the seconds of riders at 0.45 cents; ours counts
//! the time driven, here at the mean speed of its roads between stops.

mod compare;
mod files;
mod network;

use mukae_engine::model::{CostWeights, DwellRule};
use mukae_units::{Metres, Span, Time, TimeWindow, TravelTime};

use super::world::{self, NO_DWELL, Rules};
use super::{Finding, Interval};
use crate::demand::fleetpy::NodeRequest;
use crate::random::Purpose;
use crate::{Luck, Setup};
use mukae_maps::TravelTimes;

pub use compare::{Comparison, Gap, Waits};
pub use files::{Answer, Files, ReadError, answers, requests};
pub use network::Network;

pub use super::watch::{Fate, Ride};

/// The nodes that people go between.
pub const STOPS: std::ops::RangeInclusive<i64> = 2966..=2993;

/// Why mean waits may lie further apart than expected; those of the first requests of each step then may not.
const LATER_OF_STEP: &str = "FleetPy gives the second request of a 60 s step to the vehicle that got the first, \
                             even where others stand idle nearby; the firsts of each step are compared beside it";

/// A bar of speed is met by a machine, not by a program alone.
const OTHERS_RUN_TOO: &str =
    "how fast a run is depends on what else the machine does; FleetPy's times are of a small shared one";

const STEP: Span = Span::MINUTE;
const SEATS: u8 = 4;
/// Runs that are timed; the middle one is told.
const TIMED: usize = 3;
/// Cents a kilometre, and hundredths of a cent a rider's second.
const CENTS_PER_KM: u64 = 25;
const RIDER_CENTI_CENTS_PER_S: i64 = 45;

/// Where its vehicles stood at first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Starts {
    At(&'static [i64]),
    AllAt {
        node: i64,
        count: usize,
    },
    /// It drew them and nobody wrote them down: we draw others, so many times.
    Drawn {
        count: usize,
        times: usize,
    },
}

/// A run of FleetPy and what came of it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Case {
    pub name: &'static str,
    pub requests: &'static str,
    /// Its answers to every request, where they were kept.
    pub answers: Option<&'static str>,
    pub starts: Starts,
    pub wait_max: Span,
    pub served: f64,
    pub wait_mean_s: f64,
    pub km: f64,
    /// Its seconds for all requests, on a small machine.
    pub wall_s: f64,
}

pub const CASES: [Case; 4] = [
    Case {
        name: "FleetPy example_ir_only",
        requests: "example_100.csv",
        answers: Some("example_pool_irsonly_sc_1.user_stats.csv"),
        starts: Starts::At(&[2977, 2981, 2992, 2978, 2982]),
        wait_max: Span::from_secs(300),
        served: 93.0,
        wait_mean_s: 151.996,
        km: 227.063,
        wall_s: 4.2,
    },
    Case {
        name: "FleetPy noheuristics",
        requests: "example_200.csv",
        answers: None,
        starts: Starts::Drawn { count: 9, times: super::estimate::RUNS },
        wait_max: Span::from_secs(300),
        served: 199.0,
        wait_mean_s: 109.545,
        km: 428.286,
        wall_s: 11.7,
    },
    Case {
        name: "FleetPy imbalanced",
        requests: "example_200.csv",
        answers: Some("x_norepo.user_stats.csv"),
        starts: Starts::AllAt { node: 256, count: 12 },
        wait_max: Span::from_secs(300),
        served: 200.0,
        wait_mean_s: 77.391,
        km: 424.959,
        wall_s: 19.0,
    },
    Case {
        name: "FleetPy rural, 10 days",
        requests: "x_rural10d.csv",
        answers: Some("x_rural10d_irs.user_stats.csv"),
        starts: Starts::At(&[2978, 2981, 2981, 2992, 2977, 2967, 2988, 2982]),
        wait_max: Span::from_secs(1800),
        served: 1000.0,
        wait_mean_s: 83.954,
        km: 2342.465,
        wall_s: 79.0,
    },
];

/// One run of ours.
#[derive(Clone, PartialEq, Debug)]
pub struct Run {
    pub fates: Vec<Fate>,
    pub driven: Metres,
    pub journal_hash: String,
    /// Seconds from the first command to the last, journal hash included.
    pub wall_s: f64,
}

impl Run {
    pub fn served(&self) -> f64 {
        self.fates.iter().filter_map(Fate::ride).count() as f64
    }

    /// Seconds from the step a request falls into to boarding.
    pub fn wait_mean_s(&self, requests: &[NodeRequest]) -> f64 {
        let rides = self.fates.iter().zip(requests).filter_map(|(fate, request)| Some((fate.ride()?, request)));
        let sum: Span = rides.map(|(ride, request)| ride.pickup - came(request)).sum();
        sum.as_millis() as f64 / 1000.0 / self.served()
    }

    pub fn km(&self) -> f64 {
        self.driven.as_millimetres() as f64 / 1e6
    }
}

/// When FleetPy takes a request.
fn came(request: &NodeRequest) -> Time {
    (Time::EPOCH + request.made).floor_to(STEP)
}

impl Case {
    /// The findings of a case, and its comparison request by request, where FleetPy's answers are known.
    pub fn check(&self, files: &Files) -> Result<(Vec<Finding>, Option<Comparison>), ReadError> {
        let (asked, runs) = match self.starts {
            Starts::Drawn { times, .. } => {
                let network = Network::read(files)?;
                let asked = requests(files, self.requests)?;
                let runs: Vec<Run> = (0..times).map(|draw| self.run_on(&network, &asked, draw as u64)).collect();
                (asked, runs)
            }
            _ => self.run(files).map(|(asked, run)| (asked, vec![run]))?,
        };
        let mean = |figure: &dyn Fn(&Run) -> f64| runs.iter().map(figure).sum::<f64>() / runs.len() as f64;
        let per_request = mean(&|run| run.wall_s) / asked.len() as f64;
        let speedup = self.wall_s / asked.len() as f64 / per_request;
        let near = |value: f64, by: f64| (value, value - by, value + by);
        let mut found = Vec::new();
        type Figure<'a> = (&'static str, (f64, f64, f64), &'a dyn Fn(&Run) -> f64);
        let figures: [Figure<'_>; 3] = [
            ("served", near(self.served, 2.0), &Run::served),
            ("mean wait, s", near(self.wait_mean_s, self.wait_mean_s * 0.1), &|run| run.wait_mean_s(&asked)),
            ("km driven", near(self.km, self.km * 0.05), &Run::km),
        ];
        for (figure, expected, of) in figures {
            let mut finding = Finding::within(self.name.to_owned(), figure, "FleetPy", expected, mean(of));
            if let Ok(values) = <[f64; super::estimate::RUNS]>::try_from(runs.iter().map(of).collect::<Vec<_>>()) {
                finding.interval = Some(Interval::of_runs(&values));
            }
            if figure == "mean wait, s" && self.answers.is_some() {
                finding.explained = Some(LATER_OF_STEP);
            }
            found.push(finding);
        }
        let comparison = match (self.answers, runs.as_slice()) {
            (Some(name), [run]) => Some(Comparison::new(&asked, &run.fates, &answers(files, name)?)),
            _ => None,
        };
        if let Some(comparison) = &comparison {
            let Waits { ours_s, theirs_s, .. } = comparison.first_of_step;
            let figure = "mean wait of firsts, s";
            found.push(Finding::within(
                self.name.to_owned(),
                figure,
                "FleetPy",
                near(theirs_s, theirs_s * 0.1),
                ours_s,
            ));
        }
        found.push(Finding::told(self.name.to_owned(), "us a request, ours", per_request * 1e6));
        let bar = (1000.0, 1000.0, f64::INFINITY);
        let faster = Finding::within(self.name.to_owned(), "times faster a request", "FleetPy", bar, speedup);
        found.push(Finding { explained: Some(OTHERS_RUN_TOO), ..faster });
        Ok((found, comparison))
    }

    /// One run from the starts that are known.
    pub fn run(&self, files: &Files) -> Result<(Vec<NodeRequest>, Run), ReadError> {
        let network = Network::read(files)?;
        let asked = requests(files, self.requests)?;
        let run = self.run_on(&network, &asked, 0);
        Ok((asked, run))
    }

    fn run_on(&self, network: &Network, asked: &[NodeRequest], draw: u64) -> Run {
        let starts: Vec<i64> = match self.starts {
            Starts::At(nodes) => nodes.to_vec(),
            Starts::AllAt { node, count } => vec![node; count],
            Starts::Drawn { count, .. } => {
                let drawn = |vehicle: usize| Luck::new(draw).draw(vehicle as u64, Purpose::Centre, 0).below(28);
                (0..count).map(|vehicle| STOPS.start() + drawn(vehicle) as i64).collect()
            }
        };
        let mut nodes: Vec<i64> = starts.clone();
        nodes.extend(asked.iter().flat_map(|request| [request.start, request.end]));
        let (mut roads, mut lengths) = (network.roads(), network.roads());

        let mut settings = world::settings(Rules {
            cost: weights(network, &mut lengths),
            ride: world::ride(1400),
            dwell: DwellRule { per_stop: Span::from_secs(30), ..NO_DWELL },
            freeze_horizon: Span::ZERO,
        });
        let last = asked.iter().map(came).max().unwrap_or(Time::EPOCH);
        let window = TimeWindow::new(Time::EPOCH, last + Span::DAY).expect("in order");
        let count = starts.len() as u32;
        settings.extend((1..=count).map(|number| world::vehicle(number, SEATS)));
        let shift = |(number, start): (u32, &i64)| world::shift(number, number, window, network.place(*start), None);
        settings.extend((1..=count).zip(&starts).map(shift));
        let ask = |(number, request): (usize, &NodeRequest)| {
            let (from, to) = (network.place(request.start), network.place(request.end));
            world::ask(number, came(request), self.wait_max, from, to)
        };
        let setup = Setup { is_audited: false, ..Setup::new(settings, asked.iter().enumerate().map(ask).collect()) };
        _ = roads.cells(); // made once for a map, not for a run
        let mut walls: Vec<f64> = (0..TIMED).map(|_| world::time(setup.clone(), &mut roads, &mut lengths)).collect();
        walls.sort_by(f64::total_cmp);
        let wall_s = walls[TIMED / 2];
        let (outcome, fates) = world::run(setup, &mut roads, &mut lengths);
        assert_eq!(outcome.faults, [], "{}", self.name);
        let journal_hash = outcome.journal_hash.to_string();
        Run { fates, driven: outcome.kpis.driven, journal_hash, wall_s }
    }
}

/// A second of a rider against a second of driving, in hundredths of a cent a minute: money at the mean speed of the
/// roads between its stops.
fn weights(network: &Network, roads: &mut dyn TravelTimes) -> CostWeights {
    let (mut millis, mut millimetres) = (0u64, 0u64);
    for from in STOPS {
        for to in STOPS {
            let (from, to) = (network.place(from), network.place(to));
            let time: Option<TravelTime> = roads.travel_time(from, to);
            if let (Some(time), Some(length)) = (time, roads.length(from, to)) {
                millis += u64::from(time.as_millis());
                millimetres += length.as_millimetres();
            }
        }
    }
    // cents/km * mm/ms * 60 s/min * 100, a metre a second being a millimetre a millisecond
    let driving = (CENTS_PER_KM * 6 * millimetres / millis.max(1)) as i64;
    let rider = RIDER_CENTI_CENTS_PER_S * 60;
    CostWeights { driving, driver_time: 0, rider_wait: rider, excess_ride: rider, wait_on_board: 0, walking: 0 }
}
