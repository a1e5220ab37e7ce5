//! Judging what the file or a message says: every value against its range, names against each other.
//!
//! A problem is noted and a stand-in value goes on, so that all problems are told at once.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use jiff::tz::TimeZone;
use mukae_config::line_of;
use mukae_engine::model::{
    CostWeights, Crew, DwellRule, Limits, OFFERS_MAX, Policy, RideLimit, ServicePolicy, Tier, WalkLimit,
};
use mukae_units::{Metres, Span};
use toml::{Spanned, Value};

use super::access::{RawAccess, RawDoor};
use super::raw::{
    Number, RawAlerts, RawArea, RawConfig, RawMeetingPoint, RawPeople, RawPlaces, RawPolicy, RawServer, RawService,
    RawVehicle, Text,
};
use super::{
    AccessConfig, AlertLimits, AreaConfig, Config, Days, DriverConfig, Holidays, ImproveConfig, JournalConfig, Managed,
    MeetingPoint, NamedPoint, PeopleConfig, Problem, ServerConfig, ServiceConfig, ShiftConfig, SimulationsConfig,
    TableConfig, TariffConfig, VehicleConfig,
};
use crate::names::{AreaName, ServiceName, VehicleName};

const HOLIDAYS: [(&str, Holidays); 2] = [("japan", Holidays::Japan), ("none", Holidays::None)];
pub(super) const MANAGED: [(&str, Managed); 2] = [("file", Managed::ByFile), ("api", Managed::ByInterface)];
const MINUTE: Span = Span::MINUTE;
const HOUR: Span = Span::HOUR;

/// A file of one area.
pub(super) fn check(mut raw: RawConfig, text: &str, directory: &Path) -> Result<Config, Vec<Problem>> {
    let mut check = Check::of(Source::File(text));
    let (server, access) = check.server_and_access(&mut raw, directory);
    check.config_of(raw, text, directory, server, access)
}

/// The file of a server whose areas have files of their own.
pub(super) fn check_server(
    mut raw: RawConfig,
    text: &str,
    directory: &Path,
) -> Result<(ServerConfig, AccessConfig), Vec<Problem>> {
    let mut check = Check::of(Source::File(text));
    raw.server.areas = None; // it was asked for before
    let (server, access) = check.server_and_access(&mut raw, directory);
    if check.problems.is_empty() { Ok((server, access)) } else { Err(check.problems) }
}

/// The file of an area on such a server.
pub(super) fn check_area(
    raw: RawConfig,
    text: &str,
    directory: &Path,
    server: ServerConfig,
    access: AccessConfig,
) -> Result<Config, Vec<Problem>> {
    Check::of(Source::File(text)).config_of(raw, text, directory, server, access)
}

impl Check<'_> {
    fn server_and_access(&mut self, raw: &mut RawConfig, directory: &Path) -> (ServerConfig, AccessConfig) {
        let check = self;
        if let Some(areas) = raw.server.areas.take() {
            let what = "`areas` names a directory of areas, and here one of them is meant; give the file of one";
            check.wrong(&areas, what.to_owned());
        }
        let door = RawDoor {
            environment: raw.server.environment.clone(),
            behind_proxy: raw.server.behind_proxy,
            connections: raw.server.connections.clone(),
            connections_per_address: raw.server.connections_per_address.clone(),
        };
        let (cors, quota) = (std::mem::take(&mut raw.cors), std::mem::take(&mut raw.quota));
        let access = RawAccess { door, auth: raw.auth.take(), tls: raw.tls.take(), cors, quota };
        let access = check.access(access, directory);
        let metrics = std::mem::take(&mut raw.metrics).listen;
        let metrics = metrics.map(|raw| check.listen("metrics", Some(raw)));
        let people = check.people(std::mem::take(&mut raw.people), raw.journal.dir.as_ref(), directory);
        let simulations = check.simulations(std::mem::take(&mut raw.simulations), raw.journal.dir.as_ref(), directory);
        let beside = Beside { metrics, people, simulations };
        let server = check.server(std::mem::take(&mut raw.server), beside, access.auth.is_some());
        (server, access)
    }

    fn config_of(
        self,
        raw: RawConfig,
        text: &str,
        directory: &Path,
        server: ServerConfig,
        access: AccessConfig,
    ) -> Result<Config, Vec<Problem>> {
        let mut check = self;
        let journal = JournalConfig { dir: raw.journal.dir.map(|dir| directory.join(dir.into_inner())) };
        let Some(area) = raw.area else {
            check.note(1, "`[area]` is missing; it says which area this is and where its map lies".to_owned());
            return Err(check.problems);
        };
        let area = check.area(area, directory);
        let zones = check.zones(raw.zone, directory);
        let zone_names: Vec<String> = zones.iter().map(|zone| zone.id.clone()).collect();
        let driver_lines = lines(text, &raw.driver);
        let drivers: Vec<DriverConfig> = raw.driver.into_iter().map(|driver| check.driver(driver)).collect();
        check.names_once("driver", &driver_lines, drivers.iter().map(|driver| driver.name.clone()));
        let service_lines = lines(text, &raw.service);
        let vehicle_lines = lines(text, &raw.vehicle);
        let services: Vec<ServiceConfig> =
            raw.service.into_iter().map(|service| check.service(service, &zone_names)).collect();
        let vehicles: Vec<VehicleConfig> =
            raw.vehicle.into_iter().map(|vehicle| check.vehicle(vehicle, &services, &zone_names)).collect();
        check.names_once("service", &service_lines, services.iter().map(|service| service.name.to_string()));
        check.names_once("vehicle", &vehicle_lines, vehicles.iter().map(|vehicle| vehicle.name.to_string()));
        let shifts = raw.shift.into_iter();
        let mut shifts: Vec<ShiftConfig> =
            shifts.filter_map(|shift| check.shift(shift, &vehicles, &drivers, &zone_names)).collect();
        let trips = raw.declared_trip.into_iter();
        shifts.extend(trips.filter_map(|trip| check.declared_trip(trip, &vehicles, &drivers, &zone_names)));
        if check.lacks_holidays(area.holidays) {
            let what = "`days` speaks of holidays; say whose with `holidays = \"japan\"` in `[area]`";
            check.note(1, what.to_owned());
        }
        check.features_few(&vehicles, &shifts);
        let point_lines = lines(text, &raw.meeting_point);
        let points = raw.meeting_point.into_iter().map(|point| check.meeting_point(point, &services));
        let points: Vec<Option<MeetingPoint>> = points.collect();
        let found =
            point_lines.iter().zip(&points).filter_map(|(&line, point)| Some((line, point.as_ref()?.id.clone())));
        let (point_lines, ids): (Vec<usize>, Vec<String>) = found.unzip();
        check.names_once("meeting_point", &point_lines, ids.into_iter());
        let meeting_points: Vec<MeetingPoint> = points.into_iter().flatten().collect();
        if services.is_empty() {
            check.note(1, "there is no `[[service]]`; without one nobody can book".to_owned());
        }
        if check.problems.is_empty() {
            Ok(Config {
                server,
                access,
                journal,
                area,
                services,
                vehicles,
                shifts,
                meeting_points,
                drivers,
                zones,
                guidance: None,
            })
        } else {
            check.problems.sort_by_key(|problem| problem.line);
            Err(check.problems)
        }
    }
}

/// What a server has besides what `[server]` says.
struct Beside {
    metrics: Option<SocketAddr>,
    people: PeopleConfig,
    simulations: SimulationsConfig,
}

fn lines<T>(text: &str, tables: &[Spanned<T>]) -> Vec<usize> {
    tables.iter().map(|table| line_of(text, table.span().start)).collect()
}

/// Where what is judged was told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'t> {
    /// In this text; places are offsets.
    File(&'t str),
    /// In a message; places are numbers of its fields' paths.
    Message,
}

pub(super) struct Check<'t> {
    source: Source<'t>,
    problems: Vec<Problem>,
    /// Some `days` do.
    names_holidays: bool,
}

impl<'t> Check<'t> {
    pub(super) fn of(source: Source<'t>) -> Check<'t> {
        Check { source, problems: Vec::new(), names_holidays: false }
    }

    /// The problems so far, each with its line or the number of its field.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Some `days` speak of holidays, and the area keeps none.
    pub(super) fn lacks_holidays(&self, holidays: Holidays) -> bool {
        holidays == Holidays::None && self.names_holidays
    }

    /// Where a problem at this place is told.
    pub(super) fn line(&self, place: usize) -> usize {
        match self.source {
            Source::File(text) => line_of(text, place),
            Source::Message => place,
        }
    }

    /// What one calls things of this kind.
    pub(super) fn heading(&self, table: &str) -> String {
        match self.source {
            Source::File(_) => format!("[[{table}]]"),
            Source::Message => table.to_owned(),
        }
    }

    /// What there is to call is told to those who try things out, unless it is said otherwise.
    fn server(
        &mut self,
        raw: RawServer,
        Beside { metrics, people, simulations }: Beside,
        is_guarded: bool,
    ) -> ServerConfig {
        ServerConfig {
            metrics,
            people,
            simulations,
            listen: self.listen("server", raw.listen),
            reflection: raw.reflection.unwrap_or(!is_guarded),
            queue: self.number("queue", raw.queue, 1, 100_000, 1024) as usize,
            watchers: self.number("watchers", raw.watchers, 1, 100_000, 1024) as usize,
        }
    }

    /// Beside the journal's directory, unless it is said where.
    fn people(&mut self, raw: RawPeople, journal: Option<&Spanned<String>>, directory: &Path) -> PeopleConfig {
        let Some(file) = raw.file else {
            let beside = journal.map(|journal| PeopleConfig::beside(&directory.join(journal.as_ref())));
            return beside.unwrap_or(PeopleConfig { file: None });
        };
        let path = directory.join(file.as_ref());
        let is_inside = journal.is_some_and(|journal| path.starts_with(directory.join(journal.as_ref())));
        if file.as_ref().is_empty() || is_inside {
            self.wrong(&file, format!("`file` is {:?}; name a file outside of the journal's directory", file.as_ref()));
        }
        PeopleConfig { file: Some(path) }
    }

    fn listen(&mut self, table: &str, raw: Text) -> SocketAddr {
        let shipped = SocketAddr::from((Ipv4Addr::LOCALHOST, 50051));
        let Some(raw) = raw else { return shipped };
        raw.as_ref().parse().unwrap_or_else(|_| {
            self.wrong(
                &raw,
                format!(
                    "`listen` in `[{table}]` is {:?}; write an address and a port like \"127.0.0.1:50051\"",
                    raw.as_ref()
                ),
            );
            shipped
        })
    }

    fn area(&mut self, raw: RawArea, directory: &Path) -> AreaConfig {
        let id = self.id("area", "id", 1, raw.id);
        let time_zone_name = self.required("area", "time_zone", 1, raw.time_zone);
        let time_zone = match &time_zone_name {
            Some(name) => TimeZone::get(name.as_ref()).unwrap_or_else(|_| {
                let what =
                    format!("`time_zone` {:?} is not known; write an IANA name like \"Asia/Tokyo\"", name.as_ref());
                self.wrong(name, what);
                TimeZone::UTC
            }),
            None => TimeZone::UTC,
        };
        let map = self.required("area", "map", 1, raw.map).map(Spanned::into_inner).unwrap_or_default();
        AreaConfig {
            display_name: self.display_name(raw.display_name, &id),
            name: AreaName(id),
            time_zone,
            time_zone_name: time_zone_name.map(Spanned::into_inner).unwrap_or_default(),
            map: directory.join(map),
            snap_limit: Metres::from_metres(self.number("snap_limit_m", raw.snap_limit_m, 1, 10_000, 300) as u64),
            shift_days_ahead: self.number("shift_days_ahead", raw.shift_days_ahead, 0, 60, 7) as u32,
            policy: self.policy(raw.policy),
            holidays: self.one_of("holidays", raw.holidays, &HOLIDAYS).unwrap_or(Holidays::None),
            alerts: self.alerts(raw.alerts),
            improve: ImproveConfig {
                spare_time: self.span("spare_time", raw.improve.spare_time, Span::ZERO, MINUTE, Span::from_secs(1)),
                room_steps: self.number("room_steps", raw.improve.room_steps, 0, 10_000, 0) as u32,
            },
            supply: raw.supply.settings.map(|file| directory.join(file.into_inner())),
            pretrip_check_required: raw.pretrip_check_required.unwrap_or(false),
        }
    }

    fn alerts(&mut self, raw: RawAlerts) -> AlertLimits {
        let second = Span::from_secs(1);
        let late = self.span("late_pull_out_after", raw.late_pull_out_after, Span::ZERO, Span::DAY, MINUTE * 5);
        AlertLimits {
            late_pull_out_after: late,
            silent_after: self.span("silent_after", raw.silent_after, second * 10, Span::DAY, MINUTE * 2),
            long_stop_after: self.span("long_stop_after", raw.long_stop_after, Span::ZERO, Span::DAY, MINUTE * 5),
        }
    }

    fn policy(&mut self, raw: RawPolicy) -> Policy {
        Policy {
            cost: CostWeights {
                driving: self.number("driving_yen_per_min", raw.driving_yen_per_min, 0, 10_000, 60),
                driver_time: self.number("driver_time_yen_per_min", raw.driver_time_yen_per_min, 0, 10_000, 0),
                rider_wait: self.number("rider_wait_yen_per_min", raw.rider_wait_yen_per_min, 0, 10_000, 30),
                excess_ride: self.number("excess_ride_yen_per_min", raw.excess_ride_yen_per_min, 0, 10_000, 20),
                wait_on_board: self.number("wait_on_board_yen_per_min", raw.wait_on_board_yen_per_min, 0, 10_000, 0),
                walking: self.number("walking_yen_per_min", raw.walking_yen_per_min, 0, 10_000, 40),
            },
            wait_on_board_max: self.span("wait_on_board_max", raw.wait_on_board_max, Span::ZERO, HOUR, MINUTE * 2),
            position_tolerance: self.span(
                "position_tolerance",
                raw.position_tolerance,
                Span::from_secs(1),
                MINUTE * 10,
                Span::from_secs(15),
            ),
            retention: self.span("retention", raw.retention, HOUR, Span::DAY * 400, Span::DAY * 7),
            freeze_horizon: self.span("freeze_horizon", raw.freeze_horizon, Span::ZERO, HOUR, Span::ZERO),
            wait_first_permille: self.number("wait_first_percent", raw.wait_first_percent, 0, 100, 0) as u32 * 10,
            ask_timeout: self.span("ask_timeout", raw.ask_timeout, MINUTE, Span::DAY, MINUTE * 5),
            tier_max: Tier::T3,
        }
    }

    pub(super) fn service(&mut self, raw: Spanned<RawService>, zones: &[String]) -> ServiceConfig {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        let tenant = self.id("service", "tenant", line, raw.tenant);
        let service = self.id("service", "id", line, raw.id);
        let hours = raw.hours.into_iter().filter_map(|hours| self.hours(hours)).collect();
        let closed = raw.closed.iter().filter_map(|dates| self.dates("closed", dates)).collect();
        let book_until = self.day_time("book_until", raw.book_until, raw.book_until_days_before);
        let book_from = self.day_time("book_from", raw.book_from, raw.book_from_days_before);
        let extra = raw.extra.into_iter().filter_map(|extra| self.extra(extra)).collect();
        let mut pairs = Vec::new();
        for pair in raw.zones.into_iter().map(Spanned::into_inner) {
            let from = self.zones_named("from", pair.from.unwrap_or_default(), zones);
            pairs.push((from, self.zones_named("to", pair.to.unwrap_or_default(), zones)));
        }
        let tariff = self.tariff(raw.fare, raw.cancellation, zones);
        let managed = self.one_of("managed", raw.managed, &MANAGED).unwrap_or(Managed::ByFile);
        let party_max = self.party_max(raw.party_max, tariff.as_ref());
        ServiceConfig {
            managed,
            own_zones: Vec::new(),
            own_points: Vec::new(),
            extra,
            zones: pairs,
            suspension: self.suspension(raw.suspension),
            tariff,
            hours,
            closed,
            book_from,
            book_until,
            display_name: self.display_name(raw.display_name, &service),
            name: ServiceName { tenant, service },
            wait_max: self.span("wait_max", raw.wait_max, MINUTE, Span::DAY, HOUR),
            policy: ServicePolicy {
                promise_width: self.span("promise_width", raw.promise_width, MINUTE, HOUR * 4, MINUTE * 15),
                ride: RideLimit {
                    extra: self.span("ride_extra", raw.ride_extra, Span::ZERO, HOUR * 4, MINUTE * 10),
                    factor_permille: self.number("ride_factor_percent", raw.ride_factor_percent, 100, 1000, 150) as u32
                        * 10,
                    max: self.span("ride_max", raw.ride_max, MINUTE, HOUR * 12, HOUR),
                },
                limits: Limits::Hard,
                dwell: DwellRule {
                    per_stop: self.span("dwell_per_stop", raw.dwell_per_stop, Span::ZERO, HOUR, Span::ZERO),
                    per_party: self.span("dwell_per_party", raw.dwell_per_party, Span::ZERO, HOUR, Span::from_secs(30)),
                    per_seat: self.span("dwell_per_seat", raw.dwell_per_seat, Span::ZERO, HOUR, Span::from_secs(10)),
                    per_wheelchair: self.span(
                        "dwell_per_wheelchair",
                        raw.dwell_per_wheelchair,
                        Span::ZERO,
                        HOUR,
                        MINUTE * 3,
                    ),
                },
                offer_ttl: self.span("offer_ttl", raw.offer_ttl, Span::from_secs(10), Span::DAY, MINUTE * 10),
                notice_min: self.span("notice_min", raw.notice_min, Span::ZERO, Span::DAY * 30, Span::ZERO),
                horizon: self.span("horizon", raw.horizon, MINUTE, Span::DAY * 400, Span::DAY * 14),
                no_show_after: self.span("no_show_after", raw.no_show_after, Span::ZERO, HOUR, MINUTE * 5),
                walk_max: WalkLimit {
                    to_pickup: self.span("walk_max_to_pickup", raw.walk_max_to_pickup, Span::ZERO, HOUR, Span::ZERO),
                    from_dropoff: self.span(
                        "walk_max_from_dropoff",
                        raw.walk_max_from_dropoff,
                        Span::ZERO,
                        HOUR,
                        Span::ZERO,
                    ),
                },
                hold_max: self.span("hold_max", raw.hold_max, Span::ZERO, HOUR, MINUTE * 3),
                party_max,
                crews: self.crews(raw.driven_by),
            },
            is_door_to_door: raw.door_to_door.unwrap_or(true),
            offers_max: self.number("offers_max", raw.offers_max, 1, i64::from(OFFERS_MAX), 3) as u8,
        }
    }

    /// Where the fare goes by the size of the party, its table says how many ride at most.
    fn party_max(&mut self, raw: Number, tariff: Option<&TariffConfig>) -> Option<u32> {
        let sizes = match tariff.map(|tariff| &tariff.table) {
            Some(TableConfig::ByParty(yen)) => Some(yen.len() as i64),
            _ => None,
        };
        if let Some((raw, sizes)) = raw.as_ref().zip(sizes).filter(|(raw, sizes)| sizes < raw.as_ref()) {
            let what = format!("`party_max` is {}, but `party_yen` has fares for {sizes}", raw.as_ref());
            self.wrong(raw, what);
        }
        let most = raw.map(|raw| self.number("party_max", Some(raw), 1, 1_000, 1)).or(sizes);
        most.and_then(|most| u32::try_from(most).ok())
    }

    fn vehicle(&mut self, raw: Spanned<RawVehicle>, services: &[ServiceConfig], zones: &[String]) -> VehicleConfig {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        let tenant = self.id("vehicle", "tenant", line, raw.tenant);
        let vehicle = self.id("vehicle", "id", line, raw.id);
        let first = RawPlaces {
            seats: raw.seats,
            wheelchairs: raw.wheelchairs,
            child_seats: raw.child_seats,
            luggage: raw.luggage,
            stretchers: raw.stretchers,
        };
        let capacity = self.capacity(&vehicle, line, first, raw.configurations, raw.may_use);
        let features = self.features(raw.features);
        let services = raw.services.map(|named| {
            named.iter().filter_map(|name| self.service_named(name, services)).collect::<BTreeSet<ServiceName>>()
        });
        let zones = self.zones_named("zones", raw.zones, zones);
        let crew = self.crew(raw.driven_by).unwrap_or(Crew::Staff);
        let display_name = self.display_name(raw.display_name, &vehicle);
        let managed = self.one_of("managed", raw.managed, &MANAGED).unwrap_or(Managed::ByFile);
        let name = VehicleName { tenant, vehicle };
        VehicleConfig { zones, crew, display_name, name, capacity, features, services, managed }
    }

    pub(super) fn meeting_point(
        &mut self,
        raw: Spanned<RawMeetingPoint>,
        services: &[ServiceConfig],
    ) -> Option<MeetingPoint> {
        let line = self.line(raw.span().start);
        let raw = raw.into_inner();
        let (label, kana) = (self.label("label", raw.label), self.label("kana", raw.kana));
        let services = raw.services.map(|named| {
            named.iter().filter_map(|name| self.service_named(name, services)).collect::<BTreeSet<ServiceName>>()
        });
        let Some(place) = raw.place else {
            self.note(line, "a meeting point needs `place`, written as [latitude, longitude]".to_owned());
            return None;
        };
        let point = NamedPoint::new(self.point("place", place)?, label);
        let id = match raw.id {
            Some(id) => self.id("meeting_point", "id", line, Some(id)),
            None => point.made_up_id(),
        };
        Some(MeetingPoint { id, point, kana, services })
    }

    pub(super) fn vehicle_named(&mut self, raw: &Spanned<String>, vehicles: &[VehicleConfig]) -> Option<VehicleName> {
        let names: Vec<&VehicleName> = vehicles.iter().map(|vehicle| &vehicle.name).collect();
        let ids = names.iter().map(|name| (name.tenant.as_str(), name.vehicle.as_str())).collect();
        self.named("vehicle", raw, ids).map(|index| names[index].clone())
    }

    fn service_named(&mut self, raw: &Spanned<String>, services: &[ServiceConfig]) -> Option<ServiceName> {
        let names: Vec<&ServiceName> = services.iter().map(|service| &service.name).collect();
        let ids = names.iter().map(|name| (name.tenant.as_str(), name.service.as_str())).collect();
        self.named("service", raw, ids).map(|index| names[index].clone())
    }

    pub(super) fn days(&mut self, raw: Option<Spanned<Value>>) -> Option<Days> {
        let Some(raw) = raw else { return Some(Days::DAILY) };
        let words = match raw.as_ref() {
            Value::String(word) => Some(vec![word.as_str()]),
            Value::Array(words) => words.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let days = words.and_then(|words| Days::parse(&words));
        self.names_holidays |= days.is_some_and(Days::name_holidays);
        if days.is_none() {
            let what = "`days` is \"daily\", \"none\" or a list of \"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\", and \
                        \"holidays\" or \"no-holidays\"";
            self.wrong(&raw, what.to_owned());
        }
        days
    }

    pub(super) fn wrong<T>(&mut self, at: &Spanned<T>, what: String) {
        let line = self.line(at.span().start);
        self.note(line, what);
    }

    pub(super) fn note(&mut self, line: usize, what: String) {
        self.problems.push(Problem { line, what });
    }
}
