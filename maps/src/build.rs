//! From an extract to a prepared map, with a report of what was found and what was left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::Path;

use mukae_units::{Metres, TravelTime};
use thiserror::Error;

use crate::components::{all_points, dead_ends, enclosed};
use crate::geometry::Bounds;
use crate::graph::{EdgeId, RoadGraph};
use crate::hierarchy::Hierarchy;
use crate::meta::{MapMeta, OSM_CREDIT};
use crate::metric::MetricSet;
use crate::osm::{
    DrivingSide, NotDrivable, ReadExtractError, ReadFaults, ReadPass, Reading, SkippedRestriction, SplitFaults,
    counted, guess_side, locate, read_extract, resolve, split,
};
use crate::prepared::PreparedMap;
use crate::profile::{Profile, lies_in};

#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// How to read the roads; `None` for the built-in profile of where the map lies.
    pub profile: Option<Profile>,
    /// Refuse an extract of which a part is damaged, instead of leaving that part out.
    pub strict: bool,
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
    /// Kept though they hold at certain times only, as if they held always; OSM ids.
    pub restrictions_conditional: Vec<i64>,
    /// Several `only_*` from one edge: any of them may be followed; OSM ids.
    pub restrictions_joined: Vec<i64>,
    /// `only_*` that prescribe what another forbids: both hold, so nobody drives on there; OSM ids.
    pub restrictions_contradicted: Vec<i64>,
    pub driving_side: DrivingSide,
    /// The profile's name, and whether it was chosen by where the map lies.
    pub profile: String,
    pub is_profile_guessed: bool,
    /// How many ways with a `highway` tag, and ferries, were left out, by reason.
    pub ways_left_out: BTreeMap<NotDrivable, u32>,
    pub faults: SplitFaults,
    pub read_faults: ReadFaults,
    /// Roads that one comes to or leaves only over destination-only ones, and which are such themselves for it.
    pub enclosed: Enclosed,
}

/// Open roads behind destination-only roads.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Enclosed {
    pub edges: u32,
    /// Each stretch once.
    pub length: Metres,
    /// OSM ids of their ways, ascending.
    pub ways: Vec<i64>,
}

impl Enclosed {
    fn of(graph: &RoadGraph, edges: &[EdgeId]) -> Enclosed {
        let is_first =
            |edge: &EdgeId| graph.twin(*edge).is_none_or(|twin| *edge < twin || edges.binary_search(&twin).is_err());
        let ways: BTreeSet<i64> = edges.iter().map(|&edge| graph.way(edge).osm_id).collect();
        Enclosed {
            edges: edges.len() as u32,
            length: edges.iter().copied().filter(is_first).map(|edge| graph.length(edge)).sum(),
            ways: ways.into_iter().collect(),
        }
    }
}

impl BuildReport {
    /// What the person who builds the map should know, one sentence each, the gravest first.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.read_faults.damage_note().into_iter().collect();
        if 0 < self.turn_restrictions {
            let missed = self.restrictions_skipped.iter().filter(|skipped| skipped.is_missed()).count();
            let elsewhere = self.turn_restrictions as usize - self.turn_restrictions_kept as usize - missed;
            notes.push(format!(
                "{} turn restrictions: {} hold, {missed} not, {elsewhere} need not (about other roads or vehicles, \
                 said twice, impossible anyway)",
                self.turn_restrictions, self.turn_restrictions_kept
            ));
        }
        let mut by_reason: BTreeMap<_, Vec<i64>> = BTreeMap::new();
        for skipped in self.restrictions_skipped.iter().filter(|skipped| skipped.reason.concerns_us()) {
            by_reason.entry(skipped.reason).or_default().push(skipped.osm_id);
        }
        for (reason, ids) in by_reason {
            notes.push(format!("turn restrictions not kept because {reason}: {}", counted("r", &ids)));
        }
        let kept_as = [
            ("turn restrictions of certain hours, kept as if they held always", &self.restrictions_conditional),
            (
                "turn restrictions that prescribe different turns from one road; any may be made",
                &self.restrictions_joined,
            ),
            (
                "turn restrictions that prescribe what another forbids; both hold, nobody can drive on there",
                &self.restrictions_contradicted,
            ),
        ];
        for (what, ids) in kept_as.into_iter().filter(|(_, ids)| !ids.is_empty()) {
            notes.push(format!("{what}: {}", counted("r", ids)));
        }
        let enclosed_ways = counted("w", &self.enclosed.ways);
        let left_out = |reason| self.ways_left_out.get(&reason).copied().unwrap_or(0);
        let faults = &self.faults;
        let counted = [
            (faults.cut_ways, "ways that end early, as the extract lacks nodes of them"),
            (faults.empty_ways, "ways left out, having no two nodes in the extract"),
            (faults.barriers_at_junctions, "junctions closed by a barrier that stands right on them"),
            (faults.destination_gates, "gates for those who have a destination behind them"),
            (left_out(NotDrivable::Ferry), "car ferries left out, as the profile takes none"),
            (left_out(NotDrivable::TooTight), "roads left out, too low, narrow or weak for the profile's vehicle"),
            (left_out(NotDrivable::Reversible), "roads left out, one-way in a direction that changes"),
            (faults.zero_length_pieces, "stretches of road without length"),
            (faults.endless_pieces, "stretches of road left out, taking longer than 12 days"),
        ];
        notes.extend(counted.iter().filter(|(count, _)| 0 < *count).map(|(count, what)| format!("{what}: {count}")));
        if 0 < self.enclosed.edges {
            notes.push(format!(
                "roads that lie behind destination-only roads, taken as such themselves: {} edges, {} m, ways: {enclosed_ways}",
                self.enclosed.edges,
                self.enclosed.length.as_metres()
            ));
        }
        notes.extend(self.read_faults.notes());
        notes
    }
}

/// Builds a map in memory; `progress` is told the stage and the part of it that is done, 0 to 1.
///
/// The same extract and options give the same map, byte for byte.
pub fn build_map(
    pbf: &Path,
    options: &BuildOptions,
    progress: &mut dyn FnMut(BuildStage, f32),
) -> Result<(PreparedMap, BuildReport), BuildError> {
    let asked = options.profile.clone();
    let is_profile_guessed = asked.is_none();
    let profile = asked.unwrap_or_else(|| locate(pbf).and_then(|at| Profile::named(lies_in(at))).unwrap_or_default());
    let reading = Reading { path: pbf, profile: &profile, is_strict: options.strict };
    let extract = read_extract(reading, &mut |pass, part| {
        let stage = match pass {
            ReadPass::Ways => BuildStage::Ways,
            ReadPass::Nodes => BuildStage::Nodes,
        };
        progress(stage, part);
    })?;

    progress(BuildStage::Graph, 0.0);
    let network = split(&extract);
    let (graph, laid) = RoadGraph::lay(&network.roads, &extract.ways, &extract.names);
    let no_nodes = || BuildError::NoNodes { file: pbf.display().to_string() };
    let bounds = Bounds::around(all_points(&graph)).ok_or_else(no_nodes)?;
    let driving_side = options.driving_side.unwrap_or_else(|| guess_side(&extract, bounds.centre()));
    let resolved = resolve(&extract, &network, &laid);
    let (faults, ways_left_out, as_of) = (network.faults, extract.left_out.clone(), extract.header.as_of);
    let read_faults = extract.faults.clone();
    // The extract and the list of roads are larger than the graph: not kept for what follows.
    drop((extract, network, laid));
    let price = TravelTime::from_secs(profile.access.through_destination_only_s);
    let graph = graph.with_through_price(price).with_restrictions(resolved.kept);
    let behind = enclosed(&graph);
    let graph = graph.with_destination_only(&behind);
    let lead_nowhere = dead_ends(&graph);
    let graph = graph.without_guard(&lead_nowhere);
    progress(BuildStage::Graph, 1.0);

    let unkept = resolved.skipped.iter().filter(|skipped| !skipped.is_partly_kept).count() as u32;
    let report = BuildReport {
        nodes: graph.node_count(),
        edges: graph.edge_count(),
        road_length: graph.road_length(),
        turn_restrictions: resolved.kept_relations + unkept,
        turn_restrictions_kept: resolved.kept_relations,
        restrictions_skipped: resolved.skipped,
        restrictions_conditional: resolved.conditional,
        restrictions_joined: resolved.joined,
        restrictions_contradicted: resolved.contradicted,
        largest_component_share: graph.largest_component_share(),
        driving_side,
        profile: profile.name().to_owned(),
        is_profile_guessed,
        ways_left_out,
        faults,
        read_faults,
        enclosed: Enclosed::of(&graph, &behind),
    };
    let meta = MapMeta {
        source: pbf.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        source_digest: digest(pbf)?,
        as_of,
        bounds,
        driving_side,
        profile: profile.name().to_owned(),
        profile_digest: profile.digest(),
        is_profile_guessed,
        turn_restrictions: report.turn_restrictions,
        turn_restrictions_kept: report.turn_restrictions_kept,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        credit: OSM_CREDIT.to_owned(),
    };

    progress(BuildStage::Hierarchy, 0.0);
    let metrics = MetricSet::build(&graph, &profile);
    let hierarchy = Hierarchy::build(&graph);
    progress(BuildStage::Hierarchy, 1.0);
    progress(BuildStage::Metric, 0.0);
    let map = PreparedMap::new(graph, hierarchy, metrics, meta);
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
