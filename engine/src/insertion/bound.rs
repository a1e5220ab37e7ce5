//! What an insertion costs at least, from times that are known or bounded.
//!
//! Every bound is the cost of `evaluate` with something left out that can only add: promises, capacity,
//! the turn a vehicle would make. What can take away is counted in full: a stop that is shared takes no time of its own,
//! delays are taken up by standing still, and calling somewhere may save a turn. Where boardings are held back (see `hold`),
//! nothing is sooner, but rides may be as short as if nobody ever stood still on them. Times are milliseconds.

use mukae_units::Time;

use super::Demand;
use crate::fleet::{Columns, Gap, GapOutline, Last};
use crate::model::Policy;

/// A newcomer, as bounds see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Newcomer {
    now: i64,
    earliest: i64,
    /// Boarding may begin so late, or `i64::MAX / 4` where that is only priced and the service never closes.
    pickup_latest: i64,
    dropoff_latest: i64,
    soft_pickup: (i64, i64),
    soft_dropoff: (i64, i64),
    /// From the end of boarding to the start of alighting, or `i64::MAX / 4` where more is only priced.
    ride_max: i64,
    waits_from: i64,
    direct: i64,
    /// Service of the party, and of a stop.
    dwell: i64,
    stop_dwell: i64,
    driving: i64,
    driver_time: i64,
    rider_wait: i64,
    /// What others pay for being fetched later, by the area's weights.
    others_wait: i64,
    excess_ride: i64,
    wait_on_board: i64,
    /// What the walks cost, wherever the vehicle comes from.
    walking: i64,
    /// Who rides past a planned stop may arrive sooner than straight, as the vehicle may turn round there.
    may_turn: bool,
    /// What a drive saves at most by calling at the origin, and at the destination. Where that is not known nothing
    /// bounds a detour.
    saved: Option<[i64; 2]>,
}

const FAR_OFF: i64 = i64::MAX / 4;
/// Where a newcomer would board and what that does, at least.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boarding {
    start: i64,
    /// End of boarding.
    boarded: i64,
    /// The same, or where boarding late is worth more than waiting less, as late as it may be.
    rides_from: i64,
    /// It ends no later than this, whatever stop it shares.
    boarded_max: i64,
    /// How much later the vehicle is at the stop after.
    delay: i64,
    /// The same but for what it stands still at the origin: that may be before anybody boards.
    driven: i64,
    driving: i64,
    /// Of the whole insertion, wherever the dropoff comes.
    pub cost: i64,
}

impl Boarding {
    /// The end of boarding that makes a ride to there cheapest.
    fn rides_from(&self, dropoff: i64, direct: i64) -> i64 {
        self.rides_from.min(dropoff - direct).max(self.boarded)
    }
}

/// What lies beyond these before a planned stop costs too much, whatever else holds. In milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Reach {
    /// From the vehicle to the origin.
    pub to_pickup: i64,
    /// By the origin instead of straight to the stop.
    pub detour: i64,
    /// Boarding begins by then.
    pub start_max: i64,
}

impl Newcomer {
    /// How far after a last stop it is worth looking for something that costs at most `cost_max`: the longest drive
    /// to the origin, in milliseconds.
    pub(super) fn reach_after_last(&self, cost_max: i64, columns: &Columns) -> i64 {
        if cost_max == i64::MAX {
            return FAR_OFF;
        }
        // how far a vehicle is from home before and after is not known here
        let drive = if columns.has_homes { 0 } else { self.driving + self.driver_time };
        self.farthest(cost_max, drive, drive * self.direct)
    }

    /// The same before planned stops.
    pub(super) fn reach_before_stop(&self, cost_max: i64, columns: &Columns) -> Reach {
        let is_lateness_unknown = self.may_turn && self.soft_dropoff.1 > 0;
        if cost_max == i64::MAX || is_lateness_unknown {
            return Reach { to_pickup: FAR_OFF, detour: FAR_OFF, start_max: self.pickup_latest };
        }
        let with_gain = cost_max.saturating_add((self.excess_ride + self.wait_on_board) * columns.ride_gain_max);
        let price = self.driving + if columns.has_waits { 0 } else { self.driver_time };
        let (detour, to_pickup) = match self.saved {
            None => (FAR_OFF, FAR_OFF),
            Some(saved) => {
                // calling at both places may spare the vehicle, and all who wait for it or are on board, so much
                let riders = i64::from(columns.riders_max) * self.others_wait.max(self.excess_ride);
                let spared = (self.driving + self.driver_time + riders) * (saved[0] + saved[1]);
                let with_gain = with_gain.saturating_add(spared);
                let detour = if price > 0 { ((with_gain - self.own_after(0)) / price).max(0) } else { FAR_OFF };
                (detour.saturating_add(saved[1]), self.farthest(with_gain, 0, 0))
            }
        };
        let start_max = (self.now + to_pickup).max(self.earliest).min(self.pickup_latest);
        Reach { to_pickup, detour, start_max }
    }

    /// The longest drive to the origin that is worth `cost_max`: waiting counts, `drive` for each millisecond of it, and
    /// `fixed`.
    ///
    /// What a drive costs rises ever faster with its length, in a few straight pieces. So from one that is too long, the
    /// slope there leads to one that is less so, and at the latest from the right piece to the end.
    fn farthest(&self, cost_max: i64, drive: i64, fixed: i64) -> i64 {
        let cost = |to_pickup: i64| self.own_after(to_pickup) + drive * to_pickup + fixed;
        let left = cost_max - cost(0);
        if left < 0 {
            return 0; // who joins a stop that is being made may be served before a drive of no length would be over
        }
        // until `lead` from now, driving costs no waiting
        let lead = (self.earliest - self.now).max(0);
        let slope = drive + self.rider_wait;
        if slope == 0 {
            return FAR_OFF;
        }
        let mut longest = (left + self.rider_wait * lead) / slope + 1;
        loop {
            let over = cost(longest) - cost_max;
            let shorter = if over < 0 { 0 } else { over / (drive + self.slope_at(longest)).max(1) };
            if shorter == 0 {
                return longest;
            }
            longest -= shorter;
        }
    }

    /// What the last millisecond of a drive to the origin adds to [`Newcomer::own_after`].
    fn slope_at(&self, to_pickup: i64) -> i64 {
        let start = self.now + to_pickup;
        if start <= self.earliest {
            return 0;
        }
        let dropoff = self.straight(start, start + self.dwell + self.stop_dwell);
        let over = |time: i64, (latest, price): (i64, i64)| if latest < time { price } else { 0 };
        self.rider_wait + over(start, self.soft_pickup) + over(dropoff, self.soft_dropoff)
    }

    /// Waiting and lateness of a newcomer whom a vehicle that is free now fetches in so long.
    fn own_after(&self, to_pickup: i64) -> i64 {
        let start = (self.now + to_pickup).max(self.earliest);
        let boarded = start + self.dwell + self.stop_dwell;
        self.own(start, boarded, self.straight(start, boarded))
    }

    /// True if a later boarding is cheaper for who arrives at the same time: then no bound may take it to be too early.
    #[inline]
    pub(super) fn boards_gladly_late(&self) -> bool {
        self.rider_wait < self.excess_ride
    }

    /// `may_turn` if any planned stop is where a vehicle may turn round.
    pub(super) fn new(
        now: Time,
        demand: &Demand,
        policy: &Policy,
        saved: Option<[i64; 2]>,
        may_turn: bool,
    ) -> Newcomer {
        let millis = |time: Time| time.as_unix_millis();
        let weights = &policy.cost;
        let (mut pickup_latest, mut dropoff_latest) = (millis(demand.pickup.latest()), millis(demand.dropoff_latest));
        let (mut soft_pickup, mut soft_dropoff) = ((FAR_OFF, 0), (FAR_OFF, 0));
        let mut ride_max = demand.ride_max.as_millis();
        if let Some(soft) = demand.soft {
            soft_pickup = (std::mem::replace(&mut pickup_latest, FAR_OFF), soft.pickup_late);
            soft_dropoff = (std::mem::replace(&mut dropoff_latest, FAR_OFF), soft.dropoff_late);
            ride_max = FAR_OFF;
        }
        if let Some(hours_end) = demand.pickup_max {
            pickup_latest = pickup_latest.min(millis(hours_end)); // whatever is priced, the service is closed
        }
        Newcomer {
            now: millis(now),
            earliest: millis(demand.pickup.earliest()),
            pickup_latest,
            dropoff_latest,
            soft_pickup,
            soft_dropoff,
            ride_max,
            waits_from: demand.waits_from.map_or(0, millis),
            direct: demand.direct.span().as_millis(),
            dwell: demand.dwell.as_millis(),
            stop_dwell: demand.stop_dwell.as_millis(),
            driving: weights.driving,
            driver_time: weights.driver_time,
            rider_wait: if demand.waits_from.is_some() { weights.rider_wait } else { 0 },
            others_wait: weights.rider_wait,
            excess_ride: weights.excess_ride,
            wait_on_board: weights.wait_on_board,
            walking: weights.walking * demand.walk.as_millis(),
            may_turn,
            saved,
        }
    }

    /// After the last stop of a schedule, the origin `to_pickup` from there. `home` is from the destination to the end
    /// of the shift.
    #[inline]
    pub(super) fn after_last(&self, last: &Last, to_pickup: i64, home: i64) -> Option<i64> {
        let free = last.free.max(self.now);
        let there = if to_pickup == 0 { free.min(last.served) } else { free + to_pickup };
        let start = there.max(self.earliest);
        let boarded = start + self.dwell + self.stop_dwell;
        let dropoff = self.straight(start, boarded);
        let alighted = boarded.max(dropoff + self.stop(self.direct == 0));
        let finish = alighted + home;
        if self.pickup_latest < start || self.dropoff_latest < dropoff || last.finish_latest < finish {
            return None;
        }
        let driving = to_pickup + self.direct + home - i64::from(last.to_end);
        let operation = finish - (free + i64::from(last.to_end));
        Some(self.driving * driving + self.driver_time * operation + self.own(start, boarded, dropoff))
    }

    /// When who rides straight there alights at the earliest; who goes nowhere, while the stop still lasts.
    #[inline]
    fn straight(&self, start: i64, boarded: i64) -> i64 {
        if self.direct == 0 { start + self.dwell } else { boarded + self.direct }
    }

    /// The end of boarding where a vehicle that is free then drives so long, of all stops it may share.
    #[inline]
    fn boarded_max(&self, free: i64, to_pickup: i64) -> i64 {
        (free + to_pickup).max(self.earliest) + self.dwell + self.stop_dwell
    }

    /// Waiting, ride, lateness and walks of the newcomer.
    #[inline]
    fn own(&self, start: i64, boarded: i64, dropoff: i64) -> i64 {
        let over = |time: i64, (latest, price): (i64, i64)| (time - latest).max(0) * price;
        self.rider_wait * (boarded - self.waits_from)
            + self.excess_ride * (dropoff - boarded - self.direct).max(0)
            + over(start, self.soft_pickup)
            + over(dropoff, self.soft_dropoff)
            + self.walking
    }

    /// Before a planned stop, whatever comes of the dropoff: `to_pickup` from where the vehicle is free, and
    /// `from_pickup` to the stop.
    #[inline]
    pub(super) fn before_stop(&self, gap: &Gap, to_pickup: i64, from_pickup: i64) -> Option<Boarding> {
        let there = match gap.is_moving {
            true => self.there_from_leg(gap.free, to_pickup),
            false if to_pickup == 0 => gap.free.max(self.now).min(gap.served),
            false => gap.free.max(self.now) + to_pickup,
        };
        let start = there.max(self.earliest);
        let boarded = start + self.dwell + self.stop_dwell;
        let delayed = self.delayed(start, from_pickup);
        if self.pickup_latest < start {
            return None;
        }
        let leg = i64::from(gap.leg);
        let planned = match gap.is_moving {
            true => (gap.free + leg).max(self.now),
            false => gap.free.max(self.now) + leg,
        };
        // where a vehicle under way is turned is not known yet; who asks about the dropoff knows
        let is_certain = gap.is_moving || !self.boards_gladly_late();
        let boarded_max = match gap.is_moving {
            true => FAR_OFF,
            false => self.boarded_max(gap.free.max(self.now), to_pickup),
        };
        let waits = i64::from(gap.waits);
        // who is held boards later by no more than what would be stood still further on
        let rides_from = match (self.boards_gladly_late(), is_certain) {
            (false, _) => boarded,
            (true, true) => boarded + waits,
            (true, false) => boarded_max + waits,
        };
        let boarded_max = boarded_max + waits;
        let (mut driving, mut delay) = (to_pickup + from_pickup - leg, delayed - planned);
        let Some(saved) = self.saved else {
            let driven = delay - (start - there);
            return Some(Boarding { start, boarded, rides_from, boarded_max, delay, driven, driving, cost: -FAR_OFF });
        };
        if gap.ready_latest + saved[1] < delayed {
            return None;
        }
        (driving, delay) = (driving.max(-saved[0]), delay.max(-saved[0]));
        let driven = (delay - (start - there)).max(-saved[0]).min(delay);
        let dropoff = if self.may_turn { start + self.dwell } else { self.straight(start, boarded) };
        // what calling at the destination spares comes at a later leg, where others are on board and nothing may be left
        // of the delay
        let cost = self.driving * (driving - saved[1])
            + self.own(start, boarded, dropoff)
            + self.felt(gap, delay) * self.driver_time
            + self.riders(gap, delay, driven)
            - saved[1] * (self.driver_time + self.riders_max(gap))
            - self.gains(gap);
        Some(Boarding { start, boarded, rides_from, boarded_max, delay, driven, driving, cost })
    }

    /// False if a gap is too late for the newcomer, or those after it have no time for the detour. Told without a
    /// question on the way, for a row of gaps no two of which are alike.
    #[inline]
    pub(super) fn may_be_in_time(&self, outline: &GapOutline, to_pickup: i64, from_pickup: i64) -> bool {
        let start = (outline.free + to_pickup).max(self.earliest);
        let is_not_late = start <= self.pickup_latest;
        let is_not_held_up =
            start + self.dwell + from_pickup <= outline.ready_latest + self.saved.map_or(0, |saved| saved[1]);
        is_not_late & (is_not_held_up | self.saved.is_none())
    }

    /// False if the outline of a gap tells that [`Newcomer::before_stop`] has nothing to say there, or only of boarding
    /// after the reach.
    #[inline]
    pub(super) fn may_fit(
        &self,
        outline: &GapOutline,
        is_moving: bool,
        reach: Reach,
        [to_pickup, from_pickup]: [i64; 2],
    ) -> bool {
        let there = match is_moving {
            true => self.there_from_leg(outline.free, to_pickup),
            false if to_pickup == 0 => return true, // who joins a stop may be served sooner, even before now
            false => outline.free.max(self.now) + to_pickup,
        };
        let start = there.max(self.earliest);
        start <= reach.start_max
            && self.saved.is_none_or(|saved| self.delayed(start, from_pickup) <= outline.ready_latest + saved[1])
    }

    /// When a vehicle that left at `departed` and is somewhere on its leg by now is at the origin.
    #[inline]
    fn there_from_leg(&self, departed: i64, to_pickup: i64) -> i64 {
        (departed + to_pickup).max(self.now)
    }

    /// When it is at the stop after. Whoever is at the same place next is served before the stop is over.
    #[inline]
    fn delayed(&self, start: i64, from_pickup: i64) -> i64 {
        start + self.dwell + if from_pickup == 0 { 0 } else { self.stop_dwell + from_pickup }
    }

    /// The dropoff before the same stop as the pickup: `from_pickup` leads to that stop, `from_dropoff` too, from the
    /// destination.
    pub(super) fn direct(&self, gap: &Gap, boarding: &Boarding, from_pickup: i64, from_dropoff: i64) -> Option<i64> {
        let more = self.direct + from_dropoff - from_pickup;
        let dropoff = self.straight(boarding.start, boarding.boarded);
        // straight there, nobody rides too long
        if self.dropoff_latest < dropoff || gap.ready_latest < self.delayed(dropoff, from_dropoff) {
            return None;
        }
        let more_time = more + self.stop(from_dropoff == 0 || self.direct == 0);
        let (delay, driven) = (boarding.delay + more_time, boarding.driven + more_time);
        Some(
            self.driving * (boarding.driving + more)
                + self.own(boarding.start, boarding.boarded, dropoff)
                + self.felt(gap, delay) * self.driver_time
                + self.riders(gap, delay, driven)
                - self.gains(gap),
        )
    }

    /// True if a dropoff at that time breaks the newcomer's promise.
    #[inline]
    fn is_too_late(&self, boarding: &Boarding, dropoff: i64) -> bool {
        self.dropoff_latest < dropoff || self.ride_max < dropoff - boarding.boarded_max
    }

    /// True if no dropoff comes in time before this stop, or one after it.
    #[inline]
    pub(super) fn is_over(&self, (gap, boarding): (&Gap, &Boarding), later: &Gap) -> bool {
        self.is_too_late(boarding, later.free.min(later.served) + self.felt(gap, boarding.delay))
    }

    /// The dropoff before a later stop.
    pub(super) fn before_later_stop(
        &self,
        (gap, boarding): (&Gap, &Boarding),
        later: &Gap,
        [to_dropoff, from_dropoff]: [i64; 2],
    ) -> Option<i64> {
        let felt = self.felt(gap, boarding.delay);
        let free = if to_dropoff == 0 { later.free.min(later.served) } else { later.free };
        let dropoff = free + felt + to_dropoff;
        if self.is_too_late(boarding, dropoff) || later.ready_latest < self.delayed(dropoff, from_dropoff) {
            return None;
        }
        let detour = to_dropoff + from_dropoff - i64::from(later.leg);
        let more = detour + self.stop(to_dropoff == 0 || from_dropoff == 0);
        // standing still takes a delay up before a shortcut can make the vehicle sooner
        let all = self.felt(gap, boarding.delay + more).min(felt + more);
        Some(
            self.driving * (boarding.driving + detour)
                + self.own(boarding.start, boarding.rides_from(dropoff, self.direct), dropoff)
                + self.riders(gap, boarding.delay, boarding.driven)
                + more.min(all).max(more.min(0)) * self.riders_of(later)
                + all * self.driver_time
                - self.gains(gap),
        )
    }

    /// The dropoff after the last stop; `home` is from there to the end of the shift.
    pub(super) fn at_end(
        &self,
        (gap, boarding): (&Gap, &Boarding),
        last: &Last,
        [to_dropoff, home]: [i64; 2],
    ) -> Option<i64> {
        let felt = self.felt(gap, boarding.delay);
        let free = if to_dropoff == 0 { last.free.min(last.served) } else { last.free };
        let dropoff = free + felt + to_dropoff;
        let finish = dropoff + self.stop(to_dropoff == 0) + home;
        if self.is_too_late(boarding, dropoff) || last.finish_latest < finish {
            return None;
        }
        let to_end = i64::from(last.to_end);
        Some(
            self.driving * (boarding.driving + to_dropoff + home - to_end)
                + self.own(boarding.start, boarding.rides_from(dropoff, self.direct), dropoff)
                + self.riders(gap, boarding.delay, boarding.driven)
                + (finish - last.free - to_end) * self.driver_time
                - self.gains(gap),
        )
    }

    /// The time that one more stop takes, at least.
    fn stop(&self, may_be_shared: bool) -> i64 {
        if may_be_shared { 0 } else { self.dwell + self.stop_dwell }
    }

    /// What is left of a delay where standing still has taken up all it can. Who is sooner may be so to the end.
    #[inline]
    fn felt(&self, gap: &Gap, delay: i64) -> i64 {
        (delay - i64::from(gap.waits)).max(delay.min(0))
    }

    /// What a delay on this leg costs those whom it makes later, so much of it `driven`.
    #[inline]
    fn riders(&self, gap: &Gap, delay: i64, driven: i64) -> i64 {
        self.felt(gap, delay) * self.others_wait * i64::from(gap.awaited)
            + self.felt(gap, driven) * self.excess_ride * i64::from(gap.aboard)
    }

    /// What a unit of delay on this leg costs those whom it makes later.
    #[inline]
    fn riders_of(&self, gap: &Gap) -> i64 {
        self.others_wait * i64::from(gap.awaited) + self.excess_ride * i64::from(gap.aboard)
    }

    /// The same on any leg from this one on.
    #[inline]
    fn riders_max(&self, gap: &Gap) -> i64 {
        self.others_wait * i64::from(gap.awaited) + self.excess_ride * i64::from(gap.aboard_max)
    }

    fn gains(&self, gap: &Gap) -> i64 {
        (self.excess_ride + self.wait_on_board) * gap.ride_gain
    }
}
