//! Dial-a-ride with four kinds of places in the text format of Malheiros et al. (2021), all vehicles at one depot.
//!
//! ```text
//! vehicles  requests
//! route duration  staff seats  patient seats  stretchers  wheelchair places            a vehicle
//! node  x  y  service  longest ride  staff  seated  lying  wheelchairs  earliest  latest    as in Cordeau's format, the depot twice
//! ```
//! Companions may also take a patient's seat or a stretcher and seated patients a stretcher, as in Parragh (2011).

use anyhow::Result;
use mukae_sim::demand::numbers::{Row, WrongRow};
use mukae_units::{Capacity, SeatKind, Seats, Substitutions};

use super::instance::{Instance, Node, Request, Vehicle, Ways, Window};

const ROW: &str = "two numbers first, then five a vehicle, then eleven a node";
/// In the order of the file: a seat for staff is what we know as a child's, one that few may use.
const KINDS: [SeatKind; 4] = [SeatKind::ChildSeat, SeatKind::Seat, SeatKind::Stretcher, SeatKind::Wheelchair];
const FIELDS: [&str; 4] = ["staff", "seated", "lying", "wheelchairs"];
const UPGRADES: Substitutions = Substitutions::NONE
    .and(SeatKind::ChildSeat, SeatKind::Seat)
    .and(SeatKind::ChildSeat, SeatKind::Stretcher)
    .and(SeatKind::Seat, SeatKind::Stretcher);

struct Place {
    line: usize,
    node: Node,
    point: [f64; 2],
    ride_max: f64,
    party: [i32; 4],
}

pub fn read(text: &str) -> Result<Instance> {
    let mut rows = Row::all(text);
    let mut head = rows.next().unwrap_or_else(Row::empty);
    let vehicle_count = head.whole("vehicles", (1, 10_000), "how many, 1 to 10000")? as usize;
    let requests = head.whole("requests", (1, 1_000_000), "how many, 1 or more")? as usize;
    head.end(ROW)?;
    let mut vehicles = Vec::new();
    for told in 0..vehicle_count {
        let Some(mut row) = rows.next() else {
            let wrong = format!("{vehicle_count} are said to be here, and {told} are");
            return Ok(head.wrong("vehicles", wrong, "a row for each")?);
        };
        vehicles.push(vehicle(&mut row)?);
    }
    let mut places = Vec::new();
    for mut row in rows {
        row.number_in_order("node", places.len())?;
        places.push(place(&mut row)?);
    }
    if places.len() != 2 * requests + 2 {
        let wrong = format!("{requests} are said to be here, and there are {} nodes", places.len());
        return Ok(head.wrong("requests", wrong, "the depot, a pickup and a dropoff for each, and the depot again")?);
    }
    let asked: Result<Vec<Request>, WrongRow> =
        (1..=requests).map(|pickup| request(&places, pickup, requests)).collect();
    let end = 2 * requests + 1;
    for depot in [0, end] {
        if places[depot].party != [0; 4] {
            let wrong = "somebody boards or alights at the depot".to_owned();
            return Err(WrongRow { line: places[depot].line, field: "node", wrong, right: "0 of each kind" }.into());
        }
    }
    Ok(Instance {
        nodes: places[..end].iter().map(|place| place.node).collect(),
        end,
        back: places[end].node.window,
        requests: asked?,
        vehicles,
        ways: Ways::Plane(places.iter().map(|place| place.point).collect()),
    })
}

fn vehicle(row: &mut Row<'_>) -> Result<Vehicle, WrongRow> {
    let out_max = row.positive("route duration")?;
    let mut places = Seats::NONE;
    for (kind, field) in KINDS.into_iter().zip(["staff seats", "patient seats", "stretchers", "wheelchair places"]) {
        places = places.with(kind, row.whole(field, (0, 255), "how many, 0 to 255")? as u8);
    }
    row.end(ROW)?;
    let capacity = Capacity::new(vec![places], UPGRADES).expect("there is a configuration");
    Ok(Vehicle { places: capacity.into(), out_max })
}

fn place(row: &mut Row<'_>) -> Result<Place, WrongRow> {
    let point = [row.number("x")?, row.number("y")?];
    let (service, ride_max) = (row.positive("service")?, row.positive("longest ride")?);
    let mut party = [0; 4];
    for (count, field) in party.iter_mut().zip(FIELDS) {
        *count = row.whole(field, (-255, 255), "how many, -255 to 255, negative where they alight")?;
    }
    let (earliest, latest) = row.window()?;
    row.end(ROW)?;
    let node = Node { window: Window { earliest, latest }, service };
    Ok(Place { line: row.line(), node, point, ride_max, party })
}

fn request(places: &[Place], pickup: usize, requests: usize) -> Result<Request, WrongRow> {
    let dropoff = pickup + requests;
    let (on, off) = (&places[pickup], &places[dropoff]);
    let is_matched = (0..4).all(|kind| 0 <= on.party[kind] && off.party[kind] == -on.party[kind]);
    if !is_matched || on.party == [0; 4] {
        let wrong = format!("{:?} board at node {pickup}, {:?} at node {dropoff}", on.party, off.party);
        let right = "as many alight as board, of each kind, and somebody does";
        return Err(WrongRow { line: on.line, field: "staff to wheelchairs", wrong, right });
    }
    let mut party = [0; SeatKind::COUNT];
    for (kind, count) in KINDS.into_iter().zip(on.party) {
        party[kind as usize] = count.unsigned_abs();
    }
    Ok(Request { pickup, dropoff, party, ride_max: on.ride_max, reveal: 0.0 })
}
