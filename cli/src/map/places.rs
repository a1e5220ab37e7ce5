//! `mukae map places`: where people go and where they live, out of an extract, as tables that a planner corrects.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use mukae_maps::meta::OSM_CREDIT;
use mukae_maps::osm::places::{self, HomesFrom, PlaceKind, PlacesOptions, TownPlaces, read_places};
use mukae_sim::demand::synthetic::{write_homes, write_places};

use crate::output::Output;
use crate::progress::LateBar;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The extract (.osm.pbf)
    extract: PathBuf,
    /// Where to write the places, as a table (docs/synthetic-demand.md)
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where to write residents by cells of about 250 m
    #[arg(long, value_name = "FILE")]
    homes: Option<PathBuf>,
    /// How many people live there in all; without it, it is guessed from the homes
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    residents: Option<u64>,
    /// By what residents are counted; without it, by buildings if the extract has homes among them
    #[arg(long, value_enum)]
    homes_from: Option<From>,
    /// Refuse an extract of which a part is damaged, instead of leaving that part out
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum From {
    Buildings,
    Streets,
}

/// So many places of a kind are named.
const NAMED: usize = 3;

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let homes_from = args.homes_from.map(|from| match from {
        From::Buildings => HomesFrom::Buildings,
        From::Streets => HomesFrom::Streets,
    });
    let options = PlacesOptions { strict: args.strict, homes_from, residents: args.residents };
    let mut bar = LateBar::new(1000, "reading places");
    let mut shown = 0;
    let town = read_places(&args.extract, &options, &mut |part| {
        let upto = (part * 1000.0) as usize;
        bar.step(upto.saturating_sub(shown));
        shown = shown.max(upto);
    })?;
    bar.finish();
    write(&args.out, |file| write_places(&town, file))?;
    if let Some(homes) = &args.homes {
        write(homes, |file| write_homes(&town, file))?;
    }
    print!("{}", told(&town, args));
    Ok(())
}

fn write(path: &Path, table: impl FnOnce(&mut Output) -> Result<(), csv::Error>) -> anyhow::Result<()> {
    let mut file = Output::file(path)?;
    table(&mut file)?;
    file.finish()
}

fn told(town: &TownPlaces, args: &Args) -> String {
    let mut text = format!("{} -> {}\n", args.extract.display(), args.out.display());
    for kind in PlaceKind::ALL {
        let mut of_kind: Vec<&places::Place> = town.places.iter().filter(|place| place.kind == kind).collect();
        of_kind.sort_by_key(|place| (place.name.is_empty(), std::cmp::Reverse(place.weight.visitors)));
        let named: Vec<&str> =
            of_kind.iter().map(|place| place.name.as_str()).filter(|name| !name.is_empty()).collect();
        if !of_kind.is_empty() {
            let first = named[..named.len().min(NAMED)].join(", ");
            let rest = if NAMED < named.len() { ", ..." } else { "" };
            text.push_str(&format!("{:>6}  {:<12}  {first}{rest}\n", of_kind.len(), kind.name()));
        }
    }
    let missing: Vec<&str> = PlaceKind::ALL
        .into_iter()
        .filter(|kind| town.places.iter().all(|place| place.kind != *kind))
        .map(PlaceKind::name)
        .collect();
    if !missing.is_empty() {
        text.push_str(&format!("  none: {}\n", missing.join(", ")));
    }
    if 0 < town.merged {
        text.push_str(&format!("{} objects were one place with another\n", town.merged));
    }
    let mut by_weight: BTreeMap<&str, usize> = BTreeMap::new();
    town.places.iter().for_each(|place| *by_weight.entry(place.weight.from.name()).or_default() += 1);
    let by_weight: Vec<String> = by_weight.iter().map(|(from, count)| format!("{count} by {from}")).collect();
    text.push_str(&format!("weights: {}\n", by_weight.join(", ")));
    text.push_str(&homes_told(town, args));
    if 0 < town.without_position {
        text.push_str(&format!(
            "note: {} objects are left out, the extract has no node of them\n",
            town.without_position
        ));
    }
    for damage in &town.damage {
        text.push_str(&format!("note: A PART IS MISSING: {damage}; `--strict` refuses such a file\n"));
    }
    text.push_str(&format!("data {OSM_CREDIT}\n"));
    text
}

fn homes_told(town: &TownPlaces, args: &Args) -> String {
    let residents: u64 = town.homes.iter().map(|home| home.residents).sum();
    let counted = match (town.homes_from, args.homes_from) {
        (HomesFrom::Buildings, _) => format!("by {} homes in buildings", town.counted),
        (HomesFrom::Streets, Some(_)) => format!("by {} km of streets", town.counted / 1000),
        (HomesFrom::Streets, None) => {
            format!("by {} km of streets, as no building of the extract is a home", town.counted / 1000)
        }
    };
    let total = if args.residents.is_some() { "as told" } else { "a guess; --residents says how many there are" };
    let to = args.homes.as_ref().map_or(String::new(), |homes| format!(" -> {}", homes.display()));
    format!("{residents} residents ({total}) in {} cells, {counted}{to}\n", town.homes.len())
}
