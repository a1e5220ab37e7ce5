//! `mukae demo`: a day of the built-in town, end to end through the real server.
//!
//! The server is the one `serve` runs, on a clock that runs faster. Riders and drivers reach it over
//! gRPC and nothing else. The key figures are read from the journal it leaves.

mod board;
mod driver;
mod rider;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args as ClapArgs;
use jiff::civil::Date;
use mukae_server::{Clock, Options, ScaledClock, serve};
use mukae_sim::demand::synthetic::{Amount, Day as DemandDay, Model, Parameters};
use mukae_units::Time;
use tonic::transport::{Channel, Endpoint};

use crate::journal;
use crate::town::{Town, instant};
use board::Board;

/// An ordinary Tuesday; a fixed day, so that two demos tell the same story.
pub(crate) const DEMO_DAY: &str = "2026-12-01";

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Requests of the day
    #[arg(long, default_value_t = 220)]
    requests: usize,
    /// Another number, another day
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The service day
    #[arg(long, default_value = DEMO_DAY)]
    date: Date,
    /// How many times faster than real time the clock runs
    #[arg(long, default_value_t = 900.0, value_parser = speed)]
    speed: f64,
    /// Keep the journal in this directory; started again with it, the demo goes on where it stopped
    #[arg(long)]
    data: Option<PathBuf>,
    /// Leave the server up at the end of the day, for you to call it
    #[arg(long)]
    keep: bool,
    /// Where the server listens; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:50051")]
    listen: SocketAddr,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=100_000.0).contains(&speed) => Ok(speed),
        _ => Err("a speed is a number from 0.1 to 100000".to_owned()),
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(play(args))
}

async fn play(args: &Args) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut town = Town::built_in()?;
    let scratch = ScratchDir::new(args.data.is_none())?;
    let data = args.data.clone().unwrap_or_else(|| scratch.path.clone());
    town.config.server.listen = args.listen;
    town.config.journal.dir = Some(data.clone());
    let area = &town.config.area;
    println!(
        "{}: {} junctions of road, map data {}",
        area.display_name,
        town.map.graph().node_count(),
        town.map.credit()
    );

    let zone = area.time_zone.clone();
    let midnight = args.date.to_zoned(zone.clone())?;
    let dawn = args.date.at(6, 0, 0, 0).to_zoned(zone.clone())?;
    let day_ends = instant(&midnight.tomorrow()?);
    let clock = Arc::new(ScaledClock::new(instant(&dawn), args.speed));
    let options = Options { clock: clock.clone(), ..Options::default() };
    let server = serve(town.config.clone(), town.map.clone(), options).await?;
    let address = server.local_addr();
    println!("serving {} on http://{address}, {} times as fast as the wall's clock", area.name, args.speed);
    println!("journal in {}{}\n", data.display(), if args.data.is_some() { "" } else { " (removed at the end)" });

    let channel = Endpoint::from_shared(format!("http://{address}"))?.connect().await?;
    let model = Model::new(town.residents(), Parameters::default(), &town.map, area.snap_limit);
    let amount = Amount::Requests(args.requests);
    let rows = model.day(&DemandDay { date: args.date, zone: &zone, amount, scale: 1000, seed: args.seed });
    let board = Board::new(&town.config, clock.clone(), day_ends, rows.len());
    let day = Day { channel, clock: clock.clone(), ends: day_ends, board: board.clone(), seed: args.seed };

    let service = town.config.services[0].name.to_string();
    let riders = tokio::spawn(rider::ask_all(day.clone(), rows, service));
    let drivers: Vec<_> = town
        .config
        .vehicles
        .iter()
        .map(|vehicle| tokio::spawn(driver::work(day.clone(), vehicle.name.to_string(), vehicle.display_name.clone())))
        .collect();
    let played = async {
        riders.await.context("the riders' task broke")??;
        for driver in drivers {
            driver.await.context("a driver's task broke")??;
        }
        anyhow::Ok(())
    };
    let stop = server.stopper();
    let mut serving = tokio::spawn(server.join());
    tokio::select! {
        played = played => played?,
        stopped = &mut serving => return stopped_by_itself(stopped?),
        _ = tokio::signal::ctrl_c() => {
            board.finish();
            stop();
            serving.await??;
            bail!("interrupted; {}", resume_hint(args));
        }
    }
    board.finish();

    if args.keep {
        clock.set_speed(1.0);
        print_figures(&data, &town, started, args.speed)?;
        print_next(&format!("http://{address}"), args);
        println!("\nthe server stays up at http://{address}; stop it with Ctrl-C");
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            stopped = &mut serving => return stopped_by_itself(stopped?),
        }
        stop();
        serving.await??;
    } else {
        stop();
        serving.await??;
        print_figures(&data, &town, started, args.speed)?;
        print_next(crate::client::DEFAULT_SERVER, args);
    }
    Ok(())
}

fn stopped_by_itself(stopped: Result<(), mukae_server::Stopped>) -> anyhow::Result<()> {
    stopped?;
    bail!("the server stopped, and nobody asked it to")
}

/// What riders and drivers share: the line to the server, the time, and the board to write on.
#[derive(Clone, Debug)]
struct Day {
    channel: Channel,
    clock: Arc<dyn Clock>,
    ends: Time,
    board: Board,
    seed: u64,
}

fn print_figures(data: &Path, town: &Town, started: Instant, speed: f64) -> anyhow::Result<()> {
    let kpis = journal::ledger(data, town)?.kpis();
    println!("\nthe day in figures, from the journal\n{kpis}");
    if kpis.pickups_on_time < kpis.pickups {
        let hundredth = speed / 100.0;
        println!(
            "late pickups: on this clock, every hundredth of a second that a call takes is {hundredth:.0} s of the day"
        );
    }
    println!("played in {:.0} s; map data {}", started.elapsed().as_secs_f64(), town.map.credit());
    if kpis.unaccounted() != 0 {
        bail!("{} requests are unaccounted for", kpis.unaccounted());
    }
    Ok(())
}

fn print_next(server: &str, args: &Args) {
    let option = if server == crate::client::DEFAULT_SERVER { String::new() } else { format!(" --server {server}") };
    let binary = std::env::args().next().unwrap_or_else(|| "mukae".to_owned());
    println!("\nwhat to try next");
    if !args.keep {
        println!("  {binary} demo --keep                    the same, and the server stays up for these:");
    }
    println!("  {binary} area{option}");
    println!("  {binary} quote --from 54.1509,-4.4815 --to 54.0750,-4.6530 --at 09:00{option}");
    println!("  {binary} book  --from 54.3222,-4.3853 --to 54.1509,-4.4815 --by 10:30 --json{option}");
    println!("  {binary} watch{option}                       everything that happens, as it happens");
    println!("  {binary} sim run --requests 400 --seed 7       other days, in a second");
}

fn resume_hint(args: &Args) -> String {
    match &args.data {
        Some(data) => format!("`mukae demo --data {}` goes on from here", data.display()),
        None => "with --data DIR a demo can go on where it stopped".to_owned(),
    }
}

/// A directory for the journal of a demo that keeps none; gone when this is dropped.
#[derive(Debug)]
struct ScratchDir {
    path: PathBuf,
    is_ours: bool,
}

impl ScratchDir {
    fn new(is_ours: bool) -> anyhow::Result<ScratchDir> {
        let path = std::env::temp_dir().join(format!("mukae-demo-{}", uuid::Uuid::new_v4()));
        if is_ours {
            std::fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        }
        Ok(ScratchDir { path, is_ours })
    }
}

impl Drop for ScratchDir {
    fn drop(&mut self) {
        if self.is_ours {
            let _ = std::fs::remove_dir_all(&self.path); // nothing depends on it
        }
    }
}
