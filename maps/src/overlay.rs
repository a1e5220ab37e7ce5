//! Roads as they are today: closed, slowed down or opened again, for a time.
//!
//! A *measure* says what happens on which roads and when. An overlay is a list of measures; each works on what
//! those before it left, so that an area can be closed and one road through it opened again, and two
//! percentages multiply; what is closed stays closed until it is reopened. Applied
//! to the weights of a metric at a moment it gives new weights; `live` makes travel times of them.

mod file;
mod select;

use mukae_units::{Metres, Time, TravelTime};

use crate::graph::{EdgeId, RoadGraph};
use crate::hierarchy::TOO_FAR;

pub use file::{BrokenOverlay, read_overlay};
pub use select::{Area, NoSuchRoad, Roads};

/// What happens on the roads of a measure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Nobody may drive in. Who is there may leave by the end of the road, in the time that the map tells.
    Close,
    /// Driving takes so many percent of what it takes otherwise; 1 to 10,000.
    Percent(u32),
    /// Nobody drives faster, in km/h; 1 to 200.
    KmhMax(u32),
    /// As if no earlier measure were there.
    Reopen,
}

/// One thing that happens on some roads for some time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measure {
    /// For people: what and why.
    pub note: String,
    pub effect: Effect,
    /// Ascending, each once.
    pub edges: Vec<EdgeId>,
    /// From the first of these moments on; `None` since ever.
    pub from: Option<Time>,
    /// Up to and without this moment; `None` for good.
    pub until: Option<Time>,
}

impl Measure {
    /// When it next begins or ends to hold, if it does.
    pub fn next_change(&self, now: Time) -> Option<Time> {
        [self.from, self.until].into_iter().flatten().filter(|&at| now < at).min()
    }

    pub fn holds_at(&self, now: Time) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

/// Measures in the order in which they override one another.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overlay {
    pub measures: Vec<Measure>,
}

impl Overlay {
    /// The weights of all road edges at a moment: those of a metric, changed by the measures that hold.
    /// A closed road has the weight [`TOO_FAR`].
    ///
    /// Panics unless there is a weight for each edge.
    pub fn weights_at(&self, graph: &RoadGraph, metric: &[TravelTime], now: Time) -> Vec<TravelTime> {
        weights_under(self.measures.iter().filter(|measure| measure.holds_at(now)), graph, metric)
    }

    /// The weights while all measures hold, whatever their times say.
    pub fn weights_in_force(&self, graph: &RoadGraph, metric: &[TravelTime]) -> Vec<TravelTime> {
        weights_under(self.measures.iter(), graph, metric)
    }

    /// When [`Overlay::weights_at`] next changes, if it does.
    pub fn next_change(&self, now: Time) -> Option<Time> {
        self.measures.iter().filter_map(|measure| measure.next_change(now)).min()
    }
}

fn weights_under<'m>(
    measures: impl Iterator<Item = &'m Measure>,
    graph: &RoadGraph,
    metric: &[TravelTime],
) -> Vec<TravelTime> {
    assert_eq!(metric.len(), graph.edge_count(), "one weight for each road edge");
    let mut weights = metric.to_vec();
    for measure in measures {
        for &edge in &measure.edges {
            let weight = &mut weights[edge.0 as usize];
            *weight = match measure.effect {
                Effect::Close => TOO_FAR,
                Effect::Percent(percent) => slowed(*weight, percent),
                Effect::KmhMax(kmh) => (*weight).max(at_speed(graph.length(edge), kmh)),
                Effect::Reopen => metric[edge.0 as usize],
            };
        }
    }
    weights
}

/// Rounded up, at least a millisecond; a closed road stays closed, whatever the percentage.
fn slowed(weight: TravelTime, percent: u32) -> TravelTime {
    if weight == TOO_FAR {
        return TOO_FAR;
    }
    let millis = (u64::from(weight.as_millis()) * u64::from(percent)).div_ceil(100).max(1);
    TravelTime::from_millis(millis.min(u64::from(SLOWEST)) as u32)
}

fn at_speed(length: Metres, kmh: u32) -> TravelTime {
    // 1 km/h is 1/3.6 mm per ms.
    let millis = (length.as_millimetres().saturating_mul(18)).div_ceil(5 * u64::from(kmh)).max(1);
    TravelTime::from_millis(millis.min(u64::from(SLOWEST)) as u32)
}

/// In milliseconds; a slow road is not a closed one.
const SLOWEST: u32 = TOO_FAR.as_millis() - 1;

#[cfg(test)]
mod tests;
