//! `proto/` -> `proto/src/gen/` and `docs/api.md`.
//!
//! What is generated is checked in, so that a build of the product needs no protobuf compiler and a change of the
//! contract shows in review. Tidy asks [`stale`] whether it still is what `proto/` says.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::contract::Contract;
use crate::reference;

/// Nothing but generated files lives here.
const GEN_DIR: &str = "proto/src/gen";
const REFERENCE: &str = "docs/api.md";

/// Writes what has changed, and removes what is no longer generated.
pub(crate) fn write(root: &Path) -> Result<()> {
    let generated = generate(root)?;
    let mut changed_count = 0;
    for path in present(root)? {
        if !generated.contains_key(&path) {
            fs::remove_file(root.join(&path)).with_context(|| format!("can not remove {}", path.display()))?;
            println!("removed {}", path.display());
            changed_count += 1;
        }
    }
    for (path, bytes) in &generated {
        if read(&root.join(path))?.as_ref() != Some(bytes) {
            let target = root.join(path);
            fs::create_dir_all(target.parent().expect("generated paths have a directory"))?;
            fs::write(&target, bytes).with_context(|| format!("can not write {}", path.display()))?;
            println!("wrote {}", path.display());
            changed_count += 1;
        }
    }
    println!("{} generated files, {changed_count} changed", generated.len());
    Ok(())
}

/// The generated files that are missing, changed by hand, older than `proto/`, or left over.
pub(crate) fn stale(root: &Path) -> Result<Vec<PathBuf>> {
    let generated = generate(root)?;
    let mut stale = Vec::new();
    for (path, bytes) in &generated {
        if read(&root.join(path))?.as_ref() != Some(bytes) {
            stale.push(path.clone());
        }
    }
    stale.extend(present(root)?.into_iter().filter(|path| !generated.contains_key(path)));
    Ok(stale)
}

/// Every generated file by its path from the root. The same `proto/` gives the same bytes.
fn generate(root: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let contract = Contract::read(root)?;
    let out = tempfile::tempdir().context("no room for temporary files")?;

    let mut config = tonic_prost_build::Config::new();
    // Names let a message travel as a detail of an error (`Any::from_msg`).
    config.enable_type_names();
    tonic_prost_build::configure()
        .out_dir(out.path())
        .include_file("mod.rs")
        .compile_fds_with_config(contract.set.clone(), config)
        .context("code generation failed")?;

    let mut files = BTreeMap::new();
    for entry in fs::read_dir(out.path())? {
        let entry = entry?;
        files.insert(Path::new(GEN_DIR).join(entry.file_name()), fs::read(entry.path())?);
    }
    files.insert(Path::new(GEN_DIR).join("descriptor.bin"), contract.encoded.clone());
    files.insert(PathBuf::from(REFERENCE), reference::render(&contract).into_bytes());
    Ok(files)
}

/// The paths in the generated directory, from the root.
fn present(root: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(root.join(GEN_DIR)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("can not list {GEN_DIR}"))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(Path::new(GEN_DIR).join(entry?.file_name()));
    }
    paths.sort();
    Ok(paths)
}

/// The bytes of a file, or `None` if it is not there.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("can not read {}", path.display())),
    }
}
