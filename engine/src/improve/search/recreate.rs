//! How who was taken out comes back.

use super::Search;
use crate::improve::memory::{Known, key};
use crate::improve::place::Place;
use crate::improve::problem::{JobIdx, Problem};

/// A route is not looked at, by chance, in thousandths.
const BLINK: u64 = 10;

impl Search<'_> {
    pub(super) fn recreate(&mut self) {
        if self.dice.happens(300) && self.removed.len() <= 20 {
            return self.recreate_by_regret();
        }
        self.sort_removed();
        let jobs = std::mem::take(&mut self.removed);
        for &job in &jobs {
            self.give_up_in_time();
            if self.is_lost {
                break;
            }
            match self.best_place(job) {
                Some(place) => self.insert(job, place),
                None => self.current.unserved.push(job),
            }
        }
        self.removed = jobs;
    }

    /// Who is put in later makes no plan cheaper.
    fn give_up_in_time(&mut self) {
        self.is_lost |= self.most < self.cost();
    }

    fn insert(&mut self, job: JobIdx, place: (usize, Place)) {
        self.save(place.0);
        self.is_lost |= !self.current.insert(self.problem, job, place, &mut self.scratch);
    }

    /// The cheapest place, but for routes that are not looked at by chance. What is remembered comes first: its limit saves
    /// work.
    fn best_place(&mut self, job: JobIdx) -> Option<(usize, Place)> {
        let mut best: Option<(usize, Place)> = None;
        let limit = |best: Option<(usize, Place)>| best.map_or(i64::MAX, |(_, best)| best.detour);
        self.unknown.clear();
        for number in self.current.different_routes(job) {
            if self.dice.happens(BLINK) || !self.problem.may_serve(job, self.current.routes[number].vehicle()) {
                continue;
            }
            let key = key(self.current.kind(number), &self.current.routes[number], job);
            match self.memory.look(key, limit(best)) {
                Known::Best(Some(place)) => best = Some((number, place)),
                Known::Best(None) => {}
                Known::Nothing => self.unknown.push((number, key)),
            }
        }
        for &(number, key) in &self.unknown {
            let route = &self.current.routes[number];
            let place = route.best_place(self.problem, job, limit(best), &mut self.scratch);
            self.memory.note(key, limit(best), place);
            best = place.map(|place| (number, place)).or(best);
        }
        best
    }

    /// The best place on a route.
    pub(super) fn place_on(&mut self, number: usize, job: JobIdx) -> Option<Place> {
        if !self.current.may_look(job, number) {
            return None;
        }
        let route = &self.current.routes[number];
        let key = key(self.current.kind(number), route, job);
        if let Known::Best(place) = self.memory.look(key, i64::MAX) {
            return place;
        }
        let place = route.best_place(self.problem, job, i64::MAX, &mut self.scratch);
        self.memory.note(key, i64::MAX, place);
        place
    }

    fn sort_removed(&mut self) {
        let mut jobs = std::mem::take(&mut self.removed);
        self.dice.shuffle(&mut jobs);
        let problem = self.problem;
        let stop = |job: JobIdx| &problem.stops[Problem::pickup(job)];
        let depot = problem.vehicles.first().map_or(0, |vehicle| vehicle.start);
        let far = |job: JobIdx| problem.leg(depot, stop(job).site);
        let direct = |job: JobIdx| problem.leg(stop(job).site, problem.stops[Problem::dropoff(job)].site);
        match self.dice.below(12) {
            0..=3 => {}
            4 | 5 => jobs.sort_by_key(|&job| std::cmp::Reverse(far(job))),
            6 => jobs.sort_by_key(|&job| far(job)),
            7 | 8 => jobs.sort_by_key(|&job| stop(job).latest - stop(job).earliest),
            9 => jobs.sort_by_key(|&job| stop(job).latest),
            10 => jobs.sort_by_key(|&job| std::cmp::Reverse(stop(job).earliest)),
            _ => jobs.sort_by_key(|&job| std::cmp::Reverse(direct(job))),
        }
        self.removed = jobs;
    }

    /// Whoever would lose most by waiting comes next: by the difference between the best and the second best route.
    fn recreate_by_regret(&mut self) {
        let mut jobs = std::mem::take(&mut self.removed);
        let routes = self.current.routes.len();
        let mut places: Vec<Option<Place>> = Vec::with_capacity(jobs.len() * routes);
        for &job in &jobs {
            for number in 0..routes {
                places.push(self.place_on(number, job));
            }
        }
        while !jobs.is_empty() && !self.is_lost {
            let regret = |row: usize| {
                let mut two = [i64::MAX / 4; 2];
                for place in places[row * routes..(row + 1) * routes].iter().flatten() {
                    if place.detour < two[0] {
                        two = [place.detour, two[0]];
                    } else {
                        two[1] = two[1].min(place.detour);
                    }
                }
                (two[1] - two[0], -two[0])
            };
            let row = (0..jobs.len()).max_by_key(|&row| regret(row)).expect("somebody is left");
            let found = places[row * routes..(row + 1) * routes].iter().enumerate();
            let best = found.filter_map(|(number, place)| Some((place.as_ref()?.detour, number))).min();
            let job = jobs.swap_remove(row);
            let last = jobs.len();
            let own: Vec<Option<Place>> = places[row * routes..(row + 1) * routes].to_vec();
            if row != last {
                for number in 0..routes {
                    places[row * routes + number] = places[last * routes + number];
                }
            }
            places.truncate(last * routes);
            let Some((_, number)) = best else {
                self.current.unserved.push(job);
                continue;
            };
            self.insert(job, (number, own[number].expect("it is the best")));
            self.give_up_in_time();
            if self.is_lost {
                break;
            }
            for (row, &other) in jobs.iter().enumerate() {
                places[row * routes + number] = self.place_on(number, other);
            }
        }
    }
}
