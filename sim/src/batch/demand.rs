//! The demand of a replication: drawn, or a table at its own volume or another.

use std::fs::File;
use std::ops::RangeInclusive;

use jiff::civil::{self, Date};
use jiff::tz::TimeZone;
use mukae_units::{Span, TimeWindow};

use super::{BatchError, Stage};
use crate::demand::csv::{self, Strictness};
use crate::demand::parquet;
use crate::demand::synthetic::{self, Amount, Model, Parameters, Town, Volume};
use crate::demand::{Ask, RequestRow, RowProblem};
use crate::past::{self, Past, PastError, Reading};
use crate::random::{Luck, Purpose};
use crate::scenario::{Carrier, Demand, Recorded, Scenario, Source, date_of};

/// The service day of synthetic demand unless the scenario says which: a Wednesday.
const DATE: Date = civil::date(2026, 11, 25);
/// A row that is used more than once asks at most so much earlier or later than it did.
const COPY_SHIFT_MAX: Span = Span::from_mins(60);

#[derive(Default)]
pub(super) struct Loaded {
    pub rows: Option<Vec<RequestRow>>,
    pub past: Option<Past>,
    pub problems: Vec<RowProblem>,
    pub dropped: usize,
    pub outside: usize,
    /// Without gaps; not empty.
    pub dates: Vec<Date>,
}

pub(super) fn load(demand: &Demand, stage: &Stage) -> Result<Loaded, BatchError> {
    let zone = &stage.zone;
    let (path, carrier) = match &demand.source {
        Source::Synthetic { .. } => {
            let dates = dates_of(demand.days.clone().unwrap_or(DATE..=DATE));
            return Ok(Loaded { dates, ..Loaded::default() });
        }
        Source::Journal { journal, repeats, from } => {
            let Recorded { directory, called, until } = journal;
            let (repeats, from, until, called) = (*repeats, *from, *until, called.clone());
            let reading = Reading { repeats, from, until, called, zone: zone.clone() };
            let past = past::read(directory, &stage.map, &reading, &mut |_, _| {})?;
            let name = reading.called.unwrap_or_else(|| directory.display().to_string());
            return of_past(past, demand, name, zone);
        }
        Source::Table { file, carrier } => (file, *carrier),
    };
    let name = path.display().to_string();
    let file = File::open(path).map_err(|source| BatchError::Read { file: name.clone(), source })?;
    let table = match carrier {
        Carrier::Csv => csv::read(file, Strictness::Lenient),
        Carrier::Parquet => parquet::read(file, Strictness::Lenient),
    };
    let table = table.map_err(|source| BatchError::Table { file: name.clone(), source })?;
    let (mut rows, dropped) = (table.rows, table.dropped);
    let date = |row: &RequestRow| date_of(zone, row.window.earliest());
    let read = rows.len();
    if let Some(days) = &demand.days {
        rows.retain(|row| days.contains(&date(row)));
    }
    let outside = read - rows.len();
    let (first, last) = (rows.iter().map(date).min(), rows.iter().map(date).max());
    let (Some(first), Some(last)) = (first, last) else {
        return Err(BatchError::NoRows { file: name, dropped, outside });
    };
    let dates = dates_of(demand.days.clone().unwrap_or(first..=last));
    Ok(Loaded { rows: Some(rows), problems: table.problems, dropped, outside, dates, past: None })
}

fn of_past(past: Past, demand: &Demand, dir: String, zone: &TimeZone) -> Result<Loaded, BatchError> {
    let days = past.named_days(demand.days.as_ref(), zone)?;
    let date = |ask: &Ask| date_of(zone, ask.request.wish.window().earliest());
    let used = past.asks.iter().filter(|ask| days.as_ref().is_some_and(|days| days.contains(&date(ask)))).count();
    let Some(days) = days.filter(|_| 0 < used || past.begun.is_some()) else {
        let days = demand.days.as_ref().map(|days| format!("{}..{}", days.start(), days.end()));
        return Err(PastError::NoDemand { dir, records: past.counts.records, days }.into());
    };
    Ok(Loaded { outside: past.asks.len() - used, dates: dates_of(days), past: Some(past), ..Loaded::default() })
}

fn dates_of(days: RangeInclusive<Date>) -> Vec<Date> {
    let (first, last) = days.into_inner();
    std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(|date| *date <= last).collect()
}

/// What synthetic demand is drawn from, and what a person should know of it.
pub(super) fn model(
    scenario: &Scenario,
    stage: &Stage,
    dates: &[Date],
) -> Result<(Option<Model>, Vec<String>), BatchError> {
    let Source::Synthetic { parameters, .. } = &scenario.demand.source else { return Ok((None, Vec::new())) };
    let town = stage.town.clone().unwrap_or_else(|| Town::from_roads(stage.map.graph()));
    let (town, mut told) = town.with_files(scenario.places.as_deref(), scenario.homes.as_deref())?;
    let model = Model::new(town, Parameters::clone(parameters), &stage.map, stage.snap_limit);
    told.extend_from_slice(model.told());
    told.push(model.fan(dates, scenario.demand.scale));
    Ok((Some(model), told))
}

/// Each day another draw.
pub(super) fn drawn(
    model: &Model,
    demand: &Demand,
    swept: Option<Volume>,
    dates: &[Date],
    luck: Luck,
    zone: &TimeZone,
) -> Vec<RequestRow> {
    let Source::Synthetic { amount, .. } = demand.source else { unreachable!("the others are read") };
    let amount = swept.map_or(amount, Amount::Volume);
    model.days(dates, zone, amount, demand.scale, |date| synthetic::seed_of(luck, date))
}

/// Each row so many thousand times: the whole part always, one more by chance. Further copies ask earlier or later.
pub(super) fn scaled(rows: &[RequestRow], scale: i64, luck: Luck) -> Vec<RequestRow> {
    let (always, chance) = (scale / 1000, (scale % 1000) as u32);
    let mut scaled = Vec::with_capacity(rows.len());
    for row in rows {
        let digest = blake3::hash(row.id.as_bytes());
        let entity = u64::from_le_bytes(digest.as_bytes()[..8].try_into().expect("a digest is longer than that"));
        let copies = always + i64::from(luck.draw(entity, Purpose::Copy, 0).happens(chance));
        for copy in 0..copies {
            scaled.push(if copy == 0 { row.clone() } else { copied(row, copy, entity, luck) });
        }
    }
    scaled
}

fn copied(row: &RequestRow, copy: i64, entity: u64, luck: Luck) -> RequestRow {
    let most = COPY_SHIFT_MAX.as_millis();
    let drawn = luck.draw(entity, Purpose::CopyShift, copy as u32).below(2 * most as u64 + 1) as i64;
    let shift = Span::from_millis(drawn - most);
    let window = TimeWindow::new(row.window.earliest() + shift, row.window.latest() + shift);
    RequestRow {
        id: format!("{}+{copy}", row.id),
        created_at: row.created_at + shift,
        window: window.expect("a moved window is as wide as before"),
        ..row.clone()
    }
}
