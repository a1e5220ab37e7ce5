//! `mukae map`: prepare a map from an extract, and ask it what a planner or a mapper wants to know.
//!
//! `docs/map-commands.md` shows each command with its output.

mod check;
mod conditions;
mod feature;
mod geojson;
mod info;
mod matrix;
mod nearest;
mod overlay;
mod phrases;
mod places;
mod route;
mod words;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use mukae_maps::Profile;
use mukae_maps::build::{BuildOptions, BuildReport, build_map};
use mukae_maps::osm::DrivingSide;
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
    Info(info::Args),
    /// Drive from one point to another: time, length and what to do on the way
    Route(route::Args),
    /// Driving times from many points to many others, as a table
    ///
    /// With --graph instead of a map: between pairs of vertices of a road graph in two tables.
    Matrix(matrix::Args),
    /// The nearest places on roads
    Nearest(nearest::Args),
    /// Read a file of closures and slow roads, and say what it does to the map
    Overlay(overlay::Args),
    /// Say which roads are not connected, and where a mapper can put it right
    Check(check::Args),
    /// Read where people go and where they live out of an extract, as tables to correct (docs/synthetic-demand.md)
    Places(places::Args),
    /// Write the roads as GeoJSON, to look at them in any map viewer
    Geojson(geojson::Args),
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
        Verb::Info(args) => info::run(args),
        Verb::Route(args) => route::run(args),
        Verb::Matrix(args) => matrix::run(args),
        Verb::Nearest(args) => nearest::run(args),
        Verb::Overlay(args) => overlay::run(args),
        Verb::Check(args) => check::run(args),
        Verb::Places(args) => places::run(args),
        Verb::Geojson(args) => geojson::run(args),
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

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}
