//! One metric ready to be asked for travel times, by labels where they fit and by search where not.

use std::sync::Arc;

use mukae_units::{Span, TravelTime};

use crate::graph::RoadGraph;
use crate::hierarchy::customize::{Customized, FAR};
use crate::hierarchy::labels::{FixedEnd, FixedStart, Labels, Tree};
use crate::hierarchy::order::Rank;
use crate::hierarchy::query::HierarchyQuery;
use crate::hierarchy::search::Start;
use crate::hierarchy::stand::{along, ends, stands, starts};
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
}

impl RoadMetric {
    /// Makes labels if they take at most `label_bytes_max`.
    ///
    /// Panics if `tree` was made from another hierarchy.
    pub fn new(customized: Arc<Customized>, tree: &Arc<Tree>, label_bytes_max: u64) -> RoadMetric {
        let fits = tree.label_bytes() <= label_bytes_max;
        let labels = fits.then(|| Labels::build(&customized, tree));
        RoadMetric { customized, labels }
    }

    pub(crate) fn from_parts(customized: Arc<Customized>, labels: Option<Labels>) -> RoadMetric {
        RoadMetric { customized, labels }
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

/// The far ends of many drives, place by place.
#[derive(Clone, Debug, Default)]
struct Many {
    ranks: Vec<Rank>,
    /// Beside each rank: its place, and the time between the two.
    offsets: Vec<(u32, u32)>,
    /// Place -> the best time so far.
    best: Vec<u32>,
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

    /// In milliseconds along one edge, `FAR` if the drive cannot stay on one.
    fn direct(&self, from: Place, to: Place) -> u32 {
        let (graph, customized) = (&*self.graph, &*self.metric.customized);
        let along = along(stands(graph, customized, from), stands(graph, customized, to));
        along.map_or(FAR, |(start, end)| end.part - start.part)
    }
}

impl TravelTimes for RoadQuery {
    fn metric(&self) -> MetricId {
        self.metric.metric()
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        let Some(labels) = &self.metric.labels else { return self.search.travel_time(from, to) };
        let (graph, customized) = (&*self.graph, &*self.metric.customized);
        starts(graph, customized, from, &mut self.starts);
        ends(graph, customized, to, &mut self.ends);
        let by_nodes = match (&self.starts[..], &self.ends[..]) {
            ([], _) | (_, []) => FAR,
            (&[start, ref starts @ ..], &[end, ref ends @ ..]) if starts.len() < 2 && ends.len() < 2 => {
                let other = |more: &[Start], one: Start| *more.first().unwrap_or(&one);
                labels.time_between([start, other(starts, start)], [end, other(ends, end)])
            }
            (starts, ends) => {
                let pairs = starts.iter().flat_map(|start| ends.iter().map(move |end| (start, end)));
                let times = pairs.map(|(start, end)| start.time + labels.time(start.rank, end.rank) + end.time);
                times.fold(FAR, u32::min)
            }
        };
        within_reach(by_nodes.min(self.direct(from, to)))
    }

    fn one_to_many(&mut self, from: Place, to: &[Place], times: &mut Vec<Option<TravelTime>>) {
        let Some(labels) = &self.metric.labels else { return self.search.one_to_many(from, to, times) };
        let (graph, customized) = (&*self.graph, &*self.metric.customized);
        starts(graph, customized, from, &mut self.starts);
        labels.fix_starts(self.starts.iter().copied(), &mut self.fixed_start);
        self.many.clear();
        for &place in to {
            ends(graph, customized, place, &mut self.ends);
            self.many.add(&self.ends);
        }
        let Many { ranks, offsets, best } = &mut self.many;
        let mut offsets = offsets.iter();
        labels.each_time_from(&self.fixed_start, ranks, |time| take(&mut offsets, best, time));
        times.clear();
        times.extend(to.iter().zip(&self.many.best).map(|(&to, &best)| within_reach(best.min(self.direct(from, to)))));
    }

    fn many_to_one(&mut self, from: &[Place], to: Place, times: &mut Vec<Option<TravelTime>>) {
        let Some(labels) = &self.metric.labels else { return self.search.many_to_one(from, to, times) };
        let (graph, customized) = (&*self.graph, &*self.metric.customized);
        ends(graph, customized, to, &mut self.ends);
        labels.fix_ends(self.ends.iter().copied(), &mut self.fixed_end);
        self.many.clear();
        for &place in from {
            starts(graph, customized, place, &mut self.starts);
            self.many.add(&self.starts);
        }
        let Many { ranks, offsets, best } = &mut self.many;
        let mut offsets = offsets.iter();
        labels.each_time_to(ranks, &self.fixed_end, |time| take(&mut offsets, best, time));
        times.clear();
        let each = from.iter().zip(&self.many.best);
        times.extend(each.map(|(&from, &best)| within_reach(best.min(self.direct(from, to)))));
    }

    fn decision_point(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint> {
        self.search.decision_point(from, to, elapsed)
    }
}

impl Many {
    fn clear(&mut self) {
        self.ranks.clear();
        self.offsets.clear();
        self.best.clear();
    }

    fn add(&mut self, far_ends: &[Start]) {
        let place = self.best.len() as u32;
        self.best.push(FAR);
        for end in far_ends {
            self.ranks.push(Rank(end.rank));
            self.offsets.push((place, end.time));
        }
    }
}

/// The answer for the next of `offsets`.
fn take(offsets: &mut std::slice::Iter<'_, (u32, u32)>, best: &mut [u32], time: u32) {
    let &(place, offset) = offsets.next().expect("there is an offset beside each rank");
    let best = &mut best[place as usize];
    *best = (*best).min(time + offset);
}

fn within_reach(time: u32) -> Option<TravelTime> {
    (time < FAR).then_some(TravelTime::from_millis(time))
}
