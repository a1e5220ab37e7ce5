//! Who is served by which vehicle, and when; and what two answers are compared by.

use std::cmp::Reverse;
use std::fmt;

use mukae_units::{Span, Time};
use serde::Serialize;

use super::super::{Expected, Finding};
use super::way;
use crate::demand::darp::Instance;

/// Service at a node of an instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visit {
    pub node: usize,
    /// Service begins.
    pub start: Time,
}

/// By vehicle, in driving order, without the depot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    pub routes: Vec<Vec<Visit>>,
}

/// More served is better, then less driving.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Tally {
    pub served: usize,
    pub driven_ms: i64,
}

impl Answer {
    pub fn served(&self) -> usize {
        self.routes.iter().map(Vec::len).sum::<usize>() / 2
    }

    /// From the depot to the depot, whoever answered: by the same ways.
    pub fn tally(&self, instance: &Instance) -> Tally {
        let driven = |route: &Vec<Visit>| {
            let nodes = || std::iter::once(0).chain(route.iter().map(|visit| visit.node)).chain([0]);
            nodes().zip(nodes().skip(1)).fold(Span::ZERO, |sum, (from, to)| sum + way(instance, from, to).span())
        };
        let driven_ms = self.routes.iter().map(|route| driven(route).as_millis()).sum();
        Tally { served: self.served(), driven_ms }
    }
}

impl Tally {
    fn is_no_worse(self, other: Tally) -> bool {
        let rank = |tally: Tally| (Reverse(tally.served), tally.driven_ms);
        rank(self) <= rank(other)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {:.1} min", self.served, self.driven_ms as f64 / 60_000.0)
    }
}

/// Whoever knows everything beforehand serves as many requests, and drives no more if as many.
pub fn compared(case: String, online: Tally, offline: Tally) -> Finding {
    Finding {
        case,
        figure: "static: served, driven",
        expected: Expected::NoWorse(online),
        source: "the same requests one by one",
        found: f64::NAN,
        found_text: None,
        found_tally: Some(offline),
        interval: None,
        is_met: Some(offline.is_no_worse(online)),
        explained: None,
    }
}
