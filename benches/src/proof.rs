//! Travel times held against Dijkstra's, on more pairs than an ordinary test has time for; and what building the map
//! took.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use mukae_maps::{
    BuildError, BuildOptions, BuildReport, BuildStage, Place, PreparedMap, TravelTimes, build_map, dijkstra,
};
use mukae_units::TravelTime;

use crate::{Dice, memory};

/// A stage of a build, or of what is made of a map when it is first asked for: how long it took, and the memory that
/// the process held.
#[derive(Clone, Debug)]
pub struct StageCost {
    pub what: String,
    pub took: Duration,
    /// The most during the stage; in all stages up to it where the system cannot tell them apart.
    pub peak: Option<u64>,
    /// At its end.
    pub held: Option<u64>,
}

#[derive(Debug)]
pub struct Built {
    pub map: PreparedMap,
    pub report: BuildReport,
    pub stages: Vec<StageCost>,
}

/// A stage that has begun.
struct Stage {
    what: String,
    since: Instant,
}

impl Stage {
    fn begin(what: &str) -> Stage {
        memory::forget_peak();
        Stage { what: what.to_owned(), since: Instant::now() }
    }

    fn end(self) -> StageCost {
        StageCost { what: self.what, took: self.since.elapsed(), peak: memory::peak(), held: memory::now() }
    }
}

/// Builds a map and takes notes. The memory is the process's, whatever it holds besides.
pub fn build(extract: &Path) -> Result<Built, BuildError> {
    let mut stages: Vec<StageCost> = Vec::new();
    let mut running: Option<(BuildStage, Stage)> = None;
    let built = build_map(extract, &BuildOptions::default(), &mut |stage, _| {
        if running.as_ref().is_none_or(|(before, _)| *before != stage) {
            stages.extend(running.take().map(|(_, before)| before.end()));
            running = Some((stage, Stage::begin(&format!("{stage:?}"))));
        }
    });
    stages.extend(running.map(|(_, last)| last.end()));
    let (map, report) = built?;
    Ok(Built { map, report, stages })
}

/// Makes what a map makes when it is first asked for, which no build does: the base metric with its labels, if these
/// fit, and the snap index.
pub fn prepare(map: &PreparedMap) -> Vec<StageCost> {
    let metric = Stage::begin("Base metric");
    map.base_metric();
    let metric = metric.end();
    let snap = Stage::begin("Snap index");
    map.prepare();
    vec![metric, snap.end()]
}

/// How many pairs were asked, and how many of them are connected; every answer was Dijkstra's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proof {
    pub pairs: usize,
    pub connected: usize,
}

/// The first answer that differs.
#[derive(Clone, Debug)]
pub struct Difference {
    asked: &'static str,
    from: Place,
    to: Place,
    answer: Option<TravelTime>,
    truth: Option<TravelTime>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { asked, from, to, answer, truth } = self;
        write!(f, "{asked} says {answer:?}, Dijkstra {truth:?}, for {from:?} -> {to:?}")
    }
}

impl std::error::Error for Difference {}

/// Asks for every source and target by pair, by row and by column, and for some of them the path.
pub fn prove(map: &PreparedMap, sources: usize, targets: usize, seed: u64) -> Result<Proof, Difference> {
    let mut dice = Dice(seed);
    let sources: Vec<Place> = (0..sources).map(|_| dice.place(map.graph())).collect();
    let targets: Vec<Place> = (0..targets).map(|_| dice.place(map.graph())).collect();
    let (graph, mut query, mut row) = (map.graph(), map.query(), Vec::new());
    let mut proof = Proof { pairs: sources.len() * targets.len(), connected: 0 };
    // Target -> the times from all sources.
    let mut columns = vec![Vec::with_capacity(sources.len()); targets.len()];
    for (index, &from) in sources.iter().enumerate() {
        let times = dijkstra::one_to_all(graph, graph.weights(), from);
        query.one_to_many(from, &targets, &mut row);
        for (target, &to) in targets.iter().enumerate() {
            let truth = times.time_to(graph, graph.weights(), to);
            let hold = |asked, answer| {
                if answer == truth { Ok(()) } else { Err(Difference { asked, from, to, answer, truth }) }
            };
            hold("travel_time", query.travel_time(from, to))?;
            hold("one_to_many", row[target])?;
            if target % sources.len() == index {
                let sum = query
                    .path(from, to)
                    .map(|path| (0..path.edges().len()).fold(TravelTime::ZERO, |sum, edge| sum + path.time_on(edge)));
                hold("path", sum)?;
            }
            columns[target].push(truth);
            proof.connected += usize::from(truth.is_some());
        }
    }
    for (&to, truths) in targets.iter().zip(&columns) {
        query.many_to_one(&sources, to, &mut row);
        for ((&from, &truth), &answer) in sources.iter().zip(truths).zip(&row) {
            if answer != truth {
                return Err(Difference { asked: "many_to_one", from, to, answer, truth });
            }
        }
    }
    Ok(proof)
}
