//! The text of a filter, and of an order, becomes what [`super::Sieve`] evaluates.
//!
//! ```text
//! filter      = factor { "AND" factor }
//! factor      = term { "OR" term }                  OR binds more tightly than AND, as AIP-160 has it
//! term        = [ "NOT" | "-" ] ( "(" filter ")" | restriction )
//! restriction = field ( "=" | "!=" | "<" | "<=" | ">" | ">=" | ":" ) ( word | quoted text | "*" )
//! ```

use super::{Expr, How, Kind, Known, Literal, Mistake, ORDERS_MAX, Pattern};

/// Parentheses and `NOT`s inside each other.
const DEPTH_MAX: usize = 20;

const COMPARATORS: [(&str, How); 7] = [
    ("<=", How::LessOrEqual),
    (">=", How::GreaterOrEqual),
    ("!=", How::Unequal),
    ("=", How::Equal),
    ("<", How::Less),
    (">", How::Greater),
    (":", How::Contains),
];

pub(super) fn filter(text: &str, known: &[Known]) -> Result<Expr, Mistake> {
    let mut parser = Parser { chars: text.chars().collect(), at: 0, known, depth: 0 };
    let read = parser.all()?;
    parser.skip_blanks();
    match parser.peek() {
        None => Ok(read),
        Some(')') => Err(parser.mistake("a `)` that closes nothing".to_owned())),
        Some(_) => {
            let found = parser.rest_word();
            Err(parser.mistake(format!("found `{found}`; `AND` or `OR` comes between two conditions")))
        }
    }
}

/// `create_time desc, name`
pub(super) fn order(text: &str, known: &[Known]) -> Result<Vec<(usize, bool)>, Mistake> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let mut order: Vec<(usize, bool)> = Vec::new();
    let mut at = 1;
    for part in text.split(',') {
        let mistake = |what: String| Mistake { at: at + part.chars().take_while(|c| c.is_whitespace()).count(), what };
        let mut words = part.split_whitespace();
        let (name, direction, rest) = (words.next().unwrap_or(""), words.next(), words.next());
        let field = field_number(name, known).map_err(&mistake)?;
        let is_descending = match (direction, rest) {
            (None | Some("asc"), None) => false,
            (Some("desc"), None) => true,
            (Some(other), _) => {
                return Err(mistake(format!("found `{other}` behind `{name}`; write `{name}`, or `{name} desc`")));
            }
            (None, Some(_)) => unreachable!("a third word comes behind a second one"),
        };
        if matches!(known[field].1, Kind::Texts) {
            return Err(mistake(format!("`{name}` holds several texts; a list is ordered by one value")));
        }
        if order.iter().any(|(other, _)| *other == field) {
            return Err(mistake(format!("`{name}` is there twice")));
        }
        order.push((field, is_descending));
        if ORDERS_MAX < order.len() {
            return Err(mistake(format!("at most {ORDERS_MAX} fields")));
        }
        at += part.chars().count() + 1;
    }
    Ok(order)
}

fn field_number(name: &str, known: &[Known]) -> Result<usize, String> {
    let found = known.iter().position(|(called, _)| *called == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(called, _)| *called).collect();
        match name {
            "" => format!("a field is missing; there are: {}", names.join(", ")),
            _ => format!("`{name}` is no field of this list; there are: {}", names.join(", ")),
        }
    })
}

struct Parser<'k> {
    chars: Vec<char>,
    at: usize,
    known: &'k [Known],
    depth: usize,
}

impl Parser<'_> {
    fn all(&mut self) -> Result<Expr, Mistake> {
        let mut parts = vec![self.any()?];
        while self.takes_word("AND") {
            parts.push(self.any()?);
        }
        Ok(one_or(parts, Expr::All))
    }

    fn any(&mut self) -> Result<Expr, Mistake> {
        let mut parts = vec![self.term()?];
        while self.takes_word("OR") {
            parts.push(self.term()?);
        }
        Ok(one_or(parts, Expr::Any))
    }

    fn term(&mut self) -> Result<Expr, Mistake> {
        self.skip_blanks();
        self.depth += 1;
        if DEPTH_MAX < self.depth {
            return Err(self.mistake(format!("at most {DEPTH_MAX} `NOT`s and parentheses inside each other")));
        }
        let read = if self.takes_word("NOT") || self.takes("-") {
            Expr::Not(Box::new(self.term()?))
        } else if self.takes("(") {
            let inner = self.all()?;
            self.skip_blanks();
            if !self.takes(")") {
                return Err(self.mistake(format!("found {}; a `)` is missing", self.found())));
            }
            inner
        } else {
            self.restriction()?
        };
        self.depth -= 1;
        Ok(read)
    }

    fn restriction(&mut self) -> Result<Expr, Mistake> {
        self.skip_blanks();
        let from = self.at;
        if self.peek().is_none_or(|c| !is_of_name(c)) {
            return Err(self.mistake(format!(
                "found {}; a condition like `{}` is missing",
                self.found(),
                self.example()
            )));
        }
        let name = self.word(is_of_name);
        let field = field_number(&name, self.known).map_err(|what| Mistake { at: from + 1, what })?;
        self.skip_blanks();
        let how_at = self.at + 1;
        let Some(&(written, how)) = COMPARATORS.iter().find(|(written, _)| self.takes(written)) else {
            let what = format!("found {} behind `{name}`; one of = != < <= > >= : is missing", self.found());
            return Err(self.mistake(what));
        };
        self.skip_blanks();
        let (arg_at, (arg, is_quoted)) = (self.at + 1, self.argument(&name, written)?);
        if arg == "*" && !is_quoted {
            return match how {
                How::Contains => Ok(Expr::Has(field)),
                _ => Err(Mistake { at: arg_at, what: format!("write `{name}:*` for what has any `{name}`") }),
            };
        }
        let kind = self.known[field].1;
        let refused = match (kind, how) {
            (Kind::Word(_) | Kind::Flag, How::Less | How::LessOrEqual | How::Greater | How::GreaterOrEqual) => {
                Some(format!("`{name}` has no more and less; write `=` or `!=`"))
            }
            (Kind::Texts, how) if how != How::Contains => {
                Some(format!("`{name}` holds several texts; write `{name}:` and one of them"))
            }
            _ => None,
        };
        if let Some(what) = refused {
            return Err(Mistake { at: how_at, what });
        }
        let with = literal(kind, how, &arg).map_err(|right| {
            let what = format!("`{arg}` can not be compared with `{name}`; {right}");
            Mistake { at: arg_at, what }
        })?;
        Ok(Expr::Compare { field, how, with })
    }

    /// A word up to a blank or a parenthesis, or a text in quotes.
    fn argument(&mut self, name: &str, how: &str) -> Result<(String, bool), Mistake> {
        let Some(quote) = self.peek().filter(|c| matches!(c, '"' | '\'')) else {
            let word = self.word(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '\''));
            return match word.is_empty() {
                true => {
                    Err(self.mistake(format!("found {}; what `{name}{how}` compares with is missing", self.found())))
                }
                false => Ok((word, false)),
            };
        };
        let opened = self.at + 1;
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.next() {
                None => {
                    return Err(Mistake {
                        at: opened,
                        what: format!("the text that begins here has no closing {quote}"),
                    });
                }
                Some(c) if c == quote => return Ok((text, true)),
                Some('\\') => match self.next() {
                    Some(c) if matches!(c, '\\' | '"' | '\'') => text.push(c),
                    _ => {
                        let what = "behind a \\ comes a quote or another \\".to_owned();
                        return Err(Mistake { at: self.at, what });
                    }
                },
                Some(c) => text.push(c),
            }
        }
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    fn word(&mut self, is_of_it: impl Fn(char) -> bool) -> String {
        let from = self.at;
        while self.peek().is_some_and(&is_of_it) {
            self.at += 1;
        }
        self.chars[from..self.at].iter().collect()
    }

    /// What stands here, for a message.
    fn rest_word(&self) -> String {
        let rest = self.chars[self.at..].iter();
        rest.take_while(|c| !c.is_whitespace()).take(40).collect()
    }

    fn found(&self) -> String {
        match self.peek() {
            None => "the end".to_owned(),
            Some(_) => format!("`{}`", self.rest_word()),
        }
    }

    fn takes(&mut self, written: &str) -> bool {
        let is_there = written.chars().enumerate().all(|(index, c)| self.chars.get(self.at + index) == Some(&c));
        if is_there {
            self.at += written.chars().count();
        }
        is_there
    }

    /// A word by itself; a field may begin with it.
    fn takes_word(&mut self, written: &str) -> bool {
        self.skip_blanks();
        let from = self.at;
        let is_there = self.takes(written) && self.peek().is_none_or(|c| !is_of_name(c));
        if !is_there {
            self.at = from;
        }
        is_there
    }

    fn mistake(&self, what: String) -> Mistake {
        Mistake { at: self.at + 1, what }
    }

    /// A condition on the first field.
    fn example(&self) -> String {
        let Some((name, kind)) = self.known.first() else { return "field = value".to_owned() };
        match kind {
            Kind::Text => format!("{name} = \"text\""),
            Kind::Number => format!("{name} = 1"),
            Kind::Flag => format!("{name} = true"),
            Kind::Time => format!("{name} < \"2026-04-01T08:00:00+09:00\""),
            Kind::Length => format!("{name} < 90s"),
            Kind::Word(words) => format!("{name} = {}", words().first().unwrap_or(&"WORD")),
            Kind::Texts => format!("{name}:\"text\""),
        }
    }
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '.'
}

fn one_or(mut parts: Vec<Expr>, several: fn(Vec<Expr>) -> Expr) -> Expr {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            several(parts)
        }
    }
}

/// What an argument means to a field of this kind, or what would be right.
fn literal(kind: Kind, how: How, arg: &str) -> Result<Literal, String> {
    match kind {
        Kind::Texts => Ok(Literal::Text(pattern(arg))),
        Kind::Text if matches!(how, How::Equal | How::Unequal) => Ok(Literal::Text(pattern(arg))),
        Kind::Text => Ok(Literal::Text(Pattern { text: arg.to_owned(), is_open_before: false, is_open_behind: false })),
        Kind::Number => arg.parse().map(Literal::Number).map_err(|_| "write a whole number".to_owned()),
        Kind::Flag => arg.parse().map(Literal::Flag).map_err(|_| "write `true` or `false`".to_owned()),
        Kind::Time => {
            let time = arg.parse::<jiff::Timestamp>().map(|time| Literal::Time(time.as_nanosecond()));
            time.map_err(|_| "write a time in RFC 3339 like \"2026-04-01T08:00:00+09:00\"".to_owned())
        }
        Kind::Length => length(arg).map(Literal::Length).ok_or_else(|| "write seconds like `90s` or `1.5s`".to_owned()),
        Kind::Word(words) => {
            let words = words();
            let found = words.iter().find(|word| **word == arg).map(|word| Literal::Word(word));
            found.ok_or_else(|| format!("write one of {}", words.join(", ")))
        }
    }
}

/// A `*` at either end stands for anything.
fn pattern(arg: &str) -> Pattern {
    let before = arg.strip_prefix('*');
    let inner = before.unwrap_or(arg);
    let behind = inner.strip_suffix('*');
    let text = behind.unwrap_or(inner).to_owned();
    Pattern { text, is_open_before: before.is_some(), is_open_behind: behind.is_some() }
}

/// Nanoseconds of `90s`, `-1.5s`.
fn length(arg: &str) -> Option<i128> {
    let seconds = arg.strip_suffix('s')?;
    let (is_negative, digits) = match seconds.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, seconds),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(part) || 9 < part.len() || digits.ends_with('.') {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i128 = format!("{part:0<9}").parse().ok()?;
    let nanos = i128::from(whole) * 1_000_000_000 + part;
    Some(if is_negative { -nanos } else { nanos })
}
