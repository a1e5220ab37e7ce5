//! Two bookings that belong to each other: a ride and the ride back.

use mukae_record::codec;
use mukae_units::BookingId;

/// The other booking of a pair, seen from one of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair {
    pub other: BookingId,
    /// They were booked both or neither, and a rider cancels both.
    pub stands_together: bool,
}

codec! {
    struct Pair { other, stands_together }
}
