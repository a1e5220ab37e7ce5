//! Every pair of positions, one after the other: for what is asked seldom, and only of some schedules.

use mukae_maps::{Place, TravelTimes};
use mukae_units::{Span, Time, TravelTime};

use super::anticipate::Foresight;
use super::evaluate::{Candidate, Outcome, Strictness, Trial, Walk, evaluate};
use super::hold::mended;
use super::{Demand, Insertion, Legs, turning_point};
use crate::model::refusal::Misses;
use crate::model::{Binding, Constraint, Policy};
use crate::schedule::{Schedule, Timeline, Whereabouts};
use crate::work::{Memory, Work};

/// The cheapest allowed insertion into any of `schedules`, which come in the order of their shifts.
pub(crate) fn best_of<'s>(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    schedules: impl Iterator<Item = &'s Schedule>,
    work: &mut Work<'_>,
) -> Option<Insertion> {
    let mut best: Option<Insertion> = None;
    let mut rows = Rows::default();
    for schedule in schedules {
        let strictness = Strictness::StopEarly { cost_max: best.map_or(i64::MAX, |best| best.cost) };
        let trial = Trial { demand, policy, strictness };
        for_each_pair(now, trial, schedule, work, &mut rows, |_, insertion| {
            if let Ok(insertion) = insertion
                && best.is_none_or(|best| insertion.rank() < best.rank())
            {
                best = Some(insertion);
            }
            Strictness::StopEarly { cost_max: best.map_or(i64::MAX, |best| best.cost) }
        });
    }
    best
}

/// The same where an insertion also costs those who may ask later: all that could be the cheapest by their cost alone are
/// priced, schedule by schedule.
pub(super) fn best_ahead<'s>(
    foresight: &Foresight<'_>,
    demand: &Demand,
    (now, policy): (Time, &Policy),
    schedules: impl Iterator<Item = &'s Schedule>,
    work: &mut Work<'_>,
) -> Option<Insertion> {
    let mut best: Option<Insertion> = None;
    let (mut rows, mut found) = (Rows::default(), Vec::new());
    for schedule in schedules.filter(|schedule| schedule.may_take(demand)) {
        let standing = foresight.standing(schedule);
        let saving_max = foresight.saving_max(&standing);
        let cost_max = best.map_or(i64::MAX, |best| best.price().saturating_add(saving_max));
        let strictness = Strictness::StopEarly { cost_max };
        for_each_pair(now, Trial { demand, policy, strictness }, schedule, work, &mut rows, |_, insertion| {
            found.extend(insertion.ok());
            strictness
        });
        found.sort_by_key(Insertion::rank);
        for mut insertion in found.drain(..) {
            if best.is_some_and(|best| best.price() < insertion.cost.saturating_sub(saving_max)) {
                break;
            }
            insertion.ahead = foresight.price(&standing, demand, &insertion, work);
            if best.is_none_or(|best| insertion.rank() < best.rank()) {
                best = Some(insertion);
            }
        }
    }
    best
}

/// The rules broken by the insertion that breaks the fewest kinds; asked only when nothing fits. Of several that are
/// equally near, the first.
pub(crate) fn nearest_miss<'s>(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    schedules: impl Iterator<Item = &'s Schedule>,
    work: &mut Work<'_>,
) -> Vec<Binding> {
    let mut nearest: Option<Misses> = None;
    let mut rows = Rows::default();
    for schedule in schedules {
        let than = nearest.map(|nearest| nearest.distance());
        let trial = Trial { demand, policy, strictness: Strictness::TellNearer { than } };
        for_each_pair(now, trial, schedule, work, &mut rows, |_, insertion| {
            if let Err(broken) = insertion
                && nearest.is_none_or(|nearest| broken.distance() < nearest.distance())
            {
                nearest = Some(broken);
            }
            Strictness::TellNearer { than: nearest.map(|nearest| nearest.distance()) }
        });
    }
    nearest.map_or_else(|| vec![Constraint::NoShift.into()], |nearest| nearest.binding())
}

/// What stands in the way in one schedule, at the insertion that is nearest to being allowed; and where somebody could put
/// the party all the same, breaking as little as can be.
#[derive(Clone, Debug)]
pub(crate) struct Nearest {
    pub binding: Vec<Binding>,
    pub by_hand: Option<(usize, usize)>,
}

/// See [`Nearest`]; for a schedule into which no insertion is allowed. Of several that are equally near, the first.
pub(crate) fn nearest_in(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    schedule: &Schedule,
    work: &mut Work<'_>,
) -> Nearest {
    if let Some(constraint) = schedule.unfit_for(demand) {
        return Nearest { binding: vec![constraint.into()], by_hand: None };
    }
    let mut nearest: Option<Misses> = None;
    let mut by_hand: Option<(Misses, (usize, usize))> = None;
    let trial = Trial { demand, policy, strictness: Strictness::TELL_ALL };
    for_each_pair(now, trial, schedule, work, &mut Rows::default(), |positions, insertion| {
        if let Err(broken) = insertion {
            if nearest.is_none_or(|nearest| broken.distance() < nearest.distance()) {
                nearest = Some(broken);
            }
            let is_nearer = by_hand.is_none_or(|(nearest, _)| broken.distance() < nearest.distance());
            if broken.can_be_overruled() && is_nearer {
                by_hand = Some((broken, positions));
            }
        }
        Strictness::TELL_ALL
    });
    let nearest = nearest.expect("after the last stop is always a position");
    Nearest { binding: nearest.binding(), by_hand: by_hand.map(|(_, positions)| positions) }
}

/// One insertion, at positions chosen by hand, or what it breaks; `None` if the schedule has no such positions.
pub(crate) fn insertion_at(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    schedule: &Schedule,
    (positions, overrules): ((usize, usize), bool),
    work: &mut Work<'_>,
) -> Option<Result<Insertion, Vec<Binding>>> {
    if positions.1 < positions.0 || schedule.stops().len() < positions.1 {
        return None;
    }
    let unfit = if overrules { schedule.unfit_for_late(demand) } else { schedule.unfit_for(demand) };
    if let Some(constraint) = unfit {
        return Some(Err(vec![constraint.into()]));
    }
    let base = schedule.timeline(now);
    let (first, origin) = start(schedule, now, work);
    let mut candidate = Candidate { schedule, base: &base, origin, now, has_holds: schedule.plan.has_holds() };
    if positions.0 < first {
        return None;
    }
    if positions.0 == 0
        && let Some(turned) = turning(&candidate, work)
        && turned.ready_at(demand, work).is_some_and(|soon| is_sooner(soon, candidate.ready_at(demand, work), demand))
    {
        candidate = turned;
    }
    let outcome = match legs(&candidate, demand, positions, work) {
        Some(legs) => {
            let Work { roads, memory: Memory { scratch, .. }, .. } = work;
            let (roads, ends) = (&mut **roads, &mut scratch.ends);
            let trial = Trial { demand, policy, strictness: Strictness::TELL_ALL };
            match evaluate(trial, &candidate, legs, positions, ends, roads) {
                Err(_) if overrules => {
                    let trial = Trial { strictness: Strictness::Overrule, ..trial };
                    evaluate(trial, &candidate, legs, positions, ends, roads)
                }
                judged => judged,
            }
        }
        None => Err(no_road()),
    };
    let insertion = outcome.map(|outcome| outcome.insertion(&candidate, positions));
    Some(insertion.map_err(|broken| broken.binding()))
}

/// Whether a vehicle that is turned boards the newcomer sooner than one that goes on first.
fn is_sooner(turned: Time, going_on: Option<Time>, demand: &Demand) -> bool {
    going_on.is_none_or(|going_on| turned.max(demand.pickup.earliest()) < going_on)
}

/// Visits every pair of positions of a schedule, or one for several that are lost alike; `visit` says how strict to be
/// from then on. A vehicle that is repositioned may go on first, or be turned where that brings it to the rider sooner.
fn for_each_pair(
    now: Time,
    trial: Trial<'_>,
    schedule: &Schedule,
    work: &mut Work<'_>,
    rows: &mut Rows,
    mut visit: impl FnMut((usize, usize), Result<Insertion, Misses>) -> Strictness,
) {
    if !schedule.may_take(trial.demand) {
        return;
    }
    let base: Timeline = schedule.timeline(now);
    let (first, origin) = start(schedule, now, work);
    let candidate = Candidate { schedule, base: &base, origin, now, has_holds: schedule.plan.has_holds() };
    let pickups = (first, schedule.stops().len());
    let strictness = for_each_pair_from(trial, &candidate, pickups, work, rows, &mut visit);
    let Some(turned) = turning(&candidate, work) else { return };
    let soon = candidate.ready_at(trial.demand, work);
    let (trial, mut strictness) = (Trial { strictness, ..trial }, strictness);
    for_each_pair_from(trial, &turned, (0, 0), work, rows, &mut |positions, insertion| {
        let is_no_sooner = |found: &Insertion| soon.is_some_and(|soon| soon <= found.pickup);
        if !insertion.as_ref().is_ok_and(is_no_sooner) {
            strictness = visit(positions, insertion);
        }
        strictness
    });
}

/// The pairs of pickups in a range, from one place where the vehicle is free. Returns how strict to be after them.
fn for_each_pair_from(
    trial: Trial<'_>,
    candidate: &Candidate<'_>,
    (first, last): (usize, usize),
    work: &mut Work<'_>,
    rows: &mut Rows,
    visit: &mut impl FnMut((usize, usize), Result<Insertion, Misses>) -> Strictness,
) -> Strictness {
    let stop_count = candidate.schedule.stops().len();
    let Work { roads, memory: Memory { scratch, .. }, .. } = work;
    let (roads, ends) = (&mut **roads, &mut scratch.ends);
    rows.begin(candidate, first, trial.demand, roads);
    let (mut trial, mut held_ends) = (trial, Vec::new());
    let is_searching = matches!(trial.strictness, Strictness::StopEarly { .. });
    for i in first..=last {
        let Some(to_pickup) = rows.to_pickup[i - first] else {
            trial.strictness = visit((i, i), Err(no_road()));
            continue;
        };
        // all the places for the dropoff have the way to them in common
        let mut walk = Walk::board(trial, candidate, i, to_pickup, ends);
        for j in i..=stop_count {
            if walk.is_lost() {
                break;
            }
            rows.finish(candidate, first, trial.demand, roads);
            let [to_dropoff, from_dropoff] = [rows.to_dropoff[j - first], rows.from_dropoff[j - first]];
            let to_dropoff = if i == j { Some(trial.demand.direct) } else { to_dropoff };
            ends.truncate(j - i);
            let outcome = match to_dropoff.zip(from_dropoff) {
                Some((to_dropoff, from_dropoff)) => {
                    let (mut walk, legs) = (walk, [to_dropoff, from_dropoff]);
                    match walk.alight(j, legs, ends, roads) {
                        Err(broken) if is_searching && walk.can_be_mended() => {
                            let legs = walk.legs(legs);
                            mended(trial, candidate, legs, (i, j), &mut held_ends, roads).ok_or(broken)
                        }
                        judged => judged,
                    }
                }
                None => Err(no_road()),
            };
            trial.strictness = visit((i, j), outcome.map(|outcome| outcome.insertion(candidate, (i, j))));
            walk.set_strictness(trial.strictness);
            ends.truncate(j - i);
            if j < stop_count {
                let Some(from_pickup) = rows.from_pickup[i - first] else {
                    trial.strictness = visit((i, j), Err(no_road()));
                    break;
                };
                walk.pass(j, from_pickup, ends);
            }
        }
    }
    trial.strictness
}

/// The same schedule with its vehicle turned on the way to where it was sent, if it can be.
fn turning<'s>(candidate: &Candidate<'s>, work: &mut Work<'_>) -> Option<Candidate<'s>> {
    let Whereabouts::Repositioning { from, departed, to, .. } = candidate.schedule.plan.whereabouts else {
        return None;
    };
    let point = work.roads.decision_point(from, to, candidate.now - departed)?;
    let origin = turning_point(point, departed, candidate.now);
    (origin.0 != to && origin.1 < candidate.origin.1).then_some(Candidate { origin, ..*candidate })
}

/// The roads between a schedule and the newcomer; entry `k` belongs to the gap before stop `first + k`, where `first` is the
/// first that may change.
#[derive(Debug, Default)]
struct Rows {
    places: Vec<Place>,
    to_pickup: Vec<Option<TravelTime>>,
    /// Asked for only once somebody could board.
    is_finished: bool,
    from_pickup: Vec<Option<TravelTime>>,
    to_dropoff: Vec<Option<TravelTime>>,
    from_dropoff: Vec<Option<TravelTime>>,
}

impl Rows {
    fn begin(&mut self, candidate: &Candidate<'_>, first: usize, demand: &Demand, roads: &mut dyn TravelTimes) {
        self.is_finished = false;
        self.collect_starts(candidate, first);
        roads.many_to_one(&self.places, demand.origin, &mut self.to_pickup);
    }

    fn finish(&mut self, candidate: &Candidate<'_>, first: usize, demand: &Demand, roads: &mut dyn TravelTimes) {
        if std::mem::replace(&mut self.is_finished, true) {
            return;
        }
        self.collect_starts(candidate, first);
        roads.many_to_one(&self.places, demand.destination, &mut self.to_dropoff);
        let Schedule { shift, plan, .. } = candidate.schedule;
        self.places.clear();
        self.places.extend(plan.stops.iter().skip(first).map(|stop| stop.place));
        roads.one_to_many(demand.origin, &self.places, &mut self.from_pickup);
        self.places.extend(shift.end.as_ref().map(|end| end.place));
        roads.one_to_many(demand.destination, &self.places, &mut self.from_dropoff);
        if shift.end.is_none() {
            self.from_dropoff.push(Some(TravelTime::ZERO));
        }
    }

    /// Where the vehicle leaves from, gap by gap.
    fn collect_starts(&mut self, candidate: &Candidate<'_>, first: usize) {
        let stops = candidate.schedule.stops().iter().map(|stop| stop.place);
        self.places.clear();
        self.places.extend(std::iter::once(candidate.origin.0).chain(stops).skip(first));
    }
}

fn no_road() -> Misses {
    let mut broken = Misses::NONE;
    broken.add(Constraint::NoRoad, Span::ZERO);
    broken
}

/// The first position that may change, and where and when the vehicle is free before it.
pub(super) fn start(schedule: &Schedule, now: Time, work: &mut Work<'_>) -> (usize, (Place, Time)) {
    match schedule.plan.whereabouts {
        Whereabouts::Waiting { place, .. } | Whereabouts::Repositioning { to: place, .. } => {
            (0, (place, schedule.free_at(now)))
        }
        Whereabouts::Serving { .. } => (1, (schedule.place(), schedule.free_at(now))),
        Whereabouts::Driving { from, departed } => {
            let next = schedule.next_stop().expect("driving means to a stop").place;
            match work.roads.decision_point(from, next, now - departed) {
                Some(point) => (0, turning_point(point, departed, now)),
                None => (1, (from, schedule.free_at(now))), // the road is gone: it can not be turned
            }
        }
    }
}

impl Candidate<'_> {
    /// When a vehicle that is free before its first stop can be at the newcomer's origin; `None` if no road leads there.
    fn ready_at(&self, demand: &Demand, work: &mut Work<'_>) -> Option<Time> {
        Some(self.origin.1 + work.roads.travel_time(self.origin.0, demand.origin)?)
    }
}

/// The roads of one pair of positions.
fn legs(candidate: &Candidate<'_>, demand: &Demand, (i, j): (usize, usize), work: &mut Work<'_>) -> Option<Legs> {
    let stops = candidate.schedule.stops();
    let before = |position: usize| match position.checked_sub(1) {
        Some(before) => stops[before].place,
        None => candidate.origin.0,
    };
    let mut time = |from: Place, to: Place| work.roads.travel_time(from, to);
    let (origin, destination) = (demand.origin, demand.destination);
    let is_direct = i == j;
    Some(Legs {
        to_pickup: time(before(i), origin)?,
        from_pickup: if is_direct { demand.direct } else { time(origin, stops[i].place)? },
        to_dropoff: if is_direct { demand.direct } else { time(before(j), destination)? },
        from_dropoff: match (stops.get(j), &candidate.schedule.shift.end) {
            (Some(next), _) => time(destination, next.place)?,
            (None, Some(end)) => time(destination, end.place)?,
            (None, None) => TravelTime::ZERO,
        },
    })
}

impl Outcome {
    pub(super) fn insertion(&self, candidate: &Candidate<'_>, (pickup_idx, dropoff_idx): (usize, usize)) -> Insertion {
        let Outcome { cost, pickup, boarded, dropoff, legs, joins, lengths, is_held } = *self;
        let is_turned = pickup_idx == 0
            && match candidate.schedule.plan.whereabouts {
                Whereabouts::Driving { .. } => true,
                Whereabouts::Repositioning { to, .. } => candidate.origin.0 != to,
                Whereabouts::Waiting { .. } | Whereabouts::Serving { .. } => false,
            };
        let turned_at = is_turned.then_some(candidate.origin);
        let shift = candidate.schedule.shift.id;
        Insertion {
            shift,
            pickup_idx,
            dropoff_idx,
            cost,
            ahead: 0,
            pickup,
            boarded,
            dropoff,
            legs,
            joins,
            is_held,
            lengths,
            turned_at,
        }
    }
}
