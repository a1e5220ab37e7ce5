//! The day's riders: each asks when their time comes, takes the best offer, and confirms.
//!
//! Request ids are made of the seed and the request's own number, so that a demo that is started again
//! after a crash asks the same again, and gets the answers it had.

use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::booking::v1::booking_service_client::BookingServiceClient;
use mukae_proto::transit::booking::v1::{
    Booking, Channel, ConfirmOfferRequest, Offer, QuoteRequest, quote_request, quote_response,
};
use mukae_proto::transit::units::v1::{Place, Seats, TimeWindow};
use mukae_sim::{RequestRow, WishKind};
use mukae_units::{LatLon, SeatKind, Time};
use prost_types::Timestamp;
use tonic::Code;

use super::Day;
use crate::client::said;

/// Offers a rider confirms before giving up, when others come between again and again.
const TRIES_MAX: u32 = 4;

pub(super) async fn ask_all(day: Day, rows: Vec<RequestRow>, service: String) -> anyhow::Result<()> {
    let mut asking = tokio::task::JoinSet::new();
    for row in rows {
        day.clock.reached(row.created_at).await;
        let (day, service) = (day.clone(), service.clone());
        let ride = async move {
            match ask(&day, &row, service).await? {
                Some(booking) => day.board.booked(&row.id, &booking),
                None => day.board.refused(&row.id),
            }
            anyhow::Ok(())
        };
        if row_is_past(&asking) {
            while let Some(done) = asking.join_next().await {
                done??;
            }
        }
        asking.spawn(ride);
    }
    while let Some(done) = asking.join_next().await {
        done??;
    }
    Ok(())
}

/// Calls under way at once are few in a town; more wait.
fn row_is_past(asking: &tokio::task::JoinSet<anyhow::Result<()>>) -> bool {
    const CALLS_MAX: usize = 16;
    CALLS_MAX <= asking.len()
}

/// The booking, or `None` if no ride is possible.
async fn ask(day: &Day, row: &RequestRow, service: String) -> anyhow::Result<Option<Booking>> {
    let mut client = BookingServiceClient::new(day.channel.clone());
    for attempt in 1..=TRIES_MAX {
        let id = |what: &str| format!("demo-{}-{}-{what}-{attempt}", day.seed, row.id);
        let quote = client.quote(quote(row, service.clone(), id("quote"))).await.map_err(said)?.into_inner();
        let Some(quote_response::Result::Offers(offers)) = quote.result else { return Ok(None) };
        let Some(Offer { name, .. }) = offers.offers.into_iter().next() else { return Ok(None) };
        match client.confirm_offer(ConfirmOfferRequest { name, request_id: id("confirm"), ..Default::default() }).await
        {
            Ok(booking) => return Ok(Some(booking.into_inner())),
            // The plan has moved on, or the offer has run out since a crash: ask again.
            Err(status) if status.code() == Code::FailedPrecondition || status.code() == Code::NotFound => {}
            Err(status) => return Err(said(status)),
        }
    }
    Ok(None)
}

fn quote(row: &RequestRow, parent: String, request_id: String) -> QuoteRequest {
    let window = TimeWindow {
        earliest_time: Some(timestamp(row.window.earliest())),
        latest_time: Some(timestamp(row.window.latest())),
    };
    QuoteRequest {
        parent,
        origin: Some(place(row.from)),
        destination: Some(place(row.to)),
        party: Some(Seats {
            seats: row.party.of(SeatKind::Seat).into(),
            wheelchairs: row.party.of(SeatKind::Wheelchair).into(),
            child_seats: row.party.of(SeatKind::ChildSeat).into(),
            luggage: row.party.of(SeatKind::Luggage).into(),
            stretchers: row.party.of(SeatKind::Stretcher).into(),
        }),
        wish: Some(match row.kind {
            WishKind::DepartAfter => quote_request::Wish::DepartAfter(window),
            WishKind::ArriveBy => quote_request::Wish::ArriveBy(window),
        }),
        rider: format!("demo+{}", row.id),
        channel: Channel::Phone.into(),
        request_id,
        passengers: None,
        max_offers: 1,
        requirements: Vec::new(),
        extra_ride_duration: None,
        extra_walk_duration: None,
    }
}

fn place(at: LatLon) -> Place {
    Place { position: Some(LatLng { latitude: at.lat(), longitude: at.lon() }), label: String::new() }
}

pub(super) fn timestamp(time: Time) -> Timestamp {
    let millis = time.as_unix_millis();
    Timestamp { seconds: millis.div_euclid(1000), nanos: (millis.rem_euclid(1000) * 1_000_000) as i32 }
}
