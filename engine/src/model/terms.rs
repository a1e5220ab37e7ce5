//! Which riders a vehicle may take, besides those it has places for: what it can do, whose riders it
//! carries, and where.

use std::collections::BTreeSet;

use mukae_units::{Features, ServiceId, Zones};

use crate::model::{Crew, Crews, Shift};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// Who needs something else is not taken.
    pub features: Features,
    pub serves: Serves,
    /// Both ends of a ride lie in one of these; empty: anywhere.
    pub zones: Zones,
    /// By whom it is driven.
    pub crew: Crew,
}

/// Whose riders a vehicle of a shared pool carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Serves {
    /// Those of every service of the area, also of services to come.
    All,
    /// Those of these services and no others.
    Only(BTreeSet<ServiceId>),
}

impl Serves {
    pub fn contains(&self, service: ServiceId) -> bool {
        match self {
            Serves::All => true,
            Serves::Only(services) => services.contains(&service),
        }
    }
}

impl Terms {
    /// Anybody from anywhere to anywhere, without special needs.
    pub const OPEN: Terms =
        Terms { features: Features::EMPTY, serves: Serves::All, zones: Zones::EMPTY, crew: Crew::Staff };

    /// The terms of a vehicle on a shift: its driver adds what he can do. Where the shift has zones or
    /// a crew of its own, they stand instead of the vehicle's.
    #[must_use]
    pub fn on(&self, shift: &Shift) -> Terms {
        Terms {
            features: self.features.union(shift.features),
            serves: self.serves.clone(),
            zones: if shift.zones.is_empty() { self.zones } else { shift.zones },
            crew: shift.crew.unwrap_or(self.crew),
        }
    }

    /// Whether riders of a service are carried that are driven by these.
    pub fn carries(&self, service: ServiceId, crews: Crews) -> bool {
        crews.contains(self.crew) && self.serves.contains(service)
    }

    /// Whether both ends of a ride, which lie in these zones, may be served.
    pub fn reaches(&self, from: Zones, to: Zones) -> bool {
        self.zones.is_empty() || (self.zones.meets(from) && self.zones.meets(to))
    }
}
