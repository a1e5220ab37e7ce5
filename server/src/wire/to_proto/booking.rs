//! Offers and bookings.

use mukae_engine::model::{Alternative, Booking, BookingState, CancelReason, Channel, Offer, Promise, Request, Wish};
use mukae_proto::transit::booking::v1 as pb;
use mukae_record::codec::encode_as;
use mukae_units::{BookingId, OfferId, Time};

use super::fare::{drawn_charge, drawn_fare, passengers};
use super::{View, duration, etag, place, revision, seats, timestamp, window};
use crate::names::{RiderName, ServiceName};
use crate::shell::annals::OfferFate;

/// The encoding that tags are made from stays what it is, whatever later ones look like.
const TAG_VERSION: u8 = 1;

/// What tells this offer from another one of its number: see [`crate::names::OfferName`].
pub fn offer_tag(offer: OfferId, request: &Request, promise: &Promise) -> u32 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"mukae offer").update(&offer.0.to_le_bytes());
    hasher.update(&encode_as(TAG_VERSION, request)).update(&encode_as(TAG_VERSION, promise));
    u32::from_be_bytes(*hasher.finalize().as_bytes().first_chunk().expect("a hash has 32 bytes"))
}

pub fn offer(view: &View<'_>, offer: &Offer) -> pb::Offer {
    let note = view.annals.offer(offer.id);
    let hold = view.state.holds.get(&offer.id).filter(|hold| view.now <= hold.until);
    let fate = match note.map(|note| note.fate) {
        Some(OfferFate::Confirmed(booking)) => OfferFate::Confirmed(booking),
        _ if hold.is_some() => OfferFate::Open,
        _ if offer.expires < view.now => OfferFate::Expired,
        fate => fate.unwrap_or(OfferFate::Open),
    };
    let (state, booking) = match fate {
        OfferFate::Open if hold.is_some() => (pb::offer::State::Held, None),
        OfferFate::Open => (pb::offer::State::Open, None),
        OfferFate::Expired => (pb::offer::State::Expired, None),
        OfferFate::Confirmed(booking) => (pb::offer::State::Confirmed, Some(booking)),
    };
    let request = &offer.request;
    let fare = offer.fare.map(|fare| drawn_fare(&fare, &offer.promise));
    pb::Offer {
        name: offer_name(view, offer.id, request, &offer.promise),
        state: state as i32,
        promise: Some(promise(&offer.promise)),
        prediction: Some(pb::Prediction {
            pickup_time: Some(timestamp(offer.pickup)),
            dropoff_time: Some(timestamp(offer.dropoff)),
            prediction_time: Some(timestamp(note.map_or(view.now, |note| note.made))),
        }),
        pickup_place: Some(view.snapped(offer.pickup_spot())),
        dropoff_place: Some(view.snapped(offer.dropoff_spot())),
        party: Some(seats(request.party)),
        direct_duration: Some(duration(offer.direct.span())),
        vehicle: view.vehicle_of(offer.shift).map(|vehicle| view.vehicle_name(vehicle).to_owned()).unwrap_or_default(),
        expire_time: Some(timestamp(hold.map_or(offer.expires, |hold| hold.until))),
        booking: booking.map(|booking| booking_name(view, request, booking)).unwrap_or_default(),
        pickup_walk_duration: Some(duration(request.origin_of(offer.access).walk)),
        dropoff_walk_duration: Some(duration(request.destination_of(offer.access).walk)),
        alternative: alternative(offer.alternative) as i32,
        fare,
        passengers: Some(passengers(request)),
        first_offer: view.annals.offer(offer.quote).map_or_else(String::new, |first| {
            offer_name(view, first.offer.id, &first.offer.request, &first.offer.promise)
        }),
    }
}

pub fn booking(view: &View<'_>, booking: &Booking) -> pb::Booking {
    let request = &booking.request;
    let ended = |state: BookingState| booking.finished_at.filter(|_| booking.state == state).map(timestamp);
    let vehicle = booking.shift.and_then(|shift| view.vehicle_of(shift));
    let mut drawn = pb::Booking {
        name: booking_name(view, request, booking.id),
        state: state(booking.state) as i32,
        origin: Some(place(&request.origin[0].spot)),
        destination: Some(place(&request.destination[0].spot)),
        pickup_place: Some(view.snapped(booking.pickup_spot())),
        dropoff_place: Some(view.snapped(booking.dropoff_spot())),
        party: Some(seats(request.party)),
        wish: Some(match request.wish {
            Wish::DepartAfter(wish) => pb::booking::Wish::DepartAfter(window(wish)),
            Wish::ArriveBy(wish) => pb::booking::Wish::ArriveBy(window(wish)),
        }),
        promise: Some(promise(&booking.promise)),
        prediction: None,
        direct_duration: Some(duration(booking.direct.span())),
        vehicle: vehicle.map(|vehicle| view.vehicle_name(vehicle).to_owned()).unwrap_or_default(),
        rider: request.rider.map(|rider| format!("r-{:016x}", rider.0)).unwrap_or_default(),
        channel: channel(request.channel) as i32,
        offer: offer_name(view, booking.offer, request, &booking.promise),
        create_time: Some(timestamp(booking.confirmed_at)),
        arrive_time: booking.arrived_at.map(timestamp),
        board_time: booking.boarded_at.map(timestamp),
        alight_time: ended(BookingState::Alighted),
        cancel_time: ended(BookingState::Cancelled).or(ended(BookingState::NoShow)).or(ended(BookingState::Failed)),
        cancellation_reason: booking.cancel_reason.map_or(0, |reason| cancel_reason(reason) as i32),
        is_at_risk: booking.at_risk.any(),
        is_pinned: booking.is_pinned,
        revision: 0,
        etag: String::new(),
        fare: None,
        charge: None,
        is_shared: booking.is_shared,
        passengers: Some(passengers(request)),
        pickup_walk_duration: Some(duration(request.origin_of(booking.access).walk)),
        dropoff_walk_duration: Some(duration(request.destination_of(booking.access).walk)),
        requirements: request.needs.iter().filter_map(|feature| view.state.features.get(&feature)).cloned().collect(),
        paired_booking: String::new(),
        stands_with_pair: false,
        paired_booking_state: 0,
        standing_booking: String::new(),
    };
    drawn.fare = booking.fare.map(|fare| drawn_fare(&fare, &booking.promise));
    drawn.charge = booking.charge.map(|charge| drawn_charge(&charge, booking.fare.as_ref()));
    if let Some(standing) = view.annals.office().standing_of(booking.id) {
        drawn.standing_booking = view.standing_name(standing);
    }
    let pair = view.annals.office().pair_of(booking.id);
    let paired = pair.and_then(|pair| view.state.bookings.get(&pair.other));
    if let Some((pair, other)) = pair.zip(paired) {
        drawn.paired_booking = booking_name(view, &other.request, other.id);
        drawn.stands_with_pair = pair.stands_together;
    }
    // Predictions move without anybody's doing: they are no reason to refuse what was decided on the rest.
    drawn.etag = etag(&drawn);
    drawn.prediction = prediction(view, booking);
    drawn.paired_booking_state = paired.map_or(0, |other| state(other.state) as i32);
    drawn.revision = revision(view.annals.booking_revision(booking.id));
    drawn
}

/// Nothing more happens to it: its stream ends.
pub fn is_final(booking: &pb::Booking) -> bool {
    is_final_state(booking.state())
}

pub fn is_final_state(state: pb::booking::State) -> bool {
    use pb::booking::State;
    matches!(state, State::Alighted | State::Cancelled | State::NoShow | State::Failed)
}

/// What is expected, or was; nothing for a ride that will not be.
fn prediction(view: &View<'_>, booking: &Booking) -> Option<pb::Prediction> {
    let (pickup, dropoff) = match booking.state {
        BookingState::Alighted => (booking.boarded_at, booking.finished_at),
        state if state.is_final() => return None,
        _ => {
            let (pickup, dropoff) = planned(view, booking)?;
            (booking.boarded_at.or(pickup), dropoff)
        }
    };
    Some(pb::Prediction {
        pickup_time: pickup.map(timestamp),
        dropoff_time: dropoff.map(timestamp),
        prediction_time: Some(timestamp(view.now)),
    })
}

/// When service begins at the pickup and at the dropoff, by the schedule that holds the booking.
fn planned(view: &View<'_>, booking: &Booking) -> Option<(Option<Time>, Option<Time>)> {
    let schedule = view.state.schedules.get(&booking.shift?)?;
    let timeline = view.state.forecast(schedule, view.now);
    let start_of =
        |is_pickup| schedule.position_of(booking.id, is_pickup).map(|stop_idx| timeline.stops[stop_idx].start);
    Some((start_of(true), start_of(false)))
}

fn promise(promise: &Promise) -> pb::Promise {
    pb::Promise {
        pickup_window: Some(window(promise.pickup)),
        dropoff_window: Some(mukae_proto::transit::units::v1::TimeWindow {
            earliest_time: None,
            latest_time: Some(timestamp(promise.dropoff_latest)),
        }),
        max_ride_duration: Some(duration(promise.ride_max)),
    }
}

pub(super) fn name_of_offer(view: &View<'_>, offer: &Offer) -> String {
    offer_name(view, offer.id, &offer.request, &offer.promise)
}

/// The name of the record of who rides, if anybody said who that is.
pub fn rider_of(view: &View<'_>, booking: &Booking) -> Option<RiderName> {
    let service = view.service_name(booking.request.service).parse::<ServiceName>().ok()?;
    booking.request.rider.map(|rider| RiderName { tenant: service.tenant, rider })
}

pub(super) fn booking_name(view: &View<'_>, request: &Request, booking: BookingId) -> String {
    format!("{}/bookings/{booking}", view.service_name(request.service))
}

fn offer_name(view: &View<'_>, offer: OfferId, request: &Request, promise: &Promise) -> String {
    format!("{}/offers/{offer}-{:08x}", view.service_name(request.service), offer_tag(offer, request, promise))
}

fn state(state: BookingState) -> pb::booking::State {
    match state {
        BookingState::Confirmed => pb::booking::State::Confirmed,
        BookingState::Unassigned => pb::booking::State::Unassigned,
        BookingState::EnRoute => pb::booking::State::EnRoute,
        BookingState::Arrived => pb::booking::State::Arrived,
        BookingState::Boarded => pb::booking::State::Boarded,
        BookingState::Alighted => pb::booking::State::Alighted,
        BookingState::Cancelled => pb::booking::State::Cancelled,
        BookingState::NoShow => pb::booking::State::NoShow,
        BookingState::Failed => pb::booking::State::Failed,
        // waits at the roadside for a vehicle; a client that knows no more can act on that
        BookingState::Stranded => pb::booking::State::Unassigned,
        BookingState::AwaitingDriver => pb::booking::State::AwaitingDriver,
        BookingState::Held => pb::booking::State::Held,
    }
}

fn alternative(alternative: Alternative) -> pb::offer::Alternative {
    match alternative {
        Alternative::Best => pb::offer::Alternative::Best,
        Alternative::Later => pb::offer::Alternative::Later,
        Alternative::Earlier => pb::offer::Alternative::Earlier,
        Alternative::OtherPlaces => pb::offer::Alternative::OtherPlaces,
        Alternative::OtherVehicle => pb::offer::Alternative::OtherVehicle,
    }
}

pub(super) fn channel(channel: Channel) -> pb::Channel {
    match channel {
        Channel::Unknown => pb::Channel::Unspecified,
        Channel::Phone => pb::Channel::Phone,
        Channel::Line => pb::Channel::Line,
        Channel::Web => pb::Channel::Web,
        Channel::App => pb::Channel::App,
        Channel::VoiceAgent => pb::Channel::VoiceAgent,
        Channel::Staff => pb::Channel::Staff,
        Channel::Partner => pb::Channel::Partner,
    }
}

fn cancel_reason(reason: CancelReason) -> pb::CancellationReason {
    match reason {
        CancelReason::Unknown => pb::CancellationReason::Unspecified,
        CancelReason::Rider => pb::CancellationReason::Rider,
        CancelReason::Service => pb::CancellationReason::Service,
        CancelReason::Duplicate => pb::CancellationReason::Duplicate,
        CancelReason::Rebooked => pb::CancellationReason::Rebooked,
    }
}
