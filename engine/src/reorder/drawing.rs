//! Schedules as a problem for the search.

use std::collections::BTreeMap;

use mukae_maps::{Place, TravelTimes};
use mukae_units::{BookingId, ShiftId, Span, StopId, Time, TravelTime};

use super::Order;
use crate::State;
use crate::improve::{Eligible, Job, JobIdx, Legs, Load, Plan, Problem, Stop, StopIdx, Vehicle, Weights};
use crate::insertion::Demand;
use crate::model::{Booking, BookingState, Policy};
use crate::schedule::{NO_ROAD, Schedule, Task, Timeline, Whereabouts};

/// A drawing holds no more stops: beyond, the shifts nearest to the one it begins with.
pub const STOPS_MAX: usize = 240;

/// Later than all that is planned, and sums do not overflow.
const NEVER: Time = Time::from_unix_millis(i64::MAX / 8);
/// Ends wherever the last rider alights.
const ANYWHERE: usize = 0;

/// What there is to reorder, as it stood when it was drawn.
#[derive(Clone, Debug)]
pub struct Drawing {
    policy: Policy,
    shifts: Vec<Drawn>,
    /// By site; the first stands for [`ANYWHERE`].
    places: Vec<Option<Place>>,
    sites: BTreeMap<Place, usize>,
    stops: Vec<Stop>,
    /// What they are in the schedules; `None` for those that only say when somebody boarded, or that a break is over.
    names: Vec<Option<StopId>>,
    jobs: Vec<Job>,
    /// Which shifts may serve a job besides its own: none, or those of a booking that may move.
    movable: Vec<Option<BookingId>>,
    own: Vec<usize>,
    may_move: Vec<bool>,
}

#[derive(Clone, Debug)]
struct Drawn {
    id: ShiftId,
    revision: u64,
    vehicle: Vehicle,
    /// As it is planned.
    order: Vec<StopIdx>,
}

impl Drawing {
    /// Of a state's schedules, those around the next stop of `anchor` first if they are too many. `None` if nothing is there to
    /// be reordered.
    pub fn of(state: &State, now: Time, anchor: Option<ShiftId>, roads: &mut dyn TravelTimes) -> Option<Drawing> {
        let schedules: Vec<&Schedule> = state.schedules.values().map(|schedule| &**schedule).collect();
        let around = anchor.and_then(|anchor| state.schedules.get(&anchor)).map(|schedule| next_place(schedule));
        Drawing::of_schedules(state, &schedules, now, around, roads)
    }

    pub(crate) fn of_schedules(
        state: &State,
        schedules: &[&Schedule],
        now: Time,
        around: Option<Place>,
        roads: &mut dyn TravelTimes,
    ) -> Option<Drawing> {
        let mut chosen: Vec<&Schedule> =
            schedules.iter().copied().filter(|schedule| schedule.may_be_reordered()).collect();
        choose(&mut chosen, around, roads);
        let mut drawing = Drawing {
            policy: state.policy?,
            shifts: Vec::new(),
            places: vec![None],
            sites: BTreeMap::new(),
            stops: Vec::new(),
            names: Vec::new(),
            jobs: Vec::new(),
            movable: Vec::new(),
            own: Vec::new(),
            may_move: Vec::new(),
        };
        chosen.iter().for_each(|schedule| drawing.add(state, schedule, now));
        drawing.settle_moves(state, &chosen);
        let is_anything_free = drawing.shifts.iter().any(|shift| shift.vehicle.fixed.len() < shift.order.len());
        is_anything_free.then_some(drawing)
    }

    fn site(&mut self, place: Place) -> usize {
        let next = self.places.len();
        let site = *self.sites.entry(place).or_insert(next);
        if site == next {
            self.places.push(Some(place));
        }
        site
    }

    fn add(&mut self, state: &State, schedule: &Schedule, now: Time) {
        let base = schedule.timeline(now);
        let (start, mut free_from) = (self.site(schedule.place()), schedule.free_since());
        if schedule.is_uncalled() {
            free_from = schedule.free_at(now);
        }
        let fixed_count = schedule.fixed_stops(&base, now, self.policy.freeze_horizon);
        let number = self.shifts.len();
        let mut job_of: BTreeMap<BookingId, JobIdx> = BTreeMap::new();
        let mut order = Vec::with_capacity(schedule.stops().len());
        let mut fixed = Vec::new();
        // whoever is on board boarded here, at that time
        let mut aboard: Vec<(Time, usize)> = Vec::new();
        for (stop_idx, stop) in schedule.stops().iter().enumerate() {
            if let Task::Dropoff { boarded_at: Some(boarded_at), .. } = stop.task {
                aboard.push((boarded_at, stop_idx));
            }
        }
        aboard.sort_unstable();
        for &(boarded_at, stop_idx) in &aboard {
            // whoever boards where it stands now boards, to the search, when it came there; and rides so much longer
            let clipped = boarded_at.min(schedule.free_since());
            let stop = &schedule.stops()[stop_idx];
            free_from = free_from.min(clipped);
            let job = self.add_job(number, schedule, stop_idx, &base, None);
            self.jobs[job].ride_max += boarded_at - clipped;
            let boarded_at = clipped;
            job_of.insert(stop.booking.expect("riders have bookings"), job);
            let pickup = &mut self.stops[Problem::pickup(job)];
            *pickup = Stop { site: start, earliest: boarded_at, latest: boarded_at, ..*pickup };
            (pickup.dwell, pickup.standing) = (Span::ZERO, Span::ZERO);
            fixed.push(Problem::pickup(job));
        }
        order.extend_from_slice(&fixed);
        for (stop_idx, stop) in schedule.stops().iter().enumerate() {
            let found = stop.booking.and_then(|booking| job_of.get(&booking).copied());
            let is_movable =
                stop.booking.and_then(|booking| state.bookings.get(&booking)).filter(|found| may_move(found));
            let first = order.len();
            match (found, stop.task) {
                (Some(job), _) => order.push(Problem::dropoff(job)),
                (None, Task::Break { .. }) => {
                    let job = self.add_break(number, schedule, stop_idx, &base);
                    order.extend([Problem::pickup(job), Problem::dropoff(job)]);
                }
                (None, _) => {
                    let of_booking = |other: &&crate::schedule::Stop| other.booking == stop.booking;
                    let dropoff = schedule.stops().iter().rposition(|other| of_booking(&other));
                    let job = self.add_job(
                        number,
                        schedule,
                        dropoff.expect("who boards alights"),
                        &base,
                        is_movable.map(|found| found.id),
                    );
                    self.add_pickup(job, schedule, stop_idx, &base);
                    job_of.insert(stop.booking.expect("riders have bookings"), job);
                    order.push(Problem::pickup(job));
                }
            }
            if stop_idx < fixed_count {
                // what is under way goes on as it is predicted, no later either, and takes as long
                let (times, planned) = (&base.stops[stop_idx], &mut self.stops[order[first]]);
                planned.earliest = planned.earliest.max(times.start);
                planned.latest = planned.earliest;
                (planned.dwell, planned.standing) = (times.served - times.start, times.end - times.served);
                fixed.extend_from_slice(&order[first..]);
            }
        }
        let end = schedule.shift.end.as_ref().map_or(ANYWHERE, |end| self.site(end.place));
        let leaves_from = match fixed_count.checked_sub(1) {
            Some(last) => base.stops[last].end,
            None => schedule.free_at(now),
        };
        // a driver who was early may be there before the shift begins
        if let Whereabouts::Driving { departed: since, .. } | Whereabouts::Serving { arrived: since } =
            schedule.plan.whereabouts
        {
            free_from = free_from.min(since);
        }
        let vehicle = Vehicle {
            start,
            free_from,
            end,
            end_latest: schedule.shift.window.latest().max(base.finish),
            out_max: None,
            places: schedule.capacity.clone().into(),
            fixed,
            leaves_from,
            opening: schedule.price_to_call() + schedule.price_of_call(now),
            wait_max: base.stops.iter().map(|times| times.wait_on_board).max().max(Some(self.policy.wait_on_board_max)),
        };
        self.shifts.push(Drawn { id: schedule.shift.id, revision: schedule.revision, vehicle, order });
    }

    fn add_stop(&mut self, stop: Stop, name: Option<StopId>) {
        self.stops.push(stop);
        self.names.push(name);
    }

    /// A party by its dropoff; its pickup is filled in by whoever asks.
    fn add_job(
        &mut self,
        shift: usize,
        schedule: &Schedule,
        dropoff_idx: usize,
        base: &Timeline,
        movable: Option<BookingId>,
    ) -> JobIdx {
        let (stop, times) = (&schedule.stops()[dropoff_idx], &base.stops[dropoff_idx]);
        let Task::Dropoff { latest, ride_max, .. } = stop.task else { panic!("{:?} is no dropoff", stop.id) };
        let site = self.site(stop.place);
        let job = self.jobs.len();
        let placeholder =
            Stop { site, earliest: times.start, latest: NEVER, dwell: stop.dwell, standing: stop.stop_dwell };
        self.add_stop(placeholder, None);
        // nobody is brought before now, and nothing becomes worse than it is
        let earliest = Time::from_unix_millis(i64::MIN / 8);
        self.add_stop(Stop { earliest, latest: latest.max(times.start), ..placeholder }, Some(stop.id));
        self.jobs.push(Job {
            party: Load::from(stop.party),
            ride_max: ride_max.max(times.ride.unwrap_or(Span::ZERO)),
            is_awaited: false,
        });
        self.movable.push(movable);
        self.own.push(shift);
        job
    }

    fn add_pickup(&mut self, job: JobIdx, schedule: &Schedule, pickup_idx: usize, base: &Timeline) {
        let (stop, times) = (&schedule.stops()[pickup_idx], &base.stops[pickup_idx]);
        let Task::Pickup { window, is_awaited, .. } = stop.task else { panic!("{:?} is no pickup", stop.id) };
        let site = self.site(stop.place);
        let latest = window.latest().max(times.start);
        let (dwell, standing) = (stop.dwell, stop.stop_dwell);
        self.stops[Problem::pickup(job)] = Stop { site, earliest: window.earliest(), latest, dwell, standing };
        self.names[Problem::pickup(job)] = Some(stop.id);
        self.jobs[job].is_awaited = is_awaited;
    }

    /// Nobody is on board meanwhile: it is a party that no other rides with, over where it began.
    fn add_break(&mut self, shift: usize, schedule: &Schedule, stop_idx: usize, base: &Timeline) -> JobIdx {
        let (stop, times) = (&schedule.stops()[stop_idx], &base.stops[stop_idx]);
        let Task::Break { window, .. } = stop.task else { panic!("{:?} is no break", stop.id) };
        let site = self.site(stop.place);
        let job = self.jobs.len();
        let latest = window.latest().max(times.start);
        let begins = Stop { site, earliest: window.earliest(), latest, dwell: stop.dwell, standing: stop.stop_dwell };
        self.add_stop(begins, Some(stop.id));
        self.add_stop(Stop { latest: NEVER, dwell: Span::ZERO, standing: Span::ZERO, ..begins }, None);
        self.jobs.push(Job { party: Load::ALONE, ride_max: Span::ZERO, is_awaited: false });
        self.movable.push(None);
        self.own.push(shift);
        job
    }

    /// Which shifts the rules of riders and vehicles let each job move to.
    fn settle_moves(&mut self, state: &State, schedules: &[&Schedule]) {
        let shifts = self.shifts.len();
        self.may_move = vec![false; self.jobs.len() * shifts];
        for job in 0..self.jobs.len() {
            self.may_move[job * shifts + self.own[job]] = true;
            let Some(found) = self.movable[job].and_then(|booking| state.bookings.get(&booking)) else { continue };
            for (number, schedule) in schedules.iter().enumerate() {
                self.may_move[job * shifts + number] |= may_serve(state, found, schedule);
            }
        }
    }

    /// The problem, with somebody who has no place yet as the last job; and the plans as they are. `None` if a place has no
    /// road, or a schedule can not be kept as it is drawn.
    pub fn problem(&self, newcomer: Option<&Demand>, roads: &mut dyn TravelTimes) -> Option<(Problem, Plan)> {
        let mut places = self.places.clone();
        let (mut stops, mut jobs) = (self.stops.clone(), self.jobs.clone());
        if let Some(demand) = newcomer {
            let (dwell, standing) = (demand.dwell, demand.stop_dwell);
            for (place, window) in [
                (demand.origin, (demand.pickup.earliest(), demand.pickup.latest())),
                (demand.destination, (demand.pickup.earliest(), demand.dropoff_latest)),
            ] {
                stops.push(Stop { site: places.len(), earliest: window.0, latest: window.1, dwell, standing });
                places.push(Some(place));
            }
            let is_awaited = demand.waits_from.is_some();
            jobs.push(Job { party: Load::from(demand.party), ride_max: demand.ride_max, is_awaited });
        }
        let legs = legs(&places, roads)?.into();
        let shifts = self.shifts.len();
        let eligible = Eligible::new(jobs.len(), shifts, |job, shift| {
            self.may_move.get(job * shifts + shift).copied().unwrap_or(true)
        });
        let weights = &self.policy.cost;
        let weights = Weights {
            driving: weights.driving,
            out: weights.driver_time,
            wait: weights.rider_wait,
            ride: weights.excess_ride,
        };
        let vehicles = self.shifts.iter().map(|shift| shift.vehicle.clone()).collect();
        let problem = Problem { stops, jobs, vehicles, legs, eligible: Some(eligible), weights };
        let orders = self.shifts.iter().map(|shift| shift.order.clone()).collect();
        let plan = Plan::of(&problem, orders)?;
        Some((problem, plan))
    }

    /// The orders of those shifts that a plan changes; a newcomer is left out.
    pub fn orders(&self, plan: &Plan) -> Vec<Order> {
        let name = |&stop: &StopIdx| self.names.get(stop).copied().flatten();
        let changed = self.shifts.iter().zip(&plan.routes).filter_map(|(shift, route)| {
            let stops: Vec<StopId> = route.stops().iter().filter_map(name).collect();
            let before = shift.order.iter().filter_map(name);
            let is_same = before.eq(stops.iter().copied());
            (!is_same).then_some(Order { shift: shift.id, revision: shift.revision, stops })
        });
        changed.collect()
    }
}

/// Who may be given to another vehicle without being told anything new.
fn may_move(found: &Booking) -> bool {
    let is_waiting = matches!(found.state, BookingState::Confirmed | BookingState::EnRoute);
    let is_kept = found.is_pinned || (found.by_hand.is_some() && found.by_hand == found.shift);
    is_waiting && !is_kept && found.stranded_at.is_none() && found.ask.is_none()
}

/// Whether a shift may take somebody who is booked, by all rules that need no road.
pub(super) fn may_serve(state: &State, found: &Booking, schedule: &Schedule) -> bool {
    let Some(service) = state.services.get(&found.request.service) else { return false };
    let (from, to) = (found.request.origin_of(found.access), found.request.destination_of(found.access));
    let zones = (from.spot.zones, to.spot.zones);
    let has_refused = schedule.shift.driver.is_some_and(|driver| found.asked.contains(&driver));
    may_move(found)
        && !has_refused
        && schedule.unwelcome(found.request.needs, (service.id, service.policy.crews), zones).is_none()
        && schedule.capacity.fits(found.request.party)
}

fn next_place(schedule: &Schedule) -> Place {
    schedule.next_stop().map_or(schedule.place(), |stop| stop.place)
}

/// Those that fit into a drawing, in the order of their shifts: nearest to a place first.
fn choose(schedules: &mut Vec<&Schedule>, around: Option<Place>, roads: &mut dyn TravelTimes) {
    let count = |schedules: &[&Schedule]| schedules.iter().map(|schedule| schedule.stops().len() + 1).sum::<usize>();
    if count(schedules) <= STOPS_MAX {
        return;
    }
    let Some(from) = around.or(schedules.first().map(|schedule| next_place(schedule))) else { return };
    let mut near: Vec<(TravelTime, ShiftId)> = schedules
        .iter()
        .map(|schedule| (roads.travel_time(from, next_place(schedule)).unwrap_or(NO_ROAD), schedule.shift.id))
        .collect();
    near.sort_unstable();
    let rank: BTreeMap<ShiftId, usize> = near.iter().enumerate().map(|(rank, &(_, shift))| (shift, rank)).collect();
    schedules.sort_by_key(|schedule| rank[&schedule.shift.id]);
    while STOPS_MAX < count(schedules) && 1 < schedules.len() {
        schedules.pop();
    }
    schedules.sort_by_key(|schedule| schedule.shift.id);
}

/// Between any two places; where no road leads it takes too long for any plan.
fn legs(places: &[Option<Place>], roads: &mut dyn TravelTimes) -> Option<Legs> {
    let there: Vec<Place> = places.iter().flatten().copied().collect();
    let mut times = vec![TravelTime::ZERO; places.len()];
    let mut row = Vec::new();
    for place in places.iter().skip(1) {
        roads.one_to_many(place.expect("the first alone is anywhere"), &there, &mut row);
        times.push(TravelTime::ZERO);
        times.extend(row.iter().map(|time| time.unwrap_or(NO_ROAD)));
    }
    Legs::new(places.len(), times)
}
