//! Dial-a-ride problems in the text format of Cordeau and Laporte (2003) and Cordeau (2006): their `pr`, `a` and `b` files.
//!
//! ```text
//! vehicles  requests  route duration  capacity  longest ride
//! node  x  y  service  load  earliest  latest          the depot, then all pickups, then all dropoffs, then perhaps the depot
//! ```
//! There are no coordinates of a globe: a plane of minutes, where the way between two nodes takes as long as it is far.
//! The second number of the first line counts requests in some files and nodes in others, so the lines are counted.

use thiserror::Error;

use super::numbers::{Row, WrongRow};

/// A node of the plane.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Node {
    pub x: f64,
    pub y: f64,
    /// Minutes.
    pub service: f64,
    /// Positive where people board.
    pub load: i32,
    /// Service begins in it; minutes.
    pub earliest: f64,
    pub latest: f64,
}

/// A whole problem.
#[derive(Clone, PartialEq, Debug)]
pub struct Instance {
    pub vehicles: u32,
    /// A vehicle is out for no longer; minutes.
    pub duration_max: f64,
    pub capacity: u8,
    /// From the end of boarding to the start of alighting; minutes.
    pub ride_max: f64,
    /// The depot, the pickups, the dropoffs in the same order.
    pub nodes: Vec<Node>,
    /// Vehicles are back at the depot at this time or later, and by this one; minutes.
    pub back: (f64, f64),
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ReadDarpError {
    #[error(transparent)]
    Row(#[from] WrongRow),
    #[error(
        "there are {count} nodes; the depot, a pickup and a dropoff for each request, and perhaps the depot again are right"
    )]
    Count { count: usize },
}

const ROW: &str = "five numbers first, then seven a node";

/// Reads a whole file.
pub fn read(text: &str) -> Result<Instance, ReadDarpError> {
    let mut rows = Row::all(text);
    let mut head = rows.next().unwrap_or_else(Row::empty);
    let vehicles = head.whole("vehicles", (1, 10_000), "how many, 1 to 10000")? as u32;
    let told = head.positive("requests")?;
    let duration_max = head.positive("route duration")?;
    let capacity = head.whole("capacity", (1, 255), "how many seats, 1 to 255")? as u8;
    let ride_max = head.positive("longest ride")?;
    head.end(ROW)?;

    let (mut nodes, mut lines) = (Vec::new(), Vec::new());
    for mut row in rows {
        lines.push(row.line());
        row.number_in_order("node", nodes.len())?;
        let (x, y, service) = (row.number("x")?, row.number("y")?, row.positive("service")?);
        let load = row.whole("load", (-255, 255), "how many persons, -255 to 255, negative where they alight")?;
        let (earliest, latest) = row.window()?;
        row.end(ROW)?;
        nodes.push(Node { x, y, service, load, earliest, latest });
    }
    let count = nodes.len();
    let wrong = |node: usize, field, wrong, right| Err(WrongRow { line: lines[node], field, wrong, right }.into());
    if count < 3 {
        return Err(ReadDarpError::Count { count });
    }
    // with the depot again at the end the count is even
    let end = if count % 2 == 0 { nodes.pop().expect("there are some") } else { nodes[0] };
    if (end.x, end.y, end.load) != (nodes[0].x, nodes[0].y, 0) {
        let told = format!("of an even number of nodes the last, {}, is not the depot of node 0", count - 1);
        return wrong(
            count - 1,
            "node",
            told,
            "a pickup and a dropoff for each request; at the end perhaps the depot, load 0",
        );
    }
    let requests = nodes.len() / 2;
    if told != requests as f64 && told != 2.0 * requests as f64 {
        let wrong = format!("{told} are said to be here, and nodes are for {requests}");
        return Err(WrongRow {
            line: head.line(),
            field: "requests",
            wrong,
            right: "as many as are here, or twice that",
        }
        .into());
    }
    for request in 1..=requests {
        let (pickup, dropoff) = (nodes[request].load, nodes[request + requests].load);
        if pickup < 1 || dropoff != -pickup {
            let told = format!("{pickup} board at node {request}, {dropoff} at node {}", request + requests);
            return wrong(request, "load", told, "as many alight as board, and somebody does");
        }
    }
    let back = (end.earliest, end.latest);
    Ok(Instance { vehicles, duration_max, capacity, ride_max, nodes, back })
}

impl Instance {
    pub fn requests(&self) -> usize {
        self.nodes.len() / 2
    }

    /// Pickup and dropoff of a request, counted from 0.
    pub fn ends(&self, request: usize) -> (usize, usize) {
        (1 + request, 1 + request + self.requests())
    }

    /// Minutes, and as far.
    pub fn distance(&self, from: usize, to: usize) -> f64 {
        let (from, to) = (self.nodes[from], self.nodes[to]);
        (from.x - to.x).hypot(from.y - to.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::demand::numbers::NUMBER;

    const TWO: &str = "1 2 480 3 30\n 0 0 0 0 0 0 480\n 1 3 4 3 1 0 1440\n 2 0 1 3 1 60 75\n 3 0 0 3 -1 100 115\n\
                        4 5 5.5 3 -1 0 1440\n 5 0 0 0 0 0 480\n";

    #[test]
    fn a_problem_is_read() {
        let found = read(TWO).unwrap();
        assert_eq!((found.vehicles, found.requests(), found.capacity, found.nodes.len()), (1, 2, 3, 5));
        assert_eq!((found.ends(1), found.distance(0, 1)), ((2, 4), 5.0));
        let without = TWO.lines().filter(|line| !line.starts_with(" 5")).map(str::trim).collect::<Vec<_>>();
        assert_eq!(read(&without[..6].join("\r\n")).unwrap(), found, "the depot need not stand twice");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let wrong = |from: &str, to: &str| read(&TWO.replacen(from, to, 1)).unwrap_err().to_string();
        assert_eq!(wrong("480 3", "480 0"), "line 1, capacity: 0 is not right; how many seats, 1 to 255");
        assert_eq!(
            wrong("1 2 480", "1 3 480"),
            "line 1, requests: 3 are said to be here, and nodes are for 2; as many as are here, or twice that"
        );
        let missing = wrong(" 5 0 0 0 0 0 480\n", " 5 0 0 0 0 0 480\n 6 0 0 0 0 0 480\n 7 1 0 0 0 0 480\n");
        assert!(missing.starts_with("line 9, node: of an even number of nodes the last, 7, is not"), "{missing}");
        let twice = wrong(" 5 0 0", " 4 0 0");
        assert_eq!(twice, "line 7, node: 4 follows 5 nodes; nodes count up from 0");
        assert_eq!(wrong(" 1 3 4", " 1 x 4"), format!("line 3, x: `x` is not right; {NUMBER}"));
        assert_eq!(wrong(" 1 3 4", " 1 NaN 4"), format!("line 3, x: `NaN` is not right; {NUMBER}"));
        assert_eq!(
            wrong(" 60 75", " 75 60"),
            "line 4, latest: 60 is before earliest, 75; the window ends when it begins, or later"
        );
        assert_eq!(
            wrong("-1 100", "-2 100"),
            "line 3, load: 1 board at node 1, -2 at node 3; as many alight as board, and somebody does"
        );
        assert!(read("").unwrap_err().to_string().starts_with("line 1, vehicles: it is missing"));
        assert_eq!(read("1 0 1 1 1\n0 0 0 0 0 0 1\n"), Err(ReadDarpError::Count { count: 1 }));
    }

    #[test]
    fn no_damage_is_too_much() {
        for at in 0..TWO.len() {
            _ = read(&TWO[..at]);
            for text in ["-", "9", " ", "\n", "é", "1e9"] {
                _ = read(&format!("{}{text}{}", &TWO[..at], &TWO[at + 1..]));
            }
        }
    }
}
