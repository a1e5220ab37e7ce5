//! Days of requests for a town without data: from residents and places, the same for the same town, map, seed and
//! parameters.
//!
//! ```text
//! places.csv, homes.csv, or the roads alone -> Town \
//!                              TOML -> Parameters    -> Model (on a map) -> days of RequestRow
//! ```
//! Residents take part or not, those who do go out so often for each purpose, to places that pull by their size and by how
//! far one drives; when, how booked and for how long is drawn by the purpose. How many take part nobody knows before, so there
//! are always three volumes. The outings of a day are one sequence, of which a smaller volume has the beginning.
//! `docs/synthetic-demand.md` has all of it in words.

mod booking;
mod doors;
mod flat;
mod from_roads;
mod gravity;
mod model;
mod settings;
mod summary;
mod tables;
mod town;
mod volume;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use mukae_units::{LatLon, Seats, Span, Time, TimeWindow};

use super::{RequestRow, WishKind};
use crate::civil;
use crate::random::{Luck, Purpose};
use model::{Outings, running_sums};

pub use model::Model;
pub use settings::{DEFAULTS, Desk, Habits, Parameters, TripPurpose};
pub use summary::Summary;
pub use tables::{Told, read_homes, read_places, write_homes, write_places};
pub use town::{Home, Place, ReadTownError, Town};
pub use volume::{Amount, Volume};

/// Advance bookings name times on this grid.
const CLOCK_GRID: Span = Span::from_mins(5);

/// Which day is drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Day<'a> {
    /// The service day, in local time; wishes lie in it, bookings may be made days before.
    pub date: Date,
    pub zone: &'a TimeZone,
    pub amount: Amount,
    /// Thousandths of the amount.
    pub scale: i64,
    pub seed: u64,
}

/// What is picked by on one day, whatever the outing.
struct Sums {
    purposes: Vec<u64>,
    parties: Vec<u64>,
    channels: Vec<u64>,
}

/// An outing, and what its ride back needs to know.
struct Outing {
    entity: u64,
    /// An index into the flows.
    flow: usize,
    home: LatLon,
    away: LatLon,
    party: Seats,
    channel: usize,
    created_at: Time,
    /// About when the stay begins.
    there_at: Time,
}

impl Model {
    /// The requests of several days, each with a seed of its own; ids begin with the date.
    pub fn days(
        &self,
        dates: &[Date],
        zone: &TimeZone,
        amount: Amount,
        scale: i64,
        seed_of: impl Fn(Date) -> u64,
    ) -> Vec<RequestRow> {
        let mut rows = Vec::new();
        for &date in dates {
            let mut of_day = self.day(&Day { date, zone, amount, scale, seed: seed_of(date) });
            of_day.iter_mut().for_each(|row| row.id = format!("{date}-{}", row.id));
            rows.append(&mut of_day);
        }
        rows
    }

    /// The requests of a day by the time they are made. None for a town without people, places or roads between them.
    pub fn day(&self, day: &Day<'_>) -> Vec<RequestRow> {
        let sums = Sums {
            purposes: self.purposes(day.date),
            parties: running_sums(self.parameters.party.iter().map(|&weight| u64::from(weight))),
            channels: running_sums(self.parameters.channels.iter().map(|desk| u64::from(desk.share))),
        };
        if sums.purposes.is_empty() {
            return Vec::new();
        }
        let luck = Luck::new(day.seed);
        let (outings, rows_max) = match day.amount {
            Amount::Volume(volume) => {
                let mean: f64 = self.outings(day.date, volume).iter().sum();
                let mean = mean * day.scale as f64 / 1000.0;
                (luck.draw(0, Purpose::OutingCount, 0).poisson(mean), usize::MAX)
            }
            Amount::Requests(count) => (u64::MAX, (count as u64 * day.scale as u64).div_ceil(1000) as usize),
        };
        let mut rows = Vec::new();
        for entity in 0..outings {
            if rows_max <= rows.len() {
                break;
            }
            let (row, outing) = self.outing(entity, luck, day, &sums);
            rows.push(row);
            if rows.len() < rows_max {
                rows.extend(self.ride_back(&outing, luck, day));
            }
        }
        rows.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        rows
    }

    fn outing(&self, entity: u64, luck: Luck, day: &Day<'_>, sums: &Sums) -> (RequestRow, Outing) {
        let draw = |purpose| luck.draw(entity, purpose, 0);
        let two = |purpose| [0, 1].map(|n| luck.draw(entity, purpose, n));
        let flow = draw(Purpose::OutingAim).pick(&sums.purposes);
        let outings = &self.flows[flow];
        let habits = self.habits(outings);
        let (home, door) = self.home(outings, draw(Purpose::OutingHome), two(Purpose::OutingDoor));
        let (target, visited) = (draw(Purpose::OutingTarget), draw(Purpose::VisitedHome));
        let away = self.away(outings, home, target, visited, two(Purpose::VisitedDoor));

        let hours = running_sums(habits.hours.iter().map(|&weight| u64::from(weight)));
        let hour = draw(Purpose::OutingHour).pick(&hours) as i64;
        let wish = local(day, hour * 3600 + draw(Purpose::OutingSecond).below(3600) as i64);
        let channel = draw(Purpose::BookingChannel).pick(&sums.channels);
        let desk = &self.parameters.channels[channel];
        let width = self.parameters.window;
        let arrives_by = draw(Purpose::ArrivesBy).happens(habits.arrive_by);
        let is_ahead = arrives_by || draw(Purpose::BooksAhead).happens(habits.booked) || !desk.is_open(wish, day.zone);
        let on_grid = wish.floor_to(CLOCK_GRID);
        let (kind, earliest, there_at) = match (arrives_by, is_ahead) {
            (true, _) => (WishKind::ArriveBy, on_grid - width, on_grid),
            (false, true) => (WishKind::DepartAfter, on_grid, on_grid + width),
            (false, false) => (WishKind::DepartAfter, wish, wish + width),
        };
        let created_at = if is_ahead {
            let (lead, moment) = (draw(Purpose::BookingLead), draw(Purpose::BookingMoment));
            desk.booked_at(earliest, lead, moment, day.zone)
        } else {
            wish
        };

        let persons = draw(Purpose::PartySize).pick(&sums.parties) as u8 + 1;
        let wheelchairs = u8::from(draw(Purpose::WheelchairUser).happens(self.parameters.wheelchair));
        let party = Seats::new(persons - wheelchairs, wheelchairs);
        let outing = Outing { entity, flow, home: door, away, party, channel, created_at, there_at };
        (self.row(&outing, "", created_at, earliest, kind), outing)
    }

    /// Unless there is none, or it would be too late on the day.
    fn ride_back(&self, outing: &Outing, luck: Luck, day: &Day<'_>) -> Option<RequestRow> {
        let draw = |purpose| luck.draw(outing.entity, purpose, 0);
        let habits = self.habits(&self.flows[outing.flow]);
        if !draw(Purpose::ComesBack).happens(habits.returns) {
            return None;
        }
        let leaves = outing.there_at + habits.stay_min + draw(Purpose::StayLength).exponential(habits.stay_mean);
        let desk = &self.parameters.channels[outing.channel];
        let is_ahead = draw(Purpose::ReturnBooked).happens(habits.booked) || !desk.is_open(leaves, day.zone);
        let earliest = if is_ahead { leaves.floor_to(CLOCK_GRID) } else { leaves };
        if local(day, i64::from(self.parameters.latest_hour) * 3600) <= earliest {
            return None;
        }
        let created_at = if is_ahead { outing.created_at } else { earliest };
        Some(self.row(outing, "b", created_at, earliest, WishKind::DepartAfter))
    }

    fn habits(&self, outings: &Outings) -> &Habits {
        &self.parameters.purposes[outings.habits]
    }

    /// `end` of the id: empty on the way out, `b` on the way back.
    fn row(&self, outing: &Outing, end: &str, created_at: Time, earliest: Time, kind: WishKind) -> RequestRow {
        let window = TimeWindow::new(earliest, earliest + self.parameters.window);
        let (from, to) = if end.is_empty() { (outing.home, outing.away) } else { (outing.away, outing.home) };
        RequestRow {
            line: 0,
            id: format!("s{:05}{end}", outing.entity),
            created_at,
            window: window.expect("a window is not narrower than nothing"),
            kind,
            from,
            to,
            party: outing.party,
            channel: self.parameters.channels[outing.channel].channel,
            purpose: self.habits(&self.flows[outing.flow]).purpose.name().to_owned(),
        }
    }
}

/// So many seconds after midnight of the day.
fn local(day: &Day<'_>, seconds: i64) -> Time {
    civil::at(day.date, seconds, day.zone)
}

/// The seed of one date's demand, for [`Model::days`].
pub fn seed_of(luck: Luck, date: Date) -> u64 {
    luck.draw(civil::day_number(date), Purpose::DemandDay, 0).bits()
}

#[cfg(test)]
mod tests;
