//! What an insertion costs those who have not asked yet, and those who were promised something.
//!
//! ```text
//! price = eta * ( V(S') - V(S) )  +  xi * sum over promised stops j of ( short_j(S') - short_j(S) )
//! short_j = max( 0, slack_min - (latest_j - start_j) )
//! ```
//! with `V` the coverage cost (`coverage.rs`), `S` the schedules as they are and `S'` with the insertion. So of two vehicles that
//! are as good for this rider the one is taken that is less needed where it stands, and a plan with some air rather than none. The
//! idea of charging an insertion for what it does to requests to come is that of demand-anticipatory insertion (van Engelen,
//! Cats, Post and Aardal 2018). What is allowed does not change by it.

use std::cell::OnceCell;
use std::sync::Arc;

use mukae_units::{BookingId, StopId, Time};

use super::{Demand, FleetView, Insertion, plan_with};
use crate::coverage::Picture;
use crate::model::{Anticipation, Policy, Promise, SupplyRules};
use crate::schedule::{Schedule, Timeline};
use crate::work::Work;

/// Everything that does not depend on the insertion.
pub(super) struct Foresight<'a> {
    now: Time,
    policy: &'a Policy,
    rules: &'a SupplyRules,
    /// Where coverage counts, and something is expected.
    picture: Option<Picture<'a>>,
}

/// One schedule as it is.
pub(super) struct Standing<'s> {
    schedule: &'s Schedule,
    /// In the picture.
    stand_idx: Option<usize>,
    /// How soon the others reach each post, and what `V / w` is.
    coverage: OnceCell<(Vec<i64>, i64)>,
    short: i64,
}

impl<'a> Foresight<'a> {
    /// `None` where insertions cost what they cost.
    pub fn of(fleet: &FleetView<'a>, now: Time, policy: &'a Policy, work: &mut Work<'_>) -> Option<Foresight<'a>> {
        let supply = fleet.state.supply.as_ref()?;
        let rules = &*supply.rules;
        if rules.anticipation.is_off() {
            return None;
        }
        let outlook = supply.outlook_at(now).filter(|_| 0 < rules.anticipation.coverage_permille);
        if outlook.is_none() && rules.anticipation.slack_price == 0 {
            return None;
        }
        let picture = outlook.map(|outlook| {
            let schedules = fleet.schedules().into_iter();
            Picture::of((rules, outlook, &policy.cost), schedules, now, |_| false, work)
        });
        Some(Foresight { now, policy, rules, picture })
    }

    pub fn standing<'s>(&self, schedule: &'s Schedule) -> Standing<'s> {
        let shift = schedule.shift.id;
        let of_it = |picture: &Picture<'_>| picture.stands.iter().position(|stand| stand.shift == shift);
        let stand_idx = self.picture.as_ref().and_then(of_it);
        let short = self.short(schedule, &schedule.timeline(self.now));
        Standing { schedule, stand_idx, coverage: OnceCell::new(), short }
    }

    /// No insertion into it is paid more than this.
    pub fn saving_max(&self, standing: &Standing<'_>) -> i64 {
        let covered = standing.stand_idx.map_or(0, |_| self.coverage(standing).1);
        self.worth(covered).saturating_add(self.rules.anticipation.slack_price * standing.short)
    }

    /// What an insertion into it costs besides its cost.
    pub fn price(&self, standing: &Standing<'_>, demand: &Demand, insertion: &Insertion, work: &mut Work<'_>) -> i64 {
        let promise =
            Promise { pickup: demand.pickup, dropoff_latest: demand.dropoff_latest, ride_max: demand.ride_max };
        let named = (BookingId(u64::MAX), StopId(u64::MAX - 1));
        let plan = plan_with((self.now, self.policy), standing.schedule, insertion, demand, &promise, named);
        let after = standing.schedule.adopting(Arc::new(plan));
        let short = self.short(&after, &after.timeline(self.now)) - standing.short;
        let destroyed = match (&self.picture, standing.stand_idx) {
            (Some(picture), Some(_)) => {
                let (others, now) = self.coverage(standing);
                let (place, free) = after.next_stand(self.rules.coverage.gap_min, self.now);
                let to_posts = work.memory.post_times.row(place, &self.rules.posts, work.roads);
                let free_in = (free - self.now).positive_part().as_millis();
                picture.value_beside(others, free_in, &to_posts) - now
            }
            _ => 0,
        };
        self.worth(destroyed).saturating_add(self.rules.anticipation.slack_price * short)
    }

    fn coverage<'s>(&self, standing: &'s Standing<'_>) -> &'s (Vec<i64>, i64) {
        standing.coverage.get_or_init(|| {
            let (picture, stand_idx) =
                self.picture.as_ref().zip(standing.stand_idx).expect("asked of who stands in it");
            let (others, stand) = (picture.reached_without(Some(stand_idx)), &picture.stands[stand_idx]);
            let now = picture.value_beside(&others, stand.free_in, &stand.to_posts);
            (others, now)
        })
    }

    /// In the unit of costs, as far as it counts.
    fn worth(&self, value: i64) -> i64 {
        let weight = i128::from(self.rules.anticipation.coverage_permille) * i128::from(self.policy.cost.rider_wait);
        let worth = weight * i128::from(value) / 1_000_000;
        // far more than any other cost, and sums of it do not overflow
        worth.clamp(i128::from(i64::MIN / 8), i128::from(i64::MAX / 8)) as i64
    }

    /// By how much promised stops are tighter than they should be, in milliseconds; the newcomer's are not promised yet.
    fn short(&self, schedule: &Schedule, timeline: &Timeline) -> i64 {
        let Anticipation { slack_price, slack_min, .. } = self.rules.anticipation;
        if slack_price == 0 {
            return 0;
        }
        let promised = schedule.stops().iter().zip(&timeline.stops).filter(|(stop, _)| stop.id.0 < u64::MAX - 1);
        promised.map(|(stop, times)| (slack_min - (stop.latest() - times.start)).positive_part().as_millis()).sum()
    }
}
