//! The ledger of what was done ahead: every vehicle that was sent somewhere before anybody asked, what was claimed of it, and
//! what came of it.
//!
//! A bet says: within the time that is looked ahead, somebody asks for whom this vehicle is the best, where it was sent. It is
//! *right* once the first offer of such a request, or a booking, names the vehicle; it is *over* when the time is, or the vehicle is sent
//! elsewhere, or its shift ends. Whether claims are right is judged by what was awaited, not by the claims themselves: requests are
//! expected at a rate, and a bet that ends early waited for fewer of them. So sent again early or late, the sum of what was awaited
//! equals the number that came, on average, if the rates are right (the compensator of a counting process: Brémaud 1981, II).

use std::collections::BTreeMap;

use mukae_engine::model::{Alternative, Offer};
use mukae_engine::{Aim, Command, Endogenous, Exogenous};
use mukae_forecast::Predictive;
use mukae_units::{Metres, ShiftId, Span, Time};

/// So many bets, as many of them right as awaited, count before any.
const BETS_BEFORE: i64 = 20;
/// Of what is remembered, so much goes each day, in thousandths: half of it in about 46 days.
const FADES_PERMILLE: i64 = 15;
/// Sums of thousandths are kept in thousandths of them, so that fading leaves no rounding behind that matters.
const PARTS: i64 = 1000;

/// One vehicle that was sent ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bet {
    pub shift: ShiftId,
    pub placed: Time,
    /// Which of the posts, counted from 0.
    pub post: u32,
    /// Requests for which it is the nearest there within `within`, in thousandths.
    pub expected: u32,
    pub within: Span,
    /// Of the drive there.
    pub length: Metres,
    /// What waiting was expected to cost less by it: yen per minute times milliseconds.
    pub gain: i64,
}

/// And how it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settled {
    pub bet: Bet,
    pub at: Time,
    pub is_right: bool,
}

/// Many bets, together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub bets: i64,
    pub right: i64,
    /// Sum of claimed chances, in thousandths.
    pub claimed: i64,
    /// Requests that were expected while bets were open, in thousandths.
    pub awaited: i64,
    pub length: Metres,
}

/// Follows the records of one area.
#[derive(Clone, Debug, Default)]
pub struct Bets {
    /// So far ahead was last looked.
    within: Span,
    open: BTreeMap<ShiftId, Bet>,
}

/// How far claims are to be believed, by what came of earlier ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Trust {
    right: i64,
    awaited: i64,
}

impl Bet {
    /// The chance that somebody asks, as it was claimed, in thousandths: requests come independently of each other.
    pub fn claimed(&self) -> u32 {
        chance_permille(self.expected)
    }
}

/// The chance that at least one request comes, in thousandths, of so many thousandths that are expected independently of each
/// other.
pub fn chance_permille(expected: u32) -> u32 {
    (Predictive::new(f64::from(expected) / 1000.0, 0.0).at_least_one() * 1000.0).round() as u32
}

impl Settled {
    /// Requests that were expected until it was settled, in thousandths.
    pub fn awaited(&self) -> i64 {
        let Bet { placed, expected, within, .. } = self.bet;
        let waited = (self.at - placed).as_millis().min(within.as_millis());
        i64::from(expected) * waited / within.as_millis().max(1)
    }
}

impl Tally {
    pub fn add(&mut self, settled: &Settled) {
        self.bets += 1;
        self.right += i64::from(settled.is_right);
        self.claimed += i64::from(settled.bet.claimed());
        self.awaited += settled.awaited();
        self.length += settled.bet.length;
    }
}

impl Bets {
    /// Those that are open.
    pub fn open(&self) -> impl Iterator<Item = &Bet> {
        self.open.values()
    }

    /// Watches one record; `settle` is given what it, or the time until it, decides.
    pub fn observe<'a>(
        &mut self,
        told: &Exogenous,
        decided: impl Iterator<Item = &'a Endogenous>,
        settle: &mut impl FnMut(Settled),
    ) {
        self.expire(told.at, settle);
        if let Command::Foresee(outlook) = &told.command {
            self.within = outlook.within;
        }
        for event in decided {
            match event {
                Endogenous::OfferMade(offer) if offer.alternative == Alternative::Best => {
                    self.hear(told.at, offer, settle);
                }
                Endogenous::Booked { offer, .. } => self.hear(told.at, offer, settle),
                Endogenous::RepositioningOrdered { shift, aim, length } => {
                    self.end(*shift, told.at, false, settle);
                    if let Aim::Post { post, gain, expected } = *aim {
                        let (placed, within) = (told.at, self.within);
                        let bet = Bet { shift: *shift, placed, post, expected, within, length: *length, gain };
                        self.open.insert(*shift, bet);
                    }
                }
                Endogenous::ShiftEnded { shift } => self.end(*shift, told.at, false, settle),
                _ => {}
            }
        }
    }

    /// Whoever asked is best served by this vehicle, soon.
    fn hear(&mut self, at: Time, offer: &Offer, settle: &mut impl FnMut(Settled)) {
        let is_soon = |bet: &Bet| offer.promise.pickup.earliest() <= at + bet.within;
        if self.open.get(&offer.shift).is_some_and(is_soon) {
            self.end(offer.shift, at, true, settle);
        }
    }

    fn expire(&mut self, now: Time, settle: &mut impl FnMut(Settled)) {
        let over = |bet: &Bet| bet.placed + bet.within < now;
        while let Some(bet) = self.open.values().copied().find(over) {
            self.end(bet.shift, bet.placed + bet.within, false, settle);
        }
    }

    fn end(&mut self, shift: ShiftId, at: Time, is_right: bool, settle: &mut impl FnMut(Settled)) {
        if let Some(bet) = self.open.remove(&shift) {
            settle(Settled { bet, at, is_right });
        }
    }
}

impl Trust {
    pub fn learn(&mut self, settled: &Settled) {
        self.right += i64::from(settled.is_right) * 1000 * PARTS;
        self.awaited += settled.awaited() * PARTS;
    }

    /// A day goes by.
    pub fn fade(&mut self) {
        for sum in [&mut self.right, &mut self.awaited] {
            *sum -= *sum * FADES_PERMILLE / 1000;
        }
    }

    /// By how much an expected gain counts, in thousandths: less than all where fewer came than were awaited, never more.
    pub fn permille(&self) -> u32 {
        let before = BETS_BEFORE * 1000 * PARTS;
        let permille = (self.right + before) * 1000 / (self.awaited + before);
        u32::try_from(permille.min(1000)).expect("no more than a thousand")
    }
}
