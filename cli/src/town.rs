//! The built-in town: an extract and a configuration inside the binary, and its map kept in a cache.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use mukae_maps::PreparedMap;
use mukae_maps::build::BuildOptions;
use mukae_server::config::{AccessConfig, AreaToServe, Config, Installation, Problem, ServerConfig};
use mukae_server::names::AreaName;
use mukae_sim::demand::synthetic;
use mukae_sim::kpi::{Calendar, Grid, Hamlets};

use crate::map;

/// March 2020, mappers' names removed; see maps/data/README.md for the licence.
const EXTRACT: &[u8] = include_bytes!("../../maps/data/isle-of-man.osm.pbf");
const SETTINGS: &str = include_str!("../town/isle-of-man.toml");
/// Made of the same extract; see town/README.md.
const PLACES: &str = include_str!("../town/isle-of-man.places.csv");
const HOMES: &str = include_str!("../town/isle-of-man.homes.csv");

/// A configuration and the map it names.
#[derive(Clone, Debug)]
pub(crate) struct Town {
    pub config: Config,
    pub map: Arc<PreparedMap>,
    /// Who lives where and where people go, if it is known.
    pub residents: Option<synthetic::Town>,
}

/// All areas of a server.
#[derive(Debug)]
pub(crate) struct Towns {
    pub server: ServerConfig,
    pub access: AccessConfig,
    pub areas: Vec<AreaToServe>,
    /// Their configurations; `None`: the built-in town.
    pub files: BTreeMap<AreaName, Option<PathBuf>>,
}

impl Town {
    /// The town of a configuration file.
    pub(crate) fn of_file(file: &Path) -> anyhow::Result<Town> {
        let config = Config::load(file)?;
        let map = PreparedMap::open(&config.area.map)?;
        Ok(Town { config, map: Arc::new(map), residents: None })
    }

    /// Who lives where: as it is known, else as the roads tell.
    pub(crate) fn residents(&self) -> synthetic::Town {
        self.residents.clone().unwrap_or_else(|| synthetic::Town::from_roads(self.map.graph()))
    }

    /// The Isle of Man; its map is built if it is not in the cache, or is of another version.
    pub(crate) fn built_in() -> anyhow::Result<Town> {
        let directory = cache_directory()?;
        let residents = Some(synthetic::Town::shipped("the built-in town", PLACES, HOMES));
        let mut config = Config::parse(SETTINGS, &directory).map_err(|problems| {
            let problems: Vec<String> = problems.iter().map(Problem::to_string).collect();
            anyhow!("the built-in configuration is broken: {}", problems.join("; "))
        })?;
        let file = directory.join(format!("isle-of-man-{}-{:016x}.map", env!("CARGO_PKG_VERSION"), identity()));
        config.area.map.clone_from(&file);
        if let Ok(map) = PreparedMap::open(&file) {
            return Ok(Town { config, map: Arc::new(map), residents });
        }
        // Several processes may begin with an empty cache at once, shards of a scenario for one: none reads what another
        // has half written. A map knows what its extract was called, so that is the same for all of them.
        let own = directory.join(format!("isle-of-man-{}", std::process::id()));
        fs::create_dir_all(&own).with_context(|| format!("cannot create {}", own.display()))?;
        let extract = own.join("isle-of-man.osm.pbf");
        fs::write(&extract, EXTRACT).with_context(|| format!("cannot write {}", extract.display()))?;
        map::build(&extract, &file, &BuildOptions::default())?;
        fs::remove_dir_all(&own).with_context(|| format!("cannot remove {}", own.display()))?;
        Ok(Town { config, map: Arc::new(PreparedMap::open(&file)?), residents })
    }

    /// All areas of a configuration, which may be of one or of several.
    pub(crate) fn all(config: Option<&Path>) -> anyhow::Result<Towns> {
        let Some(file) = config else {
            let Town { config, map, .. } = Town::built_in()?;
            let (server, access, name) = (config.server.clone(), config.access.clone(), config.area.name.clone());
            let files = BTreeMap::from([(name.clone(), None)]);
            return Ok(Towns { server, access, areas: vec![AreaToServe { name, ready: Ok((config, map)) }], files });
        };
        let installation = Installation::load(file)?;
        let (server, access) = (installation.server.clone(), installation.access.clone());
        let files = installation.areas.iter().map(|area| (area.name.clone(), Some(area.file.clone()))).collect();
        Ok(Towns { server, access, areas: installation.open_maps(), files })
    }

    /// As people say it.
    pub(crate) fn name(&self) -> String {
        match self.config.area.display_name.as_str() {
            "" => self.config.area.name.to_string(),
            shown => shown.to_owned(),
        }
    }

    /// The parts of the town that figures are told for: its zones, or squares of a kilometre.
    pub(crate) fn hamlets(&self) -> Hamlets {
        match self.config.zones.as_slice() {
            [] => Hamlets::Grid(Grid::over(&self.map.meta().bounds)),
            // in the order in which a fresh dispatcher numbers them
            zones => Hamlets::Zones(zones.iter().map(|zone| zone.id.clone()).collect()),
        }
    }

    pub(crate) fn calendar(&self) -> Calendar {
        Calendar { zone: self.config.area.time_zone.clone(), hamlets: self.hamlets() }
    }

    pub(crate) fn of(config: Option<&Path>) -> anyhow::Result<Town> {
        config.map_or_else(Town::built_in, Town::of_file)
    }
}

/// Where maps can be kept between runs: `$MUKAE_CACHE`, else the user's cache directory.
fn cache_directory() -> anyhow::Result<PathBuf> {
    let named = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let directory = named("MUKAE_CACHE")
        .or_else(|| Some(named("XDG_CACHE_HOME")?.join("mukae")))
        .or_else(|| Some(named("HOME")?.join(".cache/mukae")))
        .unwrap_or_else(|| std::env::temp_dir().join("mukae"));
    fs::create_dir_all(&directory).with_context(|| {
        format!("cannot create {}; set MUKAE_CACHE to a directory to write in", directory.display())
    })?;
    Ok(directory)
}

/// Tells extracts of different builds of this program apart.
fn identity() -> u64 {
    let digest = blake3::hash(EXTRACT);
    u64::from_le_bytes(digest.as_bytes()[..8].try_into().expect("a digest is longer than eight bytes"))
}

/// An instant of the engine from a date and a time of day in a zone.
pub(crate) fn instant(zoned: &jiff::Zoned) -> mukae_units::Time {
    mukae_units::Time::from_unix_millis(zoned.timestamp().as_millisecond())
}
