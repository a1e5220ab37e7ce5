//! What must hold after every command, and what the search is compared with.

use crate::day::{Day, Drivers};
use crate::support::brute;
use mukae_engine::model::{
    AccessPair, Alternative, Asking, Binding, Choice, Constraint, DriverKind, Offer, Relaxation, Request, ServiceDay,
    Tier,
};
use mukae_engine::schedule::audit::{Fault, audit, audit_frozen};
use mukae_engine::schedule::{Schedule, Task};
use mukae_engine::{Answer, Command, Endogenous, Event, Placement, State, Work};
use mukae_units::{DriverId, Span};

impl Day {
    pub fn note(&mut self, before: &State, events: &[Event]) {
        self.calls.note(self.town.dispatcher.state(), self.now);
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
    pub fn check_may_be_asked(&self, driver: DriverId) {
        let rules = &self.town.dispatcher.state().drivers[&driver];
        assert_eq!(rules.kind, DriverKind::Volunteer);
        let asks = self.asks.get(&driver).map_or(&[][..], Vec::as_slice);
        assert!(asks.iter().all(|&ask| self.now - ask >= rules.cooldown), "{driver} is in cool-down at {:?}", self.now);
        let recent = asks.iter().filter(|&&ask| self.now - ask < Span::DAY * 7).count();
        assert!(recent < rules.asks_per_week_max as usize, "{driver} was asked {recent} times at {:?}", self.now);
    }

    /// Whether a schedule's driver can be asked now is what the notes say.
    pub fn check_asking(&self, schedule: &Schedule) {
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

    pub fn audit(&mut self) {
        if self.is_crooked {
            return;
        }
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

    /// What each place chosen by hand breaks, the nearest miss first, as the refusal of a request that fits nowhere should
    /// name it. Empty where a rule forbids it whatever the place, the rider has several ways, or the service's hours cut
    /// the wish in parts.
    pub fn misses(&mut self, request: &Request) -> Vec<Vec<Binding>> {
        if self.is_crooked {
            return Vec::new();
        }
        let state = self.town.dispatcher.state();
        let service = &state.services[&request.service];
        let asked = brute::asked(self.now, request, service, &mut self.town.city);
        let is_simple = service.days.is_empty() && request.access_pairs().len() == 1;
        let Some(demand) = asked.first().filter(|_| is_simple).map(|asked| asked.demand) else { return Vec::new() };
        let mut misses = Vec::new();
        let mut work = Work::new(&mut self.town.city);
        for schedule in state.schedules.values().filter(|schedule| schedule.may_take(&demand)) {
            let count = schedule.stops().len() as u32;
            for (pickup_idx, dropoff_idx) in (0..=count).flat_map(|i| (i..=count).map(move |j| (i, j))) {
                let placement = Placement { shift: schedule.shift.id, pickup_idx, dropoff_idx, overrules: false };
                let command = Command::Book { request: request.clone().into(), by_hand: Some(placement) };
                let decision = self.town.dispatcher.decide(self.now, &command, &mut work);
                if let Answer::Refused(refusal) = decision.answer {
                    misses.push(refusal.binding);
                }
            }
        }
        let bits = |binding: &[Binding]| binding.iter().fold(0_u32, |bits, one| bits | 1 << one.constraint as u8);
        let by = |binding: &[Binding]| binding.iter().filter_map(|one| one.shortfall).sum::<Span>();
        let lacks_road = |binding: &[Binding]| binding.iter().any(|one| one.constraint == Constraint::NoRoad);
        // stable: of several that are equally near, the first
        misses.sort_by_key(|binding| (lacks_road(binding), binding.len(), by(binding), bits(binding)));
        misses
    }

    /// The search against brute force at every pair of meeting points and in all hours, and what is best of all.
    pub fn brute_force(&mut self, request: &Request) -> Option<(AccessPair, brute::Best)> {
        let state = self.town.dispatcher.state().clone();
        let policy = state.policy.expect("a town has a policy");
        let service = &state.services[&request.service];
        let asked = brute::asked(self.now, request, service, &mut self.town.city);
        let supply = state.supply.as_ref();
        brute::best_of_request(request, &asked, service, |demand| {
            let schedules = state.schedules.values().map(|schedule| -> &Schedule { schedule });
            let fast = self.town.dispatcher.best_insertion(self.now, demand, &mut Work::new(&mut self.town.city));
            let mut kept = Work::with(&mut self.town.city, std::mem::take(&mut self.town.memory));
            let again = self.town.dispatcher.best_insertion(self.now, demand, &mut kept);
            self.town.memory = kept.into_memory();
            assert_eq!(again, fast, "what is kept from question to question changes no answer");
            let slow =
                brute::best(self.now, demand, (&policy, supply), schedules, &state.vehicles, &mut self.town.city);
            self.held += usize::from(slow.is_some_and(|slow| slow.is_held));
            assert_eq!(fast.map(brute::Best::from), slow, "for {demand:?} at {:?} in {:#?}", self.now, state.schedules);
            slow
        })
    }

    /// Any two offers differ as they should, and each alone can be confirmed as it was made.
    pub fn check_offers(&mut self, offers: &[Offer]) {
        if self.is_crooked {
            return;
        }
        let width = self.town.dispatcher.state().services[&offers[0].request.service].policy.promise_width;
        assert!(offers.len() <= usize::from(offers[0].request.choice.offers_max));
        for (number, offer) in offers.iter().enumerate() {
            self.offers += 1;
            self.check_hours(offer);
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
                Answer::Confirmed(booking) | Answer::AwaitingDriver(booking) => {
                    assert_eq!((booking.promise, booking.access), (offer.promise, offer.access));
                    let is_kept = offer.alternative != Alternative::OtherVehicle || booking.shift == Some(offer.shift);
                    assert!(is_kept, "{booking:?} is not by the vehicle of {offer:?}");
                }
                other => panic!("{offer:#?} can not be confirmed: {other:?}"),
            }
            assert!(alone.dispatcher.state().offers.values().all(|other| other.quote != offer.quote));
        }
    }

    /// Each is accepted if asked at once; of time, a minute less is not.
    pub fn check_relaxations(&mut self, request: &Request, relaxations: &[Relaxation]) {
        let is_accepted = |relaxation: Relaxation| {
            let mut asked = relaxation.applied(request);
            asked.choice = Choice::ONE;
            let mut town = self.town.clone();
            matches!(town.tell(self.now, Command::Quote(asked.into())), Answer::Offered(_))
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

    /// Nobody is promised a pickup outside the hours, or offered one that was to be asked for at another time.
    pub fn check_hours(&self, offer: &Offer) {
        let days = &self.town.dispatcher.state().services[&offer.request.service].days;
        let is_open = |day: &&ServiceDay| {
            day.pickups.contains(offer.promise.pickup.earliest())
                && day.pickups.contains(offer.promise.pickup.latest())
                && (day.bookable_from..=day.bookable_until).contains(&self.now)
                && offer.expires <= day.bookable_until
        };
        assert!(days.is_empty() || days.iter().any(|day| is_open(&day)), "{offer:?} in {days:?}");
    }
}
