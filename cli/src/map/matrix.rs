//! `mukae map matrix`: driving times from many to many, as a table.

mod vertices;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::ArgGroup;
use mukae_maps::table::{self, ReadTableError};
use mukae_maps::{Place, PreparedMap, RoadQuery, TravelTimes};
use mukae_units::{LatLon, Metres, TravelTime};
use serde_json::json;

use super::words::Purpose;
use super::{conditions, rounded, words};
use crate::output::{Output, say};
use crate::progress::{LateBar, while_busy};

/// Points are named by tables with the columns id,lat,lon; the answer has the columns from,to,travel_time_ms.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("roads").required(true).args(["map", "graph"]))]
pub(crate) struct Args {
    /// A prepared map
    #[arg(requires = "from", requires = "to")]
    map: Option<PathBuf>,
    /// Where to start: a table of id,lat,lon
    #[arg(long, value_name = "CSV", conflicts_with = "graph")]
    from: Option<PathBuf>,
    /// Where to go: a table of id,lat,lon
    #[arg(long, value_name = "CSV", conflicts_with = "graph")]
    to: Option<PathBuf>,
    /// The table to write; without it, standard output
    #[arg(long, value_name = "CSV")]
    out: Option<PathBuf>,
    /// Also the column length_m, of the quickest drive; takes much longer
    #[arg(long, conflicts_with = "graph")]
    length: bool,
    /// How far from a road the points may lie
    #[arg(long, value_name = "METRES", default_value_t = words::SNAP_LIMIT_M, conflicts_with = "graph")]
    snap_limit: u32,
    /// What the points are wanted for
    #[arg(long = "for", value_enum, default_value = "vehicle", conflicts_with = "graph")]
    purpose: Purpose,
    #[command(flatten)]
    conditions: conditions::Args,
    /// Instead of a map: a directory with vertices.csv (id,lat,lon) and edges.csv (id,from,to,travel_time_ds,length_m)
    #[arg(long, value_name = "DIR", requires = "pairs", requires = "out", conflicts_with = "conditions")]
    graph: Option<PathBuf>,
    /// Pairs of vertices of the graph: a table of from,to; the answer has the columns from,to,travel_time_ds
    #[arg(long, value_name = "CSV", conflicts_with = "map")]
    pairs: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match (args, &args.graph, &args.map) {
        (Args { pairs: Some(pairs), out: Some(out), .. }, Some(graph), _) => vertices::run(graph, pairs, out),
        (Args { from: Some(from), to: Some(to), .. }, _, Some(map)) => between_points(args, map, from, to),
        _ => bail!("a map goes with --from and --to, --graph with --pairs and --out"),
    }
}

/// A point of a table, brought to a road.
struct Stop {
    id: String,
    place: Place,
}

/// What the table of times comes to.
#[derive(Default)]
struct Totals {
    unreachable: u64,
    querying: Duration,
}

fn between_points(args: &Args, map: &Path, from: &Path, to: &Path) -> anyhow::Result<()> {
    let map = words::open(map)?;
    let conditions = args.conditions.conditions(&map)?;
    let (from, to) = (stops(args, &map, from)?, stops(args, &map, to)?);
    let query = while_busy("preparing travel times", || conditions.query(&map));
    let totals = write(args, query, &from, &to)?;
    let Some(out) = &args.out else { return Ok(()) };
    let pairs = from.len() as u64 * to.len() as u64;
    let mean = totals.querying.as_secs_f64() * 1e6 / pairs as f64;
    let mut text = format!("{} x {} times -> {}\n{}\n", from.len(), to.len(), out.display(), conditions.text());
    if 0 < totals.unreachable {
        text.push_str(&format!("note: {} pairs have no road between them; their time is empty\n", totals.unreachable));
    }
    let json = json!({
        "conditions": conditions.json(),
        "pairs": pairs,
        "unreachable": totals.unreachable,
        "query_us_mean": rounded(mean, 3),
    });
    say(&format!("{text}map data {}\n{json}\n", map.credit()))
}

/// Reads points and brings all of them to roads, or says which are too far from any.
fn stops(args: &Args, map: &PreparedMap, file: &Path) -> anyhow::Result<Vec<Stop>> {
    const TOLD_MAX: usize = 10;
    let options = args.purpose.options(Metres::from_metres(u64::from(args.snap_limit)));
    let (mut stops, mut far) = (Vec::new(), Vec::new());
    let mut line_of: BTreeMap<String, u64> = BTreeMap::new();
    table::read(file, ["id", "lat", "lon"], |row| {
        let (id, at): (String, LatLon) = (row.text(0).to_owned(), row.position(1, 2)?);
        if id.is_empty() {
            return Err(row.wrong(0, "every point needs an id"));
        }
        if let Some(line) = line_of.insert(id.clone(), row.line()) {
            return Err(row.wrong(0, &format!("line {line} has this id already; each id stands once")));
        }
        match map.snap_by(at, &options) {
            Ok(snapped) => stops.push(Stop { id, place: snapped.place }),
            Err(problem) => far.push(format!("line {}, {id} at {at}: {problem}", row.line())),
        }
        Ok::<(), ReadTableError>(())
    })?;
    if far.is_empty() {
        return Ok(stops);
    }
    let (count, file) = (far.len(), file.display());
    let more = if count <= TOLD_MAX { String::new() } else { format!("\n  and {} more", count - TOLD_MAX) };
    far.truncate(TOLD_MAX);
    bail!("{file}: points too far from a road: {count}; --snap-limit METRES allows more\n  {}{more}", far.join("\n  "))
}

fn write(args: &Args, mut query: RoadQuery, from: &[Stop], to: &[Stop]) -> anyhow::Result<Totals> {
    let mut csv = csv::Writer::from_writer(Output::to(args.out.as_deref())?);
    let mut header = vec!["from", "to", "travel_time_ms"];
    header.extend(args.length.then_some("length_m"));
    csv.write_record(header)?;
    let places: Vec<Place> = to.iter().map(|stop| stop.place).collect();
    let (mut totals, mut times) = (Totals::default(), Vec::new());
    let mut bar = LateBar::new(from.len(), "driving times");
    for start in from {
        let since = Instant::now();
        query.one_to_many(start.place, &places, &mut times);
        totals.querying += since.elapsed();
        for (end, &time) in to.iter().zip(&times) {
            totals.unreachable += u64::from(time.is_none());
            let time = time.map(|time| time.as_millis().to_string()).unwrap_or_default();
            let mut record = vec![start.id.clone(), end.id.clone(), time];
            record.extend(args.length.then(|| length(&mut query, start.place, end.place)));
            csv.write_record(record)?;
        }
        bar.step(1);
    }
    bar.finish();
    finish(csv)?;
    Ok(totals)
}

/// In metres to the millimetre; empty if no road leads there.
fn length(query: &mut RoadQuery, from: Place, to: Place) -> String {
    query.path(from, to).map(|path| words::metres(path.length()).to_string()).unwrap_or_default()
}

fn finish(csv: csv::Writer<Output>) -> anyhow::Result<()> {
    csv.into_inner().map_err(|error| error.into_error()).context("the table is not complete")?.finish()
}

/// Whole tenths of a second; times in a graph of such are whole.
fn tenths(time: TravelTime) -> u32 {
    time.as_millis() / 100
}
