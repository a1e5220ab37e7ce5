//! The server that is loaded: the real binary on the built-in town's map and rules, with a journal on disk.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use mukae_maps::PreparedMap;
use tempfile::TempDir;

use crate::isle_of_man;

const SETTINGS: &str = include_str!("../../../cli/town/isle-of-man.toml");
/// Of the configuration: all load is one tenant's here.
const QUOTA: &str = "\n[quota]\ncalls_in_flight = 10000\ncalls_per_second = 100000\nburst = 100000\nstreams = 20000\n";
/// Of the configuration: room for the watchers of the largest question.
const WATCHERS: usize = 20_000;

/// Killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    pub address: String,
    pub map: PreparedMap,
    _directory: TempDir,
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    pub resident_bytes: u64,
    pub peak_bytes: u64,
    pub cpu_seconds: f64,
}

impl Server {
    pub fn start(binary: &Path) -> Result<Server> {
        let directory = TempDir::new()?;
        let map = isle_of_man();
        map.save(&directory.path().join("isle-of-man.map"))?;
        let listening = "listen = \"127.0.0.1:50051\"";
        let settings = SETTINGS.replacen(listening, &format!("listen = \"127.0.0.1:0\"\nwatchers = {WATCHERS}"), 1);
        if settings == SETTINGS {
            bail!("the built-in town's configuration does not say {listening}");
        }
        let config = directory.path().join("town.toml");
        fs::write(&config, settings + QUOTA)?;
        let mut child = Command::new(binary)
            .args(["serve", "--config"])
            .arg(&config)
            .arg("--data")
            .arg(directory.path().join("journal"))
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("can not start {}: build it by `cargo build --release`", binary.display()))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it was asked for")).read_line(&mut line)?;
        let address = line.trim().strip_prefix("serving on ").context("the server did not start")?.to_owned();
        Ok(Server { child, address, map, _directory: directory })
    }

    /// As Linux counts it.
    pub fn usage(&self) -> Result<Usage> {
        let process = Path::new("/proc").join(self.child.id().to_string());
        let status = fs::read_to_string(process.join("status"))?;
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
            kibibytes.map(|kibibytes| kibibytes * 1024).with_context(|| format!("no {name} in its status"))
        };
        let stat = fs::read_to_string(process.join("stat"))?;
        // fields 14 and 15, counted from 1; the second ends with the last parenthesis. Ticks of 10 ms: see proc_pid_stat(5)
        let after_name = stat.rsplit_once(')').context("a process has a name")?.1;
        let ticks: u64 =
            after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(Usage { resident_bytes: bytes("VmRSS:")?, peak_bytes: bytes("VmHWM:")?, cpu_seconds: ticks as f64 / 100.0 })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}
