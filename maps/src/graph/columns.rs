//! The road graph as named columns of numbers, the way a prepared map keeps it, and back again with
//! everything checked.

use mukae_units::{LatLon, Metres, TravelTime};
use thiserror::Error;

use super::{EdgeId, NodeId, RoadGraph, TurnRestriction, TurnRule, Way};
use crate::hierarchy::TOO_FAR;
use crate::osm::RoadClass;

/// A column by name; `None` if the map has none of that name.
type Columns<'a> = &'a dyn Fn(&str) -> Option<Vec<u32>>;

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
    #[error("edge {edge} takes {millis} ms")]
    Weight { edge: usize, millis: u32 },
    #[error("edge {edge} is {millimetres} mm long")]
    TooLong { edge: usize, millimetres: u64 },
    #[error("a point is not on the globe")]
    OffTheGlobe,
    #[error("the names are not text")]
    Names,
    #[error("the turn restriction of OSM relation {0} is no chain of edges")]
    Restriction(i64),
}

const NO_TWIN: u32 = u32::MAX;

/// 100,000 km. No edge takes longer than 12 days, so none that was built comes near it; parts and sums of lengths
/// cannot overflow below it.
const LENGTH_MAX_MM: u64 = 100_000_000_000;

impl RoadGraph {
    /// Every column by name; [`RoadGraph::from_columns`] takes them back.
    pub(crate) fn columns(&self) -> Vec<(&'static str, Vec<u32>)> {
        let ids = |ids: &mut dyn Iterator<Item = i64>| ids.flat_map(|id| split(id as u64)).collect();
        let points = |points: &[LatLon]| {
            points.iter().flat_map(|point| [point.lat_e7() as u32, point.lon_e7() as u32]).collect::<Vec<u32>>()
        };
        let mut name_end = 0u32;
        let mut first_chain = vec![0u32];
        for restriction in &self.restrictions {
            first_chain.push(first_chain[first_chain.len() - 1] + restriction.chain.len() as u32);
        }
        vec![
            ("first_out", self.first_out.clone()),
            ("head", self.head.iter().map(|node| node.0).collect()),
            ("length", self.length.iter().flat_map(|length| split(length.as_millimetres())).collect()),
            ("weight", self.weight.iter().map(|weight| weight.as_millis()).collect()),
            ("twin", self.twin.iter().map(|twin| twin.map_or(NO_TWIN, |edge| edge.0)).collect()),
            ("way", self.way.clone()),
            ("first_shape", self.first_shape.clone()),
            ("shape", points(&self.shape)),
            ("position", points(&self.position)),
            ("way_osm_id", ids(&mut self.ways.iter().map(|way| way.osm_id))),
            ("way_name", self.ways.iter().map(|way| way.name).collect()),
            ("way_class", self.ways.iter().map(|way| way.class as u32).collect()),
            ("way_is_roundabout", pack(&self.ways.iter().map(|way| way.is_roundabout).collect::<Vec<bool>>())),
            ("destination_only", pack(&self.is_destination_only)),
            (
                "name_end",
                self.names
                    .iter()
                    .map(|name| {
                        name_end += name.len() as u32;
                        name_end
                    })
                    .collect(),
            ),
            ("is_routable", pack(&self.is_routable)),
            ("component", [self.component_size, self.point_count].into_iter().flat_map(split).collect()),
            ("turn_osm_id", ids(&mut self.restrictions.iter().map(|restriction| restriction.osm_id))),
            (
                "turn_rule",
                self.restrictions.iter().map(|restriction| u32::from(restriction.rule == TurnRule::Only)).collect(),
            ),
            ("first_turn_edge", first_chain),
            (
                "turn_edge",
                self.restrictions.iter().flat_map(|restriction| &restriction.chain).map(|edge| edge.0).collect(),
            ),
        ]
    }

    /// All names in one string; the column `name_end` says where each ends.
    pub(crate) fn name_text(&self) -> String {
        self.names.concat()
    }

    /// From stored columns. Everything is checked, so that nothing can panic later.
    pub(crate) fn from_columns(columns: Columns<'_>, name_text: &str) -> Result<RoadGraph, BrokenGraph> {
        let column = |name: &'static str| columns(name).ok_or(BrokenGraph::Missing(name));
        let position = points(&column("position")?)?;
        let nodes = position.len();
        let head = column("head")?;
        let edges = head.len();
        check_range("head", &head, nodes)?;

        let first_out = column("first_out")?;
        check_offsets("first_out", &first_out, nodes, edges)?;
        let tail: Vec<NodeId> = spread(&first_out).map(NodeId).collect();

        let shape = points(&column("shape")?)?;
        let first_shape = column("first_shape")?;
        check_offsets("first_shape", &first_shape, edges, shape.len())?;

        let names = names(&column("name_end")?, name_text)?;
        let way_name = column("way_name")?;
        check_range("way_name", &way_name, names.len())?;
        let way_osm_id = wide("way_osm_id", &column("way_osm_id")?, way_name.len())?;
        let way_class = exact("way_class", column("way_class")?, way_name.len())?;
        check_range("way_class", &way_class, RoadClass::ALL.len())?;
        let is_roundabout = unpack("way_is_roundabout", &column("way_is_roundabout")?, way_name.len())?;
        let ways: Vec<Way> = (0..way_name.len())
            .map(|way| Way {
                osm_id: way_osm_id[way] as i64,
                name: way_name[way],
                class: RoadClass::ALL[way_class[way] as usize],
                is_roundabout: is_roundabout[way],
            })
            .collect();
        let way = exact("way", column("way")?, edges)?;
        check_range("way", &way, ways.len())?;

        let component = wide("component", &column("component")?, 2)?;
        let graph = RoadGraph {
            length: lengths(wide("length", &column("length")?, edges)?)?,
            weight: weights(exact("weight", column("weight")?, edges)?)?,
            twin: twins(&exact("twin", column("twin")?, edges)?, &tail, &head)?,
            head: head.into_iter().map(NodeId).collect(),
            first_out,
            tail,
            way,
            is_destination_only: unpack("destination_only", &column("destination_only")?, edges)?,
            first_shape,
            shape,
            position,
            ways,
            names,
            restrictions: Vec::new(),
            is_routable: unpack("is_routable", &column("is_routable")?, edges)?,
            component_size: component[0],
            point_count: component[1],
        };
        let restrictions = graph.read_restrictions(&column)?;
        Ok(RoadGraph { restrictions, ..graph })
    }

    fn read_restrictions(
        &self,
        column: &dyn Fn(&'static str) -> Result<Vec<u32>, BrokenGraph>,
    ) -> Result<Vec<TurnRestriction>, BrokenGraph> {
        let rules = column("turn_rule")?;
        check_range("turn_rule", &rules, 2)?;
        let osm_ids = wide("turn_osm_id", &column("turn_osm_id")?, rules.len())?;
        let chains: Vec<EdgeId> = column("turn_edge")?.into_iter().map(EdgeId).collect();
        let first = column("first_turn_edge")?;
        check_offsets("first_turn_edge", &first, rules.len(), chains.len())?;
        (0..rules.len())
            .map(|index| {
                let osm_id = osm_ids[index] as i64;
                let chain = chains[first[index] as usize..first[index + 1] as usize].to_vec();
                if !self.is_chain(&chain) {
                    return Err(BrokenGraph::Restriction(osm_id));
                }
                let rule = if rules[index] == 1 { TurnRule::Only } else { TurnRule::No };
                Ok(TurnRestriction { osm_id, rule, chain })
            })
            .collect()
    }
}

/// Low half first.
fn split(wide: u64) -> [u32; 2] {
    [wide as u32, (wide >> 32) as u32]
}

fn wide(column: &'static str, halves: &[u32], expected: usize) -> Result<Vec<u64>, BrokenGraph> {
    if halves.len() != expected * 2 {
        return Err(BrokenGraph::Length { column, found: halves.len(), expected: expected * 2 });
    }
    Ok(halves.chunks_exact(2).map(|half| u64::from(half[0]) | u64::from(half[1]) << 32).collect())
}

fn exact(column: &'static str, values: Vec<u32>, expected: usize) -> Result<Vec<u32>, BrokenGraph> {
    if values.len() == expected {
        Ok(values)
    } else {
        Err(BrokenGraph::Length { column, found: values.len(), expected })
    }
}

fn check_range(column: &'static str, values: &[u32], count: usize) -> Result<(), BrokenGraph> {
    match values.iter().find(|&&value| count <= value as usize) {
        None => Ok(()),
        Some(&value) => Err(BrokenGraph::OutOfRange { column, value, count }),
    }
}

/// `offsets` starts at 0, never falls and ends at `total`, with one more entry than `groups`.
fn check_offsets(column: &'static str, offsets: &[u32], groups: usize, total: usize) -> Result<(), BrokenGraph> {
    let divides =
        offsets.len() == groups + 1 && offsets[0] == 0 && offsets.is_sorted() && offsets[groups] as usize == total;
    if divides { Ok(()) } else { Err(BrokenGraph::Offsets(column)) }
}

/// For each item the group it belongs to.
fn spread(offsets: &[u32]) -> impl Iterator<Item = u32> {
    offsets.windows(2).enumerate().flat_map(|(group, pair)| (pair[0]..pair[1]).map(move |_| group as u32))
}

fn points(halves: &[u32]) -> Result<Vec<LatLon>, BrokenGraph> {
    let (pairs, rest) = halves.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(BrokenGraph::OffTheGlobe);
    }
    let point = |&[lat, lon]: &[u32; 2]| LatLon::from_e7(lat as i32, lon as i32).map_err(|_| BrokenGraph::OffTheGlobe);
    pairs.iter().map(point).collect()
}

fn weights(millis: Vec<u32>) -> Result<Vec<TravelTime>, BrokenGraph> {
    match millis.iter().position(|&millis| millis == 0 || TOO_FAR.as_millis() <= millis) {
        None => Ok(millis.into_iter().map(TravelTime::from_millis).collect()),
        Some(edge) => Err(BrokenGraph::Weight { edge, millis: millis[edge] }),
    }
}

fn lengths(millimetres: Vec<u64>) -> Result<Vec<Metres>, BrokenGraph> {
    match millimetres.iter().position(|&length| LENGTH_MAX_MM < length) {
        None => Ok(millimetres.into_iter().map(Metres::from_millimetres).collect()),
        Some(edge) => Err(BrokenGraph::TooLong { edge, millimetres: millimetres[edge] }),
    }
}

/// Twins are each other's, and run between the same nodes the other way.
fn twins(twins: &[u32], tail: &[NodeId], head: &[u32]) -> Result<Vec<Option<EdgeId>>, BrokenGraph> {
    let agrees = |edge: usize, twin: usize| {
        twin < twins.len()
            && twins[twin] as usize == edge
            && edge != twin
            && tail[twin].0 == head[edge]
            && tail[edge].0 == head[twin]
    };
    twins
        .iter()
        .enumerate()
        .map(|(edge, &twin)| match twin {
            NO_TWIN => Ok(None),
            twin if agrees(edge, twin as usize) => Ok(Some(EdgeId(twin))),
            _ => Err(BrokenGraph::Twin(edge as u32)),
        })
        .collect()
}

fn names(ends: &[u32], text: &str) -> Result<Vec<String>, BrokenGraph> {
    let mut start = 0;
    let mut names = Vec::with_capacity(ends.len());
    for &end in ends {
        names.push(text.get(start..end as usize).ok_or(BrokenGraph::Names)?.to_owned());
        start = end as usize;
    }
    let is_whole = start == text.len() && names.first().is_some_and(String::is_empty);
    if is_whole { Ok(names) } else { Err(BrokenGraph::Names) }
}

/// Truths in words of 32, lowest bit first; unused bits are zero.
fn pack(truths: &[bool]) -> Vec<u32> {
    truths.chunks(32).map(|word| word.iter().rev().fold(0, |bits, &truth| bits << 1 | u32::from(truth))).collect()
}

fn unpack(column: &'static str, words: &[u32], expected: usize) -> Result<Vec<bool>, BrokenGraph> {
    if words.len() != expected.div_ceil(32) {
        return Err(BrokenGraph::Length { column, found: words.len(), expected: expected.div_ceil(32) });
    }
    Ok((0..expected).map(|index| words[index / 32] >> (index % 32) & 1 == 1).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truths_survive_packing() {
        let truths: Vec<bool> = (0..77).map(|index| index % 3 == 0).collect();
        assert_eq!(unpack("t", &pack(&truths), 77).unwrap(), truths);
        assert!(unpack("t", &pack(&truths), 97).is_err());
    }

    #[test]
    fn halves_make_wholes() {
        let ids = [-1i64, 0, i64::MIN, 12_345_678_901];
        let halves: Vec<u32> = ids.iter().flat_map(|&id| split(id as u64)).collect();
        let back: Vec<i64> = wide("id", &halves, 4).unwrap().into_iter().map(|id| id as i64).collect();
        assert_eq!(back, ids);
    }
}
