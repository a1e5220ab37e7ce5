//! `mukae plan DAY.csv`: a day of advance bookings in, manifests and a map out.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use jiff::civil::Date;
use mukae_sim::day_plan::{self, Bookings, DayPlan, Effort, Progress, write_left, write_manifest};
use mukae_sim::demand::csv::{self, Strictness};
use mukae_sim::report;
use mukae_sim::scenario::{Files, Knob, Rules, Scenario};

use crate::output::Output;
use crate::progress;
use crate::sim::stage_of;
use crate::town::Town;

/// Steps of the search unless it is said how many: seconds for a day of a small town.
const STEPS: u64 = 40_000;
/// Steps for each look for room, unless the policy of a scenario says how many.
const ROOM_STEPS: u32 = 1_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The bookings of the day (docs/demand-csv.md)
    #[arg(value_name = "DAY.csv")]
    bookings: PathBuf,
    /// Where to put the page, index.html, and the tables manifest.csv and left.csv
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The town's configuration; without it, the built-in town
    #[arg(long, conflicts_with = "scenario")]
    config: Option<PathBuf>,
    /// A scenario (docs/simulator.md), for its town, fleet and policy; its demand is not looked at
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// Which of the scenario's policies; needed if it has several
    #[arg(long, requires = "scenario")]
    policy: Option<String>,
    /// The day to plan, if the table has several
    #[arg(long, value_name = "DATE")]
    day: Option<Date>,
    /// Look for better plans in so many steps; the same number gives the same plan
    #[arg(long)]
    steps: Option<u64>,
    /// Look for better plans for so long; how many steps that were is printed
    #[arg(long)]
    seconds: Option<u64>,
    /// Another number, another search
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write into a directory that is not empty
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let started = Instant::now();
    free(&args.out, args.force)?;
    let (town, rules) = town(args)?;
    let stage = stage_of(town.clone(), String::new());
    let bookings = bookings(args, &town)?;
    let room_steps = rules.value(Knob::RoomSteps).and_then(|steps| u32::try_from(steps).ok()).unwrap_or(ROOM_STEPS);
    let steps = args.steps.unwrap_or(if args.seconds.is_some() { u64::MAX } else { STEPS });
    let mut telling = Telling::new(bookings.rows.len(), steps, args.seconds);
    let effort = Effort { steps, room_steps, seed: args.seed };
    let planned = day_plan::plan(bookings, &stage, &rules, effort, &mut |progress| telling.tell(progress));
    telling.bar.finish_and_clear();
    let plan = planned.with_context(|| args.bookings.display().to_string())?;
    write(&plan, &town, &args.out)?;
    summary(&plan, args, started.elapsed());
    if !plan.faults.is_empty() {
        bail!("the plan is not what it should be, and must not be used: {:?}", plan.faults);
    }
    Ok(())
}

/// Nothing of anybody's is written over.
fn free(out: &Path, force: bool) -> anyhow::Result<()> {
    if !out.exists() {
        return Ok(());
    }
    let mut there = fs::read_dir(out).with_context(|| format!("--out {} is no directory", out.display()))?;
    if there.next().is_some() && !force {
        bail!("{} is not empty; name another directory, or say --force to write into it", out.display());
    }
    Ok(())
}

/// The town, and what its policy does differently from its configuration.
fn town(args: &Args) -> anyhow::Result<(Town, Rules)> {
    let Some(file) = &args.scenario else { return Ok((Town::of(args.config.as_deref())?, Rules::default())) };
    let scenario = Scenario::load(file, &Files::beside(file))?;
    let names = || scenario.policies.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>().join(", ");
    let policy = match &args.policy {
        Some(name) => scenario
            .policies
            .iter()
            .find(|policy| policy.name == *name)
            .with_context(|| format!("{} has no policy {name}; it has {}", file.display(), names()))?,
        None if scenario.policies.len() == 1 => &scenario.policies[0],
        None => bail!("{} has several policies: say with --policy which of {}", file.display(), names()),
    };
    if !scenario.sweep.is_empty() {
        eprintln!("not used: what {} sweeps; a plan is made once", file.display());
    }
    Ok((Town::of(scenario.town.as_deref())?, policy.rules.clone()))
}

fn bookings(args: &Args, town: &Town) -> anyhow::Result<Bookings> {
    let named = || args.bookings.display().to_string();
    let file = File::open(&args.bookings).with_context(|| format!("cannot read {}", named()))?;
    let table = csv::read(file, Strictness::Lenient).with_context(named)?;
    for problem in &table.problems {
        eprintln!("{}: {problem}", named());
    }
    Bookings::of(table, args.day, &town.config.area.time_zone).with_context(named)
}

fn write(plan: &DayPlan, town: &Town, out: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    let name = town.name();
    let place = report::Place { name: &name, zone: &town.config.area.time_zone, map: &town.map };
    let mut manifest = Output::file(&out.join("manifest.csv"))?;
    write_manifest(plan, &town.map, &mut manifest)?;
    manifest.finish()?;
    let mut left = Output::file(&out.join("left.csv"))?;
    write_left(plan, &mut left)?;
    left.finish()?;
    let page = out.join("index.html");
    fs::write(&page, report::plan(plan, &place)).with_context(|| format!("cannot write {}", page.display()))
}

fn summary(plan: &DayPlan, args: &Args, took: Duration) {
    let carrying: Vec<_> = plan.tours.iter().filter(|tour| !tour.visits.is_empty()).collect();
    let km = carrying.iter().map(|tour| tour.driven().as_metres()).sum::<u64>() as f64 / 1000.0;
    let out = carrying.iter().filter_map(|tour| tour.out()).map(|out| out.as_secs()).sum::<i64>() as f64 / 3600.0;
    let (served, left) = (plan.riders.len(), plan.left.len());
    println!("{}: {served} of {} bookings carried, {left} left", plan.date, served + left);
    println!(
        "{} shifts of {} carry somebody: {km:.1} km, {out:.1} h from setting out to coming back",
        carrying.len(),
        plan.tours.len()
    );
    for left in &plan.left {
        let id = left.row.as_ref().map_or(String::new(), |row| format!(", {}", row.id));
        println!("  left: line {}{id}: {}", left.line, left.why);
    }
    let asked = plan.riders.iter().filter(|rider| rider.is_driver_asked).count();
    if 0 < asked {
        println!("{asked} of those carried wait for their driver to say yes");
    }
    println!("{} steps of search with seed {} in {:.1} s", plan.steps, plan.seed, took.as_secs_f64());
    println!("open {}", args.out.join("index.html").display());
}

/// A bar for the bookings, and one for the search: of its steps, or of the time it has.
struct Telling {
    bar: ProgressBar,
    of: u64,
    limit: Option<Duration>,
    since: Option<Instant>,
}

impl Telling {
    fn new(bookings: usize, steps: u64, seconds: Option<u64>) -> Telling {
        let bar = progress::bar(bookings as u64, "bookings");
        Telling { bar, of: steps, limit: seconds.map(Duration::from_secs), since: None }
    }

    /// False once the time is over.
    fn tell(&mut self, progress: Progress) -> bool {
        match progress {
            Progress::Asked { done, of } => {
                self.bar.set_position(done as u64);
                if done == of {
                    self.bar.finish_and_clear();
                    let length = self.limit.map_or(self.of, |limit| limit.as_secs());
                    self.bar =
                        progress::bar(length, if self.limit.is_some() { "better plans, s" } else { "better plans" });
                    self.since = Some(Instant::now());
                }
                true
            }
            Progress::Searched { steps } => {
                let took = self.since.map_or(Duration::ZERO, |since| since.elapsed());
                self.bar.set_position(self.limit.map_or(steps, |_| took.as_secs()));
                self.limit.is_none_or(|limit| took < limit)
            }
        }
    }
}
