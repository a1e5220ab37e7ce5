//! Simulations on a server: started, followed, ended, and fetched.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use clap::{Args, Subcommand};
use mukae_proto::transit::planning::v1 as pb;
use mukae_proto::transit::planning::v1::simulation::State;
use mukae_proto::transit::planning::v1::simulation_service_client::SimulationServiceClient;
use serde_json::json;

use super::call::Hand;
use super::{Desk, Line, new_request_id, put, said};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  mukae simulations start town-year.toml --attach 2026.csv --watch\n  \
                        mukae simulations fetch tenants/asahi/simulations/s1775070000123 --out results")]
pub(crate) struct Simulations {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    hand: Hand,
    /// The tenant whose they are, tenants/…; without it, that of the service
    #[arg(long, global = true)]
    tenant: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Start one
    Start(Start),
    /// List them
    List {
        /// Only those: state = RUNNING (docs/filters.md)
        #[arg(long)]
        filter: Option<String>,
    },
    /// Show one
    Show { simulation: String },
    /// Follow one until it is over
    Watch { simulation: String },
    /// End one
    Cancel { simulation: String },
    /// Delete one with all its files
    Delete { simulation: String },
    /// List what came of it, figure by figure
    Figures { simulation: String },
    /// Fetch its files
    Fetch(Fetch),
}

#[derive(Debug, Args)]
struct Start {
    /// The scenario (docs/simulator.md)
    scenario: PathBuf,
    /// A file that it names, by its bare name; may be given several times
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// Have a page for people made, too
    #[arg(long)]
    with_report: bool,
    /// Follow it until it is over
    #[arg(long)]
    watch: bool,
}

#[derive(Debug, Args)]
struct Fetch {
    simulation: String,
    /// Where to put them; made if it is not there
    #[arg(long)]
    out: PathBuf,
    /// Only this one, jobs.csv for one; may be given several times
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<String>,
}

type Client = SimulationServiceClient<Line>;

/// Of one message that carries a table.
const TABLE_BYTES_MAX: usize = 32 << 20;

pub(crate) async fn run(args: &Simulations) -> anyhow::Result<()> {
    let hand = &args.hand;
    let is_json = hand.connection.json;
    let line = hand.connection.line().await?;
    let mut client = Client::new(line.clone()).max_encoding_message_size(TABLE_BYTES_MAX);
    let named = |name: &String| json!({ "name": name });
    match &args.verb {
        Verb::Start(start) => {
            let simulation = begin(&mut client, &args.parent().await?, start, hand.dry_run).await?;
            if !start.watch || hand.dry_run {
                return show(&simulation, is_json);
            }
            put(is_json, &json!({ "name": simulation.name }), || format!("{}\n", simulation.name));
            follow(&mut client, &simulation.name, is_json).await
        }
        Verb::Watch { simulation } => follow(&mut client, simulation, is_json).await,
        Verb::Fetch(wanted) => fetch(&mut client, wanted).await,
        Verb::List { filter } => {
            let request = json!({ "parent": args.parent().await?, "filter": filter });
            hand.say(&line, "ListSimulations", request).await
        }
        Verb::Show { simulation } => hand.say(&line, "GetSimulation", named(simulation)).await,
        Verb::Cancel { simulation } => hand.say(&line, "CancelSimulation", named(simulation)).await,
        Verb::Delete { simulation } => hand.say(&line, "DeleteSimulation", named(simulation)).await,
        Verb::Figures { simulation } => hand.say(&line, "ListSimulationFigures", json!({ "parent": simulation })).await,
    }
}

impl Simulations {
    async fn parent(&self) -> anyhow::Result<String> {
        match &self.tenant {
            Some(tenant) => Ok(tenant.clone()),
            None => Desk::open(&self.hand.connection).await?.tenant(),
        }
    }
}

async fn begin(client: &mut Client, parent: &str, start: &Start, dry_run: bool) -> anyhow::Result<pb::Simulation> {
    let read = |file: &Path| fs::read(file).with_context(|| format!("cannot read {}", file.display()));
    let scenario =
        String::from_utf8(read(&start.scenario)?).map_err(|_| anyhow!("{} is not UTF-8", start.scenario.display()))?;
    let mut attachments = Vec::new();
    for path in &start.attach {
        let name = path.file_name().with_context(|| format!("{} is no file", path.display()))?;
        attachments.push(pb::SimulationAttachment { file: name.to_string_lossy().into_owned(), content: read(path)? });
    }
    let request = pb::CreateSimulationRequest {
        parent: parent.to_owned(),
        scenario,
        attachments,
        with_report: start.with_report,
        request_id: new_request_id(),
        validate_only: dry_run,
    };
    Ok(client.create_simulation(request).await.map_err(said)?.into_inner())
}

/// A line whenever it has come farther.
async fn follow(client: &mut Client, name: &str, is_json: bool) -> anyhow::Result<()> {
    let request = pb::WatchSimulationRequest { name: name.to_owned() };
    let mut stream = client.watch_simulation(request).await.map_err(said)?.into_inner();
    let mut last = None;
    while let Some(message) = stream.message().await.map_err(said)? {
        let Some(pb::watch_simulation_response::Update::Simulation(simulation)) = message.update else { continue };
        show(&simulation, is_json)?;
        last = Some(simulation);
    }
    match last {
        Some(simulation) if simulation.state() == State::Failed => bail!("it failed: {}", simulation.failure),
        _ => Ok(()),
    }
}

fn show(simulation: &pb::Simulation, is_json: bool) -> anyhow::Result<()> {
    let state = simulation.state().as_str_name().trim_start_matches("STATE_");
    let progress = simulation.progress.unwrap_or_default();
    let left = progress.remaining_duration.map(|left| left.seconds);
    let value = json!({
        "name": simulation.name,
        "scenario_name": simulation.scenario_name,
        "state": state,
        "queue_position": simulation.queue_position,
        "share_permille": progress.share_permille,
        "done_job_count": progress.done_job_count,
        "job_count": progress.job_count,
        "left_s": left,
        "failure": simulation.failure,
    });
    put(is_json, &value, || match simulation.state() {
        State::Queued => format!("{}  QUEUED, {} before it\n", simulation.name, simulation.queue_position),
        State::Running => {
            let pb::SimulationProgress { share_permille: share, done_job_count: done, job_count: jobs, .. } = progress;
            let left = left.map_or(String::new(), |left| format!(", {left} s left"));
            format!("{}  RUNNING, {}.{} %, {done} of {jobs} jobs{left}\n", simulation.name, share / 10, share % 10)
        }
        _ if simulation.failure.is_empty() => format!("{}  {state}\n", simulation.name),
        _ => format!("{}  {state}: {}\n", simulation.name, simulation.failure),
    });
    Ok(())
}

/// All results, unless some files are named.
async fn fetch(client: &mut Client, wanted: &Fetch) -> anyhow::Result<()> {
    let name = &wanted.simulation;
    let files = if wanted.files.is_empty() {
        let request = pb::GetSimulationRequest { name: name.clone() };
        let simulation = client.get_simulation(request).await.map_err(said)?.into_inner();
        simulation.files.into_iter().map(|file| file.file).collect()
    } else {
        wanted.files.clone()
    };
    for file in files {
        let path = within(&wanted.out, &file)?;
        let cannot = || format!("cannot write {}", path.display());
        fs::create_dir_all(path.parent().unwrap_or(&wanted.out)).with_context(cannot)?;
        let request = pb::ExportSimulationFileRequest { name: name.clone(), file: file.clone() };
        let mut parts = client.export_simulation_file(request).await.map_err(said)?.into_inner();
        let mut out = File::create(&path).with_context(cannot)?;
        let mut bytes = 0;
        while let Some(part) = parts.message().await.map_err(said)? {
            out.write_all(&part.content).with_context(cannot)?;
            bytes += part.content.len();
        }
        println!("{}  {bytes} bytes", path.display());
    }
    Ok(())
}

/// Nothing that a server says leads out of the directory.
fn within(directory: &Path, file: &str) -> anyhow::Result<PathBuf> {
    let is_inside = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
    if file.is_empty() || !is_inside {
        bail!("{file:?} is no name of a file");
    }
    Ok(directory.join(file))
}
