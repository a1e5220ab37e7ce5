//! What planners are told: how things stand, for them to ask beside the area's task.

use std::sync::Arc;

use mukae_units::ServiceId;

use super::Area;
use crate::errors::Fault;
use crate::names::ServiceName;
use crate::shell::input::ProbeTerms;
use crate::shell::probing::Lent;

impl Area {
    /// The number under which the journal knows a service; told once all that was asked before is in the journal.
    pub(super) fn find_service(&mut self, name: ServiceName) -> Result<ServiceId, Fault> {
        self.service(&name)
    }

    /// What rides are probed against.
    pub(super) fn lend(&mut self, terms: ProbeTerms) -> Result<Lent, Fault> {
        Ok(Lent {
            id: self.service(&terms.service)?,
            needs: self.features(&terms.requirements)?,
            wait_max: self.wait_max(&terms.service),
            prober: self.scribe.dispatcher().prober(self.now()),
            config: Arc::clone(&self.config),
            zones: self.zones.clone(),
            roads: self.road_service.live().current(),
            service: terms.service,
        })
    }
}
