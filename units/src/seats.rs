//! What a party takes up on board and what a vehicle offers, by kind of place.

use std::fmt;
use std::ops::{Add, Sub};

/// A kind of place on board. Kinds do not stand in for one another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SeatKind {
    Seat,
    Wheelchair,
}

impl SeatKind {
    pub const ALL: [SeatKind; SeatKind::COUNT] = [SeatKind::Seat, SeatKind::Wheelchair];
    pub const COUNT: usize = 2;
}

/// A count for each kind of place: a capacity, a load or the size of a party.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Seats([u8; SeatKind::COUNT]);

impl Seats {
    pub const NONE: Seats = Seats([0; SeatKind::COUNT]);

    pub const fn new(seats: u8, wheelchairs: u8) -> Seats {
        Seats([seats, wheelchairs])
    }

    pub const fn of(&self, kind: SeatKind) -> u8 {
        self.0[kind as usize]
    }

    pub fn is_empty(&self) -> bool {
        *self == Seats::NONE
    }

    /// True if a load of `self` fits a capacity of `capacity`, kind by kind.
    pub fn fits(&self, capacity: &Seats) -> bool {
        self.0.iter().zip(&capacity.0).all(|(load, room)| load <= room)
    }

    /// The sum, or `None` if a kind would pass 255.
    pub fn checked_add(self, rhs: Seats) -> Option<Seats> {
        let mut sum = self;
        for (a, b) in sum.0.iter_mut().zip(rhs.0) {
            *a = a.checked_add(b)?;
        }
        Some(sum)
    }

    /// The same but for one kind.
    pub fn with(mut self, kind: SeatKind, count: u8) -> Seats {
        self.0[kind as usize] = count;
        self
    }

    /// The larger count of each kind.
    pub fn max(self, rhs: Seats) -> Seats {
        let mut most = self;
        for (a, b) in most.0.iter_mut().zip(rhs.0) {
            *a = (*a).max(b);
        }
        most
    }
}

impl Add for Seats {
    type Output = Seats;
    /// Panics if a kind passes 255; what comes from outside goes through [`Seats::checked_add`].
    fn add(self, rhs: Seats) -> Seats {
        self.checked_add(rhs).expect("no vehicle holds 255 of a kind: capacities are checked where they enter")
    }
}

impl Sub for Seats {
    type Output = Seats;
    /// Panics if `rhs` is not on board: a party can not leave before it boarded.
    fn sub(self, rhs: Seats) -> Seats {
        let mut rest = self;
        for (a, b) in rest.0.iter_mut().zip(rhs.0) {
            *a = a.checked_sub(b).expect("a party leaves only after it boarded");
        }
        rest
    }
}

impl fmt::Display for Seats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [seats, 0] => write!(f, "{seats} seats"),
            [seats, wheelchairs] => write!(f, "{seats} seats, {wheelchairs} wheelchairs"),
        }
    }
}
