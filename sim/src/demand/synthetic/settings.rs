//! How demand is drawn, from a TOML table: `docs/synthetic-demand.md` explains the keys.
//!
//! What a table leaves out is as in `defaults.toml`, which is read by the same code.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;

use jiff::civil::Date;
use mukae_config::{Item, Page, Problem, Table};
use mukae_engine::model::Channel;
use mukae_maps::osm::places::PlaceKind;
use mukae_units::{Metres, Span};

use super::Volume;

/// The numbers that hold where nobody says otherwise, with comments.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// Why somebody goes out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TripPurpose {
    Medical,
    Shopping,
    Errand,
    Leisure,
    Care,
    Station,
    School,
    /// To another home.
    Visit,
}

/// Shares are in thousandths.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parameters {
    /// Aged 65 and over, of residents, where homes do not say.
    pub elderly_share: u32,
    /// Thousandths by which a place one minute farther pulls less.
    pub decay_per_min: u32,
    /// Nearer places, through the air, are walked to.
    pub walk: Metres,
    /// Width of every wished window.
    pub window: Span,
    /// No ride back is asked for from this hour of the clock on.
    pub latest_hour: u32,
    pub wheelchair: u32,
    /// Dates on which people go out as on a Sunday.
    pub holidays: BTreeSet<Date>,
    /// Weights of parties of 1, 2, ... persons.
    pub party: Vec<u32>,
    /// Residents who use the service at all, by volume.
    pub participation: [u32; 3],
    pub purposes: Vec<Habits>,
    pub channels: Vec<Desk>,
}

/// One purpose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Habits {
    pub purpose: TripPurpose,
    /// Kinds of places; none for visits, which go to homes.
    pub to: Vec<PlaceKind>,
    /// Thousandths of outings a week of one who uses the service, aged 65 and over, and younger.
    pub elderly: u32,
    pub other: u32,
    /// Weights from Monday to Sunday.
    pub days: [u32; 7],
    /// Weights of the hours in which people want to leave, or be there.
    pub hours: [u32; 24],
    /// Ask for a time of arrival.
    pub arrive_by: u32,
    /// Of the others: ahead.
    pub booked: u32,
    pub returns: u32,
    pub stay_min: Span,
    /// Beyond the least, on average.
    pub stay_mean: Span,
}

/// One way to book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Desk {
    pub channel: Channel,
    /// A weight.
    pub share: u32,
    /// Hours of the clock between which one can book.
    pub opens: u32,
    pub closes: u32,
    pub lead_min: Span,
    pub lead_mean: Span,
    pub lead_max: Span,
}

impl TripPurpose {
    pub const ALL: [TripPurpose; 8] = [
        TripPurpose::Medical,
        TripPurpose::Shopping,
        TripPurpose::Errand,
        TripPurpose::Leisure,
        TripPurpose::Care,
        TripPurpose::Station,
        TripPurpose::School,
        TripPurpose::Visit,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            TripPurpose::Medical => "medical",
            TripPurpose::Shopping => "shopping",
            TripPurpose::Errand => "errand",
            TripPurpose::Leisure => "leisure",
            TripPurpose::Care => "care",
            TripPurpose::Station => "station",
            TripPurpose::School => "school",
            TripPurpose::Visit => "visit",
        }
    }
}

const SHARE: RangeInclusive<i64> = 0..=1000;
/// Twice a day is more than anybody rides for one purpose.
const WEEKLY: RangeInclusive<i64> = 0..=14_000;
const WEIGHT: RangeInclusive<i64> = 0..=1_000_000;
const LENGTH: RangeInclusive<Span> = Span::ZERO..=Span::from_mins(31 * 24 * 60);
const CHANNELS: [(&str, Channel); 5] = [
    ("phone", Channel::Phone),
    ("line", Channel::Line),
    ("web", Channel::Web),
    ("app", Channel::App),
    ("staff", Channel::Staff),
];

impl Default for Parameters {
    fn default() -> Parameters {
        Parameters::parse_over(Parameters::blank(), DEFAULTS).expect("the shipped table is right: a test reads it")
    }
}

impl Parameters {
    /// From a file that says what differs from the defaults.
    pub fn load(file: &Path) -> Result<Parameters, crate::scenario::ScenarioError> {
        use crate::scenario::ScenarioError;
        let name = file.display().to_string();
        let text =
            std::fs::read_to_string(file).map_err(|source| ScenarioError::Read { file: name.clone(), source })?;
        Parameters::parse(&text).map_err(|problems| ScenarioError::Wrong { file: name, problems })
    }

    /// From a text that says what differs from the defaults.
    pub fn parse(text: &str) -> Result<Parameters, Vec<Problem>> {
        Parameters::parse_over(Parameters::default(), text)
    }

    fn parse_over(base: Parameters, text: &str) -> Result<Parameters, Vec<Problem>> {
        let page = Page::new(text);
        let parameters = base.read(page.table());
        let problems = page.into_problems();
        if problems.is_empty() { Ok(parameters) } else { Err(problems) }
    }

    /// These with what the table says otherwise; what is wrong is noted on its page.
    #[must_use]
    pub fn read(mut self, mut table: Table<'_>) -> Parameters {
        set(&mut table, "elderly_share", &mut self.elderly_share, |item| share(item, SHARE));
        set(&mut table, "decay_per_min", &mut self.decay_per_min, |item| share(item, 0..=2000));
        set(&mut table, "walk_m", &mut self.walk, |item| {
            Some(Metres::from_metres(item.whole(0..=5000)?.unsigned_abs()))
        });
        set(&mut table, "window", &mut self.window, |item| item.span(Span::ZERO..=Span::DAY));
        set(&mut table, "latest_hour", &mut self.latest_hour, |item| whole(item, 0..=24));
        set(&mut table, "wheelchair", &mut self.wheelchair, |item| share(item, SHARE));
        set(&mut table, "holidays", &mut self.holidays, dates);
        set(&mut table, "party", &mut self.party, |item| weights(item, 1..=8, whole));
        if let Some(mut volumes) = table.table("participation") {
            for volume in Volume::ALL {
                let of_volume = &mut self.participation[volume as usize];
                set(&mut volumes, volume.name(), of_volume, |item| share(item, SHARE));
            }
            if !self.participation.is_sorted() {
                volumes
                    .note("`low`, `mid` and `high` are not in this order; each is at least the one before".to_owned());
            }
            volumes.close();
        }
        if let Some(mut purposes) = table.table("purpose") {
            for habits in &mut self.purposes {
                if let Some(table) = purposes.table(habits.purpose.name()) {
                    habits.read(table);
                }
            }
            purposes.close();
        }
        if let Some(mut channels) = table.table("channel") {
            for ((name, _), desk) in CHANNELS.into_iter().zip(&mut self.channels) {
                if let Some(table) = channels.table(name) {
                    desk.read(table);
                }
            }
            if self.channels.iter().all(|desk| desk.share == 0) {
                channels.note("no channel has a `share`; somebody must be able to book".to_owned());
            }
            channels.close();
        }
        table.close();
        self
    }

    /// What `defaults.toml` fills.
    fn blank() -> Parameters {
        let habits = |purpose| Habits {
            purpose,
            to: Vec::new(),
            elderly: 0,
            other: 0,
            days: [0; 7],
            hours: [0; 24],
            arrive_by: 0,
            booked: 0,
            returns: 0,
            stay_min: Span::ZERO,
            stay_mean: Span::ZERO,
        };
        let desk = |(_, channel)| Desk {
            channel,
            share: 0,
            opens: 0,
            closes: 24,
            lead_min: Span::ZERO,
            lead_mean: Span::ZERO,
            lead_max: Span::ZERO,
        };
        Parameters {
            elderly_share: 0,
            decay_per_min: 0,
            walk: Metres::ZERO,
            window: Span::ZERO,
            latest_hour: 24,
            wheelchair: 0,
            holidays: BTreeSet::new(),
            party: Vec::new(),
            participation: [0; 3],
            purposes: TripPurpose::ALL.map(habits).to_vec(),
            channels: CHANNELS.map(desk).to_vec(),
        }
    }
}

impl Habits {
    fn read(&mut self, mut table: Table<'_>) {
        if self.purpose != TripPurpose::Visit {
            let words = PlaceKind::ALL.map(|kind| (kind.name(), kind));
            let kinds = |item: &Item<'_>| item.list()?.iter().map(|item| item.word(&words)).collect();
            set(&mut table, "to", &mut self.to, kinds);
        }
        set(&mut table, "elderly", &mut self.elderly, |item| share(item, WEEKLY));
        set(&mut table, "other", &mut self.other, |item| share(item, WEEKLY));
        set(&mut table, "days", &mut self.days, |item| {
            weights(item, 7..=7, |item, _| share(item, 0..=10_000))?.try_into().ok()
        });
        set(&mut table, "hours", &mut self.hours, |item| weights(item, 24..=24, whole)?.try_into().ok());
        for (key, share_of) in
            [("arrive_by", &mut self.arrive_by), ("booked", &mut self.booked), ("returns", &mut self.returns)]
        {
            set(&mut table, key, share_of, |item| share(item, SHARE));
        }
        set(&mut table, "stay_min", &mut self.stay_min, |item| item.span(LENGTH));
        set(&mut table, "stay_mean", &mut self.stay_mean, |item| item.span(LENGTH));
        table.close();
    }
}

impl Desk {
    fn read(&mut self, mut table: Table<'_>) {
        set(&mut table, "share", &mut self.share, |item| whole(item, WEIGHT));
        set(&mut table, "opens", &mut self.opens, |item| whole(item, 0..=23));
        set(&mut table, "closes", &mut self.closes, |item| whole(item, 1..=24));
        set(&mut table, "lead_min", &mut self.lead_min, |item| item.span(LENGTH));
        set(&mut table, "lead_mean", &mut self.lead_mean, |item| item.span(LENGTH));
        set(&mut table, "lead_max", &mut self.lead_max, |item| item.span(LENGTH));
        if self.closes <= self.opens {
            table.note(format!("it opens at {} and closes at {}; hours of one day, in order", self.opens, self.closes));
        }
        table.close();
    }

    /// Whether one can book all day and night.
    pub(super) fn is_always_open(&self) -> bool {
        self.opens == 0 && self.closes == 24
    }
}

/// What is not there, or wrong, stays as it is.
fn set<T>(table: &mut Table<'_>, key: &'static str, value: &mut T, read: impl Fn(&Item<'_>) -> Option<T>) {
    if let Some(read) = table.take(key).and_then(|item| read(&item)) {
        *value = read;
    }
}

fn share(item: &Item<'_>, range: RangeInclusive<i64>) -> Option<u32> {
    item.thousandths(range)?.try_into().ok()
}

fn whole(item: &Item<'_>, range: RangeInclusive<i64>) -> Option<u32> {
    item.whole(range)?.try_into().ok()
}

fn dates(item: &Item<'_>) -> Option<BTreeSet<Date>> {
    let date = |item: &Item<'_>| {
        let text = item.text()?;
        let date = text.parse().ok();
        if date.is_none() {
            item.note(format!("{text:?} is no date; write \"2026-11-23\""));
        }
        date
    };
    item.list()?.iter().map(date).collect()
}

/// So many weights, not all of them zero.
fn weights(
    item: &Item<'_>,
    counts: RangeInclusive<usize>,
    read: impl Fn(&Item<'_>, RangeInclusive<i64>) -> Option<u32>,
) -> Option<Vec<u32>> {
    let list = item.list()?;
    if !counts.contains(&list.len()) {
        let (least, most) = (counts.start(), counts.end());
        let right = if least == most { least.to_string() } else { format!("{least} to {most}") };
        item.note(format!("{} numbers; {right} are right", list.len()));
        return None;
    }
    let weights: Vec<u32> = list.iter().map(|item| read(item, WEIGHT)).collect::<Option<_>>()?;
    if weights.iter().all(|&weight| weight == 0) {
        item.note("all weights are zero; at least one is more".to_owned());
        return None;
    }
    Some(weights)
}
