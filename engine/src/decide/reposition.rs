//! Idle vehicles go where they are likely to be wanted, or back to where their shift begins.
//!
//! By demand, an idle vehicle is moved if the coverage cost falls by more than the drive costs, as far as that gain is believed:
//! `eagerness * (V(S) - V(S: k at y)) - drive > gain_min`, the best move first, then all others anew. Coverage suits a dozen
//! vehicles, most of them idle; flow balances, as Pavone and others have (2012), are for hundreds that are not. It is looked at when
//! what is expected changes, and when a vehicle has nothing to do any more.
//!
//! Never moved are private cars, vehicles whose driver would have to be asked or called, and whoever would be late for it.

use mukae_maps::{Place, TravelTimes};
use mukae_units::{Metres, ShiftId, Span, Time};

use super::{Draft, Outcome};
use crate::answer::{Answer, Rejection};
use crate::coverage::{Picture, Proposal};
use crate::event::{Aim, Endogenous};
use crate::insertion::leg;
use crate::model::{CostWeights, Crew, DriverKind, Outlook, Reposition, RepositionRule, Supply, SupplyRules};
use crate::schedule::{Plan, Schedule, Whereabouts};
use crate::{Command, State};

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

/// Sends idle vehicles where they wait better, after what the command changed.
pub(super) fn follow(draft: &mut Draft<'_, '_>) -> Result<(), Rejection> {
    let Some(supply) = &draft.state.supply else { return Ok(()) };
    match &supply.rules.reposition {
        Reposition::Stay => Ok(()),
        Reposition::ToBase => to_base(draft, supply.rules.coverage.gap_min),
        Reposition::ByDemand(rule) => by_demand(draft, supply, rule),
    }
}

/// Those with nothing more to do for the time being.
fn to_base(draft: &mut Draft<'_, '_>, gap_min: Span) -> Result<(), Rejection> {
    let now = draft.now;
    for shift in draft.came_free(gap_min) {
        let schedule = draft.schedule(shift)?.clone();
        let base = schedule.shift.start.place;
        let may = schedule.may_be_sent(now) && draft.state.may_be_moved(&schedule);
        if base == schedule.place() || !may {
            continue;
        }
        let roads = &mut *draft.work.roads;
        let Some(length) = roads.length(schedule.place(), base) else { continue };
        if let Some(plan) = sent(&schedule, base, now, roads) {
            order(draft, Order { shift, plan, aim: Aim::Base, length })?;
        }
    }
    Ok(())
}

fn by_demand(draft: &mut Draft<'_, '_>, supply: &Supply, rule: &RepositionRule) -> Result<(), Rejection> {
    let rules = &*supply.rules;
    let told = match draft.command {
        Command::Foresee(outlook) => Some(Supply { rules: supply.rules.clone(), outlook: Some(outlook.clone()) }),
        _ if !draft.came_free(rules.coverage.gap_min).is_empty() => None,
        _ => return Ok(()),
    };
    let (supply, weights) = (told.as_ref().unwrap_or(supply), &draft.policy()?.cost);
    let Some(outlook) = supply.outlook_at(draft.now) else { return Ok(()) };
    if rules.reposition.is_off() {
        return Ok(());
    }
    let (state, now, gap_min) = (draft.state, draft.now, rules.coverage.gap_min);
    let mut picture = draft.with_schedules(|schedules, work| {
        let is_idle = |one: &Schedule| one.is_idle(rule.idle_min, gap_min, now) && state.may_be_moved(one);
        Picture::of((rules, outlook, weights), schedules, now, is_idle, work)
    });
    while let Some(best) = best(draft, &mut picture, (&rules.posts, rule, weights))? {
        order(draft, best)?;
    }
    Ok(())
}

struct Order {
    shift: ShiftId,
    plan: Plan,
    aim: Aim,
    length: Metres,
}

fn order(draft: &mut Draft<'_, '_>, order: Order) -> Result<(), Rejection> {
    let Order { shift, plan, aim, length } = order;
    draft.foresee(shift, |schedule| schedule.repositioned += length)?;
    draft.push(Endogenous::RepositioningOrdered { shift, aim, length });
    draft.change_plan(shift, plan)
}

/// The best move that is worth its drive and makes nobody late, now carried out in the picture; of equal ones that of the smaller
/// shift, to the earlier post.
fn best(
    draft: &mut Draft<'_, '_>,
    picture: &mut Picture<'_>,
    (posts, rule, weights): (&[Place], &RepositionRule, &CostWeights),
) -> Result<Option<Order>, Rejection> {
    let worth = |proposal: &Proposal| left(rule, weights, proposal);
    let mut proposals: Vec<Proposal> = picture.proposals();
    proposals.retain(|proposal| 0 < worth(proposal));
    proposals.sort_by_key(|proposal| (std::cmp::Reverse(worth(proposal)), proposal.stand_idx, proposal.post));
    for proposal in proposals {
        let shift = picture.stands[proposal.stand_idx].shift;
        let now = draft.now;
        let schedule = draft.schedule(shift)?.clone();
        let post = posts[proposal.post];
        let roads = &mut *draft.work.roads;
        let Some(length) = roads.length(schedule.place(), post) else { continue };
        if rule.empty_max < schedule.repositioned + length {
            continue;
        }
        let Some(plan) = sent(&schedule, post, now, roads) else { continue };
        let worth = i128::from(weights.rider_wait) * i128::from(proposal.gain) / 1000;
        let gain = i64::try_from(worth).unwrap_or(i64::MAX);
        let aim = Aim::Post { post: proposal.post as u32, gain, expected: proposal.expected };
        picture.carry_out(&proposal);
        return Ok(Some(Order { shift, plan, aim, length }));
    }
    Ok(None)
}

/// The plan of an idle vehicle on its way there, unless that makes anybody late.
fn sent(schedule: &Schedule, to: Place, now: Time, roads: &mut dyn TravelTimes) -> Option<Plan> {
    let drive = roads.travel_time(schedule.place(), to)?;
    let mut plan = Plan::clone(&schedule.plan);
    let (from, departed) = (schedule.place(), schedule.free_at(now));
    plan.whereabouts = Whereabouts::Repositioning { from, departed, to, leg: drive };
    let next = plan.stops.first().map(|stop| stop.place).or(schedule.shift.end.as_ref().map(|end| end.place));
    if let Some(next) = next {
        *plan.stops.first_mut().map_or(&mut plan.to_end, |stop| &mut stop.leg) = leg(roads, to, next);
    }
    schedule.is_as_soon(&schedule.adopting(plan.clone()), now).then_some(plan)
}

/// What is left of a gain as far as it is believed, after the drive, over the least that is asked.
fn left(rule: &RepositionRule, weights: &CostWeights, proposal: &Proposal) -> i128 {
    let least = i128::from(rule.gain_min) * i128::from(Span::MINUTE.as_millis());
    let drive = i128::from(weights.driving) * i128::from(proposal.drive);
    i128::from(rule.eagerness_permille) * i128::from(weights.rider_wait) * i128::from(proposal.gain)
        - 1_000_000 * (drive + least)
}

impl State {
    /// A private car goes nowhere without a rider: nobody has agreed to that.
    fn may_be_moved(&self, schedule: &Schedule) -> bool {
        let driver = schedule.shift.driver.and_then(|driver| self.drivers.get(&driver));
        schedule.terms.crew != Crew::Volunteer && driver.is_none_or(|driver| driver.kind == DriverKind::Employed)
    }
}

impl Schedule {
    /// True if under another plan of the same stops none begins later, and the shift ends in time.
    fn is_as_soon(&self, with: &Schedule, now: Time) -> bool {
        let (before, after) = (self.timeline(now), with.timeline(now));
        !with.plan.lacks_road()
            && before.stops.iter().zip(&after.stops).all(|(before, after)| after.start <= before.start)
            && after.finish <= before.finish.max(self.shift.window.latest())
    }
}
