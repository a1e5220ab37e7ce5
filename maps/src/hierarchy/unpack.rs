//! From an up-edge back to the road edges it stands for.
//!
//! Dibbelt, Strasser, Wagner, *Customizable Contraction Hierarchies*, on computing the path: the middle
//! of a shortcut is not stored but found, by looking for the lower triangle that has its time. Equal
//! candidates are settled the same way every time: a road before a detour, the road with the
//! smaller number, the detour over the lower node.

use std::ops::ControlFlow;

use crate::hierarchy::Rank;
use crate::hierarchy::customize::Customized;
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
}

/// Hands the arcs of `hops`, the last of them first to be driven, to `visit` in driving
/// order, until it breaks. `hops` is empty or of no use afterwards.
pub(super) fn unpack(customized: &Customized, hops: &mut Vec<Hop>, mut visit: impl FnMut(TurnArc) -> ControlFlow<()>) {
    while let Some(hop) = hops.pop() {
        match road(customized, hop) {
            Some(arc) => {
                if visit(arc).is_break() {
                    return;
                }
            }
            None => {
                let [one, two] = halves(customized, hop);
                hops.extend([two, one]);
            }
        }
    }
}

/// The first road that takes exactly as long as the hop.
fn road(customized: &Customized, hop: Hop) -> Option<TurnArc> {
    let hierarchy = customized.hierarchy();
    let order = hierarchy.order();
    let lower = order.node(Rank(hierarchy.up_tail[hop.up_edge as usize]));
    let upper = order.node(Rank(hierarchy.up_head[hop.up_edge as usize]));
    let (tail, head) = if hop.upwards { (lower, upper) } else { (upper, lower) };
    let time = customized.time_along(hop.up_edge, hop.upwards);
    let turns = hierarchy.turns();
    turns.out_arcs(tail).find(|&arc| turns.head(arc) == head && customized.arc_time(arc) == time)
}

/// The two hops over the lowest middle that takes exactly as long.
fn halves(customized: &Customized, hop: Hop) -> [Hop; 2] {
    let hierarchy = customized.hierarchy();
    let lower = hierarchy.up_tail[hop.up_edge as usize] as usize;
    let upper = hierarchy.up_head[hop.up_edge as usize];
    let time = customized.time_along(hop.up_edge, hop.upwards);
    let down = hierarchy.first_down[lower] as usize..hierarchy.first_down[lower + 1] as usize;
    for &to_lower in &hierarchy.down[down] {
        // Driving down to the middle comes first, whichever end the hop starts at.
        if customized.time_along(to_lower, !hop.upwards) >= time {
            continue;
        }
        let end = hierarchy.first_up[hierarchy.up_tail[to_lower as usize] as usize + 1];
        let Some(to_upper) = (to_lower + 1..end).find(|&up_edge| hierarchy.up_head[up_edge as usize] == upper) else {
            continue;
        };
        if customized.time_along(to_lower, !hop.upwards) + customized.time_along(to_upper, hop.upwards) == time {
            let by_lower = Hop { up_edge: to_lower, upwards: !hop.upwards };
            let by_upper = Hop { up_edge: to_upper, upwards: hop.upwards };
            return if hop.upwards { [by_lower, by_upper] } else { [by_upper, by_lower] };
        }
    }
    panic!("no road and no lower triangle takes {time} ms along up-edge {}", hop.up_edge);
}
