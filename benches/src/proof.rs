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

/// A stage of a build: how long it took, and the most memory the process had ever held when it ended.
#[derive(Clone, Copy, Debug)]
pub struct StageCost {
    pub stage: BuildStage,
    pub took: Duration,
    pub peak: Option<u64>,
}

#[derive(Debug)]
pub struct Built {
    pub map: PreparedMap,
    pub report: BuildReport,
    pub stages: Vec<StageCost>,
}

/// Builds a map and takes notes. The peaks mean the build only in a process that did nothing large before.
pub fn build(extract: &Path) -> Result<Built, BuildError> {
    let mut stages: Vec<StageCost> = Vec::new();
    let mut running: Option<(BuildStage, Instant)> = None;
    let mut end = |running: Option<(BuildStage, Instant)>| {
        stages.extend(running.map(|(stage, since)| StageCost { stage, took: since.elapsed(), peak: memory::peak() }));
    };
    let built = build_map(extract, &BuildOptions::default(), &mut |stage, _| {
        if running.is_none_or(|(before, _)| before != stage) {
            end(running.replace((stage, Instant::now())));
        }
    });
    end(running);
    let (map, report) = built?;
    Ok(Built { map, report, stages })
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
