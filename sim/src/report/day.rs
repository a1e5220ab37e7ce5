//! One day of a story: its requests, its shifts, its drives along the roads.
//!
//! A request belongs to the day on which its wished window begins, a shift to the day on which it
//! begins; both by the zone's calendar.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_maps::{PreparedMap, RoadQuery};
use mukae_units::{Metres, ShiftId, Time};

use super::course::{Passing, course};
use super::life::Life;
use super::story::{Drive, Story, Work};

pub(super) struct Day<'s> {
    pub story: &'s Story,
    /// Requests of the day, in the order they were asked.
    pub lives: Vec<&'s Life>,
    /// Where a request of the story stands in `lives`.
    number_of: BTreeMap<usize, usize>,
    /// Shifts of the day, by their ids.
    pub shifts: BTreeMap<ShiftId, &'s Work>,
    /// Drives of these shifts, each shift's in order.
    pub drives: Vec<Driven<'s>>,
    /// Kilometres with each request on board.
    pub ridden: Vec<Metres>,
    /// With whom each request shared a drive of some length.
    pub shared_with: Vec<Vec<usize>>,
}

/// A drive with its way on the map.
pub(super) struct Driven<'s> {
    pub shift: ShiftId,
    pub drive: &'s Drive,
    pub persons: u64,
    /// `None` if the roads know no way.
    pub length: Option<Metres>,
    /// Empty if the roads know no way.
    pub course: Vec<Passing>,
}

/// The date of an instant, by a zone's calendar.
pub(super) fn date_of(zone: &TimeZone, at: Time) -> Date {
    // Times of records are checked where they enter; one that no calendar holds is shown as its nearest.
    let timestamp = jiff::Timestamp::from_millisecond(at.as_unix_millis()).unwrap_or_default();
    zone.to_datetime(timestamp).date()
}

impl<'s> Day<'s> {
    pub fn of(story: &'s Story, date: Date, zone: &TimeZone, map: &PreparedMap) -> Day<'s> {
        let mut number_of = BTreeMap::new();
        let mut lives = Vec::new();
        for (index, life) in story.lives.iter().enumerate() {
            if date_of(zone, life.wanted_from()) == date {
                number_of.insert(index, lives.len());
                lives.push(life);
            }
        }
        let is_of_day = |work: &&Work| date_of(zone, work.shift.window.earliest()) == date;
        let shifts: BTreeMap<ShiftId, &Work> =
            story.shifts.iter().map(|(&id, work)| (id, work)).filter(|(_, work)| is_of_day(work)).collect();
        let (ridden, shared_with) = (vec![Metres::ZERO; lives.len()], vec![Vec::new(); lives.len()]);
        let mut day = Day { story, lives, number_of, shifts, drives: Vec::new(), ridden, shared_with };
        let mut roads = map.query();
        let shifts: Vec<_> = day.shifts.iter().map(|(&id, &work)| (id, work)).collect();
        for (shift, work) in shifts {
            work.drives.iter().for_each(|drive| day.drive(shift, drive, map, &mut roads));
        }
        for others in &mut day.shared_with {
            others.sort_unstable();
            others.dedup();
        }
        day
    }

    fn drive(&mut self, shift: ShiftId, drive: &'s Drive, map: &PreparedMap, roads: &mut RoadQuery) {
        let path = roads.path(drive.from, drive.to);
        let length = path.as_ref().map(|path| path.length());
        let course = path.map_or_else(Vec::new, |path| {
            let departed = if drive.is_since_departure {
                drive.since
            } else {
                // nobody said when: as late as the drive allows
                drive.since.max(drive.until - path.travel_time().span())
            };
            course(map.graph(), &path, departed, drive.until)
        });
        let persons = drive.on_board.iter().map(|&life| self.story.lives[life].persons()).sum();
        let numbers = self.numbers(drive);
        if let Some(length) = length {
            for &number in &numbers {
                self.ridden[number] += length;
                if Metres::ZERO < length {
                    self.shared_with[number].extend(numbers.iter().filter(|&&other| other != number));
                }
            }
        }
        self.drives.push(Driven { shift, drive, persons, length, course });
    }

    /// Who of the day's requests is on board.
    pub fn numbers(&self, drive: &Drive) -> Vec<usize> {
        drive.on_board.iter().filter_map(|life| self.number_of.get(life).copied()).collect()
    }

    /// The first and the last instant at which something is to be seen.
    pub fn clock(&self) -> Option<(Time, Time)> {
        let drives = self.drives.iter().flat_map(|driven| [driven.drive.since, driven.drive.until]);
        let shifts = self.shifts.values().flat_map(|work| [work.opened, work.closed].into_iter().flatten());
        let lives = self.lives.iter().map(|life| life.wanted_from());
        let times: Vec<Time> = drives.chain(shifts).chain(lives).collect();
        Some((*times.iter().min()?, *times.iter().max()?))
    }
}
