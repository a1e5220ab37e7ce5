//! How riders, drivers and vehicles differ from their plans. Each habit is off unless it is set, and has draws of
//! its own, keyed by whom they are about: so two policies meet the same riders with the same whims.
//!
//! Nothing here knows a rule of dispatch: what is drawn becomes a command, or the time of a report.

mod delay;
mod positions;

use mukae_engine::model::Offer;
use mukae_units::{Span, Time};

pub use delay::Delay;
pub use positions::Positions;

use crate::random::{Luck, Purpose, ln};

/// All of it off by default.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Behaviour {
    /// One seed, one set of whims.
    pub seed: u64,
    pub riders: Riders,
    pub drivers: Drivers,
    pub vehicles: Vehicles,
    /// Whoever phones is asked for by a clerk after so long on average (exponential); zero: at once.
    pub desk_delay: Span,
}

/// Shares are in thousandths.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Riders {
    /// Thinks so long on average over an offer (exponential); longer than it holds, and it is gone.
    pub thinks: Span,
    /// Lets offers go that are not good enough.
    pub refuses: Option<Refusal>,
    /// Cancels a confirmed ride, at any moment from then to its promised pickup alike.
    pub cancels: u32,
    /// Is not there, and does not say so.
    pub stays_away: u32,
    /// Comes to the vehicle later than it does.
    pub is_late: Lateness,
    /// A party takes so much longer to board or alight than planned.
    pub is_slow: Delay,
    /// The same for some of them, who are old.
    pub is_slow_by_age: Aged,
    /// The same for a party with a wheelchair.
    pub is_slow_by_wheelchair: Delay,
}

/// A share of the parties without a wheelchair, and how slow they are instead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Aged {
    pub share: u32,
    pub is_slow: Delay,
}

/// Whether an offer is let go: with probability `1 / (1 + e^-u)`, where `u` is the sum of these, each in thousandths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Of any offer. -2197 is one offer in ten.
    pub base: i64,
    /// For each minute from the wish to the promised pickup.
    pub per_wait_min: i64,
    /// For each minute by which the ride is promised to be longer than the direct drive.
    pub per_detour_min: i64,
    /// For each 100 yen.
    pub per_100_yen: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Drivers {
    /// Without it everyone who is asked says yes at once.
    pub answers: Option<Answering>,
    /// Signs on late.
    pub starts_late: Lateness,
    /// Signs off so much before the end of the shift.
    pub leaves_early: Lateness,
}

/// How drivers answer who are asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answering {
    /// Of those who answer.
    pub accepts: Acceptance,
    /// So many thousandths never answer.
    pub is_silent: u32,
    /// The answer takes so long.
    pub delay: Delay,
    /// After an ask, further ones are not looked at for so long on average (exponential).
    pub rests: Span,
}

/// Who says yes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Acceptance {
    /// So many thousandths.
    Share(u32),
    /// By what the ask is like.
    Fitted(Willingness),
}

/// Yes with probability `1 / (1 + e^-u)`, where `u` is the sum of these, each in thousandths.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Willingness {
    /// Of any ask. 1386 is four in five.
    pub base: i64,
    /// How far drivers differ: the deviation of a normal draw for each.
    pub spread: i64,
    /// For each minute of driving to the pickup.
    pub per_approach_min: i64,
    /// For each minute of the ride.
    pub per_ride_min: i64,
    /// For each unit of the natural logarithm of 1 + the hours of notice.
    pub per_log_notice: i64,
    /// For each ask in the seven days before.
    pub per_ask: i64,
}

/// What a driver is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Errand {
    /// The drive to the pickup, from the stop before.
    pub approach: Span,
    pub ride: Span,
    /// From the ask to the promised pickup.
    pub notice: Span,
    /// Asks of this driver in the seven days before.
    pub asked: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Vehicles {
    /// The deviation of a whole day's driving times from the planned ones, in thousandths (normal).
    pub day_noise: u32,
    /// The same for each leg.
    pub leg_noise: u32,
    /// So many thousandths of all shifts end with a breakdown, at any moment alike.
    pub breaks_down: u32,
    /// Tells where it is while it drives. Changes nothing that happens, but what the dispatcher knows of it.
    pub positions: Option<Positions>,
}

impl Riders {
    pub(crate) fn is_any_slow(&self) -> bool {
        !self.is_slow.is_none() || 0 < self.is_slow_by_age.share || !self.is_slow_by_wheelchair.is_none()
    }
}

/// Some are late, by so much on average (exponential).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lateness {
    pub share: u32,
    pub mean: Span,
}

impl Default for Lateness {
    fn default() -> Lateness {
        Lateness { share: 0, mean: Span::ZERO }
    }
}

/// A leg is never driven in less than so many thousandths of its time, or more.
const PACE: std::ops::RangeInclusive<i64> = 500..=3000;

impl Behaviour {
    /// True if everything goes as planned, whether or not vehicles tell where they are.
    pub fn is_off(&self) -> bool {
        let vehicles = Vehicles { positions: None, ..self.vehicles };
        Behaviour { vehicles, ..*self } == Behaviour { seed: self.seed, ..Behaviour::default() }
    }

    fn luck(&self) -> Luck {
        Luck::new(self.seed)
    }

    /// True if vehicles may come late for a reason outside the plan.
    pub fn is_any_delay(&self) -> bool {
        let Behaviour { riders, drivers, vehicles, .. } = self;
        0 < riders.is_late.share
            || riders.is_any_slow()
            || 0 < riders.stays_away
            || 0 < drivers.starts_late.share.max(drivers.leaves_early.share)
            || drivers.answers.is_some()
            || 0 < vehicles.day_noise.max(vehicles.leg_noise).max(vehicles.breaks_down)
    }

    fn lateness(&self, lateness: Lateness, entity: u64, whether: Purpose, by: Purpose) -> Span {
        if self.luck().draw(entity, whether, 0).happens(lateness.share) {
            self.luck().draw(entity, by, 0).exponential(lateness.mean)
        } else {
            Span::ZERO
        }
    }

    /// How long a rider who phones waits until their wish is typed in.
    pub fn desk_delay(&self, rider: u64) -> Span {
        self.luck().draw(rider, Purpose::DeskDelay, 0).exponential(self.desk_delay)
    }

    /// How long a rider thinks over the `seen`-th offer; `None`: it is let go.
    pub fn takes(&self, rider: u64, offer: &Offer, seen: u32) -> Option<Span> {
        if let Some(refusal) = &self.riders.refuses {
            let draw = self.luck().draw(rider, Purpose::Refusal, seen);
            if draw.logit() * 1000.0 < refusal.utility(offer) as f64 {
                return None;
            }
        }
        Some(self.luck().draw(rider, Purpose::Thinking, seen).exponential(self.riders.thinks))
    }

    /// When a ride confirmed at `now` is cancelled, if it is.
    pub fn cancels(&self, rider: u64, now: Time, pickup: Time) -> Option<Time> {
        let is_cancelled = self.luck().draw(rider, Purpose::Cancellation, 0).happens(self.riders.cancels);
        let ahead = (pickup - now).max(Span::ZERO);
        let after = || self.luck().draw(rider, Purpose::CancellationTime, 0).below(ahead.as_millis() as u64 + 1);
        is_cancelled.then(|| now + Span::from_millis(after() as i64))
    }

    pub fn stays_away(&self, rider: u64) -> bool {
        self.luck().draw(rider, Purpose::NoShow, 0).happens(self.riders.stays_away)
    }

    /// How much later than planned a party has boarded.
    pub fn boards_late(&self, rider: u64, has_wheelchair: bool) -> Span {
        let late = self.lateness(self.riders.is_late, rider, Purpose::RiderLate, Purpose::RiderLateness);
        late + self.slow(rider, has_wheelchair, 0)
    }

    /// The same of alighting.
    pub fn alights_late(&self, rider: u64, has_wheelchair: bool) -> Span {
        self.slow(rider, has_wheelchair, 1)
    }

    fn slow(&self, rider: u64, has_wheelchair: bool, n: u32) -> Span {
        let Riders { is_slow, is_slow_by_age: aged, is_slow_by_wheelchair, .. } = self.riders;
        let is_aged = || self.luck().draw(rider, Purpose::OldAge, 0).happens(aged.share);
        let (delay, purpose) = match has_wheelchair {
            true => (is_slow_by_wheelchair, Purpose::Dwell),
            false if is_aged() => (aged.is_slow, Purpose::AgedDwell),
            false => (is_slow, Purpose::Dwell),
        };
        delay.drawn(self.luck().draw(rider, purpose, n))
    }

    /// When a driver answers an ask, and what; `None`: never. `asked_before` is when they last were.
    pub fn answers(
        &self,
        driver: u64,
        rider: u64,
        (asked, asked_before): (Time, Option<Time>),
        errand: &Errand,
    ) -> Option<(Time, bool)> {
        let Some(answering) = &self.drivers.answers else { return Some((asked, true)) };
        let entity = driver << 32 ^ rider;
        let luck = self.luck();
        let rest = luck.draw(entity, Purpose::DriverRest, 0).exponential(answering.rests);
        let is_resting = asked_before.is_some_and(|before| asked < before + rest);
        if is_resting || luck.draw(entity, Purpose::DriverSilence, 0).happens(answering.is_silent) {
            return None;
        }
        let delay = answering.delay.drawn(luck.draw(entity, Purpose::DriverDelay, 0));
        let draw = luck.draw(entity, Purpose::DriverAnswer, 0);
        let accepts = match answering.accepts {
            Acceptance::Share(share) => draw.happens(share),
            Acceptance::Fitted(willing) => draw.logit() * 1000.0 < willing.utility(driver, errand, luck) as f64,
        };
        Some((asked + delay, accepts))
    }

    /// How late a driver signs on.
    pub fn starts_late(&self, shift: u64) -> Span {
        self.lateness(self.drivers.starts_late, shift, Purpose::LateStart, Purpose::LateStartBy)
    }

    /// When the driver of a shift that lasts from one instant to the other signs off, if it is before its end.
    pub fn leaves_early(&self, shift: u64, from: Time, until: Time) -> Option<Time> {
        let early = self.lateness(self.drivers.leaves_early, shift, Purpose::EarlyLeave, Purpose::EarlyLeaveBy);
        (Span::ZERO < early).then(|| from.max(until - early))
    }

    /// When in a shift that lasts from one instant to the other the vehicle breaks down, if it does.
    pub fn breaks_down(&self, shift: u64, from: Time, until: Time) -> Option<Time> {
        let breaks = self.luck().draw(shift, Purpose::Breakdown, 0).happens(self.vehicles.breaks_down);
        let length = (until - from).as_millis().max(0) as u64;
        let after = || self.luck().draw(shift, Purpose::BreakdownTime, 0).below(length + 1);
        breaks.then(|| from + Span::from_millis(after() as i64))
    }

    /// How long a leg really takes; `day` counts days, `leg` names the leg.
    pub fn drives(&self, planned: Span, day: u64, leg: u64) -> Span {
        let Vehicles { day_noise, leg_noise, .. } = self.vehicles;
        if day_noise == 0 && leg_noise == 0 {
            return planned;
        }
        let noise = |entity, purpose, deviation: u32| {
            let deviation = Span::from_millis(i64::from(deviation));
            self.luck().draw(entity, purpose, 0).normal(Span::from_millis(1000), deviation).as_millis()
        };
        let pace = noise(day, Purpose::DayPace, day_noise) * noise(leg, Purpose::LegPace, leg_noise) / 1000;
        Span::from_millis(planned.as_millis() * pace.clamp(*PACE.start(), *PACE.end()) / 1000)
    }
}

impl Refusal {
    /// In thousandths; the more, the likelier the offer is let go.
    fn utility(&self, offer: &Offer) -> i64 {
        let minutes = |span: Span| span.as_millis().max(0) / 60_000;
        let wished = offer.request.wish.window().earliest();
        let wait = minutes(offer.promise.pickup.earliest() - wished);
        let detour = minutes(offer.dropoff - offer.pickup - offer.direct.span());
        let yen = offer.fare.map_or(0, |fare| i64::from(fare.full.0));
        self.base + self.per_wait_min * wait + self.per_detour_min * detour + self.per_100_yen * yen / 100
    }
}

impl Willingness {
    /// In thousandths; the more, the likelier the answer is yes.
    fn utility(&self, driver: u64, errand: &Errand, luck: Luck) -> i64 {
        let minutes = |span: Span| span.as_millis().max(0) / 60_000;
        let hours = errand.notice.as_millis().max(0) as f64 / Span::HOUR.as_millis() as f64;
        let own = luck.draw(driver, Purpose::DriverKeenness, 0).normal(Span::ZERO, Span::from_millis(self.spread));
        self.base
            + own.as_millis()
            + self.per_approach_min * minutes(errand.approach)
            + self.per_ride_min * minutes(errand.ride)
            + (self.per_log_notice as f64 * ln(1.0 + hours)).round() as i64
            + self.per_ask * i64::from(errand.asked)
    }
}

#[cfg(test)]
mod tests;
