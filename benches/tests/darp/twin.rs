//! Whether a route can be driven, worked out from the definition alone: minutes in doubles, Bellman and Ford's test over all
//! constraints, seats given out one by one. It shares nothing with what it judges.

#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub window: [f64; 2],
    pub service: f64,
    pub load: [i32; 4],
}

#[derive(Clone, Debug)]
pub struct Twin {
    pub at: Vec<f64>,
    pub nodes: Vec<Node>,
    pub pairs: Vec<(usize, usize)>,
    pub ways: Vec<Vec<f64>>,
    pub back: [f64; 2],
    /// By request.
    pub ride_max: Vec<f64>,
    /// By vehicle.
    pub out_max: Vec<f64>,
    pub places: Vec<[i32; 4]>,
    /// Staff on patients' seats, both on stretchers.
    pub has_upgrades: bool,
}

/// `after - before <= most`, by position on the way.
struct Bound {
    before: usize,
    after: usize,
    most: f64,
}

impl Twin {
    pub fn put_load(&mut self, pickup: usize, dropoff: usize, load: [i32; 4]) {
        self.nodes[pickup].load = load;
        self.nodes[dropoff].load = load.map(|count| -count);
    }

    pub fn length(&self, stops: &[usize]) -> f64 {
        let way = self.way(stops);
        if stops.is_empty() { 0.0 } else { way.windows(2).map(|leg| self.ways[leg[0]][leg[1]]).sum() }
    }

    fn way(&self, stops: &[usize]) -> Vec<usize> {
        [&[0], stops, &[0]].concat()
    }

    pub fn can_drive(&self, vehicle: usize, stops: &[usize]) -> bool {
        self.is_whole(stops) && self.is_never_full(vehicle, stops) && self.has_schedule(vehicle, stops)
    }

    /// Everybody who boards alights, later and once.
    fn is_whole(&self, stops: &[usize]) -> bool {
        let visits = |node: usize| stops.iter().filter(|&&stop| stop == node).count();
        let at = |node: usize| stops.iter().position(|&stop| stop == node);
        self.pairs.iter().all(|&(pickup, dropoff)| match (visits(pickup), visits(dropoff)) {
            (0, 0) => true,
            (1, 1) => at(pickup) < at(dropoff),
            _ => false,
        })
    }

    fn is_never_full(&self, vehicle: usize, stops: &[usize]) -> bool {
        let mut load = [0; 4];
        stops.iter().all(|&stop| {
            (0..4).for_each(|kind| load[kind] += self.nodes[stop].load[kind]);
            self.has_places(vehicle, load)
        })
    }

    /// Who lies down first, then who may sit on fewest others' places.
    fn has_places(&self, vehicle: usize, [staff, seated, lying, wheelchairs]: [i32; 4]) -> bool {
        let [staff_seats, seats, stretchers, bays] = self.places[vehicle];
        if !self.has_upgrades {
            return staff <= staff_seats;
        }
        let stretchers_left = stretchers - lying;
        let seats_left = seats - seated.min(seats);
        let stretchers_then = stretchers_left - (seated - seated.min(seats));
        let is_seated = 0 <= stretchers_left && 0 <= stretchers_then;
        is_seated && wheelchairs <= bays && staff <= staff_seats + seats_left + stretchers_then
    }

    fn has_schedule(&self, vehicle: usize, stops: &[usize]) -> bool {
        if stops.is_empty() {
            return true;
        }
        let bounds = self.bounds(vehicle, stops);
        // one more than the way is long: the moment 0
        let mut most = vec![0.0_f64; stops.len() + 3];
        for _ in 0..=most.len() {
            let mut is_settled = true;
            for Bound { before, after, most: by } in &bounds {
                if most[*before] + by < most[*after] {
                    most[*after] = most[*before] + by;
                    is_settled = false;
                }
            }
            if is_settled {
                return true;
            }
        }
        false
    }

    fn bounds(&self, vehicle: usize, stops: &[usize]) -> Vec<Bound> {
        let way = self.way(stops);
        let (end, zero) = (way.len() - 1, way.len());
        let mut bounds = Vec::new();
        let mut say = |before, after, most| bounds.push(Bound { before, after, most });
        for (at, &node) in way.iter().enumerate() {
            let window = if at == end { self.back } else { self.nodes[node].window };
            say(zero, at, window[1]);
            say(at, zero, -window[0]);
            if at < end {
                say(at + 1, at, -(self.nodes[node].service + self.ways[node][way[at + 1]]));
            }
        }
        let place = |node: usize| stops.iter().position(|&stop| stop == node).map(|at| at + 1);
        for (&(pickup, dropoff), &limit) in self.pairs.iter().zip(&self.ride_max) {
            if let (Some(on), Some(off)) = (place(pickup), place(dropoff)) {
                say(on, off, self.nodes[pickup].service + limit);
            }
        }
        say(0, end, self.out_max[vehicle]);
        bounds
    }
}
