//! The passes over an extract that find places and homes.

use std::collections::{BTreeMap, BTreeSet};

use mukae_units::LatLon;
use osmpbfreader::osmformat::relation::MemberType;
use osmpbfreader::osmformat::{PrimitiveBlock, Relation, Way};

use super::blocks::Blocks;
use super::building;
use super::homes::Homes;
use super::kind::PlaceKind;
use super::merge::Found;
use super::shape::{Shape, rings_of};
use super::{HomesFrom, OsmObject, Place};
use crate::mesh::{Cell, Side};
use crate::osm::ReadExtractError;
use crate::osm::block::{self, Fault};
use crate::osm::tags::Tags;

pub(super) struct Collected {
    pub(super) found: Vec<Found>,
    pub(super) homes: Homes,
    pub(super) homes_from: HomesFrom,
    pub(super) without_position: usize,
}

/// What an object is to us.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Use {
    place: Option<PlaceKind>,
    is_building: bool,
    is_street: bool,
}

impl Use {
    fn of(tags: &Tags<'_>) -> Use {
        let is_street = matches!(tags.get("highway"), Some("residential" | "living_street" | "unclassified"));
        let is_building = 0 < building::homes(tags, building::ORDINARY_AREA);
        Use { place: PlaceKind::of(tags), is_building, is_street }
    }

    fn is_any(self) -> bool {
        self != Use::default()
    }
}

/// What pass 1 finds to be needed.
#[derive(Default)]
struct Needed {
    of_places: Vec<i64>,
    of_buildings: Vec<i64>,
    of_streets: Vec<i64>,
    /// Outer ways of multipolygons.
    sides: BTreeSet<i64>,
    /// Those of buildings: such a way is not a building once more.
    sides_of_buildings: BTreeSet<i64>,
    has_buildings: bool,
}

pub(super) fn collect(
    blocks: &mut Blocks<'_>,
    homes_from: Option<HomesFrom>,
    progress: &mut dyn FnMut(f32),
) -> Result<Collected, ReadExtractError> {
    let mut needed = Needed::default();
    blocks.walk(|holds| holds.others, progress, &mut |block| needed.read(block))?;
    let from = match needed.has_buildings {
        true => HomesFrom::Buildings,
        false => HomesFrom::Streets,
    };
    let homes_from = homes_from.unwrap_or(from);

    let mut sides: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    if !needed.sides.is_empty() {
        blocks.walk(|holds| holds.others, progress, &mut |block| {
            let wanted = block.primitivegroup.iter().flat_map(|group| &group.ways);
            let wanted: Result<Vec<_>, Fault> = wanted
                .filter(|way| needed.sides.contains(&way.id()))
                .map(|way| Ok((way.id(), block::refs(way)?)))
                .collect();
            sides.extend(wanted?);
            Ok(())
        })?;
    }

    let mut ids = std::mem::take(&mut needed.of_places);
    ids.append(match homes_from {
        HomesFrom::Buildings => &mut needed.of_buildings,
        HomesFrom::Streets => &mut needed.of_streets,
    });
    ids.extend(sides.values().flatten());
    ids.sort_unstable();
    ids.dedup();
    let mut nodes = Nodes { positions: vec![None; ids.len()], ids, places: BTreeMap::new() };
    blocks.walk(|holds| holds.nodes, progress, &mut |block| nodes.read(block))?;

    let mut ground = Ground::new(homes_from, needed.sides_of_buildings, sides, nodes);
    blocks.walk(|holds| holds.others, progress, &mut |block| ground.read(block))?;
    Ok(ground.finish())
}

impl Needed {
    fn read(&mut self, block: &PrimitiveBlock) -> Result<(), Fault> {
        for group in &block.primitivegroup {
            for way in group.ways.iter().filter(|way| may_be_used(block, &way.keys)) {
                let used = Use::of(&block::tags(block, &way.keys, &way.vals)?);
                if used.is_any() {
                    let refs = block::refs(way)?;
                    self.has_buildings |= used.is_building;
                    for (is_needed, list) in [
                        (used.place.is_some(), &mut self.of_places),
                        (used.is_building, &mut self.of_buildings),
                        (used.is_street, &mut self.of_streets),
                    ] {
                        if is_needed {
                            list.extend_from_slice(&refs);
                        }
                    }
                }
            }
            for relation in group.relations.iter().filter(|relation| may_be_used(block, &relation.keys)) {
                if let Some((used, outer)) = multipolygon(block, relation)? {
                    self.has_buildings |= used.is_building;
                    self.sides.extend(&outer);
                    if used.is_building {
                        self.sides_of_buildings.extend(&outer);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Cheap enough to ask of every object.
fn may_be_used(block: &PrimitiveBlock, keys: &[u32]) -> bool {
    const KEYS: [&str; 7] = ["building", "amenity", "healthcare", "shop", "railway", "leisure", "highway"];
    KEYS.iter().any(|key| block::has_key(block, keys, key))
}

/// What a relation is to us, and its outer ways.
fn multipolygon(block: &PrimitiveBlock, relation: &Relation) -> Result<Option<(Use, Vec<i64>)>, Fault> {
    let tags = block::tags(block, &relation.keys, &relation.vals)?;
    let used = Use { is_street: false, ..Use::of(&tags) };
    if !tags.is("type", "multipolygon") || !used.is_any() {
        return Ok(None);
    }
    let members = block::members(block, relation)?;
    let outer = members.iter().filter(|member| member.kind == MemberType::WAY && matches!(member.role, "outer" | ""));
    Ok(Some((used, outer.map(|member| member.id).collect())))
}

/// What pass 3 finds.
struct Nodes {
    ids: Vec<i64>,
    /// Of each of `ids`; `None` if the extract was cut and lacks the node.
    positions: Vec<Option<LatLon>>,
    places: BTreeMap<i64, Place>,
}

impl Nodes {
    fn read(&mut self, block: &PrimitiveBlock) -> Result<(), Fault> {
        let (mut positions, mut places) = (Vec::new(), Vec::new());
        let ids = &self.ids;
        block::visit_nodes(block, Some, |id, at, tags| {
            if let Ok(index) = ids.binary_search(&id) {
                positions.push((index, at));
            }
            if let Some(kind) = PlaceKind::of(tags) {
                places.push((id, place(kind, tags, at, None, OsmObject::Node(id))));
            }
        })?;
        positions.into_iter().for_each(|(index, at)| self.positions[index] = Some(at));
        self.places.extend(places);
        Ok(())
    }

    /// Where the nodes are, without those that are missing.
    fn line(&self, refs: &[i64]) -> Vec<LatLon> {
        let at = |id: &i64| self.ids.binary_search(id).ok().and_then(|index| self.positions[index]);
        refs.iter().filter_map(at).collect()
    }
}

fn place(kind: PlaceKind, tags: &Tags<'_>, at: LatLon, area: Option<u64>, osm: OsmObject) -> Place {
    let name = tags.get("name").unwrap_or("").to_owned();
    Place { kind, name, at, weight: kind.weight(tags, area), osm }
}

/// Pass 4.
struct Ground {
    homes_from: HomesFrom,
    sides_of_buildings: BTreeSet<i64>,
    sides: BTreeMap<i64, Vec<i64>>,
    nodes: Nodes,
    /// Places that are nodes, to see which plain buildings are theirs.
    points: BTreeMap<Cell, Vec<LatLon>>,
    /// By object: one that stands in the file again takes the place of the first.
    read: BTreeMap<OsmObject, Read>,
    without_position: BTreeSet<OsmObject>,
}

/// What became of an object.
struct Read {
    found: Option<Found>,
    home: Option<(LatLon, u64)>,
    street: Vec<LatLon>,
}

impl Ground {
    fn new(
        homes_from: HomesFrom,
        sides_of_buildings: BTreeSet<i64>,
        sides: BTreeMap<i64, Vec<i64>>,
        nodes: Nodes,
    ) -> Ground {
        let mut points: BTreeMap<Cell, Vec<LatLon>> = BTreeMap::new();
        for place in nodes.places.values() {
            points.entry(Cell::of(place.at, Side::Quarter)).or_default().push(place.at);
        }
        let (read, without_position) = (BTreeMap::new(), BTreeSet::new());
        Ground { homes_from, sides_of_buildings, sides, nodes, points, read, without_position }
    }

    fn read(&mut self, block: &PrimitiveBlock) -> Result<(), Fault> {
        let mut of_block = Vec::new();
        for group in &block.primitivegroup {
            for way in group.ways.iter().filter(|way| may_be_used(block, &way.keys)) {
                of_block.extend(self.read_way(block, way)?);
            }
            for relation in group.relations.iter().filter(|relation| may_be_used(block, &relation.keys)) {
                let Some((used, outer)) = multipolygon(block, relation)? else { continue };
                let tags = block::tags(block, &relation.keys, &relation.vals)?;
                let sides = outer.iter().filter_map(|side| self.sides.get(side).cloned()).collect();
                let rings = rings_of(sides).iter().map(|refs| self.nodes.line(refs)).collect();
                let osm = OsmObject::Relation(relation.id());
                of_block.push((osm, self.read_ground(used, &tags, Shape::of(rings), osm)));
            }
        }
        for (osm, read) in of_block {
            match read {
                Some(read) => _ = self.read.insert(osm, read),
                None => _ = self.without_position.insert(osm),
            }
        }
        Ok(())
    }

    fn read_way(&self, block: &PrimitiveBlock, way: &Way) -> Result<Option<(OsmObject, Option<Read>)>, Fault> {
        let tags = block::tags(block, &way.keys, &way.vals)?;
        let mut used = Use::of(&tags);
        used.is_building &= !self.sides_of_buildings.contains(&way.id());
        used.is_street &= self.homes_from == HomesFrom::Streets;
        if !used.is_any() {
            return Ok(None);
        }
        let (line, osm) = (self.nodes.line(&block::refs(way)?), OsmObject::Way(way.id()));
        if used.is_street {
            return Ok(Some((osm, Some(Read { found: None, home: None, street: line }))));
        }
        Ok(Some((osm, self.read_ground(used, &tags, Shape::of(vec![line]), osm))))
    }

    /// `None` if the extract has no node of it.
    fn read_ground(&self, used: Use, tags: &Tags<'_>, shape: Option<Shape>, osm: OsmObject) -> Option<Read> {
        let shape = shape?;
        let homes = match self.homes_from {
            HomesFrom::Buildings if used.is_building && !self.is_of_place(tags, &shape) => {
                building::homes(tags, shape.area)
            }
            _ => 0,
        };
        let home = (0 < homes).then_some((shape.centre, u64::from(homes)));
        let area = tags.get("building").map(|_| shape.area);
        let found =
            used.place.map(|kind| Found { place: place(kind, tags, shape.centre, area, osm), shape: Some(shape) });
        Some(Read { found, home, street: Vec::new() })
    }

    /// Whether a building that says no more than that it is one is that of a place inside.
    fn is_of_place(&self, tags: &Tags<'_>, shape: &Shape) -> bool {
        let cells: BTreeSet<Cell> =
            shape.rings.iter().flatten().map(|&corner| Cell::of(corner, Side::Quarter)).collect();
        let near = || cells.iter().filter_map(|cell| self.points.get(cell)).flatten();
        tags.is("building", "yes") && near().any(|&point| shape.contains(point))
    }

    fn finish(self) -> Collected {
        let (mut homes, mut found) = (Homes::default(), Vec::new());
        found.extend(self.nodes.places.into_values().map(|place| Found { place, shape: None }));
        for read in self.read.into_values() {
            found.extend(read.found);
            homes.add_street(&read.street);
            if let Some((at, count)) = read.home {
                homes.add(at, count);
            }
        }
        let without_position = self.without_position.len();
        Collected { found, homes, homes_from: self.homes_from, without_position }
    }
}
