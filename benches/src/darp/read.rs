//! A file of any format. Which one it is shows in its beginning, not in its name.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use mukae_sim::demand::numbers::Row;
use serde_json::Value;

use super::instance::{Instance, NODES_MAX, VEHICLES_MAX};
use super::{cordeau, dynamic, hdarp, json, lilim};

/// A table between as many nodes as there may be, written out at length.
const BYTES_MAX: u64 = 1 << 28;

pub fn read(path: &Path) -> Result<Instance> {
    let file = File::open(path)?;
    let mut bytes = Vec::new();
    file.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    ensure!(
        bytes.len() as u64 <= BYTES_MAX,
        "the file has more than {BYTES_MAX} bytes; no instance that can be planned has"
    );
    let text = String::from_utf8(bytes).ok().context("the file is not text in UTF-8")?;
    parse(&text)
}

/// A whole file, of any of the formats.
pub fn parse(text: &str) -> Result<Instance> {
    let text = text.trim_start_matches('\u{feff}');
    ensure!(!text.trim().is_empty(), "the file is empty; an instance is right");
    let instance = if text.trim_start().starts_with('{') { from_json(text) } else { from_rows(text) }?;
    let (nodes, vehicles) = (instance.nodes.len(), instance.vehicles.len());
    ensure!(!instance.requests.is_empty(), "there are no requests; one at least is right");
    ensure!(nodes <= NODES_MAX, "there are {nodes} nodes; {NODES_MAX} at most can be planned");
    ensure!(vehicles <= VEHICLES_MAX, "there are {vehicles} vehicles; {VEHICLES_MAX} at most can be planned");
    Ok(instance)
}

fn from_rows(text: &str) -> Result<Instance> {
    let first = Row::all(text).next().unwrap_or_else(Row::empty);
    match first.count() {
        5 => cordeau::read(text),
        3 => lilim::read(text),
        2 => hdarp::read(text),
        count => bail!(
            "line {}: the first row has {count} words; 5 numbers (Cordeau), 3 (Li and Lim), 2 (heterogeneous) or a JSON object are right",
            first.line()
        ),
    }
}

fn from_json(text: &str) -> Result<Instance> {
    // it says line and column itself
    let value: Value = serde_json::from_str(text).context("the file begins as JSON and is not")?;
    if value.get("static_info").is_some() {
        return dynamic::read(&value);
    }
    if value.get("nodes").is_some() {
        return json::read(&value);
    }
    bail!("there is neither `nodes` nor `static_info`; the first is right in an instance, the second in a dynamic one")
}
