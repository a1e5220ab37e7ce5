//! What riders of a service pay: its tariff, what a ride was quoted to cost, and what came to be due.
//!
//! The sums are in [`crate::fare`]. Nothing here collects money.

use mukae_units::{Metres, Seats, Span, Yen, Zones};

/// No single amount of a tariff is more, so that no sum over a party overflows.
pub const YEN_MAX: Yen = Yen(1_000_000);
/// Rows of a fare table.
pub const FARE_ROWS_MAX: usize = 1_000;
/// How far back no-shows are remembered: a rule that counts them looks back no further.
pub const NO_SHOW_MEMORY: Span = Span::from_mins(400 * 24 * 60);
/// No-shows of one rider that are remembered; no rule counts more.
pub const NO_SHOWS_MAX: u32 = 100;

/// The prices of a service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tariff {
    pub table: FareTable,
    pub shared: SharedRate,
    pub rates: Rates,
    pub payment: Payment,
    pub fees: Fees,
}

/// The fare of an adult, or of a whole party, before discounts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FareTable {
    /// The same for every rider.
    Flat(Yen),
    /// For each rider, by where the ride begins and ends: the first row that fits, else `other`.
    ByZones { rows: Vec<ZoneFare>, other: Yen },
    /// For each rider, by the length of the direct way: the first row that is long enough, else `beyond`. Lengths ascend.
    ByDistance { rows: Vec<DistanceFare>, beyond: Yen },
    /// For the party together, by how many ride: one, two, and so on; more pay as the last. Never empty.
    ByParty(Vec<Yen>),
}

/// From one of these zones to one of those; an empty side is anywhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ZoneFare {
    pub from: Zones,
    pub to: Zones,
    pub yen: Yen,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DistanceFare {
    /// Included.
    pub up_to: Metres,
    pub yen: Yen,
}

/// What is taken off each rider's fare if the vehicle carries somebody else on a part of the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SharedRate {
    pub discount: Yen,
    /// A party of two or more counts as sharing, too.
    pub within_party: bool,
}

impl SharedRate {
    pub const NONE: SharedRate = SharedRate { discount: Yen::ZERO, within_party: false };
}

/// What others pay of an adult's fare, in hundredths, 0 to 100.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rates {
    pub child_percent: u8,
    pub senior_percent: u8,
    pub disabled_percent: u8,
    /// What is not the whole fare is rounded down to a multiple of this; at least one.
    pub rounding: Yen,
}

impl Rates {
    /// Everybody pays as an adult.
    pub const FULL: Rates = Rates { child_percent: 100, senior_percent: 100, disabled_percent: 100, rounding: Yen(1) };
}

/// How a fare may be paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Payment {
    /// By prepaid tickets, each worth so much; at least one yen.
    pub ticket: Option<Yen>,
    pub cash: bool,
    /// Put on the rider's account and paid later.
    pub account: bool,
}

/// What is due for a ride that did not come about; for a booking, however large its party.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fees {
    /// Cancelling is free until so long before the promised pickup window begins.
    pub free_until: Span,
    pub late_cancellation: Yen,
    pub no_show: Yen,
}

impl Fees {
    pub const NONE: Fees = Fees { free_until: Span::ZERO, late_cancellation: Yen::ZERO, no_show: Yen::ZERO };
}

/// A rider who does not come too often may not ask for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Suspension {
    /// So many no-shows, 1 to [`NO_SHOWS_MAX`],
    pub no_shows: u32,
    /// within this span, at most [`NO_SHOW_MEMORY`];
    pub within: Span,
    /// from the last of them on.
    pub lasts: Span,
}

/// Who of a party pays another rate; all others are adults.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Concessions {
    pub children: u8,
    pub seniors: u8,
    pub disabled: u8,
}

impl Concessions {
    pub const NONE: Concessions = Concessions { children: 0, seniors: 0, disabled: 0 };

    pub fn count(&self) -> u32 {
        [self.children, self.seniors, self.disabled].into_iter().map(u32::from).sum()
    }

    /// As many of them as ride in a smaller party: adults stay away last, then the disabled, seniors, children.
    #[must_use]
    pub fn within(&self, party: Seats) -> Concessions {
        let mut left = party.persons();
        let mut take = |wanted: u8| {
            let taken = u32::from(wanted).min(left);
            left -= taken;
            taken as u8
        };
        let (disabled, seniors, children) = (take(self.disabled), take(self.seniors), take(self.children));
        Concessions { children, seniors, disabled }
    }
}

/// What a ride costs, as it was quoted. A booking keeps it, whatever becomes of the tariff.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fare {
    /// For the whole party.
    pub full: Yen,
    /// If the ride is shared; never more.
    pub shared: Yen,
    pub payment: Payment,
    pub fees: Fees,
}

impl Fare {
    /// How many prepaid tickets pay an amount; `None` where there are none.
    pub fn tickets(&self, yen: Yen) -> Option<u32> {
        self.payment.ticket.map(|ticket| yen.0.div_ceil(ticket.0))
    }
}

/// What is due for a booking that ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Charge {
    pub yen: Yen,
    pub reason: ChargeReason,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChargeReason {
    Ride,
    /// With another booking on board on a part of the way.
    SharedRide,
    LateCancellation,
    NoShow,
}

impl Tariff {
    /// What the dispatcher accepts: no amount is too large, no share more than the whole, tables in order.
    pub fn is_sound(&self) -> bool {
        let Tariff { table, shared, rates, payment, fees } = self;
        let percents = [rates.child_percent, rates.senior_percent, rates.disabled_percent];
        let amounts = [shared.discount, fees.late_cancellation, fees.no_show, rates.rounding];
        table.is_sound()
            && amounts.into_iter().all(is_sound)
            && percents.into_iter().all(|percent| percent <= 100)
            && Yen::ZERO < rates.rounding
            && payment.ticket.is_none_or(|ticket| Yen::ZERO < ticket && is_sound(ticket))
            && Span::ZERO <= fees.free_until
    }
}

impl FareTable {
    fn is_sound(&self) -> bool {
        match self {
            FareTable::Flat(yen) => is_sound(*yen),
            FareTable::ByZones { rows, other } => {
                rows.len() <= FARE_ROWS_MAX && is_sound(*other) && rows.iter().all(|row| is_sound(row.yen))
            }
            FareTable::ByDistance { rows, beyond } => {
                rows.len() <= FARE_ROWS_MAX
                    && is_sound(*beyond)
                    && rows.iter().all(|row| is_sound(row.yen))
                    && rows.is_sorted_by(|shorter, longer| shorter.up_to < longer.up_to)
            }
            FareTable::ByParty(yen) => (1..=FARE_ROWS_MAX).contains(&yen.len()) && yen.iter().all(|yen| is_sound(*yen)),
        }
    }
}

impl Suspension {
    pub fn is_sound(&self) -> bool {
        (1..=NO_SHOWS_MAX).contains(&self.no_shows)
            && Span::ZERO <= self.within
            && self.within <= NO_SHOW_MEMORY
            && Span::ZERO < self.lasts
            && self.lasts <= NO_SHOW_MEMORY
    }
}

fn is_sound(yen: Yen) -> bool {
    yen <= YEN_MAX
}
