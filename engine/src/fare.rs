//! What a ride costs, and what is due in the end: the only place where either is decided.
//!
//! A fare is quoted once, with the offer. What is due follows from it and from facts that the state keeps of the booking;
//! it is never more than was quoted.

use mukae_units::{Metres, RiderId, Seats, ServiceId, Span, Time, Yen, Zones};

use crate::State;
use crate::model::{
    Booking, BookingState, CancelReason, Charge, ChargeReason, Concessions, Fare, FareTable, Service, Suspension,
    Tariff,
};

/// The ride that is priced.
#[derive(Clone, Copy, Debug)]
pub struct Fared {
    pub party: Seats,
    pub concessions: Concessions,
    /// In which zones the pickup and the dropoff lie.
    pub zones: (Zones, Zones),
}

/// What the ride costs; `length` is asked for that of the direct way where the tariff goes by it. A way without a length
/// counts as longer than any.
pub fn quote(tariff: &Tariff, ride: &Fared, length: impl FnOnce() -> Option<Metres>) -> Fare {
    let Tariff { table, shared, payment, fees, .. } = tariff;
    let persons = ride.party.persons();
    let is_shared_already = shared.within_party && 1 < persons;
    let (full, if_shared) = match table {
        FareTable::ByParty(by_size) => {
            let row = by_size.len().min(persons as usize).checked_sub(1); // luggage alone is nobody
            let whole = row.map_or(Yen::ZERO, |row| by_size[row]);
            let discount = Yen(shared.discount.0.saturating_mul(persons));
            (of_party(tariff, ride, whole), of_party(tariff, ride, whole.less(discount)))
        }
        by_rider => {
            let adult = match by_rider {
                FareTable::ByZones { rows, other } => {
                    let is_in = |zones: Zones, place: Zones| zones.is_empty() || zones.meets(place);
                    let (from, to) = ride.zones;
                    let row = rows.iter().find(|row| is_in(row.from, from) && is_in(row.to, to));
                    row.map_or(*other, |row| row.yen)
                }
                FareTable::ByDistance { rows, beyond } => {
                    let length = length();
                    let row = length.and_then(|length| rows.iter().find(|row| length <= row.up_to));
                    row.map_or(*beyond, |row| row.yen)
                }
                FareTable::Flat(yen) => *yen,
                FareTable::ByParty(_) => unreachable!("told apart above"),
            };
            (of_each(tariff, ride, adult), of_each(tariff, ride, adult.less(shared.discount)))
        }
    };
    let full = if is_shared_already { if_shared } else { full };
    Fare { full, shared: if_shared, payment: *payment, fees: *fees }
}

/// Every rider pays by what an adult does.
fn of_each(tariff: &Tariff, ride: &Fared, adult: Yen) -> Yen {
    shares(tariff, ride).into_iter().fold(Yen::ZERO, |sum, (count, percent)| {
        let one = if percent == 100 { adult.0 } else { rounded(tariff, u64::from(adult.0) * u64::from(percent), 100) };
        sum + Yen(one * count)
    })
}

/// The party pays together: everybody's equal part of it, by his rate.
fn of_party(tariff: &Tariff, ride: &Fared, whole: Yen) -> Yen {
    let persons = u64::from(ride.party.persons());
    let percents: u64 = shares(tariff, ride).into_iter().map(|(count, percent)| u64::from(count * percent)).sum();
    if percents == 100 * persons {
        return whole;
    }
    Yen(rounded(tariff, u64::from(whole.0) * percents, 100 * persons))
}

/// How many pay how many hundredths.
fn shares(tariff: &Tariff, ride: &Fared) -> [(u32, u32); 4] {
    let Concessions { children, seniors, disabled } = ride.concessions;
    let adults = ride.party.persons().saturating_sub(ride.concessions.count());
    let rates = tariff.rates;
    [
        (adults, 100),
        (children.into(), rates.child_percent.into()),
        (seniors.into(), rates.senior_percent.into()),
        (disabled.into(), rates.disabled_percent.into()),
    ]
}

fn rounded(tariff: &Tariff, yen: u64, divisor: u64) -> u32 {
    let rounding = u64::from(tariff.rates.rounding.0);
    u32::try_from(yen / divisor / rounding * rounding).expect("a part of a fare is no more than the fare")
}

/// What is due for a booking that ends so, at that time; `booking` is as it was before. `None`: nothing.
///
/// Who cancels late or does not come pays only where it was the rider's doing: not where no vehicle was bound, or the
/// vehicle came, or was to come, after the promised window.
pub fn charge(booking: &Booking, ended: BookingState, reason: Option<CancelReason>, at: Time) -> Option<Charge> {
    let fare = booking.fare?;
    let (yen, reason) = match ended {
        BookingState::Alighted if booking.is_shared => (fare.shared, ChargeReason::SharedRide),
        BookingState::Alighted => (fare.full, ChargeReason::Ride),
        BookingState::Cancelled => {
            let is_riders = matches!(reason, Some(CancelReason::Rider | CancelReason::Unknown));
            let is_bound = booking.shift.is_some() && booking.ask.is_none() && booking.stranded_at.is_none();
            let free_until = booking.promise.pickup.earliest() - fare.fees.free_until;
            if !is_riders || !is_bound || booking.at_risk.pickup || at <= free_until {
                return None;
            }
            (fare.fees.late_cancellation, ChargeReason::LateCancellation)
        }
        BookingState::NoShow if is_riders_no_show(booking) => (fare.fees.no_show, ChargeReason::NoShow),
        _ => return None,
    };
    let is_due = matches!(ended, BookingState::Alighted) || Yen::ZERO < yen;
    is_due.then_some(Charge { yen, reason })
}

/// False where the vehicle came after the promised window: nobody has to wait for that.
pub(crate) fn is_riders_no_show(booking: &Booking) -> bool {
    booking.arrived_at.is_none_or(|arrived| arrived <= booking.promise.pickup.latest())
}

/// Until when the rider may not ask for a ride of this service; `None` if that is over, or never began.
pub fn suspended_until(state: &State, service: &Service, rider: RiderId, now: Time) -> Option<Time> {
    let Suspension { no_shows, within, lasts } = service.suspension?;
    let times: Vec<Time> = no_shows_of(state, rider, service.id).collect();
    let strikes = times.windows(no_shows as usize).filter(|strikes| strikes[strikes.len() - 1] - strikes[0] <= within);
    let last = strikes.map(|strikes| strikes[strikes.len() - 1]).max()?;
    Some(last + lasts).filter(|&until| now < until)
}

/// When a rider did not come, of what is remembered, in order.
fn no_shows_of(state: &State, rider: RiderId, service: ServiceId) -> impl Iterator<Item = Time> {
    let of_rider = state.no_shows.get(&rider).into_iter().flatten();
    of_rider.filter(move |no_show| no_show.service == service).map(|no_show| no_show.at)
}

/// How much longer the rider has to wait before asking.
pub(crate) fn suspended_for(state: &State, service: &Service, rider: Option<RiderId>, now: Time) -> Option<Span> {
    suspended_until(state, service, rider?, now).map(|until| until - now)
}

#[cfg(test)]
mod tests;
