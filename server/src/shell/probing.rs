//! Rides that a journey planner asks about by the thousand: answered beside the area's task, which only lends a
//! picture of how things stand.
//!
//! A few batches run at once, each on a thread for work that blocks, with roads of its own that remember what they
//! were asked; more are turned away. Between some rides and the next a batch looks up whether anybody still waits.

use std::sync::{Arc, Mutex, PoisonError};

use mukae_engine::model::{Access, AccessPair, Beyond, Channel, Choice, Concessions, Request, Spot};
use mukae_engine::{Memory, Probe, ProbeAnswer, Prober, Rejection, Work};
use mukae_maps::{NoRoadNear, PreparedMap, Remembered, RoadMetric, RoadQuery, SnapOptions};
use mukae_units::{Features, LatLon, Seats, ServiceId, Span, Time};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Config;
use crate::config::ZoneMap;
use crate::errors::Fault;
use crate::names::ServiceName;
use crate::shell::area::access::ways;
use crate::shell::beside::beside;
use crate::shell::input::When;

/// Batches at a time; each keeps a processor busy.
pub const BATCHES_AT_ONCE: usize = 2;
/// Places of one batch.
pub const PLACES_MAX: usize = 1000;
/// Rides of one batch.
pub const RIDES_MAX: usize = 5000;
/// Rides between two looks whether anybody waits: about a millisecond's worth, and up to 64 times that where riders
/// walk to any of several meeting points.
const RIDES_AT_ONCE: usize = 128;
/// Each batch remembers 2 to the power of this many pairs of places, 3 MB.
const REMEMBERED_BITS: u32 = 17;

/// Rides between some places, for one party.
#[derive(Debug)]
pub struct Rides {
    pub party: Seats,
    pub places: Vec<LatLon>,
    pub rides: Vec<Ride>,
}

/// Indices are those of a place that there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ride {
    pub origin: usize,
    pub destination: usize,
    pub when: When,
}

/// How things stand with the area, and the rules of one of its services.
#[derive(Debug)]
pub struct Lent {
    pub prober: Prober,
    pub service: ServiceName,
    pub id: ServiceId,
    pub needs: Features,
    pub wait_max: Span,
    pub config: Arc<Config>,
    pub zones: ZoneMap,
    /// Driving times as they are now, closed roads and all.
    pub roads: Arc<RoadMetric>,
}

/// What would be answered to a ride.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Probed {
    Possible { pickup: Time, dropoff: Time, walk_to_pickup: Span, walk_from_dropoff: Span },
    Impossible,
    OffArea { origin: bool, destination: bool },
    SamePlace,
}

/// All rides, in their order, as they were at an instant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answers {
    pub as_of: Time,
    pub rides: Vec<Probed>,
}

/// Where batches are answered.
#[derive(Debug)]
pub struct Probing {
    map: Arc<PreparedMap>,
    batches: Arc<Semaphore>,
    /// No more than there are batches at once.
    idle: Mutex<Vec<Kit>>,
}

/// What a batch works with, and the next one again.
#[derive(Debug)]
struct Kit {
    metric: Arc<RoadMetric>,
    roads: Remembered<RoadQuery>,
    memory: Memory,
}

/// A place to run a batch in, until it has run.
#[derive(Debug)]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Probing {
    pub fn new(map: Arc<PreparedMap>) -> Probing {
        Probing { map, batches: Arc::new(Semaphore::new(BATCHES_AT_ONCE)), idle: Mutex::default() }
    }

    /// Asked for before the area is, so that a caller who is turned away costs nobody anything.
    pub fn turn(&self) -> Result<Turn, Fault> {
        let permit = Arc::clone(&self.batches).try_acquire_owned();
        permit
            .map(|_permit| Turn { _permit })
            .map_err(|_| Fault::overloaded("too many batches of rides are being probed"))
    }

    /// Ends early if this future is dropped. The turn is given back once the thread is free again.
    pub async fn answer(self: &Arc<Self>, turn: Turn, lent: Lent, rides: Rides) -> Result<Answers, Fault> {
        let probing = Arc::clone(self);
        beside(move |is_awaited| {
            let _turn = turn;
            probing.run(&lent, &rides, is_awaited)
        })
        .await
    }

    /// `None` if nobody waits any more.
    fn run(&self, lent: &Lent, rides: &Rides, is_awaited: impl Fn() -> bool) -> Option<Result<Answers, Fault>> {
        let kept = self.idle().pop().filter(|kit| Arc::ptr_eq(&kit.metric, &lent.roads));
        let Kit { metric, mut roads, memory } = kept.unwrap_or_else(|| {
            let metric = Arc::clone(&lent.roads);
            let roads = RoadQuery::new(Arc::clone(self.map.graph()), Arc::clone(&metric));
            Kit { metric, roads: Remembered::new(roads, REMEMBERED_BITS), memory: Memory::default() }
        });
        let mut work = Work::with(&mut roads, memory);
        let mut batch = Batch::new(lent, rides, &self.map);
        let mut answers = Vec::with_capacity(rides.rides.len());
        for some in rides.rides.chunks(RIDES_AT_ONCE) {
            if !is_awaited() {
                break;
            }
            if let Err(rejection) = batch.answer(some, &mut work, &mut answers) {
                return Some(Err(Fault::bug(rejection))); // the area knew the service and the features
            }
        }
        let memory = work.into_memory();
        self.idle().push(Kit { metric, roads, memory });
        (answers.len() == rides.rides.len()).then(|| Ok(Answers { as_of: lent.prober.now(), rides: answers }))
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Kit>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner) // whole between any two statements
    }
}

/// A batch under way: its places, each brought to the road when it is first needed.
struct Batch<'b> {
    lent: &'b Lent,
    rides: &'b Rides,
    map: &'b PreparedMap,
    spots: Vec<Option<Result<Spot, NoRoadNear>>>,
}

impl<'b> Batch<'b> {
    fn new(lent: &'b Lent, rides: &'b Rides, map: &'b PreparedMap) -> Batch<'b> {
        Batch { lent, rides, map, spots: vec![None; rides.places.len()] }
    }

    fn answer(&mut self, some: &[Ride], work: &mut Work<'_>, answers: &mut Vec<Probed>) -> Result<(), Rejection> {
        let (mut doors, mut at) = (Vec::new(), Vec::new());
        for ride in some {
            let (origin, destination) = (self.spot(ride.origin).clone(), self.spot(ride.destination).clone());
            answers.push(match (origin, destination) {
                (Ok(from), Ok(to)) if from.place == to.place => Probed::SamePlace,
                (Ok(from), Ok(to)) => {
                    let request = self.request(ride, &from, &to);
                    match (request.origin.as_slice(), request.destination.as_slice()) {
                        ([from], [to]) if from.walk == Span::ZERO && to.walk == Span::ZERO => {
                            doors.push(door_to_door(&request));
                            at.push(answers.len());
                            Probed::Impossible // until it is looked at, below
                        }
                        _ => {
                            let answer = self.lent.prober.probe_request(&request, work);
                            probed(answer, &request.origin, &request.destination)?
                        }
                    }
                }
                (from, to) => Probed::OffArea { origin: from.is_err(), destination: to.is_err() },
            });
        }
        for (answer, at) in self.lent.prober.probe(&doors, work).into_iter().zip(at) {
            answers[at] = probed(answer, &[], &[])?;
        }
        Ok(())
    }

    fn spot(&mut self, index: usize) -> &Result<Spot, NoRoadNear> {
        let (asked, options) = (self.rides.places[index], SnapOptions::door(self.lent.config.area.snap_limit));
        self.spots[index].get_or_insert_with(|| {
            let zones = self.lent.zones.zones_of(asked);
            let spot = |place| Spot { asked, label: String::new(), kana: String::new(), place, zones };
            self.map.snap_by(asked, &options).map(|snapped| spot(snapped.place))
        })
    }

    /// As a quote with this wish would ask, by the ways that there are.
    fn request(&self, ride: &Ride, from: &Spot, to: &Spot) -> Request {
        let Lent { config, zones, service, id, needs, wait_max, prober, .. } = self.lent;
        let rules = config.service(service);
        let walk_max = rules.map(|rules| rules.policy.walk_max);
        let reach = |spot, limit: fn(mukae_engine::model::WalkLimit) -> Span| {
            ways((config, zones), self.map, rules, spot, walk_max.map_or(Span::ZERO, limit))
        };
        Request {
            service: *id,
            rider: None,
            channel: Channel::Partner,
            origin: reach(from, |limit| limit.to_pickup),
            destination: reach(to, |limit| limit.from_dropoff),
            party: self.rides.party,
            wish: ride.when.wish(prober.now(), *wait_max),
            arrive_latest: None,
            needs: *needs,
            beyond: Beyond::NOTHING,
            concessions: Concessions::NONE,
            choice: Choice::ONE,
        }
    }
}

fn door_to_door(request: &Request) -> Probe {
    let (from, to) = (request.origin_of(AccessPair::FIRST), request.destination_of(AccessPair::FIRST));
    Probe {
        service: request.service,
        origin: from.spot.place,
        destination: to.spot.place,
        wish: request.wish,
        party: request.party,
        needs: request.needs,
        zones: (from.spot.zones, to.spot.zones),
    }
}

/// Without ways it was from door to door.
fn probed(answer: ProbeAnswer, origins: &[Access], destinations: &[Access]) -> Result<Probed, Rejection> {
    let walk = |ways: &[Access], index: u32| ways.get(index as usize).map_or(Span::ZERO, |access| access.walk);
    match answer {
        ProbeAnswer::Possible { pickup, dropoff, access, .. } => Ok(Probed::Possible {
            pickup,
            dropoff,
            walk_to_pickup: walk(origins, access.origin),
            walk_from_dropoff: walk(destinations, access.destination),
        }),
        ProbeAnswer::Impossible => Ok(Probed::Impossible),
        ProbeAnswer::Rejected(rejection) => Err(rejection),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use mukae_engine::Dispatcher;
    use mukae_maps::{BuildOptions, build_map};
    use mukae_proto::transit::units::v1::ErrorReason;

    use super::*;

    fn probing() -> Arc<Probing> {
        let pbf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps/data/niue.osm.pbf");
        let (map, _) = build_map(&pbf, &BuildOptions::default(), &mut |_, _| {}).unwrap();
        Arc::new(Probing::new(Arc::new(map)))
    }

    fn lent(probing: &Probing) -> Lent {
        let config = "[area]\nid = \"niue\"\ntime_zone = \"Pacific/Niue\"\nmap = \"niue.map\"\n\n\
                      [[service]]\ntenant = \"alofi\"\nid = \"ride\"\n\n\
                      [[vehicle]]\ntenant = \"alofi\"\nid = \"bus\"\nseats = 4\n";
        Lent {
            zones: ZoneMap::default(),
            prober: Dispatcher::default().prober(Time::from_unix_secs(1_775_070_000)),
            service: "tenants/alofi/services/ride".parse().unwrap(),
            id: ServiceId(1),
            needs: Features::EMPTY,
            wait_max: Span::HOUR,
            roads: Arc::clone(probing.map.base_metric()),
            config: Arc::new(Config::parse(config, Path::new("")).unwrap()),
        }
    }

    /// In the sea: answered without a dispatcher that knows anything.
    fn rides() -> Rides {
        let sea = LatLon::from_degrees(-19.3, -170.2).unwrap();
        let when = When::DepartAfter { earliest: None, latest: None };
        Rides {
            party: Seats::new(1, 0),
            places: vec![sea],
            rides: vec![Ride { origin: 0, destination: 0, when }; 1000],
        }
    }

    #[tokio::test]
    async fn who_comes_when_all_turns_are_taken_is_turned_away() {
        let probing = probing();
        let turns: Vec<Turn> = (0..BATCHES_AT_ONCE).map(|_| probing.turn().unwrap()).collect();
        assert_eq!(probing.turn().unwrap_err().reason(), ErrorReason::Overloaded);
        drop(turns);
        let answers = probing.answer(probing.turn().unwrap(), lent(&probing), rides()).await.unwrap();
        assert_eq!(answers.rides, vec![Probed::OffArea { origin: true, destination: true }; 1000]);
        assert_eq!((probing.batches.available_permits(), probing.idle().len()), (BATCHES_AT_ONCE, 1));
    }

    #[tokio::test]
    async fn a_batch_that_nobody_waits_for_ends_early() {
        let probing = probing();
        let looks = std::cell::Cell::new(3);
        let is_awaited = || {
            looks.set(looks.get() - 1);
            0 < looks.get()
        };
        assert_eq!(probing.run(&lent(&probing), &rides(), is_awaited), None);
        assert_eq!(looks.get(), 0, "it did not look again");

        let turn = probing.turn().unwrap();
        drop(probing.answer(turn, lent(&probing), rides())); // not even begun
        let begun =
            tokio::time::timeout(Duration::ZERO, probing.answer(probing.turn().unwrap(), lent(&probing), rides()));
        let _ = begun.await; // it may have been faster
        let all = probing.batches.acquire_many(BATCHES_AT_ONCE as u32);
        assert!(tokio::time::timeout(Duration::from_secs(60), all).await.is_ok(), "turns are given back");
    }
}
