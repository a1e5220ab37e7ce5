//! Driving records (運転記録), from the journal: what each driver did with each vehicle, shift by shift.
//!
//! The log is followed from its beginning, since what a vehicle really did is known by its records only
//! ([`mukae_record::tour`]). Nothing is left out by age: the journal keeps every record for as long as its files are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use mukae_engine::model::{Shift, Spot};
use mukae_engine::{Command, Endogenous, State};
use mukae_journal::Sequence;
use mukae_maps::{Place, RoadQuery};
use mukae_office::{Fact, Office, PretripCheck, RoadService};
use mukae_proto::transit::fleet::v1 as pb;
use mukae_record::Record;
use mukae_record::tour::{Aboard, Errand, Happening, Tours};
use mukae_units::{BookingId, Metres, ShiftId, Time};
use pb::driving_incident::Kind as Incident;
use pb::driving_stop::Kind as Done;

use super::{Awaited, Moment, Past, RECORDS_AT_ONCE};
use crate::config::civil_date;
use crate::errors::Fault;
use crate::names::{VehicleName, unlabel};
use crate::wire::to_proto::{self, View, timestamp};

/// Driving records of one message.
pub const RECORDS_OF_A_PAGE: usize = 50;

/// Whose records, and of shifts that began from when on and before when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrivingPeriod {
    pub tenant: String,
    pub from: Time,
    pub until: Time,
    pub vehicle: Option<VehicleName>,
}

/// Who asked has gone.
#[derive(Clone, Copy, Debug)]
pub struct Gone;

/// What a shift's driver has done so far.
struct Draft {
    shift: Arc<Shift>,
    opened: Option<Time>,
    closed: Option<Time>,
    check: Option<PretripCheck>,
    checks: i32,
    stops: Vec<pb::DrivingStop>,
    incidents: Vec<pb::DrivingIncident>,
    /// The place last served.
    place: Place,
    planned: Metres,
    driven: Metres,
    empty: Metres,
    unmeasured: i32,
}

impl Past {
    /// Sends the records of a period page by page, as shifts end; blocks.
    pub fn driving_records(
        &self,
        period: &DrivingPeriod,
        is_awaited: &dyn Fn() -> bool,
        send: &mut dyn FnMut(Vec<pb::DrivingRecord>) -> Result<(), Gone>,
    ) -> Awaited<()> {
        let records = match self.journal.read(Sequence::START) {
            Ok(records) => records,
            Err(error) => return Some(Err(Fault::bug(error))),
        };
        let mut drivers = Drivers::new(self, period);
        for (number, record) in (0..).zip(records) {
            if number % RECORDS_AT_ONCE == 0 && !is_awaited() {
                return None;
            }
            let taken = record.map_err(Fault::bug).and_then(|record| drivers.take(&record.bytes));
            if let Err(fault) = taken {
                return Some(Err(fault));
            }
            if RECORDS_OF_A_PAGE <= drivers.finished.len() {
                send(std::mem::take(&mut drivers.finished)).ok()?;
            }
        }
        let rest = drivers.finish();
        for page in rest.chunks(RECORDS_OF_A_PAGE) {
            send(page.to_vec()).ok()?;
        }
        Some(Ok(()))
    }
}

/// All drivers of an area, while the log is followed.
struct Drivers<'p> {
    past: &'p Past,
    period: &'p DrivingPeriod,
    moment: Moment,
    tours: Tours,
    /// Of shifts that are not over.
    drafts: BTreeMap<ShiftId, Draft>,
    /// Not yet sent.
    finished: Vec<pb::DrivingRecord>,
    road_service: RoadService,
    roads: RoadQuery,
}

impl<'p> Drivers<'p> {
    fn new(past: &'p Past, period: &'p DrivingPeriod) -> Drivers<'p> {
        let road_service = RoadService::take_up(&past.map, &Office::default());
        Drivers {
            past,
            period,
            moment: Moment::default(),
            tours: Tours::default(),
            drafts: BTreeMap::new(),
            finished: Vec::new(),
            roads: road_service.query(),
            road_service,
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let told = Record::from_bytes(bytes).map_err(Fault::bug)?;
        self.moment.replay.follow(bytes).map_err(Fault::bug)?;
        let Drivers { past, period, moment, tours, drafts, finished, road_service, roads } = self;
        let (state, annals) = (moment.replay.scribe.state(), &moment.replay.annals);
        if matches!(told.command(), Command::RoadsChanged { .. }) {
            road_service.change(annals.office(), annals.office().in_force(), roads);
        }
        let view = past.view(moment, told.at());
        let is_wanted = |shift: &Shift| period.wants(view.vehicle_name(shift.vehicle));
        let mut begin = |shift: ShiftId| {
            let note = annals.shift_of_id(shift).filter(|note| is_wanted(&note.shift));
            if let Some(note) = note {
                drafts.entry(shift).or_insert_with(|| Draft::new(&note.shift));
            }
        };
        match told.command() {
            Command::Note { content, .. } => {
                if let Ok(Fact::CheckRecorded(check)) = Fact::from_note(content) {
                    begin(check.shift);
                    if let Some(draft) = drafts.get_mut(&check.shift) {
                        draft.check(check);
                    }
                }
            }
            Command::OpenShift { shift, .. } => begin(*shift),
            _ => {}
        }
        hear(&told, state, drafts, roads);
        tours.follow(&told.exogenous, told.endogenous.iter(), &mut |happening| {
            note(&told, &happening, state, drafts, roads);
        });
        for event in &told.endogenous {
            if let Endogenous::ShiftEnded { shift } = event
                && let Some(draft) = drafts.remove(shift)
                && period.holds(draft.began())
            {
                finished.push(draft.draw(&view, past));
            }
        }
        Ok(())
    }

    /// Those that have not ended come last.
    fn finish(self) -> Vec<pb::DrivingRecord> {
        let Drivers { past, period, moment, drafts, mut finished, .. } = self;
        let view = past.view(&moment, moment.clock());
        let open = drafts.into_values().filter(|draft| period.holds(draft.began()));
        finished.extend(open.map(|draft| draft.draw(&view, past)));
        finished
    }
}

impl DrivingPeriod {
    fn wants(&self, vehicle: &str) -> bool {
        match &self.vehicle {
            Some(wanted) => wanted.to_string() == vehicle,
            None => vehicle.starts_with(&format!("tenants/{}/", self.tenant)),
        }
    }

    fn holds(&self, began: Time) -> bool {
        self.from <= began && began < self.until
    }
}

/// What the command says by itself.
fn hear(told: &Record, state: &State, drafts: &mut BTreeMap<ShiftId, Draft>, roads: &mut RoadQuery) {
    let mut went_wrong = |shift: &ShiftId, kind: Incident, at: Time| {
        if let Some(draft) = drafts.get_mut(shift) {
            draft.incident(kind, at.min(told.at()));
        }
    };
    match told.command() {
        Command::BreakDown { shift, at, .. } => {
            went_wrong(shift, Incident::Breakdown, *at);
            if told.endogenous.iter().any(|event| matches!(event, Endogenous::BookingStranded { .. })) {
                went_wrong(shift, Incident::RidersStranded, *at);
            }
        }
        Command::InterruptShift { shift, .. } => went_wrong(shift, Incident::UnplannedBreak, told.at()),
        Command::DelayShift { shift, .. } => went_wrong(shift, Incident::StartMoved, told.at()),
        Command::ReportNoShow { booking, .. } => {
            let Some(found) = state.bookings.get(booking) else { return };
            let Some(draft) = found.shift.and_then(|shift| drafts.get_mut(&shift)) else { return };
            draft.serve(found.pickup_spot().place, roads);
            draft.stops.push(stop(Done::NoShow, (state, *booking), found.arrived_at, found.finished_at));
        }
        _ => {}
    }
}

/// What the vehicle really did.
fn note(
    told: &Record,
    happening: &Happening<'_>,
    state: &State,
    drafts: &mut BTreeMap<ShiftId, Draft>,
    roads: &mut RoadQuery,
) {
    let shift_of = |booking: &BookingId| state.bookings.get(booking).and_then(|found| found.shift);
    match *happening {
        Happening::ShiftOpened { shift, at } => {
            if let Some(draft) = drafts.get_mut(&shift) {
                draft.opened = Some(at);
            }
        }
        Happening::ShiftClosed { shift, at } => {
            if let Some(draft) = drafts.get_mut(&shift) {
                draft.closed = Some(at);
            }
        }
        Happening::Drove { shift, from, to, errand, on_board, .. } => {
            if let Some(draft) = drafts.get_mut(&shift) {
                draft.drive(from, to, on_board, roads);
                if errand == Errand::Home {
                    draft.serve(to, roads);
                }
            }
        }
        Happening::Boarded { booking, place, ended, .. } => {
            if let Some(draft) = shift_of(&booking).and_then(|shift| drafts.get_mut(&shift)) {
                draft.serve(place, roads);
                let arrived = state.bookings[&booking].arrived_at;
                draft.stops.push(stop(Done::Boarded, (state, booking), arrived, Some(ended)));
            }
        }
        Happening::Alighted { booking, place, began, ended } => {
            if let Some(draft) = shift_of(&booking).and_then(|shift| drafts.get_mut(&shift)) {
                draft.serve(place, roads);
                draft.stops.push(stop(Done::Alighted, (state, booking), Some(began), Some(ended)));
            }
        }
        // told with the report that nobody came
        Happening::Missed { .. } => {}
        Happening::Rested { shift, id, began, .. } => {
            let Some(draft) = drafts.get_mut(&shift) else { return };
            let ended = match told.command() {
                Command::EndBreak { at, .. } => (*at).min(told.at()).max(began),
                _ => told.at(),
            };
            // the shift as it is now: a break that nobody had planned is in it since
            let now = state.schedules.get(&shift).map_or(&draft.shift, |schedule| &schedule.shift);
            let spot = now.breaks.iter().find(|rest| rest.id == id).map(|rest| rest.place.clone());
            if let Some(spot) = &spot {
                draft.serve(spot.place, roads);
            }
            draft.stops.push(pb::DrivingStop {
                kind: Done::Break as i32,
                place: spot.as_ref().map(to_proto::place),
                arrive_time: Some(timestamp(began)),
                end_time: Some(timestamp(ended)),
                ..pb::DrivingStop::default()
            });
        }
    }
}

fn stop(
    kind: Done,
    (state, booking): (&State, BookingId),
    arrived: Option<Time>,
    ended: Option<Time>,
) -> pb::DrivingStop {
    let found = &state.bookings[&booking];
    let spot: &Spot = if kind == Done::Alighted { found.dropoff_spot() } else { found.pickup_spot() };
    let service = state.services.get(&found.request.service).map_or("", |service| unlabel(&service.name).0);
    pb::DrivingStop {
        kind: kind as i32,
        booking: format!("{service}/bookings/{booking}"),
        place: Some(to_proto::place(spot)),
        arrive_time: arrived.map(timestamp),
        end_time: ended.map(timestamp),
        party: Some(to_proto::seats(found.request.party)),
    }
}

impl Draft {
    fn new(shift: &Arc<Shift>) -> Draft {
        Draft {
            shift: Arc::clone(shift),
            opened: None,
            closed: None,
            check: None,
            checks: 0,
            stops: Vec::new(),
            incidents: Vec::new(),
            place: shift.start.place,
            planned: Metres::ZERO,
            driven: Metres::ZERO,
            empty: Metres::ZERO,
            unmeasured: 0,
        }
    }

    /// When it began, or was to begin.
    fn began(&self) -> Time {
        self.opened.unwrap_or(self.shift.window.earliest())
    }

    fn check(&mut self, check: PretripCheck) {
        self.checks += 1;
        if !check.is_passed() {
            self.incident(Incident::CheckFailed, check.checked);
        }
        self.check = Some(check);
    }

    fn incident(&mut self, kind: Incident, at: Time) {
        self.incidents.push(pb::DrivingIncident { kind: kind as i32, incident_time: Some(timestamp(at)) });
    }

    fn drive(&mut self, from: Place, to: Place, on_board: &[Aboard], roads: &mut RoadQuery) {
        match roads.path(from, to).map(|path| path.length()) {
            Some(length) => {
                self.driven += length;
                if on_board.is_empty() {
                    self.empty += length;
                }
            }
            None => self.unmeasured += 1,
        }
    }

    fn serve(&mut self, place: Place, roads: &mut RoadQuery) {
        if self.place != place {
            // a way that there is none of is counted where it was driven
            self.planned += roads.path(self.place, place).map_or(Metres::ZERO, |path| path.length());
            self.place = place;
        }
    }

    fn draw(mut self, view: &View<'_>, past: &Past) -> pb::DrivingRecord {
        let shift = &self.shift;
        let label = view.state.vehicles.get(&shift.vehicle).map_or("", |vehicle| vehicle.name.as_str());
        let (vehicle, vehicle_display_name) = unlabel(label);
        let metres = |length: Metres| i64::try_from(length.as_metres()).unwrap_or(i64::MAX);
        self.incidents.sort_by_key(|incident| incident.incident_time.map(|time| (time.seconds, time.nanos)));
        pb::DrivingRecord {
            vehicle: vehicle.to_owned(),
            vehicle_display_name: vehicle_display_name.to_owned(),
            driver: shift.driver.map(|driver| view.driver_name(driver).to_owned()).unwrap_or_default(),
            shift: shift.name.clone(),
            day: civil_date(&past.config.area.time_zone, self.began()).to_string(),
            start_place: Some(to_proto::place(&shift.start)),
            end_place: shift.end.as_ref().map(to_proto::place),
            planned_start_time: Some(timestamp(shift.window.earliest())),
            planned_end_time: Some(timestamp(shift.window.latest())),
            start_time: self.opened.map(timestamp),
            end_time: self.closed.map(timestamp),
            pretrip_check: self.check.as_ref().map(|check| to_proto::pretrip_check(view, check)),
            pretrip_check_count: self.checks,
            stops: self.stops,
            planned_distance_meters: metres(self.planned),
            driven_distance_meters: metres(self.driven),
            empty_distance_meters: metres(self.empty),
            unmeasured_drive_count: self.unmeasured,
            incidents: self.incidents,
        }
    }
}
