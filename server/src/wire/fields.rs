//! Checking a message field by field: all faults are collected, each under its path.

use std::fmt::Display;
use std::str::FromStr;

use mukae_record::RequestId;
use mukae_units::{Span, Time};
use prost_types::{Duration, Timestamp};

use crate::errors::{Fault, Violation};
use crate::names::BadName;

/// The years 2000 to 2199; what is outside of them is a mistake, and inside of them no sum overflows.
const EARLIEST_SECS: i64 = 946_684_800;
const LATEST_SECS: i64 = 7_258_118_399;

/// The one field of a message that only names a thing.
pub fn name_of<N: FromStr<Err = BadName>>(field: &str, text: &str) -> Result<N, Fault> {
    let mut fields = Fields::new();
    let name = fields.name(field, text);
    fields.finish(name)
}

/// The faults of one message so far. Each check returns `None` where it noted one.
#[derive(Debug, Default)]
pub struct Fields {
    violations: Vec<Violation>,
}

impl Fields {
    pub fn new() -> Fields {
        Fields::default()
    }

    pub fn wrong(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.violations.push(Violation { field: field.into(), description: description.into() });
    }

    /// `checked`, or the faults; a message without faults has all that it needs.
    pub fn finish<T>(self, checked: Option<T>) -> Result<T, Fault> {
        match checked {
            Some(checked) if self.violations.is_empty() => Ok(checked),
            _ if self.violations.is_empty() => Err(Fault::bug("a field is missing and no fault was noted")),
            _ => Err(Fault::invalid(self.violations)),
        }
    }

    pub fn name<N: FromStr<Err = BadName>>(&mut self, field: &str, text: &str) -> Option<N> {
        match text.parse() {
            Ok(name) => Some(name),
            Err(_) if text.is_empty() => {
                // An empty text is no name of any kind, and tells its pattern.
                let pattern = text.parse::<N>().err().map_or("", |error| error.pattern);
                self.wrong(field, format!("required; write it as `{pattern}`"));
                None
            }
            Err(error) => {
                self.wrong(field, error.to_string());
                None
            }
        }
    }

    pub fn request_id(&mut self, text: &str) -> Option<RequestId> {
        let is_printable = text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        let id = RequestId::new(text).ok().filter(|_| is_printable);
        if id.is_none() {
            let described = if text.is_empty() { "required; " } else { "" };
            self.wrong("request_id", format!("{described}1 to 64 printable ASCII characters, such as a random UUID"));
        }
        id
    }

    /// `None` without a fault if it is left out.
    pub fn optional_time(&mut self, field: &str, time: Option<Timestamp>) -> Option<Time> {
        let time = time?;
        let is_in_range = (EARLIEST_SECS..=LATEST_SECS).contains(&time.seconds);
        if !is_in_range || !(0..1_000_000_000).contains(&time.nanos) {
            self.wrong(field, "a time between the years 2000 and 2199, nanos 0 to 999999999");
            return None;
        }
        Some(Time::from_unix_millis(time.seconds * 1000 + i64::from(time.nanos / 1_000_000)))
    }

    pub fn time(&mut self, field: &str, time: Option<Timestamp>) -> Option<Time> {
        if time.is_none() {
            self.wrong(field, "required");
        }
        self.optional_time(field, time)
    }

    /// Not negative; `Some(None)` if it is left out.
    pub fn optional_span(&mut self, field: &str, span: Option<Duration>, most: Span) -> Option<Option<Span>> {
        let Some(Duration { seconds, nanos }) = span else { return Some(None) };
        let is_in_range = (0..=most.as_secs()).contains(&seconds) && (0..1_000_000_000).contains(&nanos);
        if !is_in_range {
            self.wrong(field, format!("0 to {} seconds, nanos 0 to 999999999", most.as_secs()));
            return None;
        }
        Some(Some(Span::from_millis(seconds * 1000 + i64::from(nanos / 1_000_000))))
    }

    pub fn integer(&mut self, field: impl Into<String>, value: i32, least: i32, most: i32) -> Option<i32> {
        let is_in_range = least <= value && value <= most;
        if !is_in_range {
            self.wrong(field, format!("{least} to {most}, was {value}"));
        }
        is_in_range.then_some(value)
    }

    /// A text for people: short and on one line.
    pub fn text(&mut self, field: &str, text: String, chars_max: usize) -> Option<String> {
        let is_fine = text.chars().count() <= chars_max && !text.chars().any(char::is_control);
        if !is_fine {
            self.wrong(field, format!("at most {chars_max} characters, without control characters"));
        }
        is_fine.then_some(text)
    }

    /// A known value of an enum.
    pub fn known<E: TryFrom<i32>>(&mut self, field: &str, value: i32, kind: impl Display) -> Option<E> {
        let known = E::try_from(value).ok();
        if known.is_none() {
            self.wrong(field, format!("{value} is no {kind}"));
        }
        known
    }
}
