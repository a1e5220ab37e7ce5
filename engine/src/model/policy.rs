//! Cost weights of an area and promises of a service: state, set by events.
//!
//! There is no `Default`: somebody chooses every number. The service's configuration has the
//! shipped values.

use mukae_units::{SeatKind, Seats, Span, TravelTime};

use crate::model::{Crews, Tier, WalkLimit};

/// Rules that hold for a whole area.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    pub cost: CostWeights,
    /// A vehicle stands still with riders on board at most this long before a later pickup.
    pub wait_on_board_max: Span,
    /// A position report that moves no prediction further than this is not worth an event.
    pub position_tolerance: Span,
    /// How long an ended booking can still be asked about.
    pub retention: Span,
    /// Stops the vehicle sets out for within this are frozen. Zero: none are.
    pub freeze_horizon: Span,
    /// How much of what its plan can spare a vehicle waits before it sets out for an advance booking: 0 to [`WAIT_FIRST_MAX`].
    pub wait_first_permille: u32,
    /// How long a driver has to answer an ask.
    pub ask_timeout: Span,
    /// Consents beyond this are not made use of: staff can switch a tier off in one act.
    pub tier_max: Tier,
}

impl Policy {
    pub(crate) fn is_sound(&self) -> bool {
        self.cost.are_sound() && self.wait_first_permille <= WAIT_FIRST_MAX
    }
}

/// All of it.
pub const WAIT_FIRST_MAX: u32 = 1000;

/// No minute is worth more, in yen, nor less than nothing: a search could not tell any more what can not win, and sums
/// could overflow.
pub const WEIGHT_MAX: i64 = 1_000_000;

/// What a minute is worth, in whole yen: 0 to [`WEIGHT_MAX`]. Costs are yen per minute times milliseconds, never divided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CostWeights {
    /// A minute of driving added to a schedule.
    pub driving: i64,
    /// A minute by which the end of a schedule moves: driving, service and waiting alike.
    pub driver_time: i64,
    /// A minute from the start of the wished window until the rider is on board (departures only).
    pub rider_wait: i64,
    /// A minute of ride time beyond the direct time.
    pub excess_ride: i64,
    /// A minute a vehicle stands still with riders on board before a later pickup, besides what it adds to rides.
    pub wait_on_board: i64,
    /// A minute a rider walks to the pickup and from the dropoff.
    pub walking: i64,
}

impl CostWeights {
    pub(crate) fn are_sound(&self) -> bool {
        let CostWeights { driving, driver_time, rider_wait, excess_ride, wait_on_board, walking } = *self;
        [driving, driver_time, rider_wait, excess_ride, wait_on_board, walking].into_iter().all(is_sound)
    }
}

fn is_sound(weight: i64) -> bool {
    (0..=WEIGHT_MAX).contains(&weight)
}

/// What happens to a newcomer whom nobody can serve inside the limits. Promises already made are kept either way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limits {
    /// The request is refused.
    Hard,
    /// It is served late, at a price; the promise then covers what is planned. Yen a minute beyond each limit: 0 to
    /// [`WEIGHT_MAX`].
    Soft { pickup_late: i64, dropoff_late: i64, ride_over: i64 },
}

impl Limits {
    pub(crate) fn are_sound(&self) -> bool {
        match *self {
            Limits::Hard => true,
            Limits::Soft { pickup_late, dropoff_late, ride_over } => {
                [pickup_late, dropoff_late, ride_over].into_iter().all(is_sound)
            }
        }
    }
}

/// Rules and promises of one service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServicePolicy {
    /// Width of the promised pickup window; at least one minute.
    pub promise_width: Span,
    pub ride: RideLimit,
    pub limits: Limits,
    pub dwell: DwellRule,
    /// How long an offer can be confirmed.
    pub offer_ttl: Span,
    /// A request gets a pickup no sooner than this after it is made.
    pub notice_min: Span,
    /// A request gets a pickup no later than this after it is made.
    pub horizon: Span,
    /// How long a vehicle waits for a rider, counted from the later of its arrival and the start of
    /// the promised window, before a no-show may be reported.
    pub no_show_after: Span,
    /// Ways with a longer walk are not taken.
    pub walk_max: WalkLimit,
    /// An offer is held at most this long, prolongations included; zero: not at all.
    pub hold_max: Span,
    /// No more people ride on one booking; `None`: as many as a vehicle holds.
    pub party_max: Option<u32>,
    /// By whom its riders are driven.
    pub crews: Crews,
}

/// How long a ride may take, given its direct time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RideLimit {
    /// At least this much longer than direct is allowed.
    pub extra: Span,
    /// And at least this many thousandths of the direct time.
    pub factor_permille: u32,
    /// But never longer than this, unless the direct time is longer already.
    pub max: Span,
}

impl RideLimit {
    pub fn ride_max(&self, direct: TravelTime) -> Span {
        let direct = direct.span();
        let relative = direct.scaled_permille(self.factor_permille).max(direct + self.extra);
        relative.min(self.max).max(direct)
    }
}

/// Service time at a stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DwellRule {
    /// Once for all who board or alight while the vehicle stands at one place.
    pub per_stop: Span,
    pub per_party: Span,
    pub per_seat: Span,
    pub per_wheelchair: Span,
}

impl DwellRule {
    /// Boarding or alighting of one party, without what is counted once per stop. A child is seated
    /// like anybody, a stretcher is brought in like a wheelchair, and luggage comes with its party.
    pub fn dwell(&self, party: Seats) -> Span {
        let count = |kind| i64::from(party.of(kind));
        self.per_party
            + self.per_seat * (count(SeatKind::Seat) + count(SeatKind::ChildSeat))
            + self.per_wheelchair * (count(SeatKind::Wheelchair) + count(SeatKind::Stretcher))
    }
}
