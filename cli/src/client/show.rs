//! What the server said, as lines for people and as JSON for programs.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::area::v1::Area;
use mukae_proto::transit::booking::v1::{
    Booking, Charge, Fare, Offer, Prediction, Promise, QuoteResponse, Refusal, booking, charge, offer, quote_response,
};
use mukae_proto::transit::units::v1::{Seats, SnappedPlace, TimeWindow};
use serde_json::{Value, json};

use super::Desk;

pub(crate) fn timestamp(time: &prost_types::Timestamp) -> Option<Timestamp> {
    Timestamp::new(time.seconds, time.nanos).ok()
}

/// `14:32` in the area's zone, with the date if that is not today.
pub(crate) fn clock(time: Option<prost_types::Timestamp>, desk: &Desk) -> String {
    let Some(time) = time.as_ref().and_then(timestamp) else { return "--:--".to_owned() };
    let civil = |time: Timestamp, zone: &TimeZone| time.to_zoned(zone.clone());
    let (then, now) = (civil(time, &desk.zone), civil(desk.now(), &desk.zone));
    if then.date() == now.date() {
        then.strftime("%H:%M").to_string()
    } else {
        then.strftime("%m-%d %H:%M").to_string()
    }
}

fn window(window: &Option<TimeWindow>, desk: &Desk) -> String {
    let Some(window) = window else { return "--:--".to_owned() };
    match window.earliest_time {
        Some(_) => format!("{} – {}", clock(window.earliest_time, desk), clock(window.latest_time, desk)),
        None => format!("by {}", clock(window.latest_time, desk)),
    }
}

fn place(place: &Option<SnappedPlace>) -> String {
    let Some(place) = place else { return String::new() };
    let at = place.position.as_ref().map(latlng).unwrap_or_default();
    let label = if place.label.is_empty() { at } else { format!("{} ({at})", place.label) };
    format!("{label}, {} m away", place.snap_distance_meters)
}

fn latlng(at: &LatLng) -> String {
    format!("{:.5},{:.5}", at.latitude, at.longitude)
}

fn party(party: &Option<Seats>) -> String {
    match party {
        None => String::new(),
        Some(Seats { seats, wheelchairs, child_seats, luggage, stretchers }) => {
            let others = [
                (wheelchairs, "wheelchairs"),
                (child_seats, "child seats"),
                (luggage, "pieces of luggage"),
                (stretchers, "stretchers"),
            ];
            let others = others.into_iter().filter(|(count, _)| **count != 0);
            others.fold(format!("{seats} seats"), |told, (count, name)| format!("{told}, {count} {name}"))
        }
    }
}

pub(crate) fn quote(answer: &QuoteResponse, desk: &Desk) -> String {
    match &answer.result {
        Some(quote_response::Result::Offers(offers)) => offers.offers.iter().map(|each| offer(each, desk)).collect(),
        Some(quote_response::Result::Refusal(refused)) => refusal(refused),
        None => "the server sent an empty answer\n".to_owned(),
    }
}

fn walk(walk: Option<prost_types::Duration>) -> String {
    match walk.map_or(0, |walk| (walk.seconds + 59) / 60) {
        0 => String::new(),
        minutes => format!(", {minutes} min on foot"),
    }
}

pub(crate) fn offer(offer: &Offer, desk: &Desk) -> String {
    let promise = offer.promise.unwrap_or_default();
    format!(
        "offer {}\n  pickup   {}   {}{}\n  dropoff  {}   {}{}\n  vehicle  {}{}\n  {} until {}; confirm with\n    mukae confirm {}\n",
        offer.name,
        window(&promise.pickup_window, desk),
        place(&offer.pickup_place),
        walk(offer.pickup_walk_duration),
        window(&promise.dropoff_window, desk),
        place(&offer.dropoff_place),
        walk(offer.dropoff_walk_duration),
        offer.vehicle,
        fare(offer.fare.as_ref()),
        if offer.state() == offer::State::Held { "held" } else { "valid" },
        clock(offer.expire_time, desk),
        offer.name,
    )
}

/// A line about what it costs, if the service says so.
fn fare(fare: Option<&Fare>) -> String {
    let Some(fare) = fare else { return String::new() };
    let tickets = |count| if fare.ticket_yen == 0 { String::new() } else { format!(" ({count} tickets)") };
    let shared = match fare.shared_yen == fare.full_yen {
        true => String::new(),
        false => format!(", {} yen{} if shared", fare.shared_yen, tickets(fare.shared_tickets)),
    };
    format!("\n  fare     {} yen{}{shared}", fare.full_yen, tickets(fare.full_tickets))
}

fn charge(charge: Option<Charge>) -> String {
    let Some(charge) = charge else { return String::new() };
    let reason = match charge.reason() {
        charge::Reason::SharedRide => " for a shared ride",
        charge::Reason::LateCancellation => " for cancelling late",
        charge::Reason::NoShow => " for not coming",
        charge::Reason::Ride | charge::Reason::Unspecified => "",
    };
    format!("\n  due      {} yen{reason}", charge.yen)
}

fn fare_json(fare: &Option<Fare>) -> Value {
    let Some(fare) = fare else { return Value::Null };
    json!({
        "full_yen": fare.full_yen,
        "shared_yen": fare.shared_yen,
        "payment_means": fare.payment_means().map(|means| means.as_str_name()).collect::<Vec<_>>(),
        "ticket_yen": fare.ticket_yen,
        "full_tickets": fare.full_tickets,
        "shared_tickets": fare.shared_tickets,
        "free_cancellation_time": time_json(&fare.free_cancellation_time),
        "late_cancellation_yen": fare.late_cancellation_yen,
        "no_show_yen": fare.no_show_yen,
    })
}

fn charge_json(charge: Option<Charge>) -> Value {
    let Some(charge) = charge else { return Value::Null };
    json!({ "yen": charge.yen, "reason": charge.reason().as_str_name(), "tickets": charge.tickets })
}

fn refusal(refused: &Refusal) -> String {
    let mut text = "this ride is not possible\n".to_owned();
    for binding in &refused.binding_constraints {
        text.push_str(&format!("  {}\n", binding.text));
        if let Some(localized) = &binding.localized_text {
            text.push_str(&format!("  {}\n", localized.text));
        }
    }
    for relaxation in &refused.relaxations {
        text.push_str(&format!("  but {}\n", relaxation.text));
    }
    text
}

pub(crate) fn booking(booking: &Booking, desk: &Desk) -> String {
    let promise = booking.promise.unwrap_or_default();
    let prediction = booking.prediction.unwrap_or_default();
    format!(
        "booking {}\n  state    {}{}\n  pickup   {}   expected {}   {}\n  dropoff  {}   expected {}   {}\n  party    {}\n  vehicle  {}{}{}\n",
        booking.name,
        state(booking),
        if booking.is_at_risk { "  AT RISK of being late" } else { "" },
        window(&promise.pickup_window, desk),
        clock(prediction.pickup_time, desk),
        place(&booking.pickup_place),
        window(&promise.dropoff_window, desk),
        clock(prediction.dropoff_time, desk),
        place(&booking.dropoff_place),
        party(&booking.party),
        booking.vehicle,
        fare(booking.fare.as_ref()),
        charge(booking.charge),
    )
}

/// One line of a list.
pub(crate) fn booking_line(booking: &Booking, desk: &Desk) -> String {
    let promise = booking.promise.unwrap_or_default();
    format!(
        "{:<48} {:<10} {:<15} -> {:<15} {}\n",
        booking.name,
        state(booking),
        window(&promise.pickup_window, desk),
        window(&promise.dropoff_window, desk),
        booking.vehicle
    )
}

fn state(booking: &Booking) -> &'static str {
    booking::State::try_from(booking.state)
        .map_or("unknown", |state| state.as_str_name().strip_prefix("STATE_").unwrap_or_else(|| state.as_str_name()))
}

pub(crate) fn area(area: &Area) -> String {
    let clock = area.clock.unwrap_or_default();
    let zone = TimeZone::get(&area.time_zone).unwrap_or(TimeZone::UTC);
    let now = clock.current_time.as_ref().and_then(timestamp).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(zone);
    format!(
        "{}  {}\n  clock     {} (runs {} times as fast as the wall's)\n  services  {}\n  map data  {}\n",
        area.name,
        area.display_name,
        now.strftime("%Y-%m-%d %H:%M:%S %Z"),
        clock.speed,
        area.services.join(", "),
        area.map_credit,
    )
}

pub(crate) fn quote_json(answer: &QuoteResponse) -> Value {
    match &answer.result {
        Some(quote_response::Result::Offers(offers)) => {
            json!({ "offers": offers.offers.iter().map(offer_json).collect::<Vec<_>>() })
        }
        Some(quote_response::Result::Refusal(refused)) => {
            let binding = refused.binding_constraints.iter().map(|binding| {
                json!({
                    "kind": binding.kind().as_str_name(),
                    "text": binding.text,
                    "localized_text": binding.localized_text.as_ref().map(|localized| &localized.text),
                    "shortfall_s": binding.shortfall_duration.map(|shortfall| shortfall.seconds),
                })
            });
            let relaxations = refused.relaxations.iter().map(|relaxation| {
                json!({
                    "kind": relaxation.kind().as_str_name(),
                    "text": relaxation.text,
                    "localized_text": relaxation.localized_text.as_ref().map(|localized| &localized.text),
                    "by_s": relaxation.by_duration.map(|by| by.seconds),
                })
            });
            let (binding, relaxations) = (binding.collect::<Vec<_>>(), relaxations.collect::<Vec<_>>());
            json!({ "refusal": binding, "relaxations": relaxations })
        }
        None => json!({}),
    }
}

pub(crate) fn offer_json(offer: &Offer) -> Value {
    json!({
        "name": offer.name,
        "promise": promise_json(&offer.promise),
        "prediction": prediction_json(&offer.prediction),
        "pickup_place": place_json(&offer.pickup_place),
        "dropoff_place": place_json(&offer.dropoff_place),
        "vehicle": offer.vehicle,
        "direct_s": offer.direct_duration.map(|direct| direct.seconds),
        "pickup_walk_s": offer.pickup_walk_duration.map(|walk| walk.seconds),
        "dropoff_walk_s": offer.dropoff_walk_duration.map(|walk| walk.seconds),
        "alternative": offer.alternative().as_str_name(),
        "fare": fare_json(&offer.fare),
        "state": offer.state().as_str_name(),
        "expire_time": time_json(&offer.expire_time),
    })
}

pub(crate) fn booking_json(booking: &Booking) -> Value {
    json!({
        "name": booking.name,
        "state": state(booking),
        "is_at_risk": booking.is_at_risk,
        "is_pinned": booking.is_pinned,
        "promise": promise_json(&booking.promise),
        "prediction": prediction_json(&booking.prediction),
        "pickup_place": place_json(&booking.pickup_place),
        "dropoff_place": place_json(&booking.dropoff_place),
        "seats": booking.party.map(|party| party.seats),
        "wheelchairs": booking.party.map(|party| party.wheelchairs),
        "child_seats": booking.party.map(|party| party.child_seats),
        "luggage": booking.party.map(|party| party.luggage),
        "stretchers": booking.party.map(|party| party.stretchers),
        "requirements": booking.requirements,
        "fare": fare_json(&booking.fare),
        "charge": charge_json(booking.charge),
        "is_shared": booking.is_shared,
        "vehicle": booking.vehicle,
        "offer": booking.offer,
        "create_time": time_json(&booking.create_time),
        "board_time": time_json(&booking.board_time),
        "alight_time": time_json(&booking.alight_time),
        "cancel_time": time_json(&booking.cancel_time),
        "etag": booking.etag,
    })
}

pub(crate) fn area_json(area: &Area) -> Value {
    json!({
        "name": area.name,
        "display_name": area.display_name,
        "time_zone": area.time_zone,
        "current_time": area.clock.as_ref().map(|clock| time_json(&clock.current_time)),
        "speed": area.clock.as_ref().map(|clock| clock.speed),
        "services": area.services,
        "map_credit": area.map_credit,
    })
}

fn promise_json(promise: &Option<Promise>) -> Value {
    let Some(promise) = promise else { return Value::Null };
    json!({
        "pickup_window": window_json(&promise.pickup_window),
        "dropoff_window": window_json(&promise.dropoff_window),
        "max_ride_s": promise.max_ride_duration.map(|max| max.seconds),
    })
}

fn prediction_json(prediction: &Option<Prediction>) -> Value {
    let Some(prediction) = prediction else { return Value::Null };
    json!({
        "pickup_time": time_json(&prediction.pickup_time),
        "dropoff_time": time_json(&prediction.dropoff_time),
        "prediction_time": time_json(&prediction.prediction_time),
    })
}

fn window_json(window: &Option<TimeWindow>) -> Value {
    let Some(window) = window else { return Value::Null };
    json!({ "earliest_time": time_json(&window.earliest_time), "latest_time": time_json(&window.latest_time) })
}

fn place_json(place: &Option<SnappedPlace>) -> Value {
    let Some(place) = place else { return Value::Null };
    json!({
        "latitude": place.position.as_ref().map(|at| at.latitude),
        "longitude": place.position.as_ref().map(|at| at.longitude),
        "label": place.label,
        "snap_distance_m": place.snap_distance_meters,
    })
}

/// Anything, a field a line, what lies in it indented; ended by an empty line.
pub(crate) fn any(value: &Value) -> String {
    let mut text = String::new();
    write_any(value, 0, &mut text);
    text.push('\n');
    text
}

fn write_any(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Object(_) | Value::Array(_) => {
                        text.push_str(&format!("{indent}{name}\n"));
                        write_any(value, depth + 1, text);
                    }
                    value => text.push_str(&format!("{indent}{name}  {}\n", scalar(value))),
                }
            }
        }
        Value::Array(things) => {
            for (index, thing) in things.iter().enumerate() {
                if 0 < index && thing.is_object() {
                    text.push_str(&format!("{indent}-\n"));
                }
                write_any(thing, depth, text);
            }
        }
        value => text.push_str(&format!("{indent}{}\n", scalar(value))),
    }
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// RFC 3339, in UTC.
pub(crate) fn time_json(time: &Option<prost_types::Timestamp>) -> Value {
    time.as_ref().and_then(timestamp).map_or(Value::Null, |time| time.to_string().into())
}
