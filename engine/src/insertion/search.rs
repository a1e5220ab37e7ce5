//! Exact best insertion: bounds first, roads only for what they leave, the walk for what may win.
//!
//! ```text
//! after the last stops    the one with the least bound is tried: from then on there is a cost to beat
//!                         all others that could beat it, the least bound first
//! before planned stops    every gap by the bounds of both its ends; what is left by true times; a vehicle
//!                         under way is located only then; every place for the dropoff likewise
//! ```
//! Nothing is skipped that could have won: a bound is never above the cost (see `bound`), and what it
//! leaves is decided by `evaluate` alone. Ties in cost go to the smaller shift, then the earlier pickup,
//! then the earlier dropoff, whatever the order of the search.
//!
//! The idea of pruning insertions by bounds before any search in the graph is that of LOUD and KaRRi
//! (Buchhold, Sanders, Wagner 2021; Laupichler, Sanders 2024); they prune by searches around stops, we by a
//! table of cells, so that nothing needs to be kept but columns.

use std::collections::BTreeMap;

use mukae_maps::{Cells, Place, TravelTimes};
use mukae_units::{ShiftId, Time, TravelTime};

use super::bound::{Boarding, Newcomer};
use super::evaluate::{Candidate, evaluate};
use super::exhaustive::{best_of, may_take};
use super::{Demand, Insertion, Legs, turning_point};
use crate::State;
use crate::fleet::{Changes, Columns, End, Gap};
use crate::model::Policy;
use crate::schedule::{Schedule, Whereabouts};
use crate::work::Work;

/// So many candidates are taken at a time: enough for their roads to be fetched together, few enough for the cost to
/// beat to be of use to the next.
const BATCH: usize = 16;

/// The schedules a search goes over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FleetView<'a> {
    pub state: &'a State,
    pub changes: &'a Changes,
    /// Schedules that differ from the state's; `None` for one that ends.
    pub changed: &'a BTreeMap<ShiftId, Option<Schedule>>,
}

/// Arrays of a search, kept to be used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    pub ends: Vec<Time>,
    /// Bounds and whose they are.
    bounds: Vec<(i64, u32)>,
    places: Vec<Place>,
    to_pickup: Vec<Option<TravelTime>>,
    from_pickup: Vec<Option<TravelTime>>,
}

/// The cheapest allowed insertion of `demand`; `None` if there is none.
pub(crate) fn best_insertion(
    now: Time,
    demand: &Demand,
    policy: &Policy,
    fleet: FleetView<'_>,
    work: &mut Work<'_>,
) -> Option<Insertion> {
    let changed = fleet.changed.values().flatten();
    let best = best_of(now, demand, policy, changed, work);
    work.columns.follow(fleet.state, fleet.changes, now, work.roads);
    let Work { roads, columns, scratch } = work;
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
        newcomer: Newcomer::new(now, demand, policy, saved),
        to_origin: Near::to(cells, demand.origin),
        from_origin: Near::from(cells, demand.origin),
        to_destination: Near::to(cells, demand.destination),
        from_destination: Near::from(cells, demand.destination),
        best,
    };
    search.after_lasts(scratch);
    search.before_stops(scratch);
    search.best
}

/// Bounds on drives to one place, or from it.
#[derive(Clone, Copy, Debug)]
struct Near<'a> {
    /// Without cells nothing is known.
    row: Option<&'a [u16]>,
    own: End,
    unit_bits: u32,
}

impl<'a> Near<'a> {
    fn to(cells: Option<&'a Cells>, place: Place) -> Near<'a> {
        let own = End::reaching(cells, place);
        Near { row: cells.map(|cells| cells.times_to(own.cell)), own, unit_bits: cells.map_or(0, Cells::unit_bits) }
    }

    fn from(cells: Option<&'a Cells>, place: Place) -> Near<'a> {
        let own = End::leaving(cells, place);
        Near { row: cells.map(|cells| cells.times_from(own.cell)), own, unit_bits: cells.map_or(0, Cells::unit_bits) }
    }

    /// In milliseconds; `None` if no road leads there.
    #[inline]
    fn bound(&self, end: End) -> Option<i64> {
        if end.time == End::NOWHERE.time {
            return None;
        }
        let Some(row) = self.row else { return Some(0) };
        if end.cell == self.own.cell {
            return Some(0);
        }
        let between = row[end.cell.0 as usize];
        if between == Cells::NO_ROAD || self.own.time == Cells::NO_ROAD {
            return None;
        }
        Some((i64::from(between) + i64::from(end.time) + i64::from(self.own.time)) << self.unit_bits)
    }
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

fn millis(time: TravelTime) -> i64 {
    i64::from(time.as_millis())
}

impl<'a> Search<'a, '_> {
    /// What costs more can not win.
    fn cost_max(&self) -> i64 {
        self.best.map_or(i64::MAX, |best| best.cost)
    }

    fn after_lasts(&mut self, scratch: &mut Scratch) {
        let bounds = &mut scratch.bounds;
        bounds.clear();
        let mut least = (i64::MAX, 0);
        for (slot, last) in self.columns.lasts.iter().enumerate() {
            let Some(to_pickup) = self.to_origin.bound(last.from) else { continue };
            let Some(home) = last.home.map_or(Some(0), |end| self.from_destination.bound(end)) else { continue };
            let Some(bound) = self.newcomer.after_last(last, to_pickup, home) else { continue };
            bounds.push((bound, slot as u32));
            least = least.min((bound, slot as u32));
        }
        if least.0 == i64::MAX {
            return;
        }
        let slot = least.1 as usize;
        if let Some(to_pickup) = self.roads.travel_time(self.columns.last_places[slot], self.demand.origin) {
            self.try_after_last(slot, to_pickup, &mut scratch.ends);
        }
        let cost_max = self.cost_max();
        bounds.retain(|&bound| bound.0 <= cost_max && bound != least);
        bounds.sort_unstable();
        let bounds = std::mem::take(bounds);
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
        scratch.bounds = bounds;
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
        let from_dropoff = match &schedule.shift.end {
            None => TravelTime::ZERO,
            Some(end) => match self.roads.travel_time(self.demand.destination, end.place) {
                Some(home) => home,
                None => return,
            },
        };
        let direct = self.demand.direct;
        let legs = Legs { to_pickup, from_pickup: direct, to_dropoff: direct, from_dropoff };
        let origin = (self.columns.last_places[slot], schedule.free_at(self.now));
        let end = schedule.stops().len();
        self.try_pair(slot, schedule, origin, (end, end), legs, ends);
    }

    fn before_stops(&mut self, scratch: &mut Scratch) {
        let mut bounds = std::mem::take(&mut scratch.bounds);
        bounds.clear();
        let cost_max = self.cost_max();
        for (index, gap) in self.columns.gaps.iter().enumerate() {
            let Some(to_pickup) = self.to_origin.bound(gap.from) else { continue };
            let Some(from_pickup) = self.from_origin.bound(gap.to) else { continue };
            let Some(boarding) = self.newcomer.before_stop(gap, to_pickup, from_pickup) else { continue };
            if boarding.cost <= cost_max {
                bounds.push((boarding.cost, index as u32));
            }
        }
        bounds.sort_unstable();
        for batch in bounds.chunks(BATCH) {
            let cost_max = self.cost_max();
            let batch = &batch[..batch.partition_point(|&(bound, _)| bound <= cost_max)];
            if batch.is_empty() {
                break;
            }
            let Scratch { places, to_pickup, from_pickup, ends, .. } = scratch;
            let gap_places = &self.columns.gap_places;
            let end_places = |end: usize| batch.iter().map(move |&(_, gap)| gap_places[gap as usize][end]);
            places.clear();
            places.extend(end_places(0));
            self.roads.many_to_one(places, self.demand.origin, to_pickup);
            places.clear();
            places.extend(end_places(1));
            self.roads.one_to_many(self.demand.origin, places, from_pickup);
            for (at, &(_, index)) in batch.iter().enumerate() {
                if let (Some(to_pickup), Some(from_pickup)) = (to_pickup[at], from_pickup[at]) {
                    self.try_gap(index as usize, to_pickup, from_pickup, ends);
                }
            }
        }
        scratch.bounds = bounds;
    }

    fn try_gap(&mut self, index: usize, to_pickup: TravelTime, from_pickup: TravelTime, ends: &mut Vec<Time>) {
        let gap = self.columns.gaps[index];
        let could_win = |search: &Self, gap: &Gap, to_pickup: TravelTime| {
            let boarding = search.newcomer.before_stop(gap, millis(to_pickup), millis(from_pickup))?;
            (boarding.cost <= search.cost_max()).then_some(boarding)
        };
        let Some(boarding) = could_win(self, &gap, to_pickup) else { return };
        let slot = gap.slot as usize;
        let Some(schedule) = self.schedule(slot) else { return };
        let pickup_idx = index - self.columns.slots[slot].gaps_at;
        let free = Time::from_unix_millis(gap.free).max(self.now);
        let origin = (self.columns.gap_places[index][0], free);
        if !gap.is_moving {
            return self.try_dropoffs(slot, schedule, origin, pickup_idx, (&gap, &boarding), (to_pickup, from_pickup), ends);
        }
        let Some(origin) = self.turned(schedule) else { return };
        let Some(to_pickup) = self.roads.travel_time(origin.0, self.demand.origin) else { return };
        let rest = self.columns.slots[slot].base.stops[0].ready - origin.1;
        let gap = Gap {
            free: origin.1.as_unix_millis(),
            leg: u32::try_from(rest.as_millis()).expect("it is turned before it is there"),
            is_moving: false,
            ..gap
        };
        let Some(boarding) = could_win(self, &gap, to_pickup) else { return };
        self.try_dropoffs(slot, schedule, origin, pickup_idx, (&gap, &boarding), (to_pickup, from_pickup), ends);
    }

    /// Where and when a vehicle under way can be turned.
    fn turned(&mut self, schedule: &Schedule) -> Option<(Place, Time)> {
        let Whereabouts::Driving { from, departed } = schedule.plan.whereabouts else { unreachable!("it is moving") };
        let next = schedule.next_stop().expect("driving means to a stop").place;
        let point = self.roads.decision_point(from, next, self.now - departed)?;
        Some(turning_point(point, departed, self.now))
    }

    #[expect(clippy::too_many_arguments, reason = "one step of one loop, apart for its length")]
    fn try_dropoffs(
        &mut self,
        slot: usize,
        schedule: &Schedule,
        origin: (Place, Time),
        i: usize,
        (gap, boarding): (&Gap, &Boarding),
        (to_pickup, from_pickup): (TravelTime, TravelTime),
        ends: &mut Vec<Time>,
    ) {
        let columns = self.columns;
        let (at, count) = (columns.slots[slot].gaps_at, columns.slots[slot].gap_count);
        let destination = self.demand.destination;
        let direct = self.demand.direct;

        let to = columns.gap_places[at + i][1];
        let bound = |search: &Self, from_dropoff: i64| {
            search.newcomer.direct(gap, boarding, millis(from_pickup), from_dropoff) <= search.cost_max()
        };
        if self.from_destination.bound(gap.to).is_some_and(|least| bound(self, least))
            && let Some(from_dropoff) = self.roads.travel_time(destination, to)
            && bound(self, millis(from_dropoff))
        {
            let legs = Legs { to_pickup, from_pickup: direct, to_dropoff: direct, from_dropoff };
            self.try_pair(slot, schedule, origin, (i, i), legs, ends);
        }

        for j in i + 1..count {
            let later = &columns.gaps[at + j];
            let [from, to] = columns.gap_places[at + j];
            let bound = |search: &Self, legs: [i64; 2]| {
                let cost = search.newcomer.before_later_stop((gap, boarding), later, legs);
                cost.is_some_and(|cost| cost <= search.cost_max())
            };
            let least = self.to_destination.bound(later.from).zip(self.from_destination.bound(later.to));
            if least.is_some_and(|(to, from)| bound(self, [to, from]))
                && let Some(to_dropoff) = self.roads.travel_time(from, destination)
                && let Some(from_dropoff) = self.roads.travel_time(destination, to)
                && bound(self, [millis(to_dropoff), millis(from_dropoff)])
            {
                let legs = Legs { to_pickup, from_pickup, to_dropoff, from_dropoff };
                self.try_pair(slot, schedule, origin, (i, j), legs, ends);
            }
        }

        let last = &columns.lasts[slot];
        let bound = |search: &Self, legs: [i64; 2]| {
            let cost = search.newcomer.at_end((gap, boarding), last, legs);
            cost.is_some_and(|cost| cost <= search.cost_max())
        };
        let home = last.home.map_or(Some(0), |end| self.from_destination.bound(end));
        let least = self.to_destination.bound(last.from).zip(home);
        if least.is_some_and(|(to, home)| bound(self, [to, home]))
            && let Some(to_dropoff) = self.roads.travel_time(columns.last_places[slot], destination)
            && let Some(from_dropoff) = match &schedule.shift.end {
                None => Some(TravelTime::ZERO),
                Some(end) => self.roads.travel_time(destination, end.place),
            }
            && bound(self, [millis(to_dropoff), millis(from_dropoff)])
        {
            let legs = Legs { to_pickup, from_pickup, to_dropoff, from_dropoff };
            self.try_pair(slot, schedule, origin, (i, count), legs, ends);
        }
    }

    /// The schedule of a slot, if it could take the newcomer and is as the state has it.
    fn schedule(&self, slot: usize) -> Option<&'a Schedule> {
        let shift = self.columns.slots[slot].shift;
        if !self.fleet.changed.is_empty() && self.fleet.changed.contains_key(&shift) {
            return None;
        }
        let schedule = &self.fleet.state.schedules[&shift];
        may_take(schedule, self.demand).then_some(schedule)
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
        let candidate = Candidate { schedule, base: &self.columns.slots[slot].base, origin, now: self.now };
        let Ok(outcome) = evaluate(&candidate, self.demand, self.policy, legs, positions, ends, true) else { return };
        let key = |insertion: &Insertion| {
            (insertion.cost, insertion.shift, insertion.pickup_idx, insertion.dropoff_idx)
        };
        let found = outcome.insertion(&candidate, positions);
        if self.best.is_none_or(|best| key(&found) < key(&best)) {
            self.best = Some(found);
        }
    }
}
