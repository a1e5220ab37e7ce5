//! Smallest changes of a request that make a refusal an offer.

use mukae_units::{SeatKind, Span, TimeWindow};

use crate::model::{Request, Wish};

/// A change of a request that was refused, and under which it is accepted at that moment.
///
/// Ranked by what they ask of the rider: first changes of time, the smaller the better and in the order
/// below where they are equal, then a smaller party, then another day.
///
/// Times are whole minutes. [`Later`](Relaxation::Later), [`ArriveLater`](Relaxation::ArriveLater) and
/// [`LongerRide`](Relaxation::LongerRide) only widen limits, so that feasibility is monotone in them and
/// the smallest is found by bisection. With an [`Earlier`](Relaxation::Earlier) start a rider may board
/// sooner and then ride too long: every minute is tried. A [`LongerWalk`](Relaxation::LongerWalk) is
/// tried at every meeting point it would open. A [`SmallerParty`](Relaxation::SmallerParty) boards faster,
/// so that one seat after the other is tried, too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relaxation {
    /// The wished window ends so much later: to be fetched later, or to arrive later.
    Later { by: Span },
    /// The wished window begins so much earlier.
    Earlier { by: Span },
    /// The deadline besides the wished window is so much later.
    ArriveLater { by: Span },
    /// The ride takes so much longer than the service's limit.
    LongerRide { by: Span },
    /// The rider walks so much longer than the service's limit, at either end.
    LongerWalk { by: Span },
    /// So many fewer of one kind ride.
    SmallerParty { kind: SeatKind, fewer: u8 },
    /// So many times 24 hours later.
    DaysLater { days: u8 },
}

impl Relaxation {
    /// The request to ask again with.
    pub fn applied(&self, request: &Request) -> Request {
        let mut relaxed = request.clone();
        match *self {
            Relaxation::Later { by } => relaxed.wish = with_window(request.wish, Span::ZERO, by),
            Relaxation::Earlier { by } => relaxed.wish = with_window(request.wish, -by, Span::ZERO),
            Relaxation::ArriveLater { by } => relaxed.arrive_latest = request.arrive_latest.map(|latest| latest + by),
            Relaxation::LongerRide { by } => relaxed.beyond.ride = request.beyond.ride + by,
            Relaxation::LongerWalk { by } => relaxed.beyond.walk = request.beyond.walk + by,
            Relaxation::SmallerParty { kind, fewer } => {
                relaxed.party = request.party.with(kind, request.party.of(kind) - fewer);
                relaxed.concessions = request.concessions.within(relaxed.party);
            }
            Relaxation::DaysLater { days } => {
                let by = Span::DAY * i64::from(days);
                relaxed.wish = with_window(request.wish, by, by);
                relaxed.arrive_latest = request.arrive_latest.map(|latest| latest + by);
            }
        }
        relaxed
    }

    /// What they are ranked by; smaller asks less.
    pub(crate) fn rank(&self) -> (u8, Span, u8) {
        match *self {
            Relaxation::Later { by } => (0, by, 0),
            Relaxation::Earlier { by } => (0, by, 1),
            Relaxation::ArriveLater { by } => (0, by, 2),
            Relaxation::LongerRide { by } => (0, by, 3),
            Relaxation::LongerWalk { by } => (0, by, 4),
            Relaxation::SmallerParty { fewer, kind } => (1, Span::from_millis(i64::from(fewer)), kind as u8),
            Relaxation::DaysLater { days } => (2, Span::DAY * i64::from(days), 0),
        }
    }
}

fn with_window(wish: Wish, earliest_by: Span, latest_by: Span) -> Wish {
    let moved = |window: TimeWindow| {
        TimeWindow::new(window.earliest() + earliest_by, window.latest() + latest_by).expect("it only widens, or moves")
    };
    match wish {
        Wish::DepartAfter(window) => Wish::DepartAfter(moved(window)),
        Wish::ArriveBy(window) => Wish::ArriveBy(moved(window)),
    }
}
