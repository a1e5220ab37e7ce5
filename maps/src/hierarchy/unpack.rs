//! From an up-edge back to the road edges it stands for.
//!
//! Customisation remembers the time of an up-edge and what made it so, 24 bytes for both directions, and unpacking looks
//! nothing else up. Dibbelt, Strasser, Wagner, *Customizable Contraction Hierarchies*, keep the times alone and look for
//! the lower triangle that has the time, which takes several times as long in a metropolis.

use crate::hierarchy::Rank;
use crate::hierarchy::customize::{Customized, Part};
use crate::turn_graph::TurnArc;

/// A drive along an up-edge; `upwards` is from its lower to its upper end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Hop {
    up_edge: u32,
    upwards: bool,
}

impl Hop {
    /// The hop from one rank to another. Panics if they are not neighbours: searches go along edges.
    pub(super) fn between(customized: &Customized, from: u32, to: u32) -> Hop {
        let up_edge = customized
            .hierarchy()
            .up_edge(Rank(from.min(to)), Rank(from.max(to)))
            .expect("a search goes from neighbour to neighbour");
        Hop { up_edge, upwards: from < to }
    }

    /// Of twice as many hops as there are up-edges, this one.
    pub(super) fn index(self) -> usize {
        2 * self.up_edge as usize + usize::from(self.upwards)
    }

    /// What it stands for.
    pub(super) fn taken_apart(self, customized: &Customized) -> Taken {
        self.parts(customized.shortcut(self.up_edge, self.upwards).part())
    }

    fn parts(self, part: Part) -> Taken {
        let Hop { upwards, .. } = self;
        match part {
            Part::Road(arc) => Taken::Road(arc),
            Part::Detour { to_lower, to_upper } => {
                // Driving down to the middle comes first, whichever end the hop starts at.
                let by_lower = Hop { up_edge: to_lower, upwards: !upwards };
                let by_upper = Hop { up_edge: to_upper, upwards };
                Taken::Hops(if upwards { [by_lower, by_upper] } else { [by_upper, by_lower] })
            }
        }
    }
}

/// A hop, taken apart once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Taken {
    Road(TurnArc),
    /// In driving order.
    Hops([Hop; 2]),
}

/// Hands the arcs of `hops`, the last of them first to be driven, to `visit` in driving
/// order. `hops` is empty afterwards.
pub(super) fn unpack(customized: &Customized, hops: &mut Vec<Hop>, mut visit: impl FnMut(TurnArc)) {
    unpack_after(customized, hops, 0, |arc, _| -> Option<()> {
        visit(arc);
        None
    });
}

/// The same, but without what is driven before `skipped` milliseconds are over, and with the milliseconds at the end of each
/// arc, until `visit` has found what it looks for. What is skipped is not unpacked, so of a long drive only a few
/// hops are looked at.
pub(super) fn unpack_after<T>(
    customized: &Customized,
    hops: &mut Vec<Hop>,
    skipped: i64,
    mut visit: impl FnMut(TurnArc, u32) -> Option<T>,
) -> Option<T> {
    let mut driven = 0;
    while let Some(hop) = hops.pop() {
        let shortcut = customized.shortcut(hop.up_edge, hop.upwards);
        let after = driven + shortcut.time;
        if i64::from(after) < skipped {
            driven = after;
            continue;
        }
        match hop.parts(shortcut.part()) {
            Taken::Road(arc) => {
                driven = after;
                let found = visit(arc, driven);
                if found.is_some() {
                    return found;
                }
            }
            Taken::Hops([first, second]) => hops.extend([second, first]),
        }
    }
    None
}
