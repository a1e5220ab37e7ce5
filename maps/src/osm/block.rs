//! The objects of one decoded block, read with every index and sum checked.
//!
//! `osmpbfreader`'s own iterators index the string table unchecked and own every tag; these borrow, and
//! answer a damaged block with the words for what is wrong.

use mukae_units::LatLon;
use osmpbfreader::osmformat::relation::MemberType;
use osmpbfreader::osmformat::{DenseNodes, PrimitiveBlock, Relation, Way};

use super::tags::Tags;

/// What is wrong with a block.
pub(super) type Fault = &'static str;

const NO_STRING: Fault = "a tag or role names a string that is not in the block's table";
const OFF_THE_GLOBE: Fault = "a node is not on the globe";
const SUM_TOO_LARGE: Fault = "an id or a coordinate is too large";

pub(super) fn tags<'a>(block: &'a PrimitiveBlock, keys: &[u32], values: &[u32]) -> Result<Tags<'a>, Fault> {
    if keys.len() != values.len() {
        return Err("an object has more tag keys than values, or fewer");
    }
    let pairs: Result<Vec<_>, Fault> =
        keys.iter().zip(values).map(|(&key, &value)| Ok((string(block, key)?, string(block, value)?))).collect();
    Ok(Tags::new(pairs?))
}

/// True if one of `keys` is `wanted`: cheap enough to ask of every object.
pub(super) fn has_key(block: &PrimitiveBlock, keys: &[u32], wanted: &str) -> bool {
    keys.iter().any(|&key| block.stringtable.s.get(key as usize).is_some_and(|key| key == wanted.as_bytes()))
}

/// Text that is not UTF-8 reads as empty: it is no tag we know and no name we could show.
fn string(block: &PrimitiveBlock, index: u32) -> Result<&str, Fault> {
    let bytes = block.stringtable.s.get(index as usize).ok_or(NO_STRING)?;
    Ok(std::str::from_utf8(bytes).unwrap_or(""))
}

/// The nodes a way passes, in order.
pub(super) fn refs(way: &Way) -> Result<Vec<i64>, Fault> {
    undelta(&way.refs)
}

fn undelta(deltas: &[i64]) -> Result<Vec<i64>, Fault> {
    let mut sum = 0i64;
    deltas
        .iter()
        .map(|&delta| {
            sum = sum.checked_add(delta).ok_or(SUM_TOO_LARGE)?;
            Ok(sum)
        })
        .collect()
}

/// One member of a relation.
pub(super) struct Member<'a> {
    pub(super) kind: MemberType,
    pub(super) id: i64,
    pub(super) role: &'a str,
}

pub(super) fn members<'a>(block: &'a PrimitiveBlock, relation: &Relation) -> Result<Vec<Member<'a>>, Fault> {
    if relation.memids.len() != relation.types.len() || relation.memids.len() != relation.roles_sid.len() {
        return Err("a relation's members, types and roles are not equally many");
    }
    let ids = undelta(&relation.memids)?;
    ids.into_iter()
        .zip(&relation.types)
        .zip(&relation.roles_sid)
        .map(|((id, kind), &role)| {
            let kind = kind.enum_value().map_err(|_| "a relation has a member of an unknown type")?;
            let role = string(block, u32::try_from(role).map_err(|_| NO_STRING)?)?;
            Ok(Member { kind, id, role })
        })
        .collect()
}

/// True if the block holds any node.
pub(super) fn has_nodes(block: &PrimitiveBlock) -> bool {
    block.primitivegroup.iter().any(|group| !group.nodes.is_empty() || !group.dense.id.is_empty())
}

/// Calls `visit` with each node that `wanted` names: what it names it, where it is, and its tags.
pub(super) fn visit_nodes<T>(
    block: &PrimitiveBlock,
    wanted: impl Fn(i64) -> Option<T>,
    mut visit: impl FnMut(T, LatLon, &Tags<'_>),
) -> Result<(), Fault> {
    for group in &block.primitivegroup {
        for node in &group.nodes {
            let Some(index) = wanted(node.id()) else { continue };
            let position = position(block, node.lat(), node.lon())?;
            visit(index, position, &tags(block, &node.keys, &node.vals)?);
        }
        visit_dense(block, &group.dense, &wanted, &mut visit)?;
    }
    Ok(())
}

fn visit_dense<T>(
    block: &PrimitiveBlock,
    dense: &DenseNodes,
    wanted: &impl Fn(i64) -> Option<T>,
    visit: &mut impl FnMut(T, LatLon, &Tags<'_>),
) -> Result<(), Fault> {
    if dense.id.len() != dense.lat.len() || dense.id.len() != dense.lon.len() {
        return Err("nodes have more ids than coordinates, or fewer");
    }
    let (mut id, mut lat, mut lon) = (0i64, 0i64, 0i64);
    let mut words = dense.keys_vals.iter().copied();
    for ((&more_id, &more_lat), &more_lon) in dense.id.iter().zip(&dense.lat).zip(&dense.lon) {
        id = id.checked_add(more_id).ok_or(SUM_TOO_LARGE)?;
        lat = lat.checked_add(more_lat).ok_or(SUM_TOO_LARGE)?;
        lon = lon.checked_add(more_lon).ok_or(SUM_TOO_LARGE)?;
        let index = wanted(id);
        let mut pairs = Vec::new();
        // Key, value, key, value, 0: then the next node's; no words at all if no node has tags.
        while let Some(key) = words.next().filter(|&key| key != 0) {
            let value = words.next().ok_or("a node's last tag has no value")?;
            if index.is_some() {
                pairs.push((dense_string(block, key)?, dense_string(block, value)?));
            }
        }
        if let Some(index) = index {
            visit(index, position(block, lat, lon)?, &Tags::new(pairs));
        }
    }
    Ok(())
}

fn dense_string(block: &PrimitiveBlock, index: i32) -> Result<&str, Fault> {
    string(block, u32::try_from(index).map_err(|_| NO_STRING)?)
}

/// Coordinates are stored in steps of `granularity` 10⁻⁹ degrees from an offset.
fn position(block: &PrimitiveBlock, lat: i64, lon: i64) -> Result<LatLon, Fault> {
    let e7 = |steps: i64, offset: i64| {
        let nano = steps.checked_mul(i64::from(block.granularity()))?.checked_add(offset)?;
        i32::try_from(nano / 100).ok()
    };
    let (Some(lat), Some(lon)) = (e7(lat, block.lat_offset()), e7(lon, block.lon_offset())) else {
        return Err(OFF_THE_GLOBE);
    };
    LatLon::from_e7(lat, lon).map_err(|_| OFF_THE_GLOBE)
}
