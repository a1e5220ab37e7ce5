//! The long proofs, beyond the ordinary tests: real roads by the directory, and a country of three million nodes.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::check::{cargo, command};

/// Where extracts lie; they are too large for the repository.
const DIRECTORY: &str = "MUKAE_EXTRACTS";
/// Extracts on which many more pairs are asked, by how their names begin.
const THOROUGH: [&str; 4] = ["isle-of-man", "malta", "heidelberg", "columbus"];
const SYNTHETIC_NODES: &str = "3000000";

/// Prints a line for each proof, runs all of them, and fails at the end if any failed.
pub(crate) fn proof(root: &Path) -> Result<()> {
    cargo(root, &["build", "--release", "-p", "mukae-benches", "--bins"])?;
    let mut failed = Vec::new();
    let mut note = |name: &str, outcome: Result<()>| {
        if let Err(error) = outcome {
            println!("FAIL {name}: {error:#}");
            failed.push(name.to_owned());
        }
    };
    match std::env::var_os(DIRECTORY) {
        Some(directory) => {
            note("truth tests", truth(root, &directory));
            for extract in thorough(Path::new(&directory))? {
                let name = extract.file_name().unwrap_or_default().to_string_lossy().into_owned();
                note(
                    &name,
                    prove(
                        root,
                        &["--sources".as_ref(), "100".as_ref(), "--targets".as_ref(), "100".as_ref()],
                        &extract,
                    ),
                );
            }
        }
        None => println!(
            "NOT PROVEN on real extracts: set {DIRECTORY} to a directory with {} … as *.osm.pbf",
            THOROUGH.join(", ")
        ),
    }
    let directory = tempfile::tempdir().context("no temporary directory")?;
    let country = directory.path().join("synthetic.osm.pbf");
    let size = ["--stages", "--synthetic", SYNTHETIC_NODES, "--sources", "20", "--targets", "20"].map(OsStr::new);
    note("synthetic country", prove(root, &size, &country));
    ensure!(failed.is_empty(), "not proven: {}", failed.join(", "));
    Ok(())
}

/// The ordinary tests that times are true and restrictions obeyed, over every extract of the directory.
fn truth(root: &Path, directory: &OsStr) -> Result<()> {
    let args =
        ["test", "--release", "-q", "-p", "mukae-maps", "--test", "it", "--", "truth::", "obeyed::", "--nocapture"];
    let directory = std::path::absolute(directory).context("the directory of extracts")?;
    let status = command(root, &args).env(DIRECTORY, directory).status().context("cargo does not run")?;
    ensure!(status.success(), "cargo {}", args.join(" "));
    Ok(())
}

fn thorough(directory: &Path) -> Result<Vec<PathBuf>> {
    let listed = std::fs::read_dir(directory).with_context(|| format!("{} cannot be read", directory.display()))?;
    let mut extracts: Vec<PathBuf> = listed.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    extracts.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".osm.pbf") && THOROUGH.iter().any(|start| name.starts_with(start))
    });
    extracts.sort();
    for start in THOROUGH {
        let is_there = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().starts_with(start);
        if !extracts.iter().any(is_there) {
            println!("NOT PROVEN on {start}: {} has no {start}*.osm.pbf", directory.display());
        }
    }
    Ok(extracts)
}

/// One process for one extract, so that its peak of memory is its own.
fn prove(root: &Path, options: &[&OsStr], extract: &Path) -> Result<()> {
    let extract = std::path::absolute(extract).context("the path of the extract")?;
    let mut args: Vec<OsString> =
        ["run", "--release", "-q", "-p", "mukae-benches", "--bin", "prove-roads", "--"].map(OsString::from).into();
    args.extend(options.iter().map(OsString::from));
    args.push(extract.into());
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let status = Command::new(cargo).args(args).current_dir(root).status().context("cargo does not run")?;
    ensure!(status.success(), "prove-roads says so above");
    Ok(())
}
