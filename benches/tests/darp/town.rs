//! Drawn instances of every format, as a file has them and as the twin takes them. All numbers are quarters of minutes, on
//! a line or in a table: whole milliseconds here and exact in doubles there, so that no rounding can make a difference.

use mukae_benches::Dice;

use crate::twin::{Node, Twin};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flavour {
    /// Limits of rides and of routes; the depot once or twice.
    Cordeau,
    /// Neither; partners in any order, loads in hundreds.
    LiLim,
    /// Four kinds of places, vehicles of several kinds, other limits for each.
    Heterogeneous,
    /// A table that is not symmetric, and in which the direct way need not be the shortest.
    Table,
    /// Such a table, but nothing is shorter than the direct way.
    ShortestTable,
}

impl Flavour {
    pub const ALL: [Flavour; 5] =
        [Flavour::Cordeau, Flavour::LiLim, Flavour::Heterogeneous, Flavour::Table, Flavour::ShortestTable];
}

pub const REQUESTS: usize = 6;
pub const VEHICLES: usize = 3;
const HORIZON: u64 = 4 * 200;

fn quarters(dice: &mut Dice, below: u64) -> f64 {
    dice.below(below) as f64 / 4.0
}

/// The file, and what is in it.
pub fn drawn(dice: &mut Dice, flavour: Flavour) -> (String, Twin) {
    let mut twin = plain(dice, flavour);
    let text = match flavour {
        Flavour::Cordeau => cordeau(dice, &mut twin),
        Flavour::LiLim => lilim(dice, &mut twin),
        Flavour::Heterogeneous => heterogeneous(dice, &mut twin),
        Flavour::Table | Flavour::ShortestTable => table(dice, &mut twin, flavour == Flavour::ShortestTable),
    };
    (text, twin)
}

/// What all have: places on a line, windows, parties of one kind.
fn plain(dice: &mut Dice, flavour: Flavour) -> Twin {
    let count = 2 * REQUESTS + 1;
    let at: Vec<f64> = (0..count).map(|_| quarters(dice, 60)).collect();
    let ways = at.iter().map(|from| at.iter().map(|to| (from - to).abs()).collect()).collect();
    let horizon = HORIZON as f64 / 4.0;
    let window = |dice: &mut Dice| {
        let begin = quarters(dice, HORIZON);
        let width = [0, 40, 80, 160][dice.below(4) as usize];
        if width == 0 { [0.0, horizon] } else { [begin, begin + quarters(dice, width)] }
    };
    let nodes = (0..count).map(|node| Node {
        window: if node == 0 { [0.0, horizon] } else { window(dice) },
        service: if node == 0 { 0.0 } else { quarters(dice, 12) },
        load: [0; 4],
    });
    let mut twin = Twin {
        at,
        nodes: nodes.collect(),
        pairs: (1..=REQUESTS).map(|pickup| (pickup, pickup + REQUESTS)).collect(),
        ways,
        back: [0.0, horizon],
        ride_max: vec![f64::INFINITY; REQUESTS],
        out_max: vec![f64::INFINITY; VEHICLES],
        places: vec![[3, 0, 0, 0]; VEHICLES],
        has_upgrades: false,
    };
    let most = if flavour == Flavour::LiLim { 500 } else { 3 };
    for pickup in 1..=REQUESTS {
        twin.put_load(pickup, pickup + REQUESTS, [1 + dice.below(most) as i32, 0, 0, 0]);
    }
    twin
}

/// The depot may open late for those who set out, and close early; service takes time there, too.
fn odd_depot(dice: &mut Dice, twin: &mut Twin) {
    if dice.below(2) == 0 {
        let horizon = HORIZON as f64 / 4.0;
        twin.nodes[0].service = quarters(dice, 8);
        let opens = quarters(dice, 80);
        twin.nodes[0].window = [opens, opens + 20.0 + quarters(dice, 500)];
        twin.back = [quarters(dice, 400), horizon - quarters(dice, 80)];
    }
}

fn row(twin: &Twin, node: usize) -> String {
    let Node { window, service, load } = twin.nodes[node];
    format!("{node} {} 0 {service} {} {} {}", twin.at[node], load[0], window[0], window[1])
}

fn cordeau(dice: &mut Dice, twin: &mut Twin) -> String {
    let (out_max, ride_max) = (40.0 + quarters(dice, 600), 10.0 + quarters(dice, 120));
    (twin.out_max, twin.ride_max) = (vec![out_max; VEHICLES], vec![ride_max; REQUESTS]);
    let has_end = dice.below(2) == 0;
    if has_end {
        odd_depot(dice, twin);
    }
    let mut rows = vec![format!("{VEHICLES} {} {out_max} {} {ride_max}", REQUESTS * 2, twin.places[0][0])];
    rows.extend((0..twin.nodes.len()).map(|node| row(twin, node)));
    if has_end {
        rows.push(format!("{} {} 0 0 0 {} {}", twin.nodes.len(), twin.at[0], twin.back[0], twin.back[1]));
    }
    rows.join("\n")
}

fn lilim(dice: &mut Dice, twin: &mut Twin) -> String {
    let capacity = 500 + dice.below(500) as i32;
    twin.places = vec![[capacity, 0, 0, 0]; VEHICLES];
    let loads: Vec<i32> = twin.pairs.iter().map(|&(pickup, _)| twin.nodes[pickup].load[0]).collect();
    // any node may be anybody's
    let mut order: Vec<usize> = (1..=2 * REQUESTS).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, dice.below(at as u64 + 1) as usize);
    }
    twin.pairs = (0..REQUESTS).map(|request| (order[request], order[request + REQUESTS])).collect();
    for (request, (pickup, dropoff)) in twin.pairs.clone().into_iter().enumerate() {
        twin.put_load(pickup, dropoff, [loads[request], 0, 0, 0]);
    }
    let mut rows = vec![format!("{VEHICLES} {capacity} 1")];
    for (node, Node { window, service, load }) in twin.nodes.iter().enumerate() {
        let pickup = twin.pairs.iter().find(|pair| pair.1 == node).map_or(0, |pair| pair.0);
        let dropoff = twin.pairs.iter().find(|pair| pair.0 == node).map_or(0, |pair| pair.1);
        let at = twin.at[node];
        rows.push(format!("{node} {at} 0 {} {} {} {service} {pickup} {dropoff}", load[0], window[0], window[1]));
    }
    rows.join("\n")
}

fn heterogeneous(dice: &mut Dice, twin: &mut Twin) -> String {
    twin.has_upgrades = true;
    for vehicle in 0..VEHICLES {
        twin.out_max[vehicle] = 40.0 + quarters(dice, 600);
        twin.places[vehicle] = [3, 4, 2, 2].map(|below| dice.below(below) as i32);
    }
    for request in 0..REQUESTS {
        twin.ride_max[request] = 10.0 + quarters(dice, 120);
        let party = [2, 2, 2, 2].map(|below| dice.below(below) as i32);
        let party = if party == [0; 4] { [0, 1, 0, 0] } else { party };
        twin.put_load(1 + request, 1 + request + REQUESTS, party);
    }
    odd_depot(dice, twin);
    let words = |numbers: [i32; 4]| numbers.map(|number| number.to_string()).join(" ");
    let mut rows = vec![format!("{VEHICLES} {REQUESTS}")];
    rows.extend((0..VEHICLES).map(|at| format!("{} {}", twin.out_max[at], words(twin.places[at]))));
    for (node, Node { window, service, load }) in twin.nodes.iter().enumerate() {
        let ride_max = if (1..=REQUESTS).contains(&node) { twin.ride_max[node - 1] } else { 0.0 };
        let (at, load) = (twin.at[node], words(*load));
        rows.push(format!("{node} {at} 0 {service} {ride_max} {load} {} {}", window[0], window[1]));
    }
    let end = twin.nodes.len();
    rows.push(format!("{end} {} 0 0 0 0 0 0 0 {} {}", twin.at[0], twin.back[0], twin.back[1]));
    rows.join("\n")
}

fn table(dice: &mut Dice, twin: &mut Twin, is_shortest: bool) -> String {
    let count = twin.nodes.len();
    twin.ways = (0..count).map(|_| (0..count).map(|_| quarters(dice, 80)).collect()).collect();
    if is_shortest {
        for (by, from) in (0..count).flat_map(|by| (0..count).map(move |from| (by, from))) {
            for to in 0..count {
                twin.ways[from][to] = twin.ways[from][to].min(twin.ways[from][by] + twin.ways[by][to]);
            }
        }
    }
    let mut more = Vec::new();
    if dice.below(2) == 0 {
        odd_depot(dice, twin);
        more.push(format!("\"depot_tw\": {:?}", twin.back));
    }
    if dice.below(2) == 0 {
        let limit = 40.0 + quarters(dice, 600);
        twin.out_max = vec![limit; VEHICLES];
        more.push(format!("\"T\": {limit}"));
    }
    if dice.below(2) == 0 {
        twin.ride_max = vec![10.0 + quarters(dice, 120); REQUESTS];
        more.push(format!("\"L\": {}", twin.ride_max[0]));
    }
    let own = dice.below(REQUESTS as u64) as usize;
    twin.ride_max[own] = 5.0 + quarters(dice, 120);
    more.push(format!("\"max_ride\": {{\"{}\": {}}}", own + 1, twin.ride_max[own]));
    let mut vehicles = Vec::new();
    for vehicle in 0..VEHICLES {
        twin.places[vehicle] = [2 + dice.below(4) as i32, 0, 0, 0];
        let own = 40.0 + quarters(dice, 600);
        let has_own = dice.below(2) == 0;
        twin.out_max[vehicle] = if has_own { twin.out_max[vehicle].min(own) } else { twin.out_max[vehicle] };
        let own = if has_own { format!(", \"max_duration\": {own}") } else { String::new() };
        vehicles.push(format!("{{\"capacity\": {}{own}}}", twin.places[vehicle][0]));
    }
    let nodes = twin.nodes.iter().zip(&twin.at);
    let nodes = nodes.map(|(node, at)| {
        format!("{:?}", [*at, 0.0, node.service, f64::from(node.load[0]), node.window[0], node.window[1]])
    });
    let nodes = nodes.collect::<Vec<_>>().join(",");
    more.push(format!("\"nodes\": [{nodes}]"));
    more.push(format!("\"vehicles\": [{}]", vehicles.join(",")));
    more.push(format!("\"matrix\": {:?}", twin.ways));
    format!("{{{}}}", more.join(",\n"))
}
