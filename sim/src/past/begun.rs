//! What a run that begins in the middle of a journal takes as it was: the records before, and what was under way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mukae_engine::model::{BookingState, Shift, ShiftState};
use mukae_engine::schedule::{Plan, Schedule, Whereabouts};
use mukae_engine::{Command, Endogenous, State};
use mukae_record::Record;
use mukae_units::{ShiftId, StopId, Time};

use crate::demand::Ask;

/// Of the journal, and the same for all policies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    pub at: Time,
    /// Those before `at`, as they were written.
    pub records: Vec<Vec<u8>>,
    /// Made before, in their order; also those that were asked again later.
    pub asks: Vec<Ask>,
    /// How the drives ended that were under way, where the vehicle was not sent elsewhere first.
    pub arrivals: BTreeMap<ShiftId, Arrival>,
    /// Those that have not ended.
    pub shifts: Vec<Arc<Shift>>,
    /// Of these, those that have begun, or that somebody is booked on or was offered.
    pub needed: BTreeSet<ShiftId>,
    /// The last wish among those that are open; `None`: none is.
    pub last_wish: Option<Time>,
    pub under_way: UnderWay,
    /// Roads were changed before.
    pub has_changing_roads: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrival {
    pub stop: StopId,
    pub departed: Time,
    pub at: Time,
}

/// What has neither ended nor begun anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct UnderWay {
    /// Bookings whose riders are on board, and which are still to be fetched.
    pub on_board: usize,
    pub booked: usize,
    /// Offers that can still be taken, held ones among them.
    pub offers: usize,
    /// Drivers who were asked and have not answered.
    pub asked: usize,
    pub shifts_open: usize,
    pub driving: usize,
}

impl UnderWay {
    fn of(state: &State) -> UnderWay {
        let bookings = || state.bookings.values().filter(|booking| !booking.state.is_final());
        let is_on_board = |state| matches!(state, BookingState::Boarded | BookingState::Stranded);
        let is_ahead = |state| !is_on_board(state) && state != BookingState::Held;
        let open = || state.schedules.values().filter(|schedule| schedule.state == ShiftState::Open);
        UnderWay {
            on_board: bookings().filter(|booking| is_on_board(booking.state)).count(),
            booked: bookings().filter(|booking| is_ahead(booking.state)).count(),
            offers: state.offers.len(),
            asked: bookings().filter(|booking| booking.ask.is_some()).count(),
            shifts_open: open().count(),
            driving: open().filter(|schedule| drive(schedule).is_some()).count(),
        }
    }
}

/// Where a vehicle is driving to, and since when.
fn drive(schedule: &Schedule) -> Option<(StopId, Time)> {
    match (schedule.plan.whereabouts, schedule.next_stop()) {
        (Whereabouts::Driving { departed, .. }, Some(stop)) => Some((stop.id, departed)),
        _ => None,
    }
}

/// Takes notes of a journal for a run that begins at a moment of it.
#[derive(Debug)]
pub(super) struct Notes {
    at: Time,
    records: Vec<Vec<u8>>,
    has_changing_roads: bool,
    /// From the first record that is not before the moment on.
    found: Option<Found>,
}

#[derive(Debug)]
struct Found {
    drives: BTreeMap<ShiftId, (StopId, Time)>,
    arrivals: BTreeMap<ShiftId, Arrival>,
    shifts: Vec<Arc<Shift>>,
    needed: BTreeSet<ShiftId>,
    last_wish: Option<Time>,
    under_way: UnderWay,
}

impl Notes {
    pub fn new(at: Time) -> Notes {
        Notes { at, records: Vec::new(), has_changing_roads: false, found: None }
    }

    pub fn at(&self) -> Time {
        self.at
    }

    pub fn read(&mut self, record: &Record, bytes: &[u8], before: &State) {
        if record.at() < self.at {
            self.has_changing_roads |= matches!(record.command(), Command::RoadsChanged { .. });
            return self.records.push(bytes.to_vec());
        }
        self.found.get_or_insert_with(|| Found::of(before)).follow(record, before);
    }

    /// `asks` are those before.
    pub fn finish(self, asks: Vec<Ask>, last: &State) -> Begun {
        let Notes { at, records, has_changing_roads, found } = self;
        let Found { arrivals, shifts, needed, last_wish, under_way, .. } = found.unwrap_or_else(|| Found::of(last));
        Begun { at, records, asks, arrivals, shifts, needed, last_wish, under_way, has_changing_roads }
    }
}

impl Found {
    fn of(state: &State) -> Found {
        let drives = state.schedules.iter().filter_map(|(&shift, schedule)| Some((shift, drive(schedule)?)));
        let is_needed = |schedule: &&Arc<Schedule>| {
            schedule.state == ShiftState::Open || schedule.stops().iter().any(|stop| stop.booking.is_some())
        };
        let needed = state.schedules.values().filter(is_needed).map(|schedule| schedule.shift.id);
        let open = state.bookings.values().filter(|booking| !booking.state.is_final()).map(|booking| &booking.request);
        let wishes = open.chain(state.offers.values().map(|offer| &offer.request));
        Found {
            needed: needed.chain(state.offers.values().map(|offer| offer.shift)).collect(),
            last_wish: wishes.map(|request| request.wish.window().earliest()).max(),
            drives: drives.collect(),
            arrivals: BTreeMap::new(),
            shifts: state.schedules.values().map(|schedule| Arc::clone(&schedule.shift)).collect(),
            under_way: UnderWay::of(state),
        }
    }

    /// Until the drive has ended, or is another one.
    fn follow(&mut self, record: &Record, before: &State) {
        if let Command::Arrive { shift, stop, at } = *record.command()
            && let Some((to, departed)) = self.drives.remove(&shift)
            && to == stop
        {
            self.arrivals.insert(shift, Arrival { stop, departed, at: at.min(record.at()) });
        }
        for event in &record.endogenous {
            if let Endogenous::PlanChanged { shift, plan } = event {
                let was = before.schedules.get(shift).map(|schedule| &schedule.plan);
                // who was only seen somewhere drives on
                let is_seen = matches!(record.command(), Command::ReportPosition { .. });
                if was.is_none_or(|was| !goes_on(was, plan, is_seen)) {
                    self.drives.remove(shift);
                }
            }
        }
    }
}

fn goes_on(was: &Plan, plan: &Plan, is_seen: bool) -> bool {
    let to = |plan: &Plan| plan.stops.first().map(|stop| stop.id);
    to(was) == to(plan) && (is_seen || was.whereabouts == plan.whereabouts)
}
