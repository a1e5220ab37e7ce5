//! Random fleets, random days: the search chooses what trying everything chooses, and every schedule
//! passes the audit after every command.

mod support;

use std::collections::BTreeSet;

use mukae_engine::insertion::{Demand, best_insertion};
use mukae_engine::model::{
    Access, AccessPair, Alternative, BookingState, CancelReason, Choice, Hold, Limits, Offer, Relaxation, Request, Wish,
};
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
    offers: usize,
    holds: usize,
    relaxations: usize,
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
        let (ever_at_risk, had_cancellation) = (BTreeSet::new(), false);
        let (quotes, refusals, offers, holds, relaxations) = (0, 0, 0, 0, 0);
        Day { dice, town, now, drivers, ever_at_risk, had_cancellation, quotes, refusals, offers, holds, relaxations }
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
            6 if self.dice.chance(30) => self.settle_a_hold(),
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
        let mut request = self.town.request(from, to, party, wish);
        self.add_ways(&mut request);
        self.compare_with_brute_force(&request);
        self.quotes += 1;
        let best = self.brute_force(&request);
        match self.tell(Command::Quote(request.clone())) {
            Answer::Offered(offers) => {
                let (access, best) = best.expect("brute force finds it, too");
                assert_eq!((offers[0].access, offers[0].cost, offers[0].shift), (access, best.cost, best.shift));
                self.check_offers(&offers);
                self.choose(&offers);
            }
            Answer::Refused(refusal) => {
                self.refusals += 1;
                assert!(!refusal.binding.is_empty());
                assert_eq!(best, None, "brute force finds a way: {refusal:?}");
                self.check_relaxations(&request, &refusal.relaxations);
            }
            other => panic!("a quote is answered with {other:?}"),
        }
    }

    /// Some riders can walk to other places, want to choose, or to hear what else would do.
    fn add_ways(&mut self, request: &mut Request) {
        let node_count = self.town.city.node_count() as u64;
        for _ in 0..self.dice.below(3) {
            let spot = self.town.city.spot(self.dice.below(node_count) as usize);
            let access = Access { spot, walk: Span::from_secs(self.dice.below(900) as i64) };
            let is_origin = self.dice.chance(50);
            if is_origin { request.origin.push(access) } else { request.destination.push(access) }
        }
        if self.dice.chance(20) {
            request.arrive_latest = Some(request.wish.window().latest() + Span::from_mins(self.dice.below(40) as i64));
        }
        request.choice.offers_max = 1 + self.dice.below(5) as u8;
        request.choice.relaxations_max = if self.dice.chance(30) { 10 } else { 0 };
    }

    fn brute_force(&mut self, request: &Request) -> Option<(AccessPair, brute::Best)> {
        let state = self.town.dispatcher.state().clone();
        let rules = (&state.policy.expect("a town has a policy"), &state.services[&request.service].policy);
        let schedules = state.schedules.values().map(|schedule| -> &Schedule { schedule });
        brute::best_of_request(self.now, request, rules, schedules, &mut self.town.city)
    }

    /// Any two offers differ as they should, and each alone can be confirmed as it was made.
    fn check_offers(&mut self, offers: &[Offer]) {
        let width = self.town.dispatcher.state().services[&offers[0].request.service].policy.promise_width;
        assert!(offers.len() <= usize::from(offers[0].request.choice.offers_max));
        for (number, offer) in offers.iter().enumerate() {
            self.offers += 1;
            assert_eq!((offer.quote, offer.id.0), (offers[0].id, offers[0].id.0 + number as u64));
            assert_eq!(offer.alternative == Alternative::Best, number == 0);
            let begins = |offer: &Offer| offer.promise.pickup.earliest();
            for before in &offers[..number] {
                let differs = match offer.alternative {
                    Alternative::Best => false,
                    Alternative::Later => begins(before) + width <= begins(offer),
                    Alternative::Earlier => begins(offer) + width <= begins(before),
                    Alternative::OtherPlaces => offer.access != before.access,
                    Alternative::OtherVehicle => offer.shift != before.shift,
                };
                assert!(differs, "{offer:#?} is like {before:#?}");
            }
            let mut alone = self.town.clone();
            match alone.tell(self.now, Command::ConfirmOffer { offer: offer.id }) {
                Answer::Confirmed(booking) => {
                    assert_eq!((booking.promise, booking.access), (offer.promise, offer.access));
                    let is_kept = offer.alternative != Alternative::OtherVehicle || booking.shift == Some(offer.shift);
                    assert!(is_kept, "{booking:?} is not by the vehicle of {offer:?}");
                }
                other => panic!("{offer:#?} can not be confirmed: {other:?}"),
            }
            assert!(alone.dispatcher.state().offers.values().all(|other| other.quote != offer.quote));
        }
    }

    /// Confirms one, holds one, or leaves them all.
    fn choose(&mut self, offers: &[Offer]) {
        let offer = offers[self.dice.below(offers.len() as u64) as usize].id;
        if self.dice.chance(20) {
            let until = self.now + Span::from_secs(self.dice.below(180) as i64);
            let answer = self.tell(Command::HoldOffer { offer, until });
            assert!(matches!(answer, Answer::Held(_)), "nothing came between: {answer:?}");
            self.had_cancellation = true; // a hold that ends is one
            self.holds += 1;
        } else if self.dice.chance(80) {
            let answer = self.tell(Command::ConfirmOffer { offer });
            assert!(matches!(answer, Answer::Confirmed(_)), "nothing came between: {answer:?}");
        }
    }

    /// Whatever happened since, a held offer is confirmed, unless it is given back.
    fn settle_a_hold(&mut self) {
        let holds: Vec<Hold> = self.town.dispatcher.state().holds.values().copied().collect();
        let Some(hold) = holds.get(self.dice.below(holds.len().max(1) as u64) as usize) else { return };
        if self.dice.chance(30) {
            let answer = self.tell(Command::ReleaseHold { offer: hold.offer });
            assert_eq!(answer, Answer::Noted);
            assert!(!self.town.dispatcher.state().bookings.contains_key(&hold.booking));
        } else {
            let answer = self.tell(Command::ConfirmOffer { offer: hold.offer });
            let is_it = matches!(&answer, Answer::Confirmed(booking) if booking.id == hold.booking);
            assert!(is_it, "{hold:?} was held, yet {answer:?}");
        }
    }

    /// Each is accepted if asked at once; of time, a minute less is not.
    fn check_relaxations(&mut self, request: &Request, relaxations: &[Relaxation]) {
        let is_accepted = |relaxation: Relaxation| {
            let mut asked = relaxation.applied(request);
            asked.choice = Choice::ONE;
            let mut town = self.town.clone();
            matches!(town.tell(self.now, Command::Quote(asked)), Answer::Offered(_))
        };
        for &relaxation in relaxations {
            assert!(is_accepted(relaxation), "{relaxation:?} does not help {request:?}");
            let less = |by: Span| by - Span::MINUTE;
            let smaller = match relaxation {
                Relaxation::Later { by } => Relaxation::Later { by: less(by) },
                Relaxation::Earlier { by } => Relaxation::Earlier { by: less(by) },
                Relaxation::ArriveLater { by } => Relaxation::ArriveLater { by: less(by) },
                Relaxation::LongerRide { by } => Relaxation::LongerRide { by: less(by) },
                Relaxation::LongerWalk { by } => Relaxation::LongerWalk { by: less(by) },
                Relaxation::SmallerParty { kind, fewer } => Relaxation::SmallerParty { kind, fewer: fewer - 1 },
                Relaxation::DaysLater { days } => Relaxation::DaysLater { days: days - 1 },
            };
            assert!(!is_accepted(smaller), "{relaxation:?} is more than needed by {request:?}");
            self.relaxations += 1;
        }
    }

    fn compare_with_brute_force(&mut self, request: &Request) {
        let state = self.town.dispatcher.state().clone();
        let policy = state.policy.expect("a town has a policy");
        let service = state.services[&request.service].policy;
        let asked = Demand::of_request(self.now, request, AccessPair::FIRST, &service, &mut self.town.city);
        let Ok(demand) = asked else { return };
        let schedules = || state.schedules.values().map(|schedule| -> &Schedule { schedule });
        let fast = best_insertion(self.now, &demand, &policy, None, schedules(), &mut Work::new(&mut self.town.city));
        let slow = brute::best(self.now, &demand, &policy, schedules(), &mut self.town.city);
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
            .filter(|booking| !booking.state.is_final())
            .filter(|booking| !matches!(booking.state, BookingState::Boarded | BookingState::Held))
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

    /// The next report, by the plan as it is.
    fn due(&self) -> Option<(Time, ShiftId)> {
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
        next.min()
    }

    fn drive(&mut self) {
        let Some((due, shift)) = self.due() else { return };
        self.wait_until(due);
        if self.due() != Some((due, shift)) {
            return; // a hold has ended meanwhile, and the plan is another one
        }
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
        let Some(&stop) = schedule.next_stop() else { return }; // a hold has ended during the pause
        let at = self.now;
        let is_held = self.town.dispatcher.state().bookings[&stop.booking].state == BookingState::Held;
        if is_held && stop.is_pickup() && matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. }) {
            let offer = self.town.dispatcher.state().bookings[&stop.booking].offer;
            let answer = self.tell(Command::ConfirmOffer { offer });
            assert!(matches!(answer, Answer::Confirmed(_)), "{answer:?}");
            return;
        }
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

/// What the days of one kind met.
#[derive(Default, Debug)]
struct Met {
    quotes: usize,
    refusals: usize,
    at_risk: usize,
    offers: usize,
    holds: usize,
    relaxations: usize,
}

fn run(seeds: std::ops::Range<u64>, steps: usize, drivers: Drivers) -> Met {
    let mut met = Met::default();
    for seed in seeds {
        let day = std::panic::catch_unwind(|| {
            let mut day = Day::new(seed, drivers);
            for _ in 0..steps {
                day.step();
            }
            day
        });
        let Ok(day) = day else { panic!("seed {seed}, {drivers:?} drivers, {steps} steps") };
        met.quotes += day.quotes;
        met.refusals += day.refusals;
        met.at_risk += day.ever_at_risk.len();
        met.offers += day.offers;
        met.holds += day.holds;
        met.relaxations += day.relaxations;
    }
    let Met { quotes, offers, holds, relaxations, .. } = met;
    assert!(quotes > 5_000, "{met:?}: too few quotes to mean anything");
    assert!(offers > quotes && holds > 300 && relaxations > 300, "{met:?}: nothing to choose from");
    met
}

#[test]
fn punctual_days_break_no_promise_and_match_brute_force() {
    let Met { quotes, refusals, at_risk, .. } = run(0..150, 120, Drivers::Punctual);
    assert!(refusals * 10 > quotes && refusals * 10 < quotes * 9, "{refusals} of {quotes} refused: all alike");
    assert_eq!(at_risk, 0, "nobody is late");
}

#[test]
fn unruly_days_worsen_no_promise_in_silence_and_match_brute_force() {
    let met = run(1_000..1_150, 120, Drivers::Unruly);
    assert!(met.at_risk > 50, "{met:?}: the drivers are not unruly");
}
