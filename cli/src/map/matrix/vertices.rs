//! Driving times between vertices of a road graph in two tables, to compare with other programs.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mukae_maps::neutral::NeutralGraph;
use mukae_maps::table;
use mukae_maps::{
    BASE_METRIC, Hierarchy, LABEL_BYTES_MAX, Labels, NodeId, RoadGraph, RoadMetric, RoadQuery, Tree, TurnNode,
};
use mukae_units::TravelTime;
use serde_json::json;

use super::{finish, tenths};
use crate::map::rounded;
use crate::output::{Output, say};
use crate::progress::{LateBar, while_busy};

/// How many pairs are asked between two looks at the clock.
const BATCH: usize = 4096;

/// Travel times of a graph, ready to be asked.
struct Prepared {
    times: RoadQuery,
    /// What the labels weigh; 0 if they were too many to make, so that the hierarchy answers.
    label_bytes: u64,
    took: Duration,
}

pub(super) fn run(directory: &Path, pairs: &Path, out: &Path) -> anyhow::Result<()> {
    let network = while_busy("reading the graph", || NeutralGraph::read(directory))?;
    let asked = read_pairs(&network, pairs)?;
    let graph = Arc::new(network.graph);
    let mut prepared = while_busy("preparing travel times", || prepare(&graph));
    let (answers, querying) = answer(&mut prepared.times, &asked);

    let mut csv = csv::Writer::from_writer(Output::file(out)?);
    csv.write_record(["from", "to", "travel_time_ds"])?;
    for (pair, time) in asked.iter().zip(&answers) {
        let time = time.map(|time| tenths(time).to_string()).unwrap_or_default();
        csv.write_record([&pair.from.0, &pair.to.0, &time])?;
    }
    finish(csv)?;
    let json = json!({
        "pairs": asked.len(),
        "prepare_ms": prepared.took.as_millis() as u64,
        "query_us_mean": rounded(querying.as_secs_f64() * 1e6 / asked.len() as f64, 3),
        "label_bytes": prepared.label_bytes,
    });
    say(&format!("{} pairs -> {}\n{json}\n", asked.len(), out.display()))
}

/// From the roads to the first answer: order, contraction, customisation and labels.
fn prepare(graph: &Arc<RoadGraph>) -> Prepared {
    let since = Instant::now();
    let hierarchy = Arc::new(Hierarchy::build(graph));
    let customized = Arc::new(hierarchy.customize(graph.weights(), BASE_METRIC));
    let metric = RoadMetric::new(customized, &Arc::new(Tree::new(&hierarchy)), LABEL_BYTES_MAX);
    let label_bytes = metric.labels().map_or(0, Labels::bytes);
    let times = RoadQuery::new(Arc::clone(graph), Arc::new(metric));
    Prepared { times, label_bytes, took: since.elapsed() }
}

/// A vertex as the table names it, and its node.
type Named = (String, NodeId);

struct Pair {
    from: Named,
    to: Named,
}

fn read_pairs(network: &NeutralGraph, file: &Path) -> anyhow::Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    table::read(file, ["from", "to"], |row| {
        let vertex = |column| Ok((row.text(column).to_owned(), network.node_in(row, column)?));
        pairs.push(Pair { from: vertex(0)?, to: vertex(1)? });
        Ok(())
    })?;
    Ok(pairs)
}

fn answer(times: &mut RoadQuery, pairs: &[Pair]) -> (Vec<Option<TravelTime>>, Duration) {
    let (mut answers, mut querying) = (Vec::with_capacity(pairs.len()), Duration::ZERO);
    let mut bar = LateBar::new(pairs.len(), "driving times");
    for batch in pairs.chunks(BATCH) {
        let since = Instant::now();
        let node = |NodeId(number)| TurnNode(number);
        answers.extend(batch.iter().map(|pair| times.time_between_nodes(node(pair.from.1), node(pair.to.1))));
        querying += since.elapsed();
        bar.step(batch.len());
    }
    bar.finish();
    (answers, querying)
}
