//! A file of requests in one of the formats of docs/demand-formats.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_sim::RequestRow;
use mukae_sim::demand::boardings::{self, Counted};
use mukae_sim::demand::csv::{self, Strictness, Table};
use mukae_sim::demand::plane::Plane;
use mukae_sim::demand::{RowProblem, fleetpy, matsim, parquet};
use mukae_units::{Span, Time};

use crate::town::instant;

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Format {
    /// Our own table (docs/demand-csv.md); what a `.csv` is taken for
    Native,
    /// The same as Parquet; what a `.parquet` is taken for
    Parquet,
    /// Requests of FleetPy between the nodes of --nodes
    Fleetpy,
    /// Legs of one --mode in a population of MATSim; what a `.xml` or `.xml.gz` is taken for
    Matsim,
    /// Counted boardings between the stops of --stops
    Boardings,
    /// A dial-a-ride problem; it has no map
    Darp,
    /// The journal of an area (docs/past.md); what a directory is taken for
    Journal,
}

/// How a file of another program is to be understood.
#[derive(Debug, Args)]
pub(crate) struct Foreign {
    /// What the file of --demand holds; without it, by the end of its name
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// FleetPy's nodes.csv
    #[arg(long, value_name = "FILE")]
    nodes: Option<PathBuf>,
    /// stops.txt of a GTFS or GTFS-JP feed
    #[arg(long, value_name = "FILE")]
    stops: Option<PathBuf>,
    /// Coordinate system of the file: EPSG:4326, or a northern zone of UTM such as EPSG:32654
    #[arg(long, default_value = "EPSG:4326")]
    crs: String,
    /// The mode whose legs are requests
    #[arg(long, default_value = "drt")]
    mode: String,
    /// Minutes after the time asked for in which riders can still be fetched, where a format does not say
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(0..=1440))]
    wait_max: u16,
}

/// What a file is read against.
pub(crate) struct Day<'a> {
    pub zone: &'a TimeZone,
    pub date: Date,
    pub seed: u64,
}

impl Foreign {
    pub(crate) fn is_journal(&self, path: &Path) -> bool {
        self.format.map_or_else(|| path.is_dir(), |format| format == Format::Journal)
    }

    pub(crate) fn read(&self, path: &Path, day: &Day<'_>, strictness: Strictness) -> anyhow::Result<Table> {
        let open = |path: &Path| File::open(path).with_context(|| format!("cannot read {}", path.display()));
        let named = || path.display().to_string();
        let wait_max = Span::from_mins(i64::from(self.wait_max));
        let begin = || -> anyhow::Result<Time> { Ok(instant(&day.date.to_zoned(day.zone.clone())?)) };
        match self.format_of(path)? {
            Format::Native => csv::read(open(path)?, strictness).with_context(named),
            Format::Parquet => parquet::read(open(path)?, strictness).with_context(named),
            Format::Fleetpy => {
                let Some(nodes) = &self.nodes else { bail!("FleetPy's requests need --nodes, its nodes.csv") };
                let found = fleetpy::read_nodes(open(nodes)?, Plane::parse(&self.crs).context("--crs")?);
                let found = found.with_context(|| nodes.display().to_string())?;
                tell(nodes, &found.problems, strictness)?;
                let requests = fleetpy::read_requests(open(path)?, strictness).with_context(named)?;
                Ok(fleetpy::to_rows(requests, &found, begin()?, wait_max))
            }
            Format::Matsim => {
                let plane = Plane::parse(&self.crs).context("--crs")?;
                let wanted = matsim::Wanted { mode: self.mode.clone(), plane, begin: begin()?, wait_max };
                matsim::read(open(path)?, &wanted, strictness).with_context(named)
            }
            Format::Boardings => {
                let Some(stops) = &self.stops else { bail!("boardings need --stops, stops.txt of the feed") };
                let found = boardings::read_stops(open(stops)?).with_context(|| stops.display().to_string())?;
                tell(stops, &found.problems, strictness)?;
                let counted = Counted { zone: day.zone.clone(), date: day.date, seed: day.seed, wait_max };
                boardings::read(open(path)?, &found, &counted, strictness).with_context(named)
            }
            Format::Journal => bail!("{}: a journal is no table of requests", named()),
            Format::Darp => bail!(
                "{}: a dial-a-ride problem lies in a plane of its own and not on a map; \
                 `mukae sim validate --darp {}` lets it run there",
                named(),
                named()
            ),
        }
    }

    fn format_of(&self, path: &Path) -> anyhow::Result<Format> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let is = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        Ok(match () {
            () if is(&[".csv"]) => Format::Native,
            () if is(&[".parquet"]) => Format::Parquet,
            () if is(&[".xml", ".xml.gz"]) => Format::Matsim,
            () => bail!(
                "{}: --format says what this file holds; .csv, .parquet, .xml and .xml.gz are known",
                path.display()
            ),
        })
    }
}

/// Problems of a file beside the requests; what it lacks shows again where a request needs it.
fn tell(path: &Path, problems: &[RowProblem], strictness: Strictness) -> anyhow::Result<()> {
    if let (Strictness::Strict, Some(problem)) = (strictness, problems.first()) {
        bail!("{}: {problem}", path.display());
    }
    problems.iter().for_each(|problem| eprintln!("not used: {}: {problem}", path.display()));
    Ok(())
}

/// Why rows were dropped, in a line; nothing if none were.
pub(crate) fn reasons(problems: &[RowProblem]) -> Option<String> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    problems.iter().for_each(|problem| *count.entry(problem.column).or_default() += 1);
    let reasons: Vec<String> = count.into_iter().map(|(column, count)| format!("{column} {count}")).collect();
    (!reasons.is_empty()).then(|| reasons.join(", "))
}

/// Days between the first and the last request on which nobody wants to travel.
pub(crate) fn empty_days(rows: &[RequestRow], zone: &TimeZone) -> Vec<Date> {
    let days: BTreeSet<Date> =
        rows.iter().map(|row| mukae_server::config::civil_date(zone, row.window.earliest())).collect();
    let (Some(&first), Some(&last)) = (days.first(), days.last()) else { return Vec::new() };
    let all = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(|day| *day < last);
    all.filter(|day| !days.contains(day)).collect()
}
