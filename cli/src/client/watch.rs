//! Following a booking, or the whole area, until interrupted.

use clap::Args;
use mukae_proto::transit::area::v1::area_service_client::AreaServiceClient;
use mukae_proto::transit::area::v1::{
    AreaDelta, AreaSnapshot, WatchAreaRequest, watch_area_response::Update as AreaUpdate,
};
use mukae_proto::transit::booking::v1::{WatchBookingRequest, watch_booking_response::Update};
use mukae_proto::transit::fleet::v1::Manifest;
use serde_json::json;

use super::{Connection, Desk, said, show};

#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// The booking to follow; without it, everything in the area
    booking: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) async fn run(args: &Watch) -> anyhow::Result<()> {
    let mut desk = Desk::open(&args.connection).await?;
    match &args.booking {
        Some(name) => booking(&mut desk, name).await,
        None => area(&mut desk).await,
    }
}

async fn booking(desk: &mut Desk, name: &str) -> anyhow::Result<()> {
    let request = WatchBookingRequest { name: name.to_owned() };
    let mut stream = desk.bookings().watch_booking(request).await.map_err(said)?.into_inner();
    while let Some(message) = stream.message().await.map_err(said)? {
        if let Some(Update::Booking(booking)) = message.update {
            desk.print(&show::booking_json(&booking), || show::booking(&booking, desk));
        }
    }
    Ok(())
}

async fn area(desk: &mut Desk) -> anyhow::Result<()> {
    let request = WatchAreaRequest { name: desk.area.name.clone(), resume_from_revision: 0 };
    let mut stream = AreaServiceClient::new(desk.channel.clone()).watch_area(request).await.map_err(said)?.into_inner();
    while let Some(message) = stream.message().await.map_err(said)? {
        let revision = message.revision;
        match message.update {
            Some(AreaUpdate::Snapshot(AreaSnapshot { area, manifests, bookings, .. })) => {
                if let Some(area) = area {
                    desk.print(&show::area_json(&area), || show::area(&area));
                    desk.area = area;
                }
                tell(desk, revision, &manifests, &bookings);
            }
            Some(AreaUpdate::Delta(AreaDelta { manifests, bookings, .. })) => {
                tell(desk, revision, &manifests, &bookings)
            }
            Some(AreaUpdate::Resync(_)) => {
                desk.print(&json!({ "resync": true }), || "fell behind; the whole picture follows\n".to_owned());
            }
            Some(AreaUpdate::Heartbeat(_)) | None => {}
        }
    }
    Ok(())
}

fn tell(desk: &Desk, revision: i64, manifests: &[Manifest], bookings: &[mukae_proto::transit::booking::v1::Booking]) {
    for booking in bookings {
        let mut value = show::booking_json(booking);
        value["revision"] = revision.into();
        desk.print(&value, || show::booking_line(booking, desk));
    }
    for manifest in manifests {
        let stops: Vec<_> = manifest
            .stops
            .iter()
            .map(|stop| json!({ "name": stop.name, "arrive_time": show::time_json(&stop.arrive_time) }))
            .collect();
        let next = manifest.stops.first().map(|stop| show::clock(stop.arrive_time, desk));
        desk.print(&json!({ "manifest": manifest.name, "revision": revision, "stops": stops }), || {
            let next = next.map_or_else(String::new, |next| format!(", next at {next}"));
            format!("{:<48} {} stops to go{next}\n", manifest.name, manifest.stops.len())
        });
    }
}
