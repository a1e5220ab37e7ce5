//! How an area's vehicles go ahead of demand.

use std::sync::Arc;

use mukae_supply::{Following, Model};
use mukae_units::Time;

/// A model that was fitted and tuned elsewhere, as the area has loaded it.
#[derive(Clone, PartialEq, Debug)]
pub struct Guidance {
    pub model: Arc<Model>,
    pub following: Following,
    /// Of the file, in hexadecimal digits.
    pub digest: String,
    /// Not followed after this.
    pub expires: Time,
}
