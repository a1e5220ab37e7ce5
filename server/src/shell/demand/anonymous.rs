//! Demand that tells of nobody: coarse places and times, in groups of at least [`GROUP_MIN`] riders.
//!
//! A group is all requests with the same pair of cells, part of the day and need for a wheelchair or stretcher place
//! (which tells much about a person). What is in no group of that size with small cells is grouped anew with large ones,
//! then without cells; what is left then is only counted. Each request is told once, by the first level at which its
//! group is large enough, so that no two levels can be subtracted from each other.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use mukae_engine::model::{Channel, Wish};
use mukae_supply::{Asked, Outcome};
use mukae_units::{LatLon, RiderId, SeatKind, Span, Time, TimeWindow};

/// Riders of a group, at least. One who left no pseudonym counts as one of their own.
pub const GROUP_MIN: usize = 5;
/// The sides of small and large cells, in metres; the larger a multiple of the smaller.
pub const CELL_METRES: [i32; 2] = [500, 2000];
/// Times are told as the last multiple of this.
const QUARTER: Span = Span::from_mins(15);
/// Of latitude, in metres.
const METRES_PER_DEGREE: f64 = 111_320.0;

/// A request as it may be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    pub at: Time,
    pub wish: Option<Wish>,
    /// Of the origin and the destination.
    pub cells: Option<(Cell, Cell)>,
    pub day_part: DayPart,
    pub party_size: u32,
    pub needs_aid: bool,
    pub channel: Channel,
    pub outcome: Outcome,
}

/// A cell of the grid, counted from where equator and prime meridian meet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cell {
    pub metres: i32,
    north: i32,
    east: i32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DayPart {
    Night,
    Morning,
    Midday,
    Afternoon,
    Evening,
}

/// What may be told, and how many there were at each level.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Anonymous {
    /// In the order of their rounded times, and of their cells.
    pub told: Vec<Told>,
    pub asked: usize,
    pub with_small_cells: usize,
    pub with_large_cells: usize,
    pub without_cells: usize,
    pub suppressed: usize,
    /// Of all that were asked.
    pub outcomes: BTreeMap<OutcomeKind, usize>,
}

/// An outcome without its reasons.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum OutcomeKind {
    Offered,
    Refused,
    Confirmed,
    Cancelled,
    NoShow,
    Completed,
    Failed,
    UnmetCall,
    DeadlineMissed,
}

/// Where cells lie: square at the middle of the area.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    metres_per_degree_east: f64,
}

impl Grid {
    pub fn around(centre: LatLon) -> Grid {
        Grid { metres_per_degree_east: METRES_PER_DEGREE * centre.lat().to_radians().cos().max(0.01) }
    }

    fn cell(&self, point: LatLon, metres: i32) -> Cell {
        let steps = |degrees: f64, metres_per_degree: f64| (degrees * metres_per_degree / f64::from(metres)).floor();
        Cell {
            metres,
            north: steps(point.lat(), METRES_PER_DEGREE) as i32,
            east: steps(point.lon(), self.metres_per_degree_east) as i32,
        }
    }

    /// Latitude and longitude.
    pub fn middle(&self, cell: Cell) -> (f64, f64) {
        let metres = |steps: i32| (f64::from(steps) + 0.5) * f64::from(cell.metres);
        (metres(cell.north) / METRES_PER_DEGREE, metres(cell.east) / self.metres_per_degree_east)
    }
}

/// What makes requests alike at a level.
type Key = (Option<(Cell, Cell)>, DayPart, bool);

pub fn anonymous(asked: Vec<Asked>, grid: Grid, zone: &TimeZone) -> Anonymous {
    let mut result = Anonymous { asked: asked.len(), ..Anonymous::default() };
    for one in &asked {
        *result.outcomes.entry(kind_of(&one.outcome)).or_default() += 1;
    }
    let mut left: Vec<Asked> = asked;
    for (level, metres) in [Some(CELL_METRES[0]), Some(CELL_METRES[1]), None].into_iter().enumerate() {
        let mut groups: BTreeMap<Key, Vec<Asked>> = BTreeMap::new();
        let mut unplaced = Vec::new();
        for one in left {
            match key(&one, metres, grid, zone) {
                Some(key) => groups.entry(key).or_default().push(one),
                None => unplaced.push(one),
            }
        }
        left = unplaced;
        for (key, group) in groups {
            if riders(&group) < GROUP_MIN {
                left.extend(group);
                continue;
            }
            let count = match level {
                0 => &mut result.with_small_cells,
                1 => &mut result.with_large_cells,
                _ => &mut result.without_cells,
            };
            *count += group.len();
            result.told.extend(group.into_iter().map(|one| told(one, key)));
        }
    }
    result.suppressed = left.len();
    result.told.sort_by(|a, b| (a.at, a.cells, &a.outcome).cmp(&(b.at, b.cells, &b.outcome)));
    result
}

/// `None` for a request without places where they matter.
fn key(asked: &Asked, metres: Option<i32>, grid: Grid, zone: &TimeZone) -> Option<Key> {
    let cells = match metres {
        None => None,
        Some(metres) => Some((grid.cell(asked.origin?.point, metres), grid.cell(asked.destination?.point, metres))),
    };
    let day_part = day_part(asked.wish.map_or(asked.at, |wish| wish.window().earliest()), zone);
    Some((cells, day_part, needs_aid(asked)))
}

fn told(asked: Asked, (cells, day_part, needs_aid): Key) -> Told {
    let rounded = |window: TimeWindow| {
        let (earliest, latest) = (window.earliest().floor_to(QUARTER), window.latest().floor_to(QUARTER));
        TimeWindow::new(earliest, latest).expect("rounding keeps the order")
    };
    let people = [SeatKind::Seat, SeatKind::Wheelchair, SeatKind::ChildSeat, SeatKind::Stretcher];
    Told {
        at: asked.at.floor_to(QUARTER),
        wish: asked.wish.map(|wish| match wish {
            Wish::DepartAfter(window) => Wish::DepartAfter(rounded(window)),
            Wish::ArriveBy(window) => Wish::ArriveBy(rounded(window)),
        }),
        cells,
        day_part,
        party_size: asked.party.map_or(0, |party| people.into_iter().map(|kind| u32::from(party.of(kind))).sum()),
        needs_aid,
        channel: asked.channel,
        outcome: match asked.outcome {
            // who lets an offer lapse, and why somebody cancels, is not told apart
            Outcome::SearchOnly | Outcome::Abandoned => Outcome::Offered,
            Outcome::LostToDelay => Outcome::Cancelled,
            other => other,
        },
    }
}

fn needs_aid(asked: &Asked) -> bool {
    let needs = |kind| asked.party.is_some_and(|party| 0 < party.of(kind));
    needs(SeatKind::Wheelchair) || needs(SeatKind::Stretcher)
}

fn riders(group: &[Asked]) -> usize {
    let known: BTreeSet<RiderId> = group.iter().filter_map(|asked| asked.rider).collect();
    known.len() + group.iter().filter(|asked| asked.rider.is_none()).count()
}

fn day_part(at: Time, zone: &TimeZone) -> DayPart {
    let instant = jiff::Timestamp::from_millisecond(at.as_unix_millis()).unwrap_or_default();
    match zone.to_datetime(instant).hour() {
        0..6 => DayPart::Night,
        6..10 => DayPart::Morning,
        10..14 => DayPart::Midday,
        14..18 => DayPart::Afternoon,
        _ => DayPart::Evening,
    }
}

pub fn kind_of(outcome: &Outcome) -> OutcomeKind {
    match outcome {
        Outcome::Offered | Outcome::SearchOnly | Outcome::Abandoned => OutcomeKind::Offered,
        Outcome::Refused(_) => OutcomeKind::Refused,
        Outcome::Confirmed => OutcomeKind::Confirmed,
        Outcome::Cancelled | Outcome::LostToDelay => OutcomeKind::Cancelled,
        Outcome::NoShow => OutcomeKind::NoShow,
        Outcome::Completed => OutcomeKind::Completed,
        Outcome::Failed => OutcomeKind::Failed,
        Outcome::UnmetCall => OutcomeKind::UnmetCall,
        Outcome::DeadlineMissed => OutcomeKind::DeadlineMissed,
    }
}

#[cfg(test)]
mod tests {
    use mukae_supply::End;
    use mukae_supply::log::Manner;
    use mukae_units::{Seats, ServiceId};

    use super::*;

    const MIDNIGHT: Time = Time::from_unix_secs(1_775_001_600); // 1 April 2026, UTC

    fn asked(rider: u64, (lat, lon): (f64, f64), hour: i64) -> Asked {
        let wished = MIDNIGHT + Span::HOUR * hour + Span::from_mins(7);
        Asked {
            at: MIDNIGHT + Span::from_mins(3),
            service: ServiceId(1),
            rider: (rider != 0).then_some(RiderId(rider)),
            channel: Channel::Phone,
            party: Some(Seats::new(2, 0)),
            needs: None,
            wish: Some(Wish::DepartAfter(TimeWindow::new(wished, wished + Span::HOUR).unwrap())),
            origin: LatLon::from_degrees(lat, lon).ok().map(End::at),
            destination: LatLon::from_degrees(36.9, 137.5).ok().map(End::at),
            manner: Manner::Quoted,
            waiting: None,
            offers: 1,
            quality: None,
            amended: None,
            outcome: Outcome::Offered,
            ended: None,
            cancel_reason: None,
            latent: 0,
        }
    }

    fn of(asked: Vec<Asked>) -> Anonymous {
        let result = anonymous(asked, Grid::around(LatLon::from_degrees(36.9, 137.5).unwrap()), &TimeZone::UTC);
        let told = result.with_small_cells + result.with_large_cells + result.without_cells;
        assert_eq!((told, result.asked), (result.told.len(), told + result.suppressed), "totals add up");
        assert_eq!(result.outcomes.values().sum::<usize>(), result.asked);
        result
    }

    fn counts(asked: Vec<Asked>) -> [usize; 4] {
        let result = of(asked);
        [result.with_small_cells, result.with_large_cells, result.without_cells, result.suppressed]
    }

    /// Two small cells of a large one, 670 m apart, and a place 8 km to the north.
    const HERE: (f64, f64) = (36.8900, 137.5);
    const NEAR: (f64, f64) = (36.8960, 137.5);
    const FAR: (f64, f64) = (36.9600, 137.5);

    #[test]
    fn five_riders_are_a_group_and_four_are_not() {
        let group = |count: u64| (1..=count).map(|rider| asked(rider, HERE, 8)).collect::<Vec<_>>();
        assert_eq!(counts(group(5)), [5, 0, 0, 0]);
        assert_eq!(counts(group(4)), [0, 0, 0, 4]);
        let one_often = (0..50).map(|_| asked(1, HERE, 8)).collect();
        assert_eq!(counts(one_often), [0, 0, 0, 50], "one rider is one, however often");
        let unknown = (0..5).map(|_| asked(0, HERE, 8)).collect();
        assert_eq!(counts(unknown), [5, 0, 0, 0]);
    }

    #[test]
    fn what_is_rare_is_told_in_larger_cells_or_without() {
        let of_places =
            |places: [(f64, f64); 5]| (1..).zip(places).map(|(rider, place)| asked(rider, place, 8)).collect();
        assert_eq!(counts(of_places([HERE, HERE, NEAR, NEAR, NEAR])), [0, 5, 0, 0]);
        assert_eq!(counts(of_places([HERE, HERE, NEAR, NEAR, FAR])), [0, 0, 5, 0]);
        let mut two_parts: Vec<Asked> = of_places([HERE; 5]);
        two_parts[4] = asked(5, HERE, 20);
        assert_eq!(counts(two_parts), [0, 0, 0, 5], "another part of the day is another group, at every level");
        let mut with_aid: Vec<Asked> = (1..=6).map(|rider| asked(rider, HERE, 8)).collect();
        with_aid[5].party = Some(Seats::new(1, 1));
        assert_eq!(counts(with_aid), [5, 0, 0, 1], "one wheelchair among five others would be known");
        let mut unplaced: Vec<Asked> = of_places([HERE; 5]);
        unplaced.iter_mut().for_each(|asked| asked.origin = None);
        assert_eq!(counts(unplaced), [0, 0, 5, 0]);
    }

    #[test]
    fn no_place_and_no_time_is_told_as_it_was() {
        let result = of((1..=5).map(|rider| asked(rider, HERE, 8)).collect());
        let told = &result.told[0];
        assert_eq!(told.at, MIDNIGHT);
        let window = told.wish.unwrap().window();
        assert_eq!((window.earliest(), window.latest()), (MIDNIGHT + Span::HOUR * 8, MIDNIGHT + Span::HOUR * 9));
        assert_eq!((told.party_size, told.day_part), (2, DayPart::Morning));
        let grid = Grid::around(LatLon::from_degrees(36.9, 137.5).unwrap());
        let cell = told.cells.unwrap().0;
        let (lat, lon) = grid.middle(cell);
        let middle = LatLon::from_degrees(lat, lon).unwrap();
        let apart = mukae_maps::geometry::distance(middle, LatLon::from_degrees(HERE.0, HERE.1).unwrap());
        assert!(apart.as_metres() <= 354, "half a diagonal at most, is {apart:?}");
        assert_eq!(grid.cell(middle, CELL_METRES[0]), cell);
        let large = grid.cell(middle, CELL_METRES[1]);
        assert_eq!((large.north, large.east), (cell.north.div_euclid(4), cell.east.div_euclid(4)), "cells nest");
    }
}
