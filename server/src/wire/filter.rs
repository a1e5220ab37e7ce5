//! Which entries of a list are wanted, and in which order: the subset of AIP-160 and AIP-132 that `docs/filters.md` tells.
//!
//! `filter/parse.rs` reads the text; each list declares its fields with their kinds (`wire/listed.rs`), so that a field
//! that is not there, or is compared with what it can not be, is an error at its place in the text. What was read is
//! checked: evaluating can not fail.

mod parse;

#[cfg(test)]
mod tests;

use crate::caller::Caller;
use crate::wire::fields::Fields;
use crate::wire::page::Page;

/// Characters of a filter, and of an order.
const TEXT_MAX: usize = 2000;
/// Fields of one order.
const ORDERS_MAX: usize = 5;

/// What entries can be compared by. `of` says what an entry has there.
#[derive(Debug)]
pub struct Field<M> {
    pub name: &'static str,
    pub kind: Kind,
    pub of: fn(&M) -> Value,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Text,
    Number,
    Flag,
    /// An instant, written in RFC 3339.
    Time,
    /// A length of time, written in seconds: `90s`, `1.5s`.
    Length,
    /// One of these words.
    Word(fn() -> Vec<&'static str>),
    /// Any number of texts.
    Texts,
}

/// What an entry has in a field.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// It is not set.
    Nothing,
    Text(String),
    Number(i64),
    Flag(bool),
    /// Nanoseconds since the epoch.
    Time(i128),
    /// Nanoseconds.
    Length(i128),
    Word(&'static str),
    Texts(Vec<String>),
}

/// What is wanted of a list. The default is everything, as it comes.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sieve {
    filter: Option<Expr>,
    /// Numbers of fields, and whether the greatest comes first.
    order: Vec<(usize, bool)>,
    /// As it was told, for page tokens.
    query: String,
    /// Who asks, where a list has things of several tenants: neither a filter nor a page may tell of what they do not see.
    caller: Option<Caller>,
}

/// A filter that was read.
#[derive(Clone, PartialEq, Debug)]
enum Expr {
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Not(Box<Expr>),
    /// The field of this number is set.
    Has(usize),
    Compare {
        field: usize,
        how: How,
        with: Literal,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum How {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// A text contains it, or one of several texts is it.
    Contains,
}

#[derive(Clone, PartialEq, Debug)]
enum Literal {
    Text(Pattern),
    Number(i64),
    Flag(bool),
    Time(i128),
    Length(i128),
    Word(&'static str),
}

/// A text, of which the beginning or the end may be whatever it is: `*`.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Pattern {
    text: String,
    is_open_before: bool,
    is_open_behind: bool,
}

/// What is wrong with a filter, and at which of its characters, counted from one.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Mistake {
    at: usize,
    what: String,
}

/// The name and kind of a field; its number is its place among them.
type Known = (&'static str, Kind);

impl Sieve {
    /// Reads `filter` and `order_by` for a list with these fields.
    pub fn of_request<M>(fields: &mut Fields<'_>, listed: &[Field<M>], filter: &str, order_by: &str) -> Sieve {
        let known: Vec<Known> = listed.iter().map(|field| (field.name, field.kind)).collect();
        let caller = Some(fields.caller().clone());
        let mut sieve = Sieve { query: format!("{filter:?} {order_by:?}"), caller, ..Sieve::default() };
        for (field, text) in [("filter", filter), ("order_by", order_by)] {
            let count = text.chars().count();
            if TEXT_MAX < count {
                fields.wrong(field, format!("at most {TEXT_MAX} characters, were {count}"));
                return sieve;
            }
        }
        if !filter.trim().is_empty() {
            match parse::filter(filter, &known) {
                Ok(read) => sieve.filter = Some(read),
                Err(Mistake { at, what }) => fields.wrong("filter", format!("at character {at}: {what}")),
            }
        }
        match parse::order(order_by, &known) {
            Ok(order) => sieve.order = order,
            Err(Mistake { at, what }) => fields.wrong("order_by", format!("at character {at}: {what}")),
        }
        sieve
    }

    /// Whether who asks sees what is of the thing of this name.
    pub fn sees(&self, name: &str) -> bool {
        self.caller.as_ref().is_some_and(|caller| caller.sees(name))
    }

    /// Part of what a page token is good for.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The page of those wanted among `found`, which come in the order of their ids from [`Page::range_start`] on, and the
    /// token of the next one.
    pub fn cut<M>(&self, page: &Page, listed: &[Field<M>], found: impl Iterator<Item = (u64, M)>) -> (Vec<M>, String) {
        let is_wanted = |(_, entry): &(u64, M)| self.is_wanted(listed, entry);
        if self.order.is_empty() {
            return page.cut(found.filter(is_wanted));
        }
        let keyed = found.filter(is_wanted).map(|(id, entry)| (self.key(listed, &entry), id, entry));
        let mut keyed: Vec<(Vec<u8>, u64, M)> = keyed.collect();
        keyed.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
        page.cut_keyed(keyed)
    }

    fn is_wanted<M>(&self, listed: &[Field<M>], entry: &M) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.holds(&|field| (listed[field].of)(entry)))
    }

    /// Bytes that sort as the order wants it.
    fn key<M>(&self, listed: &[Field<M>], entry: &M) -> Vec<u8> {
        let mut key = Vec::new();
        for &(field, is_descending) in &self.order {
            let from = key.len();
            (listed[field].of)(entry).write_key(&mut key);
            if is_descending {
                key[from..].iter_mut().for_each(|byte| *byte = !*byte);
            }
        }
        key
    }
}

impl Value {
    /// What is not set comes before everything else; texts are closed so that none is the beginning of another.
    fn write_key(&self, key: &mut Vec<u8>) {
        let text = |key: &mut Vec<u8>, text: &str| {
            for byte in text.bytes() {
                key.push(byte);
                if byte == 0 {
                    key.push(0xff);
                }
            }
            key.extend([0, 0]);
        };
        key.push(u8::from(*self != Value::Nothing));
        match self {
            Value::Nothing => {}
            Value::Text(value) => text(key, value),
            Value::Word(value) => text(key, value),
            Value::Number(value) => key.extend((*value as u64 ^ 1 << 63).to_be_bytes()),
            Value::Flag(value) => key.push(u8::from(*value)),
            Value::Time(value) | Value::Length(value) => key.extend((*value as u128 ^ 1 << 127).to_be_bytes()),
            Value::Texts(values) => values.iter().for_each(|value| text(key, value)),
        }
    }
}

impl Expr {
    fn holds(&self, of: &impl Fn(usize) -> Value) -> bool {
        match self {
            Expr::All(parts) => parts.iter().all(|part| part.holds(of)),
            Expr::Any(parts) => parts.iter().any(|part| part.holds(of)),
            Expr::Not(part) => !part.holds(of),
            Expr::Has(field) => of(*field).is_set(),
            Expr::Compare { field, how, with } => how.holds(&of(*field), with),
        }
    }
}

impl Value {
    /// A text that is empty is none.
    fn is_set(&self) -> bool {
        match self {
            Value::Nothing => false,
            Value::Text(text) => !text.is_empty(),
            Value::Texts(texts) => !texts.is_empty(),
            _ => true,
        }
    }
}

impl How {
    fn holds(self, value: &Value, with: &Literal) -> bool {
        if let (Value::Text(text), Literal::Text(pattern)) = (value, with) {
            return match self {
                How::Equal => pattern.fits(text),
                How::Unequal => !pattern.fits(text),
                How::Contains => text.contains(&pattern.text),
                _ => self.orders(text.as_str().cmp(pattern.text.as_str())),
            };
        }
        if let (Value::Texts(texts), Literal::Text(pattern)) = (value, with) {
            return texts.iter().any(|text| pattern.fits(text));
        }
        let order = match (value, with) {
            (Value::Number(value), Literal::Number(with)) => value.cmp(with),
            (Value::Flag(value), Literal::Flag(with)) => value.cmp(with),
            (Value::Time(value), Literal::Time(with)) | (Value::Length(value), Literal::Length(with)) => {
                value.cmp(with)
            }
            (Value::Word(value), Literal::Word(with)) => value.cmp(with),
            // nothing is like something, and it is neither more nor less
            _ => return self == How::Unequal,
        };
        self.orders(order)
    }

    fn orders(self, order: std::cmp::Ordering) -> bool {
        match self {
            How::Equal | How::Contains => order.is_eq(),
            How::Unequal => order.is_ne(),
            How::Less => order.is_lt(),
            How::LessOrEqual => order.is_le(),
            How::Greater => order.is_gt(),
            How::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Pattern {
    fn fits(&self, text: &str) -> bool {
        match (self.is_open_before, self.is_open_behind) {
            (false, false) => text == self.text,
            (false, true) => text.starts_with(&self.text),
            (true, false) => text.ends_with(&self.text),
            (true, true) => text.contains(&self.text),
        }
    }
}
