//! Whether a shift may take a party at all, wherever in its schedule: the tests that need no road,
//! the cheapest first.

use mukae_units::{Features, ServiceId, Zones};

use super::Schedule;
use crate::insertion::Demand;
use crate::model::{Constraint, Crews};

impl Schedule {
    /// False if no insertion into this schedule is allowed, whatever the roads.
    pub fn may_take(&self, demand: &Demand) -> bool {
        self.unfit_for(demand).is_none()
    }

    /// The first rule that forbids every insertion of `demand` here.
    pub fn unfit_for(&self, demand: &Demand) -> Option<Constraint> {
        let window = self.shift.window;
        if window.latest() < demand.pickup.earliest() || demand.pickup.latest() < window.earliest() {
            return Some(Constraint::NoShift);
        }
        self.unfit_in_time(demand)
    }

    /// The same for a party that may be late: a shift that begins after its window is no bar.
    pub(crate) fn unfit_for_late(&self, demand: &Demand) -> Option<Constraint> {
        if self.shift.window.latest() < demand.pickup.earliest() {
            return Some(Constraint::NoShift);
        }
        self.unfit_in_time(demand)
    }

    fn unfit_in_time(&self, demand: &Demand) -> Option<Constraint> {
        let unwelcome = self.unwelcome(demand.needs, (demand.service, demand.crews), demand.zones);
        unwelcome.or_else(|| (!self.capacity.fits(demand.party)).then_some(Constraint::PartySize))
    }

    /// The first of its terms that forbids a ride with such needs, of that service, between places in those zones.
    pub(crate) fn unwelcome(
        &self,
        needs: Features,
        (service, crews): (ServiceId, Crews),
        zones: (Zones, Zones),
    ) -> Option<Constraint> {
        let terms = &self.terms;
        if !terms.features.contains_all(needs) {
            Some(Constraint::Requirements)
        } else if !terms.reaches(zones.0, zones.1) {
            Some(Constraint::VehicleZones)
        } else if !terms.carries(service, crews) {
            Some(Constraint::NoVehicleForService)
        } else {
            None
        }
    }
}
