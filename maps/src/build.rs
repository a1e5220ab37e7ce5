//! From an extract to a prepared map, with a report of what was found and what was left out.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use mukae_units::Metres;
use thiserror::Error;

use crate::components::all_points;
use crate::geometry::Bounds;
use crate::graph::RoadGraph;
use crate::hierarchy::Hierarchy;
use crate::meta::{MapMeta, OSM_CREDIT};
use crate::osm::{
    DrivingSide, NotDrivable, Profile, ReadExtractError, ReadPass, SkippedRestriction, SplitFaults, guess_side,
    read_extract, resolve, split,
};
use crate::prepared::PreparedMap;

#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    pub profile: Profile,
    /// Which side people drive on; `None` to guess it from roundabouts and from where the map lies.
    pub driving_side: Option<DrivingSide>,
}

/// What is being done, for a progress bar; in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum BuildStage {
    /// Reading ways and turn restrictions.
    Ways,
    /// Reading the positions of their nodes.
    Nodes,
    /// Splitting ways into edges, finding components.
    Graph,
    /// Ordering and contracting nodes.
    Hierarchy,
    /// What rests on weights: nothing yet. Travel times and the snap index are made when first asked for.
    Metric,
}

#[derive(Debug, Error)]
pub enum BuildError {
    #[error(transparent)]
    Extract(#[from] ReadExtractError),
    #[error("{file}: the roads are there but not the nodes they pass; what is needed is an extract with both")]
    NoNodes { file: String },
}

/// What was found in an extract, and what was left out and why.
#[derive(Clone, PartialEq, Debug)]
pub struct BuildReport {
    pub nodes: usize,
    /// Directed: a two-way road is two edges.
    pub edges: usize,
    /// Of all drivable roads, connected or not; each stretch once, whether one-way or not.
    pub road_length: Metres,
    /// All relations of type `restriction` in the extract; how many of them the graph holds.
    pub turn_restrictions: u32,
    pub turn_restrictions_kept: u32,
    /// Every restriction that the graph does not hold, with the reason; also those of other roads.
    pub restrictions_skipped: Vec<SkippedRestriction>,
    /// The part of the network, 0 to 1, in which every place can be reached from every other; only there
    /// can riders be picked up. OSM nodes are counted, shape points included.
    pub largest_component_share: f64,
    pub driving_side: DrivingSide,
    /// How many ways with a `highway` tag were left out, by reason.
    pub ways_left_out: BTreeMap<NotDrivable, u32>,
    pub faults: SplitFaults,
}

impl BuildReport {
    /// What the person who builds the map should know, one sentence each, the gravest first.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if 0 < self.turn_restrictions {
            let missed = self.restrictions_skipped.iter().filter(|skipped| skipped.is_missed()).count();
            let elsewhere = self.turn_restrictions as usize - self.turn_restrictions_kept as usize - missed;
            notes.push(format!(
                "{} turn restrictions: {} hold, {missed} not, {elsewhere} about other roads or vehicles",
                self.turn_restrictions, self.turn_restrictions_kept
            ));
        }
        let mut by_reason: BTreeMap<_, Vec<i64>> = BTreeMap::new();
        for skipped in self.restrictions_skipped.iter().filter(|skipped| skipped.reason.concerns_us()) {
            by_reason.entry(skipped.reason).or_default().push(skipped.osm_id);
        }
        for (reason, ids) in by_reason {
            notes.push(format!("turn restrictions not kept because {reason}: {} ({})", ids.len(), some_of(&ids)));
        }
        let faults = &self.faults;
        let counted = [
            (faults.cut_ways, "ways that end early, as the extract lacks nodes of them"),
            (faults.empty_ways, "ways left out, having no two nodes in the extract"),
            (faults.barriers_at_junctions, "barriers ignored, standing where three or more roads meet"),
            (faults.endless_pieces, "stretches of road left out, taking longer than 12 days"),
        ];
        notes.extend(counted.iter().filter(|(count, _)| 0 < *count).map(|(count, what)| format!("{what}: {count}")));
        notes
    }
}

/// As many ids as a line holds.
fn some_of(ids: &[i64]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = ids.iter().take(SHOWN).map(|id| format!("r{id}")).collect();
    let rest = if ids.len() <= SHOWN { String::new() } else { format!(" and {} more", ids.len() - SHOWN) };
    format!("{}{rest}", shown.join(" "))
}

/// Builds a map in memory; `progress` is told the stage and the part of it that is done, 0 to 1.
///
/// The same extract and options give the same map, byte for byte.
pub fn build_map(
    pbf: &Path,
    options: &BuildOptions,
    progress: &mut dyn FnMut(BuildStage, f32),
) -> Result<(PreparedMap, BuildReport), BuildError> {
    let extract = read_extract(pbf, &options.profile, &mut |pass, part| {
        let stage = match pass {
            ReadPass::Ways => BuildStage::Ways,
            ReadPass::Nodes => BuildStage::Nodes,
        };
        progress(stage, part);
    })?;

    progress(BuildStage::Graph, 0.0);
    let network = split(&extract);
    let (graph, id_of) =
        RoadGraph::new(network.positions.clone(), &network.edges, extract.ways.clone(), extract.names.clone());
    let no_nodes = || BuildError::NoNodes { file: pbf.display().to_string() };
    let bounds = Bounds::around(all_points(&graph)).ok_or_else(no_nodes)?;
    let driving_side = options.driving_side.unwrap_or_else(|| guess_side(&extract, bounds.centre()));
    let resolved = resolve(&extract, &network, &id_of);
    let (faults, ways_left_out, as_of) = (network.faults, extract.left_out.clone(), extract.header.as_of);
    // The extract and the list of edges are several times the size of the graph: not kept for what follows.
    drop((extract, network, id_of));
    let graph = graph.with_restrictions(resolved.kept);
    progress(BuildStage::Graph, 1.0);

    let unkept = resolved.skipped.iter().filter(|skipped| !skipped.is_partly_kept).count() as u32;
    let report = BuildReport {
        nodes: graph.node_count(),
        edges: graph.edge_count(),
        road_length: graph.road_length(),
        turn_restrictions: resolved.kept_relations + unkept,
        turn_restrictions_kept: resolved.kept_relations,
        restrictions_skipped: resolved.skipped,
        largest_component_share: graph.largest_component_share(),
        driving_side,
        ways_left_out,
        faults,
    };
    let meta = MapMeta {
        source: pbf.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        source_digest: digest(pbf)?,
        as_of,
        bounds,
        driving_side,
        profile: options.profile,
        turn_restrictions: report.turn_restrictions,
        turn_restrictions_kept: report.turn_restrictions_kept,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        credit: OSM_CREDIT.to_owned(),
    };

    progress(BuildStage::Hierarchy, 0.0);
    let hierarchy = Hierarchy::build(&graph);
    progress(BuildStage::Hierarchy, 1.0);
    progress(BuildStage::Metric, 0.0);
    let map = PreparedMap::new(graph, hierarchy, meta);
    progress(BuildStage::Metric, 1.0);
    Ok((map, report))
}

fn digest(path: &Path) -> Result<String, ReadExtractError> {
    let read = || -> io::Result<String> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(File::open(path)?)?;
        Ok(hasher.finalize().to_hex().to_string())
    };
    read().map_err(|source| ReadExtractError::Io { file: path.display().to_string(), at: 0, source })
}
