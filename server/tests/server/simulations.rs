//! Simulations as their callers see them, with a script in place of the program that simulates; with that program itself
//! in `cli/tests/simulations.rs`.

use std::path::Path;
use std::time::Duration;

use mukae_proto::transit::planning::v1 as pb;
use mukae_proto::transit::planning::v1::simulation::State;
use mukae_proto::transit::planning::v1::simulation_service_client::SimulationServiceClient;
use mukae_server::{Config, Options, Store, serve};
use tokio_stream::StreamExt;
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::support::*;

const TENANT: &str = "tenants/alofi";

/// Two tenants, and simulations in a directory.
fn town(dir: &Path) -> Config {
    let other = "\n[[service]]\ntenant = \"avatele\"\nid = \"ride\"\n\n[[vehicle]]\ntenant = \"alofi\"";
    let text = CONFIG.replacen("\n[[vehicle]]\ntenant = \"alofi\"", other, 1);
    let mut config = Config::parse(&text, Path::new("")).unwrap();
    config.server.simulations.directory = Some(dir.join("simulations"));
    config
}

async fn open(config: Config) -> House {
    House::open_beating(config, Store::Configured, MORNING, Duration::from_millis(200)).await
}

fn client(house: &House) -> SimulationServiceClient<Channel> {
    SimulationServiceClient::new(house.channel.clone()).max_encoding_message_size(64 << 20)
}

fn order(scenario: &str, request_id: &str) -> pb::CreateSimulationRequest {
    pb::CreateSimulationRequest {
        parent: TENANT.to_owned(),
        scenario: format!("name = \"trial\"\n{scenario}\n"),
        request_id: request_id.to_owned(),
        ..Default::default()
    }
}

async fn start(house: &House, scenario: &str, request_id: &str) -> pb::Simulation {
    client(house).create_simulation(order(scenario, request_id)).await.unwrap().into_inner()
}

async fn get(house: &House, name: &str) -> Result<pb::Simulation, Status> {
    let request = pb::GetSimulationRequest { name: name.to_owned() };
    client(house).get_simulation(request).await.map(tonic::Response::into_inner)
}

/// Watched until it is as it should be.
async fn watched(house: &House, name: &str, is_it: impl Fn(&pb::Simulation) -> bool) -> pb::Simulation {
    let request = pb::WatchSimulationRequest { name: name.to_owned() };
    let mut stream = client(house).watch_simulation(request).await.unwrap().into_inner();
    let watching = async {
        while let Some(message) = stream.next().await {
            if let Some(pb::watch_simulation_response::Update::Simulation(simulation)) = message.unwrap().update
                && is_it(&simulation)
            {
                return simulation;
            }
        }
        panic!("{name} is over, and not as it should be");
    };
    tokio::time::timeout(Duration::from_secs(20), watching).await.expect(name)
}

async fn over(house: &House, name: &str) -> pb::Simulation {
    let is_over = |it: &pb::Simulation| ![State::Queued, State::Running].contains(&it.state());
    watched(house, name, is_over).await
}

async fn under_way(house: &House, name: &str) -> pb::Simulation {
    watched(house, name, |it| it.progress.is_some_and(|progress| progress.share_permille == 625)).await
}

async fn fetched(house: &House, name: &str, file: &str) -> Result<Vec<Vec<u8>>, Status> {
    let request = pb::ExportSimulationFileRequest { name: name.to_owned(), file: file.to_owned() };
    let mut stream = client(house).export_simulation_file(request).await?.into_inner();
    let mut parts = Vec::new();
    while let Some(part) = stream.next().await {
        parts.push(part?.content);
    }
    Ok(parts)
}

/// Processes that work in the directory: a child, and what it has started.
fn at_work(dir: &Path) -> usize {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let cwd = processes.filter_map(|process| std::fs::read_link(process.path().join("cwd")).ok());
    cwd.filter(|cwd| cwd.starts_with(dir)).count()
}

/// What is killed is gone a moment later.
async fn leaves_nothing(dir: &Path) {
    let gone = async {
        while 0 < at_work(dir) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("killed with all that it had started");
}

fn cancelling(name: &str, request_id: &str) -> pb::CancelSimulationRequest {
    pb::CancelSimulationRequest { name: name.to_owned(), request_id: request_id.to_owned(), validate_only: false }
}

fn deleting(name: &str, request_id: &str) -> pb::DeleteSimulationRequest {
    pb::DeleteSimulationRequest { name: name.to_owned(), request_id: request_id.to_owned(), validate_only: false }
}

#[tokio::test]
async fn a_simulation_is_started_watched_fetched_and_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(town(dir.path())).await;
    let mut wish = order("# quick", "s1");
    wish.attachments = vec![pb::SimulationAttachment { file: "days.csv".to_owned(), content: b"a,b\n".to_vec() }];
    let begun = client(&house).create_simulation(wish.clone()).await.unwrap().into_inner();
    assert_eq!(
        (begun.state(), begun.scenario_name.as_str(), begun.creator.as_str()),
        (State::Queued, "trial", "anonymous")
    );
    let done = over(&house, &begun.name).await;
    assert_eq!((done.state(), done.failure.as_str()), (State::Succeeded, ""));
    let progress = done.progress.unwrap();
    assert_eq!((progress.job_count, progress.done_job_count, progress.share_permille), (2, 2, 1000));
    assert!(time(&done.create_time) <= time(&done.start_time) && time(&done.start_time) <= time(&done.end_time));
    assert_eq!(time(&done.expire_time) - time(&done.end_time), mukae_units::Span::DAY * 30);

    let files: Vec<(&str, &str)> =
        done.files.iter().map(|file| (file.file.as_str(), file.media_type.as_str())).collect();
    let expected = [
        ("attached/days.csv", "text/csv"),
        ("days.parquet", "application/vnd.apache.parquet"),
        ("figures.json", "application/json"),
        ("jobs.csv", "text/csv"),
        ("log.txt", "text/plain"),
        ("scenario.toml", "application/toml"),
    ];
    assert_eq!(files, expected);
    assert_eq!(fetched(&house, &begun.name, "jobs.csv").await.unwrap(), [b"job,served\n".to_vec()]);
    assert_eq!(fetched(&house, &begun.name, "attached/days.csv").await.unwrap(), [b"a,b\n".to_vec()]);
    assert_eq!(fetched(&house, &begun.name, "log.txt").await.unwrap(), [b"".to_vec()], "one part at least");
    let parts = fetched(&house, &begun.name, "days.parquet").await.unwrap();
    assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [262_144, 262_144, 75_712]);
    for file in ["record.json", "plan.json", "../lock", "/etc/passwd", "results/plan.json", "told.txt"] {
        let status = fetched(&house, &begun.name, file).await.unwrap_err();
        assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec!["file".to_owned()]), "{file}");
    }
    let told = std::fs::read_to_string(dir.path().join("simulations/told.txt")).unwrap();
    let expected = "sim run scenario.toml --leashed --attached attached --area areas/niue=/niue.toml --progress json \
                    --threads 1 --results results --json figures.json\n";
    assert_eq!(told, expected);

    let list = pb::ListSimulationFiguresRequest { parent: begun.name.clone(), page_size: 2, ..Default::default() };
    let first = client(&house).list_simulation_figures(list.clone()).await.unwrap().into_inner();
    assert_eq!((first.baseline_policy.as_str(), first.confidence, first.figures.len()), ("as-is", 0.95, 2));
    assert_eq!((first.figures[0].value, first.figures[0].greatest_value), (Some(7.0), Some(8.0)));
    assert_eq!((first.figures[1].value, first.figures[1].figure.as_str()), (None, "wait_p90_s"));
    let next = pb::ListSimulationFiguresRequest { page_token: first.next_page_token, ..list };
    let second = client(&house).list_simulation_figures(next).await.unwrap().into_inner();
    assert_eq!((second.figures.len(), second.next_page_token.as_str()), (1, ""));
    assert_eq!(second.figures[0].difference.unwrap().low, Some(1.0));

    // the same request again is the same simulation, as it is by now
    assert_eq!(client(&house).create_simulation(wish.clone()).await.unwrap().into_inner(), done);
    wish.with_report = true;
    let reused = client(&house).create_simulation(wish).await.unwrap_err();
    assert_eq!(reason(&reused), "REQUEST_ID_REUSED");

    let late = client(&house).cancel_simulation(cancelling(&begun.name, "s2")).await.unwrap_err();
    assert_eq!((reason(&late).as_str(), metadata(&late, "state").as_str()), ("WRONG_SIMULATION_STATE", "SUCCEEDED"));
    let rehearsal = pb::DeleteSimulationRequest { validate_only: true, ..deleting(&begun.name, "s3") };
    client(&house).delete_simulation(rehearsal).await.unwrap();
    assert!(get(&house, &begun.name).await.is_ok(), "only tried");
    for _ in 0..2 {
        client(&house).delete_simulation(deleting(&begun.name, "s3")).await.unwrap();
    }
    assert_eq!(reason(&get(&house, &begun.name).await.unwrap_err()), "RESOURCE_NOT_FOUND");
    let job = dir.path().join("simulations").join(begun.name.rsplit('/').next().unwrap());
    assert_eq!(std::fs::read_dir(job).unwrap().count(), 1, "its record alone is left");
    house.close().await;
}

#[tokio::test]
async fn a_cancelled_simulation_leaves_no_process() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(town(dir.path())).await;
    let first = start(&house, "", "s1").await;
    let (second, third) = (start(&house, "", "s2").await, start(&house, "", "s3").await);
    let running = under_way(&house, &first.name).await;
    assert_eq!((running.state(), running.progress.unwrap().remaining_duration.unwrap().seconds), (State::Running, 9));
    assert!(2 <= at_work(dir.path()), "a shell and what it has started");
    assert_eq!(get(&house, &third.name).await.unwrap().queue_position, 1);

    let rehearsal = pb::CancelSimulationRequest { validate_only: true, ..cancelling(&first.name, "c0") };
    assert_eq!(client(&house).cancel_simulation(rehearsal).await.unwrap().into_inner().state(), State::Cancelled);
    assert_eq!(get(&house, &first.name).await.unwrap().state(), State::Running, "only tried");
    // one that waits is not begun, one that is under way ends
    client(&house).cancel_simulation(cancelling(&second.name, "c1")).await.unwrap();
    let ended = client(&house).cancel_simulation(cancelling(&first.name, "c2")).await.unwrap().into_inner();
    assert_eq!((ended.state(), ended.failure.as_str()), (State::Cancelled, ""));
    assert_eq!(
        client(&house).cancel_simulation(cancelling(&first.name, "c2")).await.unwrap().into_inner().state(),
        State::Cancelled
    );
    under_way(&house, &third.name).await;
    client(&house).delete_simulation(deleting(&third.name, "c3")).await.unwrap();
    leaves_nothing(dir.path()).await;
    let told = std::fs::read_to_string(dir.path().join("simulations/told.txt")).unwrap();
    assert_eq!(told.lines().count(), 2, "the second was never begun");

    let list = |filter: &str| pb::ListSimulationsRequest {
        parent: TENANT.to_owned(),
        filter: filter.to_owned(),
        order_by: "create_time desc".to_owned(),
        ..Default::default()
    };
    let listed = client(&house).list_simulations(list("state = CANCELLED")).await.unwrap().into_inner().simulations;
    assert_eq!(listed.iter().map(|it| &it.name).collect::<Vec<_>>(), [&second.name, &first.name]);
    assert!(
        client(&house).list_simulations(list("state = RUNNING")).await.unwrap().into_inner().simulations.is_empty()
    );
    house.close().await;
}

#[tokio::test]
async fn a_stopped_server_leaves_no_process_and_the_next_one_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(town(dir.path())).await;
    let (first, second) = (start(&house, "", "s1").await, start(&house, "# quick", "s2").await);
    let done = start(&house, "# broken", "s3").await;
    let begun = time(&under_way(&house, &first.name).await.start_time);
    let gone = start(&house, "", "s4").await;
    client(&house).delete_simulation(deleting(&gone.name, "d1")).await.unwrap();
    std::fs::create_dir(dir.path().join("simulations/new-17")).unwrap(); // a server fell while it looked at something
    house.close().await;
    leaves_nothing(dir.path()).await;

    let house = open(town(dir.path())).await;
    assert!(!dir.path().join("simulations/new-17").exists());
    let again = under_way(&house, &first.name).await;
    assert_eq!((again.state(), time(&again.start_time)), (State::Running, begun));
    assert_eq!(get(&house, &second.name).await.unwrap().queue_position, 0);
    assert_eq!(start(&house, "# quick", "s2").await.name, second.name, "an id outlives a server");
    client(&house).delete_simulation(deleting(&gone.name, "d1")).await.unwrap();
    client(&house).cancel_simulation(cancelling(&first.name, "c1")).await.unwrap();
    assert_eq!(over(&house, &second.name).await.state(), State::Succeeded);
    let failed = over(&house, &done.name).await;
    assert_eq!((failed.state(), failed.failure.as_str()), (State::Failed, "the town is gone"));
    house.close().await;

    // over is over; what falls with the server again and again is not tried for ever
    let record = |name: &str| dir.path().join("simulations").join(name.rsplit('/').next().unwrap()).join("record.json");
    let text = std::fs::read_to_string(record(&second.name)).unwrap();
    let fallen = text.replace("\"succeeded\"", "\"running\"").replace("\"crashes\": 0", "\"crashes\": 2");
    std::fs::write(record(&second.name), fallen).unwrap();
    std::fs::write(record(&first.name), "{").unwrap();
    let house = open(town(dir.path())).await;
    assert!(
        house.running.warnings().iter().any(|warning| warning.contains("record.json")),
        "{:?}",
        house.running.warnings()
    );
    let fallen = get(&house, &second.name).await.unwrap();
    assert_eq!(fallen.state(), State::Failed);
    assert!(fallen.failure.contains("3 times"), "{}", fallen.failure);
    assert_eq!(get(&house, &done.name).await.unwrap().failure, "the town is gone");
    house.close().await;
}

#[tokio::test]
async fn a_wrong_scenario_is_told_line_by_line() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(town(dir.path())).await;
    for validate_only in [true, false] {
        let wrong = pb::CreateSimulationRequest { scenario: "sede = 1".to_owned(), validate_only, ..order("", "s1") };
        let status = client(&house).create_simulation(wrong).await.unwrap_err();
        assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec!["scenario".to_owned(); 2]));
        assert!(status.message().contains("line 3: unknown key `sede`"), "{}", status.message());
    }
    let right = pb::CreateSimulationRequest { validate_only: true, ..order("", "s1") };
    let tried = client(&house).create_simulation(right).await.unwrap().into_inner();
    assert_eq!((tried.state(), tried.scenario_name.as_str()), (State::Queued, "trial"));
    assert_eq!(get(&house, &tried.name).await.unwrap_err().code(), Code::NotFound, "only tried");
    let left = std::fs::read_dir(dir.path().join("simulations")).unwrap().count();
    assert_eq!(left, 1, "the lock, and nothing of what was only looked at");

    let attached =
        |file: &str, bytes: usize| pb::SimulationAttachment { file: file.to_owned(), content: vec![b'x'; bytes] };
    let with =
        |attachments: Vec<pb::SimulationAttachment>| pb::CreateSimulationRequest { attachments, ..order("", "s2") };
    for (wish, field) in [
        (with(vec![attached("../up.csv", 1)]), "attachments[0].file"),
        (with(vec![attached("a/b.csv", 1)]), "attachments[0].file"),
        (with(vec![attached(".hidden", 1)]), "attachments[0].file"),
        (with(vec![attached("", 1)]), "attachments[0].file"),
        (with(vec![attached("a.csv", 1), attached("a.csv", 1)]), "attachments[1].file"),
        (with(vec![attached("a.csv", 0)]), "attachments[0].content"),
        (with((0..9).map(|n| attached(&format!("a{n}.csv"), 1)).collect()), "attachments"),
        (with(vec![attached("a.csv", 9 << 20), attached("b.csv", (7 << 20) + 1)]), "attachments"),
        (order(&"x".repeat(64 << 10), "s2"), "scenario"),
        (pb::CreateSimulationRequest { scenario: " \n".to_owned(), ..order("", "s2") }, "scenario"),
    ] {
        let status = client(&house).create_simulation(wish).await.unwrap_err();
        assert_eq!(
            (status.code(), fields(&status)),
            (Code::InvalidArgument, vec![field.to_owned()]),
            "{}",
            status.message()
        );
    }
    let large = client(&house).create_simulation(with(vec![attached("a.csv", 17 << 20)])).await.unwrap_err();
    assert_eq!(reason(&large), "MALFORMED", "more than a call may carry: {}", large.message());
    let whole = with(vec![attached("a.csv", 16 << 20)]);
    let whole = client(&house).create_simulation(whole).await.unwrap().into_inner();
    assert_eq!(whole.files[0].size_bytes, 16 << 20);
    let nobody = pb::CreateSimulationRequest { parent: "tenants/nobody".to_owned(), ..order("", "s3") };
    assert_eq!(client(&house).create_simulation(nobody).await.unwrap_err().code(), Code::NotFound);
    house.close().await;
}

#[tokio::test]
async fn tenants_have_their_turn_their_share_and_nothing_of_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = town(dir.path());
    config.server.simulations.at_once = 2;
    let house = open(config).await;
    let first = start(&house, "", "s0").await;
    under_way(&house, &first.name).await;
    for number in 1..10 {
        start(&house, "", &format!("s{number}")).await;
    }
    let full = client(&house).create_simulation(order("", "s10")).await.unwrap_err();
    assert_eq!((full.code(), reason(&full).as_str()), (Code::ResourceExhausted, "SIMULATIONS_FULL"));
    assert_eq!(metadata(&full, "most"), "10");
    start(&house, "", "s9").await; // which is there already
    // the other tenant's first comes before the third of this one
    let other = pb::CreateSimulationRequest { parent: "tenants/avatele".to_owned(), ..order("", "o1") };
    let other = client(&house).create_simulation(other).await.unwrap().into_inner();
    assert_eq!(get(&house, &other.name).await.unwrap().queue_position, 0);
    let as_ours = other.name.replace("avatele", "alofi");
    assert_eq!(get(&house, &as_ours).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(fetched(&house, &as_ours, "scenario.toml").await.unwrap_err().code(), Code::NotFound);
    let cancel = client(&house).cancel_simulation(cancelling(&as_ours, "c1")).await.unwrap_err();
    assert_eq!(cancel.code(), Code::NotFound);
    let list = pb::ListSimulationsRequest { parent: TENANT.to_owned(), page_size: 4, ..Default::default() };
    let page = client(&house).list_simulations(list).await.unwrap().into_inner();
    assert_eq!((page.simulations.len(), page.simulations[0].name.as_str()), (4, first.name.as_str()));
    assert!(!page.next_page_token.is_empty() && page.simulations.iter().all(|it| it.name.starts_with(TENANT)));
    client(&house).cancel_simulation(cancelling(&first.name, "c2")).await.unwrap();
    under_way(&house, &other.name).await;
    house.close().await;
    leaves_nothing(dir.path()).await;
}

#[tokio::test]
async fn what_is_too_long_ends_and_what_is_too_much_goes() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = town(dir.path());
    config.server.simulations.longest = Duration::from_secs(1);
    config.server.simulations.disk_bytes = 1_000_000; // one of them has 600 kB
    let house = open(config).await;
    let first = start(&house, "# quick", "s1").await;
    over(&house, &first.name).await;
    let second = start(&house, "# quick", "s2").await;
    over(&house, &second.name).await;
    let long = start(&house, "", "s3").await;
    let ended = over(&house, &long.name).await;
    assert_eq!(ended.state(), State::Failed);
    leaves_nothing(dir.path()).await;
    assert!(ended.failure.contains("longer than 1 s"), "{}", ended.failure);
    assert_eq!(get(&house, &first.name).await.unwrap_err().code(), Code::NotFound, "it made room");
    assert_eq!(get(&house, &second.name).await.unwrap().state(), State::Succeeded);
    house.close().await;
}

#[tokio::test]
async fn a_server_without_simulations_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = House::open().await;
    let told = client(&nowhere).create_simulation(order("", "s1")).await.unwrap_err();
    assert_eq!((told.code(), reason(&told).as_str()), (Code::FailedPrecondition, "SIMULATIONS_OFF"));
    assert!(told.message().contains("[simulations] directory"), "{}", told.message());
    nowhere.close().await;

    let house = open(town(dir.path())).await;
    let other = open(town(dir.path())).await;
    let warnings = other.running.warnings();
    assert!(warnings.iter().any(|warning| warning.contains("another server keeps its simulations")), "{warnings:?}");
    let told = client(&other).create_simulation(order("", "s1")).await.unwrap_err();
    assert!(told.message().contains("another server"), "{}", told.message());
    other.close().await;
    house.close().await;

    let clock = std::sync::Arc::new(mukae_server::ManualClock::new(MORNING));
    let without = Options { simulator: None, ..options(&clock, Store::Configured) };
    let running = serve(town(dir.path()), map(), without).await.unwrap();
    let mut simulations = SimulationServiceClient::new(connect(&running).await);
    let told = simulations.create_simulation(order("", "s1")).await.unwrap_err();
    assert!(told.message().contains("without a program"), "{}", told.message());
    drop(simulations);
    running.shutdown();
    running.join().await.unwrap();
}
