//! The page of a day's plan: what a planner looks over before the day, and the sheets that drivers take along.

use mukae_engine::model::{Binding, Spot};
use mukae_maps::{RoadQuery, place_position};
use mukae_units::{LatLon, Metres, SeatKind, Seats, Span, Time};
use serde_json::{Value, json};

use super::course::course;
use super::ground::{Writing, ground};
use super::line::Rows;
use super::{Place, page};
use crate::day_plan::{DayPlan, Left, Rider, Tour, Visit, Visiting, Why};
use crate::demand::{RequestRow, RowProblem, WishKind};
use crate::kpi::constraint_name;

/// Raised when the page's script must be another one to read it.
const FORMAT: u32 = 1;
/// A point of the table is named by a road at most so far away.
const NAMED_WITHIN: Metres = Metres::from_metres(1000);

/// One file of HTML about a plan.
pub fn plan(plan: &DayPlan, place: &Place<'_>) -> String {
    let title = format!("{} {}", place.name, plan.date);
    page::page(&page::PLAN, &data(plan, place), &title)
}

fn data(plan: &DayPlan, place: &Place<'_>) -> Value {
    let mut roads = place.map.query();
    let lines: Vec<Vec<LatLon>> = plan.tours.iter().map(|tour| line(tour, place, &mut roads)).collect();
    let mut points: Vec<LatLon> = lines.iter().flatten().copied().collect();
    points.extend(plan.tours.iter().map(|tour| place_position(place.map.graph(), tour.start.place)));
    let (writing, mut told) = ground(place, plan.date, points, clock(plan));
    let vehicles = vehicles(plan);
    let tours = plan.tours.iter().zip(&lines).map(|(tour, line)| writing.tour(tour, line, &vehicles));
    let fields = json!({
        "format": FORMAT,
        "vehicles": vehicles,
        "tours": tours.collect::<Vec<_>>(),
        "riders": plan.riders.iter().map(|rider| writing.rider(rider)).collect::<Vec<_>>(),
        "left": plan.left.iter().map(|left| writing.left(left)).collect::<Vec<_>>(),
        "planned_at": writing.seconds(plan.planned_at),
        "steps": plan.steps,
        "seed": plan.seed,
    });
    let Value::Object(fields) = fields else { unreachable!("an object was written") };
    told.extend(fields);
    told.into()
}

/// Each once, in the order of the shifts.
fn vehicles(plan: &DayPlan) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for tour in &plan.tours {
        if !names.contains(&tour.vehicle.as_str()) {
            names.push(&tour.vehicle);
        }
    }
    names
}

/// The first and the last instant that the page tells of.
fn clock(plan: &DayPlan) -> (Time, Time) {
    let shifts = plan.tours.iter().flat_map(|tour| [tour.window.earliest(), tour.window.latest(), tour.finish]);
    let wishes = plan.left.iter().filter_map(|left| left.row.as_ref()).map(|row| row.window.latest());
    let times: Vec<Time> = shifts.chain(wishes).chain([plan.planned_at]).collect();
    (*times.iter().min().expect("never empty"), *times.iter().max().expect("never empty"))
}

/// Where a vehicle drives, from its start to its end; nothing if it does not.
fn line(tour: &Tour, place: &Place<'_>, roads: &mut RoadQuery) -> Vec<LatLon> {
    let mut line = Vec::new();
    let mut from = tour.start.place;
    let ends = tour.end.iter().filter(|_| !tour.visits.is_empty()).map(|end| end.place);
    for to in tour.visits.iter().map(|visit| visit.spot.place).chain(ends) {
        if let Some(path) = roads.path(from, to).filter(|_| from != to) {
            let arrived = Time::EPOCH + path.travel_time();
            line.extend(course(place.map.graph(), &path, Time::EPOCH, arrived).iter().map(|passing| passing.point));
        }
        from = to;
    }
    line.dedup();
    line
}

impl Writing<'_> {
    fn tour(&self, tour: &Tour, line: &[LatLon], vehicles: &[&str]) -> Value {
        let mut rows = Rows::<2>::new();
        for point in line {
            let (x, y) = self.grid.steps(*point);
            rows.push([x, y]);
        }
        let on_board = tour.visits.iter().map(|visit| visit.load);
        let empty = std::iter::once(Seats::NONE).chain(on_board).zip(tour.visits.iter().map(|visit| visit.drive));
        let empty: Metres = empty.filter(|(load, _)| load.is_empty()).map(|(_, drive)| drive).sum();
        json!({
            "vehicle": vehicles.iter().position(|name| *name == tour.vehicle),
            "places": tour.capacity.configurations().iter().map(seats).collect::<Vec<_>>(),
            "window": self.window(tour.window),
            "start": self.spot(&tour.start),
            "end": tour.end.as_ref().map(|end| self.spot(end)),
            "out": tour.out().map(Span::as_secs),
            "finish": self.seconds(tour.finish),
            "metres": tour.driven().as_metres(),
            "empty": (empty + tour.way_home).as_metres(),
            "line": rows.into_text(),
            "visits": tour.visits.iter().map(|visit| self.visit(visit)).collect::<Vec<_>>(),
        })
    }

    /// `[what, rider, place, set out, begin, end, [persons, wheelchairs] on board after]`
    fn visit(&self, visit: &Visit) -> Value {
        let (what, rider) = match visit.what {
            Visiting::Pickup { rider } => (0, Some(rider)),
            Visiting::Dropoff { rider } => (1, Some(rider)),
            Visiting::Break { .. } => (2, None),
        };
        let times = [visit.departure, visit.begin, visit.end].map(|time| self.seconds(time));
        json!([what, rider, self.spot(&visit.spot), times[0], times[1], times[2], seats(&visit.load)])
    }

    fn rider(&self, rider: &Rider) -> Value {
        let mut told = self.row(&rider.row);
        let promise = rider.promise;
        told["tour"] = rider.tour.into();
        told["pickup"] = json!(self.window(promise.pickup));
        told["dropoff_latest"] = self.seconds(promise.dropoff_latest).into();
        told["is_driver_asked"] = rider.is_driver_asked.into();
        told["fare"] = json!(rider.fare.as_ref().map(|fare| fare.full.0));
        told
    }

    fn left(&self, left: &Left) -> Value {
        let mut told = left.row.as_ref().map_or_else(|| json!({ "line": left.line }), |row| self.row(row));
        told["reason"] = left.why.name().into();
        match &left.why {
            Why::Unreadable(problems) | Why::OffTheMap(problems) => {
                let problem =
                    |problem: &RowProblem| format!("{}: {}; {}", problem.column, problem.wrong, problem.right);
                told["problems"] = problems.iter().map(problem).collect();
            }
            Why::OtherDay(date) => told["date"] = date.to_string().into(),
            Why::Refused(binding) => {
                let one = |one: &Binding| json!([constraint_name(one.constraint), one.shortfall.map(Span::as_secs)]);
                told["because"] = binding.iter().map(one).collect();
            }
        }
        told
    }

    fn row(&self, row: &RequestRow) -> Value {
        let kind = match row.kind {
            WishKind::DepartAfter => 0,
            WishKind::ArriveBy => 1,
        };
        let [from, until] = self.window(row.window);
        json!({
            "line": row.line,
            "id": row.id,
            "party": seats(&row.party),
            "wish": [kind, from, until],
            "from": self.point(row.from),
            "to": self.point(row.to),
        })
    }

    /// A point that may be on no road.
    fn point(&self, point: LatLon) -> Value {
        match self.map.snap(point, NAMED_WITHIN) {
            Ok(snapped) => {
                let (label, kana) = (String::new(), String::new());
                let zones = mukae_units::Zones::EMPTY;
                self.spot(&Spot { asked: point, label, kana, place: snapped.place, zones })
            }
            Err(_) => {
                let (x, y) = self.grid.steps(point);
                json!([x, y, point.to_string(), 0])
            }
        }
    }
}

/// `[persons who sit, wheelchairs]`
fn seats(seats: &Seats) -> [u8; 2] {
    [seats.of(SeatKind::Seat), seats.of(SeatKind::Wheelchair)]
}
