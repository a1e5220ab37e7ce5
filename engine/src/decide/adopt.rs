//! Better orders, found in spare time, taken up if they still hold.

use std::collections::BTreeSet;

use mukae_units::ShiftId;

use super::{Draft, Outcome};
use crate::answer::{Answer, Rejection};
use crate::improve::{DONE, Search};
use crate::insertion::{Among, Demand};
use crate::reorder::{Drawing, Judged, Order, Wrong, apart, judge};
use crate::schedule::Schedule;

/// Takes orders up that keep every promise and cost less than the plans there are. Of several groups that exchange no stop, some
/// may: drawings simplify, and one schedule that can not be kept as drawn shall not cost what the others save.
pub(super) fn adopt(draft: &mut Draft<'_, '_>, orders: &[Order]) -> Outcome {
    let distinct: BTreeSet<ShiftId> = orders.iter().map(|order| order.shift).collect();
    if orders.is_empty() || distinct.len() != orders.len() {
        return Err(Rejection::BadOrders);
    }
    let (mut good, mut wrong) = (Vec::new(), Rejection::NotBetter);
    for group in groups(draft, orders)? {
        match judged(draft, &group) {
            Ok(judged) if 0 < judged.saved => good.push(judged),
            Ok(_) => {}
            Err(Rejection::BadOrders) => return Err(Rejection::BadOrders),
            Err(rejection) => wrong = rejection,
        }
    }
    if good.is_empty() {
        return Err(wrong);
    }
    let saved = good.iter().map(|judged| judged.saved).sum();
    take_up(draft, good)?;
    Ok(Answer::Adopted { saved })
}

fn take_up(draft: &mut Draft<'_, '_>, good: Vec<Judged>) -> Result<(), Rejection> {
    let plans = good.into_iter().flat_map(|judged| judged.plans);
    plans.into_iter().try_for_each(|(shift, plan)| draft.change_plan(shift, plan))
}

/// Orders by what exchanges stops.
fn groups(draft: &Draft<'_, '_>, orders: &[Order]) -> Result<Vec<Vec<Order>>, Rejection> {
    let schedules: Result<Vec<&Schedule>, Rejection> = orders.iter().map(|order| draft.schedule(order.shift)).collect();
    Ok(apart(&schedules?, orders))
}

fn judged(draft: &mut Draft<'_, '_>, orders: &[Order]) -> Result<Judged, Rejection> {
    let schedules: Result<Vec<Schedule>, Rejection> =
        orders.iter().map(|order| draft.schedule(order.shift).cloned()).collect();
    let schedules = schedules?;
    let lent: Vec<&Schedule> = schedules.iter().collect();
    let (state, policy, now) = (draft.state, draft.policy()?, draft.now);
    judge(state, policy, &lent, orders, now, draft.work.roads).map_err(|wrong| match wrong {
        Wrong::Stale => Rejection::StaleOrders,
        Wrong::OtherStops => Rejection::BadOrders,
        Wrong::Broken => Rejection::OrdersBreakPromises,
    })
}

/// Looks for other orders that leave a place for somebody nobody can serve as things stand, and takes them up: whatever they
/// cost, no promise is worse for it. True if there is a place now.
pub(super) fn make_room(draft: &mut Draft<'_, '_>, demand: &Demand) -> Result<bool, Rejection> {
    let steps = draft.work.room_steps;
    if steps == 0 || demand.soft.is_some() {
        return Ok(false);
    }
    let (state, now) = (draft.state, draft.now);
    let schedules: Vec<Schedule> = draft.with_schedules(|schedules, _| schedules.cloned().collect());
    let lent: Vec<&Schedule> = schedules.iter().filter(|schedule| schedule.may_take(demand)).collect();
    let Some(drawing) = Drawing::of_schedules(state, &lent, now, Some(demand.origin), draft.work.roads) else {
        return Ok(false);
    };
    let Some((problem, plan)) = drawing.problem(Some(demand), draft.work.roads) else { return Ok(false) };
    // another look at the same state finds the same
    let seed = state.next_stop ^ demand.pickup.earliest().as_unix_millis().unsigned_abs();
    let mut search = Search::from(&problem, plan, seed);
    for step in 0..steps {
        search.step((u64::from(step) * u64::from(DONE) / u64::from(steps)) as u32);
        if search.best().unserved.is_empty() {
            break;
        }
    }
    if !search.best().unserved.is_empty() {
        return Ok(false);
    }
    // one group leaves the place; where another can not be kept as drawn, it is left as it is
    let groups = groups(draft, &drawing.orders(search.best()))?;
    let good: Vec<Judged> = groups.iter().filter_map(|group| judged(draft, group).ok()).collect();
    let mark = draft.mark();
    take_up(draft, good)?;
    if draft.best_insertion(demand, Among::ALL, None)?.is_some() {
        return Ok(true);
    }
    draft.back_to(mark);
    Ok(false)
}
