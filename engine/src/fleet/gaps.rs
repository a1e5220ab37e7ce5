//! What bounds know of one schedule: the legs it plans, and what a delay on them meets.
//!
//! A [`Gap`] is where a pickup can come before a planned stop, a [`Last`] where one can come after them all.
//! Both hold the ends of the leg as cells and times, nothing that a bound does not read.

use mukae_maps::{CellId, Cells, Place, Sides};
use mukae_units::{Span, Time};

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
    pub const NONE: Gap = Gap {
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

impl Last {
    pub const NONE: Last =
        Last { from: End::NOWHERE, home: None, to_end: 0, free: 0, served: i64::MAX, finish_latest: i64::MIN / 4 };
}

/// That of a shift whose driver is called now.
pub(crate) fn last_called(schedule: &Schedule, now: Time, cells: Option<&Cells>) -> (Last, Place) {
    let (last, place) = last(schedule, &Timeline::default(), cells);
    (Last { free: schedule.free_at(now).as_unix_millis(), ..last }, place)
}

pub(super) fn last(schedule: &Schedule, base: &Timeline, cells: Option<&Cells>) -> (Last, Place) {
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
pub(super) fn fill_gaps(
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
            (None, Whereabouts::Waiting { place, .. } | Whereabouts::Repositioning { to: place, .. }) => {
                (place, schedule.free_since(), false, true)
            }
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
