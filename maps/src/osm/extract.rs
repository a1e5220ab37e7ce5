//! What an extract says about roads, read in two passes over the file.
//!
//! First the drivable ways and the turn restrictions; then, by a sorted list of the node ids those ways
//! pass, the positions and barriers of these nodes alone. Blocks that hold no nodes are not unpacked
//! again.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use mukae_units::LatLon;
use osmpbfreader::osmformat::{HeaderBlock, PrimitiveBlock};

use super::access::Profile;
use super::barrier::is_blocked;
use super::blob::{Blobs, RawBlob};
use super::block::{self, Fault};
use super::error::ReadExtractError;
use super::restriction::{Relation, read_relation};
use super::road::{NotDrivable, Road, road};
use super::tags::Tags;
use crate::graph::Way;

/// The drivable part of an extract. Nodes are numbered in the order of their OSM ids.
#[derive(Debug)]
pub(crate) struct Extract {
    pub(super) roads: Vec<Road>,
    /// For each road its OSM id and name.
    pub(crate) ways: Vec<Way>,
    /// Road -> its first entry in `refs`; one more entry than roads.
    pub(super) first_ref: Vec<u32>,
    /// The nodes each road passes, as numbers.
    pub(super) refs: Vec<u32>,
    /// OSM ids of the nodes, ascending.
    pub(super) node_ids: Vec<i64>,
    /// `None` if the extract was cut and lacks the node.
    pub(super) positions: Vec<Option<LatLon>>,
    /// Nodes with a barrier that we cannot pass.
    pub(super) is_blocked: Vec<bool>,
    pub(super) relations: Vec<Relation>,
    /// OSM ids of `highway` ways that are not drivable, ascending.
    pub(super) other_highways: Vec<i64>,
    pub(crate) names: Vec<String>,
    /// How many ways with a road's tags were left out, and why.
    pub(crate) left_out: BTreeMap<NotDrivable, u32>,
    pub(crate) header: ExtractHeader,
}

/// What the file says about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ExtractHeader {
    /// Seconds since the Unix epoch up to which the extract holds all edits.
    pub(crate) as_of: Option<i64>,
}

impl Extract {
    pub(super) fn refs_of(&self, road: usize) -> &[u32] {
        &self.refs[self.first_ref[road] as usize..self.first_ref[road + 1] as usize]
    }
}

/// Reads `path`; `progress` is told the part done, 0 to 1 for each of the two passes.
pub(crate) fn read_extract(
    path: &Path,
    profile: &Profile,
    progress: &mut dyn FnMut(Pass, f32),
) -> Result<Extract, ReadExtractError> {
    let mut ways = WayPass::default();
    let header = ways.read(path, profile, progress)?;
    ways.finish(path, profile, header, progress)
}

/// Which of the two passes is under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pass {
    Ways,
    Nodes,
}

#[derive(Default)]
struct WayPass {
    roads: Vec<Road>,
    ways: Vec<Way>,
    first_ref: Vec<u32>,
    /// OSM ids until the second pass numbers them.
    refs: Vec<i64>,
    relations: Vec<Relation>,
    other_highways: Vec<i64>,
    names: Names,
    left_out: BTreeMap<NotDrivable, u32>,
    way_count: u64,
    /// For each data blob in file order, whether it holds nodes.
    holds_nodes: Vec<bool>,
}

impl WayPass {
    fn read(
        &mut self,
        path: &Path,
        profile: &Profile,
        progress: &mut dyn FnMut(Pass, f32),
    ) -> Result<HeaderBlock, ReadExtractError> {
        let (mut blobs, header) = Blobs::open(path)?;
        while let Some(blob) = blobs.next()? {
            if !blob.is_data {
                continue;
            }
            let block = blobs.data(&blob)?;
            self.read_block(&block, profile).map_err(|fault| blobs.damaged(blob.at, fault))?;
            self.holds_nodes.push(block::has_nodes(&block));
            if u32::MAX as usize / 2 < self.refs.len() {
                return Err(too_large(&blobs, "road points"));
            }
            progress(Pass::Ways, blobs.progress());
        }
        if self.roads.is_empty() {
            return Err(ReadExtractError::NoRoads { file: blobs.file().to_owned(), ways: self.way_count });
        }
        self.first_ref.push(self.refs.len() as u32);
        self.other_highways.sort_unstable();
        Ok(header)
    }

    fn read_block(&mut self, block: &PrimitiveBlock, profile: &Profile) -> Result<(), Fault> {
        for group in &block.primitivegroup {
            for way in &group.ways {
                self.way_count += 1;
                if block::has_key(block, &way.keys, "highway") {
                    let tags = block::tags(block, &way.keys, &way.vals)?;
                    self.read_way(way.id(), &tags, block::refs(way)?, profile);
                }
            }
            for relation in &group.relations {
                if block::has_key(block, &relation.keys, "type") {
                    let tags = block::tags(block, &relation.keys, &relation.vals)?;
                    if tags.is("type", "restriction") {
                        let members = block::members(block, relation)?;
                        self.relations.push(read_relation(relation.id(), &tags, &members, profile));
                    }
                }
            }
        }
        Ok(())
    }

    fn read_way(&mut self, osm_id: i64, tags: &Tags<'_>, refs: Vec<i64>, profile: &Profile) {
        match road(tags, profile) {
            Ok(road) => {
                let name = tags.get("name").or(tags.get("ref")).unwrap_or("");
                self.roads.push(road);
                let Road { class, is_roundabout, .. } = road;
                self.ways.push(Way { osm_id, name: self.names.number(name), class, is_roundabout });
                self.first_ref.push(self.refs.len() as u32);
                self.refs.extend(refs);
            }
            Err(reason) => {
                self.other_highways.push(osm_id);
                *self.left_out.entry(reason).or_default() += 1;
            }
        }
    }

    /// The second pass.
    fn finish(
        self,
        path: &Path,
        profile: &Profile,
        header: HeaderBlock,
        progress: &mut dyn FnMut(Pass, f32),
    ) -> Result<Extract, ReadExtractError> {
        let mut node_ids = self.refs.clone();
        node_ids.sort_unstable();
        node_ids.dedup();
        let number = |id: i64| node_ids.binary_search(&id).ok();
        let refs = self.refs.iter().map(|&id| number(id).expect("the list was made of these ids") as u32).collect();
        let mut positions = vec![None; node_ids.len()];
        let mut blocked = vec![false; node_ids.len()];

        let (mut blobs, _) = Blobs::open(path)?;
        // If the file changed between the passes, a block may be skipped that now holds nodes; they are
        // then missing, as in an extract that was cut.
        let mut holds_nodes = self.holds_nodes.iter();
        while let Some(blob) = next_data(&mut blobs)? {
            if holds_nodes.next() == Some(&false) {
                continue;
            }
            let block = blobs.data(&blob)?;
            let visited = block::visit_nodes(&block, number, |index, position, tags| {
                positions[index] = Some(position);
                blocked[index] = is_blocked(tags, profile);
            });
            visited.map_err(|fault| blobs.damaged(blob.at, fault))?;
            progress(Pass::Nodes, blobs.progress());
        }
        Ok(Extract {
            roads: self.roads,
            ways: self.ways,
            first_ref: self.first_ref,
            refs,
            node_ids,
            positions,
            is_blocked: blocked,
            relations: self.relations,
            other_highways: self.other_highways,
            names: self.names.list,
            left_out: self.left_out,
            header: ExtractHeader { as_of: header.osmosis_replication_timestamp },
        })
    }
}

fn next_data(blobs: &mut Blobs) -> Result<Option<RawBlob>, ReadExtractError> {
    while let Some(blob) = blobs.next()? {
        if blob.is_data {
            return Ok(Some(blob));
        }
    }
    Ok(None)
}

fn too_large(blobs: &Blobs, what: &'static str) -> ReadExtractError {
    ReadExtractError::TooLarge { file: blobs.file().to_owned(), what, limit: u64::from(u32::MAX / 2) }
}

/// Each name once, numbered by first use; 0 is the empty name.
struct Names {
    list: Vec<String>,
    /// Only looked up, never walked: its order decides nothing.
    number_of: HashMap<String, u32>,
}

impl Default for Names {
    fn default() -> Names {
        Names { list: vec![String::new()], number_of: HashMap::from([(String::new(), 0)]) }
    }
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.number_of.get(name) {
            return number;
        }
        let number = self.list.len() as u32;
        self.list.push(name.to_owned());
        self.number_of.insert(name.to_owned(), number);
        number
    }
}
