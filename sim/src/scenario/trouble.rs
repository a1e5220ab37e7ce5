//! `[trouble]`: roads that are closed or slow, and snow.

use mukae_config::{Item, Table};

use super::Files;
use super::read::days_of;
use crate::trouble::{Snow, Trouble, When};

pub(super) fn read(mut table: Table<'_>, files: &Files) -> Trouble {
    let roads = table.take("roads").and_then(|item| files.named(&item));
    let snow = table.take("snow").and_then(|item| item.list()).unwrap_or_default();
    table.close();
    Trouble { roads, snow: snow.into_iter().filter_map(class).collect() }
}

/// `{ share = 0.05, percent = 130 }` or `{ days = "2027-01-10..2027-01-14", percent = 160 }`.
fn class(item: Item<'_>) -> Option<Snow> {
    let mut table = item.table()?;
    let percent = table.take("percent");
    if percent.is_none() {
        table.note("`percent` is missing; 150 is half as long again".to_owned());
    }
    let percent = percent.and_then(|item| item.whole(101..=1000));
    let share = table.take("share");
    let days = table.take("days");
    let when = match (&share, &days) {
        (Some(share), None) => share.thousandths(0..=1000).map(|share| When::Share(share as u32)),
        (None, Some(days)) => days.text().and_then(|text| match days_of(&text) {
            Ok(days) => Some(When::Days(days)),
            Err(wrong) => {
                days.note(format!("`days` is {wrong}"));
                None
            }
        }),
        (Some(share), Some(_)) => {
            share.note("`share` draws the days and `days` names them; leave one of them out".to_owned());
            None
        }
        (None, None) => {
            table.note("`share` or `days` is missing; they say when it snows".to_owned());
            None
        }
    };
    table.close();
    Some(Snow { percent: percent? as u32, when: when? })
}
