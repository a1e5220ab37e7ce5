//! A random day of a random town: who asks for what, and what drivers answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::Dice;
use crate::support::brute::to_call;
use crate::support::calls::Calls;
use crate::support::city::City;
use crate::support::fleet::{
    ZONES, any_capacity, any_crews, any_days, any_driver, any_needs, any_on_call, any_party, any_set, any_tariff,
    any_terms, any_zone_pairs, feature_names,
};
use crate::support::town::{SERVICE, Town, at, midnight, policy, service};
use mukae_engine::model::{
    Access, Anticipation, AskOutcome, Asking, BookingState, Break, CancelReason, Constraint, CoverageRule,
    DeclaredTrip, Driver, DriverKind, Hold, Limits, Offer, Outlook, Reposition, RepositionRule, Request, Shift,
    SupplyRules, Terms, Tier, Wish,
};
use mukae_engine::schedule::Whereabouts;
use mukae_engine::{Answer, Command, Rejection, State};
use mukae_units::{BookingId, BreakId, DriverId, Metres, Seats, ServiceId, Span, Time, TimeWindow};

/// How the drivers of a random day behave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Drivers {
    Punctual,
    /// Reports come up to some minutes late or not at all, positions jump, riders stay away.
    Unruly,
}

pub struct Day {
    pub dice: Dice,
    pub town: Town,
    pub now: Time,
    pub drivers: Drivers,
    pub is_crooked: bool,
    /// Who is on board already may have to wait where a stop has gone; no promise breaks by it.
    pub had_cancellation: bool,
    /// Bookings an event called at risk, now or before.
    pub ever_at_risk: BTreeSet<BookingId>,
    /// No features, zones, hours or second service.
    pub is_plain: bool,
    pub quotes: usize,
    pub refusals: usize,
    pub offers: usize,
    pub holds: usize,
    pub relaxations: usize,
    /// Refusals whose nearest miss was looked for place by place.
    pub nearest: usize,
    /// What bound in refusals.
    pub bound: BTreeSet<Constraint>,
    /// When each driver was asked, by the test's own notes.
    pub asks: BTreeMap<DriverId, Vec<Time>>,
    pub rests: usize,
    /// Insertions that hold boardings back.
    pub held: usize,
    pub taken_along: usize,
    pub answers: BTreeMap<AskOutcome, usize>,
    pub calls: Calls,
    /// Offers of a ride whose driver would have to be called.
    pub offered_to_call: usize,
    /// Asks nobody answers.
    pub silent: BTreeSet<BookingId>,
    /// Set where vehicles go ahead of demand.
    foresight: Option<Dice>,
    /// Vehicles sent ahead, and those turned on the way for a rider.
    pub sent: usize,
    pub turned: usize,
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
        service.policy.party_max = dice.chance(30).then_some(2);
        if dice.chance(20) {
            service.policy.crews = any_crews(dice);
        }
        service.tariff = dice.chance(50).then(|| any_tariff(dice));
        town.expect_noted(midnight(), Command::SetService(service.into()));
    }
}

impl Day {
    /// On roads where a vehicle may gain by turning round, only the search is compared with brute force.
    pub fn on_crooked_roads(seed: u64, drivers: Drivers) -> Day {
        Day::on(seed, drivers, true)
    }

    pub fn new(seed: u64, drivers: Drivers) -> Day {
        Day::on(seed, drivers, false)
    }

    /// Rides may hardly be longer than straight and nobody likes to stand still, but most people do not mind when they
    /// leave: the more often boardings have to be held back.
    pub fn of_tight_rides(seed: u64, drivers: Drivers) -> Day {
        let mut day = Day::on(seed, drivers, seed.is_multiple_of(4));
        let (extra, wait_max) =
            (Span::from_secs(day.dice.below(300) as i64), Span::from_secs(day.dice.below(120) as i64));
        let is_standing_forbidden = day.dice.chance(60);
        let width = Span::from_mins(15 + day.dice.below(45) as i64);
        day.town.change_service(|service| {
            service.policy.ride.extra = extra;
            service.policy.promise_width = width;
        });
        let mut policy = day.town.dispatcher.state().policy.expect("a town has a policy");
        policy.wait_on_board_max = if is_standing_forbidden { Span::ZERO } else { wait_max };
        day.town.expect_noted(midnight(), Command::SetPolicy(policy));
        day
    }

    /// Vehicles go where they are likely to be wanted.
    pub fn with_foresight(seed: u64, drivers: Drivers) -> Day {
        Day { foresight: Some(Dice::new(seed ^ 0xF0E5)), ..Day::on(seed, drivers, seed.is_multiple_of(5)) }
    }

    fn on(seed: u64, drivers: Drivers, is_crooked: bool) -> Day {
        let mut dice = Dice::new(seed);
        let node_count = 5 + dice.below(12) as usize;
        let mut city = City::random(&mut dice, node_count);
        if is_crooked {
            city.make_crooked(&mut dice);
        }
        let mut service = service();
        service.dwell.per_party = Span::from_secs(dice.below(60) as i64);
        service.dwell.per_wheelchair = Span::from_secs(dice.below(120) as i64);
        service.dwell.per_stop = Span::from_secs(dice.below(3) as i64 * 30);
        service.promise_width = Span::from_mins(1 + dice.below(15) as i64);
        if drivers == Drivers::Unruly && dice.chance(25) {
            service.ride.extra = Span::from_secs(dice.below(200) as i64);
            service.ride.factor_permille = 1000 + dice.below(200) as u32;
            service.promise_width = Span::from_secs(60 + dice.below(400) as i64);
        }
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
            if town.tell(midnight(), Command::PlanShift(shift.into())) == Answer::Noted {
                town.expect_noted(midnight(), open);
            }
        }
        if !is_plain {
            for volunteer in 10..11 + dice.below(3) as u32 {
                add_volunteer(&mut dice, &mut town, volunteer);
            }
        }
        add_on_call(&mut Dice::new(seed ^ 0xCA11), &mut town, is_plain);
        let now = at("07:00");
        let (ever_at_risk, asks, answers) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
        Day {
            dice,
            town,
            now,
            drivers,
            is_crooked,
            ever_at_risk,
            had_cancellation: false,
            is_plain,
            quotes: 0,
            refusals: 0,
            offers: 0,
            holds: 0,
            relaxations: 0,
            nearest: 0,
            bound: BTreeSet::new(),
            asks,
            rests: 0,
            held: 0,
            taken_along: 0,
            answers,
            calls: Calls::default(),
            offered_to_call: 0,
            silent: BTreeSet::new(),
            foresight: None,
            sent: 0,
            turned: 0,
        }
    }

    /// What is expected changes, and some time goes by.
    fn look_ahead(&mut self) {
        let Some(mut dice) = self.foresight.take() else { return };
        let nodes = self.town.city.node_count();
        if self.town.dispatcher.state().supply.is_none() {
            let posts = (0..nodes).map(|node| self.town.city.place(node)).collect();
            let reposition = RepositionRule {
                eagerness_permille: 1000 + dice.below(1000) as u32,
                gain_min: 0,
                empty_max: Metres::from_metres(1_000_000),
                idle_min: Span::ZERO,
            };
            let reposition = match dice.below(10) {
                0 => Reposition::Stay,
                1 => Reposition::ToBase,
                _ => Reposition::ByDemand(reposition),
            };
            let minutes = |minutes: u64| Span::from_mins(minutes as i64);
            let coverage =
                CoverageRule { reach_max: minutes(20 + dice.below(40)), lost: 1000, gap_min: minutes(dice.below(20)) };
            let anticipation = match dice.below(2) {
                0 => Anticipation::NONE,
                _ => Anticipation {
                    coverage_permille: dice.below(1500) as u32,
                    slack_price: dice.below(30) as i64,
                    slack_min: minutes(dice.below(10)),
                },
            };
            let rules = SupplyRules { posts, coverage, reposition, anticipation, standby_max: Span::ZERO };
            self.tell(Command::SetSupply(Some(rules.into())));
        }
        if dice.chance(60) {
            let expected = (0..nodes).map(|_| (dice.below(4) / 3 * dice.below(6000)) as u32).collect();
            let until = self.now + Span::from_mins(10);
            self.tell(Command::Foresee(Outlook { expected, within: Span::HOUR, until }.into()));
            let then = self.now + Span::from_secs(dice.below(240) as i64);
            let next = self.due().map_or(then, |(due, _)| due.min(then));
            self.wait_until(next);
        }
        let state = self.town.dispatcher.state();
        let there = state.schedules.values().find(|schedule| {
            let since = schedule.plan.whereabouts.free().map(|(_, since)| since);
            schedule.plan.is_repositioning() && since <= Some(self.now)
        });
        if let Some(shift) = there.map(|schedule| schedule.shift.id).filter(|_| dice.chance(70)) {
            self.tell(Command::EndRepositioning { shift, at: self.now });
        }
        self.foresight = Some(dice);
    }

    fn count_moves(&mut self, before: &State) {
        for (shift, schedule) in &self.town.dispatcher.state().schedules {
            let was = before.schedules.get(shift).map(|before| before.plan.whereabouts);
            match (was, schedule.plan.whereabouts) {
                (Some(Whereabouts::Waiting { .. }), Whereabouts::Repositioning { .. }) => self.sent += 1,
                (Some(Whereabouts::Repositioning { to, .. }), Whereabouts::Waiting { place, .. }) if place != to => {
                    self.turned += 1;
                }
                _ => {}
            }
        }
    }

    pub fn tell(&mut self, command: Command) -> Answer {
        let before = self.town.dispatcher.state().clone();
        let decision = self.town.take(self.now, &command);
        self.note(&before, &decision.events);
        self.count_moves(&before);
        self.audit();
        decision.answer
    }

    pub fn step(&mut self) {
        self.look_ahead();
        match self.dice.below(11) {
            0..=4 => self.quote(),
            5 => self.cancel(),
            6 => match self.dice.chance(30) {
                true => self.settle_a_hold(),
                false => self.meddle(),
            },
            _ => self.drive(),
        }
    }

    pub fn quote(&mut self) {
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
        self.add_ways(&mut request);
        if !self.is_plain {
            request.needs = any_needs(&mut self.dice);
            request.service = ServiceId(1 + self.dice.below(2) as u32);
        }
        let best = self.brute_force(&request);
        self.quotes += 1;
        let misses = self.misses(&request);
        match self.tell(Command::Quote(request.clone().into())) {
            Answer::Offered(offers) => {
                let (access, best) = best.unwrap_or_else(|| panic!("nothing fits, yet {offers:?}"));
                let offer = &offers[0];
                assert_eq!((offer.access, offer.cost, offer.shift), (access, best.cost, best.shift));
                assert_eq!(offer.pickup, best.pickup);
                let shift = &self.town.dispatcher.state().schedules[&offer.shift];
                self.offered_to_call += usize::from(to_call(shift).is_some());
                self.check_offers(&offers);
                self.choose(&offers);
            }
            Answer::Refused(refusal) => {
                self.refusals += 1;
                assert!(!refusal.binding.is_empty());
                assert_eq!(best, None, "it fits, yet {refusal:?}");
                self.bound.extend(refusal.binding.iter().map(|binding| binding.constraint));
                if let Some(nearest) = misses.first() {
                    self.nearest += 1;
                    assert_eq!(refusal.binding, *nearest, "is the nearest miss at {:?}", self.now);
                }
                self.check_relaxations(&request, &refusal.relaxations);
            }
            other => panic!("a quote is answered with {other:?}"),
        }
    }

    /// Some riders can walk to other places, want to choose, or to hear what else would do.
    pub fn add_ways(&mut self, request: &mut Request) {
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
        request.choice.relaxations_max = if !self.is_crooked && self.dice.chance(30) { 10 } else { 0 };
    }

    /// Confirms one, holds one, or leaves them all.
    pub fn choose(&mut self, offers: &[Offer]) {
        let offer = offers[self.dice.below(offers.len() as u64) as usize].id;
        if self.dice.chance(20) {
            let until = self.now + Span::from_secs(self.dice.below(180) as i64);
            match self.tell(Command::HoldOffer { offer, until }) {
                Answer::Held(_) => self.holds += 1,
                Answer::Rejected(Rejection::DriverToBeAsked(_)) => {
                    let among = self.town.dispatcher.state().schedules.values();
                    assert!(among.into_iter().any(|one| one.asking != Asking::Unneeded), "nobody has to be asked");
                }
                other => panic!("nothing came between: {other:?}"),
            }
            self.had_cancellation = true; // a hold that ends is one
        } else if self.dice.chance(80) {
            let answer = self.tell(Command::ConfirmOffer { offer });
            let is_made = matches!(answer, Answer::Confirmed(_) | Answer::AwaitingDriver(_));
            assert!(is_made, "nothing came between: {answer:?}");
        }
    }

    /// Whatever happened since, a held offer is confirmed, unless it is given back.
    pub fn settle_a_hold(&mut self) {
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

    /// Staff pin and freeze, drivers answer.
    pub fn meddle(&mut self) {
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
            Some(stop) if stop.booking.is_some_and(|booking| state.bookings[&booking].state != BookingState::Held) => {
                Command::PinBooking { booking: stop.booking.expect("just seen"), pinned: self.dice.chance(50) }
            }
            _ => Command::FreezeStops { shift: schedule.shift.id, through: None },
        };
        assert_eq!(self.tell(command.clone()), Answer::Noted, "to {command:?}");
    }

    pub fn answer(&mut self, booking: BookingId) {
        let ask = self.town.dispatcher.state().bookings[&booking].ask.expect("it is open");
        let command = Command::AnswerAsk { booking, driver: ask.driver, accepted: self.dice.chance(70) };
        assert_eq!(self.tell(command.clone()), Answer::Noted, "to {command:?} at {:?}", self.now);
    }

    pub fn cancel(&mut self) {
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

/// On some days one or two drivers who come if they are called.
fn add_on_call(dice: &mut Dice, town: &mut Town, is_plain: bool) {
    for number in 20..20 + dice.below(3) as u32 {
        let node = dice.below(town.city.node_count() as u64) as usize;
        let (capacity, terms) = match is_plain {
            true => (Seats::new(4, 1).into(), Terms::OPEN),
            false => (any_capacity(dice), any_terms(dice, 2)),
        };
        town.register(number, capacity, terms);
        let window = TimeWindow::new(at("07:30"), at("11:00")).expect("in order");
        let mut shift = town.shift(number, number, node, window);
        shift.on_call = Some(any_on_call(dice));
        shift.end = shift.end.filter(|_| dice.chance(70));
        town.expect_noted(midnight(), Command::PlanShift(shift.into()));
    }
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
