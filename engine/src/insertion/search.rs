//! Exact best insertion: bounds first, roads only for what they leave, the walk for what may win.
//!
//! ```text
//! after the last stops    the one with the least bound is tried: from then on there is a cost to beat
//!                         all others that could beat it, the least bound first
//! before planned stops    every gap by the bounds of both its ends, the one with the least first; what is left by true
//!                         times; a vehicle under way is located only then; every place for the dropoff likewise
//! on call                 shifts whose driver would have to be called, by their bounds too
//! ```
//! Nothing is skipped that could have won: a bound is never above the cost (see `bound`), and what it
//! leaves is decided by `evaluate` alone. Ties in cost go to the smaller shift, then the earlier pickup,
//! then the earlier dropoff, whatever the order of the search.
//!
//! The idea of pruning insertions by bounds before any search in the graph is that of LOUD and KaRRi
//! (Buchhold, Sanders, Wagner 2021; Laupichler, Sanders 2024); they prune by searches around stops, we by a
//! table of cells, so that nothing needs to be kept but columns.

mod uncalled;

use mukae_maps::{Place, TravelTimes};
use mukae_units::{Time, TravelTime};

use super::anticipate::Foresight;
use super::bound::{Boarding, Newcomer};
use super::evaluate::{Candidate, Strictness, Trial, evaluate};
use super::exhaustive::{best_ahead, best_of};
use super::near::Near;
use super::view::FleetView;
use super::{Demand, Insertion, Legs, turning_point};
use crate::fleet::{Columns, End, Gap, GapOutline, Last};
use crate::model::Policy;
use crate::schedule::{NO_ROAD, Schedule, Timeline, Whereabouts};
use crate::work::{Memory, Work};

/// So many candidates are taken at a time: enough for their roads to be fetched together, few enough for the cost to
/// beat to be of use to the next.
const BATCH: usize = 16;

/// A search looks at least so far, and begins with no more than so much, in milliseconds.
const NEAR: i64 = 60_000;
const NEAR_MAX: i64 = 600_000;

/// Arrays of a search, kept to be used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    /// For predictions of one schedule.
    pub timeline: Timeline,
    pub ends: Vec<Time>,
    /// How far the last search looked, in milliseconds: where the next one begins.
    reach: i64,
    /// Gaps that are near enough and in time, as far as cells tell.
    told_near: Vec<u32>,
    /// How far the first look at last stops went, in the unit of the cells.
    seen: u16,
    /// Bounds after last stops and whose they are, and before planned stops.
    lasts: Vec<(i64, u32)>,
    gaps: Vec<(i64, u32)>,
    places: Vec<Place>,
    to_pickup: Vec<Option<TravelTime>>,
    from_pickup: Vec<Option<TravelTime>>,
    /// Gaps whose way to the pickup is known, and that could still win.
    near_gaps: Vec<(usize, TravelTime)>,
    dropoffs: Vec<(i64, usize, [TravelTime; 2])>,
}

/// The cheapest allowed insertion of `demand`; `None` if there is none, or none below the cost limit.
///
/// Bounds know nothing of who may ask later: where that counts, every pair is looked at.
pub(crate) fn best_insertion(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    fleet: FleetView<'_>,
    work: &mut Work<'_>,
) -> Option<Insertion> {
    if let Some(foresight) = Foresight::of(&fleet, now, policy, work) {
        let schedules = fleet.schedules().into_iter().filter(|schedule| fleet.among.has(schedule));
        let best = best_ahead(&foresight, demand, (now, policy), schedules, work);
        return best.filter(|best| fleet.cost_limit.is_none_or(|limit| best.price() < limit));
    }
    work.memory.columns.follow((fleet.state, fleet.changes), fleet.drafted, now, work.roads);
    let best = best_of(now, demand, policy, fleet.without_columns(&work.memory.columns).into_iter(), work);
    let best = best.filter(|best| fleet.cost_limit.is_none_or(|limit| best.price() < limit));
    let Work { roads, memory: Memory { columns, scratch, .. }, .. } = work;
    let cells = roads.cells().cloned();
    let cells = cells.as_deref();
    let saved = roads.shortcut_max(demand.origin).zip(roads.shortcut_max(demand.destination));
    let saved = saved.map(|(origin, destination)| [origin, destination].map(|time| time.span().as_millis()));
    let mut search = Search {
        now,
        demand,
        policy,
        fleet,
        columns,
        roads: &mut **roads,
        newcomer: Newcomer::new(now, demand, policy, saved, columns.has_turns),
        to_origin: Near::to(cells, demand.origin),
        from_origin: Near::from(cells, demand.origin),
        to_destination: Near::to(cells, demand.destination),
        from_destination: Near::from(cells, demand.destination),
        best,
    };
    search.first_last(scratch);
    search.first_gap(scratch);
    search.other_lasts(scratch);
    search.other_gaps(scratch);
    search.uncalled(cells, scratch);
    search.best
}

struct Search<'a, 'r> {
    now: Time,
    demand: &'a Demand,
    policy: &'a Policy,
    fleet: FleetView<'a>,
    columns: &'a Columns,
    roads: &'r mut dyn TravelTimes,
    newcomer: Newcomer,
    to_origin: Near<'a>,
    from_origin: Near<'a>,
    to_destination: Near<'a>,
    from_destination: Near<'a>,
    best: Option<Insertion>,
}

/// A pickup before a planned stop.
#[derive(Clone, Copy, Debug)]
struct Approach {
    slot: usize,
    /// Where and when the vehicle is free before its first stop, or where this gap begins.
    origin: (Place, Time),
    i: usize,
    gap: Gap,
    boarding: Boarding,
    to_pickup: TravelTime,
    from_pickup: TravelTime,
}

fn millis(time: TravelTime) -> i64 {
    i64::from(time.as_millis())
}

/// A vehicle that may turn round at its next stop comes to an origin to which no road leads from where it set out.
fn or_by_turn(to_pickup: Option<TravelTime>, gap: &Gap) -> Option<TravelTime> {
    to_pickup.or((gap.turn != End::NOWHERE).then_some(NO_ROAD))
}

impl<'a> Search<'a, '_> {
    /// What costs more can not win.
    fn cost_max(&self) -> i64 {
        self.best.map_or(self.fleet.cost_limit.map_or(i64::MAX, |limit| limit - 1), |best| best.cost)
    }

    /// Tries the one with the least bound, and notes what may be cheaper.
    fn first_last(&mut self, scratch: &mut Scratch) {
        let bounds = &mut scratch.lasts;
        bounds.clear();
        let mut least = (i64::MAX, 0);
        // without a cost to beat: those that are near first
        let mut seen = 0;
        let mut reach = scratch.reach.max(NEAR);
        while bounds.is_empty() && seen < u16::MAX {
            let limit = self.to_origin.units(reach);
            self.lasts_within(seen, limit, |bound| {
                bounds.push(bound);
                least = least.min(bound);
            });
            (seen, reach) = (limit, reach.saturating_mul(4));
        }
        scratch.seen = seen;
        if bounds.is_empty() {
            return;
        }
        let slot = least.1 as usize;
        if let Some(to_pickup) = self.roads.travel_time(self.columns.last_places[slot], self.demand.origin) {
            self.try_after_last(slot, to_pickup, &mut scratch.ends);
        }
        bounds.retain(|&bound| bound != least);
    }

    fn other_lasts(&mut self, scratch: &mut Scratch) {
        let mut bounds = std::mem::take(&mut scratch.lasts);
        let cost_max = self.cost_max();
        bounds.retain(|&bound| bound.0 <= cost_max);
        let reach = self.newcomer.reach_after_last(cost_max, self.columns);
        scratch.reach = reach.min(NEAR_MAX);
        let limit = self.to_origin.units(reach);
        if scratch.seen < limit {
            self.lasts_within(scratch.seen, limit, |bound| {
                if bound.0 <= cost_max {
                    bounds.push(bound);
                }
            });
        }
        bounds.sort_unstable();
        for batch in bounds.chunks(BATCH) {
            let cost_max = self.cost_max();
            let batch = &batch[..batch.partition_point(|&(bound, _)| bound <= cost_max)];
            if batch.is_empty() {
                break;
            }
            scratch.places.clear();
            scratch.places.extend(batch.iter().map(|&(_, slot)| self.columns.last_places[slot as usize]));
            self.roads.many_to_one(&scratch.places, self.demand.origin, &mut scratch.to_pickup);
            for (&(_, slot), to_pickup) in batch.iter().zip(&scratch.to_pickup) {
                if let Some(to_pickup) = *to_pickup {
                    self.try_after_last(slot as usize, to_pickup, &mut scratch.ends);
                }
            }
        }
        scratch.lasts = bounds;
    }

    /// The bounds of those after whose last stops it takes from `from` on and less than `to` to the cell of the origin, in
    /// the unit of the cells.
    #[inline]
    fn lasts_within(&self, from: u16, to: u16, mut found: impl FnMut((i64, u32))) {
        let mut look = |slot: u32, last: &Last| {
            let Some(to_pickup) = self.to_origin.bound(last.from) else { return };
            let Some(home) = last.home.map_or(Some(0), |end| self.from_destination.bound(end)) else { return };
            if let Some(bound) = self.newcomer.after_last(last, to_pickup, home) {
                found((bound, slot));
            }
        };
        let Some(groups) = &self.columns.groups else {
            for (slot, last) in self.columns.lasts.iter().enumerate() {
                let time = self.to_origin.between(last.from.cell);
                if from <= time && time < to {
                    look(slot as u32, last);
                }
            }
            return;
        };
        let cells = self.to_origin.nearest.iter().skip_while(|&&cell| self.to_origin.between(cell) < from);
        for &cell in cells.take_while(|&&cell| self.to_origin.between(cell) < to) {
            groups.lasts.bucket(usize::from(cell.0)).iter().for_each(|grouped| look(grouped.slot, &grouped.last));
        }
    }

    fn try_after_last(&mut self, slot: usize, to_pickup: TravelTime, ends: &mut Vec<Time>) {
        let last = &self.columns.lasts[slot];
        let home = if last.home.is_some() { None } else { Some(0) };
        let least_home = home.or_else(|| self.from_destination.bound(last.home?)).unwrap_or(0);
        let bound = self.newcomer.after_last(last, millis(to_pickup), least_home);
        if bound.is_none_or(|bound| self.cost_max() < bound) {
            return;
        }
        let Some(schedule) = self.schedule(slot) else { return };
        let Some(from_dropoff) = self.way_home(slot) else { return };
        let direct = self.demand.direct;
        let legs = Legs { to_pickup, from_pickup: direct, to_dropoff: direct, from_dropoff };
        let origin = (self.columns.last_places[slot], schedule.free_at(self.now));
        let end = schedule.stops().len();
        self.try_pair(slot, schedule, origin, (end, end), legs, ends);
    }

    /// Tries the one with the least bound, alone, as what it costs may leave few of the others; and notes those.
    fn first_gap(&mut self, scratch: &mut Scratch) {
        let mut bounds = std::mem::take(&mut scratch.gaps);
        bounds.clear();
        let cost_max = self.cost_max();
        let reach = self.newcomer.reach_before_stop(cost_max, self.columns);
        let mut look = |index: u32, to_pickup: i64, from_pickup: i64| {
            let gap = &self.columns.gaps[index as usize];
            let boarding = self.newcomer.before_stop(gap, to_pickup, from_pickup);
            if let Some(boarding) = boarding.filter(|boarding| boarding.cost <= cost_max) {
                bounds.push((boarding.cost, index));
            }
        };
        let legs = |(from, to): (End, End), (turn, leg): (End, u32)| {
            let to_pickup = self.by_turn(self.to_origin.bound(from), turn, leg);
            to_pickup.zip(self.from_origin.bound(to))
        };
        match &self.columns.groups {
            None => {
                // no two gaps in a row are alike: a branch for each would be guessed wrong half of the time
                let (near, mut count) = (&mut scratch.told_near, 0);
                near.resize(self.columns.gap_outlines().len(), 0);
                for outline in self.columns.gap_outlines() {
                    let by_turn = i64::from(outline.leg) + self.to_origin.millis(self.to_origin.around(outline.turn));
                    let to_pickup = self.to_origin.millis(self.to_origin.around(outline.from)).min(by_turn);
                    let from_pickup = self.to_origin.millis(self.from_origin.around(outline.to));
                    let is_near = to_pickup + from_pickup <= i64::from(outline.leg) + reach.detour;
                    near[count] = outline.index;
                    count += usize::from(is_near & self.newcomer.may_be_in_time(outline, to_pickup, from_pickup));
                }
                for &index in &near[..count] {
                    let Gap { from, to, turn, leg, .. } = self.columns.gaps[index as usize];
                    if let Some((to_pickup, from_pickup)) = legs((from, to), (turn, leg)) {
                        look(index, to_pickup, from_pickup);
                    }
                }
            }
            Some(groups) => {
                let unit_bits = self.to_origin.unit_bits;
                let detour = match self.to_origin.units(reach.detour) {
                    u16::MAX => u32::MAX / 2, // beyond what cells tell of one drive, and there are two
                    units => u32::from(units),
                };
                let mut look_at = |outline: &GapOutline, is_moving: bool| {
                    let GapOutline { from, to, turn, leg, .. } = *outline;
                    let around = [self.to_origin.between(from.cell), self.from_origin.between(to.cell)].map(u32::from);
                    if turn == End::NOWHERE && (leg >> unit_bits) + 1 + detour < around[0] + around[1] {
                        return;
                    }
                    let Some((to_pickup, from_pickup)) = legs((from, to), (turn, leg)) else { return };
                    if self.newcomer.may_fit(outline, is_moving, reach, [to_pickup, from_pickup]) {
                        look(outline.index, to_pickup, from_pickup);
                    }
                };
                groups.moving_gaps().iter().for_each(|outline| look_at(outline, true));
                let limit = self.to_origin.units(reach.to_pickup);
                for &cell in self.to_origin.nearest.iter().take_while(|&&cell| self.to_origin.between(cell) < limit) {
                    groups.gaps_from(cell).iter().for_each(|outline| look_at(outline, false));
                }
            }
        }
        if let Some(&least) = bounds.iter().min() {
            let index = least.1 as usize;
            let (origin, [from, to]) = (self.demand.origin, self.columns.gap_places[index]);
            let to_pickup = self.roads.travel_time(from, origin);
            let to_pickup = or_by_turn(to_pickup, &self.columns.gaps[index]);
            if let Some((to_pickup, from_pickup)) = to_pickup.zip(self.roads.travel_time(origin, to)) {
                self.try_gap(index, to_pickup, from_pickup, scratch);
            }
            bounds.retain(|&bound| bound != least);
        }
        scratch.gaps = bounds;
    }

    fn other_gaps(&mut self, scratch: &mut Scratch) {
        let mut bounds = std::mem::take(&mut scratch.gaps);
        let cost_max = self.cost_max();
        bounds.retain(|&bound| bound.0 <= cost_max);
        bounds.sort_unstable();
        for batch in bounds.chunks(BATCH) {
            let cost_max = self.cost_max();
            let batch = &batch[..batch.partition_point(|&(bound, _)| bound <= cost_max)];
            if batch.is_empty() {
                break;
            }
            let columns = self.columns;
            let Scratch { places, to_pickup, from_pickup, near_gaps, .. } = &mut *scratch;
            places.clear();
            places.extend(batch.iter().map(|&(_, gap)| columns.gap_places[gap as usize][0]));
            self.roads.many_to_one(places, self.demand.origin, to_pickup);
            near_gaps.clear();
            near_gaps.extend(batch.iter().zip(&*to_pickup).filter_map(|(&(_, index), to_pickup)| {
                let gap = &columns.gaps[index as usize];
                let to_pickup = or_by_turn(*to_pickup, gap)?;
                let least = self.from_origin.bound(gap.to)?;
                let boarding = self.newcomer.before_stop(gap, self.least_to_pickup(gap, to_pickup), least)?;
                (boarding.cost <= cost_max).then_some((index as usize, to_pickup))
            }));
            places.clear();
            places.extend(near_gaps.iter().map(|&(gap, _)| columns.gap_places[gap][1]));
            self.roads.one_to_many(self.demand.origin, places, from_pickup);
            for at in 0..scratch.near_gaps.len() {
                let (index, to_pickup) = scratch.near_gaps[at];
                if let Some(from_pickup) = scratch.from_pickup[at] {
                    self.try_gap(index, to_pickup, from_pickup, scratch);
                }
            }
        }
        scratch.gaps = bounds;
    }

    fn try_gap(&mut self, index: usize, to_pickup: TravelTime, from_pickup: TravelTime, scratch: &mut Scratch) {
        let gap = self.columns.gaps[index];
        let Some(boarding) = self.boarding(&gap, to_pickup, from_pickup) else { return };
        let slot = gap.slot as usize;
        let i = index - self.columns.slots[slot].gaps_at;
        let origin = (self.columns.gap_places[index][0], Time::from_unix_millis(gap.free).max(self.now));
        let mut approach = Approach { slot, origin, i, gap, boarding, to_pickup, from_pickup };
        // a bound on the ride must know when it begins
        let is_turned_first = gap.is_moving && self.newcomer.boards_gladly_late();
        let turned = if is_turned_first { self.schedule(slot) } else { None };
        if is_turned_first && !turned.is_some_and(|schedule| self.turn(schedule, &mut approach)) {
            return;
        }
        let mut dropoffs = std::mem::take(&mut scratch.dropoffs);
        dropoffs.clear();
        self.dropoffs(&approach, &mut dropoffs);
        // columns have left little by now, and a schedule lies elsewhere in memory
        let schedule = if dropoffs.is_empty() { None } else { turned.or_else(|| self.schedule(slot)) };
        if let Some(schedule) = schedule
            && (!approach.gap.is_moving || self.turn(schedule, &mut approach))
        {
            for &(bound, j, [to_dropoff, from_dropoff]) in &dropoffs {
                if bound <= self.cost_max() {
                    let is_direct = j == i;
                    let from_pickup = if is_direct { self.demand.direct } else { from_pickup };
                    let to_pickup = approach.to_pickup;
                    let legs = Legs { to_pickup, from_pickup, to_dropoff, from_dropoff };
                    self.try_pair(slot, schedule, approach.origin, (i, j), legs, &mut scratch.ends);
                }
            }
        }
        scratch.dropoffs = dropoffs;
    }

    /// What boarding there does at least, if that could win.
    fn boarding(&self, gap: &Gap, to_pickup: TravelTime, from_pickup: TravelTime) -> Option<Boarding> {
        let to_pickup = self.least_to_pickup(gap, to_pickup);
        let boarding = self.newcomer.before_stop(gap, to_pickup, millis(from_pickup))?;
        (boarding.cost <= self.cost_max()).then_some(boarding)
    }

    /// How long a vehicle takes at least from where it set out to the origin. One on the last road of its leg is turned at
    /// the stop it drives to; where it may turn round there, that can be sooner than any drive from where it set out.
    #[inline]
    fn by_turn(&self, to_pickup: Option<i64>, turn: End, leg: u32) -> Option<i64> {
        if turn == End::NOWHERE {
            return to_pickup;
        }
        let by_turn = self.to_origin.bound(turn).map(|rest| i64::from(leg) + rest);
        to_pickup.into_iter().chain(by_turn).min()
    }

    #[inline]
    fn least_to_pickup(&self, gap: &Gap, to_pickup: TravelTime) -> i64 {
        let to_pickup = millis(to_pickup);
        self.by_turn(Some(to_pickup), gap.turn, gap.leg).unwrap_or(to_pickup)
    }

    /// Finds where a vehicle under way can be turned, the first thing here that needs a path; false if it can not, or
    /// can not win from there.
    fn turn(&mut self, schedule: &Schedule, approach: &mut Approach) -> bool {
        let Approach { slot, gap, .. } = *approach;
        let Whereabouts::Driving { from, departed } = schedule.plan.whereabouts else { unreachable!("it is moving") };
        let next = schedule.next_stop().expect("driving means to a stop").place;
        let Some(point) = self.roads.decision_point(from, next, self.now - departed) else { return false };
        let origin = turning_point(point, departed, self.now);
        let Some(to_pickup) = self.roads.travel_time(origin.0, self.demand.origin) else { return false };
        let rest = self.columns.slots[slot].base.stops[0].ready - origin.1;
        let gap = Gap {
            free: origin.1.as_unix_millis(),
            leg: u32::try_from(rest.as_millis()).expect("it is turned before it is there"),
            is_moving: false,
            turn: End::NOWHERE,
            ..gap
        };
        let Some(boarding) = self.boarding(&gap, to_pickup, approach.from_pickup) else { return false };
        *approach = Approach { origin, to_pickup, gap, boarding, ..*approach };
        true
    }

    /// The places for the dropoff that could win, each with its bound, position and legs.
    fn dropoffs(&mut self, approach: &Approach, found: &mut Vec<(i64, usize, [TravelTime; 2])>) {
        let Approach { slot, i, gap, boarding, from_pickup, .. } = approach;
        let (columns, newcomer) = (self.columns, self.newcomer);
        let (at, count) = (columns.slots[*slot].gaps_at, columns.slots[*slot].gap_count);
        let (destination, direct) = (self.demand.destination, self.demand.direct);
        let cost_max = self.cost_max();

        let bound = |from_dropoff: i64| newcomer.direct(gap, boarding, millis(*from_pickup), from_dropoff);
        let least = self.from_destination.bound(gap.to).and_then(bound);
        if least.is_some_and(|least| least <= cost_max)
            && let Some(from_dropoff) = self.roads.travel_time(destination, columns.gap_places[at + i][1])
            && let Some(bound) = bound(millis(from_dropoff))
            && bound <= cost_max
        {
            found.push((bound, *i, [direct, from_dropoff]));
        }

        for j in i + 1..count {
            let later = &columns.gaps[at + j];
            if newcomer.is_over((gap, boarding), later) {
                return;
            }
            let [from, to] = columns.gap_places[at + j];
            let bound = |legs: [i64; 2]| newcomer.before_later_stop((gap, boarding), later, legs);
            let least = self.to_destination.bound(later.from).zip(self.from_destination.bound(later.to));
            let least = least.and_then(|(to, from)| bound([to, from]));
            if least.is_some_and(|least| least <= cost_max)
                && let Some(to_dropoff) = self.roads.travel_time(from, destination)
                && let Some(from_dropoff) = self.roads.travel_time(destination, to)
                && let Some(bound) = bound([millis(to_dropoff), millis(from_dropoff)])
                && bound <= cost_max
            {
                found.push((bound, j, [to_dropoff, from_dropoff]));
            }
        }

        let last = &columns.lasts[*slot];
        let bound = |legs: [i64; 2]| newcomer.at_end((gap, boarding), last, legs);
        let home = last.home.map_or(Some(0), |end| self.from_destination.bound(end));
        let least = self.to_destination.bound(last.from).zip(home).and_then(|(to, home)| bound([to, home]));
        if least.is_some_and(|least| least <= cost_max)
            && let Some(to_dropoff) = self.roads.travel_time(columns.last_places[*slot], destination)
            && let Some(from_dropoff) = self.way_home(*slot)
            && let Some(bound) = bound([millis(to_dropoff), millis(from_dropoff)])
            && bound <= cost_max
        {
            found.push((bound, count, [to_dropoff, from_dropoff]));
        }
    }

    /// From the destination to the end of a shift.
    fn way_home(&mut self, slot: usize) -> Option<TravelTime> {
        if self.columns.lasts[slot].home.is_none() {
            return Some(TravelTime::ZERO);
        }
        let end = &self.fleet.schedule(self.columns.slots[slot].shift).shift.end;
        self.roads.travel_time(self.demand.destination, end.as_ref().expect("it has a home").place)
    }

    /// The schedule of a slot, if it could take the newcomer.
    fn schedule(&self, slot: usize) -> Option<&'a Schedule> {
        let schedule = self.fleet.schedule(self.columns.slots[slot].shift);
        (schedule.may_take(self.demand) && self.fleet.among.has(schedule)).then_some(schedule)
    }

    fn try_pair(
        &mut self,
        slot: usize,
        schedule: &Schedule,
        origin: (Place, Time),
        positions: (usize, usize),
        legs: Legs,
        ends: &mut Vec<Time>,
    ) {
        let base = &self.columns.slots[slot].base;
        let candidate = Candidate { schedule, base, origin, now: self.now, has_holds: false };
        self.try_candidate(&candidate, positions, legs, ends);
    }

    fn try_candidate(
        &mut self,
        candidate: &Candidate<'_>,
        positions: (usize, usize),
        legs: Legs,
        ends: &mut Vec<Time>,
    ) {
        let strictness = Strictness::StopEarly { cost_max: self.cost_max() };
        let trial = Trial { demand: self.demand, policy: self.policy, strictness };
        let Ok(outcome) = evaluate(trial, candidate, legs, positions, ends, self.roads) else { return };
        let found = outcome.insertion(candidate, positions);
        if found.cost <= self.cost_max() && self.best.is_none_or(|best| found.rank() < best.rank()) {
            self.best = Some(found);
        }
    }
}
