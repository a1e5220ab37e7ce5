//! Driving times of certain hours and of snow: more columns of weights beside the base metric's.
//!
//! A profile says when each holds and how much slower it is (`[[metric]]`); the weights are worked out
//! once, when the map is built. Which of them is asked, and how a drive passes from one into the next,
//! is the business of those who plan.

use std::fmt::Write;

use mukae_units::TravelTime;

use crate::column::Column;
use crate::graph::{EdgeId, RoadGraph};
use crate::hierarchy::TOO_FAR;
use crate::osm::Speed;
use crate::profile::{DAYS, MetricRules, Profile};

/// Metrics of a map, the base included.
pub const METRICS_MAX: usize = 16;
/// 0 is no snow; what the classes above it look like is the planner's to say.
pub const SNOW_MAX: u8 = 3;

const MINUTES_OF_DAY: u16 = 24 * 60;

/// Civil time in the map's own zone, as far as metrics tell hours apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CivilMinute {
    /// 0 is Monday, 6 is Sunday.
    pub weekday: u8,
    /// 0 to 1439.
    pub minute: u16,
}

/// When a metric holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Condition {
    /// Bit 0 is Monday; the day on which the hours begin.
    days: u8,
    /// Minutes after midnight, the first included, the last not. `until` before `from` is on the next day.
    from: u16,
    until: u16,
    snow: u8,
}

/// One metric of a map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Metric {
    pub name: String,
    pub condition: Condition,
    /// How far driving times scatter around the weights, in permille of them; for simulation.
    pub spread_permille: u32,
    /// Edge -> driving time; empty for the base metric, whose weights are the graph's.
    weights: Column<TravelTime>,
}

/// The metrics of a map by their index; 0 is the base metric, which holds when no other does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MetricSet {
    /// Never empty.
    metrics: Vec<Metric>,
}

impl Condition {
    const ALWAYS: Condition = Condition { days: 0x7f, from: 0, until: MINUTES_OF_DAY, snow: 0 };

    fn of(rules: &MetricRules) -> Condition {
        let days = DAYS.iter().enumerate().filter(|(_, day)| rules.days.iter().any(|other| other == *day));
        let minute = |text| minute_of_day(text).expect("a checked profile has good times");
        Condition {
            days: days.fold(0, |days, (index, _)| days | 1 << index),
            from: minute(&rules.from),
            until: minute(&rules.until),
            snow: rules.snow as u8,
        }
    }

    /// The snow class from which on the metric holds; 0 is none.
    pub fn snow(&self) -> u8 {
        self.snow
    }

    /// The days on which the hours begin, `mon` to `sun`.
    pub fn days(&self) -> impl Iterator<Item = &'static str> + use<> {
        let days = self.days;
        DAYS.into_iter().enumerate().filter(move |(index, _)| days >> index & 1 == 1).map(|(_, day)| day)
    }

    /// Minutes after midnight, the first included, the last not; the last is on the next day if it is before the first.
    pub fn minutes(&self) -> (u16, u16) {
        (self.from, self.until)
    }

    /// True if the hours hold at `at`, whatever the snow.
    pub fn holds_at(&self, at: CivilMinute) -> bool {
        let is_day = |weekday: u8| self.days >> weekday & 1 == 1;
        if self.from < self.until {
            is_day(at.weekday) && (self.from..self.until).contains(&at.minute)
        } else {
            let yesterday = (at.weekday + 6) % 7;
            (is_day(at.weekday) && self.from <= at.minute) || (is_day(yesterday) && at.minute < self.until)
        }
    }
}

impl MetricSet {
    pub(crate) fn build(graph: &RoadGraph, profile: &Profile) -> MetricSet {
        let spread_permille = profile.base.spread_permille;
        let base = Metric {
            name: "base".to_owned(),
            condition: Condition::ALWAYS,
            spread_permille,
            weights: Vec::new().into(),
        };
        let others = profile.metric.iter().map(|rules| Metric {
            name: rules.name.clone(),
            condition: Condition::of(rules),
            spread_permille: rules.spread_permille.unwrap_or(spread_permille),
            weights: graph.edges().map(|edge| weight(graph, edge, rules)).collect(),
        });
        MetricSet { metrics: std::iter::once(base).chain(others).collect() }
    }

    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// The weights of a metric, one for each edge of `graph`.
    ///
    /// Panics if there is no metric of that index, or the graph is another map's.
    pub fn weights<'a>(&'a self, index: usize, graph: &'a RoadGraph) -> &'a [TravelTime] {
        let weights = if index == 0 { graph.weights() } else { &self.metrics[index].weights };
        assert_eq!(weights.len(), graph.edge_count(), "metric {index} is of another map");
        weights
    }

    /// The index of the metric that holds at a civil time under a class of snow: of those whose hours
    /// hold the one for the most snow that there is, and of several the first of the profile.
    pub fn at(&self, at: CivilMinute, snow: u8) -> usize {
        let holds = |metric: &Metric| metric.condition.snow <= snow && metric.condition.holds_at(at);
        let best = (1..self.metrics.len())
            .filter(|&index| holds(&self.metrics[index]))
            .max_by_key(|&index| (self.metrics[index].condition.snow, std::cmp::Reverse(index)));
        best.unwrap_or(0)
    }

    /// One line each: when, how much, and the name to the end of the line.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        for Metric { name, condition, spread_permille, .. } in &self.metrics {
            let Condition { days, from, until, snow } = condition;
            let name = name.replace(['\n', '\r'], " ");
            writeln!(text, "{days} {from} {until} {snow} {spread_permille} {name}").expect("to a string never fails");
        }
        text
    }

    /// The weights of all metrics but the base, by index.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (usize, &Column<TravelTime>)> {
        self.metrics.iter().enumerate().skip(1).map(|(index, metric)| (index, &metric.weights))
    }

    /// `None` if the text or a column makes no sense for a graph of so many edges.
    pub(crate) fn parse(
        text: &str,
        edge_count: usize,
        column: &dyn Fn(usize) -> Option<Column<TravelTime>>,
    ) -> Option<MetricSet> {
        let metrics: Option<Vec<Metric>> =
            text.lines().enumerate().map(|(index, line)| parse_line(index, line, edge_count, column)).collect();
        let metrics = metrics.filter(|metrics| (1..=METRICS_MAX).contains(&metrics.len()))?;
        Some(MetricSet { metrics })
    }
}

fn parse_line(
    index: usize,
    line: &str,
    edge_count: usize,
    column: &dyn Fn(usize) -> Option<Column<TravelTime>>,
) -> Option<Metric> {
    let mut words = line.splitn(6, ' ');
    let mut number = || words.next()?.parse::<u32>().ok();
    let (days, from, until, snow, spread_permille) = (number()?, number()?, number()?, number()?, number()?);
    let name = words.next()?.to_owned();
    let in_day = |minute: u32| u16::try_from(minute).ok().filter(|&minute| minute <= MINUTES_OF_DAY);
    let condition = Condition {
        days: u8::try_from(days).ok().filter(|&days| days < 0x80)?,
        from: in_day(from)?,
        until: in_day(until)?,
        snow: u8::try_from(snow).ok().filter(|&snow| snow <= SNOW_MAX)?,
    };
    let is_weight = |&weight: &TravelTime| TravelTime::ZERO < weight && weight < TOO_FAR;
    let weights = match index {
        0 => Vec::new().into(),
        _ => column(index).filter(|column| column.len() == edge_count && column.iter().all(is_weight))?,
    };
    Some(Metric { name, condition, spread_permille, weights })
}

/// The base weight, stretched; then no faster than the caps. Never zero, never too far.
fn weight(graph: &RoadGraph, edge: EdgeId, rules: &MetricRules) -> TravelTime {
    let class = graph.way(edge).class;
    let own_permille = rules.class_time_permille.get(class.name()).copied();
    // A ship takes its time whatever the roads are like.
    let permille = own_permille.unwrap_or(if class.is_ferry() { 1000 } else { rules.time_permille });
    let stretched = (u64::from(graph.weight(edge).as_millis()) * u64::from(permille)).div_ceil(1000);
    let cap = rules.class_cap_kmh.get(class.name()).copied().or(rules.cap_kmh.filter(|_| !class.is_ferry()));
    let capped = cap.map_or(1, |kmh| Speed::from_kmh(kmh).millis_over(graph.length(edge)));
    let millis = stretched.max(capped).max(1).min(u64::from(TOO_FAR.as_millis()) - 1);
    TravelTime::from_millis(u32::try_from(millis).expect("less than too far"))
}

/// `07:30`, `24:00`.
pub(crate) fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let is_two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let two_digits = |part: &str| is_two_digits(part).then(|| part.parse::<u16>().ok()).flatten();
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    let sum = hour * 60 + minute;
    (minute < 60 && sum <= MINUTES_OF_DAY).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(name: &str, condition: Condition) -> Metric {
        Metric { name: name.to_owned(), condition, spread_permille: 0, weights: Vec::new().into() }
    }

    #[test]
    fn hours_days_and_snow_choose_the_metric() {
        let rush = Condition { days: 0x1f, from: 420, until: 540, snow: 0 };
        let friday_night = Condition { days: 0x10, from: 1320, until: 120, snow: 0 };
        let snow = Condition { snow: 1, ..Condition::ALWAYS };
        let deep = Condition { snow: 3, ..Condition::ALWAYS };
        let all =
            [("base", Condition::ALWAYS), ("rush", rush), ("night", friday_night), ("snow", snow), ("deep", deep)];
        let set = MetricSet { metrics: all.map(|(name, condition)| metric(name, condition)).to_vec() };
        let rows = [
            (0, 420, 0, "rush"),
            (0, 539, 0, "rush"),
            (0, 540, 0, "base"),
            (5, 420, 0, "base"),
            (4, 1320, 0, "night"),
            (5, 119, 0, "night"),
            (5, 120, 0, "base"),
            (4, 60, 0, "base"),
            (0, 420, 1, "snow"),
            (0, 420, 2, "snow"),
            (6, 0, 3, "deep"),
        ];
        for (weekday, minute, snow, expected) in rows {
            let index = set.at(CivilMinute { weekday, minute }, snow);
            assert_eq!(set.metrics()[index].name, expected, "{weekday} {minute} {snow}");
        }
    }

    #[test]
    fn stored_metrics_are_checked() {
        let good = "127 0 1440 0 100 base\n31 420 540 0 150 morning rush\n";
        let column =
            |millis: u32| move |index: usize| (index == 1).then(|| vec![TravelTime::from_millis(millis); 3].into());
        let set = MetricSet::parse(good, 3, &column(5)).expect("nothing is wrong");
        assert_eq!(set.to_text(), good);
        assert_eq!(set.metrics()[1].name, "morning rush");
        assert_eq!(MetricSet::parse(good, 4, &column(5)), None, "another graph's");
        assert_eq!(MetricSet::parse(good, 3, &column(0)), None, "no time");
        assert_eq!(MetricSet::parse(good, 3, &column(u32::MAX)), None, "too far");
        assert_eq!(MetricSet::parse(good, 3, &|_| None), None, "no column");
        for (from, to) in [("31 ", "231 "), ("540", "2000"), ("540 0", "540 9"), ("rush\n", "rush\n1 2\n")] {
            assert_eq!(MetricSet::parse(&good.replace(from, to), 3, &column(5)), None, "{to}");
        }
        assert_eq!(MetricSet::parse("", 3, &column(5)), None);
    }

    #[test]
    fn times_of_day() {
        assert_eq!(minute_of_day("07:30"), Some(450));
        assert_eq!(minute_of_day("24:00"), Some(1440));
        for wrong in ["7:30", "24:01", "12:60", "0730", "", "-1:00", "+1:00", "99999:00"] {
            assert_eq!(minute_of_day(wrong), None, "{wrong}");
        }
    }
}
