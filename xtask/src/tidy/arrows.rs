//! Which room may know which. A new arrow is an architectural decision: change the table here, `ARCHITECTURE.md` and
//! the house style in one commit, and say why.

use std::collections::BTreeMap;

use super::manifests::Manifest;

/// A room and all that it may depend on.
const ARROWS: [(&str, &[&str]); 16] = [
    ("units", &[]),
    ("maps", &["units"]),
    ("engine", &["units", "maps"]),
    ("forecast", &["units"]),
    ("journal", &[]),
    ("record", &["units", "maps", "engine"]),
    ("office", &["units", "maps", "engine", "record"]),
    ("supply", &["units", "maps", "engine", "forecast", "record", "office", "config"]),
    ("config", &["units", "maps"]),
    ("people", &[]),
    ("proto", &[]),
    ("sim", &["units", "maps", "engine", "forecast", "journal", "record", "office", "supply", "config"]),
    (
        "server",
        &["units", "maps", "engine", "forecast", "journal", "record", "office", "supply", "config", "people", "proto"],
    ),
    ("cli", &["units", "maps", "engine", "journal", "record", "office", "supply", "config", "proto", "sim", "server"]),
    (
        "benches",
        &[
            "units", "maps", "engine", "forecast", "journal", "record", "office", "supply", "proto", "sim", "server",
            "cli",
        ],
    ),
    ("xtask", &[]),
];

/// Rooms whose tests may not look further than the room itself; the tests of others may.
const STRICT_TESTS: [&str; 1] = ["engine"];

/// What a room does without, whatever else it needs: the wire ends at the server, and the dispatcher neither waits,
/// nor rolls dice, nor writes itself down.
const ABSENT: [(&str, &[&str]); 10] = [
    ("units", &["tokio", "tonic", "prost", "serde", "rand"]),
    ("maps", &["tokio", "tonic", "prost"]),
    ("engine", &["tokio", "tonic", "prost", "serde", "rand"]),
    ("forecast", &["tokio", "tonic", "prost"]),
    ("journal", &["tokio", "tonic", "prost"]),
    ("record", &["tokio", "tonic", "prost"]),
    ("office", &["tokio", "tonic", "prost", "serde", "rand"]),
    ("supply", &["tokio", "tonic", "prost", "serde", "rand"]),
    ("people", &["tokio", "tonic", "prost", "tracing"]),
    ("sim", &["tokio", "tonic", "prost"]),
];

pub(super) fn breaches(manifests: &[Manifest]) -> Vec<String> {
    let rooms: BTreeMap<&str, &str> =
        manifests.iter().map(|each| (each.package.as_str(), each.room.as_str())).collect();
    let mut breaches = Vec::new();
    for manifest in manifests {
        let room = manifest.room.as_str();
        let Some(allowed) = of(&ARROWS, room) else {
            breaches.push(format!("{room} is not in the table of arrows (xtask/src/tidy/arrows.rs)"));
            continue;
        };
        let mut tables = vec!["dependencies", "build-dependencies"];
        if STRICT_TESTS.contains(&room) {
            tables.push("dev-dependencies");
        }
        let absent = of(&ABSENT, room).unwrap_or_default();
        for name in tables.iter().flat_map(|table| manifest.names(table)) {
            if let Some(other) = rooms.get(name).filter(|other| !allowed.contains(other)) {
                breaches.push(format!("{room} -> {other} is not an arrow of the house"));
            }
            if absent.contains(&name) {
                breaches.push(format!("{room} does without {name}"));
            }
        }
    }
    breaches
}

fn of<'a>(table: &[(&str, &'a [&'a str])], room: &str) -> Option<&'a [&'a str]> {
    table.iter().find(|(name, _)| *name == room).map(|(_, values)| *values)
}

#[cfg(test)]
mod tests {
    use super::super::manifests::manifest;
    use super::*;

    fn check(room: &str, toml: &str, expected: &[&str]) {
        let found =
            breaches(&[manifest("units", ""), manifest("maps", ""), manifest("server", ""), manifest(room, toml)]);
        assert_eq!(found, expected, "{room}: {toml}");
    }

    #[test]
    fn arrows_are_checked_in_every_table() {
        check("engine", "[dependencies]\nmukae-maps = {}", &[]);
        check("engine", "[dependencies]\nmukae-server = {}", &["engine -> server is not an arrow of the house"]);
        check("engine", "[dev-dependencies]\nmukae-server = {}", &["engine -> server is not an arrow of the house"]);
        check("journal", "[dev-dependencies]\nmukae-server = {}", &[]);
        check("journal", "[build-dependencies]\nmukae-units = {}", &["journal -> units is not an arrow of the house"]);
        check(
            "journal",
            "[target.'cfg(unix)'.dependencies]\nmukae-units = {}",
            &["journal -> units is not an arrow of the house"],
        );
        check("engine", "[dependencies]\ntokio = {}", &["engine does without tokio"]);
        check("helpers", "", &["helpers is not in the table of arrows (xtask/src/tidy/arrows.rs)"]);
    }
}
