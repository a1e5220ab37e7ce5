//! What is said on a long day: every kind of command, about things that may not exist.

use std::sync::Arc;

use crate::support::fleet::{
    any_capacity, any_crews, any_days, any_driver, any_needs, any_on_call, any_party, any_tariff, any_terms,
    any_zone_pairs,
};
use crate::support::town::{SERVICE, midnight, policy, service};
use mukae_engine::improve::{DONE, Search};
use mukae_engine::model::{
    Access, Anticipation, Asking, Beyond, Break, CancelReason, Channel, Choice, Concessions, CoverageRule,
    DeclaredTrip, Driver, DriverKind, Limits, MapId, Outlook, Policy, Reposition, RepositionRule, Request, RideLimit,
    Service, Shift, ShiftState, Standby, SupplyRules, Suspension, Tier, Vehicle, Wish,
};
use mukae_engine::schedule::{Schedule, Whereabouts};
use mukae_engine::{Command, Drawing, Placement};
use mukae_maps::{MetricId, Place, TravelTimes};
use mukae_units::{
    BookingId, BreakId, DriverId, Features, Metres, OfferId, RiderId, Seats, ServiceId, ShiftId, Span, StopId, Time,
    TimeWindow, VehicleId, ZoneId, Zones,
};

use crate::VEHICLES;
use crate::day::Day;

impl Day {
    /// Something, or `None` if it is nobody's turn.
    pub fn command(&mut self) -> Option<Command> {
        let at = self.about_now();
        if let Some(command) = self.about_standby() {
            return Some(command);
        }
        let command = match self.dice.below(100) {
            0 => Command::UseMap(MapId(1 + u64::from(self.dice.chance(30)))),
            1 => Command::SetPolicy(self.policy()),
            2 if self.dice.chance(20) => {
                let zone = self.dispatcher.state().zones.len() as u32 + u32::from(self.dice.chance(10));
                Command::NameZone { zone: ZoneId(zone), name: format!("z{zone}") }
            }
            2 => {
                let id = ServiceId(1 + self.dice.below(3) as u32);
                Command::SetService(self.service(id).into())
            }
            3..=5 => self.register(),
            6..=8 => self.plan_shift(),
            9..=11 => Command::OpenShift { shift: self.shift(), at },
            12 => Command::CloseShift { shift: self.shift() },
            13..=19 => Command::Quote(self.request().into()),
            20..=25 => self.book(),
            26..=32 => Command::ConfirmOffer { offer: self.offer() },
            33..=35 => Command::CancelBooking { booking: self.booking(), reason: CancelReason::Rider },
            36..=39 => {
                let (vehicle, place) = (self.vehicle(), self.place());
                Command::ReportPosition { vehicle, place, observed_at: at }
            }
            40 => Command::Depart { shift: self.shift(), stop: self.stop(), at },
            41..=42 => Command::Arrive { shift: self.shift(), stop: self.stop(), at },
            43 => Command::Board { booking: self.booking(), at },
            44 => Command::Alight { booking: self.booking(), at },
            45 => Command::ReportNoShow { booking: self.booking(), at },
            46..=48 => Command::AdvanceClock,
            49 if self.dice.chance(40) => {
                let place = Some(self.place()).filter(|_| self.dice.chance(50));
                Command::BreakDown { shift: self.shift(), place, at }
            }
            50..=51 => self.change_roads(),
            52 => self.driver(),
            53..=55 => return self.answer(),
            56 => Command::PinBooking { booking: self.booking(), pinned: self.dice.chance(70) },
            57 => {
                let through = Some(self.stop()).filter(|_| self.dice.chance(50));
                Command::FreezeStops { shift: self.shift(), through }
            }
            58 => Command::EndBreak { shift: self.shift(), stop: self.stop(), at },
            59..=61 => {
                let until = self.now + Span::from_secs(self.dice.below(260) as i64 - 10);
                Command::HoldOffer { offer: self.offer(), until }
            }
            62..=66 => Command::ReleaseHold { offer: self.held_offer() },
            67 if self.dice.chance(40) => Command::ReleaseHold { offer: self.held_offer() },
            67 => Command::Note { about: 7, content: (0..self.dice.below(9)).map(|byte| byte as u8).collect() },
            68..=70 => self.assign(),
            71 => self.interrupt(),
            72 => Command::DelayShift {
                shift: self.shift(),
                start: self.now + Span::from_mins(self.dice.below(80) as i64 - 5),
            },
            73..=75 => self.amend(),
            76..=77 => {
                let requests = (0..self.dice.below(4)).map(|_| self.request().into()).collect();
                let note: Vec<u8> = (0..self.dice.below(3)).map(|byte| byte as u8).collect();
                Command::BookAll { requests, stands_together: self.dice.chance(60), note: note.into() }
            }
            78 => {
                let along = (0..self.dice.below(3)).map(|_| self.booking()).collect();
                Command::CancelAll { booking: self.booking(), along, reason: CancelReason::Rider }
            }
            79 => return self.better_plan(),
            80 if self.dice.chance(40) => {
                Command::SetSupply(Some(self.supply_rules().into()).filter(|_| self.dice.chance(90)))
            }
            80 => Command::EndRepositioning { shift: self.shift(), at },
            81 => self.foresee(),
            82..=83 => Command::AskStandby { shift: self.asked_shift() },
            _ => return self.report(),
        };
        Some(command)
    }

    /// Orders that a search found; at times disturbed, or those of some time ago.
    fn better_plan(&mut self) -> Option<Command> {
        let (state, now) = (self.dispatcher.state(), self.now);
        let anchor = state.schedules.keys().next().copied();
        let drawing = Drawing::of(state, now, anchor, &mut self.city)?;
        let drawn = drawing.problem(None, &mut self.city);
        let (problem, plan) = drawn.expect("as they are drawn, schedules can be kept as they are");
        let mut search = Search::from(&problem, plan, self.dice.below(1 << 30));
        (0..40).for_each(|step| search.step(DONE / 40 * step));
        let mut orders = drawing.orders(search.best());
        if self.dice.chance(25) {
            let order = (!orders.is_empty()).then(|| self.dice.below(orders.len() as u64) as usize)?;
            let stops = &mut orders[order].stops;
            let (a, b) = (self.dice.below(stops.len().max(1) as u64), self.dice.below(stops.len().max(1) as u64));
            match self.dice.below(4) {
                0 if !stops.is_empty() => stops.swap(a as usize, b as usize),
                1 => _ = stops.pop(),
                2 => stops.extend(stops.first().copied()),
                _ => orders[order].revision += 1,
            }
        }
        Some(Command::AdoptPlan { orders })
    }

    /// Rules under which much is done ahead, at times such as can not be.
    fn supply_rules(&mut self) -> SupplyRules {
        let mut posts: Vec<Place> = Vec::new();
        for _ in 0..1 + self.dice.below(6) {
            let post = self.place();
            if !posts.contains(&post) || self.dice.chance(2) {
                posts.push(post);
            }
        }
        SupplyRules {
            posts,
            coverage: CoverageRule {
                reach_max: Span::from_mins(self.dice.below(60) as i64),
                lost: self.dice.below(3000) as i64,
                gap_min: Span::from_mins(self.dice.below(20) as i64),
            },
            reposition: match self.dice.below(4) {
                0 => Reposition::Stay,
                1 => Reposition::ToBase,
                _ => Reposition::ByDemand(RepositionRule {
                    eagerness_permille: self.dice.below(2010) as u32,
                    gain_min: self.dice.below(20) as i64,
                    empty_max: Metres::from_metres(self.dice.below(60_000)),
                    idle_min: Span::from_secs(self.dice.below(400) as i64),
                }),
            },
            anticipation: Anticipation {
                coverage_permille: self.dice.below(3) as u32 * self.dice.below(760) as u32,
                slack_price: self.dice.below(3) as i64 * self.dice.below(20) as i64,
                slack_min: Span::from_mins(self.dice.below(15) as i64),
            },
            standby_max: Span::HOUR * self.dice.below(30) as i64,
        }
    }

    /// Mostly one whose driver would be asked.
    fn asked_shift(&mut self) -> ShiftId {
        let asked = |schedule: &&Arc<Schedule>| matches!(schedule.asking, Asking::From(_));
        let asked: Vec<ShiftId> =
            self.dispatcher.state().schedules.values().filter(asked).map(|schedule| schedule.shift.id).collect();
        match asked.len() as u64 {
            0 => self.shift(),
            count => asked[self.dice.below(count) as usize],
        }
    }

    /// A driver who was asked to stand by says something, or somebody who does is let go; mostly nothing.
    fn about_standby(&mut self) -> Option<Command> {
        let known: Vec<(ShiftId, Standby)> =
            self.dispatcher.state().standbys.iter().map(|(&shift, &standby)| (shift, standby)).collect();
        let &(shift, standby) = known.get(self.dice.below(16) as usize)?;
        let schedule = &self.dispatcher.state().schedules[&shift];
        let driver = schedule.shift.driver.filter(|_| self.dice.chance(95)).unwrap_or(DriverId(1));
        Some(match standby {
            Standby::Asked { .. } => Command::AnswerStandby { shift, driver, accepted: self.dice.chance(70) },
            Standby::Given => Command::EndStandby { shift },
        })
    }

    fn foresee(&mut self) -> Command {
        let posts = self.dispatcher.state().supply.as_ref().map_or(0, |supply| supply.rules.posts.len());
        let posts = posts + usize::from(self.dice.chance(3));
        let expected = (0..posts).map(|_| self.dice.below(3) as u32 * self.dice.below(2000) as u32).collect();
        let until = self.now + Span::from_mins(self.dice.below(60) as i64);
        Command::Foresee(Outlook { expected, within: Span::HOUR, until }.into())
    }

    /// Something new, or a little later than before.
    fn amend(&mut self) -> Command {
        let booking = self.booking();
        let mut request = self.request();
        if let Some(before) = self.dispatcher.state().bookings.get(&booking) {
            if self.dice.chance(50) {
                let by = Span::from_mins(self.dice.below(30) as i64 - 10);
                let window = before.request.wish.window();
                let window = TimeWindow::new(window.earliest() + by, window.latest() + by).expect("as wide as before");
                request = Request::clone(&before.request);
                request.wish = match request.wish {
                    Wish::DepartAfter(_) => Wish::DepartAfter(window),
                    Wish::ArriveBy(_) => Wish::ArriveBy(window),
                };
            } else if self.dice.chance(90) {
                request.service = before.request.service;
            }
        }
        Command::Amend { booking, request: request.into() }
    }

    /// What the driver of some shift would report next, if it is time to; not always in the planned order.
    pub fn report(&mut self) -> Option<Command> {
        let (shift, at) = (self.shift(), self.about_now());
        let schedule = self.dispatcher.state().schedules.get(&shift)?.clone();
        if schedule.state == ShiftState::Planned {
            return Some(Command::OpenShift { shift, at });
        }
        if schedule.plan.is_repositioning() && self.dice.chance(70) {
            return Some(Command::EndRepositioning { shift, at });
        }
        let here = schedule.plan.next_group();
        let next = *schedule.next_stop()?;
        let is_due = schedule.timeline(self.now).stops[0].departure <= self.now + Span::from_mins(5);
        match schedule.plan.whereabouts {
            Whereabouts::Waiting { .. } if !is_due => None,
            Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } if self.dice.chance(80) => {
                Some(Command::Depart { shift, stop: next.id, at })
            }
            Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } | Whereabouts::Driving { .. } => {
                let stops = schedule.stops();
                let any = stops[self.dice.below(stops.len() as u64) as usize].id;
                Some(Command::Arrive { shift, stop: if self.dice.chance(90) { next.id } else { any }, at })
            }
            Whereabouts::Serving { .. } => {
                let stop = schedule.stops()[self.dice.below(here as u64) as usize];
                let Some(booking) = stop.booking else { return Some(Command::EndBreak { shift, stop: stop.id, at }) };
                Some(match stop.is_pickup() {
                    false => Command::Alight { booking, at },
                    true if self.dice.chance(10) => Command::ReportNoShow { booking, at },
                    true => Command::Board { booking, at },
                })
            }
        }
    }

    /// Some roads close, others become slow, some open again.
    pub fn change_roads(&mut self) -> Command {
        let Day { dice, all_open, .. } = self;
        let (closed, slow) = (dice.below(12), dice.below(30));
        let city = all_open.changed(|_, _, hop| match dice.below(100) {
            share if share < closed => None,
            share if share < closed + slow => Some(hop * 2),
            _ => Some(hop),
        });
        let city = city.named(MetricId(self.city.metric().0 + 1));
        self.city_before = std::mem::replace(&mut self.city, city);
        Command::RoadsChanged { metric: self.city.metric() }
    }

    pub fn policy(&mut self) -> Policy {
        let mut policy = policy();
        policy.wait_on_board_max = Span::from_secs(self.dice.below(300) as i64);
        policy.position_tolerance = Span::from_secs(self.dice.below(60) as i64);
        policy.retention = Span::from_mins(10 + self.dice.below(60) as i64);
        policy.freeze_horizon = Span::from_secs((self.dice.below(400) as i64 - 200).max(0));
        policy.ask_timeout = Span::from_secs(self.dice.below(900) as i64);
        policy.tier_max = if self.dice.chance(10) { self.tier() } else { Tier::T3 };
        policy.cost.driving = self.dice.below(40) as i64;
        policy.cost.rider_wait = self.dice.below(60) as i64;
        policy.cost.excess_ride = self.dice.below(60) as i64;
        policy.cost.driver_time = self.dice.below(40) as i64;
        policy.cost.wait_on_board = self.dice.below(40) as i64;
        policy
    }

    pub fn service(&mut self, id: ServiceId) -> Service {
        let mut policy = service();
        policy.dwell.per_stop = Span::from_secs(self.dice.below(3) as i64 * 25);
        policy.dwell.per_party = Span::from_secs(self.dice.below(120) as i64);
        policy.dwell.per_seat = Span::from_secs(self.dice.below(20) as i64);
        policy.promise_width = Span::from_mins(1 + self.dice.below(40) as i64);
        policy.no_show_after = Span::from_secs(self.dice.below(200) as i64);
        policy.notice_min = Span::from_secs(self.dice.below(2) as i64 * 300);
        let factor_permille = 1000 + self.dice.below(800) as u32;
        policy.ride =
            RideLimit { extra: Span::from_mins(self.dice.below(20) as i64), factor_permille, max: Span::HOUR };
        if self.dice.chance(30) {
            policy.limits = Limits::Soft { pickup_late: 100, dropoff_late: 100, ride_over: 50 };
        }
        let days = if self.dice.chance(30) { any_days(&mut self.dice, midnight()) } else { Vec::new() };
        let zones = if self.dice.chance(20) { any_zone_pairs(&mut self.dice) } else { Vec::new() };
        policy.party_max = self.dice.chance(10).then(|| 1 + self.dice.below(3) as u32);
        if self.dice.chance(10) {
            policy.crews = any_crews(&mut self.dice);
        }
        let tariff = self.dice.chance(80).then(|| any_tariff(&mut self.dice));
        let suspension = self.dice.chance(50).then(|| Suspension {
            no_shows: 1 + self.dice.below(2) as u32,
            within: Span::from_mins(self.dice.below(300) as i64),
            lasts: Span::from_mins(1 + self.dice.below(600) as i64),
        });
        Service { id, name: format!("s{}", id.0), policy, days, zones, tariff, suspension }
    }

    pub fn register(&mut self) -> Command {
        let number = 1 + self.dice.below(VEHICLES + 1) as u32;
        let (capacity, terms) = (any_capacity(&mut self.dice), any_terms(&mut self.dice, 3));
        Command::RegisterVehicle(Vehicle { id: VehicleId(number), name: format!("v{number}"), capacity, terms })
    }

    pub fn plan_shift(&mut self) -> Command {
        let earliest = self.now + Span::from_mins(self.dice.below(60) as i64 - 20);
        let latest = earliest + Span::from_mins(30 + self.dice.below(200) as i64);
        let window = TimeWindow::new(earliest, latest).expect("in order");
        self.last_shift += u32::from(self.dice.chance(90));
        let (start, end) = (self.node(), self.node());
        let end = Some(self.city.spot(end)).filter(|_| self.dice.chance(85));
        let (id, vehicle, start) = (ShiftId(self.last_shift), self.vehicle(), self.city.spot(start));
        let (name, features, zones) = (String::new(), Features::EMPTY, Zones::EMPTY);
        let breaks = if self.dice.chance(30) { vec![self.rest(window)] } else { Vec::new() };
        let driver = self.dice.chance(15).then(|| DriverId(1 + self.dice.below(VEHICLES) as u32));
        let declared = self.dice.chance(8).then(|| DeclaredTrip {
            seats: Seats::new(1, 0),
            detour_max: Span::from_mins(self.dice.below(60) as i64),
            detour_length_max: Metres::from_metres(self.dice.below(60_000)),
            tier: self.tier(),
        });
        let is_free = breaks.is_empty() && declared.is_none();
        let on_call = self.dice.chance(if is_free { 40 } else { 4 }).then(|| any_on_call(&mut self.dice));
        let shift = Shift {
            id,
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
            on_call,
        };
        Command::PlanShift(any_driver(&mut self.dice, shift).into())
    }

    pub fn rest(&mut self, shift: TimeWindow) -> Break {
        let earliest = shift.earliest() + Span::from_mins(self.dice.below(90) as i64);
        let window = TimeWindow::new(earliest, earliest + Span::from_mins(self.dice.below(60) as i64));
        let (node, length) = (self.node(), Span::from_mins(1 + self.dice.below(30) as i64));
        Break { id: BreakId(0), place: self.city.spot(node), window: window.expect("in order"), length }
    }

    pub fn tier(&mut self) -> Tier {
        [Tier::T0, Tier::T1, Tier::T2, Tier::T3][self.dice.below(4) as usize]
    }

    pub fn driver(&mut self) -> Command {
        let number = 1 + self.dice.below(VEHICLES) as u32;
        Command::RegisterDriver(Driver {
            id: DriverId(number),
            name: format!("d{number}"),
            kind: if self.dice.chance(80) { DriverKind::Volunteer } else { DriverKind::Employed },
            cooldown: Span::from_secs(self.dice.below(600) as i64),
            asks_per_week_max: self.dice.below(12) as u32,
            tier: self.tier(),
        })
    }

    /// A driver says yes or no, mostly who was asked.
    pub fn answer(&mut self) -> Option<Command> {
        let asked =
            self.dispatcher.state().bookings.values().filter_map(|booking| Some((booking.id, booking.ask?.driver)));
        let asked: Vec<_> = asked.collect();
        let (booking, driver) = match asked.is_empty() {
            true => return None,
            false => asked[self.dice.below(asked.len() as u64) as usize],
        };
        let driver = if self.dice.chance(95) { driver } else { DriverId(1) };
        Some(Command::AnswerAsk { booking, driver, accepted: self.dice.chance(60) })
    }

    pub fn book(&mut self) -> Command {
        let request = self.request();
        let by_hand = self.dice.chance(40).then(|| Placement {
            shift: self.shift(),
            pickup_idx: self.dice.below(4) as u32,
            dropoff_idx: self.dice.below(5) as u32,
            overrules: self.dice.chance(20),
        });
        Command::Book { request: request.into(), by_hand }
    }

    pub fn request(&mut self) -> Request {
        let earliest = self.now + Span::from_secs(self.dice.below(4000) as i64 - 300);
        let latest = earliest + Span::from_secs(self.dice.below(2400) as i64);
        let window = TimeWindow::new(earliest, latest).expect("in order");
        let wish = if self.dice.chance(40) { Wish::ArriveBy(window) } else { Wish::DepartAfter(window) };
        let (origin, destination) = (self.node(), self.node());
        let (mut origin, mut destination) =
            (Access::at_door(self.city.spot(origin)), Access::at_door(self.city.spot(destination)));
        if self.dice.chance(15) {
            let (node, walk) = (self.node(), Span::from_secs(self.dice.below(900) as i64));
            let end = if self.dice.chance(50) { &mut origin } else { &mut destination };
            end.push(Access { spot: self.city.spot(node), walk });
        }
        let choice = Choice {
            offers_max: 1 + self.dice.below(3) as u8,
            relaxations_max: if self.dice.chance(2) { 5 } else { 0 },
        };
        let party = any_party(&mut self.dice);
        let mut count = || self.dice.below(2) as u8;
        let wanted = Concessions { children: count(), seniors: count(), disabled: count() };
        let concessions = if self.dice.chance(98) { wanted.within(party) } else { wanted };
        Request {
            service: if self.dice.chance(90) { SERVICE } else { ServiceId(self.dice.below(4) as u32) },
            rider: self.dice.chance(70).then(|| RiderId(self.dice.below(2))),
            channel: Channel::Phone,
            origin,
            destination,
            party,
            wish,
            beyond: Beyond::NOTHING,
            concessions,
            choice,
            arrive_latest: self.dice.chance(10).then(|| latest + Span::from_mins(self.dice.below(60) as i64)),
            needs: any_needs(&mut self.dice),
        }
    }

    /// Some minutes ago or a little ahead: devices lose coverage, and their clocks differ.
    pub fn about_now(&mut self) -> Time {
        self.now + Span::from_secs(self.dice.below(60) as i64 - self.dice.below(200) as i64)
    }

    /// Mostly one that exists; of a hundred some never did.
    pub fn one_of<Id: Copy>(&mut self, known: Vec<Id>, odd: impl Fn(u64) -> Id) -> Id {
        if known.is_empty() || self.dice.chance(4) {
            return odd(self.dice.below(2_000));
        }
        known[self.dice.below(known.len() as u64) as usize]
    }

    pub fn shift(&mut self) -> ShiftId {
        let known = self.dispatcher.state().schedules.keys().copied().collect();
        self.one_of(known, |odd| ShiftId(odd as u32))
    }

    pub fn booking(&mut self) -> BookingId {
        let known = self.dispatcher.state().bookings.keys().copied().collect();
        self.one_of(known, BookingId)
    }

    pub fn offer(&mut self) -> OfferId {
        let known = self.dispatcher.state().offers.keys().copied().collect();
        self.one_of(known, OfferId)
    }

    fn held_offer(&mut self) -> OfferId {
        let known = self.dispatcher.state().holds.keys().copied().collect();
        self.one_of(known, OfferId)
    }

    pub fn stop(&mut self) -> StopId {
        let schedules = self.dispatcher.state().schedules.values();
        let known = schedules.flat_map(|schedule| schedule.stops().iter().map(|stop| stop.id)).collect();
        self.one_of(known, StopId)
    }

    pub fn vehicle(&mut self) -> VehicleId {
        VehicleId(1 + self.dice.below(VEHICLES + 1) as u32)
    }

    pub fn node(&mut self) -> usize {
        self.dice.below(self.city.node_count() as u64) as usize
    }

    pub fn place(&mut self) -> Place {
        let node = self.node();
        self.city.place(node)
    }
}
