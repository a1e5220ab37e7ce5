//! Where in a plan a break goes that nobody had planned.
//!
//! A driver who has to rest rests: the break is not weighed against riders, it is put where it begins in its window, or as
//! soon after as it can, and of such places where it makes riders the least late. Nobody is on board, frozen stops stay,
//! and parties that board and alight at one stop stay together.

use std::sync::Arc;

use mukae_maps::Place;
use mukae_units::{Metres, Seats, Span, StopId, Time};

use super::exhaustive::start;
use super::relink;
use crate::model::{Break, Policy};
use crate::schedule::timeline::load_after;
use crate::schedule::{Plan, Schedule, Stop, Task, Timeline, Whereabouts};
use crate::work::Work;

/// A break in its place.
pub(crate) struct Rest {
    pub plan: Arc<Plan>,
    /// The break of the plan that comes next after it, if there is one.
    pub before: Option<mukae_units::BreakId>,
}

/// How bad a place is, the worst first: how late the break begins, how late riders and other breaks become by it, and when
/// the vehicle is done.
type Harm = (Span, Span, Time);

/// The best place of a break in a schedule, its stop named `id`; `None` if no road leads there and on.
pub(crate) fn best_rest(
    now: Time,
    schedule: &Schedule,
    rest: &Break,
    policy: &Policy,
    id: StopId,
    work: &mut Work<'_>,
) -> Option<Rest> {
    let base = schedule.timeline(now);
    let (first, origin) = start(schedule, now, work);
    let first = match schedule.plan.whereabouts {
        Whereabouts::Serving { .. } => schedule.plan.next_group(),
        _ => first,
    };
    let mut best: Option<(Harm, Schedule, usize)> = None;
    let mut load = schedule.load();
    for stop_idx in 0..=schedule.stops().len() {
        if let Some(before) = stop_idx.checked_sub(1) {
            load = load_after(load, &schedule.stops()[before]);
        }
        let joins = schedule.stops().get(stop_idx).is_some_and(|stop| stop.joins);
        let is_frozen = schedule.is_frozen(stop_idx, &base, now, policy.freeze_horizon);
        if stop_idx < first || joins || is_frozen || load != Seats::NONE {
            continue;
        }
        let with = with_rest(now, schedule, (rest, id), (stop_idx, origin), work);
        if with.plan.lacks_road() && !schedule.plan.lacks_road() {
            continue;
        }
        let harm = harm(&base, schedule, &with, (stop_idx, rest), now);
        if best.as_ref().is_none_or(|(least, ..)| harm < *least) {
            best = Some((harm, with, stop_idx));
        }
    }
    let (_, with, stop_idx) = best?;
    let before = schedule.stops()[stop_idx..].iter().find_map(|stop| match stop.task {
        Task::Break { id, .. } => Some(id),
        _ => None,
    });
    Some(Rest { plan: with.plan, before })
}

fn with_rest(
    now: Time,
    schedule: &Schedule,
    (rest, id): (&Break, StopId),
    (stop_idx, origin): (usize, (Place, Time)),
    work: &mut Work<'_>,
) -> Schedule {
    let mut with = schedule.clone();
    let plan = Arc::make_mut(&mut with.plan);
    if let (0, Whereabouts::Driving { from, departed }) = (stop_idx, plan.whereabouts) {
        if let Some(route) = &mut plan.route {
            let next = schedule.next_stop().expect("driving means to a stop").place;
            let point = work.roads.decision_point(from, next, now - departed);
            if let Some(point) = point {
                route.drive(point.after, work.roads.length(from, point.place).unwrap_or(Metres::ZERO));
            }
        }
        plan.whereabouts = Whereabouts::Driving { from: origin.0, departed: origin.1 };
    }
    plan.stops.insert(
        stop_idx,
        Stop {
            id,
            booking: None,
            place: rest.place.place,
            leg: mukae_units::TravelTime::ZERO,
            dwell: rest.length,
            stop_dwell: Span::ZERO,
            joins: false,
            party: Seats::NONE,
            task: Task::Break { id: rest.id, window: rest.window, is_at_risk: false },
        },
    );
    relink(&mut with, stop_idx, work.roads);
    with
}

fn harm(base: &Timeline, before: &Schedule, with: &Schedule, (at, rest): (usize, &Break), now: Time) -> Harm {
    let timeline = with.timeline(now);
    let late = |over: Span| over.positive_part();
    let mut harm = Span::ZERO;
    for (stop_idx, stop) in before.stops().iter().enumerate() {
        let (old, new) = (&base.stops[stop_idx], &timeline.stops[stop_idx + usize::from(at <= stop_idx)]);
        harm += late(new.start - stop.latest().max(old.start));
        if let (Task::Dropoff { ride_max, .. }, Some(ride)) = (stop.task, new.ride) {
            harm += late(ride - old.ride.map_or(ride_max, |old| old.max(ride_max)));
        }
    }
    let is_late = late(timeline.stops[at].start - rest.window.latest());
    (is_late, harm, timeline.finish)
}
