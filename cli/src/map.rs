//! `mukae map`: prepare a map from an extract, and say what is in one.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use mukae_maps::build::{BuildOptions, BuildReport, build_map};
use mukae_maps::osm::DrivingSide;
use mukae_maps::{PreparedMap, Profile};
use serde_json::json;

use crate::progress::BuildBar;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Prepare a map from an OpenStreetMap extract (.osm.pbf)
    ///
    /// The last line printed is one JSON object: nodes, edges, km (each road once), turn_restrictions, profile,
    /// damaged_blocks, largest_component_share, build_ms, bytes.
    Build {
        /// The extract
        extract: PathBuf,
        /// Where to write the prepared map
        #[arg(long)]
        out: PathBuf,
        /// Which side people drive on; without it, the roundabouts of the extract tell
        #[arg(long, value_enum)]
        drive_on: Option<Side>,
        /// How to read the roads: a profile file, or the name of a built-in one; without it, where the
        /// extract lies tells
        #[arg(long, value_name = "FILE|NAME")]
        profile: Option<String>,
        /// Refuse an extract of which a part is damaged, instead of leaving that part out
        #[arg(long)]
        strict: bool,
    },
    /// Print a built-in profile, to be copied and edited
    Profile {
        /// Which one; without it, the names of all are printed
        name: Option<String>,
        /// Print also what it inherits
        #[arg(long, requires = "name")]
        whole: bool,
    },
    /// Say what a prepared map holds and what it was made from
    Info {
        /// A prepared map
        map: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Side {
    Left,
    Right,
}

pub(crate) fn run(verb: &Verb) -> anyhow::Result<()> {
    match verb {
        Verb::Build { extract, out, drive_on, profile, strict } => {
            let driving_side = drive_on.map(|side| match side {
                Side::Left => DrivingSide::Left,
                Side::Right => DrivingSide::Right,
            });
            let profile = profile.as_deref().map(Profile::load).transpose()?;
            let built = build(extract, out, &BuildOptions { profile, driving_side, strict: *strict })?;
            print!("{}", built.summary(extract, out));
            println!("{}", built.json());
            Ok(())
        }
        Verb::Profile { name, whole } => profile(name.as_deref(), *whole),
        Verb::Info { map, json } => info(map, *json),
    }
}

fn profile(name: Option<&str>, whole: bool) -> anyhow::Result<()> {
    let Some(name) = name else {
        Profile::built_in().for_each(|name| println!("{name}"));
        return Ok(());
    };
    let known = || Profile::built_in().collect::<Vec<_>>().join(", ");
    let text = Profile::built_in_text(name)
        .with_context(|| format!("there is no built-in profile `{name}`; there are: {}", known()))?;
    match Profile::named(name).filter(|_| whole) {
        Some(profile) => print!("{}", profile.to_toml()),
        None => print!("{text}"),
    }
    Ok(())
}

/// A finished build, for people and for programs.
#[derive(Debug)]
pub(crate) struct Built {
    report: BuildReport,
    credit: String,
    build_ms: u128,
    bytes: u64,
}

/// Builds a map with a progress bar and writes it.
pub(crate) fn build(extract: &Path, out: &Path, options: &BuildOptions) -> anyhow::Result<Built> {
    let started = Instant::now();
    let bar = BuildBar::new();
    let built = build_map(extract, options, &mut |stage, part| bar.show(stage, part));
    bar.finish();
    let (map, report) = built?;
    let bytes = map.save(out)?;
    Ok(Built { report, credit: map.credit().to_owned(), build_ms: started.elapsed().as_millis(), bytes })
}

impl Built {
    fn summary(&self, extract: &Path, out: &Path) -> String {
        let report = &self.report;
        let side = match report.driving_side {
            DrivingSide::Left => "left",
            DrivingSide::Right => "right",
        };
        let mut text = format!(
            "{} -> {}\n{} junctions, {} edges, {:.1} km of road; drives on the {side}\nprofile {}{}\n{:.1} % of the network is connected\n",
            extract.display(),
            out.display(),
            report.nodes,
            report.edges,
            report.road_length.as_km(),
            report.profile,
            if report.is_profile_guessed { ", by where the extract lies; --profile chooses another" } else { "" },
            report.largest_component_share * 100.0,
        );
        for note in report.notes() {
            text.push_str(&format!("note: {note}\n"));
        }
        text.push_str(&format!("map data {}\n", self.credit));
        text
    }

    fn json(&self) -> serde_json::Value {
        let report = &self.report;
        json!({
            "nodes": report.nodes,
            "edges": report.edges,
            "km": rounded(report.road_length.as_km(), 3),
            "turn_restrictions": report.turn_restrictions,
            "profile": report.profile,
            "damaged_blocks": report.read_faults.damage.len(),
            "largest_component_share": rounded(report.largest_component_share, 4),
            "build_ms": self.build_ms,
            "bytes": self.bytes,
        })
    }
}

fn info(path: &Path, as_json: bool) -> anyhow::Result<()> {
    let map = PreparedMap::open(path)?;
    let bytes = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    let facts = facts(&map, bytes);
    if as_json {
        println!("{}", serde_json::Value::from_iter(facts));
        return Ok(());
    }
    println!("{}", path.display());
    for (key, value) in facts {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        println!("{key:>24}  {value}");
    }
    for warning in map.meta().warnings() {
        println!("note: {warning}");
    }
    Ok(())
}

/// What a person or a program may want to know of a map, in the order to read it.
fn facts(map: &PreparedMap, bytes: u64) -> Vec<(&'static str, serde_json::Value)> {
    let (graph, meta) = (map.graph(), map.meta());
    let as_of = meta.as_of.and_then(|secs| jiff::Timestamp::from_second(secs).ok());
    let corners = [meta.bounds.south_west, meta.bounds.north_east];
    vec![
        ("nodes", graph.node_count().into()),
        ("edges", graph.edge_count().into()),
        ("turn_restrictions", meta.turn_restrictions.into()),
        ("bytes", bytes.into()),
        ("checksum", format!("{:016x}", map.checksum()).into()),
        ("source", meta.source.clone().into()),
        ("source_blake3", meta.source_digest.clone().into()),
        ("as_of", as_of.map(|as_of| as_of.to_string()).into()),
        ("south_west", corners[0].to_string().into()),
        ("north_east", corners[1].to_string().into()),
        ("driving_side", meta.driving_side.to_string().into()),
        ("profile", meta.profile.clone().into()),
        ("profile_blake3", meta.profile_digest.clone().into()),
        ("credit", map.credit().into()),
    ]
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}
