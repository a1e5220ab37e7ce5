//! Wild days: every command in any order, about things that may not exist, on roads that may break the
//! triangle inequality or close. Whatever happens, the state stays sound and nothing goes untold.
//! Whether the choices are good ones is for `insertion.rs`.

mod support;

use mukae_engine::model::{
    Access, AskOutcome, Booking, BookingState, Break, CancelReason, Choice, DeclaredTrip, Driver, DriverKind, Limit,
    Request, Service, Shift, ShiftState, Spot, Tier, Vehicle, Wish,
};
use mukae_engine::schedule::audit::{audit, audit_frozen};
use mukae_engine::schedule::{Schedule, Stop, Whereabouts};
use mukae_engine::{Answer, Command, Decision, Dispatcher, Endogenous, Event, Placement, Rejection, State, Work};
use mukae_maps::{DecisionPoint, EdgeId, Fraction, MetricId, Place, Sides, TravelTimes};
use mukae_units::{
    BookingId, BreakId, DriverId, FeatureId, Features, LatLon, Metres, OfferId, Seats, ShiftId, Span, Time, TimeWindow,
    TravelTime, VehicleId, Zones,
};
use support::Dice;
use support::city::City;
use support::fleet::{
    ZONES, any_capacity, any_days, any_driver, any_needs, any_on_call, any_party, any_set, any_terms, any_zone_pairs,
    feature_names,
};
use support::sound::check_state;
use support::town::{SERVICE, at, midnight, policy, request_between, service};

const SEEDS: u64 = 300;
const STEPS: usize = 450;
const VEHICLES: u64 = 3;
/// More wakeups than this between two steps mean a clock that never comes to rest.
const WAKEUPS_MAX: usize = 1000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// Shortest paths of a city.
    Metric,
    /// Any time from anywhere to anywhere, or none: a way round may be shorter than the way.
    Lawless,
    /// The same, and ways close and open during the day.
    Closing,
}

/// Travel times as a table. A vehicle under way is turned only where it was going.
struct Roads {
    place_count: usize,
    times: Vec<Option<TravelTime>>,
}

impl Roads {
    fn new(kind: Kind, dice: &mut Dice) -> Roads {
        let place_count = 4 + dice.below(6) as usize;
        let mut city = City::random(dice, place_count);
        let pairs = (0..place_count).flat_map(|from| (0..place_count).map(move |to| (from, to)));
        let times = pairs.map(|(from, to)| match kind {
            Kind::Metric => city.travel_time(city.place(from), city.place(to)),
            _ if from == to => Some(TravelTime::ZERO),
            _ if dice.chance(5) => None,
            _ => Some(TravelTime::from_millis(20_000 + dice.below(900_000) as u32)),
        });
        Roads { place_count, times: times.collect() }
    }
}

impl TravelTimes for Roads {
    fn metric(&self) -> MetricId {
        MetricId(0)
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        self.times[from.edge.0 as usize * self.place_count + to.edge.0 as usize]
    }

    /// Everybody drives 10 m a second.
    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        let millis = u64::from(self.travel_time(from, to)?.as_millis());
        Some(Metres::from_millimetres(millis * 10))
    }

    fn decision_point(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint> {
        let whole = self.travel_time(from, to)?;
        if elapsed <= Span::ZERO {
            return Some(DecisionPoint { place: from, after: TravelTime::ZERO });
        }
        Some(DecisionPoint { place: to, after: whole })
    }
}

struct WildDay {
    kind: Kind,
    dice: Dice,
    roads: Roads,
    /// The roads in the morning, before any closed.
    all_open: Vec<Option<TravelTime>>,
    dispatcher: Dispatcher,
    now: Time,
    last_shift: u32,
    confirmed: usize,
    risks: usize,
    /// Offers held, or held for longer.
    holds: usize,
    /// Breaks taken, asks answered with yes, and asks that ended otherwise.
    rests: usize,
    bound: usize,
    unbound: usize,
}

impl WildDay {
    fn new(seed: u64, kind: Kind) -> WildDay {
        let mut dice = Dice::new(seed);
        let roads = Roads::new(kind, &mut dice);
        let (all_open, dispatcher, now) = (roads.times.clone(), Dispatcher::default(), midnight());
        let mut day = WildDay {
            kind,
            dice,
            roads,
            all_open,
            dispatcher,
            now,
            last_shift: 1,
            confirmed: 0,
            risks: 0,
            holds: 0,
            rests: 0,
            bound: 0,
            unbound: 0,
        };
        day.settle();
        day.now = at("07:00");
        day
    }

    fn settle(&mut self) {
        let (mut service, mut policy) = (service(), policy());
        service.dwell.per_stop = Span::from_secs(self.dice.below(3) as i64 * 25);
        service.promise_width = Span::from_mins(1 + self.dice.below(60) as i64);
        service.dwell.per_party = Span::from_secs(self.dice.below(120) as i64);
        service.no_show_after = Span::from_secs(self.dice.below(200) as i64);
        policy.retention = Span::HOUR;
        policy.freeze_horizon = Span::from_secs(self.dice.below(3) as i64 * 100);
        policy.ask_timeout = Span::from_secs(self.dice.below(900) as i64);
        self.tell(Command::SetPolicy(policy));
        let days = if self.dice.chance(40) { any_days(&mut self.dice, midnight()) } else { Vec::new() };
        let zones = if self.dice.chance(20) { any_zone_pairs(&mut self.dice) } else { Vec::new() };
        self.tell(Command::SetService(
            Service { id: SERVICE, name: "s".into(), policy: service, days, zones, tariff: None, suspension: None }
                .into(),
        ));
        for (feature, name) in feature_names() {
            self.tell(Command::NameFeature { feature, name });
        }
        for number in 1..=VEHICLES as u32 {
            let (id, name) = (VehicleId(number), format!("v{number}"));
            let (capacity, terms) = (any_capacity(&mut self.dice), any_terms(&mut self.dice, 1));
            self.tell(Command::RegisterVehicle(Vehicle { id, name, capacity, terms }));
            let driver = self.driver(number);
            self.tell(Command::RegisterDriver(driver));
        }
    }

    fn driver(&mut self, number: u32) -> Driver {
        let tiers = [Tier::T0, Tier::T1, Tier::T2, Tier::T3];
        Driver {
            id: DriverId(number),
            name: format!("d{number}"),
            kind: if self.dice.chance(80) { DriverKind::Volunteer } else { DriverKind::Employed },
            cooldown: Span::from_secs(self.dice.below(600) as i64),
            asks_per_week_max: self.dice.below(12) as u32,
            tier: tiers[self.dice.below(4) as usize],
        }
    }

    fn step(&mut self) {
        let pause = Span::from_secs(self.dice.below(120) as i64);
        self.wait_until(self.now + pause);
        if self.kind == Kind::Closing && self.dice.chance(10) {
            self.close_or_open_a_road();
        }
        let command = match self.dice.below(34) {
            30 => Command::PinBooking { booking: self.any_booking(), pinned: self.dice.chance(60) },
            31 => self.freeze(),
            32 => Command::AnswerAsk {
                booking: self.any_booking(),
                driver: DriverId(1 + self.dice.below(VEHICLES) as u32),
                accepted: self.dice.chance(50),
            },
            33 if self.dice.chance(20) => {
                let number = 1 + self.dice.below(VEHICLES) as u32;
                Command::RegisterDriver(self.driver(number))
            }
            0 => self.shift(),
            1..=2 => Command::OpenShift { shift: self.any_shift(), at: self.about_now() },
            3 if self.dice.chance(30) => Command::CloseShift { shift: self.any_shift() },
            4..=11 => return self.ask(),
            12 if self.dice.chance(40) => {
                Command::CancelBooking { booking: self.any_booking(), reason: CancelReason::Rider }
            }
            13..=14 => self.position(),
            15..=16 => self.out_of_turn(),
            17..=27 => match self.report() {
                Some(report) => report,
                None => return,
            },
            _ => Command::AdvanceClock,
        };
        self.tell(command);
    }

    /// Lets the clock be told whenever the dispatcher wants it, until `then`.
    fn wait_until(&mut self, then: Time) {
        let mut wakeups = 0;
        while let Some(due) = self.dispatcher.wakeup().filter(|&due| due <= then) {
            self.now = due.max(self.dispatcher.state().clock);
            let decision = self.tell(Command::AdvanceClock);
            assert!(!decision.events.is_empty(), "woken at {due:?} for nothing");
            wakeups += 1;
            assert!(wakeups < WAKEUPS_MAX, "woken without end at {due:?}");
        }
        self.now = then;
    }

    /// Decides, applies, and looks at everything that must hold whatever the command was.
    fn tell(&mut self, command: Command) -> Decision {
        let before = self.dispatcher.clone();
        let decision = before.decide(self.now, &command, &mut Work::new(&mut self.roads));
        for event in &decision.events {
            self.dispatcher.apply(event);
        }
        check_state(self.dispatcher.state());
        check_terms(self.dispatcher.state());
        self.check_staff_and_drivers(before.state(), &command, &decision);
        self.check_answer(&decision.answer);
        self.holds += usize::from(matches!(decision.answer, Answer::Held(_)));
        self.check_hold(before.state(), &command, &decision.answer);
        self.check_blame(before.state(), &command, &decision);
        self.check_told(&command);
        if self.kind != Kind::Closing {
            self.check_schedules();
        }
        decision
    }

    /// An answer describes the state it leaves; nobody is confirmed whose driver has not said yes.
    fn check_answer(&self, answer: &Answer) {
        let bookings = &self.dispatcher.state().bookings;
        match answer {
            Answer::Confirmed(booking) => {
                assert_eq!(booking, &bookings[&booking.id]);
                assert!(booking.ask.is_none() && booking.state != BookingState::AwaitingDriver);
            }
            Answer::AwaitingDriver(booking) => {
                assert_eq!(booking, &bookings[&booking.id]);
                assert!(booking.ask.is_some() && booking.state == BookingState::AwaitingDriver);
            }
            Answer::Cancelled(booking) => assert_eq!(booking, &bookings[&booking.id]),
            _ => {}
        }
    }

    /// Pinned bookings stay on their vehicles, frozen stops where they are, and a bound rider bound.
    fn check_staff_and_drivers(&mut self, before: &State, command: &Command, decision: &Decision) {
        let after = self.dispatcher.state();
        for booking in before.bookings.values() {
            let Some(now) = after.bookings.get(&booking.id) else { continue };
            let is_moved = now.shift.is_some() && now.shift != booking.shift;
            assert!(!(booking.is_pinned && now.is_pinned && is_moved), "{command:?} moves {booking:?} to {now:?}");
            let is_bound = booking.ask.is_none() && booking.shift.is_some() && !booking.state.is_final();
            let ends_a_shift = booking.shift.is_some_and(|shift| !after.schedules.contains_key(&shift));
            let is_displaced = now.ask.is_some() || now.state == BookingState::Unassigned;
            // where roads close, who has none any more once a stop goes is brought by another, or left to staff
            let is_cut_off = self.kind != Kind::Metric && booking.shift != now.shift;
            assert!(
                !is_bound || !is_displaced || ends_a_shift || is_cut_off,
                "{command:?} takes the driver from {booking:?}"
            );
        }
        let Some(policy) = before.policy else { return };
        for (shift, schedule) in &after.schedules {
            let Some(old) = before.schedules.get(shift) else { continue };
            // what begins when the shift before ends slides with that
            if old.stops().len() < schedule.stops().len() && !self.begins_after_another(schedule) {
                let faults = audit_frozen(old, schedule, &policy, self.now);
                assert!(faults.is_empty(), "{command:?}: {faults:?} from {old:#?} to {schedule:#?}");
            }
        }
        self.rests += usize::from(matches!((command, &decision.answer), (Command::EndBreak { .. }, Answer::Noted)));
        for event in &decision.events {
            if let Event::Endogenous(Endogenous::AskEnded { outcome, .. }) = event {
                *(if *outcome == AskOutcome::Accepted { &mut self.bound } else { &mut self.unbound }) += 1;
            }
        }
    }

    /// Whatever has happened since, what is held can be confirmed.
    fn check_hold(&self, before: &State, command: &Command, answer: &Answer) {
        let Command::ConfirmOffer { offer } = command else { return };
        let Some(hold) = before.holds.get(offer).filter(|hold| self.now <= hold.until) else { return };
        let is_it = matches!(answer, Answer::Confirmed(booking) if booking.id == hold.booking);
        assert!(is_it, "{hold:?} at {:?}, yet {answer:?}", self.now);
    }

    /// On honest roads no rider is made late for another, or by staff.
    ///
    /// One thing can happen when a stop goes: who is late already is fetched sooner, which is right, and
    /// may then ride too long because of a later pickup's window.
    fn check_blame(&mut self, before: &State, command: &Command, decision: &Decision) {
        let is_end = |event: &Event| matches!(event, Event::Endogenous(Endogenous::HoldReleased { .. }));
        let ends_a_hold = decision.events.iter().any(is_end); // then it is a cancellation, too
        for event in &decision.events {
            let Event::Endogenous(Endogenous::PromiseAtRisk { booking, breach }) = event else { continue };
            self.risks += 1;
            if self.kind != Kind::Metric || self.slides(*booking) {
                continue;
            }
            match command {
                Command::Book { by_hand: Some(Placement { overrules: true, .. }), .. } => {} // somebody wants it so
                Command::Quote(_)
                | Command::Book { .. }
                | Command::ConfirmOffer { .. }
                | Command::BookAll { .. }
                | Command::HoldOffer { .. }
                | Command::CloseShift { .. }
                    if !ends_a_hold =>
                {
                    panic!("{command:?} broke a promise: {event:?}")
                }
                Command::CancelBooking { .. }
                | Command::CancelAll { .. }
                | Command::Amend { .. }
                | Command::ReportNoShow { .. }
                | Command::AnswerAsk { .. }
                | Command::ReleaseHold { .. } => {
                    let was_late = before.bookings[booking].at_risk.pickup;
                    assert!(was_late && breach.limit() == Limit::Ride, "{command:?} broke a promise: {event:?}");
                }
                _ => {}
            }
        }
    }

    /// A shift that nobody has opened begins when the one before it ends, and that slides with the clock: the
    /// decision only told so.
    fn slides(&self, booking: BookingId) -> bool {
        let state = self.dispatcher.state();
        let schedule = state.bookings[&booking].shift.map(|shift| &state.schedules[&shift]);
        schedule.is_some_and(|schedule| self.begins_after_another(schedule))
    }

    fn begins_after_another(&self, schedule: &Schedule) -> bool {
        let state = self.dispatcher.state();
        let of_vehicle = state.schedules.values().filter(|other| other.shift.vehicle == schedule.shift.vehicle);
        schedule.state == ShiftState::Planned && of_vehicle.count() > 1
    }

    /// Whoever asks right after a decision learns of no risk that the decision kept to itself.
    fn check_told(&mut self, command: &Command) {
        let again = self.dispatcher.decide(self.now, &Command::AdvanceClock, &mut Work::new(&mut self.roads));
        let is_changed = |event: &Event| matches!(event, Event::Endogenous(Endogenous::PlanChanged { .. }));
        if again.events.iter().any(is_changed) {
            return; // a vehicle was found for someone who had none; that is news
        }
        for event in &again.events {
            let is_risk = matches!(
                event,
                Event::Endogenous(
                    Endogenous::PromiseAtRisk { .. }
                        | Endogenous::BreakAtRisk { .. }
                        | Endogenous::DetourExceeded { .. }
                )
            );
            assert!(!is_risk, "{command:?} left untold {event:?}");
        }
    }

    fn check_schedules(&mut self) {
        let state = self.dispatcher.state();
        let Some(policy) = state.policy else { return };
        for schedule in state.schedules.values() {
            for fault in audit(schedule, &policy, self.now, &mut self.roads) {
                assert!(fault.is_lateness(), "{fault} in {schedule:#?}");
            }
        }
    }

    fn close_or_open_a_road(&mut self) {
        let road = self.dice.below(self.all_open.len() as u64) as usize;
        let (from, to) = (road / self.roads.place_count, road % self.roads.place_count);
        if from != to {
            self.roads.times[road] = if self.dice.chance(50) { None } else { self.all_open[road] };
        }
    }

    /// What was offered can be confirmed at once; after a pause it may be gone.
    fn ask(&mut self) {
        let request = self.request();
        if self.dice.chance(20) {
            return self.book(request);
        }
        let Answer::Offered(offers) = self.tell(Command::Quote(request.into())).answer else { return };
        let offer = &offers[self.dice.below(offers.len() as u64) as usize];
        let pause = if self.dice.chance(30) { Span::from_secs(self.dice.below(200) as i64) } else { Span::ZERO };
        self.wait_until(self.now + pause);
        if self.dice.chance(20) {
            let until = self.now + Span::from_secs(self.dice.below(180) as i64);
            let answer = self.tell(Command::HoldOffer { offer: offer.id, until }).answer;
            let may_be = matches!(answer, Answer::Held(_) | Answer::Rejected(Rejection::DriverToBeAsked(_)));
            assert!(may_be || pause > Span::ZERO, "nothing came between, yet {answer:?}");
            return;
        }
        let answer = self.tell(Command::ConfirmOffer { offer: offer.id }).answer;
        let is_confirmed = matches!(answer, Answer::Confirmed(_) | Answer::AwaitingDriver(_));
        assert!(is_confirmed || pause > Span::ZERO, "nothing came between, yet {answer:?} to {offer:?}");
        self.confirmed += usize::from(is_confirmed);
    }

    fn book(&mut self, request: Request) {
        let shifts: Vec<ShiftId> = self.dispatcher.state().schedules.keys().copied().collect();
        let by_hand = (self.dice.chance(50) && !shifts.is_empty()).then(|| Placement {
            shift: shifts[self.dice.below(shifts.len() as u64) as usize],
            pickup_idx: self.dice.below(4) as u32,
            dropoff_idx: self.dice.below(5) as u32,
            overrules: self.dice.chance(30),
        });
        let answer = self.tell(Command::Book { request: request.into(), by_hand }).answer;
        self.confirmed += usize::from(matches!(answer, Answer::Confirmed(_) | Answer::AwaitingDriver(_)));
    }

    fn request(&mut self) -> Request {
        let earliest = self.now + Span::from_secs(self.dice.below(5400) as i64 - 300);
        let latest = earliest + Span::from_secs(self.dice.below(2400) as i64);
        let window = TimeWindow::new(earliest, latest).expect("in order");
        let wish = if self.dice.chance(40) { Wish::ArriveBy(window) } else { Wish::DepartAfter(window) };
        let party = any_party(&mut self.dice);
        let (origin, destination) = (self.ways(), self.ways());
        let needs = any_needs(&mut self.dice);
        let choice = Choice {
            offers_max: 1 + self.dice.below(4) as u8,
            relaxations_max: if self.dice.chance(5) { 10 } else { 0 },
        };
        let by_phone = request_between(origin[0].spot.clone(), destination[0].spot.clone(), party, wish);
        Request { needs, choice, origin, destination, ..by_phone }
    }

    fn ways(&mut self) -> Vec<Access> {
        let mut ways = Access::at_door(self.spot());
        if self.dice.chance(20) {
            ways.push(Access { spot: self.spot(), walk: Span::from_secs(self.dice.below(800) as i64) });
        }
        ways
    }

    fn shift(&mut self) -> Command {
        let earliest = self.now + Span::from_mins(self.dice.below(60) as i64 - 20);
        let latest = earliest + Span::from_mins(30 + self.dice.below(200) as i64);
        let window = TimeWindow::new(earliest, latest).expect("in order");
        self.last_shift += 1;
        let (id, vehicle) = (ShiftId(self.last_shift), self.vehicle());
        let (start, end) = (self.spot(), self.spot());
        let break_count = if self.dice.chance(40) { 1 + self.dice.below(2) as u32 } else { 0 };
        let breaks = (0..break_count).map(|number| self.rest(number, window)).collect();
        let tiers = [Tier::T0, Tier::T1, Tier::T2, Tier::T3];
        let declared = self.dice.chance(25).then(|| DeclaredTrip {
            seats: Seats::new(1, 0),
            detour_max: Span::from_mins(self.dice.below(60) as i64),
            detour_length_max: Metres::from_metres(self.dice.below(60_000)),
            tier: tiers[self.dice.below(4) as usize],
        });
        let driver = self.dice.chance(40).then(|| DriverId(1 + self.dice.below(VEHICLES) as u32));
        let on_call = self.dice.chance(25).then(|| any_on_call(&mut self.dice));
        let shift = Shift {
            id,
            name: String::new(),
            vehicle,
            window,
            start,
            end: Some(end).filter(|_| self.dice.chance(85)),
            features: Features::EMPTY,
            zones: Zones::EMPTY,
            crew: None,
            breaks,
            driver,
            declared,
            on_call,
        };
        Command::PlanShift(any_driver(&mut self.dice, shift).into())
    }

    fn rest(&mut self, number: u32, shift: TimeWindow) -> Break {
        let within = shift.width().as_secs() as u64;
        let earliest = shift.earliest() + Span::from_secs(self.dice.below(within) as i64);
        let latest = earliest + Span::from_mins(self.dice.below(60) as i64);
        let window = TimeWindow::new(earliest, latest).expect("in order");
        let length = Span::from_mins(5 + self.dice.below(40) as i64);
        Break { id: BreakId(number), place: self.spot(), window, length }
    }

    /// Freezes some stops of some shift, or stops that are another's.
    fn freeze(&mut self) -> Command {
        let (shift, other) = (self.any_shift(), self.any_shift());
        let stops = self.dispatcher.state().schedules.get(&other).map_or(&[][..], |schedule| schedule.stops());
        let through = stops.get(self.dice.below(4) as usize).map(|stop| stop.id);
        Command::FreezeStops { shift, through }
    }

    fn position(&mut self) -> Command {
        let (vehicle, place) = (self.vehicle(), self.spot().place);
        Command::ReportPosition { vehicle, place, observed_at: self.about_now() }
    }

    /// Something about a booking or offer whose turn it may not be.
    fn out_of_turn(&mut self) -> Command {
        let (booking, at) = (self.any_booking(), self.about_now());
        let offer = OfferId(self.dice.below(self.dispatcher.state().next_offer + 2));
        match self.dice.below(8) {
            4 | 5 => {
                let until = self.now + Span::from_secs(self.dice.below(200) as i64 - 10);
                Command::HoldOffer { offer: self.open_offer().unwrap_or(offer), until }
            }
            6 => Command::ReleaseHold { offer: self.held_offer().unwrap_or(offer) },
            3 => Command::NameFeature {
                feature: FeatureId(self.dice.below(200) as u32),
                name: self.dice.below(9).to_string(),
            },
            0 => Command::Board { booking, at },
            1 => Command::Alight { booking, at },
            2 => Command::ReportNoShow { booking, at },
            _ => Command::ConfirmOffer { offer: self.held_offer().unwrap_or(offer) },
        }
    }

    fn open_offer(&mut self) -> Option<OfferId> {
        self.dispatcher.state().offers.keys().next_back().copied()
    }

    fn held_offer(&mut self) -> Option<OfferId> {
        self.dispatcher.state().holds.keys().next().copied()
    }

    /// What the driver of some shift would report next, if it is time to.
    fn report(&mut self) -> Option<Command> {
        let (shift, at) = (self.any_shift(), self.about_now());
        let schedule = self.dispatcher.state().schedules.get(&shift)?;
        if schedule.state == ShiftState::Planned {
            return Some(Command::OpenShift { shift, at });
        }
        let (stop, booking) = schedule.next_stop().map(|stop| (stop.id, stop.booking))?;
        let is_pickup = schedule.next_stop().is_some_and(Stop::is_pickup);
        let known = &self.dispatcher.state().bookings;
        let ask = booking.and_then(|booking| known[&booking].ask);
        if let (Some(ask), Some(booking)) = (ask, booking)
            && self.dice.chance(70)
        {
            return Some(Command::AnswerAsk { booking, driver: ask.driver, accepted: self.dice.chance(70) });
        }
        let is_due = schedule.timeline(self.now).stops[0].departure <= self.now + Span::from_mins(5);
        match schedule.plan.whereabouts {
            Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } => {
                is_due.then_some(Command::Depart { shift, stop, at })
            }
            Whereabouts::Driving { .. } => Some(Command::Arrive { shift, stop, at }),
            Whereabouts::Serving { .. } => Some(match booking {
                None => Command::EndBreak { shift, stop, at },
                Some(booking) if !is_pickup => Command::Alight { booking, at },
                Some(booking) if self.dice.chance(10) => Command::ReportNoShow { booking, at },
                Some(booking) => Command::Board { booking, at },
            }),
        }
    }

    /// Some minutes ago or a little ahead: devices lose coverage, and their clocks differ.
    fn about_now(&mut self) -> Time {
        self.now + Span::from_secs(self.dice.below(100) as i64 - self.dice.below(300) as i64)
    }

    fn any_shift(&mut self) -> ShiftId {
        let known: Vec<ShiftId> = self.dispatcher.state().schedules.keys().copied().collect();
        if known.is_empty() { ShiftId(99) } else { known[self.dice.below(known.len() as u64) as usize] }
    }

    fn any_booking(&mut self) -> BookingId {
        let known: Vec<BookingId> = self.dispatcher.state().bookings.keys().copied().collect();
        if known.is_empty() { BookingId(9) } else { known[self.dice.below(known.len() as u64) as usize] }
    }

    fn vehicle(&mut self) -> VehicleId {
        VehicleId(1 + self.dice.below(VEHICLES) as u32)
    }

    fn spot(&mut self) -> Spot {
        let edge = self.dice.below(self.roads.place_count as u64) as u32;
        let asked = LatLon::from_e7(edge as i32, 0).expect("a small number is on the globe");
        let place = Place { edge: EdgeId(edge), fraction: Fraction::HEAD, sides: Sides::Both };
        Spot { asked, label: String::new(), kana: String::new(), place, zones: any_set(&mut self.dice, ZONES, 60) }
    }
}

/// Runs the days of one kind; any panic is reported with its seed.
fn run(kind: Kind) {
    let (mut confirmed, mut risks, mut rests, mut bound, mut unbound, mut holds) = (0, 0, 0, 0, 0, 0);
    for seed in 0..SEEDS {
        let day = std::panic::catch_unwind(|| {
            let mut day = WildDay::new(seed, kind);
            for _ in 0..STEPS {
                day.step();
            }
            (day.confirmed, day.risks, day.rests, day.bound, day.unbound, day.holds)
        });
        let Ok(day) = day else { panic!("seed {seed}, {kind:?} roads, {STEPS} steps") };
        confirmed += day.0;
        risks += day.1;
        rests += day.2;
        bound += day.3;
        unbound += day.4;
        holds += day.5;
    }
    let told = [rests, bound, unbound];
    assert!(told.iter().all(|&count| count > 50), "{told:?} breaks taken, yes, no or silence: too few");
    assert!(confirmed as u64 > SEEDS * 4, "{confirmed} bookings are too few to mean anything");
    assert!(holds as u64 > SEEDS / 2, "{holds} holds are too few to mean anything");
    assert!(risks as u64 > SEEDS, "{risks} promises at risk: the days are not wild");
}

/// Whoever a schedule holds may ride in it, by vehicles, shifts and days that are set up once.
fn check_terms(state: &State) {
    for schedule in state.schedules.values() {
        for stop in schedule.stops() {
            if let Some(booking) = stop.booking {
                check_terms_of(state, &state.bookings[&booking], schedule);
            }
        }
    }
}

fn check_terms_of(state: &State, booking: &Booking, schedule: &Schedule) {
    let (vehicle, shift, request) = (&state.vehicles[&schedule.shift.vehicle], &schedule.shift, &booking.request);
    let has = |feature| vehicle.terms.features.contains(feature) || shift.features.contains(feature);
    assert!(request.needs.iter().all(has), "{booking:?} in {schedule:?}");
    assert!(vehicle.terms.serves.contains(request.service), "{booking:?} in {schedule:?}");
    let zones = if shift.zones.is_empty() { vehicle.terms.zones } else { shift.zones };
    for spot in [booking.pickup_spot(), booking.dropoff_spot()] {
        assert!(zones.is_empty() || zones.meets(spot.zones), "{booking:?} in {schedule:?}");
    }
    let days = &state.services[&request.service].days;
    let is_open = |pickup: Time| days.is_empty() || days.iter().any(|day| day.pickups.contains(pickup));
    let promised = booking.promise.pickup;
    assert!(is_open(promised.earliest()) && is_open(promised.latest()), "{booking:?} in {days:?}");
}

#[test]
fn wild_days_on_metric_roads_break_no_promise_by_our_choice() {
    run(Kind::Metric);
}

#[test]
fn wild_days_on_lawless_roads_stay_sound_and_told() {
    run(Kind::Lawless);
}

#[test]
fn wild_days_of_closures_stay_sound_and_told() {
    run(Kind::Closing);
}
