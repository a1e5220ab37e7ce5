//! When services pick up, and when one could ask for it, under all rules that they ever had.
//!
//! A server tells a service's days anew every night. A day that is told again is the same day, so that a year of nights
//! is a year of days here, and not a year of lists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mukae_engine::model::{Service, ServiceDay};
use mukae_units::{ServiceId, Span, Time, TimeWindow, Zones};

use super::{Interval, Known, KnownShift};

#[derive(Clone, Debug, Default)]
pub(super) struct Hours {
    openings: Vec<Opening>,
    /// Of those with hours, by when these begin.
    by_start: BTreeSet<(Time, usize)>,
    widest: Span,
    /// Those without hours: at any time.
    always: Vec<usize>,
    /// Those that hold.
    current: BTreeMap<ServiceId, Vec<usize>>,
}

/// Hours of a day under the same rules, as they were known for a while.
#[derive(Clone, Debug)]
struct Opening {
    service: Arc<Service>,
    /// `None`: at any time.
    hours: Option<ServiceDay>,
    known: Known,
}

impl Hours {
    pub fn set(&mut self, at: Time, service: &Arc<Service>) {
        let mut told: Vec<Option<ServiceDay>> = service.days.iter().copied().map(Some).collect();
        if told.is_empty() {
            told.push(None);
        }
        told.sort_unstable();
        told.dedup();
        let mut current = Vec::with_capacity(told.len());
        for number in self.current.remove(&service.id).unwrap_or_default() {
            let opening = &mut self.openings[number];
            let again = told.binary_search(&opening.hours).ok().filter(|_| has_same_rules(&opening.service, service));
            match again {
                Some(again) => {
                    told.remove(again);
                    current.push(number);
                }
                None => opening.known.until = Some(at),
            }
        }
        for hours in told {
            let number = self.openings.len();
            match hours {
                Some(hours) => {
                    self.widest = self.widest.max(hours.pickups.width());
                    self.by_start.insert((hours.pickups.earliest(), number));
                }
                None => self.always.push(number),
            }
            current.push(number);
            self.openings.push(Opening { service: Arc::clone(service), hours, known: Known::since(at) });
        }
        self.current.insert(service.id, current);
    }

    /// The parts of `works` for which somebody could have booked a ride of this shift from these zones.
    pub fn open(&self, shift: &KnownShift, zones: Zones, works: TimeWindow, open: &mut Vec<Interval>) {
        let around = (works.earliest() - self.widest, 0)..=(works.latest(), usize::MAX);
        let with_hours = self.by_start.range(around).map(|&(_, opening)| opening);
        for opening in with_hours.chain(self.always.iter().copied()) {
            let opening = &self.openings[opening];
            if let Some(interval) = opening.open(shift, works)
                && shift.carries(&opening.service, zones)
            {
                open.push(interval);
            }
        }
    }
}

impl Opening {
    /// Somebody asks while both the shift and these rules are known and the day can be booked; the pickup is no sooner
    /// after that than rules and driver need, and no later than the service looks ahead.
    fn open(&self, shift: &KnownShift, works: TimeWindow) -> Option<Interval> {
        let mut ask_from = self.known.from.max(shift.announced);
        let mut ask_until = self.known.until.into_iter().chain(shift.known.until).min();
        let ended = ask_until;
        let (mut from, mut until) = (works.earliest(), works.latest());
        if let Some(hours) = self.hours {
            ask_from = ask_from.max(hours.bookable_from);
            ask_until = ask_until.into_iter().chain([hours.bookable_until]).min();
            from = from.max(hours.pickups.earliest());
            until = until.min(hours.pickups.latest());
        }
        // what has ended could not be asked for at that very instant any more
        let is_never = ended.is_some_and(|ended| ended <= ask_from) || ask_until.is_some_and(|last| last < ask_from);
        let policy = &self.service.policy;
        let notice = shift.shift.on_call.map_or(policy.notice_min, |on_call| policy.notice_min.max(on_call.notice));
        if is_never || policy.horizon < notice || until < ask_from {
            return None;
        }
        from = from.max(ask_from + notice);
        if let Some(ask_until) = ask_until.filter(|&ask_until| ask_until < until - policy.horizon) {
            until = ask_until + policy.horizon;
        }
        (from < until).then_some((from, until))
    }
}

/// As far as it matters here.
fn has_same_rules(one: &Service, other: &Service) -> bool {
    let of = |service: &Service| (service.policy.notice_min, service.policy.horizon, service.policy.crews);
    of(one) == of(other) && one.zones == other.zones
}
