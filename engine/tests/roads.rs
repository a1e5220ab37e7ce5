//! The search on real roads, where cells and their bounds leave most of a fleet unlooked at: it still chooses what
//! trying everything chooses. Places stand on both sides of their roads, as riders' places do.

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use mukae_engine::insertion::Demand;
use mukae_engine::model::{
    AccessPair, Break, DeclaredTrip, Limits, MapId, Policy, Service, ServicePolicy, Shift, Spot, Terms, Tier, Vehicle,
    Wish,
};
use mukae_engine::schedule::{Schedule, Stop, Task, Whereabouts};
use mukae_engine::{Answer, Command, Dispatcher, Endogenous, Event, Memory, Work};
use mukae_maps::build::{BuildOptions, build_map};
use mukae_maps::{EdgeId, Fraction, Place, PreparedMap, RoadGraph, RoadQuery, Sides, TravelTimes};
use mukae_units::{BookingId, BreakId, Features, Metres, Seats, ShiftId, Span, Time, TimeWindow, VehicleId, Zones};
use support::town::{SERVICE, at, midnight, policy, service};
use support::{Dice, brute};

fn niue() -> PreparedMap {
    let extract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps/data/niue.osm.pbf");
    build_map(&extract, &BuildOptions::default(), &mut |_, _| {}).expect("the extract is in the repository").0
}

struct Island<'m> {
    dice: Dice,
    map: &'m PreparedMap,
    roads: RoadQuery,
    /// Where somebody was before, to be there again: parties share stops.
    places: Vec<Place>,
    /// Everybody lives on these few roads, where there are any: then vehicles turn round on each of them.
    crowded: Vec<EdgeId>,
    dispatcher: Dispatcher,
    now: Time,
}

/// Any order of what a minute is worth to whom, and of what a stop takes: bounds must not count on one.
fn rules(dice: &mut Dice) -> (Policy, ServicePolicy) {
    let (mut policy, mut rules) = (policy(), service());
    rules.dwell.per_stop = Span::from_secs(dice.below(3) as i64 * 30);
    rules.dwell.per_party = Span::from_secs(dice.below(3) as i64 * 20);
    if dice.chance(70) {
        let weights = &mut policy.cost;
        weights.driving = dice.below(4) as i64 * 10;
        weights.rider_wait = dice.below(4) as i64 * 15;
        weights.excess_ride = dice.below(5) as i64 * 15;
        weights.driver_time = dice.below(3) as i64 * 15;
        weights.wait_on_board = dice.below(2) as i64 * 20;
        policy.wait_on_board_max = Span::from_mins(dice.below(8) as i64);
    }
    if dice.chance(25) {
        rules.limits = Limits::Soft { pickup_late: 40, dropoff_late: 100, ride_over: 30 };
    }
    (policy, rules)
}

/// A dozen or so, most in both directions.
fn some_roads(dice: &mut Dice, graph: &RoadGraph) -> Vec<EdgeId> {
    let mut roads = Vec::new();
    while roads.len() < 12 {
        let edge = EdgeId(dice.below(graph.edge_count() as u64) as u32);
        let both = [Some(edge), graph.twin(edge)].into_iter().flatten();
        roads.extend(both.filter(|&edge| graph.is_routable(edge)));
    }
    roads
}

impl<'m> Island<'m> {
    fn new(seed: u64, map: &'m PreparedMap, vehicles: u32) -> Island<'m> {
        let roads = map.query();
        let (mut dice, places, now) = (Dice::new(seed), Vec::new(), at("07:00"));
        let (policy, rules) = rules(&mut dice);
        let crowded = if dice.chance(50) { some_roads(&mut dice, map.graph()) } else { Vec::new() };
        let mut island = Island { dice, map, roads, places, crowded, dispatcher: Dispatcher::default(), now };
        for command in [
            Command::UseMap(MapId(1)),
            Command::SetPolicy(policy),
            Command::SetService(
                Service {
                    id: SERVICE,
                    name: "s".into(),
                    policy: rules,
                    days: Vec::new(),
                    zones: Vec::new(),
                    tariff: None,
                    suspension: None,
                }
                .into(),
            ),
        ] {
            island.tell(midnight(), &command);
        }
        for number in 1..=vehicles {
            island.add_vehicle(number);
        }
        island
    }

    fn add_vehicle(&mut self, number: u32) {
        let (name, capacity) = (format!("v{number}"), Seats::new(1 + self.dice.below(4) as u8, 0).into());
        let car = Vehicle { id: VehicleId(number), name: name.clone(), capacity, terms: Terms::OPEN };
        self.tell(midnight(), &Command::RegisterVehicle(car));
        let start = self.spot();
        let end = Some(start.clone()).filter(|_| self.dice.chance(60));
        let window = TimeWindow::new(at("06:00"), at("22:00")).expect("in order");
        let (shift, vehicle) = (ShiftId(number), VehicleId(number));
        let rest = Break {
            id: BreakId(1),
            place: self.spot(),
            window: TimeWindow::new(at("08:30"), at("11:30")).expect("in order"),
            length: Span::from_secs(900),
        };
        let breaks = if self.dice.chance(30) { vec![rest] } else { Vec::new() };
        let trip = DeclaredTrip {
            seats: Seats::new(1, 0),
            detour_max: Span::from_secs(60 * self.dice.below(40) as i64),
            detour_length_max: Metres::from_millimetres(self.dice.below(20_000_000)),
            tier: Tier::T3,
        };
        let declared = Some(trip).filter(|_| breaks.is_empty() && end.is_some() && self.dice.chance(30));
        let (features, zones, driver) = (Features::EMPTY, Zones::EMPTY, None);
        let planned = Shift {
            id: shift,
            name,
            vehicle,
            window,
            start,
            end,
            features,
            zones,
            crew: None,
            breaks,
            driver,
            declared,
            on_call: None,
        };
        self.tell(midnight(), &Command::PlanShift(planned.into()));
        self.tell(midnight(), &Command::OpenShift { shift, at: midnight() });
    }

    fn place(&mut self) -> Place {
        if !self.places.is_empty() && self.dice.chance(35) {
            return self.places[self.dice.below(self.places.len() as u64) as usize];
        }
        let place = self.fresh_place();
        self.places.push(place);
        place
    }

    fn fresh_place(&mut self) -> Place {
        let graph = self.map.graph();
        loop {
            let edge = match self.crowded.as_slice() {
                [] => EdgeId(self.dice.below(graph.edge_count() as u64) as u32),
                crowded => crowded[self.dice.below(crowded.len() as u64) as usize],
            };
            if graph.is_routable(edge) {
                let fraction = Fraction::from_steps(self.dice.below(65_536) as u16);
                let sides = if self.dice.chance(60) { Sides::Both } else { Sides::This };
                return Place { edge, fraction, sides };
            }
        }
    }

    fn spot(&mut self) -> Spot {
        let place = self.place();
        Spot { asked: self.map.position(place), label: String::new(), kana: String::new(), place, zones: Zones::EMPTY }
    }

    fn tell(&mut self, now: Time, command: &Command) -> Answer {
        let decision = self.dispatcher.decide(now, command, &mut Work::new(&mut self.roads));
        assert!(!matches!(decision.answer, Answer::Rejected(_)), "{:?} to {command:?}", decision.answer);
        decision.events.iter().for_each(|event| self.dispatcher.apply(event));
        decision.answer
    }

    /// Sometimes, where a vehicle stands and serves somebody, or on the road on which it is about to stop and may turn
    /// round.
    fn near_a_vehicle(&mut self) -> Option<Place> {
        let schedules = self.dispatcher.state().schedules.values();
        let stops: Vec<(Place, bool)> = schedules
            .filter_map(|one| match one.plan.whereabouts {
                Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } => None,
                Whereabouts::Driving { .. } => Some((one.next_stop()?.place, false)),
                Whereabouts::Serving { .. } => Some((one.next_stop()?.place, true)),
            })
            .collect();
        if stops.is_empty() || self.dice.chance(75) {
            return None;
        }
        let (stop, is_there) = stops[self.dice.below(stops.len() as u64) as usize];
        if is_there {
            return Some(stop);
        }
        let graph = self.map.graph();
        let edge = if self.dice.chance(50) { graph.twin(stop.edge)? } else { stop.edge };
        let fraction = Fraction::from_steps(self.dice.below(65_536) as u16);
        graph.is_routable(edge).then_some(Place { edge, fraction, sides: Sides::This })
    }

    /// Asks, compares with brute force by the same columns as the question before, and books. True if it fits.
    fn ask(&mut self, work: &mut Work<'_>, slow: &mut RoadQuery) -> bool {
        let earliest = self.now + Span::from_secs(self.dice.below(2400) as i64 - 60);
        let window = TimeWindow::new(earliest, earliest + Span::from_secs(300 + self.dice.below(1200) as i64));
        let window = window.expect("in order");
        let wish = if self.dice.chance(30) { Wish::ArriveBy(window) } else { Wish::DepartAfter(window) };
        let party = Seats::new(1 + self.dice.below(2) as u8, 0);
        let (mut origin, destination) = (self.spot(), self.spot());
        if let Some(place) = self.near_a_vehicle() {
            origin.place = place;
        }
        let request = support::town::request_between(origin, destination, party, wish);
        let state = self.dispatcher.state();
        let (rules, policy) = (&state.services[&SERVICE].policy, state.policy.expect("it was set"));
        if let Ok(demand) = Demand::of_request(self.now, &request, AccessPair::FIRST, rules, slow) {
            let found = self.dispatcher.best_insertion(self.now, &demand, work);
            let schedules = state.schedules.values().map(|schedule| -> &Schedule { schedule });
            let tried = brute::best(self.now, &demand, (&policy, None), schedules, &state.vehicles, slow);
            assert_eq!(found.map(brute::Best::from), tried, "for {demand:?} at {:?}", self.now);
        }
        matches!(self.tell(self.now, &Command::Book { request: request.into(), by_hand: None }), Answer::Confirmed(_))
    }

    /// A vehicle with nobody on board breaks down, decided by columns that knew it. Whoever was to board looks for
    /// another one, one after the other: each must find what trying everything finds among the schedules as those
    /// before have left them. Returns how many found one; none where it was only asked what would come of it.
    fn break_down(&mut self, work: &mut Work<'_>, slow: &mut RoadQuery) -> usize {
        let empty = |schedule: &&Schedule| schedule.load().is_empty() && !schedule.stops().is_empty();
        let schedules = || self.dispatcher.state().schedules.values().map(|schedule| -> &Schedule { schedule });
        let Some(shift) = schedules().filter(empty).max_by_key(|one| one.stops().len()).map(|one| one.shift.id) else {
            return 0;
        };
        let command = Command::BreakDown { shift, place: None, at: self.now };
        let decision = self.dispatcher.decide(self.now, &command, work);
        let broken = &self.dispatcher.state().schedules[&shift];
        let mut waiting: Vec<BookingId> =
            broken.stops().iter().filter(|stop| stop.is_pickup()).filter_map(|stop| stop.booking).collect();
        waiting.sort_unstable();
        if self.dice.chance(50) {
            return 0; // only asked what would come of it: the next question must not see that
        }
        let (mut waiting, mut moved) = (waiting.into_iter(), 0);
        let policy = self.dispatcher.state().policy.expect("it was set");
        let mut dispatcher = self.dispatcher.clone();
        for event in &decision.events {
            let state = dispatcher.state();
            let is_answer = matches!(
                event,
                Event::Endogenous(
                    Endogenous::PlanChanged { .. }
                        | Endogenous::BookingUnassigned { .. }
                        | Endogenous::BookingFailed { .. }
                )
            );
            if is_answer {
                let booking = waiting.next().expect("one answer for each");
                let found = &state.bookings[&booking];
                let rules = &state.services[&SERVICE].policy;
                let best = Demand::of_promise(self.now, &found.request, found.access, &found.promise, rules, slow)
                    .and_then(|demand| {
                        let schedules = state.schedules.values().map(|schedule| -> &Schedule { schedule });
                        brute::best(self.now, &demand, (&policy, None), schedules, &state.vehicles, slow)
                    });
                let chosen = match event {
                    Event::Endogenous(Endogenous::PlanChanged { shift, plan }) => {
                        let of = |is_pickup| {
                            let is_its = |stop: &Stop| stop.booking == Some(booking) && stop.is_pickup() == is_pickup;
                            plan.stops.iter().position(is_its).expect("it was put there")
                        };
                        Some((*shift, of(true), of(false) - 1))
                    }
                    _ => None,
                };
                let best = best.map(|best| (best.shift, best.pickup_idx, best.dropoff_idx));
                assert_eq!(chosen, best, "for {booking:?} when {shift:?} broke down at {:?}", self.now);
                moved += usize::from(chosen.is_some());
            }
            dispatcher.apply(event);
        }
        assert_eq!(waiting.next(), None, "nobody is forgotten");
        self.dispatcher = dispatcher;
        moved
    }

    /// Drivers report what is due within the next while; some say nothing and report later, so that
    /// what is predicted of them slides with the clock.
    fn drive(&mut self) {
        let silent = [(); 2].map(|()| if self.dice.chance(40) { 1 + self.dice.below(6) as u32 } else { 0 });
        let until = self.now + Span::from_secs(self.dice.below(240) as i64);
        loop {
            let state = self.dispatcher.state();
            let due: BTreeMap<(Time, ShiftId), ()> = state
                .schedules
                .values()
                .filter(|schedule| !silent.contains(&schedule.shift.id.0))
                .filter_map(|schedule| {
                    let first = *schedule.timeline(self.now).stops.first()?;
                    let due = match schedule.plan.whereabouts {
                        Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } => first.departure,
                        Whereabouts::Driving { .. } => first.ready,
                        Whereabouts::Serving { .. } => first.end,
                    };
                    Some(((due.max(self.now), schedule.shift.id), ()))
                })
                .collect();
            let Some((&(at, shift), ())) = due.first_key_value().filter(|((at, _), ())| *at <= until) else { break };
            self.now = at;
            let schedule = &state.schedules[&shift];
            let stop = *schedule.next_stop().expect("something is due");
            let command = match (schedule.plan.whereabouts, stop.task) {
                (Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. }, _) => {
                    Command::Depart { shift, stop: stop.id, at }
                }
                (Whereabouts::Driving { .. }, _) => Command::Arrive { shift, stop: stop.id, at },
                (Whereabouts::Serving { .. }, Task::Break { .. }) => Command::EndBreak { shift, stop: stop.id, at },
                (Whereabouts::Serving { .. }, task) => {
                    let booking = stop.booking.expect("somebody's stop");
                    if matches!(task, Task::Pickup { .. }) {
                        Command::Board { booking, at }
                    } else {
                        Command::Alight { booking, at }
                    }
                }
            };
            self.tell(at, &command);
        }
        self.now = until;
    }
}

/// How many requests fitted, how often somebody was under way, and how many found another vehicle.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    booked: usize,
    moving: usize,
    moved: usize,
}

fn play(seed: u64, map: &PreparedMap, vehicles: u32, requests: usize) -> Count {
    let mut island = Island::new(seed, map, vehicles);
    let (mut fast, mut slow) = (map.query(), map.query());
    assert!(fast.cells().is_some(), "without cells this test proves nothing");
    // every other fleet is looked up by cell, however small
    let memory = if seed.is_multiple_of(2) { Memory::grouped_from(3) } else { Memory::default() };
    let mut work = Work::with(&mut fast, memory);
    let mut count = Count::default();
    for round in 1..=requests {
        count.booked += usize::from(island.ask(&mut work, &mut slow));
        if round % 12 == 0 {
            count.moved += island.break_down(&mut work, &mut slow);
        }
        let is_moving = |schedule: &Schedule| matches!(schedule.plan.whereabouts, Whereabouts::Driving { .. });
        count.moving += island.dispatcher.state().schedules.values().filter(|schedule| is_moving(schedule)).count();
        island.drive();
    }
    count
}

#[test]
fn a_small_fleet_on_real_roads_matches_brute_force() {
    let map = niue();
    let mut all = Count::default();
    for seed in 0..300 {
        let day = std::panic::catch_unwind(|| play(seed, &map, 6, 60));
        let Ok(day) = day else { panic!("seed {seed}") };
        all = Count { booked: all.booked + day.booked, moving: all.moving + day.moving, moved: all.moved + day.moved };
    }
    assert!(all.booked > 2_000 && all.moving > 2_000 && all.moved > 100, "{all:?} is too little to mean anything");
}

/// Enough vehicles for them to be looked up by cell.
#[test]
fn a_large_fleet_on_real_roads_matches_brute_force() {
    let map = niue();
    let count = play(77, &map, 300, 160);
    assert!(count.booked > 100 && count.moving > 100, "{count:?} is too little to mean anything");
}
