//! What the TOML reader says, in words that help: the key, its line, and the key that was meant.

use mukae_maps::nearest_word;

use crate::problem::{Problem, line_of};

pub fn explain(text: &str, error: &toml::de::Error) -> Problem {
    let line = error.span().map_or(1, |span| line_of(text, span.start));
    let message = error.message().trim().replace('\n', ", ");
    let what = unknown_field(&message).unwrap_or(message);
    Problem { line, what }
}

/// serde names the unknown field first and then those it knows, each in backticks.
fn unknown_field(message: &str) -> Option<String> {
    let quoted: Vec<&str> = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2).collect();
    let (unknown, known) = quoted.split_first()?;
    Some(unknown_among(unknown, known))
}

/// What is said of a key that nobody knows, where these are known.
pub fn unknown_among(unknown: &str, known: &[&str]) -> String {
    match nearest_word(unknown, known) {
        Some(nearest) => {
            format!("unknown key `{unknown}`; did you mean `{nearest}`? (known here: {})", known.join(", "))
        }
        None => format!("unknown key `{unknown}`"),
    }
}
