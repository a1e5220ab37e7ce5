//! Changing vehicles, and taking them out of service.

use std::collections::BTreeSet;

use mukae_engine::Command;
use mukae_engine::model::{Serves, Vehicle};
use mukae_office::Fact;
use mukae_proto::transit::booking::v1 as booking_pb;
use mukae_proto::transit::fleet::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_units::{Capacity, FeatureId, Features, ID_SET_MAX, ServiceId, VehicleId, Zones};

use super::setup::managed_by_file;
use super::{Area, ours};
use crate::config::Managed;
use crate::errors::Fault;
use crate::names::{BookingName, VehicleName, label};
use crate::shell::input::{ChangedVehicle, Signed, VehicleRules};
use crate::wire::to_proto;

impl Area {
    pub(super) fn batch_get_bookings(
        &mut self,
        names: Vec<BookingName>,
    ) -> Result<booking_pb::BatchGetBookingsResponse, Fault> {
        let bookings = names.into_iter().map(|name| self.get_booking(name)).collect::<Result<Vec<_>, Fault>>()?;
        Ok(booking_pb::BatchGetBookingsResponse { bookings })
    }

    pub(super) fn batch_get_vehicles(
        &mut self,
        names: Vec<VehicleName>,
    ) -> Result<pb::BatchGetVehiclesResponse, Fault> {
        let vehicles = names.into_iter().map(|name| self.get_vehicle(name)).collect::<Result<Vec<_>, Fault>>()?;
        Ok(pb::BatchGetVehiclesResponse { vehicles })
    }

    pub(super) fn update_vehicle(&mut self, signed: Signed<ChangedVehicle>) -> Result<pb::Vehicle, Fault> {
        let Signed { origin, wish: ChangedVehicle { name, etag, rules }, .. } = signed;
        let recalled = self.recall(&origin)?;
        let id = self.vehicle(&name)?;
        let answer = match recalled {
            Some(answer) => answer,
            None => {
                self.expect_not_of_file(&name)?;
                self.expect_in_service(id, &name)?;
                let current = self.scribe.state().vehicles[&id].clone();
                let drawn = to_proto::vehicle(&self.view(), &current).etag;
                if !etag.is_empty() && etag != drawn {
                    let message = format!("{name} has changed since etag {etag}; read it again");
                    return Err(Fault::new(ErrorReason::EtagMismatch, message).with("etag", drawn));
                }
                let changed = self.vehicle_with(&current, &name, rules)?;
                if changed == current {
                    return self.get_vehicle(name);
                }
                self.take(&origin, Command::RegisterVehicle(changed))?.answer
            }
        };
        self.noted(&answer, &name.to_string())?;
        self.get_vehicle(name)
    }

    /// For good; its riders went elsewhere with its shifts before.
    pub(super) fn retire_vehicle(&mut self, signed: Signed<VehicleName>) -> Result<pb::Vehicle, Fault> {
        let Signed { origin, wish: name, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            let vehicle = self.vehicle(&name)?;
            self.expect_not_of_file(&name)?;
            let mut live = self.scribe.state().schedules.values();
            if let Some(schedule) = live.find(|schedule| schedule.shift.vehicle == vehicle) {
                let shift = schedule.shift.name.clone();
                let message = format!("{name} has shifts that are not closed, such as {shift}; close them first");
                return Err(Fault::new(ErrorReason::VehicleInUse, message).with("shift", shift));
            }
            self.take_fact(&origin, Fact::VehicleRetired { vehicle }, (&name.to_string(), "name"))?;
            self.take_up_setup();
        }
        self.get_vehicle(name)
    }

    /// A vehicle with some of its rules changed.
    pub(super) fn vehicle_with(
        &mut self,
        current: &Vehicle,
        name: &VehicleName,
        rules: VehicleRules,
    ) -> Result<Vehicle, Fault> {
        let VehicleRules {
            display_name,
            capacity,
            other_configurations,
            substitutions,
            features,
            services,
            zones,
            crew,
        } = rules;
        let mut vehicle = current.clone();
        if let Some(called) = display_name {
            vehicle.name = label(name, &called);
        }
        let known = current.capacity.configurations();
        let first = capacity.unwrap_or(known[0]);
        let others = other_configurations.unwrap_or_else(|| known[1..].to_vec());
        let mut configurations = vec![first];
        for (index, other) in others.into_iter().enumerate() {
            if configurations.contains(&other) {
                let field = format!("vehicle.other_configurations[{index}]");
                return Err(Fault::invalid_field(field, format!("{other} is there twice")));
            }
            configurations.push(other);
        }
        let substitutions = substitutions.unwrap_or_else(|| current.capacity.substitutions());
        vehicle.capacity = Capacity::new(configurations, substitutions).expect("the first configuration is there");
        if let Some(names) = services {
            let ids = names.iter().enumerate().map(|(index, service)| {
                let unknown =
                    || Fault::invalid_field(format!("vehicle.services[{index}]"), format!("there is no {service}"));
                self.annals.service(service).ok_or_else(unknown)
            });
            let ids = ids.collect::<Result<BTreeSet<ServiceId>, Fault>>()?;
            vehicle.terms.serves = if ids.is_empty() { Serves::All } else { Serves::Only(ids) };
        }
        if let Some(names) = zones {
            let known = &self.scribe.state().zones;
            let drawn: Vec<&str> = self.file.zones.iter().map(|zone| zone.id.as_str()).collect();
            let mut zones = Zones::EMPTY;
            for zone in &names {
                let id = known.iter().find(|(_, called)| *called == zone).map(|(&id, _)| id);
                let id = id.filter(|_| drawn.contains(&zone.as_str())).ok_or_else(|| {
                    let there = if drawn.is_empty() { "none".to_owned() } else { drawn.join(", ") };
                    Fault::invalid_field("vehicle.zones", format!("there is no zone {zone:?}; there are: {there}"))
                })?;
                zones = zones.and(id).map_err(Fault::bug)?;
            }
            vehicle.terms.zones = zones;
        }
        if let Some(crew) = crew {
            vehicle.terms.crew = crew;
        }
        if let Some(names) = features {
            vehicle.terms.features = self.features_named(names.iter().map(String::as_str))?;
        }
        Ok(vehicle)
    }

    /// The numbers of these features; new ones are given one.
    fn features_named<'n>(&mut self, names: impl Iterator<Item = &'n str>) -> Result<Features, Fault> {
        let mut features = Features::EMPTY;
        for name in names {
            let known = &self.scribe.state().features;
            let found = known.iter().find(|(_, called)| *called == name).map(|(&id, _)| id);
            let feature = match found {
                Some(feature) => feature,
                None => {
                    let feature = FeatureId(known.keys().last().map_or(0, |id| id.0 + 1));
                    if ID_SET_MAX <= feature.0 {
                        let most = format!("{name:?} is one feature too many; an area knows at most {ID_SET_MAX}");
                        return Err(Fault::invalid_field("vehicle.features", most));
                    }
                    let named = Command::NameFeature { feature, name: name.to_owned() };
                    let answer = self.take(&ours("setup"), named)?.answer;
                    self.noted(&answer, name)?;
                    feature
                }
            };
            features = features.and(feature).map_err(Fault::bug)?;
        }
        Ok(features)
    }

    fn expect_not_of_file(&self, name: &VehicleName) -> Result<(), Fault> {
        let of_file = self.file.vehicles.iter().find(|vehicle| vehicle.name == *name);
        match of_file.map(|vehicle| vehicle.managed) {
            Some(Managed::ByFile) => Err(managed_by_file(name)),
            Some(Managed::ByInterface) | None => Ok(()),
        }
    }

    pub(super) fn expect_in_service(&self, vehicle: VehicleId, name: &VehicleName) -> Result<(), Fault> {
        match self.annals.office().setup().is_retired(vehicle) {
            false => Ok(()),
            true => {
                let message = format!("{name} is out of service for good");
                Err(Fault::new(ErrorReason::OutOfService, message).with("name", name))
            }
        }
    }
}
