//! Judging what a profile says: every number against its range, every word against those that mean
//! something. All that is wrong is told at once.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::{DAYS, MetricRules, Profile};
use crate::metric::{METRICS_MAX, SNOW_MAX, minute_of_day};
use crate::nearest_word::nearest_word;
use crate::osm::{RoadClass, is_limit};

/// In km/h: slower is no driving, faster no road.
const SPEEDS: RangeInclusive<u32> = 1..=200;
const SECONDS_MAX: u32 = 24 * 3600;
/// Of a base driving time: half to five times.
const TIME_PERMILLE: RangeInclusive<u32> = 500..=5000;
const SPREAD_PERMILLE: RangeInclusive<u32> = 0..=2000;
const CONDITIONAL: [&str; 2] = ["always", "never"];
/// Keys of `law.untagged` that are no classes.
pub(crate) const BUILT_UP: &str = "built_up";
pub(crate) const NO_LANE_MARKINGS: &str = "no_lane_markings";

pub(super) fn problems(profile: &Profile) -> Vec<String> {
    let mut check = Check { problems: Vec::new() };
    let Profile { vehicle, access, delay_s, speed, cap_kmh, narrow, law, turn, ferry, base, .. } = profile;
    check.range("vehicle.height_cm", vehicle.height_cm, 50..=500);
    check.range("vehicle.width_cm", vehicle.width_cm, 50..=300);
    check.range("vehicle.length_cm", vehicle.length_cm, 100..=2500);
    check.range("vehicle.weight_kg", vehicle.weight_kg, 100..=60_000);
    check.one_meaning(&[("yes", &access.yes), ("destination_only", &access.destination_only), ("no", &access.no)]);
    let services = [&access.destination_only_services, &access.closed_services];
    check.one_meaning(&[("destination_only_services", services[0]), ("closed_services", services[1])]);
    check.range("access.through_destination_only_s", access.through_destination_only_s, 0..=SECONDS_MAX);
    check.all_in("delay_s", delay_s, 0..=3600);
    check.range("speed.cap_kmh", speed.cap_kmh, SPEEDS);
    check.range("speed.share_of_limit_permille", speed.share_of_limit_permille, 100..=1500);
    check.range("speed.walk_kmh", speed.walk_kmh, 3..=20);
    check.all_in("speed.free_kmh", &speed.free_kmh, SPEEDS);
    check.all_in("speed.ceiling_kmh", &speed.ceiling_kmh, SPEEDS);
    check.all_in("cap_kmh.service", &cap_kmh.service, SPEEDS);
    check.all_in("cap_kmh.surface", &cap_kmh.surface, SPEEDS);
    check.all_in("cap_kmh.smoothness", &cap_kmh.smoothness, SPEEDS);
    check.all_in("cap_kmh.tracktype", &cap_kmh.tracktype, SPEEDS);
    check.range("narrow.one_lane_two_way_kmh", narrow.one_lane_two_way_kmh, SPEEDS);
    for (index, narrow) in narrow.width.iter().enumerate() {
        check.range(&format!("narrow.width[{}].cap_kmh", index + 1), narrow.cap_kmh, SPEEDS);
    }
    for (country, words) in &law.limit {
        for (word, limit) in words {
            check.limit(&format!("law.limit.{country}.{word}"), limit);
        }
    }
    for (key, limit) in &law.untagged {
        check.class("law.untagged", key, &[BUILT_UP, NO_LANE_MARKINGS]);
        check.limit(&format!("law.untagged.{key}"), limit);
    }
    if !CONDITIONAL.contains(&turn.conditional.as_str()) {
        check.note(format!("`turn.conditional` is `{}`; `always` or `never` is right", turn.conditional));
    }
    check.range("ferry.speed_kmh", ferry.speed_kmh, SPEEDS);
    check.range("ferry.boarding_s", ferry.boarding_s, 0..=SECONDS_MAX);
    check.range("base.spread_permille", base.spread_permille, SPREAD_PERMILLE);
    check.metrics(&profile.metric);
    check.problems
}

struct Check {
    problems: Vec<String>,
}

impl Check {
    fn note(&mut self, problem: String) {
        self.problems.push(problem);
    }

    fn range(&mut self, key: &str, value: u32, right: RangeInclusive<u32>) {
        if !right.contains(&value) {
            self.note(format!("`{key}` is {value}; {} to {} is right", right.start(), right.end()));
        }
    }

    fn all_in(&mut self, table: &str, values: &BTreeMap<String, u32>, right: RangeInclusive<u32>) {
        for (key, &value) in values {
            self.range(&format!("{table}.{key}"), value, right.clone());
        }
    }

    fn limit(&mut self, key: &str, limit: &str) {
        if !is_limit(limit) {
            self.note(format!(
                "`{key}` is `{limit}`; a limit as `maxspeed` writes it is right: 50, 30 mph, walk, none"
            ));
        }
    }

    fn class(&mut self, table: &str, key: &str, also: &[&'static str]) {
        let known: Vec<&str> = RoadClass::ALL.iter().map(|class| class.name()).chain(also.iter().copied()).collect();
        if let (false, Some(nearest)) = (known.contains(&key), nearest_word(key, &known)) {
            let known = known.join(", ");
            self.note(format!("unknown key `{key}` in `{table}`; did you mean `{nearest}`? (known here: {known})"));
        }
    }

    fn one_meaning(&mut self, lists: &[(&str, &Vec<String>)]) {
        for (index, (name, values)) in lists.iter().enumerate() {
            for (other, others) in &lists[index + 1..] {
                for value in values.iter().filter(|value| others.contains(value)) {
                    self.note(format!("`{value}` is in `access.{name}` and in `access.{other}`; one of them is right"));
                }
            }
        }
    }

    fn metrics(&mut self, metrics: &[MetricRules]) {
        if METRICS_MAX <= metrics.len() {
            self.note(format!("`metric` is there {} times; at most {} are kept", metrics.len(), METRICS_MAX - 1));
        }
        for (index, metric) in metrics.iter().enumerate() {
            let key = |key: &str| format!("metric[{}].{key}", index + 1);
            if metric.name.trim().is_empty() || metric.name == "base" {
                self.note(format!("`{}` is `{}`; a name of its own is right", key("name"), metric.name));
            }
            if metrics[..index].iter().any(|other| other.name == metric.name) {
                self.note(format!("`{}` is `{}` a second time; each has its own name", key("name"), metric.name));
            }
            for day in metric.days.iter().filter(|day| !DAYS.contains(&day.as_str())) {
                self.note(format!("`{}` has `{day}`; {} are right", key("days"), DAYS.join(", ")));
            }
            if metric.days.is_empty() {
                self.note(format!("`{}` is empty; leave it out for every day", key("days")));
            }
            for (name, time) in [("from", &metric.from), ("until", &metric.until)] {
                if minute_of_day(time).is_none() {
                    self.note(format!("`{}` is `{time}`; a time from 00:00 to 24:00 is right", key(name)));
                }
            }
            if metric.from == metric.until {
                self.note(format!("`{}` and `until` are both {}; nothing lies between", key("from"), metric.from));
            }
            self.range(&key("snow"), metric.snow, 0..=u32::from(SNOW_MAX));
            self.range(&key("time_permille"), metric.time_permille, TIME_PERMILLE);
            metric.spread_permille.into_iter().for_each(|it| self.range(&key("spread_permille"), it, SPREAD_PERMILLE));
            metric.cap_kmh.into_iter().for_each(|cap| self.range(&key("cap_kmh"), cap, SPEEDS));
            self.all_in(&key("class_time_permille"), &metric.class_time_permille, TIME_PERMILLE);
            self.all_in(&key("class_cap_kmh"), &metric.class_cap_kmh, SPEEDS);
            for class in metric.class_time_permille.keys() {
                self.class(&key("class_time_permille"), class, &[]);
            }
            for class in metric.class_cap_kmh.keys() {
                self.class(&key("class_cap_kmh"), class, &[]);
            }
        }
    }
}
