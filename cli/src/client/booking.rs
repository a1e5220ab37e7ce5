//! Quote, confirm, cancel, get and list.

use anyhow::bail;
use clap::Args;
use mukae_proto::transit::booking::v1::{
    CancelBookingRequest, CancellationReason, Channel, ConfirmOfferRequest, GetBookingRequest, HoldOfferRequest,
    ListBookingsRequest, Offer, Passengers, QuoteRequest, QuoteResponse, ReleaseHoldRequest, quote_request,
    quote_response,
};
use mukae_proto::transit::units::v1::{Place, Seats, TimeWindow};
use prost_types::Timestamp;

use super::{Connection, Desk, new_request_id, places, said, show, when};

#[derive(Debug, Args)]
pub(crate) struct Quote {
    /// Where to start: latitude,longitude[,label]
    #[arg(long, value_parser = places::parse, allow_hyphen_values = true)]
    from: Place,
    /// Where to go: latitude,longitude[,label]
    #[arg(long, value_parser = places::parse, allow_hyphen_values = true)]
    to: Place,
    /// Leave at this time or later: 14:30, 2026-11-23 14:30, +20 (minutes); without it, now
    #[arg(long, conflicts_with = "by", allow_hyphen_values = true)]
    at: Option<String>,
    /// Arrive by this time
    #[arg(long, allow_hyphen_values = true)]
    by: Option<String>,
    /// How far the ride may lie from that time, in minutes
    #[arg(long, default_value_t = 60)]
    within: u32,
    /// Ordinary seats
    #[arg(long, default_value_t = 1)]
    seats: u8,
    /// Wheelchair places
    #[arg(long, default_value_t = 0)]
    wheelchairs: u8,
    /// Child seats
    #[arg(long, default_value_t = 0)]
    child_seats: u8,
    /// Pieces of luggage that need a place
    #[arg(long, default_value_t = 0)]
    luggage: u8,
    /// Stretchers
    #[arg(long, default_value_t = 0)]
    stretchers: u8,
    /// How many of the party pay as children; the others, if nothing else is said, as adults
    #[arg(long, default_value_t = 0)]
    children: u8,
    /// How many pay as seniors
    #[arg(long, default_value_t = 0)]
    seniors: u8,
    /// How many pay as disabled persons
    #[arg(long, default_value_t = 0)]
    disabled: u8,
    /// What the vehicle or its driver has to offer, such as ramp; may be given several times
    #[arg(long = "require")]
    requirements: Vec<String>,
    /// A pseudonym of the rider: issuer+subject
    #[arg(long, default_value = "")]
    rider: String,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Confirm {
    /// The offer: tenants/…/services/…/offers/…
    offer: String,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// The booking: tenants/…/services/…/bookings/…
    booking: String,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Get {
    /// The booking: tenants/…/services/…/bookings/…
    booking: String,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    connection: Connection,
}

pub(crate) async fn quote(args: &Quote) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let answer = ask(&desk, args).await?;
    desk.print(&show::quote_json(&answer), || show::quote(&answer, &desk));
    Ok(())
}

pub(crate) async fn book(args: &Quote) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let answer = ask(&desk, args).await?;
    let offer = match &answer.result {
        Some(quote_response::Result::Offers(offers)) => best(&offers.offers)?.name.clone(),
        _ => {
            desk.print(&show::quote_json(&answer), || show::quote(&answer, &desk));
            bail!("no ride was booked");
        }
    };
    confirm_offer(&desk, offer).await
}

fn best(offers: &[Offer]) -> anyhow::Result<&Offer> {
    offers.first().ok_or_else(|| anyhow::anyhow!("the server sent an empty list of offers"))
}

async fn ask(desk: &Desk, args: &Quote) -> anyhow::Result<QuoteResponse> {
    let now = desk.now();
    let stamp = |time: jiff::Timestamp| Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() };
    let around = |from: jiff::Timestamp, minutes: i64| -> anyhow::Result<jiff::Timestamp> {
        Ok(from.checked_add(jiff::SignedDuration::from_mins(minutes))?)
    };
    let within = i64::from(args.within);
    let wish = if let Some(by) = &args.by {
        let by = when::parse(by, now, &desk.zone)?;
        let earliest_time = Some(stamp(around(by, -within)?));
        quote_request::Wish::ArriveBy(TimeWindow { earliest_time, latest_time: Some(stamp(by)) })
    } else {
        let at = args.at.as_ref().map_or(Ok(now), |at| when::parse(at, now, &desk.zone))?;
        let latest_time = Some(stamp(around(at, within)?));
        quote_request::Wish::DepartAfter(TimeWindow { earliest_time: Some(stamp(at)), latest_time })
    };
    let request = QuoteRequest {
        parent: desk.service()?,
        origin: Some(args.from.clone()),
        destination: Some(args.to.clone()),
        party: Some(Seats {
            seats: args.seats.into(),
            wheelchairs: args.wheelchairs.into(),
            child_seats: args.child_seats.into(),
            luggage: args.luggage.into(),
            stretchers: args.stretchers.into(),
        }),
        wish: Some(wish),
        rider: args.rider.clone(),
        channel: Channel::Staff.into(),
        request_id: new_request_id(),
        max_offers: 0,
        requirements: args.requirements.clone(),
        extra_ride_duration: None,
        extra_walk_duration: None,
        passengers: passengers(args),
    };
    Ok(desk.bookings().quote(request).await.map_err(said)?.into_inner())
}

/// Who pays which fare; nothing if all pay as adults. Too many is for the server to say.
fn passengers(args: &Quote) -> Option<Passengers> {
    let [children, seniors, disabled] = [args.children, args.seniors, args.disabled].map(i32::from);
    let concessions = children + seniors + disabled;
    let riding: i32 =
        [args.seats, args.wheelchairs, args.child_seats, args.stretchers].map(i32::from).into_iter().sum();
    (0 < concessions).then(|| Passengers { adults: (riding - concessions).max(0), children, seniors, disabled })
}

pub(crate) async fn confirm(args: &Confirm) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    confirm_offer(&desk, args.offer.clone()).await
}

async fn confirm_offer(desk: &Desk, name: String) -> anyhow::Result<()> {
    let request = ConfirmOfferRequest { name, request_id: new_request_id(), ..Default::default() };
    let booking = desk.bookings().confirm_offer(request).await.map_err(said)?.into_inner();
    desk.print(&show::booking_json(&booking), || show::booking(&booking, desk));
    Ok(())
}

pub(crate) async fn hold(args: &Confirm) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let request = HoldOfferRequest {
        name: args.offer.clone(),
        hold_duration: None,
        request_id: new_request_id(),
        ..Default::default()
    };
    let offer = desk.bookings().hold_offer(request).await.map_err(said)?.into_inner();
    desk.print(&show::offer_json(&offer), || show::offer(&offer, &desk));
    Ok(())
}

pub(crate) async fn release(args: &Confirm) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let request = ReleaseHoldRequest { name: args.offer.clone(), request_id: new_request_id(), ..Default::default() };
    let offer = desk.bookings().release_hold(request).await.map_err(said)?.into_inner();
    desk.print(&show::offer_json(&offer), || show::offer(&offer, &desk));
    Ok(())
}

pub(crate) async fn cancel(args: &Cancel) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let request = CancelBookingRequest {
        name: args.booking.clone(),
        reason: CancellationReason::Rider.into(),
        request_id: new_request_id(),
        etag: String::new(),
        ..Default::default()
    };
    let booking = desk.bookings().cancel_booking(request).await.map_err(said)?.into_inner();
    desk.print(&show::booking_json(&booking), || show::booking(&booking, &desk));
    Ok(())
}

pub(crate) async fn get(args: &Get) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let request = GetBookingRequest { name: args.booking.clone() };
    let booking = desk.bookings().get_booking(request).await.map_err(said)?.into_inner();
    desk.print(&show::booking_json(&booking), || show::booking(&booking, &desk));
    Ok(())
}

pub(crate) async fn list(args: &List) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let parent = desk.service()?;
    let mut page_token = String::new();
    loop {
        let request = ListBookingsRequest { parent: parent.clone(), page_token, ..Default::default() };
        let page = desk.bookings().list_bookings(request).await.map_err(said)?.into_inner();
        for booking in &page.bookings {
            desk.print(&show::booking_json(booking), || show::booking_line(booking, &desk));
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(());
        }
    }
}
