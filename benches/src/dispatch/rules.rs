//! The neutral cost model, said as a policy of the ordinary engine.
//!
//! ```text
//! cost = added vehicle operation time         driver_time 1
//!      + trip time of the new rider           rider_wait 1, excess_ride 1, and the direct time, a constant
//!      + 10 x what the trip passes its limit  dropoff_late 10
//!      + what boarding passes the wait limit  pickup_late 1
//!      + added trip time of the others        rider_wait 1, excess_ride 1
//! ```
//! Limits are soft for the newcomer and hard for everybody else; a stop takes [`STOP`], once for all at
//! the same place. The engine counts in weights times milliseconds: 100 of them are a tenth of a second.

use mukae_engine::model::{
    Access, Beyond, Channel, Choice, CostWeights, DwellRule, Limits, Policy, Request, RideLimit, ServicePolicy, Spot,
    Tier, WalkLimit, Wish,
};
use mukae_maps::{EdgeId, Place};
use mukae_units::{Features, LatLon, Seats, ServiceId, Span, Time, TimeWindow, TravelTime, Zones};

use super::NeutralRequest;

const STOP: Span = Span::MINUTE;
/// The trip limit: so many thousandths of the direct time, and so much more.
const TRIP_PERMILLE: i64 = 1700;
const TRIP_EXTRA: Span = Span::from_mins(2);
/// Longer than any drive of these workloads.
const EVER: Span = Span::from_mins(60 * 24 * 30);
/// A tenth of a second, in milliseconds.
const DS: i64 = 100;

#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub service: ServiceId,
    /// The rider boards so soon after the request, or it costs.
    pub wait_max: Span,
}

/// What the engine counts, in tenths of a second.
pub fn ds(millis: i64) -> i64 {
    assert_eq!(millis % DS, 0, "{millis} ms are no whole tenths of a second");
    millis / DS
}

impl Rules {
    pub fn policy(&self) -> Policy {
        Policy {
            cost: CostWeights {
                driving: 0,
                driver_time: 1,
                rider_wait: 1,
                excess_ride: 1,
                wait_on_board: 0,
                walking: 0,
            },
            wait_on_board_max: EVER,
            position_tolerance: Span::from_secs(15),
            retention: EVER,
            freeze_horizon: Span::ZERO,
            wait_first_permille: 0,
            ask_timeout: Span::ZERO,
            tier_max: Tier::T3,
        }
    }

    pub fn service_policy(&self) -> ServicePolicy {
        ServicePolicy {
            promise_width: EVER,
            ride: RideLimit { extra: EVER, factor_permille: 1000, max: EVER },
            limits: Limits::Soft { pickup_late: 1, dropoff_late: 10, ride_over: 0 },
            dwell: DwellRule {
                per_stop: STOP,
                per_party: Span::ZERO,
                per_seat: Span::ZERO,
                per_wheelchair: Span::ZERO,
            },
            offer_ttl: Span::MINUTE,
            notice_min: Span::ZERO,
            horizon: EVER,
            no_show_after: Span::ZERO,
            walk_max: WalkLimit { to_pickup: Span::ZERO, from_dropoff: Span::ZERO },
            hold_max: Span::ZERO,
            party_max: None,
            crews: mukae_engine::model::Crews::ALL,
        }
    }

    /// `direct` is the time from the origin to the destination alone.
    pub fn request(&self, asked: &NeutralRequest, direct: TravelTime) -> Request {
        let at = Time::from_unix_secs(asked.time_s);
        // The time a stop takes comes after its parties: who boards in it boards from when it began.
        let window = TimeWindow::new(at - STOP, at + self.wait_max - STOP).expect("a wait is longer than a stop");
        Request {
            service: self.service,
            rider: None,
            channel: Channel::Partner,
            origin: Access::at_door(spot(asked.origin_edge)),
            destination: Access::at_door(spot(asked.dest_edge)),
            party: Seats::new(asked.riders, 0),
            wish: Wish::DepartAfter(window),
            needs: Features::EMPTY,
            beyond: Beyond::NOTHING,
            concessions: mukae_engine::model::Concessions::NONE,
            choice: Choice::ONE,
            arrive_latest: Some(at + trip_max(direct)),
        }
    }

    /// The model's own cost of an insertion that the engine found.
    pub fn cost_ds(&self, cost: i64, direct: TravelTime) -> i64 {
        // waiting is counted from a stop before the request, the ride beyond the direct time
        ds(cost - STOP.as_millis() + direct.span().as_millis())
    }
}

/// Rounded down to whole tenths of a second.
fn trip_max(direct: TravelTime) -> Span {
    let direct = ds(direct.span().as_millis());
    Span::from_millis(direct * TRIP_PERMILLE / 1000 * DS) + TRIP_EXTRA
}

pub(super) fn spot(edge: u32) -> Spot {
    let asked = LatLon::from_e7(0, 0).expect("it is on the globe");
    Spot { asked, label: String::new(), kana: String::new(), place: Place::head_of(EdgeId(edge)), zones: Zones::EMPTY }
}
