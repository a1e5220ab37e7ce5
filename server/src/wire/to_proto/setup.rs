//! Services as they are set up, and where their riders board.

use std::ops::RangeInclusive;

use jiff::civil::{Date, Time};
use mukae_engine::model::{Crew, Crews};
use mukae_proto::transit::area::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::units::v1::{DrivenBy, Place};
use mukae_units::{SeatKind, Span, Yen};

use super::{duration, etag, lat_lng, tier};
use crate::config::{
    AreaConfig, DayTime, Managed, MeetingPoint, ServiceConfig, ShiftConfig, TableConfig, TariffConfig, ZoneConfig,
};
use crate::names::ServiceName;

/// The rules of a service, whole: what was left out has the shipped value by now, and keeps it.
pub fn rules(area: &AreaConfig, service: &ServiceConfig) -> pb::Service {
    let policy = &service.policy;
    let length = |span: Span| Some(duration(span));
    let prefix = service.zone_prefix();
    let names = |names: &[String]| -> Vec<String> {
        names.iter().map(|name| name.strip_prefix(&prefix).unwrap_or(name).to_owned()).collect()
    };
    let (book_until, book_until_days_before) = day_time(service.book_until);
    let (book_from, book_from_days_before) = day_time(service.book_from);
    pb::Service {
        name: service.name.to_string(),
        area: area.name.to_string(),
        display_name: service.display_name.clone(),
        wait_max_duration: length(service.wait_max),
        promise_width_duration: length(policy.promise_width),
        ride_extra_duration: length(policy.ride.extra),
        ride_factor_percent: Some(count(policy.ride.factor_permille / 10)),
        ride_max_duration: length(policy.ride.max),
        dwell_per_stop_duration: length(policy.dwell.per_stop),
        dwell_per_party_duration: length(policy.dwell.per_party),
        dwell_per_seat_duration: length(policy.dwell.per_seat),
        dwell_per_wheelchair_duration: length(policy.dwell.per_wheelchair),
        offer_ttl_duration: length(policy.offer_ttl),
        notice_min_duration: length(policy.notice_min),
        horizon_duration: length(policy.horizon),
        no_show_after_duration: length(policy.no_show_after),
        door_to_door: Some(service.is_door_to_door),
        walk_max_to_pickup_duration: length(policy.walk_max.to_pickup),
        walk_max_from_dropoff_duration: length(policy.walk_max.from_dropoff),
        hold_max_duration: length(policy.hold_max),
        offers_max: Some(i32::from(service.offers_max)),
        hours: service
            .hours
            .iter()
            .map(|hours| pb::ServiceHours {
                days: hours.days.words().into_iter().map(str::to_owned).collect(),
                start: time(hours.start),
                end: time(hours.end),
            })
            .collect(),
        closed: service.closed.iter().map(dates).collect(),
        extra: service
            .extra
            .iter()
            .map(|extra| pb::ExtraHours { dates: dates(&extra.dates), start: time(extra.start), end: time(extra.end) })
            .collect(),
        book_until,
        book_until_days_before,
        book_from,
        book_from_days_before,
        zones: service.zones.iter().map(|(from, to)| pb::ZonePair { from: names(from), to: names(to) }).collect(),
        driven_by: crews(policy.crews),
        party_max: policy.party_max.map(count),
        fare: service.tariff.as_ref().map(|tariff| fare(tariff, &names)),
        cancellation: service.tariff.as_ref().map(|tariff| pb::CancellationTerms {
            free_until_duration: length(tariff.fees.free_until),
            late_fee_yen: yen(tariff.fees.late_cancellation),
            no_show_fee_yen: yen(tariff.fees.no_show),
        }),
        suspension: service.suspension.map(|rule| pb::SuspensionTerms {
            no_shows: count(rule.no_shows),
            within_duration: length(rule.within),
            lasts_duration: length(rule.lasts),
        }),
        own_zones: service.own_zones.iter().map(|zone| own_zone(zone, &prefix)).collect(),
        own_meeting_points: service.own_points.iter().map(|point| meeting_point(&service.name, point)).collect(),
        managed_by: match service.managed {
            Managed::ByFile => pb::ManagedBy::File,
            Managed::ByInterface => pb::ManagedBy::Interface,
        } as i32,
        version: 0,
        update_time: None,
        etag: String::new(),
        review: None,
    }
}

/// The same with an etag over all of it.
pub fn service(area: &AreaConfig, service: &ServiceConfig, set: Option<(i64, mukae_units::Time)>) -> pb::Service {
    let mut drawn = rules(area, service);
    drawn.version = set.map_or(0, |(version, _)| version);
    drawn.etag = etag(&drawn);
    drawn.update_time = set.map(|(_, at)| super::timestamp(at));
    drawn
}

pub fn meeting_point(service: &ServiceName, point: &MeetingPoint) -> pb::MeetingPoint {
    pb::MeetingPoint {
        name: format!("{service}/meetingPoints/{}", point.id),
        position: Some(lat_lng(point.point.position)),
        label: point.point.label.clone(),
        kana: point.kana.clone(),
        distance_meters: 0,
    }
}

/// What was declared, whole.
pub fn declaration(told: &fleet_pb::TripDeclaration, trip: &ShiftConfig) -> fleet_pb::TripDeclaration {
    let Some(declared) = &trip.declared else { return told.clone() };
    let place = |point: &crate::config::NamedPoint| {
        Some(Place { position: Some(lat_lng(point.position)), label: point.label.clone() })
    };
    fleet_pb::TripDeclaration {
        driver: told.driver.clone(),
        vehicle: told.vehicle.clone(),
        from_place: place(&trip.start_place),
        to_place: place(&trip.end_place),
        leave: time(trip.start),
        arrive: time(trip.end),
        days: trip.days.days.words().into_iter().map(str::to_owned).collect(),
        first: told.first.clone(),
        last: told.last.clone(),
        not_on: trip.days.not_on.iter().map(dates).collect(),
        also_on: trip.days.also_on.iter().map(dates).collect(),
        shifted: told.shifted.clone(),
        seats: Some(i32::from(declared.seats.of(SeatKind::Seat))),
        detour_max_duration: Some(duration(declared.detour_max)),
        detour_max_meters: Some(i32::try_from(declared.detour_length_max.as_metres()).unwrap_or(i32::MAX)),
        tier: tier(declared.tier) as i32,
        zones: trip.zones.clone(),
        ..fleet_pb::TripDeclaration::default()
    }
}

/// `2026-12-31`, or `2026-12-29 to 2027-01-03`.
pub fn dates(dates: &RangeInclusive<Date>) -> String {
    match dates.start() == dates.end() {
        true => dates.start().to_string(),
        false => format!("{} to {}", dates.start(), dates.end()),
    }
}

pub fn driven_by(crew: Crew) -> DrivenBy {
    match crew {
        Crew::Staff => DrivenBy::Staff,
        Crew::Volunteer => DrivenBy::Volunteer,
        Crew::Taxi => DrivenBy::Taxi,
    }
}

/// None where all may drive.
fn crews(crews: Crews) -> Vec<i32> {
    if crews == Crews::ALL {
        return Vec::new();
    }
    Crew::ALL.into_iter().filter(|crew| crews.contains(*crew)).map(|crew| driven_by(crew) as i32).collect()
}

fn time(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn day_time(at: Option<DayTime>) -> (String, Option<i32>) {
    let days = at.map(|at| i32::try_from(at.days_before).unwrap_or(i32::MAX));
    (at.map(|at| time(at.time)).unwrap_or_default(), days)
}

fn fare(tariff: &TariffConfig, names: &impl Fn(&[String]) -> Vec<String>) -> pb::ServiceFare {
    let mut fare = pb::ServiceFare {
        shared_discount_yen: Some(yen(tariff.shared.discount)),
        party_shares: tariff.shared.within_party,
        child_percent: Some(i32::from(tariff.rates.child_percent)),
        senior_percent: Some(i32::from(tariff.rates.senior_percent)),
        disabled_percent: Some(i32::from(tariff.rates.disabled_percent)),
        rounding_yen: Some(yen(tariff.rates.rounding)),
        ticket_yen: tariff.payment.ticket.map(yen),
        cash: Some(tariff.payment.cash),
        account: tariff.payment.account,
        ..pb::ServiceFare::default()
    };
    match &tariff.table {
        TableConfig::Flat(flat) => fare.yen = Some(yen(*flat)),
        TableConfig::ByZones { rows, other } => {
            fare.yen = Some(yen(*other));
            let rows = rows.iter();
            let drawn = rows.map(|row| pb::ZoneFare { from: names(&row.from), to: names(&row.to), yen: yen(row.yen) });
            fare.zones = drawn.collect();
        }
        TableConfig::ByDistance { rows, beyond } => {
            fare.yen = Some(yen(*beyond));
            let row = |&(up_to, fare): &(mukae_units::Metres, Yen)| pb::DistanceFare {
                up_to_meters: i32::try_from(up_to.as_metres()).unwrap_or(i32::MAX),
                yen: yen(fare),
            };
            fare.distance = rows.iter().map(row).collect();
        }
        TableConfig::ByParty(fares) => fare.party_yen = fares.iter().copied().map(yen).collect(),
    }
    fare
}

/// The corners of the one polygon that it was told as; the last one closes the ring.
fn own_zone(zone: &ZoneConfig, prefix: &str) -> pb::Zone {
    let ring = zone.shape.0.first().map(|polygon| polygon.exterior().0.as_slice()).unwrap_or_default();
    let corner = |at: &geo::Coord<f64>| mukae_proto::google::r#type::LatLng { latitude: at.y, longitude: at.x };
    let corners = ring.iter().take(ring.len().saturating_sub(1)).map(corner).collect();
    pb::Zone { id: zone.id.strip_prefix(prefix).unwrap_or(&zone.id).to_owned(), corners }
}

fn yen(yen: Yen) -> i32 {
    i32::try_from(yen.0).unwrap_or(i32::MAX)
}

fn count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
