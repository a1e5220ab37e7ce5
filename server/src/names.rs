//! Resource names: what the world calls things, tenant first.
//!
//! ```text
//! areas/{area}                                   tenants/{tenant}/vehicles/{vehicle}
//! tenants/{tenant}/services/{service}            tenants/{tenant}/vehicles/{vehicle}/manifest
//! tenants/{tenant}/services/{service}/offers/…   tenants/{tenant}/vehicles/{vehicle}/shifts/{shift}
//! tenants/{tenant}/services/{service}/bookings/… tenants/{tenant}/vehicles/{vehicle}/stops/…
//! areas/{area}/roadMeasures/…                    areas/{area}/alerts/… and messages/…
//! tenants/{tenant}/riders/{rider}                tenants/{tenant}/simulations/{simulation}
//! ```
//! Here is only their form; whether there is such a thing, the area's task knows. What is well formed
//! and belongs to somebody else is answered like what does not exist.

use std::fmt;
use std::str::FromStr;

use mukae_office::{AlertId, MeasureId, MessageId, StandingId, WaitingId};
use mukae_units::{BookingId, OfferId, RiderId, StopId};

/// A text that is no name of the wanted kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("write it as `{pattern}`; ids are 1 to 63 of a-z, 0-9 and -, starting with a letter")]
pub struct BadName {
    pub pattern: &'static str,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AreaName(pub String);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TenantName(pub String);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ServiceName {
    pub tenant: String,
    pub service: String,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct VehicleName {
    pub tenant: String,
    pub vehicle: String,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ManifestName(pub VehicleName);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ShiftName {
    pub vehicle: VehicleName,
    pub shift: String,
}

/// An offer's number is given again if its record was lost in a crash, since a quote does not wait
/// for it. The tag tells the two offers apart, so that nobody confirms what somebody else was shown.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OfferName {
    pub service: ServiceName,
    pub offer: OfferId,
    pub tag: u32,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BookingName {
    pub service: ServiceName,
    pub booking: BookingId,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StopName {
    pub vehicle: VehicleName,
    pub stop: StopRef,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CheckName(pub ShiftName);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DriverName {
    pub tenant: String,
    pub driver: String,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RoadMeasureName {
    pub area: AreaName,
    pub measure: MeasureId,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UsageName(pub AreaName);

/// How an area's vehicles go ahead of demand.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SupplyName(pub AreaName);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AlertName {
    pub area: AreaName,
    pub alert: AlertId,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageName {
    pub area: AreaName,
    pub message: MessageId,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StandingName {
    pub service: ServiceName,
    pub standing: StandingId,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WaitingName {
    pub service: ServiceName,
    pub waiting: WaitingId,
}

/// A rider's record, by the number that stands for them in bookings.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RiderName {
    pub tenant: String,
    pub rider: RiderId,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SimulationName {
    pub tenant: String,
    pub id: u64,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MeetingPointName {
    pub service: ServiceName,
    pub point: String,
}

/// Of a trip that was declared for many days.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TripName {
    pub tenant: String,
    pub trip: String,
}

/// A stop of a manifest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StopRef {
    Visit(StopId),
    /// The end of the shift, which is not a visit.
    ShiftEnd,
}

/// What all kinds of names share.
pub trait Name: FromStr<Err = BadName> {
    const PATTERN: &'static str;

    /// Whose it is; an area belongs to nobody.
    fn tenant(&self) -> Option<&str>;
}

/// True for 1 to 63 of `a-z`, `0-9` and `-`, starting with a letter.
pub fn is_id(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= 63 && text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(is_inner)
}

/// A resource name and what people call the thing, as the one text that the engine carries; a
/// resource name has no space in it.
pub fn label(name: &impl fmt::Display, display_name: &str) -> String {
    match display_name {
        "" => name.to_string(),
        _ => format!("{name} {display_name}"),
    }
}

/// The two parts of a [`label`].
pub fn unlabel(label: &str) -> (&str, &str) {
    label.split_once(' ').unwrap_or((label, ""))
}

/// What is kept in place of a rider's pseudonym: it can not be turned back without a guess.
pub fn rider_id(tenant: &str, pseudonym: &str) -> RiderId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(tenant.as_bytes()).update(b"|").update(pseudonym.as_bytes());
    let hash = hasher.finalize();
    RiderId(u64::from_be_bytes(*hash.as_bytes().first_chunk().expect("a hash has 32 bytes")))
}

/// A number behind a prefix, as ids are written: no sign, no leading zero.
fn number(text: &str, prefix: &str) -> Option<u64> {
    let digits = text.strip_prefix(prefix)?;
    let is_canonical = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    if is_canonical { digits.parse().ok() } else { None }
}

macro_rules! names {
    ($($name:ident, $pattern:literal, $self:ident => $tenant:expr, $parts:ident => $parse:expr;)*) => {$(
        impl Name for $name {
            const PATTERN: &'static str = $pattern;

            fn tenant(&self) -> Option<&str> {
                let $self = self;
                $tenant
            }
        }

        impl FromStr for $name {
            type Err = BadName;
            fn from_str(text: &str) -> Result<$name, BadName> {
                let parts: Vec<&str> = text.split('/').collect();
                let $parts = parts.as_slice();
                let parsed: Option<$name> = $parse;
                parsed.ok_or(BadName { pattern: $pattern })
            }
        }
    )*};
}

names! {
    AreaName, "areas/{area}", _name => None, parts => match parts {
        ["areas", area] if is_id(area) => Some(AreaName(area.to_string())),
        _ => None,
    };
    TenantName, "tenants/{tenant}", name => Some(&name.0), parts => match parts {
        ["tenants", tenant] if is_id(tenant) => Some(TenantName(tenant.to_string())),
        _ => None,
    };
    ServiceName, "tenants/{tenant}/services/{service}", name => Some(&name.tenant), parts => service(parts);
    VehicleName, "tenants/{tenant}/vehicles/{vehicle}", name => Some(&name.tenant), parts => vehicle(parts);
    ManifestName, "tenants/{tenant}/vehicles/{vehicle}/manifest", name => Some(&name.0.tenant), parts => match parts {
        [parent @ .., "manifest"] => vehicle(parent).map(ManifestName),
        _ => None,
    };
    ShiftName, "tenants/{tenant}/vehicles/{vehicle}/shifts/{shift}", name => Some(&name.vehicle.tenant), parts => match parts {
        [parent @ .., "shifts", shift] if is_id(shift) => {
            vehicle(parent).map(|vehicle| ShiftName { vehicle, shift: shift.to_string() })
        }
        _ => None,
    };
    OfferName, "tenants/{tenant}/services/{service}/offers/{offer}", name => Some(&name.service.tenant), parts => match parts {
        [parent @ .., "offers", offer] => offer_name(parent, offer),
        _ => None,
    };
    BookingName, "tenants/{tenant}/services/{service}/bookings/{booking}", name => Some(&name.service.tenant), parts => match parts {
        [parent @ .., "bookings", booking] => service(parent).zip(number(booking, "b"))
            .map(|(service, booking)| BookingName { service, booking: BookingId(booking) }),
        _ => None,
    };
    StandingName, "tenants/{tenant}/services/{service}/standingBookings/{standing_booking}",
    name => Some(&name.service.tenant), parts => match parts {
        [parent @ .., "standingBookings", standing] => service(parent).zip(number(standing, "sb"))
            .map(|(service, standing)| StandingName { service, standing: StandingId(standing) }),
        _ => None,
    };
    WaitingName, "tenants/{tenant}/services/{service}/waitings/{waiting}",
    name => Some(&name.service.tenant), parts => match parts {
        [parent @ .., "waitings", waiting] => service(parent).zip(number(waiting, "w"))
            .map(|(service, waiting)| WaitingName { service, waiting: WaitingId(waiting) }),
        _ => None,
    };
    CheckName, "tenants/{tenant}/vehicles/{vehicle}/shifts/{shift}/pretripCheck", name => Some(&name.0.vehicle.tenant),
    parts => match parts {
        [parent @ .., "shifts", shift, "pretripCheck"] if is_id(shift) => {
            vehicle(parent).map(|vehicle| CheckName(ShiftName { vehicle, shift: shift.to_string() }))
        }
        _ => None,
    };
    DriverName, "tenants/{tenant}/drivers/{driver}", name => Some(&name.tenant), parts => match parts {
        ["tenants", tenant, "drivers", driver] if is_id(tenant) && is_id(driver) => {
            Some(DriverName { tenant: tenant.to_string(), driver: driver.to_string() })
        }
        _ => None,
    };
    RiderName, "tenants/{tenant}/riders/{rider}", name => Some(&name.tenant), parts => match parts {
        ["tenants", tenant, "riders", rider] if is_id(tenant) => rider_number(rider)
            .map(|rider| RiderName { tenant: tenant.to_string(), rider }),
        _ => None,
    };
    SimulationName, "tenants/{tenant}/simulations/{simulation}", name => Some(&name.tenant), parts => match parts {
        ["tenants", tenant, "simulations", id] if is_id(tenant) => number(id, "s")
            .map(|id| SimulationName { tenant: tenant.to_string(), id }),
        _ => None,
    };
    RoadMeasureName, "areas/{area}/roadMeasures/{measure}", _name => None, parts => match parts {
        ["areas", area, "roadMeasures", measure] => in_area(area, measure, "m")
            .map(|(area, measure)| RoadMeasureName { area, measure: MeasureId(measure) }),
        _ => None,
    };
    UsageName, "areas/{area}/usage", _name => None, parts => match parts {
        ["areas", area, "usage"] if is_id(area) => Some(UsageName(AreaName(area.to_string()))),
        _ => None,
    };
    SupplyName, "areas/{area}/supply", _name => None, parts => match parts {
        ["areas", area, "supply"] if is_id(area) => Some(SupplyName(AreaName(area.to_string()))),
        _ => None,
    };
    AlertName, "areas/{area}/alerts/{alert}", _name => None, parts => match parts {
        ["areas", area, "alerts", alert] => in_area(area, alert, "a")
            .map(|(area, alert)| AlertName { area, alert: AlertId(alert) }),
        _ => None,
    };
    MessageName, "areas/{area}/messages/{message}", _name => None, parts => match parts {
        ["areas", area, "messages", message] => in_area(area, message, "n")
            .map(|(area, message)| MessageName { area, message: MessageId(message) }),
        _ => None,
    };
    MeetingPointName, "tenants/{tenant}/services/{service}/meetingPoints/{point}", name => Some(&name.service.tenant),
    parts => match parts {
        [parent @ .., "meetingPoints", point] if is_id(point) => {
            service(parent).map(|service| MeetingPointName { service, point: point.to_string() })
        }
        _ => None,
    };
    TripName, "tenants/{tenant}/declaredTrips/{trip}", name => Some(&name.tenant), parts => match parts {
        ["tenants", tenant, "declaredTrips", trip] if is_id(tenant) && is_id(trip) => {
            Some(TripName { tenant: tenant.to_string(), trip: trip.to_string() })
        }
        _ => None,
    };
    StopName, "tenants/{tenant}/vehicles/{vehicle}/stops/{stop}", name => Some(&name.vehicle.tenant), parts => match parts {
        [parent @ .., "stops", stop] => vehicle(parent).zip(stop_ref(stop))
            .map(|(vehicle, stop)| StopName { vehicle, stop }),
        _ => None,
    };
}

fn service(parts: &[&str]) -> Option<ServiceName> {
    match parts {
        ["tenants", tenant, "services", service] if is_id(tenant) && is_id(service) => {
            Some(ServiceName { tenant: tenant.to_string(), service: service.to_string() })
        }
        _ => None,
    }
}

fn vehicle(parts: &[&str]) -> Option<VehicleName> {
    match parts {
        ["tenants", tenant, "vehicles", vehicle] if is_id(tenant) && is_id(vehicle) => {
            Some(VehicleName { tenant: tenant.to_string(), vehicle: vehicle.to_string() })
        }
        _ => None,
    }
}

fn in_area(area: &str, id: &str, prefix: &str) -> Option<(AreaName, u64)> {
    is_id(area).then(|| AreaName(area.to_owned())).zip(number(id, prefix))
}

fn offer_name(parent: &[&str], offer: &str) -> Option<OfferName> {
    let (id, tag) = offer.split_once('-')?;
    let is_tag = tag.len() == 8 && tag.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let tag = if is_tag { u32::from_str_radix(tag, 16).ok()? } else { return None };
    Some(OfferName { service: service(parent)?, offer: OfferId(number(id, "o")?), tag })
}

fn rider_number(rider: &str) -> Option<RiderId> {
    let digits = rider.strip_prefix("r-")?;
    let is_number = digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if is_number { u64::from_str_radix(digits, 16).ok().map(RiderId) } else { None }
}

fn stop_ref(stop: &str) -> Option<StopRef> {
    match stop {
        "end" => Some(StopRef::ShiftEnd),
        _ => number(stop, "st").map(|id| StopRef::Visit(StopId(id))),
    }
}

impl fmt::Display for AreaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "areas/{}", self.0)
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenants/{}", self.0)
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenants/{}/services/{}", self.tenant, self.service)
    }
}

impl fmt::Display for VehicleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenants/{}/vehicles/{}", self.tenant, self.vehicle)
    }
}

impl fmt::Display for ManifestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/manifest", self.0)
    }
}

impl fmt::Display for ShiftName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/shifts/{}", self.vehicle, self.shift)
    }
}

impl fmt::Display for OfferName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/offers/{}-{:08x}", self.service, self.offer, self.tag)
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/pretripCheck", self.0)
    }
}

impl fmt::Display for DriverName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenants/{}/drivers/{}", self.tenant, self.driver)
    }
}

impl fmt::Display for RiderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenants/{}/riders/r-{:016x}", self.tenant, self.rider.0)
    }
}

impl fmt::Display for SimulationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenants/{}/simulations/s{}", self.tenant, self.id)
    }
}

impl fmt::Display for RoadMeasureName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/roadMeasures/m{}", self.area, self.measure.0)
    }
}

impl fmt::Display for UsageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/usage", self.0)
    }
}

impl fmt::Display for SupplyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/supply", self.0)
    }
}

impl fmt::Display for AlertName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/alerts/a{}", self.area, self.alert.0)
    }
}

impl fmt::Display for MessageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/messages/n{}", self.area, self.message.0)
    }
}

impl fmt::Display for BookingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/bookings/{}", self.service, self.booking)
    }
}

impl fmt::Display for StandingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/standingBookings/sb{}", self.service, self.standing.0)
    }
}

impl fmt::Display for WaitingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/waitings/w{}", self.service, self.waiting.0)
    }
}

impl fmt::Display for MeetingPointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/meetingPoints/{}", self.service, self.point)
    }
}

impl fmt::Display for TripName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tenants/{}/declaredTrips/{}", self.tenant, self.trip)
    }
}

impl fmt::Display for StopName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stop {
            StopRef::Visit(stop) => write!(f, "{}/stops/{stop}", self.vehicle),
            StopRef::ShiftEnd => write!(f, "{}/stops/end", self.vehicle),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trips<N: FromStr<Err = BadName> + fmt::Display>(text: &str) {
        let name: N = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(name.to_string(), text);
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        round_trips::<AreaName>("areas/isle-of-man");
        round_trips::<TenantName>("tenants/a");
        round_trips::<ServiceName>("tenants/town/services/ride");
        round_trips::<VehicleName>("tenants/town/vehicles/bus-1");
        round_trips::<ManifestName>("tenants/town/vehicles/bus-1/manifest");
        round_trips::<ShiftName>("tenants/town/vehicles/bus-1/shifts/s-20260401-0700");
        round_trips::<OfferName>("tenants/town/services/ride/offers/o17-00c0ffee");
        round_trips::<BookingName>("tenants/town/services/ride/bookings/b0");
        round_trips::<UsageName>("areas/hills/usage");
        round_trips::<SupplyName>("areas/hills/supply");
        round_trips::<StandingName>("tenants/town/services/ride/standingBookings/sb7");
        round_trips::<StopName>("tenants/town/vehicles/bus-1/stops/st18446744073709551615");
        round_trips::<StopName>("tenants/town/vehicles/bus-1/stops/end");
        round_trips::<WaitingName>("tenants/town/services/ride/waitings/w3");
        round_trips::<RiderName>("tenants/town/riders/r-00c0ffee00c0ffee");
        round_trips::<SimulationName>("tenants/town/simulations/s1775070000123");
        round_trips::<MeetingPointName>("tenants/town/services/ride/meetingPoints/market");
        round_trips::<TripName>("tenants/town/declaredTrips/to-work");
    }

    #[test]
    fn what_is_not_canonical_is_no_name() {
        for text in [
            "",
            "bookings/b1",
            "tenants/town/services/ride/bookings/b01",
            "tenants/town/services/ride/bookings/b+1",
            "tenants/town/services/ride/bookings/17",
            "tenants/town/services/ride/bookings/b18446744073709551616",
            "tenants/Town/services/ride/bookings/b1",
            "tenants//services/ride/bookings/b1",
            "tenants/town/services/ride/bookings/b1/",
            "tenants/t\u{0}/services/ride/bookings/b1",
        ] {
            assert!(text.parse::<BookingName>().is_err(), "{text:?}");
        }
        assert!("tenants/town/services/ride/offers/o17".parse::<OfferName>().is_err());
        assert!("tenants/town/services/ride/offers/o17-C0FFEE00".parse::<OfferName>().is_err());
        for rider in ["r-C0FFEE00C0FFEE00", "r-c0ffee", "c0ffee00c0ffee00", "line+U1"] {
            assert!(format!("tenants/town/riders/{rider}").parse::<RiderName>().is_err(), "{rider}");
        }
        assert!(format!("areas/{}", "a".repeat(64)).parse::<AreaName>().is_err());
    }

    #[test]
    fn a_label_keeps_both_names_apart() {
        let name = VehicleName { tenant: "town".to_owned(), vehicle: "bus-1".to_owned() };
        assert_eq!(unlabel(&label(&name, "1号車 青い車")), ("tenants/town/vehicles/bus-1", "1号車 青い車"));
        assert_eq!(unlabel(&label(&name, "")), ("tenants/town/vehicles/bus-1", ""));
    }
}
