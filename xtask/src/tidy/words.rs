//! Words that stay out of the project: paths of the machine it was written on, and hosts of package registries.
//! A clone must work anywhere, and fetch through whatever registry its user has set up.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Written in two halves, so that this file passes its own rule.
const FORBIDDEN: [&str; 9] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("https://cr", "ates.io"),
    concat!("static.cr", "ates.io"),
    concat!("index.cr", "ates.io"),
    concat!("py", "pi.org"),
    concat!("files.py", "thonhosted.org"),
    concat!("registry.np", "mjs.org"),
    concat!("proxy.go", "lang.org"),
];

pub(super) fn breaches(root: &Path, files: &[PathBuf]) -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    for path in files {
        let bytes = fs::read(root.join(path)).with_context(|| format!("can not read {}", path.display()))?;
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        for (index, line) in text.lines().enumerate() {
            for word in FORBIDDEN.iter().filter(|word| stands_in(line, word)) {
                breaches.push(format!("{}:{}: says {word}", path.display(), index + 1));
            }
        }
    }
    Ok(breaches)
}

/// An absolute path counts only where it begins; `docs/…` may end in any directory.
fn stands_in(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !word.starts_with('/') || before.is_none_or(|c| !c.is_alphanumeric() && !"._-}".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_count_where_they_begin() {
        let path = FORBIDDEN[0];
        assert!(stands_in(path, path));
        assert!(stands_in(&format!("open(\"{path}x\")"), path));
        assert!(!stands_in(&format!("the{path}bench"), path));
        assert!(!stands_in(&format!("{{dir}}{path}x"), path));
        assert!(stands_in(&format!("see {}", FORBIDDEN[3]), FORBIDDEN[3]));
    }
}
