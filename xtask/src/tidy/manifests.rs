//! Every crate takes its edition, licence and lints from the workspace, and its dependencies, too: a version stands in
//! one place.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

/// The manifest of one member of the workspace.
pub(super) struct Manifest {
    /// The member's directory, which is the name of the room.
    pub(super) room: String,
    /// The crate's name.
    pub(super) package: String,
    pub(super) toml: Table,
}

impl Manifest {
    /// The names in a table such as `dependencies`, those under `[target.*]` included.
    pub(super) fn names<'a>(&'a self, table: &'a str) -> Vec<&'a str> {
        self.dependencies(table).into_iter().map(|(name, _)| name).collect()
    }

    fn dependencies<'a>(&'a self, table: &'a str) -> Vec<(&'a str, &'a Value)> {
        let targets = self.toml.get("target").and_then(Value::as_table);
        let places = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
        std::iter::once(&self.toml)
            .chain(places)
            .filter_map(|place| place.get(table)?.as_table())
            .flat_map(|entries| entries.iter().map(|(name, value)| (name.as_str(), value)))
            .collect()
    }
}

/// The members in the order of the workspace.
pub(super) fn read(root: &Path) -> Result<Vec<Manifest>> {
    let workspace = parse(&root.join("Cargo.toml"))?;
    let members = workspace.get("workspace").and_then(|workspace| workspace.get("members")).and_then(Value::as_array);
    let rooms = members.context("Cargo.toml lists no members")?.iter().filter_map(Value::as_str);
    rooms
        .map(|room| {
            let toml = parse(&root.join(room).join("Cargo.toml"))?;
            let package = toml.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
            let package = package.with_context(|| format!("{room}/Cargo.toml names no package"))?.to_owned();
            Ok(Manifest { room: room.to_owned(), package, toml })
        })
        .collect()
}

fn parse(path: &Path) -> Result<Table> {
    let text = fs::read_to_string(path).with_context(|| format!("can not read {}", path.display()))?;
    text.parse().with_context(|| format!("{} is not TOML", path.display()))
}

const INHERITED: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];
const TABLES: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];

pub(super) fn breaches(manifests: &[Manifest]) -> Vec<String> {
    let mut breaches = Vec::new();
    for manifest in manifests {
        let mut expect = |holds: bool, line: String| {
            if !holds {
                breaches.push(format!("{}/Cargo.toml lacks `{line}`", manifest.room));
            }
        };
        let package = manifest.toml.get("package");
        for key in INHERITED {
            let inherits = package.and_then(|package| package.get(key)).is_some_and(inherits);
            expect(inherits, format!("{key}.workspace = true"));
        }
        expect(manifest.toml.get("lints").is_some_and(inherits), "lints.workspace = true".to_owned());
        for (name, value) in TABLES.into_iter().flat_map(|table| manifest.dependencies(table)) {
            expect(inherits(value), format!("{name}.workspace = true"));
        }
    }
    breaches
}

fn inherits(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
pub(super) fn manifest(room: &str, toml: &str) -> Manifest {
    Manifest { room: room.to_owned(), package: format!("mukae-{room}"), toml: toml.parse().unwrap() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
        package = { version.workspace = true, edition.workspace = true, rust-version.workspace = true,
                    license.workspace = true, publish.workspace = true }
        lints.workspace = true
        [dependencies]
        prost.workspace = true
        tonic = { workspace = true, features = ['tls'] }
    ";

    #[test]
    fn what_is_not_inherited_is_named() {
        assert_eq!(breaches(&[manifest("maps", GOOD)]), Vec::<String>::new());
        let loose = GOOD.replace("edition.workspace = true", "edition = '2021'");
        assert_eq!(breaches(&[manifest("maps", &loose)]), ["maps/Cargo.toml lacks `edition.workspace = true`"]);
        let own = format!("{GOOD}\n[target.'cfg(unix)'.dependencies]\nlibc = '0.2'\n");
        assert_eq!(breaches(&[manifest("maps", &own)]), ["maps/Cargo.toml lacks `libc.workspace = true`"]);
        let unlinted = GOOD.replace("lints.workspace = true", "");
        assert_eq!(breaches(&[manifest("maps", &unlinted)]), ["maps/Cargo.toml lacks `lints.workspace = true`"]);
    }
}
