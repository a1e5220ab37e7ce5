//! Where vehicles wait, and for whom: what a desk is told that asks why.

use mukae_maps::Place;
use mukae_units::{ShiftId, Time};

use super::Picture;
use crate::State;
use crate::work::Work;

/// A vehicle that can be sent to whoever asks next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    pub shift: ShiftId,
    /// Where and from when on it has nothing to set out for in some time.
    pub place: Place,
    pub free: Time,
    /// Requests that are expected within the time ahead, for which it is the nearest, in thousandths.
    pub expected: u32,
}

impl Standing {
    /// Of all vehicles of an area, in the order of shifts; none without a table of what is expected that still holds. A post for
    /// which two are as near counts for the first.
    pub fn all(state: &State, now: Time, work: &mut Work<'_>) -> Vec<Standing> {
        let (Some(supply), Some(policy)) = (&state.supply, &state.policy) else { return Vec::new() };
        let Some(outlook) = supply.outlook_at(now) else { return Vec::new() };
        let schedules = state.schedules.values().map(AsRef::as_ref);
        let rules = (&*supply.rules, outlook, &policy.cost);
        let picture = Picture::of(rules, schedules, now, |_| false, work);
        let mut standings: Vec<Standing> = Vec::new();
        for stand in &picture.stands {
            let schedule = &state.schedules[&stand.shift];
            let (place, free) = schedule.next_stand(supply.rules.coverage.gap_min, now);
            standings.push(Standing { shift: stand.shift, place, free, expected: 0 });
        }
        for (post, &expected) in outlook.expected.iter().enumerate() {
            let reached = picture.stands.iter().map(|stand| stand.free_in + i64::from(stand.to_posts[post]));
            let nearest = (0..).zip(reached).min_by_key(|&(stand_idx, reached): &(usize, i64)| (reached, stand_idx));
            if let Some((stand_idx, reached)) = nearest
                && reached < picture.reach_max
            {
                standings[stand_idx].expected = standings[stand_idx].expected.saturating_add(expected);
            }
        }
        standings
    }
}
