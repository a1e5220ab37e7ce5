//! The text format of Cordeau and Laporte; the simulator's reader knows it.

use anyhow::Result;
use mukae_sim::demand::darp;

use super::instance::{Instance, Node, Request, Ways, Window, alike, seats};

pub fn read(text: &str) -> Result<Instance> {
    let found = darp::read(text)?;
    let window = |earliest, latest| Window { earliest, latest };
    let nodes = found.nodes.iter();
    let request = |number: usize| {
        let (pickup, dropoff) = found.ends(number);
        let party = [found.nodes[pickup].load.unsigned_abs(), 0, 0, 0, 0];
        Request { pickup, dropoff, party, ride_max: found.ride_max, reveal: 0.0 }
    };
    let requests: Vec<Request> = (0..found.requests()).map(request).collect();
    let parties: Vec<u32> = requests.iter().map(|request| request.party[0]).collect();
    let places = seats(f64::from(found.capacity), &parties)?;
    Ok(Instance {
        nodes: nodes
            .clone()
            .map(|node| Node { window: window(node.earliest, node.latest), service: node.service })
            .collect(),
        end: 0,
        back: window(found.back.0, found.back.1),
        requests,
        vehicles: alike(found.vehicles as usize, places, found.duration_max),
        ways: Ways::Plane(nodes.map(|node| [node.x, node.y]).collect()),
    })
}
