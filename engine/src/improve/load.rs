//! Who and what is on board, in numbers wider than those of people: parcels of benchmarks count in hundreds.

use mukae_units::{Capacity, SeatKind, Seats};

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

    #[inline]
    fn fits(self, places: Load) -> bool {
        ((places.0 | GUARD) - self.0) & GUARD == GUARD
    }

    fn count(self, kind: usize) -> u32 {
        (self.0 >> (LANE * kind as u32)) as u32 & 0xFFF
    }

    fn total_of(self, kinds: u8) -> u32 {
        (0..SeatKind::COUNT).filter(|kind| kinds & 1 << kind != 0).map(|kind| self.count(kind)).sum()
    }
}

impl From<Seats> for Load {
    fn from(seats: Seats) -> Load {
        let counts = SeatKind::ALL.map(|kind| u32::from(seats.of(kind)));
        Load::of(counts).expect("a count of people is below 256")
    }
}

impl std::fmt::Debug for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries((0..SeatKind::COUNT).map(|kind| self.count(kind))).finish()
    }
}

/// What a vehicle holds: by Hall's theorem a load fits into a configuration exactly if no set of kinds asks for more
/// places than its members may use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Room {
    configurations: Vec<Load>,
    /// For each configuration, for each set of kinds, the places they may use; empty where each kind has its own.
    places: Vec<[u32; 1 << SeatKind::COUNT]>,
}

impl Room {
    pub fn single(places: Load) -> Room {
        Room { configurations: vec![places], places: Vec::new() }
    }

    #[inline]
    pub fn holds(&self, load: Load) -> bool {
        self.configurations.iter().any(|&places| load.fits(places)) || self.holds_by_substitution(load)
    }

    fn holds_by_substitution(&self, load: Load) -> bool {
        let fits = |places: &[u32; 1 << SeatKind::COUNT]| {
            (1..places.len()).all(|kinds| load.total_of(kinds as u8) <= places[kinds])
        };
        self.places.iter().any(fits)
    }
}

impl From<&Capacity> for Room {
    fn from(capacity: &Capacity) -> Room {
        let configurations: Vec<Load> = capacity.configurations().iter().map(|&seats| seats.into()).collect();
        let substitutions = capacity.substitutions();
        let may_use = |kinds: usize, place: SeatKind| {
            SeatKind::ALL.into_iter().any(|kind| kinds & 1 << kind as usize != 0 && substitutions.allows(kind, place))
        };
        let of_configuration = |seats: &Seats| {
            std::array::from_fn(|kinds| {
                let usable = SeatKind::ALL.into_iter().filter(|&place| may_use(kinds, place));
                usable.map(|place| u32::from(seats.of(place))).sum()
            })
        };
        let is_plain = substitutions == mukae_units::Substitutions::NONE;
        let places =
            if is_plain { Vec::new() } else { capacity.configurations().iter().map(of_configuration).collect() };
        Room { configurations, places }
    }
}
