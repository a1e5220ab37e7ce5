//! Drivers who would be asked for every rider are asked once, beforehand, to stand by: who says yes is bound to riders at once.
//!
//! Who is worth asking is worked out elsewhere, by what is expected; here it is judged whether that driver may be asked: by their
//! tier, cool-down and weekly limit, as for any rider, and by how much standing by the area allows at a time. Standing by ends with
//! the shift, by a word of the driver or of staff, and when nobody answers. Who was bound by then stays so.

use mukae_units::{DriverId, ShiftId, Span, Time};

use super::{Draft, Outcome};
use crate::State;
use crate::answer::{Answer, Rejection};
use crate::event::Endogenous;
use crate::model::{Asking, Standby, Tier};
use crate::schedule::Schedule;

pub(super) fn ask(draft: &mut Draft<'_, '_>, shift: ShiftId) -> Outcome {
    let (state, now) = (draft.state, draft.now);
    let schedule = draft.schedule(shift)?;
    let Some(driver) = schedule.shift.driver.filter(|_| may_be_asked(draft, schedule)) else {
        return Err(Rejection::MayNotStandBy(shift));
    };
    let deadline = (now + draft.policy()?.ask_timeout).min(state.schedules[&shift].shift.window.latest());
    draft.note_ask(driver)?;
    draft.push(Endogenous::StandbyAsked { shift, driver, deadline });
    Ok(Answer::Noted)
}

pub(super) fn answer(draft: &mut Draft<'_, '_>, shift: ShiftId, driver: DriverId, accepted: bool) -> Outcome {
    let asked = draft.state.standbys.get(&shift).and_then(|standby| standby.deadline());
    let is_theirs = draft.schedule(shift)?.shift.driver == Some(driver);
    if !is_theirs || asked.is_none_or(|deadline| deadline < draft.now) {
        return Err(Rejection::NotAskedToStandBy(shift));
    }
    if accepted {
        draft.foresee(shift, |schedule| schedule.asking = Asking::Unneeded)?;
    }
    Ok(Answer::Noted)
}

pub(super) fn end(draft: &mut Draft<'_, '_>, shift: ShiftId) -> Outcome {
    let asking = draft.state.asking_for_each(&draft.schedule(shift)?.shift, &[]);
    if !draft.state.standbys.contains_key(&shift) {
        return Err(Rejection::NotAskedToStandBy(shift));
    }
    draft.foresee(shift, |schedule| schedule.asking = asking)?;
    Ok(Answer::Noted)
}

/// Nobody answered in time.
pub(super) fn expire(draft: &mut Draft<'_, '_>) {
    let (state, now) = (draft.state, draft.now);
    let is_over = |standby: &Standby| standby.deadline().is_some_and(|deadline| deadline < now);
    for (&shift, _) in state.standbys.iter().filter(|(_, standby)| is_over(standby)) {
        draft.push(Endogenous::StandbyLapsed { shift });
    }
}

fn may_be_asked(draft: &Draft<'_, '_>, schedule: &Schedule) -> bool {
    let (state, now) = (draft.state, draft.now);
    let Some(supply) = &state.supply else { return false };
    let can_be = matches!(schedule.asking, Asking::From(from) if from <= now);
    let standing = state.standbys.keys().map(|shift| left(&state.schedules[shift], draft));
    let standing = standing.fold(left(schedule, draft), |sum, left| sum + left);
    can_be
        && Tier::T2 <= state.tier(&schedule.shift)
        && !state.standbys.contains_key(&schedule.shift.id)
        && Span::ZERO < left(schedule, draft)
        && standing <= supply.rules.standby_max
}

/// Of its shift.
fn left(schedule: &Schedule, draft: &Draft<'_, '_>) -> Span {
    let window = schedule.shift.window;
    (window.latest() - window.earliest().max(draft.now)).positive_part()
}

/// When the first of those who were asked has not answered in time.
pub(crate) fn lapses(state: &State) -> Option<Time> {
    let deadlines = state.standbys.values().filter_map(Standby::deadline);
    deadlines.map(|deadline| deadline + Span::from_millis(1)).min()
}
