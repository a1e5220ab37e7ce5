//! All the dispatcher remembers: plain data, changed by `apply` alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use mukae_units::{BookingId, DriverId, FeatureId, OfferId, RiderId, ServiceId, ShiftId, Time, VehicleId, ZoneId};

use crate::model::{
    Asking, Booking, Driver, Hold, MapId, NoShow, Offer, Policy, Service, Shift, Standby, Supply, Tier, Vehicle,
};
use crate::schedule::Schedule;

/// Ordered maps throughout: whoever iterates meets the same order on every machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// When the last event happened; time never goes back.
    pub clock: Time,
    pub map: Option<MapId>,
    pub policy: Option<Policy>,
    pub services: BTreeMap<ServiceId, Service>,
    pub vehicles: BTreeMap<VehicleId, Vehicle>,
    /// Shifts that are planned or open. Behind `Arc`, so that a view of the state is cheap to publish.
    pub schedules: BTreeMap<ShiftId, Arc<Schedule>>,
    /// Offers that can still be confirmed, as far as the clock has been told.
    pub offers: BTreeMap<OfferId, Offer>,
    /// Live bookings, and ended ones until they are forgotten.
    pub bookings: BTreeMap<BookingId, Booking>,
    /// The next offer, booking and stop get these numbers.
    pub next_offer: u64,
    pub next_booking: u64,
    pub next_stop: u64,
    /// When a vehicle was last looked for, for every booking without one.
    pub vehicles_sought: Time,
    /// Shifts with a smaller or equal number have been planned before; ended ones are not kept.
    pub last_shift: u32,
    /// What vehicles and drivers can offer, by what the world calls it.
    pub features: BTreeMap<FeatureId, String>,
    pub drivers: BTreeMap<DriverId, Driver>,
    /// When each driver was asked: in the last seven days, and the last time; in order.
    pub asks: BTreeMap<DriverId, Vec<Time>>,
    /// Offers whose place is kept.
    pub holds: BTreeMap<OfferId, Hold>,
    /// Who did not come, of the last [`NO_SHOW_MEMORY`](crate::model::NO_SHOW_MEMORY) before the latest of them all; each
    /// rider's in order.
    pub no_shows: BTreeMap<RiderId, Vec<NoShow>>,
    /// Where services carry and vehicles go, by what the world calls it.
    pub zones: BTreeMap<ZoneId, String>,
    /// What may be done before anybody asks; `None`: nothing.
    pub supply: Option<Supply>,
    /// Shifts whose driver was asked to stand by: few.
    pub standbys: BTreeMap<ShiftId, Standby>,
}

impl State {
    pub fn new() -> State {
        let long_ago = Time::from_unix_millis(i64::MIN / 4);
        State {
            clock: long_ago,
            map: None,
            policy: None,
            services: BTreeMap::new(),
            vehicles: BTreeMap::new(),
            schedules: BTreeMap::new(),
            offers: BTreeMap::new(),
            bookings: BTreeMap::new(),
            next_offer: 1,
            next_booking: 1,
            next_stop: 1,
            vehicles_sought: long_ago,
            last_shift: 0,
            features: BTreeMap::new(),
            drivers: BTreeMap::new(),
            asks: BTreeMap::new(),
            holds: BTreeMap::new(),
            no_shows: BTreeMap::new(),
            zones: BTreeMap::new(),
            supply: None,
            standbys: BTreeMap::new(),
        }
    }

    /// Whether the driver of a shift must be asked, and from when that may be, once `fresh` asks are made too.
    pub(crate) fn asking(&self, shift: &Shift, fresh: &[Time]) -> Asking {
        match self.standbys.get(&shift.id) {
            Some(Standby::Given) if Tier::T2 <= self.tier(shift) => Asking::Unneeded,
            _ => self.asking_for_each(shift, fresh),
        }
    }

    /// The same for a driver who does not stand by.
    pub(crate) fn asking_for_each(&self, shift: &Shift, fresh: &[Time]) -> Asking {
        let Some(driver) = shift.driver.and_then(|driver| self.drivers.get(&driver)) else { return Asking::Unneeded };
        let mut asks = self.asks.get(&driver.id).cloned().unwrap_or_default();
        asks.extend_from_slice(fresh);
        driver.asking(self.tier(shift), &asks)
    }

    /// How far consent goes on a shift: that of its driver, of a declared trip, and as far as the area goes.
    pub(crate) fn tier(&self, shift: &Shift) -> Tier {
        let driver = shift.driver.and_then(|driver| self.drivers.get(&driver)).map_or(Tier::T3, |driver| driver.tier);
        let of_trip = shift.declared.map_or(Tier::T3, |declared| declared.tier);
        let of_area = self.policy.map_or(Tier::T3, |policy| policy.tier_max);
        driver.min(of_trip).min(of_area)
    }

    /// The open shift of a vehicle, if it has one, by walking over all; a dispatcher knows it at once.
    pub fn open_shift_of(&self, vehicle: VehicleId) -> Option<&Arc<Schedule>> {
        self.schedules
            .values()
            .find(|schedule| schedule.shift.vehicle == vehicle && schedule.state == crate::model::ShiftState::Open)
    }
}

impl Default for State {
    fn default() -> Self {
        State::new()
    }
}
