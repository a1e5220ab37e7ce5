//! What restrictions say together: said twice, against each other, or several prescriptions from one edge.

use std::collections::{BTreeMap, BTreeSet};

use super::NotKept;
use crate::graph::{EdgeId, TurnRestriction, TurnRule};

/// What one relation came to.
pub(super) struct Told {
    pub(super) chains: Vec<TurnRestriction>,
    /// Why it, or some of its turns, is not kept. At least one reason if there are no chains; of several the
    /// first is told for the whole.
    pub(super) reasons: BTreeSet<NotKept>,
}

/// Removes the chains for which `is_out` holds, noting the reason.
fn drop_chains(told: &mut [Told], reason: NotKept, mut is_out: impl FnMut(&TurnRestriction) -> bool) {
    for one in told {
        let before = one.chains.len();
        one.chains.retain(|restriction| !is_out(restriction));
        if one.chains.len() < before {
            one.reasons.insert(reason);
        }
    }
}

pub(super) fn drop_said_before(told: &mut [Told]) {
    let mut said = BTreeSet::new();
    drop_chains(told, NotKept::Duplicate, |restriction| {
        !said.insert((restriction.rule == TurnRule::Only, restriction.chain.clone()))
    });
}

/// The relations whose `only_*` prescribes what another forbids. Both hold: nobody can drive on there, and no
/// promise rests on the reading that allows more.
pub(super) fn contradicted(told: &[Told]) -> Vec<i64> {
    let all = || told.iter().flat_map(|one| &one.chains);
    let forbidden: BTreeSet<&[EdgeId]> = all().filter(|it| it.rule == TurnRule::No).map(|it| &it.chain[..]).collect();
    let lengths: BTreeSet<usize> = forbidden.iter().map(|chain| chain.len()).collect();
    let has_forbidden =
        |chain: &[EdgeId]| lengths.iter().any(|&length| chain.windows(length).any(|part| forbidden.contains(part)));
    let ids: BTreeSet<i64> =
        all().filter(|it| it.rule == TurnRule::Only && has_forbidden(&it.chain)).map(|it| it.osm_id).collect();
    ids.into_iter().collect()
}

/// The relations whose `only_*` leaves from the same edge over the same via as another relation's.
pub(super) fn joined(told: &[Told]) -> Vec<i64> {
    let mut by_start: BTreeMap<&[EdgeId], BTreeSet<i64>> = BTreeMap::new();
    for restriction in told.iter().flat_map(|one| &one.chains).filter(|it| it.rule == TurnRule::Only) {
        let start = &restriction.chain[..restriction.chain.len() - 1];
        by_start.entry(start).or_default().insert(restriction.osm_id);
    }
    let ids: BTreeSet<i64> = by_start.into_values().filter(|ids| 1 < ids.len()).flatten().collect();
    ids.into_iter().collect()
}
