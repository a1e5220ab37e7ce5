//! Random fleets, random days: the search chooses what trying everything chooses, and every schedule
//! passes the audit after every command.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use mukae_engine::insertion::Demand;
use mukae_engine::model::{
    AskOutcome, Asking, BookingState, Break, CancelReason, Constraint, DeclaredTrip, Driver, DriverKind, Limits, Offer,
    Request, ServiceDay, Shift, Tier, Wish,
};
use mukae_engine::schedule::audit::{Fault, audit, audit_frozen};
use mukae_engine::schedule::{Schedule, Task, Whereabouts};
use mukae_engine::{Answer, Command, Endogenous, Event, State, Work};
use mukae_units::{BookingId, BreakId, DriverId, Metres, Seats, ServiceId, ShiftId, Span, Time, TimeWindow, VehicleId};
use support::city::City;
use support::fleet::{
    ZONES, any_capacity, any_days, any_driver, any_needs, any_party, any_set, any_terms, any_zone_pairs, feature_names,
};
use support::town::{SERVICE, Town, at, midnight, policy, service};
use support::{Dice, brute};

/// How the drivers of a random day behave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Drivers {
    Punctual,
    /// Reports come up to some minutes late or not at all, positions jump, riders stay away.
    Unruly,
}

struct Day {
    dice: Dice,
    town: Town,
    now: Time,
    drivers: Drivers,
    /// Who is on board already may have to wait where a stop has gone; no promise breaks by it.
    had_cancellation: bool,
    /// Bookings an event called at risk, now or before.
    ever_at_risk: BTreeSet<BookingId>,
    /// No features, zones, hours or second service.
    is_plain: bool,
    quotes: usize,
    refusals: usize,
    /// What bound in refusals.
    bound: BTreeSet<Constraint>,
    /// When each driver was asked, by the test's own notes.
    asks: BTreeMap<DriverId, Vec<Time>>,
    rests: usize,
    taken_along: usize,
    answers: BTreeMap<AskOutcome, usize>,
    /// Asks nobody answers.
    silent: BTreeSet<BookingId>,
}

/// A second tenant's service, hours, zones and features.
fn settle(town: &mut Town, dice: &mut Dice) {
    for node in 0..town.city.node_count() {
        town.city.zones[node] = any_set(dice, ZONES, 50);
    }
    for (feature, name) in feature_names() {
        town.expect_noted(midnight(), Command::NameFeature { feature, name });
    }
    let mut other = town.dispatcher.state().services[&SERVICE].clone();
    other.id = ServiceId(2);
    other.policy.dwell.per_stop = Span::from_secs(dice.below(4) as i64 * 45);
    other.policy.dwell.per_party = Span::from_secs(dice.below(90) as i64);
    other.name = "tenants/u/services/s".into();
    for mut service in [town.dispatcher.state().services[&SERVICE].clone(), other] {
        if dice.chance(50) {
            service.days = any_days(dice, midnight());
        }
        if dice.chance(20) {
            service.zones = any_zone_pairs(dice);
        }
        town.expect_noted(midnight(), Command::SetService(service));
    }
}

impl Day {
    fn new(seed: u64, drivers: Drivers) -> Day {
        let mut dice = Dice::new(seed);
        let node_count = 5 + dice.below(12) as usize;
        let city = City::random(&mut dice, node_count);
        let mut service = service();
        service.dwell.per_party = Span::from_secs(dice.below(60) as i64);
        service.dwell.per_wheelchair = Span::from_secs(dice.below(120) as i64);
        service.dwell.per_stop = Span::from_secs(dice.below(3) as i64 * 30);
        service.promise_width = Span::from_mins(1 + dice.below(15) as i64);
        if dice.chance(15) {
            service.notice_min = Span::from_mins(dice.below(30) as i64);
        }
        if dice.chance(25) {
            service.limits = Limits::Soft { pickup_late: 40, dropoff_late: 100, ride_over: 30 };
        }
        let mut policy = policy();
        policy.freeze_horizon = Span::from_mins(dice.below(4) as i64);
        policy.ask_timeout = Span::from_secs(dice.below(600) as i64);
        // any order of what a minute is worth to whom: bounds must not count on one
        if dice.chance(60) {
            policy.cost.driving = dice.below(4) as i64 * 10;
            policy.cost.rider_wait = dice.below(4) as i64 * 15;
            policy.cost.excess_ride = dice.below(5) as i64 * 15;
        }
        policy.cost.driver_time = dice.below(3) as i64 * 10;
        policy.cost.wait_on_board = dice.below(2) as i64 * 15;
        policy.wait_on_board_max = Span::from_mins(dice.below(8) as i64);
        let mut town = Town::new(city, policy, service);
        let is_plain = dice.chance(30);
        if !is_plain {
            settle(&mut town, &mut dice);
        }
        for vehicle in 1..=1 + dice.below(4) as u32 {
            let node = dice.below(node_count as u64) as usize;
            if is_plain {
                town.add_vehicle(vehicle, node, Seats::new(1 + dice.below(5) as u8, dice.below(2) as u8));
                continue;
            }
            let breaks = breaks(&mut dice, &town);
            town.register(vehicle, any_capacity(&mut dice), any_terms(&mut dice, 2));
            let window = TimeWindow::new(at("06:00"), at("22:00")).expect("in order");
            let shift = any_driver(&mut dice, Shift { breaks, ..town.shift(vehicle, vehicle, node, window) });
            let open = Command::OpenShift { shift: shift.id, at: midnight() };
            if town.tell(midnight(), Command::PlanShift(shift)) == Answer::Noted {
                town.expect_noted(midnight(), open);
            }
        }
        if !is_plain {
            for volunteer in 10..11 + dice.below(3) as u32 {
                add_volunteer(&mut dice, &mut town, volunteer);
            }
        }
        let now = at("07:00");
        let (ever_at_risk, asks, answers) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
        Day {
            dice,
            town,
            now,
            drivers,
            ever_at_risk,
            had_cancellation: false,
            is_plain,
            quotes: 0,
            refusals: 0,
            bound: BTreeSet::new(),
            asks,
            rests: 0,
            taken_along: 0,
            answers,
            silent: BTreeSet::new(),
        }
    }

    fn tell(&mut self, command: Command) -> Answer {
        let before = self.town.dispatcher.state().clone();
        let decision = self.town.take(self.now, &command);
        self.note(&before, &decision.events);
        self.audit();
        decision.answer
    }

    fn note(&mut self, before: &State, events: &[Event]) {
        for event in events {
            match event {
                Event::Endogenous(Endogenous::PromiseAtRisk { booking, .. }) => _ = self.ever_at_risk.insert(*booking),
                Event::Endogenous(Endogenous::DriverAsked { booking, driver, deadline, .. }) => {
                    assert!(self.now <= *deadline);
                    let asked_before = before.bookings.get(booking).is_some_and(|old| old.asked.contains(driver));
                    assert!(!asked_before, "{driver} is asked again about {booking}");
                    self.check_may_be_asked(*driver);
                    self.asks.entry(*driver).or_default().push(self.now);
                }
                Event::Endogenous(Endogenous::AskEnded { booking, outcome, .. }) => {
                    self.silent.remove(booking);
                    *self.answers.entry(*outcome).or_default() += 1;
                }
                _ => {}
            }
        }
        let (policy, after) = (before.policy.expect("a town has a policy"), self.town.dispatcher.state());
        for (shift, schedule) in &after.schedules {
            let Some(old) = before.schedules.get(shift).filter(|old| old.plan != schedule.plan) else { continue };
            if schedule.stops().len() > old.stops().len() {
                let faults = audit_frozen(old, schedule, &policy, self.now);
                assert!(faults.is_empty(), "{faults:?} at {:?} from {old:#?} to {schedule:#?}", self.now);
                self.taken_along += usize::from(schedule.plan.route.is_some());
            }
        }
    }

    /// By the letter: a cool-down since the last ask, and fewer asks than allowed in the last seven days.
    fn check_may_be_asked(&self, driver: DriverId) {
        let rules = &self.town.dispatcher.state().drivers[&driver];
        assert_eq!(rules.kind, DriverKind::Volunteer);
        let asks = self.asks.get(&driver).map_or(&[][..], Vec::as_slice);
        assert!(asks.iter().all(|&ask| self.now - ask >= rules.cooldown), "{driver} is in cool-down at {:?}", self.now);
        let recent = asks.iter().filter(|&&ask| self.now - ask < Span::DAY * 7).count();
        assert!(recent < rules.asks_per_week_max as usize, "{driver} was asked {recent} times at {:?}", self.now);
    }

    /// Whether a schedule's driver can be asked now is what the notes say.
    fn check_asking(&self, schedule: &Schedule) {
        let state = self.town.dispatcher.state();
        let Some(driver) = schedule.shift.driver.map(|driver| &state.drivers[&driver]) else {
            return assert_eq!(schedule.asking, Asking::Unneeded);
        };
        let asks = self.asks.get(&driver.id).map_or(&[][..], Vec::as_slice);
        let recent = asks.iter().filter(|&&ask| self.now - ask < Span::DAY * 7).count();
        let rested = asks.iter().all(|&ask| self.now - ask >= driver.cooldown);
        let may = rested && recent < driver.asks_per_week_max as usize;
        match schedule.asking {
            Asking::Unneeded => {
                let of_trip = schedule.shift.declared.map_or(Tier::T3, |declared| declared.tier);
                assert!(driver.kind == DriverKind::Employed || driver.tier.min(of_trip) == Tier::T3);
            }
            Asking::From(from) => assert_eq!(from <= self.now, may, "{driver:?} asked at {asks:?}"),
            Asking::Never => assert_eq!(driver.asks_per_week_max, 0),
        }
    }

    fn audit(&mut self) {
        let state = self.town.dispatcher.state().clone();
        let policy = state.policy.expect("a town has a policy");
        for schedule in state.schedules.values() {
            self.check_asking(schedule);
            for fault in audit(schedule, &policy, self.now, &mut self.town.city) {
                let is_excused = match fault {
                    Fault::PickupLate { booking, .. } => state.bookings[&booking].at_risk.pickup,
                    Fault::DropoffLate { booking, .. } => state.bookings[&booking].at_risk.dropoff,
                    Fault::RideTooLong { booking, .. } => state.bookings[&booking].at_risk.ride,
                    // once the party before has boarded, its part of the stop's service counts as waiting, too
                    Fault::WaitsWithRiders { stop_idx: 0, .. } if schedule.stops()[0].joins => true,
                    Fault::WaitsWithRiders { .. } => self.had_cancellation || self.drivers == Drivers::Unruly,
                    Fault::EndsLate { .. } => self.drivers == Drivers::Unruly,
                    Fault::BreakLate { id, .. } => schedule
                        .stops()
                        .iter()
                        .any(|stop| matches!(stop.task, Task::Break { id: this, is_at_risk: true, .. } if this == id)),
                    Fault::DetourTime { .. } | Fault::DetourLength { .. } => {
                        schedule.plan.route.as_ref().is_some_and(|route| route.is_exceeded)
                    }
                    _ => false,
                };
                assert!(is_excused, "{fault} at {:?} in {schedule:#?}", self.now);
                assert!(
                    self.drivers == Drivers::Unruly || matches!(fault, Fault::WaitsWithRiders { .. }),
                    "nobody is late, yet {fault} in {schedule:#?}"
                );
            }
        }
    }

    fn step(&mut self) {
        match self.dice.below(11) {
            0..=4 => self.quote(),
            5 => self.cancel(),
            6 => self.meddle(),
            _ => self.drive(),
        }
    }

    fn quote(&mut self) {
        let node_count = self.town.city.node_count() as u64;
        let (from, to) = (self.dice.below(node_count) as usize, self.dice.below(node_count) as usize);
        let earliest = self.now + Span::from_secs(self.dice.below(5400) as i64 - 300);
        let window = TimeWindow::new(earliest, earliest + Span::from_secs(self.dice.below(2400) as i64));
        let window = window.expect("in order");
        let wish = if self.dice.chance(40) { Wish::ArriveBy(window) } else { Wish::DepartAfter(window) };
        let party = match self.is_plain {
            true => Seats::new(self.dice.below(3) as u8, u8::from(self.dice.chance(15))),
            false => any_party(&mut self.dice),
        };
        if party.is_empty() {
            return;
        }
        let mut request = self.town.request(from, to, party, wish);
        if !self.is_plain {
            request.needs = any_needs(&mut self.dice);
            request.service = ServiceId(1 + self.dice.below(2) as u32);
        }
        let best = self.compare_with_brute_force(&request);
        self.quotes += 1;
        match self.tell(Command::Quote(request)) {
            Answer::Offered(offer) => {
                let best = best.unwrap_or_else(|| panic!("nothing fits, yet {offer:?}"));
                assert_eq!((offer.cost, offer.shift, offer.pickup), (best.cost, best.shift, best.pickup));
                self.check_hours(&offer);
                if self.dice.chance(80) {
                    let answer = self.tell(Command::ConfirmOffer { offer: offer.id });
                    let is_made = matches!(answer, Answer::Confirmed(_) | Answer::AwaitingDriver(_));
                    assert!(is_made, "nothing came between: {answer:?}");
                }
            }
            Answer::Refused(refusal) => {
                self.refusals += 1;
                assert!(!refusal.binding.is_empty());
                assert_eq!(best, None, "it fits, yet {refusal:?}");
                self.bound.extend(refusal.binding.iter().map(|binding| binding.constraint));
            }
            other => panic!("a quote is answered with {other:?}"),
        }
    }

    /// Tries every part of the wish that lies in the hours by both, in their order, and returns what fits
    /// the first that anything fits.
    fn compare_with_brute_force(&mut self, request: &Request) -> Option<brute::Best> {
        let state = self.town.dispatcher.state().clone();
        let policy = state.policy.expect("a town has a policy");
        let service = &state.services[&request.service];
        if !brute::is_carried(request, service) {
            return None;
        }
        let demand = Demand::of_request(self.now, request, &service.policy, &mut self.town.city).ok()?;
        let mut parts = service.open_hours(self.now, demand.pickup).unwrap_or_default();
        if matches!(request.wish, Wish::ArriveBy(_)) {
            parts.reverse();
        }
        let parts = parts.iter().map(|hours| demand.within(hours));
        let mut first = None;
        for demand in parts.flat_map(|demand| demand.close_to_deadline(&service.policy).into_iter().chain([demand])) {
            let schedules = state.schedules.values().map(|schedule| -> &Schedule { schedule });
            let fast = self.town.dispatcher.best_insertion(self.now, &demand, &mut Work::new(&mut self.town.city));
            let slow = brute::best(self.now, &demand, &policy, schedules, &state.vehicles, &mut self.town.city);
            assert_eq!(fast.map(brute::Best::from), slow, "for {demand:?} at {:?} in {:#?}", self.now, state.schedules);
            first = first.or(slow);
        }
        first
    }

    /// Nobody is promised a pickup outside the hours, or offered one that was to be asked for at another time.
    fn check_hours(&self, offer: &Offer) {
        let days = &self.town.dispatcher.state().services[&offer.request.service].days;
        let is_open = |day: &&ServiceDay| {
            day.pickups.contains(offer.promise.pickup.earliest())
                && day.pickups.contains(offer.promise.pickup.latest())
                && (day.bookable_from..=day.bookable_until).contains(&self.now)
                && offer.expires <= day.bookable_until
        };
        assert!(days.is_empty() || days.iter().any(|day| is_open(&day)), "{offer:?} in {days:?}");
    }

    /// Staff pin and freeze, drivers answer.
    fn meddle(&mut self) {
        let state = self.town.dispatcher.state().clone();
        let asked: Vec<BookingId> =
            state.bookings.values().filter(|booking| booking.ask.is_some()).map(|booking| booking.id).collect();
        if let Some(&booking) = asked.first() {
            return self.answer(booking);
        }
        let schedules: Vec<_> = state.schedules.values().collect();
        let schedule = schedules[self.dice.below(schedules.len() as u64) as usize];
        let command = match schedule.stops().get(self.dice.below(6) as usize) {
            Some(stop) if self.dice.chance(50) => {
                Command::FreezeStops { shift: schedule.shift.id, through: Some(stop.id) }
            }
            Some(stop) if stop.booking.is_some() => {
                Command::PinBooking { booking: stop.booking.expect("just seen"), pinned: self.dice.chance(50) }
            }
            _ => Command::FreezeStops { shift: schedule.shift.id, through: None },
        };
        assert_eq!(self.tell(command.clone()), Answer::Noted, "to {command:?}");
    }

    fn answer(&mut self, booking: BookingId) {
        let ask = self.town.dispatcher.state().bookings[&booking].ask.expect("it is open");
        let command = Command::AnswerAsk { booking, driver: ask.driver, accepted: self.dice.chance(70) };
        assert_eq!(self.tell(command.clone()), Answer::Noted, "to {command:?} at {:?}", self.now);
    }

    fn cancel(&mut self) {
        let live: Vec<BookingId> = self
            .town
            .dispatcher
            .state()
            .bookings
            .values()
            .filter(|booking| !booking.state.is_final() && booking.state != BookingState::Boarded)
            .map(|booking| booking.id)
            .collect();
        if live.is_empty() || !self.dice.chance(40) {
            return;
        }
        let booking = live[self.dice.below(live.len() as u64) as usize];
        self.had_cancellation = true;
        let answer = self.tell(Command::CancelBooking { booking, reason: CancelReason::Rider });
        assert!(matches!(answer, Answer::Cancelled(_)), "{answer:?}");
    }

    /// Lets the vehicle with the next thing to report do so, at its time.
    fn wait_until(&mut self, then: Time) {
        while let Some(due) = self.town.dispatcher.wakeup().filter(|&due| due <= then) {
            self.now = self.now.max(due);
            let before = self.town.dispatcher.state().clone();
            let decision = self.town.take(self.now, &Command::AdvanceClock);
            assert!(!decision.events.is_empty(), "woken at {due:?} for nothing");
            self.note(&before, &decision.events);
        }
        self.now = self.now.max(then);
        self.audit();
    }

    fn drive(&mut self) {
        let state = self.town.dispatcher.state();
        let next = state.schedules.values().filter_map(|schedule| {
            if schedule.next_stop()?.booking.is_some_and(|booking| self.silent.contains(&booking)) {
                return None; // the vehicle stands still until the ask is over
            }
            let first = *schedule.timeline(self.now).stops.first()?;
            let due = match schedule.plan.whereabouts {
                Whereabouts::Waiting { .. } => first.departure,
                Whereabouts::Driving { .. } => first.ready,
                Whereabouts::Serving { .. } => first.end,
            };
            Some((due, schedule.shift.id))
        });
        let Some((due, shift)) = next.min() else {
            return match self.town.dispatcher.wakeup() {
                Some(woken) if !self.silent.is_empty() => self.wait_until(woken),
                _ => {}
            };
        };
        if self.drivers == Drivers::Punctual
            && let Some(woken) = self.town.dispatcher.wakeup().filter(|&woken| woken < due)
        {
            return self.wait_until(woken); // an ask that is over may give somebody something to do before that
        }
        self.wait_until(due);
        if self.drivers == Drivers::Unruly {
            if self.dice.chance(30) {
                let pause = Span::from_secs(self.dice.below(600) as i64);
                self.wait_until(self.now + pause);
            }
            if self.dice.chance(15) {
                return self.jump(shift);
            }
            if self.dice.chance(10) {
                self.tell(Command::AdvanceClock);
                return;
            }
        }
        self.report(shift);
    }

    fn report(&mut self, shift: ShiftId) {
        let state = self.town.dispatcher.state();
        let schedule = &state.schedules[&shift];
        let Some(&stop) = schedule.next_stop() else { return }; // an ask was over meanwhile
        let at = self.now;
        let booking = stop.booking.unwrap_or(BookingId(0));
        if state.bookings.get(&booking).is_some_and(|booking| booking.ask.is_some()) {
            return match self.dice.chance(75) {
                true => self.answer(booking),
                false => _ = self.silent.insert(booking),
            };
        }
        let is_no_show = self.drivers == Drivers::Unruly && self.dice.chance(10);
        let command = match (schedule.plan.whereabouts, stop.task) {
            (Whereabouts::Waiting { .. }, _) => Command::Depart { shift, stop: stop.id, at },
            (Whereabouts::Driving { .. }, _) => Command::Arrive { shift, stop: stop.id, at },
            (Whereabouts::Serving { .. }, Task::Pickup { window, .. }) if is_no_show => {
                let patience = window.earliest().max(at) + Span::from_mins(3);
                self.wait_until(patience);
                Command::ReportNoShow { booking, at: self.now }
            }
            (Whereabouts::Serving { .. }, Task::Pickup { .. }) => Command::Board { booking, at },
            (Whereabouts::Serving { .. }, Task::Dropoff { .. }) => Command::Alight { booking, at },
            (Whereabouts::Serving { .. }, Task::Break { .. }) => {
                self.rests += 1;
                Command::EndBreak { shift, stop: stop.id, at }
            }
        };
        let answer = self.tell(command.clone());
        assert_eq!(answer, Answer::Noted, "to {command:?}");
    }

    /// A position somewhere else: the driver took another road.
    fn jump(&mut self, shift: ShiftId) {
        let node = self.dice.below(self.town.city.node_count() as u64) as usize;
        let place = self.town.city.place(node);
        let answer = self.tell(Command::ReportPosition { vehicle: VehicleId(shift.0), place, observed_at: self.now });
        assert_eq!(answer, Answer::Noted);
    }
}

/// None to two breaks somewhere in the town.
fn breaks(dice: &mut Dice, town: &Town) -> Vec<Break> {
    let mut earliest = at("07:10");
    let mut breaks = Vec::new();
    for number in 0..dice.below(3) as u32 {
        earliest += Span::from_mins(20 + dice.below(90) as i64);
        let latest = earliest + Span::from_mins(25 + dice.below(60) as i64);
        let place = town.city.spot(dice.below(town.city.node_count() as u64) as usize);
        let length = Span::from_mins(10 + dice.below(30) as i64);
        let window = TimeWindow::new(earliest, latest).expect("in order");
        breaks.push(Break { id: BreakId(number), place, window, length });
        earliest = latest + length;
    }
    breaks
}

/// Somebody who drives through the town anyway.
fn add_volunteer(dice: &mut Dice, town: &mut Town, number: u32) {
    let nodes = town.city.node_count() as u64;
    let tiers = [Tier::T0, Tier::T1, Tier::T2, Tier::T3];
    let driver = Driver {
        id: DriverId(number),
        name: format!("d{number}"),
        kind: if dice.chance(85) { DriverKind::Volunteer } else { DriverKind::Employed },
        cooldown: Span::from_mins(dice.below(3) as i64 * 7),
        asks_per_week_max: dice.below(9) as u32,
        tier: tiers[dice.below(4) as usize],
    };
    town.expect_noted(midnight(), Command::RegisterDriver(driver));
    let (start, end) = (dice.below(nodes) as usize, town.city.spot(dice.below(nodes) as usize));
    let earliest = at("07:10") + Span::from_mins(dice.below(60) as i64);
    let window = TimeWindow::new(earliest, earliest + Span::from_mins(60 + dice.below(120) as i64)).expect("in order");
    let declared = DeclaredTrip {
        seats: Seats::new(1 + dice.below(3) as u8, 0),
        detour_max: Span::from_secs(dice.below(2400) as i64),
        detour_length_max: Metres::from_metres(dice.below(24_000)),
        tier: tiers[dice.below(4) as usize],
    };
    let is_declared = dice.chance(80);
    town.add_vehicle_with(number, start, Seats::new(4, 1), |shift: &mut Shift| {
        (shift.window, shift.end, shift.driver) = (window, Some(end), Some(DriverId(number)));
        shift.declared = Some(declared).filter(|_| is_declared);
    });
}

/// What these days have no occasion to refuse for: cities are connected, services look days ahead, and whoever would be on
/// board during a break is mostly stopped by something nearer first (`breaks.rs` has that one).
const UNMET: [Constraint; 3] = [Constraint::Horizon, Constraint::NoRoad, Constraint::BreakOnBoard];

fn run(seeds: std::ops::Range<u64>, steps: usize, drivers: Drivers) -> (usize, usize, usize) {
    let (mut quotes, mut refusals, mut at_risk) = (0, 0, 0);
    let mut bound = BTreeSet::new();
    let (mut rests, mut taken_along, mut answers) = (0, 0, BTreeMap::<AskOutcome, usize>::new());
    for seed in seeds {
        let day = std::panic::catch_unwind(|| {
            let mut day = Day::new(seed, drivers);
            for _ in 0..steps {
                day.step();
            }
            (day.quotes, day.refusals, day.ever_at_risk.len(), day.bound, (day.rests, day.taken_along, day.answers))
        });
        let Ok(day) = day else { panic!("seed {seed}, {drivers:?} drivers, {steps} steps") };
        quotes += day.0;
        refusals += day.1;
        at_risk += day.2;
        bound.extend(day.3);
        rests += day.4.0;
        taken_along += day.4.1;
        day.4.2.into_iter().for_each(|(outcome, count)| *answers.entry(outcome).or_default() += count);
    }
    assert!(rests > 50, "{rests} breaks were taken");
    assert!(taken_along > 50, "{taken_along} riders were taken along on declared trips");
    for outcome in [AskOutcome::Accepted, AskOutcome::Declined, AskOutcome::Expired] {
        assert!(answers.get(&outcome).is_some_and(|&count| count > 5), "asks ended so: {answers:?}");
    }
    let is_met = |constraint: &Constraint| bound.contains(constraint);
    let unmet: Vec<Constraint> = Constraint::ALL.into_iter().filter(|constraint| !is_met(constraint)).collect();
    assert_eq!(unmet, UNMET, "what no day refuses for");
    (quotes, refusals, at_risk)
}

/// A question about later, whose answer changed nothing, left the columns at that later time: the next question, at an
/// earlier one, found vehicles later than they are. What is kept from one question to the next never changes an answer.
#[test]
fn a_question_about_later_changes_no_answer() {
    let mut town = Town::new(City::draw("A--B--C--D--E 60s"), policy(), service());
    town.add_vehicle(1, 0, Seats::new(4, 0));
    let request = |town: &Town, from: usize, to: usize| {
        let window = TimeWindow::new(at("08:00"), at("09:30")).expect("in order");
        town.request(from, to, Seats::new(1, 0), Wish::DepartAfter(window))
    };
    let first = request(&town, 1, 2);
    let Answer::Confirmed(_) = town.tell(at("08:00"), Command::Book { request: first, by_hand: None }) else {
        panic!("there is nothing else to do")
    };
    let second = request(&town, 3, 4);
    let Town { mut city, dispatcher } = town;
    let demand = Demand::of_request(at("08:00"), &second, &service(), &mut city).expect("there is a road");
    let fresh = dispatcher.best_insertion(at("08:00"), &demand, &mut Work::new(&mut city));
    let mut roads = city.clone();
    let mut kept = Work::new(&mut roads);
    assert_ne!(dispatcher.best_insertion(at("08:40"), &demand, &mut kept), fresh, "it is later");
    assert_eq!(dispatcher.best_insertion(at("08:00"), &demand, &mut kept), fresh);
}

#[test]
fn punctual_days_break_no_promise_and_match_brute_force() {
    let (quotes, refusals, at_risk) = run(0..400, 120, Drivers::Punctual);
    assert!(quotes > 5_000, "{quotes} quotes are too few to mean anything");
    assert!(refusals * 10 > quotes && refusals * 10 < quotes * 9, "{refusals} of {quotes} refused: all alike");
    assert_eq!(at_risk, 0, "nobody is late");
}

#[test]
fn unruly_days_worsen_no_promise_in_silence_and_match_brute_force() {
    let (quotes, _, at_risk) = run(1_000..1_400, 120, Drivers::Unruly);
    assert!(quotes > 5_000, "{quotes} quotes are too few to mean anything");
    assert!(at_risk > 50, "{at_risk} promises at risk: the drivers are not unruly");
}
