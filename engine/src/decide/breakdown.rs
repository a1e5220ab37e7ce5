//! A vehicle that can not go on.
//!
//! Its shift ends. Who is on board waits where it stands and is fetched by whoever can take them
//! soonest; their promise stays, and they are looked after until they arrive or say otherwise. Who was
//! still to board moves to other vehicles under their promises, or is left to staff.

use mukae_maps::Place;
use mukae_units::{BookingId, ShiftId, Time};

use super::booking::{reassign, rescue};
use super::{Draft, Outcome};
use crate::answer::Answer;
use crate::event::Endogenous;
use crate::insertion::turning_point;
use crate::schedule::{Task, Whereabouts};

pub(super) fn break_down(draft: &mut Draft<'_, '_>, shift: ShiftId, place: Option<Place>, at: Time) -> Outcome {
    let schedule = draft.schedule(shift)?.clone();
    let at = schedule.report_time(at, draft.now);
    // unless somebody says where, it stands at the next junction of its way
    let leg = match (schedule.plan.whereabouts, schedule.next_stop()) {
        (Whereabouts::Driving { from, departed }, Some(next)) => Some((from, next.place, departed)),
        (Whereabouts::Repositioning { from, departed, to, .. }, _) => Some((from, to, departed)),
        _ => None,
    };
    let place = place.unwrap_or_else(|| match leg {
        Some((from, to, departed)) => {
            let point = draft.work.roads.decision_point(from, to, at - departed);
            point.map_or(from, |point| turning_point(point, departed, at).0)
        }
        None => schedule.place(),
    });
    let is_on_board = |task: &Task| matches!(task, Task::Dropoff { boarded_at: Some(_), .. });
    let on_board = schedule.stops().iter().filter(|stop| is_on_board(&stop.task));
    let on_board: Vec<BookingId> = sorted(on_board.filter_map(|stop| stop.booking));
    let to_board = sorted(schedule.stops().iter().filter(|stop| stop.is_pickup()).filter_map(|stop| stop.booking));

    for &booking in &on_board {
        draft.push(Endogenous::BookingStranded { booking, place });
    }
    draft.end_schedule(shift);
    for &booking in &on_board {
        rescue(draft, booking, place)?;
    }
    to_board.into_iter().try_for_each(|booking| reassign(draft, booking))?;
    Ok(Answer::Changed(Vec::new()))
}

fn sorted(bookings: impl Iterator<Item = BookingId>) -> Vec<BookingId> {
    let mut bookings: Vec<BookingId> = bookings.collect();
    bookings.sort_unstable();
    bookings
}
