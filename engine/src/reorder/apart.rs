//! Orders that have nothing to do with each other.

use std::collections::{BTreeMap, BTreeSet};

use mukae_units::StopId;

use super::Order;
use crate::schedule::Schedule;

/// Orders belong together if a stop goes from the shift of one to the shift of another. Each group can be judged, and taken
/// up, by itself. `schedules` are those of the orders, one by one.
pub(crate) fn apart(schedules: &[&Schedule], orders: &[Order]) -> Vec<Vec<Order>> {
    let mut planned_by: BTreeMap<StopId, usize> = BTreeMap::new();
    for (number, schedule) in schedules.iter().enumerate() {
        planned_by.extend(schedule.stops().iter().map(|stop| (stop.id, number)));
    }
    // of each order, the first of its group
    let mut first: Vec<usize> = (0..orders.len()).collect();
    for (number, order) in orders.iter().enumerate() {
        for other in order.stops.iter().filter_map(|stop| planned_by.get(stop).copied()) {
            let (kept, merged) = (first[number].min(first[other]), first[number].max(first[other]));
            first.iter_mut().filter(|of| **of == merged).for_each(|of| *of = kept);
        }
    }
    let groups: BTreeSet<usize> = first.iter().copied().collect();
    let members =
        |group| orders.iter().zip(&first).filter(move |&(_, &of)| of == group).map(|(order, _)| order.clone());
    groups.into_iter().map(|group| members(group).collect()).collect()
}
