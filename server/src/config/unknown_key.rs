//! What the TOML reader says, in words that help: the key, its line, and the key that was meant.

use super::Problem;

pub(super) fn explain(text: &str, error: &toml::de::Error) -> Problem {
    let line = error.span().map_or(1, |span| line_of(text, span.start));
    let message = error.message().trim().replace('\n', ", ");
    let what = unknown_field(&message).unwrap_or(message);
    Problem { line, what }
}

/// Counted from one.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}

/// serde names the unknown field first and then those it knows, each in backticks.
fn unknown_field(message: &str) -> Option<String> {
    let quoted: Vec<&str> = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2).collect();
    let (unknown, known) = quoted.split_first()?;
    let nearest = known.iter().min_by_key(|key| distance(unknown, key));
    Some(match nearest {
        Some(nearest) => {
            format!("unknown key `{unknown}`; did you mean `{nearest}`? (known here: {})", known.join(", "))
        }
        None => format!("unknown key `{unknown}`"),
    })
}

/// Insertions, deletions and replacements of bytes that make one text the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_edits() {
        assert_eq!(distance("listen", "listen"), 0);
        assert_eq!(distance("lisen", "listen"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
