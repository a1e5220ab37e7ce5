//! What a party takes up on board and what a vehicle offers, by kind of place.
//!
//! All counts lie in one word, a lane of twelve bits for each kind, so that a sum, a difference and a
//! comparison are one operation each: the search for an insertion does little else.

use std::fmt;
use std::ops::{Add, Sub};

/// A kind of place on board. Which kinds stand in for one another is the vehicle's matter: see
/// [`Capacity`](crate::Capacity).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SeatKind {
    Seat,
    Wheelchair,
    ChildSeat,
    Luggage,
    Stretcher,
}

impl SeatKind {
    pub const ALL: [SeatKind; SeatKind::COUNT] =
        [SeatKind::Seat, SeatKind::Wheelchair, SeatKind::ChildSeat, SeatKind::Luggage, SeatKind::Stretcher];
    pub const COUNT: usize = 5;

    const fn shift(self) -> u32 {
        self as u32 * LANE
    }
}

/// Bits of a lane. A count takes eight of them; the others catch a sum or difference that leaves it.
const LANE: u32 = 12;
/// A one in every lane.
const ONES: u64 = 1 | 1 << LANE | 1 << (2 * LANE) | 1 << (3 * LANE) | 1 << (4 * LANE);
/// What a count can not be.
const BEYOND: u64 = ONES * 0xF00;
/// A bit that no count reaches: a difference borrows from it.
const GUARD: u64 = ONES << (LANE - 1);

/// A count for each kind of place: a configuration, a load or the size of a party.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Seats(u64);

impl Seats {
    pub const NONE: Seats = Seats(0);

    pub const fn new(seats: u8, wheelchairs: u8) -> Seats {
        Seats::NONE.with(SeatKind::Seat, seats).with(SeatKind::Wheelchair, wheelchairs)
    }

    /// The same with `count` of this kind.
    #[must_use]
    pub const fn with(self, kind: SeatKind, count: u8) -> Seats {
        let others = self.0 & !(0xFF << kind.shift());
        Seats(others | (count as u64) << kind.shift())
    }

    pub const fn of(&self, kind: SeatKind) -> u8 {
        (self.0 >> kind.shift()) as u8
    }

    pub const fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// True if a load of `self` fits into `room`, kind by kind.
    pub const fn fits(&self, room: &Seats) -> bool {
        ((room.0 | GUARD) - self.0) & GUARD == GUARD
    }

    /// The sum, or `None` if a kind would pass 255.
    pub const fn checked_add(self, rhs: Seats) -> Option<Seats> {
        let sum = self.0 + rhs.0;
        if sum & BEYOND == 0 { Some(Seats(sum)) } else { None }
    }

    /// The larger count of each kind.
    pub fn max(self, rhs: Seats) -> Seats {
        SeatKind::ALL.iter().fold(self, |most, &kind| most.with(kind, self.of(kind).max(rhs.of(kind))))
    }

    /// How many people ride: luggage is nobody.
    pub const fn persons(&self) -> u32 {
        self.total() - self.of(SeatKind::Luggage) as u32
    }

    /// The counts of all kinds, summed.
    pub const fn total(&self) -> u32 {
        // the lane of the last kind collects all of them; five counts do not overflow it
        ((self.0.wrapping_mul(ONES) >> SeatKind::Stretcher.shift()) & 0xFFF) as u32
    }

    /// Only the counts of the kinds whose bit is set, by their position in [`SeatKind::ALL`].
    pub(crate) const fn lanes(kinds: u8) -> Seats {
        let mut lanes = 0;
        let mut kind = 0;
        while kind < SeatKind::COUNT {
            if kinds & 1 << kind != 0 {
                lanes |= 0xFF << (kind as u32 * LANE);
            }
            kind += 1;
        }
        Seats(lanes)
    }

    pub(crate) const fn only(self, lanes: Seats) -> Seats {
        Seats(self.0 & lanes.0)
    }
}

impl Add for Seats {
    type Output = Seats;
    /// Panics if a kind passes 255; what comes from outside goes through [`Seats::checked_add`].
    #[inline]
    fn add(self, rhs: Seats) -> Seats {
        self.checked_add(rhs).expect("no vehicle holds 255 of a kind: capacities are checked where they enter")
    }
}

impl Sub for Seats {
    type Output = Seats;
    /// Panics if `rhs` is not on board: a party can not leave before it boarded.
    #[inline]
    fn sub(self, rhs: Seats) -> Seats {
        assert!(rhs.fits(&self), "a party leaves only after it boarded: {rhs} of {self}");
        Seats(self.0 - rhs.0)
    }
}

impl fmt::Display for Seats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} seats", self.of(SeatKind::Seat))?;
        let others = [
            (SeatKind::Wheelchair, "wheelchairs"),
            (SeatKind::ChildSeat, "child seats"),
            (SeatKind::Luggage, "pieces of luggage"),
            (SeatKind::Stretcher, "stretchers"),
        ];
        for (kind, name) in others.into_iter().filter(|(kind, _)| self.of(*kind) != 0) {
            write!(f, ", {} {name}", self.of(kind))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Seats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pair of counts that matters, in every kind, beside full lanes: no lane sees its neighbours.
    #[test]
    fn lanes_do_not_touch() {
        let counts = [0, 1, 2, 127, 128, 254, 255];
        for neighbours in [0, 1, 255] {
            let beside = SeatKind::ALL.iter().fold(Seats::NONE, |all, &kind| all.with(kind, neighbours));
            for kind in SeatKind::ALL {
                for (a, b) in counts.iter().flat_map(|&a| counts.map(|b| (a, b))) {
                    let (x, y) = (beside.with(kind, a), Seats::NONE.with(kind, b));
                    assert_eq!(x.of(kind), a);
                    assert_eq!(x.checked_add(y), a.checked_add(b).map(|sum| beside.with(kind, sum)));
                    assert_eq!(y.fits(&x), b <= a, "{y} in {x}");
                    assert_eq!(x.fits(&beside.with(kind, b)), a <= b);
                    assert_eq!(x.max(y), beside.with(kind, a.max(b)));
                    assert_eq!(x.total(), u32::from(neighbours) * 4 + u32::from(a));
                    if b <= a {
                        assert_eq!(x - y, beside.with(kind, a - b));
                    }
                }
            }
        }
    }
}
