//! Puts a page together: its frame, its look, its script and its data, all in one file.
//!
//! The page's own policy lets nothing in from outside, and runs no script but ours: `default-src 'none'`
//! and a nonce, which is a hash of the script, so that the same day gives the same bytes.

use jiff::civil::Date;
use serde_json::Value;

use super::Place;

const FRAME: &str = include_str!("page/frame.html");
const LOOK: &str = include_str!("page/look.css");
/// In the order in which they build on one another; one scope holds them all.
const SCRIPTS: [&str; 8] = [
    include_str!("page/words.js"),
    include_str!("page/unpack.js"),
    include_str!("page/figures.js"),
    include_str!("page/charts.js"),
    include_str!("page/map.js"),
    include_str!("page/replay.js"),
    include_str!("page/requests.js"),
    include_str!("page/start.js"),
];

pub(super) fn page(data: &Value, place: &Place<'_>, date: Date) -> String {
    let script = format!("'use strict';\n(() => {{\n{}}})();\n", SCRIPTS.concat());
    let nonce = blake3::hash(script.as_bytes()).to_hex().to_string();
    let title = format!("{} {date}", place.name);
    // Longest first: what is put in is never looked at again.
    let parts = [
        ("{title}", escaped(&title)),
        ("{nonce}", nonce),
        ("{look}", LOOK.to_owned()),
        ("{data}", without_tags(&data.to_string())),
        ("{script}", script),
    ];
    filled(FRAME, &parts)
}

/// The frame with every `{name}` of `parts` replaced, in one pass.
fn filled(frame: &str, parts: &[(&str, String)]) -> String {
    let mut page = String::with_capacity(frame.len() + parts.iter().map(|(_, part)| part.len()).sum::<usize>());
    let mut rest = frame;
    loop {
        let found = parts.iter().filter_map(|(name, part)| Some((rest.find(name)?, name.len(), part)));
        let Some((at, length, part)) = found.min_by_key(|&(at, ..)| at) else { break };
        page.push_str(&rest[..at]);
        page.push_str(part);
        rest = &rest[at + length..];
    }
    page.push_str(rest);
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// JSON in which no tag can begin or end: in strings, the only place for it, `<` has another form.
fn without_tags(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_data_ends_its_element() {
        let json = without_tags(&serde_json::json!({ "label": "</script><script>alert(1)</script>" }).to_string());
        assert!(!json.contains('<'), "{json}");
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["label"], "</script><script>alert(1)</script>");
    }

    #[test]
    fn what_is_put_in_is_not_looked_at_again() {
        let parts = [("{a}", "{b}".to_owned()), ("{b}", "x".to_owned())];
        assert_eq!(filled("<{a}|{b}|{c}>", &parts), "<{b}|x|{c}>");
    }
}
