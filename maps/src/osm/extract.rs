//! What an extract says about roads, read in two passes over the file.
//!
//! First the drivable ways and the turn restrictions; then, by a sorted list of the node ids those ways
//! pass, the positions and barriers of these nodes alone. Blocks that hold no nodes are not unpacked
//! again.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use mukae_units::{LatLon, TravelTime};
use osmpbfreader::osmformat::{HeaderBlock, PrimitiveBlock};

use super::barrier::{Passage, passage};
use super::blob::{Blobs, RawBlob};
use super::block::{self, Fault};
use super::error::ReadExtractError;
use super::faults::ReadFaults;
use super::ferry::is_ferry;
use super::restriction::{Relation, read_relation};
use super::road::{NotDrivable, Road, RoadClass, road};
use super::speed::has_absurd_limit;
use super::tags::Tags;
use crate::graph::Way;
use crate::profile::Profile;

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
    /// Nodes at which something stands: a barrier, a gate, what takes time.
    pub(super) passages: BTreeMap<u32, Passage>,
    pub(super) relations: Vec<Relation>,
    /// The profile's time to board a ferry.
    pub(super) boarding: TravelTime,
    /// OSM ids of `highway` ways that are not drivable, ascending.
    pub(super) other_highways: Vec<i64>,
    pub(crate) names: Vec<String>,
    /// How many ways with a road's tags were left out, and why.
    pub(crate) left_out: BTreeMap<NotDrivable, u32>,
    pub(crate) faults: ReadFaults,
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

/// What is wanted of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) path: &'a Path,
    pub(crate) profile: &'a Profile,
    /// Refuse a damaged file instead of skipping what is damaged.
    pub(crate) is_strict: bool,
}

/// Reads an extract; `progress` is told the part done, 0 to 1 for each of the two passes.
///
/// A damaged block is skipped as long as the frame of the file tells where the next one begins; where
/// it does not, the file ends there.
pub(crate) fn read_extract(
    reading: Reading<'_>,
    progress: &mut dyn FnMut(Pass, f32),
) -> Result<Extract, ReadExtractError> {
    let mut ways = WayPass::default();
    let header = ways.read(reading, progress)?;
    ways.drop_repeated();
    ways.finish(reading, header, progress)
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
    faults: ReadFaults,
    /// The first damage, told instead of an empty map.
    first_damage: Option<ReadExtractError>,
    /// For each data blob in file order, whether it holds nodes.
    holds_nodes: Vec<bool>,
}

impl WayPass {
    fn read(
        &mut self,
        reading: Reading<'_>,
        progress: &mut dyn FnMut(Pass, f32),
    ) -> Result<HeaderBlock, ReadExtractError> {
        let (mut blobs, header) = Blobs::open(reading.path)?;
        loop {
            let blob = match blobs.next() {
                Ok(Some(blob)) => blob,
                Ok(None) => break,
                Err(damage) => {
                    self.faults.is_cut_short = true;
                    self.skip(damage, reading.is_strict)?;
                    break;
                }
            };
            if !blob.is_data {
                continue;
            }
            let read = blobs.data(&blob).and_then(|block| {
                self.read_block(&block, reading.profile).map_err(|fault| blobs.damaged(blob.at, fault))?;
                Ok(block::has_nodes(&block))
            });
            match read {
                Ok(has_nodes) => self.holds_nodes.push(has_nodes),
                Err(damage) => {
                    self.skip(damage, reading.is_strict)?;
                    self.holds_nodes.push(false);
                }
            }
            if u32::MAX as usize / 2 < self.refs.len() {
                return Err(too_large(&blobs, "road points"));
            }
            progress(Pass::Ways, blobs.progress());
        }
        if self.roads.is_empty() {
            let none = || ReadExtractError::NoRoads { file: blobs.file().to_owned(), ways: self.way_count };
            return Err(self.first_damage.take().unwrap_or_else(none));
        }
        self.first_ref.push(self.refs.len() as u32);
        self.other_highways.sort_unstable();
        Ok(header)
    }

    /// Notes damage that can be lived with; anything else, or any if that is asked for, stops the reading.
    fn skip(&mut self, damage: ReadExtractError, is_strict: bool) -> Result<(), ReadExtractError> {
        if is_strict || !damage.is_damage() {
            return Err(damage);
        }
        self.faults.damage.push(damage.to_string());
        self.first_damage.get_or_insert(damage);
        Ok(())
    }

    /// All of the block or, if anything in it is wrong, nothing.
    fn read_block(&mut self, block: &PrimitiveBlock, profile: &Profile) -> Result<(), Fault> {
        let (mut ways, mut relations, mut way_count) = (Vec::new(), Vec::new(), 0);
        for group in &block.primitivegroup {
            for way in &group.ways {
                way_count += 1;
                if ["highway", "route"].iter().any(|key| block::has_key(block, &way.keys, key)) {
                    let tags = block::tags(block, &way.keys, &way.vals)?;
                    if tags.get("highway").is_some() || is_ferry(&tags) {
                        ways.push((way.id(), tags, block::refs(way)?));
                    }
                }
            }
            for relation in &group.relations {
                if block::has_key(block, &relation.keys, "type") {
                    let tags = block::tags(block, &relation.keys, &relation.vals)?;
                    if tags.is("type", "restriction") {
                        let members = block::members(block, relation)?;
                        relations.push(read_relation(relation.id(), &tags, &members, profile));
                    }
                }
            }
        }
        self.way_count += way_count;
        self.relations.extend(relations);
        for (osm_id, tags, refs) in ways {
            self.read_way(osm_id, &tags, refs, profile);
        }
        Ok(())
    }

    fn read_way(&mut self, osm_id: i64, tags: &Tags<'_>, refs: Vec<i64>, profile: &Profile) {
        let road = road(tags, profile);
        if matches!(road, Ok(_) | Err(NotDrivable::NoAccess)) {
            for key in tags.keys().filter(|key| is_condition(key, tags, profile)) {
                self.faults.conditions.entry(key.to_owned()).or_default().push(osm_id);
            }
        }
        match road {
            Ok(road) => {
                if has_absurd_limit(tags, profile) {
                    self.faults.absurd_limits.push(osm_id);
                }
                if road.class == RoadClass::Ferry && road.duration.is_none() {
                    self.faults.ferries_by_speed.push(osm_id);
                }
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

    /// Of ways with one id the last stays: in a file that was put together from several it is the newest.
    fn drop_repeated(&mut self) {
        let mut by_id: Vec<(i64, usize)> = self.ways.iter().enumerate().map(|(way, it)| (it.osm_id, way)).collect();
        by_id.sort_unstable();
        let mut is_dropped = vec![false; self.ways.len()];
        for same in by_id.chunk_by(|a, b| a.0 == b.0).filter(|same| 1 < same.len()) {
            self.faults.repeated_ways.push(same[0].0);
            same[..same.len() - 1].iter().for_each(|&(_, way)| is_dropped[way] = true);
        }
        if self.faults.repeated_ways.is_empty() {
            return;
        }
        let (mut refs, mut first_ref) = (Vec::new(), Vec::new());
        for way in (0..self.ways.len()).filter(|&way| !is_dropped[way]) {
            first_ref.push(refs.len() as u32);
            refs.extend_from_slice(&self.refs[self.first_ref[way] as usize..self.first_ref[way + 1] as usize]);
        }
        first_ref.push(refs.len() as u32);
        (self.refs, self.first_ref) = (refs, first_ref);
        let mut kept = is_dropped.iter().map(|is_dropped| !is_dropped);
        self.roads.retain(|_| kept.next().expect("as many as ways"));
        let mut kept = is_dropped.iter().map(|is_dropped| !is_dropped);
        self.ways.retain(|_| kept.next().expect("as many as ways"));
    }

    /// The second pass.
    fn finish(
        mut self,
        reading: Reading<'_>,
        header: HeaderBlock,
        progress: &mut dyn FnMut(Pass, f32),
    ) -> Result<Extract, ReadExtractError> {
        let mut node_ids = self.refs.clone();
        node_ids.sort_unstable();
        node_ids.dedup();
        let number = |id: i64| node_ids.binary_search(&id).ok();
        let refs = self.refs.iter().map(|&id| number(id).expect("the list was made of these ids") as u32).collect();
        let mut nodes = Nodes { positions: vec![None; node_ids.len()], passages: BTreeMap::new(), repeated: 0 };

        let (mut blobs, _) = Blobs::open(reading.path)?;
        // If the file changed between the passes, a block may be skipped that now holds nodes; they are
        // then missing, as in an extract that was cut.
        let mut holds_nodes = std::mem::take(&mut self.holds_nodes).into_iter();
        while let Some(blob) = next_data(&mut blobs, self.faults.is_cut_short)? {
            if holds_nodes.next() == Some(false) {
                continue;
            }
            let read = blobs.data(&blob).and_then(|block| {
                nodes.read_block(&block, number, reading.profile).map_err(|fault| blobs.damaged(blob.at, fault))
            });
            read.or_else(|damage| self.skip(damage, reading.is_strict))?;
            progress(Pass::Nodes, blobs.progress());
        }
        if nodes.positions.iter().all(Option::is_none) {
            self.first_damage.take().map_or(Ok(()), Err)?;
        }
        self.faults.repeated_nodes = nodes.repeated;
        Ok(Extract {
            roads: self.roads,
            ways: self.ways,
            first_ref: self.first_ref,
            refs,
            node_ids,
            positions: nodes.positions,
            passages: nodes.passages,
            relations: self.relations,
            boarding: TravelTime::from_secs(reading.profile.ferry.boarding_s),
            other_highways: self.other_highways,
            names: self.names.list,
            left_out: self.left_out,
            faults: self.faults,
            header: ExtractHeader { as_of: header.osmosis_replication_timestamp },
        })
    }
}

/// What the second pass collects.
struct Nodes {
    positions: Vec<Option<LatLon>>,
    passages: BTreeMap<u32, Passage>,
    /// Nodes met again at another place.
    repeated: u32,
}

impl Nodes {
    /// All of the block or, if anything in it is wrong, nothing.
    fn read_block(
        &mut self,
        block: &PrimitiveBlock,
        number: impl Fn(i64) -> Option<usize>,
        profile: &Profile,
    ) -> Result<(), Fault> {
        let mut found = Vec::new();
        block::visit_nodes(block, number, |index, position, tags| {
            found.push((index, position, passage(tags, profile)));
        })?;
        for (index, position, passage) in found {
            let before = self.positions[index].replace(position);
            self.repeated += u32::from(before.is_some_and(|before| before != position));
            if passage == Passage::FREE {
                self.passages.remove(&(index as u32));
            } else {
                self.passages.insert(index as u32, passage);
            }
        }
        Ok(())
    }
}

/// Tags that change with the hour, the weather or the load, and speak of what we read.
fn is_condition(key: &str, tags: &Tags<'_>, profile: &Profile) -> bool {
    let Some((subject, rest)) = key.strip_suffix(":conditional").map(|key| key.split_once(':').unwrap_or((key, "")))
    else {
        return false;
    };
    let is_ours = |word: &str| profile.vehicle_keys().contains(&word);
    let speaks_to_us = rest.split(':').all(|word| matches!(word, "" | "forward" | "backward") || is_ours(word));
    let measures = ["maxheight", "maxwidth", "maxlength", "maxweight"];
    speaks_to_us
        && match subject {
            "oneway" | "maxspeed" => true,
            // An exception from a limit is read with the limit.
            subject if measures.contains(&subject) => !tags.get(key).is_some_and(|value| value.starts_with("none")),
            subject => is_ours(subject),
        }
}

/// Where the first pass had to stop, which is known and told, this one stops as well.
pub(super) fn next_data(blobs: &mut Blobs, is_cut_short: bool) -> Result<Option<RawBlob>, ReadExtractError> {
    loop {
        match blobs.next() {
            Ok(Some(blob)) if !blob.is_data => {}
            Err(damage) if is_cut_short && damage.is_damage() => return Ok(None),
            other => return other,
        }
    }
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
