//! Rows of numbers with blanks between, as text files of benchmarks have them; what is wrong is told with its line.

use thiserror::Error;

/// What is not right in a row.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("line {line}, {field}: {wrong}; {right}")]
pub struct WrongRow {
    pub line: usize,
    pub field: &'static str,
    pub wrong: String,
    pub right: &'static str,
}

pub(crate) const NUMBER: &str = "a number such as 480 or -1.198, within a million";

/// A row that is read from left to right.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    line: usize,
    words: std::str::SplitWhitespace<'a>,
}

impl<'a> Row<'a> {
    /// The first of a file without rows.
    pub fn empty() -> Row<'a> {
        Row { line: 1, words: "".split_whitespace() }
    }

    /// Those that are not blank.
    pub fn all(text: &'a str) -> impl Iterator<Item = Row<'a>> {
        let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
        lines
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(at, line)| Row { line: at + 1, words: line.split_whitespace() })
    }

    /// Counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// How many numbers are still to come.
    pub fn count(&self) -> usize {
        self.words.clone().count()
    }

    pub fn wrong<T>(&self, field: &'static str, wrong: String, right: &'static str) -> Result<T, WrongRow> {
        Err(WrongRow { line: self.line, field, wrong, right })
    }

    pub fn number(&mut self, field: &'static str) -> Result<f64, WrongRow> {
        let Some(word) = self.words.next() else { return self.wrong(field, "it is missing".to_owned(), NUMBER) };
        match word.parse::<f64>() {
            Ok(value) if value.abs() <= 1e6 => Ok(value),
            _ => self.wrong(field, format!("`{word}` is not right"), NUMBER),
        }
    }

    pub fn whole(&mut self, field: &'static str, (from, to): (i32, i32), right: &'static str) -> Result<i32, WrongRow> {
        let value = self.number(field)?;
        if value.fract() == 0.0 && f64::from(from) <= value && value <= f64::from(to) {
            return Ok(value as i32);
        }
        self.wrong(field, format!("{value} is not right"), right)
    }

    /// Minutes.
    pub fn positive(&mut self, field: &'static str) -> Result<f64, WrongRow> {
        let value = self.number(field)?;
        if 0.0 <= value {
            return Ok(value);
        }
        self.wrong(field, format!("{value} is negative"), "minutes, not negative")
    }

    /// `earliest latest`, in minutes.
    pub fn window(&mut self) -> Result<(f64, f64), WrongRow> {
        let (earliest, latest) = (self.positive("earliest")?, self.positive("latest")?);
        if earliest <= latest {
            return Ok((earliest, latest));
        }
        let wrong = format!("{latest} is before earliest, {earliest}");
        self.wrong("latest", wrong, "the window ends when it begins, or later")
    }

    /// The number of a row after so many others.
    pub fn number_in_order(&mut self, field: &'static str, count: usize) -> Result<(), WrongRow> {
        let number = self.positive(field)?;
        if number == count as f64 {
            return Ok(());
        }
        self.wrong(field, format!("{number} follows {count} nodes"), "nodes count up from 0")
    }

    /// There is nothing more in it.
    pub fn end(&mut self, right: &'static str) -> Result<(), WrongRow> {
        match self.words.next() {
            None => Ok(()),
            Some(word) => self.wrong("row", format!("`{word}` is one too many"), right),
        }
    }
}
