//! A driver with a device: follows the manifest, drives by the plan, and reports what was done.

use anyhow::Context;
use mukae_proto::transit::fleet::v1::fleet_service_client::FleetServiceClient;
use mukae_proto::transit::fleet::v1::{
    AlightBookingRequest, ArriveStopRequest, BoardBookingRequest, CloseShiftRequest, DepartStopRequest,
    GetManifestRequest, GetShiftRequest, Manifest, OpenShiftRequest, Shift, Stop, WatchManifestRequest, shift, stop,
    watch_manifest_response::Update,
};
use mukae_units::Time;
use prost_types::Timestamp;
use tonic::Code;
use tonic::transport::Channel;

use super::Day;
use super::rider::timestamp;
use crate::client::{new_request_id, said};

/// What the driver does next, and when.
#[derive(Clone, Debug)]
enum Act {
    OpenShift,
    CloseShift,
    Depart { stop: String },
    Arrive { stop: String },
    Board { booking: String },
    Alight { booking: String },
}

struct Driver {
    day: Day,
    fleet: FleetServiceClient<Channel>,
    vehicle: String,
    display_name: String,
    manifest: Manifest,
    /// The shift the manifest serves, if it has one.
    shift: Option<Shift>,
}

/// Works all shifts of the day that begin before it ends.
pub(super) async fn work(day: Day, vehicle: String, display_name: String) -> anyhow::Result<()> {
    let mut fleet = FleetServiceClient::new(day.channel.clone());
    let name = format!("{vehicle}/manifest");
    let mut stream = fleet.watch_manifest(WatchManifestRequest { name }).await.map_err(said)?.into_inner();
    let mut driver = Driver { day, fleet, vehicle, display_name, manifest: Manifest::default(), shift: None };
    driver.refresh().await?;
    while let Some((at, act)) = driver.next()? {
        driver.tell();
        tokio::select! {
            biased;
            message = stream.message() => {
                let message = message.map_err(said)?.context("the manifest's stream ended")?;
                if let Some(Update::Manifest(manifest)) = message.update {
                    driver.follow(manifest).await?;
                }
            }
            () = driver.day.clock.reached(at) => driver.act(at, act).await?,
        }
    }
    driver.tell();
    Ok(())
}

impl Driver {
    /// The next act; `None` once the day's work is done.
    fn next(&self) -> anyhow::Result<Option<(Time, Act)>> {
        let Some(shift) = &self.shift else { return Ok(None) };
        if shift.state() != shift::State::Open {
            let starts = time(&shift.start_time).context("a shift without a start")?;
            return Ok((starts < self.day.ends).then_some((starts, Act::OpenShift)));
        }
        let Some(stop) = self.manifest.stops.first() else { return Ok(None) };
        if stop.kind() == stop::Kind::ShiftEnd {
            let ends = time(&shift.end_time).context("a shift without an end")?;
            let home = time(&stop.arrive_time).context("a way home without an end")?;
            return Ok(Some((ends.max(home), Act::CloseShift)));
        }
        if stop.is_arrived {
            let done = time(&stop.service_end_time).context("a stop without an end")?;
            return Ok(Some((done, service(stop).context("a stop where nothing is to be done")?)));
        }
        let name = stop.name.clone();
        match &self.manifest.current_leg {
            Some(leg) => {
                Ok(Some((time(&leg.arrive_time).context("a drive without an end")?, Act::Arrive { stop: name })))
            }
            None => {
                let leaves = time(&self.manifest.leave_time).context("a standing vehicle without a time to leave")?;
                Ok(Some((leaves, Act::Depart { stop: name })))
            }
        }
    }

    /// Reports; if the plan has moved on meanwhile, reads it anew and goes by that.
    async fn act(&mut self, at: Time, act: Act) -> anyhow::Result<()> {
        let (device_time, request_id) = (Some(timestamp(at)), new_request_id());
        let (vehicle, shift) = (self.vehicle.clone(), self.manifest.shift.clone());
        let done = match act {
            Act::OpenShift => self
                .fleet
                .open_shift(OpenShiftRequest { name: shift, request_id, device_time, ..Default::default() })
                .await
                .map(|_| None),
            Act::CloseShift => self
                .fleet
                .close_shift(CloseShiftRequest { name: shift, request_id, ..Default::default() })
                .await
                .map(|_| None),
            Act::Depart { stop } => self
                .fleet
                .depart_stop(DepartStopRequest { stop, device_time, request_id, ..Default::default() })
                .await
                .map(Some),
            Act::Arrive { stop } => self
                .fleet
                .arrive_stop(ArriveStopRequest { stop, device_time, request_id, ..Default::default() })
                .await
                .map(Some),
            Act::Board { booking } => {
                let request = BoardBookingRequest { booking, vehicle, device_time, request_id, ..Default::default() };
                self.fleet.board_booking(request).await.map(Some)
            }
            Act::Alight { booking } => {
                let request = AlightBookingRequest {
                    booking: booking.clone(),
                    vehicle,
                    device_time,
                    request_id,
                    ..Default::default()
                };
                let answer = self.fleet.alight_booking(request).await;
                if answer.is_ok() {
                    self.day.board.alighted(&booking, &self.display_name);
                }
                answer.map(Some)
            }
        };
        match done {
            Ok(Some(manifest)) => self.follow(manifest.into_inner()).await,
            Ok(None) => self.refresh().await,
            Err(status) if status.code() == Code::FailedPrecondition => self.refresh().await,
            Err(status) => Err(said(status)),
        }
    }

    async fn refresh(&mut self) -> anyhow::Result<()> {
        let request = GetManifestRequest { name: format!("{}/manifest", self.vehicle), ..Default::default() };
        self.manifest = self.fleet.get_manifest(request).await.map_err(said)?.into_inner();
        self.read_shift().await
    }

    /// Goes by `manifest` unless a newer one came first.
    async fn follow(&mut self, manifest: Manifest) -> anyhow::Result<()> {
        if manifest.revision < self.manifest.revision {
            return Ok(());
        }
        let is_same_shift = manifest.shift == self.manifest.shift;
        self.manifest = manifest;
        if is_same_shift { Ok(()) } else { self.read_shift().await }
    }

    async fn read_shift(&mut self) -> anyhow::Result<()> {
        let name = self.manifest.shift.clone();
        self.shift = match name.is_empty() {
            true => None,
            false => Some(self.fleet.get_shift(GetShiftRequest { name }).await.map_err(said)?.into_inner()),
        };
        Ok(())
    }

    fn tell(&self) {
        let is_at_work = self.shift.as_ref().is_some_and(|shift| shift.state() == shift::State::Open);
        let stops = self.manifest.stops.iter().filter(|stop| stop.kind() == stop::Kind::Riders).count();
        let on_board =
            self.manifest.load.map_or(0, |load| load.seats + load.wheelchairs + load.child_seats + load.stretchers);
        let doing = match (is_at_work, self.manifest.stops.first()) {
            (false, _) => "off shift",
            (true, Some(stop)) if stop.is_arrived && !stop.pickups.is_empty() => "picking up",
            (true, Some(stop)) if stop.is_arrived => "letting off",
            (true, Some(_)) if self.manifest.current_leg.is_some() => "driving",
            (true, Some(stop)) if stop.kind() == stop::Kind::Riders => "waiting to leave",
            (true, _) => "free",
        };
        self.day.board.vehicle(&self.vehicle, doing, on_board, stops);
    }
}

/// What happens at a stop next: alighting comes first.
fn service(stop: &Stop) -> Option<Act> {
    let left = stop.dropoffs.iter().find(|call| !call.is_done);
    if let Some(call) = left {
        return Some(Act::Alight { booking: call.booking.clone() });
    }
    let waiting = stop.pickups.iter().find(|call| !call.is_done)?;
    Some(Act::Board { booking: waiting.booking.clone() })
}

fn time(stamp: &Option<Timestamp>) -> Option<Time> {
    let stamp = stamp.as_ref()?;
    Some(Time::from_unix_millis(stamp.seconds * 1000 + i64::from(stamp.nanos) / 1_000_000))
}
