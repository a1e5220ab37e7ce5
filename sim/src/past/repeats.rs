//! One wish asked for several times is one wish.

use std::collections::BTreeMap;

use mukae_engine::model::{Access, Request};
use mukae_units::{RiderId, Span, Time, TimeWindow};

/// What becomes of quotes that ask for the same once more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Repeats {
    /// They are one wish: the one that was booked, else the last.
    #[default]
    Merged,
    /// Each is a wish of its own.
    Kept,
}

/// Asked again within this.
const WITHIN: Span = Span::HOUR;

/// What the rule looks at.
pub(super) struct Asked<'a> {
    pub at: Time,
    /// Offers first, then a choice.
    pub is_quote: bool,
    pub booked: Option<Time>,
    pub request: &'a Request,
}

/// For each of the asks, in the order they were made, whether it is another one's repeat. Two are alike if they are of one
/// numbered rider and service, between the same places, for the same party and end of the ride, with windows that meet,
/// and an hour at most lies between them. Of two that are alike the booked one stands, else the later; what was booked
/// before the other was asked is a ride of its own.
pub(super) fn repeated(asked: &[Asked<'_>]) -> Vec<bool> {
    let mut repeated = vec![false; asked.len()];
    let mut last: BTreeMap<RiderId, usize> = BTreeMap::new();
    for (index, one) in asked.iter().enumerate().filter(|(_, one)| one.is_quote) {
        let Some(rider) = one.request.rider else { continue };
        let alike = last.get(&rider).copied().filter(|&before| {
            let first = &asked[before];
            one.at - first.at <= WITHIN && are_alike(first.request, one.request)
        });
        match alike.map(|before| (before, asked[before].booked)) {
            Some((_, Some(booked))) if one.at <= booked && one.booked.is_none() => {
                repeated[index] = true;
                continue;
            }
            Some((before, None)) => repeated[before] = true,
            _ => {}
        }
        last.insert(rider, index);
    }
    repeated
}

fn are_alike(one: &Request, other: &Request) -> bool {
    let ends = |request: &Request| {
        let asked = |ways: &[Access]| ways.first().map(|way| way.spot.asked);
        (asked(&request.origin), asked(&request.destination))
    };
    let meet = |a: TimeWindow, b: TimeWindow| a.earliest() <= b.latest() && b.earliest() <= a.latest();
    one.service == other.service
        && ends(one) == ends(other)
        && one.party == other.party
        && one.needs == other.needs
        && std::mem::discriminant(&one.wish) == std::mem::discriminant(&other.wish)
        && meet(one.wish.window(), other.wish.window())
}
