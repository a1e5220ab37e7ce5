//! What the benches share: the built-in town's map, a fleet with bookings, and numbers for a seed.
#![forbid(unsafe_code)]

pub mod closed_road;
pub mod darp;
pub mod dispatch;
pub mod load;
pub mod memory;
pub mod pbf;
pub mod proof;
pub mod synthetic;
pub mod year;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use mukae_engine::model::{
    Access, Beyond, Channel, Choice, CostWeights, DwellRule, Limits, MapId, Policy, Request, RideLimit, Service,
    ServicePolicy, Shift, Spot, Terms, Tier, Vehicle, WalkLimit, Wish,
};
use mukae_engine::{Answer, Command, Dispatcher, Placement, Work};
use mukae_maps::build::{BuildOptions, build_map};
use mukae_maps::hierarchy::{LABEL_BYTES_MAX, RoadMetric, Tree};
use mukae_maps::neutral::NeutralGraph;
use mukae_maps::{
    BASE_METRIC, EdgeId, Fraction, Hierarchy, MatrixTimes, Place, PreparedMap, RoadGraph, RoadQuery, Sides,
};
use mukae_units::{Features, LatLon, Seats, ServiceId, ShiftId, Span, Time, TimeWindow, TravelTime, VehicleId, Zones};

/// The Isle of Man, built anew.
pub fn isle_of_man() -> PreparedMap {
    let extract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../maps/data/isle-of-man.osm.pbf");
    build_map(&extract, &BuildOptions::default(), &mut |_, _| {}).expect("the extract is in the repository").0
}

/// Roads that travel times can be asked of, wherever they come from.
#[derive(Clone, Debug)]
pub struct Roads {
    pub name: String,
    pub graph: Arc<RoadGraph>,
    /// Under the weights of the graph, with labels.
    pub base: Arc<RoadMetric>,
}

impl Roads {
    pub fn of(name: &str, map: &PreparedMap) -> Roads {
        Roads { name: name.into(), graph: Arc::clone(map.graph()), base: Arc::clone(map.base_metric()) }
    }

    /// From an OpenStreetMap extract, or from a directory of two tables (see `mukae_maps::neutral`).
    pub fn read(path: &Path) -> Result<Roads> {
        let name = path.file_stem().context("roads have a file name")?.to_string_lossy();
        if !path.is_dir() {
            let (map, _) = build_map(path, &BuildOptions::default(), &mut |_, _| {})?;
            return Ok(Roads::of(&name, &map));
        }
        let graph = NeutralGraph::read(path)?.graph;
        let hierarchy = Arc::new(Hierarchy::build(&graph));
        let customized = Arc::new(hierarchy.customize(graph.weights(), BASE_METRIC));
        let base = RoadMetric::new(customized, &Arc::new(Tree::new(&hierarchy)), LABEL_BYTES_MAX);
        Ok(Roads { name: name.into(), graph: Arc::new(graph), base: Arc::new(base) })
    }

    /// The Isle of Man and, if `MUKAE_ROADS` names an extract or a directory, that too.
    pub fn from_environment() -> Vec<Roads> {
        let more = std::env::var_os("MUKAE_ROADS").map(|path| {
            Roads::read(Path::new(&path)).expect("MUKAE_ROADS names an extract, or a directory of two tables")
        });
        [Roads::of("isle of man", &isle_of_man())].into_iter().chain(more).collect()
    }

    pub fn hierarchy(&self) -> &Arc<Hierarchy> {
        self.base.customized().hierarchy()
    }

    pub fn query(&self) -> RoadQuery {
        RoadQuery::new(Arc::clone(&self.graph), Arc::clone(&self.base))
    }
}

/// Numbers for a seed (SplitMix64, Steele et al. 2014).
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    /// Somewhere on a road that can be reached.
    pub fn place(&mut self, graph: &RoadGraph) -> Place {
        loop {
            let edge = EdgeId(self.below(graph.edge_count() as u64) as u32);
            if graph.is_routable(edge) {
                return Place { edge, fraction: Fraction::from_steps(self.below(65_536) as u16), sides: Sides::Both };
            }
        }
    }
}

/// A fleet at work: vehicles all over the map and bookings in their schedules.
#[derive(Debug)]
pub struct Fleet {
    pub dispatcher: Dispatcher,
    pub now: Time,
}

pub const SERVICE: ServiceId = ServiceId(1);

impl Fleet {
    /// `vehicles` with about `bookings` in the next two hours; those that do not fit are left out.
    pub fn new(map: &PreparedMap, roads: &mut RoadQuery, vehicles: u32, bookings: usize) -> Fleet {
        Fleet::filled(map.graph(), MapId(map.checksum()), roads, vehicles, (bookings, bookings))
    }

    /// On any roads, with that many bookings, or as many as six times as many requests make.
    pub fn on(roads: &Roads, vehicles: u32, bookings: usize) -> Fleet {
        Fleet::filled(&roads.graph, MapId(0), &mut roads.query(), vehicles, (bookings, 6 * bookings))
    }

    fn filled(
        graph: &RoadGraph,
        map: MapId,
        roads: &mut RoadQuery,
        vehicles: u32,
        (bookings, asks): (usize, usize),
    ) -> Fleet {
        let mut dice = Dice(u64::from(vehicles));
        let now = Time::from_unix_secs(1_780_000_000).floor_to(Span::DAY);
        let mut fleet = Fleet { dispatcher: Dispatcher::default(), now };
        let mut work = Work::new(roads);
        fleet.tell(Command::UseMap(map), &mut work);
        fleet.tell(Command::SetPolicy(policy()), &mut work);
        fleet.tell(Command::SetService(open_service(service()).into()), &mut work);
        let window = TimeWindow::new(now, now + Span::HOUR * 12).expect("in order");
        for number in 1..=vehicles {
            let (vehicle, shift) = (VehicleId(number), ShiftId(number));
            let capacity = Seats::new(6, 1).into();
            fleet.tell(
                Command::RegisterVehicle(Vehicle {
                    id: vehicle,
                    name: format!("v{number}"),
                    capacity,
                    terms: Terms::OPEN,
                }),
                &mut work,
            );
            let spot = spot(dice.place(graph), graph);
            fleet.tell(Command::PlanShift(plain_shift(shift, vehicle, window, spot).into()), &mut work);
            fleet.tell(Command::OpenShift { shift, at: now }, &mut work);
        }
        for _ in 0..asks {
            if fleet.dispatcher.state().bookings.len() == bookings {
                break;
            }
            let request = fleet.request_on(&mut dice, graph);
            if let Answer::Offered(offers) = fleet.tell(Command::Quote(request.into()), &mut work) {
                fleet.tell(Command::ConfirmOffer { offer: offers[0].id }, &mut work);
            }
        }
        fleet
    }

    pub fn tell(&mut self, command: Command, work: &mut Work<'_>) -> Answer {
        let decision = self.dispatcher.decide(self.now, &command, work);
        for event in &decision.events {
            self.dispatcher.apply(event);
        }
        decision.answer
    }

    /// A ride within the next two hours.
    pub fn request(&self, dice: &mut Dice, map: &PreparedMap) -> Request {
        self.request_on(dice, map.graph())
    }

    fn request_on(&self, dice: &mut Dice, graph: &RoadGraph) -> Request {
        let earliest = self.now + Span::from_secs(dice.below(7200) as i64);
        let window = TimeWindow::new(earliest, earliest + Span::from_mins(30)).expect("in order");
        Request {
            service: SERVICE,
            rider: None,
            channel: Channel::Phone,
            origin: Access::at_door(spot(dice.place(graph), graph)),
            destination: Access::at_door(spot(dice.place(graph), graph)),
            party: Seats::new(1 + dice.below(2) as u8, 0),
            wish: Wish::DepartAfter(window),
            arrive_latest: None,
            needs: Features::EMPTY,
            beyond: Beyond::NOTHING,
            concessions: mukae_engine::model::Concessions::NONE,
            choice: Choice::ONE,
        }
    }
}

/// A fleet on a table of four places, each vehicle with so many bookings an hour apart, put there by hand.
pub fn day_of_bookings(vehicles: u32, bookings_per_vehicle: u32) -> (Dispatcher, MatrixTimes, Time) {
    const SIDE: usize = 4;
    let minutes = |from: usize, to: usize| Some(TravelTime::from_millis(from.abs_diff(to) as u32 * 120_000));
    let mut roads = MatrixTimes::new(SIDE, (0..SIDE * SIDE).map(|pair| minutes(pair / SIDE, pair % SIDE)).collect());
    let spot = |row: usize| Spot {
        zones: Zones::EMPTY,
        asked: LatLon::from_e7(row as i32, 0).expect("a small number is on the globe"),
        label: String::new(),
        kana: String::new(),
        place: Place::head_of(EdgeId(row as u32)),
    };
    let now = Time::from_unix_secs(1_780_000_000).floor_to(Span::DAY);
    let mut fleet = Fleet { dispatcher: Dispatcher::default(), now };
    let mut work = Work::new(&mut roads);
    fleet.tell(Command::UseMap(MapId(1)), &mut work);
    fleet.tell(Command::SetPolicy(policy()), &mut work);
    fleet.tell(Command::SetService(open_service(service()).into()), &mut work);
    for number in 1..=vehicles {
        let (vehicle, shift) = (VehicleId(number), ShiftId(number));
        let capacity = Seats::new(6, 1).into();
        fleet.tell(
            Command::RegisterVehicle(Vehicle { id: vehicle, name: format!("v{number}"), capacity, terms: Terms::OPEN }),
            &mut work,
        );
        let window = TimeWindow::new(now, now + Span::HOUR * 20).expect("in order");
        let planned = plain_shift(shift, vehicle, window, spot(0));
        fleet.tell(Command::PlanShift(planned.into()), &mut work);
        fleet.tell(Command::OpenShift { shift, at: now }, &mut work);
        for hour in 1..=bookings_per_vehicle {
            let earliest = now + Span::HOUR * i64::from(hour);
            let window = TimeWindow::new(earliest, earliest + Span::from_mins(30)).expect("in order");
            let at_end = 2 * (hour - 1);
            let by_hand = Some(Placement { shift, pickup_idx: at_end, dropoff_idx: at_end, overrules: false });
            let request = Request {
                service: SERVICE,
                rider: None,
                channel: Channel::Phone,
                origin: Access::at_door(spot(1 + hour as usize % 2)),
                destination: Access::at_door(spot(3)),
                party: Seats::new(1, 0),
                wish: Wish::DepartAfter(window),
                arrive_latest: None,
                needs: Features::EMPTY,
                beyond: Beyond::NOTHING,
                concessions: mukae_engine::model::Concessions::NONE,
                choice: Choice::ONE,
            };
            let answer = fleet.tell(Command::Book { request: request.into(), by_hand }, &mut work);
            assert!(matches!(answer, Answer::Confirmed(_)), "{answer:?}");
        }
    }
    (fleet.dispatcher, roads, now)
}

/// Where exactly is for drivers to know.
fn spot(place: Place, graph: &RoadGraph) -> Spot {
    Spot {
        asked: graph.position(graph.tail(place.edge)),
        label: String::new(),
        kana: String::new(),
        place,
        zones: Zones::EMPTY,
    }
}

/// Everywhere, always and for nothing.
fn open_service(policy: ServicePolicy) -> Service {
    Service {
        id: SERVICE,
        name: "tenants/t/services/s".into(),
        policy,
        days: Vec::new(),
        zones: Vec::new(),
        tariff: None,
        suspension: None,
    }
}

/// From a garage and back to it.
fn plain_shift(id: ShiftId, vehicle: VehicleId, window: TimeWindow, garage: Spot) -> Shift {
    Shift {
        id,
        name: format!("s{}", id.0),
        vehicle,
        window,
        start: garage.clone(),
        end: Some(garage),
        features: Features::EMPTY,
        zones: Zones::EMPTY,
        crew: None,
        breaks: Vec::new(),
        driver: None,
        declared: None,
        on_call: None,
    }
}

fn policy() -> Policy {
    Policy {
        cost: CostWeights {
            driving: 25,
            driver_time: 0,
            rider_wait: 40,
            excess_ride: 20,
            wait_on_board: 0,
            walking: 0,
        },
        wait_on_board_max: Span::from_mins(2),
        position_tolerance: Span::from_secs(15),
        retention: Span::DAY,
        freeze_horizon: Span::ZERO,
        wait_first_permille: 0,
        ask_timeout: Span::from_mins(5),
        tier_max: Tier::T3,
    }
}

fn service() -> ServicePolicy {
    ServicePolicy {
        promise_width: Span::from_mins(10),
        ride: RideLimit { extra: Span::from_mins(15), factor_permille: 1500, max: Span::HOUR * 2 },
        limits: Limits::Hard,
        dwell: DwellRule {
            per_stop: Span::ZERO,
            per_party: Span::from_secs(30),
            per_seat: Span::from_secs(15),
            per_wheelchair: Span::from_mins(3),
        },
        offer_ttl: Span::from_mins(5),
        notice_min: Span::ZERO,
        horizon: Span::DAY,
        no_show_after: Span::from_mins(3),
        walk_max: WalkLimit { to_pickup: Span::from_mins(10), from_dropoff: Span::from_mins(10) },
        hold_max: Span::from_mins(5),
        party_max: None,
        crews: mukae_engine::model::Crews::ALL,
    }
}
