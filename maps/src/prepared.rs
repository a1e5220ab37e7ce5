//! A map ready to be asked: roads, hierarchy, base metric and snap index, and what it was made from.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use mukae_units::{LatLon, Metres};
use thiserror::Error;

use crate::cells::Cells;
use crate::graph::RoadGraph;
use crate::hierarchy::{Customized, Hierarchy, HierarchyQuery, LABEL_BYTES_MAX, RoadMetric, RoadQuery, Tree};
use crate::meta::MapMeta;
use crate::metric::MetricSet;
use crate::place::Place;
use crate::snap::{NoRoadNear, SnapIndex, SnapOptions, Snapped, place_position};
use crate::store::{
    DIGEST_LENGTH, Fault, LaidOut, OpenMapError, SaveMapError, SectionWriter, Sections, write_atomically,
};
use crate::travel_times::MetricId;

/// The metric of a map without traffic, closures or snow.
pub const BASE_METRIC: MetricId = MetricId(0);

/// Everything that travel times and places are asked of. Shared between threads; each makes itself a
/// query.
///
/// Roads and hierarchy of an opened map are read where they lie in the mapped file. What follows from
/// them is made when it is first asked for, once, and takes a while: the base metric with its labels
/// ([`PreparedMap::base_metric`], [`PreparedMap::query`]), its cells ([`PreparedMap::cells`]) and the snap index
/// ([`PreparedMap::snap`]). Who must not wait then calls [`PreparedMap::prepare`] before.
#[derive(Clone, Debug)]
pub struct PreparedMap {
    graph: Arc<RoadGraph>,
    hierarchy: Arc<Hierarchy>,
    base: OnceLock<Arc<RoadMetric>>,
    snap: OnceLock<Arc<SnapIndex>>,
    metrics: Arc<MetricSet>,
    meta: MapMeta,
    digest: [u8; DIGEST_LENGTH],
}

/// A map that is not the one its file says it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error(
    "the map is not the one it says it is: its content has the checksum {found:016x}, not {stated:016x}; \
     rebuild it with `mukae map build`, or copy it again"
)]
pub struct WrongChecksum {
    pub stated: u64,
    pub found: u64,
}

/// The sections that are no columns of numbers.
const META: &str = "meta";
const METRICS: &str = "metrics";

impl PreparedMap {
    /// From parts that belong together.
    pub(crate) fn new(graph: RoadGraph, hierarchy: Hierarchy, metrics: MetricSet, meta: MapMeta) -> PreparedMap {
        let digest = lay_out(&graph, &hierarchy, &metrics, &meta).digest();
        PreparedMap::assemble(graph, hierarchy, metrics, meta, digest)
    }

    fn assemble(
        graph: RoadGraph,
        hierarchy: Hierarchy,
        metrics: MetricSet,
        meta: MapMeta,
        digest: [u8; DIGEST_LENGTH],
    ) -> PreparedMap {
        PreparedMap {
            graph: Arc::new(graph),
            hierarchy: Arc::new(hierarchy),
            base: OnceLock::new(),
            snap: OnceLock::new(),
            metrics: Arc::new(metrics),
            meta,
            digest,
        }
    }

    /// Opens a file that [`PreparedMap::save`] wrote, by mapping it into memory. The checksum of every
    /// section and the sense of its content are checked first; the digest of the whole is not, see
    /// [`PreparedMap::verify`].
    ///
    /// The file must not be written to or cut short while the map is in use: the process would die of
    /// it. Replacing it by renaming another over it is fine, and what [`PreparedMap::save`] does.
    pub fn open(path: &Path) -> Result<PreparedMap, OpenMapError> {
        PreparedMap::from_sections(&Sections::open(path)?, &path.display().to_string())
    }

    /// The same from bytes; `file` is the name that errors tell.
    pub fn from_bytes(bytes: Vec<u8>, file: &str) -> Result<PreparedMap, OpenMapError> {
        let sections = Sections::parse(bytes).map_err(|fault| fault.at(file.to_owned()))?;
        PreparedMap::from_sections(&sections, file)
    }

    fn from_sections(sections: &Sections, file: &str) -> Result<PreparedMap, OpenMapError> {
        let meta = sections.bytes(META).and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(MapMeta::parse);
        let no_meta = || Fault::damaged("it does not say what it was made from").at(file.to_owned());
        let meta = meta.ok_or_else(no_meta)?;
        let graph = RoadGraph::from_columns(sections.group("graph."))
            .map_err(|source| OpenMapError::Graph { file: file.to_owned(), source })?;
        let columns = sections.group("hierarchy.");
        let hierarchy = Hierarchy::from_columns(&graph, &|name| columns.column(name))
            .map_err(|source| OpenMapError::Hierarchy { file: file.to_owned(), source })?;
        let columns = sections.group("");
        let metrics = sections.bytes(METRICS).and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(|text| {
            MetricSet::parse(text, graph.edge_count(), &|index| columns.column(&metric_column(index)))
        });
        let metrics = metrics.ok_or_else(|| Fault::damaged("its metrics are broken").at(file.to_owned()))?;
        Ok(PreparedMap::assemble(graph, hierarchy, metrics, meta, sections.digest()))
    }

    /// Makes now what would else be made when it is first asked for: the base metric, its cells and the snap index.
    pub fn prepare(&self) {
        self.cells();
        self.snap_index();
    }

    /// Compares the content with the digest that the file states, and which [`PreparedMap::checksum`] is
    /// the start of. The CRCs that opening checks find accidents; this also finds content that was put
    /// under another map's digest. Reads all of the map.
    pub fn verify(&self) -> Result<(), WrongChecksum> {
        let found = lay_out(&self.graph, &self.hierarchy, &self.metrics, &self.meta).digest();
        if found == self.digest {
            Ok(())
        } else {
            Err(WrongChecksum { stated: self.checksum(), found: start_of(found) })
        }
    }

    /// Writes the map to `path`, replacing what is there in one step, and returns its size in bytes.
    /// A map that is open there stays what it is.
    pub fn save(&self, path: &Path) -> Result<u64, SaveMapError> {
        let file = lay_out(&self.graph, &self.hierarchy, &self.metrics, &self.meta);
        write_atomically(path, &file)?;
        Ok(file.length() as u64)
    }

    /// The file that [`PreparedMap::save`] writes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let file = lay_out(&self.graph, &self.hierarchy, &self.metrics, &self.meta);
        let mut bytes = Vec::with_capacity(file.length());
        file.write(&mut bytes).expect("writing to a vector never fails");
        assert_eq!(bytes.len(), file.length(), "the table was laid out for what was written");
        bytes
    }

    pub fn graph(&self) -> &Arc<RoadGraph> {
        &self.graph
    }

    pub fn hierarchy(&self) -> &Arc<Hierarchy> {
        &self.hierarchy
    }

    /// The map's own weights, with labels if they fit into [`LABEL_BYTES_MAX`]; made by the first who
    /// asks, see [`PreparedMap::prepare`].
    pub fn base_metric(&self) -> &Arc<RoadMetric> {
        self.base.get_or_init(|| {
            let tree = Arc::new(Tree::new(&self.hierarchy));
            Arc::new(RoadMetric::new(Arc::new(self.customize()), &tree, LABEL_BYTES_MAX))
        })
    }

    /// Bounds of travel times under the base metric; made by the first who asks, see [`PreparedMap::prepare`].
    pub fn cells(&self) -> &Arc<Cells> {
        self.base_metric().cells(&self.graph).expect("the base metric has cells: RoadMetric::new")
    }

    fn customize(&self) -> Customized {
        self.hierarchy.customize(self.graph.weights(), BASE_METRIC)
    }

    fn snap_index(&self) -> &SnapIndex {
        self.snap.get_or_init(|| Arc::new(SnapIndex::build(&self.graph)))
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
        start_of(self.digest)
    }

    /// Exact driving times under the base metric, for one thread.
    pub fn query(&self) -> RoadQuery {
        RoadQuery::new(Arc::clone(&self.graph), Arc::clone(self.base_metric()))
    }

    /// The same without labels: for one who has few questions, as making labels takes longer than
    /// thousands of searches.
    pub fn search(&self) -> HierarchyQuery {
        let customized = self.base.get().map(|base| Arc::clone(base.customized()));
        HierarchyQuery::new(Arc::clone(&self.graph), customized.unwrap_or_else(|| Arc::new(self.customize())))
    }

    /// The nearest place on a road that can be reached and left, at most `limit` away.
    pub fn snap(&self, at: LatLon, limit: Metres) -> Result<Snapped, NoRoadNear> {
        self.snap_index().snap(&self.graph, at, limit)
    }

    /// The nearest place that `options` allow.
    pub fn snap_by(&self, at: LatLon, options: &SnapOptions) -> Result<Snapped, NoRoadNear> {
        self.snap_index().snap_by(&self.graph, at, options)
    }

    /// The places that a point may have meant, nearest first; see [`SnapIndex::candidates`].
    pub fn candidates(&self, at: LatLon, options: &SnapOptions) -> Result<Vec<Snapped>, NoRoadNear> {
        self.snap_index().candidates(&self.graph, at, options)
    }

    /// Where a place is on the globe.
    pub fn position(&self, place: Place) -> LatLon {
        place_position(&self.graph, place)
    }

    /// The nearest place on each of the `count` nearest roads at most `limit` away, nearest first.
    pub fn nearest_places(&self, at: LatLon, limit: Metres, count: usize) -> Vec<Snapped> {
        self.snap_index().nearest_places(&self.graph, at, limit, count)
    }

    /// The same of the roads that `options` allow, up to their limit.
    pub fn nearest_places_by(&self, at: LatLon, options: &SnapOptions, count: usize) -> Vec<Snapped> {
        self.snap_index().nearest_places_by(&self.graph, at, options, count)
    }
}

fn start_of(digest: [u8; DIGEST_LENGTH]) -> u64 {
    u64::from_le_bytes(*digest.first_chunk().expect("a digest is longer than eight bytes"))
}

fn metric_column(index: usize) -> String {
    format!("metric.{index}.weight")
}

fn lay_out<'a>(graph: &'a RoadGraph, hierarchy: &'a Hierarchy, metrics: &'a MetricSet, meta: &MapMeta) -> LaidOut<'a> {
    let mut writer = SectionWriter::default();
    writer.add(META, meta.to_text().into_bytes());
    for (name, bytes) in graph.columns() {
        writer.add(&format!("graph.{name}"), bytes);
    }
    for (name, column) in hierarchy.columns() {
        writer.add(&format!("hierarchy.{name}"), column.file_bytes());
    }
    writer.add(METRICS, metrics.to_text().into_bytes());
    for (index, column) in metrics.columns() {
        writer.add(&metric_column(index), column.file_bytes());
    }
    writer.finish()
}
