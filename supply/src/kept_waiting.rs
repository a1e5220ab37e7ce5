//! Whose rider is kept waiting: for a driver's answer, for a vehicle, or for one that is predicted to be late.
//!
//! Who cancels meanwhile is lost to delay. Key figures and records of demand ask the same.

use std::collections::{BTreeMap, BTreeSet};

use mukae_engine::Endogenous;
use mukae_engine::model::{CancelReason, Limit};
use mukae_units::{BookingId, DriverId};

/// Of bookings that have not ended.
#[derive(Clone, Debug, Default)]
pub struct KeptWaiting {
    /// Without a vehicle.
    unassigned: BTreeSet<BookingId>,
    /// The driver who has not answered yet.
    asked: BTreeMap<BookingId, DriverId>,
    /// A bit for each limit that is predicted to break; never zero.
    at_risk: BTreeMap<BookingId, u8>,
}

impl KeptWaiting {
    pub fn follow(&mut self, event: &Endogenous) {
        match event {
            Endogenous::BookingUnassigned { booking } => _ = self.unassigned.insert(*booking),
            Endogenous::PlanChanged { plan, .. } if !self.unassigned.is_empty() => {
                let bookings = plan.stops.iter().filter_map(|stop| stop.booking);
                bookings.for_each(|booking| _ = self.unassigned.remove(&booking));
            }
            Endogenous::DriverAsked { booking, driver, .. } => _ = self.asked.insert(*booking, *driver),
            Endogenous::AskEnded { booking, .. } => _ = self.asked.remove(booking),
            Endogenous::PromiseAtRisk { booking, breach } => {
                *self.at_risk.entry(*booking).or_default() |= bit(breach.limit());
            }
            Endogenous::PromiseRestored { booking, limit } => {
                if let Some(bits) = self.at_risk.get_mut(booking) {
                    *bits &= !bit(*limit);
                    if *bits == 0 {
                        self.at_risk.remove(booking);
                    }
                }
            }
            // another ride, of which nothing is known yet
            Endogenous::BookingAmended { booking, .. }
            | Endogenous::BookingCancelled { booking, .. }
            | Endogenous::BookingFailed { booking }
            | Endogenous::HoldReleased { booking, .. } => self.forget(*booking),
            _ => {}
        }
    }

    /// It has ended in a way that no event tells: its rider alighted, or did not come.
    pub fn forget(&mut self, booking: BookingId) {
        self.unassigned.remove(&booking);
        self.asked.remove(&booking);
        self.at_risk.remove(&booking);
    }

    pub fn is_unassigned(&self, booking: BookingId) -> bool {
        self.unassigned.contains(&booking)
    }

    /// The driver who has not answered yet.
    pub fn asked(&self, booking: BookingId) -> Option<DriverId> {
        self.asked.get(&booking).copied()
    }

    /// Nobody told the rider yes: there is no vehicle, or its driver has not answered.
    pub fn is_unsettled(&self, booking: BookingId) -> bool {
        self.is_unassigned(booking) || self.asked.contains_key(&booking)
    }

    /// Whether this cancellation is that of a rider who was kept waiting; asked before the event is followed.
    pub fn is_lost_to_delay(&self, booking: BookingId, reason: CancelReason) -> bool {
        let is_kept = self.is_unsettled(booking) || self.at_risk.contains_key(&booking);
        reason == CancelReason::Rider && is_kept
    }
}

fn bit(limit: Limit) -> u8 {
    1 << limit as u8
}

#[cfg(test)]
mod tests {
    use mukae_engine::event::Breach;
    use mukae_engine::model::AskOutcome;
    use mukae_units::{Span, Time};

    use super::*;

    const BOOKING: BookingId = BookingId(1);
    const DRIVER: DriverId = DriverId(1);

    /// Whether a rider who cancels after these is lost to delay.
    fn is_lost(events: &[Endogenous]) -> bool {
        let mut kept = KeptWaiting::default();
        events.iter().for_each(|event| kept.follow(event));
        assert!(!kept.is_lost_to_delay(BOOKING, CancelReason::Rebooked), "only riders are lost");
        let is_lost = kept.is_lost_to_delay(BOOKING, CancelReason::Rider);
        kept.follow(&Endogenous::BookingCancelled { booking: BOOKING, reason: CancelReason::Rider });
        assert!(!kept.is_lost_to_delay(BOOKING, CancelReason::Rider), "nothing is left of it");
        is_lost
    }

    #[test]
    fn riders_wait_for_an_answer_a_vehicle_or_a_late_one() {
        let (booking, driver) = (BOOKING, DRIVER);
        let asked = Endogenous::DriverAsked { booking, driver, deadline: Time::EPOCH, fallback: None };
        let answered = |outcome| Endogenous::AskEnded { booking, driver, outcome };
        assert!(!is_lost(&[]));
        assert!(is_lost(std::slice::from_ref(&asked)));
        assert!(!is_lost(&[asked.clone(), answered(AskOutcome::Accepted)]));
        let unassigned = Endogenous::BookingUnassigned { booking };
        assert!(is_lost(&[asked, answered(AskOutcome::Expired), unassigned]));
        let at_risk = |breach| Endogenous::PromiseAtRisk { booking, breach };
        let late = at_risk(Breach::PickupLate { predicted: Time::EPOCH, promised: Time::EPOCH });
        let long = at_risk(Breach::RideTooLong { predicted: Span::ZERO, promised: Span::ZERO });
        let restored = |limit| Endogenous::PromiseRestored { booking, limit };
        assert!(is_lost(&[late.clone(), long.clone(), restored(Limit::Ride)]));
        assert!(!is_lost(&[late, long, restored(Limit::Ride), restored(Limit::Pickup)]));
    }
}
