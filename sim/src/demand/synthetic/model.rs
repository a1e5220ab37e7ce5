//! A town brought to its roads: what a day is drawn from. Made once, then it draws as many days as one likes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use mukae_maps::mesh::{Cell, Side};
use mukae_maps::{PreparedMap, SnapOptions};
use mukae_units::{LatLon, Metres};

use super::doors::Doors;
use super::flat::Flat;
use super::gravity::{Flow, Pull, Stop, Target, WHOLE, fill};
use super::settings::{Parameters, TripPurpose};
use super::town::{Home, Town};
use super::volume::Volume;
use crate::demand::{RowProblem, off_the_map};
use crate::random::Draw;

#[derive(Debug)]
pub struct Model {
    pub(super) parameters: Parameters,
    town: Town,
    /// Of the homes that lie on the map.
    homes: Vec<Dwelling>,
    /// Purposes for which there are both people and places.
    pub(super) flows: Vec<Outings>,
    /// Cells of about a kilometre, each with its homes: the targets of visits.
    parishes: Vec<Vec<usize>>,
    flat: Flat,
    /// What a person should know of it, a line each.
    told: Vec<String>,
}

#[derive(Debug)]
struct Dwelling {
    at: LatLon,
    doors: Doors,
    residents: u64,
}

/// The outings for one purpose.
#[derive(Debug)]
pub(super) struct Outings {
    /// An index into the parameters' purposes.
    pub(super) habits: usize,
    pub(super) flow: Flow,
    /// Where each target is.
    places: Vec<LatLon>,
    /// Running sums over the homes: driven outings a week of all residents, if all of them took part, in
    /// 1/(1,000,000 · 65,536).
    origins: Vec<u64>,
}

const PER_PERSON: f64 = 1e6 * WHOLE as f64;

impl Model {
    /// Homes and places farther than `limit` from a road to board on are left out, and told.
    pub fn new(town: Town, parameters: Parameters, map: &PreparedMap, limit: Metres) -> Model {
        let (mut homes_off, mut places_off) = (Vec::new(), Vec::new());
        let stop = |line, at, problems: &mut Vec<RowProblem>| match map.snap_by(at, &SnapOptions::door(limit)) {
            Ok(snapped) => Some(Stop { at, road: snapped.place }),
            Err(error) => {
                problems.push(off_the_map(line, "lat/lon", at, error));
                None
            }
        };
        let on_map = |home: &Home| Some((*home, stop(home.line, home.at, &mut homes_off)?));
        let (homes, home_stops): (Vec<Home>, Vec<Stop>) = town.homes.iter().filter_map(on_map).unzip();
        let mut stops = Vec::new();
        let mut targets: BTreeMap<TripPurpose, Vec<Target>> = BTreeMap::new();
        for place in &town.places {
            let wanted = parameters.purposes.iter().filter(|habits| habits.to.contains(&place.kind));
            let Some(found) = stop(place.line, place.at, &mut places_off) else { continue };
            for habits in wanted {
                let target = Target { stop: stops.len(), weight: place.weight };
                targets.entry(habits.purpose).or_default().push(target);
            }
            stops.push(found);
        }
        let parishes = parishes_of(&homes);
        for of_parish in &parishes {
            let most = of_parish.iter().copied().max_by_key(|&home| (homes[home].residents, std::cmp::Reverse(home)));
            let most = most.expect("a parish has a home");
            let weight = of_parish.iter().map(|&home| homes[home].residents).sum();
            targets.entry(TripPurpose::Visit).or_default().push(Target { stop: stops.len(), weight });
            stops.push(home_stops[most]);
        }

        let flat = Flat::around(homes.first().map_or(LatLon::from_e7(0, 0).expect("on the globe"), |home| home.at));
        let pull = Pull { flat, walk: parameters.walk, decay: parameters.decay_per_min };
        let mut flows: Vec<Outings> = Vec::new();
        let mut told = vec![format!("synthetic demand: {}", town.told())];
        let off = |file: &str, problem: &RowProblem| format!("not used: {file}, {problem}");
        told.extend(homes_off.iter().map(|problem| off(&town.homes_from, problem)));
        told.extend(places_off.iter().map(|problem| off(&town.places_from, problem)));
        for (index, habits) in parameters.purposes.iter().enumerate() {
            if habits.elderly == 0 && habits.other == 0 {
                continue;
            }
            let Some(targets) = targets.remove(&habits.purpose) else {
                told.push(format!("nobody goes out for {}: the town has no such place", habits.purpose.name()));
                continue;
            };
            let places = targets.iter().map(|target| stops[target.stop].at).collect();
            flows.push(Outings { habits: index, flow: Flow::new(targets, homes.len()), places, origins: Vec::new() });
        }
        let mut to_fill: Vec<&mut Flow> = flows.iter_mut().map(|outings| &mut outings.flow).collect();
        fill(&mut to_fill, &home_stops, &stops, &pull, &mut map.query());
        for outings in &mut flows {
            outings.weigh(&homes, &parameters);
            if outings.total() == 0 {
                let purpose = parameters.purposes[outings.habits].purpose.name();
                told.push(format!(
                    "nobody is driven for {purpose}: all such places are within a walk, or no road leads there"
                ));
            }
        }
        flows.retain(|outings| 0 < outings.total());
        let doors = Doors::of(&homes, map.graph());
        let dwelling = |(home, doors): (&Home, Doors)| Dwelling { at: home.at, doors, residents: home.residents };
        let homes = homes.iter().zip(doors).map(dwelling).collect();
        Model { parameters, town, homes, flows, parishes, flat, told }
    }

    pub fn town(&self) -> &Town {
        &self.town
    }

    /// Which town this is, what of its tables is not used, and which purposes nobody has.
    pub fn told(&self) -> &[String] {
        &self.told
    }

    /// For each of the flows, how many outings there are on average on such a day.
    pub(super) fn outings(&self, date: Date, volume: Volume) -> Vec<f64> {
        let participation = f64::from(self.parameters.participation[volume as usize]) / 1000.0;
        let of = |outings: &Outings| {
            let days = self.parameters.purposes[outings.habits].days;
            let day = f64::from(days[self.weekday(date)]) / f64::from(days.iter().sum::<u32>());
            outings.total() as f64 / PER_PERSON * participation * day
        };
        self.flows.iter().map(of).collect()
    }

    /// Requests on average on such a day, trips back included.
    pub fn expected(&self, date: Date, volume: Volume) -> f64 {
        let with_return = |(outings, mean): (&Outings, f64)| {
            mean * (1.0 + f64::from(self.parameters.purposes[outings.habits].returns) / 1000.0)
        };
        self.flows.iter().zip(self.outings(date, volume)).map(with_return).sum()
    }

    /// How many requests such days have by each of the volumes, in a line.
    pub fn fan(&self, dates: &[Date], scale: i64) -> String {
        let mean = |volume| {
            let sum: f64 = dates.iter().map(|&date| self.expected(date, volume)).sum();
            sum * scale as f64 / 1000.0 / dates.len().max(1) as f64
        };
        let [low, mid, high] = Volume::ALL.map(|volume| format!("{:.1} ({volume})", mean(volume)));
        format!("requests a day on average: {low}, {mid}, {high}; nobody knows which before the service runs")
    }

    /// For each of the flows, what a draw among them on this day picks by; empty if nobody goes out.
    pub(super) fn purposes(&self, date: Date) -> Vec<u64> {
        let weight = |outings: &Outings| {
            let days = self.parameters.purposes[outings.habits].days;
            let all = u128::from(days.iter().sum::<u32>());
            (u128::from(outings.total() / WHOLE) * u128::from(days[self.weekday(date)]) / all) as u64
        };
        let sums = running_sums(self.flows.iter().map(weight));
        if sums.last().is_some_and(|&sum| 0 < sum) { sums } else { Vec::new() }
    }

    /// From Monday, 0; holidays are Sundays.
    fn weekday(&self, date: Date) -> usize {
        let is_holiday = self.parameters.holidays.contains(&date);
        if is_holiday { 6 } else { date.weekday().to_monday_zero_offset() as usize }
    }

    /// The home of an outing, and where its door is.
    pub(super) fn home(&self, outings: &Outings, which: Draw, door: [Draw; 2]) -> (usize, LatLon) {
        let home = which.pick(&outings.origins);
        (home, self.homes[home].doors.draw(door))
    }

    /// Where an outing goes: to a place, or to a home of a parish that is not next door.
    pub(super) fn away(&self, outings: &Outings, home: usize, target: Draw, which: Draw, door: [Draw; 2]) -> LatLon {
        let target = target.pick(outings.flow.sums(home));
        if self.parameters.purposes[outings.habits].purpose != TripPurpose::Visit {
            return outings.places[target];
        }
        let far =
            |other: &usize| self.parameters.walk <= self.flat.distance(self.homes[home].at, self.homes[*other].at);
        let others: Vec<usize> = self.parishes[target].iter().copied().filter(far).collect();
        let sums = running_sums(others.iter().map(|&other| self.homes[other].residents));
        // The parish's own stop is one of its homes, and it was far enough to be driven to.
        self.homes[others[which.pick(&sums)]].doors.draw(door)
    }
}

impl Outings {
    fn weigh(&mut self, homes: &[Home], parameters: &Parameters) {
        let habits = &parameters.purposes[self.habits];
        let weight = |(index, home): (usize, &Home)| {
            let elderly = u64::from(home.elderly.unwrap_or(parameters.elderly_share));
            let rate = elderly * u64::from(habits.elderly) + (1000 - elderly) * u64::from(habits.other);
            home.residents * rate * self.flow.driven(index)
        };
        self.origins = running_sums(homes.iter().enumerate().map(weight));
    }

    fn total(&self) -> u64 {
        self.origins.last().copied().unwrap_or(0)
    }
}

/// Homes by cells of about a kilometre.
fn parishes_of(homes: &[Home]) -> Vec<Vec<usize>> {
    let mut parishes: BTreeMap<Cell, Vec<usize>> = BTreeMap::new();
    for (index, home) in homes.iter().enumerate() {
        parishes.entry(home.cell.within(Side::Whole)).or_default().push(index);
    }
    parishes.into_values().collect()
}

/// For [`Draw::pick`].
pub(super) fn running_sums(weights: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let mut sum = 0;
    let running = |weight: u64| {
        sum += weight;
        sum
    };
    weights.into_iter().map(running).collect()
}
