//! What the vehicles of a random day do: on time, late, or otherwise than planned.

use crate::day::{Day, Drivers};
use mukae_engine::model::{BookingState, ShiftState};
use mukae_engine::schedule::{Task, Whereabouts};
use mukae_engine::{Answer, Command};
use mukae_units::{BookingId, ShiftId, Span, Time, VehicleId};

impl Day {
    /// Lets the vehicle with the next thing to report do so, at its time.
    pub fn wait_until(&mut self, then: Time) {
        while let Some(due) = self.town.dispatcher.wakeup().filter(|&due| due <= then) {
            self.now = self.now.max(due);
            let before = self.town.dispatcher.state().clone();
            let decision = self.town.take(self.now, &Command::AdvanceClock);
            assert!(!decision.events.is_empty(), "woken at {due:?} for nothing");
            self.note(&before, &decision.events);
        }
        self.now = self.now.max(then);
        self.audit();
    }

    /// The next report, by the plan as it is.
    pub fn due(&self) -> Option<(Time, ShiftId)> {
        let state = self.town.dispatcher.state();
        let next = state.schedules.values().filter_map(|schedule| {
            if schedule.next_stop()?.booking.is_some_and(|booking| self.silent.contains(&booking)) {
                return None; // the vehicle stands still until the ask is over
            }
            let first = *schedule.timeline(self.now).stops.first()?;
            let due = match schedule.plan.whereabouts {
                Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. } => first.departure,
                Whereabouts::Driving { .. } => first.ready,
                Whereabouts::Serving { .. } => first.end,
            };
            Some((due, schedule.shift.id))
        });
        next.min()
    }

    pub fn drive(&mut self) {
        let Some((due, shift)) = self.due() else {
            return match self.town.dispatcher.wakeup() {
                Some(woken) if !self.silent.is_empty() => self.wait_until(woken),
                _ => {}
            };
        };
        if self.drivers == Drivers::Punctual
            && let Some(woken) = self.town.dispatcher.wakeup().filter(|&woken| woken < due)
        {
            return self.wait_until(woken); // an ask that is over may give somebody something to do before that
        }
        self.wait_until(due);
        if self.due() != Some((due, shift)) {
            return; // a hold has ended meanwhile, and the plan is another one
        }
        if self.drivers == Drivers::Unruly {
            if self.dice.chance(30) {
                let pause = Span::from_secs(self.dice.below(600) as i64);
                self.wait_until(self.now + pause);
            }
            if self.dice.chance(15) {
                return self.jump(shift);
            }
            if self.dice.chance(10) {
                self.tell(Command::AdvanceClock);
                return;
            }
        }
        self.report(shift);
    }

    pub fn report(&mut self, shift: ShiftId) {
        let state = self.town.dispatcher.state();
        let schedule = &state.schedules[&shift];
        let Some(&stop) = schedule.next_stop() else { return }; // an ask was over meanwhile, or a hold
        let at = self.now;
        if schedule.state == ShiftState::Planned {
            assert_eq!(self.tell(Command::OpenShift { shift, at }), Answer::Noted, "who was called comes");
            return;
        }
        let booking = stop.booking.unwrap_or(BookingId(0));
        if state.bookings.get(&booking).is_some_and(|booking| booking.ask.is_some()) {
            return match self.dice.chance(75) {
                true => self.answer(booking),
                false => _ = self.silent.insert(booking),
            };
        }
        let held = state.bookings.get(&booking).filter(|booking| booking.state == BookingState::Held);
        if let Some(held) = held.filter(|_| stop.is_pickup())
            && matches!(schedule.plan.whereabouts, Whereabouts::Serving { .. })
        {
            let offer = held.offer;
            let answer = self.tell(Command::ConfirmOffer { offer });
            assert!(matches!(answer, Answer::Confirmed(_)), "{answer:?}");
            return;
        }
        let is_no_show = self.drivers == Drivers::Unruly && self.dice.chance(10);
        let command = match (schedule.plan.whereabouts, stop.task) {
            (Whereabouts::Waiting { .. } | Whereabouts::Repositioning { .. }, _) => {
                Command::Depart { shift, stop: stop.id, at }
            }
            (Whereabouts::Driving { .. }, _) => Command::Arrive { shift, stop: stop.id, at },
            (Whereabouts::Serving { .. }, Task::Pickup { .. }) if is_no_show => {
                let patience = stop.begin(at) + Span::from_mins(3);
                self.wait_until(patience);
                Command::ReportNoShow { booking, at: self.now }
            }
            (Whereabouts::Serving { .. }, Task::Pickup { .. }) => Command::Board { booking, at },
            (Whereabouts::Serving { .. }, Task::Dropoff { .. }) => Command::Alight { booking, at },
            (Whereabouts::Serving { .. }, Task::Break { .. }) => {
                self.rests += 1;
                Command::EndBreak { shift, stop: stop.id, at }
            }
        };
        let answer = self.tell(command.clone());
        assert_eq!(answer, Answer::Noted, "to {command:?}");
    }

    /// A position somewhere else: the driver took another road.
    pub fn jump(&mut self, shift: ShiftId) {
        let node = self.dice.below(self.town.city.node_count() as u64) as usize;
        let place = self.town.city.place(node);
        let answer = self.tell(Command::ReportPosition { vehicle: VehicleId(shift.0), place, observed_at: self.now });
        assert_eq!(answer, Answer::Noted);
    }
}
