//! A dial-a-ride problem, whatever its format.

use anyhow::{Result, bail};
use mukae_engine::improve::{Load, Places};
use mukae_units::SeatKind;

/// Nodes of an instance: the times between them take eight bytes a pair.
pub const NODES_MAX: usize = 6_001;
pub const VEHICLES_MAX: usize = 10_000;

/// Both ends included; minutes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Window {
    pub earliest: f64,
    pub latest: f64,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Node {
    /// Service begins in it.
    pub window: Window,
    /// Minutes.
    pub service: f64,
}

/// Somebody to be brought from a node to another; known by the number of the first.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Request {
    pub pickup: usize,
    pub dropoff: usize,
    /// By kind, in the order of [`SeatKind::ALL`].
    pub party: [u32; SeatKind::COUNT],
    /// From the end of boarding to the start of alighting, in minutes; infinite without a limit.
    pub ride_max: f64,
    /// It becomes known then; 0 if it is known from the start.
    pub reveal: f64,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Vehicle {
    pub places: Places,
    /// From setting out to the return, in minutes; infinite without a limit.
    pub out_max: f64,
}

/// How far it is, and as many minutes.
#[derive(Clone, PartialEq, Debug)]
pub enum Ways {
    /// Straight lines between points.
    Plane(Vec<[f64; 2]>),
    /// Row by row.
    Table { side: usize, minutes: Vec<f64> },
}

impl Ways {
    pub fn between(&self, from: usize, to: usize) -> f64 {
        match self {
            Ways::Plane(points) => (points[from][0] - points[to][0]).hypot(points[from][1] - points[to][1]),
            Ways::Table { side, minutes } => minutes[from * side + to],
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct Instance {
    /// By number. Vehicles set out from node 0 within its window, after its service.
    pub nodes: Vec<Node>,
    /// Of `ways`: where vehicles return to, which may be node 0, too.
    pub end: usize,
    /// They return in it.
    pub back: Window,
    /// In the order of their pickups.
    pub requests: Vec<Request>,
    pub vehicles: Vec<Vehicle>,
    pub ways: Ways,
}

impl Instance {
    /// The nodes that a route passes, depots included.
    pub fn way<'r>(&'r self, stops: &'r [usize]) -> impl Iterator<Item = usize> + Clone + 'r {
        std::iter::once(0).chain(stops.iter().copied()).chain([self.end])
    }

    /// How long a route is; nothing without stops.
    pub fn length(&self, stops: &[usize]) -> f64 {
        if stops.is_empty() {
            return 0.0;
        }
        self.way(stops).zip(self.way(stops).skip(1)).map(|(from, to)| self.ways.between(from, to)).sum()
    }
}

/// One vehicle many times over.
pub fn alike(count: usize, places: impl Into<Places>, out_max: f64) -> Vec<Vehicle> {
    vec![Vehicle { places: places.into(), out_max }; count]
}

/// Places of one kind. No more than everybody together takes can matter.
pub fn seats(capacity: f64, parties: &[u32]) -> Result<Load> {
    let everybody: u64 = parties.iter().map(|&party| u64::from(party)).sum();
    let places = capacity.floor().min(everybody as f64);
    match one_kind(places as u32) {
        Some(load) => Ok(load),
        None => {
            bail!("capacity: {capacity} is not right; 0 to {} places, as loads are whole and no larger", Load::MOST)
        }
    }
}

fn one_kind(count: u32) -> Option<Load> {
    Load::of([count, 0, 0, 0, 0])
}
