//! What drivers report on the way.

use mukae_engine::{Command, Rejection};
use mukae_proto::transit::fleet::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_units::{BookingId, ShiftId, StopId, Time, VehicleId};

use super::Area;
use super::rejection::fault;
use crate::errors::Fault;
use crate::names::{BookingName, StopName, StopRef, VehicleName};
use crate::shell::input::{Deed, Signed, TripReport};

impl Area {
    /// Answers with the manifest that is valid now, to a repeated report too.
    pub(super) fn report_trip(&mut self, signed: Signed<TripReport>) -> Result<pb::Manifest, Fault> {
        let Signed { origin, wish: TripReport { deed, at, sees_booking }, .. } = signed;
        let name = deed.vehicle();
        let recalled = self.recall(&origin)?;
        let vehicle = self.vehicle(name)?;
        let answer = match recalled {
            Some(answer) => answer,
            None => {
                let at = at.unwrap_or_else(|| self.now());
                // Strangers' riders are known to a driver while they are on the vehicle's plan, not before or after.
                if !sees_booking && !deed.booking().is_none_or(|name| self.is_planned_on(name, vehicle)) {
                    return Err(Fault::not_allowed());
                }
                let command = self.trip_command(&deed, vehicle, at)?;
                self.take(&origin, command)?.answer
            }
        };
        match answer {
            mukae_engine::Answer::Noted => Ok(self.draw_manifest(vehicle)),
            mukae_engine::Answer::Rejected(rejection) => Err(self.turned_down(&deed, &rejection, vehicle)),
            other => Err(Fault::bug(other)),
        }
    }

    fn trip_command(&self, deed: &Deed, vehicle: VehicleId, at: Time) -> Result<Command, Fault> {
        Ok(match deed {
            Deed::Depart(name) => {
                let (shift, stop) = self.stop(name, vehicle)?;
                Command::Depart { shift, stop, at }
            }
            Deed::Arrive(name) => {
                let (shift, stop) = self.stop(name, vehicle)?;
                Command::Arrive { shift, stop, at }
            }
            Deed::EndBreak(name) => {
                let (shift, stop) = self.stop(name, vehicle)?;
                Command::EndBreak { shift, stop, at }
            }
            Deed::EndRepositioning(_) => {
                let Some(open) = self.scribe.state().open_shift_of(vehicle) else {
                    return Err(Fault::new(ErrorReason::NoOpenShift, format!("{} has no open shift", deed.vehicle())));
                };
                Command::EndRepositioning { shift: open.shift.id, at }
            }
            Deed::Board { booking, .. } => Command::Board { booking: self.booking_on(booking, vehicle)?, at },
            Deed::Alight { booking, .. } => Command::Alight { booking: self.booking_on(booking, vehicle)?, at },
            Deed::NoShow { booking, .. } => Command::ReportNoShow { booking: self.booking_on(booking, vehicle)?, at },
        })
    }

    /// Whether the stop is the next one, or was one long ago, the dispatcher says.
    fn stop(&self, name: &StopName, vehicle: VehicleId) -> Result<(ShiftId, StopId), Fault> {
        let StopRef::Visit(stop) = name.stop else {
            let description = "the end of a shift is neither left for nor arrived at; call CloseShift there";
            return Err(Fault::invalid_field("stop", description));
        };
        let Some(open) = self.scribe.state().open_shift_of(vehicle) else {
            return Err(Fault::new(ErrorReason::NoOpenShift, format!("{} has no open shift", name.vehicle)));
        };
        Ok((open.shift.id, stop))
    }

    fn booking_on(&self, name: &BookingName, vehicle: VehicleId) -> Result<BookingId, Fault> {
        let booking = self.booking(name)?;
        let view = self.view();
        let planned_on = booking.shift.and_then(|shift| view.vehicle_of(shift));
        match planned_on.filter(|other| *other != vehicle) {
            None => Ok(booking.id),
            Some(other) => {
                let other = view.vehicle_name(other);
                Err(Fault::new(ErrorReason::OtherVehicle, format!("{name} is planned on {other}"))
                    .with("vehicle", other))
            }
        }
    }

    fn is_planned_on(&self, name: &BookingName, vehicle: VehicleId) -> bool {
        let shift = self.booking(name).ok().and_then(|booking| booking.shift);
        shift.and_then(|shift| self.view().vehicle_of(shift)) == Some(vehicle)
    }

    /// The driver worked from an old manifest, more often than not: the new one goes along.
    fn turned_down(&mut self, deed: &Deed, rejection: &Rejection, vehicle: VehicleId) -> Fault {
        let name = deed.what();
        let fault = match (deed, rejection) {
            (Deed::Board { .. } | Deed::Alight { .. } | Deed::NoShow { .. }, Rejection::NotNext { .. }) => {
                Fault::new(ErrorReason::NotAtStop, format!("the vehicle is not at the stop of {name}"))
            }
            (Deed::EndBreak(_), Rejection::NotABreak { .. }) => Fault::invalid_field("stop", "a stop of kind `BREAK`"),
            _ => fault(&self.view(), rejection, &name),
        };
        match rejection {
            Rejection::NotNext { .. } | Rejection::NotArrived { .. } | Rejection::NotRepositioning(_) => {
                let mut manifest = self.draw_manifest(vehicle);
                // errors travel in headers, and those are small
                if let Some(leg) = &mut manifest.current_leg {
                    leg.path.clear();
                }
                if let Some(drive) = &mut manifest.repositioning {
                    drive.path.clear();
                }
                match DETAIL_STOPS_MAX < manifest.stops.len() {
                    true => fault, // the driver's stream has it
                    false => fault.with_detail(&manifest),
                }
            }
            _ => fault,
        }
    }
}

/// A longer manifest does not go along with an error.
const DETAIL_STOPS_MAX: usize = 16;

impl Deed {
    fn vehicle(&self) -> &VehicleName {
        match self {
            Deed::Depart(stop) | Deed::Arrive(stop) | Deed::EndBreak(stop) => &stop.vehicle,
            Deed::Board { vehicle, .. } | Deed::Alight { vehicle, .. } | Deed::NoShow { vehicle, .. } => vehicle,
            Deed::EndRepositioning(vehicle) => vehicle,
        }
    }

    pub fn booking(&self) -> Option<&BookingName> {
        match self {
            Deed::Depart(_) | Deed::Arrive(_) | Deed::EndBreak(_) | Deed::EndRepositioning(_) => None,
            Deed::Board { booking, .. } | Deed::Alight { booking, .. } | Deed::NoShow { booking, .. } => Some(booking),
        }
    }

    /// The name of what it was done to.
    fn what(&self) -> String {
        match self {
            Deed::Depart(stop) | Deed::Arrive(stop) | Deed::EndBreak(stop) => stop.to_string(),
            Deed::EndRepositioning(vehicle) => vehicle.to_string(),
            Deed::Board { booking, .. } | Deed::Alight { booking, .. } | Deed::NoShow { booking, .. } => {
                booking.to_string()
            }
        }
    }
}
