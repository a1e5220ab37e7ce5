//! One metric ready to be asked for travel times, by labels where they fit and by search where not.

use std::sync::Arc;

use mukae_units::{Metres, Span, TravelTime};

use crate::cells::{Cells, LazyCells};
use crate::graph::{EdgeId, RoadGraph};
use crate::hierarchy::customize::{Customized, FAR};
use crate::hierarchy::labels::{Door, Ends, FixedEnd, FixedStart, Labels, Tree};
use crate::hierarchy::query::HierarchyQuery;
use crate::hierarchy::search::Start;
use crate::hierarchy::stand::{Stand, along, ends, stands, starts};
use crate::path::Path;
use crate::place::Place;
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
    /// Panics unless they hold for it.
    pub fn with_cells(self, cells: Arc<Cells>) -> RoadMetric {
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
    /// [`LiveRoads`](crate::LiveRoads) and has a faster road than the one service began with. `graph` is that of the metric.
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
    many: Many,
}

/// The far ends of many drives.
#[derive(Clone, Debug, Default)]
struct Many {
    /// Place -> its doors; of an odd one, [`Door::NOWHERE`].
    doors: Vec<[Door; 2]>,
    /// Places that are asked for one by one, by their position.
    odd: Vec<usize>,
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
            many: Many::default(),
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

    /// Where a place is left, if that is at the ends of its road and nowhere else; one is given twice.
    #[inline]
    fn ways_out(&self, labels: &Labels, place: Place) -> Option<[Door; 2]> {
        let (ends, own, twin) = self.open_road(labels, place)?;
        let out = Door { spot: ends.head, time: own.rest };
        Some([out, twin.map_or(out, |twin| Door { spot: ends.tail, time: twin.rest })])
    }

    /// Where a place is reached, likewise.
    #[inline]
    fn ways_in(&self, labels: &Labels, place: Place) -> Option<[Door; 2]> {
        let (ends, own, twin) = self.open_road(labels, place)?;
        let into = Door { spot: ends.tail, time: own.part };
        Some([into, twin.map_or(into, |twin| Door { spot: ends.head, time: twin.part })])
    }

    /// How one may stand at a place on an ordinary road: between junctions that are not split, and open.
    #[inline]
    fn open_road(&self, labels: &Labels, place: Place) -> Option<(Ends, Stand, Option<Stand>)> {
        let ends = labels.tree().ends(place.edge)?;
        let mut stands = stands(&self.graph, &self.metric.customized, place);
        let (own, twin) = (stands.next()?, stands.next());
        let is_open = |stand: Stand| !stand.is_closed;
        (is_open(own) && twin.is_none_or(is_open)).then_some((ends, own, twin))
    }

    /// True if both places are on one road, whichever side.
    #[inline]
    fn is_one_road(&self, one: EdgeId, other: EdgeId) -> bool {
        one == other || self.graph.twin(one) == Some(other)
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
        let (out, into) = (self.ways_out(labels, from), self.ways_in(labels, to));
        let time = match (out, into) {
            (Some(out), Some(into)) if !self.is_one_road(from.edge, to.edge) => labels.time_between_roads(out, into),
            _ => self.time_by_stands(from, to),
        };
        within_reach(time)
    }

    fn one_to_many(&mut self, from: Place, to: &[Place], times: &mut Vec<Option<TravelTime>>) {
        let Some(labels) = &self.metric.labels else { return self.search.one_to_many(from, to, times) };
        starts(&self.graph, &self.metric.customized, from, &mut self.starts);
        labels.fix_starts(self.starts.iter().copied(), &mut self.fixed_start);
        let mut many = std::mem::take(&mut self.many);
        let ends = |place: &Place| self.ways_in(labels, *place).filter(|_| !self.is_one_road(from.edge, place.edge));
        many.fill(to.iter().map(ends));
        times.clear();
        labels.each_time_to_road(&self.fixed_start, &many.doors, |time| times.push(within_reach(time)));
        for &odd in &many.odd {
            times[odd] = self.travel_time(from, to[odd]);
        }
        self.many = many;
    }

    fn many_to_one(&mut self, from: &[Place], to: Place, times: &mut Vec<Option<TravelTime>>) {
        let Some(labels) = &self.metric.labels else { return self.search.many_to_one(from, to, times) };
        ends(&self.graph, &self.metric.customized, to, &mut self.ends);
        labels.fix_ends(self.ends.iter().copied(), &mut self.fixed_end);
        let mut many = std::mem::take(&mut self.many);
        let starts = |place: &Place| self.ways_out(labels, *place).filter(|_| !self.is_one_road(to.edge, place.edge));
        many.fill(from.iter().map(starts));
        times.clear();
        labels.each_time_from_road(&many.doors, &self.fixed_end, |time| times.push(within_reach(time)));
        for &odd in &many.odd {
            times[odd] = self.travel_time(from[odd], to);
        }
        self.many = many;
    }

    fn decision_point(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint> {
        self.search.decision_point(from, to, elapsed)
    }

    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        self.search.length(from, to)
    }

    fn cells(&self) -> Option<&Arc<Cells>> {
        self.metric.cells(&self.graph)
    }
}

impl Many {
    fn fill(&mut self, places: impl Iterator<Item = Option<[Door; 2]>>) {
        self.doors.clear();
        self.odd.clear();
        for (position, doors) in places.enumerate() {
            if doors.is_none() {
                self.odd.push(position);
            }
            self.doors.push(doors.unwrap_or([Door::NOWHERE; 2]));
        }
    }
}

fn within_reach(time: u32) -> Option<TravelTime> {
    (time < FAR).then_some(TravelTime::from_millis(time))
}
