//! Idle vehicles go where they are likely to be wanted.
//!
//! An idle vehicle is moved if the coverage cost falls by more than the drive costs, as far as that gain is believed:
//! `eagerness * (V(S) - V(S: k at y)) - drive > gain_min`, the best move first, then all others anew. Coverage suits a dozen
//! vehicles, most of them idle; flow balances, as Pavone and others have (2012), are for hundreds that are not. It is looked at when
//! what is expected changes, and when a vehicle has nothing to do any more.
//!
//! Never moved are private drives, vehicles whose driver would have to be asked or called, and whoever would be late for it.

use mukae_units::{Metres, ShiftId, Span, Time};

use super::{Draft, Outcome};
use crate::Command;
use crate::answer::{Answer, Rejection};
use crate::coverage::{Picture, Proposal, Stand};
use crate::event::Endogenous;
use crate::insertion::leg;
use crate::model::{Asking, CostWeights, Outlook, RepositionRule, ShiftState, Supply, SupplyRules};
use crate::schedule::{Plan, Schedule, Whereabouts};

pub(super) fn set_rules(rules: Option<&SupplyRules>) -> Outcome {
    if rules.is_none_or(SupplyRules::are_sound) { Ok(Answer::Noted) } else { Err(Rejection::BadSupplyRules) }
}

pub(super) fn expect_demand(draft: &Draft<'_, '_>, outlook: &Outlook) -> Outcome {
    let rules = draft.state.supply.as_ref().map(|supply| &*supply.rules);
    match rules.is_some_and(|rules| outlook.is_of(rules)) {
        true => Ok(Answer::Noted),
        false => Err(Rejection::BadOutlook { posts: rules.map_or(0, |rules| rules.posts.len() as u32) }),
    }
}

/// The vehicle is where it was sent.
pub(super) fn end(draft: &mut Draft<'_, '_>, shift: ShiftId, at: Time) -> Outcome {
    let now = draft.now;
    if !draft.schedule(shift)?.plan.is_repositioning() {
        return Err(Rejection::NotRepositioning(shift));
    }
    draft.foresee(shift, |schedule| schedule.end_repositioning(schedule.report_time(at, now)))?;
    Ok(Answer::Noted)
}

/// Sends idle vehicles where they are likely to be wanted, after what the command changed.
pub(super) fn follow(draft: &mut Draft<'_, '_>) -> Result<(), Rejection> {
    let (state, command) = (draft.state, draft.command);
    let Some(supply) = &state.supply else { return Ok(()) };
    let rules = &*supply.rules;
    let told = match command {
        Command::Foresee(outlook) => Some(Supply { rules: supply.rules.clone(), outlook: Some(outlook.clone()) }),
        _ if draft.is_any_freed() => None,
        _ => return Ok(()),
    };
    let (supply, weights) = (told.as_ref().unwrap_or(supply), &draft.policy()?.cost);
    let Some(outlook) = supply.outlook_at(draft.now) else { return Ok(()) };
    if rules.reposition.eagerness_permille == 0 || rules.reposition.empty_max == Metres::ZERO {
        return Ok(());
    }
    let mut picture = picture(draft, rules, outlook, weights);
    while let Some(order) = best(draft, &mut picture, (rules, weights))? {
        let Order { shift, plan, event } = order;
        let Endogenous::RepositioningOrdered { length, .. } = event else { unreachable!("it is the order") };
        draft.foresee(shift, |schedule| schedule.repositioned += length)?;
        draft.push(event);
        draft.change_plan(shift, plan)?;
    }
    Ok(())
}

struct Order {
    shift: ShiftId,
    plan: Plan,
    event: Endogenous,
}

fn picture<'o>(
    draft: &mut Draft<'_, '_>,
    rules: &SupplyRules,
    outlook: &'o Outlook,
    weights: &CostWeights,
) -> Picture<'o> {
    let now = draft.now;
    draft.with_schedules(|schedules, work| {
        let (roads, times) = (&mut *work.roads, &mut work.memory.post_times);
        let between = times.between(&rules.posts, roads);
        let mut picture = Picture::new(rules, outlook, weights, between);
        for schedule in schedules.filter(|schedule| schedule.may_be_sent(now)) {
            let is_idle = schedule.is_idle(&rules.reposition, now);
            let (place, free) = if is_idle { (schedule.place(), now) } else { schedule.last_stand(now) };
            let free_in = (free - now).positive_part().as_millis();
            let to_posts = times.row(place, &rules.posts, roads);
            picture.stands.push(Stand { shift: schedule.shift.id, free_in, is_idle, to_posts });
        }
        picture
    })
}

/// The best move that is worth its drive and makes nobody late, now carried out in the picture; of equal ones that of the smaller
/// shift, to the earlier post.
fn best(
    draft: &mut Draft<'_, '_>,
    picture: &mut Picture<'_>,
    (rules, weights): (&SupplyRules, &CostWeights),
) -> Result<Option<Order>, Rejection> {
    let worth = |proposal: &Proposal| left(&rules.reposition, weights, proposal);
    let mut proposals: Vec<Proposal> = picture.proposals();
    proposals.retain(|proposal| 0 < worth(proposal));
    proposals.sort_by_key(|proposal| (std::cmp::Reverse(worth(proposal)), proposal.stand_idx, proposal.post));
    for proposal in proposals {
        let shift = picture.stands[proposal.stand_idx].shift;
        let now = draft.now;
        let schedule = draft.schedule(shift)?.clone();
        let post = rules.posts[proposal.post];
        let roads = &mut *draft.work.roads;
        let Some(length) = roads.length(schedule.place(), post) else { continue };
        if rules.reposition.empty_max < schedule.repositioned + length {
            continue;
        }
        let Some(drive) = roads.travel_time(schedule.place(), post) else { continue };
        let mut plan = Plan::clone(&schedule.plan);
        plan.whereabouts = Whereabouts::Repositioning {
            from: schedule.place(),
            departed: schedule.free_at(now),
            to: post,
            leg: drive,
        };
        let next = plan.stops.first().map(|stop| stop.place).or(schedule.shift.end.as_ref().map(|end| end.place));
        if let Some(next) = next {
            *plan.stops.first_mut().map_or(&mut plan.to_end, |stop| &mut stop.leg) = leg(roads, post, next);
        }
        if !schedule.is_as_soon(&schedule.adopting(plan.clone()), now) {
            continue;
        }
        let worth = i128::from(weights.rider_wait) * i128::from(proposal.gain) / 1000;
        let event = Endogenous::RepositioningOrdered {
            shift,
            post: proposal.post as u32,
            length,
            gain: i64::try_from(worth).unwrap_or(i64::MAX),
            expected: proposal.expected,
        };
        picture.carry_out(&proposal);
        return Ok(Some(Order { shift, plan, event }));
    }
    Ok(None)
}

/// What is left of a gain as far as it is believed, after the drive, over the least that is asked.
fn left(rule: &RepositionRule, weights: &CostWeights, proposal: &Proposal) -> i128 {
    let least = i128::from(rule.gain_min) * i128::from(Span::MINUTE.as_millis());
    let drive = i128::from(weights.driving) * i128::from(proposal.drive);
    i128::from(rule.eagerness_permille) * i128::from(weights.rider_wait) * i128::from(proposal.gain)
        - 1_000_000 * (drive + least)
}

impl Schedule {
    /// Its vehicle can be sent to whoever asks, without asking or calling anybody first, and has time left for it.
    fn may_be_sent(&self, now: Time) -> bool {
        self.asking == Asking::Unneeded
            && self.shift.declared.is_none()
            && !self.is_uncalled()
            && now + self.plan.to_end < self.shift.window.latest()
    }

    /// It stands, since some time and for some time, with nobody on board.
    fn is_idle(&self, rule: &RepositionRule, now: Time) -> bool {
        let Whereabouts::Waiting { since, .. } = self.plan.whereabouts else { return false };
        let leaves = match self.next_times(now) {
            Some(times) => times.departure,
            None => self.shift.window.latest() - self.plan.to_end.span(),
        };
        self.state == ShiftState::Open
            && self.load().is_empty()
            && self.frozen.is_none()
            && since + rule.idle_min <= now
            && now + rule.idle_min <= leaves
    }

    /// Where it is, and when, with all that is planned done.
    fn last_stand(&self, now: Time) -> (mukae_maps::Place, Time) {
        match self.stops().last() {
            Some(stop) => (stop.place, self.timeline(now).stops.last().map_or(now, |times| times.end)),
            None => (self.place(), self.free_at(now)),
        }
    }

    /// True if under another plan of the same stops none begins later, and the shift ends in time.
    fn is_as_soon(&self, with: &Schedule, now: Time) -> bool {
        let (before, after) = (self.timeline(now), with.timeline(now));
        !with.plan.lacks_road()
            && before.stops.iter().zip(&after.stops).all(|(before, after)| after.start <= before.start)
            && after.finish <= before.finish.max(self.shift.window.latest())
    }
}
