//! When the stops of a route happen: exact, and never in doubt.
//!
//! Windows, rides, waiting on board and the time a vehicle is out are all of one kind, "not before that one and so much",
//! forwards along the route or back. So if a route has schedules at all it has an earliest and a latest one, and every
//! stop of every schedule lies between the two. Both are found by going along the route and raising (or lowering) what a
//! bound that points back asks for, again and again; a bound that still asks after as many rounds as there are such
//! bounds asks for ever: then there is no schedule. That is Bellman and Ford's test for difference constraints, in the
//! order that needs a round or two on nearly all routes.

use std::ops::Range;

use mukae_units::{Span, Time, TravelTime};

/// A stop of a route, as far as times go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Point {
    /// From the stop before, or from where the vehicle is.
    pub leg: TravelTime,
    /// Service begins in it.
    pub earliest: Time,
    pub latest: Time,
    /// Until the next party at the same place may begin.
    pub dwell: Span,
    /// And until the vehicle may leave.
    pub standing: Span,
    /// The vehicle stands here already for the stop before.
    pub joins: bool,
    /// For somebody who alights, where they board, if that is on this route.
    pub boards_at: Option<u32>,
    /// From the end of boarding to the start of alighting; of no account without `boards_at`.
    pub ride_max: Span,
    /// Somebody is on board on the way here.
    pub is_occupied: bool,
    /// Service begins no later where waiting on board is limited: the wait before this stop began at a time that is known.
    pub waits_until: Time,
}

/// What bounds a route as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ends {
    /// The vehicle sets out at this time or later.
    pub free_from: Time,
    pub to_end: TravelTime,
    /// It is at its end by then.
    pub end_latest: Time,
    /// From setting out to the end.
    pub out_max: Option<Span>,
    /// With somebody on board, before any stop.
    pub wait_max: Option<Span>,
}

/// What the earliest schedule depends on. [`Point`] is the plain case; the live dispatcher's stops know shared places, and
/// that nobody is kept waiting at the end of a ride.
pub(crate) trait Visit {
    fn leg(&self) -> TravelTime;
    fn earliest(&self) -> Time;
    fn latest(&self) -> Time;
    /// The same under these ends.
    fn latest_within(&self, _: &Ends) -> Time {
        self.latest()
    }
    /// Until the next party at the same place may begin.
    fn dwell(&self) -> Span;
    /// From the start until the vehicle may leave.
    fn service(&self) -> Span {
        self.dwell()
    }
    /// The vehicle stands here already for the stop before.
    fn joins(&self) -> bool {
        false
    }
    /// Service begins the moment the vehicle is there: such a stop is never late of its own accord.
    fn is_prompt(&self) -> bool {
        false
    }
    fn boards_at(&self) -> Option<u32>;
    fn ride_max(&self) -> Span;
    /// How long the vehicle may wait for service to begin; `None` for as long as it likes.
    fn wait_max(&self, ends: &Ends) -> Option<Span>;
}

impl Visit for Point {
    fn leg(&self) -> TravelTime {
        self.leg
    }

    fn earliest(&self) -> Time {
        self.earliest
    }

    fn latest(&self) -> Time {
        self.latest
    }

    fn latest_within(&self, ends: &Ends) -> Time {
        if ends.wait_max.is_some() { self.latest.min(self.waits_until) } else { self.latest }
    }

    fn dwell(&self) -> Span {
        self.dwell
    }

    fn service(&self) -> Span {
        self.dwell + self.standing
    }

    fn joins(&self) -> bool {
        self.joins
    }

    fn boards_at(&self) -> Option<u32> {
        self.boards_at
    }

    fn ride_max(&self) -> Span {
        self.ride_max
    }

    fn wait_max(&self, ends: &Ends) -> Option<Span> {
        ends.wait_max.filter(|_| self.is_occupied)
    }
}

/// The earliest schedule of a route, into `starts`, and when it is over; `None` if there is no schedule.
///
/// Where parties share a place, the vehicle leaves when the last of them lets it. Who must be over later there is raised
/// itself: so the answer is exact unless one party's stop takes longer than another's whole service after it.
pub(crate) fn earliest<V: Visit>(points: &[V], ends: &Ends, starts: &mut Vec<Time>) -> Option<Time> {
    starts.clear();
    starts.extend(points.iter().map(Visit::earliest));
    settle(points, ends, starts, 0..points.len())
}

/// The same from `starts` that no schedule comes before, and that keep all bounds but some of stops in `open` and of those
/// with the stop before.
pub(crate) fn settle<V: Visit>(points: &[V], ends: &Ends, starts: &mut [Time], mut open: Range<usize>) -> Option<Time> {
    let mut from = open.start;
    for _ in 0..=bounds_back(points, ends) {
        let finish = forwards(points, ends, starts, from, &mut open)?;
        let raised = raise(points, ends, starts, finish, &open)?;
        if raised.is_empty() {
            return Some(finish);
        }
        from = raised.start + 1;
        open = raised.start..(raised.end + 1).min(points.len());
    }
    None
}

/// So many bounds may point back.
fn bounds_back<V: Visit>(points: &[V], ends: &Ends) -> usize {
    let back = |point: &V| usize::from(point.boards_at().is_some()) + usize::from(point.wait_max(ends).is_some());
    points.iter().map(back).sum::<usize>() + usize::from(ends.out_max.is_some())
}

/// When the vehicle may leave a stop; `free` is when it could leave what comes before the first.
pub(crate) fn left<V: Visit>(points: &[V], starts: &[Time], stop: usize, free: Time) -> Time {
    let mut left = starts[stop] + points[stop].service();
    let mut here = stop;
    while points[here].joins() {
        let Some(before) = here.checked_sub(1) else { return left.max(free) };
        here = before;
        left = left.max(starts[here] + points[here].service());
    }
    left
}

/// Makes nobody late for the leg to them, beginning with `from`; `open` grows by all that move. When it is over.
fn forwards<V: Visit>(
    points: &[V],
    ends: &Ends,
    starts: &mut [Time],
    from: usize,
    open: &mut Range<usize>,
) -> Option<Time> {
    let (mut free, mut served) = match from.checked_sub(1) {
        None => (ends.free_from, ends.free_from),
        Some(before) => (left(points, starts, before, ends.free_from), starts[before] + points[before].dwell()),
    };
    for (stop, point) in points.iter().enumerate().skip(from) {
        let there = match point.joins() {
            false => free + point.leg(),
            true if stop == 0 => starts[stop], // whoever asks knows when
            true => served,
        };
        if starts[stop] < there {
            starts[stop] = there;
            open.end = open.end.max(stop + 1);
        } else if open.end <= stop && !point.joins() {
            break;
        }
        if point.latest_within(ends) < starts[stop] {
            return None;
        }
        let over = starts[stop] + point.service();
        free = if point.joins() { free.max(over) } else { over };
        served = starts[stop] + point.dwell();
    }
    let over = match points.len().checked_sub(1) {
        None => ends.free_from,
        Some(last) => left(points, starts, last, ends.free_from),
    };
    let finish = over + ends.to_end;
    (finish <= ends.end_latest).then_some(finish)
}

/// Raises starts as bounds of open stops ask that point back; from the first to the last that was.
fn raise<V: Visit>(
    points: &[V],
    ends: &Ends,
    starts: &mut [Time],
    finish: Time,
    open: &Range<usize>,
) -> Option<Range<usize>> {
    let (mut first, mut last) = (points.len(), 0);
    let mut ask = |starts: &mut [Time], stop: usize, at: Time| {
        if starts[stop] < at {
            starts[stop] = at;
            (first, last) = (first.min(stop), last.max(stop + 1));
        }
        starts[stop] <= points[stop].latest_within(ends)
    };
    // `stop` is over at that time or later
    let is_over = |starts: &[Time], stop: usize, at: Time| {
        points[stop].joins() && at <= left(points, starts, stop, ends.free_from)
    };
    for stop in open.clone().rev() {
        let point = &points[stop];
        if let (Some(wait_max), Some(before)) = (point.wait_max(ends), stop.checked_sub(1)) {
            let (at, service) = match point.joins() {
                false => (starts[stop] - wait_max - point.leg().span(), points[before].service()),
                true if point.is_prompt() => (starts[stop], points[before].dwell()),
                true => (starts[stop] - wait_max, points[before].service()),
            };
            let is_kept = !(point.joins() && point.is_prompt()) && is_over(starts, before, at);
            if !is_kept && !ask(starts, before, at - service) {
                return None;
            }
        }
        if let Some(boards_at) = point.boards_at() {
            let boards_at = boards_at as usize;
            let at = starts[stop] - point.ride_max();
            if !is_over(starts, boards_at, at) && !ask(starts, boards_at, at - points[boards_at].service()) {
                return None;
            }
        }
    }
    if let (Some(out_max), Some(point)) = (ends.out_max, points.first())
        && !ask(starts, 0, finish - out_max + point.leg())
    {
        return None;
    }
    Some(first.min(last)..last)
}

/// The latest schedule of a route, into `starts`; false if there is none.
pub fn latest(points: &[Point], ends: &Ends, starts: &mut Vec<Time>) -> bool {
    starts.clear();
    starts.extend(points.iter().map(|point| point.latest_within(ends)));
    if points.is_empty() {
        return ends.free_from + ends.to_end <= ends.end_latest;
    }
    let mut to = points.len();
    for _ in 0..=bounds_back(points, ends) {
        if !backwards(points, ends, starts, to) {
            return false;
        }
        match lower(points, ends, starts) {
            None => return false,
            Some(None) => return true,
            Some(Some(lowered)) => to = lowered,
        }
    }
    false
}

fn backwards(points: &[Point], ends: &Ends, starts: &mut [Time], to: usize) -> bool {
    let home = ends.end_latest - ends.to_end.span();
    for stop in (0..to).rev() {
        let point = &points[stop];
        let over = match points.get(stop + 1) {
            None => home - point.service(),
            Some(next) if next.joins => starts[stop + 1] - point.dwell,
            Some(next) => starts[stop + 1] - next.leg.span() - point.service(),
        };
        starts[stop] = starts[stop].min(over);
        if starts[stop] < point.earliest {
            return false;
        }
    }
    ends.free_from <= starts[0] - points[0].leg.span()
}

/// Lowers starts as bounds ask that point ahead; the last that was.
fn lower(points: &[Point], ends: &Ends, starts: &mut [Time]) -> Option<Option<usize>> {
    let mut last = None;
    let mut ask = |starts: &mut [Time], stop: usize, at: Time| {
        if at < starts[stop] {
            starts[stop] = at;
            last = last.max(Some(stop));
        }
        points[stop].earliest <= starts[stop]
    };
    let end = points.len() - 1;
    if let Some(out_max) = ends.out_max {
        let back_by = starts[0] - points[0].leg.span() + out_max;
        if !ask(starts, end, back_by - ends.to_end.span() - points[end].service()) {
            return None;
        }
    }
    for (stop, point) in points.iter().enumerate() {
        if let Some(wait_max) = ends.wait_max.filter(|_| point.is_occupied && 0 < stop) {
            let at = starts[stop - 1] + points[stop - 1].service() + point.leg + wait_max;
            if !ask(starts, stop, at) {
                return None;
            }
        }
        if let Some(boards_at) = point.boards_at {
            let boards_at = boards_at as usize;
            if !ask(starts, stop, starts[boards_at] + points[boards_at].service() + point.ride_max) {
                return None;
            }
        }
    }
    Some(last)
}

#[cfg(test)]
mod tests;
