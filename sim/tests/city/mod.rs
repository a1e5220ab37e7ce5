//! Cities one can draw, and days in them one can work out by hand.
//!
//! Roads are two-way and driven at 10 m/s, so that a second is ten metres and a minute 600 m.

#![allow(dead_code, reason = "each test file uses its part")]

use mukae_engine::Command;
use mukae_engine::model::{
    Access, Beyond, Channel, Choice, CostWeights, DwellRule, Limits, MapId, Policy, Request, RideLimit, Service,
    ServicePolicy, Shift, Spot, Terms, Tier, Vehicle, WalkLimit, Wish,
};
use mukae_maps::{EdgeId, Fraction, MatrixTimes, Place, Sides, TravelTimes};
use mukae_sim::{Ask, RoadLengths};
use mukae_units::{
    Features, LatLon, Metres, Seats, ServiceId, ShiftId, Span, Time, TimeWindow, TravelTime, VehicleId, Zones,
};

/// Millimetres in a millisecond: 10 m/s.
const SPEED: u64 = 10;

#[derive(Clone, Debug)]
pub struct City {
    names: Vec<String>,
    times: Vec<Option<TravelTime>>,
}

/// Lengths of the same city.
#[derive(Clone, Debug)]
pub struct CityLengths(MatrixTimes);

impl RoadLengths for CityLengths {
    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        let time = self.0.travel_time(from, to)?;
        Some(Metres::from_millimetres(u64::from(time.as_millis()) * SPEED))
    }
}

impl City {
    /// Roads as `A-60-B-120-C`, a road a word, seconds between the names.
    pub fn new(roads: &str) -> City {
        let mut names: Vec<String> = Vec::new();
        let mut edges: Vec<(usize, usize, u32)> = Vec::new();
        for road in roads.split_whitespace() {
            let parts: Vec<&str> = road.split('-').collect();
            let mut node = |name: &str| {
                names.iter().position(|known| known == name).unwrap_or_else(|| {
                    names.push(name.to_owned());
                    names.len() - 1
                })
            };
            for step in parts.windows(3).step_by(2) {
                edges.push((node(step[0]), node(step[2]), step[1].parse().expect("seconds stand between two names")));
            }
        }
        City::of(names, &edges)
    }

    /// A grid of `side * side` crossings, each road of it so many seconds long, named by number.
    pub fn grid(side: usize, seconds: u32) -> City {
        let mut edges = Vec::new();
        for node in 0..side * side {
            if node % side + 1 < side {
                edges.push((node, node + 1, seconds));
            }
            if node / side + 1 < side {
                edges.push((node, node + side, seconds + 1));
            }
        }
        City::of((0..side * side).map(|node| node.to_string()).collect(), &edges)
    }

    fn of(names: Vec<String>, edges: &[(usize, usize, u32)]) -> City {
        let side = names.len();
        let mut times = vec![None; side * side];
        for node in 0..side {
            times[node * side + node] = Some(0u32);
        }
        for &(a, b, seconds) in edges {
            times[a * side + b] = Some(seconds);
            times[b * side + a] = Some(seconds);
        }
        for via in 0..side {
            for from in 0..side {
                for to in 0..side {
                    let (Some(there), Some(on)) = (times[from * side + via], times[via * side + to]) else { continue };
                    let now = times[from * side + to];
                    times[from * side + to] = Some(now.map_or(there + on, |now| now.min(there + on)));
                }
            }
        }
        City { names, times: times.into_iter().map(|seconds| seconds.map(TravelTime::from_secs)).collect() }
    }

    pub fn roads(&self) -> MatrixTimes {
        MatrixTimes::new(self.names.len(), self.times.clone())
    }

    pub fn lengths(&self) -> CityLengths {
        CityLengths(self.roads())
    }

    pub fn spot(&self, name: &str) -> Spot {
        let node = self.names.iter().position(|known| known == name).unwrap_or_else(|| panic!("no place {name}"));
        let place = Place { edge: EdgeId(node as u32), fraction: Fraction::TAIL, sides: Sides::Both };
        let asked = LatLon::from_e7(node as i32, 0).expect("on the globe");
        Spot { asked, label: name.to_owned(), kana: String::new(), place, zones: Zones::EMPTY }
    }

    pub fn shift(&self, id: u32, vehicle: u32, (from, to): (&str, &str), (start, end): (&str, &str)) -> Command {
        Command::PlanShift(
            Shift {
                id: ShiftId(id),
                name: format!("shift {id}"),
                vehicle: VehicleId(vehicle),
                window: TimeWindow::new(at(from), at(to)).expect("a shift does not end before it starts"),
                start: self.spot(start),
                end: Some(self.spot(end)),
                features: Features::EMPTY,
                zones: Zones::EMPTY,
                crew: None,
                breaks: Vec::new(),
                driver: None,
                declared: None,
                on_call: None,
            }
            .into(),
        )
    }

    /// One person who asks at `made`.
    pub fn ask(&self, id: &str, made: &str, (from, to): (&str, &str), wish: Wish) -> Ask {
        let request = Request {
            service: ServiceId(1),
            rider: None,
            channel: Channel::Partner,
            origin: Access::at_door(self.spot(from)),
            destination: Access::at_door(self.spot(to)),
            party: Seats::new(1, 0),
            wish,
            arrive_latest: None,
            needs: Features::EMPTY,
            beyond: Beyond::NOTHING,
            concessions: mukae_engine::model::Concessions::NONE,
            choice: Choice::ONE,
        };
        Ask { id: id.to_owned(), at: at(made), request: request.into() }
    }
}

/// `08:30` or `08:30:15` of the first day of 1970.
pub fn at(clock: &str) -> Time {
    let parts: Vec<i64> = clock.split(':').map(|part| part.parse().expect("hours, minutes, seconds")).collect();
    let secs = parts.iter().fold(0, |sum, part| sum * 60 + part) * if parts.len() == 2 { 60 } else { 1 };
    Time::from_unix_secs(secs)
}

pub fn window(from: &str, to: &str) -> TimeWindow {
    TimeWindow::new(at(from), at(to)).expect("a window does not end before it starts")
}

/// Map, policy and service: a minute of dwell for a party, promises 10 minutes wide.
pub fn rules() -> Vec<Command> {
    let policy = ServicePolicy {
        promise_width: Span::from_mins(10),
        ride: RideLimit { extra: Span::from_mins(15), factor_permille: 1500, max: Span::from_mins(90) },
        limits: Limits::Hard,
        dwell: DwellRule {
            per_stop: Span::ZERO,
            per_party: Span::MINUTE,
            per_seat: Span::ZERO,
            per_wheelchair: Span::from_mins(2),
        },
        offer_ttl: Span::from_mins(5),
        notice_min: Span::ZERO,
        horizon: Span::from_mins(14 * 24 * 60),
        no_show_after: Span::from_mins(5),
        walk_max: WalkLimit { to_pickup: Span::from_mins(10), from_dropoff: Span::from_mins(10) },
        hold_max: Span::from_mins(5),
        party_max: None,
        crews: mukae_engine::model::Crews::ALL,
    };
    vec![
        Command::UseMap(MapId(1)),
        Command::SetPolicy(Policy {
            cost: CostWeights {
                driving: 20,
                driver_time: 0,
                rider_wait: 10,
                excess_ride: 10,
                wait_on_board: 0,
                walking: 0,
            },
            wait_on_board_max: Span::from_mins(2),
            position_tolerance: Span::from_secs(15),
            retention: Span::HOUR,
            freeze_horizon: Span::ZERO,
            wait_first_permille: 0,
            ask_timeout: Span::from_mins(5),
            tier_max: Tier::T3,
        }),
        Command::SetService(
            Service {
                id: ServiceId(1),
                name: "town".to_owned(),
                policy,
                days: Vec::new(),
                zones: Vec::new(),
                tariff: None,
                suspension: None,
            }
            .into(),
        ),
    ]
}

pub fn vehicle(id: u32, capacity: Seats) -> Command {
    let (id, name, capacity) = (VehicleId(id), format!("car {id}"), capacity.into());
    Command::RegisterVehicle(Vehicle { id, name, capacity, terms: Terms::OPEN })
}
