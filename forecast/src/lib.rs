//! Models of what riders will ask and drivers will answer, fitted from what they did.
//!
//! A fit is a pure function of its input: no clock, no chance, no file. Floats compute here and decide nothing: who
//! acts on a forecast compares it with yen elsewhere. The same input gives the same bits on every machine, because
//! what IEEE 754 leaves open (logarithms and the like) comes from `libm`.
#![forbid(unsafe_code)]

pub mod acceptance;
pub mod calibration;
pub mod habits;
pub mod history;
pub mod intent;
pub mod newsvendor;
pub mod predictive;
pub mod rates;
pub mod returns;
mod settings;
pub mod snapshot;
mod special;

pub use history::{BIN_COUNT, Count, Day, DayClass, Exposure, History, HistoryError};
pub use predictive::{Gamma, Predictive};
pub use rates::{DayLevel, Prior, RateError, RateSettings, Rates};
pub use settings::OutOfRange;
