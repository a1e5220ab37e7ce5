//! Checking a message field by field: all faults are collected, each under its path.

use std::fmt::Display;

use mukae_record::{Fingerprint, Origin, RequestId};
use mukae_units::{Span, Time};
use prost::Message;
use prost_types::{Duration, FieldMask, Timestamp};

use crate::caller::Caller;
use crate::errors::{Fault, Violation};
use crate::names::Name;
use crate::shell::input::Signed;

/// The years 2000 to 2199; what is outside of them is a mistake, and inside of them no sum overflows.
const EARLIEST_SECS: i64 = 946_684_800;
const LATEST_SECS: i64 = 7_258_118_399;

/// The one field of a message that only names a thing.
pub fn name_of<N: Name>(caller: &Caller, field: &str, text: &str) -> Result<N, Fault> {
    let mut fields = Fields::of(caller);
    let name = fields.name(field, text);
    fields.finish(name)
}

/// The faults of one message so far. Each check returns `None` where it noted one.
#[derive(Debug)]
pub struct Fields<'c> {
    caller: &'c Caller,
    /// The caller may not name something that the message names; then nothing else counts.
    is_denied: bool,
    violations: Vec<Violation>,
}

impl<'c> Fields<'c> {
    /// Of a message that this caller sent.
    pub fn of(caller: &'c Caller) -> Fields<'c> {
        Fields { caller, is_denied: false, violations: Vec::new() }
    }

    /// Who sent this message, and under which id. The same bytes sent to the same method again are the same request,
    /// whatever the clock says and wherever its places are found by then.
    pub fn sign(&mut self, method: &str, request: &impl Message, request_id: &str) -> Option<Origin> {
        let request_id = self.request_id(request_id)?;
        let mut bytes = Vec::with_capacity(method.len() + 1 + request.encoded_len());
        bytes.extend_from_slice(method.as_bytes());
        bytes.push(0);
        request.encode(&mut bytes).expect("a vector grows as needed");
        Some(Origin::of_wire_call(self.caller.principal.clone(), request_id, Fingerprint::of(&bytes)))
    }

    /// The checked wish with its origin, or the faults.
    pub fn finish_signed<Q>(self, origin: Option<Origin>, wish: Option<Q>) -> Result<Signed<Q>, Fault> {
        self.finish(wish.zip(origin).map(|(wish, origin)| Signed { origin, is_rehearsal: false, wish }))
    }

    /// The same for what may be rehearsed: with `validate_only` nothing is done, nor remembered under the request's id.
    pub fn finish_rehearsable<Q>(
        self,
        validate_only: bool,
        origin: Option<Origin>,
        wish: Option<Q>,
    ) -> Result<Signed<Q>, Fault> {
        let principal = self.caller.principal.clone();
        let signed = self.finish_signed(origin, wish)?;
        Ok(if validate_only { Signed { origin: Origin::of(principal), is_rehearsal: true, ..signed } } else { signed })
    }

    pub fn wrong(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.violations.push(Violation { field: field.into(), description: description.into() });
    }

    /// `checked`, or the faults; a message without faults has all that it needs.
    pub fn finish<T>(self, checked: Option<T>) -> Result<T, Fault> {
        if self.is_denied {
            return Err(Fault::not_allowed());
        }
        match checked {
            Some(checked) if self.violations.is_empty() => Ok(checked),
            _ if self.violations.is_empty() => Err(Fault::bug("a field is missing and no fault was noted")),
            _ => Err(Fault::invalid(self.violations)),
        }
    }

    /// A name of the wanted kind, of a tenant that the caller may name.
    pub fn name<N: Name>(&mut self, field: &str, text: &str) -> Option<N> {
        match text.parse::<N>() {
            Ok(name) if self.caller.may_use(text) => Some(name),
            Ok(_) => {
                self.is_denied = true;
                None
            }
            Err(_) if text.is_empty() => {
                self.wrong(field, format!("required; write it as `{}`", N::PATTERN));
                None
            }
            Err(error) => {
                self.wrong(field, error.to_string());
                None
            }
        }
    }

    /// A name of the wanted kind, whoever's it is: whether the caller may use it, somebody else will judge.
    pub fn name_of_anyone<N: Name>(&mut self, field: &str, text: &str) -> Option<N> {
        let name = text.parse::<N>();
        name.map_err(|error| self.wrong(field, error.to_string())).ok()
    }

    /// The caller may not do what the message asks.
    pub fn deny(&mut self) {
        self.is_denied = true;
    }

    pub fn is_denied(&self) -> bool {
        self.is_denied
    }

    pub fn caller(&self) -> &'c Caller {
        self.caller
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

    /// The same, and not empty.
    pub fn required_text(&mut self, field: &str, text: String, chars_max: usize) -> Option<String> {
        if text.trim().is_empty() {
            self.wrong(field, format!("required; at most {chars_max} characters"));
            return None;
        }
        self.text(field, text, chars_max)
    }

    /// The fields to change, of those that can be; all of them if it is left out or empty.
    pub fn mask(&mut self, field: &str, mask: Option<FieldMask>, known: &[&'static str]) -> Option<Vec<&'static str>> {
        let paths = mask.map(|mask| mask.paths).unwrap_or_default();
        if paths.is_empty() {
            return Some(known.to_vec());
        }
        let named: Option<Vec<_>> = paths.iter().map(|path| known.iter().copied().find(|name| name == path)).collect();
        if named.is_none() {
            self.wrong(field, format!("of {}; was {}", known.join(", "), paths.join(", ")));
        }
        named
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
