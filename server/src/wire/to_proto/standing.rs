//! Standing bookings: the rule, and what became of its dates.

use std::collections::BTreeSet;

use mukae_office::{Day, Standing, StandingNote, StandingRide};
use mukae_proto::transit::booking::v1 as pb;
use pb::standing_date::State;

use super::booking::{booking_name, channel};
use super::{View, etag, place, seats, timestamp};
use crate::civil::{written_day, written_minute};
use crate::wire::refusal;

/// `ahead` are the dates that the service takes bookings for.
pub fn standing(view: &View<'_>, note: &StandingNote, ahead: &BTreeSet<Day>) -> pb::StandingBooking {
    let rule = &note.rule;
    let mut drawn = pb::StandingBooking {
        name: view.standing_name(rule.id),
        outbound: Some(ride(&rule.outbound)),
        inbound: rule.inbound.as_ref().map(ride),
        stands_together: rule.stands_together,
        party: Some(seats(rule.party)),
        rider: rule.rider.map(|rider| format!("r-{:016x}", rider.0)).unwrap_or_default(),
        channel: channel(rule.channel) as i32,
        requirements: rule.needs.iter().filter_map(|feature| view.state.features.get(&feature)).cloned().collect(),
        weekdays: (0..7).filter(|bit| rule.weekdays & (1 << bit) != 0).map(|bit| bit + 1).collect(),
        from_date: written_day(rule.from),
        until_date: rule.until.map(written_day).unwrap_or_default(),
        exceptions: exceptions(rule),
        dates: Vec::new(),
        create_time: Some(timestamp(note.created)),
        etag: String::new(),
    };
    drawn.etag = etag(&drawn);
    let days: BTreeSet<Day> = note.dates.keys().copied().chain(ahead.iter().copied()).collect();
    drawn.dates = days.into_iter().map(|day| date(view, note, day)).collect();
    drawn
}

fn exceptions(rule: &Standing) -> Vec<pb::StandingException> {
    let time = |minute: Option<u16>| minute.map(written_minute).unwrap_or_default();
    let exceptions = rule.exceptions.iter().map(|(&day, exception)| pb::StandingException {
        date: written_day(day),
        is_skipped: exception.is_skipped,
        outbound_at: time(exception.outbound),
        inbound_at: time(exception.inbound),
    });
    exceptions.collect()
}

fn ride(ride: &StandingRide) -> pb::StandingRide {
    use pb::standing_ride::Time;
    let minute = written_minute(ride.minute);
    pb::StandingRide {
        origin: Some(place(&ride.from)),
        destination: Some(place(&ride.to)),
        time: Some(if ride.is_arrival { Time::ArriveBy(minute) } else { Time::DepartAfter(minute) }),
    }
}

fn date(view: &View<'_>, note: &StandingNote, day: Day) -> pb::StandingDate {
    let tried = note.dates.get(&day);
    let state = match tried {
        _ if !note.rule.has(day) => State::Skipped,
        None => State::Ahead,
        Some(tried) if tried.refusals.is_empty() => State::Booked,
        Some(_) => State::Refused,
    };
    // one that is forgotten has no name any more
    let booked = tried.into_iter().flat_map(|tried| tried.bookings.values());
    let booked = booked.filter_map(|booking| view.state.bookings.get(booking));
    let refusals = tried.map_or(&[][..], |tried| tried.refusals.as_slice());
    pb::StandingDate {
        date: written_day(day),
        state: state as i32,
        bookings: booked.map(|booking| booking_name(view, &booking.request, booking.id)).collect(),
        refusals: refusals.iter().map(|refused| refusal::refusal(refused, note.rule.party)).collect(),
        try_count: tried.map_or(0, |tried| i32::try_from(tried.tries).unwrap_or(i32::MAX)),
        try_time: tried.map(|tried| timestamp(tried.tried)),
    }
}
