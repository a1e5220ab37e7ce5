//! One metric ready to be asked for travel times, by labels where they fit and by search where not.

use std::sync::Arc;

use mukae_units::{Metres, Span, TravelTime};

use crate::cells::{Cells, LazyCells};
use crate::graph::RoadGraph;
use crate::hierarchy::customize::{Customized, FAR};
use crate::hierarchy::labels::{AHEAD, Door, Doors, Ends, FixedEnd, FixedStart, Labels, Tree};
use crate::hierarchy::query::HierarchyQuery;
use crate::hierarchy::search::Start;
use crate::hierarchy::stand::{along, ends, stands, starts};
use crate::path::Path;
use crate::place::{Fraction, Place, Sides};
use crate::travel_times::{DecisionPoint, MetricId, TravelTimes};
use crate::turn_graph::TurnNode;

/// Labels that would take more memory than this are not made unless one asks for them: 2 GiB.
pub const LABEL_BYTES_MAX: u64 = 2 << 30;

/// A metric that all threads share. Each asks it by a [`RoadQuery`] of its own.
#[derive(Clone, Debug)]
pub struct RoadMetric {
    customized: Arc<Customized>,
    /// `None` if they would take too much memory.
    labels: Option<Labels>,
    /// Of this metric, or of one in which no road is slower; `None` if it should have none.
    cells: Option<Arc<LazyCells>>,
}

impl RoadMetric {
    /// Makes labels if they take at most `label_bytes_max`.
    ///
    /// Panics if `tree` was made from another hierarchy.
    pub fn new(customized: Arc<Customized>, tree: &Arc<Tree>, label_bytes_max: u64) -> RoadMetric {
        let fits = tree.label_bytes() <= label_bytes_max;
        let labels = fits.then(|| Labels::build(&customized, tree));
        let cells = Some(Arc::new(LazyCells::of(Arc::clone(&customized))));
        RoadMetric { customized, labels, cells }
    }

    /// With cells if they hold for this metric, and else with none.
    pub(crate) fn from_parts(
        customized: Arc<Customized>,
        labels: Option<Labels>,
        cells: Option<&Arc<LazyCells>>,
    ) -> RoadMetric {
        let cells = cells.filter(|cells| cells.hold_for(customized.weights())).cloned();
        RoadMetric { customized, labels, cells }
    }

    /// The same metric with cells made before, such as those of the fastest times that a day can see.
    ///
    /// Panics unless they hold for it, and are of the same hierarchy.
    pub fn with_cells(self, cells: Arc<Cells>) -> RoadMetric {
        assert!(cells.is_of(self.customized.hierarchy()), "the cells are of another hierarchy");
        assert!(cells.holds_for(self.customized.weights()), "cells of {:?}, a slower metric", cells.metric());
        RoadMetric { cells: Some(Arc::new(LazyCells::made(cells))), ..self }
    }

    pub fn metric(&self) -> MetricId {
        self.customized.metric()
    }

    pub fn customized(&self) -> &Arc<Customized> {
        &self.customized
    }

    pub fn labels(&self) -> Option<&Labels> {
        self.labels.as_ref()
    }

    /// Bounds of the travel times; made by the first who asks. `None` for a metric that was put into service by
    /// [`LiveRoads`](crate::LiveRoads) and has a faster road than the cells of the first were built for. `graph` is that of the metric.
    pub fn cells(&self, graph: &Arc<RoadGraph>) -> Option<&Arc<Cells>> {
        self.cells.as_ref().map(|cells| cells.get(graph))
    }

    pub(crate) fn lazy_cells(&self) -> Option<&Arc<LazyCells>> {
        self.cells.as_ref()
    }
}

/// Exact driving times and paths under one metric, for one thread: times by labels if there are any,
/// paths by the hierarchy.
#[derive(Clone, Debug)]
pub struct RoadQuery {
    graph: Arc<RoadGraph>,
    metric: Arc<RoadMetric>,
    search: HierarchyQuery,
    starts: Vec<Start>,
    ends: Vec<Start>,
    fixed_start: FixedStart,
    fixed_end: FixedEnd,
    /// Of many places, the positions of those that are asked for one by one.
    odd: Vec<usize>,
}

/// A place on an ordinary road: between junctions that are not split, and open.
#[derive(Clone, Copy)]
struct OnRoad {
    ends: Ends,
    own: Side,
    twin: Option<Side>,
}

/// Times from the tail of an edge and to its head, in milliseconds.
#[derive(Clone, Copy)]
struct Side {
    part: u32,
    rest: u32,
}

impl RoadQuery {
    /// Panics if `metric` was made for another graph.
    pub fn new(graph: Arc<RoadGraph>, metric: Arc<RoadMetric>) -> RoadQuery {
        RoadQuery {
            search: HierarchyQuery::new(Arc::clone(&graph), Arc::clone(&metric.customized)),
            graph,
            metric,
            starts: Vec::new(),
            ends: Vec::new(),
            fixed_start: FixedStart::default(),
            fixed_end: FixedEnd::default(),
            odd: Vec::new(),
        }
    }

    /// Asks another metric from now on.
    ///
    /// Panics if it is of another hierarchy.
    pub fn set_metric(&mut self, metric: Arc<RoadMetric>) {
        self.search.set_metric(Arc::clone(&metric.customized));
        self.metric = metric;
    }

    pub fn graph(&self) -> &Arc<RoadGraph> {
        &self.graph
    }

    pub fn road_metric(&self) -> &Arc<RoadMetric> {
        &self.metric
    }

    /// See [`HierarchyQuery::path`].
    pub fn path(&mut self, from: Place, to: Place) -> Option<Path> {
        self.search.path(from, to)
    }

    /// See [`HierarchyQuery::time_between_nodes`].
    pub fn time_between_nodes(&mut self, from: TurnNode, to: TurnNode) -> Option<TravelTime> {
        let Some(labels) = &self.metric.labels else { return self.search.time_between_nodes(from, to) };
        let order = self.metric.customized.hierarchy().order();
        labels.travel_time(order.rank(from), order.rank(to))
    }

    /// `None` where it takes a closer look how a place is left or reached.
    #[inline]
    fn on_road(&self, labels: &Labels, place: Place) -> Option<OnRoad> {
        let ends = labels.tree().ends(place.edge)?;
        let side = |edge, fraction: Fraction| {
            let weight = self.metric.customized.weight(edge).as_millis();
            let part = fraction.part_of(weight);
            (weight < FAR).then_some(Side { part, rest: weight - part })
        };
        let own = side(place.edge, place.fraction)?;
        let twin = match place.sides {
            Sides::This => None,
            Sides::Both => self.graph.twin(place.edge),
        };
        let twin = match twin {
            None => None,
            Some(twin) => Some(side(twin, place.fraction.reversed())?),
        };
        Some(OnRoad { ends, own, twin })
    }

    /// Wherever the places are: on one road, at split junctions, on a closed road.
    fn time_by_stands(&mut self, from: Place, to: Place) -> u32 {
        let labels = self.metric.labels.as_ref().expect("who asks for this has labels");
        let (graph, customized) = (&*self.graph, &*self.metric.customized);
        starts(graph, customized, from, &mut self.starts);
        ends(graph, customized, to, &mut self.ends);
        let direct = along(stands(graph, customized, from), stands(graph, customized, to));
        let mut best = direct.map_or(FAR, |along| along.time);
        let two = |some: &[Start]| [some[0], some[some.len() - 1]];
        for starts in self.starts.chunks(2).map(two) {
            for ends in self.ends.chunks(2).map(two) {
                best = best.min(labels.time_between(starts, ends));
            }
        }
        best
    }
}

impl TravelTimes for RoadQuery {
    fn metric(&self) -> MetricId {
        self.metric.metric()
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        let Some(labels) = &self.metric.labels else { return self.search.travel_time(from, to) };
        let time = match (self.on_road(labels, from), self.on_road(labels, to)) {
            (Some(start), Some(end)) if !start.ends.are_of_one_road(end.ends) => {
                labels.time_between_roads(start.ways_out(), end.ways_in())
            }
            _ => self.time_by_stands(from, to),
        };
        within_reach(time)
    }

    /// Who calls may turn round, and that is all where the junctions of the road remember nothing and nobody is kept
    /// from passing through. Turning saves no more than the way round by the road network.
    fn shortcut_max(&mut self, via: Place) -> Option<TravelTime> {
        let tree = self.metric.labels.as_ref()?.tree();
        if tree.ends(via.edge).is_none() || self.graph.is_guarded(via.edge) {
            return None;
        }
        let twin = match via.sides {
            Sides::This => None,
            Sides::Both => self.graph.twin(via.edge),
        };
        let Some(twin) = twin else { return Some(TravelTime::ZERO) };
        let ahead = Place { sides: Sides::This, ..via };
        let back = Place { edge: twin, fraction: via.fraction.reversed(), sides: Sides::This };
        Some(self.travel_time(ahead, back)?.max(self.travel_time(back, ahead)?))
    }

    fn one_to_many(&mut self, from: Place, to: &[Place], times: &mut Vec<Option<TravelTime>>) {
        let Some(labels) = &self.metric.labels else { return self.search.one_to_many(from, to, times) };
        starts(&self.graph, &self.metric.customized, from, &mut self.starts);
        labels.fix_starts(self.starts.iter().copied(), &mut self.fixed_start);
        let (tree, own) = (labels.tree(), labels.tree().ends(from.edge));
        let mut odd = std::mem::take(&mut self.odd);
        odd.clear();
        times.clear();
        for (index, &place) in to.iter().enumerate() {
            prefetch_places(to, index, tree, |ends, sides| labels.prefetch_end(ends, sides));
            let end = self.on_road(labels, place);
            let time = match end.filter(|end| own.is_none_or(|own| !own.are_of_one_road(end.ends))) {
                Some(end) => labels.time_to_road(&self.fixed_start, end.ways_in()),
                None => {
                    odd.push(index);
                    FAR
                }
            };
            times.push(within_reach(time));
        }
        for &odd in &odd {
            times[odd] = self.travel_time(from, to[odd]);
        }
        self.odd = odd;
    }

    fn many_to_one(&mut self, from: &[Place], to: Place, times: &mut Vec<Option<TravelTime>>) {
        let Some(labels) = &self.metric.labels else { return self.search.many_to_one(from, to, times) };
        ends(&self.graph, &self.metric.customized, to, &mut self.ends);
        labels.fix_ends(self.ends.iter().copied(), &mut self.fixed_end);
        let (tree, own) = (labels.tree(), labels.tree().ends(to.edge));
        let mut odd = std::mem::take(&mut self.odd);
        odd.clear();
        times.clear();
        for (index, &place) in from.iter().enumerate() {
            prefetch_places(from, index, tree, |ends, sides| labels.prefetch_start(ends, sides));
            let start = self.on_road(labels, place);
            let time = match start.filter(|start| own.is_none_or(|own| !own.are_of_one_road(start.ends))) {
                Some(start) => labels.time_from_road(start.ways_out(), &self.fixed_end),
                None => {
                    odd.push(index);
                    FAR
                }
            };
            times.push(within_reach(time));
        }
        for &odd in &odd {
            times[odd] = self.travel_time(from[odd], to);
        }
        self.odd = odd;
    }

    fn decision_point(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint> {
        self.search.decision_point(from, to, elapsed)
    }

    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        self.search.length(from, to)
    }

    fn expect_ride(&self, from: Place, to: Place) {
        if let Some(cells) = TravelTimes::cells(self) {
            cells.expect(from);
            cells.expect(to);
        }
        let Some(labels) = &self.metric.labels else { return };
        for place in [from, to] {
            if let Some(ends) = labels.tree().ends(place.edge) {
                labels.prefetch_end(ends, place.sides);
                labels.prefetch_start(ends, place.sides);
            }
        }
    }

    fn cells(&self) -> Option<&Arc<Cells>> {
        self.metric.cells(&self.graph)
    }
}

impl OnRoad {
    #[inline]
    fn ways_out(self) -> Doors {
        let first = Door { spot: self.ends.head, time: self.own.rest };
        Doors { first, second: self.twin.map(|twin| Door { spot: self.ends.tail, time: twin.rest }) }
    }

    #[inline]
    fn ways_in(self) -> Doors {
        let first = Door { spot: self.ends.tail, time: self.own.part };
        Doors { first, second: self.twin.map(|twin| Door { spot: self.ends.head, time: twin.part }) }
    }
}

/// What later places will need is fetched while earlier ones are answered: first where a label is, then the label.
#[inline]
fn prefetch_places(places: &[Place], index: usize, tree: &Tree, prefetch_label: impl Fn(Ends, Sides)) {
    if let Some(later) = places.get(index + 2 * AHEAD) {
        tree.prefetch_ends(later.edge);
    }
    if let Some(soon) = places.get(index + AHEAD)
        && let Some(ends) = tree.ends(soon.edge)
    {
        prefetch_label(ends, soon.sides);
    }
}

fn within_reach(time: u32) -> Option<TravelTime> {
    (time < FAR).then_some(TravelTime::from_millis(time))
}
