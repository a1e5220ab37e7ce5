//! A server under load: see `mukae_benches::load`.
//!
//! ```text
//! cargo build --release && cargo run --release -p mukae-benches --bin load -- [hop|quotes|watchers]
//! ```
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::{Parser, ValueEnum};
use mukae_benches::load::calls::{Calls, Kind, Taken};
use mukae_benches::load::server::{Server, Usage};
use mukae_benches::load::watchers::Watchers;

#[derive(Parser, Debug)]
#[command(about = "What calls take and watchers get, and what that costs the server; loopback, open loop")]
struct Args {
    /// Which questions; without one, all of them
    questions: Vec<Question>,
    /// The server's binary
    #[arg(long, default_value = "target/release/mukae")]
    server: PathBuf,
    /// How long each load lasts
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Quotes a second
    #[arg(long, default_value_t = 2000.0)]
    rate: f64,
    /// Offers that a quote asks for; 0: as many as the service shows, 3
    #[arg(long, default_value_t = 0)]
    offers: i32,
    /// Watchers in the last question
    #[arg(long, default_value_t = 10_000)]
    watchers: usize,
    /// Connections they share
    #[arg(long, default_value_t = 500)]
    connections: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Question {
    /// A quote against an empty call to the area's task, at the same time
    Hop,
    /// Many quotes a second with 200 watchers
    Quotes,
    /// Ten thousand watchers of one area
    Watchers,
}

/// With the load of quotes.
const WATCHERS_BESIDE: (usize, usize) = (200, 20);
/// Of the first question: calls of both kinds, a second.
const HOP_RATES: [f64; 3] = [200.0, 1000.0, 4000.0];
/// Of the quotes so many are confirmed, and cancelled two seconds later.
const BOOKED_EACH: usize = 100;
/// In the last question every quote is; so many quotes a second.
const WATCHED_RATE: f64 = 2.0;

fn main() -> Result<()> {
    let mut args = Args::parse();
    if args.questions.is_empty() {
        args.questions = vec![Question::Hop, Question::Quotes, Question::Watchers];
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for question in &args.questions {
        println!("load average {}", std::fs::read_to_string("/proc/loadavg")?.trim());
        runtime.block_on(async {
            match question {
                Question::Hop => hop(&args).await,
                Question::Quotes => quotes(&args).await,
                Question::Watchers => watchers(&args).await,
            }
        })?;
    }
    Ok(())
}

async fn hop(args: &Args) -> Result<()> {
    let server = Server::start(&args.server)?;
    let calls = Calls::connect(&server.address, &server.map, args.offers).await?;
    calls.run(&[Kind::Quote, Kind::Empty, Kind::GetArea], 500.0, Duration::from_secs(5), usize::MAX).await;
    for rate in HOP_RATES {
        let before = server.usage()?;
        let kinds = [Kind::Quote, Kind::Empty, Kind::GetArea, Kind::Empty];
        let mut taken = calls.run(&kinds, rate, Duration::from_secs(args.seconds), usize::MAX).await;
        println!("\nhop: {rate} calls a second, a quarter of them quotes, half of them empty calls, a quarter GetArea");
        said(&mut taken, before, server.usage()?, args.seconds)?;
        let mut median = |kind: Kind| taken.call.get_mut(&kind).map_or(0.0, |times| times.quantile(500));
        let (quote, empty, read) = (median(Kind::Quote), median(Kind::Empty), median(Kind::GetArea));
        println!("  p50 of quote over empty call: {:.2}; over GetArea: {:.2}", quote / empty, quote / read);
    }
    Ok(())
}

async fn quotes(args: &Args) -> Result<()> {
    let server = Server::start(&args.server)?;
    let calls = Calls::connect(&server.address, &server.map, args.offers).await?;
    calls.run(&[Kind::Quote], 500.0, Duration::from_secs(5), usize::MAX).await;
    let (count, connections) = WATCHERS_BESIDE;
    let watchers = Watchers::open(&server.address, count, connections).await?;
    let before = server.usage()?;
    let mut taken = calls.run(&[Kind::Quote], args.rate, Duration::from_secs(args.seconds), BOOKED_EACH).await;
    println!("\nquotes: {} a second, one in {BOOKED_EACH} confirmed and cancelled, {count} watchers", args.rate);
    said(&mut taken, before, server.usage()?, args.seconds)?;
    let delivered = watchers.close(calls.area(0).await?.revision).await?;
    told(delivered);
    Ok(())
}

async fn watchers(args: &Args) -> Result<()> {
    let server = Server::start(&args.server)?;
    let calls = Calls::connect(&server.address, &server.map, args.offers).await?;
    calls.run(&[Kind::Quote], 100.0, Duration::from_secs(2), usize::MAX).await;
    let idle = server.usage()?;
    let watchers = Watchers::open(&server.address, args.watchers, args.connections).await?;
    let open = server.usage()?;
    let mut taken = calls.run(&[Kind::Quote], WATCHED_RATE, Duration::from_secs(args.seconds), 1).await;
    let loaded = server.usage()?;
    println!("\nwatchers: {} over {} connections, {WATCHED_RATE} bookings a second", args.watchers, args.connections);
    said(&mut taken, open, loaded, args.seconds)?;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    println!(
        "  the server held {:.0} MB before they came, {:.0} MB once all had their snapshot, {:.0} MB at the end; most {:.0} MB",
        megabytes(idle.resident_bytes),
        megabytes(open.resident_bytes),
        megabytes(loaded.resident_bytes),
        megabytes(loaded.peak_bytes),
    );
    told(watchers.close(calls.area(0).await?.revision).await?);
    Ok(())
}

fn said(taken: &mut Taken, before: Usage, after: Usage, seconds: u64) -> Result<()> {
    println!("  {} offered, {} refused; calls left late by {}", taken.offered, taken.refused, taken.late.said());
    for (kind, times) in &mut taken.whole {
        println!("  {:<10} due to answered  {}", format!("{kind:?}"), times.said());
    }
    for (kind, times) in &mut taken.call {
        println!("  {:<10} sent to answered {}", format!("{kind:?}"), times.said());
    }
    let cores = (after.cpu_seconds - before.cpu_seconds) / seconds as f64;
    println!("  the server used {cores:.2} cores");
    println!("  load average {}", std::fs::read_to_string("/proc/loadavg")?.trim());
    ensure!(taken.failed == 0, "{} calls failed, the last: {}", taken.failed, taken.last_failure);
    Ok(())
}

fn told(mut delivered: mukae_benches::load::watchers::Delivered) {
    println!(
        "  {} watchers got {} deltas each, {} messages in all; {} times one was told to begin anew",
        delivered.watchers, delivered.deltas, delivered.messages, delivered.resyncs
    );
    println!("  from the first watcher's sight of a delta to the last's: {}", delivered.spread.said());
}
