//! Other engines and ours on the same roads, asked the same questions in one run; prints one Markdown table.
//!
//! Each engine is prepared several times, alone in a process of its own, for its time and its memory. Then all are
//! prepared here and asked in turns, round after round, so that a busy machine is busy for all of them. Every answer
//! must be the same. One thread, and its processor time.
//!
//!     cargo run --release -- DIRECTORY      # with vertices.csv and edges.csv

mod engines;
mod graph;
mod memory;
mod processor;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use engines::{ENGINES, Engine, Make};
use graph::Graph;

/// Preparations of each engine.
const PREPARATIONS: usize = 3;
const ROUNDS: usize = 9;
/// Pairs a round for an engine that answers in microseconds, and for one that takes milliseconds.
const FAST_PAIRS: usize = 2_000;
const SLOW_PAIRS: usize = 12;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [directory] => table(Path::new(directory)),
        ["--alone", name, directory] => alone(name, Path::new(directory)),
        _ => bail!("give the directory of vertices.csv and edges.csv"),
    }
}

/// What preparing an engine took in a process that does nothing else.
struct Preparation {
    took: Duration,
    /// Bytes it holds when prepared, beyond the graph as read.
    holds: u64,
    /// The most it held on the way.
    peak: u64,
}

fn table(directory: &Path) -> Result<()> {
    let graph = Graph::read(directory)?;
    let mut preparations: Vec<Vec<Preparation>> = ENGINES.iter().map(|_| Vec::new()).collect();
    for _ in 0..PREPARATIONS {
        for ((name, ..), of_engine) in ENGINES.iter().zip(&mut preparations) {
            of_engine.push(ask_alone(name, directory)?);
        }
    }
    let mut engines: Vec<Box<dyn Engine>> = ENGINES.iter().map(|(_, _, make)| make(&graph)).collect();
    let mut means: Vec<Vec<Duration>> = ENGINES.iter().map(|_| Vec::new()).collect();
    let (mut asked_fast, mut asked_slow) = (0, 0);
    for round in 0..ROUNDS {
        let pairs = graph.pairs(FAST_PAIRS, round as u64);
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

    println!("{}: {} vertices, {} edges", directory.display(), graph.positions.len(), graph.edges.len());
    println!(
        "{asked_fast} random pairs each, {asked_slow} for the slow ones; all answers equal; medians of processor time\n"
    );
    println!("| engine | preprocess | query, random pair | memory | peak of preprocessing |");
    println!("|---|---:|---:|---:|---:|");
    for (index, (name, ..)) in ENGINES.iter().enumerate() {
        let of_engine = &preparations[index];
        let took = median(of_engine.iter().map(|preparation| preparation.took));
        let holds = median(of_engine.iter().map(|preparation| preparation.holds));
        let peak = median(of_engine.iter().map(|preparation| preparation.peak));
        let query = median(means[index].iter().copied()).as_secs_f64() * 1e6;
        let (took, holds, peak) = (took.as_secs_f64(), holds as f64 / 1e6, peak as f64 / 1e6);
        println!("| {name} | {took:.2} s | {query:.1} us | {holds:.0} MB | {peak:.0} MB |");
    }
    Ok(())
}

/// Prepares one engine in a child of this process.
fn ask_alone(name: &str, directory: &Path) -> Result<Preparation> {
    let program: PathBuf = std::env::current_exe().context("a program knows where it is")?;
    let output = Command::new(program).args(["--alone", name]).arg(directory).output().context("it runs again")?;
    ensure!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<u64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let &[micros, holds, peak] = &numbers[..] else { bail!("{name} alone says {text}") };
    Ok(Preparation { took: Duration::from_micros(micros), holds, peak })
}

fn alone(name: &str, directory: &Path) -> Result<()> {
    let (_, _, make): &(_, _, Make) =
        ENGINES.iter().find(|(other, ..)| *other == name).with_context(|| format!("no engine {name}"))?;
    let graph = Graph::read(directory)?;
    let before = memory::now()?;
    let since = processor::now();
    let mut engine = make(&graph);
    let took = processor::now() - since;
    let (holds, peak) = (memory::now()?.saturating_sub(before), memory::peak()?.saturating_sub(before));
    // It is still there when measured.
    std::hint::black_box(engine.millis(0, 1));
    println!("{} {holds} {peak}", took.as_micros());
    Ok(())
}

fn median<T: Ord>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort();
    let middle = values.len() / 2;
    values.swap_remove(middle)
}
