//! What was told, under the rules of a scenario: other numbers, or another fleet.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use mukae_engine::Command;
use mukae_units::{ShiftId, Time};

use super::{Doings, Told};
use crate::scenario::Rules;

/// A shift that is planned for another vehicle, or is numbered otherwise, keeps its crew's doings; further copies of a
/// vehicle do as planned.
pub(super) fn under(rules: &Rules, told: Vec<Told>, doings: &Doings, zone: &TimeZone) -> (Vec<Told>, Doings) {
    let tagged = tagged(rules, told, zone);
    let number: BTreeMap<ShiftId, ShiftId> = tagged
        .iter()
        .filter_map(|((_, recorded), command)| match command {
            Command::PlanShift(shift) => Some(((*recorded)?, shift.id)),
            _ => None,
        })
        .collect();
    let told = tagged.into_iter().filter_map(|((at, _), command)| renumbered(at, command, &number)).collect();
    let crews = doings.crews.iter().filter_map(|(shift, crew)| Some((*number.get(shift)?, *crew))).collect();
    (told, Doings { riders: doings.riders.clone(), crews })
}

/// When something is told, and of a shift its number in the journal; further ones have none.
pub(super) type Tag = (Time, Option<ShiftId>);

/// All of it as the rules have it.
pub(super) fn tagged(rules: &Rules, told: Vec<Told>, zone: &TimeZone) -> Vec<(Tag, Command)> {
    let tagged = told.into_iter().map(|Told { at, command }| {
        let recorded = match &command {
            Command::PlanShift(shift) => Some(shift.id),
            _ => None,
        };
        ((at, recorded), command)
    });
    let mut tagged = rules.tagged(tagged.collect(), zone, |&(at, _)| (at, None));
    tagged.sort_by_key(|&((at, _), _)| at);
    tagged
}

pub(super) fn renumbered(at: Time, mut command: Command, number: &BTreeMap<ShiftId, ShiftId>) -> Option<Told> {
    if let Command::InterruptShift { shift, .. } | Command::DelayShift { shift, .. } = &mut command {
        *shift = *number.get(shift)?;
    }
    Some(Told { at, command })
}
