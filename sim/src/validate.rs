//! Is the simulator right? Asked of answers that come from elsewhere: queueing theory, a table of travel times, another
//! program's run on the same inputs, whoever knows all requests beforehand, and a second run.
//!
//! Everything here goes the way of any run: asks, agenda, scribe, decide, apply, records. What is checked is read off
//! the records. The figures and the honest differences are in `docs/validation.md`.

pub mod darp;
pub mod estimate;
pub mod fleetpy;
pub mod hash;
pub mod light;
pub mod queue;
mod watch;
mod world;

use std::fmt;

use serde::Serialize;

use darp::Tally;
pub use estimate::Interval;

/// What was expected, and when it counts as met.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// The interval of what was found holds it.
    Value(f64),
    /// What was found lies in it, both ends included.
    Within { value: f64, from: f64, to: f64 },
    /// What was found is the same.
    Text(String),
    /// What was found serves as many, and drives no more if as many.
    NoWorse(Tally),
    /// Nothing: a figure that explains another.
    Told,
}

/// One line of the report.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Finding {
    /// Such as `M/M/4`.
    pub case: String,
    /// Such as `mean wait, min`.
    pub figure: &'static str,
    pub expected: Expected,
    /// Who says so.
    pub source: &'static str,
    /// NaN where it is something else.
    #[serde(skip_serializing_if = "f64_is_nan")]
    pub found: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found_tally: Option<Tally>,
    /// Of 99 % confidence, where chance has a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// `None`: only told.
    pub is_met: Option<bool>,
    /// Why it may not be met without anything being wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explained: Option<&'static str>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature is serde's
fn f64_is_nan(value: &f64) -> bool {
    value.is_nan()
}

impl Finding {
    /// A mean of chance against the value it must have.
    pub fn value(case: String, figure: &'static str, source: &'static str, value: f64, found: Interval) -> Finding {
        Finding {
            case,
            figure,
            expected: Expected::Value(value),
            source,
            found: found.mean,
            found_text: None,
            found_tally: None,
            interval: Some(found),
            is_met: Some(found.holds(value)),
            explained: None,
        }
    }

    /// A figure without chance against a range around another's.
    pub fn within(
        case: String,
        figure: &'static str,
        source: &'static str,
        (value, from, to): (f64, f64, f64),
        found: f64,
    ) -> Finding {
        let is_met = Some(from <= found && found <= to);
        let expected = Expected::Within { value, from, to };
        Finding {
            case,
            figure,
            expected,
            source,
            found,
            found_text: None,
            found_tally: None,
            interval: None,
            is_met,
            explained: None,
        }
    }

    /// True if it is neither met nor explained.
    pub fn is_wrong(&self) -> bool {
        self.is_met == Some(false) && self.explained.is_none()
    }

    pub fn text(case: String, figure: &'static str, source: &'static str, expected: String, found: String) -> Finding {
        let is_met = Some(expected == found);
        let (expected, found_text) = (Expected::Text(expected), Some(found));
        Finding {
            case,
            figure,
            expected,
            source,
            found: f64::NAN,
            found_text,
            found_tally: None,
            interval: None,
            is_met,
            explained: None,
        }
    }

    pub fn told(case: String, figure: &'static str, found: f64) -> Finding {
        let expected = Expected::Told;
        Finding {
            case,
            figure,
            expected,
            source: "",
            found,
            found_text: None,
            found_tally: None,
            interval: None,
            is_met: None,
            explained: None,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = match &self.expected {
            Expected::Value(value) => format!("{value:.4}"),
            Expected::Within { value, from, to } => format!("{value:.1} ({from:.1}..{to:.1})"),
            Expected::Text(text) => text.chars().take(16).collect(),
            Expected::NoWorse(tally) => tally.to_string(),
            Expected::Told => "-".to_owned(),
        };
        let found = match (&self.found_text, self.found_tally) {
            (Some(text), _) => text.chars().take(16).collect(),
            (None, Some(tally)) => tally.to_string(),
            (None, None) => format!("{:.4}", self.found),
        };
        let interval = self.interval.map_or(String::new(), |Interval { from, to, .. }| format!("{from:.4}..{to:.4}"));
        let verdict = match self.is_met {
            Some(true) => "ok",
            Some(false) if self.explained.is_some() => "differs, see below",
            Some(false) => "DIFFERS",
            None => "",
        };
        let Finding { case, figure, .. } = self;
        write!(f, "{case:<26} {figure:<26} {expected:>22} {found:>16} {interval:>18} {verdict}")
    }
}

/// What stands above the lines.
pub const HEADER: &str =
    "case                       figure                                   expected            found       99 % interval";
