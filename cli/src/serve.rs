//! `mukae serve`: the gRPC service for an area, until it is told to stop.

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::bail;
use clap::Args as ClapArgs;
use mukae_server::config::PeopleConfig;
use mukae_server::{Options, serve};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::town::Town;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The area's configuration (docs/configuration.md); without it, the built-in town
    #[arg(long)]
    config: Option<PathBuf>,
    /// Listen here instead of where the configuration says
    #[arg(long)]
    listen: Option<std::net::SocketAddr>,
    /// Keep the journal here instead of where the configuration says
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
        let mut town = Town::of(args.config.as_deref())?;
        if let Some(listen) = args.listen {
            town.config.server.listen = listen;
        }
        if let Some(data) = &args.data {
            // riders' records go along, unless it is said where they are
            let before = town.config.journal.dir.replace(data.clone());
            if before.map_or(PeopleConfig { file: None }, |before| PeopleConfig::beside(&before)) == town.config.people
            {
                town.config.people = PeopleConfig::beside(data);
            }
        }
        let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let server = serve(town.config, town.map, Options::default()).await?;
        let scheme = if server.is_tls() { "https" } else { "http" };
        println!("serving on {scheme}://{}", server.local_addr());
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
