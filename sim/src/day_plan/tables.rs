//! The plan as tables: what each vehicle does, a row a stop, and who is left, a row a line.

use std::io::Write;

use ::csv::{Error, WriterBuilder};
use mukae_engine::model::Spot;
use mukae_maps::PreparedMap;
use mukae_units::{Metres, SeatKind, Seats, Span, Time};

use super::{DayPlan, Tour, Visit, Visiting};
use crate::demand::columns::{self, COLUMNS};
use crate::demand::csv::{degrees, text, text_of};
use crate::names::road_name;

const MANIFEST: [&str; 19] = [
    "vehicle",
    "shift",
    "stop",
    "task",
    "set_out",
    "begin",
    "end",
    "place",
    "lat",
    "lon",
    "drive_m",
    "request_id",
    "line",
    "seats",
    "wheelchairs",
    "on_board",
    "promised_earliest",
    "promised_latest",
    "ride_max_s",
];

/// `manifest.csv`: every shift with its stops in order, from where it begins to where it ends.
pub fn write_manifest(plan: &DayPlan, map: &PreparedMap, sink: impl Write) -> Result<(), Error> {
    let mut writer = WriterBuilder::new().from_writer(sink);
    writer.write_record(MANIFEST)?;
    for tour in &plan.tours {
        let rows = Rows { plan, map, tour };
        let start = Row { task: "start", begin: tour.window.earliest(), ..Row::at(&tour.start, tour) };
        writer.write_record(rows.cells(0, &start))?;
        for (index, visit) in tour.visits.iter().enumerate() {
            writer.write_record(rows.cells(index + 1, &rows.visit(visit)))?;
        }
        let last = tour.visits.last().map_or(&tour.start, |visit| &visit.spot);
        let end = Row { task: "end", drive: tour.way_home, ..Row::at(tour.end.as_ref().unwrap_or(last), tour) };
        writer.write_record(rows.cells(tour.visits.len() + 1, &end))?;
    }
    Ok(writer.flush()?)
}

/// `left.csv`: the line, why, and the cells of docs/demand-csv.md as far as they could be read.
pub fn write_left(plan: &DayPlan, sink: impl Write) -> Result<(), Error> {
    let mut writer = WriterBuilder::new().from_writer(sink);
    writer.write_record(["line", "reason", "why"].into_iter().chain(COLUMNS.map(|column| column.name)))?;
    for left in &plan.left {
        let cells = match &left.row {
            Some(row) => columns::cells(row).map(|cell| text(&cell, &plan.zone)),
            None => COLUMNS.map(|_| String::new()),
        };
        let why = [left.line.to_string(), left.why.name().to_owned(), left.why.to_string()];
        writer.write_record(why.into_iter().chain(cells))?;
    }
    Ok(writer.flush()?)
}

struct Rows<'a> {
    plan: &'a DayPlan,
    map: &'a PreparedMap,
    tour: &'a Tour,
}

/// A row of the manifest before it is text.
struct Row<'a> {
    task: &'static str,
    set_out: Option<Time>,
    begin: Time,
    end: Option<Time>,
    spot: &'a Spot,
    drive: Metres,
    rider: Option<usize>,
    load: Seats,
    promised: [Option<Time>; 2],
}

impl<'a> Row<'a> {
    /// The end of a shift, until something else is said.
    fn at(spot: &'a Spot, tour: &Tour) -> Row<'a> {
        Row {
            task: "end",
            set_out: None,
            begin: tour.finish,
            end: None,
            spot,
            drive: Metres::ZERO,
            rider: None,
            load: Seats::NONE,
            promised: [None, None],
        }
    }
}

impl Rows<'_> {
    fn visit<'v>(&self, visit: &'v Visit) -> Row<'v> {
        let promise = |rider: usize| &self.plan.riders[rider].promise;
        let (task, rider, promised) = match visit.what {
            Visiting::Pickup { rider } => {
                let window = promise(rider).pickup;
                ("pickup", Some(rider), [Some(window.earliest()), Some(window.latest())])
            }
            Visiting::Dropoff { rider } => ("dropoff", Some(rider), [None, Some(promise(rider).dropoff_latest)]),
            Visiting::Break { .. } => ("break", None, [None, None]),
        };
        Row {
            task,
            set_out: Some(visit.departure),
            begin: visit.begin,
            end: Some(visit.end),
            spot: &visit.spot,
            drive: visit.drive,
            rider,
            load: visit.load,
            promised,
        }
    }

    fn cells(&self, stop: usize, row: &Row<'_>) -> [String; MANIFEST.len()] {
        let time = |time: Option<Time>| time.map_or_else(String::new, |time| text_of(time, &self.plan.zone));
        let rider = row.rider.map(|rider| &self.plan.riders[rider]);
        let of_rider = |tell: &dyn Fn(&super::Rider) -> String| rider.map_or_else(String::new, tell);
        let place = match row.spot.label.as_str() {
            "" => road_name(self.map.graph(), row.spot.place.edge).0,
            label => label,
        };
        [
            self.tour.vehicle.clone(),
            self.tour.shift.0.to_string(),
            stop.to_string(),
            row.task.to_owned(),
            time(row.set_out),
            time(Some(row.begin)),
            time(row.end),
            place.to_owned(),
            degrees(row.spot.asked.lat_e7()),
            degrees(row.spot.asked.lon_e7()),
            row.drive.as_metres().to_string(),
            of_rider(&|rider| rider.row.id.clone()),
            of_rider(&|rider| rider.row.line.to_string()),
            of_rider(&|rider| rider.row.party.of(SeatKind::Seat).to_string()),
            of_rider(&|rider| rider.row.party.of(SeatKind::Wheelchair).to_string()),
            row.load.persons().to_string(),
            time(row.promised[0]),
            time(row.promised[1]),
            of_rider(&|rider| seconds(rider.promise.ride_max)),
        ]
    }
}

/// Milliseconds only if there are any.
fn seconds(span: Span) -> String {
    match span.as_millis() % 1000 {
        0 => span.as_secs().to_string(),
        millis => format!("{}.{millis:03}", span.as_secs()),
    }
}
