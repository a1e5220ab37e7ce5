//! How long ferries take: their way's duration in pieces, and boarding.

use mukae_units::TravelTime;

use super::{Extract, Piece, Splitter, runs_of};
use crate::graph::NewEdgeId;
use crate::hierarchy::TOO_FAR;
use crate::osm::road::RoadClass;

/// Where ferries meet roads: nodes on both. Empty without ferries.
pub(super) fn piers(extract: &Extract) -> Vec<bool> {
    let is_ferry = |way: usize| extract.roads[way].class == RoadClass::Ferry;
    if !(0..extract.roads.len()).any(is_ferry) {
        return Vec::new();
    }
    let mut is_on = [vec![false; extract.node_ids.len()], vec![false; extract.node_ids.len()]];
    for way in 0..extract.roads.len() {
        let nodes = runs_of(extract, way).flatten();
        nodes.for_each(|node| is_on[usize::from(is_ferry(way))][node as usize] = true);
    }
    let [roads, ferries] = is_on;
    roads.into_iter().zip(ferries).map(|(road, ferry)| road && ferry).collect()
}

impl Splitter<'_> {
    /// Spreads a ferry's duration over the edges of its way by their lengths, so that each direction's sum
    /// is the duration to the millisecond; then adds the time to board where it leaves a pier. Whoever
    /// sails on past a pier pays there again, as if changing ships.
    pub(super) fn time_ferry(&mut self, way: usize) {
        let road = self.extract.roads[way];
        if road.class != RoadClass::Ferry {
            return;
        }
        let roads = self.network.first_road[way]..self.network.ends.len() as u32;
        let pieces: Vec<Piece> = roads.map(|road| self.network.piece(road)).collect();
        for is_forward in [true, false] {
            let edge_of = |piece: &Piece| if is_forward { piece.forward } else { piece.backward };
            let edges: Vec<(&Piece, NewEdgeId)> =
                pieces.iter().filter_map(|piece| Some((piece, edge_of(piece)?))).collect();
            let length = |edge| u128::from(self.network.roads.road(edge).length.as_millimetres());
            let whole: u128 = edges.iter().map(|&(_, edge)| length(edge)).sum();
            let mut times = Vec::with_capacity(edges.len());
            let (mut sailed, mut told) = (0, 0);
            for &(_, edge) in &edges {
                sailed += length(edge);
                let until = road.duration.filter(|_| 0 < whole).map(|all| u128::from(all.as_millis()) * sailed / whole);
                times.push(until.map(|until| (until - std::mem::replace(&mut told, until)) as u32));
            }
            for ((piece, edge), time) in edges.into_iter().zip(times) {
                let tail = if is_forward { piece.first } else { piece.last };
                let boarding = if self.piers[tail as usize] { self.extract.boarding } else { TravelTime::ZERO };
                let edge = self.network.roads.edge_mut(edge).expect("pieces name edges that are open");
                let sailing = time.map_or(edge.weight, |millis| TravelTime::from_millis(millis.max(1)));
                let whole = sailing.as_millis().saturating_add(boarding.as_millis());
                edge.weight = TravelTime::from_millis(whole.min(TOO_FAR.as_millis() - 1));
            }
        }
    }
}
