//! A city one can draw: nodes, one- or two-way roads between them, all pairs by Floyd and Warshall.
//! A place stands on a node; its edge number is the node's.

use std::cell::RefCell;
use std::rc::Rc;

use mukae_engine::model::Spot;
use mukae_maps::{DecisionPoint, EdgeId, Fraction, MetricId, Place, Sides, TravelTimes};
use mukae_units::{LatLon, Metres, Span, TravelTime, Zones};

use super::Dice;

/// A city that several hands hold, so that one `Work` can last while its roads change.
#[derive(Clone, Debug)]
pub struct SharedCity(pub Rc<RefCell<City>>);

#[derive(Clone, Debug)]
pub struct City {
    names: Vec<String>,
    /// From, to and milliseconds of every road, closed ones too.
    roads: Vec<(usize, usize, u32)>,
    metric: u32,
    /// Milliseconds; `None` where no road leads.
    time: Vec<Vec<Option<u32>>>,
    /// The node after `from` on the way to `to`.
    next: Vec<Vec<usize>>,
    /// In which zones each node lies; in none until somebody says so.
    pub zones: Vec<Zones>,
    /// Who calls at a node turns round there, and comes on by ways that nobody has who drives past.
    is_crooked: bool,
}

impl City {
    /// `"A--B--C->D 60s"`: a line of nodes, `--` both ways and `->` one way, each hop as long as said.
    pub fn draw(picture: &str) -> City {
        let (line, hop) = picture.trim().rsplit_once(' ').expect("a picture ends with the time of a hop");
        let hop: u32 = hop.strip_suffix('s').and_then(|secs| secs.parse().ok()).expect("a hop is like 60s");
        let mut names = Vec::new();
        let mut roads = Vec::new();
        let mut is_two_way = false;
        for part in line.replace("--", " = ").replace("->", " > ").split_whitespace() {
            match part {
                "=" => is_two_way = true,
                ">" => is_two_way = false,
                name => {
                    names.push(name.to_string());
                    let here = names.len() - 1;
                    if here > 0 {
                        roads.push((here - 1, here, hop * 1000));
                        if is_two_way {
                            roads.push((here, here - 1, hop * 1000));
                        }
                    }
                }
            }
        }
        City::new(names, &roads)
    }

    /// A random strongly connected city: a ring of roads and some chords, some of them one-way.
    pub fn random(dice: &mut Dice, node_count: usize) -> City {
        let names = (0..node_count).map(|node| format!("N{node}")).collect();
        let mut roads = Vec::new();
        for node in 0..node_count {
            roads.push((node, (node + 1) % node_count, 20_000 + dice.below(200_000) as u32));
            if dice.chance(70) {
                roads.push(((node + 1) % node_count, node, 20_000 + dice.below(200_000) as u32));
            }
        }
        for _ in 0..node_count {
            let (from, to) = (dice.below(node_count as u64) as usize, dice.below(node_count as u64) as usize);
            roads.push((from, to, 20_000 + dice.below(300_000) as u32));
        }
        City::new(names, &roads)
    }

    fn new(names: Vec<String>, roads: &[(usize, usize, u32)]) -> City {
        let count = names.len();
        let mut time = vec![vec![None; count]; count];
        let mut next = vec![vec![0; count]; count];
        for node in 0..count {
            time[node][node] = Some(0);
            next[node][node] = node;
        }
        for &(from, to, hop) in roads {
            if time[from][to].is_none_or(|time| hop < time) {
                time[from][to] = Some(hop);
                next[from][to] = to;
            }
        }
        for via in 0..count {
            for from in 0..count {
                for to in 0..count {
                    if let (Some(a), Some(b)) = (time[from][via], time[via][to])
                        && time[from][to].is_none_or(|time| a + b < time)
                    {
                        time[from][to] = Some(a + b);
                        next[from][to] = next[from][via];
                    }
                }
            }
        }
        City {
            names,
            roads: roads.to_vec(),
            metric: 0,
            time,
            next,
            zones: vec![Zones::EMPTY; count],
            is_crooked: false,
        }
    }

    /// The same city on another day: `change` says what each road takes now, or `None` if it is closed.
    pub fn changed(&self, mut change: impl FnMut(usize, usize, u32) -> Option<u32>) -> City {
        let open = self.roads.iter().filter_map(|&(from, to, hop)| Some((from, to, change(from, to, hop)?)));
        let open: Vec<_> = open.collect();
        let city = City::new(self.names.clone(), &open);
        let City { roads, zones, is_crooked, .. } = self;
        City { roads: roads.clone(), metric: self.metric + 1, zones: zones.clone(), is_crooked: *is_crooked, ..city }
    }

    /// The same roads by another name: no two that differ have the same.
    pub fn named(self, metric: MetricId) -> City {
        City { metric: metric.0, ..self }
    }

    /// Without the road between two nodes, in both directions.
    pub fn without(&self, a: &str, b: &str) -> City {
        let (a, b) = (self.node(a), self.node(b));
        self.changed(|from, to, hop| Some(hop).filter(|_| (from, to) != (a, b) && (from, to) != (b, a)))
    }

    /// Some drives take longer than by way of a third node, where the vehicle would turn round.
    pub fn make_crooked(&mut self, dice: &mut Dice) {
        self.is_crooked = true;
        let (share, most) = (5 + dice.below(50), 1 + dice.below(600_000));
        for (from, row) in self.time.iter_mut().enumerate() {
            for (to, time) in row.iter_mut().enumerate() {
                if let Some(time) = time.as_mut().filter(|_| from != to && dice.chance(share)) {
                    *time += dice.below(most) as u32;
                }
            }
        }
    }

    pub fn node_count(&self) -> usize {
        self.names.len()
    }

    pub fn node(&self, name: &str) -> usize {
        self.names.iter().position(|other| other == name).unwrap_or_else(|| panic!("there is no {name} in the city"))
    }

    pub fn name(&self, place: Place) -> &str {
        &self.names[place.edge.0 as usize]
    }

    pub fn place(&self, node: usize) -> Place {
        let sides = if self.is_crooked { Sides::Both } else { Sides::This };
        Place { edge: EdgeId(node as u32), fraction: Fraction::HEAD, sides }
    }

    pub fn spot(&self, node: usize) -> Spot {
        let asked = LatLon::from_e7(node as i32, 0).expect("a small number is on the globe");
        Spot {
            asked,
            label: self.names[node].clone(),
            kana: String::new(),
            place: self.place(node),
            zones: self.zones[node],
        }
    }
}

impl TravelTimes for City {
    fn metric(&self) -> MetricId {
        MetricId(self.metric)
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        self.time[from.edge.0 as usize][to.edge.0 as usize].map(TravelTime::from_millis)
    }

    /// Everybody drives 10 m a second.
    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        let millis = u64::from(self.travel_time(from, to)?.as_millis());
        Some(Metres::from_millimetres(millis * 10))
    }

    /// Calling at a node is no different from driving past, unless the city is crooked.
    fn shortcut_max(&mut self, via: Place) -> Option<TravelTime> {
        if !self.is_crooked {
            return Some(TravelTime::ZERO);
        }
        let (via, nodes) = (via.edge.0 as usize, 0..self.time.len());
        let saved = |from: usize, to: usize| {
            let straight = self.time[from][to]?;
            Some(straight.saturating_sub(self.time[from][via]? + self.time[via][to]?))
        };
        let most = nodes.clone().flat_map(|from| nodes.clone().filter_map(move |to| saved(from, to))).max();
        Some(TravelTime::from_millis(most.unwrap_or(0)))
    }

    fn decision_point(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint> {
        if self.is_crooked {
            let after = self.travel_time(from, to)?;
            let at_start = DecisionPoint { place: from, after: TravelTime::ZERO };
            return Some(if elapsed <= Span::ZERO { at_start } else { DecisionPoint { place: to, after } });
        }
        let (from, to) = (from.edge.0 as usize, to.edge.0 as usize);
        self.time[from][to]?;
        let mut node = from;
        while node != to && i64::from(self.time[from][node].expect("on the way")) < elapsed.as_millis() {
            node = self.next[node][to];
        }
        let after = TravelTime::from_millis(self.time[from][node].expect("on the way"));
        Some(DecisionPoint { place: self.place(node), after })
    }
}

impl TravelTimes for SharedCity {
    fn metric(&self) -> MetricId {
        self.0.borrow().metric()
    }

    fn travel_time(&mut self, from: Place, to: Place) -> Option<TravelTime> {
        self.0.borrow_mut().travel_time(from, to)
    }

    fn length(&mut self, from: Place, to: Place) -> Option<Metres> {
        self.0.borrow_mut().length(from, to)
    }

    fn shortcut_max(&mut self, via: Place) -> Option<TravelTime> {
        self.0.borrow_mut().shortcut_max(via)
    }

    fn decision_point(&mut self, from: Place, to: Place, elapsed: Span) -> Option<DecisionPoint> {
        self.0.borrow_mut().decision_point(from, to, elapsed)
    }
}
