//! When a ride could be booked at all, so that a time without requests is not taken for one without demand.
//!
//! A moment is exposed at a place if some shift stands then whose window covers it, and some service whose riders the
//! shift carries from there picks up then and could have been asked for it: at some time before, when there was that shift,
//! by the rules that were in force at that time. No shift is exposure zero, which says nothing about demand.
//!
//! Exposed is not the same as free: a full vehicle exposes, and whoever it turns away is in the demand log. What is left
//! out, all on the generous side: breaks, which end of the ride lies where, how far the vehicle is, and whether the
//! driver would say yes. A declared trip exposes what lies within its tolerance of the straight line from its start to
//! its end: distances through the air are no longer than roads, so nothing that it could serve is left out.
//!
//! Half hours here are instants. Days and bins by the clock on the wall are the caller's.

mod hours;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mukae_engine::model::{Service, Shift, Terms};
use mukae_engine::{Command, Endogenous, Exogenous};
use mukae_maps::geometry::distance;
use mukae_record::Record;
use mukae_units::{LatLon, ShiftId, Span, Time, TimeWindow, Zones};

use self::hours::Hours;

/// The usual bin.
pub const HALF_HOUR: Span = Span::from_mins(30);

/// Where somebody would be fetched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PickupPoint {
    pub point: LatLon,
    /// In which zones it lies. Records know that of places only that were asked about: it is the caller who has polygons.
    pub zones: Zones,
}

/// A shift as it was known for a while.
#[derive(Clone, Debug)]
struct KnownShift {
    shift: Arc<Shift>,
    terms: Terms,
    /// From when on there was a shift of this number, however it looked. Riders booked into one that looked otherwise; that it
    /// then covered this moment, too, is taken for granted.
    announced: Time,
    known: Known,
}

/// From when on, and before when, something was so; `None`: it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Known {
    from: Time,
    until: Option<Time>,
}

/// Both ends of what is open in between.
type Interval = (Time, Time);

/// Shifts and services as the records so far tell them.
#[derive(Clone, Debug, Default)]
pub struct Exposure {
    /// All versions of all shifts.
    shifts: Vec<KnownShift>,
    /// By the start of their windows.
    by_start: BTreeSet<(Time, usize)>,
    /// The widest window.
    widest: Span,
    /// The version that holds.
    current: BTreeMap<ShiftId, usize>,
    hours: Hours,
}

impl Known {
    fn since(from: Time) -> Known {
        Known { from, until: None }
    }
}

impl Exposure {
    /// Follows a record that was read back.
    pub fn take(&mut self, record: &Record) {
        self.observe(&record.exogenous, record.endogenous.iter());
    }

    /// Follows a record where it is made.
    pub fn observe<'a>(&mut self, told: &Exogenous, decided: impl Iterator<Item = &'a Endogenous>) {
        let at = told.at;
        match &told.command {
            Command::SetService(service) => self.hours.set(at, service),
            // what it can do changes on shifts that are planned, too
            Command::RegisterVehicle(vehicle) => {
                let of_vehicle = |&&version: &&usize| self.shifts[version].shift.vehicle == vehicle.id;
                let versions: Vec<usize> = self.current.values().filter(of_vehicle).copied().collect();
                for version in versions {
                    let shift = Arc::clone(&self.shifts[version].shift);
                    let terms = vehicle.terms.on(&shift);
                    self.know(at, shift, terms);
                }
            }
            _ => {}
        }
        for event in decided {
            match event {
                Endogenous::ShiftPlanned { shift, terms, .. } => self.know(at, Arc::clone(shift), terms.clone()),
                Endogenous::ShiftChanged { shift } => {
                    if let Some(&before) = self.current.get(&shift.id) {
                        let terms = self.shifts[before].terms.clone();
                        self.know(at, Arc::clone(shift), terms);
                    }
                }
                Endogenous::ShiftEnded { shift } => _ = self.close(at, *shift),
                _ => {}
            }
        }
    }

    fn know(&mut self, at: Time, shift: Arc<Shift>, terms: Terms) {
        let announced = self.close(at, shift.id).unwrap_or(at);
        self.widest = self.widest.max(shift.window.width());
        self.by_start.insert((shift.window.earliest(), self.shifts.len()));
        self.current.insert(shift.id, self.shifts.len());
        self.shifts.push(KnownShift { shift, terms, announced, known: Known::since(at) });
    }

    /// Returns since when the shift had been there, if it had.
    fn close(&mut self, at: Time, shift: ShiftId) -> Option<Time> {
        let before = &mut self.shifts[self.current.remove(&shift)?];
        before.known.until = Some(at);
        Some(before.announced)
    }

    /// How much of the window somebody there could be fetched in by a ride that could be booked.
    pub fn exposed(&self, place: &PickupPoint, window: TimeWindow) -> Span {
        let open = self.open(place, window);
        open.into_iter().map(|(from, until)| until - from).sum()
    }

    /// The same for so many bins of a length, the first of which begins at this time: a day is 48 half hours.
    pub fn bins(&self, place: &PickupPoint, from: Time, bin: Span, count: u32) -> Vec<Span> {
        let Ok(all) = TimeWindow::new(from, from + bin * i64::from(count)) else { return Vec::new() };
        let open = self.open(place, all);
        let in_bin = |number: u32| {
            let begin = from + bin * i64::from(number);
            let part = |&(from, until): &Interval| (until.min(begin + bin) - from.max(begin)).positive_part();
            open.iter().map(part).sum()
        };
        (0..count).map(in_bin).collect()
    }

    /// What is open of a window, apart and in order.
    fn open(&self, place: &PickupPoint, window: TimeWindow) -> Vec<Interval> {
        let mut open: Vec<Interval> = Vec::new();
        let around = (window.earliest() - self.widest, 0)..=(window.latest(), usize::MAX);
        for &(_, version) in self.by_start.range(around) {
            let shift = &self.shifts[version];
            let Some(works) = shift.works(window).filter(|_| shift.comes_near(place.point)) else { continue };
            self.hours.open(shift, place.zones, works, &mut open);
        }
        united(open)
    }
}

impl KnownShift {
    /// The part of a window in which it works and stands.
    fn works(&self, window: TimeWindow) -> Option<TimeWindow> {
        let from = window.earliest().max(self.shift.window.earliest()).max(self.known.from);
        let until = window.latest().min(self.shift.window.latest());
        TimeWindow::new(from, self.known.until.map_or(until, |ended| until.min(ended))).ok()
    }

    fn carries(&self, service: &Service, from: Zones) -> bool {
        // to wherever it goes from there
        let anywhere = service.zones.iter().fold(Zones::EMPTY, |all, pair| all.union(pair.to));
        self.terms.carries(service.id, service.policy.crews)
            && service.carries(from, anywhere)
            && self.terms.reaches(from, self.terms.zones)
    }

    /// Only a declared trip has a way of its own that it stays near.
    fn comes_near(&self, point: LatLon) -> bool {
        let Some(trip) = self.shift.declared else { return true };
        let start = self.shift.start.asked;
        let end = self.shift.end.as_ref().map_or(start, |end| end.asked);
        let by_way_of = distance(start, point) + distance(point, end);
        by_way_of <= distance(start, end) + trip.detour_length_max
    }
}

/// What lies in any of them.
fn united(mut open: Vec<Interval>) -> Vec<Interval> {
    open.sort_unstable();
    let mut united: Vec<Interval> = Vec::new();
    for (from, until) in open {
        match united.last_mut() {
            Some((_, last)) if from <= *last => *last = until.max(*last),
            _ => united.push((from, until)),
        }
    }
    united
}
