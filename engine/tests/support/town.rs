//! The settings of a small town, and a dispatcher that has them.

use mukae_engine::model::{
    Access, Beyond, Channel, Choice, CostWeights, DwellRule, Limits, MapId, Policy, Request, RideLimit, Service,
    ServicePolicy, Shift, Spot, Terms, Tier, Vehicle, WalkLimit, Wish,
};
use mukae_engine::{Answer, Command, Decision, Dispatcher, Memory, Work};
use mukae_units::{Capacity, Features, Seats, ServiceId, ShiftId, Span, Time, TimeWindow, VehicleId, Zones};

use super::city::City;

pub const SERVICE: ServiceId = ServiceId(1);

/// Midnight of the day every test happens on.
pub fn midnight() -> Time {
    Time::from_unix_secs(1_780_000_000).floor_to(Span::DAY)
}

/// `"08:30"` or `"08:30:15"` of that day.
pub fn at(clock: &str) -> Time {
    let mut parts = clock.split(':').map(|part| part.parse::<i64>().expect("a time is like 08:30"));
    let (hour, minute) = (parts.next().expect("an hour"), parts.next().expect("a minute"));
    midnight() + Span::from_secs(hour * 3600 + minute * 60 + parts.next().unwrap_or(0))
}

pub fn policy() -> Policy {
    Policy {
        cost: CostWeights {
            driving: 25,
            driver_time: 0,
            rider_wait: 40,
            excess_ride: 20,
            wait_on_board: 0,
            walking: 12,
        },
        wait_on_board_max: Span::from_mins(2),
        position_tolerance: Span::from_secs(15),
        retention: Span::from_mins(600),
        freeze_horizon: Span::ZERO,
        wait_first_permille: 0,
        ask_timeout: Span::from_mins(5),
        tier_max: Tier::T3,
    }
}

/// Nobody needs time to board, so that drawn times are easy to reckon.
pub fn service() -> ServicePolicy {
    ServicePolicy {
        promise_width: Span::from_mins(10),
        ride: RideLimit { extra: Span::from_mins(10), factor_permille: 1500, max: Span::HOUR },
        limits: Limits::Hard,
        dwell: DwellRule {
            per_stop: Span::ZERO,
            per_party: Span::ZERO,
            per_seat: Span::ZERO,
            per_wheelchair: Span::ZERO,
        },
        offer_ttl: Span::from_mins(5),
        notice_min: Span::ZERO,
        horizon: Span::DAY * 7,
        no_show_after: Span::from_mins(3),
        walk_max: WalkLimit { to_pickup: Span::from_mins(10), from_dropoff: Span::from_mins(10) },
        hold_max: Span::from_mins(3),
        party_max: None,
        crews: mukae_engine::model::Crews::ALL,
    }
}

#[derive(Clone)]
pub struct Town {
    pub city: City,
    pub dispatcher: Dispatcher,
    /// What earlier decisions left; every decision is made with it and without.
    pub memory: Memory,
    /// Commands so far.
    told: u64,
}

impl Town {
    pub fn new(city: City, policy: Policy, service: ServicePolicy) -> Town {
        let mut town = Town { city, dispatcher: Dispatcher::default(), memory: Memory::default(), told: 0 };
        for command in [
            Command::UseMap(MapId(1)),
            Command::SetPolicy(policy),
            Command::SetService(
                Service {
                    id: SERVICE,
                    name: "tenants/t/services/s".into(),
                    policy: service,
                    days: Vec::new(),
                    zones: Vec::new(),
                    tariff: None,
                    suspension: None,
                }
                .into(),
            ),
        ] {
            town.tell(midnight(), command);
        }
        town
    }

    /// Decides on a copy of the state first, applies, and returns the answer.
    pub fn tell(&mut self, now: Time, command: Command) -> Answer {
        self.take(now, &command).answer
    }

    pub fn take(&mut self, now: Time, command: &Command) -> Decision {
        let before = self.dispatcher.clone();
        let decision = self.dispatcher.decide(now, command, &mut Work::new(&mut self.city));
        assert_eq!(self.dispatcher, before, "decide changes nothing");
        let mut kept = Work::with(&mut self.city, std::mem::take(&mut self.memory));
        let again = self.dispatcher.decide(now, command, &mut kept);
        assert_eq!(again, decision, "what is kept from decision to decision changes no answer");
        if matches!(decision.answer, Answer::Rejected(_)) {
            assert!(decision.events.is_empty(), "what is not accepted leaves no trace: {decision:?}");
        }
        for event in &decision.events {
            self.dispatcher.apply(event);
        }
        self.told += 1;
        if self.told.is_multiple_of(3) {
            self.dispatcher.catch_up(now, &mut kept);
            if self.told.is_multiple_of(2) {
                self.dispatcher.find_paths(2, &mut kept);
            }
        }
        self.memory = kept.into_memory();
        decision
    }

    /// A vehicle with a shift from 06:00 to 22:00, already open.
    pub fn add_vehicle(&mut self, number: u32, node: usize, capacity: impl Into<Capacity>) {
        self.add_vehicle_on(number, node, capacity, Terms::OPEN);
    }

    pub fn add_vehicle_on(&mut self, number: u32, node: usize, capacity: impl Into<Capacity>, terms: Terms) {
        self.add_vehicle_at(midnight(), number, node, capacity, terms);
    }

    pub fn add_vehicle_at(&mut self, now: Time, number: u32, node: usize, capacity: impl Into<Capacity>, terms: Terms) {
        self.register_at(now, number, capacity, terms);
        let window = TimeWindow::new(at("06:00"), at("22:00")).expect("in order");
        self.add_shift_at(now, number, number, node, window);
        self.expect_noted(now, Command::OpenShift { shift: ShiftId(number), at: now });
    }

    pub fn register(&mut self, number: u32, capacity: impl Into<Capacity>, terms: Terms) {
        self.register_at(midnight(), number, capacity, terms);
    }

    fn register_at(&mut self, now: Time, number: u32, capacity: impl Into<Capacity>, terms: Terms) {
        let (id, name, capacity) = (VehicleId(number), format!("v{number}"), capacity.into());
        self.expect_noted(now, Command::RegisterVehicle(Vehicle { id, name, capacity, terms }));
    }

    /// The same with a shift that is like an ordinary one but for what `change` does to it.
    pub fn add_vehicle_with(
        &mut self,
        number: u32,
        node: usize,
        capacity: Seats,
        change: impl FnOnce(&mut Shift),
    ) -> Answer {
        self.register(number, capacity, Terms::OPEN);
        let mut shift = self.shift(number, number, node, TimeWindow::new(at("06:00"), at("22:00")).expect("in order"));
        change(&mut shift);
        let answer = self.tell(midnight(), Command::PlanShift(shift.into()));
        if answer == Answer::Noted {
            self.expect_noted(midnight(), Command::OpenShift { shift: ShiftId(number), at: midnight() });
        }
        answer
    }

    pub fn add_shift(&mut self, shift: u32, vehicle: u32, node: usize, window: TimeWindow) {
        let shift = self.shift(shift, vehicle, node, window);
        self.expect_noted(midnight(), Command::PlanShift(shift.into()));
    }

    fn add_shift_at(&mut self, now: Time, shift: u32, vehicle: u32, node: usize, window: TimeWindow) {
        let shift = self.shift(shift, vehicle, node, window);
        self.expect_noted(now, Command::PlanShift(shift.into()));
    }

    /// From and to one node.
    pub fn shift(&self, shift: u32, vehicle: u32, node: usize, window: TimeWindow) -> Shift {
        let spot = self.city.spot(node);
        Shift {
            id: ShiftId(shift),
            name: format!("s{shift}"),
            vehicle: VehicleId(vehicle),
            window,
            start: spot.clone(),
            end: Some(spot),
            features: Features::EMPTY,
            zones: Zones::EMPTY,
            crew: None,
            breaks: Vec::new(),
            driver: None,
            declared: None,
            on_call: None,
        }
    }

    /// The service as it is, with changes.
    pub fn change_service(&mut self, change: impl FnOnce(&mut Service)) {
        let mut service = self.dispatcher.state().services[&SERVICE].clone();
        change(&mut service);
        self.expect_noted(midnight(), Command::SetService(service.into()));
    }

    pub fn expect_noted(&mut self, now: Time, command: Command) {
        let answer = self.tell(now, command.clone());
        assert!(matches!(answer, Answer::Noted | Answer::Changed(_)), "{answer:?} to {command:?}");
    }

    pub fn request(&self, from: usize, to: usize, party: Seats, wish: Wish) -> Request {
        request_between(self.city.spot(from), self.city.spot(to), party, wish)
    }
}

/// A rider's ask by telephone, from door to door.
pub fn request_between(origin: Spot, destination: Spot, party: Seats, wish: Wish) -> Request {
    Request {
        service: SERVICE,
        rider: None,
        channel: Channel::Phone,
        origin: Access::at_door(origin),
        destination: Access::at_door(destination),
        party,
        wish,
        arrive_latest: None,
        needs: Features::EMPTY,
        beyond: Beyond::NOTHING,
        concessions: mukae_engine::model::Concessions::NONE,
        choice: Choice::ONE,
    }
}
