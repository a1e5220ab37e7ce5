//! The road network in compact cells, and how long it takes at least to drive from one cell to another.
//!
//! Whoever looks for the nearest of many vehicles asks the cells first, in one row of small numbers, and the roads only
//! for those that could be near enough. What cells say is never more than the true driving time, wherever in them
//! the two places are; it is less by what the way from the rim of a cell to a place takes in the wrong direction. The way
//! from a place to the rim of its own cell is known and comes on top, see [`CellEnd`].
//!
//! A cell owns roads, both directions of one together. See `partition` for how they are cut, `rim` for why
//! the bound holds, and `hierarchy::sweep` for how the times are found.
//!
//! The bound holds under any metric in which no road is faster than in the one the cells were built from: roads
//! may be slow or closed ([`Cells::holds_for`]).

mod partition;
mod rim;
mod table;

use std::sync::{Arc, OnceLock};

use mukae_units::TravelTime;

use crate::cells::partition::partition;
use crate::cells::table::{Table, Unit};
use crate::graph::{EdgeId, RoadGraph};
use crate::hierarchy::{Customized, Hierarchy, prefetch_row, times_between_groups};
use crate::place::Place;
use crate::travel_times::MetricId;

/// A cell by its number, from 0; neighbours in number are mostly neighbours on the map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(transparent)]
pub struct CellId(pub u16);

/// The cell of a place, and how long it takes at least between the place and the rim of the cell, in the unit
/// of the cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CellEnd {
    pub cell: CellId,
    /// [`Cells::NO_ROAD`] if none leads there within the cell.
    pub time: u16,
}

/// The least driving times between all cells of a road graph. Shared between threads.
#[derive(Clone, Debug)]
pub struct Cells {
    graph: Arc<RoadGraph>,
    /// What the bound was computed from.
    customized: Arc<Customized>,
    /// Edge -> its part in the bound.
    roads: Vec<Road>,
    table: Table,
}

/// What a place on an edge needs to know of it; side by side, as they are read together.
#[derive(Clone, Copy, Debug)]
struct Road {
    /// The least that driving along it can take, in milliseconds; of a closed one, leaving it all the same.
    weight: u32,
    cell: CellId,
    /// From its head out of the cell.
    out: u16,
    /// Into the cell up to its tail.
    into: u16,
}

impl Cells {
    /// Among times: no road leads there.
    pub const NO_ROAD: u16 = u16::MAX;

    /// The most cells there can be.
    pub const COUNT_MAX: usize = 1 << 14;

    /// How many cells serve a graph well: 24 ∛n, so 517 for 10,000 nodes and 1,540 for 264,000. Bounds get tighter with
    /// the square root of the number, tables grow with its square.
    pub fn count_for(graph: &RoadGraph) -> usize {
        let cubed = 24 * 24 * 24 * graph.node_count();
        (1..Cells::COUNT_MAX).take_while(|count| count * count * count <= cubed).last().unwrap_or(1)
    }

    /// Cuts the roads into `count` cells, or as many as there are roads if that is less, and finds the least times
    /// between them. Uses some threads for a while; the same roads and weights give the same cells.
    ///
    /// Panics if `customized` was made for another graph, or `count` is none or above [`Cells::COUNT_MAX`].
    pub fn build(graph: &Arc<RoadGraph>, customized: &Arc<Customized>, count: usize) -> Cells {
        assert!((1..=Cells::COUNT_MAX).contains(&count), "{count} cells");
        assert_eq!(graph.edge_count(), customized.weights().len(), "graph and metric have the same roads");
        let count = count.min(graph.edges().filter(|&edge| graph.is_canonical(edge)).count());
        let cell_of = partition(graph, count);
        let rims = rim::rims(graph, customized, &cell_of, count);
        let mut times = times_between_groups(customized, &rims.exits, &rims.entries);
        // Who stays in the cell passes no rim.
        (0..count).for_each(|cell| times[cell * count + cell] = 0);
        let unit = Unit::for_times(times.iter().chain(&rims.out).chain(&rims.into));
        let road = |edge: EdgeId| {
            let (index, base) = (edge.0 as usize, graph.weight(edge));
            let weight = customized.weight(edge).min(base).as_millis();
            let [out, into] = [rims.out[index], rims.into[index]].map(|millis| unit.of_millis(millis));
            Road { weight, cell: cell_of[index], out, into }
        };
        Cells {
            roads: graph.edges().map(road).collect(),
            table: Table::new(count, unit, &times),
            graph: Arc::clone(graph),
            customized: Arc::clone(customized),
        }
    }

    /// The metric that the cells were built from.
    pub fn metric(&self) -> MetricId {
        self.customized.metric()
    }

    /// True if the bound holds under these weights, one for each road edge: none is less than in the metric the cells
    /// were built from.
    pub fn holds_for(&self, weights: &[TravelTime]) -> bool {
        is_no_road_faster(self.customized.weights(), weights)
    }

    pub(crate) fn is_of(&self, hierarchy: &Arc<Hierarchy>) -> bool {
        Arc::ptr_eq(self.customized.hierarchy(), hierarchy)
    }

    pub fn count(&self) -> usize {
        self.table.count()
    }

    /// All cells, ascending.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = CellId> + use<> {
        (0..self.count() as u16).map(CellId)
    }

    pub fn cell_of(&self, edge: EdgeId) -> CellId {
        self.roads[edge.0 as usize].cell
    }

    /// The unit of all times here is `1 << unit_bits()` milliseconds.
    pub fn unit_bits(&self) -> u32 {
        self.table.unit().bits()
    }

    /// Cell -> the least time from `cell` to it, rim to rim, rounded down; 0 for itself and for cells beside it,
    /// [`Cells::NO_ROAD`] where no road leads.
    #[inline]
    pub fn times_from(&self, cell: CellId) -> &[u16] {
        self.table.times_from(cell)
    }

    /// Cell -> the least time from it to `cell`, likewise.
    #[inline]
    pub fn times_to(&self, cell: CellId) -> &[u16] {
        self.table.times_to(cell)
    }

    /// All cells, those first to which it takes least from `cell`; itself, then as their numbers are.
    pub fn nearest_from(&self, cell: CellId) -> &[CellId] {
        self.table.nearest_from(cell)
    }

    /// All cells, those first from which it takes least to `cell`; likewise.
    pub fn nearest_to(&self, cell: CellId) -> &[CellId] {
        self.table.nearest_to(cell)
    }

    /// Asks the memory for the rows of a place's cell; a hint that changes no answer.
    pub(crate) fn expect(&self, place: Place) {
        let cell = self.cell_of(place.edge);
        prefetch_row(self.times_from(cell));
        prefetch_row(self.times_to(cell));
    }

    /// A place as where a drive starts.
    #[inline]
    pub fn leaving(&self, place: Place) -> CellEnd {
        let own = self.road(place.edge);
        let time = |road: Road, part: u32| self.table.unit().sum(road.out, road.weight - part);
        let mut least = time(own, place.fraction.part_of(own.weight));
        if let Some(twin) = self.twin(place) {
            least = least.min(time(twin, place.fraction.reversed().part_of(twin.weight)));
        }
        CellEnd { cell: own.cell, time: least }
    }

    /// A place as where a drive ends.
    #[inline]
    pub fn reaching(&self, place: Place) -> CellEnd {
        let own = self.road(place.edge);
        let time = |road: Road, part: u32| self.table.unit().sum(road.into, part);
        let mut least = time(own, place.fraction.part_of(own.weight));
        if let Some(twin) = self.twin(place) {
            least = least.min(time(twin, place.fraction.reversed().part_of(twin.weight)));
        }
        CellEnd { cell: own.cell, time: least }
    }

    /// No drive takes less from a place that is left so to one that is reached so; `None` if there is none.
    /// Within one cell it is zero. Else it is the sum of the entry in [`Cells::times_from`] and of the times of both
    /// ends.
    #[inline]
    pub fn bound(&self, from: CellEnd, to: CellEnd) -> Option<TravelTime> {
        if from.cell == to.cell {
            return Some(TravelTime::ZERO);
        }
        let parts = [self.times_from(from.cell)[to.cell.0 as usize], from.time, to.time];
        let is_there = parts.iter().all(|&part| part != Cells::NO_ROAD);
        is_there.then(|| self.table.unit().travel_time(parts.into_iter().map(u32::from).sum()))
    }

    /// How many bytes the cells take, without the graph and the metric they share.
    pub fn bytes(&self) -> u64 {
        size_of_val(&self.roads[..]) as u64 + self.table.bytes()
    }

    #[inline]
    fn road(&self, edge: EdgeId) -> Road {
        self.roads[edge.0 as usize]
    }

    /// The other side of the road, if a vehicle may stand there.
    #[inline]
    fn twin(&self, place: Place) -> Option<Road> {
        place.edges(&self.graph).nth(1).map(|twin| self.road(twin))
    }
}

/// The cells of one metric, made when they are first asked for. Shared by the metrics for which they hold.
#[derive(Clone, Debug)]
pub(crate) struct LazyCells {
    customized: Arc<Customized>,
    cells: OnceLock<Arc<Cells>>,
}

impl LazyCells {
    pub(crate) fn of(customized: Arc<Customized>) -> LazyCells {
        LazyCells { customized, cells: OnceLock::new() }
    }

    pub(crate) fn made(cells: Arc<Cells>) -> LazyCells {
        LazyCells { customized: Arc::clone(&cells.customized), cells: OnceLock::from(cells) }
    }

    /// See [`Cells::holds_for`]; makes nothing.
    pub(crate) fn hold_for(&self, weights: &[TravelTime]) -> bool {
        is_no_road_faster(self.customized.weights(), weights)
    }

    /// `graph` is that of the metric.
    pub(crate) fn get(&self, graph: &Arc<RoadGraph>) -> &Arc<Cells> {
        self.cells.get_or_init(|| Arc::new(Cells::build(graph, &self.customized, Cells::count_for(graph))))
    }
}

/// True if each of `weights` is at least what it is in `base`.
fn is_no_road_faster(base: &[TravelTime], weights: &[TravelTime]) -> bool {
    base.len() == weights.len() && base.iter().zip(weights).all(|(base, weight)| base <= weight)
}

const _: () = assert!(Cells::COUNT_MAX < Cells::NO_ROAD as usize);

#[cfg(test)]
mod tests;
