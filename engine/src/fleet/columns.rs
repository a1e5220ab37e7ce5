//! What bounds need of every schedule, side by side in memory.
//!
//! Each schedule has its [`Gap`]s and its [`Last`]. The gaps of a schedule are neighbours; what is between two schedules is [`Gap::NONE`] and never near anything.
//!
//! Columns are true for a while: a schedule whose driver should have reported slides with the clock, and is
//! looked at again at every search until it does not.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use mukae_maps::{Cells, Place, Sides, TravelTimes};
use mukae_units::{ShiftId, Time};

use super::buckets::Buckets;
use super::changes::{Changes, Seen};
use super::drafted::{DraftSeen, Drafted};
use super::gaps::{End, Gap, Last, fill_gaps, last};
use super::groups::{GapOutline, Groups};
use crate::State;
use crate::schedule::{Schedule, Timeline, Whereabouts};

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
    /// Schedules that bounds know nothing of, and that have no slot: with a leg that stands for "no road", with holds that
    /// another insertion may do without, or of vehicles that are repositioned and can be turned.
    pub apart: BTreeSet<ShiftId>,
    /// On-call shifts whose driver would have to be called: without a slot too, as what they cost slides with the clock.
    pub uncalled: BTreeSet<ShiftId>,
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
        let is_apart = schedule.is_some_and(|schedule| {
            schedule.plan.lacks_road() || schedule.plan.has_holds() || schedule.plan.is_repositioning()
        });
        match is_apart {
            true => self.apart.insert(shift),
            false => self.apart.remove(&shift),
        };
        let is_uncalled = !is_apart && schedule.is_some_and(Schedule::is_uncalled);
        match is_uncalled {
            true => self.uncalled.insert(shift),
            false => self.uncalled.remove(&shift),
        };
        let Some(schedule) = schedule.filter(|_| !is_apart && !is_uncalled) else {
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

/// Until then, the times taken at `now` hold: nothing that should be reported is missing.
fn valid_until(schedule: &Schedule, base: &Timeline, now: Time) -> Time {
    match (base.stops.first(), schedule.plan.whereabouts) {
        (None, _) => base.finish,
        // how long they still stand on board changes with the clock
        (Some(_), Whereabouts::Waiting { .. }) if !schedule.load().is_empty() => now,
        (Some(first), Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. }) => first.departure,
        (Some(first), Whereabouts::Driving { .. }) => first.ready,
        (Some(first), Whereabouts::Serving { .. }) => first.end,
    }
}
