//! Who calls, and whose things they may name.
//!
//! Found out once, where a call comes in, and handed to everything that judges a message: a name that the caller may
//! not use is turned down before any other field is looked at, and in words that do not tell whether there is such a
//! thing. What only the area knows (whose booking it is) is asked of it, and turned down in the same words.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mukae_record::Principal;

use crate::auth::Grant;
use crate::names::{AreaName, DriverName, RiderName, VehicleName, rider_id};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// Stands in the journal beside what the caller does; no name and no number of a person.
    pub principal: Principal,
    pub scope: Scope,
    /// The areas that the caller may name; `None`: all.
    pub areas: Option<BTreeSet<AreaName>>,
    /// What all this follows from; `None` while there is no authentication.
    pub grant: Option<Arc<Grant>>,
}

/// Whose things a caller may name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Everybody's: who keeps the server, and everyone while there is no authentication.
    All,
    /// By tenant.
    Shares(BTreeMap<String, Share>),
}

/// What of a tenant's things.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Share {
    Whole,
    /// The bookings of one rider, by their pseudonym; these vehicles and what these drivers are asked.
    Own {
        rider: Option<String>,
        vehicles: BTreeSet<VehicleName>,
        drivers: BTreeSet<DriverName>,
    },
}

impl Caller {
    /// Who asks, while there is no authentication: see `serve.rs`.
    pub fn anyone() -> Caller {
        let principal = Principal::new("anonymous").expect("a short, non-empty text");
        Caller { principal, scope: Scope::All, areas: None, grant: None }
    }

    /// Who may name nothing: a call that nobody looked at.
    pub fn nobody() -> Caller {
        let scope = Scope::Shares(BTreeMap::new());
        Caller { scope, areas: Some(BTreeSet::new()), ..Caller::anyone() }
    }

    /// Whether the caller may name what has this name, as names are written.
    pub fn may_use(&self, name: &str) -> bool {
        let parts: Vec<&str> = name.split('/').collect();
        match parts.as_slice() {
            ["areas", area, ..] => self.areas.as_ref().is_none_or(|areas| areas.iter().any(|known| known.0 == **area)),
            ["tenants", tenant, rest @ ..] => match (self.share(tenant), rest) {
                (None, _) => false,
                (Some(Share::Whole), _) => true,
                (Some(Share::Own { vehicles, .. }), ["vehicles", vehicle, ..]) => {
                    vehicles.iter().any(|own| own.tenant == **tenant && own.vehicle == **vehicle)
                }
                (Some(Share::Own { drivers, .. }), ["drivers", driver, ..]) => {
                    drivers.iter().any(|own| own.tenant == **tenant && own.driver == **driver)
                }
                (Some(Share::Own { rider: Some(rider), .. }), ["riders", _]) => {
                    let own = RiderName { tenant: (*tenant).to_owned(), rider: rider_id(tenant, rider) };
                    own.to_string() == name
                }
                // whose offers and bookings they are, the area knows
                (Some(Share::Own { rider, .. }), ["services", ..]) => rider.is_some(),
                (Some(Share::Own { .. }), _) => false,
            },
            _ => self.scope == Scope::All,
        }
    }

    /// What of this tenant's things; `None`: nothing.
    pub fn share(&self, tenant: &str) -> Option<&Share> {
        match &self.scope {
            Scope::All => Some(&Share::Whole),
            Scope::Shares(shares) => shares.get(tenant),
        }
    }

    /// Whether a thing of this name, as it is written in an answer, is of a tenant all of whose things the caller sees.
    pub fn sees(&self, name: &str) -> bool {
        if self.scope == Scope::All {
            return true;
        }
        let tenant = name.strip_prefix("tenants/").and_then(|rest| rest.split('/').next());
        tenant.is_some_and(|tenant| self.share(tenant) == Some(&Share::Whole))
    }

    /// The vehicles that the caller drives, if that is all they may name.
    pub fn vehicles(&self) -> BTreeSet<VehicleName> {
        let Scope::Shares(shares) = &self.scope else { return BTreeSet::new() };
        let own = shares.values().filter_map(|share| match share {
            Share::Own { vehicles, .. } => Some(vehicles),
            Share::Whole => None,
        });
        own.flatten().cloned().collect()
    }

    /// The pseudonym under which the caller books at this tenant, if only for themselves.
    pub fn rider_at(&self, tenant: &str) -> Option<&str> {
        match self.share(tenant)? {
            Share::Own { rider, .. } => rider.as_deref(),
            Share::Whole => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(shares: impl IntoIterator<Item = (&'static str, Share)>) -> Caller {
        let shares = shares.into_iter().map(|(tenant, share)| (tenant.to_owned(), share)).collect();
        Caller { scope: Scope::Shares(shares), areas: Some(BTreeSet::from([area("east")])), ..Caller::nobody() }
    }

    fn area(id: &str) -> AreaName {
        AreaName(id.to_owned())
    }

    #[test]
    fn a_caller_of_one_tenant_names_no_other() {
        let of_asahi = with([("asahi", Share::Whole)]);
        assert!(of_asahi.may_use("tenants/asahi") && of_asahi.may_use("areas/east"));
        for name in ["tenants/nyuzen", "tenants/asah", "tenants/nyuzen/vehicles/bus", "areas/west", "areas"] {
            assert!(!of_asahi.may_use(name), "{name}");
            assert!(!Caller::nobody().may_use(name), "{name}");
            assert!(Caller::anyone().may_use(name), "{name}");
        }
        assert!(of_asahi.sees("tenants/asahi/vehicles/bus") && !of_asahi.sees("tenants/asahis/vehicles/bus"));
    }

    #[test]
    fn a_driver_names_their_vehicles_and_a_rider_what_is_booked() {
        let bus: VehicleName = "tenants/asahi/vehicles/bus".parse().unwrap();
        let driver =
            with([("asahi", Share::Own { rider: None, vehicles: BTreeSet::from([bus]), drivers: BTreeSet::new() })]);
        assert!(driver.may_use("tenants/asahi/vehicles/bus/shifts/s1"));
        for name in ["tenants/asahi/vehicles/van", "tenants/asahi", "tenants/asahi/services/ride/bookings/b1"] {
            assert!(!driver.may_use(name), "{name}");
        }
        assert!(!driver.sees("tenants/asahi/vehicles/bus"), "what a driver sees is asked for by name");
        let rider = with([(
            "asahi",
            Share::Own { rider: Some("line+U1".to_owned()), vehicles: BTreeSet::new(), drivers: BTreeSet::new() },
        )]);
        assert!(rider.may_use("tenants/asahi/services/ride/bookings/b1") && !rider.may_use("tenants/asahi"));
        assert!(!rider.may_use("tenants/asahi/vehicles/bus") && !rider.may_use("tenants/nyuzen/services/ride"));
        let record = |pseudonym: &str| RiderName { tenant: "asahi".to_owned(), rider: rider_id("asahi", pseudonym) };
        assert!(rider.may_use(&record("line+U1").to_string()) && !rider.may_use(&record("line+U2").to_string()));
        assert!(!driver.may_use(&record("line+U1").to_string()));
        assert_eq!((rider.rider_at("asahi"), rider.rider_at("nyuzen")), (Some("line+U1"), None));
    }
}
