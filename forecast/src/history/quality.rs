//! Whether a history is enough to forecast from, before anything is fitted.

use std::collections::BTreeMap;
use std::fmt;

use super::{Day, History};

/// What a history is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    pub days: usize,
    /// Days on which anything could be booked.
    pub exposed_days: usize,
    /// Sum of the weights.
    pub requests: f64,
    /// The most days in a row without exposure, between the first and the last day with it.
    pub longest_hole_days: u32,
    /// Share of all weight that one rider has, of the rider with the most; requests of no known rider are nobody's.
    pub top_rider_share: f64,
    pub exposed_zones: u16,
    /// Zones that could be booked from, and never were.
    pub silent_zones: Vec<u16>,
}

/// From where on a history is doubted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QualityLimits {
    /// Fewer exposed days are too little.
    pub days_too_little: usize,
    /// Fewer are thin.
    pub days_thin: usize,
    /// Fewer requests are too little.
    pub requests_too_little: f64,
    /// A longer hole is thin.
    pub hole_days_max: u32,
    /// A rider with a larger share is thin: the forecast would be of that person.
    pub rider_share_max: f64,
    /// A larger share of silent zones is thin.
    pub silent_share_max: f64,
}

impl Default for QualityLimits {
    fn default() -> QualityLimits {
        QualityLimits {
            days_too_little: 14,
            days_thin: 60,
            requests_too_little: 30.0,
            hole_days_max: 30,
            rider_share_max: 0.2,
            silent_share_max: 0.5,
        }
    }
}

/// Why a history is doubted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Doubt {
    FewDays { found: usize, limit: usize },
    FewRequests { found: f64, limit: f64 },
    Hole { days: u32, limit: u32 },
    OneRider { share: f64, limit: f64 },
    SilentZones { found: usize, of: u16 },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    Enough,
    /// Fit it, show the reasons, and do not promise a planner much.
    Thin(Vec<Doubt>),
    /// Do not act on it.
    TooLittle(Vec<Doubt>),
}

impl Quality {
    pub(super) fn of(history: &History) -> Quality {
        let exposed: Vec<&Day> = history.days().iter().filter(|day| !day.exposure.is_none()).collect();
        let counts = || exposed.iter().flat_map(|day| &day.counts).filter(|count| count.weight > 0.0);
        let requests: f64 = counts().map(|count| count.weight).sum();
        let mut by_rider: BTreeMap<u64, f64> = BTreeMap::new();
        let mut asked_from = vec![false; usize::from(history.zones())];
        for count in counts() {
            asked_from[usize::from(count.zone)] = true;
            if let Some(rider) = count.rider {
                *by_rider.entry(rider).or_default() += count.weight;
            }
        }
        let top = by_rider.values().fold(0.0, |most: f64, weight| most.max(*weight));
        let bookable: Vec<u16> = (0..history.zones()).filter(|zone| is_bookable(&exposed, *zone)).collect();
        Quality {
            days: history.days().len(),
            exposed_days: exposed.len(),
            requests,
            longest_hole_days: longest_hole(&exposed),
            top_rider_share: if requests > 0.0 { top / requests } else { 0.0 },
            exposed_zones: bookable.len() as u16,
            silent_zones: bookable.into_iter().filter(|zone| !asked_from[usize::from(*zone)]).collect(),
        }
    }

    pub fn verdict(&self, limits: &QualityLimits) -> Verdict {
        let mut grave = Vec::new();
        let mut light = Vec::new();
        let found = self.exposed_days;
        if found < limits.days_too_little {
            grave.push(Doubt::FewDays { found, limit: limits.days_too_little });
        } else if found < limits.days_thin {
            light.push(Doubt::FewDays { found, limit: limits.days_thin });
        }
        if self.requests < limits.requests_too_little {
            grave.push(Doubt::FewRequests { found: self.requests, limit: limits.requests_too_little });
        }
        if self.longest_hole_days > limits.hole_days_max {
            light.push(Doubt::Hole { days: self.longest_hole_days, limit: limits.hole_days_max });
        }
        if self.top_rider_share > limits.rider_share_max {
            light.push(Doubt::OneRider { share: self.top_rider_share, limit: limits.rider_share_max });
        }
        if self.silent_zones.len() as f64 > limits.silent_share_max * f64::from(self.exposed_zones) {
            light.push(Doubt::SilentZones { found: self.silent_zones.len(), of: self.exposed_zones });
        }
        match (grave.is_empty(), light.is_empty()) {
            (true, true) => Verdict::Enough,
            (true, false) => Verdict::Thin(light),
            (false, _) => {
                grave.append(&mut light);
                Verdict::TooLittle(grave)
            }
        }
    }
}

fn is_bookable(exposed: &[&Day], zone: u16) -> bool {
    exposed.iter().any(|day| (0..super::BIN_COUNT as u8).any(|bin| day.exposure.at(zone, bin) > 0.0))
}

fn longest_hole(exposed: &[&Day]) -> u32 {
    exposed.windows(2).map(|pair| pair[1].number.abs_diff(pair[0].number) - 1).max().unwrap_or(0)
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::FewDays { found, limit } => write!(f, "{found} days on which one could book, {limit} are wanted"),
            Doubt::FewRequests { found, limit } => write!(f, "{found:.1} requests, {limit} are wanted"),
            Doubt::Hole { days, limit } => {
                write!(f, "{days} days in a row on which nothing could be booked, at most {limit} are wanted")
            }
            Doubt::OneRider { share, limit } => write!(
                f,
                "one rider made {:.0} % of the requests, at most {:.0} % are wanted",
                share * 100.0,
                limit * 100.0
            ),
            Doubt::SilentZones { found, of } => write!(f, "nobody ever asked from {found} of {of} zones"),
        }
    }
}
