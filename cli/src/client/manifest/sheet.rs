//! The page a driver holds in hand: A4, Japanese first, large type, nothing from the network.
//!
//! One vehicle begins a new sheet. What is not known is left out, and what the driver must write down has its box: the sheet
//! also serves as the record of a day on which nothing else did.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::bail;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use mukae_proto::transit::booking::v1::{Booking, Fare, PaymentMeans, booking};
use mukae_proto::transit::fleet::v1::{Manifest, Shift, Stop, StopCall, Vehicle, stop};
use mukae_proto::transit::units::v1::{Seats, SnappedPlace, TimeWindow};
use mukae_server::paper::Papers;
use mukae_sim::report::SHEET_LOOK;

use crate::client::show;

/// What is printed, and when.
pub(crate) struct Printing<'p> {
    pub papers: &'p Papers,
    pub zone: &'p TimeZone,
    pub day: Date,
    /// The only one that is wanted.
    pub vehicle: Option<&'p str>,
    /// Where it was gathered.
    pub source: &'p str,
    pub printed: Timestamp,
}

/// The page, and what is on it.
#[derive(Debug)]
pub(crate) struct Page {
    pub html: String,
    pub sheets: usize,
    pub stops: usize,
}

/// Whether a vehicle of this name is the one that was asked for, if any was.
pub(crate) fn is_asked(wanted: Option<&str>, name: &str) -> bool {
    wanted.is_none_or(|wanted| wanted == name || name.rsplit('/').next() == Some(wanted))
}

/// A sheet for each vehicle that has a shift that day, and one of the bookings that no vehicle has.
pub(crate) fn page(printing: &Printing<'_>) -> anyhow::Result<Page> {
    let papers = printing.papers;
    let bookings: BTreeMap<&str, &Booking> = papers.bookings.iter().map(|found| (found.name.as_str(), found)).collect();
    let mut vehicles: Vec<&Vehicle> =
        papers.vehicles.iter().filter(|vehicle| is_asked(printing.vehicle, &vehicle.name)).collect();
    vehicles.sort_by_key(|vehicle| &vehicle.name);
    if let (Some(wanted), true) = (printing.vehicle, vehicles.is_empty()) {
        bail!("there is no vehicle {wanted}");
    }
    let mut body = String::new();
    let (mut sheets, mut stops) = (0, 0);
    for vehicle in vehicles {
        let mut own: Vec<(&Shift, &Manifest)> = papers
            .shifts
            .iter()
            .zip(&papers.manifests)
            .filter(|(shift, _)| shift.name.starts_with(&format!("{}/", vehicle.name)))
            .collect();
        own.sort_by_key(|(shift, _)| shift.start_time.map(|time| time.seconds));
        if own.is_empty() && printing.vehicle.is_none() {
            continue; // it stays where it is
        }
        sheets += 1;
        stops += own.iter().map(|(_, manifest)| manifest.stops.len()).sum::<usize>();
        sheet(&mut body, printing, vehicle, &own, &bookings);
    }
    let left: Vec<&Booking> = papers.bookings.iter().filter(|booking| printing.is_left(booking)).collect();
    if !left.is_empty() && printing.vehicle.is_none() {
        sheets += 1;
        left_to_staff(&mut body, printing, &left);
    }
    if sheets == 0 {
        sheets = 1;
        let _ = write!(
            body,
            "<section>{}<p class=none>この日の運行予定はありません。</p></section>",
            printing.head("配車表")
        );
    }
    let title = format!("配車表 {} {}", printing.papers.area.display_name, printing.day);
    let html = format!(
        "<!doctype html>\n<html lang=ja>\n<head>\n<meta charset=utf-8>\n<title>{}</title>\n<style>\n{SHEET_LOOK}</style>\n</head>\n\
         <body class=sheets>\n{body}</body>\n</html>\n",
        text(&title)
    );
    Ok(Page { html, sheets, stops })
}

impl Printing<'_> {
    fn clock(&self, time: Option<prost_types::Timestamp>) -> String {
        let Some(time) = time.as_ref().and_then(show::timestamp) else { return "--:--".to_owned() };
        let then = time.to_zoned(self.zone.clone());
        // of the night after
        let days = if then.date() == self.day { "" } else { "%-m/%-d " };
        then.strftime(&format!("{days}%-H:%M")).to_string()
    }

    fn window(&self, window: Option<TimeWindow>) -> String {
        let Some(window) = window else { return String::new() };
        match (window.earliest_time, window.latest_time) {
            (Some(from), Some(until)) => format!("{}〜{}", self.clock(Some(from)), self.clock(Some(until))),
            (None, Some(until)) => format!("{}まで", self.clock(Some(until))),
            (Some(from), None) => format!("{}から", self.clock(Some(from))),
            (None, None) => String::new(),
        }
    }

    /// Whoever rides on that day and has no vehicle.
    fn is_left(&self, booking: &Booking) -> bool {
        let window = booking.promise.and_then(|promise| promise.pickup_window);
        let earliest = window.and_then(|window| window.earliest_time).as_ref().and_then(show::timestamp);
        let is_of_day = earliest.is_some_and(|time| time.to_zoned(self.zone.clone()).date() == self.day);
        booking.state() == booking::State::Unassigned && is_of_day
    }

    fn head(&self, title: &str) -> String {
        let weekday = match self.day.weekday() {
            Weekday::Monday => '月',
            Weekday::Tuesday => '火',
            Weekday::Wednesday => '水',
            Weekday::Thursday => '木',
            Weekday::Friday => '金',
            Weekday::Saturday => '土',
            Weekday::Sunday => '日',
        };
        let day = self.day;
        let printed = self.printed.to_zoned(self.zone.clone()).strftime("%-m月%-d日 %-H:%M");
        let as_of = self.papers.manifests.first().and_then(|manifest| manifest.prediction_time);
        let as_of = as_of.map(|time| format!("{} 時点の予定　", self.clock(Some(time)))).unwrap_or_default();
        format!(
            "<header><h1>{}</h1><div class=day>{}年{}月{}日（{weekday}）</div><div class=area>{}</div></header>\
             <p class=made>{as_of}{}　印刷 {printed}</p>",
            text(title),
            day.year(),
            day.month(),
            day.day(),
            text(&self.papers.area.display_name),
            text(self.source),
        )
    }
}

fn sheet(
    body: &mut String,
    printing: &Printing<'_>,
    vehicle: &Vehicle,
    shifts: &[(&Shift, &Manifest)],
    bookings: &BTreeMap<&str, &Booking>,
) {
    let short = last(&vehicle.name);
    let name = if vehicle.display_name.is_empty() { short } else { &vehicle.display_name };
    let _ = write!(body, "<section>{}", printing.head(name));
    if shifts.is_empty() {
        body.push_str("<p class=none>この日の運行予定はありません。</p></section>\n");
        return;
    }
    for (shift, manifest) in shifts {
        let driver = if shift.driver.is_empty() { "　　　　　　　　　" } else { last(&shift.driver) };
        let place = |place: &Option<mukae_proto::transit::units::v1::Place>| {
            place.as_ref().map_or(String::new(), |place| text(&place.label))
        };
        let _ = write!(
            body,
            "<div class=shift><b>{}〜{}</b>　発 {}　着 {}　運転者 <u>{}</u>　<span class=id>{short}・版 {}</span></div>\
             <div class=check>点呼：□アルコール　□体調　□車両　　確認者 _______　　メーター 開始 _______ km　終了 _______ km</div>",
            printing.clock(shift.start_time),
            printing.clock(shift.end_time),
            place(&shift.start_place),
            place(&shift.end_place),
            text(driver),
            manifest.revision,
        );
        body.push_str(
            "<table><thead><tr><th class=no><th class=time>時刻<th class=what><th>場所・お客様<th class=done>記入</tr></thead><tbody>",
        );
        for (index, stop) in manifest.stops.iter().enumerate() {
            row(body, printing, index + 1, stop, bookings);
        }
        body.push_str("</tbody></table>");
        let cash: i64 = manifest
            .stops
            .iter()
            .flat_map(|stop| &stop.dropoffs)
            .filter_map(|call| bookings.get(call.booking.as_str()))
            .filter_map(|booking| booking.fare.as_ref().map(|fare| i64::from(due(booking, fare))))
            .sum();
        if 0 < cash {
            let _ = write!(body, "<p class=cash>運賃の合計（相乗り割引の前） {} 円</p>", grouped(cash));
        }
    }
    body.push_str(
        "<div class=memo>連絡事項・異常</div><p class=foot>この紙より後に入った予約・変更は載っていません。無線・電話での連絡が優先です。\
         乗降の時刻を書き、運行後に事務所へ戻してください。</p></section>\n",
    );
}

fn row(body: &mut String, printing: &Printing<'_>, number: usize, stop: &Stop, bookings: &BTreeMap<&str, &Booking>) {
    let (class, mark, boxes) = match stop.kind() {
        stop::Kind::Break => ("rest", "休憩", "□開始 __:__<br>□終了 __:__"),
        stop::Kind::ShiftEnd => ("end", "終了", "□到着 __:__"),
        _ if !stop.pickups.is_empty() => ("up", "乗車", "□着 __:__<br>□乗車 __:__<br>□不在"),
        _ => ("down", "降車", "□着 __:__<br>□降車 __:__<br>□収受"),
    };
    let arrived = if stop.is_arrived { "<small>到着済</small>" } else { "" };
    let leave = match stop.kind() {
        stop::Kind::Break => format!("<small>〜{}</small>", printing.clock(stop.service_end_time)),
        _ => String::new(),
    };
    let _ = write!(
        body,
        "<tr class={class}><td class=no>{number}<td class=time>{}{leave}{arrived}<td class=what><span>{mark}</span><td>{}",
        printing.clock(stop.arrive_time),
        place(&stop.place),
    );
    for call in stop.pickups.iter().chain(&stop.dropoffs) {
        let is_pickup = !stop.pickups.is_empty();
        party(body, printing, call, bookings.get(call.booking.as_str()).copied(), is_pickup);
    }
    let _ = write!(body, "<td class=done>{boxes}</tr>");
}

fn party(body: &mut String, printing: &Printing<'_>, call: &StopCall, booking: Option<&Booking>, is_pickup: bool) {
    let rider = booking.map_or("", |booking| booking.rider.as_str());
    let _ = write!(
        body,
        "<div class=party><b>{}</b>　<span class=id>予約 {}{}</span></div>",
        text(&people(&call.party.unwrap_or_default())),
        text(last(&call.booking)),
        if rider.is_empty() { String::new() } else { format!("・{}", text(rider)) },
    );
    let mut lines = Vec::new();
    let promised = printing.window(call.window);
    if !promised.is_empty() {
        lines.push(format!("約束 {promised}"));
    }
    let Some(booking) = booking else {
        let _ = write!(body, "<div class=line>{}</div>", text(&lines.join("　")));
        return;
    };
    if is_pickup {
        let to = booking.dropoff_place.as_ref().map(|place| place.label.as_str()).filter(|label| !label.is_empty());
        lines.extend(to.map(|to| format!("行先 {to}")));
        if !booking.requirements.is_empty() {
            lines.push(format!("要件 {}", booking.requirements.join("・")));
        }
    } else if let Some(fare) = &booking.fare {
        lines.push(payment(booking, fare));
    }
    if booking.is_at_risk {
        lines.push("※遅れの見込み".to_owned());
    }
    if booking.state() == booking::State::AwaitingDriver {
        lines.push("※運転者の返事待ち".to_owned());
    }
    let _ = write!(body, "<div class=line>{}</div>", text(&lines.join("　")));
}

/// What a ride costs as things stand.
fn due(booking: &Booking, fare: &Fare) -> i32 {
    if booking.is_shared { fare.shared_yen } else { fare.full_yen }
}

fn payment(booking: &Booking, fare: &Fare) -> String {
    let means = fare.payment_means().map(|means| match means {
        PaymentMeans::Cash => "現金".to_owned(),
        PaymentMeans::Ticket => {
            let count = if booking.is_shared { fare.shared_tickets } else { fare.full_tickets };
            format!("券{count}枚")
        }
        PaymentMeans::Account => "後払い".to_owned(),
        PaymentMeans::Unspecified => String::new(),
    });
    let means: Vec<String> = means.filter(|means| !means.is_empty()).collect();
    let shared = if fare.shared_yen < fare.full_yen && !booking.is_shared {
        format!("・相乗りなら{}円", grouped(fare.shared_yen.into()))
    } else {
        String::new()
    };
    let how = if means.is_empty() { String::new() } else { format!("（{}{shared}）", means.join("／")) };
    format!("運賃 {}円{how}", grouped(due(booking, fare).into()))
}

fn left_to_staff(body: &mut String, printing: &Printing<'_>, left: &[&Booking]) {
    let _ = write!(body, "<section>{}", printing.head("車両未定の予約"));
    body.push_str("<table><thead><tr><th class=time>時刻<th>場所・お客様<th class=done>手配</tr></thead><tbody>");
    for booking in left {
        let promise = booking.promise.unwrap_or_default();
        let _ = write!(
            body,
            "<tr><td class=time>{}<td>{} → {}<div class=party><b>{}</b>　<span class=id>予約 {}・{}</span></div><td class=done>",
            printing.window(promise.pickup_window),
            place(&booking.pickup_place),
            place(&booking.dropoff_place),
            text(&people(&booking.party.unwrap_or_default())),
            text(last(&booking.name)),
            text(&booking.rider),
        );
    }
    body.push_str("</tbody></table></section>\n");
}

fn people(party: &Seats) -> String {
    let kinds = [
        (party.seats, "", "名"),
        (party.wheelchairs, "車いす", "台"),
        (party.child_seats, "チャイルドシート", "名"),
        (party.stretchers, "ストレッチャー", "台"),
        (party.luggage, "荷物", "個"),
    ];
    let told =
        kinds.iter().filter(|(count, ..)| 0 < *count).map(|(count, before, after)| format!("{before}{count}{after}"));
    told.collect::<Vec<_>>().join("・")
}

/// With its reading above it, where that is known.
fn place(place: &Option<SnappedPlace>) -> String {
    let Some(place) = place else { return String::new() };
    let label = match place.label.as_str() {
        "" => {
            let position = place.position.unwrap_or_default();
            format!("{:.5}, {:.5}", position.latitude, position.longitude)
        }
        label => label.to_owned(),
    };
    match place.label_kana.as_str() {
        "" => format!("<span class=place>{}</span>", text(&label)),
        kana => format!("<span class=place><ruby>{}<rt>{}</rt></ruby></span>", text(&label), text(kana)),
    }
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn grouped(yen: i64) -> String {
    let digits = yen.to_string();
    let mut told = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if 0 < index && (digits.len() - index).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

/// As text of a page, whatever somebody has written into a label.
fn text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
