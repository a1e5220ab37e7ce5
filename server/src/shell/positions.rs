//! The newest position of each vehicle, for streams: best effort, in memory only.

use std::collections::BTreeMap;

use mukae_proto::transit::fleet::v1 as pb;
use mukae_units::{Span, Time, VehicleId};

use crate::shell::input::PositionReport;

/// A device's clock may be ahead by so much.
const AHEAD_MAX: Span = Span::MINUTE;

#[derive(Clone, Debug, Default)]
pub struct Positions {
    newest: BTreeMap<VehicleId, PositionReport>,
}

/// What became of a batch.
#[derive(Debug)]
pub struct Taken {
    pub accepted: usize,
    pub ignored: usize,
    /// The newest sequence known of the vehicle; 0 if there is none.
    pub last_sequence: i64,
    /// The newest report, if it is one of this batch.
    pub newest: Option<PositionReport>,
}

impl Positions {
    pub fn of(&self, vehicle: VehicleId) -> Option<&pb::Position> {
        self.newest.get(&vehicle).map(|report| &report.shown)
    }

    /// When the newest position was measured.
    pub fn newest_time(&self, vehicle: VehicleId) -> Option<Time> {
        self.newest.get(&vehicle).map(|report| report.device_time)
    }

    /// Takes reports in the order of their sequence. One that was seen before, is older than the
    /// newest, or is too far ahead of `now` is left aside.
    pub fn take(&mut self, vehicle: VehicleId, mut reports: Vec<PositionReport>, now: Time) -> Taken {
        let count = reports.len();
        reports.sort_by_key(|report| report.sequence);
        let mut accepted = 0;
        for report in reports {
            let is_next = self
                .newest
                .get(&vehicle)
                .is_none_or(|newest| newest.sequence < report.sequence && newest.device_time <= report.device_time);
            if is_next && report.device_time <= now + AHEAD_MAX {
                self.newest.insert(vehicle, report);
                accepted += 1;
            }
        }
        let newest = self.newest.get(&vehicle);
        Taken {
            accepted,
            ignored: count - accepted,
            last_sequence: newest.map_or(0, |newest| newest.sequence),
            newest: newest.filter(|_| accepted > 0).cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use mukae_units::LatLon;

    use super::*;

    fn report(sequence: i64, secs: i64) -> PositionReport {
        let device_time = Time::from_unix_secs(secs);
        let point = LatLon::from_degrees(54.0, -4.5).unwrap();
        PositionReport { point, device_time, sequence, shown: pb::Position { sequence, ..Default::default() } }
    }

    #[test]
    fn late_repeated_and_future_reports_are_left_aside() {
        let mut positions = Positions::default();
        let (bus, now) = (VehicleId(1), Time::from_unix_secs(1000));
        let taken = positions.take(bus, vec![report(3, 30), report(1, 10), report(2, 20)], now);
        assert_eq!((taken.accepted, taken.ignored, taken.last_sequence), (3, 0, 3));
        assert_eq!(taken.newest.unwrap().sequence, 3);
        let taken = positions.take(bus, vec![report(3, 30), report(2, 25), report(4, 29), report(5, 2000)], now);
        assert_eq!((taken.accepted, taken.ignored, taken.last_sequence), (0, 4, 3));
        assert!(taken.newest.is_none());
        let taken = positions.take(bus, vec![report(6, 1060)], now);
        assert_eq!((taken.accepted, taken.last_sequence), (1, 6));
    }
}
