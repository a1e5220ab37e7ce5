//! Requests that become known over the day, as in the JSON files of Berbeglia, Cordeau and Laporte's problems (2012).
//!
//! ```text
//! {"static_info": {"instance": "ropke_etal_2007/a2-16", "number_of_vehicles": 2, "vehicle_capacity": 3, "max_ride_time": 30,
//!                  "max_route_time": 480, "planing_horizon": 1440, "depot_location": {"x_coord": 0, "y_coord": 0}},
//!  "requests": [{"id": 1, "pickup_location": {..}, "delivery_location": {..}, "pickup_lower_tw": 0, "pickup_upper_tw": 1440,
//!                "pickup_service_time": 3, "delivery_lower_tw": 402, ..., "load": 1, "arrival_time": 339}, ..]}
//! ```
//! The files do not tell when vehicles must be back. It is the end of the horizon in the set of Cordeau and Laporte; in that
//! of Ropke et al. the static files say it is the route duration, so it is here.

use anyhow::Result;
use serde_json::Value;

use super::instance::{Instance, NODES_MAX, Node, Request, Ways, Window, alike, seats};
use super::member::{Member, WrongMember, window};

pub fn read(value: &Value) -> Result<Instance> {
    let root = Member::root(value);
    let info = root.get("static_info")?;
    let told = root.get("requests")?;
    let list = told.list()?;
    if list.is_empty() || NODES_MAX / 2 < list.len() {
        return Ok(told.wrong(format!("there are {}", list.len()), format!("1 to {}", NODES_MAX / 2))?);
    }
    let vehicles = info.get("number_of_vehicles")?.whole((1, 10_000))? as usize;
    let capacity = info.get("vehicle_capacity")?.positive()?;
    let ride_max = info.get("max_ride_time")?.positive()?;
    let out_max = info.get("max_route_time")?.positive()?;
    let depot = Window { earliest: 0.0, latest: depot_latest(&info, out_max)? };
    let mut nodes = vec![Node { window: depot, service: 0.0 }];
    let mut points = vec![point(&info.get("depot_location")?)?];
    for end in ["pickup", "delivery"] {
        for request in &list {
            let part = |name: &str| request.get(&format!("{end}_{name}"));
            nodes.push(Node {
                window: window(&part("lower_tw")?, &part("upper_tw")?)?,
                service: part("service_time")?.positive()?,
            });
            points.push(point(&part("location")?)?);
        }
    }
    let mut requests = Vec::new();
    for (at, request) in list.iter().enumerate() {
        let id = request.get("id")?;
        if id.number()? != (at + 1) as f64 {
            return Ok(id.wrong(format!("{} follows {at} requests", id.number()?), "requests count up from 1")?);
        }
        let party = [request.get("load")?.whole((1, 1023))?.unsigned_abs(), 0, 0, 0, 0];
        let reveal = request.get("arrival_time")?.positive()?;
        requests.push(Request { pickup: at + 1, dropoff: at + 1 + list.len(), party, ride_max, reveal });
    }
    let parties: Vec<u32> = requests.iter().map(|request| request.party[0]).collect();
    let vehicles = alike(vehicles, seats(capacity, &parties)?, out_max);
    Ok(Instance { nodes, end: 0, back: depot, requests, vehicles, ways: Ways::Plane(points) })
}

fn depot_latest(info: &Member<'_>, out_max: f64) -> Result<f64, WrongMember> {
    let horizon = info.get("planing_horizon")?.positive()?;
    let is_of_ropke = match info.find("instance")? {
        Some(name) => name.text()?.starts_with("ropke_etal_2007/"),
        None => false,
    };
    Ok(if is_of_ropke { horizon.min(out_max) } else { horizon })
}

fn point(place: &Member<'_>) -> Result<[f64; 2], WrongMember> {
    Ok([place.get("x_coord")?.number()?, place.get("y_coord")?.number()?])
}
