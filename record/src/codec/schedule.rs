//! Schedules and plans.
//!
//! A plan out of outside bytes is walked once before it is believed: timelines and loads take its
//! order for granted, and would panic without it.

use std::collections::BTreeMap;

use mukae_engine::schedule::{Plan, Route, Schedule, Stop, Task, Whereabouts};
use mukae_units::{BookingId, Seats};

use super::{Decode, DecodeError, Encode, Reader, Writer, codec};

codec! {
    struct Stop { id, booking, place, leg, dwell, stop_dwell, joins, party, task }
    struct Plan { whereabouts, stops, to_end, route } check plan_is_sound
    struct Schedule { shift, state, capacity, terms, plan, revision, frozen, asking, way_on, repositioned }
    struct Route { time_max, length_max, driven, driven_length, lengths, is_exceeded }
}

codec! {
    enum Whereabouts {
        0 Waiting { place, since },
        1 Driving { from, departed },
        2 Serving { arrived },
        3 Repositioning { from, departed, to, leg },
    }
}

/// By hand, as a boarding that is not held has the bytes it had before any could be: a held one has a tag of its own.
impl Encode for Task {
    fn encode(&self, writer: &mut Writer) {
        match *self {
            Task::Pickup { window, is_awaited, hold } => {
                writer.byte(if hold.is_some() { HELD } else { PICKUP });
                window.encode(writer);
                is_awaited.encode(writer);
                if let Some(hold) = hold {
                    hold.encode(writer);
                }
            }
            Task::Dropoff { latest, ride_max, boarded_at } => {
                writer.byte(DROPOFF);
                latest.encode(writer);
                ride_max.encode(writer);
                boarded_at.encode(writer);
            }
            Task::Break { id, window, is_at_risk } => {
                writer.byte(BREAK);
                id.encode(writer);
                window.encode(writer);
                is_at_risk.encode(writer);
            }
        }
    }
}

const PICKUP: u8 = 0;
const DROPOFF: u8 = 1;
const BREAK: u8 = 2;
const HELD: u8 = 3;

impl Decode for Task {
    fn decode(reader: &mut Reader<'_>) -> Result<Task, DecodeError> {
        let at = reader.at();
        Ok(match reader.byte()? {
            tag @ (PICKUP | HELD) => Task::Pickup {
                window: Decode::decode(reader)?,
                is_awaited: Decode::decode(reader)?,
                hold: if tag == HELD { Some(Decode::decode(reader)?) } else { None },
            },
            DROPOFF => Task::Dropoff {
                latest: Decode::decode(reader)?,
                ride_max: Decode::decode(reader)?,
                boarded_at: Decode::decode(reader)?,
            },
            BREAK => Task::Break {
                id: Decode::decode(reader)?,
                window: Decode::decode(reader)?,
                is_at_risk: Decode::decode(reader)?,
            },
            tag => return Err(reader.unknown_tag(at, "Task", tag)),
        })
    }
}

/// Where one party stands while a plan is walked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    OnBoard(Seats),
    Alighted,
}

fn plan_is_sound(plan: &Plan) -> Result<(), String> {
    if plan.stops.is_empty() && plan.whereabouts.free().is_none() {
        return Err("it is under way to no stop".to_owned());
    }
    if plan.route.as_ref().is_some_and(|route| route.lengths.len() != plan.stops.len() + 1) {
        return Err("its legs and their lengths are not as many".to_owned());
    }
    let (mut parties, mut load) = on_board(plan)?;
    for stop in &plan.stops {
        let booking = match (stop.booking, stop.task) {
            (Some(booking), Task::Pickup { .. } | Task::Dropoff { .. }) => booking,
            (None, Task::Break { .. }) if load.is_empty() && stop.party.is_empty() && !stop.joins => continue,
            _ => return Err(format!("{} is neither for a rider nor a break", stop.id)),
        };
        let seen = parties.get(&booking).copied();
        let now = match (stop.task, seen) {
            (Task::Pickup { .. }, None) => {
                load = load.checked_add(stop.party).ok_or_else(overfull)?;
                Seen::OnBoard(stop.party)
            }
            (Task::Dropoff { .. }, Some(Seen::OnBoard(party))) if party == stop.party => {
                load = load - stop.party;
                Seen::Alighted
            }
            _ => return Err(format!("{booking} is out of order at {}", stop.id)),
        };
        parties.insert(booking, now);
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
        if let (Task::Dropoff { boarded_at: Some(_), .. }, Some(booking)) = (stop.task, stop.booking) {
            load = load.checked_add(stop.party).ok_or_else(overfull)?;
            parties.insert(booking, Seen::OnBoard(stop.party));
        }
    }
    Ok((parties, load))
}

fn overfull() -> String {
    "more than 255 are on board".to_owned()
}
