//! The area's past: how it stood at an instant, and why it decided as it did, replayed from the journal.
//!
//! All of it happens beside the area's task. The log's reader sees durable records only and holds up nobody; the replay has
//! a state, annals and roads of its own, so that nothing live changes. One replay runs at a time. What it left is kept: a
//! console that goes on to the next minute does not begin anew.

mod decision;
mod driving;

use std::sync::{Arc, Mutex, PoisonError};

use mukae_engine::model::{BookingState, MapId, Shift};
use mukae_engine::{Command, Subject, Work};
use mukae_journal::{LogReader, Sequence, Snapshots};
use mukae_maps::PreparedMap;
use mukae_office::RoadService;
use mukae_proto::transit::area::v1 as pb;
use mukae_proto::transit::fleet::v1 as fleet_pb;
use mukae_proto::transit::operations::v1 as operations_pb;
use mukae_record::{Record, ReplayError};
use mukae_units::{Span, Time};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Config;
use crate::errors::Fault;
use crate::paper::{PaperDay, Papers};
use crate::shell::annals::ShiftNote;
use crate::shell::input::PositionReport;
use crate::shell::picture;
use crate::shell::positions::Positions;
use crate::shell::recover::{self, Replay};
use crate::wire::refusal;
use crate::wire::to_proto::{self, Clockface, View};

pub use decision::Decided;
pub use driving::{DrivingPeriod, Gone};

/// Records between two looks whether anybody waits.
const RECORDS_AT_ONCE: u64 = 256;
/// States kept of the replay before: the one that was asked for, and those this long before it, for whoever goes back a little.
const KEPT_BEFORE: [Span; 2] = [Span::DAY, Span::HOUR];
/// So far behind, a snapshot of the log may be nearer than what is kept.
const SNAPSHOT_AFTER: Span = Span::DAY;

/// Where the past is looked at.
pub struct Past {
    journal: Arc<dyn LogReader>,
    snapshots: Arc<dyn Snapshots>,
    map: Arc<PreparedMap>,
    config: Arc<Config>,
    clock_speed: f64,
    turn: Arc<Semaphore>,
    /// States of the last replay, the oldest first.
    kept: Mutex<Vec<Moment>>,
}

/// What there is to look at, from the outside.
#[allow(missing_debug_implementations, reason = "readers of a log have none")]
pub struct PastParts {
    pub journal: Arc<dyn LogReader>,
    pub snapshots: Arc<dyn Snapshots>,
    pub map: Arc<PreparedMap>,
    pub config: Arc<Config>,
    pub clock_speed: f64,
}

/// Held by whoever replays.
#[derive(Debug)]
pub struct PastTurn(#[allow(dead_code, reason = "given back when dropped")] OwnedSemaphorePermit);

/// An area as it was.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    replay: Replay,
    /// The last of each vehicle that a record tells.
    positions: Positions,
}

/// Up to where records are followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Until {
    /// All that was written by then.
    Time(Time),
    /// All before this one.
    Record(Sequence),
}

/// An area at an instant, in parts.
#[derive(Debug)]
pub struct PastArea {
    pub parts: Vec<pb::AreaSnapshot>,
    pub last_change: Time,
}

/// Nobody waits any more: `None`.
type Awaited<T> = Option<Result<T, Fault>>;

impl Past {
    pub fn new(parts: PastParts) -> Past {
        let PastParts { journal, snapshots, map, config, clock_speed } = parts;
        let turn = Arc::new(Semaphore::new(1));
        Past { journal, snapshots, map, config, clock_speed, turn, kept: Mutex::default() }
    }

    /// Asked for first, so that who is turned away costs nobody anything.
    pub fn turn(&self) -> Result<PastTurn, Fault> {
        let permit = Arc::clone(&self.turn).try_acquire_owned();
        permit.map(PastTurn).map_err(|_| Fault::overloaded("somebody else looks at the past"))
    }

    /// The area as it was at `time`, which is not in the future. Blocks.
    pub fn area_at(&self, time: Time, is_awaited: &dyn Fn() -> bool) -> Awaited<PastArea> {
        let moment = match self.replayed(Until::Time(time), is_awaited)? {
            Ok(moment) => moment,
            Err(fault) => return Some(Err(fault)),
        };
        let view = self.view(&moment, time);
        let clock = Clockface { speed: self.clock_speed };
        let mut roads = RoadService::take_up(&self.map, moment.replay.annals.office()).query();
        let parts = picture::draw(&view, to_proto::area(&view, &self.config.area, clock), &mut roads);
        let last_change = moment.replay.scribe.state().clock;
        self.keep(moment);
        Some(Ok(PastArea { parts, last_change }))
    }

    /// What is printed for drivers, and on which map the journal was written. Blocks.
    pub(crate) fn papers(&self, day: &PaperDay) -> Result<(Papers, Option<MapId>), Fault> {
        let until = day.as_of.map_or(Until::Record(self.journal.next()), Until::Time);
        let Some(moment) = self.replayed(until, &|| true) else { return Err(Fault::deadline_passed()) };
        let moment = moment?;
        let state = moment.replay.scribe.state();
        let view = self.view(&moment, day.as_of.unwrap_or(day.now).max(moment.clock()));
        let of_day = |shift: &Shift| shift.window.earliest() < day.until && day.from <= shift.window.latest();
        let shifts: Vec<&ShiftNote> = state
            .schedules
            .values()
            .filter(|schedule| of_day(&schedule.shift))
            .filter_map(|schedule| view.annals.shift_of_id(schedule.shift.id))
            .collect();
        let mut roads = RoadService::take_up(&self.map, moment.replay.annals.office()).query();
        let manifests = shifts
            .iter()
            .map(|note| to_proto::manifest(&view, note.shift.vehicle, Some(note.shift.id), &mut roads))
            .collect();
        let bookings =
            state.bookings.values().filter(|booking| booking.state != BookingState::Held && !booking.state.is_final());
        let papers = Papers {
            area: to_proto::area(&view, &self.config.area, Clockface { speed: self.clock_speed }),
            vehicles: state.vehicles.values().map(|vehicle| to_proto::vehicle(&view, vehicle)).collect(),
            shifts: shifts.iter().map(|note| to_proto::shift(&view, note)).collect(),
            manifests,
            bookings: bookings.map(|booking| to_proto::booking(&view, booking)).collect(),
            notes: Vec::new(),
        };
        Ok((papers, state.map))
    }

    /// Why it was decided so, on the state before the record that did it. Blocks.
    pub fn explain(&self, decided: &Decided, is_awaited: &dyn Fn() -> bool) -> Awaited<operations_pb::Explanation> {
        let found = match decision::find(self.journal.as_ref(), decided, is_awaited)? {
            Ok(Some(found)) => found,
            Ok(None) => return Some(Err(decided.not_found())),
            Err(fault) => return Some(Err(fault)),
        };
        let moment = match self.replayed(Until::Record(found.sequence), is_awaited)? {
            Ok(moment) => moment,
            Err(fault) => return Some(Err(fault)),
        };
        let explained = self.explain_at(&moment, decided, &found);
        self.keep(moment);
        Some(explained)
    }

    fn explain_at(
        &self,
        moment: &Moment,
        decided: &Decided,
        found: &decision::Found,
    ) -> Result<operations_pb::Explanation, Fault> {
        let view = self.view(moment, found.at);
        let judged = found.judged(view.state).filter(|judged| view.service_name(judged.service()) == decided.service());
        let judged = judged.ok_or_else(|| decided.not_found())?;
        let (subject, chosen) = match &judged {
            decision::Judged::Request { request, chosen } => (Subject::Request(request), *chosen),
            decision::Judged::Offer { offer, chosen } => (Subject::Offer(offer), Some(*chosen)),
            decision::Judged::Missed(cause, _) => {
                return Ok(operations_pb::Explanation {
                    binding_constraints: refusal::refusal_of(&refusal::kinds_of(*cause)).binding_constraints,
                    explain_time: Some(to_proto::timestamp(found.at)),
                    ..operations_pb::Explanation::default()
                });
            }
        };
        let mut roads = RoadService::take_up(&self.map, moment.replay.annals.office()).query();
        let dispatcher = moment.replay.scribe.dispatcher();
        let suggested = dispatcher.suggest(found.at, subject, &mut Work::new(&mut roads));
        let suggested = suggested.map_err(Fault::bug)?; // it was decided on this very state
        Ok(to_proto::explanation(&view, &suggested, chosen))
    }

    fn view<'a>(&'a self, moment: &'a Moment, now: Time) -> View<'a> {
        View {
            state: moment.replay.scribe.state(),
            annals: &moment.replay.annals,
            positions: &moment.positions,
            map: &self.map,
            area: &self.config.area.name,
            now,
        }
    }

    /// From the nearest state before it that is at hand.
    fn replayed(&self, until: Until, is_awaited: &dyn Fn() -> bool) -> Awaited<Moment> {
        let moment = match self.nearest(until) {
            Ok(moment) => moment,
            Err(fault) => return Some(Err(fault)),
        };
        self.follow(moment, until, is_awaited)
    }

    fn nearest(&self, until: Until) -> Result<Moment, Fault> {
        let kept = {
            let kept = self.kept();
            kept.iter().filter(|moment| moment.is_before(until)).max_by_key(|moment| moment.next_sequence()).cloned()
        };
        let is_near = |moment: &Moment| match until {
            Until::Time(time) => time < moment.clock() + SNAPSHOT_AFTER,
            Until::Record(_) => true,
        };
        if let Some(moment) = kept.as_ref().filter(|moment| is_near(moment)) {
            return Ok(moment.clone());
        }
        let replay = recover::newest_snapshot(self.snapshots.as_ref(), &mut Vec::new()).map_err(Fault::bug)?;
        let snapshot = Moment { replay, positions: Positions::default() };
        let snapshot = Some(snapshot).filter(|moment| moment.is_before(until));
        let nearest = [kept, snapshot].into_iter().flatten().max_by_key(Moment::next_sequence);
        Ok(nearest.unwrap_or_default())
    }

    fn follow(&self, mut moment: Moment, until: Until, is_awaited: &dyn Fn() -> bool) -> Awaited<Moment> {
        let records = match self.journal.read(Sequence::new(moment.next_sequence())) {
            Ok(records) => records,
            Err(error) => return Some(Err(Fault::bug(error))),
        };
        let mut marks: Vec<Time> = match until {
            Until::Time(time) => KEPT_BEFORE.iter().map(|&before| time - before).collect(),
            Until::Record(_) => Vec::new(),
        };
        for (number, record) in (0..).zip(records) {
            if number % RECORDS_AT_ONCE == 0 && !is_awaited() {
                return None;
            }
            let record = match record {
                Ok(record) => record,
                Err(error) => return Some(Err(Fault::bug(error))),
            };
            let told = match Record::from_bytes(&record.bytes) {
                Ok(told) => told,
                Err(error) => return Some(Err(Fault::bug(error))),
            };
            let is_over = match until {
                Until::Time(time) => time < told.at(),
                Until::Record(sequence) => sequence <= record.sequence,
            };
            if is_over {
                if moment.next_sequence() == 0 {
                    return Some(Err(too_early(told.at())));
                }
                break;
            }
            while marks.first().is_some_and(|&mark| mark < told.at()) {
                marks.remove(0);
                if 0 < moment.next_sequence() {
                    self.keep(moment.clone());
                }
            }
            if let Err(error) = moment.take(&record.bytes, &told, &self.map) {
                return Some(Err(Fault::bug(error)));
            }
        }
        Some(if moment.next_sequence() == 0 { Err(no_records()) } else { Ok(moment) })
    }

    /// For whoever asks next. Of the same log, one state is as good as another of the same record.
    fn keep(&self, moment: Moment) {
        let mut kept = self.kept();
        kept.retain(|other| other.next_sequence() != moment.next_sequence());
        kept.push(moment);
        if KEPT_BEFORE.len() + 1 < kept.len() {
            kept.remove(0);
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Moment>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner) // whole between any two statements
    }
}

impl Moment {
    fn next_sequence(&self) -> u64 {
        self.replay.scribe.next_sequence()
    }

    fn clock(&self) -> Time {
        self.replay.scribe.state().clock
    }

    fn is_before(&self, until: Until) -> bool {
        match until {
            Until::Time(time) => self.clock() <= time,
            Until::Record(sequence) => self.next_sequence() <= sequence.as_u64(),
        }
    }

    fn take(&mut self, bytes: &[u8], told: &Record, map: &PreparedMap) -> Result<(), ReplayError> {
        if let Command::ReportPosition { vehicle, place, observed_at } = told.command() {
            let point = map.position(*place);
            let shown = fleet_pb::Position {
                point: Some(to_proto::lat_lng(point)),
                device_time: Some(to_proto::timestamp(*observed_at)),
                sequence: 0, // the journal does not have it
                accuracy_meters: None,
                bearing_degrees: None,
            };
            let sequence = observed_at.as_unix_millis(); // so that the newest stays
            let report = PositionReport { point, device_time: *observed_at, sequence, shown };
            self.positions.take(*vehicle, vec![report], told.at());
        }
        self.replay.follow(bytes)
    }
}

fn too_early(first: Time) -> Fault {
    let first = jiff::Timestamp::from_millisecond(first.as_unix_millis());
    let first = first.map_or_else(|_| "its first record".to_owned(), |first| first.to_string());
    Fault::invalid_field("as_of_time", format!("the area's journal begins at {first}; that instant or later"))
}

fn no_records() -> Fault {
    Fault::invalid_field("as_of_time", "the area's journal has no record yet, so the area has no past")
}

impl std::fmt::Debug for Past {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Past").field("area", &self.config.area.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use mukae_journal::{LogStore, MemoryStore, ShardName};
    use mukae_maps::{BuildOptions, TravelTimes, build_map};
    use mukae_proto::transit::units::v1::ErrorReason;
    use mukae_record::{Origin, Principal, Scribe};
    use mukae_units::VehicleId;

    use super::*;

    const START: Time = Time::from_unix_secs(1_775_070_000);

    /// A vehicle a minute, a thousand minutes long.
    fn past() -> Past {
        let pbf = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps/data/niue.osm.pbf");
        let (map, _) = build_map(&pbf, &BuildOptions::default(), &mut |_, _| {}).unwrap();
        let map = Arc::new(map);
        let mut store = MemoryStore::new(ShardName::new("niue").unwrap());
        let epoch = store.claim().unwrap();
        let (mut scribe, mut roads) = (Scribe::new(), map.query());
        for minute in 0..1000_u32 {
            let command = match minute {
                0 => Command::UseMap(MapId(map.checksum())),
                _ => Command::RegisterVehicle(mukae_engine::model::Vehicle {
                    id: VehicleId(minute),
                    name: format!("tenants/alofi/vehicles/v{minute}"),
                    capacity: mukae_units::Seats::new(4, 0).into(),
                    terms: mukae_engine::model::Terms::OPEN,
                }),
            };
            let now = START + Span::MINUTE * i64::from(minute);
            let origin = Origin::of(Principal::new("test").unwrap());
            let times: &mut dyn TravelTimes = &mut roads;
            let written = scribe.take(now, &origin, command, &mut Work::new(times)).unwrap();
            let record = written.record.unwrap();
            let next = store.next();
            let _ = store.append(epoch, next, &[record.as_slice()]).unwrap();
        }
        let config = "[area]\nid = \"niue\"\ntime_zone = \"Pacific/Niue\"\nmap = \"niue.map\"\n\n\
                      [[service]]\ntenant = \"alofi\"\nid = \"ride\"\n\n\
                      [[vehicle]]\ntenant = \"alofi\"\nid = \"bus\"\nseats = 4\n";
        let config = Config::parse(config, std::path::Path::new("")).unwrap();
        Past::new(PastParts {
            journal: store.reader(),
            snapshots: store.snapshots(),
            map,
            config: Arc::new(config),
            clock_speed: 1.0,
        })
    }

    fn vehicles(past: &Past, minutes: i64) -> usize {
        let area = past.area_at(START + Span::MINUTE * minutes, &|| true).unwrap().unwrap();
        area.parts.iter().map(|part| part.vehicles.len()).sum()
    }

    #[test]
    fn a_replay_that_nobody_waits_for_ends_early_and_what_is_kept_is_bounded() {
        let past = past();
        let looks = std::cell::Cell::new(2);
        let is_awaited = || {
            looks.set(looks.get() - 1);
            0 <= looks.get()
        };
        assert!(past.area_at(START + Span::DAY, &is_awaited).is_none());
        assert_eq!(looks.get(), -1, "it looked again and went on no further");
        // forward, back, and between what is kept
        for minutes in [999, 3, 500, 501, 450, 999, 0, 700] {
            assert_eq!(vehicles(&past, minutes), minutes as usize, "{minutes}");
            assert!(past.kept().len() <= KEPT_BEFORE.len() + 1);
        }
        let nearest = past.nearest(Until::Time(START + Span::MINUTE * 701)).unwrap();
        assert_eq!(nearest.next_sequence(), 701, "the next minute goes on from the last");
    }

    #[test]
    fn who_comes_second_is_turned_away() {
        let past = past();
        let turn = past.turn().unwrap();
        assert_eq!(past.turn().unwrap_err().reason(), ErrorReason::Overloaded);
        drop(turn);
        past.turn().unwrap();
    }
}
