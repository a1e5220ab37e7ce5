//! Asking a customised hierarchy: driving times and paths between places on edges.
//!
//! Both ends of a drive may have several starts for their upward search, see `stand`. A drive that
//! stays on one edge never reaches a node, so it is compared apart.

use std::sync::Arc;

use mukae_units::{Metres, Span, TravelTime};

use crate::graph::RoadGraph;
use crate::hierarchy::customize::{Customized, FAR};
use crate::hierarchy::legs::{LEG_BYTES_MAX, Leg, Legs, Length, Way};
use crate::hierarchy::lengths::HopLengths;
use crate::hierarchy::search::{self, Label, Meeting, Start, Walk};
use crate::hierarchy::stand::{self, Stand, ends, stands, starts};
use crate::hierarchy::unpack::{Hop, unpack};
use crate::path::{Path, part_of_length};
use crate::place::Place;
use crate::travel_times::{DecisionPoint, MetricId, TravelTimes};
use crate::turn_graph::{TurnArc, TurnNode};

/// Exact driving times and paths under one metric. Belongs to one thread; cloning one, or making
/// one anew for another metric, costs its arrays: 21 bytes a node. Keeps what it found out about the legs it was
/// asked about last, in at most 32 MiB.
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
    starts: Vec<Start>,
    ends: Vec<Start>,
    walk: Walk,
    legs: Legs,
    hop_lengths: HopLengths,
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
        let nodes = customized.hierarchy().order().len();
        let junctions = nodes - customized.hierarchy().turns().split_count();
        assert_eq!(graph.node_count(), junctions, "graph and hierarchy have the same junctions");
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
            starts: Vec::new(),
            ends: Vec::new(),
            walk: Walk::default(),
            legs: Legs::new(LEG_BYTES_MAX),
            hop_lengths: HopLengths::default(),
        }
    }

    pub fn graph(&self) -> &Arc<RoadGraph> {
        &self.graph
    }

    pub fn customized(&self) -> &Arc<Customized> {
        &self.customized
    }

    /// Asks another metric from now on.
    ///
    /// Panics if `customized` is of another hierarchy.
    pub fn set_metric(&mut self, customized: Arc<Customized>) {
        let is_ours = Arc::ptr_eq(customized.hierarchy(), self.customized.hierarchy());
        assert!(is_ours, "{:?} is of another hierarchy than {:?}", customized.metric(), self.customized.metric());
        self.customized = customized;
        self.legs.forget();
        self.hop_lengths.forget();
    }

    /// The driving time from one node to another, or `None` if no road leads there; zero from a node to
    /// itself. A junction's own node stands for whoever comes there with nothing to remember: where no turn
    /// is restricted, for everybody.
    pub fn time_between_nodes(&mut self, from: TurnNode, to: TurnNode) -> Option<TravelTime> {
        let order = self.customized.hierarchy().order();
        let [start, end] = [from, to].map(|node| [Start { rank: order.rank(node).0, time: 0 }]);
        let (walk, forward, backward) = (&mut self.walk, &mut self.forward, &mut self.backward);
        let meeting = search::meet(self.customized.searches(), &start, &end, FAR, walk, forward, backward)?;
        Some(TravelTime::from_millis(meeting.time))
    }

    /// The shortest drive road by road, or `None` if no road leads there. Of equally short ones it
    /// is always the same.
    pub fn path(&mut self, from: Place, to: Place) -> Option<Path> {
        let drive = self.drive(from, to)?;
        let mut edges = vec![drive.start.edge];
        if let Some(highest) = drive.highest {
            let turns = Arc::clone(self.customized.hierarchy().turns());
            self.roads_between(highest, |arc| edges.push(turns.edge(arc)));
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
        starts(graph, customized, from, &mut self.starts);
        ends(graph, customized, to, &mut self.ends);
        let meeting = search::meet(
            customized.searches(),
            &self.starts,
            &self.ends,
            direct.map_or(FAR, |drive| drive.time),
            &mut self.walk,
            &mut self.forward,
            &mut self.backward,
        );
        (direct, meeting)
    }

    fn drive(&mut self, from: Place, to: Place) -> Option<Drive> {
        let (direct, meeting) = self.search(from, to);
        let (graph, customized) = (&*self.graph, &*self.customized);
        let Some(meeting) = meeting else { return direct };
        let (order, turns) = (customized.hierarchy().order(), customized.hierarchy().turns());
        let first = search::came_by(&self.forward, meeting.rank).last();
        let start = stands(graph, customized, from)
            .filter(|stand| Some(order.rank(turns.start(stand.edge)).0) == first)
            .min_by_key(|stand| stand.rest)
            .expect("a forward search begins where the place can be left");
        let last = search::came_by(&self.backward, meeting.rank).last();
        let end = stands(graph, customized, to)
            .filter(Stand::can_reach)
            .flat_map(|stand| turns.entries(graph.tail(stand.edge), stand.edge).map(move |entry| (stand, entry)))
            .filter(|(_, entry)| Some(order.rank(entry.node).0) == last)
            .min_by_key(|(stand, entry)| stand.part + entry.price)
            .map(|(stand, _)| stand)
            .expect("a backward search begins where the place can be reached");
        Some(Drive { start, end, time: meeting.time, highest: Some(meeting.rank) })
    }

    /// The roads of the drive just found, without those it starts and ends on, in driving order.
    fn roads_between(&mut self, highest: u32, visit: impl FnMut(TurnArc)) {
        self.hops_between(highest);
        unpack(&self.customized, &mut self.hops, visit);
    }

    /// Fills `hops` with those of the drive just found, the last of them first to be driven.
    fn hops_between(&mut self, highest: u32) {
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
    }

    /// The length of a drive, which is not unpacked for it.
    fn measure(&mut self, from: Place, to: Place) -> Option<Metres> {
        let drive = self.drive(from, to)?;
        let between = drive.highest.map_or(Metres::ZERO, |highest| {
            self.hops_between(highest);
            let (graph, customized) = (&*self.graph, &*self.customized);
            self.hops.iter().map(|&hop| self.hop_lengths.of(graph, customized, hop)).sum()
        });
        let ends = self.length_of_ends(drive).as_millimetres();
        Some(Metres::from_millimetres(ends + between.as_millimetres()))
    }

    /// The length of a drive without the roads between its first and its last.
    fn length_of_ends(&self, drive: Drive) -> Metres {
        let length = |edge| self.graph.length(edge);
        let part = |stand: Stand| part_of_length(stand.fraction, length(stand.edge));
        let first = if drive.highest.is_some() { length(drive.start.edge) } else { Metres::ZERO };
        Metres::from_millimetres(first.as_millimetres() + part(drive.end) - part(drive.start))
    }

    /// Asks the leg that is kept, or finds it first.
    fn ask_leg<T>(
        &mut self,
        from: Place,
        to: Place,
        question: impl FnOnce(&mut Leg, &RoadGraph, &Customized, &mut Vec<Hop>) -> T,
    ) -> Option<T> {
        if self.legs.get(from, to).is_none() {
            let leg = self.find_leg(from, to);
            self.legs.keep(from, to, leg);
        }
        let leg = self.legs.get(from, to).expect("it was kept").as_mut()?;
        Some(question(leg, &self.graph, &self.customized, &mut self.hops))
    }

    fn find_leg(&mut self, from: Place, to: Place) -> Option<Leg> {
        let drive = self.drive(from, to)?;
        let time = TravelTime::from_millis(drive.time);
        let ends = self.length_of_ends(drive);
        let Some(highest) = drive.highest else {
            return Some(Leg { time, way: None, length: Length::Known(ends) });
        };
        self.hops_between(highest);
        let (first_edge, rest) = (drive.start.edge, TravelTime::from_millis(drive.start.rest));
        let way = Way { first_edge, rest, hops: self.hops.as_slice().into() };
        Some(Leg { time, way: Some(way), length: Length::OfEnds(ends) })
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
        starts(graph, customized, from, &mut self.starts);
        let (walk, known, touched) = (&mut self.walk, &mut self.times, &mut self.touched);
        search::climb(&graphs.forward, &graphs.parent, &self.starts, walk, known, touched);
        for &place in to {
            let direct = direct(stands(graph, customized, from), stands(graph, customized, place));
            let mut best = direct.map_or(FAR, |drive| drive.time);
            ends(graph, customized, place, &mut self.ends);
            for end in &self.ends {
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
        ends(graph, customized, to, &mut self.ends);
        let (walk, known, touched) = (&mut self.walk, &mut self.times, &mut self.touched);
        search::climb(&graphs.backward, &graphs.parent, &self.ends, walk, known, touched);
        for &place in from {
            let direct = direct(stands(graph, customized, place), stands(graph, customized, to));
            let mut best = direct.map_or(FAR, |drive| drive.time);
            starts(graph, customized, place, &mut self.starts);
            for start in &self.starts {
                let (known, done, touched) = (&mut self.times, &mut self.done, &mut self.touched);
                let time = search::descend(&graphs.forward, &graphs.parent, start.rank, known, done, touched);
                best = best.min(start.time + time);
            }
            times.push((best < FAR).then_some(TravelTime::from_millis(best)));
        }
        self.forget();
    }

    fn decision_point(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint> {
        self.ask_leg(from, to, |leg, _, customized, hops| leg.decision_point((from, to), elapsed, customized, hops))
    }

    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        if self.legs.get(from, to).is_none() {
            return self.measure(from, to);
        }
        self.ask_leg(from, to, |leg, graph, customized, hops| leg.length(|edge| graph.length(edge), customized, hops))
    }
}

/// The shortest drive that stays on one edge.
fn direct(from: impl Iterator<Item = Stand>, to: impl Iterator<Item = Stand> + Clone) -> Option<Drive> {
    stand::along(from, to).map(|along| Drive { start: along.start, end: along.end, time: along.time, highest: None })
}
