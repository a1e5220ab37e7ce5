//! What the driver reports moves a schedule on. `decide` looks ahead with these, `apply` records with them.

use std::sync::Arc;

use mukae_units::{BookingId, Metres, StopId, Time};

use super::{Plan, Schedule, Task, Whereabouts, report_time};
use crate::model::{Shift, ShiftState, Vehicle};

impl Schedule {
    /// When a report that comes now counts as having happened.
    pub(crate) fn report_time(&self, at: Time, now: Time) -> Time {
        let last = match self.plan.whereabouts {
            Whereabouts::Waiting { since, .. } => since,
            Whereabouts::Driving { departed, .. } | Whereabouts::Repositioning { departed, .. } => departed,
            Whereabouts::Serving { arrived } => arrived,
        };
        report_time(at, last, now)
    }

    /// The vehicle is, or is now, this one.
    pub(crate) fn equip(&mut self, vehicle: &Vehicle) {
        self.capacity = vehicle.capacity_on(&self.shift);
        self.terms = vehicle.terms.on(&self.shift);
        self.revision += 1;
    }

    /// The shift is, from now on, this one: the same vehicle and places, at other times.
    pub(crate) fn work_as(&mut self, shift: Arc<Shift>) {
        self.shift = shift;
        self.revision += 1;
    }

    pub(crate) fn adopt(&mut self, plan: impl Into<Arc<Plan>>) {
        let plan = plan.into();
        self.frozen = self.frozen_under(&plan);
        self.plan = plan;
        self.revision += 1;
    }

    /// The same under another plan.
    pub(crate) fn adopting(&self, plan: impl Into<Arc<Plan>>) -> Schedule {
        let mut schedule = self.clone();
        schedule.adopt(plan);
        schedule
    }

    /// Who signs on is there, whenever the vehicle was predicted to be.
    pub(crate) fn open(&mut self, at: Time) {
        self.state = ShiftState::Open;
        if let Whereabouts::Waiting { place, .. } = self.plan.whereabouts {
            let since = at.max(self.shift.window.earliest());
            Arc::make_mut(&mut self.plan).whereabouts = Whereabouts::Waiting { place, since };
        }
        self.revision += 1;
    }

    /// Leaves for the first stop.
    pub(crate) fn depart(&mut self, at: Time) {
        assert!(!self.plan.stops.is_empty(), "{} departs for no stop", self.shift.id);
        let from = self.place();
        Arc::make_mut(&mut self.plan).whereabouts = Whereabouts::Driving { from, departed: at };
        self.revision += 1;
    }

    /// Is at the first stop.
    pub(crate) fn arrive(&mut self, at: Time) {
        assert!(!self.plan.stops.is_empty(), "{} arrives at no stop", self.shift.id);
        let plan = Arc::make_mut(&mut self.plan);
        if let (Some(route), Some(stop)) = (&mut plan.route, plan.stops.first()) {
            let length = std::mem::replace(&mut route.lengths[0], Metres::ZERO);
            route.drive(stop.leg, length);
        }
        plan.whereabouts = Whereabouts::Serving { arrived: at };
        self.revision += 1;
    }

    /// Ends the service of `booking`'s pickup, the first stop or one that joins it.
    pub(crate) fn board(&mut self, booking: BookingId, at: Time) {
        self.take_turn(booking, true);
        let stop = self.finish_first_stop(at);
        assert!(stop.booking == Some(booking) && stop.is_pickup(), "{booking} boards at {stop:?}");
        let dropoff_idx = self.position_of(booking, false).expect("who boards also alights");
        let Task::Dropoff { boarded_at, .. } = &mut Arc::make_mut(&mut self.plan).stops[dropoff_idx].task else {
            unreachable!("position_of found a dropoff");
        };
        *boarded_at = Some(at);
    }

    /// Ends the service of `booking`'s dropoff, the first stop or one that joins it.
    pub(crate) fn alight(&mut self, booking: BookingId, at: Time) {
        self.take_turn(booking, false);
        let stop = self.finish_first_stop(at);
        assert!(stop.booking == Some(booking) && stop.is_dropoff(), "{booking} alights at {stop:?}");
    }

    /// Ends the break that is the first stop.
    pub(crate) fn end_break(&mut self, at: Time) {
        let stop = self.finish_first_stop(at);
        assert!(stop.is_break(), "a break ends at {stop:?}");
    }

    /// Is where it was sent without a rider asking for it.
    pub(crate) fn end_repositioning(&mut self, at: Time) {
        let Whereabouts::Repositioning { to, .. } = self.plan.whereabouts else {
            panic!("{} is not being repositioned", self.shift.id)
        };
        Arc::make_mut(&mut self.plan).whereabouts = Whereabouts::Waiting { place: to, since: at };
        self.revision += 1;
    }

    /// Freezes all stops up to this one, or none.
    pub(crate) fn freeze(&mut self, through: Option<StopId>) {
        self.frozen = through;
        self.revision += 1;
    }

    /// Lets a party of the group the vehicle stands at go first: drivers see to whoever is ready.
    pub(crate) fn take_turn(&mut self, booking: BookingId, is_pickup: bool) {
        let stop_idx = self.position_of(booking, is_pickup).expect("who boards or alights has a stop");
        assert!(stop_idx < self.plan.next_group(), "{booking} is not at the place of the first stop");
        if stop_idx == 0 {
            return;
        }
        let stops = &mut Arc::make_mut(&mut self.plan).stops;
        let stop = stops.remove(stop_idx);
        stops.insert(0, stop);
        let [first, second, ..] = &mut stops[..] else { unreachable!("there are two") };
        (first.leg, second.leg) = (second.leg, first.leg);
        (first.joins, second.joins) = (second.joins, true);
    }

    fn finish_first_stop(&mut self, at: Time) -> super::Stop {
        assert!(!self.plan.stops.is_empty(), "{} has no stop to end", self.shift.id);
        let plan = Arc::make_mut(&mut self.plan);
        let stop = plan.stops.remove(0);
        if let Some(route) = &mut plan.route {
            route.lengths.remove(0);
        }
        self.frozen = self.frozen.filter(|&through| through != stop.id);
        plan.whereabouts = match (plan.stops.first(), plan.whereabouts) {
            // The next party's turn began when this one's service was over, though the stop goes on.
            (Some(next), Whereabouts::Serving { arrived }) if next.joins => {
                Whereabouts::Serving { arrived: at.min(stop.begin(arrived) + stop.dwell) }
            }
            _ => Whereabouts::Waiting { place: stop.place, since: at },
        };
        self.revision += 1;
        stop
    }
}
