//! Every crate that is compiled into the product or its tests has a licence that we may ship under.
//!
//! `cargo metadata` knows them; the crates of the present platform are looked at, since those are the ones that a
//! clone has fetched.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

const ALLOWED: [&str; 13] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "MPL-2.0",
    "WTFPL",
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
}

/// What is used on this platform; `packages` lists more.
#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
}

pub(super) fn breaches(root: &Path) -> Result<Vec<String>> {
    let metadata = metadata(root)?;
    let used = |package: &&Package| metadata.resolve.nodes.iter().any(|node| node.id == package.id);
    Ok(metadata.packages.iter().filter(used).filter_map(breach).collect())
}

fn breach(package: &Package) -> Option<String> {
    let Package { name, version, .. } = package;
    match &package.license {
        None => Some(format!("{name} {version} names no licence")),
        Some(licence) => match allows(licence) {
            Some(true) => None,
            Some(false) => Some(format!("{name} {version} is under {licence}")),
            None => Some(format!("{name} {version}: can not read its licence `{licence}`")),
        },
    }
}

fn metadata(root: &Path) -> Result<Metadata> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let rustc = Command::new("rustc").arg("-vV").output().context("rustc does not run")?;
    let about = String::from_utf8_lossy(&rustc.stdout).into_owned();
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version=1", "--locked", "--all-features", "--filter-platform", host]);
    let output = command.current_dir(root).output().context("cargo does not run")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata gave something else")
}

/// Whether an SPDX expression leaves us a choice that we allow; `None` if it is none.
fn allows(expression: &str) -> Option<bool> {
    // Old crates write `MIT/Apache-2.0` where they mean OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (allowed, rest) = any_of(&words)?;
    rest.is_empty().then_some(allowed)
}

/// `a OR b`: one is enough. Returns what is left of the words.
fn any_of<'a>(words: &'a [&'a str]) -> Option<(bool, &'a [&'a str])> {
    let (mut allowed, mut rest) = all_of(words)?;
    while let ["OR", after @ ..] = rest {
        let (next, after) = all_of(after)?;
        allowed |= next;
        rest = after;
    }
    Some((allowed, rest))
}

/// `a AND b`: both are needed; it binds closer than OR.
fn all_of<'a>(words: &'a [&'a str]) -> Option<(bool, &'a [&'a str])> {
    let (mut allowed, mut rest) = one(words)?;
    while let ["AND", after @ ..] = rest {
        let (next, after) = one(after)?;
        allowed &= next;
        rest = after;
    }
    Some((allowed, rest))
}

fn one<'a>(words: &'a [&'a str]) -> Option<(bool, &'a [&'a str])> {
    match words {
        ["(", inside @ ..] => match any_of(inside)? {
            (allowed, [")", rest @ ..]) => Some((allowed, rest)),
            _ => None,
        },
        [licence, "WITH", exception, rest @ ..] => {
            Some((ALLOWED.contains(&format!("{licence} WITH {exception}").as_str()), rest))
        }
        ["OR" | "AND" | "WITH" | ")", ..] | [] => None,
        // `+` leaves us this version or a later one.
        [licence, rest @ ..] => Some((ALLOWED.contains(&licence.trim_end_matches('+')), rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_leave_a_choice_or_not() {
        assert_eq!(allows("MIT"), Some(true));
        assert_eq!(allows("MPL-2.0+"), Some(true));
        assert_eq!(allows("GPL-3.0-only"), Some(false));
        assert_eq!(allows("GPL-3.0-only OR MIT"), Some(true));
        assert_eq!(allows("GPL-3.0/MIT"), Some(true));
        assert_eq!(allows("MIT AND GPL-3.0-only"), Some(false));
        assert_eq!(allows("(MIT OR GPL-3.0-only) AND Unicode-3.0"), Some(true));
        assert_eq!(allows("MIT OR GPL-3.0-only AND Unicode-3.0"), Some(true));
        assert_eq!(allows("Apache-2.0 WITH LLVM-exception OR GPL-2.0"), Some(true));
        assert_eq!(allows("GPL-2.0 WITH Classpath-exception-2.0"), Some(false));
    }

    #[test]
    fn what_is_no_expression_is_told_apart() {
        for broken in ["", "MIT OR", "(MIT", "MIT)", "OR MIT", "MIT Apache-2.0"] {
            assert_eq!(allows(broken), None, "for {broken:?}");
        }
    }
}
