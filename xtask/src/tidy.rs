//! The rules of the house that no compiler checks. Each rule is a file and a function that lists what breaks it.

mod arrows;
mod licences;
mod manifests;
mod mentions;
mod sizes;
mod words;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::contract::Contract;
use crate::{breaking, codegen, lint};

/// What a rule found.
#[derive(Debug, Default)]
struct Finding {
    /// What must change.
    breaches: Vec<String>,
    /// What is worth a look.
    warnings: Vec<String>,
}

/// A rule by its name, and what it finds below a root.
type Rule = (&'static str, fn(&Path) -> Result<Finding>);

const RULES: [Rule; 9] = [
    ("arrows between rooms", arrows),
    ("manifests", manifests),
    ("the contract's house rules", contract),
    ("the contract breaks nothing released", released),
    ("generated files are fresh", fresh),
    ("words that stay out", words),
    ("what tables of the docs name", mentions),
    ("file sizes", sizes),
    ("licences", licences),
];

/// Runs every rule, prints what it finds, and fails at the end if anything must change.
pub(crate) fn tidy(root: &Path) -> Result<()> {
    let mut breach_count = 0;
    for (name, rule) in RULES {
        let finding = rule(root).with_context(|| format!("tidy could not look at {name}"))?;
        println!("{} {name}", if finding.breaches.is_empty() { "ok  " } else { "FAIL" });
        finding.warnings.iter().for_each(|warning| println!("     note: {warning}"));
        finding.breaches.iter().for_each(|breach| println!("     {breach}"));
        breach_count += finding.breaches.len();
    }
    ensure!(breach_count == 0, "tidy: {breach_count} things to put right");
    Ok(())
}

fn arrows(root: &Path) -> Result<Finding> {
    breaches(arrows::breaches(&manifests::read(root)?))
}

fn manifests(root: &Path) -> Result<Finding> {
    breaches(manifests::breaches(&manifests::read(root)?))
}

fn contract(root: &Path) -> Result<Finding> {
    breaches(lint::breaches(&Contract::read(root)?))
}

fn released(root: &Path) -> Result<Finding> {
    breaches(breaking::breaches(root)?)
}

fn fresh(root: &Path) -> Result<Finding> {
    let stale = codegen::stale(root)?;
    breaches(
        stale.iter().map(|path| format!("{} is not what proto/ gives: cargo xtask codegen", path.display())).collect(),
    )
}

fn words(root: &Path) -> Result<Finding> {
    breaches(words::breaches(root, &tracked(root)?)?)
}

fn mentions(root: &Path) -> Result<Finding> {
    breaches(mentions::breaches(root, &tracked(root)?)?)
}

fn sizes(root: &Path) -> Result<Finding> {
    Ok(Finding { warnings: sizes::warnings(root, &tracked(root)?)?, ..Finding::default() })
}

fn licences(root: &Path) -> Result<Finding> {
    breaches(licences::breaches(root)?)
}

fn breaches(breaches: Vec<String>) -> Result<Finding> {
    Ok(Finding { breaches, ..Finding::default() })
}

/// The files that git knows or would add, from the root.
fn tracked(root: &Path) -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let output = git.output().context("git is needed to list the files of the project")?;
    if !output.status.success() {
        bail!("git ls-files: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let names = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    let mut paths: Vec<PathBuf> = names.split_terminator('\0').map(PathBuf::from).collect();
    paths.retain(|path| root.join(path).is_file()); // one that was removed a moment ago is still listed
    Ok(paths)
}

/// One test for each rule, so that a failure names it.
#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&Path) -> Result<Finding>) {
        let finding = rule(&crate::root()).unwrap();
        assert!(finding.breaches.is_empty(), "\n{}\n", finding.breaches.join("\n"));
    }

    #[test]
    fn arrows_point_one_way() {
        check(arrows);
    }

    #[test]
    fn manifests_inherit() {
        check(manifests);
    }

    #[test]
    fn generated_files_are_fresh() {
        check(fresh);
    }

    #[test]
    fn no_machine_or_registry_is_named() {
        check(words);
    }

    #[test]
    fn what_tables_name_is_there() {
        check(mentions);
    }

    #[test]
    fn licences_are_allowed() {
        check(licences);
    }
}
