//! A small town whose day goes through a scribe: a scripted day to draw, and random days full of
//! trouble to search for what a scripted one misses.

use mukae_engine::improve::{DONE, Search};
use mukae_engine::model::{
    Access, Anticipation, Beyond, Break, CancelReason, Channel, Choice, CostWeights, CoverageRule, DeclaredTrip,
    Driver, DriverKind, DwellRule, FareTable, Fees, Limits, MapId, Outlook, Payment, Policy, Rates, Reposition,
    RepositionRule, Request, RideLimit, Service, ServicePolicy, SharedRate, Shift, ShiftState, Spot, SupplyRules,
    Suspension, Tariff, Terms, Tier, Vehicle, WalkLimit, Wish,
};
use mukae_engine::schedule::Whereabouts;
use mukae_engine::{Answer, Command, Drawing, Move, MoveTo, Order, Placement, State, Work};
use mukae_maps::{EdgeId, Fraction, MatrixTimes, Place, Sides, TravelTimes};
use mukae_record::{Origin, Principal, RequestId, Scribe, Written};
use mukae_units::{
    BookingId, BreakId, DriverId, FeatureId, Features, LatLon, Metres, OfferId, RiderId, Seats, ServiceId, ShiftId,
    Span, Time, TimeWindow, TravelTime, VehicleId, Yen, ZoneId, Zones,
};

use crate::dice::Dice;

pub const SERVICE: ServiceId = ServiceId(1);

/// Corners of the town: a square of `SIDE * SIDE`, a minute and a half from each to the next.
pub const SIDE: u32 = 5;

pub fn roads() -> MatrixTimes {
    let corners = SIDE * SIDE;
    let steps = |a: u32, b: u32| (a % SIDE).abs_diff(b % SIDE) + (a / SIDE).abs_diff(b / SIDE);
    let times =
        (0..corners * corners).map(|cell| Some(TravelTime::from_secs(90 * steps(cell / corners, cell % corners))));
    MatrixTimes::new(corners as usize, times.collect())
}

pub fn place(corner: u32) -> Place {
    Place { edge: EdgeId(corner), fraction: Fraction::HEAD, sides: Sides::This }
}

pub fn spot(corner: u32) -> Spot {
    let asked = LatLon::from_e7(350_000_000 + corner as i32 * 10_000, 1_350_000_000).expect("on the globe");
    Spot { asked, label: format!("corner {corner}"), kana: String::new(), place: place(corner), zones: Zones::EMPTY }
}

/// `at(8, 30)` of the day everything happens on.
pub fn at(hour: i64, minute: i64) -> Time {
    Time::from_unix_secs(1_790_000_000).floor_to(Span::DAY) + Span::from_mins(hour * 60 + minute)
}

pub fn window(from: Time, to: Time) -> TimeWindow {
    TimeWindow::new(from, to).expect("in order")
}

pub fn request(origin: u32, destination: u32, party: Seats, wish: Wish) -> Request {
    let (origin, destination) = (Access::at_door(spot(origin)), Access::at_door(spot(destination)));
    Request {
        service: SERVICE,
        rider: Some(RiderId(77)),
        channel: Channel::Phone,
        origin,
        destination,
        party,
        wish,
        arrive_latest: None,
        needs: Features::EMPTY,
        beyond: Beyond::NOTHING,
        concessions: mukae_engine::model::Concessions::NONE,
        choice: Choice { offers_max: 3, relaxations_max: 4 },
    }
}

pub fn vehicle(number: u32) -> Vehicle {
    let (id, name) = (VehicleId(number), format!("vehicle {number}"));
    Vehicle { id, name, capacity: Seats::new(4, 1).into(), terms: Terms::OPEN }
}

pub fn shift(number: u32, vehicle: u32, hours: TimeWindow) -> Shift {
    let (start, end) = (spot(vehicle * 7 % (SIDE * SIDE)), spot(12));
    // every other driver rests within the first hours
    let earliest = hours.earliest() + Span::HOUR;
    let window = TimeWindow::new(earliest, earliest + Span::HOUR).expect("in order");
    let rest = Break { id: BreakId(1), place: spot(3), window, length: Span::from_mins(20) };
    let breaks = if vehicle.is_multiple_of(2) && Span::HOUR * 3 <= hours.width() { vec![rest] } else { Vec::new() };
    Shift {
        id: ShiftId(number),
        name: format!("shift {number}"),
        vehicle: VehicleId(vehicle),
        window: hours,
        start,
        end: Some(end),
        features: Features::EMPTY,
        zones: Zones::EMPTY,
        crew: None,
        breaks,
        driver: None,
        declared: None,
        on_call: None,
    }
}

pub fn settings() -> [Command; 3] {
    let policy = Policy {
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
        retention: Span::from_mins(120),
        freeze_horizon: Span::ZERO,
        wait_first_permille: 0,
        ask_timeout: Span::from_mins(5),
        tier_max: Tier::T3,
    };
    let of_service = ServicePolicy {
        promise_width: Span::from_mins(10),
        ride: RideLimit { extra: Span::from_mins(10), factor_permille: 1500, max: Span::HOUR },
        limits: Limits::Hard,
        dwell: DwellRule {
            per_stop: Span::ZERO,
            per_party: Span::from_secs(30),
            per_seat: Span::from_secs(5),
            per_wheelchair: Span::from_secs(120),
        },
        offer_ttl: Span::from_mins(5),
        notice_min: Span::ZERO,
        horizon: Span::DAY,
        no_show_after: Span::from_mins(3),
        walk_max: WalkLimit { to_pickup: Span::from_mins(10), from_dropoff: Span::from_mins(10) },
        hold_max: Span::from_mins(3),
        party_max: None,
        crews: mukae_engine::model::Crews::ALL,
    };
    let name = "tenants/t/services/s".to_owned();
    let suspension = Some(Suspension { no_shows: 2, within: Span::DAY, lasts: Span::DAY });
    let tariff = Some(Tariff {
        table: FareTable::Flat(Yen(600)),
        shared: SharedRate { discount: Yen(200), within_party: false },
        rates: Rates { child_percent: 50, ..Rates::FULL },
        payment: Payment { ticket: Some(Yen(200)), cash: false, account: true },
        fees: Fees { free_until: Span::HOUR, late_cancellation: Yen(300), no_show: Yen(600) },
    });
    let service =
        Service { id: SERVICE, name, policy: of_service, days: Vec::new(), zones: Vec::new(), tariff, suspension };
    [Command::UseMap(MapId(0x0123_4567_89ab_cdef)), Command::SetPolicy(policy), Command::SetService(service.into())]
}

/// A scribe, its roads, and the log it has written so far.
pub struct Town {
    pub scribe: Scribe,
    pub roads: MatrixTimes,
    pub log: Vec<Vec<u8>>,
    calls: u64,
}

impl Town {
    pub fn new() -> Town {
        Town { scribe: Scribe::new(), roads: roads(), log: Vec::new(), calls: 0 }
    }

    /// With settings, and vehicles that work from 6 to 22 o'clock.
    pub fn with_vehicles(count: u32) -> Town {
        let mut town = Town::new();
        for command in settings() {
            town.tell(at(5, 0), command);
        }
        for number in 1..=count {
            town.tell(at(5, 0), Command::RegisterVehicle(vehicle(number)));
            town.tell(at(5, 0), Command::PlanShift(shift(number, number, window(at(6, 0), at(22, 0))).into()));
            town.tell(at(6, 0), Command::OpenShift { shift: ShiftId(number), at: at(6, 0) });
        }
        town
    }

    /// Under a request id of its own.
    pub fn tell(&mut self, now: Time, command: Command) -> Answer {
        self.calls += 1;
        let origin = caller("desk", &self.calls.to_string());
        self.take(now, &origin, command).answer
    }

    pub fn take(&mut self, now: Time, origin: &Origin, command: Command) -> Written {
        let written = self
            .scribe
            .take(now, origin, command, &mut Work::new(&mut self.roads))
            .expect("no request id is used for two commands here");
        self.log.extend(written.record.clone());
        written
    }

    /// Quotes and confirms; `None` if the town has no room.
    pub fn book(&mut self, now: Time, request: Request) -> Option<BookingId> {
        let Answer::Offered(offers) = self.tell(now, Command::Quote(request.into())) else { return None };
        match self.tell(now, Command::ConfirmOffer { offer: offers[0].id }) {
            Answer::Confirmed(booking) => Some(booking.id),
            _ => None,
        }
    }

    /// What the driver would report next, if anything.
    pub fn next_report(&self, shift: ShiftId, now: Time) -> Option<Command> {
        let schedule = self.scribe.state().schedules.get(&shift)?;
        if schedule.state != ShiftState::Open {
            return None;
        }
        if schedule.plan.is_repositioning() {
            return Some(Command::EndRepositioning { shift, at: now });
        }
        let next = schedule.next_stop()?;
        let (stop, booking, at) = (next.id, next.booking, now);
        Some(match schedule.plan.whereabouts {
            Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } => Command::Depart { shift, stop, at },
            Whereabouts::Driving { .. } => Command::Arrive { shift, stop, at },
            Whereabouts::Serving { .. } => match booking {
                None => Command::EndBreak { shift, stop, at },
                Some(booking) if next.is_pickup() => Command::Board { booking, at },
                Some(booking) => Command::Alight { booking, at },
            },
        })
    }

    /// Drives `steps` reports of a shift, two minutes apart; returns when that is.
    pub fn drive(&mut self, shift: ShiftId, from: Time, steps: usize) -> Time {
        let mut now = from;
        for _ in 0..steps {
            let Some(report) = self.next_report(shift, now) else { break };
            assert_eq!(self.tell(now, report), Answer::Noted);
            now += Span::from_mins(2);
        }
        now
    }
}

pub fn caller(principal: &str, request_id: &str) -> Origin {
    let principal = Principal::new(principal).expect("short enough");
    Origin::of_call(principal, RequestId::new(request_id).expect("short enough"))
}

/// A quiet morning that meets most of what there is: bookings driven to their end, a refusal, a
/// cancellation, a no-show, an offer left to expire, a shift that ends early, a delay, and the clock.
pub fn morning() -> Town {
    let mut town = Town::with_vehicles(2);
    let one = Seats::new(1, 0);
    let depart = |hour, minute| Wish::DepartAfter(window(at(hour, minute), at(hour, minute + 30)));

    let first = town.book(at(6, 30), request(3, 21, one, depart(7, 0))).expect("room");
    let shift_of = |town: &Town, booking: BookingId| town.scribe.state().bookings[&booking].shift.expect("a vehicle");
    let shift = shift_of(&town, first);
    town.tell(at(6, 31), Command::Quote(request(3, 21, Seats::new(9, 0), depart(7, 0)).into()));
    town.book(at(6, 32), request(4, 20, Seats::new(2, 1), Wish::ArriveBy(window(at(7, 30), at(8, 0))))).expect("room");
    town.drive(shift, at(7, 0), 1);
    let vehicle = town.scribe.state().schedules[&shift].shift.vehicle;
    town.tell(at(7, 5), Command::ReportPosition { vehicle, place: place(24), observed_at: at(7, 4) });
    town.tell(at(7, 25), Command::AdvanceClock);
    town.drive(shift, at(7, 30), 8);
    for shift in [ShiftId(1), ShiftId(2)] {
        let now = town.scribe.state().clock;
        town.drive(shift, now, 8);
    }

    let cancelled = town.book(at(9, 0), request(6, 18, one, depart(9, 30))).expect("room");
    town.tell(at(9, 5), Command::CancelBooking { booking: cancelled, reason: CancelReason::Rider });
    let missed = town.book(at(9, 10), request(8, 16, one, depart(9, 30))).expect("room");
    let shift = shift_of(&town, missed);
    town.drive(shift, at(9, 40), 2);
    town.tell(at(9, 50), Command::ReportNoShow { booking: missed, at: at(9, 50) });

    town.tell(at(10, 0), Command::Quote(request(1, 2, one, depart(10, 30)).into()));
    let moved = town.book(at(10, 0), request(1, 22, one, depart(10, 30))).expect("room");
    let shift = shift_of(&town, moved);
    town.tell(at(10, 1), Command::CloseShift { shift });
    town.tell(at(10, 10), Command::AdvanceClock);
    town.tell(at(15, 0), Command::AdvanceClock);
    town
}

/// A day on which people and drivers do what they like, some of it impossible.
pub fn random_day(seed: u64, commands: usize) -> Town {
    let mut dice = Dice::new(seed);
    let mut town = Town::with_vehicles(3);
    let mut now = at(6, 0);
    for _ in 0..commands {
        now += Span::from_millis(dice.below(120_000) as i64);
        let command = random_command(&town, now, &mut dice);
        match dice.below(4) {
            0 => {
                let origin = Origin::of(Principal::new("device").expect("short enough"));
                town.take(now, &origin, command);
            }
            _ => {
                town.tell(now, command);
            }
        }
    }
    town
}

fn random_request(now: Time, dice: &mut Dice) -> Request {
    let from = now + Span::from_secs(dice.below(3600) as i64);
    let wished = window(from, from + Span::from_secs(600 + dice.below(1800) as i64));
    let wish = if dice.coin() { Wish::DepartAfter(wished) } else { Wish::ArriveBy(wished) };
    let party = Seats::new(dice.below(4) as u8, dice.below(2) as u8);
    let mut corner = || dice.below((SIDE * SIDE) as usize) as u32;
    let (from, to, nearby) = (corner(), corner(), corner());
    let mut request = request(from, to, party, wish);
    if dice.below(3) == 0 {
        request.origin.push(Access { spot: spot(nearby), walk: Span::from_mins(dice.below(14) as i64) });
    }
    request
}

/// What a search finds; little of it is better than what there is.
fn better_orders(town: &Town, now: Time, dice: &mut Dice) -> Vec<Order> {
    let mut roads = roads();
    let drawing = Drawing::of(town.scribe.state(), now, None, &mut roads);
    let drawn = drawing.as_ref().and_then(|drawing| Some((drawing, drawing.problem(None, &mut roads)?)));
    let Some((drawing, (problem, plan))) = drawn else { return Vec::new() };
    let mut search = Search::from(&problem, plan, dice.below(1 << 30) as u64);
    (0..60).for_each(|step| search.step(DONE / 60 * step));
    drawing.orders(search.best())
}

fn random_rules(dice: &mut Dice) -> SupplyRules {
    let corners = (SIDE * SIDE) as usize;
    let (first, second) = (dice.below(corners), dice.below(corners));
    let mut posts = vec![place(first as u32), place(second as u32)];
    posts.dedup();
    let reposition = RepositionRule {
        eagerness_permille: 2000,
        gain_min: 0,
        empty_max: Metres::from_metres(1_000_000),
        idle_min: Span::ZERO,
    };
    let coverage = CoverageRule { reach_max: Span::HOUR, lost: 500, gap_min: Span::ZERO };
    let reposition = match dice.below(8) {
        0 => Reposition::Stay,
        1 => Reposition::ToBase,
        _ => Reposition::ByDemand(reposition),
    };
    let coverage_permille = dice.below(2) as u32 * 500;
    let anticipation = Anticipation { coverage_permille, slack_price: 5, slack_min: Span::from_mins(5) };
    SupplyRules { posts, coverage, reposition, anticipation, standby_max: Span::DAY }
}

/// A driver is asked to stand by, answers, or is let go; or says nothing.
fn random_standby(state: &State, shift: ShiftId, dice: &mut Dice) -> Command {
    let asked = state.standbys.iter().find_map(|(&shift, standby)| standby.deadline().map(|_| shift));
    let driver = asked.and_then(|shift| state.schedules[&shift].shift.driver);
    match (asked, driver, dice.below(3)) {
        (Some(shift), Some(driver), 0) => Command::AnswerStandby { shift, driver, accepted: dice.coin() },
        (_, _, 1) => Command::EndStandby { shift: state.standbys.keys().next().copied().unwrap_or(shift) },
        _ => Command::AskStandby { shift },
    }
}

fn random_command(town: &Town, now: Time, dice: &mut Dice) -> Command {
    let state = town.scribe.state();
    let offers: Vec<OfferId> = state.offers.keys().copied().collect();
    let bookings: Vec<BookingId> = state.bookings.keys().copied().collect();
    let shifts: Vec<ShiftId> = state.schedules.keys().copied().collect();
    let booking = dice.pick(&bookings).copied().unwrap_or(BookingId(9));
    let shift = dice.pick(&shifts).copied().unwrap_or(ShiftId(9));
    let corner = dice.below((SIDE * SIDE) as usize) as u32;
    match dice.below(80) {
        77..=79 => random_standby(state, shift, dice),
        73 => Command::SetSupply(Some(random_rules(dice).into()).filter(|_| dice.below(10) > 0)),
        74..=76 => {
            let posts = state.supply.as_ref().map_or(0, |supply| supply.rules.posts.len());
            let expected = (0..posts).map(|_| dice.below(5000) as u32).collect();
            Command::Foresee(Outlook { expected, within: Span::HOUR, until: now + Span::HOUR }.into())
        }
        71 | 72 => Command::AdoptPlan { orders: better_orders(town, now, dice) },
        65 | 66 => Command::Amend { booking, request: random_request(now, dice).into() },
        67 | 68 => {
            let requests = vec![random_request(now, dice).into(), random_request(now, dice).into()];
            Command::BookAll { requests, stands_together: dice.coin(), note: vec![corner as u8].into() }
        }
        69 | 70 => {
            let along = dice.pick(&bookings).copied().into_iter().collect();
            Command::CancelAll { booking, along, reason: CancelReason::Rider }
        }
        60 => Command::Note { about: u64::from(corner), content: (0..dice.below(40)).map(|byte| byte as u8).collect() },
        61 | 64 => {
            let other = dice.pick(&bookings).copied().unwrap_or(BookingId(9));
            let mut to = || match dice.below(3) {
                0 => MoveTo::Nowhere,
                1 => MoveTo::Into(shift),
                _ => MoveTo::At { shift, before_pickup: None, before_dropoff: None, overrules: true },
            };
            let mut moves = vec![Move { booking, to: to() }];
            if other != booking {
                moves.push(Move { booking: other, to: to() });
            }
            Command::Assign { moves }
        }
        62 => {
            let begin = now + Span::from_mins(dice.below(40) as i64);
            let (window, length) = (window(begin, begin + Span::from_mins(5)), Span::from_mins(10));
            Command::InterruptShift { shift, place: spot(corner), window, length }
        }
        63 => Command::DelayShift { shift, start: now + Span::from_mins(dice.below(300) as i64) },
        0..8 => Command::Quote(random_request(now, dice).into()),
        52 => Command::Book { request: random_request(now, dice).into(), by_hand: None },
        53 if dice.coin() => Command::NameZone { zone: ZoneId(corner), name: format!("zone {}", dice.below(9)) },
        53 => Command::NameFeature { feature: FeatureId(corner), name: format!("feature {}", dice.below(9)) },
        54 => Command::BreakDown { shift, place: dice.coin().then(|| place(corner)), at: now },
        55 => Command::RoadsChanged { metric: town.roads.metric() },
        56..59 => {
            let offer = dice.pick(&offers).copied().unwrap_or(OfferId(9));
            Command::HoldOffer { offer, until: now + Span::from_secs(dice.below(200) as i64) }
        }
        59 => Command::ReleaseHold { offer: dice.pick(&offers).copied().unwrap_or(OfferId(9)) },
        8..14 => Command::ConfirmOffer { offer: dice.pick(&offers).copied().unwrap_or(OfferId(9)) },
        14 | 50 => Command::CancelBooking { booking, reason: CancelReason::Duplicate },
        15 => Command::ReportNoShow { booking, at: now },
        16 => Command::Board { booking, at: now },
        17 | 51 => {
            let vehicle = VehicleId(1 + dice.below(3) as u32);
            Command::ReportPosition { vehicle, place: place(corner), observed_at: now }
        }
        18 | 19 => Command::AdvanceClock,
        20 if dice.below(3) == 0 => Command::CloseShift { shift },
        20 | 21 => {
            let number = state.last_shift + 1;
            let from = if dice.below(3) == 0 { now + Span::DAY } else { now }; // one more of a vehicle at work
            let hours = window(from, from + Span::HOUR * 8);
            let mut shift = self::shift(number, 1 + dice.below(3) as u32, hours);
            let known = DriverId(1 + dice.below(3) as u32);
            shift.driver = Some(known).filter(|driver| state.drivers.contains_key(driver));
            shift.declared = dice.coin().then(|| DeclaredTrip {
                seats: Seats::new(3, 0),
                detour_max: Span::from_mins(5 + dice.below(30) as i64),
                detour_length_max: Metres::from_metres(60_000),
                tier: Tier::T3,
            });
            Command::PlanShift(shift.into())
        }
        40 | 41 => {
            let wished = window(now, now + Span::from_mins(40));
            let request =
                request(corner, dice.below((SIDE * SIDE) as usize) as u32, Seats::new(1, 0), Wish::DepartAfter(wished));
            let by_hand = dice.coin().then(|| Placement {
                shift,
                pickup_idx: 1,
                dropoff_idx: 1 + dice.below(3) as u32,
                overrules: false,
            });
            Command::Book { request: request.into(), by_hand }
        }
        42 | 43 => {
            let id = DriverId(1 + dice.below(3) as u32);
            Command::RegisterDriver(Driver {
                id,
                name: format!("driver {}", id.0),
                kind: DriverKind::Volunteer,
                cooldown: Span::from_mins(dice.below(5) as i64),
                asks_per_week_max: 100,
                tier: *dice.pick(&[Tier::T0, Tier::T2, Tier::T3]).expect("three tiers"),
            })
        }
        44..48 => {
            let asked = state.bookings.values().find(|booking| booking.ask.is_some());
            match asked.and_then(|booking| Some((booking.id, booking.ask?.driver))) {
                Some((booking, driver)) => Command::AnswerAsk { booking, driver, accepted: dice.below(3) > 0 },
                None => Command::AdvanceClock,
            }
        }
        48 => Command::PinBooking { booking, pinned: dice.coin() },
        49 => {
            let stops = state.schedules.get(&shift).map_or(&[][..], |schedule| schedule.stops());
            Command::FreezeStops { shift, through: dice.pick(stops).map(|stop| stop.id).filter(|_| dice.coin()) }
        }
        22 => Command::OpenShift { shift, at: now },
        25 => {
            let wished = window(now, now + Span::from_secs(600 + dice.below(3600) as i64));
            let party = Seats::new(1 + dice.below(3) as u8, 0);
            let destination = dice.below((SIDE * SIDE) as usize) as u32;
            Command::Book {
                request: request(corner, destination, party, Wish::DepartAfter(wished)).into(),
                by_hand: None,
            }
        }
        26 if dice.below(3) == 0 => Command::BreakDown { shift, place: dice.coin().then(|| place(corner)), at: now },
        27 if dice.below(3) == 0 => Command::RoadsChanged { metric: town.roads.metric() },
        _ => town.next_report(shift, now).unwrap_or(Command::AdvanceClock),
    }
}
