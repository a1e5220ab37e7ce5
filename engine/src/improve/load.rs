//! Who and what is on board, in numbers wider than those of people: parcels of benchmarks count in hundreds.
//! Most vehicles have places of their own for each kind: then a look at all lanes at once answers. Others have several
//! configurations or substitutions, and [`Capacity`] answers.

use mukae_units::{Capacity, SeatKind, Seats, Substitutions};

const LANE: u32 = 12;
const GUARD: u64 = 0x800_800_800_800_800;

/// Counts of up to five kinds, each at most [`Load::MOST`].
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Load(u64);

impl Load {
    pub const NONE: Load = Load(0);
    pub const MOST: u32 = 1023;
    /// Who rides with nobody else, and takes no place.
    pub const ALONE: Load = Load(1 << (LANE * SeatKind::COUNT as u32));

    /// `None` if a count is more than [`Load::MOST`].
    pub fn of(counts: [u32; SeatKind::COUNT]) -> Option<Load> {
        let is_sound = counts.iter().all(|&count| count <= Load::MOST);
        is_sound.then(|| Load(counts.iter().rev().fold(0, |lanes, &count| lanes << LANE | u64::from(count))))
    }

    /// Two loads that fit somewhere never overflow.
    #[inline]
    pub fn plus(self, party: Load) -> Load {
        Load(self.0 + party.0)
    }

    #[inline]
    pub fn minus(self, party: Load) -> Load {
        Load(self.0 - party.0)
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True if there are as many places of each kind.
    #[inline]
    fn fits(self, places: Load) -> bool {
        ((places.0 | GUARD) - self.0) & GUARD == GUARD
    }

    const fn is_with_one_alone(self) -> bool {
        Load::ALONE.0 <= self.0
    }

    fn count(self, kind: usize) -> u32 {
        (self.0 >> (LANE * kind as u32)) as u32 & 0xFFF
    }

    /// `None` if a count is more than those of people can be.
    fn seats(self) -> Option<Seats> {
        SeatKind::ALL.into_iter().enumerate().try_fold(Seats::NONE, |seats, (lane, kind)| {
            let count = u8::try_from(self.count(lane)).ok()?;
            Some(seats.with(kind, count))
        })
    }
}

/// What a vehicle holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Places {
    /// Each kind has its own.
    Plain(Load),
    Kinds(Capacity),
}

impl Places {
    /// Who fits still does when others leave.
    #[inline]
    pub fn hold(&self, load: Load) -> bool {
        if load.is_with_one_alone() {
            return load == Load::ALONE;
        }
        match self {
            Places::Plain(places) => load.fits(*places),
            Places::Kinds(capacity) => load.seats().is_some_and(|seats| capacity.fits(seats)),
        }
    }
}

impl From<Seats> for Load {
    fn from(party: Seats) -> Load {
        Load::of(SeatKind::ALL.map(|kind| u32::from(party.of(kind)))).expect("counts of people are below 256")
    }
}

impl From<Load> for Places {
    fn from(places: Load) -> Places {
        Places::Plain(places)
    }
}

impl From<Capacity> for Places {
    fn from(capacity: Capacity) -> Places {
        match capacity.configurations() {
            [only] if capacity.substitutions() == Substitutions::NONE => Places::Plain(Load::from(*only)),
            _ => Places::Kinds(capacity),
        }
    }
}

impl std::fmt::Debug for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries((0..SeatKind::COUNT).map(|kind| self.count(kind))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vehicles_hold_what_their_capacity_says() {
        let places = Seats::new(2, 1).with(SeatKind::Luggage, 1);
        let substitutions =
            Substitutions::NONE.and(SeatKind::Luggage, SeatKind::Seat).and(SeatKind::Seat, SeatKind::Wheelchair);
        let other = Seats::new(0, 2).with(SeatKind::Luggage, 2);
        let capacities = [
            Capacity::from(places),
            Capacity::new(vec![places], substitutions).unwrap(),
            Capacity::new(vec![places, other], Substitutions::NONE).unwrap(),
            Capacity::new(vec![places, other], substitutions).unwrap(),
        ];
        for (number, capacity) in capacities.into_iter().enumerate() {
            let held = Places::from(capacity.clone());
            assert_eq!(matches!(held, Places::Plain(_)), number == 0);
            for counts in 0..4_u32.pow(4) {
                let of = |lane: u32| counts / 4_u32.pow(lane) % 4;
                let load = Load::of([of(0), of(1), of(2), of(3), 0]).unwrap();
                let seats = Seats::new(of(0) as u8, of(1) as u8)
                    .with(SeatKind::ChildSeat, of(2) as u8)
                    .with(SeatKind::Luggage, of(3) as u8);
                assert_eq!(held.hold(load), capacity.fits(seats), "{load:?} in {capacity}");
            }
            assert!(!held.hold(Load::of([256, 0, 0, 0, 0]).unwrap()), "more than people can be");
            let somebody = Load::from(Seats::new(1, 0));
            assert!(held.hold(Load::ALONE) && !held.hold(Load::ALONE.plus(somebody)));
            assert!(!held.hold(Load::ALONE.plus(Load::ALONE)), "nobody rests twice at once");
        }
    }

    #[test]
    fn parcels_count_in_hundreds() {
        let places = Places::from(Load::of([1000, 0, 0, 0, 0]).unwrap());
        let load = |count| Load::of([count, 0, 0, 0, 0]).unwrap();
        assert!(places.hold(load(1000)) && !places.hold(load(1001)));
        assert!(places.hold(load(700).plus(load(300))) && !places.hold(load(Load::MOST).plus(load(Load::MOST))));
        assert_eq!(Load::of([Load::MOST + 1, 0, 0, 0, 0]), None);
    }
}
