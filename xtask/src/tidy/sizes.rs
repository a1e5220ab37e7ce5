//! Files that grew long. Only a note: a long straight story may stay whole.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

const LINES_MAX: usize = 600;
/// Source that people read.
const EXTENSIONS: [&str; 5] = ["rs", "proto", "ts", "py", "css"];

pub(super) fn warnings(root: &Path, files: &[PathBuf]) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    for path in files.iter().filter(|path| is_ours(path)) {
        let bytes = fs::read(root.join(path)).with_context(|| format!("can not read {}", path.display()))?;
        let line_count = bytes.iter().filter(|byte| **byte == b'\n').count();
        if line_count > LINES_MAX {
            warnings.push(format!("{} has {line_count} lines: do two rooms share a wall?", path.display()));
        }
    }
    Ok(warnings)
}

fn is_ours(path: &Path) -> bool {
    let is_source = path.extension().is_some_and(|extension| EXTENSIONS.iter().any(|known| extension == *known));
    is_source && !path.starts_with("proto/src/gen")
}
