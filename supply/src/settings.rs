//! What was tuned for one town: a file that says what it was made from, until when it holds, and what it promises.
//!
//! A program writes it and a live area reads it. A file for another town or map, of another program, beside another
//! forecast or changed by hand is refused, with a word on what is wrong; one that has expired is not: nothing is done
//! by it any more.

use std::fmt::Write;

use jiff::civil::Date;
use mukae_config::{Item, Page, Problem, Table};
use thiserror::Error;

use crate::theta::{Knob, Theta};

/// The one version that is read and written.
const VERSION: i64 = 1;
const HEAD: &str = "digest = \"";
/// What a rider who goes without may cost.
const LOST: std::ops::RangeInclusive<i64> = 0..=1_000_000;
const DIGITS: usize = 64;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The resource name of the area.
    pub town: String,
    /// The map's checksum.
    pub map: u64,
    /// Of the program that tuned it.
    pub program: String,
    /// The forecast's file, beside this one, and the hash of its bytes.
    pub model_file: String,
    pub model_digest: String,
    /// Of everything it was tuned on.
    pub input_digest: String,
    pub seed: u64,
    /// The last day it was learned from.
    pub learned_through: Date,
    /// Not followed from this day on.
    pub expires: Date,
    /// What a rider who goes without costs, in yen.
    pub lost_yen: i64,
    pub theta: Theta,
    /// What a day was found to be like under them.
    pub bands: Vec<Band>,
}

/// A day's figure lies between these, both included, on all but few days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Band {
    pub measure: Measure,
    pub low: i64,
    pub high: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Measure {
    /// Seconds from the ask to the pickup, on average.
    WaitMean,
    /// Of a thousand requests.
    Refused,
    /// Metres that all vehicles drive with nobody on board.
    Empty,
}

/// What a file is held against.
#[derive(Clone, Copy, Debug)]
pub struct Here<'h> {
    pub town: &'h str,
    pub map: u64,
    pub program: &'h str,
}

#[derive(Debug, Error)]
pub enum SettingsError {
    #[error(
        "the first line is not `digest = \"..\"` with {DIGITS} hexadecimal digits: this is no file of settings as `mukae tune` writes it"
    )]
    NoDigest,
    #[error(
        "the file was changed after it was written: its digest is {written}, that of the rest of it {found}; tune again, or take the file as it was written"
    )]
    Changed { written: String, found: String },
    #[error("{}", mukae_config::list("settings", .0))]
    Problems(Vec<Problem>),
    #[error("these settings are for {theirs}, this is {ours}")]
    OtherTown { theirs: String, ours: String },
    #[error("these settings are for the map {theirs:016x}, this area has {ours:016x}; tune again on this map")]
    OtherMap { theirs: u64, ours: u64 },
    #[error("these settings were tuned by mukae {theirs}, this is {ours}; tune again with this version")]
    OtherProgram { theirs: String, ours: String },
    #[error(
        "the forecast {file} has the digest {found}, these settings belong to {wanted}; keep both files of one tuning together"
    )]
    OtherModel { file: String, wanted: String, found: String },
}

impl Measure {
    pub const ALL: [Measure; 3] = [Measure::WaitMean, Measure::Refused, Measure::Empty];

    /// Its key in a file, which ends in its unit.
    pub const fn key(self) -> &'static str {
        match self {
            Measure::WaitMean => "wait_mean_s",
            Measure::Refused => "refused_permille",
            Measure::Empty => "empty_m",
        }
    }
}

/// In hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

impl Settings {
    /// The same settings are the same text.
    pub fn to_toml(&self) -> String {
        format!("{HEAD}{}\"\n{}", self.digest(), self.body())
    }

    /// As it stands in the first line.
    pub fn digest(&self) -> String {
        digest(self.body().as_bytes())
    }

    fn body(&self) -> String {
        let mut text = String::new();
        let Settings { town, program, model_file, model_digest, input_digest, .. } = self;
        let strings = [
            ("town", town.as_str()),
            ("map", &format!("{:016x}", self.map)),
            ("program", program),
            ("model_file", model_file),
            ("model_digest", model_digest),
            ("input_digest", input_digest),
            ("seed", &self.seed.to_string()),
            ("learned_through", &self.learned_through.to_string()),
            ("expires", &self.expires.to_string()),
        ];
        writeln!(text, "# Written by `mukae tune`. It is refused if it is changed: tune again instead.")
            .expect("a string grows");
        writeln!(text, "version = {VERSION}").expect("a string grows");
        for (key, value) in strings {
            writeln!(text, "{key} = {value:?}").expect("a string grows");
        }
        writeln!(text, "lost_yen = {}\n\n[parameters]", self.lost_yen).expect("a string grows");
        for knob in Knob::ALL {
            writeln!(text, "{} = {}", knob.key(), self.theta.get(knob)).expect("a string grows");
        }
        writeln!(text, "\n# What a day is like under them; the two ends are included.\n[bands]")
            .expect("a string grows");
        for Band { measure, low, high } in &self.bands {
            writeln!(text, "{} = [{low}, {high}]", measure.key()).expect("a string grows");
        }
        text
    }

    /// What stands in a file that nobody has changed.
    pub fn read(text: &str) -> Result<Settings, SettingsError> {
        let written = text.strip_prefix(HEAD).and_then(|rest| rest.split_once("\"\n"));
        let is_digest = |digits: &str| digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (written, body) = written.filter(|(digits, _)| is_digest(digits)).ok_or(SettingsError::NoDigest)?;
        let found = digest(body.as_bytes());
        if written != found {
            return Err(SettingsError::Changed { written: written.to_owned(), found });
        }
        let page = Page::new(text);
        let settings = settings_of(page.table());
        let problems = page.into_problems();
        match settings {
            Some(settings) if problems.is_empty() => Ok(settings),
            _ => Err(SettingsError::Problems(problems)),
        }
    }

    /// They are for this town, on this map, by this program.
    pub fn check(&self, here: Here<'_>) -> Result<(), SettingsError> {
        if self.town != here.town {
            return Err(SettingsError::OtherTown { theirs: self.town.clone(), ours: here.town.to_owned() });
        }
        if self.map != here.map {
            return Err(SettingsError::OtherMap { theirs: self.map, ours: here.map });
        }
        if self.program != here.program {
            let (theirs, ours) = (self.program.clone(), here.program.to_owned());
            return Err(SettingsError::OtherProgram { theirs, ours });
        }
        Ok(())
    }

    /// These are the bytes of their forecast.
    pub fn check_model(&self, bytes: &[u8]) -> Result<(), SettingsError> {
        let found = digest(bytes);
        if found == self.model_digest {
            return Ok(());
        }
        let (file, wanted) = (self.model_file.clone(), self.model_digest.clone());
        Err(SettingsError::OtherModel { file, wanted, found })
    }
}

fn settings_of(mut table: Table<'_>) -> Option<Settings> {
    table.take("digest");
    let version = needed(&mut table, "version").and_then(|item| {
        let version = item.whole(0..=i64::MAX)?;
        if version != VERSION {
            item.note(format!("`version` is {version}; this program reads {VERSION}: tune again"));
        }
        Some(version)
    });
    let mut text = |key| needed(&mut table, key).and_then(|item| item.text().filter(|text| is_filled(&item, text)));
    let (town, program) = (text("town"), text("program"));
    let (model_digest, input_digest) = (text("model_digest"), text("input_digest"));
    let map = parsed(&mut table, "map", "16 hexadecimal digits", |text| u64::from_str_radix(text, 16).ok());
    let model_file = parsed(&mut table, "model_file", "the name of a file beside this one", |text| {
        (!text.is_empty() && !text.contains(['/', '\\']) && text != "..").then(|| text.to_owned())
    });
    let seed = parsed(&mut table, "seed", "a whole number in quotes", |text| text.parse().ok());
    let date = "a date like \"2026-11-24\"";
    let learned_through = parsed(&mut table, "learned_through", date, |text| text.parse().ok());
    let expires = parsed(&mut table, "expires", date, |text| text.parse().ok());
    let lost_yen = needed(&mut table, "lost_yen").and_then(|item| item.whole(LOST));
    let theta = needed(&mut table, "parameters").and_then(Item::table).and_then(theta_of);
    let bands = needed(&mut table, "bands").and_then(Item::table).map(bands_of);
    table.close();
    version?;
    Some(Settings {
        town: town?,
        map: map?,
        program: program?,
        model_file: model_file?,
        model_digest: model_digest?,
        input_digest: input_digest?,
        seed: seed?,
        learned_through: learned_through?,
        expires: expires?,
        lost_yen: lost_yen?,
        theta: theta?,
        bands: bands?,
    })
}

fn theta_of(mut table: Table<'_>) -> Option<Theta> {
    let mut theta = Some(Theta::off());
    for knob in Knob::ALL {
        let value = needed(&mut table, knob.key()).and_then(|item| item.whole(knob.range()));
        theta = theta.zip(value).and_then(|(theta, value)| theta.with(knob, value));
    }
    table.close();
    theta
}

fn bands_of(mut table: Table<'_>) -> Vec<Band> {
    let bands = Measure::ALL.into_iter().filter_map(|measure| {
        let item = table.take(measure.key())?;
        let ends: Vec<i64> = item.list()?.iter().filter_map(|end| end.whole(0..=i64::MAX)).collect();
        match ends[..] {
            [low, high] if low <= high => Some(Band { measure, low, high }),
            _ => {
                item.note(format!("`{}` takes two numbers, the smaller one first", measure.key()));
                None
            }
        }
    });
    let bands = bands.collect();
    table.close();
    bands
}

fn needed<'p>(table: &mut Table<'p>, key: &'static str) -> Option<Item<'p>> {
    let item = table.take(key);
    if item.is_none() {
        table.note(format!("`{key}` is missing"));
    }
    item
}

fn is_filled(item: &Item<'_>, text: &str) -> bool {
    if text.is_empty() {
        item.note("this is empty".to_owned());
    }
    !text.is_empty()
}

fn parsed<T>(table: &mut Table<'_>, key: &'static str, right: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    let item = needed(table, key)?;
    let text = item.text()?;
    let value = parse(&text);
    if value.is_none() {
        item.note(format!("`{key}` is {text:?}; {right} is right"));
    }
    value
}
