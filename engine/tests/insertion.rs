//! Random fleets, random days: the search chooses what trying everything chooses, and every schedule
//! passes the audit after every command.

mod support;

use std::collections::BTreeSet;

use mukae_engine::insertion::Demand;
use mukae_engine::model::{BookingState, CancelReason, Limits, Wish};
use mukae_engine::schedule::audit::{Fault, audit};
use mukae_engine::schedule::{Schedule, Task, Whereabouts};
use mukae_engine::{Answer, Command, Endogenous, Event, Work};
use mukae_units::{BookingId, Seats, ShiftId, Span, Time, TimeWindow, VehicleId};
use support::city::City;
use support::town::{Town, at, policy, service};
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
    quotes: usize,
    refusals: usize,
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
        if dice.chance(25) {
            service.limits = Limits::Soft { pickup_late: 40, dropoff_late: 100, ride_over: 30 };
        }
        let mut policy = policy();
        policy.cost.driver_time = dice.below(3) as i64 * 10;
        policy.cost.wait_on_board = dice.below(2) as i64 * 15;
        let mut town = Town::new(city, policy, service);
        for vehicle in 1..=1 + dice.below(4) as u32 {
            let node = dice.below(node_count as u64) as usize;
            town.add_vehicle(vehicle, node, Seats::new(1 + dice.below(5) as u8, dice.below(2) as u8));
        }
        let now = at("07:00");
        Day { dice, town, now, drivers, ever_at_risk: BTreeSet::new(), had_cancellation: false, quotes: 0, refusals: 0 }
    }

    fn tell(&mut self, command: Command) -> Answer {
        let decision = self.town.take(self.now, &command);
        for event in &decision.events {
            if let Event::Endogenous(Endogenous::PromiseAtRisk { booking, .. }) = event {
                self.ever_at_risk.insert(*booking);
            }
        }
        self.audit();
        decision.answer
    }

    fn audit(&mut self) {
        let state = self.town.dispatcher.state().clone();
        let policy = state.policy.expect("a town has a policy");
        for schedule in state.schedules.values() {
            for fault in audit(schedule, &policy, self.now, &mut self.town.city) {
                let is_excused = match fault {
                    Fault::PickupLate { booking, .. } => state.bookings[&booking].at_risk.pickup,
                    Fault::DropoffLate { booking, .. } => state.bookings[&booking].at_risk.dropoff,
                    Fault::RideTooLong { booking, .. } => state.bookings[&booking].at_risk.ride,
                    Fault::WaitsWithRiders { .. } => self.had_cancellation || self.drivers == Drivers::Unruly,
                    Fault::EndsLate { .. } => self.drivers == Drivers::Unruly,
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
        match self.dice.below(10) {
            0..=4 => self.quote(),
            5 => self.cancel(),
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
        let party = Seats::new(self.dice.below(3) as u8, u8::from(self.dice.chance(15)));
        if party.is_empty() {
            return;
        }
        let request = self.town.request(from, to, party, wish);
        self.compare_with_brute_force(&request);
        self.quotes += 1;
        match self.tell(Command::Quote(request)) {
            Answer::Offered(offer) => {
                if self.dice.chance(80) {
                    let answer = self.tell(Command::ConfirmOffer { offer: offer.id });
                    assert!(matches!(answer, Answer::Confirmed(_)), "nothing came between: {answer:?}");
                }
            }
            Answer::Refused(refusal) => {
                self.refusals += 1;
                assert!(!refusal.binding.is_empty());
            }
            other => panic!("a quote is answered with {other:?}"),
        }
    }

    fn compare_with_brute_force(&mut self, request: &mukae_engine::model::Request) {
        let state = self.town.dispatcher.state().clone();
        let policy = state.policy.expect("a town has a policy");
        let service = state.services[&request.service].policy;
        let Ok(demand) = Demand::of_request(self.now, request, &service, &mut self.town.city) else { return };
        let schedules = state.schedules.values().map(|schedule| -> &Schedule { schedule });
        let fast = self.town.dispatcher.best_insertion(self.now, &demand, &mut Work::new(&mut self.town.city));
        let slow = brute::best(self.now, &demand, &policy, schedules, &mut self.town.city);
        let fast = fast.map(|found| brute::Best {
            cost: found.cost,
            shift: found.shift,
            pickup_idx: found.pickup_idx,
            dropoff_idx: found.dropoff_idx,
            pickup: found.pickup,
            dropoff: found.dropoff,
        });
        assert_eq!(fast, slow, "for {demand:?} at {:?} in {:#?}", self.now, state.schedules);
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
            let decision = self.town.take(self.now, &Command::AdvanceClock);
            assert!(!decision.events.is_empty(), "woken at {due:?} for nothing");
            for event in &decision.events {
                if let Event::Endogenous(Endogenous::PromiseAtRisk { booking, .. }) = event {
                    self.ever_at_risk.insert(*booking);
                }
            }
        }
        self.now = self.now.max(then);
        self.audit();
    }

    fn drive(&mut self) {
        let state = self.town.dispatcher.state();
        let next = state.schedules.values().filter_map(|schedule| {
            let first = *schedule.timeline(self.now).stops.first()?;
            let due = match schedule.plan.whereabouts {
                Whereabouts::Waiting { .. } => first.departure,
                Whereabouts::Driving { .. } => first.ready,
                Whereabouts::Serving { .. } => first.end,
            };
            Some((due, schedule.shift.id))
        });
        let Some((due, shift)) = next.min() else { return };
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
        let schedule = &self.town.dispatcher.state().schedules[&shift];
        let stop = *schedule.next_stop().expect("it has something to do");
        let at = self.now;
        let is_no_show = self.drivers == Drivers::Unruly && self.dice.chance(10);
        let command = match (schedule.plan.whereabouts, stop.task) {
            (Whereabouts::Waiting { .. }, _) => Command::Depart { shift, stop: stop.id, at },
            (Whereabouts::Driving { .. }, _) => Command::Arrive { shift, stop: stop.id, at },
            (Whereabouts::Serving { .. }, Task::Pickup { window, .. }) if is_no_show => {
                let patience = window.earliest().max(at) + Span::from_mins(3);
                self.wait_until(patience);
                Command::ReportNoShow { booking: stop.booking, at: self.now }
            }
            (Whereabouts::Serving { .. }, Task::Pickup { .. }) => Command::Board { booking: stop.booking, at },
            (Whereabouts::Serving { .. }, Task::Dropoff { .. }) => Command::Alight { booking: stop.booking, at },
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

fn run(seeds: std::ops::Range<u64>, steps: usize, drivers: Drivers) -> (usize, usize, usize) {
    let (mut quotes, mut refusals, mut at_risk) = (0, 0, 0);
    for seed in seeds {
        let day = std::panic::catch_unwind(|| {
            let mut day = Day::new(seed, drivers);
            for _ in 0..steps {
                day.step();
            }
            (day.quotes, day.refusals, day.ever_at_risk.len())
        });
        let Ok(day) = day else { panic!("seed {seed}, {drivers:?} drivers, {steps} steps") };
        quotes += day.0;
        refusals += day.1;
        at_risk += day.2;
    }
    (quotes, refusals, at_risk)
}

#[test]
fn punctual_days_break_no_promise_and_match_brute_force() {
    let (quotes, refusals, at_risk) = run(0..150, 120, Drivers::Punctual);
    assert!(quotes > 5_000, "{quotes} quotes are too few to mean anything");
    assert!(refusals * 10 > quotes && refusals * 10 < quotes * 9, "{refusals} of {quotes} refused: all alike");
    assert_eq!(at_risk, 0, "nobody is late");
}

#[test]
fn unruly_days_worsen_no_promise_in_silence_and_match_brute_force() {
    let (quotes, _, at_risk) = run(1_000..1_150, 120, Drivers::Unruly);
    assert!(quotes > 5_000, "{quotes} quotes are too few to mean anything");
    assert!(at_risk > 50, "{at_risk} promises at risk: the drivers are not unruly");
}
