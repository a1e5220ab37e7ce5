//! The slow twin of what an insertion costs those who may ask later: the coverage cost of all vehicles, before and after, each
//! time from nothing.

use std::collections::BTreeMap;

use mukae_engine::model::{Asking, Policy, Supply};
use mukae_engine::schedule::{Schedule, Whereabouts};
use mukae_maps::{Place, TravelTimes};
use mukae_units::{ShiftId, Span, Time};

use super::{Reckoning, Trial, to_call, trial};

pub struct Ahead<'a> {
    supply: &'a Supply,
    now: Time,
    weight: i64,
    /// Of vehicles that can be sent: where they next have nothing to do, and when.
    stands: BTreeMap<ShiftId, (Place, Time)>,
}

impl<'a> Ahead<'a> {
    pub fn new<'s>(
        now: Time,
        policy: &Policy,
        supply: &'a Supply,
        schedules: impl Iterator<Item = &'s Schedule>,
        roads: &mut dyn TravelTimes,
    ) -> Ahead<'a> {
        let mut ahead = Ahead { supply, now, weight: policy.cost.rider_wait, stands: BTreeMap::new() };
        for schedule in schedules {
            let is_asked = schedule.asking != Asking::Unneeded || to_call(schedule).is_some();
            let is_over = schedule.shift.window.latest() <= now + schedule.plan.to_end;
            if !is_asked && !is_over && schedule.shift.declared.is_none() {
                let trial = trial(now, schedule, roads);
                let stand = ahead.stand(schedule, &trial, &trial.reckon(now, roads), roads);
                ahead.stands.insert(schedule.shift.id, stand);
            }
        }
        ahead
    }

    /// What it costs besides that the schedule becomes this.
    pub(super) fn price(
        &self,
        schedule: &Schedule,
        before: (&Trial, &Reckoning),
        after: (&Trial, &Reckoning),
        roads: &mut dyn TravelTimes,
    ) -> i64 {
        let anticipation = &self.supply.rules.anticipation;
        let shift = schedule.shift.id;
        let mut covered = 0;
        if let Some(outlook) = &self.supply.outlook
            && self.stands.contains_key(&shift)
            && self.now <= outlook.until
        {
            let then = self.stand(schedule, after.0, after.1, roads);
            let mut stands = self.stands.clone();
            let value = self.value(&outlook.expected, &stands, roads);
            stands.insert(shift, then);
            covered = self.value(&outlook.expected, &stands, roads) - value;
        }
        let short = |(trial, reckoning): (&Trial, &Reckoning)| -> i64 {
            let planned = trial.visits.iter().zip(&reckoning.starts).filter(|(visit, _)| visit.stop.is_some());
            let short = planned.map(|(visit, &start)| anticipation.slack_min - (visit.latest - start));
            short.map(|short| short.max(Span::ZERO).as_millis()).sum()
        };
        let worth = i128::from(anticipation.coverage_permille) * i128::from(self.weight) * i128::from(covered);
        i64::try_from(worth / 1_000_000).expect("small towns")
            + anticipation.slack_price * (short(after) - short(before))
    }

    fn value(&self, expected: &[u32], stands: &BTreeMap<ShiftId, (Place, Time)>, roads: &mut dyn TravelTimes) -> i64 {
        let rule = &self.supply.rules.coverage;
        let lost = if self.weight == 0 { 0 } else { rule.lost * 60_000 / self.weight };
        let never = rule.reach_max.as_millis() + lost;
        let mut value = 0;
        for (&post, &expected) in self.supply.rules.posts.iter().zip(expected) {
            let mut soonest = never;
            for &(place, free) in stands.values() {
                let drive = roads.travel_time(place, post).expect("the city is connected");
                soonest = soonest.min(((free - self.now).max(Span::ZERO) + drive.span()).as_millis());
            }
            value += i64::from(expected) * soonest;
        }
        value
    }

    fn stand(
        &self,
        schedule: &Schedule,
        trial: &Trial,
        reckoning: &Reckoning,
        roads: &mut dyn TravelTimes,
    ) -> (Place, Time) {
        let gap = self.supply.rules.coverage.gap_min;
        let mut on_board: usize = trial.on_board.len();
        // places, when it is free there, and whether somebody is on board then
        let mut free: Vec<(Place, Time, bool)> = Vec::new();
        let whereabouts = schedule.plan.whereabouts;
        let is_free = matches!(whereabouts, Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. });
        free.push((trial.start_place, if is_free { trial.free } else { Time::EPOCH }, on_board > 0 || !is_free));
        for (visit, &end) in trial.visits.iter().zip(&reckoning.ends) {
            match (visit.is_break, visit.is_pickup) {
                (true, _) => {}
                (false, true) => on_board += 1,
                (false, false) => on_board -= 1,
            }
            free.push((visit.place, end, on_board > 0));
        }
        for (index, &(place, since, is_busy)) in free.iter().enumerate() {
            let leaves = match trial.visits.get(index) {
                Some(next) => {
                    let joins = index > 0 && trial.joins(index);
                    let drive = roads.travel_time(place, next.place).expect("the city is connected").span();
                    reckoning.starts[index] - if joins { Span::ZERO } else { drive }
                }
                None => {
                    let home = trial.end.and_then(|end| roads.travel_time(place, end));
                    schedule.shift.window.latest() - home.map_or(Span::ZERO, |home| home.span())
                }
            };
            if !is_busy && since + gap <= leaves {
                return (place, since);
            }
        }
        let &(place, since, _) = free.last().expect("it is somewhere");
        (place, since.max(if trial.visits.is_empty() { self.now } else { since }))
    }
}
