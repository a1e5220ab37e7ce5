//! From trips to habits: each rider's weekdays and gaps, leaning on everybody's.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::BIN_COUNT;
use crate::special::logistic;

use super::{Diary, GAP_COUNT, Habit, HabitSettings, ServiceDay, Trip, WEEKDAYS, experts::Experts, gap_place, place};

/// One kind of one rider: what was seen of it since its first visit.
struct Course {
    rider: u64,
    kind: u32,
    /// Ascending; at least `trips_min`.
    visits: BTreeSet<i32>,
    /// The service days after the first visit, up to the day of the fit, each with what it counts.
    days: Vec<(ServiceDay, f64)>,
    bins: Vec<f64>,
}

/// A service day of a course.
struct Step {
    weekday: u8,
    gap: usize,
    weight: f64,
    visited: bool,
}

/// Visits seen, and over how many chances for them.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    visits: f64,
    chances: f64,
}

/// What a course leans on.
pub(super) struct Everybody {
    pub(super) propensity: Propensity,
    /// By how much each gap raises or lowers what riders do on average.
    pub(super) gaps: Vec<f64>,
    pub(super) times: Times,
}

/// How often riders go at their own times (certain weekdays, after certain gaps), and at others. Shares come in these two
/// kinds: whoever went on two of two Tuesdays goes mostly, as others do at their times, and not always.
pub(super) struct Times {
    own: Propensity,
    other: Propensity,
}

/// A Beta distribution: its mean, and how many days it is worth.
pub(super) struct Propensity {
    mean: f64,
    worth: f64,
}

/// What a propensity of everybody is at least and at most worth, in days: without the bounds, few riders who are all
/// alike would make it certain.
const WORTH_MIN: f64 = 0.5;
const WORTH_MAX: f64 = 20.0;
/// What is believed of riders' own times and of others before any is known; keeps the two apart.
const OWN_BEFORE: Tally = Tally { visits: 4.0, chances: 5.0 };
const OTHER_BEFORE: Tally = Tally { visits: 0.5, chances: 10.0 };
/// Trips, spread evenly over the day, that smooth the times of all riders.
const SPREAD_TRIPS: f64 = 24.0;

pub(super) fn fit(diary: &Diary, through: i32, settings: &HabitSettings) -> BTreeMap<u64, BTreeMap<u32, Habit>> {
    let courses = courses(diary, through, settings);
    let everybody = Everybody::of(&courses);
    let spread = common_spread(&courses);
    let mut riders: BTreeMap<u64, BTreeMap<u32, Habit>> = BTreeMap::new();
    for course in &courses {
        let trips: f64 = course.bins.iter().sum();
        let share = |(own, common): (&f64, &f64)| (settings.bin_trips * common + own) / (settings.bin_trips + trips);
        let habit = Habit {
            last: *course.visits.last().expect("a course has visits"),
            chances: chances(course, &everybody),
            spread: course.bins.iter().zip(&spread).map(share).collect(),
        };
        riders.entry(course.rider).or_default().insert(course.kind, habit);
    }
    riders
}

/// Walks through the days of a course: each expert says what it would have said, and is weighed by how well it did.
fn chances(course: &Course, everybody: &Everybody) -> Vec<f64> {
    let mut experts = Experts::new(everybody);
    for Step { weekday, gap, weight, visited } in course.steps() {
        experts.learn(weekday, gap, weight, visited);
    }
    let weights = experts.weights();
    let cells = (0..WEEKDAYS as u8).flat_map(|weekday| (0..GAP_COUNT).map(move |gap| (weekday, gap)));
    let chance = |(weekday, gap)| {
        experts.say(weekday, gap).iter().zip(weights).map(|(chance, weight)| chance * weight).sum::<f64>().min(1.0)
    };
    cells.map(chance).collect()
}

fn courses(diary: &Diary, through: i32, settings: &HabitSettings) -> Vec<Course> {
    let weight = |day: i32| libm::exp2(-f64::from(through.abs_diff(day)) / settings.h_half);
    let remembered = |day: i32| day <= through && f64::from(through.abs_diff(day)) <= settings.memory * settings.h_half;
    let mut trips: BTreeMap<(u64, u32), Vec<&Trip>> = BTreeMap::new();
    for trip in diary.trips.iter().filter(|trip| remembered(trip.day)) {
        trips.entry((trip.rider, trip.kind)).or_default().push(trip);
    }
    let days: Vec<ServiceDay> = diary.days.iter().copied().filter(|day| remembered(day.number)).collect();
    let course = |((rider, kind), trips): ((u64, u32), Vec<&Trip>)| {
        let visits: BTreeSet<i32> = trips.iter().map(|trip| trip.day).collect();
        let first = *visits.first()?;
        let mut bins = vec![0.0; BIN_COUNT];
        for trip in trips {
            bins[usize::from(trip.bin)] += weight(trip.day);
        }
        // The first visit made the habit; only what came after it says how often.
        let start = days.partition_point(|day| day.number <= first);
        let days = days[start..].iter().map(|day| (*day, weight(day.number))).collect();
        (settings.trips_min <= visits.len()).then_some(Course { rider, kind, visits, days, bins })
    };
    trips.into_iter().filter_map(course).collect()
}

impl Course {
    fn steps(&self) -> impl Iterator<Item = Step> {
        let mut last = *self.visits.first().expect("a course has visits");
        self.days.iter().map(move |(day, weight)| {
            let gap = gap_place(last, day.number).expect("days after the first visit, upwards");
            let visited = self.visits.contains(&day.number);
            if visited {
                last = day.number;
            }
            Step { weekday: day.weekday, gap, weight: *weight, visited }
        })
    }

    fn tally(&self) -> Tally {
        self.steps().fold(Tally::default(), |mut tally, step| {
            tally.add(step.weight, step.visited);
            tally
        })
    }
}

impl Everybody {
    fn of(courses: &[Course]) -> Everybody {
        let tallies: Vec<Tally> = courses.iter().map(Course::tally).collect();
        let propensity = Propensity::of(&tallies);
        let mut gaps = vec![Tally::default(); GAP_COUNT];
        for (course, tally) in courses.iter().zip(&tallies) {
            let own = propensity.after(tally);
            for step in course.steps() {
                let gap = &mut gaps[step.gap];
                gap.chances += step.weight * own;
                gap.visits += if step.visited { step.weight } else { 0.0 };
            }
        }
        // A visit more, as expected: a gap that nobody had changes nothing.
        let gaps = gaps.iter().map(|gap| (1.0 + gap.visits) / (1.0 + gap.chances)).collect();
        Everybody { propensity, gaps, times: Times::of(courses) }
    }
}

impl Times {
    fn of(courses: &[Course]) -> Times {
        let mut cells = Vec::new();
        for course in courses {
            let mut own = vec![Tally::default(); WEEKDAYS * GAP_COUNT];
            for step in course.steps() {
                own[place(step.weekday, step.gap)].add(step.weight, step.visited);
            }
            cells.append(&mut own);
        }
        let (mut own, mut other): (Vec<Tally>, Vec<Tally>) =
            cells.into_iter().filter(|cell| 1.0 <= cell.chances).partition(|cell| cell.chances <= 2.0 * cell.visits);
        own.push(OWN_BEFORE);
        other.push(OTHER_BEFORE);
        Times { own: Propensity::of(&own), other: Propensity::of(&other) }
    }

    /// The chance of a visit at times that were expected to have `parent`, after what was seen of them.
    pub(super) fn after(&self, seen: &Tally, parent: f64) -> f64 {
        // So that nothing seen is the parent, as far as it lies between the two.
        let prior = ((parent - self.other.mean) / (self.own.mean - self.other.mean)).clamp(0.001, 0.95);
        let ln_odds = libm::log(prior / (1.0 - prior)) + self.own.ln_seen(seen) - self.other.ln_seen(seen);
        let share = logistic(ln_odds);
        share * self.own.after(seen) + (1.0 - share) * self.other.after(seen)
    }
}

impl Propensity {
    /// Empirical Bayes: the Beta whose mean and spread are those of the shares seen (moments of the beta-binomial).
    fn of(tallies: &[Tally]) -> Propensity {
        let seen = || tallies.iter().filter(|tally| 0.0 < tally.chances);
        let chances: f64 = seen().map(|tally| tally.chances).sum();
        let visits: f64 = seen().map(|tally| tally.visits).sum();
        // Half a visit more and less, so that nobody and everybody are no certainty.
        let mean = (visits + 0.5) / (chances + 1.0);
        let off = |tally: &Tally| tally.visits / tally.chances - mean;
        let squares: f64 = seen().map(|tally| tally.chances * off(tally) * off(tally)).sum();
        let more_than_chance = squares / (mean * (1.0 - mean)) - seen().count() as f64;
        let room: f64 = seen().map(|tally| tally.chances - 1.0).sum();
        let alike = if 0.0 < room { (more_than_chance / room).max(0.0) } else { 0.0 };
        let worth = if 0.0 < alike { (1.0 / alike - 1.0).clamp(WORTH_MIN, WORTH_MAX) } else { WORTH_MAX };
        Propensity { mean, worth }
    }

    pub(super) fn after(&self, tally: &Tally) -> f64 {
        tally.leaning_on(self.mean, self.worth)
    }

    /// ln of the chance to see just these visits.
    fn ln_seen(&self, tally: &Tally) -> f64 {
        let (a, b) = (self.worth * self.mean, self.worth * (1.0 - self.mean));
        let missed = (tally.chances - tally.visits).max(0.0);
        let ln_beta = |a: f64, b: f64| libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
        ln_beta(a + tally.visits, b + missed) - ln_beta(a, b)
    }
}

impl Tally {
    pub(super) fn add(&mut self, weight: f64, visited: bool) {
        self.chances += weight;
        self.visits += if visited { weight } else { 0.0 };
    }

    /// The share seen, if `mean` had been seen for `worth` days before.
    pub(super) fn leaning_on(&self, mean: f64, worth: f64) -> f64 {
        (worth * mean + self.visits) / (worth + self.chances)
    }
}

fn common_spread(courses: &[Course]) -> Vec<f64> {
    let sum = |bin: usize| courses.iter().map(|course| course.bins[bin]).sum::<f64>();
    let trips: f64 = (0..BIN_COUNT).map(sum).sum();
    (0..BIN_COUNT).map(|bin| (SPREAD_TRIPS / BIN_COUNT as f64 + sum(bin)) / (SPREAD_TRIPS + trips)).collect()
}
