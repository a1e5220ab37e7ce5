//! Every shift with its best place for a party, or why it has none; see [`Suggestions`].
//!
//! A cost is told by its terms without a second reckoning: it is linear in what minutes are worth, so that the same walk
//! with a worth of one for one kind of minute, and of nothing for all others, counts those minutes.

use std::collections::BTreeSet;

use mukae_units::{ShiftId, Span, Time, VehicleId};

use super::{Draft, by_hand, holds, offers};
use crate::answer::Rejection;
use crate::dispatcher::Beside;
use crate::insertion::{Among, Demand, Insertion, Nearest, SoftLimits, nearest_in, plan_with, ways};
use crate::model::refusal::nearest;
use crate::model::{
    AccessPair, Asking, Binding, Booking, BookingState, Constraint, CostWeights, Policy, Promise, Request,
};
use crate::schedule::{Schedule, Task};
use crate::suggestion::{CostKind, CostTerm, Delay, Fit, Subject, Suggestion, Suggestions, Verdict};
use crate::work::Work;
use crate::{Command, Placement, State};

pub(crate) fn suggest(
    state: &State,
    beside: &Beside,
    now: Time,
    subject: Subject<'_>,
    work: &mut Work<'_>,
) -> Result<Suggestions, Rejection> {
    let mut draft = Draft::new(state, beside, now, &Command::AdvanceClock, work);
    let draft = &mut draft;
    holds::release_overdue(draft)?;
    let wanted = match subject {
        Subject::Request(request) => Wanted::of_request(draft, request)?,
        Subject::Booking(booking) => Wanted::of_booking(draft, draft.booking(booking)?)?,
        Subject::Offer(offer) => {
            let service = draft.service(offer.request.service)?;
            let roads = &mut *draft.work.roads;
            let demand = Demand::of_promise(now, &offer.request, offer.access, &offer.promise, service, roads);
            Wanted::of_demand(demand.map(|demand| (demand, offer.promise)), offer.access, None)
        }
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err(rule) => return Ok(Suggestions { rule, candidates: Vec::new(), idle: Vec::new() }),
    };
    wanted.suggestions(draft)
}

/// One way to ask, of several.
struct Asked {
    access: AccessPair,
    demand: Demand,
    /// Ways of a lower tier are taken before any of a higher one.
    tier: usize,
    promise: Option<Promise>,
}

struct Wanted<'s> {
    /// In the order in which equal ones are taken.
    asked: Vec<Asked>,
    /// Set for a booking that is moved.
    booking: Option<&'s Booking>,
}

/// How one of two candidates that fit comes before the other: as in a decision.
type Rank = (usize, i64, usize, ShiftId, usize, usize);

/// What binds, and the place that somebody may overrule.
type Miss = (Vec<Binding>, Option<Fit>);

impl<'s> Wanted<'s> {
    fn of_demand(
        demand: Option<(Demand, Promise)>,
        access: AccessPair,
        booking: Option<&'s Booking>,
    ) -> Result<Wanted<'s>, Vec<Binding>> {
        let (demand, promise) = demand.ok_or_else(|| vec![Constraint::NoRoad.into()])?;
        Ok(Wanted { asked: vec![Asked { access, demand, tier: 0, promise: Some(promise) }], booking })
    }

    /// Takes it out first.
    fn of_booking(
        draft: &mut Draft<'s, '_>,
        found: &'s Booking,
    ) -> Result<Result<Wanted<'s>, Vec<Binding>>, Rejection> {
        if matches!(found.state, BookingState::Held | BookingState::Arrived | BookingState::Boarded)
            || found.state.is_final()
        {
            return Err(Rejection::WrongState { booking: found.id, state: found.state });
        }
        by_hand::leave(draft, BTreeSet::from([found.id]))?;
        let demand = by_hand::demand_of(draft, found)?;
        Ok(Wanted::of_demand(demand, found.access, Some(found)))
    }

    fn of_request(draft: &mut Draft<'s, '_>, request: &Request) -> Result<Result<Wanted<'s>, Vec<Binding>>, Rejection> {
        let service = offers::check(draft, request)?;
        if let Some(binding) = offers::barred(draft, request, service) {
            return Ok(Err(vec![binding]));
        }
        let ways = match ways(draft.now, request, service, draft.work.roads) {
            Ok(ways) => ways,
            Err(rule) => return Ok(Err(rule)),
        };
        let mut turns: Vec<i64> = ways.iter().map(|way| way.part.turn).collect();
        turns.sort_unstable();
        turns.dedup();
        let mut asked = Vec::new();
        for (turn_idx, turn) in turns.into_iter().enumerate() {
            for way in ways.iter().filter(|way| way.part.turn == turn) {
                let (access, demand) = (way.access, way.part.demand);
                if let Some(close) = demand.close_to_deadline(&service.policy) {
                    asked.push(Asked { access, demand: close, tier: 2 * turn_idx, promise: None });
                }
                asked.push(Asked { access, demand, tier: 2 * turn_idx + 1, promise: None });
            }
        }
        Ok(Ok(Wanted { asked, booking: None }))
    }

    fn suggestions(&self, draft: &mut Draft<'_, '_>) -> Result<Suggestions, Rejection> {
        let shifts: Vec<(ShiftId, VehicleId)> = draft.with_schedules(|schedules, _| {
            schedules.map(|schedule| (schedule.shift.id, schedule.shift.vehicle)).collect()
        });
        let (mut fitting, mut missing) = (Vec::new(), Vec::new());
        for &(shift, vehicle) in &shifts {
            let schedule = draft.schedule(shift)?.clone();
            if !self.asked.iter().any(|asked| schedule.unfit_for_late(&asked.demand) != Some(Constraint::NoShift)) {
                continue;
            }
            if let Some((rank, fit)) = self.best(draft, &schedule)? {
                fitting.push((rank, Suggestion { shift, vehicle, verdict: Verdict::Fits(fit) }));
            } else if let Some((binding, by_hand)) = self.miss(draft, &schedule)? {
                let verdict = Verdict::Misses { binding, by_hand };
                missing.push(Suggestion { shift, vehicle, verdict });
            }
        }
        fitting.sort_by_key(|(rank, _)| *rank);
        missing.sort_by_key(|one| (farness(&one.verdict), one.shift));
        let candidates: Vec<_> = fitting.into_iter().map(|(_, one)| one).chain(missing).collect();
        let at_work: BTreeSet<VehicleId> = candidates.iter().map(|one| one.vehicle).collect();
        let idle = draft.state.vehicles.keys().copied().filter(|vehicle| !at_work.contains(vehicle)).collect();
        Ok(Suggestions { rule: Vec::new(), candidates, idle })
    }

    /// The best allowed place in one schedule.
    fn best(&self, draft: &mut Draft<'_, '_>, schedule: &Schedule) -> Result<Option<(Rank, Fit)>, Rejection> {
        let shift = schedule.shift.id;
        if !self.may_be_bound(draft, shift)? {
            return Ok(None);
        }
        let mut best: Option<(Rank, &Asked, Insertion)> = None;
        for (asked_idx, asked) in self.asked.iter().enumerate() {
            let among = Among { only: Some(shift), ..Among::ALL };
            if let Some(found) = draft.best_insertion(&asked.demand, among, None)? {
                let rank = (asked.tier, found.price(), asked_idx, shift, found.pickup_idx, found.dropoff_idx);
                if best.as_ref().is_none_or(|(least, ..)| rank < *least) {
                    best = Some((rank, asked, found));
                }
            }
        }
        let Some((rank, asked, insertion)) = best else { return Ok(None) };
        let fit = fit(draft, asked, schedule, (&insertion, false))?;
        Ok(Some((rank, fit)))
    }

    /// What binds at the nearest place, and where somebody may overrule it; `None` where the shift does not work then.
    fn miss(&self, draft: &mut Draft<'_, '_>, schedule: &Schedule) -> Result<Option<Miss>, Rejection> {
        if !self.may_be_bound(draft, schedule.shift.id)? {
            return Ok(Some((vec![Constraint::DriverAsks.into()], None)));
        }
        let (now, policy) = (draft.now, draft.policy()?);
        let (mut misses, mut by_hand) = (Vec::new(), Vec::new());
        for asked in &self.asked {
            let Nearest { binding, by_hand: positions } = nearest_in(now, &asked.demand, policy, schedule, draft.work);
            if binding == [Constraint::NoShift.into()] {
                continue;
            }
            by_hand.extend(positions.map(|positions| (asked, positions)));
            misses.push(binding);
        }
        if misses.is_empty() {
            return Ok(None);
        }
        let mut best: Option<Fit> = None;
        for (asked, (pickup_idx, dropoff_idx)) in by_hand {
            let shift = schedule.shift.id;
            let [pickup_idx, dropoff_idx] = [pickup_idx, dropoff_idx].map(|idx| idx as u32);
            let placement = Placement { shift, pickup_idx, dropoff_idx, overrules: true };
            if let Ok(insertion) = draft.insertion_at(&asked.demand, placement)?
                && best.as_ref().is_none_or(|best| insertion.cost < best.cost)
            {
                best = Some(fit(draft, asked, schedule, (&insertion, true))?);
            }
        }
        Ok(Some((nearest(misses), best)))
    }

    fn may_be_bound(&self, draft: &Draft<'_, '_>, shift: ShiftId) -> Result<bool, Rejection> {
        self.booking.map_or(Ok(true), |booking| by_hand::may_be_bound(draft, booking, shift))
    }
}

/// Missing roads last; fewer kinds of rule before more, then less time.
fn farness(verdict: &Verdict) -> (bool, bool, usize, Span) {
    let Verdict::Misses { binding, by_hand } = verdict else { return (false, false, 0, Span::ZERO) };
    let lacks_road = binding.iter().any(|one| one.constraint == Constraint::NoRoad);
    let by = binding.iter().filter_map(|one| one.shortfall).sum();
    (by_hand.is_none(), lacks_road, binding.len(), by)
}

fn fit(
    draft: &mut Draft<'_, '_>,
    asked: &Asked,
    schedule: &Schedule,
    (insertion, overrules): (&Insertion, bool),
) -> Result<Fit, Rejection> {
    let Insertion { shift, pickup_idx, dropoff_idx, cost, pickup, boarded, dropoff, .. } = *insertion;
    let [pickup_at, dropoff_at] = [pickup_idx, dropoff_idx].map(|idx| idx as u32);
    let placement = Placement { shift, pickup_idx: pickup_at, dropoff_idx: dropoff_at, overrules };
    let next = |idx: usize| schedule.stops().get(idx).map(|stop| stop.id);
    let (terms, driving) = terms(draft, &asked.demand, placement)?;
    debug_assert_eq!(terms.iter().map(CostTerm::cost).sum::<i64>(), cost, "{terms:?}");
    let (finish, delays) = delays(draft, asked, schedule, insertion);
    Ok(Fit {
        access: asked.access,
        placement,
        before: (next(pickup_idx), next(dropoff_idx)),
        cost,
        terms,
        driving,
        pickup,
        boarded,
        dropoff,
        finish,
        delays,
        is_asked: schedule.asking != Asking::Unneeded,
    })
}

/// The terms of the cost of an insertion at this place, and the driving it adds.
fn terms(draft: &mut Draft<'_, '_>, demand: &Demand, placement: Placement) -> Result<(Vec<CostTerm>, Span), Rejection> {
    use CostKind::{DriverTime, Driving, ExcessRide, RiderWait, WaitOnBoard, Walking};
    let policy = draft.policy()?;
    let schedule = draft.schedule(placement.shift)?;
    let (call, price) = (schedule.uncalled().map_or(0, |on_call| on_call.cost), schedule.price_to_call());
    let CostWeights { driving, driver_time, rider_wait, excess_ride, wait_on_board, walking } = policy.cost;
    let nothing =
        CostWeights { driving: 0, driver_time: 0, rider_wait: 0, excess_ride: 0, wait_on_board: 0, walking: 0 };
    let one = [
        (Driving, driving, CostWeights { driving: 1, ..nothing }),
        (DriverTime, driver_time, CostWeights { driver_time: 1, ..nothing }),
        (RiderWait, rider_wait, CostWeights { rider_wait: 1, ..nothing }),
        (ExcessRide, excess_ride, CostWeights { excess_ride: 1, ..nothing }),
        (WaitOnBoard, wait_on_board, CostWeights { wait_on_board: 1, ..nothing }),
        (Walking, walking, CostWeights { walking: 1, ..nothing }),
    ];
    let free = SoftLimits { pickup_late: 0, dropoff_late: 0, ride_over: 0 };
    let unpriced = Demand { soft: demand.soft.map(|_| free), ..*demand };
    let called = Span::from_millis(price);
    let mut terms = Vec::new();
    for (kind, weight, cost) in one {
        let amount = minutes(draft, &unpriced, &Policy { cost, ..*policy }, placement)? - called;
        terms.push(CostTerm { kind, amount, weight });
    }
    if let Some(soft) = demand.soft {
        let one = [
            (CostKind::PickupLate, soft.pickup_late, SoftLimits { pickup_late: 1, ..free }),
            (CostKind::DropoffLate, soft.dropoff_late, SoftLimits { dropoff_late: 1, ..free }),
            (CostKind::RideOver, soft.ride_over, SoftLimits { ride_over: 1, ..free }),
        ];
        for (kind, weight, soft) in one {
            let priced = Demand { soft: Some(soft), ..*demand };
            let amount = minutes(draft, &priced, &Policy { cost: nothing, ..*policy }, placement)? - called;
            terms.push(CostTerm { kind, amount, weight });
        }
    }
    if 0 < call {
        terms.push(CostTerm { kind: CostKind::CallOut, amount: Span::MINUTE, weight: call });
    }
    let driving = terms[0].amount;
    terms.retain(|term| term.amount != Span::ZERO);
    Ok((terms, driving))
}

/// The cost by these weights, as time: they weigh one kind of minute by one.
fn minutes(
    draft: &mut Draft<'_, '_>,
    demand: &Demand,
    policy: &Policy,
    placement: Placement,
) -> Result<Span, Rejection> {
    let insertion = draft.insertion_under(demand, policy, placement)?;
    Ok(Span::from_millis(insertion.expect("what fits does so whatever minutes are worth").cost))
}

/// When the vehicle is back with the newcomer, and whom it delays.
fn delays(draft: &Draft<'_, '_>, asked: &Asked, schedule: &Schedule, insertion: &Insertion) -> (Time, Vec<Delay>) {
    let now = draft.now;
    let nobody = mukae_units::BookingId(u64::MAX);
    let stop = mukae_units::StopId(u64::MAX - 1);
    let promise = asked.promise.unwrap_or(Promise {
        pickup: asked.demand.pickup,
        dropoff_latest: asked.demand.dropoff_latest,
        ride_max: asked.demand.ride_max,
    });
    // its own window does not move others, but it begins no sooner than it was judged to
    let promise = Promise { pickup: asked.demand.pickup, ..promise };
    let policy = draft.policy().expect("an insertion was found under one");
    let plan = plan_with((now, policy), schedule, insertion, &asked.demand, &promise, (nobody, stop));
    let after = schedule.adopting(plan);
    let (old, new) = (schedule.timeline(now), after.timeline(now));
    let mut delays = Vec::new();
    for (stop, times) in after.stops().iter().zip(&new.stops) {
        let Some(old_idx) = schedule.stops().iter().position(|before| before.id == stop.id) else { continue };
        let (before, by) = (&old.stops[old_idx], times.start - old.stops[old_idx].start);
        let ride_slack = match (stop.task, times.ride) {
            (Task::Dropoff { ride_max, .. }, Some(ride)) => Some(ride_max - ride),
            _ => None,
        };
        let rides_longer = times.ride > before.ride;
        if by > Span::ZERO || rides_longer {
            let slack = stop.latest() - times.start;
            let slack = ride_slack.map_or(slack, |ride| slack.min(ride));
            delays.push(Delay { booking: stop.booking, stop: stop.id, is_pickup: stop.is_pickup(), by, slack });
        }
    }
    (new.finish, delays)
}
