//! Legs of one mode in a population of MATSim (matsim.org), plain or packed with gzip.
//!
//! Read in one pass, whatever its size: a person's chosen plan is a chain of activities with coordinates and legs between
//! them; each leg of the mode becomes a request from the activity before it to the one after it, made when the leg
//! departs. Versions 5 (`act`) and 6 (`activity`) are read alike. Times are hours, minutes and seconds since the start of
//! the day and may lie beyond its end.

mod lines;

use std::io::{BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use mukae_engine::model::Channel;
use mukae_units::{LatLon, Seats, Span, Time, TimeWindow};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use thiserror::Error;

use super::csv::{Strictness, Table};
use super::plane::Plane;
use super::{RequestRow, RowProblem, WishKind};
use lines::Lines;

/// What of a population is wanted, and how it is to be understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Such as `drt`.
    pub mode: String,
    pub plane: Plane,
    /// The start of the day.
    pub begin: Time,
    /// Riders can be fetched for so long after they ask.
    pub wait_max: Span,
}

#[derive(Debug, Error)]
pub enum ReadPopulationError {
    #[error("line {line}: {problem}")]
    Xml { line: u64, problem: quick_xml::Error },
    #[error("can not read the population: {0}")]
    Io(#[from] std::io::Error),
    #[error("there is no <population> in it")]
    NotAPopulation,
    #[error("line {line}: the file ends inside a person")]
    Truncated { line: u64 },
    #[error("{0}")]
    Row(RowProblem),
}

/// One day, and hours after midnight of the next ones.
const HOURS_MAX: i64 = 24 * 14;

pub fn read(source: impl Read, wanted: &Wanted, strictness: Strictness) -> Result<Table, ReadPopulationError> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    let mut source = BufReader::new(source);
    if source.fill_buf()?.starts_with(&GZIP) {
        read_xml(BufReader::new(MultiGzDecoder::new(source)), wanted, strictness)
    } else {
        read_xml(source, wanted, strictness)
    }
}

fn read_xml(source: impl BufRead, wanted: &Wanted, strictness: Strictness) -> Result<Table, ReadPopulationError> {
    let mut reader = Reader::from_reader(Lines::new(source));
    let mut people = People::new(wanted);
    let (mut bytes, mut is_population) = (Vec::new(), false);
    loop {
        let line = reader.get_ref().line();
        let event = reader.read_event_into(&mut bytes);
        match event.map_err(|problem| ReadPopulationError::Xml { line: reader.get_ref().line(), problem })? {
            Event::Start(element) => {
                is_population |= is_one_of(&element, &["population", "plans"]);
                people.open(&element, line);
                people.say(&element, line);
            }
            Event::Empty(element) => people.say(&element, line),
            Event::End(element) => people.close(element.name().as_ref()),
            Event::Eof => break,
            _ => {}
        }
        bytes.clear();
        if let (Strictness::Strict, false) = (strictness, people.table.problems.is_empty()) {
            return Err(ReadPopulationError::Row(people.table.problems.swap_remove(0)));
        }
    }
    if people.is_in_person {
        return Err(ReadPopulationError::Truncated { line: reader.get_ref().line() });
    }
    if !is_population {
        return Err(ReadPopulationError::NotAPopulation);
    }
    let mut table = people.table;
    table.rows.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(table)
}

fn is_one_of(element: &BytesStart<'_>, names: &[&str]) -> bool {
    names.contains(&element.name().as_ref())
}

/// The text of an attribute; `None` if it is not there or broken.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok()??;
    Some(found.normalized_value(XmlVersion::Implicit1_0).ok()?.trim().to_owned())
}

/// Where somebody was before a leg.
#[derive(Clone, Debug, Default)]
struct Activity {
    place: Option<LatLon>,
    /// What is wrong with it, if it has no place.
    why: String,
    line: u64,
    end: Option<Span>,
}

/// A leg whose other end is not known yet.
#[derive(Clone, Debug)]
struct Leg {
    line: u64,
    made: Option<Span>,
    why: String,
}

struct People<'w> {
    wanted: &'w Wanted,
    table: Table,
    /// Of all persons, to find those that stand twice.
    seen: std::collections::BTreeMap<String, u64>,
    person: String,
    is_in_person: bool,
    is_in_chosen_plan: bool,
    before: Activity,
    open_leg: Option<Leg>,
    legs: u32,
}

impl<'w> People<'w> {
    fn new(wanted: &'w Wanted) -> People<'w> {
        People {
            wanted,
            table: Table::default(),
            seen: std::collections::BTreeMap::new(),
            person: String::new(),
            is_in_person: false,
            is_in_chosen_plan: false,
            before: Activity::default(),
            open_leg: None,
            legs: 0,
        }
    }

    fn complain(&mut self, line: u64, column: &'static str, wrong: String, right: &str) {
        self.table.problems.push(RowProblem { line, column, wrong, right: right.to_owned() });
    }

    /// An element that has others inside.
    fn open(&mut self, element: &BytesStart<'_>, line: u64) {
        if is_one_of(element, &["person"]) {
            (self.is_in_person, self.legs) = (true, 0);
            let id = attribute(element, "id").unwrap_or_default();
            // legs are named by their person: one that stands twice is told from the first by the line
            self.person = match self.seen.get(&id) {
                _ if id.is_empty() => {
                    let wrong = "the person has no id".to_owned();
                    self.complain(line, "person", wrong, "every person has an id of their own; the line is used");
                    format!("line {line}")
                }
                Some(first) => {
                    let wrong = format!("`{id}` is the id of line {first} too");
                    self.complain(line, "person", wrong, "every person has an id of their own; the line is added");
                    format!("{id} line {line}")
                }
                None => id.clone(),
            };
            self.seen.entry(id).or_insert(line);
        } else if is_one_of(element, &["plan"]) {
            self.is_in_chosen_plan = attribute(element, "selected").is_none_or(|selected| selected == "yes");
            (self.before, self.open_leg) = (Activity::default(), None);
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "person" => (self.is_in_person, self.is_in_chosen_plan) = (false, false),
            "plan" => {
                if let Some(leg) = self.open_leg.take() {
                    let wrong = "no activity follows the leg".to_owned();
                    self.complain(leg.line, "leg", wrong, "a leg ends at an activity");
                    self.table.dropped += 1;
                }
                self.is_in_chosen_plan = false;
            }
            _ => {}
        }
    }

    fn say(&mut self, element: &BytesStart<'_>, line: u64) {
        if !self.is_in_person || !self.is_in_chosen_plan {
            return;
        }
        if is_one_of(element, &["activity", "act"]) {
            let activity = self.activity(element, line);
            if let Some(leg) = self.open_leg.take() {
                self.request(&leg, &activity);
            }
            self.before = activity;
        } else if is_one_of(element, &["leg"])
            && attribute(element, "mode").is_some_and(|mode| mode == self.wanted.mode)
        {
            let said = attribute(element, "dep_time").filter(|text| text != "undefined");
            let (made, why) = match &said {
                None => (self.before.end, "neither the leg nor the activity before it says when it departs".to_owned()),
                Some(text) => (clock(text), format!("`{text}` is no time of day")),
            };
            self.legs += 1;
            self.open_leg = Some(Leg { line, made, why });
        }
    }

    fn activity(&self, element: &BytesStart<'_>, line: u64) -> Activity {
        let number = |name| attribute(element, name).and_then(|text| text.parse::<f64>().ok());
        let (place, why) = match (number("x"), number("y")) {
            (Some(x), Some(y)) => {
                (self.wanted.plane.lat_lon(x, y), format!("{x}, {y} is no point of the coordinate system"))
            }
            _ => (None, "the activity has no coordinates".to_owned()),
        };
        let end = attribute(element, "end_time").and_then(|text| clock(&text));
        Activity { place, why, line, end }
    }

    fn request(&mut self, leg: &Leg, after: &Activity) {
        let right = self.wanted.plane.right();
        let before = std::mem::take(&mut self.before);
        for (activity, column) in [(&before, "activity before the leg"), (after, "activity after the leg")] {
            if activity.place.is_none() {
                let line = if activity.line == 0 { leg.line } else { activity.line };
                let why = if activity.line == 0 { "there is none".to_owned() } else { activity.why.clone() };
                self.complain(line, column, why, right);
            }
        }
        if leg.made.is_none() {
            let right = "hours, minutes and seconds since the start of the day, such as 07:30:00 or 25:10:00";
            self.complain(leg.line, "dep_time", leg.why.clone(), right);
        }
        let (Some(from), Some(to), Some(made)) = (before.place, after.place, leg.made) else {
            self.table.dropped += 1;
            return;
        };
        let created_at = self.wanted.begin + made;
        let window = TimeWindow::new(created_at, created_at + self.wanted.wait_max).expect("a wait is not negative");
        let id = format!("{}/{}", self.person, self.legs);
        let (kind, party) = (WishKind::DepartAfter, Seats::new(1, 0));
        self.table.rows.push(RequestRow {
            line: leg.line,
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
}

/// `07:30:00` or `7:30`, since the start of the day.
fn clock(text: &str) -> Option<Span> {
    let mut parts = text.split(':').map(|part| part.parse::<u32>().ok().map(i64::from));
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    let is_clock = parts.next().is_none() && hours <= HOURS_MAX && minutes < 60 && seconds < 60;
    is_clock.then(|| Span::from_secs((hours * 60 + minutes) * 60 + seconds))
}

#[cfg(test)]
mod tests;
