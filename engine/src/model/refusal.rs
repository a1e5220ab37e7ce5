//! Why no insertion fits: a normal answer.

/// A rule that stood in the way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Constraint {
    /// The wished window is over.
    WindowPast,
    /// The service wants to be asked earlier.
    Notice,
    /// The service does not look that far ahead.
    Horizon,
    /// No vehicle of the area has that many places, of each kind, even when empty.
    PartySize,
    /// No road leads from the origin to the destination.
    NoRoad,
    /// No vehicle works in that window.
    NoShift,
    /// Nobody can reach the pickup inside the window.
    PickupWindow,
    /// Nobody can be at the dropoff in time.
    DropoffWindow,
    /// The ride would be too long.
    RideTime,
    /// The vehicle is full on the way.
    Capacity,
    /// A rider who was promised a time would be late.
    OthersPromise,
    /// Riders on board would have to stand still for too long.
    WaitOnBoard,
    /// The driver could not be back by the end of the shift.
    ShiftEnd,
}

impl Constraint {
    pub const ALL: [Constraint; 13] = [
        Constraint::WindowPast,
        Constraint::Notice,
        Constraint::Horizon,
        Constraint::PartySize,
        Constraint::NoRoad,
        Constraint::NoShift,
        Constraint::PickupWindow,
        Constraint::DropoffWindow,
        Constraint::RideTime,
        Constraint::Capacity,
        Constraint::OthersPromise,
        Constraint::WaitOnBoard,
        Constraint::ShiftEnd,
    ];
}

/// A set of constraints.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct ConstraintSet(u16);

impl ConstraintSet {
    pub(crate) const EMPTY: ConstraintSet = ConstraintSet(0);

    pub(crate) fn insert(&mut self, constraint: Constraint) {
        self.0 |= 1 << constraint as u8;
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn len(self) -> u32 {
        self.0.count_ones()
    }

    pub(crate) fn to_vec(self) -> Vec<Constraint> {
        Constraint::ALL.into_iter().filter(|&constraint| self.0 & (1 << constraint as u8) != 0).collect()
    }
}

/// The answer to a request nobody can serve.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What binds at the nearest miss: the insertion that breaks the fewest kinds of rule. In the
    /// order of [`Constraint`]; never empty.
    pub binding: Vec<Constraint>,
}
