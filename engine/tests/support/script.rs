//! Stories: a drawn city and lines a dispatcher could say, against schedules a driver could read.
//!
//! ```text
//! v1 at A 4               a vehicle with four seats (`4+1w`: and a wheelchair place)
//! 08:00 r1 B->D from 08:00 to 08:30        quote and confirm; `by 09:00` asks for an arrival;
//!                                          `2 seats`, `1 seats 1w` a larger party
//! 08:01 v1 departs | arrives | closes | seen at C
//! 08:05 r1 boards | alights | cancels | absent
//! 08:06 clock
//! ```
//! What comes out: a line for all that was refused, rejected, at risk or lost, then each schedule.

use std::collections::BTreeMap;

use mukae_engine::model::{CancelReason, Wish};
use mukae_engine::{Answer, Command, Endogenous, Event};
use mukae_units::{BookingId, Seats, ShiftId, Span, Time, TimeWindow, VehicleId};

use super::city::City;
use super::town::{Town, at, policy, service};

/// Plays `story` in the city of `picture` and compares what comes out.
#[track_caller]
pub fn check(picture: &str, story: &str, expected: &str) {
    let told = tell(picture, story);
    let trim = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    assert_eq!(trim(&told), trim(expected), "\nin {picture} after{story}");
}

struct Story {
    town: Town,
    riders: BTreeMap<String, BookingId>,
    notes: Vec<String>,
}

fn tell(picture: &str, story: &str) -> String {
    let town = Town::new(City::draw(picture), policy(), service());
    let mut told = Story { town, riders: BTreeMap::new(), notes: Vec::new() };
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words[0].contains(':') {
            told.happen(at(words[0]), &words[1..]);
        } else {
            told.add_vehicle(&words);
        }
    }
    told.notes.extend(told.schedules());
    told.notes.join("\n")
}

impl Story {
    fn add_vehicle(&mut self, words: &[&str]) {
        let &[vehicle, "at", node, capacity] = words else { panic!("a vehicle is like `v1 at A 4`: {words:?}") };
        let (seats, wheelchairs) =
            capacity.strip_suffix('w').map_or((capacity, "0"), |capacity| capacity.split_once('+').expect("like 4+1w"));
        let count = |text: &str| text.parse().expect("a count");
        let node = self.town.city.node(node);
        self.town.add_vehicle(number(vehicle), node, Seats::new(count(seats), count(wheelchairs)));
    }

    fn happen(&mut self, now: Time, words: &[&str]) {
        match *words {
            ["clock"] => self.say(now, "clock", Command::AdvanceClock),
            [rider, ride, ref rest @ ..] if ride.contains("->") => self.ask(now, rider, ride, rest),
            [vehicle, "seen", "at", node] => {
                let place = self.town.city.place(self.town.city.node(node));
                let vehicle_id = VehicleId(number(vehicle));
                self.say(now, vehicle, Command::ReportPosition { vehicle: vehicle_id, place, observed_at: now });
            }
            [vehicle, verb @ ("departs" | "arrives" | "closes")] => {
                let shift = ShiftId(number(vehicle));
                let stop = self.town.dispatcher.state().schedules[&shift].next_stop().map(|stop| stop.id);
                let command = match verb {
                    "departs" => Command::Depart { shift, stop: stop.expect("it has a stop"), at: now },
                    "arrives" => Command::Arrive { shift, stop: stop.expect("it has a stop"), at: now },
                    _ => Command::CloseShift { shift },
                };
                self.say(now, &words.join(" "), command);
            }
            [rider, verb] => {
                let booking = self.riders[rider];
                let command = match verb {
                    "boards" => Command::Board { booking, at: now },
                    "alights" => Command::Alight { booking, at: now },
                    "absent" => Command::ReportNoShow { booking, at: now },
                    "cancels" => Command::CancelBooking { booking, reason: CancelReason::Rider },
                    _ => panic!("riders do not {verb}"),
                };
                self.say(now, &words.join(" "), command);
            }
            _ => panic!("what does {words:?} mean?"),
        }
    }

    fn ask(&mut self, now: Time, rider: &str, ride: &str, rest: &[&str]) {
        let (from, to) = ride.split_once("->").expect("like A->B");
        let (mut party, mut earliest, mut latest, mut is_arrival) = ((1, 0), now, None, false);
        let mut rest = rest.iter();
        while let Some(&word) = rest.next() {
            let mut value = || *rest.next().expect("a value follows");
            match word {
                "from" => earliest = at(value()),
                "to" => latest = Some(at(value())),
                "by" => (is_arrival, latest) = (true, Some(at(value()))),
                "seats" => {}
                word if word.ends_with('w') => party.1 = word.trim_end_matches('w').parse().expect("like 1w"),
                word => party.0 = word.parse().expect("a count of seats"),
            }
        }
        let window = TimeWindow::new(earliest, latest.unwrap_or(earliest + Span::HOUR)).expect("in order");
        let wish = if is_arrival { Wish::ArriveBy(window) } else { Wish::DepartAfter(window) };
        let (from, to) = (self.town.city.node(from), self.town.city.node(to));
        let request = self.town.request(from, to, Seats::new(party.0, party.1), wish);
        match self.town.tell(now, Command::Quote(request)) {
            Answer::Offered(offer) => match self.town.tell(now, Command::ConfirmOffer { offer: offer.id }) {
                Answer::Confirmed(booking) | Answer::AwaitingDriver(booking) => {
                    self.riders.insert(rider.to_string(), booking.id);
                }
                other => self.notes.push(format!("{rider}: {other:?}")),
            },
            Answer::Refused(refusal) => {
                let binds = refusal.binding.iter().map(|binding| match binding.shortfall {
                    Some(shortfall) => format!("{:?} by {shortfall}", binding.constraint),
                    None => format!("{:?}", binding.constraint),
                });
                self.notes.push(format!("{rider} refused: {}", binds.collect::<Vec<_>>().join(", ")));
            }
            other => self.notes.push(format!("{rider}: {other:?}")),
        }
    }

    fn say(&mut self, now: Time, what: &str, command: Command) {
        let decision = self.town.take(now, &command);
        if let Answer::Rejected(rejection) = &decision.answer {
            self.notes.push(format!("{what} rejected: {rejection:?}"));
        }
        for event in &decision.events {
            let Event::Endogenous(event) = event else { continue };
            let (booking, note) = match event {
                Endogenous::PromiseAtRisk { booking, .. } => (booking, "at risk"),
                Endogenous::PromiseRestored { booking, .. } => (booking, "restored"),
                Endogenous::BookingUnassigned { booking } => (booking, "unassigned"),
                Endogenous::BookingFailed { booking } => (booking, "failed"),
                _ => continue,
            };
            self.notes.push(format!("{} {note}", self.rider(*booking)));
        }
    }

    fn rider(&self, booking: BookingId) -> &str {
        let found = self.riders.iter().find(|(_, of)| **of == booking);
        found.map_or("?", |(rider, _)| rider)
    }

    fn schedules(&self) -> Vec<String> {
        let state = self.town.dispatcher.state();
        let line = |stop: &mukae_engine::schedule::Stop| {
            let place = self.town.city.name(stop.place);
            let Some(booking) = stop.booking else { return format!(" rest@{place}") };
            format!(" {}{}@{place}", if stop.is_pickup() { '+' } else { '-' }, self.rider(booking))
        };
        state
            .schedules
            .values()
            .map(|schedule| {
                format!("v{}:{}", schedule.shift.vehicle.0, schedule.stops().iter().map(line).collect::<String>())
            })
            .collect()
    }
}

fn number(name: &str) -> u32 {
    name[1..].parse().expect("vehicles are v1, v2, …")
}
