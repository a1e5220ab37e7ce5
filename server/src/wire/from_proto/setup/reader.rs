//! Messages about services and trips become the raw tables that the file is read into.

use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::area::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::units::v1::DrivenBy;
use mukae_units::Span;
use prost_types::Duration;
use toml::{Spanned, Value};

use crate::config::raw::{
    Number, RawCancellation, RawDeclaredTrip, RawDistanceFare, RawExtra, RawFare, RawHours, RawMeetingPoint,
    RawService, RawShifted, RawSuspension, RawZoneFare, RawZonePair, Text,
};
use crate::config::told::{Corners, Paths, ToldService};
use crate::errors::Violation;
use crate::names::ServiceName;
use mukae_config::span;

/// Dates and hours of one list.
const DATES_MAX: usize = 400;
const ZONES_MAX: usize = 128;
/// Staff, volunteers, taxis.
const CREWS_MAX: usize = 3;
const CORNERS_MAX: usize = 1000;
const POINTS_MAX: usize = 500;
/// No length of time in a service is longer.
const SPAN_MAX: Span = Span::from_mins(400 * 24 * 60);

/// Turns messages into raw tables; what these can not hold is noted at once.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) paths: Paths,
    pub(super) violations: Vec<Violation>,
}

impl Reader {
    fn wrong(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.violations.push(Violation { field: field.into(), description: description.into() });
    }

    fn few<T>(&mut self, path: &str, items: &[T], most: usize) {
        if most < items.len() {
            self.wrong(path, format!("at most {most}, were {}", items.len()));
        }
    }

    /// An empty text is one that was left out.
    fn text(&mut self, path: &str, text: &str) -> Text {
        (!text.is_empty()).then(|| self.paths.at(path, text.to_owned()))
    }

    fn texts(&mut self, path: &str, texts: &[String], most: usize) -> Vec<Spanned<String>> {
        self.few(path, texts, most);
        let numbered = texts.iter().take(most).enumerate();
        numbered.map(|(index, text)| self.paths.at(format!("{path}[{index}]"), text.clone())).collect()
    }

    fn some_texts(&mut self, path: &str, texts: &[String], most: usize) -> Option<Vec<Spanned<String>>> {
        (!texts.is_empty()).then(|| self.texts(path, texts, most))
    }

    fn number(&mut self, path: &str, number: Option<i32>) -> Number {
        number.map(|number| self.paths.at(path, i64::from(number)))
    }

    fn span(&mut self, path: &str, length: Option<Duration>) -> Text {
        let Duration { seconds, nanos } = length?;
        let is_one = (0..=SPAN_MAX.as_secs()).contains(&seconds)
            && (0..1_000_000_000).contains(&nanos)
            && nanos % 1_000_000 == 0;
        if !is_one {
            self.wrong(path, format!("0 to {} seconds, in whole milliseconds", SPAN_MAX.as_secs()));
            return None;
        }
        let length = Span::from_millis(seconds * 1000 + i64::from(nanos / 1_000_000));
        Some(self.paths.at(path, span::text(length)))
    }

    fn days(&mut self, path: &str, days: &[String]) -> Option<Spanned<Value>> {
        let words = days.iter().cloned().map(Value::String).collect();
        (!days.is_empty()).then(|| self.paths.at(path, Value::Array(words)))
    }

    fn point(&mut self, path: &str, point: Option<LatLng>) -> Option<Spanned<Vec<Value>>> {
        let LatLng { latitude, longitude } = point?;
        Some(self.paths.at(path, vec![Value::Float(latitude), Value::Float(longitude)]))
    }

    pub(super) fn service(&mut self, name: &ServiceName, told: &pb::Service) -> ToldService {
        let at = |field: &str| format!("service.{field}");
        let span = |reader: &mut Reader, field: &str, length| reader.span(&at(field), length);
        self.few("service.driven_by", &told.driven_by, CREWS_MAX);
        let driven_by = told.driven_by.iter().take(CREWS_MAX).enumerate().filter_map(|(index, &crew)| {
            let path = format!("service.driven_by[{index}]");
            let word = match DrivenBy::try_from(crew) {
                Ok(DrivenBy::Staff) => "staff",
                Ok(DrivenBy::Volunteer) => "volunteer",
                Ok(DrivenBy::Taxi) => "taxi",
                Ok(DrivenBy::Unspecified) | Err(_) => {
                    self.wrong(path, format!("{crew}; `DRIVEN_BY_STAFF`, `DRIVEN_BY_VOLUNTEER` or `DRIVEN_BY_TAXI`"));
                    return None;
                }
            };
            Some(self.paths.at(path, word.to_owned()))
        });
        let driven_by: Vec<Spanned<String>> = driven_by.collect();
        let raw = RawService {
            tenant: Some(self.paths.at("service.name", name.tenant.clone())),
            id: Some(self.paths.at("service.name", name.service.clone())),
            display_name: self.text(&at("display_name"), &told.display_name),
            wait_max: span(self, "wait_max_duration", told.wait_max_duration),
            promise_width: span(self, "promise_width_duration", told.promise_width_duration),
            ride_extra: span(self, "ride_extra_duration", told.ride_extra_duration),
            ride_factor_percent: self.number(&at("ride_factor_percent"), told.ride_factor_percent),
            ride_max: span(self, "ride_max_duration", told.ride_max_duration),
            dwell_per_stop: span(self, "dwell_per_stop_duration", told.dwell_per_stop_duration),
            dwell_per_party: span(self, "dwell_per_party_duration", told.dwell_per_party_duration),
            dwell_per_seat: span(self, "dwell_per_seat_duration", told.dwell_per_seat_duration),
            dwell_per_wheelchair: span(self, "dwell_per_wheelchair_duration", told.dwell_per_wheelchair_duration),
            offer_ttl: span(self, "offer_ttl_duration", told.offer_ttl_duration),
            notice_min: span(self, "notice_min_duration", told.notice_min_duration),
            horizon: span(self, "horizon_duration", told.horizon_duration),
            no_show_after: span(self, "no_show_after_duration", told.no_show_after_duration),
            door_to_door: told.door_to_door,
            walk_max_to_pickup: span(self, "walk_max_to_pickup_duration", told.walk_max_to_pickup_duration),
            walk_max_from_dropoff: span(self, "walk_max_from_dropoff_duration", told.walk_max_from_dropoff_duration),
            hold_max: span(self, "hold_max_duration", told.hold_max_duration),
            offers_max: self.number(&at("offers_max"), told.offers_max),
            hours: self.hours(&told.hours),
            closed: self.texts(&at("closed"), &told.closed, DATES_MAX),
            book_until: self.text(&at("book_until"), &told.book_until),
            book_until_days_before: self.number(&at("book_until_days_before"), told.book_until_days_before),
            book_from: self.text(&at("book_from"), &told.book_from),
            book_from_days_before: self.number(&at("book_from_days_before"), told.book_from_days_before),
            extra: self.extra(&told.extra),
            party_max: self.number(&at("party_max"), told.party_max),
            driven_by: (!told.driven_by.is_empty()).then_some(driven_by),
            zones: self.pairs(&told.zones),
            fare: told.fare.as_ref().map(|fare| self.fare(fare)),
            cancellation: told.cancellation.as_ref().map(|terms| self.cancellation(terms)),
            suspension: told.suspension.as_ref().map(|terms| self.suspension(terms)),
            managed: None,
        };
        let zones = self.zones(&told.own_zones);
        let points = self.points(&told.own_meeting_points);
        ToldService { service: self.paths.at("service", raw), zones, points }
    }

    fn hours(&mut self, told: &[pb::ServiceHours]) -> Vec<Spanned<RawHours>> {
        self.few("service.hours", told, DATES_MAX);
        let read = |(index, hours): (usize, &pb::ServiceHours)| {
            let path = format!("service.hours[{index}]");
            let raw = RawHours {
                days: self.days(&format!("{path}.days"), &hours.days),
                start: self.text(&format!("{path}.start"), &hours.start),
                end: self.text(&format!("{path}.end"), &hours.end),
            };
            self.paths.at(path, raw)
        };
        told.iter().take(DATES_MAX).enumerate().map(read).collect()
    }

    fn extra(&mut self, told: &[pb::ExtraHours]) -> Vec<Spanned<RawExtra>> {
        self.few("service.extra", told, DATES_MAX);
        let read = |(index, extra): (usize, &pb::ExtraHours)| {
            let path = format!("service.extra[{index}]");
            let raw = RawExtra {
                dates: self.text(&format!("{path}.dates"), &extra.dates),
                start: self.text(&format!("{path}.start"), &extra.start),
                end: self.text(&format!("{path}.end"), &extra.end),
            };
            self.paths.at(path, raw)
        };
        told.iter().take(DATES_MAX).enumerate().map(read).collect()
    }

    fn pairs(&mut self, told: &[pb::ZonePair]) -> Vec<Spanned<RawZonePair>> {
        self.few("service.zones", told, DATES_MAX);
        let read = |(index, pair): (usize, &pb::ZonePair)| {
            let path = format!("service.zones[{index}]");
            let raw = RawZonePair {
                from: self.some_texts(&format!("{path}.from"), &pair.from, ZONES_MAX),
                to: self.some_texts(&format!("{path}.to"), &pair.to, ZONES_MAX),
            };
            self.paths.at(path, raw)
        };
        told.iter().take(DATES_MAX).enumerate().map(read).collect()
    }

    fn fare(&mut self, told: &pb::ServiceFare) -> Spanned<RawFare> {
        let at = |field: &str| format!("service.fare.{field}");
        let party = told.party_yen.iter().enumerate();
        let party: Vec<_> =
            party.map(|(index, &yen)| self.paths.at(at(&format!("party_yen[{index}]")), i64::from(yen))).collect();
        let zones = told.zones.iter().enumerate().map(|(index, row)| {
            let path = at(&format!("zones[{index}]"));
            let raw = RawZoneFare {
                from: self.some_texts(&format!("{path}.from"), &row.from, ZONES_MAX),
                to: self.some_texts(&format!("{path}.to"), &row.to, ZONES_MAX),
                yen: self.number(&format!("{path}.yen"), Some(row.yen)),
            };
            self.paths.at(path, raw)
        });
        let zones: Vec<_> = zones.collect();
        let distance = told.distance.iter().enumerate().map(|(index, row)| {
            let path = at(&format!("distance[{index}]"));
            let raw = RawDistanceFare {
                up_to_m: self.number(&format!("{path}.up_to_meters"), Some(row.up_to_meters)),
                yen: self.number(&format!("{path}.yen"), Some(row.yen)),
            };
            self.paths.at(path, raw)
        });
        let distance: Vec<_> = distance.collect();
        let raw = RawFare {
            yen: self.number(&at("yen"), told.yen),
            party_yen: (!party.is_empty()).then(|| self.paths.at(at("party_yen"), party)),
            zones: (!zones.is_empty()).then(|| self.paths.at(at("zones"), zones)),
            distance: (!distance.is_empty()).then(|| self.paths.at(at("distance"), distance)),
            shared_discount_yen: self.number(&at("shared_discount_yen"), told.shared_discount_yen),
            party_shares: Some(told.party_shares),
            child_percent: self.number(&at("child_percent"), told.child_percent),
            senior_percent: self.number(&at("senior_percent"), told.senior_percent),
            disabled_percent: self.number(&at("disabled_percent"), told.disabled_percent),
            rounding_yen: self.number(&at("rounding_yen"), told.rounding_yen),
            ticket_yen: self.number(&at("ticket_yen"), told.ticket_yen),
            cash: told.cash,
            account: Some(told.account),
        };
        self.paths.at("service.fare", raw)
    }

    fn cancellation(&mut self, told: &pb::CancellationTerms) -> Spanned<RawCancellation> {
        let at = |field: &str| format!("service.cancellation.{field}");
        let raw = RawCancellation {
            free_until: self.span(&at("free_until_duration"), told.free_until_duration),
            late_fee_yen: self.number(&at("late_fee_yen"), Some(told.late_fee_yen)),
            no_show_fee_yen: self.number(&at("no_show_fee_yen"), Some(told.no_show_fee_yen)),
        };
        self.paths.at("service.cancellation", raw)
    }

    fn suspension(&mut self, told: &pb::SuspensionTerms) -> Spanned<RawSuspension> {
        let at = |field: &str| format!("service.suspension.{field}");
        let raw = RawSuspension {
            no_shows: self.number(&at("no_shows"), Some(told.no_shows)),
            within: self.span(&at("within_duration"), told.within_duration),
            lasts: self.span(&at("lasts_duration"), told.lasts_duration),
        };
        self.paths.at("service.suspension", raw)
    }

    fn zones(&mut self, told: &[pb::Zone]) -> Vec<(Spanned<String>, Corners)> {
        self.few("service.own_zones", told, ZONES_MAX);
        let read = |(index, zone): (usize, &pb::Zone)| {
            let path = format!("service.own_zones[{index}]");
            self.few(&format!("{path}.corners"), &zone.corners, CORNERS_MAX);
            let corners = zone.corners.iter().take(CORNERS_MAX).enumerate();
            let corners: Vec<_> = corners
                .filter_map(|(corner, &point)| self.point(&format!("{path}.corners[{corner}]"), Some(point)))
                .collect();
            let id = self.paths.at(format!("{path}.id"), zone.id.clone());
            (id, self.paths.at(format!("{path}.corners"), corners))
        };
        told.iter().take(ZONES_MAX).enumerate().map(read).collect()
    }

    fn points(&mut self, told: &[pb::MeetingPoint]) -> Vec<Spanned<RawMeetingPoint>> {
        self.few("service.own_meeting_points", told, POINTS_MAX);
        let read = |(index, point): (usize, &pb::MeetingPoint)| {
            let path = format!("service.own_meeting_points[{index}]");
            let id = point.name.rsplit('/').next().unwrap_or_default();
            let raw = RawMeetingPoint {
                id: self.text(&format!("{path}.name"), id),
                place: self.point(&format!("{path}.position"), point.position),
                label: self.text(&format!("{path}.label"), &point.label),
                kana: self.text(&format!("{path}.kana"), &point.kana),
                services: None,
            };
            self.paths.at(path, raw)
        };
        told.iter().take(POINTS_MAX).enumerate().map(read).collect()
    }

    pub(super) fn trip(&mut self, told: &fleet_pb::TripDeclaration) -> Spanned<RawDeclaredTrip> {
        let at = |field: &str| format!("trip_declaration.{field}");
        let named = |name: &str, kind: &str| {
            let rest = name.strip_prefix("tenants/").unwrap_or(name);
            rest.replacen(&format!("/{kind}/"), "/", 1)
        };
        let tier = match fleet_pb::ConsentTier::try_from(told.tier) {
            Ok(fleet_pb::ConsentTier::Unspecified) => None,
            Ok(fleet_pb::ConsentTier::T0) => Some("T0"),
            Ok(fleet_pb::ConsentTier::T1) => Some("T1"),
            Ok(fleet_pb::ConsentTier::T2) => Some("T2"),
            Ok(fleet_pb::ConsentTier::T3) => Some("T3"),
            Err(_) => {
                self.wrong(at("tier"), format!("{} is no consent tier", told.tier));
                None
            }
        };
        self.few(&at("shifted"), &told.shifted, DATES_MAX);
        let shifted = told.shifted.iter().take(DATES_MAX).enumerate().map(|(index, day)| {
            let path = at(&format!("shifted[{index}]"));
            let raw = RawShifted {
                date: self.text(&format!("{path}.date"), &day.date),
                leave: self.text(&format!("{path}.leave"), &day.leave),
                arrive: self.text(&format!("{path}.arrive"), &day.arrive),
            };
            self.paths.at(path, raw)
        });
        let shifted: Vec<_> = shifted.collect();
        let (from, to) = (told.from_place.clone().unwrap_or_default(), told.to_place.clone().unwrap_or_default());
        let raw = RawDeclaredTrip {
            driver: self.text(&at("driver"), &named(&told.driver, "drivers")),
            vehicle: self.text(&at("vehicle"), &named(&told.vehicle, "vehicles")),
            days: self.days(&at("days"), &told.days),
            not_on: self.texts(&at("not_on"), &told.not_on, DATES_MAX),
            also_on: self.texts(&at("also_on"), &told.also_on, DATES_MAX),
            leave: self.text(&at("leave"), &told.leave),
            arrive: self.text(&at("arrive"), &told.arrive),
            from: self.point(&at("from_place.position"), from.position),
            from_label: self.text(&at("from_place.label"), &from.label),
            to: self.point(&at("to_place.position"), to.position),
            to_label: self.text(&at("to_place.label"), &to.label),
            seats: self.number(&at("seats"), told.seats),
            detour_max: self.span(&at("detour_max_duration"), told.detour_max_duration),
            detour_max_m: self.number(&at("detour_max_meters"), told.detour_max_meters),
            tier: tier.map(|tier| self.paths.at(at("tier"), tier.to_owned())),
            zones: self.texts(&at("zones"), &told.zones, ZONES_MAX),
            first: self.text(&at("first"), &told.first),
            last: self.text(&at("last"), &told.last),
            shifted,
        };
        self.paths.at("trip_declaration", raw)
    }
}
