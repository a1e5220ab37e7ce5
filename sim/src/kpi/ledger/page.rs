//! Pages of the ledger: the figures of a stretch of time alone, of which the figures of the whole run are the sum.
//!
//! Something counts on the page on which it happened: a request when it was answered, a wait when boarding began, a
//! kilometre when its drive ended.

use std::collections::BTreeMap;

use super::{Kpis, Ledger, Tally};

impl Ledger {
    /// The figures since the last page was turned; what is open stays open.
    pub fn turn_page(&mut self) -> Kpis {
        let page = std::mem::take(&mut self.tally);
        let kpis = self.kpis_of(&page);
        self.past = std::mem::take(&mut self.past).and(page);
        kpis
    }
}

impl Tally {
    /// This and what came after it. Without `..`, so that no figure is forgotten.
    pub(super) fn and(mut self, later: Tally) -> Tally {
        let Tally {
            requests,
            requests_by_channel,
            offered,
            refused,
            refused_by,
            not_taken,
            confirmed,
            cancelled,
            no_shows,
            failed,
            served,
            riders_served,
            promises_at_risk,
            wait_from_request,
            wait_from_promise,
            ride_time,
            ride_ratio,
            pickups,
            pickups_on_time,
            pooled,
            driven,
            driven_empty,
            empty_to_pickup,
            empty_home,
            rider_millimetres,
            unmeasured_drives,
            shifts_closed,
            shift_time,
        } = later;
        self.requests += requests;
        add(&mut self.requests_by_channel, requests_by_channel);
        self.offered += offered;
        self.refused += refused;
        add(&mut self.refused_by, refused_by);
        self.not_taken += not_taken;
        self.confirmed += confirmed;
        self.cancelled += cancelled;
        self.no_shows += no_shows;
        self.failed += failed;
        self.served += served;
        self.riders_served += riders_served;
        self.promises_at_risk += promises_at_risk;
        self.wait_from_request.append(wait_from_request);
        self.wait_from_promise.append(wait_from_promise);
        self.ride_time.append(ride_time);
        self.ride_ratio.append(ride_ratio);
        self.pickups += pickups;
        self.pickups_on_time += pickups_on_time;
        self.pooled += pooled;
        self.driven += driven;
        self.driven_empty += driven_empty;
        self.empty_to_pickup += empty_to_pickup;
        self.empty_home += empty_home;
        self.rider_millimetres += rider_millimetres;
        self.unmeasured_drives += unmeasured_drives;
        self.shifts_closed += shifts_closed;
        self.shift_time += shift_time;
        self
    }
}

fn add<K: Ord>(counts: &mut BTreeMap<K, u64>, later: BTreeMap<K, u64>) {
    for (key, count) in later {
        *counts.entry(key).or_default() += count;
    }
}
