//! A value inside a JSON file, with the way to it for whoever has to mend the file.

use serde_json::{Map, Value};
use thiserror::Error;

use super::instance::Window;

/// What is not right in a JSON file.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{key}: {wrong}; {right}")]
pub struct WrongMember {
    pub key: String,
    pub wrong: String,
    pub right: String,
}

/// `requests[3].load`, and what is there.
#[derive(Clone, Debug)]
pub struct Member<'v> {
    key: String,
    value: &'v Value,
}

const NUMBER: &str = "a number such as 480 or -1.198, within a million";

impl<'v> Member<'v> {
    pub fn root(value: &'v Value) -> Member<'v> {
        Member { key: String::new(), value }
    }

    pub fn wrong<T>(&self, wrong: impl Into<String>, right: impl Into<String>) -> Result<T, WrongMember> {
        Err(WrongMember { key: self.key.clone(), wrong: wrong.into(), right: right.into() })
    }

    fn shown(&self) -> String {
        let text = self.value.to_string();
        text.chars().take(40).collect()
    }

    fn object(&self) -> Result<&'v Map<String, Value>, WrongMember> {
        match self.value {
            Value::Object(object) => Ok(object),
            _ => self.wrong(format!("`{}` is not right", self.shown()), "an object"),
        }
    }

    fn named(&self, name: &str) -> String {
        if self.key.is_empty() { name.to_owned() } else { format!("{}.{name}", self.key) }
    }

    pub fn find(&self, name: &str) -> Result<Option<Member<'v>>, WrongMember> {
        Ok(self.object()?.get(name).map(|value| Member { key: self.named(name), value }))
    }

    pub fn get(&self, name: &str) -> Result<Member<'v>, WrongMember> {
        match self.find(name)? {
            Some(member) => Ok(member),
            None => {
                let missing = Member { key: self.named(name), value: self.value };
                missing.wrong("it is missing", "this member")
            }
        }
    }

    /// Those of an object, by name.
    pub fn members(&self) -> Result<Vec<(&'v str, Member<'v>)>, WrongMember> {
        let members = self.object()?.iter();
        Ok(members.map(|(name, value)| (name.as_str(), Member { key: self.named(name), value })).collect())
    }

    pub fn list(&self) -> Result<Vec<Member<'v>>, WrongMember> {
        match self.value {
            Value::Array(list) => {
                let member = |(at, value)| Member { key: format!("{}[{at}]", self.key), value };
                Ok(list.iter().enumerate().map(member).collect())
            }
            _ => self.wrong(format!("`{}` is not right", self.shown()), "a list"),
        }
    }

    pub fn list_of(&self, count: usize, right: &str) -> Result<Vec<Member<'v>>, WrongMember> {
        let list = self.list()?;
        if list.len() == count {
            return Ok(list);
        }
        self.wrong(format!("it has {} entries", list.len()), format!("{count}: {right}"))
    }

    pub fn text(&self) -> Result<&'v str, WrongMember> {
        match self.value.as_str() {
            Some(text) => Ok(text),
            None => self.wrong(format!("`{}` is not right", self.shown()), "a text"),
        }
    }

    pub fn number(&self) -> Result<f64, WrongMember> {
        match self.value.as_f64() {
            Some(value) if value.abs() <= 1e6 => Ok(value),
            _ => self.wrong(format!("`{}` is not right", self.shown()), NUMBER),
        }
    }

    pub fn positive(&self) -> Result<f64, WrongMember> {
        let value = self.number()?;
        if 0.0 <= value { Ok(value) } else { self.wrong(format!("{value} is negative"), "0 or more") }
    }

    pub fn whole(&self, (from, to): (i32, i32)) -> Result<i32, WrongMember> {
        let value = self.number()?;
        if value.fract() == 0.0 && f64::from(from) <= value && value <= f64::from(to) {
            return Ok(value as i32);
        }
        self.wrong(format!("{value} is not right"), format!("a whole number, {from} to {to}"))
    }
}

/// Both in minutes.
pub fn window(earliest: &Member<'_>, latest: &Member<'_>) -> Result<Window, WrongMember> {
    let window = Window { earliest: earliest.positive()?, latest: latest.positive()? };
    if window.earliest <= window.latest {
        return Ok(window);
    }
    let wrong = format!("{} is before the earliest, {}", window.latest, window.earliest);
    latest.wrong(wrong, "the window ends when it begins, or later")
}
