//! Synthetic demand for `mukae sim run`, `synth` and `mukae demo`: the town's tables, the volume, and days as a table.

use std::fs::File;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use jiff::civil::Date;
use mukae_sim::RequestRow;
use mukae_sim::demand::csv;
use mukae_sim::demand::parquet;
use mukae_sim::demand::synthetic::{Amount, DEFAULTS, Day, Model, Parameters, Summary, Volume, seed_of};
use mukae_sim::random::Luck;
use mukae_sim::scenario::days_of;

use super::Demand;
use crate::town::Town;

/// What synthetic demand is made of.
#[derive(Debug, Args)]
pub(crate) struct Synthetic {
    /// Exactly so many requests on a synthetic day
    #[arg(long, conflicts_with = "volume")]
    requests: Option<usize>,
    /// How many residents use the service: low, mid (as without it) or high
    #[arg(long)]
    volume: Option<Volume>,
    /// Where people go (docs/synthetic-demand.md); without it, the roads of the town tell
    #[arg(long, value_name = "FILE")]
    places: Option<PathBuf>,
    /// Where people live; without it, the roads of the town tell
    #[arg(long, value_name = "FILE")]
    homes: Option<PathBuf>,
    /// How demand is drawn, where it differs from what `synth --parameters` prints
    #[arg(long, value_name = "FILE")]
    habits: Option<PathBuf>,
}

impl Synthetic {
    pub(super) fn amount(&self) -> Amount {
        self.requests.map_or(Amount::Volume(self.volume.unwrap_or(Volume::Mid)), Amount::Requests)
    }

    /// In words, for a page.
    pub(super) fn told(&self) -> String {
        match self.amount() {
            Amount::Requests(count) => format!("{count} requests"),
            Amount::Volume(volume) => format!("{volume} volume"),
        }
    }

    /// The model of a town; what is to be known of it is said on standard error.
    pub(super) fn model(&self, town: &Town, dates: &[Date]) -> anyhow::Result<Model> {
        let parameters = self.habits.as_deref().map(Parameters::load).transpose()?.unwrap_or_default();
        let (places, problems) = town.residents().with_files(self.places.as_deref(), self.homes.as_deref())?;
        problems.iter().for_each(|problem| eprintln!("not used: {problem}"));
        let model = Model::new(places, parameters, &town.map, town.config.area.snap_limit);
        model.told().iter().for_each(|told| eprintln!("{told}"));
        eprintln!("{}", model.fan(dates, UNSCALED));
        Ok(model)
    }
}

/// Thousandths of the amount.
const UNSCALED: i64 = 1000;

#[derive(Debug, Args)]
pub(crate) struct Synth {
    #[command(flatten)]
    demand: Demand,
    /// Several service days instead of one, `2026-12-01..2026-12-31`; each is another draw
    #[arg(long, value_name = "FIRST..LAST", conflicts_with = "date", value_parser = days_of)]
    days: Option<RangeInclusive<Date>>,
    /// Where to write the requests; as Parquet if its name ends with `.parquet`
    #[arg(long, required_unless_present = "parameters")]
    out: Option<PathBuf>,
    /// Print the numbers that demand is drawn by, to be copied and edited, and do nothing else
    #[arg(long)]
    parameters: bool,
}

pub(super) fn run(args: &Synth) -> anyhow::Result<()> {
    let Some(out) = args.out.as_ref().filter(|_| !args.parameters) else {
        print!("{DEFAULTS}");
        return Ok(());
    };
    let town = Town::of(args.demand.config.as_deref())?;
    let (first, last) = args.days.clone().map_or((args.demand.date, args.demand.date), RangeInclusive::into_inner);
    let dates: Vec<Date> =
        std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(|date| *date <= last).collect();
    let model = args.demand.synthetic.model(&town, &dates)?;
    let zone = &town.config.area.time_zone;
    let rows = match &args.days {
        None => day(&model, &town, &args.demand),
        Some(_) => {
            let luck = Luck::new(args.demand.seed);
            let amount = args.demand.synthetic.amount();
            model.days(&dates, zone, amount, UNSCALED, |date| seed_of(luck, date))
        }
    };
    if rows.is_empty() {
        bail!("nobody wants to travel: {}", model.town().told());
    }
    let file = File::create(out).with_context(|| format!("cannot write {}", out.display()))?;
    match out.extension().is_some_and(|end| end.eq_ignore_ascii_case("parquet")) {
        true => parquet::write(&rows, file)?,
        false => csv::write(&rows, zone, file)?,
    }
    println!(
        "{} requests of {} days ({}) written to {}",
        rows.len(),
        dates.len(),
        args.demand.synthetic.told(),
        out.display()
    );
    println!("{}", model.fan(&dates, UNSCALED));
    print!("{}", Summary::of(&rows, model.town(), zone));
    Ok(())
}

/// One day, as `mukae sim run` draws it.
pub(super) fn day(model: &Model, town: &Town, demand: &Demand) -> Vec<RequestRow> {
    let zone = &town.config.area.time_zone;
    let amount = demand.synthetic.amount();
    model.day(&Day { date: demand.date, zone, amount, scale: UNSCALED, seed: demand.seed })
}
