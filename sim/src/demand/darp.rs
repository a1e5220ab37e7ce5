//! Dial-a-ride problems in the text format of Cordeau and Laporte (2003) and Cordeau (2006): their `pr`, `a` and `b` files.
//!
//! ```text
//! vehicles  requests  route duration  capacity  longest ride
//! node  x  y  service  load  earliest  latest          the depot, then all pickups, then all dropoffs, then perhaps the depot
//! ```
//! There are no coordinates of a globe: a plane of minutes, where the way between two nodes takes as long as it is far.
//! The second number of the first line counts requests in some files and nodes in others, so the lines are counted.

use thiserror::Error;

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
}

#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ReadDarpError {
    #[error("line {line}, {field}: {wrong}; {right}")]
    Line { line: usize, field: &'static str, wrong: String, right: &'static str },
    #[error(
        "there are {count} nodes; the depot, a pickup and a dropoff for each request, and perhaps the depot again are right"
    )]
    Count { count: usize },
}

const NUMBER: &str = "a number such as 480 or -1.198, within a million";

struct Fields<'a> {
    line: usize,
    words: std::str::SplitWhitespace<'a>,
}

impl Fields<'_> {
    fn wrong<T>(&self, field: &'static str, wrong: String, right: &'static str) -> Result<T, ReadDarpError> {
        Err(ReadDarpError::Line { line: self.line, field, wrong, right })
    }

    fn next(&mut self, field: &'static str) -> Result<f64, ReadDarpError> {
        let Some(word) = self.words.next() else { return self.wrong(field, "it is missing".to_owned(), NUMBER) };
        match word.parse::<f64>() {
            Ok(value) if value.abs() <= 1e6 => Ok(value),
            _ => self.wrong(field, format!("`{word}` is not right"), NUMBER),
        }
    }

    fn whole(
        &mut self,
        field: &'static str,
        (from, to): (f64, f64),
        right: &'static str,
    ) -> Result<i32, ReadDarpError> {
        let value = self.next(field)?;
        if value.fract() == 0.0 && from <= value && value <= to {
            return Ok(value as i32);
        }
        self.wrong(field, format!("{value} is not right"), right)
    }

    fn positive(&mut self, field: &'static str) -> Result<f64, ReadDarpError> {
        let value = self.next(field)?;
        if 0.0 <= value {
            Ok(value)
        } else {
            self.wrong(field, format!("{value} is negative"), "minutes, not negative")
        }
    }

    fn end(&mut self) -> Result<(), ReadDarpError> {
        match self.words.next() {
            None => Ok(()),
            Some(word) => {
                self.wrong("row", format!("`{word}` is one too many"), "five numbers first, then seven a node")
            }
        }
    }
}

/// Reads a whole file.
pub fn read(text: &str) -> Result<Instance, ReadDarpError> {
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let mut lines = lines.filter(|(_, line)| !line.trim().is_empty());
    let fields = |(line, text): (usize, &'_ str)| (line + 1, text.to_owned());
    let (line, first) = lines.next().map(fields).unwrap_or((1, String::new()));
    let mut head = Fields { line, words: first.split_whitespace() };
    let vehicles = head.whole("vehicles", (1.0, 1e4), "how many, 1 to 10000")? as u32;
    head.positive("requests")?;
    let duration_max = head.positive("route duration")?;
    let capacity = head.whole("capacity", (1.0, 255.0), "how many seats, 1 to 255")? as u8;
    let ride_max = head.positive("longest ride")?;
    head.end()?;

    let mut nodes = Vec::new();
    for (line, text) in lines {
        let mut row = Fields { line: line + 1, words: text.split_whitespace() };
        let number = row.positive("node")?;
        if number != nodes.len() as f64 {
            return row.wrong("node", format!("{number} follows {} nodes", nodes.len()), "nodes count up from 0");
        }
        let (x, y, service) = (row.next("x")?, row.next("y")?, row.positive("service")?);
        let load = row.whole("load", (-255.0, 255.0), "how many persons, negative where they alight")?;
        let (earliest, latest) = (row.positive("earliest")?, row.positive("latest")?);
        row.end()?;
        if latest < earliest {
            return row.wrong(
                "latest",
                format!("{latest} is before earliest"),
                "the window ends when it begins, or later",
            );
        }
        nodes.push(Node { x, y, service, load, earliest, latest });
    }
    let count = nodes.len();
    // with the depot again at the end the count is even
    nodes.truncate(if count % 2 == 0 { count.saturating_sub(1) } else { count });
    if nodes.len() < 3 {
        return Err(ReadDarpError::Count { count });
    }
    let requests = nodes.len() / 2;
    for request in 1..=requests {
        let (pickup, dropoff) = (nodes[request].load, nodes[request + requests].load);
        if pickup < 1 || dropoff != -pickup {
            let wrong = format!("{pickup} board at node {request}, {dropoff} at node {}", request + requests);
            let right = "as many alight as board, and somebody does";
            return Err(ReadDarpError::Line { line: request + 2, field: "load", wrong, right });
        }
    }
    Ok(Instance { vehicles, duration_max, capacity, ride_max, nodes })
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
        assert_eq!(wrong(" 1 3 4", " 1 x 4"), format!("line 3, x: `x` is not right; {NUMBER}"));
        assert_eq!(wrong(" 1 3 4", " 1 NaN 4"), format!("line 3, x: `NaN` is not right; {NUMBER}"));
        assert_eq!(
            wrong(" 60 75", " 75 60"),
            "line 4, latest: 60 is before earliest; the window ends when it begins, or later"
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
