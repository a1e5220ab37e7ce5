//! What bounds need of every schedule, side by side in memory.
//!
//! A [`Gap`] is where a pickup can come before a planned stop, a [`Last`] where one can come after them all.
//! Both hold the ends of the leg as cells and times, nothing that a bound does not read. The gaps of a
//! schedule are neighbours; what is between two schedules is [`Gap::NONE`] and never near anything.
//!
//! Columns are true for a while: a schedule whose driver should have reported slides with the clock, and is
//! looked at again at every search until it does not.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use mukae_maps::{CellId, Cells, Place, Sides, TravelTimes};
use mukae_units::{ShiftId, Span, Time};

use super::buckets::Buckets;
use super::changes::{Changes, Seen};
use super::drafted::{DraftSeen, Drafted};
use super::groups::{GapOutline, Groups};
use crate::State;
use crate::schedule::{Schedule, Task, Timeline, Whereabouts};

/// An end of a leg, for a bound: see `mukae_maps::Cells`. Where roads have no cells, everything is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct End {
    pub cell: CellId,
    pub time: u16,
}

impl End {
    const HERE: End = End { cell: CellId(0), time: 0 };
    /// Nothing leads from here or to here.
    pub const NOWHERE: End = End { cell: CellId(0), time: u16::MAX };

    pub fn leaving(cells: Option<&Cells>, place: Place) -> End {
        cells.map_or(End::HERE, |cells| {
            let end = cells.leaving(place);
            End { cell: end.cell, time: end.time }
        })
    }

    pub fn reaching(cells: Option<&Cells>, place: Place) -> End {
        cells.map_or(End::HERE, |cells| {
            let end = cells.reaching(place);
            End { cell: end.cell, time: end.time }
        })
    }
}

/// Before a planned stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    pub from: End,
    pub to: End,
    /// In milliseconds, as all here.
    pub leg: u32,
    /// Standing still after this leg, in all: what a delay can be taken up by.
    pub waits: u32,
    /// When the vehicle may leave `from`, or left it.
    pub free: i64,
    /// When whoever joins the stop before may be served; never, where there is none.
    pub served: i64,
    /// The stop may be reached so late without breaking a promise after it, as far as times of day go.
    pub ready_latest: i64,
    pub slot: u32,
    /// Riders who are picked up in or after this stop and wait for it.
    pub awaited: u16,
    /// Riders who are on board on this leg.
    pub aboard: u16,
    /// The most who are on this one or a later one.
    pub aboard_max: u16,
    pub is_moving: bool,
    /// Where a vehicle that is moving may turn round without calling, at the end of its leg; else nowhere.
    pub turn: End,
    /// What delays can save riders of this schedule at most, by standing still less with them on board.
    pub ride_gain: i64,
}

impl Gap {
    const NONE: Gap = Gap {
        from: End::NOWHERE,
        to: End::NOWHERE,
        leg: 0,
        waits: 0,
        free: 0,
        served: i64::MAX,
        ready_latest: i64::MIN / 4,
        slot: u32::MAX,
        awaited: 0,
        aboard: 0,
        aboard_max: 0,
        is_moving: false,
        turn: End::NOWHERE,
        ride_gain: 0,
    };
}

/// After the last planned stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Last {
    pub from: End,
    /// `None` for a shift that ends anywhere.
    pub home: Option<End>,
    pub to_end: u32,
    /// When the vehicle is done with its last stop; one that stands idle, since when it does.
    pub free: i64,
    /// When whoever joins the last stop may be served; never, where there is none.
    pub served: i64,
    /// It may be at the end of its shift so late.
    pub finish_latest: i64,
}

/// One schedule.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub shift: ShiftId,
    /// Valid until `valid_until`.
    pub base: Timeline,
    /// What is remembered of other times, in [`Columns::slides_from`], is void.
    valid_until: Time,
    /// The [`Columns::follow`] that took it last.
    taken: u64,
    /// It is one of [`Columns::unsought`].
    is_unsought: bool,
    /// Its gaps begin here, one for each stop.
    pub gaps_at: usize,
    gap_room: usize,
    pub gap_count: usize,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    seen: Option<Seen>,
    draft_seen: DraftSeen,
    /// Taken as that draft had them.
    drafted: Vec<ShiftId>,
    seen_at: Option<Time>,
    cells: Option<Arc<Cells>>,
    slot_of: BTreeMap<ShiftId, usize>,
    follows: u64,
    pub slots: Vec<Slot>,
    pub lasts: Vec<Last>,
    /// The place of each last.
    pub last_places: Vec<Place>,
    pub gaps: Vec<Gap>,
    /// One bucket of all gaps that can be joined, as long as they are not many.
    gap_outlines: Buckets<GapOutline>,
    /// The same by cell, once there are many.
    pub groups: Option<Groups>,
    /// How many are many, if not [`GROUPED_MIN`].
    pub grouped_min: Option<usize>,
    /// False as long as every shift ends anywhere.
    pub has_homes: bool,
    /// False as long as no gap ever had anything to take up a delay.
    pub has_waits: bool,
    /// False as long as no planned stop ever was where a vehicle may turn round.
    pub has_turns: bool,
    /// The most that [`Gap::ride_gain`] ever was.
    pub ride_gain_max: i64,
    /// The most riders that ever could be later, or sooner, by a change before one gap.
    pub riders_max: u32,
    /// Both ends of each gap.
    pub gap_places: Vec<[Place; 2]>,
    /// Schedules with a leg that stands for "no road", which bounds know nothing of: they have no slot.
    pub roadless: BTreeSet<ShiftId>,
    /// Slots of ended shifts.
    free_slots: Vec<usize>,
    /// Room for so many gaps (a power of two, by its exponent), to be used again.
    free_rooms: Vec<Vec<usize>>,
    /// When slots begin to slide, the next one first.
    slides_from: BinaryHeap<Reverse<(Time, usize)>>,
    /// Those of one moment, kept to be used again.
    sliding: Vec<usize>,
    /// Slots of vehicles that are under way since somebody last looked for their paths.
    unsought: Vec<usize>,
}

/// With fewer schedules than this, looking at all of them costs less than looking for those that are near.
const GROUPED_MIN: usize = 256;

/// So many void entries may pile up in [`Columns::slides_from`] before it is swept.
const SPENT_MAX: usize = 1024;

impl Columns {
    /// Follows everything that changed or is drafted, and what slides, up to `now`.
    pub fn follow(
        &mut self,
        (state, changes): (&State, &Changes),
        drafted: &Drafted,
        now: Time,
        roads: &dyn TravelTimes,
    ) {
        let cells = roads.cells();
        let same_cells = match (&self.cells, cells) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            (None, None) => true,
            _ => false,
        };
        // times that slid with a later clock do not slide back
        let goes_on = self.seen_at.is_none_or(|seen_at| seen_at <= now);
        let touched = if same_cells && goes_on { changes.since(self.seen.as_ref()) } else { None };
        self.follows += 1;
        if let Some(touched) = touched {
            for &shift in touched {
                self.take(shift, drafted.schedule(state, shift), now);
            }
            let fresh = drafted.since(self.draft_seen).unwrap_or_else(|| {
                // whatever another draft had is not so any more
                for shift in std::mem::take(&mut self.drafted) {
                    self.take(shift, drafted.schedule(state, shift), now);
                }
                drafted.touched()
            });
            for &shift in fresh {
                self.take(shift, drafted.schedule(state, shift), now);
            }
            self.drafted.extend_from_slice(fresh);
        } else {
            let (cells, grouped_min) = (cells.cloned(), self.grouped_min);
            let gap_outlines = Buckets::new(1);
            *self = Columns { cells, follows: 1, gap_outlines, grouped_min, ..Columns::default() };
            for &shift in state.schedules.keys().chain(drafted.touched()) {
                self.take(shift, drafted.schedule(state, shift), now);
            }
            self.drafted.extend_from_slice(drafted.touched());
        }
        (self.seen, self.seen_at, self.draft_seen) = (Some(changes.seen()), Some(now), drafted.seen());
        self.slide(state, drafted, now);
        if self.groups.is_none() && self.grouped_min.unwrap_or(GROUPED_MIN) <= self.slots.len() {
            self.group();
        }
        if self.slides_from.len() > SPENT_MAX + 2 * self.slots.len() {
            let Columns { slides_from, slots, .. } = self;
            slides_from.retain(|&Reverse((from, slot))| slots[slot].valid_until == from);
        }
    }

    /// All gaps that can be joined, in no order; none once there are [`Columns::groups`].
    pub fn gap_outlines(&self) -> &[GapOutline] {
        self.gap_outlines.bucket(0)
    }

    /// From now on, schedules are found by cell too.
    fn group(&mut self) {
        let Some(cells) = &self.cells else { return };
        let mut groups = Groups::new(cells.count());
        for (slot, last) in self.lasts.iter().enumerate().filter(|(_, last)| last.from != End::NOWHERE) {
            groups.put_last(slot, last);
        }
        self.gaps.iter().enumerate().for_each(|(index, gap)| groups.put_gap(index, gap));
        self.groups = Some(groups);
        self.gap_outlines = Buckets::default();
    }

    fn slide(&mut self, state: &State, drafted: &Drafted, now: Time) {
        let mut sliding = std::mem::take(&mut self.sliding);
        while let Some(&Reverse((from, slot))) = self.slides_from.peek()
            && from < now
        {
            self.slides_from.pop();
            if self.slots[slot].valid_until == from && self.slots[slot].gap_count > 0 {
                sliding.push(slot);
            }
        }
        self.follows += 1;
        for slot in sliding.drain(..) {
            let shift = self.slots[slot].shift;
            self.take(shift, drafted.schedule(state, shift), now);
        }
        self.sliding = sliding;
    }

    /// Takes up a schedule as it is at `now`, or forgets it.
    fn take(&mut self, shift: ShiftId, schedule: Option<&Schedule>, now: Time) {
        let known = self.slot_of.get(&shift).copied();
        if known.is_some_and(|slot| self.slots[slot].taken == self.follows) {
            return; // it changed more than once
        }
        let lacks_road = schedule.is_some_and(|schedule| schedule.plan.lacks_road());
        match lacks_road {
            true => self.roadless.insert(shift),
            false => self.roadless.remove(&shift),
        };
        let Some(schedule) = schedule.filter(|_| !lacks_road) else {
            if let Some(slot) = known {
                self.release(slot);
                self.slot_of.remove(&shift);
            }
            return;
        };
        let slot = known.unwrap_or_else(|| self.new_slot(shift));
        let count = schedule.stops().len();
        if self.slots[slot].gap_room < count {
            self.move_gaps(slot, count);
        }
        let Columns { slots, lasts, last_places, gaps, gap_outlines, gap_places, cells, groups, .. } = self;
        let here = &mut slots[slot];
        here.taken = self.follows;
        schedule.timeline_into(now, &mut here.base);
        here.gap_count = count;
        here.valid_until = valid_until(schedule, &here.base, now);
        let room = here.gaps_at..here.gaps_at + here.gap_room;
        let (gaps, gap_places) = (&mut gaps[room.clone()], &mut gap_places[room]);
        gaps[count..].fill(Gap::NONE);
        (lasts[slot], last_places[slot]) = last(schedule, &here.base, cells.as_deref());
        fill_gaps(schedule, &here.base, slot as u32, cells.as_deref(), &mut gaps[..count], gap_places);
        self.has_homes |= lasts[slot].home.is_some();
        self.has_turns |= schedule.stops().iter().any(|stop| stop.place.sides == Sides::Both);
        for gap in &gaps[..count] {
            self.has_waits |= gap.waits > 0;
            self.ride_gain_max = self.ride_gain_max.max(gap.ride_gain);
            self.riders_max = self.riders_max.max(u32::from(gap.awaited) + u32::from(gap.aboard_max));
        }
        if let Some(groups) = groups {
            groups.put_last(slot, &lasts[slot]);
            gaps.iter().enumerate().for_each(|(index, gap)| groups.put_gap(here.gaps_at + index, gap));
        } else {
            for (at, gap) in gaps.iter().enumerate() {
                let index = here.gaps_at + at;
                match gap.from == End::NOWHERE {
                    true => gap_outlines.take_out(index as u32),
                    false => gap_outlines.put(GapOutline::of(gap, index), 0),
                }
            }
        }
        if count > 0 {
            self.slides_from.push(Reverse((here.valid_until, slot)));
            if gaps[0].is_moving && !here.is_unsought {
                here.is_unsought = true;
                self.unsought.push(slot);
            }
        }
    }

    /// The next leg that a vehicle has set out on, or was turned to, and that was not told before.
    pub fn next_fresh_leg(&mut self) -> Option<[Place; 2]> {
        while let Some(slot) = self.unsought.pop() {
            let Slot { gaps_at, gap_count, is_unsought, .. } = &mut self.slots[slot];
            *is_unsought = false;
            if *gap_count > 0 && self.gaps[*gaps_at].is_moving {
                return Some(self.gap_places[*gaps_at]);
            }
        }
        None
    }

    fn new_slot(&mut self, shift: ShiftId) -> usize {
        let empty = Slot {
            shift,
            base: Timeline::default(),
            valid_until: Time::from_unix_millis(0),
            taken: 0,
            is_unsought: false,
            gaps_at: 0,
            gap_room: 0,
            gap_count: 0,
        };
        let slot = self.free_slots.pop().unwrap_or(self.slots.len());
        if slot == self.slots.len() {
            self.slots.push(empty);
            self.lasts.push(Last::NONE);
            self.last_places.push(NO_PLACE);
        } else {
            self.slots[slot] = empty;
        }
        self.slot_of.insert(shift, slot);
        slot
    }

    fn release(&mut self, slot: usize) {
        if self.slots[slot].is_unsought {
            self.unsought.retain(|&unsought| unsought != slot);
        }
        self.give_room_back(slot);
        self.lasts[slot] = Last::NONE;
        self.slots[slot].gap_count = 0;
        if let Some(groups) = &mut self.groups {
            groups.lasts.take_out(slot as u32);
        }
        self.free_slots.push(slot);
    }

    fn give_room_back(&mut self, slot: usize) {
        let Slot { gaps_at, gap_room, .. } = self.slots[slot];
        if gap_room > 0 {
            self.gaps[gaps_at..gaps_at + gap_room].fill(Gap::NONE);
            for index in gaps_at..gaps_at + gap_room {
                match &mut self.groups {
                    Some(groups) => groups.take_out_gap(index),
                    None => self.gap_outlines.take_out(index as u32),
                }
            }
            let class = gap_room.trailing_zeros() as usize;
            if self.free_rooms.len() <= class {
                self.free_rooms.resize_with(class + 1, Vec::new);
            }
            self.free_rooms[class].push(gaps_at);
        }
        (self.slots[slot].gaps_at, self.slots[slot].gap_room) = (0, 0);
    }

    /// Finds room for `count` gaps or more.
    fn move_gaps(&mut self, slot: usize, count: usize) {
        self.give_room_back(slot);
        let room = count.next_power_of_two();
        let reused = self.free_rooms.get_mut(room.trailing_zeros() as usize).and_then(Vec::pop);
        let at = reused.unwrap_or_else(|| {
            let at = self.gaps.len();
            self.gaps.resize(at + room, Gap::NONE);
            self.gap_places.resize(at + room, [NO_PLACE; 2]);
            at
        });
        (self.slots[slot].gaps_at, self.slots[slot].gap_room) = (at, room);
    }
}

/// Stands where nothing is; never asked about.
const NO_PLACE: Place = Place::head_of(mukae_maps::EdgeId(0));

impl Last {
    const NONE: Last =
        Last { from: End::NOWHERE, home: None, to_end: 0, free: 0, served: i64::MAX, finish_latest: i64::MIN / 4 };
}

/// Until then, the times taken at `now` hold: nothing that should be reported is missing.
fn valid_until(schedule: &Schedule, base: &Timeline, now: Time) -> Time {
    match (base.stops.first(), schedule.plan.whereabouts) {
        (None, _) => base.finish,
        // how long they still stand on board changes with the clock
        (Some(_), Whereabouts::Waiting { .. }) if !schedule.load().is_empty() => now,
        (Some(first), Whereabouts::Waiting { .. }) => first.departure,
        (Some(first), Whereabouts::Driving { .. }) => first.ready,
        (Some(first), Whereabouts::Serving { .. }) => first.end,
    }
}

fn last(schedule: &Schedule, base: &Timeline, cells: Option<&Cells>) -> (Last, Place) {
    let (place, free) = match (schedule.stops().last(), base.stops.last()) {
        (Some(stop), Some(times)) => (stop.place, times.end),
        _ => (schedule.place(), schedule.free_since()),
    };
    let shift_end = schedule.shift.window.latest();
    let finish_latest = if schedule.stops().is_empty() { shift_end } else { shift_end.max(base.finish) };
    let last = Last {
        from: End::leaving(cells, place),
        home: schedule.shift.end.as_ref().map(|end| End::reaching(cells, end.place)),
        to_end: schedule.plan.to_end.as_millis(),
        free: free.as_unix_millis(),
        served: base.stops.last().map_or(i64::MAX, |times| times.served.as_unix_millis()),
        finish_latest: finish_latest.as_unix_millis(),
    };
    (last, place)
}

/// From the last stop to the first, carrying back what a delay meets.
fn fill_gaps(
    schedule: &Schedule,
    base: &Timeline,
    slot: u32,
    cells: Option<&Cells>,
    gaps: &mut [Gap],
    gap_places: &mut [[Place; 2]],
) {
    let stops = schedule.stops();
    let shift_end = schedule.shift.window.latest();
    let mut room = shift_end.max(base.finish) - base.finish; // how much later the service before may end
    let (mut waits, mut awaited) = (Span::ZERO, 0_u16);
    let mut aboard: u16 = 0; // on the leg to the stop below
    let mut aboard_max: u16 = 0; // on that leg or after
    let mut ride_gain = Span::ZERO;
    for (stop_idx, (stop, times)) in stops.iter().zip(&base.stops).enumerate().rev() {
        // what a stop of several parties takes up beyond the last of them
        let rest = (times.end - (times.served + stop.stop_dwell)).max(Span::ZERO);
        let wait = times.start - times.ready;
        room = (stop.latest().max(times.start) - times.start).min(room + rest) + wait;
        waits += wait + rest;
        match stop.task {
            Task::Pickup { is_awaited, .. } => {
                awaited += u16::from(is_awaited);
                aboard = aboard.saturating_sub(1);
            }
            Task::Dropoff { .. } => aboard += 1,
            Task::Break { .. } => {}
        }
        aboard_max = aboard_max.max(aboard);
        // who boarded at the stop before is on board all the time until service begins, also where that stop goes on
        ride_gain += (wait + rest) * i64::from(aboard);
        let before = stop_idx.checked_sub(1);
        let (from, free, is_moving, is_open) = match (before, schedule.plan.whereabouts) {
            (Some(before), _) => (stops[before].place, base.stops[before].end, false, true),
            (None, Whereabouts::Waiting { place, .. }) => (place, schedule.free_since(), false, true),
            (None, Whereabouts::Driving { from, departed }) => (from, departed, true, true),
            (None, Whereabouts::Serving { .. }) => (stop.place, times.end, false, false),
        };
        gap_places[stop_idx] = [from, stop.place];
        gaps[stop_idx] = if is_open {
            Gap {
                from: End::leaving(cells, from),
                to: End::reaching(cells, stop.place),
                leg: stop.leg.as_millis(),
                waits: u32::try_from(waits.as_millis()).unwrap_or(u32::MAX),
                free: free.as_unix_millis(),
                served: before.map_or(i64::MAX, |before| base.stops[before].served.as_unix_millis()),
                ready_latest: (times.ready + room).as_unix_millis(),
                slot,
                awaited,
                aboard,
                aboard_max,
                is_moving,
                turn: match is_moving && stop.place.sides == Sides::Both {
                    true => End::leaving(cells, stop.place),
                    false => End::NOWHERE,
                },
                ride_gain: 0,
            }
        } else {
            Gap { slot, ..Gap::NONE }
        };
    }
    if ride_gain > Span::ZERO {
        gaps.iter_mut().for_each(|gap| gap.ride_gain = ride_gain.as_millis());
    }
}
