//! Stories: a drawn city and lines a dispatcher could say, against schedules a driver could read.
//!
//! ```text
//! v1 at A 4               a vehicle with four seats (`4+1w`: and a wheelchair place; `6/4+1w`: or so;
//!                         `t` stretchers, `c` child seats, `l` luggage)
//!   s>w                   seats may stand in wheelchair places on it
//!   has ramp | only 2     it has a ramp; it carries riders of service 2 only
//!   in 1                  it stays in zone 1
//! zone 1 A B              places of a zone
//! carries 1->2            between zones, and nothing else
//! hours 09:00-12:00 asked 06:00-08:30
//! 08:00 r1 B->D from 08:00 to 08:30        quote and confirm; `by 09:00` asks for an arrival;
//!                                          `2 seats`, `1 seats 1w` a larger party; `needs ramp`;
//!                                          `with 2` of service 2
//! 08:01 v1 departs | arrives | closes | seen at C
//! 08:05 r1 boards | alights | cancels | absent
//! 08:06 clock
//! 08:06 v2 at B 4             a vehicle that comes only then
//! 08:07 v1 arrives at r2      at that rider's next stop, whatever comes first
//! 08:08 v1 breaks | breaks at C
//! 08:09 B-C closes | reopens
//! ```
//! What comes out: a line for all that was refused, rejected, at risk or lost, then each schedule.

use std::collections::BTreeMap;

use mukae_engine::model::{CancelReason, Request, Serves, Service, ServiceDay, Terms, Wish, ZonePair};
use mukae_engine::{Answer, Command, Decision, Endogenous, Event, RoadsBefore, Work};
use mukae_maps::TravelTimes;
use mukae_units::{
    BookingId, Capacity, FeatureId, Features, SeatKind, Seats, ServiceId, ShiftId, Span, Substitutions, Time,
    TimeWindow, VehicleId, ZoneId, Zones,
};

use super::city::City;
use super::town::{SERVICE, Town, at, midnight, policy, service};

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
            told.set_up(midnight(), &words);
        }
    }
    told.notes.extend(told.schedules());
    told.notes.join("\n")
}

impl Story {
    fn set_up(&mut self, now: Time, words: &[&str]) {
        match *words {
            ["zone", zone, ref places @ ..] => {
                for place in places {
                    let node = self.town.city.node(place);
                    let zones = &mut self.town.city.zones[node];
                    *zones = zones.union(zones_of(zone));
                }
            }
            ["carries", pair] => {
                let (from, to) = pair.split_once("->").expect("like 1->2");
                let pair = ZonePair { from: zones_of(from), to: zones_of(to) };
                self.town.change_service(|service| service.zones.push(pair));
            }
            ["hours", hours, "asked", asked] => {
                let ends =
                    |text: &str| text.split_once('-').map(|(from, to)| (at(from), at(to))).expect("like 9:00-12:00");
                let ((from, to), (bookable_from, bookable_until)) = (ends(hours), ends(asked));
                let pickups = TimeWindow::new(from, to).expect("in order");
                let day = ServiceDay { pickups, bookable_from, bookable_until };
                self.town.change_service(|service| service.days.push(day));
            }
            [vehicle, "at", node, ref rest @ ..] => self.add_vehicle(now, vehicle, node, rest),
            _ => panic!("what does {words:?} mean?"),
        }
    }

    fn add_vehicle(&mut self, now: Time, vehicle: &str, node: &str, rest: &[&str]) {
        let (configurations, rest) = rest.split_first().expect("a vehicle is like `v1 at A 4`");
        let configurations = configurations.split('/').map(|places| places.split('+').fold(Seats::NONE, add_places));
        let (mut substitutions, mut terms) = (Substitutions::NONE, Terms::OPEN);
        let mut rest = rest.iter();
        while let Some(&word) = rest.next() {
            let mut value = || *rest.next().expect("a value follows");
            match word {
                "has" => {
                    let feature = self.feature(value());
                    terms.features = terms.features.and(feature).expect("a small number");
                }
                "only" => {
                    let service = self.service(value());
                    terms.serves = Serves::Only([service].into());
                }
                "in" => terms.zones = zones_of(value()),
                word => {
                    let (kind, place) = word.split_once('>').expect("like s>w");
                    substitutions = substitutions.and(kind_of(kind), kind_of(place));
                }
            }
        }
        let capacity = Capacity::new(configurations.collect(), substitutions).expect("there is one");
        let node = self.town.city.node(node);
        self.town.add_vehicle_at(now, number(vehicle), node, capacity, terms);
    }

    /// Named when it is first mentioned.
    fn feature(&mut self, name: &str) -> FeatureId {
        let features = &self.town.dispatcher.state().features;
        if let Some((&feature, _)) = features.iter().find(|(_, called)| *called == name) {
            return feature;
        }
        let feature = FeatureId(features.len() as u32);
        let now = midnight().max(self.town.dispatcher.state().clock);
        self.town.expect_noted(now, Command::NameFeature { feature, name: name.into() });
        feature
    }

    /// Set up like the first when it is first mentioned, without its days and zones.
    fn service(&mut self, number: &str) -> ServiceId {
        let id = ServiceId(number.parse().expect("a number"));
        if !self.town.dispatcher.state().services.contains_key(&id) {
            let policy = self.town.dispatcher.state().services[&SERVICE].policy;
            let (name, days, zones) = (format!("service {number}"), Vec::new(), Vec::new());
            let now = midnight().max(self.town.dispatcher.state().clock);
            self.town.expect_noted(
                now,
                Command::SetService(Service { id, name, policy, days, zones, tariff: None, suspension: None }.into()),
            );
        }
        id
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
            [road, verb @ ("closes" | "reopens")] if road.contains('-') => {
                let (a, b) = road.split_once('-').expect("a road is like A-B");
                let city = match verb {
                    "closes" => self.town.city.without(a, b),
                    _ => self.town.city.changed(|_, _, hop| Some(hop)),
                };
                let mut before = std::mem::replace(&mut self.town.city, city);
                self.say_after(now, &words.join(" "), &mut before);
            }
            [vehicle, "at", node, ref rest @ ..] => self.add_vehicle(now, vehicle, node, rest),
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
            [vehicle, "arrives", "at", rider] => {
                let (shift, booking) = (ShiftId(number(vehicle)), self.riders[rider]);
                let stops = self.town.dispatcher.state().schedules[&shift].stops();
                let stop = stops.iter().find(|stop| stop.booking == Some(booking)).expect("the rider has a stop").id;
                self.say(now, &words.join(" "), Command::Arrive { shift, stop, at: now });
            }
            [vehicle, "breaks", ref place @ ..] => {
                let place = place.last().map(|node| self.town.city.place(self.town.city.node(node)));
                let shift = ShiftId(number(vehicle));
                self.say(now, &words.join(" "), Command::BreakDown { shift, place, at: now });
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
        let (mut party, mut earliest, mut latest, mut is_arrival) = (Seats::new(1, 0), now, None, false);
        let (mut needs, mut service) = (Features::EMPTY, SERVICE);
        let mut rest = rest.iter();
        while let Some(&word) = rest.next() {
            let mut value = || *rest.next().expect("a value follows");
            match word {
                "from" => earliest = at(value()),
                "to" => latest = Some(at(value())),
                "by" => (is_arrival, latest) = (true, Some(at(value()))),
                "seats" => {}
                "needs" => needs = needs.and(self.feature(value())).expect("a small number"),
                "with" => service = self.service(value()),
                word => party = add_places(party, word),
            }
        }
        let window = TimeWindow::new(earliest, latest.unwrap_or(earliest + Span::HOUR)).expect("in order");
        let wish = if is_arrival { Wish::ArriveBy(window) } else { Wish::DepartAfter(window) };
        let (from, to) = (self.town.city.node(from), self.town.city.node(to));
        let request = Request { needs, service, ..self.town.request(from, to, party, wish) };
        match self.town.tell(now, Command::Quote(request.into())) {
            Answer::Offered(offers) => match self.town.tell(now, Command::ConfirmOffer { offer: offers[0].id }) {
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

    /// Tells that the roads of the town changed, and what they were.
    fn say_after(&mut self, now: Time, what: &str, before: &mut City) {
        let command = Command::RoadsChanged { metric: self.town.city.metric() };
        let before = RoadsBefore { roads: before, may_differ: &|_, _| true };
        let Town { city, dispatcher, .. } = &mut self.town;
        let decision = dispatcher.decide(now, &command, &mut Work::after_change(city, before));
        decision.events.iter().for_each(|event| dispatcher.apply(event));
        self.note(what, &decision);
    }

    fn say(&mut self, now: Time, what: &str, command: Command) {
        let decision = self.town.take(now, &command);
        self.note(what, &decision);
    }

    fn note(&mut self, what: &str, decision: &Decision) {
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
                Endogenous::BookingStranded { booking, .. } => (booking, "stranded"),
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

/// Sets one count: `4`, `1w`.
fn add_places(party: Seats, text: &str) -> Seats {
    let count = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let kind = if count.len() == text.len() { "s" } else { &text[count.len()..] };
    party.with(kind_of(kind), count.parse().expect("a count"))
}

fn kind_of(letter: &str) -> SeatKind {
    match letter {
        "s" => SeatKind::Seat,
        "w" => SeatKind::Wheelchair,
        "c" => SeatKind::ChildSeat,
        "l" => SeatKind::Luggage,
        "t" => SeatKind::Stretcher,
        _ => panic!("{letter} is no kind of place"),
    }
}

fn zones_of(number: &str) -> Zones {
    Zones::of(&[ZoneId(number.parse().expect("a number"))]).expect("a small number")
}

fn number(name: &str) -> u32 {
    name[1..].parse().expect("vehicles are v1, v2, …")
}
