//! A server of the binary in a small town on Niue.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{expect_error, expect_ok, extract, last_json, mukae, text};

/// `town.toml`: one bus that is there all day, in an area whose map is `niue.map` beside it.
pub const TOWN: &str = r#"
[server]
listen = "127.0.0.1:0"

[area]
id = "niue"
time_zone = "Pacific/Niue"
map = "niue.map"
snap_limit_m = 500

[[service]]
tenant = "alofi"
id = "ride"

[[vehicle]]
tenant = "alofi"
id = "bus"
seats = 4

[[shift]]
vehicle = "bus"
start = "00:00"
end = "23:59"
start_place = [-19.0540, -169.9187]
"#;

/// A directory with `niue.map`.
pub fn on_niue() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    expect_ok(&["map", "build", &extract("niue"), "--out", text(&dir.path().join("niue.map"))]);
    dir
}

/// The same and `town.toml`, which keeps a journal.
pub fn town_with_journal() -> tempfile::TempDir {
    let dir = on_niue();
    std::fs::write(dir.path().join("town.toml"), format!("{TOWN}\n[journal]\ndir = \"journal\"\n")).unwrap();
    dir
}

/// Killed when the test is over, however it ends.
pub struct Server {
    pub child: Child,
    pub address: String,
    printed: Lines<BufReader<ChildStdout>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Serves the town of a configuration file.
    pub fn of(town: &Path) -> Server {
        Server::start(&mut mukae(&["serve", "--config", text(town)]))
    }

    /// Returns when the server says where it serves.
    pub fn start(command: &mut Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let line = printed.next().expect("it says where it serves").unwrap();
            if let Some(address) = line.strip_prefix("serving on ") {
                break address.to_owned();
            }
        };
        Server { child, address, printed }
    }

    /// What stands behind these words in the next line it prints.
    pub fn next_line(&mut self, words: &str) -> String {
        let line = self.printed.next().expect("it prints another line").unwrap();
        line.strip_prefix(words).unwrap_or_else(|| panic!("{line}")).to_owned()
    }

    pub fn says(&self, args: &[&str]) -> String {
        expect_ok(&[args, &["--server", &self.address]].concat())
    }

    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        last_json(&self.says(&[args, &["--json"]].concat()))
    }

    pub fn refuses(&self, args: &[&str]) -> String {
        expect_error(&[args, &["--server", &self.address]].concat())
    }
}
