//! What of an area a caller sees: the services, vehicles and bookings of their tenants.
//!
//! The manifest of a vehicle is whole, whoever's riders are on it: its driver and their desk have to fetch them all.

use mukae_proto::transit::area::v1 as pb;
use pb::watch_area_response::Update;

use crate::caller::{Caller, Scope};

pub fn area(caller: &Caller, mut area: pb::Area) -> pb::Area {
    area.services.retain(|name| caller.share(tenant_of(name)).is_some());
    area
}

/// What is left of everything.
pub fn snapshot(caller: &Caller, mut part: pb::AreaSnapshot) -> pb::AreaSnapshot {
    if caller.scope == Scope::All {
        return part;
    }
    part.area = part.area.take().map(|whole| area(caller, whole));
    part.vehicles.retain(|vehicle| caller.sees(&vehicle.name));
    part.shifts.retain(|shift| caller.sees(&shift.name));
    part.manifests.retain(|manifest| caller.sees(&manifest.name));
    part.bookings.retain(|booking| caller.sees(&booking.name));
    part.alerts.retain(|alert| caller.sees(&alert.subject));
    part
}

/// `None` if nothing is left of a change.
pub fn message(caller: &Caller, mut message: pb::WatchAreaResponse) -> Option<pb::WatchAreaResponse> {
    if caller.scope == Scope::All {
        return Some(message);
    }
    match &mut message.update {
        Some(Update::Snapshot(part)) => *part = snapshot(caller, std::mem::take(part)),
        Some(Update::Delta(delta)) => {
            delta.vehicles.retain(|vehicle| caller.sees(&vehicle.name));
            delta.shifts.retain(|shift| caller.sees(&shift.name));
            delta.manifests.retain(|manifest| caller.sees(&manifest.name));
            delta.bookings.retain(|booking| caller.sees(&booking.name));
            delta.alerts.retain(|alert| caller.sees(&alert.subject));
            delta.positions.retain(|position| caller.sees(&position.vehicle));
            if *delta == pb::AreaDelta::default() {
                return None;
            }
        }
        Some(Update::Heartbeat(_) | Update::Resync(_)) | None => {}
    }
    Some(message)
}

fn tenant_of(name: &str) -> &str {
    name.strip_prefix("tenants/").and_then(|rest| rest.split('/').next()).unwrap_or_default()
}
