//! Requests of FleetPy (github.com/TUM-VT/FleetPy, MIT): a table of requests between nodes, and a table of the nodes.
//!
//! ```text
//! requests   rq_time,start,end,request_id[,earliest_pickup_time]     seconds since the start of the run
//! nodes      node_index,pos_x,pos_y                                  by a coordinate system of `plane`
//! ```

use std::collections::BTreeMap;
use std::io::Read;

use mukae_engine::model::Channel;
use mukae_units::{LatLon, Seats, Span, Time, TimeWindow};

use super::csv::{Strictness, Table};
use super::plane::Plane;
use super::sheet::{ReadSheetError, Sheet};
use super::{RequestRow, RowProblem, WishKind};

/// A request between two nodes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeRequest {
    pub line: u64,
    pub id: String,
    /// Since the start of the run.
    pub made: Span,
    /// The same; no pickup before it. Not before `made`.
    pub earliest: Span,
    pub start: i64,
    pub end: i64,
}

/// What a table of requests holds, by the time they are made, then in the order of the file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NodeRequests {
    pub requests: Vec<NodeRequest>,
    pub problems: Vec<RowProblem>,
    pub dropped: usize,
}

const NODE: &str = "a node's number, such as 2966";
const SECONDS: &str = "seconds since the start of the run, such as 194, less than ten years of them";
const SECONDS_MAX: f64 = 10.0 * 366.0 * 86_400.0;

pub fn read_requests(source: impl Read, strictness: Strictness) -> Result<NodeRequests, ReadSheetError> {
    let sheet = Sheet::open(source, &["rq_time", "start", "end", "request_id", "earliest_pickup_time"], 4)?;
    let (mut found, mut line_of) = (NodeRequests::default(), BTreeMap::new());
    let NodeRequests { requests, problems, dropped } = &mut found;
    *dropped = sheet.each(strictness == Strictness::Strict, problems, |line| {
        let made = line.number(0, (0.0, SECONDS_MAX), SECONDS);
        let (start, end) = (line.parse(1, NODE), line.parse(2, NODE));
        let id = line.name(3, "every request has an id of its own");
        let earliest = match line.text(4)? {
            "" => made,
            _ => line.number(4, (0.0, SECONDS_MAX), SECONDS),
        };
        let (made, start, end, id, earliest) = (made?, start?, end?, id?, earliest?);
        if let Some(first) = line_of.get(id) {
            line.complain(3, format!("`{id}` is the id of line {first} too"), "every request has an id of its own");
            return None;
        }
        if earliest < made {
            line.complain(4, format!("{earliest} is before rq_time"), "nobody asks for a time that has passed");
            return None;
        }
        line_of.insert(id.to_owned(), line.number);
        let (made, earliest, id) = (span(made), span(earliest), id.to_owned());
        requests.push(NodeRequest { line: line.number, id, made, earliest, start, end });
        Some(())
    })?;
    found.requests.sort_by_key(|request| request.made);
    Ok(found)
}

fn span(seconds: f64) -> Span {
    Span::from_millis((seconds * 1000.0).round() as i64)
}

/// Where nodes are, and lines that say so in a way that can not be used.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Nodes {
    pub positions: BTreeMap<i64, LatLon>,
    pub problems: Vec<RowProblem>,
}

pub fn read_nodes(source: impl Read, plane: Plane) -> Result<Nodes, ReadSheetError> {
    let sheet = Sheet::open(source, &["node_index", "pos_x", "pos_y"], 3)?;
    let mut nodes = Nodes::default();
    let Nodes { positions, problems } = &mut nodes;
    sheet.each(false, problems, |line| {
        let node: Option<i64> = line.parse(0, NODE);
        let (x, y): (Option<f64>, Option<f64>) = (line.parse(1, plane.right()), line.parse(2, plane.right()));
        let (node, x, y) = (node?, x?, y?);
        let Some(position) = plane.lat_lon(x, y) else {
            line.complain(1, format!("{x}, {y} is no point of the coordinate system"), plane.right());
            return None;
        };
        if positions.insert(node, position).is_some() {
            line.complain(0, format!("node {node} is there already; this line is used"), "each node stands once");
        }
        Some(())
    })?;
    Ok(nodes)
}

/// Brings requests to coordinates. `begin` is when the run starts; riders can be fetched for so long.
pub fn to_rows(found: NodeRequests, nodes: &Nodes, begin: Time, wait_max: Span) -> Table {
    let NodeRequests { requests, problems, dropped } = found;
    let mut table = Table { rows: Vec::with_capacity(requests.len()), problems, dropped };
    for request in requests {
        let NodeRequest { line, id, made, earliest, start, end } = request;
        let (from, to) = (nodes.positions.get(&start), nodes.positions.get(&end));
        for (place, column, node) in [(from, "start", start), (to, "end", end)] {
            if place.is_none() {
                let wrong = format!("there is no node {node}");
                table.problems.push(RowProblem { line, column, wrong, right: "a node of the table of nodes".into() });
            }
        }
        let (Some(&from), Some(&to)) = (from, to) else {
            table.dropped += 1;
            continue;
        };
        let earliest = begin + earliest;
        let window = TimeWindow::new(earliest, earliest + wait_max).expect("a wait is not negative");
        let (created_at, kind, party) = (begin + made, WishKind::DepartAfter, Seats::new(1, 0));
        table.rows.push(RequestRow {
            line,
            id,
            created_at,
            window,
            kind,
            from,
            to,
            party,
            channel: Channel::Partner,
            purpose: String::new(),
        });
    }
    table.rows.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    table
}

#[cfg(test)]
mod tests;
