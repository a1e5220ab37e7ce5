//! A long day: what it knows, how it goes on, and what must hold after every command.

use std::cell::RefCell;
use std::rc::Rc;

use crate::support::Dice;
use crate::support::calls::Calls;
use crate::support::city::{City, SharedCity};
use crate::support::fleet::{ZONES, any_set, feature_names};
use crate::support::sound::check_state;
use crate::support::town::{SERVICE, at, midnight};
use mukae_engine::model::{Booking, MapId};
use mukae_engine::schedule::Task;
use mukae_engine::schedule::audit::{Fault, audit};
use mukae_engine::{Answer, Command, Decision, Dispatcher, Event, RoadsBefore, Work};
use mukae_maps::{Place, TravelTimes};
use mukae_units::{BookingId, Span, Time, VehicleId};

use crate::charged::Told;
use crate::desk::check_told;
use crate::worsened::check_worsened;
use crate::{Tally, VEHICLES, WAKEUPS_MAX, is_search, kind};

pub struct Day {
    pub dice: Dice,
    pub all_open: City,
    pub city: City,
    /// The roads of the change that is about to be told.
    pub city_before: City,
    /// What [`Day::work`] drives on: the roads as they are.
    pub lent: SharedCity,
    /// Lasts all day, as it does in a service.
    pub work: Work<'static>,
    pub dispatcher: Dispatcher,
    pub events: Vec<Event>,
    pub now: Time,
    pub last_shift: u32,
    pub commands: usize,
    pub last: Option<Command>,
    pub tally: Tally,
    pub stranded: usize,
    pub at_risk: usize,
    /// Bookings that a change of roads moved to another vehicle.
    pub moved: usize,
    pub told: Told,
    /// Places that were suggested, and those that had to be overruled and could be.
    pub suggested: usize,
    pub overruled: usize,
    pub calls: Calls,
}

impl Day {
    pub fn new(seed: u64) -> Day {
        let mut dice = Dice::new(seed);
        let node_count = 4 + dice.below(6) as usize;
        let mut city = City::random(&mut dice, node_count);
        city.zones.iter_mut().for_each(|zones| *zones = any_set(&mut dice, ZONES, 60));
        let lent = SharedCity(Rc::new(RefCell::new(city.clone())));
        let mut work = Work::new(Box::leak(Box::new(lent.clone())));
        // on some days room is made
        work.room_steps = if seed.is_multiple_of(2) { 12 } else { 0 };
        let mut day = Day {
            dice,
            lent,
            work,
            all_open: city.clone(),
            city_before: city.clone(),
            city,
            dispatcher: Dispatcher::default(),
            events: Vec::new(),
            now: midnight(),
            last_shift: 0,
            commands: 0,
            last: None,
            tally: Tally::new(),
            stranded: 0,
            at_risk: 0,
            moved: 0,
            told: Told::default(),
            suggested: 0,
            overruled: 0,
            calls: Calls::default(),
        };
        day.tell(Command::UseMap(MapId(1)));
        for command in [Command::SetPolicy(day.policy()), Command::SetService(day.service(SERVICE).into())] {
            day.tell(command);
        }
        for (feature, name) in feature_names() {
            day.tell(Command::NameFeature { feature, name });
        }
        day.now = at("07:00");
        day
    }

    pub fn step(&mut self) {
        let pause = Span::from_secs(self.dice.below(100) as i64);
        self.wait_until(self.now + pause);
        if let Some(command) = self.command() {
            self.tell(command);
        }
    }

    /// Lets the clock be told whenever the dispatcher wants it, until `then`.
    pub fn wait_until(&mut self, then: Time) {
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
    pub fn tell(&mut self, command: Command) -> Decision {
        self.commands += 1;
        self.last = Some(command.clone());
        let before = self.dispatcher.clone();
        self.check_suggestions(&command);
        let decision = self.decide(&command);
        assert_eq!(self.dispatcher, before, "decide changes nothing");
        if matches!(decision.answer, Answer::Rejected(_)) {
            assert!(decision.events.is_empty(), "what is not accepted leaves no trace: {decision:?}");
        }
        for event in &decision.events {
            self.dispatcher.apply(event);
        }
        if !decision.events.is_empty() {
            self.told.note(before.state(), &command, &decision.events);
        }
        self.events.extend(decision.events.iter().cloned());
        *self.tally.entry(kind(&command)).or_default() += usize::from(!decision.events.is_empty());

        self.check_schedules(&command);
        let state = self.dispatcher.state();
        if matches!(command, Command::RoadsChanged { .. }) {
            let is_moved = |before: &&Booking| {
                let Some(after) = state.bookings.get(&before.id) else { return false };
                before.shift.is_some() && after.shift.is_some() && before.shift != after.shift
            };
            self.moved += before.state().bookings.values().filter(is_moved).count();
        }
        check_state(state);
        self.calls.note(state, self.now);
        self.told.check(state);
        check_worsened(before.state(), state, self.now, &command);
        if let Answer::Changed(told) = &decision.answer {
            check_told(before.state(), state, self.now, told);
        }
        assert_eq!(self.dispatcher.wakeup(), self.dispatcher.wakeup_from_scratch(), "after {command:?}");
        assert!(self.dispatcher.is_filed_right(), "after {command:?}");
        for number in 1..=VEHICLES as u32 {
            let slow = state.open_shift_of(VehicleId(number)).map(|schedule| schedule.shift.id);
            assert_eq!(self.dispatcher.open_shift_of(VehicleId(number)), slow);
        }
        decision
    }

    pub fn decide(&mut self, command: &Command) -> Decision {
        let Day { city, city_before, dispatcher, now, dice, work, lent, .. } = self;
        if dice.chance(30) {
            dispatcher.catch_up(*now, work);
            if dice.chance(50) {
                dispatcher.find_paths(3, work);
            }
        }
        if !matches!(command, Command::RoadsChanged { .. }) {
            let decision = dispatcher.decide(*now, command, work);
            if is_search(command) || dice.chance(30) {
                let mut lone = Work::new(city);
                lone.room_steps = work.room_steps;
                let fresh = dispatcher.decide(*now, command, &mut lone);
                assert_eq!(decision, fresh, "what is kept from decision to decision saves work and changes nothing");
            }
            return decision;
        }
        *lent.0.borrow_mut() = city.clone();
        if dice.chance(30) {
            return dispatcher.decide(*now, command, work);
        }
        let (before, after) = (city_before.clone(), city.clone());
        let may_differ =
            |from: Place, to: Place| before.clone().travel_time(from, to) != after.clone().travel_time(from, to);
        let mut decide = |may_differ: &dyn Fn(Place, Place) -> bool| {
            let before = RoadsBefore { roads: city_before, may_differ };
            dispatcher.decide(*now, command, &mut Work::after_change(city, before))
        };
        let decision = decide(&may_differ);
        assert_eq!(decision, decide(&|_, _| true), "to know which legs may differ saves work and changes nothing");
        decision
    }

    /// Every fault is lateness, and every lateness of a promise has been told.
    pub fn check_schedules(&mut self, command: &Command) {
        let Some(policy) = self.dispatcher.state().policy else { return };
        let state = self.dispatcher.state();
        for schedule in state.schedules.values() {
            for fault in audit(schedule, &policy, self.now, &mut self.city) {
                let risk = |booking: &BookingId| state.bookings[booking].at_risk;
                let is_told = match &fault {
                    Fault::PickupLate { booking, .. } => {
                        risk(booking).pickup || state.bookings[booking].stranded_at.is_some()
                    }
                    Fault::DropoffLate { booking, .. } => risk(booking).dropoff,
                    Fault::RideTooLong { booking, .. } => risk(booking).ride,
                    Fault::WaitsWithRiders { .. } | Fault::EndsLate { .. } => true,
                    Fault::BreakLate { id, .. } => schedule
                        .stops()
                        .iter()
                        .any(|stop| matches!(stop.task, Task::Break { id: this, is_at_risk: true, .. } if this == *id)),
                    Fault::DetourTime { .. } | Fault::DetourLength { .. } => {
                        schedule.plan.route.as_ref().is_some_and(|route| route.is_exceeded)
                    }
                    _ => false,
                };
                assert!(is_told, "{command:?} left {fault} in {schedule:#?}");
            }
        }
    }
}
