//! The one question everything else asks of the roads: how long does it take to drive there?

use std::sync::Arc;

use mukae_units::{Metres, Span, TravelTime};

use crate::cells::Cells;
use crate::place::Place;

/// Which set of edge weights an answer was computed under; a closure or a slowdown makes a new one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct MetricId(pub u32);

/// Where a vehicle under way can next be sent somewhere else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecisionPoint {
    pub place: Place,
    /// Driving time from the departure to that place.
    pub after: TravelTime,
}

/// Exact driving times between places, and where a vehicle is on its way.
///
/// An implementation belongs to one thread and reuses its arrays; what it is built from is shared.
/// Equal inputs give equal answers. Times obey the triangle inequality except over a place with
/// [`Sides::Both`](crate::Sides::Both): a vehicle that calls there may turn round, one that drives past may not, so
/// calling can be the shorter way.
pub trait TravelTimes {
    fn metric(&self) -> MetricId;

    /// The driving time, or `None` if no road leads there.
    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime>;

    /// From one place to each of `to`, in their order; `times` is cleared first.
    fn one_to_many(&mut self, from: Place, to: &[Place], times: &mut Vec<Option<TravelTime>>) {
        times.clear();
        for &place in to {
            let time = self.travel_time(from, place);
            times.push(time);
        }
    }

    /// From each of `from` to one place, in their order; `times` is cleared first.
    fn many_to_one(&mut self, from: &[Place], to: Place, times: &mut Vec<Option<TravelTime>>) {
        times.clear();
        for &place in from {
            let time = self.travel_time(place, to);
            times.push(time);
        }
    }

    /// The first point on the path `from -> to`, at or after `elapsed` of driving, where the driver
    /// can still choose: the head of the edge the vehicle is then on, or `to` on its last edge.
    /// `None` if no road leads there.
    fn decision_point(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint>;

    /// How far one drives on the path `from -> to` that [`TravelTimes::travel_time`] measures: the shortest in time,
    /// and of several always the same. `None` if no road leads there.
    fn length(&mut self, from: Place, to: Place) -> Option<Metres>;

    /// How much sooner than straight from one place to another a vehicle can at most be there by calling at `via`:
    /// `from -> via -> to` takes at least `from -> to` less this. Zero where calling is no different from
    /// driving past; `None` if it is not known.
    fn shortcut_max(&mut self, via: Place) -> Option<TravelTime> {
        let _ = via;
        None
    }

    /// A search for a ride between these places is about to begin: whoever can asks the memory for what it will read. Only
    /// a hint, that changes no answer.
    fn expect_ride(&self, from: Place, to: Place) {
        let _ = (from, to);
    }

    /// Cells whose bounds hold under this metric, if there are any: they tell without a question which places are
    /// too far. Ask anew after every change of metric.
    fn cells(&self) -> Option<&Arc<Cells>> {
        None
    }
}

/// Travel times read from a square table, for benchmarks and drawn test cities; the edge number of
/// a place is its row. It knows no points in between, so a vehicle under way chooses at its end; and no lengths, so
/// everybody drives 10 m a second.
#[derive(Clone, Debug)]
pub struct MatrixTimes {
    side: usize,
    /// Row by row; `None` where no road leads.
    times: Vec<Option<TravelTime>>,
}

impl MatrixTimes {
    /// Panics unless `times` has `side * side` entries.
    pub fn new(side: usize, times: Vec<Option<TravelTime>>) -> MatrixTimes {
        assert_eq!(times.len(), side * side, "a table of {side} places has {} entries", side * side);
        MatrixTimes { side, times }
    }
}

impl TravelTimes for MatrixTimes {
    fn metric(&self) -> MetricId {
        MetricId(0)
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        self.times[from.edge.0 as usize * self.side + to.edge.0 as usize]
    }

    fn decision_point(&mut self, from: Place, to: Place, _elapsed: Span) -> Option<DecisionPoint> {
        Some(DecisionPoint { place: to, after: self.travel_time(from, to)? })
    }

    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        const MILLIMETRES_PER_MILLI: u64 = 10;
        let millis = self.travel_time(from, to)?.as_millis();
        Some(Metres::from_millimetres(u64::from(millis) * MILLIMETRES_PER_MILLI))
    }
}
