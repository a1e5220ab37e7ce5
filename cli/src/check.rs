//! `mukae check`: whether a configuration can be served, area by area, without serving it.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args as ClapArgs;
use mukae_server::config::AreaToServe;
use mukae_server::serve::check_side_by_side;

use crate::town::Town;

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The configuration, of one area or of a server of several
    #[arg(long)]
    config: PathBuf,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut areas = Town::all(Some(&args.config))?.areas;
    for AreaToServe { name, ready } in &areas {
        match ready {
            Ok((config, map)) => {
                let (services, vehicles) = (config.services.len(), config.vehicles.len());
                let map = map.checksum();
                println!("{name}: {services} services, {vehicles} vehicles, map {map:016x}");
            }
            Err(why) => println!("{name}: can not be served: {why}"),
        }
    }
    check_side_by_side(&mut areas)?;
    let broken = areas.iter().filter(|area| area.ready.is_err()).count();
    if broken > 0 {
        bail!("{broken} of {} areas can not be served", areas.len());
    }
    Ok(())
}
