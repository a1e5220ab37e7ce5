//! `mukae serve`: the gRPC service for one area or several, until it is told to stop.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args as ClapArgs;
use mukae_server::config::{AreaToServe, PeopleConfig, SimulationsConfig};
use mukae_server::names::AreaName;
use mukae_server::{AreaStart, Options, Simulator, serve_areas};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::town::{Town, Towns};

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The configuration, of one area or of a server of several (docs/configuration.md); without it, the built-in town
    #[arg(long)]
    config: Option<PathBuf>,
    /// Listen here instead of where the configuration says
    #[arg(long)]
    listen: Option<std::net::SocketAddr>,
    /// Keep the journal here instead of where the configuration says; of several areas, in a directory each
    #[arg(long)]
    data: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let Towns { mut server, access, mut areas, files } = Town::all(args.config.as_deref())?;
        if let Some(listen) = args.listen {
            server.listen = listen;
        }
        if let Some(data) = &args.data {
            if let [_, _, ..] = areas.as_slice() {
                std::fs::create_dir_all(data).with_context(|| format!("{} can not be made", data.display()))?;
            }
            let before = keep_journals(&mut areas, data);
            // riders' records go along, unless it is said where they are, and so do simulations
            let shipped = before.as_ref().map_or(PeopleConfig { file: None }, |before| PeopleConfig::beside(before));
            if shipped == server.people {
                server.people = PeopleConfig::beside(data);
            }
            let simulations = before.map(|before| SimulationsConfig::beside(&before));
            if simulations == server.simulations.directory {
                server.simulations.directory = Some(SimulationsConfig::beside(data));
            }
        }
        let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let program = std::env::current_exe().context("this program does not know where it lies")?;
        let journals = journals_to_simulate(&areas);
        let options = Options { simulator: Some(Simulator { program, towns: files, journals }), ..Options::default() };
        let server = serve_areas(server, access, areas, options).await?;
        let scheme = if server.is_tls() { "https" } else { "http" };
        println!("serving on {scheme}://{}", server.local_addr());
        if let Some(metrics) = server.metrics_addr() {
            println!("metrics on http://{metrics}/metrics");
        }
        if let [_, _, ..] = server.areas() {
            server.areas().iter().for_each(|area| println!("{}", told(area)));
        }
        let (reload, mut hung_up) = (server.reloader(), signal(SignalKind::hangup())?);
        tokio::spawn(async move {
            while hung_up.recv().await.is_some() {
                reload();
            }
        });
        let stop = server.stopper();
        let mut serving = tokio::spawn(server.join());
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
            stopped = &mut serving => {
                stopped??;
                bail!("the server stopped, and nobody asked it to");
            }
        }
        stop();
        serving.await??;
        Ok(())
    })
}

/// Where the journal of the only area would have been.
fn keep_journals(areas: &mut [AreaToServe], data: &Path) -> Option<PathBuf> {
    let is_lone = areas.len() == 1;
    let mut before = None;
    for area in areas {
        if let Ok((config, _)) = &mut area.ready {
            let dir = if is_lone { data.to_owned() } else { data.join(&area.name.0) };
            before = config.journal.dir.replace(dir).filter(|_| is_lone);
        }
    }
    before
}

/// An area of several tenants has riders of each in its journal, who are none of the others' business.
fn journals_to_simulate(areas: &[AreaToServe]) -> BTreeMap<AreaName, PathBuf> {
    let journal = |area: &AreaToServe| {
        let (config, _) = area.ready.as_ref().ok()?;
        let tenants: BTreeSet<&str> = config.services.iter().map(|service| service.name.tenant.as_str()).collect();
        Some((area.name.clone(), config.journal.dir.clone().filter(|_| tenants.len() == 1)?))
    };
    areas.iter().filter_map(journal).collect()
}

fn told(area: &AreaStart) -> String {
    match &area.recovery {
        Ok(report) => {
            format!("{}: {} records from a snapshot, {} replayed", area.name, report.from_snapshot, report.replayed)
        }
        Err(why) => format!("{} IS DOWN: {why}", area.name),
    }
}
