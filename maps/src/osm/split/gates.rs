//! Gates for those who have a destination behind them.

use super::{Piece, Splitter};
use crate::osm::road::RoadClass;

impl Splitter<'_> {
    /// Who has no destination behind a gate does not pass it: of two stretches at a gate both are for
    /// destinations only, at a junction those of a lesser class than the best there.
    pub(super) fn close_gates(&mut self, gates: &[u32]) {
        if gates.is_empty() {
            return;
        }
        let mut at_gates: Vec<(u32, RoadClass, Piece)> = Vec::new();
        for way in 0..self.extract.roads.len() {
            for piece in self.network.pieces_of(way) {
                let ends = [piece.first, piece.last];
                let gates = ends.into_iter().filter(|node| gates.binary_search(node).is_ok());
                at_gates.extend(gates.map(|gate| (gate, self.extract.roads[way].class, piece)));
            }
        }
        at_gates.sort_by_key(|&(gate, class, _)| (gate, class));
        for arms in at_gates.chunk_by(|a, b| a.0 == b.0) {
            let best = arms[0].1;
            for (_, class, piece) in arms.iter().filter(|arm| arms.len() <= 2 || best < arm.1) {
                debug_assert!(*class >= best, "sorted by class");
                for edge in [piece.forward, piece.backward].into_iter().flatten() {
                    let edge = self.network.roads.edge_mut(edge).expect("pieces name edges that are open");
                    edge.is_destination_only = true;
                }
            }
        }
    }
}
