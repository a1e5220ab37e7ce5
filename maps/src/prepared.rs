//! A map ready to be asked: roads, hierarchy, base metric and snap index, and what it was made from.

use std::path::Path;
use std::sync::Arc;

use mukae_units::{LatLon, Metres};

use crate::graph::RoadGraph;
use crate::hierarchy::{Customized, Hierarchy, HierarchyQuery};
use crate::meta::MapMeta;
use crate::metric::MetricSet;
use crate::place::Place;
use crate::snap::{NoRoadNear, SnapIndex, Snapped, place_position};
use crate::store::{Fault, OpenMapError, SaveMapError, SectionWriter, Sections, checksum_of, write_atomically};
use crate::travel_times::MetricId;

/// The metric of a map without traffic, closures or snow.
pub const BASE_METRIC: MetricId = MetricId(0);

/// Everything that travel times and places are asked of. Shared between threads; each makes itself a
/// query.
#[derive(Clone, Debug)]
pub struct PreparedMap {
    graph: Arc<RoadGraph>,
    hierarchy: Arc<Hierarchy>,
    base: Arc<Customized>,
    metrics: Arc<MetricSet>,
    snap: SnapIndex,
    meta: MapMeta,
    checksum: u64,
}

/// Names of sections that are no columns of numbers.
const META: &str = "meta";
const NAMES: &str = "graph.names";
const METRICS: &str = "metrics";

impl PreparedMap {
    /// From parts that belong together.
    pub(crate) fn new(graph: RoadGraph, hierarchy: Hierarchy, metrics: MetricSet, meta: MapMeta) -> PreparedMap {
        let checksum = checksum_of(&encode(&graph, &hierarchy, &metrics, &meta));
        PreparedMap::assemble(graph, hierarchy, metrics, meta, checksum)
    }

    fn assemble(
        graph: RoadGraph,
        hierarchy: Hierarchy,
        metrics: MetricSet,
        meta: MapMeta,
        checksum: u64,
    ) -> PreparedMap {
        let hierarchy = Arc::new(hierarchy);
        let base = Arc::new(hierarchy.customize(graph.weights(), BASE_METRIC));
        let snap = SnapIndex::build(&graph);
        let metrics = Arc::new(metrics);
        PreparedMap { graph: Arc::new(graph), hierarchy, base, metrics, snap, meta, checksum }
    }

    /// Opens a file that [`PreparedMap::save`] wrote. All of it is checked first.
    pub fn open(path: &Path) -> Result<PreparedMap, OpenMapError> {
        PreparedMap::from_sections(&Sections::open(path)?, &path.display().to_string())
    }

    /// The same from bytes; `file` is the name that errors tell.
    pub fn from_bytes(bytes: Vec<u8>, file: &str) -> Result<PreparedMap, OpenMapError> {
        let sections = Sections::parse(bytes).map_err(|fault| fault.at(file.to_owned()))?;
        PreparedMap::from_sections(&sections, file)
    }

    fn from_sections(sections: &Sections, file: &str) -> Result<PreparedMap, OpenMapError> {
        let damaged = |what: &str| Fault::damaged(what).at(file.to_owned());
        let text = |name| sections.bytes(name).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let meta =
            text(META).and_then(MapMeta::parse).ok_or_else(|| damaged("it does not say what it was made from"))?;
        let names = text(NAMES).ok_or_else(|| damaged("the names of its roads are missing"))?;
        let graph = RoadGraph::from_columns(&|name| sections.column(&format!("graph.{name}")), names)
            .map_err(|source| OpenMapError::Graph { file: file.to_owned(), source })?;
        let hierarchy = Hierarchy::from_columns(&graph, &|name| sections.column(&format!("hierarchy.{name}")))
            .map_err(|source| OpenMapError::Hierarchy { file: file.to_owned(), source })?;
        let metrics = text(METRICS)
            .and_then(|text| {
                MetricSet::parse(text, graph.edge_count(), &|index| sections.column(&metric_column(index)))
            })
            .ok_or_else(|| damaged("its metrics are broken"))?;
        Ok(PreparedMap::assemble(graph, hierarchy, metrics, meta, sections.checksum()))
    }

    /// Writes the map to `path`, replacing what is there in one step, and returns its size in bytes.
    pub fn save(&self, path: &Path) -> Result<u64, SaveMapError> {
        let bytes = self.to_bytes();
        write_atomically(path, &bytes)?;
        Ok(bytes.len() as u64)
    }

    /// The file that [`PreparedMap::save`] writes.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(&self.graph, &self.hierarchy, &self.metrics, &self.meta)
    }

    pub fn graph(&self) -> &Arc<RoadGraph> {
        &self.graph
    }

    pub fn hierarchy(&self) -> &Arc<Hierarchy> {
        &self.hierarchy
    }

    /// The hierarchy under the map's own weights.
    pub fn base(&self) -> &Arc<Customized> {
        &self.base
    }

    /// Driving times of certain hours and of snow; the base metric is the first.
    pub fn metrics(&self) -> &Arc<MetricSet> {
        &self.metrics
    }

    /// What the map was made from and how; with the credit that must be shown wherever the map is.
    pub fn meta(&self) -> &MapMeta {
        &self.meta
    }

    /// The licence credit that must be shown wherever the map, or anything made from it, is.
    pub fn credit(&self) -> &str {
        &self.meta.credit
    }

    /// The identity of the map's content: the same extract, settings and program version give the
    /// same number, anything else another.
    pub fn checksum(&self) -> u64 {
        self.checksum
    }

    /// Exact driving times under the base metric, for one thread.
    pub fn query(&self) -> HierarchyQuery {
        HierarchyQuery::new(Arc::clone(&self.graph), Arc::clone(&self.base))
    }

    /// The nearest place on a road that can be reached and left, at most `limit` away.
    pub fn snap(&self, at: LatLon, limit: Metres) -> Result<Snapped, NoRoadNear> {
        self.snap.snap(&self.graph, at, limit)
    }

    /// Where a place is on the globe.
    pub fn position(&self, place: Place) -> LatLon {
        place_position(&self.graph, place)
    }
}

fn metric_column(index: usize) -> String {
    format!("metric.{index}.weight")
}

fn encode(graph: &RoadGraph, hierarchy: &Hierarchy, metrics: &MetricSet, meta: &MapMeta) -> Vec<u8> {
    let mut writer = SectionWriter::default();
    writer.add_bytes(META, meta.to_text().into_bytes());
    writer.add_bytes(NAMES, graph.name_text().into_bytes());
    for (name, column) in graph.columns() {
        writer.add_column(&format!("graph.{name}"), &column);
    }
    for (name, column) in hierarchy.columns() {
        writer.add_column(&format!("hierarchy.{name}"), column);
    }
    writer.add_bytes(METRICS, metrics.to_text().into_bytes());
    for (index, column) in metrics.columns() {
        writer.add_column(&metric_column(index), &column);
    }
    writer.finish()
}
