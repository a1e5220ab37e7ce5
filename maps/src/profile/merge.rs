//! A profile laid over those it is based on, with every key and type held against the default's.

use toml::{Table, Value};

use super::shipped;
use crate::nearest_word::nearest_word;

/// The key that names the profile below.
const BASED_ON: &str = "based_on";
/// More bases than anyone stacks.
const BASES_MAX: usize = 8;

/// One of `[[metric]]`, with every key it may have.
const METRIC: &str = "\
name = ''
days = ['mon']
from = ''
until = ''
snow = 0
spread_permille = 0
time_permille = 0
cap_kmh = 0
class_time_permille = {}
class_cap_kmh = {}
";

/// One of `[[narrow.width]]`.
const WIDTH: &str = "below_cm = 0\ncap_kmh = 0\n";

/// The whole profile, or all that is wrong with its keys and types.
pub(super) fn with_bases(mut own: Table) -> Result<Table, Vec<String>> {
    let complete: Table = shipped::text(shipped::DEFAULT).and_then(|text| text.parse().ok()).expect("it is built in");
    let base = own.remove(BASED_ON);
    let mut problems = Vec::new();
    walk(&own, &complete, "", &mut problems);
    let mut base = match base {
        Some(base) => base_name(&base).map_err(|problem| problems.push(problem)).ok(),
        None => Some(shipped::DEFAULT),
    };
    let mut whole = own;
    for _ in 0..BASES_MAX {
        let Some(name) = base else { break };
        let mut below: Table = shipped::text(name).and_then(|text| text.parse().ok()).expect("built-in, checked above");
        base = match below.remove(BASED_ON) {
            Some(next) => base_name(&next).ok(),
            None => None,
        };
        lay_over(&mut below, whole);
        whole = below;
    }
    if problems.is_empty() { Ok(whole) } else { Err(problems) }
}

fn base_name(value: &Value) -> Result<&'static str, String> {
    let names = || shipped::SHIPPED.iter().map(|(name, _)| *name);
    let found = value.as_str().and_then(|wanted| names().find(|name| *name == wanted));
    found.ok_or_else(|| {
        let known = names().collect::<Vec<_>>().join(", ");
        format!("`{BASED_ON}` is {value}; the name of a built-in profile is right: {known}")
    })
}

/// Tables are merged, everything else is replaced.
fn lay_over(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

/// Tables whose keys are values of tags, countries or classes, so that any may stand there; those that
/// are classes are held against them later.
fn is_open(path: &str) -> bool {
    let open = ["cap_kmh.service", "cap_kmh.surface", "cap_kmh.smoothness", "cap_kmh.tracktype", "law.untagged"];
    open.contains(&path)
        || path.starts_with("law.limit")
        || path.ends_with("].class_time_permille")
        || path.ends_with("].class_cap_kmh")
}

fn walk(own: &Table, complete: &Table, at: &str, problems: &mut Vec<String>) {
    for (key, value) in own {
        let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        if path == "metric" || path == "narrow.width" {
            walk_list(value, if key == "metric" { METRIC } else { WIDTH }, &path, problems);
            continue;
        }
        match (value, complete.get(key)) {
            (_, None) if is_open(at) => walk_open(value, &path, problems),
            (_, None) => problems.push(unknown(key, complete.keys(), at)),
            (Value::Table(own), Some(Value::Table(complete))) => walk(own, complete, &path, problems),
            (Value::Array(own), Some(Value::Array(_))) if !own.iter().all(Value::is_str) => {
                problems.push(format!("`{path}` lists something else than text; a list of text is right"));
            }
            (own, Some(complete)) if own.type_str() != complete.type_str() => {
                problems.push(wrong_type(&path, own, complete));
            }
            (Value::Integer(number), _) => check_number(&path, *number, problems),
            _ => {}
        }
    }
}

/// A key that only its author knows: speeds and permilles are numbers, limits are text, countries tables.
fn walk_open(value: &Value, path: &str, problems: &mut Vec<String>) {
    let depth = path.split('.').count();
    let expected = match path {
        path if path.starts_with("law.limit.") && depth == 3 => Value::Table(Table::new()),
        path if path.starts_with("law.") => Value::String(String::new()),
        _ => Value::Integer(0),
    };
    match value {
        value if value.type_str() != expected.type_str() => problems.push(wrong_type(path, value, &expected)),
        Value::Table(words) => {
            words.iter().for_each(|(word, limit)| walk_open(limit, &format!("{path}.{word}"), problems))
        }
        Value::Integer(number) => check_number(path, *number, problems),
        _ => {}
    }
}

fn walk_list(value: &Value, template: &str, path: &str, problems: &mut Vec<String>) {
    let template: Table = template.parse().expect("a constant");
    let Some(tables) = value.as_array().filter(|list| list.iter().all(Value::is_table)) else {
        problems.push(format!("`{path}` is no list of tables; write `[[{path}]]` above each"));
        return;
    };
    for (index, table) in tables.iter().filter_map(Value::as_table).enumerate() {
        let at = format!("{path}[{}]", index + 1);
        walk(table, &template, &at, problems);
        let needed = if path == "metric" { &["name"][..] } else { &["below_cm", "cap_kmh"] };
        let missing = needed.iter().filter(|key| !table.contains_key(**key));
        problems.extend(missing.map(|key| format!("`{at}.{key}` is missing; it must stand in each `[[{path}]]`")));
    }
}

fn check_number(path: &str, number: i64, problems: &mut Vec<String>) {
    if u32::try_from(number).is_err() {
        problems.push(format!("`{path}` is {number}; a whole number from 0 to {} is right", u32::MAX));
    }
}

fn wrong_type(path: &str, own: &Value, complete: &Value) -> String {
    let right = match complete {
        Value::Integer(_) => "a whole number",
        Value::Boolean(_) => "true or false",
        Value::String(_) => "text in quotation marks",
        Value::Table(_) => "a table",
        _ => "a list of text",
    };
    format!("`{path}` is {own}; {right} is right")
}

fn unknown<'a>(key: &str, known: impl Iterator<Item = &'a String>, at: &str) -> String {
    let known: Vec<&str> = known.map(String::as_str).collect();
    let place = if at.is_empty() { String::new() } else { format!(" in `{at}`") };
    match nearest_word(key, &known) {
        Some(nearest) => {
            format!("unknown key `{key}`{place}; did you mean `{nearest}`? (known here: {})", known.join(", "))
        }
        None => format!("unknown key `{key}`{place}"),
    }
}
