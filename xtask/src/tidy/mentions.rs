//! Tables in the docs that say where a thing lives and what proves it: what they name is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Pages whose code words are looked up.
const PAGES: [&str; 1] = ["docs/constraints.md"];

pub(super) fn breaches(root: &Path, files: &[PathBuf]) -> Result<Vec<String>> {
    let mut functions = BTreeSet::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
        let text = fs::read_to_string(root.join(path)).with_context(|| format!("can not read {}", path.display()))?;
        functions.extend(names(&text).map(str::to_owned));
    }
    let mut breaches = Vec::new();
    for page in PAGES {
        let text = fs::read_to_string(root.join(page)).with_context(|| format!("can not read {page}"))?;
        for (number, line) in text.lines().enumerate() {
            let wrong = line.split('`').skip(1).step_by(2).filter(|word| !is_there(word, files, &functions));
            breaches.extend(wrong.map(|word| format!("{page}:{}: there is no `{word}`", number + 1)));
        }
    }
    Ok(breaches)
}

/// A path must be a file, a long word in small letters a function; whatever else is set as code is not looked up.
fn is_there(word: &str, files: &[PathBuf], functions: &BTreeSet<String>) -> bool {
    let is_name = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if word.ends_with(".rs") {
        return files.iter().any(|path| path == Path::new(word));
    }
    let is_test = word.matches('_').count() > 2 && word.chars().all(is_name);
    !is_test || functions.contains(word)
}

/// The names of all functions of a file.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (_, after) = line.split_once("fn ")?;
        Some(after.split(['(', '<']).next().unwrap_or(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_noticed() {
        let files = [PathBuf::from("engine/src/a.rs")];
        let functions: BTreeSet<String> = names("    fn a_day_goes_well() {\nfn b<T>()").map(str::to_owned).collect();
        for (word, expected) in [
            ("engine/src/a.rs", true),
            ("engine/src/b.rs", false),
            ("a_day_goes_well", true),
            ("a_day_goes_ill", false),
            ("wait_on_board_max = 2", true),
            ("Seats", true),
        ] {
            assert_eq!(is_there(word, &files, &functions), expected, "{word}");
        }
    }
}
