//! Whether a shift may take a party at all, wherever in its schedule: the tests that need no road,
//! the cheapest first.

use super::Schedule;
use crate::insertion::Demand;
use crate::model::Constraint;

impl Schedule {
    /// False if no insertion into this schedule is allowed, whatever the roads.
    pub fn may_take(&self, demand: &Demand) -> bool {
        self.unfit_for(demand).is_none()
    }

    /// The first rule that forbids every insertion of `demand` here.
    pub fn unfit_for(&self, demand: &Demand) -> Option<Constraint> {
        let (window, terms) = (self.shift.window, &self.terms);
        if window.latest() < demand.pickup.earliest() || demand.pickup.latest() < window.earliest() {
            Some(Constraint::NoShift)
        } else if !terms.features.contains_all(demand.needs) {
            Some(Constraint::Requirements)
        } else if !terms.reaches(demand.zones.0, demand.zones.1) {
            Some(Constraint::VehicleZones)
        } else if !self.capacity.fits(demand.party) {
            Some(Constraint::PartySize)
        } else if !terms.serves.contains(demand.service) {
            Some(Constraint::NoVehicleForService)
        } else {
            None
        }
    }
}
