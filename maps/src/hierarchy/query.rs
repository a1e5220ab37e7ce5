//! Asking a customised hierarchy: driving times and paths between places on edges.
//!
//! A place is left along its own edge and, if both sides are allowed, along the twin: two starts
//! for the upward search; likewise two ends. A drive that stays on one edge never reaches a node,
//! so it is compared apart.

use std::iter;
use std::ops::ControlFlow;
use std::sync::Arc;

use mukae_units::{Span, TravelTime};

use crate::graph::{EdgeId, RoadGraph};
use crate::hierarchy::customize::{Customized, FAR};
use crate::hierarchy::search::{self, Label, Meeting, Start};
use crate::hierarchy::unpack::{Hop, unpack};
use crate::path::Path;
use crate::place::{Fraction, Place, Sides};
use crate::travel_times::{DecisionPoint, MetricId, TravelTimes};

/// Exact driving times and paths under one metric. Belongs to one thread; cloning one, or making
/// one anew for another metric, costs its arrays: 21 bytes a node.
#[derive(Clone, Debug)]
pub struct HierarchyQuery {
    graph: Arc<RoadGraph>,
    customized: Arc<Customized>,
    forward: Vec<Label>,
    backward: Vec<Label>,
    /// For searches with many ends.
    times: Vec<u32>,
    done: Vec<bool>,
    touched: Vec<u32>,
    hops: Vec<Hop>,
}

/// One way to stand at a place: on this edge, pointing along it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stand {
    edge: EdgeId,
    fraction: Fraction,
    /// Driving time from the edge's tail, in milliseconds.
    part: u32,
    /// Driving time to the edge's head.
    rest: u32,
}

/// The shortest drive between two places, before it is unpacked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Drive {
    start: Stand,
    end: Stand,
    time: u32,
    /// The highest rank on the way; `None` if the drive stays on its edge.
    highest: Option<u32>,
}

impl HierarchyQuery {
    /// Panics if `customized` was made for another graph.
    pub fn new(graph: Arc<RoadGraph>, customized: Arc<Customized>) -> HierarchyQuery {
        let nodes = graph.node_count();
        assert_eq!(nodes, customized.hierarchy().order().len(), "graph and hierarchy have the same nodes");
        assert_eq!(graph.edge_count(), customized.weights().len(), "graph and hierarchy have the same roads");
        HierarchyQuery {
            graph,
            customized,
            forward: vec![Label::UNSET; nodes],
            backward: vec![Label::UNSET; nodes],
            times: vec![FAR; nodes],
            done: vec![false; nodes],
            touched: Vec::new(),
            hops: Vec::new(),
        }
    }

    pub fn graph(&self) -> &Arc<RoadGraph> {
        &self.graph
    }

    pub fn customized(&self) -> &Arc<Customized> {
        &self.customized
    }

    /// The shortest drive road by road, or `None` if no road leads there. Of equally short ones it
    /// is always the same.
    pub fn path(&mut self, from: Place, to: Place) -> Option<Path> {
        let drive = self.drive(from, to)?;
        let mut edges = vec![drive.start.edge];
        if let Some(highest) = drive.highest {
            self.roads_between(highest, |edge, _| {
                edges.push(edge);
                ControlFlow::Continue(())
            });
            edges.push(drive.end.edge);
        }
        let path = Path::new(&self.graph, self.customized.weights(), edges, drive.start.fraction, drive.end.fraction);
        assert_eq!(path.travel_time().as_millis(), drive.time, "a path takes as long as the search said");
        Some(path)
    }

    /// The shortest drive that stays on one edge, and the meeting of the searches if it is nearer.
    fn search(&mut self, from: Place, to: Place) -> (Option<Drive>, Option<Meeting>) {
        let (graph, customized) = (&*self.graph, &*self.customized);
        let direct = direct(stands(graph, customized, from), stands(graph, customized, to));
        let meeting = search::meet(
            customized.searches(),
            &starts(graph, customized, from),
            &ends(graph, customized, to),
            direct.map_or(FAR, |drive| drive.time),
            &mut self.forward,
            &mut self.backward,
        );
        (direct, meeting)
    }

    fn drive(&mut self, from: Place, to: Place) -> Option<Drive> {
        let (direct, meeting) = self.search(from, to);
        let (graph, customized) = (&*self.graph, &*self.customized);
        let Some(meeting) = meeting else { return direct };
        let rank = |node| customized.hierarchy().order().rank(node).0;
        let first = search::came_by(&self.forward, meeting.rank).last();
        let start = stands(graph, customized, from)
            .filter(|stand| Some(rank(graph.head(stand.edge))) == first)
            .min_by_key(|stand| stand.rest)
            .expect("a forward search begins where the place can be left");
        let last = search::came_by(&self.backward, meeting.rank).last();
        let end = stands(graph, customized, to)
            .filter(|stand| Some(rank(graph.tail(stand.edge))) == last)
            .min_by_key(|stand| stand.part)
            .expect("a backward search begins where the place can be reached");
        Some(Drive { start, end, time: meeting.time, highest: Some(meeting.rank) })
    }

    /// The roads of the drive just found, without those it starts and ends on, in driving order.
    fn roads_between(&mut self, highest: u32, mut visit: impl FnMut(EdgeId, TravelTime) -> ControlFlow<()>) {
        let customized = &*self.customized;
        self.hops.clear();
        let mut from = highest;
        for to in search::came_by(&self.backward, highest).skip(1) {
            self.hops.push(Hop::between(customized, from, to));
            from = to;
        }
        self.hops.reverse();
        let mut to = highest;
        for from in search::came_by(&self.forward, highest).skip(1) {
            self.hops.push(Hop::between(customized, from, to));
            to = from;
        }
        unpack(&self.graph, customized, &mut self.hops, |edge| visit(edge, customized.weights()[edge.0 as usize]));
    }

    fn forget(&mut self) {
        for &rank in &self.touched {
            self.times[rank as usize] = FAR;
            self.done[rank as usize] = false;
        }
        self.touched.clear();
    }
}

impl TravelTimes for HierarchyQuery {
    fn metric(&self) -> MetricId {
        self.customized.metric()
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        let (direct, meeting) = self.search(from, to);
        let time = meeting.map(|meeting| meeting.time).or(direct.map(|drive| drive.time));
        time.map(TravelTime::from_millis)
    }

    fn one_to_many(&mut self, from: Place, to: &[Place], times: &mut Vec<Option<TravelTime>>) {
        times.clear();
        let (graph, customized) = (&*self.graph, &*self.customized);
        let graphs = customized.searches();
        let starts = starts(graph, customized, from);
        search::climb(&graphs.forward, &graphs.parent, &starts, &mut self.times, &mut self.touched);
        for &place in to {
            let direct = direct(stands(graph, customized, from), stands(graph, customized, place));
            let mut best = direct.map_or(FAR, |drive| drive.time);
            for end in ends(graph, customized, place) {
                let (known, done, touched) = (&mut self.times, &mut self.done, &mut self.touched);
                let time = search::descend(&graphs.backward, &graphs.parent, end.rank, known, done, touched);
                best = best.min(time + end.time);
            }
            times.push((best < FAR).then_some(TravelTime::from_millis(best)));
        }
        self.forget();
    }

    fn many_to_one(&mut self, from: &[Place], to: Place, times: &mut Vec<Option<TravelTime>>) {
        times.clear();
        let (graph, customized) = (&*self.graph, &*self.customized);
        let graphs = customized.searches();
        let ends = ends(graph, customized, to);
        search::climb(&graphs.backward, &graphs.parent, &ends, &mut self.times, &mut self.touched);
        for &place in from {
            let direct = direct(stands(graph, customized, place), stands(graph, customized, to));
            let mut best = direct.map_or(FAR, |drive| drive.time);
            for start in starts(graph, customized, place) {
                let (known, done, touched) = (&mut self.times, &mut self.done, &mut self.touched);
                let time = search::descend(&graphs.forward, &graphs.parent, start.rank, known, done, touched);
                best = best.min(start.time + time);
            }
            times.push((best < FAR).then_some(TravelTime::from_millis(best)));
        }
        self.forget();
    }

    /// Unpacks the path only as far as it has to look.
    fn decision_point(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint> {
        let drive = self.drive(from, to)?;
        if elapsed <= Span::ZERO {
            return Some(DecisionPoint { place: from, after: TravelTime::ZERO });
        }
        let mut after = TravelTime::from_millis(drive.start.rest);
        let mut found = None;
        if let Some(highest) = drive.highest {
            if elapsed <= after.span() {
                return Some(DecisionPoint { place: Place::head_of(drive.start.edge), after });
            }
            self.roads_between(highest, |edge, weight| {
                after = after + weight;
                if elapsed <= after.span() {
                    found = Some(DecisionPoint { place: Place::head_of(edge), after });
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
        }
        Some(found.unwrap_or(DecisionPoint { place: to, after: TravelTime::from_millis(drive.time) }))
    }
}

/// The place's own side first, then the other if it is allowed and there is one.
fn stands(graph: &RoadGraph, customized: &Customized, place: Place) -> impl Iterator<Item = Stand> + Clone {
    let stand = |edge: EdgeId, fraction: Fraction| {
        let weight = customized.weights()[edge.0 as usize].as_millis();
        if weight == FAR {
            // Closed: too far from either end, wherever on it.
            return Stand { edge, fraction, part: FAR, rest: FAR };
        }
        let part = fraction.part_of(weight);
        Stand { edge, fraction, part, rest: weight - part }
    };
    let opposite = match place.sides {
        Sides::This => None,
        Sides::Both => graph.twin(place.edge).map(|twin| stand(twin, place.fraction.reversed())),
    };
    iter::once(stand(place.edge, place.fraction)).chain(opposite)
}

/// Where a place is left, as starts of the forward search; one way of leaving stands there twice.
fn starts(graph: &RoadGraph, customized: &Customized, place: Place) -> [Start; 2] {
    let order = customized.hierarchy().order();
    twice(
        stands(graph, customized, place)
            .map(|stand| Start { rank: order.rank(graph.head(stand.edge)).0, time: stand.rest }),
    )
}

/// Where a place is reached, as starts of the backward search; one way of reaching it stands there twice.
fn ends(graph: &RoadGraph, customized: &Customized, place: Place) -> [Start; 2] {
    let order = customized.hierarchy().order();
    twice(
        stands(graph, customized, place)
            .map(|stand| Start { rank: order.rank(graph.tail(stand.edge)).0, time: stand.part }),
    )
}

fn twice(mut starts: impl Iterator<Item = Start>) -> [Start; 2] {
    let own = starts.next().expect("a place lies on an edge");
    [own, starts.next().unwrap_or(own)]
}

/// The shortest drive that stays on one edge.
fn direct(from: impl Iterator<Item = Stand>, to: impl Iterator<Item = Stand> + Clone) -> Option<Drive> {
    from.flat_map(|start| to.clone().map(move |end| (start, end)))
        .filter(|(start, end)| start.edge == end.edge && start.fraction <= end.fraction && end.part < FAR)
        .map(|(start, end)| Drive { start, end, time: end.part - start.part, highest: None })
        .min_by_key(|drive| drive.time)
}
