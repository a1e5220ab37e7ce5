//! What somebody is entitled to, and what of that counts for one method.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mukae_record::Principal;
use mukae_units::Time;

use super::keys::KeyPrint;
use super::roles::Role;
use super::table::{Access, Reach, Row};
use crate::caller::{Caller, Scope, Share};
use crate::config::{AreaToServe, Config};
use crate::names::{AreaName, DriverName, VehicleName};

/// What a token or a certificate says, checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    pub principal: Principal,
    /// `{issuer}+{subject}`, as a frontend would name this person.
    pub rider: Option<String>,
    pub tenants: BTreeMap<String, BTreeSet<Role>>,
    pub is_platform_admin: bool,
    /// Whose driver this is.
    pub vehicles: BTreeSet<VehicleName>,
    /// And who this is among the drivers.
    pub drivers: BTreeSet<DriverName>,
    /// Only these, if said.
    pub areas: Option<BTreeSet<AreaName>>,
    /// Not later than this, give or take clocks that differ.
    pub expires: Time,
    pub origin: Origin,
}

/// By what it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    Token { issuer: String, key: KeyPrint },
    Certificate,
}

/// Which tenants each area serves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Estate {
    areas: BTreeMap<AreaName, BTreeSet<String>>,
}

impl Estate {
    /// Whom an area serves whose configuration can not be read, nobody knows.
    pub fn of(areas: &[AreaToServe]) -> Estate {
        let tenants = |(config, _): &(Config, _)| {
            let services = config.services.iter().map(|service| service.name.tenant.clone());
            services.chain(config.vehicles.iter().map(|vehicle| vehicle.name.tenant.clone())).collect()
        };
        let area = |area: &AreaToServe| (area.name.clone(), area.ready.as_ref().map(tenants).unwrap_or_default());
        Estate { areas: areas.iter().map(area).collect() }
    }
}

impl Grant {
    /// The account on which calls are counted: the tenant's, or one of their own for those who work for several.
    pub fn account(&self) -> String {
        let tenants: Vec<&str> = self.tenants.keys().map(String::as_str).collect();
        tenants.join("+")
    }

    /// Who calls this method; `None` if they may not.
    pub fn caller(self: &Arc<Grant>, row: &Row, estate: &Estate) -> Option<Caller> {
        let Access::Roles(_) = row.access else { return Some(self.as_caller(Scope::Shares(BTreeMap::new()), estate)) };
        if self.is_platform_admin && row.access.of(Role::PlatformAdmin) == Reach::All {
            return Some(self.as_caller(Scope::All, estate));
        }
        let shares = self.tenants.iter().filter_map(|(tenant, roles)| {
            let of = |wanted: Reach| roles.iter().copied().filter(move |role| row.access.of(*role) == wanted);
            if of(Reach::Tenant).next().is_some() {
                return Some((tenant.clone(), Share::Whole));
            }
            let (mut rider, mut vehicles, mut drivers) = (None, BTreeSet::new(), BTreeSet::new());
            for role in of(Reach::Own) {
                match role {
                    Role::Driver => {
                        vehicles.extend(self.vehicles.iter().filter(|name| name.tenant == *tenant).cloned());
                        drivers.extend(self.drivers.iter().filter(|name| name.tenant == *tenant).cloned());
                    }
                    _ => rider.clone_from(&self.rider),
                }
            }
            let is_something = rider.is_some() || !vehicles.is_empty() || !drivers.is_empty();
            is_something.then(|| (tenant.clone(), Share::Own { rider, vehicles, drivers }))
        });
        let shares: BTreeMap<String, Share> = shares.collect();
        (!shares.is_empty()).then(|| self.as_caller(Scope::Shares(shares), estate))
    }

    fn as_caller(self: &Arc<Grant>, scope: Scope, estate: &Estate) -> Caller {
        let serves = |tenants: &BTreeSet<String>| match &scope {
            Scope::All => true,
            Scope::Shares(shares) => tenants.iter().any(|tenant| shares.contains_key(tenant)),
        };
        let is_named = |area: &AreaName| self.areas.as_ref().is_none_or(|areas| areas.contains(area));
        // that an area is there at all is told to those whose token names it
        let is_known = |area: &AreaName| self.areas.as_ref().is_some_and(|areas| areas.contains(area));
        let may =
            |tenants: &BTreeSet<String>, area: &AreaName| serves(tenants) || (tenants.is_empty() && is_known(area));
        let seen = estate.areas.iter().filter(|(area, tenants)| is_named(area) && may(tenants, area));
        let areas = Some(seen.map(|(area, _)| area.clone()).collect());
        Caller { principal: self.principal.clone(), scope, areas, grant: Some(Arc::clone(self)) }
    }
}
