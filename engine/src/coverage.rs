//! How well the vehicles stand for requests that nobody has made yet.
//!
//! The coverage cost of a state, with `tau` a driving time, `A_k` when vehicle `k` is free, `lambda_z` the requests expected at
//! post `z` and `w` what a minute of waiting is worth:
//!
//! ```text
//! V = w * sum over z of  lambda_z * min( reach_max + lost / w,  min over k of ( A_k + tau(end_k, z) ) )
//! ```
//! That is the weighted k-median of facility location (Hakimi 1964), with facilities that are free at different times. It is
//! the one value by which vehicles are placed before anybody asks. Lower is better.

mod standing;

use std::collections::BTreeMap;
use std::sync::Arc;

use mukae_maps::{MetricId, Place, TravelTimes};
use mukae_units::{ShiftId, Span, Time};

use crate::model::{Asking, CostWeights, Outlook, ShiftState, SupplyRules};
use crate::schedule::{NO_ROAD, Schedule, Whereabouts};
use crate::work::Work;

pub use standing::Standing;

/// Rows of driving times that are kept; beyond, all are asked for again.
const ROWS_MAX: usize = 512;

/// Of the way to a post, this part counts as lost, in tenths: whoever asks meanwhile is met on the way.
const WAY_LOST: i64 = 3;

/// A vehicle that can be sent to whoever asks next.
#[derive(Clone, Debug)]
pub(crate) struct Stand {
    pub shift: ShiftId,
    /// From now until it is free there, in milliseconds.
    pub free_in: i64,
    /// It may be moved.
    pub is_idle: bool,
    /// To each post from there, in milliseconds.
    pub to_posts: Arc<[u32]>,
}

/// Where all vehicles stand, and what is expected where.
#[derive(Debug)]
pub(crate) struct Picture<'a> {
    /// Of each post, in thousandths.
    expected: &'a [u32],
    /// From each post to each, in milliseconds.
    between: Arc<[u32]>,
    /// Later is as bad as never, in milliseconds.
    reach_max: i64,
    pub stands: Vec<Stand>,
}

/// A vehicle to a post, and what that is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Proposal {
    pub stand_idx: usize,
    pub post: usize,
    /// How long it drives, in milliseconds.
    pub drive: i64,
    /// By so much `V / w` is smaller with the vehicle there: thousandths of a request times milliseconds.
    pub gain: i64,
    /// Requests for which it would be the nearest there, in thousandths.
    pub expected: u32,
}

/// Driving times from places to the posts of an area, kept from one look to the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct PostTimes {
    posts: Vec<Place>,
    metric: Option<MetricId>,
    rows: BTreeMap<Place, Arc<[u32]>>,
    between: Option<Arc<[u32]>>,
}

impl PostTimes {
    /// From `place` to each post, in milliseconds.
    pub fn row(&mut self, place: Place, posts: &[Place], roads: &mut dyn TravelTimes) -> Arc<[u32]> {
        let is_other = self.metric != Some(roads.metric()) || self.posts != posts;
        if is_other || ROWS_MAX <= self.rows.len() {
            *self = PostTimes { posts: posts.to_vec(), metric: Some(roads.metric()), ..PostTimes::default() };
        }
        let row = self.rows.entry(place).or_insert_with(|| {
            let mut times = Vec::new();
            roads.one_to_many(place, posts, &mut times);
            times.into_iter().map(|time| time.unwrap_or(NO_ROAD).as_millis()).collect()
        });
        Arc::clone(row)
    }

    /// From each post to each.
    pub fn between(&mut self, posts: &[Place], roads: &mut dyn TravelTimes) -> Arc<[u32]> {
        if self.metric != Some(roads.metric()) || self.posts != posts {
            self.between = None;
        }
        if self.between.is_none() {
            let mut table = Vec::with_capacity(posts.len() * posts.len());
            posts.iter().for_each(|&post| table.extend_from_slice(&self.row(post, posts, roads)));
            self.between = Some(table.into());
        }
        Arc::clone(self.between.as_ref().expect("it was just made"))
    }
}

impl<'a> Picture<'a> {
    pub fn new(rules: &SupplyRules, outlook: &'a Outlook, weights: &CostWeights, between: Arc<[u32]>) -> Picture<'a> {
        let rule = &rules.coverage;
        let lost = match weights.rider_wait {
            0 => 0,
            weight => rule.lost * Span::MINUTE.as_millis() / weight,
        };
        let reach_max = rule.reach_max.as_millis() + lost;
        Picture { expected: &outlook.expected, between, reach_max, stands: Vec::new() }
    }

    /// Where these vehicles stand next, as far as they can be sent, and which of them are idle.
    pub fn of<'s>(
        (rules, outlook, weights): (&SupplyRules, &'a Outlook, &CostWeights),
        schedules: impl Iterator<Item = &'s Schedule>,
        now: Time,
        is_idle: impl Fn(&Schedule) -> bool,
        work: &mut Work<'_>,
    ) -> Picture<'a> {
        let (roads, times) = (&mut *work.roads, &mut work.memory.post_times);
        let mut picture = Picture::new(rules, outlook, weights, times.between(&rules.posts, roads));
        let is_soon = |schedule: &Schedule| (schedule.free_since() - now).as_millis() < picture.reach_max;
        let soon: Vec<&Schedule> = schedules.filter(|one| one.may_be_sent(now) && is_soon(one)).collect();
        for schedule in soon {
            let (place, free) = schedule.next_stand(rules.coverage.gap_min, now);
            let is_idle = is_idle(schedule);
            let free_in = (free - now).positive_part().as_millis();
            let to_posts = times.row(place, &rules.posts, roads);
            picture.stands.push(Stand { shift: schedule.shift.id, free_in, is_idle, to_posts });
        }
        picture
    }

    /// How soon each post is reached by all stands but one; at worst as late as never.
    pub fn reached_without(&self, but: Option<usize>) -> Vec<i64> {
        let others = || self.stands.iter().enumerate().filter(|(stand_idx, _)| Some(*stand_idx) != but);
        let reached = |post: usize| others().map(|(_, stand)| stand.free_in + i64::from(stand.to_posts[post])).min();
        (0..self.expected.len())
            .map(|post| reached(post).map_or(self.reach_max, |soon| soon.min(self.reach_max)))
            .collect()
    }

    /// `V / w` if each post is reached by the others so soon, and by one more vehicle that is free somewhere.
    pub fn value_beside(&self, others: &[i64], free_in: i64, to_posts: &[u32]) -> i64 {
        let there = to_posts.iter().map(|&drive| free_in + i64::from(drive));
        self.value_of(others.iter().zip(there).map(|(&others, there)| others.min(there)))
    }

    /// `V / w` if each post is reached so soon.
    pub fn value_of(&self, reached: impl Iterator<Item = i64>) -> i64 {
        self.expected.iter().zip(reached).map(|(&expected, reached)| i64::from(expected) * reached).sum()
    }

    /// `V / w`, in thousandths of a request times milliseconds.
    #[cfg(test)]
    pub fn value(&self) -> i64 {
        self.value_of(self.reached_without(None).into_iter())
    }

    /// What every move of every idle vehicle is worth, as far as it is worth anything; by stands, then posts.
    pub fn proposals(&self) -> Vec<Proposal> {
        let mut found = Vec::new();
        for (stand_idx, stand) in self.stands.iter().enumerate().filter(|(_, stand)| stand.is_idle) {
            let others = self.reached_without(Some(stand_idx));
            let now = self.value_beside(&others, stand.free_in, &stand.to_posts);
            for (post, &drive) in stand.to_posts.iter().enumerate() {
                if drive == 0 || NO_ROAD.as_millis() <= drive {
                    continue;
                }
                let drive = i64::from(drive);
                let free_in = stand.free_in + drive * WAY_LOST / 10;
                let from_there = &self.between[post * others.len()..][..others.len()];
                let there = || from_there.iter().map(|&drive| free_in + i64::from(drive));
                let then = self.value_beside(&others, free_in, from_there);
                if then < now {
                    let is_its = others.iter().zip(there()).map(|(&others, there)| there < others);
                    let its = self.expected.iter().zip(is_its).filter(|(_, is_its)| *is_its);
                    let expected = its.fold(0_u32, |sum, (&expected, _)| sum.saturating_add(expected));
                    found.push(Proposal { stand_idx, post, drive, gain: now - then, expected });
                }
            }
        }
        found
    }

    /// The vehicle is on its way.
    pub fn carry_out(&mut self, proposal: &Proposal) {
        let posts = self.expected.len();
        let stand = &mut self.stands[proposal.stand_idx];
        stand.free_in += proposal.drive * WAY_LOST / 10;
        stand.is_idle = false;
        stand.to_posts = self.between[proposal.post * posts..][..posts].into();
    }
}

impl Schedule {
    /// Its vehicle can be sent to whoever asks, without asking or calling anybody first, and has time left for it.
    pub(crate) fn may_be_sent(&self, now: Time) -> bool {
        self.asking == Asking::Unneeded
            && self.shift.declared.is_none()
            && !self.is_uncalled()
            && now + self.plan.to_end < self.shift.window.latest()
    }

    /// It stands, since some time, with nobody on board and nothing to set out for in some time.
    pub(crate) fn is_idle(&self, idle_min: Span, gap_min: Span, now: Time) -> bool {
        let Whereabouts::Waiting { since, .. } = self.plan.whereabouts else { return false };
        self.state == ShiftState::Open
            && self.load().is_empty()
            && self.frozen.is_none()
            && since + idle_min <= now
            && now + gap_min <= self.next_times(now).map_or(self.leaves_for_end(), |times| times.departure)
    }

    /// Where and from when on it next has nobody on board and nothing to set out for in some time; else, with all done.
    pub(crate) fn next_stand(&self, gap_min: Span, now: Time) -> (Place, Time) {
        let timeline = self.timeline(now);
        // where it has to stand in any case, until somebody boards there
        let leaves = |stop_idx: usize| match (self.stops().get(stop_idx), timeline.stops.get(stop_idx)) {
            (Some(next), Some(times)) => times.start - if next.joins { Span::ZERO } else { next.leg.span() },
            _ => self.leaves_for_end(),
        };
        let here = self.plan.whereabouts.free().map(|_| (self.place(), self.free_at(now), self.load()));
        let stops = self.stops().iter().zip(&timeline.stops).map(|(stop, times)| (stop.place, times.end, times.load));
        let first = usize::from(here.is_none());
        let stands = (first..).zip(here.into_iter().chain(stops));
        let mut last = (self.place(), now);
        for (next_idx, (place, free, load)) in stands {
            last = (place, free);
            if load.is_empty() && free + gap_min <= leaves(next_idx) {
                break;
            }
        }
        last
    }

    /// With nothing else left to do.
    fn leaves_for_end(&self) -> Time {
        self.shift.window.latest() - self.plan.to_end.span()
    }
}

#[cfg(test)]
mod tests;
