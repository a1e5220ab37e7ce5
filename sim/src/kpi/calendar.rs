//! The clocks and the hamlets of a town.

use jiff::tz::TimeZone;

use super::Hamlets;

/// The clocks of a town and the places its riders live in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Calendar {
    pub zone: TimeZone,
    pub hamlets: Hamlets,
}

/// UTC, and no hamlet.
impl Default for Calendar {
    fn default() -> Calendar {
        Calendar { zone: TimeZone::UTC, hamlets: Hamlets::default() }
    }
}
