//! A TOML file read key by key, so that everything wrong in it is found in one go.
//!
//! Whoever reads takes the keys they know; a value of another type or outside its range is noted with its line and
//! taken as absent, and a key that nobody took is unknown. serde stops at the first such key, which is why it is not
//! used here.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use mukae_units::Span;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::{Problem, line_of};
use crate::{span, unknown_key};

/// A file being read, and what was found wrong in it so far.
#[derive(Debug)]
pub struct Page<'t> {
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
}

/// One table of it: keys are taken out until none is left.
#[derive(Debug)]
pub struct Table<'p> {
    page: &'p Page<'p>,
    line: usize,
    rest: Vec<(String, Item<'p>)>,
    known: Vec<&'static str>,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Item<'p> {
    page: &'p Page<'p>,
    /// As problems call it.
    key: String,
    line: usize,
    value: DeValue<'p>,
}

impl<'t> Page<'t> {
    pub fn new(text: &'t str) -> Page<'t> {
        Page { text, problems: RefCell::new(Vec::new()) }
    }

    /// The file as one table. What is no TOML is noted; the rest is read all the same.
    pub fn table(&self) -> Table<'_> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let problem = unknown_key::explain(self.text, &error);
            self.note(problem.line, problem.what);
        }
        Table::of(self, 1, table.into_inner())
    }

    pub fn note(&self, line: usize, what: String) {
        self.problems.borrow_mut().push(Problem { line, what });
    }

    /// All problems, by line.
    pub fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.line);
        problems
    }
}

impl<'p> Table<'p> {
    fn of(page: &'p Page<'p>, line: usize, table: DeTable<'p>) -> Table<'p> {
        let mut rest: Vec<(usize, String, Item<'p>)> = table
            .into_iter()
            .map(|(key, value)| {
                let (at, key) = (key.span().start, key.into_inner().into_owned());
                let item = Item { page, key: key.clone(), line: line_of(page.text, at), value: value.into_inner() };
                (at, key, item)
            })
            .collect();
        rest.sort_by_key(|(at, ..)| *at);
        Table { page, line, rest: rest.into_iter().map(|(_, key, item)| (key, item)).collect(), known: Vec::new() }
    }

    /// Where it begins.
    pub fn line(&self) -> usize {
        self.line
    }

    pub fn note(&self, what: String) {
        self.page.note(self.line, what);
    }

    /// The value of a key, which is known from now on.
    pub fn take(&mut self, key: &'static str) -> Option<Item<'p>> {
        self.known.push(key);
        let index = self.rest.iter().position(|(name, _)| name == key)?;
        Some(self.rest.remove(index).1)
    }

    pub fn table(&mut self, key: &'static str) -> Option<Table<'p>> {
        self.take(key)?.table()
    }

    /// Everything left, in the order of the file: for tables whose keys are names that people choose.
    pub fn named(mut self) -> Vec<(String, Item<'p>)> {
        std::mem::take(&mut self.rest)
    }

    /// Notes every key that nobody took.
    pub fn close(self) {
        for (key, item) in &self.rest {
            self.page.note(item.line, unknown_key::unknown_among(key, &self.known));
        }
    }
}

impl<'p> Item<'p> {
    pub fn line(&self) -> usize {
        self.line
    }

    pub fn note(&self, what: String) {
        self.page.note(self.line, what);
    }

    fn expected<T>(&self, what: &str) -> Option<T> {
        self.note(format!("`{}` is {} here; {what} is right", self.key, self.value.type_str()));
        None
    }

    /// For keys that take a table or something shorter.
    pub fn is_table(&self) -> bool {
        matches!(self.value, DeValue::Table(_))
    }

    pub fn table(self) -> Option<Table<'p>> {
        match self.value {
            DeValue::Table(table) => Some(Table::of(self.page, self.line, table)),
            _ => self.expected(&format!("a table, `[{}]`,", self.key)),
        }
    }

    pub fn text(&self) -> Option<String> {
        match self.value.as_str() {
            Some(text) => Some(text.to_owned()),
            None => self.expected("text in quotes"),
        }
    }

    pub fn flag(&self) -> Option<bool> {
        match self.value.as_bool() {
            Some(flag) => Some(flag),
            None => self.expected("`true` or `false`"),
        }
    }

    pub fn whole(&self, range: RangeInclusive<i64>) -> Option<i64> {
        let Some(integer) = self.value.as_integer() else { return self.expected("a whole number") };
        // A number outside of i64 is outside of every range.
        match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) if range.contains(&number) => Some(number),
            _ => {
                let (least, most) = (range.start(), range.end());
                self.note(format!("`{}` is {}; {least} to {most} is allowed", self.key, integer.as_str()));
                None
            }
        }
    }

    /// A number with at most three digits after the point, in thousandths.
    pub fn thousandths(&self, range: RangeInclusive<i64>) -> Option<i64> {
        let text = match &self.value {
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            DeValue::Float(float) => float.as_str(),
            _ => return self.expected("a number like 1.25"),
        };
        match thousandths_of(text) {
            Some(number) if range.contains(&number) => Some(number),
            Some(_) => {
                let [least, most] = [range.start(), range.end()].map(|bound| *bound as f64 / 1000.0);
                self.note(format!("`{}` is {text}; {least} to {most} is allowed", self.key));
                None
            }
            None => self.expected("a number with at most three digits after the point, like 1.25,"),
        }
    }

    pub fn span(&self, range: RangeInclusive<Span>) -> Option<Span> {
        let text = self.text()?;
        match span::parse(&text) {
            Some(span) if range.contains(&span) => Some(span),
            Some(_) => {
                let (least, most) = (span::text(*range.start()), span::text(*range.end()));
                self.note(format!("`{}` is {text:?}; {least} to {most} is allowed", self.key));
                None
            }
            None => {
                let what = "write a length of time like \"10 min\", \"45 s\" or \"1 h 30 min\"";
                self.note(format!("`{}` is {text:?}; {what}", self.key));
                None
            }
        }
    }

    /// One of several words.
    pub fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text()?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*meaning);
        }
        let known: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
        self.note(format!("`{}` is {text:?}; {} is known", self.key, known.join(", ")));
        None
    }

    pub fn list(&self) -> Option<Vec<Item<'p>>> {
        let DeValue::Array(array) = &self.value else { return self.expected("a list, `[..]`,") };
        let item = |value: &Spanned<DeValue<'p>>| Item {
            page: self.page,
            key: self.key.clone(),
            line: line_of(self.page.text, value.span().start),
            value: value.as_ref().clone(),
        };
        Some(array.iter().map(item).collect())
    }
}

/// `1.25` is 1250. Without floats, so that the number meant is the number read.
fn thousandths_of(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = part.trim_end_matches('0');
    if 3 < part.len() || !part.bytes().chain(whole.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = format!("{part:0<3}").parse().ok()?;
    Some(sign * whole.checked_mul(1000)?.checked_add(part)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let page = Page::new(text);
        let mut table = page.table();
        let _ = table.take("seed").map(|item| item.whole(0..=99));
        let _ = table.take("scale").map(|item| item.thousandths(100..=10_000));
        let _ = table.take("notice").map(|item| item.span(Span::ZERO..=Span::DAY));
        let _ = table.take("audit").map(|item| item.flag());
        let _ = table.take("kind").map(|item| item.word(&[("one", 1), ("two", 2)]));
        let _ = table.take("counts").and_then(|item| item.list()).map(|list| {
            list.iter().for_each(|item| _ = item.whole(1..=9));
        });
        if let Some(mut demand) = table.table("demand") {
            let _ = demand.take("file").map(|item| item.text());
            demand.close();
        }
        table.close();
        page.into_problems().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn everything_wrong_is_told_at_once_with_its_line() {
        let text = "seed = 100\nscale = \"two\"\nsede = 1\nnotice = \"ten min\"\naudit = 1\nkind = \"three\"\n\
                    counts = [1,\n 10,\n \"x\"]\n[demand]\nfiel = \"a.csv\"\n";
        let found = problems(text);
        let expected = [
            "line 1: `seed` is 100; 0 to 99 is allowed",
            "line 2: `scale` is string here; a number like 1.25 is right",
            "line 3: unknown key `sede`; did you mean `seed`? (known here: seed, scale, notice, audit, kind, counts, demand)",
            "line 4: `notice` is \"ten min\"; write a length of time like \"10 min\", \"45 s\" or \"1 h 30 min\"",
            "line 5: `audit` is integer here; `true` or `false` is right",
            "line 6: `kind` is \"three\"; \"one\", \"two\" is known",
            "line 8: `counts` is 10; 1 to 9 is allowed",
            "line 9: `counts` is string here; a whole number is right",
            "line 11: unknown key `fiel`; did you mean `file`? (known here: file)",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_right_is_read_in_silence() {
        let text = "seed = 7\nscale = 1.25\nnotice = \"1 h\"\naudit = true\nkind = \"two\"\ncounts = [1, 9]\n\
                    [demand]\nfile = \"a.csv\"\n";
        assert_eq!(problems(text), [""; 0]);
    }

    #[test]
    fn text_that_is_no_toml_is_told_beside_the_rest() {
        let found = problems("seed = \nscale = 99999\n");
        assert!(found[0].starts_with("line 1: string values must be quoted"), "{found:?}");
        assert_eq!(found.last().map(String::as_str), Some("line 2: `scale` is 99999; 0.1 to 10 is allowed"));
    }

    #[test]
    fn thousandths_are_exact() {
        for (text, number) in
            [("1", 1000), ("1.25", 1250), ("0.001", 1), ("-0.5", -500), ("2.000000", 2000), ("0.1", 100)]
        {
            assert_eq!(thousandths_of(text), Some(number), "{text}");
        }
        for wrong in ["1.2345", "1e3", "inf", "nan", "", "99999999999999999999"] {
            assert_eq!(thousandths_of(wrong), None, "{wrong}");
        }
    }
}
