//! The overlay a planner writes: a TOML file of measures; `docs/overlay.md` explains each key.
//!
//! ```toml
//! [[measure]]
//! note = "landslide"
//! road = "Mountain Road"               # by name, by `ways = [OSM ids]`, by `area`, or by several of them
//! area = [[54.26, -4.47], [54.27, -4.46], [54.25, -4.44]]   # latitude, longitude
//! close = true                         # or percent = 150, or kmh_max = 20, or reopen = true
//! from = 2026-11-22T18:00:00+09:00     # both may be left out
//! until = 2026-11-23T06:00:00+09:00
//! ```

use jiff::Timestamp;
use mukae_units::{LatLon, Time};
use thiserror::Error;
use toml::{Table, Value};

use super::{Area, Effect, Measure, NoSuchRoad, Overlay, Roads};
use crate::graph::RoadGraph;
use crate::nearest_word::nearest_word;

/// Why an overlay file is not taken; nothing of it then holds.
#[derive(Debug, Error)]
pub enum BrokenOverlay {
    #[error("{file}: line {line} is no TOML: {what}")]
    Syntax { file: String, line: usize, what: String },
    #[error("{file}: {what}")]
    File { file: String, what: String },
    #[error("{file}: measure {number} ({note}): {what}")]
    Measure { file: String, number: usize, note: String, what: String },
    #[error("{file}: measure {number} ({note}): {source}")]
    Road { file: String, number: usize, note: String, source: NoSuchRoad },
}

const MEASURE: &str = "measure";

/// What a measure may say, each with what is right there.
const KEYS: [(&str, &str); 10] = [
    ("note", "text in quotation marks"),
    ("ways", "a list of OSM way ids, such as [25987892, 38499560],"),
    ("road", "the name of a road in quotation marks"),
    ("area", "a list of corners as latitude and longitude, such as [[54.26, -4.47], [54.27, -4.46], [54.25, -4.44]],"),
    ("close", "true or false"),
    ("percent", "a whole number from 1 to 10000"),
    ("kmh_max", "a whole number from 1 to 200"),
    ("reopen", "true or false"),
    ("from", MOMENT),
    ("until", MOMENT),
];
const MOMENT: &str = "a time with an offset, such as 2026-11-22T18:00:00+09:00,";

/// No value that is wrong is told at greater length, in characters.
const TOLD_MAX: usize = 60;

/// Reads measures and finds their roads; `file` is the name that errors tell.
pub fn read_overlay(text: &str, file: &str, graph: &RoadGraph) -> Result<Overlay, BrokenOverlay> {
    let entries = entries(text, file)?;
    let measures = entries.iter().enumerate().map(|(index, table)| {
        let (entry, number) = (Entry(table), index + 1);
        let note = table.get("note").and_then(Value::as_str).unwrap_or_default().to_owned();
        let broken = |what| BrokenOverlay::Measure { file: file.to_owned(), number, note: note.clone(), what };
        entry.check_keys().map_err(broken)?;
        let effect = entry.effect().map_err(broken)?;
        let (from, until) = entry.period().map_err(broken)?;
        let roads = entry.roads().map_err(broken)?;
        let edges = roads.edges(graph).map_err(|source| BrokenOverlay::Road {
            file: file.to_owned(),
            number,
            note: note.clone(),
            source,
        })?;
        Ok(Measure { note, effect, edges, from, until })
    });
    Ok(Overlay { measures: measures.collect::<Result<_, BrokenOverlay>>()? })
}

/// The tables of all `[[measure]]`.
fn entries(text: &str, file: &str) -> Result<Vec<Table>, BrokenOverlay> {
    let mut whole: Table = text.parse().map_err(|error: toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(start).filter(|&byte| byte == b'\n').count() + 1;
        let what = error.message().trim().replace('\n', ", ");
        BrokenOverlay::Syntax { file: file.to_owned(), line, what }
    })?;
    let broken = |what| BrokenOverlay::File { file: file.to_owned(), what };
    let measures = whole.remove(MEASURE);
    if let Some(key) = whole.keys().next() {
        return Err(broken(format!("unknown key `{key}`; a file has `[[{MEASURE}]]` and below each what it says")));
    }
    let no_list = || broken(format!("`{MEASURE}` is no list of tables; write `[[{MEASURE}]]` above each"));
    let Some(measures) = measures else { return Ok(Vec::new()) };
    let Value::Array(measures) = measures else { return Err(no_list()) };
    let tables = measures.into_iter().map(|measure| match measure {
        Value::Table(table) => Ok(table),
        _ => Err(no_list()),
    });
    tables.collect()
}

/// One measure as it stands in the file.
struct Entry<'a>(&'a Table);

impl Entry<'_> {
    fn check_keys(&self) -> Result<(), String> {
        let known = KEYS.map(|(key, _)| key);
        match self.0.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => {
                let meant = nearest_word(key, &known).unwrap_or_default();
                Err(format!("unknown key `{key}`; did you mean `{meant}`? (known here: {})", known.join(", ")))
            }
        }
    }

    /// What stands under a key, if anything does.
    fn get<T>(&self, key: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Option<T>, String> {
        self.0.get(key).map(|value| read(value).ok_or_else(|| wrong(key, value))).transpose()
    }

    fn is_told(&self, key: &str) -> Result<bool, String> {
        Ok(self.get(key, Value::as_bool)?.unwrap_or(false))
    }

    fn number(&self, key: &str, most: u32) -> Result<Option<u32>, String> {
        let within =
            |value: &Value| u32::try_from(value.as_integer()?).ok().filter(|number| (1..=most).contains(number));
        self.get(key, within)
    }

    fn effect(&self) -> Result<Effect, String> {
        let told = [
            self.is_told("close")?.then_some(Effect::Close),
            self.number("percent", 10_000)?.map(Effect::Percent),
            self.number("kmh_max", 200)?.map(Effect::KmhMax),
            self.is_told("reopen")?.then_some(Effect::Reopen),
        ];
        let mut told = told.into_iter().flatten();
        match (told.next(), told.next()) {
            (Some(effect), None) => Ok(effect),
            _ => Err("it needs exactly one of close = true, percent, kmh_max, reopen = true".to_owned()),
        }
    }

    fn period(&self) -> Result<(Option<Time>, Option<Time>), String> {
        let (from, until) = (self.get("from", moment)?, self.get("until", moment)?);
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            return Err("until is not after from".to_owned());
        }
        Ok((from, until))
    }

    fn roads(&self) -> Result<Roads, String> {
        let integers = |value: &Value| value.as_array()?.iter().map(Value::as_integer).collect::<Option<Vec<i64>>>();
        let ways = self.get("ways", integers)?;
        let name = self.get("road", |value| value.as_str().map(str::to_owned))?;
        let corners = self.get("area", |value| value.as_array()?.iter().map(pair).collect::<Option<Vec<_>>>())?;
        if ways.is_none() && name.is_none() && corners.is_none() {
            return Err("it needs at least one of ways, road, area".to_owned());
        }
        if ways.as_ref().is_some_and(Vec::is_empty) {
            return Err("ways is empty; leave it out, or name the ways that are meant".to_owned());
        }
        if name.as_ref().is_some_and(String::is_empty) {
            return Err("road is empty; roads without a name are told by ways or by area".to_owned());
        }
        let area = corners.map(|corners| -> Result<Area, String> {
            let corners = corners.into_iter().map(|[lat, lon]| {
                LatLon::from_degrees(lat, lon).map_err(|_| format!("area: [{lat}, {lon}] is no latitude and longitude"))
            });
            let corners = corners.collect::<Result<Vec<LatLon>, String>>()?;
            Area::new(&corners).ok_or_else(|| format!("area has {} corners, not at least 3", corners.len()))
        });
        Ok(Roads { ways: ways.unwrap_or_default(), name, area: area.transpose()? })
    }
}

fn wrong(key: &str, value: &Value) -> String {
    let right = KEYS.iter().find(|(known, _)| *known == key).map_or("", |(_, right)| right);
    let text = value.to_string();
    let mut told: String = text.chars().take(TOLD_MAX).collect();
    if told.len() < text.len() {
        told.push('…');
    }
    format!("{key} = {told}: {right} is right")
}

/// From a time of TOML itself or from text; it needs an offset.
fn moment(value: &Value) -> Option<Time> {
    let timestamp: Timestamp = match value {
        Value::String(text) => text.parse().ok()?,
        Value::Datetime(datetime) => datetime.to_string().parse().ok()?,
        _ => return None,
    };
    Some(Time::from_unix_millis(timestamp.as_millisecond()))
}

fn pair(value: &Value) -> Option<[f64; 2]> {
    let [lat, lon] = value.as_array()?.as_slice() else { return None };
    let degrees = |value: &Value| value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64));
    Some([degrees(lat)?, degrees(lon)?])
}
