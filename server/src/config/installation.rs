//! One configuration file, or one of the server with a directory of areas' files beside it.
//!
//! `areas = "areas"` in `[server]` names the directory. Each `*.toml` in it is one area, as a file of one area would
//! have it but for the tables of the server. It is called by its area's id, so that no two say they are the same, and a
//! file that is wrong takes down its own area only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mukae_config::unknown_key;
use mukae_maps::PreparedMap;

use super::check::{check_area, check_server};
use super::{AccessConfig, Config, ConfigError, Problem, ServerConfig, raw};
use crate::names::{AreaName, is_id};

/// Everything one server serves.
#[derive(Debug)]
pub struct Installation {
    pub server: ServerConfig,
    pub access: AccessConfig,
    /// By name.
    pub areas: Vec<AreaFile>,
}

#[derive(Debug)]
pub struct AreaFile {
    pub name: AreaName,
    pub file: PathBuf,
    pub config: Result<Config, ConfigError>,
}

/// An area with its map, or why it can not be served.
#[derive(Debug)]
pub struct AreaToServe {
    pub name: AreaName,
    pub ready: Result<(Config, Arc<PreparedMap>), String>,
}

/// Tables and keys that stand in the server's file only.
const OF_SERVER: [&str; 8] = ["server", "auth", "tls", "cors", "quota", "metrics", "people", "simulations"];

impl Installation {
    pub fn load(file: &Path) -> Result<Installation, ConfigError> {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|source| ConfigError::Read { file: name.clone(), source })?;
        let directory = file.parent().unwrap_or(Path::new(""));
        let wrong = |problems| ConfigError::Wrong { file: name.clone(), problems };
        let raw: raw::RawConfig =
            toml::from_str(&text).map_err(|error| wrong(vec![unknown_key::explain(&text, &error)]))?;
        let Some(areas) = raw.server.areas.as_ref().map(|areas| directory.join(areas.as_ref())) else {
            let config = Config::parse(&text, directory).map_err(wrong)?;
            return Ok(Installation::of(config, file.to_owned()));
        };
        let others = tables_but(&text, |table| OF_SERVER.contains(&table));
        let here =
            |table: String| Problem { line: 1, what: format!("`{table}` stands in the file of its area, in `areas`") };
        if !others.is_empty() {
            return Err(wrong(others.into_iter().map(here).collect()));
        }
        let (server, access) = check_server(raw, &text, directory).map_err(wrong)?;
        let areas = files_of(&areas)?.into_iter().map(|file| AreaFile::read(file, &server, &access)).collect();
        Ok(Installation { server, access, areas })
    }

    /// A file of one area.
    pub fn of(config: Config, file: PathBuf) -> Installation {
        let (server, access) = (config.server.clone(), config.access.clone());
        let area = AreaFile { name: config.area.name.clone(), file, config: Ok(config) };
        Installation { server, access, areas: vec![area] }
    }

    /// With their maps; areas on one map share what of it is in memory. Told of each map that is opened.
    pub fn open_maps(self) -> Vec<AreaToServe> {
        let mut maps: BTreeMap<PathBuf, Arc<PreparedMap>> = BTreeMap::new();
        let mut open = |file: &Path| -> Result<Arc<PreparedMap>, String> {
            let known = file.canonicalize().unwrap_or_else(|_| file.to_owned());
            if let Some(map) = maps.get(&known) {
                return Ok(Arc::clone(map));
            }
            let map = PreparedMap::open(file).map_err(|error| error.to_string())?;
            Ok(Arc::clone(maps.entry(known).or_insert(Arc::new(map))))
        };
        let ready = |area: AreaFile| {
            let config = area.config.map_err(|error| error.to_string());
            let ready = config.and_then(|config| open(&config.area.map).map(|map| (config, map)));
            AreaToServe { name: area.name, ready }
        };
        self.areas.into_iter().map(ready).collect()
    }
}

impl AreaFile {
    fn read(file: PathBuf, server: &ServerConfig, access: &AccessConfig) -> AreaFile {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let name = file.display().to_string();
        let config = std::fs::read_to_string(&file)
            .map_err(|source| ConfigError::Read { file: name.clone(), source })
            .and_then(|text| {
                let directory = file.parent().unwrap_or(Path::new(""));
                let config = parse(&text, directory, server, access, &stem);
                config.map_err(|problems| ConfigError::Wrong { file: name, problems })
            });
        AreaFile { name: AreaName(stem), file, config }
    }
}

fn parse(
    text: &str,
    directory: &Path,
    server: &ServerConfig,
    access: &AccessConfig,
    stem: &str,
) -> Result<Config, Vec<Problem>> {
    let raw: raw::RawConfig = toml::from_str(text).map_err(|error| vec![unknown_key::explain(text, &error)])?;
    let of_server = tables_but(text, |table| !OF_SERVER.contains(&table));
    let there =
        |table: String| Problem { line: 1, what: format!("`{table}` stands in the server's file, for all areas") };
    if !of_server.is_empty() {
        return Err(of_server.into_iter().map(there).collect());
    }
    let config = check_area(raw, text, directory, server.clone(), access.clone())?;
    if config.area.name.0 != stem {
        let what =
            format!("`id` of `[area]` is {:?}; the file is to be called {0}.toml, was {stem}.toml", config.area.name.0);
        return Err(vec![Problem { line: 1, what }]);
    }
    Ok(config)
}

/// What stands at the top of a file, but for some.
fn tables_but(text: &str, is_fine: impl Fn(&str) -> bool) -> Vec<String> {
    let table: toml::Table = text.parse().unwrap_or_default();
    table.keys().filter(|key| !is_fine(key)).cloned().collect()
}

/// The areas' files by their names; of others in the directory nothing is said, but a file that can be no area's.
fn files_of(directory: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let name = directory.display().to_string();
    let read = |source| ConfigError::Read { file: name.clone(), source };
    let entries = std::fs::read_dir(directory).map_err(read)?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(read)?.path();
        if file.extension().is_some_and(|extension| extension == "toml") {
            files.push(file);
        }
    }
    files.sort();
    let is_named = |file: &PathBuf| file.file_stem().is_some_and(|stem| is_id(&stem.to_string_lossy()));
    let problem = |what: String| ConfigError::Wrong { file: name.clone(), problems: vec![Problem { line: 1, what }] };
    if let Some(file) = files.iter().find(|file| !is_named(file)) {
        let what = "a file is called by its area's id, 1 to 63 of a-z, 0-9 and -, starting with a letter";
        return Err(problem(format!("{}: {what}", file.display())));
    }
    if files.is_empty() {
        return Err(problem("there is no area's file, such as asahi.toml".to_owned()));
    }
    Ok(files)
}
