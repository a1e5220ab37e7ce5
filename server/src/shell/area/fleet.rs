//! Vehicles, shifts and positions.

use mukae_engine::model::{Break, Shift, Terms, Vehicle};
use mukae_engine::{Answer, Command};
use mukae_office::{AcknowledgedManifest, Fact};
use mukae_proto::transit::area::v1 as area_pb;
use mukae_proto::transit::fleet::v1 as pb;
use mukae_record::Origin;
use mukae_units::{BreakId, Features, Seats, ShiftId, VehicleId, Zones};

use super::rejection::fault;
use super::{Area, revision};
use crate::errors::Fault;
use crate::names::{ManifestName, ShiftName, TenantName, VehicleName, label, unlabel};
use crate::shell::annals::ShiftNote;
use crate::shell::committer::Entry;
use crate::shell::input::{
    List, ManifestHad, NewShift, NewVehicle, PositionBatch, PositionReport, ShiftOpening, Signed,
};
use crate::wire::listed;
use crate::wire::to_proto;

impl Area {
    pub(super) fn create_vehicle(&mut self, signed: Signed<NewVehicle>) -> Result<pb::Vehicle, Fault> {
        let Signed { origin, wish, .. } = signed;
        let name = wish.name.to_string();
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                if wish.area != self.config.area.name {
                    return Err(Fault::not_found(&wish.area));
                }
                if self.annals.vehicle(&wish.name).is_some() {
                    return Err(Fault::exists(&name));
                }
                let next = self.scribe.state().vehicles.keys().last().map_or(1, |id| id.0 + 1);
                let blank = Vehicle {
                    id: VehicleId(next),
                    name: label(&wish.name, ""),
                    capacity: Seats::NONE.into(),
                    terms: Terms::OPEN,
                };
                let vehicle = self.vehicle_with(&blank, &wish.name, wish.rules)?;
                self.take(&origin, Command::RegisterVehicle(vehicle))?.answer
            }
        };
        self.noted(&answer, &name)?;
        self.get_vehicle(wish.name)
    }

    pub(super) fn get_vehicle(&mut self, name: VehicleName) -> Result<pb::Vehicle, Fault> {
        let vehicle = self.vehicle(&name)?;
        let view = self.view();
        Ok(to_proto::vehicle(&view, &view.state.vehicles[&vehicle]))
    }

    pub(super) fn list_vehicles(&mut self, list: List<TenantName>) -> Result<pb::ListVehiclesResponse, Fault> {
        let view = self.view();
        let prefix = format!("{}/", list.parent);
        let first = VehicleId(u32::try_from(list.page.range_start()).unwrap_or(u32::MAX));
        let found = view.state.vehicles.range(first..).map(|(_, vehicle)| vehicle);
        let of_tenant = found.filter(|vehicle| unlabel(&vehicle.name).0.starts_with(&prefix));
        let drawn = of_tenant.map(|vehicle| (vehicle.id.0.into(), to_proto::vehicle(&view, vehicle)));
        let (vehicles, next_page_token) = list.sieve.cut(&list.page, listed::VEHICLES, drawn);
        Ok(pb::ListVehiclesResponse { vehicles, next_page_token })
    }

    pub(super) fn create_shift(&mut self, signed: Signed<NewShift>) -> Result<pb::Shift, Fault> {
        let Signed { origin, wish, .. } = signed;
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                let vehicle = self.vehicle(&wish.name.vehicle)?;
                self.expect_in_service(vehicle, &wish.name.vehicle)?;
                if self.annals.shift(&wish.name).is_some() {
                    return Err(Fault::exists(&wish.name));
                }
                let driver = wish.driver.as_ref().map(|driver| self.driver(driver)).transpose()?;
                let breaks = wish.breaks.into_iter().zip(0..);
                let breaks = breaks.map(|(rest, number)| Break {
                    id: BreakId(number),
                    place: rest.place,
                    window: rest.window,
                    length: rest.length,
                });
                let shift = Shift {
                    id: ShiftId(self.scribe.state().last_shift + 1),
                    name: wish.name.to_string(),
                    vehicle,
                    window: wish.window,
                    start: wish.start,
                    end: Some(wish.end),
                    features: Features::EMPTY,
                    zones: Zones::EMPTY,
                    crew: None,
                    breaks: breaks.collect(),
                    driver,
                    declared: wish.declared,
                    on_call: wish.on_call,
                };
                self.take(&origin, Command::PlanShift(shift.into()))?.answer
            }
        };
        self.noted(&answer, &wish.name.to_string())?;
        self.get_shift(wish.name)
    }

    pub(super) fn get_shift(&mut self, name: ShiftName) -> Result<pb::Shift, Fault> {
        let note = self.shift(&name)?;
        Ok(to_proto::shift(&self.view(), note))
    }

    pub(super) fn list_shifts(&mut self, list: List<VehicleName>) -> Result<pb::ListShiftsResponse, Fault> {
        let vehicle = self.vehicle(&list.parent)?;
        let view = self.view();
        let first = ShiftId(u32::try_from(list.page.range_start()).unwrap_or(u32::MAX));
        let of_vehicle = view.annals.shifts_from(first).filter(|note| note.shift.vehicle == vehicle);
        let drawn = of_vehicle.map(|note| (note.shift.id.0.into(), to_proto::shift(&view, note)));
        let (shifts, next_page_token) = list.sieve.cut(&list.page, listed::SHIFTS, drawn);
        Ok(pb::ListShiftsResponse { shifts, next_page_token })
    }

    pub(super) fn open_shift(&mut self, signed: Signed<ShiftOpening>) -> Result<pb::Shift, Fault> {
        let Signed { origin, wish: ShiftOpening { shift: name, at }, .. } = signed;
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                let shift = self.live_shift(&name)?;
                self.expect_checked(shift, &name)?;
                let at = at.unwrap_or_else(|| self.now());
                self.take(&origin, Command::OpenShift { shift, at })?.answer
            }
        };
        self.noted(&answer, &name.to_string())?;
        self.get_shift(name)
    }

    pub(super) fn close_shift(&mut self, signed: Signed<ShiftName>) -> Result<pb::Shift, Fault> {
        let Signed { origin, wish: name, .. } = signed;
        let answer = match self.recall(&origin)? {
            Some(answer) => answer,
            None => {
                let shift = self.live_shift(&name)?;
                self.take(&origin, Command::CloseShift { shift })?.answer
            }
        };
        self.noted(&answer, &name.to_string())?;
        self.get_shift(name)
    }

    /// Best effort: shown to watchers at once, and told to the dispatcher, who judges whether it matters.
    pub(super) fn report_positions(&mut self, batch: PositionBatch) -> Result<pb::ReportPositionsResponse, Fault> {
        let vehicle = self.vehicle(&batch.vehicle)?;
        let now = self.now();
        let taken = self.positions.take(vehicle, batch.reports, now);
        if let Some(newest) = taken.newest {
            self.tell_position(&batch.vehicle, vehicle, &newest);
            self.weigh_position(&Origin::of(batch.principal), vehicle, &newest);
        }
        let count = |count: usize| i32::try_from(count).expect("a batch is bounded");
        Ok(pb::ReportPositionsResponse {
            accepted_count: count(taken.accepted),
            ignored_count: count(taken.ignored),
            last_sequence: taken.last_sequence,
        })
    }

    pub(super) fn get_manifest(
        &mut self,
        (name, shift): (ManifestName, Option<ShiftName>),
    ) -> Result<pb::Manifest, Fault> {
        let vehicle = self.vehicle(&name.0)?;
        let shift = shift.map(|shift| self.live_shift(&shift)).transpose()?;
        Ok(self.draw_manifest_of(vehicle, shift))
    }

    /// What the driver says to have, if that is new.
    pub(super) fn acknowledge_manifest(&mut self, signed: Signed<ManifestHad>) -> Result<pb::Manifest, Fault> {
        let Signed { origin, wish: ManifestHad { manifest: name, etag, revision, at }, .. } = signed;
        let vehicle = self.vehicle(&name.0)?;
        if self.recalled_note(&origin)?.is_none() {
            let newest = self.annals.vehicle_revision(vehicle);
            if newest < revision {
                return Err(Fault::invalid_field("revision", format!("at most {newest}, the newest one of {name}")));
            }
            let had = self.annals.office().acknowledged_manifest(vehicle);
            if had.is_none_or(|had| had.etag != etag) {
                let since = at.unwrap_or_else(|| self.now()).min(self.now());
                let acknowledged = AcknowledgedManifest { vehicle, etag, revision, since };
                self.take_fact(&origin, Fact::ManifestAcknowledged(acknowledged), (&name.to_string(), "etag"))?;
            }
        }
        Ok(self.draw_manifest(vehicle))
    }

    pub(super) fn draw_manifest(&mut self, vehicle: VehicleId) -> pb::Manifest {
        self.draw_manifest_of(vehicle, None)
    }

    fn draw_manifest_of(&mut self, vehicle: VehicleId, shift: Option<ShiftId>) -> pb::Manifest {
        let now = self.now();
        let view = to_proto::View {
            state: self.scribe.state(),
            annals: &self.annals,
            positions: &self.positions,
            map: &self.map,
            area: &self.config.area.name,
            now,
        };
        to_proto::manifest(&view, vehicle, shift, &mut self.roads)
    }

    pub(super) fn vehicle(&self, name: &VehicleName) -> Result<VehicleId, Fault> {
        self.annals.vehicle(name).ok_or_else(|| Fault::not_found(name))
    }

    pub(super) fn shift(&self, name: &ShiftName) -> Result<&ShiftNote, Fault> {
        self.annals.shift(name).ok_or_else(|| Fault::not_found(name))
    }

    /// A shift that has not ended.
    pub(super) fn live_shift(&self, name: &ShiftName) -> Result<ShiftId, Fault> {
        let note = self.shift(name)?;
        match note.closed {
            None => Ok(note.shift.id),
            Some(_) => Err(fault(&self.view(), &mukae_engine::Rejection::ShiftOver(note.shift.id), &name.to_string())),
        }
    }

    /// An error unless the dispatcher accepted it.
    pub(super) fn noted(&self, answer: &Answer, name: &str) -> Result<(), Fault> {
        match answer {
            Answer::Noted => Ok(()),
            Answer::Rejected(rejection) => Err(fault(&self.view(), rejection, name)),
            other => Err(Fault::bug(other)),
        }
    }

    /// In its turn behind the records it is stamped with: a watcher that resumes from this revision has
    /// seen them all, and nobody sees what is not durable.
    fn tell_position(&mut self, name: &VehicleName, vehicle: VehicleId, report: &PositionReport) {
        let position = area_pb::VehiclePosition { vehicle: name.to_string(), position: Some(report.shown) };
        let delta = area_pb::AreaDelta { positions: vec![position], ..Default::default() };
        let response = area_pb::WatchAreaResponse {
            revision: revision(self.annals.area_revision()),
            update: Some(area_pb::watch_area_response::Update::Delta(delta)),
        };
        let hub = self.outbox.hub();
        let tell = move || {
            hub.tell(response);
            hub.tell_of_move(vehicle);
        };
        self.entries.push(Entry::Release(Box::new(tell)));
    }

    fn weigh_position(&mut self, origin: &Origin, vehicle: VehicleId, report: &PositionReport) {
        // Off the roads it is shown and not weighed: no prediction follows from a car park.
        let Ok(snapped) = self.map.snap(report.point, self.config.area.snap_limit) else { return };
        let command = Command::ReportPosition { vehicle, place: snapped.place, observed_at: report.device_time };
        match self.take(origin, command).map(|written| written.answer) {
            Ok(Answer::Noted) => {}
            other => tracing::debug!(?other, "a position was not taken"),
        }
    }
}
