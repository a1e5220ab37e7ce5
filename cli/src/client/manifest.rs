//! Manifests on paper: a page for each vehicle, from a server or, while it is away, from its journal.

mod sheet;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};
use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use mukae_proto::transit::area::v1::area_service_client::AreaServiceClient;
use mukae_proto::transit::area::v1::{WatchAreaRequest, watch_area_response::Update};
use mukae_proto::transit::fleet::v1::fleet_service_client::FleetServiceClient;
use mukae_proto::transit::fleet::v1::{GetManifestRequest, ListShiftsRequest, Shift, shift};
use mukae_server::paper::{PaperDay, Papers, papers};
use mukae_units::Time;

use super::{Connection, Desk, said, show, when};
use crate::town::Town;

#[derive(Debug, Args)]
pub(crate) struct Manifest {
    /// The vehicle, tenants/…/vehicles/… or the last part of that; without it, every vehicle with a shift that day
    vehicle: Option<String>,
    /// The day, `today`, `tomorrow` or 2026-11-23, in the area's time zone
    #[arg(long, default_value = "today")]
    day: String,
    /// Write a page to print to this file; it is replaced whole, or left as it was if something goes wrong
    #[arg(long)]
    html: PathBuf,
    /// Read the journal of a server instead of asking it: it may be down, or run on beside this
    #[arg(long)]
    offline: bool,
    /// The journal's directory; without it, where the configuration says
    #[arg(long, requires = "offline")]
    data: Option<PathBuf>,
    /// The server's configuration, for names and map; without it, the built-in town
    #[arg(long, requires = "offline")]
    config: Option<PathBuf>,
    /// As things stood then, instead of now; a time as in `mukae quote`, or RFC 3339
    #[arg(long, requires = "offline")]
    at: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

pub(crate) async fn run(args: &Manifest) -> anyhow::Result<()> {
    let (papers, zone, day, source) = if args.offline { offline(args)? } else { online(args).await? };
    let page = sheet::page(&sheet::Printing {
        papers: &papers,
        zone: &zone,
        day,
        vehicle: args.vehicle.as_deref(),
        source: &source,
        printed: Timestamp::now(),
    })?;
    write_whole(&args.html, page.html.as_bytes())?;
    let told = format!("{} pages, {} stops: {}\n", page.sheets, page.stops, args.html.display());
    let json =
        serde_json::json!({ "pages": page.sheets, "stops": page.stops, "file": args.html.display().to_string() });
    let text = if args.connection.json { format!("{json}\n") } else { told };
    let _ = std::io::stdout().write_all(text.as_bytes()); // the page is there, whoever reads this
    for note in &papers.notes {
        eprintln!("note: {note}");
    }
    Ok(())
}

type Gathered = (Papers, TimeZone, Date, String);

fn offline(args: &Manifest) -> anyhow::Result<Gathered> {
    let Town { config, map, .. } = Town::of(args.config.as_deref())?;
    let dir = args.data.clone().or_else(|| config.journal.dir.clone());
    let dir = dir.ok_or_else(|| anyhow!("the configuration names no journal: say where it is with --data"))?;
    let zone = config.area.time_zone.clone();
    let now = Timestamp::now();
    let as_of = args.at.as_ref().map(|at| when::parse(at, now, &zone)).transpose()?;
    let day = day_of(&args.day, as_of.unwrap_or(now), &zone)?;
    let (from, until) = ends(day, &zone)?;
    let instant = |time: Timestamp| Time::from_unix_millis(time.as_millisecond());
    let wanted = PaperDay { from: instant(from), until: instant(until), as_of: as_of.map(instant), now: instant(now) };
    let papers = papers(&dir, config, map, wanted)?;
    Ok((papers, zone, day, "控え（サーバー停止時用）・記録ファイルから作成".to_owned()))
}

async fn online(args: &Manifest) -> anyhow::Result<Gathered> {
    let desk = Desk::open(&args.connection).await?;
    let day = day_of(&args.day, desk.now(), &desk.zone)?;
    let mut papers = snapshot(&desk).await?;
    let (from, until) = ends(day, &desk.zone)?;
    let time = |told: &Option<prost_types::Timestamp>| told.as_ref().and_then(show::timestamp).unwrap_or_default();
    let is_of_day = |shift: &Shift| {
        shift.state() != shift::State::Closed && time(&shift.start_time) < until && from <= time(&shift.end_time)
    };
    let mut fleet = FleetServiceClient::new(desk.channel.clone());
    for vehicle in papers.vehicles.iter().filter(|vehicle| sheet::is_asked(args.vehicle.as_deref(), &vehicle.name)) {
        let mut page_token = String::new();
        loop {
            let request = ListShiftsRequest { parent: vehicle.name.clone(), page_token, ..Default::default() };
            let answer = fleet.list_shifts(request).await.map_err(said)?.into_inner();
            papers.shifts.extend(answer.shifts.into_iter().filter(is_of_day));
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
    }
    for shift in &papers.shifts {
        let vehicle = shift.name.split("/shifts/").next().unwrap_or_default();
        let request = GetManifestRequest { name: format!("{vehicle}/manifest"), shift: shift.name.clone() };
        papers.manifests.push(fleet.get_manifest(request).await.map_err(said)?.into_inner());
    }
    Ok((papers, desk.zone, day, "サーバーから作成".to_owned()))
}

/// Area, vehicles and bookings as a console begins with.
async fn snapshot(desk: &Desk) -> anyhow::Result<Papers> {
    let request = WatchAreaRequest { name: desk.area.name.clone(), resume_from_revision: 0 };
    let mut stream = AreaServiceClient::new(desk.channel.clone()).watch_area(request).await.map_err(said)?.into_inner();
    let mut papers = Papers { area: desk.area.clone(), ..Papers::default() };
    while let Some(message) = stream.message().await.map_err(said)? {
        if let Some(Update::Snapshot(part)) = message.update {
            papers.vehicles.extend(part.vehicles);
            papers.bookings.extend(part.bookings);
            if part.is_last {
                return Ok(papers);
            }
        }
    }
    bail!("the server ended the picture of its area before it was whole")
}

fn day_of(text: &str, now: Timestamp, zone: &TimeZone) -> anyhow::Result<Date> {
    let today = now.to_zoned(zone.clone()).date();
    match text {
        "today" => Ok(today),
        "tomorrow" => Ok(today.tomorrow()?),
        _ => text.parse().map_err(|_| anyhow!("`{text}` is no day; try today, tomorrow or 2026-11-23")),
    }
}

fn ends(day: Date, zone: &TimeZone) -> anyhow::Result<(Timestamp, Timestamp)> {
    let next = day.checked_add(1.day())?;
    Ok((day.to_zoned(zone.clone())?.timestamp(), next.to_zoned(zone.clone())?.timestamp()))
}

/// Whoever opens the file sees the old page or the new one.
fn write_whole(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    ensure!(!file.is_dir(), "--html {} is a directory", file.display());
    let mut name = file.file_name().context("--html names no file")?.to_owned();
    name.push(".unfinished");
    let unfinished = file.with_file_name(name);
    let written = fs::write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, file));
    written.with_context(|| format!("cannot write {}", file.display()))
}
