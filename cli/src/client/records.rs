//! Driving records (運転記録) of a time, as a table.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::Args;
use jiff::ToSpan;
use jiff::civil::Date;
use mukae_proto::transit::fleet::v1::fleet_service_client::FleetServiceClient;
use mukae_proto::transit::fleet::v1::{DrivingRecord, ExportDrivingRecordsRequest, driving_incident, driving_stop};
use prost_types::Timestamp;

use super::{Connection, Desk, said, show};

#[derive(Debug, Args)]
pub(crate) struct Records {
    /// The first day, 2026-04-01, in the area's time zone
    #[arg(long)]
    from: Date,
    /// The last day
    #[arg(long)]
    to: Date,
    /// The tenant whose vehicles they are; without it, that of the service
    #[arg(long)]
    tenant: Option<String>,
    /// Of this vehicle only, tenants/…/vehicles/…
    #[arg(long)]
    vehicle: Option<String>,
    /// Write to this file instead of the terminal
    #[arg(long)]
    csv: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

/// A line says one thing that was done or went wrong; what is of the whole shift stands on each of its lines.
const COLUMNS: [&str; 25] = [
    "day",
    "vehicle",
    "vehicle_name",
    "driver",
    "shift",
    "planned_start",
    "planned_end",
    "start",
    "end",
    "start_place",
    "end_place",
    "check_time",
    "check_passed",
    "alcohol_ug_per_l",
    "check_note",
    "planned_m",
    "driven_m",
    "empty_m",
    "unmeasured_drives",
    "what",
    "booking",
    "place",
    "arrived",
    "done",
    "people",
];

pub(crate) async fn run(args: &Records) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let tenant = match &args.tenant {
        Some(tenant) if tenant.starts_with("tenants/") => tenant.clone(),
        Some(tenant) => format!("tenants/{tenant}"),
        None => desk.service()?.split("/services/").next().unwrap_or_default().to_owned(),
    };
    let midnight = |day: Date| -> anyhow::Result<Timestamp> {
        let at = day.to_zoned(desk.zone.clone())?.timestamp();
        Ok(Timestamp { seconds: at.as_second(), nanos: 0 })
    };
    let request = ExportDrivingRecordsRequest {
        parent: tenant,
        start_time: Some(midnight(args.from)?),
        end_time: Some(midnight(args.to.checked_add(1.day())?)?),
        vehicle: args.vehicle.clone().unwrap_or_default(),
    };
    let out: Box<dyn Write> = match &args.csv {
        Some(file) => Box::new(File::create(file).with_context(|| format!("cannot write {}", file.display()))?),
        None => Box::new(io::stdout()),
    };
    let mut table = csv::Writer::from_writer(out);
    table.write_record(COLUMNS)?;
    let mut stream =
        FleetServiceClient::new(desk.channel.clone()).export_driving_records(request).await.map_err(said)?.into_inner();
    let mut count = 0;
    while let Some(page) = stream.message().await.map_err(said)? {
        for record in &page.driving_records {
            count += 1;
            for line in lines(record, &desk) {
                table.write_record(&line)?;
            }
        }
    }
    table.flush().map_err(|error| anyhow!("the table is not whole: {error}"))?;
    eprintln!("{count} driving records");
    Ok(())
}

fn lines(record: &DrivingRecord, desk: &Desk) -> Vec<Vec<String>> {
    let clock = |time: &Option<Timestamp>| {
        let time = time.as_ref().and_then(show::timestamp);
        time.map_or(String::new(), |time| time.to_zoned(desk.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
    };
    let check = record.pretrip_check.clone();
    let shared = vec![
        record.day.clone(),
        record.vehicle.clone(),
        record.vehicle_display_name.clone(),
        record.driver.clone(),
        record.shift.clone(),
        clock(&record.planned_start_time),
        clock(&record.planned_end_time),
        clock(&record.start_time),
        clock(&record.end_time),
        record.start_place.as_ref().map_or(String::new(), |place| place.label.clone()),
        record.end_place.as_ref().map_or(String::new(), |place| place.label.clone()),
        check.as_ref().map_or(String::new(), |check| clock(&check.check_time)),
        check.as_ref().map_or(String::new(), |check| check.is_passed.to_string()),
        check.as_ref().and_then(|check| check.alcohol_micrograms_per_litre).map_or(String::new(), |ug| ug.to_string()),
        check.map_or(String::new(), |check| check.note),
        record.planned_distance_meters.to_string(),
        record.driven_distance_meters.to_string(),
        record.empty_distance_meters.to_string(),
        record.unmeasured_drive_count.to_string(),
    ];
    let with = |rest: [String; 6]| shared.iter().cloned().chain(rest).collect::<Vec<String>>();
    let done = record.stops.iter().map(|stop| {
        let what = match stop.kind() {
            driving_stop::Kind::Boarded => "boarded",
            driving_stop::Kind::Alighted => "alighted",
            driving_stop::Kind::NoShow => "no-show",
            driving_stop::Kind::Break => "break",
            driving_stop::Kind::Unspecified => "",
        };
        let party = stop.party.unwrap_or_default();
        let people = party.seats + party.wheelchairs + party.child_seats + party.stretchers;
        let place = stop.place.as_ref().map_or(String::new(), |place| place.label.clone());
        let people = if people == 0 { String::new() } else { people.to_string() };
        with([what.to_owned(), stop.booking.clone(), place, clock(&stop.arrive_time), clock(&stop.end_time), people])
    });
    let wrong = record.incidents.iter().map(|incident| {
        let what = match incident.kind() {
            driving_incident::Kind::Breakdown => "breakdown",
            driving_incident::Kind::UnplannedBreak => "unplanned break",
            driving_incident::Kind::StartMoved => "start moved",
            driving_incident::Kind::CheckFailed => "check failed",
            driving_incident::Kind::RidersStranded => "riders stranded",
            driving_incident::Kind::Unspecified => "",
        };
        let empty = String::new;
        with([what.to_owned(), empty(), empty(), empty(), clock(&incident.incident_time), empty()])
    });
    let lines: Vec<Vec<String>> = done.chain(wrong).collect();
    // a shift in which nothing happened is a record, too
    if lines.is_empty() { vec![with(Default::default())] } else { lines }
}
