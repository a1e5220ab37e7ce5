//! What drivers answer when they are asked for a ride: whether, yes or no, and how soon.
//!
//! Whether an answer is a yes is logistic in what is asked of the driver, plus an effect of the driver's own that leans on
//! all drivers' as far as they are alike (partial pooling). Who does not answer at all is counted apart, and so is how
//! long an answer takes, log-normally.

mod arrow;
mod features;
mod logistic;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::settings::{OutOfRange, positive, within};
use crate::special::{logistic, normal_cdf};
use features::columns;
pub use features::{Ask, HOUR_CLASSES};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Accepted,
    Declined,
    /// None before the ask ran out.
    Silent,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    pub driver: u32,
    pub ask: Ask,
    pub answer: Answer,
    /// Minutes until the answer, where it is known.
    pub answer_min: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AcceptanceSettings {
    /// What a coefficient is expected to be, give or take: 1 standard deviation, on the scale of ten minutes, three asks,
    /// or yes and no. Wide, so that it only holds where data say nothing.
    pub coefficient_spread: f64,
    /// The same of the share of yeses, in logits around a half.
    pub intercept_spread: f64,
    /// How much drivers differ before any is known, in logits, worth `driver_count` drivers.
    pub driver_spread: f64,
    pub driver_count: f64,
    /// Share of asks without an answer before any, worth `silence_asks` for the town, and the town's for a driver.
    pub silence: f64,
    pub silence_asks: f64,
    /// Median of the time to an answer and spread of its logarithm before any, worth `answer_count` answers.
    pub answer_min: f64,
    pub answer_spread: f64,
    pub answer_count: f64,
}

impl Default for AcceptanceSettings {
    fn default() -> AcceptanceSettings {
        AcceptanceSettings {
            coefficient_spread: 1.5,
            intercept_spread: 2.5,
            driver_spread: 0.7,
            driver_count: 3.0,
            silence: 0.1,
            silence_asks: 10.0,
            answer_min: 2.0,
            answer_spread: 0.8,
            answer_count: 5.0,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Error)]
pub enum AskedError {
    #[error(transparent)]
    Setting(#[from] OutOfRange),
    #[error("ask {index}: {key} is {found}, it takes {wanted}")]
    Ask { index: usize, key: &'static str, found: f64, wanted: &'static str },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Acceptance {
    /// In the order of [`columns`], on their scales.
    coefficients: Vec<f64>,
    /// Standard deviation of drivers' own effects.
    driver_spread: f64,
    drivers: BTreeMap<u32, DriverEffect>,
    silence: f64,
    ln_answer_min: f64,
    answer_spread: f64,
}

/// What is known of one driver.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct DriverEffect {
    /// In logits.
    effect: f64,
    variance: f64,
    /// Share of asks that this driver leaves without an answer.
    silence: f64,
}

impl Acceptance {
    pub fn fit(asked: &[Asked], settings: &AcceptanceSettings) -> Result<Acceptance, AskedError> {
        settings.check()?;
        for (index, asked) in asked.iter().enumerate() {
            asked.check(index)?;
        }
        let answered: Vec<&Asked> = asked.iter().filter(|asked| asked.answer != Answer::Silent).collect();
        let fit = logistic::fit(&answered, settings);
        let (silence, silences) = silences(asked, settings);
        let effect = |(driver, silence)| {
            let (effect, variance) =
                fit.drivers.get(&driver).copied().unwrap_or((0.0, fit.driver_spread * fit.driver_spread));
            (driver, DriverEffect { effect, variance, silence })
        };
        let (ln_answer_min, answer_spread) = answer_time(asked, settings);
        Ok(Acceptance {
            coefficients: fit.coefficients,
            driver_spread: fit.driver_spread,
            drivers: silences.into_iter().map(effect).collect(),
            silence,
            ln_answer_min,
            answer_spread,
        })
    }

    /// The chance of a yes, if asked: that the driver answers, times that the answer is a yes. A driver who was never asked
    /// is any driver.
    pub fn chance(&self, ask: &Ask, driver: u32) -> f64 {
        (1.0 - self.silence(driver)) * self.yes_if_answered(ask, driver)
    }

    /// The chance that an answer is a yes.
    pub fn yes_if_answered(&self, ask: &Ask, driver: u32) -> f64 {
        let known = self.drivers.get(&driver);
        let (effect, variance) =
            known.map_or((0.0, self.driver_spread * self.driver_spread), |known| (known.effect, known.variance));
        let logit: f64 = self.coefficients.iter().zip(columns(ask)).map(|(b, x)| b * x).sum();
        // The mean over what the effect may be (MacKay 1992): nearer to a half than that of its mean.
        logistic((logit + effect) / (1.0 + std::f64::consts::PI / 8.0 * variance).sqrt())
    }

    /// The share of asks to this driver that are never answered.
    pub fn silence(&self, driver: u32) -> f64 {
        self.drivers.get(&driver).map_or(self.silence, |known| known.silence)
    }

    /// The chance that an answer, if one comes, comes within so many minutes.
    pub fn answered_within(&self, minutes: f64) -> f64 {
        if minutes <= 0.0 {
            return 0.0;
        }
        normal_cdf((libm::log(minutes) - self.ln_answer_min) / self.answer_spread)
    }

    /// By how many logits the chance of a yes moves: for ten minutes of each drive, e-fold notice, three asks, and yes or
    /// no; in the order of the fields of [`Ask`] after the intercept, hour classes last.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// How much drivers differ, in logits.
    pub fn driver_spread(&self) -> f64 {
        self.driver_spread
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        let silences = self.drivers.values().map(|driver| driver.silence).chain([self.silence]);
        let variances = self.drivers.values().map(|driver| driver.variance);
        if self.coefficients.len() != features::COLUMNS {
            return Err(format!(
                "acceptance: {} coefficients, it takes {}",
                self.coefficients.len(),
                features::COLUMNS
            ));
        }
        let is_sound = silences.into_iter().all(|share| (0.0..=1.0).contains(&share))
            && variances.into_iter().all(|variance| 0.0 <= variance)
            && 0.0 < self.answer_spread
            && 0.0 <= self.driver_spread;
        if is_sound { Ok(()) } else { Err("acceptance: a share is not 0 to 1, or a spread below 0".to_owned()) }
    }
}

/// The town's share without an answer, and each driver's, which leans on it.
fn silences(asked: &[Asked], settings: &AcceptanceSettings) -> (f64, BTreeMap<u32, f64>) {
    let mut drivers: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for asked in asked {
        let (silent, asks) = drivers.entry(asked.driver).or_default();
        *silent += if asked.answer == Answer::Silent { 1.0 } else { 0.0 };
        *asks += 1.0;
    }
    let worth = settings.silence_asks;
    let share = |mean: f64, silent: f64, asks: f64| (worth * mean + silent) / (worth + asks);
    let all: f64 = drivers.values().map(|(silent, _)| silent).sum();
    let town = share(settings.silence, all, asked.len() as f64);
    (town, drivers.into_iter().map(|(driver, (silent, asks))| (driver, share(town, silent, asks))).collect())
}

/// Who answers at once takes a second or two.
const ANSWER_MIN: f64 = 0.02;

/// Mean and standard deviation of the logarithm of the minutes to an answer.
fn answer_time(asked: &[Asked], settings: &AcceptanceSettings) -> (f64, f64) {
    let answers = asked.iter().filter(|asked| asked.answer != Answer::Silent);
    let logs: Vec<f64> =
        answers.filter_map(|asked| asked.answer_min).map(|minutes| libm::log(minutes.max(ANSWER_MIN))).collect();
    let (worth, start) = (settings.answer_count, libm::log(settings.answer_min));
    let count = worth + logs.len() as f64;
    let mean = (worth * start + logs.iter().sum::<f64>()) / count;
    let square = |x: f64| (x - mean) * (x - mean);
    let spread = settings.answer_spread;
    let squares = worth * (spread * spread + square(start)) + logs.iter().map(|x| square(*x)).sum::<f64>();
    (mean, (squares / count).sqrt())
}

impl AcceptanceSettings {
    fn check(&self) -> Result<(), OutOfRange> {
        within("silence", self.silence, 0.0, 1.0)?;
        // A wider prior would not keep a fit from running away where all answers are alike.
        within("coefficient_spread", self.coefficient_spread, 0.01, 100.0)?;
        within("intercept_spread", self.intercept_spread, 0.01, 100.0)?;
        within("driver_spread", self.driver_spread, 0.01, 10.0)?;
        [
            ("driver_count", self.driver_count),
            ("silence_asks", self.silence_asks),
            ("answer_min", self.answer_min),
            ("answer_spread", self.answer_spread),
            ("answer_count", self.answer_count),
        ]
        .into_iter()
        .try_for_each(|(key, found)| positive(key, found))
    }
}

impl Asked {
    fn check(&self, index: usize) -> Result<(), AskedError> {
        self.ask.check(index)?;
        match self.answer_min {
            Some(found) if !(found.is_finite() && 0.0 <= found) => {
                Err(AskedError::Ask { index, key: "answer_min", found, wanted: "0 or more" })
            }
            _ => Ok(()),
        }
    }
}
