//! The roads behind the vehicles: lines of the area in which a day happened, the great roads first.

use std::collections::BTreeMap;

use mukae_maps::osm::RoadClass;
use mukae_maps::{Bounds, EdgeId, NodeId, RoadGraph};
use mukae_units::LatLon;

use super::line::{Grid, Rows};

/// So many points are drawn, whatever the area; 60,000 are about 250 kB of the page.
const POINTS_MAX: usize = 60_000;
/// Grid steps (about metres) a drawn road may be off; more if that is what it takes.
const ERROR_STEPS: f64 = 8.0;
const ERROR_STEPS_MAX: f64 = 64.0;

/// How roads are drawn: broad, middling, thin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Breadth {
    Broad,
    Middling,
    Thin,
}

/// The lines of one breadth.
pub(super) type Lines = BTreeMap<Breadth, Vec<String>>;

/// What is drawn, and what is not.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Background {
    pub lines: Lines,
    pub points: usize,
    /// True if roads of the breadth `Thin` are left out, because there are too many.
    pub lacks_thin: bool,
    pub error_steps: f64,
}

fn breadth(class: RoadClass) -> Option<Breadth> {
    match class {
        RoadClass::Motorway | RoadClass::Trunk | RoadClass::Primary => Some(Breadth::Broad),
        RoadClass::MotorwayLink
        | RoadClass::TrunkLink
        | RoadClass::PrimaryLink
        | RoadClass::Secondary
        | RoadClass::SecondaryLink
        | RoadClass::Tertiary
        | RoadClass::TertiaryLink => Some(Breadth::Middling),
        RoadClass::Unclassified | RoadClass::Residential | RoadClass::LivingStreet | RoadClass::Road => {
            Some(Breadth::Thin)
        }
        // drives to single houses and fields say nothing at this size
        RoadClass::Service | RoadClass::Track | RoadClass::Ferry => None,
    }
}

/// All roads within the box that fit into [`POINTS_MAX`]: drawn more coarsely first, then without the thin ones.
pub(super) fn background(graph: &RoadGraph, bounds: &Bounds) -> Background {
    let grid = Grid::over(bounds);
    let (east, north) = grid.steps(bounds.north_east);
    let (margin_e, margin_n) = (east / 20 + 200, north / 20 + 200);
    let is_within = |point: LatLon| {
        let (x, y) = grid.steps(point);
        (-margin_e..=east + margin_e).contains(&x) && (-margin_n..=north + margin_n).contains(&y)
    };
    let chains = chains(graph, &is_within);
    let mut error_steps = ERROR_STEPS;
    let mut lacks_thin = false;
    loop {
        let drawn = chains.iter().filter(|(breadth, _)| !(lacks_thin && *breadth == Breadth::Thin));
        let thinned: Vec<(Breadth, Vec<(i64, i64)>)> =
            drawn.map(|(breadth, points)| (*breadth, thin(points, &grid, error_steps))).collect();
        let points = thinned.iter().map(|(_, points)| points.len()).sum();
        if points <= POINTS_MAX || (lacks_thin && ERROR_STEPS_MAX <= error_steps) {
            return Background { lines: written(&thinned), points, lacks_thin, error_steps };
        }
        if error_steps < ERROR_STEPS_MAX {
            error_steps *= 2.0;
        } else {
            (lacks_thin, error_steps) = (true, ERROR_STEPS);
        }
    }
}

fn written(lines: &[(Breadth, Vec<(i64, i64)>)]) -> Lines {
    let mut written = Lines::new();
    for (breadth, points) in lines {
        let mut rows = Rows::<2>::new();
        points.iter().for_each(|&(x, y)| rows.push([x, y]));
        written.entry(*breadth).or_default().push(rows.into_text());
    }
    written
}

/// Roads joined end to end as far as one of the same breadth goes on: fewer and longer lines.
fn chains(graph: &RoadGraph, is_within: &dyn Fn(LatLon) -> bool) -> Vec<(Breadth, Vec<LatLon>)> {
    let mut is_drawn = vec![false; graph.edge_count()];
    let mut chains = Vec::new();
    for first in graph.edges().filter(|&edge| graph.is_canonical(edge)) {
        let Some(breadth) = breadth(graph.way(first).class).filter(|_| !is_drawn[first.0 as usize]) else { continue };
        if !graph.line(first).any(is_within) {
            continue;
        }
        let mut points: Vec<LatLon> = Vec::new();
        let mut next = Some(first);
        while let Some(edge) = next {
            mark(graph, edge, &mut is_drawn);
            points.extend(graph.line(edge).skip(usize::from(!points.is_empty())));
            next = goes_on(graph, graph.head(edge), breadth, &is_drawn).filter(|&edge| graph.line(edge).any(is_within));
        }
        chains.push((breadth, points));
    }
    chains
}

fn mark(graph: &RoadGraph, edge: EdgeId, is_drawn: &mut [bool]) {
    is_drawn[edge.0 as usize] = true;
    if let Some(twin) = graph.twin(edge) {
        is_drawn[twin.0 as usize] = true;
    }
}

fn goes_on(graph: &RoadGraph, node: NodeId, of: Breadth, is_drawn: &[bool]) -> Option<EdgeId> {
    graph.out_edges(node).find(|&edge| !is_drawn[edge.0 as usize] && breadth(graph.way(edge).class) == Some(of))
}

/// Ramer, Douglas and Peucker, on the grid.
fn thin(points: &[LatLon], grid: &Grid, error_max: f64) -> Vec<(i64, i64)> {
    let squeeze = points.first().map_or(1.0, |point| point.lat().to_radians().cos());
    let points: Vec<(i64, i64)> = points.iter().map(|&point| grid.steps(point)).collect();
    let mut is_kept = vec![false; points.len()];
    let mut open = vec![(0, points.len() - 1)];
    while let Some((first, last)) = open.pop() {
        is_kept[first] = true;
        is_kept[last] = true;
        let far = (first + 1..last).map(|index| (off(points[first], points[index], points[last], squeeze), index));
        if let Some((error, index)) = far.max_by(|a, b| a.0.total_cmp(&b.0))
            && error_max < error
        {
            open.extend([(first, index), (index, last)]);
        }
    }
    points.iter().zip(is_kept).filter_map(|(point, kept)| kept.then_some(*point)).collect()
}

/// How far a point is from the stretch between two others.
fn off(first: (i64, i64), point: (i64, i64), last: (i64, i64), squeeze: f64) -> f64 {
    let flat = |(x, y): (i64, i64)| (x as f64 * squeeze, y as f64);
    let ((ax, ay), (px, py), (bx, by)) = (flat(first), flat(point), flat(last));
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx * dx + dy * dy;
    let part = if length == 0.0 { 0.0 } else { (((px - ax) * dx + (py - ay) * dy) / length).clamp(0.0, 1.0) };
    (ax + part * dx - px).hypot(ay + part * dy - py)
}
