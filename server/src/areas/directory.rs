//! In which area the things of tenants are.
//!
//! What the configurations say comes first and is in one area only, or the server does not start. What an area's journal
//! knows beside that (a vehicle made over the interface, or one that has since moved to another area's file) is added
//! where its name is free. An area is given by its number in the order of their names.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use mukae_engine::State;

use super::address::Thing;
use super::{Claim, Served};
use crate::config::Config;
use crate::errors::Fault;
use crate::names::{DriverName, ServiceName, VehicleName, unlabel};

#[derive(Debug, Default)]
pub struct Directory(RwLock<Entries>);

#[derive(Debug, Default)]
struct Entries {
    services: HashMap<ServiceName, usize>,
    vehicles: HashMap<VehicleName, usize>,
    drivers: HashMap<DriverName, usize>,
    /// Where each tenant has something.
    tenants: BTreeMap<String, BTreeSet<usize>>,
}

/// A thing's name of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Owned {
    Service(ServiceName),
    Vehicle(VehicleName),
    Driver(DriverName),
}

/// A name in two areas' configurations.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clash {
    pub name: String,
    pub first: usize,
    pub second: usize,
}

impl Owned {
    fn thing(&self) -> Thing<'_> {
        match self {
            Owned::Service(name) => Thing::Service(name),
            Owned::Vehicle(name) => Thing::Vehicle(name),
            Owned::Driver(name) => Thing::Driver(name),
        }
    }

    fn of(thing: &Thing<'_>) -> Owned {
        match *thing {
            Thing::Service(name) => Owned::Service(name.clone()),
            Thing::Vehicle(name) => Owned::Vehicle(name.clone()),
            Thing::Driver(name) => Owned::Driver(name.clone()),
        }
    }
}

impl Entries {
    fn get(&self, thing: &Thing<'_>) -> Option<usize> {
        let found = match *thing {
            Thing::Service(name) => self.services.get(name),
            Thing::Vehicle(name) => self.vehicles.get(name),
            Thing::Driver(name) => self.drivers.get(name),
        };
        found.copied()
    }

    /// The number it had and keeps, if it had another.
    fn add(&mut self, thing: Owned, number: usize) -> Option<usize> {
        self.tenants.entry(thing.thing().tenant().to_owned()).or_default().insert(number);
        let known = match thing {
            Owned::Service(name) => *self.services.entry(name).or_insert(number),
            Owned::Vehicle(name) => *self.vehicles.entry(name).or_insert(number),
            Owned::Driver(name) => *self.drivers.entry(name).or_insert(number),
        };
        (known != number).then_some(known)
    }
}

impl Directory {
    /// What an area's configuration names; all that are in another's, too.
    pub fn add_configured(&self, number: usize, config: &Config) -> Vec<Clash> {
        let mut entries = self.write();
        let services = config.services.iter().map(|service| Owned::Service(service.name.clone()));
        let vehicles = config.vehicles.iter().map(|vehicle| Owned::Vehicle(vehicle.name.clone()));
        let drivers = config.drivers.iter().filter_map(|driver| driver.name.parse().ok()).map(Owned::Driver);
        let things: Vec<Owned> = services.chain(vehicles).chain(drivers).collect();
        let clash = |thing: Owned| {
            let name = thing.thing().to_string();
            entries.add(thing, number).map(|first| Clash { name, first, second: number })
        };
        things.into_iter().filter_map(clash).collect()
    }

    /// What an area's journal knows beside that. Those names that are another's.
    pub fn add_known(&self, number: usize, state: &State) -> Vec<String> {
        let mut entries = self.write();
        let services = state.services.values().filter_map(|it| unlabel(&it.name).0.parse().ok()).map(Owned::Service);
        let vehicles = state.vehicles.values().filter_map(|it| unlabel(&it.name).0.parse().ok()).map(Owned::Vehicle);
        let drivers = state.drivers.values().filter_map(|it| unlabel(&it.name).0.parse().ok()).map(Owned::Driver);
        let things = services.chain(vehicles).chain(drivers);
        things
            .filter_map(|thing| {
                let name = thing.thing().to_string();
                // a tenant that moved away is not looked for here
                if entries.get(&thing.thing()).is_some_and(|known| known != number) {
                    return Some(name);
                }
                entries.add(thing, number).map(|_| name)
            })
            .collect()
    }

    pub fn of_thing(&self, thing: &Thing<'_>) -> Option<usize> {
        self.read().get(thing)
    }

    pub fn of_tenant(&self, tenant: &str) -> Vec<usize> {
        self.read().tenants.get(tenant).into_iter().flatten().copied().collect()
    }

    /// Of whatever is below this name, as it is written.
    pub fn of_name(&self, name: &str, areas: &[Served]) -> Option<usize> {
        let parts: Vec<&str> = name.split('/').collect();
        let (tenant, kind, id) = match parts.as_slice() {
            ["areas", area, ..] => return areas.iter().position(|served| served.name.0 == **area),
            ["tenants", tenant, kind, id, ..] => (tenant.to_string(), *kind, id.to_string()),
            _ => return None,
        };
        let entries = self.read();
        let found = match kind {
            "services" => entries.services.get(&ServiceName { tenant: tenant.clone(), service: id }),
            "vehicles" => entries.vehicles.get(&VehicleName { tenant: tenant.clone(), vehicle: id }),
            "drivers" => entries.drivers.get(&DriverName { tenant: tenant.clone(), driver: id }),
            _ => None,
        };
        let only = || entries.tenants.get(&tenant).filter(|areas| areas.len() == 1).and_then(|areas| areas.first());
        found.or_else(only).copied()
    }

    /// Takes a free name for a thing to be made in this area; nothing if it was this area's before.
    pub fn claim(&self, thing: &Thing<'_>, number: usize) -> Result<Option<Claim>, Fault> {
        let mut entries = self.write();
        match entries.get(thing) {
            Some(known) if known == number => Ok(None),
            Some(_) => Err(Fault::exists(thing)),
            None => {
                let owned = Owned::of(thing);
                entries.add(owned.clone(), number);
                Ok(Some(Claim(owned)))
            }
        }
    }

    /// It was not made.
    pub fn forget(&self, claim: &Claim) {
        let mut entries = self.write();
        match &claim.0 {
            Owned::Service(name) => _ = entries.services.remove(name),
            Owned::Vehicle(name) => _ = entries.vehicles.remove(name),
            Owned::Driver(name) => _ = entries.drivers.remove(name),
        }
        let tenant = claim.0.thing().tenant().to_owned();
        let services = entries.services.iter().filter(|(name, _)| name.tenant == tenant).map(|(_, number)| *number);
        let vehicles = entries.vehicles.iter().filter(|(name, _)| name.tenant == tenant).map(|(_, number)| *number);
        let drivers = entries.drivers.iter().filter(|(name, _)| name.tenant == tenant).map(|(_, number)| *number);
        let left: BTreeSet<usize> = services.chain(vehicles).chain(drivers).collect();
        entries.tenants.insert(tenant, left);
    }

    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is behind the lock is whole between any two statements.
    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
