//! Puts a page together: its frame, its look, its script and its data, all in one file.
//!
//! The page's own policy lets nothing in from outside, and runs no script but ours: `default-src 'none'`
//! and a nonce, which is a hash of the script, so that the same day gives the same bytes.

use serde_json::Value;

const FRAME: &str = include_str!("page/frame.html");
const LOOK: &str = include_str!("page/look.css");
/// The look of what drivers hold in hand, inside an element of the class `sheets`.
pub const SHEET_LOOK: &str = include_str!("page/sheet.css");
/// What every page speaks, builds and draws with.
const COMMON: [&str; 3] = [include_str!("page/speak.js"), include_str!("page/make.js"), include_str!("page/draw.js")];

/// A kind of page: what stands in the frame, and its scripts in the order in which they build on one another; one scope holds
/// them all.
pub(super) struct Kind {
    /// The last element of the header.
    note: &'static str,
    main: &'static str,
    /// What it looks like beside [`LOOK`].
    looks: &'static [&'static str],
    scripts: &'static [&'static str],
}

pub(super) const DAY: Kind = Kind {
    note: r#"<div id="warnings"></div>"#,
    main: include_str!("page/main.html"),
    looks: &[],
    scripts: &[
        include_str!("page/words.js"),
        include_str!("page/unpack.js"),
        include_str!("page/runs.js"),
        include_str!("page/figures.js"),
        include_str!("page/charts.js"),
        include_str!("page/view.js"),
        include_str!("page/map.js"),
        include_str!("page/replay.js"),
        include_str!("page/requests.js"),
        include_str!("page/start.js"),
    ],
};

pub(super) const PLAN: Kind = Kind {
    note: r#"<div id="warnings"></div>"#,
    main: include_str!("page/plan/main.html"),
    looks: &[SHEET_LOOK, include_str!("page/plan/look.css")],
    scripts: &[
        include_str!("page/plan/words.js"),
        include_str!("page/unpack.js"),
        include_str!("page/plan/tours.js"),
        include_str!("page/view.js"),
        include_str!("page/plan/map.js"),
        include_str!("page/plan/left.js"),
        include_str!("page/plan/sheets.js"),
        include_str!("page/plan/start.js"),
    ],
};

pub(super) const COMPARISON: Kind = Kind {
    note: r#"<p class="hint" data-t="simulated"></p>"#,
    main: include_str!("page/comparison/main.html"),
    looks: &[],
    scripts: &[
        include_str!("page/comparison/words.js"),
        include_str!("page/comparison/choices.js"),
        include_str!("page/comparison/figures.js"),
        include_str!("page/comparison/pareto.js"),
        include_str!("page/comparison/days.js"),
        include_str!("page/comparison/parts.js"),
        include_str!("page/comparison/start.js"),
    ],
};

pub(super) fn page(kind: &Kind, data: &Value, title: &str) -> String {
    let script = format!("'use strict';\n(() => {{\n{}{}}})();\n", COMMON.concat(), kind.scripts.concat());
    let nonce = blake3::hash(script.as_bytes()).to_hex().to_string();
    // Longest first: what is put in is never looked at again.
    let parts = [
        ("{note}", kind.note.to_owned()),
        ("{main}", kind.main.to_owned()),
        ("{title}", escaped(title)),
        ("{nonce}", nonce),
        ("{look}", format!("{LOOK}{}", kind.looks.concat())),
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
