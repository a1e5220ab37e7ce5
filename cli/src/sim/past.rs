//! The journal of an area as demand, as docs/past.md has it.

use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::bail;
use jiff::civil::Date;
use mukae_sim::Outcome;
use mukae_sim::past::{self, Past, Reading, Repeats, Start, UnderWay};
use mukae_sim::scenario::Rules;

use super::Prepared;
use crate::progress;
use crate::town::Town;

/// A moment of the journal, by the clocks of the town.
pub(super) fn start(text: &str) -> Result<Start, String> {
    Start::parse(text)
}

pub(super) fn prepare(
    town: &Town,
    directory: &Path,
    days: Option<&RangeInclusive<Date>>,
    from: Option<Start>,
) -> anyhow::Result<Prepared> {
    let zone = &town.config.area.time_zone;
    let reading = Reading { from, ..Reading::whole(Repeats::Merged, zone.clone()) };
    let bar = progress::bar(0, "records");
    let past = past::read(directory, &town.map, &reading, &mut |read, of| {
        bar.set_length(of);
        bar.set_position(read);
    });
    bar.finish_and_clear();
    let past = past?;
    tell(&past);
    let Some(days) = past.named_days(days, zone)? else { bail!("nobody asks for a ride") };
    let setup = past.setup(&Rules::default(), &days, zone);
    if setup.asks.is_empty() && setup.begun.is_none() {
        bail!("{}: nobody asks for a ride on {}..{}", directory.display(), days.start(), days.end());
    }
    Ok(Prepared { setup, problems: Vec::new(), rows: past.asks.len() })
}

/// What a journal holds, and what of it has no place in another course of things.
pub(super) fn tell(past: &Past) {
    let counts = &past.counts;
    println!("{} records replayed and decided again, without a difference", counts.records);
    println!("journal hash {}, state hash {}", past.journal_hash, past.state_hash);
    let repeats = match counts.repeats {
        0 => String::new(),
        repeats => format!("; {repeats} ask once more for the same and are counted once"),
    };
    println!("{} rides were asked for{repeats}", counts.wishes);
    for (what, count) in &counts.left_out {
        eprintln!("left out: {count} {what}");
    }
    if let Some(begun) = &past.begun {
        let UnderWay { on_board, booked, offers, asked, shifts_open, driving } = begun.under_way;
        println!(
            "begins after {} records, with {on_board} rides on board, {booked} booked, {offers} offers and {asked} \
             questions to drivers open, {shifts_open} vehicles at work, {driving} of them driving; key figures count what \
             is open then and what comes after",
            begun.records.len()
        );
    }
    if counts.is_cut {
        eprintln!("note: the journal ends in an unfinished write; it is read up to there");
    }
}

pub(super) fn tell_unmet(outcome: &Outcome) {
    for (what, count) in &outcome.unmet {
        eprintln!("had no place here: {count} {what}");
    }
    for (what, count) in &outcome.assumed {
        eprintln!("assumed: {count} {what}");
    }
}
