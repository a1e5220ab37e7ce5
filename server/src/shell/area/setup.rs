//! Services that are set up over the interface, and how they stand beside those of the file.
//!
//! Rules are facts, kept as the interface told them, with every shipped value filled in; what follows from them for the
//! dispatcher is said by [`Area::configure`], as it is for the file, so that a crash in between is mended at the next start. A
//! service that the file names is the file's, unless the file says `managed = "api"`.

use std::sync::Arc;

use mukae_engine::State;
use mukae_engine::model::{Booking, BookingState, Crew, Service};
use mukae_maps::PreparedMap;
use mukae_office::{Fact, Rules, RulesSet, Setup};
use mukae_proto::transit::area::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_record::Origin;
use mukae_units::{ID_SET_MAX, Time};
use prost::Message;

use super::{Area, trips};
use crate::config::{Config, Managed, ServiceConfig};
use crate::errors::Fault;
use crate::names::{ServiceName, TenantName};
use crate::shell::input::{ChangedService, List, NewService, Signed};
use crate::wire::from_proto::{merge_service, service_config};
use crate::wire::listed;
use crate::wire::to_proto;

/// Bookings that a review lists.
const CONFLICTS_MAX: usize = 100;

/// The configuration with what was set up over the interface. What an earlier program took and this one does not is left
/// out, loudly.
pub(super) fn taken_together(file: &Config, setup: &Setup, state: &State, map: &PreparedMap) -> Config {
    let mut config = file.clone();
    let mut told: Vec<(&String, &Vec<Rules>)> = setup.services().iter().collect();
    told.sort_by_key(|(name, rules)| (rules.first().map(|rules| rules.set), *name));
    for (name, rules) in told {
        let Some(service) = rules.last().and_then(|rules| read(name, rules, file)) else { continue };
        config.zones.extend(service.own_zones.iter().cloned());
        config.meeting_points.extend(service.own_points.iter().cloned());
        match config.services.iter_mut().find(|known| known.name == service.name) {
            None => config.services.push(service),
            Some(known) if known.managed == Managed::ByInterface => *known = service,
            Some(known) => {
                tracing::warn!(
                    "{}: the configuration file names it, so that its rules of the interface rest",
                    known.name
                );
            }
        }
    }
    let trips = trips::shifts_of(&config, setup, state, map);
    config.shifts.extend(trips);
    let retired = state.vehicles.values().filter(|vehicle| setup.is_retired(vehicle.id));
    let retired: Vec<&str> = retired.map(|vehicle| crate::names::unlabel(&vehicle.name).0).collect();
    config.shifts.retain(|shift| !retired.contains(&shift.vehicle.to_string().as_str()));
    config
}

fn read(name: &str, rules: &Rules, file: &Config) -> Option<ServiceConfig> {
    let read = || {
        let name: ServiceName = name.parse().map_err(|error| Fault::bug(format!("{name}: {error}")))?;
        let told = pb::Service::decode(rules.content.as_slice()).map_err(Fault::bug)?;
        service_config(&name, &told, &file.area, &file.zones)
    };
    read().map_err(|fault| tracing::error!("{name}: its rules can not be used any more: {fault:?}")).ok()
}

/// The file has the last word on this.
pub(super) fn managed_by_file(name: impl std::fmt::Display) -> Fault {
    let name = name.to_string();
    let message = format!(
        "the configuration file of the server says how {name} is: change it there, or write `managed = \"api\"` beside it"
    );
    Fault::new(ErrorReason::ManagedByFile, message).with("name", name)
}

impl Area {
    pub(super) fn get_service(&mut self, name: ServiceName) -> Result<pb::Service, Fault> {
        let service = self.config.service(&name).ok_or_else(|| Fault::not_found(&name))?;
        Ok(self.draw_service(service))
    }

    pub(super) fn list_services(&mut self, list: List<TenantName>) -> Result<pb::ListServicesResponse, Fault> {
        let of_tenant = self.config.services.iter().filter(|service| service.name.tenant == list.parent.0);
        let numbered = of_tenant.filter_map(|service| Some((self.annals.service(&service.name)?, service)));
        let mut found: Vec<_> = numbered.map(|(id, service)| (u64::from(id.0), service)).collect();
        found.sort_by_key(|(id, _)| *id);
        let drawn = found.into_iter().filter(|(id, _)| list.page.range_start() <= *id);
        let drawn = drawn.map(|(id, service)| (id, self.draw_service(service)));
        let (services, next_page_token) = list.sieve.cut(&list.page, listed::SERVICES, drawn);
        Ok(pb::ListServicesResponse { services, next_page_token })
    }

    pub(super) fn create_service(&mut self, signed: Signed<NewService>) -> Result<pb::Service, Fault> {
        let Signed { origin, wish: NewService { name, area, told }, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            self.check_area(&area)?;
            if self.config.service(&name).is_some() {
                return Err(Fault::exists(&name));
            }
            let service = service_config(&name, &told, &self.config.area, &self.file.zones)?;
            self.set_rules(&origin, &service)?;
        }
        self.reviewed(&name)
    }

    pub(super) fn update_service(&mut self, signed: Signed<ChangedService>) -> Result<pb::Service, Fault> {
        let Signed { origin, wish: ChangedService { name, etag, mask, told }, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            let service = self.config.service(&name).ok_or_else(|| Fault::not_found(&name))?;
            if service.managed == Managed::ByFile {
                return Err(managed_by_file(&name));
            }
            let current = self.draw_service(service).etag;
            if !etag.is_empty() && etag != current {
                let message = format!("{name} has changed since etag {etag}; read it again");
                return Err(Fault::new(ErrorReason::EtagMismatch, message).with("etag", current));
            }
            let mut rules = to_proto::rules(&self.config.area, service);
            // what is due without a ride goes with the fare it was filled in for
            if mask.contains(&"fare") && told.fare.is_none() && !mask.contains(&"cancellation") {
                rules.cancellation = None;
            }
            merge_service(&mut rules, told, &mask);
            let changed = service_config(&name, &rules, &self.config.area, &self.file.zones)?;
            self.set_rules(&origin, &changed)?;
        }
        self.reviewed(&name)
    }

    pub(super) fn list_service_revisions(
        &mut self,
        list: List<ServiceName>,
    ) -> Result<pb::ListServiceRevisionsResponse, Fault> {
        let name = list.parent.to_string();
        if self.config.service(&list.parent).is_none() {
            return Err(Fault::not_found(&name));
        }
        let rules = self.annals.office().setup().services().get(&name).map_or(&[][..], Vec::as_slice);
        let numbered = (1..).zip(rules).filter(|(version, _)| list.page.range_start() <= *version);
        let (found, next_page_token) = list.page.cut(numbered.map(|(version, rules)| (version, (version, rules))));
        let draw = |(version, rules): (u64, &Rules)| {
            let service = pb::Service::decode(rules.content.as_slice()).map_err(Fault::bug)?;
            Ok(pb::ServiceRevision {
                name: format!("{name}/revisions/{version}"),
                create_time: Some(to_proto::timestamp(rules.set)),
                service: Some(service),
            })
        };
        let service_revisions = found.into_iter().map(draw).collect::<Result<Vec<_>, Fault>>()?;
        Ok(pb::ListServiceRevisionsResponse { service_revisions, next_page_token })
    }

    /// Writes rules down and tells the dispatcher what follows.
    fn set_rules(&mut self, origin: &Origin, service: &ServiceConfig) -> Result<(), Fault> {
        self.expect_room(service)?;
        let name = service.name.to_string();
        let told = to_proto::rules(&self.config.area, service);
        let content = pb::Service { managed_by: 0, ..told }.encode_to_vec();
        let fact = Fact::RulesSet(RulesSet { service: name.clone(), content });
        self.take_fact(origin, fact, (&name, "service"))?;
        self.take_up_setup();
        match self.annals.service(&service.name) {
            Some(_) => Ok(()),
            None => Err(Fault::bug(format!("the dispatcher did not take {name}"))),
        }
    }

    /// Zones are numbered once and for all, and points of a service told apart from those that the area has for it.
    fn expect_room(&self, service: &ServiceConfig) -> Result<(), Fault> {
        let named = &self.scribe.state().zones;
        let fresh = service.own_zones.iter().filter(|zone| !named.values().any(|name| *name == zone.id)).count();
        if (ID_SET_MAX as usize) < named.len() + fresh {
            let what = format!("{fresh} more zones are too many: {} of {ID_SET_MAX} were named before", named.len());
            return Err(Fault::invalid_field("service.own_zones", what));
        }
        let of_area = |id: &str| self.file.meeting_points.iter().any(|point| point.id == id);
        match service.own_points.iter().enumerate().find(|(_, point)| of_area(&point.id)) {
            None => Ok(()),
            Some((index, point)) => {
                let field = format!("service.own_meeting_points[{index}].name");
                Err(Fault::invalid_field(field, format!("the area has a point {} already", point.id)))
            }
        }
    }

    /// After a fact about the setup: what follows from it.
    pub(super) fn take_up_setup(&mut self) {
        let setup = self.annals.office().setup();
        self.config = Arc::new(taken_together(&self.file, setup, self.scribe.state(), &self.map));
        if let Err(error) = self.configure() {
            tracing::error!("setup: {error}");
        }
    }

    fn draw_service(&self, service: &ServiceConfig) -> pb::Service {
        let rules = self.annals.office().setup().services().get(&service.name.to_string());
        let set = rules.filter(|_| service.managed == Managed::ByInterface);
        let set: Option<(i64, Time)> = set.and_then(|rules| Some((rules.len() as i64, rules.last()?.set)));
        to_proto::service(&self.config.area, service, set)
    }

    /// A service with what its rules mean for the bookings that are there.
    fn reviewed(&mut self, name: &ServiceName) -> Result<pb::Service, Fault> {
        let mut drawn = self.get_service(name.clone())?;
        let id = self.service(name)?;
        let state = self.scribe.state();
        let rules = &state.services[&id];
        let view = self.view();
        let ahead = state.bookings.values().filter(|booking| booking.request.service == id && is_ahead(booking.state));
        let (mut booking_count, mut conflict_count, mut conflicts) = (0, 0, Vec::new());
        for booking in ahead {
            booking_count += 1;
            let crew = booking.shift.and_then(|shift| state.schedules.get(&shift)).map(|schedule| schedule.terms.crew);
            let fields = conflicts_with(rules, booking, crew);
            if fields.is_empty() {
                continue;
            }
            conflict_count += 1;
            if conflicts.len() < CONFLICTS_MAX {
                let fields = fields.into_iter().map(str::to_owned).collect();
                conflicts.push(pb::RulesConflict { booking: to_proto::booking(&view, booking).name, fields });
            }
        }
        drawn.review = Some(pb::RulesReview { booking_count, conflict_count, conflicts });
        Ok(drawn)
    }
}

/// Nobody has boarded yet.
fn is_ahead(state: BookingState) -> bool {
    use BookingState as S;
    matches!(state, S::Confirmed | S::Unassigned | S::AwaitingDriver | S::EnRoute | S::Arrived)
}

/// Which rules would not have this booking, by the fields that say them. Deadlines are not among them: it was in time.
fn conflicts_with(rules: &Service, booking: &Booking, crew: Option<Crew>) -> Vec<&'static str> {
    let mut fields = Vec::new();
    let pickup = booking.promise.pickup;
    if !rules.days.is_empty() && !rules.days.iter().any(|day| day.pickups.overlaps(&pickup)) {
        fields.push("hours");
    }
    if !rules.carries(booking.pickup_spot().zones, booking.dropoff_spot().zones) {
        fields.push("zones");
    }
    if rules.policy.party_max.is_some_and(|most| most < booking.request.party.persons()) {
        fields.push("party_max");
    }
    if crew.is_some_and(|crew| !rules.policy.crews.contains(crew)) {
        fields.push("driven_by");
    }
    let walk_max = rules.policy.walk_max;
    let beyond = booking.request.beyond.walk;
    if walk_max.to_pickup + beyond < booking.request.origin_of(booking.access).walk {
        fields.push("walk_max_to_pickup_duration");
    }
    if walk_max.from_dropoff + beyond < booking.request.destination_of(booking.access).walk {
        fields.push("walk_max_from_dropoff_duration");
    }
    fields
}
