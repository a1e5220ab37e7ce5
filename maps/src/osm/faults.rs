//! What was found wrong with an extract, or left unread, while reading it; nothing of it stops the build.

use std::collections::BTreeMap;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReadFaults {
    /// One sentence for each damaged part of the file, in order; what those parts held is missing.
    pub damage: Vec<String>,
    /// The file could not be read on from the last of them.
    pub is_cut_short: bool,
    /// OSM ids of roads with a `maxspeed` that is none; it was ignored.
    pub absurd_limits: Vec<i64>,
    /// Nodes that stand there again at another place; the last place holds.
    pub repeated_nodes: u32,
    /// OSM ids of roads that stand there again; the last of each holds.
    pub repeated_ways: Vec<i64>,
    /// Tags that hold at certain times only and are not applied, with the OSM ids of the roads that have
    /// them.
    pub conditions: BTreeMap<String, Vec<i64>>,
    /// OSM ids of ferries without a `duration` that makes sense; the profile's speed holds.
    pub ferries_by_speed: Vec<i64>,
}

impl ReadFaults {
    /// What is lost, if anything is.
    pub(crate) fn damage_note(&self) -> Option<String> {
        let first = self.damage.first()?;
        let rest = if self.is_cut_short { " AND ALL AFTER THE LAST OF THEM" } else { "" };
        Some(format!(
            "THE EXTRACT IS DAMAGED: {} of its blocks{rest} are missing from the map, whatever roads, nodes and \
             turn restrictions they held; the first: {first}; `--strict` refuses such a file",
            self.damage.len()
        ))
    }

    /// What was read otherwise than it is written.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (key, ids) in &self.conditions {
            notes.push(format!("{key} is not applied, it holds at certain times only: {}", counted("w", ids)));
        }
        let lists = [
            ("roads whose maxspeed makes no sense and was ignored", &self.absurd_limits),
            ("roads that stand in the extract more than once, the last holds", &self.repeated_ways),
            ("ferries that tell no duration, taken at the profile's speed", &self.ferries_by_speed),
        ];
        for (what, ids) in lists.into_iter().filter(|(_, ids)| !ids.is_empty()) {
            notes.push(format!("{what}: {}", counted("w", ids)));
        }
        if 0 < self.repeated_nodes {
            notes.push(format!("nodes given at two places, the last holds: {}", self.repeated_nodes));
        }
        notes
    }
}

/// How many, and as many ids as a line holds.
pub(crate) fn counted(letter: &str, ids: &[i64]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = ids.iter().take(SHOWN).map(|id| format!("{letter}{id}")).collect();
    let rest = if ids.len() <= SHOWN { String::new() } else { format!(" and {} more", ids.len() - SHOWN) };
    format!("{} ({}{rest})", ids.len(), shown.join(" "))
}
