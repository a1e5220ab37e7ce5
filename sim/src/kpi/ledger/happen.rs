//! What vehicles did, and where it counts.

use mukae_record::tour::Happening;
use mukae_supply::Commitment;
use mukae_units::{Metres, ShiftId, Time};

use super::Books;
use crate::kpi::RoadLengths;
use crate::kpi::hamlets::Hamlet;
use mukae_supply::clock::Day;

impl Books {
    pub(super) fn happen(&mut self, happening: Happening<'_>, roads: &mut dyn RoadLengths) {
        match happening {
            Happening::ShiftOpened { shift, at } => {
                let (day, hour) = (self.day_of(shift, at), self.clock.hour(at));
                let belongs = self.cells.find(day, hour, Hamlet::NOBODYS);
                self.shifts_open.insert(shift, (at, belongs));
                if self.on_call.contains(&shift) {
                    self.cells.count(belongs, |tally| tally.shifts_called += 1);
                }
            }
            Happening::ShiftClosed { shift, at } => self.close(shift, at),
            Happening::Drove { shift, from, to, errand, for_whom, on_board, until, .. } => {
                let rider = for_whom.and_then(|booking| self.bookings.get(&booking));
                let hamlet = rider.map_or(Hamlet::NOBODYS, |ride| ride.asked.belongs.hamlet);
                let (day, hour) = (self.day_of(shift, until), self.clock.hour(until));
                let belongs = self.cells.find(day, hour, hamlet);
                let Some(length) = roads.length(from, to) else {
                    return self.cells.count(belongs, |tally| tally.unmeasured_drives += 1);
                };
                self.cells.count(belongs, |tally| tally.drive(length, errand, on_board));
                if 1 < on_board.len() && Metres::ZERO < length {
                    for aboard in on_board {
                        if let Some(ride) = self.bookings.get_mut(&aboard.booking) {
                            ride.is_pooled = true;
                        }
                    }
                }
            }
            Happening::Boarded { booking, began, ended, .. } => {
                if let Some(ride) = self.bookings.get_mut(&booking) {
                    ride.boarded = Some(ended);
                    ride.is_broken |= ride.promise.pickup.latest() < began;
                    self.cells.count(ride.asked.belongs, |tally| tally.pickup(ride, began));
                }
            }
            Happening::Alighted { booking, began, .. } => {
                if let Some(mut ride) = self.end(booking, Commitment::Served) {
                    let time = ride.boarded.map(|boarded| began - boarded);
                    ride.is_broken |= ride.promise.dropoff_latest < began;
                    ride.is_broken |= time.is_some_and(|time| ride.promise.ride_max < time);
                    self.cells.count(ride.asked.belongs, |tally| tally.ride(&ride, time));
                }
            }
            Happening::Rested { .. } | Happening::Missed { .. } => {}
        }
    }

    fn day_of(&mut self, shift: ShiftId, at: Time) -> Day {
        self.shifts.get(&shift).copied().unwrap_or_else(|| self.clock.day(at))
    }

    /// Its time counts in the hours through which it was open.
    fn close(&mut self, shift: ShiftId, at: Time) {
        self.shifts.remove(&shift);
        self.on_call.remove(&shift);
        let Some((opened, belongs)) = self.shifts_open.remove(&shift) else { return };
        self.cells.count(belongs, |tally| tally.shifts_closed += 1);
        let mut from = opened;
        while from < at {
            let (hour, until) = (self.clock.hour(from), self.clock.next_hour(from).min(at));
            let of_hour = self.cells.find(belongs.day, hour, Hamlet::NOBODYS);
            self.cells.count(of_hour, |tally| tally.shift_time += until - from);
            from = until;
        }
    }
}
