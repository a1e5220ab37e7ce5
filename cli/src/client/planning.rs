//! For journey planners and those who plan the service.

use clap::Args;
use mukae_proto::transit::units::v1::Place;
use serde_json::json;

use super::call::Hand;
use super::{Desk, places};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  mukae probe --from 54.1509,-4.4815 --to 54.0750,-4.6530 --at 09:00 --at 10:00")]
pub(crate) struct Probe {
    /// Where to start: latitude,longitude
    #[arg(long, value_parser = places::parse, allow_hyphen_values = true)]
    from: Place,
    /// Where to go
    #[arg(long, value_parser = places::parse, allow_hyphen_values = true)]
    to: Place,
    /// Leave at this time or later: 14:30, 2026-11-23 14:30, +20 (minutes); may be given several times
    #[arg(long, required = true, allow_hyphen_values = true)]
    at: Vec<String>,
    /// Ordinary seats
    #[arg(long, default_value_t = 1)]
    seats: u8,
    /// Wheelchair places
    #[arg(long, default_value_t = 0)]
    wheelchairs: u8,
    #[command(flatten)]
    hand: Hand,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  mukae demand --from '2026-04-01 00:00' --until '2026-05-01 00:00' --json > april.jsonl"
)]
pub(crate) struct Demand {
    /// Asked for from this time on: 2026-04-01 00:00
    #[arg(long)]
    from: String,
    /// And before this one
    #[arg(long)]
    until: String,
    #[command(flatten)]
    hand: Hand,
}

pub(crate) async fn probe(args: &Probe) -> anyhow::Result<()> {
    let desk = Desk::open(&args.hand.connection).await?;
    let mut probes = Vec::new();
    for at in &args.at {
        let window = json!({ "earliest_time": desk.time(at)? });
        probes.push(json!({ "origin_index": 0, "destination_index": 1, "depart_after": window }));
    }
    let request = json!({
        "parent": desk.service()?,
        "party": { "seats": args.seats, "wheelchairs": args.wheelchairs },
        "places": [places::point_json(&args.from), places::point_json(&args.to)],
        "probes": probes,
    });
    args.hand.say(&desk.channel, "ProbeRides", request).await
}

pub(crate) async fn demand(args: &Demand) -> anyhow::Result<()> {
    let desk = Desk::open(&args.hand.connection).await?;
    let (start, end) = (desk.time(&args.from)?, desk.time(&args.until)?);
    let request = json!({ "parent": desk.service()?, "start_time": start, "end_time": end });
    args.hand.say(&desk.channel, "ExportDemand", request).await
}
