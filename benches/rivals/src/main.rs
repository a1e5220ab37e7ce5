//! Other engines and ours on the same roads, asked the same questions in one run; prints one Markdown table.
//!
//! Each engine is prepared several times, alone in a process of its own, for its time and its memory. Then all are
//! prepared here and asked in turns, round after round, so that a busy machine is busy for all of them. Every answer
//! must be the same. One thread, and its processor time.
//!
//!     cargo run --release -- DIRECTORY      # with vertices.csv and edges.csv

mod engines;
mod memory;
mod processor;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use engines::{ENGINES, Engine, Make};
use mukae_maps::RoadGraph;
use mukae_maps::neutral::NeutralGraph;

/// Preparations of each engine.
const PREPARATIONS: usize = 3;
const ROUNDS: usize = 9;
/// Pairs a round for an engine that answers in microseconds, and for one that takes milliseconds.
const FAST_PAIRS: usize = 2_000;
const SLOW_PAIRS: usize = 12;
/// Ends of one start.
const ENDS: usize = 10_000;
/// Times that all weights change.
const REWEIGHTINGS: u32 = 5;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [directory] => table(Path::new(directory)),
        ["--alone", name, directory] => alone(name, Path::new(directory)),
        _ => bail!("give the directory of vertices.csv and edges.csv"),
    }
}

/// Tells glibc to give freed memory back at once: what reading the graph has freed would otherwise be taken for
/// the engine's, or hide it. Slower, so that times are measured without.
const FRUGAL: [(&str, &str); 2] = [("MALLOC_MMAP_THRESHOLD_", "65536"), ("MALLOC_TRIM_THRESHOLD_", "65536")];

/// What preparing an engine took in a process that does nothing else.
struct Preparation {
    took: Duration,
    /// Bytes it holds when prepared, beyond the graph as read.
    holds: u64,
}

fn table(directory: &Path) -> Result<()> {
    let graph = Arc::new(NeutralGraph::read(directory)?.graph);
    let mut preparations: Vec<Vec<Preparation>> = ENGINES.iter().map(|_| Vec::new()).collect();
    for _ in 0..PREPARATIONS {
        for ((name, ..), of_engine) in ENGINES.iter().zip(&mut preparations) {
            of_engine.push(ask_alone(name, directory, &[])?);
        }
    }
    let memory = |(name, ..): &(&str, bool, Make)| ask_alone(name, directory, &FRUGAL);
    let memory: Vec<Preparation> = ENGINES.iter().map(memory).collect::<Result<_>>()?;
    let mut engines: Vec<Box<dyn Engine>> = ENGINES.iter().map(|(_, _, make)| make(&graph)).collect();
    let mut means: Vec<Vec<Duration>> = ENGINES.iter().map(|_| Vec::new()).collect();
    let (mut asked_fast, mut asked_slow) = (0, 0);
    for round in 0..ROUNDS {
        let pairs = pairs(&graph, FAST_PAIRS, round as u64);
        let mut expected: Option<Vec<u32>> = None;
        for ((name, is_fast, _), (engine, of_engine)) in ENGINES.iter().zip(engines.iter_mut().zip(&mut means)) {
            let pairs = if *is_fast { &pairs[..] } else { &pairs[..SLOW_PAIRS] };
            let since = processor::now();
            let answers: Vec<u32> = pairs.iter().map(|&(from, to)| engine.millis(from, to)).collect();
            of_engine.push((processor::now() - since) / pairs.len() as u32);
            let expected = expected.get_or_insert_with(|| answers.clone());
            for (index, (&answer, pair)) in answers.iter().zip(pairs).enumerate() {
                ensure!(answer == expected[index], "{name} says {answer} for {pair:?}, not {}", expected[index]);
            }
        }
        asked_fast += pairs.len();
        asked_slow += SLOW_PAIRS;
    }

    let to_many = one_to_many(&graph, &mut engines)?;
    let reweighted = reweight(&graph, &mut engines)?;

    println!("{}: {} vertices, {} edges", directory.display(), graph.node_count(), graph.edge_count());
    println!(
        "{asked_fast} random pairs each, {asked_slow} for the slow ones; all answers equal; medians of processor time\n"
    );
    println!("| engine | preprocess | random pair | one to 10,000 | all weights changed | memory |");
    println!("|---|---:|---:|---:|---:|---:|");
    for (index, (name, ..)) in ENGINES.iter().enumerate() {
        let of_engine = &preparations[index];
        let took = median(of_engine.iter().map(|preparation| preparation.took)).as_secs_f64();
        let holds = memory[index].holds as f64 / 1e6;
        let query = median(means[index].iter().copied()).as_secs_f64() * 1e6;
        let ms = |took: Option<Duration>| took.map_or("-".into(), |took| format!("{:.2} ms", took.as_secs_f64() * 1e3));
        let (to_many, reweighted) = (ms(to_many[index]), ms(reweighted[index]));
        println!("| {name} | {took:.2} s | {query:.2} us | {to_many} | {reweighted} | {holds:.0} MB |");
    }
    Ok(())
}

/// Median times of the engines that have a way to ask for many ends at once.
fn one_to_many(graph: &RoadGraph, engines: &mut [Box<dyn Engine>]) -> Result<Vec<Option<Duration>>> {
    let mut took: Vec<Vec<Duration>> = engines.iter().map(|_| Vec::new()).collect();
    for round in 0..ROUNDS {
        let pairs = pairs(graph, ENDS, (ROUNDS + round) as u64);
        let (from, to): (u32, Vec<u32>) = (pairs[0].0, pairs.iter().map(|pair| pair.1).collect());
        let mut expected: Option<Vec<u32>> = None;
        for (index, engine) in engines.iter_mut().enumerate() {
            let since = processor::now();
            let Some(answers) = engine.millis_to_many(from, &to) else { continue };
            took[index].push(processor::now() - since);
            let expected = expected.get_or_insert_with(|| answers.clone());
            ensure!(answers == *expected, "{} differs on one to many from {from}", ENGINES[index].0);
        }
    }
    Ok(took.into_iter().map(|took| (!took.is_empty()).then(|| median(took.into_iter()))).collect())
}

/// Median times of the engines that need not start anew when all weights change.
fn reweight(graph: &RoadGraph, engines: &mut [Box<dyn Engine>]) -> Result<Vec<Option<Duration>>> {
    let mut took: Vec<Vec<Duration>> = engines.iter().map(|_| Vec::new()).collect();
    for round in 1..=REWEIGHTINGS {
        // Not in proportion, or all shortest paths would stay what they are.
        let slower = |(edge, weight): (usize, u32)| weight + weight * (edge as u32 * 7 % 13) * round / 50 + 1;
        let millis: Vec<u32> =
            graph.weights().iter().map(|weight| weight.as_millis()).enumerate().map(slower).collect();
        let pairs = pairs(graph, FAST_PAIRS, 100 + u64::from(round));
        let mut expected: Option<Vec<u32>> = None;
        for (index, engine) in engines.iter_mut().enumerate() {
            let Some(time) = engine.reweight(&millis) else { continue };
            took[index].push(time);
            let answers: Vec<u32> = pairs.iter().map(|&(from, to)| engine.millis(from, to)).collect();
            let expected = expected.get_or_insert_with(|| answers.clone());
            ensure!(answers == *expected, "{} differs under other weights", ENGINES[index].0);
        }
    }
    Ok(took.into_iter().map(|took| (!took.is_empty()).then(|| median(took.into_iter()))).collect())
}

/// Random pairs of nodes (SplitMix64).
fn pairs(graph: &RoadGraph, count: usize, seed: u64) -> Vec<(u32, u32)> {
    let mut state = seed.wrapping_mul(0x2545_F491_4F6C_DD1D);
    let mut draw = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % graph.node_count() as u64) as u32
    };
    (0..count).map(|_| (draw(), draw())).collect()
}

/// Prepares one engine in a child of this process.
fn ask_alone(name: &str, directory: &Path, environment: &[(&str, &str)]) -> Result<Preparation> {
    let program: PathBuf = std::env::current_exe().context("a program knows where it is")?;
    let mut command = Command::new(program);
    command.args(["--alone", name]).arg(directory).envs(environment.iter().copied());
    let output = command.output().context("it runs again")?;
    ensure!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<u64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let &[micros, holds] = &numbers[..] else { bail!("{name} alone says {text}") };
    Ok(Preparation { took: Duration::from_micros(micros), holds })
}

fn alone(name: &str, directory: &Path) -> Result<()> {
    let (_, _, make): &(_, _, Make) =
        ENGINES.iter().find(|(other, ..)| *other == name).with_context(|| format!("no engine {name}"))?;
    let graph = Arc::new(NeutralGraph::read(directory)?.graph);
    let before = memory::now()?;
    let since = processor::now();
    let mut engine = make(&graph);
    let took = processor::now() - since;
    let holds = memory::now()?.saturating_sub(before);
    // It is still there when measured.
    std::hint::black_box(engine.millis(0, 1));
    println!("{} {holds}", took.as_micros());
    Ok(())
}

fn median<T: Ord>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort();
    let middle = values.len() / 2;
    values.swap_remove(middle)
}
