//! When vehicles work, instead of as the town has it.
//!
//! ```toml
//! shifts = ["07:00-13:00", "09:00-12:00 14:00-19:00"]
//! ```
//! The first vehicle works by the first line, the second by the second, and then from the first again, on the dates on which the
//! town has it work. Drivers, places and breaks are those of the town's shifts of that vehicle and date; breaks that do
//! not lie within the new hours are left out. Volunteers' declared drives stay as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_config::Item;
use mukae_engine::Command;
use mukae_engine::model::Shift;
use mukae_units::{ShiftId, TimeWindow, VehicleId};

use super::fleet::{self, date_of};
use crate::civil;

/// A service day ends at noon of the next one, by the clock.
const LAST: u32 = 36 * 60;

/// For each vehicle, from and until in minutes of the day, in order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Hours(Vec<Vec<(u32, u32)>>);

impl Hours {
    pub(super) fn read(item: &Item<'_>) -> Option<Hours> {
        let list = item.list()?;
        if list.is_empty() {
            item.note("`shifts` has no line; \"07:00-13:00 14:00-18:00\" is a vehicle's day".to_owned());
        }
        let lines: Option<Vec<_>> = list.iter().map(|line| vehicle_day(line, &line.text()?)).collect();
        lines.filter(|lines| !lines.is_empty()).map(Hours)
    }

    /// The shifts of the town at these hours; each setting carries a tag, which a further shift gets by `copied`.
    pub(super) fn apply<T: Clone>(
        &self,
        town: Vec<(T, Command)>,
        zone: &TimeZone,
        copied: fn(&T) -> T,
    ) -> Vec<(T, Command)> {
        let private = fleet::private(town.iter().filter_map(|(_, command)| fleet::shift(command)));
        let mut line_of: BTreeMap<VehicleId, usize> = BTreeMap::new();
        let mut shifts_of: BTreeMap<(VehicleId, Date), Vec<Arc<Shift>>> = BTreeMap::new();
        for (_, command) in &town {
            match command {
                Command::RegisterVehicle(vehicle) if !private.contains(&vehicle.id) => {
                    let next = line_of.len() % self.0.len();
                    line_of.entry(vehicle.id).or_insert(next);
                }
                Command::PlanShift(shift) if shift.declared.is_none() => {
                    let date = date_of(zone, shift.window.earliest());
                    shifts_of.entry((shift.vehicle, date)).or_default().push(Arc::clone(shift));
                }
                _ => {}
            }
        }
        let (mut ids, mut done) = ((1..).map(ShiftId), BTreeSet::new());
        let mut next_id = || ids.next().expect("shifts are fewer than numbers");
        let mut settings = Vec::with_capacity(town.len());
        for (tag, command) in town {
            let Command::PlanShift(shift) = &command else {
                settings.push((tag, command));
                continue;
            };
            let day = (shift.vehicle, date_of(zone, shift.window.earliest()));
            let Some(&line) = line_of.get(&shift.vehicle).filter(|_| shift.declared.is_none()) else {
                let kept = Shift { id: next_id(), ..Shift::clone(shift) };
                settings.push((tag, Command::PlanShift(kept.into())));
                continue;
            };
            if !done.insert(day) {
                continue;
            }
            let known = &shifts_of[&day];
            for (number, &(from, until)) in self.0[line].iter().enumerate() {
                let like = known.get(number).unwrap_or(&known[known.len() - 1]);
                let [from, until] = [from, until].map(|minutes| civil::at(day.1, i64::from(minutes) * 60, zone));
                let window = TimeWindow::new(from, until).expect("hours are in order: they were read so");
                let breaks = known.iter().flat_map(|shift| &shift.breaks).filter(|rest| {
                    window.contains(rest.window.earliest()) && rest.window.latest() + rest.length <= until
                });
                let name = match number {
                    0 => shift.name.clone(),
                    _ => format!("{} [{}]", shift.name, number + 1),
                };
                let new =
                    Shift { id: next_id(), name, window, breaks: breaks.cloned().collect(), ..Shift::clone(like) };
                let tag = if number == 0 { tag.clone() } else { copied(&tag) };
                settings.push((tag, Command::PlanShift(new.into())));
            }
        }
        settings
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let window = |&(from, until): &(u32, u32)| format!("{}-{}", clock(from), clock(until));
        let lines: Vec<String> =
            self.0.iter().map(|line| line.iter().map(window).collect::<Vec<_>>().join(" ")).collect();
        f.write_str(&lines.join(", "))
    }
}

/// `07:00-13:00 14:00-18:00`, in order.
fn vehicle_day(item: &Item<'_>, text: &str) -> Option<Vec<(u32, u32)>> {
    let read = |window: &str| {
        let (from, until) = window.split_once('-')?;
        Some((clock(from)?, clock(until)?)).filter(|(from, until)| from < until)
    };
    let windows: Option<Vec<(u32, u32)>> = text.split_whitespace().map(read).collect();
    let windows = windows.filter(|windows| !windows.is_empty() && windows.is_sorted_by(|a, b| a.1 <= b.0));
    if windows.is_none() {
        item.note(format!(
            "`shifts` has {text:?}; write \"07:00-13:00 14:00-18:00\", in order, up to 36:00 for noon of the next day"
        ));
    }
    windows
}

fn clock(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let is_number = |digits: &str| digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) {
        return None;
    }
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    Some(60 * hours + minutes).filter(|&at| minutes < 60 && at <= LAST)
}
