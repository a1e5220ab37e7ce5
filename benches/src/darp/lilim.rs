//! Pickup and delivery with time windows in the text format of Li and Lim (2001): no limit of rides, none of routes.
//!
//! ```text
//! vehicles  capacity  speed
//! node  x  y  load  earliest  latest  service  pickup  dropoff     the depot first; the last two name the partner, or are 0
//! ```

use anyhow::Result;
use mukae_engine::improve::Load;
use mukae_sim::demand::numbers::{Row, WrongRow};

use super::instance::{Instance, Node, Request, Ways, Window, alike, seats};

const ROW: &str = "three numbers first, then nine a node";
const LOAD_MAX: i32 = Load::MOST as i32;

struct Place {
    line: usize,
    load: i32,
    /// Nodes, or 0.
    pickup: usize,
    dropoff: usize,
}

pub fn read(text: &str) -> Result<Instance> {
    let mut rows = Row::all(text);
    let mut head = rows.next().unwrap_or_else(Row::empty);
    let vehicles = head.whole("vehicles", (1, 10_000), "how many, 1 to 10000")? as usize;
    let capacity = f64::from(head.whole("capacity", (1, 1_000_000), "how much, 1 to 1000000")?);
    head.number("speed")?;
    head.end(ROW)?;
    let (mut nodes, mut points, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for mut row in rows {
        row.number_in_order("node", nodes.len())?;
        points.push([row.number("x")?, row.number("y")?]);
        let load = row.whole("load", (-LOAD_MAX, LOAD_MAX), "how much, -1023 to 1023, negative where it leaves")?;
        let (earliest, latest) = row.window()?;
        nodes.push(Node { window: Window { earliest, latest }, service: row.positive("service")? });
        let mut partner =
            |field| row.whole(field, (0, 1_000_000), "the number of a node, or 0").map(|node| node as usize);
        let (pickup, dropoff) = (partner("pickup")?, partner("dropoff")?);
        row.end(ROW)?;
        places.push(Place { line: row.line(), load, pickup, dropoff });
    }
    if nodes.is_empty() {
        return Ok(head.wrong("nodes", "there are none".to_owned(), "the depot, and two for each request")?);
    }
    let requests = requests(&places)?;
    let parties: Vec<u32> = requests.iter().map(|request| request.party[0]).collect();
    let places = seats(capacity, &parties)?;
    let back = nodes[0].window;
    let vehicles = alike(vehicles, places, f64::INFINITY);
    Ok(Instance { nodes, end: 0, back, requests, vehicles, ways: Ways::Plane(points) })
}

/// Each place has a partner that names it in turn.
fn requests(places: &[Place]) -> Result<Vec<Request>, WrongRow> {
    let mut requests = Vec::new();
    for (node, place) in places.iter().enumerate() {
        let wrong = |field, wrong: String, right| Err(WrongRow { line: place.line, field, wrong, right });
        let Place { load, pickup, dropoff, .. } = *place;
        if node == 0 {
            if (load, pickup, dropoff) != (0, 0, 0) {
                return wrong("node", "the depot has a load or a partner".to_owned(), "0 for all three");
            }
            continue;
        }
        let (field, partner) = if dropoff != 0 { ("dropoff", dropoff) } else { ("pickup", pickup) };
        if (pickup == 0) == (dropoff == 0) {
            let wrong_one = format!("node {node} is told pickup {pickup} and dropoff {dropoff}");
            return wrong(field, wrong_one, "its partner in one of them, 0 in the other");
        }
        let Some(other) = places.get(partner) else {
            let wrong_one = format!("there is no node {partner}");
            return wrong(field, wrong_one, "the number of the partner's row");
        };
        let named = if dropoff != 0 { other.pickup } else { other.dropoff };
        if named != node {
            let wrong_one = format!("node {partner} is the partner of node {node}, and names {named} as its own");
            return wrong(field, wrong_one, "two nodes that name each other");
        }
        if dropoff == 0 {
            continue;
        }
        if load < 1 || other.load != -load {
            let wrong_one = format!("{load} is put in at node {node}, {} at node {partner}", other.load);
            return wrong("load", wrong_one, "as much leaves as is put in, and something does");
        }
        let party = [load.unsigned_abs(), 0, 0, 0, 0];
        requests.push(Request { pickup: node, dropoff, party, ride_max: f64::INFINITY, reveal: 0.0 });
    }
    Ok(requests)
}
