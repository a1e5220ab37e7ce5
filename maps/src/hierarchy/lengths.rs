//! How far one drives along an up-edge, kept once it has been asked for.
//!
//! The length of a drive is the sum of those of its few up-edges, so a drive need not be unpacked to be measured.

use mukae_units::Metres;

use crate::graph::RoadGraph;
use crate::hierarchy::customize::Customized;
use crate::hierarchy::unpack::{Hop, Taken};

/// Of one metric. Takes no memory until it is asked, then 16 bytes an up-edge.
#[derive(Debug, Default)]
pub(super) struct HopLengths {
    /// By [`Hop::index`], in millimetres; of an up-edge nobody asked about, `UNKNOWN`.
    known: Vec<u64>,
}

const UNKNOWN: u64 = u64::MAX;

impl HopLengths {
    /// For another metric.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    pub(super) fn of(&mut self, graph: &RoadGraph, customized: &Customized, hop: Hop) -> Metres {
        if self.known.is_empty() {
            self.known.resize(2 * customized.hierarchy().up_edge_count(), UNKNOWN);
        }
        Metres::from_millimetres(self.millimetres(graph, customized, hop))
    }

    /// Never deeper than the hierarchy is high: a detour goes over a lower node.
    fn millimetres(&mut self, graph: &RoadGraph, customized: &Customized, hop: Hop) -> u64 {
        let known = self.known[hop.index()];
        if known != UNKNOWN {
            return known;
        }
        let length = match hop.taken_apart(customized) {
            Taken::Road(arc) => graph.length(customized.hierarchy().turns().edge(arc)).as_millimetres(),
            Taken::Hops(hops) => hops.into_iter().map(|hop| self.millimetres(graph, customized, hop)).sum(),
        };
        self.known[hop.index()] = length;
        length
    }
}

/// A clone is for another thread, which will ask about other drives: it begins with none.
impl Clone for HopLengths {
    fn clone(&self) -> HopLengths {
        HopLengths::default()
    }
}
