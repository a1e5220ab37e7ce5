//! Running the binary as a person would.
#![allow(dead_code)] // each test file uses its part

pub mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The binary, with a cache of maps that the tests share and nobody else uses.
pub fn mukae(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mukae"));
    command.args(args).env("MUKAE_CACHE", cache()).env("NO_COLOR", "1").env("LC_ALL", "C").stdin(Stdio::null());
    command
}

fn cache() -> PathBuf {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    std::fs::create_dir_all(&cache).expect("the target directory can be written to");
    cache
}

/// What it printed; panics with all of it if it failed.
pub fn expect_ok(args: &[&str]) -> String {
    let output = mukae(args).output().expect("the binary runs");
    assert!(output.status.success(), "mukae {args:?}: {}", both(&output));
    String::from_utf8(output.stdout).expect("mukae prints UTF-8")
}

/// What it said when it failed, as it should; panics if it did not, or if it panicked.
pub fn expect_error(args: &[&str]) -> String {
    let output = mukae(args).output().expect("the binary runs");
    assert!(!output.status.success(), "mukae {args:?} should fail: {}", both(&output));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("panicked"), "mukae {args:?}: {said}");
    said
}

fn both(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The last line, as JSON.
pub fn last_json(printed: &str) -> serde_json::Value {
    let last = printed.lines().last().expect("something was printed");
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {last}"))
}

pub fn extract(name: &str) -> String {
    format!("{}/../maps/data/{name}.osm.pbf", env!("CARGO_MANIFEST_DIR"))
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("test paths are UTF-8")
}
