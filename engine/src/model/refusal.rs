//! Why no insertion fits: a normal answer.

use mukae_units::Span;

use crate::model::Relaxation;

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
    /// No road leads from the origin to the destination, or no vehicle to them.
    NoRoad,
    /// No vehicle that holds the party works in that window.
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
    /// No vehicle that may take the party offers all that the request needs.
    Requirements,
    /// No vehicle that holds the party may carry riders of this service.
    NoVehicleForService,
    /// The service does not carry from there to there.
    ServiceZones,
    /// No vehicle that may take the party goes there.
    VehicleZones,
    /// The service does not pick up at that time.
    OutsideHours,
    /// The service wanted to be asked earlier for that day.
    BookingDeadline,
    /// The service does not take bookings for that day yet.
    BookingNotOpen,
    /// A driver's break would begin too late.
    BreakWindow,
    /// Somebody would be on board during a driver's break.
    BreakOnBoard,
    /// A volunteer would drive for longer than agreed to.
    DetourTime,
    /// A volunteer would drive farther than agreed to.
    DetourLength,
    /// The driver must be asked and can not be now: cool-down, weekly limit, or already on the way.
    DriverAsks,
    /// Staff, or the time left, have frozen that part of the schedule.
    Frozen,
    /// Every meeting point is further than riders of the service walk.
    Walk,
    /// The rider did not come too often, and may not ask for a while.
    Suspended,
    /// The service takes no party of that size.
    PartyLimit,
}

impl Constraint {
    pub const ALL: [Constraint; 29] = [
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
        Constraint::Requirements,
        Constraint::NoVehicleForService,
        Constraint::ServiceZones,
        Constraint::VehicleZones,
        Constraint::OutsideHours,
        Constraint::BookingDeadline,
        Constraint::BookingNotOpen,
        Constraint::BreakWindow,
        Constraint::BreakOnBoard,
        Constraint::DetourTime,
        Constraint::DetourLength,
        Constraint::DriverAsks,
        Constraint::Frozen,
        Constraint::Walk,
        Constraint::Suspended,
        Constraint::PartyLimit,
    ];
}

/// What an insertion breaks, and by how much; a rule broken twice counts by its worst.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Misses {
    broken: u32,
    /// The sum of `by`.
    total: Span,
    by: [Span; Constraint::ALL.len()],
}

/// How far an insertion is from being allowed: a road is missing last; fewer kinds of rule are nearer than more, then less
/// time missed, then the order of [`Constraint`]. What breaks more is never nearer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Distance {
    lacks_road: bool,
    kinds: u32,
    by: Span,
    broken: u32,
}

impl Misses {
    pub(crate) const NONE: Misses = Misses { broken: 0, total: Span::ZERO, by: [Span::ZERO; Constraint::ALL.len()] };

    pub(crate) fn add(&mut self, constraint: Constraint, by: Span) {
        self.broken |= 1 << constraint as u8;
        let worst = &mut self.by[constraint as usize];
        if *worst < by {
            self.total += by - *worst;
            *worst = by;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.broken == 0
    }

    /// True if a dispatcher may want it all the same: it is about times alone.
    pub(crate) fn can_be_overruled(&self) -> bool {
        const OF_TIME: [Constraint; 6] = [
            Constraint::PickupWindow,
            Constraint::DropoffWindow,
            Constraint::RideTime,
            Constraint::OthersPromise,
            Constraint::WaitOnBoard,
            Constraint::ShiftEnd,
        ];
        OF_TIME.iter().fold(self.broken, |broken, constraint| broken & !(1 << *constraint as u8)) == 0
    }

    pub(crate) fn distance(&self) -> Distance {
        let lacks_road = self.broken & (1 << Constraint::NoRoad as u8) != 0;
        Distance { lacks_road, kinds: self.broken.count_ones(), by: self.total, broken: self.broken }
    }

    pub(crate) fn binding(&self) -> Vec<Binding> {
        let is_broken = |constraint: &Constraint| self.broken & (1 << *constraint as u8) != 0;
        let binding = |constraint| {
            let by = self.by[constraint as usize];
            Binding { constraint, shortfall: (by > Span::ZERO).then_some(by) }
        };
        Constraint::ALL.into_iter().filter(is_broken).map(binding).collect()
    }
}

/// A rule that binds, and how far the nearest miss was from keeping it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Binding {
    pub constraint: Constraint,
    /// `None` where it is not a matter of time.
    pub shortfall: Option<Span>,
}

/// The nearest of several misses, each with what binds at it: a missing road or shift is furthest, then
/// count and time as within one of them; the first one if they are alike.
pub(crate) fn nearest(misses: Vec<Vec<Binding>>) -> Vec<Binding> {
    let distance = |binding: &Vec<Binding>| {
        let is_far = |binding: &Binding| matches!(binding.constraint, Constraint::NoRoad | Constraint::NoShift);
        let shortfall: Span = binding.iter().filter_map(|binding| binding.shortfall).sum();
        (binding.iter().any(is_far), binding.len(), shortfall)
    };
    misses.into_iter().min_by_key(distance).expect("a request has ways")
}

/// The answer to a request nobody can serve.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What binds at the nearest miss: of the insertions that roads allow, the one that breaks the
    /// fewest kinds of rule, by the least time. In the order of [`Constraint`]; never empty.
    pub binding: Vec<Binding>,
    /// The smallest changes under which the same request is accepted now, each tried; the one that asks
    /// least of the rider first, see [`Relaxation`].
    pub relaxations: Vec<Relaxation>,
}

impl Refusal {
    /// Without ways out.
    pub fn of(binding: Vec<Binding>) -> Refusal {
        Refusal { binding, relaxations: Vec::new() }
    }
}

impl From<Constraint> for Binding {
    fn from(constraint: Constraint) -> Binding {
        Binding { constraint, shortfall: None }
    }
}
