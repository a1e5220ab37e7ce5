//! What comes of somebody who is asking just now: a search, an open quote, a call that was hung up.
//!
//! The share that books, by channel, how good the offer was and how long it has been open. A key with few cases leans on
//! the same without the time, that on the channel, that on everybody.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::settings::{OutOfRange, positive};

/// The caller numbers all three. Offers go from 0, the best, upwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IntentKey {
    pub channel: u8,
    pub offer: u8,
    pub open: u8,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntentSettings {
    /// Cases for which the level above counts.
    pub cases: f64,
    /// Share that books before any case, worth `cases` of them.
    pub start_share: f64,
}

impl Default for IntentSettings {
    fn default() -> IntentSettings {
        IntentSettings { cases: 10.0, start_share: 0.3 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Tally {
    cases: u64,
    booked: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    cases: f64,
    start_share: f64,
    /// Ascending by key.
    tallies: Vec<(IntentKey, Tally)>,
}

/// For how much of a request a search counts that nobody followed up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SearchWeight {
    /// 0.2..=0.6.
    pub weight: f64,
    /// False if there were too few searches to tell, and `weight` is what is assumed then.
    pub is_fitted: bool,
    /// Searches with a good offer.
    pub cases: u64,
}

const WEIGHT_MIN: f64 = 0.2;
const WEIGHT_MAX: f64 = 0.6;
const WEIGHT_ASSUMED: f64 = 0.3;
/// Fewer say too little of a share: its standard error is 0.08.
const CASES_MIN: u64 = 30;

impl Intent {
    /// Each case with whether it was booked.
    pub fn fit(
        cases: impl IntoIterator<Item = (IntentKey, bool)>,
        settings: &IntentSettings,
    ) -> Result<Intent, OutOfRange> {
        positive("cases", settings.cases)?;
        crate::settings::within("start_share", settings.start_share, 0.0, 1.0)?;
        let mut tallies: BTreeMap<IntentKey, Tally> = BTreeMap::new();
        for (key, is_booked) in cases {
            let tally = tallies.entry(key).or_default();
            tally.cases += 1;
            tally.booked += u64::from(is_booked);
        }
        let tallies = tallies.into_iter().collect();
        Ok(Intent { cases: settings.cases, start_share: settings.start_share, tallies })
    }

    /// The chance that it becomes a booking.
    pub fn chance(&self, key: IntentKey) -> f64 {
        let levels: [&dyn Fn(IntentKey) -> bool; 4] = [
            &|_| true,
            &|known| known.channel == key.channel,
            &|known| (known.channel, known.offer) == (key.channel, key.offer),
            &|known| known == key,
        ];
        levels.into_iter().fold(self.start_share, |parent, level| {
            let Tally { cases, booked } = self.tally(level);
            (self.cases * parent + booked as f64) / (self.cases + cases as f64)
        })
    }

    /// The share of searches in that channel that were booked when the offer was `good_offer` or better.
    pub fn search_weight(&self, channel: u8, good_offer: u8) -> SearchWeight {
        let Tally { cases, booked } = self.tally(|key| key.channel == channel && key.offer <= good_offer);
        if cases < CASES_MIN {
            return SearchWeight { weight: WEIGHT_ASSUMED, is_fitted: false, cases };
        }
        let weight = (booked as f64 / cases as f64).clamp(WEIGHT_MIN, WEIGHT_MAX);
        SearchWeight { weight, is_fitted: true, cases }
    }

    fn tally(&self, is_meant: impl Fn(IntentKey) -> bool) -> Tally {
        let meant = self.tallies.iter().filter(|(key, _)| is_meant(*key));
        meant.fold(Tally::default(), |sum, (_, tally)| Tally {
            cases: sum.cases + tally.cases,
            booked: sum.booked + tally.booked,
        })
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if !self.tallies.is_sorted_by(|one, next| one.0 < next.0) {
            return Err("intent: keys go upwards, each once".to_owned());
        }
        if self.tallies.iter().any(|(_, tally)| tally.cases < tally.booked) {
            return Err("intent: more were booked than asked".to_owned());
        }
        if !(0.0 < self.cases && (0.0..=1.0).contains(&self.start_share)) {
            return Err("intent: cases are above 0, a share is 0 to 1".to_owned());
        }
        Ok(())
    }
}
