//! The road graph as named columns of numbers, the way a prepared map keeps it, and back again with
//! everything checked.

use std::borrow::Cow;

use mukae_units::{LatLon, TravelTime};
use thiserror::Error;

use super::{EdgeId, NO_EDGE, RoadGraph, TurnRestriction, TurnRule, Ways};
use crate::column::{Column, Number};
use crate::graph::bits::Bits;
use crate::graph::names::Names;
use crate::hierarchy::TOO_FAR;
use crate::osm::RoadClass;
use crate::store::SectionGroup;

/// Why stored columns are not a road graph.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum BrokenGraph {
    #[error("column {0} is missing")]
    Missing(&'static str),
    #[error("column {column} has {found} entries, not {expected}")]
    Length { column: &'static str, found: usize, expected: usize },
    #[error("column {0} does not divide what it should divide")]
    Offsets(&'static str),
    #[error("column {column} names entry {value}, of {count}")]
    OutOfRange { column: &'static str, value: u32, count: usize },
    #[error("edge {0} and its twin do not agree")]
    Twin(u32),
    #[error("the edges are longer than any roads")]
    TooLong,
    #[error("edge {edge} takes {millis} ms")]
    Weight { edge: usize, millis: u32 },
    #[error("passing through destination-only roads takes {0} ms")]
    Price(u32),
    #[error("a point is not on the globe")]
    OffTheGlobe,
    #[error("the largest component is larger than all")]
    Component,
    #[error("the names are not text")]
    Names,
    #[error("the turn restriction of OSM relation {0} is no chain of edges")]
    Restriction(i64),
}

/// The length of all edges together, in millimetres: nearly twice to the sun. Edges of an extract, at
/// most 12 days of driving each, are far from it.
const LENGTHS_MAX: u64 = u64::MAX >> 16;

impl RoadGraph {
    /// Every column by name, as a file keeps it; [`RoadGraph::from_columns`] takes them back.
    pub(crate) fn columns(&self) -> Vec<(&'static str, Cow<'_, [u8]>)> {
        let mut columns = vec![
            ("first_out", self.first_out.file_bytes()),
            ("head", self.head.file_bytes()),
            ("length", self.length.file_bytes()),
            ("weight", self.weight.file_bytes()),
            ("twin", self.twin.file_bytes()),
            ("way", self.way.file_bytes()),
            ("first_shape", self.first_shape.file_bytes()),
            ("shape", self.shape.file_bytes()),
            ("position", self.position.file_bytes()),
            ("way_osm_id", self.ways.osm_id.file_bytes()),
            ("way_name", self.ways.name.file_bytes()),
            ("way_class", self.ways.class.file_bytes()),
            ("way_is_roundabout", self.ways.is_roundabout.words().file_bytes()),
            ("destination_only", self.is_destination_only.words().file_bytes()),
            ("guarded", self.is_guarded.words().file_bytes()),
            ("names", self.names.text().file_bytes()),
            ("name_end", self.names.end().file_bytes()),
            ("is_routable", self.is_routable.words().file_bytes()),
        ];
        let mut first_chain = vec![0u32];
        for restriction in &self.restrictions {
            first_chain.push(first_chain[first_chain.len() - 1] + restriction.chain.len() as u32);
        }
        let restrictions = || self.restrictions.iter();
        columns.extend([
            ("component", bytes_of([self.component_size, self.point_count].into_iter())),
            ("through_price", bytes_of([self.through_price.as_millis()].into_iter())),
            ("turn_osm_id", bytes_of(restrictions().map(|restriction| restriction.osm_id))),
            ("turn_rule", bytes_of(restrictions().map(|restriction| u32::from(restriction.rule == TurnRule::Only)))),
            ("first_turn_edge", bytes_of(first_chain.into_iter())),
            ("turn_edge", bytes_of(restrictions().flat_map(|restriction| &restriction.chain).map(|edge| edge.0))),
        ]);
        columns
    }

    /// From stored columns, which are read where they lie. Everything is checked, so that nothing can
    /// panic later.
    pub(crate) fn from_columns(columns: SectionGroup<'_>) -> Result<RoadGraph, BrokenGraph> {
        let position = points(column(columns, "position")?)?;
        let nodes = position.len();
        let head = column(columns, "head")?;
        let edges = head.len();
        check_range("head", &head, nodes)?;

        let first_out = column(columns, "first_out")?;
        check_offsets("first_out", &first_out, nodes, edges)?;
        let tail = spread(&first_out);

        let shape = points(column(columns, "shape")?)?;
        let first_shape = column(columns, "first_shape")?;
        check_offsets("first_shape", &first_shape, edges, shape.len())?;

        let names = Names::of_columns(column(columns, "names")?, column(columns, "name_end")?)?;
        let ways = ways(columns, names.len())?;
        let way = exact(columns, "way", edges)?;
        check_range("way", &way, ways.len())?;

        let component: Column<u64> = exact(columns, "component", 2)?;
        if component[1] < component[0] {
            return Err(BrokenGraph::Component);
        }
        let graph = RoadGraph {
            length: lengths(exact(columns, "length", edges)?)?,
            weight: weights(exact(columns, "weight", edges)?)?,
            twin: twins(exact(columns, "twin", edges)?, &tail, &head)?,
            head,
            first_out,
            tail,
            way,
            is_destination_only: bits(columns, "destination_only", edges)?,
            is_guarded: bits(columns, "guarded", edges)?,
            first_shape,
            shape,
            position,
            ways,
            names,
            restrictions: Vec::new(),
            through_price: price(exact(columns, "through_price", 1)?[0])?,
            is_routable: bits(columns, "is_routable", edges)?,
            component_size: component[0],
            point_count: component[1],
        };
        let restrictions = graph.read_restrictions(columns)?;
        Ok(RoadGraph { restrictions, ..graph })
    }

    fn read_restrictions(&self, columns: SectionGroup<'_>) -> Result<Vec<TurnRestriction>, BrokenGraph> {
        let rules: Column<u32> = column(columns, "turn_rule")?;
        check_range("turn_rule", &rules, 2)?;
        let osm_ids: Column<i64> = exact(columns, "turn_osm_id", rules.len())?;
        let chains: Column<u32> = column(columns, "turn_edge")?;
        let first = column(columns, "first_turn_edge")?;
        check_offsets("first_turn_edge", &first, rules.len(), chains.len())?;
        (0..rules.len())
            .map(|index| {
                let osm_id = osm_ids[index];
                let chain = &chains[first[index] as usize..first[index + 1] as usize];
                let chain: Vec<EdgeId> = chain.iter().copied().map(EdgeId).collect();
                if !self.is_chain(&chain) {
                    return Err(BrokenGraph::Restriction(osm_id));
                }
                let rule = if rules[index] == 1 { TurnRule::Only } else { TurnRule::No };
                Ok(TurnRestriction { osm_id, rule, chain })
            })
            .collect()
    }
}

fn bytes_of<T: Number>(numbers: impl Iterator<Item = T>) -> Cow<'static, [u8]> {
    Cow::Owned(numbers.collect::<Column<T>>().file_bytes().into_owned())
}

fn column<T: Number>(columns: SectionGroup<'_>, name: &'static str) -> Result<Column<T>, BrokenGraph> {
    columns.column(name).ok_or(BrokenGraph::Missing(name))
}

fn price(price: TravelTime) -> Result<TravelTime, BrokenGraph> {
    if price < TOO_FAR { Ok(price) } else { Err(BrokenGraph::Price(price.as_millis())) }
}

fn exact<T: Number>(columns: SectionGroup<'_>, name: &'static str, expected: usize) -> Result<Column<T>, BrokenGraph> {
    let values: Column<T> = column(columns, name)?;
    let found = values.len();
    if found == expected { Ok(values) } else { Err(BrokenGraph::Length { column: name, found, expected }) }
}

fn bits(columns: SectionGroup<'_>, name: &'static str, truths: usize) -> Result<Bits, BrokenGraph> {
    let words: Column<u32> = column(columns, name)?;
    let (found, expected) = (words.len(), Bits::word_count(truths));
    Bits::of_words(words, truths).ok_or(BrokenGraph::Length { column: name, found, expected })
}

/// Nothing in `values` is `count` or more. Looks at all of them, which is quicker than to stop at the
/// first that is wrong.
fn check_range(column: &'static str, values: &[u32], count: usize) -> Result<(), BrokenGraph> {
    match values.iter().max() {
        Some(&value) if count <= value as usize => Err(BrokenGraph::OutOfRange { column, value, count }),
        _ => Ok(()),
    }
}

/// `offsets` starts at 0, never falls and ends at `total`, with one more entry than `groups`.
fn check_offsets(column: &'static str, offsets: &[u32], groups: usize, total: usize) -> Result<(), BrokenGraph> {
    let divides =
        offsets.len() == groups + 1 && offsets[0] == 0 && offsets.is_sorted() && offsets[groups] as usize == total;
    if divides { Ok(()) } else { Err(BrokenGraph::Offsets(column)) }
}

/// For each item the group it belongs to.
fn spread(offsets: &[u32]) -> Column<u32> {
    let mut groups = Vec::with_capacity(offsets.last().map_or(0, |&total| total as usize));
    for (group, &end) in offsets[1..].iter().enumerate() {
        groups.resize(end as usize, group as u32);
    }
    groups.into()
}

fn points(points: Column<[i32; 2]>) -> Result<Column<[i32; 2]>, BrokenGraph> {
    let is_off = |&[lat, lon]: &[i32; 2]| LatLon::from_e7(lat, lon).is_err();
    if points.iter().fold(false, |any, point| any | is_off(point)) { Err(BrokenGraph::OffTheGlobe) } else { Ok(points) }
}

fn ways(columns: SectionGroup<'_>, names: usize) -> Result<Ways, BrokenGraph> {
    let name: Column<u32> = column(columns, "way_name")?;
    check_range("way_name", &name, names)?;
    let class: Column<u32> = exact(columns, "way_class", name.len())?;
    check_range("way_class", &class, RoadClass::ALL.len())?;
    let is_roundabout = bits(columns, "way_is_roundabout", name.len())?;
    Ok(Ways { osm_id: exact(columns, "way_osm_id", name.len())?, name, class, is_roundabout })
}

/// Lengths may be added up, and multiplied by the steps of a fraction, without a thought.
fn lengths(lengths: Column<u64>) -> Result<Column<u64>, BrokenGraph> {
    let total = lengths.iter().try_fold(0u64, |total, &length| total.checked_add(length));
    let fits = total.is_some_and(|total| total <= LENGTHS_MAX);
    if fits { Ok(lengths) } else { Err(BrokenGraph::TooLong) }
}

fn weights(weights: Column<TravelTime>) -> Result<Column<TravelTime>, BrokenGraph> {
    let is_wrong = |&weight: &TravelTime| weight == TravelTime::ZERO || TOO_FAR <= weight;
    if !weights.iter().fold(false, |any, weight| any | is_wrong(weight)) {
        return Ok(weights);
    }
    let edge = weights.iter().position(is_wrong).expect("some weight is wrong");
    Err(BrokenGraph::Weight { edge, millis: weights[edge].as_millis() })
}

/// Twins are each other's, and run between the same nodes the other way.
fn twins(twins: Column<u32>, tail: &[u32], head: &[u32]) -> Result<Column<u32>, BrokenGraph> {
    let agrees = |edge: usize, twin: usize| {
        twin < twins.len()
            && twins[twin] as usize == edge
            && edge != twin
            && tail[twin] == head[edge]
            && tail[edge] == head[twin]
    };
    match (0..twins.len()).find(|&edge| twins[edge] != NO_EDGE && !agrees(edge, twins[edge] as usize)) {
        None => Ok(twins),
        Some(edge) => Err(BrokenGraph::Twin(edge as u32)),
    }
}
