//! The slow twin of the search: every vehicle, every pair of positions, each tried as a whole new
//! schedule whose times and costs are reckoned from nothing.

mod ahead;

use std::collections::BTreeMap;

use mukae_engine::insertion::{Demand, Insertion};
use mukae_engine::model::{
    AccessPair, Asking, OnCall, Policy, Request, Serves, Service, ShiftState, Supply, Vehicle, Wish,
};
use mukae_engine::schedule::{Schedule, Task, Whereabouts};
use mukae_maps::{Place, TravelTimes};
use mukae_units::{BookingId, Capacity, SeatKind, Seats, ShiftId, Span, StopId, Time, TravelTime, VehicleId, Zones};

use ahead::Ahead;

/// The newcomer's number in the trial schedules.
const NEW: BookingId = BookingId(u64::MAX);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Best {
    pub cost: i64,
    /// What it costs besides those who may ask later.
    pub ahead: i64,
    pub shift: ShiftId,
    pub pickup_idx: usize,
    pub dropoff_idx: usize,
    pub pickup: Time,
    pub dropoff: Time,
    /// Only because boardings are held back for it.
    pub is_held: bool,
}

/// What the search found, to be compared.
impl From<Insertion> for Best {
    fn from(found: Insertion) -> Best {
        let Insertion { cost, ahead, shift, pickup_idx, dropoff_idx, pickup, dropoff, is_held, .. } = found;
        Best { cost, ahead, shift, pickup_idx, dropoff_idx, pickup, dropoff, is_held }
    }
}

impl Best {
    fn price(&self) -> i64 {
        self.cost + self.ahead
    }
}

#[derive(Clone, Copy)]
struct Visit {
    /// `None` for the newcomer's.
    stop: Option<StopId>,
    booking: BookingId,
    place: Place,
    is_break: bool,
    is_pickup: bool,
    is_awaited: bool,
    earliest: Option<Time>,
    /// The same without a hold.
    opens: Time,
    /// When its window ends; far off for the newcomer's, which may be longer for a price.
    closes: Time,
    latest: Time,
    ride_max: Span,
    dwell: Span,
    stop_dwell: Span,
    /// Fixed for stops that are planned; the newcomer and who comes after see by their places.
    joins: Option<bool>,
    party: Seats,
}

/// A whole day of one vehicle, written out.
#[derive(Clone)]
struct Trial {
    start_place: Place,
    free: Time,
    /// Driving before it is free.
    on_the_way: Span,
    /// Set for a first leg that is already being driven or done: when the vehicle is there.
    first_ready: Option<Time>,
    on_board: BTreeMap<BookingId, (Seats, Time)>,
    visits: Vec<Visit>,
    end: Option<Place>,
    /// The stop at which the vehicle stands is as good as over: nobody can join it.
    is_left: bool,
    capacity: Capacity,
}

#[derive(Default)]
struct Reckoning {
    starts: Vec<Time>,
    ends: Vec<Time>,
    waits: Vec<Span>,
    rides: BTreeMap<BookingId, Span>,
    driving: Span,
    finish: Option<Time>,
    is_over_capacity: bool,
    rests_with_riders: bool,
}

impl Trial {
    fn reckon(&self, now: Time, roads: &mut dyn TravelTimes) -> Reckoning {
        let mut result = Reckoning { driving: self.on_the_way, ..Reckoning::default() };
        let mut on_board = self.on_board.clone();
        let (mut place, mut free, mut served) = (self.start_place, self.free, self.free);
        for (index, visit) in self.visits.iter().enumerate() {
            let mut there = free + roads.travel_time(place, visit.place).expect("the city is connected");
            if let (0, Some(first)) = (index, self.first_ready) {
                there = first;
            }
            result.driving += there - free;
            let joins = index > 0 && self.joins(index);
            let ready = if joins { served } else { there };
            let start = visit.earliest.map_or(ready, |earliest| ready.max(earliest));
            let stands_since = if joins { free } else { ready };
            let waited = (start - stands_since).max(Span::ZERO);
            result.waits.push(if on_board.is_empty() { Span::ZERO } else { waited });
            result.starts.push(start);
            let alone = start + visit.dwell + visit.stop_dwell;
            let planned = if joins { alone.max(free) } else { alone };
            free = planned.max(now);
            served = start + visit.dwell + (free - planned);
            result.ends.push(free);
            if visit.is_break {
                result.rests_with_riders |= !on_board.is_empty();
            } else if visit.is_pickup {
                on_board.insert(visit.booking, (visit.party, free));
                let load = SeatKind::ALL.map(|kind| on_board.values().map(|(party, _)| party.of(kind)).sum());
                result.is_over_capacity |= !is_seated(load, &self.capacity);
            } else {
                let (_, boarded) = on_board.remove(&visit.booking).expect("who alights is on board");
                result.rides.insert(visit.booking, (start - boarded).max(Span::ZERO));
            }
            place = visit.place;
        }
        let home = self.end.map(|end| roads.travel_time(place, end).expect("the city is connected"));
        let home = home.unwrap_or(TravelTime::ZERO);
        result.driving += home.span();
        result.finish = Some(free + home);
        result
    }
}

impl Trial {
    /// Whose boarding has to begin when, so that the vehicle is at a visit later by so much: of those who board before, the
    /// last; who alights between does so at once.
    fn boards_before(&self, index: usize, from: usize, over: Span, new: &Reckoning) -> Option<(usize, Time)> {
        let joins = |index: usize| index > 0 && self.joins(index);
        let (mut at, mut by, mut is_to_leave) = (index, over, true);
        while from < at {
            at -= 1;
            let visit = &self.visits[at];
            let later = match is_to_leave {
                true => new.ends[at] + by - visit.dwell - visit.stop_dwell - new.starts[at],
                false => by,
            };
            if visit.is_break {
                return None;
            }
            if visit.is_pickup {
                return Some((at, new.starts[at] + later));
            }
            (by, is_to_leave) = (later, !joins(at));
        }
        None
    }

    /// False if somebody is kept from boarding until after the window.
    fn holds_inside_windows(&self, new: &Reckoning, now: Time, roads: &mut dyn TravelTimes) -> bool {
        (0..self.visits.len()).all(|index| {
            let visit = &self.visits[index];
            let mut free = self.clone();
            free.visits[index].earliest = visit.earliest.map(|_| visit.opens);
            let is_late = visit.closes < new.starts[index];
            !(is_late && visit.is_pickup && free.reckon(now, roads).starts[index] < new.starts[index])
        })
    }

    /// True if a visit is made while the vehicle stands at the place for the one before.
    fn joins(&self, index: usize) -> bool {
        let (before, visit) = (&self.visits[index - 1], &self.visits[index]);
        let stands_already = before.place == visit.place && !(before.is_break || visit.is_break);
        visit.joins.unwrap_or(stands_already && !(index == 1 && self.is_left))
    }
}

/// Whether some configuration seats so many of each kind, by trying every number of each kind on
/// every kind of place.
fn is_seated(load: [u8; SeatKind::COUNT], capacity: &Capacity) -> bool {
    fn spread(load: &mut [u8; SeatKind::COUNT], places: &mut [u8; SeatKind::COUNT], capacity: &Capacity) -> bool {
        let Some(kind) = (0..SeatKind::COUNT).find(|&kind| load[kind] > 0) else { return true };
        (0..SeatKind::COUNT).any(|place| {
            let may_sit = capacity.substitutions().allows(SeatKind::ALL[kind], SeatKind::ALL[place]);
            if !may_sit || places[place] == 0 {
                return false;
            }
            (load[kind], places[place]) = (load[kind] - 1, places[place] - 1);
            let is_seated = spread(load, places, capacity);
            (load[kind], places[place]) = (load[kind] + 1, places[place] + 1);
            is_seated
        })
    }
    capacity.configurations().iter().any(|places| {
        let mut places = SeatKind::ALL.map(|kind| places.of(kind));
        spread(&mut load.clone(), &mut places, capacity)
    })
}

/// Who may ride with whom, rule by rule, by looking at the vehicle and the shift themselves.
fn is_welcome(demand: &Demand, schedule: &Schedule, vehicle: &Vehicle) -> bool {
    let can = |feature| vehicle.terms.features.contains(feature) || schedule.shift.features.contains(feature);
    let serves = match &vehicle.terms.serves {
        Serves::All => true,
        Serves::Only(services) => services.iter().any(|&service| service == demand.service),
    };
    let own = schedule.shift.zones.iter().next().map_or(vehicle.terms.zones, |_| schedule.shift.zones);
    let goes = |place: Zones| own.iter().next().is_none() || own.iter().any(|zone| place.contains(zone));
    let crew = schedule.shift.crew.unwrap_or(vehicle.terms.crew);
    let serves = serves && demand.crews.contains(crew);
    demand.needs.iter().all(can) && serves && goes(demand.zones.0) && goes(demand.zones.1)
}

/// Whether a service carries between places that lie in these zones, zone by zone.
fn is_carried((from, to): (Zones, Zones), service: &Service) -> bool {
    let lies_in = |zones: Zones, place: Zones| {
        zones == Zones::EMPTY || place.iter().any(|zone| zones.iter().any(|other| other == zone))
    };
    service.zones.is_empty() || service.zones.iter().any(|pair| lies_in(pair.from, from) && lies_in(pair.to, to))
}

/// The cheapest allowed insertion of `demand`, by trying everything.
pub fn best<'s>(
    now: Time,
    demand: &Demand,
    (policy, supply): (&Policy, Option<&Supply>),
    schedules: impl Iterator<Item = &'s Schedule>,
    vehicles: &BTreeMap<VehicleId, Vehicle>,
    roads: &mut dyn TravelTimes,
) -> Option<Best> {
    let mut found: Option<Best> = None;
    let schedules: Vec<&Schedule> = schedules.collect();
    let supply = supply.filter(|supply| !supply.rules.anticipation.is_off());
    let ahead = supply.map(|supply| Ahead::new(now, policy, supply, schedules.iter().copied(), roads));
    let rules = (policy, ahead.as_ref());
    for schedule in schedules {
        if !is_welcome(demand, schedule, &vehicles[&schedule.shift.vehicle]) {
            continue;
        }
        let old_stops = schedule.stops().len();
        for pickup_idx in 0..=old_stops {
            for dropoff_idx in pickup_idx..=old_stops {
                let Some(best) = try_pair(now, demand, rules, schedule, (pickup_idx, dropoff_idx), roads) else {
                    continue;
                };
                if found.is_none_or(|found| {
                    (best.price(), best.shift, best.pickup_idx, best.dropoff_idx)
                        < (found.price(), found.shift, found.pickup_idx, found.dropoff_idx)
                }) {
                    found = Some(best);
                }
            }
        }
    }
    found
}

/// What a request asks by one pair of its meeting points in some hours of its service.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub access: AccessPair,
    /// When the hours end.
    pub hours: Option<Time>,
    pub demand: Demand,
}

/// The cheapest way to serve a request, over all its meeting points: in the first hours (the last, for who has a
/// deadline), close to the deadline if there is one, else at all. `search` is asked for each.
pub fn best_of_request(
    request: &Request,
    asked: &[Asked],
    service: &Service,
    mut search: impl FnMut(&Demand) -> Option<Best>,
) -> Option<(AccessPair, Best)> {
    let mut hours: Vec<Option<Time>> = asked.iter().map(|asked| asked.hours).collect();
    hours.sort();
    if matches!(request.wish, Wish::ArriveBy(_)) {
        hours.reverse();
    }
    for hours in hours {
        let here = || asked.iter().filter(|asked| asked.hours == hours).copied();
        let close = here()
            .filter_map(|asked| Some(Asked { demand: asked.demand.close_to_deadline(&service.policy)?, ..asked }));
        for tier in [close.collect::<Vec<_>>(), here().collect()] {
            let mut found: Option<(i64, Span, AccessPair, Best)> = None;
            for Asked { access, demand, .. } in tier {
                let Some(best) = search(&demand) else { continue };
                let walk =
                    request.origin[access.origin as usize].walk + request.destination[access.destination as usize].walk;
                if found.is_none_or(|(cost, walked, pair, _)| (best.price(), walk, access) < (cost, walked, pair)) {
                    found = Some((best.price(), walk, access, best));
                }
            }
            if let Some((_, _, access, best)) = found {
                return Some((access, best));
            }
        }
    }
    None
}

/// Every pair of meeting points that may be walked to, and what riders there ask, hours by hours.
pub fn asked(now: Time, request: &Request, service: &Service, roads: &mut dyn TravelTimes) -> Vec<Asked> {
    let mut all = Vec::new();
    let riding =
        SeatKind::ALL.map(|kind| if kind == SeatKind::Luggage { 0 } else { u32::from(request.party.of(kind)) });
    if service.policy.party_max.is_some_and(|most| most < riding.iter().sum()) {
        return all;
    }
    let walk_max = service.policy.walk_max;
    for (origin, from) in (0u32..).zip(&request.origin) {
        for (destination, to) in (0u32..).zip(&request.destination) {
            let is_walk = from.spot.place == to.spot.place && request.origin.len() * request.destination.len() > 1;
            let is_far = from.walk > walk_max.to_pickup + request.beyond.walk
                || to.walk > walk_max.from_dropoff + request.beyond.walk;
            if is_walk || is_far || !is_carried((from.spot.zones, to.spot.zones), service) {
                continue;
            }
            let access = AccessPair { origin, destination };
            let Ok(demand) = Demand::of_request(now, request, access, &service.policy, roads) else { continue };
            assert_eq!((demand.origin, demand.destination), (from.spot.place, to.spot.place));
            assert_eq!((demand.zones, demand.needs), ((from.spot.zones, to.spot.zones), request.needs));
            assert_eq!(demand.walk, from.walk + to.walk);
            assert!(from.walk == Span::ZERO || now + from.walk <= demand.pickup.earliest(), "{demand:?}");
            match request.wish {
                Wish::DepartAfter(window) => assert!(window.earliest() + from.walk <= demand.pickup.earliest()),
                Wish::ArriveBy(window) => assert!(demand.dropoff_latest + to.walk <= window.latest()),
            }
            assert!(request.arrive_latest.is_none_or(|latest| demand.dropoff_latest + to.walk <= latest));
            for hours in service.open_hours(now, demand.pickup).unwrap_or_default() {
                all.push(Asked { access, hours: hours.pickup_max, demand: demand.within(&hours) });
            }
        }
    }
    all
}

/// A vehicle that is repositioned goes on first, or is turned where that brings it to the newcomer sooner.
fn try_pair(
    now: Time,
    demand: &Demand,
    rules: (&Policy, Option<&Ahead<'_>>),
    schedule: &Schedule,
    positions: (usize, usize),
    roads: &mut dyn TravelTimes,
) -> Option<Best> {
    let going_on = try_from(now, demand, rules, schedule, positions, None, roads);
    let Whereabouts::Repositioning { from, departed, to, leg } = schedule.plan.whereabouts else { return going_on };
    let there = now.max(departed + leg);
    let point = roads.decision_point(from, to, now - departed)?;
    let turned = (point.place, now.max(departed + point.after));
    if positions.0 > 0 || turned.0 == to || there <= turned.1 {
        return going_on;
    }
    let soon = there + roads.travel_time(to, demand.origin).expect("the city is connected");
    let turned = try_from(now, demand, rules, schedule, positions, Some(turned), roads);
    let turned = turned.filter(|turned| turned.pickup < soon);
    match (going_on, turned) {
        (Some(going_on), Some(turned)) if (turned.price(), turned.cost) < (going_on.price(), going_on.cost) => {
            Some(turned)
        }
        (going_on, turned) => going_on.or(turned),
    }
}

fn try_from(
    now: Time,
    demand: &Demand,
    (policy, ahead): (&Policy, Option<&Ahead<'_>>),
    schedule: &Schedule,
    (pickup_idx, dropoff_idx): (usize, usize),
    turned: Option<(Place, Time)>,
    roads: &mut dyn TravelTimes,
) -> Option<Best> {
    let window = schedule.shift.window;
    if demand.pickup.latest() < window.earliest() || window.latest() < demand.pickup.earliest() {
        return None;
    }
    let is_turned = pickup_idx == 0 && matches!(schedule.plan.whereabouts, Whereabouts::Driving { .. });
    match schedule.asking {
        Asking::Unneeded => {}
        Asking::From(from) if from <= now && !is_turned => {}
        _ => return None,
    }
    if pickup_idx < frozen(now, policy, schedule) {
        return None;
    }
    let mut before = trial(now, schedule, roads);
    let mut after = trial(now, schedule, roads);
    if let Some((place, at)) = turned {
        before.on_the_way = before.free - at; // to where it was sent
        (after.start_place, after.free) = (place, at);
    }
    let old = before.reckon(now, roads);
    let unturned = before.clone();
    if pickup_idx == 0 {
        match schedule.plan.whereabouts {
            Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } => {}
            Whereabouts::Serving { .. } => return None,
            Whereabouts::Driving { .. } => after.first_ready = None, // turned at the decision point
        }
    }
    let newcomer = |place, is_pickup, earliest, latest| Visit {
        stop: None,
        booking: NEW,
        place,
        is_break: false,
        is_pickup,
        is_awaited: is_pickup && demand.waits_from.is_some(),
        earliest,
        opens: demand.pickup.earliest(),
        closes: Time::from_unix_millis(i64::MAX),
        latest,
        ride_max: demand.ride_max,
        dwell: demand.dwell,
        stop_dwell: demand.stop_dwell,
        joins: None,
        party: demand.party,
    };
    after.visits.insert(dropoff_idx, newcomer(demand.destination, false, None, demand.dropoff_latest));
    after
        .visits
        .insert(pickup_idx, newcomer(demand.origin, true, Some(demand.pickup.earliest()), demand.pickup.latest()));
    for changed in [pickup_idx + 1, dropoff_idx + 2] {
        if let Some(next) = after.visits.get_mut(changed) {
            next.joins = None;
        }
    }
    let new = after.reckon(now, roads);
    if let Some(route) = &schedule.plan.route {
        let (old_time, old_length) = driven_in_all(schedule, &before.visits, None, roads);
        let turned = is_turned.then_some(after.start_place);
        let (time, length) = driven_in_all(schedule, &after.visits, turned, roads);
        if time > route.time_max.max(old_time) || length > route.length_max.as_millimetres().max(old_length) {
            return None;
        }
    }

    let judged = Judged { demand, policy, schedule, before: &before, old: &old, positions: (pickup_idx, dropoff_idx) };
    let priced = |best: Best, after: &Trial, new: &Reckoning, roads: &mut dyn TravelTimes| {
        let price = |ahead: &Ahead<'_>| ahead.price(schedule, (&unturned, &old), (after, new), roads);
        Best { ahead: ahead.map_or(0, price), ..best }
    };
    if let Some(best) = judged.best(&after, &new) {
        return Some(priced(best, &after, &new, roads));
    }
    Some({
        let is_standing = usize::from(matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. }));
        let from = is_standing.max(frozen(now, policy, schedule));
        let (held, new) = judged.held_back(&after, from, now, roads)?;
        let best = judged.best(&held, &new)?;
        priced(Best { is_held: true, ..best }, &held, &new, roads)
    })
}

/// An insertion that is tried.
struct Judged<'a> {
    demand: &'a Demand,
    policy: &'a Policy,
    schedule: &'a Schedule,
    before: &'a Trial,
    old: &'a Reckoning,
    positions: (usize, usize),
}

impl Judged<'_> {
    fn old_index(&self, visit: &Visit) -> Option<usize> {
        self.before.visits.iter().position(|old| visit.stop.is_some() && old.stop == visit.stop)
    }

    /// How long the vehicle may stand still for a visit with riders on board.
    fn wait_max(&self, visit: &Visit) -> Span {
        let already = self.old_index(visit).map_or(Span::ZERO, |old_idx| self.old.waits[old_idx]);
        self.policy.wait_on_board_max.max(already)
    }

    /// How long a party may ride; `None` for as long as it takes.
    fn ride_max(&self, visit: &Visit) -> Option<Span> {
        match self.old_index(visit) {
            Some(_) => Some(visit.ride_max.max(self.old.rides[&visit.booking])),
            None => self.demand.soft.is_none().then_some(self.demand.ride_max),
        }
    }

    /// Boardings from `from` on begin as late as they must: wherever somebody rides or stands still for too long, the party
    /// in question, or whoever boards last before, begins later by just so much, again and again. `None` once one of them
    /// would have to begin after its window, or there is nobody.
    fn held_back(
        &self,
        after: &Trial,
        from: usize,
        now: Time,
        roads: &mut dyn TravelTimes,
    ) -> Option<(Trial, Reckoning)> {
        let mut trial = after.clone();
        for visit in &mut trial.visits[from..] {
            visit.earliest = visit.earliest.map(|_| visit.opens);
        }
        // each round settles one more of the limits, or they chase each other for ever
        for _ in 0..100 * trial.visits.len() {
            let new = trial.reckon(now, roads);
            let late = |(visit, &start): (&Visit, &Time)| {
                let latest = self.old_index(visit).map_or(visit.latest, |old| visit.latest.max(self.old.starts[old]));
                let is_priced = visit.stop.is_none() && self.demand.soft.is_some();
                let closed = visit.is_pickup && self.demand.pickup_max.is_some_and(|closes| closes < start);
                (!is_priced && latest < start) || (visit.stop.is_none() && closed)
            };
            if trial.visits.iter().zip(&new.starts).any(late) {
                return None;
            }
            let mut raised: Vec<(usize, Time)> = Vec::new();
            for (index, visit) in trial.visits.iter().enumerate().skip(from) {
                let over = new.waits[index] - self.wait_max(visit);
                if over > Span::ZERO {
                    raised.push(trial.boards_before(index, from, over, &new)?);
                }
                if visit.is_pickup || visit.is_break {
                    continue;
                }
                let Some(ride_max) = self.ride_max(visit) else { continue };
                let over = new.rides[&visit.booking] - ride_max;
                if over > Span::ZERO {
                    let boards = |other: &Visit| other.is_pickup && other.booking == visit.booking;
                    let pickup_idx = trial.visits.iter().position(boards).filter(|&pickup_idx| from <= pickup_idx)?;
                    let pickup = &trial.visits[pickup_idx];
                    raised.push((pickup_idx, new.ends[pickup_idx] + over - pickup.dwell - pickup.stop_dwell));
                }
            }
            if raised.is_empty() {
                return trial.holds_inside_windows(&new, now, roads).then_some((trial, new));
            }
            for (index, at) in raised {
                let earliest = &mut trial.visits[index].earliest;
                *earliest = (*earliest).max(Some(at));
            }
        }
        None
    }

    fn best(&self, after: &Trial, new: &Reckoning) -> Option<Best> {
        let Judged { demand, policy, schedule, before, old, positions: (pickup_idx, dropoff_idx) } = *self;
        let window = schedule.shift.window;
        let old_index = |visit: &Visit| self.old_index(visit);
        if new.is_over_capacity || new.rests_with_riders {
            return None;
        }
        let mut cost = policy.cost.driving * (new.driving - old.driving).as_millis();
        for (index, visit) in after.visits.iter().enumerate() {
            let (start, wait) = (new.starts[index], new.waits[index]);
            let Some(old_idx) = old_index(visit) else {
                let is_after_hours = visit.is_pickup && demand.pickup_max.is_some_and(|hours_end| start > hours_end);
                if is_after_hours
                    || (demand.soft.is_none() && start > visit.latest)
                    || (visit.is_pickup && start > window.latest())
                    || wait > policy.wait_on_board_max
                {
                    return None;
                }
                let over = (start - visit.latest).max(Span::ZERO).as_millis();
                if let Some(soft) = demand.soft {
                    cost += over * if visit.is_pickup { soft.pickup_late } else { soft.dropoff_late };
                }
                cost += policy.cost.wait_on_board * wait.as_millis();
                continue;
            };
            if start > visit.latest.max(old.starts[old_idx]) || wait > policy.wait_on_board_max.max(old.waits[old_idx])
            {
                return None;
            }
            cost += policy.cost.wait_on_board * (wait - old.waits[old_idx]).as_millis();
            if visit.is_break {
                continue; // a rest at another time costs nothing
            }
            if visit.is_pickup {
                let later = new.ends[index] - old.ends[old_idx];
                cost += i64::from(visit.is_awaited) * policy.cost.rider_wait * later.as_millis();
            } else {
                let (ride, old_ride) = (new.rides[&visit.booking], old.rides[&visit.booking]);
                if ride > visit.ride_max.max(old_ride) {
                    return None;
                }
                cost += policy.cost.excess_ride * (ride - old_ride).as_millis();
            }
        }
        let finish_max = if before.visits.is_empty() { window.latest() } else { window.latest().max(old.finish?) };
        let ride_over = new.rides[&NEW] - demand.ride_max;
        if (demand.soft.is_none() && ride_over > Span::ZERO) || new.finish? > finish_max {
            return None;
        }
        cost += demand.soft.map_or(0, |soft| soft.ride_over * ride_over.max(Span::ZERO).as_millis());
        cost += policy.cost.driver_time * (new.finish? - old.finish?).as_millis();
        cost += to_call(schedule).map_or(0, |on_call| on_call.cost * 60_000);
        let (pickup, dropoff) = (new.starts[pickup_idx], new.starts[dropoff_idx + 1]);
        cost += policy.cost.excess_ride * (new.rides[&NEW] - demand.direct.span()).max(Span::ZERO).as_millis();
        cost += policy.cost.walking * demand.walk.as_millis();
        if let Some(from) = demand.waits_from {
            cost += policy.cost.rider_wait * (new.ends[pickup_idx] - from).as_millis();
        }
        let shift = schedule.shift.id;
        Some(Best { cost, ahead: 0, shift, pickup_idx, dropoff_idx, pickup, dropoff, is_held: false })
    }
}

/// How many stops, from the first, nothing may come before.
fn frozen(now: Time, policy: &Policy, schedule: &Schedule) -> usize {
    let timeline = schedule.timeline(now);
    let leaves_soon = |index: usize| timeline.stops[index].departure - now <= policy.freeze_horizon;
    let mut count = 0;
    for (index, stop) in schedule.stops().iter().enumerate() {
        if (policy.freeze_horizon > Span::ZERO && leaves_soon(index)) || schedule.frozen == Some(stop.id) {
            count = index + 1;
        }
    }
    count
}

/// Driving time and millimetres of a declared trip from its start to its end, by these visits.
fn driven_in_all(
    schedule: &Schedule,
    visits: &[Visit],
    turned: Option<Place>,
    roads: &mut dyn TravelTimes,
) -> (Span, u64) {
    let route = schedule.plan.route.as_ref().expect("a declared trip has a route");
    let (mut time, mut length) = (route.driven, route.driven_length.as_millimetres());
    let mut drive = |from: Place, to: Place| {
        time += roads.travel_time(from, to).expect("the city is connected").span();
        length += roads.length(from, to).expect("the city is connected").as_millimetres();
    };
    let mut place = match schedule.plan.whereabouts {
        Whereabouts::Waiting { place, .. }
        | Whereabouts::Driving { from: place, .. }
        | Whereabouts::Repositioning { to: place, .. } => place,
        Whereabouts::Serving { .. } => visits[0].place,
    };
    let end = schedule.shift.end.as_ref().map(|end| end.place);
    for to in turned.into_iter().chain(visits.iter().map(|visit| visit.place)).chain(end) {
        drive(place, to);
        place = to;
    }
    (time, length)
}

/// Set if the driver comes only if called, and has neither been called nor signed on.
pub fn to_call(schedule: &Schedule) -> Option<OnCall> {
    let is_idle = schedule.state == ShiftState::Planned && schedule.stops().is_empty();
    schedule.shift.on_call.filter(|_| is_idle)
}

fn trial(now: Time, schedule: &Schedule, roads: &mut dyn TravelTimes) -> Trial {
    let stops = schedule.stops();
    let opens = schedule.shift.window.earliest();
    let (start_place, free, first_ready) = match schedule.plan.whereabouts {
        Whereabouts::Waiting { place, since } => {
            let called = to_call(schedule).map_or(now, |on_call| now + on_call.notice);
            (place, called.max(since).max(opens), None)
        }
        Whereabouts::Repositioning { departed, to, leg, .. } => (to, now.max(departed + leg).max(opens), None),
        Whereabouts::Serving { arrived } => (stops[0].place, arrived, Some(arrived)),
        Whereabouts::Driving { from, departed } => {
            let point = roads.decision_point(from, stops[0].place, now - departed).expect("on a road");
            let there = now.max(departed + point.after);
            (point.place, there, Some(now.max(departed + stops[0].leg)))
        }
    };
    let mut on_board = BTreeMap::new();
    let visits = stops
        .iter()
        .map(|stop| {
            let (opens, hold, latest, ride_max) = match stop.task {
                Task::Pickup { window, hold, .. } => (window.earliest(), hold, window.latest(), Span::ZERO),
                Task::Dropoff { latest, ride_max, boarded_at } => {
                    if let Some(boarded) = boarded_at {
                        on_board.insert(stop.booking.expect("a rider has one"), (stop.party, boarded));
                    }
                    (latest, None, latest, ride_max)
                }
                Task::Break { window, .. } => (window.earliest(), None, window.latest(), Span::ZERO),
            };
            let earliest = (!stop.is_dropoff()).then_some(hold.map_or(opens, |hold| hold.max(opens)));
            Visit {
                stop: Some(stop.id),
                booking: stop.booking.unwrap_or(BookingId(0)),
                place: stop.place,
                is_break: stop.booking.is_none(),
                is_pickup: stop.is_pickup(),
                is_awaited: matches!(stop.task, Task::Pickup { is_awaited: true, .. }),
                earliest,
                opens,
                closes: latest,
                latest,
                ride_max,
                dwell: stop.dwell,
                stop_dwell: stop.stop_dwell,
                joins: Some(stop.joins),
                party: stop.party,
            }
        })
        .collect();
    Trial {
        start_place,
        free,
        on_the_way: Span::ZERO,
        first_ready,
        on_board,
        visits,
        end: schedule.shift.end.as_ref().map(|end| end.place),
        is_left: matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. })
            && schedule.timeline(now).stops[0].end <= now,
        capacity: schedule.capacity.clone(),
    }
}
