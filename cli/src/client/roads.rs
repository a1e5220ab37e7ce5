//! The desk's word about roads: closed, slow, open again.

use clap::{Args, Subcommand};
use mukae_proto::transit::units::v1::Place;
use serde_json::{Value, json};

use super::call::Hand;
use super::{Desk, places};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  mukae roads close --road '本町通り' --note '祭り' --from 16:00 --until 21:00 --dry-run\n  \
                        mukae roads list"
)]
pub(crate) struct Roads {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    hand: Hand,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the measures, over ones too
    List,
    /// Show one
    Show { measure: String },
    /// Nobody drives there
    Close(Which),
    /// Driving takes longer there
    Slow(Slow),
    /// Open again what the map or a measure has closed
    Reopen(Which),
    /// A measure is over
    End { measure: String },
}

/// Which roads, why, and for how long.
#[derive(Debug, Args)]
struct Which {
    /// By name
    #[arg(long)]
    road: Option<String>,
    /// By the number of its way in OpenStreetMap; may be given several times
    #[arg(long = "way")]
    ways: Vec<i64>,
    /// All within these corners, latitude,longitude each; may be given several times, at least three
    #[arg(long = "corner", value_parser = places::parse, allow_hyphen_values = true)]
    corners: Vec<Place>,
    /// Why, for those who look later
    #[arg(long)]
    note: String,
    /// From this time on: 14:30, 2026-11-23 14:30, +20 (minutes); without it, now
    #[arg(long, allow_hyphen_values = true)]
    from: Option<String>,
    /// Until this time; without it, until it is ended
    #[arg(long, allow_hyphen_values = true)]
    until: Option<String>,
}

#[derive(Debug, Args)]
struct Slow {
    #[command(flatten)]
    which: Which,
    /// Driving takes this many percent of the usual time
    #[arg(long, required_unless_present = "max_kmh")]
    percent: Option<i32>,
    /// Or: nobody drives faster than this
    #[arg(long, conflicts_with = "percent")]
    max_kmh: Option<i32>,
}

pub(crate) async fn run(args: &Roads) -> anyhow::Result<()> {
    let desk = Desk::open(&args.hand.connection).await?;
    let (method, request) = match &args.verb {
        Verb::List => ("ListRoadMeasures", json!({ "parent": desk.area.name })),
        Verb::Show { measure } => ("GetRoadMeasure", json!({ "name": measure })),
        Verb::End { measure } => ("EndRoadMeasure", json!({ "name": measure })),
        Verb::Close(which) => ("CreateRoadMeasure", new(&desk, which, "is_closed", true.into())?),
        Verb::Reopen(which) => ("CreateRoadMeasure", new(&desk, which, "is_reopened", true.into())?),
        Verb::Slow(Slow { which, percent, max_kmh }) => {
            let (effect, number) = if percent.is_some() { ("percent", percent) } else { ("max_kmh", max_kmh) };
            ("CreateRoadMeasure", new(&desk, which, effect, json!(number))?)
        }
    };
    args.hand.say(&desk.channel, method, request).await
}

fn new(desk: &Desk, which: &Which, effect: &str, value: Value) -> anyhow::Result<Value> {
    let corners: Vec<Value> = which.corners.iter().map(places::point_json).collect();
    let mut measure = json!({
        "note": which.note,
        "roads": { "road": which.road.as_deref().unwrap_or_default(), "osm_ways": which.ways, "area": corners },
    });
    measure[effect] = value;
    for (field, time) in [("start_time", &which.from), ("end_time", &which.until)] {
        if let Some(time) = time {
            measure[field] = desk.time(time)?;
        }
    }
    Ok(json!({ "parent": desk.area.name, "road_measure": measure }))
}
