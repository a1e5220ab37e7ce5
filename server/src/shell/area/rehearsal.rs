//! What would happen if: the same handlers on a copy of the area, of which nothing is kept.
//!
//! `validate_only` runs through here, so that a rehearsal can not differ from the deed. The copy is of what a record
//! changes; the dispatcher's large parts are shared by it. It costs a walk over the area's bookings, and the next
//! search looks at every schedule anew.

use std::mem;
use std::sync::Arc;

use super::Area;
use crate::errors::Fault;
use crate::shell::input::Signed;

impl Area {
    /// Does what `act` does to `signed`, for good or, if the caller only wants to know, as a rehearsal.
    pub(super) fn do_or_rehearse<Q, A>(
        &mut self,
        signed: Signed<Q>,
        act: impl FnOnce(&mut Area, Signed<Q>) -> Result<A, Fault>,
    ) -> Result<A, Fault> {
        if !signed.is_rehearsal {
            return act(self, signed);
        }
        let (scribe, annals) = (self.scribe.clone(), self.annals.clone());
        let scribe = mem::replace(&mut self.scribe, scribe);
        let annals = mem::replace(&mut self.annals, annals);
        let fork = self.road_service.fork();
        let road_service = mem::replace(&mut self.road_service, fork);
        let roads = mem::replace(&mut self.roads, self.road_service.query());
        let memory = mem::take(&mut self.memory);
        let entries = mem::take(&mut self.entries);
        let (records, wakeup, quiet_until) = (self.records_since_snapshot, self.wakeup, self.quiet_until);
        let (config, zones, plans_next) = (Arc::clone(&self.config), self.zones.clone(), self.plans_next);
        self.is_rehearsing = true;
        let answer = act(self, signed);
        self.is_rehearsing = false;
        (self.records_since_snapshot, self.wakeup, self.quiet_until) = (records, wakeup, quiet_until);
        (self.config, self.zones, self.plans_next) = (config, zones, plans_next);
        self.entries = entries;
        self.memory = memory;
        self.roads = roads;
        self.road_service = road_service;
        self.annals = annals;
        self.scribe = scribe;
        answer
    }
}
