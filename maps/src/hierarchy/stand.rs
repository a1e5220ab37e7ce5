//! How a place is left and reached: what a search upwards starts from.
//!
//! A place is left along its own edge and, if both sides are allowed, along the twin. It is reached from
//! the tails of the same edges, each of which may be split into several nodes. A closed road can be left
//! by its head, by who is there already, and reached at its tail.

use std::iter;

use crate::graph::{EdgeId, RoadGraph};
use crate::hierarchy::customize::{Customized, FAR};
use crate::hierarchy::search::Start;
use crate::place::{Fraction, Place, Sides};

/// One way to stand at a place: on this edge, pointing along it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stand {
    pub(super) edge: EdgeId,
    pub(super) fraction: Fraction,
    /// Driving time from the edge's tail, in milliseconds; `FAR` within a closed road.
    pub(super) part: u32,
    /// Driving time to the edge's head; out of a closed road, what it takes by the map's own weights.
    pub(super) rest: u32,
    pub(super) is_closed: bool,
}

impl Stand {
    pub(super) fn can_reach(&self) -> bool {
        self.part < FAR
    }
}

/// The place's own side first, then the other if it is allowed and there is one.
pub(super) fn stands(graph: &RoadGraph, customized: &Customized, place: Place) -> impl Iterator<Item = Stand> + Clone {
    let stand = |edge: EdgeId, fraction: Fraction| {
        let weight = customized.weight(edge).as_millis();
        let is_closed = FAR <= weight;
        let weight = if is_closed { graph.weight(edge).as_millis() } else { weight };
        let driven = fraction.part_of(weight);
        let part = if is_closed && Fraction::TAIL < fraction { FAR } else { driven };
        Stand { edge, fraction, part, rest: weight - driven, is_closed }
    };
    let opposite = match place.sides {
        Sides::This => None,
        Sides::Both => graph.twin(place.edge).map(|twin| stand(twin, place.fraction.reversed())),
    };
    iter::once(stand(place.edge, place.fraction)).chain(opposite)
}

/// Where a place is left, as starts of the forward search.
pub(super) fn starts(graph: &RoadGraph, customized: &Customized, place: Place, starts: &mut Vec<Start>) {
    let hierarchy = customized.hierarchy();
    starts.clear();
    for stand in stands(graph, customized, place) {
        let rank = hierarchy.order().rank(hierarchy.turns().start(stand.edge));
        starts.push(Start { rank: rank.0, time: stand.rest });
    }
}

/// Where a place is reached, as starts of the backward search.
pub(super) fn ends(graph: &RoadGraph, customized: &Customized, place: Place, ends: &mut Vec<Start>) {
    let hierarchy = customized.hierarchy();
    ends.clear();
    for stand in stands(graph, customized, place).filter(Stand::can_reach) {
        for entry in hierarchy.turns().entries(graph.tail(stand.edge), stand.edge) {
            // Kernels count on it that no time is above `FAR`; the sum of two could be.
            let time = (stand.part + entry.price).min(FAR);
            ends.push(Start { rank: hierarchy.order().rank(entry.node).0, time });
        }
    }
}

/// A drive that stays on one edge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Along {
    pub(super) start: Stand,
    pub(super) end: Stand,
    pub(super) time: u32,
}

/// The shortest drive that stays on one edge. On a closed road that is to stay, or to come to its end.
pub(super) fn along(from: impl Iterator<Item = Stand>, to: impl Iterator<Item = Stand> + Clone) -> Option<Along> {
    from.flat_map(|start| to.clone().map(move |end| (start, end)))
        .filter(|(start, end)| start.edge == end.edge && start.fraction <= end.fraction)
        .filter(|(start, end)| !start.is_closed || start.fraction == end.fraction || end.fraction == Fraction::HEAD)
        .map(|(start, end)| Along { start, end, time: start.rest - end.rest })
        .min_by_key(|along| along.time)
}
