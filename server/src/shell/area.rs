//! The area: its dispatcher, what it knows beside it, and what it has to say.
//!
//! Everything here is synchronous and runs on the one task that owns it. What is decided is queued as
//! entries for the committer; nothing is sent to anybody before that queue lets it go, except the
//! answers to quotes and position reports, which nobody relies on yet.

pub(crate) mod access;
mod alerts;
mod booking;
mod check;
mod direct;
mod dispatch;
mod driver;
mod fleet;
mod improve;
mod messages;
mod office;
mod planning;
mod points;
mod rehearsal;
mod rejection;
mod rider;
mod roads;
mod setup;
mod standing;
mod stock;
pub(crate) mod supply;
mod trip;
mod trips;
mod vehicle;
mod waiting;
mod watch;
mod wish;

use std::mem;
use std::sync::Arc;

use mukae_engine::{Answer, Command, Endogenous, Event, Memory, Work};
use mukae_maps::{PreparedMap, RoadQuery};
use mukae_office::RoadService;
use mukae_record::{Decided, Origin, Principal, Scribe, TakeError, Unwritten, Written};
use mukae_units::{Span, Time};

use super::annals::{Annals, Touched};
use super::committer::Entry;
use super::improving::Rounds;
use super::input::{Ask, Input, Reply, Signed};
use super::outbox::Outbox;
use super::positions::Positions;
use super::snapshot::{self, Picture};
use crate::clock::Clock;
use crate::config::{BadSetting, Config, Known, ZoneMap, civil_date, next_midnight, settings_missing_in};
use crate::errors::Fault;
use crate::wire::to_proto::View;
use mukae_proto::transit::units::v1::ErrorReason;

/// So many paths are found in spare time before anybody looks whether a call has come: about a millisecond's worth.
const PATHS_AT_ONCE: usize = 16;

/// If the dispatcher asked to be woken and had nothing to say, it is not asked again before this long.
const QUIET: Span = Span::MINUTE;

/// What an area is made of.
#[derive(Debug)]
pub struct Parts {
    pub config: Arc<Config>,
    pub map: Arc<PreparedMap>,
    pub clock: Arc<dyn Clock>,
    pub scribe: Scribe,
    pub annals: Annals,
}

#[derive(Debug)]
pub struct Area {
    /// As the file has it.
    file: Arc<Config>,
    /// The same with what was set up over the interface.
    config: Arc<Config>,
    map: Arc<PreparedMap>,
    /// The roads as measures leave them, and a query that follows.
    road_service: RoadService,
    roads: RoadQuery,
    /// What the last decision leaves for the next.
    memory: Memory,
    /// Something was decided since the last [`Area::catch_up`].
    is_behind: bool,
    clock: Arc<dyn Clock>,
    scribe: Scribe,
    annals: Annals,
    positions: Positions,
    outbox: Outbox,
    /// Decided and answered, and to be written down before anything else is done.
    unwritten: Option<(Unwritten, Touched)>,
    /// Decided, and not yet handed to the committer; in order.
    entries: Vec<Entry>,
    records_since_snapshot: u64,
    /// When the next civil day is to be planned.
    plans_next: Time,
    /// When the dispatcher asked to be woken; looked up anew after a record.
    wakeup: Option<Time>,
    /// Not before this is the dispatcher woken again.
    quiet_until: Option<Time>,
    /// Measures that begin or end up to here have been seen to.
    roads_seen: Time,
    /// When alerts were last looked for, and are next.
    alerts_seen: Time,
    alerts_due: Time,
    /// When who waits is tried next.
    rounds: waiting::Rounds,
    searches: Rounds,
    /// Supply that follows demand, where settings are loaded.
    ahead: Option<supply::Ahead>,
    /// What is done now is tried out on a copy, and nobody is told.
    is_rehearsing: bool,
    /// As the configuration draws them, under the dispatcher's numbers.
    zones: ZoneMap,
}

impl Area {
    pub fn new(parts: Parts) -> Area {
        let Parts { config, map, clock, scribe, annals } = parts;
        clock.raise_to(scribe.state().clock);
        // Records after the area's revision showed nothing: who has that revision has everything.
        let outbox = Outbox::new(revision(annals.area_revision()));
        let now = clock.now();
        let road_service = RoadService::take_up(&map, annals.office());
        let civil = || mukae_supply::clock::Clock::new(config.area.time_zone.clone());
        let ahead = config.guidance.clone().map(|guidance| supply::Ahead::new(guidance, civil(), now));
        let file = config;
        let config = Arc::new(setup::taken_together(&file, annals.office().setup(), scribe.state(), &map));
        Area {
            file,
            roads: road_service.query(),
            road_service,
            plans_next: now,
            wakeup: scribe.wakeup(),
            memory: Memory::default(),
            is_behind: true,
            zones: ZoneMap::new(&config.zones, &scribe.state().zones),
            config,
            map,
            clock,
            scribe,
            annals,
            positions: Positions::default(),
            outbox,
            unwritten: None,
            entries: Vec::new(),
            records_since_snapshot: 0,
            quiet_until: None,
            roads_seen: now,
            alerts_seen: now - alerts::LOOK_APART,
            alerts_due: now,
            rounds: waiting::Rounds::new(now),
            searches: Rounds::new(),
            ahead,
            is_rehearsing: false,
        }
    }

    /// One call, answered or queued to be answered.
    pub fn handle(&mut self, input: Input) {
        self.advance();
        match input {
            Input::Quote(ask) => self.answer_at_once(ask, Area::quote),
            Input::GetOffer(ask) => self.answer(ask, Area::get_offer),
            Input::ConfirmOffer(ask) => self.act(ask, Area::confirm_offer),
            Input::HoldOffer(ask) => self.act(ask, Area::hold_offer),
            Input::ReleaseHold(ask) => self.act(ask, Area::release_hold),
            Input::CancelBooking(ask) => self.act(ask, Area::cancel_booking),
            Input::GetBooking(ask) => self.answer(ask, Area::get_booking),
            Input::WhoseIs(ask) => self.answer_at_once(ask, Area::whose_is),
            Input::ListOwnBookings(ask) => self.answer(ask, Area::list_own_bookings),
            Input::ListBookings(ask) => self.answer(ask, Area::list_bookings),
            Input::WatchBooking(ask) => self.watch_booking(ask),
            Input::GetTrip(ask) => self.answer(ask, Area::get_trip),
            Input::WatchTrip(ask) => self.watch_trip(ask),
            Input::IsCarrying(ask) => self.answer_at_once(ask, Area::is_carrying),

            Input::BookRide(ask) => self.act(ask, Area::book_ride),
            Input::AmendBooking(ask) => self.act(ask, Area::amend_booking),
            Input::BookPair(ask) => self.act(ask, Area::book_pair),
            Input::ReportMissedRide(ask) => self.act(ask, Area::report_missed_ride),

            Input::JoinWaitingList(ask) => self.act(ask, Area::join_waiting_list),
            Input::GetWaiting(ask) => self.answer(ask, Area::get_waiting),
            Input::ListWaitings(ask) => self.answer(ask, Area::list_waitings),
            Input::LeaveWaitingList(ask) => self.act(ask, Area::leave_waiting_list),

            Input::CreateStanding(ask) => self.act(ask, Area::create_standing),
            Input::GetStanding(ask) => self.answer(ask, Area::get_standing),
            Input::ListStandings(ask) => self.answer(ask, Area::list_standings),
            Input::UpdateStanding(ask) => self.act(ask, Area::update_standing),
            Input::SkipStandingDate(ask) => self.act(ask, Area::skip_standing_date),
            Input::EndStanding(ask) => self.act(ask, Area::end_standing),

            Input::CreateVehicle(ask) => self.act(ask, Area::create_vehicle),
            Input::GetVehicle(ask) => self.answer(ask, Area::get_vehicle),
            Input::ListVehicles(ask) => self.answer(ask, Area::list_vehicles),
            Input::CreateShift(ask) => self.act(ask, Area::create_shift),
            Input::GetShift(ask) => self.answer(ask, Area::get_shift),
            Input::ListShifts(ask) => self.answer(ask, Area::list_shifts),
            Input::OpenShift(ask) => self.act(ask, Area::open_shift),
            Input::CloseShift(ask) => self.act(ask, Area::close_shift),
            Input::ReportPositions(ask) => self.answer_at_once(ask, Area::report_positions),
            Input::ReportTrip(ask) => self.act(ask, Area::report_trip),
            Input::GetManifest(ask) => self.answer(ask, Area::get_manifest),
            Input::WatchManifest(ask) => self.watch_manifest(ask),
            Input::AcknowledgeManifest(ask) => self.act(ask, Area::acknowledge_manifest),

            Input::CreateDriver(ask) => self.act(ask, Area::create_driver),
            Input::UpdateDriver(ask) => self.act(ask, Area::update_driver),
            Input::GetDriver(ask) => self.answer(ask, Area::get_driver),
            Input::ListDrivers(ask) => self.answer(ask, Area::list_drivers),
            Input::ListAsks(ask) => self.answer(ask, Area::list_asks),
            Input::WatchAsks(ask) => self.watch_asks(ask),
            Input::AnswerAsk(ask) => self.act(ask, Area::answer_ask),
            Input::RecordPretripCheck(ask) => self.act(ask, Area::record_pretrip_check),
            Input::GetPretripCheck(ask) => self.answer(ask, Area::get_pretrip_check),

            Input::CreateRoadMeasure(ask) => self.act(ask, Area::create_road_measure),
            Input::GetRoadMeasure(ask) => self.answer(ask, Area::get_road_measure),
            Input::ListRoadMeasures(ask) => self.answer(ask, Area::list_road_measures),
            Input::EndRoadMeasure(ask) => self.act(ask, Area::end_road_measure),
            Input::ListAlerts(ask) => self.answer(ask, Area::list_alerts),
            Input::SubjectOfAlert(ask) => self.answer_at_once(ask, Area::subject_of_alert),
            Input::AcknowledgeAlert(ask) => self.act(ask, Area::acknowledge_alert),
            Input::AddAlertNote(ask) => self.act(ask, Area::add_alert_note),
            Input::GetSupply(ask) => self.answer(ask, Area::get_supply),
            Input::SuspendSupply(ask) => self.act(ask, Area::suspend_supply),
            Input::SendMessage(ask) => self.act(ask, Area::send_message),
            Input::ListMessages(ask) => self.answer(ask, Area::list_messages),
            Input::WatchMessages(ask) => self.watch_messages(ask),
            Input::SuggestAssignments(ask) => self.answer(ask, Area::suggest_assignments),
            Input::AssignBookings(ask) => self.act(ask, Area::assign_bookings),
            Input::PinBooking(ask) => self.act(ask, Area::pin_booking),
            Input::FreezeStops(ask) => self.act(ask, Area::freeze_stops),
            Input::ReportBreakdown(ask) => self.act(ask, Area::report_breakdown),
            Input::InterruptShift(ask) => self.act(ask, Area::interrupt_shift),
            Input::ExplainBooking(ask) => self.answer(ask, Area::explain_booking),
            Input::ExplainOffer(ask) => self.answer(ask, Area::explain_offer),
            Input::ExplainQuote(ask) => self.answer(ask, Area::explain_quote),
            Input::ListUnassigned(ask) => self.answer(ask, Area::list_unassigned),

            Input::GetArea(ask) => self.answer(ask, Area::get_area),
            Input::TakeStock(ask) => self.answer_at_once(ask, Area::take_stock),
            Input::WatchArea(ask) => self.watch_area(ask),

            Input::BatchGetBookings(ask) => self.answer(ask, Area::batch_get_bookings),
            Input::BatchGetVehicles(ask) => self.answer(ask, Area::batch_get_vehicles),
            Input::UpdateVehicle(ask) => self.act(ask, Area::update_vehicle),
            Input::RetireVehicle(ask) => self.act(ask, Area::retire_vehicle),
            Input::GetService(ask) => self.answer(ask, Area::get_service),
            Input::ListServices(ask) => self.answer(ask, Area::list_services),
            Input::CreateService(ask) => self.act(ask, Area::create_service),
            Input::UpdateService(ask) => self.act(ask, Area::update_service),
            Input::ListServiceRevisions(ask) => self.answer(ask, Area::list_service_revisions),
            Input::GetMeetingPoint(ask) => self.answer(ask, Area::get_meeting_point),
            Input::ListMeetingPoints(ask) => self.answer(ask, Area::list_meeting_points),
            Input::CreateDeclaration(ask) => self.act(ask, Area::create_declaration),
            Input::GetDeclaration(ask) => self.answer(ask, Area::get_declaration),
            Input::ListDeclarations(ask) => self.answer(ask, Area::list_declarations),
            Input::UpdateDeclaration(ask) => self.act(ask, Area::update_declaration),
            Input::CancelDeclaration(ask) => self.act(ask, Area::cancel_declaration),

            Input::ProbeRides(ask) => self.answer_at_once(ask, Area::lend),
            Input::FindService(ask) => self.answer(ask, Area::find_service),
        }
    }

    /// When [`Area::advance`] next has something to do.
    pub fn due(&self) -> Time {
        let roads = self.annals.office().next_change_of_roads(self.roads_seen);
        let alerts = (!self.scribe.state().schedules.is_empty()).then_some(self.alerts_due);
        let dues = [self.wakeup_due(), roads, alerts, self.waitings_due(), self.supply_due()];
        dues.into_iter().flatten().fold(self.plans_next, Time::min)
    }

    /// When the dispatcher wants to be woken.
    fn wakeup_due(&self) -> Option<Time> {
        self.wakeup.map(|at| self.quiet_until.map_or(at, |quiet| at.max(quiet)))
    }

    /// What follows from time alone: expiry, risks, the plan of a new day.
    pub fn advance(&mut self) {
        self.write_down();
        let now = self.clock.now();
        if self.plans_next <= now {
            // The places of shifts were found at the start, on the same map.
            self.configure().unwrap_or_else(|error| tracing::error!("{error}"));
        }
        if let Err(fault) = self.follow_measures() {
            tracing::error!("measures on roads: {fault:?}");
        }
        self.roads_seen = now;
        if self.wakeup_due().is_some_and(|due| due <= now) {
            let written = self.take(&ours("clock"), Command::AdvanceClock);
            let is_quiet = written.is_ok_and(|written| written.record.is_none());
            self.quiet_until = is_quiet.then(|| now + QUIET);
        }
        self.follow_supply();
        if self.alerts_due <= now {
            self.review_alerts();
        }
        if self.waitings_due().is_some_and(|due| due <= now)
            && let Err(fault) = self.follow_waitings()
        {
            tracing::error!("waiting list: {fault:?}");
        }
    }

    /// True if [`Area::catch_up`] has something to do.
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }

    /// In spare time: does some of what the next call would have to wait for.
    pub fn catch_up(&mut self) {
        let now = self.now();
        let mut work = Work::with(&mut self.roads, mem::take(&mut self.memory));
        self.scribe.dispatcher().catch_up(now, &mut work);
        self.is_behind = self.scribe.dispatcher().find_paths(PATHS_AT_ONCE, &mut work);
        self.memory = work.into_memory();
    }

    /// Says to the dispatcher what the configuration holds and it does not, shifts up to the horizon included.
    pub fn configure(&mut self) -> Result<(), BadSetting> {
        let now = self.clock.now();
        let zone = &self.config.area.time_zone;
        let today = civil_date(zone, now);
        // A shift of yesterday evening may still be on.
        let first = today.yesterday().unwrap_or(today);
        let ahead = i64::from(self.config.area.shift_days_ahead);
        let last = today.checked_add(jiff::Span::new().days(ahead)).unwrap_or(today);
        self.plans_next = next_midnight(zone, now);
        self.close_replanned();
        let known = Known { state: self.scribe.state(), shifts: &self.annals.shift_names() };
        let changes = settings_missing_in(known, &self.config, self.policy(), &self.map, first..=last, now)?;
        for note in &changes.notes {
            tracing::info!("configuration: {note}");
        }
        for command in changes.commands {
            let said = format!("{command:?}");
            match self.take(&ours("config"), command).map(|written| written.answer) {
                Ok(Answer::Rejected(why)) => tracing::warn!("configuration: {why:?} to {said}"),
                Ok(_) => {}
                Err(fault) => tracing::warn!("configuration: {fault:?} to {said}"),
            }
        }
        self.zones = ZoneMap::new(&self.config.zones, &self.scribe.state().zones);
        self.follow_standings();
        Ok(())
    }

    /// What was decided since this was last asked, for the committer.
    pub fn take_entries(&mut self) -> Vec<Entry> {
        self.write_down();
        mem::take(&mut self.entries)
    }

    /// True if an answer leaves before its record is written down.
    pub fn is_unwritten(&self) -> bool {
        self.unwritten.is_some()
    }

    /// What a snapshot is to be written of, if enough was recorded since the last one.
    pub fn due_snapshot(&mut self) -> Option<Picture> {
        self.write_down();
        if self.records_since_snapshot < snapshot::records_between(&self.scribe) {
            return None;
        }
        self.records_since_snapshot = 0;
        Some(self.picture())
    }

    /// The newest state, to be written as a snapshot by somebody else.
    pub fn picture(&self) -> Picture {
        Picture { annals: self.annals.clone(), scribe: self.scribe.clone() }
    }

    /// True if something was recorded since the start or the last snapshot.
    pub fn is_newer_than_snapshot(&self) -> bool {
        self.records_since_snapshot > 0
    }

    fn view(&self) -> View<'_> {
        View {
            state: self.scribe.state(),
            annals: &self.annals,
            positions: &self.positions,
            map: &self.map,
            area: &self.config.area.name,
            now: self.now(),
        }
    }

    /// The clock may lag behind what was recorded by a hair; the record wins.
    fn now(&self) -> Time {
        self.clock.now().max(self.scribe.state().clock)
    }

    /// Decides, writes down, and queues the record and what it changes for those who watch.
    fn take(&mut self, origin: &Origin, command: Command) -> Result<Written, Fault> {
        let now = self.now();
        let mut work = Work::with(&mut self.roads, mem::take(&mut self.memory));
        work.room_steps = self.config.area.improve.room_steps;
        let written = self.scribe.take(now, origin, command, &mut work);
        self.memory = work.into_memory();
        self.note_written(written)
    }

    /// The same for what nobody waits to be durable: it is written down after the answer has left,
    /// and before anything else is done ([`Area::write_down`]).
    fn take_and_write_later(&mut self, origin: &Origin, command: Command) -> Result<Answer, Fault> {
        let now = self.now();
        let mut work = Work::with(&mut self.roads, mem::take(&mut self.memory));
        work.room_steps = self.config.area.improve.room_steps;
        let decided = self.scribe.decide(now, origin, command, &mut work);
        self.memory = work.into_memory();
        self.is_behind = true;
        Ok(match decided.map_err(reused)? {
            Decided::Repeat(answer) | Decided::Nothing(answer) => answer,
            Decided::Happened(unwritten) => {
                let touched = self.annals.note(unwritten.next_sequence(), unwritten.events(), self.scribe.state());
                let answer = unwritten.answer().clone();
                self.unwritten = Some((unwritten, touched));
                answer
            }
        })
    }

    /// Writes down what was left to be.
    pub fn write_down(&mut self) {
        if let Some((unwritten, touched)) = self.unwritten.take() {
            let written = self.scribe.write(unwritten);
            self.queue(written.record.unwrap_or_default(), &written.events, &touched);
        }
    }

    /// What follows from a record that was taken.
    fn note_written(&mut self, written: Result<Written, TakeError>) -> Result<Written, Fault> {
        self.is_behind = true;
        let mut written = written.map_err(reused)?;
        if let Some(record) = written.record.as_mut().map(mem::take) {
            let touched = self.annals.note(self.scribe.next_sequence(), &written.events, self.scribe.state());
            self.queue(record, &written.events, &touched);
        }
        Ok(written)
    }

    /// Queues a record, and what it changes for those who watch.
    fn queue(&mut self, record: Vec<u8>, events: &[Event], touched: &Touched) {
        self.records_since_snapshot += 1;
        self.watch_supply(events);
        self.alerts_due = self.alerts_due.min(self.alerts_seen + alerts::LOOK_APART);
        self.wakeup = self.scribe.wakeup();
        self.quiet_until = None;
        self.entries.push(Entry::Record(record));
        self.searches.note_record(events.iter().any(changes_a_plan));
        if !touched.is_empty() && !self.is_rehearsing {
            self.rounds.hasten();
            let update = self.draw(touched);
            let publish = self.outbox.prepare(update);
            self.entries.push(Entry::Release(Box::new(publish)));
        }
        if events.iter().any(is_about_an_ask) {
            let hub = self.outbox.hub();
            self.entries.push(Entry::Release(Box::new(move || hub.tell_of_asks())));
        }
    }

    /// The first answer to this request, if it was answered before. Asked before anything that the
    /// first answer may have changed is looked at.
    fn recall(&self, origin: &Origin) -> Result<Option<Answer>, Fault> {
        self.scribe.recall(origin).map_err(reused)
    }

    /// Answers once all that the answer could reflect is durable.
    fn answer<Q, A: Send + 'static>(&mut self, ask: Ask<Q, A>, answer: fn(&mut Area, Q) -> Result<A, Fault>) {
        let Ask { question, reply } = ask;
        if reply.is_closed() {
            return; // who asked has gone: nothing is begun for nobody
        }
        let answer = answer(self, question);
        self.send_when_durable(reply, answer);
    }

    /// The same for what changes something and may be rehearsed.
    fn act<Q, A: Send + 'static>(&mut self, ask: Ask<Signed<Q>, A>, act: fn(&mut Area, Signed<Q>) -> Result<A, Fault>) {
        let Ask { question, reply } = ask;
        if reply.is_closed() {
            return; // who asked has gone: nothing is begun for nobody
        }
        let answer = self.do_or_rehearse(question, act);
        self.send_when_durable(reply, answer);
    }

    /// Answers now: nobody may rely on it before it is confirmed.
    fn answer_at_once<Q, A>(&mut self, ask: Ask<Q, A>, answer: fn(&mut Area, Q) -> Result<A, Fault>) {
        let Ask { question, reply } = ask;
        if !reply.is_closed() {
            let answer = answer(self, question);
            let _ = reply.send(answer); // who asked may have gone meanwhile
        }
    }

    fn send_when_durable<A: Send + 'static>(&mut self, reply: Reply<A>, answer: Result<A, Fault>) {
        let send = move || {
            let _ = reply.send(answer); // who asked may have gone meanwhile
        };
        self.entries.push(Entry::Release(Box::new(send)));
    }
}

fn is_about_an_ask(event: &Event) -> bool {
    matches!(event, Event::Endogenous(Endogenous::DriverAsked { .. } | Endogenous::AskEnded { .. }))
}

fn changes_a_plan(event: &Event) -> bool {
    matches!(event, Event::Endogenous(Endogenous::PlanChanged { .. }))
}

/// What we say to the dispatcher of our own accord.
fn ours(what: &str) -> Origin {
    Origin::of(Principal::new(what).expect("a short, non-empty text"))
}

/// Revisions are counts of records, far below the limit.
fn revision(records: u64) -> i64 {
    i64::try_from(records).unwrap_or(i64::MAX)
}

fn reused(TakeError::RequestIdReused { request_id }: TakeError) -> Fault {
    let message = format!("request_id {request_id} was used for another request; choose a new one");
    Fault::new(ErrorReason::RequestIdReused, message).with("request_id", request_id)
}
