//! A day of a neutral workload: the ordinary dispatcher, told of requests and of what its vehicles do.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use mukae_engine::model::{MapId, Service, Shift, Vehicle};
use mukae_engine::schedule::Schedule;
use mukae_engine::{Answer, Command, Decision, Dispatcher, Endogenous, Event, Placement, Work};
use mukae_maps::{DecisionPoint, Place};
use mukae_sim::driver::{World, next_report};
use mukae_units::{Features, ServiceId, ShiftId, Time, TimeWindow, TravelTime, VehicleId, Zones};

use super::rules::spot;
use super::ties::Chosen;
use super::{Constraints, NeutralRequest, NeutralVehicle, Rules, TiedRoads, Workload};

/// What became of a request, by the model's own count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Assignment {
    pub vehicle: u32,
    /// Tenths of a second.
    pub cost_ds: i64,
}

/// A request decided, and how long that took.
#[derive(Debug)]
pub struct Outcome {
    /// `None` if nobody can serve it.
    pub assignment: Option<Assignment>,
    pub find: Duration,
    pub decision: Decision,
}

pub struct Day<'r> {
    pub dispatcher: Dispatcher,
    pub rules: Rules,
    constraints: Constraints,
    work: Work<'r>,
    ties: Chosen,
    /// The next report of each shift; void if its schedule has another revision by then.
    agenda: BinaryHeap<Reverse<(Time, ShiftId, u64)>>,
    touched: Vec<ShiftId>,
}

impl std::fmt::Debug for Day<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Day").field("rules", &self.rules).finish_non_exhaustive()
    }
}

/// Shifts are numbered from 1, vehicles of the tables from 0.
pub(super) fn shift_of(vehicle: u32) -> ShiftId {
    ShiftId(vehicle + 1)
}

impl<'r> Day<'r> {
    pub fn new(workload: &Workload, rules: Rules, constraints: Constraints, roads: &'r mut TiedRoads) -> Day<'r> {
        let (agenda, touched) = (BinaryHeap::new(), Vec::new());
        let ties = roads.chosen();
        let (dispatcher, work) = (Dispatcher::default(), Work::new(roads));
        let mut day = Day { dispatcher, rules, constraints, work, ties, agenda, touched };
        let dawn = Time::from_unix_secs(0);
        let service = Service {
            id: rules.service,
            name: "neutral".into(),
            policy: rules.service_policy(),
            days: Vec::new(),
            zones: Vec::new(),
            tariff: None,
            suspension: None,
        };
        let policy = day.constraints.policy(rules.policy());
        let service = day.constraints.service(service);
        for command in [Command::UseMap(MapId(1)), Command::SetPolicy(policy), Command::SetService(service.into())] {
            day.expect_noted(dawn, &command);
        }
        if let Some((feature, name)) = day.constraints.features() {
            day.expect_noted(dawn, &Command::NameFeature { feature, name });
        }
        for vehicle in &workload.vehicles {
            day.add(dawn, vehicle);
        }
        day
    }

    fn add(&mut self, now: Time, vehicle: &NeutralVehicle) {
        let (id, shift) = (VehicleId(vehicle.id + 1), shift_of(vehicle.id));
        let (start, end) = (Time::from_unix_secs(vehicle.start_s), Time::from_unix_secs(vehicle.end_s));
        let window = TimeWindow::new(start, end).expect("the reader looked");
        let name = format!("v{}", vehicle.id);
        let (capacity, terms) = (self.constraints.capacity(vehicle), self.constraints.terms(vehicle));
        self.expect_noted(now, &Command::RegisterVehicle(Vehicle { id, name: name.clone(), capacity, terms }));
        if let Some(driver) = self.constraints.driver(vehicle) {
            self.expect_noted(now, &Command::RegisterDriver(driver));
        }
        let (features, zones) = (Features::EMPTY, Zones::EMPTY);
        let (breaks, driver, declared) = (Vec::new(), None, None);
        let start = spot(vehicle.edge);
        let plan = Shift {
            id: shift,
            name,
            vehicle: id,
            window,
            start,
            end: None,
            features,
            zones,
            crew: None,
            breaks,
            driver,
            declared,
            on_call: None,
        };
        self.expect_noted(now, &Command::PlanShift(self.constraints.shift(vehicle, plan).into()));
        self.expect_noted(now, &Command::OpenShift { shift, at: now });
    }

    pub fn service(&self) -> ServiceId {
        self.rules.service
    }

    /// Vehicles report all they do before `now`; what happens at `now` itself comes after the requests of that time.
    pub fn drive_until(&mut self, now: Time) {
        while let Some(&Reverse((at, shift, revision))) = self.agenda.peek()
            && at < now
        {
            self.agenda.pop();
            let Some(schedule) = self.schedule(shift).filter(|schedule| schedule.revision == revision) else {
                continue;
            };
            let command = next_report(self.dispatcher.state(), schedule, at, World::as_planned()).command;
            if !matches!(command, Command::CloseShift { .. }) {
                self.expect_noted(at, &command);
                self.dispatcher.catch_up(at, &mut self.work);
                self.dispatcher.find_paths(usize::MAX, &mut self.work);
                self.touched.push(shift);
            }
            self.plan_reports(at);
        }
    }

    pub fn schedule(&self, shift: ShiftId) -> Option<&Schedule> {
        self.dispatcher.state().schedules.get(&shift).map(AsRef::as_ref)
    }

    /// Takes a vehicle on this leg to be there.
    pub(super) fn choose(&mut self, leg: (Place, Place), point: DecisionPoint) {
        self.ties.borrow_mut().insert(leg, point);
    }

    pub(super) fn forget_choices(&mut self) {
        self.ties.borrow_mut().clear();
    }

    /// Decides a request: what the clock measures as finding the best insertion. Nothing changes yet.
    pub fn find(&mut self, asked: &NeutralRequest, by_hand: Option<Placement>) -> Outcome {
        let now = Time::from_unix_secs(asked.time_s);
        let (from, to) = (spot(asked.origin_edge).place, spot(asked.dest_edge).place);
        let direct = self.work.roads.travel_time(from, to).expect("the graph is strongly connected");
        let request = self.constraints.request(asked, self.rules.request(asked, direct));
        let command = Command::Book { request: request.into(), by_hand };
        let since = Instant::now();
        let decision = self.dispatcher.decide(now, &command, &mut self.work);
        let find = since.elapsed();
        let assignment = self.assignment(&decision, direct);
        Outcome { assignment, find, decision }
    }

    fn assignment(&self, decision: &Decision, direct: TravelTime) -> Option<Assignment> {
        match &decision.answer {
            Answer::Confirmed(_) => {}
            Answer::Refused(_) => return None,
            other => panic!("a booking is answered with {other:?}"),
        }
        let booked = decision.events.iter().find_map(|event| match event {
            Event::Endogenous(Endogenous::Booked { offer, .. }) => Some(offer),
            _ => None,
        });
        let offer = booked.expect("what is confirmed is booked");
        Some(Assignment { vehicle: offer.shift.0 - 1, cost_ds: self.rules.cost_ds(offer.cost, direct) })
    }

    /// Records a decision: what the clock measures as the update.
    pub fn update(&mut self, now: Time, decision: &Decision) -> Duration {
        let since = Instant::now();
        for event in &decision.events {
            self.dispatcher.apply(event);
        }
        self.dispatcher.catch_up(now, &mut self.work);
        let took = since.elapsed();
        self.dispatcher.find_paths(usize::MAX, &mut self.work);
        self.touched.extend(decision.events.iter().filter_map(|event| match event {
            Event::Endogenous(Endogenous::PlanChanged { shift, .. }) => Some(*shift),
            _ => None,
        }));
        self.plan_reports(now);
        took
    }

    fn plan_reports(&mut self, now: Time) {
        for shift in self.touched.drain(..) {
            let state = self.dispatcher.state();
            if let Some(schedule) = state.schedules.get(&shift) {
                let report = next_report(state, schedule, now, World::as_planned());
                self.agenda.push(Reverse((report.at, shift, schedule.revision)));
            }
        }
    }

    fn expect_noted(&mut self, now: Time, command: &Command) {
        let decision = self.dispatcher.decide(now, command, &mut self.work);
        assert_eq!(decision.answer, Answer::Noted, "to {command:?}");
        for event in &decision.events {
            self.dispatcher.apply(event);
        }
    }
}
