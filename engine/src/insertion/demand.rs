//! What has to be inserted: a request under a service's promises, or a promise already made.

use super::Insertion;
use mukae_maps::{Place, TravelTimes};
use mukae_units::{Features, Seats, ServiceId, Span, Time, TimeWindow, TravelTime, Zones};

use crate::model::{
    AccessPair, Binding, Booking, Constraint, Crews, Limits, OpenHours, Promise, Request, ServicePolicy, Wish,
};

/// The limits an insertion must keep, whatever they came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demand {
    pub origin: Place,
    pub destination: Place,
    pub party: Seats,
    /// Boarding begins inside it.
    pub pickup: TimeWindow,
    /// Alighting begins at this time or before.
    pub dropoff_latest: Time,
    pub ride_max: Span,
    /// Origin to destination alone.
    pub direct: TravelTime,
    /// Service time of the party, at the pickup and at the dropoff each.
    pub dwell: Span,
    /// Service time once for all at a stop.
    pub stop_dwell: Span,
    /// Waiting is counted from here; `None` where the rider asked for a time of arrival.
    pub waits_from: Option<Time>,
    /// Set if the pickup window's end, the latest dropoff and the longest ride are priced, not forbidden.
    pub soft: Option<SoftLimits>,
    /// Boarding begins no later, whatever limits are priced: the service's hours end.
    pub pickup_max: Option<Time>,
    pub service: ServiceId,
    /// By whom its riders are driven.
    pub crews: Crews,
    /// What the vehicle or its driver must offer.
    pub needs: Features,
    /// In which zones the two places lie.
    pub zones: (Zones, Zones),
    /// To the pickup and from the dropoff, together.
    pub walk: Span,
}

/// What a demand is made from: a request by one pair of its ways, or a probe.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ask {
    pub service: ServiceId,
    pub origin: Place,
    pub destination: Place,
    pub zones: (Zones, Zones),
    pub walk_to_pickup: Span,
    pub walk_from_dropoff: Span,
    pub party: Seats,
    pub needs: Features,
    pub wish: Wish,
    pub arrive_latest: Option<Time>,
    /// How much longer than the service's limit the ride may be.
    pub ride_beyond: Span,
}

impl Ask {
    pub fn of_request(request: &Request, access: AccessPair) -> Ask {
        let (from, to) = (request.origin_of(access), request.destination_of(access));
        Ask {
            service: request.service,
            origin: from.spot.place,
            destination: to.spot.place,
            zones: (from.spot.zones, to.spot.zones),
            walk_to_pickup: from.walk,
            walk_from_dropoff: to.walk,
            party: request.party,
            needs: request.needs,
            wish: request.wish,
            arrive_latest: request.arrive_latest,
            ride_beyond: request.beyond.ride,
        }
    }
}

/// Yen a minute beyond each limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SoftLimits {
    pub pickup_late: i64,
    pub dropoff_late: i64,
    pub ride_over: i64,
}

/// What a minute is worth until a party is where it wants to go that was put down under way, in yen: more
/// than any detour.
const URGENT: i64 = 10_000;
/// How far ahead a vehicle is looked for that could fetch it.
const RESCUE_MAX: Span = Span::DAY;

impl SoftLimits {
    /// Of somebody at the roadside.
    const URGENT: SoftLimits = SoftLimits { pickup_late: URGENT, dropoff_late: URGENT, ride_over: URGENT };

    fn of(limits: Limits) -> Option<SoftLimits> {
        match limits {
            Limits::Hard => None,
            Limits::Soft { pickup_late, dropoff_late, ride_over } => {
                Some(SoftLimits { pickup_late, dropoff_late, ride_over })
            }
        }
    }
}

impl Demand {
    /// What `request`, by this pair of its ways, asks of the fleet at `now`, or the rule that forbids it
    /// whatever the fleet does.
    pub fn of_request(
        now: Time,
        request: &Request,
        access: AccessPair,
        service: &ServicePolicy,
        roads: &mut dyn TravelTimes,
    ) -> Result<Demand, Binding> {
        let ask = Ask::of_request(request, access);
        Demand::of_ask(now, &ask, service, || roads.travel_time(ask.origin, ask.destination))
    }

    /// The same; `direct` is asked for the time from origin to destination alone.
    ///
    /// A rider is at the pickup a walk after setting out, which is neither before the wished window nor
    /// before now, and alights a walk before being anywhere.
    ///
    /// An arrive-by window becomes a pickup window by the direct time: who boards inside it and
    /// rides directly alights inside the wished window, never before it. A longer ride starts no
    /// earlier, it ends later; so nobody waits on board for a door to open. It begins on the whole
    /// minute, as a promise does.
    pub fn of_ask(
        now: Time,
        ask: &Ask,
        service: &ServicePolicy,
        direct: impl FnOnce() -> Option<TravelTime>,
    ) -> Result<Demand, Binding> {
        let Ask { origin, destination, walk_to_pickup, walk_from_dropoff, party, .. } = *ask;
        if ask.wish.window().latest() < now {
            return Err(Constraint::WindowPast.into());
        }
        let direct = direct().ok_or(Binding::from(Constraint::NoRoad))?;
        let dwell = service.dwell.dwell(party);
        let boarding = service.dwell.per_stop + dwell;
        let ride_max = service.ride.ride_max(direct) + ask.ride_beyond;
        let (wanted, waits_from) = match ask.wish {
            Wish::DepartAfter(window) => {
                let there = window.earliest() + walk_to_pickup;
                let late = Binding { constraint: Constraint::PickupWindow, shortfall: Some(there - window.latest()) };
                (TimeWindow::new(there, window.latest()).map_err(|_| late)?, Some(there))
            }
            Wish::ArriveBy(window) => {
                let at_dropoff = window.shifted(-walk_from_dropoff);
                (from_whole_minute(at_dropoff.shifted(-(boarding + direct.span()))), None)
            }
        };
        let (soonest, last) = (now + service.notice_min.max(walk_to_pickup), now + service.horizon);
        let too_soon = |constraint, limit: Time| Binding { constraint, shortfall: Some(limit - wanted.latest()) };
        if wanted.latest() < now {
            return Err(too_soon(Constraint::DropoffWindow, now)); // even a car at the door would be late
        }
        if wanted.latest() < soonest {
            return Err(too_soon(Constraint::Notice, soonest));
        }
        // who asks for a time that has passed can still join a stop that a vehicle makes just now
        let earliest = if soonest == now { wanted.earliest() } else { wanted.earliest().max(soonest) };
        let Ok(pickup) = TimeWindow::new(earliest, wanted.latest().min(last)) else {
            return Err(Binding { constraint: Constraint::Horizon, shortfall: Some(wanted.earliest() - last) });
        };
        let dropoff_latest = match ask.wish {
            Wish::DepartAfter(_) => pickup.latest() + boarding + ride_max,
            Wish::ArriveBy(window) => window.latest() - walk_from_dropoff,
        };
        let deadline = ask.arrive_latest.map(|latest| latest - walk_from_dropoff);
        let dropoff_latest = deadline.map_or(dropoff_latest, |latest| latest.min(dropoff_latest));
        let (stop_dwell, soft) = (service.dwell.per_stop, SoftLimits::of(service.limits));
        let walk = walk_to_pickup + walk_from_dropoff;
        Ok(Demand {
            origin,
            destination,
            party,
            pickup,
            dropoff_latest,
            ride_max,
            direct,
            dwell,
            stop_dwell,
            waits_from,
            soft,
            pickup_max: None,
            service: ask.service,
            crews: service.crews,
            needs: ask.needs,
            zones: ask.zones,
            walk,
        })
    }

    /// The same inside one of the [`open_hours`](crate::model::Service::open_hours) of its service.
    #[must_use]
    pub fn within(&self, hours: &OpenHours) -> Demand {
        let OpenHours { pickup, pickup_max, .. } = *hours;
        let alighting = pickup.latest() + self.stop_dwell + self.dwell + self.ride_max;
        let dropoff_latest = match self.waits_from {
            Some(_) => self.dropoff_latest.min(alighting),
            None => self.dropoff_latest, // said by the rider
        };
        Demand { pickup, pickup_max, dropoff_latest, ..*self }
    }

    /// The same for a rider who would arrive no earlier before the deadline than a promise is wide;
    /// `None` where that is no narrower. Asked first: nobody likes to wait at the door for an hour.
    pub fn close_to_deadline(&self, service: &ServicePolicy) -> Option<Demand> {
        let close = (self.pickup.latest() - service.promise_width).floor_to(Span::MINUTE);
        if self.waits_from.is_some() || close <= self.pickup.earliest() {
            return None;
        }
        let pickup = TimeWindow::new(close, self.pickup.latest()).ok()?; // a promise has a width
        Some(Demand { pickup, ..*self })
    }

    /// What a promise asks of the fleet at `now`; `None` once its pickup window has ended or no road
    /// leads there any more.
    pub fn of_promise(
        now: Time,
        request: &Request,
        access: AccessPair,
        promise: &Promise,
        service: &ServicePolicy,
        roads: &mut dyn TravelTimes,
    ) -> Option<Demand> {
        if promise.pickup.latest() < now {
            return None;
        }
        Demand::of_late_promise(request, access, promise, service, roads)
    }

    /// The same for a party that somebody puts somewhere by hand: its window may have ended, and is missed then.
    pub fn of_late_promise(
        request: &Request,
        access: AccessPair,
        promise: &Promise,
        service: &ServicePolicy,
        roads: &mut dyn TravelTimes,
    ) -> Option<Demand> {
        let pickup = promise.pickup;
        let ask = Ask::of_request(request, access);
        let Ask { origin, destination, walk_to_pickup, walk_from_dropoff, .. } = ask;
        let direct = roads.travel_time(origin, destination)?;
        Some(Demand {
            origin,
            destination,
            party: request.party,
            pickup,
            dropoff_latest: promise.dropoff_latest,
            ride_max: promise.ride_max,
            direct,
            dwell: service.dwell.dwell(request.party),
            stop_dwell: service.dwell.per_stop,
            soft: None,
            pickup_max: None,
            service: request.service,
            crews: service.crews,
            needs: request.needs,
            zones: ask.zones,
            waits_from: match request.wish {
                Wish::DepartAfter(window) => Some(window.earliest() + walk_to_pickup),
                Wish::ArriveBy(_) => None,
            },
            walk: walk_to_pickup + walk_from_dropoff,
        })
    }

    /// What a party asks that was on board of a vehicle which broke down at `from`, and what its new stops
    /// are bound to: to be brought as soon as somebody can, each minute at a price above all others, and
    /// without making anybody else late. `None` if no road leads where it wants to go.
    ///
    /// The promise stays. The ride counts from the first boarding, also while the party stands at the
    /// roadside; as no later vehicle can change that, it is a time by which it must be there. Its pickup
    /// is due at once, so that nobody who comes later makes it later still.
    pub fn of_stranded(
        now: Time,
        booking: &Booking,
        from: Place,
        service: &ServicePolicy,
        roads: &mut dyn TravelTimes,
    ) -> Option<(Demand, Promise)> {
        let Booking { request, promise, .. } = booking;
        let to = request.destination_of(booking.access);
        let direct = roads.travel_time(from, to.spot.place)?;
        let boarded = booking.boarded_at.unwrap_or(now);
        let due = TimeWindow::new(now, now).expect("in order");
        let bound = Promise {
            pickup: due,
            dropoff_latest: promise.dropoff_latest.min(boarded + promise.ride_max),
            ride_max: promise.ride_max,
        };
        let demand = Demand {
            origin: from,
            destination: to.spot.place,
            party: request.party,
            pickup: TimeWindow::new(now, now + RESCUE_MAX).expect("in order"),
            dropoff_latest: now,
            ride_max: promise.ride_max,
            direct,
            dwell: service.dwell.dwell(request.party),
            stop_dwell: service.dwell.per_stop,
            waits_from: Some(now),
            soft: Some(SoftLimits::URGENT),
            pickup_max: None,
            service: request.service,
            crews: service.crews,
            needs: request.needs,
            zones: (request.origin_of(booking.access).spot.zones, to.spot.zones),
            walk: to.walk,
        };
        Some((demand, bound))
    }

    /// Somebody at the roadside is fetched.
    pub(super) fn is_rescue(&self) -> bool {
        self.soft == Some(SoftLimits::URGENT)
    }

    /// The promise a rider gets from an insertion: a pickup window that begins on the whole minute
    /// and is as wide as the service says, inside what was asked for. Where limits are only priced,
    /// the promise reaches as far as the plan does: none is made that is known to be broken.
    pub fn promise(&self, insertion: &Insertion, service: &ServicePolicy) -> Promise {
        let Insertion { pickup, boarded, dropoff, .. } = *insertion;
        let earliest = pickup.floor_to(Span::MINUTE).max(self.pickup.earliest());
        let latest = (earliest + service.promise_width).min(self.pickup.latest()).max(pickup);
        let window = TimeWindow::new(earliest, latest).expect("boarding lies between the two");
        let ride_max = self.ride_max.max(dropoff - boarded);
        let board_latest = latest + self.stop_dwell + self.dwell;
        let dropoff_latest = self.dropoff_latest.min(board_latest + ride_max).max(dropoff);
        Promise { pickup: window, dropoff_latest, ride_max }
    }
}

/// The window without what lies before its first whole minute, if it has one.
fn from_whole_minute(window: TimeWindow) -> TimeWindow {
    let minute = (window.earliest() + Span::MINUTE - Span::from_millis(1)).floor_to(Span::MINUTE);
    TimeWindow::new(minute, window.latest()).unwrap_or(window)
}
