//! What a decision does, gathered for whoever has to answer for it: from its events, and from predictions before and after.

use mukae_units::{Span, Time};

use super::risk::lateness;
use crate::State;
use crate::consequence::Consequence;
use crate::event::{Breach, Endogenous, Event};
use crate::fleet::Drafted;
use crate::schedule::{Schedule, Task};

/// Everything of account, riders first: who is moved, in the order of shifts; what was decided about single bookings, as
/// decided; whose promise breaks, and which shifts suffer.
pub(super) fn gather(state: &State, now: Time, events: &[Event], drafted: &Drafted) -> Vec<Consequence> {
    let mut all = Vec::new();
    let changed = || drafted.iter().filter_map(|(_, schedule)| schedule);
    for schedule in changed() {
        all.extend(moved(state, schedule));
    }
    for event in events {
        if let Event::Endogenous(Endogenous::DriverAsked { booking, deadline, .. }) = *event {
            let asked = changed().find(|schedule| schedule.position_of(booking, true).is_some());
            let shift = asked.map(|schedule| schedule.shift.id);
            all.extend(shift.map(|shift| Consequence::Asked { booking, shift, deadline }));
        }
    }
    for event in events {
        if let Event::Endogenous(event) = event {
            all.extend(decided(state, event));
        }
    }
    for schedule in changed() {
        add_breaches(state, schedule, now, &mut all);
    }
    for schedule in changed() {
        all.extend(late_end(state, schedule, now));
    }
    all
}

fn moved<'a>(state: &'a State, schedule: &'a Schedule) -> impl Iterator<Item = Consequence> + 'a {
    let to = schedule.shift.id;
    schedule.stops().iter().filter(|stop| stop.is_pickup()).filter_map(move |stop| {
        let booking = stop.booking?;
        let from = state.bookings.get(&booking)?.shift;
        (from != Some(to)).then_some(Consequence::Moved { booking, from, to })
    })
}

fn decided(state: &State, event: &Endogenous) -> Option<Consequence> {
    Some(match *event {
        Endogenous::BookingUnassigned { booking } => Consequence::Unassigned { booking },
        Endogenous::BookingFailed { booking } => Consequence::Failed { booking },
        Endogenous::BookingStranded { booking, .. } => Consequence::Stranded { booking },
        Endogenous::PromiseRestored { booking, limit } => Consequence::Kept { booking, limit },
        Endogenous::HoldReleased { offer, .. } if state.offers.contains_key(&offer) => Consequence::HoldLost { offer },
        Endogenous::DetourExceeded { shift, time, length } => Consequence::DetourExceeded { shift, time, length },
        _ => return None,
    })
}

/// Limits of a schedule that are missed by more than before, in the order of its stops.
fn add_breaches(state: &State, schedule: &Schedule, now: Time, all: &mut Vec<Consequence>) {
    let timeline = schedule.timeline(now);
    let known = state.schedules.get(&schedule.shift.id);
    let known = known.map(|known| (known, known.timeline(now)));
    for (stop, times) in schedule.stops().iter().zip(&timeline.stops) {
        if let Task::Break { id, window, .. } = stop.task {
            let (predicted, latest) = (times.start, window.latest());
            let before = known.as_ref().and_then(|(known, times)| {
                let stop_idx = known.stops().iter().position(|old| old.id == stop.id)?;
                Some(times.stops[stop_idx].start)
            });
            if predicted > before.map_or(latest, |before| before.max(latest)) {
                all.push(Consequence::BreakLate { shift: schedule.shift.id, id, predicted, latest });
            }
            continue;
        }
        let Some(booking) = stop.booking else { continue };
        let found = state.bookings.get(&booking);
        if stop.is_pickup() && found.is_some_and(|found| found.boarded_at.is_some()) {
            continue; // put down under way: it boarded once, as promised or not
        }
        let mut before: Vec<(Span, Breach)> = Vec::new();
        if let Some(old) = found.and_then(|found| state.schedules.get(&found.shift?))
            && let Some(stop_idx) = old.position_of(booking, stop.is_pickup())
        {
            before.extend(lateness(&old.stops()[stop_idx], &old.timeline(now).stops[stop_idx]));
        }
        for (late_by, breach) in lateness(stop, times) {
            let old = before.iter().find(|(_, old)| old.limit() == breach.limit()).map_or(Span::ZERO, |(by, _)| *by);
            if late_by > old.positive_part() {
                all.push(Consequence::Breaks { booking, breach });
            }
        }
    }
}

/// Who comes home after the end of the shift, by more than before.
fn late_end(state: &State, schedule: &Schedule, now: Time) -> Option<Consequence> {
    if schedule.stops().is_empty() {
        return None; // it could be home at any time
    }
    let (shift, latest) = (schedule.shift.id, schedule.shift.window.latest());
    let predicted = schedule.timeline(now).finish;
    let known = state.schedules.get(&shift).filter(|known| !known.stops().is_empty());
    let before = known.map_or(latest, |known| known.timeline(now).finish.max(latest));
    (before < predicted).then_some(Consequence::EndsLate { shift, predicted, latest })
}
