//! Who drives, by the form of the service: staff, volunteers under a permit, or a taxi firm.
//!
//! Whether a driver must be asked before a rider is bound is another matter: see [`DriverKind`](crate::model::DriverKind).

/// Whose people and vehicles make a ride.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Crew {
    /// Employed for it: by the town, or by a bus company.
    Staff,
    /// Residents with their own or a lent car, carrying for a fare under a permit.
    Volunteer,
    Taxi,
}

/// A set of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Crews(u8);

impl Crew {
    pub const ALL: [Crew; 3] = [Crew::Staff, Crew::Volunteer, Crew::Taxi];
}

impl Crews {
    pub const NONE: Crews = Crews(0);
    pub const ALL: Crews = Crews(0b111);

    #[must_use]
    pub const fn and(self, crew: Crew) -> Crews {
        Crews(self.0 | 1 << crew as u8)
    }

    pub const fn contains(self, crew: Crew) -> bool {
        self.0 & (1 << crew as u8) != 0
    }

    pub const fn bits(self) -> u8 {
        self.0
    }

    /// `None` for bits that stand for nobody.
    pub const fn from_bits(bits: u8) -> Option<Crews> {
        if bits & !Crews::ALL.0 == 0 { Some(Crews(bits)) } else { None }
    }
}
