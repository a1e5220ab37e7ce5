//! Single values as the file or a message says them: each against its range, with a stand-in where it is wrong.

use std::collections::BTreeSet;

use jiff::civil;
use mukae_config::span;
use mukae_units::{LatLon, Span};
use toml::{Spanned, Value};

use super::check::Check;
use super::raw::{Number, Text};
use crate::names::is_id;

/// Characters of a name for people.
pub const DISPLAY_NAME_MAX: usize = 100;
/// Characters of a place's label.
pub const LABEL_MAX: usize = 200;

impl Check<'_> {
    /// Which of `names` is meant by `id`, or `tenant/id` where several tenants have one of that id.
    pub(super) fn named(&mut self, table: &str, raw: &Spanned<String>, names: Vec<(&str, &str)>) -> Option<usize> {
        let wanted = raw.as_ref();
        let is_meant = |&(tenant, id): &(&str, &str)| match wanted.split_once('/') {
            Some(wanted) => wanted == (tenant, id),
            None => id == wanted,
        };
        let mut found = names.iter().enumerate().filter(|(_, name)| is_meant(name));
        match (found.next(), found.next()) {
            (Some((index, _)), None) => Some(index),
            (Some(_), Some(_)) => {
                self.wrong(raw, format!("several tenants have a {table} {wanted:?}; write \"tenant/{wanted}\""));
                None
            }
            (None, _) => {
                let known: Vec<&str> = names.iter().map(|(_, id)| *id).collect();
                let heading = self.heading(table);
                self.wrong(raw, format!("there is no {heading} {wanted:?}; there are: {}", known.join(", ")));
                None
            }
        }
    }

    pub(super) fn civil_time(&mut self, key: &str, raw: &Spanned<String>) -> Option<civil::Time> {
        let time = civil::Time::strptime("%H:%M", raw.as_ref()).ok();
        if time.is_none() {
            self.wrong(raw, format!("`{key}` is {:?}; write a time of day like \"07:30\"", raw.as_ref()));
        }
        time
    }

    pub(super) fn point(&mut self, key: &str, raw: Spanned<Vec<Value>>) -> Option<LatLon> {
        let number = |value: &Value| value.as_float().or(value.as_integer().map(|integer| integer as f64));
        let point = match raw.as_ref().as_slice() {
            [lat, lon] => number(lat).zip(number(lon)).and_then(|(lat, lon)| LatLon::from_degrees(lat, lon).ok()),
            _ => None,
        };
        if point.is_none() {
            let what = format!("`{key}` is [latitude, longitude] in degrees, -90 to 90 and -180 to 180");
            self.wrong(&raw, what);
        }
        point
    }

    pub(super) fn names_once(&mut self, table: &str, lines: &[usize], names: impl Iterator<Item = String>) {
        let mut seen = BTreeSet::new();
        let heading = self.heading(table);
        for (name, &line) in names.zip(lines) {
            if !seen.insert(name.clone()) {
                self.note(line, format!("there are two {heading} of the name {name}; give one another `id`"));
            }
        }
    }

    pub(super) fn id(&mut self, table: &str, key: &str, line: usize, raw: Text) -> String {
        let Some(raw) = self.required(table, key, line, raw) else { return String::new() };
        if !is_id(raw.as_ref()) {
            let what = "use 1 to 63 of a-z, 0-9 and -, starting with a letter";
            self.wrong(&raw, format!("`{key}` is {:?}; {what}", raw.as_ref()));
        }
        raw.into_inner()
    }

    pub(super) fn display_name(&mut self, raw: Text, id: &str) -> String {
        match raw {
            Some(raw) => self.free_text("display_name", raw, DISPLAY_NAME_MAX),
            None => id.to_owned(),
        }
    }

    pub(super) fn label(&mut self, key: &str, raw: Text) -> String {
        raw.map(|raw| self.free_text(key, raw, LABEL_MAX)).unwrap_or_default()
    }

    fn free_text(&mut self, key: &str, raw: Spanned<String>, chars_max: usize) -> String {
        if chars_max < raw.as_ref().chars().count() || raw.as_ref().chars().any(char::is_control) {
            self.wrong(&raw, format!("`{key}` has at most {chars_max} characters, on one line"));
        }
        raw.into_inner()
    }

    pub(super) fn required(&mut self, table: &str, key: &str, line: usize, raw: Text) -> Text {
        if raw.as_ref().is_none_or(|raw| raw.as_ref().is_empty()) {
            let line = raw.as_ref().map_or(line, |raw| self.line(raw.span().start));
            self.note(line, format!("`{key}` is missing in `{table}`"));
            return None;
        }
        raw
    }

    pub(super) fn number(&mut self, key: &str, raw: Number, least: i64, most: i64, shipped: i64) -> i64 {
        let Some(raw) = raw else { return shipped };
        let number = *raw.as_ref();
        if number < least || most < number {
            self.wrong(&raw, format!("`{key}` is {number}; {least} to {most} is allowed"));
            return least;
        }
        number
    }

    pub(super) fn span(&mut self, key: &str, raw: Text, least: Span, most: Span, shipped: Span) -> Span {
        let Some(raw) = raw else { return shipped };
        match span::parse(raw.as_ref()) {
            Some(span) if least <= span && span <= most => return span,
            Some(_) => {
                let range = format!("{} to {} is allowed", span::text(least), span::text(most));
                self.wrong(&raw, format!("`{key}` is {:?}; {range}", raw.as_ref()));
            }
            None => {
                let what = "write a length of time like \"10 min\", \"45 s\" or \"1 h 30 min\"";
                self.wrong(&raw, format!("`{key}` is {:?}; {what}", raw.as_ref()));
            }
        }
        shipped
    }
}
