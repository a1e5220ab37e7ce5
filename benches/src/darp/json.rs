//! The plain JSON form, which says most: a table of times, vehicles one by one, limits of single rides.
//!
//! ```text
//! {"nodes": [[x, y, service, load, earliest, latest], ..],    the depot, the pickups, the dropoffs in the same order
//!  "vehicles": [{"capacity": 4, "max_duration": 240}], or "K": 3, "Q": 4,
//!  "T": 480, "L": 60, "max_ride": {"3": 25}, "depot_tw": [0, 480], "matrix": [[..], ..]}
//! ```
//! `nodes` must be there, and `vehicles` or `Q`; without `K` and `vehicles` there are as many as are of use, without `T` and
//! `L` there is no limit, without `depot_tw` vehicles return within the window of node 0, and without `matrix` ways are
//! straight. A single vehicle is there `K` times.

use anyhow::Result;
use mukae_engine::improve::Load;
use serde_json::Value;

use super::instance::{Instance, NODES_MAX, Node, Request, Vehicle, Ways, alike, seats};
use super::member::{Member, WrongMember, window};

const LOAD_MAX: i32 = Load::MOST as i32;

pub fn read(value: &Value) -> Result<Instance> {
    let root = Member::root(value);
    let told = root.get("nodes")?;
    let rows = told.list()?;
    if rows.len() % 2 == 0 || rows.len() < 3 || NODES_MAX < rows.len() {
        let right = format!("the depot, a pickup and a dropoff for each request: an odd number, 3 to {NODES_MAX}");
        return Ok(told.wrong(format!("there are {}", rows.len()), right)?);
    }
    let (mut nodes, mut points, mut loads) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let numbers = row.list_of(6, "x, y, service, load, earliest, latest")?;
        points.push([numbers[0].number()?, numbers[1].number()?]);
        loads.push(numbers[3].whole((-LOAD_MAX, LOAD_MAX))?);
        nodes.push(Node { service: numbers[2].positive()?, window: window(&numbers[4], &numbers[5])? });
    }
    let requests = requests(&root, &rows, &loads)?;
    let vehicles = vehicles(&root, &requests)?;
    let back = match root.find("depot_tw")? {
        None => nodes[0].window,
        Some(told) => {
            let ends = told.list_of(2, "earliest, latest")?;
            window(&ends[0], &ends[1])?
        }
    };
    let ways = match root.find("matrix")? {
        None => Ways::Plane(points),
        Some(matrix) => table(&matrix, nodes.len())?,
    };
    Ok(Instance { nodes, end: 0, back, requests, vehicles, ways })
}

fn requests(root: &Member<'_>, rows: &[Member<'_>], loads: &[i32]) -> Result<Vec<Request>, WrongMember> {
    let count = rows.len() / 2;
    if loads[0] != 0 {
        return rows[0].wrong(format!("load {} at the depot", loads[0]), "load 0");
    }
    let ride_max = root.find("L")?.map_or(Ok(f64::INFINITY), |limit| limit.positive())?;
    let mut requests = Vec::new();
    for pickup in 1..=count {
        let (load, dropoff) = (loads[pickup], pickup + count);
        if load < 1 || loads[dropoff] != -load {
            let wrong = format!("{load} board at node {pickup}, {} at node {dropoff}", loads[dropoff]);
            return rows[pickup].wrong(wrong, "as many alight as board, and somebody does");
        }
        let party = [load.unsigned_abs(), 0, 0, 0, 0];
        requests.push(Request { pickup, dropoff, party, ride_max, reveal: 0.0 });
    }
    if let Some(own) = root.find("max_ride")? {
        for (name, limit) in own.members()? {
            let Some(request) = name.trim().parse().ok().filter(|number| (1..=count).contains(number)) else {
                return limit.wrong("there is no such request", format!("the number of a pickup, 1 to {count}"));
            };
            requests[request - 1].ride_max = limit.positive()?;
        }
    }
    Ok(requests)
}

fn vehicles(root: &Member<'_>, requests: &[Request]) -> Result<Vec<Vehicle>> {
    let parties: Vec<u32> = requests.iter().map(|request| request.party[0]).collect();
    let out_max = root.find("T")?.map_or(Ok(f64::INFINITY), |limit| limit.positive())?;
    let count = match root.find("K")? {
        None => None,
        Some(told) => Some(told.whole((1, 1_000_000))? as usize),
    };
    let Some(told) = root.find("vehicles")? else {
        let places = seats(root.get("Q")?.positive()?, &parties)?;
        // no more set out than there are requests
        return Ok(alike(count.unwrap_or(requests.len()).min(requests.len()), places, out_max));
    };
    let list = told.list()?;
    let mut vehicles = Vec::new();
    for vehicle in &list {
        let places = seats(vehicle.get("capacity")?.positive()?, &parties)?.into();
        let own = vehicle.find("max_duration")?.map_or(Ok(f64::INFINITY), |limit| limit.positive())?;
        vehicles.push(Vehicle { places, out_max: out_max.min(own) });
    }
    match (vehicles.len(), count) {
        (0, _) => Ok(told.wrong("there is none", "one vehicle at least, or `K` and `Q` instead")?),
        (_, None) => Ok(vehicles),
        (1, Some(count)) => Ok(vec![vehicles.remove(0); count.min(requests.len())]),
        (listed, Some(count)) if listed == count => Ok(vehicles),
        (listed, Some(count)) => {
            Ok(told.wrong(format!("there are {listed}, and `K` is {count}"), "as many as `K`, one, or no `K`")?)
        }
    }
}

fn table(matrix: &Member<'_>, side: usize) -> Result<Ways, WrongMember> {
    let mut minutes = Vec::with_capacity(side * side);
    for row in matrix.list_of(side, "a row for each node")? {
        for entry in row.list_of(side, "a number for each node")? {
            minutes.push(entry.positive()?);
        }
    }
    Ok(Ways::Table { side, minutes })
}
