//! The desk's verbs: who could take a booking, and moves, pins and interruptions by hand.

use anyhow::{bail, ensure};
use clap::Args;
use mukae_proto::transit::operations::v1 as pb;
use mukae_proto::transit::operations::v1::dispatch_service_client::DispatchServiceClient;
use mukae_proto::transit::units::v1::{Place, TimeWindow};
use pb::interrupt_shift_request::Interruption;
use pb::r#move::To;
use prost_types::{Duration, Timestamp};
use serde_json::json;

use super::{Connection, Desk, Line, consequences, new_request_id, places, said, show, when};

#[derive(Debug, Args)]
pub(crate) struct Suggest {
    /// The booking: tenants/…/services/…/bookings/…
    booking: String,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A booking or an offer: tenants/…/services/…/bookings/… or …/offers/…
    name: String,
    /// As things stood when it was decided, from the journal; without it, as they stand now
    #[arg(long)]
    as_decided: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Asks first what would happen, or does it.
#[derive(Clone, Debug, Args)]
pub(crate) struct Deed {
    /// Only show what would happen
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Assign {
    /// The booking to move: tenants/…/services/…/bookings/…
    booking: String,
    /// The shift that takes it: tenants/…/vehicles/…/shifts/…; without it, no vehicle: it is left to staff
    #[arg(long)]
    to: Option<String>,
    /// Board before this stop of the shift's vehicle, tenants/…/vehicles/…/stops/…, or `end`; without it, at the best place
    #[arg(long, requires = "to")]
    board_before: Option<String>,
    /// Alight before this stop, or `end`; without it, where it boards
    #[arg(long, requires = "board_before")]
    alight_before: Option<String>,
    /// Do it although promised times break
    #[arg(long, requires = "board_before", requires = "reason")]
    overrule: bool,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    deed: Deed,
}

#[derive(Debug, Args)]
pub(crate) struct Swap {
    /// A booking: tenants/…/services/…/bookings/…
    one: String,
    /// The booking it changes vehicles with
    other: String,
    #[command(flatten)]
    deed: Deed,
}

#[derive(Debug, Args)]
pub(crate) struct Pin {
    /// The booking: tenants/…/services/…/bookings/…
    booking: String,
    #[command(flatten)]
    deed: Deed,
}

#[derive(Debug, Args)]
pub(crate) struct Freeze {
    /// The last stop to fix: tenants/…/vehicles/…/stops/…
    through: String,
    #[command(flatten)]
    deed: Deed,
}

#[derive(Debug, Args)]
pub(crate) struct OfShift {
    /// The shift: tenants/…/vehicles/…/shifts/…
    shift: String,
    #[command(flatten)]
    deed: Deed,
}

#[derive(Debug, Args)]
pub(crate) struct Breakdown {
    /// The shift: tenants/…/vehicles/…/shifts/…
    shift: String,
    /// Where the vehicle stands: latitude,longitude[,label]; without it, where it is expected to be
    #[arg(long, value_parser = places::parse, allow_hyphen_values = true)]
    place: Option<Place>,
    #[command(flatten)]
    deed: Deed,
}

#[derive(Debug, Args)]
pub(crate) struct Rest {
    /// The shift: tenants/…/vehicles/…/shifts/…
    shift: String,
    /// How long, in minutes
    #[arg(long)]
    minutes: u32,
    /// From when on: 14:30, +20 (minutes); without it, now
    #[arg(long, allow_hyphen_values = true)]
    from: Option<String>,
    /// It may begin so many minutes later
    #[arg(long, default_value_t = 0)]
    within: u32,
    /// Where: latitude,longitude[,label]; without it, at the start of the shift
    #[arg(long, value_parser = places::parse, allow_hyphen_values = true)]
    place: Option<Place>,
    #[command(flatten)]
    deed: Deed,
}

#[derive(Debug, Args)]
pub(crate) struct Late {
    /// The shift: tenants/…/vehicles/…/shifts/…
    shift: String,
    /// When it begins instead: 14:30, +20 (minutes)
    #[arg(long, allow_hyphen_values = true)]
    start: String,
    #[command(flatten)]
    deed: Deed,
}

fn client(desk: &Desk) -> DispatchServiceClient<Line> {
    DispatchServiceClient::new(desk.channel.clone())
}

pub(crate) async fn suggest(args: &Suggest) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let explanation = candidates(&desk, &args.booking).await?;
    desk.print(&consequences::explanation_json(&explanation), || consequences::explanation(&explanation, &desk));
    Ok(())
}

async fn candidates(desk: &Desk, booking: &str) -> anyhow::Result<pb::Explanation> {
    let request = pb::SuggestAssignmentsRequest { booking: booking.to_owned() };
    let answer = client(desk).suggest_assignments(request).await.map_err(said)?.into_inner();
    Ok(answer.explanation.unwrap_or_default())
}

pub(crate) async fn explain(args: &Explain) -> anyhow::Result<()> {
    let desk = Desk::open(&args.connection).await?;
    let name = args.name.clone();
    let as_of = if args.as_decided { pb::ExplainAsOf::Decision } else { pb::ExplainAsOf::Now } as i32;
    let explanation = match name.contains("/offers/") {
        true => client(&desk).explain_offer(pb::ExplainOfferRequest { name, as_of }).await,
        false => client(&desk).explain_booking(pb::ExplainBookingRequest { name, as_of }).await,
    };
    let explanation = explanation.map_err(said)?.into_inner();
    desk.print(&consequences::explanation_json(&explanation), || consequences::explanation(&explanation, &desk));
    Ok(())
}

pub(crate) async fn assign(args: &Assign) -> anyhow::Result<()> {
    let desk = Desk::open(&args.deed.connection).await?;
    let stop = |stop: &Option<String>| stop.clone().filter(|stop| stop != "end").unwrap_or_default();
    let to = match (&args.to, &args.board_before) {
        (None, _) => To::Unassign(true),
        (Some(shift), None) => To::Shift(shift.clone()),
        (Some(shift), before) => To::Placement(pb::Placement {
            shift: shift.clone(),
            pickup_before_stop: stop(before),
            dropoff_before_stop: stop(args.alight_before.as_ref().map_or(before, |_| &args.alight_before)),
            overrules: args.overrule,
        }),
    };
    let moves = vec![pb::Move { booking: args.booking.clone(), to: Some(to) }];
    move_all(&desk, moves, args.reason.clone().unwrap_or_default(), args.deed.dry_run).await
}

/// By the shifts that have the two now.
pub(crate) async fn swap(args: &Swap) -> anyhow::Result<()> {
    let desk = Desk::open(&args.deed.connection).await?;
    let mut shifts = Vec::new();
    for booking in [&args.one, &args.other] {
        let current = candidates(&desk, booking).await?.candidates.into_iter().find(|one| one.is_current);
        let Some(current) = current else { bail!("{booking} has no vehicle to change with") };
        shifts.push(current.shift);
    }
    ensure!(shifts[0] != shifts[1], "both are with {}", shifts[0]);
    let to =
        |booking: &str, shift: &str| pb::Move { booking: booking.to_owned(), to: Some(To::Shift(shift.to_owned())) };
    let moves = vec![to(&args.one, &shifts[1]), to(&args.other, &shifts[0])];
    move_all(&desk, moves, String::new(), args.deed.dry_run).await
}

async fn move_all(desk: &Desk, moves: Vec<pb::Move>, reason: String, validate_only: bool) -> anyhow::Result<()> {
    let parent = desk.area.name.clone();
    let request = pb::AssignBookingsRequest { parent, moves, reason, request_id: new_request_id(), validate_only };
    let answer = client(desk).assign_bookings(request).await.map_err(said)?.into_inner();
    let bookings: Vec<_> = answer.bookings.iter().map(show::booking_json).collect();
    let told = answer.consequences.unwrap_or_default();
    let json = json!({ "bookings": bookings, "consequences": consequences::json(&told) });
    desk.print(&json, || {
        let lines: Vec<String> = answer.bookings.iter().map(|booking| show::booking_line(booking, desk)).collect();
        format!("{}{}", lines.concat(), consequences::text(&told, desk))
    });
    Ok(())
}

pub(crate) async fn pin(args: &Pin) -> anyhow::Result<()> {
    let desk = Desk::open(&args.deed.connection).await?;
    let request = pb::PinBookingRequest {
        name: args.booking.clone(),
        request_id: new_request_id(),
        validate_only: args.deed.dry_run,
    };
    let booking = client(&desk).pin_booking(request).await.map_err(said)?.into_inner().booking.unwrap_or_default();
    desk.print(&show::booking_json(&booking), || show::booking(&booking, &desk));
    Ok(())
}

pub(crate) async fn unpin(args: &Pin) -> anyhow::Result<()> {
    let desk = Desk::open(&args.deed.connection).await?;
    let request = pb::UnpinBookingRequest {
        name: args.booking.clone(),
        request_id: new_request_id(),
        validate_only: args.deed.dry_run,
    };
    let booking = client(&desk).unpin_booking(request).await.map_err(said)?.into_inner().booking.unwrap_or_default();
    desk.print(&show::booking_json(&booking), || show::booking(&booking, &desk));
    Ok(())
}

pub(crate) async fn freeze(args: &Freeze) -> anyhow::Result<()> {
    let desk = Desk::open(&args.deed.connection).await?;
    let request = pb::FreezeStopsRequest {
        through_stop: args.through.clone(),
        request_id: new_request_id(),
        validate_only: args.deed.dry_run,
    };
    let answer = client(&desk).freeze_stops(request).await.map_err(said)?.into_inner();
    tell(&desk, answer.consequences)
}

pub(crate) async fn unfreeze(args: &OfShift) -> anyhow::Result<()> {
    let desk = Desk::open(&args.deed.connection).await?;
    let request = pb::UnfreezeStopsRequest {
        shift: args.shift.clone(),
        request_id: new_request_id(),
        validate_only: args.deed.dry_run,
    };
    let answer = client(&desk).unfreeze_stops(request).await.map_err(said)?.into_inner();
    tell(&desk, answer.consequences)
}

pub(crate) async fn breakdown(args: &Breakdown) -> anyhow::Result<()> {
    let desk = Desk::open(&args.deed.connection).await?;
    let request = pb::ReportBreakdownRequest {
        shift: args.shift.clone(),
        place: args.place.clone(),
        device_time: None,
        request_id: new_request_id(),
        validate_only: args.deed.dry_run,
    };
    let answer = client(&desk).report_breakdown(request).await.map_err(said)?.into_inner();
    tell(&desk, answer.consequences)
}

pub(crate) async fn rest(args: &Rest) -> anyhow::Result<()> {
    let desk = Desk::open(&args.deed.connection).await?;
    let now = desk.now();
    let from = args.from.as_ref().map_or(Ok(now), |from| when::parse(from, now, &desk.zone))?;
    let latest = from.checked_add(jiff::Span::new().minutes(args.within))?;
    let rest = pb::UnplannedBreak {
        window: Some(TimeWindow { earliest_time: Some(stamp(from)), latest_time: Some(stamp(latest)) }),
        break_duration: Some(Duration { seconds: i64::from(args.minutes) * 60, nanos: 0 }),
        place: args.place.clone(),
    };
    interrupt(&desk, &args.shift, Interruption::UnplannedBreak(rest), args.deed.dry_run).await
}

pub(crate) async fn late(args: &Late) -> anyhow::Result<()> {
    let desk = Desk::open(&args.deed.connection).await?;
    let start = when::parse(&args.start, desk.now(), &desk.zone)?;
    interrupt(&desk, &args.shift, Interruption::StartTime(stamp(start)), args.deed.dry_run).await
}

async fn interrupt(desk: &Desk, shift: &str, what: Interruption, validate_only: bool) -> anyhow::Result<()> {
    let request = pb::InterruptShiftRequest {
        shift: shift.to_owned(),
        interruption: Some(what),
        request_id: new_request_id(),
        validate_only,
    };
    let answer = client(desk).interrupt_shift(request).await.map_err(said)?.into_inner();
    tell(desk, answer.consequences)
}

pub(crate) async fn unassigned(connection: &Connection) -> anyhow::Result<()> {
    let desk = Desk::open(connection).await?;
    let mut page_token = String::new();
    loop {
        let request =
            pb::ListUnassignedBookingsRequest { parent: desk.area.name.clone(), page_token, ..Default::default() };
        let page = client(&desk).list_unassigned_bookings(request).await.map_err(said)?.into_inner();
        for booking in &page.bookings {
            desk.print(&show::booking_json(booking), || show::booking_line(booking, &desk));
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(());
        }
    }
}

fn tell(desk: &Desk, told: Option<pb::Consequences>) -> anyhow::Result<()> {
    let told = told.unwrap_or_default();
    desk.print(&consequences::json(&told), || consequences::text(&told, desk));
    Ok(())
}

fn stamp(time: jiff::Timestamp) -> Timestamp {
    Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}
