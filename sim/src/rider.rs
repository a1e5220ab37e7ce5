//! What a rider does with an answer: take the offer at once.
//!
//! Riders who think, decline, cancel or do not come will differ here, by draws from [`crate::Luck`]
//! keyed by their number.

use mukae_engine::model::Offer;
use mukae_units::Span;

/// Offers one rider looks at before giving up.
pub const OFFERS_MAX: u32 = 3;

/// A rider's answer to an offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reply {
    /// Confirms after so long.
    Take { after: Span },
    /// Lets it expire.
    Leave,
}

/// The reply to the `seen`-th offer, counted from 1.
pub fn reply(_offer: &Offer, seen: u32) -> Reply {
    if seen <= OFFERS_MAX { Reply::Take { after: Span::ZERO } } else { Reply::Leave }
}
