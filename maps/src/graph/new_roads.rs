//! Roads on their way into a graph: both directions of a stretch together, and its bends once for both.

use mukae_units::{LatLon, Metres, TravelTime};

use super::NodeId;

/// A stretch of road between two junctions, open in one direction or in both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewRoad {
    pub tail: NodeId,
    pub head: NodeId,
    pub length: Metres,
    /// Index into the list of ways.
    pub way: u32,
    /// From tail to head; `None` where nobody may drive so.
    pub forward: Option<NewEdge>,
    /// From head to tail.
    pub backward: Option<NewEdge>,
}

/// One direction of a stretch of road.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewEdge {
    /// Driving time under the base metric; never zero.
    pub weight: TravelTime,
    /// Open to those who have a destination on it, not to through traffic.
    pub is_destination_only: bool,
}

/// What a graph is made of; see [`RoadGraph::new`](super::RoadGraph::new).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewRoads {
    /// Node -> where it is.
    pub positions: Vec<LatLon>,
    roads: Vec<NewRoad>,
    /// Road -> where its points end in `shape`; they begin where those of the road before end.
    shape_end: Vec<u32>,
    shape: Vec<LatLon>,
}

/// A direction of a new road: the road's number doubled, plus 1 for backward.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct NewEdgeId(pub(super) u32);

impl NewEdgeId {
    pub(crate) fn forward(road: u32) -> NewEdgeId {
        NewEdgeId(road << 1)
    }

    pub(crate) fn reversed(self) -> NewEdgeId {
        NewEdgeId(self.0 ^ 1)
    }

    fn road(self) -> usize {
        (self.0 >> 1) as usize
    }

    fn is_backward(self) -> bool {
        self.0 & 1 == 1
    }
}

impl NewRoads {
    /// Junctions, and no roads yet.
    pub fn new(positions: Vec<LatLon>) -> NewRoads {
        NewRoads { positions, ..NewRoads::default() }
    }

    /// Takes in a road. `shape` are the points strictly between its tail and its head, in this order.
    pub fn add(&mut self, road: NewRoad, shape: impl IntoIterator<Item = LatLon>) {
        assert!(self.roads.len() < (u32::MAX / 2) as usize, "{} roads are too many", self.roads.len());
        self.roads.push(road);
        self.shape.extend(shape);
        self.shape_end
            .push(u32::try_from(self.shape.len()).expect("roads bend fewer than four thousand million times"));
    }

    /// How many roads there are.
    pub fn len(&self) -> usize {
        self.roads.len()
    }

    pub fn is_empty(&self) -> bool {
        self.roads.is_empty()
    }

    /// The directions that are open, by road, forward first.
    pub(crate) fn edges(&self) -> impl Iterator<Item = NewEdgeId> {
        (0..self.roads.len() as u32 * 2).map(NewEdgeId).filter(|&id| self.edge(id).is_some())
    }

    /// Of either direction.
    pub(crate) fn road(&self, id: NewEdgeId) -> &NewRoad {
        &self.roads[id.road()]
    }

    pub(crate) fn edge(&self, id: NewEdgeId) -> Option<NewEdge> {
        let road = self.road(id);
        if id.is_backward() { road.backward } else { road.forward }
    }

    pub(crate) fn edge_mut(&mut self, id: NewEdgeId) -> Option<&mut NewEdge> {
        let road = &mut self.roads[id.road()];
        if id.is_backward() { road.backward.as_mut() } else { road.forward.as_mut() }
    }

    pub(crate) fn tail(&self, id: NewEdgeId) -> NodeId {
        if id.is_backward() { self.road(id).head } else { self.road(id).tail }
    }

    pub(crate) fn head(&self, id: NewEdgeId) -> NodeId {
        self.tail(id.reversed())
    }

    /// The points between the ends, in driving order.
    pub(crate) fn shape(&self, id: NewEdgeId) -> impl DoubleEndedIterator<Item = LatLon> + ExactSizeIterator {
        let start = id.road().checked_sub(1).map_or(0, |before| self.shape_end[before] as usize);
        let points = &self.shape[start..self.shape_end[id.road()] as usize];
        let is_backward = id.is_backward();
        (0..points.len()).map(move |place| points[if is_backward { points.len() - 1 - place } else { place }])
    }
}
