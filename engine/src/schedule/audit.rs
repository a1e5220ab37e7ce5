//! The slow truth about a schedule: everything recomputed from scratch, by code the rest of the
//! engine does not share, and every promise compared.

use std::collections::BTreeMap;
use std::fmt;

use mukae_maps::TravelTimes;
use mukae_units::{BookingId, BreakId, Capacity, Metres, SeatKind, Seats, Span, StopId, Time};

use super::{NO_ROAD, Schedule, Task, Whereabouts};
use crate::model::{Policy, ShiftState};

/// Something about a schedule that is not as it must be.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// A stored leg differs from what the roads say.
    WrongLeg {
        stop_idx: usize,
    },
    WrongWayHome,
    /// A stop joins the one before, which is at another place.
    JoinsElsewhere {
        stop_idx: usize,
    },
    /// The timeline everyone else reads differs from the one computed here.
    WrongTimes {
        stop_idx: usize,
    },
    /// A party alights before it boards, boards twice, or boards and never alights.
    Order(BookingId),
    /// In no configuration has everyone a place after this stop.
    OverCapacity {
        stop_idx: usize,
    },
    PickupLate {
        booking: BookingId,
        by: Span,
    },
    PickupEarly(BookingId),
    /// A boarding is held until a time outside its window.
    HeldOutside(BookingId),
    DropoffLate {
        booking: BookingId,
        by: Span,
    },
    RideTooLong {
        booking: BookingId,
        by: Span,
    },
    WaitsWithRiders {
        stop_idx: usize,
        by: Span,
    },
    EndsLate {
        by: Span,
    },
    BreakLate {
        id: BreakId,
        by: Span,
    },
    BreakEarly(BreakId),
    /// Somebody is on board while the driver rests.
    BreakWithRiders {
        stop_idx: usize,
    },
    /// A break that the shift does not have, or has otherwise, or twice.
    StrangeBreak {
        stop_idx: usize,
    },
    /// A stored length differs from what the roads say; the stop count means the way to the end.
    WrongLength {
        stop_idx: usize,
    },
    /// A declared trip drives for longer than its driver agreed to.
    DetourTime {
        by: Span,
    },
    /// A declared trip drives farther than its driver agreed to.
    DetourLength {
        by: Metres,
    },
    /// A frozen stop has another place in the order, or happens later.
    FrozenMoved(StopId),
    /// The time of a vehicle's way to where it is likely to be wanted differs from what the roads say.
    WrongMove,
    /// A private drive, or a shift that is not open, was sent somewhere without a rider.
    StrangeMove,
}

impl Fault {
    /// True for what a delay in the world can cause; everything else is a defect of ours.
    pub fn is_lateness(&self) -> bool {
        matches!(
            self,
            Fault::PickupLate { .. }
                | Fault::DropoffLate { .. }
                | Fault::RideTooLong { .. }
                | Fault::WaitsWithRiders { .. }
                | Fault::EndsLate { .. }
                | Fault::BreakLate { .. }
                | Fault::DetourTime { .. }
                | Fault::DetourLength { .. }
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Every fault of `schedule` as predicted at `now`, in a fixed order; none for a sound schedule.
pub fn audit(schedule: &Schedule, policy: &Policy, now: Time, roads: &mut dyn TravelTimes) -> Vec<Fault> {
    let mut faults = Vec::new();
    audit_legs(schedule, roads, &mut faults);
    audit_breaks(schedule, &mut faults);
    audit_detour(schedule, roads, &mut faults);
    audit_order(schedule, &mut faults);
    if faults.iter().any(|fault| matches!(fault, Fault::Order(_))) {
        return faults; // times mean nothing for a party that alights before it boards
    }
    audit_times(schedule, policy, now, &mut faults);
    faults.sort();
    faults
}

fn audit_legs(schedule: &Schedule, roads: &mut dyn TravelTimes, faults: &mut Vec<Fault>) {
    let plan = &schedule.plan;
    let mut from = match plan.whereabouts {
        Whereabouts::Waiting { place, .. } | Whereabouts::Driving { from: place, .. } => Some(place),
        Whereabouts::Repositioning { from, to, leg, .. } => {
            if roads.travel_time(from, to) != Some(leg) {
                faults.push(Fault::WrongMove);
            }
            Some(to)
        }
        Whereabouts::Serving { .. } => None,
    };
    for (stop_idx, stop) in plan.stops.iter().enumerate() {
        if let Some(from) = from
            && roads.travel_time(from, stop.place).unwrap_or(NO_ROAD) != stop.leg
        {
            faults.push(Fault::WrongLeg { stop_idx });
        }
        from = Some(stop.place);
    }
    let last = from.expect("serving means there is a stop");
    let way_home = match &schedule.shift.end {
        Some(end) => roads.travel_time(last, end.place).unwrap_or(NO_ROAD),
        None => mukae_units::TravelTime::ZERO,
    };
    if way_home != plan.to_end {
        faults.push(Fault::WrongWayHome);
    }
}

/// Breaks are the shift's own, each once (drivers may take them in another order), and no stop is shared with one.
fn audit_breaks(schedule: &Schedule, faults: &mut Vec<Fault>) {
    let mut planned: Vec<_> = schedule.shift.breaks.iter().collect();
    for (stop_idx, stop) in schedule.plan.stops.iter().enumerate() {
        let Task::Break { id, window, .. } = stop.task else {
            let is_rider = stop.booking.is_some();
            let rests_before = stop_idx > 0 && matches!(schedule.plan.stops[stop_idx - 1].task, Task::Break { .. });
            if !is_rider || (stop.joins && rests_before) {
                faults.push(Fault::StrangeBreak { stop_idx });
            }
            continue;
        };
        let found = planned.iter().position(|planned| {
            (planned.id, planned.window, planned.length, planned.place.place) == (id, window, stop.dwell, stop.place)
        });
        let is_sound = found.map(|index| planned.swap_remove(index)).is_some();
        if !is_sound || stop.booking.is_some() || stop.joins {
            faults.push(Fault::StrangeBreak { stop_idx });
        }
    }
}

/// What a declared trip has driven is taken as it stands; what it will drive is reckoned anew.
fn audit_detour(schedule: &Schedule, roads: &mut dyn TravelTimes, faults: &mut Vec<Fault>) {
    let Some(route) = &schedule.plan.route else { return };
    let (mut time, mut metres) = (route.driven, route.driven_length);
    let mut from = match schedule.plan.whereabouts {
        Whereabouts::Waiting { place, .. }
        | Whereabouts::Driving { from: place, .. }
        | Whereabouts::Repositioning { to: place, .. } => place,
        Whereabouts::Serving { .. } => schedule.plan.stops[0].place,
    };
    let stops = schedule.plan.stops.iter().map(|stop| stop.place);
    for (stop_idx, to) in stops.chain(schedule.shift.end.as_ref().map(|end| end.place)).enumerate() {
        let stands = stop_idx == 0 && matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. });
        let length = if stands { None } else { roads.length(from, to) };
        let length = length.unwrap_or(Metres::ZERO); // a leg without a road has none; its time tells
        if route.lengths.get(stop_idx) != Some(&length) {
            faults.push(Fault::WrongLength { stop_idx });
        }
        let drive = if stands { None } else { roads.travel_time(from, to) };
        time += drive.map_or(Span::ZERO, |drive| drive.span());
        metres += length;
        from = to;
    }
    if route.time_max < time {
        faults.push(Fault::DetourTime { by: time - route.time_max });
    }
    if route.length_max < metres {
        let by = metres.as_millimetres() - route.length_max.as_millimetres();
        faults.push(Fault::DetourLength { by: Metres::from_millimetres(by) });
    }
}

/// What an insertion made at `now` did to frozen stops: those of `before` that are left come first in
/// `after`, in their order, and none is later.
pub fn audit_frozen(before: &Schedule, after: &Schedule, policy: &Policy, now: Time) -> Vec<Fault> {
    let (old, new) = (before.timeline(now), after.timeline(now));
    let soon = |stop_idx: usize| {
        policy.freeze_horizon > Span::ZERO && old.stops[stop_idx].departure - now <= policy.freeze_horizon
    };
    let named = before.plan.stops.iter().position(|stop| Some(stop.id) == before.frozen);
    let last = (0..before.plan.stops.len()).rev().find(|&stop_idx| soon(stop_idx) || named == Some(stop_idx));
    let frozen = last.map_or(0, |last| last + 1);
    let mut faults = Vec::new();
    let mut expected = after.plan.stops.iter().zip(&new.stops);
    for (stop, times) in before.plan.stops.iter().zip(&old.stops).take(frozen) {
        if !after.plan.stops.iter().any(|left| left.id == stop.id) {
            continue; // taken out, which an insertion does not do
        }
        let is_kept = expected.next().is_some_and(|(next, after)| next.id == stop.id && after.start <= times.start);
        if !is_kept {
            faults.push(Fault::FrozenMoved(stop.id));
        }
    }
    faults
}

fn audit_order(schedule: &Schedule, faults: &mut Vec<Fault>) {
    let mut boards: BTreeMap<BookingId, (u32, u32, bool)> = BTreeMap::new();
    for stop in &schedule.plan.stops {
        let Some(booking) = stop.booking else { continue };
        let (pickups, dropoffs, on_board) = boards.entry(booking).or_default();
        match stop.task {
            Task::Pickup { .. } => {
                *pickups += 1;
                *on_board |= *dropoffs > 0; // a pickup after its dropoff is as wrong as one twice
            }
            Task::Dropoff { boarded_at, .. } => {
                *dropoffs += 1;
                *on_board |= boarded_at.is_some() == (*pickups > 0);
            }
            Task::Break { .. } => *on_board = true, // a break of a booking
        }
    }
    for (booking, (pickups, dropoffs, wrong)) in boards {
        if wrong || pickups > 1 || dropoffs != 1 {
            faults.push(Fault::Order(booking));
        }
    }
}

fn audit_times(schedule: &Schedule, policy: &Policy, now: Time, faults: &mut Vec<Fault>) {
    let cached = schedule.timeline(now);
    let mut boarded: BTreeMap<BookingId, Time> = BTreeMap::new();
    let mut on_board: BTreeMap<BookingId, mukae_units::Seats> = BTreeMap::new();
    for stop in &schedule.plan.stops {
        if let (Task::Dropoff { boarded_at: Some(at), .. }, Some(booking)) = (stop.task, stop.booking) {
            boarded.insert(booking, at);
            on_board.insert(booking, stop.party);
        }
    }

    let mut clock = now.max(schedule.shift.window.earliest());
    match schedule.plan.whereabouts {
        Whereabouts::Waiting { since, .. } => clock = clock.max(since),
        Whereabouts::Repositioning { departed, leg, .. } => {
            clock = clock.max(departed + leg);
            if schedule.state != ShiftState::Open || schedule.shift.declared.is_some() || !on_board.is_empty() {
                faults.push(Fault::StrangeMove);
            }
        }
        Whereabouts::Driving { .. } | Whereabouts::Serving { .. } => {}
    }
    if let (Some(on_call), ShiftState::Planned, []) =
        (schedule.shift.on_call, schedule.state, schedule.plan.stops.as_slice())
    {
        clock = clock.max(now + on_call.notice);
    }
    let mut turn = None;
    for (stop_idx, stop) in schedule.plan.stops.iter().enumerate() {
        let mut there = clock + stop.leg;
        if stop_idx == 0 {
            match schedule.plan.whereabouts {
                Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } => {}
                Whereabouts::Driving { departed, .. } => there = now.max(departed + stop.leg),
                Whereabouts::Serving { arrived } => there = arrived,
            }
        }
        if stop.joins {
            // the parties before have taken their turns at the same place, and the stop is not over
            let standing = stop_idx.checked_sub(1).map(|before| &schedule.plan.stops[before]);
            if standing.is_some_and(|before| before.place != stop.place) {
                faults.push(Fault::JoinsElsewhere { stop_idx });
            }
            there = turn.unwrap_or(there);
        }
        let mut start = there;
        let opens = match stop.task {
            Task::Pickup { window, hold, .. } => hold.into_iter().fold(window.earliest(), Time::max),
            Task::Break { window, .. } => window.earliest(),
            Task::Dropoff { .. } => there,
        };
        if there < opens {
            start = opens;
            let standing = if stop.joins && stop_idx > 0 { there.max(clock) } else { there };
            if !on_board.is_empty() && start - standing > policy.wait_on_board_max {
                faults.push(Fault::WaitsWithRiders { stop_idx, by: start - standing - policy.wait_on_board_max });
            }
        }
        let mut planned_end = start + stop.dwell + stop.stop_dwell;
        if stop.joins && stop_idx > 0 {
            planned_end = planned_end.max(clock);
        }
        let end = now.max(planned_end);
        turn = Some(start + stop.dwell + (end - planned_end));
        if cached.stops[stop_idx].start != start || cached.stops[stop_idx].end != end {
            faults.push(Fault::WrongTimes { stop_idx });
        }
        match stop.task {
            Task::Break { id, window, .. } => {
                if start > window.latest() {
                    faults.push(Fault::BreakLate { id, by: start - window.latest() });
                }
                if start < window.earliest() {
                    faults.push(Fault::BreakEarly(id));
                }
                if !on_board.is_empty() {
                    faults.push(Fault::BreakWithRiders { stop_idx });
                }
            }
            Task::Pickup { window, hold, .. } => {
                let booking = stop.booking.expect("audit_order found no rider without a booking");
                if hold.is_some_and(|hold| hold < window.earliest() || window.latest() < hold) {
                    faults.push(Fault::HeldOutside(booking));
                }
                if start > window.latest() {
                    faults.push(Fault::PickupLate { booking, by: start - window.latest() });
                }
                if start < window.earliest() {
                    faults.push(Fault::PickupEarly(booking));
                }
                on_board.insert(booking, stop.party);
                boarded.insert(booking, end);
                if !can_all_sit(&schedule.capacity, on_board.values()) {
                    faults.push(Fault::OverCapacity { stop_idx });
                }
            }
            Task::Dropoff { latest, ride_max, .. } => {
                let booking = stop.booking.expect("audit_order found no rider without a booking");
                if start > latest {
                    faults.push(Fault::DropoffLate { booking, by: start - latest });
                }
                let ride = start - boarded[&booking];
                if ride > ride_max {
                    faults.push(Fault::RideTooLong { booking, by: ride - ride_max });
                }
                on_board.remove(&booking);
            }
        }
        clock = end;
    }
    let finish = clock + schedule.plan.to_end;
    if cached.finish != finish {
        faults.push(Fault::WrongTimes { stop_idx: schedule.plan.stops.len() });
    }
    if finish > schedule.shift.window.latest() && !(schedule.plan.stops.is_empty()) {
        faults.push(Fault::EndsLate { by: finish - schedule.shift.window.latest() });
    }
}

/// Whether some configuration has a place for everybody on board, by giving places away one at a time:
/// who finds his taken asks those who sit there to move over, if they may sit elsewhere.
pub fn can_all_sit<'p>(capacity: &Capacity, parties: impl Iterator<Item = &'p Seats> + Clone) -> bool {
    let riders: Vec<SeatKind> = SeatKind::ALL
        .into_iter()
        .flat_map(|kind| {
            let count = parties.clone().map(|party| usize::from(party.of(kind))).sum();
            std::iter::repeat_n(kind, count)
        })
        .collect();
    capacity.configurations().iter().any(|places| {
        let places: Vec<SeatKind> =
            SeatKind::ALL.into_iter().flat_map(|kind| std::iter::repeat_n(kind, places.of(kind).into())).collect();
        let mut taken_by: Vec<Option<usize>> = vec![None; places.len()];
        (0..riders.len()).all(|rider| {
            let mut is_asked = vec![false; places.len()];
            can_sit(rider, &riders, &places, capacity, &mut taken_by, &mut is_asked)
        })
    })
}

fn can_sit(
    rider: usize,
    riders: &[SeatKind],
    places: &[SeatKind],
    capacity: &Capacity,
    taken_by: &mut [Option<usize>],
    is_asked: &mut [bool],
) -> bool {
    for place in 0..places.len() {
        if is_asked[place] || !capacity.substitutions().allows(riders[rider], places[place]) {
            continue;
        }
        is_asked[place] = true;
        let is_free = match taken_by[place] {
            None => true,
            Some(other) => can_sit(other, riders, places, capacity, taken_by, is_asked),
        };
        if is_free {
            taken_by[place] = Some(rider);
            return true;
        }
    }
    false
}
