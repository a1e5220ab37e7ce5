//! Schedules and plans.
//!
//! A plan out of outside bytes is walked once before it is believed: timelines and loads take its
//! order for granted, and would panic without it.

use std::collections::BTreeMap;

use mukae_engine::schedule::{Plan, Schedule, Stop, Task, Whereabouts};
use mukae_units::{BookingId, Seats};

use super::codec;

codec! {
    struct Stop { id, booking, place, leg, dwell, stop_dwell, joins, party, task }
    struct Plan { whereabouts, stops, to_end } check plan_is_sound
    struct Schedule { shift, state, capacity, terms, plan, revision }
}

codec! {
    enum Task {
        0 Pickup { window, is_awaited },
        1 Dropoff { latest, ride_max, boarded_at },
    }

    enum Whereabouts {
        0 Waiting { place, since },
        1 Driving { from, departed },
        2 Serving { arrived },
    }
}

/// Where one party stands while a plan is walked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    OnBoard(Seats),
    Alighted,
}

fn plan_is_sound(plan: &Plan) -> Result<(), String> {
    if plan.stops.is_empty() && !matches!(plan.whereabouts, Whereabouts::Waiting { .. }) {
        return Err("it is under way to no stop".to_owned());
    }
    let (mut parties, mut load) = on_board(plan)?;
    for stop in &plan.stops {
        let seen = parties.get(&stop.booking).copied();
        let now = match (stop.task, seen) {
            (Task::Pickup { .. }, None) => {
                load = load.checked_add(stop.party).ok_or_else(overfull)?;
                Seen::OnBoard(stop.party)
            }
            (Task::Dropoff { .. }, Some(Seen::OnBoard(party))) if party == stop.party => {
                load = load - stop.party;
                Seen::Alighted
            }
            _ => return Err(format!("{} is out of order at {}", stop.booking, stop.id)),
        };
        parties.insert(stop.booking, now);
    }
    match parties.iter().find(|(_, seen)| **seen != Seen::Alighted) {
        Some((booking, _)) => Err(format!("{booking} boards and never alights")),
        None => Ok(()),
    }
}

/// The parties on board before the first stop, and their sum.
fn on_board(plan: &Plan) -> Result<(BTreeMap<BookingId, Seen>, Seats), String> {
    let mut parties = BTreeMap::new();
    let mut load = Seats::NONE;
    for stop in &plan.stops {
        if let Task::Dropoff { boarded_at: Some(_), .. } = stop.task {
            load = load.checked_add(stop.party).ok_or_else(overfull)?;
            parties.insert(stop.booking, Seen::OnBoard(stop.party));
        }
    }
    Ok((parties, load))
}

fn overfull() -> String {
    "more than 255 are on board".to_owned()
}
