//! What a place is wanted for, and so which roads and sides will do.

use mukae_units::Metres;

use crate::geometry::Bearing;
use crate::osm::DrivingSide;

/// Which places a point may be brought to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SnapOptions {
    /// No place is farther than this from the point.
    pub limit: Metres,
    /// Only directions of travel near this one.
    pub heading: Option<Heading>,
    pub kerb: Kerb,
    /// Only roads on which a rider may get on and off: no motorways, no links, no roundabouts.
    pub is_for_boarding: bool,
    /// So many candidates at most; at least 1.
    pub count_max: usize,
    /// Another road is a candidate too if it is farther than the nearest by no more than this, or by
    /// no more than half as far again: the error of a position in a narrow town, and of a finger on a
    /// map seen from high up.
    pub margin: Metres,
}

/// Roads told apart by [`SnapOptions::count_max`] unless somebody asks for more.
const COUNT_MAX: usize = 3;

/// Two streets nearer to each other than this are easily mistaken.
const MARGIN: Metres = Metres::from_metres(25);

impl SnapOptions {
    /// Any road, in any direction: for vehicles, depots, and whatever stands on roads of its own accord.
    pub const fn any_road(limit: Metres) -> SnapOptions {
        SnapOptions {
            limit,
            heading: None,
            kerb: Kerb::Either,
            is_for_boarding: false,
            count_max: COUNT_MAX,
            margin: MARGIN,
        }
    }

    /// A rider's door: roads to board on, on either side, as the driver calls where it is nearer.
    pub const fn door(limit: Metres) -> SnapOptions {
        SnapOptions { is_for_boarding: true, ..SnapOptions::any_road(limit) }
    }

    /// Where riders wait: roads to board on, and on busy ones the side they stand on.
    pub const fn meeting_point(limit: Metres, side: DrivingSide) -> SnapOptions {
        SnapOptions { kerb: Kerb::Near(side), ..SnapOptions::door(limit) }
    }

    /// A vehicle that tells where it goes.
    pub const fn vehicle(limit: Metres, heading: Heading) -> SnapOptions {
        SnapOptions { heading: Some(heading), ..SnapOptions::any_road(limit) }
    }

    /// In millimetres: how far a candidate may be if the nearest is so far.
    pub(super) fn candidate_limit(&self, nearest: u64) -> u64 {
        nearest.saturating_add((nearest / 2).max(self.margin.as_millimetres()))
    }
}

/// The course of a vehicle, and how wrong it may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Heading {
    pub bearing: Bearing,
    /// In degrees to either side, included. From 90 on, both directions of a road can be within it.
    pub tolerance: u16,
}

impl Heading {
    pub(super) fn allows(&self, bearing: Bearing) -> bool {
        self.bearing.turn_to(bearing).unsigned_abs() <= self.tolerance
    }
}

/// Which side of a two-way road a place may be on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kerb {
    /// Either: a vehicle may call in both directions.
    Either,
    /// The asked point's own, where people drive on this side: on a busy road only in the direction in
    /// which the point lies at the passengers' side. On the line itself and on roads that are crossed
    /// in a few steps, either.
    Near(DrivingSide),
}
