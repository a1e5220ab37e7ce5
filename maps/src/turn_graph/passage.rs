//! Roads for destinations only: who may be on them, and when passing through has its price.
//!
//! Whoever starts there may drive out, whoever ends there may drive in. One who drove in from an open
//! road and comes out again has passed through; that is possible at a price, for there are
//! places that nothing else leads to.

/// How far a drive is with destination-only roads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Passage {
    /// It has begun on them and has not left them.
    Leaving,
    /// It is on an open road.
    Open,
    /// It has come into them from an open road.
    Arriving,
}

impl Passage {
    pub(crate) fn starting(on_destination_only: bool) -> Passage {
        if on_destination_only { Passage::Leaving } else { Passage::Open }
    }

    /// After one more road, and whether the price of passing through is due.
    pub(crate) fn driving(self, into_destination_only: bool) -> (Passage, bool) {
        match (self, into_destination_only) {
            (Passage::Leaving, true) => (Passage::Leaving, false),
            (Passage::Open | Passage::Arriving, true) => (Passage::Arriving, false),
            (Passage::Leaving | Passage::Open, false) => (Passage::Open, false),
            (Passage::Arriving, false) => (Passage::Open, true),
        }
    }
}
