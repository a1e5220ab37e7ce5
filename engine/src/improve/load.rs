//! Who and what is on board, in numbers wider than those of people: parcels of benchmarks count in hundreds.
//! Each kind has its own places; vehicles with several configurations or substitutions are not planned yet.

use mukae_units::SeatKind;

const LANE: u32 = 12;
const GUARD: u64 = 0x800_800_800_800_800;

/// Counts of up to five kinds, each at most [`Load::MOST`].
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Load(u64);

impl Load {
    pub const NONE: Load = Load(0);
    pub const MOST: u32 = 1023;

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
    pub fn fits(self, places: Load) -> bool {
        ((places.0 | GUARD) - self.0) & GUARD == GUARD
    }

    fn count(self, kind: usize) -> u32 {
        (self.0 >> (LANE * kind as u32)) as u32 & 0xFFF
    }
}

impl std::fmt::Debug for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries((0..SeatKind::COUNT).map(|kind| self.count(kind))).finish()
    }
}
